//! Referral (归属, 佣金): who brought whom, and what they earn by it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::ids::MemberId;
use super::ids::OrderId;
use super::intent::Change;
use super::money::Money;
use super::person::Person;
use super::reply::{
    Audience, CONFIDENCE, Degrade, Delivery, EARNINGS, Merging, NOTICE, OUTCOME, PromoterView, READ,
};

/// What members say of who brought whom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Intent {
    /// 邀请: the speaker's own code or link.
    Invite,
    /// 邀请码 ABC123: the newcomer names the code of who brought them.
    UseInvite {
        /// As written, upper-cased.
        code: String,
    },
    /// 我邀请了谁: whom the speaker has brought.
    Invited,
    /// 我是小美邀请的: a claim that the inviter has to confirm.
    ClaimInviter {
        /// The inviter.
        name: Person,
    },
    /// 是我邀请的 小美: the inviter confirms (or denies) a claim.
    AnswerClaim {
        /// The newcomer, if said.
        name: Option<Person>,
        /// Whether it is so.
        agreed: bool,
    },
}

/// What leaders say of who brought whom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lead {
    /// 未归属: newcomers without an inviter.
    Unattributed,
    /// 推广榜: the strongest promoters.
    Promoters,
}

/// What is said of who brought whom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// The speaker's own invite code.
    InviteCode {
        /// The code.
        code: String,
        /// The platform's own link, where there is one.
        link: Option<String>,
        /// How many the speaker has brought.
        brought: i64,
    },
    /// Whom the speaker has brought.
    Invited {
        /// Their names, newest first, at most fifty.
        names: Vec<String>,
        /// How many there are beyond these.
        beyond: usize,
    },
    /// A newcomer belongs to their inviter.
    Bound {
        /// The inviter's name.
        inviter: String,
    },
    /// The named inviter is asked whether it is so.
    ClaimAsked {
        /// The newcomer's name.
        newcomer: String,
        /// The inviter's name.
        inviter: String,
    },
    /// The named inviter said no.
    ClaimDenied,
    /// To the promoter: an order of theirs was paid.
    CommissionFrozen {
        /// The order.
        order: OrderId,
        /// The buyer's name, shortened.
        buyer: String,
        /// How much.
        amount: Money,
    },
    /// To the promoter: an order of theirs was not paid after all.
    CommissionUndone {
        /// The order.
        order: OrderId,
        /// The buyer's name, shortened.
        buyer: String,
        /// How much.
        amount: Money,
    },
    /// To the promoter: commission may be withdrawn.
    CommissionAvailable {
        /// How much just became so.
        amount: Money,
        /// In how many orders.
        orders: usize,
    },
    /// Newcomers without an inviter.
    Unattributed {
        /// Their names, newest first, at most fifty.
        names: Vec<String>,
        /// How many there are beyond these.
        #[serde(default)]
        beyond: usize,
    },
    /// The strongest promoters.
    Promoters {
        /// Name, members brought, commission earned.
        rows: Vec<PromoterView>,
    },
}

/// Why something about who brought whom is not done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// The code belongs to nobody here.
    UnknownCode {
        /// As written.
        code: String,
    },
    /// Inviting oneself.
    SelfInvite,
    /// The bond would close a loop.
    InviteLoop {
        /// The inviter named.
        inviter: String,
    },
    /// First bind wins.
    AlreadyBound {
        /// To whom.
        inviter: String,
    },
    /// Members from before the shop cannot be bound.
    FoundingMember,
    /// Members who already paid an order cannot be bound.
    NotNewBuyer,
    /// There is no claim that this could answer.
    NoClaim,
}

/// What a decision asks about who brought whom.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// The strongest promoters.
    Promoters,
    /// Newcomers without an inviter.
    Unattributed,
    /// How many a member has brought.
    Brought(MemberId),
    /// Whom a member has brought.
    Invited(MemberId),
}

/// What was read of that for one batch, as of the last save.
#[derive(Debug, Default)]
pub struct Facts {
    /// The strongest promoters.
    pub promoters: Option<Vec<PromoterView>>,
    /// Newcomers without an inviter: the newest by name, and how many more there are.
    pub unattributed: Option<(Vec<String>, usize)>,
    /// How many each member has brought.
    pub brought: BTreeMap<MemberId, i64>,
    /// Whom each member has brought: the newest by name, and how many more there are.
    pub invited: BTreeMap<MemberId, (Vec<String>, usize)>,
}

