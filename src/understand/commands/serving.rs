//! What a leader orders, changes or takes off for a member: #84 A1改成1, 补单 @周周 A1 1, 取消 @王芳 A1, add for @Zhou A1 1.
//!
//! ```text
//! serve  := whose change | change whose          nothing else in the message but courtesy
//! whose  := '#' number | '@' name | name 的
//! change := goods (改成 | to) count | (加 | add) count goods | goods + count | (减 | less) … | (取消 | 不要) goods
//!         | (补单 | 下单 | order) goods count       of a person alone
//! ```
//!
//! Whom it is about stands anywhere; what is left has to read as one change, or as several.

use std::sync::LazyLock;

use regex::Regex;
use unicode_normalization::UnicodeNormalization as _;

use super::super::args;
use super::super::chain_entry::{self, EntryDefaults};
use super::super::clause::ReadableMessage;
use super::super::goods;
use super::super::lexicon::Lexicon;
use super::super::normalize::Folded;
use super::super::order::{self, OrderMessage};
use super::said::offer_of;
use crate::domain::command::CommandId;
use crate::domain::intent::{Intent, LeaderIntent, Op, WantedLine};
use crate::domain::message::is_mark;
use crate::domain::orders::{self, Lead, Whose};
use crate::domain::person::Person;

/// Longer messages tell more than a change.
const LONGEST: usize = 160;

fn pattern(text: &str) -> Option<Regex> {
    Regex::new(text).ok()
}

/// An order's number, with the words that say that it is one.
static NUMBER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:订单|訂單|单号|單號|order\s*(?:no\.?)?|no\.?)?\s*#\s?(\d{1,9})(?:\s*(?:号单|號單|号|號|单|單|order))?",
    )
});

/// Words before whoever is meant that bind them to the rest.
const BEFORE: &[&str] = &[
    "帮我给",
    "幫我給",
    "把",
    "将",
    "將",
    "给",
    "給",
    "帮",
    "幫",
    "替",
    "为",
    "為",
    "从",
    "從",
    "在",
    "往",
    "同",
    "畀",
    "俾",
    "跟",
    "for",
    "to",
    "from",
    "off",
    "of",
    "in",
    "on",
    "into",
];

/// The same behind them.
const BEHIND: &[&str] = &[
    "那一单",
    "这一单",
    "那单",
    "这单",
    "那單",
    "這單",
    "的订单",
    "的訂單",
    "的单",
    "的單",
    "里面的",
    "裡面的",
    "里的",
    "裡的",
    "里面",
    "裡面",
    "里",
    "裡",
    "上",
    "的",
    "嘅",
    "'s order",
    "’s order",
    "'s",
    "’s",
    "：",
    ":",
    "，",
    ",",
];

static COURTESY_BEFORE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:\s|[，,:：]|麻烦|麻煩|请|請|帮忙|幫忙|帮我|幫我|唔该|唔該|please|pls|kindly|can you|help me|help to|help)+",
    )
});

static COURTESY_BEHIND: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:\s|[，,。.!！~～]|吧|哦|喔|啦|哈|呀|喇|一下|谢谢|謝謝|多谢|多謝|唔该|唔該|辛苦了|\b(?:lah|la|leh|lor|ah|can|ok|okay|pls|please|thanks|thank you|thx))+$",
    )
});

/// A kind of change, by the words it is said in: `g` are the goods, `q` how many of them.
struct ChangeForm {
    op: Op,
    said: Regex,
}

macro_rules! forms {
    ($(($op:expr, $text:expr)),* $(,)?) => {
        [$(pattern(&format!("(?i)^(?:{})$", $text)).map(|said| ChangeForm { op: $op, said })),*].into_iter().flatten().collect()
    };
}

const GOODS: &str = r"\s*(?P<g>.+?)\s*";
const COUNT: &str = r"\s*(?P<q>.+)";

