//! Lists of several people in whatever form: names beside goods, before a mark, or on lines of their own.
//!
//! ```text
//! roll   := header* entry entry+
//! entry  := number? (name goods | goods name | name mark goods | name mark? NL goods (NL goods)*)
//! header := goods that lines without any are about
//! ```
//!
//! A proposal only, beside what [`chain`](super::chain) reads from marked and numbered lists.

use super::clause::Heard;
use super::items::{self, Item, Order, Way};
use super::lexicon::Lexicon;
use super::lines::{self, Pattern};
use super::normalize::Folded;
use super::numbering::numbered;
use super::question;
use super::spans::{self, Span, What};
use crate::domain::intent::{ChainEntry, WantedLine};

/// Lines beyond this are not read.
const MOST_LINES: usize = 300;
/// More lists than these are not proposed.
const MOST_LISTS: usize = 8;
/// Longer names are nobody's, in characters.
const LONGEST_NAME: usize = 24;

/// Where the names stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Layout {
    /// 小美 2盒: before the goods.
    Before,
    /// 2盒 小美: after them.
    After,
    /// 3号楼 302：2盒: before a mark, numbers and all.
    Marked,
    /// 小美 on a line of its own, goods on the next ones.
    Blocks,
}

/// One line of the list.
struct Line {
    who: String,
    items: Vec<Item>,
    lines: Vec<WantedLine>,
}

/// The lists that a message may be, one for each place where names may stand, each with how many lines
/// speak of goods and could not be read.
pub(super) fn read(text: &str, lexicon: &Lexicon) -> Vec<(Vec<ChainEntry>, usize)> {
    let mut all: Vec<(Vec<ChainEntry>, usize)> = Vec::new();
    for parts in cuts(text) {
        for layout in [Layout::Before, Layout::Marked, Layout::Blocks, Layout::After] {
            let (entries, left) = entries(&parts, lexicon, layout);
            if entries.len() >= 2 && !all.iter().any(|(other, _)| *other == entries) {
                all.push((entries, left));
            }
        }
    }
    all.truncate(MOST_LISTS);
    all
}

/// The lines of a list; of a message of one line, what stands between marks.
fn cuts(text: &str) -> Vec<Vec<&str>> {
    let lines = tidy(text.lines().collect());
    if lines.len() > 1 {
        return if lines.len() > MOST_LINES { Vec::new() } else { vec![lines] };
    }
    let ends = text.split([';', '；', '。']).collect();
    let slashes = text.split("//").collect();
    let commas = text.split([',', '，']).collect();
    let cuts = [ends, slashes, commas, at_numbers(text)].map(tidy);
    cuts.into_iter().filter(|parts| (2..=MOST_LINES).contains(&parts.len())).collect()
}

fn tidy(parts: Vec<&str>) -> Vec<&str> {
    parts.into_iter().map(str::trim).filter(|part| !part.is_empty()).collect()
}

/// 接龙 1.老丁2袋 2.王嫂1袋: cut before each number in its turn.
fn at_numbers(text: &str) -> Vec<&str> {
    let (mut all, mut rest, mut n) = (Vec::new(), text, 1);
    while n < MOST_LINES {
        let found = ['.', '、', ')'].iter().filter_map(|mark| rest.find(&format!("{n}{mark}")));
        let Some(at) = found.min() else { break };
        all.push(&rest[..at]);
        rest = &rest[at..];
        n += 1;
    }
    all.push(rest);
    all
}

fn entries(parts: &[&str], lexicon: &Lexicon, layout: Layout) -> (Vec<ChainEntry>, usize) {
    let mut left = 0;
    let mut head = alone(lexicon);
    let mut person = String::new();
    let mut all: Vec<ChainEntry> = Vec::new();
    for part in parts {
        let Line { mut who, items, lines } = line(part, lexicon, layout, head.as_ref());
        if layout == Layout::Blocks {
            if items.is_empty() && lines.is_empty() {
                person = who;
                continue;
            }
            who = if person.is_empty() { who } else { person.clone() };
        }
        if who.is_empty() || lines.is_empty() {
            if all.is_empty()
                && let [item] = items.as_slice()
            {
                head = Some(item.clone());
            }
            left += usize::from(!all.is_empty() && !items.is_empty());
            continue;
        }
        match all.last_mut().filter(|last| layout == Layout::Blocks && last.who == who) {
            Some(last) => last.lines = question::tidy([last.lines.clone(), lines].concat()),
            None => all.push(ChainEntry { who, author: None, lines, note: None }),
        }
    }
    (all, left)
}

