//! Samples of what is said of service.

use super::{CaseOutcome, CaseRate, CaseState, CaseView, Refusal, Reply};
use crate::domain::ids::{CaseId, OrderId};
use crate::domain::orders::OrderState;
use crate::domain::samples::{grapes, instant, order, text, yuan};

/// Every reply, in its usual forms.
pub(crate) fn replies() -> Vec<Reply> {
    let case = CaseId(12);
    let opened = |has_picture| Reply::CaseOpened {
        case,
        goods: text("阳光玫瑰"),
        order: OrderId(1_024),
        has_picture,
    };
    let mut replies = vec![
        Reply::FeedbackSeen,
        Reply::FeedbackGiven { name: text("小美"), words: String::new() },
        Reply::FeedbackGiven { name: text("小美"), words: text("葡萄很甜") },
        opened(false),
        opened(true),
        Reply::CaseJoined { case },
        Reply::CaseForLeader { case: Box::new(open()), more: false },
        Reply::CaseForLeader { case: Box::new(vague()), more: false },
        Reply::CaseForLeader { case: Box::new(open()), more: true },
        Reply::CaseShown { case: Box::new(open()) },
        Reply::CaseShown { case: Box::new(over()) },
        Reply::OpenCases {
            cases: vec![open(), vague()],
            beyond: 3,
            rates: vec![CaseRate { name: text("阳光玫瑰"), cases: 2, orders: 40, percent: 5 }],
            reminds: false,
        },
        Reply::OpenCases { cases: vec![], beyond: 0, rates: vec![], reminds: false },
        Reply::OpenCases { cases: vec![open()], beyond: 0, rates: vec![], reminds: true },
        Reply::CaseDropped { case },
        Reply::CaseLetGo { case, member: text("小美") },
    ];
    for outcome in outcomes() {
        let goods = text("阳光玫瑰");
        replies.push(Reply::CaseAnswered { case, goods, outcome: outcome.clone() });
        replies.push(Reply::CaseDone { case, member: text("小美"), outcome });
    }
    let goods = String::new();
    let outcome = CaseOutcome::Declined { reason: None };
    replies.push(Reply::CaseAnswered { case, goods, outcome });
    replies
}

/// Every refusal, in its usual forms.
pub(crate) fn refusals() -> Vec<Refusal> {
    let case = CaseId(12);
    let over = |state| Refusal::CaseOver { case, state };
    vec![
        Refusal::NoSuchCase { case },
        over(CaseState::Refunded),
        over(CaseState::Replaced),
        over(CaseState::Exchanged),
        over(CaseState::Declined),
        over(CaseState::Withdrawn),
        Refusal::CaseUnclear { case },
        Refusal::CaseTooMany { case, left: 2 },
        Refusal::CaseTooMany { case, left: 0 },
        Refusal::NoSuchKind { name: text("T恤"), kinds: vec![text("白色/M"), text("黑色/L")] },
        Refusal::NoSuchKind { name: text("阳光玫瑰"), kinds: vec![] },
        Refusal::NothingToReturn { order: OrderId(1_024) },
    ]
}

fn open() -> CaseView {
    CaseView {
        case: CaseId(12),
        member: text("小美"),
        goods: Some(grapes(2)),
        order: Some(order(OrderState::Received)),
        paid_at: Some(instant("2026-03-04T02:00:00Z")),
        words: vec![text("葡萄坏了三颗"), text("补一下吧")],
        pictures: 2,
        state: CaseState::Open,
        opened_at: instant("2026-03-05T01:00:00Z"),
        reason: None,
    }
}

fn vague() -> CaseView {
    CaseView { case: CaseId(13), goods: None, order: None, paid_at: None, pictures: 0, ..open() }
}

fn over() -> CaseView {
    let (state, reason) = (CaseState::Declined, Some(text("超过售后时间了")));
    CaseView { state, reason, ..open() }
}

fn outcomes() -> Vec<CaseOutcome> {
    let sent = |exchanged| CaseOutcome::Sent {
        order: OrderId(1_025),
        goods: Box::new(grapes(1)),
        exchanged,
    };
    vec![
        CaseOutcome::Refunded { amount: yuan(1_000), qty: 0, unit: String::new() },
        CaseOutcome::Refunded { amount: yuan(3_990), qty: 1, unit: text("箱") },
        sent(false),
        sent(true),
        CaseOutcome::Declined { reason: Some(text("超过售后时间了")) },
        CaseOutcome::Declined { reason: None },
    ]
}
