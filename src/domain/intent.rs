//! What a message means: the one language between `understand` and `decide`.
//!
//! An intent names offers and orders by id and members by the words the speaker used; it carries no
//! price, stock or balance, which only the `Book` knows. Console clicks, timers and a language
//! model's proposals are intents too, and go through the same `decide`.

mod people;

use serde::{Deserialize, Serialize};

use super::ids::{MemberId, OfferId, OrderId};
use super::money::{AmountFault, Money};
use super::operate::OperatorIntent;
use super::person::Person;
use super::undo::UndoAbout;

/// A message as understood: what is wanted, for whom, and what the leader should know beside it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Understood {
    /// What is wanted.
    pub intent: Intent,
    /// The beneficiary of an order placed for somebody else, as written without 我的/my, or mentioned.
    pub for_whom: Option<Person>,
    /// A remark (备注): pick-up, delivery, packing, taste, who pays. At most [`NOTE_MAX`] characters.
    pub note: Option<String>,
}

impl Understood {
    /// This is wanted, for nobody else, and nothing is remarked.
    #[must_use]
    pub const fn bare(intent: Intent) -> Self {
        Self { intent, for_whom: None, note: None }
    }
}

/// The longest remark, in characters.
pub const NOTE_MAX: usize = 200;

/// What is remarked in several places, as one remark; `None` if nothing is.
#[must_use]
pub fn remark<S: AsRef<str>>(notes: &[S]) -> Option<String> {
    let notes: Vec<&str> = notes.iter().map(AsRef::as_ref).collect();
    let joined = notes.join("，");
    (!joined.is_empty()).then(|| joined.chars().take(NOTE_MAX).collect())
}

/// What somebody wants of the shop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Intent {
    /// Nothing: small talk, stories, quotations. Gets no answer.
    Silent,
    /// New lines (下单); every line has [`Op::Add`] and a quantity.
    Order(Vec<WantedLine>),
    /// A change of what the member already ordered (改成, 少一份, 再加).
    Amend(Vec<WantedLine>),
    /// Take off lines; no lines means everything unpaid of mine (取消, 不要了).
    Cancel(Vec<WantedLine>),
    /// Cancel orders by number: `取消 #1024`.
    CancelOrders(Vec<OrderId>),
    /// A pasted or native chain (接龙), a full snapshot of it.
    JoinList(Vec<ChainEntry>),
    /// The message is ambiguous: ask back, record nothing.
    Ask(Question),
    /// 签到 / 打卡.
    CheckIn,
    /// 余额: what is frozen, available, locked and paid out.
    Balance,
    /// 明细: where the balance came from.
    Statement,
    /// 我的订单.
    MyOrders,
    /// 邀请: the speaker's own code or link.
    Invite,
    /// 邀请码 ABC123: the newcomer names the code of who brought them.
    UseInvite {
        /// As written, upper-cased.
        code: String,
    },
    /// 我是小美邀请的: a claim that the inviter has to confirm.
    ClaimInviter {
        /// The inviter.
        name: Person,
    },
    /// 是我邀请的 小美: the inviter confirms (or denies) a claim.
    AnswerClaim {
        /// The newcomer, if said.
        name: Option<Person>,
        /// Whether it is so.
        agreed: bool,
    },
    /// 积分.
    Points,
    /// 菜单: what is on offer now.
    Menu,
    /// 帮助.
    Help,
    /// 晒单: shows goods received.
    Share,
    /// A complaint or opinion about goods or service.
    Feedback,
    /// 提现, the whole available balance when no amount is said.
    Withdraw {
        /// How much, in the community's currency.
        amount: Option<Money>,
    },
    /// 收款 支付宝 138…: where withdrawals go.
    SetPayee(String),
    /// 地址 …: where parcels go.
    SetAddress(String),
    /// 自提 王芳 6789: pick-up name and phone tail, or a pick-up point.
    SetPickup(String),
    /// 用积分 / 用500积分: pay part of my unpaid order with points.
    SpendPoints {
        /// How many; all that the cap allows when absent.
        points: Option<u32>,
    },
    /// 收货 / 收到货了 #1024: the member has the goods; no number means all shipped orders.
    Received(Vec<OrderId>),
    /// The payee that was asked about, agreed to.
    AgreePayee(String),
    /// A command with an amount that cannot be read: nothing is done, and that is said.
    Unread(Unread),
    /// A question that may be answered from the catalogue and never orders.
    Query(Query),
    /// 撤销, 撤销 #12: take back what the speaker did a moment ago.
    Undo(UndoAbout),
    /// What only a leader may say. From anybody else it is small talk.
    Lead(LeaderIntent),
    /// What only an operator may order; no text means it.
    Operate(OperatorIntent),
    /// `绑定 CODE` / `/link CODE`: link this chat to a community.
    Link {
        /// As written.
        code: String,
    },
}

