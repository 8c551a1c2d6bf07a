//! Echoes: what the account says comes back as a message of its own. Some gateways answer a send without
//! the message's id, and some answers are lost; the echo then tells the id, and that it was delivered.
//!
//! Each send leaves its mark, in order, and each echo takes the first one that it fits, whether anybody
//! still waits for it or not: so an echo that comes late is not taken for that of a later send.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::Instant;

/// Sends of which echoes are expected; the oldest are given up first.
const EXPECTED_MAX: usize = 256;

/// How long an echo may take.
const LATE: Duration = Duration::from_mins(1);

/// What was sent where and not heard again.
#[derive(Default)]
pub(super) struct Echoes(Mutex<VecDeque<ExpectedEcho>>);

struct ExpectedEcho {
    chat: String,
    /// What it says; `None`: a picture.
    text: Option<String>,
    since: Instant,
    tell: oneshot::Sender<String>,
}

/// The echo of one send.
pub(super) struct Echo(oneshot::Receiver<String>);

impl Echoes {
    /// Something is about to be sent.
    pub(super) fn expect(&self, chat: &str, text: Option<&str>) -> Echo {
        let (tell, told) = oneshot::channel();
        let (chat, text) = (chat.to_owned(), text.map(same));
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|it| it.since.elapsed() < LATE);
        if all.len() >= EXPECTED_MAX {
            all.pop_front();
        }
        all.push_back(ExpectedEcho { chat, text, since: Instant::now(), tell });
        Echo(told)
    }

    /// The account said something itself.
    pub(super) fn heard(&self, chat: &str, text: Option<&str>, id: &str) {
        let text = text.map(same);
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let fits = all.iter().position(|it| it.chat == chat && it.text == text);
        if let Some(expected) = fits.and_then(|at| all.remove(at)) {
            let _ = expected.tell.send(id.to_owned()); // nobody may be waiting
        }
    }
}

impl Echo {
    /// The id of the message, once it is heard; `None` when it no longer is expected.
    pub(super) async fn heard(&mut self) -> Option<String> {
        (&mut self.0).await.ok()
    }

    /// The id of the message, if it is heard in time.
    pub(super) async fn within(mut self, time: Duration) -> Option<String> {
        tokio::time::timeout(time, self.heard()).await.ok()?
    }
}

/// Text as it compares: gateways trim it and change its blanks.
fn same(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOON: Duration = Duration::from_millis(1);

    #[tokio::test]
    async fn an_echo_tells_the_id_of_what_it_repeats() {
        let echoes = Echoes::default();
        let (text, picture) = (echoes.expect("r@", Some("好 的\n")), echoes.expect("r@", None));
        echoes.heard("r@", Some("别的"), "m0");
        echoes.heard("r@", None, "m1");
        echoes.heard("r@", Some("好\u{2005}的"), "m2");
        assert_eq!(text.within(SOON).await.as_deref(), Some("m2"));
        assert_eq!(picture.within(SOON).await.as_deref(), Some("m1"));
    }

    #[tokio::test]
    async fn a_late_echo_is_not_taken_for_that_of_a_later_send() {
        let echoes = Echoes::default();
        drop(echoes.expect("r@", Some("好"))); // answered with an id, nobody waits
        let second = echoes.expect("r@", Some("好"));
        echoes.heard("r@", Some("好"), "m1");
        assert_eq!(second.within(SOON).await, None);
        let third = echoes.expect("r@", Some("好"));
        echoes.heard("r@", Some("好"), "m2"); // of the second
        echoes.heard("r@", Some("好"), "m3");
        assert_eq!(third.within(SOON).await.as_deref(), Some("m3"));
    }
}
