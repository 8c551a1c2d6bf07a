//! What is said of goods that were handed over: 核销 12, #12 取走了, 小美取了, Grace collected; and of a member's own: 拿到了，很甜.
//!
//! ```text
//! check off := 核销 (order | person | 全部)+ | orders taken | people taken
//! got it    := goods? got, and praise or courtesy     nothing else in the message
//! ```

use std::sync::LazyLock;

use regex::Regex;

use super::super::args::{self, Args};
use super::super::clause::{Flags, ReadableMessage};
use super::super::lexicon::Lexicon;
use super::super::normalize::Folded;
use super::super::patterns::Hints;
use super::Said;
use super::said::{offer_in, selection};
use crate::domain::ids::OrderId;
use crate::domain::intent::{Intent, LeaderIntent, Selection};
use crate::domain::person::Person;
use crate::domain::shipping::{Intent as Wish, Lead};

/// Longer names are sentences.
const LONGEST_NAME: usize = 20;
/// Nobody hands more over in one message.
const MOST: usize = 50;
/// Longer messages tell more than that somebody has their goods.
const LONGEST: usize = 60;

/// Words that stand where a name could, and are none.
const NOBODY: &[&str] = &[
    "我",
    "你",
    "他",
    "她",
    "我们",
    "你们",
    "他们",
    "她们",
    "大家",
    "谁",
    "都",
    "已经",
    "有人",
    "人",
    "妈",
    "客户",
    "刚",
    "刚刚",
    "昨天",
    "今天",
    "明天",
    "货",
    "东西",
    "快递",
    "i",
    "we",
    "you",
    "they",
    "he",
    "she",
    "it",
    "everyone",
    "everybody",
    "all",
    "who",
    "somebody",
    "nobody",
    "just",
    "already",
    "have",
    "has",
    "been",
    "goods",
    "order",
    "orders",
    "the order",
];

static TAKEN: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"^(?P<who>.+?)\s*(?:(?:已经|已|刚刚|刚|都|来|过来|也|的)*(?:取走|拿走|领走|提走|取货|提货|自提|取|拿|领|攞)(?:了|啦|咗|走了|过了)+|已取|已取货|已自提|已提货|(?:\s(?:has|have|just|already))*\s(?:collected|picked up|picked it up)(?:\s(?:it|hers|his|theirs|her order|his order|their order|the order|everything|the goods))?)[\s。.!~]*$",
    )
    .ok()
});

static NUMBERS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"^(?:#\d{1,9}|\d{1,9}号)(?:\s?[、,，和&]?\s?(?:#\d{1,9}|\d{1,9}号))*$").ok()
});

/// 核销 12, 已取 #12 #13, collected @Grace. `plain`: the words are said of nothing else.
pub(super) fn check_off(said: &Said<'_>, plain: bool) -> Option<LeaderIntent> {
    let args = Args::read_names(said.rest);
    if let Some(of) = selection(&args).filter(|_| args.rest.is_empty()) {
        return Some(LeaderIntent::Shipping(Lead::Collected { of, plain: true }));
    }
    if args.rest.is_empty() || args.all || !args.people.is_empty() {
        return None;
    }
    let mut orders = args.orders.clone();
    for word in &args.rest {
        orders.extend(args::order(word.trim_end_matches('号')));
    }
    if orders.len() == args.orders.len() + args.rest.len() {
        let of = Selection::Orders(orders);
        return Some(LeaderIntent::Shipping(Lead::Collected { of, plain: true }));
    }
    let people = names(&args.rest.join(" ")).filter(|_| args.orders.is_empty())?;
    Some(LeaderIntent::Shipping(Lead::Collected { of: Selection::Members(people), plain }))
}

/// 小美取了, #12 取走了, Grace collected.
pub(super) fn handed(text: &str, _lexicon: &Lexicon) -> Option<LeaderIntent> {
    let folded = Folded::new(text);
    let line = folded.line();
    let found = TAKEN.as_ref()?.captures(line)?.name("who")?;
    let end = line[..found.end()].chars().count();
    let who = folded.written(0, end).trim();
    let of = match numbers(&line[..found.end()]) {
        Some(orders) => Selection::Orders(orders),
        None => Selection::Members(names(who)?),
    };
    let plain = matches!(of, Selection::Orders(_));
    Some(LeaderIntent::Shipping(Lead::Collected { of, plain }))
}

