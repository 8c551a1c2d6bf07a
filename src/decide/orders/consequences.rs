//! What follows when an order goes on (订单流转): which rooms have something to do with it, in which order, and why.
//! Nothing else in this room knows the rooms above it.

use crate::book::ctx::Ctx;
use crate::decide::loyalty::points::{self, Undone};
use crate::decide::payments::{claim, deposit, payment};
use crate::decide::pricing::cuts;
use crate::decide::referral::earnings;
use crate::domain::ids::{MemberId, OrderId};
use crate::domain::ledger::Fact;
use crate::domain::money::Money;

/// Its lines are others now: cuts follow the units, the points that pay a part of it fit anew, and with them what
/// everybody earns on it.
pub fn changed(ctx: &mut Ctx<'_>, order: OrderId) {
    let currency = ctx.shop.community.currency;
    if let Some(row) = ctx.shop.orders.edit(order) {
        cuts::refit(&mut row.lines, currency);
    }
    points::refit(ctx, order);
}

/// It came to less, or to nothing: what was paid towards it may pay for the rest, and what is too much goes back. Its
/// points are settled by then.
pub fn reduced(ctx: &mut Ctx<'_>, order: OrderId) {
    payment::refit_deposit(ctx, order);
}

/// It is about to be cancelled, or to lapse: its points go back while its lines still say how many there were.
pub fn cancelled(ctx: &mut Ctx<'_>, order: OrderId) {
    points::give_back(ctx, order);
}

/// The time of these runs out, or has, while their buyers say to have paid.
pub fn claims_run_out(ctx: &mut Ctx<'_>, orders: &[OrderId]) {
    if !orders.is_empty() {
        claim::tell_now(ctx, orders);
    }
}

/// It is paid in full, by `part` at the last: the money becomes a sale first, for commission and points are parts
/// of it.
pub fn paid(ctx: &mut Ctx<'_>, order: OrderId, member: MemberId, granted: i64, part: Money) {
    deposit::complete(ctx, order, part);
    earnings::earn(ctx, order);
    points::grant(ctx, member, granted, Some(order));
}

/// It was paid by mistake: the same backwards.
pub fn unpaid(ctx: &mut Ctx<'_>, order: OrderId, member: MemberId, granted: i64, part: Money) {
    earnings::unearn(ctx, order);
    points::move_points(ctx, Fact::PointsUndone, member, -granted, Some(order));
    deposit::open_again(ctx, order, part);
}

/// Money of it went back: commission first, then points, each by how it stood before.
pub fn refunded(ctx: &mut Ctx<'_>, order: OrderId, earlier: Undone) {
    earnings::reverse(ctx, order);
    if let Some(now) = ctx.shop.orders.get(order).map(Undone::of) {
        now.book(ctx, order, earlier);
    }
}

/// It stands again as before: so much of the money that a cancellation gave back is its own again, and so many
/// points fewer are spent on it.
pub fn restored(ctx: &mut Ctx<'_>, order: OrderId, again: Money, member: MemberId, spent: i64) {
    if again > Money::ZERO {
        deposit::take(ctx, order, again);
    }
    let fact = if spent > 0 { Fact::PointsReversed } else { Fact::PointsSpent };
    points::move_points(ctx, fact, member, spent, Some(order));
}
