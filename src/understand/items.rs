//! Items: the goods of a message with their amounts, put together in one of a few ways.
//!
//! ```text
//! After    苹果2箱 梨3箱, 2箱苹果3箱梨     an amount belongs to what was named before it, if that lacks one
//! Before   两箱苹果，三箱梨要脆的          … to what is named after it
//! Near     梨，苹果两箱                   … to whichever is nearer
//! ```
//!
//! Each way gives one list; which of them was meant is for the judge to say.

use super::goods::{Amount, Mode};
use super::lexicon::Lexicon;
use super::spans::{CountedSpan, How, NamedSpan, Span, SpanKind};
use super::vocabulary::Cue;

/// Goods with what was said about them.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct SaidItem {
    /// The offers it may be.
    pub(super) offers: Vec<u16>,
    /// The variants it may be; none if none was named.
    pub(super) variants: Vec<(u16, u16)>,
    pub(super) amount: Option<Amount>,
    pub(super) how: How,
    /// The span that named it first; none if it was not named.
    pub(super) at: Option<usize>,
    /// The last span of its name.
    pub(super) to: usize,
    /// The span of its amount.
    pub(super) amount_at: Option<usize>,
    /// The word of change between what was named before it and it.
    pub(super) lead: Option<Mode>,
    /// The word of change between it and what is named after it.
    pub(super) trail: Option<Mode>,
}

impl SaidItem {
    /// The same as something said before: nothing of this message names or counts it.
    pub(super) fn recalled(&self) -> Self {
        Self { at: None, to: 0, amount_at: None, lead: None, trail: None, ..self.clone() }
    }
}

/// How spans are put together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct JoinWay {
    pub(super) order: AmountSide,
    /// Pieces of names and names with slips count.
    pub(super) halves: bool,
    /// Numbers may be sizes and codes.
    pub(super) sizes: bool,
}

/// Where an amount looks for its goods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AmountSide {
    After,
    Before,
    Near,
}

/// What a message says about goods.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct SaidList {
    pub(super) items: Vec<SaidItem>,
    /// Amounts that belong to nothing named, each with its span.
    pub(super) bare: Vec<(Amount, usize)>,
    /// All words of change, each with its span.
    pub(super) modes: Vec<(usize, Mode)>,
}

/// Beyond this a list is a chain or no list.
const MOST_ITEMS: usize = 24;
/// No amount is as large.
const MOST_MILLI: i64 = 1_000_000;

/// Put the spans together in one way.
pub(super) fn list(spans: &[Span], lexicon: &Lexicon, way: JoinWay) -> SaidList {
    let all = SaidList::default();
    let mut walk = ItemWalk { spans, lexicon, way, all, pending: None, each: None, spread: false };
    for (n, span) in spans.iter().enumerate() {
        walk.step(n, &span.what);
    }
    walk.finish()
}

/// The word of change a cue is.
fn mode(cue: Cue) -> Option<Mode> {
    Some(match cue {
        Cue::Set | Cue::Only | Cue::Total | Cue::Correct => Mode::Set,
        Cue::Again => Mode::Again,
        Cue::Less => Mode::Less,
        Cue::Drop => Mode::Drop,
        Cue::Swap => Mode::Swap,
        Cue::InsteadOf | Cue::Instead => Mode::InsteadOf,
        Cue::Keep => Mode::Keep,
        _ => return None,
    })
}

struct ItemWalk<'s> {
    spans: &'s [Span],
    lexicon: &'s Lexicon,
    way: JoinWay,
    all: SaidList,
    /// An amount that waits for its goods.
    pending: Option<(Amount, usize)>,
    /// 各 was said: the amount that everything without one gets.
    each: Option<(Amount, usize)>,
    spread: bool,
}

