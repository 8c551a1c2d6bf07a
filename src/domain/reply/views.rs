//! Orders, offers and figures as replies show them: copies with the facts a reader wants.

use serde::{Deserialize, Serialize};

use crate::domain::catalog::{Called, Expected};
use crate::domain::ids::{EventId, OrderId};
use crate::domain::intent::Op;
use crate::domain::money::Money;
use crate::domain::orders::{CommissionState, OrderState};
use crate::domain::payouts::WithdrawalState;
use crate::domain::time::Timestamp;

/// What was noted about a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Noted {
    /// 地址.
    Address,
    /// 自提.
    Pickup,
    /// 收款.
    Payee,
}

/// How somebody's standing changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RoleChange {
    /// Is a leader now.
    LeaderAdded,
    /// Is no leader any more.
    LeaderRemoved,
    /// Hands goods over now.
    HelperAdded,
    /// Hands goods over no more.
    HelperRemoved,
    /// May earn as a promoter.
    PromoterEnabled,
    /// Earns nothing new.
    PromoterDisabled,
}

/// One line of an order, for reading.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineView {
    /// Code of the offer.
    pub code: String,
    /// Name of the offer.
    pub name: String,
    /// Variant.
    pub variant: Option<String>,
    /// Units.
    pub qty: u32,
    /// 箱, 盒, box.
    pub unit: String,
    /// Price of one.
    pub price: Money,
    /// Price of all.
    pub amount: Money,
}

/// What was ordered at a price.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SoldAt {
    /// Name of the offer.
    pub name: String,
    /// So many units.
    pub units: i64,
    /// Of this unit.
    pub unit: String,
    /// At this price.
    pub price: Money,
}

/// What is done with a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeView {
    /// So many more, exactly so many, so many fewer.
    pub op: Op,
    /// The line; no units with [`Op::Remove`] are all of it.
    pub line: LineView,
}

/// One order, for reading.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderView {
    /// Its number.
    pub order: OrderId,
    /// Whose.
    pub member: String,
    /// Whom it is for, if not them.
    pub for_whom: Option<String>,
    /// Where it stands.
    pub state: OrderState,
    /// Lines that are still wanted.
    pub lines: Vec<LineView>,
    /// To be paid (or paid) in money.
    pub total: Money,
    /// Of it, received so far.
    pub received: Money,
    /// Of it, refunded.
    pub refunded: Money,
    /// What a leader cut of it.
    #[serde(default)]
    pub cut: Money,
    /// Paid with points.
    pub points_worth: Money,
    /// Remarks.
    pub notes: Vec<String>,
    /// When its offers close.
    pub closes_at: Timestamp,
    /// When it lapses unpaid.
    pub hold_until: Timestamp,
    /// The file names ways to pay, and it waits for money.
    #[serde(default)]
    pub has_ways: bool,
    /// Its goods wait to be collected: since when, and where.
    #[serde(default)]
    pub waits: Option<Called>,
}

/// When goods of an offer come, or that they are there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArrivalView {
    /// Code and name.
    pub goods: String,
    /// When they are expected.
    pub expected: Option<Expected>,
    /// Where they can be collected.
    pub called: Option<Called>,
}

/// A post that stands in the chat, and what it would say by now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PostView {
    /// The event that made it.
    pub event: EventId,
    /// Its offers as they are.
    pub offers: Vec<OfferView>,
}

/// One offer, for reading.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferView {
    /// Code.
    pub code: String,
    /// Name.
    pub name: String,
    /// Variants.
    pub variants: Vec<String>,
    /// Price of one unit.
    pub price: Money,
    /// 箱, 盒, box.
    pub unit: String,
    /// Left over all variants; `None` when unlimited.
    pub left: Option<i64>,
    /// Sold.
    pub sold: i64,
    /// The most one member may have.
    pub limit: Option<u32>,
    /// 成团 minimum.
    pub minimum: Option<u32>,
    /// A picture.
    pub image: Option<String>,
    /// A sentence about it.
    pub about: Option<String>,
    /// When it closes.
    pub closes_at: Timestamp,
}

