//! Lists of several people in whatever form: names beside goods, before a mark, or on lines of their own.
//!
//! ```text
//! roll   := header* entry entry+
//! entry  := number? (name goods | goods name | name mark goods | name mark? NL goods (NL goods)*)
//!         | goods ':' (name amount)+
//! header := goods that lines without any are about
//! ```
//!
//! A proposal only, beside what [`chain`](super::chain) reads from marked and numbered lists. The message is not cut
//! into words again: each part of it takes the spans that stand in it.

use std::ops::Range;

use super::items::{self, AmountSide, JoinWay, SaidItem};
use super::lexicon::Lexicon;
use super::lines::{self, ListPattern};
use super::normalize::Folded;
use super::numbering::numbered;
use super::question;
use super::spans::{How, NamedSpan, Span, SpanKind};
use super::vocabulary::Cue;
use crate::domain::intent::{ChainEntry, WantedLine};

/// Lines beyond this are not read.
const MOST_LINES: usize = 300;
/// More lists than these are not proposed.
const MOST_LISTS: usize = 12;
/// Longer names are nobody's, in characters.
const LONGEST_NAME: usize = 24;

/// Where the names stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum NameLayout {
    /// 小美 2盒: before the goods.
    Before,
    /// 3床小林 面膜2盒: before the first goods, numbers and all.
    Counted,
    /// 2盒 小美: after them.
    After,
    /// 3号楼 302：2盒: before a mark, numbers and all.
    Marked,
    /// 小美 on a line of its own, goods on the next ones.
    Blocks,
}

/// How the parts of a list are read.
#[derive(Clone, Copy, Debug)]
struct RollPlan {
    layout: NameLayout,
    /// Pieces of names are goods, not names of people.
    halves: bool,
    /// The first part is no entry, whatever stands in it.
    headed: bool,
}

const LAYOUTS: [NameLayout; 5] = [
    NameLayout::Before,
    NameLayout::Marked,
    NameLayout::Blocks,
    NameLayout::After,
    NameLayout::Counted,
];

/// A part of a message that may be an entry.
struct RollPart<'s> {
    /// Its bytes.
    at: Range<usize>,
    spans: &'s [Span],
    /// The goods that this part is about, where it names none.
    head: &'s [Span],
}

/// What a part comes to.
#[derive(Default)]
struct RollLine {
    who: String,
    items: Vec<SaidItem>,
    lines: Vec<WantedLine>,
}

/// A message as far as lists go.
pub(super) struct Roll<'r, 't> {
    pub(super) text: &'r Folded<'t>,
    pub(super) spans: &'r [Span],
    pub(super) lexicon: &'r Lexicon,
}

