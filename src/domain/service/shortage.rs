//! Shortage (缺货): less of some goods came than was ordered. Who gets fewer is a plan, which a leader reads, may change
//! by naming, and confirms.

use serde::{Deserialize, Serialize};

use crate::domain::ids::{OfferId, OrderId};
use crate::domain::intent::Change;
use crate::domain::money::Money;
use crate::domain::orders::Whose;

/// 葡萄只到45箱: what a leader says of goods that did not all come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shortage {
    /// What they call the goods.
    pub said: String,
    /// The goods that may be meant; none where nothing is called so.
    pub goods: Vec<LackedGoods>,
    /// How much is lacking.
    pub lack: Lack,
    /// Whose units are taken.
    #[serde(default)]
    pub sharing: LackSharing,
    /// Who keeps all of theirs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub spared: Vec<Whose>,
    /// What comes in place of it, in the leader's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instead: Option<String>,
    /// The plan that the leader has read, as [`crate::domain::ids::fingerprint`] of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agreed: Option<i64>,
}

/// Goods that may be lacking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LackedGoods {
    /// The offer that is called so now; codes are used again every day.
    pub offer: OfferId,
    /// Only this variant of it.
    pub variant: Option<u16>,
    /// How it was named.
    pub by: LackNaming,
}

/// How goods that are lacking were named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LackNaming {
    /// By a code: any offer of that code may be meant.
    Code,
    /// By a name: any offer of that name.
    Name,
    /// Picked from several: this very offer.
    Picked,
}

/// How much is lacking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lack {
    /// 只到45箱: so many came.
    Came(u32),
    /// 少发3箱: so many did not.
    Short(u32),
    /// 全部退款: nothing of what was not handed over comes.
    All,
    /// A quantity that is no whole number of its unit.
    Odd,
}

/// Whose units are taken where not all came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LackSharing {
    /// The last orders first.
    #[default]
    LastFirst,
    /// 平均减: of all, in proportion to what each has.
    Alike,
}

/// What a leader changes about a plan that they have read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LackChange {
    /// 老王不减: these keep all of theirs.
    Spare(Vec<Whose>),
    /// 平均减, 从后面减.
    Share(LackSharing),
    /// 用A3补, 明天补: what comes in place of it.
    Instead(String),
}

/// The plan for a shortage, as a leader reads it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LackView {
    /// The goods.
    pub goods: String,
    /// Their unit.
    pub unit: String,
    /// So many units were ordered, those handed over included.
    pub ordered: u32,
    /// So many are taken off.
    pub lack: u32,
    /// All that is not handed over.
    pub all: bool,
    /// From whom.
    pub sharing: LackSharing,
    /// Who gets fewer, the first of them.
    pub cuts: Vec<LackCut>,
    /// So many orders more.
    pub beyond: usize,
    /// What goes back in all.
    pub total: Money,
    /// What comes in place of it.
    pub instead: Option<String>,
}

/// One order that gets fewer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LackCut {
    /// Which.
    pub order: OrderId,
    /// Whose.
    pub member: String,
    /// So many fewer.
    pub qty: u32,
    /// So many stay.
    pub left: u32,
    /// Their unit.
    pub unit: String,
    /// What goes back.
    pub back: Money,
    /// It was paid; else nothing goes back.
    pub is_paid: bool,
}

impl Shortage {
    /// Change the people and the words in it.
    pub(super) fn change(&mut self, change: &mut impl Change) {
        change.words(&mut self.said);
        change.words_of(&mut self.instead);
        self.spared.iter_mut().for_each(|whose| whose_of(whose, change));
    }
}

impl LackChange {
    /// Change the people and the words in it.
    pub(super) fn change(&mut self, change: &mut impl Change) {
        match self {
            Self::Spare(spared) => spared.iter_mut().for_each(|whose| whose_of(whose, change)),
            Self::Instead(words) => change.words(words),
            Self::Share(_) => {}
        }
    }
}

fn whose_of(whose: &mut Whose, change: &mut impl Change) {
    match whose {
        Whose::Of(person) => change.person(person),
        Whose::Numbered(_) => {}
    }
}
