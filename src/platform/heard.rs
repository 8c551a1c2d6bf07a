//! What adapters hear, in words that all platforms share. Each item carries the key under which it
//! counts once, and a way to tell the adapter that it is stored: only then may the platform be
//! acknowledged.
//!
//! Adapters leave out what is nobody's business: the bot's own echoes, other bots, forwarded posts. They
//! decide nothing: whose chat it is and what a text means is found out further in.

use tokio::sync::{mpsc, oneshot};

use crate::domain::event::Contact;
use crate::domain::ids::is_id;
pub use crate::domain::message::{Attachment, AttachmentKind, HeardMessage, Mention, Mentioned};
pub use crate::domain::orders::chain::ChainLine;
use crate::domain::time::Timestamp;

/// Items that wait between an adapter and the shop; beyond it the adapter waits.
pub const WAITING_MAX: usize = 256;

/// The longest key, in bytes.
pub const KEY_MAX: usize = 200;

/// The most people named by one item; joins of more come as several items.
pub const PEOPLE_MAX: usize = 100;

/// Something heard on a platform.
#[derive(Debug, PartialEq)]
pub struct HeardItem {
    /// The group, or the member who is alone with the bot; empty when it concerns the account. What is
    /// said in a part of a group, such as a topic, is heard from `group/part`; who comes and goes is
    /// heard from the group, and concerns the part that is linked.
    pub chat: String,
    /// It counts once under this key: stable over redelivery and restarts, at most 200 bytes, begins with
    /// the chat where ids are unique in a chat only.
    pub key: String,
    /// When the platform says it happened.
    pub at: Option<Timestamp>,
    /// What.
    pub what: HeardKind,
}

impl HeardItem {
    /// How the account is, which needs no storing.
    #[must_use]
    pub fn own(what: HeardKind) -> Self {
        Self { chat: String::new(), key: String::new(), at: None, what }
    }

    /// Whether all of its ids can be kept. No platform has others; who speaks in its place may send
    /// anything, and one id that the database refuses would hold up everybody's messages.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        let is_key = |key: &str| key.len() <= KEY_MAX && !key.contains(char::is_control);
        let names_others = match &self.what {
            HeardKind::Gap
            | HeardKind::Ready { .. }
            | HeardKind::Away { .. }
            | HeardKind::LoginRequired { .. } => {
                return true;
            }
            HeardKind::Message { message, .. } => message.reply_to.as_deref().is_none_or(is_key),
            HeardKind::Recalled { key, .. } => is_key(key),
            HeardKind::Migrated { to } => is_id(to),
            _ => true,
        };
        let is_own = !self.key.is_empty() && is_key(&self.key) && is_id(&self.chat);
        is_own && names_others && self.what.people().iter().all(|person| is_id(&person.key))
    }
}

/// An item on its way into the shop.
#[derive(Debug)]
pub struct Heard {
    /// What it is.
    pub item: HeardItem,
    /// Told once it is stored, or needs no storing. Dropped untold when it must be delivered again.
    pub stored: oneshot::Sender<()>,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HeardKind {
    /// Somebody wrote.
    Message {
        /// Who; `None`: an administrator who hides who they are, or a channel. Never credited.
        from: Option<Contact>,
        /// What.
        message: HeardMessage,
        /// To the bot alone.
        private: bool,
    },
    /// A button was pressed.
    Action {
        /// By whom.
        from: Contact,
        /// The button's data; may be forged.
        data: String,
        /// In a chat with the bot alone.
        private: bool,
    },
    /// A native chain (接龙): a full snapshot. Ranges of a text are cut by
    /// [`crate::domain::orders::chain::Snapshot::cut`].
    Chain {
        /// Who posted it.
        from: Contact,
        /// Its title, with the example.
        title: String,
        /// Its lines.
        lines: Vec<ChainLine>,
    },
    /// Somebody took back a message.
    Recalled {
        /// Who.
        from: Contact,
        /// The key of the message taken back.
        key: String,
    },
    /// People joined.
    Joined {
        /// Who.
        members: Vec<Contact>,
        /// Who brought them.
        by: Inviter,
    },
    /// Somebody asks to come in. When they come, whoever invited them brought them.
    AsksToJoin {
        /// Who asks.
        member: Contact,
        /// Who invited them; nobody if they ask of their own accord.
        by: Option<Contact>,
    },
    /// Somebody left or was removed.
    Left {
        /// Who.
        member: Contact,
    },
    /// A newcomer opened the bot with a link that carries a promoter's payload.
    Started {
        /// Who.
        from: Contact,
        /// As in the link.
        payload: String,
    },
    /// The group is called otherwise now.
    Renamed {
        /// How.
        name: String,
    },
    /// The group goes on under another id; announced as often as the platform likes.
    Migrated {
        /// The new one.
        to: String,
    },
    /// The bot was added to the group, or what it may do there changed.
    BotAdded {
        /// By whom, where the platform says.
        by: Option<Contact>,
        /// What keeps it from working well.
        obstacles: Vec<Obstacle>,
    },
    /// The bot was removed from the group.
    BotRemoved,
    /// Something may have been missed; member lists are compared. `chat` is empty: in all groups.
    Gap,
    /// The account waits for somebody to scan this.
    LoginRequired {
        /// The content of the QR code.
        qr: String,
    },
    /// The account is connected and listens.
    Ready {
        /// The bot's own name there.
        name: String,
    },
    /// The account is not connected.
    Away {
        /// For the operator. No tokens.
        reason: String,
    },
}

impl HeardKind {
    /// Everybody named by what was heard.
    #[must_use]
    pub fn people(&self) -> Vec<Contact> {
        let people: Vec<&Contact> = match self {
            Self::Message { from, message, .. } => {
                return from.iter().cloned().chain(message.people()).collect();
            }
            Self::Joined { members, by } => {
                let inviter = match by {
                    Inviter::Named(person) => Some(person),
                    Inviter::Link(_) | Inviter::Unknown => None,
                };
                members.iter().chain(inviter).collect()
            }
            Self::Action { from, .. }
            | Self::Chain { from, .. }
            | Self::Recalled { from, .. }
            | Self::Started { from, .. } => vec![from],
            Self::Left { member } => vec![member],
            Self::AsksToJoin { member, by } => std::iter::once(member).chain(by).collect(),
            Self::BotAdded { by, .. } => by.iter().collect(),
            _ => Vec::new(),
        };
        people.into_iter().cloned().collect()
    }
}

/// Who brought newcomers, as far as the platform tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inviter {
    /// The join event names them.
    Named(Contact),
    /// They came by a link that the bot made, under this label.
    Link(String),
    /// Nobody knows.
    Unknown,
}

