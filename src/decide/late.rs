//! Late money (迟到的付款): payment for an order that lapsed or was cancelled.
//!
//! Its quantities are still written on it, so it takes the goods again if they are there. Where they are
//! gone the order stays as it is, and the leader, who has the money, is told what is missing.

use std::collections::BTreeMap;

use chrono::Duration;

use crate::book::desk::Desk;
use crate::domain::ids::{OfferId, OrderId};
use crate::domain::offer::{Offer, OfferState};
use crate::domain::order::{Order, OrderState};

use super::order::apply;
use super::views;

/// Units that lapsed orders of one command take again, by row of stock.
pub type Taken = BTreeMap<(OfferId, usize), i64>;

/// What a lapsed order can no longer have, by name; its units are counted into `taken` if it can. Several
/// lapsed orders may want the same last units.
pub fn goods_gone(desk: &Desk<'_>, order: &Order, taken: &mut Taken) -> Option<String> {
    if order.state != OrderState::Cancelled {
        return None;
    }
    let mut wanted = taken.clone();
    for line in order.lines.iter().filter(|line| line.qty > 0) {
        let Some(offer) = desk.shop.offers.get(line.offer) else {
            return Some(views::name_of(desk.shop, line.offer, line.variant));
        };
        if has_failed(offer) {
            return Some(views::full_name(offer, line.variant));
        }
        let units = wanted.entry((offer.id, offer.stock_index(line.variant))).or_default();
        *units += i64::from(line.qty);
        if offer.stock_of(line.variant).is_some_and(|stock| stock.left < *units) {
            return Some(views::full_name(offer, line.variant));
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
pub fn retake_goods(desk: &mut Desk<'_>, order: OrderId) {
    let Some(row) = desk.shop.orders.get(order) else { return };
    let lines: Vec<_> = row.lines.iter().map(|line| (line.offer, line.variant, line.qty)).collect();
    for (offer, variant, qty) in lines {
        let Some(offer) = desk.shop.offers.edit(offer) else { continue };
        offer.sold += i64::from(qty);
        if let Some(stock) = offer.stock_of_mut(variant) {
            stock.left -= i64::from(qty);
        }
    }
}

/// An order of which a part was paid has its usual time for the rest.
pub fn hold_again(desk: &mut Desk<'_>, order: OrderId) {
    let minutes = i64::from(desk.shop.policy.orders.hold_minutes);
    apply::hold(desk, order, desk.at + Duration::minutes(minutes));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::testing::{A2, AMING, LAOWANG, S1, Stage, XIAOMEI, evening};
    use crate::decide::testing_orders::placed;
    use crate::domain::event::{Body, Timer};
    use crate::domain::intent::{Intent, LeaderIntent, Selection};
    use crate::domain::money::Money;
    use crate::domain::reply::Reply;

    fn confirm(stage: &mut Stage, orders: &[OrderId], amount: Option<i64>) -> Vec<Reply> {
        let (of, amount) = (Selection::Orders(orders.to_vec()), amount.map(Money::from_minor));
        stage.does(AMING, Intent::Lead(LeaderIntent::Paid { of, amount }))
    }

    fn states(stage: &Stage) -> Vec<OrderState> {
        stage.shop.orders.values().map(|order| order.state).collect()
    }

    fn lapse(stage: &mut Stage, order: OrderId) {
        let event = stage.event(Body::Due(Timer::Release));
        apply::cancel(&mut Desk::new(&mut stage.shop, &event), order);
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
        let late = Reply::PaidTooLate { order: first, name: "车厘子".to_owned() };
        assert_eq!(said.last(), Some(&late));
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
}
