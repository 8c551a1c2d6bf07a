//! What a leader says of money that goes back: 退款 #12, #12 退10块, 退 A1 #12 5元, refund $5 on #84 A1.
//!
//! ```text
//! refund := order, a word of giving back, and what: amount goods? | goods and units | all of it      in any order
//! amount := a number that is plainly money; what goods are sold by is none (两块香皂)
//! ```
//!
//! Money moves, so the sentence has to be explained whole, but for a reason behind 因为 / because. What is plainly
//! meant so and is not clear is asked back; what is told of others, asked or imagined is nothing.

use std::sync::LazyLock;

use regex::Regex;

use super::super::lexicon::{Lexicon, OfferWords};
use super::super::normalize::{Folded, folded};
use super::super::{amount, args, chain_entry, numerals};
use super::said::offer_of;
use super::{Said, giving};
use crate::domain::command::CommandId;
use crate::domain::ids::OrderId;
use crate::domain::intent::{LeaderIntent, Op, Unread, WantedLine};
use crate::domain::money::{AmountFault, Currency, Money};
use crate::domain::payments::Lead;

/// Longer messages are stories.
const LONGEST: usize = 80;
/// No amount is longer.
const LONGEST_AMOUNT: usize = 18;

type RefundPattern = LazyLock<Option<Regex>>;

static ORDER: RefundPattern = LazyLock::new(|| {
    Regex::new(
        r"(?:订单号?|单号|\border\b)?\s*(?:\bno\b\.?)?\s*#\s?(\d{1,9})|(?:订单号?|单号|\border\b)\s*(?:no\.?\s*)?(\d{1,9})",
    )
    .ok()
});

static VERB: RefundPattern = LazyLock::new(|| {
    Regex::new(r"退款|退钱|退回|退还|返还|退|\brefund(?:ed)?\b|\bgive back\b|\bpay back\b").ok()
});

/// Told as something that was done: it may be talk, so it is asked back.
static DONE: RefundPattern = LazyLock::new(|| Regex::new(r"已|过|了|\bwas\b|\bgave\b").ok());

static ALL: RefundPattern = LazyLock::new(|| {
    Regex::new(r"全额|全款|全部|整单|(?:^|\s)全(?:\s|$)|\bin full\b|\bfully\b|\bfull\b|\beverything\b|\ball\b").ok()
});

/// Why: it may say anything.
static REASON: RefundPattern = LazyLock::new(|| {
    Regex::new(r"[\s,，(（]*(?:因为|由于|原因|\bbecause\b|\bdue to\b|\bsince\b).*$").ok()
});

/// Words that say nothing more, on both sides of what does.
const GLUE: &str = r"(?:给|一下|吧|哦|啊|呀|哈|哟|喔|的|款|钱|请|麻烦|谢谢|辛苦|帮|他|她|先|再|部分|补偿|差价|对方|订单|\b(?:please|pls|thanks|thank you|to|for|on|of|from|the|back|order|a|partial|partially|only|just|buyer|customer|money|them|him|her|another)\b|[\s,，。.!！:：;；~])+";

static BEFORE: RefundPattern = LazyLock::new(|| Regex::new(&format!("^{GLUE}")).ok());
static BEHIND: RefundPattern = LazyLock::new(|| Regex::new(&format!("{GLUE}$")).ok());

/// With one of these it is told of somebody, asked or imagined.
static TALK: RefundPattern = LazyLock::new(|| {
    Regex::new(
        r"说|问|要|申请|想|能|可以|是不是|如果|的话|吗|么|什么|怎|为啥|谁|昨|上次|不|别|没|未|等|应该|大概|可能|多少|几|\b(?:says?|said|asks?|asked|wants?|wanted|if|can|could|should|would|why|when|did|yesterday|last|not|no|don't|never|maybe|how|already|about)\b",
    )
    .ok()
});

/// 退款 #1024 A1 1份, refund $5 on #84 A1.
pub(super) fn refund(said: &Said<'_>) -> Option<LeaderIntent> {
    let read = sentence(said.text, said.lexicon);
    if let Some(read) = read.as_ref().filter(|read| !matches!(read, LeaderIntent::HalfSaid(_))) {
        return Some(read.clone());
    }
    let is_money = || money(&folded(said.rest), said.currency()) != FoundMoney::None;
    let is_of_order = || ORDER.as_ref().is_some_and(|order| order.is_match(said.rest));
    let all = || super::lacking::of_all(said.text, said.lexicon);
    of_units(said).or(read).or_else(all).or_else(|| (is_of_order() && is_money()).then(half))
}

