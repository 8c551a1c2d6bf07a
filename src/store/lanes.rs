//! Lanes and leases. A lane has one worker at a time: whoever holds its lease, under an epoch that
//! each batch checks under lock. Leases are the one thing timed by the database's clock.

use sqlx::postgres::PgRow;
use sqlx::{PgConnection, PgPool, Row};

use crate::domain::ids::{AccountId, Lane};

use crate::store::StoreError;
use crate::store::save::{RowCount, Writer};

/// How long a lease lasts without renewal.
pub const LEASE_SECONDS: i32 = 10;

/// A lane held by this process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeldLane {
    /// The lane.
    pub lane: Lane,
    /// The epoch under which it is held.
    pub epoch: i64,
}

/// Write the number of lanes into a new database; an old one keeps its own.
pub(crate) async fn create(connection: &mut PgConnection, lanes: i16) -> Result<(), sqlx::Error> {
    sqlx::query(
        "insert into setting (key, value) values ('lanes', to_jsonb($1::smallint)) on conflict do nothing",
    )
    .bind(lanes)
    .execute(&mut *connection)
    .await?;
    for table in ["lane", "lane_intake"] {
        let sql = format!(
            "insert into {table} (lane) select generate_series(0, (select value::int from setting where key = 'lanes') - 1)::smallint on conflict do nothing"
        );
        sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&mut *connection).await?;
    }
    Ok(())
}

/// How many lanes this database was made with.
///
/// # Errors
/// [`StoreError`].
pub async fn count(db: &PgPool) -> Result<i16, StoreError> {
    let lanes: i32 = sqlx::query_scalar("select value::int from setting where key = 'lanes'")
        .fetch_one(db)
        .await?;
    i16::try_from(lanes).map_err(|_| StoreError::inconsistent("the number of lanes is absurd"))
}

/// Renew the lanes of `owner` and take free ones, up to `most` in all.
///
/// A lane that is locked is busy, and its batch renews it: it is not waited for here, and not given up
/// either.
///
/// # Errors
/// [`StoreError`].
pub async fn claim(db: &PgPool, owner: &str, most: i64) -> Result<Vec<HeldLane>, StoreError> {
    sqlx::query(
        "with idle as (
            select lane from lane where owner = $1 and leased_until >= now() for update skip locked
         )
         update lane l set leased_until = now() + make_interval(secs => $2)
         from idle where l.lane = idle.lane",
    )
    .bind(owner)
    .bind(LEASE_SECONDS)
    .execute(db)
    .await?;
    let renewed =
        sqlx::query("select lane, epoch from lane where owner = $1 and leased_until >= now()")
            .bind(owner)
            .fetch_all(db)
            .await?;
    let taken = sqlx::query(
        "with free as (
            select lane from lane where owner is null or leased_until < now()
            order by lane limit greatest(0, $2) for update skip locked
         )
         update lane l
         set owner = $1, epoch = l.epoch + 1, leased_until = now() + make_interval(secs => $3)
         from free where l.lane = free.lane
         returning l.lane, l.epoch",
    )
    .bind(owner)
    .bind(most - i64::try_from(renewed.len()).unwrap_or(i64::MAX))
    .bind(LEASE_SECONDS)
    .fetch_all(db)
    .await?;
    let held = |row: &PgRow| HeldLane { lane: Lane(row.get("lane")), epoch: row.get("epoch") };
    let mut held: Vec<_> = renewed.iter().chain(&taken).map(held).collect();
    held.sort_by_key(|held| held.lane);
    Ok(held)
}

/// Give lanes back at once, on shutdown or to share with a newcomer.
///
/// # Errors
/// [`StoreError`].
pub async fn release(db: &PgPool, owner: &str, lanes: &[Lane]) -> Result<(), StoreError> {
    let lanes: Vec<_> = lanes.iter().map(|lane| lane.0).collect();
    sqlx::query(
        "update lane set owner = null, leased_until = null where owner = $1 and lane = any($2)",
    )
    .bind(owner)
    .bind(lanes)
    .execute(db)
    .await?;
    Ok(())
}

