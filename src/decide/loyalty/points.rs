//! Points (积分): granted rounded down, spent rounded up, and undone with what they came from.
//!
//! Points are a currency of their own. Spent on an unpaid basket they become a discount that is spread
//! over its lines to the cent, so that a line's base (what is paid in money, and what commission counts
//! from) is exact. When points lapse is in [`crate::decide::loyalty::expiry`].

use crate::book::ctx::{Ctx, Decided};
use crate::domain::ids::{MemberId, OrderId};
use crate::domain::ledger::{AccountNo, Entry, Fact, House, POINTS, Purse};
use crate::domain::money::{Currency, Money};
use crate::domain::orders::{Line, Order};
use crate::domain::refusal::Refusal;
use crate::domain::reply::Reply;
use crate::domain::time::local_day;
use crate::domain::{loyalty, orders};

use crate::decide::loyalty::expiry;
use crate::decide::loyalty::tiers;
use crate::decide::pricing::rounding::{apportion, reprice};
use crate::decide::views;

/// What the speaker has, their run of check-ins, and their tier.
///
/// # Errors
/// [`crate::book::Missing`]; a refusal when nobody speaks.
pub fn points(ctx: &mut Ctx<'_>) -> Decided {
    let member = ctx.member()?;
    ctx.require_balances(member)?;
    let today = local_day(ctx.at, ctx.shop.community.time_zone);
    let streak = ctx.member_row(member)?.streak;
    let runs = streak.filter(|streak| (today - streak.to).num_days() <= 1);
    let days = runs.map_or(0, crate::domain::people::Streak::days);
    let tier = tiers::standing(ctx, member)?;
    let total = balance(ctx, member);
    ctx.say(Reply::Loyalty(loyalty::Reply::Points { total, days, tier }));
    ctx.record("points", None, None);
    Ok(())
}

/// What a member has.
pub(in crate::decide) fn balance(ctx: &Ctx<'_>, member: MemberId) -> i64 {
    ctx.shop.balances.owed(member, Purse::Wallet, POINTS).minor
}

/// Give a member points. Nothing is booked for none.
pub fn grant(ctx: &mut Ctx<'_>, member: MemberId, points: i64, order: Option<OrderId>) {
    move_points(ctx, Fact::PointsGranted, member, points, order);
}

/// Book points to a member's account (or, negative, from it).
pub(in crate::decide) fn move_points(
    ctx: &mut Ctx<'_>,
    kind: Fact,
    member: MemberId,
    points: i64,
    order: Option<OrderId>,
) {
    if points == 0 {
        return;
    }
    let issued = AccountNo::house(House::Issued);
    let purse = AccountNo::of(member, Purse::Wallet);
    let entry = Entry::transfer(kind, POINTS, issued, purse, Money::from_minor(points));
    ctx.post(Entry { order, ..entry });
    if points > 0 {
        expiry::wake(ctx, kind);
    }
}

/// Pay part of the speaker's latest unpaid basket with points: so many, or all that the cap allows. None means
/// none: those spent on it already come back.
///
/// # Errors
/// Refusals in this order: points cannot be spent here, nothing unpaid, the cap is reached, too few
/// points; [`crate::book::Missing`].
pub fn spend(ctx: &mut Ctx<'_>, points: Option<u32>) -> Decided {
    let member = ctx.member()?;
    ctx.require_orders_of(member)?;
    ctx.require_balances(member)?;
    let price = Price::of(ctx).ok_or(Refusal::Loyalty(loyalty::Refusal::PointsOff))?;
    let basket = ctx.shop.orders.of(member).rev().find(|order| order.is_unpaid());
    let basket = basket
        .filter(|order| order.gross() > Money::ZERO)
        .ok_or(Refusal::Orders(orders::Refusal::NothingOrdered))?;
    let order = basket.id;
    if points == Some(0) {
        ctx.before(order);
        give_back(ctx, order);
        say_applied(ctx, order, 0, Money::ZERO);
        return Ok(());
    }
    let room = room(ctx, basket);
    if room <= Money::ZERO {
        let (cap, used) = (cap(ctx, basket), basket.points_worth);
        return Err(Refusal::Loyalty(loyalty::Refusal::PointsCap { cap, used }).into());
    }
    let has = balance(ctx, member);
    let wanted = points.map_or(has, i64::from);
    let worth = price.worth(wanted).min(room);
    if wanted > has || worth <= Money::ZERO {
        return Err(Refusal::Loyalty(loyalty::Refusal::NotEnoughPoints { points: has }).into());
    }
    let points = price.points(worth);
    ctx.before(order);
    apply(ctx, order, points, worth);
    move_points(ctx, Fact::PointsSpent, member, -points, Some(order));
    say_applied(ctx, order, points, worth);
    Ok(())
}

