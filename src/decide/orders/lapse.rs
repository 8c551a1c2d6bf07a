//! Lapsing (过期释放): unpaid orders hold goods for a limited time, then let them go and say so.
//!
//! One timer serves all orders that fall due in the same minute. An order of which a part has been
//! paid never lapses by itself, since money cannot vanish into a cancelled order: it is held `HOLDS`
//! times, its buyer reminded before the end of each, and then left to the leaders, who are told once.

use std::collections::BTreeMap;

use crate::book::ctx::{Ctx, Decided};
use crate::domain::ids::{MemberId, OrderId};
use crate::domain::orders::{Order, OrderState};
use crate::domain::reply::Reply;
use crate::domain::{orders, payments};

use crate::decide::orders::order::apply;
use crate::decide::orders::selection::require_all;
use crate::decide::orders::{consequences, reminders};
use crate::decide::views;

/// How often an order that is paid in part is held before it is left to the leaders.
const HOLDS: i16 = 3;

/// Warn the buyers of orders that are about to lapse, each once and each buyer in one message.
///
/// # Errors
/// Missing facts.
pub fn warn(ctx: &mut Ctx<'_>) -> Decided {
    let (at, policy) = (ctx.at, &ctx.shop.policy);
    let due = unpaid(ctx, |order| {
        let is_soon = reminders::warning(policy, order, order.hold_until) <= at;
        !order.warned && is_soon && order.hold_until > at
    })?;
    reminders::remind_due(ctx)?;
    let mut claimed = Vec::new();
    for (member, orders) in due {
        let (waiting, orders): (Vec<_>, Vec<_>) =
            orders.into_iter().partition(|&id| is_claimed(ctx, id));
        claimed.extend(waiting);
        let (part_paid, orders): (Vec<_>, Vec<_>) =
            orders.into_iter().partition(|&id| is_part_paid(ctx, id));
        for id in part_paid {
            remind_of_rest(ctx, id);
        }
        let rows = orders.iter().filter_map(|&id| ctx.shop.orders.get(id));
        let Some(first) = rows.map(|order| order.hold_until).min() else { continue };
        let views = views::orders(ctx.shop, &orders);
        for &id in &orders {
            if let Some(row) = ctx.shop.orders.edit(id) {
                row.warned = true;
            }
            ctx.record("warn_of_lapse", Some(id), None);
        }
        ctx.tell(member, Reply::Orders(orders::Reply::AboutToLapse { orders: views, at: first }));
    }
    for &id in &claimed {
        if let Some(row) = ctx.shop.orders.edit(id) {
            row.warned = true;
        }
    }
    consequences::claims_run_out(ctx, &claimed);
    Ok(())
}

/// Whose buyer says to have paid: the leaders are to look, not the buyer.
fn is_claimed(ctx: &Ctx<'_>, order: OrderId) -> bool {
    ctx.shop.orders.get(order).is_some_and(|order| order.private.open_claim().is_some())
}

fn is_part_paid(ctx: &Ctx<'_>, order: OrderId) -> bool {
    ctx.shop.orders.get(order).is_some_and(|order| !order.received.is_zero())
}

/// An order of which a part was paid is not cancelled by time: its buyer hears what is missing.
fn remind_of_rest(ctx: &mut Ctx<'_>, order: OrderId) {
    let Some(row) = ctx.shop.orders.edit(order) else { return };
    row.warned = true;
    let (member, received, due) = (row.member, row.received, row.still_due());
    ctx.record("warn_of_lapse", Some(order), None);
    ctx.tell(member, Reply::Payments(payments::Reply::Underpaid { order, received, due }));
}

/// Release orders whose time is over: goods and points go back, the buyer is told.
///
/// # Errors
/// Missing facts.
pub fn release(ctx: &mut Ctx<'_>) -> Decided {
    let at = ctx.at;
    let due = unpaid(ctx, |order| order.hold_until <= at && order.prolonged < HOLDS)?;
    let (mut part_paid, mut claimed) = (Vec::new(), Vec::new());
    for (member, orders) in due {
        let (kept, lapsed): (Vec<_>, Vec<_>) =
            orders.into_iter().partition(|&id| is_part_paid(ctx, id));
        part_paid.extend(kept);
        let (waiting, lapsed): (Vec<_>, Vec<_>) =
            lapsed.into_iter().partition(|&id| is_claimed(ctx, id));
        for &id in &waiting {
            apply::lapse(ctx, id);
            ctx.record("lapse_order", Some(id), None);
        }
        if !waiting.is_empty() {
            let orders = waiting.clone();
            ctx.tell(member, Reply::Payments(payments::Reply::PaymentClaimLapsed { orders }));
        }
        claimed.extend(waiting);
        for &id in &lapsed {
            apply::lapse(ctx, id);
            ctx.record("lapse_order", Some(id), None);
        }
        if !lapsed.is_empty() {
            ctx.tell(member, Reply::Orders(orders::Reply::Lapsed { orders: lapsed }));
        }
    }
    keep(ctx, &part_paid);
    consequences::claims_run_out(ctx, &claimed);
    Ok(())
}

