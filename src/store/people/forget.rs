//! Erasures: what the book did not hold of a member is blanked in the same transaction, and the search
//! of stored texts is written down as work to do. See `store::privacy` for that search.

use crate::book::{Book, Erasure};
use crate::domain::ids::CommunityId;
use crate::store::seal::SealedCell;

use crate::store::save::{RowCount, Writer};

/// Write them.
pub(in crate::store) fn save(writer: &mut Writer<'_>, book: &Book) {
    let rows: Vec<(i64, &Erasure)> = book
        .touched()
        .flat_map(|shop| shop.fresh.erasures.iter().map(|row| (shop.community.id.0, row)))
        .collect();
    if rows.is_empty() {
        return;
    }
    let communities: Vec<_> = rows.iter().map(|(community, _)| *community).collect();
    let members: Vec<_> = rows.iter().map(|(_, it)| it.member.0).collect();
    let seal = writer.seal;
    writer
        .insert("erasure", &rows)
        .with("community_id", |(community, _)| *community)
        .with("member_id", |(_, it)| it.member.0)
        .with("seq", |(_, it)| it.event.seq)
        .with("person", |(community, it)| {
            seal.close(&SealedCell::erased_person(CommunityId(*community), it.member), &it.person)
        })
        .with("at", |(_, it)| it.at)
        .done();
    writer.then(); // what the book holds of them was written above
    for blank in [
        "update orders t set private = null
         from unnest($2::bigint[], $3::bigint[]) as n (community_id, member_id)
         where t.lane = $1 and t.community_id = n.community_id and t.member_id = n.member_id
           and t.private is not null",
        "update withdrawal t set private = null
         from unnest($2::bigint[], $3::bigint[]) as n (community_id, member_id)
         where t.lane = $1 and t.community_id = n.community_id and t.member_id = n.member_id
           and t.private is not null",
        "update service_case t set private = null
         from unnest($2::bigint[], $3::bigint[]) as n (community_id, member_id)
         where t.lane = $1 and t.community_id = n.community_id and t.member_id = n.member_id
           and t.private is not null",
    ] {
        writer.part(blank, RowCount::Any).bind(&communities).bind(&members);
    }
}
