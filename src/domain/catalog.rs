//! The catalog (商品): what is on sale, for how long and at which price.

mod draft;
mod offer;
#[cfg(test)]
pub(crate) mod samples;

use serde::{Deserialize, Serialize};

use crate::domain::shipping::Coming;

use super::ids::OfferId;
use super::intent::{About, Change, Query, Why};
use super::money::Money;
use super::reply::{
    ArrivalView, Audience, Buttons, CLOSING, Degrade, Delivery, Edit, Merging, NEWS, NOTICE, News,
    OBJECTION, OUTCOME, OfferView, PostView, READ, REPORT, SoldAt, StockView, post,
};
use super::time::{SaidTime, Timestamp};

pub use draft::*;
pub use offer::*;

/// What members say of what is on sale.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Intent {
    /// 菜单: what is on offer now.
    Menu,
    /// A question that may be answered from the catalogue and never orders.
    Query(Query),
    /// 补货叫我: tell the speaker when these are back; none named means all that is sold out.
    CallBack(Vec<OfferId>),
}

/// What leaders say of what is on sale.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lead {
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
        /// What else was said of it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        terms: Option<Box<ListingTerms>>,
    },
    /// 取消上架 L1: what was planned is not put on sale.
    CancelPlan {
        /// Its code, or its name.
        said: String,
    },
    /// 预告: tell the group what is to come.
    TellPlans,
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
    /// 延长 A1 到 21:00: close at another time; no offer means all of them.
    MoveClosing {
        /// Which offers.
        offers: Vec<OfferId>,
        /// When they close.
        to: SaidTime,
    },
    /// 恢复 A2: take orders again.
    Reopen {
        /// Which offers.
        offers: Vec<OfferId>,
        /// Until when; `None`: as before, or until tonight.
        until: Option<SaidTime>,
    },
    /// 复制 A1: put the same on sale again.
    CopyOffers {
        /// Which offers.
        offers: Vec<OfferId>,
        /// At another price.
        price: Option<Money>,
        /// So many.
        stock: Option<u32>,
    },
    /// 照昨天: put on sale again what was opened then.
    RepeatDay {
        /// So many days ago.
        days: u32,
        /// The offers that the leader has read of and said yes to.
        offers: Vec<OfferId>,
        /// What is other than then.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        changes: Vec<DraftChange>,
    },
    /// 价格 65, A1 库存 30: what the speaker is asked about is to be otherwise.
    ChangeDraft {
        /// Which offer of it, as it was called; nothing means the only one.
        goods: String,
        /// How.
        to: DraftTerm,
    },
}

/// What a leader says of an offer beside its name, its price and how many there are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ListingTerms {
    /// The most one member may have.
    pub limit: Option<u32>,
    /// 成团: fewer sold at closing releases all of its orders.
    pub minimum: Option<u32>,
    /// Its variants.
    pub kinds: Vec<String>,
    /// When it opens; `None`: at once.
    pub opens: Option<SaidTime>,
    /// When it closes; `None`: in the evening.
    pub closes: Option<SaidTime>,
    /// When its goods come.
    pub arrives: Option<SaidArrival>,
}

/// When goods come, as it was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SaidArrival {
    /// On which day.
    pub day: Coming,
    /// In which minute of it.
    pub minute: Option<u16>,
}

/// An offer that opens later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedView {
    /// When.
    pub opens_at: Timestamp,
    /// It.
    pub offer: OfferView,
}

/// What a leader did to what is on sale, as far as it can be taken back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CatalogEffect {
    /// A price changed.
    Price {
        /// Whose.
        offer: OfferId,
        /// What it was.
        from: Money,
        /// What it became.
        to: Money,
        /// So much was sold by then.
        sold: i64,
    },
    /// Stock changed.
    Stock {
        /// Whose.
        offer: OfferId,
        /// The variant that has a stock of its own.
        variant: Option<u16>,
        /// By so many.
        by: i64,
    },
    /// Offers stopped.
    Close(Vec<OfferId>),
    /// Closings moved.
    MoveClosing(Vec<MovedClosing>),
    /// An offer is to open later.
    Plan(OfferId),
    /// Offers take orders again, with these closings.
    Reopen(Vec<MovedClosing>),
}

/// A closing that was moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MovedClosing {
    /// Whose.
    pub offer: OfferId,
    /// When it was.
    pub from: Timestamp,
    /// When it is.
    pub to: Timestamp,
}

