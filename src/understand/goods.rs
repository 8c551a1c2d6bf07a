//! What a clause says about goods, piece by piece: [`Atom`]s, with remarks and names taken out.
//!
//! ```text
//! clause := (glue | goods | amount | op | remark | for)*
//! goods  := (name | code | variant part)+        one thing, named in several ways
//! amount := sign? number unit? 半? (number unit)?
//! remark := lead word*                            up to the next goods with an amount
//! for    := (给|帮|替|for) name (verb | end)
//! ```
//!
//! Anything else is *residue*. A clause with residue is never an order: whoever writes an order
//! writes nothing else in the same breath.

use super::clause::{Clause, ReadableMessage};
use super::units::Measure;

/// One thing named.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "independent ways of being named")]
pub(super) struct Goods {
    /// Which offers it can be.
    pub(super) offers: Vec<u16>,
    /// Entries of variant parts named with it.
    pub(super) parts: Vec<u32>,
    /// Named by its code.
    pub(super) coded: bool,
    /// Named by name or alias, not only by a variant.
    pub(super) named: bool,
    /// A size or colour was named that nobody offers.
    pub(super) strange: bool,
    /// Perhaps something else with a similar name.
    pub(super) doubtful: bool,
    /// Named only by a picture.
    pub(super) pictured: bool,
}

impl Goods {
    /// Take `new` as a further name of this, if both can mean the same.
    pub(super) fn merge(&mut self, new: &Self) -> bool {
        let common: Vec<u16> =
            self.offers.iter().copied().filter(|offer| new.offers.contains(offer)).collect();
        if common.is_empty() || !(self.parts.is_empty() || new.parts.is_empty()) {
            return false;
        }
        self.offers = common;
        self.parts.extend(&new.parts);
        self.coded |= new.coded;
        self.named |= new.named;
        self.pictured &= new.pictured;
        true
    }
}

/// A quantity as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Amount {
    /// In thousandths of `measure`.
    pub(super) milli: i64,
    /// `None` for a bare number.
    pub(super) measure: Option<Measure>,
    /// `+`, `x`, `*` stood before it.
    pub(super) signed: bool,
    /// A minus stood before it.
    pub(super) minus: bool,
    /// A range.
    pub(super) vague: bool,
}

/// What to do with the goods that follow (or stand before).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// 再.
    Again,
    /// 改成, 只要.
    Set,
    /// 减.
    Less,
    /// 不要, 取消.
    Drop,
    /// 换.
    Swap,
    /// instead of.
    InsteadOf,
    /// 留着.
    Keep,
}

/// A piece of what is said about goods.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Atom {
    /// Something on offer.
    Goods(Goods),
    /// How many.
    Amount(Amount),
    /// 各.
    Each,
    /// 一共.
    Total,
    /// 改成, 不要….
    Mode(Mode),
    /// 、 or 和.
    Weak,
}

/// What one clause says.
#[derive(Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "independent observations of one clause")]
pub(super) struct SaidClause<'t> {
    pub(super) atoms: Vec<Atom>,
    pub(super) notes: Vec<&'t str>,
    pub(super) for_whom: Option<&'t str>,
    /// Tokens that nothing explains.
    pub(super) residue: usize,
    /// The first of them, for names before and after an order.
    pub(super) residue_at: Option<usize>,
    /// 要, 来, 下单.
    pub(super) wants: bool,
    /// An amount of money stands for the quantity.
    pub(super) money: bool,
    /// 那个, 同款.
    pub(super) that: bool,
    /// 打错了.
    pub(super) corrects: bool,
    /// 一些, a few.
    pub(super) vague: bool,
    /// A1到B4.
    pub(super) range: bool,
    /// A code with a remark right behind it and nothing else: B1车库见.
    pub(super) passing: bool,
    /// Collects or moves goods that are there already: 我去取2箱葡萄, 把2盒鸡蛋放门口.
    pub(super) handles: bool,
    /// How many people get as much each, if more than one: 我和我妈各要一箱.
    pub(super) people: i64,
}

impl SaidClause<'_> {
    pub(super) fn has_goods(&self) -> bool {
        self.atoms.iter().any(|atom| matches!(atom, Atom::Goods(_)))
    }
    pub(super) fn has_amount(&self) -> bool {
        self.atoms.iter().any(|atom| matches!(atom, Atom::Amount(_)))
    }
    pub(super) fn has_mode(&self, mode: Mode) -> bool {
        self.atoms.contains(&Atom::Mode(mode))
    }
    /// Whether goods or an amount occur.
    pub(super) fn states(&self) -> bool {
        self.has_goods() || self.has_amount()
    }
    /// Whether it changes something: more than 再.
    pub(super) fn changes(&self) -> bool {
        self.atoms.iter().any(|atom| matches!(atom, Atom::Mode(mode) if *mode != Mode::Again))
    }
    /// Whether everything in it is understood, and it is no code in passing.
    pub(super) fn is_explained(&self) -> bool {
        self.residue == 0 && (!self.passing || self.has_amount())
    }
    /// Whether it orders or drops something, understood or not.
    pub(super) fn claims(&self) -> bool {
        let acts = self.has_amount() || self.wants || self.changes();
        (self.states() && acts) || self.has_mode(Mode::Drop)
    }
}

/// Read one clause.
pub(super) fn read<'t>(heard: &ReadableMessage<'_, 't>, clause: &Clause) -> SaidClause<'t> {
    let mut reader = ClauseReader { heard, clause, at: clause.from, said: SaidClause::default() };
    while reader.at < clause.to {
        reader.step();
    }
    let mut said = reader.said;
    if said.people > 1 {
        shared_out(&mut said);
    }
    said
}

/// Everybody's amount, as one order. Without an amount it cannot be read.
fn shared_out(said: &mut SaidClause<'_>) {
    said.residue += usize::from(!said.has_amount());
    for atom in &mut said.atoms {
        if let Atom::Amount(amount) = atom {
            amount.milli = amount.milli.saturating_mul(said.people);
        }
    }
}

/// Reads one clause, token by token: [`reading`](super::reading) has its goods and amounts,
/// [`wording`](super::wording) its words.
pub(super) struct ClauseReader<'h, 'a, 't> {
    pub(super) heard: &'h ReadableMessage<'a, 't>,
    pub(super) clause: &'h Clause,
    pub(super) at: usize,
    pub(super) said: SaidClause<'t>,
}
