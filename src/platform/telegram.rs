//! Telegram, through a bot: types of `teloxide-core`, calls of our own. The library's client sleeps ten
//! seconds in every call that meets a server error, cannot tell a refused connection from a lost answer,
//! and its listeners acknowledge before anything is stored; all three would break promises of the shop.
//!
//! Updates are asked for by long polling and confirmed by the next question, which is only asked once
//! all of them are stored; or they come to a webhook, which answers when they are.

mod client;
#[cfg(test)]
mod fuzz;
mod hook;
mod poll;
mod send;
mod updates;
mod words;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};

use self::client::{CallError, Client};
use super::heard::Standing;
use super::{Capabilities, Outgoing, Platform, SendError, Unit};
use crate::domain::command::MenuEntry;

pub use self::hook::{HookError, WEBHOOK_MAX};

/// What an account is made with.
#[derive(Clone)]
pub struct Options {
    /// What the menu shows.
    pub menu: Vec<MenuEntry>,
    /// The bot's token.
    pub token: String,
    /// Where the Bot API is, if not at home.
    pub api_url: Option<String>,
    /// The folder that pictures are in.
    pub media: PathBuf,
    /// The address and the secret that Telegram sends news to; polling when absent.
    pub webhook: Option<(String, String)>,
    /// Instead of Telegram's own limit for a group.
    pub rate_per_chat: Option<(u32, Duration)>,
}

/// One bot. Cheap to clone.
#[derive(Clone)]
pub struct Telegram(Arc<Inner>);

/// What its tasks share.
pub struct Inner {
    menu: Vec<MenuEntry>,
    client: Client,
    media: PathBuf,
    webhook: Option<(String, String)>,
    rate_per_chat: (u32, Duration),
    /// Pictures that were uploaded, by the ids they got.
    pictures: Mutex<HashMap<String, String>>,
    /// Groups that became supergroups.
    moves: Mutex<HashMap<i64, i64>>,
    known: tokio::sync::Mutex<updates::KnownPeople>,
    /// The bot's user name, once known.
    name: std::sync::OnceLock<String>,
}

impl std::ops::Deref for Telegram {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl Telegram {
    /// A bot. Nothing is called yet.
    ///
    /// # Errors
    /// When the system has no secure connections.
    pub fn new(options: Options) -> anyhow::Result<Self> {
        let api_url = options.api_url.as_deref().unwrap_or(client::HOME);
        Ok(Self(Arc::new(Inner {
            client: Client::new(api_url, &options.token)?,
            menu: options.menu,
            media: options.media,
            webhook: options.webhook,
            rate_per_chat: options.rate_per_chat.unwrap_or((20, Duration::from_mins(1))),
            pictures: Mutex::default(),
            moves: Mutex::default(),
            known: tokio::sync::Mutex::default(),
            name: std::sync::OnceLock::new(),
        })))
    }
}

impl Inner {
    /// Where a group is now.
    fn moved_to(&self, chat: i64) -> i64 {
        let moves = self.moves.lock().unwrap_or_else(PoisonError::into_inner);
        moves.get(&chat).copied().unwrap_or(chat)
    }

    fn note_move(&self, chat: i64, to: i64) {
        self.moves.lock().unwrap_or_else(PoisonError::into_inner).insert(chat, to);
    }
}

impl Platform for Telegram {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            private: true,
            rate_per_chat: Some(self.rate_per_chat),
            rate_per_account: Some((30, Duration::from_secs(1))),
            text_limit: 4_096,
            text_unit: Unit::Utf16,
            caption_limit: 1_024,
            lag: Duration::from_secs(30),
            replays: true,
            invite_links: true,
            buttons: true,
            media_buttons: true,
            edit: true,
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

    async fn edit(&self, chat: &str, message: &str, now: &Outgoing) -> Result<(), SendError> {
        let chat = self.moved_to(number(chat)?);
        let edited = send::edit(self, chat, number(message)?, now).await;
        match edited {
            Err(CallError::Refused { description, .. }) if description.contains("not modified") => {
                Ok(())
            }
            other => other.map(|_| ()).map_err(|error| send::refused(error, now)),
        }
    }

    async fn delete(&self, chat: &str, message: &str) -> Result<(), SendError> {
        let chat = self.moved_to(number(chat)?);
        let body = json!({ "chat_id": chat, "message_id": number(message)? });
        let deleted: Result<bool, _> = self.client.call("deleteMessage", &body).await;
        deleted.map(|_| ()).map_err(|error| send::refused(error, &Outgoing::default()))
    }

    async fn standing(&self, chat: &str, user: &str) -> Standing {
        let (Ok(chat), Ok(user)) = (number(chat), number(user)) else { return Standing::Unsaid };
        let body = json!({ "chat_id": self.moved_to(chat), "user_id": user });
        match self.client.call::<Value>("getChatMember", &body).await {
            Ok(member) => match member.get("status").and_then(Value::as_str) {
                Some("creator" | "administrator") => Standing::Runs,
                Some(_) => Standing::Ordinary,
                None => Standing::Unsaid,
            },
            Err(error) => {
                tracing::warn!(%error, "somebody's standing in a group was not told");
                Standing::Unsaid
            }
        }
    }

    async fn invite_link(&self, chat: &str, label: &str) -> Result<String, SendError> {
        let chat = self.moved_to(number(chat)?);
        let body = json!({ "chat_id": chat, "name": label });
        let made: Result<Value, _> = self.client.call("createChatInviteLink", &body).await;
        let made = made.map_err(|error| send::refused(error, &Outgoing::default()))?;
        let link = made.get("invite_link").and_then(Value::as_str);
        link.map(str::to_owned).ok_or_else(|| SendError::unable("say what link it made"))
    }

    fn deep_link(&self, payload: &str) -> Option<String> {
        let is_fit = payload.len() <= 64
            && payload.bytes().all(|it| it.is_ascii_alphanumeric() || matches!(it, b'_' | b'-'));
        let name = self.name.get().filter(|_| is_fit)?;
        Some(format!("https://t.me/{name}?start={payload}"))
    }
}

/// The id of a chat (without its topic), a message or a user.
fn number(text: &str) -> Result<i64, SendError> {
    let chat = text.split_once('/').map_or(text, |(chat, _)| chat);
    chat.parse().map_err(|_| SendError::Never { reason: "this is no id of Telegram".to_owned() })
}

/// What an update says.
#[cfg(test)]
pub(super) fn heard_in(raw: &serde_json::Value) -> Option<super::heard::HeardKind> {
    updates::read(raw, &mut updates::KnownPeople::default()).map(|item| item.what)
}
