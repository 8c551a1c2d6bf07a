//! Taking back (撤销): the speaker's last effect is undone, by a new event with mirrored entries, as long as
//! everything still stands as it left it.
//!
//! `take_back` is the table of inverses; each stands beside its effect, in the file that it names. What was there
//! before is noted while a decision changes it ([`Ctx::before`]), and kept with the decision ([`keep`]).

use std::collections::BTreeSet;

use crate::book::ctx::{Ctx, Decided};
use crate::book::need::Report;
use crate::book::{Effected, Missing, Need, Needs, Shop};
use crate::domain::ids::MemberId;
use crate::domain::intent::{Intent, LeaderIntent, Role};
use crate::domain::refusal::Refusal;
use crate::domain::time::Timestamp;
use crate::domain::undo::{
    Effect, MAX_UNDO_ORDERS, OrderEffect, OrderMark, UNDO_WITHIN, UndoAbout,
};
use crate::domain::{orders, payments};

use crate::decide::ahead::Ahead;
use crate::decide::ask;
use crate::decide::catalog;
use crate::decide::loyalty::gifts;
use crate::decide::orders::chain;
use crate::decide::orders::order;
use crate::decide::payments::payment;
use crate::decide::people::{announcements, blocking};
use crate::decide::shipping;

/// Decisions that cannot be taken back. Whoever says 撤销 after one of them is told so, rather than that
/// something earlier is gone.
const LASTING: &[&str] = &[
    "answer_case",
    "approve_share",
    "ask_withdrawal",
    "change_standing",
    "check_in",
    "claim_inviter",
    "confirm_claim",
    "confirm_payment",
    "cut_shortage",
    "decline_request",
    "drop_chain",
    "list_offer",
    "note",
    "receive_goods",
    "refund_order",
    "report_delivery",
    "ship_orders",
    "stop_offers",
    "use_invite",
];

/// Take back what the speaker did last, or did last about something.
///
/// # Errors
/// Refusals in this order: what is never taken back (a withdrawal); no such order; somebody else's order; nothing
/// within the time; what is undone already; what cannot be undone; then those of the inverse, which are: an
/// order, a price that was changed since; an offer that is closed, sold out, or has too few left; the limit of a
/// member; too few points. [`Missing`].
pub fn undo(ctx: &mut Ctx<'_>, about: UndoAbout) -> Decided {
    let speaker = ctx.member()?;
    let done = done_by(ctx.shop, ctx.at, speaker)?;
    let Effected { seq, effect, .. } = find(ctx, &done, about)?;
    let least = match effect {
        Effect::Orders(_) => Role::Member,
        Effect::Collected(_) => Role::Helper,
        _ => Role::Leader,
    };
    if ctx.role < least {
        return Err(Refusal::CannotUndo.into()); // whoever did it leads no longer
    }
    take_back(ctx, &effect)?;
    ask::clear(ctx, speaker);
    ctx.record("undo", effect.orders().first().map(|it| it.order), None);
    ctx.keep(Effect::Undone { of: seq });
    Ok(())
}

/// What that takes, as far as can be told before.
#[must_use]
pub fn needs(ahead: &Ahead<'_>, about: UndoAbout) -> Needs {
    let mut needs = ahead.mine(|id| Need::Report(Report::Effects(id)));
    if let UndoAbout::Order(id) = about {
        needs.insert(Need::Order(id));
    }
    let done = ahead.speaker.and_then(|id| done_by(ahead.shop, ahead.at, id).ok());
    let last = done.iter().flatten().find(|done| about.means(&done.effect));
    for it in last.iter().flat_map(|done| done.effect.orders()) {
        needs.insert(Need::Order(it.order));
        if let Some(order) = ahead.shop.orders.get(it.order) {
            needs.extend([Need::Member(order.member), Need::OrdersOf(order.member)]);
        }
    }
    if let Some(Effect::Blocked { member, .. }) = last.map(|done| &done.effect) {
        needs.insert(Need::Member(*member));
    }
    if let Some(Effect::Gift { member, .. }) = last.map(|done| &done.effect) {
        needs.extend([Need::Member(*member), Need::Balances(*member)]);
    }
    if last.is_some_and(|done| matches!(done.effect, Effect::Chain { .. })) {
        needs.insert(Need::Review);
    }
    needs
}

