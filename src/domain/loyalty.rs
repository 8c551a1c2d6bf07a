//! Loyalty (签到, 积分, 等级, 晒单): what members get for belonging.

use serde::{Deserialize, Serialize};

use super::money::Money;
use super::person::Person;
use super::reply::{CONFIDENCE, Delivery, Merging, NOTICE, OUTCOME, OrderView, RECEIPT, TierView};

/// What members say of points and showing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Intent {
    /// 签到 / 打卡.
    CheckIn,
    /// 积分.
    Points,
    /// 晒单: shows goods received.
    Share,
    /// 用积分 / 用500积分: pay part of my unpaid order with points.
    SpendPoints {
        /// How many; all that the cap allows when absent.
        points: Option<u32>,
    },
}

/// What leaders say of points and showing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lead {
    /// 通过晒单 @小美: approve a share, which earns points.
    ApproveShare(Person),
}

/// What is said of points and showing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// A day's check-in.
    CheckedIn {
        /// Points granted for the day.
        points: u32,
        /// Points granted on top for the streak.
        bonus: u32,
        /// Days in a row.
        days: u32,
        /// Points in all now.
        total: i64,
    },
    /// Points.
    Points {
        /// In all.
        total: i64,
        /// Days of check-in in a row, today or yesterday included.
        days: u32,
        /// Their tier, where the shop has tiers.
        tier: Option<TierView>,
    },
    /// A share (晒单) was seen; a leader may approve it.
    ShareSeen,
    /// A share was approved.
    ShareApproved {
        /// Whose.
        name: String,
        /// Points granted.
        points: u32,
    },
    /// Points pay a part of the basket.
    PointsApplied {
        /// So many points.
        points: i64,
        /// Worth so much.
        worth: Money,
        /// The basket now.
        order: OrderView,
    },
    /// Points lapsed.
    PointsLapsed {
        /// So many.
        points: i64,
    },
}

/// Why something about points and showing is not done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// Already checked in today.
    AlreadyCheckedIn {
        /// Days in a row.
        days: u32,
    },
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
}

impl Reply {
    /// How it travels.
    pub(super) fn delivery(&self) -> Delivery<'_> {
        match self {
            Self::PointsApplied { .. } => Delivery { merges: Merging::Line, ..RECEIPT },
            Self::CheckedIn { .. } | Self::ShareSeen => {
                Delivery { merges: Merging::Line, ..OUTCOME }
            }
            Self::ShareApproved { .. } => OUTCOME,
            Self::PointsLapsed { .. } => NOTICE,
            Self::Points { .. } => CONFIDENCE,
        }
    }
}
