//! The inbox: every cause is one row, unique by `(lane, account, key)`.

use std::collections::BTreeMap;

use sqlx::{PgConnection, PgExecutor, PgPool, Row};

use crate::domain::event::{Body, Event};
use crate::domain::ids::{AccountId, CommunityId, EventId, Lane};
use crate::domain::time::Timestamp;

use crate::store::lanes::HeldLane;
use crate::store::seal::SealedCell;
use crate::store::{Seal, StoreError, Tx};

/// A cause on its way into the inbox.
#[derive(Clone, Debug)]
pub struct Incoming {
    /// The lane of its community.
    pub lane: Lane,
    /// The account it came through.
    pub account: AccountId,
    /// It counts once under this key; at most 200 bytes.
    pub key: String,
    /// The community it concerns.
    pub community: CommunityId,
    /// When it happened.
    pub at: Timestamp,
    /// When it is stored.
    pub stored_at: Timestamp,
    /// What happened.
    pub body: Body,
}

/// The places that one lane gave to what was stored.
#[derive(Clone, Copy, Debug)]
pub struct GivenPlaces {
    /// They begin after this one.
    pub after: i64,
    /// Each of them is taken: no key had been seen before.
    pub all: bool,
}

/// Store what waits, in order, in one statement. Keys seen before are left out silently; the order
/// of storing is the order of handling in each lane, because the heads of the lanes are locked first. Returns
/// the places that each lane gave, one after another.
///
/// # Errors
/// [`StoreError`]; then nothing was stored.
pub async fn store(
    db: impl PgExecutor<'_>,
    seal: &Seal,
    batch: &[Incoming],
) -> Result<BTreeMap<Lane, GivenPlaces>, StoreError> {
    let lanes: Vec<_> = batch.iter().map(|it| it.lane.0).collect();
    let accounts: Vec<_> = batch.iter().map(|it| it.account.0).collect();
    let keys: Vec<_> = batch.iter().map(|it| it.key.as_str()).collect();
    let communities: Vec<_> = batch.iter().map(|it| it.community.0).collect();
    let ats: Vec<_> = batch.iter().map(|it| it.at).collect();
    let stored: Vec<_> = batch.iter().map(|it| it.stored_at).collect();
    let bodies: Vec<_> = batch
        .iter()
        .map(|it| seal.close(&SealedCell::inbox_body(it.community, it.account, &it.key), &it.body))
        .collect();
    let (nths, counts) = numbered(&lanes);
    let rows = sqlx::query(
        "with moved as (
            update lane_intake l set last_seq = l.last_seq + c.n
            from unnest($9::smallint[], $10::bigint[]) as c (lane, n) where l.lane = c.lane
            returning l.lane, l.last_seq - c.n as base
         ), added as (
            insert into inbox (lane, account_id, key, seq, community_id, at, stored_at, body)
            select new.lane, account_id, key, base + nth, community_id, at, stored_at, body
            from (select unnest($1) as lane, unnest($2) as account_id, unnest($3) as key, unnest($4) as community_id,
                unnest($5) as at, unnest($6) as stored_at, unnest($7) as body, unnest($8) as nth) as new
            join moved using (lane)
            on conflict (lane, account_id, key) do nothing returning lane
         )
         select lane, base, (select count(*) from added where added.lane = moved.lane) from moved",
    )
    .bind(lanes)
    .bind(accounts)
    .bind(keys)
    .bind(communities)
    .bind(ats)
    .bind(stored)
    .bind(bodies)
    .bind(nths)
    .bind(counts.keys().copied().collect::<Vec<_>>())
    .bind(counts.values().copied().collect::<Vec<_>>())
    .fetch_all(db)
    .await?;
    let places = |row: &sqlx::postgres::PgRow| {
        let (lane, after, added): (i16, i64, i64) = (row.get(0), row.get(1), row.get(2));
        (Lane(lane), GivenPlaces { after, all: counts.get(&lane) == Some(&added) })
    };
    Ok(rows.iter().map(places).collect())
}

/// The place of each cause among those of its lane, from 1, and how many each lane gets, in order of lane.
fn numbered(lanes: &[i16]) -> (Vec<i64>, BTreeMap<i16, i64>) {
    let mut counts = BTreeMap::new();
    let nths = lanes.iter().map(|&lane| {
        let count: &mut i64 = counts.entry(lane).or_default();
        *count += 1;
        *count
    });
    (nths.collect(), counts)
}

/// A stored event whose body may be unreadable.
pub type Fetched = (EventId, CommunityId, Result<Event, StoreError>);

