//! Changes of what waits to be put on sale: 价格 65, A1 库存 30, 改名 红颜草莓, 限购2, 去掉 A2, price 65, leave out A2.
//!
//! ```text
//! change := goods? what (to)? value | what goods value | (去掉 | leave out) goods
//! ```
//!
//! Read only while a leader is asked about a draft. Goods that are on sale make it a command about those.

use std::sync::LazyLock;

use regex::Regex;
use unicode_normalization::UnicodeNormalization as _;

use super::commands::goods_said;
use super::lexicon::Lexicon;
use super::{amount, args};
use crate::domain::catalog::{DraftTerm, Lead};
use crate::domain::intent::{Intent, LeaderIntent, Question};
use crate::domain::money::Currency;

/// Longer messages tell more.
const LONGEST: usize = 160;

type DraftPattern = LazyLock<Option<Regex>>;

fn of(verbs: &str) -> Option<Regex> {
    let to = "改成|改为|改為|改到|调到|調到|改|调|調|到|成|为|為|是|to|is|=|:|：|of|for|the";
    Regex::new(&format!(
        r"(?i)^(?:把|the\s)?(?P<before>.{{0,24}}?)\s*(?:的|'s)?\s*(?:{verbs})\s*(?:(?:{to})\s*)*(?P<behind>\S.*?)[。.!！~吧\s]*$"
    ))
    .ok()
}

static PRICE: DraftPattern = LazyLock::new(|| {
    of("价格|價格|价钱|價錢|单价|單價|售价|售價|改价|改價|调价|調價|卖|賣|price|sell at|sell for")
});
static STOCK: DraftPattern =
    LazyLock::new(|| of("库存|庫存|数量|數量|份数|份數|改库存|改庫存|stock|quantity|qty"));
static LIMIT: DraftPattern = LazyLock::new(|| {
    of("每人限购|每人限購|每人最多|每人限|限购|限購|限量|限|limit per member|limit|max each|max")
});
static NAME: DraftPattern = LazyLock::new(|| {
    of("改名叫|改名|名字|名称|名稱|品名|叫做|rename it|rename|name it|name|call it")
});
static LEFT_OUT: DraftPattern = LazyLock::new(|| {
    Regex::new(
        r"(?i)^(?:(?:把)?(?:去掉|删掉|刪掉|删除|刪除|拿掉|不上|不要|leave out|drop|remove|without|skip|not)\s*(?P<a>.{1,24}?)|(?:把)?(?P<b>.{1,24}?)\s*(?:就)?(?:去掉|删掉|刪掉|删除|刪除|拿掉|不上|不要))(?:了)?[。.!！~吧\s]*$",
    )
    .ok()
});

/// Read a message as a change of what the question is about, if that is a draft.
pub(super) fn change(text: &str, asked: &Question, lexicon: &Lexicon) -> Option<Intent> {
    let is_draft =
        |it: &Intent| matches!(it, Intent::Lead(LeaderIntent::Catalog(Lead::RepeatDay { .. })));
    if text.len() > LONGEST
        || text.contains(['\n', '?', '？'])
        || !asked.choices.first().is_some_and(is_draft)
    {
        return None;
    }
    let text: String = text.trim().nfkc().collect();
    let currency = lexicon.currency();
    let found = valued(&PRICE, &text, |it| price(it, currency))
        .or_else(|| valued(&STOCK, &text, |it| counted(it).map(DraftTerm::Stock)))
        .or_else(|| valued(&LIMIT, &text, |it| counted(it).map(DraftTerm::Limit)))
        .or_else(|| named(&text))
        .or_else(|| left_out(&text));
    let (goods, to) = found?;
    let is_on_sale = goods_said(&goods, lexicon).is_some_and(|offers| !offers.is_empty());
    let lead = LeaderIntent::Catalog(Lead::ChangeDraft { goods, to });
    (!is_on_sale).then_some(Intent::Lead(lead))
}

/// The goods before or behind the verb, and what is read of the rest.
fn valued(
    pattern: &DraftPattern,
    text: &str,
    read: impl Fn(&str) -> Option<DraftTerm>,
) -> Option<(String, DraftTerm)> {
    let found = pattern.as_ref()?.captures(text)?;
    let (before, behind) = (found["before"].trim(), found["behind"].trim());
    if let Some(to) = read(behind) {
        return Some((args::line(before), to));
    }
    let (goods, value) = behind.rsplit_once(char::is_whitespace).filter(|_| before.is_empty())?;
    let goods = goods.trim_end_matches(|c: char| c.is_whitespace() || "到为為:=".contains(c));
    Some((args::line(goods.strip_suffix(" to").unwrap_or(goods)), read(value)?))
}

