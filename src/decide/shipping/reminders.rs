//! Reminders (提醒): once a day, in daytime, whoever has not collected is reminded in the group, for a few days; and
//! whoever says nothing of their goods hears a day before that they will count as received.
//!
//! One timer serves both. What was told is what happens: the orders that a notice named are received at the midnight
//! that it named, unless something came of them meanwhile.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveTime, Timelike};

use crate::book::desk::{Decided, Desk};
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
pub(super) fn plan(desk: &mut Desk<'_>) {
    let at = hour_of_day(desk, desk.at, 1);
    desk.wake(at, Timer::Remind);
}

/// An offer closed, or goods went out: a day before they count as received, their buyers are told.
pub fn plan_receipt(desk: &mut Desk<'_>, from: Timestamp) {
    let days = desk.shop.policy.orders.receive_after_days;
    let at = hour_of_day(desk, from, days);
    if at > desk.at {
        desk.wake(at, Timer::Remind);
    }
}

/// The hour of reminding, so many days after the day of `from`.
fn hour_of_day(desk: &Desk<'_>, from: Timestamp, days: u32) -> Timestamp {
    let zone = desk.shop.community.time_zone;
    let day = local_day(from, zone) + Days::new(days.into());
    local_instant(day, NaiveTime::from_hms_opt(HOUR, 0, 0).unwrap_or(NaiveTime::MIN), zone)
}

/// Timer: remind whoever has not collected, and tell of receipts to come.
///
/// # Errors
/// [`crate::book::Missing`].
pub fn remind(desk: &mut Desk<'_>) -> Decided {
    require_all(desk, OrderState::Paid)?;
    require_all(desk, OrderState::Shipped)?;
    let zone = desk.shop.community.time_zone;
    let hour = desk.at.with_timezone(&zone).hour();
    if !DAYTIME.contains(&hour) {
        let days = u32::from(hour >= DAYTIME.end);
        let at = hour_of_day(desk, desk.at, days);
        desk.wake(at, Timer::Remind);
        return Ok(());
    }
    let waiting = waiting(desk)?;
    let midnight = local_midnight_after(desk.at, 1, zone);
    let due = due(desk)?;
    remind_all(desk, waiting);
    tell_receipts(desk, &due, midnight);
    let next = due.values().filter(|&&(at, _)| at > midnight).map(|&(at, _)| at).min();
    if let Some(next) = next {
        let before = next - chrono::Duration::hours(12); // the day before, whatever the zone does
        let at = hour_of_day(desk, before, 0);
        desk.wake(at.max(hour_of_day(desk, desk.at, 1)), Timer::Remind);
    }
    desk.record("remind", None, None);
    Ok(())
}

/// Whoever has not collected for a few days, with where it waits.
fn waiting(desk: &Desk<'_>) -> Decided<Vec<(Collector, Called)>> {
    let (shop, zone) = (&*desk.shop, desk.shop.community.time_zone);
    let mut of: BTreeMap<MemberId, (Vec<OrderId>, Called)> = BTreeMap::new();
    for order in shop.orders.values() {
        let Some(called) = order.waits(&|id| shop.offers.get(id)) else { continue };
        // Whoever left an address has it brought.
        let is_sent = desk.member_row(order.member)?.private.address.is_some();
        if !is_sent && (1..=REMINDED_DAYS).contains(&called.days(desk.at, zone)) {
            let here = of.entry(order.member).or_insert_with(|| (Vec::new(), called.clone()));
            here.0.push(order.id);
        }
    }
    let mut waiting = Vec::new();
    for (member, (orders, called)) in of {
        let row = desk.member_row(member)?;
        let who = Contact { key: row.key.clone(), name: row.name.clone() };
        waiting.push((Collector { who, orders }, called));
    }
    Ok(waiting)
}

