//! Telegram against independent counterparts, each a process of its own: the shop on an emulator by others,
//! and the words of our own fake read by the models of a library by others.
//!
//! `make test-peers` installs them; without it these tests are left out. The emulator has no `chat_member`,
//! invite links or ranks, and says so (501): the shop has to do without, and does.

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::fake_telegram::{BOT, Fake};
use crate::telegram::{a_day_on, a_migration};
use crate::telegram_emulator::{Emulator, programs};
use crate::telegram_shop::{AMING, AQIANG, AZHEN, GROUP, Shop, XIAOMEI, user};

/// Calls that the emulator does not have. Everything else must please it.
const LACKING: [&str; 2] = ["getChatMember", "createChatInviteLink"];

/// The emulator's own bot.
const OWN: i64 = 7;

fn assert_only_lacking(fake: &Fake) {
    let other = |(method, code, _): &(String, i64, String)| {
        !(*code == 501 && LACKING.contains(&method.as_str()) || matches!(code, 502 | 504))
    };
    let refused: Vec<_> = fake.refused().into_iter().filter(other).collect();
    assert_eq!(refused, [], "the emulator refused what it knows");
}

/// Somebody is added by somebody: the group is told in a message.
fn adds(shop: &Shop, by: i64, who: i64) {
    let mut added = user(who);
    added["is_bot"] = json!(who == OWN);
    shop.fake.push("message", shop.message(GROUP, by, json!({ "new_chat_members": [added] })));
}

fn taps(shop: &Shop, who: i64, (id, data): (&str, &Value)) -> Value {
    json!({
        "id": id, "from": user(who), "chat_instance": "1", "data": data,
        "message": shop.message(GROUP, OWN, json!({ "text": "早上好" })),
    })
}