fn say_applied(ctx: &mut Ctx<'_>, order: OrderId, points: i64, worth: Money) {
    if let Some(row) = ctx.shop.orders.get(order) {
        let order = views::order(ctx.shop, row);
        ctx.say(Reply::Loyalty(loyalty::Reply::PointsApplied { points, worth, order }));
    }
    ctx.record("spend_points", Some(order), None);
}

/// How much more of the basket points may pay.
fn room(ctx: &Ctx<'_>, basket: &Order) -> Money {
    let cap = cap(ctx, basket);
    (cap - basket.points_worth).min(basket.still_due())
}

/// How much of the basket points may pay in all.
fn cap(ctx: &Ctx<'_>, basket: &Order) -> Money {
    let share = basket.gross().share(ctx.shop.policy.points.spend_cap);
    // Never more than is asked, where a leader cut the price.
    ctx.shop.community.currency.in_cash(share).min(basket.gross() - basket.cut())
}

fn apply(ctx: &mut Ctx<'_>, order: OrderId, points: i64, worth: Money) {
    let currency = ctx.shop.community.currency;
    let Some(row) = ctx.shop.orders.edit(order) else { return };
    row.points_spent += points;
    row.points_worth += worth;
    let worth = row.points_worth;
    spread(&mut row.lines, worth, currency);
}

/// What points are worth: so many for one whole unit of money.
#[derive(Clone, Copy, Debug)]
struct Price {
    points: i128,
    currency: Currency,
}

impl Price {
    fn of(ctx: &Ctx<'_>) -> Option<Self> {
        let points = ctx.shop.policy.points.spend_rate.filter(|&rate| rate > 0)?;
        Some(Self { points: i128::from(points), currency: ctx.shop.community.currency })
    }

    /// What so many points pay, rounded down to what can be paid.
    fn worth(self, points: i64) -> Money {
        let minor = i128::from(points.max(0)) * i128::from(self.currency.one().minor) / self.points;
        self.currency.in_cash(Money::from_minor(i64::try_from(minor).unwrap_or(i64::MAX)))
    }

    /// What so much costs in points, rounded up.
    fn points(self, worth: Money) -> i64 {
        let one = i128::from(self.currency.one().minor);
        let points = (i128::from(worth.minor) * self.points + one - 1) / one;
        i64::try_from(points).unwrap_or(i64::MAX)
    }
}

/// Spread a discount over lines in proportion to what they cost.
fn spread(lines: &mut [Line], worth: Money, currency: Currency) {
    let rooms: Vec<_> = lines.iter().map(Line::asked).collect();
    for (line, part) in lines.iter_mut().zip(apportion(worth, &rooms, currency)) {
        line.discount = part;
    }
    reprice(lines, currency);
}

/// An unpaid order is over: the points spent on it go back.
pub fn give_back(ctx: &mut Ctx<'_>, order: OrderId) {
    let Some(row) = ctx.shop.orders.get(order).filter(|row| row.points_spent != 0) else { return };
    let (member, points, currency) = (row.member, row.points_spent, ctx.shop.community.currency);
    if let Some(row) = ctx.shop.orders.edit(order) {
        row.points_spent = 0;
        row.points_worth = Money::ZERO;
        spread(&mut row.lines, Money::ZERO, currency);
    }
    move_points(ctx, Fact::PointsReversed, member, points, Some(order));
}