fn remind_all(desk: &mut Desk<'_>, mut waiting: Vec<(Collector, Called)>) {
    let Some((_, first)) = waiting.first().cloned() else { return };
    let zone = desk.shop.community.time_zone;
    let goes_on = waiting.iter().any(|(_, it)| it.days(desk.at, zone) < REMINDED_DAYS);
    let is_same =
        waiting.iter().all(|(_, it)| (&it.point, &it.hours) == (&first.point, &first.hours));
    let (point, hours) = if is_same { (first.point, first.hours) } else { (None, None) };
    let point = point.or_else(|| arrivals::usual_points(desk).filter(|_| is_same));
    let beyond = waiting.len().saturating_sub(MOST_CALLED);
    waiting.truncate(MOST_CALLED);
    let buyers: Vec<Collector> = waiting.into_iter().map(|(buyer, _)| buyer).collect();
    let calls = buyers.iter().map(|buyer| buyer.who.clone()).collect();
    desk.announce(Reply::Shipping(shipping::Reply::PickupReminder {
        point,
        hours,
        buyers,
        beyond,
        calls,
    }));
    if goes_on {
        plan(desk);
    }
}

/// When each order counts as received by itself, and whose it is.
fn due(desk: &Desk<'_>) -> Decided<BTreeMap<OrderId, (Timestamp, MemberId)>> {
    let mut due = BTreeMap::new();
    for order in desk.shop.orders.values() {
        if let Some(at) = received_by_itself(desk, order)? {
            due.insert(order.id, (at, order.member));
        }
    }
    Ok(due)
}

/// When an order counts as received though nobody says so.
fn received_by_itself(desk: &Desk<'_>, order: &Order) -> Decided<Option<Timestamp>> {
    if !matches!(order.state, OrderState::Paid | OrderState::Shipped) {
        return Ok(None);
    }
    let days = desk.shop.policy.orders.receive_after_days;
    let is_sent = desk.member_row(order.member)?.private.address.is_some();
    let zone = desk.shop.community.time_zone;
    Ok(order.received_by_itself(&|id| desk.shop.offers.get(id), days, zone, is_sent))
}

/// Tell whose orders will count as received at the next midnight; what is under way has a timer of its own.
fn tell_receipts(
    desk: &mut Desk<'_>,
    due: &BTreeMap<OrderId, (Timestamp, MemberId)>,
    midnight: Timestamp,
) {
    let now = due.iter().filter(|(_, (at, _))| *at <= midnight).take(MAX_ORDERS);
    let mut told: BTreeMap<MemberId, Vec<OrderId>> = BTreeMap::new();
    for (&order, &(_, member)) in now {
        told.entry(member).or_default().push(order);
    }
    let is_paid =
        |id: &&OrderId| desk.shop.orders.get(**id).is_some_and(|it| it.state == OrderState::Paid);
    let orders: Vec<OrderId> = told.values().flatten().filter(is_paid).copied().collect();
    if !orders.is_empty() {
        desk.wake(midnight, Timer::Taken { orders });
    }
    for (member, orders) in told {
        let at = midnight;
        desk.tell(member, Reply::Shipping(shipping::Reply::WillBeReceived { orders, at }));
    }
}

/// Timer: what was told to count as received does so, where nothing came of it meanwhile; each buyer is told alone.
///
/// # Errors
/// [`crate::book::Missing`].
pub fn take(desk: &mut Desk<'_>, orders: &[OrderId]) -> Decided {
    let mut by_member: BTreeMap<MemberId, Vec<OrderId>> = BTreeMap::new();
    for &id in orders.iter().collect::<BTreeSet<_>>() {
        let row = desk.order(id)?;
        let (member, state) = (row.member, row.state);
        let is_due = received_by_itself(desk, row)?.is_some_and(|at| at <= desk.at);
        if state == OrderState::Paid && is_due {
            by_member.entry(member).or_default().push(id);
        }
    }
    if by_member.is_empty() {
        return Ok(());
    }
    for (member, orders) in by_member {
        delivery::arrive(desk, &orders);
        desk.tell(member, Reply::Shipping(shipping::Reply::GoodsReceived { orders }));
    }
    desk.record("take_as_received", None, None);
    Ok(())
}
