//! Currencies: what they are called, how exact their amounts are, how these are shown, and what can be paid.
//!
//! All that is known of a currency stands in one table, and nowhere else. Decimals are how amounts are
//! *stored*, so they never change for a currency that has been used. What people hand over may be coarser:
//! nobody in Taiwan pays cents, so payable amounts there keep to whole dollars ([`Currency::in_cash`]), while
//! the books go on counting cents.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use super::Money;

/// A currency that shops trade in.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(into = "&'static str", try_from = "String")]
pub struct Currency(&'static Facts);

#[derive(Debug)]
struct Facts {
    /// ISO 4217.
    code: &'static str,
    /// What stands before an amount; a currency without a customary sign is named by its code.
    sign: &'static str,
    /// How else people mark an amount of it, before or behind, folded to lower case.
    marks: &'static [&'static str],
    decimals: u32,
    cash_step: i64,
}

const fn facts(
    code: &'static str,
    sign: &'static str,
    marks: &'static [&'static str],
    decimals: u32,
) -> Facts {
    Facts { code, sign, marks, decimals, cash_step: 1 }
}

/// All currencies. Those with three decimals are left out.
const ALL: [Facts; 21] = [
    facts("CNY", "¥", &["¥", "rmb", "cny", "人民币", "yuan"], 2),
    Facts {
        cash_step: 100,
        ..facts(
            "TWD",
            "NT$",
            &["nt$", "$", "twd", "ntd", "nt", "台币", "新台币", "dollars", "dollar"],
            2,
        )
    },
    facts("HKD", "HK$", &["hk$", "$", "hkd", "港币", "港纸", "dollars", "dollar"], 2),
    facts("MOP", "MOP$", &["mop$", "$", "mop", "澳门币", "葡币", "dollars", "dollar"], 2),
    facts("SGD", "S$", &["s$", "$", "sgd", "新币", "坡币", "dollars", "dollar"], 2),
    facts("MYR", "RM", &["rm", "myr", "马币", "令吉", "ringgit"], 2),
    facts("USD", "$", &["$", "us$", "usd", "美元", "美金", "刀", "dollars", "dollar"], 2),
    facts("EUR", "€", &["€", "eur", "欧元", "euros", "euro"], 2),
    facts("GBP", "£", &["£", "gbp", "英镑", "镑", "pounds", "pound", "quid"], 2),
    facts("AUD", "A$", &["a$", "au$", "$", "aud", "澳元", "澳币", "刀", "dollars", "dollar"], 2),
    facts("NZD", "NZ$", &["nz$", "$", "nzd", "纽币", "刀", "dollars", "dollar"], 2),
    facts("CAD", "C$", &["c$", "ca$", "$", "cad", "加币", "加元", "刀", "dollars", "dollar"], 2),
    facts("CHF", "CHF ", &["chf", "fr.", "瑞郎", "francs", "franc"], 2),
    facts("THB", "฿", &["฿", "thb", "泰铢", "铢", "baht"], 2),
    facts("PHP", "₱", &["₱", "php", "比索", "pesos", "peso"], 2),
    facts("IDR", "IDR ", &["rp", "idr", "印尼盾", "盾", "rupiah"], 2),
    facts("INR", "INR ", &["₹", "rs.", "rs", "inr", "卢比", "rupees", "rupee"], 2),
    facts("AED", "AED ", &["aed", "迪拉姆", "dirhams", "dirham"], 2),
    facts("JPY", "¥", &["¥", "jpy", "円", "日元", "日圆", "yen"], 0),
    facts("KRW", "₩", &["₩", "krw", "원", "韩元", "韩币", "won"], 0),
    facts("VND", "₫", &["₫", "đ", "vnd", "越南盾", "盾", "dong"], 0),
];

/// What may stand before an amount in a sentence, whichever currency it is of, folded to lower case.
pub const SIGNS: &[&str] = &[
    "hk$", "nt$", "us$", "nz$", "mop$", "a$", "s$", "c$", "¥", "$", "€", "£", "₩", "₫", "฿", "₱",
    "rmb", "rm",
];

/// Whole units of money beyond which a price is taken for a slip, in the file as in the chat.
pub const MAX_PRICE_UNITS: i64 = 1_000_000;

