//! Each effect and its inverse; what keeps an effect from being taken back, in the order in which it is told.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::decide::testing::{A1, A2, AMING, LAOWANG, S1, Stage, XIAOMEI, evening, set, want};
use crate::decide::testing_orders::{assert_books_agree, house, owed, placed};
use crate::domain::event::Timer;
use crate::domain::ids::{OfferId, OrderId};
use crate::domain::intent::{Selection, WantedLine};
use crate::domain::ledger::{House, Purse};
use crate::domain::money::Money;
use crate::domain::orders::{Order, OrderState};
use crate::domain::reply::{Reply, SoldAt};
use crate::domain::{catalog, loyalty, orders, payments, referral, shipping};

fn order(stage: &mut Stage, who: MemberId, lines: &[WantedLine]) -> Vec<Reply> {
    stage.does(who, Intent::Orders(orders::Intent::Order(lines.to_vec())))
}

fn lead(stage: &mut Stage, intent: LeaderIntent) -> Vec<Reply> {
    stage.does(AMING, Intent::Lead(intent))
}

fn pay(stage: &mut Stage, order: i64, amount: Option<i64>) -> Vec<Reply> {
    let (of, amount) = (Selection::Orders(vec![OrderId(order)]), amount.map(Money::from_minor));
    lead(stage, LeaderIntent::Payments(payments::Lead::Paid { of, amount }))
}

fn undo(stage: &mut Stage, who: MemberId) -> Vec<Reply> {
    stage.does(who, Intent::Undo(UndoAbout::Last))
}

fn undo_about(stage: &mut Stage, who: MemberId, about: UndoAbout) -> Vec<Reply> {
    stage.does(who, Intent::Undo(about))
}

/// What taking back has to restore: orders without the clock's part, offers, and every account.
fn picture(stage: &Stage) -> String {
    let order = |order: &Order| {
        let lines: Vec<_> = order
            .lines
            .iter()
            .filter(|it| it.qty > 0) // a line that was taken off stays as nothing
            .map(|it| (it.offer, it.qty, it.discount, it.shares.map(|s| s.map(|s| s.amount))))
            .collect();
        format!(
            "{} {:?} {:?} {:?} {} {} {lines:?}",
            order.id,
            order.state,
            order.received,
            order.paid_at,
            order.points_spent,
            order.points_granted
        )
    };
    let orders: Vec<_> = stage.shop.orders.values().map(order).collect();
    let offer = |it: &crate::domain::catalog::Offer| {
        format!("{} {:?} {:?} {:?} {}", it.id, it.state, it.price, it.stock, it.sold)
    };
    let offers: Vec<_> = stage.shop.offers.values().map(offer).collect();
    let postings: BTreeMap<_, _> =
        stage.shop.fresh.postings.iter().filter(|(_, amount)| **amount != 0).collect();
    let first: Vec<_> =
        stage.shop.members.values().map(|member| (member.id, member.first_paid_at)).collect();
    format!("{orders:#?}\n{offers:#?}\n{postings:#?}\n{first:?}")
}

#[test]
fn an_order_that_was_not_there_is_cancelled() {
    let mut stage = Stage::new();
    order(&mut stage, XIAOMEI, &[want(A1, 2), want(A2, 1)]);
    let said = undo(&mut stage, XIAOMEI);
    let [Reply::Orders(orders::Reply::Undone { orders })] = &said[..] else { panic!("{said:?}") };
    assert_eq!((orders[0].order, orders[0].state), (OrderId(1), OrderState::Cancelled));
    assert_eq!((stage.stock(A1), stage.stock(A2)), ((50, 0), (2, 0)));
    let last = stage.shop.fresh.decisions.last().unwrap();
    assert_eq!((last.what, last.order), ("undo", Some(OrderId(1))));
}

