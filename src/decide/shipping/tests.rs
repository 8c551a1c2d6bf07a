//! Arrivals, check-off and reminders at a small shop.

use chrono::Duration;

use crate::decide::testing::{A1, A2, AMING, LAOWANG, Stage, XIAOMEI, evening};
use crate::decide::testing_orders::{assert_books_agree, placed};
use crate::domain::catalog::OfferState;
use crate::domain::event::Timer;
use crate::domain::ids::{MemberId, OfferId, OrderId};
use crate::domain::intent::{Intent, LeaderIntent, Selection};
use crate::domain::orders::OrderState;
use crate::domain::person::Person;
use crate::domain::refusal::Refusal;
use crate::domain::reply::Reply;
use crate::domain::shipping::{self, Lead, MeantGoods, NamedGoods, Reply as Said};
use crate::domain::time::Timestamp;
use crate::domain::undo::UndoAbout;
use crate::domain::{orders, payments, people, service};

/// Nine in the morning after the offers closed.
fn next_morning() -> Timestamp {
    evening() + Duration::hours(11)
}

fn lead(stage: &mut Stage, lead: Lead) -> Vec<Reply> {
    stage.does(AMING, Intent::Lead(LeaderIntent::Shipping(lead)))
}

fn says(stage: &mut Stage, who: MemberId, intent: shipping::Intent) -> Vec<Reply> {
    stage.does(who, Intent::Shipping(intent))
}

fn paid(stage: &mut Stage, member: MemberId, offers: &[OfferId]) -> OrderId {
    let lines: Vec<_> = offers.iter().map(|&offer| (offer, None, 1)).collect();
    let order = placed(stage, member, &lines);
    let of = Selection::Orders(vec![order]);
    let paid = payments::Lead::Paid { of, amount: None };
    stage.does(AMING, Intent::Lead(LeaderIntent::Payments(paid)));
    order
}

/// It is the next morning, and everything has closed.
fn closed(stage: &mut Stage) {
    stage.at = next_morning();
    for id in [A1, A2] {
        stage.shop.offers.edit(id).unwrap().state = OfferState::Closed;
    }
}

fn arrived(stage: &mut Stage, offers: &[OfferId], point: Option<&str>) -> Vec<Reply> {
    let named = offers.iter().map(|&offer| NamedGoods { offer, by_code: true }).collect();
    call(stage, MeantGoods::Named(named), point)
}

fn call(stage: &mut Stage, goods: MeantGoods, point: Option<&str>) -> Vec<Reply> {
    lead(stage, Lead::Arrived { goods, point: point.map(str::to_owned), hours: None })
}

fn check_off(stage: &mut Stage, orders: &[OrderId]) -> Vec<Reply> {
    lead(stage, Lead::Collected { of: Selection::Orders(orders.to_vec()), plain: true })
}

fn named(stage: &mut Stage, name: &str, plain: bool) -> Vec<Reply> {
    let of = Selection::Members(vec![Person::from(name)]);
    lead(stage, Lead::Collected { of, plain })
}

fn state(stage: &Stage, order: OrderId) -> OrderState {
    stage.order(order.0).state
}

#[test]
fn goods_are_called_once_with_everybody_who_waits() {
    let mut stage = Stage::new();
    let (first, second) = (paid(&mut stage, XIAOMEI, &[A1]), paid(&mut stage, LAOWANG, &[A1, A2]));
    let unpaid = placed(&mut stage, LAOWANG, &[(A1, None, 1)]);
    closed(&mut stage);
    let replies = arrived(&mut stage, &[A1], Some("南门"));
    let [
        Reply::Shipping(Said::Arrived { goods, point, buyers, beyond: 0, calls, .. }),
        Reply::Shipping(Said::NotCalled { orders }),
    ] = &replies[..]
    else {
        panic!("{replies:?}")
    };
    assert_eq!((goods[..].join(" "), point.as_deref()), ("A1 阳光玫瑰".to_owned(), Some("南门")));
    let numbers: Vec<_> = buyers.iter().map(|it| (it.who.name.as_str(), &it.orders[..])).collect();
    assert_eq!(numbers, [("小美", &[first][..]), ("老王", &[second][..])]);
    assert_eq!((calls.len(), orders[..].to_vec()), (2, vec![unpaid]));
    // Again, nobody is called; elsewhere, the group reads where.
    let again = arrived(&mut stage, &[A1], Some("南门"));
    assert!(matches!(again[..], [Reply::Shipping(Said::ArrivedAlready { .. })]), "{again:?}");
    let moved = arrived(&mut stage, &[A1], Some("北门"));
    assert!(matches!(moved[..], [Reply::Shipping(Said::PickupMoved { .. })]), "{moved:?}");
    let waits = stage.shop.offers.get(A1).unwrap().arrival.called.clone().unwrap();
    assert_eq!((waits.at, waits.point.as_deref()), (stage.at, Some("北门")));
}

