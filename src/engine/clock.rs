//! The shop's clock: the system's, plus an offset that only the demo and the tests move. Nothing else
//! reads the system's time.

use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{Duration, DurationRound, Utc};

use crate::domain::time::Timestamp;

/// A clock that can be ahead of (or behind) the system's.
#[derive(Debug, Default)]
pub struct Clock {
    offset_us: AtomicI64,
}

impl Clock {
    /// The system's clock.
    #[must_use]
    pub fn system() -> Self {
        Self::default()
    }

    /// A clock that shows `now` at this moment and runs on from there.
    #[must_use]
    pub fn starting_at(now: Timestamp) -> Self {
        let offset = (now - system_now()).num_microseconds().unwrap_or(0);
        Self { offset_us: AtomicI64::new(offset) }
    }

    /// The shop's time, to the microsecond: as exact as the database keeps it.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        let offset = Duration::microseconds(self.offset_us.load(Ordering::Relaxed));
        let now = system_now() + offset;
        now.duration_trunc(Duration::microseconds(1)).unwrap_or(now)
    }

    /// Show `now` from this moment on. Never turns back.
    pub fn set(&self, now: Timestamp) {
        let offset = (now - system_now()).num_microseconds().unwrap_or(0);
        self.offset_us.fetch_max(offset, Ordering::Relaxed);
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place that asks the system for the time")]
fn system_now() -> Timestamp {
    Utc::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moved_clock_runs_on_and_never_turns_back() {
        let start = "2031-03-01T01:59:00Z".parse().unwrap();
        let clock = Clock::starting_at(start);
        assert!(clock.now() >= start && clock.now() < start + Duration::seconds(5));
        clock.set(start - Duration::hours(1));
        assert!(clock.now() >= start);
    }
}
