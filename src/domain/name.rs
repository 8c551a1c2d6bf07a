//! Names of people in two forms, both made here alone: the *shown* form is for eyes, the *key* is for
//! comparing and searching and is never shown.
//!
//! Platforms let people call themselves anything. A name decides nothing: who is meant is told by the
//! platform's id, and a name is looked up by its key only where somebody typed one.

use unicode_normalization::UnicodeNormalization;
use unicode_security::skeleton;
use unicode_segmentation::UnicodeSegmentation;

/// The longest shown name, in grapheme clusters (what a reader takes for one character).
pub const SHOWN_MAX_GRAPHEMES: usize = 32;

/// The longest shown name, in Unicode characters: one grapheme cluster may pile up any number of marks.
pub const SHOWN_MAX_CHARS: usize = 96;

/// How much of a name is looked at, in Unicode characters.
const READ_MAX_CHARS: usize = 1_024;

/// How often a key is folded at most; two foldings are enough for what people write.
const FOLDINGS_MAX: usize = 8;

/// What stands where a platform gives neither a name nor an id that can be shown.
const NAMELESS: &str = "?";

/// A platform's display name as it is shown: one line, composed (NFC), without control, direction and
/// invisible marks, blanks joined, at most [`SHOWN_MAX_GRAPHEMES`], never empty. Joiners and selectors
/// stay within emoji. What cannot be shown becomes `fallback`, cleaned in the same way.
#[must_use]
pub fn shown_name(raw: &str, fallback: &str) -> String {
    [raw, fallback, NAMELESS].into_iter().map(cleaned).find(|it| !it.is_empty()).unwrap_or_default()
}

/// The same without a fallback; empty where nothing of it can be shown.
#[must_use]
pub fn cleaned(raw: &str) -> String {
    let seen = visible(raw);
    let composed: String = seen.nfc().collect();
    let line = composed.split_whitespace().collect::<Vec<_>>().join(" ");
    let (mut short, mut chars) = (String::new(), 0);
    for grapheme in line.graphemes(true).take(SHOWN_MAX_GRAPHEMES) {
        chars += grapheme.chars().count();
        if chars > SHOWN_MAX_CHARS {
            break;
        }
        short.push_str(grapheme);
    }
    short.truncate(short.trim_end().len());
    short
}

/// What of a name can be seen: other blanks become a space, invisible characters go.
fn visible(raw: &str) -> String {
    let mut seen = String::new();
    let mut chars = raw.chars().take(READ_MAX_CHARS).peekable();
    while let Some(c) = chars.next() {
        let is_within_emoji = || seen.chars().next_back().is_some_and(is_pictorial);
        let stays = match c {
            '\u{200d}' => {
                is_within_emoji() && chars.peek().is_some_and(|&next| can_be_joined(next))
            }
            '\u{fe0e}' | '\u{fe0f}' => is_within_emoji(),
            _ => !is_ignorable(c),
        };
        if c.is_whitespace() || c.is_control() || c == '\u{2800}' {
            seen.push(' ');
        } else if stays {
            seen.push(c);
        }
    }
    seen
}

/// The key of a name: names with the same key look alike, whatever their case, width, blanks and
/// invisible marks. Two names that only look alike have the same key, so a key may stand for several
/// people and never proves who somebody is.
#[must_use]
pub fn name_key(name: &str) -> String {
    let mut key: String = name.chars().take(READ_MAX_CHARS).collect();
    // What one folding yields may look like something else again: % is °/₀, and ₀ is 0, and 0 is o.
    for _ in 0..FOLDINGS_MAX {
        let folded = folded(&key);
        if folded == key {
            break;
        }
        key = folded;
    }
    if key.is_empty() { NAMELESS.to_owned() } else { key }
}

/// Whether two names look alike. Nearly always they are the same, which costs nothing to see.
#[must_use]
pub fn look_alike(one: &str, other: &str) -> bool {
    one == other || name_key(one) == name_key(other)
}

/// Compatible forms, one case, and look-alikes made one. By way of capitals, for look-alikes may differ in
/// one case only: В and B, but в and b.
fn folded(name: &str) -> String {
    let compatible: String = name.nfkc().collect();
    let alike: String = skeleton(&compatible.to_uppercase()).collect();
    let seen = |c: &char| !c.is_whitespace() && !c.is_control() && !is_ignorable(*c);
    // Two letters that are read as one.
    let alike = alike.to_lowercase().replace('m', "rn").replace('w', "vv");
    alike.nfkc().filter(seen).collect()
}

