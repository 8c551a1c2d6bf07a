//! A shop that lived: members talk, a leader works, days pass, all of it through the engine into the real
//! database; its books are audited on the way, beside the running shop.

use std::sync::Arc;
use std::time::Duration;

use tuan::app::{App, Opening, clock};
use tuan::domain::event::Body;
use tuan::domain::ids::{AccountId, CommunityId, OfferId, OrderId};
use tuan::domain::intent::{Intent, LeaderIntent, Op, Selection, WantedLine};
use tuan::domain::money::Money;
use tuan::domain::{payments, shipping};
use tuan::engine::intake::Cause;
use tuan::engine::{Clock, idle};
use tuan::store::audit::audit;
use tuan::store::{Seal, pool};

use super::empty;

pub(super) const SHOP: &str = r#"
shop = { name = "团团优选" }
accounts = [{ key = "sim", platform = "simulator" }]

[commission]
level1 = "6%"
level2 = "1.5%"
accept_two_level_risk = true

[points]
check_in = 5
streaks = { 2 = 20 }
per_amount = "1"
share = 10
spend_rate = 100
spend_cap = "30%"
month_days = { 3 = 2 }
tier_days = 3
tiers = [{ name = "银卡", spend = "60", times = 1.25 }, { name = "金卡", spend = "200", times = 1.5 }]

[withdrawal]
minimum = "1.00"

[[communities]]
slug = "sunshine"
name = "阳光花园"
locale = "zh-Hans"
time_zone = "Asia/Shanghai"
currency = "CNY"
leaders = ["阿明"]

[[items]]
key = "grapes"
name = "阳光玫瑰"
unit = "箱"
price = "39.90"

[[items]]
key = "shirt"
name = "T恤"
unit = "件"
price = "59.90"
variants = ["黑色", "白色"]

[[drops]]
key = "morning"
at = "10:00"
closes = "22:00"
offers = [{ item = "grapes", code = "A1", stock_each = 50 }, { item = "shirt", code = "A2", stock_each = 40 }]
"#;

const PEOPLE: [(&str, Option<&str>); 5] = [
    ("阿明", None),
    ("小美", Some("阿明")),
    ("阿强", Some("小美")),
    ("老王", Some("阿强")),
    ("Cindy", None),
];

struct Life {
    app: App,
    room: tuan::platform::simulator::room::ChatRoom,
    dice: u64,
    commands: u32,
}

impl Life {
    async fn begin(db: sqlx::PgPool) -> Self {
        let config = tuan::config::check(SHOP);
        let faults: Vec<_> = config.1.iter().map(ToString::to_string).collect();
        let config = config.0.unwrap_or_else(|| panic!("{faults:?}"));
        let clock = Clock::starting_at("2026-03-02T01:59:00Z".parse().unwrap());
        let seal = Arc::new(Seal::new(&Seal::fresh_key()).unwrap());
        let app = App::open(Opening { db, seal, clock, config }).await.unwrap();
        app.start();
        let room = app.room("sunshine").await.unwrap();
        for (name, inviter) in PEOPLE {
            room.join(name, inviter).await.unwrap();
        }
        let life = Self { app, room, dice: 7, commands: 0 };
        life.pass(chrono::Duration::minutes(2)).await;
        life
    }

