//! How the accounts are, and which chats are closed to the bot: for operators, and to notice a revival.
//! Nothing is decided by it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use crate::domain::ids::AccountId;
use crate::domain::time::Timestamp;
use crate::platform::locked;

/// The state of one account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountHealth {
    /// Connected and listening.
    pub ready: bool,
    /// Since when it is so.
    pub since: Option<Timestamp>,
    /// The bot's own name there.
    pub name: Option<String>,
    /// Why it is not connected.
    pub reason: Option<String>,
    /// What somebody has to scan before it is.
    pub qr: Option<String>,
    /// When something was heard last.
    pub heard_at: Option<Timestamp>,
    /// Messages that wait until a person writes or switches something on.
    pub awaiting: usize,
}

/// All accounts of this process.
#[derive(Debug, Default)]
pub struct Health {
    accounts: Mutex<BTreeMap<AccountId, AccountHealth>>,
    closed: Mutex<BTreeSet<(AccountId, String)>>,
}

impl Health {
    /// Every account that has said how it is.
    #[must_use]
    pub fn accounts(&self) -> BTreeMap<AccountId, AccountHealth> {
        locked(&self.accounts).clone()
    }

    /// The account changed.
    pub fn change(&self, account: AccountId, change: impl FnOnce(&mut AccountHealth)) {
        change(locked(&self.accounts).entry(account).or_default());
    }

    /// Since when the account is connected; `None` while it is not.
    #[must_use]
    pub fn ready_since(&self, account: AccountId) -> Option<Timestamp> {
        let accounts = locked(&self.accounts);
        accounts.get(&account).filter(|it| it.ready).and_then(|it| it.since)
    }

    /// The accounts that are connected, and since when.
    #[must_use]
    pub fn listening(&self) -> Vec<(AccountId, Timestamp)> {
        let accounts = locked(&self.accounts);
        let ready = accounts.iter().filter(|(_, it)| it.ready);
        ready.filter_map(|(account, it)| Some((*account, it.since?))).collect()
    }

    /// A chat refuses what is sent there.
    pub fn close(&self, account: AccountId, chat: &str) {
        locked(&self.closed).insert((account, chat.to_owned()));
    }

    /// Something was heard from a chat; `true` when it was closed before.
    pub fn revive(&self, account: AccountId, chat: &str) -> bool {
        let mut closed = locked(&self.closed);
        !closed.is_empty() && closed.remove(&(account, chat.to_owned()))
    }

    /// How many chats are closed.
    #[must_use]
    pub fn closed(&self) -> usize {
        locked(&self.closed).len()
    }
}
