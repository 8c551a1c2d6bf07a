//! Commission (佣金): who earns what on a line, and where it stands.
//!
//! Terms are fixed when a line is placed, amounts when it is paid; later changes of policy or of
//! attribution never touch them. A refund aims at a cumulative target and books the difference, so
//! any sequence of partial refunds ends where one whole refund would. Who may be bound to whom is
//! decided in [`super::bonds`].

use std::collections::BTreeMap;

use crate::book::desk::{Decided, Desk};
use crate::book::{Missing, Need};
use crate::domain::event::Timer;
use crate::domain::ids::{MemberId, OrderId};
use crate::domain::intent::Role;
use crate::domain::ledger::{AccountNo, Entry, Fact, House, Purse};
use crate::domain::member::{Member, short_name};
use crate::domain::money::{Money, Rate};
use crate::domain::offer::Offer;
use crate::domain::order::{Line, Order, OrderState, Share, Terms};
use crate::domain::policy::{ItemCommission, SelfPurchase};
use crate::domain::reply::Reply;

use super::bonds::bond_holds;

/// Who earns on a line and on which terms: level 1 and level 2.
pub type Earners = [Option<(MemberId, Terms)>; 2];

/// The most orders that one event settles; the rest follow a second later.
pub const MAX_SETTLED: usize = 4_000;

/// Who would earn on what `buyer` orders of `offer` now. Nobody moves up into an empty place: the
/// share of a promoter who may not earn stays with the shop.
///
/// # Errors
/// [`Missing`] if somebody above the buyer is not in the book.
pub fn snapshot(desk: &Desk<'_>, buyer: MemberId, offer: &Offer) -> Decided<Earners> {
    let terms = terms_of(desk, offer);
    let mut earners = [None, None];
    for (place, earner) in places(desk, buyer)?.into_iter().enumerate() {
        let Some(earner) = earner else { continue };
        let may_earn = may_earn(desk, desk.member_row(earner)?);
        earners[place] = terms[place].filter(|_| may_earn).map(|terms| (earner, terms));
    }
    Ok(earners)
}

/// The members in the two places above (or, for one's own purchase, at) the buyer.
fn places(desk: &Desk<'_>, buyer: MemberId) -> Decided<[Option<MemberId>; 2]> {
    let inviter = inviter_of(desk, buyer)?;
    match desk.shop.policy.commission.self_purchase {
        SelfPurchase::Shift => Ok([Some(buyer), inviter]),
        SelfPurchase::None => {
            let above = inviter.map(|inviter| inviter_of(desk, inviter)).transpose()?;
            Ok([inviter, above.flatten()])
        }
    }
}

fn inviter_of(desk: &Desk<'_>, member: MemberId) -> Decided<Option<MemberId>> {
    let policy = &desk.shop.policy.attribution;
    let bond = desk.member_row(member)?.bond;
    Ok(bond.filter(|bond| bond_holds(bond, desk.at, policy)).map(|bond| bond.inviter))
}

fn may_earn(desk: &Desk<'_>, member: &Member) -> bool {
    let as_leader = member.role < Role::Leader || desk.shop.policy.commission.leaders_earn;
    member.promoter && member.present && as_leader
}

