//! Inviting (邀请): codes, claims and the inviter's word. How a bond is tested is in [`crate::decide::referral::bonds`].
//!
//! A code given by the newcomer binds at once; a claim ("小美 brought me") binds only when the named
//! inviter agrees. Nobody is ever bound by a likeness of names.

use crate::book::ctx::{Ctx, Decided};
use crate::book::need::Report;
use crate::book::{Missing, Need};
use crate::domain::event::Evidence;
use crate::domain::ids::MemberId;
use crate::domain::person::Person;
use crate::domain::referral;
use crate::domain::refusal::Refusal;
use crate::domain::reply::Reply;

use crate::decide::referral::bonds::{bind, keep, kept, may_bind};

/// The speaker's own invite code, and how many they have brought.
///
/// # Errors
/// [`Missing`]; a refusal when nobody speaks.
pub fn invite(ctx: &mut Ctx<'_>) -> Decided {
    let member = ctx.member()?;
    let saved = ctx.shop.known.reports.referral.brought.get(&member).copied();
    let saved =
        saved.ok_or(Missing(Need::Report(Report::Referral(referral::Need::Brought(member)))))?;
    let code = ctx.member_row(member)?.code.clone();
    let is_mine = |inviter: Option<MemberId>| inviter == Some(member);
    let bonds = ctx.shop.fresh.bonds.iter();
    let fresh = bonds.filter(|bond| bond.refused.is_none() && is_mine(bond.inviter)).count();
    let brought = saved + i64::try_from(fresh).unwrap_or(i64::MAX);
    ctx.say(Reply::Referral(referral::Reply::InviteCode { code, link: None, brought }));
    ctx.record("invite", None, None);
    Ok(())
}

/// A newcomer gives the code of who brought them.
///
/// # Errors
/// Refusals in this order: a code of nobody, then those of [`may_bind`]; [`Missing`].
pub fn use_invite(ctx: &mut Ctx<'_>, code: &str) -> Decided {
    let member = ctx.member()?;
    let inviter = owner_of(ctx, code)?;
    if let Err(stop) = may_bind(ctx, member, inviter) {
        return Err(kept(ctx, member, inviter, Evidence::InviteCode, stop));
    }
    bind(ctx, member, inviter, Evidence::InviteCode);
    let inviter = ctx.member_row(inviter)?.name.clone();
    ctx.say(Reply::Referral(referral::Reply::Bound { inviter }));
    ctx.record("use_invite", None, None);
    Ok(())
}

/// Whose code it is.
pub(in crate::decide) fn owner_of(ctx: &Ctx<'_>, code: &str) -> Decided<MemberId> {
    let owner = ctx.member_by_code(code)?;
    owner.ok_or_else(|| {
        Refusal::Referral(referral::Refusal::UnknownCode { code: code.to_owned() }).into()
    })
}

/// A newcomer says who brought them; the named inviter is asked. A later claim replaces it.
///
/// # Errors
/// Refusals in this order: a name of nobody or of several, then those of [`may_bind`]; [`Missing`].
pub fn claim_inviter(ctx: &mut Ctx<'_>, person: &Person) -> Decided {
    let member = ctx.member()?;
    let inviter = ctx.member_of(person)?;
    if let Err(stop) = may_bind(ctx, member, inviter) {
        return Err(kept(ctx, member, inviter, Evidence::Claim, stop));
    }
    let newcomer = ctx.member_row(member)?.name.clone();
    let asked = ctx.member_row(inviter)?.name.clone();
    if let Some(row) = ctx.shop.members.edit(member) {
        row.claim = Some(inviter);
    }
    if let Some(row) = ctx.shop.members.edit(inviter) {
        row.asked_by = Some(member);
    }
    ctx.call(inviter, Reply::Referral(referral::Reply::ClaimAsked { newcomer, inviter: asked }));
    ctx.record("claim_inviter", None, None);
    Ok(())
}

/// The named inviter agrees or not. Without a name it is about the claim they were asked about last.
///
/// # Errors
/// Refusals in this order: a name of nobody or of several, no claim that waits for the speaker, then
/// (agreeing) those of [`may_bind`], because time has passed since the claim; [`Missing`].
pub fn answer_claim(ctx: &mut Ctx<'_>, person: Option<&Person>, agreed: bool) -> Decided {
    let inviter = ctx.member()?;
    let newcomer = claimant(ctx, inviter, person)?;
    let reply = if agreed {
        if let Err(stop) = may_bind(ctx, newcomer, inviter) {
            return Err(kept(ctx, newcomer, inviter, Evidence::Claim, stop));
        }
        bind(ctx, newcomer, inviter, Evidence::Claim);
        Reply::Referral(referral::Reply::Bound { inviter: ctx.member_row(inviter)?.name.clone() })
    } else {
        keep(ctx, newcomer, inviter, Evidence::Claim, Some("denied".to_owned()));
        Reply::Referral(referral::Reply::ClaimDenied)
    };
    if let Some(row) = ctx.shop.members.edit(newcomer) {
        row.claim = None;
    }
    if let Some(row) = ctx.shop.members.edit(inviter) {
        row.asked_by = row.asked_by.filter(|&asked_by| asked_by != newcomer);
    }
    ctx.call(newcomer, reply);
    ctx.record(if agreed { "confirm_claim" } else { "deny_claim" }, None, None);
    Ok(())
}

