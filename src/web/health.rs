//! How the shop is doing: for a supervisor (`/health`) and for Prometheus (`/metrics`).
//!
//! Counters are of this process; gauges come from the database and concern all processes.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::Site;
use crate::engine::EngineStats;
use crate::store::read::vitals::{self, Vitals};
use crate::store::{StoreError, lanes};

/// How long the database may take to answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// How often a write is tried.
const PROBE_EVERY: Duration = Duration::from_secs(1);

/// An event that waits longer than this means that the shop is stuck.
const STUCK_MS: i64 = 60_000;

/// `GET /health`.
pub(super) async fn health(State(site): State<Site>) -> Response {
    let Ok(vitals) = measure(&site).await else {
        let sick = json!({ "status": "sick", "database": false });
        return (StatusCode::SERVICE_UNAVAILABLE, Json(sick)).into_response();
    };
    let writes = takes_writes(&site).await;
    let is_well =
        writes && vitals.lanes_held == vitals.lanes && vitals.oldest_unhandled_ms < STUCK_MS;
    let status = if is_well { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let body = json!({
        "status": if is_well { "ok" } else { "sick" },
        "database": true,
        "writes": writes,
        "lanes": vitals.lanes,
        "lanes_held": vitals.lanes_held,
        "inbox_waiting": vitals.inbox_waiting,
        "oldest_unhandled_ms": vitals.oldest_unhandled_ms,
        "outbox_waiting": vitals.outbox_waiting,
        "parked": vitals.parked,
        // Nor does a doubted time: after a restart a wrong one would be believed.
        "clock": clock(&site),
        // A platform that is away makes nobody well by a restart, so it does not make the shop sick.
        "accounts": accounts(&site),
    });
    (status, Json(body)).into_response()
}

/// When a write was tried last, and whether it was taken.
pub(super) type Probe = Mutex<Option<(Instant, bool)>>;

/// Whether what happens can be stored: a disk that is full and a database that may only be read still answer
/// questions. Tried at most once a [`PROBE_EVERY`], however often anybody asks.
async fn takes_writes(site: &Site) -> bool {
    let engine = &site.app.engine;
    if engine.stats.is_inbox_failing.load(Ordering::Relaxed) {
        return false;
    }
    let mut last = site.probe.lock().await;
    if let Some((at, taken)) = *last
        && at.elapsed() < PROBE_EVERY
    {
        return taken;
    }
    let trying = tokio::time::timeout(PATIENCE, lanes::probe(&engine.db, &engine.owner));
    let taken = matches!(trying.await, Ok(Ok(())));
    *last = Some((Instant::now(), taken));
    taken
}

/// Whether the time is doubted, and how far the clock leapt then.
fn clock(site: &Site) -> serde_json::Value {
    match site.app.engine.clock.doubt() {
        None => json!({ "doubted": false }),
        Some(doubt) => json!({ "doubted": true, "leapt_by_seconds": doubt.by.num_seconds() }),
    }
}

/// Which accounts are connected, by key. Why one is not is for the operator: see `accounts`.
fn accounts(site: &Site) -> BTreeMap<String, bool> {
    let accounts = site.app.accounts().iter();
    accounts.map(|it| (it.key().to_owned(), it.health(&site.app.engine).ready)).collect()
}

/// `GET /metrics`.
pub(super) async fn metrics(State(site): State<Site>) -> Response {
    let mut text = counters(&site.app.engine.stats);
    let vitals = measure(&site).await;
    gauge(&mut text, "database_up", "Whether the database answers.", i64::from(vitals.is_ok()));
    let writes = vitals.is_ok() && takes_writes(&site).await;
    gauge(&mut text, "database_writable", "Whether it takes writes.", i64::from(writes));
    for (n, (key, is_ready)) in accounts(&site).into_iter().enumerate() {
        let help = (n == 0).then_some("Whether an account is connected, in this process.");
        text.push_str(&account_up(help, &key, is_ready));
    }
    let doubted = i64::from(site.app.engine.clock.doubt().is_some());
    gauge(&mut text, "clock_doubted", "Whether what releases or pays waits.", doubted);
    if let Ok(vitals) = vitals {
        for (name, help, value) in gauges(&vitals) {
            gauge(&mut text, name, help, value);
        }
    }
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
}

async fn measure(site: &Site) -> Result<Vitals, StoreError> {
    let engine = &site.app.engine;
    let measuring = vitals::measure(&engine.db, engine.clock.now());
    let late = |_| StoreError::Away(sqlx::Error::PoolTimedOut);
    let measured = tokio::time::timeout(PATIENCE, measuring).await.map_err(late)?;
    measured.inspect_err(|error| tracing::debug!(%error, "the shop's health is unknown"))
}

fn counters(stats: &EngineStats) -> String {
    let table: [(&str, &str, &AtomicU64); 8] = [
        ("batches_total", "Batches committed.", &stats.batches),
        ("events_total", "Events handled.", &stats.events),
        ("statements_total", "Statements of those batches.", &stats.statements),
        ("retries_total", "Batches that had to be done again.", &stats.retries),
        ("parked_total", "Events that failed alone and were parked.", &stats.parked),
        ("sent_total", "Messages sent.", &stats.sent),
        ("spared_total", "Answers spared: just said, or asked for too often.", &stats.spared),
        ("unsent_total", "Messages given up, or with an unknown outcome.", &stats.unsent),
    ];
    let mut text = String::new();
    for (name, help, counter) in table {
        sample(&mut text, name, help, "counter", &counter.load(Ordering::Relaxed));
    }
    let missed = stats.missed.lock().unwrap_or_else(PoisonError::into_inner).values().sum::<u64>();
    let help = "Facts that nobody foresaw, loaded one by one.";
    sample(&mut text, "unforeseen_total", help, "counter", &missed);
    let largest = stats.largest_batch.load(Ordering::Relaxed);
    sample(&mut text, "largest_batch_events", "The most events of one batch.", "gauge", &largest);
    text
}

fn gauges(vitals: &Vitals) -> [(&'static str, &'static str, i64); 6] {
    [
        ("lanes", "Lanes of the database.", vitals.lanes),
        ("lanes_held", "Lanes that some process works on.", vitals.lanes_held),
        ("inbox_waiting", "Events stored and not handled.", vitals.inbox_waiting),
        (
            "oldest_unhandled_milliseconds",
            "Age of the oldest event not handled.",
            vitals.oldest_unhandled_ms,
        ),
        ("outbox_waiting", "Messages not delivered yet.", vitals.outbox_waiting),
        ("parked", "Parked events that wait for a person.", vitals.parked),
    ]
}

/// The line of one account; keys are letters, digits and dashes, so they need no escaping.
fn account_up(help: Option<&str>, key: &str, is_ready: bool) -> String {
    let head =
        help.map(|help| format!("# HELP tuan_account_up {help}\n# TYPE tuan_account_up gauge\n"));
    format!(
        "{}tuan_account_up{{account=\"{key}\"}} {}\n",
        head.unwrap_or_default(),
        i32::from(is_ready)
    )
}

fn gauge(text: &mut String, name: &str, help: &str, value: i64) {
    sample(text, name, help, "gauge", &value);
}

fn sample(text: &mut String, name: &str, help: &str, kind: &str, value: &dyn std::fmt::Display) {
    // Writing into a string does not fail.
    let _ =
        writeln!(text, "# HELP tuan_{name} {help}\n# TYPE tuan_{name} {kind}\ntuan_{name} {value}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_are_what_prometheus_reads() {
        let stats = EngineStats::default();
        stats.events.store(12, Ordering::Relaxed);
        let text = counters(&stats);
        assert!(text.contains(
            "# HELP tuan_events_total Events handled.\n# TYPE tuan_events_total counter\ntuan_events_total 12\n"
        ));
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let (name, value) = line.split_once(' ').unwrap();
            assert!(name.starts_with("tuan_") && value.parse::<u64>().is_ok(), "{line}");
        }
    }
}