/// The events from `first` to `last` are done, and whoever did it goes on holding the lane. The first thing that
/// a batch writes, so that its lane is locked. The events were read before: if somebody did them meanwhile, be it
/// a commit of ours believed lost, or the lane is not held any more, nothing is written.
pub fn mark(writer: &mut Writer<'_>, held: HeldLane, first: i64, last: i64) {
    writer
        .part(
            "update lane set done_seq = $2, leased_until = now() + make_interval(secs => $3)
             where lane = $1 and epoch = $4 and done_seq < $5",
            RowCount::Exactly(1),
        )
        .bind(last)
        .bind(LEASE_SECONDS)
        .bind(held.epoch)
        .bind(first);
}

/// Register this process and count those alive, so that lanes are shared evenly.
///
/// # Errors
/// [`StoreError`].
pub async fn heartbeat(db: &PgPool, owner: &str) -> Result<i64, StoreError> {
    sqlx::query(
        "insert into lease (what, owner, epoch, until)
         values ('process:' || $1, $1, 1, now() + make_interval(secs => $2))
         on conflict (what) do update set until = excluded.until",
    )
    .bind(owner)
    .bind(LEASE_SECONDS)
    .execute(db)
    .await?;
    let alive = sqlx::query_scalar(
        "select count(*) from lease where what like 'process:%' and until >= now()",
    );
    Ok(alive.fetch_one(db).await?)
}

/// Write something and commit it: whether the database takes writes is known by nothing else.
///
/// # Errors
/// [`StoreError`].
pub async fn probe(db: &PgPool, owner: &str) -> Result<(), StoreError> {
    sqlx::query(
        "insert into lease (what, owner, epoch, until) values ('probe', $1, 1, now())
         on conflict (what) do update set owner = excluded.owner, until = excluded.until",
    )
    .bind(owner)
    .execute(db)
    .await?;
    Ok(())
}

/// Leave: this process counts no more.
///
/// # Errors
/// [`StoreError`].
pub async fn leave(db: &PgPool, owner: &str) -> Result<(), StoreError> {
    sqlx::query("delete from lease where owner = $1").bind(owner).execute(db).await?;
    Ok(())
}

/// Nobody else works on this database: leases that are left are those of a process that was killed, and need
/// not run out.
///
/// # Errors
/// [`StoreError`].
pub async fn free_all(db: &PgPool) -> Result<(), StoreError> {
    sqlx::query("update lane set owner = null, leased_until = null").execute(db).await?;
    sqlx::query("update lease set until = '-infinity'").execute(db).await?;
    Ok(())
}

/// The name of the lease on a platform account: who has it speaks there.
#[must_use]
pub fn of_account(account: AccountId) -> String {
    format!("account:{account}")
}

/// Take or renew the lease on something other than a lane; `false` while another holds it.
///
/// # Errors
/// [`StoreError`].
pub async fn hold(db: &PgPool, what: &str, owner: &str) -> Result<bool, StoreError> {
    let held: Option<i64> = sqlx::query_scalar(
        "insert into lease as l (what, owner, epoch, until)
         values ($1, $2, 1, now() + make_interval(secs => $3))
         on conflict (what) do update
         set owner = $2, until = excluded.until,
             epoch = l.epoch + case when l.owner = $2 then 0 else 1 end
         where l.owner = $2 or l.until < now()
         returning epoch",
    )
    .bind(what)
    .bind(owner)
    .bind(LEASE_SECONDS)
    .fetch_optional(db)
    .await?;
    Ok(held.is_some())
}

/// Take one lane that nobody holds, for a while; `None` while somebody does.
///
/// # Errors
/// [`StoreError`].
pub async fn take_free(
    db: &PgPool,
    owner: &str,
    lane: Lane,
) -> Result<Option<HeldLane>, StoreError> {
    let epoch: Option<i64> = sqlx::query_scalar(
        "update lane set owner = $1, epoch = epoch + 1, leased_until = now() + make_interval(secs => $3)
         where lane = $2 and (owner is null or leased_until < now())
         returning epoch",
    )
    .bind(owner)
    .bind(lane.0)
    .bind(LEASE_SECONDS)
    .fetch_optional(db)
    .await?;
    Ok(epoch.map(|epoch| HeldLane { lane, epoch }))
}
