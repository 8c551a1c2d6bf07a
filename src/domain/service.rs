//! Service (售后): what members say of goods they have, and what leaders do about it.

pub mod case;
#[cfg(test)]
pub(crate) mod samples;
pub mod shortage;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::ids::{CaseId, OrderId};
use super::intent::{Change, Why};
use super::money::Money;
use super::reply::{
    Audience, Buttons, Degrade, Delivery, LineView, NOTICE, OBJECTION, OUTCOME, OrderView, READ,
    REPORT,
};
use super::time::Timestamp;

pub use case::{CaseLine, CasePrivate, CaseState, ServiceCase};
pub use shortage::{
    Lack, LackChange, LackCut, LackNaming, LackSharing, LackView, LackedGoods, Shortage,
};

/// What members say of service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Intent {
    /// An opinion about goods or service: praise above all.
    Feedback,
    /// Something is wrong with goods, or they are to go back.
    Complain(ComplaintKind),
    /// 第二个: an open case of the speaker's is about this line.
    CaseAbout {
        /// The case.
        case: CaseId,
        /// The line.
        about: CaseLine,
    },
    /// 算了 不退了: the speaker lets it go.
    DropCase {
        /// Which; `None`: the one there is.
        case: Option<CaseId>,
    },
}

/// How a complaint is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ComplaintKind {
    /// With goods or the shop named, so that it is one whoever says it.
    Plain,
    /// In words that others say of much else (坏了两个): it is one of somebody who has goods of the shop.
    Vague,
    /// They want to give goods back, or others for them.
    Return,
}

/// What leaders say of service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lead {
    /// 售后: what waits for an answer.
    Cases,
    /// Q12: one case.
    ShowCase(CaseId),
    /// Q12 退10元: what is done about a case.
    AnswerCase {
        /// Which.
        case: CaseId,
        /// What.
        remedy: Remedy,
    },
    /// 葡萄只到45箱, A1 全部退款: less came than was ordered.
    Shortage(Box<Shortage>),
    /// 老王不减, 平均减: the plan that waits for the speaker's word is another.
    ChangeShortage(LackChange),
}

/// What is done about a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Remedy {
    /// 退10元: so much money, and no goods.
    Amount(Money),
    /// 退1箱, 退款: units; `None`: all that are left of the line.
    Units(Option<u32>),
    /// 补发: the same goods again; `None`: as many as there are.
    Replace(Option<u32>),
    /// 换 白色/M: others of the kind for them.
    Exchange {
        /// Which, as said.
        to: String,
        /// How many; `None`: as many as there are.
        qty: Option<u32>,
    },
    /// 不退 因为…: nothing.
    Decline(Option<String>),
}

/// What is said of service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// Feedback was passed to the leader.
    FeedbackSeen,
    /// To the leader: somebody gave feedback in the chat.
    FeedbackGiven {
        /// Who.
        name: String,
        /// In their words.
        #[serde(default)]
        words: String,
    },
    /// To whoever complained: it is noted under a number.
    CaseOpened {
        /// The number.
        case: CaseId,
        /// What it is about.
        goods: String,
        /// Of this order.
        order: OrderId,
        /// With a picture.
        has_picture: bool,
    },
    /// To whoever complained: what they said more is noted with the rest.
    CaseJoined {
        /// The number.
        case: CaseId,
    },
    /// To leaders: somebody complains, or says more.
    CaseForLeader {
        /// The case.
        case: Box<CaseView>,
        /// It was open before.
        more: bool,
    },
    /// To a leader: a case as it stands.
    CaseShown {
        /// The case.
        case: Box<CaseView>,
    },
    /// To leaders: what waits for an answer.
    OpenCases {
        /// The longest waiting first.
        cases: Vec<CaseView>,
        /// So many more.
        beyond: usize,
        /// Of which goods there were complaints lately.
        rates: Vec<CaseRate>,
        /// Nobody asked: these wait for a day.
        reminds: bool,
    },
    /// To whoever complained: what was done.
    CaseAnswered {
        /// The number.
        case: CaseId,
        /// What it was about.
        goods: String,
        /// What was done.
        outcome: CaseOutcome,
    },
    /// To the leader: that it was done, and told.
    CaseDone {
        /// The number.
        case: CaseId,
        /// Who complained.
        member: String,
        /// What was done.
        outcome: CaseOutcome,
    },
    /// To whoever complained: it is let go.
    CaseDropped {
        /// The number.
        case: CaseId,
    },
    /// To leaders: whoever complained let it go.
    CaseLetGo {
        /// The number.
        case: CaseId,
        /// Who.
        member: String,
    },
    /// To the leader who says that not all came: who is to get fewer, and what goes back. It waits for their word.
    ShortagePlan {
        /// The plan.
        plan: Box<LackView>,
        /// It was read before, and is another now.
        again: bool,
    },
    /// To that leader: it is done, and those who get fewer are told.
    ShortageDone {
        /// The plan.
        plan: Box<LackView>,
        /// The code of the offer, where it goes on taking orders.
        on_sale: Option<String>,
    },
    /// To whoever gets fewer.
    CutShort {
        /// The goods.
        goods: String,
        /// What is less of their order, and what goes back.
        cut: LackCut,
        /// Nothing is left of the order.
        whole: bool,
        /// What comes in place of it.
        instead: Option<String>,
    },
}

