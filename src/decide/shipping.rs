//! Shipping (发货, 到货, 自提): where goods go, and that they arrived.

pub mod delivery;

use crate::book::desk::{Decided, Desk};
use crate::book::{Need, Needs};
use crate::decide::ahead::Ahead;
use crate::decide::people::standing;
use crate::domain::shipping::{Intent, Lead};

/// Carry out what a member wants.
///
/// # Errors
/// Missing facts and refusals: those of the function that does it.
pub fn intend(desk: &mut Desk<'_>, intent: &Intent) -> Decided {
    match intent {
        Intent::SetAddress(text) => standing::set_address(desk, text),
        Intent::SetPickup(text) => standing::set_pickup(desk, text),
        Intent::Received(orders) => delivery::received(desk, orders),
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
    }
}

/// Carry out what a leader says.
///
/// # Errors
/// Missing facts and refusals: those of the function that does it.
pub fn lead(desk: &mut Desk<'_>, lead: &Lead) -> Decided {
    match lead {
        Lead::Ship { of, carrier, tracking } => {
            delivery::ship(desk, of, carrier.as_deref(), tracking.as_deref())
        }
        Lead::Delivered(of) => delivery::delivered(desk, of),
    }
}

/// What that takes.
#[must_use]
pub fn lead_needs(ahead: &Ahead<'_>, lead: &Lead) -> Needs {
    match lead {
        Lead::Ship { of, .. } => ahead.selection(of, Need::ToShip),
        Lead::Delivered(of) => ahead.selection(of, Need::Shipped),
    }
}
