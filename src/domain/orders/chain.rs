//! Native chains (接龙) as platforms deliver them: one text, and ranges of it counted in UTF-16 code
//! units, with the author's id for each line.
//!
//! An adapter that is given ranges fills a [`Snapshot`] and cuts it; what is stored are the [`ChainLine`]s.
//! What the lines mean is not read here: that depends on what is on offer when they are handled.

use serde::{Deserialize, Serialize};

use crate::domain::ids::is_id;

/// The most lines of one chain that are kept.
pub const LINES_MAX: usize = 300;

/// The longest line that is kept, in characters.
pub const LINE_MAX: usize = 400;

/// The longest title that is kept, in characters: a menu may stand in it.
pub const TITLE_MAX: usize = 4_000;

/// A range of text in UTF-16 code units: from `start`, `length` long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Utf16Range {
    /// Where it begins.
    pub start: u32,
    /// How long it is.
    pub length: u32,
}

/// One line of a native chain as delivered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SnapshotLine {
    /// The author's platform id.
    pub author: Option<String>,
    /// Where its text lies.
    #[serde(flatten)]
    pub range: Utf16Range,
}

/// A native chain as delivered: every post is a full snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The whole text.
    pub text: String,
    /// Where the title lies; what precedes the first line if absent.
    #[serde(default)]
    pub title: Option<Utf16Range>,
    /// Where the example (例) lies; it is no entry.
    #[serde(default)]
    pub example: Option<Utf16Range>,
    /// The lines in their order.
    pub lines: Vec<SnapshotLine>,
}

/// One line of a native chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainLine {
    /// Platform id of its author, where the platform tells it.
    pub author: Option<String>,
    /// As written.
    pub text: String,
}

impl Snapshot {
    /// Cut it into its title and lines. Ranges that point outside the text, or into the middle of a
    /// character, are cut to what lies inside.
    #[must_use]
    pub fn cut(&self) -> (String, Vec<ChainLine>) {
        let bytes = offsets(&self.text);
        let slice = |range: Utf16Range| {
            let at = |unit: u32| {
                let place = usize::try_from(unit).unwrap_or(usize::MAX).min(bytes.len() - 1);
                bytes[place]
            };
            let (from, to) = (at(range.start), at(range.start.saturating_add(range.length)));
            self.text.get(from..to.max(from)).unwrap_or("")
        };
        let first =
            self.lines.iter().chain(&self.example_line()).map(|line| line.range.start).min();
        let above = Utf16Range { start: 0, length: first.unwrap_or(u32::MAX) };
        let title = slice(self.title.unwrap_or(above)).trim();
        let lines = self.lines.iter().filter(|line| self.example != Some(line.range));
        let line = |line: &SnapshotLine| ChainLine {
            author: line.author.clone(),
            text: slice(line.range).to_owned(),
        };
        bounded(title, lines.take(LINES_MAX).map(line).collect())
    }

    fn example_line(&self) -> Option<SnapshotLine> {
        self.example.map(|range| SnapshotLine { author: None, range })
    }
}

/// Title and lines without what is beyond all bounds.
#[must_use]
pub fn bounded(title: &str, mut lines: Vec<ChainLine>) -> (String, Vec<ChainLine>) {
    lines.truncate(LINES_MAX);
    for line in &mut lines {
        line.text = short(&line.text, LINE_MAX);
        // An id that is no id names nobody; the line is then known by the name on it.
        line.author = line.author.take().filter(|author| is_id(author));
    }
    (short(title, TITLE_MAX), lines)
}

/// A zero byte cannot be kept by the database and means nothing to a reader.
fn short(text: &str, most: usize) -> String {
    text.chars().filter(|&c| c != '\0').take(most).collect()
}

/// The byte of each UTF-16 code unit; the second half of a pair has the byte of the first.
fn offsets(text: &str) -> Vec<usize> {
    let mut all = Vec::with_capacity(text.len() + 1);
    for (at, c) in text.char_indices() {
        all.extend(std::iter::repeat_n(at, c.len_utf16()));
    }
    all.push(text.len());
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(text: &str, part: &str) -> Utf16Range {
        let before = text.split(part).next().unwrap();
        let units = |text: &str| u32::try_from(text.encode_utf16().count()).unwrap();
        Utf16Range { start: units(before), length: units(part) }
    }

    fn snapshot(text: &str, lines: &[(&str, &str)]) -> Snapshot {
        let line = |&(author, line): &(&str, &str)| SnapshotLine {
            author: Some(author.to_owned()),
            range: range(text, line),
        };
        let lines = lines.iter().map(line).collect();
        Snapshot { text: text.to_owned(), title: None, example: None, lines }
    }

    fn texts(snapshot: &Snapshot) -> Vec<String> {
        snapshot.cut().1.into_iter().map(|line| line.text).collect()
    }

    #[test]
    fn ranges_are_in_utf16_units() {
        for (text, lines) in [
            ("#接龙\n草莓🍓🍓 68/盒\n1. 小鹿🦌 2盒\n2. 阿强 1盒", ["1. 小鹿🦌 2盒", "2. 阿强 1盒"]),
            ("👨‍👩‍👧‍👦团\n𠮷野家 1\n👍🏻阿强 2", ["𠮷野家 1", "👍🏻阿强 2"]),
            ("é\u{301}🇨🇳\r\n1 a\r\n2 b", ["1 a", "2 b"]),
        ] {
            let snapshot = snapshot(text, &[("wx1", lines[0]), ("wx2", lines[1])]);
            assert_eq!(texts(&snapshot), lines, "{text}");
            let title = text.split(lines[0]).next().unwrap().trim();
            assert_eq!(snapshot.cut().0, title);
        }
    }

    #[test]
    fn ranges_that_miss_are_cut_to_what_lies_inside() {
        let at = |start, length| Utf16Range { start, length };
        let line = |range| SnapshotLine { author: None, range };
        // Each deer is two code units: 1 is the middle of the first, 3 of the second.
        let lines = [
            at(0, 1),
            at(1, 2),
            at(1, 1),
            at(2, 99),
            at(3, u32::MAX),
            at(9, 9),
            at(u32::MAX, u32::MAX),
        ];
        let wild = Snapshot {
            text: "🦌🐑".to_owned(),
            title: Some(at(4, 4)),
            example: None,
            lines: lines.into_iter().map(line).collect(),
        };
        assert_eq!(texts(&wild), ["", "🦌", "🦌", "🐑", "🐑", "", ""]);
        assert_eq!(wild.cut().0, "");
        let empty = Snapshot { text: String::new(), ..wild };
        assert_eq!(texts(&empty), [""; 7]);
    }

    #[test]
    fn the_example_is_neither_line_nor_title() {
        let text = "草莓团\n例 张三 2盒\n1. 小美 1盒";
        let mut snapshot = snapshot(text, &[("", "例 张三 2盒"), ("wx1", "1. 小美 1盒")]);
        snapshot.example = Some(range(text, "例 张三 2盒"));
        assert_eq!(snapshot.cut().0, "草莓团");
        assert_eq!(texts(&snapshot), ["1. 小美 1盒"]);
    }

    #[test]
    fn what_is_stored_is_bounded() {
        let long = ChainLine { author: Some("a".repeat(201)), text: "长\0".repeat(900) };
        let (title, lines) = bounded(&"题".repeat(9_000), vec![long; 900]);
        assert_eq!((title.chars().count(), lines.len()), (TITLE_MAX, LINES_MAX));
        assert_eq!(lines[0], ChainLine { author: None, text: "长".repeat(LINE_MAX) });
    }
}
