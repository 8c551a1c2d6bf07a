//! Reports (报表): figures and lists for leaders.

pub mod days;

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::ids::{OfferId, OrderId};
use super::intent::{Change, PartOfList};
use super::money::Money;
use super::person::Person;
use super::reply::{
    AccountsView, CLOSING, CONFIDENCE, Degrade, Delivery, EARNINGS, Figures, Merging, OrderSheet,
    OrderView, PickItem, REPORT,
};
use super::time::Timestamp;

pub use days::{CalendarUnit, DaySpan, DayTotals, SoldDay};

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
        /// So many were shown.
        #[serde(default)]
        from: usize,
    },
    /// 更多: the pick list, from so far on.
    PickListFrom {
        /// So many members were shown.
        from: usize,
    },
    /// 昨天卖了多少: what was sold.
    Sold {
        /// When; of goods alone it may be whenever.
        span: Option<DaySpan>,
        /// Of these alone.
        part: Option<SoldPart>,
    },
    /// 导出: orders as a file.
    Export {
        /// Placed then.
        span: Option<DaySpan>,
        /// Which have this.
        offer: Option<OfferId>,
    },
}

/// Goods that were sold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SoldPart {
    /// An offer.
    Offer(OfferId),
    /// All that was last put on sale together.
    LastDrop,
    /// 早市: a drop of the file, by its place there; without days what it put on sale last.
    Drop(u16),
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
        /// So many were shown before.
        #[serde(default)]
        from: usize,
        /// The others can be had with 更多.
        #[serde(default)]
        paged: bool,
    },
    /// Today's numbers.
    Today {
        /// The figures.
        figures: Figures,
    },
    /// To leaders, in the morning: what is to do today.
    MorningBrief {
        /// So much.
        brief: BriefView,
    },
    /// To leaders, in the evening: how the day went.
    EveningSummary {
        /// The figures of the day.
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
        /// So many were shown before.
        #[serde(default)]
        from: usize,
    },
    /// What was sold.
    Sold {
        /// When; `None`: ever.
        span: Option<DaySpan>,
        /// Its first day, up to today at most.
        since: Option<NaiveDate>,
        /// Its last one.
        until: Option<NaiveDate>,
        /// Of these goods alone; none is of all.
        goods: Vec<String>,
        /// Their unit, where it is one.
        unit: Option<String>,
        /// In sum.
        sum: DayTotals,
        /// Day by day, of several.
        days: Vec<SoldDay>,
    },
    /// Orders as a file.
    OrdersFile {
        /// Placed since then …
        since: Timestamp,
        /// … and before then.
        before: Timestamp,
        /// Which have this.
        offer: Option<OfferId>,
        /// Its name.
        goods: Option<String>,
        /// The first day, as people write it.
        first: NaiveDate,
        /// The last day.
        last: NaiveDate,
        /// How many orders are in it: known when it is made.
        #[serde(default)]
        orders: usize,
        /// The platform does not carry files.
        #[serde(default)]
        cannot: bool,
    },
}

/// What is to do on a day.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BriefView {
    /// Orders that wait for money.
    pub unpaid: usize,
    /// What is still to be paid of them.
    pub due: Money,
    /// Of them, so many whose buyers say that they have paid.
    pub claims: usize,
    /// Goods that are expected today.
    pub arrivals: Vec<String>,
    /// Orders that wait to be collected.
    pub to_collect: usize,
    /// Orders that are paid and whose goods are not there yet, or were not sent.
    pub to_ship: usize,
    /// Complaints and returns that wait for an answer.
    pub cases: usize,
    /// When the next post of today goes up.
    pub opens_at: Option<Timestamp>,
    /// What is posted today.
    pub opening: Vec<String>,
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
    /// The counts of these days.
    Days(DayRange),
    /// What was sold of some goods.
    Goods(GoodsSold),
}

/// Days, the last one with them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DayRange {
    /// The first.
    pub since: NaiveDate,
    /// The last.
    pub until: NaiveDate,
}

/// What is asked of some goods.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct GoodsSold {
    /// Which.
    pub offers: BTreeSet<OfferId>,
    /// Ordered on these days; `None`: whenever.
    pub days: Option<DayRange>,
}

/// What was read of that for one batch, as of the last save.
#[derive(Debug, Default)]
pub struct Facts {
    /// Today's numbers.
    pub figures: Option<Figures>,
    /// Days that something was sold on, or money moved.
    pub days: BTreeMap<DayRange, Vec<SoldDay>>,
    /// What was sold of some goods.
    pub goods: BTreeMap<GoodsSold, DayTotals>,
}

