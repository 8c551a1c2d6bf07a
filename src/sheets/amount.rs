//! Amounts in a cell: plain decimals without a sign or grouping, exact in both directions.

use crate::domain::money::{Money, decimals};

/// `3990` as `39.90`.
#[must_use]
pub fn plain(amount: Money, currency: &str) -> String {
    let sign = if amount.is_negative() { "-" } else { "" };
    let minor = amount.minor.unsigned_abs();
    match decimals(currency) {
        0 => format!("{sign}{minor}"),
        _ => format!("{sign}{}.{:02}", minor / 100, minor % 100),
    }
}

/// An amount as people write it in a cell: `39.9`, `¥1,234.50`, `88元`. `None` when it is none, or more
/// exact than the currency.
#[must_use]
pub fn parse(text: &str, currency: &str) -> Option<Money> {
    let keep = |c: &char| c.is_ascii_digit() || matches!(c, '.' | '-');
    let is_noise = |c: char| {
        c.is_whitespace() || matches!(c, ',' | '，' | '元' | '块' | '塊' | '¥' | '￥' | '$')
    };
    let text = text.trim().trim_start_matches(|c: char| c.is_ascii_alphabetic());
    if !text.chars().all(|c| keep(&c) || is_noise(c)) {
        return None;
    }
    let digits: String = text.chars().filter(keep).collect();
    let (sign, digits) = match digits.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, digits.as_str()),
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let places = usize::try_from(decimals(currency)).ok()?;
    let part = part.trim_end_matches('0');
    let is_number = |it: &str| it.chars().all(|c| c.is_ascii_digit());
    if whole.is_empty() || !is_number(whole) || !is_number(part) || part.len() > places {
        return None;
    }
    let minor: i64 = format!("{whole}{part:0<places$}").parse().ok()?;
    Some(Money::from_minor(sign * minor))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_as_people_write_them() {
        for (text, currency, expected) in [
            ("39.9", "CNY", Some(3_990)),
            (" ¥1,234.50 ", "CNY", Some(123_450)),
            ("88元", "CNY", Some(8_800)),
            ("HK$5", "HKD", Some(500)),
            ("-3.00", "CNY", Some(-300)),
            ("0.100", "CNY", Some(10)),
            ("1250", "JPY", Some(1_250)),
            ("12.5", "JPY", None),
            ("0.125", "CNY", None),
            ("", "CNY", None),
            ("abc", "CNY", None),
            ("1.2.3", "CNY", None),
            ("五十", "CNY", None),
            ("99999999999999999999", "CNY", None),
        ] {
            let expected = expected.map(Money::from_minor);
            assert_eq!(parse(text, currency), expected, "{text}");
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        for minor in [0, 5, 10, 3_990, -1, i64::from(i32::MAX)] {
            for currency in ["CNY", "JPY"] {
                let amount = Money::from_minor(minor);
                assert_eq!(parse(&plain(amount, currency), currency), Some(amount));
            }
        }
    }
}
