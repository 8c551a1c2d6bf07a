//! Cancelling whole orders before they are paid: one's own, by number, or as a leader.
//!
//! Who may: the member who placed it, the member it is for, a leader. A paid order is not cancelled
//! but refunded, by the leader; so is one of which a part has been paid, unless the leader cancels it.

use std::collections::BTreeSet;

use crate::book::ctx::{Ctx, Decided};
use crate::decide::ask;
use crate::decide::orders::consequences;
use crate::decide::orders::selection::select;
use crate::domain::ids::{MemberId, OrderId};
use crate::domain::intent::{Intent, Question, Role, Selection, Why};
use crate::domain::name::look_alike;
use crate::domain::orders::{Order, OrderState};
use crate::domain::refusal::Refusal;
use crate::domain::reply::Reply;
use crate::domain::{orders, payments};

use super::{apply, is_part_paid, not_cancellable};

/// Cancel everything unpaid of a member's own.
pub(super) fn all_of(ctx: &mut Ctx<'_>, member: MemberId) -> Decided {
    let orders = unpaid_of(ctx, member);
    if let Some(&order) = orders.iter().find(|&&id| is_part_paid(ctx, id)) {
        return Err(Refusal::Payments(payments::Refusal::AlreadyPaid { order }).into());
    }
    if orders.is_empty() {
        return Err(nothing_unpaid(ctx, member).into());
    }
    cancel_all(ctx, orders);
    Ok(())
}

fn nothing_unpaid(ctx: &Ctx<'_>, member: MemberId) -> Refusal {
    let on_its_way = |order: &&Order| matches!(order.state, OrderState::Paid | OrderState::Shipped);
    match ctx.shop.orders.of(member).rev().find(on_its_way) {
        Some(order) => Refusal::Payments(payments::Refusal::AlreadyPaid { order: order.id }),
        None => Refusal::Orders(orders::Refusal::NothingOrdered),
    }
}

fn unpaid_of(ctx: &Ctx<'_>, member: MemberId) -> Vec<OrderId> {
    ctx.shop.orders.of(member).filter(|order| order.is_unpaid()).map(|order| order.id).collect()
}

/// Cancel orders by number.
///
/// # Errors
/// Missing facts; for the first order that fails: `NoSuchOrder`, `NotYours`,
/// `AlreadyPaid`, `WrongState`.
pub fn cancel_orders(ctx: &mut Ctx<'_>, orders: &[OrderId]) -> Decided {
    for &id in orders {
        ctx.member_row(ctx.order(id)?.member)?;
    }
    for &id in orders {
        let order = ctx.order(id)?;
        if !may_cancel(ctx, id)? {
            return not_theirs(ctx, id);
        }
        if !order.is_unpaid() {
            return Err(not_cancellable(order).into());
        }
        if ctx.role < Role::Leader && is_part_paid(ctx, id) {
            return Err(Refusal::Payments(payments::Refusal::AlreadyPaid { order: id }).into());
        }
    }
    let orders: BTreeSet<_> = orders.iter().copied().collect();
    cancel_all(ctx, orders.into_iter().collect());
    Ok(())
}

/// The recipient is whoever the buyer mentioned: a name can be taken by anybody.
fn may_cancel(ctx: &Ctx<'_>, id: OrderId) -> Decided<bool> {
    let order = ctx.order(id)?;
    if ctx.role >= Role::Leader || ctx.speaker == Some(order.member) {
        return Ok(true);
    }
    let Some(key) = &order.private.for_key else { return Ok(false) };
    Ok(ctx.member_row(ctx.member()?)?.key == *key)
}

/// Somebody who only bears the name of the recipient is not refused: the buyer is asked.
fn not_theirs(ctx: &mut Ctx<'_>, id: OrderId) -> Decided {
    let speaker = ctx.member()?;
    let name = ctx.member_row(speaker)?.name.clone();
    let order = ctx.order(id)?;
    let buyer = order.member;
    let recipient = order.private.recipient().filter(|it| it.key.is_none());
    let bears = recipient.is_some_and(|it| look_alike(it.name, &name));
    if !bears || !order.is_unpaid() {
        return Err(Refusal::Orders(orders::Refusal::NotYours { order: id }).into());
    }
    // One question at a time: nobody keeps a buyer from answering another.
    let awaited = ctx.member_row(buyer)?.question.as_ref();
    if awaited.is_none_or(|it| it.question.why == Why::Spoken) {
        let question = Question::of(
            Why::Recipient,
            vec![Intent::Orders(orders::Intent::CancelOrders(vec![id]))],
        );
        ask::put_to(ctx, buyer, &question, &name)?;
    }
    ctx.say(Reply::Orders(orders::Reply::BuyerAsked { order: id }));
    ctx.record("ask_buyer", Some(id), None);
    Ok(())
}

/// A leader cancels what is not paid: of these members, by number, or all there is.
///
/// # Errors
/// Missing facts; `UnknownMember`; `NoOrders`; those of [`cancel_orders`].
pub fn cancel_of(ctx: &mut Ctx<'_>, of: &Selection) -> Decided {
    if let Selection::Orders(orders) = of {
        return cancel_orders(ctx, orders);
    }
    let orders = select(ctx, of, OrderState::Placed, Order::is_unpaid)?;
    for &id in &orders {
        ctx.member_row(ctx.order(id)?.member)?;
    }
    cancel_all(ctx, orders);
    Ok(())
}

/// The speaker is answered; a buyer whose order somebody else cancelled is told in the group.
fn cancel_all(ctx: &mut Ctx<'_>, orders: Vec<OrderId>) {
    let mut buyers: BTreeSet<MemberId> = BTreeSet::new();
    for &id in &orders {
        ctx.before(id);
        apply::cancel(ctx, id);
        consequences::reduced(ctx, id);
        ctx.record("cancel_order", Some(id), None);
        buyers.extend(ctx.shop.orders.get(id).map(|order| order.member));
    }
    if let Some(speaker) = ctx.speaker {
        ask::clear(ctx, speaker);
    }
    let speaker = ctx.speaker;
    for &buyer in buyers.iter().filter(|&&buyer| Some(buyer) != speaker) {
        let of_buyer = |id: &OrderId| ctx.shop.orders.get(*id).is_some_and(|it| it.member == buyer);
        let orders = orders.iter().copied().filter(of_buyer).collect();
        let by_leader = ctx.role >= Role::Leader;
        ctx.call(buyer, Reply::Orders(orders::Reply::OrdersCancelled { orders, by_leader }));
    }
    let speaker_buys = ctx.speaker.is_some_and(|speaker| buyers.contains(&speaker));
    // In the group the leader reads what the buyers are told. Whom an order is for hears it themselves.
    if speaker_buys || ctx.role < Role::Leader || ctx.private || buyers.len() > 1 {
        let by_leader = ctx.role >= Role::Leader && !speaker_buys;
        ctx.say(Reply::Orders(orders::Reply::OrdersCancelled { orders, by_leader }));
    }
}