/// #12 退10块, 退 A1 #12 5元.
pub(super) fn told(text: &str, lexicon: &Lexicon) -> Option<LeaderIntent> {
    sentence(text, lexicon)
}

/// What the command cannot be read from.
fn half() -> LeaderIntent {
    LeaderIntent::HalfSaid(CommandId::of("payments.refund"))
}

fn sentence(text: &str, lexicon: &Lexicon) -> Option<LeaderIntent> {
    let folded = Folded::new(text.trim());
    if folded.len() > LONGEST || folded.glyphs.iter().any(|glyph| glyph.c == '\n') {
        return None;
    }
    let line = folded.line();
    let reason = reason(&folded);
    let line = REASON.as_ref()?.replace(line, "").into_owned();
    let mut orders = ORDER.as_ref()?.captures_iter(&line);
    let found = orders.next().filter(|_| orders.next().is_none())?;
    let number = found.get(1).or_else(|| found.get(2))?;
    let order = args::order(number.as_str())?;
    let whole = found.get(0)?;
    let line = [&line[..whole.start()], &line[whole.end()..]].join(" ");
    let verb = VERB.as_ref()?.find(&line)?;
    let is_bare = matches!(verb.as_str(), "退");
    let rest = [&line[..verb.start()], &line[verb.end()..]].join(" ");
    let spoken = without_names(&rest, lexicon);
    if TALK.as_ref()?.is_match(&spoken) {
        return None;
    }
    let is_done = verb.as_str() == "refunded" || DONE.as_ref()?.is_match(&spoken);
    match given_back(&rest, lexicon, is_bare) {
        Ok(back) if !is_done => Some(back.of(order, reason)),
        Ok(_) | Err(Unclear::Half) => Some(half()),
        Err(Unclear::Fault(said, why)) => {
            let said = args::line(&said);
            Some(LeaderIntent::Unread(Unread { said, why }))
        }
        Err(Unclear::Talk) => None,
    }
}

/// Why, as it is written.
fn reason(folded: &Folded<'_>) -> Option<String> {
    let found = REASON.as_ref()?.find(folded.line())?;
    let from = folded.line()[..found.start()].chars().count();
    Some(giving::reason(folded.written(from, folded.len()))).filter(|it| !it.is_empty())
}

/// What goes back of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum GivenBack {
    /// So much, of these goods or of all.
    Amount(Money, Option<WantedLine>),
    /// Units.
    Units(Vec<WantedLine>),
    /// Everything.
    All,
}

/// Why it cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unclear {
    /// It is plainly meant, and something of it is missing or may be two things.
    Half,
    /// An amount that is none.
    Fault(String, AmountFault),
    /// Something else is said.
    Talk,
}

impl GivenBack {
    fn of(self, order: OrderId, reason: Option<String>) -> LeaderIntent {
        LeaderIntent::Payments(match self {
            Self::Amount(amount, of) => Lead::RefundAmount { order, of, amount, reason },
            Self::Units(lines) => Lead::Refund { order, lines },
            Self::All => Lead::Refund { order, lines: Vec::new() },
        })
    }
}

/// Read what stands beside order and verb, folded. `is_bare`: the verb says nothing of money.
pub(super) fn given_back(
    rest: &str,
    lexicon: &Lexicon,
    is_bare: bool,
) -> Result<GivenBack, Unclear> {
    match money(rest, lexicon.currency()) {
        FoundMoney::One(from, to, amount) => of_amount(rest, lexicon, &rest[from..to], amount),
        FoundMoney::Several => Err(Unclear::Half),
        FoundMoney::Fault(said, why) => Err(Unclear::Fault(said, why)),
        FoundMoney::None => of_goods(rest, lexicon, is_bare),
    }
}

fn of_amount(
    rest: &str,
    lexicon: &Lexicon,
    said: &str,
    amount: Money,
) -> Result<GivenBack, Unclear> {
    let left = tidy(&rest.replacen(said, " ", 1));
    let of = if left.is_empty() {
        None
    } else {
        let (offer, variant) = offer_of(&left, lexicon).ok_or(Unclear::Half)?;
        Some(WantedLine { offer, variant, qty: None, op: Op::Remove })
    };
    // 退 #12 两块: of soap two pieces, perhaps.
    let unit = said.trim_start_matches(|c: char| !is_unit(c)).trim();
    let is_sold_by = |words: &OfferWords| {
        let units = words.other_units.iter().map(|(unit, ..)| unit.as_str());
        units.chain([words.unit.as_str()]).any(|own| folded(own) == unit)
    };
    let mut named = lexicon
        .offers()
        .iter()
        .filter(|words| of.as_ref().is_none_or(|line| line.offer == words.id));
    if !unit.is_empty() && named.any(is_sold_by) {
        return Err(Unclear::Half);
    }
    Ok(GivenBack::Amount(amount, of))
}

