//! Payment (收款): a leader confirms what arrived, and a paid order starts to count.
//!
//! Confirming posts the sale, freezes the promoters' commission, grants points and fixes where the goods
//! go. Money that comes after an order lapsed takes the goods again if they are still there.

use std::collections::{BTreeMap, BTreeSet};

use crate::book::desk::{Decided, Desk};
use crate::domain::ids::{MemberId, OfferId, OrderId};
use crate::domain::intent::Selection;
use crate::domain::ledger::{AccountNo, Entry, Fact, House};
use crate::domain::money::Money;
use crate::domain::order::{Order, OrderState};
use crate::domain::refusal::Refusal;
use crate::domain::reply::Reply;

use super::selection::select;
use super::{commission, points, views};

pub use super::delivery::{delivered, receive_due, received, ship};

/// The largest amount a leader can confirm at once, in minor units: beyond it is a slip of the finger.
pub const MAX_AMOUNT: i64 = 1_000_000_000_000;

/// What one command confirms: how much falls to each order, and what cannot be taken any more.
#[derive(Debug, Default)]
struct Plan {
    /// Each order with the money that falls to it now.
    parts: Vec<(OrderId, Money)>,
    /// Lapsed orders with the name of what is gone.
    too_late: Vec<(OrderId, String)>,
}

/// A leader confirms that payment arrived: the whole of what is due, or an amount that fills the orders
/// in order of their numbers. Too little waits for the rest; too much is noted on the last one.
///
/// # Errors
/// Refusals in this order: an amount that makes no sense, then those of [`select`] (a paid or refunded
/// order by number is in the wrong state); [`crate::book::Missing`].
pub fn paid(desk: &mut Desk<'_>, of: &Selection, amount: Option<Money>) -> Decided {
    let is_payable =
        |order: &Order| matches!(order.state, OrderState::Placed | OrderState::Cancelled);
    let orders = select(desk, of, OrderState::Placed, is_payable)?;
    for &order in &orders {
        desk.member_row(desk.order(order)?.member)?;
    }
    if amount.is_some_and(|sum| sum <= Money::ZERO || sum.minor > MAX_AMOUNT) {
        return Err(Refusal::AbsurdQuantity.into());
    }
    let plan = plan(desk, &orders, amount)?;
    let mut receipts: BTreeMap<MemberId, Vec<OrderId>> = BTreeMap::new();
    for &(order, part) in &plan.parts {
        if let Some(member) = take_money(desk, order, part) {
            receipts.entry(member).or_default().push(order);
        }
    }
    for (member, orders) in receipts {
        give_receipt(desk, member, &orders);
    }
    for (order, name) in plan.too_late {
        desk.say(Reply::PaidTooLate { order, name });
    }
    desk.record("confirm_payment", orders.first().copied(), None);
    Ok(())
}

/// Divide the money among the orders. Lapsed ones whose goods are gone are set aside.
fn plan(desk: &Desk<'_>, orders: &[OrderId], amount: Option<Money>) -> Decided<Plan> {
    let mut plan = Plan::default();
    let mut taken = BTreeMap::new();
    for &id in orders {
        let order = desk.order(id)?;
        match goods_gone(desk, order, &mut taken) {
            Some(name) => plan.too_late.push((id, name)),
            None => plan.parts.push((id, order.total() - order.received)),
        }
    }
    if let Some(mut left) = amount {
        for (_, part) in &mut plan.parts {
            *part = left.min((*part).max(Money::ZERO));
            left -= *part;
        }
        if let Some((_, part)) = plan.parts.last_mut() {
            *part += left;
        }
        // An order that got nothing waits as it did.
        plan.parts.retain(|&(id, part)| {
            !part.is_zero() || desk.shop.orders.get(id).is_some_and(|row| row.total().is_zero())
        });
    }
    Ok(plan)
}