/// The terms of both levels on this offer. Together they stay within the cap; level 2 is cut first.
fn terms_of(desk: &Desk<'_>, offer: &Offer) -> [Option<Terms>; 2] {
    let policy = &desk.shop.policy.commission;
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

/// The shares of a new line; [`reprice`] fills in their amounts.
#[must_use]
pub fn shares(earners: Earners) -> [Option<Share>; 2] {
    earners.map(|earner| {
        let (promoter, terms) = earner?;
        Some(Share { promoter, terms, amount: Money::ZERO, reversed: Money::ZERO })
    })
}

/// Count anew what an unpaid line earns, after its quantity or discount changed. Both levels together
/// stay within the part of its base that their terms allow, each rounded down on its own.
pub fn reprice(line: &mut Line) {
    let (base, gross, qty) = (line.base(), line.gross(), line.qty);
    for share in line.shares.iter_mut().flatten() {
        let earned = Share::earned(share.terms, base, qty);
        share.amount = match share.terms {
            Terms::Rate(_) => earned,
            // Points paid a part of the price, so a fixed amount shrinks with what was paid in money:
            // else two levels could take more than the cap, or more than there is.
            Terms::Fixed(each) => earned.min(each.times(qty).unwrap_or(gross).portion(base, gross)),
        };
    }
}

/// Book what promoters earn on an order that was just paid, and tell each of them.
pub fn earn(desk: &mut Desk<'_>, order: OrderId) {
    let Some(row) = desk.shop.orders.get(order) else { return };
    let buyer = row.member;
    let earned =
        sums(row.lines.iter().flat_map(|line| line.shares.iter().flatten()), |share| share.amount);
    post_earnings(desk, order, Fact::Earned, &earned, Purse::Frozen);
    let buyer = desk.shop.members.get(buyer).map_or_else(String::new, |row| short_name(&row.name));
    for (promoter, amount) in earned {
        let buyer = buyer.clone();
        desk.tell(promoter, Reply::CommissionFrozen { order, buyer, amount });
    }
}

/// Take back what a refund of these lines' units undoes: the difference to the cumulative target.
/// The lines already say how much of them was refunded; the order is still in the state it was in.
pub fn reverse(desk: &mut Desk<'_>, order: OrderId) {
    let Some(row) = desk.shop.orders.edit(order) else { return };
    let purse = if row.state == OrderState::Closed { Purse::Available } else { Purse::Frozen };
    let mut taken: BTreeMap<MemberId, Money> = BTreeMap::new();
    for line in &mut row.lines {
        let (base, refunded) = (line.base(), line.refunded);
        for share in line.shares.iter_mut().flatten() {
            let back = share.amount - share.target(base, refunded) - share.reversed;
            share.reversed += back;
            *taken.entry(share.promoter).or_default() -= back;
        }
    }
    taken.retain(|_, amount| !amount.is_zero());
    post_earnings(desk, order, Fact::Reversed, &taken, purse);
}

/// What each promoter gets of these shares, without those who get nothing.
fn sums<'s>(
    shares: impl Iterator<Item = &'s Share>,
    amount: impl Fn(&Share) -> Money,
) -> BTreeMap<MemberId, Money> {
    let mut sums: BTreeMap<MemberId, Money> = BTreeMap::new();
    for share in shares {
        *sums.entry(share.promoter).or_default() += amount(share);
    }
    sums.retain(|_, amount| !amount.is_zero());
    sums
}

/// One entry for the order: the shop's cost against what each promoter is owed (or, negative, loses).
fn post_earnings(
    desk: &mut Desk<'_>,
    order: OrderId,
    kind: Fact,
    amounts: &BTreeMap<MemberId, Money>,
    purse: Purse,
) {
    let cost: Money = amounts.values().copied().sum();
    if amounts.is_empty() {
        return;
    }
    let owed = amounts.iter().map(|(&who, amount)| (AccountNo::of(who, purse), -amount.minor));
    let cost = (AccountNo::house(House::CommissionCost), cost.minor);
    let legs = std::iter::once(cost).chain(owed).collect();
    let currency = desk.shop.community.currency.clone();
    desk.post(Entry { kind, currency, order: Some(order), legs });
}

/// Timer: commission whose return window is over becomes available. One entry for each order, one
/// notice for each promoter.
///
/// # Errors
/// [`Missing`] if not all orders due by now are in the book.
pub fn settle(desk: &mut Desk<'_>) -> Decided {
    if desk.shop.known.due_until.is_none_or(|until| until < desk.at) {
        return Err(Missing(Need::Due(desk.at)).into());
    }
    let is_due = |order: &&Order| {
        order.state == OrderState::Received && order.due_at.is_some_and(|due| due <= desk.at)
    };
    let mut due: Vec<OrderId> =
        desk.shop.orders.values().filter(is_due).map(|order| order.id).collect();
    if due.len() > MAX_SETTLED {
        due.truncate(MAX_SETTLED);
        desk.wake(desk.at + chrono::Duration::seconds(1), Timer::Settle);
    }
    let mut notices: BTreeMap<MemberId, (Money, usize)> = BTreeMap::new();
    for order in &due {
        for (promoter, amount) in settle_order(desk, *order) {
            let notice = notices.entry(promoter).or_default();
            notice.0 += amount;
            notice.1 += 1;
        }
    }
    for (promoter, (amount, orders)) in notices {
        desk.tell(promoter, Reply::CommissionAvailable { amount, orders });
    }
    if !due.is_empty() {
        desk.record("settle_commission", None, None);
    }
    Ok(())
}

