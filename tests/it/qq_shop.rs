//! A shop with one QQ bot, whose groups the test plays: over the gateway of our fake, or by a webhook.

use std::net::SocketAddr;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicI64, Ordering};

use tuan::store::audit::audit;

use crate::fake_qq::{APP_ID, Fake, SECRET};
use crate::ground::{self, Ground, a_day_ends, listener};

pub(crate) const AMING: i64 = 1;
pub(crate) const XIAOMEI: i64 = 10;
pub(crate) const AQIANG: i64 = 11;
pub(crate) const AZHEN: i64 = 12;
pub(crate) const AHUA: i64 = 13;
const ALAN: i64 = 14;

/// How its picture is sent.
pub(crate) const PICTURE_SENT: &str = "iVBORw0KGgo=";

/// The group that the test plays for the nth community.
pub(crate) fn group(nth: i64) -> String {
    crate::fake_qq::openid(5_550 + nth)
}

pub(crate) struct Shop {
    ground: Ground,
    pub(crate) fake: Fake,
    /// Where its web server is, if news comes to it.
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

impl Shop {
    /// A shop of one community that listens at the gateway.
    pub(crate) async fn open() -> Self {
        Self::open_with(1, false).await
    }

    pub(crate) async fn open_with(communities: i64, has_webhook: bool) -> Self {
        let fake = Fake::start().await;
        let hook = if has_webhook { "webhook_url = \"https://shop.example.org\"" } else { "" };
        let account = format!(
            "key = \"qq\"\nplatform = \"qq\"\napp_id = \"{APP_ID}\"\napi_url = \"{}\"\n{hook}",
            fake.url()
        );
        for nth in 0..communities {
            fake.put(&group(nth), AMING, "owner");
        }
        let ground = Ground::open(ground::file(&account, communities), SECRET).await;
        let console = if has_webhook { Some(ground.serve(listener().await)) } else { None };
        let shop = Self { ground, fake, console, happened: AtomicI64::new(0) };
        shop.until("it listens", async || shop.health().ready).await;
        shop
    }

    /// Somebody writes in the group.
    pub(crate) fn says(&self, who: i64, text: &str) {
        let message = self.fake.message(&group(0), who, self.time(), text);
        self.counts();
        self.fake.say("GROUP_MESSAGE_CREATE", &message);
    }

    /// Somebody mentions the bot: that is told twice, as two kinds.
    pub(crate) fn says_to_bot(&self, who: i64, text: &str) {
        let message = Fake::to_bot(self.fake.message(&group(0), who, self.time(), text));
        self.happened.fetch_add(1, Ordering::Relaxed);
        self.fake.say("GROUP_AT_MESSAGE_CREATE", &message);
        self.fake.say("GROUP_MESSAGE_CREATE", &message);
    }

    /// Something else happened that will be stored.
    pub(crate) fn counts(&self) {
        self.happened.fetch_add(1, Ordering::Relaxed);
    }

    /// Somebody comes by request, invited or not, and is let in by whoever runs the group.
    pub(crate) fn joins(&self, who: i64, by: Option<i64>) {
        self.fake.asks(&group(0), who, by, self.time());
        self.comes(who);
    }

    /// Somebody comes.
    pub(crate) fn comes(&self, who: i64) {
        self.fake.put(&group(0), who, "member");
        self.counts();
        self.fake.member_event("GROUP_MEMBER_ADD", &group(0), who, self.time());
    }

    /// Wait until the group has heard a text with this in it.
    pub(crate) async fn heard(&self, part: &str) -> String {
        self.heard_in(0, part).await
    }

    pub(crate) async fn heard_in(&self, nth: i64, part: &str) -> String {
        self.hear(part, async || self.fake.said_in(&group(nth))).await
    }

    /// Wait until all that happened is stored.
    pub(crate) async fn stored(&self) {
        let told = self.happened.load(Ordering::Relaxed);
        let stored = "select count(*) from inbox where account_id <> 0 and key not like '%:gap:%'";
        self.until(stored, async || self.count(stored).await >= told).await;
    }

