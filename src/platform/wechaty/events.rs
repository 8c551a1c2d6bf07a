//! The gateway's events: a number and some JSON each, read into what the adapter knows. Pure. A message
//! is only announced; what it says is asked for afterwards.

use chrono::DateTime;
use ring::digest;
use serde::Deserialize;

use crate::domain::time::Timestamp;
use crate::platform::heard::KEY_MAX;

/// Below this, an instant in milliseconds would lie before 1973: it was given in seconds. Some puppets do.
const SECONDS_BELOW: i64 = 100_000_000_000;

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum PuppetNews {
    /// A QR code waits to be scanned.
    Scan { qr: String },
    /// The account is logged in to WeChat, under this id.
    Login { me: String },
    /// It no longer is.
    Logout,
    /// A message, by its id.
    Message { id: String },
    /// People joined a room.
    Join { room: String, members: Vec<String>, inviter: String, at: Option<Timestamp> },
    /// People left a room, or were removed.
    Leave { room: String, members: Vec<String>, at: Option<Timestamp> },
    /// A room is called otherwise.
    Topic { room: String, name: String, at: Option<Timestamp> },
    /// The account is invited into a room that one has to agree to enter.
    Invited { id: String },
    /// What was known of a contact, a room or its members is no longer so.
    Dirty { id: String },
    /// The puppet has a problem.
    Trouble { text: String },
    /// Nobody's business: heartbeats, friendships, posts, kinds of later days.
    Other,
}

/// All fields of all events; each has a few of them.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Fields {
    qrcode: Option<String>,
    contact_id: String,
    message_id: String,
    room_id: String,
    room_invitation_id: String,
    invitee_id_list: Vec<String>,
    removee_id_list: Vec<String>,
    inviter_id: Option<String>,
    new_topic: String,
    payload_id: String,
    timestamp: Option<serde_json::Number>,
    data: Option<serde_json::Value>,
    gerror: Option<serde_json::Value>,
}

/// What an event says.
pub(super) fn read(kind: i32, payload: &str) -> PuppetNews {
    let Ok(fields) = serde_json::from_str::<Fields>(payload) else {
        if !matches!(kind, 0 | 1 | 3 | 4 | 17 | 23 | 24) {
            tracing::warn!(kind, "an event of the gateway could not be read");
        }
        return PuppetNews::Other;
    };
    let at = fields.timestamp.as_ref().and_then(|it| instant(it.as_i64()?));
    let told = |ids: Vec<String>| ids.into_iter().filter(|id| !id.is_empty()).collect();
    match kind {
        2 if !fields.message_id.is_empty() => PuppetNews::Message { id: fields.message_id },
        16 => PuppetNews::Trouble { text: trouble(&fields) },
        18 if !fields.room_invitation_id.is_empty() => {
            PuppetNews::Invited { id: fields.room_invitation_id }
        }
        19 if !fields.room_id.is_empty() => PuppetNews::Join {
            room: fields.room_id,
            members: told(fields.invitee_id_list),
            inviter: fields.inviter_id.unwrap_or_default(),
            at,
        },
        20 if !fields.room_id.is_empty() => {
            PuppetNews::Leave { room: fields.room_id, members: told(fields.removee_id_list), at }
        }
        21 if !fields.room_id.is_empty() => {
            PuppetNews::Topic { room: fields.room_id, name: fields.new_topic, at }
        }
        // Once it is scanned, the same event comes again without a code.
        22 => fields
            .qrcode
            .filter(|qr| !qr.is_empty())
            .map_or(PuppetNews::Other, |qr| PuppetNews::Scan { qr }),
        25 if !fields.contact_id.is_empty() => PuppetNews::Login { me: fields.contact_id },
        26 => PuppetNews::Logout,
        27 if !fields.payload_id.is_empty() => PuppetNews::Dirty { id: fields.payload_id },
        _ => PuppetNews::Other,
    }
}

/// What the puppet complains of, in one short line.
fn trouble(fields: &Fields) -> String {
    let told = fields.gerror.as_ref().or(fields.data.as_ref()).map(ToString::to_string);
    told.unwrap_or_default().chars().take(200).collect()
}

/// An instant in milliseconds, or in seconds where the puppet did not know better.
pub(super) fn instant(number: i64) -> Option<Timestamp> {
    let millis = if number < SECONDS_BELOW { number.checked_mul(1_000)? } else { number };
    if millis <= 0 { None } else { DateTime::from_timestamp_millis(millis) }
}

/// A key of these parts; where they are too long, their fingerprint after the chat.
pub(super) fn key(parts: &[&str]) -> String {
    let whole = parts.join(":");
    if whole.len() <= KEY_MAX {
        return whole;
    }
    format!("long:{}", fingerprint(&whole))
}

/// A short text that stands for a long one.
pub(super) fn fingerprint(text: &str) -> String {
    let hash = digest::digest(&digest::SHA256, text.as_bytes());
    let half: [u8; 16] = hash.as_ref()[..16].try_into().expect("SHA-256 has 32 bytes");
    format!("{:032x}", u128::from_be_bytes(half))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_read_by_their_numbers() {
        let s = str::to_owned;
        for (kind, payload, expected) in [
            (22, r#"{"qrcode":"http://x","status":2}"#, PuppetNews::Scan { qr: s("http://x") }),
            (22, r#"{"status":4}"#, PuppetNews::Other),
            (25, r#"{"contactId":"me"}"#, PuppetNews::Login { me: s("me") }),
            (26, r#"{"contactId":"me","data":"kicked"}"#, PuppetNews::Logout),
            (2, r#"{"messageId":"m1"}"#, PuppetNews::Message { id: s("m1") }),
            (
                19,
                r#"{"inviteeIdList":["a",""],"inviterId":"b","roomId":"r@","timestamp":1700000000123}"#,
                PuppetNews::Join {
                    room: s("r@"),
                    members: vec![s("a")],
                    inviter: s("b"),
                    at: DateTime::from_timestamp_millis(1_700_000_000_123),
                },
            ),
            (
                20,
                r#"{"removeeIdList":["a"],"removerId":"b","roomId":"r@","timestamp":1700000000}"#,
                PuppetNews::Leave {
                    room: s("r@"),
                    members: vec![s("a")],
                    at: DateTime::from_timestamp(1_700_000_000, 0),
                },
            ),
            (
                21,
                r#"{"changerId":"b","newTopic":"新","oldTopic":"旧","roomId":"r@"}"#,
                PuppetNews::Topic { room: s("r@"), name: s("新"), at: None },
            ),
            (18, r#"{"roomInvitationId":"i"}"#, PuppetNews::Invited { id: s("i") }),
            (27, r#"{"payloadType":2,"payloadId":"a"}"#, PuppetNews::Dirty { id: s("a") }),
            (1, r#"{"data":"heartbeat"}"#, PuppetNews::Other),
            (2, "no json", PuppetNews::Other),
            (99, r#"{"new":true}"#, PuppetNews::Other),
        ] {
            assert_eq!(read(kind, payload), expected, "{payload}");
        }
    }

    #[test]
    fn a_key_is_short_whatever_the_ids_are() {
        assert_eq!(key(&["r@", "m1"]), "r@:m1");
        let long = key(&["r@", &"m".repeat(300)]);
        assert!(long.len() < 200 && long != key(&["r@", &"m".repeat(301)]));
    }
}
