//! Claims (声称付款): buyers say that they have paid, leaders look and answer.
//!
//! A claim moves no money. It holds the goods until a leader answers, for a limited time and once for an order;
//! leaders hear of all claims of some minutes in one message, again before one runs out, and each day anew while it
//! waits.

use chrono::Duration;

use crate::book::ctx::{Ctx, Decided};
use crate::domain::event::Timer;
use crate::domain::ids::{MemberId, OrderId};
use crate::domain::intent::Selection;
use crate::domain::money::Money;
use crate::domain::orders::{self, CLAIM_CHARS, Order, OrderState, PaymentClaim};
use crate::domain::payments::{self, ClaimView};
use crate::domain::refusal::Refusal;
use crate::domain::reply::Reply;
use crate::domain::time::Timestamp;

use crate::decide::orders::order::apply::{hold, next_minute};
use crate::decide::orders::selection::{require_all, select};
use crate::decide::payments::late::coming_to;

/// What was said is gathered for so long before the leaders hear of it.
const GATHER: Duration = Duration::minutes(5);

/// A claim that nobody answered is raised again after so long.
const AGAIN: Duration = Duration::days(1);

/// Whoever paid another way than the leader sees has at least so long to clear it up.
const GRACE: Duration = Duration::minutes(30);

/// The most claims that one message to the leaders tells.
const MOST: usize = 20;

/// How a claim was made.
#[derive(Clone, Copy, Debug)]
pub struct ClaimSaid<'s> {
    /// For these orders; none means all that wait for money.
    pub orders: &'s [OrderId],
    /// How much.
    pub amount: Option<Money>,
    /// In these words.
    pub text: &'s str,
    /// With a picture.
    pub has_picture: bool,
}

/// The speaker says to have paid: note it, hold the goods, have the leaders told.
///
/// # Errors
/// Missing facts; `NoSuchOrder`, `NotYours`, `WrongState` of the first order that was named; `NothingDue`, where
/// they spoke to the bot alone: in the group it may have been about something else.
pub fn claim(ctx: &mut Ctx<'_>, said: &ClaimSaid<'_>) -> Decided {
    let member = ctx.member()?;
    ctx.require_orders_of(member)?;
    ctx.member_row(member)?;
    let orders = claimed(ctx, member, said)?;
    if orders.is_empty() {
        return if ctx.private {
            Err(Refusal::Payments(payments::Refusal::NothingDue).into())
        } else {
            Ok(())
        };
    }
    let mut is_new = false;
    for &order in &orders {
        is_new |= note(ctx, order, said);
    }
    let rows = orders.iter().filter_map(|&id| ctx.shop.orders.get(id));
    let until = rows.filter(|row| row.is_unpaid()).map(|row| row.hold_until).min();
    if until.is_none() {
        // Nothing is held any more, so there is no time to lose.
        tell_now(ctx, &orders);
    } else if is_new {
        ctx.wake(next_minute(ctx.at + GATHER), Timer::Claims);
    }
    ctx.record("claim_payment", orders.first().copied(), None);
    ctx.say(Reply::Payments(payments::Reply::PaymentClaimed { orders, until, again: !is_new }));
    Ok(())
}

/// The orders that the money is said to be for: those named; else those that come to the amount; else all that wait;
/// else what lapsed within a day.
fn claimed(ctx: &Ctx<'_>, member: MemberId, said: &ClaimSaid<'_>) -> Decided<Vec<OrderId>> {
    for &id in said.orders {
        let order = ctx.order(id)?;
        if order.member != member {
            return Err(Refusal::Orders(orders::Refusal::NotYours { order: id }).into());
        }
        if !waits(order, ctx.at) {
            let state = order.state;
            return Err(Refusal::Orders(orders::Refusal::WrongState { order: id, state }).into());
        }
    }
    if !said.orders.is_empty() {
        return Ok(said.orders.to_vec());
    }
    let theirs = || ctx.shop.orders.of(member).filter(|order| waits(order, ctx.at));
    let mut waiting: Vec<_> =
        theirs().filter(|it| it.is_unpaid()).map(|it| (it.id, it.still_due())).collect();
    if waiting.is_empty() {
        waiting = theirs().map(|it| (it.id, it.still_due())).collect();
    }
    let exact = said.amount.and_then(|amount| coming_to(&waiting, amount).into_iter().next());
    Ok(exact.unwrap_or_else(|| waiting.iter().map(|(id, _)| *id).collect()))
}

/// Whether an order may still be paid for: it is unpaid, or lapsed a short while ago.
fn waits(order: &Order, at: Timestamp) -> bool {
    order.gross() > Money::ZERO && (order.is_unpaid() || order.has_lapsed_lately(at))
}

