//! Offers (开团): an item on sale in one community for a window, with price, stock and code.

use serde::{Deserialize, Serialize};

use crate::domain::ids::{EventId, MemberId, OfferId};
use crate::domain::money::Money;
use crate::domain::policy::{ItemCommission, UnitRatio};
use crate::domain::time::{Timestamp, local_day};

/// The most units of an offer, or of one of its variants, that may be put on sale: in the file as in the chat.
pub const MAX_STOCK: u32 = 1_000_000;

/// An offer. Its words and terms are copies: a later change of the catalogue does not touch it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Number in the community.
    pub id: OfferId,
    /// Unique among the community's open offers: `A1`.
    pub code: String,
    /// Taking orders, closed, or stopped by a leader.
    pub state: OfferState,
    /// Price of one unit, for orders placed from now on.
    pub price: Money,
    /// When it was opened.
    pub opens_at: Timestamp,
    /// Takes orders with an instant before this, until its closing is committed.
    pub closes_at: Timestamp,
    /// The drop that opened it; `None` for one listed from the chat.
    pub drop: Option<String>,
    /// What is known of it besides.
    pub detail: OfferDetail,
    /// Stock: one row for all variants together, or one each, in their order. Empty: unlimited.
    pub stock: Vec<Stock>,
    /// Units sold; neither cancelled ones nor refunded ones that went back on sale. With what is left it
    /// makes what was put on sale.
    pub sold: i64,
    /// Whether the group has been told that it is sold out.
    pub sold_out_said: bool,
    /// When its goods come, and that they did.
    pub arrival: Arrival,
}

/// When the goods of an offer come, and that they did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Arrival {
    /// When they are expected.
    pub expected: Option<Expected>,
    /// A leader said that they are there.
    pub called: Option<Called>,
}

/// When goods are expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expected {
    /// The instant; of a day, its beginning.
    pub at: Timestamp,
    /// Some time on that day.
    #[serde(default)]
    pub day: bool,
}

/// Goods are there, and may be collected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Called {
    /// Since when.
    pub at: Timestamp,
    /// Where, as the leader said it.
    pub point: Option<String>,
    /// In which hours, as the leader said it.
    pub hours: Option<String>,
}

impl Called {
    /// How many days the goods have been there.
    #[must_use]
    pub fn days(&self, at: Timestamp, zone: chrono_tz::Tz) -> i64 {
        (local_day(at, zone) - local_day(self.at, zone)).num_days().max(0)
    }
}

/// What may change of an offer beside its counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfferTerms {
    /// Whether it takes orders.
    pub state: OfferState,
    /// Its price.
    pub price: Money,
    /// When it closes.
    pub closes_at: Timestamp,
    /// When its goods come.
    pub arrival: Arrival,
    /// See [`OfferDetail::first_close`].
    pub first_close: Option<Timestamp>,
    /// See [`OfferDetail::waiting`].
    pub waiting: Vec<MemberId>,
}

/// Words and terms of an offer. They do not change while it is open, but for `first_close` and `waiting`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferDetail {
    /// Key of the item in the catalogue; empty for one listed from the chat.
    pub item: String,
    /// The item's name.
    pub name: String,
    /// Other names.
    pub aliases: Vec<String>,
    /// The unit it is sold by.
    pub unit: String,
    /// Other units.
    pub other_units: Vec<UnitRatio>,
    /// Variants, in order.
    pub variants: Vec<String>,
    /// A picture.
    pub image: Option<String>,
    /// A sentence about it.
    pub about: Option<String>,
    /// The most one member may have.
    pub limit_per_member: Option<u32>,
    /// 成团: fewer sold at closing releases all of its orders.
    pub minimum: Option<u32>,
    /// Flash: unpaid orders lapse so many minutes after they were placed.
    pub hold_minutes: Option<u32>,
    /// Instead of the policy's rates.
    pub commission: Option<ItemCommission>,
    /// The event that opened it, whose post says that it is sold out once it is; `None` for older ones.
    #[serde(default)]
    pub posted_by: Option<EventId>,
    /// The closing that it was opened with, once a leader moved that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_close: Option<Timestamp>,
    /// Who wants to be told once there is more, in the order in which they asked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waiting: Vec<MemberId>,
}

/// Units of an offer, or of one of its variants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stock {
    /// Put on sale so far.
    pub initial: i64,
    /// Not taken yet; never below zero.
    pub left: i64,
}

/// Whether an offer takes orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OfferState {
    /// Takes orders.
    Open,
    /// Its window is over, or a leader stopped it.
    Closed,
    /// It opens at its time.
    Planned,
}

impl Offer {
    /// What may change of it, beside its counts.
    #[must_use]
    pub fn terms(&self) -> OfferTerms {
        OfferTerms {
            state: self.state,
            price: self.price,
            closes_at: self.closes_at,
            arrival: self.arrival.clone(),
            first_close: self.detail.first_close,
            waiting: self.detail.waiting.clone(),
        }
    }

    /// The closing under which its orders are kept: the first one, wherever it was moved to since. Orders know the
    /// offers they stand beside by it, and may be of several that are moved apart.
    #[must_use]
    pub fn baskets_of(&self) -> Timestamp {
        self.detail.first_close.unwrap_or(self.closes_at)
    }

    /// Whether an order of the instant `at` is in time.
    #[must_use]
    pub fn takes_orders(&self, at: Timestamp) -> bool {
        self.state == OfferState::Open && at < self.closes_at
    }

    /// The stock that `variant` draws on; `None` when unlimited.
    #[must_use]
    pub fn stock_of(&self, variant: Option<u16>) -> Option<&Stock> {
        self.stock.get(self.stock_index(variant))
    }

    /// The same, to change.
    pub fn stock_of_mut(&mut self, variant: Option<u16>) -> Option<&mut Stock> {
        let index = self.stock_index(variant);
        self.stock.get_mut(index)
    }

    /// Which row of [`Self::stock`] `variant` draws on.
    #[must_use]
    pub fn stock_index(&self, variant: Option<u16>) -> usize {
        // A single row serves all variants together.
        if self.stock.len() <= 1 { 0 } else { usize::from(variant.unwrap_or(0)) }
    }

    /// Whether nothing at all is left.
    #[must_use]
    pub fn is_sold_out(&self) -> bool {
        !self.stock.is_empty() && self.stock.iter().all(|stock| stock.left == 0)
    }

    /// Units left over all variants; `None` when unlimited.
    #[must_use]
    pub fn left(&self) -> Option<i64> {
        (!self.stock.is_empty()).then(|| self.stock.iter().map(|stock| stock.left).sum())
    }
}
