//! One's own orders (我的订单).

use crate::book::ctx::{Ctx, Decided};
use crate::book::need::Report;
use crate::book::{Missing, Need};
use crate::decide::views;
use crate::domain::ids::{MemberId, OrderId};
use crate::domain::orders;
use crate::domain::reply::Reply;

/// The most orders that one list of one's own shows.
pub const MAX_MY_ORDERS: usize = 10;

/// The member's last orders, newest first. The list was read at the last save; what this batch has added
/// since is put on top.
///
/// # Errors
/// Missing facts; nobody speaks.
pub fn my_orders(ctx: &mut Ctx<'_>) -> Decided {
    let member = ctx.member()?;
    let numbers = recent(ctx, member)?;
    let mut orders = Vec::with_capacity(numbers.len().min(MAX_MY_ORDERS));
    for id in numbers.into_iter().take(MAX_MY_ORDERS) {
        orders.push(views::order(ctx.shop, ctx.order(id)?));
    }
    ctx.record("my_orders", None, None);
    ctx.say(Reply::Orders(orders::Reply::MyOrders { orders }));
    Ok(())
}

/// The numbers of a member's last orders, newest first.
///
/// # Errors
/// Missing facts.
pub fn recent(ctx: &Ctx<'_>, member: MemberId) -> Decided<Vec<OrderId>> {
    let recent = ctx.shop.known.reports.orders.recent.get(&member);
    let recent =
        recent.ok_or(Missing(Need::Report(Report::Orders(orders::Need::Recent(member)))))?;
    let newest = recent.iter().max().copied().unwrap_or(OrderId(0));
    let newer = ctx.shop.orders.of(member).map(|order| order.id).filter(|&id| id > newest);
    let mut numbers: Vec<OrderId> = newer.chain(recent.iter().copied()).collect();
    numbers.sort_unstable_by(|a, b| b.cmp(a));
    Ok(numbers)
}
