//! Lapsing points (积分过期): the oldest are spent first, and what is too old is gone.
//!
//! Nobody keeps lots. Because every debit takes the oldest points first, what is left of the old ones is
//! the balance less all that was granted since: exact, and told from the journal alone. Points given
//! back by a refund or a cancellation are as old as they were.

use std::collections::BTreeMap;

use crate::book::ctx::{Ctx, Decided};
use crate::book::need::Report;
use crate::book::{Missing, Need, Needs, Shop};
use crate::decide::ahead::Ahead;
use crate::domain::event::Timer;
use crate::domain::ids::MemberId;
use crate::domain::ledger::{AccountNo, Fact, POINTS, Place, Purse};
use crate::domain::loyalty;
use crate::domain::loyalty::PointsHeld;
use crate::domain::reply::Reply;
use crate::domain::time::{Timestamp, local_midnight_after, local_midnight_before};

use crate::decide::loyalty::points::move_points;

/// The most members whose points one event lets lapse; the rest follow a second later.
pub const MAX_MEMBERS: usize = 2_000;

/// Points were booked to somebody: come back when they may be too old. Granted ones are good for the
/// policy's full days from the day after; given back ones may be too old tomorrow.
pub fn wake(ctx: &mut Ctx<'_>, kind: Fact) {
    let Some(days) = ctx.shop.policy.points.expire_after_days else { return };
    let days = if kind.is_grant() { days.saturating_add(1) } else { 1 };
    let at = local_midnight_after(ctx.at, days, ctx.shop.community.time_zone);
    ctx.wake(at, Timer::Expire);
}

/// What has to be known to let points lapse at `at`, where the policy lets them.
#[must_use]
pub fn report(shop: &Shop, at: Timestamp) -> Option<Report> {
    cutoff(shop, at).map(|it| Report::Loyalty(loyalty::Need::Points(it)))
}

/// What that takes.
#[must_use]
pub fn needs(ahead: &Ahead<'_>) -> Needs {
    report(ahead.shop, ahead.at).map(Need::Report).into_iter().collect()
}

/// Points granted before this instant are too old at `at`.
fn cutoff(shop: &Shop, at: Timestamp) -> Option<Timestamp> {
    let days = shop.policy.points.expire_after_days?;
    Some(local_midnight_before(at, days, shop.community.time_zone))
}

/// Timer: points that are too old lapse; each member is told alone.
///
/// # Errors
/// [`Missing`] if the points of the community have not been counted, or a member is not in the book.
pub fn expire(ctx: &mut Ctx<'_>) -> Decided {
    let Some(since) = cutoff(ctx.shop, ctx.at) else { return Ok(()) };
    let counted = ctx.shop.known.reports.loyalty.points.get(&since).cloned();
    let mut held =
        counted.ok_or(Missing(Need::Report(Report::Loyalty(loyalty::Need::Points(since)))))?;
    add_fresh(ctx, since, &mut held);
    let old = held.into_iter().map(|(member, held)| (member, held.total - held.recent));
    let mut old: Vec<(MemberId, i64)> = old.filter(|&(_, points)| points > 0).collect();
    if old.len() > MAX_MEMBERS {
        old.truncate(MAX_MEMBERS);
        ctx.wake(ctx.at + chrono::Duration::seconds(1), Timer::Expire);
    }
    for &(member, _) in &old {
        ctx.member_row(member)?;
    }
    for &(member, points) in &old {
        move_points(ctx, Fact::PointsExpired, member, -points, None);
        ctx.tell(member, Reply::Loyalty(loyalty::Reply::PointsLapsed { points }));
    }
    if !old.is_empty() {
        ctx.record("expire_points", None, None);
    }
    Ok(())
}

/// What was written down since the last save counts as well.
fn add_fresh(ctx: &Ctx<'_>, since: Timestamp, held: &mut BTreeMap<MemberId, PointsHeld>) {
    for posted in &ctx.shop.fresh.journal {
        if posted.entry.currency != POINTS {
            continue;
        }
        let granted = posted.entry.kind.is_grant() && posted.at >= since;
        for &(account, amount) in &posted.entry.legs {
            let Some(member) = owner(account) else { continue };
            let held = held.entry(member).or_default();
            held.total -= amount;
            held.recent -= if granted { amount } else { 0 };
        }
    }
}

