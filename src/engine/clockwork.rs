//! Clockwork: timers that fall due become events of the inbox, each once. Catching up after an outage
//! is the same path, in order of due time.

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

/// The most timers fired at one look; the rest at the next.
const FIRED_MAX: i64 = 1_000;

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
    let due = timers::due(&engine.db, &lanes, engine.clock.now(), FIRED_MAX).await?;
    let key = |it: &timers::DueTimer| batch::timer_key(it.community, it.due_at, &it.timer.key());
    fired.retain(|old| due.iter().any(|it| key(it) == *old));
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
        if engine.intake.store(cause).await.is_err() {
            return Ok(());
        }
    }
    Ok(())
}
