//! Sending: one message at a time to each chat, several chats at once. A group that moved is followed; a
//! picture is uploaded once and then known by its id.

use std::sync::PoisonError;

use reqwest::multipart::{Form, Part};
use serde_json::{Map, Value, json};

use super::Telegram;
use super::client::CallError;
use crate::domain::message::SENT_BEFORE;
use crate::platform::deliver::{self, Sent, target};
use crate::platform::heard::AttachmentKind;
use crate::platform::{Outgoing, OutgoingFile, SendError};

/// Send them all; results in the same order.
pub(super) async fn all(telegram: &Telegram, messages: &[Outgoing]) -> Vec<Sent> {
    deliver::all(messages, |message| one(telegram, message)).await
}

async fn one(telegram: &Telegram, message: &Outgoing) -> Sent {
    let place = target(message);
    let (chat, topic) = match place.split_once('/') {
        Some((chat, topic)) => (chat, topic.parse::<i64>().ok()),
        None => (place, None),
    };
    let Ok(chat) = chat.parse::<i64>() else {
        return Err(SendError::Never { reason: "this is no chat of Telegram".to_owned() });
    };
    let now = telegram.moved_to(chat);
    match call(telegram, now, topic, message).await {
        Err(CallError::Refused { migrated_to: Some(to), .. }) => {
            telegram.note_move(chat, to);
            call(telegram, to, topic, message).await.map_err(|error| refused(error, message))
        }
        other => other.map_err(|error| refused(error, message)),
    }
    .map(|sent| sent.get("message_id").map(ToString::to_string))
}

async fn call(
    telegram: &Telegram,
    chat: i64,
    topic: Option<i64>,
    message: &Outgoing,
) -> Result<Value, CallError> {
    let mut body = Map::new();
    body.insert("chat_id".to_owned(), json!(chat));
    if let Some(topic) = topic {
        body.insert("message_thread_id".to_owned(), json!(topic));
    }
    if let Some(keyboard) = keyboard(message) {
        body.insert("reply_markup".to_owned(), keyboard);
    }
    let entities = mentions(message);
    match (&message.attachment, &message.image) {
        (Some(file), _) => {
            put_caption(&mut body, message, &entities);
            self::file(telegram, file, body).await
        }
        (None, None) => {
            body.insert("text".to_owned(), json!(message.text));
            if !entities.is_empty() {
                body.insert("entities".to_owned(), json!(entities));
            }
            telegram.client.call("sendMessage", &Value::Object(body)).await
        }
        (None, Some(image)) => {
            put_caption(&mut body, message, &entities);
            photo(telegram, image, body).await
        }
    }
}

/// The text below a picture or a file.
fn put_caption(body: &mut Map<String, Value>, message: &Outgoing, entities: &[Value]) {
    if !message.text.is_empty() {
        body.insert("caption".to_owned(), json!(message.text));
    }
    if !entities.is_empty() {
        body.insert("caption_entities".to_owned(), json!(entities));
    }
}

/// A file from its bytes; pictures are shown, all else is to be opened.
async fn file(
    telegram: &Telegram,
    file: &OutgoingFile,
    body: Map<String, Value>,
) -> Result<Value, CallError> {
    let (method, field) = match file.kind {
        AttachmentKind::Picture => ("sendPhoto", "photo"),
        AttachmentKind::File | AttachmentKind::Voice | AttachmentKind::Video => {
            ("sendDocument", "document")
        }
    };
    let part = Part::bytes(file.bytes.to_vec()).file_name(file.name.clone());
    telegram.client.upload(method, form(field, part, body)).await
}

/// A call with a file beside its other parameters.
fn form(field: &'static str, part: Part, body: Map<String, Value>) -> Form {
    let text = |value: Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let begun = Form::new().part(field, part);
    body.into_iter().fold(begun, |form, (key, value)| form.text(key, text(value)))
}

/// Change a message: the text, or what stands below its picture; and its buttons.
pub(super) async fn edit(
    telegram: &Telegram,
    chat: i64,
    message: i64,
    now: &Outgoing,
) -> Result<Value, CallError> {
    let (method, text, entities) = match now.image {
        Some(_) => ("editMessageCaption", "caption", "caption_entities"),
        None => ("editMessageText", "text", "entities"),
    };
    let mut body = json!({ "chat_id": chat, "message_id": message, text: now.text });
    let mentioned = mentions(now);
    if !mentioned.is_empty() {
        body[entities] = json!(mentioned);
    }
    // Buttons that are not told again are taken away.
    if let Some(keyboard) = keyboard(now) {
        body["reply_markup"] = keyboard;
    }
    telegram.client.call(method, &body).await
}

/// A picture by address, by the id it got when it was uploaded, or from its file. An id that is no longer
/// known, such as after a change of servers, is forgotten, and the file uploaded again.
async fn photo(
    telegram: &Telegram,
    image: &str,
    mut body: Map<String, Value>,
) -> Result<Value, CallError> {
    let sent_before = image.strip_prefix(SENT_BEFORE);
    if sent_before.is_some() || image.starts_with("https://") {
        body.insert("photo".to_owned(), json!(sent_before.unwrap_or(image)));
        return telegram.client.call("sendPhoto", &Value::Object(body)).await;
    }
    let known = || telegram.pictures.lock().unwrap_or_else(PoisonError::into_inner);
    let id = known().get(image).cloned();
    if let Some(id) = id {
        body.insert("photo".to_owned(), json!(id));
        match telegram.client.call("sendPhoto", &Value::Object(body.clone())).await {
            Err(CallError::Refused { description, .. }) if is_about_a_file(&description) => {
                known().remove(image);
                body.remove("photo");
            }
            other => return other,
        }
    }
    upload(telegram, image, body).await
}

