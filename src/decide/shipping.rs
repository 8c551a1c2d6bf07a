//! Shipping (发货, 到货, 自提): where goods go, and that they arrived.

pub mod arrivals;
pub mod check_off;
pub mod delivery;
pub mod expected;
pub mod reminders;
pub mod rounds;
#[cfg(test)]
mod tests;
pub mod undo;

use crate::book::ctx::{Ctx, Decided};
use crate::book::{Need, Needs};
use crate::decide::ahead::Ahead;
use crate::decide::people::standing;
use crate::domain::shipping::{Intent, Lead, MeantGoods};

use arrivals::PickupSpot;

/// Carry out what a member wants.
///
/// # Errors
/// Missing facts and refusals: those of the function that does it.
pub fn intend(ctx: &mut Ctx<'_>, intent: &Intent) -> Decided {
    match intent {
        Intent::SetAddress(text) => standing::set_address(ctx, text),
        Intent::SetPickup(text) => standing::set_pickup(ctx, text),
        Intent::Received(orders) => check_off::received(ctx, orders),
        Intent::GotIt { .. } => check_off::got_it(ctx),
    }
}

/// What that takes.
#[must_use]
pub fn needs(ahead: &Ahead<'_>, intent: &Intent) -> Needs {
    match intent {
        Intent::SetAddress(_) | Intent::SetPickup(_) => Needs::new(),
        Intent::Received(orders) => ahead
            .mine(Need::OrdersOf)
            .into_iter()
            .chain(orders.iter().copied().map(Need::Order))
            .collect(),
        Intent::GotIt { .. } => ahead.mine(Need::OrdersOf),
    }
}

/// Carry out what a leader says.
///
/// # Errors
/// Missing facts and refusals: those of the function that does it.
pub fn lead(ctx: &mut Ctx<'_>, lead: &Lead) -> Decided {
    match lead {
        Lead::Ship { of, carrier, tracking } => {
            delivery::ship(ctx, of, carrier.as_deref(), tracking.as_deref())
        }
        Lead::Delivered(of) => delivery::delivered(ctx, of),
        Lead::Arrived { goods, point, hours } => {
            let spot = PickupSpot { point: point.as_deref(), hours: hours.as_deref() };
            arrivals::call(ctx, goods, spot)
        }
        Lead::Expect { goods, day, minute } => expected::expect(ctx, goods, *day, *minute),
        Lead::NotCollected => check_off::not_collected(ctx, None, 0),
        Lead::NotCollectedPart { part, from } => {
            check_off::not_collected(ctx, part.as_ref(), *from)
        }
        Lead::Round => rounds::list(ctx),
        Lead::DeliveredTo(building) => rounds::delivered(ctx, building),
        Lead::Collected { of, plain } => check_off::collected(ctx, of, *plain),
    }
}

/// What that takes.
#[must_use]
pub fn lead_needs(ahead: &Ahead<'_>, lead: &Lead) -> Needs {
    match lead {
        Lead::Ship { of, .. } | Lead::Collected { of, .. } => ahead.selection(of, Need::ToShip),
        Lead::Delivered(of) => ahead.selection(of, Need::Shipped),
        Lead::Arrived { .. } => [Need::ToShip, Need::Unpaid].into(),
        Lead::Expect { goods: MeantGoods::OfOrder(order), .. } => {
            [Need::ToShip, Need::Order(*order)].into()
        }
        Lead::NotCollected
        | Lead::NotCollectedPart { .. }
        | Lead::Expect { .. }
        | Lead::Round
        | Lead::DeliveredTo(_) => [Need::ToShip].into(),
    }
}
