//! Refunds: by units, by amount, and any mixture of both, to the cent.

use super::*;
use crate::decide::testing::{
    A1, A2, AMING, LAOWANG, S1, Stage, XIAOMEI, evening, morning, of_variant, want, without,
};
use crate::decide::testing_orders::{assert_books_agree, house, owed, placed};
use crate::domain::event::{Evidence, Timer};
use crate::domain::ids::OfferId;
use crate::domain::intent::{Intent, LeaderIntent, Op, Selection};
use crate::domain::ledger::Purse;
use crate::domain::money::Rate;
use crate::domain::people::Bond;
use crate::domain::{loyalty, payouts, shipping};
use proptest::prelude::*;

fn lead(stage: &mut Stage, intent: LeaderIntent) -> Vec<Reply> {
    stage.does(AMING, Intent::Lead(intent))
}

fn pay(stage: &mut Stage, order: OrderId) {
    let of = Selection::Orders(vec![order]);
    lead(stage, LeaderIntent::Payments(payments::Lead::Paid { of, amount: None }));
}

fn back(stage: &mut Stage, order: OrderId, lines: &[WantedLine]) -> Vec<Reply> {
    let lines = lines.iter().map(|line| WantedLine { op: Op::Remove, ..line.clone() });
    let lines = lines.collect();
    lead(stage, LeaderIntent::Payments(payments::Lead::Refund { order, lines }))
}

fn pays_back(stage: &mut Stage, order: OrderId, of: Option<WantedLine>, minor: i64) -> Vec<Reply> {
    let amount = Money::from_minor(minor);
    lead(
        stage,
        LeaderIntent::Payments(payments::Lead::RefundAmount { order, of, amount, reason: None }),
    )
}

fn settle(stage: &mut Stage, order: OrderId) {
    lead(stage, LeaderIntent::Shipping(shipping::Lead::Delivered(Selection::Orders(vec![order]))));
    let due = stage.order(order.0).due_at.unwrap();
    stage.due(due, Timer::Settle);
}

/// 小美 was brought by 阿明 and pays for three boxes of grapes: 119.70, of which he has 7.18.
fn sold() -> (Stage, OrderId) {
    let mut stage = Stage::new();
    let order = placed(&mut stage, XIAOMEI, &[(A1, None, 3)]);
    pay(&mut stage, order);
    (stage, order)
}

#[test]
fn a_whole_refund_undoes_everything() {
    let (mut stage, order) = sold();
    let said = back(&mut stage, order, &[]);
    let (member, amount) = ("小美".to_owned(), Money::from_minor(11_970));
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
    assert_eq!(stage.order(order.0).state, OrderState::Refunded);
    assert_eq!(house(&stage, House::Received), 0);
    assert_eq!(house(&stage, House::CommissionCost), 0);
    assert_eq!(owed(&stage, AMING, Purse::Frozen), 0);
    assert_eq!(owed(&stage, XIAOMEI, Purse::Wallet), 0);
    assert_eq!(stage.stock(A1), (50, 0));
    assert_books_agree(&stage);
    let said = back(&mut stage, order, &[]);
    let refused =
        Refusal::Orders(orders::Refusal::WrongState { order, state: OrderState::Refunded });
    assert_eq!(Stage::refusal(&said), refused);
}

#[test]
fn a_part_goes_back_by_line_and_quantity() {
    let (mut stage, order) = sold();
    back(&mut stage, order, &[want(A1, 1)]);
    assert_eq!(house(&stage, House::Received), 7_980);
    assert_eq!(owed(&stage, AMING, Purse::Frozen), 478); // ⌊718 × 7980 / 11970⌋
    assert_eq!(owed(&stage, XIAOMEI, Purse::Wallet), 7); // ⌊11 × 7980 / 11970⌋
    assert_eq!(stage.stock(A1), (48, 2));
    assert_eq!(stage.order(order.0).state, OrderState::Paid);
    assert_books_agree(&stage);
}

