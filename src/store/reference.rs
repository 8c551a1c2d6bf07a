//! Reference rows: policy versions, accounts, communities and their chats. Few, shop-wide, written
//! when a configuration is loaded.

use std::time::Duration;

use sqlx::types::Json;
use sqlx::{PgPool, Row};

use crate::domain::ids::{AccountId, CommunityId, Lane};
use crate::domain::policy::Policy;
use crate::domain::time::Timestamp;

use crate::store::StoreError;

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
    let print = hex::encode(digest.as_ref());
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

/// Note how long after its time a message of this account may still arrive.
///
/// # Errors
/// [`StoreError`].
pub async fn put_lag(db: &PgPool, account: AccountId, lag: Duration) -> Result<(), StoreError> {
    sqlx::query("update account set lag_ms = $2 where account_id = $1")
        .bind(account.0)
        .bind(i32::try_from(lag.as_millis()).unwrap_or(i32::MAX))
        .execute(db)
        .await?;
    Ok(())
}

/// Note until when an account was connected.
///
/// # Errors
/// [`StoreError`].
pub async fn put_listened(
    db: &PgPool,
    account: AccountId,
    until: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query("update account set listened_until = $2 where account_id = $1")
        .bind(account.0)
        .bind(until)
        .execute(db)
        .await?;
    Ok(())
}

/// Until when an account was connected, as far as any process noted; `None`: it never was.
///
/// # Errors
/// [`StoreError`].
pub async fn listened_until(
    db: &PgPool,
    account: AccountId,
) -> Result<Option<Timestamp>, StoreError> {
    let until = sqlx::query_scalar("select listened_until from account where account_id = $1");
    Ok(until.bind(account.0).fetch_optional(db).await?.flatten())
}

/// What the bot is called on an account.
///
/// # Errors
/// [`StoreError`].
pub async fn put_bot_name(db: &PgPool, account: AccountId, name: &str) -> Result<(), StoreError> {
    sqlx::query("update account set bot_name = $2 where account_id = $1")
        .bind(account.0)
        .bind(name)
        .execute(db)
        .await?;
    Ok(())
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
    /// What people call it.
    pub name: String,
    /// The account it is linked to.
    pub account: AccountId,
    /// The chat it is linked to.
    pub chat: Option<String>,
}

/// Make the communities of a policy that are new: linked to chats of their own name on the simulator's
/// account where there is one, else to nothing.
///
/// # Errors
/// [`StoreError`].
pub async fn put_communities(
    db: &PgPool,
    policy: &Policy,
    version: i32,
    lanes: i16,
    simulator: Option<AccountId>,
) -> Result<(), StoreError> {
    let mut tx = db.begin().await?;
    for community in &policy.communities {
        let id = CommunityId::of(&community.slug);
        sqlx::query(
            "insert into community (lane, community_id, slug, name, locale, time_zone, currency,
                                    policy_version, account_id, chat_key)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
             on conflict on constraint community_key do nothing",
        )
        .bind(id.lane(lanes).0)
        .bind(id.0)
        .bind(&community.slug)
        .bind(&community.name)
        .bind(community.locale.tag())
        .bind(community.time_zone.name())
        .bind(community.currency.code())
        .bind(version)
        .bind(simulator.unwrap_or(AccountId::SYSTEM).0)
        .bind(simulator.map(|_| &community.slug))
        .execute(&mut *tx)
        .await?;
        let Some(account) = simulator else { continue };
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

/// What communities with orders trade in, by slug: that cannot change any more.
///
/// # Errors
/// [`StoreError`].
pub async fn currencies(db: &PgPool) -> Result<Vec<(String, String)>, StoreError> {
    Ok(sqlx::query_as(
        "select slug, currency from community c
         where exists (select from orders where lane = c.lane and community_id = c.community_id) order by slug",
    )
    .fetch_all(db)
    .await?)
}

/// Every community and where it is linked.
///
/// # Errors
/// [`StoreError`].
pub async fn communities(db: &PgPool) -> Result<Vec<Linked>, StoreError> {
    let rows = sqlx::query(
        "select lane, community_id, slug, name, account_id, chat_key from community order by slug",
    )
    .fetch_all(db)
    .await?;
    let linked = |row: &sqlx::postgres::PgRow| Linked {
        lane: Lane(row.get(0)),
        community: CommunityId(row.get(1)),
        slug: row.get(2),
        name: row.get(3),
        account: AccountId(row.get(4)),
        chat: row.get(5),
    };
    Ok(rows.iter().map(linked).collect())
}

/// A chat whose community is known: where what is heard there goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownChat {
    /// The lane.
    pub lane: Lane,
    /// The community.
    pub community: CommunityId,
    /// Whether the platform refused what was sent there.
    pub closed: bool,
}