impl Currency {
    /// 人民币, for examples and tests.
    pub const CNY: Self = Self(&ALL[0]);

    /// The currency of an ISO 4217 code.
    #[must_use]
    pub fn of(code: &str) -> Option<Self> {
        Self::all().find(|it| it.0.code == code)
    }

    /// All currencies, those that most shops trade in first.
    pub fn all() -> impl Iterator<Item = Self> {
        ALL.iter().map(Self)
    }

    /// Its ISO 4217 code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        self.0.code
    }

    /// How many decimals its amounts have.
    #[must_use]
    pub const fn decimals(self) -> u32 {
        self.0.decimals
    }

    /// The marks by which people know an amount of it, folded.
    #[must_use]
    pub const fn marks(self) -> &'static [&'static str] {
        self.0.marks
    }

    /// One whole unit: a yuan, a yen.
    #[must_use]
    pub const fn one(self) -> Money {
        Money::from_minor(10_i64.pow(self.0.decimals))
    }

    /// The smallest amount that is paid: a cent, a yen, a whole dollar in Taiwan.
    #[must_use]
    pub const fn cash_step(self) -> Money {
        Money::from_minor(self.0.cash_step)
    }

    /// What of an amount can be paid: whole steps, rounded toward zero.
    #[must_use]
    pub const fn in_cash(self, amount: Money) -> Money {
        Money::from_minor(amount.minor - amount.minor % self.0.cash_step)
    }

    /// The highest price of one unit of sale.
    #[must_use]
    pub const fn max_price(self) -> Money {
        Money::from_minor(MAX_PRICE_UNITS * self.one().minor)
    }

    /// `value × 10^-scale` whole units, where the currency is so exact.
    #[must_use]
    pub fn exact(self, value: i64, scale: u32) -> Option<Money> {
        let up = 10_i64.checked_pow(self.0.decimals.saturating_sub(scale))?;
        let down = 10_i64.checked_pow(scale.saturating_sub(self.0.decimals))?;
        let minor = value.checked_mul(up)?;
        (minor % down == 0).then(|| Money::from_minor(minor / down))
    }

    /// As people read it in the chat: `¥39.90`, `NT$100`, `-HK$5.00`. Where nobody pays cents, none are shown
    /// unless there are some.
    #[must_use]
    pub fn show(self, amount: Money) -> String {
        let mut text = String::with_capacity(16);
        if amount.is_negative() {
            text.push('-');
        }
        text.push_str(self.0.sign);
        let (whole, part) = self.split(amount);
        push_grouped(&mut text, whole);
        let is_shown = part != 0 || self.0.cash_step < self.one().minor;
        self.push_part(&mut text, part, is_shown);
        text
    }

    /// As a plain number, for cells and terminals: `-1234.50`.
    #[must_use]
    pub fn plain(self, amount: Money) -> String {
        let (whole, part) = self.split(amount);
        let mut text = format!("{}{whole}", if amount.is_negative() { "-" } else { "" });
        self.push_part(&mut text, part, true);
        text
    }

    /// How a spreadsheet shows its amounts.
    #[must_use]
    pub const fn cell_format(self) -> &'static str {
        if self.0.decimals == 0 { "0" } else { "0.00" }
    }

    fn split(self, amount: Money) -> (u64, u64) {
        let one = self.one().minor.unsigned_abs();
        (amount.minor.unsigned_abs() / one, amount.minor.unsigned_abs() % one)
    }

    fn push_part(self, text: &mut String, part: u64, is_shown: bool) {
        if self.0.decimals > 0 && is_shown {
            let places = usize::try_from(self.0.decimals).unwrap_or_default();
            write!(text, ".{part:0places$}").expect("a string takes all that is written to it");
        }
    }
}

