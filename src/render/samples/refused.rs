//! Samples of every refusal.

use super::{instant, text, yuan};
use crate::domain::command::CommandId;
use crate::domain::ids::OrderId;
use crate::domain::intent::Unread;
use crate::domain::money::AmountFault;
use crate::domain::orders::OrderState;
use crate::domain::refusal::Refusal;
use crate::domain::reply::Reply;
use crate::domain::{catalog, loyalty, orders, payments, payouts, people, referral};

/// Every refusal, in its usual forms.
pub(super) fn refused() -> Vec<Reply> {
    [refused_orders(), refused_people()].concat().into_iter().map(Reply::from).collect()
}

fn refused_orders() -> Vec<Refusal> {
    let (name, unit, order) = (text("阳光玫瑰"), text("箱"), OrderId(1_024));
    let limit = |held| {
        Refusal::Orders(orders::Refusal::OverMemberLimit {
            name: text("阳光玫瑰"),
            limit: 5,
            held,
            unit: text("箱"),
        })
    };
    vec![
        Refusal::Catalog(catalog::Refusal::OfferClosed {
            code: text("A1"),
            name: name.clone(),
            closed_at: Some(instant("2026-03-04T14:00:00Z")),
        }),
        Refusal::Catalog(catalog::Refusal::OfferClosed {
            code: text("A1"),
            name: name.clone(),
            closed_at: None,
        }),
        Refusal::Catalog(catalog::Refusal::SoldOut { name: name.clone() }),
        Refusal::Catalog(catalog::Refusal::NotEnoughLeft { name: name.clone(), left: 3, unit }),
        limit(0),
        limit(4),
        Refusal::Orders(orders::Refusal::AbsurdQuantity),
        Refusal::Orders(orders::Refusal::NothingOrdered),
        Refusal::Orders(orders::Refusal::NotInOrder { name }),
        Refusal::Orders(orders::Refusal::NoSuchOrder { order }),
        Refusal::Orders(orders::Refusal::NotYours { order }),
        Refusal::Orders(orders::Refusal::WrongState { order, state: OrderState::Shipped }),
        Refusal::Orders(orders::Refusal::WrongState { order, state: OrderState::Placed }),
        Refusal::Payments(payments::Refusal::AlreadyPaid { order }),
        Refusal::Payments(payments::Refusal::RefundTooLarge { order, left: 1 }),
        Refusal::Payments(payments::Refusal::RefundTooLarge { order, left: 0 }),
        Refusal::Catalog(catalog::Refusal::Unlimited { name: text("鲜牛奶") }),
        Refusal::NothingToUndo,
        Refusal::AlreadyUndone,
        Refusal::CannotUndo,
        Refusal::ChangedSince { what: text("#1024") },
        Refusal::Catalog(catalog::Refusal::BadOffer),
        Refusal::Catalog(catalog::Refusal::PriceTooHigh { most: yuan(100_000_000) }),
        Refusal::Catalog(catalog::Refusal::StockTooHigh { most: 1_000_000 }),
        Refusal::HalfSaid { command: CommandId::of("payments.refund") },
        Refusal::HalfSaid { command: CommandId::of("catalog.price") },
        Refusal::HalfSaid { command: CommandId::of("catalog.stock") },
        Refusal::HalfSaid { command: CommandId::of("catalog.close") },
        Refusal::HalfSaid { command: CommandId::of("catalog.put_on_sale") },
        Refusal::HalfSaid { command: CommandId::of("payments.paid") },
        Refusal::HalfSaid { command: CommandId::of("shipping.shipped") },
        Refusal::HalfSaid { command: CommandId::of("orders.cancel_for") },
        unread("12,5", AmountFault::Unclear),
        unread("US$12", AmountFault::Foreign),
        unread("12.345", AmountFault::TooFine),
        unread("13800000000000", AmountFault::TooMuch),
        Refusal::Orders(orders::Refusal::NoOrders),
        Refusal::Catalog(catalog::Refusal::NothingOpen),
        Refusal::QuestionOver,
    ]
}

fn unread(said: &str, why: AmountFault) -> Refusal {
    Refusal::Unread(Unread { said: text(said), why })
}

fn refused_people() -> Vec<Refusal> {
    let inviter = || text("阿强");
    vec![
        Refusal::Loyalty(loyalty::Refusal::AlreadyCheckedIn { days: 7 }),
        Refusal::Referral(referral::Refusal::UnknownCode { code: text("ABC123") }),
        Refusal::People(people::Refusal::UnknownMember { name: text("小魚") }),
        Refusal::People(people::Refusal::WhichMember { name: text("小美") }),
        Refusal::Referral(referral::Refusal::SelfInvite),
        Refusal::Referral(referral::Refusal::InviteLoop { inviter: inviter() }),
        Refusal::Referral(referral::Refusal::AlreadyBound { inviter: inviter() }),
        Refusal::Referral(referral::Refusal::FoundingMember),
        Refusal::Referral(referral::Refusal::NotNewBuyer),
        Refusal::Referral(referral::Refusal::NoClaim),
        Refusal::Payouts(payouts::Refusal::BelowMinimum {
            minimum: yuan(1_000),
            available: yuan(399),
        }),
        Refusal::Payouts(payouts::Refusal::NotEnoughAvailable { available: yuan(399) }),
        Refusal::Payouts(payouts::Refusal::NotEnoughAvailable { available: yuan(-399) }),
        Refusal::Payouts(payouts::Refusal::WithdrawalOpen),
        Refusal::Payouts(payouts::Refusal::NoPayee),
        Refusal::Loyalty(loyalty::Refusal::PointsOff),
        Refusal::Loyalty(loyalty::Refusal::PointsCap { cap: yuan(1_995), used: yuan(1_995) }),
        Refusal::Loyalty(loyalty::Refusal::PointsCap { cap: yuan(0), used: yuan(0) }),
        Refusal::Loyalty(loyalty::Refusal::NotEnoughPoints { points: 65 }),
        Refusal::Orders(orders::Refusal::NothingToReview),
    ]
}
