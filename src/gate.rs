//! What stands before every socket that the shop listens on, its console's and those of adapters: who is
//! calling, how often wrong secrets may be shown, and how long a connection may do nothing.
//!
//! Knows no shop and no platform. What is behind a door, and what a refusal looks like there, is for each
//! door. Failures are counted in this process alone: several processes allow as many times more.

mod brake;
mod caller;
mod seats;
mod secret;
mod serve;
mod stall;

pub use brake::{GuardedAccount, Refused};
pub use caller::{Caller, Network};
pub use secret::{REMEDY, is_equal, weakness};
pub use serve::{HEAD_MAX, serve};

use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};

use axum::http::HeaderMap;
use ipnet::IpNet;
use tokio::time::Instant;

use brake::Brake;
use seats::Seats;

/// What the doors of one shop share. One for a process.
#[derive(Debug, Default)]
pub struct Gate {
    /// Who is believed when it says for whom it asks.
    proxies: Vec<IpNet>,
    /// Whether it was said already that somebody else forwards.
    told: AtomicBool,
    brake: Brake,
    seats: Seats,
}

/// Somebody shows a secret at a door.
#[derive(Clone, Copy, Debug)]
pub struct Knock<'a> {
    /// Which kind of secret: for the log.
    pub door: &'static str,
    /// Whose it would be; `None` when there is no such account.
    pub account: Option<GuardedAccount<'a>>,
    /// Where it comes from.
    pub caller: &'a Caller,
}

impl Gate {
    /// A gate behind these proxies.
    #[must_use]
    pub fn new(proxies: Vec<IpNet>) -> Self {
        Self { proxies, ..Self::default() }
    }

    /// Who asks, in a request over a connection from `peer`.
    #[must_use]
    pub fn caller(&self, peer: SocketAddr, headers: &HeaderMap) -> Caller {
        let caller = Caller::of(peer, headers, |ip| self.is_proxy(ip));
        let peer = peer.ip().to_canonical();
        if peer.is_loopback() && !caller.is_local && !self.is_proxy(peer) {
            self.tell_of_proxy();
        }
        caller
    }

    /// A proxy on this machine that nobody named: said once, because one who guesses slows all who come through it.
    fn tell_of_proxy(&self) {
        if !self.told.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                "a proxy on this machine is not in `trusted_proxies` under [web]: all who come through it \
                 count as one address"
            );
        }
    }

    /// Judge a secret that was shown. While its address or its account is slowed, it is not even looked at, so
    /// that a right one is answered like a wrong one.
    ///
    /// # Errors
    /// [`Refused`].
    pub fn judge(&self, knock: Knock<'_>, is_right: impl FnOnce() -> bool) -> Result<(), Refused> {
        self.brake.judge(knock, Instant::now(), is_right)
    }

    /// The same for a secret of so many random bits that nobody guesses it: a right one always passes, because
    /// a platform cannot choose where its news come from.
    ///
    /// # Errors
    /// [`Refused`].
    pub fn judge_key(&self, knock: Knock<'_>, is_right: bool) -> Result<(), Refused> {
        if is_right { Ok(()) } else { self.judge(knock, || false) }
    }

    fn is_proxy(&self, ip: IpAddr) -> bool {
        self.proxies.iter().any(|known| known.contains(&ip))
    }
}
