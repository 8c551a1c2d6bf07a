//! QQ's official bot. News comes over a gateway (one WebSocket that we open) or to a webhook; what we say goes
//! by HTTP, under a token that is renewed.
//!
//! What the bot may do is each group's own, and changes while running: its owner switches on that it hears
//! everything, and that it speaks unasked. Until then it answers, a few times and for a few minutes after each
//! message; what nobody asked for waits until somebody writes. An answer bears the id of what it answers and a
//! number, and counts once however often it is sent. Ids of people hold in one group.

mod budget;
mod client;
#[cfg(test)]
mod fuzz;
mod gateway;
mod hear;
mod hook;
mod known;
mod media;
mod read;
mod send;
mod session;
mod wire;
mod words;
mod write;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use reqwest::Method;
use ring::signature::Ed25519KeyPair;
use serde_json::Value;
use tokio::time::Instant;

use self::budget::Budgets;
use self::client::Client;
use self::known::ToldBefore;
use self::media::Upload;
use self::wire::{ListedMember, Members};
use super::deliver::Refusals;
use super::heard::{Obstacle, Standing};
use super::{Capabilities, IdScope, Outgoing, Platform, ReplyBudget, SendError, Unit, locked};
use crate::domain::event::Contact;

pub use self::hook::{HookError, HookRequest, WEBHOOK_MAX};

/// Pages of members that are read: more people than a group can have.
const PAGES_MAX: usize = 200;

/// What an account is made with.
#[derive(Clone)]
pub struct Options {
    /// The bot's app id.
    pub app_id: String,
    /// The bot's secret.
    pub secret: String,
    /// Where the interface is, if not at home.
    pub api_url: Option<String>,
    /// The folder that pictures are in.
    pub media: PathBuf,
    /// News comes to a webhook, not over the gateway.
    pub has_webhook: bool,
    /// Instead of our own cautious limits.
    pub rate_per_chat: Option<(u32, Duration)>,
}

/// One bot. Cheap to clone.
#[derive(Clone)]
pub struct Qq(Arc<Inner>);

/// What its tasks share.
pub struct Inner {
    client: Client,
    pair: Ed25519KeyPair,
    media: PathBuf,
    has_webhook: bool,
    rate_per_chat: Option<(u32, Duration)>,
    known: Mutex<ToldBefore>,
    budgets: Mutex<Budgets>,
    /// When a session was begun last.
    begun: Mutex<Option<Instant>>,
    /// When it was last asked what the bot may do in a group.
    asked: Mutex<HashMap<String, Instant>>,
    /// Groups that refused what nobody had asked for, and when.
    refused: Mutex<HashMap<String, Instant>>,
    /// Pictures that were uploaded to a chat.
    pictures: Mutex<HashMap<(String, String), Upload>>,
    /// The platform refused buttons once: they are left out from then on.
    is_without_buttons: AtomicBool,
    refusals: Refusals,
}

impl std::ops::Deref for Qq {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

/// Where a page begins, as a question.
fn page(cursor: &str) -> String {
    let is_safe = |it: u8| it.is_ascii_alphanumeric() || b"-_.~".contains(&it);
    let escaped: String = cursor
        .bytes()
        .map(|it| if is_safe(it) { char::from(it).to_string() } else { format!("%{it:02X}") })
        .collect();
    if escaped.is_empty() { String::new() } else { format!("?cursor={escaped}") }
}

impl Qq {
    /// A bot. Nothing is called yet.
    ///
    /// # Errors
    /// When the system has no secure connections, or the secret is empty.
    pub fn new(options: Options) -> anyhow::Result<Self> {
        let pair = hook::key_pair(&options.secret)?;
        let base = options.api_url.as_deref().unwrap_or(client::HOME);
        Ok(Self(Arc::new(Inner {
            client: Client::new(base, options.app_id, options.secret)?,
            pair,
            media: options.media,
            has_webhook: options.has_webhook,
            rate_per_chat: options.rate_per_chat,
            known: Mutex::default(),
            budgets: Mutex::default(),
            begun: Mutex::default(),
            asked: Mutex::default(),
            refused: Mutex::default(),
            pictures: Mutex::default(),
            is_without_buttons: AtomicBool::new(false),
            refusals: Refusals::default(),
        })))
    }
}

impl Inner {
    async fn member(&self, group: &str, member: &str) -> Result<ListedMember, client::CallError> {
        let path = format!("/v2/groups/{group}/members/{member}");
        self.client.call(Method::GET, &path, None).await
    }
}

impl Platform for Qq {
    fn capabilities(&self) -> Capabilities {
        // How much may be said is told nowhere; whoever sets a limit has learnt it.
        let cautious = (20, Duration::from_secs(20));
        let budget::Budget { within, most } = budget::GROUP;
        Capabilities {
            private: true,
            rate_per_chat: Some(self.rate_per_chat.unwrap_or(cautious)),
            rate_per_account: self.rate_per_chat.is_none().then_some((50, Duration::from_secs(5))),
            text_limit: 2_000,
            text_unit: Unit::Chars,
            caption_limit: 1_000,
            lag: Duration::from_secs(10),
            member_list: true,
            buttons: true,
            delete: true,
            hears_files: true,
            sends_files: true,
            replies: true,
            reply_budget: Some(ReplyBudget { most, within }),
            ids: IdScope::Group,
            ..Capabilities::default()
        }
    }

