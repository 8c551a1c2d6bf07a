//! The accounts on real platforms: each has an adapter that listens, a reception that takes what it
//! hears, and a sender. One account's trouble is its own.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;

use crate::config::{AccountConfig, Platform};
use crate::domain::ids::AccountId;
use crate::engine::{Engine, ears, reception, sender};
use crate::platform::heard::Ear;
use crate::platform::telegram::{self, Telegram};
use crate::store::reference;
use crate::store::seal::to_hex;

/// An account of the config that is to be opened.
#[derive(Clone)]
pub struct Account {
    id: AccountId,
    config: AccountConfig,
    secret: String,
}

/// A door for a platform that sends its news.
#[derive(Clone)]
pub struct Hook {
    path: String,
    telegram: Telegram,
    ear: Ear,
}

impl Account {
    /// Give an account its number and its secret.
    ///
    /// # Errors
    /// When the database cannot be used, or the secret is not there.
    pub async fn of(
        engine: &Engine,
        config: &AccountConfig,
        secret_of: &(dyn Fn(&str) -> Option<String> + Send + Sync),
    ) -> anyhow::Result<Self> {
        let name = config.token_env.as_deref().context("an account has no `token_env`")?;
        let secret = secret_of(name).map(|it| it.trim().to_owned()).filter(|it| !it.is_empty());
        let secret = secret
            .with_context(|| format!("{name} is not set: account `{}` needs it", config.key))?;
        let id = reference::put_account(&engine.db, &config.key, config.platform.name()).await?;
        Ok(Self { id, config: config.clone(), secret })
    }

    /// Listen and speak, until the engine stops.
    ///
    /// # Errors
    /// When the system has no secure connections.
    pub fn open(&self, engine: &Arc<Engine>, media: &Path) -> anyhow::Result<Option<Hook>> {
        match self.config.platform {
            Platform::Simulator => Ok(None),
            Platform::Telegram => self.open_telegram(engine, media),
        }
    }

    fn open_telegram(&self, engine: &Arc<Engine>, media: &Path) -> anyhow::Result<Option<Hook>> {
        let rate = self.config.rate_per_chat;
        let path = self.derived("path");
        let webhook = self.config.webhook_url.as_ref().map(|url| {
            (format!("{}/hooks/{path}", url.trim_end_matches('/')), self.derived("secret"))
        });
        let has_hook = webhook.is_some();
        let telegram = Telegram::new(telegram::Options {
            token: self.secret.clone(),
            api_url: self.config.api_url.clone(),
            media: media.to_owned(),
            webhook,
            rate_per_chat: rate.map(|(n, seconds)| (n, Duration::from_secs(u64::from(seconds)))),
        })?;
        let (ear, heard) = Ear::new();
        let shared = || Arc::clone(engine);
        engine.spawn(sender::run(shared(), self.id, telegram.clone()));
        engine.spawn(reception::run(shared(), self.id, telegram.clone(), heard));
        let (adapter, own_ear) = (telegram.clone(), ear.clone());
        let listen = move |stop| adapter.clone().listen(own_ear.clone(), stop);
        engine.spawn(ears::hold(shared(), self.id, listen));
        Ok(has_hook.then_some(Hook { path, telegram, ear }))
    }

    /// A secret of this account for one purpose: the same in every process, and of no use for another.
    fn derived(&self, purpose: &str) -> String {
        let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, self.secret.as_bytes());
        let tag = ring::hmac::sign(&key, format!("tuan webhook {purpose}").as_bytes());
        to_hex(&tag.as_ref()[..20])
    }
}

impl Hook {
    /// Whether this is its path.
    #[must_use]
    pub fn is_at(&self, path: &str) -> bool {
        self.path == path
    }

    /// Take what the platform sends; returns once it is stored.
    ///
    /// # Errors
    /// [`telegram::HookError`].
    pub async fn take(
        &self,
        secret: Option<&[u8]>,
        body: &[u8],
    ) -> Result<(), telegram::HookError> {
        self.telegram.take_hook(&self.ear, secret, body).await
    }
}
