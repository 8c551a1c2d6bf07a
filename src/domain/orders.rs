//! Orders (订单, 接龙): what members want, alone or in a list.

pub mod chain;
mod claim;
pub mod collecting;
mod order;
#[cfg(test)]
pub(crate) mod samples;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::ids::{MemberId, OfferId, OrderId};
use super::intent::{ChainEntry, Change, HeldLine, Op, Selection, WantedLine};
use super::money::Money;
use super::person::Person;
use super::pricing::Lowered;
use super::reply::{
    Buttons, CONFIDENCE, Delivery, Excess, LineView, Merging, NOTICE, OUTCOME, OrderView, RECEIPT,
    REPORT,
};
use super::time::Timestamp;
use super::undo::OrderEffect;

pub use claim::*;
pub use order::*;

/// What members say of orders.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Intent {
    /// New lines (下单); every line has `Op::Add` and a quantity.
    Order(Vec<WantedLine>),
    /// A change of what the member already ordered (改成, 少一份, 再加).
    Amend(Vec<WantedLine>),
    /// Take off lines; no lines means everything unpaid of mine (取消, 不要了).
    Cancel(Vec<WantedLine>),
    /// Cancel orders by number: `取消 #1024`.
    CancelOrders(Vec<OrderId>),
    /// A pasted or native chain (接龙), a full snapshot of it.
    JoinList(Vec<ChainEntry>),
    /// 我的订单.
    MyOrders,
}

/// What leaders say of orders.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lead {
    /// 取消 @小美: a leader cancels what a member has not paid.
    CancelOf(Selection),
    /// #84 A1改成1, 补单 @周周 A1 1: a leader orders, changes or takes off for a member, whose order it is.
    OrderFor {
        /// Whose order.
        whose: Whose,
        /// What is done to it.
        lines: Vec<WantedLine>,
    },
    /// #84 便宜5块: an order, or what it has of one offer, costs less.
    Cut {
        /// Whose order.
        whose: Whose,
        /// Of this offer; nothing is the whole order.
        item: Option<OrderedItem>,
        /// How.
        by: Lowered,
    },
    /// A1 按25.9算: what has not been paid costs less.
    CutOffer {
        /// Of this offer.
        item: OrderedItem,
        /// A unit costs this.
        price: Money,
        /// What the leader has read and agreed to.
        agreed: Option<Agreed>,
    },
    /// 接龙确认: take the lines waiting for review. 接龙忽略 drops them.
    Review {
        /// Take them, or drop them.
        accept: bool,
    },
    /// 同意 R2, 不同意 R2: an order that waits for a leader's word, by the number of its member.
    Request {
        /// Whose.
        member: MemberId,
        /// Place it, or do not.
        accept: bool,
    },
}

/// An offer, and perhaps one of its variants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderedItem {
    /// The offer.
    pub offer: OfferId,
    /// Index into its variants.
    pub variant: Option<u16>,
}

/// Orders that a leader has read, and what they come to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agreed {
    /// Their numbers.
    pub orders: Vec<OrderId>,
    /// So much in all.
    pub total: Money,
}

/// Whose order a leader means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Whose {
    /// By its number.
    Numbered(OrderId),
    /// What this member has, or will have.
    Of(Person),
}

fn only(lines: &[WantedLine], op: Op) -> bool {
    lines.iter().all(|line| line.op == op)
}