impl Intent {
    /// Its name in the table of commands.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Invite => "referral.invite",
            Self::Invited => "referral.invited",
            Self::UseInvite { .. } => "referral.code",
            Self::ClaimInviter { .. } => "referral.claim",
            Self::AnswerClaim { .. } => "referral.answer",
        }
    }

    /// Change the people and the words in it.
    pub(super) fn change(&mut self, change: &mut impl Change) {
        match self {
            Self::ClaimInviter { name } | Self::AnswerClaim { name: Some(name), .. } => {
                change.person(name);
            }
            Self::UseInvite { code } => change.words(code),
            Self::AnswerClaim { name: None, .. } | Self::Invite | Self::Invited => {}
        }
    }
}

impl Lead {
    /// Its name in the table of commands.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Unattributed => "reports.unattributed",
            Self::Promoters => "reports.promoters",
        }
    }

    /// Change the people and the words in it.
    pub(super) fn change(&mut self, _change: &mut impl Change) {
        match self {
            Self::Unattributed | Self::Promoters => {}
        }
    }
}

impl Reply {
    /// How it travels.
    pub(super) fn delivery(&self) -> Delivery<'_> {
        match self {
            Self::Bound { .. } => Delivery { merges: Merging::Line, ..OUTCOME },
            Self::ClaimAsked { .. } | Self::ClaimDenied => OUTCOME,
            Self::CommissionFrozen { .. }
            | Self::CommissionUndone { .. }
            | Self::CommissionAvailable { .. } => {
                Delivery { audience: Audience::Alone, degrade: Degrade::Short, ..NOTICE }
            }
            Self::InviteCode { link, .. } => match link {
                Some(_) => Delivery { merges: Merging::Whole, ..READ },
                None => READ,
            },
            Self::Unattributed { .. } | Self::Invited { .. } => CONFIDENCE,
            Self::Promoters { .. } => EARNINGS,
        }
    }
}

#[cfg(test)]
pub(crate) mod samples {
    use super::{Refusal, Reply};
    use crate::domain::ids::OrderId;
    use crate::domain::reply::PromoterView;
    use crate::domain::samples::{text, yuan};

    /// Every reply, in its usual forms.
    pub(crate) fn replies() -> Vec<Reply> {
        let invite = |link: Option<&str>, brought| Reply::InviteCode {
            code: text("K7M2QX"),
            link: link.map(text),
            brought,
        };
        let (order, buyer, amount) = (OrderId(1_024), || text("阿*"), yuan(399));
        let rows = vec![PromoterView { name: text("小美"), brought: 6, earned: yuan(4_788) }];
        vec![
            invite(None, 0),
            invite(Some("https://t.me/tuan_bot?start=K7M2QX"), 3),
            Reply::Bound { inviter: text("阿强") },
            Reply::ClaimAsked { newcomer: text("小鱼"), inviter: text("小美") },
            Reply::ClaimDenied,
            Reply::CommissionFrozen { order, buyer: buyer(), amount },
            Reply::CommissionUndone { order, buyer: buyer(), amount },
            Reply::CommissionAvailable { amount, orders: 1 },
            Reply::CommissionAvailable { amount: yuan(1_197), orders: 3 },
            Reply::Invited { names: vec![text("小鱼"), text("木木")], beyond: 3 },
            Reply::Invited { names: Vec::new(), beyond: 0 },
            Reply::Unattributed { names: vec![text("小鱼"), text("木木")], beyond: 3 },
            Reply::Unattributed { names: Vec::new(), beyond: 0 },
            Reply::Promoters { rows },
            Reply::Promoters { rows: Vec::new() },
        ]
    }

    /// Every refusal, in its usual forms.
    pub(crate) fn refusals() -> Vec<Refusal> {
        let inviter = || text("阿强");
        vec![
            Refusal::UnknownCode { code: text("ABC123") },
            Refusal::SelfInvite,
            Refusal::InviteLoop { inviter: inviter() },
            Refusal::AlreadyBound { inviter: inviter() },
            Refusal::FoundingMember,
            Refusal::NotNewBuyer,
            Refusal::NoClaim,
        ]
    }
}
