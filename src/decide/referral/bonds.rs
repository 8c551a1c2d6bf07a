//! Bonds (归属): who may be credited for bringing whom.
//!
//! The first bond wins and is never re-attributed. The book holds everybody above a member it holds,
//! and a lane has one writer, so walking the chain is enough to refuse loops: two bonds that would
//! close one together cannot both be decided first. Attempts that are refused are kept with their
//! reason. Nothing here is said to anybody; see [`crate::decide::people::members`].

use crate::book::BondRecord;
use crate::book::ctx::{Ctx, Decided, Stop};
use crate::domain::event::Evidence;
use crate::domain::ids::MemberId;
use crate::domain::people::{Bond, Member};
use crate::domain::policy::AttributionPolicy;
use crate::domain::referral;
use crate::domain::refusal::Refusal;
use crate::domain::time::Timestamp;

/// Whether a bond still counts for an order of the instant `at`.
#[must_use]
pub fn bond_holds(bond: &Bond, at: Timestamp, policy: &AttributionPolicy) -> bool {
    policy
        .expires_after_days
        .is_none_or(|days| at < bond.since + chrono::Duration::days(i64::from(days)))
}

/// Whether `member` may be bound to `inviter`. In this order: oneself, already bound, a member from
/// before the shop, a buyer who has paid before, a loop.
///
/// # Errors
/// The first refusal that applies; [`crate::book::Missing`].
pub fn may_bind(ctx: &Ctx<'_>, member: MemberId, inviter: MemberId) -> Decided {
    let row = ctx.member_row(member)?;
    let named = ctx.member_row(inviter)?;
    let policy = &ctx.shop.policy.attribution;
    if member == inviter {
        return Err(Refusal::Referral(referral::Refusal::SelfInvite).into());
    }
    if let Some(bond) = row.bond {
        let inviter = ctx.member_row(bond.inviter)?.name.clone();
        return Err(Refusal::Referral(referral::Refusal::AlreadyBound { inviter }).into());
    }
    if row.founding && !policy.founding_bindable {
        return Err(Refusal::Referral(referral::Refusal::FoundingMember).into());
    }
    if row.first_paid_at.is_some() && policy.new_buyers_only {
        return Err(Refusal::Referral(referral::Refusal::NotNewBuyer).into());
    }
    if is_above(ctx, member, named)? {
        return Err(Refusal::Referral(referral::Refusal::InviteLoop {
            inviter: named.name.clone(),
        })
        .into());
    }
    Ok(())
}

/// Whether `member` is somewhere above `below`.
///
/// # Errors
/// [`crate::book::Missing`].
pub fn is_above(ctx: &Ctx<'_>, member: MemberId, below: &Member) -> Decided<bool> {
    let mut at = below;
    // A chain never repeats a member, so it is no longer than the members there are.
    for _ in 0..=ctx.shop.members.len() {
        let Some(bond) = at.bond else { return Ok(false) };
        if bond.inviter == member {
            return Ok(true);
        }
        at = ctx.member_row(bond.inviter)?;
    }
    Ok(true)
}

/// Make sure that everybody above a member is in the book.
///
/// # Errors
/// [`crate::book::Missing`].
pub fn require_chain(ctx: &Ctx<'_>, member: MemberId) -> Decided {
    let mut at = ctx.member_row(member)?;
    for _ in 0..=ctx.shop.members.len() {
        let Some(bond) = at.bond else { break };
        at = ctx.member_row(bond.inviter)?;
    }
    Ok(())
}

/// Bind, after [`may_bind`] agreed.
pub fn bind(ctx: &mut Ctx<'_>, member: MemberId, inviter: MemberId, evidence: Evidence) {
    let since = ctx.at;
    if let Some(row) = ctx.shop.members.edit(member) {
        row.bond = Some(Bond { inviter, evidence, since });
        row.claim = None;
    }
    keep(ctx, member, inviter, evidence, None);
}

/// Keep an attempt that was refused. Whatever is missing leaves no trace: the event comes again.
#[must_use]
pub fn kept(
    ctx: &mut Ctx<'_>,
    member: MemberId,
    inviter: MemberId,
    evidence: Evidence,
    stop: Stop,
) -> Stop {
    if let Stop::Refused(refusal) = &stop {
        let reason = crate::decide::refusal_name(refusal);
        keep(ctx, member, inviter, evidence, Some(reason));
    }
    stop
}

/// Write down what became of an attempt.
pub fn keep(
    ctx: &mut Ctx<'_>,
    member: MemberId,
    inviter: MemberId,
    evidence: Evidence,
    refused: Option<String>,
) {
    let (event, at) = (ctx.event, ctx.at);
    let (inviter, reason) = (Some(inviter), None);
    let record = BondRecord { event, member, inviter, evidence, refused, reason, at };
    ctx.shop.fresh.bonds.push(record);
}
