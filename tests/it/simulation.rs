//! A world by chance against a naive model: members order, change their minds, pay, receive, return
//! and check in, for two weeks, in batches of any size, with messages delivered twice and late. Stock, orders,
//! commission and points must agree with the model after every step, and a replay with the original.
//!
//! `TUAN_SEEDS=100` tries a hundred more worlds; a failure names its seed.

mod chains;
mod model;
mod random;
mod replay;
mod world;

use std::env;
use std::fmt::Write as _;

use chrono::Duration;
use sqlx::Row;
use tuan::domain::ids::MemberId;
use tuan::domain::ledger::{AccountNo, Purse};
use tuan::domain::time::Timestamp;

use crate::stage::{CORNER, Stage, config, morning};
use model::{GOODS, Model, Order, State};
use world::{Act, World};

/// The corner shop has tiers here.
const TIERS: &str = "[points]
tiers = [{ name = \"银卡\", spend = 50, times = 1.5 }, { name = \"金卡\", spend = 150, times = 2 }]
";
/// Worlds that every run tries.
const SEEDS: std::ops::Range<u64> = 1..3;
/// Groups of acts on the day of the drop; one follows on each later day.
const GROUPS: u32 = 6;
const LATER_DAYS: i64 = 15;
/// The most acts of a group.
const ACTS: u32 = 25;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_world_by_chance_agrees_with_the_model_and_with_its_replay() {
    let more: u64 = env::var("TUAN_SEEDS").map_or(0, |n| n.parse().expect("a number of seeds"));
    for seed in SEEDS.chain(1_000..1_000 + more) {
        live(seed).await;
    }
}

async fn live(seed: u64) {
    let mut world = World::new(seed);
    let mut config = config(&CORNER.replacen("[points]\n", TIERS, 1));
    // The model knows no leader who is asked.
    config.policy.orders.unpaid_share.bps = 10_000;
    config.policy.orders.changes_per_minute = u32::MAX;
    config.engine.batch_max = world.random.pick(&[1, 3, 50, 500]).expect("there are sizes");
    let stage = Stage::closed(config, morning()).await;
    stage.start().await;
    stage.seed("corner").await;
    stage.advance(Duration::minutes(2)).await;
    for _ in 0..GROUPS {
        group(&stage, &mut world, seed).await;
        let minutes = i64::from(world.random.count(60));
        pass(&stage, &mut world, Duration::minutes(minutes), seed).await;
    }
    world.is_open = false;
    for day in 1..=LATER_DAYS {
        let noon = morning() + Duration::days(day) + Duration::hours(2);
        pass(&stage, &mut world, noon - stage.now(), seed).await;
        group(&stage, &mut world, seed).await;
    }
    let recording = replay::recording(&stage).await;
    let facts = replay::dump(&stage.pool).await;
    for batch_max in [if seed.is_multiple_of(2) { 1 } else { 7 }, 500] {
        let again = replay::replay(&stage.config, &recording, batch_max).await;
        assert_same(&facts, &again, &format!("seed {seed}, replayed in batches of {batch_max}"));
    }
    stage.close_sound().await;
}

/// Some acts at once, some of them told twice.
async fn group(stage: &Stage, world: &mut World, seed: u64) {
    let now = stage.now();
    let count = world.random.count(ACTS);
    let acts: Vec<Act> = (0..count).map(|_| world.act(now)).collect();
    let mut causes = Vec::new();
    for (key, ago, body) in acts {
        let mut cause = stage.cause("corner", &key, body);
        cause.sent_at = Some(now - ago);
        causes.push(cause.clone());
        if world.random.one_in(6) {
            causes.push(cause);
        }
    }
    let again: Vec<_> = causes.iter().step_by(5).cloned().collect();
    stage.hand_in(causes).await;
    stage.hand_in(again).await;
    stage.settle().await;
    compare(stage, &world.model, seed).await;
}

/// Time passes, for both.
async fn pass(stage: &Stage, world: &mut World, by: Duration, seed: u64) {
    stage.advance(by).await;
    world.model.pass(stage.now(), unpaid_until());
    compare(stage, &world.model, seed).await;
}

/// The offers close at 22:00 of the first day; unpaid orders wait for a day more.
fn unpaid_until() -> Timestamp {
    "2026-03-02T14:00:00Z".parse().unwrap()
}

async fn compare(stage: &Stage, model: &Model, seed: u64) {
    let expected = [stock(model), orders(model), purses(model)].concat();
    let found = [real_stock(stage).await, real_orders(stage).await, real_purses(stage).await];
    assert_same(&expected, &found.concat(), &format!("seed {seed}, at {}", stage.now()));
}

fn assert_same(expected: &[String], found: &[String], what: &str) {
    if expected == found {
        return;
    }
    let mut text = format!("{what}: - expected, + found\n");
    for line in expected.iter().filter(|line| !found.contains(line)) {
        writeln!(text, "- {line}").expect("a string takes all");
    }
    for line in found.iter().filter(|line| !expected.contains(line)) {
        writeln!(text, "+ {line}").expect("a string takes all");
    }
    panic!("{text}");
}

fn stock(model: &Model) -> Vec<String> {
    let line = |goods: usize| format!("{} {:?}", GOODS[goods].0, model.left(goods).map(i64::from));
    (0..GOODS.len()).map(line).collect()
}

async fn real_stock(stage: &Stage) -> Vec<String> {
    let rows = sqlx::query(
        "select code, units_left[1] from offer join offer_count using (community_id, offer_id) order by code",
    );
    let rows = rows.fetch_all(&stage.pool).await.unwrap();
    let line = |row: &sqlx::postgres::PgRow| {
        format!("{} {:?}", row.get::<&str, _>(0), row.get::<Option<i64>, _>(1))
    };
    rows.iter().map(line).collect()
}

fn orders(model: &Model) -> Vec<String> {
    let line = |(number, order): (usize, &Order)| {
        let state = match order.state {
            State::Placed => "placed",
            State::Paid => "paid",
            State::Shipped { .. } => "shipped",
            State::Received { was_paid_out: false, .. } => "received",
            State::Received { was_paid_out: true, .. } => "closed",
            State::Cancelled => "cancelled",
            State::Refunded => "refunded",
        };
        let buyer = &model.members[order.buyer].name;
        format!("#{} {buyer} {state} {} {}", number + 1, order.total(), order.kept())
    };
    model.orders.iter().enumerate().map(line).collect()
}

async fn real_orders(stage: &Stage) -> Vec<String> {
    let rows = sqlx::query(
        "select order_id, name, state, sum(price_minor * qty)::bigint,
                sum(price_minor * qty - refunded_minor)::bigint
         from orders_now join order_line using (community_id, order_id) join member using (community_id, member_id)
         group by 1, 2, 3 order by 1",
    );
    let rows = rows.fetch_all(&stage.pool).await.unwrap();
    let line = |row: &sqlx::postgres::PgRow| {
        let (number, total, kept): (i64, i64, i64) = (row.get(0), row.get(3), row.get(4));
        format!("#{number} {} {} {total} {kept}", row.get::<&str, _>(1), row.get::<&str, _>(2))
    };
    rows.iter().map(line).collect()
}

fn purses(model: &Model) -> Vec<String> {
    let line = |(place, member): (usize, &model::Member)| {
        let (frozen, available) = model.commission(place);
        format!("{} {frozen} {available} {}", member.name, model.points(place))
    };
    model.members.iter().enumerate().map(line).collect()
}

async fn real_purses(stage: &Stage) -> Vec<String> {
    let of_members = "select member_id, name from member order by member_id";
    let members: Vec<(i64, String)> =
        sqlx::query_as(of_members).fetch_all(&stage.pool).await.unwrap();
    let of_balances = "select account_no, amount from balance";
    let balances: Vec<(i64, i64)> =
        sqlx::query_as(of_balances).fetch_all(&stage.pool).await.unwrap();
    let owed = |member: i64, purse: Purse| {
        let account = AccountNo::of(MemberId(member), purse).number();
        -balances.iter().filter(|(no, _)| *no == account).map(|(_, amount)| amount).sum::<i64>()
    };
    let line = |(member, name): &(i64, String)| {
        let purses = [Purse::Frozen, Purse::Available, Purse::Wallet].map(|it| owed(*member, it));
        format!("{name} {} {} {}", purses[0], purses[1], purses[2])
    };
    members.iter().map(line).collect()
}
