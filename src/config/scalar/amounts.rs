//! Amounts, rates and ratios: exact decimals from the digits that were typed.
//!
//! `39.90` without quotation marks is read from the document's text as well, so it never is a
//! float. How exact its currency is comes later, by [`WrittenDecimal::to_money`].

use serde_json::{Value as Json, json};

use super::{Complaint, Raw, Scalar};
use crate::domain::money::{Currency, Money, Rate};

/// `unscaled / 10^scale`, not negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct WrittenDecimal {
    unscaled: i64,
    scale: u32,
}

impl WrittenDecimal {
    /// Digits with or without a point: no sign, no exponent, no more than fifteen digits.
    pub(crate) fn from_digits(text: &str) -> Option<Self> {
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        let digits = format!("{whole}{part}");
        let plain = !whole.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        if !plain || text.ends_with('.') || digits.len() > 15 {
            return None;
        }
        Some(Self { unscaled: digits.parse().ok()?, scale: u32::try_from(part.len()).ok()? })
    }

    /// In units of `10^-places`, if that is exact.
    pub(crate) fn scaled(self, places: u32) -> Option<i64> {
        let up = 10_i64.checked_pow(places.saturating_sub(self.scale))?;
        let down = 10_i64.checked_pow(self.scale.saturating_sub(places))?;
        let exact = self.unscaled % down == 0;
        exact.then(|| self.unscaled / down).and_then(|units| units.checked_mul(up))
    }

    /// Whether it is nothing.
    pub(crate) const fn is_zero(self) -> bool {
        self.unscaled == 0
    }

    /// Whether it is more than so many times the other.
    pub(crate) fn is_over(self, other: Self, times: i128) -> bool {
        // Fifteen digits each: the products are far below the range of `i128`.
        let at = |amount: Self, scale: u32| i128::from(amount.unscaled) * 10_i128.pow(scale);
        at(self, other.scale) > at(other, self.scale) * times
    }

    /// In a currency, if it is so exact.
    pub(crate) fn to_money(self, currency: Currency) -> Option<Money> {
        currency.exact(self.unscaled, self.scale)
    }
}

impl Scalar for WrittenDecimal {
    const NAME: &'static str = "amount";
    const EXAMPLE: &'static str = "\"39.90\"";

    fn schema() -> Json {
        json!({ "anyOf": [
            { "type": "string", "pattern": r"^[0-9]+(\.[0-9]+)?$" },
            { "type": "number", "minimum": 0 },
        ] })
    }

    fn parse(raw: &Raw<'_>) -> Result<Self, Complaint> {
        let (Raw::Text(typed) | Raw::Integer(typed) | Raw::Decimal(typed)) = raw else {
            return Err(Complaint::kind::<Self>(raw));
        };
        Self::from_digits(typed.trim()).ok_or_else(|| {
            let hint = "digits with a point and nothing else, such as \"39.90\": no sign, no \
                        currency, no thousands separator";
            Complaint::with_hint(format!("`{typed}` is not an amount"), hint)
        })
    }
}

impl Scalar for Rate {
    const NAME: &'static str = "rate";
    const EXAMPLE: &'static str = "\"3%\"";

    fn schema() -> Json {
        json!({ "type": "string", "pattern": r"^[0-9]+(\.[0-9]+)? ?[%％]$" })
    }

    fn parse(raw: &Raw<'_>) -> Result<Self, Complaint> {
        if let Raw::Integer(typed) | Raw::Decimal(typed) = raw {
            let hint = format!("write \"{typed}%\" if that is what you mean");
            return Err(Complaint::with_hint("a rate needs its per cent sign", hint));
        }
        let typed = raw.text().ok_or_else(|| Complaint::kind::<Self>(raw))?;
        let digits = percentage(typed).ok_or_else(|| {
            Complaint::new(format!("`{typed}` is not a rate: digits and a per cent sign"))
        })?;
        let bps = digits.scaled(2).ok_or_else(|| {
            Complaint::new(format!("`{typed}` is finer than a hundredth of a per cent"))
        })?;
        u16::try_from(bps)
            .ok()
            .and_then(Self::from_bps)
            .ok_or_else(|| Complaint::with_hint(format!("`{typed}` is over 100%"), "0% to 100%"))
    }
}

