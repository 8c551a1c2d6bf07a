//! What members did a moment ago, as it was kept with their decisions: for whoever takes it back.

use sqlx::Row;
use sqlx::types::Json;

use crate::book::need::Report;
use crate::book::{Book, Effected};
use crate::domain::ids::MemberId;
use crate::store::StoreError;

use crate::store::load::{LaneReader, WantedFacts, members_asked, of_members, shop};

/// How many effects of a member are looked at: more than anybody has within the time for taking back.
const EFFECTS: i64 = 100;

/// What members did last that can be taken back, or that stands before it.
pub(in crate::store) async fn needed(
    reader: &mut LaneReader<'_>,
    book: &mut Book,
    wanted: &WantedFacts,
) -> Result<(), StoreError> {
    let asked = members_asked(wanted, |report| match report {
        Report::Effects(member) => Some(*member),
        _ => None,
    });
    let rows = of_members(
        reader,
        &asked,
        "select n.community_id, n.member_id, d.seq, d.at, d.before
         from unnest($2::bigint[], $3::bigint[]) as n (community_id, member_id),
         lateral (select seq, ordinal, at, before from decision
                  where lane = $1 and community_id = n.community_id and member_id = n.member_id
                    and before is not null
                  order by seq desc, ordinal desc limit $4) d
         order by 1, 2, d.seq desc, d.ordinal desc",
        EFFECTS,
    )
    .await?;
    for (&community, &member) in asked.0.iter().zip(&asked.1) {
        let reports = &mut shop(book, community)?.known.reports;
        reports.effects.insert(MemberId(member), Vec::new());
    }
    for row in &rows {
        let Json(effect) = row.try_get(4)?;
        let done = Effected { seq: row.try_get(2)?, at: row.try_get(3)?, effect };
        let reports = &mut shop(book, row.try_get(0)?)?.known.reports;
        reports.effects.entry(MemberId(row.try_get(1)?)).or_default().push(done);
    }
    Ok(())
}