/// What is said of what is on sale.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// What is on offer.
    Menu {
        /// Open offers, in order of code.
        offers: Vec<OfferView>,
    },
    /// The answer to a question, from the catalogue.
    Answer {
        /// What was asked.
        about: About,
        /// About these offers.
        offers: Vec<OfferView>,
        /// Pick-up points.
        pickup_points: Vec<String>,
        /// When goods come, or that they are there.
        #[serde(default)]
        arrivals: Vec<ArrivalView>,
        /// In the shop's own words, instead of all that.
        #[serde(default)]
        told: Option<String>,
    },
    /// An offer did not reach its minimum; its orders are released.
    NotReached {
        /// Name of the offer.
        name: String,
        /// Sold.
        sold: i64,
        /// Needed.
        minimum: u32,
    },
    /// The day's drop (上新).
    DropPosted {
        /// The operator's greeting.
        greeting: String,
        /// A picture.
        image: Option<String>,
        /// What is offered.
        offers: Vec<OfferView>,
        /// When it closes.
        closes_at: Timestamp,
        /// Whether it comes late, after an outage.
        late: bool,
    },
    /// A drop was missed by more than its grace.
    DropSkipped {
        /// The drop's key.
        drop: String,
        /// When it was planned.
        at: Timestamp,
    },
    /// Said once to the group.
    SoldOut {
        /// Code of the offer.
        code: String,
        /// Its name.
        name: String,
        /// The post that it stands in.
        #[serde(default)]
        post: Option<Box<PostView>>,
    },
    /// Offers closed; what was sold.
    Closed {
        /// The offers that closed.
        offers: Vec<OfferView>,
        /// Orders in them.
        orders: i64,
        /// Members who ordered.
        buyers: i64,
        /// Their sum.
        total: Money,
        /// Of it, not paid yet.
        unpaid: Money,
    },
    /// A leader opened an offer from the chat.
    Listed {
        /// It.
        offer: OfferView,
        /// When it closes.
        closes_at: Timestamp,
    },
    /// A leader changed price or stock.
    OfferChanged {
        /// The offer now.
        offer: OfferView,
        /// The post that it stands in.
        #[serde(default)]
        post: Option<Box<PostView>>,
        /// Its stock, where that was changed.
        #[serde(default)]
        stock: Option<StockView>,
    },
    /// A leader stopped offers.
    OffersStopped {
        /// Their codes.
        codes: Vec<String>,
    },
    /// A leader moved when offers close.
    ClosingMoved {
        /// They, as they stand.
        offers: Vec<OfferView>,
        /// The post that they stand in.
        post: Option<Box<PostView>>,
    },
    /// A leader took back that offers were stopped.
    OffersReopened {
        /// They, as they stand.
        offers: Vec<OfferView>,
    },
    /// To whoever took back a price: so much was ordered at it meanwhile, and keeps it.
    SoldMeanwhile(SoldAt),
    /// To a leader: it is put on sale at its time.
    ListingPlanned {
        /// It.
        planned: PlannedView,
    },
    /// To a leader: it is not put on sale.
    PlanDropped {
        /// It.
        planned: PlannedView,
    },
    /// To the group: what is to come.
    Coming {
        /// What, in order of time.
        coming: Vec<PlannedView>,
    },
    /// To a leader: what would be put on sale. It waits for their word.
    ListingDraft {
        /// The offers.
        offers: Vec<OfferView>,
        /// When the first of them closes.
        closes_at: Timestamp,
    },
    /// To whoever wants to know when something is back: they will.
    WillCall {
        /// Codes and names.
        goods: Vec<String>,
    },
    /// To them: it is back.
    BackInStock {
        /// The offer.
        offer: OfferView,
    },
}

/// Why something about what is on sale is not done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// The offer takes no more orders.
    OfferClosed {
        /// Code of the offer.
        code: String,
        /// Name of the offer.
        name: String,
        /// Since when; nothing for one that was stopped before its time.
        closed_at: Option<Timestamp>,
    },
    /// Nothing is left.
    SoldOut {
        /// Name, with variant.
        name: String,
    },
    /// Fewer are left than wanted.
    NotEnoughLeft {
        /// Name, with variant.
        name: String,
        /// So many are.
        left: i64,
        /// Of this unit.
        unit: String,
    },
    /// The code of an offer listed from the chat, or its price, makes no sense.
    BadOffer,
    /// There is no stock to change: the offer is sold without a limit.
    Unlimited {
        /// Name, with variant.
        name: String,
    },
    /// A price from the chat that no file may have either.
    PriceTooHigh {
        /// The highest there may be.
        most: Money,
    },
    /// More of an offer than may be put on sale.
    StockTooHigh {
        /// The most there may be, in units of the offer.
        most: i64,
    },
    /// No sale is on.
    NothingOpen,
    /// The closing of an offer that takes no more orders is moved no more.
    ClosedForGood {
        /// Code of the offer.
        code: String,
        /// Name of the offer.
        name: String,
    },
    /// A closing that is over already.
    ClosingPast {
        /// When it would have been.
        at: Timestamp,
    },
    /// A closing further away than there may be.
    ClosingFar {
        /// The furthest in days.
        most: i64,
    },
    /// An opening that is over already.
    OpeningPast {
        /// When it would have been.
        at: Timestamp,
    },
    /// As many offers as may be wait for their time.
    TooManyPlanned {
        /// So many.
        most: usize,
    },
    /// Nothing that is planned is called so.
    NotPlanned {
        /// How it was called.
        said: String,
    },
    /// Nothing is planned.
    NothingPlanned,
    /// Several offers of a draft may be meant.
    WhichDraft {
        /// Their codes.
        codes: Vec<String>,
    },
    /// It is on sale, or its code is another's by now.
    OnSaleAlready {
        /// The code that is on sale.
        code: String,
        /// What is on sale.
        name: String,
    },
    /// Nothing was put on sale on that day that is not on sale now.
    NothingThen,
    /// Nothing that is on sale is sold out.
    NothingSoldOut,
    /// It is not sold out.
    NotSoldOut {
        /// Code of the offer.
        code: String,
        /// Name of the offer.
        name: String,
    },
    /// As many as may be wait for it.
    TooManyWait {
        /// Name of the offer.
        name: String,
    },
}

