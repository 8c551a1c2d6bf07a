//! The demo's clock: the real one plus an offset, stored with the data. It starts at 09:59 of the first
//! community's day, runs at real speed, moves for all communities at once, and goes on after a restart
//! from where it stood.

use std::sync::Arc;
use std::time::Duration;

use chrono::NaiveTime;
use sqlx::PgPool;
use sqlx::types::Json;

use crate::domain::policy::Policy;
use crate::domain::time::{Timestamp, local_day, local_instant};
use crate::engine::{Clock, Engine, idle};
use crate::store::{outbox, timers};

/// How often the time is written down: a demo that is killed goes on from where it stood then, or from its last
/// message.
const TICK: Duration = Duration::from_secs(15);

/// How long one step of an advance may take to settle.
const PATIENCE: Duration = Duration::from_secs(30);

/// The most that the clock can be moved at once.
pub const ADVANCE_MAX: chrono::Duration = chrono::Duration::days(400);

/// The clock of a demo: where it stood, or 09:59 of today.
///
/// # Errors
/// Whatever the database says.
pub async fn restore(db: &PgPool, policy: &Policy) -> Result<Clock, sqlx::Error> {
    let stood: Option<Json<Timestamp>> =
        sqlx::query_scalar("select value from setting where key = 'clock'")
            .fetch_optional(db)
            .await?;
    let stored: Option<Timestamp> =
        sqlx::query_scalar("select max(stored_at) from inbox").fetch_one(db).await?;
    let last = stood.map(|Json(at)| at).into_iter().chain(stored).max();
    let system = Clock::system().now();
    let zone = policy.communities.first().map_or(chrono_tz::UTC, |it| it.time_zone);
    let morning = NaiveTime::from_hms_opt(9, 59, 0).unwrap_or(NaiveTime::MIN);
    let first = || local_instant(local_day(system, zone), morning, zone);
    Ok(Clock::starting_at(last.unwrap_or_else(first)))
}

/// Write the time down, now and then and at the end.
pub async fn keep(engine: Arc<Engine>) {
    loop {
        if let Err(error) = write(&engine).await {
            tracing::debug!(%error, "the demo's time was not written down");
        }
        if engine.stop.is_cancelled() {
            return;
        }
        tokio::select! {
            () = tokio::time::sleep(TICK) => {}
            () = engine.stop.cancelled() => {}
        }
    }
}

async fn write(engine: &Engine) -> Result<(), sqlx::Error> {
    sqlx::query(
        "insert into setting (key, value) values ('clock', $1)
         on conflict (key) do update set value = excluded.value",
    )
    .bind(Json(engine.clock.now()))
    .execute(&engine.db)
    .await
    .map(|_| ())
}

/// Move the clock forward, stopping on the way at every timer and wherever something waits to be said, so that each
/// comes at its time.
///
/// # Errors
/// Whatever the database says, or when a step does not settle.
pub async fn advance(engine: &Engine, by: chrono::Duration) -> anyhow::Result<Timestamp> {
    let target = engine.clock.now() + by.clamp(chrono::Duration::zero(), ADVANCE_MAX);
    loop {
        let (timer, said) = (timers::next(&engine.db).await?, outbox::next_due(&engine.db).await?);
        let next = timer.into_iter().chain(said).min().filter(|at| *at <= target);
        engine.clock.set(next.unwrap_or(target));
        engine.wakes.timers.notify_one();
        engine.wakes.outbox.send_replace(());
        let settled = idle::wait(engine, PATIENCE).await?;
        anyhow::ensure!(settled, "the shop did not settle in time");
        if next.is_none() {
            write(engine).await?;
            return Ok(engine.clock.now());
        }
    }
}
