//! What a leader says to give points: 送 @老王 50积分 因为帮忙, give @Grace 50 points for helping.
//!
//! ```text
//! give := verb person count points reason? | person verb count points reason?
//! ```

use std::sync::LazyLock;

use regex::Regex;
use unicode_normalization::UnicodeNormalization as _;

use super::super::amount;
use super::super::args;
use super::super::lexicon::Lexicon;
use super::serving::{Found, is_nobody, whose};
use crate::domain::intent::LeaderIntent;
use crate::domain::loyalty::Lead;
use crate::domain::orders::Whose;
use crate::domain::person::Person;

/// Longer messages tell more.
const LONGEST: usize = 200;
/// The longest reason, in characters.
const LONGEST_REASON: usize = 60;

const VERB: &str = r"(?:再)?(?:送给|送給|赠送|贈送|送|赠|贈|奖励|獎勵|奖|獎|打赏|打賞|发放|发|發|派|补偿|補償|补|補|加|\+|\b(?:give|gift|award|reward|grant|send|add|top up)\b)";
const COUNT: &str = r"(?P<n>\d[\d,]*|[一二两兩三四五六七八九十百千万零]+)";
const UNIT: &str = r"(?:个|個)?(?:积分|積分|点数|點數|小红花|小紅花|分|\s*\b(?:points?|pts?)\b)";
const REASON: &str =
    r"(?:(?:[\s，,。.;；:：!！~(（]+|因|由|为|為|感|辛苦|谢|謝|for\b|because\b|as\b)(?P<r>.*))?";

/// Without the person.
static GIVES: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let you = r"(?:给|給|你|您|他|她|佢|TA|with|another|of)?";
    Regex::new(&format!(r"(?i)^{VERB}\s*{you}\s*{COUNT}\s*{UNIT}(?P<rest>{REASON})$")).ok()
});

/// 给 @老王 50积分, where the verb is the word that binds the person.
static GIVEN: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(&format!(r"(?i)^{COUNT}\s*{UNIT}(?P<rest>{REASON})$")).ok());

/// 送老王50积分, give Grace 50 points.
static BY_NAME: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let han = r"(?:送给|送給|赠送|赠|送|奖励|獎勵|奖|打赏|给|給)\s*(?P<who>[^\d\s@#]{1,12}?)\s*(?:再)?(?:加|发|發|送)?\s*";
    Regex::new(&format!(r"^{han}{COUNT}\s*{UNIT}(?P<rest>{REASON})$")).ok()
});

static BY_LATIN_NAME: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let latin = r"(?:give|gift|award|reward|grant|send)\s+(?P<who>[^\d@#]{1,24}?)\s+(?:with\s+)?";
    Regex::new(&format!(r"(?i)^{latin}{COUNT}\s*{UNIT}(?P<rest>{REASON})$")).ok()
});

/// A leader's word that gives points.
pub(super) fn told(text: &str, _lexicon: &Lexicon) -> Option<LeaderIntent> {
    if text.len() > LONGEST || text.contains('\n') || text.contains(['?', '？', '吗', '嗎']) {
        return None;
    }
    let text: String = text.nfkc().collect();
    let text = text.trim();
    match whose(text) {
        Found::One(Whose::Of(person), rest) => {
            let is_given = ["给", "給", "give", "Give"].iter().any(|verb| text.starts_with(verb));
            let plain = GIVEN.as_ref().filter(|_| is_given);
            let found = GIVES.as_ref()?.captures(&rest);
            let found = found.or_else(|| plain?.captures(&rest))?;
            Some(LeaderIntent::Loyalty(gift(person, &found)?))
        }
        Found::Nobody => {
            let found = BY_NAME.as_ref()?.captures(text);
            let found = found.or_else(|| BY_LATIN_NAME.as_ref()?.captures(text))?;
            let who = found["who"].trim();
            let person = args::person(who).filter(|_| !is_nobody(who))?;
            let act = Box::new(LeaderIntent::Loyalty(gift(person, &found)?));
            Some(LeaderIntent::ByName { act, plain: false })
        }
        Found::One(..) | Found::Several => None,
    }
}

fn gift(person: Person, found: &regex::Captures<'_>) -> Option<Lead> {
    let points = u32::try_from(amount::count(&found["n"])?).ok().filter(|&points| points > 0)?;
    let reason = found.name("rest").map(|rest| reason(rest.as_str())).filter(|it| !it.is_empty());
    Some(Lead::GivePoints { person, points, reason })
}

