//! A Telegram bot of the config, and the door that its webhook comes through.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use crate::domain::command::MenuEntry;
use crate::domain::policy::Locale;
use crate::engine::Engine;
use crate::gate::is_equal;
use crate::platform::heard::Listener;
use crate::platform::telegram::{HookError, Options, Telegram};

use crate::render::Words;
use crate::understand::commands::{self, Command};

use super::{Account, PlatformDoor};

/// A door for a platform that sends its news.
#[derive(Clone)]
pub struct Hook {
    key: String,
    path: String,
    telegram: Telegram,
    ear: Listener,
}

pub(super) fn open(
    account: &Account,
    engine: &Arc<Engine>,
    media: &Path,
) -> anyhow::Result<Option<PlatformDoor>> {
    let path = derived(account, "path");
    let webhook = account.config.webhook_url.as_ref().map(|url| {
        (format!("{}/hooks/{path}", url.trim_end_matches('/')), derived(account, "secret"))
    });
    let has_hook = webhook.is_some();
    let telegram = Telegram::new(Options {
        menu: menu(&engine.words),
        token: account.secret.clone(),
        api_url: account.config.api_url.clone(),
        media: media.to_owned(),
        webhook,
        rate_per_chat: account.rate_per_chat(),
    })?;
    let ear = account.attach(engine, &telegram);
    let (adapter, own_ear) = (telegram.clone(), ear.clone());
    account.listen(engine, move |stop| adapter.clone().listen(own_ear.clone(), stop));
    Ok(has_hook.then_some(PlatformDoor::Hook(Hook {
        key: account.config.key.clone(),
        path,
        telegram,
        ear,
    })))
}

/// The commands that a menu says something of.
fn menu(words: &Words) -> Vec<MenuEntry> {
    let entry = |command: &Command| {
        let name = *command.slash.first()?;
        let about = |locale| Some((locale, words.about(command.id, locale)?));
        let about: BTreeMap<_, _> = Locale::ALL.into_iter().filter_map(about).collect();
        (!about.is_empty()).then_some(MenuEntry { name, about })
    };
    commands::all().filter_map(entry).collect()
}

/// A secret of an account for one purpose: the same in every process, and of no use for another.
fn derived(account: &Account, purpose: &str) -> String {
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, account.secret.as_bytes());
    let tag = ring::hmac::sign(&key, format!("tuan webhook {purpose}").as_bytes());
    hex::encode(&tag.as_ref()[..20])
}

impl Hook {
    /// Whether this is its path.
    #[must_use]
    pub fn is_at(&self, path: &str) -> bool {
        is_equal(self.path.as_bytes(), path.as_bytes())
    }

    /// The account's key.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Whether this is its secret.
    #[must_use]
    pub fn is_secret(&self, secret: Option<&[u8]>) -> bool {
        self.telegram.is_hook_secret(secret)
    }

    /// Take what the platform sends; returns once it is stored.
    ///
    /// # Errors
    /// [`HookError`].
    pub async fn take(&self, secret: Option<&[u8]>, body: &[u8]) -> Result<(), HookError> {
        self.telegram.take_hook(&self.ear, secret, body).await
    }
}