/// What the platform says about somebody's standing in a group: a hint for linking, not a right.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Standing {
    /// Owner or administrator.
    Runs,
    /// Neither.
    Ordinary,
    /// It was not asked, or cannot be.
    #[default]
    Unsaid,
}

/// What keeps the bot from working well in a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Obstacle {
    /// It sees commands only.
    Deaf,
    /// It is no administrator, so it hears of joins late or never.
    NotAdmin,
    /// It may not make invite links.
    NoLinks,
    /// The group is public: who joins by its public name belongs to nobody.
    Public,
    /// It hears only what mentions it, until the group's owner switches on that it hears everything.
    MentionsOnly,
    /// It may only answer, until the group's owner switches on that it speaks unasked.
    RepliesOnly,
}

/// The channel an adapter speaks into.
#[derive(Clone, Debug)]
pub struct Listener(mpsc::Sender<Heard>);

/// Nobody listens any more: the shop is closing.
#[derive(Debug, thiserror::Error)]
#[error("the shop is closing")]
pub struct Closing;

impl Listener {
    /// A channel; what is heard comes out in order.
    #[must_use]
    pub fn new() -> (Self, mpsc::Receiver<Heard>) {
        let (ear, heard) = mpsc::channel(WAITING_MAX);
        (Self(ear), heard)
    }

    /// Hand something in, in order; the answer comes once it is stored.
    ///
    /// # Errors
    /// [`Closing`].
    pub async fn hear(&self, item: HeardItem) -> Result<oneshot::Receiver<()>, Closing> {
        let (stored, told) = oneshot::channel();
        self.0.send(Heard { item, stored }).await.map_err(|_| Closing)?;
        Ok(told)
    }

    /// Hand in what needs no storing: how the account is.
    ///
    /// # Errors
    /// [`Closing`].
    pub async fn report(&self, what: HeardKind) -> Result<(), Closing> {
        self.hear(HeardItem::own(what)).await.map(|_| ())
    }
}

/// A key that is one of its kind, whichever process makes it.
pub(super) fn fresh_key(kind: &str) -> String {
    let mut bytes = [0; 8];
    let filled = ring::rand::SecureRandom::fill(&ring::rand::SystemRandom::new(), &mut bytes);
    filled.expect("the system has randomness: its data is sealed with it");
    format!("{kind}:{:016x}", u64::from_be_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_kept_is_not_sound() {
        let item = |chat: &str, key: &str, who: &str| {
            let from = Contact { key: who.to_owned(), name: "x".to_owned() };
            let what = HeardKind::Started { from, payload: String::new() };
            HeardItem { chat: chat.to_owned(), key: key.to_owned(), at: None, what }
        };
        let long = "x".repeat(KEY_MAX + 1);
        assert!(item("g", "g:1", "5").is_sound() && HeardItem::own(HeardKind::Gap).is_sound());
        for bad in ["", "a\0b", "a\nb", &long] {
            for item in [item(bad, "g:1", "5"), item("g", bad, "5"), item("g", "g:1", bad)] {
                assert!(!item.is_sound(), "{item:?}");
            }
        }
    }
}
