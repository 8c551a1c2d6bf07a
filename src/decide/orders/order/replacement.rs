//! Goods sent again (补发): an order that is paid and costs nothing, so that they are picked, called, collected and
//! counted as all others are.

use crate::book::ctx::Ctx;
use crate::domain::ids::OrderId;
use crate::domain::money::Money;
use crate::domain::orders::{Line, Order, OrderPrivate, OrderState};

use super::apply::move_units;

/// Send so many units in place of those of a line: of this kind, out of stock, for nothing. Nobody earns on them.
pub fn place(
    ctx: &mut Ctx<'_>,
    instead: &Order,
    line: &Line,
    variant: Option<u16>,
    qty: u32,
) -> OrderId {
    let id = ctx.shop.community.next_order();
    move_units(ctx, line.offer, variant, i64::from(qty));
    let private = OrderPrivate {
        for_whom: instead.private.for_whom.clone(),
        for_key: instead.private.for_key.clone(),
        delivery: instead.private.delivery.clone(),
        ..OrderPrivate::default()
    };
    let line = Line::of(line.offer, variant, qty, Money::ZERO);
    let order = Order {
        id,
        member: instead.member,
        state: OrderState::Paid,
        closes_at: instead.closes_at,
        hold_until: ctx.at,
        warned: true,
        prolonged: 0,
        lapsed_at: None,
        placed_at: ctx.at,
        paid_at: Some(ctx.at),
        received: Money::ZERO,
        points_worth: Money::ZERO,
        points_spent: 0,
        points_terms: None,
        points_granted: 0,
        shipped_at: None,
        received_at: None,
        due_at: None,
        said: None,
        changed: None,
        lines: vec![line],
        private,
    };
    ctx.shop.orders.add(id, order);
    id
}
