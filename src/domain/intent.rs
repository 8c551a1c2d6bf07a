//! What a message means: the one language between `understand` and `decide`.
//!
//! An intent names offers and orders by id and members by the words the speaker used; it carries no
//! price, stock or balance, which only the `Book` knows. Console clicks, timers and a language
//! model's proposals are intents too, and go through the same `decide`.

mod persons;

use serde::{Deserialize, Serialize};

use super::command::CommandId;
use super::ids::{OfferId, OrderId};
use super::money::AmountFault;
use super::operate::OperatorIntent;
use super::person::Person;
use super::undo::UndoAbout;

use super::{
    catalog, groups, loyalty, orders, payments, payouts, people, referral, reports, service,
    shipping,
};
pub(super) use persons::Change;

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
    /// The message is ambiguous: ask back, record nothing.
    Ask(Question),
    /// A command with an amount that cannot be read: nothing is done, and that is said.
    Unread(Unread),
    /// 撤销, 撤销 #12: take back what the speaker did a moment ago.
    Undo(UndoAbout),
    /// What only a leader may say. From anybody else it is small talk.
    Lead(LeaderIntent),
    /// What only an operator may order; no text means it.
    Operate(OperatorIntent),
    /// Of the room `groups`.
    #[serde(untagged)]
    Groups(groups::Intent),
    /// Of the room `catalog`.
    #[serde(untagged)]
    Catalog(catalog::Intent),
    /// Of the room `orders`.
    #[serde(untagged)]
    Orders(orders::Intent),
    /// Of the room `payments`.
    #[serde(untagged)]
    Payments(payments::Intent),
    /// Of the room `shipping`.
    #[serde(untagged)]
    Shipping(shipping::Intent),
    /// Of the room `referral`.
    #[serde(untagged)]
    Referral(referral::Intent),
    /// Of the room `payouts`.
    #[serde(untagged)]
    Payouts(payouts::Intent),
    /// Of the room `loyalty`.
    #[serde(untagged)]
    Loyalty(loyalty::Intent),
    /// Of the room `service`.
    #[serde(untagged)]
    Service(service::Intent),
}

/// What a leader (团长) says to run the day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeaderIntent {
    /// 改价 A3 abc: plainly this command, with a part that cannot be read. They are shown how it goes.
    HalfSaid(CommandId),
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
    /// 小美的三十九块九到了: said in words of their own. The leader reads the command as it would be written, and says
    /// yes.
    Meant {
        /// What is done then.
        act: Box<LeaderIntent>,
        /// As it would be written.
        said: String,
    },
    /// Of the room `people`.
    #[serde(untagged)]
    People(people::Lead),
    /// Of the room `catalog`.
    #[serde(untagged)]
    Catalog(catalog::Lead),
    /// Of the room `orders`.
    #[serde(untagged)]
    Orders(orders::Lead),
    /// Of the room `payments`.
    #[serde(untagged)]
    Payments(payments::Lead),
    /// Of the room `shipping`.
    #[serde(untagged)]
    Shipping(shipping::Lead),
    /// Of the room `referral`.
    #[serde(untagged)]
    Referral(referral::Lead),
    /// Of the room `loyalty`.
    #[serde(untagged)]
    Loyalty(loyalty::Lead),
    /// Of the room `reports`.
    #[serde(untagged)]
    Reports(reports::Lead),
    /// Of the room `service`.
    #[serde(untagged)]
    Service(service::Lead),
}

impl LeaderIntent {
    /// The same, to be asked about first, as it would be written; what changes nothing, or is shown with names and total
    /// before it is done anyway, as it is.
    #[must_use]
    pub fn asked_first(self, said: impl FnOnce() -> String) -> Self {
        if self.is_shown_first() { self } else { Self::Meant { act: Box::new(self), said: said() } }
    }

    fn is_shown_first(&self) -> bool {
        match self {
            Self::ByName { act, .. } => act.is_shown_first(),
            Self::Meant { .. }
            | Self::Reports(_)
            | Self::Payments(
                payments::Lead::Paid { of: Selection::All, .. } | payments::Lead::Claims,
            )
            | Self::Service(
                service::Lead::Cases | service::Lead::ShowCase(_) | service::Lead::Shortage(_),
            )
            | Self::Shipping(
                shipping::Lead::NotCollected
                | shipping::Lead::NotCollectedPart { .. }
                | shipping::Lead::Round,
            ) => true,
            _ => false,
        }
    }
}

/// What was said where an amount was expected, and why it is none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unread {
    /// As written.
    pub said: String,
    /// What keeps it from being one.
    pub why: AmountFault,
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

/// A part of a list that a leader asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartOfList {
    /// Of the day so many days ago.
    Day(u16),
    /// Of a building, as it is compared.
    Building(String),
    /// With something of an offer.
    Offer(OfferId),
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
    /// An after-sales case may be about several things that were bought.
    WhichBought,
    /// How much is to be done about an after-sales case.
    Remedy,
    /// A list that goes on: choice 1 is its next page. Nothing is asked; 更多 says so.
    More,
    /// Money of, or orders of, somebody who was named in plain words; choice 1 is to go on.
    Named,
    /// Goods that were spoken of a moment ago. Nothing is asked; what follows may be about them.
    Spoken,
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
    /// 什么时候到, 哪里自提.
    Delivery,
    /// 送货吗.
    Carriage,
    /// 运费多少, 包邮吗.
    Fee,
    /// 几点送, 几点能取.
    Hours,
    /// Anything else: not answered from the catalogue.
    Other,
}

impl About {
    /// Whether it is about how and when goods reach members.
    #[must_use]
    pub const fn is_of_delivery(self) -> bool {
        matches!(self, Self::Delivery | Self::Carriage | Self::Fee | Self::Hours)
    }
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
    /// Hands goods over for a leader, and sees nothing of money (核销员).
    Helper,
    /// Runs this community (团长).
    Leader,
    /// Runs the whole shop (运营).
    Operator,
}
