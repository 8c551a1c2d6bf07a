//! A shop with one Telegram bot, whose groups the test plays: with our fake on the other side, or an emulator
//! by others behind it, and by polling or through the shop's own web server.

#![expect(clippy::needless_pass_by_value, reason = "literals read better")]

use std::ops::{Deref, DerefMut};

use serde_json::{Value, json};
use tuan::app::clock;

use crate::fake_telegram::{BOT, Fake, TOKEN, membership};
use crate::ground::{self, Ground, listener};

pub(crate) const GROUP: i64 = -1_001_000;
pub(crate) const AMING: i64 = 1;
pub(crate) const XIAOMEI: i64 = 10;
pub(crate) const AQIANG: i64 = 11;
pub(crate) const AZHEN: i64 = 12;

/// A shop with one bot.
pub(crate) struct Shop {
    ground: Ground,
    pub(crate) fake: Fake,
    last_message: std::cell::Cell<i64>,
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
    GROUP - nth
}

/// The operator's file of a shop with so many communities.
pub(crate) fn file(api: &str, webhook: Option<&str>, communities: i64) -> String {
    let webhook = webhook.map(|url| format!("webhook_url = \"{url}\"")).unwrap_or_default();
    let account = format!("key = \"tg\"\nplatform = \"telegram\"\napi_url = \"{api}\"\n{webhook}");
    ground::file(&account, communities)
}

impl Shop {
    /// A shop of one community, on the fake, by polling.
    pub(crate) async fn open() -> Self {
        Self::open_with(Fake::start().await, 1).await
    }

    /// A shop of one community at the pace that Telegram allows.
    pub(crate) async fn paced() -> Self {
        let fake = Fake::start().await;
        let text = ground::paced(&file(&fake.address, None, 1));
        Self::opened(fake, text).await
    }

    /// A shop of so many communities, by polling.
    pub(crate) async fn open_with(fake: Fake, communities: i64) -> Self {
        let text = file(&fake.address, None, communities);
        Self::opened(fake, text).await
    }

    /// A shop to whose own web server the news comes.
    pub(crate) async fn open_hooked(fake: Fake) -> Self {
        let listener = listener().await;
        let url = format!("http://{}", listener.local_addr().unwrap());
        let text = file(&fake.address, Some(&url), 1);
        let shop = Self::opened(fake, text).await;
        shop.serve(listener);
        shop
    }

    /// Stop, and open again at another address, as after a move.
    pub(crate) async fn open_hooked_again(&mut self) {
        let listener = listener().await;
        let url = format!("http://{}", listener.local_addr().unwrap());
        self.text = file(&self.fake.address, Some(&url), 1);
        self.open_again().await;
        self.serve(listener);
    }

    /// Wait until a method was called.
    pub(crate) async fn until_called(&self, method: &str) {
        self.until(method, async || self.fake.calls(method) > 0).await;
    }

    /// The next day, and its drop.
    pub(crate) async fn next_day(&self) {
        let posts = || self.fake.sent().iter().filter(|it| it.text.contains("早上好")).count();
        let before = posts();
        clock::advance(&self.app.engine, chrono::Duration::hours(24)).await.unwrap();
        self.until("the next day's drop is posted", async || posts() > before).await;
        self.settle().await;
    }

    async fn opened(fake: Fake, text: String) -> Self {
        let ground = Ground::open(text, TOKEN).await;
        Self { ground, fake, last_message: std::cell::Cell::new(100) }
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
            "message_id": self.last_message.get(), "date": self.time(), "chat": place(chat),
            "from": user(who),
        });
        message.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        message
    }

    pub(crate) fn changes(&self, kind: &str, who: i64, status: (&str, &str), more: Value) {
        let mut change = json!({
            "chat": place(GROUP), "from": user(who), "date": self.time(),
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
        self.hear(part, async || self.fake.said_in(chat)).await
    }

    /// Wait until Telegram's queue is empty and all of it is handled and answered.
    pub(crate) async fn settle(&self) {
        self.until("updates are confirmed", async || self.fake.waiting().is_empty()).await;
        self.answered().await;
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
        self.heard(GROUP, "早上好").await;
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
