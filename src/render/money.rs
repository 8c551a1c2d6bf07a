//! Amounts as people read them: `¥39.90`, `NT$100`, `-HK$5.00`.
//!
//! Integers only. A shop trades in one currency per community, so the short sign is enough; a
//! currency without a customary sign is named by its code.

use std::fmt::Write as _;

/// How amounts of one currency are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Currency {
    sign: String,
    decimals: Decimals,
}

/// What follows the point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Decimals {
    /// Minor units are the whole ones: JPY.
    None,
    /// Two, left out when they are zero: TWD.
    WhenNeeded,
    /// Always two.
    Two,
}

impl Currency {
    /// The currency of an ISO 4217 code.
    pub(super) fn of(code: &str) -> Self {
        let (sign, decimals) = match code {
            "CNY" => ("¥", Decimals::Two),
            "JPY" => ("¥", Decimals::None),
            "KRW" => ("₩", Decimals::None),
            "VND" => ("₫", Decimals::None),
            "TWD" => ("NT$", Decimals::WhenNeeded),
            "HKD" => ("HK$", Decimals::Two),
            "MOP" => ("MOP$", Decimals::Two),
            "SGD" => ("S$", Decimals::Two),
            "MYR" => ("RM", Decimals::Two),
            "USD" => ("$", Decimals::Two),
            "AUD" => ("A$", Decimals::Two),
            "CAD" => ("C$", Decimals::Two),
            "NZD" => ("NZ$", Decimals::Two),
            "EUR" => ("€", Decimals::Two),
            "GBP" => ("£", Decimals::Two),
            "THB" => ("฿", Decimals::Two),
            "PHP" => ("₱", Decimals::Two),
            _ => return Self { sign: format!("{code} "), decimals: Decimals::Two },
        };
        Self { sign: sign.to_owned(), decimals }
    }

    /// `minor` units of it.
    pub(super) fn show(&self, minor: i64) -> String {
        let mut text = String::with_capacity(16);
        if minor < 0 {
            text.push('-');
        }
        text.push_str(&self.sign);
        let minor = minor.unsigned_abs();
        let (whole, part) = match self.decimals {
            Decimals::None => (minor, None),
            Decimals::WhenNeeded => (minor / 100, Some(minor % 100).filter(|&part| part != 0)),
            Decimals::Two => (minor / 100, Some(minor % 100)),
        };
        push_grouped(&mut text, whole);
        if let Some(part) = part {
            write!(text, ".{part:02}").expect("a string takes all that is written to it");
        }
        text
    }
}

/// `1234567` as `1,234,567`.
fn push_grouped(text: &mut String, whole: u64) {
    let digits = whole.to_string();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_read_as_people_write_them() {
        for (code, minor, expected) in [
            ("CNY", 3_990, "¥39.90"),
            ("CNY", 5, "¥0.05"),
            ("CNY", 0, "¥0.00"),
            ("CNY", -3_990, "-¥39.90"),
            ("CNY", 99_999, "¥999.99"),
            ("CNY", 100_000, "¥1,000.00"),
            ("CNY", 123_456_789, "¥1,234,567.89"),
            ("TWD", 10_000, "NT$100"),
            ("TWD", 10_050, "NT$100.50"),
            ("TWD", 1_280_000, "NT$12,800"),
            ("HKD", -500, "-HK$5.00"),
            ("SGD", 1_250, "S$12.50"),
            ("USD", 1_250, "$12.50"),
            ("EUR", 1_250, "€12.50"),
            ("JPY", 1_250, "¥1,250"),
            ("CHF", 1_250, "CHF 12.50"),
            ("CNY", i64::MIN, "-¥92,233,720,368,547,758.08"),
        ] {
            assert_eq!(Currency::of(code).show(minor), expected);
        }
    }
}
