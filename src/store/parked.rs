//! Parked events (搁置): those that failed alone, twice. An operator sees them here and has one tried
//! again, as a new event under a key of its own, so that trying twice by mistake is trying once.

use sqlx::{PgPool, Row};

use crate::domain::event::Body;
use crate::domain::ids::{AccountId, CommunityId, EventId, Lane};
use crate::domain::time::Timestamp;

use crate::store::inbox::{self, Incoming};
use crate::store::seal::SealedCell;
use crate::store::{Seal, StoreError};

/// The most that a list shows.
pub const MOST_LISTED: i64 = 1_000;

/// An event set aside.
#[derive(Clone, Debug)]
pub struct Parked {
    /// Its place.
    pub id: EventId,
    /// Slug of its community; empty if that is unknown.
    pub slug: String,
    /// Why it failed.
    pub error: String,
    /// When it was set aside.
    pub parked_at: Timestamp,
    /// Whether it was tried again.
    pub retried: bool,
}

/// What waits for an operator, oldest first; `all` shows those tried again as well.
///
/// # Errors
/// [`StoreError`].
pub async fn list(db: &PgPool, all: bool) -> Result<Vec<Parked>, StoreError> {
    let rows = sqlx::query(
        "select p.lane, p.seq, coalesce(c.slug, '') as slug, p.error, p.parked_at, p.retried
         from parked p left join community c using (lane, community_id)
         where $1 or not p.retried order by p.parked_at, p.lane, p.seq limit $2",
    )
    .bind(all)
    .bind(MOST_LISTED)
    .fetch_all(db)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(Parked {
                id: EventId { lane: Lane(row.try_get("lane")?), seq: row.try_get("seq")? },
                slug: row.try_get("slug")?,
                error: row.try_get("error")?,
                parked_at: row.try_get("parked_at")?,
                retried: row.try_get("retried")?,
            })
        })
        .collect()
}

/// What became of trying again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// It is in the inbox, as a new event.
    Stored,
    /// It was tried again before; say so to have it tried once more.
    Before,
    /// Nothing is parked there.
    NotParked,
    /// Its body is not kept any more.
    Blanked,
}

/// Put a parked event into the inbox again. It keeps its account, by which its sender is known, and its
/// instant, by which it may still be in time. `again` tries one once more that was tried before.
///
/// # Errors
/// [`StoreError`].
pub async fn retry(
    db: &PgPool,
    seal: &Seal,
    id: EventId,
    operator: &str,
    again: bool,
) -> Result<Retry, StoreError> {
    let row = sqlx::query(
        "select p.retried, i.account_id, i.community_id, i.key, i.at, i.body,
                (select count(*) from inbox r where r.lane = p.lane and r.account_id = i.account_id
                   and starts_with(r.key, $3)) as tries,
                (select max(stored_at) from inbox) as stored_at
         from parked p join inbox i using (lane, seq) where p.lane = $1 and p.seq = $2",
    )
    .bind(id.lane.0)
    .bind(id.seq)
    .bind(key(id, ""))
    .fetch_optional(db)
    .await?;
    let Some(row) = row else { return Ok(Retry::NotParked) };
    let retried: bool = row.try_get("retried")?;
    if retried && !again {
        return Ok(Retry::Before);
    }
    let Some(sealed) = row.try_get::<Option<&[u8]>, _>("body")? else { return Ok(Retry::Blanked) };
    let (account, community) =
        (AccountId(row.try_get("account_id")?), CommunityId(row.try_get("community_id")?));
    let body =
        seal.open(&SealedCell::inbox_body(community, account, row.try_get("key")?), sealed)?;
    let tries: i64 = row.try_get("tries")?;
    // Until it is marked as tried, the same command again is the same try.
    let number = if retried { tries + 1 } else { 1 };
    let incoming = Incoming {
        lane: id.lane,
        account,
        key: key(id, &number.to_string()),
        community,
        at: row.try_get("at")?,
        stored_at: row.try_get("stored_at")?,
        body: Body::Retried { body: Box::new(innermost(body)), operator: operator.to_owned() },
    };
    inbox::store(db, seal, &[incoming]).await?;
    mark(db, id).await?;
    Ok(Retry::Stored)
}

fn key(id: EventId, number: &str) -> String {
    format!("retry:{}/{}:{number}", id.lane, id.seq)
}

/// A retry of a retry is a retry.
fn innermost(body: Body) -> Body {
    match body {
        Body::Retried { body, .. } => innermost(*body),
        body => body,
    }
}

async fn mark(db: &PgPool, id: EventId) -> Result<(), StoreError> {
    sqlx::query("update parked set retried = true where lane = $1 and seq = $2")
        .bind(id.lane.0)
        .bind(id.seq)
        .execute(db)
        .await?;
    // Wakes the lane's worker in whatever process holds it; it polls besides.
    sqlx::query("select pg_notify('tuan_lane', $1)")
        .bind(id.lane.0.to_string())
        .execute(db)
        .await?;
    Ok(())
}
