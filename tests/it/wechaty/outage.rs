//! The line to the gateway is cut for a while: what the shop had to say is said once when it is back, and who
//! came and went meanwhile is found. What was announced before is asked for again; what was said meanwhile is
//! lost, for a gateway cannot be asked what there was.

use std::time::Duration;

use serde_json::json;
use tokio::time::Instant;

use super::{GROUP, Shop};
use crate::outage::{length, times};

/// So long that what waits is tried meanwhile: what is between takes calls and drops them.
const AT_LEAST: Duration = Duration::from_secs(5);

#[tokio::test(flavor = "multi_thread")]
#[ignore = "wants the gateway: tests/peers/wechaty/run"]
async fn the_line_is_cut_for_a_while() {
    let mut shop = Shop::begun().await;
    shop.gateway.contact("gone", "阿花", false).await;
    shop.gateway.joins(GROUP, "gone", "ming").await;
    shop.counted("select count(*) from member where user_key = 'gone'", 1).await;
    shop.gateway.tell("fault", json!({ "withhold": 1 })).await;
    shop.says("ming", "A1 x2").await;
    let asked = async || shop.gateway.tell("fault", json!({})).await["withhold"] == 0;
    shop.until("the announced message is asked for", asked).await;
    shop.line.cut();
    let away = Instant::now();
    shop.until("the cut is noticed", async || !shop.health().ready).await;
    shop.gateway.joins(GROUP, "mei", "ming").await;
    shop.gateway.leaves(GROUP, "gone").await;
    let engine = &shop.app.engine;
    engine.clock.set(engine.clock.now() + chrono::Duration::hours(24)); // the next day's drop
    engine.wakes.timers.notify_one();
    let waits = "select count(*) from outbox";
    let before = shop.count(waits).await;
    shop.until("the drop waits to be posted", async || shop.count(waits).await > before).await;
    let long = length().max(AT_LEAST);
    tokio::time::sleep_until(away + long).await;
    let posts = async || times(&shop.gateway.said_in(GROUP).await, "早上好");
    assert_eq!(posts().await, 1);
    let back = Instant::now();
    shop.line.mend();
    shop.until_ready().await;
    let connected = back.elapsed();
    shop.until("the drop is posted", async || posts().await == 2).await;
    println!("connected {connected:?} after {long:?}, all said after {:?}", back.elapsed());
    let changed = "select count(*) from member where user_key = 'mei' and present and not founding
                   and inviter_id is null or user_key = 'gone' and not present";
    shop.counted(changed, 2).await;
    shop.heard(GROUP, "79.80").await; // of the order that was announced
    shop.says("mei", "A1 x1").await;
    shop.heard(GROUP, "@小美").await;
    shop.answered().await;
    assert_eq!(posts().await, 2);
    shop.close().await;
}