/// The community of a chat, or of a part of it that is linked (`chat/part`).
///
/// # Errors
/// [`StoreError`].
pub async fn chat_or_part(
    db: &PgPool,
    account: AccountId,
    chat: &str,
) -> Result<Option<KnownChat>, StoreError> {
    let part: Option<String> = sqlx::query_scalar(
        "select chat_key from chat
         where account_id = $1 and (chat_key = $2 or starts_with(chat_key, $2 || '/'))
         order by length(chat_key), chat_key limit 1",
    )
    .bind(account.0)
    .bind(chat)
    .fetch_optional(db)
    .await?;
    match part {
        Some(part) => self::chat(db, account, &part).await,
        None => Ok(None),
    }
}

/// The community of a chat.
///
/// # Errors
/// [`StoreError`].
pub async fn chat(
    db: &PgPool,
    account: AccountId,
    chat: &str,
) -> Result<Option<KnownChat>, StoreError> {
    let row = sqlx::query(
        "select lane, community_id, closed_at is not null from chat
         where account_id = $1 and chat_key = $2",
    )
    .bind(account.0)
    .bind(chat)
    .fetch_optional(db)
    .await?;
    let place = |row: sqlx::postgres::PgRow| KnownChat {
        lane: Lane(row.get(0)),
        community: CommunityId(row.get(1)),
        closed: row.get(2),
    };
    Ok(row.map(place))
}

/// The chats of an account that are spoken in, with their communities.
///
/// # Errors
/// [`StoreError`].
pub async fn chats(
    db: &PgPool,
    account: AccountId,
) -> Result<Vec<(String, CommunityId)>, StoreError> {
    let rows = sqlx::query(
        "select chat_key, community_id from community where account_id = $1 and chat_key is not null
         order by chat_key",
    )
    .bind(account.0)
    .fetch_all(db)
    .await?;
    Ok(rows.iter().map(|row| (row.get(0), CommunityId(row.get(1)))).collect())
}

/// A chat goes on under another id: what is heard there belongs to the same community.
///
/// # Errors
/// [`StoreError`].
pub async fn put_chat(
    db: &PgPool,
    account: AccountId,
    chat: &str,
    place: &KnownChat,
) -> Result<(), StoreError> {
    sqlx::query(
        "insert into chat (lane, account_id, chat_key, community_id) values ($1, $2, $3, $4)
         on conflict on constraint chat_pk do nothing",
    )
    .bind(place.lane.0)
    .bind(account.0)
    .bind(chat)
    .bind(place.community.0)
    .execute(db)
    .await?;
    Ok(())
}

/// The platform refuses what is sent to a chat.
///
/// # Errors
/// [`StoreError`].
pub async fn close_chat(
    db: &PgPool,
    account: AccountId,
    chat: &str,
    at: Timestamp,
    because: &str,
) -> Result<(), StoreError> {
    sqlx::query(
        "update chat set closed_at = coalesce(closed_at, $3), closed_because = $4
         where account_id = $1 and chat_key = $2",
    )
    .bind(account.0)
    .bind(chat)
    .bind(at)
    .bind(because)
    .execute(db)
    .await?;
    Ok(())
}

/// Something was heard from a chat: it is open again.
///
/// # Errors
/// [`StoreError`].
pub async fn open_chat(db: &PgPool, account: AccountId, chat: &str) -> Result<(), StoreError> {
    sqlx::query(
        "update chat set closed_at = null, closed_because = null
         where account_id = $1 and chat_key = $2 and closed_at is not null",
    )
    .bind(account.0)
    .bind(chat)
    .execute(db)
    .await?;
    Ok(())
}

