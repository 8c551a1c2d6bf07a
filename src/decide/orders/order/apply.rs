//! Making the changes of a checked plan: lines, stock, holds and their timers.
//!
//! Nothing here refuses anything. A line never goes away: taken off, its quantity is zero. A basket
//! that would be left empty is cancelled with its quantities as they were, so that a late payment can
//! still be told what it was for.

use std::collections::BTreeMap;

use chrono::{Duration, DurationRound};

use crate::book::Shop;
use crate::book::ctx::Ctx;
use crate::decide::orders::consequences;
use crate::decide::orders::{reminders, restraint};
use crate::decide::referral::commission::{self, Earners};
use crate::decide::views;
use crate::domain::catalog;
use crate::domain::catalog::Offer;
use crate::domain::event::Timer;
use crate::domain::ids::{OfferId, OrderId};
use crate::domain::money::Money;
use crate::domain::orders::{Line, Order, OrderPrivate, OrderState, PointsTerms};
use crate::domain::reply::{LineView, Reply};
use crate::domain::time::Timestamp;

use super::plan::{Buyer, Change, PlannedOrder, target, units_in};

/// The most remarks that one order keeps.
pub const MAX_NOTES: usize = 10;

/// A basket that a plan changed.
#[derive(Debug)]
pub struct Touched {
    /// Which.
    pub order: OrderId,
    /// What was added to it.
    pub added: Vec<LineView>,
    /// Whether something was taken off it.
    pub reduced: bool,
    /// Whether nothing was left of it.
    pub cancelled: bool,
}

/// Make the changes of a plan. Baskets come in order of number.
pub fn apply(ctx: &mut Ctx<'_>, plan: PlannedOrder<'_>) -> Vec<Touched> {
    let mut touched = BTreeMap::new();
    let (buyer, points) = (plan.buyer, plan.points);
    let emptied = emptied(ctx, &plan);
    for (change, earners) in plan.changes {
        if change.order.is_some_and(|order| emptied.contains(&order)) {
            continue;
        }
        let order = change.order.unwrap_or_else(|| basket(ctx, buyer, points, &change));
        ctx.before(order);
        let entry = touched.entry(order).or_insert_with(|| Touched::of(order));
        if change.by > 0 {
            entry.added.push(put_in(ctx, order, &change, &earners));
        } else {
            entry.reduced = true;
            take_off(ctx, order, &change);
        }
    }
    for &order in touched.keys() {
        // Discount and commission follow from the lines.
        consequences::changed(ctx, order);
        restraint::note_change(ctx, order);
    }
    for order in emptied {
        ctx.before(order);
        cancel(ctx, order);
        touched.insert(order, Touched { reduced: true, cancelled: true, ..Touched::of(order) });
    }
    for &order in touched.keys() {
        keep_note(ctx, order, buyer.note);
    }
    touched.into_values().collect()
}

impl Touched {
    /// Nothing yet.
    #[must_use]
    pub fn of(order: OrderId) -> Self {
        Self { order, added: Vec::new(), reduced: false, cancelled: false }
    }
}

/// Baskets of which the plan leaves nothing.
fn emptied(ctx: &Ctx<'_>, plan: &PlannedOrder<'_>) -> Vec<OrderId> {
    let mut balance: BTreeMap<OrderId, i64> = BTreeMap::new();
    for (change, _) in &plan.changes {
        let Some(offer) = ctx.shop.offers.get(change.offer) else { continue };
        let Some(order) = target(ctx, plan.buyer, change, offer) else { continue };
        let units = order.lines.iter().map(|line| i64::from(line.qty)).sum();
        let balance = balance.entry(order.id).or_insert(units);
        // Never more off than there is.
        *balance += change.by.max(-units_in(order, change.offer, change.variant));
    }
    balance.into_iter().filter(|&(_, left)| left <= 0).map(|(order, _)| order).collect()
}

