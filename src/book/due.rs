//! Orders whose return window is over, in bulk: hundreds fall due together at midnight, so they are not
//! read into the book one by one, nor written: what each promoter has coming is summed by the database,
//! and one mark closes them all. Orders that are in the book are summed there, and left out here.

use std::collections::BTreeMap;

use crate::domain::ids::{MemberId, OrderId};
use crate::domain::money::Money;
use crate::domain::orders::{DueMark, Order, OrderState};

use super::Shop;

/// The most orders that are settled at once; the rest follow a moment later.
pub const MAX_DUE: usize = 1_000;

/// A round of orders of one community that are due.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Due {
    /// Up to here all was settled when this was read.
    pub after: Option<DueMark>,
    /// The last order of this round, in the book or not; `None`: nothing is due.
    pub until: Option<DueMark>,
    /// Whether more are due beyond it.
    pub more: bool,
    /// The orders that are not in the book.
    pub orders: Vec<OrderId>,
    /// What each promoter has coming from them.
    pub shares: BTreeMap<MemberId, DueShare>,
    /// How many orders of the community had changed when this was read.
    pub changed: usize,
}

/// What one promoter has coming.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DueShare {
    /// Earned and not taken back.
    pub amount: Money,
    /// From so many orders.
    pub orders: usize,
    /// The promoter's platform id.
    pub key: String,
    /// The promoter's name.
    pub name: String,
}

impl Due {
    /// Whether it is true no more: some of it was settled meanwhile, one of its orders has come into the
    /// book, or a change may have moved its end. So the end is the same wherever a batch begins.
    #[must_use]
    pub fn is_stale(&self, shop: &Shop) -> bool {
        self.after != shop.settled
            || self.changed != changed(shop)
            || self.orders.iter().any(|&order| shop.orders.contains(order))
    }

    /// Whether an order that is in the book belongs to this round.
    #[must_use]
    pub fn takes(&self, order: &Order) -> bool {
        order.state == OrderState::Received
            && order.due().is_some_and(|due| self.after < Some(due) && Some(due) <= self.until)
    }
}

/// How many orders of this shop the database does not know as they are.
#[must_use]
pub fn changed(shop: &Shop) -> usize {
    shop.orders.added().count() + shop.orders.changed().count()
}
