//! The inverses of what leaders say of goods that arrive: a call, a check-off.

use crate::book::ctx::{Ctx, Decided};
use crate::domain::ids::OfferId;
use crate::domain::orders::{Order, OrderState};
use crate::domain::refusal::Refusal;
use crate::domain::reply::Reply;
use crate::domain::shipping;
use crate::domain::time::Timestamp;
use crate::domain::undo::Collection;

use super::arrivals;

/// The goods are not there after all, and the group hears it. What was handed over meanwhile stays so.
///
/// # Errors
/// [`Refusal::ChangedSince`] where they were called anew.
pub fn call(ctx: &mut Ctx<'_>, offers: &[OfferId], at: Timestamp) -> Decided {
    for &id in offers {
        let row = ctx.offer(id)?;
        if row.arrival.called.as_ref().is_none_or(|called| called.at != at) {
            return Err(Refusal::ChangedSince { what: row.code.clone() }.into());
        }
    }
    for &id in offers {
        if let Some(row) = ctx.shop.offers.edit(id) {
            row.arrival.called = None;
        }
    }
    let goods = arrivals::names(ctx.shop, offers);
    ctx.announce(Reply::Shipping(shipping::Reply::NotArrived { goods }));
    Ok(())
}

/// The goods wait to be collected again, as before.
///
/// # Errors
/// [`Refusal::ChangedSince`] for the first order that does not stand as it did; [`crate::book::Missing`].
pub fn check_off(ctx: &mut Ctx<'_>, collected: &[Collection]) -> Decided {
    for it in collected {
        let row = ctx.order(it.order)?;
        if !stands(row, it) {
            return Err(Refusal::ChangedSince { what: format!("#{}", it.order) }.into());
        }
    }
    for it in collected {
        let Some(row) = ctx.shop.orders.edit(it.order) else { continue };
        row.state = it.from;
        if it.to == OrderState::Received {
            (row.received_at, row.due_at) = (None, None);
        }
        for &line in &it.lines {
            if let Some(line) = row.lines.get_mut(line) {
                line.collected_at = None;
            }
        }
    }
    let orders = collected.iter().map(|it| it.order).collect();
    ctx.say(Reply::Shipping(shipping::Reply::NotHanded { orders }));
    Ok(())
}

fn stands(row: &Order, it: &Collection) -> bool {
    let is_same =
        |at: &usize| row.lines.get(*at).is_some_and(|line| line.collected_at == Some(it.at));
    let is_received = it.to != OrderState::Received || row.received_at == Some(it.at);
    row.state == it.to && is_received && it.lines.iter().all(is_same)
}