/// What is said of orders.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// The order was taken or added to; the whole basket is shown.
    OrderTaken {
        /// What this message added.
        added: Vec<LineView>,
        /// The basket now.
        order: OrderView,
        /// Whether the shop does not yet know where it goes.
        needs_delivery: bool,
        /// Whether a leader did it for the buyer.
        #[serde(default)]
        by_leader: bool,
    },
    /// The basket was changed.
    OrderChanged {
        /// The basket now.
        order: OrderView,
        /// Whether a leader did it for the buyer.
        #[serde(default)]
        by_leader: bool,
    },
    /// Orders were cancelled whole.
    OrdersCancelled {
        /// Their numbers.
        orders: Vec<OrderId>,
        /// Whether a leader did it for the buyer.
        #[serde(default)]
        by_leader: bool,
    },
    /// To the buyer: their order costs so much less.
    OrderCut {
        /// The order now.
        order: OrderView,
        /// So much less.
        amount: Money,
    },
    /// To the group: what has not been paid of an offer costs less.
    OfferCut {
        /// Of these goods.
        name: String,
        /// 箱, 盒, box.
        unit: String,
        /// To this price a unit.
        price: Money,
        /// The orders, as they are now.
        orders: Vec<OrderView>,
    },
    /// The buyer is asked whether what they ordered for the speaker may be cancelled.
    BuyerAsked {
        /// The order.
        order: OrderId,
    },
    /// My orders, newest first.
    MyOrders {
        /// At most ten.
        orders: Vec<OrderView>,
    },
    /// Orders stand as they did before, or are cancelled.
    Undone {
        /// They, as they stand.
        orders: Vec<OrderView>,
    },
    /// Unpaid orders are about to lapse.
    AboutToLapse {
        /// The orders.
        orders: Vec<OrderView>,
        /// When.
        at: Timestamp,
    },
    /// Unpaid orders lapsed and their stock is free.
    Lapsed {
        /// The orders.
        orders: Vec<OrderId>,
    },
    /// Lines of a chain under other names wait for the leader.
    ReviewWaiting {
        /// Who posted them.
        #[serde(default)]
        posted_by: Option<String>,
        /// One text a line: who, what.
        lines: Vec<String>,
    },
    /// To the leader: lines of a chain are missing from a later copy of it. Nothing was cancelled.
    ChainLinesGone {
        /// One text a line: who, what.
        lines: Vec<String>,
    },
    /// To the buyer: a leader was asked whether this may be placed.
    LeaderAsked {
        /// What waits for the leader's word.
        lines: Vec<LineView>,
        /// Why a leader is asked.
        why: Excess,
    },
    /// To the leader: a member's order waits for their word.
    RequestWaiting {
        /// The member, by whose number it is answered.
        member: MemberId,
        /// Their name.
        name: String,
        /// What they want.
        lines: Vec<LineView>,
        /// Why it is asked.
        why: Excess,
    },
    /// To the buyer: the leader said no.
    RequestDeclined {
        /// What is not placed.
        lines: Vec<LineView>,
    },
    /// To the leader who answered.
    RequestAnswered {
        /// The buyer's name.
        name: String,
        /// Placed rather than not.
        accepted: bool,
    },
    /// The lines waiting were taken or dropped.
    Reviewed {
        /// Taken rather than dropped.
        accepted: bool,
        /// How many lines.
        lines: usize,
    },
}

/// Why something about orders is not done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
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
    /// A member's order is paid: less of it is a refund.
    PaidForMore {
        /// Its number.
        order: OrderId,
        /// What would go back.
        lines: Vec<LineView>,
    },
    /// A member's order is paid: more of it is another order.
    PaidForLess {
        /// Its number.
        order: OrderId,
        /// Whose.
        member: String,
        /// What would be added.
        lines: Vec<LineView>,
    },
    /// A member's order is paid: so much less of it is a refund.
    PaidForCut {
        /// Its number.
        order: OrderId,
        /// What would go back, where an amount was said.
        amount: Option<Money>,
    },
    /// More would be cut than is still to be paid.
    CutTooLarge {
        /// Which order.
        order: OrderId,
        /// At most so much.
        most: Money,
    },
    /// Nothing that waits for payment costs more than this.
    NothingLower {
        /// Of these goods.
        name: String,
        /// This price.
        price: Money,
    },
    /// A member has several orders that may be meant.
    SeveralOrders {
        /// Whose.
        member: String,
        /// Their numbers.
        orders: Vec<OrderId>,
    },
    /// A member has nothing of this offer, or not in this order.
    NotTheirs {
        /// Whose.
        member: String,
        /// Which order was named.
        order: Option<OrderId>,
        /// Name, with variant.
        name: String,
    },
    /// There is no lines waiting for review, no share to approve.
    NothingToReview,
    /// Nobody has ordered anything that this could mean.
    NoOrders,
}

/// What a decision asks about a member's orders.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// A member's last ten orders.
    Recent(MemberId),
    /// The orders that a member has paid, a few of them.
    Paid(MemberId),
    /// What anybody ordered last.
    Taken,
}

/// What somebody ordered by one message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taking {
    /// Who.
    pub member: MemberId,
    /// Their display name.
    pub name: String,
    /// When.
    pub at: Timestamp,
    /// The goods that were not theirs before.
    pub lines: Vec<HeldLine>,
}