#[test]
fn what_was_added_and_changed_goes_back_step_by_step_when_named() {
    let mut stage = Stage::new();
    order(&mut stage, XIAOMEI, &[want(A1, 2)]);
    order(&mut stage, XIAOMEI, &[want(A2, 1)]);
    let before = picture(&stage);
    stage.does(XIAOMEI, Intent::Orders(orders::Intent::Amend(vec![set(A1, 4)])));
    undo(&mut stage, XIAOMEI);
    assert_eq!(picture(&stage), before);
    assert_eq!(Stage::refusal(&undo(&mut stage, XIAOMEI)), Refusal::AlreadyUndone);
    let about = UndoAbout::Order(OrderId(1));
    assert_eq!(Stage::refusal(&undo_about(&mut stage, XIAOMEI, about)), Refusal::AlreadyUndone);
    assert_eq!(picture(&stage), before, "twice is once");
    stage.assert_stock_is_conserved();
}

#[test]
fn a_cancellation_is_taken_back_with_its_points() {
    let mut stage = Stage::new();
    crate::decide::loyalty::points::tests::give(&mut stage, XIAOMEI, 1_000);
    order(&mut stage, XIAOMEI, &[want(A1, 2)]);
    stage.does(XIAOMEI, Intent::Loyalty(loyalty::Intent::SpendPoints { points: Some(700) }));
    let before = picture(&stage);
    stage.does(XIAOMEI, Intent::Orders(orders::Intent::Cancel(Vec::new())));
    assert_eq!(owed(&stage, XIAOMEI, Purse::Wallet), 1_000);
    undo(&mut stage, XIAOMEI);
    assert_eq!(picture(&stage), before);
    assert_eq!(owed(&stage, XIAOMEI, Purse::Wallet), 300);
    assert_books_agree(&stage);
}

#[test]
fn points_come_back_and_the_price_with_them() {
    let mut stage = Stage::new();
    crate::decide::loyalty::points::tests::give(&mut stage, XIAOMEI, 1_000);
    order(&mut stage, XIAOMEI, &[want(A1, 2)]);
    let before = picture(&stage);
    stage.does(XIAOMEI, Intent::Loyalty(loyalty::Intent::SpendPoints { points: Some(700) }));
    undo(&mut stage, XIAOMEI);
    assert_eq!(picture(&stage), before);
}

#[test]
fn a_payment_is_mirrored_and_everybody_who_heard_of_it_hears_again() {
    let mut stage = Stage::new();
    order(&mut stage, XIAOMEI, &[want(A1, 2)]);
    let before = picture(&stage);
    pay(&mut stage, 1, Some(8_000));
    stage.heard();
    undo(&mut stage, AMING);
    assert_eq!(picture(&stage), before);
    let heard = stage.heard();
    let told: Vec<_> = heard.iter().map(|it| (it.to.as_deref(), it.private)).collect();
    assert_eq!(told, [(Some("阿明"), true), (Some("小美"), false)]);
    assert!(matches!(heard[0].reply, Reply::Referral(referral::Reply::CommissionUndone { .. })));
    assert_eq!(house(&stage, House::Received), 0);
    assert_books_agree(&stage);
    // And it can be paid again.
    pay(&mut stage, 1, None);
    assert_eq!(stage.order(1).state, OrderState::Paid);
    assert_eq!(stage.shop.members.get(XIAOMEI).unwrap().first_paid_at, Some(stage.at));
}

#[test]
fn a_part_of_a_payment_is_taken_back_alone() {
    let mut stage = Stage::new();
    order(&mut stage, XIAOMEI, &[want(A1, 2)]);
    pay(&mut stage, 1, Some(1_000));
    let before = picture(&stage);
    pay(&mut stage, 1, None);
    undo(&mut stage, AMING);
    assert_eq!(picture(&stage), before);
    undo_about(&mut stage, AMING, UndoAbout::Payment);
    assert_eq!(house(&stage, House::Deposits), -1_000, "the last payment is undone already");
    assert_books_agree(&stage);
}

