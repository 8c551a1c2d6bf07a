//! 接龙 chains pasted as text: a header, perhaps a menu and an example, then numbered lines.
//!
//! ```text
//! chain  := (anything "#接龙" | "#Group Note")? header* entry+
//! header := line without a number, indented menu line, 例 line
//! entry  := number name goods*  continuation*
//! ```
//!
//! Without a mark, two numbered lines or more with names are a chain; numbered lines without names
//! are one member's own list. A header that names exactly one offer holds for lines that name none.
//! Every chain is a full snapshot: comparing it with what is known is not done here.
//!
//! A remark is kept from a line that names goods. What stands alone below an entry (自提点：3号楼大厅) may be
//! about the whole chain, and is nobody's.

use super::chain_entry::{self, EntryDefaults, EntryWanted};
use super::clause::{Flags, ReadableMessage};
use super::lexicon::Lexicon;
use super::normalize::Folded;
use super::numbering::numbered;
use super::tokens::Kind;
use super::units;
use crate::domain::intent::ChainEntry;

/// What a message of many lines is.
pub(super) enum ChainReading {
    /// Not a chain.
    No,
    /// A chain with these entries, some perhaps without lines.
    List(Vec<ChainEntry>),
    /// One member's own numbered list: the text without its numbers.
    Own(String),
}

const MARKS: &[&str] = &[
    "#接龙",
    "# 接龙",
    "#group note",
    "#solitaire",
    "#jielong",
    "#接龙团购",
    "#接力",
    "#sign up",
    "#signup",
    "【接龙】",
    "(接龙)",
];
const EXAMPLES: &[&str] = &[
    "例", "示例", "样例", "格式", "范例", "模板", "example", "e.g", "eg ", "eg:", "format",
    "sample",
];

/// Entries beyond this are not read.
const MOST_ENTRIES: usize = 2_000;

/// One line of the message.
struct MessageLine<'t> {
    folded: Folded<'t>,
    indented: bool,
    number: Option<(u32, usize)>,
}

impl<'t> MessageLine<'t> {
    fn new(text: &'t str) -> Self {
        let folded = Folded::new(text.trim_end_matches(['\r', '\n']));
        let number = numbered(&folded);
        Self { indented: text.starts_with([' ', '\t', '　']), folded, number }
    }

    fn starts(&self, words: &[&str]) -> bool {
        words.iter().any(|word| word.chars().enumerate().all(|(n, c)| self.folded.at(n) == c))
    }

    /// What was written after the numbering.
    fn body(&self) -> &'t str {
        let from = self.number.map_or(0, |(_, from)| from);
        self.folded.written(from, self.folded.len()).trim()
    }
}

/// Read a message as a chain.
pub(super) fn read(text: &str, lexicon: &Lexicon) -> ChainReading {
    if !text.contains('\n') {
        return ChainReading::No;
    }
    let mark = marked(text);
    let lines: Vec<MessageLine<'_>> =
        text[mark.unwrap_or(0)..].lines().take(MOST_ENTRIES * 2).map(MessageLine::new).collect();
    let numbers = lines.iter().filter(|line| line.number.is_some()).count();
    if mark.is_none() && numbers < 2 {
        return ChainReading::No;
    }
    let first = first_entry(&lines, lexicon);
    let ground = ground(&lines[..first], lexicon);
    let entries = entries(&lines[first..], lexicon, ground);
    if mark.is_some() {
        // A chain that nobody has joined yet orders nothing.
        let none = entries.is_empty() && numbers == 0;
        return if none { ChainReading::No } else { ChainReading::List(entries) };
    }
    unmarked(&lines, entries, lexicon)
}

