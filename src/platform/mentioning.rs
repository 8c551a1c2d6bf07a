//! For tests: one message that mentions somebody, as each platform would tell it, translated by its adapter.

use serde_json::json;

use super::heard::{HeardKind, HeardMessage};
use super::simulator::mentions;
use crate::domain::event::Contact;
use crate::domain::name::shown_name;

/// A text with somebody's name in the place of `{}`, mentioned, as heard on every platform.
pub(crate) fn messages(text: &str, key: &str, name: &str) -> Vec<(&'static str, HeardMessage)> {
    let (before, after) = text.split_once("{}").expect("somebody is mentioned");
    let person = Contact { key: key.to_owned(), name: shown_name(name, key) };
    vec![
        ("simulator", simulator(before, &person, after)),
        ("onebot", onebot(before, &person, after)),
        #[cfg(feature = "qq")]
        ("qq", qq(before, &person, after)),
        #[cfg(feature = "telegram")]
        ("telegram", telegram(before, &person, after)),
        #[cfg(feature = "wechaty")]
        ("wechaty", wechaty(before, &person, after)),
    ]
}

fn message(what: Option<HeardKind>) -> HeardMessage {
    match what {
        Some(HeardKind::Message { message, .. }) => message,
        other => panic!("it is a message: {other:?}"),
    }
}

fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

fn simulator(before: &str, person: &Contact, after: &str) -> HeardMessage {
    let call = format!("@{}", person.name);
    let (start, length) = (units(before), units(&call));
    let marked = mentions::Marked::Range { start, length, name: person.name.clone() };
    let mut heard = mentions::message(format!("{before}{call}{after}"), &[marked]).unwrap();
    // Simulated people are known by name; here by their id, as everywhere else.
    heard.mentions.iter_mut().for_each(|it| it.key.clone_from(&person.key));
    heard
}

fn onebot(before: &str, person: &Contact, after: &str) -> HeardMessage {
    let text = |words: &str| json!({ "type": "text", "data": { "text": words } });
    let at = json!({ "type": "at", "data": { "qq": person.key } });
    let raw = json!({
        "time": 1_700_000_000, "self_id": 999, "post_type": "message", "message_type": "group",
        "group_id": 5_550, "user_id": 10, "message_id": 77,
        "message": [text(before), at, text(after)],
        "sender": { "user_id": 10, "nickname": "mei" },
    });
    message(super::onebot::heard_in(&raw, person))
}

#[cfg(feature = "qq")]
fn qq(before: &str, person: &Contact, after: &str) -> HeardMessage {
    let mention = json!({
        "scope": "single", "bot": false, "id": person.key, "is_you": false,
        "member_openid": person.key, "username": person.name,
    });
    let raw = json!({ "op": 0, "s": 1, "t": "GROUP_MESSAGE_CREATE", "id": "GROUP_MESSAGE_CREATE:1", "d": {
        "id": "R1", "content": format!("{before}<@{}>{after}", person.key),
        "timestamp": "2026-05-27T16:00:00+08:00", "group_openid": "G0", "mentions": [mention],
        "author": { "member_openid": "M10", "username": "mei", "bot": false },
    }});
    message(super::qq::heard_in(&raw))
}

#[cfg(feature = "telegram")]
fn telegram(before: &str, person: &Contact, after: &str) -> HeardMessage {
    let user: u64 = person.key.parse().unwrap();
    let words = format!("{before}@{}{after}", person.name);
    let entity = json!({
        "type": "text_mention", "offset": units(before), "length": units(&person.name) + 1,
        "user": { "id": user, "is_bot": false, "first_name": person.name },
    });
    let raw = json!({ "update_id": 1, "message": {
        "message_id": 7, "date": 1_700_000_000, "text": words, "entities": [entity],
        "chat": { "id": -1_001, "type": "supergroup", "title": "x" },
        "from": { "id": 10, "is_bot": false, "first_name": "mei" },
    }});
    message(super::telegram::heard_in(&raw))
}

#[cfg(feature = "wechaty")]
fn wechaty(before: &str, person: &Contact, after: &str) -> HeardMessage {
    let words = format!("{before}@{}\u{2005}{after}", person.name);
    super::wechaty::heard_in(words, person)
}
