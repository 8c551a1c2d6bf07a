//! What was said in a group while nobody listened. The standard has no word for it, but the implementations
//! that people run share one (`get_group_msg_history`, as go-cqhttp had it): pages of messages as they were
//! told, ids included, each page up to the message that is named.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use super::session::CallError;
use super::wire::{WireEvent, id};
use super::{OneBot, locked, read, send};
use crate::domain::time::Timestamp;
use crate::platform::SendError;
use crate::platform::heard::HeardItem;

/// How many messages are asked for at once; some give fewer, whatever they are asked for.
const PAGE: u32 = 100;

/// The most messages of one group that are looked through; what is older stays unheard.
const LOOKED_AT_MAX: usize = 2_000;

/// How long an answer may take: everything that is heard waits for it, and who does not know the question may
/// not say so. Then nothing more is asked over this connection.
const WITHIN: Duration = Duration::from_secs(5);

/// A page, whichever way round it is.
#[derive(Deserialize)]
struct HistoryPage {
    messages: Vec<Value>,
}

/// What was said in a group since then, oldest first.
pub(super) async fn since(
    onebot: &OneBot,
    group: &str,
    since: Timestamp,
) -> Result<Vec<HeardItem>, SendError> {
    let (mut seen, mut events) = (BTreeSet::new(), Vec::new());
    let mut upto: Option<Value> = None;
    while events.len() < LOOKED_AT_MAX {
        let page = page(onebot, group, upto.as_ref()).await?;
        upto = page.first().map(|oldest| oldest["message_seq"].clone());
        let mut page: Vec<WireEvent> =
            page.into_iter().filter_map(|it| serde_json::from_value(it).ok()).collect();
        let reaches_back = page.first().is_some_and(|oldest| oldest.time < since.timestamp());
        page.retain(|it| it.message_id.as_ref().is_some_and(|id| seen.insert(id.clone())));
        let is_last = page.is_empty() || reaches_back || upto == Some(Value::Null);
        events.splice(0..0, page);
        if is_last {
            break;
        }
    }
    events.retain(|event| event.time >= since.timestamp());
    let mut items = Vec::with_capacity(events.len());
    for event in events {
        onebot.ask_names(&event).await;
        items.extend(read::read(&event, &mut locked(&onebot.names)));
    }
    Ok(items)
}

/// A page of messages, oldest first: the newest, or those up to a message.
async fn page(onebot: &OneBot, group: &str, upto: Option<&Value>) -> Result<Vec<Value>, SendError> {
    let mut params = json!({ "group_id": id(group), "count": PAGE });
    if let Some(upto) = upto {
        params["message_seq"] = upto.clone();
    }
    let session = onebot.session().filter(|_| !onebot.is_mute.load(Ordering::Relaxed));
    let session = session.ok_or_else(|| SendError::unable("tell what was said"))?;
    let page = session.call_within(WITHIN, "get_group_msg_history", params).await;
    if let Err(CallError::Unknown(_)) = &page {
        onebot.is_mute.store(true, Ordering::Relaxed);
    }
    let page = page.map_err(send::undone)?;
    let HistoryPage { mut messages } = serde_json::from_value(page)
        .map_err(|error| SendError::Never { reason: format!("an odd history: {error}") })?;
    let time = |message: Option<&Value>| message.and_then(|it| it["time"].as_i64());
    if time(messages.first()) > time(messages.last()) {
        messages.reverse();
    }
    Ok(messages)
}
