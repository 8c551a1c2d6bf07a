//! The brake: whoever shows wrong secrets is slowed, by address and by account, and told for how long.
//!
//! Only failures count; a success takes nothing back. An account that is attacked from many addresses is slowed
//! for addresses that never showed its secret: whoever did within a day goes on.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::Knock;
use super::caller::Network;

/// The failures of one network that are answered at once, and how long each takes to be forgiven.
const OF_NETWORK: Allowance = Allowance { most: 5, each: Duration::from_mins(1) };

/// The same for one account, whoever tries.
const OF_ACCOUNT: Allowance = Allowance { most: 20, each: Duration::from_secs(15) };

/// How long a network is known to have an account's secret.
const KNOWN: Duration = Duration::from_hours(24);

/// The most networks that are remembered, for each purpose. Beyond it, those that would be forgotten soonest go.
const REMEMBERED_MAX: usize = 10_000;

/// Whose secret it is: a kind of account, and its key. Only accounts that exist, so that their number is bounded.
pub type GuardedAccount<'a> = (&'static str, &'a str);

type Owned = (&'static str, String);

/// Why somebody is not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The secret is wrong.
    Wrong,
    /// There were too many wrong ones; this one was not looked at. How long to wait.
    Slowed(Duration),
}

impl Refused {
    /// How long to wait, in whole seconds, at least one.
    #[must_use]
    pub fn retry_after_s(wait: Duration) -> u64 {
        wait.as_secs().saturating_add(1)
    }
}

/// So many failures at once, and one more each so long.
#[derive(Clone, Copy, Debug)]
struct Allowance {
    most: u32,
    each: Duration,
}

/// When all failures of a key will be forgiven. Each adds its time to it.
type Debts<K> = HashMap<K, Instant>;

#[derive(Debug, Default)]
pub(super) struct Brake(Mutex<Memory>);

#[derive(Debug, Default)]
struct Memory {
    networks: Debts<Network>,
    accounts: Debts<Owned>,
    /// Networks that showed the right secret of an account, and until when it counts.
    known: HashMap<(Owned, Network), Instant>,
}

impl Brake {
    /// Judge a secret; nobody else is judged meanwhile, so that many at once are no way around it.
    pub(super) fn judge(
        &self,
        knock: Knock<'_>,
        now: Instant,
        is_right: impl FnOnce() -> bool,
    ) -> Result<(), Refused> {
        let Knock { door, account, caller } = knock;
        let network = Network::of(caller.address);
        let owned = account.map(|(kind, key)| (kind, key.to_owned()));
        let mut memory = self.memory();
        if let Some(wait) = memory.wait(network, owned.as_ref(), now) {
            tracing::debug!(address = %caller.address, door, "slowed");
            return Err(Refused::Slowed(wait));
        }
        if is_right() {
            if let Some(owned) = owned {
                keep(&mut memory.known, (owned, network), now + KNOWN, now);
            }
            return Ok(());
        }
        memory.fail(network, owned.as_ref(), now);
        let is_slowed = memory.wait(network, owned.as_ref(), now).is_some();
        drop(memory);
        let account = account.map_or("none", |(_, key)| key);
        tracing::warn!(
            address = %caller.address, door, account, slowed = is_slowed,
            "a wrong secret was shown"
        );
        Err(Refused::Wrong)
    }

    /// Plain values: whoever panicked while holding them left them whole.
    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Memory {
    fn wait(&self, network: Network, account: Option<&Owned>, now: Instant) -> Option<Duration> {
        let of_network = OF_NETWORK.wait(self.networks.get(&network), now);
        let of_account = account.and_then(|account| {
            let known = self.known.get(&(account.clone(), network));
            let is_known = known.is_some_and(|until| now < *until);
            if is_known { None } else { OF_ACCOUNT.wait(self.accounts.get(account), now) }
        });
        of_network.max(of_account)
    }

    fn fail(&mut self, network: Network, account: Option<&Owned>, now: Instant) {
        let until = OF_NETWORK.after(self.networks.get(&network), now);
        keep(&mut self.networks, network, until, now);
        if let Some(account) = account {
            let until = OF_ACCOUNT.after(self.accounts.get(account), now);
            self.accounts.insert(account.clone(), until);
        }
    }
}

impl Allowance {
    /// How long to wait before the next one is looked at.
    fn wait(self, forgiven: Option<&Instant>, now: Instant) -> Option<Duration> {
        let open = now + self.each * (self.most - 1);
        forgiven.and_then(|at| at.checked_duration_since(open)).filter(|wait| !wait.is_zero())
    }