/// Parts of emoji: pictures, skin tones, regional letters, keycaps and selectors.
fn is_pictorial(c: char) -> bool {
    matches!(u32::from(c), 0x20e3 | 0x2194..=0x2bff | 0x3030 | 0x303d | 0x3297 | 0x3299
        | 0xfe0f | 0x1f000..=0x1faff)
}

/// What a joiner joins to: a picture, not the mark of its form, which would go and leave the joiner at its end.
fn can_be_joined(c: char) -> bool {
    is_pictorial(c) && !is_ignorable(c)
}

/// Characters that are not seen (Unicode's default ignorables, specials and noncharacters).
fn is_ignorable(c: char) -> bool {
    matches!(u32::from(c), 0xad | 0x34f | 0x61c | 0x115f..=0x1160 | 0x17b4..=0x17b5 | 0x180b..=0x180f
        | 0x200b..=0x200f | 0x202a..=0x202e | 0x2060..=0x206f | 0x3164 | 0xfdd0..=0xfdef
        | 0xfe00..=0xfe0f | 0xfeff | 0xffa0 | 0xfff0..=0xffff | 0x1bca0..=0x1bca3
        | 0x1d173..=0x1d17a | 0xe0000..=0xe0fff)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_joiner_that_joins_nothing_seen_goes_at_once() {
        let raw = "👨\u{200d}\u{fe0f}谢";
        assert_eq!(cleaned(raw), "👨\u{fe0f}谢");
        assert_eq!(cleaned(&cleaned(raw)), cleaned(raw));
        assert_eq!(cleaned("👨\u{200d}👩"), "👨\u{200d}👩");
    }

    #[test]
    fn a_name_is_one_short_line() {
        for (raw, shown) in [
            ("小\n美\u{202e}", "小 美"),
            (" a \t b ", "a b"),
            ("小\u{ad}美", "小美"),
            ("小\u{200d}美", "小美"),
            ("e\u{301}lan", "élan"),
            ("👨\u{200d}👩\u{200d}👧 一家", "👨\u{200d}👩\u{200d}👧 一家"),
            ("❤\u{fe0f}", "❤\u{fe0f}"),
            ("\u{3164}\u{2800}", "wx_1"),
            ("\u{200b}", "wx_1"),
        ] {
            assert_eq!(shown_name(raw, "wx_1"), shown, "{raw:?}");
        }
        assert_eq!(shown_name(&"长".repeat(99), "x").graphemes(true).count(), SHOWN_MAX_GRAPHEMES);
        assert_eq!(shown_name("\u{200b}", "\u{200b}"), NAMELESS);
        let piled = format!("a{}", "\u{301}".repeat(500));
        assert!(shown_name(&piled, "x").chars().count() <= SHOWN_MAX_CHARS);
    }

    #[test]
    fn what_looks_alike_has_one_key() {
        for alike in [
            &["小美", "小 美", "小\u{ad}美", " 小美\u{200b}"][..],
            &["Iris", "iris", "lris", "1ris", "ＩＲＩＳ", "Іris"],
            &["Mary Ann", "MARYANN", "rnary ann", "Маry Аnn"],
            &["вера", "ВЕРА", "BEPA"],
            &["Bob0", "BobO", "воВО"],
        ] {
            let keys: Vec<_> = alike.iter().map(|name| name_key(name)).collect();
            assert!(keys.iter().all(|key| *key == keys[0]), "{alike:?}: {keys:?}");
        }
        assert_ne!(name_key("小美"), name_key("小芳"));
        assert_ne!(name_key("Ann"), name_key("Anna"));
        assert_eq!(name_key("\u{200b}\u{3164}"), NAMELESS);
    }

    proptest! {
        #[test]
        fn case_makes_no_difference(name in "[a-zA-Zа-яА-Яα-ωΑ-Ωà-öÀ-Ö ]{0,12}") {
            prop_assert_eq!(name_key(&name), name_key(&name.to_uppercase()));
            prop_assert_eq!(name_key(&name), name_key(&name.to_lowercase()));
        }

        #[test]
        fn both_forms_are_what_they_say(raw in ".{0,80}", more in "[\\PC\u{200b}-\u{206f}\u{ad}\u{fe0f}😀-😂e\u{301}]{0,60}") {
            for raw in [raw, more] {
                let shown = shown_name(&raw, "x");
                prop_assert_eq!(&shown_name(&shown, "x"), &shown);
                let is_line = !shown.is_empty() && !shown.contains(['\n', '\u{202e}']);
                prop_assert!(is_line, "{:?}", shown);
                prop_assert!(shown.graphemes(true).count() <= SHOWN_MAX_GRAPHEMES);
                let key = name_key(&raw);
                prop_assert_eq!(name_key(&key), key.clone());
            }
        }
    }
}
