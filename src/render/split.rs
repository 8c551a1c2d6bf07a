//! Splitting a text for a platform that limits the length of a message.
//!
//! Parts end between lines; a line that is longer than a whole message is cut between characters,
//! never inside an emoji. The number of parts is bounded: a chat is not flooded, whatever the text.

/// The most messages that one text becomes.
pub const MAX_PARTS: usize = 10;

/// In what a platform counts the length of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextUnit {
    /// UTF-16 code units: Telegram.
    Utf16,
    /// Unicode characters.
    Chars,
    /// Bytes of UTF-8: `WeCom`.
    Bytes,
}

impl TextUnit {
    /// The length of `text`.
    #[must_use]
    pub fn length(self, text: &str) -> usize {
        text.chars().map(|c| self.width(c)).sum()
    }

    const fn width(self, c: char) -> usize {
        match self {
            Self::Utf16 => c.len_utf16(),
            Self::Chars => 1,
            Self::Bytes => c.len_utf8(),
        }
    }
}

/// `text` in parts of at most `limit` units each, none of them empty and at most [`MAX_PARTS`]; the
/// last ends in `…` when something had to be left out. A limit below 16 counts as 16.
#[must_use]
pub fn split(text: &str, limit: usize, unit: TextUnit) -> Vec<String> {
    let limit = limit.max(16);
    let mut parts = Vec::new();
    let mut part = String::new();
    let mut used = 0;
    for line in text.trim_end().lines() {
        for piece in pieces(line, limit, unit) {
            let length = unit.length(piece);
            if used + 1 + length > limit {
                close(&mut parts, &mut part);
                used = 0;
            }
            if !part.is_empty() {
                part.push('\n');
                used += 1;
            }
            part.push_str(piece);
            used += length;
        }
    }
    close(&mut parts, &mut part);
    cut_off(&mut parts, limit, unit);
    parts
}

/// Finish `part` and begin the next one.
fn close(parts: &mut Vec<String>, part: &mut String) {
    let done = std::mem::take(part);
    let done = done.trim_matches('\n');
    if !done.trim().is_empty() {
        parts.push(done.to_owned());
    }
}

/// A line in pieces that fit. Almost always it is one.
fn pieces(line: &str, limit: usize, unit: TextUnit) -> Vec<&str> {
    let mut rest = line;
    let mut pieces = Vec::new();
    while unit.length(rest) > limit {
        let (piece, tail) = rest.split_at(fitting(rest, limit, unit));
        pieces.push(piece);
        rest = tail;
    }
    pieces.push(rest);
    pieces
}

/// How many bytes of a too long `line` fit, ending between two characters as people see them.
fn fitting(line: &str, limit: usize, unit: TextUnit) -> usize {
    let mut used = 0;
    let mut before = None;
    let mut safe = 0;
    let mut hard = 0;
    for (at, c) in line.char_indices() {
        if before.is_some_and(|before| !clings(before, c)) {
            safe = at;
        }
        used += unit.width(c);
        if used > limit {
            hard = at;
            break;
        }
        before = Some(c);
    }
    // A cluster longer than a whole message is an attack, not a letter.
    if safe == 0 { hard } else { safe }
}

/// Whether `c` belongs to the character before it.
fn clings(before: char, c: char) -> bool {
    before == '\u{200d}'
        || matches!(
            c,
            '\u{200d}'
                | '\u{300}'..='\u{36f}'
                | '\u{fe00}'..='\u{fe0f}'
                | '\u{20e3}'
                | '\u{1f3fb}'..='\u{1f3ff}'
        )
}

/// Keep to [`MAX_PARTS`], and show that something is missing.
fn cut_off(parts: &mut Vec<String>, limit: usize, unit: TextUnit) {
    if parts.len() <= MAX_PARTS {
        return;
    }
    parts.truncate(MAX_PARTS);
    let Some(last) = parts.last_mut() else { return };
    let dots = unit.width('…') + unit.width('\n');
    while unit.length(last) + dots > limit {
        last.pop();
    }
    last.push_str("\n…");
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_text_that_fits_is_one_part() {
        assert_eq!(split("团\n购", 100, TextUnit::Bytes), ["团\n购"]);
        assert_eq!(split("", 100, TextUnit::Bytes), Vec::<String>::new());
        assert_eq!(split("\n \n", 100, TextUnit::Bytes), Vec::<String>::new());
    }

    #[test]
    fn parts_end_between_lines() {
        let text = "12345678\n12345678\n\n12345678";
        assert_eq!(split(text, 17, TextUnit::Chars), ["12345678\n12345678", "12345678"]);
    }

    #[test]
    fn a_long_line_is_cut_between_characters() {
        let parts = split(&"团".repeat(10), 16, TextUnit::Bytes);
        assert_eq!(parts, ["团团团团团", "团团团团团"]);
        let family = "👨‍👩‍👧".repeat(3); // 8 units each
        assert_eq!(split(&family, 20, TextUnit::Utf16), ["👨‍👩‍👧👨‍👩‍👧", "👨‍👩‍👧"]);
    }

    #[test]
    fn the_number_of_parts_is_bounded() {
        let parts = split(&"a 12345678901234\n".repeat(100), 16, TextUnit::Chars);
        assert_eq!(parts.len(), MAX_PARTS);
        assert!(parts[MAX_PARTS - 1].ends_with('…'));
        assert!(parts.iter().all(|part| part.chars().count() <= 16));
    }

    proptest! {
        #[test]
        fn parts_fit_and_lose_nothing(text in "[ab团👍\n]{0,120}", limit in 16..60usize) {
            for unit in [TextUnit::Utf16, TextUnit::Chars, TextUnit::Bytes] {
                let parts = split(&text, limit, unit);
                prop_assert!(parts.iter().all(|part| (1..=limit).contains(&unit.length(part))));
                prop_assert!(parts.len() <= MAX_PARTS);
                let visible = |text: &str| text.replace('\n', "");
                if parts.last().is_none_or(|last| !last.ends_with('…')) {
                    prop_assert_eq!(visible(&parts.concat()), visible(&text));
                }
            }
        }
    }
}
