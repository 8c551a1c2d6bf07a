//! Times of day, lengths of time and time zones. Local times only: a date or an offset has no
//! place in a shop's file, because every day belongs to a community's time zone.

use chrono::{NaiveTime, Weekday};
use chrono_tz::{TZ_VARIANTS, Tz};
use serde_json::{Value as Json, json};

use super::{Complaint, Raw, Scalar};
use crate::config::nearest::nearest;
use crate::domain::policy::{Arrives, QuietHours};

impl Scalar for NaiveTime {
    const NAME: &'static str = "time of day";
    const EXAMPLE: &'static str = "\"10:00\"";

    fn schema() -> Json {
        json!({ "type": "string", "pattern": "^([01]?[0-9]|2[0-3]):[0-5][0-9]$" })
    }

    fn parse(raw: &Raw<'_>) -> Result<Self, Complaint> {
        let time = match raw {
            Raw::Time(time) if time.second.unwrap_or(0) == 0 => {
                Self::from_hms_opt(u32::from(time.hour), u32::from(time.minute), 0)
            }
            Raw::Time(_) => None,
            Raw::Text(typed) => Self::parse_from_str(&typed.replace('：', ":"), "%H:%M").ok(),
            _ => return Err(Complaint::kind::<Self>(raw)),
        };
        time.ok_or_else(|| {
            let hint = "hours and minutes from \"00:00\" to \"23:59\"";
            Complaint::with_hint("not a time of day", hint)
        })
    }
}

/// A length of time in whole minutes: `"24h"`, `"30m"`, `"1d 12h"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Minutes(pub(crate) u32);

/// Nothing in a shop waits longer than this.
const LONGEST_MINUTES: u32 = 60 * 24 * 90;

impl Scalar for Minutes {
    const NAME: &'static str = "length of time";
    const EXAMPLE: &'static str = "\"24h\"";

    fn schema() -> Json {
        json!({ "type": "string", "pattern": "^([0-9]+ ?(d|h|m|min) ?)+$" })
    }

    fn parse(raw: &Raw<'_>) -> Result<Self, Complaint> {
        let typed = match raw {
            Raw::Text(typed) => *typed,
            Raw::Integer(digits) => {
                let hint = format!("\"{digits}m\" for minutes, \"{digits}h\" for hours");
                return Err(Complaint::with_hint("a length of time needs its unit", hint));
            }
            _ => return Err(Complaint::kind::<Self>(raw)),
        };
        let minutes = minutes_of(typed).ok_or_else(|| {
            let hint = "whole days, hours and minutes: \"2d\", \"24h\", \"1h 30m\"";
            Complaint::with_hint(format!("`{typed}` is not a length of time"), hint)
        })?;
        if minutes > LONGEST_MINUTES {
            return Err(Complaint::with_hint(format!("`{typed}` is too long"), "90d at most"));
        }
        Ok(Self(minutes))
    }
}

fn minutes_of(typed: &str) -> Option<u32> {
    let mut rest = typed.trim();
    let mut sum: u32 = 0;
    while !rest.is_empty() {
        let digits = rest.find(|it: char| !it.is_ascii_digit())?;
        let number: u32 = rest[..digits].parse().ok()?;
        rest = rest[digits..].trim_start();
        let letters = rest.find(|it: char| !it.is_ascii_alphabetic()).unwrap_or(rest.len());
        let each = match &rest[..letters] {
            "d" => 60 * 24,
            "h" => 60,
            "m" | "min" => 1,
            _ => return None,
        };
        rest = rest[letters..].trim_start();
        sum = sum.checked_add(number.checked_mul(each)?)?;
    }
    (!typed.trim().is_empty()).then_some(sum)
}

impl Scalar for Arrives {
    const NAME: &'static str = "day after closing";
    const EXAMPLE: &'static str = "\"+1d 16:00\"";

    fn schema() -> Json {
        json!({ "type": "string", "pattern": "^\\+[0-9]{1,2}d( ([01]?[0-9]|2[0-3]):[0-5][0-9])?$" })
    }

