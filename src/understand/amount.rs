//! Amounts of money as people write them: `1,250`, `¥12.5`, `NT$280`, `6.80元/盒`, `十块五`, `两千`.
//!
//! ```text
//! amount := mark? number (unit cents?)? per?      at least a number, and nothing else in the text
//! number := digits (',' ddd)* ('.' digits)? 万? | han
//! unit   := 元 | 块 | mark | 毛 | 分 | cents
//! cents  := digit 毛? (digit 分?)? | digit digit | 半   十块五, 三块二毛五, 5块05
//! per    := '/' word | 一盒 | 每盒 | per box | each
//! ```
//!
//! This is the only reader of amounts: of commands in every language, and of cells in sheets. It never cuts
//! an amount and never guesses one. `12,5` may be twelve and a half or a hundred and twenty-five, and `1.000`
//! one or a thousand: neither is read. What is marked as another currency's is no amount of ours, and what
//! nobody here can hand over (half a yen, half a dollar in Taiwan) is none either.

use super::normalize::{Folded, is_han};
use super::numerals;
use crate::domain::money::{AmountFault, Currency, Money};

/// Longer texts hold no amount.
const LONGEST: usize = 40;
/// More digits are a phone or an account.
const MOST_DIGITS: usize = 12;
/// The longest unit of sale behind a price, in characters.
const LONGEST_PER: usize = 16;

/// Words for one whole unit of any money.
pub(super) const UNITS: &[&str] = &["块钱", "元整", "元", "圆", "块", "蚊", "bucks"];
/// Words for a tenth and for a hundredth of it.
const TENTHS: &[&str] = &["毛钱", "毛", "角"];
const HUNDREDTHS: &[&str] = &["分钱", "分", "cents", "cent"];
/// Words between a price and its unit of sale.
const PER: &[&str] = &["/", "per ", "a ", "each ", "一", "每"];

/// An amount, and the unit of sale it is the price of, if that was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ReadAmount {
    pub(super) money: Money,
    pub(super) per: Option<String>,
    /// Whether something beside digits says that it is money: a mark, a unit, decimals.
    pub(super) is_marked: bool,
}

/// Read a whole text as an amount.
///
/// # Errors
/// [`AmountFault`]: what keeps it from being one.
pub fn amount(text: &str, currency: Currency) -> Result<Money, AmountFault> {
    let read = price(text, currency)?;
    if read.per.is_some() { Err(AmountFault::Unclear) } else { Ok(read.money) }
}

/// The same where a unit of sale may follow.
pub(super) fn price(text: &str, currency: Currency) -> Result<ReadAmount, AmountFault> {
    let folded = Folded::new(text.trim());
    if folded.len() > LONGEST {
        return Err(AmountFault::Unclear);
    }
    let mut cursor = AmountCursor { text: &folded, at: 0 };
    let before = cursor.mark(currency)?;
    cursor.blank();
    let decimal = cursor.number()?;
    let (decimal, after) = cursor.unit(decimal, currency)?;
    let (per, is_each) = cursor.per();
    if cursor.at < folded.len() {
        return Err(AmountFault::Unclear);
    }
    let money = currency.exact(decimal.value, decimal.scale).ok_or(AmountFault::TooFine)?;
    if currency.in_cash(money) != money {
        return Err(AmountFault::TooFine);
    }
    let is_marked = before || after || is_each || decimal.scale > 0;
    Ok(ReadAmount { money, per, is_marked })
}

/// A count of something that is no money: points. Thousands as in amounts; digits or Chinese numerals.
pub(super) fn count(text: &str) -> Option<i64> {
    let folded = Folded::new(text.trim());
    let mut cursor = AmountCursor { text: &folded, at: 0 };
    let decimal = cursor.number().ok()?;
    (cursor.at == folded.len() && decimal.scale == 0).then_some(decimal.value)
}

/// Whether a text is meant as a number of some kind, readable or not.
pub(super) fn is_figure(text: &str) -> bool {
    let folded = Folded::new(text.trim());
    (0..folded.len()).any(|at| folded.at(at).is_ascii_digit())
        || numerals::number(&folded, 0).is_some()
}

/// `value × 10^-scale`.
#[derive(Clone, Copy)]
struct Decimal {
    value: i64,
    scale: u32,
}

impl Decimal {
    /// So much more, in units of `10^-scale`.
    fn plus(self, value: i64, scale: u32) -> Option<Self> {
        if scale < self.scale {
            return None;
        }
        let own = self.value.checked_mul(10_i64.checked_pow(scale - self.scale)?)?;
        Some(Self { value: own.checked_add(value)?, scale })
    }
}

struct AmountCursor<'f, 't> {
    text: &'f Folded<'t>,
    at: usize,
}