#[test]
fn a_payment_for_a_lapsed_order_leaves_it_lapsed() {
    let mut stage = Stage::new();
    let late = placed(&mut stage, XIAOMEI, &[(A2, None, 1)]);
    stage.due(stage.order(late.0).hold_until, Timer::Release);
    let before = picture(&stage);
    pay(&mut stage, late.0, None);
    undo(&mut stage, AMING);
    assert_eq!(picture(&stage), before);
    assert_eq!(stage.order(late.0).state, OrderState::Cancelled);
    stage.assert_stock_is_conserved();
}

#[test]
fn the_first_payment_is_the_next_one_when_the_first_is_undone() {
    let mut stage = Stage::new();
    order(&mut stage, XIAOMEI, &[want(A1, 1)]);
    pay(&mut stage, 1, None);
    stage.later(1);
    order(&mut stage, XIAOMEI, &[want(A2, 1)]);
    pay(&mut stage, 2, None);
    let first = |stage: &Stage| stage.shop.members.get(XIAOMEI).unwrap().first_paid_at;
    undo_about(&mut stage, AMING, UndoAbout::Order(OrderId(1)));
    assert_eq!(first(&stage), Some(stage.at));
    undo_about(&mut stage, AMING, UndoAbout::Order(OrderId(2)));
    assert_eq!(first(&stage), None);
}

#[test]
fn a_leaders_cancellation_is_taken_back_with_the_deposit() {
    let mut stage = Stage::new();
    order(&mut stage, XIAOMEI, &[want(A1, 2)]);
    pay(&mut stage, 1, Some(1_000));
    let before = picture(&stage);
    let of = Selection::Members(vec!["小美".into()]);
    lead(&mut stage, LeaderIntent::Orders(orders::Lead::CancelOf(of)));
    assert_eq!(house(&stage, House::Received), 0);
    stage.heard();
    undo(&mut stage, AMING);
    assert_eq!(picture(&stage), before);
    assert_eq!(stage.heard()[0].to.as_deref(), Some("小美"));
    assert_books_agree(&stage);
}

#[test]
fn prices_stocks_and_stops_go_back() {
    let mut stage = Stage::new();
    let before = picture(&stage);
    for (intent, about) in [
        (
            LeaderIntent::Catalog(catalog::Lead::Price {
                offer: A1,
                price: Money::from_minor(100),
            }),
            UndoAbout::Price,
        ),
        (
            LeaderIntent::Catalog(catalog::Lead::Stock { offer: A2, variant: None, by: 7 }),
            UndoAbout::Stock,
        ),
        (
            LeaderIntent::Catalog(catalog::Lead::SetStock { offer: A1, variant: None, left: 3 }),
            UndoAbout::Stock,
        ),
        (
            LeaderIntent::Catalog(catalog::Lead::SetStock { offer: S1, variant: Some(1), left: 9 }),
            UndoAbout::Stock,
        ),
        (LeaderIntent::Catalog(catalog::Lead::Close(Vec::new())), UndoAbout::Close),
    ] {
        lead(&mut stage, intent.clone());
        assert_ne!(picture(&stage), before, "{intent:?}");
        undo(&mut stage, AMING);
        assert_eq!(picture(&stage), before, "{intent:?}");
        let again = undo_about(&mut stage, AMING, about);
        assert_eq!(Stage::refusal(&again), Refusal::AlreadyUndone, "{intent:?}");
    }
}

#[test]
fn orders_at_a_price_that_is_taken_back_keep_it() {
    let mut stage = Stage::new();
    let price = Money::from_minor(100);
    lead(&mut stage, LeaderIntent::Catalog(catalog::Lead::Price { offer: A1, price }));
    order(&mut stage, LAOWANG, &[want(A1, 3)]);
    let said = undo(&mut stage, AMING);
    let Some(Reply::Catalog(catalog::Reply::SoldMeanwhile(SoldAt { units: 3, price: at, .. }))) =
        said.last()
    else {
        panic!("{said:?}")
    };
    assert_eq!((*at, stage.order(1).total().minor), (price, 300));
    assert_eq!(stage.shop.offers.get(A1).unwrap().price.minor, 3_990);
}

