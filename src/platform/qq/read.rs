//! From QQ's events to what all platforms share. Pure: the names and requests that came before are in
//! [`Known`].
//!
//! A join tells nobody's inviter; a request to join does, and the two have the member's id in common. Who
//! lets somebody in has invited nobody, and is not told by either. The same message may come as two kinds of
//! event, so its key is made of its own id; events without one are known by what they tell.

use std::collections::{HashMap, VecDeque};

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::wire::{
    BotState, File, Frame, GroupEvent, Interaction, JoinRequest, MentionOf, Message, When,
};
use crate::domain::event::Contact;
use crate::platform::heard::{
    Attachment, AttachmentKind, HeardMessage, Inviter, Item, Mention, Mentioned, Obstacle, What,
};
use crate::platform::names::{self, Names};

/// Requests to join that are remembered; of more, the oldest are forgotten.
const REQUESTS_MAX: usize = 5_000;

/// Messages whose short ids are remembered; of more, the oldest are forgotten.
const QUOTABLE_MAX: usize = 5_000;

/// People whose own chats are remembered; beyond it they are learned anew.
const PEOPLE_MAX: usize = 20_000;

/// The longest key of an item.
const KEY_MAX: usize = 200;

/// What was told before and is needed to understand what comes.
#[derive(Debug, Default)]
pub(super) struct Known {
    pub(super) names: Names,
    /// Requests to join: group, member, inviter.
    requests: VecDeque<(String, String, Option<String>)>,
    /// Keys of messages by their short ids.
    quotable: VecDeque<(String, String)>,
    /// Members of groups by the id that they have everywhere.
    everywhere: HashMap<String, String>,
    /// The ids of members in their own chats with the bot.
    alone: HashMap<String, String>,
    /// What the bot may do in each group.
    states: HashMap<String, BotState>,
}

impl Known {
    /// A request to join: who asks, and who invited them.
    fn note_request(&mut self, request: &JoinRequest) {
        let (group, member) = (&request.group_openid, &request.member_openid);
        let inviter = request
            .invited_by
            .clone()
            .filter(|by| request.apply_source == "invited" && !by.is_empty() && by != member);
        self.requests.retain(|(of, who, _)| of != group || who != member);
        while self.requests.len() >= REQUESTS_MAX {
            self.requests.pop_front();
        }
        self.requests.push_back((group.clone(), member.clone(), inviter));
        self.names.learn(group, &names::person(member, [request.username.as_deref()]));
    }

    /// Requests of a group that wait, as a list tells them. What was heard before stays as it is.
    pub(super) fn note_requests(&mut self, group: &str, requests: Vec<JoinRequest>) {
        for request in requests.into_iter().filter(|it| !it.bot && !it.member_openid.is_empty()) {
            if self.inviter(group, &request.member_openid).is_none() {
                self.note_request(&JoinRequest { group_openid: group.to_owned(), ..request });
            }
        }
    }

    /// Who invited somebody, by their request to join.
    fn inviter(&self, group: &str, member: &str) -> Option<&str> {
        let requests = self.requests.iter().find(|(of, who, _)| of == group && who == member);
        requests?.2.as_deref()
    }

    /// A member, with the id that they have everywhere.
    pub(super) fn learn(&mut self, group: &str, person: &Contact, union: Option<&str>) {
        self.names.learn(group, person);
        if let Some(union) = union.filter(|it| !it.is_empty()) {
            if self.everywhere.len() >= PEOPLE_MAX {
                self.everywhere.clear();
            }
            self.everywhere.insert(union.to_owned(), person.key.clone());
        }
    }

    /// A member's own chat with the bot.
    pub(super) fn own_chat(&self, member: &str) -> String {
        self.alone.get(member).cloned().unwrap_or_else(|| member.to_owned())
    }

    /// The member that somebody alone with the bot is, as far as the platform tells.
    fn member_of(&mut self, user: &str, union: Option<&str>) -> String {
        let member = union.and_then(|it| self.everywhere.get(it)).cloned();
        let member = member.unwrap_or_else(|| user.to_owned());
        if self.alone.len() >= PEOPLE_MAX {
            self.alone.clear();
        }
        self.alone.insert(member.clone(), user.to_owned());
        member
    }