/// The buyer's basket of that closing time, a new one if need be.
fn basket(
    ctx: &mut Ctx<'_>,
    buyer: Buyer<'_>,
    points_terms: Option<PointsTerms>,
    change: &Change,
) -> OrderId {
    let offer = ctx.shop.offers.get(change.offer).expect("the plan found the offer");
    if let Some(order) = target(ctx, buyer, change, offer) {
        return order.id;
    }
    let closes_at = offer.baskets_of();
    let until = offer.closes_at;
    let id = ctx.shop.community.next_order();
    let time = Duration::minutes(i64::from(ctx.shop.policy.orders.hold_minutes));
    // What a leader adds after closing has its time from now.
    let hold_until = if buyer.by_leader { until.max(ctx.at) + time } else { until + time };
    let private = OrderPrivate {
        for_whom: buyer.for_whom.map(|it| it.name.to_owned()),
        for_key: buyer.for_whom.and_then(|it| it.key).map(str::to_owned),
        ..OrderPrivate::default()
    };
    let order = Order {
        id,
        member: buyer.member,
        state: OrderState::Placed,
        closes_at,
        hold_until,
        warned: false,
        prolonged: 0,
        lapsed_at: None,
        placed_at: ctx.at,
        paid_at: None,
        received: Money::ZERO,
        points_worth: Money::ZERO,
        points_spent: 0,
        points_terms,
        points_granted: 0,
        shipped_at: None,
        received_at: None,
        due_at: None,
        said: None,
        changed: None,
        lines: Vec::new(),
        private,
    };
    ctx.shop.orders.add(id, order);
    hold(ctx, id, hold_until);
    id
}

/// Until when an order waits for payment that is no flash sale's and of which nothing was paid: so long after the last
/// of its offers closes.
#[must_use]
pub fn usual_hold(shop: &Shop, order: &Order) -> Option<Timestamp> {
    let lines = order.lines.iter().filter(|line| line.qty > 0);
    let closings = lines.filter_map(|line| shop.offers.get(line.offer)).map(|it| it.closes_at);
    let minutes = i64::from(shop.policy.orders.hold_minutes);
    closings.max().map(|at| at + Duration::minutes(minutes))
}

/// Let an order wait for payment until then, with a warning before if there is time for one.
pub fn hold(ctx: &mut Ctx<'_>, order: OrderId, until: Timestamp) {
    let at = ctx.at;
    let Some(row) = ctx.shop.orders.get(order) else { return };
    let warning = reminders::warning(&ctx.shop.policy, row, until);
    let mut told = reminders::shares(&ctx.shop.policy, row, until);
    told.push(warning);
    if let Some(row) = ctx.shop.orders.edit(order) {
        row.hold_until = until;
        row.warned = warning <= at;
    }
    ctx.wake(until, Timer::Release);
    for then in told.into_iter().filter(|then| *then > at) {
        ctx.wake(next_minute(then), Timer::Warn);
    }
}

fn put_in(ctx: &mut Ctx<'_>, order: OrderId, change: &Change, earners: &Earners) -> LineView {
    let qty = u32::try_from(change.by).expect("the plan checked the quantity");
    move_units(ctx, change.offer, change.variant, change.by);
    let offer = ctx.shop.offers.get(change.offer).expect("the plan found the offer");
    let (flash, price) = (offer.detail.hold_minutes, offer.price);
    wait_for(ctx, order, change.offer);
    let row = ctx.shop.orders.edit(order).expect("the basket was found or made");
    let at = row.lines.iter().position(|line| joins(line, change, price, earners));
    let at = at.unwrap_or_else(|| {
        row.lines.push(new_line(change, price, earners));
        row.lines.len() - 1
    });
    let line = &mut row.lines[at];
    line.qty += qty;
    line.message = Some(ctx.key);
    let (line, until) = (line.clone(), row.hold_until);
    if let Some(minutes) = flash {
        let lapses = next_minute(ctx.at + Duration::minutes(i64::from(minutes)));
        if lapses < until {
            hold(ctx, order, lapses);
        }
    }
    views::units(ctx.shop, &line, qty)
}

