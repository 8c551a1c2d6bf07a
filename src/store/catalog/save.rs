//! Offers: words and terms once, counts with every batch that sells.

use sqlx::types::Json;

use crate::book::Book;
use crate::domain::catalog::{Called, Offer, Stock};
use crate::store::words::Stored;

use crate::store::save::{RowCount, Writer};

/// Write new offers, changed terms and counts. Most changes of an offer are sales, which leave its terms
/// alone: those this book wrote before are not even looked up.
pub(in crate::store) fn save(writer: &mut Writer<'_>, book: &Book) {
    let (mut added, mut changed, mut restated) = (Vec::new(), Vec::new(), Vec::new());
    for shop in book.touched() {
        let community = shop.community.id.0;
        added.extend(shop.offers.added().map(|(_, offer)| (community, offer)));
        for (id, offer) in shop.offers.changed() {
            changed.push((community, offer));
            if shop.known.terms.get(&id) != Some(&offer.terms()) {
                restated.push((community, offer));
            }
        }
    }
    terms(writer, &restated);
    sales(writer, &changed);
    if !added.is_empty() {
        writer.then(); // closed before opened: a code is unique among the open offers
        insert(writer, &added);
        counts(writer, &added);
    }
}

fn insert(writer: &mut Writer<'_>, rows: &[(i64, &Offer)]) {
    writer
        .insert("offer", rows)
        .with("community_id", |(community, _)| *community)
        .with("offer_id", |(_, it)| it.id.0)
        .with("code", |(_, it)| it.code.as_str())
        .with("state", |(_, it)| it.state.word())
        .with("price_minor", |(_, it)| it.price.minor)
        .with("opens_at", |(_, it)| it.opens_at)
        .with("closes_at", |(_, it)| it.closes_at)
        .with("drop_key", |(_, it)| it.drop.as_deref())
        .with("detail", |(_, it)| Json(&it.detail))
        .rarely("expected_at", &None, |(_, it)| it.arrival.expected.map(|it| it.at))
        .rarely("expected_day", &false, |(_, it)| it.arrival.expected.is_some_and(|it| it.day))
        .rarely("arrived_at", &None, |(_, it)| it.arrival.called.as_ref().map(|it| it.at))
        .rarely("pickup_point", &None, |(_, it)| called(it, |it| it.point.as_deref()))
        .rarely("pickup_hours", &None, |(_, it)| called(it, |it| it.hours.as_deref()))
        .done();
}

/// Rows whose terms are the same are not rewritten.
fn terms(writer: &mut Writer<'_>, rows: &[(i64, &Offer)]) {
    if rows.is_empty() {
        return;
    }
    writer
        .part(
            "update offer o set state = n.state, price_minor = n.price_minor, closes_at = n.closes_at,
                expected_at = n.expected_at, expected_day = n.expected_day, arrived_at = n.arrived_at,
                pickup_point = n.pickup_point, pickup_hours = n.pickup_hours, detail = n.detail
             from unnest($2::bigint[], $3::bigint[], $4::text[], $5::bigint[], $6::timestamptz[],
                    $7::timestamptz[], $8::boolean[], $9::timestamptz[], $10::text[], $11::text[], $12::jsonb[])
                as n (community_id, offer_id, state, price_minor, closes_at, expected_at, expected_day, arrived_at,
                      pickup_point, pickup_hours, detail), lateral (
                select ctid from offer
                where lane = $1 and community_id = n.community_id and offer_id = n.offer_id
                  and (state, price_minor, closes_at, expected_at, expected_day, arrived_at, pickup_point, pickup_hours, detail)
                    is distinct from (n.state, n.price_minor, n.closes_at, n.expected_at, n.expected_day, n.arrived_at,
                                      n.pickup_point, n.pickup_hours, n.detail)
                offset 0) as spot
             where o.lane = $1 and o.ctid = spot.ctid",
            RowCount::Any,
        )
        .bind(rows.iter().map(|(community, _)| *community).collect::<Vec<_>>())
        .bind(rows.iter().map(|(_, it)| it.id.0).collect::<Vec<_>>())
        .bind(rows.iter().map(|(_, it)| it.state.word()).collect::<Vec<_>>())
        .bind(rows.iter().map(|(_, it)| it.price.minor).collect::<Vec<_>>())
        .bind(rows.iter().map(|(_, it)| it.closes_at).collect::<Vec<_>>())
        .bind(rows.iter().map(|(_, it)| it.arrival.expected.map(|it| it.at)).collect::<Vec<_>>())
        .bind(rows.iter().map(|(_, it)| it.arrival.expected.is_some_and(|it| it.day)).collect::<Vec<_>>())
        .bind(rows.iter().map(|(_, it)| it.arrival.called.as_ref().map(|it| it.at)).collect::<Vec<_>>())
        .bind(rows.iter().map(|(_, it)| called(it, |it| it.point.as_deref())).collect::<Vec<_>>())
        .bind(rows.iter().map(|(_, it)| called(it, |it| it.hours.as_deref())).collect::<Vec<_>>())
        .bind(rows.iter().map(|(_, it)| Json(&it.detail)).collect::<Vec<_>>());
}

fn called(offer: &Offer, of: fn(&Called) -> Option<&str>) -> Option<&str> {
    of(offer.arrival.called.as_ref()?)
}

fn sales(writer: &mut Writer<'_>, rows: &[(i64, &Offer)]) {
    if rows.is_empty() {
        return;
    }
    writer
        .part(
            "update offer_count c
             set initial = n.initial::bigint[], units_left = n.units_left::bigint[], sold = n.sold,
                 sold_out_said = n.said
             from (select unnest($2) as community_id, unnest($3) as offer_id, unnest($4) as initial,
                unnest($5) as units_left, unnest($6) as sold, unnest($7) as said) as n, lateral (
                select ctid from offer_count
                where lane = $1 and community_id = n.community_id and offer_id = n.offer_id offset 0) as spot
             where c.lane = $1 and c.ctid = spot.ctid",
            RowCount::Exactly(rows.len()),
        )
        .bind(rows.iter().map(|(community, _)| *community).collect::<Vec<_>>())
        .bind(rows.iter().map(|(_, it)| it.id.0).collect::<Vec<_>>())
        .bind(rows.iter().map(|(_, it)| array(&it.stock, |stock| stock.initial)).collect::<Vec<_>>())
        .bind(rows.iter().map(|(_, it)| array(&it.stock, |stock| stock.left)).collect::<Vec<_>>())
        .bind(rows.iter().map(|(_, it)| it.sold).collect::<Vec<_>>())
        .bind(rows.iter().map(|(_, it)| it.sold_out_said).collect::<Vec<_>>());
}

fn counts(writer: &mut Writer<'_>, rows: &[(i64, &Offer)]) {
    writer
        .insert("offer_count", rows)
        .with("community_id", |(community, _)| *community)
        .with("offer_id", |(_, it)| it.id.0)
        .read_as("initial", "bigint[]", |(_, it)| array(&it.stock, |stock| stock.initial))
        .read_as("units_left", "bigint[]", |(_, it)| array(&it.stock, |stock| stock.left))
        .with("sold", |(_, it)| it.sold)
        .with("sold_out_said", |(_, it)| it.sold_out_said)
        .done();
}

/// Rows of different lengths cannot travel as an array of arrays; each goes as its own text.
fn array(stock: &[Stock], of: fn(&Stock) -> i64) -> String {
    crate::store::save::facts::array_text(stock.iter().map(of))
}
