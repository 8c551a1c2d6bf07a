//! WeChat from end to end, against the real gateway with Wechaty's mock puppet in a process of its own:
//! one day of a group, what goes wrong, and a flood.
//!
//! Wants what `tests/peers/wechaty/run` installs, and is left out of plain test runs for that reason.

mod crash;
mod gateway;
mod outage;

use std::fmt::Write;
use std::ops::Deref;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use self::gateway::{BOT, Gateway, Line, TOKEN};
use crate::flood::{SLACK, keeps, noise};
use crate::ground::{self, Ground, PATIENCE, a_day_ends};

const GROUP: &str = "sunshine@chatroom";
/// A shop with one account, whose groups the test plays.
struct Shop {
    ground: Ground,
    gateway: Gateway,
    line: Line,
}

impl Deref for Shop {
    type Target = Ground;
    fn deref(&self) -> &Ground {
        &self.ground
    }
}

/// The operator's file of a shop on the gateway at this port.
fn file(port: u16, communities: i64) -> String {
    file_at(&format!("http://127.0.0.1:{port}"), communities)
}

fn file_at(endpoint: &str, communities: i64) -> String {
    let account = format!("key = \"wx\"\nplatform = \"wechaty\"\nendpoint = \"{endpoint}\"");
    ground::file(&account, communities)
}

/// A shop on the gateway at this port.
async fn shop_at(port: u16, communities: i64) -> Ground {
    Ground::open(file(port, communities), TOKEN).await
}

impl Shop {
    /// A shop whose account is not logged in yet.
    async fn open(communities: i64) -> Self {
        Self::open_with(|port| file(port, communities)).await
    }

    /// A shop with such a file, given the gateway's port.
    async fn open_with(file: impl Fn(u16) -> String) -> Self {
        let mut gateway = Gateway::start().await;
        for (id, name) in [("ming", "阿明"), ("mei", "小美"), ("qiang", "阿强"), ("zhen", "阿珍")]
        {
            gateway.contact(id, name, id == "qiang").await;
        }
        let line = gateway.line().await;
        let ground = Ground::open(file(line.port), TOKEN).await;
        Self { ground, gateway, line }
    }

    /// A shop with one group, linked, and the day's drop posted.
    async fn begun() -> Self {
        Self::open(1).await.begin().await
    }

    async fn begin(mut self) -> Self {
        let shop = &mut self;
        shop.gateway.room(GROUP, "ming", &[BOT, "ming"]).await;
        shop.gateway.login().await;
        shop.until_ready().await;
        shop.link(GROUP, 0).await;
        shop.open_drop().await;
        shop.heard(GROUP, "早上好").await;
        self
    }

    /// A room becomes the group of the nth community.
    async fn link(&self, room: &str, nth: i64) {
        let code = self.new_code(&format!("c{nth}")).await;
        self.gateway.says(room, "ming", &format!("绑定 {code}")).await;
        self.heard(room, "已绑定").await;
    }

    async fn until_ready(&self) {
        self.until("the account is ready", async || self.health().ready).await;
    }

    /// Wait until somebody in a chat has heard a text with this in it.
    async fn heard(&self, chat: &str, part: &str) -> String {
        self.hear(part, async || self.gateway.said_in(chat).await).await
    }

    async fn says(&self, who: &str, text: &str) -> String {
        self.gateway.says(GROUP, who, text).await
    }

