//! Orders by a leader for a member (代下单): #84 A1改成1, 补单 @周周 A1 1, 取消 @王芳 A1. They are that member's orders, with
//! the member's inviter and points, and go the way of the member's own: [`plan`] checks, `amended` changes and tells. Who
//! did it is kept with the decision, and the member is told.
//!
//! A leader sells what is there after closing, too. Of an order that is paid nothing is changed here: less of it is a
//! refund, and more of it another order.

use crate::book::ctx::{Ctx, Decided};
use crate::domain::ids::{MemberId, OrderId};
use crate::domain::intent::{Intent, LeaderIntent, Op, Understood, WantedLine};
use crate::domain::orders::{self, Lead, Order, OrderPrivate, OrderState, Recipient, Whose};
use crate::domain::person::Person;
use crate::domain::refusal::Refusal;
use crate::domain::reply::LineView;

use crate::decide::ask;
use crate::decide::views;
use crate::decide::which;

use super::apply::Touched;
use super::plan::{self, Buyer, Change};
use super::{resolve, which_variant};

/// Change what a member has, or will have.
///
/// # Errors
/// Missing facts; a name of nobody or of several; `NoSuchOrder`; `PaidForMore`, `PaidForLess`, `WrongState` of an order
/// that waits for no payment; `NotTheirs`; then the refusals of [`plan::plan`], closing apart.
pub fn serve(ctx: &mut Ctx<'_>, whose: &Whose, lines: &[WantedLine]) -> Decided {
    serve_noting(ctx, whose, lines, None)
}

/// The same with a remark.
fn serve_noting(
    ctx: &mut Ctx<'_>,
    whose: &Whose,
    lines: &[WantedLine],
    note: Option<&str>,
) -> Decided {
    let (member, only) = match whose {
        Whose::Numbered(id) => (ctx.order(*id)?.member, Some(*id)),
        Whose::Of(person) => (ctx.member_of(person)?, None),
    };
    ctx.member_row(member)?;
    ctx.require_orders_of(member)?;
    let private = only.and_then(|id| ctx.shop.orders.get(id)).map(|row| row.private.clone());
    let for_whom: Option<Recipient<'_>> = private.as_ref().and_then(OrderPrivate::recipient);
    let buyer = Buyer { for_whom, note, only, by_leader: true, ..Buyer::of(member) };
    require_unpaid(ctx, buyer, lines)?;
    let lines = resolve::with_held_variants(ctx, buyer, lines);
    let wrap = |lines| wanted_for(whose, lines);
    if let Some(question) = which_variant(ctx, &lines, wrap) {
        return ask::ask(ctx, &question, &Understood::bare(Intent::Ask(question.clone())));
    }
    let mut changes = resolve::changes(ctx, buyer, &lines)?;
    stay(ctx, only, &mut changes);
    let plan = plan::plan(ctx, buyer, changes.clone())?;
    let touched = super::amended(ctx, plan, &changes, &lines);
    finish(ctx, member, touched);
    super::sold_out(ctx, &lines);
    Ok(())
}

/// A leader who says for whom they order, in an order's own words, orders for that member. Somebody who is no member has
/// no orders here: then it is the leader's own order for them, and this does nothing.
///
/// # Errors
/// Those of [`serve`].
pub fn serve_named(ctx: &mut Ctx<'_>, said: &Understood, lines: &[WantedLine]) -> Decided<bool> {
    let Some(person) = &said.for_whom else { return Ok(false) };
    let whose = Whose::Of(person.clone());
    match bearers(ctx, person)?[..] {
        [] => Ok(false),
        [only] if Some(only) == ctx.speaker => Ok(false),
        [_] => serve_noting(ctx, &whose, lines, said.note.as_deref()).map(|()| true),
        _ => {
            let said = Understood::bare(wanted_for(&whose, lines.to_vec()));
            which::ask_which(ctx, &said, person.name()).map(|()| true)
        }
    }
}

/// Whoever is meant.
fn bearers(ctx: &Ctx<'_>, person: &Person) -> Decided<Vec<MemberId>> {
    match person {
        Person::Named(name) => ctx.bearers(name),
        Person::Mentioned(contact) if contact.key.is_empty() => Ok(Vec::new()),
        Person::Mentioned(contact) => {
            let account = ctx.shop.community.account;
            Ok(ctx.shop.member_by_key(account, &contact.key)?.into_iter().collect())
        }
    }
}

fn wanted_for(whose: &Whose, lines: Vec<WantedLine>) -> Intent {
    Intent::Lead(LeaderIntent::Orders(Lead::OrderFor { whose: whose.clone(), lines }))
}

