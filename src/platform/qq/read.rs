//! From QQ's events to what all platforms share. Pure: the names and requests that came before are in
//! [`ToldBefore`].
//!
//! A join tells nobody's inviter; a request to join does, and the two have the member's id in common. Who
//! lets somebody in has invited nobody, and is not told by either. The same message may come as two kinds of
//! event, so its key is made of its own id; events without one are known by what they tell.

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::known::ToldBefore;
use super::wire::{
    BotState, File, GatewayFrame, GroupEvent, Interaction, JoinRequest, QqMessage, When,
};
use super::words::words;
use crate::platform::heard::{Attachment, AttachmentKind, HeardItem, HeardKind, Inviter, Obstacle};
use crate::platform::names;

/// The longest key of an item.
const KEY_MAX: usize = 200;

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
pub(super) fn changed_group(frame: &GatewayFrame) -> Option<String> {
    match frame.t.as_deref()? {
        "GROUP_ADD_ROBOT" | "GROUP_MSG_REJECT" | "GROUP_MSG_RECEIVE" => {
            Some(frame.d.get("group_openid")?.as_str()?.to_owned())
        }
        _ => None,
    }
}

/// The interaction that has to be answered at once.
pub(super) fn interaction(frame: &GatewayFrame) -> Option<String> {
    let is_one = frame.t.as_deref() == Some("INTERACTION_CREATE");
    is_one.then(|| frame.d.get("id")?.as_str().map(str::to_owned))?
}

/// Whose names an event needs: the group, and people in it.
pub(super) fn wants(frame: &GatewayFrame, known: &ToldBefore) -> Option<(String, Vec<String>)> {
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

/// What an event says; `None` for what is nobody's business, or cannot be kept.
pub(super) fn read(frame: &GatewayFrame, known: &mut ToldBefore) -> Option<HeardItem> {
    told(frame, known).filter(HeardItem::is_sound)
}

fn told(frame: &GatewayFrame, known: &mut ToldBefore) -> Option<HeardItem> {
    match frame.t.as_deref()? {
        kind @ ("GROUP_MESSAGE_CREATE" | "GROUP_AT_MESSAGE_CREATE") => {
            said(&parsed(&frame.d)?, kind == "GROUP_AT_MESSAGE_CREATE", known)
        }
        "C2C_MESSAGE_CREATE" => said_alone(&parsed(&frame.d)?, known),
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
            Some(own(frame, parsed(&frame.d)?, known))
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
    format!("{chat}:h:{}", hex::encode(hash.as_ref()))
}

fn item(chat: String, key: String, at: When, what: HeardKind) -> HeardItem {
    HeardItem { chat, key, at: at.0, what }
}

fn said(message: &QqMessage, is_to_bot: bool, known: &mut ToldBefore) -> Option<HeardItem> {
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
    let mut heard = words(message, &group, known)?;
    heard.addressed |= is_to_bot;
    let what = HeardKind::Message { from: Some(from), message: heard, private: false };
    Some(item(group, key, message.timestamp, what))
}

fn said_alone(message: &QqMessage, known: &mut ToldBefore) -> Option<HeardItem> {
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
    let heard = words(message, "", known)?;
    let what = HeardKind::Message { from: Some(from), message: heard, private: true };
    Some(item(member, key, message.timestamp, what))
}

pub(super) fn attachment(file: &File) -> Option<Attachment> {
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

fn tapped(frame: &GatewayFrame, tap: Interaction, known: &mut ToldBefore) -> Option<HeardItem> {
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
    Some(item(chat, key, tap.timestamp, HeardKind::Action { from, data, private }))
}

fn joined(event: GroupEvent, known: &mut ToldBefore) -> Option<HeardItem> {
    let member = event.member_openid.filter(|it| !it.is_empty())?;
    let group = event.group_openid;
    let inviter = known.inviter(&group, &member).map(|by| known.names.person(&group, by));
    let by = inviter.map_or(Inviter::Unknown, Inviter::Named);
    known.forget_request(&group, &member);
    let key = key(&group, &format!("in:{member}:{}", seconds(event.timestamp)));
    let members = vec![known.names.person(&group, &member)];
    Some(item(group, key, event.timestamp, HeardKind::Joined { members, by }))
}

fn left(event: GroupEvent, known: &ToldBefore) -> Option<HeardItem> {
    let member = event.member_openid.filter(|it| !it.is_empty())?;
    let group = event.group_openid;
    let key = key(&group, &format!("out:{member}:{}", seconds(event.timestamp)));
    let what = HeardKind::Left { member: known.names.person(&group, &member) };
    Some(item(group, key, event.timestamp, what))
}

/// A request is told at once, for the join may come after a restart.
fn asked(request: &JoinRequest, known: &ToldBefore) -> HeardItem {
    let (group, member) = (&request.group_openid, &request.member_openid);
    let by = known.inviter(group, member).map(|by| known.names.person(group, by));
    let key = key(group, &format!("asks:{member}:{}", seconds(request.apply_at)));
    let what = HeardKind::AsksToJoin { member: known.names.person(group, member), by };
    item(group.clone(), key, request.apply_at, what)
}

fn seconds(at: When) -> i64 {
    at.0.map_or(0, |at| at.timestamp())
}

/// What concerns the bot itself: it was added or removed, or what it may do changed.
fn own(frame: &GatewayFrame, event: GroupEvent, known: &mut ToldBefore) -> HeardItem {
    let group = event.group_openid;
    let kind = frame.t.as_deref().unwrap_or_default();
    let told = format!("{kind}:{}", seconds(event.timestamp));
    let key = key(&group, &format!("e:{}", frame.id.as_deref().unwrap_or(&told)));
    if kind == "GROUP_DEL_ROBOT" {
        known.forget_state(&group);
        return item(group, key, event.timestamp, HeardKind::BotRemoved);
    }
    let by = event.op_member_openid.filter(|it| !it.is_empty());
    let by = by.map(|by| known.names.person(&group, &by));
    let obstacles = known.state(&group).map(obstacles).unwrap_or_default();
    item(group, key, event.timestamp, HeardKind::BotAdded { by, obstacles })
}

#[cfg(test)]
#[path = "read_tests.rs"]
mod tests;
