//! `tuan bench orders`: orders in a second through the whole line, from handing in to delivery into
//! nothing, beside pgbench's TPC-B in alternating rounds.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use crate::engine::{Engine, sender};

use super::Yard;
use super::fixture::Fixture;
use super::load::{Supply, WaitingPlaces, Waits};
use super::measure::{self, Cpu, count, figure, mean, median, percentile, round};
use super::tpcb::{Run, Tpcb};

/// Orders for which buyers are seeded in the first round, in a second.
const FIRST_GUESS: f64 = 12_000.0;

/// The last orders of a round are delivered within this time, or something is wrong.
const PATIENCE: Duration = Duration::from_secs(30);

/// Clients of pgbench beside many orders, and beside one.
const CLIENTS: u32 = 32;

/// How orders are spread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrdersShape {
    /// One offer of one community.
    Hot,
    /// One offer in each of so many communities.
    Spread(u32),
    /// One offer, one member at a time.
    Alone,
}

/// What to measure.
#[derive(Clone, Copy, Debug)]
pub struct OrdersRun {
    /// How orders are spread.
    pub shape: OrdersShape,
    /// Members who wait at once.
    pub waiting: usize,
    /// Rounds.
    pub rounds: usize,
    /// Length of each, for us and for pgbench.
    pub seconds: u64,
}

impl OrdersRun {
    fn communities(&self) -> u32 {
        if let OrdersShape::Spread(communities) = self.shape { communities } else { 1 }
    }

    fn clients(&self) -> u32 {
        if self.shape == OrdersShape::Alone { 1 } else { CLIENTS }
    }
}

/// One round of ours.
struct BenchRound {
    orders: usize,
    /// From the first order handed in to the last one delivered.
    took: Duration,
    waits: Waits,
    wal: f64,
    batches: f64,
    statements: f64,
    /// The most memory seen.
    resident: Option<f64>,
    /// Processor time for each order: our own, and the server's.
    own_cpu: Option<f64>,
    server_cpu: Option<f64>,
}

/// Measure; returns the report.
///
/// # Errors
/// Whatever the server or pgbench says; when an order is missing in the end.
pub async fn measure(yard: &Yard, plan: &OrdersRun) -> anyhow::Result<Value> {
    let tpcb = Tpcb::prepare(yard).await?;
    let mut fixture = Fixture::make(yard, plan.communities()).await?;
    let engine = Arc::clone(&fixture.engine);
    engine.start();
    engine.spawn(sender::run(Arc::clone(&engine), fixture.account, Arc::clone(&fixture.null)));
    let mut places = WaitingPlaces::at(&engine, plan.waiting)?;
    warm_up(&mut fixture, &mut places).await?;
    let idle = measure::resident();
    let (mut runs, mut rounds, mut rate) = (Vec::new(), Vec::new(), FIRST_GUESS);
    for number in 1..=plan.rounds {
        if let Some(tpcb) = &tpcb {
            runs.push(tpcb.run(plan.clients(), plan.seconds).await?);
        }
        let done = one_round(&mut fixture, &mut places, plan, rate).await?;
        rate = rate.max(done.rate() * 1.3);
        say(number, runs.last(), &done);
        rounds.push(done);
    }
    verify(&fixture, &rounds).await?;
    let version = server_version(&fixture).await?;
    engine.shut_down().await;
    let mut report = report(plan, &rounds, &runs);
    report["resident_idle_mb"] = json!(idle.map(round));
    report["batch_largest"] = json!(engine.stats.largest_batch.load(Ordering::Relaxed));
    report["parameters"] = parameters(yard, plan, &version);
    Ok(report)
}

/// A few orders, so that plans, caches and connections are as they are in a shop that runs.
async fn warm_up(fixture: &mut Fixture, places: &mut WaitingPlaces) -> anyhow::Result<()> {
    let each = 2_000 / i64::try_from(fixture.communities.len())? + 1;
    let first = fixture.buyers(each).await?;
    let supply = Supply::new(fixture.account, fixture.communities.clone(), first, each);
    places.fill(&fixture.engine, &Arc::new(supply)).await?;
    Ok(())
}