static FORMS: LazyLock<Vec<ChangeForm>> = LazyLock::new(|| {
    let set_before = r"(?:把|将|將|change|set|make|update|edit|修改|改单|改單|改)?";
    let set = r"的?(?:数量|數量|qty|quantity)?\s*(?:改成|改为|改為|改到|改做|改|调成|調成|调到|調到|调整为|調整為|变成|變成|减到|減到|减为|減為|加到|设为|設為|(?:change|changed|set|update|reduce|increase)\s+to\b|\bto\b|=>|->|→|=)";
    let off = r"(?:取消掉|取消|去掉|删掉|刪掉|删除|刪除|拿掉|减掉|減掉|不要|唔要|remove|cancel|delete|drop|take off|take out|take)";
    let less = r"(?:减少|減少|减|減|少要|少拿|少|less|minus|reduce(?: by)?|-)";
    let more =
        r"(?:再加|加多|加埋|加上|多加|多要|增加|再来|再來|再要|加|补|補|添|\badd\b|\bplus\b|\+)";
    forms![
        (Op::Remove, format!(r"{off}{GOODS}(?:掉|了|\boff|\bout)?")),
        (
            Op::Remove,
            format!(
                r"{GOODS}(?:不要了|唔要了|不要|唔要|取消掉|取消了|取消|去掉|删掉|删了|刪掉|拿掉|\bcancelled|\bcanceled|\bcancel|\boff|\bremove)"
            )
        ),
        (Op::Set, format!(r"{set_before}{GOODS}{set}{COUNT}")),
        (Op::Add, format!(r"{more}{GOODS}")),
        (Op::Add, format!(r"{GOODS}(?:{more}|多){COUNT}")),
        (Op::Remove, format!(r"{GOODS}{less}{COUNT}")),
        (Op::Remove, format!(r"{less}{GOODS}")),
    ]
});

/// That something is ordered for somebody.
const FOR: &str = r"(?:[补補](?:个|個|一|下|张|張|多)*[单單]|[补補](?:录|錄|订|訂|记|記|登)|代(?:下[单單]|下|订|訂|拍|购)|[帮幫]?(?:忙)?下(?:个|個|一|张|張)*[订訂]?[单單]|加(?:个|個|一|张|張)*[单單]|[记記](?:[单單]|上|下|一下|个|個)|登[记記]|落[单單]|[订訂][购購]?|\b(?:place|add|put in|put down|make)(?: an?)?(?: late)? order\b|\b(?:order|add|book|put down|put)\b)";

static FOR_FIRST: LazyLock<Option<Regex>> =
    LazyLock::new(|| pattern(&format!(r"(?i)^{FOR}\s*[:：]?\s*(?P<g>.+)$")));

static FOR_LAST: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(r"(?i)^(?P<g>.+?)\s*(?:[补補](?:个|個|一|下)*[单單]|[补補](?:录|錄|记|記|登))$")
});

/// 周周的A1改成2, Grace's A1 to 2.
static OWNED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(r"(?i)^(?:把|将|將)?\s*(?P<who>.{1,24}?)\s*(?:的订单|的訂單|的|'s|’s)\s*(?P<rest>.+)$")
});

/// 补单 周周 A1 1, 帮周周补单 A1 1, add order for Zhou: A1 1.
static FOR_NAME: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:(?:给|給|帮|幫|替)(?P<who>.{1,16}?))?\s*(?:[补補](?:个|個|一|下)*[单單]|[补補][录錄记記登]|代下[单單]|代[订訂]|\b(?:late|add) order for\b|\badd for\b)\s*[:：]?\s*(?:给|給)?\s*(?P<rest>.+)$",
    )
});

/// What only a leader says, who orders after closing for somebody.
static LATE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"(?i)[补補](?:个|個|一|下)*[单單]|[补補][录錄登记記]|\blate order\b|\badd(?: an)? order for\b",
    )
});

/// Whether a text says that something is ordered late for somebody who is mentioned.
pub(in crate::understand) fn orders_for(text: &str) -> bool {
    text.len() <= LONGEST && LATE.as_ref().is_some_and(|late| late.is_match(text))
}

