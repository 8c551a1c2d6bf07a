//! The inverses of a leader's word about offers: a price, a stock, a stop. Orders that came meanwhile keep the price
//! that they were placed at, and what they took stays taken.

use crate::book::desk::{Decided, Desk};
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
pub fn price(desk: &mut Desk<'_>, offer: OfferId, from: Money, to: Money, sold: i64) -> Decided {
    let row = require_open(desk, offer)?;
    if row.price != to {
        return Err(Refusal::ChangedSince { what: row.code.clone() }.into());
    }
    let (units, unit, name) = (row.sold - sold, row.detail.unit.clone(), row.detail.name.clone());
    if let Some(row) = desk.shop.offers.edit(offer) {
        row.price = from;
    }
    announce(desk, offer, None);
    if units > 0 {
        desk.say(Reply::Catalog(catalog::Reply::SoldMeanwhile(SoldAt {
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
pub fn stock(desk: &mut Desk<'_>, offer: OfferId, variant: Option<u16>, by: i64) -> Decided {
    let row = require_open(desk, offer)?;
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
    super::put(desk, offer, variant, -by);
    let stock = desk.shop.offers.get(offer).and_then(|row| views::stock(row, variant));
    announce(desk, offer, stock);
    Ok(())
}

/// Offers that were stopped take orders again, until they would have closed.
///
/// # Errors
/// For the first that fails: [`Refusal::ChangedSince`] where it is open, or its code another's;
/// `OfferClosed` where its time is over.
pub fn reopen(desk: &mut Desk<'_>, offers: &[OfferId]) -> Decided {
    for &id in offers {
        let row = desk.offer(id)?;
        let is_taken = open(desk.shop).any(|other| other.code.eq_ignore_ascii_case(&row.code));
        if row.state != OfferState::Closed || is_taken {
            return Err(Refusal::ChangedSince { what: row.code.clone() }.into());
        }
        if row.closes_at <= desk.at {
            return Err(Refusal::Catalog(catalog::Refusal::closed(row, desk.at)).into());
        }
    }
    for &id in offers {
        if let Some(row) = desk.shop.offers.edit(id) {
            row.state = OfferState::Open;
        }
    }
    let rows = offers.iter().filter_map(|&id| desk.shop.offers.get(id));
    let offers = views::offers(rows);
    desk.announce(Reply::Catalog(catalog::Reply::OffersReopened { offers }));
    Ok(())
}