impl<'r> Roll<'r, '_> {
    /// The lists that the message may be, one for each place where names may stand, each with how many lines
    /// speak of goods and could not be read.
    pub(super) fn read(&self) -> Vec<(Vec<ChainEntry>, usize)> {
        let mut all: Vec<(Vec<ChainEntry>, usize)> = Vec::new();
        if self.spans.iter().filter(|span| tells(span)).take(2).count() < 2 {
            return all;
        }
        for parts in self.cuts() {
            for plan in plans(self.text.source, &parts) {
                let (entries, left) = self.entries(&parts, plan);
                let known = |(other, _): &(Vec<ChainEntry>, usize)| *other == entries;
                if entries.len() >= 2 && !all.iter().any(known) {
                    all.push((entries, left));
                }
            }
        }
        all.truncate(MOST_LISTS);
        all
    }

    /// The lines of a list; of a message of one line, what stands between marks.
    fn cuts(&self) -> Vec<Vec<RollPart<'r>>> {
        let text = self.text.source;
        let lines = between(text, |c| matches!(c, '\n' | '\u{2028}' | '\u{2029}'));
        let all = if lines.len() > 1 {
            let by_goods = self.by_goods(&lines);
            let mut all = vec![lines.into_iter().map(|at| self.part(at)).collect::<Vec<_>>()];
            all.extend(by_goods);
            all
        } else {
            let cuts = [
                between(text, |c| matches!(c, ';' | '；' | '。')),
                between(text, |c| matches!(c, '/' | '／' | '|')),
                between(text, |c| matches!(c, ',' | '，')),
                at_numbers(text),
                between(text, char::is_whitespace),
            ];
            cuts.into_iter().map(|cut| cut.into_iter().map(|at| self.part(at)).collect()).collect()
        };
        let telling = |part: &&RollPart<'_>| part.spans.iter().any(tells);
        let fits = |parts: &Vec<RollPart<'_>>| {
            parts.len() <= MOST_LINES && parts.iter().filter(telling).take(2).count() == 2
        };
        all.into_iter().filter(fits).collect()
    }

    fn part(&self, at: Range<usize>) -> RollPart<'r> {
        RollPart { spans: self.within(&at), at, head: &[] }
    }

    /// The spans that begin in these bytes.
    fn within(&self, at: &Range<usize>) -> &'r [Span] {
        let before = |end: usize| self.spans.partition_point(|it| self.text.byte(it.from) < end);
        self.spans.get(before(at.start)..before(at.end)).unwrap_or_default()
    }

    /// 草莓：小美2、阿强1: lines of one kind of goods each, with the people behind a mark.
    fn by_goods(&self, lines: &[Range<usize>]) -> Option<Vec<RollPart<'r>>> {
        let mut all = Vec::new();
        for line in lines {
            let written = &self.text.source[line.clone()];
            let Some((mark, behind)) = colon(written) else { continue };
            let head = self.within(&(line.start..line.start + mark));
            if !head.iter().any(|span| matches!(span.what, SpanKind::Named(_))) {
                continue;
            }
            let rest = &written[behind..];
            let people = between(rest, |c| matches!(c, '、' | ',' | '，' | ';' | '；' | ' '));
            all.extend(people.into_iter().map(|at| {
                let from = line.start + behind;
                RollPart { head, ..self.part(from + at.start..from + at.end) }
            }));
        }
        (all.len() > 1).then_some(all)
    }

    fn entries(&self, parts: &[RollPart<'r>], plan: RollPlan) -> (Vec<ChainEntry>, usize) {
        let mut left = 0;
        let mut head: Vec<Span> = alone(self.lexicon).into_iter().collect();
        let mut person = String::new();
        let mut all: Vec<ChainEntry> = Vec::new();
        for (n, part) in parts.iter().enumerate() {
            let own = if part.head.is_empty() { &head } else { part.head };
            if plan.headed && n == 0 && part.head.is_empty() {
                head = named(part.spans).or(Some(head)).unwrap_or_default();
                continue;
            }
            let RollLine { mut who, items, lines } = self.line(part, plan, own);
            if plan.layout == NameLayout::Blocks {
                if items.is_empty() && lines.is_empty() {
                    person = who;
                    continue;
                }
                who = if person.is_empty() { who } else { person.clone() };
            }
            if who.is_empty() || lines.is_empty() {
                if all.is_empty() && items.len() == 1 {
                    head = named(part.spans).unwrap_or(head);
                }
                left += usize::from(!all.is_empty() && !items.is_empty());
                continue;
            }
            match all.iter_mut().find(|known| known.who == who) {
                Some(known) => known.lines = question::tidy([&known.lines[..], &lines].concat()),
                None => all.push(ChainEntry { who, author: None, lines, note: None }),
            }
        }
        (all, left)
    }

    fn line(&self, part: &RollPart<'r>, plan: RollPlan, head: &[Span]) -> RollLine {
        let written = &self.text.source[part.at.clone()];
        let start = part.at.start + body(written);
        if plan.layout == NameLayout::Marked {
            let from = part.at.start + unmarked(written);
            if let Some((who, behind)) = marked(&self.text.source[from..part.at.end]) {
                let (items, lines) = self.settled(self.within(&(from + behind..part.at.end)), head);
                return RollLine { who, items, lines };
            }
        }
        let spans = self.within(&(start..part.at.end));
        let goods = |span: &Span| match span.what {
            SpanKind::Amount(_) => plan.layout != NameLayout::Counted,
            _ => tells_surely(span) || plan.halves && is_half(span),
        };
        let first = spans.iter().position(goods).unwrap_or(spans.len());
        let last = spans.iter().rposition(goods).unwrap_or(0);
        let before = self.name(&spans[..first]);
        let after = spans.get(last + 1..).map_or_else(String::new, |rest| self.name(rest));
        let (who, goods) =
            if plan.layout == NameLayout::After && !after.is_empty() && before.is_empty() {
                (after, &spans[..=last.min(spans.len().saturating_sub(1))])
            } else {
                (before, &spans[first.min(spans.len())..])
            };
        let (items, lines) = self.settled(goods, head);
        RollLine { who, items, lines }
    }

    /// Goods with their lines: what names none is of what the head names.
    fn settled(&self, goods: &[Span], head: &[Span]) -> (Vec<SaidItem>, Vec<WantedLine>) {
        let way = JoinWay { order: AmountSide::After, halves: true, sizes: true };
        let offers = |span: &Span| match &span.what {
            SpanKind::Named(named) => !named.offers.is_empty(),
            _ => false,
        };
        let says = goods.iter().any(tells);
        let items = if head.is_empty() || goods.iter().any(offers) || !says {
            items::list(goods, self.lexicon, way).items
        } else {
            items::list(&[head, goods].concat(), self.lexicon, way).items
        };
        let done = lines::done(ListPattern::Add, &items);
        let found =
            items.iter().zip(&done).map(|(item, done)| lines::line(item, *done, self.lexicon, &[]));
        let lines = lines::settle(found.collect()).unwrap_or_default();
        (items, lines)
    }

    /// What is written in these spans, without the marks around it and the words of ordering behind it.
    fn name(&self, spans: &[Span]) -> String {
        let orders = |span: &&Span| matches!(span.what, SpanKind::Cue(Cue::Want | Cue::Again));
        let spans = &spans[..spans.len() - spans.iter().rev().take_while(orders).count()];
        let (Some(first), Some(last)) = (spans.first(), spans.last()) else { return String::new() };
        let is_mark = |c: char| is_bullet(c) || "：:，,、|｜—=～~.。()（）→>／/…".contains(c);
        let written = self.text.written(first.from, last.to).trim_matches(is_mark);
        // 帮忙记一下：后厨老马
        let written = written.rsplit([':', '：']).next().unwrap_or(written).trim();
        if written.chars().count() > LONGEST_NAME { String::new() } else { written.to_owned() }
    }
}

