//! Delivery (发货, 收货): paid orders go out, arrive, and their return window begins.
//!
//! Shipping times out into receipt; from receipt the commission of an order waits for the end of the
//! return window. Both happen at a local midnight, so that a community has one timer a day for all.

use std::collections::BTreeMap;

use crate::book::ctx::{Ctx, Decided};
use crate::domain::event::Timer;
use crate::domain::ids::{MemberId, OrderId};
use crate::domain::intent::Selection;
use crate::domain::orders::{Order, OrderState};
use crate::domain::refusal::Refusal;
use crate::domain::reply::Reply;
use crate::domain::time::{Timestamp, local_midnight_after};
use crate::domain::{orders, shipping};

use crate::decide::orders::selection::{MAX_ORDERS, require_all, select};
use crate::decide::views;

use super::reminders;

/// The longest carrier's name or tracking number that is noted.
pub const MAX_TRACKING: usize = 40;

/// A leader ships paid orders. One that is already under way takes the new carrier and number.
///
/// # Errors
/// Those of [`select`]; [`crate::book::Missing`].
pub fn ship(
    ctx: &mut Ctx<'_>,
    of: &Selection,
    carrier: Option<&str>,
    tracking: Option<&str>,
) -> Decided {
    let fits = |order: &Order| matches!(order.state, OrderState::Paid | OrderState::Shipped);
    let orders = select(ctx, of, OrderState::Paid, fits)?;
    let by_member = buyers_of(ctx, &orders)?;
    let short = |text: &str| text.chars().take(MAX_TRACKING).collect::<String>();
    let (carrier, tracking) = (carrier.map(short), tracking.map(short));
    for &order in &orders {
        let at = ctx.at;
        let Some(row) = ctx.shop.orders.edit(order) else { continue };
        row.state = OrderState::Shipped;
        row.shipped_at = row.shipped_at.or(Some(at));
        row.private.carrier = carrier.clone().or(row.private.carrier.take());
        row.private.tracking = tracking.clone().or(row.private.tracking.take());
    }
    ctx.wake(taken_as_received(ctx, ctx.at), Timer::Receive);
    reminders::plan_receipt(ctx, ctx.at);
    for (member, orders) in by_member {
        let orders = views::orders(ctx.shop, &orders);
        let (carrier, tracking) = (carrier.clone(), tracking.clone());
        ctx.call(member, Reply::Shipping(shipping::Reply::Shipped { orders, carrier, tracking }));
    }
    ctx.record("ship_orders", orders.first().copied(), None);
    Ok(())
}

/// When an order shipped at `shipped_at` counts as received: after the policy's full days.
fn taken_as_received(ctx: &Ctx<'_>, shipped_at: Timestamp) -> Timestamp {
    let days = ctx.shop.policy.orders.receive_after_days;
    local_midnight_after(shipped_at, days.saturating_add(1), ctx.shop.community.time_zone)
}

/// These orders by buyer, all of whom are in the book.
fn buyers_of(ctx: &Ctx<'_>, orders: &[OrderId]) -> Decided<BTreeMap<MemberId, Vec<OrderId>>> {
    let mut buyers: BTreeMap<MemberId, Vec<OrderId>> = BTreeMap::new();
    for &order in orders {
        let member = ctx.member_row(ctx.order(order)?.member)?.id;
        buyers.entry(member).or_default().push(order);
    }
    Ok(buyers)
}

/// Goods are there only after they were paid; who picks up never has them shipped.
pub(super) fn can_arrive(order: &Order) -> bool {
    matches!(order.state, OrderState::Paid | OrderState::Shipped)
}

/// A leader reports that goods were received: what is under way, or, of members who have nothing under
/// way, what is paid and was picked up.
///
/// # Errors
/// Those of [`select`]; [`crate::book::Missing`].
pub fn delivered(ctx: &mut Ctx<'_>, of: &Selection) -> Decided {
    let orders = match select(ctx, of, OrderState::Shipped, can_arrive) {
        Err(stop)
            if stop == Refusal::Orders(orders::Refusal::NoOrders).into()
                && *of != Selection::All =>
        {
            select(ctx, of, OrderState::Paid, can_arrive)?
        }
        other => other?,
    };
    for (member, orders) in buyers_of(ctx, &orders)? {
        arrive(ctx, &orders);
        ctx.call(member, Reply::Shipping(shipping::Reply::GoodsReceived { orders }));
    }
    ctx.record("report_delivery", orders.first().copied(), None);
    Ok(())
}

