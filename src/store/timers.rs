//! Timers: what is to happen when. A timer that falls due becomes an event of the inbox under a key of
//! its own, so that it counts once however often it is seen; the batch that handles it deletes it.

use sqlx::types::Json;
use sqlx::{PgPool, Row};

use crate::domain::event::Timer;
use crate::domain::ids::{CommunityId, Lane};
use crate::domain::time::Timestamp;

use super::StoreError;
use super::save::{Rows, Writer};

/// A timer that is due.
#[derive(Clone, Debug)]
pub struct DueTimer {
    /// The lane of its community.
    pub lane: Lane,
    /// The community.
    pub community: CommunityId,
    /// When it fell due.
    pub due_at: Timestamp,
    /// What it is for.
    pub timer: Timer,
}

/// Timers due by `now` in these lanes, oldest first, at most `most` of each lane.
///
/// # Errors
/// [`StoreError`].
pub async fn due(
    db: &PgPool,
    lanes: &[Lane],
    now: Timestamp,
    most: i64,
) -> Result<Vec<DueTimer>, StoreError> {
    let lanes: Vec<_> = lanes.iter().map(|lane| lane.0).collect();
    let rows = sqlx::query(
        "select l.lane, t.community_id, t.due_at, t.body from unnest($1::smallint[]) as l (lane),
         lateral (select community_id, due_at, key, body from timer
                  where lane = l.lane and account_id = 0 and due_at <= $2
                  order by due_at, community_id, key limit $3) t
         order by t.due_at, t.community_id, t.key",
    )
    .bind(lanes)
    .bind(now)
    .bind(most)
    .fetch_all(db)
    .await?;
    rows.iter()
        .map(|row| {
            let Json(timer) = row.try_get("body")?;
            Ok(DueTimer {
                lane: Lane(row.get("lane")),
                community: CommunityId(row.get("community_id")),
                due_at: row.get("due_at"),
                timer,
            })
        })
        .collect()
}

/// When the next timer of any lane falls due.
///
/// # Errors
/// [`StoreError`].
pub async fn next(db: &PgPool) -> Result<Option<Timestamp>, StoreError> {
    Ok(sqlx::query_scalar("select min(due_at) from timer").fetch_one(db).await?)
}

/// Set timers. Setting one twice is setting it once.
pub(super) fn set(writer: &mut Writer<'_>, timers: &[(CommunityId, Timestamp, Timer)]) {
    writer
        .insert("timer", timers)
        .with("community_id", |(community, ..)| community.0)
        .with("due_at", |(_, due, _)| *due)
        .with("key", |(.., timer)| timer.key())
        .with("body", |(.., timer)| Json(timer))
        .or_nothing();
}

/// Delete timers that were handled, even if the same batch set them again.
pub fn clear(writer: &mut Writer<'_>, handled: &[(CommunityId, Timestamp, String)]) {
    if handled.is_empty() {
        return;
    }
    writer.then();
    writer
        .part(
            "delete from timer t using unnest($2::bigint[], $3::timestamptz[], $4::text[])
                as done (community_id, due_at, key), lateral (
                select ctid from timer
                where lane = $1 and account_id = 0 and community_id = done.community_id
                  and due_at = done.due_at and key = done.key offset 0) as spot
             where t.lane = $1 and t.ctid = spot.ctid",
            Rows::Any,
        )
        .bind(handled.iter().map(|(community, ..)| community.0).collect::<Vec<_>>())
        .bind(handled.iter().map(|(_, due, _)| *due).collect::<Vec<_>>())
        .bind(handled.iter().map(|(.., key)| key.as_str()).collect::<Vec<_>>());
}
