//! Lists of several people without marks or numbers: a name on each line, and what they take.
//!
//! ```text
//! roll  := header* entry entry+
//! entry := number? (name goods | goods name)       header: goods that lines without any are about
//! ```
//!
//! A proposal only, beside what [`chain`](super::chain) reads from marked and numbered lists.

use super::clause::Heard;
use super::items::{self, Item, Order, Way};
use super::lexicon::Lexicon;
use super::lines::{self, Pattern};
use super::normalize::Folded;
use super::numbering::numbered;
use super::spans::{self, Span, What};
use crate::domain::intent::{ChainEntry, WantedLine};

/// Lines beyond this are not read.
const MOST_LINES: usize = 300;

/// One line of the list.
struct Line {
    who: String,
    items: Vec<Item>,
    lines: Vec<WantedLine>,
}

/// The lists that a message may be: names before goods, and after them.
pub(super) fn read(text: &str, lexicon: &Lexicon) -> Vec<Vec<ChainEntry>> {
    let mut parts: Vec<&str> = text.lines().collect();
    if parts.len() < 2 {
        parts = text.split([';', '；', '。']).collect();
    }
    let parts: Vec<&str> =
        parts.into_iter().map(str::trim).filter(|part| !part.is_empty()).collect();
    if parts.len() < 2 || parts.len() > MOST_LINES {
        return Vec::new();
    }
    let mut all: Vec<Vec<ChainEntry>> = Vec::new();
    for order in [Order::After, Order::Before] {
        let entries = entries(&parts, lexicon, order);
        if entries.len() >= 2 && !all.contains(&entries) {
            all.push(entries);
        }
    }
    all
}

fn entries(parts: &[&str], lexicon: &Lexicon, order: Order) -> Vec<ChainEntry> {
    let mut head: Option<Vec<u16>> = None;
    let mut all = Vec::new();
    for part in parts {
        let line = line(part, lexicon, order, head.as_deref());
        if line.lines.is_empty() && all.is_empty() {
            if let [item] = line.items.as_slice() {
                head = Some(item.offers.clone());
            }
            continue;
        }
        if line.who.is_empty() || line.lines.is_empty() {
            if all.is_empty()
                && let [item] = line.items.as_slice()
            {
                head = Some(item.offers.clone());
            }
            continue;
        }
        all.push(ChainEntry { who: line.who, author: None, lines: line.lines, note: None });
    }
    all
}

fn line(part: &str, lexicon: &Lexicon, order: Order, head: Option<&[u16]>) -> Line {
    let folded = Folded::new(part);
    let from = numbered(&folded).map_or(0, |(_, from)| from);
    let body = folded.written(from, folded.len()).trim();
    let text = Folded::new(body);
    let heard = Heard::new(&text, lexicon);
    let spans = spans::spans(&heard);
    let named_at = |n: usize| {
        matches!(&spans[n].what, What::Named(named) if !named.how.is_weak())
            || matches!(spans[n].what, What::Amount(_))
    };
    let first = (0..spans.len()).find(|&n| named_at(n)).unwrap_or(spans.len());
    let last = (0..spans.len()).rfind(|&n| named_at(n)).unwrap_or(0);
    let before = name(&text, &spans[..first]);
    let after = spans.get(last + 1..).map_or_else(String::new, |rest| name(&text, rest));
    let (who, goods) = if order == Order::Before && !after.is_empty() && before.is_empty() {
        (after, &spans[..=last.min(spans.len().saturating_sub(1))])
    } else {
        (before, &spans[first.min(spans.len())..])
    };
    let listed =
        items::list(goods, lexicon, Way { order: Order::After, halves: true, sizes: true });
    let mut items = listed.items;
    if items.is_empty()
        && let Some(head) = head
    {
        items.extend(listed.bare.iter().map(|&(amount, _)| Item {
            offers: head.to_vec(),
            amount: Some(amount),
            ..Item::default()
        }));
    }
    let done = lines::done(Pattern::Add, &items);
    let found = items.iter().zip(&done).map(|(item, done)| lines::line(item, *done, lexicon, &[]));
    let lines = lines::settle(found.collect()).unwrap_or_default();
    Line { who, items, lines }
}

/// What is written in these spans, without the marks around it.
fn name(text: &Folded<'_>, spans: &[Span]) -> String {
    let (Some(first), Some(last)) = (spans.first(), spans.last()) else { return String::new() };
    let is_mark = |c: char| c.is_whitespace() || "：:，,、|｜-—=～~•·.。()（）→>".contains(c);
    let written = text.written(first.from, last.to).trim_matches(is_mark);
    if written.chars().count() > 24 { String::new() } else { written.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::understand::fixture;

    #[track_caller]
    fn check(said: &str, expected: &[(&str, usize)]) {
        let all = read(said, &fixture::lexicon("fruit"));
        let got = |entries: &Vec<ChainEntry>| {
            let entry = |it: &ChainEntry| (it.who.clone(), it.lines.len());
            entries.iter().map(entry).collect::<Vec<_>>()
        };
        let expected: Vec<_> = expected.iter().map(|&(who, n)| (who.to_owned(), n)).collect();
        assert_eq!(all.first().map(got).unwrap_or_default(), expected, "{said}");
    }

    #[test]
    fn a_name_and_goods_on_each_line() {
        check("小美：草莓2盒\n阿强：蓝莓1盒 草莓1盒", &[("小美", 1), ("阿强", 2)]);
        check("草莓接龙\n小美 2盒\n阿强 1盒", &[("小美", 1), ("阿强", 1)]);
        check("草莓2盒\n蓝莓1盒", &[]);
    }
}
