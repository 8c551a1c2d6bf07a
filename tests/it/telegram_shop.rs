//! A shop with one Telegram bot, whose groups the test plays: with our fake on the other side, or an emulator
//! by others behind it, and by polling or through the shop's own web server.

#![expect(clippy::needless_pass_by_value, reason = "literals read better")]

use std::net::SocketAddr;
use std::sync::Arc;
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
use crate::fake_telegram::{BOT, Fake, TOKEN, membership};
use crate::stage::{LANES, config, database};

pub(crate) const GROUP: i64 = -1_001_000;
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);
pub(crate) const AMING: i64 = 1;
pub(crate) const XIAOMEI: i64 = 10;
pub(crate) const AQIANG: i64 = 11;
pub(crate) const AZHEN: i64 = 12;

/// A shop with one bot.
pub(crate) struct Shop {
    pub(crate) app: Arc<App>,
    pub(crate) fake: Fake,
    pool: PgPool,
    db: TestDb,
    key: String,
    text: String,
    media: tempfile::TempDir,
    last_message: std::cell::Cell<i64>,
}

/// The group that the test plays for the nth community.
pub(crate) fn group(nth: i64) -> i64 {
    GROUP - nth
}

/// The operator's file of a shop with so many communities.
pub(crate) fn file(api: &str, webhook: Option<&str>, communities: i64) -> String {
    let webhook = webhook.map(|url| format!("webhook_url = \"{url}\"")).unwrap_or_default();
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
key = "tg"
platform = "telegram"
token_env = "TOKEN"
api_url = "{api}"
rate_per_chat = {{ messages = 1000, seconds = 1 }}
{webhook}
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

pub(crate) fn nine_fifty() -> Timestamp {
    "2031-03-04T01:50:00Z".parse().unwrap()
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
    /// A shop of one community, on the fake, by polling.
    pub(crate) async fn open() -> Self {
        Self::open_with(Fake::start().await, 1).await
    }

    /// A shop of so many communities, by polling.
    pub(crate) async fn open_with(fake: Fake, communities: i64) -> Self {
        let text = file(&fake.address, None, communities);
        Self::opened(fake, text).await
    }

    /// A shop to whose own web server the news comes.
    pub(crate) async fn open_hooked(fake: Fake) -> Self {
        let listener = web::listen(SocketAddr::from(([127, 0, 0, 1], 0)), "").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let text = file(&fake.address, Some(&url), 1);
        let shop = Self::opened(fake, text).await;
        shop.serve(listener);
        shop
    }

    fn serve(&self, listener: tokio::net::TcpListener) {
        let site = Site::new(Arc::clone(&self.app), "an-operator's-token");
        let server = Server::new(listener, site).unwrap();
        tokio::spawn(server.run(self.app.engine.stop.clone()));
    }

    /// Stop, and open again at another address, as after a move.
    pub(crate) async fn open_hooked_again(&mut self) {
        let listener = web::listen(SocketAddr::from(([127, 0, 0, 1], 0)), "").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        self.text = file(&self.fake.address, Some(&url), 1);
        self.open_again().await;
        self.serve(listener);
    }

    /// Wait until a method was called.
    pub(crate) async fn until_called(&self, method: &str) {
        let until = tokio::time::Instant::now() + PATIENCE;
        while self.fake.calls(method) == 0 {
            assert!(tokio::time::Instant::now() < until, "{method} is not called");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// The next day, and its drop.
    pub(crate) async fn next_day(&self) {
        let before = self.fake.sent().iter().filter(|it| it.text.contains("早上好")).count();
        clock::advance(&self.app.engine, chrono::Duration::hours(24)).await.unwrap();
        let until = tokio::time::Instant::now() + PATIENCE;
        while self.fake.sent().iter().filter(|it| it.text.contains("早上好")).count() == before {
            assert!(tokio::time::Instant::now() < until, "the next day's drop is not posted");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        self.settle().await;
    }

    async fn opened(fake: Fake, text: String) -> Self {
        let (db, media) = (database().await, tempfile::tempdir().unwrap());
        std::fs::write(media.path().join("grapes.png"), b"\x89PNG\r\n\x1a\n").unwrap();
        let pool = pool::connect(db.app(), 10).await.unwrap();
        let key = Seal::fresh_key();
        let app = opened(&pool, (&key, &text), (nine_fifty(), media.path())).await;
        let last_message = std::cell::Cell::new(100);
        Self { app, fake, pool, db, key, text, media, last_message }
    }

    /// Stop in the middle of whatever is under way, and open again.
    pub(crate) async fn open_again(&mut self) {
        let start = self.app.engine.clock.now();
        self.app.engine.shut_down().await;
        let how = (self.key.as_str(), self.text.as_str());
        self.app = opened(&self.pool, how, (start, self.media.path())).await;
    }

    fn date(&self) -> i64 {
        self.app.engine.clock.now().timestamp()
    }

    pub(crate) fn says(&self, who: i64, text: &str) {
        self.says_in(GROUP, who, text);
    }

    pub(crate) fn says_in(&self, chat: i64, who: i64, text: &str) {
        let message = self.message(chat, who, json!({ "text": text }));
        self.fake.push("message", message);
    }

    pub(crate) fn message(&self, chat: i64, who: i64, more: Value) -> Value {
        self.last_message.set(self.last_message.get() + 1);
        let mut message = json!({
            "message_id": self.last_message.get(), "date": self.date(), "chat": place(chat),
            "from": user(who),
        });
        message.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        message
    }

    pub(crate) fn changes(&self, kind: &str, who: i64, status: (&str, &str), more: Value) {
        let mut change = json!({
            "chat": place(GROUP), "from": user(who), "date": self.date(),
            "old_chat_member": member(who, status.0), "new_chat_member": member(who, status.1),
        });
        change.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.fake.push(kind, change);
    }

    pub(crate) fn joins_by(&self, who: i64, label: &str) {
        let link = json!({
            "invite_link": "https://t.me/+x", "creator": user(BOT), "name": label,
            "creates_join_request": false, "is_primary": false, "is_revoked": false,
        });
        self.changes("chat_member", who, ("left", "member"), json!({ "invite_link": link }));
    }

    /// Wait until somebody in a chat has heard a text with this in it.
    pub(crate) async fn heard(&self, chat: i64, part: &str) -> String {
        let until = tokio::time::Instant::now() + PATIENCE;
        loop {
            let said = self.fake.said_in(chat);
            if let Some(text) = said.iter().rev().find(|text| text.contains(part)) {
                return text.clone();
            }
            let health = self.app.engine.health.accounts();
            assert!(tokio::time::Instant::now() < until, "{part:?} not in {said:#?} {health:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Wait until Telegram's queue is empty and all of it is handled and answered.
    pub(crate) async fn settle(&self) {
        let until = tokio::time::Instant::now() + PATIENCE;
        while !self.fake.waiting().is_empty() {
            assert!(tokio::time::Instant::now() < until, "updates are not confirmed");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert!(settled::wait(&self.app.engine, PATIENCE).await.unwrap(), "not settled");
    }

    pub(crate) async fn new_code(&self, slug: &str) -> String {
        let (code, now) = (code::make(), self.app.engine.clock.now());
        let id = CommunityId::of(slug);
        let times = (now, now + chrono::Duration::minutes(30));
        let lane = (id.lane(LANES), id);
        linking::put_code(&self.pool, &code::hash(&code), lane, times).await.unwrap();
        code
    }

    /// A group is linked by who runs it.
    pub(crate) async fn link(&self, nth: i64) {
        let code = self.new_code(&format!("c{nth}")).await;
        self.says_in(group(nth), AMING, &format!("绑定 {code}"));
        self.heard(group(nth), "已绑定").await;
    }

    /// The group is linked, the bot has its rights, and the day's drop is posted.
    pub(crate) async fn begin(&self) {
        self.fake.set_admin(AMING);
        self.link(0).await;
        let by = json!({ "from": user(AMING) });
        self.changes("my_chat_member", BOT, ("member", "administrator"), by);
        self.settle().await;
        self.open_drop().await;
    }

    pub(crate) async fn open_drop(&self) {
        clock::advance(&self.app.engine, chrono::Duration::minutes(11)).await.unwrap();
        self.heard(GROUP, "早上好").await;
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

pub(crate) fn user(id: i64) -> Value {
    let name = match id {
        AMING => "阿明",
        XIAOMEI => "小美",
        AQIANG => "阿强",
        AZHEN => "阿珍",
        BOT => "团团",
        _ => return json!({ "id": id, "is_bot": false, "first_name": format!("路人{id}") }),
    };
    json!({ "id": id, "is_bot": id == BOT, "first_name": name })
}

pub(crate) fn place(id: i64) -> Value {
    if id > 0 {
        return json!({ "id": id, "type": "private", "first_name": "x" });
    }
    json!({ "id": id, "type": "supergroup", "title": "阳光小区" })
}

fn member(id: i64, status: &str) -> Value {
    let mut member = membership(id, status);
    member["user"] = user(id);
    member
}
