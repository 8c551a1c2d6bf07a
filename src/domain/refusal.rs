//! Refusals: how the shop says no. Values with the facts that explain them, not errors; rendered
//! like any reply. The order in which they are tested is part of each decision's contract.

use serde::{Deserialize, Serialize};

use super::ids::OrderId;
use super::intent::{LeaderCommand, Unread};
use super::money::Money;
use super::offer::Offer;
use super::order::OrderState;
use super::reply::Reply;
use super::time::Timestamp;

/// Why something was not done. A refused event changes nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// The offer takes no more orders.
    OfferClosed {
        /// Code of the offer.
        code: String,
        /// Name of the offer.
        name: String,
        /// Since when; nothing for one that was stopped before its time.
        closed_at: Option<Timestamp>,
    },
    /// Nothing is left.
    SoldOut {
        /// Name, with variant.
        name: String,
    },
    /// Fewer are left than wanted.
    NotEnoughLeft {
        /// Name, with variant.
        name: String,
        /// So many are.
        left: i64,
        /// Of this unit.
        unit: String,
    },
    /// More than one member may have.
    OverMemberLimit {
        /// Name.
        name: String,
        /// The limit.
        limit: u32,
        /// What the member has already.
        held: u32,
        /// Of this unit.
        unit: String,
    },
    /// The sum is beyond all reason.
    AbsurdQuantity,
    /// The speaker has nothing unpaid that this could change.
    NothingOrdered,
    /// The speaker has nothing of this offer.
    NotInOrder {
        /// Name, with variant.
        name: String,
    },
    /// There is no such order here.
    NoSuchOrder {
        /// Its number.
        order: OrderId,
    },
    /// The order is somebody else's.
    NotYours {
        /// Its number.
        order: OrderId,
    },
    /// The order is past (or not yet at) the state this needs.
    WrongState {
        /// Its number.
        order: OrderId,
        /// Where it stands.
        state: OrderState,
    },
    /// A paid order is cancelled by the leader, with a refund.
    AlreadyPaid {
        /// Its number.
        order: OrderId,
    },
    /// More to refund than is left of the line.
    RefundTooLarge {
        /// Its number.
        order: OrderId,
        /// Units that can still be refunded.
        left: u32,
    },
    /// Already checked in today.
    AlreadyCheckedIn {
        /// Days in a row.
        days: u32,
    },
    /// The code belongs to nobody here.
    UnknownCode {
        /// As written.
        code: String,
    },
    /// No member goes by this name.
    UnknownMember {
        /// As written.
        name: String,
    },
    /// Several members' names look like this one.
    WhichMember {
        /// As written.
        name: String,
    },
    /// Inviting oneself.
    SelfInvite,
    /// The bond would close a loop.
    InviteLoop {
        /// The inviter named.
        inviter: String,
    },
    /// First bind wins.
    AlreadyBound {
        /// To whom.
        inviter: String,
    },
    /// Members from before the shop cannot be bound.
    FoundingMember,
    /// Members who already paid an order cannot be bound.
    NotNewBuyer,
    /// There is no claim that this could answer.
    NoClaim,
    /// Below the least that can be withdrawn.
    BelowMinimum {
        /// The least.
        minimum: Money,
        /// What is available.
        available: Money,
    },
    /// More than is available.
    NotEnoughAvailable {
        /// What is available.
        available: Money,
    },
    /// One withdrawal at a time.
    WithdrawalOpen,
    /// Nowhere to send it.
    NoPayee,
    /// Points cannot be spent here.
    PointsOff,
    /// No more of the order can be paid with points.
    PointsCap {
        /// So much in all.
        cap: Money,
        /// So much is already.
        used: Money,
    },
    /// Fewer points than wanted.
    NotEnoughPoints {
        /// What the member has.
        points: i64,
    },
    /// The code of an offer listed from the chat, or its price, makes no sense.
    BadOffer,
    /// There is no stock to change: the offer is sold without a limit.
    Unlimited {
        /// Name, with variant.
        name: String,
    },
    /// A price from the chat that no file may have either.
    PriceTooHigh {
        /// The highest there may be.
        most: Money,
    },
    /// More of an offer than may be put on sale.
    StockTooHigh {
        /// The most there may be, in units of the offer.
        most: i64,
    },
    /// A leader's command with a part that cannot be read.
    HalfSaid {
        /// Which it is.
        command: LeaderCommand,
    },
    /// What was said as an amount is none.
    Unread(Unread),
    /// There is no lines waiting for review, no share to approve.
    NothingToReview,
    /// Nobody has ordered anything that this could mean.
    NoOrders,
    /// No sale is on.
    NothingOpen,
    /// The question that a button answers is over.
    QuestionOver,
    /// The speaker did nothing lately that could be taken back.
    NothingToUndo,
    /// It is taken back already.
    AlreadyUndone,
    /// What was done last is not taken back.
    CannotUndo,
    /// It does not stand any more as it did.
    ChangedSince {
        /// An order's number, an offer's code, a name.
        what: String,
    },
}

impl From<Refusal> for Reply {
    fn from(refusal: Refusal) -> Self {
        Self::Refused { refusal }
    }
}

impl Refusal {
    /// An offer takes no more orders at `at`.
    #[must_use]
    pub fn closed(offer: &Offer, at: Timestamp) -> Self {
        Self::OfferClosed {
            code: offer.code.clone(),
            name: offer.detail.name.clone(),
            closed_at: Some(offer.closes_at).filter(|closes_at| *closes_at <= at),
        }
    }
}