#[test]
fn refusals_come_in_this_order() {
    let mut stage = Stage::new();
    let refused = |stage: &mut Stage, who, about| Stage::refusal(&undo_about(stage, who, about));
    let theirs = placed(&mut stage, LAOWANG, &[(A1, None, 1)]);
    let about = UndoAbout::Order;
    assert_eq!(refused(&mut stage, XIAOMEI, UndoAbout::Withdrawal), Refusal::CannotUndo);
    let none = OrderId(9);
    assert_eq!(
        refused(&mut stage, XIAOMEI, about(none)),
        Refusal::Orders(orders::Refusal::NoSuchOrder { order: none })
    );
    let not_yours = Refusal::Orders(orders::Refusal::NotYours { order: theirs });
    assert_eq!(refused(&mut stage, XIAOMEI, about(theirs)), not_yours);
    assert_eq!(refused(&mut stage, LAOWANG, about(theirs)), Refusal::NothingToUndo);
    assert_eq!(refused(&mut stage, AMING, about(theirs)), Refusal::NothingToUndo);
    assert_eq!(refused(&mut stage, XIAOMEI, UndoAbout::Last), Refusal::NothingToUndo);
    stage.does(XIAOMEI, Intent::Loyalty(loyalty::Intent::CheckIn));
    assert_eq!(refused(&mut stage, XIAOMEI, UndoAbout::Last), Refusal::CannotUndo);
    order(&mut stage, XIAOMEI, &[want(A1, 1)]);
    undo(&mut stage, XIAOMEI);
    assert_eq!(refused(&mut stage, XIAOMEI, UndoAbout::Orders), Refusal::AlreadyUndone);
}

#[test]
fn ten_minutes_are_the_time() {
    let mut stage = Stage::new();
    order(&mut stage, XIAOMEI, &[want(A1, 1)]);
    stage.at += UNDO_WITHIN;
    assert_eq!(Stage::refusal(&undo(&mut stage, XIAOMEI)), Refusal::NothingToUndo);
    stage.at -= chrono::Duration::seconds(1);
    assert!(matches!(undo(&mut stage, XIAOMEI)[..], [Reply::Orders(orders::Reply::Undone { .. })]));
}

#[test]
fn what_others_did_to_it_since_keeps_an_order_as_it_is() {
    let mut stage = Stage::new();
    order(&mut stage, XIAOMEI, &[want(A1, 1)]);
    let said = undo(&mut stage, LAOWANG);
    assert_eq!(Stage::refusal(&said), Refusal::NothingToUndo, "it is not theirs");
    pay(&mut stage, 1, Some(1_000));
    let changed = Refusal::ChangedSince { what: "#1".to_owned() };
    assert_eq!(Stage::refusal(&undo(&mut stage, XIAOMEI)), changed);
    pay(&mut stage, 1, None);
    let paid = Refusal::Payments(payments::Refusal::AlreadyPaid { order: OrderId(1) });
    assert_eq!(Stage::refusal(&undo(&mut stage, XIAOMEI)), paid);
    let of = Selection::Orders(vec![OrderId(1)]);
    lead(
        &mut stage,
        LeaderIntent::Shipping(shipping::Lead::Ship { of, carrier: None, tracking: None }),
    );
    assert_eq!(Stage::refusal(&undo(&mut stage, AMING)), Refusal::CannotUndo, "it is sent");
    let shipped = Refusal::Orders(orders::Refusal::WrongState {
        order: OrderId(1),
        state: OrderState::Shipped,
    });
    let said = undo_about(&mut stage, AMING, UndoAbout::Payment);
    assert_eq!(Stage::refusal(&said), shipped);
}

