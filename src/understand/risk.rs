//! Risk (风险): what is done about a reading, by what a mistake would cost and how sure the judge is.
//!
//! | reading | done | asked first, with the result spelled out |
//! |---|---|---|
//! | a change by the speaker's own words | a point ahead | ahead of doing nothing |
//! | one named thing cancelled | 1½ points ahead, without a count or among other words (鸡蛋不要辣) 2¼ | the same |
//! | goods plainly named and counted; an order that the strict grammar reads, too | 1¾ points ahead | the same |
//! | a change with half a name, no amount, or of what is understood from what the speaker has or what was said | 1½ points | a point ahead, understood 1½ |
//! | an order with half a name, no amount, a unit that is not sold, something left over; a list of several people | 2¼ points | the same |
//! | … beside a question, a condition, a story, another shop, a denial | 1¼ points more | ½ point more |
//! | goods named by one letter or digit; a list with lines that could not be read; goods that are there already | never | the same |
//! | everything cancelled, or more than one thing; more than [`MANY`] of anything | never: only what nothing but words of ordering say | the same |
//! | in jest; fetching or putting goods | never | never |
//!
//! *Ahead* counts against whatever else may be meant, another amount or other goods included; a point is a factor of
//! e in how likely both are. The bounds were chosen on the learnt sittings, in five parts, each read by what is learnt from
//! the others ([figures](../../docs/figures.md)): changes are seldom said where nothing is asked for, orders
//! in stories are.
//!
//! Below that the best reading that changes nothing holds: an answer a point ahead of silence, a question back or an
//! answer to somebody who has nothing and names nothing two points ahead, silence. Money, prices, payees
//! and leaders' commands are never done by the judge. Where it is two points sure that a leader gives a command which
//! the strict grammar does not read, it shows what only reads (who has not paid, today's figures), and of the rest it
//! tells how it is said.

use super::purposes::{Act, Purpose};
use super::structure;
use super::weights::FINENESS;
use crate::domain::intent::Intent;
use crate::domain::orders;

/// What is done about a reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RiskStep {
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
const NEVER: i64 = i64::MAX / 4;
/// Of no ordinary order so many are bought.
const MANY: u32 = 100;
/// What the strict grammar reads as an order is talk when doing nothing is so far ahead.
pub(super) const TALK: i64 = -8 * QUARTER;
/// A leader is told how a command is said, or shown figures, so far ahead of talk.
pub(super) const COMMAND: i64 = 8 * QUARTER;

/// What is asked first as the command is written may be less sure.
pub(super) const FILLED: i64 = 4 * QUARTER;

/// How far ahead of silence an answer must be. People ask one another much that is not for the shop, and praise what
/// is not of it: it is `concerned` where goods are named, or the speaker has some.
pub(super) fn answer(act: Act, concerned: bool) -> i64 {
    match (act, concerned) {
        (Act::Feedback, false) => NEVER,
        (Act::Ask, _) | (Act::Query, false) => 8 * QUARTER,
        _ => 4 * QUARTER,
    }
}

/// The most of one thing that a reading orders, and how many things it cancels.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Size {
    most: u32,
    cancels: Option<usize>,
}

