//! Cancelling whole orders before they are paid: one's own, by number, or as a leader.
//!
//! Who may: the member who placed it, the member it is for, a leader. A paid order is not cancelled
//! but refunded, by the leader; so is one of which a part has been paid, unless the leader cancels it.

use std::collections::BTreeSet;

use crate::book::desk::{Decided, Desk};
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
pub(super) fn all_of(desk: &mut Desk<'_>, member: MemberId) -> Decided {
    let orders = unpaid_of(desk, member);
    if let Some(&order) = orders.iter().find(|&&id| is_part_paid(desk, id)) {
        return Err(Refusal::Payments(payments::Refusal::AlreadyPaid { order }).into());
    }
    if orders.is_empty() {
        return Err(nothing_unpaid(desk, member).into());
    }
    cancel_all(desk, orders);
    Ok(())
}

fn nothing_unpaid(desk: &Desk<'_>, member: MemberId) -> Refusal {
    let on_its_way = |order: &&Order| matches!(order.state, OrderState::Paid | OrderState::Shipped);
    match desk.shop.orders.of(member).rev().find(on_its_way) {
        Some(order) => Refusal::Payments(payments::Refusal::AlreadyPaid { order: order.id }),
        None => Refusal::Orders(orders::Refusal::NothingOrdered),
    }
}

fn unpaid_of(desk: &Desk<'_>, member: MemberId) -> Vec<OrderId> {
    desk.shop.orders.of(member).filter(|order| order.is_unpaid()).map(|order| order.id).collect()
}

/// Cancel orders by number.
///
/// # Errors
/// Missing facts; for the first order that fails: `NoSuchOrder`, `NotYours`,
/// `AlreadyPaid`, `WrongState`.
pub fn cancel_orders(desk: &mut Desk<'_>, orders: &[OrderId]) -> Decided {
    for &id in orders {
        desk.member_row(desk.order(id)?.member)?;
    }
    for &id in orders {
        let order = desk.order(id)?;
        if !may_cancel(desk, id)? {
            return not_theirs(desk, id);
        }
        if !order.is_unpaid() {
            return Err(not_cancellable(order).into());
        }
        if desk.role < Role::Leader && is_part_paid(desk, id) {
            return Err(Refusal::Payments(payments::Refusal::AlreadyPaid { order: id }).into());
        }
    }
    let orders: BTreeSet<_> = orders.iter().copied().collect();
    cancel_all(desk, orders.into_iter().collect());
    Ok(())
}

/// The recipient is whoever the buyer mentioned: a name can be taken by anybody.
fn may_cancel(desk: &Desk<'_>, id: OrderId) -> Decided<bool> {
    let order = desk.order(id)?;
    if desk.role >= Role::Leader || desk.speaker == Some(order.member) {
        return Ok(true);
    }
    let Some(key) = &order.private.for_key else { return Ok(false) };
    Ok(desk.member_row(desk.member()?)?.key == *key)
}

/// Somebody who only bears the name of the recipient is not refused: the buyer is asked.
fn not_theirs(desk: &mut Desk<'_>, id: OrderId) -> Decided {
    let speaker = desk.member()?;
    let name = desk.member_row(speaker)?.name.clone();
    let order = desk.order(id)?;
    let buyer = order.member;
    let recipient = order.private.recipient().filter(|it| it.key.is_none());
    let bears = recipient.is_some_and(|it| look_alike(it.name, &name));
    if !bears || !order.is_unpaid() {
        return Err(Refusal::Orders(orders::Refusal::NotYours { order: id }).into());
    }
    // One question at a time: nobody keeps a buyer from answering another.
    if desk.member_row(buyer)?.question.is_none() {
        let question = Question::of(
            Why::Recipient,
            vec![Intent::Orders(orders::Intent::CancelOrders(vec![id]))],
        );
        ask::put_to(desk, buyer, &question, &name)?;
    }
    desk.say(Reply::Orders(orders::Reply::BuyerAsked { order: id }));
    desk.record("ask_buyer", Some(id), None);
    Ok(())
}

/// A leader cancels what is not paid: of these members, by number, or all there is.
///
/// # Errors
/// Missing facts; `UnknownMember`; `NoOrders`; those of [`cancel_orders`].
pub fn cancel_of(desk: &mut Desk<'_>, of: &Selection) -> Decided {
    if let Selection::Orders(orders) = of {
        return cancel_orders(desk, orders);
    }
    let orders = select(desk, of, OrderState::Placed, Order::is_unpaid)?;
    for &id in &orders {
        desk.member_row(desk.order(id)?.member)?;
    }
    cancel_all(desk, orders);
    Ok(())
}

/// The speaker is answered; a buyer whose order somebody else cancelled is told in the group.
fn cancel_all(desk: &mut Desk<'_>, orders: Vec<OrderId>) {
    let mut buyers: BTreeSet<MemberId> = BTreeSet::new();
    for &id in &orders {
        desk.before(id);
        apply::cancel(desk, id);
        consequences::reduced(desk, id);
        desk.record("cancel_order", Some(id), None);
        buyers.extend(desk.shop.orders.get(id).map(|order| order.member));
    }
    if let Some(speaker) = desk.speaker {
        ask::clear(desk, speaker);
    }
    let speaker = desk.speaker;
    for &buyer in buyers.iter().filter(|&&buyer| Some(buyer) != speaker) {
        let of_buyer =
            |id: &OrderId| desk.shop.orders.get(*id).is_some_and(|it| it.member == buyer);
        let orders = orders.iter().copied().filter(of_buyer).collect();
        desk.call(buyer, Reply::Orders(orders::Reply::OrdersCancelled { orders }));
    }
    let speaker_buys = desk.speaker.is_some_and(|speaker| buyers.contains(&speaker));
    // In the group the leader reads what the buyers are told. Whom an order is for hears it themselves.
    if speaker_buys || desk.role < Role::Leader || desk.private || buyers.len() > 1 {
        desk.say(Reply::Orders(orders::Reply::OrdersCancelled { orders }));
    }
}
