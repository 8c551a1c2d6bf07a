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