    /// The same throws in every run.
    fn throw(&mut self, sides: u64) -> u64 {
        self.dice = self
            .dice
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.dice >> 33) % sides
    }

    async fn pass(&self, time: chrono::Duration) {
        assert!(idle::wait(&self.app.engine, Duration::from_mins(1)).await.unwrap());
        clock::advance(&self.app.engine, time).await.unwrap();
    }

    async fn say(&mut self, text: &str) {
        let who = self.throw(5);
        let who = PEOPLE[usize::try_from(who).unwrap()].0;
        self.room.say(who, text, None).await.unwrap();
    }

    async fn command(&mut self, intent: LeaderIntent) {
        self.commands += 1;
        let body = Body::Ordered { operator: "test".to_owned(), intent: Intent::Lead(intent) };
        let cause = Cause {
            account: AccountId::SYSTEM,
            community: CommunityId::of("sunshine"),
            key: format!("command:{}", self.commands),
            sent_at: None,
            body,
        };
        self.app.engine.intake.store(cause).await.unwrap();
    }

    async fn step(&mut self, orders: u64) {
        let order = OrderId(i64::try_from(1 + self.throw(orders.max(1))).unwrap());
        let of = Selection::Orders(vec![order]);
        match self.throw(16) {
            0..=2 => self.say("A1 x2").await,
            3 => self.say("A2 白色 1件").await,
            4 => self.say("再加 A1 1箱").await,
            5 => self.say("取消").await,
            6 => self.say("签到").await,
            7 => self.say("用积分").await,
            8 => self.say("提现").await,
            9 => {
                self.command(LeaderIntent::Payments(payments::Lead::Paid {
                    of: Selection::All,
                    amount: None,
                }))
                .await;
            }
            10 => {
                let amount = Some(Money::from_minor(i64::try_from(self.throw(9_000)).unwrap() + 1));
                self.command(LeaderIntent::Payments(payments::Lead::Paid { of, amount })).await;
            }
            11 => {
                self.command(LeaderIntent::Shipping(shipping::Lead::Ship {
                    of,
                    carrier: None,
                    tracking: None,
                }))
                .await;
            }
            12 | 13 => self.command(LeaderIntent::Shipping(shipping::Lead::Delivered(of))).await,
            14 => {
                self.command(LeaderIntent::Payments(payments::Lead::Refund {
                    order,
                    lines: Vec::new(),
                }))
                .await;
            }
            _ => {
                let lines = vec![WantedLine {
                    offer: OfferId(1),
                    variant: None,
                    qty: Some(1),
                    op: Op::Remove,
                }];
                self.command(LeaderIntent::Payments(payments::Lead::Refund { order, lines })).await;
            }
        }
    }
}

#[tokio::test]
async fn a_shop_that_lived_has_no_differences() {
    let test = empty().await;
    let db = pool::connect(test.app(), 8).await.unwrap();
    let mut life = Life::begin(db.clone()).await;
    let mut orders = 0;
    for day in 0..14 {
        for _ in 0..25 {
            life.step(orders).await;
        }
        let mut beside = db.acquire().await.unwrap();
        let differences = audit(&mut beside, None).await.unwrap();
        assert!(differences.is_empty(), "on day {day}, while it trades: {differences:#?}");
        life.pass(chrono::Duration::hours(24)).await;
        let count = "select coalesce(max(order_id), 0) from orders";
        let count: i64 = sqlx::query_scalar(count).fetch_one(&db).await.unwrap();
        orders = u64::try_from(count).unwrap();
    }
    let mut connection = db.acquire().await.unwrap();
    let differences = audit(&mut connection, None).await.unwrap();
    assert!(differences.is_empty(), "{differences:#?}");
    let kinds: Vec<String> = sqlx::query_scalar("select distinct kind from journal order by kind")
        .fetch_all(&mut *connection)
        .await
        .unwrap();
    // Else the audit was about a life in which nothing happened.
    for kind in ["paid", "earned", "due", "refunded", "reversed", "points_granted"] {
        assert!(kinds.iter().any(|it| it == kind), "no {kind} in {kinds:?}");
    }
    // Days that begin at another hour are other days: all are counted anew.
    let days = "select count(*) from day_count where orders > 0 and paid_minor > 0";
    let counted: i64 = sqlx::query_scalar(days).fetch_one(&mut *connection).await.unwrap();
    assert!(counted > 3, "{counted} days");
    let moved = SHOP.replace("Asia/Shanghai", "America/Los_Angeles");
    life.app.reload(tuan::config::check(&moved).0.unwrap()).await.unwrap();
    assert!(idle::wait(&life.app.engine, Duration::from_mins(1)).await.unwrap());
    let zone: String =
        sqlx::query_scalar("select time_zone from community").fetch_one(&db).await.unwrap();
    assert_eq!(zone, "America/Los_Angeles");
    let differences = audit(&mut connection, None).await.unwrap();
    assert!(differences.is_empty(), "{differences:#?}");
    drop(connection);
    life.app.engine.shut_down().await;
}
