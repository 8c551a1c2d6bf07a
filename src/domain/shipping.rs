//! Shipping (发货, 到货, 自提): how goods reach whoever ordered them.

use serde::{Deserialize, Serialize};

mod handing;
#[cfg(test)]
pub(crate) mod samples;

use super::event::Contact;
use super::ids::OrderId;
use super::intent::{Change, PartOfList, Selection};
use super::reply::{
    ArrivalView, Audience, Buttons, CONFIDENCE, Degrade, Delivery, Merging, NEWS, NOTICE, Noted,
    OBJECTION, OUTCOME, OrderView,
};
use super::time::Timestamp;

pub use handing::*;

/// What members say of shipping.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Intent {
    /// 地址 …: where parcels go.
    SetAddress(String),
    /// 自提 王芳 6789: pick-up name and phone tail, or a pick-up point.
    SetPickup(String),
    /// 收货 / 收到货了 #1024: the member has the goods; no number means all shipped orders.
    Received(Vec<OrderId>),
    /// 拿到了，很甜: told rather than reported. Where there is nothing that they could have, it is talk.
    GotIt {
        /// They like them.
        praise: bool,
    },
}

/// What leaders say of shipping.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lead {
    /// 发货 #1024 顺丰 SF123456.
    Ship {
        /// Which.
        of: Selection,
        /// 顺丰, 中通, DHL…
        carrier: Option<String>,
        /// The tracking number.
        tracking: Option<String>,
    },
    /// 已签收 #1024: the leader reports that goods were received.
    Delivered(Selection),
    /// A1到货 南门 16-20点: goods are there, and may be collected.
    Arrived {
        /// Which.
        goods: MeantGoods,
        /// Where, as it was said.
        point: Option<String>,
        /// When, as it was said.
        hours: Option<String>,
    },
    /// A1 明天下午4点到: when goods will come.
    Expect {
        /// Which.
        goods: MeantGoods,
        /// The day.
        day: Coming,
        /// The minute of that day, where one was said.
        minute: Option<u16>,
    },
    /// 未取: who has not collected.
    NotCollected,
    /// 未取 5栋: a part of it, from so far on.
    NotCollectedPart {
        /// Which; nothing is all.
        part: Option<PartOfList>,
        /// So many were shown.
        from: usize,
    },
    /// 送货单: what is delivered, by building.
    Round,
    /// 送到了 5栋: what goes to this building was handed over.
    DeliveredTo(String),
    /// 核销 12, 小美取了: goods were handed over.
    Collected {
        /// Whose.
        of: Selection,
        /// It can be nothing but a command, so that a name of nobody is answered.
        plain: bool,
    },
}

/// What is said of shipping.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// An address, a pick-up or a payee was noted.
    Noted {
        /// Which.
        what: Noted,
        /// The text as noted.
        text: String,
    },
    /// Orders are on their way.
    Shipped {
        /// The orders.
        orders: Vec<OrderView>,
        /// 顺丰, DHL.
        carrier: Option<String>,
        /// Tracking number.
        tracking: Option<String>,
    },
    /// Goods were received.
    GoodsReceived {
        /// The orders.
        orders: Vec<OrderId>,
    },
    /// To a member who told that they have their goods: thanks, and would they show them?
    GotIt {
        /// The orders.
        orders: Vec<OrderId>,
        /// Points for showing them.
        points: u32,
    },
    /// To the group: goods are there, and whose.
    Arrived {
        /// Which goods: code and name.
        goods: Vec<String>,
        /// Where they are to be collected.
        point: Option<String>,
        /// In which hours.
        hours: Option<String>,
        /// Who collects, each with the numbers of their orders.
        buyers: Vec<Collector>,
        /// How many buyers there are beyond these.
        beyond: usize,
        /// Whom it mentions.
        calls: Vec<Contact>,
    },
    /// To the leader who called goods: of these orders nobody was called, for they are not paid.
    NotCalled {
        /// The orders.
        orders: Vec<OrderId>,
    },
    /// These goods were called before; nobody is called again.
    ArrivedAlready {
        /// Which goods.
        goods: Vec<String>,
        /// Since when they are there.
        at: Timestamp,
    },
    /// To the group: goods that were called are to be collected elsewhere, or in other hours.
    PickupMoved {
        /// Which goods.
        goods: Vec<String>,
        /// Where.
        point: Option<String>,
        /// In which hours.
        hours: Option<String>,
    },
    /// To the leader who said when goods will come.
    WillArrive {
        /// Which, and when.
        goods: Vec<ArrivalView>,
    },
    /// To the group: that goods had arrived was taken back.
    NotArrived {
        /// Which goods.
        goods: Vec<String>,
    },
    /// To a leader: who has not collected.
    NotCollected {
        /// The orders, the longest waiting first; at most fifty.
        orders: Vec<Uncollected>,
        /// How many there are beyond these.
        beyond: usize,
        /// So many were shown before.
        #[serde(default)]
        from: usize,
    },
    /// Goods were handed over.
    Collected {
        /// Of which orders.
        orders: Vec<Handed>,
    },
    /// To the group: whoever has not collected is reminded.
    PickupReminder {
        /// Where their goods are.
        point: Option<String>,
        /// In which hours.
        hours: Option<String>,
        /// Who collects, each with the numbers of their orders.
        buyers: Vec<Collector>,
        /// How many there are beyond these.
        beyond: usize,
        /// Whom it mentions.
        calls: Vec<Contact>,
    },
    /// To a member: unless they say otherwise, their goods will count as received.
    WillBeReceived {
        /// The orders.
        orders: Vec<OrderId>,
        /// When.
        at: Timestamp,
    },
    /// What is delivered, by building.
    Round {
        /// The buildings.
        buildings: Vec<BuildingView>,
        /// How many orders there are beyond these.
        beyond: usize,
    },
    /// A building is done.
    BuildingDone {
        /// Which.
        building: String,
        /// The orders.
        orders: Vec<OrderId>,
    },
    /// That goods were handed over was taken back.
    NotHanded {
        /// Of which orders.
        orders: Vec<OrderId>,
    },
}

