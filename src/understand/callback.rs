//! 补货叫我, tell me when A1 is back: whoever finds something sold out wants to hear of it once there is more.
//!
//! ```text
//! call back := goods? there is more, call me | call me when goods are back
//! ```

use std::sync::LazyLock;

use regex::Regex;

use super::commands::goods_said;
use super::lexicon::Lexicon;
use super::normalize::Folded;
use super::patterns::Hints;
use crate::domain::catalog;
use crate::domain::intent::Intent;

/// Longer messages tell more.
const LONGEST: usize = 60;

static CHINESE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"^(?P<g>.{0,16}?)\s*(?:要是|如果|等到|等)?(?:什么时候)?\s*(?:补货|补到货|有货|再有货|又有货|重新有货|回货|返货|再补|有得卖)(?:了|啦|咗|的话|的时候|时)*[,，\s]*(?:就|再|请|麻烦|记得|可以|能不能|帮忙)*(?:叫我|通知我|告诉我|喊我|提醒我|话我知|话俾我知|通知一声|通知一下|叫一声|叫我一声|吱一声|call我)(?:一声|一下|下|知|吧|哦|哈|呀|啊|谢谢|多谢|[!！~。.\s])*$",
    )
    .ok()
});

static ENGLISH: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"^(?:please |pls |can you |could you |hi )*(?:tell|notify|ping|message|text|alert|let) me(?: know)?\s+(?:when|once|if)\s+(?P<g>.+?)\s*(?:is|are|'s|comes|come|gets|get)\s+(?:back in stock|back|restocked|available again|in stock again|in stock)(?: again)?(?: please| pls| thanks| thank you| lah|[!.\s])*$",
    )
    .ok()
});

/// Words that stand for what was sold out.
const IT: &[&str] = &["it", "they", "this", "that", "these", "那个", "这个", "这款", "那款", "它"];

/// Whether a message may be one.
pub(super) fn begins(text: &Folded<'_>) -> bool {
    let line = text.line();
    text.len() <= LONGEST
        && (MORE.is_in(line) && CALL.is_in(line) || ME.is_in(line) && BACK.is_in(line))
}

/// The same of a text as it is written.
#[must_use]
pub fn may_call_back(text: &str) -> bool {
    text.len() <= 4 * LONGEST && begins(&Folded::new(text))
}

static MORE: Hints = Hints::of("补货|有货|回货|返货|补到货|再补|有得卖");
static CALL: Hints = Hints::of("叫|通知|告诉|喊|提醒|话|吱|call");
static ME: Hints = Hints::of(" me ");
static BACK: Hints = Hints::of("back|restocked|again|in stock");

/// Read a message as one.
pub(super) fn read(text: &Folded<'_>, lexicon: &Lexicon) -> Option<Intent> {
    if !begins(text) {
        return None;
    }
    let line = text.line().trim();
    if line.contains(['?', '\n']) {
        return None;
    }
    let found = CHINESE.as_ref()?.captures(line).or_else(|| ENGLISH.as_ref()?.captures(line))?;
    let named = found.name("g").map_or("", |it| it.as_str());
    let named = named.trim_matches(|c: char| c.is_whitespace() || ",，".contains(c));
    let named = named.strip_prefix("the ").unwrap_or(named);
    let offers = if named.is_empty() || IT.contains(&named) {
        Vec::new()
    } else {
        goods_said(named, lexicon)?
    };
    Some(Intent::Catalog(catalog::Intent::CallBack(offers)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::understand::fixture;

    fn named(text: &str) -> Option<String> {
        let lexicon = fixture::lexicon("fruit");
        let Intent::Catalog(catalog::Intent::CallBack(offers)) =
            read(&Folded::new(text), &lexicon)?
        else {
            return None;
        };
        let code = |id| lexicon.offers().iter().find(|it| it.id == id).map(|it| it.code.clone());
        Some(offers.into_iter().filter_map(code).collect::<Vec<_>>().join("+"))
    }

    #[test]
    fn somebody_wants_to_hear_when_it_is_back() {
        for text in [
            "补货叫我",
            "補貨叫我",
            "补货了叫我一声",
            "有货通知我",
            "有货了告诉我一声谢谢",
            "等有货了喊我",
            "補貨話我知",
            "有貨通知我",
            "回货了提醒我",
            "要是补货了就叫我",
            "这个补货叫我",
            "tell me when it is back",
            "let me know when it's back in stock",
            "notify me when it is restocked",
            "pls ping me once it is back lah",
            "let me know if it comes back",
        ] {
            assert_eq!(named(text).as_deref(), Some(""), "{text}");
        }
        for text in [
            "A1补货叫我",
            "A1 补货叫我",
            "葡萄补货叫我",
            "葡萄有货了通知我",
            "tell me when A1 is back",
            "notify me when A1 is back in stock please",
        ] {
            assert_eq!(named(text).as_deref(), Some("A1"), "{text}");
        }
    }

    #[test]
    fn talk_waits_for_nothing() {
        for text in [
            "补货了",
            "有货吗",
            "有货",
            "补货叫老王",
            "到货叫我",
            "到货了通知我",
            "老板说有货叫我",
            "tell me when you are back",
            "tell me when dad is back",
            "come back to me",
            "call me back",
            "let me know",
            "有货了",
            "快递有货叫我",
            "补货叫我?",
            "我有货",
        ] {
            assert_eq!(named(text), None, "{text}");
        }
    }
}