#[test]
fn refunds_are_refused_in_this_order() {
    let (mut stage, order) = sold();
    let open = placed(&mut stage, LAOWANG, &[(A2, None, 1)]);
    let mut refusal = |order, lines: &[_]| Stage::refusal(&back(&mut stage, order, lines));
    let none = OrderId(77);
    assert_eq!(
        refusal(none, &[want(A1, 9)]),
        Refusal::Orders(orders::Refusal::NoSuchOrder { order: none })
    );
    let refused =
        Refusal::Orders(orders::Refusal::WrongState { order: open, state: OrderState::Placed });
    assert_eq!(refusal(open, &[want(A1, 9)]), refused);
    let name = "车厘子".to_owned();
    assert_eq!(
        refusal(order, &[want(A1, 9), want(A2, 1)]),
        Refusal::Orders(orders::Refusal::NotInOrder { name })
    );
    assert_eq!(
        refusal(order, &[want(A1, 4)]),
        Refusal::Payments(payments::Refusal::RefundTooLarge { order, left: 3 })
    );
    let twice = [want(A1, 2), want(A1, 2)];
    assert_eq!(
        refusal(order, &twice),
        Refusal::Payments(payments::Refusal::RefundTooLarge { order, left: 1 })
    );
    assert_eq!(house(&stage, House::Received), 11_970);
}

#[test]
fn an_amount_goes_back_beside_units() {
    let (mut stage, order) = sold();
    pays_back(&mut stage, order, None, 10_000);
    let line = |stage: &Stage| {
        let line = &stage.order(order.0).lines[0];
        (line.refunded.minor, line.refunded_amount.minor, line.live_qty())
    };
    assert_eq!(line(&stage), (10_000, 10_000, 3));
    assert_eq!(stage.stock(A1), (47, 3), "no goods came back");
    assert_eq!(owed(&stage, AMING, Purse::Frozen), 118); // ⌊718 × 1970 / 11970⌋
    assert_books_agree(&stage);
    // One box is 39.90, but only 19.70 are left.
    back(&mut stage, order, &[want(A1, 1)]);
    assert_eq!(line(&stage), (11_970, 10_000, 2));
    assert_eq!(stage.order(order.0).state, OrderState::Paid);
    let said = back(&mut stage, order, &[]);
    let (member, amount) = ("小美".to_owned(), Money::ZERO);
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
    assert_eq!(house(&stage, House::Received), 0);
    assert_eq!(owed(&stage, AMING, Purse::Frozen), 0);
    assert_eq!(stage.stock(A1), (50, 0));
    assert_books_agree(&stage);
}

#[test]
fn an_amount_over_several_lines_is_shared_by_what_is_left_of_each() {
    let mut stage = Stage::new();
    let order = placed(&mut stage, XIAOMEI, &[(A1, None, 1), (A2, None, 1)]);
    pay(&mut stage, order);
    let parts = |stage: &Stage| {
        let lines = stage.order(order.0).lines.iter();
        lines.map(|line| line.refunded.minor).collect::<Vec<_>>()
    };
    pays_back(&mut stage, order, None, 1_001);
    // Of 39.90 and 88.00: 312.26 and 688.73 cents.
    assert_eq!(parts(&stage), [312, 689]);
    pays_back(&mut stage, order, Some(want(A2, 1)), 88_00 - 689);
    assert_eq!(parts(&stage), [312, 8_800]);
    pays_back(&mut stage, order, None, 3_990 - 312);
    assert_eq!(parts(&stage), [3_990, 8_800]);
    let entries = stage.shop.fresh.journal.iter();
    assert_eq!(entries.filter(|it| it.entry.kind == Fact::Refunded).count(), 3);
    assert_books_agree(&stage);
}