fn numbers(text: &str) -> Option<Vec<OrderId>> {
    NUMBERS.as_ref()?.is_match(text.trim()).then_some(())?;
    let numbers = text.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty());
    numbers.take(MOST).map(args::order).collect()
}

/// Names between commas, each of which may be one.
fn names(text: &str) -> Option<Vec<Person>> {
    let args = Args::read_names(text);
    let is_all = args.rest.is_empty() && args.orders.is_empty() && !args.all;
    if is_all && !args.people.is_empty() {
        return Some(args.people);
    }
    let names: Vec<&str> = text.split(['、', ',', '，', '和']).map(str::trim).collect();
    let is_name = |name: &&str| {
        let lower = name.to_lowercase();
        (1..=LONGEST_NAME).contains(&name.chars().count())
            && name.split_whitespace().count() <= 3
            && !NOBODY.contains(&lower.as_str())
            && !name.contains(['#', '＃', '！', '!', '。', ':', '：'])
            && args::order(name).is_none()
    };
    if names.len() > MOST || !names.iter().all(is_name) {
        return None;
    }
    names.into_iter().map(args::person).collect()
}

static GOT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"^(?P<what>[^,，。!~\n]{0,12}?)\s?(?P<got>(?:已经|已|刚刚|刚|都|全部|也)*(?:(?:拿到|取到|领到|攞到|提到)(?:货|咗|了|啦)+|(?:取货|提货|自提|取|拿|领|攞)(?:咗|了|啦)+(?:货)?|(?:取走|拿走|领走)(?:咗|了|啦)*)|已取|已取货|已自提|已提货|(?:i've |i have |we've |just |have |already )*(?:collected|picked up|picked it up|picked mine up|got my order|got my goods|got mine)(?: it| mine| my order| my goods| everything)?)(?P<rest>[\s,，。!~;].*)?$",
    )
    .ok()
});

/// 收到了，很甜: said of news as well, so that it has to be praised.
static GOT_PRAISED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"^(?P<what>[^,，。!~\n]{0,12}?)\s?(?P<got>(?:已经|已|刚刚|刚|都)*收到(?:货)?(?:咗|了|啦)+|got it|received it)(?P<rest>[\s,，。!~;].+)$").ok()
});

/// One of these is in each of both.
static HINTS: Hints = Hints::of("拿|取|领|攞|提|collected|picked|got|收到|received");

/// Before the words nothing but these may stand, or goods.
const OWN: &[&str] = &["", "我", "我的", "货", "东西", "我们家", "我家", "i", "i've", "i have"];

/// Whether a message may tell that somebody has their goods.
pub(in crate::understand) fn may_tell(folded: &Folded<'_>) -> bool {
    let line = folded.line();
    let is_match =
        |pattern: &LazyLock<Option<Regex>>| pattern.as_ref().is_some_and(|it| it.is_match(line));
    folded.len() <= LONGEST && HINTS.is_in(line) && (is_match(&GOT) || is_match(&GOT_PRAISED))
}

/// 拿到了，很甜.
pub(super) fn got_it(text: &str, lexicon: &Lexicon) -> Option<Intent> {
    let folded = Folded::new(text);
    let line = folded.line();
    if folded.len() > LONGEST {
        return None;
    }
    let plain = GOT.as_ref()?.captures(line);
    let is_plain = plain.is_some();
    let found = plain.or_else(|| GOT_PRAISED.as_ref()?.captures(line))?;
    let what = found.name("what").map_or("", |it| it.as_str()).trim();
    if !OWN.contains(&what) && offer_in(what, lexicon).is_none() {
        return None;
    }
    let rest = found.name("rest").map_or("", |it| it.as_str());
    let praise = is_kind(rest, lexicon)?;
    (is_plain || praise).then_some(Intent::Shipping(Wish::GotIt { praise }))
}

