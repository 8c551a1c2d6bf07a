//! Arrivals (到货): a leader says that goods are there, and all who wait for them are called in one message.
//!
//! Codes are used again every day, and what arrives was mostly ordered before: so an offer that has closed and that
//! somebody waits for is meant before one that is open.

use std::collections::{BTreeMap, BTreeSet};

use chrono::Duration;

use crate::book::Shop;
use crate::book::ctx::{Ctx, Decided};
use crate::domain::catalog::{Called, Offer, OfferState};
use crate::domain::event::Contact;
use crate::domain::ids::{MemberId, OfferId, OrderId};
use crate::domain::orders::{Order, OrderState};
use crate::domain::refusal::Refusal;
use crate::domain::reply::Reply;
use crate::domain::shipping::{self, Collector, MeantGoods, NamedGoods};
use crate::domain::time::{Timestamp, local_day};
use crate::domain::undo::Effect;

use crate::decide::orders::selection::require_all;
use crate::decide::views;

use super::reminders;

/// The most buyers whom one call mentions; the others are counted.
const MOST_CALLED: usize = 50;
/// The most offers that one message calls.
const MOST_GOODS: usize = 50;
/// Goods that closed longer ago are not meant by a message that names none.
const LATELY: Duration = Duration::days(14);
/// The longest place, or hours, that are noted.
pub(super) const MAX_WORDS: usize = 60;

/// What a leader says of where goods are, and when they can be had.
#[derive(Clone, Copy, Debug)]
pub struct PickupSpot<'s> {
    /// Where.
    pub point: Option<&'s str>,
    /// When.
    pub hours: Option<&'s str>,
}

/// Goods are there: whoever waits for them is called, once. Called again, only place and hours change.
///
/// # Errors
/// `NobodyWaits`; [`crate::book::Missing`].
pub fn call(ctx: &mut Ctx<'_>, goods: &MeantGoods, spot: PickupSpot<'_>) -> Decided {
    require_all(ctx, OrderState::Paid)?;
    let meant = meant(ctx, goods);
    if meant.is_empty() {
        return Err(Refusal::Shipping(shipping::Refusal::NobodyWaits).into());
    }
    let is_called = |id: &OfferId| called(ctx.shop, *id).is_some();
    let (again, new): (Vec<_>, Vec<_>) = meant.into_iter().partition(is_called);
    if new.is_empty() {
        call_again(ctx, &again, spot);
        return Ok(());
    }
    let unpaid = unpaid_of(ctx, &new);
    let here = Called { at: ctx.at, point: words(spot.point), hours: words(spot.hours) };
    for &id in &new {
        if let Some(row) = ctx.shop.offers.edit(id) {
            row.arrival.called = Some(here.clone());
        }
    }
    let buyers = buyers_of(ctx, &new)?;
    announce(ctx, &new, buyers);
    if !unpaid.is_empty() {
        ctx.say(Reply::Shipping(shipping::Reply::NotCalled { orders: unpaid }));
    }
    reminders::plan(ctx);
    let at = ctx.at;
    ctx.keep(Effect::Arrived { offers: new, at });
    ctx.record("call_goods", None, None);
    Ok(())
}

fn words(said: Option<&str>) -> Option<String> {
    let words: String = said?.trim().chars().take(MAX_WORDS).collect();
    Some(words).filter(|words| !words.is_empty())
}

/// They were called before: what changes is where and when.
fn call_again(ctx: &mut Ctx<'_>, offers: &[OfferId], spot: PickupSpot<'_>) {
    let (point, hours) = (words(spot.point), words(spot.hours));
    let goods = names(ctx.shop, offers);
    let old = offers.iter().find_map(|&id| called(ctx.shop, id)).cloned();
    let Some(old) = old else { return };
    let moves = |new: &Option<String>, old: &Option<String>| new.is_some() && new != old;
    if !moves(&point, &old.point) && !moves(&hours, &old.hours) {
        ctx.say(Reply::Shipping(shipping::Reply::ArrivedAlready { goods, at: old.at }));
        return;
    }
    for &id in offers {
        let row = ctx.shop.offers.edit(id).and_then(|row| row.arrival.called.as_mut());
        if let Some(here) = row {
            here.point = point.clone().or(here.point.take());
            here.hours = hours.clone().or(here.hours.take());
        }
    }
    let (point, hours) = (point.or(old.point), hours.or(old.hours));
    ctx.record("move_pickup", None, None);
    ctx.announce(Reply::Shipping(shipping::Reply::PickupMoved { goods, point, hours }));
}

