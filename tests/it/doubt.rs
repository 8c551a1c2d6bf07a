//! A machine's clock is set while the shop runs: what releases or pays waits until the time is known, and all
//! else goes on.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::Duration;
use tokio::time::Instant;
use tuan::domain::time::Timestamp;
use tuan::engine::Clock;
use tuan::engine::clock::Hands;
use tuan::store::doubt;

use crate::stage::{CORNER, PATIENCE, Stage, config, database, morning};

/// A machine whose clocks run only when the test says so.
#[derive(Debug)]
struct Machine {
    wall_ms: AtomicI64,
    boot_ms: AtomicI64,
}

impl Machine {
    fn new(start: Timestamp) -> Arc<Self> {
        let wall_ms = AtomicI64::new(start.timestamp_millis());
        Arc::new(Self { wall_ms, boot_ms: AtomicI64::new(1_000) })
    }

    /// Time passes.
    fn pass(&self, by: Duration) {
        self.boot_ms.fetch_add(by.num_milliseconds(), Ordering::SeqCst);
        self.leap(by);
    }

    /// Somebody sets the clock.
    fn leap(&self, by: Duration) {
        self.wall_ms.fetch_add(by.num_milliseconds(), Ordering::SeqCst);
    }
}

impl Hands for Machine {
    fn wall(&self) -> Timestamp {
        Timestamp::from_timestamp_millis(self.wall_ms.load(Ordering::SeqCst)).unwrap()
    }

    fn since_boot(&self) -> Duration {
        Duration::milliseconds(self.boot_ms.load(Ordering::SeqCst))
    }
}

/// The corner shop on a machine, with an order that nobody paid.
async fn shop() -> (Stage, Arc<Machine>) {
    let machine = Machine::new(morning());
    let clock = Clock::of(machine.clone());
    let stage = Stage::closed_by(database().await, config(CORNER), clock).await;
    stage.start().await;
    stage.seed("corner").await;
    pass(&stage, &machine, Duration::minutes(1)).await;
    stage.says("小美", "A1 1份").await;
    assert_eq!(waits(&stage).await, (1, 0));
    (stage, machine)
}

async fn pass(stage: &Stage, machine: &Machine, by: Duration) {
    machine.pass(by);
    stage.app.engine.wakes.timers.notify_one();
    stage.settle().await;
}

/// Orders that wait for payment, and those that lapsed.
async fn waits(stage: &Stage) -> (i64, i64) {
    let sql = "select count(*) filter (where state = 'placed'), count(*) filter (where state = 'cancelled')
               from orders";
    sqlx::query_as(sql).fetch_one(&stage.pool).await.unwrap()
}

/// She says something, and is answered, while timers wait.
async fn is_answered(stage: &Stage, text: &str) {
    let before = stage.heard_by("小美").await.len();
    let room = stage.room("corner").await;
    room.say("小美", text, None).await.unwrap();
    let until = Instant::now() + PATIENCE;
    while stage.heard_by("小美").await.len() == before {
        assert!(Instant::now() < until, "{text} is not answered");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

async fn until_lapsed(stage: &Stage) {
    let until = Instant::now() + PATIENCE;
    while waits(stage).await != (0, 1) {
        assert!(Instant::now() < until, "the order does not lapse");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

/// The clock leaps by days, and is looked at long enough for a timer to fire if it would.
async fn leapt() -> (Stage, Arc<Machine>) {
    let (stage, machine) = shop().await;
    machine.leap(Duration::days(3));
    let until = Instant::now() + PATIENCE;
    while doubt::list(&stage.pool).await.unwrap().is_empty() {
        assert!(Instant::now() < until, "the leap is not noticed");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    is_answered(&stage, "我的订单").await;
    assert_eq!(waits(&stage).await, (1, 0), "nothing is released by a time that nobody knows");
    (stage, machine)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_releases_waits_for_an_operator_and_all_else_goes_on() {
    let (stage, _machine) = leapt().await;
    let open = "select count(*) from offer where state = 'open'";
    let open: i64 = sqlx::query_scalar(open).fetch_one(&stage.pool).await.unwrap();
    assert_eq!(open, 0, "offers close");
    let doubted = doubt::list(&stage.pool).await.unwrap();
    let [(owner, by)] = &doubted[..] else { panic!("{doubted:?}") };
    assert_eq!(*by, Duration::days(3).num_seconds());
    doubt::accept(&stage.pool, std::slice::from_ref(owner)).await.unwrap();
    until_lapsed(&stage).await;
    assert_eq!(stage.app.engine.clock.doubt(), None);
    stage.settle().await;
    assert_eq!(doubt::list(&stage.pool).await.unwrap(), [], "nothing is left to accept");
    stage.close_sound().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_releases_waits_an_hour_or_for_the_platforms_word() {
    let (stage, machine) = leapt().await;
    machine.pass(Duration::minutes(59));
    is_answered(&stage, "我的订单").await;
    assert_eq!(waits(&stage).await, (1, 0));
    machine.pass(Duration::minutes(1));
    until_lapsed(&stage).await;
    stage.settle().await;
    stage.close_sound().await;

    let (stage, machine) = leapt().await;
    let clock = &stage.app.engine.clock;
    assert!((0..9).all(|_| clock.bear(machine.wall() - Duration::days(3)).is_none()));
    let borne = (0..9).find_map(|_| clock.bear(machine.wall()));
    assert!(borne.is_some());
    until_lapsed(&stage).await;
    stage.settle().await;
    stage.close_sound().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_that_comes_back_has_released_nothing() {
    let (stage, machine) = leapt().await;
    machine.leap(-Duration::days(3));
    let until = Instant::now() + PATIENCE;
    while stage.app.engine.clock.doubt().is_some() {
        assert!(Instant::now() < until, "the time is still doubted");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!(waits(&stage).await, (1, 0));
    stage.close().await;
}