/// What a leader (团长) says to run the day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeaderIntent {
    /// 收到 #1024 #1025 / 收到 @小美 / 确认收款: payment has arrived.
    Paid {
        /// Whose.
        of: Selection,
        /// The amount received, when said (`收到 #1024 50元`).
        amount: Option<Money>,
    },
    /// 收到 #9 105: so much for these, or for another order as well, if one of that number waits.
    PaidNumber {
        /// The orders named as such.
        orders: Vec<OrderId>,
        /// The number as an amount.
        amount: Money,
        /// The number as an order's.
        order: OrderId,
    },
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
    /// 退款 #1024 / 退款 #1024 A1 1份.
    Refund {
        /// The order.
        order: OrderId,
        /// Which lines and how many; none means the whole order. [`Op::Remove`] each.
        lines: Vec<WantedLine>,
    },
    /// 取消 @小美: a leader cancels what a member has not paid.
    CancelOf(Selection),
    /// 上架 草莓 68 50盒: open an offer from the chat.
    List {
        /// The item's name.
        name: String,
        /// Price of one unit.
        price: Money,
        /// How many; unlimited when absent.
        stock: Option<u32>,
        /// 盒, 箱, box…
        unit: Option<String>,
    },
    /// 改价 A1 59.
    Price {
        /// Which offer.
        offer: OfferId,
        /// The new price, for orders placed from now on.
        price: Money,
    },
    /// 加库存 A1 20 (or 减库存: negative).
    Stock {
        /// Which offer.
        offer: OfferId,
        /// Which variant has its own stock.
        variant: Option<u16>,
        /// More (or fewer).
        by: i32,
    },
    /// 库存 A1 3: so many are still for sale, whatever was sold.
    SetStock {
        /// Which offer.
        offer: OfferId,
        /// Which variant has its own stock.
        variant: Option<u16>,
        /// So many.
        left: u32,
    },
    /// 停 A1 / 截单: stop taking orders; no offer means all of them.
    Close(Vec<OfferId>),
    /// 未付: who has not paid.
    Unpaid,
    /// 汇总: pick list by item and by member.
    PickList,
    /// 今日 / 数据: today's numbers.
    Today,
    /// 未归属: newcomers without an inviter.
    Unattributed,
    /// 推广榜: the strongest promoters.
    Promoters,
    /// 接龙确认: take the lines waiting for review. 接龙忽略 drops them.
    Review {
        /// Take them, or drop them.
        accept: bool,
    },
    /// 同意 R2, 不同意 R2: an order that waits for a leader's word, by the number of its member.
    Request {
        /// Whose.
        member: MemberId,
        /// Place it, or do not.
        accept: bool,
    },
    /// 通过晒单 @小美: approve a share, which earns points.
    ApproveShare(Person),
    /// 添加团长 @小美 / 移除团长.
    Leader {
        /// Who.
        name: Person,
        /// Add, or take the role away.
        add: bool,
    },
    /// 停用推广 @小美 / 恢复推广: a disabled promoter earns nothing new.
    Promoter {
        /// Who.
        name: Person,
        /// Whether they may earn.
        enabled: bool,
    },
    /// 改价 A3 abc: plainly this command, with a part that cannot be read. They are shown how it goes.
    HalfSaid(LeaderCommand),
    /// A command with an amount that cannot be read.
    Unread(Unread),
    /// 收到 李姐 39.9, 取消 老赵: about somebody who is named in plain words. Nothing is done by a name: the
    /// leader confirms who is meant.
    ByName {
        /// What is done then.
        act: Box<LeaderIntent>,
        /// It can be nothing but a command, so that a name of nobody is answered.
        plain: bool,
    },
}

/// What was said where an amount was expected, and why it is none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unread {
    /// As written.
    pub said: String,
    /// What keeps it from being one.
    pub why: AmountFault,
}

/// The commands of leaders that are asked back when a part of them cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeaderCommand {
    /// 退款.
    Refund,
    /// 改价.
    Price,
    /// 加库存.
    Stock,
    /// 停.
    Close,
    /// 上架.
    List,
    /// 收到.
    Paid,
    /// 发货.
    Ship,
    /// 取消 somebody's.
    Cancel,
}

/// Which orders a leader means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Selection {
    /// By number.
    Orders(Vec<OrderId>),
    /// All open orders of these members.
    Members(Vec<Person>),
    /// 全部: everybody's.
    All,
}

