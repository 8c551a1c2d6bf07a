//! WeChat from end to end, against the real gateway with Wechaty's mock puppet in a process of its own:
//! one day of a group, what goes wrong, and a flood.
//!
//! Wants what `tests/peers/wechaty/run` installs, and is left out of plain test runs for that reason.

mod gateway;

use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use sqlx::{ConnectOptions, PgPool};
use tokio::time::Instant;
use tuan::app::{App, Opening, clock};
use tuan::domain::ids::CommunityId;
use tuan::domain::time::Timestamp;
use tuan::engine::health::AccountHealth;
use tuan::engine::reception::code;
use tuan::engine::{Clock, settled};
use tuan::store::audit::audit;
use tuan::store::seal::Seal;
use tuan::store::{linking, pool};

use self::gateway::{BOT, Gateway, Line, TOKEN};
use crate::db::TestDb;
use crate::stage::{LANES, config, database};

const GROUP: &str = "sunshine@chatroom";
const PATIENCE: Duration = Duration::from_secs(40);

/// A shop with one account, whose groups the test plays.
struct Shop {
    app: Arc<App>,
    gateway: Gateway,
    line: Line,
    pool: PgPool,
    db: TestDb,
    _media: tempfile::TempDir,
}

fn file(port: u16, communities: &[String]) -> String {
    let mut text = format!(
        r#"
[shop]
name = "团团"
[[accounts]]
key = "wx"
platform = "wechaty"
token_env = "TOKEN"
endpoint = "http://127.0.0.1:{port}"
rate_per_chat = {{ messages = 1000, seconds = 1 }}
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
    );
    for slug in communities {
        let _ = write!(
            text,
            "[[communities]]\nslug = \"{slug}\"\nname = \"{slug}小区\"\nlocale = \"zh-Hans\"\n\
             time_zone = \"Asia/Shanghai\"\ncurrency = \"CNY\"\n"
        );
    }
    text
}

fn nine_fifty() -> Timestamp {
    "2031-03-04T01:50:00Z".parse().unwrap()
}

impl Shop {
    /// A shop whose account is not logged in yet.
    async fn open(communities: &[String]) -> Self {
        let _ = tracing_subscriber::fmt()
            .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
            .with_test_writer()
            .try_init();
        let (mut gateway, db) = (Gateway::start().await, database().await);
        for (id, name) in [("ming", "阿明"), ("mei", "小美"), ("qiang", "阿强"), ("zhen", "阿珍")]
        {
            gateway.contact(id, name, id == "qiang").await;
        }
        let line = gateway.line().await;
        let media = tempfile::tempdir().unwrap();
        std::fs::write(media.path().join("grapes.png"), b"\x89PNG\r\n\x1a\n").unwrap();
        let pool = pool::connect(db.app(), 10).await.unwrap();
        let seal = Arc::new(Seal::new(&Seal::fresh_key()).unwrap());
        let (clock, config) =
            (Clock::starting_at(nine_fifty()), config(&file(line.port, communities)));
        let opening = Opening { db: pool.clone(), seal, clock, config };
        let secret = |name: &str| (name == "TOKEN").then(|| TOKEN.to_owned());
        let mut app = App::open_with(opening, &secret).await.unwrap();
        app.media = Some(media.path().to_owned());
        app.start();
        Self { app: Arc::new(app), gateway, line, pool, db, _media: media }
    }

    /// A shop with one group, linked, and the day's drop posted.
    async fn begun() -> Self {
        let mut shop = Self::open(&["sunshine".to_owned()]).await;
        shop.gateway.room(GROUP, "ming", &[BOT, "ming"]).await;
        shop.gateway.login().await;
        shop.until_ready().await;
        shop.link(GROUP, "sunshine").await;
        clock::advance(&shop.app.engine, chrono::Duration::minutes(11)).await.unwrap();
        shop.heard(GROUP, "早上好").await;
        shop
    }

    async fn link(&self, room: &str, slug: &str) {
        let (code, now) = (code::make(), self.app.engine.clock.now());
        let id = CommunityId::of(slug);
        let times = (now, now + chrono::Duration::minutes(30));
        linking::put_code(&self.pool, &code::hash(&code), (id.lane(LANES), id), times)
            .await
            .unwrap();
        self.gateway.says(room, "ming", &format!("绑定 {code}")).await;
        self.heard(room, "已绑定").await;
    }

