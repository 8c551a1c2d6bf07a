//! Doubt about the time. The wall clock is compared with the clock since boot; when they have come more
//! than ten minutes apart within one process, somebody or something has set the wall clock, and nobody
//! knows yet whether to right or to wrong.
//!
//! Until it is known, what cannot be taken back waits: timers that release or pay, and the blanking of old
//! texts. It is known when an operator says so (`tuan clock accept`), when platforms have delivered
//! messages that bear the new time, when the clock has come back, or when an hour has passed.
//!
//! Pure: everything is told from readings.

use chrono::Duration;

use crate::domain::time::Timestamp;

/// Clocks further apart than this are doubted.
pub const LEAP: Duration = Duration::minutes(10);

/// A doubt ends by itself after so long.
pub const PATIENCE: Duration = Duration::hours(1);

/// How many messages have to bear the new time.
const WITNESSES: u32 = 3;

/// A message bears the new time when it is no further from it.
const FRESH: Duration = Duration::minutes(2);

/// Both hands at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockReading {
    /// The time of day.
    pub wall: Timestamp,
    /// The time since boot.
    pub since_boot: Duration,
}

/// The clock leapt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockDoubt {
    /// How far, forward or back.
    pub by: Duration,
    /// The boot time at which it was noticed.
    since: Duration,
    /// The instant of booting, as the wall clock has it now.
    booted: Timestamp,
    witnesses: u32,
}

/// What has just changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DoubtTurn {
    /// The clock leapt so far.
    Leapt(Duration),
    /// It came back by itself.
    CameBack,
    /// An operator said that it is right.
    Accepted,
    /// Messages of the platforms say that it is right.
    Borne,
    /// It has stood for an hour.
    Stood,
}

/// What is known of a machine's clocks.
#[derive(Debug, Default)]
pub struct Doubts {
    /// The instant of booting by the wall clock, as far as it is believed.
    believed: Option<Timestamp>,
    /// The same by the messages of platforms. They only ever come late, so the latest is the nearest.
    heard: Option<Timestamp>,
    doubt: Option<ClockDoubt>,
}

impl ClockReading {
    /// The instant at which the machine was started, if its wall clock is right.
    fn booted(self) -> Timestamp {
        self.wall - self.since_boot
    }
}

fn are_near(one: Timestamp, other: Timestamp, within: Duration) -> bool {
    (one - other).abs() <= within
}

impl Doubts {
    /// The doubt there is.
    #[must_use]
    pub fn doubt(&self) -> Option<ClockDoubt> {
        self.doubt
    }

    /// Compare the hands.
    pub fn look(&mut self, at: ClockReading) -> Option<DoubtTurn> {
        let booted = at.booted();
        let believed = *self.believed.get_or_insert(booted);
        if are_near(booted, believed, LEAP) {
            return self.doubt.take().map(|_| DoubtTurn::CameBack);
        }
        match self.doubt {
            Some(doubt) if are_near(booted, doubt.booted, LEAP) => (at.since_boot - doubt.since
                >= PATIENCE)
                .then(|| self.believe(at, DoubtTurn::Stood)),
            // A second leap is doubted from its own beginning.
            _ => {
                let by = booted - believed;
                self.doubt = Some(ClockDoubt { by, since: at.since_boot, booted, witnesses: 0 });
                Some(DoubtTurn::Leapt(by))
            }
        }
    }

    /// An operator says that it is right.
    pub fn accept(&mut self, at: ClockReading) -> Option<DoubtTurn> {
        self.doubt.is_some().then(|| self.believe(at, DoubtTurn::Accepted))
    }

    /// A platform delivered a message of this time.
    pub fn bear(&mut self, sent_at: Timestamp, at: ClockReading) -> Option<DoubtTurn> {
        let (sent, booted) = (sent_at - at.since_boot, at.booted());
        let heard = self.heard.map_or(sent, |before| before.max(sent));
        self.heard = Some(heard);
        let doubt = self.doubt.as_mut()?;
        // Where the clock went back, old messages told again bear its time: but newer ones were heard before.
        if are_near(sent, booted, FRESH) && are_near(heard, booted, LEAP) {
            doubt.witnesses += 1;
        }
        (doubt.witnesses >= WITNESSES).then(|| self.believe(at, DoubtTurn::Borne))
    }

