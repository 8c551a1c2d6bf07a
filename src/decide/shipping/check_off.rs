//! Check-off (核销): goods are handed over. A leader's word counts for whatever is paid; a member's, for what can be
//! there by now. Where goods of an order arrive apart, each line is collected by itself, and the order is received with
//! the last of them.

use std::collections::BTreeSet;

use crate::book::Shop;
use crate::book::ctx::{Ctx, Decided};
use crate::domain::ids::{MemberId, OrderId};
use crate::domain::intent::{Intent, LeaderIntent, PartOfList, Role, Selection};
use crate::domain::orders::{self, Order, OrderState};
use crate::domain::person::Person;
use crate::domain::refusal::Refusal;
use crate::domain::reply::{LineView, Reply};
use crate::domain::shipping::{self, Handed, Uncollected};
use crate::domain::undo::{Collection, Effect, MAX_UNDO_ORDERS};

use crate::decide::ask;
use crate::decide::orders::parts;
use crate::decide::orders::selection::{MAX_ORDERS, require_all, select};
use crate::decide::views;

use super::delivery::{self, can_arrive};

/// The most orders that one list shows.
const MOST_LISTED: usize = 50;

/// A leader hands goods over. A name in plain words that is nobody's, or whose bearer has nothing to collect, is talk
/// unless it can be nothing else.
///
/// # Errors
/// Refusals in this order: a name of nobody or of several, no such order, an order in another state, only what is not
/// there yet, nothing to collect at all; [`crate::book::Missing`].
pub fn collected(ctx: &mut Ctx<'_>, of: &Selection, plain: bool) -> Decided {
    let orders = match of {
        Selection::Orders(_) => select(ctx, of, OrderState::Paid, can_arrive)?,
        Selection::Members(people) => {
            if !plain && is_talk(ctx, people)? {
                return Ok(());
            }
            of_members(ctx, people)?
        }
        Selection::All => {
            require_all(ctx, OrderState::Paid)?;
            let waits = ctx.shop.orders.values().filter(|row| waits(ctx.shop, row));
            waits.map(|order| order.id).take(MAX_ORDERS).collect()
        }
    };
    let (orders, begun): (Vec<_>, Vec<_>) =
        orders.into_iter().partition(|&id| !is_begun(ctx.shop, id));
    if orders.is_empty() {
        return match begun.first() {
            _ if !plain => Ok(()),
            Some(&order) => Err(Refusal::Shipping(shipping::Refusal::NotThereYet { order }).into()),
            None => Err(Refusal::Orders(orders::Refusal::NoOrders).into()),
        };
    }
    let effect = hand_over(ctx, &orders, Word::Leader);
    let views = effect.iter().map(|it| handed(ctx.shop, it)).collect();
    ctx.say(Reply::Shipping(shipping::Reply::Collected { orders: views }));
    ctx.keep(if effect.len() <= MAX_UNDO_ORDERS {
        Effect::Collected(effect)
    } else {
        Effect::Lasting
    });
    ctx.record("check_off", orders.first().copied(), None);
    Ok(())
}