/// A case as it is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseView {
    /// Its number.
    pub case: CaseId,
    /// Who complains.
    pub member: String,
    /// What it is about; `None`: they have not said.
    pub goods: Option<LineView>,
    /// The order.
    pub order: Option<OrderView>,
    /// When its goods were paid.
    pub paid_at: Option<Timestamp>,
    /// In their words, oldest first.
    pub words: Vec<String>,
    /// So many pictures.
    pub pictures: usize,
    /// Where it stands.
    pub state: CaseState,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// Why a leader said no.
    pub reason: Option<String>,
}

/// What was done about a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "done")]
pub enum CaseOutcome {
    /// So much went back.
    Refunded {
        /// How much.
        amount: Money,
        /// For so many units; 0: for none.
        qty: u32,
        /// Their unit.
        unit: String,
    },
    /// Others are sent, as an order that costs nothing.
    Sent {
        /// The order.
        order: OrderId,
        /// What.
        goods: Box<LineView>,
        /// Others than before.
        exchanged: bool,
    },
    /// Nothing.
    Declined {
        /// Why.
        reason: Option<String>,
    },
}

/// Complaints about some goods.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseRate {
    /// What.
    pub name: String,
    /// So many cases.
    pub cases: i64,
    /// Of so many paid orders of it.
    pub orders: i64,
    /// Hundredths of them.
    pub percent: i64,
}

/// Why something about service is not done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// There is no such case.
    NoSuchCase {
        /// Its number.
        case: CaseId,
    },
    /// It was answered, or let go.
    CaseOver {
        /// Its number.
        case: CaseId,
        /// As what.
        state: CaseState,
    },
    /// Nobody has said which goods it is about.
    CaseUnclear {
        /// Its number.
        case: CaseId,
    },
    /// More than there is of the line.
    CaseTooMany {
        /// Its number.
        case: CaseId,
        /// So many there are.
        left: u32,
    },
    /// There is no such kind of these goods.
    NoSuchKind {
        /// The goods.
        name: String,
        /// Those that there are.
        kinds: Vec<String>,
    },
    /// The speaker has paid for nothing: what is unpaid is cancelled.
    NothingToReturn {
        /// An order that waits for money.
        order: OrderId,
    },
    /// Nothing that is sold here is called so.
    NoSuchGoods {
        /// How it was called.
        said: String,
    },
    /// How much is lacking is no whole number of the unit.
    LackUnclear {
        /// The goods.
        name: String,
        /// Their unit.
        unit: String,
    },
    /// Nobody has ordered it, or nobody waits for it.
    NobodyOrdered {
        /// The goods.
        name: String,
    },
    /// As much came as was ordered, or more.
    EnoughCame {
        /// The goods.
        name: String,
        /// So many were ordered.
        ordered: u32,
        /// Of this unit.
        unit: String,
    },
    /// More is lacking than can be taken off.
    TooFewToCut {
        /// The goods.
        name: String,
        /// So much is lacking.
        lack: u32,
        /// So many can be taken off: what is handed over, or spared, cannot.
        left: u32,
        /// Of this unit.
        unit: String,
    },
    /// Whoever is to be spared has nothing of it.
    NotInShortage {
        /// The goods.
        name: String,
        /// Who.
        who: String,
    },
    /// Several who have it are called so.
    SeveralInShortage {
        /// Who.
        who: String,
        /// Their orders.
        orders: Vec<OrderId>,
    },
}

