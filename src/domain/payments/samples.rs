//! Samples of what is said of payments.

use super::{ClaimView, DueView, Refusal, Reply};
use crate::domain::event::Contact;
use crate::domain::ids::OrderId;
use crate::domain::money::Money;
use crate::domain::orders::OrderState;
use crate::domain::reply::OrderView;
use crate::domain::samples::{full_order, instant, order, text, yuan};

/// Every reply, in its usual forms.
pub(crate) fn replies() -> Vec<Reply> {
    let taken = |difference, again| Reply::PaymentTaken {
        orders: vec![order(OrderState::Paid)],
        difference,
        again,
    };
    let too_late =
        |failed| Reply::PaidTooLate { order: OrderId(1_024), name: text("阳光玫瑰"), failed };
    let refunded = |whole| Reply::Refunded {
        order: OrderId(1_024),
        member: text("小美"),
        amount: yuan(3_990),
        whole,
        reason: (!whole).then(|| text("坏了两个")),
    };
    let booked = |again, open: usize| {
        let orders = vec![OrderView { received: yuan(7_980), ..order(OrderState::Paid) }];
        Reply::Booked { orders, again, open, due: yuan(if open > 0 { 12_000 } else { 0 }) }
    };
    vec![
        taken(Money::ZERO, Vec::new()),
        taken(yuan(20), vec![OrderId(1_024)]),
        taken(yuan(-20), Vec::new()),
        Reply::Underpaid { order: OrderId(1_024), received: yuan(5_000), due: yuan(2_980) },
        too_late(false),
        too_late(true),
        Reply::PaymentUndone { orders: vec![order(OrderState::Placed)] },
        booked(Vec::new(), 0),
        booked(vec![OrderId(1_024)], 3),
        refunded(true),
        refunded(false),
        Reply::RestMissing { orders: vec![full_order()] },
    ]
    .into_iter()
    .chain(claims())
    .collect()
}

/// What is said of ways to pay, claims and chasing.
fn claims() -> Vec<Reply> {
    let now = || instant("2026-03-05T14:00:00Z");
    let claim = |amount, held_until| ClaimView {
        order: OrderId(1_024),
        member: text("小美"),
        due: yuan(7_980),
        amount,
        words: text("已转账 末五码 12345"),
        has_picture: amount.is_some(),
        at: now(),
        held_until,
    };
    let due = || vec![DueView { order: OrderId(1_024), due: yuan(7_980) }];
    let ways = |ways: &[&str], due: Vec<DueView>| Reply::WaysToPay {
        ways: ways.iter().map(|way| text(way)).collect(),
        total: due.iter().map(|it| it.due).sum(),
        due,
        leaders: vec![text("阿明")],
        cash: ways.len() > 1,
    };
    let picture = |picture: Option<&str>, code: Option<&str>| Reply::PayPicture {
        text: text("微信收款码"),
        picture: picture.map(text),
        code: code.map(text),
        due: yuan(7_980),
        reference: text("1024"),
    };
    let noted = |until, again| Reply::PaymentClaimed { orders: vec![OrderId(1_024)], until, again };
    let people =
        || ["小美", "老王"].map(|name| Contact { key: text(name), name: text(name) }).to_vec();
    vec![
        ways(&["微信转账给阿明", "自提时付现金"], due()),
        ways(&["微信转账给阿明"], Vec::new()),
        ways(&[], due()),
        picture(Some("pay.png"), None),
        picture(None, Some("000201")),
        noted(Some(now()), false),
        noted(Some(now()), true),
        noted(None, false),
        Reply::PaymentClaims {
            claims: vec![claim(None, Some(now())), claim(Some(yuan(5_000)), None)],
            beyond: 2,
            total: yuan(15_960),
        },
        Reply::PaymentNotFound { order: OrderId(1_024), until: now() },
        Reply::ClaimantsTold { orders: vec![OrderId(1_024)] },
        Reply::PaymentClaimLapsed { orders: vec![OrderId(1_024), OrderId(1_025)] },
        Reply::Chased { people: people(), until: now() },
        Reply::PayReminder { due: due(), until: now() },
        Reply::ChaseDone { people: 2, claimed: 1 },
        Reply::ChaseDone { people: 2, claimed: 0 },
        Reply::ChaseDone { people: 0, claimed: 1 },
    ]
}

/// Every refusal, in its usual forms.
pub(crate) fn refusals() -> Vec<Refusal> {
    let (order, at) = (OrderId(1_024), instant("2026-03-05T11:00:00Z"));
    vec![
        Refusal::AlreadyPaid { order },
        Refusal::RefundTooLarge { order, left: 1 },
        Refusal::RefundTooLarge { order, left: 0 },
        Refusal::RefundAmountTooLarge { order, left: yuan(990) },
        Refusal::RefundAmountTooLarge { order, left: Money::ZERO },
        Refusal::NothingDue,
        Refusal::NoPaymentClaim,
        Refusal::ChasedLately { at },
    ]
}
