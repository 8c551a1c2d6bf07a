//! The inverse of an order placed, changed, cancelled or paid with points: it stands again as it did before.
//!
//! What it has to take again (units, points) is tested as an order would be: it may be somebody else's by now. A
//! basket that was not there before is cancelled, with its quantities as a memory.

use std::collections::BTreeMap;

use crate::book::ctx::{Ctx, Decided};
use crate::decide::loyalty::points;
use crate::decide::orders::consequences;
use crate::decide::orders::restraint;
use crate::decide::pricing::rounding;
use crate::decide::views;
use crate::domain::ids::{MemberId, OrderId};
use crate::domain::intent::Role;
use crate::domain::orders::{Line, Order, OrderState};
use crate::domain::refusal::Refusal;
use crate::domain::reply::Reply;
use crate::domain::undo::{OrderEffect, OrderMark};
use crate::domain::{loyalty, orders, payments};

use super::apply::{self, say_sold_out};
use super::plan::{Buyer, Change, plan};

/// Take back what was done to these orders, and tell whose they are.
///
/// # Errors
/// Those of [`check`]; [`crate::book::Missing`].
pub fn take_back(ctx: &mut Ctx<'_>, effects: &[OrderEffect]) -> Decided {
    check(ctx, effects)?;
    restore(ctx, effects);
    tell(ctx, effects);
    Ok(())
}

/// Whether all of it can be taken back.
///
/// # Errors
/// For the first order that fails: `AlreadyPaid`, `WrongState`, [`Refusal::ChangedSince`];
/// then what an order of the missing units would be refused for; then `NotEnoughPoints`;
/// [`crate::book::Missing`].
pub fn check(ctx: &Ctx<'_>, effects: &[OrderEffect]) -> Decided {
    let mut wanted: BTreeMap<MemberId, Vec<Change>> = BTreeMap::new();
    let mut points_of: BTreeMap<MemberId, i64> = BTreeMap::new();
    for effect in effects {
        let row = ctx.order(effect.order)?;
        ctx.member_row(row.member)?;
        ctx.require_orders_of(row.member)?;
        require_unchanged(ctx, row, effect)?;
        wanted.entry(row.member).or_default().extend(changes(row, effect));
        let before = effect.from.as_ref().map_or(0, |from| from.points_spent);
        *points_of.entry(row.member).or_default() += before - row.points_spent;
    }
    for (member, changes) in wanted {
        require_goods(ctx, member, changes)?;
    }
    for (&member, &points) in points_of.iter().filter(|(_, points)| **points > 0) {
        ctx.require_balances(member)?;
        let has = points::balance(ctx, member);
        if points > has {
            return Err(Refusal::Loyalty(loyalty::Refusal::NotEnoughPoints { points: has }).into());
        }
    }
    Ok(())
}

/// The order stands as the effect left it, and as it was it would still be waiting.
fn require_unchanged(ctx: &Ctx<'_>, row: &Order, effect: &OrderEffect) -> Decided {
    let order = row.id;
    if row.state != effect.to.state {
        let is_paid_now = row.is_paid() && effect.to.state == OrderState::Placed;
        let wrong = Refusal::Orders(orders::Refusal::WrongState { order, state: row.state });
        return Err(if is_paid_now {
            Refusal::Payments(payments::Refusal::AlreadyPaid { order })
        } else {
            wrong
        }
        .into());
    }
    if !effect.to.is_of(row) {
        return Err(Refusal::ChangedSince { what: format!("#{order}") }.into());
    }
    // The leader has money for it: as with any change, they refund it.
    if row.is_unpaid() && !row.received.is_zero() {
        return Err(Refusal::Payments(payments::Refusal::AlreadyPaid { order }).into());
    }
    let lapses = effect
        .from
        .as_ref()
        .is_some_and(|from| row.state == OrderState::Cancelled && from.hold_until <= ctx.at);
    if lapses {
        Err(Refusal::Orders(orders::Refusal::WrongState { order, state: row.state }).into())
    } else {
        Ok(())
    }
}

/// What an order has to have more, or fewer, to stand as before.
fn changes(row: &Order, effect: &OrderEffect) -> Vec<Change> {
    let before = |index: usize| held(effect.from.as_ref(), index);
    let change = |(index, line): (usize, &Line)| Change {
        order: None,
        offer: line.offer,
        variant: line.variant,
        by: before(index) - if holds(row.state) { i64::from(line.qty) } else { 0 },
    };
    row.lines.iter().enumerate().map(change).filter(|change| change.by != 0).collect()
}