/// What an effect added to an order whose lines are of these goods, in their order.
pub fn added(
    effect: &OrderEffect,
    goods: impl Iterator<Item = (OfferId, Option<u16>)>,
) -> Vec<HeldLine> {
    let from = effect.from.as_ref().filter(|it| it.state == effect.to.state);
    let had = |line: usize| from.and_then(|it| it.lines.get(line)).map_or(0, |it| it.0);
    goods
        .zip(&effect.to.lines)
        .enumerate()
        .map(|(line, ((offer, variant), to))| HeldLine { offer, variant, qty: to.0 - had(line) })
        .filter(|line| line.qty > 0)
        .collect()
}

/// What was read of them for one batch, as of the last save.
#[derive(Debug, Default)]
pub struct Facts {
    /// The last ten orders of a member, newest first.
    pub recent: BTreeMap<MemberId, Vec<OrderId>>,
    /// Orders that a member has paid and that were not refunded, the first few.
    pub paid: BTreeMap<MemberId, BTreeSet<OrderId>>,
    /// What anybody ordered last, newest first; `None`: nobody asked.
    pub taken: Option<Vec<Taking>>,
}

impl Intent {
    /// Its name in the table of commands.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Order(_) => "orders.place",
            Self::Amend(_) => "orders.change",
            Self::Cancel(_) | Self::CancelOrders(_) => "orders.cancel",
            Self::JoinList(_) => "orders.chain",
            Self::MyOrders => "orders.mine",
        }
    }

    /// Change the people and the words in it.
    pub(super) fn change(&mut self, change: &mut impl Change) {
        match self {
            Self::JoinList(entries) => {
                for entry in entries {
                    change.words(&mut entry.who);
                    change.words_of(&mut entry.note);
                }
            }
            Self::Order(_)
            | Self::Amend(_)
            | Self::Cancel(_)
            | Self::CancelOrders(_)
            | Self::MyOrders => {}
        }
    }
}

impl Lead {
    /// Its name in the table of commands.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::CancelOf(_) => "orders.cancel_for",
            Self::OrderFor { whose: Whose::Of(_), lines } if only(lines, Op::Add) => {
                "orders.for_member"
            }
            Self::OrderFor { lines, .. } if only(lines, Op::Remove) => "orders.cancel_for",
            Self::OrderFor { .. } => "orders.change_for",
            Self::Cut { .. } | Self::CutOffer { .. } => "orders.discount",
            Self::Review { .. } => "orders.accept_chain",
            Self::Request { .. } => "orders.request",
        }
    }

    /// Change the people and the words in it.
    pub(super) fn change(&mut self, change: &mut impl Change) {
        match self {
            Self::CancelOf(of) => change.selection(of),
            Self::OrderFor { whose: Whose::Of(person), .. }
            | Self::Cut { whose: Whose::Of(person), .. } => change.person(person),
            Self::OrderFor { whose: Whose::Numbered(_), .. }
            | Self::Cut { whose: Whose::Numbered(_), .. }
            | Self::CutOffer { .. }
            | Self::Review { .. }
            | Self::Request { .. } => {}
        }
    }
}

impl Reply {
    /// How it travels.
    pub(super) fn delivery(&self) -> Delivery<'_> {
        match self {
            Self::OrderTaken { order, .. } | Self::OrderChanged { order, .. } => {
                let buttons = Buttons::Cancel(order.order);
                Delivery { buttons, merges: Merging::Line, ..RECEIPT }
            }
            Self::OrdersCancelled { .. } => Delivery { merges: Merging::Line, ..RECEIPT },
            Self::Undone { .. } | Self::OrderCut { .. } | Self::OfferCut { .. } => RECEIPT,
            Self::BuyerAsked { .. }
            | Self::LeaderAsked { .. }
            | Self::RequestDeclined { .. }
            | Self::RequestAnswered { .. }
            | Self::Reviewed { .. } => OUTCOME,
            Self::AboutToLapse { .. } | Self::Lapsed { .. } => NOTICE,
            Self::RequestWaiting { member, .. } => {
                Delivery { buttons: Buttons::Request(*member), ..REPORT }
            }
            Self::ReviewWaiting { .. } | Self::ChainLinesGone { .. } => REPORT,
            Self::MyOrders { .. } => CONFIDENCE,
        }
    }
}