#[test]
fn a_code_that_is_on_sale_again_means_what_people_wait_for() {
    let mut stage = Stage::new();
    let order = paid(&mut stage, XIAOMEI, &[A1]);
    closed(&mut stage);
    let today = OfferId(9);
    let mut row = stage.shop.offers.get(A1).unwrap().clone();
    (row.id, row.state, row.closes_at) = (today, OfferState::Open, evening() + Duration::days(1));
    stage.shop.offers.add(today, row);
    arrived(&mut stage, &[today], None);
    let is_called = |stage: &Stage, id| stage.shop.offers.get(id).unwrap().arrival.called.is_some();
    assert!(is_called(&stage, A1) && !is_called(&stage, today));
    // The next day people wait for what is on sale: it is meant now.
    check_off(&mut stage, &[order]);
    let other = paid(&mut stage, LAOWANG, &[today]);
    stage.later(24 * 60);
    arrived(&mut stage, &[today], None);
    assert!(is_called(&stage, today));
    assert_eq!(state(&stage, other), OrderState::Paid);
}

#[test]
fn goods_without_a_name_are_those_that_closed_last() {
    let mut stage = Stage::new();
    paid(&mut stage, XIAOMEI, &[A1]);
    paid(&mut stage, LAOWANG, &[A2]);
    closed(&mut stage);
    stage.shop.offers.edit(A1).unwrap().closes_at -= Duration::days(2);
    let goods = |replies: &[Reply]| match replies {
        [Reply::Shipping(Said::Arrived { goods, .. })] => goods.join(" "),
        other => panic!("{other:?}"),
    };
    assert_eq!(goods(&call(&mut stage, MeantGoods::Last, None)), "A2 车厘子");
    assert_eq!(goods(&call(&mut stage, MeantGoods::Ago(3), None)), "A1 阳光玫瑰");
    let none = call(&mut stage, MeantGoods::Ago(9), None);
    assert_eq!(Stage::refusal(&none), Refusal::Shipping(shipping::Refusal::NobodyWaits));
}

#[test]
fn lines_that_arrive_apart_are_collected_apart() {
    let mut stage = Stage::new();
    let order = paid(&mut stage, XIAOMEI, &[A1, A2]);
    closed(&mut stage);
    arrived(&mut stage, &[A1], None);
    let replies = check_off(&mut stage, &[order]);
    let [Reply::Shipping(Said::Collected { orders })] = &replies[..] else { panic!("{replies:?}") };
    assert_eq!((orders[0].lines.len(), orders[0].left.len()), (1, 1));
    assert_eq!(state(&stage, order), OrderState::Paid);
    let again = Refusal::Shipping(shipping::Refusal::NotThereYet { order });
    assert_eq!(Stage::refusal(&check_off(&mut stage, &[order])), again);
    assert_eq!(named(&mut stage, "小美", false), [], "the same once more");
    arrived(&mut stage, &[A2], None);
    check_off(&mut stage, &[order]);
    let row = stage.order(order.0);
    assert_eq!((row.state, row.received_at), (OrderState::Received, Some(stage.at)));
    assert!(row.due_at.is_some());
    assert_books_agree(&stage);
}

#[test]
fn a_leader_checks_off_whatever_is_paid_in_this_order_of_refusals() {
    let mut stage = Stage::new();
    let (order, unpaid) =
        (paid(&mut stage, XIAOMEI, &[A1]), placed(&mut stage, LAOWANG, &[(A1, None, 1)]));
    let none = check_off(&mut stage, &[OrderId(99), unpaid]);
    let refused = orders::Refusal::NoSuchOrder { order: OrderId(99) };
    assert_eq!(Stage::refusal(&none), Refusal::Orders(refused));
    let wrong = check_off(&mut stage, &[unpaid]);
    let refused = orders::Refusal::WrongState { order: unpaid, state: OrderState::Placed };
    assert_eq!(Stage::refusal(&wrong), Refusal::Orders(refused));
    let nobody = named(&mut stage, "没这人", true);
    let refused = people::Refusal::UnknownMember { name: "没这人".to_owned() };
    assert_eq!(Stage::refusal(&nobody), Refusal::People(refused));
    let nothing = named(&mut stage, "老王", true);
    assert_eq!(Stage::refusal(&nothing), Refusal::Orders(orders::Refusal::NoOrders));
    // Said in passing, neither is answered.
    assert_eq!(named(&mut stage, "没这人", false), []);
    assert_eq!(named(&mut stage, "老王", false), []);
    named(&mut stage, "小美", false);
    assert_eq!(state(&stage, order), OrderState::Received);
}

