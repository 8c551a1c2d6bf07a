//! One community (社群) as the books know it.

use chrono_tz::Tz;

use crate::domain::ids::{
    AccountId, CaseId, CommunityId, MemberId, OfferId, OrderId, WithdrawalId,
};
use crate::domain::money::Currency;
use crate::domain::policy::Locale;

/// A community's own row: where it speaks, its calendar, and the last number it gave out of each kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Community {
    /// Its id.
    pub id: CommunityId,
    /// Stable key in config and addresses.
    pub slug: String,
    /// What people call it.
    pub name: String,
    /// The language of the bot's words here.
    pub locale: Locale,
    /// Whose calendar days count.
    pub time_zone: Tz,
    /// What it trades in.
    pub currency: Currency,
    /// The policy version its decisions use.
    pub policy_version: i32,
    /// The platform account it is linked to.
    pub account: AccountId,
    /// The group chat it is linked to, in that platform's words; `None` until linked.
    pub chat: Option<String>,
    /// The last member number given.
    pub last_member: MemberId,
    /// The last offer number given.
    pub last_offer: OfferId,
    /// The last order number given.
    pub last_order: OrderId,
    /// The last withdrawal number given.
    pub last_withdrawal: WithdrawalId,
    /// The last batch of payouts.
    pub last_batch: i64,
    /// The last number of an after-sales case given.
    pub last_case: CaseId,
}

impl Community {
    /// The next member number, given out.
    pub fn next_member(&mut self) -> MemberId {
        self.last_member.0 += 1;
        self.last_member
    }

    /// The next offer number, given out.
    pub fn next_offer(&mut self) -> OfferId {
        self.last_offer.0 += 1;
        self.last_offer
    }

    /// The next order number, given out.
    pub fn next_order(&mut self) -> OrderId {
        self.last_order.0 += 1;
        self.last_order
    }

    /// The next withdrawal number, given out.
    pub fn next_withdrawal(&mut self) -> WithdrawalId {
        self.last_withdrawal.0 += 1;
        self.last_withdrawal
    }

    /// The next number of an after-sales case, given out.
    pub fn next_case(&mut self) -> CaseId {
        self.last_case.0 += 1;
        self.last_case
    }

    /// The next batch of payouts.
    pub fn next_batch(&mut self) -> i64 {
        self.last_batch += 1;
        self.last_batch
    }
}