/// An offer that comes into a basket may close later than what is there: its closing was moved.
fn wait_for(ctx: &mut Ctx<'_>, order: OrderId, offer: OfferId) {
    let rows = (ctx.shop.orders.get(order), ctx.shop.offers.get(offer));
    let (Some(row), Some(offer)) = rows else { return };
    let usual = usual_hold(ctx.shop, row).filter(|until| *until == row.hold_until);
    let later = offer.closes_at + Duration::minutes(i64::from(ctx.shop.policy.orders.hold_minutes));
    if usual.is_some_and(|until| until < later) {
        hold(ctx, order, later);
    }
}

/// Timers are shared by all that falls due in the same minute.
pub(in crate::decide) fn next_minute(at: Timestamp) -> Timestamp {
    let minute = Duration::minutes(1);
    let floor = at.duration_trunc(minute).unwrap_or(at);
    if floor == at { at } else { floor + minute }
}

/// More of the same on the same terms is the same line.
fn joins(line: &Line, change: &Change, price: Money, earners: &Earners) -> bool {
    let terms = line.shares.map(|share| share.map(|share| (share.promoter, share.terms)));
    (line.offer, line.variant, line.price) == (change.offer, change.variant, price)
        && terms == *earners
        // What a leader cut is for the units that were there.
        && line.cuts.is_empty()
}

fn new_line(change: &Change, price: Money, earners: &Earners) -> Line {
    let shares = commission::shares(*earners);
    Line { shares, ..Line::of(change.offer, change.variant, 0, price) }
}

/// Take units off, from the newest line to the oldest.
fn take_off(ctx: &mut Ctx<'_>, order: OrderId, change: &Change) {
    let Some(row) = ctx.shop.orders.edit(order) else { return };
    let mut left = u32::try_from(change.by.unsigned_abs()).unwrap_or(u32::MAX);
    let wanted = left;
    let same = |line: &&mut Line| (line.offer, line.variant) == (change.offer, change.variant);
    for line in row.lines.iter_mut().rev().filter(same) {
        let off = left.min(line.qty);
        line.qty -= off;
        left -= off;
    }
    restock(ctx, change.offer, change.variant, wanted - left);
}

/// Give units back to an offer.
pub fn restock(ctx: &mut Ctx<'_>, offer: OfferId, variant: Option<u16>, units: u32) {
    move_units(ctx, offer, variant, -i64::from(units));
}

/// So many units of an offer are taken, or given back; sold out may be said again once it is.
pub fn move_units(ctx: &mut Ctx<'_>, offer: OfferId, variant: Option<u16>, by: i64) {
    let id = offer;
    let Some(offer) = ctx.shop.offers.edit(id) else { return };
    offer.sold += by;
    if let Some(stock) = offer.stock_of_mut(variant) {
        stock.left -= by;
    }
    offer.sold_out_said &= offer.is_sold_out();
    if by < 0 {
        call_back(ctx, id);
    }
}

/// Whoever waits for an offer that is back is told within a minute: what is taken again by then is not.
pub fn call_back(ctx: &mut Ctx<'_>, offer: OfferId) {
    let is_back =
        |it: &Offer| !it.detail.waiting.is_empty() && !it.is_sold_out() && it.takes_orders(ctx.at);
    if ctx.shop.offers.get(offer).is_some_and(is_back) {
        ctx.wake(next_minute(ctx.at + Duration::seconds(1)), Timer::Restocked);
    }
}

/// Cancel an unpaid order: its stock and its points go back, its quantities stay as a memory.
pub fn cancel(ctx: &mut Ctx<'_>, order: OrderId) {
    consequences::cancelled(ctx, order);
    let Some(row) = ctx.shop.orders.edit(order) else { return };
    row.state = OrderState::Cancelled;
    let lines: Vec<_> = row.lines.iter().map(|it| (it.offer, it.variant, it.qty)).collect();
    for (offer, variant, units) in lines {
        restock(ctx, offer, variant, units);
    }
}

