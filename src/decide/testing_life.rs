//! Any life of a small shop, from order to refund, keeps its books: a property of all decisions together.
//!
//! What the ledger says is counted again from the orders: money received and sold, commission by promoter
//! and state, points spent and granted, goods on sale.

use std::collections::{BTreeMap, BTreeSet};

use chrono::Duration;
use proptest::prelude::*;

use crate::domain::event::{Evidence, Timer};
use crate::domain::ids::{MemberId, OfferId, OrderId};
use crate::domain::intent::{Intent, LeaderIntent, Op, Selection, WantedLine};
use crate::domain::ledger::{AccountNo, House, Owner, POINTS, Purse};
use crate::domain::money::{Money, Rate};
use crate::domain::orders::{CommissionState, Order, OrderState};
use crate::domain::people::Bond;
use crate::domain::time::Timestamp;
use crate::domain::undo::UndoAbout;
use crate::domain::{loyalty, orders, payments, payouts, shipping};

use crate::decide::loyalty::points::Undone;
use crate::decide::testing::{A1, A2, AMING, LAOWANG, S1, Stage, XIAOMEI, evening, morning};
use crate::decide::testing_orders::{assert_books_agree, house, owed};

/// One thing that somebody does.
#[derive(Clone, Copy, Debug)]
enum LifeStep {
    Order(MemberId, OfferId, u32),
    Set(MemberId, OfferId, u32),
    Cancel(MemberId),
    Spend(MemberId),
    CheckIn(MemberId),
    Paid(OrderId, Option<i64>),
    Ship(OrderId),
    Received(OrderId),
    Refund(OrderId, Option<(OfferId, u32)>),
    RefundAmount(OrderId, i64),
    Withdraw(MemberId),
    Undo(MemberId, bool),
    Wait(i64),
}

fn member() -> impl Strategy<Value = MemberId> {
    prop_oneof![Just(XIAOMEI), Just(LAOWANG)]
}

fn who() -> impl Strategy<Value = MemberId> {
    prop_oneof![Just(AMING), Just(XIAOMEI), Just(LAOWANG)]
}

fn offer() -> impl Strategy<Value = OfferId> {
    prop_oneof![Just(A1), Just(A2), Just(S1)]
}

fn order() -> impl Strategy<Value = OrderId> {
    (0..60i64).prop_map(OrderId)
}

fn step() -> impl Strategy<Value = LifeStep> {
    let refund = (order(), proptest::option::of((offer(), 1..4u32)));
    prop_oneof![
        4 => (member(), offer(), 1..4u32).prop_map(|(who, what, qty)| LifeStep::Order(who, what, qty)),
        2 => (member(), offer(), 1..4u32).prop_map(|(who, what, qty)| LifeStep::Set(who, what, qty)),
        1 => member().prop_map(LifeStep::Cancel),
        2 => member().prop_map(LifeStep::Spend),
        1 => member().prop_map(LifeStep::CheckIn),
        4 => (order(), proptest::option::of(1..9_000i64)).prop_map(|(id, sum)| LifeStep::Paid(id, sum)),
        1 => order().prop_map(LifeStep::Ship),
        2 => order().prop_map(LifeStep::Received),
        2 => refund.prop_map(|(id, part)| LifeStep::Refund(id, part)),
        1 => (order(), 1..5_000i64).prop_map(|(id, minor)| LifeStep::RefundAmount(id, minor)),
        1 => member().prop_map(LifeStep::Withdraw),
        2 => (who(), any::<bool>()).prop_map(|(who, last)| LifeStep::Undo(who, last)),
        2 => (1..200i64).prop_map(LifeStep::Wait),
    ]
}

fn shop() -> Stage {
    let mut stage = Stage::with_policy(|policy| {
        policy.commission.level2 = Rate { bps: 250 };
        policy.points.per_amount = Some(Money::from_minor(70));
        policy.points.spend_rate = Some(30);
        policy.withdrawal.minimum = Money::from_minor(1);
        policy.attribution.new_buyers_only = false;
    });
    let bond = Bond { inviter: XIAOMEI, evidence: Evidence::InviteCode, since: morning() };
    stage.shop.members.edit(LAOWANG).unwrap().bond = Some(bond);
    stage.shop.members.edit(XIAOMEI).unwrap().private.payee = Some("支付宝".to_owned());
    for id in [A1, A2, S1] {
        let offer = stage.shop.offers.edit(id).unwrap();
        offer.closes_at = evening() + Duration::days(40);
        offer.detail.limit_per_member = None;
    }
    stage
}