/// Units that a line held when its order stood so.
fn held(mark: Option<&OrderMark>, index: usize) -> i64 {
    let mark = mark.filter(|mark| holds(mark.state));
    mark.and_then(|mark| mark.lines.get(index)).map_or(0, |line| i64::from(line.0))
}

fn holds(state: OrderState) -> bool {
    state != OrderState::Cancelled
}

/// What has to be taken again passes what an order passes; leaders are not bound by what waits for them.
fn require_goods(ctx: &Ctx<'_>, member: MemberId, changes: Vec<Change>) -> Decided {
    let (more, less): (Vec<_>, Vec<_>) = changes.into_iter().partition(|it| it.by > 0);
    if more.is_empty() {
        return Ok(());
    }
    if restraint::excess(ctx, member, &more)?.is_some() && ctx.role < Role::Leader {
        return Err(Refusal::CannotUndo.into());
    }
    let buyer = Buyer { by_leader: ctx.role >= Role::Leader, ..Buyer::of(member) };
    plan(ctx, buyer, more.into_iter().chain(less).collect())?;
    Ok(())
}

/// Let the orders stand as they did.
pub fn restore(ctx: &mut Ctx<'_>, effects: &[OrderEffect]) {
    let mut taken = Vec::new();
    for effect in effects {
        let Some(row) = ctx.shop.orders.get(effect.order) else { continue };
        let changes = changes(row, effect);
        match &effect.from {
            None => apply::cancel(ctx, effect.order),
            Some(from) => {
                for change in &changes {
                    apply::move_units(ctx, change.offer, change.variant, change.by);
                    taken.extend((change.by > 0).then_some(change.offer));
                }
                write(ctx, effect.order, from);
            }
        }
        restraint::note_change(ctx, effect.order);
    }
    say_sold_out(ctx, taken.into_iter());
}

fn write(ctx: &mut Ctx<'_>, order: OrderId, from: &OrderMark) {
    let currency = ctx.shop.community.currency;
    let Some(row) = ctx.shop.orders.edit(order) else { return };
    let (member, spent) = (row.member, row.points_spent - from.points_spent);
    let again = from.received - row.received;
    (row.state, row.lapsed_at) = (from.state, from.lapsed_at);
    (row.points_worth, row.points_spent) = (from.points_worth, from.points_spent);
    row.received = from.received;
    row.said = None; // the same words order again
    for (index, line) in row.lines.iter_mut().enumerate() {
        let mark = from.lines.get(index).copied().unwrap_or_default();
        (line.qty, line.discount) = (mark.0, mark.1);
        line.cuts = from.cuts_of(index).to_vec();
    }
    rounding::reprice(&mut row.lines, currency);
    consequences::restored(ctx, order, again, member, spent);
    if from.state == OrderState::Placed && from.hold_until > ctx.at {
        apply::hold(ctx, order, from.hold_until);
    }
}

/// Whose orders they are is told in the group, and so is whoever took it back, unless they read that.
pub fn tell(ctx: &mut Ctx<'_>, effects: &[OrderEffect]) {
    let mut orders: BTreeMap<MemberId, Vec<OrderId>> = BTreeMap::new();
    for effect in effects {
        if let Some(row) = ctx.shop.orders.get(effect.order) {
            orders.entry(row.member).or_default().push(effect.order);
        }
    }
    let speaker = ctx.speaker;
    let buys = speaker.is_some_and(|speaker| orders.contains_key(&speaker));
    for (&buyer, orders) in orders.iter().filter(|(buyer, _)| Some(**buyer) != speaker) {
        let reply = undone(ctx, orders);
        ctx.call(buyer, reply);
    }
    if buys || ctx.private {
        let all: Vec<_> = orders.into_values().flatten().collect();
        let reply = undone(ctx, &all);
        ctx.say(reply);
    }
}

fn undone(ctx: &Ctx<'_>, orders: &[OrderId]) -> Reply {
    Reply::Orders(orders::Reply::Undone { orders: views::orders(ctx.shop, orders) })
}

/// The units of an order go back to their offers.
pub fn give_units_back(ctx: &mut Ctx<'_>, order: OrderId) {
    let Some(row) = ctx.shop.orders.get(order) else { return };
    let lines: Vec<_> = row.lines.iter().map(|line| (line.offer, line.variant, line.qty)).collect();
    for (offer, variant, qty) in lines {
        apply::restock(ctx, offer, variant, qty);
    }
}
