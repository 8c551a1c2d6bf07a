//! What waits because the group's owner lets nobody speak unasked: a leader hears what it is, alone where the bot may
//! write to them, else with the next answer in the group; once, and in the group's language.

use crate::fake_qq::openid;
use crate::qq_shop::{AMING, AQIANG, Shop, group};

/// A linked group that lets nobody speak unasked, where nothing is left to answer: the adapter is new.
async fn silent() -> Shop {
    let mut shop = Shop::open().await;
    shop.link(0).await;
    shop.settle().await;
    shop.fake.switch(&group(0), (true, false), shop.time());
    shop.heard("主动发言").await;
    let before = shop.fake.greetings().0;
    shop.open_again().await;
    shop.until("it listens", async || shop.fake.greetings().0 > before && shop.health().ready)
        .await;
    shop
}

/// The day's drop falls due, and waits.
async fn drop_waits(shop: &Shop) {
    // The clock is moved without waiting until all is said: it will not be.
    let due = shop.app.engine.clock.now() + chrono::Duration::minutes(11);
    shop.app.engine.clock.set(due);
    shop.app.engine.wakes.timers.notify_one();
    let waits = "select count(*) from inbox where key like 'unsaid:%'";
    shop.until("it waits, and leaders are to be told", async || shop.count(waits).await == 1).await;
    assert!(shop.health().awaiting > 0);
    let posts = shop.fake.said_in(&group(0));
    assert!(posts.iter().all(|it| !it.contains("早上好")), "{posts:#?}");
}

fn says_alone(shop: &Shop, text: &str) {
    shop.counts();
    shop.fake.say("C2C_MESSAGE_CREATE", &shop.fake.message_alone(AMING, shop.time(), text));
}

fn told(said: &[String], part: &str) -> usize {
    said.iter().filter(|it| it.contains(part)).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leader_alone_with_the_bot_hears_what_waits_and_once() {
    let shop = silent().await;
    drop_waits(&shop).await;
    let alone = format!("A{}", openid(AMING));
    let calls = shop.fake.calls("messages");
    says_alone(&shop, "在吗");
    let heard = shop.hear("不能先开口", async || shop.fake.said_in(&alone)).await;
    let expected = "⚠️ 群里没打开「主动发言」，我不能先开口。这些话要等有人说话才发得出来：\n· 上新 1 条\n\
                    请群主在 QQ 群里点我的头像，打开「主动发言」，打开后我马上补发。";
    assert_eq!(heard, expected);
    assert_eq!(shop.fake.calls("messages"), calls + 1, "and nothing was tried in vain");
    // What he asks then is answered, and he does not hear it again.
    says_alone(&shop, "帮助");
    shop.hear("怎么跟我说", async || shop.fake.said_in(&alone)).await;
    shop.fake.switch(&group(0), (true, true), shop.time());
    shop.heard("早上好").await;
    let sent = shop.fake.sent();
    let post = sent.iter().find(|it| it.text.contains("早上好")).unwrap();
    assert_eq!(post.answers, None, "it was switched on: nobody had to ask");
    shop.answered().await;
    says_alone(&shop, "帮助");
    shop.settle().await;
    assert_eq!(told(&shop.fake.said_in(&alone), "不能先开口"), 1);
    assert_eq!(told(&shop.fake.said_in(&group(0)), "不能先开口"), 0);
    assert_eq!(shop.health().awaiting, 0);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leader_in_the_group_hears_it_with_the_next_answer() {
    let mut shop = silent().await;
    drop_waits(&shop).await;
    // A new process knows what it said before: the same is not told as something new.
    let before = shop.fake.greetings().0;
    shop.open_again().await;
    shop.until("it waits again", async || {
        shop.fake.greetings().0 > before && shop.health().awaiting > 0
    })
    .await;
    shop.says(AQIANG, "在吗");
    shop.heard("早上好").await;
    let heard = shop.heard("不能先开口").await;
    assert!(heard.contains("@阿明") && heard.contains("· 上新 1 条"), "{heard}");
    assert!(shop.fake.sent().iter().rfind(|it| it.text == heard).unwrap().answers.is_some());
    shop.answered().await;
    shop.says(AMING, "A1 x2");
    shop.heard("79.80").await;
    assert_eq!(told(&shop.fake.said_in(&group(0)), "不能先开口"), 1);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_switched_on_before_anybody_hears_of_it_is_not_told() {
    let shop = silent().await;
    drop_waits(&shop).await;
    shop.fake.switch(&group(0), (true, true), shop.time());
    shop.heard("早上好").await;
    shop.answered().await;
    says_alone(&shop, "帮助");
    shop.settle().await;
    let alone = format!("A{}", openid(AMING));
    shop.hear("怎么跟我说", async || shop.fake.said_in(&alone)).await;
    assert_eq!(told(&shop.fake.said_in(&alone), "不能先开口"), 0);
    assert_eq!(told(&shop.fake.said_in(&group(0)), "不能先开口"), 0);
    shop.close().await;
}