fn line(part: &str, lexicon: &Lexicon, layout: Layout, head: Option<&Item>) -> Line {
    let part = unmarked(part);
    let folded = Folded::new(part);
    let from = numbered(&folded).map_or(0, |(_, from)| from);
    let body = folded.written(from, folded.len()).trim();
    if layout == Layout::Marked
        && let Some((who, goods)) = marked(part)
    {
        let (items, lines) = taken(goods, lexicon, head);
        return Line { who, items, lines };
    }
    let text = Folded::new(body);
    let spans = spans::spans(&Heard::new(&text, lexicon));
    let named_at = |n: usize| {
        matches!(&spans[n].what, What::Named(named) if !named.how.is_weak())
            || matches!(spans[n].what, What::Amount(_))
    };
    let first = (0..spans.len()).find(|&n| named_at(n)).unwrap_or(spans.len());
    let last = (0..spans.len()).rfind(|&n| named_at(n)).unwrap_or(0);
    let before = name(&text, &spans[..first]);
    let after = spans.get(last + 1..).map_or_else(String::new, |rest| name(&text, rest));
    let (who, goods) = if layout == Layout::After && !after.is_empty() && before.is_empty() {
        (after, &spans[..=last.min(spans.len().saturating_sub(1))])
    } else {
        (before, &spans[first.min(spans.len())..])
    };
    let (items, lines) = settled(goods, lexicon, head);
    Line { who, items, lines }
}

/// The one thing on offer: amounts are of it.
fn alone(lexicon: &Lexicon) -> Option<Item> {
    let one = lexicon.offers().len() == 1;
    one.then(|| Item { offers: vec![0], ..Item::default() })
}

/// Without signs, and without a letter or number that counts the lines: 🌸, a., 1/
fn unmarked(part: &str) -> &str {
    let sign = |c: char| !c.is_alphanumeric() && !"#+(（".contains(c);
    let part = part.trim_start_matches(sign);
    let counts = |(at, _): &(usize, char)| {
        let (head, rest) = part.split_at(*at);
        (1..=2).contains(&head.len())
            && head.bytes().all(|b| b.is_ascii_alphanumeric())
            && rest[1..].starts_with(' ')
    };
    let mark = part.char_indices().find(|(_, c)| "./)".contains(*c)).filter(counts);
    mark.map_or(part, |(at, _)| part[at + 1..].trim_start())
}

/// What stands before the first mark that parts a name from goods, and what stands behind.
fn marked(part: &str) -> Option<(String, &str)> {
    const MARKS: [&str; 8] = [":", "：", " - ", "- ", " – ", "→", "\t", "|"];
    let (at, mark) = MARKS.iter().filter_map(|mark| Some((part.find(mark)?, *mark))).min()?;
    let who = part[..at].trim();
    let fits = !who.is_empty() && who.chars().count() <= LONGEST_NAME;
    fits.then(|| (who.to_owned(), part[at + mark.len()..].trim()))
}

/// The goods of a text.
fn taken(text: &str, lexicon: &Lexicon, head: Option<&Item>) -> (Vec<Item>, Vec<WantedLine>) {
    let text = Folded::new(text);
    settled(&spans::spans(&Heard::new(&text, lexicon)), lexicon, head)
}

/// Goods with their lines: amounts alone are of what the head names.
fn settled(goods: &[Span], lexicon: &Lexicon, head: Option<&Item>) -> (Vec<Item>, Vec<WantedLine>) {
    let way = Way { order: Order::After, halves: true, sizes: true };
    let listed = items::list(goods, lexicon, way);
    let mut items = listed.items;
    if items.is_empty()
        && let Some(head) = head
    {
        items.extend(
            listed.bare.iter().map(|&(amount, _)| Item { amount: Some(amount), ..head.recalled() }),
        );
    }
    let done = lines::done(Pattern::Add, &items);
    let found = items.iter().zip(&done).map(|(item, done)| lines::line(item, *done, lexicon, &[]));
    let lines = lines::settle(found.collect()).unwrap_or_default();
    (items, lines)
}

fn is_bullet(c: char) -> bool {
    c.is_whitespace() || "•·-–*☐☑✅✔◦●▪".contains(c)
}

/// What is written in these spans, without the marks around it.
fn name(text: &Folded<'_>, spans: &[Span]) -> String {
    let (Some(first), Some(last)) = (spans.first(), spans.last()) else { return String::new() };
    let is_mark = |c: char| is_bullet(c) || "：:，,、|｜—=～~.。()（）→>".contains(c);
    let written = text.written(first.from, last.to).trim_matches(is_mark);
    // 帮忙记一下：后厨老马
    let written = written.rsplit([':', '：']).next().unwrap_or(written).trim();
    if written.chars().count() > LONGEST_NAME { String::new() } else { written.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::understand::fixture;

    #[track_caller]
    fn check(said: &str, expected: &[(&str, usize)]) {
        let all = read(said, &fixture::lexicon("fruit"));
        let got = |(entries, _): &(Vec<ChainEntry>, usize)| {
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

    #[test]
    fn a_name_on_a_line_of_its_own_or_before_a_mark() {
        check("吴佳：\n草莓 2\n蓝莓 1\n潘阿婆：\n草莓 1盒", &[("吴佳", 2), ("潘阿婆", 1)]);
        check("草莓\n302: 2盒\n405: 1盒\n502: 不要", &[("302", 1), ("405", 1)]);
        check("草莓\n1- Pam 2\n2- Jo-Ann 3", &[("Pam", 1), ("Jo-Ann", 1)]);
    }

    #[test]
    fn lists_on_one_line() {
        check("记一下：老马 草莓2盒；小翠 蓝莓1盒", &[("老马", 1), ("小翠", 1)]);
        check("草莓接龙 1.老丁2盒 2.王嫂1盒", &[("老丁", 1), ("王嫂", 1)]);
    }
}
