//! Referral (归属, 佣金): who brought whom, and what they earn by it.

pub mod bonds;
pub mod commission;
pub mod earnings;
pub mod invites;
pub mod promoters;
pub mod rebind;

use crate::book::ctx::{Ctx, Decided};
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
pub fn intend(ctx: &mut Ctx<'_>, intent: &Intent) -> Decided {
    match intent {
        Intent::Invite => invites::invite(ctx),
        Intent::Invited => invited(ctx),
        Intent::UseInvite { code } => invites::use_invite(ctx, code),
        Intent::ClaimInviter { name } => invites::claim_inviter(ctx, name),
        Intent::AnswerClaim { name, agreed } => invites::answer_claim(ctx, name.as_ref(), *agreed),
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
fn invited(ctx: &mut Ctx<'_>) -> Decided {
    let member = ctx.member()?;
    let known = ctx.shop.known.reports.referral.invited.get(&member).cloned();
    let need = Need::Report(Report::Referral(referral::Need::Invited(member)));
    let (names, beyond) = known.ok_or(Missing(need))?;
    ctx.record("invited", None, None);
    ctx.say(Reply::Referral(referral::Reply::Invited { names, beyond }));
    Ok(())
}

/// Carry out what a leader says.
///
/// # Errors
/// Missing facts and refusals: those of the function that does it.
pub fn lead(ctx: &mut Ctx<'_>, lead: &Lead) -> Decided {
    match lead {
        Lead::Unattributed => promoters::unattributed(ctx),
        Lead::Promoters => promoters::promoters(ctx),
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
