//! What a leader says of offers and their numbers: 上架 草莓 68 50盒, 改价 A1 59, 库存 A1 3.
//!
//! ```text
//! list  := name price (stock | unit)? | name stock price      a price is known by its mark, or stands first
//! price := goods (到 | to)? amount
//! stock := goods (到 | to)? count unit? | goods (+ | - | 加 | 减) count unit?
//! ```
//!
//! A listing is public at once, so nothing in it is guessed: where one of its numbers cannot be read, that is
//! answered and nothing is put on sale.

use super::super::amount::{self, ReadAmount};
use super::super::args;
use super::super::normalize::Folded;
use super::Said;
use super::listing_terms::told_apart;
use crate::domain::catalog::{self, ListingTerms};
use crate::domain::command::CommandId;
use crate::domain::intent::{LeaderIntent, Unread};
use crate::domain::money::{AmountFault, Currency, Money};

/// The largest change of a stock.
const MOST_STOCK: i64 = 1_000_000;
/// The most words of a listing behind its name: price, stock, unit.
const MOST_FIELDS: usize = 3;

/// What one word behind the name of a listing may be.
enum ListingField<'t> {
    /// A price that says so: `6.80元`, `S$6.80/box`, `68.5`.
    Price(ReadAmount),
    /// A bare number: a price or a stock.
    Number(ReadAmount, i64),
    /// `50盒`, `50box`.
    Counted(u32, &'t str),
    /// A word.
    Word(&'t str),
    /// Meant as a number, and not read.
    Unread(AmountFault),
}

/// 上架 草莓 68 50盒.
pub(super) fn list(said: &Said<'_>) -> Option<LeaderIntent> {
    listing(said.rest, said.currency())
}

/// What stands behind the word, with limit, minimum, kinds, closing and arrival in any order.
pub(super) fn listing(rest: &str, currency: Currency) -> Option<LeaderIntent> {
    let (more, rest) = told_apart(rest);
    let words = joined(rest.split_whitespace(), currency);
    let fields: Vec<_> = words.iter().map(|word| field(word, currency)).collect();
    let most = MOST_FIELDS.min(words.len().checked_sub(1)?);
    let found = (1..=most).rev().find_map(|count| {
        let at = words.len() - count;
        Some((at, terms(&fields[at..])?))
    });
    let unread = |(word, field): (&String, &ListingField<'_>)| match field {
        ListingField::Unread(why) => Some(Unread { said: word.clone(), why: *why }),
        _ => None,
    };
    if let Some(unread) = words.iter().zip(&fields).skip(1).find_map(unread) {
        return Some(LeaderIntent::Unread(unread));
    }
    let counted = fields[1..].iter().any(|it| !matches!(it, ListingField::Word(_)));
    let Some((at, terms)) = found else {
        return counted.then_some(LeaderIntent::HalfSaid(CommandId::of("catalog.put_on_sale")));
    };
    // Two prices: nobody can tell which is meant.
    if fields[1..at].iter().any(|it| matches!(it, ListingField::Price(_))) || terms.price.minor == 0
    {
        return Some(LeaderIntent::HalfSaid(CommandId::of("catalog.put_on_sale")));
    }
    let name = args::line(&words[..at].join(" "));
    Some(LeaderIntent::Catalog(catalog::Lead::List {
        name,
        price: terms.price,
        stock: terms.stock,
        unit: terms.unit,
        terms: (more != ListingTerms::default()).then(|| Box::new(more)),
    }))
}

/// A mark that stands apart belongs to its number: S$ 6.80, 68 元, 6.80 / box.
fn joined<'t>(words: impl Iterator<Item = &'t str>, currency: Currency) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for word in words {
        let is_price = |text: &str| amount::price(text, currency).is_ok_and(|it| it.is_marked);
        match all.last_mut() {
            Some(last) if !amount::is_figure(last) && is_mark(last, currency) => {
                last.push_str(word);
            }
            Some(last)
                if amount::price(last, currency).is_ok()
                    && !amount::is_figure(word)
                    && is_price(&format!("{last}{word}")) =>
            {
                last.push_str(word);
            }
            _ => all.push(word.to_owned()),
        }
    }
    all
}

/// Whether a word is a mark of some money and nothing else.
fn is_mark(word: &str, currency: Currency) -> bool {
    let with_number = amount::price(&format!("{word}1"), currency);
    word.chars().any(|c| !c.is_alphanumeric()) && !matches!(with_number, Err(AmountFault::Unclear))
}

