//! Parts of a leader's lists: 未付 昨天, 5栋未取, A1谁没付, unpaid yesterday.
//!
//! ```text
//! list := part? (未付 | 未取) part?        one part, and nothing else in the message
//! part := 今天 | 昨天 | 前天 | building | goods
//! ```

use std::sync::LazyLock;

use regex::Regex;
use unicode_normalization::UnicodeNormalization as _;

use super::super::buildings::door;
use super::super::lexicon::Lexicon;
use super::said::offer_in;
use super::serving::trimmed;
use crate::domain::intent::{LeaderIntent, PartOfList};
use crate::domain::{reports, shipping};

/// Longer messages tell more.
const LONGEST: usize = 60;

const UNPAID: &str = r"(?:还有)?(?:谁|誰|哪些人?)?(?:还|還|都)?(?:未|没|沒|没有|沒有)(?:付款|付钱|付錢|付|给钱)(?:的|订单|訂單)*|unpaid(?: orders)?|(?:who )?(?:hasn't|has not|haven't|have not|not) paid(?: yet)?";
const UNCOLLECTED: &str = r"(?:还有)?(?:谁|誰|哪些人?)?(?:还|還|都)?(?:未|没|沒|没有|沒有)(?:来|來)?(?:取货|取貨|自提|提货|提貨|取|拿|领|領)(?:的|订单|訂單)*|(?:待取|待取货)|uncollected|(?:who )?(?:hasn't|has not|haven't|have not|not) (?:collected|picked up)(?: yet)?";

fn pattern(words: &str) -> Option<Regex> {
    Regex::new(&format!(r"(?i)^(?P<a>.*?)\s*(?:的|里|裡|中)?\s*(?:{words})\s*(?:of|from|in|for|on|:|：)?\s*(?P<b>.*?)$")).ok()
}

static OF_MONEY: LazyLock<Option<Regex>> = LazyLock::new(|| pattern(UNPAID));
static OF_GOODS: LazyLock<Option<Regex>> = LazyLock::new(|| pattern(UNCOLLECTED));

/// A part of what is not paid.
pub(super) fn unpaid(text: &str, lexicon: &Lexicon) -> Option<LeaderIntent> {
    let part = Some(part(&OF_MONEY, text, lexicon)?);
    Some(LeaderIntent::Reports(reports::Lead::UnpaidPart { part, from: 0 }))
}

/// A part of what is not collected.
pub(super) fn uncollected(text: &str, lexicon: &Lexicon) -> Option<LeaderIntent> {
    let part = Some(part(&OF_GOODS, text, lexicon)?);
    Some(LeaderIntent::Shipping(shipping::Lead::NotCollectedPart { part, from: 0 }))
}

fn part(of: &LazyLock<Option<Regex>>, text: &str, lexicon: &Lexicon) -> Option<PartOfList> {
    if text.len() > LONGEST || text.contains(['\n', '?', '？', '吗', '嗎']) {
        return None;
    }
    let text: String = text.nfkc().collect();
    let found = of.as_ref()?.captures(trimmed(&text))?;
    match (found["a"].trim(), found["b"].trim()) {
        ("", said) | (said, "") if !said.is_empty() => named(said, lexicon),
        _ => None,
    }
}

/// A day, a building, or goods, and nothing else.
fn named(said: &str, lexicon: &Lexicon) -> Option<PartOfList> {
    let said = trimmed(said);
    let day = match said.to_lowercase().as_str() {
        "今天" | "今日" | "today" | "today's" => Some(0),
        "昨天" | "昨日" | "寻日" | "yesterday" | "yesterday's" => Some(1),
        "前天" | "前日" | "the day before yesterday" => Some(2),
        _ => None,
    };
    if let Some(ago) = day {
        return Some(PartOfList::Day(ago));
    }
    if let Some(door) =
        door(said).filter(|door| door.room.is_none() && is_whole(said, &door.building))
    {
        return Some(PartOfList::Building(door.key));
    }
    offer_in(said, lexicon).map(|named| PartOfList::Offer(named.offer))
}

/// Whether a text is a building and nothing else.
fn is_whole(said: &str, building: &str) -> bool {
    let plain = |text: &str| {
        text.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase()
    };
    plain(said) == plain(building)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::understand::fixture;

    fn read(text: &str) -> Option<String> {
        let lexicon = fixture::lexicon("fruit");
        let (list, part) = match unpaid(text, &lexicon).or_else(|| uncollected(text, &lexicon))? {
            LeaderIntent::Reports(reports::Lead::UnpaidPart { part, .. }) => ("unpaid", part?),
            LeaderIntent::Shipping(shipping::Lead::NotCollectedPart { part, .. }) => {
                ("goods", part?)
            }
            _ => return None,
        };
        Some(match part {
            PartOfList::Day(ago) => format!("{list} {ago}"),
            PartOfList::Building(key) => format!("{list} {key}"),
            PartOfList::Offer(offer) => format!("{list} offer {}", offer.0),
        })
    }

    #[test]
    fn a_list_is_asked_for_by_day_building_and_goods() {
        for (text, meant) in [
            ("未付 昨天", "unpaid 1"),
            ("昨天未付", "unpaid 1"),
            ("昨天未付款的", "unpaid 1"),
            ("昨天谁没付", "unpaid 1"),
            ("昨天还有谁没付款", "unpaid 1"),
            ("今天没付款的", "unpaid 0"),
            ("前天未付", "unpaid 2"),
            ("未付款 今日", "unpaid 0"),
            ("昨天的未付", "unpaid 1"),
            ("昨日誰還沒付", "unpaid 1"),
            ("未付 5栋", "unpaid 5"),
            ("5栋未付", "unpaid 5"),
            ("5号楼谁没付", "unpaid 5"),
            ("５栋没付的", "unpaid 5"),
            ("A1未付", "unpaid offer 1"),
            ("未付 A1", "unpaid offer 1"),
            ("葡萄谁还没付款", "unpaid offer 1"),
            ("unpaid yesterday", "unpaid 1"),
            ("yesterday unpaid", "unpaid 1"),
            ("unpaid today", "unpaid 0"),
            ("unpaid block 5", "unpaid 5"),
            ("who hasn't paid for A1", "unpaid offer 1"),
            ("unpaid for A1 pls", "unpaid offer 1"),
            ("未取 5栋", "goods 5"),
            ("5栋未取", "goods 5"),
            ("5栋谁还没取", "goods 5"),
            ("谁没取 5栋", "goods 5"),
            ("3号楼还没拿的", "goods 3"),
            ("昨天未取", "goods 1"),
            ("未取 昨天", "goods 1"),
            ("A1未取", "goods offer 1"),
            ("葡萄谁没取", "goods offer 1"),
            ("not collected block 5", "goods 5"),
            ("uncollected yesterday", "goods 1"),
            ("who hasn't collected A1", "goods offer 1"),
        ] {
            assert_eq!(read(text).as_deref(), Some(meant), "{text}");
        }
    }

    #[test]
    fn talk_asks_for_no_list() {
        for text in [
            "未付",
            "未取",
            "我没付",
            "老王没付",
            "老王昨天没付",
            "昨天没付的今天付一下",
            "5栋的电费没付",
            "昨天没取快递",
            "昨天没拿到葡萄",
            "葡萄没取到",
            "没付 谢谢",
            "A1没付吗",
            "5栋1802没付",
            "昨天5栋没付",
            "not paid yet",
            "I have not paid",
            "she hasn't collected the kids",
            "unpaid leave",
            "昨天没来",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