impl ItemWalk<'_> {
    fn step(&mut self, n: usize, what: &SpanKind) {
        match what {
            SpanKind::Named(named) if named.how.is_weak() && !self.way.halves => {}
            SpanKind::Named(named) => self.named(n, named),
            SpanKind::Amount(counted) => self.counted(n, counted),
            SpanKind::Cue(Cue::Each) => self.spread = true,
            SpanKind::Cue(cue) => self.all.modes.extend(mode(*cue).map(|mode| (n, mode))),
            SpanKind::Mark('.' | '?') => self.sentence_ends(),
            _ => {}
        }
    }

    fn sentence_ends(&mut self) {
        if self.way.order != AmountSide::After
            && let Some((amount, at)) = self.pending.take()
        {
            self.give_back(amount, at);
        }
    }

    /// An amount without goods after it belongs to what was named before it.
    fn give_back(&mut self, amount: Amount, at: usize) {
        match self.all.items.last_mut() {
            Some(item) if item.amount.is_none() => {
                (item.amount, item.amount_at) = (Some(amount), Some(at));
            }
            _ => self.all.bare.push((amount, at)),
        }
    }

    fn named(&mut self, n: usize, named: &NamedSpan) {
        if self.joins(n, named) || self.all.items.len() >= MOST_ITEMS {
            return;
        }
        let mut item = SaidItem {
            offers: named.offers.clone(),
            how: named.how,
            at: Some(n),
            to: n,
            ..SaidItem::default()
        };
        if item.offers.is_empty() {
            item.variants.clone_from(&named.variants);
            item.offers = offers_of(&item.variants);
            if !self.heads(n, &item) {
                self.inherit(&mut item);
            }
        }
        if let Some((amount, at)) = self.pending.take() {
            (item.amount, item.amount_at) = (Some(amount), Some(at));
        }
        self.all.items.push(item);
    }

    /// 白运动袜: whether a variant stands right before other goods that have it.
    fn heads(&self, n: usize, item: &SaidItem) -> bool {
        let next = self.next(n).and_then(|n| self.spans.get(n));
        next.is_some_and(|span| match &span.what {
            SpanKind::Named(next) => next.offers.iter().any(|offer| item.offers.contains(offer)),
            _ => false,
        })
    }

    /// The next span that is no glue.
    fn next(&self, n: usize) -> Option<usize> {
        let glue = |span: &Span| {
            matches!(
                span.what,
                SpanKind::Cue(Cue::Particle | Cue::Want | Cue::That | Cue::CommandGlue | Cue::Is)
                    | SpanKind::Picture
            )
        };
        let rest = self.spans.get(n + 1..)?;
        rest.iter().take(3).position(|span| !glue(span)).map(|at| n + 1 + at)
    }

    /// A variant named alone belongs to the goods named last, if they have it.
    fn inherit(&self, item: &mut SaidItem) {
        let Some(last) = self.all.items.last() else { return };
        let kept = |(offer, _): &&(u16, u16)| last.offers.contains(offer);
        let kept: Vec<_> = item.variants.iter().filter(kept).copied().collect();
        if !kept.is_empty() {
            let kept = self.alike(last, kept);
            (item.offers, item.variants) = (offers_of(&kept), kept);
            item.how = last.how;
        }
    }

    /// T恤L码黑白各一件: what the variants named last have in common with these holds for these, too.
    fn alike(&self, last: &SaidItem, kept: Vec<(u16, u16)>) -> Vec<(u16, u16)> {
        let parts = |&(offer, variant): &(u16, u16)| {
            let compiled = self.lexicon.compiled(offer);
            compiled.and_then(|it| it.variants.get(usize::from(variant)))
        };
        let shares = |one: &&(u16, u16)| {
            last.variants.iter().filter(|other| other.0 == one.0).any(|other| {
                match (parts(one), parts(other)) {
                    (Some(one), Some(other)) => one.iter().any(|part| other.contains(part)),
                    _ => false,
                }
            })
        };
        let alike: Vec<_> = kept.iter().filter(shares).copied().collect();
        if alike.is_empty() { kept } else { alike }
    }

    /// Another name of what was just named, or a part of its variant.
    fn joins(&mut self, n: usize, named: &NamedSpan) -> bool {
        let waits = self.pending.is_some();
        let Some(last) = self.all.items.last_mut() else { return false };
        // 4 ang ku, 2 peanut: what has an amount of its own is another thing.
        let counted_between =
            last.amount_at.is_some_and(|at| at > last.to || waits && last.variants.is_empty());
        if !named.variants.is_empty() && narrow(last, &named.variants, counted_between) {
            last.to = n;
            return true;
        }
        if named.offers.is_empty() || counted_between {
            return false;
        }
        let common: Vec<u16> =
            last.offers.iter().copied().filter(|offer| named.offers.contains(offer)).collect();
        // 葡萄葡萄 says it twice; a picture repeats a name.
        if common.is_empty() {
            return false;
        }
        let kept: Vec<_> =
            last.variants.iter().copied().filter(|(offer, _)| common.contains(offer)).collect();
        if !last.variants.is_empty() && kept.is_empty() {
            return false;
        }
        (last.offers, last.variants, last.to) = (common, kept, n);
        last.how = last.how.min(named.how);
        true
    }

    fn counted(&mut self, n: usize, counted: &CountedSpan) {
        let amount = counted.amount;
        if self.way.sizes && amount.measure.is_none() && !amount.signed && self.sized(n, counted) {
            return;
        }
        if amount.milli >= MOST_MILLI && amount.measure.is_none() && !amount.signed {
            return;
        }
        if std::mem::take(&mut self.spread) {
            self.each = Some((amount, n));
            return;
        }
        let open = self.all.items.last().is_some_and(|item| item.amount.is_none());
        let back = match self.way.order {
            AmountSide::After => open,
            AmountSide::Before => false,
            AmountSide::Near => open && self.is_nearer_back(n),
        };
        if back && self.pending.is_none() {
            return self.give_back(amount, n);
        }
        if let Some((old, at)) = self.pending.replace((amount, n)) {
            self.give_back(old, at);
        }
    }

    /// Whether what was named before stands nearer than what is named next.
    fn is_nearer_back(&self, n: usize) -> bool {
        let from = self.spans[n].from;
        let before = self.all.items.last().map_or(usize::MAX, |item| {
            from.saturating_sub(self.spans[item.to].to)
                + 3 * breaks(self.spans.get(item.to..n).unwrap_or_default())
        });
        let after =
            self.spans[n + 1..].iter().position(|span| matches!(span.what, SpanKind::Named(_)));
        let after = after.map_or(usize::MAX, |next| {
            let next = n + 1 + next;
            self.spans[next].from.saturating_sub(self.spans[n].to)
                + 3 * breaks(&self.spans[n..next])
        });
        before <= after
    }

    /// A number that is a size of what was named, or a code.
    fn sized(&mut self, n: usize, counted: &CountedSpan) -> bool {
        if let Some(last) = self.all.items.last_mut()
            && !counted.sizes.is_empty()
            && narrow(last, &counted.sizes, false)
        {
            last.to = n;
            return true;
        }
        let at = self.next(n);
        let next = at.and_then(|n| self.spans.get(n)).map(|span| &span.what);
        let behind = at.and_then(|n| self.spans.get(n + 1)).map(|span| &span.what);
        let followed = match next {
            Some(SpanKind::Amount(next)) => next.amount.measure.is_some() || next.amount.signed,
            Some(SpanKind::Mark('-' | ':') | SpanKind::Cue(Cue::Each)) => true,
            // 3、6、12 各两包
            Some(SpanKind::Mark('&' | ',') | SpanKind::Cue(Cue::And)) => {
                matches!(behind, Some(SpanKind::Amount(next)) if next.code.is_some())
            }
            _ => false,
        };
        if let Some(offer) = counted.code.filter(|_| followed) {
            let named = NamedSpan { offers: vec![offer], how: How::Letter, variants: Vec::new() };
            self.named(n, &named);
            return true;
        }
        let again = self.all.items.last().is_some_and(|last| {
            !last.variants.is_empty()
                && counted.sizes.iter().any(|(offer, _)| last.offers.contains(offer))
        });
        let heads = matches!(next, Some(SpanKind::Named(_) | SpanKind::Amount(_)));
        if !counted.sizes.is_empty() && (again || heads) {
            let (variants, how) = (counted.sizes.clone(), How::HalfPart);
            self.named(n, &NamedSpan { offers: Vec::new(), variants, how });
            return true;
        }
        false
    }

    fn finish(mut self) -> SaidList {
        if let Some((amount, at)) = self.pending.take() {
            if self.spread {
                self.each = Some((amount, at));
            } else {
                self.give_back(amount, at);
            }
        }
        if let Some((amount, at)) = self.each {
            for item in self.all.items.iter_mut().filter(|item| item.amount.is_none()) {
                (item.amount, item.amount_at) = (Some(amount), Some(at));
            }
        }
        self.change();
        self.all
    }

    /// Give each item the words of change around it.
    fn change(&mut self) {
        let starts: Vec<usize> = self.all.items.iter().map(|item| item.at.unwrap_or(0)).collect();
        for (n, item) in self.all.items.iter_mut().enumerate() {
            let before = n.checked_sub(1).map_or(0, |n| starts[n]);
            let after = starts.get(n + 1).copied().unwrap_or(usize::MAX);
            let between = |from: usize, to: usize| {
                self.all.modes.iter().filter(move |(at, _)| (from..to).contains(at))
            };
            item.lead = between(before, starts[n]).next_back().map(|(_, mode)| *mode);
            item.trail = between(starts[n], after).next().map(|(_, mode)| *mode);
        }
    }
}

