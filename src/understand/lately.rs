//! What was said a moment ago (刚才): what of a message is kept for the next one, and which messages repeat what
//! somebody else did.
//!
//! ```text
//! repetition := 我也要 | 跟李姐一样 | 同上 | +1 | me too | same for me …, and no goods
//! ```

use std::sync::LazyLock;

use regex::Regex;

use super::clause::ReadableMessage;
use super::lexicon::Lexicon;
use super::normalize::Folded;
use super::patterns::Hints;
use super::spans::{self, SpanKind};

/// Longer messages tell more than what they name.
const LONGEST_BYTES: usize = 240;

/// Longer messages repeat nothing.
const LONGEST_REPETITION: usize = 40;

static AGAIN: Hints =
    Hints::of(r"也|一样|同|跟|照|都要|加一|\+ ?1|too|same|also|ditto|likewise|as well");

/// The whole of a message that wants what was said before, and nothing else.
static THE_SAME: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"^(?:那|那么|好|嗯|哦|我|俺|咱|我们|我家|,|，|\s)*(?:(?:跟|和|同|与|像|照)[^，,。.!！?？]{1,10}(?:一样|一般|来|买|要|订)|同上|同款|照抄|加一|也(?:要|来|买|订|拿|整|想要|搞)(?:一样的?|同样的?|一份|一个|这个|那个)?|ditto|same(?: here| again| as [^,.!?]{1,20}| for (?:me|us)| order)?|me too|me as well|us too|(?:i|we)(?:'ll| will|'d)? (?:have|take|want|get) the same(?: as [^,.!?]{1,20})?)(?:吧|啊|哈|呀|呢|了|的|哦|噢|啦|咯|喔|please|pls|plz|thanks|thank you|lah|too|谢谢|多谢|[!！~～.。,，\s])*$",
    )
    .ok()
});

/// Whether a message says nothing but that it wants what was said before: 跟李姐一样.
pub(super) fn repeats(text: &Folded<'_>) -> bool {
    text.len() <= LONGEST_REPETITION
        && AGAIN.is_in(text.line())
        && THE_SAME.as_ref().is_some_and(|it| it.is_match(text.line()))
}

/// The goods that a message names, and its amounts, in its words: what a message that follows may be about. `None`: it
/// names none.
#[must_use]
pub fn spoken_of(text: &str, lexicon: &Lexicon) -> Option<String> {
    if text.len() > LONGEST_BYTES {
        return None;
    }
    let folded = Folded::new(text);
    let heard = ReadableMessage::new(&folded, lexicon);
    let spans = spans::spans(&heard);
    let is_sure = |what: &SpanKind| matches!(what, SpanKind::Named(named) if !named.how.is_weak());
    if !spans.iter().any(|span| is_sure(&span.what)) {
        return None;
    }
    let mut kept = String::new();
    let mut end = None;
    for span in
        spans.iter().filter(|it| is_sure(&it.what) || matches!(it.what, SpanKind::Amount(_)))
    {
        if end.is_some_and(|end| end != span.from) {
            kept.push(' ');
        }
        kept.push_str(&text[folded.byte(span.from)..folded.byte(span.to)]);
        end = Some(span.to);
    }
    Some(kept)
}

/// Whether a message says nothing but that it wants what somebody else just ordered, or so many of it: 我也要, +1. It names
/// no goods itself.
#[must_use]
pub fn may_repeat(text: &str, lexicon: &Lexicon) -> bool {
    if text.len() > 4 * LONGEST_REPETITION {
        return false;
    }
    let folded = Folded::new(text);
    if folded.len() > LONGEST_REPETITION || !AGAIN.is_in(folded.line()) {
        return false;
    }
    let heard = ReadableMessage::new(&folded, lexicon);
    let spans = spans::spans(&heard);
    let any = |test: fn(&SpanKind) -> bool| spans.iter().any(|span| test(&span.what));
    let is_whole = repeats(&folded);
    let is_counted = !any(|what| matches!(what, SpanKind::Unknown))
        && any(|what| matches!(what, SpanKind::Amount(_)));
    (is_whole || is_counted) && !any(|what| matches!(what, SpanKind::Named(_)))
}

/// The same of a text as it is written: 跟李姐一样 is no answer to what was asked before.
#[must_use]
pub fn wants_the_same(text: &str) -> bool {
    text.len() <= 4 * LONGEST_REPETITION && repeats(&Folded::new(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::understand::fixture;

    #[test]
    fn goods_and_amounts_are_kept_and_nothing_else() {
        let lexicon = fixture::lexicon("fruit");
        let kept = |text| spoken_of(text, &lexicon);
        assert_eq!(kept("王阿姨说你家草莓甜吗").as_deref(), Some("草莓"));
        assert_eq!(kept("昨天的草莓 两盒 坏了").as_deref(), Some("草莓 两盒"));
        assert_eq!(kept("今天天气真好"), None);
    }

    #[test]
    fn who_wants_the_same_says_nothing_else() {
        for text in [
            "跟李姐一样",
            "我也要！",
            "那我也来一份吧",
            "同上",
            "same for me pls",
            "I'll have the same as Amy",
        ] {
            assert!(repeats(&Folded::new(text)), "{text}");
        }
        for text in
            ["我也要去接孩子", "跟李姐一样漂亮", "same old story", "我也觉得贵", "也要下雨了"]
        {
            assert!(!repeats(&Folded::new(text)), "{text}");
        }
    }

    #[test]
    fn what_names_goods_repeats_nobody() {
        let lexicon = fixture::lexicon("fruit");
        for text in
            ["我也要", "跟李姐一样", "同上", "+1", "我也要两份", "me too!", "same for me pls"]
        {
            assert!(may_repeat(text, &lexicon), "{text}");
        }
        for text in ["我要两份", "草莓也要一盒", "好吃", "me too, can't complain", "我也要去接孩子"]
        {
            assert!(!may_repeat(text, &lexicon), "{text}");
        }
    }
}
