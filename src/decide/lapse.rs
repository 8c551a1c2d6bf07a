//! Lapsing (过期释放): unpaid orders hold goods for a limited time, then let them go and say so.
//!
//! One timer serves all orders that fall due in the same minute. An order of which a part has been
//! paid never lapses by itself: its hold is prolonged and the leaders are told, since money cannot
//! vanish into a cancelled order.

use std::collections::BTreeMap;

use chrono::Duration;

use crate::book::desk::{Decided, Desk};
use crate::domain::ids::{MemberId, OrderId};
use crate::domain::order::{Order, OrderState};
use crate::domain::reply::Reply;

use super::order::apply;
use super::selection::require_all;
use super::views;

/// Warn the buyers of orders that are about to lapse, each once and each buyer in one message.
///
/// # Errors
/// Missing facts.
pub fn warn(desk: &mut Desk<'_>) -> Decided {
    let soon = desk.at + Duration::minutes(i64::from(desk.shop.policy.orders.warn_minutes));
    let at = desk.at;
    let due =
        unpaid(desk, |order| !order.warned && order.hold_until <= soon && order.hold_until > at)?;
    for (member, orders) in due {
        let (part_paid, orders): (Vec<_>, Vec<_>) =
            orders.into_iter().partition(|&id| is_part_paid(desk, id));
        for id in part_paid {
            remind_of_rest(desk, id);
        }
        let rows = || orders.iter().filter_map(|&id| desk.shop.orders.get(id));
        let Some(first) = rows().map(|order| order.hold_until).min() else { continue };
        let views = rows().map(|order| views::order(desk.shop, order)).collect();
        for &id in &orders {
            if let Some(row) = desk.shop.orders.edit(id) {
                row.warned = true;
            }
            desk.record("warn_of_lapse", Some(id), None);
        }
        desk.tell(member, Reply::AboutToLapse { orders: views, at: first });
    }
    Ok(())
}

fn is_part_paid(desk: &Desk<'_>, order: OrderId) -> bool {
    desk.shop.orders.get(order).is_some_and(|order| !order.received.is_zero())
}

/// An order of which a part was paid is not cancelled by time: its buyer hears what is missing.
fn remind_of_rest(desk: &mut Desk<'_>, order: OrderId) {
    let Some(row) = desk.shop.orders.edit(order) else { return };
    row.warned = true;
    let (member, received, due) = (row.member, row.received, row.total() - row.received);
    desk.record("warn_of_lapse", Some(order), None);
    desk.tell(member, Reply::Underpaid { order, received, due });
}

/// Release orders whose time is over: goods and points go back, the buyer is told.
///
/// # Errors
/// Missing facts.
pub fn release(desk: &mut Desk<'_>) -> Decided {
    let at = desk.at;
    let due = unpaid(desk, |order| order.hold_until <= at)?;
    let mut part_paid = Vec::new();
    for (member, orders) in due {
        let (kept, lapsed): (Vec<_>, Vec<_>) =
            orders.into_iter().partition(|&id| is_part_paid(desk, id));
        part_paid.extend(kept);
        for &id in &lapsed {
            apply::cancel(desk, id);
            desk.record("lapse_order", Some(id), None);
        }
        if !lapsed.is_empty() {
            desk.tell(member, Reply::Lapsed { orders: lapsed });
        }
    }
    prolong(desk, &part_paid);
    Ok(())
}

/// Unpaid orders by member, both in order of number.
fn unpaid(
    desk: &Desk<'_>,
    is_due: impl Fn(&Order) -> bool,
) -> Decided<BTreeMap<MemberId, Vec<OrderId>>> {
    require_all(desk, OrderState::Placed)?;
    let mut due: BTreeMap<MemberId, Vec<OrderId>> = BTreeMap::new();
    for order in desk.shop.orders.values().filter(|order| order.is_unpaid() && is_due(order)) {
        desk.member_row(order.member)?;
        due.entry(order.member).or_default().push(order.id);
    }
    Ok(due)
}

