//! WeChat, through a Wechaty gateway: a puppet service over gRPC, behind which a puppet holds the account.
//! The account is a person like any other: it sees all messages of its groups and who brought whom, has
//! no buttons, and is logged in by scanning a QR code.
//!
//! The gateway has one stream of events and repeats nothing, so member lists are compared after each
//! connection. Which puppet serves the account is the gateway's business.

mod client;
mod echo;
mod events;
mod hear;
mod listen;
mod mentions;
mod messages;
mod names;
mod send;
mod solitaire;
mod wire;

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use self::client::{ASK_MAX, Client, unsent};
use self::wire::{ContactPayload, Id, RoomMemberList, RoomPayload};
use super::deliver::Refusals;
use super::heard::Standing;
use super::{Capabilities, Outgoing, Platform, SendError, deliver};
use crate::domain::event::Contact;

/// How fast an account may speak: nobody says, and this was never too fast.
const SLOW: (u32, Duration) = (1, Duration::from_secs(1));

/// What an account is made with.
#[derive(Clone)]
pub struct Options {
    /// Where the gateway is: `http://host:port`, or `https://host:port` where it shows a certificate.
    pub endpoint: String,
    /// The gateway's token.
    pub token: String,
    /// The folder that pictures are in.
    pub media: PathBuf,
    /// Instead of a message a second.
    pub rate_per_chat: Option<(u32, Duration)>,
    /// Different in every process that ever listens: gaps are told apart by it.
    pub run: String,
}

/// One account. Cheap to clone.
#[derive(Clone)]
pub struct Wechaty(Arc<Inner>);

/// What its tasks share.
pub struct Inner {
    client: Client,
    media: PathBuf,
    rate: (u32, Duration),
    run: String,
    gaps: AtomicU64,
    /// The account's own id, while it is logged in.
    me: Mutex<Option<String>>,
    /// This process listens and has lost the gateway. One that does not listen cannot tell.
    is_cut_off: AtomicBool,
    names: names::RoomNames,
    echoes: echo::Echoes,
    /// Messages that were announced and could not be had, by their ids: the gateway still has them.
    unheard: Mutex<Vec<String>>,
    refusals: Refusals,
}

impl std::ops::Deref for Wechaty {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl Wechaty {
    /// An account. Nothing is called yet. Must be called inside the runtime.
    ///
    /// # Errors
    /// When the endpoint is no address, or the token no header.
    pub fn new(options: Options) -> anyhow::Result<Self> {
        Ok(Self(Arc::new(Inner {
            client: Client::new(&options.endpoint, &options.token)?,
            media: options.media,
            rate: options.rate_per_chat.unwrap_or(SLOW),
            run: options.run,
            gaps: AtomicU64::new(0),
            me: Mutex::default(),
            is_cut_off: AtomicBool::new(false),
            names: names::RoomNames::default(),
            echoes: echo::Echoes::default(),
            unheard: Mutex::default(),
            refusals: Refusals::default(),
        })))
    }
}

impl Inner {
    fn me(&self) -> Option<String> {
        self.me.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set_me(&self, me: Option<String>) {
        *self.me.lock().unwrap_or_else(PoisonError::into_inner) = me;
    }

    fn set_cut_off(&self, is_so: bool) {
        self.is_cut_off.store(is_so, Ordering::Relaxed);
    }

    /// The key of the next gap.
    fn next_gap(&self) -> String {
        format!("gap:{}:{}", self.run, self.gaps.fetch_add(1, Ordering::Relaxed))
    }

    /// Whether somebody is no friend of the account, who cannot be written to alone.
    async fn is_stranger(&self, id: &str) -> bool {
        let ask = Id { id: id.to_owned() };
        match self.client.call::<ContactPayload>(ask, ASK_MAX).await {
            Ok(contact) => !contact.friend,
            Err(_) => false, // trying will tell
        }
    }

    /// Whether the account is in a room; `None`: it cannot be told.
    async fn is_in(&self, room: &str) -> Option<bool> {
        let me = self.me()?;
        match self.client.call::<RoomMemberList>(Id { id: room.to_owned() }, ASK_MAX).await {
            Ok(list) => Some(list.member_ids.contains(&me)),
            Err(client::CallError::Refused { .. }) => Some(false),
            Err(_) => None,
        }
    }
}

impl Platform for Wechaty {
    fn capabilities(&self) -> Capabilities {
        // The rate that lets more through.
        let is_faster = self.rate.1 * SLOW.0 < SLOW.1 * self.rate.0;
        Capabilities {
            private: true,
            rate_per_chat: Some(self.rate),
            // WeChat looks at accounts, not at groups: who says too much is locked out.
            rate_per_account: Some(if is_faster { self.rate } else { SLOW }),
            text_limit: 2_000,
            lag: Duration::from_secs(10),
            member_list: true,
            hears_files: true,
            sends_files: true,
            ..Capabilities::default()
        }
    }

    async fn send(&self, messages: &[Outgoing]) -> Vec<Result<Option<String>, SendError>> {
        deliver::all(messages, |message| send::one(self, message)).await
    }

    async fn members(&self, chat: &str) -> Result<Vec<Contact>, SendError> {
        let later = || SendError::Later { after: Duration::from_secs(3), source: None };
        let me = self.me().ok_or_else(later)?;
        let list = self.client.call::<RoomMemberList>(Id { id: chat.to_owned() }, ASK_MAX).await;
        let ids = list.map_err(unsent)?.member_ids;
        let others = ids.into_iter().filter(|id| !id.is_empty() && *id != me).collect();
        Ok(self.people(chat, others).await)
    }

    async fn standing(&self, chat: &str, user: &str) -> Standing {
        match self.client.call::<RoomPayload>(Id { id: chat.to_owned() }, ASK_MAX).await {
            Ok(room) if room.owner_id == user || room.admin_ids.iter().any(|id| id == user) => {
                Standing::Runs
            }
            Ok(room) if !room.owner_id.is_empty() => Standing::Ordinary,
            Ok(_) => Standing::Unsaid,
            Err(error) => {
                tracing::warn!(%error, "somebody's standing in a group was not told");
                Standing::Unsaid
            }
        }
    }
}

/// What a text says that mentions this person.
#[cfg(test)]
pub(super) fn heard_in(text: String, person: &Contact) -> super::heard::HeardMessage {
    let who = Some(super::heard::Mentioned::Person(person.clone()));
    mentions::placed(text, &[mentions::Candidate { who, names: vec![person.name.clone()] }])
        .trimmed()
}
