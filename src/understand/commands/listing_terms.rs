//! What stands in a listing beside name, price and stock, in any order: 限3, 20份成团, 规格 红/白, 截单20:00, 明天到; and when it
//! is to open: 明天10点上架 草莓 68 50盒.

use std::sync::LazyLock;

use regex::Regex;

use super::super::lexicon::Lexicon;
use super::super::times;
use super::expecting::coming;
use super::selling;
use crate::domain::catalog::{self, ListingTerms};
use crate::domain::intent::LeaderIntent;

/// Kinds of an offer listed from the chat.
const MOST_KINDS: usize = 20;
/// The longest time, in words.
const MOST_TIME_WORDS: usize = 3;

type TermPattern = LazyLock<Option<Regex>>;

static LIMIT: TermPattern = LazyLock::new(|| {
    Regex::new(r"(?i)(?:每人|一人|每户|每戶|每个人|每個人)?\s*(?:限购|限購|限|最多)\s*(\d{1,4})\s*\p{Han}{0,2}(?:/人)?(?:\s|[,，]|$)|\b(?:limit|max)\s*(\d{1,4})(?:\s*(?:each|per person|pp))?\b").ok()
});

static MINIMUM: TermPattern = LazyLock::new(|| {
    Regex::new(r"(?i)(?:满|滿|够|夠)?\s*(\d{1,5})\s*\p{Han}?(?:起团|起團|成团|成團|起订|起訂)|(?:成团|成團|起团|起團)\s*(\d{1,5})\p{Han}?|\bmin(?:imum)?\s*(\d{1,5})\b").ok()
});

static KINDS: TermPattern = LazyLock::new(|| {
    Regex::new(r"(?i)(?:规格|規格|口味|颜色|顏色|尺码|尺碼|款式|选项|選項)\s*[:：]?\s*(\S+)|\b(?:kinds?|flavou?rs?|colou?rs?|sizes?|options?)\s*[:=]?\s*(\S+(?:,\s*\S+)*)").ok()
});

/// What is told apart from the rest of a listing, and the rest.
pub(super) fn told_apart(text: &str) -> (ListingTerms, String) {
    let mut terms = ListingTerms::default();
    let mut rest = text.to_owned();
    if let Some(said) = cut(&mut rest, &KINDS) {
        terms.kinds = kinds(&said);
    }
    terms.minimum = cut(&mut rest, &MINIMUM).and_then(|said| said.parse().ok());
    terms.limit = cut(&mut rest, &LIMIT).and_then(|said| said.parse().ok());
    let words: Vec<&str> = rest.split_whitespace().collect();
    let (words, closes) = time_at(&words, CLOSES, times::when);
    terms.closes = closes;
    let (words, arrives) = arrival(&words);
    terms.arrives = arrives;
    (terms, words.join(" "))
}

/// What a pattern finds, taken out of the text.
fn cut(text: &mut String, pattern: &TermPattern) -> Option<String> {
    let found = pattern.as_ref()?.captures(text)?;
    let said = (1..found.len()).find_map(|at| found.get(at))?.as_str().to_owned();
    let all = found.get(0)?.range();
    text.replace_range(all, " ");
    Some(said)
}

fn kinds(said: &str) -> Vec<String> {
    let marks: &[char] = if said.contains(['、', ',', '，', '|']) {
        &['、', ',', '，', '|']
    } else {
        &['/', '／']
    };
    let parts = said.split(marks).map(str::trim).filter(|part| !part.is_empty());
    parts.take(MOST_KINDS).map(str::to_owned).collect()
}

/// Words that say when an offer closes.
const CLOSES: &[&str] = &[
    "截单", "截單", "截团", "截團", "收单", "收單", "截止", "closes", "closing", "close", "until",
    "till",
];

type ListingWords<'t> = Vec<&'t str>;

