//! What members did a moment ago, as it was kept with their decisions: for whoever takes it back.

use sqlx::Row;

use crate::book::need::Report;
use crate::book::{Book, Effected};
use crate::domain::ids::MemberId;
use crate::domain::undo::Effect;
use crate::store::StoreError;

use crate::store::load::{LaneReader, WantedFacts, members_asked, of_members, shop};

/// So far back in the lane's events is looked, which is more than happens within the time for taking back. An index by
/// member would cost every order; this costs those few who take back.
const EVENTS_BACK: i64 = 20_000;

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
        "select d.community_id, d.member_id, d.seq, d.at, d.before
         from decision d join unnest($2::bigint[], $3::bigint[]) as n (community_id, member_id)
              on n.community_id = d.community_id and n.member_id = d.member_id
         where d.lane = $1 and d.before is not null
           and d.seq > (select coalesce(max(seq), 0) - $4 from decision where lane = $1)
         order by 1, 2, d.seq desc, d.ordinal desc",
        EVENTS_BACK,
    )
    .await?;
    for (&community, &member) in asked.0.iter().zip(&asked.1) {
        let reports = &mut shop(book, community)?.known.reports;
        reports.effects.insert(MemberId(member), Vec::new());
    }
    for row in &rows {
        let effect = read(row.try_get(4)?)?;
        let done = Effected { seq: row.try_get(2)?, at: row.try_get(3)?, effect };
        let reports = &mut shop(book, row.try_get(0)?)?.known.reports;
        reports.effects.entry(MemberId(row.try_get(1)?)).or_default().push(done);
    }
    Ok(())
}

/// An effect as [`write()`] wrote it.
pub(in crate::store) fn read(written: &str) -> Result<Effect, StoreError> {
    serde_json::from_str(written).map_err(|error| StoreError::inconsistent(error.to_string()))
}

/// An effect as the database keeps it.
pub(in crate::store) fn write(effect: &Effect) -> String {
    serde_json::to_string(effect).unwrap_or_default()
}