#[test]
fn a_check_off_and_a_call_are_taken_back() {
    let mut stage = Stage::new();
    let order = paid(&mut stage, XIAOMEI, &[A1]);
    closed(&mut stage);
    arrived(&mut stage, &[A1], None);
    check_off(&mut stage, &[order]);
    stage.does(AMING, Intent::Undo(UndoAbout::Last));
    let row = stage.order(order.0);
    assert_eq!((row.state, row.received_at, row.due_at), (OrderState::Paid, None, None));
    assert_eq!(row.lines[0].collected_at, None);
    let mut stage = Stage::new();
    paid(&mut stage, XIAOMEI, &[A1]);
    closed(&mut stage);
    arrived(&mut stage, &[A1], None);
    let said = stage.does(AMING, Intent::Undo(UndoAbout::Last));
    assert!(matches!(said[..], [Reply::Shipping(Said::NotArrived { .. })]), "{said:?}");
    assert_eq!(stage.shop.offers.get(A1).unwrap().arrival.called, None);
}

#[test]
fn a_member_has_what_is_under_way_or_can_be_there() {
    let mut stage = Stage::new();
    let (first, second) = (paid(&mut stage, XIAOMEI, &[A1]), paid(&mut stage, XIAOMEI, &[A1]));
    lead(
        &mut stage,
        Lead::Ship { of: Selection::Orders(vec![second]), carrier: None, tracking: None },
    );
    let received = |stage: &mut Stage| says(stage, XIAOMEI, shipping::Intent::Received(vec![]));
    let ok = |order| [Reply::Shipping(Said::GoodsReceived { orders: vec![order] })];
    assert_eq!(received(&mut stage), ok(second));
    let early = Refusal::Shipping(shipping::Refusal::NotThereYet { order: first });
    assert_eq!(Stage::refusal(&received(&mut stage)), early);
    let by_number = says(&mut stage, XIAOMEI, shipping::Intent::Received(vec![first]));
    assert_eq!(Stage::refusal(&by_number), early);
    // The day after closing it may be there.
    closed(&mut stage);
    assert_eq!(received(&mut stage), ok(first));
    assert_eq!(Stage::refusal(&received(&mut stage)), Refusal::Orders(orders::Refusal::NoOrders));
}

#[test]
fn what_was_called_may_be_received_the_same_day() {
    let mut stage = Stage::new();
    let order = paid(&mut stage, XIAOMEI, &[A1]);
    arrived(&mut stage, &[A1], None);
    says(&mut stage, XIAOMEI, shipping::Intent::Received(vec![]));
    assert_eq!(state(&stage, order), OrderState::Received);
}

#[test]
fn goods_of_others_are_not_received() {
    let mut stage = Stage::new();
    let order = paid(&mut stage, XIAOMEI, &[A1]);
    let said = says(&mut stage, LAOWANG, shipping::Intent::Received(vec![order]));
    assert_eq!(Stage::refusal(&said), Refusal::Orders(orders::Refusal::NotYours { order }));
    let mine = placed(&mut stage, LAOWANG, &[(A2, None, 1)]);
    let said = says(&mut stage, LAOWANG, shipping::Intent::Received(vec![mine]));
    let refused = orders::Refusal::WrongState { order: mine, state: OrderState::Placed };
    assert_eq!(Stage::refusal(&said), Refusal::Orders(refused));
}

#[test]
fn who_tells_in_passing_has_received_what_can_be_there_and_nothing_else() {
    let mut stage = Stage::new();
    let order = paid(&mut stage, XIAOMEI, &[A1]);
    let got = |praise| shipping::Intent::GotIt { praise };
    assert_eq!(says(&mut stage, XIAOMEI, got(false)), [], "talk");
    let praised = says(&mut stage, XIAOMEI, got(true));
    assert_eq!(praised[0], Reply::Service(service::Reply::FeedbackSeen));
    closed(&mut stage);
    let said = says(&mut stage, XIAOMEI, got(true));
    assert_eq!(said, [Reply::Shipping(Said::GotIt { orders: vec![order], points: 5 })]);
    assert_eq!(state(&stage, order), OrderState::Received);
}