/// How many marks stand among these spans.
fn breaks(spans: &[Span]) -> usize {
    spans.iter().filter(|span| matches!(span.what, SpanKind::Mark(',' | '.' | '?' | ':'))).count()
}

fn offers_of(variants: &[(u16, u16)]) -> Vec<u16> {
    let mut offers: Vec<u16> = variants.iter().map(|(offer, _)| *offer).collect();
    offers.sort_unstable();
    offers.dedup();
    offers
}

/// Keep only what these variants are of. A second value of the same part begins another item.
fn narrow(item: &mut SaidItem, variants: &[(u16, u16)], counted_between: bool) -> bool {
    let fitting: Vec<_> = if item.variants.is_empty() {
        variants.iter().filter(|(offer, _)| item.offers.contains(offer)).copied().collect()
    } else if counted_between {
        Vec::new()
    } else {
        item.variants.iter().filter(|one| variants.contains(one)).copied().collect()
    };
    if fitting.is_empty() {
        return false;
    }
    (item.offers, item.variants) = (offers_of(&fitting), fitting);
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::understand::clause::ReadableMessage;
    use crate::understand::fixture;
    use crate::understand::normalize::Folded;
    use crate::understand::spans;

    /// Which goods get how many, in thousandths.
    #[track_caller]
    fn check(said: &str, order: AmountSide, expected: &[(&str, Option<i64>)]) {
        let lexicon = fixture::lexicon("fruit");
        let text = Folded::new(said);
        let heard = ReadableMessage::new(&text, &lexicon);
        let way = JoinWay { order, halves: true, sizes: true };
        let listed = list(&spans::spans(&heard), &lexicon, way);
        let code = |item: &SaidItem| lexicon.offers()[usize::from(item.offers[0])].code.clone();
        let got: Vec<_> =
            listed.items.iter().map(|item| (code(item), item.amount.map(|it| it.milli))).collect();
        let expected: Vec<_> = expected.iter().map(|&(code, n)| (code.to_owned(), n)).collect();
        assert_eq!(got, expected, "{said} {order:?}");
    }

    #[test]
    fn amounts_find_their_goods() {
        check("草莓2盒蓝莓1盒", AmountSide::After, &[("B1", Some(2_000)), ("B2", Some(1_000))]);
        check("2盒草莓1盒蓝莓", AmountSide::After, &[("B1", Some(2_000)), ("B2", Some(1_000))]);
        check("草莓，两盒蓝莓", AmountSide::After, &[("B1", Some(2_000)), ("B2", None)]);
        check("草莓，两盒蓝莓", AmountSide::Before, &[("B1", None), ("B2", Some(2_000))]);
        check("草莓，两盒蓝莓", AmountSide::Near, &[("B1", None), ("B2", Some(2_000))]);
        check("草莓蓝莓各两盒", AmountSide::After, &[("B1", Some(2_000)), ("B2", Some(2_000))]);
    }

    #[test]
    fn places_and_phones_count_nothing() {
        check("5-1202 草莓2盒", AmountSide::After, &[("B1", Some(2_000))]);
        check("草莓2盒 A1栋903", AmountSide::After, &[("B1", Some(2_000))]);
        check("草莓2盒 13800001111", AmountSide::After, &[("B1", Some(2_000))]);
    }
}
