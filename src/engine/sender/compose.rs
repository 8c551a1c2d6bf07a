//! Composing one outgoing message from the rows it carries. Pure.

use std::collections::VecDeque;

use crate::domain::event::Person;
use crate::domain::ids::AccountId;
use crate::domain::reply::Reply;
use crate::platform::{Capabilities, Outgoing};
use crate::render::{Voice, Words};
use crate::store::outbox::{Message, Place, Send};

use super::buttons;

/// The most rows of one digest.
const DIGEST_MAX: usize = 40;

/// The bucket that paces a message: its chat, or the member's own.
pub(super) fn bucket(message: &Message) -> String {
    match &message.to {
        Some((key, _)) if message.private => format!("{}\u{1}{key}", message.chat),
        _ => message.chat.clone(),
    }
}

/// The rows of the next message: one, or all that may be merged with it. Order is kept.
pub(super) fn next(queue: &mut VecDeque<Message>, merge: bool) -> Vec<Message> {
    let Some(first) = queue.pop_front() else { return Vec::new() };
    let mergeable = |row: &Message| row.reply.is_mergeable() && !row.before_others;
    let mut rows = vec![first];
    while merge && rows.len() < DIGEST_MAX && rows.iter().all(mergeable) {
        match queue.pop_front_if(|row| mergeable(row)) {
            Some(row) => rows.push(row),
            None => break,
        }
    }
    rows
}

/// A send of these rows, with its id and its text fixed.
pub(super) fn draft(words: &Words, account: AccountId, rows: Vec<Message>) -> (Send, Vec<Message>) {
    let places = rows.iter().map(|row| row.place).collect();
    let text = text(words, &rows);
    (Send { places, id: send_id(account, &rows), text }, rows)
}

/// The id of a send: its first row and how often that was tried, so a second try is told apart from the
/// same one repeated after a crash.
fn send_id(account: AccountId, rows: &[Message]) -> String {
    rows.first().map_or_else(String::new, |row| {
        let Place { event, ordinal } = row.place;
        format!("{account}-{}-{}-{ordinal}-{}", event.lane, event.seq, row.tries)
    })
}

/// The text of a message that carries these rows.
pub(super) fn text(words: &Words, rows: &[Message]) -> String {
    let Some(first) = rows.first() else { return String::new() };
    match rows {
        [row] => {
            let name = row.to.as_ref().map(|(_, name)| name.as_str());
            let to = name.filter(|_| !row.private);
            let voice = Voice { to, ..voice(row) };
            let public = row.before_others.then(|| words.say_before_others(&row.reply, &voice));
            public.flatten().unwrap_or_else(|| words.say(&row.reply, &voice))
        }
        many => {
            let said: Vec<(Option<&str>, &Reply)> = many
                .iter()
                .map(|row| (row.to.as_ref().map(|(_, name)| name.as_str()), &row.reply))
                .collect();
            words.digest(&said, &voice(first))
        }
    }
}

/// The message as the platform gets it.
pub(super) fn outgoing(send: &Send, rows: &[Message], able: &Capabilities) -> Outgoing {
    let person = |row: &Message| {
        let to = row.to.clone();
        to.map(|(key, name)| Person { key, name })
    };
    let first = rows.first();
    let only = first.filter(|_| rows.len() == 1);
    Outgoing {
        id: send.id.clone(),
        chat: first.map(|row| row.chat.clone()).unwrap_or_default(),
        to: only.and_then(person).map(|person| person.key),
        private: first.is_some_and(|row| row.private),
        mentions: rows.iter().filter(|row| !row.private).filter_map(person).collect(),
        text: send.text.clone(),
        image: first.and_then(|row| image(&row.reply)),
        buttons: only.filter(|_| able.buttons).map(buttons::of).unwrap_or_default(),
    }
}

fn image(reply: &Reply) -> Option<String> {
    match reply {
        Reply::DropPosted { image, offers, .. } => {
            image.clone().or_else(|| offers.iter().find_map(|offer| offer.image.clone()))
        }
        Reply::Listed { offer, .. } => offer.image.clone(),
        _ => None,
    }
}

/// The text of a send that may have arrived before, marked as a repeat.
pub(super) fn repeat(words: &Words, text: &str, rows: &[Message]) -> String {
    rows.first().map_or_else(String::new, |row| words.repeat(text, &voice(row)))
}

fn voice(row: &Message) -> Voice<'_> {
    Voice {
        locale: row.manner.locale,
        time_zone: row.manner.time_zone,
        currency: &row.manner.currency,
        to: None,
        now: row.at,
    }
}