    fn believe(&mut self, at: ClockReading, why: DoubtTurn) -> DoubtTurn {
        self.believed = Some(at.booted());
        self.doubt = None;
        why
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A machine that was started at noon.
    struct Machine {
        doubts: Doubts,
        /// Minutes since boot.
        boot: i64,
        /// Minutes that the wall clock is ahead.
        ahead: i64,
    }

    fn noon() -> Timestamp {
        "2026-03-01T12:00:00Z".parse().unwrap()
    }

    impl Machine {
        fn new() -> Self {
            let mut machine = Self { doubts: Doubts::default(), boot: 5, ahead: 0 };
            assert_eq!(machine.after(0), None);
            machine
        }

        fn reading(&self) -> ClockReading {
            let since_boot = Duration::minutes(self.boot);
            ClockReading { wall: noon() + since_boot + Duration::minutes(self.ahead), since_boot }
        }

        fn after(&mut self, minutes: i64) -> Option<DoubtTurn> {
            self.boot += minutes;
            self.doubts.look(self.reading())
        }

        fn leap(&mut self, minutes: i64) -> Option<DoubtTurn> {
            self.ahead += minutes;
            self.after(0)
        }

        /// A message that is so many minutes old, by the right time or by the wall.
        fn hear(&mut self, minutes_old: i64, by_wall: bool) -> Option<DoubtTurn> {
            let ahead = if by_wall { self.ahead } else { 0 };
            let sent = noon() + Duration::minutes(self.boot + ahead - minutes_old);
            self.doubts.bear(sent, self.reading())
        }
    }

    fn leapt(minutes: i64) -> DoubtTurn {
        DoubtTurn::Leapt(Duration::minutes(minutes))
    }

    #[test]
    fn ten_minutes_are_nothing_and_more_is_doubted() {
        let mut machine = Machine::new();
        assert_eq!(machine.after(60 * 24 * 365), None, "a year passes on both");
        assert_eq!((machine.leap(10), machine.leap(-20)), (None, None));
        assert_eq!(machine.leap(21), Some(leapt(11)));
        assert_eq!(machine.after(59), None);
        assert!(machine.doubts.doubt().is_some());
        assert_eq!(machine.after(1), Some(DoubtTurn::Stood));
        assert_eq!((machine.after(60), machine.doubts.doubt()), (None, None));
    }

    #[test]
    fn steps_that_add_up_are_a_leap() {
        let mut machine = Machine::new();
        assert_eq!((machine.leap(6), machine.leap(6)), (None, Some(leapt(12))));
    }

    #[test]
    fn a_clock_that_comes_back_was_wrong() {
        let mut machine = Machine::new();
        assert_eq!(machine.leap(-180), Some(leapt(-180)));
        assert_eq!(machine.leap(178), Some(DoubtTurn::CameBack));
        assert_eq!(machine.doubts.doubt(), None);
    }

    #[test]
    fn a_second_leap_begins_its_own_hour() {
        let mut machine = Machine::new();
        assert_eq!(machine.leap(180), Some(leapt(180)));
        assert_eq!(machine.after(50), None);
        assert_eq!(machine.leap(60), Some(leapt(240)));
        assert_eq!(machine.after(50), None);
        assert_eq!(machine.after(10), Some(DoubtTurn::Stood));
    }

    #[test]
    fn an_operator_accepts_what_is_doubted_and_nothing_else() {
        let mut machine = Machine::new();
        assert_eq!(machine.doubts.accept(machine.reading()), None);
        machine.leap(180);
        assert_eq!(machine.doubts.accept(machine.reading()), Some(DoubtTurn::Accepted));
        assert_eq!(machine.after(1), None, "the new time is believed");
        assert_eq!(machine.leap(-180), Some(leapt(-180)), "so the old one would be a leap");
    }

    #[test]
    fn messages_that_bear_the_new_time_end_it() {
        let mut machine = Machine::new();
        machine.leap(180);
        for _ in 1..WITNESSES {
            assert_eq!(machine.hear(0, true), None);
        }
        assert_eq!(machine.hear(1, true), Some(DoubtTurn::Borne));
        assert_eq!(machine.hear(0, true), None);
    }

    #[test]
    fn messages_that_bear_the_old_time_do_not() {
        let mut machine = Machine::new();
        machine.leap(180);
        assert!((0..50).all(|_| machine.hear(0, false).is_none()));
        assert!(machine.doubts.doubt().is_some());
    }

    #[test]
    fn old_messages_told_again_bear_no_witness_for_a_clock_that_went_back() {
        let mut machine = Machine::new();
        assert_eq!(machine.hear(0, false), None);
        machine.leap(-180);
        // Said three hours ago, when it was the time that the wall shows now.
        assert!((0..50).all(|_| machine.hear(180, false).is_none()));
        assert!(machine.doubts.doubt().is_some());
    }
}
