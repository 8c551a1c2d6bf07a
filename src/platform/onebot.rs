//! OneBot v11, the protocol that implementations of QQ and others speak: over one WebSocket, which we open
//! ([`ConnectionWay::Forward`]) or they do ([`ConnectionWay::Reverse`]), come news and the answers to our calls.
//!
//! Nothing is sent again after a connection was lost, so a gap is reported after each connecting: the shop
//! compares member lists, and asks what was said meanwhile (`history`). Messages have no keys of ours: a call that was cut short has an unknown
//! outcome. There are no buttons and no edits; a message can be taken back.

mod connect;
mod cq;
mod door;
#[cfg(test)]
mod fuzz;
mod hear;
mod history;
mod read;
mod send;
mod session;
mod wire;

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::watch;

use self::session::OnebotSession;
use self::wire::{GroupMember, id};
use super::deliver::Refusals;
use super::heard::{HeardItem, Listener, Standing};
use super::names::GroupNames;
use super::{Capabilities, Outgoing, Platform, SendError, Unit, locked};
use crate::domain::event::Contact;
use crate::domain::time::Timestamp;

pub use self::door::{GateVisit, Upgrade, refusal};

/// What this platform's accounts and doors are called where failures are counted.
pub const PLATFORM: &str = "onebot";

/// Who opens the connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConnectionWay {
    /// We do, to this address.
    Forward(String),
    /// They do, through [`OneBot::enter`].
    Reverse,
}

/// What an account is made with.
#[derive(Clone)]
pub struct Options {
    /// The access token.
    pub token: String,
    /// Who opens the connection.
    pub way: ConnectionWay,
    /// The folder that pictures are in.
    pub media: PathBuf,
    /// Instead of our own cautious limits.
    pub rate_per_chat: Option<(u32, Duration)>,
}

/// One account. Cheap to clone.
#[derive(Clone)]
pub struct OneBot(Arc<Inner>);

/// What its tasks share.
pub struct Inner {
    token: String,
    way: ConnectionWay,
    media: PathBuf,
    rate_per_chat: Option<(u32, Duration)>,
    /// The connection that calls are made over.
    session: Mutex<Option<Arc<OnebotSession>>>,
    /// Where what is heard goes; nowhere while another process listens.
    ear: watch::Sender<Option<Listener>>,
    names: Mutex<GroupNames>,
    /// The bot's own id, once known.
    me: Mutex<String>,
    /// The newest time that an event carried.
    heard_at: AtomicI64,
    /// Asked what was said, the other side did not answer.
    is_mute: AtomicBool,
    refusals: Refusals,
}

impl std::ops::Deref for OneBot {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl OneBot {
    /// An account. Nothing is connected yet.
    #[must_use]
    pub fn new(options: Options) -> Self {
        Self(Arc::new(Inner {
            token: options.token,
            way: options.way,
            media: options.media,
            rate_per_chat: options.rate_per_chat,
            session: Mutex::default(),
            ear: watch::Sender::default(),
            names: Mutex::default(),
            me: Mutex::default(),
            heard_at: AtomicI64::new(0),
            is_mute: AtomicBool::new(false),
            refusals: Refusals::default(),
        }))
    }
}

impl Inner {
    fn session(&self) -> Option<Arc<OnebotSession>> {
        locked(&self.session).clone()
    }

    fn me(&self) -> String {
        locked(&self.me).clone()
    }

    /// The other side's time, as far as it told.
    fn heard_at(&self) -> i64 {
        self.heard_at.load(Ordering::Relaxed)
    }

    /// Call an action over whichever connection there is.
    async fn ask(&self, action: &str, params: Value) -> Result<Value, SendError> {
        let away = || SendError::Later { after: Duration::ZERO, source: None };
        let session = self.session().ok_or_else(away)?;
        session.call(action, params).await.map_err(send::undone)
    }
}

impl Platform for OneBot {
    fn capabilities(&self) -> Capabilities {
        // Who sets a limit knows the implementation; without one, about a message in a second.
        let cautious = (20, Duration::from_secs(20));
        Capabilities {
            private: true,
            rate_per_chat: Some(self.rate_per_chat.unwrap_or(cautious)),
            rate_per_account: self.rate_per_chat.is_none().then_some((30, Duration::from_secs(30))),
            text_limit: 2_000,
            text_unit: Unit::Chars,
            caption_limit: 2_000,
            lag: Duration::from_secs(5),
            member_list: true,
            history: true,
            delete: true,
            hears_files: true,
            sends_files: true,
            replies: true,
            ..Capabilities::default()
        }
    }

    async fn send(&self, messages: &[Outgoing]) -> Vec<Result<Option<String>, SendError>> {
        send::all(self, messages).await
    }

    async fn delete(&self, _chat: &str, message: &str) -> Result<(), SendError> {
        self.ask("delete_msg", json!({ "message_id": id(message) })).await.map(|_| ())
    }

    async fn members(&self, chat: &str) -> Result<Vec<Contact>, SendError> {
        let list = self.ask("get_group_member_list", json!({ "group_id": id(chat) })).await?;
        let list: Vec<GroupMember> = serde_json::from_value(list)
            .map_err(|error| SendError::Never { reason: format!("an odd list: {error}") })?;
        let me = self.me();
        let people = list.iter().filter(|it| it.user_id.0 != me && it.is_robot != Some(true));
        let people: Vec<_> = people.map(hear::named).collect();
        let mut names = locked(&self.names);
        for person in &people {
            names.learn(chat, person);
        }
        Ok(people)
    }

    async fn said_since(&self, chat: &str, since: Timestamp) -> Result<Vec<HeardItem>, SendError> {
        history::since(self, chat, since).await
    }

    async fn standing(&self, chat: &str, user: &str) -> Standing {
        let params = json!({ "group_id": id(chat), "user_id": id(user), "no_cache": true });
        match self.ask("get_group_member_info", params).await {
            Ok(member) => match member.get("role").and_then(Value::as_str) {
                Some("owner" | "admin") => Standing::Runs,
                Some(_) => Standing::Ordinary,
                None => Standing::Unsaid,
            },
            Err(error) => {
                tracing::warn!(%error, "somebody's standing in a group was not told");
                Standing::Unsaid
            }
        }
    }
}

/// What an event says, where people are called so.
#[cfg(test)]
pub(super) fn heard_in(
    raw: &serde_json::Value,
    person: &Contact,
) -> Option<super::heard::HeardKind> {
    use serde::Deserialize as _;
    let event = wire::WireEvent::deserialize(raw).expect("an event");
    let mut names = GroupNames::default();
    names.learn(&event.group_id.as_ref().expect("a group").0, person);
    read::read(&event, &mut names).map(|item| item.what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_it_declares_goes_together() {
        let (token, media) = ("t".to_owned(), PathBuf::new());
        let options = Options { token, way: ConnectionWay::Reverse, media, rate_per_chat: None };
        let onebot = OneBot::new(options.clone());
        crate::platform::contract::check_capabilities(&onebot.capabilities());
        let rate_per_chat = Some((5, Duration::from_secs(1)));
        let quick = OneBot::new(Options { rate_per_chat, ..options }).capabilities();
        assert_eq!((quick.rate_per_chat, quick.rate_per_account), (rate_per_chat, None));
    }
}
