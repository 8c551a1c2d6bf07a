//! Reports: what a member may know of their own money, and what a leader looks at every day.
//!
//! Aggregates come loaded, true as of the last save; lists of orders are read from the book. Nothing
//! here changes the shop.

use crate::book::ctx::{Ctx, Decided};
use crate::book::need::Report;
use crate::book::{Missing, Need, Shop};
use crate::domain::intent::{Intent, LeaderIntent, PartOfList};
use crate::domain::orders::{self, Line, Order, OrderState};
use crate::domain::refusal::Refusal;
use crate::domain::reply::{PickItem, Reply};
use crate::domain::reports;
use crate::domain::time::{Timestamp, local_midnight_after};

use crate::decide::ask;
use crate::decide::orders::parts;
use crate::decide::orders::selection::require_all;
use crate::decide::views;

/// The most orders that one list shows.
pub const MAX_LISTED: usize = 50;

/// The most members that a pick list shows.
pub const MAX_PICKED: usize = 200;

/// Who has not paid, oldest first: a part of them, from so far on. 更多 shows the next page.
///
/// # Errors
/// [`Missing`]; `NoOrders` where nobody of the part has to pay.
pub fn unpaid(ctx: &mut Ctx<'_>, part: Option<&PartOfList>, from: usize) -> Decided {
    require_all(ctx, OrderState::Placed)?;
    let unpaid = || ctx.shop.orders.values().filter(|order| order.is_unpaid());
    require_buyers(ctx, unpaid())?;
    let is_meant = |it: &&Order| parts::is_in(ctx, it, part, it.placed_at);
    let all: Vec<&Order> = unpaid().filter(is_meant).collect();
    if all.is_empty() && part.is_some() {
        return Err(Refusal::Orders(orders::Refusal::NoOrders).into());
    }
    let total = all.iter().map(|order| order.still_due()).sum();
    let shown = all.iter().skip(from).take(MAX_LISTED);
    let orders: Vec<_> = shown.map(|order| views::order(ctx.shop, order)).collect();
    let beyond = all.len().saturating_sub(from + MAX_LISTED);
    if beyond > 0 {
        let (part, from) = (part.cloned(), from + MAX_LISTED);
        let next = reports::Lead::UnpaidPart { part, from };
        ask::turn(ctx, Intent::Lead(LeaderIntent::Reports(next)));
    }
    ctx.say(Reply::Reports(reports::Reply::Unpaid { orders, beyond, total, from }));
    ctx.record("list_unpaid", None, None);
    Ok(())
}

/// Everybody whose order is shown has a name.
fn require_buyers<'o>(ctx: &Ctx<'_>, orders: impl Iterator<Item = &'o Order>) -> Decided {
    for order in orders.take(MAX_PICKED) {
        ctx.member_row(order.member)?;
    }
    Ok(())
}

/// What to pick and for whom: everything ordered that has not gone out yet, paid or not. 更多 shows the next
/// members.
///
/// # Errors
/// [`Missing`].
pub fn pick_list(ctx: &mut Ctx<'_>, from: usize) -> Decided {
    require_all(ctx, OrderState::Placed)?;
    require_all(ctx, OrderState::Paid)?;
    let is_open = |order: &&Order| matches!(order.state, OrderState::Placed | OrderState::Paid);
    let orders: Vec<&Order> = ctx.shop.orders.values().filter(is_open).collect();
    require_buyers(ctx, orders.iter().copied())?;
    let items = if from == 0 { pick_items(ctx, &orders) } else { Vec::new() };
    let shown = orders.iter().skip(from).take(MAX_LISTED);
    let members: Vec<_> = shown.map(|order| views::order(ctx.shop, order)).collect();
    let beyond = orders.len().saturating_sub(from + MAX_LISTED);
    if beyond > 0 {
        let next = reports::Lead::PickListFrom { from: from + MAX_LISTED };
        ask::turn(ctx, Intent::Lead(LeaderIntent::Reports(next)));
    }
    ctx.say(Reply::Reports(reports::Reply::PickList { items, members, beyond, from, paged: true }));
    ctx.record("pick_list", None, None);
    Ok(())
}

/// These orders by item and by member.
pub(in crate::decide) fn picked(ctx: &Ctx<'_>, orders: &[&Order]) -> Reply {
    let shown = orders.iter().take(MAX_PICKED);
    let members = shown.map(|order| views::order(ctx.shop, order)).collect();
    let beyond = orders.len().saturating_sub(MAX_PICKED);
    let items = pick_items(ctx, orders);
    Reply::Reports(reports::Reply::PickList { items, members, beyond, from: 0, paged: false })
}