/// The ways in which these parts may be read that can differ.
fn plans(text: &str, parts: &[RollPart<'_>]) -> Vec<RollPlan> {
    let any = |test: &dyn Fn(&RollPart<'_>) -> bool| parts.iter().any(test);
    let weak = any(&|part| part.spans.iter().any(is_half));
    let marks = any(&|part| marked(&text[part.at.clone()]).is_some());
    let headless = any(&|part| !part.spans.iter().any(tells));
    let counted = any(&|part| {
        let first = part.spans.iter().find(|span| tells(span));
        matches!(first, Some(Span { what: SpanKind::Amount(_), .. }))
    });
    let told = parts.iter().filter(|part| part.spans.iter().any(tells)).count();
    let mut all = Vec::new();
    for headed in [false, true].into_iter().filter(|&headed| told > 2 || !headed) {
        for halves in [false, true].into_iter().filter(|&halves| weak || !halves) {
            let fits = |layout: &NameLayout| match layout {
                NameLayout::Before | NameLayout::After => true,
                NameLayout::Marked => marks,
                NameLayout::Blocks => headless,
                NameLayout::Counted => counted,
            };
            let layouts = LAYOUTS.into_iter().filter(fits);
            all.extend(layouts.map(|layout| RollPlan { layout, halves, headed }));
        }
    }
    all
}

/// What says which goods, or how many.
fn tells(span: &Span) -> bool {
    matches!(span.what, SpanKind::Named(_) | SpanKind::Amount(_))
}

fn tells_surely(span: &Span) -> bool {
    match &span.what {
        SpanKind::Named(named) => !named.how.is_weak(),
        SpanKind::Amount(_) => true,
        _ => false,
    }
}

/// A piece of a name that is no single character: hardly a person.
fn is_half(span: &Span) -> bool {
    let long = span.to - span.from > 1;
    matches!(&span.what, SpanKind::Named(named) if named.how.is_weak() && (long || named.how == How::HalfPart))
}

/// The goods that a header names.
fn named(spans: &[Span]) -> Option<Vec<Span>> {
    let named = |span: &&Span| matches!(span.what, SpanKind::Named(_));
    let all: Vec<Span> = spans.iter().filter(named).cloned().collect();
    (!all.is_empty()).then_some(all)
}

/// The one thing on offer: amounts are of it.
fn alone(lexicon: &Lexicon) -> Option<Span> {
    let one = lexicon.offers().len() == 1;
    let named = NamedSpan { offers: vec![0], ..NamedSpan::default() };
    one.then_some(Span { from: 0, to: 0, what: SpanKind::Named(named) })
}

/// What stands between these marks, without blanks around it, in bytes.
fn between(text: &str, is_mark: impl Fn(char) -> bool) -> Vec<Range<usize>> {
    let mut all = Vec::new();
    let mut from = 0;
    let mut add = |from: usize, to: usize| {
        let part = &text[from..to];
        let start = from + part.len() - part.trim_start().len();
        if !part.trim().is_empty() {
            all.push(start..start + part.trim().len());
        }
    };
    for (at, c) in text.char_indices().filter(|(_, c)| is_mark(*c)) {
        add(from, at);
        from = at + c.len_utf8();
    }
    add(from, text.len());
    all
}

/// 接龙 1.老丁2袋 2.王嫂1袋: cut before each number in its turn.
fn at_numbers(text: &str) -> Vec<Range<usize>> {
    let (mut all, mut from, mut n) = (Vec::new(), 0, 1);
    while n < MOST_LINES {
        let rest = &text[from..];
        let found = ['.', '、', ')'].iter().filter_map(|mark| rest.find(&format!("{n}{mark}")));
        let Some(at) = found.min() else { break };
        if !rest[..at].trim().is_empty() {
            all.push(from..from + at);
        }
        from += at;
        n += 1;
    }
    all.push(from..text.len());
    all
}

/// Where an entry begins, behind signs and what counts the lines.
fn body(part: &str) -> usize {
    let from = unmarked(part);
    let folded = Folded::new(&part[from..]);
    from + numbered(&folded).map_or(0, |(_, at)| folded.byte(at))
}

/// Without signs, and without a letter or number that counts the lines: 🌸, a., 1/
fn unmarked(part: &str) -> usize {
    let sign = |c: char| !c.is_alphanumeric() && !"#(（".contains(c);
    let from = part.len() - part.trim_start_matches(sign).len();
    let part = &part[from..];
    let counts = |(at, _): &(usize, char)| {
        let (head, rest) = part.split_at(*at);
        (1..=2).contains(&head.len())
            && head.bytes().all(|b| b.is_ascii_alphanumeric())
            && rest[1..].starts_with(' ')
    };
    let mark = part.char_indices().find(|(_, c)| "./)".contains(*c)).filter(counts);
    mark.map_or(from, |(at, _)| {
        let rest = &part[at + 1..];
        from + at + 1 + rest.len() - rest.trim_start().len()
    })
}

/// What stands before the first mark that parts a name from goods, and where the rest begins.
fn marked(part: &str) -> Option<(String, usize)> {
    const MARKS: [&str; 12] =
        [":", "：", " - ", "- ", " – ", "->", "→", "=", "...", "…", "\t", "|"];
    let (at, mark) = MARKS.iter().filter_map(|mark| Some((part.find(mark)?, *mark))).min()?;
    let who = part[..at].trim();
    let fits = !who.is_empty() && who.chars().count() <= LONGEST_NAME;
    let who = who.trim_start_matches(|c: char| c.is_ascii_digit());
    let who = who.strip_prefix(['.', '、', ')']).map_or(part[..at].trim(), str::trim);
    fits.then(|| (who.to_owned(), at + mark.len()))
}

/// Where a colon stands, and what is behind it.
fn colon(part: &str) -> Option<(usize, usize)> {
    let (at, c) = part.char_indices().find(|(_, c)| matches!(c, ':' | '：'))?;
    Some((at, at + c.len_utf8()))
}

fn is_bullet(c: char) -> bool {
    c.is_whitespace() || "•·-–*☐☑✅✔◦●▪".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::understand::clause::ReadableMessage;
    use crate::understand::{fixture, spans};

    #[track_caller]
    fn check(said: &str, expected: &[(&str, usize)]) {
        let lexicon = fixture::lexicon("fruit");
        let text = Folded::new(said);
        let spans = spans::telling(spans::spans(&ReadableMessage::new(&text, &lexicon)));
        let all = Roll { text: &text, spans: &spans, lexicon: &lexicon }.read();
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
