//! Payments (收款, 退款): money that comes for orders, and goes back.

pub mod paynow;
#[cfg(test)]
pub(crate) mod samples;
pub mod statement;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::event::Contact;
use super::ids::OrderId;
use super::intent::{Change, Selection, WantedLine};
use super::money::Money;
use super::reply::{
    Audience, Buttons, Degrade, Delivery, Merging, NOTICE, OUTCOME, OrderView, Picture, READ,
    RECEIPT, REPORT,
};
use super::time::Timestamp;

/// What members say of payments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Intent {
    /// 怎么付款: the ways to pay, and what for.
    HowToPay,
    /// 付了, 已转账 38.4 末五码 12345: the speaker says to have paid.
    ClaimPaid {
        /// For these orders; none means all that wait for money.
        orders: Vec<OrderId>,
        /// How much, where they say.
        amount: Option<Money>,
    },
}

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
    /// 退款 #1024 10元 / 退 A1 #12 5元: so much money, and no units.
    RefundAmount {
        /// The order.
        order: OrderId,
        /// Of these goods of it; `None`: of whatever is in it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        of: Option<WantedLine>,
        /// How much.
        amount: Money,
        /// Why, in the leader's words.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// 没收到 #1024: whoever says to have paid has not, as far as the leader sees.
    DenyClaim(Selection),
    /// 谁说付了: the claims that wait for a leader.
    Claims,
    /// 催款 / 提醒 @老王 付款: ask for what is due.
    Chase(Selection),
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
        /// Why, where the leader says.
        #[serde(default)]
        reason: Option<String>,
    },
    /// The ways to pay, and what waits for money.
    WaysToPay {
        /// In words, in the order of the file.
        ways: Vec<String>,
        /// What waits, with what is due.
        due: Vec<DueView>,
        /// All of that.
        total: Money,
        /// Who takes the money.
        leaders: Vec<String>,
        /// One of the ways is cash, when goods are collected.
        #[serde(default)]
        cash: bool,
    },
    /// A way to pay that is a picture, or a code made for these orders.
    PayPicture {
        /// In words.
        text: String,
        /// A picture of the shop's.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        picture: Option<String>,
        /// The content of a code.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<String>,
        /// What is due.
        due: Money,
        /// What to write beside it.
        reference: String,
    },
    /// To whoever says to have paid: the leaders hear of it, and the goods are held.
    PaymentClaimed {
        /// For these orders.
        orders: Vec<OrderId>,
        /// Until then, if no leader answers; `None`: the orders had lapsed, and hold nothing.
        until: Option<Timestamp>,
        /// They said so before.
        again: bool,
    },
    /// To leaders: who says to have paid.
    PaymentClaims {
        /// Oldest first.
        claims: Vec<ClaimView>,
        /// So many more.
        beyond: usize,
        /// What all of them owe.
        total: Money,
    },
    /// To whoever said to have paid: the leader found nothing.
    PaymentNotFound {
        /// The order.
        order: OrderId,
        /// Until when it is held.
        until: Timestamp,
    },
    /// To the leader: those were told so.
    ClaimantsTold {
        /// The orders.
        orders: Vec<OrderId>,
    },
    /// The time of a claim is over without an answer, and its goods are free again.
    PaymentClaimLapsed {
        /// The orders.
        orders: Vec<OrderId>,
    },
    /// Before all, politely: these have not paid yet.
    Chased {
        /// Whom.
        people: Vec<Contact>,
        /// When the first of their orders lapses.
        until: Timestamp,
    },
    /// The same to one of them alone.
    PayReminder {
        /// What waits for money.
        due: Vec<DueView>,
        /// When the first of them lapses.
        until: Timestamp,
    },
    /// To the leader: so many were asked.
    ChaseDone {
        /// How many people.
        people: usize,
        /// Of them, so many say to have paid already, and were left alone.
        claimed: usize,
    },
    /// To the leader who noted money: what it was booked on, and what is still open.
    Booked {
        /// The orders, with what was received for each.
        orders: Vec<OrderView>,
        /// Those of them that had lapsed or been cancelled, and hold their goods again.
        #[serde(default)]
        again: Vec<OrderId>,
        /// So many orders still wait for money.
        #[serde(default)]
        open: usize,
        /// What they come to.
        #[serde(default)]
        due: Money,
    },
    /// Orders that are paid in part and have been kept long enough: the leader decides.
    RestMissing {
        /// In order of number.
        orders: Vec<OrderView>,
    },
}

