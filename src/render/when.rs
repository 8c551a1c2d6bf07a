//! Instants as people say them: 今晚 22:00, tomorrow 10:00, 3月5日 09:30.
//!
//! The words are patterns in the sections `when/…` of each locale (`%H:%M` and so on, as in
//! `strftime`); which of them fits depends on the day of the reader, in the community's zone.

use chrono::format::{Item, StrftimeItems};
use chrono::{DateTime, Datelike, NaiveDateTime, NaiveTime, Timelike};
use chrono_tz::Tz;

use crate::domain::time::Timestamp;

/// From this hour on it is evening.
const EVENING: u32 = 18;

/// The patterns of one locale.
#[derive(Debug)]
pub(super) struct Calendar {
    patterns: [Vec<Item<'static>>; Near::ALL.len()],
    days: [Vec<Item<'static>>; Near::DAYS.len()],
}

/// How far an instant is from the reader's day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Near {
    Today,
    Tonight,
    /// The end of today: 24:00.
    Midnight,
    Tomorrow,
    TomorrowNight,
    Yesterday,
    /// Another day of this year.
    Day,
    /// A day of another year.
    Year,
}

impl Near {
    const ALL: [Self; 8] = [
        Self::Today,
        Self::Tonight,
        Self::Midnight,
        Self::Tomorrow,
        Self::TomorrowNight,
        Self::Yesterday,
        Self::Day,
        Self::Year,
    ];

    /// What a day can be.
    const DAYS: [Self; 5] = [Self::Today, Self::Tomorrow, Self::Yesterday, Self::Day, Self::Year];

    /// The section that says it without a time.
    fn day_section(self) -> &'static str {
        match self {
            Self::Today | Self::Tonight | Self::Midnight => "day/today",
            Self::Tomorrow | Self::TomorrowNight => "day/tomorrow",
            Self::Yesterday => "day/yesterday",
            Self::Day => "day/day",
            Self::Year => "day/year",
        }
    }

    fn section(self) -> &'static str {
        match self {
            Self::Today => "when/today",
            Self::Tonight => "when/tonight",
            Self::Midnight => "when/midnight",
            Self::Tomorrow => "when/tomorrow",
            Self::TomorrowNight => "when/tomorrow_night",
            Self::Yesterday => "when/yesterday",
            Self::Day => "when/day",
            Self::Year => "when/year",
        }
    }

    fn of(at: NaiveDateTime, now: NaiveDateTime) -> Self {
        let evening = at.hour() >= EVENING;
        match (at.date() - now.date()).num_days() {
            0 if evening => Self::Tonight,
            0 => Self::Today,
            1 if at.time() == NaiveTime::MIN => Self::Midnight,
            1 if evening => Self::TomorrowNight,
            1 => Self::Tomorrow,
            -1 => Self::Yesterday,
            _ if at.year() == now.year() => Self::Day,
            _ => Self::Year,
        }
    }
}

impl Calendar {
    /// Read the patterns; `section` gives the text of a section.
    ///
    /// # Errors
    /// The name of the section that is missing or is no pattern.
    pub(super) fn new(section: impl Fn(&str) -> Option<String>) -> Result<Self, &'static str> {
        let mut patterns = [const { Vec::new() }; Near::ALL.len()];
        for (pattern, near) in patterns.iter_mut().zip(Near::ALL) {
            let text = section(near.section()).ok_or(near.section())?;
            *pattern = StrftimeItems::new(&text).parse_to_owned().map_err(|_| near.section())?;
        }
        let mut days = [const { Vec::new() }; Near::DAYS.len()];
        for (pattern, near) in days.iter_mut().zip(Near::DAYS) {
            let text = section(near.day_section()).ok_or(near.day_section())?;
            let items = StrftimeItems::new(&text).parse_to_owned();
            *pattern = items.map_err(|_| near.day_section())?;
        }
        Ok(Self { patterns, days })
    }

    /// The names of the sections that [`Calendar::new`] reads.
    #[cfg(test)]
    pub(super) fn sections() -> impl Iterator<Item = &'static str> {
        let days = Near::DAYS.into_iter().map(Near::day_section);
        Near::ALL.into_iter().map(Near::section).chain(days)
    }

    /// The day of `at` as said at the instant `now` in `zone`.
    pub(super) fn say_day(&self, at: Timestamp, now: Timestamp, zone: Tz) -> String {
        let at: DateTime<Tz> = at.with_timezone(&zone);
        let noon = NaiveTime::from_hms_opt(12, 0, 0).unwrap_or(NaiveTime::MIN);
        let day = at.date_naive().and_time(noon);
        let near = Near::of(day, now.with_timezone(&zone).naive_local());
        let place = Near::DAYS.iter().position(|it| *it == near).unwrap_or(0);
        at.format_with_items(self.days[place].iter()).to_string()
    }

    /// `at` as said at the instant `now` in `zone`.
    pub(super) fn say(&self, at: Timestamp, now: Timestamp, zone: Tz) -> String {
        let at: DateTime<Tz> = at.with_timezone(&zone);
        let near = Near::of(at.naive_local(), now.with_timezone(&zone).naive_local());
        let pattern = &self.patterns[near as usize];
        at.format_with_items(pattern.iter()).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Said at 10:00 in Shanghai on 5 March 2026.
    #[track_caller]
    fn check(at: &str, expected: Near) {
        let now = "2026-03-05T10:00:00".parse().unwrap();
        assert_eq!(Near::of(at.parse().unwrap(), now), expected, "{at}");
    }

    #[test]
    fn days_are_counted_from_the_readers_day() {
        check("2026-03-05T00:00:00", Near::Today);
        check("2026-03-05T17:59:00", Near::Today);
        check("2026-03-05T22:00:00", Near::Tonight);
        check("2026-03-06T00:00:00", Near::Midnight);
        check("2026-03-06T00:01:00", Near::Tomorrow);
        check("2026-03-06T22:00:00", Near::TomorrowNight);
        check("2026-03-07T00:00:00", Near::Day);
        check("2026-03-04T22:00:00", Near::Yesterday);
        check("2026-12-31T22:00:00", Near::Day);
        check("2025-12-31T22:00:00", Near::Year);
    }

    #[test]
    fn the_day_is_that_of_the_zone() {
        let calendar = Calendar::new(|name| Some(format!("{name} %-m/%-d %H:%M"))).unwrap();
        let now = "2026-03-05T23:30:00Z".parse().unwrap(); // 07:30 on the 6th in Shanghai
        let at = "2026-03-06T14:00:00Z".parse().unwrap();
        let said = |zone| calendar.say(at, now, zone);
        assert_eq!(said(chrono_tz::Asia::Shanghai), "when/tonight 3/6 22:00");
        assert_eq!(said(chrono_tz::America::New_York), "when/tomorrow 3/6 09:00");
    }

    #[test]
    fn a_pattern_that_is_none_is_named() {
        assert_eq!(Calendar::new(|_| Some("%Q".to_owned())).unwrap_err(), "when/today");
        assert_eq!(Calendar::new(|_| None).unwrap_err(), "when/today");
    }
}
