//! Late money (迟到的付款): payment for an order that lapsed or was cancelled.
//!
//! Its quantities are still written on it, so it takes the goods again if they are there. Where they are
//! gone the order stays as it is, and the leader, who has the money, is told what is missing.
//!
//! Where a leader only names whose money it is, an order that lapsed within a day may be meant ([`meant`]).

use std::collections::BTreeMap;

use crate::book::ctx::{Ctx, Decided};
use crate::domain::catalog::{Offer, OfferState};
use crate::domain::ids::{OfferId, OrderId};
use crate::domain::intent::{Intent, LeaderIntent, MAX_CHOICES, Selection};
use crate::domain::money::Money;
use crate::domain::orders::{Order, OrderState};
use crate::domain::payments;
use crate::domain::person::Person;

use crate::decide::orders::order::apply;
use crate::decide::views;

/// Units that lapsed orders of one command take again, by row of stock.
pub type RevivedUnits = BTreeMap<(OfferId, usize), i64>;

/// What a lapsed order can no longer have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gone {
    /// Its name.
    pub name: String,
    /// Its group buy failed, so it was never bought.
    pub failed: bool,
}

/// What money by a member may be meant for, where some of their orders lapsed within a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meant {
    /// These orders, whose sum it is.
    These(Vec<OrderId>),
    /// One of these ways to book it; only the leader can tell.
    Ask(Vec<Intent>),
}

/// What a payment by these members is meant for, if not for what is open. Money that is exactly what lapsed
/// orders come to is theirs, unless it is what open ones come to as well. Where nothing is open, the leader is
/// asked, rather than told that nothing is.
///
/// # Errors
/// [`crate::book::Missing`]; a name of nobody or of several.
pub fn meant(ctx: &Ctx<'_>, people: &[Person], amount: Option<Money>) -> Decided<Option<Meant>> {
    let (mut open, mut late) = (Vec::new(), Vec::new());
    for person in people {
        let member = ctx.member_of(person)?;
        ctx.require_orders_of(member)?;
        let orders = ctx.shop.orders.of(member);
        for order in orders.filter(|order| order.gross() > Money::ZERO) {
            let sum = (order.id, order.still_due());
            match order.state {
                OrderState::Placed => open.push(sum),
                _ if order.has_lapsed_lately(ctx.at) => late.push(sum),
                _ => {}
            }
        }
    }
    let fits = |sums| amount.map_or_else(Vec::new, |amount| coming_to(sums, amount));
    let (exact, same) = (fits(&late), fits(&open));
    Ok(match (exact.as_slice(), same.is_empty(), open.is_empty()) {
        _ if late.is_empty() => None,
        ([], _, false) => None,
        ([], _, true) => {
            Some(Meant::Ask(late.iter().map(|(id, _)| of_orders(&[*id], amount)).collect()))
        }
        ([only], true, _) => Some(Meant::These(only.clone())),
        _ => {
            let ways = same.iter().chain(&exact).take(MAX_CHOICES);
            Some(Meant::Ask(ways.map(|orders| of_orders(orders, amount)).collect()))
        }
    })
}

/// The orders that come to exactly this: one of them, or all together.
pub(in crate::decide) fn coming_to(sums: &[(OrderId, Money)], amount: Money) -> Vec<Vec<OrderId>> {
    let one = sums.iter().filter(|(_, due)| *due == amount).map(|(id, _)| vec![*id]);
    let all: Money = sums.iter().map(|(_, due)| *due).sum();
    let together = (sums.len() > 1 && all == amount).then(|| sums.iter().map(|it| it.0).collect());
    one.chain(together).collect()
}

fn of_orders(orders: &[OrderId], amount: Option<Money>) -> Intent {
    Intent::Lead(LeaderIntent::Payments(payments::Lead::Paid {
        of: Selection::Orders(orders.to_vec()),
        amount,
    }))
}

/// What a lapsed order can no longer have; its units are counted into `taken` if it can. Several
/// lapsed orders may want the same last units.
pub fn goods_gone(ctx: &Ctx<'_>, order: &Order, taken: &mut RevivedUnits) -> Option<Gone> {
    if order.state != OrderState::Cancelled {
        return None;
    }
    let mut wanted = taken.clone();
    for line in order.lines.iter().filter(|line| line.qty > 0) {
        let Some(offer) = ctx.shop.offers.get(line.offer) else {
            let name = views::name_of(ctx.shop, line.offer, line.variant);
            return Some(Gone { name, failed: false });
        };
        if has_failed(offer) {
            return Some(Gone { name: views::full_name(offer, line.variant), failed: true });
        }
        let units = wanted.entry((offer.id, offer.stock_index(line.variant))).or_default();
        *units += i64::from(line.qty);
        if offer.stock_of(line.variant).is_some_and(|stock| stock.left < *units) {
            return Some(Gone { name: views::full_name(offer, line.variant), failed: false });
        }
    }
    *taken = wanted;
    None
}

/// Whether a group buy closed below its minimum: its goods were never bought, and no payment revives it.
fn has_failed(offer: &Offer) -> bool {
    offer.state == OfferState::Closed && offer.detail.minimum.is_some() && offer.sold == 0
}

