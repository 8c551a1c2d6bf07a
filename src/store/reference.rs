//! Reference rows: policy versions, accounts, communities and their chats. Few, shop-wide, written
//! when a configuration is loaded.

use sqlx::types::Json;
use sqlx::{PgPool, Row};

use crate::domain::ids::{AccountId, CommunityId, Lane};
use crate::domain::policy::Policy;
use crate::domain::time::Timestamp;

use super::StoreError;

/// Store a policy unless it equals the newest version; returns the version in force and whether it is
/// new. Two processes loading the same file agree, because the newest row is locked.
///
/// # Errors
/// [`StoreError`].
pub async fn put_policy(
    db: &PgPool,
    policy: &Policy,
    at: Timestamp,
) -> Result<(i32, bool), StoreError> {
    let body = serde_json::to_vec(policy).unwrap_or_default();
    let digest = ring::digest::digest(&ring::digest::SHA256, &body);
    let print = super::seal::to_hex(digest.as_ref());
    let mut tx = db.begin().await?;
    sqlx::query("select pg_advisory_xact_lock(7309947)").execute(&mut *tx).await?;
    let newest =
        sqlx::query("select version, fingerprint from policy order by version desc limit 1")
            .fetch_optional(&mut *tx)
            .await?;
    let version: i32 = newest.as_ref().map_or(0, |row| row.get(0));
    if newest.is_some_and(|row| row.get::<&str, _>(1) == print) {
        return Ok((version, false));
    }
    sqlx::query(
        "insert into policy (version, body, fingerprint, loaded_at) values ($1, $2, $3, $4)",
    )
    .bind(version + 1)
    .bind(Json(policy))
    .bind(&print)
    .bind(at)
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok((version + 1, true))
}

/// The newest policy version.
///
/// # Errors
/// [`StoreError`].
pub async fn newest_policy(db: &PgPool) -> Result<Option<(i32, Policy)>, StoreError> {
    let row = sqlx::query("select version, body from policy order by version desc limit 1")
        .fetch_optional(db)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let Json(policy) = row.try_get(1)?;
    Ok(Some((row.try_get(0)?, policy)))
}

/// The account with this key, made if it is new.
///
/// # Errors
/// [`StoreError`].
pub async fn put_account(db: &PgPool, key: &str, platform: &str) -> Result<AccountId, StoreError> {
    let id: i32 = sqlx::query_scalar(
        "insert into account (account_id, key, platform)
         values ((select coalesce(max(account_id), 0) + 1 from account), $1, $2)
         on conflict (key) do update set platform = excluded.platform
         returning account_id",
    )
    .bind(key)
    .bind(platform)
    .fetch_one(db)
    .await?;
    Ok(AccountId(id))
}

/// A community as transport knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Linked {
    /// Its lane.
    pub lane: Lane,
    /// Its id.
    pub community: CommunityId,
    /// Its slug.
    pub slug: String,
    /// The account it is linked to.
    pub account: AccountId,
    /// The chat it is linked to.
    pub chat: Option<String>,
}

/// Make the communities of a policy that are new, linked to chats of their own name on `account`.
///
/// # Errors
/// [`StoreError`].
pub async fn put_communities(
    db: &PgPool,
    policy: &Policy,
    version: i32,
    (lanes, account): (i16, AccountId),
) -> Result<(), StoreError> {
    let mut tx = db.begin().await?;
    for community in &policy.communities {
        let id = CommunityId::of(&community.slug);
        sqlx::query(
            "insert into community (lane, community_id, slug, name, locale, time_zone, currency,
                                    policy_version, account_id, chat_key)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $3)
             on conflict on constraint community_key do nothing",
        )
        .bind(id.lane(lanes).0)
        .bind(id.0)
        .bind(&community.slug)
        .bind(&community.name)
        .bind(community.locale.tag())
        .bind(community.time_zone.name())
        .bind(&community.currency)
        .bind(version)
        .bind(account.0)
        .execute(&mut *tx)
        .await?;
        sqlx::query(
            "insert into chat (lane, account_id, chat_key, community_id) values ($1, $2, $3, $4)
             on conflict on constraint chat_pk do nothing",
        )
        .bind(id.lane(lanes).0)
        .bind(account.0)
        .bind(&community.slug)
        .bind(id.0)
        .execute(&mut *tx)
        .await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Every community and where it is linked.
///
/// # Errors
/// [`StoreError`].
pub async fn communities(db: &PgPool) -> Result<Vec<Linked>, StoreError> {
    let rows = sqlx::query(
        "select lane, community_id, slug, account_id, chat_key from community order by slug",
    )
    .fetch_all(db)
    .await?;
    let linked = |row: &sqlx::postgres::PgRow| Linked {
        lane: Lane(row.get(0)),
        community: CommunityId(row.get(1)),
        slug: row.get(2),
        account: AccountId(row.get(3)),
        chat: row.get(4),
    };
    Ok(rows.iter().map(linked).collect())
}
