//! What the shops under the adapters' tests stand on: an account, communities with one drop a day, a database
//! of their own, a clock that only the test moves. Who plays the groups, and how, each platform adds.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use sqlx::{ConnectOptions, PgPool};
use tokio::net::TcpListener;
use tokio::time::Instant;
use tuan::app::{App, Opening, clock};
use tuan::domain::ids::CommunityId;
use tuan::domain::time::Timestamp;
use tuan::engine::health::AccountHealth;
use tuan::engine::reception::code;
use tuan::engine::{Clock, idle};
use tuan::store::audit::audit;
use tuan::store::groups::linking;
use tuan::store::pool;
use tuan::store::seal::Seal;
use tuan::web::{self, Site, WebServer};

use crate::db::TestDb;
use crate::stage::{LANES, config, database};

/// A step that takes longer than this hangs.
pub(crate) const PATIENCE: Duration = Duration::from_secs(40);

/// A picture of eight bytes.
pub(crate) const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\n";

/// The shop, whoever speaks for its groups.
pub(crate) struct Ground {
    pub(crate) app: Arc<App>,
    /// The operator's file.
    pub(crate) text: String,
    pool: PgPool,
    db: TestDb,
    key: String,
    token: &'static str,
    media: tempfile::TempDir,
}

/// What the people of the tests are called, by number.
pub(crate) fn name(person: i64) -> String {
    let known = [(1, "阿明"), (10, "小美"), (11, "阿强"), (12, "阿珍"), (13, "阿花")];
    let found = known.iter().find(|(number, _)| *number == person);
    found.map_or_else(|| format!("路人{person}"), |(_, name)| (*name).to_owned())
}

/// A pace that no test notices.
const FAST: &str = "rate_per_chat = { messages = 1000, seconds = 1 }";

/// The same file with the pace that is meant for its platform.
pub(crate) fn paced(file: &str) -> String {
    file.replace(FAST, "")
}

/// The operator's file of a shop with the communities `c0`, `c1` …; `account` are the fields of its one
/// account, whose token is the secret `TOKEN`.
pub(crate) fn file(account: &str, communities: i64) -> String {
    let community = |nth: i64| {
        format!(
            "[[communities]]\nslug = \"c{nth}\"\nname = \"阳光小区{nth}\"\nlocale = \"zh-Hans\"\n\
             time_zone = \"Asia/Shanghai\"\ncurrency = \"CNY\"\nreceipts = \"each\"\n"
        )
    };
    let communities: String = (0..communities).map(community).collect();
    format!(
        r#"
[shop]
name = "团团"
[[accounts]]
token_env = "TOKEN"
{FAST}
{account}
{communities}
[commission]
level1 = "6%"
[points]
check_in = 5
[[items]]
key = "grapes"
name = "阳光玫瑰"
unit = "箱"
price = "39.90"
image = "grapes.png"
[[drops]]
key = "morning"
at = "10:00"
closes = "22:00"
greeting = "早上好"
[[drops.offers]]
item = "grapes"
code = "A1"
stock_each = 500
"#
    )
}

/// A listener for a shop's own web server.
pub(crate) async fn listener() -> TcpListener {
    web::listen(SocketAddr::from(([127, 0, 0, 1], 0)), "").await.unwrap()
}

impl Ground {
    /// A shop that opens ten minutes before its drop.
    pub(crate) async fn open(text: String, token: &'static str) -> Self {
        let _ = tracing_subscriber::fmt()
            .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
            .with_test_writer()
            .try_init();
        let (db, media) = (database().await, tempfile::tempdir().unwrap());
        std::fs::write(media.path().join("grapes.png"), PICTURE).unwrap();
        let pool = pool::connect(db.app(), 10).await.unwrap();
        let key = Seal::fresh_key();
        let start: Timestamp = "2031-03-04T01:50:00Z".parse().unwrap();
        let config = config(&text);
        let seal = Arc::new(Seal::new(&key).unwrap());
        let opening = Opening { db: pool.clone(), seal, clock: Clock::starting_at(start), config };
        let app = opened(opening, token, media.path()).await;
        Self { app, text, pool, db, key, token, media }
    }

    /// Stop in the middle of whatever is under way, and open again.
    pub(crate) async fn open_again(&mut self) {
        self.app.engine.shut_down().await;
        self.open_after(chrono::Duration::zero()).await;
    }

