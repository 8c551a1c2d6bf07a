//! Payouts (提现): what members may have of what they earned.

mod withdrawal;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::ids::MemberId;
use super::intent::Change;
use super::money::Money;
use super::reply::AccountsView;
use super::reply::{
    Audience, Degrade, Delivery, EARNINGS, OBJECTION, RECEIPT, REPORT, StatementLine,
    WithdrawalLine,
};
use super::time::Timestamp;

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

/// What a decision asks about what members earned.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// Where a member's balance came from.
    Statement(MemberId),
    /// Where the group's money stands, with the days since an instant.
    Accounts(Timestamp),
}

/// What was read of that for one batch, as of the last save.
#[derive(Debug, Default)]
pub struct Facts {
    /// Where the group's money stands.
    pub accounts: Option<AccountsView>,
    /// Statements by member …
    pub statements: BTreeMap<MemberId, Vec<StatementLine>>,
    /// … and what they withdrew.
    pub withdrawn: BTreeMap<MemberId, Vec<WithdrawalLine>>,
}

impl Intent {
    /// Its name in the table of commands.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Balance => "payouts.balance",
            Self::Statement => "payouts.statement",
            Self::Withdraw { .. } => "payouts.withdraw",
            Self::SetPayee(_) | Self::AgreePayee(_) => "payouts.payee",
        }
    }

    /// Change the people and the words in it.
    pub(super) fn change(&mut self, change: &mut impl Change) {
        match self {
            Self::SetPayee(text) | Self::AgreePayee(text) => change.words(text),
            Self::Balance | Self::Statement | Self::Withdraw { .. } => {}
        }
    }
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

#[cfg(test)]
pub(crate) mod samples {
    use super::{Refusal, Reply};
    use crate::domain::ids::OrderId;
    use crate::domain::money::Money;
    use crate::domain::orders::CommissionState;
    use crate::domain::payouts::WithdrawalState;
    use crate::domain::reply::{StatementLine, WithdrawalLine};
    use crate::domain::samples::{instant, text, yuan};

    /// Every reply, in its usual forms.
    pub(crate) fn replies() -> Vec<Reply> {
        let balance = |available, locked| Reply::Balance {
            frozen: yuan(800),
            available: yuan(available),
            locked: yuan(locked),
            paid_out: yuan(10_000),
            points: 65,
        };
        let statement = |entries, withdrawals| Reply::Statement { entries, withdrawals };
        let amount = yuan(5_000);
        let returned = |failed, reason: Option<&str>| Reply::WithdrawalReturned {
            amount,
            failed,
            reason: reason.map(text),
        };
        vec![
            balance(1_200, 300),
            balance(0, 0),
            balance(-399, 0),
            statement(entries(), Vec::new()),
            statement(entries(), withdrawals()),
            statement(Vec::new(), Vec::new()),
            Reply::WithdrawalAsked { amount },
            Reply::WithdrawalSent { amount, withheld: Money::ZERO },
            Reply::WithdrawalSent { amount, withheld: yuan(1_000) },
            returned(false, Some("葡萄")),
            returned(true, None),
            Reply::WithdrawalWaiting { name: text("小美"), amount },
        ]
    }

    fn entries() -> Vec<StatementLine> {
        let line = |state, order: Option<i64>, amount| StatementLine {
            at: instant("2026-03-04T12:30:00Z"),
            order: order.map(OrderId),
            buyer: order.map(|_| text("阿*")),
            amount: yuan(amount),
            state,
        };
        vec![
            line(CommissionState::Pending, Some(1_024), 399),
            line(CommissionState::Frozen, Some(1_024), 399),
            line(CommissionState::Available, None, -399),
            line(CommissionState::Void, Some(1_025), 0),
        ]
    }

    fn withdrawals() -> Vec<WithdrawalLine> {
        let line = |state, withheld| WithdrawalLine {
            at: instant("2026-03-04T12:30:00Z"),
            amount: yuan(5_000),
            withheld: yuan(withheld),
            state,
        };
        vec![
            line(WithdrawalState::Asked, 0),
            line(WithdrawalState::Approved, 1_000),
            line(WithdrawalState::Sent, 1_000),
            line(WithdrawalState::Sent, 0),
            line(WithdrawalState::Failed, 0),
        ]
    }

    /// Every refusal, in its usual forms.
    pub(crate) fn refusals() -> Vec<Refusal> {
        vec![
            Refusal::BelowMinimum { minimum: yuan(1_000), available: yuan(399) },
            Refusal::NotEnoughAvailable { available: yuan(399) },
            Refusal::NotEnoughAvailable { available: yuan(-399) },
            Refusal::WithdrawalOpen,
            Refusal::NoPayee,
        ]
    }
}
