//! The ledger (账本): a journal of facts with legs that sum to zero, and a balance for each account.
//!
//! Debits are positive: what the shop has or spends. Credits are negative: what it owes or earns, so
//! a member's frozen 2.39 stands as −239; [`Balances::owed`] turns it round for people. Points are a
//! currency of their own, [`POINTS`].

mod chart;
mod fact;

pub use chart::{
    AccountNo, AccountToken, CHART, ChartRow, Counted, Dealing, Floor, House, LAST_PLACE, Owner,
    PLACE_BITS, POINTS, Place, Purse, TOKENS,
};
pub use fact::{FACTS, Fact, Movement};

use std::collections::BTreeMap;

use super::ids::{MemberId, OrderId};
use super::money::Money;

/// One fact of the journal (分录). Never changed, never deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What kind of fact.
    pub kind: Fact,
    /// ISO 4217 code, or [`POINTS`].
    pub currency: String,
    /// The order it is about.
    pub order: Option<OrderId>,
    /// Accounts and amounts in minor units; amounts sum to zero and none is zero.
    pub legs: Vec<(AccountNo, i64)>,
}

impl Entry {
    /// A fact that moves `amount` from one account to another: `to` is debited, `from` credited.
    #[must_use]
    pub fn transfer(
        kind: Fact,
        currency: &str,
        to: AccountNo,
        from: AccountNo,
        amount: Money,
    ) -> Self {
        Self {
            kind,
            currency: currency.to_owned(),
            order: None,
            legs: vec![(to, amount.minor), (from, -amount.minor)],
        }
    }

    /// The same fact, about this order.
    #[must_use]
    pub fn about(mut self, order: OrderId) -> Self {
        self.order = Some(order);
        self
    }

    /// Whether its legs balance.
    #[must_use]
    pub fn balances(&self) -> bool {
        self.legs.iter().map(|(_, amount)| amount).sum::<i64>() == 0
    }
}

/// Balances of a community's accounts, by account and currency.
#[derive(Clone, Debug, Default)]
pub struct Balances {
    rows: BTreeMap<(AccountNo, String), i64>,
}

impl Balances {
    /// Take a balance as loaded.
    pub fn set(&mut self, account: AccountNo, currency: &str, amount: i64) {
        self.rows.insert((account, currency.to_owned()), amount);
    }

    /// Add a leg.
    pub fn add(&mut self, account: AccountNo, currency: &str, amount: i64) {
        *self.rows.entry((account, currency.to_owned())).or_default() += amount;
    }

    /// How many balances are here.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether none is here.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// What the shop owes a member on this account: the balance with its sign turned.
    #[must_use]
    pub fn owed(&self, member: MemberId, purse: Purse, currency: &str) -> Money {
        let key = (AccountNo::of(member, purse), currency.to_owned());
        Money::from_minor(-self.rows.get(&key).copied().unwrap_or(0))
    }
}
