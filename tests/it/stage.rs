//! A whole shop in this process, on a database of its own: engine, sender and simulated chat, with a
//! clock that only the test moves. Opened from the text of an operator's file.
//!
//! What it may leave behind when a test ends, and whether its books are sound, is in `sound`.

use std::sync::Arc;
use std::time::Duration;

use sqlx::PgPool;
use tuan::app::room::Room;
use tuan::app::{App, Opening, clock};
use tuan::config::{self, Config};
use tuan::domain::event::Body;
use tuan::domain::ids::CommunityId;
use tuan::domain::time::Timestamp;
use tuan::engine::intake::Cause;
use tuan::engine::{Clock, settled};
use tuan::store::pool;
use tuan::store::seal::Seal;

use crate::db::TestDb;
use crate::sound;

/// Lanes of every test database.
pub(crate) const LANES: i16 = 4;

/// Connections of one shop: engine tasks hold few at a time, and many tests share one server.
const CONNECTIONS: u32 = 6;

/// A step that takes longer than this hangs.
const PATIENCE: Duration = Duration::from_secs(20);

/// The shop that `tuan demo` opens.
pub(crate) const DEMO: &str = include_str!("../../deploy/demo.toml");

/// A running shop.
pub(crate) struct Stage {
    pub(crate) app: Arc<App>,
    pub(crate) pool: PgPool,
    pub(crate) key: String,
    config: Config,
    db: TestDb,
}

/// A migrated database of its own.
pub(crate) async fn database() -> TestDb {
    TestDb::create(async |owner| pool::migrate(owner, LANES).await.expect("migrations run")).await
}

/// An operator's file as it is meant; its faults fail the test.
pub(crate) fn config(text: &str) -> Config {
    let (config, faults) = config::check(text);
    let faults: Vec<_> = faults.iter().map(ToString::to_string).collect();
    config.unwrap_or_else(|| panic!("the shop's file has faults:\n{}", faults.join("\n")))
}

impl Stage {
    /// Open the shop of this file, at this instant of its clock.
    pub(crate) async fn open(text: &str, start: Timestamp) -> Self {
        Self::open_as(config(text), start).await
    }

    /// Open a shop that a test has made to measure.
    pub(crate) async fn open_as(config: Config, start: Timestamp) -> Self {
        let db = database().await;
        let pool = pool::connect(db.app(), CONNECTIONS).await.unwrap();
        let key = Seal::fresh_key();
        let app = opened(&pool, &key, config.clone(), start).await;
        Self { app, pool, key, config, db }
    }

    /// Stop the shop and open it again on the same database when `later` has passed.
    pub(crate) async fn close_for(&mut self, later: chrono::Duration) {
        let start = self.now() + later;
        self.app.engine.shut_down().await;
        self.app = opened(&self.pool, &self.key, self.config.clone(), start).await;
        self.settle().await;
    }

    /// A second process on the same database, as far as it can tell.
    pub(crate) async fn colleague(&self) -> Arc<App> {
        let pool = pool::connect(self.db.app(), CONNECTIONS).await.unwrap();
        opened(&pool, &self.key, self.config.clone(), self.now()).await
    }

    /// The database, as its owner: tests may damage what the application cannot.
    pub(crate) async fn owner(&self) -> sqlx::PgConnection {
        sqlx::ConnectOptions::connect(&self.db.owner()).await.unwrap()
    }

    /// The shop's time.
    pub(crate) fn now(&self) -> Timestamp {
        self.app.engine.clock.now()
    }

    /// Move the clock, timer by timer.
    pub(crate) async fn advance(&self, by: chrono::Duration) {
        clock::advance(&self.app.engine, by).await.unwrap();
    }

    /// Wait until all that was said is handled and answered.
    pub(crate) async fn settle(&self) {
        settle(&self.app).await;
    }

    /// The room of a community.
    pub(crate) async fn room(&self, slug: &str) -> Room {
        self.app.room(slug).await.unwrap_or_else(|| panic!("no community {slug}"))
    }

    /// Hand in a cause that is no message of a room, and wait for what comes of it.
    pub(crate) async fn hand_in(&self, slug: &str, key: &str, body: Body) {
        let account = self.app.simulator.as_ref().expect("the shop is simulated").account();
        let (community, key) = (CommunityId::of(slug), key.to_owned());
        let cause = Cause { account, community, key, sent_at: None, body };
        self.app.engine.intake.store(cause).await.unwrap();
        self.settle().await;
    }

    /// Let the first day's members of a community join, as the demo does.
    pub(crate) async fn seed(&self, slug: &str) {
        let policy = self.app.policy().await;
        let community = policy.community(slug).expect("the community is in the file");
        let room = self.room(slug).await;
        for member in &community.seed {
            self.app.join(&room, &member.name, member.invited_by.as_deref()).await.unwrap();
        }
        self.settle().await;
    }

    /// Stop everything. Not needed after a failure: the process ends then.
    pub(crate) async fn close(self) {
        self.app.engine.shut_down().await;
        self.pool.close().await;
    }
}

async fn opened(pool: &PgPool, key: &str, config: Config, start: Timestamp) -> Arc<App> {
    // `RUST_LOG=tuan=warn` shows what the engine has to say; the second shop finds it set.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
        .with_test_writer()
        .try_init();
    let seal = Arc::new(Seal::new(key).unwrap());
    let opening = Opening { db: pool.clone(), seal, clock: Clock::starting_at(start), config };
    let app = App::open(opening).await.unwrap();
    app.start();
    settle(&app).await;
    Arc::new(app)
}

async fn settle(app: &App) {
    if !settled::wait(&app.engine, PATIENCE).await.unwrap() {
        let faults = sound::faults(&app.engine.db).await.join("\n  ");
        panic!("not settled within {PATIENCE:?} at {}:\n  {faults}", app.engine.clock.now());
    }
}
