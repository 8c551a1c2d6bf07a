//! Sending: a message as segments, and what a refusal means. Implementations number their reasons as they
//! like, so a refused message is judged by what else they tell: whether the bot is still in the group, and
//! whether it may speak there.

use std::time::Duration;

use serde_json::{Value, json};

use super::OneBot;
use super::session::{CallError, OnebotSession};
use super::wire::{GroupMember, OnebotId, id};
use crate::platform::deliver::{self, Sent, target};
use crate::platform::heard::AttachmentKind;
use crate::platform::{Outgoing, OutgoingFile, SendError};

/// How long to leave a chat alone when nothing can be sent.
const AWAY: Duration = Duration::from_secs(3);

/// How long to leave a group alone in which the bot may not speak.
const SHUT: Duration = Duration::from_mins(1);

/// Reasons that the standard numbers itself: the call was wrong, whatever the chat is.
const BAD_CALL: [i64; 4] = [1400, 1404, 10_001, 10_002];

/// The token is wrong or missing.
const BAD_TOKEN: [i64; 2] = [1401, 1403];

/// Send them all; results in the same order.
pub(super) async fn all(onebot: &OneBot, messages: &[Outgoing]) -> Vec<Sent> {
    deliver::all(messages, |message| one(onebot, message)).await
}

async fn one(onebot: &OneBot, message: &Outgoing) -> Sent {
    let Some(session) = onebot.session() else {
        let source = Some("not connected".into());
        return Err(SendError::Later { after: AWAY, source });
    };
    let content = segments(onebot, message).await;
    let place = target(message);
    let (action, params) = if message.private {
        let mut params = json!({ "user_id": id(place), "message": content });
        if message.chat != place {
            // To a member who is no friend, by way of the group that both are in.
            params["group_id"] = id(&message.chat);
        }
        ("send_private_msg", params)
    } else {
        ("send_group_msg", json!({ "group_id": id(place), "message": content }))
    };
    match session.call(action, params).await {
        Ok(data) => {
            onebot.refusals.forget(place);
            let sent =
                data.get("message_id").map(|it| serde_json::from_value::<OnebotId>(it.clone()));
            Ok(sent.and_then(Result::ok).map(|it| it.0))
        }
        Err(CallError::Refused { code, words }) => {
            Err(judge(onebot, &session, message, code, words).await)
        }
        Err(error) => Err(undone(error)),
    }
}

/// A call that brought no answer.
pub(super) fn undone(error: CallError) -> SendError {
    match error {
        CallError::Later(reason) => SendError::Later { after: AWAY, source: Some(reason.into()) },
        CallError::Unknown(reason) => SendError::Unknown(reason.into()),
        CallError::Refused { code, words } => {
            SendError::Never { reason: format!("{code}: {words}") }
        }
    }
}

/// What a refused message means for the outbox.
async fn judge(
    onebot: &OneBot,
    session: &OnebotSession,
    message: &Outgoing,
    code: i64,
    words: String,
) -> SendError {
    let reason = format!("{code}: {words}");
    let later = |after| SendError::Later { after, source: Some(reason.clone().into()) };
    if BAD_TOKEN.contains(&code) {
        // For the operator to mend; nothing is lost.
        return later(SHUT);
    }
    if message.private {
        return SendError::NeedsFirstContact;
    }
    if BAD_CALL.contains(&code) {
        return SendError::Never { reason };
    }
    match own_membership(onebot, session, &message.chat).await {
        Ok(own) if own.shut_up_timestamp.unwrap_or(0) > onebot.heard_at() => later(SHUT),
        Err(CallError::Refused { code, .. }) if !BAD_CALL.contains(&code) => {
            SendError::Closed { reason }
        }
        _ => onebot.refusals.count(&message.chat, reason),
    }
}

/// What the bot itself is in a group, not from the other side's memory.
async fn own_membership(
    onebot: &OneBot,
    session: &OnebotSession,
    group: &str,
) -> Result<GroupMember, CallError> {
    let params = json!({ "group_id": id(group), "user_id": id(&onebot.me()), "no_cache": true });
    let member = session.call("get_group_member_info", params).await?;
    Ok(serde_json::from_value(member).unwrap_or_default())
}