    fn note_quotable(&mut self, idx: Option<&String>, key: &str) {
        let Some(idx) = idx.filter(|it| !it.is_empty()) else { return };
        while self.quotable.len() >= QUOTABLE_MAX {
            self.quotable.pop_front();
        }
        self.quotable.push_back((idx.clone(), key.to_owned()));
    }

    fn quoted(&self, message: &Message) -> Option<String> {
        let idx = message.msg_elements.as_ref()?.first()?.msg_idx.as_ref()?;
        let found = self.quotable.iter().rev().find(|(known, _)| known == idx);
        found.map(|(_, key)| key.clone())
    }

    /// What the bot may do in a group; `true` when that is new.
    pub(super) fn note_state(&mut self, group: &str, state: BotState) -> bool {
        self.states.insert(group.to_owned(), state.clone()) != Some(state)
    }

    pub(super) fn state(&self, group: &str) -> Option<&BotState> {
        self.states.get(group)
    }

    /// Its state is to be asked for again.
    pub(super) fn forget_state(&mut self, group: &str) {
        self.states.remove(group);
    }
}

/// What a group's state keeps the bot from.
pub(super) fn obstacles(state: &BotState) -> Vec<Obstacle> {
    let all = [
        (state.recv_msg_setting != "all", Obstacle::MentionsOnly),
        (!state.allow_proactive_msg, Obstacle::RepliesOnly),
        // Only administrators are told who asks to come in, and by whose invitation.
        (state.member_role == "member", Obstacle::NotAdmin),
    ];
    all.into_iter().filter(|(is_so, _)| *is_so).map(|(_, obstacle)| obstacle).collect()
}

/// The group whose state an event changed.
pub(super) fn changed_group(frame: &Frame) -> Option<String> {
    match frame.t.as_deref()? {
        "GROUP_ADD_ROBOT" | "GROUP_MSG_REJECT" | "GROUP_MSG_RECEIVE" => {
            Some(frame.d.get("group_openid")?.as_str()?.to_owned())
        }
        _ => None,
    }
}

/// The interaction that has to be answered at once.
pub(super) fn interaction(frame: &Frame) -> Option<String> {
    let is_one = frame.t.as_deref() == Some("INTERACTION_CREATE");
    is_one.then(|| frame.d.get("id")?.as_str().map(str::to_owned))?
}

/// Whose names an event needs: the group, and people in it.
pub(super) fn wants(frame: &Frame, known: &Known) -> Option<(String, Vec<String>)> {
    let (group, people) = match frame.t.as_deref()? {
        "GROUP_MEMBER_ADD" => {
            let event: GroupEvent = parsed(&frame.d)?;
            let member = event.member_openid?;
            let inviter = known.inviter(&event.group_openid, &member).map(str::to_owned);
            (event.group_openid, [Some(member), inviter])
        }
        "INTERACTION_CREATE" => {
            let tap: Interaction = parsed(&frame.d)?;
            (tap.group_openid?, [tap.group_member_openid, None])
        }
        _ => return None,
    };
    let lacking = people.into_iter().flatten().filter(|it| known.names.lacks(&group, it));
    let lacking: Vec<_> = lacking.collect();
    (!lacking.is_empty()).then_some((group, lacking))
}

/// What an event says; `None` for what is nobody's business.
pub(super) fn read(frame: &Frame, known: &mut Known) -> Option<Item> {
    match frame.t.as_deref()? {
        kind @ ("GROUP_MESSAGE_CREATE" | "GROUP_AT_MESSAGE_CREATE") => {
            said(parsed(&frame.d)?, kind == "GROUP_AT_MESSAGE_CREATE", known)
        }
        "C2C_MESSAGE_CREATE" => said_alone(parsed(&frame.d)?, known),
        "INTERACTION_CREATE" => tapped(frame, parsed(&frame.d)?, known),
        "GROUP_MEMBER_ADD" => joined(parsed(&frame.d)?, known),
        "GROUP_MEMBER_REMOVE" => left(parsed(&frame.d)?, known),
        "GROUP_JOIN_REQUEST" => {
            let request: JoinRequest = parsed(&frame.d)?;
            if request.bot || request.group_openid.is_empty() || request.member_openid.is_empty() {
                return None;
            }
            known.note_request(&request);
            Some(asked(&request, known))
        }
        "GROUP_ADD_ROBOT" | "GROUP_MSG_REJECT" | "GROUP_MSG_RECEIVE" | "GROUP_DEL_ROBOT" => {
            own(frame, parsed(&frame.d)?, known)
        }
        _ => None,
    }
}

