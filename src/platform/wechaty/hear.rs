//! From the gateway's news to what all platforms share, asking for what is needed: the message behind an
//! announcement, the names behind ids.

use std::sync::{MutexGuard, PoisonError};

use futures::StreamExt;

use super::Wechaty;
use super::client::{ASK_MAX, CallError};
use super::events::{self, PuppetNews};
use super::mentions::{self, Candidate};
use super::messages::{self, PuppetSaid};
use super::wire::{Id, MessagePayload, MessagePayloadResponse, RoomInvitationAccept};
use crate::domain::event::Contact;
use crate::domain::message::MENTIONS_MAX;
use crate::domain::time::Timestamp;
use crate::platform::heard::{
    Attachment, HeardItem, HeardKind, HeardMessage, Inviter, Mentioned, PEOPLE_MAX,
};

/// Names that are asked at once.
const NAMES_AT_ONCE: usize = 16;

/// How often a message that was announced is asked for.
const TRIES: u32 = 3;

/// Messages that could not be had of which the ids are kept; of more, the last ones are lost.
const UNHEARD_MAX: usize = 1_000;

impl Wechaty {
    /// What a piece of news says; nothing, where it is nobody's business.
    pub(super) async fn items(&self, news: PuppetNews) -> Vec<HeardItem> {
        let mut items = self.told(news).await;
        items.retain(HeardItem::is_sound);
        items
    }

    async fn told(&self, news: PuppetNews) -> Vec<HeardItem> {
        match news {
            PuppetNews::Scan { qr } => vec![HeardItem::own(HeardKind::LoginRequired { qr })],
            PuppetNews::Login { me } => self.logged_in(&me).await,
            PuppetNews::Logout => {
                let reason = "WeChat logged the account out".to_owned();
                vec![HeardItem::own(HeardKind::Away { reason })]
            }
            PuppetNews::Message { id } => self.message(&id).await.into_iter().collect(),
            PuppetNews::Join { room, members, inviter, at } => {
                self.joined(room, at, members, inviter).await
            }
            PuppetNews::Leave { room, members, at } => self.left(room, at, members).await,
            PuppetNews::Topic { room, name, at } => {
                let key = events::key(&[&room, "topic", &stamp(at), &events::fingerprint(&name)]);
                vec![HeardItem { chat: room, key, at, what: HeardKind::Renamed { name } }]
            }
            PuppetNews::Invited { id } => {
                self.accept(&id).await;
                Vec::new()
            }
            PuppetNews::Dirty { .. } | PuppetNews::Trouble { .. } | PuppetNews::Other => Vec::new(),
        }
    }

    async fn logged_in(&self, me: &str) -> Vec<HeardItem> {
        let (myself, _) = self.names.contact(&self.client, me).await;
        let gap = HeardItem { key: self.next_gap(), ..HeardItem::own(HeardKind::Gap) };
        let mut items = vec![HeardItem::own(HeardKind::Ready { name: myself.name }), gap];
        let unheard = std::mem::take(&mut *self.unheard());
        for id in unheard {
            items.extend(self.message(&id).await);
        }
        items
    }

    fn unheard(&self) -> MutexGuard<'_, Vec<String>> {
        self.unheard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Enter a room that one must agree to enter. Nothing is sold there before it is linked.
    async fn accept(&self, id: &str) {
        let accepted = self.client.call::<RoomInvitationAccept>(Id { id: id.to_owned() }, ASK_MAX);
        match accepted.await {
            Ok(_) => tracing::info!("an invitation into a group was accepted"),
            Err(error) => tracing::warn!(%error, "an invitation into a group was not accepted"),
        }
    }

    async fn message(&self, id: &str) -> Option<HeardItem> {
        match self.payload(id).await {
            Ok(message) => self.translated(id, message).await,
            Err(error) => {
                // The line was cut between the two: it is asked for again when that is mended.
                let mut unheard = self.unheard();
                let is_kept =
                    !matches!(error, CallError::Refused { .. }) && unheard.len() < UNHEARD_MAX;
                unheard.extend(is_kept.then(|| id.to_owned()));
                tracing::warn!(%error, is_kept, "a message that was announced could not be had");
                None
            }
        }
    }

    async fn translated(&self, id: &str, message: MessagePayloadResponse) -> Option<HeardItem> {
        let Some(me) = self.me() else {
            tracing::warn!("a message came while nobody is logged in; it is left out");
            return None;
        };
        let private = message.room_id.is_empty();
        if message.talker_id == me {
            self.note_echo(id, &message);
            return None;
        }
        let at = message.receive_time.as_ref().and_then(moment);
        if message.talker_id.is_empty() {
            return None;
        }
        let from = if private {
            // Channels of companies answer whatever they are told: the two would never stop.
            let (from, is_person) = self.names.contact(&self.client, &message.talker_id).await;
            is_person.then_some(from)?
        } else {
            self.names.member(&self.client, &message.room_id, &message.talker_id).await
        };
        let chat = if private { message.talker_id.clone() } else { message.room_id.clone() };
        let key = events::key(&[&chat, id]);
        let what = self.said(&message, &chat, from, &me).await?;
        Some(HeardItem { chat, key, at, what })
    }

