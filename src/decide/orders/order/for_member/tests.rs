//! A leader orders for others: it is theirs, and what stands in the way is said in order.

use super::*;
use crate::decide::testing::{
    A1, A2, AMING, LAOWANG, S1, Stage, XIAOMEI, load_member, of_variant, set, want, without,
};
use crate::decide::testing_orders::placed;
use crate::domain::catalog::OfferState;
use crate::domain::event::Contact;
use crate::domain::intent::{Role, Selection, Why};
use crate::domain::reply::Reply;
use crate::domain::undo::UndoAbout;
use crate::domain::{catalog, payments, people};

fn of(name: &str) -> Whose {
    Whose::Of(Person::from(name))
}

fn leads(stage: &mut Stage, whose: Whose, lines: &[WantedLine]) -> Vec<Reply> {
    stage.does(AMING, wanted_for(&whose, lines.to_vec()))
}

#[track_caller]
fn refused(stage: &mut Stage, whose: Whose, lines: &[WantedLine]) -> Refusal {
    let before: Vec<_> = stage.shop.orders.values().cloned().collect();
    let refusal = Stage::refusal(&leads(stage, whose, lines));
    let after: Vec<_> = stage.shop.orders.values().cloned().collect();
    assert_eq!(before, after, "nothing has changed");
    refusal
}

fn pay(stage: &mut Stage, order: OrderId) {
    let of = Selection::Orders(vec![order]);
    let paid = payments::Lead::Paid { of, amount: None };
    stage.does(AMING, Intent::Lead(LeaderIntent::Payments(paid)));
}

#[test]
fn what_a_leader_orders_for_a_member_is_the_members_order() {
    let mut stage = Stage::new();
    leads(&mut stage, of("小美"), &[want(A1, 2)]);
    let row = stage.order(1).clone();
    assert_eq!((row.member, row.private.for_whom.as_deref()), (XIAOMEI, None));
    let earner = row.lines[0].shares[0].map(|share| share.promoter);
    assert_eq!(earner, Some(AMING), "who brought her");
    let heard = stage.heard();
    let [told] = &heard[..] else { panic!("{heard:?}") };
    assert_eq!((told.to.as_deref(), told.private), (Some("小美"), false));
    assert!(matches!(told.reply, Reply::Orders(orders::Reply::OrderTaken { by_leader: true, .. })));
    let decision = stage.shop.fresh.decisions.last().unwrap();
    assert_eq!((decision.member, decision.order), (Some(AMING), Some(OrderId(1))));
    stage.assert_stock_is_conserved();
}

#[test]
fn an_order_is_changed_by_its_number() {
    let mut stage = Stage::new();
    let order = placed(&mut stage, XIAOMEI, &[(A1, None, 3)]);
    let whose = Whose::Numbered(order);
    leads(&mut stage, whose.clone(), &[set(A1, 1)]);
    leads(&mut stage, whose.clone(), &[want(A2, 1)]);
    let units = |stage: &Stage| -> Vec<u32> {
        stage.order(order.0).lines.iter().map(|line| line.qty).collect()
    };
    assert_eq!(units(&stage), [1, 1], "in the same order");
    leads(&mut stage, whose.clone(), &[without(A2)]);
    assert_eq!(units(&stage), [1, 0]);
    leads(&mut stage, whose, &[without(A1)]);
    assert_eq!(stage.order(order.0).state, OrderState::Cancelled);
    assert!(matches!(
        stage.heard().last().map(|it| it.reply.clone()),
        Some(Reply::Orders(orders::Reply::OrdersCancelled { by_leader: true, .. }))
    ));
    stage.assert_stock_is_conserved();
}

#[test]
fn after_closing_a_leader_sells_what_is_there_at_its_price() {
    let mut stage = Stage::new();
    stage.shop.offers.edit(A2).unwrap().state = OfferState::Closed;
    stage.later(13 * 60);
    leads(&mut stage, of("老王"), &[want(A2, 1)]);
    let row = stage.order(1);
    assert_eq!(
        (row.member, row.lines[0].price),
        (LAOWANG, stage.shop.offers.get(A2).unwrap().price)
    );
    assert_eq!(row.hold_until, stage.at + chrono::Duration::hours(24), "from now");
    let left =
        catalog::Refusal::NotEnoughLeft { name: "车厘子".into(), left: 1, unit: "箱".into() };
    assert_eq!(refused(&mut stage, of("小美"), &[want(A2, 2)]), Refusal::Catalog(left));
    stage.shop.offers.edit(A2).unwrap().detail.minimum = Some(9);
    let said = refused(&mut stage, of("小美"), &[want(A2, 1)]);
    assert!(matches!(said, Refusal::Catalog(catalog::Refusal::OfferClosed { .. })), "{said:?}");
    stage.assert_stock_is_conserved();
}

