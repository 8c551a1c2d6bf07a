//! Timers that fall due become events of the inbox, each once. Catching up after an outage is the same path, in
//! order of due time.
//!
//! A lane handles in order of arrival, so whoever writes waits for everything that is in the inbox already.
//! Thousands of timers fall due together at midnight: they are handed in a few at a time, the next when
//! those are done, and a member's message waits for a few of them only.
//!
//! While the time is doubted (see [`doubt`](super::doubt)), timers that release or pay wait.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::domain::event::Body;
use crate::domain::ids::{AccountId, Lane};
use crate::domain::time::Timestamp;
use crate::store::timers::Looked;
use crate::store::{StoreError, doubt, timers};

use super::doubt::DoubtTurn;
use super::intake::Cause;
use super::{Engine, batch};

/// How often it looks at the clock, and beside other processes at the timers.
const TICK: Duration = Duration::from_millis(200);

/// How often operators are asked whether they accept a time that is doubted.
const ASK: Duration = Duration::from_secs(1);

/// The longest that it does not look at the clock while all is quiet: the clock may be set.
const REST: Duration = Duration::from_secs(1);

/// How far ahead it looks while all is quiet.
const AHEAD: chrono::Duration = chrono::Duration::seconds(5);

/// The most timers of one lane that are fired and not handled yet: about a fiftieth of a second's work
/// when each settles a hundred orders.
const WAITING_MAX: i64 = 8;

pub(super) async fn run(engine: Arc<Engine>) {
    let (mut fired, mut told) = (BTreeSet::new(), None);
    let mut quiet = Quiet::default();
    while !engine.stop.is_cancelled() {
        let (now, turn) = engine.clock.look();
        if let Some(turn) = turn {
            announce(&turn);
        }
        if let Err(error) = mind(&engine, &mut told, turn).await {
            tracing::warn!(%error, "whether the time is accepted could not be read");
        }
        if !quiet.holds(&engine, now)
            && let Err(error) = fire(&engine, now, &mut fired).await
        {
            tracing::warn!(%error, "timers could not be read");
        }
        tokio::select! {
            () = tokio::time::sleep(quiet.rest(now)) => {
                if let Err(error) = quiet.renew(&engine, now).await {
                    tracing::warn!(%error, "when the next timer falls due could not be read");
                }
            }
            () = engine.wakes.timers.notified() => quiet = Quiet::default(),
            () = engine.stop.cancelled() => {}
        }
    }
}

/// A time in which no timer falls due, unless one is set meanwhile: then it is over. Only a process that
/// works alone knows of such times.
#[derive(Debug, Default)]
struct Quiet {
    until: Option<Timestamp>,
}

impl Quiet {
    /// Whether nothing falls due yet.
    fn holds(&self, engine: &Engine, now: Timestamp) -> bool {
        engine.stats.is_alone() && self.until.is_some_and(|until| now < until)
    }

    /// How long to wait before the clock is looked at again.
    fn rest(&self, now: Timestamp) -> Duration {
        let left = self.until.and_then(|until| (until - now).to_std().ok());
        left.map_or(TICK, |left| left.min(REST))
    }

    /// Look ahead, where the last look does not reach any more.
    async fn renew(&mut self, engine: &Engine, now: Timestamp) -> Result<(), StoreError> {
        if engine.stats.is_alone() && self.until.is_none_or(|until| until <= now) {
            let horizon = now + AHEAD;
            let next = timers::next_before(&engine.db, &lanes(engine), horizon).await?;
            self.until = Some(next.unwrap_or(horizon));
        }
        Ok(())
    }
}

fn lanes(engine: &Engine) -> Vec<Lane> {
    (0..engine.lanes).map(Lane).collect()
}

/// Say in the log what has just changed about the time.
pub(super) fn announce(turn: &DoubtTurn) {
    match turn {
        DoubtTurn::Leapt(by) => tracing::error!(
            by_seconds = by.num_seconds(),
            "the clock leapt: orders do not lapse and nothing is settled until the time is known; if it is right, say so: tuan clock accept"
        ),
        DoubtTurn::CameBack => tracing::warn!("the clock came back; timers go on"),
        DoubtTurn::Accepted => tracing::warn!("an operator accepted the time; timers go on"),
        DoubtTurn::Borne => tracing::warn!("messages bear the new time; timers go on"),
        DoubtTurn::Stood => tracing::warn!("the new time has stood for an hour; timers go on"),
    }
}

/// While the time is doubted, tell operators so, and ask whether they accept it. `told`: when they were told
/// last.
async fn mind(
    engine: &Engine,
    told: &mut Option<Instant>,
    turn: Option<DoubtTurn>,
) -> Result<(), StoreError> {
    let Some(doubt) = engine.clock.doubt() else {
        if told.take().is_some() {
            doubt::forget(&engine.db, &engine.owner).await?;
        }
        return Ok(());
    };
    let is_new = told.is_none() || matches!(turn, Some(DoubtTurn::Leapt(_)));
    if !is_new && told.is_some_and(|at| at.elapsed() < ASK) {
        return Ok(());
    }
    *told = Some(Instant::now());
    let by = doubt.by.num_seconds();
    if doubt::tell(&engine.db, &engine.owner, by, is_new).await?
        && let Some(turn) = engine.clock.accept()
    {
        announce(&turn);
    }
    Ok(())
}

/// Fire what is due. What was fired and is not handled yet is still there; it is not handed in twice.
async fn fire(
    engine: &Engine,
    now: Timestamp,
    fired: &mut BTreeSet<String>,
) -> Result<(), StoreError> {
    let lanes = lanes(engine);
    let is_doubted = engine.clock.doubt().is_some();
    let looked = Looked { now, most: WAITING_MAX, is_doubted };
    let due = timers::due(&engine.db, &lanes, &engine.health.listening(), looked).await?;
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