/// Whose points account this is.
fn owner(account: AccountNo) -> Option<MemberId> {
    account.member().filter(|_| account.is(Place::Member(Purse::Wallet)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::loyalty::points::tests::give;
    use crate::decide::testing::{A1, LAOWANG, Stage, XIAOMEI, morning};
    use crate::decide::testing_orders::{assert_books_agree, owed, placed};
    use crate::domain::intent::Intent;
    use crate::domain::orders;
    use proptest::prelude::*;

    /// Points are good for ten full days. It is 4 March.
    fn stage() -> Stage {
        Stage::with_policy(|policy| policy.points.expire_after_days = Some(10))
    }

    fn on_day(stage: &mut Stage, day: i64) {
        stage.at = morning() + chrono::Duration::days(day);
    }

    /// Midnight at the start of that day after 4 March.
    fn midnight(day: i64) -> Timestamp {
        morning() - chrono::Duration::hours(10) + chrono::Duration::days(day)
    }

    fn lapse(stage: &mut Stage, day: i64) -> Vec<Reply> {
        stage.due(midnight(day), Timer::Expire)
    }

    #[test]
    fn points_are_good_for_full_days_from_the_day_after() {
        let mut stage = stage();
        give(&mut stage, XIAOMEI, 50);
        assert!(stage.shop.fresh.timers.contains(&(midnight(11), Timer::Expire)));
        assert_eq!(lapse(&mut stage, 10), []);
        assert_eq!(
            lapse(&mut stage, 11),
            [Reply::Loyalty(loyalty::Reply::PointsLapsed { points: 50 })]
        );
        assert_eq!(owed(&stage, XIAOMEI, Purse::Wallet), 0);
        assert_eq!(lapse(&mut stage, 12), []);
        assert!(stage.heard()[0].private);
        assert_books_agree(&stage);
    }

    #[test]
    fn what_is_granted_at_midnight_belongs_to_the_new_day() {
        let mut stage = stage();
        stage.at = midnight(1);
        give(&mut stage, XIAOMEI, 50);
        assert_eq!(lapse(&mut stage, 11), []);
        assert_eq!(
            lapse(&mut stage, 12),
            [Reply::Loyalty(loyalty::Reply::PointsLapsed { points: 50 })]
        );
    }

    #[test]
    fn the_oldest_are_spent_first() {
        let mut stage = stage();
        give(&mut stage, XIAOMEI, 500);
        on_day(&mut stage, 5);
        give(&mut stage, XIAOMEI, 300);
        placed(&mut stage, XIAOMEI, &[(A1, None, 1)]);
        stage.does(XIAOMEI, Intent::Loyalty(loyalty::Intent::SpendPoints { points: Some(400) }));
        assert_eq!(
            lapse(&mut stage, 11),
            [Reply::Loyalty(loyalty::Reply::PointsLapsed { points: 100 })]
        );
        assert_eq!(
            lapse(&mut stage, 16),
            [Reply::Loyalty(loyalty::Reply::PointsLapsed { points: 300 })]
        );
    }

    #[test]
    fn points_given_back_are_as_old_as_they_were() {
        let mut stage = stage();
        give(&mut stage, XIAOMEI, 400);
        let order = placed(&mut stage, XIAOMEI, &[(A1, None, 1)]);
        stage.does(XIAOMEI, Intent::Loyalty(loyalty::Intent::SpendPoints { points: None }));
        assert_eq!(lapse(&mut stage, 11), []);
        on_day(&mut stage, 12);
        stage.does(XIAOMEI, Intent::Orders(orders::Intent::CancelOrders(vec![order])));
        assert_eq!(owed(&stage, XIAOMEI, Purse::Wallet), 400);
        assert!(stage.shop.fresh.timers.contains(&(midnight(13), Timer::Expire)));
        assert_eq!(
            lapse(&mut stage, 13),
            [Reply::Loyalty(loyalty::Reply::PointsLapsed { points: 400 })]
        );
    }

    #[test]
    fn what_was_saved_and_what_is_fresh_count_together() {
        let mut stage = stage();
        on_day(&mut stage, 8);
        give(&mut stage, XIAOMEI, 5);
        give(&mut stage, LAOWANG, 7);
        let saved = PointsHeld { total: 90, recent: 30 };
        let report = [(midnight(1), [(XIAOMEI, saved)].into())];
        stage.shop.known.reports.loyalty.points = report.into();
        assert_eq!(
            lapse(&mut stage, 11),
            [Reply::Loyalty(loyalty::Reply::PointsLapsed { points: 60 })]
        );
    }

    #[test]
    fn without_the_policy_nothing_lapses() {
        let mut stage = Stage::new();
        give(&mut stage, XIAOMEI, 50);
        assert!(stage.shop.fresh.timers.is_empty());
        assert_eq!(lapse(&mut stage, 400), []);
    }

    proptest! {
        /// Against lots that are kept and spent one by one.
        #[test]
        fn the_balance_is_what_lots_would_give(
            steps in proptest::collection::vec((0..3i64, 0..60i64, any::<bool>()), 0..40),
        ) {
            let mut stage = stage();
            let mut lots: Vec<(i64, i64)> = Vec::new();
            let mut day = 0;
            for (passed, points, grants) in steps {
                for _ in 0..passed {
                    day += 1;
                    lapse(&mut stage, day);
                    lots.retain(|&(granted, _)| granted + 10 >= day);
                }
                on_day(&mut stage, day);
                if grants {
                    give(&mut stage, XIAOMEI, points);
                    lots.push((day, points));
                } else {
                    let mut debit = points.min(lots.iter().map(|lot| lot.1).sum());
                    super::super::points::tests::take(&mut stage, XIAOMEI, debit);
                    for lot in &mut lots {
                        let some = debit.min(lot.1);
                        lot.1 -= some;
                        debit -= some;
                    }
                }
                let total: i64 = lots.iter().map(|lot| lot.1).sum();
                prop_assert_eq!(owed(&stage, XIAOMEI, Purse::Wallet), total);
            }
        }
    }
}