fn field(word: &str, currency: Currency) -> ListingField<'_> {
    match amount::price(word, currency) {
        Ok(read) if read.is_marked => ListingField::Price(read),
        Ok(read) => match amount::count(word) {
            Some(count) => ListingField::Number(read, count),
            None => ListingField::Word(word),
        },
        Err(why) => match counted(word) {
            Some((count, unit)) => ListingField::Counted(count, unit),
            // A3, 30枚装: a digit alone makes no number.
            None if begins_like_number(word) => ListingField::Unread(why),
            None => ListingField::Word(word),
        },
    }
}

/// 50盒, 1,000box: a whole number and the letters of a unit.
fn counted(word: &str) -> Option<(u32, &str)> {
    let end = word.find(|c: char| !c.is_ascii_digit() && c != ',')?;
    let (number, unit) = word.split_at(end);
    let count = u32::try_from(amount::count(number)?).ok()?;
    let is_unit = unit.chars().all(char::is_alphabetic) && unit.chars().count() <= 8;
    is_unit.then_some((count, unit))
}

/// Digits, perhaps behind a mark, and nothing of a word behind them.
fn begins_like_number(word: &str) -> bool {
    let folded = Folded::new(word);
    let marks = (0..folded.len()).take_while(|&at| !folded.at(at).is_ascii_digit()).count();
    let is_marked = (0..marks).any(|at| !folded.at(at).is_alphanumeric());
    let letters = (marks..folded.len()).any(|at| folded.at(at).is_alphabetic());
    marks < folded.len() && (marks == 0 && !letters || is_marked)
}

/// What a listing asks for.
struct Listing {
    price: Money,
    stock: Option<u32>,
    unit: Option<String>,
}

/// Price, stock and unit of the words behind a name, in any order that leaves no doubt.
fn terms(fields: &[ListingField<'_>]) -> Option<Listing> {
    use ListingField::{Counted, Number, Price, Word};
    let of = |read: &ReadAmount, stock: Option<u32>, unit: Option<&str>| {
        let unit = unit.map(str::to_owned).or_else(|| read.per.clone());
        Some(Listing { price: read.money, stock, unit })
    };
    let whole = |count: &i64| u32::try_from(*count).ok();
    match fields {
        [Price(read) | Number(read, _)] => of(read, None, None),
        [Price(read) | Number(read, _), Counted(count, unit)]
        | [Counted(count, unit), Price(read) | Number(read, _)] => {
            of(read, Some(*count), Some(unit))
        }
        [Price(read) | Number(read, _), Number(_, count)] | [Number(_, count), Price(read)] => {
            of(read, Some(whole(count)?), None)
        }
        [Price(read), Word(unit)] => of(read, None, Some(unit)),
        [Price(read) | Number(read, _), Number(_, count), Word(unit)]
        | [Number(_, count), Word(unit), Price(read) | Number(read, _)] => {
            of(read, Some(whole(count)?), Some(unit))
        }
        _ => None,
    }
}

/// Another price, another stock, behind goods that are on sale again.
pub(super) fn other_terms(
    words: &[&str],
    currency: Currency,
) -> Option<(Option<Money>, Option<u32>)> {
    let words = joined(words.iter().copied(), currency);
    let fields: Vec<_> = words.iter().map(|word| field(word, currency)).collect();
    if let [ListingField::Counted(count, _)] = fields[..] {
        return Some((None, Some(count)));
    }
    terms(&fields).map(|terms| (Some(terms.price), terms.stock))
}

/// 改价 A1 59, 改价 草莓 到 59元.
pub(super) fn price(command: &Said<'_>) -> Option<LeaderIntent> {
    let rest = command.rest;
    let words: Vec<&str> = rest.split_whitespace().collect();
    (1..words.len()).find_map(|at| {
        let (offer, _) = command.offer(&words[..at].join(" "))?;
        let said = words[at..].join(" ");
        let said = without_to(&said);
        match amount::price(said, command.currency()) {
            Ok(read) if read.money > Money::ZERO => {
                Some(LeaderIntent::Catalog(catalog::Lead::Price { offer, price: read.money }))
            }
            Err(why) if amount::is_figure(said) && !said.starts_with('-') => {
                Some(LeaderIntent::Unread(Unread { said: args::line(said), why }))
            }
            _ => None,
        }
    })
}

/// 到 59, to 59, =59.
fn without_to(said: &str) -> &str {
    let said = said.trim();
    let rest = said.trim_start_matches(['到', '为', '為', '成', '=', '＝']);
    match rest.get(..3) {
        Some(to) if to.eq_ignore_ascii_case("to ") => rest[3..].trim(),
        _ => rest.trim(),
    }
}

/// What a number does to a stock that is named without more or less.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Usual {
    /// 库存 A1 3: so many are for sale from now on.
    Set,
    /// 加库存 A1 3.
    More,
    /// 减库存 A1 3.
    Less,
}