/// What a lapsed order can no longer have, by name; its units are counted into `taken` if it can. Several
/// lapsed orders may want the same last units.
fn goods_gone(
    desk: &Desk<'_>,
    order: &Order,
    taken: &mut BTreeMap<(OfferId, usize), i64>,
) -> Option<String> {
    if order.state != OrderState::Cancelled {
        return None;
    }
    let mut wanted = taken.clone();
    for line in order.lines.iter().filter(|line| line.qty > 0) {
        let Some(offer) = desk.shop.offers.get(line.offer) else {
            return Some(views::name_of(desk.shop, line.offer, line.variant));
        };
        let units = wanted.entry((offer.id, offer.stock_index(line.variant))).or_default();
        *units += i64::from(line.qty);
        if offer.stock_of(line.variant).is_some_and(|stock| stock.left < *units) {
            return Some(views::full_name(offer, line.variant));
        }
    }
    *taken = wanted;
    None
}

/// Take money for one order. The member who is to have a receipt, once it is paid in full.
fn take_money(desk: &mut Desk<'_>, order: OrderId, part: Money) -> Option<MemberId> {
    let row = desk.shop.orders.edit(order)?;
    row.received += part;
    let lapsed = row.state == OrderState::Cancelled;
    row.state = OrderState::Placed;
    let (member, received, due) = (row.member, row.received, row.total() - row.received);
    if lapsed {
        retake_goods(desk, order);
    }
    if due > Money::ZERO {
        desk.call(member, Reply::Underpaid { order, received, due });
        return None;
    }
    settle_payment(desk, order, member);
    Some(member)
}

/// A lapsed order takes its goods again; what is there was tested before.
fn retake_goods(desk: &mut Desk<'_>, order: OrderId) {
    let Some(row) = desk.shop.orders.get(order) else { return };
    let lines: Vec<_> = row.lines.iter().map(|line| (line.offer, line.variant, line.qty)).collect();
    for (offer, variant, qty) in lines {
        let Some(offer) = desk.shop.offers.edit(offer) else { continue };
        offer.sold += i64::from(qty);
        if let Some(stock) = offer.stock_of_mut(variant) {
            stock.left -= i64::from(qty);
        }
    }
}

/// The order is paid in full: post what follows from it.
fn settle_payment(desk: &mut Desk<'_>, order: OrderId, member: MemberId) {
    let (at, total) = (desk.at, desk.shop.orders.get(order).map_or(Money::ZERO, Order::total));
    let granted = desk.shop.orders.get(order).map_or(0, |row| points::earned(desk, row));
    let delivery = first_paid(desk, member);
    if let Some(row) = desk.shop.orders.edit(order) {
        row.state = OrderState::Paid;
        row.paid_at = Some(at);
        row.points_granted = granted;
        row.private.delivery = delivery.or(row.private.delivery.take());
    }
    if total > Money::ZERO {
        let currency = desk.shop.community.currency.clone();
        let (received, sales) = (House::Received, House::Sales);
        let (received, sales) = (AccountNo::house(received), AccountNo::house(sales));
        desk.post(Entry::transfer(Fact::Paid, &currency, received, sales, total).about(order));
    }
    commission::earn(desk, order);
    points::grant(desk, member, granted, Some(order));
}

/// Note that the member has paid for something. Where their goods go.
fn first_paid(desk: &mut Desk<'_>, member: MemberId) -> Option<String> {
    let at = desk.at;
    if desk.shop.members.get(member)?.first_paid_at.is_none() {
        desk.shop.members.edit(member)?.first_paid_at = Some(at);
    }
    let private = &desk.shop.members.get(member)?.private;
    private.address.clone().or_else(|| private.pickup.clone())
}

/// One receipt for all that a member paid, in the group.
fn give_receipt(desk: &mut Desk<'_>, member: MemberId, orders: &[OrderId]) {
    let rows = orders.iter().filter_map(|&order| desk.shop.orders.get(order));
    let difference = rows.clone().map(|row| row.received - row.total()).sum();
    let orders = rows.map(|row| views::order(desk.shop, row)).collect();
    desk.call(member, Reply::PaymentTaken { orders, difference });
}
