//! Looking up: 李姐的订单, #84, 谁订了葡萄, Amy's orders, who ordered A1. Sentences whose verb does not stand first.

use std::sync::LazyLock;

use regex::Regex;

use super::super::args::{self, Args};
use super::super::lexicon::Lexicon;
use super::super::normalize::Folded;
use super::said::{offer_of, selection};
use crate::domain::intent::{LeaderIntent, Role, Selection};
use crate::domain::reports::Lead;

type Patterns = LazyLock<Vec<Regex>>;

fn compiled(patterns: &[&str]) -> Vec<Regex> {
    patterns.iter().filter_map(|it| Regex::new(&format!("(?i)^(?:{it})$")).ok()).collect()
}

/// Somebody's orders.
static OF_MEMBER: Patterns = LazyLock::new(|| {
    compiled(&[
        "(?:帮我)?(?:查一下|查下|看一下|看下|看看|查|看)?\\s*(.{1,24}?)\\s*的?(?:所有|全部)?(?:订单|訂單|单子|單子)",
        "(.{1,24}?)\\s*(?:都|一共)?(?:订|訂|买|買|点|點|拍|要)(?:了|过|過)(?:什么|什麼|啥|哪些|些什么|些啥|多少)(?:东西|東西)?",
        "(?:show |check )?(?:all )?orders? (?:of|by|from) (.{1,32})",
        "(?:show |check )?(.{1,32}?)(?:'s|’s) orders?",
        "what did (.{1,32}?) (?:order|buy|get)",
    ])
});

/// Who has something.
static WHO_ORDERED: Patterns = LazyLock::new(|| {
    compiled(&[
        "(?:都)?(?:有)?(?:谁|誰|哪些人|哪几个人|哪幾個人|哪几位|哪幾位)(?:都)?(?:订|訂|买|買|要|点|點|拍|下单|下單)(?:了|过|過)?(.{1,24})",
        "(.{1,24}?)\\s*(?:都|一共)?(?:有)?(?:谁|誰|哪些人|哪几个人|哪幾個人)(?:都)?(?:订|訂|买|買|要|点|點|拍|下单|下單)(?:了|过|過|的)*",
        "(.{1,24}?)\\s*的?(?:购买|購買|订购|訂購)?(?:名单|名單|买家|買家)",
        "who (?:has |all )?(?:ordered|bought|wants|got|took) (.{1,32})",
        "(?:buyers|orders) (?:of|for) (.{1,32})",
    ])
});

/// One order. Its words are no verbs of the table: they are said of much else.
static BY_NUMBER: Patterns = LazyLock::new(|| {
    compiled(&[
        "(?:查一下|查下|看一下|看下|查|看|show |check )?(?:订单|訂單|单号|單號|order)?\\s*[#＃]\\s?(\\d{1,9})",
    ])
});

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
    "他们",
    "他們",
    "大家",
    "所有人",
    "今天",
    "昨天",
    "本周",
    "这周",
    "全部",
    "所有",
    "谁",
    "誰",
    "团长",
    "團長",
    "未付",
    "没付",
    "沒付",
    "my",
    "your",
    "his",
    "her",
    "our",
    "their",
    "today",
    "all",
    "the",
    "it",
    "you",
    "i",
    "we",
    "they",
    "she",
    "he",
];

/// 李姐的订单; of goods, who has them.
pub(super) fn of_member(text: &str, lexicon: &Lexicon) -> Option<LeaderIntent> {
    let name = captured(&OF_MEMBER, text)?;
    if let Some(lead) = goods(name, lexicon) {
        return Some(lead);
    }
    // 取消老王的订单 wants something else.
    let is_command = super::begins(&Folded::new(name), Role::Leader);
    if is_command || name.contains('我') || NOBODY.contains(&name.to_lowercase().as_str()) {
        return None;
    }
    let args = Args::read_names(name);
    if args.rest.is_empty() {
        let Some(Selection::Members(people)) = selection(&args) else { return None };
        return Some(LeaderIntent::Reports(Lead::OfMembers(people)));
    }
    let person = args::person(&args.rest.join(" "))?;
    let act = Box::new(LeaderIntent::Reports(Lead::OfMembers(vec![person])));
    Some(LeaderIntent::ByName { act, plain: false })
}

/// 谁订了葡萄, A1 名单.
pub(super) fn who_ordered(text: &str, lexicon: &Lexicon) -> Option<LeaderIntent> {
    goods(captured(&WHO_ORDERED, text)?, lexicon)
}

/// #84, 查订单 #84.
pub(super) fn by_number(text: &str, _lexicon: &Lexicon) -> Option<LeaderIntent> {
    let order = args::order(captured(&BY_NUMBER, text)?)?;
    Some(LeaderIntent::Reports(Lead::Orders(vec![order])))
}

fn captured<'t>(patterns: &Patterns, text: &'t str) -> Option<&'t str> {
    let end = |c: char| c.is_whitespace() || "。.!！~呢呀啊吗嗎?？".contains(c);
    let text = text.trim_end_matches(end).trim_start();
    let found = patterns.iter().find_map(|pattern| pattern.captures(text))?;
    Some(found.get(1)?.as_str().trim()).filter(|name| !name.is_empty())
}

fn goods(name: &str, lexicon: &Lexicon) -> Option<LeaderIntent> {
    let (offer, variant) = offer_of(name, lexicon)?;
    Some(LeaderIntent::Reports(Lead::WhoOrdered { offer, variant, from: 0 }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::person::Person;
    use crate::understand::fixture;

    fn names(text: &str) -> Option<String> {
        let lead = of_member(text, &fixture::lexicon("fruit"))?;
        let LeaderIntent::ByName { act, .. } = lead else { return None };
        match *act {
            LeaderIntent::Reports(Lead::OfMembers(people)) => match &people[..] {
                [Person::Named(name)] => Some(name.clone()),
                _ => None,
            },
            _ => None,
        }
    }

    #[test]
    fn somebodys_orders_are_looked_up_by_name() {
        for (text, name) in [
            ("李姐的订单", "李姐"),
            ("查一下李姐的單子", "李姐"),
            ("老王订了什么", "老王"),
            ("老王買了啥呀", "老王"),
            ("Amy's orders", "Amy"),
            ("orders of Mary Ann", "Mary Ann"),
            ("what did Amy order", "Amy"),
        ] {
            assert_eq!(names(text).as_deref(), Some(name), "{text}");
        }
        for text in [
            "我的订单",
            "今天的订单",
            "my orders",
            "下单",
            "大家买了什么",
            "订单",
            "取消我的订单",
            "取消老王的订单",
        ] {
            assert_eq!(names(text), None, "{text}");
        }
    }

    #[test]
    fn of_goods_everybody_who_has_them() {
        let lexicon = fixture::lexicon("fruit");
        for text in ["谁订了草莓", "A1都有谁订了", "草莓名单", "who ordered A1", "草莓的订单"]
        {
            let read = who_ordered(text, &lexicon).or_else(|| of_member(text, &lexicon));
            let Some(LeaderIntent::Reports(Lead::WhoOrdered { .. })) = read else {
                panic!("{text}: {read:?}")
            };
        }
        for text in ["谁订了酒店", "谁要去接孩子", "who ordered pizza"] {
            assert_eq!(who_ordered(text, &lexicon), None, "{text}");
        }
    }
}
