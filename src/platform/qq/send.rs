//! Sending: in answer to what was heard, while that may be answered; else unasked, where the group allows it;
//! else in answer to whoever spoke last; else it waits for somebody to speak.
//!
//! An answer's number is made of its place among the answers to one event and of its text, so the same
//! answer is refused when it was delivered before, and that is as good as sent.

use std::sync::atomic::Ordering;
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::Qq;
use super::budget::{ALONE, AnswerToken, Budget, GROUP, MARGIN};
use super::client::{CallError, NO_TOKEN};
use super::media::media;
use super::write::{content, has_link, keyboard, without_links, words};
use crate::platform::deliver::{self, Sent};
use crate::platform::{Outgoing, SendError, locked};

/// The same answer was taken before.
const SENT_BEFORE: i64 = 40_054_005;

/// What is answered cannot be, any more.
const TOKEN_ENDED: [i64; 4] = [40_034_024, 40_034_025, 40_034_026, 40_034_028];

/// Nothing may be said unasked.
const NOT_ALLOWED: [i64; 2] = [40_034_102, 40_034_105];

/// The text holds an address that is on no list.
const BAD_LINK: [i64; 2] = [304_003, 40_034_006];

/// The bot may send no buttons, or no text with marks.
const NO_BUTTONS: [i64; 4] = [304_036, 304_037, 40_034_003, 40_034_011];

/// How long a group that refused what nobody asked for is not tried again.
const REFUSED_FOR: Duration = Duration::from_mins(10);

/// How long to leave a chat alone when the token or the secret is refused: for the operator to mend.
const SHUT: Duration = Duration::from_mins(1);

/// Send them all; results in the same order.
pub(super) async fn all(qq: &Qq, messages: &[Outgoing]) -> Vec<Sent> {
    deliver::all(messages, |message| one(qq, message)).await
}

/// Whether something could be said in a group now.
pub(super) fn may_speak(qq: &Qq, group: &str) -> bool {
    let newest = locked(&qq.budgets).newest(group, GROUP, Instant::now());
    newest.is_some() || !is_refused(qq, group)
}

/// Whether something could be said to a member alone now.
pub(super) fn may_speak_alone(qq: &Qq, member: &str) -> bool {
    locked(&qq.budgets).newest(member, ALONE, Instant::now()).is_some()
}

/// Whether what nobody asked for is known to be refused in a group.
fn is_refused(qq: &Qq, group: &str) -> bool {
    let is_off = locked(&qq.known).state(group).is_some_and(|it| !it.allow_proactive_msg);
    let lately = locked(&qq.refused).get(group).is_some_and(|at| at.elapsed() < REFUSED_FOR);
    is_off || lately
}

/// Where a message goes.
pub(super) struct Destination {
    /// The group, or the member's own chat.
    pub(super) path: String,
    /// By what it is known among what may be answered.
    chat: String,
    budget: Budget,
    is_alone: bool,
}

impl Destination {
    fn of(qq: &Qq, message: &Outgoing) -> Self {
        match &message.to {
            Some(to) if message.private => Self {
                path: format!("/v2/users/{}", locked(&qq.known).own_chat(to)),
                chat: to.clone(),
                budget: ALONE,
                is_alone: true,
            },
            _ => Self {
                path: format!("/v2/groups/{}", message.chat),
                chat: message.chat.clone(),
                budget: GROUP,
                is_alone: false,
            },
        }
    }
}

async fn one(qq: &Qq, message: &Outgoing) -> Sent {
    let place = Destination::of(qq, message);
    if place.is_alone {
        let newest = locked(&qq.budgets).newest(&place.chat, place.budget, Instant::now());
        // Alone, the bot only answers: what it may say unasked is a handful a month.
        let Some(token) = newest else { return Err(SendError::NeedsFirstContact) };
        return match answer(qq, message, &place, &token, borrowed(message)).await {
            Err(Failed::Ended) => Err(SendError::NeedsFirstContact),
            other => other.map_err(Failed::into_error),
        };
    }
    if let Some((token, number)) = answered(qq, message) {
        match answer(qq, message, &place, &token, number).await {
            Err(Failed::Ended) => {}
            other => return other.map_err(Failed::into_error),
        }
    }
    if locked(&qq.known).state(&place.chat).is_none_or(|it| it.allow_proactive_msg) {
        qq.state(&place.chat).await;
    }
    if !is_refused(qq, &place.chat) {
        match post(qq, message, &place, None).await {
            Err(CallError::Refused { code, .. }) if NOT_ALLOWED.contains(&code) => {
                locked(&qq.refused).insert(place.chat.clone(), Instant::now());
            }
            Err(error) => return Err(judge(qq, &place.chat, error).await),
            Ok(id) => {
                qq.refusals.forget(&place.chat);
                return Ok(id);
            }
        }
    }
    loop {
        let newest = locked(&qq.budgets).newest(&place.chat, place.budget, Instant::now());
        let Some(token) = newest else {
            let reason = "this group does not let the bot speak unasked".to_owned();
            return Err(SendError::AwaitsPerson { reason });
        };
        match answer(qq, message, &place, &token, borrowed(message)).await {
            Err(Failed::Ended) => {}
            other => return other.map_err(Failed::into_error),
        }
    }
}

/// Why an answer was not sent.
enum Failed {
    /// What it answers cannot be answered any more.
    Ended,
    Else(SendError),
}

