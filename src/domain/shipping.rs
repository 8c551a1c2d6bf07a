//! Shipping (发货, 到货, 自提): how goods reach whoever ordered them.

use serde::{Deserialize, Serialize};

use super::ids::OrderId;
use super::intent::{Change, Selection};
use super::reply::{Audience, Degrade, Delivery, Merging, NOTICE, Noted, OUTCOME, OrderView};

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
}

impl Intent {
    /// Its name in the table of commands.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::SetAddress(_) => "shipping.address",
            Self::SetPickup(_) => "shipping.pickup",
            Self::Received(_) => "shipping.collected",
        }
    }

    /// Change the people and the words in it.
    pub(super) fn change(&mut self, change: &mut impl Change) {
        match self {
            Self::SetAddress(text) | Self::SetPickup(text) => change.words(text),
            Self::Received(_) => {}
        }
    }
}

impl Lead {
    /// Its name in the table of commands.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Ship { .. } => "shipping.shipped",
            Self::Delivered(_) => "shipping.collected",
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
            Self::Delivered(of) => change.selection(of),
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
            Self::GoodsReceived { .. } => Delivery { merges: Merging::Line, ..OUTCOME },
            Self::Shipped { .. } => NOTICE,
        }
    }
}

#[cfg(test)]
pub(crate) mod samples {
    use super::Reply;
    use crate::domain::ids::OrderId;
    use crate::domain::orders::OrderState;
    use crate::domain::reply::Noted;
    use crate::domain::samples::{order, text};

    /// Every reply, in its usual forms.
    pub(crate) fn replies() -> Vec<Reply> {
        let shipped = |carrier: Option<&str>, tracking: Option<&str>| Reply::Shipped {
            orders: vec![order(OrderState::Shipped)],
            carrier: carrier.map(text),
            tracking: tracking.map(text),
        };
        let noted = |what, note: &str| Reply::Noted { what, text: text(note) };
        vec![
            shipped(Some("顺丰"), Some("SF1234567890")),
            shipped(None, Some("SF1234567890")),
            shipped(Some("顺丰"), None),
            shipped(None, None),
            Reply::GoodsReceived { orders: vec![OrderId(1_024), OrderId(1_025)] },
            noted(Noted::Address, "上海市徐汇区天钥桥路 1 号 302，王芳 13800006789"),
            noted(Noted::Pickup, "王芳 6789 南门驿站"),
            noted(Noted::Payee, "支付宝 amy@example.com"),
        ]
    }
}
