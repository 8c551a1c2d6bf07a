//! OneBot v11 as it comes over the wire: our own types, with only what is used. Lenient, for there are
//! many implementations: ids are numbers or strings, texts are segments or strings with codes in them.
//!
//! What it means for a shop is found out in `read`.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::cq;

/// The id of a group, a person or a message: an integer, in some implementations a string.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(from = "RawId")]
pub(super) struct OnebotId(pub(super) String);

#[derive(Deserialize)]
#[serde(untagged)]
enum RawId {
    Number(i64),
    Text(String),
}

impl From<RawId> for OnebotId {
    fn from(raw: RawId) -> Self {
        match raw {
            RawId::Number(number) => Self(number.to_string()),
            RawId::Text(text) => Self(text),
        }
    }
}

impl OnebotId {
    /// Whether it names somebody: nobody is 0.
    pub(super) fn is_somebody(&self) -> bool {
        !matches!(self.0.as_str(), "" | "0")
    }
}

/// An id as calls want it: a number, where it is one.
pub(super) fn id(text: &str) -> Value {
    text.parse::<i64>().map_or_else(|_| Value::from(text), Value::from)
}

/// Something that happened. All kinds are one type, for they share most of their fields.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct WireEvent {
    pub(super) time: i64,
    pub(super) self_id: OnebotId,
    pub(super) post_type: String,
    pub(super) message_type: Option<String>,
    pub(super) notice_type: Option<String>,
    pub(super) request_type: Option<String>,
    pub(super) meta_event_type: Option<String>,
    pub(super) sub_type: Option<String>,
    pub(super) group_id: Option<OnebotId>,
    pub(super) user_id: Option<OnebotId>,
    pub(super) operator_id: Option<OnebotId>,
    pub(super) message_id: Option<OnebotId>,
    pub(super) message: Option<Content>,
    pub(super) sender: Option<MessageAuthor>,
    /// Somebody who hides who they are.
    pub(super) anonymous: Option<Value>,
    /// How the account is, in a heartbeat.
    pub(super) status: Option<Status>,
}

/// Who wrote.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct MessageAuthor {
    pub(super) nickname: Option<String>,
    /// Their name in this group.
    pub(super) card: Option<String>,
}

/// How the account is.
#[derive(Debug, Deserialize)]
pub(super) struct Status {
    pub(super) online: Option<bool>,
}

/// A member of a group, as lists have them.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct GroupMember {
    pub(super) user_id: OnebotId,
    pub(super) nickname: Option<String>,
    pub(super) card: Option<String>,
    pub(super) role: Option<String>,
    /// Until when they may not speak, in seconds; 0 or absent: they may.
    pub(super) shut_up_timestamp: Option<i64>,
    /// An official robot of the platform.
    pub(super) is_robot: Option<bool>,
}

/// A message: segments, or a string with codes.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Content {
    Segments(Vec<Segment>),
    One(Segment),
    Codes(String),
}

/// A part of a message.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct Segment {
    #[serde(rename = "type")]
    pub(super) kind: String,
    #[serde(default)]
    pub(super) data: Option<BTreeMap<String, Value>>,
}

impl Segment {
    /// A field of its data, as text.
    pub(super) fn field(&self, name: &str) -> Option<String> {
        match self.data.as_ref()?.get(name)? {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }
}

impl Content {
    /// Its parts, however they were written.
    pub(super) fn segments(&self) -> Vec<Segment> {
        match self {
            Self::Segments(segments) => segments.clone(),
            Self::One(segment) => vec![segment.clone()],
            Self::Codes(text) => cq::segments(text),
        }
    }
}

/// The answer to a call.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct CallAnswer {
    pub(super) status: String,
    pub(super) retcode: i64,
    pub(super) data: Value,
    /// Why not, in the words of the implementation; some use one field, some the other.
    pub(super) message: Option<String>,
    pub(super) wording: Option<String>,
    /// A string as we sent it; some implementations make a number of it.
    pub(super) echo: Option<OnebotId>,
}

impl CallAnswer {
    /// Whether it was done, or will be.
    pub(super) fn is_fine(&self) -> bool {
        matches!(self.status.as_str(), "ok" | "async")
            || (self.status.is_empty() && self.retcode == 0)
    }

    /// Why not.
    pub(super) fn words(&self) -> String {
        let said = [&self.wording, &self.message];
        let said = said.into_iter().flatten().find(|text| !text.is_empty());
        said.map_or_else(|| "no reason given".to_owned(), |text| text.chars().take(200).collect())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn ids_are_numbers_or_strings() {
        for (raw, expected) in
            [(json!(42), "42"), (json!("42"), "42"), (json!(-7), "-7"), (json!("a-b"), "a-b")]
        {
            assert_eq!(serde_json::from_value::<OnebotId>(raw).unwrap().0, expected);
        }
        assert_eq!((id("42"), id("a-b")), (json!(42), json!("a-b")));
        assert!(!OnebotId("0".to_owned()).is_somebody() && OnebotId("5".to_owned()).is_somebody());
    }

    #[test]
    fn a_message_comes_in_three_shapes() {
        let segment = json!({ "type": "text", "data": { "text": "A1" } });
        for raw in [json!([segment]), segment, json!("A1")] {
            let content: Content = serde_json::from_value(raw).unwrap();
            let segments = content.segments();
            assert_eq!(segments.len(), 1);
            assert_eq!(segments[0].field("text").as_deref(), Some("A1"));
        }
        let shake: Segment =
            serde_json::from_value(json!({ "type": "shake", "data": null })).unwrap();
        assert_eq!(shake.field("text"), None);
    }

    #[test]
    fn an_answer_tells_whether_it_was_done() {
        let read = |raw: Value| serde_json::from_value::<CallAnswer>(raw).unwrap();
        assert!(read(json!({ "status": "ok", "retcode": 0, "data": null, "echo": "1" })).is_fine());
        assert!(read(json!({ "status": "async", "retcode": 1, "echo": 1 })).is_fine());
        let refused =
            read(json!({ "status": "failed", "retcode": 100, "wording": "", "message": "no" }));
        assert!(!refused.is_fine());
        assert_eq!(refused.words(), "no");
    }
}
