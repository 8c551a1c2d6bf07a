//! Native chains: the structured 接龙 of WeChat, already cut into lines that each name their author
//! ([`crate::domain::orders::chain`]).
//!
//! The author is who the platform says, whatever name stands on the line; where it says nothing the name
//! counts, as in a pasted chain. So a remark is theirs wherever on the line it stands. Every post is a full
//! snapshot; comparing is not done here.

use super::chain;
use super::chain_entry::{self, EntryDefaults, EntryWanted};
use super::lexicon::Lexicon;
use super::normalize::visible;
use crate::domain::intent::ChainEntry;
use crate::domain::orders::chain::LINES_MAX;

/// One entry of a native chain: author, name and what they wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NativeEntry<'t> {
    /// The author's platform id.
    pub author: Option<&'t str>,
    /// The name the shop knows the author by; empty if it does not know them.
    pub name: &'t str,
    /// The line, with its number or without.
    pub text: &'t str,
}

/// Read a native chain. The title says what lines without a name are about. One author may hold
/// several lines; each is an entry of its own.
#[must_use]
pub fn read_native(title: &str, entries: &[NativeEntry<'_>], lexicon: &Lexicon) -> Vec<ChainEntry> {
    let ground = chain::ground_of(title, lexicon);
    let entries = entries.iter().take(LINES_MAX).filter(|entry| !chain::is_example(entry.text));
    entries.map(|entry| read_entry(entry, lexicon, ground)).collect()
}

fn read_entry(entry: &NativeEntry<'_>, lexicon: &Lexicon, ground: EntryDefaults) -> ChainEntry {
    let text = visible(entry.text);
    let mut rows = text.lines().filter(|row| !row.trim().is_empty());
    let first = chain::without_number(rows.next().unwrap_or_default());
    let (who, mut wanted) = first_row(first, entry.name, lexicon, ground);
    for row in rows {
        match chain_entry::wanted(row, lexicon, ground) {
            Some(more) => wanted.extend(more),
            None => wanted.notes.extend(chain_entry::remarks(row, lexicon)),
        }
    }
    let who = if entry.name.is_empty() { who } else { entry.name.to_owned() };
    wanted.into_entry(who, entry.author.map(ToOwned::to_owned))
}

/// The author's own name often begins the line; so may any other name, or none.
fn first_row<'t>(
    text: &'t str,
    name: &str,
    lexicon: &Lexicon,
    ground: EntryDefaults,
) -> (String, EntryWanted<'t>) {
    let rest = text.strip_prefix(name).filter(|_| !name.is_empty());
    if let Some(wanted) = rest.and_then(|rest| chain_entry::wanted(rest, lexicon, ground)) {
        return (name.to_owned(), wanted);
    }
    let (who, mut wanted) = chain_entry::read(text, lexicon, ground);
    if wanted.notes.is_empty() && !name.is_empty() {
        // 2盒 放门卫: what stands where a name might is none, for the author has one.
        let end = text.len().checked_sub(who.len()).filter(|&end| end > 0);
        let end = end.and_then(|end| text.get(end..)).filter(|end| *end == who);
        wanted.notes = end.map_or_else(Vec::new, |end| chain_entry::remarks(end, lexicon));
    }
    (who, wanted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::understand::fixture;

    /// Author, name known, text → name, code and quantity of the lines.
    #[test]
    fn a_line_is_its_authors_whatever_name_stands_on_it() {
        let lexicon = fixture::lexicon("fruit");
        let title = "#接龙\n丹东草莓🍓 68/盒";
        for (name, text, who, qty) in [
            ("", "1. 小鹿🦌 2盒", "小鹿🦌", Some(2)),
            ("小鹿", "1. 小鹿🦌 2盒", "小鹿", Some(2)),
            ("阿强", "2、 阿强3盒", "阿强", Some(3)),
            ("阿强", "葡萄妈妈 +1", "阿强", Some(1)),
            ("3号", "3号 2盒", "3号", Some(2)),
            ("阿强", "2盒", "阿强", Some(2)),
            ("阿强", "5. 阿强", "阿强", None),
            ("阿强", "5. 阿强 不要了", "阿强", None),
            ("", "", "", None),
            ("阿强", "阿强 草莓1盒\n再加1盒", "阿强", Some(2)),
            ("阿强", "阿强👩🏻 1盒、蓝莓2盒", "阿强", Some(1)),
            ("", "阿强👩🏻 3盒，蓝莓2盒", "阿强👩🏻", Some(3)),
        ] {
            let entry = NativeEntry { author: Some("wx1"), name, text };
            let read = read_native(title, &[entry], &lexicon);
            assert_eq!(read[0].author.as_deref(), Some("wx1"));
            assert_eq!(read[0].who, who, "{text}");
            assert_eq!(read[0].lines.first().and_then(|line| line.qty), qty, "{text}");
        }
    }

    /// Name known, text → remark.
    #[test]
    fn a_remark_is_the_authors_wherever_it_stands() {
        let lexicon = fixture::lexicon("fruit");
        for (name, text, note) in [
            ("阿强", "1. 阿强 2盒 不要压", Some("不要压")),
            ("阿强", "1. 2盒 放门卫", Some("放门卫")),
            ("阿强", "1. 2盒 送到 3栋", Some("送到 3栋")),
            ("阿强", "1. 2盒 小鹿", None),
            ("", "1. 2盒 放门卫", None),
            ("阿强", "1. 阿强 2盒（放门卫）\n到了打电话", Some("放门卫，到了打电话")),
            ("阿强", "1. 阿强 2盒\n再来葡萄1盒 明天取", Some("明天取")),
            ("别叫我胖子", "1. 别叫我胖子 2盒", None),
            ("阿强", "1. 别叫我胖子 2盒", None),
            ("阿强", "1. 阿强 放门卫", None),
        ] {
            let entry = NativeEntry { author: Some("wx1"), name, text };
            let read = read_native("#接龙\n丹东草莓🍓 68/盒", &[entry], &lexicon);
            assert_eq!(read[0].note.as_deref(), note, "{name}: {text}");
        }
    }

    #[test]
    fn examples_are_no_entries() {
        let lexicon = fixture::lexicon("fruit");
        let entry = |text| NativeEntry { author: None, name: "", text };
        let read = read_native("草莓", &[entry("例 张三 2盒"), entry("小美 1盒")], &lexicon);
        assert_eq!(read.len(), 1);
    }
}
