//! What members did a moment ago, as it was kept with their decisions: for whoever takes it back.

use sqlx::Row;
use sqlx::types::Json;

use crate::book::need::Report;
use crate::book::{Book, Effected};
use crate::domain::ids::MemberId;
use crate::store::StoreError;

use crate::store::load::members_asked;
use crate::store::load::{Reader, Wanted};

/// How many effects of a member are looked at: more than anybody has within the time for taking back.
const EFFECTS: i64 = 100;

/// What members did last that can be taken back, or that stands before it.
pub(in crate::store) async fn needed(
    reader: &mut Reader<'_>,
    book: &mut Book,
    wanted: &Wanted,
) -> Result<(), StoreError> {
    let asked = members_asked(wanted, |report| match report {
        Report::Effects(member) => Some(*member),
        _ => None,
    });
    if asked.0.is_empty() {
        return Ok(());
    }
    let rows = sqlx::query(
        "select n.community_id, n.member_id, d.seq, d.at, d.before
         from unnest($2::bigint[], $3::bigint[]) as n (community_id, member_id),
         lateral (select seq, ordinal, at, before from decision
                  where lane = $1 and community_id = n.community_id and member_id = n.member_id
                    and before is not null
                  order by seq desc, ordinal desc limit $4) d
         order by 1, 2, d.seq desc, d.ordinal desc",
    )
    .bind(reader.lane.0)
    .bind(&asked.0)
    .bind(&asked.1)
    .bind(EFFECTS)
    .fetch_all(&mut *reader.db)
    .await?;
    reader.statements += 1;
    for (&community, &member) in asked.0.iter().zip(&asked.1) {
        let reports = &mut crate::store::load::shop(book, community)?.known.reports;
        reports.effects.insert(MemberId(member), Vec::new());
    }
    for row in &rows {
        let Json(effect) = row.try_get(4)?;
        let done = Effected { seq: row.try_get(2)?, at: row.try_get(3)?, effect };
        let reports = &mut crate::store::load::shop(book, row.try_get(0)?)?.known.reports;
        reports.effects.entry(MemberId(row.try_get(1)?)).or_default().push(done);
    }
    Ok(())
}
