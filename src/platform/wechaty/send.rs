//! Sending a message. One that was not answered is looked for among the echoes; only when it is not there
//! either is its outcome unknown.

use std::sync::atomic::Ordering;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::Wechaty;
use super::client::{AWAY, CallError, SEND_MAX, unsent};
use super::echo::Echo;
use super::messages::AFTER_MENTION;
use super::wire::{
    MessageSendFile, MessageSendFileRequest, MessageSendResponse, MessageSendText,
    MessageSendTextRequest,
};
use crate::platform::deliver::{Sent, picture, target};
use crate::platform::{Outgoing, SendError};

/// The largest file that is sent: a gateway takes 4 MiB in a message, and a file grows by a third.
const FILE_MAX: usize = 2_900_000;

/// How long to wait for the echo that tells the id of a message.
const ECHO_SOON: Duration = Duration::from_millis(400);

/// How long to wait for the answer when the echo was heard.
const ANSWER_SOON: Duration = Duration::from_secs(1);

/// How long to wait for the echo of a message of which nothing was heard.
const ECHO_LATE: Duration = Duration::from_secs(5);

/// Send one message.
pub(super) async fn one(wechaty: &Wechaty, message: &Outgoing) -> Sent {
    let chat = target(message);
    // What is between may take a call and drop it, and then nobody knows whether it got through.
    if wechaty.is_cut_off.load(Ordering::Relaxed) {
        return Err(unsent(CallError::Later { after: AWAY, reason: "cut off".to_owned() }));
    }
    if message.private && wechaty.is_stranger(chat).await {
        return Err(SendError::NeedsFirstContact);
    }
    let image = match (&message.attachment, &message.image) {
        (Some(file), _) => boxed(&file.name, &file.bytes),
        (None, Some(image)) => file_box(wechaty, image).await,
        (None, None) => None,
    };
    // A post without its picture is better than no post.
    if image.is_none() && message.text.is_empty() {
        let reason = "there is nothing to send".to_owned();
        return Err(SendError::Never { reason });
    }
    let text = image.is_none().then(|| with_mentions(message));
    let echo = wechaty.echoes.expect(chat, text.as_deref());
    let call = async {
        match (image, text) {
            (Some(image), _) => send_picture(wechaty, chat, image).await,
            (None, text) => send_text(wechaty, message, text.unwrap_or_default()).await,
        }
    };
    match answered(call, echo).await {
        Ok(id) => {
            wechaty.refusals.forget(chat);
            Ok(id)
        }
        Err(CallError::Refused { .. }) if message.private => Err(SendError::NeedsFirstContact),
        Err(CallError::Refused { reason }) => Err(refused(wechaty, chat, reason).await),
        Err(error) => Err(unsent(error)),
    }
}

/// What becomes of a send: its answer, or its echo, which says as much.
async fn answered(
    call: impl Future<Output = Result<MessageSendResponse, CallError>>,
    mut echo: Echo,
) -> Result<Option<String>, CallError> {
    let mut call = std::pin::pin!(call);
    let answer = tokio::select! {
        biased;
        answer = &mut call => answer,
        Some(id) = echo.heard() => {
            // It was delivered. The next one to this chat is better not sent into the middle of it.
            let _ = tokio::time::timeout(ANSWER_SOON, call).await;
            return Ok(Some(id));
        }
    };
    match answer {
        Ok(sent) if !sent.id.is_empty() => Ok(Some(sent.id)),
        Ok(_) => Ok(echo.within(ECHO_SOON).await),
        Err(CallError::Unknown { reason }) => match echo.within(ECHO_LATE).await {
            Some(id) => Ok(Some(id)),
            None => Err(CallError::Unknown { reason }),
        },
        Err(error) => Err(error),
    }
}

async fn send_text(
    wechaty: &Wechaty,
    message: &Outgoing,
    text: String,
) -> Result<MessageSendResponse, CallError> {
    let ask = MessageSendTextRequest {
        conversation_id: target(message).to_owned(),
        text,
        mentional_ids: message.mentions.iter().map(|person| person.key.clone()).collect(),
    };
    wechaty.client.call::<MessageSendText>(ask, SEND_MAX).await
}

async fn send_picture(
    wechaty: &Wechaty,
    chat: &str,
    file_box: String,
) -> Result<MessageSendResponse, CallError> {
    let ask = MessageSendFileRequest { conversation_id: chat.to_owned(), file_box };
    wechaty.client.call::<MessageSendFile>(ask, SEND_MAX).await
}

/// A refused message: gateways have no word for "you are not in that room", so the room is asked. One that
/// is there may be in the way for a moment, as when WeChat finds that somebody talks too much.
async fn refused(wechaty: &Wechaty, chat: &str, reason: String) -> SendError {
    match wechaty.is_in(chat).await {
        Some(false) => SendError::Closed { reason },
        Some(true) | None => wechaty.refusals.count(chat, reason),
    }
}

/// The text with what WeChat puts behind each name that is mentioned.
fn with_mentions(message: &Outgoing) -> String {
    let mut text = message.text.clone();
    let mut from = 0;
    for person in &message.mentions {
        let written = format!("@{}", person.name);
        let Some(at) = text[from..].find(&written).map(|at| from + at) else { continue };
        let after = at + written.len();
        let blank = text[after..].chars().next().filter(|c| *c == ' ').map_or(0, char::len_utf8);
        text.replace_range(after..after + blank, AFTER_MENTION.encode_utf8(&mut [0; 4]));
        from = after;
    }
    text
}

/// A picture as gateways take it: an address, or the bytes.
async fn file_box(wechaty: &Wechaty, image: &str) -> Option<String> {
    let name = image.rsplit('/').next().filter(|name| !name.is_empty()).unwrap_or("picture");
    if image.starts_with("https://") {
        let name = name.split(['?', '#']).next().unwrap_or(name);
        let link = json!({ "type": 2, "boxType": 2, "name": name, "url": image, "metadata": {} });
        return Some(link.to_string());
    }
    boxed(name, &picture(&wechaty.media, image).await?)
}

/// A picture or a file from its bytes; `None` for one that is too large.
fn boxed(name: &str, bytes: &[u8]) -> Option<String> {
    if bytes.len() > FILE_MAX {
        tracing::error!(name, "a file of more than 2.9 MB cannot be sent to WeChat");
        return None;
    }
    let (size, base64) = (bytes.len(), STANDARD.encode(bytes));
    let whole = json!({
        "type": 1, "boxType": 1, "name": name, "size": size, "base64": base64, "metadata": {},
    });
    Some(whole.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::event::Contact;

    #[test]
    fn a_mentioned_name_is_followed_by_its_mark() {
        let person = |name: &str| Contact { key: name.into(), name: name.into() };
        let check = |text: &str, expected: &str| {
            let mentions = vec![person("小美"), person("阿强")];
            let message = Outgoing { text: text.into(), mentions, ..Outgoing::default() };
            assert_eq!(with_mentions(&message), expected);
        };
        check("@小美 收到", "@小美\u{2005}收到");
        check("@小美：收到\n@阿强", "@小美\u{2005}：收到\n@阿强\u{2005}");
        check("没有人", "没有人");
    }
}
