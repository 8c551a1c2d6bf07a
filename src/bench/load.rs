//! The load: so many members wait at once, each for the commit of their own order, and whoever has it
//! makes room for the next. Every order is by a member who has none of that offer.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use anyhow::Context;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::domain::event::{Body, Contact};
use crate::domain::ids::{AccountId, CommunityId};
use crate::domain::message::HeardMessage;
use crate::engine::intake::Cause;
use crate::engine::{Committed, Engine};

use super::fixture;

/// What members write. All of it means one box of the first offer.
const TEXTS: [&str; 6] = ["A1 一份", "a1+1", "阳光玫瑰 1箱", "A1 1份", "来一箱阳光玫瑰", "A1+1"];

/// Orders still to be made.
#[derive(Debug)]
pub struct Supply {
    account: AccountId,
    communities: Vec<CommunityId>,
    first: i64,
    each: i64,
    next: AtomicI64,
    stopped: AtomicBool,
}

impl Supply {
    /// One order by each of the buyers `first ..` of each community, `each` of them.
    #[must_use]
    pub fn new(account: AccountId, communities: Vec<CommunityId>, first: i64, each: i64) -> Self {
        let (next, stopped) = (AtomicI64::new(0), AtomicBool::new(false));
        Self { account, communities, first, each, next, stopped }
    }

    /// No more orders from now on.
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    /// Whether there are none any more.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }

    /// The next order, for the member who waits in `place`.
    fn take(&self, place: usize) -> Option<Cause> {
        if self.is_stopped() {
            return None;
        }
        let n = usize::try_from(self.next.fetch_add(1, Ordering::Relaxed)).ok()?;
        let round = i64::try_from(n / self.communities.len()).ok()?;
        if round >= self.each {
            self.stop();
            return None;
        }
        let number = self.first + round;
        let (key, name) = fixture::member(number);
        let body = Body::Said {
            from: Contact { key, name },
            message: HeardMessage::of(TEXTS[n % TEXTS.len()]),
            private: false,
        };
        Some(Cause {
            account: self.account,
            community: self.communities[n % self.communities.len()],
            key: format!("{place}:{number}:{n}"),
            sent_at: None,
            body,
        })
    }
}

/// What members waited for.
#[derive(Debug, Default)]
pub struct Waits {
    /// From stored to committed, sorted.
    pub decided: Vec<Duration>,
    /// From handed in to committed, sorted.
    pub whole: Vec<Duration>,
}

/// Places to wait in, each told of the commits of what was handed in there.
pub struct WaitingPlaces {
    listening: Vec<mpsc::UnboundedReceiver<Instant>>,
}

impl WaitingPlaces {
    /// So many places at this engine, which has none yet.
    ///
    /// # Errors
    /// When it has.
    pub fn at(engine: &Engine, count: usize) -> anyhow::Result<Self> {
        let (listener, committed) = mpsc::unbounded_channel();
        engine.listener.set(listener).ok().context("somebody else is listening")?;
        let (telling, listening) = (0..count).map(|_| mpsc::unbounded_channel()).unzip();
        drop(tokio::spawn(tell(committed, telling))); // ends with the engine, which keeps the sender
        Ok(Self { listening })
    }

    /// Hand in orders for as long as there are some; returns how long they took.
    ///
    /// # Errors
    /// When the engine stops.
    pub async fn fill(
        &mut self,
        engine: &Arc<Engine>,
        supply: &Arc<Supply>,
    ) -> anyhow::Result<Waits> {
        let mut members = JoinSet::new();
        for (place, told) in self.listening.drain(..).enumerate() {
            members.spawn(order_on(Arc::clone(engine), Arc::clone(supply), place, told));
        }
        let mut waits = Waits::default();
        let mut back: Vec<_> = Vec::new();
        while let Some(member) = members.join_next().await {
            let (place, told, mine) = member??;
            waits.decided.extend(mine.decided);
            waits.whole.extend(mine.whole);
            back.push((place, told));
        }
        back.sort_by_key(|(place, _)| *place);
        self.listening = back.into_iter().map(|(_, told)| told).collect();
        waits.decided.sort_unstable();
        waits.whole.sort_unstable();
        Ok(waits)
    }
}

type ToldSender = mpsc::UnboundedReceiver<Instant>;

async fn order_on(
    engine: Arc<Engine>,
    supply: Arc<Supply>,
    place: usize,
    mut told: ToldSender,
) -> anyhow::Result<(usize, ToldSender, Waits)> {
    let mut waits = Waits::default();
    while let Some(cause) = supply.take(place) {
        let handed_in = Instant::now();
        engine.intake.store(cause).await?;
        let stored = Instant::now();
        let committed = told.recv().await.context("the engine stopped")?;
        waits.decided.push(committed.saturating_duration_since(stored));
        waits.whole.push(committed.saturating_duration_since(handed_in));
    }
    Ok((place, told, waits))
}

/// Pass on each commit to the place that waits for it.
async fn tell(
    mut committed: mpsc::UnboundedReceiver<Committed>,
    telling: Vec<mpsc::UnboundedSender<Instant>>,
) {
    while let Some(batch) = committed.recv().await {
        for event in batch.events {
            let place = event.key.split(':').next().and_then(|place| place.parse::<usize>().ok());
            if let Some(telling) = place.and_then(|place| telling.get(place)) {
                let _ = telling.send(batch.at); // the bench may be over
            }
        }
    }
}
