//! How a reply travels: to whom, how urgently, with what below it, and what becomes of it where it cannot
//! be delivered. All of it is answered in one place, and there is no answer for the rest: a new reply
//! must be given one.

use serde::{Deserialize, Serialize};

use super::{OfferView, PostView, Reply};
use crate::domain::event::Contact;
use crate::domain::ids::{MemberId, OfferId, OrderId};
use crate::domain::intent::Why;
use crate::domain::payments::{self, ClaimView};
use crate::domain::shipping::{self, Uncollected};
use crate::domain::time::Timestamp;
use crate::domain::{catalog, orders};

/// How a reply travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delivery<'a> {
    /// For whom it is.
    pub audience: Audience,
    /// What is lost when it is not said.
    pub receipt: Receipt,
    /// What it may overtake.
    pub urgency: Urgency,
    /// Whether it may stand among others in one message.
    pub merges: Merging,
    /// Whom it mentions beside whoever it is for: its words name each as `@name` (the part `mention`).
    pub calls: &'a [Contact],
    /// What can be pressed below it.
    pub buttons: Buttons<'a>,
    /// The picture it stands below.
    pub picture: Option<Picture<'a>>,
    /// The orders that go with it as a file.
    pub sheet: Option<OrderSheet>,
    /// What it has to do with a post that can be changed later.
    pub edits: Edit<'a>,
    /// What the group is told when it cannot be said to one member alone.
    pub degrade: Degrade,
    /// As what leaders hear of it while it waits for a person; `None`: whoever waits for it asks again.
    pub news: Option<News>,
}

impl Delivery<'_> {
    /// Whether it confirms to somebody what they did, so that those of a minute may stand in one message.
    #[must_use]
    pub fn is_receipt(&self) -> bool {
        let confirms = self.receipt == Receipt::Firm || self.merges == Merging::Line;
        confirms && self.merges != Merging::Whole && self.urgency == Urgency::Outcome
    }

    /// Whether it is news that nobody waits for: no goods, no closing and no receipt.
    #[must_use]
    pub fn is_notice(&self) -> bool {
        self.news == Some(News::Notice)
    }
}

/// So much of one kind waits for a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// What it is.
    pub kind: News,
    /// How many messages.
    pub count: u32,
}

/// What leaders hear of by kind while it waits for a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum News {
    /// New goods.
    Goods,
    /// That a sale is over, and what came of it.
    Closing,
    /// The receipt of an order or of money.
    Receipt,
    /// What else happened.
    Notice,
}

/// For whom a reply is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Everybody in the group.
    Group,
    /// One member, where they spoke, or where the decision says.
    Member,
    /// One member's eyes only, wherever they spoke.
    Alone,
    /// Each leader alone.
    Leaders,
    /// Somebody who belongs to no community, or to several.
    Outsider,
}

/// What a reply is the receipt of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Receipt {
    /// An order or money: said once more, marked as a repeat, when nobody knows whether it arrived.
    Firm,
    /// Something that changed or happened: said once.
    Plain,
    /// Nothing changed. Whoever asks again is told again.
    Nothing,
}

/// What a reply may overtake while a chat has to wait: earlier ones come first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    /// What came of something that somebody did, and waits to hear.
    Outcome,
    /// Nobody waits for it: it comes of the calendar or of what others did, often to many at once.
    Notice,
    /// The answer to a question.
    Read,
}

/// Whether a reply may be merged with others to the same chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Merging {
    /// It may stand in a digest, in full.
    Digest,
    /// It may stand there as one line (`digest/…`), or be counted where there are many of one person.
    Line,
    /// It is a message of its own.
    Whole,
}

