//! Telegram from end to end, against our own fake of the Bot API: one day of a group, and what goes wrong.

#![expect(clippy::needless_pass_by_value, reason = "literals read better")]

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

use crate::db::TestDb;
use crate::fake_telegram::{BOT, Fake};
use crate::stage::{LANES, config, database};

const GROUP: i64 = -1_001_000;
const PATIENCE: Duration = Duration::from_secs(20);
const AMING: i64 = 1;
const XIAOMEI: i64 = 10;
const AQIANG: i64 = 11;
const AZHEN: i64 = 12;

/// A shop with one bot, whose group the test plays.
struct Shop {
    app: Arc<App>,
    fake: Fake,
    pool: PgPool,
    db: TestDb,
    key: String,
    media: tempfile::TempDir,
    last_message: std::cell::Cell<i64>,
}

fn file(address: &str) -> String {
    format!(
        r#"
[shop]
name = "团团"
[[accounts]]
key = "tg"
platform = "telegram"
token_env = "TOKEN"
api_url = "{address}"
rate_per_chat = {{ messages = 1000, seconds = 1 }}
[[communities]]
slug = "sunshine"
name = "阳光小区"
locale = "zh-Hans"
time_zone = "Asia/Shanghai"
currency = "CNY"
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

fn nine_fifty() -> Timestamp {
    "2031-03-04T01:50:00Z".parse().unwrap()
}

async fn opened(
    pool: &PgPool,
    key: &str,
    fake: &Fake,
    (start, media): (Timestamp, &std::path::Path),
) -> Arc<App> {
    let _ = tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
        .with_test_writer()
        .try_init();
    let seal = Arc::new(Seal::new(key).unwrap());
    let (clock, config) = (Clock::starting_at(start), config(&file(&fake.address)));
    let opening = Opening { db: pool.clone(), seal, clock, config };
    let secret = |name: &str| (name == "TOKEN").then(|| "123:SECRET".to_owned());
    let mut app = App::open_with(opening, &secret).await.unwrap();
    app.media = Some(media.to_owned());
    app.start();
    Arc::new(app)
}

impl Shop {
    async fn open() -> Self {
        let (fake, db, media) =
            (Fake::start().await, database().await, tempfile::tempdir().unwrap());
        std::fs::write(media.path().join("grapes.png"), b"\x89PNG\r\n\x1a\n").unwrap();
        let pool = pool::connect(db.app(), 10).await.unwrap();
        let key = Seal::fresh_key();
        let app = opened(&pool, &key, &fake, (nine_fifty(), media.path())).await;
        Self { app, fake, pool, db, key, media, last_message: std::cell::Cell::new(100) }
    }

    /// Stop in the middle of whatever is under way, and open again.
    async fn open_again(&mut self) {
        let start = self.app.engine.clock.now();
        self.app.engine.shut_down().await;
        self.app = opened(&self.pool, &self.key, &self.fake, (start, self.media.path())).await;
    }

    fn date(&self) -> i64 {
        self.app.engine.clock.now().timestamp()
    }

    fn says(&self, who: i64, text: &str) {
        self.says_in(GROUP, who, text);
    }

    fn says_in(&self, chat: i64, who: i64, text: &str) {
        let message = self.message(chat, who, json!({ "text": text }));
        self.fake.push("message", message);
    }

    fn message(&self, chat: i64, who: i64, more: Value) -> Value {
        self.last_message.set(self.last_message.get() + 1);
        let mut message = json!({
            "message_id": self.last_message.get(), "date": self.date(), "chat": group(chat),
            "from": user(who),
        });
        message.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        message
    }

    fn changes(&self, kind: &str, who: i64, status: (&str, &str), more: Value) {
        let mut change = json!({
            "chat": group(GROUP), "from": user(who), "date": self.date(),
            "old_chat_member": member(who, status.0), "new_chat_member": member(who, status.1),
        });
        change.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.fake.push(kind, change);
    }

    fn joins_by(&self, who: i64, label: &str) {
        let link = json!({
            "invite_link": "https://t.me/+x", "creator": user(BOT), "name": label,
            "creates_join_request": false, "is_primary": false, "is_revoked": false,
        });
        self.changes("chat_member", who, ("left", "member"), json!({ "invite_link": link }));
    }

    /// Wait until somebody in a chat has heard a text with this in it.
    async fn heard(&self, chat: i64, part: &str) -> String {
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
    async fn settle(&self) {
        let until = tokio::time::Instant::now() + PATIENCE;
        while !self.fake.waiting().is_empty() {
            assert!(tokio::time::Instant::now() < until, "updates are not confirmed");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert!(settled::wait(&self.app.engine, PATIENCE).await.unwrap(), "not settled");
    }

    async fn new_code(&self) -> String {
        let (code, now) = (code::make(), self.app.engine.clock.now());
        let id = CommunityId::of("sunshine");
        let times = (now, now + chrono::Duration::minutes(30));
        linking::put_code(&self.pool, &code::hash(&code), (id.lane(LANES), id), times)
            .await
            .unwrap();
        code
    }

    /// The group is linked, the bot has its rights, and the day's drop is posted.
    async fn begin(&self) {
        self.fake.set_admin(AMING);
        let code = self.new_code().await;
        self.says(AMING, &format!("绑定 {code}"));
        self.heard(GROUP, "已绑定").await;
        let by = json!({ "from": user(AMING) });
        self.changes("my_chat_member", BOT, ("member", "administrator"), by);
        self.settle().await;
        clock::advance(&self.app.engine, chrono::Duration::minutes(11)).await.unwrap();
        self.heard(GROUP, "早上好").await;
    }

    async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(&self.pool).await.unwrap()
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

fn user(id: i64) -> Value {
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

fn group(id: i64) -> Value {
    if id > 0 {
        return json!({ "id": id, "type": "private", "first_name": "x" });
    }
    json!({ "id": id, "type": "supergroup", "title": "阳光小区" })
}

fn member(id: i64, status: &str) -> Value {
    match status {
        "administrator" => json!({
            "status": status, "user": user(id), "can_be_edited": false, "is_anonymous": false,
            "can_manage_chat": true, "can_delete_messages": true, "can_manage_video_chats": true,
            "can_restrict_members": true, "can_promote_members": false, "can_change_info": true,
            "can_invite_users": true, "can_post_stories": false, "can_edit_stories": false,
            "can_delete_stories": false,
        }),
        _ => json!({ "status": status, "user": user(id) }),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_is_linked_by_who_runs_it_and_by_nobody_else() {
    let shop = Shop::open().await;
    let by = json!({ "from": user(AMING) });
    shop.changes("my_chat_member", BOT, ("left", "member"), by);
    let greeting = shop.heard(GROUP, "绑定码").await;
    assert!(greeting.contains("/setprivacy") && greeting.contains("我不是管理员"), "{greeting}");
    shop.fake.set_admin(AMING);
    let code = shop.new_code().await;
    shop.says(AQIANG, "A1 x2"); // nobody's business yet
    shop.says(AQIANG, "绑定 0000-0000-0000-0000");
    shop.heard(GROUP, "绑定码不对").await;
    shop.says(AQIANG, &format!("绑定 {code}"));
    shop.heard(GROUP, "只有群主或管理员").await;
    let anonymous = json!({ "text": format!("绑定 {code}"), "sender_chat": group(GROUP) });
    shop.fake.push("message", shop.message(GROUP, 1_087_968_824, anonymous));
    shop.heard(GROUP, "匿名").await;
    assert_eq!(shop.count("select count(*) from member").await, 0);
    shop.says(AMING, &format!("/link@tuan_bot {}", code.to_lowercase()));
    let linked = shop.heard(GROUP, "已绑定").await;
    assert!(linked.contains("阳光小区") && linked.contains("阿明"), "{linked}");
    // The code is used up; and five wrong ones shut linking for a chat.
    for n in 0..7 {
        shop.says_in(-2_000, AQIANG, &format!("绑定 {code}{n}"));
    }
    shop.heard(-2_000, "一小时后再试").await;
    shop.settle().await;
    // One of the five was tried in the other group, by the same person.
    assert_eq!(shop.fake.said_in(-2_000).len(), 4, "{:?}", shop.fake.said_in(-2_000));
    assert_eq!(shop.count("select count(*) from chat").await, 1);
    assert_eq!(shop.count("select count(*) from member where role = 'leader'").await, 1);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day() {
    let shop = Shop::open().await;
    shop.begin().await;
    let post = shop.fake.sent().into_iter().find(|it| it.text.contains("早上好")).unwrap();
    assert_eq!((post.method.as_str(), &post.body["photo"]), ("sendPhoto", &json!("(file)")));
    let keyboard: Value =
        serde_json::from_str(post.body["reply_markup"].as_str().unwrap()).unwrap();
    let button = keyboard["inline_keyboard"][0][0]["callback_data"].clone();

    shop.says(AMING, "邀请");
    shop.heard(GROUP, "https://t.me/+").await;
    let label = shop.fake.links().into_keys().next().unwrap();
    shop.joins_by(XIAOMEI, &label);
    shop.heard(GROUP, "阿明 邀请来的").await;
    shop.says(XIAOMEI, "/invite");
    shop.settle().await;
    let own = shop.fake.links().into_keys().find(|it| *it != label).unwrap();
    shop.joins_by(AQIANG, &own);
    shop.changes("chat_member", AZHEN, ("left", "member"), json!({ "from": user(XIAOMEI) }));
    shop.settle().await;
    let brought = "select count(*) from member m join member i on i.member_id = m.inviter_id
                   where i.user_key = '10'";
    assert_eq!(shop.count(brought).await, 2);

    shop.says(AQIANG, "A1 x2");
    shop.heard(GROUP, "79.80").await;
    let tap = json!({
        "id": "t1", "from": user(AZHEN), "chat_instance": "1", "data": button,
        "message": shop.message(GROUP, BOT, json!({ "text": "早上好" })),
    });
    shop.fake.push("callback_query", tap.clone());
    shop.heard(GROUP, "@阿珍").await;
    shop.says(AZHEN, "签到");
    shop.heard(GROUP, "+5").await;
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
    shop.fake.set_started(XIAOMEI);
    shop.says_in(XIAOMEI, XIAOMEI, "余额");
    shop.heard(XIAOMEI, "7.17").await;
    assert!(shop.fake.calls("answerCallbackQuery") == 1);
    assert!(shop.fake.calls("setMyCommands") >= 3);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_and_nothing_counts_twice() {
    let mut shop = Shop::open().await;
    shop.begin().await;
    for n in 0..60 {
        shop.says(1_000 + n, "A1 x1");
    }
    let waiting = shop.fake.waiting();
    for update in waiting.iter().rev().step_by(3) {
        shop.fake.push_again(update); // twice, and out of order
    }
    shop.open_again().await; // before anything, or in the middle
    shop.fake.fail(GROUP, 429, json!({ "retry_after": 1 }));
    shop.fake.fail(GROUP, 500, json!({}));
    for n in 60..90 {
        shop.says(1_000 + n, "A1 x1");
        if n == 75 {
            shop.fake.set_away(true);
            tokio::time::sleep(Duration::from_millis(600)).await;
            shop.fake.set_away(false);
        }
    }
    shop.settle().await;
    assert_eq!(shop.count("select count(*) from orders").await, 90);
    assert_eq!(shop.count("select sold from offer_count").await, 90);
    assert_eq!(shop.count("select count(*) from message_state where state <> 'sent'").await, 0);
    // What was under way when the shop stopped was finished: each receipt went out once.
    let receipts: Vec<_> =
        shop.fake.said_in(GROUP).into_iter().filter(|it| it.contains("@路人")).collect();
    let mentioned: usize = receipts.iter().map(|text| text.matches("@路人").count()).sum();
    assert_eq!(mentioned, 90);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_that_becomes_a_supergroup_goes_on() {
    let shop = Shop::open().await;
    shop.begin().await;
    let new = -1_002_000;
    shop.fake.set_moved(GROUP, new);
    shop.says(AQIANG, "A1 x1"); // answered into the old group, which refuses
    shop.heard(new, "39.90").await;
    shop.fake.push("message", shop.message(new, AMING, json!({ "migrate_from_chat_id": GROUP })));
    shop.says_in(new, AQIANG, "再来 A1 x1");
    shop.fake.push("message", shop.message(GROUP, AMING, json!({ "migrate_to_chat_id": new })));
    shop.heard(new, "79.80").await;
    shop.settle().await;
    assert_eq!(shop.count("select count(*) from community where chat_key = '-1002000'").await, 1);
    assert_eq!(shop.count("select count(*) from orders").await, 1);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_group_is_marked_and_revived_and_stops_no_other() {
    let shop = Shop::open().await;
    shop.begin().await;
    shop.fake.fail(GROUP, 403, json!({}));
    shop.says(AQIANG, "A1 x1");
    shop.settle().await;
    let closed = "select count(*) from chat where closed_at is not null";
    assert_eq!(shop.count(closed).await, 1);
    assert_eq!(shop.app.engine.health.closed(), 1);
    shop.says(AQIANG, "菜单");
    shop.settle().await;
    assert_eq!(shop.count(closed).await, 0);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_messages_in_a_second() {
    let shop = Shop::open().await;
    shop.begin().await;
    let start = tokio::time::Instant::now();
    for n in 0..1_000 {
        shop.says(5_000 + n / 4, if n % 4 == 0 { "签到" } else { "今天天气真好" });
    }
    while !shop.fake.waiting().is_empty() {
        assert!(start.elapsed() < PATIENCE);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let taken = start.elapsed();
    shop.settle().await;
    println!("1,000 messages stored in {taken:?}, handled and answered in {:?}", start.elapsed());
    assert_eq!(shop.count("select count(*) from check_in").await, 250);
    shop.close().await;
}
