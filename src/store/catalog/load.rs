//! Offers with their stock.

use sqlx::Row;
use sqlx::postgres::PgRow;
use sqlx::types::Json;

use crate::book::{Book, REMEMBERED_OFFERS};
use crate::domain::catalog::{Arrival, Called, Expected, Offer, OfferState, Stock};
use crate::domain::ids::{CommunityId, OfferId};
use crate::domain::money::Money;
use crate::domain::time::Timestamp;
use crate::store::StoreError;
use crate::store::load::{LaneReader, shop};
use crate::store::words::Stored;

const OFFER: &str = "select o.*, c.initial, c.units_left, c.sold, c.sold_out_said
     from offer o join offer_count c using (lane, community_id, offer_id) ";

/// Put all open and planned offers of these communities into the book, and the last ones that can still be named.
pub(in crate::store) async fn open_offers(
    reader: &mut LaneReader<'_>,
    book: &mut Book,
    ids: &[CommunityId],
) -> Result<(), StoreError> {
    let keys: Vec<_> = ids.iter().map(|id| id.0).collect();
    let sql = format!(
        "{OFFER} where o.lane = $1 and o.community_id = any($2)
           and (o.state in ('open', 'planned') or o.offer_id > (
                select max(offer_id) from offer where lane = o.lane and community_id = o.community_id) - $3)"
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(reader.lane.0)
        .bind(keys)
        .bind(REMEMBERED_OFFERS)
        .fetch_all(&mut *reader.db)
        .await?;
    reader.statements += 1;
    rows.iter().try_for_each(|row| put_offer(book, row))
}

/// Put the offers that these orders' lines refer to into the book.
pub(in crate::store) async fn offers(
    reader: &mut LaneReader<'_>,
    book: &mut Book,
    ids: &[(i64, i64)],
) -> Result<(), StoreError> {
    if ids.is_empty() {
        return Ok(());
    }
    let (communities, offers): (Vec<_>, Vec<_>) = ids.iter().copied().unzip();
    let sql = format!(
        "select o.* from unnest($2::bigint[], $3::bigint[]) as n (community_id, offer_id), lateral (
            {OFFER} where o.lane = $1 and o.community_id = n.community_id and o.offer_id = n.offer_id offset 0) o"
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(reader.lane.0)
        .bind(communities)
        .bind(offers)
        .fetch_all(&mut *reader.db)
        .await?;
    reader.statements += 1;
    rows.iter().try_for_each(|row| put_offer(book, row))
}

fn arrival(row: &PgRow) -> Result<Arrival, StoreError> {
    let (day, expected): (bool, Option<Timestamp>) =
        (row.try_get("expected_day")?, row.try_get("expected_at")?);
    let called: Option<Timestamp> = row.try_get("arrived_at")?;
    let (point, hours) = (row.try_get("pickup_point")?, row.try_get("pickup_hours")?);
    Ok(Arrival {
        expected: expected.map(|at| Expected { at, day }),
        called: called.map(|at| Called { at, point, hours }),
    })
}

fn put_offer(book: &mut Book, row: &PgRow) -> Result<(), StoreError> {
    let Json(detail) = row.try_get("detail")?;
    let initial: Vec<i64> = row.try_get("initial")?;
    let left: Vec<i64> = row.try_get("units_left")?;
    let stock = initial.into_iter().zip(left).map(|(initial, left)| Stock { initial, left });
    let offer = Offer {
        id: OfferId(row.try_get("offer_id")?),
        code: row.try_get("code")?,
        state: OfferState::from_word(row.try_get("state")?)?,
        price: Money::from_minor(row.try_get("price_minor")?),
        opens_at: row.try_get("opens_at")?,
        closes_at: row.try_get("closes_at")?,
        drop: row.try_get("drop_key")?,
        detail,
        stock: stock.collect(),
        sold: row.try_get("sold")?,
        sold_out_said: row.try_get("sold_out_said")?,
        arrival: arrival(row)?,
    };
    shop(book, row.try_get("community_id")?)?.offers.load(offer.id, offer);
    Ok(())
}