#[test]
fn the_list_shows_who_waits_with_days_on_hand() {
    let mut stage = Stage::new();
    let order = paid(&mut stage, XIAOMEI, &[A1, A2]);
    closed(&mut stage);
    let none = lead(&mut stage, Lead::NotCollected);
    assert_eq!(Stage::refusal(&none), Refusal::Shipping(shipping::Refusal::AllCollected));
    arrived(&mut stage, &[A1], Some("南门"));
    stage.later(2 * 24 * 60);
    let said = lead(&mut stage, Lead::NotCollected);
    let [Reply::Shipping(Said::NotCollected { orders, beyond: 0, .. })] = &said[..] else {
        panic!("{said:?}")
    };
    let seen = &orders[0];
    assert_eq!((seen.order, seen.days, seen.lines.len()), (order, 2, 1));
    assert_eq!(seen.point.as_deref(), Some("南门"));
}

#[test]
fn whoever_has_not_collected_is_reminded_for_a_few_days_in_daytime() {
    let mut stage = Stage::new();
    paid(&mut stage, XIAOMEI, &[A1]);
    closed(&mut stage);
    arrived(&mut stage, &[A1], None);
    let ten = |days| next_morning() + Duration::hours(1) + Duration::days(days);
    assert!(stage.shop.fresh.timers.contains(&(ten(1), Timer::Remind)));
    // An outage ends at night: nobody is woken.
    assert_eq!(stage.due(ten(1) - Duration::hours(7), Timer::Remind), []);
    for days in 1..=3 {
        let said = stage.due(ten(days), Timer::Remind);
        assert!(matches!(said[..], [Reply::Shipping(Said::PickupReminder { .. })]), "{said:?}");
        let goes_on = stage.shop.fresh.timers.contains(&(ten(days + 1), Timer::Remind));
        assert_eq!(goes_on, days < 3, "day {days}");
    }
    assert_eq!(stage.due(ten(4), Timer::Remind), []);
}

#[test]
fn what_nobody_reports_is_received_after_it_was_told() {
    let mut stage = Stage::new();
    let (order, other) = (paid(&mut stage, XIAOMEI, &[A1]), paid(&mut stage, LAOWANG, &[A1]));
    closed(&mut stage);
    let due: Timestamp = "2026-03-11T16:00:00Z".parse().unwrap(); // 00:00 on 12 March
    let told = due - Duration::hours(14);
    stage.heard();
    stage.due(told - Duration::days(1), Timer::Remind);
    assert_eq!(stage.heard(), [], "not yet");
    assert!(stage.shop.fresh.timers.contains(&(told, Timer::Remind)));
    stage.due(told, Timer::Remind);
    let heard = stage.heard();
    assert_eq!(heard.len(), 2);
    assert!(heard.iter().all(|it| it.private));
    let notice = Said::WillBeReceived { orders: vec![order], at: due };
    assert_eq!(heard[0].reply, Reply::Shipping(notice));
    // Meanwhile one is called: it counts from there.
    stage.shop.orders.edit(other).unwrap().state = OrderState::Refunded;
    stage.due(due, Timer::Taken { orders: vec![order, other] });
    assert_eq!(
        (state(&stage, order), state(&stage, other)),
        (OrderState::Received, OrderState::Refunded)
    );
    assert_books_agree(&stage);
}

#[test]
fn parcels_do_not_count_as_received_for_having_closed() {
    let mut stage = Stage::new();
    let order = paid(&mut stage, XIAOMEI, &[A1]);
    stage.shop.members.edit(XIAOMEI).unwrap().private.address = Some("幸福路1号".to_owned());
    closed(&mut stage);
    let late: Timestamp = "2026-04-01T02:00:00Z".parse().unwrap();
    stage.heard();
    stage.due(late, Timer::Remind);
    assert_eq!(stage.heard(), []);
    arrived(&mut stage, &[A1], None);
    stage.due(late + Duration::days(7), Timer::Remind);
    assert!(
        stage
            .shop
            .fresh
            .timers
            .iter()
            .any(|(_, it)| matches!(it, Timer::Taken { orders } if orders[..] == [order]))
    );
}