/// 库存 A1 20, stock A1 -5, 加库存 K1 黑色/M 3.
pub(super) fn stock(command: &Said<'_>, usual: Usual) -> Option<LeaderIntent> {
    let folded = Folded::new(command.rest.trim());
    let text = folded.line();
    places(text).find_map(|at| {
        let (goods, said) = text.split_at(at);
        let (change, count) = change(without_to(said), usual)?;
        let (offer, variant) = command.offer(goods)?;
        let by = i32::try_from(count).ok()?;
        Some(match change {
            Usual::Set => LeaderIntent::Catalog(catalog::Lead::SetStock {
                offer,
                variant,
                left: by.unsigned_abs(),
            }),
            Usual::More if by > 0 => {
                LeaderIntent::Catalog(catalog::Lead::Stock { offer, variant, by })
            }
            Usual::Less if by > 0 => {
                LeaderIntent::Catalog(catalog::Lead::Stock { offer, variant, by: -by })
            }
            _ => return None,
        })
    })
}

/// Where the number may begin: at blanks and signs, the last first, and at the last run of digits.
fn places(text: &str) -> impl Iterator<Item = usize> {
    let starts = text.char_indices().filter(|(_, c)| *c == ' ' || matches!(c, '+' | '-'));
    let mut starts: Vec<_> = starts.map(|(at, _)| at).collect();
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let glued = digits.trim_end_matches(|c: char| c.is_ascii_digit() || c == ',').len();
    if text[..glued].ends_with(|c: char| !c.is_ascii() && c.is_alphabetic()) {
        starts.push(glued);
    }
    starts.into_iter().rev()
}