/// The same without anybody's word: its time was over, or nothing is left that could be had.
pub fn lapse(ctx: &mut Ctx<'_>, order: OrderId) {
    cancel(ctx, order);
    let at = ctx.at;
    if let Some(row) = ctx.shop.orders.edit(order) {
        row.lapsed_at = Some(at);
    }
}

/// Take an offer out of an unpaid order; nothing else in it: let it lapse.
pub fn drop_offer(ctx: &mut Ctx<'_>, order: OrderId, offer: OfferId) {
    let Some(row) = ctx.shop.orders.get(order) else { return };
    let (out, rest): (Vec<&Line>, Vec<&Line>) =
        row.lines.iter().filter(|line| line.qty > 0).partition(|line| line.offer == offer);
    if rest.is_empty() {
        return lapse(ctx, order);
    }
    let changes: Vec<_> = out
        .iter()
        .map(|line| Change {
            order: Some(order),
            offer,
            variant: line.variant,
            by: -i64::from(line.qty),
        })
        .collect();
    for change in &changes {
        take_off(ctx, order, change);
    }
    consequences::changed(ctx, order);
}

/// Take units that never came out of an unpaid order, line by line; where nothing is left, cancel it. They do not go
/// back on sale.
pub fn take_lost(ctx: &mut Ctx<'_>, order: OrderId, units: &[u32]) {
    let Some(row) = ctx.shop.orders.get(order) else { return };
    let lost: Vec<_> = row
        .lines
        .iter()
        .zip(units)
        .map(|(line, &units)| (line.offer, line.variant, units))
        .collect();
    if row.lines.iter().zip(units).all(|(line, units)| line.qty <= *units) {
        cancel(ctx, order);
    } else {
        if let Some(row) = ctx.shop.orders.edit(order) {
            for (line, units) in row.lines.iter_mut().zip(units) {
                line.qty -= units;
            }
        }
        for &(offer, variant, units) in &lost {
            restock(ctx, offer, variant, units);
        }
        consequences::changed(ctx, order);
    }
    for (offer, variant, units) in lost {
        withdraw(ctx, offer, variant, i64::from(units));
    }
}

/// So many units that are left are not for sale: they are not there.
pub fn withdraw(ctx: &mut Ctx<'_>, offer: OfferId, variant: Option<u16>, units: i64) {
    let Some(offer) = ctx.shop.offers.edit(offer) else { return };
    if let Some(stock) = offer.stock_of_mut(variant) {
        let units = units.min(stock.left);
        stock.initial -= units;
        stock.left -= units;
    }
}

/// Keep a remark on an order, unless it is there already. Whether it is new.
pub fn keep_note(ctx: &mut Ctx<'_>, order: OrderId, note: Option<&str>) -> bool {
    let (Some(note), Some(row)) = (note, ctx.shop.orders.get(order)) else { return false };
    let known = row.private.notes.iter().any(|kept| kept == note);
    if known || row.private.notes.len() >= MAX_NOTES {
        return false;
    }
    if let Some(row) = ctx.shop.orders.edit(order) {
        row.private.notes.push(note.to_owned());
    }
    true
}

/// Tell the group, once, what has just sold out.
pub fn say_sold_out(ctx: &mut Ctx<'_>, offers: impl Iterator<Item = OfferId>) {
    for id in offers {
        let news = |offer: &Offer| offer.is_sold_out() && !offer.sold_out_said;
        if !ctx.shop.offers.get(id).is_some_and(news) {
            continue;
        }
        if let Some(offer) = ctx.shop.offers.edit(id) {
            offer.sold_out_said = true;
            let (code, name) = (offer.code.clone(), offer.detail.name.clone());
            let post = offer.detail.posted_by.map(|event| views::post(ctx.shop, event));
            ctx.announce(Reply::Catalog(catalog::Reply::SoldOut { code, name, post }));
        }
    }
}

/// An order of which a part was paid has its usual time for the rest.
pub fn hold_again(ctx: &mut Ctx<'_>, order: OrderId) {
    let minutes = i64::from(ctx.shop.policy.orders.hold_minutes);
    hold(ctx, order, ctx.at + Duration::minutes(minutes));
}