fn is_unit(c: char) -> bool {
    (c.is_alphabetic() && numerals::han_digit(c).is_none()) && !"十百千万".contains(c)
}

fn of_goods(rest: &str, lexicon: &Lexicon, is_bare: bool) -> Result<GivenBack, Unclear> {
    let is_all = ALL.as_ref().is_some_and(|all| all.is_match(rest));
    let without = ALL.as_ref().map_or_else(|| rest.into(), |all| all.replace_all(rest, " "));
    let left = tidy(&without);
    if left.is_empty() {
        // 退 #12, alone, says not what.
        return if is_all || !is_bare { Ok(GivenBack::All) } else { Err(Unclear::Half) };
    }
    let wanted = chain_entry::wanted(&left, lexicon, chain_entry::EntryDefaults::default());
    let Some(wanted) = wanted.filter(|it| it.notes.is_empty() && !it.lines.is_empty()) else {
        let is_number = |word: &str| word.contains(|c: char| c.is_ascii_digit());
        let is_figure = left.split_whitespace().all(is_number);
        return Err(if is_figure { Unclear::Half } else { Unclear::Talk });
    };
    let counted = offer_of(&left, lexicon).is_none();
    let removed = |line: WantedLine| WantedLine {
        op: Op::Remove,
        qty: line.qty.filter(|_| counted && !is_all),
        ..line
    };
    Ok(GivenBack::Units(wanted.lines.into_iter().map(removed).collect()))
}

/// Without words that say nothing more.
fn tidy(text: &str) -> String {
    let cut = |text: &str, glue: &RefundPattern| {
        glue.as_ref().map_or_else(|| text.to_owned(), |glue| glue.replace(text, "").into_owned())
    };
    let bare = cut(&cut(text, &BEFORE), &BEHIND);
    bare.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Without the names of goods, which may have any word in them: 不锈钢锅.
fn without_names(text: &str, lexicon: &Lexicon) -> String {
    let names = lexicon
        .offers()
        .iter()
        .flat_map(|words| [&words.name].into_iter().chain(&words.aliases).chain(&words.variants));
    names.fold(text.to_owned(), |text, name| match folded(name) {
        name if name.chars().count() > 1 => text.replace(&name, " "),
        _ => text,
    })
}

/// What of a text is money.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum FoundMoney {
    /// So much, written between these bytes.
    One(usize, usize, Money),
    /// More than one amount.
    Several,
    /// What should be one, and why it is none.
    Fault(String, AmountFault),
    /// Nothing.
    None,
}

/// The one amount in a folded text that is plainly money: with a mark, a unit or decimals.
pub(super) fn money(text: &str, currency: Currency) -> FoundMoney {
    let (mut found, mut fault) = (FoundMoney::None, None);
    let mut from = 0;
    while from < text.len() {
        match longest(text, from, currency) {
            Some((to, Ok(amount))) => {
                if found != FoundMoney::None {
                    return FoundMoney::Several;
                }
                found = FoundMoney::One(from, to, amount);
                from = to;
            }
            Some((to, Err(why))) => {
                fault.get_or_insert_with(|| (text[from..to].trim().to_owned(), why));
                from = to;
            }
            None => from += text[from..].chars().next().map_or(1, char::len_utf8),
        }
    }
    match (found, fault) {
        (FoundMoney::None, Some((said, why))) => FoundMoney::Fault(said, why),
        (_, Some(_)) => FoundMoney::Several,
        (found, None) => found,
    }
}

type Longest = (usize, Result<Money, AmountFault>);

