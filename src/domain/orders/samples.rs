//! Samples of what is said of orders.

use super::{Refusal, Reply};
use crate::domain::catalog::Called;
use crate::domain::ids::{MemberId, OrderId};
use crate::domain::orders::OrderState;
use crate::domain::reply::{Excess, LineView, OrderView};
use crate::domain::samples::{full_order, grapes, instant, order, shirt, text, yuan};

/// Every reply, in its usual forms.
pub(crate) fn replies() -> Vec<Reply> {
    [baskets(), chains(), requests()].concat()
}

fn baskets() -> Vec<Reply> {
    let placed = order(OrderState::Placed);
    let states = [
        OrderState::Placed,
        OrderState::Paid,
        OrderState::Shipped,
        OrderState::Received,
        OrderState::Closed,
        OrderState::Cancelled,
        OrderState::Refunded,
    ];
    let mine = states.map(order).into_iter().chain([full_order()]).collect();
    let called = |point: Option<&str>, hours: Option<&str>| OrderView {
        waits: Some(Called {
            at: instant("2026-03-05T01:00:00Z"),
            point: point.map(text),
            hours: hours.map(text),
        }),
        ..order(OrderState::Paid)
    };
    let waiting = vec![called(Some("3号楼大厅"), Some("16-20点")), called(None, None)];
    let partly = OrderView { refunded: yuan(3_990), ..order(OrderState::Paid) };
    let ids = vec![OrderId(1_024), OrderId(1_025)];
    vec![
        taken(vec![grapes(2)], &placed, false),
        taken(vec![shirt(1)], &full_order(), true),
        Reply::OrderTaken {
            added: vec![grapes(2)],
            order: placed.clone(),
            needs_delivery: true,
            by_leader: true,
        },
        Reply::OrderChanged { order: full_order(), by_leader: false },
        Reply::OrderChanged { order: placed.clone(), by_leader: true },
        Reply::OrdersCancelled { orders: ids.clone(), by_leader: false },
        Reply::OrdersCancelled { orders: ids.clone(), by_leader: true },
        Reply::OrderCut {
            order: OrderView { cut: yuan(500), ..placed.clone() },
            amount: yuan(500),
        },
        Reply::OfferCut {
            name: text("阳光玫瑰"),
            unit: text("箱"),
            price: yuan(2_590),
            orders: vec![placed.clone(), full_order()],
        },
        Reply::BuyerAsked { order: OrderId(1_024) },
        Reply::MyOrders { orders: Vec::new() },
        Reply::MyOrders { orders: mine },
        Reply::MyOrders { orders: vec![partly] },
        Reply::MyOrders { orders: waiting },
        Reply::Undone { orders: vec![placed.clone(), order(OrderState::Cancelled)] },
        Reply::AboutToLapse {
            orders: vec![placed, full_order()],
            at: instant("2026-03-05T16:00:00Z"),
        },
        Reply::Lapsed { orders: ids },
    ]
}

fn taken(added: Vec<LineView>, order: &OrderView, needs_delivery: bool) -> Reply {
    Reply::OrderTaken { added, order: order.clone(), needs_delivery, by_leader: false }
}

fn chains() -> Vec<Reply> {
    let waiting = |posted_by: Option<&str>| Reply::ReviewWaiting {
        posted_by: posted_by.map(text),
        lines: vec![text("小鱼 A1 x2"), text("木木 B1 黑色/M x1")],
    };
    vec![
        waiting(None),
        waiting(Some("老王")),
        Reply::ChainLinesGone { lines: vec![text("小美 A1 ×2")] },
        Reply::Reviewed { accepted: true, lines: 2 },
        Reply::Reviewed { accepted: false, lines: 1 },
    ]
}

fn requests() -> Vec<Reply> {
    let asked = |qty, why| Reply::LeaderAsked { lines: vec![grapes(qty)], why };
    let waiting = |why| Reply::RequestWaiting {
        member: MemberId(7),
        name: text("小美"),
        lines: vec![grapes(30)],
        why,
    };
    let answered = |accepted| Reply::RequestAnswered { name: text("小美"), accepted };
    vec![
        asked(30, Excess::Many),
        asked(1, Excess::Often),
        asked(1, Excess::New),
        Reply::RequestDeclined { lines: vec![grapes(30)] },
        waiting(Excess::Many),
        waiting(Excess::Often),
        waiting(Excess::New),
        answered(true),
        answered(false),
    ]
}

/// Every refusal, in its usual forms.
pub(crate) fn refusals() -> Vec<Refusal> {
    let order = OrderId(1_024);
    let not_theirs =
        |order| Refusal::NotTheirs { member: text("小美"), order, name: text("阳光玫瑰") };
    let limit = |held| Refusal::OverMemberLimit {
        name: text("阳光玫瑰"),
        limit: 5,
        held,
        unit: text("箱"),
    };
    vec![
        limit(0),
        limit(4),
        Refusal::AbsurdQuantity,
        Refusal::NothingOrdered,
        Refusal::NotInOrder { name: text("阳光玫瑰") },
        Refusal::NoSuchOrder { order },
        Refusal::NotYours { order },
        Refusal::WrongState { order, state: OrderState::Shipped },
        Refusal::WrongState { order, state: OrderState::Placed },
        Refusal::PaidForMore { order, lines: vec![grapes(1)] },
        Refusal::PaidForLess { order, member: text("小美"), lines: vec![grapes(2)] },
        Refusal::PaidForCut { order, amount: Some(yuan(500)) },
        Refusal::PaidForCut { order, amount: None },
        Refusal::CutTooLarge { order, most: yuan(3_990) },
        Refusal::NothingLower { name: text("阳光玫瑰"), price: yuan(2_590) },
        Refusal::NothingLower { name: String::new(), price: yuan(2_590) },
        Refusal::SeveralOrders { member: text("小美"), orders: vec![order, OrderId(1_025)] },
        not_theirs(None),
        not_theirs(Some(order)),
        Refusal::NothingToReview,
        Refusal::NoOrders,
    ]
}
