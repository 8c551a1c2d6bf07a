//! When a drop's offers are open, and whether two drops can ever be open together.
//!
//! Local times of one community only. A window of up to a day, begun on the days of one pattern,
//! is compared with the other's on the same day and on the neighbouring ones.

use chrono::{Datelike, Days, NaiveDate, NaiveTime, Timelike};

use crate::domain::policy::DropDays;

/// An offer counts as open until its closing is committed: at most this long after the time.
const CLOSING_SLACK_MINUTES: i64 = 10;
const DAY_MINUTES: i64 = 24 * 60;

/// When offers are open.
#[derive(Clone, Debug)]
pub(super) struct OfferWindow {
    pub(super) days: DropDays,
    pub(super) at: NaiveTime,
    pub(super) closes: NaiveTime,
}

impl OfferWindow {
    /// From opening to closing.
    pub(super) fn length_minutes(&self) -> i64 {
        let length = minute_of_day(self.closes) - minute_of_day(self.at);
        if length > 0 { length } else { length + DAY_MINUTES }
    }

    /// Whether both can be open at some instant.
    pub(super) fn can_meet(&self, other: &Self) -> bool {
        (-2..=2).any(|shift| self.meets(other, shift))
    }

    /// Whether it can be posted while it is still open from the time before.
    pub(super) fn meets_itself(&self) -> bool {
        self.meets(self, 1)
    }

    /// Whether the windows overlap when the other one begins `shift` days later, and there is
    /// such a pair of days.
    fn meets(&self, other: &Self, shift: i64) -> bool {
        let (from, until) = self.span(0);
        let (other_from, other_until) = other.span(shift);
        from < other_until && other_from < until && can_follow(&self.days, &other.days, shift)
    }

    fn span(&self, shift: i64) -> (i64, i64) {
        let from = minute_of_day(self.at) + shift * DAY_MINUTES;
        (from, from + self.length_minutes() + CLOSING_SLACK_MINUTES)
    }
}

fn minute_of_day(time: NaiveTime) -> i64 {
    i64::from(time.hour() * 60 + time.minute())
}

/// Whether there is a day of the one pattern that a day of the other follows after `shift` days.
fn can_follow(one: &DropDays, other: &DropDays, shift: i64) -> bool {
    // The calendar repeats after 28 years, so this is all there is to see.
    let first = NaiveDate::from_ymd_opt(2001, 1, 10).unwrap_or_default();
    first.iter_days().take(28 * 366).any(|day| {
        let shifted = if shift < 0 {
            day - Days::new(shift.unsigned_abs())
        } else {
            day + Days::new(shift.unsigned_abs())
        };
        happens_on(one, day) && happens_on(other, shifted)
    })
}

fn happens_on(days: &DropDays, day: NaiveDate) -> bool {
    match days {
        DropDays::Daily => true,
        DropDays::Weekdays(days) => days.contains(&day.weekday()),
        DropDays::MonthDays(days) => days.iter().any(|it| u32::from(*it) == day.day()),
    }
}

#[cfg(test)]
mod tests {
    use chrono::Weekday::{self, Mon, Sun, Tue, Wed};

    use super::*;

    fn window(days: DropDays, at: &str, closes: &str) -> OfferWindow {
        OfferWindow { days, at: at.parse().unwrap(), closes: closes.parse().unwrap() }
    }

    #[test]
    fn windows_meet_when_their_days_and_times_do() {
        let daily = || DropDays::Daily;
        let on = |days: &[Weekday]| DropDays::Weekdays(days.to_vec());
        let month = |day| DropDays::MonthDays(vec![day]);
        for (one, other, expected) in [
            ((daily(), "10:00:00", "12:00:00"), (daily(), "11:00:00", "13:00:00"), true),
            ((daily(), "10:00:00", "12:00:00"), (daily(), "12:30:00", "13:00:00"), false),
            // Within the time that closing may take.
            ((daily(), "10:00:00", "12:00:00"), (daily(), "12:05:00", "13:00:00"), true),
            ((on(&[Mon]), "10:00:00", "12:00:00"), (on(&[Tue]), "10:00:00", "12:00:00"), false),
            // Sunday evening into Monday morning.
            ((on(&[Sun]), "20:00:00", "08:00:00"), (on(&[Mon]), "07:00:00", "09:00:00"), true),
            ((on(&[Mon]), "20:00:00", "08:00:00"), (on(&[Wed]), "07:00:00", "09:00:00"), false),
            ((month(18), "10:00:00", "12:00:00"), (on(&[Mon]), "11:00:00", "13:00:00"), true),
            ((month(18), "10:00:00", "12:00:00"), (month(19), "10:00:00", "12:00:00"), false),
            // The 31st is followed by a 1st.
            ((month(31), "20:00:00", "08:00:00"), (month(1), "07:00:00", "09:00:00"), true),
            ((month(30), "20:00:00", "08:00:00"), (month(1), "07:00:00", "09:00:00"), true),
            ((month(27), "20:00:00", "08:00:00"), (month(1), "07:00:00", "09:00:00"), false),
        ] {
            let (one, other) = (window(one.0, one.1, one.2), window(other.0, other.1, other.2));
            assert_eq!(one.can_meet(&other), expected, "{one:?} {other:?}");
            assert_eq!(other.can_meet(&one), expected, "{other:?} {one:?}");
        }
    }

    #[test]
    fn a_drop_must_close_before_it_is_posted_again() {
        assert!(window(DropDays::Daily, "10:00:00", "10:00:00").meets_itself());
        assert!(window(DropDays::Daily, "10:00:00", "09:55:00").meets_itself());
        assert!(!window(DropDays::Daily, "10:00:00", "09:30:00").meets_itself());
        let mondays = DropDays::Weekdays(vec![Weekday::Mon]);
        assert!(!window(mondays, "10:00:00", "10:00:00").meets_itself());
    }
}
