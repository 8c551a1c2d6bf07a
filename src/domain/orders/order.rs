//! Orders (订单): a basket of lines that one member pays together.
//!
//! placed → paid → shipped → received → closed; cancelled and refunded from wherever that makes
//! sense. A line carries a snapshot of its price and of who earns what on it, so that later changes of
//! policy or attribution never touch it; two commission levels are all that it can express.

use serde::{Deserialize, Serialize};

use super::claim::PaymentClaim;

use chrono::Duration;

use crate::domain::ids::{MemberId, OfferId, OrderId};
use crate::domain::money::{Currency, Money, Rate};
use crate::domain::pricing::{self, Cut};
use crate::domain::time::Timestamp;

/// One order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// Number in the community: `#1024`.
    pub id: OrderId,
    /// Who placed it and pays.
    pub member: MemberId,
    /// Where it stands.
    pub state: OrderState,
    /// The closing time that its offers were opened with ([`Offer::baskets_of`]); a member has one unpaid basket for
    /// each.
    ///
    /// [`Offer::baskets_of`]: crate::domain::catalog::Offer::baskets_of
    pub closes_at: Timestamp,
    /// Unpaid, it lapses at this instant.
    pub hold_until: Timestamp,
    /// Whether the buyer was warned of that.
    pub warned: bool,
    /// How often it was held on because a part of it was paid.
    pub prolonged: i16,
    /// When it lapsed: its time was over, or its group buy failed. `None`: it did not, or is on again.
    pub lapsed_at: Option<Timestamp>,
    /// When the first line was placed.
    pub placed_at: Timestamp,
    /// When payment was confirmed.
    pub paid_at: Option<Timestamp>,
    /// What was received for it so far, without deposits given back.
    pub received: Money,
    /// Paid with points: so much of the total.
    pub points_worth: Money,
    /// So many points; what refunds give back of them follows from its lines.
    pub points_spent: i64,
    /// How it earns points, as that was when it was placed; `None`: not at all.
    pub points_terms: Option<PointsTerms>,
    /// Points granted for it when it was paid; what refunds take back of them follows from its lines.
    pub points_granted: i64,
    /// When it was shipped.
    pub shipped_at: Option<Timestamp>,
    /// When the member had the goods; the return window runs from here.
    pub received_at: Option<Timestamp>,
    /// When its return window ends; `None` before receipt, and when all was refunded before that end.
    pub due_at: Option<Timestamp>,
    /// Fingerprint and time of the last message that added to it, to notice a bare repeat.
    pub said: Option<(i64, Timestamp)>,
    /// The last minute in which it was changed: its beginning, and how often since.
    pub changed: Option<(Timestamp, i16)>,
    /// Its lines, in order of number; line `n` is at `n - 1`.
    pub lines: Vec<Line>,
    /// Beneficiary, remarks, delivery, carrier; sealed in the database.
    pub private: OrderPrivate,
}

/// For so long after an order lapsed, money of its buyer may be meant for it.
pub const LATE: Duration = Duration::days(1);

/// A place in the row of orders whose return window ends: by time, then by number. A community's orders
/// are settled along this row, so that one place says which of them are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DueMark {
    /// When the window of the order ends.
    pub at: Timestamp,
    /// The order.
    pub order: OrderId,
}

/// Where an order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderState {
    /// Waits for payment; holds stock.
    Placed,
    /// Paid, to be shipped.
    Paid,
    /// Under way.
    Shipped,
    /// The member has the goods.
    Received,
    /// The return window is over and commission is available.
    Closed,
    /// Cancelled or lapsed before payment.
    Cancelled,
    /// Refunded in full.
    Refunded,
}

/// One line: an offer, a variant, a quantity, and a snapshot of its terms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The offer.
    pub offer: OfferId,
    /// Index into its variants.
    pub variant: Option<u16>,
    /// Units wanted; 0 once taken off before payment.
    pub qty: u32,
    /// Price of one unit when it was placed.
    pub price: Money,
    /// What it costs less than its price.
    pub cuts: Vec<Cut>,
    /// The part of the line that points paid.
    pub discount: Money,
    /// Units refunded after payment.
    pub refunded_qty: u32,
    /// Of the refunded units, so many went back on sale.
    pub restocked: u32,
    /// Money refunded after payment, of the base: what the units refunded come to, and the amounts beside them.
    pub refunded: Money,
    /// Of that, the amounts that were given back without units: for bruises, for a price that was wrong.
    pub refunded_amount: Money,
    /// Who earns what on it: level 1 and level 2.
    pub shares: [Option<Commission>; 2],
    /// Fingerprint of the key of the message that last added to it, to know it when it is recalled.
    pub message: Option<i64>,
    /// When its goods were handed over, where that was said of single lines.
    pub collected_at: Option<Timestamp>,
}

