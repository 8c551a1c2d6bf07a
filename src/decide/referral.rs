//! Referral (归属, 佣金): who brought whom, and what they earn by it.

pub mod bonds;
pub mod commission;
pub mod earnings;
pub mod invites;
pub mod rebind;

use crate::book::desk::{Decided, Desk};
use crate::book::need::Report;
use crate::book::{Need, Needs};
use crate::decide::ahead::Ahead;
use crate::decide::people::members;
use crate::decide::reports::figures;
use crate::domain::referral::{Intent, Lead};

/// Carry out what a member wants.
///
/// # Errors
/// Missing facts and refusals: those of the function that does it.
pub fn intend(desk: &mut Desk<'_>, intent: &Intent) -> Decided {
    match intent {
        Intent::Invite => members::invite(desk),
        Intent::UseInvite { code } => members::use_invite(desk, code),
        Intent::ClaimInviter { name } => members::claim_inviter(desk, name),
        Intent::AnswerClaim { name, agreed } => members::answer_claim(desk, name.as_ref(), *agreed),
    }
}

/// What that takes.
#[must_use]
pub fn needs(ahead: &Ahead<'_>, intent: &Intent) -> Needs {
    match intent {
        Intent::Invite => ahead.mine(|id| Need::Report(Report::Brought(id))),
        Intent::UseInvite { code } => [Need::Code(code.clone())].into(),
        Intent::ClaimInviter { name } => ahead.person(name),
        Intent::AnswerClaim { name, .. } => {
            name.iter().flat_map(|name| ahead.person(name)).collect()
        }
    }
}

/// Carry out what a leader says.
///
/// # Errors
/// Missing facts and refusals: those of the function that does it.
pub fn lead(desk: &mut Desk<'_>, lead: &Lead) -> Decided {
    match lead {
        Lead::Unattributed => figures::unattributed(desk),
        Lead::Promoters => figures::promoters(desk),
        Lead::Promoter { name, enabled } => members::set_promoter(desk, name, *enabled),
    }
}

/// What that takes.
#[must_use]
pub fn lead_needs(ahead: &Ahead<'_>, lead: &Lead) -> Needs {
    match lead {
        Lead::Unattributed => [Need::Report(Report::Unattributed)].into(),
        Lead::Promoters => [Need::Report(Report::Promoters)].into(),
        Lead::Promoter { name, .. } => ahead.person(name),
    }
}
