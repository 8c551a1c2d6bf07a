//! What operators (运营) order from the console or the command line, and what came of it.
//!
//! These commands enter through the inbox like everything else. Their outcome is for the operator alone: it
//! is kept beside the decision, in English, and nothing of it is said in a chat.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::ids::{MemberId, OrderId, WithdrawalId};
use super::money::Money;
use super::orders::OrderState;
use super::payments::statement::StatementRow;
use super::payouts::WithdrawalState;

/// The most rows of one sheet, for one community.
pub const MAX_ROWS: usize = 2_000;

/// The longest reason that is kept.
pub const MAX_REASON: usize = 200;

/// What an operator orders. From anybody else it is nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OperatorIntent {
    /// Approve withdrawals, all of them or none.
    Approve {
        /// Which; none named means everything asked for.
        withdrawals: Vec<WithdrawalId>,
    },
    /// Refuse a withdrawal that has not been handed to the bank.
    Refuse {
        /// Which.
        withdrawal: WithdrawalId,
        /// Why; the member is told.
        reason: String,
    },
    /// Put everything approved into the next batch for the bank.
    Batch,
    /// What the bank says of payouts, all rows or none.
    Payouts {
        /// One a payout.
        rows: Vec<PayoutRow>,
    },
    /// Payments and parcels from a spreadsheet, all rows or none.
    Sheet {
        /// Money that arrived.
        payments: Vec<PaymentRow>,
        /// Parcels that left.
        parcels: Vec<ParcelRow>,
    },
    /// What is sure of a statement, all rows or none; what was booked from one before is passed over.
    Statement {
        /// One for each order that a row pays.
        rows: Vec<StatementRow>,
    },
    /// Bind a member to another inviter, or to none; placed orders keep theirs.
    Rebind {
        /// Who.
        member: MemberId,
        /// To whom.
        inviter: Option<MemberId>,
        /// Why, for the record.
        reason: String,
    },
    /// Forget a member's personal data.
    Erase {
        /// Whose.
        member: MemberId,
        /// Orders of others that name them: the recipient, a remark. Found by searching what is sealed.
        #[serde(default)]
        named_in: Vec<OrderId>,
        /// Members whose open question or request names them.
        #[serde(default)]
        named_by: Vec<MemberId>,
    },
}

/// What the bank says of one payout.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayoutRow {
    /// Row of the sheet, as people count: the heading is row 1.
    pub row: u32,
    /// Which withdrawal.
    pub withdrawal: WithdrawalId,
    /// Whether it was sent; otherwise it failed.
    pub sent: bool,
    /// Why it failed.
    pub reason: Option<String>,
}

/// Money that arrived for one order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentRow {
    /// Row of the sheet.
    pub row: u32,
    /// The order.
    pub order: OrderId,
    /// How much.
    pub amount: Money,
}

/// One parcel that left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParcelRow {
    /// Row of the sheet.
    pub row: u32,
    /// The order.
    pub order: OrderId,
    /// 顺丰, DHL.
    pub carrier: Option<String>,
    /// Tracking number, where there is one.
    pub tracking: Option<String>,
}

/// What came of an operator's command: everything was done, or nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Outcome {
    /// What was done, row by row.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub done: Vec<DoneItem>,
    /// Why nothing was done.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub objections: Vec<Objected>,
    /// The number of the batch that was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub batch: Option<i64>,
}

/// One thing that was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DoneItem {
    /// Row of the sheet; 0 when there was none.
    pub row: u32,
    /// Number of the order, withdrawal or member.
    pub id: i64,
    /// What.
    pub effect: OperatorEffect,
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OperatorEffect {
    /// It was so already.
    Same,
    /// Paid in full.
    Paid,
    /// Paid in part.
    PaidInPart,
    /// Paid more than was due.
    Overpaid,
    /// Sent, with its tracking number.
    Shipped,
    /// Another tracking number for a parcel under way.
    Corrected,
    /// A withdrawal was approved.
    Approved,
    /// A withdrawal was refused.
    Refused,
    /// Handed to the bank.
    Batched,
    /// Approved, but its member has come to be short since: it waits.
    HeldBack,
    /// A withdrawal arrived.
    Sent,
    /// A withdrawal came back.
    Failed,
    /// Bound to another inviter.
    Bound,
    /// Bound to nobody.
    Unbound,
    /// Forgotten.
    Erased,
}

/// Why nothing was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Objected {
    /// Row of the sheet; 0 when there was none.
    pub row: u32,
    /// Number of the order, withdrawal or member; 0 for the command as a whole.
    pub id: i64,
    /// Why.
    pub why: Objection,
}