/// Units by item, in the order in which items first occur.
fn pick_items(ctx: &Ctx<'_>, orders: &[&Order]) -> Vec<PickItem> {
    let mut items: Vec<PickItem> = Vec::new();
    for order in orders {
        for line in order.lines.iter().filter(|line| line.live_qty() > 0) {
            let item = pick_item(ctx, order, line);
            match items.iter_mut().find(|one| one.name == item.name && one.unit == item.unit) {
                Some(one) => {
                    one.paid = one.paid.saturating_add(item.paid);
                    one.unpaid = one.unpaid.saturating_add(item.unpaid);
                }
                None => items.push(item),
            }
        }
    }
    items
}

fn pick_item(ctx: &Ctx<'_>, order: &Order, line: &Line) -> PickItem {
    let qty = line.live_qty();
    let (paid, unpaid) = if order.is_unpaid() { (0, qty) } else { (qty, 0) };
    let offer = ctx.shop.offers.get(line.offer);
    let unit = offer.map_or_else(String::new, |offer| offer.detail.unit.clone());
    PickItem { name: views::name_of(ctx.shop, line.offer, line.variant), paid, unpaid, unit }
}

/// Today's numbers.
///
/// # Errors
/// [`Missing`].
pub fn today(ctx: &mut Ctx<'_>) -> Decided {
    let report = asked(ctx.shop, ctx.at);
    let figures = ctx.shop.known.reports.reports.figures.clone();
    let figures = figures.ok_or(Missing(Need::Report(report)))?;
    ctx.say(Reply::Reports(reports::Reply::Today { figures }));
    ctx.record("today", None, None);
    Ok(())
}