#[expect(clippy::cast_possible_truncation, reason = "a few hundred thousand buyers")]
async fn one_round(
    fixture: &mut Fixture,
    places: &mut WaitingPlaces,
    plan: &OrdersRun,
    rate: f64,
) -> anyhow::Result<BenchRound> {
    let seconds = Duration::from_secs(plan.seconds);
    let communities = count(fixture.communities.len());
    let each = (rate * seconds.as_secs_f64() / communities).ceil() as i64 + 1;
    let first = fixture.buyers(each).await?;
    let communities = fixture.communities.clone();
    let supply = Arc::new(Supply::new(fixture.account, communities, first, each));
    let engine = Arc::clone(&fixture.engine);
    let before = Counters::read(&engine).await?;
    let start = Instant::now();
    let delivered = fixture.null.delivered.load(Ordering::Relaxed);
    let watching = watch(Arc::clone(&supply), seconds);
    let (waits, resident) = tokio::join!(places.fill(&engine, &supply), watching);
    let waits = waits?;
    let orders = waits.decided.len();
    delivery(fixture, delivered + u64::try_from(orders)?).await?;
    let took = start.elapsed();
    let after = Counters::read(&engine).await?;
    Ok(BenchRound {
        orders,
        took,
        waits,
        wal: figure(after.wal - before.wal),
        batches: figure(after.batches - before.batches),
        statements: figure(after.statements - before.statements),
        resident,
        own_cpu: after.cpu.own_each(&before.cpu, count(orders)),
        server_cpu: after.cpu.server_each(&before.cpu, count(orders)),
    })
}

/// Counters before and after a round.
struct Counters {
    wal: i64,
    batches: i64,
    statements: i64,
    cpu: Cpu,
}

impl Counters {
    async fn read(engine: &Engine) -> anyhow::Result<Self> {
        Ok(Self {
            wal: measure::wal_bytes(&engine.db).await?,
            batches: engine.stats.batches.load(Ordering::Relaxed).cast_signed(),
            statements: engine.stats.statements.load(Ordering::Relaxed).cast_signed(),
            cpu: Cpu::now(&engine.db).await?,
        })
    }
}

/// End the round in time, or when there is nothing left to order; returns the most memory seen until then.
async fn watch(supply: Arc<Supply>, seconds: Duration) -> Option<f64> {
    let end = Instant::now() + seconds;
    let mut most: Option<f64> = None;
    while Instant::now() < end && !supply.is_stopped() {
        tokio::time::sleep(Duration::from_millis(100)).await;
        most = measure::resident().map(|now| now.max(most.unwrap_or(0.0)));
    }
    supply.stop();
    most
}

