//! Composing one outgoing message from the rows it carries. Pure.

use std::collections::BTreeMap;

use crate::domain::event::Contact;
use crate::domain::ids::{AccountId, EventId};
use crate::domain::message::AttachmentKind;
use crate::domain::reply::Picture;
use crate::domain::time::Timestamp;
use crate::engine::rate_limit;
use crate::platform::{Answering, Capabilities, Outgoing, OutgoingFile, qr};
use crate::render::{Addressing, SaidReply, Words};
use crate::store::outbox::{MessagePlace, Send, UnfinishedMessage};

use super::buttons;
use super::queue::Load;

/// Numbers of answers that the parts of one message have for themselves.
const PARTS: u32 = 8;

/// The queue of a message: its chat, or the member's own with that community.
pub(super) fn bucket(message: &UnfinishedMessage) -> String {
    match &message.to {
        Some((key, _)) if message.private => format!("{}\u{1}{key}", message.chat),
        _ => message.chat.clone(),
    }
}

/// The chat that a message goes to, as platforms limit it: a member's own is one for all communities, and a
/// topic shares the limit of its group.
pub(super) fn target(message: &UnfinishedMessage) -> &str {
    match &message.to {
        Some((key, _)) if message.private => key,
        _ => rate_limit::whole(&message.chat),
    }
}

/// A send of these rows, with its id and its text fixed.
pub(super) fn draft(words: &Words, account: AccountId, load: &Load) -> Send {
    let places = load.rows().map(|row| row.place).collect();
    Send { places, id: send_id(account, load), text: text(words, load) }
}

/// The id of a send: its first row and how often that was tried, so a second try is told apart from the
/// same one repeated after a crash.
fn send_id(account: AccountId, load: &Load) -> String {
    load.rows().next().map_or_else(String::new, |row| {
        let MessagePlace { event, ordinal } = row.place;
        format!("{account}-{}-{}-{ordinal}-{}", event.lane, event.seq, row.tries)
    })
}

/// The text of a message that carries these rows.
pub(super) fn text(words: &Words, load: &Load) -> String {
    let lines = load.lines();
    let Some((first, _)) = lines.first() else { return String::new() };
    let said: Vec<_> = lines.iter().map(|(row, more)| said(row, *more)).collect();
    words.digest(&said, &voice(first))
}

/// What a row says; in a chat with one member nobody is addressed by name.
fn said(row: &UnfinishedMessage, more: usize) -> SaidReply<'_> {
    let to = row.to.as_ref().map(|(_, name)| name.as_str()).filter(|_| !row.private);
    SaidReply { to, reply: &row.reply, before_others: row.before_others, more }
}

/// Whom a row is for.
fn person(row: &UnfinishedMessage) -> Option<Contact> {
    row.to.clone().map(|(key, name)| Contact { key, name })
}

/// Whom the text of these rows mentions, each once. Nobody is mentioned in a chat with one member.
fn mentioned(lines: &[(&UnfinishedMessage, usize)]) -> Vec<Contact> {
    let public = lines.iter().map(|(row, _)| *row).filter(|row| !row.private);
    let called = public.flat_map(|row| {
        let calls = row.reply.delivery().calls.iter().filter(|_| !row.before_others);
        person(row).into_iter().chain(calls.cloned())
    });
    let mut people: Vec<Contact> = Vec::new();
    for contact in called {
        if !people.iter().any(|known| known.key == contact.key) {
            people.push(contact);
        }
    }
    people
}

/// The message as the platform gets it; `file` goes with it, if that is for one member's eyes only.
pub(super) fn outgoing(
    send: &Send,
    load: &Load,
    able: &Capabilities,
    file: Option<&OutgoingFile>,
) -> Outgoing {
    let lines = load.lines();
    let first = lines.first().map(|(row, _)| *row);
    let only = first.filter(|_| send.places.len() == 1);
    // What is for one member alone goes to them, however much of it is merged.
    let picture = first.and_then(|row| row.reply.delivery().picture);
    let whom = first.filter(|row| row.private || only.is_some());
    Outgoing {
        id: send.id.clone(),
        chat: first.map(|row| row.chat.clone()).unwrap_or_default(),
        to: whom.and_then(person).map(|person| person.key),
        private: first.is_some_and(|row| row.private),
        mentions: mentioned(&lines),
        text: send.text.clone(),
        image: match picture {
            Some(Picture::File(path)) => Some(path.to_owned()),
            Some(Picture::Code(_)) | None => None,
        },
        attachment: match picture {
            Some(Picture::Code(content)) if able.sends_files => code(content),
            _ => file.filter(|_| first.is_some_and(|row| row.private)).cloned(),
        },
        buttons: only.filter(|_| able.buttons).map(buttons::of).unwrap_or_default(),
        answers: None,
    }
}

/// A QR code as a file.
fn code(content: &str) -> Option<OutgoingFile> {
    let bytes = qr::png(content)?.into();
    Some(OutgoingFile { kind: AttachmentKind::Picture, name: "code.png".to_owned(), bytes })
}

/// What a message of these rows answers: the newest of what was heard that one of them is about.
pub(super) fn answers<'r>(
    rows: impl Iterator<Item = &'r UnfinishedMessage>,
    heard: &BTreeMap<EventId, (String, Timestamp)>,
    now: Timestamp,
) -> Option<Answering> {
    let newest = rows.filter_map(|row| Some((row, heard.get(&row.place.event)?)));
    let (row, (key, at)) = newest.max_by_key(|(row, (_, at))| (*at, row.place))?;
    let age = (now - *at).to_std().unwrap_or_default();
    let nth = u32::try_from(row.place.ordinal).unwrap_or(0) * PARTS;
    Some(Answering { key: key.clone(), age, nth })
}

/// The text of a send that may have arrived before, marked as a repeat.
pub(super) fn repeat(words: &Words, text: &str, load: &Load) -> String {
    load.rows().next().map_or_else(String::new, |row| words.repeat(text, &voice(row)))
}

fn voice(row: &UnfinishedMessage) -> Addressing<'_> {
    Addressing {
        locale: row.manner.locale,
        time_zone: row.manner.time_zone,
        currency: row.manner.currency,
        to: None,
        now: row.at,
    }
}
