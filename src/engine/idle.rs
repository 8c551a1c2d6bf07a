//! Waiting until everything is done: nothing unhandled in the inbox, no timer due, nothing to send.

use std::time::Duration;

use crate::store::{StoreError, outbox};

use super::Engine;

/// How often to look.
const LOOK: Duration = Duration::from_millis(5);

/// Whether all that was stored, and all that is due by now, has been handled and delivered.
///
/// # Errors
/// [`StoreError`].
pub async fn is_settled(engine: &Engine) -> Result<bool, StoreError> {
    let handled: bool = sqlx::query_scalar(
        "select not exists (select from lane l join inbox i on i.lane = l.lane and i.seq > l.done_seq)
            and not exists (select from alarm where fires_at <= $1)",
    )
    .bind(engine.clock.now())
    .fetch_one(&engine.db)
    .await?;
    Ok(handled && outbox::is_empty(&engine.db, engine.clock.now()).await?)
}

/// Wait until all is idle; `false` when that took longer than `patience`.
///
/// # Errors
/// [`StoreError`].
pub async fn wait(engine: &Engine, patience: Duration) -> Result<bool, StoreError> {
    let end = tokio::time::Instant::now() + patience;
    loop {
        if is_settled(engine).await? {
            return Ok(true);
        }
        if tokio::time::Instant::now() >= end {
            return Ok(false);
        }
        tokio::time::sleep(LOOK).await;
    }
}