/// Every line that changes what is there has to be in a basket that waits for payment.
fn require_unpaid(ctx: &Ctx<'_>, buyer: Buyer<'_>, lines: &[WantedLine]) -> Decided {
    if let Some(id) = buyer.only {
        let order = ctx.order(id)?;
        return if order.is_unpaid() {
            lines.iter().try_for_each(|wanted| require_held(ctx, buyer, wanted))
        } else {
            Err(of_paid(ctx, order, lines)?.into())
        };
    }
    lines.iter().try_for_each(|wanted| require_held(ctx, buyer, wanted))
}

fn require_held(ctx: &Ctx<'_>, buyer: Buyer<'_>, wanted: &WantedLine) -> Decided {
    let is_new = wanted.op == Op::Add;
    if is_new || !resolve::holding(ctx, buyer, wanted).is_empty() {
        return Ok(());
    }
    let mut paid = ctx.shop.orders.of(buyer.member).rev().filter(|order| order.is_paid());
    let paid = paid.find(|order| buyer.only.is_none() && resolve::live_in(order, wanted) > 0);
    match paid {
        Some(order) => Err(of_paid(ctx, order, std::slice::from_ref(wanted))?.into()),
        None => Err(not_theirs(ctx, buyer.member, buyer.only, wanted)?.into()),
    }
}

fn not_theirs(
    ctx: &Ctx<'_>,
    member: MemberId,
    order: Option<OrderId>,
    wanted: &WantedLine,
) -> Decided<Refusal> {
    let member = ctx.member_row(member)?.name.clone();
    let name = views::name_of(ctx.shop, wanted.offer, wanted.variant);
    Ok(Refusal::Orders(orders::Refusal::NotTheirs { member, order, name }))
}

/// Why an order that waits for no payment is not changed: less of it is a refund, more of it another order.
fn of_paid(ctx: &Ctx<'_>, order: &Order, lines: &[WantedLine]) -> Decided<Refusal> {
    let (id, state) = (order.id, order.state);
    if !order.is_paid() || state == OrderState::Closed {
        return Ok(Refusal::Orders(orders::Refusal::WrongState { order: id, state }));
    }
    let (mut less, mut more): (Vec<LineView>, Vec<LineView>) = (Vec::new(), Vec::new());
    for wanted in lines {
        let held = resolve::live_in(order, wanted);
        if held == 0 && wanted.op != Op::Add {
            return not_theirs(ctx, order.member, Some(id), wanted);
        }
        let said = wanted.qty.unwrap_or(held);
        let shown = |qty| views::wanted(ctx.shop, &WantedLine { qty: Some(qty), ..wanted.clone() });
        match wanted.op {
            Op::Remove => less.push(shown(said.min(held))),
            Op::Set if said < held => less.push(shown(held - said)),
            Op::Set if said > held => more.push(shown(said - held)),
            Op::Set => {}
            Op::Add => more.push(shown(said)),
        }
    }
    let refused = if !less.is_empty() {
        orders::Refusal::PaidForMore { order: id, lines: less }
    } else if !more.is_empty() {
        let member = ctx.member_row(order.member)?.name.clone();
        orders::Refusal::PaidForLess { order: id, member, lines: more }
    } else {
        orders::Refusal::WrongState { order: id, state }
    };
    Ok(Refusal::Orders(refused))
}

/// What is added to an order goes into it, where it may stand beside what is there.
fn stay(ctx: &Ctx<'_>, only: Option<OrderId>, changes: &mut [Change]) {
    let Some(order) = only.and_then(|id| ctx.shop.orders.get(id)) else { return };
    for change in changes.iter_mut().filter(|change| change.order.is_none()) {
        let offer = ctx.shop.offers.get(change.offer);
        let fits = offer.is_some_and(|offer| offer.baskets_of() == order.closes_at);
        change.order = fits.then_some(order.id);
    }
}

/// The member is told in the group, where the leader reads it as well.
fn finish(ctx: &mut Ctx<'_>, member: MemberId, touched: Vec<Touched>) {
    if let Some(speaker) = ctx.speaker {
        ask::clear(ctx, speaker);
    }
    super::record(ctx, "order_for_member", &touched);
    let is_own = ctx.speaker == Some(member);
    for reply in super::told(ctx, touched, !is_own) {
        if ctx.private && !is_own {
            ctx.say(reply.clone());
        }
        ctx.call(member, reply);
    }
}

#[cfg(test)]
#[expect(clippy::needless_pass_by_value, reason = "tests read better with values")]
mod tests;
