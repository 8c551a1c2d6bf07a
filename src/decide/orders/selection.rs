//! Which orders a leader means: by number, of these members, or all.
//!
//! Numbers are taken at their word, so that a wrong one is refused; members and 全部 mean the orders
//! that are ready for what is to be done, and refuse only when there are none.

use std::collections::BTreeSet;

use crate::book::ctx::{Ctx, Decided};
use crate::book::{Missing, Need};
use crate::domain::ids::OrderId;
use crate::domain::intent::Selection;
use crate::domain::orders;
use crate::domain::orders::{Order, OrderState};
use crate::domain::person::Person;
use crate::domain::refusal::Refusal;

/// The most orders that one command touches; the next command takes the rest.
pub const MAX_ORDERS: usize = 1_000;

/// The orders meant, in order of number, each once: those of them that are in the `ready` state, or by
/// number in any state that `fits`.
///
/// # Errors
/// Refusals in this order: a name of nobody or of several, no such order, an order in another state,
/// nothing ready at all; [`Missing`].
pub fn select(
    ctx: &Ctx<'_>,
    of: &Selection,
    ready: OrderState,
    fits: impl Fn(&Order) -> bool,
) -> Decided<Vec<OrderId>> {
    let chosen = match of {
        Selection::Orders(orders) => by_number(ctx, orders, fits)?,
        Selection::Members(people) => by_member(ctx, people, ready)?,
        Selection::All => all(ctx, ready)?,
    };
    if chosen.is_empty() {
        return Err(Refusal::Orders(orders::Refusal::NoOrders).into());
    }
    Ok(chosen.into_iter().take(MAX_ORDERS).collect())
}

fn by_number(
    ctx: &Ctx<'_>,
    orders: &[OrderId],
    fits: impl Fn(&Order) -> bool,
) -> Decided<BTreeSet<OrderId>> {
    let mut rows = Vec::new();
    for &order in orders {
        rows.push(ctx.order(order)?);
    }
    match rows.iter().find(|row| !fits(row)) {
        Some(row) => {
            Err(Refusal::Orders(orders::Refusal::WrongState { order: row.id, state: row.state })
                .into())
        }
        None => Ok(orders.iter().copied().collect()),
    }
}

fn by_member(ctx: &Ctx<'_>, people: &[Person], ready: OrderState) -> Decided<BTreeSet<OrderId>> {
    let mut chosen = BTreeSet::new();
    for person in people {
        let member = ctx.member_of(person)?;
        ctx.require_orders_of(member)?;
        let theirs = ctx.shop.orders.of(member).filter(|order| order.state == ready);
        chosen.extend(theirs.map(|order| order.id));
    }
    Ok(chosen)
}

fn all(ctx: &Ctx<'_>, ready: OrderState) -> Decided<BTreeSet<OrderId>> {
    require_all(ctx, ready)?;
    let orders = ctx.shop.orders.values().filter(|order| order.state == ready);
    Ok(orders.map(|order| order.id).collect())
}

/// Make sure that all orders of a state are in the book; of states that are over nothing is kept.
///
/// # Errors
/// [`Missing`].
pub fn require_all(ctx: &Ctx<'_>, state: OrderState) -> Decided {
    let known = &ctx.shop.known;
    let (is_known, need) = match state {
        OrderState::Placed => (known.unpaid, Need::Unpaid),
        OrderState::Paid => (known.to_ship, Need::ToShip),
        OrderState::Shipped => (known.shipped, Need::Shipped),
        OrderState::Received
        | OrderState::Closed
        | OrderState::Cancelled
        | OrderState::Refunded => return Ok(()),
    };
    if is_known { Ok(()) } else { Err(Missing(need).into()) }
}