/// The number before a per cent sign.
fn percentage(typed: &str) -> Option<WrittenDecimal> {
    WrittenDecimal::from_digits(typed.trim().strip_suffix(['%', '％'])?.trim_end())
}

/// A commission: a share of the line, or an amount per unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WrittenCommission {
    /// `"5%"`.
    Share(Rate),
    /// `"2.00"`.
    Fixed(WrittenDecimal),
}

impl Scalar for WrittenCommission {
    const NAME: &'static str = "rate or amount";
    const EXAMPLE: &'static str = "\"5%\"";

    fn schema() -> Json {
        json!({ "anyOf": [Rate::schema(), WrittenDecimal::schema()] })
    }

    fn parse(raw: &Raw<'_>) -> Result<Self, Complaint> {
        match raw.text() {
            Some(typed) if typed.contains(['%', '％']) => Rate::parse(raw).map(Self::Share),
            _ => WrittenDecimal::parse(raw).map(Self::Fixed),
        }
    }
}

/// How many own units another unit is: `12`, `"1/2"`, `0.5`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ratio {
    /// Own units …
    pub(crate) numerator: u32,
    /// … per so many of the other.
    pub(crate) denominator: u32,
}

impl Scalar for Ratio {
    const NAME: &'static str = "ratio";
    const EXAMPLE: &'static str = "12";

    fn schema() -> Json {
        json!({ "anyOf": [
            { "type": "string", "pattern": r"^[0-9]+(\.[0-9]+)?( ?/ ?[0-9]+)?$" },
            { "type": "number", "exclusiveMinimum": 0 },
        ] })
    }

    fn parse(raw: &Raw<'_>) -> Result<Self, Complaint> {
        let (Raw::Text(typed) | Raw::Integer(typed) | Raw::Decimal(typed)) = raw else {
            return Err(Complaint::kind::<Self>(raw));
        };
        ratio(typed).ok_or_else(|| {
            let hint = "how many of the item's own unit one of it is: 12, or \"1/2\"";
            Complaint::with_hint(format!("`{typed}` is not a ratio"), hint)
        })
    }
}

/// Lowest terms, both above zero.
fn ratio(typed: &str) -> Option<Ratio> {
    let (above, below) = typed.split_once('/').unwrap_or((typed, "1"));
    let above = WrittenDecimal::from_digits(above.trim())?;
    let below: i64 = below.trim().parse().ok().filter(|below| *below > 0)?;
    let below = below.checked_mul(10_i64.checked_pow(above.scale)?)?;
    let common = greatest_common_divisor(above.unscaled, below);
    Some(Ratio {
        numerator: u32::try_from(above.unscaled / common).ok().filter(|it| *it > 0)?,
        denominator: u32::try_from(below / common).ok()?,
    })
}

const fn greatest_common_divisor(one: i64, other: i64) -> i64 {
    if other == 0 { one } else { greatest_common_divisor(other, one % other) }
}

/// A multiplier of points in hundredths: `2`, `1.5`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Multiplier(pub(crate) u32);

impl Scalar for Multiplier {
    const NAME: &'static str = "multiplier";
    const EXAMPLE: &'static str = "2";

    fn schema() -> Json {
        json!({ "type": "number", "minimum": 1, "maximum": 100 })
    }