/// The longest amount that begins here.
fn longest(text: &str, from: usize, currency: Currency) -> Option<Longest> {
    let before = text[..from].chars().next_back().unwrap_or(' ');
    let first = text[from..].chars().next()?;
    let goes_on = |before: char, c: char| {
        before.is_ascii_alphanumeric() && c.is_ascii_alphanumeric()
            || before == '.' && c.is_ascii_digit()
            || is_numeral(before) && is_numeral(c)
            || before == '#'
    };
    if first.is_whitespace() || goes_on(before, first) {
        return None;
    }
    let ends: Vec<_> = text[from..]
        .char_indices()
        .map(|(at, c)| from + at + c.len_utf8())
        .take(LONGEST_AMOUNT)
        .collect();
    let mut fault = None;
    for &to in ends.iter().rev() {
        let said = &text[from..to];
        let (last, next) = (said.chars().next_back()?, text[to..].chars().next().unwrap_or(' '));
        let is_cut = last.is_whitespace()
            || (last.is_ascii_alphanumeric() && next.is_ascii_alphanumeric())
            || (last.is_ascii_digit()
                && ".,".contains(next)
                && text[to + 1..].starts_with(|c: char| c.is_ascii_digit()))
            || (is_numeral(last) && is_numeral(next));
        if is_cut {
            continue;
        }
        match amount::price(said, currency) {
            Ok(read) if (read.is_marked || said.contains('.')) && read.per.is_none() => {
                return Some((to, Ok(read.money)));
            }
            Err(why) if why != AmountFault::Unclear && fault.is_none() => {
                fault = Some((to, Err(why)));
            }
            _ => {}
        }
    }
    fault
}

fn is_numeral(c: char) -> bool {
    numerals::han_digit(c).is_some() || "十百千万".contains(c)
}

