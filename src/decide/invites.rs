//! Inviting (邀请): codes, claims and the inviter's word. How a bond is tested is in [`super::bonds`].
//!
//! A code given by the newcomer binds at once; a claim ("小美 brought me") binds only when the named
//! inviter agrees. Nobody is ever bound by a likeness of names.

use crate::book::desk::{Decided, Desk};
use crate::book::need::Report;
use crate::book::{Missing, Need};
use crate::domain::event::Evidence;
use crate::domain::ids::MemberId;
use crate::domain::refusal::Refusal;
use crate::domain::reply::Reply;

use super::bonds::{bind, keep, kept, may_bind};

/// The speaker's own invite code, and how many they have brought.
///
/// # Errors
/// [`Missing`]; a refusal when nobody speaks.
pub fn invite(desk: &mut Desk<'_>) -> Decided {
    let member = desk.member()?;
    let saved = desk.shop.known.reports.brought.get(&member).copied();
    let saved = saved.ok_or(Missing(Need::Report(Report::Brought(member))))?;
    let code = desk.member_row(member)?.code.clone();
    let is_mine = |inviter: Option<MemberId>| inviter == Some(member);
    let bonds = desk.shop.fresh.bonds.iter();
    let fresh = bonds.filter(|bond| bond.refused.is_none() && is_mine(bond.inviter)).count();
    let brought = saved + i64::try_from(fresh).unwrap_or(i64::MAX);
    desk.say(Reply::InviteCode { code, link: None, brought });
    desk.record("invite", None, None);
    Ok(())
}

/// A newcomer gives the code of who brought them.
///
/// # Errors
/// Refusals in this order: a code of nobody, then those of [`may_bind`]; [`Missing`].
pub fn use_invite(desk: &mut Desk<'_>, code: &str) -> Decided {
    let member = desk.member()?;
    let inviter = owner_of(desk, code)?;
    if let Err(stop) = may_bind(desk, member, inviter) {
        return Err(kept(desk, (member, inviter), Evidence::InviteCode, stop));
    }
    bind(desk, member, inviter, Evidence::InviteCode);
    let inviter = desk.member_row(inviter)?.name.clone();
    desk.say(Reply::Bound { inviter });
    desk.record("use_invite", None, None);
    Ok(())
}

/// Whose code it is. A member who calls themself like somebody's code does not take it over.
fn owner_of(desk: &Desk<'_>, code: &str) -> Decided<MemberId> {
    let bearers = desk.shop.known.names.get(code);
    let bearers = bearers.ok_or_else(|| Missing(Need::Name(code.to_owned())))?;
    for &bearer in bearers {
        if desk.member_row(bearer)?.code == code {
            return Ok(bearer);
        }
    }
    Err(Refusal::UnknownCode { code: code.to_owned() }.into())
}

/// A newcomer says who brought them; the named inviter is asked. A later claim replaces it.
///
/// # Errors
/// Refusals in this order: a name of nobody or of several, then those of [`may_bind`]; [`Missing`].
pub fn claim_inviter(desk: &mut Desk<'_>, name: &str) -> Decided {
    let member = desk.member()?;
    let inviter = desk.member_named(name)?;
    if let Err(stop) = may_bind(desk, member, inviter) {
        return Err(kept(desk, (member, inviter), Evidence::Claim, stop));
    }
    let newcomer = desk.member_row(member)?.name.clone();
    let asked = desk.member_row(inviter)?.name.clone();
    if let Some(row) = desk.shop.members.edit(member) {
        row.claim = Some(inviter);
    }
    if let Some(row) = desk.shop.members.edit(inviter) {
        row.asked_by = Some(member);
    }
    desk.call(inviter, Reply::ClaimAsked { newcomer, inviter: asked });
    desk.record("claim_inviter", None, None);
    Ok(())
}

/// The named inviter agrees or not. Without a name it is about the claim they were asked about last.
///
/// # Errors
/// Refusals in this order: a name of nobody or of several, no claim that waits for the speaker, then
/// (agreeing) those of [`may_bind`], because time has passed since the claim; [`Missing`].
pub fn answer_claim(desk: &mut Desk<'_>, name: Option<&str>, agreed: bool) -> Decided {
    let inviter = desk.member()?;
    let newcomer = claimant(desk, inviter, name)?;
    let pair = (newcomer, inviter);
    let reply = if agreed {
        if let Err(stop) = may_bind(desk, newcomer, inviter) {
            return Err(kept(desk, pair, Evidence::Claim, stop));
        }
        bind(desk, newcomer, inviter, Evidence::Claim);
        Reply::Bound { inviter: desk.member_row(inviter)?.name.clone() }
    } else {
        keep(desk, pair, Evidence::Claim, Some("denied".to_owned()));
        Reply::ClaimDenied { newcomer: desk.member_row(newcomer)?.name.clone() }
    };
    if let Some(row) = desk.shop.members.edit(newcomer) {
        row.claim = None;
    }
    if let Some(row) = desk.shop.members.edit(inviter) {
        row.asked_by = row.asked_by.filter(|&asked_by| asked_by != newcomer);
    }
    desk.call(newcomer, reply);
    desk.record(if agreed { "confirm_claim" } else { "deny_claim" }, None, None);
    Ok(())
}

/// The newcomer whose claim waits for the speaker's word.
fn claimant(desk: &Desk<'_>, inviter: MemberId, name: Option<&str>) -> Decided<MemberId> {
    let newcomer = match name {
        Some(name) => Some(desk.member_named(name)?),
        None => desk.member_row(inviter)?.asked_by,
    };
    let newcomer = newcomer.ok_or(Refusal::NoClaim)?;
    if desk.member_row(newcomer)?.claim != Some(inviter) {
        return Err(Refusal::NoClaim.into());
    }
    Ok(newcomer)
}
