//! Counters of one process, for metrics and the bench. They report; nothing is decided by them.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// Counters since the start.
#[derive(Debug, Default)]
pub struct EngineStats {
    /// Batches committed.
    pub batches: AtomicU64,
    /// Events in them.
    pub events: AtomicU64,
    /// Statements in them, begin and commit not counted.
    pub statements: AtomicU64,
    /// The most statements of one batch.
    pub most_statements: AtomicU64,
    /// The most events of one batch.
    pub largest_batch: AtomicU64,
    /// Batches that had to be done again.
    pub retries: AtomicU64,
    /// Events parked.
    pub parked: AtomicU64,
    /// Facts that events turned out to miss, by what they were and what for: each costs an event a trip of its own to
    /// the database. As many entries as there are kinds in the code.
    pub missed: Mutex<BTreeMap<String, u64>>,
    /// Messages sent.
    pub sent: AtomicU64,
    /// Answers not given, because the same was just said or somebody asked too much.
    pub spared: AtomicU64,
    /// Other processes that work on the same database.
    pub others: AtomicU64,
    /// Sends whose outcome stayed unknown, and messages given up.
    pub unsent: AtomicU64,
    /// Whether what happens cannot be stored at the moment.
    pub is_inbox_failing: AtomicBool,
}

impl EngineStats {
    pub(crate) fn batch(&self, events: usize, statements: u32) {
        let events = u64::try_from(events).unwrap_or(u64::MAX);
        self.batches.fetch_add(1, Ordering::Relaxed);
        self.events.fetch_add(events, Ordering::Relaxed);
        self.statements.fetch_add(u64::from(statements), Ordering::Relaxed);
        self.most_statements.fetch_max(u64::from(statements), Ordering::Relaxed);
        self.largest_batch.fetch_max(events, Ordering::Relaxed);
    }

    /// Facts that nobody foresaw.
    pub(crate) fn unforeseen(&self, missed: impl Iterator<Item = String>) {
        let mut all = self.missed.lock().unwrap_or_else(PoisonError::into_inner);
        for fact in missed {
            *all.entry(fact).or_default() += 1;
        }
    }

    /// Nothing is counted yet, and others are expected until it is known that there are none.
    pub(crate) fn beside_others() -> Self {
        Self { others: AtomicU64::new(1), ..Self::default() }
    }

    /// Whether no other process works on the same database.
    pub(crate) fn is_alone(&self) -> bool {
        self.others.load(Ordering::Relaxed) == 0
    }

    pub(crate) fn add(counter: &AtomicU64, n: usize) {
        counter.fetch_add(u64::try_from(n).unwrap_or(u64::MAX), Ordering::Relaxed);
    }
}
