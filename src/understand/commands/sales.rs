//! What was sold, and orders as a file: 昨天卖了多少, 本周, A1卖了几箱, how much did we sell yesterday; 导出 昨天, export A1.
//!
//! ```text
//! sold   := days | goods | both, with words of selling or of figures; 本周 alone
//! export := (导出 | export) (days | goods)?       or the verb behind them
//! ```

use std::sync::LazyLock;

use regex::Regex;
use unicode_normalization::UnicodeNormalization as _;

use super::super::lexicon::Lexicon;
use super::Said;
use super::said::{offer_in, offer_of};
use super::serving::trimmed;
use crate::domain::intent::LeaderIntent;
use crate::domain::reports::{CalendarUnit, DaySpan, Lead, SoldPart};

/// Longer messages tell more.
const LONGEST: usize = 90;

/// Days as they are named; each stands for one span ([`span`]).
const DAYS: &str = "今天|今日|昨天|昨日|寻日|尋日|前天|前日|本周|本週|这周|這周|這週|这个星期|這個星期|这星期|這星期|这个礼拜|這個禮拜|上周|上週|上个星期|上個星期|上星期|上礼拜|上禮拜|本月|这个月|這個月|这月|上个月|上個月|上月|today|yesterday|the day before yesterday|this week|last week|this month|last month";

/// All that was put on sale together.
const DROP: &str =
    "这一团|這一團|这团|這團|本团|本團|这次团|這次團|this drop|the last drop|this round";

fn patterns(texts: &[&str]) -> Vec<Regex> {
    let whole = |text: &&str| {
        let text = text.replace("DAYS", DAYS).replace("DROP", DROP);
        Regex::new(&format!("(?i)^(?:{text})$")).ok()
    };
    texts.iter().filter_map(whole).collect()
}

/// What was sold. A name of goods has to be one.
static SOLD: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    patterns(&[
        // 昨天葡萄一共卖了多少箱, 葡萄昨天卖了几单, 昨天卖了多少葡萄
        "(?P<days>DAYS)?\\s*的?(?P<drop>DROP)?(?P<goods>.{0,24}?)\\s*(?P<later>DAYS)?\\s*(?:我们|我們|咱们|咱們)?(?:一共|总共|總共|共|都|合计|合計)?(?:卖|賣)(?:了|出去?了?|出|掉了?|得)?(?:多少|几|幾)(?:钱|錢|单|單|份|箱|盒|件|斤|袋|瓶|个|個|块|塊|元)?(?P<behind>.{0,24}?)",
        "(?P<days>DAYS)(?:的)?(?:一共|总共|總共|共)?(?:销售额|銷售額|销售|銷售|销量|銷量|营业额|營業額|业绩|業績|流水|数据|數據|报表|報表|日报|周报|週報|月报|收入)(?:是|有)?(?:多少|如何|怎么样|怎麼樣)?",
        "(?:销售额|銷售額|销量|銷量|营业额|營業額|业绩|業績|流水|数据|數據|报表|報表)\\s*(?P<days>DAYS)",
        "(?P<goods>.{1,24}?)\\s*的?(?P<later>DAYS)?的?(?:销售额|銷售額|销量|銷量)",
        "(?P<drop>DROP)(?:的)?(?:销售额|銷售額|销售|銷售|销量|銷量|数据|數據)",
        "(?P<days>本周|本週|本月|this week|this month)",
        "how (?:much|many)(?: orders)?(?: of)?(?P<goods> .{1,32}?)??(?: have| has| did)? (?:we|i)(?: have)? (?:sell|sold|make|made)(?: of (?P<behind>.{1,32}?))?(?: in all| so far)?(?: (?P<days>DAYS))?",
        "how (?:much|many) (?P<goods>.{1,32}?) (?:was|were|have been|has been|got|did) (?:sold|sell)(?: (?P<days>DAYS))?",
        "how (?:much|many) did (?P<drop>DROP) (?:sell|make|bring)(?: in)?",
        "how (?:much|many)(?: orders)? did (?P<goods>.{1,24}?) (?:sell|make|bring)(?: in)?(?: (?P<days>DAYS))?",
        "(?:the )?(?:sales|figures|numbers|turnover|revenue)(?: of| for| from)? (?P<days>DAYS)",
        "(?:sales|numbers|figures) (?:of|for) (?:(?P<drop>DROP)|(?P<goods>.{1,32}?))(?: (?P<days>DAYS))?",
        "(?P<days>DAYS)(?:'s|’s)? (?:sales|figures|numbers|turnover|revenue)",
        "(?P<days>DAYS) how much did (?:we|i) (?:sell|make)",
    ])
});

