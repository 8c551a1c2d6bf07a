//! Orders (订单, 接龙): baskets, lists of several people, and the time they are held.

pub mod chain;
pub mod consequences;
pub mod lapse;
pub mod mine;
pub mod order;
pub mod reminders;
pub mod restraint;
pub mod selection;
pub mod taps;

use crate::book::ctx::{Ctx, Decided};
use crate::book::need::Report;
use crate::book::{Need, Needs};
use crate::decide::ahead::Ahead;
use crate::domain::intent::Understood;
use crate::domain::orders;
use crate::domain::orders::{Intent, Lead};

/// Carry out what a member wants; `text` is how they said it.
///
/// # Errors
/// Missing facts and refusals: those of the function that does it.
pub fn intend(ctx: &mut Ctx<'_>, intent: &Intent, said: &Understood, text: &str) -> Decided {
    match intent {
        Intent::Order(lines) => order::place(ctx, lines, said, text),
        Intent::Amend(lines) => order::amend(ctx, lines, said),
        Intent::Cancel(lines) => order::cancel(ctx, lines),
        Intent::CancelOrders(orders) => order::cancel_orders(ctx, orders),
        Intent::JoinList(entries) => chain::join_list(ctx, entries),
        Intent::MyOrders => mine::my_orders(ctx),
    }
}

/// What that takes.
#[must_use]
pub fn needs(ahead: &Ahead<'_>, intent: &Intent) -> Needs {
    match intent {
        Intent::Order(_) | Intent::Amend(_) => {
            ahead.mine(Need::OrdersOf).into_iter().chain(ahead.spend()).collect()
        }
        Intent::Cancel(_) => ahead.mine(Need::OrdersOf),
        Intent::CancelOrders(orders) => orders.iter().copied().map(Need::Order).collect(),
        Intent::JoinList(entries) => chain::needs(ahead.shop, ahead.account, entries)
            .into_iter()
            .chain(ahead.mine(Need::OrdersOf))
            .chain(ahead.spend())
            .collect(),
        Intent::MyOrders => ahead.mine(|id| Need::Report(Report::Orders(orders::Need::Recent(id)))),
    }
}

/// Carry out what a leader says.
///
/// # Errors
/// Missing facts and refusals: those of the function that does it.
pub fn lead(ctx: &mut Ctx<'_>, lead: &Lead) -> Decided {
    match lead {
        Lead::CancelOf(of) => order::cancel_of(ctx, of),
        Lead::Review { accept } => chain::review(ctx, *accept),
        Lead::Request { member, accept } => restraint::answer(ctx, *member, *accept),
    }
}

/// What that takes.
#[must_use]
pub fn lead_needs(ahead: &Ahead<'_>, lead: &Lead) -> Needs {
    match lead {
        Lead::CancelOf(of) => ahead.selection(of, Need::Unpaid),
        Lead::Review { .. } => [Need::Review].into(),
        Lead::Request { member, .. } if ahead.exists(*member) => {
            [Need::Member(*member), Need::OrdersOf(*member)].into()
        }
        Lead::Request { .. } => Needs::new(),
    }
}