    /// Wait until a count is this, and all is answered.
    async fn counted(&self, sql: &'static str, expected: i64) {
        self.until(sql, async || self.count(sql).await == expected).await;
        self.answered().await;
        assert_eq!(self.count(sql).await, expected, "{sql}");
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
    let mut shop = Shop::open(1).await;
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
    shop.link(GROUP, 0).await;
    shop.open_drop().await;
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
    let leader = async |text: &str| drop(shop.says("ming", text).await);
    let promoter = async |text: &str| drop(shop.says("mei", text).await);
    a_day_ends(&shop, leader, promoter, async |part: &str| shop.heard(GROUP, part).await).await;
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
    let mut told = Vec::new();
    for nth in 0..20 {
        told.push(shop.says(&format!("m{nth}"), "A1 x1").await);
    }
    shop.counted("select count(*) from orders", 20).await;
    told.reverse();
    shop.gateway.tell("again", json!({ "ids": told })).await; // twice, and out of order

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

    // Sends are refused for a while, and told to come later.
    shop.gateway.tell("fault", json!({ "refuse": 2 })).await;
    shop.says("m55", "A1 x1").await;
    shop.heard(GROUP, "@路人55号").await;
    shop.counted("select count(*) from orders", 51).await;

    // The answer to a send never comes, but its echo does: delivered, and not sent again.
    shop.gateway.tell("fault", json!({ "mute": 1 })).await;
    shop.says("m50", "A1 x1").await;
    shop.counted("select count(*) from orders", 52).await;
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
    shop.counted("select count(*) from orders", 53).await;
    assert_eq!(shop.count("select sold from offer_count").await, 53);
    shop.heard(GROUP, "@路人51号").await;
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "wants the gateway: tests/peers/wechaty/run"]
async fn a_gateway_that_shows_a_certificate_is_who_it_says_or_is_not_spoken_to() {
    let gateway = Gateway::start_sealed().await;
    gateway.login().await;
    for (endpoint, expected) in [
        ("https://localhost", Ok(())),
        ("https://127.0.0.1", Err("certificate not valid for name")), // it is of another
    ] {
        let text = file_at(&format!("{endpoint}:{}", gateway.port), 1);
        let shop = Ground::open(text, TOKEN).await;
        let is_so = || match expected {
            Ok(()) => shop.health().ready,
            Err(reason) => shop.health().reason.is_some_and(|it| it.contains(reason)),
        };
        shop.until(endpoint, async || is_so()).await;
        shop.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "wants the gateway: tests/peers/wechaty/run"]
async fn one_listener_at_a_time() {
    let mut shop = Shop::begun().await;
    // A second shop on the same gateway says so, and takes over when the first is gone.
    let line = shop.gateway.line().await;
    let second = shop_at(line.port, 1).await;
    let reason = || second.health().reason;
    shop.until("it says so", async || reason().is_some_and(|it| it.contains("is taken"))).await;
    shop.line.cut();
    shop.until("it takes over", async || second.health().ready).await;
    second.close().await;
    shop.line.mend();
    shop.until_ready().await;
    shop.gateway.joins(GROUP, "mei", "ming").await;
    shop.heard(GROUP, "小美").await;
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "wants the gateway: tests/peers/wechaty/run"]
async fn a_thousand_messages_in_a_second_from_twenty_groups() {
    let mut shop = Shop::open(20).await;
    let room = |nth: i64| format!("garden{nth}@chatroom");
    let people: Vec<String> = (0..250).map(|nth| format!("p{nth}")).collect();
    for person in &people {
        shop.gateway.contact(person, &format!("住户{person}"), false).await;
    }
    for nth in 0..20 {
        shop.gateway.room(&room(nth), "ming", &[BOT, "ming"]).await;
    }
    shop.gateway.login().await;
    shop.until_ready().await;
    for nth in 0..20 {
        shop.link(&room(nth), nth).await;
    }
    shop.answered().await;
    let said: Vec<[String; 3]> = (0..20)
        .cycle()
        .zip(&people)
        .flat_map(|(nth, who)| {
            let texts = ["签到", "今天天气真好", "今天天气真好", "今天天气真好"];
            texts.map(|text| [who.clone(), room(nth), text.to_owned()])
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

#[tokio::test(flavor = "multi_thread")]
#[ignore = "wants the gateway: tests/peers/wechaty/run"]
async fn limits_are_kept_while_one_member_floods() {
    let mut shop = Shop::open_with(|port| ground::paced(&file(port, 1))).await.begin().await;
    shop.gateway.joins(GROUP, "mei", "ming").await;
    for nth in 0..5 {
        shop.gateway.contact(&format!("m{nth}"), &format!("路人{nth}号"), false).await;
        shop.gateway.joins(GROUP, &format!("m{nth}"), "ming").await;
    }
    shop.answered().await;
    let said: Vec<_> =
        (0..500).map(|nth| ["mei".to_owned(), GROUP.to_owned(), noise(nth)]).collect();
    shop.gateway.tell("flood", json!({ "said": said })).await;
    for nth in 0..5 {
        shop.says(&format!("m{nth}"), "A1 x1").await;
    }
    let start = Instant::now();
    for nth in 0..5 {
        let name = format!("@路人{nth}号");
        let is_told = |text: &String| text.contains(&name) && text.contains("阳光玫瑰");
        shop.until(&name, async || shop.gateway.said_in(GROUP).await.iter().any(is_told)).await;
    }
    let token = Duration::from_secs(1); // an account says one thing a second
    assert!(start.elapsed() <= 2 * token + SLACK, "{:?}", start.elapsed());
    shop.answered().await;
    let sent = shop.gateway.sent().await;
    let at = |it: &Value| start + Duration::from_millis(it["at"].as_u64().unwrap());
    // The gateway hears of a message a moment after it was let go.
    keeps(sent.iter().map(at).collect(), (1, token * 9 / 10));
    shop.close().await;
}