/// The table of inverses.
fn take_back(ctx: &mut Ctx<'_>, effect: &Effect) -> Decided {
    match effect {
        Effect::Orders(orders) => order::undo::take_back(ctx, orders),
        Effect::Payment(orders) => payment::undo::take_back(ctx, orders),
        Effect::Chain { orders, lines } => chain::undo::take_back(ctx, orders, lines),
        Effect::Catalog(effect) => catalog::take_back(ctx, effect),
        Effect::Arrived { offers, at } => shipping::undo::call(ctx, offers, *at),
        Effect::Collected(orders) => shipping::undo::check_off(ctx, orders),
        Effect::Blocked { member, from, to } => blocking::take_back(ctx, *member, *from, *to),
        Effect::Announced { member, at } => announcements::take_down(ctx, *member, *at),
        Effect::AnnouncementEnded { member, at } => announcements::put_back(ctx, *member, *at),
        Effect::Gift { member, points } => gifts::take_back(ctx, *member, *points),
        Effect::Lasting | Effect::Undone { .. } => Err(Refusal::CannotUndo.into()),
    }
}

/// What the speaker did within the time, the last first.
fn done_by(shop: &Shop, at: Timestamp, speaker: MemberId) -> Result<Vec<Effected>, Missing> {
    let stored = shop.known.reports.effects.get(&speaker);
    let stored = stored.ok_or(Missing(Need::Report(Report::Effects(speaker))))?;
    let fresh = shop.fresh.decisions.iter().rev().filter_map(|decision| {
        let effect = decision.effect.clone().filter(|_| decision.member == Some(speaker))?;
        Some(Effected { seq: decision.event.seq, at: decision.at, effect })
    });
    let since = at - UNDO_WITHIN;
    Ok(fresh.chain(stored.iter().cloned()).filter(|done| done.at > since).collect())
}

fn find(ctx: &Ctx<'_>, done: &[Effected], about: UndoAbout) -> Decided<Effected> {
    if about == UndoAbout::Withdrawal {
        return Err(Refusal::CannotUndo.into());
    }
    if let UndoAbout::Order(id) = about {
        let owner = ctx.order(id)?.member;
        let is_theirs = ctx.role >= Role::Leader || ctx.speaker == Some(owner);
        if !is_theirs && !done.iter().any(|done| about.means(&done.effect)) {
            return Err(Refusal::Orders(orders::Refusal::NotYours { order: id }).into());
        }
    }
    let undone: BTreeSet<i64> = done
        .iter()
        .filter_map(|done| match done.effect {
            Effect::Undone { of } => Some(of),
            _ => None,
        })
        .collect();
    let found = done.iter().find(|done| about.means(&done.effect)).ok_or(Refusal::NothingToUndo)?;
    match found.effect {
        Effect::Undone { .. } => Err(Refusal::AlreadyUndone.into()),
        _ if undone.contains(&found.seq) => Err(Refusal::AlreadyUndone.into()),
        _ => Ok(found.clone()),
    }
}

/// Keep what the speaker's decision changed, with it. What came of a wish is told by what it changed, and by who
/// wished it.
pub fn keep(ctx: &mut Ctx<'_>, intent: &Intent) {
    let (kept, orders) = (ctx.kept.take(), std::mem::take(&mut ctx.changed));
    let Some(speaker) = ctx.speaker else { return };
    let orders = orders.into_iter().filter_map(|(id, from)| {
        let to = OrderMark::of(ctx.shop.orders.get(id)?);
        (from.as_ref() != Some(&to)).then_some(OrderEffect { order: id, from, to })
    });
    let orders: Vec<_> = orders.collect();
    let effect = match kept {
        Some(Effect::Chain { lines, .. }) => Some(Effect::Chain { orders, lines }),
        Some(effect) => Some(effect),
        None if orders.is_empty() => None,
        None if is_payment(intent) => Some(Effect::Payment(orders)),
        None => Some(Effect::Orders(orders)),
    };
    let effect = effect.map(|effect| match effect.orders().len() {
        0..=MAX_UNDO_ORDERS => effect,
        _ => Effect::Lasting,
    });
    let event = ctx.event;
    let decisions = ctx.shop.fresh.decisions.iter_mut().rev();
    let mut of_event =
        decisions.take_while(|it| it.event == event).filter(|it| it.member == Some(speaker));
    match effect {
        Some(effect) => {
            if let Some(last) = of_event.next() {
                last.effect = Some(effect);
            }
        }
        None => {
            if let Some(lasting) = of_event.find(|it| LASTING.contains(&it.what)) {
                lasting.effect = Some(Effect::Lasting);
            }
        }
    }
}

fn is_payment(intent: &Intent) -> bool {
    match intent {
        Intent::Lead(LeaderIntent::Payments(
            payments::Lead::Paid { .. } | payments::Lead::PaidNumber { .. },
        )) => true,
        Intent::Lead(LeaderIntent::ByName { act, .. }) => {
            matches!(**act, LeaderIntent::Payments(payments::Lead::Paid { .. }))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests;