/// The lines of an unpaid order changed: its discount is spread anew, what no longer fits under the cap
/// goes back as points, and every line's commission is counted anew. Call this after any such change.
pub fn refit(ctx: &mut Ctx<'_>, order: OrderId) {
    let Some(row) = ctx.shop.orders.get(order) else { return };
    let worth = row.points_worth.min(cap(ctx, row));
    let currency = ctx.shop.community.currency;
    let (member, spent) = (row.member, row.points_spent);
    let points = match Price::of(ctx) {
        _ if worth == row.points_worth => spent,
        Some(price) => price.points(worth).min(spent),
        None => Money::from_minor(spent).portion(worth, row.points_worth).minor,
    };
    if let Some(row) = ctx.shop.orders.edit(order) {
        (row.points_spent, row.points_worth) = (points, worth);
        spread(&mut row.lines, worth, currency);
    }
    move_points(ctx, Fact::PointsReversed, member, spent - points, Some(order));
}

/// Where the points of a partly refunded order stand, from its lines alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Undone {
    /// Of the points spent on it, so many are back with the member.
    pub given_back: i64,
    /// Of the points granted for it, so many are taken back.
    pub taken_back: i64,
}

impl Undone {
    /// The cumulative target: exactly all of both when nothing is left of the order.
    #[must_use]
    pub fn of(order: &Order) -> Self {
        let part = |line: &Line| {
            let units = |qty: u32| Money::from_minor(i64::from(qty));
            line.discount.portion(units(line.refunded_qty), units(line.qty))
        };
        let worth = order.lines.iter().map(part).sum();
        let spent = Money::from_minor(order.points_spent).portion(worth, order.points_worth);
        let (granted, total) = (Money::from_minor(order.points_granted), order.total());
        let kept = granted.portion(total - order.refunded(), total);
        let taken_back = if total.is_zero() { Money::ZERO } else { granted - kept };
        Self { given_back: spent.minor, taken_back: taken_back.minor }
    }