fn is_about_a_file(description: &str) -> bool {
    let text = description.to_lowercase();
    text.contains("file identifier") || text.contains("file_id") || text.contains("file reference")
}

/// A picture from its file.
async fn upload(
    telegram: &Telegram,
    image: &str,
    mut body: Map<String, Value>,
) -> Result<Value, CallError> {
    let Some(bytes) = deliver::picture(&telegram.media, image).await else {
        // A post without its picture is better than no post.
        let text = body.remove("caption").unwrap_or_else(|| json!("·"));
        body.insert("text".to_owned(), text);
        if let Some(entities) = body.remove("caption_entities") {
            body.insert("entities".to_owned(), entities);
        }
        return telegram.client.call("sendMessage", &Value::Object(body)).await;
    };
    let name = image.rsplit('/').next().unwrap_or("picture").to_owned();
    let form = form("photo", Part::bytes(bytes).file_name(name), body);
    let sent: Value = telegram.client.upload("sendPhoto", form).await?;
    let largest = sent.get("photo").and_then(Value::as_array).and_then(|sizes| sizes.last());
    if let Some(id) = largest.and_then(|size| size.get("file_id")).and_then(Value::as_str) {
        let mut pictures = telegram.pictures.lock().unwrap_or_else(PoisonError::into_inner);
        pictures.insert(image.to_owned(), id.to_owned());
    }
    Ok(sent)
}

fn keyboard(message: &Outgoing) -> Option<Value> {
    if message.buttons.is_empty() {
        return None;
    }
    let rows: Vec<Vec<Value>> = message
        .buttons
        .iter()
        .map(|row| {
            row.iter()
                .filter(|button| (1..=64).contains(&button.data.len()))
                .map(|button| json!({ "text": button.label, "callback_data": button.data }))
                .collect()
        })
        .collect();
    Some(json!({ "inline_keyboard": rows }))
}

/// `@name` in the text as a mention of the person, whatever their name looks like.
fn mentions(message: &Outgoing) -> Vec<Value> {
    let mut from = 0;
    let mut entities = Vec::new();
    for person in &message.mentions {
        let Ok(id) = person.key.parse::<u64>() else { continue };
        let written = format!("@{}", person.name);
        let Some(at) = message.text[from..].find(&written).map(|at| from + at) else { continue };
        let utf16 = |text: &str| text.encode_utf16().count();
        entities.push(json!({
            "type": "text_mention",
            "offset": utf16(&message.text[..at]),
            "length": utf16(&written),
            "user": { "id": id, "is_bot": false, "first_name": person.name },
        }));
        from = at + written.len();
    }
    entities
}

/// What a failed call means for the outbox.
pub(super) fn refused(error: CallError, message: &Outgoing) -> SendError {
    match error {
        CallError::Later { after, reason } => {
            SendError::Later { after, source: Some(reason.into()) }
        }
        CallError::Unknown { reason } => SendError::Unknown(reason.into()),
        CallError::Refused { code, description, .. } => {
            let text = description.to_lowercase();
            let is_gone = code == 403
                || [
                    "chat not found",
                    "not enough rights",
                    "have no rights",
                    "topic_closed",
                    "thread not found",
                    "peer_id_invalid",
                ]
                .iter()
                .any(|sign| text.contains(sign));
            match code {
                _ if is_gone && message.private => SendError::NeedsFirstContact,
                _ if is_gone => SendError::Closed { reason: description },
                // The token is wrong or was taken back: for the operator to mend, nothing is lost.
                401 | 404 => SendError::Later {
                    after: std::time::Duration::from_mins(1),
                    source: Some(description.into()),
                },
                _ => SendError::Never { reason: description },
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::event::Contact;

    #[test]
    fn a_name_in_the_text_is_the_person() {
        let person = |key: &str, name: &str| Contact { key: key.into(), name: name.into() };
        let message = Outgoing {
            text: "🍇 @小美 好 @小美 @x".to_owned(),
            mentions: vec![person("5", "小美"), person("6", "小美"), person("7", "不在")],
            ..Outgoing::default()
        };
        let found = mentions(&message);
        let places: Vec<_> =
            found.iter().map(|it| (it["offset"].as_u64(), it["user"]["id"].as_u64())).collect();
        assert_eq!(places, [(Some(3), Some(5)), (Some(9), Some(6))]);
        assert_eq!(found[0]["length"], 3);
    }

    #[test]
    fn who_cannot_be_written_to_alone_is_told_from_a_closed_group() {
        let blocked = |private| {
            let description = "Forbidden: bot can't initiate conversation with a user".to_owned();
            let error = CallError::Refused { code: 403, description, migrated_to: None };
            refused(error, &Outgoing { private, ..Outgoing::default() })
        };
        assert!(matches!(blocked(true), SendError::NeedsFirstContact));
        assert!(matches!(blocked(false), SendError::Closed { .. }));
    }
}
