//! What a leader announces: 公告 今天18点到货, announcement: pick-up at six. It may have several lines, and a question in it.
//!
//! ```text
//! announce := (公告 | announcement | announce) (blank | ':' | newline) text
//! ```
//!
//! A word right behind 公告 makes it something else: 公告栏.

use super::super::normalize::Folded;
use crate::domain::intent::LeaderIntent;
use crate::domain::people::{Lead, MAX_ANNOUNCEMENT};

/// Longer texts are no announcement, not even one that is too long.
const LONGEST_BYTES: usize = 8 * MAX_ANNOUNCEMENT;

/// What an announcement begins with, folded; the longest first.
const WORDS: &[&str] = &[
    "发布公告",
    "发个公告",
    "出个公告",
    "今日公告",
    "置顶公告",
    "群公告",
    "团公告",
    "发公告",
    "出公告",
    "公告",
    "post announcement",
    "post an announcement",
    "make an announcement",
    "announcement",
    "announce",
];

/// A leader's announcement.
pub(in crate::understand) fn told(text: &str) -> Option<LeaderIntent> {
    let text = text.trim();
    if text.len() > LONGEST_BYTES {
        return None;
    }
    let inside = text.strip_prefix(['【', '[']);
    let text = inside.unwrap_or(text);
    // All of these are in the first characters, so that no longer text is folded.
    let head: String = text.chars().take(HEAD).collect();
    let folded = Folded::new(&head);
    let line = folded.line();
    let word = WORDS.iter().find(|word| line.starts_with(**word))?;
    let behind = text.get(folded.byte(word.chars().count())..)?;
    let is_apart = |c: char| c.is_whitespace() || matches!(c, ':' | '：' | '，' | ',' | '!' | '！');
    let behind = match inside {
        Some(_) => behind.strip_prefix(['】', ']'])?,
        None if behind.starts_with(is_apart) => behind,
        None => return None,
    };
    let said = behind.trim_start_matches(is_apart).trim_end();
    (!said.is_empty()).then(|| LeaderIntent::People(Lead::Announce { text: said.to_owned() }))
}

/// The words of an announcement are among so many characters.
const HEAD: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<String> {
        match told(text)? {
            LeaderIntent::People(Lead::Announce { text }) => Some(text),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_is_announced_is_all_that_follows() {
        for (text, said) in [
            ("公告 今天18点到货", "今天18点到货"),
            ("公告：今天18点到货，几点来都行吗？行！", "今天18点到货，几点来都行吗？行！"),
            ("公告\n1. 葡萄到了\n2. A1 两箱的先拿", "1. 葡萄到了\n2. A1 两箱的先拿"),
            ("發公告：今晚八點收單", "今晚八點收單"),
            ("【公告】明天不开团", "明天不开团"),
            ("[公告] 明天不开团", "明天不开团"),
            ("群公告: 明天休息", "明天休息"),
            ("Announcement: pick-up at 6", "pick-up at 6"),
            ("announce pick-up at 6, lobby", "pick-up at 6, lobby"),
            ("post announcement: closed tomorrow", "closed tomorrow"),
        ] {
            assert_eq!(read(text).as_deref(), Some(said), "{text}");
        }
    }

    #[test]
    fn talk_of_announcements_announces_nothing() {
        for text in [
            "公告",
            "公告：",
            "公告栏在3号楼",
            "公告的事明天说",
            "看公告",
            "【公告栏】在3号楼",
            "announcements are pinned",
            "announced already",
            "A1 公告 两箱",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