fn take(stage: &mut Stage, fired: &mut BTreeSet<(Timestamp, Timer)>, step: LifeStep) {
    let line = |offer, qty, op| {
        let variant = (offer == S1).then_some(0);
        vec![WantedLine { offer, variant, qty: Some(qty), op }]
    };
    let last = stage.shop.community.last_order.0.max(1);
    let nth = |order: OrderId| OrderId(1 + order.0 % last);
    let (who, intent) = match step {
        LifeStep::Order(who, offer, qty) => {
            (who, Intent::Orders(orders::Intent::Order(line(offer, qty, Op::Add))))
        }
        LifeStep::Set(who, offer, qty) => {
            (who, Intent::Orders(orders::Intent::Amend(line(offer, qty, Op::Set))))
        }
        LifeStep::Cancel(who) => (who, Intent::Orders(orders::Intent::Cancel(Vec::new()))),
        LifeStep::Spend(who) => {
            (who, Intent::Loyalty(loyalty::Intent::SpendPoints { points: None }))
        }
        LifeStep::CheckIn(who) => (who, Intent::Loyalty(loyalty::Intent::CheckIn)),
        LifeStep::Withdraw(who) => {
            (who, Intent::Payouts(payouts::Intent::Withdraw { amount: None }))
        }
        LifeStep::Undo(who, true) => (who, Intent::Undo(UndoAbout::Last)),
        LifeStep::Undo(AMING, false) => (AMING, Intent::Undo(UndoAbout::Payment)),
        LifeStep::Undo(who, false) => (who, Intent::Undo(UndoAbout::Orders)),
        LifeStep::Received(order) => {
            let of = Selection::Orders(vec![nth(order)]);
            (AMING, Intent::Lead(LeaderIntent::Shipping(shipping::Lead::Delivered(of))))
        }
        LifeStep::Paid(order, amount) => {
            let (of, amount) = (Selection::Orders(vec![nth(order)]), amount.map(Money::from_minor));
            (AMING, Intent::Lead(LeaderIntent::Payments(payments::Lead::Paid { of, amount })))
        }
        LifeStep::Ship(order) => {
            let of = Selection::Orders(vec![nth(order)]);
            (
                AMING,
                Intent::Lead(LeaderIntent::Shipping(shipping::Lead::Ship {
                    of,
                    carrier: None,
                    tracking: None,
                })),
            )
        }
        LifeStep::Refund(order, part) => {
            let lines = part.map(|(offer, qty)| line(offer, qty, Op::Remove)).unwrap_or_default();
            (
                AMING,
                Intent::Lead(LeaderIntent::Payments(payments::Lead::Refund {
                    order: nth(order),
                    lines,
                })),
            )
        }
        LifeStep::RefundAmount(order, minor) => {
            let (order, amount) = (nth(order), Money::from_minor(minor));
            let refund = payments::Lead::RefundAmount { order, of: None, amount, reason: None };
            (AMING, Intent::Lead(LeaderIntent::Payments(refund)))
        }
        LifeStep::Wait(hours) => return wait(stage, fired, hours),
    };
    stage.later(1);
    stage.does(who, intent);
}

/// Time passes, and what falls due meanwhile happens.
fn wait(stage: &mut Stage, fired: &mut BTreeSet<(Timestamp, Timer)>, hours: i64) {
    let until = stage.at + Duration::hours(hours);
    loop {
        let timers = stage.shop.fresh.timers.iter();
        let due = timers.filter(|timer| timer.0 <= until && !fired.contains(timer)).min().cloned();
        let Some((at, timer)) = due else { break };
        fired.insert((at, timer.clone()));
        stage.due(at.max(stage.at), timer);
    }
    stage.at = until;
}

