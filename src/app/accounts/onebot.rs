//! A OneBot account of the config: connected to, or connecting to us at the console's address or at one of
//! its own.
//!
//! Every process holds a connection of its own, for whichever sends needs one. When we connect, one process
//! listens at a time; when they connect, whoever is connected to is who hears, and what is told to several
//! counts once by its key.

use std::path::Path;
use std::sync::Arc;

use axum::http::HeaderMap;
use axum::response::Response;
use tokio_util::sync::CancellationToken;

use crate::engine::Engine;
use crate::gate::{Caller, Gate};
use crate::platform::HeardKind;
use crate::platform::onebot::{ConnectionWay, GateVisit, OneBot, Options, Upgrade};

use super::{Account, PlatformDoor};

/// A door for a connection that stands.
#[derive(Clone)]
pub struct OnebotSocket {
    key: String,
    onebot: OneBot,
    stop: CancellationToken,
}

pub(super) fn open(
    account: &Account,
    engine: &Arc<Engine>,
    gate: &Arc<Gate>,
    media: &Path,
) -> Option<PlatformDoor> {
    let config = &account.config;
    let way = config.ws_url.clone().map_or(ConnectionWay::Reverse, ConnectionWay::Forward);
    let is_forward = way != ConnectionWay::Reverse;
    let onebot = OneBot::new(Options {
        token: account.secret.clone(),
        way,
        media: media.to_owned(),
        rate_per_chat: account.rate_per_chat(),
    });
    let ear = account.attach(engine, &onebot);
    let stop = engine.stop.clone();
    if is_forward {
        engine.spawn(onebot.clone().keep(stop));
        account.listen(engine, move |stop| onebot.clone().listen(ear.clone(), stop));
        return None;
    }
    onebot.hear_with(ear.clone());
    let key = config.key.clone();
    engine.spawn(async move {
        let reason = "the implementation has not connected yet".to_owned();
        let _ = ear.report(HeardKind::Away { reason }).await; // the shop may be closing
    });
    match config.listen {
        Some(address) => {
            engine.spawn(onebot.serve(key, address, Arc::clone(gate), stop));
            None
        }
        None => Some(PlatformDoor::Socket(OnebotSocket { key, onebot, stop })),
    }
}

impl OnebotSocket {
    /// Whether it is this account's.
    #[must_use]
    pub fn is_of(&self, key: &str) -> bool {
        self.key == key
    }

    /// Somebody knocks.
    #[must_use]
    pub fn enter(
        &self,
        gate: &Gate,
        caller: &Caller,
        headers: &HeaderMap,
        upgrade: Upgrade,
    ) -> Response {
        let visit = GateVisit { gate, caller, account: &self.key };
        self.onebot.enter(visit, headers, upgrade, self.stop.clone())
    }
}