/// Whether nobody has one of these names, typed in plain words, or nobody who has it waits for anything.
fn is_talk(ctx: &Ctx<'_>, people: &[Person]) -> Decided<bool> {
    for person in people {
        let Person::Named(name) = person else { continue };
        let bearers = ctx.bearers(name)?;
        for &member in &bearers {
            ctx.require_orders_of(member)?;
        }
        if !bearers.iter().any(|&member| !ready_of(ctx.shop, member).is_empty()) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn of_members(ctx: &Ctx<'_>, people: &[Person]) -> Decided<Vec<OrderId>> {
    let mut orders = BTreeSet::new();
    for person in people {
        let member = ctx.member_of(person)?;
        ctx.require_orders_of(member)?;
        orders.extend(ready_of(ctx.shop, member));
    }
    Ok(orders.into_iter().collect())
}

/// What is handed over when a member is: what waits to be collected; else what is under way; else what is paid and
/// has closed; else all that is paid.
fn ready_of(shop: &Shop, member: MemberId) -> Vec<OrderId> {
    let of = |fits: &dyn Fn(&Order) -> bool| -> Vec<OrderId> {
        shop.orders.of(member).filter(|order| fits(order)).map(|order| order.id).collect()
    };
    let is_paid = |order: &Order| order.state == OrderState::Paid;
    let is_open = |order: &Order| {
        let mut lines = order.outstanding();
        lines.any(|(_, line)| {
            shop.offers
                .get(line.offer)
                .is_some_and(|row| row.state == crate::domain::catalog::OfferState::Open)
        })
    };
    let choices = [
        of(&|order| waits(shop, order)),
        of(&|order| order.state == OrderState::Shipped),
        of(&|order| is_paid(order) && !is_open(order)),
        of(&is_paid),
    ];
    choices.into_iter().find(|orders| !orders.is_empty()).unwrap_or_default()
}

/// Whether a part of it was collected, and the rest was not called yet: said once more, it is the same part.
fn is_begun(shop: &Shop, id: OrderId) -> bool {
    shop.orders.get(id).is_some_and(|row| {
        !waits(shop, row) && row.lines.iter().any(|line| line.collected_at.is_some())
    })
}

/// Whether goods of an order wait to be collected.
fn waits(shop: &Shop, order: &Order) -> bool {
    !order.to_collect(&|id| shop.offers.get(id)).is_empty()
}

/// Who says that goods were handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    /// A leader: what was called counts, and where nothing was, all of it.
    Leader,
    /// The buyer: what can be there by now counts.
    Buyer,
}

/// Hand over what is there of these orders.
pub(super) fn hand_over(ctx: &mut Ctx<'_>, orders: &[OrderId], word: Word) -> Vec<Collection> {
    let zone = ctx.shop.community.time_zone;
    let (mut done, mut whole) = (Vec::new(), Vec::new());
    for &id in orders {
        let Some(row) = ctx.shop.orders.get(id) else { continue };
        let from = row.state;
        let out: Vec<usize> = row.outstanding().map(|(at, _)| at).collect();
        let here = match word {
            Word::Leader => row.to_collect(&|id| ctx.shop.offers.get(id)),
            Word::Buyer => row.can_be_there(&|id| ctx.shop.offers.get(id), ctx.at, zone),
        };
        let lines = if here.is_empty() { out.clone() } else { here };
        let is_whole = lines.len() == out.len();
        let at = ctx.at;
        if let Some(row) = ctx.shop.orders.edit(id) {
            for &line in &lines {
                row.lines[line].collected_at = Some(at);
            }
        }
        if is_whole {
            whole.push(id);
        }
        let to = if is_whole { OrderState::Received } else { from };
        done.push(Collection { order: id, at, from, to, lines });
    }
    delivery::arrive(ctx, &whole);
    done
}

fn handed(shop: &Shop, it: &Collection) -> Handed {
    let Some(row) = shop.orders.get(it.order) else {
        return Handed { order: it.order, member: String::new(), lines: vec![], left: vec![] };
    };
    let view = |at: &usize| views::units(shop, &row.lines[*at], row.lines[*at].live_qty());
    let left = if it.to == OrderState::Received { Vec::new() } else { left_of(shop, row) };
    Handed {
        order: it.order,
        member: member_name(shop, row),
        lines: it.lines.iter().map(view).collect(),
        left,
    }
}

fn left_of(shop: &Shop, row: &Order) -> Vec<LineView> {
    row.outstanding().map(|(_, line)| views::units(shop, line, line.live_qty())).collect()
}

fn member_name(shop: &Shop, row: &Order) -> String {
    shop.members.get(row.member).map_or_else(String::new, |member| member.name.clone())
}

/// A leader reads who has not collected, the longest waiting first: a part of them, from so far on. 更多 shows the next
/// page. The day is that on which the goods were called.
///
/// # Errors
/// `AllCollected`; [`crate::book::Missing`].
pub fn not_collected(ctx: &mut Ctx<'_>, part: Option<&PartOfList>, from: usize) -> Decided {
    let mut orders = uncollected(ctx)?;
    orders.retain(|it| is_in(ctx, it, part));
    if orders.is_empty() {
        return Err(Refusal::Shipping(shipping::Refusal::AllCollected).into());
    }
    let beyond = orders.len().saturating_sub(from + MOST_LISTED);
    let orders: Vec<_> = orders.into_iter().skip(from).take(MOST_LISTED).collect();
    if beyond > 0 {
        let (part, from) = (part.cloned(), from + MOST_LISTED);
        let next = shipping::Lead::NotCollectedPart { part, from };
        ask::turn(ctx, Intent::Lead(LeaderIntent::Shipping(next)));
    }
    ctx.record("not_collected", None, None);
    ctx.say(Reply::Shipping(shipping::Reply::NotCollected { orders, beyond, from }));
    Ok(())
}

fn is_in(ctx: &Ctx<'_>, it: &Uncollected, part: Option<&PartOfList>) -> bool {
    let Some(row) = ctx.shop.orders.get(it.order) else { return false };
    let called = row.waits(&|id| ctx.shop.offers.get(id)).map(|called| called.at);
    parts::is_in(ctx, row, part, called.unwrap_or(row.placed_at))
}

/// Orders that wait to be collected, the longest waiting first.
///
/// # Errors
/// [`crate::book::Missing`].
pub(super) fn uncollected(ctx: &Ctx<'_>) -> Decided<Vec<Uncollected>> {
    require_all(ctx, OrderState::Paid)?;
    let (shop, zone) = (&*ctx.shop, ctx.shop.community.time_zone);
    let of = |row: &Order| {
        let called = row.waits(&|id| shop.offers.get(id))?;
        let lines = row.to_collect(&|id| shop.offers.get(id));
        let view = |at: usize| views::units(shop, &row.lines[at], row.lines[at].live_qty());
        Some(Uncollected {
            order: row.id,
            member: member_name(shop, row),
            for_whom: row.private.for_whom.clone(),
            lines: lines.into_iter().map(view).collect(),
            days: called.days(ctx.at, zone),
            point: called.point.clone(),
        })
    };
    let mut orders: Vec<_> = ctx.shop.orders.values().filter_map(of).collect();
    orders.sort_by_key(|it| (std::cmp::Reverse(it.days), it.order));
    Ok(orders)
}

/// The speaker has the goods: of these orders, or of all that are under way, or else of all that can be there. A
/// leader who names orders of others reports that their buyers have them.
///
/// # Errors
/// Refusals in this order: no such order, somebody else's, in the wrong state, one that can hardly be there yet, nothing
/// that could have come; [`crate::book::Missing`].
pub fn received(ctx: &mut Ctx<'_>, orders: &[OrderId]) -> Decided {
    let member = ctx.member()?;
    ctx.require_orders_of(member)?;
    if ctx.role >= Role::Helper && !all_own(ctx, member, orders)? {
        return delivery::delivered(ctx, &Selection::Orders(orders.to_vec()));
    }
    let orders = if orders.is_empty() { mine(ctx, member)? } else { own(ctx, member, orders)? };
    let done = hand_over(ctx, &orders, Word::Buyer);
    let first = orders.first().copied();
    let is_whole = done.iter().all(|it| it.to == OrderState::Received);
    ctx.say(Reply::Shipping(if is_whole {
        shipping::Reply::GoodsReceived { orders }
    } else {
        let orders = done.iter().map(|it| handed(ctx.shop, it)).collect();
        shipping::Reply::Collected { orders }
    }));
    ctx.record("receive_goods", first, None);
    Ok(())
}

/// Whether praise with a receipt is nothing but praise: nothing of the speaker's can be there.
///
/// # Errors
/// [`crate::book::Missing`].
pub fn is_praise(ctx: &Ctx<'_>, intent: &shipping::Intent) -> Decided<bool> {
    let (shipping::Intent::GotIt { praise: true }, Some(member)) = (intent, ctx.speaker) else {
        return Ok(false);
    };
    ctx.require_orders_of(member)?;
    Ok(there(ctx, member).is_empty())
}

/// The speaker tells that they have their goods. Where nothing of theirs can be there, it is talk.
///
/// # Errors
/// [`crate::book::Missing`].
pub fn got_it(ctx: &mut Ctx<'_>) -> Decided {
    let Some(member) = ctx.speaker else { return Ok(()) };
    ctx.require_orders_of(member)?;
    let orders = there(ctx, member);
    if orders.is_empty() {
        return Ok(());
    }
    hand_over(ctx, &orders, Word::Buyer);
    let first = orders.first().copied();
    let points = ctx.shop.policy.points.share;
    ctx.say(Reply::Shipping(shipping::Reply::GotIt { orders, points }));
    ctx.record("receive_goods", first, None);
    Ok(())
}

/// What of a member's can be there by now: what is under way, or else what was called, or should have come.
fn there(ctx: &Ctx<'_>, member: MemberId) -> Vec<OrderId> {
    let (shop, zone) = (&*ctx.shop, ctx.shop.community.time_zone);
    let of = |fits: &dyn Fn(&Order) -> bool| -> Vec<OrderId> {
        shop.orders.of(member).filter(|order| fits(order)).map(|order| order.id).collect()
    };
    let choices = [
        of(&|order| order.state == OrderState::Shipped),
        of(&|order| waits(shop, order)),
        of(&|order| order.may_be_there(&|id| shop.offers.get(id), ctx.at, zone)),
    ];
    choices.into_iter().find(|orders| !orders.is_empty()).unwrap_or_default()
}

fn mine(ctx: &Ctx<'_>, member: MemberId) -> Decided<Vec<OrderId>> {
    let there = there(ctx, member);
    if !there.is_empty() {
        return Ok(there);
    }
    let mut paid = ctx.shop.orders.of(member).filter(|row| row.state == OrderState::Paid);
    Err(match paid.next() {
        Some(row) => Refusal::Shipping(shipping::Refusal::NotThereYet { order: row.id }),
        None => Refusal::Orders(orders::Refusal::NoOrders),
    }
    .into())
}

fn all_own(ctx: &Ctx<'_>, member: MemberId, orders: &[OrderId]) -> Decided<bool> {
    let mut own = true;
    for &order in orders {
        own &= ctx.order(order)?.member == member;
    }
    Ok(own)
}

fn own(ctx: &Ctx<'_>, member: MemberId, orders: &[OrderId]) -> Decided<Vec<OrderId>> {
    let mut rows = Vec::new();
    for &order in orders {
        rows.push(ctx.order(order)?);
    }
    if let Some(row) = rows.iter().find(|row| row.member != member) {
        return Err(Refusal::Orders(orders::Refusal::NotYours { order: row.id }).into());
    }
    if let Some(row) = rows.iter().find(|row| !can_arrive(row)) {
        let (order, state) = (row.id, row.state);
        return Err(Refusal::Orders(orders::Refusal::WrongState { order, state }).into());
    }
    let (shop, zone) = (&*ctx.shop, ctx.shop.community.time_zone);
    let is_there = |row: &&&Order| {
        row.may_be_there(&|id| shop.offers.get(id), ctx.at, zone) || ctx.role >= Role::Leader
    };
    if let Some(row) = rows.iter().find(|row| !is_there(row)) {
        return Err(Refusal::Shipping(shipping::Refusal::NotThereYet { order: row.id }).into());
    }
    let numbers: BTreeSet<OrderId> = rows.iter().map(|row| row.id).collect();
    Ok(numbers.into_iter().collect())
}
