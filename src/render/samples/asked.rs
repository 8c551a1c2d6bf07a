//! Samples of questions back.

use super::{asked, grapes, instant, order, shirt, text, yuan};
use crate::domain::ids::OrderId;
use crate::domain::intent::{Op, Why};
use crate::domain::orders::OrderState;
use crate::domain::reply::{ChangeView, ChoiceView, Reply};
use crate::domain::{groups, orders};

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
pub(super) fn questions() -> Vec<Reply> {
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
        asked(Why::Lapsed, vec![late_choice(None)], Some("小美")),
        asked(Why::Lapsed, vec![late_choice(Some(7_980)), late_choice(Some(7_980))], None),
        asked(Why::Recipient, vec![ChoiceView::Cancel(vec![grapes(2)])], Some("小美")),
        Reply::Orders(orders::Reply::BuyerAsked { order: OrderId(1_024) }),
        Reply::Groups(groups::Reply::Help { leader: false }),
        Reply::Groups(groups::Reply::Help { leader: true }),
    ]
}
