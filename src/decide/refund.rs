//! Refunds (退款): whole, or by line and quantity, before and after settlement.
//!
//! Money, commission and points all aim at what the units refunded so far come to, and book the
//! difference; the last unit takes the rest. So any sequence of partial refunds equals one whole refund
//! to the cent. Commission that was already available goes negative rather than being forgotten.

use crate::book::desk::{Decided, Desk};
use crate::domain::ids::OrderId;
use crate::domain::intent::WantedLine;
use crate::domain::ledger::{AccountNo, Entry, Fact, House};
use crate::domain::money::Money;
use crate::domain::order::{Line, Order, OrderState};
use crate::domain::refusal::Refusal;
use crate::domain::reply::Reply;

use super::points::Undone;
use super::{commission, views};

/// A leader gives money back: for these units, or for everything that is left of the order.
///
/// # Errors
/// Refusals in this order: no such order, an order that is not paid (or refunded whole), a line that is
/// not in it, more units than are left of a line; [`crate::book::Missing`].
pub fn refund(desk: &mut Desk<'_>, order: OrderId, lines: &[WantedLine]) -> Decided {
    let row = desk.order(order)?;
    let member = desk.member_row(row.member)?.name.clone();
    if !row.is_paid() {
        return Err(Refusal::WrongState { order, state: row.state }.into());
    }
    let (buyer, units) = (row.member, units_of(desk, row, lines)?);
    let earlier = Undone::of(row);
    restock(desk, order, &units);
    let amount = give_back(desk, order, &units);
    commission::reverse(desk, order);
    if let Some(now) = desk.shop.orders.get(order).map(Undone::of) {
        now.book(desk, order, earlier);
    }
    let whole = close_if_empty(desk, order);
    desk.call(buyer, Reply::Refunded { order, member, amount, whole });
    desk.record("refund_order", Some(order), None);
    Ok(())
}

/// How many units of each line go back.
fn units_of(desk: &Desk<'_>, order: &Order, lines: &[WantedLine]) -> Decided<Vec<u32>> {
    if lines.is_empty() {
        return Ok(order.lines.iter().map(Line::live_qty).collect());
    }
    for wanted in lines {
        if !order.lines.iter().any(|line| is_meant(line, wanted)) {
            let name = views::name_of(desk.shop, wanted.offer, wanted.variant);
            return Err(Refusal::NotInOrder { name }.into());
        }
    }
    let mut units = vec![0; order.lines.len()];
    for wanted in lines {
        take_units(order, wanted, &mut units)?;
    }
    Ok(units)
}

fn is_meant(line: &Line, wanted: &WantedLine) -> bool {
    line.qty > 0
        && line.offer == wanted.offer
        && (wanted.variant.is_none() || wanted.variant == line.variant)
}

/// Find the units of one wanted line among the order's; an item may stand in several of them.
fn take_units(order: &Order, wanted: &WantedLine, units: &mut [u32]) -> Decided {
    let free = |line: &Line, taken: u32| line.live_qty() - taken;
    let meant = || order.lines.iter().enumerate().filter(|(_, line)| is_meant(line, wanted));
    let left: u32 = meant().map(|(index, line)| free(line, units[index])).sum();
    let mut open = wanted.qty.unwrap_or(left);
    if open > left || open == 0 {
        return Err(Refusal::RefundTooLarge { order: order.id, left }.into());
    }
    for (index, line) in meant() {
        let some = open.min(free(line, units[index]));
        units[index] += some;
        open -= some;
    }
    Ok(())
}

/// Goods that were never sent can be sold again, as long as their offer is open.
fn restock(desk: &mut Desk<'_>, order: OrderId, units: &[u32]) {
    let at = desk.at;
    let Some(row) = desk.shop.orders.get(order).filter(|row| row.state == OrderState::Paid) else {
        return;
    };
    let lines: Vec<_> = row.lines.iter().map(|line| (line.offer, line.variant)).collect();
    for (index, ((offer, variant), &units)) in lines.into_iter().zip(units).enumerate() {
        let is_open = desk.shop.offers.get(offer).is_some_and(|offer| offer.takes_orders(at));
        let Some(offer) = desk.shop.offers.edit(offer).filter(|_| is_open && units > 0) else {
            continue;
        };
        offer.sold -= i64::from(units);
        if let Some(stock) = offer.stock_of_mut(variant) {
            stock.left += i64::from(units);
        }
        if let Some(row) = desk.shop.orders.edit(order) {
            row.lines[index].restocked += units;
        }
    }
}

/// Count the units as refunded and post the money they come to.
fn give_back(desk: &mut Desk<'_>, order: OrderId, units: &[u32]) -> Money {
    let Some(row) = desk.shop.orders.edit(order) else { return Money::ZERO };
    let before = row.refunded();
    for (line, units) in row.lines.iter_mut().zip(units) {
        line.refunded_qty += units;
        line.refunded = worth_of(line, line.refunded_qty);
    }
    let amount = row.refunded() - before;
    if !amount.is_zero() {
        let currency = desk.shop.community.currency.clone();
        let (sales, received) = (AccountNo::house(House::Sales), AccountNo::house(House::Received));
        let entry = Entry::transfer(Fact::Refunded, &currency, sales, received, amount);
        desk.post(entry.about(order));
    }
    amount
}

/// What so many units of a line were paid with, rounded down; all of them are exactly its base.
fn worth_of(line: &Line, units: u32) -> Money {
    let count = |qty: u32| Money::from_minor(i64::from(qty));
    line.base().portion(count(units), count(line.qty))
}

/// An order of which nothing is left is over. Whether it is.
fn close_if_empty(desk: &mut Desk<'_>, order: OrderId) -> bool {
    let whole =
        desk.shop.orders.get(order).is_some_and(|row| row.lines.iter().all(|l| l.live_qty() == 0));
    if let Some(row) = desk.shop.orders.edit(order).filter(|_| whole) {
        row.state = OrderState::Refunded;
        row.due_at = None;
    }
    whole
}