/// What is for sale of one stock, and what is not any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StockView {
    /// The offer's name, with its variant where that has its own stock.
    pub name: String,
    /// 箱, 盒, box.
    pub unit: String,
    /// Still for sale.
    pub left: i64,
    /// Ordered or sold.
    pub taken: i64,
}

/// One numbered choice of a question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChoiceView {
    /// Take these lines.
    Lines(Vec<LineView>),
    /// Change these lines: how, and by how many (none is the whole line).
    Change(Vec<ChangeView>),
    /// Cancel these lines, or all when empty.
    Cancel(Vec<LineView>),
    /// Another price for everybody who has not paid.
    CutAll {
        /// Of these goods.
        goods: String,
        /// To this price a unit.
        price: Money,
        /// Whose orders.
        names: Vec<String>,
        /// How many orders.
        orders: usize,
        /// So much less in all.
        total: Money,
    },
    /// This member, and what tells them apart from others of the name.
    Member {
        /// Their name.
        name: String,
        /// When they joined, or were first seen.
        joined_at: Timestamp,
        /// The number of their last order.
        last_order: Option<OrderId>,
    },
    /// Payment came for these orders: so much, or all that is due.
    Payment {
        /// Which.
        orders: Vec<OrderId>,
        /// How much.
        amount: Option<Money>,
    },
    /// Payment came for an order that lapsed: so much, or all that is due.
    Late {
        /// Which.
        order: Box<OrderView>,
        /// How much.
        amount: Option<Money>,
    },
    /// Money of this member came, or their unpaid orders are to be cancelled.
    Named {
        /// Their name.
        name: String,
        /// Their orders that wait for money.
        orders: Vec<OrderId>,
        /// How much came; `None`: all that is due.
        amount: Option<Money>,
        /// Cancelled rather than paid.
        cancels: bool,
    },
    /// Money of these people came: all that is due.
    Everybody {
        /// Their names.
        names: Vec<String>,
        /// So many orders.
        orders: usize,
        /// What they come to.
        total: Money,
        /// They are those who say to have paid.
        claimed: bool,
    },
    /// This line of an order.
    Bought {
        /// The order.
        order: OrderId,
        /// The line.
        line: LineView,
    },
    /// These goods, of which several are called alike.
    Goods {
        /// Code and name.
        goods: String,
        /// When their offer closes, or closed.
        closes_at: Timestamp,
    },
    /// So many units are sent again, or refunded.
    Remedy {
        /// Sent rather than refunded.
        sends: bool,
        /// How many.
        qty: u32,
        /// Their unit.
        unit: String,
    },
    /// A leader's command.
    Command {
        /// As it would be written.
        said: String,
    },
    /// Anything else: yes.
    Yes,
}

/// Whom somebody looks like by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Likeness {
    /// The bot itself.
    Bot,
    /// A leader.
    Leader,
    /// Another member.
    Member,
}

/// Where a member stands among the tiers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TierView {
    /// Their tier, if they have reached one.
    pub name: Option<String>,
    /// What it multiplies points by, in hundredths.
    pub times: u32,
    /// What they paid …
    pub paid: Money,
    /// … in so many days.
    pub days: u32,
    /// The next one, if there is one.
    pub next: Option<NextTier>,
}

/// A tier that a member has not reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NextTier {
    /// Its name.
    pub name: String,
    /// What is still to be paid for it.
    pub left: Money,
}

