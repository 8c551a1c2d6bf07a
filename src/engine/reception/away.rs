//! How long an account was away: between two connections, or because we were closed ourselves. A process that comes
//! up knows from the database until when one before it, or another, was connected.

use std::time::Duration;

use super::{Reception, patiently};
use crate::domain::time::Timestamp;
use crate::engine::health::AccountHealth;
use crate::platform::Platform;
use crate::store::reference;

/// How often it is noted that an account is connected: who is killed was heard from at most so long before.
pub(super) const NOTE_EVERY: Duration = Duration::from_secs(20);

/// Who was away for less says nothing of it: that is a connection made anew.
const MISSED_MIN: chrono::Duration = chrono::Duration::minutes(1);

impl<P: Platform + Clone> Reception<P> {
    /// The account is connected: since when was it not, if that is worth a word? `None` when the engine stops
    /// before that is known.
    pub(super) async fn comes_back(&mut self) -> Option<()> {
        let (before, now) = (self.health(), self.engine.clock.now());
        // Another process may have listened meanwhile.
        let noted = patiently!(self, reference::listened_until(&self.engine.db, self.account))?;
        let since =
            if self.was_ready { before.since.max(noted).filter(|_| !before.ready) } else { noted };
        self.away_since = since.filter(|since| *since + MISSED_MIN <= now);
        self.was_ready = true;
        Some(())
    }

    /// Note that the account is connected until now, if it is.
    pub(super) async fn note_listening(&self) {
        if self.health().ready {
            self.note_listened(self.engine.clock.now()).await;
        }
    }

    /// Note until when the account was connected, before nobody listens any more: not before what was missed
    /// earlier is made up for.
    pub(super) async fn note_end(&self) {
        if self.away_since.is_none() {
            self.note_listening().await;
        }
    }

    async fn note_listened(&self, until: Timestamp) {
        let put = reference::put_listened(&self.engine.db, self.account, until).await;
        if let Err(error) = put {
            tracing::warn!(%error, "until when an account was connected was not noted");
        }
    }

    fn health(&self) -> AccountHealth {
        self.engine.health.accounts().remove(&self.account).unwrap_or_default()
    }
}
