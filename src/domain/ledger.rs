//! The ledger (账本): a journal of facts with legs that sum to zero, and a balance for each account.
//!
//! Debits are positive: what the shop has or spends. Credits are negative: what it owes or earns, so
//! a member's frozen 2.39 stands as −239; [`Balances::owed`] turns it round for people. Points are a
//! currency of their own, [`POINTS`].

use std::collections::BTreeMap;

use super::ids::{MemberId, OrderId};
use super::money::Money;

/// The currency code of points (积分).
pub const POINTS: &str = "PTS";

/// An account's number within its community: `member * 16 + kind`; the shop is member 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountNo(pub i64);

/// A member's accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Purse {
    /// 冻结: commission of paid orders inside the return window.
    Frozen,
    /// 可提现: may be withdrawn; negative after a claw-back.
    Available,
    /// 提现中: asked for.
    Locked,
    /// 已提现: paid out.
    PaidOut,
    /// 积分.
    Points,
}

/// The shop's accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum House {
    /// Paid money, in the leader's hands.
    Received,
    /// What was sold.
    Sales,
    /// Commission as a cost.
    CommissionCost,
    /// Tax kept back from withdrawals.
    TaxWithheld,
    /// Points in circulation.
    PointsIssued,
    /// Money taken that is still the buyers': for orders not paid in full, or beyond what they come to.
    Deposits,
}

impl AccountNo {
    /// A member's account.
    #[must_use]
    pub const fn of(member: MemberId, purse: Purse) -> Self {
        let kind = match purse {
            Purse::Frozen => 1,
            Purse::Available => 2,
            Purse::Locked => 3,
            Purse::PaidOut => 4,
            Purse::Points => 5,
        };
        Self(member.0 * 16 + kind)
    }

    /// One of the shop's accounts.
    #[must_use]
    pub const fn house(house: House) -> Self {
        Self(match house {
            House::Received => 1,
            House::Sales => 2,
            House::CommissionCost => 3,
            House::TaxWithheld => 4,
            House::PointsIssued => 5,
            House::Deposits => 6,
        })
    }
}

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

/// The kinds of facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fact {
    /// An order was paid in full.
    Paid,
    /// A part of an order was paid.
    PartPaid,
    /// A deposit went back to its buyer.
    GivenBack,
    /// Commission of a paid order.
    Earned,
    /// Commission became available.
    Due,
    /// Money of an order went back.
    Refunded,
    /// Commission of a refunded line was taken back.
    Reversed,
    /// Points granted.
    PointsGranted,
    /// Points spent on an order.
    PointsSpent,
    /// Points given or taken back after a refund or cancellation.
    PointsReversed,
    /// Points lapsed.
    PointsExpired,
    /// A withdrawal was asked for.
    Asked,
    /// A withdrawal was refused or failed.
    Returned,
    /// A withdrawal was sent.
    Sent,
}

impl Fact {
    /// All of them, with the names they are stored under.
    pub const NAMES: [(Self, &'static str); 14] = [
        (Self::Paid, "paid"),
        (Self::PartPaid, "part_paid"),
        (Self::GivenBack, "given_back"),
        (Self::Earned, "earned"),
        (Self::Due, "due"),
        (Self::Refunded, "refunded"),
        (Self::Reversed, "reversed"),
        (Self::PointsGranted, "points_granted"),
        (Self::PointsSpent, "points_spent"),
        (Self::PointsReversed, "points_reversed"),
        (Self::PointsExpired, "points_expired"),
        (Self::Asked, "asked"),
        (Self::Returned, "returned"),
        (Self::Sent, "sent"),
    ];

    /// The name it is stored under.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(fact, _)| *fact == self).map_or("", |(_, name)| name)
    }
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
