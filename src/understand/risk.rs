//! Risk (风险): what is done about a reading, by what a mistake would cost and how sure the judge is.
//!
//! | reading | done | asked first, with the result spelled out |
//! |---|---|---|
//! | an order of goods plainly named and counted, nothing else said | half a point ahead | ahead at all |
//! | … among other words; a change by the speaker's own words | three quarters ahead; a quarter | ahead at all |
//! | … half a name, no amount, a unit that is not sold | three quarters ahead | ahead at all |
//! | goods understood from what the speaker has, or from what was said | three quarters ahead; a change half | ahead at all |
//! | a list of several people | three quarters ahead | ahead at all |
//! | one thing cancelled, named | half a point ahead | ahead at all |
//! | everything cancelled, or more than one thing | never: only what the strict grammar reads | ahead at all |
//! | goods named by one letter or digit; more than [`MANY`] of anything; beside a question, a condition, a story, another shop, goods that are there already | never | ahead at all |
//! | in jest | never | never |
//!
//! Below that the best reading that changes nothing holds: an answer, a question, silence. Money, prices, payees
//! and leaders' commands are not read by the judge at all.

use super::purposes::{Act, Purpose};
use super::weights::FINENESS;
use crate::domain::intent::Intent;

/// What is done about a reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// It is done.
    Do,
    /// It is asked, with the result spelled out.
    Confirm,
    /// Nothing of it.
    Leave,
}

/// A quarter of a point of score.
const QUARTER: i64 = FINENESS / 4;
/// Nothing is that sure.
const NEVER: i64 = i64::MAX;
/// Of no ordinary order so many are bought.
const MANY: u32 = 100;
/// An answer to what the strict grammar leaves must be so far ahead of silence.
pub(super) const ANSWER: i64 = QUARTER;
/// So far behind what the strict grammar reads is asked first.
pub(super) const DOUBT: i64 = -2 * QUARTER;

/// The most of one thing that a reading orders, and how many things it cancels.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Size {
    most: u32,
    cancels: Option<usize>,
}

/// How large a reading is.
pub(super) fn size(intent: &Intent) -> Size {
    match intent {
        Intent::Order(lines) | Intent::Amend(lines) => {
            let most = lines.iter().filter_map(|line| line.qty).max().unwrap_or(0);
            Size { most, cancels: None }
        }
        Intent::Cancel(lines) => Size { most: 0, cancels: Some(lines.len()) },
        Intent::JoinList(entries) => {
            let lines = entries.iter().flat_map(|entry| &entry.lines);
            Size { most: lines.filter_map(|line| line.qty).max().unwrap_or(0), cancels: None }
        }
        _ => Size::default(),
    }
}

/// What stands against doing anything at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Doubt {
    /// Nothing.
    None,
    /// A question, a condition, a story, other shops, goods that are there already.
    Unsure,
    /// It was said in jest.
    Jest,
}

/// A reading as far as risk goes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Said {
    pub(super) purpose: Purpose,
    /// How plainly it is said.
    pub(super) grade: u8,
    pub(super) size: Size,
    pub(super) doubt: Doubt,
}

/// What is done about a reading that is `gap` ahead of doing nothing.
pub(super) fn step(said: &Said, gap: i64) -> Step {
    let large = said.size.most > MANY || said.size.cancels.is_some_and(|count| count != 1);
    let asked = large || said.doubt != Doubt::None;
    let bound = if asked { NEVER } else { bound(said.purpose.act(), said.grade) };
    if gap >= bound {
        Step::Do
    } else if gap >= 0 && said.doubt != Doubt::Jest {
        Step::Confirm
    } else {
        Step::Leave
    }
}

/// How far ahead a reading must be to be done.
fn bound(act: Act, grade: u8) -> i64 {
    match (act, grade) {
        // A digit or a letter alone may be anything.
        (_, 8) => NEVER,
        (Act::Amend, 1 | 2) => QUARTER,
        (Act::Order, 0 | 4) | (Act::Amend, 3) | (Act::Cancel, 0..=3) => 2 * QUARTER,
        (Act::Order | Act::Amend, _) | (Act::JoinList, _) | (Act::Cancel, _) => 3 * QUARTER,
        _ => NEVER,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(said: (Purpose, u8), (size, doubt): (Size, Doubt), gap: i64, expected: Step) {
        let said = Said { purpose: said.0, grade: said.1, size, doubt };
        assert_eq!(step(&said, gap), expected);
    }

    const FEW: Size = Size { most: 2, cancels: None };

    #[test]
    fn the_plainer_it_is_said_the_sooner_it_is_done() {
        check((Purpose::PLACE, 0), (FEW, Doubt::None), 2 * QUARTER, Step::Do);
        check((Purpose::PLACE, 1), (FEW, Doubt::None), 2 * QUARTER, Step::Confirm);
        check((Purpose::PLACE, 0), (FEW, Doubt::None), -1, Step::Leave);
    }

    #[test]
    fn what_is_large_is_asked_first() {
        let many = Size { most: 101, cancels: None };
        let cancels = |count| Size { most: 0, cancels: Some(count) };
        check((Purpose::PLACE, 0), (many, Doubt::None), 9_999, Step::Confirm);
        check((Purpose::CANCEL, 5), (cancels(0), Doubt::None), 9_999, Step::Confirm);
        check((Purpose::CANCEL, 2), (cancels(2), Doubt::None), 9_999, Step::Confirm);
        check((Purpose::CANCEL, 2), (cancels(1), Doubt::None), 9_999, Step::Do);
    }

    #[test]
    fn doubts_are_asked_and_jests_left() {
        check((Purpose::PLACE, 0), (FEW, Doubt::Unsure), 9_999, Step::Confirm);
        check((Purpose::PLACE, 0), (FEW, Doubt::Jest), 9_999, Step::Leave);
    }
}
