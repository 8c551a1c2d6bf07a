//! What a decision has to know. `decide` says what it needs; the engine foresees most of it for the
//! whole batch and loads it in a fixed number of queries; what nobody foresaw is loaded when it turns
//! out to be missing, and the event is decided again.

use std::collections::BTreeSet;

use crate::domain::ids::{AccountId, CaseId, MemberId, OrderId, WithdrawalId};
use crate::domain::time::Timestamp;
use crate::domain::{loyalty, orders, payments, payouts, people, referral, reports, service};

/// One thing to know about a community.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// The member with this platform id, with everybody above them.
    Person(AccountId, String),
    /// These members, with everybody above them.
    Member(MemberId),
    /// The members whose names have this key ([`crate::domain::name::name_key`]).
    Name(String),
    /// The member whose invite code this is.
    Code(String),
    /// Everybody who leads.
    Leaders,
    /// All orders of this member that are not over.
    OrdersOf(MemberId),
    /// This order.
    Order(OrderId),
    /// What this member has and is owed.
    Balances(MemberId),
    /// What these members paid since an instant, order by order.
    Spend(BTreeSet<MemberId>, Timestamp),
    /// All unpaid orders.
    Unpaid,
    /// All orders whose offers close at this instant.
    Closing(Timestamp),
    /// All orders that are paid and not shipped.
    ToShip,
    /// All orders that are shipped.
    Shipped,
    /// All received orders whose commission is due by this instant.
    Due(Timestamp),
    /// This withdrawal.
    Withdrawal(WithdrawalId),
    /// All withdrawals that are not over.
    Withdrawals,
    /// Chain lines that wait for review.
    Review,
    /// This after-sales case.
    Case(CaseId),
    /// All after-sales cases that are open.
    Cases,
    /// An aggregate.
    Report(Report),
}

impl Need {
    /// Whether what comes of it may tell what else is needed.
    #[must_use]
    pub fn leads_on(&self) -> bool {
        matches!(
            self,
            Self::Name(_)
                | Self::Order(_)
                | Self::Case(_)
                | Self::Report(Report::Effects(_) | Report::People(people::Need::Author(..)))
        )
    }

    /// What kind of fact it is, without whose: as in `Report(Orders(Recent`.
    #[must_use]
    pub fn kind(&self) -> String {
        let shown = format!("{self:?}");
        let kind = shown.split(|c: char| !c.is_alphabetic() && c != '(').next().unwrap_or("");
        let kind = kind.split("MemberId").next().unwrap_or(kind);
        kind.trim_end_matches('(').to_owned()
    }

    /// Whether it is rows by their keys. What was decided about such rows is in the book, so they may be
    /// loaded while it is being written; everything else is asked of a database that knows it.
    #[must_use]
    pub fn is_rows(&self) -> bool {
        matches!(
            self,
            Self::Person(..)
                | Self::Member(_)
                | Self::Name(_)
                | Self::Code(_)
                | Self::OrdersOf(_)
                | Self::Order(_)
                | Self::Spend(..)
        )
    }
}

/// An aggregate over the community, true as of the last save: one of a room.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Report {
    /// About orders.
    Orders(orders::Need),
    /// About people.
    People(people::Need),
    /// About who brought whom.
    Referral(referral::Need),
    /// About money that came.
    Payments(payments::Need),
    /// About what members earned.
    Payouts(payouts::Need),
    /// About points.
    Loyalty(loyalty::Need),
    /// About after-sales cases.
    Service(service::Need),
    /// Figures for leaders.
    Reports(reports::Need),
    /// What a member did last that can be taken back.
    Effects(MemberId),
}

/// The book does not hold this; load it and decide again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing(pub Need);

/// What one batch needs of one community.
pub type Needs = BTreeSet<Need>;