/// A promoter's share of one line (佣金), snapshotted when it was placed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Commission {
    /// Who earns it.
    pub promoter: MemberId,
    /// On which terms.
    pub terms: Terms,
    /// What the whole line earns: final once paid.
    pub amount: Money,
    /// Taken back by refunds so far.
    pub reversed: Money,
}

/// The terms of a share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Terms {
    /// A part of the line's base.
    Rate(Rate),
    /// A fixed amount for each unit.
    Fixed(Money),
}

/// How an order earns points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PointsTerms {
    /// One point for each so much …
    pub per: Money,
    /// … times so many ten-thousandths: the day's hundredths by the tier's.
    pub times: u32,
}

/// Where the commission of an order's lines stands; follows from the order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CommissionState {
    /// Order placed; nothing posted.
    Pending,
    /// Order paid; counted, not yet to be had.
    Frozen,
    /// Return window over; may be withdrawn.
    Available,
    /// Cancelled before payment, or refunded in full.
    Void,
}

/// What only the buyer and the leader may see of an order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OrderPrivate {
    /// Whom it is for, when not for the buyer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub for_whom: Option<String>,
    /// The platform's id of whom it is for, where they were mentioned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub for_key: Option<String>,
    /// Remarks, oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// Where it goes: as set when it was paid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivery: Option<String>,
    /// 顺丰, DHL.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub carrier: Option<String>,
    /// Tracking number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tracking: Option<String>,
    /// That its buyer says to have paid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claim: Option<PaymentClaim>,
    /// When a leader last had its buyer asked for the money.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chased_at: Option<Timestamp>,
    /// When its buyer was last reminded as the time to pay went by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reminded_at: Option<Timestamp>,
}

impl PointsTerms {
    /// The ten-thousandths of an order that is not multiplied.
    pub const PLAIN: u32 = 10_000;

    /// What so much earns when it is paid, rounded down once.
    #[must_use]
    pub fn earned(self, total: Money) -> i64 {
        let exact = i128::from(total.minor) * i128::from(self.times)
            / i128::from(Self::PLAIN)
            / i128::from(self.per.minor.max(1));
        i64::try_from(exact).unwrap_or(i64::MAX)
    }
}

/// Whom an order is for, when not for its buyer. Who was mentioned is known by id; a name alone is only
/// what the buyer calls them.
#[derive(Clone, Copy, Debug)]
pub struct Recipient<'a> {
    /// What they are called.
    pub name: &'a str,
    /// The platform's id of them.
    pub key: Option<&'a str>,
}

impl PartialEq for Recipient<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key && (self.key.is_some() || self.name == other.name)
    }
}

impl Eq for Recipient<'_> {}

