//! The engine: inbox → lane → batch → outbox. It alone begins transactions and knows the time.
//!
//! Tasks: one intake, one worker for each lane held, one task for leases, one for timers, and one sender
//! for each platform account. They share an [`Engine`] and end when its `stop` is cancelled.

pub mod answers;
pub mod batch;
pub mod clock;
pub mod connection_cache;
pub mod doubt;
pub mod handoff;
pub mod health;
pub mod housekeeping;
pub mod idle;
pub mod intake;
pub mod lane;
pub mod leases;
pub mod listeners;
#[cfg(test)]
mod mention_tests;
pub mod operator;
pub mod rate_limit;
pub mod reception;
pub mod sender;
pub mod stats;
pub mod timers;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use sqlx::PgPool;
use tokio::sync::{Notify, Semaphore, mpsc, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::domain::event::Event;
use crate::domain::ids::{AccountId, Lane};
use crate::render::Words;
use crate::store::data_key::{self, Misfit};
use crate::store::outbox::UnfinishedMessage;
use crate::store::{Seal, lanes};

pub use clock::Clock;
pub use connection_cache::ConnectionCache;
pub use handoff::Handoff;
pub use health::Health;
pub use intake::Intake;
pub use stats::EngineStats;

/// How many batches may be decided or written at once in one process, of one lane or of several. Two keep
/// a two-core database busy while one of them waits for its commit.
pub const BATCHES_IN_FLIGHT: usize = 2;

/// What the tasks of one process share.
#[derive(Debug)]
pub struct Engine {
    /// Connections, in the application's role.
    pub db: PgPool,
    /// Seals and opens personal data.
    pub seal: Arc<Seal>,
    /// The shop's time.
    pub clock: Clock,
    /// How many lanes the database was made with.
    pub lanes: i16,
    /// What the bot says.
    pub words: Words,
    /// The door.
    pub intake: Intake,
    /// Who wakes whom.
    pub wakes: Wakes,
    /// What was stored, for the workers of the lanes.
    pub stored: Handoff<Lane, Event>,
    /// What was decided to be said, for the senders.
    pub said: Handoff<(Lane, AccountId), UnfinishedMessage>,
    /// Counters.
    pub stats: EngineStats,
    /// How the accounts are.
    pub health: Health,
    /// How fast each account may speak.
    pub paces: rate_limit::Paces,
    /// This process, for leases.
    pub owner: String,
    /// The most events of one batch.
    pub batch_max: usize,
    /// Whoever wants to know what was committed, and when: the bench.
    pub listener: OnceLock<mpsc::UnboundedSender<Committed>>,
    /// Connections for the line.
    pub warm: ConnectionCache,
    /// Limits batches under way.
    pub in_flight: Arc<Semaphore>,
    /// Whether it works on lanes and timers.
    started: AtomicBool,
    /// Cancelled to end every task.
    pub stop: CancellationToken,
    /// Why it stopped by itself.
    pub gave_up: OnceLock<String>,
    /// Tasks to wait for.
    pub tasks: TaskTracker,
}

/// A batch that was committed.
#[derive(Debug)]
pub struct Committed {
    /// When this process knew.
    pub at: Instant,
    /// Its events.
    pub events: Vec<Event>,
}

/// How often a process that works alone looks for what nobody woke it for.
const ALONE: Duration = Duration::from_secs(5);

/// Who wakes whom. Every wake-up has a poll behind it, so a lost one costs time and nothing else.
#[derive(Debug)]
pub struct Wakes {
    lanes: Vec<Notify>,
    /// Something was written into the outbox.
    pub outbox: watch::Sender<()>,
    /// The clock was moved, or a timer was set.
    pub timers: Notify,
}

impl Wakes {
    fn new(lanes: i16) -> Self {
        Self {
            lanes: (0..lanes).map(|_| Notify::new()).collect(),
            outbox: watch::Sender::new(()),
            timers: Notify::new(),
        }
    }

    /// Wake a lane's worker.
    pub fn lane(&self, lane: Lane) {
        if let Some(notify) = self.of(lane) {
            notify.notify_one();
        }
    }

    /// Wake everybody: what they may rely on has changed.
    fn all(&self) {
        self.lanes.iter().for_each(Notify::notify_one);
        self.outbox.send_replace(());
        self.timers.notify_one();
    }

    fn of(&self, lane: Lane) -> Option<&Notify> {
        self.lanes.get(usize::try_from(lane.0).ok()?)
    }
}

impl Engine {
    /// An engine over a migrated database. Starts nothing yet.
    ///
    /// # Errors
    /// [`Misfit`] when the seal is not the database's, or that cannot be asked.
    pub async fn new(
        db: PgPool,
        seal: Arc<Seal>,
        clock: Clock,
        batch_max: usize,
    ) -> Result<Arc<Self>, Misfit> {
        data_key::compare(&db, &seal).await?;
        let lanes = lanes::count(&db).await?;
        let (intake, waiting) = Intake::new();
        let engine = Arc::new(Self {
            db,
            seal,
            clock,
            lanes,
            words: Words::new(),
            intake,
            wakes: Wakes::new(lanes),
            stored: Handoff::default(),
            said: Handoff::default(),
            stats: EngineStats::beside_others(),
            health: Health::default(),
            paces: rate_limit::Paces::default(),
            owner: crate::store::seal::random_hex(8),
            batch_max,
            listener: OnceLock::new(),
            warm: ConnectionCache::default(),
            in_flight: Arc::new(Semaphore::new(BATCHES_IN_FLIGHT)),
            started: AtomicBool::new(false),
            stop: CancellationToken::new(),
            gave_up: OnceLock::new(),
            tasks: TaskTracker::new(),
        });
        engine.spawn(intake::run(Arc::clone(&engine), waiting));
        Ok(engine)
    }

    /// Start working on lanes and timers.
    pub fn start(self: &Arc<Self>) {
        self.started.store(true, Ordering::Release);
        self.spawn(leases::run(Arc::clone(self)));
        self.spawn(leases::listen(Arc::clone(self)));
        self.spawn(timers::run(Arc::clone(self)));
    }

    /// Whether it works on lanes and timers, or only hands in what others handle.
    fn is_started(&self) -> bool {
        self.started.load(Ordering::Acquire)
    }

    /// How often to look for what nobody woke us for: as often as `shared` while other processes write into the
    /// same database, seldom while nobody does.
    fn poll(&self, shared: Duration) -> Duration {
        if self.stats.is_alone() { ALONE } else { shared }
    }

    /// Run a task that ends when the engine stops.
    pub fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.tasks.spawn(task);
    }

    /// Stop, for a reason that whoever runs the shop has to know.
    fn give_up(&self, why: String) {
        tracing::error!(why, "the shop stops");
        let _ = self.gave_up.set(why); // the first reason is the reason
        self.stop.cancel();
    }

    /// End all tasks: what is under way is finished, what waits stays in the inbox.
    pub async fn shut_down(&self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
        self.warm.close();
        // Leases would run out by themselves; giving them back lets others go on at once.
        let _ = lanes::leave(&self.db, &self.owner).await;
    }
}
