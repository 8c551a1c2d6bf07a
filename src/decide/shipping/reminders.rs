//! Reminders (提醒): once a day, in daytime, whoever has not collected is reminded in the group, for a few days; and
//! whoever says nothing of their goods hears a day before that they will count as received.
//!
//! One timer serves both. What was told is what happens: the orders that a notice named are received at the midnight
//! that it named, unless something came of them meanwhile.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveTime, Timelike};

use crate::book::ctx::{Ctx, Decided};
use crate::domain::catalog::Called;
use crate::domain::event::{Contact, Timer};
use crate::domain::ids::{MemberId, OrderId};
use crate::domain::orders::{Order, OrderState};
use crate::domain::reply::Reply;
use crate::domain::shipping::{self, Collector};
use crate::domain::time::{Timestamp, local_day, local_instant, local_midnight_after};

use crate::decide::orders::selection::{MAX_ORDERS, require_all};

use super::{arrivals, delivery};

/// The hour of the day at which people are reminded.
const HOUR: u32 = 10;
/// Nobody is reminded before or after these.
const DAYTIME: std::ops::Range<u32> = 9..21;
/// For so many days after goods were called, whoever has not collected is reminded.
pub const REMINDED_DAYS: i64 = 3;
/// The most people whom one reminder mentions.
const MOST_CALLED: usize = 50;

/// Goods were called: people are reminded from the next day on.
pub(super) fn plan(ctx: &mut Ctx<'_>) {
    let at = hour_of_day(ctx, ctx.at, 1);
    ctx.wake(at, Timer::Remind);
}

/// An offer closed, or goods went out: a day before they count as received, their buyers are told.
pub fn plan_receipt(ctx: &mut Ctx<'_>, from: Timestamp) {
    let days = ctx.shop.policy.orders.receive_after_days;
    let at = hour_of_day(ctx, from, days);
    if at > ctx.at {
        ctx.wake(at, Timer::Remind);
    }
}

/// The hour of reminding, so many days after the day of `from`.
fn hour_of_day(ctx: &Ctx<'_>, from: Timestamp, days: u32) -> Timestamp {
    let zone = ctx.shop.community.time_zone;
    let day = local_day(from, zone) + Days::new(days.into());
    local_instant(day, NaiveTime::from_hms_opt(HOUR, 0, 0).unwrap_or(NaiveTime::MIN), zone)
}

/// Timer: remind whoever has not collected, and tell of receipts to come.
///
/// # Errors
/// [`crate::book::Missing`].
pub fn remind(ctx: &mut Ctx<'_>) -> Decided {
    require_all(ctx, OrderState::Paid)?;
    require_all(ctx, OrderState::Shipped)?;
    let zone = ctx.shop.community.time_zone;
    let hour = ctx.at.with_timezone(&zone).hour();
    if !DAYTIME.contains(&hour) {
        let days = u32::from(hour >= DAYTIME.end);
        let at = hour_of_day(ctx, ctx.at, days);
        ctx.wake(at, Timer::Remind);
        return Ok(());
    }
    let waiting = waiting(ctx)?;
    let midnight = local_midnight_after(ctx.at, 1, zone);
    let due = due(ctx)?;
    remind_all(ctx, waiting);
    tell_receipts(ctx, &due, midnight);
    let next = due.values().filter(|&&(at, _)| at > midnight).map(|&(at, _)| at).min();
    if let Some(next) = next {
        let before = next - chrono::Duration::hours(12); // the day before, whatever the zone does
        let at = hour_of_day(ctx, before, 0);
        ctx.wake(at.max(hour_of_day(ctx, ctx.at, 1)), Timer::Remind);
    }
    ctx.record("remind", None, None);
    Ok(())
}

/// Whoever has not collected for a few days, with where it waits.
fn waiting(ctx: &Ctx<'_>) -> Decided<Vec<(Collector, Called)>> {
    let (shop, zone) = (&*ctx.shop, ctx.shop.community.time_zone);
    let mut of: BTreeMap<MemberId, (Vec<OrderId>, Called)> = BTreeMap::new();
    for order in shop.orders.values() {
        let Some(called) = order.waits(&|id| shop.offers.get(id)) else { continue };
        // Whoever left an address has it brought.
        let is_sent = ctx.member_row(order.member)?.private.address.is_some();
        if !is_sent && (1..=REMINDED_DAYS).contains(&called.days(ctx.at, zone)) {
            let here = of.entry(order.member).or_insert_with(|| (Vec::new(), called.clone()));
            here.0.push(order.id);
        }
    }
    let mut waiting = Vec::new();
    for (member, (orders, called)) in of {
        let row = ctx.member_row(member)?;
        let who = Contact { key: row.key.clone(), name: row.name.clone() };
        waiting.push((Collector { who, orders }, called));
    }
    Ok(waiting)
}