/// Words that stand where a name could, and name nobody.
const NOBODY: &[&str] = &[
    "我",
    "我们",
    "我們",
    "你",
    "你们",
    "你們",
    "他",
    "她",
    "它",
    "他们",
    "他們",
    "她们",
    "大家",
    "今天",
    "昨天",
    "明天",
    "所有",
    "所有人",
    "全部",
    "谁",
    "誰",
    "这",
    "那",
    "这个",
    "那个",
    "my",
    "your",
    "his",
    "her",
    "our",
    "their",
    "it",
    "everyone",
    "today",
    "the",
    "that",
    "this",
    "what",
];

/// A leader's word about what a member has, or will have.
pub(super) fn told(text: &str, lexicon: &Lexicon) -> Option<LeaderIntent> {
    if text.len() > LONGEST || text.contains('\n') {
        return None;
    }
    let text: String = text.nfkc().collect();
    let text = trimmed(&text);
    match whose(text) {
        Found::One(whose, rest) => about(whose, &rest, lexicon),
        Found::Nobody => by_name(text, lexicon),
        Found::Several => None,
    }
}

pub(super) enum Found {
    One(Whose, String),
    Nobody,
    Several,
}

/// Whose order it is about, and what is left without the words that bind them to it.
pub(super) fn whose(text: &str) -> Found {
    let numbers: Vec<_> = NUMBER.iter().flat_map(|it| it.captures_iter(text)).collect();
    let marks = text.chars().filter(|&c| is_mark(c)).count() + text.matches('@').count();
    match (&numbers[..], marks) {
        ([], 0) => Found::Nobody,
        ([only], 0) => {
            let order = only.get(1).and_then(|it| args::order(it.as_str()));
            let (Some(order), Some(all)) = (order, only.get(0)) else { return Found::Nobody };
            Found::One(Whose::Numbered(order), without(text, all.start(), all.end()))
        }
        ([], 1) => person(text).map_or(Found::Several, |(person, start, end)| {
            Found::One(Whose::Of(person), without(text, start, end))
        }),
        _ => Found::Several,
    }
}

/// The mark of a mention, or `@` with the word behind it.
fn person(text: &str) -> Option<(Person, usize, usize)> {
    let (at, c) = text.char_indices().find(|&(_, c)| c == '@' || is_mark(c))?;
    if is_mark(c) {
        let end = at + c.len_utf8();
        return Some((Person::from(&text[at..end]), at, end));
    }
    let behind = &text[at + 1..];
    let long =
        behind.find(|c: char| c.is_whitespace() || ",，:：".contains(c)).unwrap_or(behind.len());
    let person = args::person(&behind[..long])?;
    Some((person, at, at + 1 + long))
}

/// What stands before and behind, without the words that bind it to what is cut out.
fn without(text: &str, start: usize, end: usize) -> String {
    let (mut before, mut behind) = (text[..start].trim_end(), text[end..].trim_start());
    while let Some(word) = BEFORE.iter().find(|word| ends_with(before, word)) {
        before = before[..before.len() - word.len()].trim_end();
    }
    while let Some(rest) = BEHIND.iter().find_map(|word| behind.strip_prefix(word)) {
        behind = rest.trim_start();
    }
    trimmed(&format!("{before} {behind}")).to_owned()
}

/// Whether a text ends with a word, whole where it is a Latin one.
fn ends_with(text: &str, word: &str) -> bool {
    let Some(at) = text.len().checked_sub(word.len()).filter(|&at| text.is_char_boundary(at))
    else {
        return false;
    };
    let is_whole = !word.is_ascii() || !text[..at].ends_with(|c: char| c.is_ascii_alphanumeric());
    text[at..].eq_ignore_ascii_case(word) && is_whole
}

/// A text without the words of courtesy around it.
pub(super) fn trimmed(text: &str) -> &str {
    let from = COURTESY_BEFORE.as_ref().and_then(|it| it.find(text)).map_or(0, |it| it.end());
    let text = &text[from..];
    let to =
        COURTESY_BEHIND.as_ref().and_then(|it| it.find(text)).map_or(text.len(), |it| it.start());
    &text[..to]
}