    /// Open again, so long after it was shut down.
    pub(crate) async fn open_after(&mut self, closed: chrono::Duration) {
        let clock = Clock::starting_at(self.app.engine.clock.now() + closed);
        let seal = Arc::new(Seal::new(&self.key).unwrap());
        let (db, config) = (self.pool.clone(), config(&self.text));
        let opening = Opening { db, seal, clock, config };
        self.app = opened(opening, self.token, self.media.path()).await;
    }

    /// Run its own web server.
    pub(crate) fn serve(&self, listener: TcpListener) -> SocketAddr {
        let site = Site::new(Arc::clone(&self.app), "an-operator's-token");
        let server = WebServer::new(listener, site).unwrap();
        let address = server.address();
        tokio::spawn(server.run(self.app.engine.stop.clone()));
        address
    }

    /// Seconds since 1970, by the shop's clock.
    pub(crate) fn time(&self) -> i64 {
        self.app.engine.clock.now().timestamp()
    }

    /// Until just after the time of the first drop.
    pub(crate) async fn open_drop(&self) {
        clock::advance(&self.app.engine, chrono::Duration::minutes(11)).await.unwrap();
    }

    /// How its account is.
    pub(crate) fn health(&self) -> AccountHealth {
        self.app.engine.health.accounts().into_values().next().unwrap_or_default()
    }

    /// A code that links a group to a community.
    pub(crate) async fn new_code(&self, slug: &str) -> String {
        let (code, now) = (code::make(), self.app.engine.clock.now());
        let id = CommunityId::of(slug);
        let (hash, until) = (code::hash(&code), now + chrono::Duration::minutes(30));
        linking::put_code(&self.pool, &hash, id.lane(LANES), id, now, until).await.unwrap();
        code
    }

    pub(crate) async fn until(&self, what: &str, is_so: impl AsyncFn() -> bool) {
        let until = Instant::now() + PATIENCE;
        while !is_so().await {
            assert!(Instant::now() < until, "not so: {what}; {:?}", self.health());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Wait until the last of what was said has this in it.
    pub(crate) async fn hear(&self, part: &str, said: impl AsyncFn() -> Vec<String>) -> String {
        let until = Instant::now() + PATIENCE;
        loop {
            let said = said().await;
            if let Some(text) = said.iter().rev().find(|text| text.contains(part)) {
                return text.clone();
            }
            assert!(Instant::now() < until, "{part:?} not in {said:#?} {:?}", self.health());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Wait until what is stored is handled and answered.
    pub(crate) async fn answered(&self) {
        assert!(idle::wait(&self.app.engine, PATIENCE).await.unwrap(), "not settled");
    }

    pub(crate) async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(&self.pool).await.unwrap()
    }

    /// Nothing is wrong in the books.
    pub(crate) async fn close(&self) {
        let mut owner = self.db.owner().connect().await.unwrap();
        let differences = audit(&mut owner, None).await.unwrap();
        assert!(differences.is_empty(), "{differences:#?}");
        self.app.engine.shut_down().await;
        self.pool.close().await;
    }
}

async fn opened(opening: Opening, token: &str, media: &std::path::Path) -> Arc<App> {
    let secret = |name: &str| (name == "TOKEN").then(|| token.to_owned());
    let mut app = App::open_with(opening, &secret).await.unwrap();
    app.media = Some(media.to_owned());
    app.start();
    Arc::new(app)
}

/// How a day ends on which 阿强 ordered two boxes, 阿珍 one and 小美 one: all is paid, and 小美, who brought the
/// two, has earned. Given is how the leader speaks in the group, and she, and how to wait for what it hears.
pub(crate) async fn a_day_ends(
    shop: &Ground,
    leader: impl AsyncFn(&str),
    promoter: impl AsyncFn(&str),
    hears: impl AsyncFn(&str) -> String,
) {
    assert_eq!(shop.count("select count(*) from orders").await, 3);
    assert_eq!(shop.count("select sum(qty)::int8 from order_line").await, 4);
    promoter("收到 全部").await; // not hers to say
    leader("收到 全部").await;
    leader("1").await; // names and total were read
    let paid = "select count(*) from orders where state = 'paid'";
    shop.until(paid, async || shop.count(paid).await == 3).await;
    promoter("余额").await;
    let balance = hears("¥7.17").await; // ⌊79.80 × 6 %⌋ + ⌊39.90 × 6 %⌋
    assert!(balance.contains("@小美"), "{balance}");
}
