//! From OneBot's events to what all platforms share. Pure: the names that have to be asked first are in
//! [`GroupNames`].
//!
//! Joins by invitation name the inviter; on approval the operator is an administrator who invited nobody.
//! The bot's own echoes, system lines and forwarded messages are left out. Keys are natural ones, so what
//! is told twice counts once.

use chrono::DateTime;

use super::wire::{MessageAuthor, OnebotId, Segment, WireEvent};
use crate::domain::event::Contact;
use crate::domain::message::MENTIONS_MAX;
use crate::platform::heard::{
    Attachment, AttachmentKind, HeardItem, HeardKind, HeardMessage, Inviter, Mention, Mentioned,
};
use crate::platform::names::{self, GroupNames};

/// Somebody as they are called: in their group, else anywhere, else by their id.
pub(super) fn person(user: &OnebotId, nickname: Option<&str>, card: Option<&str>) -> Contact {
    names::person(&user.0, [card, nickname])
}

/// Whose names an event needs: the group, and people in it.
pub(super) fn wants(event: &WireEvent) -> Option<(String, Vec<String>)> {
    let group = event.group_id.as_ref()?;
    let mut people: Vec<OnebotId> = Vec::new();
    match event.notice_type.as_deref() {
        Some("group_increase") => {
            people.extend(event.user_id.clone());
            people.extend(event.operator_id.clone().filter(|_| is_invited(event)));
        }
        Some("group_decrease" | "group_recall") => people.extend(event.user_id.clone()),
        _ => {
            let segments = event.message.as_ref().map(super::wire::Content::segments);
            people.extend(segments.unwrap_or_default().iter().filter_map(mentioned));
            people.sort();
            people.dedup();
            if people.len() > MENTIONS_MAX {
                people.clear(); // such a message is read without its mentions
            }
        }
    }
    people.retain(|it| it.is_somebody() && *it != event.self_id);
    Some((group.0.clone(), people.into_iter().map(|it| it.0).collect()))
}

/// What an event says; nothing, where it is nobody's business.
pub(super) fn read(event: &WireEvent, names: &mut GroupNames) -> Option<HeardItem> {
    let item = match event.post_type.as_str() {
        "message" => said(event, names),
        "notice" => noticed(event, names),
        _ => None,
    };
    item.filter(HeardItem::is_sound)
}

fn item(event: &WireEvent, chat: String, key: String, what: HeardKind) -> HeardItem {
    let at = (event.time > 0).then(|| DateTime::from_timestamp(event.time, 0)).flatten();
    HeardItem { chat, key, at, what }
}

fn said(event: &WireEvent, names: &mut GroupNames) -> Option<HeardItem> {
    let user = event.user_id.as_ref().filter(|it| it.is_somebody())?;
    let message = event.message_id.as_ref()?;
    if *user == event.self_id || event.sub_type.as_deref() == Some("notice") {
        return None;
    }
    let group = event.group_id.as_ref().filter(|_| is_of_group(event));
    let sender = event.sender.as_ref();
    let from = sender_of(user, sender);
    if let Some(group) = group {
        names.learn(&group.0, &from);
    }
    let chat = group.map_or(&user.0, |group| &group.0).clone();
    let segments = event.message.as_ref()?.segments();
    let heard = words(&segments, &event.self_id, &chat, names);
    if heard.text.is_empty() && heard.attachments.is_empty() {
        return None;
    }
    let hides = event.anonymous.is_some() || event.sub_type.as_deref() == Some("anonymous");
    let from = (!hides).then_some(from);
    let what = HeardKind::Message { from, message: heard, private: group.is_none() };
    let key = format!("{chat}:{}", message.0);
    Some(item(event, chat, key, what))
}

fn is_of_group(event: &WireEvent) -> bool {
    event.message_type.as_deref() == Some("group")
}

fn sender_of(user: &OnebotId, sender: Option<&MessageAuthor>) -> Contact {
    let nickname = sender.and_then(|it| it.nickname.as_deref());
    person(user, nickname, sender.and_then(|it| it.card.as_deref()))
}

/// Whom a segment mentions.
fn mentioned(segment: &Segment) -> Option<OnebotId> {
    let user = (segment.kind == "at").then(|| segment.field("qq"))??;
    user.bytes().all(|it| it.is_ascii_digit()).then_some(OnebotId(user))
}