    fn parse(raw: &Raw<'_>) -> Result<Self, Complaint> {
        let (Raw::Text(typed) | Raw::Integer(typed) | Raw::Decimal(typed)) = raw else {
            return Err(Complaint::kind::<Self>(raw));
        };
        let hundredths = WrittenDecimal::from_digits(typed).and_then(|times| times.scaled(2));
        hundredths
            .and_then(|hundredths| u32::try_from(hundredths).ok())
            .filter(|hundredths| (100..=10_000).contains(hundredths))
            .map(Self)
            .ok_or_else(|| {
                let hint = "from 1 to 100, with two decimals at most";
                Complaint::with_hint(format!("`{typed}` is not a multiplier"), hint)
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check<T: Scalar + PartialEq>(raw: Raw<'_>, expected: Option<T>) {
        assert!(T::parse(&raw).ok().into_iter().eq(expected), "{raw:?}");
    }

    #[test]
    fn an_amount_is_the_digits_that_were_typed() {
        for (raw, code, minor) in [
            (Raw::Text("39.90"), "CNY", Some(3_990)),
            (Raw::Decimal("39.9"), "CNY", Some(3_990)),
            (Raw::Integer("12"), "CNY", Some(1_200)),
            (Raw::Integer("1200"), "JPY", Some(1_200)),
            (Raw::Text("0.1"), "CNY", Some(10)),
            (Raw::Text("1200.00"), "JPY", Some(1_200)),
            (Raw::Text("9.999"), "CNY", None),
            (Raw::Text("0.5"), "JPY", None),
            // The nearest float of this is 90071992547409.94 (rounded the wrong way).
            (Raw::Decimal("9007199254740.93"), "CNY", Some(900_719_925_474_093)),
        ] {
            let amount = WrittenDecimal::parse(&raw).unwrap();
            assert_eq!(
                amount.to_money(Currency::of(code).unwrap()).map(|money| money.minor),
                minor,
                "{raw:?}"
            );
        }
        for typed in ["-1", "¥39", "1,000", "1e3", "", ".", "5.", ".5", "1234567890123456"] {
            check::<WrittenDecimal>(Raw::Text(typed), None);
        }
        check::<WrittenDecimal>(Raw::Decimal("nan"), None);
        check::<WrittenDecimal>(Raw::Boolean(true), None);
    }

    #[test]
    fn a_rate_needs_its_sign() {
        for (typed, bps) in
            [("3%", 300), ("3.5 %", 350), ("0.25％", 25), ("100%", 10_000), ("0%", 0)]
        {
            check(Raw::Text(typed), Rate::from_bps(bps));
        }
        for typed in ["3", "%", "101%", "0.001%", "-3%", "3%%"] {
            check::<Rate>(Raw::Text(typed), None);
        }
        let complaint = Rate::parse(&Raw::Decimal("0.03")).unwrap_err();
        assert_eq!(complaint.hint.unwrap(), "write \"0.03%\" if that is what you mean");
    }

    #[test]
    fn a_ratio_is_in_lowest_terms() {
        for (raw, numerator, denominator) in [
            (Raw::Integer("12"), 12, 1),
            (Raw::Text("1/2"), 1, 2),
            (Raw::Text("6 / 4"), 3, 2),
            (Raw::Decimal("0.5"), 1, 2),
        ] {
            check(raw, Some(Ratio { numerator, denominator }));
        }
        for typed in ["0", "1/0", "0/1", "half", "-1/2", "1/2/3"] {
            check::<Ratio>(Raw::Text(typed), None);
        }
    }

    #[test]
    fn a_commission_is_a_share_or_an_amount() {
        check(Raw::Text("5%"), Rate::from_bps(500).map(WrittenCommission::Share));
        check(Raw::Text("2.00"), WrittenDecimal::from_digits("2.00").map(WrittenCommission::Fixed));
        check::<WrittenCommission>(Raw::Text("a lot"), None);
    }

    #[test]
    fn a_multiplier_has_two_decimals() {
        check(Raw::Integer("2"), Some(Multiplier(200)));
        check(Raw::Decimal("1.5"), Some(Multiplier(150)));
        check::<Multiplier>(Raw::Decimal("0.5"), None);
        check::<Multiplier>(Raw::Integer("101"), None);
    }
}
