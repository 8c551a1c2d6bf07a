//! Native chains: the structured 接龙 of WeChat, as an adapter delivers it.
//!
//! The message (`appmsg` type 53) carries one text and, for its title, its example and each line, a
//! range of that text in UTF-16 code units, with the author's id and time for lines. Adapters fill a
//! [`Snapshot`]; [`entries`] cuts it, [`read_native`] reads it. Every post is a full snapshot.

use serde::{Deserialize, Serialize};

use super::chain_entry;
use super::lexicon::Lexicon;
use super::{chain, question};
use crate::domain::intent::ChainEntry;

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
    pub author: String,
    /// The author's name, if the platform tells it.
    #[serde(default)]
    pub name: Option<String>,
    /// Where its text lies.
    pub range: Utf16Range,
}

/// A native chain as delivered.
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

/// One entry of a native chain: author, name and what they wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NativeEntry {
    /// The author's platform id.
    pub author: String,
    /// The author's name; empty if unknown.
    pub name: String,
    /// The line without its number.
    pub text: String,
}

/// More lines than this are not read.
const MOST_LINES: usize = 2_000;

/// Cut a snapshot into its title and entries. Ranges that point outside the text, or into the middle
/// of a character, are cut to what lies inside.
#[must_use]
pub fn entries(snapshot: &Snapshot) -> (String, Vec<NativeEntry>) {
    let bytes = offsets(&snapshot.text);
    let slice = |range: Utf16Range| {
        let at = |unit: u32| {
            let place = usize::try_from(unit).unwrap_or(usize::MAX).min(bytes.len() - 1);
            bytes[place]
        };
        let (from, to) = (at(range.start), at(range.start.saturating_add(range.length)));
        snapshot.text.get(from..to.max(from)).unwrap_or("")
    };
    let first = snapshot.lines.iter().map(|line| line.range.start).min().unwrap_or(u32::MAX);
    let title = slice(snapshot.title.unwrap_or(Utf16Range { start: 0, length: first }));
    let entry = |line: &SnapshotLine| NativeEntry {
        author: line.author.clone(),
        name: line.name.clone().unwrap_or_default(),
        text: chain::without_number(slice(line.range)).to_owned(),
    };
    let is_example = |line: &&SnapshotLine| snapshot.example != Some(line.range);
    let lines = snapshot.lines.iter().filter(is_example).take(MOST_LINES).map(entry).collect();
    (title.trim().to_owned(), lines)
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

/// Read a native chain. The title says what lines without a name are about. One author may hold
/// several lines; each is an entry of its own.
#[must_use]
pub fn read_native(title: &str, entries: &[NativeEntry], lexicon: &Lexicon) -> Vec<ChainEntry> {
    let ground = chain::ground_of(title, lexicon);
    entries.iter().take(MOST_LINES).map(|entry| read_entry(entry, lexicon, ground)).collect()
}

fn read_entry(entry: &NativeEntry, lexicon: &Lexicon, ground: chain_entry::Ground) -> ChainEntry {
    let text = entry.text.trim();
    // The author's own name often begins the line; so may any other name.
    let rest = text.strip_prefix(entry.name.as_str()).filter(|_| !entry.name.is_empty());
    let own = rest.and_then(|rest| chain_entry::lines(rest, lexicon, ground));
    let (who, lines) = match own.filter(|lines| !lines.is_empty()) {
        Some(lines) => (String::new(), lines),
        None => chain_entry::read(text, lexicon, ground),
    };
    let who = if who.is_empty() || !entry.name.is_empty() && who == text {
        entry.name.clone()
    } else {
        who
    };
    let who = if entry.name.is_empty() { who } else { entry.name.clone() };
    ChainEntry { who, author: Some(entry.author.clone()), lines: question::tidy(lines) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::understand::fixture;

    fn snapshot(text: &str, lines: &[(&str, &str)]) -> Snapshot {
        let units: Vec<u16> = text.encode_utf16().collect();
        let find = |part: &str| {
            let part: Vec<u16> = part.encode_utf16().collect();
            let start = units.windows(part.len()).position(|window| window == part).unwrap();
            Utf16Range { start: start.try_into().unwrap(), length: part.len().try_into().unwrap() }
        };
        let lines = lines
            .iter()
            .map(|(author, line)| SnapshotLine {
                author: (*author).into(),
                name: None,
                range: find(line),
            })
            .collect();
        Snapshot { text: text.into(), title: None, example: None, lines }
    }

    #[test]
    fn ranges_are_in_utf16_units() {
        let text = "#接龙\n丹东草莓🍓 68/盒\n\n1. 小鹿🦌 2盒\n2. 阿强 1盒";
        let snapshot = snapshot(text, &[("wx1", "小鹿🦌 2盒"), ("wx2", "阿强 1盒")]);
        let (title, entries) = entries(&snapshot);
        assert!(title.contains("草莓"));
        assert_eq!(entries[0].text, "小鹿🦌 2盒");
        let read = read_native(&title, &entries, &fixture::lexicon("fruit"));
        let got: Vec<_> =
            read.iter().map(|e| (e.author.as_deref(), e.who.as_str(), e.lines[0].qty)).collect();
        assert_eq!(got, [(Some("wx1"), "小鹿🦌", Some(2)), (Some("wx2"), "阿强", Some(1))]);
    }

    #[test]
    fn ranges_outside_the_text_are_cut() {
        let wild = Utf16Range { start: 3, length: u32::MAX };
        let line = SnapshotLine { author: "a".into(), name: None, range: wild };
        let snapshot =
            Snapshot {
                text: "🦌🦌".into(), title: Some(wild), example: None, lines: vec![line]
            };
        assert_eq!(entries(&snapshot).1.len(), 1);
    }
}