/// What is to be done to somebody's order.
fn about(whose: Whose, rest: &str, lexicon: &Lexicon) -> Option<LeaderIntent> {
    let is_person = matches!(whose, Whose::Of(_));
    let ordered = is_person.then(|| ordered(rest, lexicon)).flatten();
    let lines = ordered.or_else(|| several(rest, lexicon));
    let lines = lines.or_else(|| changes(rest, lexicon)).or_else(|| grammar(rest, lexicon));
    if let Some(lines) = lines {
        return Some(LeaderIntent::Orders(Lead::OrderFor { whose, lines }));
    }
    // What goes back is a refund.
    let is_order = counted(rest, lexicon) && !rest.contains('退');
    let bare = stated(rest, lexicon).filter(|_| is_order)?;
    // #84 A1 2 may mean two, or two more.
    match whose {
        Whose::Of(_) => {
            let lines = with(bare, Op::Add);
            Some(LeaderIntent::Orders(Lead::OrderFor { whose, lines }))
        }
        Whose::Numbered(_) => Some(LeaderIntent::HalfSaid(CommandId::of("orders.change_for"))),
    }
}

/// The same of somebody who is named in plain words: done where exactly one is called so.
fn by_name(text: &str, lexicon: &Lexicon) -> Option<LeaderIntent> {
    let (person, lines, plain) = named_order(text, lexicon).or_else(|| owned(text, lexicon))?;
    let whose = Whose::Of(person);
    let act = Box::new(LeaderIntent::Orders(Lead::OrderFor { whose, lines }));
    Some(LeaderIntent::ByName { act, plain })
}

type Named = (Person, Vec<WantedLine>, bool);

/// 补单 周周 A1 1.
fn named_order(text: &str, lexicon: &Lexicon) -> Option<Named> {
    let found = FOR_NAME.as_ref()?.captures(text)?;
    let rest = found.name("rest")?.as_str();
    let (name, lines) = if let Some(who) = found.name("who") {
        (who.as_str().to_owned(), stated(rest, lexicon)?)
    } else {
        let (name, wanted) = chain_entry::read(rest, lexicon, EntryDefaults::default());
        (name, Some(wanted.lines).filter(|lines| !lines.is_empty())?)
    };
    Some((name_of(&name)?, with(lines, Op::Add), true))
}

/// 周周的A1改成2.
fn owned(text: &str, lexicon: &Lexicon) -> Option<Named> {
    let found = OWNED.as_ref()?.captures(text)?;
    let who = found.name("who")?.as_str();
    if offer_of(who, lexicon).is_some() {
        return None;
    }
    let lines = changes(found.name("rest")?.as_str(), lexicon)?;
    Some((name_of(who)?, lines, false))
}

fn name_of(name: &str) -> Option<Person> {
    args::person(name.trim()).filter(|_| !is_nobody(name))
}

/// Whether a word stands where a name could, and names nobody.
pub(super) fn is_nobody(name: &str) -> bool {
    NOBODY.contains(&name.trim().to_lowercase().as_str())
}

/// 下单 A1 1, A1 1 补单.
fn ordered(rest: &str, lexicon: &Lexicon) -> Option<Vec<WantedLine>> {
    [&FOR_FIRST, &FOR_LAST].into_iter().find_map(|form| {
        let found = form.as_ref()?.captures(rest)?;
        let goods = found.name("g")?.as_str();
        stated(trimmed(goods), lexicon).map(|lines| with(lines, Op::Add))
    })
}

/// One change, in one of the forms.
fn changes(rest: &str, lexicon: &Lexicon) -> Option<Vec<WantedLine>> {
    FORMS.iter().find_map(|form| {
        let found = form.said.captures(rest)?;
        let goods = trimmed(found.name("g")?.as_str());
        let Some(count) = found.name("q").map(|it| trimmed(it.as_str())) else {
            return plain(form.op, goods, lexicon);
        };
        let (offer, variant) = offer_of(goods, lexicon)?;
        if form.op == Op::Set && is_none(count) {
            return Some(vec![WantedLine { offer, variant, qty: None, op: Op::Remove }]);
        }
        let lines = stated(&format!("{goods} {count}"), lexicon)?;
        let is_one =
            lines.len() == 1 && counted(count, lexicon) && offer_of(count, lexicon).is_none();
        is_one.then(|| with(lines, form.op))
    })
}