/// An amount in a unit of the ledger: of a currency as a plain number, of anything else (points) counted.
#[must_use]
pub fn plain(amount: Money, unit: &str) -> String {
    Currency::of(unit).map_or_else(|| amount.minor.to_string(), |it| it.plain(amount))
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

impl Default for Currency {
    fn default() -> Self {
        Self::CNY
    }
}

impl PartialEq for Currency {
    fn eq(&self, other: &Self) -> bool {
        self.0.code == other.0.code
    }
}

impl Eq for Currency {}

impl PartialOrd for Currency {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Currency {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.code.cmp(other.0.code)
    }
}

impl From<Currency> for &'static str {
    fn from(currency: Currency) -> Self {
        currency.0.code
    }
}

impl TryFrom<String> for Currency {
    type Error = String;

    fn try_from(code: String) -> Result<Self, String> {
        Self::of(&code).ok_or_else(|| format!("there is no currency {code:?}"))
    }
}

impl std::fmt::Display for Currency {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0.code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(code: &str) -> Currency {
        Currency::of(code).unwrap()
    }

    /// What is stored counts in these: a change of one would change every amount in its books.
    #[test]
    fn decimals_and_steps_are_pinned() {
        let known: Vec<_> = Currency::all()
            .filter(|it| it.decimals() != 2 || it.cash_step().minor != 1)
            .map(|it| (it.code(), it.decimals(), it.cash_step().minor))
            .collect();
        assert_eq!(known, [("TWD", 2, 100), ("JPY", 0, 1), ("KRW", 0, 1), ("VND", 0, 1)]);
    }

    #[test]
    fn amounts_read_as_people_write_them() {
        for (code, minor, shown, plain) in [
            ("CNY", 3_990, "¥39.90", "39.90"),
            ("CNY", 5, "¥0.05", "0.05"),
            ("CNY", 0, "¥0.00", "0.00"),
            ("CNY", -3_990, "-¥39.90", "-39.90"),
            ("CNY", 123_456_789, "¥1,234,567.89", "1234567.89"),
            ("TWD", 10_000, "NT$100", "100.00"),
            ("TWD", 10_050, "NT$100.50", "100.50"),
            ("TWD", 1_280_000, "NT$12,800", "12800.00"),
            ("HKD", -500, "-HK$5.00", "-5.00"),
            ("SGD", 1_250, "S$12.50", "12.50"),
            ("EUR", 1_250, "€12.50", "12.50"),
            ("JPY", 1_250, "¥1,250", "1250"),
            ("CHF", 1_250, "CHF 12.50", "12.50"),
            ("CNY", i64::MIN, "-¥92,233,720,368,547,758.08", "-92233720368547758.08"),
        ] {
            let amount = Money::from_minor(minor);
            assert_eq!((&*of(code).show(amount), &*of(code).plain(amount)), (shown, plain));
        }
        assert_eq!(plain(Money::from_minor(7), "PTS"), "7");
    }

    #[test]
    fn only_what_can_be_handed_over_is_paid() {
        for (code, minor, paid) in [
            ("TWD", 1_299, 1_200),
            ("TWD", -1_299, -1_200),
            ("CNY", 1_299, 1_299),
            ("JPY", 1_299, 1_299),
        ] {
            assert_eq!(
                of(code).in_cash(Money::from_minor(minor)),
                Money::from_minor(paid),
                "{code}"
            );
        }
    }

    #[test]
    fn the_highest_price_is_in_whole_units() {
        for (code, minor) in [("CNY", 100_000_000), ("JPY", 1_000_000)] {
            assert_eq!(of(code).max_price(), Money::from_minor(minor));
        }
    }

    #[test]
    fn a_currency_is_stored_by_its_code() {
        assert_eq!(serde_json::to_string(&of("JPY")).unwrap(), "\"JPY\"");
        assert_eq!(serde_json::from_str::<Currency>("\"TWD\"").unwrap(), of("TWD"));
        assert!(serde_json::from_str::<Currency>("\"RMB\"").is_err());
    }

    proptest! {
        #[test]
        fn an_amount_is_exact_or_none(value in 0..1_000_000_000_i64, scale in 0..6_u32) {
            for currency in Currency::all() {
                if let Some(money) = currency.exact(value, scale) {
                    let (left, right) = (i128::from(money.minor), i128::from(value));
                    let scaled = left * 10_i128.pow(scale);
                    prop_assert_eq!(scaled, right * i128::from(currency.one().minor));
                }
            }
        }
    }
}