/// Whether it is praised; `None` where more than praise and courtesy is said.
fn is_kind(rest: &str, lexicon: &Lexicon) -> Option<bool> {
    let folded = Folded::new(rest);
    let heard = ReadableMessage::new(&folded, lexicon);
    let all = heard.clauses().iter().fold(Flags::default(), |all, it| all.union(it.flags));
    let other = Flags::GOODS
        .union(Flags::NUMBER)
        .union(Flags::QUESTION)
        .union(Flags::CONDITION)
        .union(Flags::STORY)
        .union(Flags::WANT)
        .union(Flags::LESS)
        .union(Flags::CHANGE)
        .union(Flags::COMPLAINT)
        .union(Flags::COMMAND)
        .union(Flags::SHARE)
        .union(Flags::PHOTO)
        .union(Flags::TOPIC)
        .union(Flags::NEGATION);
    let is_courtesy = !all.has(Flags::UNKNOWN) || all.has(Flags::PRAISE);
    (!all.has(other) && is_courtesy).then(|| all.has(Flags::PRAISE))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::understand::commands::said::read_behind;
    use crate::understand::fixture;

    fn told(text: &str) -> Option<(Selection, bool)> {
        match handed(text, &fixture::lexicon("fruit"))? {
            LeaderIntent::Shipping(Lead::Collected { of, plain }) => Some((of, plain)),
            other => panic!("{other:?}"),
        }
    }

    fn behind(rest: &str) -> Option<Selection> {
        match read_behind(rest, "CNY", |said| check_off(said, true))? {
            LeaderIntent::Shipping(Lead::Collected { of, .. }) => Some(of),
            other => panic!("{other:?}"),
        }
    }

    fn orders(numbers: &[i64]) -> Selection {
        Selection::Orders(numbers.iter().copied().map(OrderId).collect())
    }

    fn people(names: &[&str]) -> Selection {
        Selection::Members(names.iter().map(|&name| Person::from(name)).collect())
    }

    #[test]
    fn numbers_and_people_are_checked_off() {
        assert_eq!(behind(" 12"), Some(orders(&[12])));
        assert_eq!(behind(" #12 #13"), Some(orders(&[12, 13])));
        assert_eq!(behind(" 12、13号"), Some(orders(&[12, 13])));
        assert_eq!(behind(" @小美"), Some(people(&["小美"])));
        assert_eq!(behind(" 小美"), Some(people(&["小美"])));
        assert_eq!(behind(" 全部"), Some(Selection::All));
        assert_eq!(behind(""), None);
        assert_eq!(told("#12 取走了"), Some((orders(&[12]), true)));
        assert_eq!(told("12号取了"), Some((orders(&[12]), true)));
        assert_eq!(told("小美取了"), Some((people(&["小美"]), false)));
        assert_eq!(told("小美、老王 已经拿走啦"), Some((people(&["小美", "老王"]), false)));
        assert_eq!(told("Grace collected"), Some((people(&["Grace"]), false)));
        assert_eq!(told("Mary Ann has picked up her order."), Some((people(&["Mary Ann"]), false)));
    }

    #[test]
    fn what_is_said_of_nobody_checks_nothing_off() {
        for text in
            ["我取了", "谁取了", "大家都取了", "取了", "we collected", "小美取了吗", "小美没取"]
        {
            assert_eq!(told(text), None, "{text}");
        }
    }

    #[test]
    fn a_member_tells_that_they_have_their_goods() {
        let lexicon = fixture::lexicon("fruit");
        let got = |text| match got_it(text, &lexicon)? {
            Intent::Shipping(Wish::GotIt { praise }) => Some(praise),
            other => panic!("{other:?}"),
        };
        for (text, praise) in [
            ("拿到了", false),
            ("拿到了，谢谢", false),
            ("拿到了，很甜", true),
            ("已取，谢谢团长", false),
            ("取走了", false),
            ("收到了，很甜", true),
            ("I've picked it up, thanks", false),
            ("collected, delicious!", true),
        ] {
            assert_eq!(got(text), Some(praise), "{text}");
        }
        for text in [
            "收到了",
            "收到了，谢谢",
            "got it",
            "got it, thanks",
            "拿到了，有两个坏的",
            "拿到了，再来两箱",
            "拿到了吗",
            "他拿到了",
            "快递拿到了",
            "没拿到",
        ] {
            assert_eq!(got(text), None, "{text}");
        }
    }
}
