//! Parts of lists (清单的一部分): of a day, of a building, of an offer. Where an order goes is read from what its buyer wrote.

use crate::book::ctx::Ctx;
use crate::domain::intent::PartOfList;
use crate::domain::orders::{Line, Order};
use crate::domain::time::{Timestamp, local_day};
use crate::understand::buildings::door;

/// Whether an order stands in a part of a list; `at` is when it came into the list.
#[must_use]
pub fn is_in(ctx: &Ctx<'_>, order: &Order, part: Option<&PartOfList>, at: Timestamp) -> bool {
    let zone = ctx.shop.community.time_zone;
    match part {
        None => true,
        Some(PartOfList::Day(ago)) => {
            let days = (local_day(ctx.at, zone) - local_day(at, zone)).num_days();
            days == i64::from(*ago)
        }
        Some(PartOfList::Building(key)) => goes_to(ctx, order, key),
        Some(PartOfList::Offer(offer)) => {
            let has = |line: &Line| line.offer == *offer && line.live_qty() > 0;
            order.lines.iter().any(has)
        }
    }
}

/// Whether the first building that its buyer names is this one.
fn goes_to(ctx: &Ctx<'_>, order: &Order, key: &str) -> bool {
    let of_member = ctx.shop.members.get(order.member).map(|row| &row.private);
    let fixed = order.private.delivery.as_deref();
    let notes = order.private.notes.iter().map(String::as_str);
    let places = notes.chain(fixed);
    let places = places.chain(of_member.and_then(|it| it.address.as_deref()));
    let mut places = places.chain(of_member.and_then(|it| it.pickup.as_deref()));
    places.find_map(door).is_some_and(|door| door.key == key)
}