/// The newcomer whose claim waits for the speaker's word.
fn claimant(ctx: &Ctx<'_>, inviter: MemberId, person: Option<&Person>) -> Decided<MemberId> {
    let newcomer = match person {
        Some(person) => Some(ctx.member_of(person)?),
        None => ctx.member_row(inviter)?.asked_by,
    };
    let newcomer = newcomer.ok_or(Refusal::Referral(referral::Refusal::NoClaim))?;
    if ctx.member_row(newcomer)?.claim != Some(inviter) {
        return Err(Refusal::Referral(referral::Refusal::NoClaim).into());
    }
    Ok(newcomer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::testing::{AMING, LAOWANG, Stage, XIAOMEI, load_member, morning};
    use crate::domain::intent::{Intent, Role, Why};
    use crate::domain::people;
    use proptest::prelude::*;

    fn code_of(stage: &Stage, member: MemberId) -> String {
        stage.shop.members.get(member).unwrap().code.clone()
    }

    fn gives_code(stage: &mut Stage, member: MemberId, inviter: MemberId) -> Vec<Reply> {
        let code = code_of(stage, inviter);
        stage.does(member, Intent::Referral(referral::Intent::UseInvite { code }))
    }

    fn claims(stage: &mut Stage, member: MemberId, name: &str) -> Vec<Reply> {
        stage.does(
            member,
            Intent::Referral(referral::Intent::ClaimInviter { name: Person::from(name) }),
        )
    }

    fn answers(
        stage: &mut Stage,
        member: MemberId,
        name: Option<&str>,
        agreed: bool,
    ) -> Vec<Reply> {
        let name = name.map(Person::from);
        stage.does(member, Intent::Referral(referral::Intent::AnswerClaim { name, agreed }))
    }

    fn inviter_of(stage: &Stage, member: MemberId) -> Option<(MemberId, Evidence)> {
        let bond = stage.shop.members.get(member).unwrap().bond?;
        Some((bond.inviter, bond.evidence))
    }

    #[test]
    fn the_first_code_binds_and_the_second_does_not() {
        let mut stage = Stage::new();
        let bound = gives_code(&mut stage, LAOWANG, XIAOMEI);
        assert_eq!(bound, [Reply::Referral(referral::Reply::Bound { inviter: "小美".to_owned() })]);
        assert_eq!(inviter_of(&stage, LAOWANG), Some((XIAOMEI, Evidence::InviteCode)));
        let again = gives_code(&mut stage, LAOWANG, AMING);
        assert_eq!(
            Stage::refusal(&again),
            Refusal::Referral(referral::Refusal::AlreadyBound { inviter: "小美".to_owned() })
        );
        let reasons: Vec<_> =
            stage.shop.fresh.bonds.iter().map(|bond| bond.refused.clone()).collect();
        assert_eq!(reasons, [None, Some("already_bound".to_owned())]);
    }

    #[test]
    fn a_code_of_nobody_is_refused_even_if_somebody_is_called_so() {
        let mut stage = Stage::new();
        load_member(&mut stage.shop, MemberId(4), "ABC234", Role::Member);
        let said = stage.does(
            LAOWANG,
            Intent::Referral(referral::Intent::UseInvite { code: "ABC234".to_owned() }),
        );
        assert_eq!(
            Stage::refusal(&said),
            Refusal::Referral(referral::Refusal::UnknownCode { code: "ABC234".to_owned() })
        );
    }

    #[test]
    fn bonds_are_refused_in_this_order() {
        let mut stage = Stage::new();
        load_member(&mut stage.shop, MemberId(4), "阿强", Role::Member);
        let row = stage.shop.members.edit(LAOWANG).unwrap();
        (row.founding, row.first_paid_at) = (true, Some(morning()));
        gives_code(&mut stage, MemberId(4), LAOWANG);
        let mut refusal = |inviter| Stage::refusal(&gives_code(&mut stage, LAOWANG, inviter));
        assert_eq!(refusal(LAOWANG), Refusal::Referral(referral::Refusal::SelfInvite));
        assert_eq!(refusal(MemberId(4)), Refusal::Referral(referral::Refusal::FoundingMember));
        stage.shop.members.edit(LAOWANG).unwrap().founding = false;
        let mut refusal = |inviter| Stage::refusal(&gives_code(&mut stage, LAOWANG, inviter));
        assert_eq!(refusal(MemberId(4)), Refusal::Referral(referral::Refusal::NotNewBuyer));
        stage.shop.members.edit(LAOWANG).unwrap().first_paid_at = None;
        let mut refusal = |inviter| Stage::refusal(&gives_code(&mut stage, LAOWANG, inviter));
        assert_eq!(
            refusal(MemberId(4)),
            Refusal::Referral(referral::Refusal::InviteLoop { inviter: "阿强".to_owned() })
        );
    }

    #[test]
    fn a_claim_waits_for_the_inviters_word() {
        let mut stage = Stage::new();
        claims(&mut stage, LAOWANG, "小美");
        assert_eq!(stage.heard()[0].to.as_deref(), Some("小美"));
        assert_eq!(inviter_of(&stage, LAOWANG), None);
        assert_eq!(
            Stage::refusal(&answers(&mut stage, AMING, None, true)),
            Refusal::Referral(referral::Refusal::NoClaim)
        );
        assert_eq!(
            Stage::refusal(&answers(&mut stage, AMING, Some("老王"), true)),
            Refusal::Referral(referral::Refusal::NoClaim)
        );
        let said = answers(&mut stage, XIAOMEI, None, true);
        assert_eq!(said, [Reply::Referral(referral::Reply::Bound { inviter: "小美".to_owned() })]);
        assert_eq!(inviter_of(&stage, LAOWANG), Some((XIAOMEI, Evidence::Claim)));
        assert_eq!(
            Stage::refusal(&answers(&mut stage, XIAOMEI, None, true)),
            Refusal::Referral(referral::Refusal::NoClaim)
        );
    }

    #[test]
    fn a_denied_claim_is_kept_and_another_may_follow() {
        let mut stage = Stage::new();
        claims(&mut stage, LAOWANG, "小美");
        let said = answers(&mut stage, XIAOMEI, Some("老王"), false);
        assert_eq!(said, [Reply::Referral(referral::Reply::ClaimDenied)]);
        assert_eq!(inviter_of(&stage, LAOWANG), None);
        assert_eq!(stage.shop.fresh.bonds[0].refused.as_deref(), Some("denied"));
        claims(&mut stage, LAOWANG, "阿明");
        answers(&mut stage, AMING, None, true);
        assert_eq!(inviter_of(&stage, LAOWANG), Some((AMING, Evidence::Claim)));
    }

    #[test]
    fn a_claim_confirmed_too_late_is_refused() {
        let mut stage = Stage::new();
        claims(&mut stage, LAOWANG, "小美");
        stage.shop.members.edit(LAOWANG).unwrap().first_paid_at = Some(morning());
        let said = answers(&mut stage, XIAOMEI, None, true);
        assert_eq!(Stage::refusal(&said), Refusal::Referral(referral::Refusal::NotNewBuyer));
    }

    #[test]
    fn a_claim_on_a_name_of_two_is_asked_back() {
        let mut stage = Stage::new();
        load_member(&mut stage.shop, MemberId(4), "小美", Role::Member);
        let said = claims(&mut stage, LAOWANG, "小美");
        assert!(
            matches!(&said[..], [Reply::Asked { why: Why::WhichMember, choices, .. }] if choices.len() == 2)
        );
        assert_eq!(stage.shop.members.get(LAOWANG).unwrap().claim, None);
        let said = claims(&mut stage, LAOWANG, "没这人");
        assert_eq!(
            Stage::refusal(&said),
            Refusal::People(people::Refusal::UnknownMember { name: "没这人".to_owned() })
        );
    }

    #[test]
    fn ones_own_code_says_how_many_came() {
        let mut stage = Stage::new();
        gives_code(&mut stage, LAOWANG, XIAOMEI);
        let code = code_of(&stage, XIAOMEI);
        let said = stage.does(XIAOMEI, Intent::Referral(referral::Intent::Invite));
        assert_eq!(
            said,
            [Reply::Referral(referral::Reply::InviteCode { code, link: None, brought: 1 })]
        );
    }

    proptest! {
        #[test]
        fn no_sequence_of_bonds_closes_a_loop(
            pairs in proptest::collection::vec((4..12i64, 4..12i64, any::<bool>()), 0..40),
        ) {
            let mut stage = Stage::new();
            for id in 4..12 {
                load_member(&mut stage.shop, MemberId(id), &format!("成员{id}"), Role::Member);
            }
            for (member, inviter, by_code) in pairs {
                let (member, inviter) = (MemberId(member), MemberId(inviter));
                if by_code {
                    gives_code(&mut stage, member, inviter);
                } else {
                    claims(&mut stage, member, &format!("成员{inviter}"));
                    answers(&mut stage, inviter, Some(&format!("成员{member}")), true);
                }
            }
            for member in stage.shop.members.values() {
                let (mut at, mut steps) = (member.bond, 0);
                while let Some(bond) = at {
                    prop_assert_ne!(bond.inviter, member.id);
                    at = stage.shop.members.get(bond.inviter).unwrap().bond;
                    steps += 1;
                    prop_assert!(steps < 12);
                }
            }
        }
    }
}