/// Unpaid orders by member, both in order of number.
fn unpaid(
    ctx: &Ctx<'_>,
    is_due: impl Fn(&Order) -> bool,
) -> Decided<BTreeMap<MemberId, Vec<OrderId>>> {
    require_all(ctx, OrderState::Placed)?;
    let mut due: BTreeMap<MemberId, Vec<OrderId>> = BTreeMap::new();
    for order in ctx.shop.orders.values().filter(|order| order.is_unpaid() && is_due(order)) {
        ctx.member_row(order.member)?;
        due.entry(order.member).or_default().push(order.id);
    }
    Ok(due)
}

/// Keep the goods of orders that are paid in part: for some time more, while their buyers are reminded, and
/// after that until the leaders, who are told once, decide.
fn keep(ctx: &mut Ctx<'_>, orders: &[OrderId]) {
    let mut left_to_leaders = Vec::new();
    for &id in orders {
        let Some(row) = ctx.shop.orders.edit(id) else { continue };
        row.prolonged += 1;
        if row.prolonged < HOLDS {
            apply::hold_again(ctx, id);
        } else {
            left_to_leaders.push(id);
        }
    }
    let orders = views::orders(ctx.shop, &left_to_leaders);
    if !orders.is_empty() {
        ctx.tell_leaders(&Reply::Payments(payments::Reply::RestMissing { orders }));
    }
}

#[cfg(test)]
mod tests {
    use chrono::Duration;

    use super::*;
    use crate::decide::testing::{A1, A2, AMING, LAOWANG, Stage, XIAOMEI, evening, want};
    use crate::domain::event::Timer;
    use crate::domain::intent::{Intent, LeaderIntent, Selection, WantedLine};
    use crate::domain::money::Money;

    fn busy() -> Stage {
        let mut stage = Stage::new();
        let order = |lines: &[WantedLine]| Intent::Orders(orders::Intent::Order(lines.to_vec()));
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
                Reply::Orders(orders::Reply::AboutToLapse { orders, .. }) => {
                    (heard.to, heard.private, orders.len())
                }
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
                Reply::Orders(orders::Reply::Lapsed { orders: vec![OrderId(1), OrderId(2)] }),
                Reply::Orders(orders::Reply::Lapsed { orders: vec![OrderId(3)] })
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
        assert_eq!(replies, [Reply::Orders(orders::Reply::Lapsed { orders: vec![OrderId(2)] })]);
        assert_eq!(stage.order(1).state, OrderState::Paid);
    }

    #[test]
    fn a_part_paid_order_is_kept_through_three_reminders_and_left_to_the_leaders() {
        let mut stage = busy();
        stage.shop.orders.edit(OrderId(3)).unwrap().received = Money::from_minor(1_000);
        let mut reminded = 0;
        for _ in 0..3 {
            let until = stage.order(3).hold_until;
            stage.due(until - Duration::hours(2), Timer::Warn);
            let heard = stage.heard();
            let reminders = heard.iter().filter(|it| {
                matches!(it.reply, Reply::Payments(payments::Reply::Underpaid { .. }))
            });
            reminded += reminders.count();
            stage.due(until, Timer::Release);
        }
        assert_eq!(reminded, 3);
        let told: Vec<_> = stage.heard().into_iter().map(|heard| (heard.to, heard.reply)).collect();
        let [(Some(leader), Reply::Payments(payments::Reply::RestMissing { orders }))] = &told[..]
        else {
            panic!("{told:?}")
        };
        assert_eq!((leader.as_str(), orders[0].order), ("阿明", OrderId(3)));
        // Nobody is told again, and the goods are still there for 老王.
        let much_later = stage.at + Duration::days(30);
        assert!(stage.due(much_later, Timer::Warn).is_empty());
        assert!(stage.due(much_later, Timer::Release).is_empty());
        assert_eq!(stage.order(3).state, OrderState::Placed);
        assert_eq!(stage.stock(A1), (49, 1));
    }

    #[test]
    fn another_part_of_the_money_is_another_beginning() {
        let mut stage = busy();
        let money = |stage: &mut Stage| {
            let (of, amount) = (Selection::Orders(vec![OrderId(3)]), Some(Money::from_minor(100)));
            stage.does(
                AMING,
                Intent::Lead(LeaderIntent::Payments(payments::Lead::Paid { of, amount })),
            );
        };
        money(&mut stage);
        for _ in 0..3 {
            stage.due(stage.order(3).hold_until, Timer::Release);
        }
        assert_eq!(stage.order(3).prolonged, 3);
        stage.later(60);
        money(&mut stage);
        assert_eq!(stage.order(3).prolonged, 0);
        assert_eq!(stage.order(3).hold_until, stage.at + Duration::hours(24));
    }
}
