//! From Telegram's updates to what all platforms share. Pure: what has to be asked first is in [`KnownPeople`].
//!
//! Nobody is credited who hides who they are; forwarded posts, other bots and edits are left out. Keys are
//! natural ones (chat and message), so polling and webhooks dedupe each other.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde_json::Value;
use teloxide_core::types::{
    CallbackQuery, Chat, ChatMemberKind, ChatMemberUpdated, FileMeta, Message, MessageEntity,
    MessageEntityKind, User,
};

use super::words;
use crate::domain::event::Contact;
use crate::domain::name::shown_name;
use crate::platform::heard::{
    Attachment, AttachmentKind, HeardItem, HeardKind, HeardMessage, Inviter, Mention, Mentioned,
    Obstacle, PEOPLE_MAX as ONCE_MAX,
};

/// What the translation has to know about the bot and the people it has seen.
#[derive(Debug, Default)]
pub(super) struct KnownPeople {
    /// The bot's own id.
    pub(super) me: u64,
    /// The bot's own user name.
    pub(super) name: String,
    /// It sees all messages of groups even without being an administrator.
    pub(super) reads_all: bool,
    /// Groups in which it is an administrator, so that it hears of members reliably; `None`: not asked.
    pub(super) admin: HashMap<i64, bool>,
    /// People by user name, for mentions.
    pub(super) people: HashMap<String, Contact>,
}

/// People whose user names are remembered; beyond it they are learned anew.
const PEOPLE_MAX: usize = 10_000;

/// What an update says; nothing, where it is nobody's business.
pub(super) fn read(raw: &Value, known: &mut KnownPeople) -> Option<HeardItem> {
    translated(raw, known).filter(HeardItem::is_sound)
}

/// Kinds are looked up by hand: the library's own type reads them from text only, not from a value.
fn translated(raw: &Value, known: &mut KnownPeople) -> Option<HeardItem> {
    if let Some(message) = part::<Message>(raw, "message") {
        return read_message(&message, known);
    }
    if let Some(query) = part::<CallbackQuery>(raw, "callback_query") {
        return read_tap(&query);
    }
    if let Some(change) = part::<ChatMemberUpdated>(raw, "my_chat_member") {
        return read_own(&change, known);
    }
    read_member(&part::<ChatMemberUpdated>(raw, "chat_member")?, known)
}

fn part<T: serde::de::DeserializeOwned>(raw: &Value, kind: &'static str) -> Option<T> {
    let read = T::deserialize(raw.get(kind)?);
    // The error may quote what somebody wrote, so only its place is told.
    read.inspect_err(|_| {
        let id = raw.get("update_id").and_then(Value::as_i64);
        tracing::warn!(update.id = id, kind, "an update could not be read");
    })
    .ok()
}

/// The group of an update that tells of members in a message, if it must be known first whether they
/// are told of otherwise as well.
pub(super) fn asks_about(raw: &Value, known: &KnownPeople) -> Option<i64> {
    let message = raw.get("message")?;
    if message.get("new_chat_members").is_none() && message.get("left_chat_member").is_none() {
        return None;
    }
    let chat = message.get("chat")?.get("id")?.as_i64()?;
    (!known.admin.contains_key(&chat)).then_some(chat)
}

pub(super) fn person(user: &User) -> Contact {
    let key = user.id.0.to_string();
    let name = shown_name(&user.full_name(), user.username.as_deref().unwrap_or(&key));
    Contact { key, name }
}

fn item(chat: &Chat, key: String, at: DateTime<Utc>, what: HeardKind) -> HeardItem {
    HeardItem { chat: chat.id.0.to_string(), key, at: Some(at), what }
}

fn read_message(message: &Message, known: &mut KnownPeople) -> Option<HeardItem> {
    let chat = &message.chat;
    if let Some((from, to)) = migration(message) {
        let what = HeardKind::Migrated { to: to.to_string() };
        let key = format!("{from}:moved:{to}");
        return Some(HeardItem { chat: from.to_string(), ..item(chat, key, message.date, what) });
    }
    let key = format!("{}:{}", chat.id.0, message.id.0);
    let what = if message.new_chat_members().is_some() || message.left_chat_member().is_some() {
        service(message, known)?
    } else {
        said(message, known)?
    };
    let mut item = item(chat, key, message.date, what);
    if let Some(thread) = message.thread_id.filter(|_| message.is_topic_message) {
        item.chat = format!("{}/{}", item.chat, thread.0.0);
    }
    Some(item)
}

