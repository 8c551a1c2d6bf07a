//! Instants and days. An instant is UTC; a day belongs to the community's time zone. Nobody here
//! asks for the time: it is the event's.

use chrono::{
    DateTime, Datelike, Days, Duration, LocalResult, NaiveDate, NaiveTime, TimeZone, Utc, Weekday,
};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

/// An instant, in UTC.
pub type Timestamp = DateTime<Utc>;

/// The calendar day of `at` in `zone`.
#[must_use]
pub fn local_day(at: Timestamp, zone: Tz) -> NaiveDate {
    at.with_timezone(&zone).date_naive()
}

/// The instant of `time` on `day` in `zone`. In a spring gap it is the first instant after the gap;
/// a time that occurs twice in autumn means the first of the two.
#[must_use]
pub fn local_instant(day: NaiveDate, time: NaiveTime, zone: Tz) -> Timestamp {
    let mut wanted = day.and_time(time);
    loop {
        match zone.from_local_datetime(&wanted) {
            LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => return at.to_utc(),
            // Gaps are whole minutes in every zone in use today.
            LocalResult::None => wanted += chrono::Duration::minutes(1),
        }
    }
}

/// Midnight at the start of the day `days` after the day of `at`, in `zone`.
#[must_use]
pub fn local_midnight_after(at: Timestamp, days: u32, zone: Tz) -> Timestamp {
    let day = local_day(at, zone) + Days::new(u64::from(days));
    local_instant(day, NaiveTime::MIN, zone)
}

/// Midnight at the start of the day `days` before the day of `at`, in `zone`.
#[must_use]
pub fn local_midnight_before(at: Timestamp, days: u32, zone: Tz) -> Timestamp {
    let today = local_day(at, zone);
    let day = today.checked_sub_days(Days::new(u64::from(days))).unwrap_or(NaiveDate::MIN);
    local_instant(day, NaiveTime::MIN, zone)
}

/// Midnight at the start of the month of `at`, in `zone`.
#[must_use]
pub fn local_month_start(at: Timestamp, zone: Tz) -> Timestamp {
    let today = local_day(at, zone);
    local_instant(today.with_day(1).unwrap_or(today), NaiveTime::MIN, zone)
}

/// A time as somebody says it: which instant it is depends on when and where it was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SaidTime {
    /// 30分钟: so many minutes later.
    Later(u32),
    /// 明天 21:00.
    At {
        /// On which day.
        day: SaidDay,
        /// Minute of that day; 24:00 is its end.
        minute: u16,
        /// 9点: morning or evening was not said.
        is_open: bool,
    },
}

/// A day as somebody says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SaidDay {
    /// None was named.
    Unsaid,
    /// Today, or so many days after it.
    In(u32),
    /// The next day of this name, today included.
    On(Weekday),
    /// 3月5日: the next of this date, today included.
    Date {
        /// 1 to 12.
        month: u32,
        /// 1 to 31.
        day: u32,
    },
}

const HALF_DAY: u16 = 12 * 60;

impl SaidTime {
    /// The instant that is meant, said at `now` of something that is at `than` until then: so much later than that,
    /// or the time of day, which is in the past where it is over. A time of which half a day is open is the first
    /// later than `than`, or else the first that is still to come; `None` where the calendar has no such day.
    #[must_use]
    pub fn instant(self, now: Timestamp, than: Timestamp, zone: Tz) -> Option<Timestamp> {
        let (day, minute, is_open) = match self {
            Self::Later(minutes) => {
                return than.checked_add_signed(Duration::minutes(i64::from(minutes)));
            }
            Self::At { day, minute, is_open } => (day, minute, is_open),
        };
        let day = day.on(local_day(now, zone))?;
        let first = minute_of(day, minute, zone)?;
        if !is_open {
            return Some(first);
        }
        let second = minute_of(day, (minute + HALF_DAY) % (2 * HALF_DAY), zone)?;
        let (first, second) = (first.min(second), first.max(second));
        let later = |after: Timestamp| [first, second].into_iter().find(|it| *it > after);
        Some(later(than.max(now)).or_else(|| later(now)).unwrap_or(second))
    }
}

