//! Purposes (意图): what a speaker can want, by the names of the command table, and the coarse act of each.

/// What is done about a purpose, as the graded corpora name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Lines are added.
    Order,
    /// Lines are changed.
    Amend,
    /// Lines go.
    Cancel,
    /// A list of several people.
    JoinList,
    /// Asked back.
    Ask,
    /// 签到.
    CheckIn,
    /// 余额.
    Balance,
    /// 我的订单.
    MyOrders,
    /// 邀请.
    Invite,
    /// 积分.
    Points,
    /// 菜单.
    Menu,
    /// 帮助.
    Help,
    /// 晒单.
    Share,
    /// A complaint or opinion.
    Feedback,
    /// 提现.
    Withdraw,
    /// A question.
    Query,
    /// Nothing.
    Silent,
}

/// A purpose: its place in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Purpose(u8);

/// Every purpose of a member. Weights are kept by place: after a change, train.
const MEMBERS: &[(&str, Act)] = &[
    ("none", Act::Silent),
    ("orders.place", Act::Order),
    ("orders.change", Act::Amend),
    ("orders.cancel", Act::Cancel),
    ("orders.chain", Act::JoinList),
    ("ask", Act::Ask),
    ("orders.mine", Act::MyOrders),
    ("orders.later", Act::Query),
    ("catalog.menu", Act::Menu),
    ("catalog.ask", Act::Query),
    ("catalog.when", Act::Query),
    ("payments.how", Act::Query),
    ("payments.claim", Act::Query),
    ("payments.total", Act::Query),
    ("payments.refund_when", Act::Query),
    ("shipping.where", Act::Query),
    ("shipping.when", Act::Query),
    ("shipping.fee", Act::Query),
    ("shipping.collected", Act::Silent),
    ("shipping.address", Act::Silent),
    ("service.complaint", Act::Feedback),
    ("service.return", Act::Feedback),
    ("service.praise", Act::Feedback),
    ("referral.invite", Act::Invite),
    ("referral.claim", Act::Query),
    ("payouts.balance", Act::Balance),
    ("payouts.withdraw", Act::Withdraw),
    ("loyalty.check_in", Act::CheckIn),
    ("loyalty.points", Act::Points),
    ("loyalty.show", Act::Share),
    ("benefits.coupon", Act::Query),
    ("groups.help", Act::Help),
    ("groups.undo", Act::Query),
    ("loyalty.use", Act::Points),
    ("payouts.statement", Act::Balance),
    ("catalog.wish", Act::Query),
];

/// What leaders alone say beside that. None of it is done by what is learnt.
const LEADERS: &[&str] = &[
    "payments.paid",
    "payments.unpaid",
    "payments.remind",
    "payments.refund",
    "payments.unpay",
    "payments.deny",
    "payments.whose",
    "shipping.shipped",
    "shipping.arrived",
    "shipping.not_collected",
    "catalog.put_on_sale",
    "catalog.price",
    "catalog.stock",
    "catalog.close",
    "catalog.reopen",
    "catalog.extend",
    "catalog.schedule",
    "catalog.repeat",
    "orders.for_member",
    "orders.change_for",
    "orders.cancel_for",
    "orders.short",
    "orders.discount",
    "orders.accept_chain",
    "reports.pick_list",
    "reports.today",
    "reports.who_ordered",
    "reports.of_member",
    "reports.promoters",
    "people.block",
    "people.promoter",
    "loyalty.approve",
    "loyalty.give",
    "benefits.give_coupon",
    "payouts.paid",
    "groups.announce",
    "service.answer",
    "lead.other",
    "payments.import",
    "shipping.expected",
    "shipping.round",
    "shipping.delivered_to",
    "orders.refund_all",
    "reports.sold",
    "reports.by_building",
    "reports.export",
    "people.unblock",
    "people.leader",
    "service.cases",
];

/// How many purposes there are.
pub const COUNT: usize = MEMBERS.len() + LEADERS.len();

impl Purpose {
    /// Talk that wants nothing.
    pub const NONE: Self = Self(0);
    /// An order.
    pub const PLACE: Self = Self(1);
    /// A change of an order.
    pub const CHANGE: Self = Self(2);
    /// A cancellation.
    pub const CANCEL: Self = Self(3);
    /// A list of several people.
    pub const CHAIN: Self = Self(4);
    /// Something that has to be asked back.
    pub const ASK: Self = Self(5);

    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        (0_u8..).take(COUNT).map(Self)
    }

    /// Its name in the command table.
    #[must_use]
    pub fn name(self) -> &'static str {
        let own = MEMBERS.get(self.place()).map(|(name, _)| *name);
        own.or_else(|| LEADERS.get(self.place().checked_sub(MEMBERS.len())?).copied())
            .unwrap_or("none")
    }

    /// Its act.
    #[must_use]
    pub fn act(self) -> Act {
        MEMBERS.get(self.place()).map_or(Act::Silent, |(_, act)| *act)
    }

    /// Whether leaders alone say it.
    #[must_use]
    pub fn is_leaders(self) -> bool {
        self.place() >= MEMBERS.len()
    }

    /// Its place in the list.
    #[must_use]
    pub fn place(self) -> usize {
        usize::from(self.0)
    }
}

impl Act {
    /// Its name in the graded corpora.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Order => "order",
            Self::Amend => "amend",
            Self::Cancel => "cancel",
            Self::JoinList => "join_list",
            Self::Ask => "ask",
            Self::CheckIn => "check_in",
            Self::Balance => "balance",
            Self::MyOrders => "my_orders",
            Self::Invite => "invite",
            Self::Points => "points",
            Self::Menu => "menu",
            Self::Help => "help",
            Self::Share => "share",
            Self::Feedback => "feedback",
            Self::Withdraw => "withdraw",
            Self::Query => "query",
            Self::Silent => "silent",
        }
    }

    /// Whether something is recorded.
    #[must_use]
    pub const fn records(self) -> bool {
        matches!(self, Self::Order | Self::Amend | Self::Cancel | Self::JoinList)
    }
}
