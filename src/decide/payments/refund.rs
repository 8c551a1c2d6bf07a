//! Refunds (退款): whole, by line and quantity, or by amount, before and after settlement.
//!
//! Of a line there is refunded what its refunded units come to and the amounts beside them, at most what was paid
//! for it; the last unit takes the rest. Commission and earned points aim at that money, points that paid a part
//! come back with the units, and each books the difference. So any sequence of refunds equals one whole refund to the
//! cent. Commission that was already available goes negative rather than being forgotten. With the last of an order
//! goes what was paid too much for it.

use crate::book::ctx::{Ctx, Decided};
use crate::domain::catalog::Offer;
use crate::domain::ids::OrderId;
use crate::domain::intent::WantedLine;
use crate::domain::ledger::{AccountNo, Entry, Fact, House};
use crate::domain::money::{Currency, Money};
use crate::domain::orders::{Line, Order, OrderState};
use crate::domain::refusal::Refusal;
use crate::domain::reply::Reply;
use crate::domain::{orders, payments};

use crate::decide::loyalty::points::Undone;
use crate::decide::orders::consequences;
use crate::decide::orders::order::apply;
use crate::decide::payments::deposit;
use crate::decide::pricing::rounding;
use crate::decide::views;

/// What went back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PaidBack {
    /// So much.
    pub amount: Money,
    /// Nothing is left of the order.
    pub whole: bool,
}

/// A leader gives money back: for these units, or for everything that is left of the order.
///
/// # Errors
/// Those of [`take_back`].
pub fn refund(ctx: &mut Ctx<'_>, order: OrderId, lines: &[WantedLine]) -> Decided {
    let paid = take_back(ctx, order, lines)?;
    tell(ctx, order, paid, None)
}

/// The same by amount: so much, and no goods. The buyer reads why.
///
/// # Errors
/// Those of [`pay_back`].
pub fn refund_amount(
    ctx: &mut Ctx<'_>,
    order: OrderId,
    of: Option<&WantedLine>,
    amount: Money,
    reason: Option<&str>,
) -> Decided {
    let paid = pay_back(ctx, order, of, amount)?;
    tell(ctx, order, paid, reason)
}

fn tell(ctx: &mut Ctx<'_>, order: OrderId, paid: PaidBack, reason: Option<&str>) -> Decided {
    let buyer = ctx.order(order)?.member;
    let member = ctx.member_row(buyer)?.name.clone();
    let PaidBack { amount, whole } = paid;
    let reason = reason.map(str::to_owned);
    let reply = payments::Reply::Refunded { order, member, amount, whole, reason };
    ctx.call(buyer, Reply::Payments(reply));
    ctx.record("refund_order", Some(order), None);
    Ok(())
}

/// Give these units back, or everything that is left of the order. Nobody is told.
///
/// # Errors
/// Refusals in this order: no such order, an order that is not paid (or refunded whole), a line that is
/// not in it, more units than are left of a line; [`crate::book::Missing`].
pub fn take_back(ctx: &mut Ctx<'_>, order: OrderId, lines: &[WantedLine]) -> Decided<PaidBack> {
    let units = units_of(ctx, paid_order(ctx, order)?, lines)?;
    restock(ctx, order, &units);
    take_back_lost(ctx, order, &units)
}

/// The same of units that never came, line by line: nothing of them goes back on sale.
///
/// # Errors
/// An order that is not paid (or refunded whole); [`crate::book::Missing`].
pub fn take_back_lost(ctx: &mut Ctx<'_>, order: OrderId, units: &[u32]) -> Decided<PaidBack> {
    let earlier = Undone::of(paid_order(ctx, order)?);
    let amount = give_back(ctx, order, units, &[]);
    consequences::refunded(ctx, order, earlier);
    let whole = close_if_empty(ctx, order);
    let amount = if whole { amount + deposit::give_back(ctx, order) } else { amount };
    Ok(PaidBack { amount, whole })
}