impl SaidDay {
    fn on(self, today: NaiveDate) -> Option<NaiveDate> {
        match self {
            Self::Unsaid => Some(today),
            Self::In(days) => today.checked_add_days(Days::new(u64::from(days))),
            Self::On(weekday) => today.iter_days().find(|day| day.weekday() == weekday),
            Self::Date { month, day } => {
                let of = |year| NaiveDate::from_ymd_opt(year, month, day);
                let this = of(today.year()).filter(|date| *date >= today);
                this.or_else(|| of(today.year() + 1))
            }
        }
    }
}

/// An instant of a day by its minute; 24:00 is the midnight after it.
fn minute_of(day: NaiveDate, minute: u16, zone: Tz) -> Option<Timestamp> {
    if minute == 2 * HALF_DAY {
        return Some(local_instant(day.succ_opt()?, NaiveTime::MIN, zone));
    }
    let time = NaiveTime::from_num_seconds_from_midnight_opt(u32::from(minute) * 60, 0)?;
    Some(local_instant(day, time, zone))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instant(day: &str, time: &str, zone: Tz) -> String {
        let day = day.parse().unwrap();
        let time = NaiveTime::parse_from_str(time, "%H:%M").unwrap();
        local_instant(day, time, zone).to_rfc3339()
    }

    #[test]
    fn a_time_in_the_spring_gap_is_the_end_of_the_gap() {
        let new_york = chrono_tz::America::New_York;
        assert_eq!(instant("2026-03-08", "02:30", new_york), "2026-03-08T07:00:00+00:00");
    }

    #[test]
    fn a_repeated_time_in_autumn_is_the_first_of_the_two() {
        let new_york = chrono_tz::America::New_York;
        assert_eq!(instant("2026-11-01", "01:30", new_york), "2026-11-01T05:30:00+00:00");
    }

    #[test]
    fn commission_is_due_at_midnight_of_the_eighth_day() {
        let shanghai = chrono_tz::Asia::Shanghai;
        let received = "2026-03-01T15:59:00Z".parse().unwrap(); // 23:59 on 1 March
        let due = local_midnight_after(received, 8, shanghai);
        assert_eq!(due.to_rfc3339(), "2026-03-08T16:00:00+00:00"); // 00:00 on 9 March
    }

    #[track_caller]
    fn meant(now: &str, than: &str, said: SaidTime, expected: &str) {
        let at = |text: &str| -> Timestamp { format!("2026-03-{text}:00+08:00").parse().unwrap() };
        let got = said.instant(at(now), at(than), chrono_tz::Asia::Shanghai);
        assert_eq!(got, Some(at(expected)), "{said:?}");
    }

    #[test]
    fn half_a_day_that_was_not_said_is_the_one_after_what_was_before() {
        let nine = |is_open| SaidTime::At { day: SaidDay::Unsaid, minute: 9 * 60, is_open };
        meant("01T10:00", "01T20:00", nine(true), "01T21:00");
        meant("01T08:00", "01T20:00", nine(true), "01T21:00");
        meant("01T08:00", "01T22:00", nine(true), "01T09:00");
        meant("01T10:00", "01T22:00", nine(true), "01T21:00");
        meant("01T22:30", "01T23:00", nine(true), "01T21:00"); // over: whoever asks says so
        meant("01T10:00", "01T20:00", nine(false), "01T09:00");
        let noon = SaidTime::At { day: SaidDay::Unsaid, minute: 12 * 60, is_open: true };
        meant("01T10:00", "01T11:00", noon, "01T12:00");
    }

    #[test]
    fn days_are_the_next_of_their_name() {
        let at = |day| SaidTime::At { day, minute: 21 * 60, is_open: false };
        let (now, than) = ("01T10:00", "01T22:00"); // a Sunday
        meant(now, than, at(SaidDay::In(1)), "02T21:00");
        meant(now, than, at(SaidDay::On(Weekday::Sun)), "01T21:00");
        meant(now, than, at(SaidDay::On(Weekday::Fri)), "06T21:00");
        meant(now, than, at(SaidDay::Date { month: 3, day: 5 }), "05T21:00");
        let midnight = SaidTime::At { day: SaidDay::Unsaid, minute: 24 * 60, is_open: false };
        meant(now, than, midnight, "02T00:00");
        meant(now, than, SaidTime::Later(30), "01T22:30");
        let never = at(SaidDay::Date { month: 2, day: 30 });
        let now = "2026-03-01T02:00:00Z".parse().unwrap();
        assert_eq!(never.instant(now, now, chrono_tz::Asia::Shanghai), None);
    }
}
