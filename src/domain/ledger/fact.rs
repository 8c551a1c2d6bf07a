//! The kinds of facts, and between which places of the chart each may move something.

use super::chart::{House, Place, Purse};

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
    /// Points that a leader gave.
    PointsGiven,
    /// Those taken back.
    GiftUndone,
    /// Points spent on an order.
    PointsSpent,
    /// Points given or taken back after a refund or cancellation.
    PointsReversed,
    /// Points lapsed.
    PointsExpired,
    /// A payment that was noted by mistake.
    PaymentUndone,
    /// Commission of one.
    CommissionUndone,
    /// Points granted for one.
    PointsUndone,
    /// A withdrawal was asked for.
    Asked,
    /// A withdrawal was refused or failed.
    Returned,
    /// A withdrawal was sent.
    Sent,
}

/// What a kind of fact does in the books.
#[derive(Clone, Copy, Debug)]
pub struct Movement {
    /// The kind.
    pub fact: Fact,
    /// The name it is stored under; never changed.
    pub name: &'static str,
    /// The places that it may debit.
    pub debits: &'static [Place],
    /// The places that it may credit.
    pub credits: &'static [Place],
    /// Whether it is always about an order.
    pub is_of_order: bool,
}

/// Every kind of fact there is.
pub const FACTS: [Movement; 19] = {
    use House::{CommissionCost, Deposits, Issued, Received, Sales, TaxWithheld};
    use Place::{Member, Shop};
    use Purse::{Available, Frozen, Locked, PaidOut, Wallet};
    let points = &[Member(Wallet), Shop(Issued)];
    [
        of_order(
            Fact::Paid,
            "paid",
            &[Shop(Received), Shop(Deposits)],
            &[Shop(Sales), Shop(Deposits)],
        ),
        of_order(
            Fact::PaymentUndone,
            "payment_undone",
            &[Shop(Sales), Shop(Deposits)],
            &[Shop(Received), Shop(Deposits)],
        ),
        of_order(
            Fact::CommissionUndone,
            "commission_undone",
            &[Member(Frozen)],
            &[Shop(CommissionCost)],
        ),
        of_order(Fact::PointsUndone, "points_undone", &[Member(Wallet)], &[Shop(Issued)]),
        of_order(Fact::PartPaid, "part_paid", &[Shop(Received)], &[Shop(Deposits)]),
        of_order(Fact::GivenBack, "given_back", &[Shop(Deposits)], &[Shop(Received)]),
        of_order(Fact::Earned, "earned", &[Shop(CommissionCost)], &[Member(Frozen)]),
        of_any(Fact::Due, "due", &[Member(Frozen)], &[Member(Available)]),
        of_order(Fact::Refunded, "refunded", &[Shop(Sales)], &[Shop(Received)]),
        of_order(
            Fact::Reversed,
            "reversed",
            &[Member(Frozen), Member(Available)],
            &[Shop(CommissionCost)],
        ),
        of_any(Fact::PointsGranted, "points_granted", &[Shop(Issued)], &[Member(Wallet)]),
        of_any(Fact::PointsGiven, "points_given", &[Shop(Issued)], &[Member(Wallet)]),
        of_any(Fact::GiftUndone, "gift_undone", &[Member(Wallet)], &[Shop(Issued)]),
        of_order(Fact::PointsSpent, "points_spent", &[Member(Wallet)], &[Shop(Issued)]),
        of_any(Fact::PointsReversed, "points_reversed", points, points),
        of_any(Fact::PointsExpired, "points_expired", &[Member(Wallet)], &[Shop(Issued)]),
        of_any(Fact::Asked, "asked", &[Member(Available)], &[Member(Locked)]),
        of_any(Fact::Returned, "returned", &[Member(Locked)], &[Member(Available)]),
        of_any(Fact::Sent, "sent", &[Member(Locked)], &[Member(PaidOut), Shop(TaxWithheld)]),
    ]
};

/// A kind of fact that is always about an order.
const fn of_order(
    fact: Fact,
    name: &'static str,
    debits: &'static [Place],
    credits: &'static [Place],
) -> Movement {
    Movement { fact, name, debits, credits, is_of_order: true }
}

/// A kind of fact that may be about no order.
const fn of_any(
    fact: Fact,
    name: &'static str,
    debits: &'static [Place],
    credits: &'static [Place],
) -> Movement {
    Movement { fact, name, debits, credits, is_of_order: false }
}

impl Fact {
    /// Whether it is about points that are as old as itself, or takes such back.
    #[must_use]
    pub const fn is_grant(self) -> bool {
        matches!(
            self,
            Self::PointsGranted | Self::PointsUndone | Self::PointsGiven | Self::GiftUndone
        )
    }

    /// The name it is stored under.
    #[must_use]
    pub fn name(self) -> &'static str {
        FACTS.iter().find(|row| row.fact == self).map_or("", |row| row.name)
    }
}
