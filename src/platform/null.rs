//! A platform that delivers into nothing, for the bench: unpaced, and it never fails.

use std::sync::atomic::{AtomicU64, Ordering};

use super::{Capabilities, Outgoing, Platform, SendError};

/// Counts what it is given.
#[derive(Debug, Default)]
pub struct Null {
    /// Messages delivered.
    pub delivered: AtomicU64,
}

impl Platform for std::sync::Arc<Null> {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            client_key: true,
            private: true,
            text_limit: 4_000,
            ..Capabilities::default()
        }
    }

    async fn send(&self, messages: &[Outgoing]) -> Vec<Result<Option<String>, SendError>> {
        let count = u64::try_from(messages.len()).unwrap_or(u64::MAX);
        self.delivered.fetch_add(count, Ordering::Relaxed);
        messages.iter().map(|_| Ok(None)).collect()
    }
}
