//! At least one sample of everything that can be said, for the tests of the words; each room has its own in its
//! `samples`. Here stand those of no room, and what the samples of several rooms are made of.

use super::catalog::{Called, Expected};
use super::command::CommandId;
use super::ids::OrderId;
use super::intent::{Op, Unread, Why};
use super::money::{AmountFault, Money};
use super::orders::OrderState;
use super::refusal::Refusal;
use super::reply::{ArrivalView, ChangeView, ChoiceView, LineView, OfferView, OrderView, Reply};
use super::time::Timestamp;

pub(crate) fn instant(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn yuan(minor: i64) -> Money {
    Money::from_minor(minor)
}

pub(crate) fn text(text: &str) -> String {
    text.to_owned()
}

pub(crate) fn grapes(qty: u32) -> LineView {
    LineView {
        code: text("A1"),
        name: text("阳光玫瑰"),
        variant: None,
        qty,
        unit: text("箱"),
        price: yuan(3_990),
        amount: yuan(3_990 * i64::from(qty)),
    }
}

pub(crate) fn shirt(qty: u32) -> LineView {
    LineView {
        code: text("B1"),
        name: text("短袖T恤"),
        variant: Some(text("黑色/M")),
        qty,
        unit: text("件"),
        price: yuan(5_900),
        amount: yuan(5_900 * i64::from(qty)),
    }
}

pub(crate) fn order(state: OrderState) -> OrderView {
    OrderView {
        order: OrderId(1024),
        member: text("小美"),
        for_whom: None,
        state,
        lines: vec![grapes(2)],
        total: yuan(7_980),
        received: Money::ZERO,
        refunded: Money::ZERO,
        cut: Money::ZERO,
        points_worth: Money::ZERO,
        notes: Vec::new(),
        closes_at: instant("2026-03-05T14:00:00Z"),
        hold_until: instant("2026-03-06T14:00:00Z"),
        has_ways: true,
        waits: None,
    }
}

/// With everything an order can have.
pub(crate) fn full_order() -> OrderView {
    OrderView {
        for_whom: Some(text("妈妈")),
        lines: vec![grapes(3), shirt(1)],
        total: yuan(17_370),
        received: yuan(5_000),
        points_worth: yuan(500),
        notes: vec![text("放驿站"), text("要硬一点的")],
        ..order(OrderState::Placed)
    }
}

/// Goods that are expected at a time, on a day, or that are there.
pub(crate) fn comings() -> Vec<ArrivalView> {
    let view = |expected, called| ArrivalView { goods: text("A1 阳光玫瑰"), expected, called };
    let expected = |at: &str, day| Some(Expected { at: instant(at), day });
    let called = |point: Option<&str>, hours: Option<&str>| {
        let at = instant("2026-03-05T01:00:00Z");
        Some(Called { at, point: point.map(text), hours: hours.map(text) })
    };
    vec![
        view(expected("2026-03-06T08:00:00Z", false), None),
        view(expected("2026-03-05T16:00:00Z", true), None),
        view(expected("2026-03-10T16:00:00Z", true), None),
        view(None, called(Some("3号楼大厅"), Some("16-20点"))),
        view(None, called(None, None)),
    ]
}

pub(crate) fn grapes_offer() -> OfferView {
    OfferView {
        code: text("A1"),
        name: text("阳光玫瑰"),
        variants: Vec::new(),
        price: yuan(3_990),
        unit: text("箱"),
        left: Some(50),
        sold: 12,
        limit: Some(5),
        minimum: None,
        image: None,
        about: Some(text("云南直发，脆甜无籽，一箱约4斤")),
        closes_at: instant("2026-03-05T14:00:00Z"),
    }
}

pub(crate) fn shirt_offer() -> OfferView {
    OfferView {
        code: text("B1"),
        name: text("短袖T恤"),
        variants: vec![text("黑色/M"), text("白色/L")],
        price: yuan(5_900),
        unit: text("件"),
        left: Some(0),
        sold: 8,
        limit: None,
        minimum: Some(20),
        about: None,
        ..grapes_offer()
    }
}

pub(crate) fn milk_offer() -> OfferView {
    OfferView {
        code: text("C2"),
        name: text("Oat milk"),
        price: yuan(1_250),
        unit: text("box"),
        left: None,
        limit: Some(6),
        about: None,
        closes_at: instant("2026-03-06T02:00:00Z"),
        ..grapes_offer()
    }
}

/// The question `why` with its choices, about the goods `name`.
pub(crate) fn asked(why: Why, choices: Vec<ChoiceView>, name: Option<&str>) -> Reply {
    Reply::Asked { why, choices, name: name.map(text), unit: name.map(|_| text("箱")) }
}

fn member_choice(last_order: Option<i64>) -> ChoiceView {
    let joined_at = instant("2026-03-01T02:00:00Z");
    ChoiceView::Member { name: text("小美"), joined_at, last_order: last_order.map(OrderId) }
}

fn late_choice(amount: Option<i64>) -> ChoiceView {
    ChoiceView::Late { order: Box::new(order(OrderState::Cancelled)), amount: amount.map(yuan) }
}

fn named_choice(amount: Option<i64>, cancels: bool) -> ChoiceView {
    let orders = vec![OrderId(1_024), OrderId(1_025)];
    ChoiceView::Named { name: text("小美"), orders, amount: amount.map(yuan), cancels }
}

fn everybody(orders: usize, claimed: bool) -> ChoiceView {
    let names = vec![text("小美"), text("老王")];
    ChoiceView::Everybody { names, orders, total: yuan(15_960), claimed }
}

fn cut_all() -> ChoiceView {
    ChoiceView::CutAll {
        goods: text("阳光玫瑰"),
        price: yuan(2_590),
        names: vec![text("小美"), text("老王")],
        orders: 3,
        total: yuan(4_200),
    }
}

fn changes() -> Vec<ChangeView> {
    let change = |op, line| ChangeView { op, line };
    vec![
        change(Op::Set, grapes(3)),
        change(Op::Add, shirt(1)),
        change(Op::Remove, grapes(1)),
        change(Op::Remove, shirt(0)),
    ]
}

/// Questions back, with every kind of choice.
pub(crate) fn replies() -> Vec<Reply> {
    let grapes_lines = |qty| ChoiceView::Lines(vec![grapes(qty)]);
    let shirts = || ChoiceView::Lines(vec![shirt(1), grapes(1)]);
    vec![
        asked(Why::WhichOffer, vec![grapes_lines(1), shirts()], None),
        asked(Why::WhichOffer, vec![grapes_lines(1), shirts(), grapes_lines(3)], Some("葡萄")),
        asked(Why::WhichVariant, vec![shirts(), shirts()], Some("短袖T恤")),
        asked(Why::Quantity, Vec::new(), Some("阳光玫瑰")),
        asked(Why::Quantity, vec![grapes_lines(1), grapes_lines(2)], None),
        asked(Why::Unit, Vec::new(), Some("阳光玫瑰")),
        asked(Why::Unit, vec![grapes_lines(2)], None),
        asked(Why::Repeat, vec![grapes_lines(2)], None),
        asked(
            Why::Cancel,
            vec![ChoiceView::Cancel(vec![grapes(2)]), ChoiceView::Cancel(Vec::new())],
            None,
        ),
        asked(Why::Confirm, vec![ChoiceView::Yes], None),
        asked(Why::Confirm, vec![everybody(2, true), everybody(5, false)], None),
        asked(Why::Confirm, vec![cut_all()], None),
        asked(Why::More, Vec::new(), None),
        asked(Why::Spoken, Vec::new(), None),
        asked(Why::Confirm, vec![grapes_lines(2)], None),
        asked(Why::Confirm, vec![ChoiceView::Change(changes())], None),
        asked(Why::Unclear, Vec::new(), None),
        asked(
            Why::WhichMember,
            vec![member_choice(Some(1_024)), member_choice(None)],
            Some("小美"),
        ),
        asked(
            Why::Payment,
            vec![
                ChoiceView::Payment { orders: vec![OrderId(9)], amount: Some(yuan(10_500)) },
                ChoiceView::Payment { orders: vec![OrderId(9), OrderId(105)], amount: None },
            ],
            None,
        ),
        asked(Why::Payee, vec![ChoiceView::Yes], Some("李姐 39.9")),
        asked(Why::Named, vec![named_choice(None, false)], Some("小美")),
        asked(Why::Named, vec![named_choice(Some(7_980), false)], Some("小美")),
        asked(Why::Named, vec![named_choice(None, true)], Some("小美")),
        asked(Why::WhichBought, vec![bought(), bought()], Some("Q12")),
        asked(Why::WhichBought, vec![bought(), bought()], None),
        asked(Why::Remedy, vec![remedy(true), remedy(false)], Some("Q12")),
        asked(Why::Lapsed, vec![late_choice(None)], Some("小美")),
        asked(Why::Lapsed, vec![late_choice(Some(7_980)), late_choice(Some(7_980))], None),
        asked(Why::Recipient, vec![ChoiceView::Cancel(vec![grapes(2)])], Some("小美")),
    ]
}

fn bought() -> ChoiceView {
    ChoiceView::Bought { order: OrderId(1_024), line: grapes(2) }
}

fn remedy(sends: bool) -> ChoiceView {
    ChoiceView::Remedy { sends, qty: 2, unit: text("箱") }
}

/// The refusals of no room, in their usual forms.
pub(crate) fn refusals() -> Vec<Refusal> {
    let unread = |said: &str, why| Refusal::Unread(Unread { said: text(said), why });
    let half_said = |id| Refusal::HalfSaid { command: CommandId::of(id) };
    vec![
        half_said("payments.refund"),
        half_said("catalog.price"),
        half_said("catalog.stock"),
        half_said("catalog.close"),
        half_said("catalog.put_on_sale"),
        half_said("payments.paid"),
        half_said("shipping.shipped"),
        half_said("orders.cancel_for"),
        unread("12,5", AmountFault::Unclear),
        unread("US$12", AmountFault::Foreign),
        unread("12.345", AmountFault::TooFine),
        unread("13800000000000", AmountFault::TooMuch),
        Refusal::QuestionOver,
        Refusal::NothingToUndo,
        Refusal::AlreadyUndone,
        Refusal::CannotUndo,
        Refusal::ChangedSince { what: text("#1024") },
    ]
}