fn parsed<T: DeserializeOwned>(raw: &Value) -> Option<T> {
    let read = T::deserialize(raw).ok();
    if read.is_none() {
        // The error may quote what somebody wrote, so only that there is one is told.
        tracing::warn!("an event could not be read");
    }
    read
}

/// A key in a chat. One that would be too long is known by its hash.
fn key(chat: &str, rest: &str) -> String {
    let key = format!("{chat}:{rest}");
    if key.len() <= KEY_MAX {
        return key;
    }
    let hash = ring::digest::digest(&ring::digest::SHA256, rest.as_bytes());
    format!("{chat}:h:{}", super::hook::hex(hash.as_ref()))
}

fn item(chat: String, key: String, at: When, what: What) -> Item {
    Item { chat, key, at: at.0, what }
}

fn said(message: Message, is_to_bot: bool, known: &mut Known) -> Option<Item> {
    let group = message.group_openid.clone().filter(|it| !it.is_empty())?;
    let member = message.author.member_openid.clone().filter(|it| !it.is_empty())?;
    if message.author.bot || message.id.is_empty() {
        return None;
    }
    let from = match message.author.username.as_deref() {
        None | Some("") => known.names.person(&group, &member),
        named => names::person(&member, [named]),
    };
    known.learn(&group, &from, message.author.union_openid.as_deref());
    let key = key(&group, &format!("m:{}", message.id));
    known.note_quotable(message.msg_idx.as_ref(), &key);
    let mut heard = words(&message, &group, known)?;
    heard.addressed |= is_to_bot;
    let what = What::Message { from: Some(from), message: heard, private: false };
    Some(item(group, key, message.timestamp, what))
}

fn said_alone(message: Message, known: &mut Known) -> Option<Item> {
    let user = message.author.user_openid.clone().filter(|it| !it.is_empty())?;
    if message.id.is_empty() {
        return None;
    }
    let member = known.member_of(&user, message.author.union_openid.as_deref());
    let from = match message.author.username.as_deref() {
        None | Some("") => known.names.person("", &member),
        named => names::person(&member, [named]),
    };
    let key = key(&member, &format!("m:{}", message.id));
    known.note_quotable(message.msg_idx.as_ref(), &key);
    let heard = words(&message, "", known)?;
    let what = What::Message { from: Some(from), message: heard, private: true };
    Some(item(member, key, message.timestamp, what))
}

/// The words of a message, with the names of those it mentions in their places.
fn words(message: &Message, group: &str, known: &Known) -> Option<HeardMessage> {
    let all = message.mentions.as_deref().unwrap_or_default();
    let (mut text, mut mentions, mut placed) = (String::new(), Vec::new(), Vec::new());
    for part in parts(&message.content) {
        let id = match part {
            Part::Text(words) => {
                text.push_str(&plain(words));
                continue;
            }
            Part::Nothing => continue,
            Part::Mention(id) => id,
        };
        let told = all.iter().find(|it| is_of(it, id));
        placed.extend(told.map(std::ptr::from_ref));
        let (name, who) = mentioned(told, id, (group, known));
        push_mention(&mut text, &mut mentions, (&name, who));
        text.push(' ');
    }
    // Some messages name people without a place.
    for told in all.iter().filter(|it| it.scope.as_deref() != Some("all")) {
        if placed.contains(&std::ptr::from_ref(told)) {
            continue;
        }
        let id = told.member_openid.as_deref().or(told.id.as_deref()).unwrap_or_default();
        let (name, who) = mentioned(Some(told), id, (group, known));
        if who == Mentioned::Bot {
            mentions.push(Mention::at(0..0, who));
            continue;
        }
        text.push(' ');
        push_mention(&mut text, &mut mentions, (&name, who));
    }
    let is_addressed = mentions.iter().any(|it| it.is_bot);
    mentions.retain(|it| it.start < it.end);
    let attachments: Vec<_> = message.attachments.iter().flatten().filter_map(attachment).collect();
    let mut heard = HeardMessage::with_mentions(text, mentions).trimmed();
    heard.addressed |= is_addressed;
    if heard.text.is_empty() && attachments.is_empty() {
        return None;
    }
    Some(HeardMessage { reply_to: known.quoted(message), attachments, ..heard })
}