#[test]
fn amounts_are_refused_in_this_order() {
    let (mut stage, order) = sold();
    let open = placed(&mut stage, LAOWANG, &[(A2, None, 1)]);
    let mut refusal = |order, of: Option<OfferId>, minor| {
        let of = of.map(|offer| want(offer, 1));
        Stage::refusal(&pays_back(&mut stage, order, of, minor))
    };
    let none = OrderId(77);
    let no_order = Refusal::Orders(orders::Refusal::NoSuchOrder { order: none });
    assert_eq!(refusal(none, Some(A2), 0), no_order);
    let unpaid = orders::Refusal::WrongState { order: open, state: OrderState::Placed };
    let unpaid = Refusal::Orders(unpaid);
    assert_eq!(refusal(open, Some(A1), 0), unpaid);
    let name = "车厘子".to_owned();
    let no_line = Refusal::Orders(orders::Refusal::NotInOrder { name });
    assert_eq!(refusal(order, Some(A2), 0), no_line);
    assert_eq!(refusal(order, Some(A1), 0), Refusal::Orders(orders::Refusal::AbsurdQuantity));
    let left = Money::from_minor(11_970);
    let too_large = payments::Refusal::RefundAmountTooLarge { order, left };
    assert_eq!(refusal(order, Some(A1), 11_971), Refusal::Payments(too_large));
    assert_eq!(house(&stage, House::Received), 11_970);
}

#[test]
fn goods_that_were_sent_or_whose_offer_is_closed_do_not_go_back_on_sale() {
    let (mut stage, order) = sold();
    stage.at = evening();
    back(&mut stage, order, &[want(A1, 1)]);
    assert_eq!(stage.stock(A1), (47, 3));
    let (mut stage, order) = sold();
    let of = Selection::Orders(vec![order]);
    lead(
        &mut stage,
        LeaderIntent::Shipping(shipping::Lead::Ship { of, carrier: None, tracking: None }),
    );
    back(&mut stage, order, &[]);
    assert_eq!(stage.stock(A1), (47, 3));
    assert_eq!(stage.order(order.0).lines[0].restocked, 0);
}

#[test]
fn a_claw_back_leaves_the_available_balance_negative() {
    let (mut stage, order) = sold();
    stage.shop.members.edit(AMING).unwrap().private.payee = Some("支付宝".to_owned());
    settle(&mut stage, order);
    assert_eq!(owed(&stage, AMING, Purse::Available), 718);
    let other = placed(&mut stage, XIAOMEI, &[(A1, None, 2)]);
    pay(&mut stage, other);
    stage.shop.policy = std::sync::Arc::new(crate::domain::policy::Policy {
        withdrawal: crate::domain::policy::WithdrawalPolicy {
            minimum: Money::from_minor(1),
            withholding: Rate::default(),
        },
        ..(*stage.shop.policy).clone()
    });
    stage.does(AMING, Intent::Payouts(payouts::Intent::Withdraw { amount: None }));
    assert_eq!(owed(&stage, AMING, Purse::Locked), 718);
    back(&mut stage, order, &[]);
    assert_eq!(owed(&stage, AMING, Purse::Available), -718);
    assert_eq!(owed(&stage, AMING, Purse::Frozen), 478);
    assert_books_agree(&stage);
}

#[test]
fn what_was_refunded_before_settling_never_becomes_available() {
    let (mut stage, order) = sold();
    back(&mut stage, order, &[want(A1, 1)]);
    settle(&mut stage, order);
    assert_eq!(owed(&stage, AMING, Purse::Available), 478);
    assert_eq!(owed(&stage, AMING, Purse::Frozen), 0);
    back(&mut stage, order, &[without(A1)]);
    assert_eq!(owed(&stage, AMING, Purse::Available), 0);
    assert_eq!(stage.order(order.0).state, OrderState::Refunded);
}

