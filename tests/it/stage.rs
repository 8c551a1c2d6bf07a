//! A whole shop in this process, on a database of its own: engine, sender and simulated chat, with a
//! clock that only the test moves. Opened from the text of an operator's file.
//!
//! What it may leave behind when a test ends, and whether its books are sound, is in `sound`.

use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, PgConnection, PgPool};
use tuan::app::{App, Opening, clock};
use tuan::config::{self, Config};
use tuan::domain::event::{Body, Contact, Evidence};
use tuan::domain::ids::{AccountId, CommunityId};
use tuan::domain::intent::Intent;
use tuan::domain::message::HeardMessage;
use tuan::domain::time::Timestamp;
use tuan::engine::intake::Cause;
use tuan::engine::{Clock, idle};
use tuan::platform::heard::{HeardItem, HeardKind, Inviter};
use tuan::platform::simulator::room::ChatRoom;
use tuan::store::pool;
use tuan::store::seal::Seal;

use crate::db::TestDb;
use crate::sound;

/// Lanes of every test database.
pub(crate) const LANES: i16 = 4;

/// Connections of one shop: engine tasks hold few at a time, and many tests share one server.
const CONNECTIONS: u32 = 6;

/// A step that takes longer than this hangs.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// The shop that `tuan demo` opens.
pub(crate) const DEMO: &str = include_str!("../../deploy/demo.toml");

/// A small shop: one community, `corner`, with one drop at 09:59 on the first of the month.
pub(crate) const CORNER: &str = include_str!("../chats/shops/corner.toml");

/// A running shop.
pub(crate) struct Stage {
    pub(crate) app: Arc<App>,
    pub(crate) pool: PgPool,
    pub(crate) config: Config,
    /// Its data key; older ones may follow, with blanks between.
    pub(crate) key: String,
    home: Home,
}

/// Where its database is.
pub(crate) struct Home {
    /// As the owner, who migrates.
    pub(crate) owner: PgConnectOptions,
    /// As the application.
    pub(crate) app: PgConnectOptions,
    /// Dropped with the stage.
    pub(crate) db: Option<TestDb>,
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

/// Ten in the morning of 1 March 2026 in Shanghai: the corner shop's offers open at once.
pub(crate) fn morning() -> Timestamp {
    "2026-03-01T01:58:00Z".parse().unwrap()
}

/// A simulated person is known by name.
pub(crate) fn person(name: &str) -> Contact {
    Contact { key: name.to_owned(), name: name.to_owned() }
}

impl Stage {
    /// Open the shop of this file, at this instant of its clock.
    pub(crate) async fn open(text: &str, start: Timestamp) -> Self {
        let stage = Self::closed(config(text), start).await;
        stage.start().await;
        stage
    }

    /// The corner shop on its first morning, the drop posted and its first members in.
    pub(crate) async fn corner() -> Self {
        let stage = Self::open(CORNER, morning()).await;
        stage.seed("corner").await;
        stage.advance(chrono::Duration::minutes(1)).await;
        stage
    }

    /// A shop that stores what happens, and handles nothing before [`Self::start`].
    pub(crate) async fn closed(config: Config, start: Timestamp) -> Self {
        Self::closed_by(database().await, config, Clock::starting_at(start)).await
    }

    /// The same, by this clock.
    pub(crate) async fn closed_by(db: TestDb, config: Config, clock: Clock) -> Self {
        let home = Home { owner: db.owner(), app: db.app(), db: Some(db) };
        Self::closed_in(home, config, clock).await
    }

    /// The same on a database that is there, migrated.
    pub(crate) async fn closed_at(home: Home, config: Config, start: Timestamp) -> Self {
        Self::closed_in(home, config, Clock::starting_at(start)).await
    }

    async fn closed_in(home: Home, config: Config, clock: Clock) -> Self {
        let pool = pool::connect(home.app.clone(), CONNECTIONS).await.unwrap();
        let key = Seal::fresh_key();
        let app = opened(&pool, &key, config.clone(), clock).await;
        Self { app, pool, config, key, home }
    }