    /// Book what has been undone since `earlier`.
    pub fn book(self, ctx: &mut Ctx<'_>, order: OrderId, earlier: Self) {
        let Some(member) = ctx.shop.orders.get(order).map(|row| row.member) else { return };
        let back = self.given_back - earlier.given_back;
        let taken = self.taken_back - earlier.taken_back;
        move_points(ctx, Fact::PointsReversed, member, back, Some(order));
        move_points(ctx, Fact::PointsReversed, member, -taken, Some(order));
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::decide::testing::{A1, AMING, LAOWANG, S1, Stage, XIAOMEI};
    use crate::decide::testing_orders::{assert_books_agree, house, owed, placed};
    use crate::domain::event::{Body, Timer};
    use crate::domain::intent::Intent;
    use crate::domain::money::Rate;
    use proptest::prelude::*;

    fn in_ctx(stage: &mut Stage, act: impl FnOnce(&mut Ctx<'_>)) {
        let event = stage.event(Body::Due(Timer::Warn));
        act(&mut Ctx::new(&mut stage.shop, &event));
    }

    /// A member has so many points more.
    pub(crate) fn give(stage: &mut Stage, member: MemberId, points: i64) {
        in_ctx(stage, |ctx| grant(ctx, member, points, None));
    }

    /// A member spends so many points on something.
    pub(crate) fn take(stage: &mut Stage, member: MemberId, points: i64) {
        in_ctx(stage, |ctx| move_points(ctx, Fact::PointsSpent, member, -points, None));
    }

    fn spends(stage: &mut Stage, points: Option<u32>) -> Vec<Reply> {
        stage.does(XIAOMEI, Intent::Loyalty(loyalty::Intent::SpendPoints { points }))
    }

    /// (points spent, worth, discounts).
    fn basket(stage: &Stage, order: OrderId) -> (i64, i64, Vec<i64>) {
        let row = stage.order(order.0);
        let discounts = row.lines.iter().map(|line| line.discount.minor).collect();
        (row.points_spent, row.points_worth.minor, discounts)
    }

    #[test]
    fn points_pay_up_to_the_cap_and_commission_counts_from_the_rest() {
        let mut stage = Stage::new();
        give(&mut stage, XIAOMEI, 5_000);
        let order = placed(&mut stage, XIAOMEI, &[(A1, None, 1), (S1, Some(0), 1)]);
        spends(&mut stage, None);
        // Half of 64.90 is 32.45; a hundred points are one yuan.
        assert_eq!(basket(&stage, order), (3_245, 3_245, vec![1_995, 1_250]));
        assert_eq!(owed(&stage, XIAOMEI, Purse::Wallet), 5_000 - 3_245);
        let shares = stage.order(order.0).lines.iter().map(|line| line.shares[0].unwrap());
        let amounts: Vec<_> = shares.map(|share| share.amount.minor).collect();
        assert_eq!(amounts, [119, 75]);
        let all = Money::from_minor(3_245);
        let capped = Refusal::Loyalty(loyalty::Refusal::PointsCap { cap: all, used: all });
        assert_eq!(Stage::refusal(&spends(&mut stage, Some(1))), capped);
        assert_books_agree(&stage);
        spends(&mut stage, Some(0));
        assert_eq!(basket(&stage, order), (0, 0, vec![0, 0]), "none are none");
        assert_eq!(owed(&stage, XIAOMEI, Purse::Wallet), 5_000);
        assert_books_agree(&stage);
    }

    #[test]
    fn points_pay_whole_dollars_where_nobody_pays_cents() {
        let mut stage = Stage::new();
        stage.shop.community.currency = Currency::of("TWD").unwrap();
        give(&mut stage, XIAOMEI, 5_000);
        let order = placed(&mut stage, XIAOMEI, &[(A1, None, 1), (S1, Some(0), 1)]);
        spends(&mut stage, Some(150));
        assert_eq!(basket(&stage, order), (100, 100, vec![100, 0]));
        spends(&mut stage, None);
        let (points, worth, discounts) = basket(&stage, order);
        assert_eq!((points, worth), (3_200, 3_200), "of 32.45 that the cap allows");
        assert!(discounts.iter().all(|cents| cents % 100 == 0), "{discounts:?}");
        let row = stage.order(order.0);
        let shares = row.lines.iter().map(|line| line.shares[0].unwrap());
        assert!(shares.into_iter().all(|share| share.amount.minor % 100 == 0));
    }

    #[test]
    fn points_are_worth_less_rounded_down_and_cost_more_rounded_up() {
        let mut stage = Stage::with_policy(|policy| policy.points.spend_rate = Some(30));
        give(&mut stage, XIAOMEI, 100);
        let order = placed(&mut stage, XIAOMEI, &[(A1, None, 1)]);
        spends(&mut stage, Some(10));
        // 10 points are 33.3 fen: 33 fen cost 9.9 points.
        assert_eq!(basket(&stage, order), (10, 33, vec![33]));
    }

    #[test]
    fn spending_is_refused_in_this_order() {
        let mut stage = Stage::with_policy(|policy| policy.points.spend_rate = None);
        assert_eq!(
            Stage::refusal(&spends(&mut stage, None)),
            Refusal::Loyalty(loyalty::Refusal::PointsOff)
        );
        let mut stage = Stage::new();
        assert_eq!(
            Stage::refusal(&spends(&mut stage, None)),
            Refusal::Orders(orders::Refusal::NothingOrdered)
        );
        placed(&mut stage, LAOWANG, &[(A1, None, 1)]);
        assert_eq!(
            Stage::refusal(&spends(&mut stage, None)),
            Refusal::Orders(orders::Refusal::NothingOrdered)
        );
        placed(&mut stage, XIAOMEI, &[(A1, None, 1)]);
        let too_few = |points| Refusal::Loyalty(loyalty::Refusal::NotEnoughPoints { points });
        assert_eq!(Stage::refusal(&spends(&mut stage, None)), too_few(0));
        give(&mut stage, XIAOMEI, 50);
        assert_eq!(Stage::refusal(&spends(&mut stage, Some(51))), too_few(50));
    }

    #[test]
    fn an_order_that_is_over_gives_points_back() {
        let mut stage = Stage::new();
        give(&mut stage, XIAOMEI, 100);
        let order = placed(&mut stage, XIAOMEI, &[(A1, None, 1)]);
        spends(&mut stage, None);
        in_ctx(&mut stage, |ctx| {
            give_back(ctx, order);
            give_back(ctx, order);
        });
        assert_eq!(basket(&stage, order), (0, 0, vec![0]));
        assert_eq!(owed(&stage, XIAOMEI, Purse::Wallet), 100);
        assert_eq!(stage.order(order.0).total().minor, 3_990);
    }

    #[test]
    fn a_smaller_basket_keeps_only_the_points_that_fit() {
        let mut stage = Stage::new();
        give(&mut stage, XIAOMEI, 10_000);
        let order = placed(&mut stage, XIAOMEI, &[(A1, None, 2), (S1, Some(0), 1)]);
        spends(&mut stage, None);
        assert_eq!(basket(&stage, order).1, 5_240);
        stage.shop.orders.edit(order).unwrap().lines[0].qty = 0;
        in_ctx(&mut stage, |ctx| refit(ctx, order));
        assert_eq!(basket(&stage, order), (1_250, 1_250, vec![0, 1_250]));
        assert_eq!(owed(&stage, XIAOMEI, Purse::Wallet), 10_000 - 1_250);
        assert_eq!(house(&stage, House::Issued), 10_000 - 1_250);
        assert_books_agree(&stage);
    }

    #[test]
    fn points_show_the_run_of_days_while_it_lasts() {
        let mut stage = Stage::new();
        stage.does(XIAOMEI, Intent::Loyalty(loyalty::Intent::CheckIn));
        let days = |stage: &mut Stage| match stage
            .does(XIAOMEI, Intent::Loyalty(loyalty::Intent::Points))[..]
        {
            [Reply::Loyalty(loyalty::Reply::Points { total: 2, days, tier: None })] => days,
            ref other => panic!("not the points: {other:?}"),
        };
        assert_eq!(days(&mut stage), 1);
        stage.later(24 * 60);
        assert_eq!(days(&mut stage), 1);
        stage.later(24 * 60);
        assert_eq!(days(&mut stage), 0);
        assert_eq!(owed(&stage, AMING, Purse::Wallet), 0);
    }

    proptest! {
        #[test]
        fn a_discount_is_spread_to_the_cent_and_never_beyond_a_line(
            quantities in proptest::collection::vec((0..20u32, 0..10_000i64), 1..8),
            part in 0..=10_000u16,
        ) {
            let mut stage = Stage::new();
            let wanted: Vec<_> = quantities.iter().map(|_| (A1, None, 1)).collect();
            let order = placed(&mut stage, XIAOMEI, &wanted);
            let row = stage.shop.orders.edit(order).unwrap();
            for (line, (qty, price)) in row.lines.iter_mut().zip(quantities) {
                (line.qty, line.price) = (qty, Money::from_minor(price));
            }
            let worth = row.gross().share(Rate { bps: part });
            spread(&mut row.lines, worth, Currency::CNY);
            prop_assert_eq!(row.lines.iter().map(|line| line.discount).sum::<Money>(), worth);
            prop_assert!(row.lines.iter().all(|line| !line.base().is_negative()));
        }
    }
}
