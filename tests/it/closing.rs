//! Offers close when what was said in time has arrived, also where messages take their time.

use chrono::Duration;
use tuan::domain::ids::Lane;
use tuan::domain::time::Timestamp;
use tuan::store::timers::{self, Looked};

use crate::stage::{Stage, said};

/// The corner shop in a chat whose messages may take half a minute, and when its offers close.
async fn slow_chat() -> (Stage, Timestamp) {
    let stage = Stage::corner().await;
    sqlx::query("update account set lag_ms = 30000").execute(&stage.pool).await.unwrap();
    let closing = sqlx::query_scalar("select min(closes_at) from offer");
    let closing = closing.fetch_one(&stage.pool).await.unwrap();
    (stage, closing)
}

fn connected(stage: &Stage, since: Timestamp) {
    let account = stage.app.simulator.as_ref().expect("the shop is simulated").account();
    stage.app.engine.health.change(account, |it| (it.ready, it.since) = (true, Some(since)));
}

async fn says_at(stage: &Stage, key: &str, at: Timestamp, text: &str) {
    let mut cause = stage.cause("corner", key, said("小美", text));
    cause.sent_at = Some(at);
    stage.hand_in(vec![cause]).await;
    stage.settle().await;
}

async fn count(stage: &Stage, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(&stage.pool).await.unwrap()
}

const UNITS: &str = "select coalesce(sum(qty), 0) from order_line";
const OPEN: &str = "select count(*) from offer where state = 'open'";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_said_in_time_counts_though_it_arrives_late() {
    let (stage, closing) = slow_chat().await;
    connected(&stage, closing - Duration::hours(1));
    stage.app.engine.clock.set(closing + Duration::seconds(5));
    says_at(&stage, "in time", closing - Duration::seconds(1), "A1 1份").await;
    assert_eq!(count(&stage, UNITS).await, 1);
    says_at(&stage, "late", closing + Duration::seconds(2), "A1 2份").await;
    assert_eq!(count(&stage, UNITS).await, 1, "its time is over, closed or not");
    assert_ne!(count(&stage, OPEN).await, 0);
    stage.advance(Duration::seconds(30)).await;
    assert_eq!(count(&stage, OPEN).await, 0);
    stage.close_sound().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn closing_waits_for_an_account_that_is_away_but_not_for_ever() {
    let (stage, closing) = slow_chat().await;
    let account = stage.app.simulator.as_ref().expect("the shop is simulated").account();
    let lanes: Vec<_> = (0..stage.app.engine.lanes).map(Lane).collect();
    for (listening, late, fires) in [
        (vec![], Duration::seconds(31), false),
        (vec![(account, closing + Duration::seconds(20))], Duration::seconds(49), false),
        (vec![(account, closing + Duration::seconds(20))], Duration::seconds(51), true),
        (vec![], Duration::minutes(10), true),
    ] {
        let due = timers::due(
            &stage.pool,
            &lanes,
            &listening,
            Looked { now: closing + late, most: 100, is_doubted: false },
        )
        .await;
        let closes = due.unwrap().iter().any(|it| it.timer.key() == "close");
        assert_eq!(closes, fires, "{late} after, {listening:?}");
    }
    stage.close().await;
}
