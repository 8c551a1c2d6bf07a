//! The webhook's side, instead of the gateway: every request is signed with a key that both sides make of the
//! bot's secret. It is answered well once it is stored, else with an error, and then it is sent again.
//!
//! To prove that the webhook is ours, the platform has us sign a word. Whoever asks for that is not known, so
//! only words are signed that could be no event: letters and digits.

use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Qq;
use super::wire::{GatewayFrame, op};
use crate::platform::heard::Listener;

/// The largest request that is read.
pub const WEBHOOK_MAX: usize = 1024 * 1024;

/// The longest word that is signed.
const WORD_MAX: usize = 128;

/// Why a request was not taken.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum HookError {
    /// The signature is wrong, or this account has no webhook.
    #[error("the signature is wrong")]
    Stranger,
    /// It is no event.
    #[error("this is no event")]
    NoEvent,
    /// It could not be stored; it must be sent again.
    #[error("not stored")]
    NotStored,
}

/// What a request shows.
#[derive(Clone, Copy, Debug, Default)]
pub struct HookRequest<'h> {
    /// The signature, as hexadecimal digits.
    pub signature: Option<&'h [u8]>,
    /// The time that is signed with it.
    pub timestamp: Option<&'h [u8]>,
}

#[derive(Deserialize)]
struct Verify {
    plain_token: String,
    event_ts: String,
}

/// The key pair of a bot's secret.
///
/// # Errors
/// When there is no secret.
pub(super) fn key_pair(secret: &str) -> anyhow::Result<Ed25519KeyPair> {
    anyhow::ensure!(!secret.is_empty(), "the bot's secret is empty");
    let seed: Vec<u8> = secret.bytes().cycle().take(32).collect();
    Ed25519KeyPair::from_seed_unchecked(&seed)
        .map_err(|_| anyhow::anyhow!("the bot's secret makes no key"))
}

impl Qq {
    /// Take what came to the webhook; returns the answer once it is stored.
    ///
    /// # Errors
    /// [`HookError`].
    pub async fn take_hook(
        &self,
        ear: &Listener,
        shown: HookRequest<'_>,
        body: &[u8],
    ) -> Result<Value, HookError> {
        if !self.has_webhook {
            return Err(HookError::Stranger);
        }
        let frame: GatewayFrame = serde_json::from_slice(body).map_err(|_| HookError::NoEvent)?;
        if frame.op == op::VERIFY {
            return self.prove(&frame.d);
        }
        if !self.is_signed(shown, body) {
            return Err(HookError::Stranger);
        }
        if frame.op == op::DISPATCH {
            match self.hear(&frame, ear).await {
                Ok(None) => {}
                Ok(Some(stored)) => stored.await.map_err(|_| HookError::NotStored)?,
                Err(_) => return Err(HookError::NotStored),
            }
        }
        Ok(json!({ "op": op::CALLBACK_ACK, "d": 0 }))
    }

    fn is_signed(&self, shown: HookRequest<'_>, body: &[u8]) -> bool {
        let (Some(signature), Some(timestamp)) = (shown.signature, shown.timestamp) else {
            return false;
        };
        let Ok(signature) = hex::decode(signature) else { return false };
        let key = UnparsedPublicKey::new(&ED25519, self.pair.public_key().as_ref());
        key.verify(&[timestamp, body].concat(), &signature).is_ok()
    }

    /// Sign the platform's word.
    fn prove(&self, asked: &Value) -> Result<Value, HookError> {
        let asked = Verify::deserialize(asked).map_err(|_| HookError::NoEvent)?;
        let is_word = |text: &str| {
            (1..=WORD_MAX).contains(&text.len())
                && text.bytes().all(|it| it.is_ascii_alphanumeric())
        };
        if !is_word(&asked.plain_token) || !is_word(&asked.event_ts) {
            return Err(HookError::NoEvent);
        }
        let signed = self.pair.sign(format!("{}{}", asked.event_ts, asked.plain_token).as_bytes());
        Ok(json!({ "plain_token": asked.plain_token, "signature": hex::encode(signed.as_ref()) }))
    }
}