/// What giving these units of a paid order back comes to, line by line. Nothing is done.
#[must_use]
pub fn foretold(order: &Order, units: &[u32], currency: Currency) -> PaidBack {
    let mut row = order.clone();
    let amount = count_back(&mut row, units, &[], currency);
    let whole = row.lines.iter().all(|line| line.live_qty() == 0);
    let over = if whole { order.deposit().max(Money::ZERO) } else { Money::ZERO };
    PaidBack { amount: amount + over, whole }
}

/// Give so much money back and no goods: of these goods, or of all that is in the order. Several lines
/// share it by what is left of each ([`rounding::apportion`]). Nobody is told.
///
/// # Errors
/// Refusals in this order: no such order, an order that is not paid (or refunded whole), goods that are not in it,
/// an amount that nobody can pay out, more than is left; [`crate::book::Missing`].
pub fn pay_back(
    ctx: &mut Ctx<'_>,
    order: OrderId,
    of: Option<&WantedLine>,
    amount: Money,
) -> Decided<PaidBack> {
    let row = paid_order(ctx, order)?;
    let wanted = of.map(|wanted| of_order(ctx, row, wanted));
    let is_of = |line: &Line| wanted.as_ref().is_none_or(|wanted| is_meant(line, wanted));
    if let Some(wanted) = wanted.as_ref().filter(|_| !row.lines.iter().any(is_of)) {
        let name = views::name_of(ctx.shop, wanted.offer, wanted.variant);
        return Err(Refusal::Orders(orders::Refusal::NotInOrder { name }).into());
    }
    let currency = ctx.shop.community.currency;
    if amount <= Money::ZERO || currency.in_cash(amount) != amount {
        return Err(Refusal::Orders(orders::Refusal::AbsurdQuantity).into());
    }
    let room = |line: &Line| if is_of(line) { line.kept() } else { Money::ZERO };
    let rooms: Vec<_> = row.lines.iter().map(room).collect();
    let left = rooms.iter().copied().sum();
    if amount > left {
        let refusal = payments::Refusal::RefundAmountTooLarge { order, left };
        return Err(Refusal::Payments(refusal).into());
    }
    let (earlier, parts) = (Undone::of(row), rounding::apportion(amount, &rooms, currency));
    let none = vec![0; parts.len()];
    let amount = give_back(ctx, order, &none, &parts);
    consequences::refunded(ctx, order, earlier);
    Ok(PaidBack { amount, whole: false })
}

/// An order of which money can go back, and whose buyer is here.
fn paid_order<'s>(ctx: &'s Ctx<'_>, order: OrderId) -> Decided<&'s Order> {
    let row = ctx.order(order)?;
    ctx.member_row(row.member)?;
    if !row.is_paid() {
        return Err(Refusal::Orders(orders::Refusal::WrongState { order, state: row.state }).into());
    }
    Ok(row)
}

/// How many units of each line go back.
fn units_of(ctx: &Ctx<'_>, order: &Order, lines: &[WantedLine]) -> Decided<Vec<u32>> {
    if lines.is_empty() {
        return Ok(order.lines.iter().map(Line::live_qty).collect());
    }
    let lines: Vec<_> = lines.iter().map(|wanted| of_order(ctx, order, wanted)).collect();
    for wanted in &lines {
        if !order.lines.iter().any(|line| is_meant(line, wanted)) {
            let name = views::name_of(ctx.shop, wanted.offer, wanted.variant);
            return Err(Refusal::Orders(orders::Refusal::NotInOrder { name }).into());
        }
    }
    let mut units = vec![0; order.lines.len()];
    for wanted in &lines {
        take_units(order, wanted, &mut units)?;
    }
    Ok(units)
}

