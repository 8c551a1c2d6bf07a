//! Reports (报表): figures and lists for leaders.

use serde::{Deserialize, Serialize};

use super::ids::{OfferId, OrderId};
use super::intent::{Change, PartOfList};
use super::money::Money;
use super::person::Person;
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
    /// 未付 昨天, 未付 5栋: a part of it, from so far on.
    UnpaidPart {
        /// Which; nothing is all.
        part: Option<PartOfList>,
        /// So many were shown.
        from: usize,
    },
    /// 汇总: pick list by item and by member.
    PickList,
    /// 今日 / 数据: today's numbers.
    Today,
    /// #84: these orders.
    Orders(Vec<OrderId>),
    /// 李姐的订单: the last orders of these members.
    OfMembers(Vec<Person>),
    /// 谁订了葡萄: who has something of an offer.
    WhoOrdered {
        /// The offer.
        offer: OfferId,
        /// Index into its variants.
        variant: Option<u16>,
    },
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
        /// So many were shown before.
        #[serde(default)]
        from: usize,
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
    /// Orders that a leader looked up.
    OrdersFound {
        /// Whose, if of one member.
        name: Option<String>,
        /// Newest first.
        orders: Vec<OrderView>,
    },
    /// Who has something of an offer.
    WhoOrdered {
        /// What.
        name: String,
        /// Its unit.
        unit: String,
        /// So many units in all.
        total: i64,
        /// In order of number.
        buyers: Vec<BuyerView>,
        /// So many more.
        beyond: usize,
    },
}

/// One order's part of an offer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BuyerView {
    /// The order.
    pub order: OrderId,
    /// Whose.
    pub member: String,
    /// Whom it is for, if not them.
    pub for_whom: Option<String>,
    /// So many units.
    pub qty: u32,
    /// Paid for.
    pub is_paid: bool,
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
            Self::Unpaid | Self::UnpaidPart { .. } => "payments.unpaid",
            Self::PickList => "reports.pick_list",
            Self::Today => "reports.today",
            Self::Orders(_) => "reports.order",
            Self::OfMembers(_) => "reports.of_member",
            Self::WhoOrdered { .. } => "reports.who_ordered",
        }
    }

    /// Change the people and the words in it.
    pub(super) fn change(&mut self, change: &mut impl Change) {
        match self {
            Self::OfMembers(people) => people.iter_mut().for_each(|it| change.person(it)),
            Self::Unpaid
            | Self::UnpaidPart { .. }
            | Self::PickList
            | Self::Today
            | Self::Orders(_)
            | Self::WhoOrdered { .. } => {}
        }
    }
}

impl Reply {
    /// How it travels.
    pub(super) fn delivery(&self) -> Delivery<'_> {
        match self {
            Self::Unpaid { .. }
            | Self::Today { .. }
            | Self::OrdersFound { .. }
            | Self::WhoOrdered { .. } => CONFIDENCE,
            Self::Accounts { .. } => EARNINGS,
            Self::PickList { .. } => CLOSING,
        }
    }
}

#[cfg(test)]
pub(crate) mod samples {
    use super::{BuyerView, Reply};
    use crate::domain::ids::OrderId;
    use crate::domain::money::Money;
    use crate::domain::orders::OrderState;
    use crate::domain::reply::{AccountDay, AccountsView, Figures, PickItem};
    use crate::domain::samples::{full_order, order, text, yuan};

    /// Every reply, in its usual forms.
    pub(crate) fn replies() -> Vec<Reply> {
        let items =
            vec![PickItem { name: text("阳光玫瑰"), paid: 8, unpaid: 4, unit: text("箱") }];
        let members = vec![order(OrderState::Paid), full_order()];
        let total = yuan(12_370);
        let unpaid = |orders, beyond, from| Reply::Unpaid { orders, beyond, total, from };
        vec![
            Reply::Accounts { accounts: accounts() },
            Reply::Accounts { accounts: AccountsView::default() },
            unpaid(vec![full_order()], 70, 0),
            unpaid(vec![full_order()], 20, 50),
            Reply::Unpaid { orders: Vec::new(), beyond: 0, total: Money::ZERO, from: 0 },
            Reply::PickList { items, members, beyond: 0 },
            Reply::PickList { items: Vec::new(), members: Vec::new(), beyond: 0 },
            Reply::Today { figures: figures() },
            Reply::Today { figures: Figures { joined: 1, unattributed: 0, ..figures() } },
            Reply::OrdersFound { name: Some(text("小美")), orders: vec![full_order()] },
            Reply::OrdersFound { name: Some(text("小美")), orders: Vec::new() },
            Reply::OrdersFound { name: None, orders: vec![order(OrderState::Paid)] },
            who_ordered(vec![buyer(2, true), buyer(1, false)]),
            who_ordered(Vec::new()),
        ]
    }

    fn buyer(qty: u32, is_paid: bool) -> BuyerView {
        let for_whom = is_paid.then(|| text("王阿姨"));
        BuyerView { order: OrderId(1_024), member: text("小美"), for_whom, qty, is_paid }
    }

    fn who_ordered(buyers: Vec<BuyerView>) -> Reply {
        let total = buyers.iter().map(|it| i64::from(it.qty)).sum();
        Reply::WhoOrdered {
            name: text("阳光玫瑰"), unit: text("箱"), total, buyers, beyond: 0
        }
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
