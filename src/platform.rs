//! Platforms: places where the shop can listen and speak. An adapter translates and paces, nothing else:
//! platform words stop there, and shop words never enter one.
//!
//! What an adapter hears goes through the channel it was given ([`heard`]), and it is told when that is
//! stored. What it can do is declared ([`Capabilities`]), and the core degrades by it: codes instead of
//! buttons, invite codes instead of join events, a line in the group instead of a private word. No
//! adapter calls the engine.

#[cfg(test)]
pub(crate) mod contract;
mod deliver;
pub mod heard;
#[cfg(any(feature = "qq", feature = "telegram"))]
mod http;
#[cfg(test)]
pub(crate) mod mentioning;
mod names;
pub mod null;
pub mod onebot;
#[cfg(feature = "qq")]
pub mod qq;
pub mod qr;
pub mod simulator;
#[cfg(feature = "telegram")]
pub mod telegram;
#[cfg(feature = "wechaty")]
pub mod wechaty;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::domain::event::Contact;
use crate::domain::message::AttachmentKind;
use crate::domain::time::Timestamp;

pub use heard::{Heard, HeardKind, Listener, Standing};

/// Plain values behind a lock: whoever panicked while holding them left them whole.
pub(crate) fn locked<T>(values: &Mutex<T>) -> MutexGuard<'_, T> {
    values.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What differs between platforms, declared; the core degrades by it.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// A send may be repeated under the same id and counts once.
    pub client_key: bool,
    /// One member can be spoken to alone; where that may fail until they wrote first, a send says
    /// [`SendError::NeedsFirstContact`].
    pub private: bool,
    /// Messages to one chat: so many in so long. `None`: unlimited.
    pub rate_per_chat: Option<(u32, Duration)>,
    /// Messages of the whole account: so many in so long. `None`: unlimited.
    pub rate_per_account: Option<(u32, Duration)>,
    /// The longest text, in units of `text_unit`.
    pub text_limit: usize,
    /// In what the platform counts the length of a text.
    pub text_unit: Unit,
    /// The longest text that can stand below a picture; 0: pictures go alone.
    pub caption_limit: usize,
    /// How long after its time a message may still arrive: closing waits so long.
    pub lag: Duration,
    /// Updates that were not acknowledged come again. Where they do not, an adapter reports a gap after
    /// each reconnect.
    pub replays: bool,
    /// Who is in a chat can be listed.
    pub member_list: bool,
    /// What was said in a chat can be asked for afterwards.
    pub history: bool,
    /// The platform makes invite links that tell their owner when somebody joins.
    pub invite_links: bool,
    /// Buttons below a message.
    pub buttons: bool,
    /// They may stand below a picture, too; else the picture goes before them, alone.
    pub media_buttons: bool,
    /// Messages sent can be changed.
    pub edit: bool,
    /// Messages can be taken back.
    pub delete: bool,
    /// Pictures and files that people send are told.
    pub hears_files: bool,
    /// Files can be delivered ([`Outgoing::attachment`]).
    pub sends_files: bool,
    /// It is told which message a message replies to.
    pub replies: bool,
    /// What is said in answer to a message of a group has a budget of its own; it needs
    /// [`Outgoing::answers`]. `None`: answers are messages like others.
    pub reply_budget: Option<ReplyBudget>,
    /// How far an id of a person reaches.
    pub ids: IdScope,
}

/// Answers to one message of a group: so many in so long, each of which counts once however often it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReplyBudget {
    /// So many.
    pub most: u32,
    /// In so long after the message.
    pub within: Duration,
}

/// How far an id of a person reaches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum IdScope {
    /// It is the same person in all chats of the account.
    #[default]
    Account,
    /// It holds in one group only: the same person has another id elsewhere, and alone with the bot.
    Group,
}

impl Default for Capabilities {
    /// The least: plain messages to a group, as fast as one likes.
    fn default() -> Self {
        Self {
            client_key: false,
            private: false,
            rate_per_chat: None,
            rate_per_account: None,
            text_limit: 2_000,
            text_unit: Unit::Chars,
            caption_limit: 0,
            lag: Duration::ZERO,
            replays: false,
            member_list: false,
            history: false,
            invite_links: false,
            buttons: false,
            media_buttons: false,
            edit: false,
            delete: false,
            hears_files: false,
            sends_files: false,
            replies: false,
            reply_budget: None,
            ids: IdScope::Account,
        }
    }
}

/// In what a platform counts the length of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// UTF-16 code units.
    Utf16,
    /// Unicode characters.
    Chars,
    /// Bytes of UTF-8.
    Bytes,
}

/// One message to deliver.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outgoing {
    /// Its id; where the platform has client keys, the same id counts once.
    pub id: String,
    /// The chat; a part of one, such as a topic, is `chat/part`.
    pub chat: String,
    /// Whom it is for: platform id.
    pub to: Option<String>,
    /// For their eyes only.
    pub private: bool,
    /// Members it mentions, as `@name` in the text.
    pub mentions: Vec<Contact>,
    /// The text; may be empty below a picture.
    pub text: String,
    /// A picture: a path below the config's folder, or an `https://` address.
    pub image: Option<String>,
    /// A file; never beside a picture. Only where the platform sends files.
    pub attachment: Option<OutgoingFile>,
    /// Buttons, in rows; none where the platform has no buttons.
    pub buttons: Vec<Vec<Button>>,
    /// What it answers, where the platform has a budget for answers ([`Capabilities::reply_budget`]).
    pub answers: Option<Answering>,
}

