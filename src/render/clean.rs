//! Making text from outside safe to say: names, goods, remarks.
//!
//! A text from outside is one line of bounded length, and can neither forge a mention, nor a line of
//! the bot's own, nor turn the reading direction. Letters, emoji and punctuation stay as written.

use std::borrow::Cow;

/// The longest name that is shown, in characters.
pub(super) const NAME_CHARS: usize = 32;
/// The longest text from outside that is shown on one line, in characters.
pub(super) const TEXT_CHARS: usize = 80;

/// `text` as one harmless line of at most `most` characters, the last of them `…` when it was cut.
pub(super) fn one_line(text: &str, most: usize) -> Cow<'_, str> {
    if text.len() <= most && text.bytes().all(|byte| matches!(byte, b'!'..=b'?' | b'A'..=b'~')) {
        return Cow::Borrowed(text);
    }
    let mut clean = String::with_capacity(text.len());
    let mut before = None;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        push_clean(&mut clean, before, c, chars.peek().copied());
        before = Some(c);
    }
    clean.truncate(clean.trim_end().len());
    Cow::Owned(clip(clean, most))
}

/// Several harmless lines, at most `most` characters of them.
pub(super) fn lines(text: &str, most: usize) -> String {
    let clean: Vec<_> = text.trim().lines().map(|line| one_line(line, most)).collect();
    clip(clean.join("\n"), most)
}

/// Add `c` to a line, or what may stand in its place.
fn push_clean(line: &mut String, before: Option<char>, c: char, after: Option<char>) {
    match c {
        _ if c.is_whitespace() || c.is_control() => {
            if !line.is_empty() && !line.ends_with(' ') {
                line.push(' ');
            }
        }
        // Inside an e-mail address it mentions nobody.
        '@' if is_ascii_word(before) && is_ascii_word(after) => line.push('@'),
        '@' => line.push('＠'),
        // Joins emoji (👨‍👩‍👧); anywhere else it only hides things.
        '\u{200d}' if before.is_some_and(is_emoji) && after.is_some_and(is_emoji) => line.push(c),
        _ if is_invisible(c) => {}
        _ => line.push(c),
    }
}

fn is_ascii_word(c: Option<char>) -> bool {
    c.is_some_and(|c| c.is_ascii_alphanumeric())
}

fn is_emoji(c: char) -> bool {
    matches!(c, '\u{2600}'..='\u{27bf}' | '\u{fe0f}' | '\u{1f000}'..='\u{1faff}')
}

/// Characters without a width of their own: they hide text or turn its direction.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{e0000}'..='\u{e007f}'
    )
}

fn clip(mut text: String, most: usize) -> String {
    if let Some((at, _)) = text.char_indices().nth(most) {
        // One character less, for the dots.
        let keep = text[..at].char_indices().next_back().map_or(0, |(last, _)| last);
        text.truncate(keep);
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(raw: &str, expected: &str) {
        assert_eq!(one_line(raw, NAME_CHARS), expected, "{raw:?}");
    }

    #[test]
    fn ordinary_names_stay_as_they_are() {
        for name in ["小美", "Amy", "Amy Wong", "👨‍👩‍👧 一家", "O'Neil <3", "❤️小鱼❤️", "{{ 7 }}"]
        {
            check(name, name);
        }
    }

    #[test]
    fn a_name_forges_neither_lines_nor_mentions() {
        check("小美\n订单 #1 已付款", "小美 订单 #1 已付款");
        check("小美\u{2028}2. 阿强", "小美 2. 阿强");
        check("@所有人", "＠所有人");
        check("a @all", "a ＠all");
        check("  \t小  美\r\n ", "小 美");
    }

    #[test]
    fn direction_marks_and_hidden_characters_go() {
        check("\u{202e}美小\u{202c}", "美小");
        check("小\u{200b}美\u{feff}\u{0}", "小美");
        check("a\u{200d}b", "ab");
    }

    #[test]
    fn an_e_mail_address_stays_readable() {
        check("支付宝 amy@example.com", "支付宝 amy@example.com");
    }

    #[test]
    fn a_long_name_is_cut_by_characters() {
        let cut = one_line(&"团".repeat(40), NAME_CHARS).into_owned();
        assert_eq!(cut.chars().count(), NAME_CHARS);
        assert!(cut.ends_with("团…"));
        check(&"团".repeat(32), &"团".repeat(32));
        check("", "");
    }

    #[test]
    fn a_greeting_keeps_its_lines() {
        assert_eq!(lines("早！\n今天@有 \n\n 好货\n", 99), "早！\n今天＠有\n\n好货");
        assert_eq!(lines("a\nb\nc", 4), "a\nb…");
    }
}
