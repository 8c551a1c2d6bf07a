//! Plans: what a message would change in a buyer's baskets, checked before anything is touched.
//!
//! Changes are quantities by offer and variant. Those that take goods pass a staircase, line by line in
//! the order of the message, and the first that stumbles is the answer:
//! closed → sold out → not enough left → over the member's limit → absurd. Before them come lines to be
//! taken off a basket that is paid in part.
//! A plan is all or nothing. What it gives back counts before what it takes.

use std::collections::BTreeMap;

use crate::book::ctx::{Ctx, Decided};
use crate::decide::loyalty::tiers;
use crate::decide::referral::commission::{self, Earners};
use crate::decide::views;
use crate::domain::catalog::{Offer, OfferState};
use crate::domain::ids::{MemberId, OfferId, OrderId};
use crate::domain::money::Money;
use crate::domain::orders::{Line, Order, OrderState, PointsTerms, Recipient};
use crate::domain::refusal::Refusal;
use crate::domain::{catalog, orders, payments};

/// The most units that one line of a basket may come to.
pub const MAX_LINE_QTY: i64 = 9_999;
/// The most that one basket may cost, in minor units: beyond it somebody is joking.
pub const MAX_BASKET_MINOR: i64 = 10_000_000_000;

/// Whose baskets are changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Buyer<'a> {
    /// Who pays.
    pub member: MemberId,
    /// Whom it is for, when not for them. A basket is for one person.
    pub for_whom: Option<Recipient<'a>>,
    /// A remark to keep.
    pub note: Option<&'a str>,
    /// In this order and no other of theirs.
    pub only: Option<OrderId>,
    /// A leader does it for them: goods whose offer is closed are sold, too, as long as there are some.
    pub by_leader: bool,
}

impl Buyer<'_> {
    /// A member who orders for themselves.
    #[must_use]
    pub const fn of(member: MemberId) -> Self {
        Self { member, for_whom: None, note: None, only: None, by_leader: false }
    }
}

/// A change of one quantity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// In this basket; `None`: in the buyer's basket of that closing time, a new one if need be.
    pub order: Option<OrderId>,
    /// The offer.
    pub offer: OfferId,
    /// Index into its variants.
    pub variant: Option<u16>,
    /// So many more, or fewer.
    pub by: i64,
}

/// Checked changes, ready to be made.
#[derive(Debug)]
pub struct PlannedOrder<'a> {
    pub(super) buyer: Buyer<'a>,
    /// How a new basket earns points.
    pub(super) points: Option<PointsTerms>,
    pub(super) changes: Vec<(Change, Earners)>,
}

/// Check changes.
///
/// # Errors
/// Missing facts first; then the first line that fails, in the order told at the top of this file.
pub fn plan<'a>(
    ctx: &Ctx<'_>,
    buyer: Buyer<'a>,
    changes: Vec<Change>,
) -> Decided<PlannedOrder<'a>> {
    require_orders(ctx, buyer.member, &changes)?;
    let takes = changes.iter().any(|change| change.by > 0);
    let points = if takes { tiers::terms(ctx, buyer.member)? } else { None };
    let mut checked = Vec::with_capacity(changes.len());
    let mut tally = PlannedTotals::default();
    let (less, more): (Vec<_>, Vec<_>) =
        merged(changes).into_iter().filter(|change| change.by != 0).partition(|it| it.by < 0);
    refuse_part_paid(ctx, &less)?;
    for change in less {
        tally.note(ctx.offer(change.offer)?, &change);
        checked.push((change, Earners::default()));
    }
    for change in more {
        let offer = ctx.offer(change.offer)?;
        let earners = commission::snapshot(ctx, buyer.member, offer)?;
        tally.check(ctx, buyer, offer, &change)?;
        tally.note(offer, &change);
        checked.push((change, earners));
    }
    Ok(PlannedOrder { buyer, points, changes: checked })
}

/// Of a basket that is paid in part no more is taken off than was not paid for: the leader has money for the rest.
/// Down to what was paid it may come; then it is paid, and whoever earns on it is to be known.
fn refuse_part_paid(ctx: &Ctx<'_>, less: &[Change]) -> Decided {
    for change in less {
        let basket = change.order.and_then(|id| ctx.shop.orders.get(id));
        let Some(basket) = basket.filter(|basket| !basket.received.is_zero()) else { continue };
        let of_basket = less.iter().filter(|it| it.order == change.order);
        let off: i64 = of_basket.map(|it| it.by.saturating_mul(price_in(basket, it).minor)).sum();
        if basket.total().minor.saturating_add(off) < basket.received.minor {
            return Err(
                Refusal::Payments(payments::Refusal::AlreadyPaid { order: basket.id }).into()
            );
        }
        for share in basket.lines.iter().flat_map(|line| line.shares.iter().flatten()) {
            ctx.member_row(share.promoter)?;
        }
    }
    Ok(())
}

/// What a unit costs in a basket: the most, where its lines differ.
fn price_in(basket: &Order, change: &Change) -> Money {
    let same = |line: &&Line| (line.offer, line.variant) == (change.offer, change.variant);
    basket.lines.iter().filter(same).map(|line| line.price).max().unwrap_or(Money::ZERO)
}

/// The member's orders that matter: all, or at least those of the same closing times, where baskets and
/// limits are counted.
fn require_orders(ctx: &Ctx<'_>, member: MemberId, changes: &[Change]) -> Decided {
    let known = &ctx.shop.known;
    let offers = changes.iter().filter_map(|change| ctx.shop.offers.get(change.offer));
    if offers.into_iter().all(|offer| known.closing.contains(&offer.baskets_of())) {
        return Ok(());
    }
    ctx.require_orders_of(member)
}