#[test]
fn units_that_others_have_by_now_do_not_come_back() {
    let mut stage = Stage::new();
    order(&mut stage, XIAOMEI, &[want(A2, 2)]);
    stage.does(XIAOMEI, Intent::Orders(orders::Intent::Cancel(Vec::new())));
    order(&mut stage, LAOWANG, &[want(A2, 1)]);
    let (name, unit) = ("车厘子".to_owned(), "箱".to_owned());
    let few =
        Refusal::Catalog(catalog::Refusal::NotEnoughLeft { name: name.clone(), left: 1, unit });
    assert_eq!(Stage::refusal(&undo(&mut stage, XIAOMEI)), few);
    lead(
        &mut stage,
        LeaderIntent::Catalog(catalog::Lead::Stock { offer: A2, variant: None, by: 4 }),
    );
    order(&mut stage, LAOWANG, &[want(A2, 3)]);
    let said = undo(&mut stage, AMING);
    assert!(
        matches!(
            Stage::refusal(&said),
            Refusal::Catalog(catalog::Refusal::NotEnoughLeft { left: 2, .. })
        ),
        "{said:?}"
    );
    stage.assert_stock_is_conserved();
}

#[test]
fn nobody_gets_beyond_their_limit_by_taking_back_a_cancellation() {
    let mut stage = Stage::new();
    order(&mut stage, XIAOMEI, &[want(A1, 5)]);
    stage.does(XIAOMEI, Intent::Orders(orders::Intent::Cancel(Vec::new())));
    order(&mut stage, XIAOMEI, &[want(A1, 5)]);
    let about = UndoAbout::Order(OrderId(1));
    let said = undo_about(&mut stage, XIAOMEI, about);
    assert!(
        matches!(Stage::refusal(&said), Refusal::Orders(orders::Refusal::OverMemberLimit { .. })),
        "{said:?}"
    );
}

#[test]
fn after_closing_nothing_is_taken_again() {
    let mut stage = Stage::new();
    stage.at = evening() - chrono::Duration::minutes(2);
    order(&mut stage, XIAOMEI, &[want(A1, 2)]);
    stage.does(XIAOMEI, Intent::Orders(orders::Intent::Cancel(Vec::new())));
    order(&mut stage, LAOWANG, &[want(A1, 1)]);
    lead(
        &mut stage,
        LeaderIntent::Catalog(catalog::Lead::Price { offer: A2, price: Money::from_minor(100) }),
    );
    lead(&mut stage, LeaderIntent::Catalog(catalog::Lead::Close(vec![A2])));
    stage.due(evening(), Timer::Close);
    let closed = |said: &[Reply]| {
        assert!(
            matches!(Stage::refusal(said), Refusal::Catalog(catalog::Refusal::OfferClosed { .. })),
            "{said:?}"
        );
    };
    closed(&undo(&mut stage, XIAOMEI));
    closed(&undo(&mut stage, AMING));
    closed(&undo_about(&mut stage, AMING, UndoAbout::Price));
    // What gives goods back can be taken back.
    assert!(matches!(undo(&mut stage, LAOWANG)[..], [Reply::Orders(orders::Reply::Undone { .. })]));
}

#[test]
fn a_stop_that_failed_group_buys_stays() {
    let mut stage = Stage::new();
    stage.shop.offers.edit(A1).unwrap().detail.minimum = Some(9);
    order(&mut stage, XIAOMEI, &[want(A1, 1)]);
    lead(&mut stage, LeaderIntent::Catalog(catalog::Lead::Close(vec![A1])));
    assert_eq!(Stage::refusal(&undo(&mut stage, AMING)), Refusal::CannotUndo);
}

#[test]
fn whoever_leads_no_longer_takes_nothing_of_it_back() {
    let mut stage = Stage::new();
    order(&mut stage, XIAOMEI, &[want(A1, 1)]);
    pay(&mut stage, 1, None);
    stage.shop.members.edit(AMING).unwrap().role = Role::Member;
    assert_eq!(Stage::refusal(&undo(&mut stage, AMING)), Refusal::CannotUndo);
    assert_eq!(stage.order(1).state, OrderState::Paid);
}

#[derive(Clone, Debug)]
enum Deed {
    Order(OfferId, u32),
    Set(OfferId, u32),
    Cancel,
    Points(u32),
    Pay(Option<i64>),
    Price(i64),
    Stock(i32),
    Stop,
}

