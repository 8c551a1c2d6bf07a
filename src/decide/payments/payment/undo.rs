//! The inverse of a payment noted: its entries are mirrored, and its orders wait for money again, or are over
//! again where they had lapsed. Only while nothing of it was shipped or given back.

use std::collections::BTreeMap;

use chrono::Duration;

use crate::book::ctx::{Ctx, Decided};
use crate::decide::orders::consequences;
use crate::decide::orders::order::{apply, undo};
use crate::decide::payments::deposit;
use crate::decide::views;
use crate::domain::ids::{MemberId, OrderId};
use crate::domain::orders::OrderState;
use crate::domain::refusal::Refusal;
use crate::domain::reply::Reply;
use crate::domain::time::Timestamp;
use crate::domain::undo::{OrderEffect, OrderMark};
use crate::domain::{orders, payments};

use super::require_people;

/// Take back that money came for these orders, and tell whoever was told that it had.
///
/// # Errors
/// For the first order that fails: `WrongState`, [`Refusal::ChangedSince`]; [`crate::book::Missing`].
pub fn take_back(ctx: &mut Ctx<'_>, effects: &[OrderEffect]) -> Decided {
    for effect in effects {
        let row = ctx.order(effect.order)?;
        ctx.require_orders_of(row.member)?;
        if row.state != effect.to.state {
            return Err(Refusal::Orders(orders::Refusal::WrongState {
                order: row.id,
                state: row.state,
            })
            .into());
        }
        if !effect.to.is_of(row) {
            return Err(Refusal::ChangedSince { what: format!("#{}", row.id) }.into());
        }
    }
    require_people(ctx, &effects.iter().map(|effect| effect.order).collect::<Vec<_>>())?;
    let mut told: BTreeMap<MemberId, Vec<OrderId>> = BTreeMap::new();
    for effect in effects {
        let Some(from) = &effect.from else { continue };
        if let Some(buyer) = give_up(ctx, effect.order, from) {
            told.entry(buyer).or_default().push(effect.order);
        }
    }
    for (buyer, orders) in told {
        let orders = views::orders(ctx.shop, &orders);
        let reply = Reply::Payments(payments::Reply::PaymentUndone { orders });
        if ctx.private {
            ctx.say(reply.clone());
        }
        ctx.call(buyer, reply);
    }
    Ok(())
}

/// The order stands as before its money came. Whose it is.
fn give_up(ctx: &mut Ctx<'_>, order: OrderId, from: &OrderMark) -> Option<MemberId> {
    let row = ctx.shop.orders.get(order)?;
    let (member, part, paid_at) = (row.member, row.received - from.received, row.paid_at);
    let granted = row.points_granted;
    if row.state == OrderState::Paid {
        consequences::unpaid(ctx, order, member, granted, part);
    } else {
        deposit::untake(ctx, order, part);
    }
    let row = ctx.shop.orders.edit(order)?;
    (row.state, row.received, row.lapsed_at) = (from.state, from.received, from.lapsed_at);
    (row.paid_at, row.points_granted) = (None, 0);
    if from.state == OrderState::Cancelled {
        undo::give_units_back(ctx, order);
    } else {
        hold(ctx, order, from.hold_until);
    }
    forget_first(ctx, member, paid_at);
    Some(member)
}

/// It waits as long as it would have; where that is over, the buyer, who heard that it was paid, has the usual time.
fn hold(ctx: &mut Ctx<'_>, order: OrderId, until: Timestamp) {
    let usual = Duration::minutes(i64::from(ctx.shop.policy.orders.hold_minutes));
    let until = if until > ctx.at { until } else { ctx.at + usual };
    apply::hold(ctx, order, until);
}

/// If it was the first thing that the member paid, the next one is now, or nothing.
fn forget_first(ctx: &mut Ctx<'_>, member: MemberId, paid_at: Option<Timestamp>) {
    let first = ctx.shop.members.get(member).and_then(|row| row.first_paid_at);
    if first.is_none() || first != paid_at {
        return;
    }
    let next = ctx.shop.orders.of(member).filter_map(|order| order.paid_at).min();
    if let Some(row) = ctx.shop.members.edit(member) {
        row.first_paid_at = next;
    }
}
