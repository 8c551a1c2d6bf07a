//! What a leader says to put goods on sale again: 恢复 A2, 恢复 A2 到21:00; 复制 A1 59 30盒; 照昨天.
//!
//! ```text
//! reopen := 恢复 goods+ (到 time)?
//! copy   := 复制 goods+ | 复制 goods (price | stock)+
//! repeat := 照 day
//! ```

use std::sync::LazyLock;

use regex::Regex;
use unicode_normalization::UnicodeNormalization as _;

use super::super::lexicon::Lexicon;
use super::super::times;
use super::said::offer_of;
use super::selling;
use super::serving::trimmed;
use crate::domain::catalog::Lead;
use crate::domain::ids::OfferId;
use crate::domain::intent::LeaderIntent;

/// Longer messages are stories.
const LONGEST: usize = 60;

type AgainPattern = LazyLock<Option<Regex>>;

static REOPEN: AgainPattern = LazyLock::new(|| {
    Regex::new(r"(?i)^(?:恢复接单|恢復接單|恢复开团|恢復開團|恢复|恢復|重新开团|重新開團|重新上架|重开|重開|继续卖|繼續賣|restore|re-?open|open again)\s*[:：]?\s*(?P<g>.+)$").ok()
});

static REOPENED: AgainPattern = LazyLock::new(|| {
    Regex::new(r"(?i)^(?P<g>.+?)\s*(?:恢复接单|恢復接單|恢复开团|恢復開團|恢复|恢復|重新开团|重新開團|重新上架|重开|重開|re-?open(?:ed)?|open again)$").ok()
});

static COPY: AgainPattern = LazyLock::new(|| {
    Regex::new(r"(?i)^(?:复制|複製|照抄|再上架一次|再上架|再上一次|copy|relist|list again|repeat)\s*[:：]?\s*(?P<g>.+)$").ok()
});

static REPEAT: AgainPattern = LazyLock::new(|| {
    Regex::new(
        r"(?i)^(?:今天|今日)?\s*(?:(?:按照|照着|照著|照|按)\s*(?P<d>昨天|昨日|寻日|尋日|前天|前日)(?:的|一样|一樣|再|来|來|上架|开团|開團|开|開|上|发|發|团品|團品|菜单|菜單|一遍|一次)*|(?:和|跟|同)\s*(?P<e>昨天|昨日|寻日|尋日|前天|前日)\s*(?:一样|一樣|一致)?\s*(?:的)?(?:上架|开团|開團))$",
    )
    .ok()
});

static REPEAT_ENGLISH: AgainPattern = LazyLock::new(|| {
    Regex::new(r"(?i)^(?:(?:list|offer|sell|post)\s+(?:the\s+)?same\s+(?:offers?\s+)?as\s+yesterday|(?:repeat|relist|copy)\s+yesterday(?:'s(?:\s+(?:offers?|list|menu|items))?)?|same\s+offers?\s+as\s+yesterday)$").ok()
});

/// A leader's word about goods that are to be on sale again.
pub(super) fn told(text: &str, lexicon: &Lexicon) -> Option<LeaderIntent> {
    if text.chars().count() > LONGEST || text.contains('\n') {
        return None;
    }
    let text: String = text.nfkc().collect();
    let text = trimmed(&text);
    let lead = repeat(text).or_else(|| reopen(text, lexicon)).or_else(|| copy(text, lexicon))?;
    Some(LeaderIntent::Catalog(lead))
}

fn repeat(text: &str) -> Option<Lead> {
    if REPEAT_ENGLISH.as_ref()?.is_match(text) {
        return Some(Lead::RepeatDay { days: 1, offers: Vec::new(), changes: Vec::new() });
    }
    let found = REPEAT.as_ref()?.captures(text)?;
    let day = found.name("d").or_else(|| found.name("e"))?.as_str();
    let days = if day.starts_with('前') { 2 } else { 1 };
    Some(Lead::RepeatDay { days, offers: Vec::new(), changes: Vec::new() })
}

fn reopen(text: &str, lexicon: &Lexicon) -> Option<Lead> {
    let found = REOPEN.as_ref()?.captures(text);
    let Some(found) = found else {
        let found = REOPENED.as_ref()?.captures(text)?;
        let offers = offers(&found["g"], lexicon)?;
        return Some(Lead::Reopen { offers, until: None });
    };
    let rest = found["g"].trim();
    let timed = CLOSES.iter().find_map(|word| rest.strip_suffix(word)).unwrap_or(rest);
    // The longest time: what stands before it are offers.
    let until = timed.char_indices().skip(1).find_map(|(at, _)| {
        let (goods, time) = timed.split_at(at);
        let until = times::when(until_word(time))?;
        let goods = goods.trim_end().trim_end_matches(['到', '至']);
        Some(Lead::Reopen { offers: offers(goods, lexicon)?, until: Some(until) })
    });
    until.or_else(|| Some(Lead::Reopen { offers: offers(rest, lexicon)?, until: None }))
}

/// Words behind a time: 恢复 A2 到9点截单.
const CLOSES: &[&str] = &["截单", "截團", "截团", "截單", "收单", "收單", "为止", "為止"];

/// 到 21:00, till 9pm.
fn until_word(text: &str) -> &str {
    let text = text.trim();
    let lower = text.get(..6).unwrap_or(text).to_ascii_lowercase();
    let english = ["until ", "till ", "to "].iter().find(|word| lower.starts_with(**word));
    let rest = english.map_or(text, |word| &text[word.len()..]);
    rest.trim_start_matches(['到', '至', ':', '：']).trim()
}

