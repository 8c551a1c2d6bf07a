//! Questions back: one short question, its choices as ready intents.
//!
//! A choice carries everything else the message said, so that picking it completes the order. More
//! than [`MAX_CHOICES`] choices are kept without numbers, as are those among choices whose quantity is
//! unknown: the member then answers with a name, and the quantity is still the one that was said.

use super::lexicon::Lexicon;
use crate::domain::intent::{Intent, MAX_CHOICES, MAX_UNLISTED, Op, Question, WantedLine, Why};
use crate::domain::orders;

/// The intent of some lines: an order, a change, or a cancellation.
pub(super) fn intent(lines: Vec<WantedLine>, again: bool) -> Intent {
    let all = |op: Op| lines.iter().all(|line| line.op == op);
    if all(Op::Add) {
        return if again {
            Intent::Orders(orders::Intent::Amend(lines))
        } else {
            Intent::Orders(orders::Intent::Order(lines))
        };
    }
    if all(Op::Remove) && lines.iter().all(|line| line.qty.is_none()) {
        return Intent::Orders(orders::Intent::Cancel(lines));
    }
    Intent::Orders(orders::Intent::Amend(lines))
}

/// Sum equal additions; a set line replaces additions of the same thing.
pub(super) fn tidy(lines: Vec<WantedLine>) -> Vec<WantedLine> {
    let mut kept: Vec<WantedLine> = Vec::with_capacity(lines.len());
    for line in lines {
        let same =
            |other: &&mut WantedLine| other.offer == line.offer && other.variant == line.variant;
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
    let known = |line: &&WantedLine| line.qty.is_some() || line.op == Op::Remove;
    let options = choices.iter().filter(known).map(|choice| {
        let mut lines = settled.to_vec();
        lines.push(choice.clone());
        intent(tidy(lines), false)
    });
    offered(why, options.collect(), choices.iter().all(|line| known(&line)))
}

/// A question about what can be picked: numbered if `whole` (nothing else can be meant) and short.
fn offered(why: Why, mut options: Vec<Intent>, whole: bool) -> Question {
    options.truncate(MAX_UNLISTED);
    if whole && options.len() <= MAX_CHOICES {
        return Question::of(why, options);
    }
    Question { unlisted: options, ..unclear(why) }
}

/// How many of a line. Other lines of the message are lost unless they are the only choice, so the
/// question is about the one line alone; the member sees that in the question's words.
pub(super) fn quantity(why: Why, settled: &[WantedLine], line: WantedLine) -> Question {
    Question { partial: settled.is_empty().then_some(line), ..unclear(why) }
}

/// A question without choices.
pub(super) const fn unclear(why: Why) -> Question {
    Question::of(why, Vec::new())
}

/// An amount without goods: which of these lines it is for. `again`: they are the speaker's already.
/// A line of goods with variants is asked about once more when it is picked, unless it is the only one.
pub(super) fn which(
    lexicon: &Lexicon,
    lines: Vec<WantedLine>,
    again: bool,
    whole: bool,
) -> Question {
    let lines = match <[WantedLine; 1]>::try_from(lines) {
        Ok([line]) => each_variant(lexicon, line),
        Err(lines) => lines,
    };
    let alike = lines.len() > 1 && lines.windows(2).all(|two| two[0].offer == two[1].offer);
    let why = if alike { Why::WhichVariant } else { Why::WhichOffer };
    offered(why, lines.into_iter().map(|line| intent(vec![line], again)).collect(), whole)
}

fn each_variant(lexicon: &Lexicon, line: WantedLine) -> Vec<WantedLine> {
    let words = lexicon.offers().iter().find(|words| words.id == line.offer);
    let variants = words.map_or(0, |words| words.variants.len());
    if variants == 0 || line.variant.is_some() || line.op != Op::Add {
        return vec![line];
    }
    let variant = |n| WantedLine { variant: u16::try_from(n).ok(), ..line.clone() };
    (0..variants).map(variant).collect()
}
