//! A shop with one OneBot account, whose groups the test plays: over a connection that the shop opens or
//! waits for, with our fake or a peer on the other side.

use std::net::SocketAddr;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicI64, Ordering};

use serde_json::{Value, json};

use crate::fake_onebot::{BOT, Fake, TOKEN, message, notice, words};
use crate::ground::{self, Ground, a_day_ends, listener};

pub(crate) const GROUP: i64 = 5_550;
pub(crate) const AMING: i64 = 1;
pub(crate) const XIAOMEI: i64 = 10;
pub(crate) const AQIANG: i64 = 11;
pub(crate) const AZHEN: i64 = 12;
pub(crate) const AHUA: i64 = 13;

/// How its picture is sent.
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
    ground: Ground,
    pub(crate) fake: Fake,
    /// Where its web server is.
    pub(crate) console: Option<SocketAddr>,
    /// Things that happened in linked groups, each told once or more often.
    happened: AtomicI64,
}

impl Deref for Shop {
    type Target = Ground;
    fn deref(&self) -> &Ground {
        &self.ground
    }
}

impl DerefMut for Shop {
    fn deref_mut(&mut self) -> &mut Ground {
        &mut self.ground
    }
}

/// The group that the test plays for the nth community.
pub(crate) fn group(nth: i64) -> i64 {
    GROUP + nth
}

/// The operator's file of a shop with so many communities.
pub(crate) fn file(way: &Way, communities: i64) -> String {
    let way = match way {
        Way::Forward(url) => format!("ws_url = \"{url}\""),
        Way::Console => String::new(),
        Way::Listen(address) => format!("listen = \"{address}\""),
    };
    ground::file(&format!("key = \"qq\"\nplatform = \"onebot\"\n{way}"), communities)
}

impl Shop {
    /// A shop of one community, connected to the fake.
    pub(crate) async fn open() -> Self {
        let fake = Fake::start().await;
        let way = Way::Forward(fake.address.clone());
        let shop = Self::open_with(fake, way, 1).await;
        shop.until("it is connected", async || shop.fake.greetings() > 0).await;
        shop
    }

    /// A shop of so many communities, and whoever speaks for the fake.
    pub(crate) async fn open_with(fake: Fake, way: Way, communities: i64) -> Self {
        let text = file(&way, communities);
        Self::opened(fake, (way, text), communities).await
    }

    /// A shop of one community at the pace that OneBot is thought to bear.
    pub(crate) async fn paced() -> Self {
        let fake = Fake::start().await;
        let way = Way::Forward(fake.address.clone());
        let text = ground::paced(&file(&way, 1));
        let shop = Self::opened(fake, (way, text), 1).await;
        shop.until("it is connected", async || shop.fake.greetings() > 0).await;
        shop
    }

    async fn opened(fake: Fake, (way, text): (Way, String), communities: i64) -> Self {
        let ground = Ground::open(text, TOKEN).await;
        for nth in 0..communities {
            fake.put(group(nth), BOT, "member");
            fake.put(group(nth), AMING, "owner");
        }
        let happened = AtomicI64::new(0);
        let console = match way {
            Way::Console => Some(ground.serve(listener().await)),
            Way::Forward(_) | Way::Listen(_) => None,
        };
        Self { ground, fake, console, happened }
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

    /// Wait until a chat has heard a text with this in it.
    pub(crate) async fn heard(&self, chat: i64, part: &str) -> String {
        self.hear(part, async || self.fake.said_in(chat)).await
    }

    /// Wait until all that happened is stored, handled and answered.
    pub(crate) async fn settle(&self) {
        self.stored().await;
        self.answered().await;
    }

    /// Wait until all that happened is stored.
    pub(crate) async fn stored(&self) {
        let told = self.happened.load(Ordering::Relaxed);
        let stored = "select count(*) from inbox where account_id <> 0 and key not like '%:gap:%'";
        self.until(stored, async || self.count(stored).await >= told).await;
    }

    /// A group is linked by its owner, once somebody listens: what is said before that is lost.
    pub(crate) async fn link(&self, nth: i64) {
        self.until("somebody listens", async || self.fake.listeners() > 0).await;
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
    let leader = async |text: &str| drop(shop.says(AMING, text));
    let promoter = async |text: &str| drop(shop.says(XIAOMEI, text));
    a_day_ends(shop, leader, promoter, async |part: &str| shop.heard(GROUP, part).await).await;
    shop.fake.befriend(XIAOMEI);
    shop.says_in(XIAOMEI, XIAOMEI, words("余额"));
    shop.heard(XIAOMEI, "7.17").await;
    assert!(shop.fake.sent().iter().all(|it| it.alone == (it.chat == XIAOMEI)));
    assert!(shop.fake.sent().iter().any(|it| it.mentions > 0));
    shop.settle().await;
}
