//! Drafts (上架草稿): what a leader reads of before it is put on sale, and changes.

use serde::{Deserialize, Serialize};

use crate::domain::ids::OfferId;
use crate::domain::money::Money;

/// What is changed of an offer before it is put on sale again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftChange {
    /// The offer that it is made after.
    pub offer: OfferId,
    /// How.
    pub to: DraftTerm,
}

/// How an offer that is not on sale yet is changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DraftTerm {
    /// Another price.
    Price(Money),
    /// So many.
    Stock(u32),
    /// Another name.
    Name(String),
    /// The most one member may have.
    Limit(u32),
    /// It is not put on sale.
    LeftOut,
}