/// Old and new id of a group that became a supergroup; announced in both.
fn migration(message: &Message) -> Option<(i64, i64)> {
    let here = message.chat.id.0;
    match (message.migrate_to_chat_id(), message.migrate_from_chat_id()) {
        (Some(to), _) => Some((here, to.0)),
        (_, Some(from)) => Some((from.0, here)),
        _ => None,
    }
}

/// Joins and leaves as messages: the truth only where the bot hears of members no other way.
fn service(message: &Message, known: &KnownPeople) -> Option<HeardKind> {
    if known.admin.get(&message.chat.id.0) == Some(&true) {
        return None;
    }
    if let Some(member) = message.left_chat_member() {
        return (!member.is_bot).then(|| HeardKind::Left { member: person(member) });
    }
    let people = message.new_chat_members()?.iter().filter(|user| !user.is_bot);
    // Telegram adds fewer at once; of more, the others become members when they speak.
    let members: Vec<_> = people.take(ONCE_MAX).map(person).collect();
    let adder = message.from.as_ref().filter(|from| !from.is_bot).map(person);
    let is_one_of_them = |adder: &Contact| members.iter().any(|member| member.key == adder.key);
    let by = match adder.filter(|adder| !is_one_of_them(adder)) {
        Some(adder) => Inviter::Named(adder),
        None => Inviter::Unknown,
    };
    (!members.is_empty()).then_some(HeardKind::Joined { members, by })
}

fn said(message: &Message, known: &mut KnownPeople) -> Option<HeardKind> {
    let private = message.chat.is_private();
    if message.forward_origin().is_some() || message.is_automatic_forward() {
        return None;
    }
    let from = match &message.sender_chat {
        // An administrator who hides speaks as the group itself; channels are nobody.
        Some(chat) if chat.id == message.chat.id => None,
        Some(_) => return None,
        None => {
            let user = message.from.as_ref().filter(|user| !user.is_bot)?;
            remember(user, known);
            Some(person(user))
        }
    };
    let text = message.text().or(message.caption()).unwrap_or_default();
    if private && let Some(payload) = text.strip_prefix("/start ") {
        let payload = payload.trim().chars().take(64).collect();
        return Some(HeardKind::Started { from: from?, payload });
    }
    let attachments = attachments(message);
    if text.trim().is_empty() && attachments.is_empty() {
        return None;
    }
    let mut heard = HeardMessage::with_mentions(text.to_owned(), mentions(message, text, known));
    let replied = message.reply_to_message();
    heard.addressed |=
        replied.is_some_and(|it| it.from.as_ref().is_some_and(|it| it.id.0 == known.me));
    heard.reply_to = replied.map(|it| format!("{}:{}", message.chat.id.0, it.id.0));
    heard.attachments = attachments;
    let heard = words::in_words(heard.trimmed(), &known.name)?;
    Some(HeardKind::Message { from, message: heard, private })
}

/// Pictures and files of a message. Their bytes stay with Telegram.
fn attachments(message: &Message) -> Vec<Attachment> {
    let one = |kind, file: &FileMeta, name: Option<&String>| Attachment {
        kind,
        id: file.id.to_string(),
        name: name.cloned(),
        size_bytes: Some(u64::from(file.size)),
    };
    let picture = message.photo().and_then(<[_]>::last);
    let picture = picture.map(|it| one(AttachmentKind::Picture, &it.file, None));
    let file = message.document();
    let file = file.map(|it| one(AttachmentKind::File, &it.file, it.file_name.as_ref()));
    let voice = message.voice().map(|it| one(AttachmentKind::Voice, &it.file, None));
    let video = message.video();
    let video = video.map(|it| one(AttachmentKind::Video, &it.file, it.file_name.as_ref()));
    let all = [picture, file, voice, video].into_iter().flatten();
    all.filter(|it| !it.id.is_empty()).collect()
}

fn remember(user: &User, known: &mut KnownPeople) {
    let Some(name) = &user.username else { return };
    if known.people.len() >= PEOPLE_MAX {
        known.people.clear();
    }
    known.people.insert(name.to_lowercase(), person(user));
}

