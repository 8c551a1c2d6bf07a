//! Payments (收款, 退款): money that comes for orders, and goes back.

use serde::{Deserialize, Serialize};

use super::ids::OrderId;
use super::intent::{Change, Selection, WantedLine};
use super::money::Money;
use super::reply::{Degrade, Delivery, OrderView, RECEIPT, REPORT};

/// What leaders say of payments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lead {
    /// 收到 #1024 #1025 / 收到 @小美 / 确认收款: payment has arrived.
    Paid {
        /// Whose.
        of: Selection,
        /// The amount received, when said (`收到 #1024 50元`).
        amount: Option<Money>,
    },
    /// 收到 #9 105: so much for these, or for another order as well, if one of that number waits.
    PaidNumber {
        /// The orders named as such.
        orders: Vec<OrderId>,
        /// The number as an amount.
        amount: Money,
        /// The number as an order's.
        order: OrderId,
    },
    /// 退款 #1024 / 退款 #1024 A1 1份.
    Refund {
        /// The order.
        order: OrderId,
        /// Which lines and how many; none means the whole order. `Op::Remove` each.
        lines: Vec<WantedLine>,
    },
}

/// What is said of payments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// Payment was confirmed.
    PaymentTaken {
        /// The orders, one line each.
        orders: Vec<OrderView>,
        /// What was received beyond (or, negative, short of) their totals.
        difference: Money,
        /// Those of them that had lapsed or been cancelled, and hold their goods again.
        #[serde(default)]
        again: Vec<OrderId>,
    },
    /// Part of what is due was received.
    Underpaid {
        /// The order.
        order: OrderId,
        /// Received so far.
        received: Money,
        /// Still due.
        due: Money,
    },
    /// Payment came after the order lapsed and its goods are gone.
    PaidTooLate {
        /// The order.
        order: OrderId,
        /// What is missing.
        name: String,
        /// Whether it was never bought, because its group buy failed.
        #[serde(default)]
        failed: bool,
    },
    /// To whoever confirmed a payment by a member's name: it was booked on orders that had lapsed.
    LateBooked {
        /// Which; what was received for each stands in it.
        orders: Vec<OrderView>,
    },
    /// Money was noted for these orders by mistake: it is noted no longer.
    PaymentUndone {
        /// They, as they stand.
        orders: Vec<OrderView>,
    },
    /// Money goes back.
    Refunded {
        /// The order.
        order: OrderId,
        /// Whose.
        member: String,
        /// How much.
        amount: Money,
        /// Whether nothing is left of it.
        whole: bool,
    },
    /// Orders that are paid in part and have been kept long enough: the leader decides.
    RestMissing {
        /// In order of number.
        orders: Vec<OrderView>,
    },
}

/// Why something about payments is not done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// A paid order is cancelled by the leader, with a refund.
    AlreadyPaid {
        /// Its number.
        order: OrderId,
    },
    /// More to refund than is left of the line.
    RefundTooLarge {
        /// Its number.
        order: OrderId,
        /// Units that can still be refunded.
        left: u32,
    },
}

impl Lead {
    /// Its name in the table of commands.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Paid { .. } | Self::PaidNumber { .. } => "payments.paid",
            Self::Refund { .. } => "payments.refund",
        }
    }

    /// Change the people and the words in it.
    pub(super) fn change(&mut self, change: &mut impl Change) {
        match self {
            Self::Paid { of, .. } => change.selection(of),
            Self::PaidNumber { .. } | Self::Refund { .. } => {}
        }
    }
}

impl Reply {
    /// How it travels.
    pub(super) fn delivery(&self) -> Delivery<'_> {
        match self {
            Self::PaymentTaken { .. }
            | Self::Underpaid { .. }
            | Self::PaidTooLate { .. }
            | Self::LateBooked { .. }
            | Self::PaymentUndone { .. }
            | Self::Refunded { .. } => RECEIPT,
            Self::RestMissing { .. } => Delivery { degrade: Degrade::Short, ..REPORT },
        }
    }
}

#[cfg(test)]
pub(crate) mod samples {
    use super::{Refusal, Reply};
    use crate::domain::ids::OrderId;
    use crate::domain::money::Money;
    use crate::domain::orders::OrderState;
    use crate::domain::reply::OrderView;
    use crate::domain::samples::{full_order, order, text, yuan};

    /// Every reply, in its usual forms.
    pub(crate) fn replies() -> Vec<Reply> {
        let taken = |difference, again| Reply::PaymentTaken {
            orders: vec![order(OrderState::Paid)],
            difference,
            again,
        };
        let too_late =
            |failed| Reply::PaidTooLate {
                order: OrderId(1_024), name: text("阳光玫瑰"), failed
            };
        let refunded = |whole| Reply::Refunded {
            order: OrderId(1_024),
            member: text("小美"),
            amount: yuan(3_990),
            whole,
        };
        let booked = OrderView { received: yuan(7_980), ..order(OrderState::Paid) };
        vec![
            taken(Money::ZERO, Vec::new()),
            taken(yuan(20), vec![OrderId(1_024)]),
            taken(yuan(-20), Vec::new()),
            Reply::Underpaid { order: OrderId(1_024), received: yuan(5_000), due: yuan(2_980) },
            too_late(false),
            too_late(true),
            Reply::PaymentUndone { orders: vec![order(OrderState::Placed)] },
            Reply::LateBooked { orders: vec![booked] },
            refunded(true),
            refunded(false),
            Reply::RestMissing { orders: vec![full_order()] },
        ]
    }

    /// Every refusal, in its usual forms.
    pub(crate) fn refusals() -> Vec<Refusal> {
        let order = OrderId(1_024);
        vec![
            Refusal::AlreadyPaid { order },
            Refusal::RefundTooLarge { order, left: 1 },
            Refusal::RefundTooLarge { order, left: 0 },
        ]
    }
}