    async fn send(&self, messages: &[Outgoing]) -> Vec<Result<Option<String>, SendError>> {
        send::all(self, messages).await
    }

    async fn delete(&self, chat: &str, message: &str) -> Result<(), SendError> {
        let path = format!("/v2/groups/{chat}/messages/{message}");
        let deleted = self.client.call::<Value>(Method::DELETE, &path, None).await;
        deleted.map(|_| ()).map_err(send::undone)
    }

    async fn members(&self, chat: &str) -> Result<Vec<Contact>, SendError> {
        self.ask_requests(chat).await;
        let (mut people, mut cursor) = (Vec::new(), String::new());
        for _ in 0..PAGES_MAX {
            let path = format!("/v2/groups/{chat}/members{}", page(&cursor));
            let read: Members =
                self.client.call(Method::GET, &path, None).await.map_err(send::undone)?;
            for member in read.members.iter().filter(|it| !it.bot && !it.member_openid.is_empty()) {
                self.learn(chat, member);
                people.push(super::names::person(
                    &member.member_openid,
                    [member.username.as_deref()],
                ));
            }
            match read.next_cursor {
                Some(next) if !next.is_empty() && next != cursor => cursor = next,
                _ => return Ok(people),
            }
        }
        // A part of a list would make all others leave.
        Err(SendError::Never { reason: "the list of members has no end".to_owned() })
    }

    async fn obstacles(&self, chat: &str) -> Vec<Obstacle> {
        let known = locked(&self.known).state(chat).cloned();
        let now = self.ask_state(chat).await.map(|(state, _)| state);
        now.or(known).as_ref().map(read::obstacles).unwrap_or_default()
    }

    fn may_speak(&self, chat: &str) -> bool {
        send::may_speak(self, chat)
    }

    fn may_speak_alone(&self, person: &str) -> bool {
        send::may_speak_alone(self, person)
    }

    async fn standing(&self, chat: &str, user: &str) -> Standing {
        match self.member(chat, user).await {
            Ok(member) => match member.member_role.as_deref() {
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

/// What an event says.
#[cfg(test)]
pub(super) fn heard_in(raw: &Value) -> Option<super::heard::HeardKind> {
    let frame: wire::GatewayFrame = serde_json::from_value(raw.clone()).expect("a frame");
    read::read(&frame, &mut ToldBefore::default()).map(|item| item.what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_it_declares_goes_together() {
        let options = Options {
            app_id: "1".to_owned(),
            secret: "s".to_owned(),
            api_url: None,
            media: PathBuf::new(),
            has_webhook: false,
            rate_per_chat: None,
        };
        let qq = Qq::new(options.clone()).unwrap();
        crate::platform::contract::check_capabilities(&qq.capabilities());
        let rate_per_chat = Some((5, Duration::from_secs(1)));
        let quick = Qq::new(Options { rate_per_chat, ..options.clone() }).unwrap().capabilities();
        assert_eq!((quick.rate_per_chat, quick.rate_per_account), (rate_per_chat, None));
        assert!(Qq::new(Options { secret: String::new(), ..options }).is_err());
    }

    #[test]
    fn a_cursor_is_no_other_question() {
        assert_eq!((page(""), page("a&b=c")), (String::new(), "?cursor=a%26b%3Dc".to_owned()));
    }
}
