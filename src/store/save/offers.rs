//! Offers: words and terms once, counts with every batch that sells.

use sqlx::types::Json;

use crate::book::Book;
use crate::domain::offer::{Offer, Stock};
use crate::store::StoreError;
use crate::store::error::expect_rows;
use crate::store::words::Stored;

use super::Writer;

/// Write new offers, changed terms and counts.
pub(super) async fn save(writer: &mut Writer<'_, '_>, book: &Book) -> Result<(), StoreError> {
    let (mut added, mut changed) = (Vec::new(), Vec::new());
    for shop in book.shops.values() {
        let community = shop.community.id.0;
        added.extend(shop.offers.added().map(|(_, offer)| (community, offer)));
        changed.extend(shop.offers.changed().map(|(_, offer)| (community, offer)));
    }
    // Closed before opened: a code is unique among the open offers.
    update(writer, &changed).await?;
    insert(writer, &added).await?;
    counts(writer, &added).await
}

async fn insert(writer: &mut Writer<'_, '_>, rows: &[(i64, &Offer)]) -> Result<(), StoreError> {
    if rows.is_empty() {
        return Ok(());
    }
    let done = sqlx::query(
        "insert into offer (lane, community_id, offer_id, code, state, price_minor, opens_at, closes_at, drop_key, detail)
         select $1, * from unnest($2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::bigint[],
            $7::timestamptz[], $8::timestamptz[], $9::text[], $10::jsonb[])",
    )
    .bind(writer.lane.0)
    .bind(rows.iter().map(|(community, _)| *community).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, it)| it.id.0).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, it)| it.code.as_str()).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, it)| it.state.word()).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, it)| it.price.minor).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, it)| it.opens_at).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, it)| it.closes_at).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, it)| it.drop.as_deref()).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, it)| Json(&it.detail)).collect::<Vec<_>>())
    .execute(&mut **writer.tx)
    .await?;
    writer.statements += 1;
    expect_rows(&done, rows.len())
}

/// Counts and terms in one statement. Most changes of an offer are sales, which leave its terms alone:
/// those rows are not rewritten.
async fn update(writer: &mut Writer<'_, '_>, rows: &[(i64, &Offer)]) -> Result<(), StoreError> {
    if rows.is_empty() {
        return Ok(());
    }
    let done = sqlx::query(
        "with n as materialized (
            select * from unnest($2::bigint[], $3::bigint[], $4::text[], $5::bigint[], $6::timestamptz[],
                                 $7::text[], $8::text[], $9::bigint[], $10::bool[])
                as n (community_id, offer_id, state, price_minor, closes_at, initial, units_left, sold, said)
         ), terms as (
            update offer o set state = n.state, price_minor = n.price_minor, closes_at = n.closes_at
            from n, lateral (
                select ctid from offer
                where lane = $1 and community_id = n.community_id and offer_id = n.offer_id offset 0) as spot
            where o.lane = $1 and o.ctid = spot.ctid
              and (o.state, o.price_minor, o.closes_at) is distinct from (n.state, n.price_minor, n.closes_at)
         )
         update offer_count c
         set initial = n.initial::bigint[], units_left = n.units_left::bigint[], sold = n.sold,
             sold_out_said = n.said
         from n, lateral (
            select ctid from offer_count
            where lane = $1 and community_id = n.community_id and offer_id = n.offer_id offset 0) as spot
         where c.lane = $1 and c.ctid = spot.ctid",
    )
    .bind(writer.lane.0)
    .bind(rows.iter().map(|(community, _)| *community).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, it)| it.id.0).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, it)| it.state.word()).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, it)| it.price.minor).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, it)| it.closes_at).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, it)| array(&it.stock, |stock| stock.initial)).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, it)| array(&it.stock, |stock| stock.left)).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, it)| it.sold).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, it)| it.sold_out_said).collect::<Vec<_>>())
    .execute(&mut **writer.tx)
    .await?;
    writer.statements += 1;
    expect_rows(&done, rows.len())
}

async fn counts(writer: &mut Writer<'_, '_>, rows: &[(i64, &Offer)]) -> Result<(), StoreError> {
    if rows.is_empty() {
        return Ok(());
    }
    let done = sqlx::query(
        "insert into offer_count (lane, community_id, offer_id, initial, units_left, sold, sold_out_said)
         select $1, community_id, offer_id, initial::bigint[], units_left::bigint[], sold, said
         from unnest($2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::bigint[], $7::bool[])
            as n (community_id, offer_id, initial, units_left, sold, said)",
    )
    .bind(writer.lane.0)
    .bind(rows.iter().map(|(community, _)| *community).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, it)| it.id.0).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, it)| array(&it.stock, |stock| stock.initial)).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, it)| array(&it.stock, |stock| stock.left)).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, it)| it.sold).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, it)| it.sold_out_said).collect::<Vec<_>>())
    .execute(&mut **writer.tx)
    .await?;
    writer.statements += 1;
    expect_rows(&done, rows.len())
}

/// Rows of different lengths cannot travel as an array of arrays; each goes as its own text.
fn array(stock: &[Stock], of: fn(&Stock) -> i64) -> String {
    super::facts::array_text(stock.iter().map(of))
}