fn change(said: &str, usual: Usual) -> Option<(Usual, i64)> {
    let signs = [("+", Usual::More), ("加", Usual::More), ("-", Usual::Less), ("减", Usual::Less)];
    let signed = signs.iter().find_map(|(sign, it)| Some((*it, said.strip_prefix(*sign)?)));
    let (change, said) = signed.unwrap_or((usual, said));
    // 减库存 A1 -5 takes five off, too.
    let change = if usual == Usual::Less { Usual::Less } else { change };
    let said = said.trim();
    let end = said.find(char::is_whitespace).unwrap_or(said.len());
    let (number, unit) = said.split_at(end);
    let letters = |text: &str| text.chars().all(char::is_alphabetic);
    let (number, unit) = match counted(number) {
        Some((count, glued)) if unit.is_empty() => (i64::from(count), glued),
        _ => (amount::count(number)?, unit.trim()),
    };
    (letters(unit) && (0..=MOST_STOCK).contains(&number)).then_some((change, number))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::OfferId;
    use crate::understand::commands::said::read_behind;
    use crate::understand::fixture;

    fn listed(code: &str, text: &str) -> Option<LeaderIntent> {
        read_behind(text, code, list)
    }

    #[track_caller]
    fn check_list(
        code: &str,
        text: &str,
        expected: Option<(&str, i64, Option<u32>, Option<&str>)>,
    ) {
        let got = match listed(code, text) {
            Some(LeaderIntent::Catalog(catalog::Lead::List {
                name, price, stock, unit, ..
            })) => Some((name, price.minor, stock, unit)),
            _ => None,
        };
        let expected = expected.map(|(name, price, stock, unit)| {
            (name.to_owned(), price, stock, unit.map(str::to_owned))
        });
        assert_eq!(got, expected, "{text}");
    }

    #[test]
    fn a_listing_in_any_order_that_leaves_no_doubt() {
        let boxes = Some("盒");
        for text in [
            "草莓 68 50盒",
            "草莓 68元 50盒",
            "草莓 50盒 68",
            "草莓 50 盒 68元",
            "草莓 68元/盒 50",
            "草莓 50 68元/盒",
        ] {
            check_list("CNY", text, Some(("草莓", 6_800, Some(50), boxes)));
        }
        check_list("CNY", "草莓 68 50", Some(("草莓", 6_800, Some(50), None)));
        check_list("CNY", "草莓 50 68元", Some(("草莓", 6_800, Some(50), None)));
        check_list("CNY", "草莓 68元 盒", Some(("草莓", 6_800, None, boxes)));
        check_list("CNY", "草莓 68/盒", Some(("草莓", 6_800, None, boxes)));
        check_list("CNY", "草莓 68 /盒", Some(("草莓", 6_800, None, boxes)));
        check_list("CNY", "大 草莓 1,280 50盒", Some(("大 草莓", 128_000, Some(50), boxes)));
        check_list("CNY", "草莓 六十八块 50盒", Some(("草莓", 6_800, Some(50), boxes)));
        for text in [
            "Olive oil S$6.80 50 box",
            "Olive oil 6.80/box 50",
            "Olive oil 50 box $6.80",
            "Olive oil S$ 6.80 50box",
        ] {
            check_list("SGD", text, Some(("Olive oil", 680, Some(50), Some("box"))));
        }
        check_list("JPY", "苺 500 30箱", Some(("苺", 500, Some(30), Some("箱"))));
        check_list("TWD", "草莓 NT$280 30盒", Some(("草莓", 28_000, Some(30), boxes)));
    }

    #[test]
    fn what_cannot_be_read_is_never_on_sale() {
        let of = listed;
        for (code, text, said, why) in [
            ("CNY", "草莓 12,5 50盒", "12,5", AmountFault::Unclear),
            ("CNY", "草莓 S$6.80 50盒", "S$6.80", AmountFault::Foreign),
            ("JPY", "草莓 6.80 50盒", "6.80", AmountFault::TooFine),
            ("TWD", "草莓 280.50 50盒", "280.50", AmountFault::TooFine),
            ("SGD", "Milk US$6.80 50 box", "US$6.80", AmountFault::Foreign),
        ] {
            let unread = LeaderIntent::Unread(Unread { said: said.to_owned(), why });
            assert_eq!(of(code, text), Some(unread), "{text}");
        }
        let half = Some(LeaderIntent::HalfSaid(CommandId::of("catalog.put_on_sale")));
        assert_eq!(of("CNY", "草莓 50盒"), half);
        assert_eq!(of("CNY", "草莓 50 盒"), half, "fifty boxes, or fifty a box");
        assert_eq!(of("CNY", "草莓 68元 58元 50盒"), half);
        assert_eq!(of("CNY", "草莓 0 50盒"), half);
        assert_eq!(of("CNY", "草莓 新品"), None);
        assert_eq!(of("CNY", "草莓"), None);
    }

    #[track_caller]
    fn check_stock(text: &str, usual: Usual, expected: impl Into<Option<LeaderIntent>>) {
        assert_eq!(
            stock(&Said { text, verb: "", rest: text, lexicon: &fixture::lexicon("fruit") }, usual),
            expected.into(),
            "{text}"
        );
    }

    #[test]
    fn a_number_alone_sets_the_stock() {
        let set = |left| {
            Some(LeaderIntent::Catalog(catalog::Lead::SetStock {
                offer: OfferId(1),
                variant: None,
                left,
            }))
        };
        for text in ["A1 3", "A1 3盒", "A1 3 盒", "A1 到 3", "A1 to 3", "A1 =3", "Ａ１　３"]
        {
            check_stock(text, Usual::Set, set(3));
        }
        check_stock("A1 0", Usual::Set, set(0));
        check_stock("A1 1,000", Usual::Set, set(1_000));
        let by = |by| {
            Some(LeaderIntent::Catalog(catalog::Lead::Stock {
                offer: OfferId(1),
                variant: None,
                by,
            }))
        };
        for text in ["A1 +3", "A1 加3", "A1+3", "A1 加 3盒"] {
            check_stock(text, Usual::Set, by(3));
        }
        for text in ["A1 -3", "A1 减3", "A1-3"] {
            check_stock(text, Usual::Set, by(-3));
        }
        check_stock("A1 3", Usual::More, by(3));
        check_stock("A1 3", Usual::Less, by(-3));
        check_stock(
            "草莓5盒",
            Usual::Less,
            Some(LeaderIntent::Catalog(catalog::Lead::Stock {
                offer: OfferId(5),
                variant: None,
                by: -5,
            })),
        );
        for text in ["A1", "A1 12,5", "A1 0.5", "A1 +0", "Z9 3", "不多了"] {
            check_stock(text, Usual::Set, None);
        }
    }
}
