//! `tuan bench settle`: frozen commissions of received orders fall due all at once, in many communities;
//! and how long a member's message waits meanwhile.
//!
//! Orders, lines and frozen balances are seeded in bulk; from the timers on, all is the real line.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, PgPool};
use tokio::time::Instant;

use crate::domain::ledger::{House, Purse};
use crate::engine::{idle, sender};
use crate::store::chart;

use super::Yard;
use super::fixture::{FIRST_PROMOTER, Fixture};
use super::load::{Supply, WaitingPlaces};
use super::measure::{Cpu, count, percentile, round};
use super::tpcb::Tpcb;

/// Clients of pgbench.
const CLIENTS: u32 = 8;

/// All is settled within this time, or something is wrong.
const PATIENCE: Duration = Duration::from_mins(5);

/// What to measure.
#[derive(Clone, Copy, Debug)]
pub struct SettleRun {
    /// Commissions that fall due.
    pub commissions: u32,
    /// Communities they are spread over.
    pub communities: u32,
    /// Seconds of pgbench.
    pub seconds: u64,
}

/// Measure; returns the report.
///
/// # Errors
/// Whatever the server or pgbench says; when a commission is not settled in the end.
pub async fn measure(yard: &Yard, plan: &SettleRun) -> anyhow::Result<Value> {
    let tpcb = Tpcb::prepare(yard).await?;
    let communities = plan.communities.max(1);
    let mut fixture = Fixture::make(yard, communities).await?;
    let each = i64::from(plan.commissions.div_ceil(communities));
    seed(&fixture.owner, each, i64::from(yard.promoters)).await?;
    let first = fixture.buyers(each).await?;
    let run = match &tpcb {
        Some(tpcb) => Some(tpcb.run(CLIENTS, plan.seconds).await?),
        None => None,
    };
    let engine = Arc::clone(&fixture.engine);
    let mut places = WaitingPlaces::at(&engine, 1)?;
    let some = fixture.communities.iter().take(1).copied().collect();
    let supply = Arc::new(Supply::new(fixture.account, some, first, each));
    wake(&fixture.owner).await?;
    fixture.engine.wakes.timers.notify_one();
    let cpu = Cpu::now(&fixture.owner).await?;
    let start = Instant::now();
    engine.start();
    engine.spawn(sender::run(Arc::clone(&engine), fixture.account, Arc::clone(&fixture.null)));
    let settling = async {
        let done = all_closed(&fixture.owner).await;
        let took = start.elapsed();
        supply.stop();
        done?;
        Ok::<_, anyhow::Error>((took, Cpu::now(&fixture.owner).await?))
    };
    let (took, waits) = tokio::join!(settling, places.fill(&engine, &supply));
    let ((took, cpu_after), waits) = (took?, waits?);
    anyhow::ensure!(idle::wait(&engine, PATIENCE).await?, "notices are not delivered");
    let notices_took = start.elapsed();
    verify(&fixture.owner, each * i64::from(communities)).await?;
    engine.shut_down().await;
    let commissions = count(usize::try_from(each * i64::from(communities))?);
    let rate = commissions / took.as_secs_f64();
    let mut report = json!({
        "commissions_per_second": round(rate), "seconds": round(took.as_secs_f64()),
        "commissions": commissions, "communities": communities, "promoters": yard.promoters,
        "answered_meanwhile": waits.decided.len(),
        "stored_to_committed_p50_ms": round(percentile(&waits.decided, 50)),
        "stored_to_committed_p99_ms": round(percentile(&waits.decided, 99)),
        "stored_to_committed_max_ms": round(percentile(&waits.decided, 100)),
        "until_notices_delivered_seconds": round(notices_took.as_secs_f64()),
        "own_cpu_us_each": cpu_after.own_each(&cpu, commissions).map(round),
        "server_cpu_us_each": cpu_after.server_each(&cpu, commissions).map(round),
        "lanes": yard.lanes, "pgbench_scale": yard.scale, "pgbench_clients": CLIENTS,
    });
    if let Some(run) = run {
        report["tpcb_tps"] = json!(round(run.tps));
        report["ratio"] = json!(round(rate / run.tps));
    }
    Ok(report)
}

