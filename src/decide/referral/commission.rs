//! Commission (佣金): who earns on a line, on which terms, and how much.
//!
//! Terms are fixed when a line is placed, amounts when it is paid; later changes of policy or of
//! attribution never touch them. Who may be bound to whom is decided in [`crate::decide::referral::bonds`]; what is booked
//! and when in [`crate::decide::referral::earnings`].

use crate::book::ctx::{Ctx, Decided};
use crate::domain::catalog::Offer;
use crate::domain::ids::MemberId;
use crate::domain::intent::Role;
use crate::domain::money::{Money, Rate};
use crate::domain::orders::{Commission, Terms};
use crate::domain::people::Member;
use crate::domain::policy::{ItemCommission, SelfPurchase};

use crate::decide::referral::bonds::bond_holds;

/// Who earns on a line and on which terms: level 1 and level 2.
pub type Earners = [Option<(MemberId, Terms)>; 2];

/// Who would earn on what `buyer` orders of `offer` now. Nobody moves up into an empty place: the
/// share of a promoter who may not earn stays with the shop.
///
/// # Errors
/// [`crate::book::Missing`] if somebody above the buyer is not in the book.
pub fn snapshot(ctx: &Ctx<'_>, buyer: MemberId, offer: &Offer) -> Decided<Earners> {
    let terms = terms_of(ctx, offer);
    let mut earners = [None, None];
    for (place, earner) in places(ctx, buyer)?.into_iter().enumerate() {
        let Some(earner) = earner else { continue };
        let may_earn = may_earn(ctx, ctx.member_row(earner)?);
        earners[place] = terms[place].filter(|_| may_earn).map(|terms| (earner, terms));
    }
    Ok(earners)
}

/// The members in the two places above (or, for one's own purchase, at) the buyer.
fn places(ctx: &Ctx<'_>, buyer: MemberId) -> Decided<[Option<MemberId>; 2]> {
    let inviter = inviter_of(ctx, buyer)?;
    match ctx.shop.policy.commission.self_purchase {
        SelfPurchase::Shift => Ok([Some(buyer), inviter]),
        SelfPurchase::None => {
            let above = inviter.map(|inviter| inviter_of(ctx, inviter)).transpose()?;
            Ok([inviter, above.flatten()])
        }
    }
}

fn inviter_of(ctx: &Ctx<'_>, member: MemberId) -> Decided<Option<MemberId>> {
    let policy = &ctx.shop.policy.attribution;
    let bond = ctx.member_row(member)?.bond;
    Ok(bond.filter(|bond| bond_holds(bond, ctx.at, policy)).map(|bond| bond.inviter))
}

fn may_earn(ctx: &Ctx<'_>, member: &Member) -> bool {
    let as_leader = member.role < Role::Leader || ctx.shop.policy.commission.leaders_earn;
    member.promoter && member.present && as_leader
}

/// The terms of both levels on this offer. Together they stay within the cap; level 2 is cut first.
fn terms_of(ctx: &Ctx<'_>, offer: &Offer) -> [Option<Terms>; 2] {
    let policy = &ctx.shop.policy.commission;
    match offer.detail.commission {
        Some(ItemCommission::Fixed(first, second)) => {
            let cap = offer.price.share(policy.cap);
            let first = first.min(cap);
            let second = second.min(cap - first);
            [first, second].map(|each| (each > Money::ZERO).then_some(Terms::Fixed(each)))
        }
        Some(ItemCommission::Rates(first, second)) => rates(policy.cap, first, second),
        None => rates(policy.cap, policy.level1, policy.level2),
    }
}

fn rates(cap: Rate, first: Rate, second: Rate) -> [Option<Terms>; 2] {
    let first = first.min(cap);
    let second = second.min(Rate { bps: cap.bps - first.bps });
    [first, second].map(|rate| (rate.bps > 0).then_some(Terms::Rate(rate)))
}

