//! The running shop: an engine, the accounts of its config, and the doors people use.
//!
//! Wiring only. What a message means is decided far below; what a page shows is built in `web`.

pub mod accounts;
pub mod clock;
pub mod load;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use anyhow::Context;
use sqlx::PgPool;
use tokio::sync::RwLock;

use crate::config::{self, AccountConfig, Config, PlatformKind, WebConfig};
use crate::domain::policy::Policy;
use crate::engine::{Clock, Engine, housekeeping, reception, sender};
use crate::gate::Gate;
use crate::platform::Listener;
use crate::platform::simulator::Simulator;
use crate::platform::simulator::room::ChatRoom;
use crate::store::data_key;
use crate::store::reference::{self, Linked};
use crate::store::seal::Seal;

/// What a shop is opened with.
#[derive(Debug)]
pub struct Opening {
    /// Connections in the application's role.
    pub db: PgPool,
    /// Seals personal data.
    pub seal: Arc<Seal>,
    /// The shop's time.
    pub clock: Clock,
    /// The operator's file, checked.
    pub config: Config,
}

/// A running shop.
pub struct App {
    /// The engine.
    pub engine: Arc<Engine>,
    /// The simulated chat, where the config has one.
    pub simulator: Option<Simulator>,
    /// Where its pictures are.
    pub media: Option<PathBuf>,
    /// Where the console is, from outside.
    pub web: WebConfig,
    /// What stands before its doors.
    pub gate: Arc<Gate>,
    /// Accounts on real platforms.
    accounts: Vec<accounts::Account>,
    /// Ways in for platforms that come to us.
    doors: OnceLock<Vec<accounts::PlatformDoor>>,
    /// Whether its clock may be moved and its chat is open to everybody on this machine.
    pub is_demo: bool,
    /// Stored messages are blanked after so many days.
    inbox_days: u32,
    /// Whether people may come in.
    ready: AtomicBool,
    /// The file it was opened with.
    opened_with: Config,
    /// What may change while it runs.
    state: RwLock<State>,
}

/// What a reload came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reloaded {
    /// The version of the policy in force.
    pub version: i32,
    /// The keys whose change waits for a restart.
    pub waiting: Vec<String>,
}

/// What a reload changes.
#[derive(Clone, Debug)]
struct State {
    policy: Arc<Policy>,
    version: i32,
    communities: Arc<Vec<Linked>>,
}

impl App {
    /// Open a shop: load its policy and link its simulated communities. What happens from now on is
    /// stored; nothing is handled before [`Self::start`].
    ///
    /// # Errors
    /// When the database cannot be used.
    pub async fn open(opening: Opening) -> anyhow::Result<Self> {
        Self::open_with(opening, &|name| std::env::var(name).ok()).await
    }

    /// The same, with the accounts' secrets from elsewhere than the environment.
    ///
    /// # Errors
    /// When the database cannot be used, or a secret is missing.
    pub async fn open_with(
        opening: Opening,
        secret_of: &(dyn Fn(&str) -> Option<String> + Send + Sync),
    ) -> anyhow::Result<Self> {
        let Opening { db, seal, clock, config } = opening;
        let opened_with = config.clone();
        data_key::admit(&db, &seal).await?;
        let engine = Engine::new(db, seal, clock, config.engine.batch_max)
            .await
            .context("the database is not ready: has it been migrated?")?;
        let (mut simulator, mut accounts) = (None, Vec::new());
        for account in &config.accounts {
            if account.platform == PlatformKind::Simulator {
                simulator = Some(simulated(&engine, account).await?);
            } else {
                accounts.push(accounts::Account::of(&engine, account, secret_of).await?);
            }
        }
        let inbox_days = config.engine.inbox_days;
        let gate = Arc::new(Gate::new(config.web.trusted_proxies.clone()));
        let policy = Arc::new(config.policy);
        let state = load::load(&engine, simulator.as_ref(), policy).await?;
        let (ready, state) = (AtomicBool::new(true), RwLock::new(state));
        let (media, doors, is_demo) = (None, OnceLock::new(), false);
        Ok(Self {
            engine,
            simulator,
            media,
            web: config.web,
            gate,
            accounts,
            doors,
            is_demo,
            inbox_days,
            ready,
            opened_with,
            state,
        })
    }

    /// The accounts on real platforms.
    #[must_use]
    pub fn accounts(&self) -> &[accounts::Account] {
        &self.accounts
    }

