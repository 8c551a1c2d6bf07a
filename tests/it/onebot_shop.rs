//! A shop with one OneBot account, whose groups the test plays: over a connection that the shop opens or
//! waits for, with our fake or a peer on the other side.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use sqlx::{ConnectOptions, PgPool};
use tuan::app::{App, Opening, clock};
use tuan::domain::ids::CommunityId;
use tuan::domain::time::Timestamp;
use tuan::engine::reception::code;
use tuan::engine::{Clock, settled};
use tuan::store::audit::audit;
use tuan::store::seal::Seal;
use tuan::store::{linking, pool};
use tuan::web::{self, Server, Site};

use crate::db::TestDb;
use crate::fake_onebot::{BOT, Fake, TOKEN, message, notice, words};
use crate::stage::{LANES, config, database};

pub(crate) const GROUP: i64 = 5_550;
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);
pub(crate) const AMING: i64 = 1;
pub(crate) const XIAOMEI: i64 = 10;
pub(crate) const AQIANG: i64 = 11;
pub(crate) const AZHEN: i64 = 12;
pub(crate) const AHUA: i64 = 13;

/// A picture of eight bytes, and how it is sent.
const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\n";
pub(crate) const PICTURE_SENT: &str = "base64://iVBORw0KGgo=";

/// How the two sides find each other.
#[derive(Clone, Debug)]
pub(crate) enum Way {
    /// The shop connects, to this address.
    Forward(String),
    /// To the shop's own web server.
    Console,
    /// To an address of the account's own.
    Listen(SocketAddr),
}

pub(crate) struct Shop {
    pub(crate) app: Arc<App>,
    pub(crate) fake: Fake,
    pool: PgPool,
    db: TestDb,
    key: String,
    text: String,
    media: tempfile::TempDir,
    /// Where its web server is.
    pub(crate) console: Option<SocketAddr>,
    /// Things that happened in linked groups, each told once or more often.
    happened: AtomicI64,
}

/// The group that the test plays for the nth community.
pub(crate) fn group(nth: i64) -> i64 {
    GROUP + nth
}

