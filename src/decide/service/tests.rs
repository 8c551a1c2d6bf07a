//! Cases: opened, joined, let go, answered, and put before the leaders again.

use super::*;
use crate::decide::testing::{A1, A2, AMING, LAOWANG, S1, Stage, XIAOMEI};
use crate::decide::testing_orders::{assert_books_agree, house, placed};
use crate::domain::event::{Body, Contact, Timer};
use crate::domain::ids::{CaseId, OrderId};
use crate::domain::intent::{Intent as Wish, LeaderIntent, Selection};
use crate::domain::ledger::House;
use crate::domain::message::{Attachment, AttachmentKind, HeardMessage};
use crate::domain::money::Money;
use crate::domain::orders::{self, OrderState};
use crate::domain::refusal::Refusal;
use crate::domain::service::{CaseOutcome, CaseState, ComplaintKind, Remedy};
use crate::domain::{payments, service};

fn paid(
    stage: &mut Stage,
    member: crate::domain::ids::MemberId,
    lines: &[(crate::domain::ids::OfferId, Option<u16>, u32)],
) -> OrderId {
    let order = placed(stage, member, lines);
    let of = Selection::Orders(vec![order]);
    let lead = payments::Lead::Paid { of, amount: None };
    stage.does(AMING, Wish::Lead(LeaderIntent::Payments(lead)));
    order
}

fn complains(stage: &mut Stage, how: ComplaintKind) -> Vec<Reply> {
    stage.shop.known.cases = true;
    stage.does(XIAOMEI, Wish::Service(Intent::Complain(how)))
}

fn answers(stage: &mut Stage, case: i64, remedy: Remedy) -> Vec<Reply> {
    let lead = Lead::AnswerCase { case: CaseId(case), remedy };
    stage.does(AMING, Wish::Lead(LeaderIntent::Service(lead)))
}

fn case(stage: &Stage, id: i64) -> &service::ServiceCase {
    stage.shop.cases.get(CaseId(id)).unwrap()
}