/// 加一箱A2, 取消 A1: goods and how many of them in one.
fn plain(op: Op, goods: &str, lexicon: &Lexicon) -> Option<Vec<WantedLine>> {
    let goods = goods.replace(" more ", " ");
    let lines = stated(goods.trim_start_matches("more "), lexicon)?;
    let is_counted = counted(&goods, lexicon);
    if op == Op::Remove && !is_counted {
        let all = |line: WantedLine| WantedLine { qty: None, op, ..line };
        return Some(lines.into_iter().map(all).collect());
    }
    // 少A1, 减 A1 does not say by how many; 加 A1 is one.
    Some(with(lines, op))
}

/// Several changes: A1改成1，A2改成2.
fn several(rest: &str, lexicon: &Lexicon) -> Option<Vec<WantedLine>> {
    let is_comma = |c: char| matches!(c, ',' | '，' | '、' | ';' | '；');
    let all = |parts: Vec<&str>| -> Option<Vec<WantedLine>> {
        let parts: Vec<_> = parts.into_iter().filter(|part| !part.trim().is_empty()).collect();
        let lines: Option<Vec<_>> =
            parts.iter().map(|part| changes(trimmed(part), lexicon)).collect();
        lines.filter(|lines| lines.len() > 1).map(|lines| lines.concat())
    };
    all(rest.split(is_comma).collect()).or_else(|| all(rest.split_whitespace().collect()))
}

/// One change in the words of an order: 只要1箱A1.
fn grammar(rest: &str, lexicon: &Lexicon) -> Option<Vec<WantedLine>> {
    let folded = Folded::new(rest);
    let heard = ReadableMessage::new(&folded, lexicon);
    let clauses = heard.clauses();
    let read = order::order(&OrderMessage { heard: &heard, clauses: &clauses, mine: &[] })?;
    // What goes back is a refund.
    if read.for_whom.is_some() || read.note.is_some() || rest.contains('退') {
        return None;
    }
    match read.intent {
        Intent::Orders(orders::Intent::Amend(lines)) => Some(lines),
        Intent::Orders(orders::Intent::Cancel(lines)) => Some(with(lines, Op::Remove)),
        _ => None,
    }
    .filter(|lines| lines.len() == 1)
}

fn with(lines: Vec<WantedLine>, op: Op) -> Vec<WantedLine> {
    lines.into_iter().map(|line| WantedLine { op, ..line }).collect()
}

/// A text that is goods with their amounts and nothing else.
fn stated(text: &str, lexicon: &Lexicon) -> Option<Vec<WantedLine>> {
    let wanted = chain_entry::wanted(text, lexicon, EntryDefaults::default())?;
    let is_all = wanted.notes.is_empty() && !wanted.lines.is_empty();
    is_all.then_some(wanted.lines)
}

/// Whether an amount is said.
fn counted(text: &str, lexicon: &Lexicon) -> bool {
    let folded = Folded::new(text);
    let heard = ReadableMessage::new(&folded, lexicon);
    heard.clauses().iter().any(|clause| goods::read(&heard, clause).has_amount())
}