fn called(shop: &Shop, id: OfferId) -> Option<&Called> {
    shop.offers.get(id)?.arrival.called.as_ref()
}

/// Tell the group, with everybody who waits mentioned.
fn announce(ctx: &mut Ctx<'_>, offers: &[OfferId], mut buyers: Vec<Collector>) {
    let beyond = buyers.len().saturating_sub(MOST_CALLED);
    buyers.truncate(MOST_CALLED);
    let here = offers.first().and_then(|&id| called(ctx.shop, id)).cloned();
    let (point, hours) = here.map_or((None, None), |here| (here.point, here.hours));
    let point = point.or_else(|| usual_points(ctx));
    let calls: Vec<Contact> = buyers.iter().map(|buyer| buyer.who.clone()).collect();
    let goods = names(ctx.shop, offers);
    ctx.announce(Reply::Shipping(shipping::Reply::Arrived {
        goods,
        point,
        hours,
        buyers,
        beyond,
        calls,
    }));
}

/// Where goods are collected if nobody says otherwise: as the operator's file has it.
pub(super) fn usual_points(ctx: &Ctx<'_>) -> Option<String> {
    let community = ctx.shop.policy.community(&ctx.shop.community.slug)?;
    Some(community.pickup_points.join(" / ")).filter(|points| !points.is_empty())
}

/// `A1 阳光玫瑰`, in order of code.
pub(super) fn names(shop: &Shop, offers: &[OfferId]) -> Vec<String> {
    let rows = offers.iter().filter_map(|&id| shop.offers.get(id));
    let views = views::offers(rows);
    views.into_iter().map(|offer| format!("{} {}", offer.code, offer.name)).collect()
}

/// Whoever has something of these offers to collect, with the numbers of their orders, by the first of these.
///
/// # Errors
/// [`crate::book::Missing`].
pub(super) fn buyers_of(ctx: &Ctx<'_>, offers: &[OfferId]) -> Decided<Vec<Collector>> {
    let mut order_of: BTreeMap<MemberId, Vec<OrderId>> = BTreeMap::new();
    for order in ctx.shop.orders.values() {
        let waits = order.to_collect(&|id| ctx.shop.offers.get(id));
        if waits.iter().any(|&at| offers.contains(&order.lines[at].offer)) {
            order_of.entry(order.member).or_default().push(order.id);
        }
    }
    let mut buyers = Vec::new();
    for (member, orders) in order_of {
        let row = ctx.member_row(member)?;
        let who = Contact { key: row.key.clone(), name: row.name.clone() };
        buyers.push(Collector { who, orders });
    }
    buyers.sort_by_key(|buyer| buyer.orders.first().copied());
    Ok(buyers)
}

/// Orders of these offers that wait for money, as far as they are here: their buyers are not called.
fn unpaid_of(ctx: &Ctx<'_>, offers: &[OfferId]) -> Vec<OrderId> {
    let has = |order: &&Order| {
        order.is_unpaid() && order.outstanding().any(|(_, line)| offers.contains(&line.offer))
    };
    ctx.shop.orders.values().filter(has).map(|order| order.id).take(MOST_CALLED).collect()
}

/// The offers that somebody who paid waits for.
fn waited_for(shop: &Shop) -> BTreeSet<OfferId> {
    let paid = shop.orders.values().filter(|order| order.state == OrderState::Paid);
    paid.flat_map(|order| order.outstanding().map(|(_, line)| line.offer)).collect()
}

/// What somebody waits for of an order.
fn of_order(shop: &Shop, id: OrderId) -> Vec<OfferId> {
    let order = shop.orders.get(id);
    let live = order.filter(|it| matches!(it.state, OrderState::Placed | OrderState::Paid));
    live.into_iter().flat_map(|it| it.outstanding().map(|(_, line)| line.offer)).collect()
}

/// The offers that are meant, each once. What nobody waits for, and nobody was called for, is not meant.
pub(super) fn meant(ctx: &Ctx<'_>, goods: &MeantGoods) -> Vec<OfferId> {
    let waited = waited_for(ctx.shop);
    let mut meant: Vec<OfferId> = match goods {
        MeantGoods::Named(named) => {
            named.iter().filter_map(|named| one_meant(ctx, named, &waited)).collect()
        }
        MeantGoods::Ago(days) => of_day(ctx, &waited, *days),
        MeantGoods::Last => last(ctx, &waited),
        MeantGoods::OfOrder(id) => of_order(ctx.shop, *id),
    };
    meant.sort_unstable();
    meant.dedup();
    meant.truncate(MOST_GOODS);
    meant
}

