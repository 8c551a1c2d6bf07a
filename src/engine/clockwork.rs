//! Clockwork: timers that fall due become events of the inbox, each once. Catching up after an outage
//! is the same path, in order of due time.
//!
//! A lane handles in order of arrival, so whoever writes waits for everything that is in the inbox already.
//! Thousands of timers fall due together at midnight: they are handed in a few at a time, the next when
//! those are done, and a member's message waits for a few of them only.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use crate::domain::event::Body;
use crate::domain::ids::{AccountId, Lane};
use crate::store::{StoreError, timers};

use super::intake::Cause;
use super::{Engine, batch};

/// How often the clockwork looks.
const TICK: Duration = Duration::from_millis(200);

/// The most timers of one lane that are fired and not handled yet: about a fiftieth of a second's work
/// when each settles a hundred orders.
const WAITING_MAX: i64 = 8;

pub(super) async fn run(engine: Arc<Engine>) {
    let mut fired = BTreeSet::new();
    while !engine.stop.is_cancelled() {
        if let Err(error) = fire(&engine, &mut fired).await {
            tracing::warn!(%error, "timers could not be read");
        }
        tokio::select! {
            () = tokio::time::sleep(TICK) => {}
            () = engine.wakes.clockwork.notified() => {}
            () = engine.stop.cancelled() => {}
        }
    }
}

/// Fire what is due. What was fired and is not handled yet is still there; it is not handed in twice.
async fn fire(engine: &Engine, fired: &mut BTreeSet<String>) -> Result<(), StoreError> {
    let lanes: Vec<_> = (0..engine.lanes).map(Lane).collect();
    let (listening, limits) = (engine.health.listening(), (engine.clock.now(), WAITING_MAX));
    let due = timers::due(&engine.db, &lanes, &listening, limits).await?;
    let key = |it: &timers::DueTimer| batch::timer_key(it.community, it.due_at, &it.timer.key());
    fired.retain(|old| due.iter().any(|it| key(it) == *old));
    let mut storing = Vec::new();
    for timer in due {
        let key = key(&timer);
        if !fired.insert(key.clone()) {
            continue;
        }
        let cause = Cause {
            account: AccountId::SYSTEM,
            community: timer.community,
            key,
            sent_at: None,
            body: Body::Due(timer.timer),
        };
        let Ok(stored) = engine.intake.hand_in(cause).await else { return Ok(()) };
        storing.push(stored);
    }
    for stored in storing {
        let _ = stored.await; // the engine may stop before; the timer is still there
    }
    Ok(())
}
