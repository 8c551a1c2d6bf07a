//! What a QQ bot misses and what it makes up for: the shop was closed itself, no session may be begun for a while,
//! words come late.

use std::time::Duration;

use tuan::app::clock;

use crate::fake_qq::QUIET;
use crate::qq_shop::{AMING, AQIANG, Shop, XIAOMEI, group};

const LISTENED: &str =
    "select coalesce(extract(epoch from listened_until)::int8, 0) from account where key = 'qq'";

fn told(shop: &Shop, part: &str) -> usize {
    shop.fake.said_in(&group(0)).iter().filter(|it| it.contains(part)).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_that_was_closed_itself_owns_up_to_it_once() {
    let mut shop = Shop::open().await;
    shop.begin().await;
    shop.joins(XIAOMEI, Some(AMING));
    shop.settle().await;
    shop.app.engine.shut_down().await;
    shop.fake.forget_sessions();
    shop.says(XIAOMEI, "A1 x2"); // nobody hears it
    shop.fake.remove(&group(0), XIAOMEI);
    shop.fake.put(&group(0), AQIANG, "member");
    shop.open_after(chrono::Duration::minutes(31)).await;
    let missed = shop.heard("我掉线了").await;
    assert!(missed.contains("10:01") && missed.contains("10:32"), "{missed}");
    let compared = "select count(*) from member
                    where name = '阿强' and present or name = '小美' and not present";
    shop.until(compared, async || shop.count(compared).await == 2).await;
    assert_eq!(shop.count("select count(*) from orders").await, 0);
    // Half a minute is no outage, nor is a session that goes on.
    let before = shop.fake.greetings();
    shop.app.engine.shut_down().await;
    shop.open_after(chrono::Duration::seconds(30)).await;
    shop.until("a new session", async || shop.fake.greetings().0 > before.0).await;
    shop.fake.cut();
    shop.until("it goes on", async || shop.fake.greetings().1 > before.1).await;
    shop.says(AQIANG, "A1 x2");
    shop.heard("79.80").await;
    assert_eq!(told(&shop, "掉线"), 1);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn until_when_it_listened_is_known_of_a_shop_that_is_killed() {
    let shop = Shop::open().await;
    shop.begin().await;
    let noted = async || shop.count(LISTENED).await;
    shop.until("the gap is made up for", async || noted().await > 0).await;
    clock::advance(&shop.app.engine, chrono::Duration::minutes(5)).await.unwrap();
    shop.until("it is noted from time to time", async || noted().await == shop.time()).await;
    // What is said while it is away may be lost: the time stands.
    shop.fake.set_away(true);
    shop.until("it is away", async || !shop.health().ready).await;
    let last = noted().await;
    clock::advance(&shop.app.engine, chrono::Duration::minutes(5)).await.unwrap();
    shop.app.engine.shut_down().await;
    assert_eq!(noted().await, last);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_session_is_begun_before_one_may_be() {
    let shop = Shop::open().await;
    shop.begin().await;
    shop.fake.shut_for(Duration::from_hours(1));
    shop.fake.cut();
    shop.until("a session that is there goes on", async || shop.fake.greetings() == (1, 1)).await;
    shop.fake.forget_sessions();
    shop.fake.cut();
    let reason = || shop.health().reason.unwrap_or_default();
    shop.until("it says why it waits", async || reason().contains("no session may be begun")).await;
    let asked = shop.fake.calls("gateway");
    tokio::time::sleep(QUIET).await;
    assert_eq!(shop.fake.calls("gateway"), asked, "and asks no more until then");
    assert_eq!(shop.fake.begun().1, 0, "nothing is used up in vain");
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_begun_when_one_may_be_again() {
    let shop = Shop::open().await;
    shop.begin().await;
    shop.fake.shut_for(Duration::from_secs(4));
    shop.fake.forget_sessions();
    shop.fake.cut();
    shop.until("a new session", async || shop.fake.greetings().0 == 2).await;
    let (begun, in_vain) = shop.fake.begun();
    assert_eq!(in_vain, 0);
    let apart = begun[1] - begun[0];
    assert!(apart >= Duration::from_secs(4), "{apart:?}");
    shop.says(AMING, "A1 x2");
    shop.heard("79.80").await;
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_late_after_an_outage_is_answered_in_sum() {
    let shop = Shop::open().await;
    shop.begin().await;
    shop.fake.set_away(true);
    shop.until("it is away", async || !shop.health().ready).await;
    let before = shop.fake.said_in(&group(0)).len();
    for who in 1_000..1_030 {
        shop.says(who, "A1 x1"); // told when the session goes on
    }
    clock::advance(&shop.app.engine, chrono::Duration::minutes(11)).await.unwrap();
    shop.fake.set_away(false);
    shop.settle().await;
    assert_eq!(shop.count("select count(*) from orders").await, 30);
    let said = shop.fake.said_in(&group(0)).split_off(before);
    assert!(said.len() <= 10, "one by one they would be thirty: {said:#?}");
    assert!(said.iter().any(|it| it.starts_with("已处理 ")), "{said:#?}");
    shop.close().await;
}