/// Of all that have this code, or this name: what closed last, unless it was called on an earlier day and people
/// wait for what is on sale.
fn one_meant(ctx: &Ctx<'_>, named: &NamedGoods, waited: &BTreeSet<OfferId>) -> Option<OfferId> {
    let shop = &*ctx.shop;
    let like = shop.offers.get(named.offer)?;
    let fits = |offer: &&Offer| {
        if named.by_code {
            offer.code.eq_ignore_ascii_case(&like.code)
        } else {
            offer.detail.name == like.detail.name
        }
    };
    let is_live = |offer: &&Offer| waited.contains(&offer.id) || offer.arrival.called.is_some();
    let is_closed = |offer: &&Offer| offer.state == OfferState::Closed;
    let closed = shop.offers.values().filter(fits).filter(is_closed).filter(is_live);
    let closed = closed.max_by_key(|offer| (offer.closes_at, offer.id));
    let mut open = shop.offers.values().filter(fits).filter(|offer| !is_closed(offer));
    let open = open.find(|offer| waited.contains(&offer.id) || offer.arrival.called.is_some());
    let is_over = |offer: &&Offer| is_earlier_day(ctx, offer.arrival.called.as_ref());
    match (closed, open) {
        (Some(closed), Some(open)) if is_over(&closed) => Some(open.id),
        (Some(offer), _) | (None, Some(offer)) => Some(offer.id),
        (None, None) => None,
    }
}

fn is_earlier_day(ctx: &Ctx<'_>, called: Option<&Called>) -> bool {
    let zone = ctx.shop.community.time_zone;
    called.is_some_and(|called| local_day(called.at, zone) < local_day(ctx.at, zone))
}

/// What closed, or else was opened, so many days ago.
fn of_day(ctx: &Ctx<'_>, waited: &BTreeSet<OfferId>, days: u32) -> Vec<OfferId> {
    let zone = ctx.shop.community.time_zone;
    let today = local_day(ctx.at, zone);
    let day = today.checked_sub_days(chrono::Days::new(days.into()));
    let of = |at: fn(&Offer) -> Timestamp| -> Vec<OfferId> {
        let live = ctx.shop.offers.values().filter(|offer| waited.contains(&offer.id));
        live.filter(|offer| Some(local_day(at(offer), zone)) == day).map(|offer| offer.id).collect()
    };
    let closed = of(|offer| offer.closes_at);
    if closed.is_empty() { of(|offer| offer.opens_at) } else { closed }
}

/// What nobody was called for yet: what is expected by today, or else what closed last. Where there is no such thing,
/// what was called last.
fn last(ctx: &Ctx<'_>, waited: &BTreeSet<OfferId>) -> Vec<OfferId> {
    let zone = ctx.shop.community.time_zone;
    let today = local_day(ctx.at, zone);
    let live = || {
        let waited = ctx.shop.offers.values().filter(|offer| waited.contains(&offer.id));
        waited.filter(|offer| offer.closes_at > ctx.at - LATELY)
    };
    let new = || live().filter(|offer| offer.arrival.called.is_none());
    let day_of = |offer: &Offer| offer.arrival.expected.map(|it| local_day(it.at, zone));
    let expected: Vec<_> =
        new().filter(|offer| day_of(offer).is_some_and(|day| day <= today)).collect();
    if !expected.is_empty() {
        return expected.iter().map(|offer| offer.id).collect();
    }
    let closed = || {
        let unexpected = new().filter(|offer| day_of(offer).is_none());
        unexpected.filter(|offer| offer.state == OfferState::Closed)
    };
    if let Some(day) = closed().map(|offer| local_day(offer.closes_at, zone)).max() {
        let of_day = closed().filter(|offer| local_day(offer.closes_at, zone) == day);
        return of_day.map(|offer| offer.id).collect();
    }
    let called_at = |offer: &Offer| offer.arrival.called.as_ref().map(|called| called.at);
    let latest = live().filter_map(called_at).max();
    live().filter(|offer| latest.is_some() && called_at(offer) == latest).map(|it| it.id).collect()
}
