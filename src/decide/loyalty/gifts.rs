//! Points as a present (送积分): a leader thanks a member. A month has a bound for the whole community, in the operator's
//! file, and what is not spent yet can be taken back.

use crate::book::ctx::{Ctx, Decided};
use crate::book::need::Report;
use crate::book::{Missing, Need, Needs, Shop};
use crate::decide::ahead::Ahead;
use crate::domain::ids::MemberId;
use crate::domain::ledger::{Fact, POINTS};
use crate::domain::loyalty;
use crate::domain::person::Person;
use crate::domain::refusal::Refusal;
use crate::domain::reply::Reply;
use crate::domain::time::{Timestamp, local_month_start};
use crate::domain::undo::Effect;

use crate::decide::loyalty::points::{balance, move_points};

/// Give a member points. They are told in the group, where the leader reads it as well.
///
/// # Errors
/// Missing facts; a name of nobody or of several; `GiftBound`.
pub fn give(ctx: &mut Ctx<'_>, person: &Person, points: u32, reason: Option<&str>) -> Decided {
    let member = ctx.member_of(person)?;
    let name = ctx.member_row(member)?.name.clone();
    let bound = i64::from(ctx.shop.policy.points.gift_month);
    let left = (bound - given(ctx)?).max(0);
    let points = i64::from(points);
    if points > left {
        return Err(Refusal::Loyalty(loyalty::Refusal::GiftBound { left, bound }).into());
    }
    move_points(ctx, Fact::PointsGiven, member, points, None);
    ctx.keep(Effect::Gift { member, points });
    ctx.record("give_points", None, None);
    let reason = reason.map(str::to_owned);
    let reply = Reply::Loyalty(loyalty::Reply::PointsGift { name, points, reason });
    if ctx.private && ctx.speaker != Some(member) {
        ctx.say(reply.clone());
    }
    ctx.call(member, reply);
    Ok(())
}

/// What that takes.
#[must_use]
pub fn needs(ahead: &Ahead<'_>, person: &Person) -> Needs {
    let since = month(ahead.shop, ahead.at);
    let given = Need::Report(Report::Loyalty(loyalty::Need::Given(since)));
    ahead.person(person).into_iter().chain([given]).collect()
}

/// The beginning of the month, where the community is.
fn month(shop: &Shop, at: Timestamp) -> Timestamp {
    local_month_start(at, shop.community.time_zone)
}

/// Points given this month and not taken back.
fn given(ctx: &Ctx<'_>) -> Decided<i64> {
    let since = month(ctx.shop, ctx.at);
    let saved = ctx.shop.known.reports.loyalty.given.get(&since).copied();
    let saved = saved.ok_or(Missing(Need::Report(Report::Loyalty(loyalty::Need::Given(since)))))?;
    let is_gift = |kind| matches!(kind, Fact::PointsGiven | Fact::GiftUndone);
    let fresh = ctx.shop.fresh.journal.iter();
    let fresh = fresh.filter(|it| is_gift(it.entry.kind) && it.entry.currency == POINTS);
    let legs = fresh.filter(|it| it.at >= since).flat_map(|it| &it.entry.legs);
    // A member's points are owed to them.
    Ok(saved - legs.filter(|(account, _)| account.member().is_some()).map(|leg| leg.1).sum::<i64>())
}

/// A present is taken back while it is not spent.
///
/// # Errors
/// Missing facts; `GiftSpent`.
pub fn take_back(ctx: &mut Ctx<'_>, member: MemberId, points: i64) -> Decided {
    let name = ctx.member_row(member)?.name.clone();
    ctx.require_balances(member)?;
    if balance(ctx, member) < points {
        return Err(Refusal::Loyalty(loyalty::Refusal::GiftSpent { name }).into());
    }
    move_points(ctx, Fact::GiftUndone, member, -points, None);
    let reply = Reply::Loyalty(loyalty::Reply::GiftTakenBack { name, points });
    if ctx.private && ctx.speaker != Some(member) {
        ctx.say(reply.clone());
    }
    ctx.call(member, reply);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::loyalty::points::tests::take;
    use crate::decide::testing::{AMING, LAOWANG, Stage, XIAOMEI};
    use crate::decide::testing_orders::{assert_books_agree, owed};
    use crate::domain::intent::{Intent, LeaderIntent};
    use crate::domain::ledger::Purse;
    use crate::domain::people;
    use crate::domain::undo::UndoAbout;

    fn stage() -> Stage {
        Stage::with_policy(|policy| policy.points.gift_month = 100)
    }

    fn gives(stage: &mut Stage, name: &str, points: u32) -> Vec<Reply> {
        let (person, reason) = (Person::from(name), Some("帮忙搬货".to_owned()));
        let lead = loyalty::Lead::GivePoints { person, points, reason };
        stage.does(AMING, Intent::Lead(LeaderIntent::Loyalty(lead)))
    }

    #[test]
    fn a_member_has_them_and_is_told_in_the_group() {
        let mut stage = stage();
        gives(&mut stage, "老王", 50);
        assert_eq!(owed(&stage, LAOWANG, Purse::Wallet), 50);
        let heard = stage.heard();
        assert_eq!((heard[0].to.as_deref(), heard[0].private), (Some("老王"), false));
        let gift = loyalty::Reply::PointsGift {
            name: "老王".to_owned(),
            points: 50,
            reason: Some("帮忙搬货".to_owned()),
        };
        assert_eq!(heard[0].reply, Reply::Loyalty(gift));
        assert_books_agree(&stage);
    }

    #[test]
    fn a_month_has_a_bound_for_all_together() {
        let mut stage = stage();
        gives(&mut stage, "老王", 60);
        let bound = loyalty::Refusal::GiftBound { left: 40, bound: 100 };
        assert_eq!(Stage::refusal(&gives(&mut stage, "小美", 41)), Refusal::Loyalty(bound));
        gives(&mut stage, "小美", 40);
        let none = loyalty::Refusal::GiftBound { left: 0, bound: 100 };
        assert_eq!(Stage::refusal(&gives(&mut stage, "小美", 1)), Refusal::Loyalty(none));
        stage.later(28 * 24 * 60);
        gives(&mut stage, "小美", 100);
        assert_eq!(owed(&stage, XIAOMEI, Purse::Wallet), 140, "another month");
        let nobody = people::Refusal::UnknownMember { name: "周周".to_owned() };
        assert_eq!(Stage::refusal(&gives(&mut stage, "周周", 1)), Refusal::People(nobody));
    }

    #[test]
    fn it_is_taken_back_while_it_is_not_spent() {
        let mut stage = stage();
        gives(&mut stage, "老王", 60);
        stage.does(AMING, Intent::Undo(UndoAbout::Last));
        assert_eq!(owed(&stage, LAOWANG, Purse::Wallet), 0);
        gives(&mut stage, "老王", 100);
        take(&mut stage, LAOWANG, 1);
        let spent = loyalty::Refusal::GiftSpent { name: "老王".to_owned() };
        let said = stage.does(AMING, Intent::Undo(UndoAbout::Last));
        assert_eq!(Stage::refusal(&said), Refusal::Loyalty(spent));
        assert_books_agree(&stage);
    }

    #[test]
    fn only_a_leader_gives() {
        let mut stage = stage();
        let lead =
            loyalty::Lead::GivePoints { person: Person::from("小美"), points: 5, reason: None };
        assert_eq!(stage.does(LAOWANG, Intent::Lead(LeaderIntent::Loyalty(lead))), []);
        assert_eq!(owed(&stage, XIAOMEI, Purse::Wallet), 0);
    }
}
