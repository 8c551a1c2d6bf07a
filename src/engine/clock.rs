//! The shop's clock: the machine's, plus an offset that only the demo and the tests move. Nothing else
//! reads the system's time.
//!
//! A machine's wall clock can be set wrong, or right, while the shop runs. It is compared with the clock
//! since boot, which nobody sets; see [`doubt`](super::doubt). The demo's own clock is exempt.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{Duration, DurationRound, Utc};
use rustix::time::{ClockId, clock_gettime};

use crate::domain::time::Timestamp;

use super::doubt::{ClockDoubt, ClockReading, DoubtTurn, Doubts};

/// What a machine shows.
pub trait Hands: std::fmt::Debug + Send + Sync {
    /// The time of day, which can be set.
    fn wall(&self) -> Timestamp;

    /// The time since the machine was started, sleep included, which cannot.
    fn since_boot(&self) -> Duration;
}

/// This machine's own.
#[derive(Clone, Copy, Debug)]
struct Machine;

impl Hands for Machine {
    fn wall(&self) -> Timestamp {
        system_now()
    }

    fn since_boot(&self) -> Duration {
        #[cfg(target_os = "linux")]
        let clock = ClockId::Boottime;
        #[cfg(not(target_os = "linux"))]
        let clock = ClockId::Monotonic;
        let at = clock_gettime(clock);
        Duration::seconds(at.tv_sec) + Duration::nanoseconds(at.tv_nsec)
    }
}

/// A clock that can be ahead of (or behind) the machine's.
#[derive(Debug)]
pub struct Clock {
    offset_us: AtomicI64,
    hands: Arc<dyn Hands>,
    /// Nothing for a clock that is moved on purpose.
    doubts: Option<Mutex<Doubts>>,
}

impl Clock {
    /// The system's clock, watched.
    #[must_use]
    pub fn system() -> Self {
        Self::of(Arc::new(Machine))
    }

    /// The clock of a machine, watched.
    #[must_use]
    pub fn of(hands: Arc<dyn Hands>) -> Self {
        Self { offset_us: AtomicI64::new(0), hands, doubts: Some(Mutex::default()) }
    }

    /// A clock that shows `now` at this moment and runs on from there. It is moved on purpose, and so not
    /// watched.
    #[must_use]
    pub fn starting_at(now: Timestamp) -> Self {
        let offset = AtomicI64::new(offset_us(now, system_now()));
        Self { offset_us: offset, hands: Arc::new(Machine), doubts: None }
    }

    /// The shop's time, to the microsecond: as exact as the database keeps it.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.shown(self.hands.wall())
    }

    fn shown(&self, wall: Timestamp) -> Timestamp {
        let now = wall + Duration::microseconds(self.offset_us.load(Ordering::Relaxed));
        now.duration_trunc(Duration::microseconds(1)).unwrap_or(now)
    }

    /// Show `now` from this moment on. Never turns back.
    pub fn set(&self, now: Timestamp) {
        self.offset_us.fetch_max(offset_us(now, self.hands.wall()), Ordering::Relaxed);
    }

    /// Compare the hands; the shop's time as it was compared, and what has just changed.
    #[must_use]
    pub fn look(&self) -> (Timestamp, Option<DoubtTurn>) {
        let at = self.reading();
        (self.shown(at.wall), self.doubts().and_then(|mut doubts| doubts.look(at)))
    }

    /// Whether the time is doubted now.
    #[must_use]
    pub fn doubt(&self) -> Option<ClockDoubt> {
        self.doubts()?.doubt()
    }

    /// An operator says that the time is right.
    #[must_use]
    pub fn accept(&self) -> Option<DoubtTurn> {
        let at = self.reading();
        self.doubts()?.accept(at)
    }

    /// A platform delivered a message that bears this time.
    #[must_use]
    pub fn bear(&self, sent_at: Timestamp) -> Option<DoubtTurn> {
        let at = self.reading();
        self.doubts()?.bear(sent_at, at)
    }

    fn reading(&self) -> ClockReading {
        ClockReading { wall: self.hands.wall(), since_boot: self.hands.since_boot() }
    }

    /// Plain values: whoever panicked while holding them left them whole.
    fn doubts(&self) -> Option<MutexGuard<'_, Doubts>> {
        Some(self.doubts.as_ref()?.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// How far `now` is from the wall clock, in whole microseconds upwards: rounded down, a clock asked within
/// the same microsecond would show a time before `now`.
fn offset_us(now: Timestamp, wall: Timestamp) -> i64 {
    let wall = wall.duration_trunc(Duration::microseconds(1)).unwrap_or(wall);
    (now - wall).num_microseconds().unwrap_or(0)
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

    #[derive(Debug)]
    struct Still(Timestamp);

    impl Hands for Still {
        fn wall(&self) -> Timestamp {
            self.0
        }

        fn since_boot(&self) -> Duration {
            Duration::zero()
        }
    }

    #[test]
    fn a_clock_set_within_a_microsecond_shows_no_earlier_time() {
        let start: Timestamp = "2031-03-01T01:59:00Z".parse().unwrap();
        for nanoseconds in [0, 1, 499, 500, 999] {
            let wall = start - Duration::days(1_500) + Duration::nanoseconds(nanoseconds);
            let clock = Clock::of(Arc::new(Still(wall)));
            clock.set(start);
            assert_eq!(clock.now(), start, "{nanoseconds}");
        }
    }

    #[test]
    fn a_clock_that_is_moved_on_purpose_is_not_doubted() {
        let start = "2031-03-01T01:59:00Z".parse().unwrap();
        let clock = Clock::starting_at(start);
        assert_eq!(clock.look().1, None);
        clock.set(start + Duration::days(9));
        assert_eq!((clock.look().1, clock.doubt()), (None, None));
    }

    #[test]
    fn the_machine_runs_by_itself() {
        let clock = Clock::system();
        let (first, turn) = clock.look();
        assert_eq!((turn, clock.look().1), (None, None));
        assert!(Machine.since_boot() > Duration::zero());
        assert!(clock.look().0 >= first);
    }
}