/// Goods are with the member: the return window begins, and a timer waits for its end.
pub(super) fn arrive(ctx: &mut Ctx<'_>, orders: &[OrderId]) {
    let days = ctx.shop.policy.commission.return_window_days;
    let zone = ctx.shop.community.time_zone;
    // Full days count from the day after receipt.
    let (at, due) = (ctx.at, local_midnight_after(ctx.at, days.saturating_add(1), zone));
    // A receipt that was parked for weeks may be tried again when its window is over: it is settled next.
    let behind =
        ctx.shop.settled.map_or(due, |settled| settled.at + chrono::Duration::milliseconds(1));
    let due = due.max(behind);
    for &order in orders {
        let Some(row) = ctx.shop.orders.edit(order) else { continue };
        row.state = OrderState::Received;
        row.received_at = Some(at);
        row.due_at = Some(due);
    }
    ctx.wake(due, Timer::Settle);
}

/// Timer: orders that were shipped long enough ago count as received; each buyer is told alone.
///
/// # Errors
/// [`crate::book::Missing`] if not all shipped orders are in the book.
pub fn receive_due(ctx: &mut Ctx<'_>) -> Decided {
    require_all(ctx, OrderState::Shipped)?;
    let is_due = |order: &&Order| {
        order.state == OrderState::Shipped
            && order.shipped_at.is_some_and(|at| taken_as_received(ctx, at) <= ctx.at)
    };
    let due = ctx.shop.orders.values().filter(is_due).map(|order| order.id);
    let due: Vec<OrderId> = due.take(MAX_ORDERS).collect();
    let by_member = buyers_of(ctx, &due)?;
    if due.len() == MAX_ORDERS {
        ctx.wake(ctx.at + chrono::Duration::seconds(1), Timer::Receive);
    }
    for (member, orders) in by_member {
        arrive(ctx, &orders);
        ctx.tell(member, Reply::Shipping(shipping::Reply::GoodsReceived { orders }));
    }
    if !due.is_empty() {
        ctx.record("take_as_received", None, None);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::testing::{A1, A2, AMING, LAOWANG, Stage, XIAOMEI};
    use crate::decide::testing_orders::{assert_books_agree, owed, placed};
    use crate::domain::intent::{Intent, LeaderIntent};
    use crate::domain::ledger::Purse;
    use crate::domain::payments;

    fn lead(stage: &mut Stage, intent: LeaderIntent) -> Vec<Reply> {
        stage.does(AMING, Intent::Lead(intent))
    }

    fn paid(stage: &mut Stage, member: MemberId) -> OrderId {
        let order = placed(stage, member, &[(A1, None, 1)]);
        let of = Selection::Orders(vec![order]);
        lead(stage, LeaderIntent::Payments(payments::Lead::Paid { of, amount: None }));
        order
    }

    fn ship(stage: &mut Stage, of: Selection, tracking: Option<&str>) -> Vec<Reply> {
        let (carrier, tracking) = (Some("顺丰".to_owned()), tracking.map(str::to_owned));
        lead(stage, LeaderIntent::Shipping(shipping::Lead::Ship { of, carrier, tracking }))
    }

    fn state(stage: &Stage, order: OrderId) -> OrderState {
        stage.order(order.0).state
    }

    #[test]
    fn a_shipped_order_carries_its_number_and_may_be_corrected() {
        let mut stage = Stage::new();
        let order = paid(&mut stage, XIAOMEI);
        let of = || Selection::Orders(vec![order]);
        ship(&mut stage, of(), Some("SF123"));
        ship(&mut stage, of(), Some("SF124"));
        let row = stage.order(order.0);
        assert_eq!((row.state, row.shipped_at), (OrderState::Shipped, Some(stage.at)));
        assert_eq!(row.private.tracking.as_deref(), Some("SF124"));
        assert_eq!(row.private.carrier.as_deref(), Some("顺丰"));
    }

    #[test]
    fn what_is_not_paid_is_not_shipped() {
        let mut stage = Stage::new();
        let order = placed(&mut stage, XIAOMEI, &[(A2, None, 1)]);
        let said = ship(&mut stage, Selection::Orders(vec![order]), None);
        let refused =
            Refusal::Orders(orders::Refusal::WrongState { order, state: OrderState::Placed });
        assert_eq!(Stage::refusal(&said), refused);
        assert_eq!(
            Stage::refusal(&ship(&mut stage, Selection::All, None)),
            Refusal::Orders(orders::Refusal::NoOrders)
        );
    }

    #[test]
    fn a_leader_says_received_for_a_buyer() {
        let mut stage = Stage::new();
        let (first, second) = (paid(&mut stage, XIAOMEI), paid(&mut stage, LAOWANG));
        stage.does(AMING, Intent::Shipping(shipping::Intent::Received(vec![first])));
        assert_eq!(state(&stage, first), OrderState::Received);
        assert_eq!(state(&stage, second), OrderState::Paid);
        let unpaid = placed(&mut stage, XIAOMEI, &[(A2, None, 1)]);
        let said = stage.does(AMING, Intent::Shipping(shipping::Intent::Received(vec![unpaid])));
        let refused = Refusal::Orders(orders::Refusal::WrongState {
            order: unpaid,
            state: OrderState::Placed,
        });
        assert_eq!(Stage::refusal(&said), refused);
    }

    #[test]
    fn a_leader_reports_what_was_picked_up() {
        let mut stage = Stage::new();
        let (first, second) = (paid(&mut stage, XIAOMEI), paid(&mut stage, LAOWANG));
        let names = Selection::Members(vec!["小美".into()]);
        lead(&mut stage, LeaderIntent::Shipping(shipping::Lead::Delivered(names)));
        assert_eq!(state(&stage, first), OrderState::Received);
        // 全部 means what is under way, and nothing is.
        let said =
            lead(&mut stage, LeaderIntent::Shipping(shipping::Lead::Delivered(Selection::All)));
        assert_eq!(Stage::refusal(&said), Refusal::Orders(orders::Refusal::NoOrders));
        assert_eq!(state(&stage, second), OrderState::Paid);
    }

    #[test]
    fn shipped_goods_count_as_received_after_full_days() {
        let mut stage = Stage::new();
        let order = paid(&mut stage, XIAOMEI);
        ship(&mut stage, Selection::All, None); // 4 March, seven days
        let due: Timestamp = "2026-03-11T16:00:00Z".parse().unwrap(); // 00:00 on 12 March
        assert!(stage.shop.fresh.timers.contains(&(due, Timer::Receive)));
        stage.due(due - chrono::Duration::seconds(1), Timer::Receive);
        assert_eq!(state(&stage, order), OrderState::Shipped);
        stage.heard();
        stage.due(due, Timer::Receive);
        let row = stage.order(order.0);
        assert_eq!((row.state, row.received_at), (OrderState::Received, Some(due)));
        assert_eq!(row.due_at, Some("2026-03-19T16:00:00Z".parse().unwrap()));
        assert!(stage.heard()[0].private);
    }

    #[test]
    fn a_receipt_tried_again_after_its_window_is_settled_next_and_not_before() {
        let mut stage = Stage::new();
        let (first, second) = (paid(&mut stage, XIAOMEI), paid(&mut stage, XIAOMEI));
        let then = stage.at;
        let got =
            |id| LeaderIntent::Shipping(shipping::Lead::Delivered(Selection::Orders(vec![id])));
        lead(&mut stage, got(first));
        let due = stage.order(first.0).due_at.unwrap();
        stage.due(due, Timer::Settle);
        stage.at = then;
        lead(&mut stage, got(second));
        let late = stage.order(second.0).due_at.unwrap();
        assert!(due < late, "{late}");
        assert_eq!(state(&stage, second), OrderState::Received);
        stage.due(late, Timer::Settle);
        assert_eq!(state(&stage, second), OrderState::Closed);
        assert_eq!(owed(&stage, AMING, Purse::Frozen), 0);
        assert_books_agree(&stage);
    }
}
