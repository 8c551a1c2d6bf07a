//! Cuts: what they change to the cent, and what each refusal is said for.

use super::*;
use crate::decide::testing::{A1, A2, AMING, LAOWANG, Stage, XIAOMEI, without};
use crate::decide::testing_orders::{assert_books_agree, house, owed, placed};
use crate::domain::intent::Selection;
use crate::domain::ledger::{House, Purse};
use crate::domain::payments;
use crate::domain::person::Person;
use crate::domain::undo::UndoAbout;

const GRAPES: OrderedItem = OrderedItem { offer: A1, variant: None };
const CHERRIES: OrderedItem = OrderedItem { offer: A2, variant: None };

fn yuan(minor: i64) -> Money {
    Money::from_minor(minor)
}

fn off(minor: i64) -> Lowered {
    Lowered::Off(yuan(minor))
}

fn leads(stage: &mut Stage, lead: Lead) -> Vec<Reply> {
    stage.does(AMING, Intent::Lead(LeaderIntent::Orders(lead)))
}

fn cuts_of(
    stage: &mut Stage,
    order: OrderId,
    item: Option<OrderedItem>,
    by: Lowered,
) -> Vec<Reply> {
    leads(stage, Lead::Cut { whose: Whose::Numbered(order), item, by })
}

fn pay(stage: &mut Stage, order: OrderId, amount: Option<i64>) -> Vec<Reply> {
    let of = Selection::Orders(vec![order]);
    let lead = payments::Lead::Paid { of, amount: amount.map(Money::from_minor) };
    stage.does(AMING, Intent::Lead(LeaderIntent::Payments(lead)))
}

fn total(stage: &Stage, order: OrderId) -> i64 {
    stage.order(order.0).total().minor
}

#[track_caller]
fn refused(stage: &mut Stage, lead: Lead, expected: orders::Refusal) {
    let before: Vec<_> = stage.shop.orders.values().cloned().collect();
    let said = leads(stage, lead);
    assert_eq!(Stage::refusal(&said), Refusal::Orders(expected));
    let after: Vec<_> = stage.shop.orders.values().cloned().collect();
    assert_eq!(before, after);
}

#[test]
fn commission_points_and_refunds_follow_to_the_cent() {
    let mut stage = Stage::new();
    let order = placed(&mut stage, XIAOMEI, &[(A1, None, 3)]);
    let said = cuts_of(&mut stage, order, None, off(500));
    let [Reply::Orders(orders::Reply::OrderCut { order: view, amount })] = &said[..] else {
        panic!("{said:?}")
    };
    assert_eq!((view.cut, view.total, *amount), (yuan(500), yuan(11_470), yuan(500)));
    pay(&mut stage, order, None);
    assert_eq!(house(&stage, House::Received), 11_470);
    assert_eq!(owed(&stage, AMING, Purse::Frozen), 688); // 6 % of 114.70
    assert_eq!(owed(&stage, XIAOMEI, Purse::Wallet), 11);
    let line = WantedLineOf(1);
    let back = payments::Lead::Refund { order, lines: vec![line.of()] };
    stage.does(AMING, Intent::Lead(LeaderIntent::Payments(back)));
    assert_eq!(house(&stage, House::Received), 11_470 - 3_823, "a third, rounded down");
    let rest = payments::Lead::Refund { order, lines: Vec::new() };
    stage.does(AMING, Intent::Lead(LeaderIntent::Payments(rest)));
    assert_eq!(house(&stage, House::Received), 0);
    assert_eq!(owed(&stage, AMING, Purse::Frozen), 0);
    assert_books_agree(&stage);
}

/// So many boxes of grapes go back.
struct WantedLineOf(u32);

impl WantedLineOf {
    fn of(&self) -> crate::domain::intent::WantedLine {
        crate::domain::intent::WantedLine { qty: Some(self.0), ..without(A1) }
    }
}