impl OrderPrivate {
    /// Whom it is for, when not for the buyer.
    #[must_use]
    pub fn recipient(&self) -> Option<Recipient<'_>> {
        let name = self.for_whom.as_deref()?;
        Some(Recipient { name, key: self.for_key.as_deref() })
    }

    /// That its buyer says to have paid, as long as no leader has answered.
    #[must_use]
    pub fn open_claim(&self) -> Option<&PaymentClaim> {
        self.claim.as_ref().filter(|claim| !claim.is_denied)
    }

    /// Whether there is nothing to seal.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Order {
    /// What its lines cost, without points.
    #[must_use]
    pub fn gross(&self) -> Money {
        self.lines.iter().map(Line::gross).sum()
    }

    /// What its lines cost less than their prices.
    #[must_use]
    pub fn cut(&self) -> Money {
        self.lines.iter().map(Line::cut).sum()
    }

    /// What is to be paid in money.
    #[must_use]
    pub fn total(&self) -> Money {
        self.lines.iter().map(Line::base).sum()
    }

    /// Money refunded so far.
    #[must_use]
    pub fn refunded(&self) -> Money {
        self.lines.iter().map(|line| line.refunded).sum()
    }

    /// What is still to be paid in money; negative, where too much came.
    #[must_use]
    pub fn still_due(&self) -> Money {
        self.total() - self.received
    }

    /// Whether it lapsed so short a while ago that money of its buyer may be meant for it.
    #[must_use]
    pub fn has_lapsed_lately(&self, at: Timestamp) -> bool {
        self.state == OrderState::Cancelled && self.lapsed_at > Some(at - LATE)
    }

    /// What was received and is still the buyer's: a part of an unpaid order, or too much for a paid one.
    #[must_use]
    pub fn deposit(&self) -> Money {
        if self.paid_at.is_some() { self.received - self.total() } else { self.received }
    }

    /// Whether it holds stock and waits for payment.
    #[must_use]
    pub fn is_unpaid(&self) -> bool {
        self.state == OrderState::Placed
    }

    /// Whether money has been taken for it and not wholly given back.
    #[must_use]
    pub fn is_paid(&self) -> bool {
        matches!(
            self.state,
            OrderState::Paid | OrderState::Shipped | OrderState::Received | OrderState::Closed
        )
    }

    /// Its place among the orders whose return window ends.
    #[must_use]
    pub fn due(&self) -> Option<DueMark> {
        self.due_at.map(|at| DueMark { at, order: self.id })
    }

    /// Close it if settlement has passed it: what its lines earn is available then.
    pub fn settle(&mut self, until: Option<DueMark>) {
        if self.state == OrderState::Received && self.due().is_some_and(|due| Some(due) <= until) {
            self.state = OrderState::Closed;
        }
    }

    /// Where the commission of its lines stands.
    #[must_use]
    pub fn commission_state(&self) -> CommissionState {
        self.state.commission()
    }
}

impl OrderState {
    /// Where the commission of an order in this state stands.
    #[must_use]
    pub fn commission(self) -> CommissionState {
        match self {
            Self::Placed => CommissionState::Pending,
            Self::Paid | Self::Shipped | Self::Received => CommissionState::Frozen,
            Self::Closed => CommissionState::Available,
            Self::Cancelled | Self::Refunded => CommissionState::Void,
        }
    }
}

impl Line {
    /// So many units at this price, on which nobody earns.
    #[must_use]
    pub const fn of(offer: OfferId, variant: Option<u16>, qty: u32, price: Money) -> Self {
        Self {
            offer,
            variant,
            qty,
            price,
            cuts: Vec::new(),
            discount: Money::ZERO,
            refunded_qty: 0,
            restocked: 0,
            refunded: Money::ZERO,
            refunded_amount: Money::ZERO,
            shares: [None; 2],
            message: None,
            collected_at: None,
        }
    }

    /// Units that are still wanted.
    #[must_use]
    pub fn live_qty(&self) -> u32 {
        self.qty.saturating_sub(self.refunded_qty)
    }

    /// Price times quantity.
    #[must_use]
    pub fn gross(&self) -> Money {
        // Checked when the line was made; see `decide::orders::order`.
        Money::from_minor(self.price.minor.saturating_mul(i64::from(self.qty)))
    }

    /// What it costs less than its price.
    #[must_use]
    pub fn cut(&self) -> Money {
        pricing::sum_of(&self.cuts)
    }

    /// What is asked for it, in money and points.
    #[must_use]
    pub fn asked(&self) -> Money {
        self.gross() - self.cut()
    }

    /// The paid amount after cuts and points, without delivery: what commission is counted from.
    #[must_use]
    pub fn base(&self) -> Money {
        self.asked() - self.discount
    }

    /// What of that was not given back.
    #[must_use]
    pub fn kept(&self) -> Money {
        self.base() - self.refunded
    }
}

impl Commission {
    /// What stays earned when `refunded` of `base` went back: the cumulative target, rounded down to what
    /// can be paid.
    #[must_use]
    pub fn target(&self, base: Money, refunded: Money, currency: Currency) -> Money {
        if refunded.is_zero() {
            return self.amount;
        }
        currency.in_cash(self.amount.portion(base - refunded, base))
    }
}
