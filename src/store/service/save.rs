//! Cases, new and changed. Whose they are never changes, and what is over stays so.

use crate::book::Book;
use crate::domain::ids::CommunityId;
use crate::domain::service::ServiceCase;
use crate::store::seal::SealedCell;
use crate::store::words::Stored;

use crate::store::save::Writer;

/// Write them.
pub(in crate::store) fn save(writer: &mut Writer<'_>, book: &Book) {
    let rows: Vec<(i64, &ServiceCase)> = book
        .touched()
        .flat_map(|shop| {
            let community = shop.community.id.0;
            let rows = shop.cases.added().chain(shop.cases.changed());
            rows.map(move |(_, row)| (community, row))
        })
        .collect();
    let seal = writer.seal;
    let sealed = |community: i64, row: &ServiceCase| {
        let cell = SealedCell::case_private(CommunityId(community), row.id);
        (!row.private.is_empty()).then(|| seal.close(&cell, &row.private))
    };
    let line = |row: &ServiceCase| row.about.and_then(|it| i16::try_from(it.line + 1).ok());
    writer
        .insert("service_case as c", &rows)
        .with("community_id", |(community, _)| *community)
        .with("case_id", |(_, it)| it.id.0)
        .with("member_id", |(_, it)| it.member.0)
        .with("order_id", |(_, it)| it.about.map(|about| about.order.0))
        .with("line", |(_, it)| line(it))
        .with("state", |(_, it)| it.state.word())
        .with("opened_at", |(_, it)| it.opened_at)
        .with("ended_at", |(_, it)| it.ended_at)
        .with("private", |(community, it)| sealed(*community, it))
        .upsert(
            "on conflict on constraint service_case_key do update
         set order_id = excluded.order_id, line = excluded.line, state = excluded.state,
             ended_at = excluded.ended_at, private = excluded.private
         where c.state in ('open', excluded.state)",
        );
}