#[test]
fn a_cut_of_the_order_is_spread_and_one_of_goods_stays_there() {
    let mut stage = Stage::new();
    let order = placed(&mut stage, XIAOMEI, &[(A1, None, 1), (A2, None, 1)]);
    cuts_of(&mut stage, order, None, off(1_000));
    let cuts = |stage: &Stage| -> Vec<i64> {
        stage.order(order.0).lines.iter().map(|line| line.cut().minor).collect()
    };
    assert_eq!(cuts(&stage), [312, 688]);
    cuts_of(&mut stage, order, Some(CHERRIES), off(12));
    assert_eq!(cuts(&stage), [312, 700]);
    cuts_of(&mut stage, order, Some(GRAPES), Lowered::Each(yuan(2_590)));
    assert_eq!(cuts(&stage), [1_400, 700], "with what was cut before");
}

#[test]
fn what_is_taken_off_takes_its_cut_along() {
    let mut stage = Stage::new();
    let order = placed(&mut stage, XIAOMEI, &[(A1, None, 3)]);
    cuts_of(&mut stage, order, Some(GRAPES), Lowered::Each(yuan(2_590)));
    assert_eq!(total(&stage, order), 3 * 2_590);
    let fewer = crate::domain::intent::WantedLine { qty: Some(2), ..without(A1) };
    stage.does(XIAOMEI, Intent::Orders(orders::Intent::Cancel(vec![fewer])));
    assert_eq!(total(&stage, order), 2_590);
    let more = crate::decide::testing::want(A1, 1);
    stage.does(XIAOMEI, Intent::Orders(orders::Intent::Order(vec![more])));
    assert_eq!(total(&stage, order), 2_590 + 3_990, "what comes now has its price");
}

#[test]
fn refusals_are_said_in_order() {
    let mut stage = Stage::new();
    let order = placed(&mut stage, XIAOMEI, &[(A1, None, 1)]);
    let numbered = |order| Whose::Numbered(order);
    let of = |name: &str| Whose::Of(Person::from(name));
    let cut = |whose, item, by| Lead::Cut { whose, item, by };
    let none = orders::Refusal::NoSuchOrder { order: OrderId(9) };
    refused(&mut stage, cut(numbered(OrderId(9)), None, off(500)), none);
    refused(&mut stage, cut(of("老王"), None, off(500)), orders::Refusal::NoOrders);
    let name = "车厘子".to_owned();
    let member = "小美".to_owned();
    let not_theirs =
        orders::Refusal::NotTheirs { member: member.clone(), order: Some(order), name };
    refused(&mut stage, cut(numbered(order), Some(CHERRIES), off(500)), not_theirs);
    let price = yuan(3_990);
    let lower = orders::Refusal::NothingLower { name: "阳光玫瑰".to_owned(), price };
    refused(&mut stage, cut(numbered(order), Some(GRAPES), Lowered::Each(price)), lower);
    let large = orders::Refusal::CutTooLarge { order, most: yuan(3_990) };
    refused(&mut stage, cut(numbered(order), None, off(3_991)), large);
    pay(&mut stage, order, Some(3_000));
    let large = orders::Refusal::CutTooLarge { order, most: yuan(990) };
    refused(&mut stage, cut(numbered(order), None, off(991)), large);
    let other = placed(&mut stage, XIAOMEI, &[(A2, None, 1)]);
    let several = orders::Refusal::SeveralOrders { member, orders: vec![order, other] };
    refused(&mut stage, cut(of("小美"), None, off(500)), several);
    pay(&mut stage, other, None);
    let paid = orders::Refusal::PaidForCut { order: other, amount: Some(yuan(500)) };
    refused(&mut stage, cut(numbered(other), None, off(500)), paid);
    stage.does(AMING, Intent::Orders(orders::Intent::CancelOrders(vec![order])));
    let over = orders::Refusal::WrongState { order, state: OrderState::Cancelled };
    refused(&mut stage, cut(numbered(order), None, off(500)), over);
    let said = stage
        .does(XIAOMEI, Intent::Lead(LeaderIntent::Orders(cut(numbered(order), None, off(500)))));
    assert_eq!(said, [], "only a leader is heard");
}