/// 退款 #1024 A1 1份, as a list of goods with what people write beside them.
fn of_units(said: &Said<'_>) -> Option<LeaderIntent> {
    let rest = said.rest.trim();
    let number = rest.strip_prefix(['#', '＃'])?;
    let end = number.find(|c: char| !c.is_ascii_digit()).unwrap_or(number.len());
    let order = args::order(&number[..end])?;
    let goods = number[end..].trim();
    if money(&folded(goods), said.currency()) != FoundMoney::None {
        return None;
    }
    let lines =
        chain_entry::wanted(goods, said.lexicon, chain_entry::EntryDefaults::default())?.lines;
    let counted = offer_of(goods, said.lexicon).is_none();
    let removed =
        |line: WantedLine| WantedLine { op: Op::Remove, qty: line.qty.filter(|_| counted), ..line };
    let lines: Vec<_> = lines.into_iter().map(removed).collect();
    (!lines.is_empty()).then_some(LeaderIntent::Payments(Lead::Refund { order, lines }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::understand::fixture;

    const HALF: &str = "half";

    /// What is read, in short: `12 1000`, `12 A1 500`, `12 A1x1`, `12 all`, `half`; nothing for talk.
    fn read(text: &str, lexicon: &Lexicon) -> String {
        let named = |line: &WantedLine| {
            let offer = lexicon.offers().iter().find(|words| words.id == line.offer).unwrap();
            let qty = line.qty.map_or_else(String::new, |qty| format!("x{qty}"));
            format!("{}{qty}", offer.code)
        };
        match told(text, lexicon) {
            Some(LeaderIntent::Payments(Lead::RefundAmount { order, of, amount, .. })) => {
                let of = of.as_ref().map_or_else(String::new, |line| format!("{} ", named(line)));
                format!("{} {of}{}", order.0, amount.minor)
            }
            Some(LeaderIntent::Payments(Lead::Refund { order, lines })) if lines.is_empty() => {
                format!("{} all", order.0)
            }
            Some(LeaderIntent::Payments(Lead::Refund { order, lines })) => {
                let lines: Vec<_> = lines.iter().map(named).collect();
                format!("{} {}", order.0, lines.join(" "))
            }
            Some(LeaderIntent::HalfSaid(_)) => HALF.to_owned(),
            Some(LeaderIntent::Unread(unread)) => format!("unread {}", unread.said),
            Some(other) => panic!("{text}: {other:?}"),
            None => String::new(),
        }
    }

    #[track_caller]
    fn check(lexicon: &Lexicon, texts: &[&str], expected: &str) {
        let wrong = |text: &&&str| read(text, lexicon) != expected;
        let wrong: Vec<_> = texts.iter().filter(wrong).map(|it| (it, read(it, lexicon))).collect();
        assert!(wrong.is_empty(), "not {expected:?}: {wrong:?}");
    }

    #[test]
    fn money_goes_back_in_any_order_of_words() {
        let fruit = fixture::lexicon("fruit");
        check(
            &fruit,
            &[
                "退款 #12 10元",
                "退款#12 10块",
                "#12 退10块",
                "#12退10元",
                "＃１２　退１０元",
                "#12 退十块",
                "#12退款10块钱",
                "给 #12 退10块",
                "退10块给 #12",
                "退 ¥10 #12",
                "退回 #12 10.00",
                "#12 退还10元",
                "#12 返还 10 元",
                "订单12退10元",
                "订单 #12 部分退款 10元",
                "單號12 退10塊",
                "#12 退10塊 謝謝",
                "#12 退十蚊",
                "#12 先退10块吧",
                "#12 再退10块",
                "#12 退10块，因为坏了两颗",
                "#12 退10块（因为不新鲜）",
                "麻烦给#12退10块钱",
                "refund #12 ¥10",
                "refund ¥10 on #12",
                "refund ¥10 to #12 please",
                "Refund 10 yuan for order 12",
                "#12 refund ¥10",
                "#12: refund 10 rmb",
                "partial refund of ¥10 for #12",
                "please refund ¥10 to order #12 because two were bruised",
                "give back ¥10 on #12",
            ],
            "12 1000",
        );
        check(
            &fruit,
            &[
                "退 A1 #12 5元",
                "退款 #12 A1 5元",
                "#12 A1 退5块",
                "#12 退 A1 5块",
                "退 #12 A1 五块",
                "refund ¥5 on #12 A1",
                "refund #12 A1 ¥5",
                "#12 A1 refund ¥5",
            ],
            "12 A1 500",
        );
        check(&fruit, &["#12 退10块5", "退款 #12 十块五", "#12 退10.5"], "12 1050");
        check(&fruit, &["#12 退五毛", "退款 #12 0.5"], "12 50");
    }

    #[test]
    fn units_and_all_of_it_are_said_so_too() {
        let fruit = fixture::lexicon("fruit");
        check(&fruit, &["#12 退 A1 1份", "#12 A1退一份", "退 A1 x1 #12"], "12 A1x1");
        check(&fruit, &["#12 退 A1", "#12 A1 全退", "#12 全退A1", "退 A1 #12"], "12 A1");
        check(&fruit, &["#12 退款", "#12 全退", "#12 全额退款", "refund #12 in full"], "12 all");
    }

    #[test]
    fn what_is_not_clear_is_asked_back() {
        let fruit = fixture::lexicon("fruit");
        check(
            &fruit,
            &[
                "#12 退10",
                "退 #12",
                "退款 #12 10",
                "#12 已退10块",
                "#12 退了10块",
                "refunded #12 ¥10",
                "#12 退10块 坏了",
                "#12 退10元 5元",
                "#12 退押金10元",
                "退款 #12 老王 10元",
                "退款 #12 10.555元",
            ],
            HALF,
        );
        check(&fruit, &["#12 退 $10"], "unread $10");
    }

    #[test]
    fn what_others_want_or_did_is_nothing() {
        let fruit = fixture::lexicon("fruit");
        check(
            &fruit,
            &[
                "退10块",
                "#12 #13 退10块",
                "小美说#12要退10块",
                "#12 要退10块",
                "#12 能退10块吗",
                "#12 申请退款",
                "#12 想退",
                "#12 不退",
                "#12 不用退10块",
                "#12 没退10块",
                "如果 #12 退10块就好",
                "昨天#12退10块",
                "#12 退货",
                "#12 退团",
                "#12 退出",
                "#12 收到10块",
                "#12 便宜10块",
                "she said refund #12 ¥10",
                "should I refund #12 ¥10",
                "don't refund #12 ¥10",
                "did you refund #12",
                "#12 wants a refund of ¥10",
                "refund policy of #12",
            ],
            "",
        );
    }

    /// What goods are sold by is no money, or may be none.
    #[test]
    fn pieces_of_goods_are_no_money() {
        let words = OfferWords {
            id: crate::domain::ids::OfferId(1),
            code: "A1".into(),
            name: "手工香皂".into(),
            aliases: vec!["香皂".into()],
            unit: "块".into(),
            other_units: Vec::new(),
            variants: Vec::new(),
            price: Money::from_minor(1_000),
        };
        let soap = Lexicon::new(vec![words], Currency::CNY);
        check(&soap, &["#12 退2块", "#12 退香皂2块", "退款 #12 A1 两块"], HALF);
        check(&soap, &["#12 退2块钱", "#12 退2元", "#12 退¥2"], "12 200");
        check(&soap, &["#12 退香皂 x2"], "12 A1x2");
    }
}
