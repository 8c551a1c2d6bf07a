//! Reports (报表): figures and lists that leaders look at every day.

pub mod export;
pub mod figures;
pub mod lookups;
pub mod sold;

use crate::book::ctx::{Ctx, Decided};
use crate::book::need::Report;
use crate::book::{Need, Needs};
use crate::decide::ahead::Ahead;
use crate::domain::reports::Lead;

/// Carry out what a leader says.
///
/// # Errors
/// Missing facts and refusals: those of the function that does it.
pub fn lead(ctx: &mut Ctx<'_>, lead: &Lead) -> Decided {
    match lead {
        Lead::Unpaid => figures::unpaid(ctx, None, 0),
        Lead::UnpaidPart { part, from } => figures::unpaid(ctx, part.as_ref(), *from),
        Lead::PickList => figures::pick_list(ctx, 0),
        Lead::PickListFrom { from } => figures::pick_list(ctx, *from),
        Lead::Sold { span, part } => sold::sold(ctx, *span, *part),
        Lead::Export { span, offer } => export::export(ctx, *span, *offer),
        Lead::Today => figures::today(ctx),
        Lead::Orders(orders) => lookups::by_number(ctx, orders),
        Lead::OfMembers(people) => lookups::of_members(ctx, people),
        Lead::WhoOrdered { offer, variant, from } => {
            lookups::who_ordered(ctx, *offer, *variant, *from)
        }
    }
}

/// What that takes.
#[must_use]
pub fn lead_needs(ahead: &Ahead<'_>, lead: &Lead) -> Needs {
    match lead {
        Lead::Unpaid | Lead::UnpaidPart { .. } => [Need::Unpaid].into(),
        Lead::PickList | Lead::PickListFrom { .. } => [Need::Unpaid, Need::ToShip].into(),
        Lead::Sold { span, part } => {
            let asked = sold::asked(ahead.shop, ahead.at, *span, *part);
            asked.map(|it| Need::Report(Report::Reports(it))).into_iter().collect()
        }
        Lead::Export { .. } => Needs::new(),
        Lead::Today => [Need::Report(figures::asked(ahead.shop, ahead.at))].into(),
        Lead::Orders(orders) => orders.iter().copied().map(Need::Order).collect(),
        Lead::OfMembers(people) => ahead.recent_of(people),
        Lead::WhoOrdered { .. } => [Need::Unpaid, Need::ToShip, Need::Shipped].into(),
    }
}