async fn a_day(shop: &Shop) {
    adds(shop, AMING, OWN); // by `my_chat_member`, which is not here, the shop would greet
    shop.link(0).await;
    shop.settle().await;
    shop.open_drop().await;
    let post = shop.fake.sent().into_iter().find(|it| it.text.contains("早上好")).unwrap();
    assert_eq!((post.method.as_str(), &post.body["photo"]), ("sendPhoto", &json!("(file)")));
    let keyboard: Value =
        serde_json::from_str(post.body["reply_markup"].as_str().unwrap()).unwrap();
    let button = &keyboard["inline_keyboard"][0][0]["callback_data"];

    adds(shop, AMING, XIAOMEI);
    shop.heard(GROUP, "阿明 邀请来的").await;
    adds(shop, XIAOMEI, AQIANG);
    adds(shop, XIAOMEI, AZHEN);
    shop.settle().await;
    let brought = "select count(*) from member m join member i on i.member_id = m.inviter_id
                   where i.user_key = '10'";
    assert_eq!(shop.count(brought).await, 2);
    shop.says(XIAOMEI, "邀请"); // no links here: the code alone
    shop.heard(GROUP, "@小美").await;

    shop.says(AQIANG, "A1 x2");
    shop.heard(GROUP, "79.80").await;
    let tap = taps(shop, AZHEN, ("t1", button));
    shop.fake.push("callback_query", tap.clone());
    shop.fake.push("callback_query", tap);
    shop.heard(GROUP, "@阿珍").await;
    shop.says(AZHEN, "签到");
    shop.heard(GROUP, "+5").await;
    shop.says(XIAOMEI, "#接龙\nA1 阳光玫瑰\n1. 小美 A1 x1");
    shop.settle().await;
    assert_eq!(shop.count("select sum(qty)::int8 from order_line").await, 4);
    assert!(shop.fake.calls("answerCallbackQuery") >= 1);

    shop.says(XIAOMEI, "收到 全部"); // not hers to say
    shop.says(AMING, "收到 全部");
    shop.settle().await;
    shop.says(AMING, "1"); // names and total were read
    shop.settle().await;
    assert_eq!(shop.count("select count(*) from orders where state = 'paid'").await, 3);
    shop.says(XIAOMEI, "余额"); // here everybody can be written to alone
    shop.heard(XIAOMEI, "¥7.17").await; // ⌊79.80 × 6 %⌋ + ⌊39.90 × 6 %⌋
    shop.says_in(XIAOMEI, XIAOMEI, "明细");
    shop.settle().await;
    // What waits for one person goes out together: how many messages that makes is a matter of timing.
    let told = shop.fake.said_in(XIAOMEI).join("\n\n");
    for (words, times) in [("付款了", 2), ("你的佣金：", 1), ("最近的佣金：", 1)] {
        assert_eq!(told.matches(words).count(), times, "{words} in {told}");
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs counterparts: make test-peers"]
async fn a_day_by_polling_with_an_emulator_that_is_restarted() {
    let fake = Fake::start().await;
    let mut emulator = Emulator::start(&fake).await;
    let mut shop = Shop::open_with(fake, 1).await;
    a_day(&shop).await;

    for n in 0..30 {
        shop.says(1_000 + n, "A1 x1");
    }
    for update in shop.fake.waiting().iter().rev().step_by(2) {
        shop.fake.push_again(update); // twice, and out of order
    }
    emulator.start_again().await;
    for n in 30..60 {
        shop.says(1_000 + n, "A1 x1");
    }
    shop.open_again().await;
    shop.settle().await;
    assert_eq!(shop.count("select count(*) from orders").await, 63);
    assert_eq!(shop.count("select sold from offer_count").await, 64);
    // The next day's picture has an id that the emulator has forgotten: it is uploaded again.
    shop.next_day().await;
    let posts = shop.fake.sent().into_iter().filter(|it| it.text.contains("早上好"));
    assert_eq!(posts.filter(|it| it.method == "sendPhoto").count(), 2);
    assert_only_lacking(&shop.fake);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs counterparts: make test-peers"]
async fn a_day_by_webhook_with_an_emulator_that_is_restarted() {
    let fake = Fake::start().await;
    let mut emulator = Emulator::start(&fake).await;
    let shop = Shop::open_hooked(fake).await;
    // Our fake notes a call as it comes, the emulator a little later.
    let asked_for = json!(["message", "callback_query", "my_chat_member", "chat_member"]);
    let is_hooked = async || emulator.hook().await["allowed_updates"] == asked_for;
    shop.until("the emulator knows the webhook", is_hooked).await;
    a_day(&shop).await;
    assert_eq!(shop.fake.calls("getUpdates"), 0);

    // It comes back without a webhook: nothing reaches the shop until that is registered again.
    emulator.start_again().await;
    for n in 0..30 {
        shop.says(1_000 + n, "A1 x1");
    }
    let mut shop = shop;
    shop.open_hooked_again().await;
    shop.settle().await;
    assert_eq!(shop.count("select count(*) from orders").await, 33);
    assert_only_lacking(&shop.fake);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs counterparts: make test-peers"]
async fn the_words_of_our_fake_are_telegrams() {
    let shop = Shop::open().await;
    a_day_on(&shop).await;
    let by = json!({ "from": user(AMING) });
    shop.changes("my_chat_member", BOT, ("left", "member"), by);
    let anonymous = json!({ "text": "菜单", "sender_chat": crate::telegram_shop::place(GROUP) });
    shop.fake.push("message", shop.message(GROUP, 1_087_968_824, anonymous));
    shop.fake.fail(GROUP, 429, json!({ "retry_after": 1 }));
    a_migration(&shop, 77).await;
    let history = shop.fake.history();
    shop.close().await;

    let mut reader = Command::new(programs().join("python"))
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/peers/telegram/models.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = reader.stdin.take().unwrap();
    for (name, said, answered) in &history {
        writeln!(stdin, "{}", json!({ "name": name, "said": said, "answered": answered })).unwrap();
    }
    drop(stdin);
    let output = reader.wait_with_output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}");
    let read: Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
    assert_eq!(read["read"], json!(history.len()));
    for kind in
        ["message", "callback_query", "my_chat_member", "chat_member", "createChatInviteLink"]
    {
        assert!(read["kinds"].as_array().unwrap().contains(&json!(kind)), "{kind} not in {read}");
    }
    assert!(read["refusals"].as_array().unwrap().contains(&json!(429)), "{read}");
}