impl Failed {
    fn into_error(self) -> SendError {
        match self {
            Self::Ended => SendError::Later { after: Duration::ZERO, source: None },
            Self::Else(error) => error,
        }
    }
}

/// What a message answers, if that may still be answered, and the answer's number.
fn answered(qq: &Qq, message: &Outgoing) -> Option<(AnswerToken, u32)> {
    let answers = message.answers.as_ref()?;
    let token = AnswerToken::of(&answers.key)?;
    let Budget { within, most } = GROUP;
    let is_open = answers.age + MARGIN < within && locked(&qq.budgets).has_left(&token, most);
    let number = 1 + answers.nth % 500 * 1_000 + hash(&message.text) % 1_000;
    is_open.then_some((token, number))
}

/// The number of an answer to what somebody else said: apart from all numbers of answers that are theirs.
fn borrowed(message: &Outgoing) -> u32 {
    500_001 + hash(&format!("{}\n{}", message.id, message.text)) % 499_000
}

fn hash(text: &str) -> u32 {
    let digest = ring::digest::digest(&ring::digest::SHA256, text.as_bytes());
    let first: [u8; 4] = digest.as_ref()[..4].try_into().unwrap_or_default();
    u32::from_be_bytes(first)
}

/// Send in answer to something. When nobody knows whether it arrived it is sent once more, for it counts once.
async fn answer(
    qq: &Qq,
    message: &Outgoing,
    place: &Destination,
    token: &AnswerToken,
    number: u32,
) -> Result<Option<String>, Failed> {
    locked(&qq.budgets).spend(token);
    let mut sent = post(qq, message, place, Some((token, number))).await;
    if matches!(sent, Err(CallError::Unknown { .. })) {
        sent = post(qq, message, place, Some((token, number))).await;
    }
    match sent {
        Ok(id) => {
            qq.refusals.forget(&place.chat);
            Ok(id)
        }
        Err(CallError::Refused { code: SENT_BEFORE, .. }) => Ok(None),
        Err(CallError::Refused { code, .. })
            if TOKEN_ENDED.contains(&code) || NOT_ALLOWED.contains(&code) =>
        {
            locked(&qq.budgets).end(token);
            Err(Failed::Ended)
        }
        Err(CallError::Refused { code, .. }) if place.is_alone && code != NO_TOKEN => {
            Err(Failed::Else(SendError::NeedsFirstContact))
        }
        Err(error) => Err(Failed::Else(judge(qq, &place.chat, error).await)),
    }
}

/// One message as the platform wants it; without what it is known to refuse.
async fn post(
    qq: &Qq,
    message: &Outgoing,
    place: &Destination,
    answers: Option<(&AnswerToken, u32)>,
) -> Result<Option<String>, CallError> {
    let media = media(qq, message, place).await?;
    let mut text = words(message);
    let mut has_buttons = !message.buttons.is_empty()
        && media.is_none()
        && !qq.is_without_buttons.load(Ordering::Relaxed);
    loop {
        let buttons = has_buttons.then(|| keyboard(message));
        let mut body = content(&text, media.as_deref(), buttons);
        match answers {
            Some((AnswerToken::Message(id), number)) => {
                body.insert("msg_id".to_owned(), json!(id));
                body.insert("msg_seq".to_owned(), json!(number));
            }
            Some((AnswerToken::Event(id), number)) => {
                body.insert("event_id".to_owned(), json!(id));
                body.insert("msg_seq".to_owned(), json!(number));
            }
            None => {}
        }
        let path = format!("{}/messages", place.path);
        match qq.client.call::<Value>(Method::POST, &path, Some(&Value::Object(body))).await {
            Err(CallError::Refused { code, .. }) if has_buttons && NO_BUTTONS.contains(&code) => {
                tracing::warn!(code, "the bot may send no buttons: they are left out");
                qq.is_without_buttons.store(true, Ordering::Relaxed);
                has_buttons = false;
            }
            Err(CallError::Refused { code, .. }) if BAD_LINK.contains(&code) && has_link(&text) => {
                tracing::warn!(code, "an address is on no list of the platform: it is left out");
                text = without_links(&text);
            }
            other => return other.map(|sent| sent["id"].as_str().map(str::to_owned)),
        }
    }
}

/// A call that brought nothing.
pub(super) fn undone(error: CallError) -> SendError {
    match error {
        CallError::Later { after, reason } => {
            SendError::Later { after, source: Some(reason.into()) }
        }
        CallError::Unknown { reason } => SendError::Unknown(reason.into()),
        CallError::Refused { code: NO_TOKEN, words } => {
            SendError::Later { after: SHUT, source: Some(words.into()) }
        }
        CallError::Refused { code, words } => {
            SendError::Never { reason: format!("{code}: {words}") }
        }
    }
}

/// What a failed message means for the outbox. Few of the platform's numbers are told in public, so a refused
/// message is judged by whether the bot is still in the group.
async fn judge(qq: &Qq, group: &str, error: CallError) -> SendError {
    let (code, words) = match error {
        CallError::Refused { code, words } if code != NO_TOKEN => (code, words),
        other => return undone(other),
    };
    let reason = format!("{code}: {words}");
    let path = format!("/v2/groups/{group}/bot_state");
    match qq.client.call::<Value>(Method::GET, &path, None).await {
        Err(CallError::Refused { .. }) => SendError::Closed { reason },
        _ => qq.refusals.count(group, reason),
    }
}

#[cfg(test)]
#[path = "send_tests.rs"]
mod tests;
