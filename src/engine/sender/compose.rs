//! Composing one outgoing message from the rows it carries. Pure.

use std::collections::VecDeque;

use crate::domain::event::Contact;
use crate::domain::ids::AccountId;
use crate::domain::reply::{Merging, Urgency};
use crate::platform::{Capabilities, Outgoing};
use crate::render::{Said, Voice, Words};
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

/// Whether nobody waits for any of these.
pub(super) fn are_notices(queue: &VecDeque<Message>) -> bool {
    queue.iter().all(is_notice)
}

/// The rows of the next message: one, or all that may be merged with it. Answers go before notices, of which
/// hundreds may come at once; among themselves both keep their order.
pub(super) fn next(queue: &mut VecDeque<Message>, merge: bool) -> Vec<Message> {
    let mut rows = Vec::new();
    loop {
        let place = foremost(queue);
        let Some(row) = queue.get(place) else { break };
        let mergeable = row.reply.delivery().merges == Merging::Digest;
        if !rows.is_empty() && !mergeable {
            break;
        }
        rows.extend(queue.remove(place));
        if !merge || !mergeable || rows.len() >= DIGEST_MAX {
            break;
        }
    }
    rows
}

/// The place of what goes next.
fn foremost(queue: &VecDeque<Message>) -> usize {
    queue.iter().position(|row| !is_notice(row)).unwrap_or(0)
}

fn is_notice(row: &Message) -> bool {
    row.reply.delivery().urgency == Urgency::Notice
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
    words.digest(&rows.iter().map(said).collect::<Vec<_>>(), &voice(first))
}

/// What a row says; in a chat with one member nobody is addressed by name.
fn said(row: &Message) -> Said<'_> {
    let to = row.to.as_ref().map(|(_, name)| name.as_str());
    Said { to: to.filter(|_| !row.private), reply: &row.reply, before_others: row.before_others }
}

/// The message as the platform gets it.
pub(super) fn outgoing(send: &Send, rows: &[Message], able: &Capabilities) -> Outgoing {
    let person = |row: &Message| {
        let to = row.to.clone();
        to.map(|(key, name)| Contact { key, name })
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
        image: first.and_then(|row| row.reply.delivery().picture).map(str::to_owned),
        attachment: None,
        buttons: only.filter(|_| able.buttons).map(buttons::of).unwrap_or_default(),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::book::Manner;
    use crate::domain::ids::{CommunityId, EventId, Lane};
    use crate::domain::money::Money;
    use crate::domain::policy::Locale;
    use crate::domain::reply::Reply;

    fn message(seq: i64, reply: Reply) -> Message {
        let manner = Manner {
            locale: Locale::ZhHans,
            time_zone: chrono_tz::Asia::Shanghai,
            currency: "CNY".to_owned(),
        };
        Message {
            place: Place { event: EventId { lane: Lane(0), seq }, ordinal: 1 },
            community: CommunityId(1),
            chat: "group".to_owned(),
            to: Some((format!("key-{seq}"), format!("name{seq}"))),
            private: true,
            before_others: false,
            receipt: false,
            manner,
            reply,
            at: "2026-03-04T16:00:00Z".parse().unwrap(),
            tries: 0,
        }
    }

    /// So many are told at midnight that commission came due, where nobody can be told alone.
    fn midnight(count: i64) -> VecDeque<Message> {
        let notice = |seq| {
            let amount = Money::from_minor(239);
            let mut row = message(seq, Reply::CommissionAvailable { amount, orders: 1 });
            assert!(row.say_before_others());
            row
        };
        (1..=count).map(notice).collect()
    }

    fn places(rows: &[Message]) -> Vec<i64> {
        rows.iter().map(|row| row.place.event.seq).collect()
    }

    #[test]
    fn an_answer_does_not_wait_for_notices() {
        let mut queue = midnight(300);
        queue.push_back(message(301, Reply::ShareSeen));
        queue.push_back(message(302, Reply::ShareSeen));
        assert!(!are_notices(&queue));
        assert_eq!(places(&next(&mut queue, false)), [301]);
        assert_eq!(places(&next(&mut queue, true))[..3], [302, 1, 2]);
        assert!(are_notices(&queue));
        assert_eq!(places(&next(&mut queue, false)), [40]);
    }

    #[test]
    fn hundreds_of_notices_are_a_few_messages() {
        let (words, mut queue) = (Words::new(), midnight(300));
        let mut sends = 0;
        while !queue.is_empty() {
            let rows = next(&mut queue, true);
            let said = text(&words, &rows);
            assert!(said.ends_with("有佣金可以提现了，发「提现」即可 💰"), "{said}");
            assert_eq!(said.matches("有佣金").count(), 1, "said once to all of them");
            sends += 1;
        }
        assert_eq!(sends, 8);
    }

    #[test]
    fn what_was_asked_in_confidence_is_told_to_no_group() {
        let mut asked = message(1, Reply::MyOrders { orders: Vec::new() });
        assert!(!asked.say_before_others() && asked.private && !asked.before_others);
        let mut answered = Message { private: false, ..asked };
        assert!(answered.say_before_others(), "asked in the group, it is answered there");
    }

    #[test]
    fn a_post_is_a_message_of_its_own() {
        let mut queue: VecDeque<_> = [message(1, Reply::ShareSeen)].into();
        let closed = Reply::PickList { items: Vec::new(), members: Vec::new() };
        queue.push_back(message(2, closed));
        queue.push_back(message(3, Reply::ShareSeen));
        let sends: Vec<_> = (0..3).map(|_| places(&next(&mut queue, true))).collect();
        assert_eq!(sends, [[1], [2], [3]]);
    }
}
