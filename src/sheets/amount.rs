//! Amounts in a cell: read as in the chat, below zero as well.

use crate::domain::money::{Currency, Money};
use crate::understand::amount::amount;

/// An amount as people write it in a cell: `39.9`, `¥1,234.50`, `88元`. `None` when it is none, may be several,
/// or is more exact than anybody pays in that currency.
#[must_use]
pub fn parse(text: &str, currency: Currency) -> Option<Money> {
    match text.trim().strip_prefix(['-', '−']) {
        Some(below) => amount(below, currency).ok().map(|it| -it),
        None => amount(text, currency).ok(),
    }
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
            ("五十", "CNY", Some(5_000)),
            ("1250", "JPY", Some(1_250)),
            ("12.5", "JPY", None),
            ("100.50", "TWD", None),
            ("12,5", "CNY", None),
            ("0.125", "CNY", None),
            ("", "CNY", None),
            ("abc", "CNY", None),
            ("1.2.3", "CNY", None),
            ("99999999999999999999", "CNY", None),
        ] {
            let expected = expected.map(Money::from_minor);
            assert_eq!(parse(text, Currency::of(currency).unwrap()), expected, "{text}");
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        for minor in [0, 5, 10, 3_990, -1, i64::from(i32::MAX)] {
            for currency in ["CNY", "JPY"].map(|code| Currency::of(code).unwrap()) {
                let amount = Money::from_minor(minor);
                assert_eq!(parse(&currency.plain(amount), currency), Some(amount));
            }
        }
    }
}