fn price(said: &str, currency: Currency) -> Option<DraftTerm> {
    amount::price(said, currency).ok().map(|it| DraftTerm::Price(it.money))
}

/// 30, 30箱, 30 boxes.
fn counted(said: &str) -> Option<u32> {
    let end = said.find(|c: char| !c.is_ascii_digit()).unwrap_or(said.len());
    let (number, unit) = said.split_at(end);
    let is_unit =
        unit.trim().chars().count() <= 6 && unit.chars().all(|c| c.is_alphabetic() || c == ' ');
    number.parse().ok().filter(|_| is_unit)
}

/// 改名 红颜草莓, A1 改名 红颜草莓, rename A1 to Red strawberries.
fn named(text: &str) -> Option<(String, DraftTerm)> {
    let found = NAME.as_ref()?.captures(text)?;
    let (before, behind) = (found["before"].trim(), found["behind"].trim());
    let is_code = |word: &str| {
        word.len() <= 4
            && word.starts_with(|c: char| c.is_ascii_alphabetic())
            && word[1..].chars().all(|c| c.is_ascii_digit())
            && word.len() > 1
    };
    let (goods, name) = match behind.split_once(char::is_whitespace) {
        Some((code, rest)) if before.is_empty() && is_code(code) => (code, rest.trim()),
        _ => (before, behind),
    };
    let name =
        ["to ", "成", "为", "為", "叫"].iter().find_map(|to| name.strip_prefix(to)).unwrap_or(name);
    Some((args::line(goods), DraftTerm::Name(args::line(name))))
}

fn left_out(text: &str) -> Option<(String, DraftTerm)> {
    let found = LEFT_OUT.as_ref()?.captures(text)?;
    let goods = found.name("a").or_else(|| found.name("b"))?.as_str().trim();
    (!goods.is_empty()).then(|| (args::line(goods), DraftTerm::LeftOut))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::intent::Why;
    use crate::understand::fixture;

    fn read(text: &str) -> Option<String> {
        let draft = Lead::RepeatDay { days: 1, offers: Vec::new(), changes: Vec::new() };
        let asked = Question::of(Why::Confirm, vec![Intent::Lead(LeaderIntent::Catalog(draft))]);
        let read = change(text, &asked, &fixture::lexicon("fruit"))?;
        let Intent::Lead(LeaderIntent::Catalog(Lead::ChangeDraft { goods, to })) = read else {
            panic!("{read:?}")
        };
        let to = match to {
            DraftTerm::Price(price) => format!("price {}", price.minor),
            DraftTerm::Stock(count) => format!("stock {count}"),
            DraftTerm::Limit(count) => format!("limit {count}"),
            DraftTerm::Name(name) => format!("name {name}"),
            DraftTerm::LeftOut => "out".to_owned(),
        };
        Some(if goods.is_empty() { to } else { format!("{goods}: {to}") })
    }

    #[test]
    fn what_is_otherwise_is_said_in_a_word_or_two() {
        for (text, meant) in [
            ("价格 65", "price 6500"),
            ("价格65", "price 6500"),
            ("價格改成65元", "price 6500"),
            ("price 65", "price 6500"),
            ("price to 6.80", "price 680"),
            ("Z1 价格 65", "Z1: price 6500"),
            ("Z1价格65", "Z1: price 6500"),
            ("价格 Z1 65", "Z1: price 6500"),
            ("改价 Z1 到 65", "Z1: price 6500"),
            ("price of Z1 to 65", "Z1: price 6500"),
            ("库存 30", "stock 30"),
            ("库存30箱", "stock 30"),
            ("Z1 庫存 30", "Z1: stock 30"),
            ("stock 30", "stock 30"),
            ("stock Z1 30", "Z1: stock 30"),
            ("限购2", "limit 2"),
            ("每人限 2 盒", "limit 2"),
            ("limit 2", "limit 2"),
            ("改名 红颜大草莓", "name 红颜大草莓"),
            ("Z1 改名 红颜大草莓", "Z1: name 红颜大草莓"),
            ("改名 Z1 红颜大草莓", "Z1: name 红颜大草莓"),
            ("rename Z1 to Big berries", "Z1: name Big berries"),
            ("去掉 Z2", "Z2: out"),
            ("Z2不要了", "Z2: out"),
            ("leave out Z2", "Z2: out"),
        ] {
            assert_eq!(read(text).as_deref(), Some(meant), "{text}");
        }
    }

    #[test]
    fn answers_talk_and_what_is_on_sale_are_none() {
        for text in [
            "1",
            "是",
            "不要",
            "不用了",
            "好的",
            "价格",
            "改价 A1 65",
            "A1 库存 30",
            "库存多少？",
            "价格太高了",
            "明天再说",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