/// Codes are used again: what is named by the code or the name of an offer that is not in the order means
/// the one in the order that had it then.
fn of_order(ctx: &Ctx<'_>, order: &Order, wanted: &WantedLine) -> WantedLine {
    let offer = |id| ctx.shop.offers.get(id);
    let is_in = order.lines.iter().any(|line| line.offer == wanted.offer);
    let named = offer(wanted.offer).filter(|_| !is_in).and_then(|named| {
        let same = |by: fn(&Offer) -> &str| {
            let is = |line: &&Line| offer(line.offer).is_some_and(|it| by(it) == by(named));
            order.lines.iter().find(is)
        };
        same(|offer| &offer.detail.name).or_else(|| same(|offer| &offer.code))
    });
    let id = named.map_or(wanted.offer, |line| line.offer);
    WantedLine { offer: id, ..wanted.clone() }
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
        return Err(
            Refusal::Payments(payments::Refusal::RefundTooLarge { order: order.id, left }).into()
        );
    }
    for (index, line) in meant() {
        let some = open.min(free(line, units[index]));
        units[index] += some;
        open -= some;
    }
    Ok(())
}

/// Goods that were never sent can be sold again, as long as their offer is open.
fn restock(ctx: &mut Ctx<'_>, order: OrderId, units: &[u32]) {
    let at = ctx.at;
    let Some(row) = ctx.shop.orders.get(order).filter(|row| row.state == OrderState::Paid) else {
        return;
    };
    let lines: Vec<_> = row.lines.iter().map(|line| (line.offer, line.variant)).collect();
    for (index, ((offer, variant), &units)) in lines.into_iter().zip(units).enumerate() {
        let is_open = ctx.shop.offers.get(offer).is_some_and(|offer| offer.takes_orders(at));
        if units == 0 || !is_open {
            continue;
        }
        apply::restock(ctx, offer, variant, units);
        if let Some(row) = ctx.shop.orders.edit(order) {
            row.lines[index].restocked += units;
        }
    }
}

/// Count the units as refunded, and the amounts beside them, and post the money they come to.
fn give_back(ctx: &mut Ctx<'_>, order: OrderId, units: &[u32], amounts: &[Money]) -> Money {
    let currency = ctx.shop.community.currency;
    let Some(row) = ctx.shop.orders.edit(order) else { return Money::ZERO };
    let amount = count_back(row, units, amounts, currency);
    if !amount.is_zero() {
        let (sales, received) = (AccountNo::house(House::Sales), AccountNo::house(House::Received));
        let entry = Entry::transfer(Fact::Refunded, currency.code(), sales, received, amount);
        ctx.post(entry.about(order));
    }
    amount
}

/// Count them, and what they come to.
fn count_back(row: &mut Order, units: &[u32], amounts: &[Money], currency: Currency) -> Money {
    let before = row.refunded();
    let amounts = amounts.iter().copied().chain(std::iter::repeat(Money::ZERO));
    for ((line, units), amount) in row.lines.iter_mut().zip(units).zip(amounts) {
        line.refunded_qty += units;
        let by_units = worth_of(line, line.refunded_qty, currency);
        line.refunded_amount += amount;
        line.refunded = line.base().min(by_units + line.refunded_amount);
    }
    row.refunded() - before
}

/// What so many units of a line were paid with, rounded down to what can be paid, but never below what went
/// back for units already; all of them are exactly its base.
fn worth_of(line: &Line, units: u32, currency: Currency) -> Money {
    let count = |qty: u32| Money::from_minor(i64::from(qty));
    let exact = line.base().portion(count(units), count(line.qty));
    let paid = if units == line.qty { exact } else { currency.in_cash(exact) };
    // Lines from before whole dollars gave back cents.
    if paid + line.refunded_amount < line.refunded { exact } else { paid }
}

/// An order of which nothing is left is over. Whether it is.
fn close_if_empty(ctx: &mut Ctx<'_>, order: OrderId) -> bool {
    let whole =
        ctx.shop.orders.get(order).is_some_and(|row| row.lines.iter().all(|l| l.live_qty() == 0));
    if let Some(row) = ctx.shop.orders.edit(order).filter(|_| whole) {
        if row.state != OrderState::Closed {
            row.due_at = None;
        }
        row.state = OrderState::Refunded;
    }
    whole
}

#[cfg(test)]
mod tests;