/// A claim, as leaders read it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimView {
    /// The order.
    pub order: OrderId,
    /// Its buyer.
    pub member: String,
    /// What is due.
    pub due: Money,
    /// What they say to have paid, where that is not what is due.
    pub amount: Option<Money>,
    /// In their words.
    pub words: String,
    /// With a picture.
    pub has_picture: bool,
    /// When.
    pub at: Timestamp,
    /// Until when the goods are held; `None`: they are free again.
    pub held_until: Option<Timestamp>,
}

/// An order that waits for money.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DueView {
    /// Its number.
    pub order: OrderId,
    /// What is due.
    pub due: Money,
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
    /// More money to refund than is left of what was paid.
    RefundAmountTooLarge {
        /// Its number.
        order: OrderId,
        /// What can still be refunded.
        left: Money,
    },
    /// Nothing of the speaker's waits for money.
    NothingDue,
    /// No order that was named is said to be paid.
    NoPaymentClaim,
    /// Everybody was asked a short while ago.
    ChasedLately {
        /// When.
        at: Timestamp,
    },
}

impl Intent {
    /// Its name in the table of commands.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::HowToPay => "payments.how",
            Self::ClaimPaid { .. } => "payments.claim",
        }
    }

    /// Change the people and the words in it.
    pub(super) fn change(&mut self, _change: &mut impl Change) {
        match self {
            Self::HowToPay | Self::ClaimPaid { .. } => {}
        }
    }
}

/// What a decision asks about payments.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// Which of these rows of statements were booked.
    Prints(BTreeSet<i64>),
}

/// What was read of that for one batch, as of the last save.
#[derive(Debug, Default)]
pub struct Facts {
    /// Rows that were asked for, and whether they were booked.
    pub prints: BTreeMap<i64, bool>,
}

impl Lead {
    /// Its name in the table of commands.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Paid { .. } | Self::PaidNumber { .. } => "payments.paid",
            Self::Refund { .. } | Self::RefundAmount { .. } => "payments.refund",
            Self::DenyClaim(_) => "payments.deny",
            Self::Claims => "payments.claims",
            Self::Chase(_) => "payments.remind",
        }
    }

    /// Change the people and the words in it.
    pub(super) fn change(&mut self, change: &mut impl Change) {
        match self {
            Self::Paid { of, .. } | Self::DenyClaim(of) | Self::Chase(of) => change.selection(of),
            Self::RefundAmount { reason, .. } => {
                if let Some(reason) = reason {
                    change.words(reason);
                }
            }
            Self::PaidNumber { .. } | Self::Refund { .. } | Self::Claims => {}
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
            | Self::PaymentUndone { .. }
            | Self::Refunded { .. } => RECEIPT,
            Self::RestMissing { .. } => Delivery { degrade: Degrade::Short, ..REPORT },
            Self::WaysToPay { .. } => Delivery { degrade: Degrade::Same, ..READ },
            Self::PayPicture { picture, code, .. } => Delivery {
                picture: picture
                    .as_deref()
                    .map(Picture::File)
                    .or(code.as_deref().map(Picture::Code)),
                merges: Merging::Whole,
                ..READ
            },
            Self::PaymentClaims { claims, .. } => {
                Delivery { buttons: Buttons::Paid(claims), degrade: Degrade::Short, ..REPORT }
            }
            Self::PaymentNotFound { .. }
            | Self::PaymentClaimLapsed { .. }
            | Self::PayReminder { .. } => {
                Delivery { audience: Audience::Alone, degrade: Degrade::Short, ..NOTICE }
            }
            Self::Chased { people, .. } => Delivery {
                audience: Audience::Group,
                calls: people,
                merges: Merging::Whole,
                ..NOTICE
            },
            Self::PaymentClaimed { .. } | Self::ClaimantsTold { .. } | Self::ChaseDone { .. } => {
                OUTCOME
            }
            Self::Booked { .. } => {
                Delivery { audience: Audience::Leaders, degrade: Degrade::Short, ..OUTCOME }
            }
        }
    }
}
