//! From items to lines: what is done with each, in one of a few patterns.
//!
//! ```text
//! Add, Set, Take, Drop     the same with everything: so many more, exactly so many, so many fewer, all of it
//! Lead, Trail              each by the word of change before it, or behind it
//! Swap, Back               the first goes and the rest comes; the last goes and the rest comes
//! ```

use super::goods::{Amount, Mode};
use super::items::SaidItem;
use super::lexicon::Lexicon;
use super::{question, resolve};
use crate::domain::ids::OfferId;
use crate::domain::intent::{HeldLine, Op, Question, WantedLine, Why};

/// What is done with the items of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ListPattern {
    Add,
    Set,
    Take,
    Drop,
    Lead,
    Trail,
    Swap,
    Back,
}

impl ListPattern {
    pub(super) const ALL: [Self; 8] = [
        Self::Add,
        Self::Lead,
        Self::Trail,
        Self::Set,
        Self::Take,
        Self::Drop,
        Self::Swap,
        Self::Back,
    ];
}

/// What is done with one item: its operation, and whether all of it goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ItemOperation {
    pub(super) op: Op,
    pub(super) whole: bool,
}

const ADD: ItemOperation = ItemOperation { op: Op::Add, whole: false };
const SET: ItemOperation = ItemOperation { op: Op::Set, whole: false };
const TAKE: ItemOperation = ItemOperation { op: Op::Remove, whole: false };
const DROP: ItemOperation = ItemOperation { op: Op::Remove, whole: true };

/// What the pattern does with each item.
pub(super) fn done(pattern: ListPattern, items: &[SaidItem]) -> Vec<ItemOperation> {
    let last = items.len().saturating_sub(1);
    let mut before = None;
    let lead = items.iter().map(|item| {
        before = item.lead.or(before);
        // 草莓+1 蓝莓-1
        let minus = item.amount.is_some_and(|amount| amount.minus);
        if minus { TAKE } else { by_word(before) }
    });
    match pattern {
        ListPattern::Add => items.iter().map(|_| ADD).collect(),
        ListPattern::Set => items.iter().map(|_| SET).collect(),
        ListPattern::Take => items.iter().map(|_| TAKE).collect(),
        ListPattern::Drop => items.iter().map(|_| DROP).collect(),
        ListPattern::Lead => lead.collect(),
        ListPattern::Trail => {
            let mut after = None;
            let mut all: Vec<ItemOperation> = Vec::with_capacity(items.len());
            for item in items.iter().rev() {
                after = item.trail.or(if item.amount.is_some() { None } else { after });
                all.push(by_word(after));
            }
            all.reverse();
            all
        }
        ListPattern::Swap => {
            (0..items.len()).map(|n| if n == 0 { gone(&items[n]) } else { ADD }).collect()
        }
        ListPattern::Back => {
            (0..items.len()).map(|n| if n == last { gone(&items[n]) } else { ADD }).collect()
        }
    }
}

fn gone(item: &SaidItem) -> ItemOperation {
    if item.amount.is_some() { TAKE } else { DROP }
}

fn by_word(mode: Option<Mode>) -> ItemOperation {
    match mode {
        Some(Mode::Set) => SET,
        Some(Mode::Less) => TAKE,
        Some(Mode::Drop | Mode::InsteadOf) => DROP,
        _ => ADD,
    }
}

/// A line, or what stands between an item and one.
pub(super) enum FoundLine {
    Line(WantedLine),
    /// One of these; the flag tells that what the speaker has settles it.
    OneOf(Why, Vec<WantedLine>),
    /// The amount cannot be had.
    No(Why, WantedLine),
}

/// What an item and an operation come to.
pub(super) fn line(
    item: &SaidItem,
    done: ItemOperation,
    lexicon: &Lexicon,
    mine: &[HeldLine],
) -> FoundLine {
    let amount = item.amount.filter(|_| !done.whole);
    let all = candidates(item, done, lexicon, mine);
    let mut lines = Vec::new();
    let mut refused: Option<(Why, WantedLine)> = None;
    for (offer, variant) in all {
        let Some(id) = lexicon.offer(offer).map(|words| words.id) else { continue };
        match quantity(amount, lexicon, offer, done) {
            Ok(qty) => lines.push(WantedLine { offer: id, variant, qty, op: done.op }),
            Err(why) => {
                let line = WantedLine { offer: id, variant, qty: None, op: done.op };
                refused = refused.or(Some((why, line)));
            }
        }
    }
    if done.op != Op::Add && lines.len() > 1 {
        let held = |line: &WantedLine| holds(mine, line.offer, line.variant);
        if lines.iter().filter(|line| held(line)).count() == 1 {
            lines.retain(held);
        }
    }
    let one_offer = lines.windows(2).all(|two| two[0].offer == two[1].offer);
    match (lines.len(), refused) {
        (1, _) => FoundLine::Line(lines.remove(0)),
        (0, Some((why, line))) => FoundLine::No(why, line),
        (0, None) => FoundLine::OneOf(Why::WhichOffer, Vec::new()),
        _ => FoundLine::OneOf(if one_offer { Why::WhichVariant } else { Why::WhichOffer }, lines),
    }
}