/// Wait until so many messages are delivered in all.
async fn delivery(fixture: &Fixture, target: u64) -> anyhow::Result<()> {
    let end = Instant::now() + PATIENCE;
    while fixture.null.delivered.load(Ordering::Relaxed) < target {
        anyhow::ensure!(Instant::now() < end, "answers to orders are not delivered");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    Ok(())
}

impl BenchRound {
    fn rate(&self) -> f64 {
        count(self.orders) / self.took.as_secs_f64()
    }

    fn per_order(&self, figure: f64) -> f64 {
        figure / count(self.orders.max(1))
    }
}

fn say(number: usize, run: Option<&Run>, round: &BenchRound) {
    let tpcb = run.map_or_else(String::new, |run| format!("TPC-B {:.0}/s, ", run.tps));
    super::progress(&format!(
        "round {number}: {tpcb}{:.0} orders/s, stored to committed p50 {:.2} ms, p99 {:.2} ms",
        round.rate(),
        percentile(&round.waits.decided, 50),
        percentile(&round.waits.decided, 99),
    ));
}

/// Every order that was waited for is there, with two promoters who earn; nothing was parked.
async fn verify(fixture: &Fixture, rounds: &[BenchRound]) -> anyhow::Result<()> {
    let waited: usize = rounds.iter().map(|round| round.orders).sum();
    let (orders, lines, sold, parked): (i64, i64, i64, i64) = sqlx::query_as(
        "select (select count(*) from orders where state = 'placed'),
                (select count(*) from order_line where qty = 1 and earned1_minor > 0 and earned2_minor > 0),
                (select sum(sold)::bigint from offer_count), (select count(*) from parked)",
    )
    .fetch_one(&fixture.owner)
    .await?;
    anyhow::ensure!(
        parked == 0 && orders == lines && orders == sold && orders > i64::try_from(waited)?,
        "the books are wrong: {waited} orders waited for, {orders} placed, {lines} lines, {sold} sold, {parked} parked"
    );
    Ok(())
}

async fn server_version(fixture: &Fixture) -> anyhow::Result<String> {
    Ok(sqlx::query_scalar("show server_version").fetch_one(&fixture.owner).await?)
}

fn parameters(yard: &Yard, plan: &OrdersRun, version: &str) -> Value {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    json!({
        "shape": match plan.shape {
            OrdersShape::Hot => "hot",
            OrdersShape::Spread(_) => "spread",
            OrdersShape::Alone => "alone",
        },
        "communities": plan.communities(), "waiting": plan.waiting, "rounds": plan.rounds,
        "seconds": plan.seconds, "lanes": yard.lanes, "batch_max": yard.batch_max, "promoters": yard.promoters,
        "postgres": version, "cores": cores, "pgbench_scale": yard.scale,
        "pgbench_protocol": "prepared", "pgbench_clients": plan.clients(),
        "durable": true,
    })
}

fn report(plan: &OrdersRun, rounds: &[BenchRound], runs: &[Run]) -> Value {
    let middle =
        |of: &dyn Fn(&BenchRound) -> f64| round(median(&rounds.iter().map(of).collect::<Vec<_>>()));
    let most = rounds.iter().filter_map(|it| it.resident).reduce(f64::max);
    let mut report = json!({
        "orders_per_second": middle(&BenchRound::rate),
        "stored_to_committed_p50_ms": middle(&|it| percentile(&it.waits.decided, 50)),
        "stored_to_committed_p99_ms": middle(&|it| percentile(&it.waits.decided, 99)),
        "stored_to_committed_mean_ms": middle(&|it| mean(&it.waits.decided)),
        "handed_in_to_committed_p50_ms": middle(&|it| percentile(&it.waits.whole, 50)),
        "handed_in_to_committed_p99_ms": middle(&|it| percentile(&it.waits.whole, 99)),
        "orders_per_batch": middle(&|it| count(it.orders) / it.batches),
        "statements_per_batch": middle(&|it| it.statements / it.batches),
        "statements_per_order": middle(&|it| it.per_order(it.statements)),
        "wal_bytes_per_order": middle(&|it| it.per_order(it.wal)),
        "own_cpu_us_per_order": middle(&|it| it.own_cpu.unwrap_or(0.0)),
        "server_cpu_us_per_order": middle(&|it| it.server_cpu.unwrap_or(0.0)),
        "resident_load_mb": most.map(round),
        "orders": rounds.iter().map(|round| round.orders).sum::<usize>(),
    });
    compare(plan, rounds, runs, &mut report);
    report
}

/// The ratios: of rates, or of latencies where one member waits at a time.
fn compare(plan: &OrdersRun, rounds: &[BenchRound], runs: &[Run], report: &mut Value) {
    if runs.is_empty() {
        return;
    }
    let pair = |(ours, theirs): (&BenchRound, &Run)| match plan.shape {
        OrdersShape::Alone => mean(&ours.waits.decided) / theirs.latency,
        OrdersShape::Hot | OrdersShape::Spread(_) => ours.rate() / theirs.tps,
    };
    let ratios: Vec<_> = rounds.iter().zip(runs).map(pair).collect();
    report["ratio"] = json!(round(median(&ratios)));
    report["ratio_rounds"] = json!(ratios.iter().map(|it| round(*it)).collect::<Vec<_>>());
    let of = |figure: fn(&Run) -> f64| round(median(&runs.iter().map(figure).collect::<Vec<_>>()));
    report["tpcb_tps"] = json!(of(|run| run.tps));
    report["tpcb_latency_ms"] = json!(of(|run| run.latency));
}
