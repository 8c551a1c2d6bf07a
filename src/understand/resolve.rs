//! From goods as named to lines of an order, or to the one question that settles them.
//!
//! Each thing named has candidates (offer and variant). One candidate makes a line; several are
//! asked back, after what the member already holds has been used to tell them apart. Quantities
//! are converted into the offer's own unit exactly: what is no whole number from 1 to
//! [`MAX_QTY`] is asked back too.

use super::goods::{Amount, Mode};
use super::lexicon::Lexicon;
use super::numerals::ONE;
use super::pairing::PairedItem;
use super::{question, units, variants};
use crate::domain::intent::{HeldLine, MAX_QTY, Op, Question, WantedLine, Why};

/// A line, or what stands between it and one.
pub(super) enum ResolvedLine {
    /// Settled.
    Line(WantedLine),
    /// One of these.
    OneOf(Why, Vec<WantedLine>),
    /// The quantity has to be asked for.
    NoQuantity(Why, WantedLine),
}

/// The line that an item stands for.
pub(super) fn line(
    item: &PairedItem,
    lexicon: &Lexicon,
    mine: &[HeldLine],
    op: Op,
) -> ResolvedLine {
    let mut candidates = candidates(item, lexicon, op);
    let asked_variant = candidates.is_empty() || item.goods.strange;
    if asked_variant {
        candidates = every_variant(item, lexicon);
    }
    if candidates.len() > 1 && op != Op::Add {
        let held: Vec<_> = candidates
            .iter()
            .copied()
            .filter(|&(offer, variant)| holds(lexicon, mine, offer, variant))
            .collect();
        if held.len() == 1 {
            candidates = held;
        }
    }
    let mut lines = Vec::new();
    for &(offer, variant) in &candidates {
        match quantity(item.amount, lexicon, offer, op) {
            Ok(qty) => lines.push(wanted(lexicon, offer, variant, qty, op)),
            Err(why) if candidates.len() == 1 => {
                return ResolvedLine::NoQuantity(why, wanted(lexicon, offer, variant, None, op));
            }
            Err(_) => lines.push(wanted(lexicon, offer, variant, None, op)),
        }
    }
    let guessed = item.goods.doubtful
        || variants::in_pieces(lexicon, &item.goods.parts)
            && !item.goods.named
            && !item.goods.coded;
    if let ([line], false, false) = (lines.as_slice(), guessed, asked_variant) {
        return ResolvedLine::Line(line.clone());
    }
    let offers = candidates.iter().map(|c| c.0).collect::<std::collections::BTreeSet<_>>();
    let why = match (offers.len(), guessed && candidates.len() == 1) {
        (_, true) => Why::Confirm,
        (1, _) => Why::WhichVariant,
        _ => Why::WhichOffer,
    };
    ResolvedLine::OneOf(why, lines)
}

fn wanted(
    lexicon: &Lexicon,
    offer: u16,
    variant: Option<u16>,
    qty: Option<u32>,
    op: Op,
) -> WantedLine {
    let id = lexicon.offer(offer).map_or(crate::domain::ids::OfferId(0), |words| words.id);
    WantedLine { offer: id, variant, qty, op }
}

/// Offers and variants that the words allow.
fn candidates(item: &PairedItem, lexicon: &Lexicon, op: Op) -> Vec<(u16, Option<u16>)> {
    let mut all = Vec::new();
    for &offer in &item.goods.offers {
        let has_variants = lexicon.compiled(offer).is_some_and(|c| !c.variants.is_empty());
        if !has_variants {
            all.push((offer, None));
        } else if item.goods.parts.is_empty() && op == Op::Remove && item.amount.is_none() {
            // The whole line: every variant of it.
            all.push((offer, None));
        } else {
            let fitting = variants::matching(lexicon, offer, &item.goods.parts);
            all.extend(fitting.into_iter().map(|variant| (offer, Some(variant))));
        }
    }
    all
}

fn every_variant(item: &PairedItem, lexicon: &Lexicon) -> Vec<(u16, Option<u16>)> {
    item.goods
        .offers
        .iter()
        .flat_map(|&offer| {
            variants::matching(lexicon, offer, &[]).into_iter().map(move |v| (offer, Some(v)))
        })
        .collect()
}

fn holds(lexicon: &Lexicon, mine: &[HeldLine], offer: u16, variant: Option<u16>) -> bool {
    let id = lexicon.offer(offer).map(|words| words.id);
    mine.iter().any(|line| Some(line.offer) == id && (variant.is_none() || line.variant == variant))
}

/// How many own units, `None` only for a whole line taken off.
pub(super) fn quantity(
    amount: Option<Amount>,
    lexicon: &Lexicon,
    offer: u16,
    op: Op,
) -> Result<Option<u32>, Why> {
    let Some(amount) = amount else {
        if op == Op::Set {
            return Err(Why::Quantity);
        }
        return Ok((op != Op::Remove).then_some(1));
    };
    if amount.vague || amount.minus {
        return Err(Why::Quantity);
    }
    let compiled = lexicon.compiled(offer).ok_or(Why::Unit)?;
    let (numerator, denominator) =
        units::factor(&compiled.units, amount.measure).ok_or(Why::Unit)?;
    let scaled = i128::from(amount.milli) * i128::from(numerator);
    let whole = i128::from(denominator) * i128::from(ONE);
    if scaled <= 0 || scaled % whole != 0 {
        return Err(Why::Quantity);
    }
    match u32::try_from(scaled / whole) {
        Ok(qty) if qty <= MAX_QTY => Ok(Some(qty)),
        _ => Err(Why::Quantity),
    }
}

/// The operation of an item by the words around it.
pub(super) fn op(mode: Option<Mode>, corrects: bool) -> Op {
    match mode {
        Some(Mode::Set) => Op::Set,
        Some(Mode::Less | Mode::Drop | Mode::InsteadOf) => Op::Remove,
        None if corrects => Op::Set,
        _ => Op::Add,
    }
}

/// Lines of all outcomes, or the question to ask: the first open one, as choices that carry the
/// settled lines along.
pub(super) fn settle(outcomes: Vec<ResolvedLine>) -> Result<Vec<WantedLine>, Question> {
    let mut lines: Vec<WantedLine> = Vec::new();
    let mut open = Vec::new();
    for outcome in outcomes {
        match outcome {
            ResolvedLine::Line(line) => lines.push(line),
            other => open.push(other),
        }
    }
    let mut open = open.into_iter();
    match (open.next(), open.next()) {
        (None, _) => Ok(question::tidy(lines)),
        (Some(ResolvedLine::OneOf(why, choices)), None) => {
            Err(question::one_of(why, &lines, &choices))
        }
        (Some(ResolvedLine::NoQuantity(why, line)), None) => {
            Err(question::quantity(why, &lines, line))
        }
        (Some(ResolvedLine::OneOf(why, _) | ResolvedLine::NoQuantity(why, _)), Some(_)) => {
            Err(Question::of(why, Vec::new()))
        }
        (Some(ResolvedLine::Line(_)), _) => Ok(lines),
    }
}
