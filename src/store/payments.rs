//! Payments (收款): rows of statements that were booked.

use sqlx::Row;

use crate::book::Book;
use crate::book::need::Report;
use crate::domain::ids::CommunityId;
use crate::domain::payments;
use crate::store::StoreError;
use crate::store::load::{LaneReader, WantedFacts, asked, shop};
use crate::store::save::Writer;

/// Write which rows were booked: each once.
pub(in crate::store) fn save(writer: &mut Writer<'_>, book: &Book) {
    let rows: Vec<_> = book
        .touched()
        .flat_map(|shop| {
            let community = shop.community.id.0;
            shop.fresh.statement_rows.iter().map(move |row| (community, row))
        })
        .collect();
    writer
        .insert("statement_row", &rows)
        .with("community_id", |(community, _)| *community)
        .with("print", |(_, (_, it))| it.print)
        .with("order_id", |(_, (_, it))| it.order.0)
        .with("amount_minor", |(_, (_, it))| it.amount.minor)
        .with("seq", |(_, (event, _))| event.seq)
        .done();
}

/// Read what is asked for.
pub(in crate::store) async fn needed(
    reader: &mut LaneReader<'_>,
    book: &mut Book,
    wanted: &WantedFacts,
) -> Result<(), StoreError> {
    let prints = |report: &Report| match report {
        Report::Payments(payments::Need::Prints(prints)) => Some(prints.clone()),
        _ => None,
    };
    for (community, prints) in asked(wanted, prints) {
        let prints: Vec<i64> = prints.into_iter().collect();
        let known = known(reader, community, &prints).await?;
        let facts = &mut shop(book, community.0)?.known.reports.payments.prints;
        facts.extend(prints.into_iter().map(|print| (print, known.contains(&print))));
    }
    Ok(())
}

/// Those of these rows that were booked.
async fn known(
    reader: &mut LaneReader<'_>,
    community: CommunityId,
    prints: &[i64],
) -> Result<std::collections::BTreeSet<i64>, StoreError> {
    let rows = sqlx::query(
        "select distinct s.print from unnest($3::bigint[]) as n (print), lateral (
            select print from statement_row
            where lane = $1 and community_id = $2 and print = n.print offset 0) s",
    )
    .bind(reader.lane.0)
    .bind(community.0)
    .bind(prints)
    .fetch_all(&mut *reader.db)
    .await?;
    reader.statements += 1;
    rows.iter().map(|row| Ok(row.try_get("print")?)).collect()
}
