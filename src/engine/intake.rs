//! Intake: the only way into the inbox, batched as lanes are. One insert is in flight; whatever arrives
//! meanwhile makes the next one. Whoever hands something in is told once it is committed.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use chrono::SubsecRound as _;
use tokio::sync::{mpsc, oneshot};

use crate::domain::event::{Body, Event};
use crate::domain::ids::{AccountId, CommunityId, EventId, Lane};
use crate::domain::orders::chain;
use crate::domain::time::Timestamp;
use crate::platform::heard::KEY_MAX;
use crate::store::StoreError;
use crate::store::inbox::{self, GivenPlaces, Incoming};

use super::Engine;
use super::handoff::Stretch;

/// The most causes that wait for storing; beyond it, adapters wait.
const WAITING_MAX: usize = 4_096;

/// The most causes of one insert.
const BATCH_MAX: usize = 512;

/// A text longer than this is cut: no order is that long.
pub const TEXT_MAX: usize = 64 * 1024;

/// Members counted as founding at linking; the others are when they speak.
pub const MEMBERS_MAX: usize = 2_000;

/// How long after sending a message may arrive and still count from when it was sent.
const REPLAY_WINDOW: chrono::Duration = chrono::Duration::hours(24);

/// How long to wait before storing again when the database is away.
const AWAY_PAUSE: Duration = Duration::from_millis(200);

/// Something that happened, as an adapter hands it in.
#[derive(Clone, Debug)]
pub struct Cause {
    /// The account it came through.
    pub account: AccountId,
    /// The community it concerns.
    pub community: CommunityId,
    /// It counts once under this key.
    pub key: String,
    /// When the platform says it was sent.
    pub sent_at: Option<Timestamp>,
    /// What happened.
    pub body: Body,
}

/// Why a cause was not stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotStored {
    /// The engine stopped before; the platform will send it again.
    #[error("not stored: the shop is shutting down")]
    Stopping,
    /// Cut, its key could be another's, and one of the two would be lost.
    #[error("not stored: its key has more than {KEY_MAX} characters")]
    KeyTooLong,
}

type WaitingCommits = (Cause, oneshot::Sender<()>);

/// The door.
#[derive(Clone, Debug)]
pub struct Intake {
    door: mpsc::Sender<WaitingCommits>,
}

impl Intake {
    pub(super) fn new() -> (Self, mpsc::Receiver<WaitingCommits>) {
        let (door, waiting) = mpsc::channel(WAITING_MAX);
        (Self { door }, waiting)
    }

    /// Store a cause; returns once it is committed. The same key twice counts once.
    ///
    /// # Errors
    /// [`NotStored`]; when the shop shuts down, the platform must not be acknowledged.
    pub async fn store(&self, cause: Cause) -> Result<(), NotStored> {
        self.hand_in(cause).await?.await.map_err(|_| NotStored::Stopping)
    }

    /// Hand in a cause, in order; the answer comes once it is committed.
    ///
    /// # Errors
    /// [`NotStored`].
    pub async fn hand_in(&self, cause: Cause) -> Result<oneshot::Receiver<()>, NotStored> {
        let (stored, told) = oneshot::channel();
        self.hand_over(cause, stored).await?;
        Ok(told)
    }
}

impl Intake {
    /// Hand in a cause, in order; `stored` is told once it is committed.
    ///
    /// # Errors
    /// [`NotStored`].
    pub async fn hand_over(
        &self,
        cause: Cause,
        stored: oneshot::Sender<()>,
    ) -> Result<(), NotStored> {
        if cause.key.chars().count() > KEY_MAX {
            return Err(NotStored::KeyTooLong);
        }
        self.door.send((cause, stored)).await.map_err(|_| NotStored::Stopping)
    }
}

pub(super) async fn run(engine: Arc<Engine>, mut waiting: mpsc::Receiver<WaitingCommits>) {
    let mut taken = Vec::with_capacity(BATCH_MAX);
    loop {
        let count = tokio::select! {
            count = waiting.recv_many(&mut taken, BATCH_MAX) => count,
            () = engine.stop.cancelled() => return,
        };
        if count == 0 {
            return;
        }
        // Whoever was woken together hands in together: let them, or the first goes alone and the rest
        // wait for it. This is one turn of the scheduler, not a pause.
        tokio::task::yield_now().await;
        while taken.len() < BATCH_MAX
            && let Ok(more) = waiting.try_recv()
        {
            taken.push(more);
        }
        let now = engine.clock.now().trunc_subsecs(6); // as the database keeps it
        let (causes, told): (Vec<_>, Vec<_>) = taken.drain(..).unzip();
        let batch: Vec<_> =
            causes.into_iter().map(|cause| incoming(cause, now, engine.lanes)).collect();
        if store(&engine, batch).await {
            for stored in told {
                let _ = stored.send(()); // whoever asked may have left
            }
        }
    }
}

