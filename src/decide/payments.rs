//! Payments (收款, 退款): money that comes for orders, and goes back.

pub mod by_name;
pub mod chase;
pub mod claim;
pub mod deposit;
pub mod everybody;
pub mod late;
pub mod payment;
pub mod refund;
pub mod sheet;
pub mod statement;
pub mod ways;

use crate::book::ctx::{Ctx, Decided};
use crate::book::{Need, Needs};
use crate::decide::ahead::Ahead;
use crate::domain::event::Body;
use crate::domain::intent::Selection;
use crate::domain::message::AttachmentKind;
use crate::domain::payments::{Intent, Lead};

/// Carry out what a member wants, as `body` has it.
///
/// # Errors
/// Missing facts and refusals: those of the function that does it.
pub fn intend(ctx: &mut Ctx<'_>, intent: &Intent, body: &Body) -> Decided {
    match intent {
        Intent::HowToPay => ways::how(ctx),
        Intent::ClaimPaid { orders, amount } => {
            let (text, has_picture) = match body {
                Body::Said { message, .. } => {
                    let is_picture = |kind| kind == AttachmentKind::Picture;
                    let pictures = message.attachments.iter().any(|it| is_picture(it.kind));
                    (message.text.as_str(), pictures)
                }
                _ => ("", false),
            };
            claim::claim(ctx, &claim::ClaimSaid { orders, amount: *amount, text, has_picture })
        }
    }
}

/// What that takes.
#[must_use]
pub fn needs(ahead: &Ahead<'_>, intent: &Intent) -> Needs {
    match intent {
        Intent::HowToPay => ahead.mine(Need::OrdersOf),
        Intent::ClaimPaid { orders, .. } => {
            let named = orders.iter().copied().map(Need::Order);
            ahead.mine(Need::OrdersOf).into_iter().chain(named).collect()
        }
    }
}

/// Carry out what a leader says.
///
/// # Errors
/// Missing facts and refusals: those of the function that does it.
pub fn lead(ctx: &mut Ctx<'_>, lead: &Lead) -> Decided {
    match lead {
        Lead::Paid { of: Selection::All, amount: None } => everybody::paid(ctx),
        Lead::Paid { of, amount } => payment::paid(ctx, of, *amount),
        Lead::PaidNumber { orders, amount, order } => {
            payment::paid_number(ctx, orders, *amount, *order)
        }
        Lead::Refund { order, lines } => refund::refund(ctx, *order, lines),
        Lead::RefundAmount { order, of, amount, reason } => {
            refund::refund_amount(ctx, *order, of.as_ref(), *amount, reason.as_deref())
        }
        Lead::DenyClaim(of) => claim::deny(ctx, of),
        Lead::Claims => claim::show(ctx),
        Lead::Chase(of) => chase::chase(ctx, of),
    }
}

/// What that takes.
#[must_use]
pub fn lead_needs(ahead: &Ahead<'_>, lead: &Lead) -> Needs {
    match lead {
        // What is still open is told with what was booked.
        Lead::Paid { of, .. } => {
            ahead.selection(of, Need::Unpaid).into_iter().chain([Need::Unpaid]).collect()
        }
        Lead::PaidNumber { orders, order, .. } => {
            let named = orders.iter().chain([order]).copied().map(Need::Order);
            named.chain([Need::Unpaid]).collect()
        }
        Lead::DenyClaim(of) | Lead::Chase(of) => ahead.selection(of, Need::Unpaid),
        Lead::Claims => [Need::Unpaid].into(),
        Lead::Refund { order, .. } | Lead::RefundAmount { order, .. } => {
            [Need::Order(*order)].into()
        }
    }
}
