//! Samples of every refusal.

use super::{instant, text, yuan};
use crate::domain::ids::OrderId;
use crate::domain::intent::{LeaderCommand, Unread};
use crate::domain::money::AmountFault;
use crate::domain::order::OrderState;
use crate::domain::refusal::Refusal;
use crate::domain::reply::Reply;

/// Every refusal, in its usual forms.
pub(super) fn refused() -> Vec<Reply> {
    [refused_orders(), refused_people()].concat().into_iter().map(Reply::from).collect()
}

fn refused_orders() -> Vec<Refusal> {
    let (name, unit, order) = (text("阳光玫瑰"), text("箱"), OrderId(1_024));
    let limit = |held| Refusal::OverMemberLimit {
        name: text("阳光玫瑰"),
        limit: 5,
        held,
        unit: text("箱"),
    };
    vec![
        Refusal::OfferClosed {
            code: text("A1"),
            name: name.clone(),
            closed_at: Some(instant("2026-03-04T14:00:00Z")),
        },
        Refusal::OfferClosed { code: text("A1"), name: name.clone(), closed_at: None },
        Refusal::SoldOut { name: name.clone() },
        Refusal::NotEnoughLeft { name: name.clone(), left: 3, unit },
        limit(0),
        limit(4),
        Refusal::AbsurdQuantity,
        Refusal::NothingOrdered,
        Refusal::NotInOrder { name },
        Refusal::NoSuchOrder { order },
        Refusal::NotYours { order },
        Refusal::WrongState { order, state: OrderState::Shipped },
        Refusal::WrongState { order, state: OrderState::Placed },
        Refusal::AlreadyPaid { order },
        Refusal::RefundTooLarge { order, left: 1 },
        Refusal::RefundTooLarge { order, left: 0 },
        Refusal::Unlimited { name: text("鲜牛奶") },
        Refusal::NothingToUndo,
        Refusal::AlreadyUndone,
        Refusal::CannotUndo,
        Refusal::ChangedSince { what: text("#1024") },
        Refusal::BadOffer,
        Refusal::PriceTooHigh { most: yuan(100_000_000) },
        Refusal::StockTooHigh { most: 1_000_000 },
        Refusal::HalfSaid { command: LeaderCommand::Refund },
        Refusal::HalfSaid { command: LeaderCommand::Price },
        Refusal::HalfSaid { command: LeaderCommand::Stock },
        Refusal::HalfSaid { command: LeaderCommand::Close },
        Refusal::HalfSaid { command: LeaderCommand::List },
        Refusal::HalfSaid { command: LeaderCommand::Paid },
        Refusal::HalfSaid { command: LeaderCommand::Ship },
        Refusal::HalfSaid { command: LeaderCommand::Cancel },
        unread("12,5", AmountFault::Unclear),
        unread("US$12", AmountFault::Foreign),
        unread("12.345", AmountFault::TooFine),
        unread("13800000000000", AmountFault::TooMuch),
        Refusal::NoOrders,
        Refusal::NothingOpen,
        Refusal::QuestionOver,
    ]
}

fn unread(said: &str, why: AmountFault) -> Refusal {
    Refusal::Unread(Unread { said: text(said), why })
}

fn refused_people() -> Vec<Refusal> {
    let inviter = || text("阿强");
    vec![
        Refusal::AlreadyCheckedIn { days: 7 },
        Refusal::UnknownCode { code: text("ABC123") },
        Refusal::UnknownMember { name: text("小魚") },
        Refusal::WhichMember { name: text("小美") },
        Refusal::SelfInvite,
        Refusal::InviteLoop { inviter: inviter() },
        Refusal::AlreadyBound { inviter: inviter() },
        Refusal::FoundingMember,
        Refusal::NotNewBuyer,
        Refusal::NoClaim,
        Refusal::BelowMinimum { minimum: yuan(1_000), available: yuan(399) },
        Refusal::NotEnoughAvailable { available: yuan(399) },
        Refusal::NotEnoughAvailable { available: yuan(-399) },
        Refusal::WithdrawalOpen,
        Refusal::NoPayee,
        Refusal::PointsOff,
        Refusal::PointsCap { cap: yuan(1_995), used: yuan(1_995) },
        Refusal::PointsCap { cap: yuan(0), used: yuan(0) },
        Refusal::NotEnoughPoints { points: 65 },
        Refusal::NothingToReview,
    ]
}
