//! The inverses of a leader's word about offers: a price, a stock, a stop. Orders that came meanwhile keep the price
//! that they were placed at, and what they took stays taken.

use crate::book::ctx::{Ctx, Decided};
use crate::decide::views;
use crate::domain::catalog;
use crate::domain::catalog::OfferState;
use crate::domain::ids::OfferId;
use crate::domain::money::Money;
use crate::domain::refusal::Refusal;
use crate::domain::reply::{Reply, SoldAt};

use super::{announce, check_stock, open, require_open, unlimited};

/// The price is what it was before; the leader reads how much was ordered meanwhile.
///
/// # Errors
/// `OfferClosed`; [`Refusal::ChangedSince`].
pub fn price(ctx: &mut Ctx<'_>, offer: OfferId, from: Money, to: Money, sold: i64) -> Decided {
    let row = require_open(ctx, offer)?;
    if row.price != to {
        return Err(Refusal::ChangedSince { what: row.code.clone() }.into());
    }
    let (units, unit, name) = (row.sold - sold, row.detail.unit.clone(), row.detail.name.clone());
    if let Some(row) = ctx.shop.offers.edit(offer) {
        row.price = from;
    }
    announce(ctx, offer, None);
    if units > 0 {
        ctx.say(Reply::Catalog(catalog::Reply::SoldMeanwhile(SoldAt {
            name,
            units,
            unit,
            price: to,
        })));
    }
    Ok(())
}

/// So many more, or fewer, than before are for sale no longer.
///
/// # Errors
/// `OfferClosed`; `NotEnoughLeft` where others took them; `StockTooHigh`.
pub fn stock(ctx: &mut Ctx<'_>, offer: OfferId, variant: Option<u16>, by: i64) -> Decided {
    let row = require_open(ctx, offer)?;
    let stock = row.stock_of(variant).ok_or_else(|| unlimited(row, variant))?;
    if stock.left < by {
        let (name, unit) = (views::full_name(row, variant), row.detail.unit.clone());
        return Err(Refusal::Catalog(catalog::Refusal::NotEnoughLeft {
            name,
            left: stock.left,
            unit,
        })
        .into());
    }
    check_stock(stock.initial - by)?;
    super::put(ctx, offer, variant, -by);
    let stock = ctx.shop.offers.get(offer).and_then(|row| views::stock(row, variant));
    announce(ctx, offer, stock);
    Ok(())
}

/// Offers that were stopped take orders again, until they would have closed.
///
/// # Errors
/// For the first that fails: [`Refusal::ChangedSince`] where it is open, or its code another's;
/// `OfferClosed` where its time is over.
pub fn reopen(ctx: &mut Ctx<'_>, offers: &[OfferId]) -> Decided {
    for &id in offers {
        let row = ctx.offer(id)?;
        let is_taken = open(ctx.shop).any(|other| other.code.eq_ignore_ascii_case(&row.code));
        if row.state != OfferState::Closed || is_taken {
            return Err(Refusal::ChangedSince { what: row.code.clone() }.into());
        }
        if row.closes_at <= ctx.at {
            return Err(Refusal::Catalog(catalog::Refusal::closed(row, ctx.at)).into());
        }
    }
    for &id in offers {
        if let Some(row) = ctx.shop.offers.edit(id) {
            row.state = OfferState::Open;
        }
    }
    let rows = offers.iter().filter_map(|&id| ctx.shop.offers.get(id));
    let offers = views::offers(rows);
    ctx.announce(Reply::Catalog(catalog::Reply::OffersReopened { offers }));
    Ok(())
}