/// Orders as a file, with the verb behind what is meant.
static EXPORT: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    patterns(&[
        "(?:把|将|將)?(?P<days>DAYS)的?(?:所有|全部)?(?:订单|訂單|单子|單子)?(?:导出|匯出|导一下|導出|匯一下)(?:来|來|给我|給我|一下|成表|成表格|成excel)*",
        "(?:把|将|將)?(?P<goods>.{1,24}?)的?(?:所有|全部)?(?:订单|訂單|单子|單子)(?:导出|匯出|導出)(?:来|來|给我|給我|一下|成表|成表格|成excel)*",
    ])
});

/// What stands behind the verb of an export.
static EXPORTED: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    patterns(&[
        "(?:一下|下|给我|給我)?(?:the |all )?(?:orders|订单|訂單)?(?: of| for| from)?\\s*(?P<days>DAYS)(?:'s|’s)?\\s*的?(?:所有|全部)?(?:订单|訂單|单子|單子|orders)?",
        "(?:一下|下|给我|給我)?(?:the |all )?(?:orders|订单|訂單)?(?: of| for| from)?\\s*(?P<goods>.{1,32}?)\\s*的?(?:订单|訂單|单子|單子|orders)?",
    ])
});

/// 昨天卖了多少, A1卖了几箱, how much did we sell this week.
pub(super) fn sold(text: &str, lexicon: &Lexicon) -> Option<LeaderIntent> {
    let text = plain(text)?;
    SOLD.iter().find_map(|pattern| {
        let found = pattern.captures(&text)?;
        let part = |name| found.name(name).map(|it| it.as_str().trim()).filter(|it| !it.is_empty());
        let span = match (part("days"), part("later")) {
            (Some(days), None) | (None, Some(days)) => Some(span(days)),
            (None, None) => None,
            (Some(_), Some(_)) => return None,
        };
        let goods = match (part("goods"), part("behind")) {
            (Some(goods), None) | (None, Some(goods)) => Some(goods),
            (None, None) => None,
            (Some(_), Some(_)) => return None,
        };
        let part = match (part("drop"), goods) {
            (Some(_), None) => Some(SoldPart::LastDrop),
            (None, Some(goods)) => Some(sold_part(goods, lexicon)?),
            (None, None) => None,
            (Some(_), Some(_)) => return None,
        };
        (span.is_some() || part.is_some())
            .then_some(LeaderIntent::Reports(Lead::Sold { span, part }))
    })
}

/// Goods, or a drop by its name.
fn sold_part(said: &str, lexicon: &Lexicon) -> Option<SoldPart> {
    let goods = offer_in(said, lexicon).map(|it| SoldPart::Offer(it.offer));
    goods.or_else(|| lexicon.facts().drop_named(said).map(SoldPart::Drop))
}

/// 昨天的订单导出, 把A1的订单导出来.
pub(super) fn exported(text: &str, lexicon: &Lexicon) -> Option<LeaderIntent> {
    export_of(&EXPORT, &plain(text)?, lexicon)
}