    fn parse(raw: &Raw<'_>) -> Result<Self, Complaint> {
        let typed = raw.text().ok_or_else(|| Complaint::kind::<Self>(raw))?;
        arrives(typed).ok_or_else(|| {
            let hint =
                "days after closing, perhaps with a time: \"+1d\", \"+1d 16:00\", \"+0d 18:30\"";
            Complaint::with_hint(format!("`{typed}` is not a day after closing"), hint)
        })
    }
}

/// Goods come within so many days, or nobody can tell.
const MOST_DAYS: u32 = 60;

fn arrives(typed: &str) -> Option<Arrives> {
    let rest = typed.trim().strip_prefix('+')?;
    let (days, rest) = rest.split_once('d')?;
    let days = days.trim().parse().ok().filter(|&days| days <= MOST_DAYS)?;
    let rest = rest.trim().replace('：', ":");
    if rest.is_empty() {
        return Some(Arrives { days, at: None });
    }
    let at = NaiveTime::parse_from_str(&rest, "%H:%M").ok()?;
    Some(Arrives { days, at: Some(at) })
}

impl Scalar for QuietHours {
    const NAME: &'static str = "hours of the night";
    const EXAMPLE: &'static str = "\"22:00-07:30\"";

    fn schema() -> Json {
        let time = "([01]?[0-9]|2[0-3]):[0-5][0-9]";
        json!({ "type": "string", "pattern": format!("^{time} ?[-–] ?{time}$") })
    }

    fn parse(raw: &Raw<'_>) -> Result<Self, Complaint> {
        let typed = raw.text().ok_or_else(|| Complaint::kind::<Self>(raw))?;
        let hours = quiet_hours(typed).filter(|hours| hours.from != hours.to);
        hours.ok_or_else(|| {
            let hint = "from when to when, two times that differ: \"22:00-07:30\"";
            Complaint::with_hint(format!("`{typed}` are no hours of the night"), hint)
        })
    }
}

fn quiet_hours(typed: &str) -> Option<QuietHours> {
    let typed = typed.replace('：', ":").replace(['–', '—', '~', '～'], "-");
    let (from, to) = typed.split_once('-')?;
    let time = |text: &str| NaiveTime::parse_from_str(text.trim(), "%H:%M").ok();
    Some(QuietHours { from: time(from)?, to: time(to)? })
}

impl Scalar for Weekday {
    const NAME: &'static str = "day of the week";
    const EXAMPLE: &'static str = "\"mon\"";

    fn schema() -> Json {
        json!({ "enum": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] })
    }

    fn parse(raw: &Raw<'_>) -> Result<Self, Complaint> {
        let typed = raw.text().ok_or_else(|| Complaint::kind::<Self>(raw))?;
        typed.parse().map_err(|_| {
            let hint = "mon, tue, wed, thu, fri, sat or sun";
            Complaint::with_hint(format!("`{typed}` is not a day of the week"), hint)
        })
    }
}

impl Scalar for Tz {
    const NAME: &'static str = "time zone";
    const EXAMPLE: &'static str = "\"Asia/Shanghai\"";

    fn schema() -> Json {
        json!({ "type": "string" })
    }

    fn parse(raw: &Raw<'_>) -> Result<Self, Complaint> {
        let typed = raw.text().ok_or_else(|| Complaint::kind::<Self>(raw))?;
        typed.parse().map_err(|_| {
            let hint = zone_near(typed).map_or_else(
                || "a name of the IANA list such as \"Asia/Shanghai\"".to_owned(),
                |near| format!("did you mean `{near}`?"),
            );
            Complaint::with_hint(format!("there is no time zone `{typed}`"), hint)
        })
    }
}

/// The zone that was probably meant: by what people call it, by its city, or by its spelling.
fn zone_near(typed: &str) -> Option<&'static str> {
    let plain = typed.to_lowercase().replace([' ', '_'], "");
    let known = COLLOQUIAL.iter().find(|(names, _)| names.contains(&plain.as_str()));
    known.map(|(_, zone)| *zone).or_else(|| {
        let names = || TZ_VARIANTS.iter().map(|zone| zone.name());
        let city = typed.rsplit('/').next().unwrap_or(typed);
        let by_city = names().find(|name| {
            name.rsplit('/')
                .next()
                .is_some_and(|it| it.eq_ignore_ascii_case(&city.replace(' ', "_")))
        });
        by_city.or_else(|| nearest(typed, names()))
    })
}