impl Intent {
    /// Its name in the table of commands.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Menu => "catalog.menu",
            Self::Query(query) => match query.about {
                About::Closing => "catalog.when",
                About::Delivery => "shipping.where",
                About::Hours => "shipping.when",
                About::Carriage | About::Fee => "shipping.fee",
                About::Price | About::Stock | About::Variants | About::Other => "catalog.ask",
            },
            Self::CallBack(_) => "catalog.call_back",
        }
    }

    /// Change the people and the words in it.
    pub(super) fn change(&mut self, _change: &mut impl Change) {
        match self {
            Self::Menu | Self::Query(_) | Self::CallBack(_) => {}
        }
    }
}

impl Lead {
    /// Its name in the table of commands.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::List { .. } => "catalog.put_on_sale",
            Self::CancelPlan { .. } | Self::TellPlans => "catalog.plan",
            Self::Price { .. } => "catalog.price",
            Self::Stock { .. } | Self::SetStock { .. } => "catalog.stock",
            Self::Close(_) => "catalog.close",
            Self::MoveClosing { .. } => "catalog.move_closing",
            Self::Reopen { .. } => "catalog.reopen",
            Self::CopyOffers { .. } | Self::RepeatDay { .. } | Self::ChangeDraft { .. } => {
                "catalog.again"
            }
        }
    }

    /// Change the people and the words in it.
    pub(super) fn change(&mut self, change: &mut impl Change) {
        match self {
            Self::List { name, unit, .. } => {
                change.words(name);
                change.words_of(unit);
            }
            Self::CancelPlan { said } => change.words(said),
            Self::Price { .. }
            | Self::Stock { .. }
            | Self::SetStock { .. }
            | Self::Close(_)
            | Self::MoveClosing { .. }
            | Self::Reopen { .. }
            | Self::CopyOffers { .. }
            | Self::TellPlans
            | Self::RepeatDay { .. } => {}
            Self::ChangeDraft { goods, .. } => change.words(goods),
        }
    }
}

impl Reply {
    /// How it travels.
    pub(super) fn delivery(&self) -> Delivery<'_> {
        match self {
            Self::SoldMeanwhile(_) | Self::WillCall { .. } => OUTCOME,
            Self::Coming { .. } => Delivery { news: Some(News::Goods), ..NEWS },
            Self::ListingPlanned { .. } | Self::PlanDropped { .. } => {
                Delivery { audience: Audience::Alone, degrade: Degrade::Short, ..OUTCOME }
            }
            Self::ListingDraft { .. } => Delivery {
                audience: Audience::Alone,
                buttons: Buttons::Choices(Why::Confirm, 1),
                degrade: Degrade::Short,
                ..OBJECTION
            },
            Self::BackInStock { offer } => Delivery {
                audience: Audience::Alone,
                buttons: Buttons::Offers(std::slice::from_ref(offer)),
                degrade: Degrade::Short,
                ..NOTICE
            },
            Self::NotReached { .. } => NOTICE,
            Self::DropSkipped { .. } => REPORT,
            Self::Menu { .. } | Self::Answer { .. } => READ,
            Self::DropPosted { image, offers, .. } => {
                let of_offer = || offers.iter().find_map(|offer| offer.image.as_deref());
                post(offers, image.as_deref().or_else(of_offer), Merging::Whole)
            }
            Self::Listed { offer, .. } => {
                let offers = std::slice::from_ref(offer);
                post(offers, offer.image.as_deref(), Merging::Digest)
            }
            Self::SoldOut { post, .. }
            | Self::OfferChanged { post, .. }
            | Self::ClosingMoved { post, .. } => match post {
                Some(post) => Delivery { edits: Edit::Renews(post), ..NEWS },
                None => NEWS,
            },
            Self::Closed { .. } => Delivery { audience: Audience::Group, ..CLOSING },
            Self::OffersStopped { .. } => Delivery { news: Some(News::Closing), ..NEWS },
            Self::OffersReopened { .. } => NEWS,
        }
    }
}

impl Refusal {
    /// An offer takes no more orders at `at`.
    #[must_use]
    pub fn closed(offer: &Offer, at: Timestamp) -> Self {
        Self::OfferClosed {
            code: offer.code.clone(),
            name: offer.detail.name.clone(),
            closed_at: Some(offer.closes_at).filter(|closes_at| *closes_at <= at),
        }
    }
}
