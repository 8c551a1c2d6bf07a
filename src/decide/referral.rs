//! Referral (归属, 佣金): who brought whom, and what they earn by it.

pub mod bonds;
pub mod commission;
pub mod earnings;
pub mod invites;
pub mod promoters;
pub mod rebind;

use crate::book::desk::{Decided, Desk};
use crate::book::need::Report;
use crate::book::{Missing, Need, Needs};
use crate::decide::ahead::Ahead;
use crate::domain::referral;
use crate::domain::referral::{Intent, Lead};
use crate::domain::reply::Reply;

/// Carry out what a member wants.
///
/// # Errors
/// Missing facts and refusals: those of the function that does it.
pub fn intend(desk: &mut Desk<'_>, intent: &Intent) -> Decided {
    match intent {
        Intent::Invite => invites::invite(desk),
        Intent::Invited => invited(desk),
        Intent::UseInvite { code } => invites::use_invite(desk, code),
        Intent::ClaimInviter { name } => invites::claim_inviter(desk, name),
        Intent::AnswerClaim { name, agreed } => invites::answer_claim(desk, name.as_ref(), *agreed),
    }
}

/// What that takes.
#[must_use]
pub fn needs(ahead: &Ahead<'_>, intent: &Intent) -> Needs {
    match intent {
        Intent::Invite => {
            ahead.mine(|id| Need::Report(Report::Referral(referral::Need::Brought(id))))
        }
        Intent::Invited => {
            ahead.mine(|id| Need::Report(Report::Referral(referral::Need::Invited(id))))
        }
        Intent::UseInvite { code } => [Need::Code(code.clone())].into(),
        Intent::ClaimInviter { name } => ahead.person(name),
        Intent::AnswerClaim { name, .. } => {
            name.iter().flat_map(|name| ahead.person(name)).collect()
        }
    }
}

/// Whom the speaker has brought, for their eyes.
fn invited(desk: &mut Desk<'_>) -> Decided {
    let member = desk.member()?;
    let known = desk.shop.known.reports.referral.invited.get(&member).cloned();
    let need = Need::Report(Report::Referral(referral::Need::Invited(member)));
    let (names, beyond) = known.ok_or(Missing(need))?;
    desk.record("invited", None, None);
    desk.say(Reply::Referral(referral::Reply::Invited { names, beyond }));
    Ok(())
}

/// Carry out what a leader says.
///
/// # Errors
/// Missing facts and refusals: those of the function that does it.
pub fn lead(desk: &mut Desk<'_>, lead: &Lead) -> Decided {
    match lead {
        Lead::Unattributed => promoters::unattributed(desk),
        Lead::Promoters => promoters::promoters(desk),
    }
}

/// What that takes.
#[must_use]
pub fn lead_needs(lead: &Lead) -> Needs {
    match lead {
        Lead::Unattributed => [Need::Report(Report::Referral(referral::Need::Unattributed))].into(),
        Lead::Promoters => [Need::Report(Report::Referral(referral::Need::Promoters))].into(),
    }
}