/// Received orders, each with one frozen commission of 1.19 for one of so many promoters.
async fn seed(owner: &PgPool, each: i64, promoters: i64) -> anyhow::Result<()> {
    super::progress("seeding received orders");
    let frozen = chart::of("promoter1_id", Purse::Frozen);
    let cost = chart::house(House::CommissionCost);
    let earned = format!(
        "insert into journal (lane, community_id, seq, ordinal, kind, currency, order_id, accounts, amounts, at)
         select lane, community_id, -order_id, 1, 'paid', 'CNY', order_id,
                array[{cost}, {frozen}], array[119, -119], now() - interval '20 days'
         from order_line where order_id <= $1 and promoter1_id < $2 + $3"
    );
    let statements = [
        "insert into orders (lane, community_id, order_id, member_id, state, closes_at, hold_until, placed_at,
                             paid_at, received_minor, shipped_at, received_at, due_at)
         select lane, community_id, n, 1, 'received', now() - interval '20 days',
                now() - interval '19 days', now() - interval '21 days', now() - interval '20 days', 3990,
                now() - interval '19 days', now() - interval '15 days', now() - interval '1 hour'
         from community, generate_series(1, $1) as n where $2 + $3 > 0",
        "insert into order_line (lane, community_id, order_id, line, offer_id, qty, price_minor,
                                 promoter1_id, rate1_bps, earned1_minor, reversed1_minor)
         select lane, community_id, order_id, 1, 1, 1, 3990, $3 + order_id % $2, 300, 119, 0
         from orders where order_id <= $1",
        &earned,
        "insert into balance (lane, community_id, account_no, currency, amount)
         select lane, community_id, account_no, 'CNY', sum(amount)
         from journal, unnest(accounts, amounts) as leg (account_no, amount)
         where $1 + $2 + $3 > 0 group by 1, 2, 3",
    ];
    for statement in statements {
        sqlx::query(AssertSqlSafe(statement))
            .bind(each)
            .bind(promoters)
            .bind(FIRST_PROMOTER)
            .execute(owner)
            .await?;
    }
    Ok(())
}

/// A timer for each community, due now.
async fn wake(owner: &PgPool) -> anyhow::Result<()> {
    sqlx::query(
        "insert into timer (lane, due_at, community_id, key, body)
         select lane, now(), community_id, 'settle', $1 from community",
    )
    .bind(sqlx::types::Json(crate::domain::event::Timer::Settle))
    .execute(owner)
    .await?;
    Ok(())
}

/// Wait until no order is due any more.
async fn all_closed(owner: &PgPool) -> anyhow::Result<()> {
    let end = Instant::now() + PATIENCE;
    let due = "select exists (select from timer where key = 'settle')";
    while sqlx::query_scalar::<_, bool>(due).fetch_one(owner).await? {
        anyhow::ensure!(Instant::now() < end, "commissions are not settled");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}

/// Every commission is available, none is frozen, and the ledger says so too.
async fn verify(owner: &PgPool, expected: i64) -> anyhow::Result<()> {
    let [is_available, is_frozen] =
        [Purse::Available, Purse::Frozen].map(|purse| chart::is("account_no", purse));
    let sql = format!(
        "select (select count(*) from orders_now where state = 'closed'),
                (select coalesce(-sum(amount), 0)::bigint from balance where {is_available}),
                (select coalesce(-sum(amount), 0)::bigint from balance where {is_frozen})"
    );
    let (closed, available, frozen): (i64, i64, i64) =
        sqlx::query_as(AssertSqlSafe(sql)).fetch_one(owner).await?;
    anyhow::ensure!(
        (closed, available, frozen) == (expected, expected * 119, 0),
        "the books are wrong: {closed} closed, {available} available, {frozen} frozen, of {expected}"
    );
    Ok(())
}
