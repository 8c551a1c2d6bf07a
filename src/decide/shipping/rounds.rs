//! Delivery rounds (送货): paid orders that are brought to the door, by building and room. Where they go is read from what
//! buyers wrote: their address, their remarks, or a pick-up note that names a room.

use std::collections::BTreeMap;

use crate::book::Shop;
use crate::book::ctx::{Ctx, Decided};
use crate::domain::ids::{MemberId, OrderId};
use crate::domain::orders::{Order, OrderState};
use crate::domain::refusal::Refusal;
use crate::domain::reply::Reply;
use crate::domain::shipping::{self, BuildingView, StopView};
use crate::domain::undo::{Effect, MAX_UNDO_ORDERS};
use crate::understand::buildings::{Doorstep, door};

use crate::decide::orders::selection::require_all;
use crate::decide::views;

use super::check_off::{self, Word};

/// The most orders that one list shows.
const MOST_STOPS: usize = 80;
/// So much is shown of a place without a building.
const MAX_PLACE: usize = 40;

/// Where an order is brought.
enum DeliveryWay {
    /// To a door.
    Door(Doorstep),
    /// To some other place.
    Place(String),
}

/// A leader, or a helper, reads what is brought where.
///
/// # Errors
/// `NothingToDeliver`; [`crate::book::Missing`].
pub fn list(ctx: &mut Ctx<'_>) -> Decided {
    let mut stops = stops(ctx)?;
    if stops.is_empty() {
        return Err(Refusal::Shipping(shipping::Refusal::NothingToDeliver).into());
    }
    let beyond = stops.len().saturating_sub(MOST_STOPS);
    stops.truncate(MOST_STOPS);
    let mut buildings: Vec<(Option<String>, BuildingView)> = Vec::new();
    for (id, way) in stops {
        let Some(row) = ctx.shop.orders.get(id) else { continue };
        let (key, building, stop) = match way {
            DeliveryWay::Door(door) => {
                let stop = StopView { room: door.room, ..stop(ctx.shop, row) };
                (Some(door.key), Some(door.building), stop)
            }
            DeliveryWay::Place(place) => {
                (None, None, StopView { place: Some(place), ..stop(ctx.shop, row) })
            }
        };
        match buildings.last_mut() {
            Some((last, view)) if *last == key => view.stops.push(stop),
            _ => buildings.push((key, BuildingView { building, stops: vec![stop] })),
        }
    }
    let buildings = buildings.into_iter().map(|(_, view)| view).collect();
    ctx.record("delivery_round", None, None);
    ctx.say(Reply::Shipping(shipping::Reply::Round { buildings, beyond }));
    Ok(())
}

/// What goes to a building was brought there; each buyer is told alone.
///
/// # Errors
/// `NothingToDeliver`; [`crate::book::Missing`].
pub fn delivered(ctx: &mut Ctx<'_>, building: &str) -> Decided {
    let Some(said) = door(building) else { return Ok(()) };
    let there = |way: &DeliveryWay| matches!(way, DeliveryWay::Door(door) if door.key == said.key && (said.room.is_none() || door.room == said.room));
    let orders: Vec<OrderId> =
        stops(ctx)?.into_iter().filter(|(_, way)| there(way)).map(|(id, _)| id).collect();
    if orders.is_empty() {
        return Err(Refusal::Shipping(shipping::Refusal::NothingToDeliver).into());
    }
    let mut by_member: BTreeMap<MemberId, Vec<OrderId>> = BTreeMap::new();
    for &id in &orders {
        let member = ctx.member_row(ctx.order(id)?.member)?.id;
        by_member.entry(member).or_default().push(id);
    }
    let done = check_off::hand_over(ctx, &orders, Word::Leader);
    let first = orders.first().copied();
    let building =
        said.room.map_or(said.building.clone(), |room| format!("{} {room}", said.building));
    ctx.say(Reply::Shipping(shipping::Reply::BuildingDone { building, orders }));
    for (member, orders) in by_member {
        ctx.tell(member, Reply::Shipping(shipping::Reply::GoodsReceived { orders }));
    }
    let is_small = done.len() <= MAX_UNDO_ORDERS;
    ctx.keep(if is_small { Effect::Collected(done) } else { Effect::Lasting });
    ctx.record("check_off", first, None);
    Ok(())
}

/// What is brought, in order of building and room: what was called, or should be there by now.
fn stops(ctx: &Ctx<'_>) -> Decided<Vec<(OrderId, DeliveryWay)>> {
    require_all(ctx, OrderState::Paid)?;
    let (shop, zone) = (&*ctx.shop, ctx.shop.community.time_zone);
    let mut stops = Vec::new();
    for order in shop.orders.values().filter(|order| order.state == OrderState::Paid) {
        let is_there = order.may_be_there(&|id| shop.offers.get(id), ctx.at, zone);
        if let Some(way) = way(ctx, order)?.filter(|_| is_there) {
            stops.push((order.id, way));
        }
    }
    stops.sort_by_key(|(id, way)| match way {
        DeliveryWay::Door(door) => {
            (false, number(&door.key), door.key.clone(), door.room.clone(), *id)
        }
        DeliveryWay::Place(_) => (true, 0, String::new(), None, *id),
    });
    Ok(stops)
}

/// `5` comes before `12`.
fn number(key: &str) -> u32 {
    let digits: String = key.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().unwrap_or(u32::MAX)
}

/// Where an order is brought; `None`: it is collected.
fn way(ctx: &Ctx<'_>, order: &Order) -> Decided<Option<DeliveryWay>> {
    let private = &ctx.member_row(order.member)?.private;
    let noted = order.private.notes.iter().find_map(|note| door(note));
    if let Some(door) = noted {
        return Ok(Some(DeliveryWay::Door(door)));
    }
    if let Some(address) = &private.address {
        let place = || DeliveryWay::Place(address.chars().take(MAX_PLACE).collect());
        return Ok(Some(door(address).map_or_else(place, DeliveryWay::Door)));
    }
    let pickup = private.pickup.as_deref().and_then(door).filter(|door| door.room.is_some());
    Ok(pickup.map(DeliveryWay::Door))
}

fn stop(shop: &Shop, row: &Order) -> StopView {
    StopView {
        order: row.id,
        member: shop.members.get(row.member).map_or_else(String::new, |it| it.name.clone()),
        for_whom: row.private.for_whom.clone(),
        room: None,
        place: None,
        lines: row
            .outstanding()
            .map(|(_, line)| views::units(shop, line, line.live_qty()))
            .collect(),
    }
}
