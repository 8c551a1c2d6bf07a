//! Instants and days. An instant is UTC; a day belongs to the community's time zone. Nobody here
//! asks for the time: it is the event's.

use chrono::{DateTime, Days, LocalResult, NaiveDate, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;

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
}