/// 导出, 导出 昨天, export orders of A1.
pub(super) fn export(said: &Said<'_>) -> Option<LeaderIntent> {
    if said.is_alone() {
        return Some(LeaderIntent::Reports(Lead::Export { span: None, offer: None }));
    }
    export_of(&EXPORTED, &plain(said.rest)?, said.lexicon)
}

fn export_of(
    patterns: &LazyLock<Vec<Regex>>,
    text: &str,
    lexicon: &Lexicon,
) -> Option<LeaderIntent> {
    patterns.iter().find_map(|pattern| {
        let found = pattern.captures(text)?;
        let named = |name| found.name(name).map(|it| it.as_str().trim());
        let (span, offer) = match (named("days"), named("goods")) {
            (Some(days), _) => (Some(span(days)), None),
            (None, Some(goods)) => (None, Some(offer_of(goods, lexicon)?.0)),
            (None, None) => return None,
        };
        Some(LeaderIntent::Reports(Lead::Export { span, offer }))
    })
}

/// A message without courtesy and marks around it.
fn plain(text: &str) -> Option<String> {
    if text.len() > LONGEST || text.contains('\n') {
        return None;
    }
    let text: String = text.nfkc().collect();
    let end = |c: char| c.is_whitespace() || "。.!！~？?呢呀啊了吗嗎".contains(c);
    let text = trimmed(text.trim()).trim_end_matches(end).trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// The days that a name stands for.
fn span(said: &str) -> DaySpan {
    let said = said.to_lowercase();
    let is = |words: &[&str]| words.iter().any(|word| said.contains(word));
    let kind = if is(&["周", "週", "星期", "礼拜", "禮拜", "week"]) {
        CalendarUnit::Week
    } else if is(&["月", "month"]) {
        CalendarUnit::Month
    } else {
        CalendarUnit::Day
    };
    let ago = match kind {
        CalendarUnit::Day if is(&["前", "before"]) => 2,
        CalendarUnit::Day if is(&["昨", "寻", "尋", "yesterday"]) => 1,
        CalendarUnit::Day => 0,
        CalendarUnit::Week | CalendarUnit::Month => u8::from(is(&["上", "last"])),
    };
    DaySpan { kind, ago }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::understand::{FactWords, fixture};

    fn told(lead: Option<LeaderIntent>) -> Option<String> {
        let (what, span, part) = match lead? {
            LeaderIntent::Reports(Lead::Sold { span, part }) => ("sold", span, part),
            LeaderIntent::Reports(Lead::Export { span, offer }) => {
                ("file", span, offer.map(SoldPart::Offer))
            }
            _ => return None,
        };
        let span = span.map(|it| format!(" {:?} {}", it.kind, it.ago)).unwrap_or_default();
        let part = match part {
            Some(SoldPart::Offer(offer)) => format!(" offer {}", offer.0),
            Some(SoldPart::LastDrop) => " drop".to_owned(),
            Some(SoldPart::Drop(place)) => format!(" drop {place}"),
            None => String::new(),
        };
        Some(format!("{what}{span}{part}"))
    }

    fn read(text: &str) -> Option<String> {
        let names = [("早市", 0), ("morning", 0), ("night", 1)].into_iter();
        let drops = Arc::new(FactWords::default().with_drops(names));
        let lexicon = fixture::lexicon("fruit").with_facts(drops);
        told(sold(text, &lexicon).or_else(|| exported(text, &lexicon)))
    }

    #[test]
    fn what_was_sold_is_asked_by_day_week_month_and_goods() {
        for (text, meant) in [
            ("昨天卖了多少", "sold Day 1"),
            ("昨天卖了多少？", "sold Day 1"),
            ("昨天一共卖了多少钱呀", "sold Day 1"),
            ("昨日賣了幾單", "sold Day 1"),
            ("今天卖了多少", "sold Day 0"),
            ("今天卖了几单了", "sold Day 0"),
            ("前天卖了多少", "sold Day 2"),
            ("本周", "sold Week 0"),
            ("本周卖了多少", "sold Week 0"),
            ("这周卖了多少", "sold Week 0"),
            ("上周卖了多少钱", "sold Week 1"),
            ("這個月賣了多少", "sold Month 0"),
            ("上个月卖了多少", "sold Month 1"),
            ("昨天的销售额", "sold Day 1"),
            ("昨天数据", "sold Day 1"),
            ("本月流水", "sold Month 0"),
            ("A1卖了多少", "sold offer 1"),
            ("A1昨天卖了多少", "sold Day 1 offer 1"),
            ("昨天A1卖了多少", "sold Day 1 offer 1"),
            ("草莓一共卖了多少盒", "sold offer 5"),
            ("昨天卖了多少草莓", "sold Day 1 offer 5"),
            ("这一团卖了多少", "sold drop"),
            ("本團賣了多少", "sold drop"),
            ("how much did we sell yesterday", "sold Day 1"),
            ("how much did we sell yesterday?", "sold Day 1"),
            ("How much did we make this week", "sold Week 0"),
            ("how much have we sold today", "sold Day 0"),
            ("how many orders did we sell last week", "sold Week 1"),
            ("this week", "sold Week 0"),
            ("sales this month", "sold Month 0"),
            ("yesterday's sales", "sold Day 1"),
            ("sales of A1", "sold offer 1"),
            ("how many A1 did we sell yesterday", "sold Day 1 offer 1"),
            ("how much did this drop make", "sold drop"),
            ("早市卖了多少", "sold drop 0"),
            ("早市賣了多少錢？", "sold drop 0"),
            ("昨天早市卖了多少", "sold Day 1 drop 0"),
            ("早市的销量", "sold drop 0"),
            ("how much did the morning drop sell", "sold drop 0"),
            ("how much did the night drop make yesterday", "sold Day 1 drop 1"),
            ("sales of the morning drop", "sold drop 0"),
            ("昨天的订单导出", "file Day 1"),
            ("把上周的订单导出来", "file Week 1"),
            ("A1的订单导出一下", "file offer 1"),
        ] {
            assert_eq!(read(text).as_deref(), Some(meant), "{text}");
        }
    }

    #[test]
    fn an_export_names_days_or_goods() {
        let lexicon = fixture::lexicon("fruit");
        for (rest, meant) in [
            ("", "file"),
            (" 昨天", "file Day 1"),
            ("今天的订单", "file Day 0"),
            (" 本周", "file Week 0"),
            (" A1", "file offer 1"),
            ("草莓的订单", "file offer 5"),
            (" yesterday", "file Day 1"),
            (" today's orders", "file Day 0"),
            (" orders of A1", "file offer 1"),
            (" orders this week", "file Week 0"),
        ] {
            let said = Said { text: rest, verb: "", rest, lexicon: &lexicon };
            assert_eq!(told(export(&said)).as_deref(), Some(meant), "{rest}");
        }
        for rest in [" 到美国的葡萄", "口的货", " the goods to Johor", " 好了吗", " Johor"]
        {
            let said = Said { text: rest, verb: "", rest, lexicon: &lexicon };
            assert_eq!(told(export(&said)), None, "{rest}");
        }
    }

    #[test]
    fn talk_of_selling_is_no_question() {
        for text in [
            "卖了多少",
            "夜市卖了多少",
            "how much did they sell",
            "昨天",
            "上周",
            "这周",
            "这周有葡萄",
            "昨天卖得不错",
            "昨天卖了多少房子",
            "隔壁昨天卖了多少",
            "他昨天卖了多少",
            "昨天的草莓很甜",
            "今天卖草莓",
            "今天数据线坏了",
            "昨天你卖了我多少",
            "本周截单",
            "本周六到货",
            "草莓多少钱",
            "how much did you pay yesterday",
            "how much is A1",
            "yesterday",
            "last week",
            "this week we have grapes",
            "how much did they sell yesterday",
            "sales are closed",
            "出口的订单导出",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
