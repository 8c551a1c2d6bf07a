//! Pricing (计价): cuts, the rows by which a line costs less than its price.

use serde::{Deserialize, Serialize};

use super::money::Money;

/// A cut (让价): so much less for a line. What a line is paid with, and what commission and points are counted from, is
/// its price times its units without its cuts; its price stays what it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cut {
    /// Where it comes from.
    pub source: CutSource,
    /// So much in all.
    pub amount: Money,
    /// What for.
    pub reason: CutReason,
    /// Who goes without that money.
    pub borne_by: CutBearer,
}

/// Where a cut comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CutSource {
    /// A leader said so.
    Leader,
}

/// What a cut is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CutReason {
    /// So much less, whatever the units.
    Off,
    /// Another price a unit was said: it is a cut of so many units.
    Price {
        /// Units.
        units: u32,
    },
}

/// Who bears a cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CutBearer {
    /// The shop: it sells for less.
    Seller,
}

impl Cut {
    /// A leader lets a buyer have a line for less.
    #[must_use]
    pub const fn of_leader(amount: Money, reason: CutReason) -> Self {
        Self { source: CutSource::Leader, amount, reason, borne_by: CutBearer::Seller }
    }

    /// Whether it is more of the same, so that one row says both.
    #[must_use]
    pub fn joins(&self, other: &Self) -> bool {
        let alike = matches!(
            (self.reason, other.reason),
            (CutReason::Off, CutReason::Off) | (CutReason::Price { .. }, CutReason::Price { .. })
        );
        alike && self.source == other.source && self.borne_by == other.borne_by
    }
}

/// How a leader lowers what is to be paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lowered {
    /// 便宜5块: by so much.
    Off(Money),
    /// 按25.9算: to so much a unit.
    Each(Money),
}

/// What the cuts of a line come to.
#[must_use]
pub fn sum_of(cuts: &[Cut]) -> Money {
    cuts.iter().map(|cut| cut.amount).sum()
}
