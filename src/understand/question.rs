//! Questions back: one short question, its choices as ready intents.
//!
//! A choice carries everything else the message said, so that picking it completes the order. More
//! than [`MAX_CHOICES`] choices, or choices whose quantity is unknown too, are left out: the member
//! then answers with a name.

use super::lexicon::Lexicon;
use crate::domain::intent::{Intent, MAX_CHOICES, Op, Question, WantedLine, Why};

/// The intent of some lines: an order, a change, or a cancellation.
pub(super) fn intent(lines: Vec<WantedLine>, again: bool) -> Intent {
    let all = |op: Op| lines.iter().all(|line| line.op == op);
    if all(Op::Add) {
        return if again { Intent::Amend(lines) } else { Intent::Order(lines) };
    }
    if all(Op::Remove) && lines.iter().all(|line| line.qty.is_none()) {
        return Intent::Cancel(lines);
    }
    Intent::Amend(lines)
}

/// Sum equal additions; a set line replaces additions of the same thing.
pub(super) fn tidy(lines: Vec<WantedLine>) -> Vec<WantedLine> {
    let mut kept: Vec<WantedLine> = Vec::with_capacity(lines.len());
    for line in lines {
        let same = |other: &&mut WantedLine| other.offer == line.offer && other.variant == line.variant;
        match kept.iter_mut().find(same) {
            Some(old) if old.op == Op::Add && line.op == Op::Add => {
                let sum = old.qty.unwrap_or(0).saturating_add(line.qty.unwrap_or(0));
                old.qty = Some(sum.min(crate::domain::intent::MAX_QTY));
            }
            Some(old) if line.op == Op::Set => *old = line,
            _ => kept.push(line),
        }
    }
    kept
}

/// Which of several lines is meant.
pub(super) fn one_of(why: Why, settled: &[WantedLine], choices: &[WantedLine]) -> Question {
    let known = choices.iter().all(|line| line.qty.is_some() || line.op == Op::Remove);
    let listed = if choices.len() <= MAX_CHOICES && known {
        choices
            .iter()
            .map(|choice| {
                let mut lines = settled.to_vec();
                lines.push(choice.clone());
                intent(tidy(lines), false)
            })
            .collect()
    } else {
        Vec::new()
    };
    Question { why, choices: listed, partial: None }
}

/// How many of a line. Other lines of the message are lost unless they are the only choice, so the
/// question is about the one line alone; the member sees that in the question's words.
pub(super) fn quantity(why: Why, settled: &[WantedLine], line: WantedLine) -> Question {
    let partial = settled.is_empty().then_some(line);
    Question { why, choices: Vec::new(), partial }
}

/// A question without choices.
pub(super) fn unclear(why: Why) -> Question {
    Question { why, choices: Vec::new(), partial: None }
}

/// A bare quantity: which of the open offers it is for. Offers with variants are left to a name.
pub(super) fn which_offer(lexicon: &Lexicon, qty: impl Fn(u16) -> Option<u32>, op: Op) -> Question {
    let offers = lexicon.offers();
    let plain = offers.len() <= MAX_CHOICES && offers.iter().all(|offer| offer.variants.is_empty());
    let choices: Option<Vec<Intent>> = (0..)
        .zip(offers)
        .map(|(n, offer)| {
            let qty = Some(qty(n)?);
            Some(intent(vec![WantedLine { offer: offer.id, variant: None, qty, op }], false))
        })
        .collect();
    let choices = choices.filter(|_| plain).unwrap_or_default();
    Question { why: Why::WhichOffer, choices, partial: None }
}