/// A lapsed order takes its goods again; what is there was tested before.
pub fn retake_goods(ctx: &mut Ctx<'_>, order: OrderId) {
    let Some(row) = ctx.shop.orders.get(order) else { return };
    let lines: Vec<_> = row.lines.iter().map(|line| (line.offer, line.variant, line.qty)).collect();
    for (offer, variant, qty) in lines {
        apply::move_units(ctx, offer, variant, i64::from(qty));
    }
}

#[cfg(test)]
mod tests {
    use chrono::Duration;

    use super::*;
    use crate::decide::testing::{A2, AMING, LAOWANG, S1, Stage, XIAOMEI, evening};
    use crate::decide::testing_orders::placed;
    use crate::domain::event::{Body, Timer};
    use crate::domain::intent::Why;
    use crate::domain::orders;
    use crate::domain::orders::LATE;
    use crate::domain::refusal::Refusal;
    use crate::domain::reply::Reply;
    use proptest::prelude::*;

    fn confirm(stage: &mut Stage, orders: &[OrderId], amount: Option<i64>) -> Vec<Reply> {
        let (of, amount) = (Selection::Orders(orders.to_vec()), amount.map(Money::from_minor));
        stage.does(AMING, Intent::Lead(LeaderIntent::Payments(payments::Lead::Paid { of, amount })))
    }

    fn states(stage: &Stage) -> Vec<OrderState> {
        stage.shop.orders.values().map(|order| order.state).collect()
    }

    fn lapse(stage: &mut Stage, order: OrderId) {
        let event = stage.event(Body::Due(Timer::Release));
        apply::cancel(&mut Ctx::new(&mut stage.shop, &event), order);
    }

    #[test]
    fn late_money_takes_the_goods_again() {
        let mut stage = Stage::new();
        let order = placed(&mut stage, XIAOMEI, &[(A2, None, 2)]);
        lapse(&mut stage, order);
        assert_eq!(stage.stock(A2), (2, 0));
        confirm(&mut stage, &[order], None);
        assert_eq!(stage.stock(A2), (0, 2));
        assert_eq!(states(&stage), [OrderState::Paid]);
    }

    #[test]
    fn a_part_of_late_money_holds_the_goods_anew() {
        let mut stage = Stage::new();
        let order = placed(&mut stage, XIAOMEI, &[(A2, None, 1)]);
        lapse(&mut stage, order);
        stage.at = evening() + Duration::hours(30);
        confirm(&mut stage, &[order], Some(100));
        let until = stage.at + Duration::hours(24);
        assert_eq!(stage.order(order.0).hold_until, until);
        assert!(stage.shop.fresh.timers.contains(&(until, Timer::Release)));
        assert_eq!(stage.stock(A2), (1, 1));
    }

    #[test]
    fn late_money_for_goods_that_are_gone_goes_to_the_leader() {
        let mut stage = Stage::new();
        let first = placed(&mut stage, XIAOMEI, &[(A2, None, 2)]);
        let second = placed(&mut stage, LAOWANG, &[(S1, Some(1), 3), (S1, Some(0), 1)]);
        lapse(&mut stage, first);
        lapse(&mut stage, second);
        placed(&mut stage, LAOWANG, &[(A2, None, 1)]);
        let said = confirm(&mut stage, &[first, second], None);
        let name = "车厘子".to_owned();
        let late =
            Reply::Payments(payments::Reply::PaidTooLate { order: first, name, failed: false });
        assert!(said.contains(&late), "{said:?}");
        let expected = [OrderState::Cancelled, OrderState::Paid, OrderState::Placed];
        assert_eq!(states(&stage), expected);
        assert_eq!(stage.stock(A2), (1, 1));
    }

    #[test]
    fn two_lapsed_orders_do_not_take_the_same_units() {
        let mut stage = Stage::new();
        let first = placed(&mut stage, XIAOMEI, &[(A2, None, 1)]);
        lapse(&mut stage, first);
        let second = placed(&mut stage, LAOWANG, &[(A2, None, 2)]);
        lapse(&mut stage, second);
        confirm(&mut stage, &[first, second], None);
        assert_eq!(states(&stage), [OrderState::Paid, OrderState::Cancelled]);
        assert_eq!(stage.stock(A2), (1, 1));
    }

    /// What a leader says who names 小美 and, perhaps, a sum.
    fn from_xiaomei(stage: &mut Stage, amount: Option<i64>) -> Vec<Reply> {
        let (of, amount) = (Selection::Members(vec!["小美".into()]), amount.map(Money::from_minor));
        stage.does(AMING, Intent::Lead(LeaderIntent::Payments(payments::Lead::Paid { of, amount })))
    }

    /// 小美's cherries for 88.00, whose time is over.
    fn lapsed() -> (Stage, OrderId) {
        let mut stage = Stage::new();
        let order = placed(&mut stage, XIAOMEI, &[(A2, None, 1)]);
        let until = stage.order(order.0).hold_until;
        stage.due(until, Timer::Release);
        stage.heard();
        (stage, order)
    }