/// The time beside one of these words: in the same word, behind it, or before it.
fn time_at<'t, T>(
    words: &[&'t str],
    marks: &[&str],
    read: impl Fn(&str) -> Option<T>,
) -> (ListingWords<'t>, Option<T>) {
    let all = || words.to_vec();
    let is_mark = |word: &&&str| marks.iter().any(|mark| word.to_lowercase().contains(mark));
    let Some(at) = words.iter().skip(1).position(|word| is_mark(&word)).map(|at| at + 1) else {
        return (all(), None);
    };
    let lower = words[at].to_lowercase();
    let Some(mark) = marks.iter().find(|mark| lower.contains(**mark)) else { return (all(), None) };
    let own = lower.replacen(mark, "", 1);
    let own = own.trim_matches([':', '：', '到', '至']);
    let without = |from: usize, to: usize| [&words[..from], &words[to..]].concat();
    if !own.is_empty() {
        let before = (1..MOST_TIME_WORDS).find_map(|more| {
            let from = at.checked_sub(more).filter(|from| *from > 0)?;
            Some((from, read(&format!("{} {own}", words[from..at].join(" ")))?))
        });
        return match (read(own), before) {
            (_, Some((from, time))) => (without(from, at + 1), Some(time)),
            (Some(time), None) => (without(at, at + 1), Some(time)),
            (None, None) => (all(), None),
        };
    }
    let skip = usize::from(words.get(at + 1).is_some_and(|word| word.eq_ignore_ascii_case("at")));
    for more in (1..=MOST_TIME_WORDS).rev() {
        let (from, to) = (at + 1 + skip, at + 1 + skip + more);
        if to <= words.len()
            && let Some(time) = read(&words[from..to].join(" "))
        {
            return (without(at, to), Some(time));
        }
        if let Some(from) = at.checked_sub(more).filter(|from| *from > 0)
            && let Some(time) = read(&words[from..at].join(" "))
        {
            return (without(from, at + 1), Some(time));
        }
    }
    (all(), None)
}

/// 明天到, 后天下午4点到, arrives tomorrow 4pm.
fn arrival<'t>(words: &[&'t str]) -> (ListingWords<'t>, Option<catalog::SaidArrival>) {
    for from in 1..words.len() {
        for to in (from + 1..=words.len().min(from + 1 + MOST_TIME_WORDS)).rev() {
            if let Some(said) = coming(&words[from..to].join(" ")) {
                return ([&words[..from], &words[to..]].concat(), Some(said));
            }
        }
    }
    (words.to_vec(), None)
}

static LATER: TermPattern = LazyLock::new(|| {
    Regex::new(r"(?i)^(?P<t>.{2,20}?)\s*(?:准时|準時|再)?(?:上架|list)\s*[:：]?\s*(?P<rest>.+)$")
        .ok()
});
static CANCEL: TermPattern = LazyLock::new(|| {
    Regex::new(r"(?i)^(?:取消上架|不上架|别上架|取消预告|cancel listing(?: of)?|unlist)\s*[:：]?\s*(?P<w>.{1,40})$").ok()
});
static NOTICE: TermPattern = LazyLock::new(|| {
    Regex::new(r"(?i)^(?:发|發|看)?(?:一下)?(?:明天|明日|今天|今日|开团|開團|上新|上架)?的?(?:预告|預告)$|^(?:post |send )?(?:a |the )?(?:preview|sneak peek)$").ok()
});

