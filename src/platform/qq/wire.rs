//! QQ's official bot interface as it comes over the wire: our own types, with only what is used. Lenient:
//! times are written in three ways, and most fields may be missing.
//!
//! What it means for a shop is found out in `read`.

use chrono::DateTime;
use serde::Deserialize;
use serde_json::Value;

use crate::domain::time::Timestamp;

/// What a frame of the gateway, or a request to the webhook, is for.
pub(super) mod op {
    /// Something happened.
    pub(in super::super) const DISPATCH: u8 = 0;
    /// We are alive; the last event that is stored.
    pub(in super::super) const HEARTBEAT: u8 = 1;
    /// Who we are, and what we want to hear.
    pub(in super::super) const IDENTIFY: u8 = 2;
    /// Go on after the last event that is stored.
    pub(in super::super) const RESUME: u8 = 6;
    /// The gateway wants us to connect anew.
    pub(in super::super) const RECONNECT: u8 = 7;
    /// The session is over, or the token is refused.
    pub(in super::super) const INVALID_SESSION: u8 = 9;
    /// The first frame of a connection.
    pub(in super::super) const HELLO: u8 = 10;
    /// The answer to a webhook's request.
    pub(in super::super) const CALLBACK_ACK: u8 = 12;
    /// The platform wants proof that the webhook is ours.
    pub(in super::super) const VERIFY: u8 = 13;
}

/// One frame.
#[derive(Debug, Deserialize)]
pub(super) struct GatewayFrame {
    pub(super) op: u8,
    #[serde(default)]
    pub(super) d: Value,
    /// The number of an event in its session.
    #[serde(default)]
    pub(super) s: Option<u64>,
    /// The kind of an event.
    #[serde(default)]
    pub(super) t: Option<String>,
    /// The event's id, which may be replied to.
    #[serde(default)]
    pub(super) id: Option<String>,
}

/// Where the gateway is, and how many sessions may be begun there.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Gateway {
    pub(super) url: String,
    pub(super) session_start_limit: StartLimit,
}

/// How many sessions may be begun.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(super) struct StartLimit {
    /// So many more.
    pub(super) remaining: Option<u64>,
    /// After so many milliseconds it begins to count anew.
    pub(super) reset_after: u64,
    /// So many in five seconds.
    pub(super) max_concurrency: u64,
}

/// A message, in a group or to the bot alone.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct QqMessage {
    pub(super) id: String,
    pub(super) content: String,
    pub(super) timestamp: When,
    pub(super) author: Author,
    pub(super) group_openid: Option<String>,
    pub(super) mentions: Option<Vec<MentionOf>>,
    pub(super) attachments: Option<Vec<File>>,
    /// Its short id, by which later messages quote it.
    pub(super) msg_idx: Option<String>,
    /// What it quotes.
    pub(super) msg_elements: Option<Vec<Quoted>>,
}

/// Who wrote.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Author {
    pub(super) member_openid: Option<String>,
    pub(super) user_openid: Option<String>,
    /// The same person wherever this bot's maker meets them, where the platform tells.
    pub(super) union_openid: Option<String>,
    pub(super) username: Option<String>,
    pub(super) bot: bool,
}

/// Somebody whom a message mentions.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct MentionOf {
    pub(super) id: Option<String>,
    pub(super) member_openid: Option<String>,
    pub(super) username: Option<String>,
    pub(super) is_you: bool,
    /// `single`, or `all` for everybody.
    pub(super) scope: Option<String>,
}

/// A picture or a file of a message.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct File {
    pub(super) content_type: String,
    pub(super) filename: Option<String>,
    pub(super) size: Option<u64>,
    pub(super) url: Option<String>,
}

/// What a message quotes.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Quoted {
    pub(super) msg_idx: Option<String>,
}

/// What happened to a group, its members or the bot in it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct GroupEvent {
    pub(super) timestamp: When,
    pub(super) group_openid: String,
    pub(super) member_openid: Option<String>,
    pub(super) op_member_openid: Option<String>,
}

/// Somebody asks to come in.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct JoinRequest {
    pub(super) group_openid: String,
    pub(super) member_openid: String,
    pub(super) username: Option<String>,
    pub(super) apply_at: When,
    /// `self_apply` or `invited`.
    pub(super) apply_source: String,
    pub(super) invited_by: Option<String>,
    pub(super) bot: bool,
}

/// A button was pressed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Interaction {
    pub(super) id: String,
    pub(super) timestamp: When,
    pub(super) group_openid: Option<String>,
    pub(super) group_member_openid: Option<String>,
    pub(super) user_openid: Option<String>,
    pub(super) data: InteractionData,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct InteractionData {
    pub(super) resolved: Resolved,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Resolved {
    pub(super) button_data: Option<String>,
}

/// A member, as lists have them.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ListedMember {
    pub(super) member_openid: String,
    pub(super) username: Option<String>,
    pub(super) member_role: Option<String>,
    pub(super) union_openid: Option<String>,
    pub(super) bot: bool,
}

/// A page of members.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Members {
    pub(super) members: Vec<ListedMember>,
    pub(super) next_cursor: Option<String>,
}

/// A page of requests to come in.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct JoinRequests {
    pub(super) list: Vec<JoinRequest>,
    pub(super) next_cursor: Option<String>,
}

/// What the bot may do in a group.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(super) struct BotState {
    pub(super) allow_proactive_msg: bool,
    /// `all`, `only_mention` or `mention_and_context`.
    pub(super) recv_msg_setting: String,
    pub(super) member_role: String,
}

/// A time: with its zone as text, or seconds since 1970 as a number or as text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "Value")]
pub(super) struct When(pub(super) Option<Timestamp>);

impl From<Value> for When {
    fn from(raw: Value) -> Self {
        let seconds =
            |seconds: i64| (seconds > 0).then(|| DateTime::from_timestamp(seconds, 0)).flatten();
        Self(match &raw {
            Value::Number(number) => number.as_i64().and_then(seconds),
            Value::String(text) => match text.parse::<i64>() {
                Ok(number) => seconds(number),
                Err(_) => DateTime::parse_from_rfc3339(text).ok().map(|at| at.to_utc()),
            },
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_time_is_written_in_three_ways() {
        let expected: Timestamp = "2026-05-27T08:00:00Z".parse().unwrap();
        for raw in [
            json!("2026-05-27T16:00:00+08:00"),
            json!(expected.timestamp()),
            json!(expected.timestamp().to_string()),
        ] {
            assert_eq!(serde_json::from_value::<When>(raw).unwrap(), When(Some(expected)));
        }
        for raw in [json!(null), json!("soon"), json!(0), json!({})] {
            assert_eq!(serde_json::from_value::<When>(raw).unwrap(), When(None));
        }
    }
}