    /// Start handling, and wait until all that was stored is answered.
    pub(crate) async fn start(&self) {
        self.app.start();
        self.settle().await;
    }

    /// Stop the shop; what happens is stored and waits for [`Self::start`].
    pub(crate) async fn hold(&mut self) {
        self.hold_for(chrono::Duration::zero()).await;
    }

    /// The same, when `later` has passed.
    pub(crate) async fn hold_for(&mut self, later: chrono::Duration) {
        let start = self.now() + later;
        self.app.engine.shut_down().await;
        self.app =
            opened(&self.pool, &self.key, self.config.clone(), Clock::starting_at(start)).await;
    }

    /// A second process on the same database, as far as it can tell.
    pub(crate) async fn colleague(&self) -> Arc<App> {
        let pool = pool::connect(self.home.app.clone(), CONNECTIONS).await.unwrap();
        let clock = Clock::starting_at(self.now());
        let app = opened(&pool, &self.key, self.config.clone(), clock).await;
        app.start();
        app
    }

    /// The database, as its owner: tests may damage what the application cannot.
    pub(crate) async fn owner(&self) -> PgConnection {
        self.home.owner.connect().await.unwrap()
    }

    /// How to connect as the owner.
    pub(crate) fn home_owner(&self) -> PgConnectOptions {
        self.home.owner.clone()
    }

    /// How to connect as the shop does.
    pub(crate) fn home_app(&self) -> PgConnectOptions {
        self.home.app.clone()
    }

    /// What seals and opens here.
    pub(crate) fn seal(&self) -> &Seal {
        &self.app.engine.seal
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
        let mut before = usize::MAX;
        while !idle::wait(&self.app.engine, PATIENCE).await.unwrap() {
            let left = sound::leftovers(&self.pool).await;
            // A slow machine may take its time, as long as it gets on.
            let text = || left.join("\n  ");
            assert!(left.len() < before, "stuck for {PATIENCE:?} at {}:\n  {}", self.now(), text());
            before = left.len();
        }
    }