fn assert_money_follows_the_orders(stage: &Stage) {
    let taken = |order: &Order| order.paid_at.is_some();
    let orders = || stage.shop.orders.values().filter(|order| taken(order));
    let net: Money = orders().map(|order| order.total() - order.refunded()).sum();
    assert_eq!(house(stage, House::Sales), -net.minor);
    let deposits: Money = stage.shop.orders.values().map(Order::deposit).sum();
    assert_eq!(house(stage, House::Deposits), -deposits.minor);
    assert_eq!(house(stage, House::Received), (net + deposits).minor);
    let mut earned: BTreeMap<(MemberId, CommissionState), i64> = BTreeMap::new();
    for order in orders() {
        for line in &order.lines {
            for share in line.shares.iter().flatten() {
                assert_eq!(
                    share.amount - share.reversed,
                    share.amount.portion(line.base() - line.refunded, line.base())
                );
                let key = (share.promoter, order.commission_state());
                *earned.entry(key).or_default() += (share.amount - share.reversed).minor;
            }
        }
    }
    for promoter in [AMING, XIAOMEI] {
        let of = |state| earned.get(&(promoter, state)).copied().unwrap_or(0);
        assert_eq!(owed(stage, promoter, Purse::Frozen), of(CommissionState::Frozen));
        let available = [Purse::Available, Purse::Locked].map(|purse| owed(stage, promoter, purse));
        assert_eq!(available.iter().sum::<i64>(), of(CommissionState::Available));
        assert_eq!(of(CommissionState::Void), 0);
    }
}

fn assert_points_follow_the_orders(stage: &Stage) {
    for member in [XIAOMEI, LAOWANG] {
        let orders = || stage.shop.orders.of(member);
        let moved = orders().map(|order| {
            let undone = Undone::of(order);
            order.points_spent - undone.given_back + undone.taken_back
        });
        let points = granted(stage, member) - moved.sum::<i64>();
        assert_eq!(owed(stage, member, Purse::Wallet), points);
        for order in orders() {
            assert_eq!(
                order.points_worth,
                order.lines.iter().map(|line| line.discount).sum::<Money>(),
                "points of {}",
                order.id
            );
            assert!(order.lines.iter().all(|line| !line.base().is_negative()));
            if order.state == OrderState::Cancelled {
                assert_eq!(order.points_spent, 0);
            }
            if order.state == OrderState::Refunded {
                assert_eq!(points_moved_by(stage, order.id), 0);
            }
        }
    }
}

fn granted(stage: &Stage, member: MemberId) -> i64 {
    let facts = stage.shop.fresh.journal.iter().map(|posted| &posted.entry);
    let granted = facts.filter(|entry| entry.kind.is_grant());
    let purse = AccountNo::of(member, Purse::Wallet);
    granted.flat_map(|entry| &entry.legs).filter(|leg| leg.0 == purse).map(|leg| -leg.1).sum()
}

/// What an order changed in its buyer's points, all told.
fn points_moved_by(stage: &Stage, order: OrderId) -> i64 {
    let facts = stage.shop.fresh.journal.iter().map(|posted| &posted.entry);
    let about = facts.filter(|entry| entry.order == Some(order) && entry.currency == POINTS);
    about
        .flat_map(|entry| &entry.legs)
        .filter(|leg| leg.0.owner() != Owner::Shop)
        .map(|leg| leg.1)
        .sum()
}

fn assert_goods_follow_the_orders(stage: &Stage) {
    for offer in stage.shop.offers.values() {
        let orders = stage.shop.orders.values();
        let live = orders.filter(|order| order.state != OrderState::Cancelled);
        let lines = live.flat_map(|order| &order.lines).filter(|line| line.offer == offer.id);
        let sold: i64 = lines.map(|line| i64::from(line.qty) - i64::from(line.restocked)).sum();
        assert_eq!(offer.sold, sold, "sold of {}", offer.code);
        let put: i64 = offer.stock.iter().map(|stock| stock.initial).sum();
        assert_eq!(offer.left().unwrap() + sold, put, "stock of {}", offer.code);
        assert!(offer.stock.iter().all(|stock| stock.left >= 0));
    }
}

proptest! {
    #[test]
    fn any_life_of_the_shop_keeps_its_books(
        steps in proptest::collection::vec(step(), 0..60),
    ) {
        let mut stage = shop();
        let mut fired = BTreeSet::new();
        crate::decide::loyalty::points::tests::give(&mut stage, XIAOMEI, 5_000);
        crate::decide::loyalty::points::tests::give(&mut stage, LAOWANG, 777);
        for step in steps {
            take(&mut stage, &mut fired, step);
            assert_books_agree(&stage);
            assert_money_follows_the_orders(&stage);
            assert_points_follow_the_orders(&stage);
            assert_goods_follow_the_orders(&stage);
        }
    }
}
