//! Reports (报表): figures and lists for leaders.

use serde::{Deserialize, Serialize};

use super::money::Money;
use super::reply::{
    AccountsView, CLOSING, CONFIDENCE, Delivery, EARNINGS, Figures, OrderView, PickItem,
};

/// What leaders say of reports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lead {
    /// 未付: who has not paid.
    Unpaid,
    /// 汇总: pick list by item and by member.
    PickList,
    /// 今日 / 数据: today's numbers.
    Today,
}

/// What is said of reports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// Where the group's money stands, for its leader.
    Accounts {
        /// Totals and days.
        accounts: AccountsView,
    },
    /// Who has not paid.
    Unpaid {
        /// Oldest first, at most fifty.
        orders: Vec<OrderView>,
        /// How many there are beyond these.
        #[serde(default)]
        beyond: usize,
        /// Sum of all.
        total: Money,
    },
    /// What to pick and for whom.
    PickList {
        /// By item.
        items: Vec<PickItem>,
        /// By member.
        members: Vec<OrderView>,
        /// How many there are beyond these.
        #[serde(default)]
        beyond: usize,
    },
    /// Today's numbers.
    Today {
        /// The figures.
        figures: Figures,
    },
}

impl Reply {
    /// How it travels.
    pub(super) fn delivery(&self) -> Delivery<'_> {
        match self {
            Self::Unpaid { .. } | Self::Today { .. } => CONFIDENCE,
            Self::Accounts { .. } => EARNINGS,
            Self::PickList { .. } => CLOSING,
        }
    }
}