/// The communities of an account that somebody is in.
///
/// # Errors
/// [`StoreError`].
pub async fn communities_of(
    db: &PgPool,
    account: AccountId,
    user: &str,
) -> Result<Vec<(CommunityId, String)>, StoreError> {
    let rows = sqlx::query(
        "select c.community_id, c.name from community c
         join member m using (lane, community_id, account_id)
         where c.account_id = $1 and c.chat_key is not null and m.user_key = $2 and m.present
         order by c.slug limit 20",
    )
    .bind(account.0)
    .bind(user)
    .fetch_all(db)
    .await?;
    Ok(rows.iter().map(|row| (CommunityId(row.get(0)), row.get(1))).collect())
}

/// Platform ids and names of those who are thought to be in a community.
///
/// # Errors
/// [`StoreError`].
pub async fn present(
    db: &PgPool,
    lane: Lane,
    community: CommunityId,
    account: AccountId,
) -> Result<Vec<(String, String)>, StoreError> {
    let rows = sqlx::query(
        "select user_key, name from member
         where lane = $1 and community_id = $2 and account_id = $3 and present",
    )
    .bind(lane.0)
    .bind(community.0)
    .bind(account.0)
    .fetch_all(db)
    .await?;
    Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
}

/// What somebody is called in a community, by their id.
///
/// # Errors
/// [`StoreError`].
pub async fn name_of(
    db: &PgPool,
    place: &KnownChat,
    account: AccountId,
    user: &str,
) -> Result<Option<String>, StoreError> {
    let name = sqlx::query_scalar(
        "select name from member
         where lane = $1 and community_id = $2 and account_id = $3 and user_key = $4",
    )
    .bind(place.lane.0)
    .bind(place.community.0)
    .bind(account.0)
    .bind(user)
    .fetch_optional(db)
    .await?;
    Ok(name)
}

/// How many are thought to be in a community.
///
/// # Errors
/// [`StoreError`].
pub async fn count_present(
    db: &PgPool,
    place: &KnownChat,
    account: AccountId,
) -> Result<usize, StoreError> {
    let count: i64 = sqlx::query_scalar(
        "select count(*) from member
         where lane = $1 and community_id = $2 and account_id = $3 and present",
    )
    .bind(place.lane.0)
    .bind(place.community.0)
    .bind(account.0)
    .fetch_one(db)
    .await?;
    Ok(usize::try_from(count).unwrap_or(0))
}

/// The link that the platform made for somebody earlier.
///
/// # Errors
/// [`StoreError`].
pub async fn invite_link(
    db: &PgPool,
    lane: Lane,
    account: AccountId,
    chat: &str,
    label: &str,
) -> Result<Option<String>, StoreError> {
    let link = sqlx::query_scalar(
        "select link from invite_link
         where lane = $1 and account_id = $2 and chat_key = $3 and label = $4",
    )
    .bind(lane.0)
    .bind(account.0)
    .bind(chat)
    .bind(label)
    .fetch_optional(db)
    .await?;
    Ok(link)
}

/// Keep a link that the platform made.
///
/// # Errors
/// [`StoreError`].
pub async fn keep_invite_link(
    db: &PgPool,
    lane: Lane,
    account: AccountId,
    chat: &str,
    label: &str,
    link: &str,
) -> Result<(), StoreError> {
    sqlx::query(
        "insert into invite_link (lane, account_id, chat_key, label, link) values ($1, $2, $3, $4, $5)
         on conflict on constraint invite_link_key do nothing",
    )
    .bind(lane.0)
    .bind(account.0)
    .bind(chat)
    .bind(label)
    .bind(link)
    .execute(db)
    .await?;
    Ok(())
}

/// The slug of a chat's community.
///
/// # Errors
/// [`StoreError`].
pub async fn slug(db: &PgPool, place: &KnownChat) -> Result<Option<String>, StoreError> {
    let slug =
        sqlx::query_scalar("select slug from community where lane = $1 and community_id = $2")
            .bind(place.lane.0)
            .bind(place.community.0)
            .fetch_optional(db)
            .await?;
    Ok(slug)
}

/// Whether somebody in the community has this invite code.
///
/// # Errors
/// [`StoreError`].
pub async fn is_invite_code(
    db: &PgPool,
    lane: Lane,
    community: CommunityId,
    code: &str,
) -> Result<bool, StoreError> {
    let known = sqlx::query_scalar(
        "select exists (select from member where lane = $1 and community_id = $2 and code = $3)",
    )
    .bind(lane.0)
    .bind(community.0)
    .bind(code);
    Ok(known.fetch_one(db).await?)
}