/// Today and yesterday begin at the community's own midnight.
#[must_use]
pub fn asked(shop: &Shop, at: Timestamp) -> Report {
    let zone = shop.community.time_zone;
    let today = local_midnight_after(at, 0, zone);
    Report::Reports(reports::Need::Figures {
        today,
        yesterday: local_midnight_after(today - chrono::Duration::hours(12), 0, zone),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::referral::promoters::promoters;
    use crate::decide::testing::{A1, A2, AMING, LAOWANG, S1, Stage, XIAOMEI};
    use crate::decide::testing_orders::placed;
    use crate::domain::event::{Body, Timer};
    use crate::domain::ids::OrderId;
    use crate::domain::intent::Selection;
    use crate::domain::money::Money;
    use crate::domain::{payments, shipping};
    use crate::domain::{payouts, referral};

    fn lead(stage: &mut Stage, intent: LeaderIntent) -> Vec<Reply> {
        stage.does(AMING, Intent::Lead(intent))
    }

    fn three_orders() -> Stage {
        let mut stage = Stage::new();
        placed(&mut stage, XIAOMEI, &[(A1, None, 2), (S1, Some(1), 1)]);
        placed(&mut stage, LAOWANG, &[(A1, None, 1)]);
        placed(&mut stage, XIAOMEI, &[(A2, None, 1)]);
        let of = Selection::Orders(vec![OrderId(1)]);
        lead(&mut stage, LeaderIntent::Payments(payments::Lead::Paid { of, amount: None }));
        stage
    }

    #[test]
    fn a_balance_is_for_its_owner_alone() {
        let mut stage = three_orders();
        stage.heard();
        let said = stage.does(AMING, Intent::Payouts(payouts::Intent::Balance));
        let zero = Money::ZERO;
        let frozen = Money::from_minor(478 + 150);
        let (available, locked, paid_out, points) = (zero, zero, zero, 0);
        assert_eq!(
            said,
            [Reply::Payouts(payouts::Reply::Balance {
                frozen,
                available,
                locked,
                paid_out,
                points
            })]
        );
        stage.does(XIAOMEI, Intent::Payouts(payouts::Intent::Statement));
        assert!(stage.heard().iter().all(|heard| heard.private));
    }

    #[test]
    fn the_unpaid_are_listed_with_what_is_still_due() {
        let mut stage = three_orders();
        let (of, amount) = (Selection::Orders(vec![OrderId(3)]), Some(Money::from_minor(800)));
        lead(&mut stage, LeaderIntent::Payments(payments::Lead::Paid { of, amount }));
        let said = lead(&mut stage, LeaderIntent::Reports(reports::Lead::Unpaid));
        let [Reply::Reports(reports::Reply::Unpaid { orders, total, .. })] = &said[..] else {
            panic!("{said:?}")
        };
        let numbers: Vec<_> = orders.iter().map(|order| order.order.0).collect();
        assert_eq!((numbers, total.minor), (vec![2, 3], 3_990 + 8_000));
    }

    #[test]
    fn a_list_that_is_cut_says_how_much_there_is() {
        let mut stage = Stage::new();
        let many = MAX_LISTED + 7;
        for _ in 0..many {
            placed(&mut stage, XIAOMEI, &[(A1, None, 1)]);
        }
        let said = lead(&mut stage, LeaderIntent::Reports(reports::Lead::Unpaid));
        let [Reply::Reports(reports::Reply::Unpaid { orders, beyond, .. })] = &said[..] else {
            panic!("{said:?}")
        };
        assert_eq!((orders.len(), *beyond), (MAX_LISTED, 7));
        let page = |stage: &mut Stage, intent| match &lead(stage, LeaderIntent::Reports(intent))[..]
        {
            [Reply::Reports(reports::Reply::PickList { items, members, beyond, .. })] => {
                (items.len(), members.len(), *beyond)
            }
            other => panic!("{other:?}"),
        };
        assert_eq!(page(&mut stage, reports::Lead::PickList), (1, MAX_LISTED, 7));
        let next = reports::Lead::PickListFrom { from: MAX_LISTED };
        assert_eq!(page(&mut stage, next), (0, 7, 0), "the goods were told");
    }

    #[test]
    fn a_pick_list_counts_what_has_not_gone_out() {
        let mut stage = three_orders();
        let said = lead(&mut stage, LeaderIntent::Reports(reports::Lead::PickList));
        let [Reply::Reports(reports::Reply::PickList { items, members, .. })] = &said[..] else {
            panic!("{said:?}")
        };
        let items: Vec<_> =
            items.iter().map(|item| (item.name.as_str(), item.paid, item.unpaid)).collect();
        assert_eq!(items, [("阳光玫瑰", 2, 1), ("饺子 韭菜鸡蛋", 1, 0), ("车厘子", 0, 1)]);
        assert_eq!(members.len(), 3);
        let of = Selection::All;
        lead(
            &mut stage,
            LeaderIntent::Shipping(shipping::Lead::Ship { of, carrier: None, tracking: None }),
        );
        let said = lead(&mut stage, LeaderIntent::Reports(reports::Lead::PickList));
        let [Reply::Reports(reports::Reply::PickList { members, .. })] = &said[..] else {
            panic!("{said:?}")
        };
        assert_eq!(members.len(), 2);
    }

    #[test]
    fn aggregates_come_as_they_were_loaded() {
        let mut stage = Stage::new();
        let figures = crate::domain::reply::Figures { orders: 7, ..Default::default() };
        stage.shop.known.reports.reports.figures = Some(figures.clone());
        assert_eq!(
            lead(&mut stage, LeaderIntent::Reports(reports::Lead::Today)),
            [Reply::Reports(reports::Reply::Today { figures })]
        );
        let names = vec!["阿强".to_owned()];
        stage.shop.known.reports.referral.unattributed = Some((names.clone(), 70));
        let said = lead(&mut stage, LeaderIntent::Referral(referral::Lead::Unattributed));
        assert_eq!(said, [Reply::Referral(referral::Reply::Unattributed { names, beyond: 70 })]);
        stage.heard();
        lead(&mut stage, LeaderIntent::Referral(referral::Lead::Promoters));
        assert!(stage.heard()[0].private);
    }

    #[test]
    fn what_others_earn_is_told_to_no_group_even_when_nobody_asks() {
        let mut stage = Stage::new();
        stage.shop.known.reports.referral.promoters = Some(Vec::new());
        let event = stage.event(Body::Due(Timer::Close));
        let mut ctx = Ctx::new(&mut stage.shop, &event);
        promoters(&mut ctx).unwrap();
        today(&mut ctx).unwrap_err();
        assert!(stage.heard().is_empty());
    }

    #[test]
    fn a_long_list_goes_on_and_has_parts() {
        let mut stage = Stage::new();
        for _ in 0..60 {
            placed(&mut stage, XIAOMEI, &[(A1, None, 1)]);
        }
        stage.later(24 * 60);
        placed(&mut stage, LAOWANG, &[(A2, None, 1)]);
        stage.shop.members.edit(LAOWANG).unwrap().private.address = Some("5栋1802".to_owned());
        let asks = |stage: &mut Stage, part: PartOfList| {
            let part = Some(part);
            lead(stage, LeaderIntent::Reports(reports::Lead::UnpaidPart { part, from: 0 }))
        };
        let told = |said: &[Reply]| match said {
            [Reply::Reports(reports::Reply::Unpaid { orders, beyond, from, .. })] => {
                (orders.len(), *beyond, *from)
            }
            other => panic!("{other:?}"),
        };
        assert_eq!(told(&asks(&mut stage, PartOfList::Day(1))), (50, 10, 0));
        let row = stage.shop.members.get(AMING).unwrap();
        let next = row.question.clone().unwrap().question.choices[0].clone();
        assert_eq!(told(&stage.does(AMING, next)), (10, 0, 50));
        for part in
            [PartOfList::Day(0), PartOfList::Building("5".to_owned()), PartOfList::Offer(A2)]
        {
            assert_eq!(told(&asks(&mut stage, part.clone())), (1, 0, 0), "{part:?}");
        }
        let none = Refusal::Orders(orders::Refusal::NoOrders);
        assert_eq!(Stage::refusal(&asks(&mut stage, PartOfList::Day(2))), none);
    }
}
