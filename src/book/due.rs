//! Orders whose return window is over, in bulk: hundreds fall due together at midnight, so they are not
//! read into the book one by one. What each promoter has coming is summed by the database, and the orders
//! are closed there by number. Orders that are in the book are settled there, and left out here.

use std::collections::BTreeMap;

use crate::domain::ids::{MemberId, OrderId};
use crate::domain::money::Money;
use crate::domain::order::{Order, OrderState};
use crate::domain::time::Timestamp;

use super::Shop;

/// The most orders that are settled at once; the rest follow a moment later.
pub const MAX_DUE: usize = 1_000;

/// Orders of one community that are due and not in the book.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Due {
    /// Their numbers.
    pub orders: Vec<OrderId>,
    /// What each promoter has coming from them.
    pub shares: BTreeMap<MemberId, DueShare>,
    /// The last order of this round, in the book or not, where more are due.
    pub cut: Option<(Timestamp, OrderId)>,
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
    /// Whether it is true no more: one of its orders has come into the book, or was settled meanwhile; or
    /// another change may have moved the cut. So the cut is the same wherever a batch begins.
    #[must_use]
    pub fn is_stale(&self, shop: &Shop) -> bool {
        let moved = |order: &OrderId| {
            shop.orders.contains(*order) || shop.fresh.settled.contains_key(order)
        };
        self.cut.is_some() && self.changed != changed(shop) || self.orders.iter().any(moved)
    }

    /// Whether an order that is in the book belongs to this round.
    #[must_use]
    pub fn takes(&self, order: &Order, until: Timestamp) -> bool {
        let due = order.due_at.filter(|due| order.state == OrderState::Received && *due <= until);
        due.is_some_and(|due| self.cut.is_none_or(|cut| (due, order.id) <= cut))
    }
}

/// How many orders of this shop the database does not know as they are.
#[must_use]
pub fn changed(shop: &Shop) -> usize {
    shop.orders.changed().count() + shop.fresh.settled.len()
}