    fn choices(said: &[Reply]) -> usize {
        let [Reply::Asked { why: Why::Lapsed, choices, .. }] = said else { panic!("{said:?}") };
        choices.len()
    }

    #[test]
    fn what_lapsed_orders_come_to_is_theirs_and_the_leader_hears_it() {
        let (mut stage, order) = lapsed();
        let other = placed(&mut stage, XIAOMEI, &[(S1, Some(0), 1)]);
        let said = from_xiaomei(&mut stage, Some(8_800));
        let Some(Reply::Payments(payments::Reply::Booked { orders, again, .. })) = said.last()
        else {
            panic!("{said:?}")
        };
        assert_eq!((orders[0].order, orders[0].received.minor), (order, 8_800));
        assert_eq!(again[..], [order]);
        assert_eq!(states(&stage), [OrderState::Paid, OrderState::Placed]);
        assert_eq!(stage.order(order.0).lapsed_at, None);
        assert_eq!(stage.order(other.0).received, Money::ZERO);
    }

    #[test]
    fn after_a_day_a_lapsed_order_is_forgotten() {
        let (mut stage, _) = lapsed();
        stage.at += LATE;
        let said = from_xiaomei(&mut stage, Some(8_800));
        assert_eq!(Stage::refusal(&said), Refusal::Orders(orders::Refusal::NoOrders));
        assert_eq!(states(&stage), [OrderState::Cancelled]);
    }

    #[test]
    fn what_a_member_cancelled_is_not_taken_for_lapsed() {
        let mut stage = Stage::new();
        placed(&mut stage, XIAOMEI, &[(A2, None, 1)]);
        stage.does(XIAOMEI, Intent::Orders(orders::Intent::Cancel(Vec::new())));
        let said = from_xiaomei(&mut stage, Some(8_800));
        assert_eq!(Stage::refusal(&said), Refusal::Orders(orders::Refusal::NoOrders));
    }

    #[test]
    fn the_leader_is_asked_where_it_may_be_meant_otherwise() {
        let (mut stage, order) = lapsed();
        assert_eq!(choices(&from_xiaomei(&mut stage, None)), 1);
        assert_eq!(choices(&from_xiaomei(&mut stage, Some(5_000))), 1);
        assert_eq!(states(&stage), [OrderState::Cancelled]);
        // The same again, which is open: both come to the same.
        placed(&mut stage, XIAOMEI, &[(A2, None, 1)]);
        assert_eq!(choices(&from_xiaomei(&mut stage, Some(8_800))), 2);
        assert_eq!(states(&stage), [OrderState::Cancelled, OrderState::Placed]);
        // Without a sum it is for what is open, and so is a sum that nothing comes to.
        from_xiaomei(&mut stage, Some(5_000));
        assert_eq!(stage.order(2).received.minor, 5_000);
        from_xiaomei(&mut stage, None);
        assert_eq!(states(&stage), [OrderState::Cancelled, OrderState::Paid]);
        assert_eq!(stage.order(order.0).received, Money::ZERO);
    }

    /// 小美's cherries of a group buy that failed.
    fn failed() -> (Stage, OrderId) {
        let mut stage = Stage::new();
        stage.shop.offers.edit(A2).unwrap().detail.minimum = Some(2);
        let order = placed(&mut stage, XIAOMEI, &[(A2, None, 1)]);
        stage.due(evening(), Timer::Close);
        stage.heard();
        (stage, order)
    }

    #[test]
    fn money_for_a_failed_group_buy_is_told_as_such() {
        let (mut stage, order) = failed();
        assert_eq!(choices(&from_xiaomei(&mut stage, None)), 1);
        let said = from_xiaomei(&mut stage, Some(8_800));
        let name = "车厘子".to_owned();
        assert_eq!(
            said,
            [Reply::Payments(payments::Reply::PaidTooLate { order, name, failed: true })]
        );
    }

    proptest! {
        #[test]
        fn no_payment_revives_a_failed_group_buy(
            amount in prop_oneof![Just(None), Just(Some(8_800)), (1_i64..20_000).prop_map(Some)],
            by in 0..3_usize, minutes in 0_i64..3_000, pick in any::<bool>(),
        ) {
            let (mut stage, order) = failed();
            stage.later(minutes);
            let of = match by {
                0 => Selection::Orders(vec![order]),
                1 => Selection::Members(vec!["小美".into()]),
                _ => Selection::All,
            };
            let amount = amount.map(Money::from_minor);
            let said = stage.does(AMING, Intent::Lead(LeaderIntent::Payments(payments::Lead::Paid { of, amount })));
            if let [Reply::Asked { .. }] = &said[..] && pick {
                let row = stage.shop.members.get(AMING).unwrap();
                let choice = row.question.clone().unwrap().question.choices[0].clone();
                stage.does(AMING, choice);
            }
            prop_assert_eq!(states(&stage), [OrderState::Cancelled]);
            prop_assert_eq!(stage.order(order.0).received, Money::ZERO);
            prop_assert!(stage.shop.fresh.journal.is_empty());
            prop_assert_eq!(stage.stock(A2), (2, 0));
        }
    }
}