    async fn said(
        &self,
        message: &MessagePayloadResponse,
        chat: &str,
        from: Contact,
        me: &str,
    ) -> Option<HeardKind> {
        let private = message.room_id.is_empty();
        Some(match messages::read(message) {
            PuppetSaid::Text(text) => {
                let people = self.mentioned(message, chat, me).await;
                let mut heard = mentions::placed(text, &people);
                heard.addressed |= message.mention_ids.iter().any(|id| id == me);
                let heard = heard.trimmed();
                if heard.text.is_empty() {
                    return None;
                }
                HeardKind::Message { from: Some(from), message: heard, private }
            }
            PuppetSaid::Attached(_) if message.id.is_empty() => return None,
            PuppetSaid::Attached(kind) => {
                let name = Some(message.filename.clone()).filter(|name| !name.is_empty());
                let id = message.id.clone();
                let attachments = vec![Attachment { kind, id, name, size_bytes: None }];
                let heard = HeardMessage { attachments, ..HeardMessage::default() };
                HeardKind::Message { from: Some(from), message: heard, private }
            }
            PuppetSaid::Chain { .. } if private => return None,
            PuppetSaid::Chain { title, lines } => HeardKind::Chain { from, title, lines },
            PuppetSaid::Recalled(of) => {
                HeardKind::Recalled { from, key: events::key(&[chat, &of]) }
            }
            PuppetSaid::Nothing => return None,
        })
    }

    /// Whom a message mentions, with every name they are known by there. Whoever mentions too many
    /// mentions nobody, and nobody is asked about.
    async fn mentioned(
        &self,
        message: &MessagePayloadResponse,
        room: &str,
        me: &str,
    ) -> Vec<Candidate> {
        let ids = &message.mention_ids;
        if message.room_id.is_empty() || ids.len() > MENTIONS_MAX {
            return vec![Candidate::default(); ids.len()];
        }
        let asked = ids.clone().into_iter().map(async |id| {
            let member = self.names.member(&self.client, room, &id).await;
            let (contact, _) = self.names.contact(&self.client, &id).await;
            let names = vec![member.name.clone(), contact.name];
            let who = if id == me { Mentioned::Bot } else { Mentioned::Person(member) };
            Candidate { who: Some(who), names }
        });
        futures::stream::iter(asked).buffered(NAMES_AT_ONCE).collect().await
    }

    /// What a message says. The announcement may come before the message is there.
    async fn payload(&self, id: &str) -> Result<MessagePayloadResponse, CallError> {
        let mut tries = 0;
        loop {
            let ask = Id { id: id.to_owned() };
            match self.client.call::<MessagePayload>(ask, ASK_MAX).await {
                // One that hangs would hold up those behind it: it is not waited for again.
                Err(CallError::Unknown { reason }) => return Err(CallError::Unknown { reason }),
                Err(error) if tries + 1 < TRIES => {
                    tracing::debug!(%error, "a message was not told");
                    tokio::time::sleep(std::time::Duration::from_millis(200 << tries)).await;
                    tries += 1;
                }
                told => return told,
            }
        }
    }

    fn note_echo(&self, id: &str, message: &MessagePayloadResponse) {
        let chat = if message.room_id.is_empty() { &message.listener_id } else { &message.room_id };
        if messages::is_picture(message) {
            self.echoes.heard(chat, None, id);
        } else {
            self.echoes.heard(chat, Some(&message.text), id);
        }
    }

    async fn joined(
        &self,
        room: String,
        at: Option<Timestamp>,
        ids: Vec<String>,
        inviter: String,
    ) -> Vec<HeardItem> {
        let me = self.me().unwrap_or_default();
        let of_person = !inviter.is_empty() && inviter != me;
        let by = match &*inviter {
            inviter if of_person => Some(self.names.member(&self.client, &room, inviter).await),
            _ => None,
        };
        let mut items = Vec::new();
        if ids.contains(&me) {
            let key = events::key(&[&room, "bot", "in", &stamp(at)]);
            let what = HeardKind::BotAdded { by: by.clone(), obstacles: Vec::new() };
            items.push(HeardItem { chat: room.clone(), key, at, what });
        }
        let others: Vec<_> = ids.into_iter().filter(|id| *id != me).collect();
        for some in others.chunks(PEOPLE_MAX) {
            let key =
                events::key(&[&room, "in", &stamp(at), &events::fingerprint(&some.join(" "))]);
            let members = self.people(&room, some.to_vec()).await;
            // Somebody who came by the code of the group itself is told as having brought themselves.
            let alone = some.len() == 1 && some[0] == inviter;
            let by = match by.clone().filter(|_| !alone) {
                Some(person) => Inviter::Named(person),
                None => Inviter::Unknown,
            };
            items.push(HeardItem {
                chat: room.clone(),
                key,
                at,
                what: HeardKind::Joined { members, by },
            });
        }
        items
    }

    async fn left(&self, room: String, at: Option<Timestamp>, ids: Vec<String>) -> Vec<HeardItem> {
        let me = self.me().unwrap_or_default();
        let mut items = Vec::new();
        for id in ids {
            let key = events::key(&[&room, "out", &stamp(at), &id]);
            let what = if id == me {
                HeardKind::BotRemoved
            } else {
                HeardKind::Left { member: self.names.member(&self.client, &room, &id).await }
            };
            items.push(HeardItem { chat: room.clone(), key, at, what });
        }
        items
    }

    /// People of a room, with their names, in this order.
    pub(super) async fn people(&self, room: &str, ids: Vec<String>) -> Vec<Contact> {
        let asked =
            ids.into_iter().map(async |id| self.names.member(&self.client, room, &id).await);
        futures::stream::iter(asked).buffered(NAMES_AT_ONCE).collect().await
    }
}

fn moment(at: &super::wire::Timestamp) -> Option<Timestamp> {
    let millis = i64::from(at.nanos / 1_000_000);
    events::instant(at.seconds.checked_mul(1_000)?.checked_add(millis)?)
}

/// An instant as part of a key. Puppets that tell none tell things only once.
fn stamp(at: Option<Timestamp>) -> String {
    at.map_or_else(String::new, |at| at.timestamp_millis().to_string())
}

#[cfg(test)]
mod fuzz;
#[cfg(test)]
#[path = "hear_tests.rs"]
mod tests;
