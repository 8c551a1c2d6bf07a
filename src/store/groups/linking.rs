//! One-time codes that link group chats to communities, and the wrong codes that were tried. Small and
//! shop-wide. Only hashes of codes are kept.

use std::collections::BTreeMap;

use sqlx::{PgPool, Row};

use crate::domain::ids::{AccountId, CommunityId, Lane};
use crate::domain::time::Timestamp;

use crate::store::StoreError;

/// Keep the hash of a new code; older codes of the community count no more.
///
/// # Errors
/// [`StoreError`].
pub async fn put_code(
    db: &PgPool,
    hash: &str,
    lane: Lane,
    community: CommunityId,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<(), StoreError> {
    let mut tx = db.begin().await?;
    sqlx::query("delete from link_code where community_id = $1 or expires_at < $2")
        .bind(community.0)
        .bind(now)
        .execute(&mut *tx)
        .await?;
    sqlx::query(
        "insert into link_code (code_hash, lane, community_id, expires_at) values ($1, $2, $3, $4)",
    )
    .bind(hash)
    .bind(lane.0)
    .bind(community.0)
    .bind(expires_at)
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(())
}

/// The community that a code is for, if it is known and in time.
///
/// # Errors
/// [`StoreError`].
pub async fn code(
    db: &PgPool,
    hash: &str,
    now: Timestamp,
) -> Result<Option<(Lane, CommunityId)>, StoreError> {
    let row = sqlx::query(
        "select lane, community_id from link_code where code_hash = $1 and expires_at >= $2",
    )
    .bind(hash)
    .bind(now)
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| (Lane(row.get(0)), CommunityId(row.get(1)))))
}

/// The code was used.
///
/// # Errors
/// [`StoreError`].
pub async fn forget_code(db: &PgPool, hash: &str) -> Result<(), StoreError> {
    sqlx::query("delete from link_code where code_hash = $1").bind(hash).execute(db).await?;
    Ok(())
}

/// How many wrong codes the worst of these has tried since `since`.
///
/// # Errors
/// [`StoreError`].
pub async fn wrong_codes(
    db: &PgPool,
    account: AccountId,
    who: &[String],
    since: Timestamp,
) -> Result<i32, StoreError> {
    let most: Option<i32> = sqlx::query_scalar(
        "select max(wrong) from link_attempt where account_id = $1 and who = any($2) and last_at > $3",
    )
    .bind(account.0)
    .bind(who)
    .bind(since)
    .fetch_one(db)
    .await?;
    Ok(most.unwrap_or(0))
}

/// Count a wrong code against each of these; what was tried before `since` is forgotten.
///
/// # Errors
/// [`StoreError`].
pub async fn count_wrong(
    db: &PgPool,
    account: AccountId,
    who: &[String],
    now: Timestamp,
    since: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query("delete from link_attempt where last_at <= $1").bind(since).execute(db).await?;
    sqlx::query(
        "insert into link_attempt as a (account_id, who, wrong, last_at)
         select $1, who, 1, $3 from unnest($2::text[]) as n (who) order by who
         on conflict on constraint link_attempt_key do update
         set wrong = a.wrong + 1, last_at = excluded.last_at",
    )
    .bind(account.0)
    .bind(who)
    .bind(now)
    .execute(db)
    .await?;
    Ok(())
}

/// Invitations older than this count no more.
const INVITATION_DAYS: i64 = 30;

/// Somebody asked to come into a group by a member's invitation: group, who asks, who invited them.
///
/// # Errors
/// [`StoreError`].
pub async fn put_invitation(
    db: &PgPool,
    account: AccountId,
    [chat, user, inviter]: [&str; 3],
    now: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query("delete from invitation where account_id = $1 and at < $2")
        .bind(account.0)
        .bind(now - chrono::Duration::days(INVITATION_DAYS))
        .execute(db)
        .await?;
    sqlx::query(
        "insert into invitation (account_id, chat_key, user_key, inviter_key, at)
         values ($1, $2, $3, $4, $5)
         on conflict on constraint invitation_key do update
         set inviter_key = excluded.inviter_key, at = excluded.at",
    )
    .bind(account.0)
    .bind(chat)
    .bind(user)
    .bind(inviter)
    .bind(now)
    .execute(db)
    .await?;
    Ok(())
}

/// Who invited these people into a group: ids of those who were, each with the id of who did.
///
/// # Errors
/// [`StoreError`].
pub async fn invitations(
    db: &PgPool,
    account: AccountId,
    chat: &str,
    users: &[&str],
) -> Result<BTreeMap<String, String>, StoreError> {
    let rows = sqlx::query_as(
        "select user_key, inviter_key from invitation
         where account_id = $1 and chat_key = $2 and user_key = any($3)",
    )
    .bind(account.0)
    .bind(chat)
    .bind(users)
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().collect())
}

/// Somebody asks of their own accord: an invitation of before counts no more.
///
/// # Errors
/// [`StoreError`].
pub async fn forget_invitation(
    db: &PgPool,
    account: AccountId,
    [chat, user]: [&str; 2],
) -> Result<(), StoreError> {
    sqlx::query("delete from invitation where account_id = $1 and chat_key = $2 and user_key = $3")
        .bind(account.0)
        .bind(chat)
        .bind(user)
        .execute(db)
        .await?;
    Ok(())
}

/// Note that a group that is linked to nothing was greeted for this update; `false` when it was before.
///
/// # Errors
/// [`StoreError`].
pub async fn greet(
    db: &PgPool,
    account: AccountId,
    chat: &str,
    key: &str,
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "insert into greeting as g (account_id, chat_key, key) values ($1, $2, $3)
         on conflict on constraint greeting_key do update set key = excluded.key
         where g.key <> excluded.key",
    )
    .bind(account.0)
    .bind(chat)
    .bind(key)
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}