fn deeds() -> impl Strategy<Value = Deed> {
    let offer = || prop_oneof![Just(A1), Just(A2)];
    prop_oneof![
        (offer(), 1..4_u32).prop_map(|(offer, qty)| Deed::Order(offer, qty)),
        (offer(), 1..4_u32).prop_map(|(offer, qty)| Deed::Set(offer, qty)),
        Just(Deed::Cancel),
        (0..900_u32).prop_map(Deed::Points),
        prop_oneof![Just(None), (1..20_000_i64).prop_map(Some)].prop_map(Deed::Pay),
        (1..9_000_i64).prop_map(Deed::Price),
        (-3..9_i32).prop_map(Deed::Stock),
        Just(Deed::Stop),
    ]
}

fn act(stage: &mut Stage, deed: &Deed) -> MemberId {
    match *deed {
        Deed::Order(offer, qty) => drop(order(stage, XIAOMEI, &[want(offer, qty)])),
        Deed::Set(offer, qty) => {
            drop(stage.does(XIAOMEI, Intent::Orders(orders::Intent::Amend(vec![set(offer, qty)]))));
        }
        Deed::Cancel => {
            drop(stage.does(XIAOMEI, Intent::Orders(orders::Intent::Cancel(Vec::new()))));
        }
        Deed::Points(points) => {
            drop(stage.does(
                XIAOMEI,
                Intent::Loyalty(loyalty::Intent::SpendPoints { points: Some(points) }),
            ));
        }
        Deed::Pay(amount) => {
            let amount = amount.map(Money::from_minor);
            let of = Selection::Members(vec!["小美".into()]);
            lead(stage, LeaderIntent::Payments(payments::Lead::Paid { of, amount }));
            return AMING;
        }
        Deed::Price(minor) => {
            lead(
                stage,
                LeaderIntent::Catalog(catalog::Lead::Price {
                    offer: A1,
                    price: Money::from_minor(minor),
                }),
            );
            return AMING;
        }
        Deed::Stock(by) => {
            lead(
                stage,
                LeaderIntent::Catalog(catalog::Lead::Stock { offer: A1, variant: None, by }),
            );
            return AMING;
        }
        Deed::Stop => {
            lead(stage, LeaderIntent::Catalog(catalog::Lead::Close(vec![A1])));
            return AMING;
        }
    }
    XIAOMEI
}

proptest! {
    /// Whatever happened before, what was done last and is taken back at once leaves orders, goods and every
    /// account as they were; but for an order that was not there, which is cancelled.
    #[test]
    fn taking_back_at_once_restores_everything(
        before in proptest::collection::vec(deeds(), 0..8), last in deeds(),
    ) {
        let mut stage = Stage::new();
        crate::decide::loyalty::points::tests::give(&mut stage, XIAOMEI, 2_000);
        for deed in &before {
            act(&mut stage, deed);
            stage.later(1);
        }
        stage.shop.fresh.decisions.clear();
        let (was, orders) = (picture(&stage), stage.shop.community.last_order);
        let who = act(&mut stage, &last);
        let is_effect = stage.shop.fresh.decisions.iter().any(|it| {
            it.effect.as_ref().is_some_and(|effect| *effect != Effect::Lasting)
        });
        if is_effect {
            let after = picture(&stage);
            let said = undo(&mut stage, who);
            // A part of it was paid, or its offer was stopped meanwhile: then nothing changes.
            if let [Reply::Refused { refusal }] = &said[..] {
                let expected = matches!(
                    refusal,
                    Refusal::Payments(payments::Refusal::AlreadyPaid { .. }) | Refusal::Catalog(catalog::Refusal::OfferClosed { .. })
                );
                prop_assert!(expected, "{:?}", refusal);
                prop_assert_eq!(picture(&stage), after);
                return Ok(());
            }
            let is_new = stage.shop.community.last_order != orders;
            if is_new {
                let new = stage.order(stage.shop.community.last_order.0);
                prop_assert_eq!(new.state, OrderState::Cancelled);
            } else {
                prop_assert_eq!(picture(&stage), was);
            }
        }
        assert_books_agree(&stage);
        stage.assert_stock_is_conserved();
    }
}
