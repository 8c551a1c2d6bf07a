//! Folding a message for matching: one plain character for each way of writing it.
//!
//! Width, case, traditional characters, emoji digits, circled digits and the many signs for times,
//! plus and minus are folded; zero-width marks, skin tones and `[强]`-like stickers vanish; runs of
//! blanks become one. Every folded character remembers where it came from, so that names and
//! remarks are given back exactly as written. Circled digits keep their place but not their circle:
//! ask [`Folded::is_circled`].
//!
//! Linear in the text; nothing is interpreted here.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;

/// A folded character and the byte at which its source begins.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Glyph {
    pub(crate) c: char,
    pub(crate) at: u32,
}

/// A message folded for matching.
#[derive(Debug)]
pub(crate) struct Folded<'t> {
    /// What the member wrote.
    pub(crate) source: &'t str,
    /// One entry per folded character.
    pub(crate) glyphs: Vec<Glyph>,
    /// The folded characters as a text, once somebody looks for words in it.
    line: OnceCell<String>,
}

const HAN: std::ops::RangeInclusive<u32> = 0x4e00..=0x9fff;

/// Stands for a sticker, emoji or any other picture that means nothing to the shop.
pub(crate) const PICTURE: char = '\u{1}';

/// Simplified form by character, for the main block of Han characters.
static SIMPLIFIED: LazyLock<Vec<char>> = LazyLock::new(|| {
    HAN.map(|code| {
        let c = char::from_u32(code).unwrap_or('\u{fffd}');
        special_han(c).unwrap_or_else(|| {
            fast2s::convert(c.encode_utf8(&mut [0; 4])).chars().next().unwrap_or(c)
        })
    })
    .collect()
});

/// Characters that members use one for the other and that no conversion table joins.
fn special_han(c: char) -> Option<char> {
    Some(match c {
        '妳' => '你',
        '嚟' => '来',
        '俾' | '畀' => '给',
        '嘅' => '的',
        '佢' => '他',
        '著' => '着',
        '裡' | '裏' => '里',
        '盃' => '杯',
        '塊' => '块',
        '祇' | '隻' => '只',
        '臺' | '檯' => '台',
        '麵' | '麪' => '面',
        '麼' => '么',
        '乾' => '干',
        '後' => '后',
        '蕃' => '番',
        '葯' => '药',
        '馀' | '餘' => '余',
        '摺' => '折',
        '苺' => '莓',
        '菓' => '果',
        '糉' => '粽',
        '荳' => '豆',
        '鶏' => '鸡',
        '盌' | '椀' => '碗',
        '甁' | '缾' => '瓶',
        '蔴' => '麻',
        '喫' => '吃',
        '桔' => '橘',
        _ => return None,
    })
}

impl<'t> Folded<'t> {
    /// Fold `source`.
    pub(crate) fn new(source: &'t str) -> Self {
        let glyphs = Vec::with_capacity(source.len() / 2 + 8);
        let mut folded = Self { source, glyphs, line: OnceCell::new() };
        let mut from = 0;
        while let Some(c) = source[from..].chars().next() {
            if c == '['
                && let Some(skip) = sticker(&source[from..])
            {
                folded.push(PICTURE, from);
                from += skip;
                continue;
            }
            folded.fold(c, from);
            from += c.len_utf8();
        }
        folded
    }

    fn push(&mut self, c: char, at: usize) {
        let at = u32::try_from(at).unwrap_or(u32::MAX);
        if c == ' ' && self.glyphs.last().is_none_or(|g| g.c == '\n') {
            // Indentation matters to chains, which read it from the source.
            return;
        }
        if c == ' ' && self.glyphs.last().is_some_and(|g| g.c == ' ') {
            return;
        }
        self.glyphs.push(Glyph { c, at });
    }

    fn fold(&mut self, c: char, at: usize) {
        let code = u32::from(c);
        match c {
            '\n' | '\u{2028}' | '\u{2029}' | '\u{85}' => self.push('\n', at),
            ' ' | '\t' | '\r' => self.push(' ', at),
            '\0'..='\u{1f}' | '\u{7f}' => {}
            '!'..='~' => self.push(c.to_ascii_lowercase(), at),
            _ if HAN.contains(&code) => {
                let place = usize::try_from(code - HAN.start()).unwrap_or(0);
                self.push(SIMPLIFIED.get(place).copied().unwrap_or(c), at);
            }
            _ => self.fold_rare(c, at),
        }
    }

