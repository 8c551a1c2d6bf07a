//! Offers with their stock and what they sold.

use serde::Serialize;
use sqlx::postgres::PgRow;
use sqlx::types::Json;
use sqlx::{PgPool, Row};

use crate::domain::catalog::OfferDetail;
use crate::store::StoreError;

use crate::store::read::{CommunityPlace, Cursor, Local, Page, paged};

/// An offer as read.
#[derive(Clone, Debug, Serialize)]
pub struct OfferRow {
    /// Number in the community.
    pub id: i64,
    /// Code; used again once the offer is closed.
    pub code: String,
    /// The item's name.
    pub name: String,
    /// The unit it is sold by.
    pub unit: String,
    /// `open` or `closed`.
    pub state: String,
    /// Of one unit, for orders from now on.
    pub price: i64,
    /// Of the price.
    pub currency: String,
    /// Put on sale so far; `None`: unlimited.
    pub stock: Option<i64>,
    /// Not taken yet; `None`: unlimited.
    pub left: Option<i64>,
    /// Sold and not cancelled; refunds are not counted off.
    pub sold: i64,
    /// Variants, in order.
    pub variants: Vec<VariantRow>,
    /// Since when.
    pub opens_at: Local,
    /// Until when.
    pub closes_at: Local,
    /// The drop that opened it.
    pub drop: Option<String>,
}

/// A variant as read.
#[derive(Clone, Debug, Serialize)]
pub struct VariantRow {
    /// As shown and ordered.
    pub name: String,
    /// Put on sale so far, where it has a stock of its own.
    pub stock: Option<i64>,
    /// Not taken yet, likewise.
    pub left: Option<i64>,
}

/// A page of offers, newest first, all or those in one state. One query.
///
/// # Errors
/// [`StoreError`].
pub async fn list(
    db: &PgPool,
    place: &CommunityPlace,
    state: Option<&str>,
    page: Page,
) -> Result<(Vec<OfferRow>, Option<Cursor>), StoreError> {
    let rows = sqlx::query(
        "select o.*, c.initial, c.units_left, c.sold
         from offer o join offer_count c using (lane, community_id, offer_id)
         where o.lane = $1 and o.community_id = $2 and o.offer_id < $3
           and ($4::text is null or o.state = $4)
         order by o.offer_id desc limit $5",
    )
    .bind(place.lane.0)
    .bind(place.community.0)
    .bind(page.after.map_or(i64::MAX, |Cursor(id, _)| id))
    .bind(state)
    .bind(page.fetch())
    .fetch_all(db)
    .await?;
    let offers = rows.iter().map(|row| offer(place, row)).collect::<Result<_, _>>()?;
    Ok(paged(offers, page, |offer| Cursor(offer.id, 0)))
}

fn offer(place: &CommunityPlace, row: &PgRow) -> Result<OfferRow, StoreError> {
    let Json(detail): Json<OfferDetail> = row.try_get("detail")?;
    let stock: Vec<i64> = row.try_get("initial")?;
    let left: Vec<i64> = row.try_get("units_left")?;
    Ok(OfferRow {
        id: row.try_get("offer_id")?,
        code: row.try_get("code")?,
        name: detail.name,
        unit: detail.unit,
        state: row.try_get("state")?,
        price: row.try_get("price_minor")?,
        currency: place.currency.clone(),
        stock: total(&stock),
        left: total(&left),
        sold: row.try_get("sold")?,
        variants: variants(detail.variants, &stock, &left),
        opens_at: place.local(row.try_get("opens_at")?),
        closes_at: place.local(row.try_get("closes_at")?),
        drop: row.try_get("drop_key")?,
    })
}

/// No element means no limit.
fn total(units: &[i64]) -> Option<i64> {
    (!units.is_empty()).then(|| units.iter().sum())
}

/// A single element is the stock of all variants together.
fn variants(names: Vec<String>, stock: &[i64], left: &[i64]) -> Vec<VariantRow> {
    let of = |units: &[i64], index: usize| (units.len() > 1).then(|| units.get(index).copied())?;
    let numbered = names.into_iter().enumerate();
    let variant =
        |(index, name)| VariantRow { name, stock: of(stock, index), left: of(left, index) };
    numbered.map(variant).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stock_is_of_all_variants_or_of_each() {
        let names = || vec!["黑".to_owned(), "白".to_owned()];
        let lefts = |stock: &[i64]| -> Vec<_> {
            variants(names(), stock, stock).into_iter().map(|it| it.left).collect()
        };
        assert_eq!(lefts(&[]), [None, None]);
        assert_eq!(lefts(&[9]), [None, None]);
        assert_eq!(lefts(&[4, 5]), [Some(4), Some(5)]);
        assert_eq!((total(&[]), total(&[4, 5])), (None, Some(9)));
    }
}
