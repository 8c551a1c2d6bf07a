//! Doubts about the time, where processes and operators see each other: a row for each process whose clock
//! leapt. Kept by the database's own clock.

use sqlx::{PgPool, Row};

use crate::store::StoreError;

/// Say that this process doubts its clock; whether an operator has said meanwhile that it is right. What
/// was said of an earlier leap does not count for one that `is_new`.
///
/// # Errors
/// [`StoreError`].
pub async fn tell(
    db: &PgPool,
    owner: &str,
    by_seconds: i64,
    is_new: bool,
) -> Result<bool, StoreError> {
    Ok(sqlx::query_scalar(
        "insert into clock_doubt (owner, by_seconds, seen_at) values ($1, $2, now())
         on conflict (owner) do update set by_seconds = excluded.by_seconds, seen_at = excluded.seen_at,
             accepted = clock_doubt.accepted and not $3
         returning accepted",
    )
    .bind(owner)
    .bind(by_seconds)
    .bind(is_new)
    .fetch_one(db)
    .await?)
}

/// The doubt of this process is over.
///
/// # Errors
/// [`StoreError`].
pub async fn forget(db: &PgPool, owner: &str) -> Result<(), StoreError> {
    sqlx::query("delete from clock_doubt where owner = $1").bind(owner).execute(db).await?;
    Ok(())
}

/// How far the clocks of the processes that doubt theirs leapt, in seconds. Those that ended without a word are
/// cleared away.
///
/// # Errors
/// [`StoreError`].
pub async fn list(db: &PgPool) -> Result<Vec<(String, i64)>, StoreError> {
    sqlx::query("delete from clock_doubt where seen_at < now() - interval '1 minute'")
        .execute(db)
        .await?;
    let rows = sqlx::query("select owner, by_seconds from clock_doubt order by owner");
    let rows = rows.fetch_all(db).await?;
    Ok(rows.iter().map(|row| (row.get("owner"), row.get("by_seconds"))).collect())
}

/// The clocks of these processes are right.
///
/// # Errors
/// [`StoreError`].
pub async fn accept(db: &PgPool, owners: &[String]) -> Result<(), StoreError> {
    sqlx::query("update clock_doubt set accepted = true where owner = any($1)")
        .bind(owners)
        .execute(db)
        .await?;
    Ok(())
}