/// Note a claim on its order; whether it is the first, or the first since a leader found nothing. Only the first of
/// all holds the order on.
fn note(ctx: &mut Ctx<'_>, order: OrderId, said: &ClaimSaid<'_>) -> bool {
    let (at, policy) = (ctx.at, &ctx.shop.policy.payment);
    let (minutes, flash) = (policy.claim_minutes, policy.flash_claim_minutes);
    let Some(row) = ctx.shop.orders.edit(order) else { return false };
    let words: String = said.text.split_whitespace().collect::<Vec<_>>().join(" ");
    let words: String = words.chars().take(CLAIM_CHARS).collect();
    if let Some(open) = row.private.claim.as_mut().filter(|claim| !claim.is_denied) {
        open.words = words;
        open.amount = said.amount.or(open.amount);
        open.has_picture |= said.has_picture;
        return false;
    }
    let earlier = row.private.claim.take();
    let held = row.hold_until;
    row.private.claim = Some(PaymentClaim {
        at,
        words,
        amount: said.amount,
        has_picture: said.has_picture,
        held_before: earlier.as_ref().map_or(held, |claim| claim.held_before),
        told_at: None,
        is_denied: false,
    });
    let minutes = if row.closes_at > held { flash } else { minutes };
    let until = next_minute(at + Duration::minutes(i64::from(minutes)));
    if earlier.is_none() && row.is_unpaid() && until > held {
        hold(ctx, order, until);
    }
    true
}

/// Tell the leaders of claims that they have not heard of, or not for a day.
///
/// # Errors
/// Missing facts.
pub fn raise(ctx: &mut Ctx<'_>) -> Decided {
    let at = ctx.at;
    let due = open(ctx, |claim| claim.told_at.is_none_or(|told| told + AGAIN <= at))?;
    if !due.is_empty() {
        tell_now(ctx, &due);
        ctx.wake(next_minute(at + AGAIN), Timer::Claims);
    }
    Ok(())
}

/// 谁说付了: a leader reads the claims that wait.
///
/// # Errors
/// Missing facts; `NoPaymentClaim`.
pub fn show(ctx: &mut Ctx<'_>) -> Decided {
    let orders = open(ctx, |_| true)?;
    if orders.is_empty() {
        return Err(Refusal::Payments(payments::Refusal::NoPaymentClaim).into());
    }
    let reply = waiting(ctx, &orders);
    ctx.say(reply);
    Ok(())
}

/// A leader finds no such money: the claims end at once, and whoever made them hears it.
///
/// # Errors
/// Missing facts; those of [`select`]; `NoPaymentClaim`.
pub fn deny(ctx: &mut Ctx<'_>, of: &Selection) -> Decided {
    let is_claimed = |order: &Order| order.private.open_claim().is_some();
    let mut chosen = select(ctx, of, OrderState::Placed, Order::is_unpaid)?;
    chosen.retain(|&id| ctx.shop.orders.get(id).is_some_and(is_claimed));
    if chosen.is_empty() {
        return Err(Refusal::Payments(payments::Refusal::NoPaymentClaim).into());
    }
    for &id in &chosen {
        ctx.member_row(ctx.order(id)?.member)?;
    }
    let least = next_minute(ctx.at + GRACE);
    for &order in &chosen {
        let Some(row) = ctx.shop.orders.edit(order) else { continue };
        let (member, claim) = (row.member, row.private.claim.as_mut());
        let until = claim.map_or(least, |claim| {
            claim.is_denied = true;
            claim.held_before.max(least)
        });
        hold(ctx, order, until);
        ctx.tell(member, Reply::Payments(payments::Reply::PaymentNotFound { order, until }));
        ctx.record("deny_claim", Some(order), None);
    }
    ctx.say(Reply::Payments(payments::Reply::ClaimantsTold { orders: chosen }));
    Ok(())
}

/// These orders are about to lapse, or lapsed, while their claims wait: the leaders hear it.
pub fn tell_now(ctx: &mut Ctx<'_>, orders: &[OrderId]) {
    let at = ctx.at;
    for &order in orders {
        let claim = ctx.shop.orders.edit(order).and_then(|row| row.private.claim.as_mut());
        if let Some(claim) = claim {
            claim.told_at = Some(at);
        }
    }
    let reply = waiting(ctx, orders);
    ctx.tell_leaders(&reply);
}

/// All unpaid orders with an open claim that `is_due`, oldest claim first.
fn open(ctx: &Ctx<'_>, is_due: impl Fn(&PaymentClaim) -> bool) -> Decided<Vec<OrderId>> {
    require_all(ctx, OrderState::Placed)?;
    let mut found = Vec::new();
    for order in ctx.shop.orders.values().filter(|order| order.is_unpaid()) {
        let Some(claim) = order.private.open_claim().filter(|claim| is_due(claim)) else {
            continue;
        };
        ctx.member_row(order.member)?;
        found.push((claim.at, order.id));
    }
    found.sort_unstable();
    Ok(found.into_iter().map(|(_, id)| id).collect())
}

/// What leaders read of these claims.
fn waiting(ctx: &Ctx<'_>, orders: &[OrderId]) -> Reply {
    let rows = || orders.iter().filter_map(|&id| ctx.shop.orders.get(id));
    let claims = rows().filter_map(|row| {
        let claim = row.private.open_claim()?;
        let due = row.still_due();
        Some(ClaimView {
            order: row.id,
            member: ctx.shop.members.get(row.member).map_or_else(String::new, |it| it.name.clone()),
            due,
            amount: claim.amount.filter(|amount| *amount != due),
            words: claim.words.clone(),
            has_picture: claim.has_picture,
            at: claim.at,
            held_until: row.is_unpaid().then_some(row.hold_until),
        })
    });
    Reply::Payments(payments::Reply::PaymentClaims {
        claims: claims.take(MOST).collect(),
        beyond: orders.len().saturating_sub(MOST),
        total: rows().map(Order::still_due).sum(),
    })
}