/// One reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Objection {
    /// More rows than one sheet may have.
    TooManyRows,
    /// Nothing to do.
    Nothing,
    /// The same order or payout stands in an earlier row with something else.
    Twice {
        /// The earlier row.
        row: u32,
    },
    /// No such member.
    NoMember(MemberId),
    /// No such order.
    NoOrder(OrderId),
    /// No such withdrawal.
    NoWithdrawal(WithdrawalId),
    /// The order cannot take this.
    OrderState(OrderState),
    /// An amount that makes no sense.
    BadAmount,
    /// The order lapsed and its goods are gone.
    GoodsGone,
    /// The withdrawal cannot take this.
    WithdrawalState(WithdrawalState),
    /// It was never handed to the bank.
    NotBatched,
    /// It is with the bank; only the bank's word ends it.
    WithTheBank {
        /// The batch.
        batch: i64,
    },
    /// A claw-back left the member short; it waits until the balance is not negative.
    Short {
        /// What is available.
        available: Money,
    },
    /// A reason is needed.
    NoReason,
    /// Nobody invites themselves.
    SelfInvite,
    /// The bond would close a loop.
    Loop,
    /// The member was erased.
    Erased,
    /// Orders that are not over.
    OpenOrders(Vec<OrderId>),
    /// A withdrawal that is not over.
    OpenWithdrawal,
    /// Nobody else leads the community.
    LastLeader,
}

impl Outcome {
    /// Refuse the whole for one reason.
    #[must_use]
    pub fn refused(why: Objection) -> Self {
        Self::objected(vec![Objected { row: 0, id: 0, why }])
    }

    /// Refuse for these reasons.
    #[must_use]
    pub fn objected(objections: Vec<Objected>) -> Self {
        Self { objections, ..Self::default() }
    }

    /// One thing was done.
    #[must_use]
    pub fn one(id: i64, effect: OperatorEffect) -> Self {
        Self { done: vec![DoneItem { row: 0, id, effect }], ..Self::default() }
    }

    /// Whether nothing stands against it.
    #[must_use]
    pub fn is_fine(&self) -> bool {
        self.objections.is_empty()
    }
}

impl OperatorEffect {
    /// In a word or two.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Same => "unchanged",
            Self::Paid => "paid",
            Self::PaidInPart => "paid in part",
            Self::Overpaid => "overpaid",
            Self::Shipped => "shipped",
            Self::Corrected => "tracking corrected",
            Self::Approved => "approved",
            Self::Refused => "refused",
            Self::Batched => "handed to the bank",
            Self::HeldBack => "held back: the member is short after a refund",
            Self::Sent => "sent",
            Self::Failed => "failed, money returned",
            Self::Bound => "bound",
            Self::Unbound => "bound to nobody",
            Self::Erased => "erased",
        }
    }
}

impl fmt::Display for Objection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooManyRows => write!(f, "more than {MAX_ROWS} rows for one community"),
            Self::Nothing => write!(f, "there is nothing to do"),
            Self::Twice { row } => write!(f, "the same as in row {row}, but with something else"),
            Self::NoMember(id) => write!(f, "there is no member {id}"),
            Self::NoOrder(id) => write!(f, "there is no order #{id}"),
            Self::NoWithdrawal(id) => write!(f, "there is no withdrawal {id}"),
            Self::OrderState(state) => write!(f, "the order is {}", order_word(*state)),
            Self::BadAmount => write!(f, "the amount makes no sense"),
            Self::GoodsGone => write!(f, "the order lapsed and its goods are sold"),
            Self::WithdrawalState(state) => {
                write!(f, "the withdrawal is {}", withdrawal_word(*state))
            }
            Self::NotBatched => write!(f, "it was never handed to the bank"),
            Self::WithTheBank { batch } => {
                write!(f, "it is with the bank in batch {batch}: import the bank's result")
            }
            Self::Short { available } => {
                write!(f, "the balance is {} minor units after a claw-back", available.minor)
            }
            Self::NoReason => write!(f, "a reason is needed"),
            Self::SelfInvite => write!(f, "nobody invites themselves"),
            Self::Loop => write!(f, "the inviter came in through this member"),
            Self::Erased => write!(f, "the member was erased"),
            Self::OpenOrders(orders) => {
                let numbers: Vec<_> = orders.iter().map(|id| format!("#{id}")).collect();
                write!(f, "orders are still to be finished: {}", numbers.join(" "))
            }
            Self::LastLeader => {
                write!(f, "they are the only leader: add another one first (添加团长, add leader)")
            }
            Self::OpenWithdrawal => write!(f, "a withdrawal is still under way"),
        }
    }
}

const fn order_word(state: OrderState) -> &'static str {
    match state {
        OrderState::Placed => "not paid",
        OrderState::Paid => "paid already",
        OrderState::Shipped => "shipped already",
        OrderState::Received => "received already",
        OrderState::Closed => "closed",
        OrderState::Cancelled => "cancelled",
        OrderState::Refunded => "refunded",
    }
}

const fn withdrawal_word(state: WithdrawalState) -> &'static str {
    match state {
        WithdrawalState::Asked => "not approved",
        WithdrawalState::Approved => "approved already",
        WithdrawalState::Sent => "sent already",
        WithdrawalState::Refused => "refused already",
        WithdrawalState::Failed => "failed already",
    }
}