/// Who is mentioned where. A user name that was never seen is nobody.
fn mentions(message: &Message, text: &str, known: &KnownPeople) -> Vec<Mention> {
    let entities = message.entities().or(message.caption_entities()).unwrap_or_default();
    let mention = |entity: &MessageEntity| {
        let who = match &entity.kind {
            MessageEntityKind::TextMention { user } if user.id.0 == known.me => Mentioned::Bot,
            MessageEntityKind::TextMention { user } => Mentioned::Person(person(user)),
            MessageEntityKind::Mention => {
                let words: Vec<u16> =
                    text.encode_utf16().skip(entity.offset).take(entity.length).collect();
                by_user_name(String::from_utf16_lossy(&words).trim_start_matches('@'), known)
            }
            _ => return None,
        };
        Some(Mention::at_utf16(text, entity.offset, entity.length, who))
    };
    entities.iter().filter_map(mention).collect()
}

fn by_user_name(name: &str, known: &KnownPeople) -> Mentioned {
    if name.eq_ignore_ascii_case(&known.name) {
        return Mentioned::Bot;
    }
    known.people.get(&name.to_lowercase()).cloned().map_or(Mentioned::Nobody, Mentioned::Person)
}

fn read_tap(query: &CallbackQuery) -> Option<HeardItem> {
    let message = query.message.as_ref()?;
    let chat = message.chat();
    let mut place = chat.id.0.to_string();
    if let Some(regular) = message.regular_message()
        && let Some(thread) = regular.thread_id.filter(|_| regular.is_topic_message)
    {
        place = format!("{place}/{}", thread.0.0);
    }
    let from = person(&query.from);
    let data = query.data.clone().unwrap_or_default();
    let what = HeardKind::Action { from, data, private: chat.is_private() };
    Some(HeardItem { chat: place, key: format!("tap:{}", query.id.0), at: None, what })
}

/// The bot itself was added, removed, or given other rights.
fn read_own(change: &ChatMemberUpdated, known: &mut KnownPeople) -> Option<HeardItem> {
    let chat = &change.chat;
    if chat.is_private() || chat.is_channel() {
        return None;
    }
    let now = &change.new_chat_member;
    known.admin.insert(chat.id.0, now.is_administrator());
    let key = format!("{}:bot:{}", chat.id.0, change.date.timestamp());
    let what = if now.is_present() {
        let by = (!change.from.is_bot).then(|| person(&change.from));
        HeardKind::BotAdded { by, obstacles: obstacles(change, known) }
    } else {
        HeardKind::BotRemoved
    };
    Some(item(chat, key, change.date, what))
}

fn obstacles(change: &ChatMemberUpdated, known: &KnownPeople) -> Vec<Obstacle> {
    let mut found = Vec::new();
    if let ChatMemberKind::Administrator(rights) = &change.new_chat_member.kind {
        found.extend((!rights.can_invite_users).then_some(Obstacle::NoLinks));
    } else {
        found.extend((!known.reads_all).then_some(Obstacle::Deaf));
        found.push(Obstacle::NotAdmin);
    }
    if change.chat.username().is_some() {
        found.push(Obstacle::Public);
    }
    found
}

/// Somebody came or went.
fn read_member(change: &ChatMemberUpdated, known: &mut KnownPeople) -> Option<HeardItem> {
    let (chat, user) = (&change.chat, &change.new_chat_member.user);
    // Only administrators are told.
    known.admin.insert(chat.id.0, true);
    let (was, is) = (change.old_chat_member.is_present(), change.new_chat_member.is_present());
    if was == is || user.is_bot {
        return None;
    }
    remember(user, known);
    let what = if is {
        HeardKind::Joined { members: vec![person(user)], by: inviter(change, known) }
    } else {
        HeardKind::Left { member: person(user) }
    };
    let way = if is { "in" } else { "out" };
    let key = format!("{}:{way}:{}:{}", chat.id.0, user.id.0, change.date.timestamp());
    Some(item(chat, key, change.date, what))
}

/// The evidence, strongest first. On approval of a request the performer is the approving administrator,
/// who invited nobody; the link tells.
fn inviter(change: &ChatMemberUpdated, known: &KnownPeople) -> Inviter {
    if let Some(link) = &change.invite_link {
        let own = link.creator.id.0 == known.me;
        let label = link.name.clone().filter(|_| own);
        return label.map_or(Inviter::Unknown, Inviter::Link);
    }
    let joined_alone = change.from.id == change.new_chat_member.user.id;
    if change.via_join_request
        || change.via_chat_folder_invite_link
        || joined_alone
        || change.from.is_bot
        || change.from.is_anonymous()
    {
        return Inviter::Unknown;
    }
    Inviter::Named(person(&change.from))
}

#[cfg(test)]
#[path = "updates_tests.rs"]
mod tests;