/// The shares of a new line; `reprice` fills in their amounts.
#[must_use]
pub fn shares(earners: Earners) -> [Option<Commission>; 2] {
    earners.map(|earner| {
        let (promoter, terms) = earner?;
        Some(Commission { promoter, terms, amount: Money::ZERO, reversed: Money::ZERO })
    })
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::decide::pricing::rounding::reprice;
    use crate::decide::testing::{A1, AMING, LAOWANG, Stage, XIAOMEI, morning};
    use crate::decide::testing_orders::placed;
    use crate::domain::event::Evidence;
    use crate::domain::money::Currency;
    use crate::domain::orders::Line;
    use crate::domain::people::Bond;
    use crate::domain::policy::Policy;
    use proptest::prelude::*;

    /// 阿明 brought 小美, who brought 老王; 老王 buys two boxes of grapes for 79.80.
    pub(crate) fn stage(change: impl FnOnce(&mut Policy)) -> Stage {
        let mut stage = Stage::with_policy(|policy| {
            policy.commission.level2 = Rate { bps: 200 };
            change(policy);
        });
        let bond = Bond { inviter: XIAOMEI, evidence: Evidence::InviteCode, since: morning() };
        stage.shop.members.edit(LAOWANG).unwrap().bond = Some(bond);
        stage
    }

    fn shares_of(stage: &mut Stage, buyer: MemberId) -> [Option<(MemberId, i64)>; 2] {
        let order = placed(stage, buyer, &[(A1, None, 2)]);
        let line = &stage.shop.orders.get(order).unwrap().lines[0];
        line.shares.map(|share| share.map(|share| (share.promoter, share.amount.minor)))
    }

    #[track_caller]
    fn check(mut stage: Stage, expected: [Option<(MemberId, i64)>; 2]) {
        assert_eq!(shares_of(&mut stage, LAOWANG), expected);
    }

    #[test]
    fn the_inviter_and_their_inviter_earn_rounded_down() {
        check(stage(|_| {}), [Some((XIAOMEI, 478)), Some((AMING, 159))]);
        let only_one = |policy: &mut Policy| policy.commission.level2 = Rate::default();
        check(stage(only_one), [Some((XIAOMEI, 478)), None]);
    }

    #[test]
    fn nobody_moves_up_into_an_empty_place() {
        let mut disabled = stage(|_| {});
        disabled.shop.members.edit(XIAOMEI).unwrap().promoter = false;
        check(disabled, [None, Some((AMING, 159))]);
        let mut gone = stage(|_| {});
        gone.shop.members.edit(XIAOMEI).unwrap().present = false;
        check(gone, [None, Some((AMING, 159))]);
        let leaders = |policy: &mut Policy| policy.commission.leaders_earn = false;
        check(stage(leaders), [Some((XIAOMEI, 478)), None]);
    }

    #[test]
    fn a_bond_that_is_over_earns_nothing() {
        let month = |policy: &mut Policy| policy.attribution.expires_after_days = Some(30);
        let mut stage = stage(month);
        stage.at = morning() + chrono::Duration::days(30) - chrono::Duration::seconds(1);
        assert!(shares_of(&mut stage, LAOWANG)[0].is_some());
        stage.later(1);
        assert_eq!(shares_of(&mut stage, LAOWANG), [None, None]);
    }

    #[test]
    fn the_cap_cuts_the_second_level_first() {
        let cap = |bps| move |policy: &mut Policy| policy.commission.cap = Rate { bps };
        check(stage(cap(700)), [Some((XIAOMEI, 478)), Some((AMING, 79))]);
        check(stage(cap(600)), [Some((XIAOMEI, 478)), None]);
        check(stage(cap(500)), [Some((XIAOMEI, 399)), None]);
    }

    #[test]
    fn an_items_own_commission_replaces_the_rates() {
        let own = |commission| {
            let mut stage = stage(|_| {});
            stage.shop.offers.edit(A1).unwrap().detail.commission = Some(commission);
            stage
        };
        let money = Money::from_minor;
        let rates = ItemCommission::Rates(Rate { bps: 1_000 }, Rate { bps: 0 });
        check(own(rates), [Some((XIAOMEI, 798)), None]);
        let fixed = ItemCommission::Fixed(money(300), money(100));
        check(own(fixed), [Some((XIAOMEI, 600)), Some((AMING, 200))]);
        // At most 20 % of 39.90 a box.
        let greedy = ItemCommission::Fixed(money(700), money(700));
        check(own(greedy), [Some((XIAOMEI, 1_400)), Some((AMING, 196))]);
    }

    #[test]
    fn on_ones_own_purchase_the_buyer_may_take_the_first_place() {
        let shift = |policy: &mut Policy| policy.commission.self_purchase = SelfPurchase::Shift;
        check(stage(shift), [Some((LAOWANG, 478)), Some((XIAOMEI, 159))]);
    }

    #[test]
    fn a_fixed_amount_shrinks_with_what_points_paid() {
        let share = |promoter, each| {
            let terms = Terms::Fixed(Money::from_minor(each));
            Some(Commission { promoter, terms, amount: Money::ZERO, reversed: Money::ZERO })
        };
        let mut line = Line {
            offer: A1,
            variant: None,
            qty: 2,
            price: Money::from_minor(500),
            cuts: Vec::new(),
            discount: Money::from_minor(900),
            refunded_qty: 0,
            restocked: 0,
            refunded: Money::ZERO,
            refunded_amount: Money::ZERO,
            shares: [share(XIAOMEI, 90), share(AMING, 30)],
            message: None,
            collected_at: None,
        };
        reprice(std::slice::from_mut(&mut line), Currency::CNY);
        let amounts = line.shares.map(|share| share.unwrap().amount.minor);
        assert_eq!(amounts, [18, 6]);
    }

    proptest! {
        #[test]
        fn both_levels_together_stay_within_the_cap(
            first in 0..=10_000u16, second in 0..=10_000u16, cap in 0..=10_000u16,
            price in 0..100_000i64, qty in 1..999u32, discount in 0..=10_000u16,
            fixed in any::<bool>(),
        ) {
            let mut stage = stage(|policy| policy.commission.cap = Rate { bps: cap });
            let amount = |bps| Money::from_minor(i64::from(bps));
            let row = stage.shop.offers.edit(A1).unwrap();
            row.price = Money::from_minor(price);
            row.detail.commission = Some(if fixed {
                ItemCommission::Fixed(amount(first), amount(second))
            } else {
                ItemCommission::Rates(Rate { bps: first }, Rate { bps: second })
            });
            let order = placed(&mut stage, LAOWANG, &[(A1, None, qty)]);
            let line = &mut stage.shop.orders.edit(order).unwrap().lines[0];
            line.discount = line.gross().share(Rate { bps: discount });
            reprice(std::slice::from_mut(line), Currency::CNY);
            let both = line.shares.iter().flatten().map(|share| share.amount).sum::<Money>();
            let most = line.base().share(Rate { bps: cap });
            prop_assert!(both <= most);
            prop_assert!(line.shares.iter().flatten().all(|share| !share.amount.is_negative()));
        }
    }
}
