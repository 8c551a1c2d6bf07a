//! Earnings (佣金入账): commission in the ledger, from payment to the end of the return window.
//!
//! Frozen when an order is paid, available when its return window is over. A refund aims at a cumulative
//! target and books the difference, so any sequence of partial refunds ends where one whole refund would;
//! after settling it comes out of what is available, below zero if need be.

use std::collections::BTreeMap;

use crate::book::ctx::{Ctx, Decided};
use crate::book::{Due, DueShare, Missing, Need, Settlement, Shop};
use crate::domain::event::Timer;
use crate::domain::ids::{MemberId, OrderId};
use crate::domain::ledger::{AccountNo, Entry, Fact, House, Purse};
use crate::domain::money::Money;
use crate::domain::orders::{Commission, OrderState};
use crate::domain::people::short_name;
use crate::domain::referral;
use crate::domain::reply::Reply;

use crate::decide::pricing::rounding;

/// What is due beyond [`crate::book::due::MAX_DUE`] orders follows at once, but after whoever waits.
const NEXT_ROUND: chrono::Duration = chrono::Duration::milliseconds(1);

/// Book what promoters earn on an order that was just paid, and tell each of them.
pub fn earn(ctx: &mut Ctx<'_>, order: OrderId) {
    let Some(row) = ctx.shop.orders.get(order) else { return };
    let buyer = row.member;
    let earned =
        sums(row.lines.iter().flat_map(|line| line.shares.iter().flatten()), |share| share.amount);
    post_earnings(ctx, order, Fact::Earned, &earned, Purse::Frozen);
    let buyer = ctx.shop.members.get(buyer).map_or_else(String::new, |row| short_name(&row.name));
    for (promoter, amount) in earned {
        let buyer = buyer.clone();
        ctx.tell(
            promoter,
            Reply::Referral(referral::Reply::CommissionFrozen { order, buyer, amount }),
        );
    }
}

/// The inverse of [`earn`], while nothing of it was taken back.
pub fn unearn(ctx: &mut Ctx<'_>, order: OrderId) {
    let Some(row) = ctx.shop.orders.get(order) else { return };
    let buyer = row.member;
    let shares = row.lines.iter().flat_map(|line| line.shares.iter().flatten());
    let earned = sums(shares, |share| share.amount);
    let back = earned.iter().map(|(&promoter, &amount)| (promoter, -amount)).collect();
    post_earnings(ctx, order, Fact::CommissionUndone, &back, Purse::Frozen);
    let buyer = ctx.shop.members.get(buyer).map_or_else(String::new, |row| short_name(&row.name));
    for (promoter, amount) in earned {
        let buyer = buyer.clone();
        ctx.tell(
            promoter,
            Reply::Referral(referral::Reply::CommissionUndone { order, buyer, amount }),
        );
    }
}

/// Take back what a refund of these lines' units undoes: the difference to the cumulative targets.
/// The lines already say how much of them was refunded; the order is still in the state it was in.
pub fn reverse(ctx: &mut Ctx<'_>, order: OrderId) {
    let currency = ctx.shop.community.currency;
    let Some(row) = ctx.shop.orders.edit(order) else { return };
    let purse = if row.state == OrderState::Closed { Purse::Available } else { Purse::Frozen };
    let mut taken: BTreeMap<MemberId, Money> = BTreeMap::new();
    let targets = rounding::targets(&row.lines, currency);
    for (line, targets) in row.lines.iter_mut().zip(targets) {
        for (share, target) in line.shares.iter_mut().zip(targets) {
            let Some(share) = share else { continue };
            let back = share.amount - target - share.reversed;
            share.reversed += back;
            *taken.entry(share.promoter).or_default() -= back;
        }
    }
    taken.retain(|_, amount| !amount.is_zero());
    post_earnings(ctx, order, Fact::Reversed, &taken, purse);
}

/// What each promoter gets of these shares, without those who get nothing.
fn sums<'s>(
    shares: impl Iterator<Item = &'s Commission>,
    amount: impl Fn(&Commission) -> Money,
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
    ctx: &mut Ctx<'_>,
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
    let currency = ctx.shop.community.currency.code().to_owned();
    ctx.post(Entry { kind, currency, order: Some(order), legs });
}