fn quantity(
    amount: Option<Amount>,
    lexicon: &Lexicon,
    offer: u16,
    done: ItemOperation,
) -> Result<Option<u32>, Why> {
    let amount = amount.map(|it| Amount { minus: it.minus && done.op != Op::Remove, ..it });
    let qty = resolve::quantity(amount, lexicon, offer, done.op)?;
    // 减一下 takes one off; 不要 all.
    if done == TAKE && qty.is_none() { Ok(Some(1)) } else { Ok(qty) }
}

/// 豆浆换成冰的: what comes for something that goes comes as often, unless it is counted.
pub(super) fn even(
    lines: &[WantedLine],
    items: &[SaidItem],
    mine: &[HeldLine],
) -> Option<Vec<WantedLine>> {
    let ([first, second], [one, two]) = (lines, items) else { return None };
    let (gone, come, counted) = match (first.op, second.op) {
        (Op::Remove, Op::Add) => (first, second, two.amount.is_some()),
        (Op::Add, Op::Remove) => (second, first, one.amount.is_some()),
        _ => return None,
    };
    let of_it = |held: &&HeldLine| {
        held.offer == gone.offer && (gone.variant.is_none() || held.variant == gone.variant)
    };
    let had = || mine.iter().find(of_it).map(|held| held.qty);
    let qty = gone.qty.or_else(had).filter(|_| !counted)?;
    Some(vec![gone.clone(), WantedLine { qty: Some(qty), ..come.clone() }])
}

pub(super) fn holds(mine: &[HeldLine], offer: OfferId, variant: Option<u16>) -> bool {
    mine.iter().any(|line| line.offer == offer && (variant.is_none() || line.variant == variant))
}

/// Offers and variants that the words allow.
fn candidates(
    item: &SaidItem,
    done: ItemOperation,
    lexicon: &Lexicon,
    mine: &[HeldLine],
) -> Vec<(u16, Option<u16>)> {
    let mut all = Vec::new();
    for &offer in item.offers.iter().take(8) {
        let Some(words) = lexicon.offer(offer) else { continue };
        if words.variants.is_empty() {
            all.push((offer, None));
        } else if !item.variants.is_empty() {
            let own = item.variants.iter().filter(|(of, _)| *of == offer);
            all.extend(own.map(|(_, variant)| (offer, Some(*variant))));
        } else if done.whole {
            all.push((offer, None));
        } else {
            let held: Vec<_> = mine.iter().filter(|line| line.offer == words.id).collect();
            match held.as_slice() {
                [one] if done.op != Op::Add => all.push((offer, one.variant)),
                _ => {
                    let count = u16::try_from(words.variants.len()).unwrap_or(0);
                    all.extend((0..count).map(|variant| (offer, Some(variant))));
                }
            }
        }
    }
    all
}

/// All lines, or the question that is open.
pub(super) fn settle(found: Vec<FoundLine>) -> Result<Vec<WantedLine>, Question> {
    let (mut lines, mut open) = (Vec::new(), None);
    let mut several = false;
    for one in found {
        match one {
            FoundLine::Line(line) => lines.push(line),
            other => {
                several |= open.is_some();
                open = open.or(Some(other));
            }
        }
    }
    match open {
        None => Ok(question::tidy(lines)),
        Some(FoundLine::OneOf(why, _) | FoundLine::No(why, _)) if several => {
            Err(Question::of(why, Vec::new()))
        }
        Some(FoundLine::OneOf(why, choices)) => Err(question::one_of(why, &lines, &choices)),
        Some(FoundLine::No(why, line)) => Err(question::quantity(why, &lines, line)),
        Some(FoundLine::Line(_)) => Ok(lines),
    }
}
