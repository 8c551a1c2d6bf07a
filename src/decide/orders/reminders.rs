//! Reminders (付款提醒): a buyer hears of what waits for money as the time to pay goes by: when the shares of it have
//! passed that the file names, and before its end.

use std::collections::BTreeMap;

use chrono::Duration;

use crate::book::ctx::{Ctx, Decided};
use crate::domain::ids::{MemberId, OrderId};
use crate::domain::money::{Money, Rate};
use crate::domain::orders::{Order, OrderState};
use crate::domain::payments;
use crate::domain::policy::Policy;
use crate::domain::reply::Reply;
use crate::domain::time::Timestamp;

use crate::decide::orders::selection::require_all;
use crate::decide::views;

/// When the buyer of an order that is held until then is warned of its end: so long before as the file says, but not
/// before half of the time has passed. Where the buyer says to have paid, it is the leaders who are warned, when a
/// third of their time to look is left.
#[must_use]
pub fn warning(policy: &Policy, order: &Order, until: Timestamp) -> Timestamp {
    let most = match order.private.open_claim() {
        Some(claim) => (until - claim.at) / 3,
        None => (until - order.placed_at) / 2,
    };
    until - Duration::minutes(i64::from(policy.orders.warn_minutes)).min(most)
}

/// When the shares of the time to pay have passed.
#[must_use]
pub fn shares(policy: &Policy, order: &Order, until: Timestamp) -> Vec<Timestamp> {
    let whole = (until - order.placed_at).num_seconds();
    let passed = |share: &Rate| whole * i64::from(share.bps) / i64::from(Rate::WHOLE_BPS);
    let shares = policy.payment.remind.iter().map(passed);
    shares.map(|seconds| order.placed_at + Duration::seconds(seconds)).collect()
}

/// Remind the buyers of whom another share has passed, each in one message. Whoever says to have paid is left alone.
///
/// # Errors
/// Missing facts.
pub fn remind_due(ctx: &mut Ctx<'_>) -> Decided {
    if ctx.shop.policy.payment.remind.is_empty() {
        return Ok(());
    }
    require_all(ctx, OrderState::Placed)?;
    let mut due: BTreeMap<MemberId, Vec<OrderId>> = BTreeMap::new();
    for order in ctx.shop.orders.values().filter(|order| is_due(ctx, order)) {
        ctx.member_row(order.member)?;
        due.entry(order.member).or_default().push(order.id);
    }
    let at = ctx.at;
    for (member, orders) in due {
        for &id in &orders {
            if let Some(row) = ctx.shop.orders.edit(id) {
                row.private.reminded_at = Some(at);
            }
        }
        remind(ctx, member, &orders);
    }
    Ok(())
}

fn is_due(ctx: &Ctx<'_>, order: &Order) -> bool {
    let is_open = order.is_unpaid()
        && order.hold_until > ctx.at
        && order.still_due() > Money::ZERO
        && order.private.open_claim().is_none();
    let passed = shares(&ctx.shop.policy, order, order.hold_until);
    let last = passed.into_iter().filter(|at| *at <= ctx.at).max();
    // The warning says the same.
    let is_warned = warning(&ctx.shop.policy, order, order.hold_until) <= ctx.at;
    is_open
        && !is_warned
        && last.is_some_and(|last| order.private.reminded_at.is_none_or(|at| at < last))
}

/// Remind one buyer alone of what waits for money.
pub fn remind(ctx: &mut Ctx<'_>, member: MemberId, orders: &[OrderId]) {
    let rows = || orders.iter().filter_map(|&id| ctx.shop.orders.get(id));
    let due = rows().map(views::due).collect();
    let Some(until) = rows().map(|row| row.hold_until).min() else { return };
    ctx.tell(member, Reply::Payments(payments::Reply::PayReminder { due, until }));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::testing::{A1, Stage, XIAOMEI};
    use crate::decide::testing_orders::placed;
    use crate::domain::event::Timer;

    fn reminders(stage: &mut Stage) -> usize {
        let is_reminder =
            |it: &Reply| matches!(it, Reply::Payments(payments::Reply::PayReminder { .. }));
        stage.heard().iter().filter(|heard| is_reminder(&heard.reply)).count()
    }

    #[test]
    fn each_share_of_the_time_is_told_once() {
        let remind = vec![Rate { bps: 2_500 }, Rate { bps: 5_000 }];
        let mut stage = Stage::with_policy(|policy| policy.payment.remind = remind);
        let order = placed(&mut stage, XIAOMEI, &[(A1, None, 1)]);
        let row = stage.order(order.0);
        let (begun, whole) = (row.placed_at, row.hold_until - row.placed_at);
        let mut told = Vec::new();
        for share in [24, 25, 40, 50, 51, 75] {
            stage.due(begun + whole * share / 100, Timer::Warn);
            told.push((share, reminders(&mut stage)));
        }
        assert_eq!(told, [(24, 0), (25, 1), (40, 0), (50, 1), (51, 0), (75, 0)]);
    }

    #[test]
    fn a_hold_of_minutes_is_warned_of_when_half_of_it_has_passed() {
        let mut stage = Stage::new();
        let order = placed(&mut stage, XIAOMEI, &[(A1, None, 1)]);
        let row = stage.order(order.0).clone();
        let until = row.placed_at + Duration::minutes(20);
        assert_eq!(until - warning(&stage.shop.policy, &row, until), Duration::minutes(10));
        assert_eq!(
            row.hold_until - warning(&stage.shop.policy, &row, row.hold_until),
            Duration::hours(2)
        );
    }
}
