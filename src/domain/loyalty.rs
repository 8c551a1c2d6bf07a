//! Loyalty (签到, 积分, 等级, 晒单): what members get for belonging.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::ids::MemberId;
use super::intent::Change;
use super::money::Money;
use super::person::Person;
use super::reply::{CONFIDENCE, Delivery, Merging, NOTICE, OUTCOME, OrderView, RECEIPT, TierView};
use super::time::Timestamp;

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
    /// 送 @老王 50积分 因为…: points as a present.
    GivePoints {
        /// To whom.
        person: Person,
        /// So many.
        points: u32,
        /// Why, in the leader's words.
        reason: Option<String>,
    },
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
    /// A leader gave a member points.
    PointsGift {
        /// Whose they are.
        name: String,
        /// So many.
        points: i64,
        /// Why, in the leader's words.
        reason: Option<String>,
    },
    /// A present was taken back.
    GiftTakenBack {
        /// Whose it was.
        name: String,
        /// So many points.
        points: i64,
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
    /// More than the leaders may still give this month.
    GiftBound {
        /// So many are left.
        left: i64,
        /// Of so many a month.
        bound: i64,
    },
    /// Points that were given are spent already.
    GiftSpent {
        /// Whose they were.
        name: String,
    },
    /// Fewer points than wanted.
    NotEnoughPoints {
        /// What the member has.
        points: i64,
    },
}

/// What a decision asks about points.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// The points of everybody who has any, and how many of them were granted at or after the instant.
    /// Members of whom some are older are in the book with it.
    Points(Timestamp),
    /// How many points leaders gave at or after the instant.
    Given(Timestamp),
}

/// What was read of that for one batch, as of the last save.
#[derive(Debug, Default)]
pub struct Facts {
    /// The points of everybody who has any, by the instant asked about.
    pub points: BTreeMap<Timestamp, BTreeMap<MemberId, PointsHeld>>,
    /// What leaders gave, by the instant asked about.
    pub given: BTreeMap<Timestamp, i64>,
}

/// A member's points, as of the last save.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PointsHeld {
    /// In all.
    pub total: i64,
    /// Granted at or after the instant asked about, spent or not.
    pub recent: i64,
}

impl Intent {
    /// Its name in the table of commands.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::CheckIn => "loyalty.check_in",
            Self::Points => "loyalty.points",
            Self::Share => "loyalty.show",
            Self::SpendPoints { .. } => "loyalty.use",
        }
    }

    /// Change the people and the words in it.
    pub(super) fn change(&mut self, _change: &mut impl Change) {
        match self {
            Self::CheckIn | Self::Points | Self::Share | Self::SpendPoints { .. } => {}
        }
    }
}

impl Lead {
    /// Its name in the table of commands.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::ApproveShare(_) => "loyalty.approve",
            Self::GivePoints { .. } => "loyalty.give",
        }
    }

    /// Change the people and the words in it.
    pub(super) fn change(&mut self, change: &mut impl Change) {
        match self {
            Self::ApproveShare(person) => change.person(person),
            Self::GivePoints { person, reason, .. } => {
                change.person(person);
                change.words_of(reason);
            }
        }
    }
}

impl Reply {
    /// How it travels.
    pub(super) fn delivery(&self) -> Delivery<'_> {
        match self {
            Self::PointsApplied { .. } => Delivery { merges: Merging::Line, ..RECEIPT },
            Self::CheckedIn { .. } | Self::ShareSeen => {
                Delivery { merges: Merging::Line, ..OUTCOME }
            }
            Self::ShareApproved { .. } | Self::PointsGift { .. } | Self::GiftTakenBack { .. } => {
                OUTCOME
            }
            Self::PointsLapsed { .. } => NOTICE,
            Self::Points { .. } => CONFIDENCE,
        }
    }
}

#[cfg(test)]
pub(crate) mod samples {
    use super::{Refusal, Reply};
    use crate::domain::money::Money;
    use crate::domain::orders::OrderState;
    use crate::domain::reply::{NextTier, OrderView, TierView};
    use crate::domain::samples::{full_order, order, text, yuan};

    /// Every reply, in its usual forms.
    pub(crate) fn replies() -> Vec<Reply> {
        let checked_in = |bonus, days, total| Reply::CheckedIn { points: 5, bonus, days, total };
        let points = |total, days, tier| Reply::Points { total, days, tier };
        let applied = |points, order| Reply::PointsApplied { points, worth: yuan(points), order };
        let gift = |reason: Option<&str>| Reply::PointsGift {
            name: text("小美"),
            points: 50,
            reason: reason.map(text),
        };
        let free = OrderView {
            total: Money::ZERO,
            points_worth: yuan(7_980),
            ..order(OrderState::Placed)
        };
        vec![
            checked_in(0, 1, 5),
            checked_in(30, 7, 65),
            points(65, 7, None),
            points(0, 0, None),
            points(199, 0, Some(tier(None, 100, Some("银卡")))),
            points(199, 3, Some(tier(Some("银卡"), 150, Some("金卡")))),
            points(199, 0, Some(tier(Some("金卡"), 200, None))),
            Reply::PointsLapsed { points: 65 },
            applied(500, full_order()),
            applied(7_980, free),
            Reply::ShareSeen,
            gift(None),
            gift(Some("帮忙搬货")),
            Reply::GiftTakenBack { name: text("小美"), points: 50 },
            Reply::ShareApproved { name: text("小美"), points: 20 },
        ]
    }

    fn tier(name: Option<&str>, times: u32, next: Option<&str>) -> TierView {
        let next = next.map(|name| NextTier { name: text(name), left: yuan(30_050) });
        TierView { name: name.map(text), times, paid: yuan(19_950), days: 90, next }
    }

    /// Every refusal, in its usual forms.
    pub(crate) fn refusals() -> Vec<Refusal> {
        let cap = |minor| Refusal::PointsCap { cap: yuan(minor), used: yuan(minor) };
        vec![
            Refusal::AlreadyCheckedIn { days: 7 },
            Refusal::PointsOff,
            cap(1_995),
            cap(0),
            Refusal::NotEnoughPoints { points: 65 },
            Refusal::GiftBound { left: 40, bound: 1_000 },
            Refusal::GiftBound { left: 0, bound: 1_000 },
            Refusal::GiftBound { left: 0, bound: 0 },
            Refusal::GiftSpent { name: text("小美") },
        ]
    }
}