/// A message as segments: its picture, then its text with those it mentions.
async fn segments(onebot: &OneBot, message: &Outgoing) -> Vec<Value> {
    let mut parts = Vec::new();
    parts.extend(message.attachment.as_ref().map(file));
    if let Some(image) = &message.image {
        let file = if image.starts_with("https://") {
            Some(image.clone())
        } else {
            let bytes = deliver::picture(&onebot.media, image).await;
            bytes.map(|bytes| format!("base64://{}", base64(&bytes)))
        };
        // Some implementations want a word for where pictures are not shown, and refuse without.
        let data = |file| json!({ "file": file, "summary": "[图片]" });
        parts.extend(file.map(|file| json!({ "type": "image", "data": data(file) })));
    }
    parts.extend(words(message));
    parts
}

/// A file from its bytes. The standard knows pictures, voices and films; the segment for any other file is
/// what the implementations that carry files have agreed on.
fn file(file: &OutgoingFile) -> Value {
    let kind = match file.kind {
        AttachmentKind::Picture => "image",
        AttachmentKind::File => "file",
        AttachmentKind::Voice => "record",
        AttachmentKind::Video => "video",
    };
    let bytes = format!("base64://{}", base64(&file.bytes));
    json!({ "type": kind, "data": { "file": bytes, "name": file.name } })
}

/// `@name` in the text as a mention of the person, whatever their name looks like.
fn words(message: &Outgoing) -> Vec<Value> {
    let text = |text: &str| json!({ "type": "text", "data": { "text": text } });
    let (mut parts, mut rest) = (Vec::new(), message.text.as_str());
    for person in message.mentions.iter().filter(|_| !message.private) {
        let written = format!("@{}", person.name);
        let Some((before, after)) = rest.split_once(&written) else { continue };
        if !person.key.bytes().all(|it| it.is_ascii_digit()) {
            continue;
        }
        parts.extend((!before.is_empty()).then(|| text(before)));
        parts.push(json!({ "type": "at", "data": { "qq": person.key } }));
        rest = after;
    }
    parts.extend((!rest.is_empty() || parts.is_empty()).then(|| text(rest)));
    parts
}

/// Bytes as text, as `base64://` wants them.
fn base64(bytes: &[u8]) -> String {
    const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let at = |nth: usize| u32::from(three.get(nth).copied().unwrap_or(0));
        let bits = at(0) << 16 | at(1) << 8 | at(2);
        for nth in 0..4 {
            let sign = SIGNS[(bits >> (18 - 6 * nth)) as usize & 63];
            text.push(if nth <= three.len() { char::from(sign) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::event::Contact;

    #[test]
    fn bytes_are_written_as_the_standard_says() {
        // RFC 4648 §10, and what has no letters.
        for (bytes, expected) in [
            (b"".as_slice(), ""),
            (b"f", "Zg=="),
            (b"fo", "Zm8="),
            (b"foo", "Zm9v"),
            (b"foobar", "Zm9vYmFy"),
            (&[0xff, 0xef, 0xfe], "/+/+"),
        ] {
            assert_eq!(base64(bytes), expected);
        }
    }

    #[test]
    fn a_name_in_the_text_is_the_person() {
        let person = |key: &str, name: &str| Contact { key: key.into(), name: name.into() };
        let message = Outgoing {
            text: "🍇 @小美 好 @小美 @x @不在".to_owned(),
            mentions: vec![
                person("5", "小美"),
                person("6", "小美"),
                person("7", "谁"),
                person("x", "x"),
            ],
            ..Outgoing::default()
        };
        let shown: Vec<_> = words(&message)
            .iter()
            .map(|it| it["data"]["text"].as_str().or(it["data"]["qq"].as_str()).unwrap().to_owned())
            .collect();
        assert_eq!(shown, ["🍇 ", "5", " 好 ", "6", " @x @不在"]);
        let alone = Outgoing { private: true, ..message };
        assert_eq!(words(&alone).len(), 1);
    }
}