/// The same offer and variant named twice is one change.
fn merged(changes: Vec<Change>) -> Vec<Change> {
    let mut merged: Vec<Change> = Vec::with_capacity(changes.len());
    for change in changes {
        let same = |it: &&mut Change| {
            (it.order, it.offer, it.variant) == (change.order, change.offer, change.variant)
        };
        match merged.iter_mut().find(same) {
            Some(earlier) => earlier.by = earlier.by.saturating_add(change.by),
            None => merged.push(change),
        }
    }
    merged
}

/// What the changes of one message take in all.
#[derive(Default)]
struct PlannedTotals {
    stock: BTreeMap<(OfferId, usize), i64>,
    offers: BTreeMap<OfferId, i64>,
    cost: i64,
}

impl PlannedTotals {
    fn note(&mut self, offer: &Offer, change: &Change) {
        let row = (offer.id, offer.stock_index(change.variant));
        *self.stock.entry(row).or_default() += change.by;
        *self.offers.entry(offer.id).or_default() += change.by;
        self.cost = self.cost.saturating_add(change.by.saturating_mul(offer.price.minor));
    }

    fn check(&self, ctx: &Ctx<'_>, buyer: Buyer<'_>, offer: &Offer, change: &Change) -> Decided {
        let is_late = buyer.by_leader && may_be_late(offer);
        if !offer.takes_orders(ctx.at) && !is_late {
            return Err(Refusal::Catalog(catalog::Refusal::closed(offer, ctx.at)).into());
        }
        self.check_stock(offer, change)?;
        let held = units_held(ctx, buyer.member, offer.id);
        self.check_limit(offer, change, held)?;
        self.check_sense(ctx, buyer, offer, change)
    }

    fn check_stock(&self, offer: &Offer, change: &Change) -> Decided {
        let Some(stock) = offer.stock_of(change.variant) else { return Ok(()) };
        let row = (offer.id, offer.stock_index(change.variant));
        let left = stock.left - self.stock.get(&row).copied().unwrap_or(0);
        if change.by <= left {
            return Ok(());
        }
        let name = views::full_name(offer, change.variant);
        if stock.left <= 0 {
            return Err(Refusal::Catalog(catalog::Refusal::SoldOut { name }).into());
        }
        let (left, unit) = (stock.left, offer.detail.unit.clone());
        Err(Refusal::Catalog(catalog::Refusal::NotEnoughLeft { name, left, unit }).into())
    }

    fn check_limit(&self, offer: &Offer, change: &Change, held: i64) -> Decided {
        let Some(limit) = offer.detail.limit_per_member else { return Ok(()) };
        let so_far = held + self.offers.get(&offer.id).copied().unwrap_or(0);
        if so_far + change.by <= i64::from(limit) {
            return Ok(());
        }
        Err(Refusal::Orders(orders::Refusal::OverMemberLimit {
            name: offer.detail.name.clone(),
            limit,
            held: u32::try_from(held).unwrap_or(u32::MAX),
            unit: offer.detail.unit.clone(),
        })
        .into())
    }

    fn check_sense(
        &self,
        ctx: &Ctx<'_>,
        buyer: Buyer<'_>,
        offer: &Offer,
        change: &Change,
    ) -> Decided {
        let basket = target(ctx, buyer, change, offer);
        let (held, cost) = basket.map_or((0, Money::ZERO), |order| {
            (units_in(order, change.offer, change.variant), order.gross())
        });
        let more = change.by.checked_mul(offer.price.minor);
        let sum = more.and_then(|more| more.checked_add(cost.minor)?.checked_add(self.cost));
        if held + change.by > MAX_LINE_QTY || sum.is_none_or(|sum| sum > MAX_BASKET_MINOR) {
            return Err(Refusal::Orders(orders::Refusal::AbsurdQuantity).into());
        }
        Ok(())
    }
}

/// Whether a leader may still sell of an offer: it closed, and came about.
fn may_be_late(offer: &Offer) -> bool {
    let came_about = offer.detail.minimum.is_none_or(|least| offer.sold >= i64::from(least));
    offer.state == OfferState::Closed && came_about
}

/// The basket a change goes to, where there is one yet.
pub(super) fn target<'d>(
    ctx: &'d Ctx<'_>,
    buyer: Buyer<'_>,
    change: &Change,
    offer: &Offer,
) -> Option<&'d Order> {
    match change.order {
        Some(id) => ctx.shop.orders.get(id),
        None => ctx.shop.orders.of(buyer.member).find(|order| {
            order.is_unpaid()
                && order.closes_at == offer.baskets_of()
                && order.private.recipient() == buyer.for_whom
        }),
    }
}

/// Units of a variant in one basket.
pub(super) fn units_in(order: &Order, offer: OfferId, variant: Option<u16>) -> i64 {
    let lines = order.lines.iter().filter(|line| (line.offer, line.variant) == (offer, variant));
    lines.map(|line| i64::from(line.qty)).sum()
}

/// Units of an offer that a member has in live orders, paid or not.
fn units_held(ctx: &Ctx<'_>, member: MemberId, offer: OfferId) -> i64 {
    let live =
        |order: &&Order| !matches!(order.state, OrderState::Cancelled | OrderState::Refunded);
    let lines = ctx.shop.orders.of(member).filter(live).flat_map(|order| &order.lines);
    lines.filter(|line| line.offer == offer).map(|line| i64::from(line.live_qty())).sum()
}