fn push_mention(text: &mut String, mentions: &mut Vec<Mention>, (name, who): (&str, Mentioned)) {
    let start = text.len();
    text.extend(["@", name]);
    mentions.push(Mention::at(start..text.len(), who));
}

fn is_of(told: &MentionOf, id: &str) -> bool {
    [&told.id, &told.member_openid].into_iter().flatten().any(|it| it == id)
}

/// Whom a mention means, and what they are called.
fn mentioned(
    told: Option<&MentionOf>,
    id: &str,
    (group, known): (&str, &Known),
) -> (String, Mentioned) {
    if told.is_some_and(|it| it.is_you) {
        let name = told.and_then(|it| it.username.clone()).unwrap_or_default();
        return (names::person("bot", [Some(name.as_str())]).name, Mentioned::Bot);
    }
    let key = told.and_then(|it| it.member_openid.as_deref()).unwrap_or(id);
    if key.is_empty() || told.and_then(|it| it.scope.as_deref()) == Some("all") {
        return ("?".to_owned(), Mentioned::Nobody);
    }
    let person = match told.and_then(|it| it.username.as_deref()) {
        None | Some("") => known.names.person(group, key),
        named => names::person(key, [named]),
    };
    (person.name.clone(), Mentioned::Person(person))
}

/// A part of a message's content.
enum Part<'t> {
    Text(&'t str),
    /// Somebody's id.
    Mention(&'t str),
    /// A face, a channel, everybody.
    Nothing,
}

/// Text with codes in it: `<@ID>`, `<qqbot-at-user id="ID" />`, `<faceType=…>`. What is no code is text.
fn parts(content: &str) -> Vec<Part<'_>> {
    let (mut all, mut begun, mut at) = (Vec::new(), 0, 0);
    while let Some(open) = content[at..].find('<').map(|it| at + it) {
        let code = content[open..].find('>').map(|it| open + it);
        let Some(code_end) = code else { break };
        match code_part(&content[open + 1..code_end]) {
            Some(part) => {
                all.push(Part::Text(&content[begun..open]));
                all.push(part);
                (begun, at) = (code_end + 1, code_end + 1);
            }
            None => at = open + 1,
        }
    }
    all.push(Part::Text(&content[begun..]));
    all
}

/// What stands between the brackets of a code.
fn code_part(inner: &str) -> Option<Part<'_>> {
    let is_id = |id: &str| {
        !id.is_empty()
            && id.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_' || it == b'-')
    };
    if let Some(id) = inner.strip_prefix('@') {
        let id = id.strip_prefix('!').unwrap_or(id);
        return is_id(id).then_some(if id == "all" { Part::Nothing } else { Part::Mention(id) });
    }
    if let Some(rest) = inner.strip_prefix("qqbot-at-user id=\"") {
        let id = rest.trim_end_matches([' ', '/']).strip_suffix('"')?;
        return is_id(id).then_some(Part::Mention(id));
    }
    let is_nothing = inner.starts_with("qqbot-at-everyone")
        || inner.starts_with("faceType=")
        || ["emoji:", "#"].iter().any(|it| inner.strip_prefix(it).is_some_and(is_id));
    is_nothing.then_some(Part::Nothing)
}

