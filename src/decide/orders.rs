//! Orders (订单, 接龙): baskets, lists of several people, and the time they are held.

pub mod chain;
pub mod consequences;
pub mod cutting;
pub mod lapse;
pub mod mine;
pub mod order;
pub mod parts;
pub mod reminders;
pub mod restraint;
pub mod selection;
pub mod taken;
pub mod taps;

use crate::book::ctx::{Ctx, Decided};
use crate::book::need::Report;
use crate::book::{Need, Needs};
use crate::decide::ahead::Ahead;
use crate::domain::intent::{Role, Understood};
use crate::domain::orders;
use crate::domain::orders::{Intent, Lead, Whose};

/// Carry out what a member wants; `text` is how they said it.
///
/// # Errors
/// Missing facts and refusals: those of the function that does it.
pub fn intend(ctx: &mut Ctx<'_>, intent: &Intent, said: &Understood, text: &str) -> Decided {
    if ctx.role >= Role::Leader
        && let Intent::Order(lines) | Intent::Amend(lines) = intent
        && order::for_member::serve_named(ctx, said, lines)?
    {
        return Ok(());
    }
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
        Lead::OrderFor { whose, lines } => order::for_member::serve(ctx, whose, lines),
        Lead::Cut { whose, item, by } => cutting::cut(ctx, whose, *item, *by),
        Lead::CutOffer { item, price, agreed } => {
            cutting::cut_offer(ctx, *item, *price, agreed.as_ref())
        }
        Lead::Review { accept } => chain::review(ctx, *accept),
        Lead::Request { member, accept } => restraint::answer(ctx, *member, *accept),
    }
}

/// What that takes.
#[must_use]
pub fn lead_needs(ahead: &Ahead<'_>, lead: &Lead) -> Needs {
    match lead {
        Lead::CancelOf(of) => ahead.selection(of, Need::Unpaid),
        Lead::OrderFor { whose, .. } | Lead::Cut { whose, .. } => whose_needs(ahead, whose),
        Lead::CutOffer { .. } => [Need::Unpaid].into(),
        Lead::Review { .. } => [Need::Review].into(),
        Lead::Request { member, .. } if ahead.exists(*member) => {
            [Need::Member(*member), Need::OrdersOf(*member)].into()
        }
        Lead::Request { .. } => Needs::new(),
    }
}

/// What it takes to serve somebody.
fn whose_needs(ahead: &Ahead<'_>, whose: &Whose) -> Needs {
    let (mut needs, members) = match whose {
        Whose::Numbered(id) => {
            let member = ahead.shop.orders.get(*id).map(|order| order.member);
            (Needs::from([Need::Order(*id)]), member.into_iter().collect())
        }
        Whose::Of(person) => (ahead.person(person), ahead.bearers(person)),
    };
    needs.extend(members.iter().copied().map(Need::OrdersOf));
    needs.extend(ahead.spend_of(members));
    needs
}

/// What it takes to know for whom a leader orders.
#[must_use]
pub fn named_needs(ahead: &Ahead<'_>, said: &Understood) -> Needs {
    let row = ahead.speaker.and_then(|id| ahead.shop.members.get(id));
    let is_order = matches!(
        said.intent,
        crate::domain::intent::Intent::Orders(Intent::Order(_) | Intent::Amend(_))
    );
    match &said.for_whom {
        Some(person) if is_order && row.is_some_and(|row| row.role >= Role::Leader) => {
            whose_needs(ahead, &Whose::Of(person.clone()))
        }
        _ => Needs::new(),
    }
}