/// The words of a message, with the names of those it mentions in their places. Faces say nothing, and a
/// quoted message is not said again.
fn words(segments: &[Segment], me: &OnebotId, chat: &str, names: &GroupNames) -> HeardMessage {
    let (mut text, mut mentions, mut reply_to) = (String::new(), Vec::new(), None);
    for segment in segments {
        match segment.kind.as_str() {
            "text" => text.push_str(&segment.field("text").unwrap_or_default()),
            "at" => {
                let Some(user) = mentioned(segment) else { continue };
                let person = names.person(chat, &user.0);
                let start = text.len();
                text.extend(["@", &person.name]);
                let who = if user == *me { Mentioned::Bot } else { Mentioned::Person(person) };
                mentions.push(Mention::at(start..text.len(), who));
                text.push(' ');
            }
            "reply" => reply_to = segment.field("id").map(|id| format!("{chat}:{id}")),
            _ => {}
        }
    }
    let attachments = segments.iter().filter_map(attachment).collect();
    let heard = HeardMessage::with_mentions(text, mentions).trimmed();
    HeardMessage { reply_to, attachments, ..heard }
}

fn attachment(segment: &Segment) -> Option<Attachment> {
    let kind = match segment.kind.as_str() {
        "image" => AttachmentKind::Picture,
        "file" => AttachmentKind::File,
        "record" => AttachmentKind::Voice,
        "video" => AttachmentKind::Video,
        _ => return None,
    };
    let named = |name: &&str| segment.field(name).filter(|id| !id.is_empty());
    let id = ["url", "file_id", "file"].iter().find_map(named)?;
    let size = segment.field("file_size").or_else(|| segment.field("size"));
    let size_bytes = size.and_then(|it| it.parse().ok());
    let name = segment.field("name").or_else(|| segment.field("file")).filter(|name| *name != id);
    Some(Attachment { kind, id, name, size_bytes })
}

fn noticed(event: &WireEvent, names: &GroupNames) -> Option<HeardItem> {
    let user = event.user_id.as_ref().filter(|it| it.is_somebody());
    if event.notice_type.as_deref() == Some("friend_recall") {
        let (user, message) = (user?, event.message_id.as_ref()?);
        let key = format!("{}:{}", user.0, message.0);
        let what = HeardKind::Recalled { from: names.person("", &user.0), key: key.clone() };
        return Some(item(event, user.0.clone(), format!("{key}:recalled"), what));
    }
    let group = event.group_id.as_ref()?.0.clone();
    let (kind, what) = match event.notice_type.as_deref()? {
        "group_increase" => ("in", increased(event, user?, &group, names)),
        "group_decrease" => ("out", decreased(event, user, &group, names)?),
        "group_recall" => {
            let key = format!("{group}:{}", event.message_id.as_ref()?.0);
            let by = event.operator_id.as_ref().filter(|it| it.is_somebody()).or(user)?;
            // What the bot said is no order of anybody's.
            let author = user.filter(|it| **it != event.self_id)?;
            let from = names.person(&group, if by == author { &author.0 } else { &by.0 });
            let what = HeardKind::Recalled { from, key: key.clone() };
            return Some(item(event, group, format!("{key}:recalled"), what));
        }
        _ => return None,
    };
    let who = user.map_or("0", |it| it.0.as_str());
    let key = format!("{group}:{kind}:{who}:{}", event.time);
    Some(item(event, group, key, what))
}

fn is_invited(event: &WireEvent) -> bool {
    event.sub_type.as_deref() == Some("invite")
}

/// Somebody came, or the bot itself.
fn increased(event: &WireEvent, user: &OnebotId, group: &str, names: &GroupNames) -> HeardKind {
    let operator =
        event.operator_id.as_ref().filter(|it| it.is_somebody() && **it != event.self_id);
    let inviter = operator.filter(|it| is_invited(event) && *it != user);
    let inviter = inviter.map(|it| names.person(group, &it.0));
    if *user == event.self_id {
        // It hears everything and needs no rights.
        return HeardKind::BotAdded { by: inviter, obstacles: Vec::new() };
    }
    HeardKind::Joined {
        members: vec![names.person(group, &user.0)],
        by: inviter.map_or(Inviter::Unknown, Inviter::Named),
    }
}

/// Somebody went or was removed, or the bot itself, or the whole group is gone.
fn decreased(
    event: &WireEvent,
    user: Option<&OnebotId>,
    group: &str,
    names: &GroupNames,
) -> Option<HeardKind> {
    let is_own = matches!(event.sub_type.as_deref(), Some("kick_me" | "disband"))
        || user == Some(&event.self_id);
    if is_own {
        return Some(HeardKind::BotRemoved);
    }
    Some(HeardKind::Left { member: names.person(group, &user?.0) })
}

#[cfg(test)]
#[path = "read_tests.rs"]
mod tests;
