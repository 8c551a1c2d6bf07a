//! Payouts (提现): what members may have of what they earned.

mod withdrawal;

use serde::{Deserialize, Serialize};

use super::money::Money;
use super::reply::{
    Audience, Degrade, Delivery, EARNINGS, OBJECTION, RECEIPT, REPORT, StatementLine,
    WithdrawalLine,
};

pub use withdrawal::*;

/// What members say of payouts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Intent {
    /// 余额: what is frozen, available, locked and paid out.
    Balance,
    /// 明细: where the balance came from.
    Statement,
    /// 提现, the whole available balance when no amount is said.
    Withdraw {
        /// How much, in the community's currency.
        amount: Option<Money>,
    },
    /// 收款 支付宝 138…: where withdrawals go.
    SetPayee(String),
    /// The payee that was asked about, agreed to.
    AgreePayee(String),
}

/// What is said of payouts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// Where the member's commission stands.
    Balance {
        /// Inside the return window.
        frozen: Money,
        /// May be withdrawn.
        available: Money,
        /// Asked for.
        locked: Money,
        /// Paid out.
        paid_out: Money,
        /// Points.
        points: i64,
    },
    /// Where the balance came from, newest first.
    Statement {
        /// At most twenty.
        entries: Vec<StatementLine>,
        /// What was withdrawn of it, newest first, at most five.
        withdrawals: Vec<WithdrawalLine>,
    },
    /// A withdrawal was asked for.
    WithdrawalAsked {
        /// How much.
        amount: Money,
    },
    /// A withdrawal was sent.
    WithdrawalSent {
        /// How much was asked for.
        amount: Money,
        /// Of it, kept back for tax.
        withheld: Money,
    },
    /// A withdrawal was refused or failed; the money is available again.
    WithdrawalReturned {
        /// How much.
        amount: Money,
        /// The bank could not, rather than an operator would not.
        failed: bool,
        /// Why, in the operator's or the bank's words.
        reason: Option<String>,
    },
    /// To the leader: a member asked for a withdrawal.
    WithdrawalWaiting {
        /// Whose.
        name: String,
        /// How much.
        amount: Money,
    },
}

/// Why something about payouts is not done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// Below the least that can be withdrawn.
    BelowMinimum {
        /// The least.
        minimum: Money,
        /// What is available.
        available: Money,
    },
    /// More than is available.
    NotEnoughAvailable {
        /// What is available.
        available: Money,
    },
    /// One withdrawal at a time.
    WithdrawalOpen,
    /// Nowhere to send it.
    NoPayee,
}

impl Reply {
    /// How it travels.
    pub(super) fn delivery(&self) -> Delivery<'_> {
        match self {
            Self::WithdrawalAsked { .. }
            | Self::WithdrawalSent { .. }
            | Self::WithdrawalReturned { .. } => {
                Delivery { audience: Audience::Alone, degrade: Degrade::Short, ..RECEIPT }
            }
            Self::WithdrawalWaiting { .. } => Delivery { degrade: Degrade::Short, ..REPORT },
            Self::Balance { .. } | Self::Statement { .. } => EARNINGS,
        }
    }
}

impl Refusal {
    /// How it travels: what somebody has earned is nobody else's business.
    pub(super) fn delivery(&self) -> Delivery<'_> {
        match self {
            Self::BelowMinimum { .. } | Self::NotEnoughAvailable { .. } => {
                Delivery { audience: Audience::Alone, degrade: Degrade::Short, ..OBJECTION }
            }
            Self::WithdrawalOpen | Self::NoPayee => {
                Delivery { audience: Audience::Alone, ..OBJECTION }
            }
        }
    }
}