/// How large a reading is.
pub(super) fn size(intent: &Intent) -> Size {
    match intent {
        Intent::Orders(orders::Intent::Order(lines) | orders::Intent::Amend(lines)) => {
            let most = lines.iter().filter_map(|line| line.qty).max().unwrap_or(0);
            Size { most, cancels: None }
        }
        Intent::Orders(orders::Intent::Cancel(lines)) => {
            Size { most: 0, cancels: Some(lines.len()) }
        }
        Intent::Orders(orders::Intent::JoinList(entries)) => {
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
    /// A question, a condition, a story, other shops.
    Unsure,
    /// Goods that are there already.
    Arrived,
    /// It was said in jest, or is about fetching and putting.
    Moot,
}

/// A reading as far as risk goes.
#[derive(Clone, Copy, Debug)]
pub(super) struct WeighedReading {
    pub(super) purpose: Purpose,
    /// How plainly it is said.
    pub(super) grade: u8,
    pub(super) size: Size,
    pub(super) doubt: Doubt,
    /// The strict grammar reads the same.
    pub(super) agreed: bool,
}

/// What is done about a reading that is `gap` ahead of doing nothing, and `margin` of all else.
pub(super) fn step(said: &WeighedReading, gap: i64, margin: i64) -> RiskStep {
    let large = said.size.most > MANY || said.size.cancels.is_some_and(|count| count != 1);
    let own = match (large, said.agreed) {
        (true, _) => NEVER,
        (_, true) => bound(said.purpose.act(), 0),
        _ => bound(said.purpose.act(), said.grade),
    };
    let bound = match said.doubt {
        Doubt::None => own,
        Doubt::Unsure => own + 3 * QUARTER,
        Doubt::Arrived | Doubt::Moot => NEVER,
    };
    let asked = worth_asking(said);
    match said.doubt {
        Doubt::Moot => RiskStep::Leave,
        _ if margin >= bound => RiskStep::Do,
        _ if gap >= asked => RiskStep::Confirm,
        _ => RiskStep::Leave,
    }
}

/// How far ahead of doing nothing a reading must be to be asked about: the less was said, the further.
fn worth_asking(said: &WeighedReading) -> i64 {
    let own = match said.grade {
        0 | 1 => 0,
        structure::UNDERSTOOD => 6 * QUARTER,
        _ => 4 * QUARTER,
    };
    if said.doubt == Doubt::None || said.agreed { own } else { own + 2 * QUARTER }
}

/// How far ahead a reading must be to be done.
fn bound(act: Act, grade: u8) -> i64 {
    match (act, grade) {
        // A digit or a letter alone may be anything, and what was not read may be much.
        (_, structure::LETTER | structure::TORN) => NEVER,
        (Act::Amend, 0 | 1) => 4 * QUARTER,
        (Act::Order | Act::Cancel, 0 | 1) | (Act::Amend, _) => 6 * QUARTER,
        (Act::Order | Act::Cancel | Act::JoinList, _) => 9 * QUARTER,
        _ => NEVER,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(said: (Purpose, u8), size: Size, doubt: Doubt, gap: i64, expected: RiskStep) {
        let said = WeighedReading { purpose: said.0, grade: said.1, size, doubt, agreed: false };
        assert_eq!(step(&said, gap, gap), expected);
    }

    const FEW: Size = Size { most: 2, cancels: None };

    #[test]
    fn the_plainer_it_is_said_the_sooner_it_is_done() {
        check((Purpose::PLACE, 0), FEW, Doubt::None, 7 * QUARTER, RiskStep::Do);
        check((Purpose::PLACE, 2), FEW, Doubt::None, 7 * QUARTER, RiskStep::Confirm);
        check((Purpose::CHANGE, 2), FEW, Doubt::None, 7 * QUARTER, RiskStep::Do);
        check((Purpose::PLACE, 0), FEW, Doubt::None, -1, RiskStep::Leave);
        check((Purpose::PLACE, structure::LETTER), FEW, Doubt::None, 9_999, RiskStep::Confirm);
    }

    #[test]
    fn another_reading_as_likely_is_asked() {
        let said = WeighedReading {
            purpose: Purpose::PLACE,
            grade: 0,
            size: FEW,
            doubt: Doubt::None,
            agreed: false,
        };
        assert_eq!(step(&said, 20 * QUARTER, 0), RiskStep::Confirm);
        let half = WeighedReading { grade: 2, ..said };
        assert_eq!(step(&half, 20 * QUARTER, 7 * QUARTER), RiskStep::Confirm);
        let said = WeighedReading { agreed: true, ..half };
        assert_eq!(
            step(&said, 20 * QUARTER, 7 * QUARTER),
            RiskStep::Do,
            "the strict grammar reads it"
        );
    }

    #[test]
    fn what_is_large_is_asked_first() {
        let many = Size { most: 101, cancels: None };
        let cancels = |count| Size { most: 0, cancels: Some(count) };
        check((Purpose::PLACE, 0), many, Doubt::None, 9_999, RiskStep::Confirm);
        check((Purpose::CANCEL, 5), cancels(0), Doubt::None, 9_999, RiskStep::Confirm);
        check((Purpose::CANCEL, 2), cancels(2), Doubt::None, 9_999, RiskStep::Confirm);
        check((Purpose::CANCEL, 2), cancels(1), Doubt::None, 9_999, RiskStep::Do);
    }

    #[test]
    fn doubts_need_more_and_jests_are_left() {
        check((Purpose::PLACE, 0), FEW, Doubt::Unsure, 7 * QUARTER, RiskStep::Confirm);
        check((Purpose::PLACE, 0), FEW, Doubt::Unsure, 12 * QUARTER, RiskStep::Do);
        check((Purpose::PLACE, 0), FEW, Doubt::Arrived, 9_999, RiskStep::Confirm);
        check((Purpose::PLACE, 0), FEW, Doubt::Moot, 9_999, RiskStep::Leave);
    }
}
