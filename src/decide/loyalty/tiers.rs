//! Tiers (等级) and the day: by how much what an order earns in points is multiplied.
//!
//! A tier is what a member paid in the last so many days, less refunds: what was paid on those days and
//! today, order by order. The tier and the day (会员日) that hold when an order's first line is placed are
//! written on the order; both multiply, and the product is rounded down once, when it is paid. What is
//! paid, refunded or changed in the policy later never touches it.

use std::collections::BTreeSet;

use chrono::Datelike;

use crate::book::ctx::{Ctx, Decided};
use crate::book::{Missing, Need, Shop};
use crate::domain::ids::MemberId;
use crate::domain::money::Money;
use crate::domain::orders::PointsTerms;
use crate::domain::policy::Tier;
use crate::domain::reply::{NextTier, TierView};
use crate::domain::time::{Timestamp, local_day, local_midnight_before};

/// A multiplier that changes nothing, in hundredths.
const PLAIN: u32 = 100;

/// How an order of this member earns points if it is placed now; `None`: orders earn none here.
///
/// # Errors
/// [`Missing`].
pub fn terms(ctx: &Ctx<'_>, member: MemberId) -> Decided<Option<PointsTerms>> {
    let policy = &ctx.shop.policy.points;
    let Some(per) = policy.per_amount.filter(|per| *per > Money::ZERO) else { return Ok(None) };
    let tier = match paid(ctx, member)? {
        Some(paid) => reached(&policy.tiers, paid).map_or(PLAIN, |tier| tier.times),
        None => PLAIN,
    };
    Ok(Some(PointsTerms { per, times: of_day(ctx.shop, ctx.at) * tier }))
}

/// The multiplier of this day of the month.
pub(in crate::decide) fn of_day(shop: &Shop, at: Timestamp) -> u32 {
    let today = local_day(at, shop.community.time_zone).day();
    let days = &shop.policy.points.month_days;
    days.iter().find(|(day, _)| u32::from(*day) == today).map_or(PLAIN, |&(_, times)| times)
}

/// The highest tier that so much reaches; they ascend.
fn reached(tiers: &[Tier], paid: Money) -> Option<&Tier> {
    tiers.iter().rev().find(|tier| tier.spend <= paid)
}

/// Where a member stands, for them to read; `None` where the shop has no tiers.
///
/// # Errors
/// [`Missing`].
pub fn standing(ctx: &Ctx<'_>, member: MemberId) -> Decided<Option<TierView>> {
    let policy = &ctx.shop.policy.points;
    let Some(paid) = paid(ctx, member)? else { return Ok(None) };
    let (now, next) =
        (reached(&policy.tiers, paid), policy.tiers.iter().find(|it| it.spend > paid));
    Ok(Some(TierView {
        name: now.map(|tier| tier.name.clone()),
        times: now.map_or(PLAIN, |tier| tier.times),
        paid,
        days: policy.tier_days,
        next: next.map(|tier| NextTier { name: tier.name.clone(), left: tier.spend - paid }),
    }))
}

/// What has to be known of these members, where the shop has tiers.
#[must_use]
pub fn need(shop: &Shop, members: BTreeSet<MemberId>, at: Timestamp) -> Option<Need> {
    let counts = !shop.policy.points.tiers.is_empty() && !members.is_empty();
    counts.then(|| Need::Spend(members, first_day(shop, at)))
}

/// What was paid before this does not count.
fn first_day(shop: &Shop, at: Timestamp) -> Timestamp {
    local_midnight_before(at, shop.policy.points.tier_days, shop.community.time_zone)
}

/// Make sure that it is known what these members paid: of all of them at once.
///
/// # Errors
/// [`Missing`].
pub fn require(ctx: &Ctx<'_>, members: impl Iterator<Item = MemberId>) -> Decided {
    let since = first_day(ctx.shop, ctx.at);
    let spend = &ctx.shop.known.spend;
    let unknown = members.filter(|id| spend.get(id).is_none_or(|known| known.since > since));
    match need(ctx.shop, unknown.collect(), ctx.at) {
        Some(need) => Err(Missing(need).into()),
        None => Ok(()),
    }
}

