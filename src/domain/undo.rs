//! Taking back (撤销): what somebody did a moment ago, written so that it can be undone.
//!
//! An effect says what was there before and what came of it, in numbers alone. It is kept beside the decision
//! that made it, and is undone only while everything still stands as the effect left it.

use chrono::Duration;
use serde::{Deserialize, Serialize};

use super::catalog;
use super::ids::{MemberId, OfferId, OrderId};
use super::money::Money;
use super::orders::{Line, Order, OrderState};
use super::pricing::Cut;
use super::time::Timestamp;

/// For so long an effect can be taken back.
pub const UNDO_WITHIN: Duration = Duration::minutes(10);

/// An effect on more orders is not taken back.
pub const MAX_UNDO_ORDERS: usize = 50;

/// What somebody did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Orders placed, changed or cancelled, or paid with points.
    Orders(Vec<OrderEffect>),
    /// Money noted for orders.
    Payment(Vec<OrderEffect>),
    /// Waiting lines of a chain taken: the orders they went to, and the lines by their numbers.
    Chain {
        /// The orders.
        orders: Vec<OrderEffect>,
        /// The lines.
        lines: Vec<(i64, i16)>,
    },
    /// Goods of these offers were called.
    Arrived {
        /// The offers.
        offers: Vec<OfferId>,
        /// When.
        at: Timestamp,
    },
    /// Goods were handed over.
    Collected(Vec<Collection>),
    /// Points given to a member.
    Gift {
        /// Whose they are.
        member: MemberId,
        /// So many.
        points: i64,
    },
    /// Somebody was blocked, or may order again.
    Blocked {
        /// Who.
        member: MemberId,
        /// Since when they were blocked before; `None`: they were not.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<Timestamp>,
        /// The same afterwards.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<Timestamp>,
    },
    /// Something was announced.
    Announced {
        /// By this leader.
        member: MemberId,
        /// At this instant.
        at: Timestamp,
    },
    /// What was announced was taken down.
    AnnouncementEnded {
        /// By this leader it had been announced.
        member: MemberId,
        /// At this instant.
        at: Timestamp,
    },
    /// Something that cannot be taken back, and stands before what can.
    Lasting,
    /// The effect of an earlier event was taken back.
    Undone {
        /// That event's place in the lane.
        of: i64,
    },
    /// Of the room `catalog`.
    #[serde(untagged)]
    Catalog(catalog::CatalogEffect),
}

/// What handing over did to one order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Collection {
    /// Which.
    pub order: OrderId,
    /// When.
    pub at: Timestamp,
    /// As it stood.
    pub from: OrderState,
    /// As it became.
    pub to: OrderState,
    /// The places of its lines that were handed over.
    pub lines: Vec<usize>,
}

/// What an effect did to one order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderEffect {
    /// Which.
    pub order: OrderId,
    /// As it was; `None`: it was not there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<OrderMark>,
    /// As it became.
    pub to: OrderMark,
}

/// How an order stood, as far as effects change it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderMark {
    /// Its state.
    pub state: OrderState,
    /// Until when it was held.
    pub hold_until: Timestamp,
    /// When it lapsed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lapsed_at: Option<Timestamp>,
    /// Money taken for it.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub received: Money,
    /// What points pay of it …
    #[serde(default, skip_serializing_if = "is_zero")]
    pub points_worth: Money,
    /// … and how many.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub points_spent: i64,
    /// Money that went back.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub refunded: Money,
    /// Its lines, in order of number.
    pub lines: Vec<LineMark>,
    /// The cuts of those of its lines that had some.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cuts: Vec<CutMark>,
}

/// The cuts of a line as they stood.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CutMark {
    /// The place of the line.
    pub line: usize,
    /// They.
    pub cuts: Vec<Cut>,
}

fn is_zero<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// How a line stood: units, discount, units refunded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineMark(pub u32, pub Money, pub u32);

impl OrderMark {
    /// The cuts of a line.
    #[must_use]
    pub fn cuts_of(&self, line: usize) -> &[Cut] {
        self.cuts.iter().find(|it| it.line == line).map_or(&[], |it| &it.cuts)
    }

    /// How an order stands.
    #[must_use]
    pub fn of(order: &Order) -> Self {
        let mark = |line: &Line| LineMark(line.qty, line.discount, line.refunded_qty);
        let cut = order.lines.iter().enumerate().filter(|(_, line)| !line.cuts.is_empty());
        let cuts = cut.map(|(at, line)| CutMark { line: at, cuts: line.cuts.clone() }).collect();
        Self {
            state: order.state,
            hold_until: order.hold_until,
            lapsed_at: order.lapsed_at,
            received: order.received,
            points_worth: order.points_worth,
            points_spent: order.points_spent,
            refunded: order.refunded(),
            lines: order.lines.iter().map(mark).collect(),
            cuts,
        }
    }

    /// Whether an order stands so. How long it is held may have changed by the clock alone.
    #[must_use]
    pub fn is_of(&self, order: &Order) -> bool {
        let now = Self { hold_until: self.hold_until, ..Self::of(order) };
        *self == now
    }
}

impl Effect {
    /// The orders it is about.
    #[must_use]
    pub fn orders(&self) -> &[OrderEffect] {
        match self {
            Self::Orders(orders) | Self::Payment(orders) | Self::Chain { orders, .. } => orders,
            Self::Catalog(_)
            | Self::Arrived { .. }
            | Self::Collected(_)
            | Self::Gift { .. }
            | Self::Blocked { .. }
            | Self::Announced { .. }
            | Self::AnnouncementEnded { .. }
            | Self::Lasting
            | Self::Undone { .. } => &[],
        }
    }
}

/// What somebody wants to take back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UndoAbout {
    /// Whatever they did last.
    Last,
    /// What they did last with this order.
    Order(OrderId),
    /// What they did last with orders.
    Orders,
    /// The last payment they noted.
    Payment,
    /// The last price they changed.
    Price,
    /// The last stock they changed.
    Stock,
    /// The offers they stopped, or closings they moved, last.
    Close,
    /// The lines of a chain they took last.
    Chain,
    /// A withdrawal that they asked for.
    Withdrawal,
}

impl UndoAbout {
    /// Whether an effect is what is meant.
    #[must_use]
    pub fn means(self, effect: &Effect) -> bool {
        match (self, effect) {
            (Self::Order(id), Effect::Collected(of)) => of.iter().any(|it| it.order == id),
            (Self::Order(id), effect) => effect.orders().iter().any(|it| it.order == id),
            (Self::Last, _)
            | (Self::Orders, Effect::Orders(_))
            | (Self::Payment, Effect::Payment(_))
            | (Self::Price, Effect::Catalog(catalog::CatalogEffect::Price { .. }))
            | (Self::Stock, Effect::Catalog(catalog::CatalogEffect::Stock { .. }))
            | (
                Self::Close,
                Effect::Catalog(
                    catalog::CatalogEffect::Close(_) | catalog::CatalogEffect::MoveClosing(_),
                ),
            )
            | (Self::Chain, Effect::Chain { .. }) => true,
            (
                Self::Orders
                | Self::Payment
                | Self::Price
                | Self::Stock
                | Self::Close
                | Self::Chain
                | Self::Withdrawal,
                _,
            ) => false,
        }
    }
}