/// Three lines at odd prices with points on them, two levels, rates and fixed amounts.
fn mixed(prices: [i64; 2], points: u32) -> (Stage, OrderId) {
    let mut stage = Stage::with_policy(|policy| {
        policy.commission.level2 = Rate { bps: 333 };
        policy.points.per_amount = Some(Money::from_minor(7));
    });
    let bond = Bond { inviter: XIAOMEI, evidence: Evidence::JoinEvent, since: morning() };
    stage.shop.members.edit(LAOWANG).unwrap().bond = Some(bond);
    stage.shop.offers.edit(A1).unwrap().price = Money::from_minor(prices[0]);
    let dumplings = stage.shop.offers.edit(S1).unwrap();
    dumplings.price = Money::from_minor(prices[1]);
    let (first, second) = (Money::from_minor(13), Money::from_minor(5));
    let fixed = crate::domain::policy::ItemCommission::Fixed(first, second);
    dumplings.detail.commission = Some(fixed);
    let wanted = [(A1, None, 5), (S1, Some(0), 4), (S1, Some(1), 3)];
    let order = placed(&mut stage, LAOWANG, &wanted);
    crate::decide::loyalty::points::tests::give(&mut stage, LAOWANG, 10_000);
    stage.does(LAOWANG, Intent::Loyalty(loyalty::Intent::SpendPoints { points: Some(points) }));
    pay(&mut stage, order);
    (stage, order)
}

const STEPS: [(OfferId, Option<u16>); 3] = [(A1, None), (S1, Some(0)), (S1, Some(1))];

fn assert_commission_follows_the_base(stage: &Stage, order: OrderId) {
    for line in &stage.order(order.0).lines {
        for share in line.shares.iter().flatten() {
            let (base, left) = (line.base(), line.base() - line.refunded);
            let target = share.amount.portion(left, base);
            assert_eq!(share.amount - share.reversed, target);
        }
    }
}

proptest! {
    #[test]
    fn any_mixture_of_partial_refunds_equals_one_whole_refund(
        steps in proptest::collection::vec((0..3usize, 1..4u32, 0..3_000i64, 0..4u8), 0..12),
        settled_after in 0..14usize,
        prices in [1..9_999i64, 1..9_999i64],
        points in 1..9_999u32,
    ) {
        let (mut stage, order) = mixed(prices, points);
        let whole = (stage.order(order.0).total(), stage.order(order.0).points_spent);
        let mut refunded = Money::ZERO;
        let steps = steps.into_iter().map(Some).chain([None]);
        for (index, step) in steps.enumerate() {
            if index == settled_after && stage.order(order.0).is_paid() {
                settle(&mut stage, order);
            }
            let line = |line: usize, qty| {
                let (offer, variant) = STEPS[line];
                variant.map_or(want(offer, qty), |v| of_variant(want(offer, qty), v))
            };
            // By units, of a line by amount, of the order by amount, or what is left.
            let said = match step {
                Some((at, qty, minor, 0)) => pays_back(&mut stage, order, Some(line(at, qty)), minor),
                Some((_, _, minor, 1)) => pays_back(&mut stage, order, None, minor),
                Some((at, qty, ..)) => back(&mut stage, order, &[line(at, qty)]),
                None => back(&mut stage, order, &[]),
            };
            for reply in said {
                if let Reply::Payments(payments::Reply::Refunded { amount, .. }) = reply {
                    refunded += amount;
                }
            }
            assert_commission_follows_the_base(&stage, order);
            assert_books_agree(&stage);
        }
        prop_assert_eq!(refunded, whole.0);
        prop_assert_eq!(stage.order(order.0).state, OrderState::Refunded);
        for account in [House::Received, House::Sales, House::CommissionCost] {
            prop_assert_eq!(house(&stage, account), 0);
        }
        for promoter in [AMING, XIAOMEI] {
            let frozen = owed(&stage, promoter, Purse::Frozen);
            prop_assert_eq!((frozen, owed(&stage, promoter, Purse::Available)), (0, 0));
        }
        prop_assert_eq!(owed(&stage, LAOWANG, Purse::Wallet), 10_000);
        for (offer, _) in STEPS {
            let row = stage.shop.offers.get(offer).unwrap();
            let put: i64 = row.stock.iter().map(|stock| stock.initial).sum();
            prop_assert_eq!(row.left().unwrap() + row.sold, put);
        }
    }
}
