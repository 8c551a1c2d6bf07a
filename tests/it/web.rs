//! The web side over real connections: guards, the simulator's API, event streams, reading, tokens.
//!
//! The client below speaks just enough HTTP/1.1 to send what a well-behaved one would not.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::net::TcpStream;
use tuan::app::{App, Opening};
use tuan::domain::event::Body;
use tuan::domain::ids::{AccountId, CommunityId, OrderId};
use tuan::domain::intent::{Intent, LeaderIntent, Selection};
use tuan::domain::payments;
use tuan::engine::intake::Cause;
use tuan::engine::{Clock, idle};
use tuan::store::pool;
use tuan::store::seal::Seal;
use tuan::web::{self, Site, WebServer};

use crate::db::TestDb;
use crate::stage;

pub(crate) const TOKEN: &str = "the-operator-of-these-tests";
pub(crate) const CHAT: &str = "/api/chat/sunshine";
const PATIENCE: Duration = Duration::from_secs(30);

/// A shop on a port of its own.
pub(crate) struct Shop {
    pub(crate) app: Arc<App>,
    pub(crate) address: SocketAddr,
    pub(crate) db: TestDb,
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    /// In small letters.
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn read(bytes: Vec<u8>) -> Self {
        let answer = String::from_utf8(bytes).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Self { status, head: head.to_lowercase(), body: body.to_owned() }
    }

    /// The value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|it| panic!("{it}: {}", self.body))
    }

    pub(crate) fn items(&self) -> Vec<Value> {
        self.json()["items"].as_array().unwrap().clone()
    }
}

impl Shop {
    pub(crate) async fn open(adjust: impl FnOnce(&mut App)) -> Self {
        let test_db = stage::database().await;
        let db = pool::connect(test_db.app(), 8).await.unwrap();
        let config = stage::config(stage::DEMO);
        let seal = Arc::new(Seal::new(&Seal::fresh_key()).unwrap());
        let clock = Clock::starting_at("2031-03-01T01:59:00Z".parse().unwrap());
        let mut app = App::open(Opening { db, seal, clock, config }).await.unwrap();
        app.is_demo = true;
        adjust(&mut app);
        app.start();
        let app = Arc::new(app);
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let listener = web::listen(any, "").await.unwrap();
        let server = WebServer::new(listener, Site::new(Arc::clone(&app), TOKEN)).unwrap();
        let address = server.address();
        tokio::spawn(server.run(app.engine.stop.clone()));
        let shop = Self { app, address, db: test_db };
        shop.settle().await;
        shop
    }

    pub(crate) async fn send(&self, method: &str, path: &str, headers: &str, body: &str) -> Answer {
        let host = if headers.contains("host:") {
            String::new()
        } else {
            format!("host: {}\r\n", self.address)
        };
        let length = body.len();
        let head = format!(
            "{method} {path} HTTP/1.1\r\n{host}{headers}connection: close\r\ncontent-length: {length}\r\n\r\n"
        );
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        // A server that refuses may close before it has read everything.
        let _ = stream.write_all(body.as_bytes()).await;
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        Answer::read(answer)
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, "", "").await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send("POST", path, "content-type: application/json\r\n", &body.to_string()).await
    }

    async fn say(&self, from: &str, text: &str, key: &str) {
        let body = json!({ "from": from, "text": text, "key": key });
        let answer = self.post(&format!("{CHAT}/messages"), &body).await;
        assert_eq!((answer.status, answer.json()), (202, json!({ "key": key })));
    }

    pub(crate) async fn settle(&self) {
        assert!(idle::wait(&self.app.engine, PATIENCE).await.unwrap());
    }

    /// The operator says that an order is paid.
    async fn confirm_payment(&self, no: i64) {
        let of = Selection::Orders(vec![OrderId(no)]);
        let intent =
            Intent::Lead(LeaderIntent::Payments(payments::Lead::Paid { of, amount: None }));
        let cause = Cause {
            account: AccountId::SYSTEM,
            community: CommunityId::of("sunshine"),
            key: format!("paid:{no}"),
            sent_at: None,
            body: Body::Ordered { operator: "tests".to_owned(), intent },
        };
        self.app.engine.intake.store(cause).await.unwrap();
        self.settle().await;
    }

    async fn texts(&self, query: &str) -> Vec<String> {
        let answer = self.get(&format!("{CHAT}/messages{query}")).await;
        let lines = answer.json();
        let said = lines
            .as_array()
            .unwrap()
            .iter()
            .filter(|it| it["bot"] == false && it["system"].is_null());
        said.map(|it| it["text"].as_str().unwrap().to_owned()).collect()
    }

    /// Connect to the event stream; yields its `id:` lines and the text of its data.
    pub(crate) async fn listen(&self, query: &str, headers: &str) -> Events {
        let stream = TcpStream::connect(self.address).await.unwrap();
        let (read, mut write) = stream.into_split();
        let head =
            format!("GET {CHAT}/events{query} HTTP/1.1\r\nhost: {}\r\n{headers}\r\n", self.address);
        write.write_all(head.as_bytes()).await.unwrap();
        Events { lines: BufReader::new(read).lines(), _write: write }
    }
}