/// What waits in a lane beyond `after`, or beyond what is done; oldest first, at most `most`.
///
/// # Errors
/// [`StoreError::LeaseLost`] when somebody else holds the lane by now.
pub async fn fetch(
    db: &mut PgConnection,
    seal: &Seal,
    held: HeldLane,
    after: Option<i64>,
    most: i64,
) -> Result<Vec<Fetched>, StoreError> {
    let rows = sqlx::query(
        "select i.* from lane l left join lateral (
            select seq, community_id, account_id, key, at, body from inbox
            where lane = $1 and seq > coalesce($4, l.done_seq) order by seq limit $3) i on true
         where l.lane = $1 and l.epoch = $2 order by i.seq",
    )
    .bind(held.lane.0)
    .bind(held.epoch)
    .bind(most)
    .bind(after)
    .fetch_all(db)
    .await?;
    let first: Option<i64> = rows.first().ok_or(StoreError::LeaseLost)?.try_get(0)?;
    let waiting = if first.is_some() { &rows[..] } else { &[] };
    Ok(waiting.iter().map(|row| fetched(seal, held.lane, row)).collect())
}

fn fetched(seal: &Seal, lane: Lane, row: &sqlx::postgres::PgRow) -> Fetched {
    let id = EventId { lane, seq: row.get(0) };
    let community = CommunityId(row.get(1));
    let (account, key) = (AccountId(row.get(2)), row.get::<String, _>(3));
    let sealed: Option<&[u8]> = row.get(5);
    let body = sealed
        .ok_or_else(|| StoreError::inconsistent("an event that was not handled has no body"))
        .and_then(|sealed| seal.open(&SealedCell::inbox_body(community, account, &key), sealed));
    let event = body.map(|body| Event { id, community, account, key, at: row.get(4), body });
    (id, community, event)
}

/// Whether an event of the shop itself is stored under this key, and whether it was handled.
///
/// # Errors
/// [`StoreError`].
pub async fn is_handled(db: &PgPool, lane: Lane, key: &str) -> Result<Option<bool>, StoreError> {
    let handled = sqlx::query_scalar(
        "select i.seq <= l.done_seq from inbox i join lane l using (lane)
         where i.lane = $1 and i.account_id = 0 and i.key = $2",
    )
    .bind(lane.0)
    .bind(key)
    .fetch_optional(db)
    .await?;
    Ok(handled)
}

/// The keys of causes that were heard through an account, and when they happened; what the shop did by
/// itself has none.
///
/// # Errors
/// [`StoreError`].
pub async fn keys(
    db: &PgPool,
    account: AccountId,
    events: &[EventId],
) -> Result<BTreeMap<EventId, (String, Timestamp)>, StoreError> {
    let rows = sqlx::query(
        "select i.lane, i.seq, i.key, i.at
         from unnest($2::smallint[], $3::bigint[]) as n (lane, seq), lateral (
            select * from inbox where lane = n.lane and seq = n.seq offset 0) i
         where i.account_id = $1",
    )
    .bind(account.0)
    .bind(events.iter().map(|event| event.lane.0).collect::<Vec<_>>())
    .bind(events.iter().map(|event| event.seq).collect::<Vec<_>>())
    .fetch_all(db)
    .await?;
    let key = |row: &sqlx::postgres::PgRow| {
        let event = EventId { lane: Lane(row.get(0)), seq: row.get(1) };
        (event, (row.get(2), row.get(3)))
    };
    Ok(rows.iter().map(key).collect())
}

/// The most rows of a lane that are looked through for what was heard last.
const LOOKED_AT_MAX: i64 = 20_000;

/// When something was heard last of a community through an account, or it was linked: what came later may
/// have been missed. `None`: longer ago than is looked back. What a comparison of members found was not
/// heard, and says nothing about what was.
///
/// # Errors
/// [`StoreError`].
pub async fn heard_last(
    db: &PgPool,
    lane: Lane,
    account: AccountId,
    community: CommunityId,
) -> Result<Option<Timestamp>, StoreError> {
    let at = sqlx::query_scalar(
        "select at from (select * from inbox where lane = $1 order by seq desc limit $4) newest
         where community_id = $3
           and (account_id = $2 and key not like '%:gap:%' or account_id = 0 and key like 'link:%')
         order by seq desc limit 1",
    )
    .bind(lane.0)
    .bind(account.0)
    .bind(community.0)
    .bind(LOOKED_AT_MAX)
    .fetch_optional(db)
    .await?;
    Ok(at)
}

/// Record an event that failed alone, twice.
///
/// # Errors
/// [`StoreError`].
pub async fn park(
    tx: &mut Tx<'_>,
    id: EventId,
    community: CommunityId,
    error: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query(
        "insert into parked (lane, seq, community_id, error, parked_at) values ($1, $2, $3, $4, $5)
         on conflict do nothing",
    )
    .bind(id.lane.0)
    .bind(id.seq)
    .bind(community.0)
    .bind(error)
    .bind(at)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Blank the bodies of events handled before `before`; the keys stay. At most 10,000 at a time.
///
/// # Errors
/// [`StoreError`].
pub async fn blank_before(db: &PgPool, lane: Lane, before: Timestamp) -> Result<u64, StoreError> {
    let done = sqlx::query(
        "update inbox set body = null
         where lane = $1 and seq in (
            select i.seq from inbox i join lane l using (lane)
            where i.lane = $1 and i.seq <= l.done_seq and i.stored_at < $2 and i.body is not null
              and not exists (select from parked p where p.lane = i.lane and p.seq = i.seq and not p.retried)
            limit 10000)",
    )
    .bind(lane.0)
    .bind(before)
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}
