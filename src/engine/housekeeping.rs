//! Housekeeping: stored texts are blanked when they are old enough, and those of erased members soon; sessions
//! that ended are forgotten.
//! One process does it at a time; nothing else depends on it.

use std::sync::Arc;
use std::time::Duration;

use crate::domain::ids::Lane;
use crate::store::people::privacy;
use crate::store::{StoreError, inbox, lanes, outbox, sessions};

use super::Engine;

/// How often old texts are blanked.
const TURN: Duration = Duration::from_hours(1);

/// How often erasures are looked for: whoever asks to be forgotten should not wait an hour.
const LOOK: Duration = Duration::from_secs(30);

/// A blanking statement that changed fewer rows than this has nothing left to do.
const FULL: u64 = 10_000;

/// Keep house until the engine stops. Texts are kept for `days`.
pub async fn run(engine: Arc<Engine>, days: u32) {
    let mut turned: Option<tokio::time::Instant> = None;
    while !engine.stop.is_cancelled() {
        let full = turned.is_none_or(|at| at.elapsed() >= TURN);
        match turn(&engine, days, full).await {
            Ok(()) if full => turned = Some(tokio::time::Instant::now()),
            Ok(()) => {}
            Err(error) => tracing::warn!(%error, "stored texts could not be blanked"),
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            () = engine.stop.cancelled() => {}
        }
    }
}

async fn turn(engine: &Engine, days: u32, full: bool) -> Result<(), StoreError> {
    if !lanes::hold(&engine.db, "housekeeping", &engine.owner).await? {
        return Ok(());
    }
    if full {
        sessions::sweep(&engine.db).await?;
    }
    for lane in (0..engine.lanes).map(Lane) {
        privacy::sweep(&engine.db, &engine.seal, lane).await?;
        // By a wrong time everything would be old.
        if full && engine.clock.doubt().is_none() {
            blank_old(engine, lane, days).await?;
        }
    }
    Ok(())
}

/// Blank what is older than `days`, in bounded steps.
///
/// # Errors
/// [`StoreError`].
pub async fn blank_old(engine: &Engine, lane: Lane, days: u32) -> Result<(), StoreError> {
    let before = engine.clock.now() - chrono::Duration::days(i64::from(days));
    while inbox::blank_before(&engine.db, lane, before).await? >= FULL {}
    while outbox::blank_before(&engine.db, lane, before).await? >= FULL {}
    Ok(())
}
