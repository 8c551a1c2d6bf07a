//! What adapters share in sending: one message at a time to each chat, several chats at once, patience with
//! chats that refuse, and pictures from the shop's folder.
//!
//! How a message is written and what a refusal means is each adapter's own.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures::StreamExt;

use super::{Outgoing, SendError};
use crate::domain::message::SENT_BEFORE;

/// Chats spoken to at once.
const AT_ONCE: usize = 16;

/// The largest picture that is sent.
const PICTURE_MAX: u64 = 10 * 1024 * 1024;

/// Chats whose refusals are counted; beyond it they are counted anew.
const REFUSING_MAX: usize = 1_000;

/// How often in a row a chat may refuse before the message is given up.
const REFUSALS_MAX: u32 = 5;

/// What became of a message.
pub(super) type Sent = Result<Option<String>, SendError>;

/// Where a message goes: a chat, or the member's own.
pub(super) fn target(message: &Outgoing) -> &str {
    match &message.to {
        Some(to) if message.private => to,
        _ => &message.chat,
    }
}

/// Send them all with `one`; results in the same order.
pub(super) async fn all<'m, F>(
    messages: &'m [Outgoing],
    one: impl Fn(&'m Outgoing) -> F,
) -> Vec<Sent>
where
    F: Future<Output = Sent>,
{
    let mut by_chat: Vec<Vec<usize>> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    for (nth, message) in messages.iter().enumerate() {
        let place = *places.entry(target(message)).or_insert_with(|| {
            by_chat.push(Vec::new());
            by_chat.len() - 1
        });
        by_chat[place].push(nth);
    }
    let chats = by_chat.into_iter().map(|nths| in_order(messages, nths, &one));
    let sent: Vec<_> = futures::stream::iter(chats).buffer_unordered(AT_ONCE).concat().await;
    let mut results: Vec<Option<Sent>> = messages.iter().map(|_| None).collect();
    for (nth, result) in sent {
        results[nth] = Some(result);
    }
    let unsent = || Err(SendError::Later { after: Duration::ZERO, source: None });
    results.into_iter().map(|result| result.unwrap_or_else(unsent)).collect()
}

/// The messages of one chat. Once it has to wait, what follows waits, too.
async fn in_order<'m, F>(
    messages: &'m [Outgoing],
    nths: Vec<usize>,
    one: &impl Fn(&'m Outgoing) -> F,
) -> Vec<(usize, Sent)>
where
    F: Future<Output = Sent>,
{
    let mut sent = Vec::with_capacity(nths.len());
    let mut waits = None;
    for nth in nths {
        let result = match waits {
            Some(after) => Err(SendError::Later { after, source: None }),
            None => one(&messages[nth]).await,
        };
        if let Err(SendError::Later { after, .. }) = &result {
            waits = Some(*after);
        }
        sent.push((nth, result));
    }
    sent
}

/// How often in a row chats refused for no reason that can be told: somebody may be in the way for a moment,
/// so a message is tried again, but not for ever.
#[derive(Debug, Default)]
pub(super) struct Refusals(Mutex<HashMap<String, u32>>);

impl Refusals {
    /// A chat refused once more: what becomes of the message.
    pub(super) fn count(&self, chat: &str, reason: String) -> SendError {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= REFUSING_MAX {
            all.clear();
        }
        let times = all.entry(chat.to_owned()).or_default();
        if *times >= REFUSALS_MAX {
            all.remove(chat);
            return SendError::Never { reason };
        }
        *times += 1;
        let after = Duration::from_secs(1 << (*times - 1));
        SendError::Later { after, source: Some(reason.into()) }
    }

    /// A chat took a message.
    pub(super) fn forget(&self, chat: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(chat);
    }
}

/// A picture of the shop's folder; a post without its picture is better than no post.
pub(super) async fn picture(media: &Path, image: &str) -> Option<Vec<u8>> {
    // Another platform's, or one that cannot say it again.
    if image.starts_with(SENT_BEFORE) {
        return None;
    }
    let path = media.join(image.trim_start_matches('/'));
    let read = async {
        let size = tokio::fs::metadata(&path).await?.len();
        if size > PICTURE_MAX {
            return Err(std::io::Error::other("the picture is larger than 10 MB"));
        }
        tokio::fs::read(&path).await
    };
    match read.await {
        Ok(bytes) => Some(bytes),
        Err(error) => {
            tracing::error!(path = %path.display(), %error, "a picture cannot be sent");
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_in_a_row_are_counted_by_chat() {
        let refusals = Refusals::default();
        let refuses = |chat: &str| match refusals.count(chat, "no".to_owned()) {
            SendError::Later { after, .. } => Some(after.as_secs()),
            _ => None,
        };
        assert_eq!([refuses("a"), refuses("a"), refuses("b")], [Some(1), Some(2), Some(1)]);
        refusals.forget("a");
        let all = [(); 7].map(|()| refuses("a"));
        assert_eq!(all, [Some(1), Some(2), Some(4), Some(8), Some(16), None, Some(1)]);
    }

    #[tokio::test]
    async fn a_chat_that_waits_holds_up_itself_alone() {
        let message = |chat: &str, id: &str| Outgoing {
            chat: chat.to_owned(),
            id: id.to_owned(),
            ..Outgoing::default()
        };
        let messages = [message("a", "1"), message("b", "2"), message("a", "3"), message("b", "4")];
        let said = std::sync::Mutex::new(Vec::new());
        let sent = all(&messages, async |it: &Outgoing| {
            said.lock().unwrap().push(it.id.clone());
            if it.id == "1" {
                let after = Duration::from_secs(9);
                return Err(SendError::Later { after, source: None });
            }
            Ok(Some(it.id.clone()))
        });
        let sent = sent.await;
        let later =
            |it: &Sent| matches!(it, Err(SendError::Later { after, .. }) if after.as_secs() == 9);
        assert!(later(&sent[0]) && later(&sent[2]), "{sent:?}");
        assert!(
            matches!((&sent[1], &sent[3]), (Ok(Some(two)), Ok(Some(four))) if two == "2" && four == "4")
        );
        said.lock().unwrap().sort();
        assert_eq!(*said.lock().unwrap(), ["1", "2", "4"]);
    }
}
