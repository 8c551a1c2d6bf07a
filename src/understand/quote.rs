//! Quotations: what the sender did not write in this message.
//!
//! A reply on WeChat arrives as the quoted text, a line of dashes, and the sender's own words below
//! it; elsewhere quoted lines begin with `>`. Only what is the sender's own is read. A message that
//! is wholly in quotation marks is somebody else's speech.

/// The part of a message that its sender wrote.
pub(super) fn own_words(text: &str) -> &str {
    let mut rest = text;
    // The last line of dashes counts: quotations may be nested.
    if let Some(at) = last_dashes(text) {
        rest = &text[at..];
    }
    while let Some(line) = rest.trim_start().strip_prefix(['>', '＞']) {
        rest = line.split_once('\n').map_or("", |(_, below)| below);
    }
    rest
}

/// Where the text below the last line of dashes begins.
fn last_dashes(text: &str) -> Option<usize> {
    if !text.contains("- - -") && !text.contains("-----") && !text.contains("———") {
        return None;
    }
    let mut at = 0;
    let mut below = None;
    for line in text.split_inclusive('\n') {
        at += line.len();
        if is_dashes(line) {
            below = Some(at);
        }
    }
    below
}

fn is_dashes(line: &str) -> bool {
    let dashes = line.chars().filter(|c| matches!(c, '-' | '—' | '－' | '─' | '–')).count();
    dashes >= 3 && line.chars().all(|c| c.is_whitespace() || matches!(c, '-' | '—' | '－' | '─' | '–'))
}

/// Whether all of a message stands in quotation marks: 「小美：A1+2」.
pub(super) fn is_quotation(text: &str) -> bool {
    let text = text.trim();
    [("「", "」"), ("『", "』"), ("“", "”"), ("\"", "\""), ("《", "》")].iter().any(|(open, close)| {
        text.len() > open.len() + close.len()
            && text.starts_with(open)
            && text.ends_with(close)
            && !text[open.len()..text.len() - close.len()].contains(open)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, own: &str) {
        assert_eq!(own_words(text).trim(), own);
    }

    #[test]
    fn only_words_below_the_dashes_are_the_senders() {
        check("「小安：A1+2」\n- - - - - - -\nA2+1", "A2+1");
        check("「小安：A1+2」\n- - - - - - -\n", "");
        check("A1 - 2", "A1 - 2");
        check("> A1+2\n> A2\n好的", "好的");
        check("草莓2盒\n\n谢谢", "草莓2盒\n\n谢谢");
    }

    #[test]
    fn a_message_in_quotation_marks_is_speech() {
        assert!(is_quotation("「小美：A1+2」"));
        assert!(!is_quotation("「A1」和「A2」"));
        assert!(!is_quotation("A1+2"));
    }
}