    /// Wait until all that happened is stored, handled and answered.
    pub(crate) async fn settle(&self) {
        self.stored().await;
        self.answered().await;
    }

    /// A group is linked by its owner.
    pub(crate) async fn link(&self, nth: i64) {
        let code = self.new_code(&format!("c{nth}")).await;
        let text = format!("绑定 {code}");
        let message = Fake::to_bot(self.fake.message(&group(nth), AMING, self.time(), &text));
        self.fake.say("GROUP_AT_MESSAGE_CREATE", &message);
        self.heard_in(nth, "已绑定").await;
    }

    /// The group is linked, and the day's drop is posted.
    pub(crate) async fn begin(&self) {
        self.link(0).await;
        self.settle().await;
        self.open_drop().await;
        self.heard("早上好").await;
    }
}

/// One day of a group.
pub(crate) async fn a_day(shop: &Shop) {
    shop.begin().await;
    let sent = shop.fake.sent();
    let nth = sent.iter().position(|it| it.text.contains("早上好")).unwrap();
    let (picture, post) = (&sent[nth - 1], &sent[nth]);
    assert_eq!(picture.picture.as_deref(), Some(PICTURE_SENT));
    assert!(picture.buttons.is_empty() && !post.buttons.is_empty(), "buttons stand below text");
    assert_eq!((&picture.answers, &post.answers), (&None, &None), "nobody had asked");

    shop.joins(XIAOMEI, Some(AMING));
    shop.heard("阿明 邀请来的").await;
    shop.joins(AQIANG, Some(XIAOMEI));
    shop.joins(AZHEN, Some(XIAOMEI));
    shop.joins(AHUA, None); // she was let in, and nobody brought her
    shop.settle().await;
    let brought = "select count(*) from member m join member i on i.member_id = m.inviter_id
                   where i.name = '小美'";
    assert_eq!(shop.count(brought).await, 2);
    assert_eq!(shop.count("select count(*) from member where inviter_id is null").await, 2);

    shop.says(AQIANG, "A1 x2");
    let receipt = shop.heard("79.80").await;
    assert!(receipt.contains("@阿强"), "{receipt}");
    shop.says_to_bot(AZHEN, "签到");
    shop.heard("+5").await;
    shop.says(AZHEN, "A1");
    shop.says(XIAOMEI, "A1");
    shop.settle().await;
    let leader = async |text: &str| shop.says(AMING, text);
    let promoter = async |text: &str| shop.says(XIAOMEI, text);
    a_day_ends(shop, leader, promoter, async |part: &str| shop.heard(part).await).await;
    // No request told who brought 阿花: she says so, and whoever is named confirms it.
    shop.says(AHUA, "我是小美邀请的");
    shop.heard("说是 小美 邀请来的").await;
    shop.says(XIAOMEI, "是我邀请的 阿花");
    shop.heard("你是 小美 邀请来的").await;
    // Somebody else has the code of who brought them.
    shop.says(XIAOMEI, "邀请");
    let code = shop.heard("你的邀请码").await;
    let code = code.split("你的邀请码：").nth(1).unwrap().lines().next().unwrap().to_owned();
    shop.joins(ALAN, None);
    shop.says(ALAN, &format!("邀请码 {code}"));
    shop.until("the code counts", async || shop.count(brought).await == 4).await;
    shop.says(AMING, "发货 #1");
    shop.heard("已发货").await;
    shop.says(AQIANG, "收到货了");
    shop.heard("已确认收货").await;
    shop.settle().await;
    let sent = shop.fake.sent();
    assert!(sent.iter().any(|it| it.answers.is_some()), "answers name what they answer");
    assert!(sent.iter().all(|it| it.text.contains("早上好") || !it.text.contains("＜")));
    let differences = audit(&mut shop.app.engine.db.acquire().await.unwrap(), None).await.unwrap();
    assert!(differences.is_empty(), "{differences:?}");
}