/// 0, 零, none.
fn is_none(count: &str) -> bool {
    let digits = count.trim_start_matches(['0', '零']);
    let has_zero =
        digits.len() < count.len() && !digits.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    has_zero && digits.chars().count() <= 2 || matches!(count, "没有" | "none" | "nil" | "zero")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::OrderId;
    use crate::understand::fixture;

    /// Who, and what is done: `=` sets, `+` adds, `-` takes off; without a number all of it.
    fn read(text: &str) -> Option<String> {
        let lexicon = fixture::lexicon("fruit");
        let lead = told(text, &lexicon)?;
        let (lead, sure) = match lead {
            LeaderIntent::ByName { act, .. } => (*act, "?"),
            LeaderIntent::HalfSaid(_) => return Some("half".to_owned()),
            lead => (lead, ""),
        };
        let LeaderIntent::Orders(Lead::OrderFor { whose, lines }) = lead else { return None };
        let whose = match whose {
            Whose::Numbered(OrderId(id)) => format!("#{id}"),
            Whose::Of(person) => format!("{}{sure}", person.name()),
        };
        let line = |line: &WantedLine| {
            let code =
                lexicon.offers().iter().find(|it| it.id == line.offer).map(|it| it.code.clone());
            let sign = match line.op {
                Op::Set => '=',
                Op::Add => '+',
                Op::Remove => '-',
            };
            let qty = line.qty.map_or_else(String::new, |qty| qty.to_string());
            format!("{}{sign}{qty}", code.unwrap_or_default())
        };
        let lines: Vec<_> = lines.iter().map(line).collect();
        Some(format!("{whose} {}", lines.join(" ")))
    }

    #[test]
    fn an_order_by_its_number_is_changed() {
        for (text, meant) in [
            ("#84 A1改成1", "#84 A1=1"),
            ("#84 A1 改成 1箱", "#84 A1=1"),
            ("＃８４ Ａ１改成１", "#84 A1=1"),
            ("#84的A1改成2", "#84 A1=2"),
            ("把#84的A1改成2箱", "#84 A1=2"),
            ("#84 葡萄改成三箱", "#84 A1=3"),
            ("#84 葡萄改為3箱", "#84 A1=3"),
            ("#84 A1改做1", "#84 A1=1"),
            ("#84 A1改1", "#84 A1=1"),
            ("#84 A1=1", "#84 A1=1"),
            ("#84 A1 → 1", "#84 A1=1"),
            ("#84 A1减到1", "#84 A1=1"),
            ("订单#84 A1改成1", "#84 A1=1"),
            ("#84号单 A1改成1", "#84 A1=1"),
            ("A1改成1 #84", "#84 A1=1"),
            ("麻烦#84 A1改成1 谢谢", "#84 A1=1"),
            ("change #84 A1 to 1", "#84 A1=1"),
            ("#84 change A1 to 1", "#84 A1=1"),
            ("set #84 A1 to 1 pls", "#84 A1=1"),
            ("#84 A1 to 1", "#84 A1=1"),
            ("#84 A1 change to 1 can", "#84 A1=1"),
            ("order #84: A1 to 2", "#84 A1=2"),
            ("#84 A1改成0", "#84 A1-"),
            ("#84 A1改成1 A2改成2", "#84 A1=1 A2=2"),
        ] {
            assert_eq!(read(text).as_deref(), Some(meant), "{text}");
        }
    }

    #[test]
    fn more_and_less_and_nothing_of_it() {
        for (text, meant) in [
            ("#84 加一盒A2", "#84 A2+1"),
            ("#84 再加2盒A2", "#84 A2+2"),
            ("#84 A2 +1", "#84 A2+1"),
            ("#84 A2加1盒", "#84 A2+1"),
            ("给#84加一盒A2", "#84 A2+1"),
            ("同#84加多盒A2", "#84 A2+1"),
            ("add 1 A2 to #84", "#84 A2+1"),
            ("#84 add 1 more A2 lah", "#84 A2+1"),
            ("#84 plus 2 A2", "#84 A2+2"),
            ("#84 A1 -1", "#84 A1-1"),
            ("#84 A1 减1", "#84 A1-1"),
            ("#84 A1减一箱", "#84 A1-1"),
            ("#84 少一箱A1", "#84 A1-1"),
            ("#84 A1少一箱", "#84 A1-1"),
            ("#84 减2箱葡萄", "#84 A1-2"),
            ("#84 不要A1了", "#84 A1-"),
            ("#84 A1不要了", "#84 A1-"),
            ("#84 唔要A1", "#84 A1-"),
            ("取消 #84 A1", "#84 A1-"),
            ("取消#84的A1", "#84 A1-"),
            ("取消 #84 A1 1箱", "#84 A1-1"),
            ("#84 取消A1", "#84 A1-"),
            ("#84 A1 取消", "#84 A1-"),
            ("把#84的葡萄去掉", "#84 A1-"),
            ("remove A1 from #84", "#84 A1-"),
            ("cancel A1 from #84", "#84 A1-"),
            ("take A1 off #84", "#84 A1-"),
            ("#84 cancel A1", "#84 A1-"),
            ("#84 remove 1 A1", "#84 A1-1"),
        ] {
            assert_eq!(read(text).as_deref(), Some(meant), "{text}");
        }
    }

    #[test]
    fn somebodys_order_is_placed_and_changed() {
        for (text, meant) in [
            ("补单 @周周 A1 1", "周周 A1+1"),
            ("補單 @周周 A1 1", "周周 A1+1"),
            ("补单@周周 A1 1箱", "周周 A1+1"),
            ("给 @周周 补单 A1 1", "周周 A1+1"),
            ("@周周 补单 A1 1", "周周 A1+1"),
            ("@周周 A1 1箱", "周周 A1+1"),
            ("@周周 A1 x2 补单", "周周 A1+2"),
            ("帮 @周周 下单 A1 1", "周周 A1+1"),
            ("帮 @周周 下个单 A1 1箱 A2 2盒", "周周 A1+1 A2+2"),
            ("代下单 @周周 葡萄两箱", "周周 A1+2"),
            ("幫 @周周 落單 A1 1", "周周 A1+1"),
            ("登记 @周周 A1 2", "周周 A1+2"),
            ("add for @Zhou A1 1", "Zhou A1+1"),
            ("order for @Zhou A1 x1", "Zhou A1+1"),
            ("add order for @Zhou: 2 A1", "Zhou A1+2"),
            ("add A1 x1 for @Zhou", "Zhou A1+1"),
            ("put down 2 A1 for @Zhou please", "Zhou A1+2"),
            ("取消 @王芳 A1", "王芳 A1-"),
            ("取消 @王芳 的A1", "王芳 A1-"),
            ("@王芳 A1不要了", "王芳 A1-"),
            ("@王芳 的葡萄取消", "王芳 A1-"),
            ("cancel @Grace A1", "Grace A1-"),
            ("cancel A1 for @Grace", "Grace A1-"),
            ("@王芳 A1改成1", "王芳 A1=1"),
            ("把 @王芳 的A1改成1", "王芳 A1=1"),
            ("change @Grace A1 to 1", "Grace A1=1"),
            ("给 @王芳 加一盒A2", "王芳 A2+1"),
            ("补单 周周 A1 1", "周周? A1+1"),
            ("给周周补单 A1 1", "周周? A1+1"),
            ("补单 A1 1 周周", "周周? A1+1"),
            ("add order for Zhou: A1 1", "Zhou? A1+1"),
            ("周周的A1改成2", "周周? A1=2"),
            ("把周周的葡萄改成2箱", "周周? A1=2"),
            ("Grace's A1 to 2", "Grace? A1=2"),
        ] {
            assert_eq!(read(text).as_deref(), Some(meant), "{text}");
        }
    }

    #[test]
    fn what_may_mean_two_things_is_answered_with_how_it_is_said() {
        assert_eq!(read("#84 A1 2").as_deref(), Some("half"));
        assert_eq!(read("#84 葡萄2箱").as_deref(), Some("half"));
    }

    #[test]
    fn talk_changes_nothing() {
        for text in [
            "#84",
            "#84 A1",
            "#84 到了",
            "#84 什么时候取",
            "#84 A1 已经发了",
            "#84 A1 取了",
            "#84 A1 坏了一箱",
            "#84 退A1",
            "#84 A1 退1箱",
            "#84 便宜5块",
            "#84 A1 便宜5块",
            "#84 少收5元",
            "#84 和 #85 A1改成1",
            "@周周 你的A1到了",
            "@周周 A1 明天送",
            "@周周 葡萄两箱放门口了",
            "@周周 收到 39.9",
            "@周周 @小美 A1 1箱",
            "@周周",
            "今天的葡萄改成晚上发",
            "A1的价格改成39",
            "A1改成1",
            "大家的葡萄取消",
            "昨天的葡萄取消",
            "我的A1改成2",
            "补货 A1 20",
            "加库存 A1 20",
            "周周的葡萄很甜",
            "the A1 goes to Mary",
            "his A1 to 2",
            "@周周 还要加2盒吗",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
