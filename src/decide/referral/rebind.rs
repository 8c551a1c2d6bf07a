//! Rebinding (改绑): an operator's word on who brought a member.
//!
//! It may change a bond, which nobody else can, and it gives a reason that stays in the history. Orders
//! keep whoever was to earn on them when they were placed. Loops are refused here as everywhere.

use crate::book::BondRecord;
use crate::book::ctx::{Ctx, Decided};
use crate::domain::event::Evidence;
use crate::domain::ids::MemberId;
use crate::domain::operate::{MAX_REASON, Objection, OperatorEffect, Outcome};
use crate::domain::people::{Bond, is_erased};

use crate::decide::operate::member_exists;
use crate::decide::referral::bonds::{is_above, require_chain};

/// Bind a member to another inviter, or to none. Against it speak, in this order: no reason, no such
/// member, no such inviter, one of them erased, oneself, a loop.
///
/// # Errors
/// [`crate::book::Missing`].
pub fn rebind(
    ctx: &mut Ctx<'_>,
    member: MemberId,
    inviter: Option<MemberId>,
    reason: &str,
) -> Decided<Outcome> {
    let reason: String = reason.trim().chars().take(MAX_REASON).collect();
    if reason.is_empty() {
        return Ok(Outcome::refused(Objection::NoReason));
    }
    for id in [member].into_iter().chain(inviter) {
        if !member_exists(ctx.shop, id) {
            return Ok(Outcome::refused(Objection::NoMember(id)));
        }
        require_chain(ctx, id)?;
    }
    if let Some(why) = objection(ctx, member, inviter)? {
        return Ok(Outcome::refused(why));
    }
    let effect = if inviter.is_some() { OperatorEffect::Bound } else { OperatorEffect::Unbound };
    if ctx.member_row(member)?.bond.map(|bond| bond.inviter) == inviter {
        return Ok(Outcome::one(member.0, OperatorEffect::Same));
    }
    let (event, since, evidence) = (ctx.event, ctx.at, Evidence::Operator);
    if let Some(row) = ctx.shop.members.edit(member) {
        row.bond = inviter.map(|inviter| Bond { inviter, evidence, since });
        row.claim = None;
    }
    let reason = Some(reason);
    let record = BondRecord { event, member, inviter, evidence, refused: None, reason, at: since };
    ctx.shop.fresh.bonds.push(record);
    Ok(Outcome::one(member.0, effect))
}

fn objection(
    ctx: &Ctx<'_>,
    member: MemberId,
    inviter: Option<MemberId>,
) -> Decided<Option<Objection>> {
    for id in [member].into_iter().chain(inviter) {
        if is_erased(&ctx.member_row(id)?.key) {
            return Ok(Some(Objection::Erased));
        }
    }
    let Some(inviter) = inviter else { return Ok(None) };
    if inviter == member {
        return Ok(Some(Objection::SelfInvite));
    }
    let closes_loop = is_above(ctx, member, ctx.member_row(inviter)?)?;
    Ok(closes_loop.then_some(Objection::Loop))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::testing::{A1, AMING, LAOWANG, Stage, XIAOMEI, want};
    use crate::domain::intent::Intent;
    use crate::domain::operate::OperatorIntent;
    use crate::domain::orders;

    fn rebound(stage: &mut Stage, who: MemberId, to: Option<MemberId>, reason: &str) -> Outcome {
        let reason = reason.to_owned();
        stage.orders(OperatorIntent::Rebind { member: who, inviter: to, reason })
    }

    fn inviter(stage: &Stage, who: MemberId) -> Option<MemberId> {
        stage.shop.members.get(who).unwrap().bond.map(|bond| bond.inviter)
    }

    #[test]
    fn an_operator_binds_anew_and_the_reason_stays() {
        let mut stage = Stage::new();
        let outcome = rebound(&mut stage, XIAOMEI, Some(LAOWANG), " 登记错了 ");
        assert_eq!(outcome, Outcome::one(XIAOMEI.0, OperatorEffect::Bound));
        assert_eq!(inviter(&stage, XIAOMEI), Some(LAOWANG));
        let record = stage.shop.fresh.bonds.last().unwrap();
        assert_eq!(record.reason.as_deref(), Some("登记错了"));
        assert_eq!((record.evidence, &record.refused), (Evidence::Operator, &None));
        assert_eq!(
            rebound(&mut stage, XIAOMEI, Some(LAOWANG), "again"),
            Outcome::one(XIAOMEI.0, OperatorEffect::Same)
        );
        rebound(&mut stage, XIAOMEI, None, "离职");
        assert_eq!(inviter(&stage, XIAOMEI), None);
        assert_eq!(stage.shop.fresh.bonds.len(), 2);
        assert!(stage.heard().is_empty());
    }

    #[test]
    fn placed_orders_keep_who_earns_on_them() {
        let mut stage = Stage::new();
        stage.does(XIAOMEI, Intent::Orders(orders::Intent::Order(vec![want(A1, 1)])));
        rebound(&mut stage, XIAOMEI, Some(LAOWANG), "x");
        let share = stage.order(1).lines[0].shares[0].unwrap();
        assert_eq!(share.promoter, AMING);
        stage.later(600);
        stage.does(
            XIAOMEI,
            Intent::Orders(orders::Intent::CancelOrders(vec![crate::domain::ids::OrderId(1)])),
        );
        stage.at = crate::decide::testing::morning();
        stage.does(XIAOMEI, Intent::Orders(orders::Intent::Order(vec![want(A1, 2)])));
        assert_eq!(stage.order(2).lines[0].shares[0].unwrap().promoter, LAOWANG);
    }

    #[test]
    fn rebinding_is_refused_in_this_order() {
        let mut stage = Stage::new();
        let nobody = MemberId(77);
        let mut why = |who, to, reason: &str| {
            rebound(&mut stage, who, to, reason).objections.pop().map(|it| it.why)
        };
        assert_eq!(why(nobody, Some(nobody), " "), Some(Objection::NoReason));
        assert_eq!(why(nobody, Some(MemberId(78)), "x"), Some(Objection::NoMember(nobody)));
        assert_eq!(why(AMING, Some(nobody), "x"), Some(Objection::NoMember(nobody)));
        assert_eq!(why(AMING, Some(AMING), "x"), Some(Objection::SelfInvite));
        assert_eq!(why(AMING, Some(XIAOMEI), "x"), Some(Objection::Loop));
        stage.shop.members.edit(AMING).unwrap().key = crate::domain::people::erased_key(AMING);
        let outcome = rebound(&mut stage, XIAOMEI, Some(AMING), "x");
        assert_eq!(outcome, Outcome::refused(Objection::Erased));
        assert!(stage.shop.fresh.bonds.is_empty());
    }
}