/// Why something about shipping is not done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// Nobody waits for these goods.
    NobodyWaits,
    /// A member's goods can hardly be there yet.
    NotThereYet {
        /// Of this order.
        order: OrderId,
    },
    /// Everybody has collected.
    AllCollected,
    /// Nothing is to be delivered, there or anywhere.
    NothingToDeliver,
}

impl Intent {
    /// Its name in the table of commands.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::SetAddress(_) => "shipping.address",
            Self::SetPickup(_) => "shipping.pickup",
            Self::Received(_) | Self::GotIt { .. } => "shipping.collected",
        }
    }

    /// Change the people and the words in it.
    pub(super) fn change(&mut self, change: &mut impl Change) {
        match self {
            Self::SetAddress(text) | Self::SetPickup(text) => change.words(text),
            Self::Received(_) | Self::GotIt { .. } => {}
        }
    }
}

impl Lead {
    /// Whether a helper may say it, too.
    #[must_use]
    pub const fn is_helpers(&self) -> bool {
        match self {
            Self::NotCollected
            | Self::NotCollectedPart { .. }
            | Self::Collected { .. }
            | Self::Round
            | Self::DeliveredTo(_) => true,
            Self::Ship { .. } | Self::Delivered(_) | Self::Arrived { .. } | Self::Expect { .. } => {
                false
            }
        }
    }

    /// Its name in the table of commands.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Ship { .. } => "shipping.shipped",
            Self::Delivered(_) => "shipping.collected",
            Self::Arrived { .. } => "shipping.arrived",
            Self::Expect { .. } => "shipping.expected",
            Self::NotCollected | Self::NotCollectedPart { .. } => "shipping.not_collected",
            Self::Round => "shipping.round",
            Self::DeliveredTo(_) => "shipping.delivered_to",
            Self::Collected { .. } => "shipping.check_off",
        }
    }

    /// Change the people and the words in it.
    pub(super) fn change(&mut self, change: &mut impl Change) {
        match self {
            Self::Ship { of, carrier, tracking } => {
                change.selection(of);
                change.words_of(carrier);
                change.words_of(tracking);
            }
            Self::Delivered(of) | Self::Collected { of, .. } => change.selection(of),
            Self::Arrived { point, hours, .. } => {
                change.words_of(point);
                change.words_of(hours);
            }
            Self::DeliveredTo(building) => change.words(building),
            Self::Expect { .. }
            | Self::NotCollected
            | Self::NotCollectedPart { .. }
            | Self::Round => {}
        }
    }
}

impl Reply {
    /// How it travels.
    pub(super) fn delivery(&self) -> Delivery<'_> {
        match self {
            Self::Noted { .. } => Delivery {
                audience: Audience::Alone,
                merges: Merging::Line,
                degrade: Degrade::Short,
                ..OUTCOME
            },
            Self::GoodsReceived { .. } | Self::Collected { .. } => {
                Delivery { merges: Merging::Line, ..OUTCOME }
            }
            Self::GotIt { .. }
            | Self::NotCalled { .. }
            | Self::WillArrive { .. }
            | Self::BuildingDone { .. }
            | Self::NotHanded { .. } => OUTCOME,
            Self::ArrivedAlready { .. } => OBJECTION,
            Self::Shipped { .. } => NOTICE,
            Self::Arrived { calls, .. } => Delivery { merges: Merging::Whole, calls, ..NEWS },
            Self::PickupMoved { .. } | Self::NotArrived { .. } => NEWS,
            Self::PickupReminder { calls, .. } => Delivery { calls, ..NEWS },
            Self::WillBeReceived { .. } => Delivery { merges: Merging::Line, ..NOTICE },
            // Addresses are nobody else's business.
            Self::Round { .. } => {
                Delivery { audience: Audience::Alone, degrade: Degrade::Short, ..CONFIDENCE }
            }
            Self::NotCollected { orders, .. } => {
                Delivery { buttons: Buttons::CheckOff(orders), ..CONFIDENCE }
            }
        }
    }
}