    fn health(&self) -> AccountHealth {
        self.app.engine.health.accounts().into_values().next().unwrap_or_default()
    }

    async fn until_ready(&self) {
        self.until("the account is ready", async || self.health().ready).await;
    }

    async fn until(&self, what: &str, is_so: impl AsyncFn() -> bool) {
        let until = Instant::now() + PATIENCE;
        while !is_so().await {
            assert!(Instant::now() < until, "waited for: {what}; {:?}", self.health());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Wait until somebody in a chat has heard a text with this in it.
    async fn heard(&self, chat: &str, part: &str) -> String {
        let until = Instant::now() + PATIENCE;
        loop {
            let said = self.gateway.said_in(chat).await;
            if let Some(text) = said.iter().rev().find(|text| text.contains(part)) {
                return text.clone();
            }
            assert!(Instant::now() < until, "{part:?} not in {said:#?} {:?}", self.health());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn says(&self, who: &str, text: &str) -> String {
        self.gateway.says(GROUP, who, text).await
    }

    async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(&self.pool).await.unwrap()
    }

    /// Wait until a count is this, and all is answered.
    async fn counted(&self, sql: &'static str, expected: i64) {
        self.until(sql, async || self.count(sql).await == expected).await;
        assert!(settled::wait(&self.app.engine, PATIENCE).await.unwrap(), "not settled");
        assert_eq!(self.count(sql).await, expected, "{sql}");
    }

    /// Nothing is wrong in the books.
    async fn close(self) {
        let mut owner = self.db.owner().connect().await.unwrap();
        let differences = audit(&mut owner, None).await.unwrap();
        assert!(differences.is_empty(), "{differences:#?}");
        self.app.engine.shut_down().await;
        self.pool.close().await;
    }
}

/// A chain as WeChat sends it, with the ranges of its lines: number, author and text of each.
fn chain(title: &str, lines: &[(&str, &str)]) -> String {
    let units = |text: &str| text.encode_utf16().count();
    let mut text = format!("#接龙\n{title}");
    let header = units(&text);
    text.push('\n');
    let mut ranges = String::new();
    for (nth, (author, line)) in lines.iter().enumerate() {
        let _ = write!(text, "\n{}. ", nth + 1);
        let (from, length) = (units(&text), units(line));
        let _ = write!(ranges, "<i><u>{author}</u><h>0</h><s>.</s><r>{from}-{length}</r></i>");
        text.push_str(line);
    }
    format!(
        "<?xml version=\"1.0\"?>\n<msg><appmsg><title>{text}</title><type>53</type><extinfo>\
         <solitaire_info><![CDATA[<solitaire><tt>0-{header}</tt><content><s>{}</s>{ranges}\
         </content></solitaire>]]></solitaire_info></extinfo></appmsg></msg>",
        lines.len()
    )
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "wants the gateway: tests/peers/wechaty/run"]
async fn a_day() {
    let mut shop = Shop::open(&["sunshine".to_owned()]).await;
    let qr = "http://weixin.qq.com/x/secret";
    shop.gateway.tell("scan", json!({ "qrcode": qr })).await;
    shop.until("the code is shown", async || shop.health().qr.as_deref() == Some(qr)).await;
    shop.gateway.room(GROUP, "ming", &["ming"]).await;
    shop.gateway.login().await;
    shop.until_ready().await;
    assert_eq!((shop.health().name.as_deref(), shop.health().qr), (Some("团团"), None));

    shop.gateway.joins(GROUP, BOT, "ming").await;
    shop.heard(GROUP, "绑定码").await;
    shop.says("qiang", "绑定 0000-0000-0000-0000").await;
    shop.heard(GROUP, "绑定码不对").await;
    shop.link(GROUP, "sunshine").await;
    clock::advance(&shop.app.engine, chrono::Duration::minutes(11)).await.unwrap();
    shop.heard(GROUP, "早上好").await;
    let sent = shop.gateway.sent().await;
    let post = sent.iter().position(|it| it["file"]["name"] == "grapes.png").unwrap();
    assert_eq!(sent[post]["file"]["bytes"], 8);
    assert!(sent[post + 1]["text"].as_str().unwrap().contains("早上好"), "{sent:#?}");

    shop.gateway.joins(GROUP, "mei", "ming").await;
    shop.heard(GROUP, "阿明 邀请来的").await;
    shop.gateway.joins(GROUP, "qiang", "mei").await;
    shop.gateway.joins(GROUP, "zhen", "mei").await;
    let brought = "select count(*) from member m join member i on i.member_id = m.inviter_id
                   and i.community_id = m.community_id and i.lane = m.lane
                   where i.user_key = 'mei' and m.evidence = 'join_event'";
    shop.counted(brought, 2).await;

    let order = shop.says("qiang", "A1 x2").await;
    shop.heard(GROUP, "79.80").await;
    let called = json!({
        "from": "zhen", "to": GROUP, "text": "@团团\u{2005}A1 x1", "mentions": [BOT],
    });
    shop.gateway.utters(called).await;
    shop.heard(GROUP, "@阿珍\u{2005}").await;
    let sent = shop.gateway.sent().await;
    let receipt =
        sent.iter().rfind(|it| it["text"].as_str().is_some_and(|it| it.contains("@阿珍")));
    assert_eq!(receipt.unwrap()["mentions"], json!(["zhen"]));
    shop.says("zhen", "签到").await;
    shop.heard(GROUP, "+5").await;
    let chain = chain("A1 阳光玫瑰🍇", &[("mei", "小美 A1 x1")]);
    shop.gateway.utters(json!({ "from": "mei", "to": GROUP, "text": chain, "type": 10 })).await;
    shop.counted("select count(*) from orders", 3).await;
    assert_eq!(shop.count("select sum(qty)::int8 from order_line").await, 4);

    shop.says("mei", "收到 全部").await; // not hers to say
    shop.says("ming", "收到 全部").await;
    shop.counted("select count(*) from orders where state = 'paid'", 3).await;
    shop.says("mei", "余额").await;
    let balance = shop.heard(GROUP, "¥7.17").await; // ⌊79.80 × 6 %⌋ + ⌊39.90 × 6 %⌋
    assert!(balance.contains("@小美"), "{balance}");
    // Friends of the account can be spoken to alone.
    shop.gateway.says(BOT, "qiang", "我的订单").await;
    shop.heard("qiang", "79.80").await;
    let recall = json!({ "from": "qiang", "to": GROUP, "text": order, "type": 13 });
    let before = shop.count("select count(*) from inbox").await;
    shop.gateway.utters(recall).await;
    shop.counted("select count(*) from inbox", before + 1).await;
    shop.gateway.leaves(GROUP, "zhen").await;
    shop.counted("select count(*) from member where not present", 1).await;
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "wants the gateway: tests/peers/wechaty/run"]
async fn what_is_heard_counts_once_through_cuts_and_restarts() {
    let mut shop = Shop::begun().await;
    shop.gateway.contact("lost", "阿失", false).await;
    for nth in 0..60 {
        shop.gateway.contact(&format!("m{nth}"), &format!("路人{nth}号"), false).await;
        shop.gateway.joins(GROUP, &format!("m{nth}"), "ming").await;
    }
    for nth in 0..20 {
        shop.says(&format!("m{nth}"), "A1 x1").await;
    }
    shop.counted("select count(*) from orders", 20).await;

    // The line is cut for a while; somebody joins and somebody leaves meanwhile.
    shop.line.cut();
    shop.until("the cut is noticed", async || !shop.health().ready).await;
    shop.gateway.joins(GROUP, "mei", "ming").await;
    shop.gateway.leaves(GROUP, "m59").await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    shop.line.mend();
    shop.until_ready().await;
    let reconciled = "select count(*) from member where user_key = 'mei' and present
                      and inviter_id is null";
    shop.counted(reconciled, 1).await;
    shop.counted("select count(*) from member where user_key = 'm59' and not present", 1).await;
    for nth in 20..40 {
        shop.says(&format!("m{nth}"), "A1 x1").await;
    }
    shop.counted("select count(*) from orders", 40).await;

    // The gateway is killed and comes back knowing nothing; somebody has joined meanwhile.
    shop.gateway.joins(GROUP, "lost", "ming").await;
    shop.counted("select count(*) from member where user_key = 'lost'", 1).await;
    shop.gateway.kill_and_start().await;
    shop.until("the end is noticed", async || !shop.health().ready).await;
    shop.until_ready().await;
    for nth in 40..50 {
        shop.says(&format!("m{nth}"), "A1 x1").await;
    }
    shop.counted("select count(*) from orders", 50).await;

    // The answer to a send never comes, but its echo does: delivered, and not sent again.
    shop.gateway.tell("fault", json!({ "mute": 1 })).await;
    shop.says("m50", "A1 x1").await;
    shop.counted("select count(*) from orders", 51).await;
    // The gateway ends while it is told to send: the receipt is sent once more when it is back.
    shop.gateway.tell("fault", json!({ "die": 1 })).await;
    let said = shop.says("m51", "A1 x1");
    said.await;
    let ended = Instant::now() + PATIENCE;
    while !shop.gateway.has_ended() {
        assert!(Instant::now() < ended, "nothing was sent");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    shop.gateway.start_again().await;
    shop.until_ready().await;
    shop.counted("select count(*) from orders", 52).await;
    assert_eq!(shop.count("select sold from offer_count").await, 52);
    shop.heard(GROUP, "@路人51号").await;
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "wants the gateway: tests/peers/wechaty/run"]
async fn one_listener_at_a_time() {
    let mut shop = Shop::begun().await;
    // A second shop on the same gateway says so, and takes over when the first is gone.
    let (gateway, second) = (shop.gateway.line().await, database().await);
    let pool = pool::connect(second.app(), 6).await.unwrap();
    let seal = Arc::new(Seal::new(&Seal::fresh_key()).unwrap());
    let clock = Clock::starting_at(nine_fifty());
    let config = config(&file(gateway.port, &["sunshine".to_owned()]));
    let opening = Opening { db: pool.clone(), seal, clock, config };
    let app = App::open_with(opening, &|_: &str| Some(TOKEN.to_owned())).await.unwrap();
    app.start();
    let reason = || app.engine.health.accounts().into_values().find_map(|it| it.reason);
    shop.until("it says so", async || reason().is_some_and(|it| it.contains("is taken"))).await;
    shop.line.cut();
    let ready = || app.engine.health.accounts().into_values().any(|it| it.ready);
    shop.until("it takes over", async || ready()).await;
    app.engine.shut_down().await;
    pool.close().await;
    shop.line.mend();
    shop.until_ready().await;
    shop.gateway.joins(GROUP, "mei", "ming").await;
    shop.heard(GROUP, "小美").await;
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "wants the gateway: tests/peers/wechaty/run"]
async fn a_thousand_messages_in_a_second_from_twenty_groups() {
    let slugs: Vec<String> = (0..20).map(|nth| format!("garden{nth}")).collect();
    let mut shop = Shop::open(&slugs).await;
    let room = |nth: usize| format!("garden{nth}@chatroom");
    let people: Vec<String> = (0..250).map(|nth| format!("p{nth}")).collect();
    for person in &people {
        shop.gateway.contact(person, &format!("住户{person}"), false).await;
    }
    for nth in 0..slugs.len() {
        shop.gateway.room(&room(nth), "ming", &[BOT, "ming"]).await;
    }
    shop.gateway.login().await;
    shop.until_ready().await;
    for (nth, slug) in slugs.iter().enumerate() {
        shop.link(&room(nth), slug).await;
    }
    assert!(settled::wait(&shop.app.engine, PATIENCE).await.unwrap(), "not settled");
    let said: Vec<[String; 3]> = (0..1_000)
        .map(|nth| {
            let text = if nth % 4 == 0 { "签到" } else { "今天天气真好" };
            [people[nth / 4].clone(), room(nth / 4 % 20), text.to_owned()]
        })
        .collect();
    let before = shop.count("select count(*) from inbox").await;
    let start = Instant::now();
    shop.gateway.tell("flood", json!({ "said": said })).await;
    let uttered = start.elapsed();
    let stored = || async { shop.count("select count(*) from inbox").await - before };
    shop.until("all is stored", async || stored().await >= 1_000).await;
    let taken = start.elapsed();
    shop.counted("select count(*) from check_in", 250).await;
    println!(
        "1,000 messages from 20 groups, uttered in {uttered:?}: stored in {taken:?}, handled and \
         answered in {:?}",
        start.elapsed()
    );
    let answers: Vec<Value> = shop.gateway.sent().await;
    let greeted = answers.iter().filter_map(|it| it["text"].as_str());
    assert_eq!(greeted.map(|text| text.matches("+5").count()).sum::<usize>(), 250);
    shop.close().await;
}
