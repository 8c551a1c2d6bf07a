//! The webhook's side: an update that Telegram sends here is answered well once it is stored, else with an
//! error, and then Telegram sends it again.

use serde_json::Value;

use super::Telegram;
use crate::gate::is_equal;
use crate::platform::heard::Listener;

/// The largest update that is read.
pub const WEBHOOK_MAX: usize = 1024 * 1024;

/// Why an update was not taken.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum HookError {
    /// The secret is wrong, or this account has no webhook.
    #[error("the secret is wrong")]
    Stranger,
    /// It is no update.
    #[error("this is no update")]
    NoUpdate,
    /// It could not be stored; it must be sent again.
    #[error("not stored")]
    NotStored,
}

impl Telegram {
    /// Whether this is the webhook's secret; never where there is no webhook.
    #[must_use]
    pub fn is_hook_secret(&self, secret: Option<&[u8]>) -> bool {
        let own = self.webhook.as_ref().map(|(_, own)| own.as_bytes());
        own.is_some_and(|own| is_equal(own, secret.unwrap_or_default()))
    }

    /// Take an update that came to the webhook; returns once it is stored.
    ///
    /// # Errors
    /// [`HookError`].
    pub async fn take_hook(
        &self,
        ear: &Listener,
        secret: Option<&[u8]>,
        body: &[u8],
    ) -> Result<(), HookError> {
        if !self.is_hook_secret(secret) {
            return Err(HookError::Stranger);
        }
        let update: Value = serde_json::from_slice(body).map_err(|_| HookError::NoUpdate)?;
        let id = update.get("update_id").and_then(Value::as_i64).ok_or(HookError::NoUpdate)?;
        match self.take(std::slice::from_ref(&update), ear).await {
            Ok(Some(last)) if last == id => Ok(()),
            _ => Err(HookError::NotStored),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::Platform;
    use crate::platform::telegram::Options;

    fn telegram(webhook: Option<(String, String)>) -> Telegram {
        let (token, media) = ("1:x".to_owned(), std::path::PathBuf::new());
        Telegram::new(Options {
            token,
            api_url: None,
            menu: Vec::new(),
            media,
            webhook,
            rate_per_chat: None,
        })
        .unwrap()
    }

    #[test]
    fn what_it_declares_goes_together() {
        crate::platform::contract::check_capabilities(&telegram(None).capabilities());
    }

    #[tokio::test]
    async fn only_who_knows_the_secret_is_heard_and_only_when_stored() {
        let telegram = telegram(Some(("https://x".to_owned(), "s3cret".to_owned())));
        let (ear, mut heard) = Listener::new();
        let message = br#"{"update_id":1,"message":{"message_id":1,"date":1,"chat":{"id":-5,"type":"group","title":"g"},"from":{"id":6,"is_bot":false,"first_name":"x"},"text":"A1"}}"#;
        for secret in [None, Some(b"".as_slice()), Some(b"s3cre")] {
            assert_eq!(telegram.take_hook(&ear, secret, message).await, Err(HookError::Stranger));
        }
        let stored = tokio::spawn(async move {
            let first = heard.recv().await.unwrap();
            drop(first.stored);
            heard.recv().await.unwrap().stored.send(()).unwrap();
        });
        let secret = Some(b"s3cret".as_slice());
        assert_eq!(telegram.take_hook(&ear, secret, message).await, Err(HookError::NotStored));
        assert_eq!(telegram.take_hook(&ear, secret, message).await, Ok(()));
        assert_eq!(telegram.take_hook(&ear, secret, b"[]").await, Err(HookError::NoUpdate));
        stored.await.unwrap();
    }
}
