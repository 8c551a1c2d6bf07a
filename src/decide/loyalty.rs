//! Loyalty (签到, 积分, 等级, 晒单): what members get for belonging.

pub mod checkin;
pub mod expiry;
pub mod gifts;
pub mod points;
pub mod tiers;

use crate::book::ctx::{Ctx, Decided};
use crate::book::{Need, Needs};
use crate::decide::ahead::Ahead;
use crate::domain::loyalty::{Intent, Lead};

/// Carry out what a member wants.
///
/// # Errors
/// Missing facts and refusals: those of the function that does it.
pub fn intend(ctx: &mut Ctx<'_>, intent: &Intent) -> Decided {
    match intent {
        Intent::CheckIn => checkin::check_in(ctx),
        Intent::Points => points::points(ctx),
        Intent::Share => checkin::share(ctx),
        Intent::SpendPoints { points } => points::spend(ctx, *points),
    }
}

/// What that takes.
#[must_use]
pub fn needs(ahead: &Ahead<'_>, intent: &Intent) -> Needs {
    match intent {
        Intent::CheckIn => ahead.mine(Need::Balances),
        Intent::Points => ahead.mine(Need::Balances).into_iter().chain(ahead.spend()).collect(),
        Intent::Share => Needs::new(),
        Intent::SpendPoints { .. } => {
            ahead.mine(Need::OrdersOf).into_iter().chain(ahead.mine(Need::Balances)).collect()
        }
    }
}

/// Carry out what a leader says.
///
/// # Errors
/// Missing facts and refusals: those of the function that does it.
pub fn lead(ctx: &mut Ctx<'_>, lead: &Lead) -> Decided {
    match lead {
        Lead::ApproveShare(name) => checkin::approve_share(ctx, name),
        Lead::GivePoints { person, points, reason } => {
            gifts::give(ctx, person, *points, reason.as_deref())
        }
    }
}

/// What that takes.
#[must_use]
pub fn lead_needs(ahead: &Ahead<'_>, lead: &Lead) -> Needs {
    match lead {
        Lead::ApproveShare(name) => ahead.person(name),
        Lead::GivePoints { person, .. } => gifts::needs(ahead, person),
    }
}