    /// Everything that is neither ASCII nor an ordinary Han character.
    fn fold_rare(&mut self, c: char, at: usize) {
        if is_dropped(c) {
            return;
        }
        if let Some(sign) = sign(c) {
            return self.push(sign, at);
        }
        if let Some(number) = circled(c) {
            if number >= 10 {
                self.push(digit(number / 10), at);
            }
            return self.push(digit(number % 10), at);
        }
        if is_picture(c) {
            return self.push(c, at);
        }
        for plain in std::iter::once(c).nfkc() {
            for lower in plain.to_lowercase() {
                match lower {
                    ' ' | '\u{a0}' => self.push(' ', at),
                    _ if lower.is_ascii() || lower.is_alphanumeric() => self.push(lower, at),
                    _ => self.push(sign(lower).unwrap_or(lower), at),
                }
            }
        }
    }

    /// The character at `i`, or a newline beyond the end.
    pub(crate) fn at(&self, i: usize) -> char {
        self.glyphs.get(i).map_or('\n', |g| g.c)
    }

    /// The folded characters as a text.
    pub(crate) fn line(&self) -> &str {
        self.line.get_or_init(|| self.glyphs.iter().map(|glyph| glyph.c).collect())
    }

    /// How many folded characters there are.
    pub(crate) fn len(&self) -> usize {
        self.glyphs.len()
    }

    /// The byte of the source at which glyph `i` begins; the length beyond the end.
    pub(crate) fn byte(&self, i: usize) -> usize {
        self.glyphs
            .get(i)
            .and_then(|g| usize::try_from(g.at).ok())
            .map_or(self.source.len(), |at| at.min(self.source.len()))
    }

    /// What was written from glyph `start` up to glyph `end`.
    pub(crate) fn written(&self, start: usize, end: usize) -> &'t str {
        let (from, to) = (self.byte(start), self.byte(end.max(start)));
        self.source.get(from..to).unwrap_or("")
    }

    /// Whether glyph `i` was written as a circled or bracketed number.
    pub(crate) fn is_circled(&self, i: usize) -> bool {
        self.written(i, i + 1).chars().next().is_some_and(|c| circled(c).is_some())
    }
}

/// A text folded for matching.
pub(crate) fn folded(text: &str) -> String {
    Folded::new(text).line().to_owned()
}

fn digit(value: u32) -> char {
    char::from_digit(value, 10).unwrap_or('0')
}

/// How many bytes a `[强]`-like sticker takes. Pictures sent by the member stay readable.
fn sticker(text: &str) -> Option<usize> {
    let inside = text.strip_prefix('[')?;
    let (close, _) = inside.char_indices().take(9).find(|&(_, c)| c == ']')?;
    let word = &inside[..close];
    let telling =
        ["图片", "圖片", "照片", "相片", "视频", "視頻", "image", "photo", "pic", "Image"];
    let plain = word.chars().all(char::is_alphabetic) && !word.is_empty();
    let short = word.is_ascii() || word.chars().count() <= 4;
    (plain && short && !telling.contains(&word)).then_some(close + 2)
}

/// Marks that carry no meaning: zero-width, direction, variation, keycap, skin tone, soft hyphen.
fn is_dropped(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{feff}' | '\u{fe00}'..='\u{fe0f}' | '\u{20e3}' | '\u{180e}' | '\u{80}'..='\u{84}'
        | '\u{86}'..='\u{9f}' | '\u{1f3fb}'..='\u{1f3ff}' | '\u{e0000}'..='\u{e0fff}'
        | '\u{34f}' | '\u{61c}' | '\u{fff9}'..='\u{fffd}')
}

/// A message without what nobody sees: names and remarks are compared and kept as they look. Marks that
/// join a picture (👨‍👩‍👧) or colour it stay.
pub(crate) fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(is_unseen) {
        return Cow::Borrowed(text);
    }
    let mut seen = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let joins = c == '\u{200d}' && chars.peek().is_some_and(|&next| is_picture(next));
        if joins || !is_unseen(c) {
            seen.push(c);
        }
    }
    Cow::Owned(seen)
}