/// 明天10点上架 草莓 68 50盒, 取消上架 L1, 预告.
pub(super) fn told(text: &str, lexicon: &Lexicon) -> Option<LeaderIntent> {
    let text = text.trim();
    if text.contains('\n') {
        return None;
    }
    let bare = text.trim_end_matches(['。', '!', '！', '.', '~', '吧']);
    if NOTICE.as_ref()?.is_match(bare) {
        return Some(LeaderIntent::Catalog(catalog::Lead::TellPlans));
    }
    if let Some(found) = CANCEL.as_ref()?.captures(bare) {
        let said = found["w"].trim().to_owned();
        return Some(LeaderIntent::Catalog(catalog::Lead::CancelPlan { said }));
    }
    let found = LATER.as_ref()?.captures(text)?;
    let said = found["t"].trim().trim_start_matches("at ").trim_end_matches([',', '，', ':', '：']);
    let opens = times::when(said)?;
    match selling::listing(&found["rest"], lexicon.currency())? {
        LeaderIntent::Catalog(catalog::Lead::List { name, price, stock, unit, terms }) => {
            let terms =
                ListingTerms { opens: Some(opens), ..terms.map(|it| *it).unwrap_or_default() };
            let terms = Some(Box::new(terms));
            Some(LeaderIntent::Catalog(catalog::Lead::List { name, price, stock, unit, terms }))
        }
        other => Some(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::understand::fixture;

    /// What is read, in short.
    fn read(text: &str) -> String {
        let lexicon = fixture::lexicon("fruit");
        let read = told(text, &lexicon)
            .or_else(|| selling::listing(text.strip_prefix("上架 ")?, lexicon.currency()));
        match read {
            Some(LeaderIntent::Catalog(catalog::Lead::List {
                name,
                price,
                stock,
                unit,
                terms,
            })) => {
                let terms = terms.map(|it| *it).unwrap_or_default();
                let mut said = vec![name, price.minor.to_string()];
                said.extend(stock.map(|it| format!("of {it}")));
                said.extend(unit);
                said.extend(terms.limit.map(|it| format!("max {it}")));
                said.extend(terms.minimum.map(|it| format!("min {it}")));
                if !terms.kinds.is_empty() {
                    said.push(terms.kinds.join("|"));
                }
                said.extend(terms.closes.map(|_| "closes".to_owned()));
                said.extend(terms.arrives.map(|_| "arrives".to_owned()));
                said.extend(terms.opens.map(|_| "opens".to_owned()));
                said.join(" ")
            }
            Some(LeaderIntent::Catalog(catalog::Lead::TellPlans)) => "tell".to_owned(),
            Some(LeaderIntent::Catalog(catalog::Lead::CancelPlan { said })) => format!("no {said}"),
            Some(LeaderIntent::HalfSaid(_)) => "half".to_owned(),
            Some(LeaderIntent::Unread(_)) => "unread".to_owned(),
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
    fn terms_stand_anywhere() {
        check(
            &[
                "上架 草莓 68 50盒 限3",
                "上架 草莓 限3 68 50盒",
                "上架 草莓 68 50盒 每人限3盒",
                "上架 草莓 每人限3把 68 50盒",
                "上架 草莓 68元 50盒 limit 3",
            ],
            "草莓 6800 of 50 盒 max 3",
        );
        check(
            &[
                "上架 草莓 68 50盒 20份成团",
                "上架 草莓 68 50盒 满20成团",
                "上架 草莓 68 50盒 成团20",
                "上架 草莓 68 50盒 min 20",
            ],
            "草莓 6800 of 50 盒 min 20",
        );
        check(
            &[
                "上架 T恤 49 50件 规格 红、白",
                "上架 T恤 49 50件 颜色:红/白",
                "上架 T恤 规格 红,白 49 50件",
            ],
            "T恤 4900 of 50 件 红|白",
        );
        check(
            &[
                "上架 草莓 68 50盒 截单20:00",
                "上架 草莓 68 50盒 今晚8点截单",
                "上架 草莓 68 50盒 截单 明天 20:00",
                "上架 草莓 68 50盒 closes 8pm",
            ],
            "草莓 6800 of 50 盒 closes",
        );
        check(
            &[
                "上架 草莓 68 50盒 明天到",
                "上架 草莓 68 50盒 后天下午4点到货",
                "上架 草莓 68 50盒 arrives tomorrow",
            ],
            "草莓 6800 of 50 盒 arrives",
        );
        check(
            &["上架 草莓 68 50盒 限3 20份成团 今晚8点截单 明天到"],
            "草莓 6800 of 50 盒 max 3 min 20 closes arrives",
        );
    }

    #[test]
    fn an_offer_may_open_later() {
        check(
            &[
                "明天10点上架 草莓 68 50盒",
                "明天 10:00 上架 草莓 68 50盒",
                "明早9点上架草莓 68 50盒",
            ],
            "草莓 6800 of 50 盒 opens",
        );
        check(
            &["tomorrow 10am list strawberries 6.80 50 boxes"],
            "strawberries 680 of 50 boxes opens",
        );
        check(&["取消上架 草莓", "cancel listing 草莓"], "no 草莓");
        check(&["预告", "發預告", "明天预告", "发一下预告", "preview"], "tell");
    }

    #[test]
    fn talk_plans_nothing() {
        check(
            &[
                "明天上架",
                "明天10点上架",
                "什么时候上架 草莓",
                "10点上架的草莓很甜",
                "天气预告不错",
                "预告片",
                "昨天上架的草莓 68 50盒",
            ],
            "",
        );
    }
}