fn file(way: &Way, communities: i64) -> String {
    let way = match way {
        Way::Forward(url) => format!("ws_url = \"{url}\""),
        Way::Console => String::new(),
        Way::Listen(address) => format!("listen = \"{address}\""),
    };
    let community = |nth: i64| {
        format!(
            "[[communities]]\nslug = \"c{nth}\"\nname = \"阳光小区{nth}\"\nlocale = \"zh-Hans\"\n\
             time_zone = \"Asia/Shanghai\"\ncurrency = \"CNY\"\n"
        )
    };
    let communities: String = (0..communities).map(community).collect();
    format!(
        r#"
[shop]
name = "团团"
[[accounts]]
key = "qq"
platform = "onebot"
token_env = "TOKEN"
rate_per_chat = {{ messages = 1000, seconds = 1 }}
{way}
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

async fn opened(
    pool: &PgPool,
    (key, text): (&str, &str),
    (start, media): (Timestamp, &std::path::Path),
) -> Arc<App> {
    let _ = tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
        .with_test_writer()
        .try_init();
    let seal = Arc::new(Seal::new(key).unwrap());
    let (clock, config) = (Clock::starting_at(start), config(text));
    let opening = Opening { db: pool.clone(), seal, clock, config };
    let secret = |name: &str| (name == "TOKEN").then(|| TOKEN.to_owned());
    let mut app = App::open_with(opening, &secret).await.unwrap();
    app.media = Some(media.to_owned());
    app.start();
    Arc::new(app)
}

impl Shop {
    /// A shop of one community, connected to the fake.
    pub(crate) async fn open() -> Self {
        let fake = Fake::start().await;
        let way = Way::Forward(fake.address.clone());
        let shop = Self::open_with(fake, way, 1).await;
        shop.until("it is connected", || shop.fake.listeners() == 1).await;
        shop
    }

    /// A shop of so many communities, and whoever speaks for the fake.
    pub(crate) async fn open_with(fake: Fake, way: Way, communities: i64) -> Self {
        let (db, media) = (database().await, tempfile::tempdir().unwrap());
        std::fs::write(media.path().join("grapes.png"), PICTURE).unwrap();
        let pool = pool::connect(db.app(), 10).await.unwrap();
        let (key, text) = (Seal::fresh_key(), file(&way, communities));
        let start = "2031-03-04T01:50:00Z".parse().unwrap();
        let app = opened(&pool, (&key, &text), (start, media.path())).await;
        for nth in 0..communities {
            fake.put(group(nth), BOT, "member");
            fake.put(group(nth), AMING, "owner");
        }
        let happened = AtomicI64::new(0);
        let mut shop = Self { app, fake, pool, db, key, text, media, console: None, happened };
        if let Way::Console = way {
            shop.console = Some(shop.serve().await);
        }
        shop
    }

    async fn serve(&self) -> SocketAddr {
        let listener = web::listen(SocketAddr::from(([127, 0, 0, 1], 0)), "").await.unwrap();
        let site = Site::new(Arc::clone(&self.app), "an-operator's-token");
        let server = Server::new(listener, site).unwrap();
        let address = server.address();
        tokio::spawn(server.run(self.app.engine.stop.clone()));
        address
    }

    /// Stop in the middle of whatever is under way, and open again.
    pub(crate) async fn open_again(&mut self) {
        let start = self.app.engine.clock.now();
        self.app.engine.shut_down().await;
        let how = (self.key.as_str(), self.text.as_str());
        self.app = opened(&self.pool, how, (start, self.media.path())).await;
    }

    pub(crate) fn time(&self) -> i64 {
        self.app.engine.clock.now().timestamp()
    }

    /// Something happens in a linked group.
    pub(crate) fn happens(&self, event: Value) {
        self.happened.fetch_add(1, Ordering::Relaxed);
        self.fake.push(event);
    }

    pub(crate) fn says(&self, who: i64, text: &str) -> Value {
        self.says_in(GROUP, who, words(text))
    }

    /// In a linked group; returns the event.
    pub(crate) fn says_in(&self, chat: i64, who: i64, content: Value) -> Value {
        let event = message(chat, who, (self.fake.next_message(), self.time()), content);
        self.happens(event.clone());
        event
    }

    /// Somebody comes into the group, and the group is told so.
    pub(crate) fn joins(&self, who: i64, (kind, operator): (&str, i64)) {
        self.fake.put(GROUP, who, "member");
        let more = json!({ "sub_type": kind, "operator_id": operator });
        self.happens(notice("group_increase", (GROUP, who), self.time(), more));
    }

    /// Wait for something that the fake or the shop shows.
    pub(crate) async fn until(&self, what: &str, is_so: impl Fn() -> bool) {
        let until = tokio::time::Instant::now() + PATIENCE;
        while !is_so() {
            let health = self.app.engine.health.accounts();
            assert!(tokio::time::Instant::now() < until, "not so: {what}; {health:?}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Wait until a chat has heard a text with this in it.
    pub(crate) async fn heard(&self, chat: i64, part: &str) -> String {
        let said = || self.fake.said_in(chat).into_iter().rev().find(|it| it.contains(part));
        let until = tokio::time::Instant::now() + PATIENCE;
        loop {
            if let Some(text) = said() {
                return text;
            }
            let (all, health) = (self.fake.said_in(chat), self.app.engine.health.accounts());
            assert!(tokio::time::Instant::now() < until, "{part:?} not in {all:#?} {health:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Wait until all that happened is stored, handled and answered.
    pub(crate) async fn settle(&self) {
        self.stored().await;
        assert!(settled::wait(&self.app.engine, PATIENCE).await.unwrap(), "not settled");
    }

    /// Wait until all that happened is stored.
    pub(crate) async fn stored(&self) {
        let until = tokio::time::Instant::now() + PATIENCE;
        let (told, account) = (self.happened.load(Ordering::Relaxed), "account_id <> 0");
        let stored =
            format!("select count(*) from inbox where {account} and key not like '%:gap:%'");
        loop {
            let query = sqlx::query_scalar(sqlx::AssertSqlSafe(stored.clone()));
            let stored: i64 = query.fetch_one(&self.pool).await.unwrap();
            if stored >= told {
                return;
            }
            assert!(tokio::time::Instant::now() < until, "{stored} of {told} are stored");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    pub(crate) async fn new_code(&self, slug: &str) -> String {
        let (code, now) = (code::make(), self.app.engine.clock.now());
        let id = CommunityId::of(slug);
        let times = (now, now + chrono::Duration::minutes(30));
        let place = (id.lane(LANES), id);
        linking::put_code(&self.pool, &code::hash(&code), place, times).await.unwrap();
        code
    }

    /// A group is linked by its owner.
    pub(crate) async fn link(&self, nth: i64) {
        let code = self.new_code(&format!("c{nth}")).await;
        let at = (self.fake.next_message(), self.time());
        self.fake.push(message(group(nth), AMING, at, words(&format!("绑定 {code}"))));
        self.heard(group(nth), "已绑定").await;
    }

    /// The group is linked, and the day's drop is posted.
    pub(crate) async fn begin(&self) {
        self.link(0).await;
        self.settle().await;
        self.open_drop().await;
        self.heard(GROUP, "早上好").await;
    }

    pub(crate) async fn open_drop(&self) {
        clock::advance(&self.app.engine, chrono::Duration::minutes(11)).await.unwrap();
    }

    pub(crate) async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(&self.pool).await.unwrap()
    }

    /// Nothing is wrong in the books.
    pub(crate) async fn close(self) {
        let mut owner = self.db.owner().connect().await.unwrap();
        let differences = audit(&mut owner, None).await.unwrap();
        assert!(differences.is_empty(), "{differences:#?}");
        self.app.engine.shut_down().await;
        self.pool.close().await;
    }
}

/// One day of a group, whoever speaks for it.
pub(crate) async fn a_day(shop: &Shop) {
    shop.begin().await;
    let post = shop.fake.sent().into_iter().find(|it| it.text.contains("早上好")).unwrap();
    assert_eq!(post.image.as_deref(), Some(PICTURE_SENT));

    shop.joins(XIAOMEI, ("invite", AMING));
    shop.heard(GROUP, "阿明 邀请来的").await;
    shop.joins(AQIANG, ("invite", XIAOMEI));
    shop.joins(AZHEN, ("invite", XIAOMEI));
    shop.joins(AHUA, ("approve", AMING)); // he let her in, and brought nobody
    shop.settle().await;
    let brought = "select count(*) from member m join member i on i.member_id = m.inviter_id
                   where i.user_key = '10'";
    assert_eq!(shop.count(brought).await, 2);
    assert_eq!(shop.count("select count(*) from member where inviter_id is null").await, 2);

    shop.says(AQIANG, "A1 x2");
    shop.heard(GROUP, "79.80").await;
    shop.says(AZHEN, "签到");
    let checked_in = shop.heard(GROUP, "+5").await;
    assert!(checked_in.contains("@阿珍"), "{checked_in}");
    shop.says(AZHEN, "A1");
    shop.says(XIAOMEI, "#接龙\nA1 阳光玫瑰\n1. 小美 A1 x1");
    shop.settle().await;
    assert_eq!(shop.count("select count(*) from orders").await, 3);
    assert_eq!(shop.count("select sum(qty)::int8 from order_line").await, 4);

    shop.says(XIAOMEI, "收到 全部"); // not hers to say
    shop.says(AMING, "收到 全部");
    shop.settle().await;
    assert_eq!(shop.count("select count(*) from orders where state = 'paid'").await, 3);
    shop.says(XIAOMEI, "余额");
    let balance = shop.heard(GROUP, "¥7.17").await; // ⌊79.80 × 6 %⌋ + ⌊39.90 × 6 %⌋
    assert!(balance.contains("@小美"), "{balance}");
    shop.fake.befriend(XIAOMEI);
    shop.says_in(XIAOMEI, XIAOMEI, words("余额"));
    shop.heard(XIAOMEI, "7.17").await;
    assert!(shop.fake.sent().iter().all(|it| it.alone == (it.chat == XIAOMEI)));
    assert!(shop.fake.sent().iter().any(|it| it.mentions > 0));
    shop.settle().await;
}
