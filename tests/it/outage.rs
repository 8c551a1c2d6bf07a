//! One platform is away for a while, as when a line is cut: nothing that the shop had to say is lost or said
//! twice, who came and went meanwhile is found, what was said meanwhile is answered where the platform tells,
//! and another platform's account is answered as quickly as ever.
//!
//! A moment is enough for that; `TUAN_OUTAGE_SECONDS=60` makes it as long as it is in life.

use std::ops::Deref;
use std::time::Duration;

use serde_json::json;
use tokio::time::Instant;

use crate::fake_onebot::{self, BOT, TOKEN, message, words};
use crate::fake_telegram;
use crate::ground::{self, Ground, listener};
use crate::onebot_shop::{AMING, AQIANG, AZHEN, GROUP, XIAOMEI};
use crate::telegram_shop::{GROUP as OTHER, place, user};

/// How long an answer takes at most on a platform that is well.
const AT_ONCE: Duration = Duration::from_secs(3);

/// How long an outage is.
pub(crate) fn length() -> Duration {
    let told = std::env::var("TUAN_OUTAGE_SECONDS").ok().and_then(|it| it.parse().ok());
    told.map_or(Duration::from_millis(1_500), Duration::from_secs)
}

/// A shop with a group on each of two platforms.
struct Shop {
    ground: Ground,
    qq: fake_onebot::Fake,
    tg: fake_telegram::Fake,
}

impl Deref for Shop {
    type Target = Ground;
    fn deref(&self) -> &Ground {
        &self.ground
    }
}

impl Shop {
    /// Linked, with 阿强 in the one group. `ws_url` is where the shop connects to, if it does.
    async fn open(is_forward: bool) -> Self {
        let (qq, tg) = (fake_onebot::Fake::start().await, fake_telegram::Fake::start().await);
        let way = if is_forward { format!("ws_url = \"{}\"", qq.address) } else { String::new() };
        let accounts = format!(
            "key = \"qq\"\nplatform = \"onebot\"\n{way}\n[[accounts]]\nkey = \"tg\"\n\
             platform = \"telegram\"\ntoken_env = \"TOKEN\"\napi_url = \"{}\"\n\
             rate_per_chat = {{ messages = 1000, seconds = 1 }}",
            tg.address
        );
        for (who, role) in [(BOT, "member"), (AMING, "owner"), (AQIANG, "member")] {
            qq.put(GROUP, who, role);
        }
        tg.set_admin(AMING);
        let shop = Self { ground: Ground::open(ground::file(&accounts, 2), TOKEN).await, qq, tg };
        if !is_forward {
            let address = shop.serve(listener().await);
            shop.qq.connect(&format!("ws://{address}/onebot/qq"), "Universal");
        }
        shop.until("it is connected", async || shop.qq.greetings() > 0).await;
        let code = shop.new_code("c0").await;
        shop.says_here(AMING, &format!("绑定 {code}"));
        shop.heard_here("已绑定").await;
        let code = shop.new_code("c1").await;
        shop.says_there(AMING, &format!("绑定 {code}"));
        shop.heard_there("已绑定").await;
        shop.answered().await;
        shop
    }

    /// It is time for the drop, whether it can be posted or not.
    fn begin_drop(&self) {
        let engine = &self.app.engine;
        engine.clock.set(engine.clock.now() + chrono::Duration::minutes(11));
        engine.wakes.timers.notify_one();
    }

    fn says_here(&self, who: i64, text: &str) {
        let at = (self.qq.next_message(), self.time());
        self.qq.push(message(GROUP, who, at, words(text)));
    }

    fn says_there(&self, who: i64, text: &str) {
        let message = json!({
            "message_id": 1_000 + self.qq.next_message(), "date": self.time(), "chat": place(OTHER),
            "from": user(who), "text": text,
        });
        self.tg.push("message", message);
    }

    async fn heard_here(&self, part: &str) {
        self.hear(part, async || self.qq.said_in(GROUP)).await;
    }

    async fn heard_there(&self, part: &str) {
        self.hear(part, async || self.tg.said_in(OTHER)).await;
    }
}

/// How often this was said.
pub(crate) fn times(said: &[String], part: &str) -> usize {
    said.iter().filter(|text| text.contains(part)).count()
}

async fn a_onebot_outage(is_forward: bool) {
    let shop = Shop::open(is_forward).await;
    shop.qq.set_away(true);
    let away = Instant::now();
    shop.qq.remove(GROUP, AQIANG);
    shop.qq.put(GROUP, AZHEN, "member");
    shop.begin_drop(); // both groups get their post
    shop.heard_there("早上好").await;
    shop.says_here(AZHEN, "A1 x2"); // after she joined
    shop.says_there(XIAOMEI, "A1 x3");
    shop.heard_there("119.70").await;
    assert!(away.elapsed() < AT_ONCE, "the other platform was slowed: {:?}", away.elapsed());
    tokio::time::sleep_until(away + length()).await;
    assert_eq!(times(&shop.qq.said_in(GROUP), "早上好"), 0);
    let (before, back) = (shop.qq.greetings(), Instant::now());
    shop.qq.set_away(false);
    shop.until("it is connected again", async || shop.qq.greetings() > before).await;
    let connected = back.elapsed();
    shop.heard_here("早上好").await;
    shop.heard_here("79.80").await;
    println!("connected {connected:?} after {:?}, all said after {:?}", length(), back.elapsed());
    // She joined, though nobody is said to have brought her; he is gone.
    let changed = "select count(*) from member where user_key = '12' and present and not founding
                   and inviter_id is null or user_key = '11' and not present";
    assert_eq!(shop.count(changed).await, 2);
    shop.answered().await;
    for part in ["早上好", "79.80"] {
        assert_eq!(times(&shop.qq.said_in(GROUP), part), 1, "{part}");
    }
    let unsent = "select count(*) from message_state where state <> 'sent'";
    assert_eq!(shop.count(unsent).await, 0);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn onebot_is_away_where_the_shop_connects() {
    a_onebot_outage(true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn onebot_is_away_that_connects_to_the_shop() {
    a_onebot_outage(false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn telegram_is_away() {
    let shop = Shop::open(true).await;
    shop.tg.set_away(true);
    let away = Instant::now();
    shop.begin_drop();
    shop.heard_here("早上好").await;
    shop.says_there(XIAOMEI, "A1 x2");
    shop.says_here(AQIANG, "A1 x3");
    shop.heard_here("119.70").await;
    assert!(away.elapsed() < AT_ONCE, "the other platform was slowed: {:?}", away.elapsed());
    tokio::time::sleep_until(away + length()).await;
    assert_eq!(times(&shop.tg.said_in(OTHER), "早上好"), 0);
    let back = Instant::now();
    shop.tg.set_away(false);
    shop.heard_there("早上好").await;
    shop.heard_there("79.80").await;
    println!("all said {:?} after an outage of {:?}", back.elapsed(), length());
    shop.answered().await;
    for part in ["早上好", "79.80"] {
        assert_eq!(times(&shop.tg.said_in(OTHER), part), 1, "{part}");
    }
    shop.close().await;
}
