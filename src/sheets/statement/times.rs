//! When, as statements write it: `2026-03-01 10:23:45`, `2026/3/1`, `20260301`, `2026年3月1日`, `01 Mar 2026`, `31/03/2026`.

use std::sync::LazyLock;

use chrono::{NaiveDate, NaiveTime};
use regex::Regex;

use crate::domain::payments::statement::SaidInstant;

fn pattern(text: &str) -> Option<Regex> {
    Regex::new(text).ok()
}

/// Year first.
static YEAR_FIRST: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(r"^\s*(\d{4})\s*[-/.年]?\s*(\d{1,2})\s*[-/.月]?\s*(\d{1,2})日?(?:[T\s]+(.*))?$")
});

/// Day first, as it is written where the month does not come first.
static DAY_FIRST: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(r"^\s*(\d{1,2})[-/. ]([0-9]{1,2}|[A-Za-z]{3,9})[-/. ](\d{4})(?:[T\s]+(.*))?$")
});

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// Read one.
pub(super) fn read(text: &str) -> Option<SaidInstant> {
    if let Some(at) = serial(text.trim()) {
        return Some(at);
    }
    let (year, month, day, rest) = if let Some(found) = YEAR_FIRST.as_ref()?.captures(text) {
        (
            found[1].parse().ok()?,
            found[2].parse().ok()?,
            found[3].parse().ok()?,
            found.get(4).map(|it| it.as_str().to_owned()),
        )
    } else {
        let found = DAY_FIRST.as_ref()?.captures(text)?;
        let named =
            MONTHS.iter().zip(1u32..).find(|(name, _)| found[2].to_lowercase().starts_with(**name));
        let month = named.map_or_else(|| found[2].parse().ok(), |(_, month)| Some(month))?;
        (
            found[3].parse().ok()?,
            month,
            found[1].parse().ok()?,
            found.get(4).map(|it| it.as_str().to_owned()),
        )
    };
    let day = NaiveDate::from_ymd_opt(year, month, day)?;
    let time = rest.and_then(|rest| clock(rest.trim()));
    Some(SaidInstant { day, time })
}

/// A spreadsheet keeps an instant as days since 1899-12-30.
fn serial(text: &str) -> Option<SaidInstant> {
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    if whole.len() != 5 || !part.bytes().all(|it| it.is_ascii_digit()) {
        return None;
    }
    let days: u64 = whole.parse().ok()?;
    let digits: String = part.chars().chain("000000".chars()).take(6).collect();
    let seconds = digits.parse::<u64>().ok()? * 86_400 / 1_000_000;
    let day = NaiveDate::from_ymd_opt(1899, 12, 30)?.checked_add_days(chrono::Days::new(days))?;
    let time = NaiveTime::from_num_seconds_from_midnight_opt(u32::try_from(seconds).ok()?, 0);
    Some(SaidInstant { day, time: time.filter(|_| text.contains('.')) })
}

fn clock(text: &str) -> Option<NaiveTime> {
    ["%H:%M:%S", "%H:%M", "%H%M%S"]
        .iter()
        .find_map(|form| NaiveTime::parse_from_str(text, form).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_statements_write_them() {
        for (text, day, time) in [
            ("2026-03-01 10:23:45", "2026-03-01", Some("10:23:45")),
            ("2026/3/1 9:05", "2026-03-01", Some("09:05:00")),
            ("20260301 ", "2026-03-01", None),
            ("20260301 102345", "2026-03-01", Some("10:23:45")),
            ("2026年3月1日 10:23", "2026-03-01", Some("10:23:00")),
            ("01 Mar 2026", "2026-03-01", None),
            ("31/03/2026", "2026-03-31", None),
            ("46082.5", "2026-03-01", Some("12:00:00")),
        ] {
            let said = read(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(said.day, day.parse().unwrap(), "{text}");
            assert_eq!(said.time, time.map(|it| it.parse().unwrap()), "{text}");
        }
        for text in ["", "合计", "2026-13-01", "12345678901"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