pub(crate) struct Events {
    lines: Lines<BufReader<tokio::net::tcp::OwnedReadHalf>>,
    _write: tokio::net::tcp::OwnedWriteHalf,
}

impl Events {
    /// The next message; `None` when the stream ends.
    pub(crate) async fn next(&mut self) -> Option<Value> {
        let reading = async {
            let mut id = None;
            while let Some(line) = self.lines.next_line().await.unwrap() {
                if let Some(number) = line.strip_prefix("id: ") {
                    id = Some(number.parse::<i64>().unwrap());
                }
                if let Some(data) = line.strip_prefix("data: ") {
                    let message: Value = serde_json::from_str(data).unwrap();
                    assert_eq!(message["n"].as_i64(), id);
                    return Some(message);
                }
            }
            None
        };
        tokio::time::timeout(PATIENCE, reading).await.expect("an event comes in time")
    }
}

#[tokio::test]
async fn requests_that_are_not_for_this_server_or_not_json_are_refused() {
    let shop = Shop::open(|_| ()).await;
    let own = format!("host: localhost:{}\r\n", shop.address.port());
    let json = "content-type: application/json\r\n";
    let said = json!({ "from": "小美", "text": "早" }).to_string();
    let messages = format!("{CHAT}/messages");
    let large = "x".repeat(200 * 1024);
    let chain = |author: &str, lines: usize| {
        let line = json!({ "author": author, "start": 4, "length": 99 });
        let chain = json!({ "lines": vec![line; lines] });
        json!({ "from": "小美", "text": "#接龙\n1. 小美", "chain": chain }).to_string()
    };
    let table: [(&str, &str, String, &str, u16); 19] = [
        ("GET", "/health", own, "", 200),
        ("GET", "/health", "host: evil.example\r\n".to_owned(), "", 421),
        ("GET", "/", "host: localhost:1\r\n".to_owned(), "", 421),
        ("GET", "/api/chat/communities", "sec-fetch-site: cross-site\r\n".to_owned(), "", 403),
        ("POST", &messages, json.to_owned(), &said, 202),
        ("POST", &messages, "content-type: text/plain\r\n".to_owned(), &said, 415),
        ("POST", &messages, String::new(), &said, 415),
        ("POST", &messages, json.to_owned(), "{", 400),
        ("POST", &messages, json.to_owned(), r#"{"from":"小美"}"#, 400),
        ("POST", &messages, json.to_owned(), r#"{"from":"","text":"x"}"#, 400),
        ("POST", &messages, json.to_owned(), r#"{"from":"x","text":" "}"#, 400),
        ("POST", &messages, json.to_owned(), r#"{"from":"x","text":"x","key":"a\u0000"}"#, 400),
        ("POST", &messages, json.to_owned(), &chain("小美", 2), 202),
        ("POST", &messages, json.to_owned(), &chain("", 1), 400),
        ("POST", &messages, json.to_owned(), &chain("小美", 301), 400),
        ("POST", &messages, json.to_owned(), &large, 413),
        ("DELETE", &messages, String::new(), "", 405),
        ("GET", "/api/chat/nowhere/messages", String::new(), "", 404),
        ("GET", "/api/communities/sunshine/orders?cursor=x", String::new(), "", 400),
    ];
    for (method, path, headers, body, status) in table {
        let answer = shop.send(method, path, &headers, body).await;
        assert_eq!(answer.status, status, "{method} {path} {headers}{}", answer.body);
        assert!(answer.head.contains("x-content-type-options: nosniff"), "{}", answer.head);
        assert!(!answer.head.contains("access-control-allow"), "{}", answer.head);
        if status >= 400 {
            assert!(answer.json()["error"].is_string(), "{}", answer.body);
        }
    }
    shop.app.engine.shut_down().await;
}

#[tokio::test]
async fn the_same_key_counts_once_and_messages_come_by_pages() {
    let shop = Shop::open(|_| ()).await;
    for _ in 0..3 {
        shop.say("小美", "大家好", "k1").await;
    }
    for n in 2..=5 {
        shop.say("小美", &format!("第{n}句"), &format!("k{n}")).await;
    }
    assert_eq!(
        shop.post(&format!("{CHAT}/settled?timeout_ms=20000"), &json!({})).await.status,
        200
    );
    assert_eq!(shop.texts("").await, ["大家好", "第2句", "第3句", "第4句", "第5句"]);
    let events: i64 = sqlx::query_scalar("select count(*) from inbox where key like '%said:%'")
        .fetch_one(&shop.app.engine.db)
        .await
        .unwrap();
    assert_eq!(events, 5);
    let (mut after, mut seen) = (0, Vec::new());
    loop {
        let page = shop.get(&format!("{CHAT}/messages?after={after}&limit=2")).await.json();
        let page = page.as_array().unwrap();
        let Some(last) = page.last() else { break };
        assert!(page.len() <= 2 && last["at"].as_str().unwrap().ends_with("+08:00"));
        after = last["n"].as_i64().unwrap();
        seen.extend(page.iter().map(|it| it["n"].as_i64().unwrap()));
    }
    assert!(seen.windows(2).all(|pair| pair[0] < pair[1]), "{seen:?}");
    assert_eq!(
        shop.get(&format!("{CHAT}/messages?limit=1000")).await.json().as_array().unwrap().len(),
        seen.len()
    );
    shop.app.engine.shut_down().await;
}

#[tokio::test]
async fn events_begin_where_the_listener_stopped_and_end_with_the_shop() {
    let shop = Shop::open(|_| ()).await;
    for n in 1..=3 {
        shop.say("老王", &format!("旧话{n}"), &format!("old{n}")).await;
    }
    shop.settle().await; // the bot welcomes whom it does not know
    let lines = shop.get(&format!("{CHAT}/messages")).await.json();
    let second =
        lines.as_array().unwrap().iter().find(|it| it["key"] == "old2").unwrap()["n"].as_i64();
    let second = second.unwrap();
    let mut listener = shop.listen(&format!("?after={second}"), "").await;
    assert_eq!(listener.next().await.unwrap()["n"], second + 1);
    // A browser that reconnects asks for the old address and names what it saw last.
    let mut back = shop.listen("?after=0", &format!("last-event-id: {second}\r\n")).await;
    assert_eq!(back.next().await.unwrap()["n"], second + 1);
    shop.say("老王", "新话", "new").await;
    for listener in [&mut listener, &mut back] {
        while listener.next().await.unwrap()["text"] != "新话" {}
    }
    shop.settle().await;
    // More than the hub keeps, so that the listener falls behind and reads on from the table.
    let room = shop.app.room("sunshine").await.unwrap();
    let line = tuan::platform::simulator::RoomLine {
        text: "批".to_owned(),
        ..serde_json::from_value(lines[0].clone()).unwrap()
    };
    let batch = (0..3_000).map(|n| (room.chat().to_owned(), format!("many{n}"), line.clone()));
    room.simulator().write(batch.collect()).await.unwrap();
    let mut last = None;
    for _ in 0..3_000 {
        let message = listener.next().await.unwrap();
        let n = message["n"].as_i64().unwrap();
        assert!(last.is_none_or(|last| n == last + 1), "no line is missed or told twice: {n}");
        if message["text"] == "批" {
            last = Some(n);
        }
    }
    shop.app.engine.shut_down().await;
    while listener.next().await.is_some() {}
}

#[tokio::test]
async fn a_real_shop_asks_for_the_operators_token() {
    let shop = Shop::open(|app| app.is_demo = false).await;
    let bearer = format!("authorization: Bearer {TOKEN}\r\n");
    for path in
        ["/api/chat/communities", "/api/communities/sunshine/members", "/api/chat/sunshine/events"]
    {
        let answer = shop.get(path).await;
        assert_eq!(answer.status, 401, "{path}");
        assert!(answer.head.contains("www-authenticate: bearer"));
    }
    assert_eq!(shop.send("GET", "/api/chat/communities", &bearer, "").await.status, 200);
    assert_eq!(
        shop.send("GET", "/api/chat/communities", "authorization: Bearer x\r\n", "").await.status,
        401
    );
    assert_eq!(shop.get("/health").await.status, 200);
    assert_eq!(shop.get("/metrics").await.status, 200);
    assert_eq!(shop.send("GET", "/metrics", "x-forwarded-for: 8.8.8.8\r\n", "").await.status, 401);
    assert!(shop.get("/").await.head.contains("location: /login"));
    assert_eq!(shop.get("/login").await.status, 200);
    let form = "content-type: application/x-www-form-urlencoded\r\n";
    assert_eq!(shop.send("POST", "/login", form, "token=wrong").await.status, 401);
    let signed = shop.send("POST", "/login", form, &format!("token={TOKEN}")).await;
    assert_eq!(signed.status, 303);
    let cookie = signed.head.lines().find_map(|it| it.strip_prefix("set-cookie: ")).unwrap();
    assert!(cookie.contains("httponly") && cookie.contains("samesite=lax"));
    let cookie = format!("cookie: {}\r\n", cookie.split(';').next().unwrap());
    assert_eq!(shop.send("GET", "/api/chat/communities", &cookie, "").await.status, 200);
    let moved = shop
        .send(
            "POST",
            "/api/chat/sunshine/clock",
            &format!("{bearer}content-type: application/json\r\n"),
            r#"{"advance":"1h"}"#,
        )
        .await;
    assert_eq!(moved.status, 404, "real time does not move");
    shop.app.engine.shut_down().await;
}

#[tokio::test]
async fn pictures_and_files_stay_in_their_folders() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("media")).unwrap();
    for (file, text) in [("media/a.svg", "<svg/>"), ("media/a.toml", "x"), ("secret.svg", "s")] {
        std::fs::write(folder.path().join(file), text).unwrap();
    }
    let media = folder.path().to_owned();
    let shop = Shop::open(|app| app.media = Some(media)).await;
    let table = [
        ("/media/a.svg", 200),
        ("/media/a.toml", 404),
        ("/media/../secret.svg", 404),
        ("/media/%2e%2e/secret.svg", 404),
        ("/media/..%2fsecret.svg", 404),
        ("/media/%2fetc/passwd", 404),
        ("/page/app.js", 200),
        ("/page/..%2fapp.js", 404),
        ("/page/none.js", 404),
    ];
    for (path, status) in table {
        assert_eq!(shop.get(path).await.status, status, "{path}");
    }
    let picture = shop.get("/media/a.svg").await;
    assert_eq!(picture.body, "<svg/>");
    assert!(picture.head.contains("sandbox") && picture.head.contains("image/svg+xml"));
    let page = shop.get("/").await;
    let tag = page.head.lines().find_map(|it| it.strip_prefix("etag: ")).unwrap();
    assert_eq!(shop.send("GET", "/", &format!("if-none-match: {tag}\r\n"), "").await.status, 304);
    shop.app.engine.shut_down().await;
}

#[tokio::test]
async fn what_happens_in_the_chat_can_be_read_by_programs() {
    let shop = Shop::open(|_| ()).await;
    let join = |name: &str, by: Option<&str>| json!({ "member": name, "invited_by": by });
    for (name, by) in [("阿明", None), ("小美", Some("阿明")), ("阿强", Some("小美"))] {
        assert_eq!(shop.post(&format!("{CHAT}/joins"), &join(name, by)).await.status, 202);
    }
    let moved = shop.post(&format!("{CHAT}/clock"), &json!({ "advance": "1m" })).await;
    assert!(
        moved.json()["now"].as_str().unwrap().starts_with("2031-03-01T10:00:"),
        "{}",
        moved.body
    );
    let offers = shop.get("/api/communities/sunshine/offers?state=open").await.items();
    assert!(!offers.is_empty(), "the morning's drop has offers");
    let code = offers.iter().find(|it| it["left"].as_i64() > Some(2)).unwrap()["code"]
        .as_str()
        .unwrap()
        .to_owned();
    shop.say("阿强", &format!("{code} x2"), "order").await;
    shop.settle().await;
    let path = "/api/communities/sunshine/orders?state=placed&member=%E9%98%BF%E5%BC%BA"; // 阿强
    let orders = shop.get(path).await.items();
    let line = &orders[0]["lines"][0];
    let total = line["price"].as_i64().unwrap() * 2;
    assert_eq!((&orders[0]["member"], &orders[0]["total"]), (&json!("阿强"), &json!(total)));
    assert_eq!((&line["code"], &line["qty"]), (&json!(code), &json!(2)));
    let earned = &line["commissions"][0];
    assert_eq!(
        (&earned["promoter"], &earned["state"], &earned["level"]),
        (&json!("小美"), &json!("pending"), &json!(1))
    );
    assert_eq!(
        earned["amount"].as_i64().unwrap(),
        total * earned["rate_bps"].as_i64().unwrap() / 10_000
    );
    let sold = shop.get("/api/communities/sunshine/offers").await.items();
    let sold = sold.iter().find(|it| it["code"] == code.as_str()).unwrap().clone();
    assert_eq!(
        (sold["sold"].as_i64(), sold["stock"].as_i64().unwrap() - 2),
        (Some(2), sold["left"].as_i64().unwrap())
    );

    let no = orders[0]["no"].as_i64().unwrap();
    shop.confirm_payment(no).await;
    let members = shop.get("/api/communities/sunshine/members").await.items();
    let inviter = members.iter().find(|it| it["name"] == "小美").unwrap();
    assert_eq!((&inviter["frozen"], &inviter["currency"]), (&earned["amount"], &json!("CNY")));
    assert_eq!((&inviter["inviter"], &inviter["evidence"]), (&json!("阿明"), &json!("join_event")));
    let ledger = shop.get("/api/communities/sunshine/ledger?member=2").await;
    for entry in ledger.items() {
        let sum: i64 =
            entry["legs"].as_array().unwrap().iter().map(|it| it["amount"].as_i64().unwrap()).sum();
        assert_eq!(sum, 0, "{entry}");
    }
    check_ledger_pages(&shop).await;
    let stats = shop.get("/api/communities/sunshine/stats").await.json();
    assert_eq!((&stats["today"]["orders"], &stats["today"]["paid"]), (&json!(1), &json!(total)));
    assert_eq!(
        (&stats["commission"]["frozen"], &stats["commission"]["pending"]),
        (&earned["amount"], &json!(0))
    );
    shop.app.engine.shut_down().await;
}

/// The ledger read fact by fact is the ledger read at once.
async fn check_ledger_pages(shop: &Shop) {
    let all = shop.get("/api/communities/sunshine/ledger").await.items();
    let (mut cursor, mut by_pages) = (String::new(), Vec::new());
    loop {
        let part = shop
            .get(&format!("/api/communities/sunshine/ledger?limit=1&cursor={cursor}"))
            .await
            .json();
        by_pages.extend(part["items"].as_array().unwrap().clone());
        let Some(next) = part["next"].as_str() else { break };
        next.clone_into(&mut cursor);
    }
    assert!(all.len() >= 2 && by_pages == all);
}

#[tokio::test]
async fn nobody_comes_in_before_the_first_drop_is_delivered() {
    let shop = Shop::open(|app| app.set_ready(false)).await;
    let early = shop.get("/api/chat/communities").await;
    assert_eq!(early.status, 503);
    assert!(early.head.contains("retry-after: 1"));
    shop.app.set_ready(true);
    shop.say("阿明", "早", "k").await;
    shop.settle().await;
    let rooms = shop.get("/api/chat/communities").await.json();
    let sunshine = rooms.as_array().unwrap().iter().find(|it| it["slug"] == "sunshine").unwrap();
    assert_eq!(
        (&sunshine["locale"], &sunshine["members"][0]["role"]),
        (&json!("zh-Hans"), &json!("leader"))
    );
    shop.app.engine.shut_down().await;
}

#[tokio::test]
async fn a_taken_port_is_said_with_what_to_do() {
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    let taken = web::listen(any, "").await.unwrap().local_addr().unwrap();
    let _holder = web::listen(taken, "").await.unwrap();
    let error = web::listen(taken, "try --port 8081").await.unwrap_err();
    assert_eq!(error.to_string(), format!("port {} is taken: try --port 8081", taken.port()));
}