/// One line of an order as wanted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WantedLine {
    /// The offer.
    pub offer: OfferId,
    /// Index into the offer's variants.
    pub variant: Option<u16>,
    /// 1 to [`MAX_QTY`] of the offer's own unit; `None` with [`Op::Remove`] is the whole line.
    pub qty: Option<u32>,
    /// What to do with the quantity.
    pub op: Op,
}

/// The most of one line that can be ordered in one message.
pub const MAX_QTY: u32 = 999;

/// How a quantity acts on what the member already has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Op {
    /// So many more.
    Add,
    /// Exactly so many.
    Set,
    /// So many fewer.
    Remove,
}

/// One line of a chain: who, and what they take.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainEntry {
    /// The name on the line.
    pub who: String,
    /// The author's platform id, where the chain is native.
    pub author: Option<String>,
    /// What they take; [`Op::Add`] each. Empty for bare names.
    pub lines: Vec<WantedLine>,
    /// Their remark (备注), as in [`Understood::note`].
    #[serde(default)]
    pub note: Option<String>,
}

/// A question to the member. The answer picks a choice, or fills in the quantity of `partial`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// Why it is asked; picks the words.
    pub why: Why,
    /// Numbered from 1 in the chat; at most [`MAX_CHOICES`]. What is done if it is picked.
    pub choices: Vec<Intent>,
    /// What a code or a name picks where too many fit to be numbered; at most [`MAX_UNLISTED`]. It
    /// keeps what else was said, the quantity above all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unlisted: Vec<Intent>,
    /// A line whose quantity is missing or unusable; the answer gives it.
    pub partial: Option<WantedLine>,
}

impl Question {
    /// A question with these choices.
    #[must_use]
    pub const fn of(why: Why, choices: Vec<Intent>) -> Self {
        Self { why, choices, unlisted: Vec::new(), partial: None }
    }

    /// Everything that an answer can pick, numbered or not.
    pub fn options(&self) -> impl Iterator<Item = &Intent> {
        self.choices.iter().chain(&self.unlisted)
    }

    /// Whether there is anything that an answer could settle.
    #[must_use]
    pub const fn is_answerable(&self) -> bool {
        !self.choices.is_empty() || !self.unlisted.is_empty() || self.partial.is_some()
    }
}

/// The most choices one question lists.
pub const MAX_CHOICES: usize = 9;

/// The most that a question keeps without numbers: more goods of one unit are on no group's menu.
pub const MAX_UNLISTED: usize = 100;

/// Why a question is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// A name or a bare number fits several offers.
    WhichOffer,
    /// The offer has variants and none was named.
    WhichVariant,
    /// The quantity is zero, negative, a fraction or beyond [`MAX_QTY`].
    Quantity,
    /// The unit cannot be converted into the offer's own.
    Unit,
    /// The same order again without 再/加/又: choice 1 is to add it.
    Repeat,
    /// A recalled order message, or 取消 that may mean several things: choice 1 is to cancel.
    Cancel,
    /// Inferred rather than said: choice 1 is to take it as read.
    Confirm,
    /// The message seems to order and cannot be read.
    Unclear,
    /// Several members' names look like the one that was typed.
    WhichMember,
    /// Somebody whose name an order bears wants it cancelled; choice 1 is to cancel it.
    Recipient,
    /// A number may be an amount or another order.
    Payment,
    /// A payee that is no account, or replaces another; choice 1 is to note it.
    Payee,
    /// Payment by somebody whose orders lapsed lately.
    Lapsed,
    /// Money of, or orders of, somebody who was named in plain words; choice 1 is to go on.
    Named,
}

/// A question about goods or service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Query {
    /// What is asked.
    pub about: About,
    /// The offers named.
    pub offers: Vec<OfferId>,
}

/// What a question is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// 多少钱.
    Price,
    /// 还有吗, 剩多少.
    Stock,
    /// 有什么口味/尺码/颜色.
    Variants,
    /// 几点截单.
    Closing,
    /// 什么时候到, 哪里自提, 运费.
    Delivery,
    /// Anything else: not answered from the catalogue.
    Other,
}

/// What a member already has in the open offers, as far as understanding needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeldLine {
    /// The offer.
    pub offer: OfferId,
    /// Index into its variants.
    pub variant: Option<u16>,
    /// How many.
    pub qty: u32,
}

/// What the speaker may do here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Anybody.
    #[default]
    Member,
    /// Runs this community (团长).
    Leader,
    /// Runs the whole shop (运营).
    Operator,
}
