//! Check-in (签到) and shares (晒单).
//!
//! One check-in a member and calendar day, in the community's own zone. The streak follows from the
//! dates alone: what day somebody says it is ("第12天") does not matter.

use chrono::{Days, NaiveDate};

use crate::book::CheckIn;
use crate::book::ctx::{Ctx, Decided};
use crate::domain::ledger::{POINTS, Purse};
use crate::domain::people::Streak;
use crate::domain::person::Person;
use crate::domain::refusal::Refusal;
use crate::domain::reply::Reply;
use crate::domain::time::local_day;
use crate::domain::{loyalty, orders};

use crate::decide::loyalty::points::grant;

/// The most shares of one member that wait for approval.
pub const MAX_SHARES_WAITING: i16 = 9;

/// The day's check-in of the speaker.
///
/// # Errors
/// A refusal on the second of a day, or when nobody speaks; [`crate::book::Missing`].
pub fn check_in(ctx: &mut Ctx<'_>) -> Decided {
    let member = ctx.member()?;
    ctx.require_balances(member)?;
    let day = local_day(ctx.at, ctx.shop.community.time_zone);
    let streak = next_streak(ctx.member_row(member)?.streak, day)?;
    let policy = &ctx.shop.policy.points;
    let (points, bonus) = (policy.check_in, bonus(&policy.streaks, streak.days()));
    if let Some(row) = ctx.shop.members.edit(member) {
        row.streak = Some(streak);
    }
    let granted = i64::from(points) + i64::from(bonus);
    grant(ctx, member, granted, None);
    let event = ctx.event;
    ctx.shop.fresh.check_ins.push(CheckIn { event, member, day, points: granted });
    let total = ctx.shop.balances.owed(member, Purse::Wallet, POINTS).minor;
    ctx.say(Reply::Loyalty(loyalty::Reply::CheckedIn {
        points,
        bonus,
        days: streak.days(),
        total,
    }));
    ctx.record("check_in", None, None);
    Ok(())
}

/// The run of days that a check-in on `day` makes.
fn next_streak(streak: Option<Streak>, day: NaiveDate) -> Decided<Streak> {
    match streak {
        // A day already passed counts as checked in too, should the community change its zone.
        Some(streak) if streak.to >= day => {
            Err(Refusal::Loyalty(loyalty::Refusal::AlreadyCheckedIn { days: streak.days() }).into())
        }
        Some(streak) if streak.to + Days::new(1) == day => Ok(Streak { to: day, ..streak }),
        _ => Ok(Streak { from: day, to: day }),
    }
}

/// What is granted on top on the day a streak reaches a length.
fn bonus(streaks: &[(u32, u32)], days: u32) -> u32 {
    streaks.iter().find(|(length, _)| *length == days).map_or(0, |&(_, points)| points)
}

/// The speaker shows goods received: counted, until a leader approves.
///
/// # Errors
/// A refusal when nobody speaks; [`crate::book::Missing`].
pub fn share(ctx: &mut Ctx<'_>) -> Decided {
    let member = ctx.member()?;
    ctx.member_row(member)?;
    if let Some(row) = ctx.shop.members.edit(member) {
        row.shares_waiting = (row.shares_waiting + 1).min(MAX_SHARES_WAITING);
    }
    ctx.say(Reply::Loyalty(loyalty::Reply::ShareSeen));
    ctx.record("share", None, None);
    Ok(())
}