fn is_unseen(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// Punctuation and arithmetic folded to one sign each.
fn sign(c: char) -> Option<char> {
    Some(match c {
        '×' | '✖' | '✕' | '╳' | '＊' | '∗' | '⨯' | '✗' | '✘' | '﹡' => '*',
        '＋' | '➕' | '﹢' => '+',
        '－' | '➖' | '−' | '–' | '—' | '─' | '﹣' | '‐' | '‑' | '―' | '━' => {
            '-'
        }
        '，' | '﹐' | '､' | '︐' => ',',
        '。' | '｡' => '。',
        '；' | '﹔' => ';',
        '：' | '﹕' | '︰' => ':',
        '？' | '﹖' | '⁇' | '❓' | '❔' => '?',
        '！' | '﹗' | '❗' | '❕' | '‼' => '!',
        '（' | '﹙' | '【' | '〔' | '［' | '〖' | '❲' => '(',
        '）' | '﹚' | '】' | '〕' | '］' | '〗' | '❳' => ')',
        '＃' | '﹟' | '♯' => '#',
        '｜' | '︱' | '∣' | '│' | '┃' => '|',
        '＠' | '﹫' => '@',
        '／' | '∕' | '⁄' => '/',
        '～' | '〜' | '∼' => '~',
        '“' | '”' | '„' | '‟' | '＂' | '〝' | '〞' => '"',
        '‘' | '’' | '‛' | '＇' | '′' => '\'',
        '￥' => '¥',
        '＝' | '➡' | '→' => '=',
        '…' => '.',
        _ => return None,
    })
}

/// The number in a circle, a bracket or a black disc.
fn circled(c: char) -> Option<u32> {
    let code = u32::from(c);
    match c {
        '①'..='⑳' => Some(code - 0x2460 + 1),
        '⑴'..='⒇' => Some(code - 0x2474 + 1),
        '⒈'..='⒛' => Some(code - 0x2488 + 1),
        '❶'..='❿' => Some(code - 0x2776 + 1),
        '➀'..='➉' => Some(code - 0x2780 + 1),
        '➊'..='➓' => Some(code - 0x278a + 1),
        '㈠'..='㈩' => Some(code - 0x3220 + 1),
        '㊀'..='㊉' => Some(code - 0x3280 + 1),
        '⓪' => Some(0),
        '🔟' => Some(10),
        _ => None,
    }
}

/// Emoji, symbols and private characters.
pub(crate) fn is_picture(c: char) -> bool {
    matches!(u32::from(c), 1 | 0x2190..=0x21ff | 0x2300..=0x23ff | 0x2500..=0x27bf
        | 0x2900..=0x297f | 0x2b00..=0x2bff | 0x3030 | 0xe000..=0xf8ff | 0x1f000..=0x1faff)
}

/// Whether a folded character belongs to a Chinese word.
pub(crate) fn is_han(c: char) -> bool {
    matches!(u32::from(c), 0x3400..=0x4dbf | 0x4e00..=0x9fff | 0x20000..=0x323af)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(written: &str, folded: &str) {
        let got: String = Folded::new(written).glyphs.iter().map(|g| g.c).collect();
        assert_eq!(got, folded, "{written:?}");
    }

    #[test]
    fn width_case_and_signs_fold() {
        check("ＡＩ＋1", "ai+1");
        check("蓝莓＊２　草莓＊１", "蓝莓*2 草莓*1");
        check("A1➕1，B2✖️2", "a1+1,b2*2");
        check("＃３　＋２", "#3 +2");
    }

    #[test]
    fn digits_in_circles_and_caps_are_digits() {
        check("草莓2️⃣盒", "草莓2盒");
        check("①草莓⑫", "1草莓12");
        check("🔟盒", "10盒");
    }

    #[test]
    fn traditional_and_cantonese_fold_to_simplified() {
        check("雞腿便當兩個", "鸡腿便当两个");
        check("蘿蔔糕 麻油雞", "萝卜糕 麻油鸡");
        check("畀我嚟兩隻", "给我来两只");
    }

    #[test]
    fn marks_without_meaning_vanish() {
        check("B1+1\u{200b}", "b1+1");
        check("  a  \t b\n   c", "a b\nc");
        check("好[强][玫瑰]", "好\u{1}\u{1}");
        check("[图片]", "[图片]");
    }

    #[test]
    fn what_nobody_sees_is_taken_out() {
        for (written, seen) in [
            ("小\u{200b}美\u{feff}", "小美"),
            ("👨\u{200d}👩\u{200d}👧 2盒", "👨\u{200d}👩\u{200d}👧 2盒"),
            ("A1\u{202e}x2", "A1x2"),
            ("小\u{200d}美", "小美"),
            ("👍🏻", "👍🏻"),
        ] {
            assert_eq!(visible(written), seen, "{written:?}");
        }
    }

    #[test]
    fn the_source_is_given_back_as_written() {
        let folded = Folded::new("給  張奶奶　來");
        let end = folded.glyphs.iter().position(|g| g.c == '来').unwrap();
        assert_eq!(folded.written(2, end).trim(), "張奶奶");
    }
}