/// Timer: commission whose return window is over becomes available. One mark and one entry for all orders
/// of the event, one notice for each promoter.
///
/// # Errors
/// [`Missing`] if what is due by now has not been read.
pub fn settle(ctx: &mut Ctx<'_>) -> Decided {
    let (at, event) = (ctx.at, ctx.event);
    let due = ctx.shop.known.reports.due.get(&at).filter(|due| !due.is_stale(ctx.shop));
    let due = due.cloned().ok_or(Missing(Need::Due(at)))?;
    let Some(until) = due.until else { return Ok(()) };
    let here = ctx.shop.orders.values().filter(|order| due.takes(order));
    let here: Vec<OrderId> = here.map(|order| order.id).collect();
    let Due { mut shares, more, .. } = due;
    ctx.shop.settled = Some(until);
    ctx.shop.fresh.settlements.push(Settlement { event, until, at });
    for order in here {
        settle_order(ctx, order, &mut shares);
    }
    post_due(ctx, &shares);
    for (promoter, share) in shares {
        let reply = Reply::Referral(referral::Reply::CommissionAvailable {
            amount: share.amount,
            orders: share.orders,
        });
        let (key, name) = addressee(ctx.shop, promoter, share);
        ctx.tell_person(key, name, reply);
    }
    if more {
        ctx.wake(at + NEXT_ROUND, Timer::Settle);
    }
    ctx.record("settle_commission", None, None);
    Ok(())
}

/// Close one order that is in the book, and add what is left of its commission to what is due.
fn settle_order(ctx: &mut Ctx<'_>, order: OrderId, due: &mut BTreeMap<MemberId, DueShare>) {
    let until = ctx.shop.settled;
    let Some(row) = ctx.shop.orders.edit(order) else { return };
    row.settle(until);
    let shares = row.lines.iter().flat_map(|line| line.shares.iter().flatten());
    for (promoter, amount) in sums(shares, |share| share.amount - share.reversed) {
        let share = due.entry(promoter).or_default();
        share.amount += amount;
        share.orders += 1;
    }
}

/// Move everybody's sum from frozen to available, in one entry.
fn post_due(ctx: &mut Ctx<'_>, due: &BTreeMap<MemberId, DueShare>) {
    if due.is_empty() {
        return;
    }
    let moved = |(&who, share): (&MemberId, &DueShare)| {
        let frozen = (AccountNo::of(who, Purse::Frozen), share.amount.minor);
        [frozen, (AccountNo::of(who, Purse::Available), -share.amount.minor)]
    };
    let legs = due.iter().flat_map(moved).collect();
    let currency = ctx.shop.community.currency.code().to_owned();
    ctx.post(Entry { kind: Fact::Due, currency, order: None, legs });
}

/// Whom to tell: as the book knows them, else as they were read.
fn addressee(shop: &Shop, promoter: MemberId, share: DueShare) -> (String, String) {
    match shop.members.get(promoter) {
        Some(row) => (row.key.clone(), row.name.clone()),
        None => (share.key, share.name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::referral::commission::tests::stage;
    use crate::decide::testing::{A1, AMING, LAOWANG, Stage, XIAOMEI, evening};
    use crate::decide::testing_orders::{assert_books_agree, house, owed, placed};
    use crate::domain::intent::{Intent, LeaderIntent, Selection};
    use crate::domain::{payments, shipping};

    fn lead(stage: &mut Stage, intent: LeaderIntent) {
        stage.does(AMING, Intent::Lead(intent));
    }

    fn pay(stage: &mut Stage, order: OrderId) {
        let of = Selection::Orders(vec![order]);
        lead(stage, LeaderIntent::Payments(payments::Lead::Paid { of, amount: None }));
    }

    #[test]
    fn commission_is_frozen_when_paid_and_available_after_the_return_window() {
        let mut stage = stage(|_| {});
        let order = placed(&mut stage, LAOWANG, &[(A1, None, 2)]);
        pay(&mut stage, order);
        assert_eq!(owed(&stage, XIAOMEI, Purse::Frozen), 478);
        assert_eq!(house(&stage, House::CommissionCost), 637);
        stage.at = evening(); // 22:00 on 4 March
        let of = Selection::Orders(vec![order]);
        lead(&mut stage, LeaderIntent::Shipping(shipping::Lead::Delivered(of)));
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
        assert_eq!((row.state, row.due_at), (OrderState::Closed, Some(due)));
        let notices = stage.heard();
        assert!(notices.iter().all(|notice| notice.private));
        let amount = Money::from_minor(478);
        assert_eq!(
            notices[1].reply,
            Reply::Referral(referral::Reply::CommissionAvailable { amount, orders: 1 })
        );
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
        lead(&mut stage, LeaderIntent::Payments(payments::Lead::Paid { of: all(), amount: None }));
        lead(&mut stage, LeaderIntent::Shipping(shipping::Lead::Delivered(all())));
        let due = stage.order(1).due_at.unwrap();
        let said = stage.due(due, Timer::Settle);
        assert_eq!(said.len(), 2);
        assert_eq!(owed(&stage, XIAOMEI, Purse::Available), 239_000);
        assert_books_agree(&stage);
    }
}