/// A leader approves one share of a member, which earns points.
///
/// # Errors
/// Refusals in this order: a name of nobody or of several, no share that waits;
/// [`crate::book::Missing`].
pub fn approve_share(ctx: &mut Ctx<'_>, person: &Person) -> Decided {
    let member = ctx.member_of(person)?;
    let row = ctx.member_row(member)?;
    if row.shares_waiting <= 0 {
        return Err(Refusal::Orders(orders::Refusal::NothingToReview).into());
    }
    let name = row.name.clone();
    if let Some(row) = ctx.shop.members.edit(member) {
        row.shares_waiting -= 1;
    }
    let points = ctx.shop.policy.points.share;
    grant(ctx, member, i64::from(points), None);
    ctx.call(member, Reply::Loyalty(loyalty::Reply::ShareApproved { name, points }));
    ctx.record("approve_share", None, None);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::testing::{AMING, Stage, XIAOMEI, morning};
    use crate::decide::testing_orders::{assert_books_agree, house, owed};
    use crate::domain::intent::{Intent, LeaderIntent};
    use crate::domain::ledger::House;

    fn checked_in(said: &[Reply]) -> (u32, u32, u32, i64) {
        match said {
            [Reply::Loyalty(loyalty::Reply::CheckedIn { points, bonus, days, total })] => {
                (*points, *bonus, *days, *total)
            }
            other => panic!("not checked in: {other:?}"),
        }
    }

    #[test]
    fn a_day_counts_once_in_the_communitys_zone() {
        let mut stage = Stage::new();
        assert_eq!(
            checked_in(&stage.does(XIAOMEI, Intent::Loyalty(loyalty::Intent::CheckIn))),
            (2, 0, 1, 2)
        );
        stage.at = "2026-03-04T15:59:59Z".parse().unwrap(); // one second before midnight
        let said = stage.does(XIAOMEI, Intent::Loyalty(loyalty::Intent::CheckIn));
        assert_eq!(
            Stage::refusal(&said),
            Refusal::Loyalty(loyalty::Refusal::AlreadyCheckedIn { days: 1 })
        );
        stage.later(1);
        assert_eq!(
            checked_in(&stage.does(XIAOMEI, Intent::Loyalty(loyalty::Intent::CheckIn))),
            (2, 0, 2, 4)
        );
        assert_eq!(owed(&stage, XIAOMEI, Purse::Wallet), 4);
        assert_eq!(house(&stage, House::Issued), 4);
        let days: Vec<_> =
            stage.shop.fresh.check_ins.iter().map(|row| row.day.to_string()).collect();
        assert_eq!(days, ["2026-03-04", "2026-03-05"]);
        assert_books_agree(&stage);
    }

    #[test]
    fn the_seventh_day_in_a_row_earns_a_bonus_and_a_gap_starts_anew() {
        let mut stage = Stage::new();
        for day in 0..7 {
            stage.at = morning() + chrono::Duration::days(day);
            let bonus = if day == 6 { 10 } else { 0 };
            let said = checked_in(&stage.does(XIAOMEI, Intent::Loyalty(loyalty::Intent::CheckIn)));
            assert_eq!((said.1, i64::from(said.2)), (bonus, day + 1));
        }
        assert_eq!(owed(&stage, XIAOMEI, Purse::Wallet), 24);
        stage.at = morning() + chrono::Duration::days(8);
        assert_eq!(
            checked_in(&stage.does(XIAOMEI, Intent::Loyalty(loyalty::Intent::CheckIn))).2,
            1
        );
    }

    #[test]
    fn a_share_earns_when_a_leader_approves_it() {
        let mut stage = Stage::new();
        let approve =
            || Intent::Lead(LeaderIntent::Loyalty(loyalty::Lead::ApproveShare("小美".into())));
        let said = stage.does(AMING, approve());
        assert_eq!(Stage::refusal(&said), Refusal::Orders(orders::Refusal::NothingToReview));
        assert_eq!(
            stage.does(XIAOMEI, Intent::Loyalty(loyalty::Intent::Share)),
            [Reply::Loyalty(loyalty::Reply::ShareSeen)]
        );
        let said = stage.does(AMING, approve());
        assert_eq!(
            said,
            [Reply::Loyalty(loyalty::Reply::ShareApproved {
                name: "小美".to_owned(), points: 5
            })]
        );
        assert_eq!(owed(&stage, XIAOMEI, Purse::Wallet), 5);
        assert_eq!(
            Stage::refusal(&stage.does(AMING, approve())),
            Refusal::Orders(orders::Refusal::NothingToReview)
        );
    }

    #[test]
    fn shares_that_wait_are_bounded() {
        let mut stage = Stage::new();
        for _ in 0..20 {
            stage.does(XIAOMEI, Intent::Loyalty(loyalty::Intent::Share));
        }
        let waiting = stage.shop.members.get(XIAOMEI).unwrap().shares_waiting;
        assert_eq!(waiting, MAX_SHARES_WAITING);
    }
}