const COLLOQUIAL: [(&[&str], &str); 4] = [
    (
        &["beijing", "asia/beijing", "china", "cst", "utc+8", "gmt+8", "+08:00", "北京", "上海"],
        "Asia/Shanghai",
    ),
    (&["taiwan", "台北", "臺北"], "Asia/Taipei"),
    (&["香港", "hk"], "Asia/Hong_Kong"),
    (&["sg", "sgt", "新加坡"], "Asia/Singapore"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_carry_their_units() {
        for (typed, minutes) in [
            ("24h", Some(1_440)),
            ("30m", Some(30)),
            ("30 min", Some(30)),
            ("1d 12h", Some(2_160)),
            ("1h30m", Some(90)),
            ("0m", Some(0)),
            ("24", None),
            ("24 hours", None),
            ("-1h", None),
            ("", None),
            ("91d", None),
            ("9999999999h", None),
        ] {
            assert_eq!(Minutes::parse(&Raw::Text(typed)).ok().map(|it| it.0), minutes, "{typed}");
        }
        let complaint = Minutes::parse(&Raw::Integer("30")).unwrap_err();
        assert_eq!(complaint.hint.unwrap(), "\"30m\" for minutes, \"30h\" for hours");
    }

    #[test]
    fn arrivals_are_days_after_closing() {
        let read = |typed| Arrives::parse(&Raw::Text(typed)).ok();
        let at = |hour, minute| NaiveTime::from_hms_opt(hour, minute, 0);
        for (typed, days, at) in
            [("+1d 16:00", 1, at(16, 0)), ("+0d 9：30", 0, at(9, 30)), ("+3d", 3, None)]
        {
            assert_eq!(read(typed), Some(Arrives { days, at }), "{typed}");
        }
        for typed in ["1d", "+1", "+61d", "+1d 25:00", "tomorrow", ""] {
            assert_eq!(read(typed), None, "{typed}");
        }
    }

    #[test]
    fn quiet_hours_are_two_times_that_differ() {
        let read = |typed| QuietHours::parse(&Raw::Text(typed)).ok();
        let at = |hour, minute| NaiveTime::from_hms_opt(hour, minute, 0).unwrap();
        let night = QuietHours { from: at(22, 0), to: at(7, 30) };
        for typed in ["22:00-07:30", "22:00 - 7:30", "22：00–07：30", "22:00~07:30"] {
            assert_eq!(read(typed), Some(night), "{typed}");
        }
        for typed in ["22:00", "22-7", "22:00-22:00", "24:00-07:00", "22:00-", "night", ""] {
            assert_eq!(read(typed), None, "{typed}");
        }
    }

    #[test]
    fn times_of_day_are_hours_and_minutes() {
        for (typed, expected) in [
            ("09:59", Some((9, 59))),
            ("9：05", Some((9, 5))),
            ("24:00", None),
            ("10", None),
            ("10:00 pm", None),
        ] {
            let time = expected.and_then(|(hour, minute)| NaiveTime::from_hms_opt(hour, minute, 0));
            assert_eq!(NaiveTime::parse(&Raw::Text(typed)).ok(), time, "{typed}");
        }
    }

    #[test]
    fn a_near_time_zone_is_suggested() {
        for (typed, near) in [
            ("Asia/Shangai", "Asia/Shanghai"),
            ("Beijing", "Asia/Shanghai"),
            ("UTC+8", "Asia/Shanghai"),
            ("Taipei", "Asia/Taipei"),
            ("asia/hong kong", "Asia/Hong_Kong"),
            ("新加坡", "Asia/Singapore"),
        ] {
            assert_eq!(zone_near(typed), Some(near), "{typed}");
        }
        assert_eq!(zone_near("the moon over Eldoria"), None);
    }
}
