//! Withdrawals (提现): asked → approved → sent, or refused, or failed.
//!
//! The amount is locked from asking until the end. A payout number is given once, when it is approved,
//! and stays: a payout whose outcome is unknown is asked about, never sent again under another number.

use serde::{Deserialize, Serialize};

use crate::domain::ids::{MemberId, WithdrawalId};
use crate::domain::money::Currency;
use crate::domain::money::Money;
use crate::domain::time::Timestamp;

/// One withdrawal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Withdrawal {
    /// Number in the community.
    pub id: WithdrawalId,
    /// Whose.
    pub member: MemberId,
    /// Where it stands.
    pub state: WithdrawalState,
    /// ISO 4217 code.
    pub currency: Currency,
    /// How much was asked for.
    pub amount: Money,
    /// Of it, kept back for tax; fixed when it is approved.
    pub withheld: Money,
    /// When it was asked for.
    pub asked_at: Timestamp,
    /// When an operator approved or refused it.
    pub decided_at: Option<Timestamp>,
    /// When it was sent, or the money went back.
    pub ended_at: Option<Timestamp>,
    /// Its number at the bank, for good.
    pub payout: Option<String>,
    /// The batch it was handed to the bank with.
    pub batch: Option<i64>,
    /// Payee and reason; sealed in the database.
    pub private: WithdrawalPrivate,
}

/// Where a withdrawal stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WithdrawalState {
    /// Waits for an operator's word.
    Asked,
    /// To be sent, or under way.
    Approved,
    /// Paid out.
    Sent,
    /// An operator said no; the money went back.
    Refused,
    /// The bank could not; the money went back.
    Failed,
}

/// What only the member and operators may see of a withdrawal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct WithdrawalPrivate {
    /// Where it goes: as set when it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payee: Option<String>,
    /// Why it was refused or failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl WithdrawalPrivate {
    /// Whether there is nothing to seal.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl WithdrawalState {
    /// Whether the money is still locked.
    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(self, Self::Asked | Self::Approved)
    }
}

impl Withdrawal {
    /// What the payee gets.
    #[must_use]
    pub fn net(&self) -> Money {
        self.amount - self.withheld
    }
}

/// The number of a payout at the bank: `sunshine-W12`. The same on every replay, and no other
/// withdrawal of the shop has it.
#[must_use]
pub fn payout_number(slug: &str, id: WithdrawalId) -> String {
    format!("{slug}-W{id}")
}

/// The slug and the withdrawal that a payout number names.
#[must_use]
pub fn parse_payout(number: &str) -> Option<(&str, WithdrawalId)> {
    let (slug, id) = number.trim().rsplit_once("-W")?;
    let id = id.parse().ok().filter(|id| *id > 0)?;
    (!slug.is_empty()).then_some((slug, WithdrawalId(id)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payout_number_names_its_withdrawal() {
        let number = payout_number("sun-W-shine", WithdrawalId(12));
        assert_eq!(parse_payout(&number), Some(("sun-W-shine", WithdrawalId(12))));
        assert_eq!(parse_payout("sunshine-W0"), None);
        assert_eq!(parse_payout("-W3"), None);
        assert_eq!(parse_payout("sunshine-12"), None);
    }
}
