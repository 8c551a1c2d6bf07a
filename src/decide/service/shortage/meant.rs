//! Which goods are lacking. Codes are used again every day, and what is found lacking was mostly ordered before: so what
//! has closed, and is waited for, is meant before what is on sale.

use std::collections::BTreeSet;

use crate::book::Shop;
use crate::book::ctx::{Ctx, Decided};
use crate::domain::catalog::{Offer, OfferState};
use crate::domain::ids::OfferId;
use crate::domain::intent::MAX_CHOICES;
use crate::domain::orders::{Order, OrderState};
use crate::domain::service::{self, Lack, LackNaming, LackedGoods, Shortage};

use super::refused;

/// The goods that a leader means.
pub(super) enum LackMeant {
    One(LackedGoods),
    Several(Vec<LackedGoods>),
}

/// An offer that may be meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct CandidateOffer {
    pub(super) id: OfferId,
    pub(super) variant: Option<u16>,
}

/// This very offer.
pub(super) const fn picked(offer: OfferId, variant: Option<u16>) -> LackedGoods {
    LackedGoods { offer, variant, by: LackNaming::Picked }
}

/// Everything that bears the code, or the name, that was said.
pub(super) fn candidates(shop: &Shop, shortage: &Shortage) -> Vec<CandidateOffer> {
    let mut found: Vec<CandidateOffer> = Vec::new();
    for goods in &shortage.goods {
        let Some(like) = shop.offers.get(goods.offer) else { continue };
        let is_meant = |offer: &&Offer| match goods.by {
            LackNaming::Code => offer.code.eq_ignore_ascii_case(&like.code),
            LackNaming::Name => offer.detail.name == like.detail.name,
            LackNaming::Picked => offer.id == like.id,
        };
        for offer in shop.offers.values().filter(is_meant) {
            let variant = goods.variant.and_then(|variant| same_variant(like, offer, variant));
            let lost = goods.variant.is_some() && variant.is_none();
            if !lost && !found.iter().any(|it| it.id == offer.id) {
                found.push(CandidateOffer { id: offer.id, variant });
            }
        }
    }
    found
}

/// The variant of another offer that is called the same.
fn same_variant(like: &Offer, offer: &Offer, variant: u16) -> Option<u16> {
    let name = like.detail.variants.get(usize::from(variant))?;
    let at = offer.detail.variants.iter().position(|it| it == name)?;
    u16::try_from(at).ok()
}

/// The goods that are meant: of those that people wait for what has closed before what is on sale.
///
/// # Errors
/// `NoSuchGoods`, `LackUnclear`, `NobodyOrdered`.
pub(super) fn meant(ctx: &Ctx<'_>, shortage: &Shortage) -> Decided<LackMeant> {
    let all = candidates(ctx.shop, shortage);
    let Some(first) = all.first() else {
        return refused(service::Refusal::NoSuchGoods { said: shortage.said.clone() });
    };
    let name = crate::decide::views::name_of(ctx.shop, first.id, first.variant);
    if matches!(shortage.lack, Lack::Odd | Lack::Short(0)) {
        let unit = super::unit(ctx.shop, first.id);
        return refused(service::Refusal::LackUnclear { name, unit });
    }
    let waited = waited_for(ctx.shop);
    let of = |state: OfferState| -> Vec<LackedGoods> {
        let live = all.iter().filter(|it| waited.contains(&it.id));
        let live = live.filter(|it| ctx.shop.offers.get(it.id).is_some_and(|o| o.state == state));
        live.map(|it| picked(it.id, it.variant)).collect()
    };
    let closed = of(OfferState::Closed);
    let mut live = if closed.is_empty() { of(OfferState::Open) } else { closed };
    match live[..] {
        [] => refused(service::Refusal::NobodyOrdered { name }),
        [only] => Ok(LackMeant::One(only)),
        _ => {
            // The newest first.
            live.sort_by_key(|goods| std::cmp::Reverse(goods.offer));
            live.truncate(MAX_CHOICES);
            Ok(LackMeant::Several(live))
        }
    }
}

/// The offers of which somebody has something that was not handed over.
fn waited_for(shop: &Shop) -> BTreeSet<OfferId> {
    let waiting = shop.orders.values().filter(|order| waits(order));
    waiting.flat_map(|order| order.outstanding().map(|(_, line)| line.offer)).collect()
}

/// Whether goods of an order may still be to come.
pub(super) fn waits(order: &Order) -> bool {
    matches!(order.state, OrderState::Placed | OrderState::Paid | OrderState::Shipped)
}
