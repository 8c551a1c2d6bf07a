//! The accounts on real platforms: each has an adapter that listens, a reception that takes what it
//! hears, and a sender. One account's trouble is its own.
//!
//! What all platforms have in common is here; how each adapter is made of its section of the config is in
//! a file of its own.

mod onebot;
#[cfg(feature = "qq")]
mod qq;
#[cfg(feature = "telegram")]
mod telegram;
#[cfg(feature = "wechaty")]
mod wechaty;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use tokio_util::sync::CancellationToken;

use crate::config::{AccountConfig, PlatformKind};
use crate::domain::ids::AccountId;
use crate::engine::health::AccountHealth;
use crate::engine::{Engine, listeners, reception, sender};
use crate::gate::{self, Gate};
use crate::platform;
use crate::platform::heard::Listener;
use crate::store::reference;

pub use onebot::OnebotSocket;
#[cfg(feature = "qq")]
pub use qq::SignedHook;
#[cfg(feature = "telegram")]
pub use telegram::Hook;

/// An account of the config that is to be opened.
#[derive(Clone)]
pub struct Account {
    id: AccountId,
    config: AccountConfig,
    secret: String,
}

/// A way in for a platform that comes to us.
#[derive(Clone)]
pub enum PlatformDoor {
    /// It sends its news, one request each.
    #[cfg(feature = "telegram")]
    Hook(Hook),
    /// It sends its news, each request signed.
    #[cfg(feature = "qq")]
    Signed(SignedHook),
    /// It opens a connection that stands.
    Socket(OnebotSocket),
}

impl Account {
    /// Give an account its number and its secret.
    ///
    /// # Errors
    /// When the database cannot be used, or the secret is not there or easy to guess.
    pub async fn of(
        engine: &Engine,
        config: &AccountConfig,
        secret_of: &(dyn Fn(&str) -> Option<String> + Send + Sync),
    ) -> anyhow::Result<Self> {
        let name = config.token_env.as_deref().context("an account has no `token_env`")?;
        let secret = secret_of(name).map(|it| it.trim().to_owned()).filter(|it| !it.is_empty());
        let secret = secret
            .with_context(|| format!("{name} is not set: account `{}` needs it", config.key))?;
        if config.platform.is_secret_chosen()
            && let Some(weakness) = gate::weakness(&secret)
        {
            let remedy = gate::REMEDY;
            anyhow::bail!("{name}, the secret of account `{}`, {weakness}: {remedy}", config.key);
        }
        let id = reference::put_account(&engine.db, &config.key, config.platform.name()).await?;
        Ok(Self { id, config: config.clone(), secret })
    }

    /// Its key in the config.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.config.key
    }

    /// What its platform is called.
    #[must_use]
    pub fn platform(&self) -> &'static str {
        self.config.platform.name()
    }

    /// How it is, in this process; nothing before it has said so.
    #[must_use]
    pub fn health(&self, engine: &Engine) -> AccountHealth {
        engine.health.accounts().remove(&self.id).unwrap_or_default()
    }

    /// Listen and speak, until the engine stops. `media` is the folder that pictures are in.
    ///
    /// # Errors
    /// When the adapter cannot be made, such as on a system without secure connections.
    pub fn open(
        &self,
        engine: &Arc<Engine>,
        gate: &Arc<Gate>,
        media: &Path,
    ) -> anyhow::Result<Option<PlatformDoor>> {
        match self.config.platform {
            PlatformKind::Simulator => Ok(None),
            PlatformKind::OneBot => Ok(onebot::open(self, engine, gate, media)),
            #[cfg(feature = "telegram")]
            PlatformKind::Telegram => telegram::open(self, engine, media),
            #[cfg(feature = "wechaty")]
            PlatformKind::Wechaty => wechaty::open(self, engine, media),
            #[cfg(feature = "qq")]
            PlatformKind::Qq => qq::open(self, engine, media),
            #[cfg(not(all(feature = "telegram", feature = "wechaty", feature = "qq")))]
            other => anyhow::bail!(
                "this program was built without {}: `cargo build --release` builds all of it",
                other.name()
            ),
        }
    }

    /// Let an adapter speak, and let the shop take what it will hear.
    fn attach<P: platform::Platform + Clone>(&self, engine: &Arc<Engine>, adapter: &P) -> Listener {
        let (ear, heard) = Listener::new();
        engine.spawn(sender::run(Arc::clone(engine), self.id, adapter.clone()));
        engine.spawn(reception::run(Arc::clone(engine), self.id, adapter.clone(), heard));
        ear
    }

    /// Run what listens, in one process at a time.
    fn listen<F>(
        &self,
        engine: &Arc<Engine>,
        listen: impl Fn(CancellationToken) -> F + Send + Sync + 'static,
    ) where
        F: Future<Output = ()> + Send + 'static,
    {
        engine.spawn(listeners::hold(Arc::clone(engine), self.id, listen));
    }

    /// The most messages to a chat that the config allows, where it says.
    fn rate_per_chat(&self) -> Option<(u32, Duration)> {
        let rate = self.config.rate_per_chat;
        rate.map(|(most, seconds)| (most, Duration::from_secs(u64::from(seconds))))
    }
}
