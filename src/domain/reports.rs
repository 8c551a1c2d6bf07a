//! Reports (报表): figures and lists for leaders.

use serde::{Deserialize, Serialize};

use super::intent::Change;
use super::money::Money;
use super::reply::{
    AccountsView, CLOSING, CONFIDENCE, Delivery, EARNINGS, Figures, OrderView, PickItem,
};
use super::time::Timestamp;

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

/// What a decision asks for a leader.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// The day's numbers; the instants are last midnight and the one before.
    Figures {
        /// Start of today.
        today: Timestamp,
        /// Start of yesterday.
        yesterday: Timestamp,
    },
}

/// What was read of that for one batch, as of the last save.
#[derive(Debug, Default)]
pub struct Facts {
    /// Today's numbers.
    pub figures: Option<Figures>,
}

impl Lead {
    /// Its name in the table of commands.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Unpaid => "payments.unpaid",
            Self::PickList => "reports.pick_list",
            Self::Today => "reports.today",
        }
    }

    /// Change the people and the words in it.
    pub(super) fn change(&mut self, _change: &mut impl Change) {
        match self {
            Self::Unpaid | Self::PickList | Self::Today => {}
        }
    }
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

#[cfg(test)]
pub(crate) mod samples {
    use super::Reply;
    use crate::domain::money::Money;
    use crate::domain::orders::OrderState;
    use crate::domain::reply::{AccountDay, AccountsView, Figures, PickItem};
    use crate::domain::samples::{full_order, order, text, yuan};

    /// Every reply, in its usual forms.
    pub(crate) fn replies() -> Vec<Reply> {
        let items =
            vec![PickItem { name: text("阳光玫瑰"), paid: 8, unpaid: 4, unit: text("箱") }];
        let members = vec![order(OrderState::Paid), full_order()];
        vec![
            Reply::Accounts { accounts: accounts() },
            Reply::Accounts { accounts: AccountsView::default() },
            Reply::Unpaid { orders: vec![full_order()], beyond: 70, total: yuan(12_370) },
            Reply::Unpaid { orders: Vec::new(), beyond: 0, total: Money::ZERO },
            Reply::PickList { items, members, beyond: 0 },
            Reply::PickList { items: Vec::new(), members: Vec::new(), beyond: 0 },
            Reply::Today { figures: figures() },
            Reply::Today { figures: Figures { joined: 1, unattributed: 0, ..figures() } },
        ]
    }

    fn accounts() -> AccountsView {
        let day = |day: &str, received, sales| AccountDay {
            day: day.parse().expect("a day"),
            received: yuan(received),
            sales: yuan(sales),
            commission: yuan(sales / 20),
        };
        AccountsView {
            received: yuan(129_900),
            deposits: yuan(1_000),
            sales: yuan(128_900),
            commission: yuan(6_445),
            frozen: yuan(2_000),
            available: yuan(1_500),
            short: yuan(399),
            locked: yuan(1_200),
            paid_out: yuan(1_680),
            tax_withheld: yuan(464),
            unpaid_orders: 2,
            unpaid: yuan(7_980),
            days: vec![day("2026-03-04", 28_900, 28_900), day("2026-03-03", -3_990, -3_990)],
        }
    }

    fn figures() -> Figures {
        Figures {
            orders: 12,
            orders_yesterday: 9,
            buyers: 11,
            paid: yuan(95_760),
            paid_yesterday: yuan(70_000),
            unpaid_orders: 3,
            unpaid: yuan(23_940),
            joined: 4,
            unattributed: 1,
            checked_in: 30,
            to_ship: 8,
        }
    }
}