fn remind_all(ctx: &mut Ctx<'_>, mut waiting: Vec<(Collector, Called)>) {
    let Some((_, first)) = waiting.first().cloned() else { return };
    let zone = ctx.shop.community.time_zone;
    let goes_on = waiting.iter().any(|(_, it)| it.days(ctx.at, zone) < REMINDED_DAYS);
    let is_same =
        waiting.iter().all(|(_, it)| (&it.point, &it.hours) == (&first.point, &first.hours));
    let (point, hours) = if is_same { (first.point, first.hours) } else { (None, None) };
    let point = point.or_else(|| arrivals::usual_points(ctx).filter(|_| is_same));
    let beyond = waiting.len().saturating_sub(MOST_CALLED);
    waiting.truncate(MOST_CALLED);
    let buyers: Vec<Collector> = waiting.into_iter().map(|(buyer, _)| buyer).collect();
    let calls = buyers.iter().map(|buyer| buyer.who.clone()).collect();
    ctx.announce(Reply::Shipping(shipping::Reply::PickupReminder {
        point,
        hours,
        buyers,
        beyond,
        calls,
    }));
    if goes_on {
        plan(ctx);
    }
}

/// When each order counts as received by itself, and whose it is.
fn due(ctx: &Ctx<'_>) -> Decided<BTreeMap<OrderId, (Timestamp, MemberId)>> {
    let mut due = BTreeMap::new();
    for order in ctx.shop.orders.values() {
        if let Some(at) = received_by_itself(ctx, order)? {
            due.insert(order.id, (at, order.member));
        }
    }
    Ok(due)
}

/// When an order counts as received though nobody says so.
fn received_by_itself(ctx: &Ctx<'_>, order: &Order) -> Decided<Option<Timestamp>> {
    if !matches!(order.state, OrderState::Paid | OrderState::Shipped) {
        return Ok(None);
    }
    let days = ctx.shop.policy.orders.receive_after_days;
    let is_sent = ctx.member_row(order.member)?.private.address.is_some();
    let zone = ctx.shop.community.time_zone;
    Ok(order.received_by_itself(&|id| ctx.shop.offers.get(id), days, zone, is_sent))
}

/// Tell whose orders will count as received at the next midnight; what is under way has a timer of its own.
fn tell_receipts(
    ctx: &mut Ctx<'_>,
    due: &BTreeMap<OrderId, (Timestamp, MemberId)>,
    midnight: Timestamp,
) {
    let now = due.iter().filter(|(_, (at, _))| *at <= midnight).take(MAX_ORDERS);
    let mut told: BTreeMap<MemberId, Vec<OrderId>> = BTreeMap::new();
    for (&order, &(_, member)) in now {
        told.entry(member).or_default().push(order);
    }
    let is_paid =
        |id: &&OrderId| ctx.shop.orders.get(**id).is_some_and(|it| it.state == OrderState::Paid);
    let orders: Vec<OrderId> = told.values().flatten().filter(is_paid).copied().collect();
    if !orders.is_empty() {
        ctx.wake(midnight, Timer::Taken { orders });
    }
    for (member, orders) in told {
        let at = midnight;
        ctx.tell(member, Reply::Shipping(shipping::Reply::WillBeReceived { orders, at }));
    }
}

/// Timer: what was told to count as received does so, where nothing came of it meanwhile; each buyer is told alone.
///
/// # Errors
/// [`crate::book::Missing`].
pub fn take(ctx: &mut Ctx<'_>, orders: &[OrderId]) -> Decided {
    let mut by_member: BTreeMap<MemberId, Vec<OrderId>> = BTreeMap::new();
    for &id in orders.iter().collect::<BTreeSet<_>>() {
        let row = ctx.order(id)?;
        let (member, state) = (row.member, row.state);
        let is_due = received_by_itself(ctx, row)?.is_some_and(|at| at <= ctx.at);
        if state == OrderState::Paid && is_due {
            by_member.entry(member).or_default().push(id);
        }
    }
    if by_member.is_empty() {
        return Ok(());
    }
    for (member, orders) in by_member {
        delivery::arrive(ctx, &orders);
        ctx.tell(member, Reply::Shipping(shipping::Reply::GoodsReceived { orders }));
    }
    ctx.record("take_as_received", None, None);
    Ok(())
}