/// What can be pressed below a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Buttons<'a> {
    /// Nothing.
    Nothing,
    /// One of each of these offers, as far as it is left.
    Offers(&'a [OfferView]),
    /// Cancel this order.
    Cancel(OrderId),
    /// One of so many choices.
    Choices(Why, usize),
    /// These orders were handed over, one each.
    CheckOff(&'a [Uncollected]),
    /// A leader's yes or no to what this member asks for.
    Request(MemberId),
    /// The money of one of these came.
    Paid(&'a [ClaimView]),
}

/// A picture above a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Picture<'a> {
    /// A path below the config's folder, or an `https://` address.
    File(&'a str),
    /// A QR code of this content, made when it is sent.
    Code(&'a str),
}

/// Orders that go into a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrderSheet {
    /// Placed since then …
    pub since: Timestamp,
    /// … and before then.
    pub before: Timestamp,
    /// Which have this.
    pub offer: Option<OfferId>,
}

/// What a reply has to do with posts that can be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edit<'a> {
    /// Nothing.
    Nothing,
    /// It is a post of these offers.
    Post(&'a [OfferView]),
    /// It makes this post untrue.
    Renews(&'a PostView),
}

/// What the group is told in place of a reply that cannot be said to one member alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Degrade {
    /// The same: it is nothing that others may not read.
    Same,
    /// Its form for the group (`public/…`), without what is nobody else's business.
    Short,
    /// Nothing: it is given up.
    Never,
}

/// A receipt of an order or of money.
pub(in crate::domain) const RECEIPT: Delivery<'_> =
    Delivery { receipt: Receipt::Firm, news: Some(News::Receipt), ..OUTCOME };

/// Something was done that its speaker waits to hear of.
pub(in crate::domain) const OUTCOME: Delivery<'_> = Delivery {
    audience: Audience::Member,
    receipt: Receipt::Plain,
    urgency: Urgency::Outcome,
    merges: Merging::Digest,
    calls: &[],
    buttons: Buttons::Nothing,
    picture: None,
    sheet: None,
    edits: Edit::Nothing,
    degrade: Degrade::Same,
    news: None,
};

/// Nothing was done, and its speaker waits to hear why not.
pub(in crate::domain) const OBJECTION: Delivery<'_> =
    Delivery { receipt: Receipt::Nothing, ..OUTCOME };

/// News that its reader does not wait for.
pub(in crate::domain) const NOTICE: Delivery<'_> =
    Delivery { urgency: Urgency::Notice, news: Some(News::Notice), ..OUTCOME };

/// The same, to leaders.
pub(in crate::domain) const REPORT: Delivery<'_> =
    Delivery { audience: Audience::Leaders, ..NOTICE };

/// The answer to a question.
pub(in crate::domain) const READ: Delivery<'_> =
    Delivery { receipt: Receipt::Nothing, urgency: Urgency::Read, ..OUTCOME };

/// The answer to a question which, asked alone, is answered alone or not at all.
pub(in crate::domain) const CONFIDENCE: Delivery<'_> = Delivery { degrade: Degrade::Never, ..READ };

/// The answer to a question about what somebody earns.
pub(in crate::domain) const EARNINGS: Delivery<'_> =
    Delivery { audience: Audience::Alone, degrade: Degrade::Short, ..READ };

/// News to the whole group.
pub(in crate::domain) const NEWS: Delivery<'_> =
    Delivery { audience: Audience::Group, news: Some(News::Notice), ..OUTCOME };

/// What came of a sale, as a message of its own.
pub(in crate::domain) const CLOSING: Delivery<'_> =
    Delivery { merges: Merging::Whole, news: Some(News::Closing), ..OUTCOME };

/// To somebody whom no group knows, or several do: no group is told.
pub(in crate::domain) const ASIDE: Delivery<'_> =
    Delivery { audience: Audience::Outsider, degrade: Degrade::Never, ..READ };

impl Reply {
    /// How it travels.
    #[must_use]
    pub fn delivery(&self) -> Delivery<'_> {
        match self {
            Self::Refused { refusal } => refusal.delivery(),
            Self::Asked { why, choices, .. } => {
                Delivery { buttons: Buttons::Choices(*why, choices.len()), ..OBJECTION }
            }
            Self::Groups(it) => it.delivery(),
            Self::People(it) => it.delivery(),
            Self::Catalog(it) => it.delivery(),
            Self::Orders(it) => it.delivery(),
            Self::Payments(it) => it.delivery(),
            Self::Shipping(it) => it.delivery(),
            Self::Referral(it) => it.delivery(),
            Self::Payouts(it) => it.delivery(),
            Self::Loyalty(it) => it.delivery(),
            Self::Service(it) => it.delivery(),
            Self::Reports(it) => it.delivery(),
        }
    }

    /// What it says is over by then.
    #[must_use]
    pub fn deadline(&self) -> Option<Timestamp> {
        match self {
            Self::Orders(orders::Reply::AboutToLapse { at, .. })
            | Self::Shipping(shipping::Reply::WillBeReceived { at, .. })
            | Self::Payments(
                payments::Reply::PayReminder { until: at, .. }
                | payments::Reply::Chased { until: at, .. },
            ) => Some(*at),
            Self::Payments(payments::Reply::PaymentClaims { claims, .. }) => {
                claims.iter().filter_map(|claim| claim.held_until).min()
            }
            _ => None,
        }
    }

    /// The offers of a post, to say of each what is true by now; `None` for what is no post.
    pub fn offers_of_post(&mut self) -> Option<&mut [OfferView]> {
        match self {
            Self::Catalog(catalog::Reply::DropPosted { offers, .. }) => Some(offers),
            Self::Catalog(catalog::Reply::Listed { offer, .. }) => {
                Some(std::slice::from_mut(offer))
            }
            _ => None, // a test holds that these are the posts of `delivery`
        }
    }

    /// When a post says that they close.
    pub fn closing_of_post(&mut self) -> Option<&mut Timestamp> {
        match self {
            Self::Catalog(
                catalog::Reply::DropPosted { closes_at, .. }
                | catalog::Reply::Listed { closes_at, .. },
            ) => Some(closes_at),
            _ => None,
        }
    }
}

/// A post of offers, which later ones may change.
pub(in crate::domain) fn post<'a>(
    offers: &'a [OfferView],
    picture: Option<&'a str>,
    merges: Merging,
) -> Delivery<'a> {
    let picture = picture.map(Picture::File);
    let (buttons, edits) = (Buttons::Offers(offers), Edit::Post(offers));
    Delivery { merges, buttons, picture, edits, news: Some(News::Goods), ..NEWS }
}