impl AmountCursor<'_, '_> {
    fn peek(&self) -> char {
        self.text.at(self.at)
    }

    fn is_over(&self) -> bool {
        self.at >= self.text.len()
    }

    fn blank(&mut self) {
        self.at += usize::from(!self.is_over() && self.peek() == ' ');
    }

    /// The longest of these words, if one stands here and does not go on as another word.
    fn word<'w>(&self, words: impl IntoIterator<Item = &'w str>) -> Option<usize> {
        let stands = |word: &&str| {
            let long = word.chars().count();
            let here = word.chars().enumerate().all(|(n, c)| self.text.at(self.at + n) == c);
            let goes_on = word.ends_with(|c: char| c.is_ascii_alphabetic())
                && self.text.at(self.at + long).is_ascii_alphabetic();
            here && !goes_on
        };
        words.into_iter().filter(stands).map(|word| word.chars().count()).max()
    }

    fn take<'w>(&mut self, words: impl IntoIterator<Item = &'w str>) -> bool {
        let long = self.word(words);
        self.at += long.unwrap_or(0);
        long.is_some()
    }

    /// The mark of our currency. Another's is refused, be it longer (US$ where $ is ours) or unknown here.
    fn mark(&mut self, currency: Currency) -> Result<bool, AmountFault> {
        let own = self.word(currency.marks().iter().copied());
        let any = self.word(Currency::all().flat_map(|it| it.marks().iter().copied()));
        if any > own {
            return Err(AmountFault::Foreign);
        }
        self.at += own.unwrap_or(0);
        Ok(own.is_some())
    }

    fn number(&mut self) -> Result<Decimal, AmountFault> {
        if self.peek().is_ascii_digit() { self.arabic() } else { self.han() }
    }

    fn han(&mut self) -> Result<Decimal, AmountFault> {
        let (number, end) = numerals::number(self.text, self.at).ok_or(AmountFault::Unclear)?;
        if number.vague || number.milli % numerals::ONE != 0 {
            return Err(AmountFault::Unclear);
        }
        self.at = end;
        Ok(Decimal { value: number.milli / numerals::ONE, scale: 0 })
    }

    fn digits(&mut self) -> String {
        let mut digits = String::new();
        while self.peek().is_ascii_digit() {
            digits.push(self.peek());
            self.at += 1;
        }
        digits
    }

    fn arabic(&mut self) -> Result<Decimal, AmountFault> {
        let mut whole = self.digits();
        let is_grouped = self.peek() == ',' && self.text.at(self.at + 1).is_ascii_digit();
        if is_grouped && (whole.len() > 3 || whole.starts_with('0')) {
            return Err(AmountFault::Unclear);
        }
        while self.peek() == ',' && self.text.at(self.at + 1).is_ascii_digit() {
            self.at += 1;
            let group = self.digits();
            if group.len() != 3 {
                return Err(AmountFault::Unclear);
            }
            whole.push_str(&group);
        }
        let part = self.part(&whole)?;
        if whole.len() + part.len() > MOST_DIGITS {
            return Err(AmountFault::TooMuch);
        }
        let value = format!("{whole}{part}").parse().map_err(|_| AmountFault::Unclear)?;
        let scale = u32::try_from(part.len()).map_err(|_| AmountFault::Unclear)?;
        self.myriads(Decimal { value, scale })
    }

    /// What follows the point. Three digits there may be thousands, as half of the world writes them.
    fn part(&mut self, whole: &str) -> Result<String, AmountFault> {
        if self.peek() != '.' || !self.text.at(self.at + 1).is_ascii_digit() {
            return Ok(String::new());
        }
        self.at += 1;
        let part = self.digits();
        if part.len() == 3 && !whole.trim_start_matches('0').is_empty() || self.peek() == ',' {
            return Err(AmountFault::Unclear);
        }
        Ok(part.trim_end_matches('0').to_owned())
    }

    /// 1.2万. What follows it (1万5) may mean more than one thing.
    fn myriads(&mut self, decimal: Decimal) -> Result<Decimal, AmountFault> {
        let by = match self.peek() {
            '万' => 10_000,
            '千' => 1_000,
            '百' => 100,
            _ => return Ok(decimal),
        };
        self.at += 1;
        let value = decimal.value.checked_mul(by).ok_or(AmountFault::TooMuch)?;
        let goes_on = numerals::number(self.text, self.at).is_some();
        if goes_on { Err(AmountFault::Unclear) } else { Ok(Decimal { value, ..decimal }) }
    }

    /// A unit behind the number, and the tenths and hundredths behind that.
    fn unit(
        &mut self,
        number: Decimal,
        currency: Currency,
    ) -> Result<(Decimal, bool), AmountFault> {
        let from = self.at;
        self.blank();
        if self.is_over() {
            return Ok((number, false));
        }
        if self.take(TENTHS.iter().copied()) {
            return self.tenths(number).map(|decimal| (decimal, true));
        }
        if self.take(HUNDREDTHS.iter().copied()) {
            let scale = number.scale + 2;
            return Ok((Decimal { scale, ..number }, true));
        }
        if self.take(UNITS.iter().copied()) || self.mark(currency)? {
            return self.cents(number).map(|decimal| (decimal, true));
        }
        self.at = from;
        Ok((number, false))
    }

    /// 八毛, 八毛五.
    fn tenths(&mut self, number: Decimal) -> Result<Decimal, AmountFault> {
        let tenths = Decimal { scale: number.scale + 1, ..number };
        match self.digit() {
            Some(digit) if number.scale == 0 => {
                self.take(HUNDREDTHS.iter().copied());
                tenths.plus(digit, 2).ok_or(AmountFault::Unclear)
            }
            Some(_) => Err(AmountFault::Unclear),
            None => Ok(tenths),
        }
    }

    /// 十块五, 5块05, 三块二毛五, 五块半.
    fn cents(&mut self, number: Decimal) -> Result<Decimal, AmountFault> {
        if self.peek() == '半' && !self.is_over() {
            self.at += 1;
            return number.plus(5, 1).filter(|_| number.scale == 0).ok_or(AmountFault::Unclear);
        }
        let Some(first) = self.digit() else { return Ok(number) };
        if number.scale > 0 {
            return Err(AmountFault::Unclear);
        }
        let is_tenths = self.take(TENTHS.iter().copied());
        let from = self.at;
        let second = self.digit();
        let is_hundredths = self.take(HUNDREDTHS.iter().copied());
        let Some(second) = second.filter(|_| is_hundredths || !is_han(self.peek())) else {
            // 六块八一盒: the one belongs to the box.
            self.at = from;
            return number.plus(first, 1).ok_or(AmountFault::Unclear);
        };
        if is_hundredths && !is_tenths || self.digit().is_some() {
            return Err(AmountFault::Unclear);
        }
        let with_both = number.plus(first, 1).and_then(|it| it.plus(second, 2));
        with_both.ok_or(AmountFault::Unclear)
    }

    /// One digit, in figures or as a Chinese numeral.
    fn digit(&mut self) -> Option<i64> {
        if self.is_over() {
            return None;
        }
        let c = self.peek();
        let digit = c.to_digit(10).map(i64::from).or_else(|| numerals::han_digit(c))?;
        self.at += 1;
        Some(digit)
    }

    /// The unit of sale the price is for, and whether one is spoken of at all (each).
    fn per(&mut self) -> (Option<String>, bool) {
        let from = self.at;
        self.blank();
        if self.take(["each", "apiece"]) {
            return (None, true);
        }
        let Some(long) = self.word(PER.iter().copied()).filter(|_| !self.is_over()) else {
            self.at = from;
            return (None, false);
        };
        self.at += long;
        self.blank();
        let start = self.at;
        while !self.is_over() && (self.peek().is_ascii_alphabetic() || is_han(self.peek())) {
            self.at += 1;
        }
        let unit = self.text.written(start, self.at).trim();
        if unit.is_empty() || self.at - start > LONGEST_PER {
            self.at = from;
            return (None, false);
        }
        (Some(unit.to_owned()), true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(code: &str, texts: &[&str], expected: Result<i64, AmountFault>) {
        for text in texts {
            let got = amount(text, Currency::of(code).unwrap());
            assert_eq!(got, expected.map(Money::from_minor), "{text} in {code}");
        }
    }

    #[test]
    fn amounts_as_people_write_them() {
        check(
            "CNY",
            &["1,250", "1250", "１，２５０", "1250元", "¥1,250", "1250.00", "一千二百五十"],
            Ok(125_000),
        );
        check(
            "CNY",
            &[
                "12.5",
                "¥12.5",
                "￥12.50",
                "12.5元",
                "12块5",
                "十二块五",
                "十二块五毛",
                "12元5角",
                "rmb 12.5",
            ],
            Ok(1_250),
        );
        check("CNY", &["十块五", "10块五毛钱", "10.5块"], Ok(1_050));
        check("CNY", &["两千", "2千", "2,000", "两千块", "0.2万"], Ok(200_000));
        check("CNY", &["三块二毛五", "3块25", "3元2角5分", "3.25"], Ok(325));
        check("CNY", &["五毛", "5毛", "50分", "0.5", "0.50元"], Ok(50));
        check("CNY", &["五块半", "5.5"], Ok(550));
        check("CNY", &["12800元整", "1.28万", "一万二千八百"], Ok(1_280_000));
        check("SGD", &["S$6.80", "$6.80", "6.80", "6.8 dollars", "SGD 6.80", "6块8"], Ok(680));
        check(
            "TWD",
            &["NT$280", "280元", "280塊", "二百八十", "$280", "280.00", "新台幣280"],
            Ok(28_000),
        );
        check("JPY", &["500", "¥500", "500円", "500日圓", "五百", "500元", "500.00"], Ok(500));
        check("VND", &["50,000", "5万", "50000₫"], Ok(50_000));
        check("CNY", &["0", "0元"], Ok(0));
    }

    #[test]
    fn what_may_be_two_things_is_none() {
        let unclear = Err(AmountFault::Unclear);
        check("CNY", &["12,5", "1,25", "2,4000", "1234,567", "0,500", "1.000", "1,250,5"], unclear);
        check("CNY", &["1万5", "两三块", "十几块", "二十多", "半", "一半", "5块055"], unclear);
        check(
            "CNY",
            &["", "abc", "A1", "6-8", "1e3", "-5", "+5", "12.5.6", "1.250,00", "¥", "元"],
            unclear,
        );
        check("CNY", &["50盒", "50 20", "39.9谢谢", "6.80元/盒"], unclear);
    }

    #[test]
    fn only_our_own_money_that_somebody_can_hand_over() {
        check(
            "CNY",
            &["S$6.80", "$6", "NT$280", "6美元", "€5", "5 usd", "500円"],
            Err(AmountFault::Foreign),
        );
        check("SGD", &["US$5", "¥5", "NT$280", "5 usd"], Err(AmountFault::Foreign));
        check("CNY", &["1.0001", "0.001"], Err(AmountFault::TooFine));
        check("JPY", &["12.5", "五毛", "5块5"], Err(AmountFault::TooFine));
        check("TWD", &["12.5", "280.50", "五毛", "NT$12块5"], Err(AmountFault::TooFine));
        check("CNY", &["13800000000000", "1234567890123"], Err(AmountFault::TooMuch));
    }

    #[test]
    fn a_price_may_name_its_unit() {
        for (text, money, per) in [
            ("6.80元/盒", 680, Some("盒")),
            ("6.8/box", 680, Some("box")),
            ("S$6.80 per box", 680, Some("box")),
            ("6.80 a box", 680, Some("box")),
            ("6块8一盒", 680, Some("盒")),
            ("六块八一盒", 680, Some("盒")),
            ("6.8每盒", 680, Some("盒")),
            ("6.80 each", 680, None),
            ("68", 6_800, None),
        ] {
            let read = price(text, Currency::of("SGD").unwrap()).unwrap();
            assert_eq!((read.money.minor, read.per.as_deref()), (money, per), "{text}");
            assert_eq!(read.is_marked, text != "68", "{text}");
        }
    }

    #[test]
    fn points_are_counted() {
        assert_eq!([count("1,000"), count("五百"), count("0")], [Some(1_000), Some(500), Some(0)]);
        assert_eq!([count("12,5"), count("1.5"), count("5元"), count("")], [None; 4]);
    }

    proptest! {
        #[test]
        fn what_is_shown_is_read_back(minor in 0..1_000_000_000_i64, nth in 0..21_usize) {
            let currency = Currency::all().nth(nth).unwrap();
            let money = currency.in_cash(Money::from_minor(minor));
            for text in [currency.show(money), currency.plain(money)] {
                prop_assert_eq!(amount(&text, currency), Ok(money), "{}", text);
            }
        }

        /// Whatever is read is worth exactly its digits: nothing was cut off and nothing put in.
        #[test]
        fn nothing_is_cut(text in "[¥$]?[0-9]{1,4}[,.，]?[0-9]{0,4}[,.]?[0-9]{0,3}(元|块)?") {
            if let Ok(money) = amount(&text, Currency::CNY) {
                let digits = |text: &str| {
                    let folded = text.replace(['，', ','], "");
                    let kept: String = folded.chars().filter(|c| c.is_ascii_digit() || *c == '.').collect();
                    let (whole, part) = kept.split_once('.').unwrap_or((&kept, ""));
                    (whole.trim_start_matches('0').to_owned(), part.trim_end_matches('0').to_owned())
                };
                prop_assert_eq!(digits(&text), digits(&Currency::CNY.plain(money)), "{}", text);
            }
        }

        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,60}", nth in 0..21_usize) {
            let currency = Currency::all().nth(nth).unwrap();
            if let Ok(read) = price(&text, currency) {
                prop_assert!(!read.money.is_negative());
                prop_assert_eq!(currency.in_cash(read.money), read.money);
                prop_assert!(is_figure(&text));
            }
        }
    }
}