#[test]
fn a_paid_order_is_refunded_or_stands_beside_another() {
    let mut stage = Stage::new();
    let order = placed(&mut stage, XIAOMEI, &[(A1, None, 3)]);
    pay(&mut stage, order);
    let whose = Whose::Numbered(order);
    for lines in [[set(A1, 1)], [without(A1)]] {
        for whose in [whose.clone(), of("小美")] {
            let said = refused(&mut stage, whose, &lines);
            let Refusal::Orders(orders::Refusal::PaidForMore { order: id, lines: less }) = said
            else {
                panic!("{said:?}")
            };
            assert_eq!((id, less[0].qty), (order, if lines[0].qty.is_some() { 2 } else { 3 }));
        }
    }
    for (line, more) in [(set(A1, 5), 2), (want(A1, 1), 1)] {
        let said = refused(&mut stage, whose.clone(), &[line]);
        let Refusal::Orders(orders::Refusal::PaidForLess { member, lines, .. }) = said else {
            panic!("{said:?}")
        };
        assert_eq!((member.as_str(), lines[0].qty), ("小美", more));
    }
    let same = orders::Refusal::WrongState { order, state: OrderState::Paid };
    assert_eq!(refused(&mut stage, whose, &[set(A1, 3)]), Refusal::Orders(same));
}

#[test]
fn what_is_not_there_is_said_before_anything_is_done() {
    let mut stage = Stage::new();
    let order = placed(&mut stage, XIAOMEI, &[(A1, None, 3)]);
    let unknown = people::Refusal::UnknownMember { name: "周周".to_owned() };
    assert_eq!(refused(&mut stage, of("周周"), &[want(A1, 1)]), Refusal::People(unknown));
    let none = orders::Refusal::NoSuchOrder { order: OrderId(9) };
    let whose = Whose::Numbered(OrderId(9));
    assert_eq!(refused(&mut stage, whose, &[set(A1, 1)]), Refusal::Orders(none));
    for (whose, number) in [(Whose::Numbered(order), Some(order)), (of("小美"), None)] {
        let not_theirs = orders::Refusal::NotTheirs {
            member: "小美".to_owned(),
            order: number,
            name: "车厘子".to_owned(),
        };
        assert_eq!(refused(&mut stage, whose, &[set(A2, 1)]), Refusal::Orders(not_theirs));
    }
    let limit = refused(&mut stage, of("小美"), &[want(A1, 3)]);
    assert!(matches!(limit, Refusal::Orders(orders::Refusal::OverMemberLimit { .. })), "{limit:?}");
    let whose = Whose::Numbered(order);
    leads(&mut stage, whose.clone(), &[without(A1)]);
    let over = orders::Refusal::WrongState { order, state: OrderState::Cancelled };
    assert_eq!(refused(&mut stage, whose, &[set(A1, 1)]), Refusal::Orders(over));
}

#[test]
fn a_leader_is_asked_which_variant_and_which_member() {
    let mut stage = Stage::new();
    let said = leads(&mut stage, of("小美"), &[want(S1, 1)]);
    assert!(matches!(said[..], [Reply::Asked { why: Why::WhichVariant, .. }]), "{said:?}");
    let row = stage.shop.members.get(AMING).unwrap();
    let choice = row.question.clone().unwrap().question.choices[1].clone();
    stage.does(AMING, choice);
    assert_eq!(stage.order(1).lines[0].variant, Some(1));
    assert_eq!(stage.order(1).member, XIAOMEI);
    load_member(&mut stage.shop, MemberId(4), "小\u{a0}美", Role::Member);
    let said = leads(&mut stage, of("小美"), &[of_variant(want(S1, 1), 0)]);
    assert!(matches!(said[..], [Reply::Asked { why: Why::WhichMember, .. }]), "{said:?}");
}

#[test]
fn an_order_in_a_leaders_own_words_for_a_member_is_the_members() {
    let mut stage = Stage::new();
    let contact = Contact { key: "key-老王".to_owned(), name: "老王".to_owned() };
    for person in [Person::Mentioned(contact), Person::from("老王")] {
        let intent = Intent::Orders(orders::Intent::Order(vec![want(A1, 1)]));
        let said = Understood { for_whom: Some(person), note: None, ..Understood::bare(intent) };
        stage.writes(AMING, "给老王下单", said);
    }
    assert_eq!((stage.order(1).member, stage.order(1).lines[0].qty), (LAOWANG, 2));
    let intent = Intent::Orders(orders::Intent::Order(vec![want(A1, 1)]));
    let for_whom = Some(Person::from("我妈"));
    let said = Understood { for_whom, note: None, ..Understood::bare(intent.clone()) };
    stage.writes(AMING, "给我妈下单", said);
    assert_eq!(stage.order(2).member, AMING, "who is no member has no orders");
    let for_whom = Some(Person::from("老王"));
    let said = Understood { for_whom, note: None, ..Understood::bare(intent) };
    stage.writes(XIAOMEI, "给老王下单", said);
    assert_eq!(stage.order(3).member, XIAOMEI, "members order for others as before");
}

#[test]
fn the_leader_takes_it_back_and_nobody_else_is_heard() {
    let mut stage = Stage::new();
    let order = placed(&mut stage, XIAOMEI, &[(A1, None, 3)]);
    leads(&mut stage, Whose::Numbered(order), &[set(A1, 1)]);
    stage.does(AMING, Intent::Undo(UndoAbout::Last));
    assert_eq!(stage.order(order.0).lines[0].qty, 3);
    stage.shop.offers.edit(A2).unwrap().state = OfferState::Closed;
    leads(&mut stage, of("老王"), &[want(A2, 1)]);
    stage.does(AMING, Intent::Undo(UndoAbout::Last));
    assert_eq!(stage.order(2).state, OrderState::Cancelled);
    stage.assert_stock_is_conserved();
    let before = stage.shop.orders.len();
    let said = stage.does(LAOWANG, wanted_for(&of("小美"), vec![want(A1, 1)]));
    assert_eq!((said, stage.shop.orders.len()), (Vec::new(), before));
}
