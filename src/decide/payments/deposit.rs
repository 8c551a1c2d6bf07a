//! Deposits (预收款): money in the leader's hands that is still the buyer's, for an order that is not paid
//! in full or beyond what it comes to.
//!
//! Whatever is received is in the books at once, so that the leader's cash can be counted against them.
//! When the order is paid in full its deposit becomes a sale; when the order ends otherwise, it goes back.

use crate::book::ctx::Ctx;
use crate::domain::ids::OrderId;
use crate::domain::ledger::{AccountNo, Entry, Fact, House};
use crate::domain::money::Money;
use crate::domain::orders::Order;

/// Book a part of an order's money.
pub fn take(ctx: &mut Ctx<'_>, order: OrderId, part: Money) {
    let legs = [(House::Received, part), (House::Deposits, -part)];
    post(ctx, Fact::PartPaid, order, &legs);
}

/// Book that an order is paid in full: `part` came now, the rest was here; too much of it stays a deposit.
pub fn complete(ctx: &mut Ctx<'_>, order: OrderId, part: Money) {
    let Some(row) = ctx.shop.orders.get(order) else { return };
    let (total, before) = (row.total(), row.received - part);
    let over = row.received - total;
    let legs = [(House::Received, part), (House::Deposits, before - over), (House::Sales, -total)];
    post(ctx, Fact::Paid, order, &legs);
}

/// The inverse of [`take`].
pub fn untake(ctx: &mut Ctx<'_>, order: OrderId, part: Money) {
    let legs = [(House::Deposits, part), (House::Received, -part)];
    post(ctx, Fact::GivenBack, order, &legs);
}

/// The inverse of [`complete`], before anything else of it was undone: what was here before `part` came is a
/// deposit again.
pub fn open_again(ctx: &mut Ctx<'_>, order: OrderId, part: Money) {
    let Some(row) = ctx.shop.orders.get(order) else { return };
    let (total, before) = (row.total(), row.received - part);
    let over = row.received - total;
    let legs = [(House::Sales, total), (House::Deposits, over - before), (House::Received, -part)];
    post(ctx, Fact::PaymentUndone, order, &legs);
}

/// The order is over, or comes to less than was paid: what is still the buyer's goes back. How much.
pub fn give_back(ctx: &mut Ctx<'_>, order: OrderId) -> Money {
    let held = ctx.shop.orders.get(order).map_or(Money::ZERO, Order::deposit);
    if held <= Money::ZERO {
        return Money::ZERO;
    }
    if let Some(row) = ctx.shop.orders.edit(order) {
        row.received -= held;
    }
    let legs = [(House::Deposits, held), (House::Received, -held)];
    post(ctx, Fact::GivenBack, order, &legs);
    held
}

fn post(ctx: &mut Ctx<'_>, kind: Fact, order: OrderId, legs: &[(House, Money)]) {
    let legs = legs.iter().filter(|(_, amount)| !amount.is_zero());
    let legs: Vec<_> =
        legs.map(|(house, amount)| (AccountNo::house(*house), amount.minor)).collect();
    if !legs.is_empty() {
        let currency = ctx.shop.community.currency.code().to_owned();
        ctx.post(Entry { kind, currency, order: Some(order), legs });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::testing::{A1, A2, AMING, LAOWANG, Stage, XIAOMEI, evening};
    use crate::decide::testing_orders::{assert_books_agree, house, placed};
    use crate::domain::event::Timer;
    use crate::domain::intent::{Intent, LeaderIntent, Selection};
    use crate::domain::orders::OrderState;
    use crate::domain::reply::Reply;
    use crate::domain::{orders, payments};

    fn lead(stage: &mut Stage, intent: LeaderIntent) -> Vec<Reply> {
        stage.does(AMING, Intent::Lead(intent))
    }

    fn pay(stage: &mut Stage, order: OrderId, amount: i64) {
        let of = Selection::Orders(vec![order]);
        lead(
            stage,
            LeaderIntent::Payments(payments::Lead::Paid {
                of,
                amount: Some(Money::from_minor(amount)),
            }),
        );
    }

    /// Received, deposits, sales.
    fn books(stage: &Stage) -> (i64, i64, i64) {
        assert_books_agree(stage);
        let at = |account| house(stage, account);
        (at(House::Received), at(House::Deposits), at(House::Sales))
    }

    #[test]
    fn a_part_is_a_deposit_until_the_rest_makes_it_a_sale() {
        let mut stage = Stage::new();
        let order = placed(&mut stage, XIAOMEI, &[(A1, None, 1)]);
        pay(&mut stage, order, 1_000);
        assert_eq!(books(&stage), (1_000, -1_000, 0));
        pay(&mut stage, order, 2_000);
        assert_eq!(books(&stage), (3_000, -3_000, 0));
        pay(&mut stage, order, 1_090);
        assert_eq!(books(&stage), (4_090, -100, -3_990));
        assert_eq!(stage.order(order.0).deposit().minor, 100);
    }

    #[test]
    fn too_much_goes_back_with_the_last_of_the_order() {
        let mut stage = Stage::new();
        let order = placed(&mut stage, XIAOMEI, &[(A1, None, 2)]);
        pay(&mut stage, order, 8_000);
        assert_eq!(books(&stage), (8_000, -20, -7_980));
        let said = lead(
            &mut stage,
            LeaderIntent::Payments(payments::Lead::Refund { order, lines: Vec::new() }),
        );
        let (member, amount) = ("小美".to_owned(), Money::from_minor(8_000));
        assert_eq!(
            said,
            [Reply::Payments(payments::Reply::Refunded {
                order,
                member,
                amount,
                whole: true,
                reason: None
            })]
        );
        assert_eq!(books(&stage), (0, 0, 0));
    }

    #[test]
    fn a_leader_who_cancels_gives_the_deposit_back() {
        let mut stage = Stage::new();
        let order = placed(&mut stage, XIAOMEI, &[(A1, None, 1)]);
        pay(&mut stage, order, 1_000);
        let of = Selection::Orders(vec![order]);
        let said = lead(&mut stage, LeaderIntent::Orders(orders::Lead::CancelOf(of)));
        let (member, amount) = ("小美".to_owned(), Money::from_minor(1_000));
        assert!(
            said.contains(&Reply::Payments(payments::Reply::Refunded {
                order,
                member,
                amount,
                whole: true,
                reason: None,
            })),
            "{said:?}"
        );
        assert_eq!(books(&stage), (0, 0, 0));
        assert_eq!(stage.order(order.0).state, OrderState::Cancelled);
    }

    #[test]
    fn an_offer_that_falls_through_may_leave_a_deposit_that_pays_for_the_rest() {
        let mut stage = Stage::new();
        stage.shop.offers.edit(A1).unwrap().detail.minimum = Some(40);
        let both = placed(&mut stage, XIAOMEI, &[(A1, None, 3), (A2, None, 1)]);
        let one = placed(&mut stage, LAOWANG, &[(A1, None, 1)]);
        pay(&mut stage, both, 10_000);
        pay(&mut stage, one, 500);
        assert_eq!(books(&stage), (10_500, -10_500, 0));
        stage.due(evening(), Timer::Close);
        // 小美 keeps the cherries for 88.00 and has 12.00 back; 老王 has all of it back.
        assert_eq!(books(&stage), (8_800, 0, -8_800));
        assert_eq!(stage.order(both.0).state, OrderState::Paid);
        assert_eq!(stage.order(one.0).state, OrderState::Cancelled);
    }
}
