//! Goods on their way from the leader's hands into a buyer's, as they are named and as they are read.

use serde::{Deserialize, Serialize};

use crate::domain::event::Contact;
use crate::domain::ids::{OfferId, OrderId};
use crate::domain::reply::LineView;

/// Which goods a leader means. Codes are used again, so what is meant is told from who waits for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MeantGoods {
    /// 货到了: those that closed last.
    Last,
    /// 昨天的货: those that closed so many days ago.
    Ago(u32),
    /// A1, 葡萄.
    Named(Vec<NamedGoods>),
    /// What is in an order.
    OfOrder(OrderId),
}

/// Goods as they were named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedGoods {
    /// An offer that the words fit.
    pub offer: OfferId,
    /// By its code rather than by its name.
    pub by_code: bool,
}

/// When goods will come, as a leader says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Coming {
    /// 今天, 明天, 3天后: in so many days.
    In(u32),
    /// 周六: on the next such day, counted from Monday at 0; `later`: in the week after this one.
    Weekday {
        /// Which.
        day: u8,
        /// 下周六.
        later: bool,
    },
    /// 12月3日: the next such day.
    Date {
        /// Month.
        month: u8,
        /// Day.
        day: u8,
    },
}

/// A building that goods are delivered to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BuildingView {
    /// As it was written; `None` for whatever names none.
    pub building: Option<String>,
    /// The doors, by room.
    pub stops: Vec<StopView>,
}

/// A door that goods are delivered to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StopView {
    /// The order.
    pub order: OrderId,
    /// Whose.
    pub member: String,
    /// Whom it is for, if not them.
    pub for_whom: Option<String>,
    /// The room.
    pub room: Option<String>,
    /// Where it goes, where no building is named.
    pub place: Option<String>,
    /// What is delivered.
    pub lines: Vec<LineView>,
}

/// Somebody who is called to collect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Collector {
    /// Who.
    pub who: Contact,
    /// Which orders; their numbers are what is asked for at the pick-up.
    pub orders: Vec<OrderId>,
}

/// An order that waits to be collected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Uncollected {
    /// Its number.
    pub order: OrderId,
    /// Whose.
    pub member: String,
    /// Whom it is for, if not them.
    pub for_whom: Option<String>,
    /// What waits of it.
    pub lines: Vec<LineView>,
    /// So many days on hand.
    pub days: i64,
    /// Where.
    pub point: Option<String>,
}

/// An order of which goods were handed over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handed {
    /// Its number.
    pub order: OrderId,
    /// Whose.
    pub member: String,
    /// What was handed over.
    pub lines: Vec<LineView>,
    /// What is still to come.
    pub left: Vec<LineView>,
}