/// What a message answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answering {
    /// The key of what was heard.
    pub key: String,
    /// How long ago that happened.
    pub age: Duration,
    /// Which of its answers this is; the same one has the same number whenever it is sent.
    pub nth: u32,
}

/// A file to deliver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutgoingFile {
    /// What it is.
    pub kind: AttachmentKind,
    /// Its file name, with its ending.
    pub name: String,
    /// What is in it.
    pub bytes: Arc<[u8]>,
}

impl Outgoing {
    /// Whether something goes above its text.
    #[must_use]
    pub fn has_media(&self) -> bool {
        self.image.is_some() || self.attachment.is_some()
    }
}

/// A button below a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Button {
    /// What is written on it.
    pub label: String,
    /// What comes back when it is pressed: at most 64 bytes, not a secret, and not to be trusted.
    pub data: String,
}

/// A message was not delivered, and what the outbox does about it.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// The platform is busy or away; leave this chat alone for a while.
    #[error("not delivered, to be tried again in {after:?}")]
    Later {
        /// How long.
        after: Duration,
        /// Why.
        #[source]
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    },
    /// It may or may not have been delivered.
    #[error("the outcome is unknown")]
    Unknown(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The member must write to the bot before it may write to them: the group gets one line instead.
    #[error("the member never wrote to the bot, or has blocked it")]
    NeedsFirstContact,
    /// Nothing can be said there before a person does something: somebody has to write, or to switch
    /// something on. It waits until [`Platform::may_speak`], without being tried in vain.
    #[error("a person must act first: {reason}")]
    AwaitsPerson {
        /// For the operator. No message text, no tokens.
        reason: String,
    },
    /// The chat is closed to the bot: it was removed, or the group is gone. It is marked until heard from.
    #[error("the chat is closed to the bot: {reason}")]
    Closed {
        /// For the operator. No message text, no tokens.
        reason: String,
    },
    /// This message never will be delivered; the next one may.
    #[error("undeliverable: {reason}")]
    Never {
        /// For the operator. No message text, no tokens.
        reason: String,
    },
}

impl SendError {
    /// What an adapter says that cannot do this at all.
    #[must_use]
    pub fn unable(what: &str) -> Self {
        Self::Never { reason: format!("this platform cannot {what}") }
    }
}

/// A place where the shop can speak. Retrying, pacing and merging are the outbox's business.
///
/// Everything but `send` is optional, and declared in [`Capabilities`]: what is not declared is never
/// called.
pub trait Platform: Send + Sync + 'static {
    /// What it can do.
    fn capabilities(&self) -> Capabilities;

    /// Deliver messages, each once, those to one chat in order; returns the platform's id of each, where
    /// it has one. A chat that must wait does not hold up the others.
    fn send(
        &self,
        messages: &[Outgoing],
    ) -> impl Future<Output = Vec<Result<Option<String>, SendError>>> + Send;

    /// Change a message that was sent.
    fn edit(
        &self,
        _chat: &str,
        _message: &str,
        _now: &Outgoing,
    ) -> impl Future<Output = Result<(), SendError>> + Send {
        std::future::ready(Err(SendError::unable("change a message")))
    }

    /// Take a message back.
    fn delete(
        &self,
        _chat: &str,
        _message: &str,
    ) -> impl Future<Output = Result<(), SendError>> + Send {
        std::future::ready(Err(SendError::unable("take a message back")))
    }

    /// Everybody in a chat but the bot itself.
    fn members(&self, _chat: &str) -> impl Future<Output = Result<Vec<Contact>, SendError>> + Send {
        std::future::ready(Err(SendError::unable("list members")))
    }

    /// What was said in a chat since then, oldest first, as far as the platform remembers. What was heard
    /// already may be among it, under the same keys.
    fn said_since(
        &self,
        _chat: &str,
        _since: Timestamp,
    ) -> impl Future<Output = Result<Vec<heard::HeardItem>, SendError>> + Send {
        std::future::ready(Err(SendError::unable("tell what was said")))
    }

    /// What keeps the bot from working well in a group, as it is now.
    fn obstacles(&self, _chat: &str) -> impl Future<Output = Vec<heard::Obstacle>> + Send {
        std::future::ready(Vec::new())
    }

    /// Whether something could be said in a chat now where [`SendError::AwaitsPerson`] was told before.
    fn may_speak(&self, _chat: &str) -> bool {
        true
    }

    /// Whether something could be said to somebody alone now where [`SendError::NeedsFirstContact`] was told
    /// before. Asked only where nothing may be said in their group either.
    fn may_speak_alone(&self, _person: &str) -> bool {
        false
    }

    /// What somebody is in a group.
    fn standing(&self, _chat: &str, _user: &str) -> impl Future<Output = Standing> + Send {
        std::future::ready(Standing::Unsaid)
    }

    /// A link to the bot itself that brings `payload` back with whoever follows it, as
    /// [`HeardKind::Started`].
    fn deep_link(&self, _payload: &str) -> Option<String> {
        None
    }

    /// A link into the chat that is known by `label` (at most 32 characters) when somebody uses it.
    fn invite_link(
        &self,
        _chat: &str,
        _label: &str,
    ) -> impl Future<Output = Result<String, SendError>> + Send {
        std::future::ready(Err(SendError::unable("make invite links")))
    }
}
