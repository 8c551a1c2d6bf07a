//! A QQ bot of the config, and the door that its webhook comes through.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use serde_json::Value;

use crate::engine::Engine;
use crate::platform::heard::Listener;
use crate::platform::qq::{HookError, HookRequest, Options, Qq};

use super::{Account, PlatformDoor};

/// A door for signed news.
#[derive(Clone)]
pub struct SignedHook {
    key: String,
    qq: Qq,
    ear: Listener,
}

pub(super) fn open(
    account: &Account,
    engine: &Arc<Engine>,
    media: &Path,
) -> anyhow::Result<Option<PlatformDoor>> {
    let config = &account.config;
    let has_webhook = config.webhook_url.is_some();
    let qq = Qq::new(Options {
        app_id: config.app_id.clone().context("a qq account has no `app_id`")?,
        secret: account.secret.clone(),
        api_url: config.api_url.clone(),
        media: media.to_owned(),
        has_webhook,
        rate_per_chat: account.rate_per_chat(),
    })?;
    let ear = account.attach(engine, &qq);
    let (adapter, own_ear) = (qq.clone(), ear.clone());
    account.listen(engine, move |stop| adapter.clone().listen(own_ear.clone(), stop));
    let key = config.key.clone();
    Ok(has_webhook.then_some(PlatformDoor::Signed(SignedHook { key, qq, ear })))
}

impl SignedHook {
    /// Whether it is this account's.
    #[must_use]
    pub fn is_of(&self, key: &str) -> bool {
        self.key == key
    }

    /// Take what the platform sends; returns what to answer, once it is stored.
    ///
    /// # Errors
    /// [`HookError`].
    pub async fn take(&self, shown: HookRequest<'_>, body: &[u8]) -> Result<Value, HookError> {
        self.qq.take_hook(&self.ear, shown, body).await
    }
}