/// Why, without the words that only say that a reason follows.
pub(super) fn reason(rest: &str) -> String {
    let is_between = |c: char| c.is_whitespace() || "，,。.;；:：!！~()（）".contains(c);
    let mut rest = rest.trim_matches(is_between);
    for word in [
        "因为",
        "因為",
        "由于",
        "由於",
        "原因",
        "理由",
        "for ",
        "because of ",
        "because ",
        "due to ",
        "since ",
        "as ",
    ] {
        rest = rest.strip_prefix(word).unwrap_or(rest).trim_matches(is_between);
    }
    rest.chars().filter(|c| !c.is_control()).take(LONGEST_REASON).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::understand::fixture;

    fn read(text: &str) -> Option<String> {
        let (lead, sure) = match told(text, &fixture::lexicon("fruit"))? {
            LeaderIntent::ByName { act, .. } => (*act, "?"),
            lead => (lead, ""),
        };
        let LeaderIntent::Loyalty(Lead::GivePoints { person, points, reason }) = lead else {
            return None;
        };
        let reason = reason.map(|it| format!(" {it}")).unwrap_or_default();
        Some(format!("{}{sure} {points}{reason}", person.name()))
    }

    #[test]
    fn points_are_given_in_many_words() {
        for (text, meant) in [
            ("送 @老王 50积分 因为帮忙搬货", "老王 50 帮忙搬货"),
            ("送@老王 50积分", "老王 50"),
            ("送 @老王 50積分 因為幫忙", "老王 50 幫忙"),
            ("送 @老王 ５０积分", "老王 50"),
            ("送 @老王 五十积分", "老王 50"),
            ("送 @老王 1,000积分", "老王 1000"),
            ("赠送 @老王 50分", "老王 50"),
            ("赠 @老王 50 积分，辛苦了", "老王 50"),
            ("奖励 @老王 50积分", "老王 50"),
            ("獎勵 @老王 50點數", "老王 50"),
            ("奖 @老王 20分", "老王 20"),
            ("打赏 @老王 20积分", "老王 20"),
            ("发 @老王 20积分", "老王 20"),
            ("补 @老王 20积分 上次漏了", "老王 20 上次漏了"),
            ("补偿 @老王 20积分 葡萄坏了", "老王 20 葡萄坏了"),
            ("给 @老王 加50积分", "老王 50"),
            ("给 @老王 50积分", "老王 50"),
            ("给 @老王 送50积分 谢谢帮忙", "老王 50 谢谢帮忙"),
            ("@老王 送你50积分 辛苦啦", "老王 50 辛苦"),
            ("@老王 +50积分", "老王 50"),
            ("@老王 奖励50小红花", "老王 50"),
            ("送50积分给 @老王", "老王 50"),
            ("give @Grace 50 points for helping", "Grace 50 helping"),
            ("give @Grace 50 points", "Grace 50"),
            ("award @Grace 50 points", "Grace 50"),
            ("award 50 points to @Grace for the photos", "Grace 50 the photos"),
            ("gift @Grace 50 pts", "Grace 50"),
            ("reward @Grace with 50 points", "Grace 50"),
            ("send 50 points to @Grace", "Grace 50"),
            ("add 50 points for @Grace", "Grace 50"),
            ("@Grace +50 points", "Grace 50"),
            ("送老王50积分 因为帮忙", "老王? 50 帮忙"),
            ("给老王加50积分", "老王? 50"),
            ("奖励小美20分", "小美? 20"),
            ("give Grace 50 points for helping", "Grace? 50 helping"),
            ("reward Mary Ann with 50 points", "Mary Ann? 50"),
        ] {
            assert_eq!(read(text).as_deref(), Some(meant), "{text}");
        }
    }

    #[test]
    fn talk_of_points_gives_none() {
        for text in [
            "@老王 你有50积分",
            "@老王 50积分",
            "@老王 用50积分抵扣",
            "扣 @老王 50积分",
            "送 @老王 50积分券",
            "送 @老王 一箱葡萄",
            "送 @老王 50元",
            "送大家50积分",
            "今天签到送50积分",
            "送50积分",
            "晒单送20积分",
            "送 @老王 @小美 50积分",
            "送 @老王 0积分",
            "送 @老王 积分",
            "能送 @老王 50积分吗",
            "给我50积分",
            "give everyone 50 points",
            "give him 50 points?",
            "@Grace has 50 points",
            "50 points to go",
            "积分",
            "送货 @老王 50分钟后到",
            "发 @老王 50分钟后到",
            "#84 送50积分",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