fn refused(replies: &[Reply]) -> service::Refusal {
    match Stage::refusal(replies) {
        Refusal::Service(refusal) => refusal,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_complaint_about_the_one_thing_there_is_becomes_a_case() {
    let mut stage = Stage::new();
    let order = paid(&mut stage, XIAOMEI, &[(A1, None, 2)]);
    let said = complains(&mut stage, ComplaintKind::Vague);
    let Reply::Service(service::Reply::CaseForLeader { case: view, more: false }) = &said[0] else {
        panic!("{said:?}")
    };
    assert_eq!((view.case, view.order.as_ref().map(|it| it.order)), (CaseId(1), Some(order)));
    let Reply::Service(service::Reply::CaseOpened { case: id, .. }) = &said[1] else {
        panic!("{said:?}")
    };
    assert_eq!(*id, CaseId(1));
    // What is said more joins it; who else complains has a case of their own.
    let said = complains(&mut stage, ComplaintKind::Plain);
    assert_eq!(said[0], Reply::Service(service::Reply::CaseJoined { case: CaseId(1) }));
    paid(&mut stage, LAOWANG, &[(A1, None, 1)]);
    stage.does(LAOWANG, Wish::Service(Intent::Complain(ComplaintKind::Return)));
    assert_eq!(case(&stage, 2).member, LAOWANG);
}

#[test]
fn which_of_several_is_asked_once_and_the_case_is_there() {
    let mut stage = Stage::new();
    paid(&mut stage, XIAOMEI, &[(A1, None, 1), (A2, None, 1)]);
    let said = complains(&mut stage, ComplaintKind::Vague);
    let Some(Reply::Asked { choices, .. }) = said.last() else { panic!("{said:?}") };
    assert_eq!((choices.len(), case(&stage, 1).about), (2, None));
    let unclear = answers(&mut stage, 1, Remedy::Units(None));
    assert_eq!(refused(&unclear), service::Refusal::CaseUnclear { case: CaseId(1) });
    let row = stage.shop.members.get(XIAOMEI).unwrap().question.clone().unwrap();
    stage.does(XIAOMEI, row.question.choices[1].clone());
    assert_eq!(case(&stage, 1).about.map(|about| about.line), Some(1));
}

#[test]
fn without_an_order_it_goes_to_the_leader_or_nowhere() {
    let mut stage = Stage::new();
    assert_eq!(complains(&mut stage, ComplaintKind::Vague), []);
    let said = complains(&mut stage, ComplaintKind::Plain);
    assert!(matches!(said[0], Reply::Service(service::Reply::FeedbackSeen)));
    let order = placed(&mut stage, XIAOMEI, &[(A1, None, 1)]);
    let said = complains(&mut stage, ComplaintKind::Return);
    assert_eq!(refused(&said), service::Refusal::NothingToReturn { order });
    assert_eq!(stage.shop.cases.values().count(), 0);
}

#[test]
fn money_goes_back_by_amount_and_by_units() {
    let mut stage = Stage::new();
    let order = paid(&mut stage, XIAOMEI, &[(A1, None, 2)]);
    complains(&mut stage, ComplaintKind::Vague);
    let amount = Money::from_minor(1_000);
    let too_large = answers(&mut stage, 1, Remedy::Amount(Money::from_minor(100_000)));
    let left = Money::from_minor(7_980);
    let refusal = payments::Refusal::RefundAmountTooLarge { order, left };
    assert_eq!(Stage::refusal(&too_large), Refusal::Payments(refusal));
    assert!(case(&stage, 1).is_open(), "what is refused leaves it open");
    answers(&mut stage, 1, Remedy::Amount(amount));
    assert_eq!(case(&stage, 1).state, CaseState::Refunded);
    assert_eq!(house(&stage, House::Received), 6_980);
    let over = service::Refusal::CaseOver { case: CaseId(1), state: CaseState::Refunded };
    assert_eq!(refused(&answers(&mut stage, 1, Remedy::Units(None))), over);
    complains(&mut stage, ComplaintKind::Return);
    let said = answers(&mut stage, 2, Remedy::Units(Some(1)));
    let Reply::Service(service::Reply::CaseAnswered { outcome, .. }) = &said[0] else {
        panic!("{said:?}")
    };
    let (amount, unit) = (Money::from_minor(3_990), "箱".to_owned());
    let back = CaseOutcome::Refunded { amount, qty: 1, unit };
    assert_eq!(*outcome, back);
    assert_books_agree(&stage);
}

#[test]
fn goods_are_sent_again_for_nothing_out_of_stock() {
    let mut stage = Stage::new();
    paid(&mut stage, XIAOMEI, &[(A1, None, 2)]);
    complains(&mut stage, ComplaintKind::Vague);
    let said = answers(&mut stage, 1, Remedy::Replace(None));
    let Some(Reply::Asked { choices, .. }) = said.last() else { panic!("{said:?}") };
    assert_eq!(choices.len(), 2, "one, or both");
    let many = service::Refusal::CaseTooMany { case: CaseId(1), left: 2 };
    assert_eq!(refused(&answers(&mut stage, 1, Remedy::Replace(Some(3)))), many);
    answers(&mut stage, 1, Remedy::Replace(Some(1)));
    let row = stage.order(2);
    assert_eq!((row.state, row.total(), row.lines[0].qty), (OrderState::Paid, Money::ZERO, 1));
    assert_eq!(stage.stock(A1), (47, 3));
    assert_eq!(case(&stage, 1).state, CaseState::Replaced);
    assert_books_agree(&stage);
    // Nothing is left: what else is asked.
    complains(&mut stage, ComplaintKind::Vague);
    let offer = stage.shop.offers.edit(A1).unwrap();
    offer.sold += 47;
    offer.stock[0].left = 0;
    let id = stage.shop.cases.values().last().unwrap().id.0;
    let said = answers(&mut stage, id, Remedy::Replace(Some(1)));
    let Some(Reply::Asked { choices, .. }) = said.last() else { panic!("{said:?}") };
    assert_eq!(choices.len(), 1, "money back");
}

#[test]
fn others_of_the_kind_are_sent() {
    let mut stage = Stage::new();
    paid(&mut stage, XIAOMEI, &[(S1, Some(0), 1)]);
    complains(&mut stage, ComplaintKind::Return);
    let kinds = stage.shop.offers.get(S1).unwrap().detail.variants.clone();
    let other = |to: &str| Remedy::Exchange { to: to.to_owned(), qty: None };
    let said = answers(&mut stage, 1, other("紫色"));
    assert!(matches!(refused(&said), service::Refusal::NoSuchKind { .. }), "{said:?}");
    answers(&mut stage, 1, other(&kinds[1]));
    assert_eq!(case(&stage, 1).state, CaseState::Exchanged);
    assert_eq!(stage.order(2).lines[0].variant, Some(1));
}

#[test]
fn a_leader_says_no_and_a_member_lets_go() {
    let mut stage = Stage::new();
    paid(&mut stage, XIAOMEI, &[(A1, None, 1)]);
    complains(&mut stage, ComplaintKind::Vague);
    let said = answers(&mut stage, 1, Remedy::Decline(Some("超时了".to_owned())));
    let Reply::Service(service::Reply::CaseAnswered { outcome, .. }) = &said[0] else {
        panic!("{said:?}")
    };
    assert_eq!(*outcome, CaseOutcome::Declined { reason: Some("超时了".to_owned()) });
    let drop = || Wish::Service(Intent::DropCase { case: None });
    assert_eq!(stage.does(XIAOMEI, drop()), [], "there is nothing to let go");
    complains(&mut stage, ComplaintKind::Vague);
    let said = stage.does(XIAOMEI, drop());
    assert_eq!(said[0], Reply::Service(service::Reply::CaseDropped { case: CaseId(2) }));
    assert_eq!(case(&stage, 2).state, CaseState::Withdrawn);
}

#[test]
fn only_a_leader_answers_and_only_what_there_is() {
    let mut stage = Stage::new();
    paid(&mut stage, XIAOMEI, &[(A1, None, 1)]);
    complains(&mut stage, ComplaintKind::Vague);
    let lead = Lead::AnswerCase { case: CaseId(1), remedy: Remedy::Units(None) };
    assert_eq!(stage.does(XIAOMEI, Wish::Lead(LeaderIntent::Service(lead))), []);
    let none = service::Refusal::NoSuchCase { case: CaseId(9) };
    assert_eq!(refused(&answers(&mut stage, 9, Remedy::Units(None))), none);
    // The order is refunded meanwhile.
    let order = OrderId(1);
    let refund = payments::Lead::Refund { order, lines: Vec::new() };
    stage.does(AMING, Wish::Lead(LeaderIntent::Payments(refund)));
    let wrong = orders::Refusal::WrongState { order, state: OrderState::Refunded };
    let wrong = Refusal::Orders(wrong);
    assert_eq!(Stage::refusal(&answers(&mut stage, 1, Remedy::Units(None))), wrong);
}

#[test]
fn what_waits_for_a_day_is_put_before_the_leaders_again() {
    let mut stage = Stage::new();
    paid(&mut stage, XIAOMEI, &[(A1, None, 1)]);
    complains(&mut stage, ComplaintKind::Vague);
    let (at, _) = stage
        .shop
        .fresh
        .timers
        .iter()
        .find(|(_, timer)| *timer == Timer::Cases)
        .cloned()
        .expect("a timer");
    assert!(at >= case(&stage, 1).opened_at + service::case::ANSWERED_WITHIN);
    stage.at = at;
    let said = stage.due(at, Timer::Cases);
    let told = said.iter().any(|reply| {
        matches!(reply, Reply::Service(service::Reply::OpenCases { cases, reminds: true, .. }) if cases.len() == 1)
    });
    assert!(told, "{said:?}");
}

#[test]
fn a_picture_soon_after_belongs_to_the_case() {
    let mut stage = Stage::new();
    paid(&mut stage, XIAOMEI, &[(A1, None, 1)]);
    let shows = |stage: &mut Stage, id: &str| {
        let from = stage.shop.members.get(XIAOMEI).unwrap();
        let from = Contact { key: from.key.clone(), name: from.name.clone() };
        let kind = AttachmentKind::Picture;
        let attachment = Attachment { kind, id: id.to_owned(), name: None, size_bytes: None };
        let message = HeardMessage { attachments: vec![attachment], ..HeardMessage::default() };
        stage.happens(Body::Said { from, message, private: false })
    };
    assert_eq!(shows(&mut stage, "p0"), [], "of nothing");
    complains(&mut stage, ComplaintKind::Vague);
    shows(&mut stage, "p1");
    assert_eq!(case(&stage, 1).private.pictures, ["p1"]);
    stage.at += chrono::Duration::hours(2);
    assert_eq!(shows(&mut stage, "p2"), [], "of something else");
}
