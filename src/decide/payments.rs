//! Payments (收款, 退款): money that comes for orders, and goes back.

pub mod by_name;
pub mod deposit;
pub mod late;
pub mod payment;
pub mod refund;
pub mod sheet;

use crate::book::desk::{Decided, Desk};
use crate::book::{Need, Needs};
use crate::decide::ahead::Ahead;
use crate::domain::payments::Lead;

/// Carry out what a leader says.
///
/// # Errors
/// Missing facts and refusals: those of the function that does it.
pub fn lead(desk: &mut Desk<'_>, lead: &Lead) -> Decided {
    match lead {
        Lead::Paid { of, amount } => payment::paid(desk, of, *amount),
        Lead::PaidNumber { orders, amount, order } => {
            payment::paid_number(desk, orders, *amount, *order)
        }
        Lead::Refund { order, lines } => refund::refund(desk, *order, lines),
    }
}

/// What that takes.
#[must_use]
pub fn lead_needs(ahead: &Ahead<'_>, lead: &Lead) -> Needs {
    match lead {
        Lead::Paid { of, .. } => ahead.selection(of, Need::Unpaid),
        Lead::PaidNumber { orders, order, .. } => {
            orders.iter().chain([order]).copied().map(Need::Order).collect()
        }
        Lead::Refund { order, .. } => [Need::Order(*order)].into(),
    }
}