/// Close one order and move what is left of its commission from frozen to available.
fn settle_order(desk: &mut Desk<'_>, order: OrderId) -> BTreeMap<MemberId, Money> {
    let Some(row) = desk.shop.orders.edit(order) else { return BTreeMap::new() };
    row.state = OrderState::Closed;
    row.due_at = None;
    let shares = row.lines.iter().flat_map(|line| line.shares.iter().flatten());
    let due = sums(shares, |share| share.amount - share.reversed);
    let legs: Vec<_> = due
        .iter()
        .flat_map(|(&who, amount)| {
            let frozen = (AccountNo::of(who, Purse::Frozen), amount.minor);
            [frozen, (AccountNo::of(who, Purse::Available), -amount.minor)]
        })
        .collect();
    if !legs.is_empty() {
        let currency = desk.shop.community.currency.clone();
        desk.post(Entry { kind: Fact::Due, currency, order: Some(order), legs });
    }
    due
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::testing::{A1, AMING, LAOWANG, Stage, XIAOMEI, evening, morning};
    use crate::decide::testing_orders::{assert_books_agree, house, owed, placed};
    use crate::domain::event::Evidence;
    use crate::domain::intent::{Intent, LeaderIntent, Selection};
    use crate::domain::member::Bond;
    use crate::domain::policy::Policy;
    use proptest::prelude::*;

    /// 阿明 brought 小美, who brought 老王; 老王 buys two boxes of grapes for 79.80.
    fn stage(change: impl FnOnce(&mut Policy)) -> Stage {
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
            Some(Share { promoter, terms, amount: Money::ZERO, reversed: Money::ZERO })
        };
        let mut line = Line {
            offer: A1,
            variant: None,
            qty: 2,
            price: Money::from_minor(500),
            discount: Money::from_minor(900),
            refunded_qty: 0,
            restocked: 0,
            refunded: Money::ZERO,
            shares: [share(XIAOMEI, 90), share(AMING, 30)],
            message: None,
        };
        reprice(&mut line);
        let amounts = line.shares.map(|share| share.unwrap().amount.minor);
        assert_eq!(amounts, [18, 6]);
    }

    fn lead(stage: &mut Stage, intent: LeaderIntent) {
        stage.does(AMING, Intent::Lead(intent));
    }

    fn pay(stage: &mut Stage, order: OrderId) {
        let of = Selection::Orders(vec![order]);
        lead(stage, LeaderIntent::Paid { of, amount: None });
    }

    #[test]
    fn commission_is_frozen_when_paid_and_available_after_the_return_window() {
        let mut stage = stage(|_| {});
        let order = placed(&mut stage, LAOWANG, &[(A1, None, 2)]);
        pay(&mut stage, order);
        assert_eq!(owed(&stage, XIAOMEI, Purse::Frozen), 478);
        assert_eq!(house(&stage, House::CommissionCost), 637);
        stage.at = evening(); // 22:00 on 4 March
        stage.does(LAOWANG, Intent::Received(vec![order]));
        let due = "2026-03-11T16:00:00Z".parse().unwrap(); // 00:00 on 12 March
        assert_eq!(stage.order(order.0).due_at, Some(due));
        assert!(stage.shop.fresh.timers.contains(&(due, Timer::Settle)));
        stage.due(due - chrono::Duration::seconds(1), Timer::Settle);
        assert_eq!(owed(&stage, XIAOMEI, Purse::Available), 0);
        stage.heard();
        stage.due(due, Timer::Settle);
        assert_eq!(owed(&stage, XIAOMEI, Purse::Frozen), 0);
        assert_eq!(owed(&stage, XIAOMEI, Purse::Available), 478);
        assert_eq!(owed(&stage, AMING, Purse::Available), 159);
        let row = stage.order(order.0);
        assert_eq!((row.state, row.due_at), (OrderState::Closed, None));
        let notices = stage.heard();
        assert!(notices.iter().all(|notice| notice.private));
        let amount = Money::from_minor(478);
        assert_eq!(notices[1].reply, Reply::CommissionAvailable { amount, orders: 1 });
        stage.due(due, Timer::Settle);
        assert_eq!(owed(&stage, XIAOMEI, Purse::Available), 478);
        assert_books_agree(&stage);
    }

    #[test]
    fn a_thousand_orders_settle_in_one_event_with_one_notice_each() {
        let mut stage = stage(|_| {});
        stage.shop.offers.edit(A1).unwrap().stock.clear();
        let orders: Vec<_> =
            (0..1_000).map(|_| placed(&mut stage, LAOWANG, &[(A1, None, 1)])).collect();
        let all = || Selection::Orders(orders.clone());
        lead(&mut stage, LeaderIntent::Paid { of: all(), amount: None });
        lead(&mut stage, LeaderIntent::Delivered(all()));
        let due = stage.order(1).due_at.unwrap();
        let said = stage.due(due, Timer::Settle);
        assert_eq!(said.len(), 2);
        assert_eq!(owed(&stage, XIAOMEI, Purse::Available), 239_000);
        assert_books_agree(&stage);
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
            reprice(line);
            let both = line.shares.iter().flatten().map(|share| share.amount).sum::<Money>();
            let most = line.base().share(Rate { bps: cap });
            prop_assert!(both <= most);
            prop_assert!(line.shares.iter().flatten().all(|share| !share.amount.is_negative()));
        }
    }
}