/// Without the escapes; the ampersand comes last, so that nothing is read twice.
fn plain(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

fn attachment(file: &File) -> Option<Attachment> {
    let url = file.url.as_deref().filter(|it| !it.is_empty())?;
    let id = if url.contains("://") { url.to_owned() } else { format!("https://{url}") };
    let kind = match file.content_type.split('/').next().unwrap_or_default() {
        "image" => AttachmentKind::Picture,
        "voice" | "audio" => AttachmentKind::Voice,
        "video" => AttachmentKind::Video,
        _ => AttachmentKind::File,
    };
    Some(Attachment { kind, id, name: file.filename.clone(), size_bytes: file.size })
}

fn tapped(frame: &Frame, tap: Interaction, known: &mut Known) -> Option<Item> {
    let data = tap.data.resolved.button_data.filter(|it| !it.is_empty())?;
    let event = frame.id.clone().unwrap_or_else(|| format!("INTERACTION_CREATE:{}", tap.id));
    let (chat, from, private) = match (tap.group_openid, tap.group_member_openid, tap.user_openid) {
        (Some(group), Some(member), _) => {
            let from = known.names.person(&group, &member);
            (group, from, false)
        }
        (None, _, Some(user)) => {
            let member = known.member_of(&user, None);
            let from = known.names.person("", &member);
            (member, from, true)
        }
        _ => return None,
    };
    let key = key(&chat, &format!("e:{event}"));
    Some(item(chat, key, tap.timestamp, What::Action { from, data, private }))
}

fn joined(event: GroupEvent, known: &mut Known) -> Option<Item> {
    let member = event.member_openid.filter(|it| !it.is_empty())?;
    let group = event.group_openid;
    let inviter = known.inviter(&group, &member).map(|by| known.names.person(&group, by));
    let by = inviter.map_or(Inviter::Unknown, Inviter::Named);
    known.requests.retain(|(of, who, _)| *of != group || *who != member);
    let key = key(&group, &format!("in:{member}:{}", seconds(event.timestamp)));
    let members = vec![known.names.person(&group, &member)];
    Some(item(group, key, event.timestamp, What::Joined { members, by }))
}

fn left(event: GroupEvent, known: &Known) -> Option<Item> {
    let member = event.member_openid.filter(|it| !it.is_empty())?;
    let group = event.group_openid;
    let key = key(&group, &format!("out:{member}:{}", seconds(event.timestamp)));
    let what = What::Left { member: known.names.person(&group, &member) };
    Some(item(group, key, event.timestamp, what))
}

/// A request is told at once, for the join may come after a restart.
fn asked(request: &JoinRequest, known: &Known) -> Item {
    let (group, member) = (&request.group_openid, &request.member_openid);
    let by = known.inviter(group, member).map(|by| known.names.person(group, by));
    let key = key(group, &format!("asks:{member}:{}", seconds(request.apply_at)));
    let what = What::AsksToJoin { member: known.names.person(group, member), by };
    item(group.clone(), key, request.apply_at, what)
}

fn seconds(at: When) -> i64 {
    at.0.map_or(0, |at| at.timestamp())
}

/// What concerns the bot itself: it was added or removed, or what it may do changed.
fn own(frame: &Frame, event: GroupEvent, known: &mut Known) -> Option<Item> {
    let group = event.group_openid;
    let kind = frame.t.as_deref().unwrap_or_default();
    let told = format!("{kind}:{}", seconds(event.timestamp));
    let key = key(&group, &format!("e:{}", frame.id.as_deref().unwrap_or(&told)));
    if kind == "GROUP_DEL_ROBOT" {
        known.forget_state(&group);
        return Some(item(group, key, event.timestamp, What::BotRemoved));
    }
    let by = event.op_member_openid.filter(|it| !it.is_empty());
    let by = by.map(|by| known.names.person(&group, &by));
    let obstacles = known.state(&group).map(obstacles).unwrap_or_default();
    Some(item(group, key, event.timestamp, What::BotAdded { by, obstacles }))
}

#[cfg(test)]
#[path = "read_tests.rs"]
mod tests;