impl Lead {
    /// Its name in the table of commands.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Unpaid | Self::UnpaidPart { .. } => "payments.unpaid",
            Self::PickList | Self::PickListFrom { .. } => "reports.pick_list",
            Self::Today => "reports.today",
            Self::Orders(_) => "reports.order",
            Self::OfMembers(_) => "reports.of_member",
            Self::WhoOrdered { .. } => "reports.who_ordered",
            Self::Sold { .. } => "reports.sold",
            Self::Export { .. } => "reports.export",
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
            | Self::PickListFrom { .. }
            | Self::Sold { .. }
            | Self::Export { .. }
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
            | Self::Sold { .. }
            | Self::WhoOrdered { .. } => CONFIDENCE,
            Self::OrdersFile { since, before, offer, orders, cannot, .. } => Delivery {
                merges: Merging::Whole,
                sheet: (!cannot && *orders > 0).then_some(OrderSheet {
                    since: *since,
                    before: *before,
                    offer: *offer,
                }),
                ..EARNINGS
            },
            Self::Accounts { .. } => EARNINGS,
            Self::PickList { .. } => CLOSING,
            Self::MorningBrief { .. } | Self::EveningSummary { .. } => {
                Delivery { degrade: Degrade::Never, ..REPORT }
            }
        }
    }
}

#[cfg(test)]
pub(crate) mod samples {
    use super::{BriefView, BuyerView, CalendarUnit, DaySpan, DayTotals, Reply, SoldDay};
    use crate::domain::ids::OrderId;
    use crate::domain::money::Money;
    use crate::domain::orders::OrderState;
    use crate::domain::reply::{AccountDay, AccountsView, Figures, PickItem};
    use crate::domain::samples::{full_order, order, text, yuan};
    use crate::domain::time::Timestamp;

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
            Reply::PickList { items, members: members.clone(), beyond: 0, from: 0, paged: false },
            Reply::PickList { items: Vec::new(), members, beyond: 20, from: 50, paged: true },
            Reply::PickList {
                items: Vec::new(),
                members: Vec::new(),
                beyond: 0,
                from: 0,
                paged: true,
            },
            Reply::Today { figures: figures() },
            Reply::Today { figures: Figures { joined: 1, unattributed: 0, ..figures() } },
            Reply::MorningBrief { brief: brief() },
            Reply::MorningBrief { brief: BriefView::default() },
            Reply::EveningSummary { figures: figures() },
            Reply::OrdersFound { name: Some(text("小美")), orders: vec![full_order()] },
            Reply::OrdersFound { name: Some(text("小美")), orders: Vec::new() },
            Reply::OrdersFound { name: None, orders: vec![order(OrderState::Paid)] },
            who_ordered(vec![buyer(2, true), buyer(1, false)]),
            who_ordered(Vec::new()),
            sold(Some(DaySpan::day(1)), None, 1),
            sold(Some(DaySpan::day(0)), None, 0),
            sold(Some(DaySpan { kind: CalendarUnit::Week, ago: 0 }), None, 3),
            sold(Some(DaySpan { kind: CalendarUnit::Month, ago: 1 }), None, 0),
            sold(Some(DaySpan::day(1)), Some("阳光玫瑰"), 1),
            sold(None, Some("阳光玫瑰"), 1),
            orders_file(12, false),
            orders_file(0, false),
            orders_file(0, true),
        ]
    }

    fn sold(span: Option<DaySpan>, goods: Option<&str>, days: i64) -> Reply {
        let day = |nth: i64| SoldDay {
            day: "2026-03-02".parse::<chrono::NaiveDate>().expect("a day")
                + chrono::Duration::days(nth),
            count: DayTotals {
                orders: 4 + nth,
                units: 9,
                sold: yuan(35_910),
                paid: yuan(27_930),
                refunded: yuan(399 * nth),
            },
        };
        let days: Vec<_> = (0..days).map(day).collect();
        let sum = days.iter().fold(DayTotals::default(), |sum, day| sum + day.count);
        let at = |nth| Some(day(nth).day).filter(|_| span.is_some());
        Reply::Sold {
            span,
            since: at(0),
            until: at(2),
            goods: goods.map(text).into_iter().collect(),
            unit: goods.map(|_| text("箱")),
            sum,
            days,
        }
    }

    fn orders_file(orders: usize, cannot: bool) -> Reply {
        let (since, before) = (Timestamp::default(), Timestamp::default());
        let day = "2026-03-02".parse().expect("a day");
        let (offer, goods, first, last) = (None, None, day, day);
        Reply::OrdersFile { since, before, offer, goods, first, last, orders, cannot }
    }

    fn buyer(qty: u32, is_paid: bool) -> BuyerView {
        let for_whom = is_paid.then(|| text("王阿姨"));
        BuyerView { order: OrderId(1_024), member: text("小美"), for_whom, qty, is_paid }
    }

    fn who_ordered(buyers: Vec<BuyerView>) -> Reply {
        let total = buyers.iter().map(|it| i64::from(it.qty)).sum();
        Reply::WhoOrdered {
            name: text("阳光玫瑰"),
            unit: text("箱"),
            total,
            buyers,
            beyond: 0,
            from: 0,
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

    fn brief() -> BriefView {
        BriefView {
            unpaid: 12,
            due: yuan(95_760),
            claims: 3,
            arrivals: vec![text("阳光玫瑰"), text("草莓")],
            to_collect: 8,
            to_ship: 5,
            cases: 1,
            opens_at: Some("2026-03-05T02:00:00Z".parse().expect("an instant")),
            opening: vec![text("车厘子")],
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