    /// Start the engine, and a sender for each account.
    pub fn start(&self) {
        self.engine.start();
        self.engine.spawn(housekeeping::run(Arc::clone(&self.engine), self.inbox_days));
        if let Some(simulator) = &self.simulator {
            let account = simulator.account();
            let speaking = sender::run(Arc::clone(&self.engine), account, simulator.clone());
            self.engine.spawn(speaking);
        }
        let media = self.media.as_deref().unwrap_or(Path::new("."));
        let opened = self.accounts.iter().filter_map(|account| {
            // One account that cannot be opened does not keep the others from their work.
            let opened = account.open(&self.engine, &self.gate, media);
            opened.inspect_err(|error| tracing::error!(%error, "an account was not opened")).ok()?
        });
        let _ = self.doors.set(opened.collect()); // the shop is started once
    }

    /// The door for a platform's news at this path.
    #[cfg(feature = "telegram")]
    #[must_use]
    pub fn hook(&self, path: &str) -> Option<&accounts::Hook> {
        self.doors.get()?.iter().find_map(|door| match door {
            accounts::PlatformDoor::Hook(hook) if hook.is_at(path) => Some(hook),
            _ => None,
        })
    }

    /// The door for signed news of an account.
    #[cfg(feature = "qq")]
    #[must_use]
    pub fn signed_hook(&self, key: &str) -> Option<&accounts::SignedHook> {
        self.doors.get()?.iter().find_map(|door| match door {
            accounts::PlatformDoor::Signed(hook) if hook.is_of(key) => Some(hook),
            _ => None,
        })
    }

    /// The door for the connection of an account's implementation.
    #[must_use]
    pub fn socket(&self, key: &str) -> Option<&accounts::OnebotSocket> {
        self.doors.get()?.iter().find_map(|door| match door {
            accounts::PlatformDoor::Socket(socket) => socket.is_of(key).then_some(socket),
            #[cfg(feature = "telegram")]
            accounts::PlatformDoor::Hook(_) => None,
            #[cfg(feature = "qq")]
            accounts::PlatformDoor::Signed(_) => None,
        })
    }

    /// Take a changed file: its policy as a new version, at once. What else it changes is named, for it waits
    /// for a restart.
    ///
    /// # Errors
    /// When the database cannot be used, or the books cannot follow; the old file then stays in force.
    pub async fn reload(&self, changed: Config) -> anyhow::Result<Reloaded> {
        let waiting = config::waits_for_restart(&self.opened_with, &changed);
        let mut state = self.state.write().await;
        let policy = Arc::new(changed.policy);
        *state = load::load(&self.engine, self.simulator.as_ref(), policy).await?;
        Ok(Reloaded { version: state.version, waiting })
    }

    /// Whether people may come in: not before a demo's first drop is delivered.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.ready.load(Ordering::Acquire)
    }

    /// Let people in, or keep them waiting.
    pub fn set_ready(&self, is_ready: bool) {
        self.ready.store(is_ready, Ordering::Release);
    }

    /// The policy in force.
    pub async fn policy(&self) -> Arc<Policy> {
        Arc::clone(&self.state.read().await.policy)
    }

    /// Every community and where it is linked.
    pub async fn communities(&self) -> Arc<Vec<Linked>> {
        Arc::clone(&self.state.read().await.communities)
    }

    /// The room of a community, if it is a simulated one.
    pub async fn room(&self, slug: &str) -> Option<ChatRoom> {
        let simulator = self.simulator.clone()?;
        let linked = self.community(slug).await?;
        let chat = linked.chat.filter(|_| linked.account == simulator.account())?;
        let locale = self.policy().await.community(slug)?.locale;
        Some(ChatRoom::new(simulator, chat, locale))
    }

    /// The community with this slug.
    pub async fn community(&self, slug: &str) -> Option<Linked> {
        self.communities().await.iter().find(|it| it.slug == slug).cloned()
    }
}

async fn simulated(engine: &Arc<Engine>, account: &AccountConfig) -> anyhow::Result<Simulator> {
    let id = reference::put_account(&engine.db, &account.key, account.platform.name()).await?;
    let rate = account
        .rate_per_chat
        .map(|(most, seconds)| (most, std::time::Duration::from_secs(u64::from(seconds))));
    let shared = Arc::clone(engine);
    let now = Arc::new(move || shared.clock.now());
    let (ear, heard) = Listener::new();
    let simulator = Simulator::new(engine.db.clone(), id, now, rate, ear);
    // Before anything is handled: a demo's first members join before its shop starts.
    engine.spawn(reception::run(Arc::clone(engine), id, simulator.clone(), heard));
    simulator.connect().await?;
    Ok(simulator)
}