/// Numbered lines without a mark: a chain if they have names, a list of one member if not.
fn unmarked(
    lines: &[MessageLine<'_>],
    entries: Vec<ChainEntry>,
    lexicon: &Lexicon,
) -> ChainReading {
    let ordered = entries.iter().filter(|entry| !entry.lines.is_empty()).count();
    let named = entries.iter().filter(|entry| !entry.who.is_empty()).count();
    // "1 tray of eggs" counts trays; nobody is called that.
    let counted = entries.iter().any(|entry| units::kinds_of(&entry.who) != 0);
    if ordered < 2 || counted {
        return ChainReading::No;
    }
    if named == entries.len() {
        return ChainReading::List(entries);
    }
    let listed = lines.iter().position(|line| line.number.is_some()).unwrap_or(0);
    let own = lines[listed..].iter().all(|line| line.number.is_some() || line.body().is_empty());
    if named == 0 && own && lines[..listed].iter().all(|line| wants(line, lexicon)) {
        let own: Vec<&str> = lines.iter().map(MessageLine::body).collect();
        return ChainReading::Own(own.join("\n"));
    }
    ChainReading::No
}

/// 我要：, "I'd like:" above a list: nothing but that somebody wants what follows.
fn wants(line: &MessageLine<'_>, lexicon: &Lexicon) -> bool {
    let heard = ReadableMessage::new(&line.folded, lexicon);
    let flags = heard.clauses().iter().fold(Flags::default(), |all, c| all.union(c.flags));
    let other = Flags::GOODS.union(Flags::NUMBER).union(Flags::UNKNOWN).union(Flags::QUESTION);
    let told = Flags::STORY.union(Flags::ELSEWHERE).union(Flags::CONDITION).union(Flags::TOPIC);
    heard.tokens.is_empty() || (flags.has(Flags::WANT) && !flags.has(other.union(told)))
}

/// Where the text after the mark begins, if there is one.
fn marked(text: &str) -> Option<usize> {
    let folded = Folded::new(text);
    let hash = |at: usize| matches!(folded.at(at), '#' | '(');
    (0..folded.len().min(2_000))
        .filter(|&at| hash(at))
        .find_map(|at| {
            let mark = MARKS
                .iter()
                .map(|mark| mark.replace('【', "(").replace('】', ")"))
                .find(|mark| mark.chars().enumerate().all(|(n, c)| folded.at(at + n) == c))?;
            Some(folded.byte(at + mark.chars().count()))
        })
        .or_else(|| {
            // 接龙 alone on the first line.
            let line = text.trim_start().lines().next()?;
            let title = Folded::new(line.trim());
            let word: String = title.glyphs.iter().map(|g| g.c).collect();
            let bare = matches!(
                word.as_str(),
                "接龙"
                    | "团购接龙"
                    | "接龙团购"
                    | "接龙:"
                    | "接龙开始"
                    | "group order"
                    | "group buy"
            );
            bare.then(|| text.len() - text.trim_start().len() + line.len())
        })
}

/// The first line that is an entry: numbered, not indented, no example, and no line of a menu.
fn first_entry(lines: &[MessageLine<'_>], lexicon: &Lexicon) -> usize {
    let candidates: Vec<usize> = (0..lines.len())
        .filter(|&n| {
            let line = &lines[n];
            line.number.is_some() && !line.indented && !line.starts(EXAMPLES)
        })
        .collect();
    // A menu may be numbered too; the numbering starts again with the entries.
    let restarts = candidates.iter().rev().copied().find(|&n| {
        lines[n].number.is_some_and(|(number, _)| number == 1)
            && candidates.first().is_some_and(|&first| first < n && is_menu(&lines[first], lexicon))
    });
    restarts.or_else(|| candidates.first().copied()).unwrap_or(lines.len())
}

/// A menu line names goods and a price, and nobody.
fn is_menu(line: &MessageLine<'_>, lexicon: &Lexicon) -> bool {
    let body = Folded::new(line.body());
    let heard = ReadableMessage::new(&body, lexicon);
    let goods =
        heard.tokens.first().is_some_and(|t| matches!(t.kind, Kind::Entry(_) | Kind::Code(_)));
    goods && heard.tokens.iter().any(|t| matches!(t.kind, Kind::Opaque(_) | Kind::Number(_)))
}

/// What the header says about lines that name nothing.
fn ground(header: &[MessageLine<'_>], lexicon: &Lexicon) -> EntryDefaults {
    let mut named: Option<Vec<u16>> = None;
    let mut several = false;
    let mut strange = false;
    for line in header.iter().filter(|line| !line.starts(EXAMPLES)) {
        let heard = ReadableMessage::new(&line.folded, lexicon);
        for token in &heard.tokens {
            let offers = match token.kind {
                Kind::Code(offer) => vec![offer],
                Kind::Entry(_) => heard.entry(token).map_or_else(Vec::new, |e| {
                    e.code.map_or_else(|| e.items.clone(), |code| vec![code])
                }),
                _ => continue,
            };
            if offers.is_empty() {
                continue;
            }
            let common = named.as_ref().map_or_else(
                || offers.clone(),
                |old| old.iter().copied().filter(|offer| offers.contains(offer)).collect(),
            );
            several |= common.is_empty();
            named = Some(common);
        }
        let flags = heard.clauses().iter().fold(Flags::default(), |all, c| all.union(c.flags));
        strange |= flags.has(Flags::UNKNOWN.union(Flags::DECOY));
    }
    let default = match named.as_deref() {
        Some([only]) if !several => Some(*only),
        None if lexicon.offers().len() == 1 && !strange => Some(0),
        _ => None,
    };
    EntryDefaults { default }
}

/// What a title alone says about lines that name nothing.
pub(super) fn ground_of(title: &str, lexicon: &Lexicon) -> EntryDefaults {
    let title = title.trim_start();
    let lines: Vec<MessageLine<'_>> =
        title[marked(title).unwrap_or(0)..].lines().map(MessageLine::new).collect();
    ground(&lines, lexicon)
}

/// Whether a line only shows how an entry should look (例).
pub(super) fn is_example(line: &str) -> bool {
    MessageLine::new(line.trim_start()).starts(EXAMPLES)
}

/// A line without its number.
pub(super) fn without_number(line: &str) -> &str {
    let line = line.trim();
    let folded = Folded::new(line);
    numbered(&folded).map_or(line, |(_, from)| line[folded.byte(from)..].trim())
}

fn entries(lines: &[MessageLine<'_>], lexicon: &Lexicon, ground: EntryDefaults) -> Vec<ChainEntry> {
    let mut entries: Vec<(String, EntryWanted<'_>)> = Vec::new();
    for line in lines {
        if line.starts(EXAMPLES) || line.body().is_empty() {
            continue;
        }
        let body = line.body();
        if line.number.is_some() {
            entries.push(chain_entry::read(body, lexicon, ground));
        } else if let Some((_, last)) = entries.last_mut() {
            // A further line of the same person.
            last.extend(chain_entry::wanted(body, lexicon, ground).unwrap_or_default());
        }
    }
    entries.into_iter().map(|(who, wanted)| wanted.into_entry(who, None)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::understand::fixture;

    #[track_caller]
    fn notes(text: &str) -> Vec<Option<String>> {
        match read(text, &fixture::lexicon("fruit")) {
            ChainReading::List(entries) => entries.into_iter().map(|entry| entry.note).collect(),
            _ => panic!("no chain: {text}"),
        }
    }

    #[test]
    fn a_remark_is_of_the_entry_it_stands_in() {
        let text = "#接龙\n草莓 68/盒\n1. 小美 2盒 放门卫\n   再来葡萄1盒，明天取\n2. 阿强 1盒";
        assert_eq!(notes(text), [Some("放门卫，明天取".to_owned()), None]);
    }

    #[test]
    fn what_stands_alone_below_the_list_is_nobodys() {
        let text =
            "#接龙\n草莓 68/盒\n1. 小美 2盒\n2. 阿强 1盒\n自提点：3号楼大厅\n明天下午送到门口";
        assert_eq!(notes(text), [None, None]);
    }
}