/// Where a group's money stands (对账).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountsView {
    /// In the leader's hands: taken, less what went back.
    pub received: Money,
    /// Of that, the buyers' still: parts of unpaid orders, and what was paid too much.
    pub deposits: Money,
    /// Sold, less what was refunded.
    pub sales: Money,
    /// Commission that these sales cost, less what was taken back.
    pub commission: Money,
    /// Of that, inside the return window.
    pub frozen: Money,
    /// May be withdrawn.
    pub available: Money,
    /// Members short by refunds after settling, in sum; not part of `available`.
    pub short: Money,
    /// Asked for.
    pub locked: Money,
    /// Paid out.
    pub paid_out: Money,
    /// Kept back for tax.
    pub tax_withheld: Money,
    /// Orders that wait for payment.
    pub unpaid_orders: i64,
    /// What they still come to.
    pub unpaid: Money,
    /// The last days on which money moved, newest first.
    pub days: Vec<AccountDay>,
}

/// One day of a group's accounts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountDay {
    /// The day on the group's calendar.
    pub day: chrono::NaiveDate,
    /// Taken, less what went back.
    pub received: Money,
    /// Sold, less what was refunded.
    pub sales: Money,
    /// Commission earned, less what was taken back.
    pub commission: Money,
}

/// One line of a statement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatementLine {
    /// When.
    pub at: Timestamp,
    /// The order it came from.
    pub order: Option<OrderId>,
    /// The buyer's name, shortened.
    pub buyer: Option<String>,
    /// How much.
    pub amount: Money,
    /// Where it stands.
    pub state: CommissionState,
}

/// A withdrawal, as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WithdrawalLine {
    /// When it was asked for.
    pub at: Timestamp,
    /// How much.
    pub amount: Money,
    /// Of it, kept back for tax.
    pub withheld: Money,
    /// Where it stands.
    pub state: WithdrawalState,
}

/// One item of a pick list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PickItem {
    /// Name, with variant.
    pub name: String,
    /// Units of paid orders.
    pub paid: u32,
    /// Units of unpaid orders.
    pub unpaid: u32,
    /// 箱, 盒, box.
    pub unit: String,
}

/// A promoter and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PromoterView {
    /// Name.
    pub name: String,
    /// Members brought.
    pub brought: i64,
    /// Commission earned and not reversed.
    pub earned: Money,
}

/// What leaders look at every day.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
    /// Orders placed today.
    pub orders: i64,
    /// Orders placed yesterday.
    pub orders_yesterday: i64,
    /// Members who ordered today.
    pub buyers: i64,
    /// Paid today, less refunded.
    pub paid: Money,
    /// Paid yesterday, less refunded.
    pub paid_yesterday: Money,
    /// Unpaid orders.
    pub unpaid_orders: i64,
    /// Their sum.
    pub unpaid: Money,
    /// Joined today.
    pub joined: i64,
    /// Of them without an inviter.
    pub unattributed: i64,
    /// Checked in today.
    pub checked_in: i64,
    /// Paid and not shipped.
    pub to_ship: i64,
}

/// Why an order is for a leader to decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Excess {
    /// More of an offer than one member may hold unpaid.
    Many,
    /// Changed too often within a minute.
    Often,
    /// A newcomer, in a shop whose file lets newcomers wait.
    New,
}

/// What keeps the bot from working well in a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hurdle {
    /// It sees commands only.
    Deaf,
    /// It is no administrator.
    NotAdmin,
    /// It may not make invite links.
    NoLinks,
    /// The group is public.
    Public,
    /// It hears only what mentions it.
    MentionsOnly,
    /// It may only answer.
    RepliesOnly,
}

/// Why a group was not linked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkRefusal {
    /// The code is wrong, used, or too old.
    BadCode,
    /// Too many wrong codes; nothing is tried for an hour.
    Shut,
    /// The community is linked to another group.
    Taken {
        /// Its name.
        name: String,
    },
    /// This group is linked already.
    GroupTaken,
    /// Only who runs the group may link it.
    NotAdmin,
    /// Who asks hides who they are.
    Anonymous,
    /// Groups are linked in the group.
    Alone,
}
