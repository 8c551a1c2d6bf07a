//! Samples of what is said of service.

use super::{
    CaseOutcome, CaseRate, CaseState, CaseView, LackCut, LackSharing, LackView, Refusal, Reply,
};
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
    replies.extend(shortages());
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

/// What is said where not all came.
fn shortages() -> Vec<Reply> {
    let cut = |qty, left, back, is_paid| LackCut {
        order: OrderId(1_024),
        member: text("小美"),
        qty,
        left,
        unit: text("箱"),
        back: yuan(back),
        is_paid,
    };
    let plan = |cuts: Vec<LackCut>, all, sharing| {
        Box::new(LackView {
            goods: text("A1 阳光玫瑰"),
            unit: text("箱"),
            ordered: 50,
            lack: 5,
            all,
            sharing,
            total: cuts.iter().map(|cut| cut.back).sum(),
            cuts,
            beyond: 0,
            instead: all.then(|| text("明天补")),
        })
    };
    let several = || vec![cut(2, 1, 7_980, true), cut(3, 0, 0, false), cut(1, 0, 0, true)];
    let told = |cut: LackCut, whole, instead: Option<&str>| Reply::CutShort {
        goods: text("A1 阳光玫瑰"),
        cut,
        whole,
        instead: instead.map(text),
    };
    let unpaid = || vec![cut(5, 0, 0, false)];
    vec![
        Reply::ShortagePlan { plan: plan(several(), false, LackSharing::LastFirst), again: false },
        Reply::ShortagePlan { plan: plan(several(), true, LackSharing::Alike), again: true },
        Reply::ShortageDone {
            plan: plan(several(), false, LackSharing::LastFirst),
            on_sale: Some(text("A1")),
        },
        Reply::ShortageDone { plan: plan(unpaid(), false, LackSharing::Alike), on_sale: None },
        told(cut(2, 1, 7_980, true), false, Some("明天补")),
        told(cut(2, 1, 0, false), false, None),
        told(cut(2, 0, 0, false), true, None),
        told(cut(1, 0, 0, true), true, None),
    ]
}

/// Every refusal, in its usual forms.
pub(crate) fn refusals() -> Vec<Refusal> {
    let case = CaseId(12);
    let over = |state| Refusal::CaseOver { case, state };
    vec![
        Refusal::NoSuchCase { case },
        Refusal::NoSuchGoods { said: text("荔枝") },
        Refusal::LackUnclear { name: text("阳光玫瑰"), unit: text("箱") },
        Refusal::NobodyOrdered { name: text("阳光玫瑰") },
        Refusal::EnoughCame { name: text("阳光玫瑰"), ordered: 45, unit: text("箱") },
        Refusal::TooFewToCut { name: text("阳光玫瑰"), lack: 9, left: 4, unit: text("箱") },
        Refusal::TooFewToCut { name: text("阳光玫瑰"), lack: 9, left: 0, unit: text("箱") },
        Refusal::NotInShortage { name: text("阳光玫瑰"), who: text("老王") },
        Refusal::SeveralInShortage { who: text("老王"), orders: vec![OrderId(3), OrderId(8)] },
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