fn incoming(cause: Cause, now: Timestamp, lanes: i16) -> Incoming {
    let sent_at = cause.sent_at.map(|sent| sent.trunc_subsecs(6));
    let trusted = |sent: &Timestamp| *sent <= now && *sent >= now - REPLAY_WINDOW;
    Incoming {
        lane: cause.community.lane(lanes),
        account: cause.account,
        key: cause.key,
        community: cause.community,
        at: sent_at.filter(trusted).unwrap_or(now),
        stored_at: now,
        body: bounded(cause.body),
    }
}

/// Cut what is beyond all bounds, between characters.
fn bounded(mut body: Body) -> Body {
    if let Body::Linked { members, .. } = &mut body {
        members.truncate(MEMBERS_MAX);
    }
    if let Body::Chain { title, lines, .. } = &mut body {
        (*title, *lines) = chain::bounded(title, std::mem::take(lines));
    }
    if let Body::Said { message, .. } = &mut body {
        *message = std::mem::take(message).bounded(TEXT_MAX);
    }
    body
}

/// Store a batch, waiting for the database as long as it takes. `false` when the engine stops first.
async fn store(engine: &Engine, batch: Vec<Incoming>) -> bool {
    loop {
        match put(engine, &batch).await {
            Ok(places) => {
                engine.stats.is_inbox_failing.store(false, Ordering::Relaxed);
                hand_on(engine, batch, &places);
                wake(engine, places.keys()).await;
                return true;
            }
            Err(error @ (StoreError::Away(_) | StoreError::Contended(_))) => {
                tracing::warn!(%error, waiting = batch.len(), "the inbox cannot be written, trying again");
            }
            Err(error) => {
                // Every value here was made by us; a refusal is a bug, and nothing is lost by trying on.
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "the inbox refuses a batch"
                );
            }
        }
        engine.stats.is_inbox_failing.store(true, Ordering::Relaxed);
        tokio::select! {
            () = tokio::time::sleep(AWAY_PAUSE) => {}
            () = engine.stop.cancelled() => return false,
        }
    }
}

async fn put(
    engine: &Engine,
    batch: &[Incoming],
) -> Result<BTreeMap<Lane, GivenPlaces>, StoreError> {
    let mut db = engine.warm.take(&engine.db).await?;
    let places = inbox::store(&mut *db, &engine.seal, batch).await?;
    engine.warm.give(db);
    Ok(places)
}

/// Hand on what was stored. Where a key had been seen before, only the database knows which places are taken.
fn hand_on(engine: &Engine, batch: Vec<Incoming>, places: &BTreeMap<Lane, GivenPlaces>) {
    let begin = |at: &GivenPlaces| Stretch { after: at.after, to: at.after, items: Vec::new() };
    let mut stretches: BTreeMap<_, _> =
        places.iter().map(|(lane, at)| (*lane, begin(at))).collect();
    for incoming in batch {
        let Some(stretch) = stretches.get_mut(&incoming.lane) else { continue };
        stretch.to += 1;
        stretch.items.push(event(incoming, stretch.to));
    }
    for (lane, stretch) in stretches {
        if places.get(&lane).is_some_and(|at| at.all) {
            engine.stored.hand_on(lane, stretch);
        } else {
            engine.stored.look(lane);
        }
    }
}

fn event(it: Incoming, seq: i64) -> Event {
    let Incoming { lane, account, key, community, at, body, .. } = it;
    Event { id: EventId { lane, seq }, community, account, key, at, body }
}

/// Wake the workers of these lanes, in this process and in others.
async fn wake(engine: &Engine, lanes: impl Iterator<Item = &Lane> + Clone) {
    for &lane in lanes.clone() {
        engine.wakes.lane(lane);
    }
    if engine.stats.is_alone() {
        return;
    }
    for lane in lanes {
        let told = sqlx::query("select pg_notify('tuan_lane', $1)")
            .bind(format!("{lane}:{}", engine.owner))
            .execute(&engine.db)
            .await;
        if let Err(error) = told {
            tracing::debug!(%error, "other processes were not woken; they poll");
        }
    }
}