/// What a member paid since the first day that counts, less refunds; `None` where nobody asks. Orders that
/// are in the book are newer than what was read of them.
fn paid(ctx: &Ctx<'_>, member: MemberId) -> Decided<Option<Money>> {
    if ctx.shop.policy.points.tiers.is_empty() {
        return Ok(None);
    }
    require(ctx, std::iter::once(member))?;
    let Some(known) = ctx.shop.known.spend.get(&member) else { return Ok(None) };
    let since = first_day(ctx.shop, ctx.at);
    let read = known.orders.iter().filter(|(order, _)| !ctx.shop.orders.contains(**order));
    let read = read.map(|(_, &(at, net))| (Some(at), net));
    let orders = ctx.shop.orders.of(member);
    let here = orders.map(|order| (order.paid_at, order.total() - order.refunded()));
    let counts = |at: Option<Timestamp>| at.is_some_and(|at| at >= since);
    Ok(Some(read.chain(here).filter(|(at, _)| counts(*at)).map(|(_, net)| net).sum()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::book::Spend;
    use crate::book::ctx::Stop;
    use crate::decide::testing::{A1, A2, AMING, LAOWANG, Stage, XIAOMEI, morning, want};
    use crate::decide::testing_orders::owed;
    use crate::domain::event::{Body, Timer};
    use crate::domain::ids::OrderId;
    use crate::domain::intent::{Intent, LeaderIntent, Selection};
    use crate::domain::ledger::Purse;
    use crate::domain::reply::Reply;
    use crate::domain::{loyalty, orders, payments};
    use proptest::prelude::*;

    fn tier(name: &str, spend: i64, times: u32) -> Tier {
        Tier { name: name.to_owned(), spend: Money::from_minor(spend), times }
    }

    /// A point for each yuan; one and a half from ¥88 in ten days, twice from ¥200. It is 4 March.
    fn stage() -> Stage {
        Stage::with_policy(|policy| {
            policy.points.per_amount = Some(Money::from_minor(100));
            policy.points.tiers = vec![tier("银卡", 8_800, 150), tier("金卡", 20_000, 200)];
            policy.points.tier_days = 10;
        })
    }

    fn buys(stage: &mut Stage, offer: crate::domain::ids::OfferId, qty: u32) -> OrderId {
        stage.does(XIAOMEI, Intent::Orders(orders::Intent::Order(vec![want(offer, qty)])));
        stage.shop.community.last_order
    }

    fn pays(stage: &mut Stage, order: OrderId) {
        let of = Selection::Orders(vec![order]);
        stage.does(
            AMING,
            Intent::Lead(LeaderIntent::Payments(payments::Lead::Paid { of, amount: None })),
        );
    }

    fn points(stage: &Stage) -> i64 {
        owed(stage, XIAOMEI, Purse::Wallet)
    }

    fn shown(stage: &mut Stage) -> TierView {
        match stage.does(XIAOMEI, Intent::Loyalty(loyalty::Intent::Points)).remove(0) {
            Reply::Loyalty(loyalty::Reply::Points { tier: Some(tier), .. }) => tier,
            other => panic!("not the points: {other:?}"),
        }
    }

    #[test]
    fn the_tier_that_holds_when_an_order_is_placed_decides() {
        let mut stage = stage();
        let first = buys(&mut stage, A2, 1);
        pays(&mut stage, first);
        assert_eq!(points(&stage), 88, "nothing had been paid before");
        let second = buys(&mut stage, A1, 1);
        assert_eq!(stage.order(second.0).points_terms.unwrap().times, 15_000);
        // What happens until it is paid does not matter.
        stage.does(
            AMING,
            Intent::Lead(LeaderIntent::Payments(payments::Lead::Refund {
                order: first,
                lines: Vec::new(),
            })),
        );
        pays(&mut stage, second);
        assert_eq!(points(&stage), 59); // ⌊39.90 × 1.5⌋
    }

    #[test]
    fn a_refund_is_not_spending() {
        let mut stage = stage();
        let first = buys(&mut stage, A2, 1);
        pays(&mut stage, first);
        let silver = shown(&mut stage);
        assert_eq!((silver.name.as_deref(), silver.times), (Some("银卡"), 150));
        assert_eq!(silver.next.unwrap().left.minor, 20_000 - 8_800);
        stage.does(
            AMING,
            Intent::Lead(LeaderIntent::Payments(payments::Lead::Refund {
                order: first,
                lines: Vec::new(),
            })),
        );
        let none = shown(&mut stage);
        assert_eq!((none.name, none.times, none.paid), (None, 100, Money::ZERO));
        assert_eq!(none.next.unwrap().name, "银卡");
        let second = buys(&mut stage, A1, 1);
        assert_eq!(stage.order(second.0).points_terms.unwrap().times, 10_000);
    }

    #[test]
    fn day_and_tier_multiply_and_are_rounded_once() {
        let mut stage = stage();
        let first = buys(&mut stage, A2, 1);
        pays(&mut stage, first);
        let mut policy = (*stage.shop.policy).clone();
        policy.points.month_days = vec![(4, 133)];
        stage.shop.policy = policy.into();
        let second = buys(&mut stage, A1, 1);
        assert_eq!(stage.order(second.0).points_terms.unwrap().times, 133 * 150);
        pays(&mut stage, second);
        // 39.90 × 1.33 × 1.5 = 79.6; rounded at each step it would be 78.
        assert_eq!(points(&stage), 88 + 79);
    }

    #[test]
    fn what_was_paid_counts_to_the_end_of_its_last_day() {
        let mut stage = stage();
        let midnight = morning() - chrono::Duration::hours(10) - chrono::Duration::days(10);
        let orders = |at| [(OrderId(99), (at, Money::from_minor(8_800)))].into();
        let since = midnight - chrono::Duration::days(1);
        let known = &mut stage.shop.known.spend;
        known.insert(XIAOMEI, Spend { since, orders: orders(midnight) });
        assert_eq!(shown(&mut stage).paid.minor, 8_800);
        let known = &mut stage.shop.known.spend;
        known.insert(
            XIAOMEI,
            Spend { since, orders: orders(midnight - chrono::Duration::seconds(1)) },
        );
        assert_eq!(shown(&mut stage).paid.minor, 0);
    }

    #[test]
    fn what_was_read_too_late_is_read_again() {
        let mut stage = stage();
        let later = morning() + chrono::Duration::days(1);
        stage.shop.known.spend.insert(XIAOMEI, Spend { since: later, ..Spend::default() });
        shown(&mut stage);
        assert!(stage.shop.known.spend[&XIAOMEI].since < later);
    }

    #[test]
    fn a_shop_without_tiers_asks_for_nothing() {
        let stage = Stage::new();
        assert_eq!(need(&stage.shop, [LAOWANG].into(), stage.at), None);
    }

    #[test]
    fn whoever_is_not_known_is_asked_for_at_once() {
        let mut stage = stage();
        shown(&mut stage);
        let event = stage.event(Body::Due(Timer::Warn));
        let ctx = Ctx::new(&mut stage.shop, &event);
        let Err(Stop::Missing(Missing(Need::Spend(members, _)))) =
            require(&ctx, [AMING, XIAOMEI, LAOWANG].into_iter())
        else {
            panic!("nothing is missing")
        };
        assert_eq!(members, [AMING, LAOWANG].into());
    }

    proptest! {
        /// However an order is given back, in the end nothing of what it earned is left.
        #[test]
        fn multiplied_points_go_back_to_the_last(
            steps in proptest::collection::vec(1..3u32, 0..4),
            (times, day) in (100..10_000u32, 100..10_000u32),
            price in 1..99_999i64,
        ) {
            let mut stage = Stage::with_policy(|policy| {
                policy.points.per_amount = Some(Money::from_minor(7));
                policy.points.tiers = vec![tier("甲", 0, times)];
                policy.points.month_days = vec![(4, day)];
            });
            stage.shop.offers.edit(A1).unwrap().price = Money::from_minor(price);
            let order = buys(&mut stage, A1, 5);
            pays(&mut stage, order);
            let exact = i128::from(price * 5) * i128::from(times) * i128::from(day) / 10_000 / 7;
            prop_assert_eq!(i128::from(points(&stage)), exact);
            for step in steps {
                let lines = vec![want(A1, step)];
                stage.does(AMING, Intent::Lead(LeaderIntent::Payments(payments::Lead::Refund { order, lines })));
                prop_assert!(points(&stage) >= 0);
            }
            stage.does(AMING, Intent::Lead(LeaderIntent::Payments(payments::Lead::Refund { order, lines: Vec::new() })));
            prop_assert_eq!(points(&stage), 0);
        }
    }
}