    /// Wait as well while the database is away, and look at it through new connections from then on.
    pub(crate) async fn settle_again(&mut self) {
        let end = tokio::time::Instant::now() + PATIENCE;
        while let Err(error) = idle::is_settled(&self.app.engine).await {
            assert!(tokio::time::Instant::now() < end, "the database does not come back: {error}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        self.pool = pool::connect(self.home.app.clone(), CONNECTIONS).await.unwrap();
        self.settle().await;
    }

    /// The room of a community.
    pub(crate) async fn room(&self, slug: &str) -> ChatRoom {
        self.app.room(slug).await.unwrap_or_else(|| panic!("no community {slug}"))
    }

    /// Something that happens in a community, through its room's account.
    pub(crate) fn cause(&self, slug: &str, key: &str, body: Body) -> Cause {
        let account = match body {
            Body::Ordered { .. } => AccountId::SYSTEM,
            _ => self.app.simulator.as_ref().expect("the shop is simulated").account(),
        };
        let (community, key) = (CommunityId::of(slug), key.to_owned());
        Cause { account, community, key, sent_at: None, body }
    }

    /// Hand causes in, in this order and as fast as they are taken; all are stored when it returns.
    pub(crate) async fn hand_in(&self, causes: Vec<Cause>) {
        hand_in_at(&self.app, causes).await;
    }

    /// Somebody says something in the corner shop, and it is answered.
    pub(crate) async fn says(&self, from: &str, text: &str) {
        let room = self.room("corner").await;
        room.say(from, text, None).await.unwrap();
        self.settle().await;
    }

    /// Let the first day's members of a community join, as the demo does.
    pub(crate) async fn seed(&self, slug: &str) {
        let policy = self.app.policy().await;
        let community = policy.community(slug).expect("the community is in the file");
        let room = self.room(slug).await;
        for member in &community.seed {
            room.join(&member.name, member.invited_by.as_deref()).await.unwrap();
        }
        self.settle().await;
    }

    /// What the bot said to somebody in the corner shop, in order.
    pub(crate) async fn heard_by(&self, name: &str) -> Vec<String> {
        let room = self.room("corner").await;
        let lines = room.simulator().lines(room.chat(), 0, 10_000).await.unwrap();
        let to_them = lines.into_iter().filter(|line| line.to.as_deref() == Some(name));
        to_them.map(|line| line.text).collect()
    }

    /// Stop everything and make sure that nothing is amiss. Left out after a failure.
    pub(crate) async fn close_sound(self) {
        sound::assert_sound(&self.pool).await;
        self.close().await;
    }

    /// Stop everything.
    pub(crate) async fn close(self) {
        self.app.engine.shut_down().await;
        self.pool.close().await;
        drop(self.home.db);
    }
}

/// Hand causes in at one of several processes: an operator's to the intake, all others as the adapter hears
/// them.
pub(crate) async fn hand_in_at(app: &App, causes: Vec<Cause>) {
    let simulator = app.simulator.as_ref().expect("the shop is simulated");
    let communities = app.communities().await;
    let mut told = Vec::with_capacity(causes.len());
    for cause in causes {
        if cause.account == AccountId::SYSTEM {
            // This door is the shorter way: what was heard before is stored before.
            stored(&mut told).await;
            told.push(app.engine.intake.hand_in(cause).await.unwrap());
            continue;
        }
        let linked = communities.iter().find(|linked| linked.community == cause.community);
        let chat = linked.and_then(|linked| linked.chat.clone()).expect("it has a room");
        let Cause { key, sent_at: at, body, .. } = cause;
        let item = HeardItem { chat, key, at, what: heard(body) };
        told.push(simulator.ear().hear(item).await.unwrap());
    }
    stored(&mut told).await;
}

async fn stored(told: &mut Vec<tokio::sync::oneshot::Receiver<()>>) {
    for stored in told.drain(..) {
        stored.await.unwrap();
    }
}

/// What an adapter hears when this happens.
fn heard(body: Body) -> HeardKind {
    match body {
        Body::Said { from, message, private } => {
            HeardKind::Message { from: Some(from), message, private }
        }
        Body::Chain { from, title, lines } => HeardKind::Chain { from, title, lines },
        Body::Recalled { from, key } => HeardKind::Recalled { from, key },
        Body::Joined { members, inviter, evidence: Evidence::JoinEvent } => {
            let by = inviter.map_or(Inviter::Unknown, Inviter::Named);
            HeardKind::Joined { members, by }
        }
        Body::Left { member } => HeardKind::Left { member },
        other => panic!("no adapter hears of this: {other:?}"),
    }
}

/// Somebody says something.
pub(crate) fn said(from: &str, text: &str) -> Body {
    let (from, text) = (person(from), text.to_owned());
    Body::Said { from, message: HeardMessage::of(text), private: false }
}

/// An operator orders something.
pub(crate) fn ordered(intent: Intent) -> Body {
    Body::Ordered { operator: "op".to_owned(), intent }
}

/// A seal of data keys, the newest first.
pub(crate) fn seal(keys: &str) -> Seal {
    let mut keys = keys.split_whitespace();
    Seal::of(keys.next().unwrap(), &keys.collect::<Vec<_>>()).unwrap()
}

async fn opened(pool: &PgPool, key: &str, config: Config, clock: Clock) -> Arc<App> {
    // `RUST_LOG=tuan=warn` shows what the engine has to say; the second shop finds it set.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
        .with_test_writer()
        .try_init();
    let seal = Arc::new(seal(key));
    let opening = Opening { db: pool.clone(), seal, clock, config };
    Arc::new(App::open(opening).await.unwrap())
}
