//! Timers: what is to happen when. A timer that falls due becomes an event of the inbox under a key of
//! its own, so that it counts once however often it is seen; the batch that handles it deletes it.

use sqlx::types::Json;
use sqlx::{PgPool, Row};

use crate::domain::event::Timer;
use crate::domain::ids::{AccountId, CommunityId, Lane};
use crate::domain::time::Timestamp;

use crate::store::StoreError;
use crate::store::save::{RowCount, Writer};

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

/// An offer closes at the latest so long after its time, whatever its account may still have to say.
const WAITS_MINUTES: i64 = 10;

/// What is looked for.
#[derive(Clone, Copy, Debug)]
pub struct Looked {
    /// Timers that fire by now …
    pub now: Timestamp,
    /// … and at most so many of each lane.
    pub most: i64,
    /// Whether the time is doubted: what releases or pays is left alone.
    pub is_doubted: bool,
}

/// Timers that fire in these lanes, oldest first. `listening`: since
/// when this process hears the accounts that are connected; what was said before an offer closed has arrived
/// when one of them has listened for as long as its messages take.
///
/// # Errors
/// [`StoreError`].
pub async fn due(
    db: &PgPool,
    lanes: &[Lane],
    listening: &[(AccountId, Timestamp)],
    looked: Looked,
) -> Result<Vec<DueTimer>, StoreError> {
    let lanes: Vec<_> = lanes.iter().map(|lane| lane.0).collect();
    let (accounts, sinces): (Vec<_>, Vec<_>) =
        listening.iter().map(|(account, since)| (account.0, *since)).unzip();
    let Looked { now, most, is_doubted } = looked;
    let taken = Timer::Taken { orders: Vec::new() };
    let held = [Timer::Release, Timer::Receive, taken, Timer::Settle, Timer::Expire];
    let held: Vec<_> = held.iter().filter(|_| is_doubted).map(Timer::key).collect();
    // An offer that closes without its minimum releases its orders.
    let rows = sqlx::query(
        "select l.lane, t.community_id, t.due_at, t.body from unnest($1::smallint[]) as l (lane),
         lateral (select community_id, due_at, key, body from alarm
                  where lane = l.lane and due_at <= $2 and fires_at <= $2 and not key = any($7)
                    and not (cardinality($7) > 0 and key = 'close' and exists (
                        select from offer o
                        where o.lane = l.lane and o.community_id = alarm.community_id and o.state = 'open'
                          and o.closes_at <= $2 and o.detail->>'minimum' is not null))
                    and (waits_for is null or due_at <= $6 or exists (
                        select from unnest($4::int[], $5::timestamptz[]) as r (account_id, since)
                        where r.account_id = waits_for and r.since <= $2 - (fires_at - due_at)))
                  order by due_at, community_id, key limit $3) t
         order by t.due_at, t.community_id, t.key",
    )
    .bind(lanes)
    .bind(now)
    .bind(most)
    .bind(accounts)
    .bind(sinces)
    .bind(now - chrono::Duration::minutes(WAITS_MINUTES))
    .bind(held)
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

/// When the next timer of any lane fires.
///
/// # Errors
/// [`StoreError`].
pub async fn next(db: &PgPool) -> Result<Option<Timestamp>, StoreError> {
    Ok(sqlx::query_scalar("select min(fires_at) from alarm").fetch_one(db).await?)
}

/// When the first timer of these lanes falls due, if one does before `end`.
///
/// # Errors
/// [`StoreError`].
pub async fn next_before(
    db: &PgPool,
    lanes: &[Lane],
    end: Timestamp,
) -> Result<Option<Timestamp>, StoreError> {
    let lanes: Vec<_> = lanes.iter().map(|lane| lane.0).collect();
    let next = sqlx::query_scalar(
        "select min(t.due_at) from unnest($1::smallint[]) as l (lane), lateral (
            select due_at from timer where lane = l.lane and account_id = 0 and due_at < $2
            order by due_at limit 1) t",
    );
    Ok(next.bind(lanes).bind(end).fetch_one(db).await?)
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
            RowCount::Any,
        )
        .bind(handled.iter().map(|(community, ..)| community.0).collect::<Vec<_>>())
        .bind(handled.iter().map(|(_, due, _)| *due).collect::<Vec<_>>())
        .bind(handled.iter().map(|(.., key)| key.as_str()).collect::<Vec<_>>());
}