/// What a decision asks about cases.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// Complaints by goods since an instant.
    Rates(Timestamp),
}

/// What was read of that for one batch, as of the last save.
#[derive(Debug, Default)]
pub struct Facts {
    /// Complaints by goods since an instant, the most first.
    pub rates: BTreeMap<Timestamp, Vec<CaseRate>>,
}

impl Intent {
    /// Its name in the table of commands.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Feedback => "service.praise",
            Self::Complain(ComplaintKind::Return) => "service.return",
            Self::Complain(_) | Self::CaseAbout { .. } => "service.complaint",
            Self::DropCase { .. } => "service.drop",
        }
    }

    /// Change the people and the words in it.
    pub(super) fn change(&mut self, _change: &mut impl Change) {
        match self {
            Self::Feedback | Self::Complain(_) | Self::CaseAbout { .. } | Self::DropCase { .. } => {
            }
        }
    }
}

impl Lead {
    /// Its name in the table of commands.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Cases => "service.cases",
            Self::ShowCase(_) | Self::AnswerCase { .. } => "service.answer",
            Self::Shortage(_) | Self::ChangeShortage(_) => "service.shortage",
        }
    }

    /// Change the people and the words in it.
    pub(super) fn change(&mut self, change: &mut impl Change) {
        match self {
            Self::Cases | Self::ShowCase(_) => {}
            Self::Shortage(shortage) => shortage.change(change),
            Self::ChangeShortage(to) => to.change(change),
            Self::AnswerCase { remedy, .. } => match remedy {
                Remedy::Decline(Some(words)) | Remedy::Exchange { to: words, .. } => {
                    change.words(words);
                }
                Remedy::Amount(_)
                | Remedy::Units(_)
                | Remedy::Replace(_)
                | Remedy::Decline(None) => {}
            },
        }
    }
}

impl Reply {
    /// How it travels.
    pub(super) fn delivery(&self) -> Delivery<'_> {
        match self {
            Self::FeedbackSeen
            | Self::CaseOpened { .. }
            | Self::CaseJoined { .. }
            | Self::CaseDone { .. }
            | Self::CaseDropped { .. } => OUTCOME,
            Self::ShortagePlan { .. } => Delivery {
                audience: Audience::Alone,
                buttons: Buttons::Choices(Why::Confirm, 1),
                degrade: Degrade::Short,
                ..OBJECTION
            },
            Self::ShortageDone { .. } => {
                Delivery { audience: Audience::Alone, degrade: Degrade::Short, ..OUTCOME }
            }
            Self::FeedbackGiven { .. } | Self::CaseForLeader { .. } | Self::CaseLetGo { .. } => {
                Delivery { degrade: Degrade::Short, ..REPORT }
            }
            Self::OpenCases { reminds: true, .. } => Delivery { degrade: Degrade::Short, ..REPORT },
            Self::CaseShown { .. } | Self::OpenCases { .. } => {
                Delivery { audience: Audience::Alone, degrade: Degrade::Short, ..READ }
            }
            Self::CaseAnswered { .. } | Self::CutShort { .. } => {
                Delivery { audience: Audience::Alone, degrade: Degrade::Short, ..NOTICE }
            }
        }
    }
}

impl Refusal {
    /// How it travels.
    pub(super) fn delivery(&self) -> Delivery<'_> {
        match self {
            Self::NoSuchCase { .. }
            | Self::CaseOver { .. }
            | Self::CaseUnclear { .. }
            | Self::CaseTooMany { .. }
            | Self::NoSuchKind { .. }
            | Self::NothingToReturn { .. }
            | Self::NoSuchGoods { .. }
            | Self::LackUnclear { .. }
            | Self::NobodyOrdered { .. }
            | Self::EnoughCame { .. }
            | Self::TooFewToCut { .. }
            | Self::NotInShortage { .. }
            | Self::SeveralInShortage { .. } => OBJECTION,
        }
    }
}
