//! Telegram from end to end, against our own fake of the Bot API: one day of a group, and what goes wrong.

use std::time::Duration;

use serde_json::{Value, json};

use crate::fake_telegram::{BOT, Fake};
use crate::ground::{PATIENCE, a_day_ends};
use crate::telegram_shop::{AMING, AQIANG, AZHEN, GROUP, Shop, XIAOMEI, group, place, user};

#[tokio::test(flavor = "multi_thread")]
async fn a_group_is_linked_by_who_runs_it_and_by_nobody_else() {
    let shop = Shop::open().await;
    let by = json!({ "from": user(AMING) });
    shop.changes("my_chat_member", BOT, ("left", "member"), by);
    let greeting = shop.heard(GROUP, "绑定码").await;
    assert!(greeting.contains("/setprivacy") && greeting.contains("我不是管理员"), "{greeting}");
    shop.fake.set_admin(AMING);
    let code = shop.new_code("c0").await;
    shop.says(AQIANG, "A1 x2"); // nobody's business yet
    shop.says(AQIANG, "绑定 0000-0000-0000-0000");
    shop.heard(GROUP, "绑定码不对").await;
    shop.says(AQIANG, &format!("绑定 {code}"));
    shop.heard(GROUP, "只有群主或管理员").await;
    let anonymous = json!({ "text": format!("绑定 {code}"), "sender_chat": place(GROUP) });
    shop.fake.push("message", shop.message(GROUP, 1_087_968_824, anonymous));
    shop.heard(GROUP, "匿名").await;
    assert_eq!(shop.count("select count(*) from member").await, 0);
    shop.says(AMING, &format!("/link@tuan_bot {}", code.to_lowercase()));
    let linked = shop.heard(GROUP, "已绑定").await;
    assert!(linked.contains("阳光小区") && linked.contains("阿明"), "{linked}");
    // The code is used up; and five wrong ones shut linking for a chat.
    for n in 0..7 {
        shop.says_in(-2_000, AQIANG, &format!("绑定 {code}{n}"));
    }
    shop.heard(-2_000, "一小时后再试").await;
    shop.settle().await;
    // The same answer is given once, however often it is asked for.
    assert_eq!(shop.fake.said_in(-2_000).len(), 2, "{:?}", shop.fake.said_in(-2_000));
    assert_eq!(shop.count("select count(*) from chat").await, 1);
    assert_eq!(shop.count("select count(*) from member where role = 'leader'").await, 1);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day() {
    let shop = Shop::open().await;
    a_day_on(&shop).await;
    shop.close().await;
}

/// One day of a group that the bot runs.
pub(crate) async fn a_day_on(shop: &Shop) {
    shop.begin().await;
    let post = shop.fake.sent().into_iter().find(|it| it.text.contains("早上好")).unwrap();
    assert_eq!((post.method.as_str(), &post.body["photo"]), ("sendPhoto", &json!("(file)")));
    let keyboard: Value =
        serde_json::from_str(post.body["reply_markup"].as_str().unwrap()).unwrap();
    let button = keyboard["inline_keyboard"][0][0]["callback_data"].clone();

    shop.says(AMING, "邀请");
    shop.heard(GROUP, "https://t.me/+").await;
    let label = shop.fake.links().into_keys().next().unwrap();
    shop.joins_by(XIAOMEI, &label);
    shop.heard(GROUP, "阿明 邀请来的").await;
    shop.says(XIAOMEI, "/invite");
    shop.settle().await;
    let own = shop.fake.links().into_keys().find(|it| *it != label).unwrap();
    shop.joins_by(AQIANG, &own);
    shop.changes("chat_member", AZHEN, ("left", "member"), json!({ "from": user(XIAOMEI) }));
    shop.settle().await;
    let brought = "select count(*) from member m join member i on i.member_id = m.inviter_id
                   where i.user_key = '10'";
    assert_eq!(shop.count(brought).await, 2);

    shop.says(AQIANG, "A1 x2");
    shop.heard(GROUP, "79.80").await;
    let tap = json!({
        "id": "t1", "from": user(AZHEN), "chat_instance": "1", "data": button,
        "message": shop.message(GROUP, BOT, json!({ "text": "早上好" })),
    });
    shop.fake.push("callback_query", tap.clone());
    shop.heard(GROUP, "@阿珍").await;
    shop.says(AZHEN, "签到");
    shop.heard(GROUP, "+5").await;
    shop.says(XIAOMEI, "#接龙\nA1 阳光玫瑰\n1. 小美 A1 x1");
    shop.settle().await;
    let leader = async |text: &str| shop.says(AMING, text);
    let promoter = async |text: &str| shop.says(XIAOMEI, text);
    a_day_ends(shop, leader, promoter, async |part: &str| shop.heard(GROUP, part).await).await;
    shop.fake.set_started(XIAOMEI);
    shop.says_in(XIAOMEI, XIAOMEI, "余额");
    shop.heard(XIAOMEI, "7.17").await;
    assert!(shop.fake.calls("answerCallbackQuery") == 1);
    assert!(shop.fake.calls("setMyCommands") >= 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_and_nothing_counts_twice() {
    let mut shop = Shop::open().await;
    shop.begin().await;
    for n in 0..60 {
        shop.says(1_000 + n, "A1 x1");
    }
    let waiting = shop.fake.waiting();
    for update in waiting.iter().rev().step_by(3) {
        shop.fake.push_again(update); // twice, and out of order
    }
    shop.open_again().await; // before anything, or in the middle
    shop.fake.fail(GROUP, 429, json!({ "retry_after": 1 }));
    shop.fake.fail(GROUP, 500, json!({}));
    for n in 60..90 {
        shop.says(1_000 + n, "A1 x1");
        if n == 75 {
            shop.fake.set_away(true);
            tokio::time::sleep(Duration::from_millis(600)).await;
            shop.fake.set_away(false);
        }
    }
    shop.settle().await;
    assert_eq!(shop.count("select count(*) from orders").await, 90);
    assert_eq!(shop.count("select sold from offer_count").await, 90);
    assert_eq!(shop.count("select count(*) from message_state where state <> 'sent'").await, 0);
    // What was under way when the shop stopped was finished: each receipt went out once.
    let receipts: Vec<_> =
        shop.fake.said_in(GROUP).into_iter().filter(|it| it.contains("@路人")).collect();
    let mentioned: usize = receipts.iter().map(|text| text.matches("@路人").count()).sum();
    assert_eq!(mentioned, 90);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_says_so_when_it_is_sold_out() {
    let shop = Shop::open().await;
    shop.begin().await;
    for n in 0..49 {
        shop.says(1_000 + n, "A1 x10");
    }
    shop.settle().await;
    assert!(shop.fake.edits().is_empty());
    shop.says(AZHEN, "A1 x10");
    shop.until_called("editMessageCaption").await;
    shop.settle().await;
    let place = shop.fake.sent().iter().position(|it| it.text.contains("早上好")).unwrap();
    let edits = shop.fake.edits();
    let [edit] = &edits[..] else { panic!("{edits:#?}") };
    assert_eq!((edit.method.as_str(), edit.chat), ("editMessageCaption", GROUP));
    assert_eq!(edit.body["message_id"], json!(place + 1));
    assert!(edit.text.contains("早上好") && edit.text.contains("已售罄"), "{}", edit.text);
    assert_eq!(edit.body["reply_markup"], Value::Null, "nothing is left to press");
    // A leader has more of it, at another price: the post says that, and can be ordered from.
    shop.says(AMING, "加库存 A1 20");
    shop.until("it is changed", async || shop.fake.edits().len() == 2).await;
    shop.says(AMING, "改价 A1 29.9");
    shop.until("it is changed again", async || shop.fake.edits().len() == 3).await;
    let edit = shop.fake.edits().pop().unwrap();
    assert!(edit.text.contains("29.90") && edit.text.contains("剩20"), "{}", edit.text);
    assert!(edit.body["reply_markup"]["inline_keyboard"][0][0].is_object(), "{}", edit.body);
    shop.settle().await;
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_that_becomes_a_supergroup_goes_on() {
    let shop = Shop::open().await;
    shop.begin().await;
    a_migration(&shop, AQIANG).await;
    assert_eq!(shop.count("select count(*) from community where chat_key = '-1002000'").await, 1);
    assert_eq!(shop.count("select count(*) from orders").await, 1);
    shop.close().await;
}

/// The group moves, which is told from both sides, while somebody orders and changes the order.
pub(crate) async fn a_migration(shop: &Shop, who: i64) {
    let new = -1_002_000;
    shop.fake.set_moved(GROUP, new);
    shop.says(who, "A1 x1"); // answered into the old group, which refuses
    shop.heard(new, "39.90").await;
    shop.fake.push("message", shop.message(new, AMING, json!({ "migrate_from_chat_id": GROUP })));
    shop.says_in(new, who, "再来 A1 x1");
    shop.fake.push("message", shop.message(GROUP, AMING, json!({ "migrate_to_chat_id": new })));
    shop.heard(new, "79.80").await;
    shop.settle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_group_is_marked_and_revived_and_stops_no_other() {
    let shop = Shop::open().await;
    shop.begin().await;
    shop.fake.fail(GROUP, 403, json!({}));
    shop.says(AQIANG, "A1 x1");
    shop.settle().await;
    let closed = "select count(*) from chat where closed_at is not null";
    assert_eq!(shop.count(closed).await, 1);
    assert_eq!(shop.app.engine.health.closed(), 1);
    shop.says(AQIANG, "菜单");
    shop.settle().await;
    assert_eq!(shop.count(closed).await, 0);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_messages_in_a_second_from_twenty_groups() {
    let shop = Shop::open_with(Fake::start().await, 20).await;
    shop.fake.set_admin(AMING);
    for nth in 0..20 {
        shop.link(nth).await;
    }
    shop.settle().await;
    let before = shop.count("select count(*) from inbox").await;
    let start = tokio::time::Instant::now();
    for n in 0..1_000 {
        let text = if n % 4 == 0 { "签到" } else { "今天天气真好" };
        shop.says_in(group(n / 4 % 20), 5_000 + n / 4, text);
    }
    while !shop.fake.waiting().is_empty() {
        assert!(start.elapsed() < PATIENCE);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let taken = start.elapsed();
    shop.settle().await;
    println!(
        "1,000 messages from 20 groups: stored in {taken:?}, handled and answered in {:?}",
        start.elapsed()
    );
    assert_eq!(shop.count("select count(*) from inbox").await - before, 1_000);
    assert_eq!(shop.count("select count(*) from check_in").await, 250);
    let answers = (0..20).flat_map(|nth| shop.fake.said_in(group(nth)));
    assert_eq!(answers.map(|text| text.matches("+5").count()).sum::<usize>(), 250);
    shop.close().await;
}