fn copy(text: &str, lexicon: &Lexicon) -> Option<Lead> {
    let found = COPY.as_ref()?.captures(text)?;
    let rest = found["g"].trim();
    let words: Vec<&str> = rest.split_whitespace().collect();
    let with_terms = (1..words.len()).find_map(|at| {
        let (offer, _) = offer_of(&words[..at].join(" "), lexicon)?;
        let (price, stock) = selling::other_terms(&words[at..], lexicon.currency())?;
        Some(Lead::CopyOffers { offers: vec![offer], price, stock })
    });
    with_terms.or_else(|| {
        let offers = offers(rest, lexicon)?;
        Some(Lead::CopyOffers { offers, price: None, stock: None })
    })
}

/// The offers that a text names and nothing else, at least one.
pub(in crate::understand) fn offers(text: &str, lexicon: &Lexicon) -> Option<Vec<OfferId>> {
    let is_between = |c: char| c.is_whitespace() || "、,，;；和跟及&".contains(c);
    let one = |word: &str| offer_of(word, lexicon).map(|(offer, _)| offer);
    if let Some(offer) = one(text) {
        return Some(vec![offer]);
    }
    let words = text.split(is_between).filter(|word| !word.is_empty() && *word != "and");
    let offers: Option<Vec<OfferId>> = words.map(one).collect();
    offers.filter(|offers| !offers.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::money::Money;
    use crate::understand::fixture;

    /// What is read, in short.
    fn read(text: &str) -> String {
        let lexicon = fixture::lexicon("fruit");
        let codes = |offers: &[OfferId]| {
            let code = |id: &OfferId| lexicon.offers().iter().find(|it| it.id == *id);
            let codes = offers.iter().filter_map(code).map(|it| it.code.clone());
            codes.collect::<Vec<_>>().join("+")
        };
        match told(text, &lexicon) {
            Some(LeaderIntent::Catalog(Lead::Reopen { offers, until })) => {
                let until = if until.is_some() { " until" } else { "" };
                format!("reopen {}{until}", codes(&offers))
            }
            Some(LeaderIntent::Catalog(Lead::CopyOffers { offers, price, stock })) => {
                let price = price.map_or(String::new(), |Money { minor }| format!(" at {minor}"));
                let stock = stock.map_or(String::new(), |units| format!(" of {units}"));
                format!("copy {}{price}{stock}", codes(&offers))
            }
            Some(LeaderIntent::Catalog(Lead::RepeatDay { days, .. })) => format!("repeat {days}"),
            Some(other) => panic!("{other:?}"),
            None => String::new(),
        }
    }

    #[track_caller]
    fn check(texts: &[&str], expected: &str) {
        let wrong: Vec<_> =
            texts.iter().map(|text| (text, read(text))).filter(|(_, is)| is != expected).collect();
        assert!(wrong.is_empty(), "not {expected:?}: {wrong:?}");
    }

    #[test]
    fn offers_are_on_sale_again() {
        check(
            &[
                "恢复 A2",
                "恢复A2",
                "恢復 A2",
                "重新开团 A2",
                "A2恢复接单",
                "恢复车厘子",
                "restore A2",
                "reopen A2",
                "Reopen A2 please",
            ],
            "reopen A2",
        );
        check(&["恢复 A1 A2", "恢复A1、A2", "reopen A1 and A2"], "reopen A1+A2");
        check(
            &["恢复 A2 到 21:00", "恢复A2到明天9点", "恢复 A2 到晚上9点截单", "reopen A2 till 9pm"],
            "reopen A2 until",
        );
    }

    #[test]
    fn offers_are_copied() {
        check(
            &["复制 A1", "复制A1", "複製 A1", "再上架 A1", "复制葡萄", "copy A1", "relist A1"],
            "copy A1",
        );
        check(&["复制 A1 A2", "copy A1 and A2"], "copy A1+A2");
        check(&["复制 A1 59元", "复制 A1 59", "copy A1 ¥59"], "copy A1 at 5900");
        check(&["复制 A1 59 30箱", "复制 A1 30箱 59元"], "copy A1 at 5900 of 30");
        check(&["复制 A1 30箱"], "copy A1 of 30");
    }

    #[test]
    fn a_day_is_repeated() {
        check(
            &[
                "照昨天",
                "照昨天上架",
                "照昨天的来",
                "按昨天的再来一次",
                "和昨天一样上架",
                "今天照昨天的开团",
                "照尋日",
                "repeat yesterday",
                "repeat yesterday's offers",
                "list the same as yesterday",
                "same offers as yesterday",
            ],
            "repeat 1",
        );
        check(&["照前天"], "repeat 2");
    }

    #[test]
    fn talk_puts_nothing_on_sale() {
        check(
            &[
                "恢复",
                "恢复得怎么样",
                "身体恢复了",
                "恢复推广 @小美",
                "restore my phone",
                "reopen on Monday",
                "复制",
                "复制一下这段",
                "copy that",
                "copy",
                "repeat after me",
                "repeat",
                "昨天",
                "昨天的",
                "和昨天一样",
                "跟昨天一样",
                "same as yesterday",
                "昨天卖了多少",
                "照昨天说的办",
                "再上架",
                "A1恢复得不错",
                "照片 昨天",
                "重开一局",
            ],
            "",
        );
    }
}