fn prolong(desk: &mut Desk<'_>, orders: &[OrderId]) {
    if orders.is_empty() {
        return;
    }
    let until = desk.at + Duration::minutes(i64::from(desk.shop.policy.orders.hold_minutes));
    for &id in orders {
        apply::hold(desk, id, until);
    }
    let rows = || orders.iter().filter_map(|&id| desk.shop.orders.get(id));
    let total = rows().map(|order| order.total() - order.received).sum();
    let orders = rows().map(|order| views::order(desk.shop, order)).collect();
    desk.tell_leaders(&Reply::Unpaid { orders, total });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::testing::{A1, A2, LAOWANG, Stage, XIAOMEI, evening, want};
    use crate::domain::event::Timer;
    use crate::domain::intent::{Intent, WantedLine};
    use crate::domain::money::Money;

    fn busy() -> Stage {
        let mut stage = Stage::new();
        let order = |lines: &[WantedLine]| Intent::Order(lines.to_vec());
        stage.shop.offers.edit(A2).unwrap().closes_at = evening() - Duration::minutes(30);
        stage.does(XIAOMEI, order(&[want(A1, 2)]));
        stage.does(XIAOMEI, order(&[want(A2, 2)]));
        stage.does(LAOWANG, order(&[want(A1, 1)]));
        stage.heard();
        stage
    }

    #[test]
    fn each_buyer_is_warned_once_in_one_message() {
        let mut stage = busy();
        let soon = evening() + Duration::hours(22);
        stage.due(soon - Duration::hours(1), Timer::Warn);
        assert!(stage.heard().is_empty(), "too early");
        stage.due(soon, Timer::Warn);
        let told: Vec<_> = stage
            .heard()
            .into_iter()
            .map(|heard| match heard.reply {
                Reply::AboutToLapse { orders, .. } => (heard.to, heard.private, orders.len()),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(told, [(Some("小美".into()), true, 2), (Some("老王".into()), true, 1)]);
        stage.due(soon + Duration::minutes(1), Timer::Warn);
        assert!(stage.heard().is_empty(), "once");
    }

    #[test]
    fn what_lapses_gives_its_goods_back_and_says_so() {
        let mut stage = busy();
        let replies = stage.due(evening() + Duration::hours(24), Timer::Release);
        assert_eq!(
            replies,
            [
                Reply::Lapsed { orders: vec![OrderId(1), OrderId(2)] },
                Reply::Lapsed { orders: vec![OrderId(3)] }
            ]
        );
        assert_eq!((stage.stock(A1), stage.stock(A2)), ((50, 0), (2, 0)));
        assert_eq!(stage.order(1).state, OrderState::Cancelled);
        stage.assert_stock_is_conserved();
    }

    #[test]
    fn paid_orders_stay_and_nothing_lapses_early() {
        let mut stage = busy();
        stage.shop.orders.edit(OrderId(1)).unwrap().state = OrderState::Paid;
        let first = evening() + Duration::minutes(24 * 60 - 30);
        assert!(stage.due(first - Duration::seconds(1), Timer::Release).is_empty());
        let replies = stage.due(first, Timer::Release);
        assert_eq!(replies, [Reply::Lapsed { orders: vec![OrderId(2)] }]);
        assert_eq!(stage.order(1).state, OrderState::Paid);
    }

    #[test]
    fn a_part_paid_order_is_kept_and_shown_to_the_leaders() {
        let mut stage = busy();
        stage.shop.orders.edit(OrderId(3)).unwrap().received = Money::from_minor(1_000);
        let at = evening() + Duration::hours(24);
        let replies = stage.due(at, Timer::Release);
        let due = Money::from_minor(2_990);
        assert!(matches!(replies.last(), Some(Reply::Unpaid { total, .. }) if *total == due));
        assert_eq!(stage.order(3).hold_until, at + Duration::hours(24));
        assert_eq!(stage.stock(A1), (49, 1));
    }
}
