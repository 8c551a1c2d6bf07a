//! Vital signs of the shop: lanes held, events and messages that wait.

use sqlx::{PgPool, Row};

use crate::domain::time::Timestamp;
use crate::store::StoreError;

/// How the shop is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Vitals {
    /// Lanes of the database.
    pub lanes: i64,
    /// Of them held by a live process.
    pub lanes_held: i64,
    /// Events stored and not handled.
    pub inbox_waiting: i64,
    /// Age of the oldest of them; 0 when there is none.
    pub oldest_unhandled_ms: i64,
    /// Messages not delivered yet.
    pub outbox_waiting: i64,
    /// Parked events that nobody has tried again.
    pub parked: i64,
}

/// Measure, in one query. Leases are kept by the database's clock, events by the shop's.
///
/// # Errors
/// [`StoreError`].
pub async fn measure(db: &PgPool, now: Timestamp) -> Result<Vitals, StoreError> {
    let row = sqlx::query(
        "select (select count(*) from lane) as lanes,
                (select count(*) from lane where leased_until >= now()) as lanes_held,
                i.waiting as inbox_waiting, i.oldest,
                (select count(*) from outbox where state = 'waiting')
                + (select count(*)
                   from lane l cross join account a left join outbox_mark m using (lane, account_id)
                   join outbox o
                     on o.lane = l.lane and o.account_id = a.account_id and o.state is null
                    and (o.seq, o.ordinal) > (coalesce(m.seq, 0), coalesce(m.ordinal, 0))) as outbox_waiting,
                (select count(*) from parked where not retried) as parked
         from (select count(*) as waiting, min(i.stored_at) as oldest
               from lane l join inbox i on i.lane = l.lane and i.seq > l.done_seq) i",
    )
    .fetch_one(db)
    .await?;
    let oldest: Option<Timestamp> = row.try_get("oldest")?;
    Ok(Vitals {
        lanes: row.try_get("lanes")?,
        lanes_held: row.try_get("lanes_held")?,
        inbox_waiting: row.try_get("inbox_waiting")?,
        oldest_unhandled_ms: oldest.map_or(0, |at| (now - at).num_milliseconds().max(0)),
        outbox_waiting: row.try_get("outbox_waiting")?,
        parked: row.try_get("parked")?,
    })
}