    /// When all will be forgiven after one more.
    fn after(self, forgiven: Option<&Instant>, now: Instant) -> Instant {
        forgiven.copied().map_or(now, |at| at.max(now)) + self.each
    }
}

/// Remember something until then, within bounds.
fn keep<K: Eq + Hash + Clone>(map: &mut HashMap<K, Instant>, key: K, until: Instant, now: Instant) {
    if map.len() >= REMEMBERED_MAX && !map.contains_key(&key) {
        map.retain(|_, until| *until > now);
        if map.len() >= REMEMBERED_MAX
            && let Some(soonest) =
                map.iter().min_by_key(|(_, until)| **until).map(|(key, _)| key.clone())
        {
            map.remove(&soonest);
        }
    }
    map.insert(key, until);
}

#[cfg(test)]
mod tests {
    use super::super::caller::Caller;
    use super::*;

    const TOKEN: GuardedAccount<'static> = ("operator", "operator");

    fn knock(brake: &Brake, from: &str, now: Instant, is_right: bool) -> Result<(), Refused> {
        let address = from.parse().unwrap();
        let caller = Caller { address, is_local: false, is_sealed: false };
        let knock = Knock { door: "login", account: Some(TOKEN), caller: &caller };
        brake.judge(knock, now, || is_right)
    }

    fn slowed(seconds: u64) -> Result<(), Refused> {
        Err(Refused::Slowed(Duration::from_secs(seconds)))
    }

    #[test]
    fn an_address_is_slowed_after_five_whether_the_next_is_right_or_wrong() {
        let (brake, start) = (Brake::default(), Instant::now());
        for _ in 0..5 {
            assert_eq!(knock(&brake, "1.2.3.4", start, false), Err(Refused::Wrong));
        }
        for is_right in [false, true] {
            assert_eq!(knock(&brake, "1.2.3.4", start, is_right), slowed(60));
        }
        assert_eq!(knock(&brake, "1.2.3.5", start, true), Ok(()), "a neighbour is not");
        let later = start + Duration::from_secs(61);
        assert_eq!(knock(&brake, "1.2.3.4", later, false), Err(Refused::Wrong));
        assert_eq!(knock(&brake, "1.2.3.4", later, true), slowed(59));
        assert_eq!(knock(&brake, "1.2.3.4", start + Duration::from_secs(121), true), Ok(()));
    }

    #[test]
    fn a_subscriber_of_ipv6_has_one_allowance() {
        let (brake, start) = (Brake::default(), Instant::now());
        for n in 0..5 {
            let from = format!("2001:db8:1:2::{n}");
            assert_eq!(knock(&brake, &from, start, false), Err(Refused::Wrong));
        }
        assert_eq!(knock(&brake, "2001:db8:1:2:9::9", start, true), slowed(60));
        assert_eq!(knock(&brake, "2001:db8:1:3::1", start, true), Ok(()));
    }

    #[test]
    fn an_account_is_slowed_for_strangers_and_goes_on_for_who_showed_its_secret() {
        let (brake, start) = (Brake::default(), Instant::now());
        assert_eq!(knock(&brake, "9.9.9.9", start, true), Ok(()));
        for n in 0..20 {
            assert_eq!(knock(&brake, &format!("1.2.3.{n}"), start, false), Err(Refused::Wrong));
        }
        assert_eq!(knock(&brake, "1.2.3.99", start, true), slowed(15));
        assert_eq!(knock(&brake, "9.9.9.9", start, true), Ok(()));
        for _ in 0..5 {
            assert_eq!(knock(&brake, "9.9.9.9", start, false), Err(Refused::Wrong));
        }
        assert!(knock(&brake, "9.9.9.9", start, true).is_err(), "its own address counts as ever");
        let later = start + Duration::from_secs(121);
        assert_eq!(knock(&brake, "1.2.3.99", later, true), Ok(()));
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let (mut map, now) = (HashMap::new(), Instant::now());
        for n in 0..u32::try_from(REMEMBERED_MAX).unwrap() + 50 {
            keep(&mut map, n, now + Duration::from_secs(1 + u64::from(n)), now);
        }
        assert_eq!(map.len(), REMEMBERED_MAX);
        assert!(!map.contains_key(&0) && map.contains_key(&10_049));
        let later = now + Duration::from_hours(9);
        keep(&mut map, 99_999, later + KNOWN, later);
        assert_eq!(map.len(), 1, "what is forgiven goes first");
    }
}