#[test]
fn down_to_what_was_paid_it_is_paid() {
    let mut stage = Stage::new();
    let order = placed(&mut stage, XIAOMEI, &[(A1, None, 1)]);
    pay(&mut stage, order, Some(3_000));
    cuts_of(&mut stage, order, None, off(990));
    assert_eq!(stage.order(order.0).state, OrderState::Paid);
    assert_eq!(house(&stage, House::Sales), -3_000);
    assert_eq!(owed(&stage, AMING, Purse::Frozen), 180);
    assert_books_agree(&stage);
}

#[test]
fn another_price_is_read_with_names_and_total_before_it_counts() {
    let mut stage = Stage::new();
    let hers = placed(&mut stage, XIAOMEI, &[(A1, None, 2)]);
    let his = placed(&mut stage, LAOWANG, &[(A1, None, 1), (A2, None, 1)]);
    let paid = placed(&mut stage, LAOWANG, &[(A1, None, 1)]);
    pay(&mut stage, paid, None);
    let price = yuan(2_590);
    let ask = || Lead::CutOffer { item: GRAPES, price, agreed: None };
    let said = leads(&mut stage, ask());
    let [Reply::Asked { choices, .. }] = &said[..] else { panic!("{said:?}") };
    let view = ChoiceView::CutAll {
        goods: "阳光玫瑰".to_owned(),
        price,
        names: vec!["小美".to_owned(), "老王".to_owned()],
        orders: 2,
        total: yuan(3 * 1_400),
    };
    assert_eq!(choices[..], [view]);
    assert_eq!(total(&stage, hers), 7_980, "nothing is done before");
    let choice = |stage: &Stage| {
        let row = stage.shop.members.get(AMING).unwrap();
        row.question.clone().unwrap().question.choices[0].clone()
    };
    // She takes one more meanwhile: it comes to something else, and is read again.
    let more = crate::decide::testing::want(A1, 1);
    let agreed = choice(&stage);
    stage.does(XIAOMEI, Intent::Orders(orders::Intent::Order(vec![more])));
    let said = stage.does(AMING, agreed);
    assert!(matches!(said[..], [Reply::Asked { .. }]), "{said:?}");
    let agreed = choice(&stage);
    let said = stage.does(AMING, agreed);
    assert!(matches!(said[..], [Reply::Orders(orders::Reply::OfferCut { .. })]), "{said:?}");
    assert_eq!((total(&stage, hers), total(&stage, his)), (3 * 2_590, 2_590 + 8_800));
    assert_eq!(total(&stage, paid), 3_990);
    let lower = orders::Refusal::NothingLower { name: "阳光玫瑰".to_owned(), price };
    refused(&mut stage, ask(), lower);
    stage.does(AMING, Intent::Undo(UndoAbout::Last));
    assert_eq!((total(&stage, hers), total(&stage, his)), (3 * 3_990, 3_990 + 8_800));
    assert!(stage.order(hers.0).lines.iter().all(|line| line.cuts.is_empty()));
}

#[test]
fn one_order_needs_no_word_more() {
    let mut stage = Stage::new();
    let hers = placed(&mut stage, XIAOMEI, &[(A1, None, 2)]);
    leads(&mut stage, Lead::CutOffer { item: GRAPES, price: yuan(2_590), agreed: None });
    assert_eq!(total(&stage, hers), 2 * 2_590);
}

#[test]
fn points_stay_what_they_were_and_a_cut_is_undone() {
    let mut stage = Stage::new();
    crate::decide::loyalty::points::tests::give(&mut stage, XIAOMEI, 1_000);
    let order = placed(&mut stage, XIAOMEI, &[(A1, None, 1)]);
    let spends = crate::domain::loyalty::Intent::SpendPoints { points: Some(500) };
    stage.does(XIAOMEI, Intent::Loyalty(spends));
    assert_eq!(total(&stage, order), 3_490);
    cuts_of(&mut stage, order, None, off(1_000));
    let row = stage.order(order.0);
    assert_eq!((row.total(), row.points_worth), (yuan(2_490), yuan(500)));
    stage.does(AMING, Intent::Undo(UndoAbout::Last));
    assert_eq!(total(&stage, order), 3_490);
    assert_books_agree(&stage);
}
