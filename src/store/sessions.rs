//! Sessions: who is signed in at the web side. Only hashes of what browsers hold are kept; all times are the
//! database's.

use sqlx::postgres::PgRow;
use sqlx::{PgPool, Row};

use crate::domain::ids::CommunityId;
use crate::domain::intent::Role;
use crate::domain::time::Timestamp;

use crate::store::StoreError;
use crate::store::words::Stored;

/// The keyed hash of what a browser holds.
pub type Digest = [u8; 32];

/// The most sessions of one person; a new one ends the oldest.
pub const EACH_MAX: i64 = 50;

/// The longest description of a browser, in characters.
pub const AGENT_MAX: usize = 200;

/// A use is written down when the last one is so long ago, in seconds: reading a page should not write.
const SEEN_EVERY_S: i32 = 60;

/// How long sessions last, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Term {
    unused: i32,
    at_most: i32,
}

/// An operator's is short, because it may pay money out. A leader's lives on the phone that they sell with.
const fn term(role: Role) -> Term {
    match role {
        Role::Operator => Term { unused: 30 * 60, at_most: 12 * 3_600 },
        Role::Leader | Role::Helper | Role::Member => {
            Term { unused: 30 * 86_400, at_most: 180 * 86_400 }
        }
    }
}

/// Somebody who signs in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSession {
    /// Of what their browser will hold.
    pub digest: Digest,
    /// Who it is: `operator`, or a leader by platform account and user.
    pub person: String,
    /// What they may do.
    pub role: Role,
    /// Where a leader may; none for an operator, who may everywhere.
    pub communities: Vec<CommunityId>,
    /// What the browser says it is.
    pub agent: String,
}

/// Somebody who is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebSession {
    /// What it is called in lists: nothing can be opened with it.
    pub id: String,
    /// Who it is.
    pub person: String,
    /// What they may do.
    pub role: Role,
    /// Where a leader may.
    pub communities: Vec<CommunityId>,
    /// When they signed in.
    pub made_at: Timestamp,
    /// When they were last seen, to within a minute.
    pub seen_at: Timestamp,
    /// What the browser says it is.
    pub agent: String,
}

const COLUMNS: &str = "digest, person, role, communities, made_at, seen_at, agent";

impl WebSession {
    fn of(row: &PgRow) -> Result<Self, StoreError> {
        let communities: Vec<i64> = row.try_get("communities")?;
        Ok(Self {
            id: name(row.try_get("digest")?),
            person: row.try_get("person")?,
            role: Role::from_word(row.try_get("role")?)?,
            communities: communities.into_iter().map(CommunityId).collect(),
            made_at: row.try_get("made_at")?,
            seen_at: row.try_get("seen_at")?,
            agent: row.try_get("agent")?,
        })
    }
}

/// What a session is called in lists: the beginning of its digest.
#[must_use]
pub fn name(digest: &[u8]) -> String {
    hex::encode(digest.get(..8).unwrap_or(digest))
}

/// Sign somebody in.
///
/// # Errors
/// [`StoreError`]; nobody is signed in then.
pub async fn open(db: &PgPool, new: &NewSession) -> Result<(), StoreError> {
    let Term { unused, at_most } = term(new.role);
    let communities: Vec<_> = new.communities.iter().map(|it| it.0).collect();
    let agent: String = new.agent.chars().filter(|c| !c.is_control()).take(AGENT_MAX).collect();
    sqlx::query(
        "with oldest as (
            delete from session where digest in (
                select digest from session where person = $2 order by made_at desc offset $8)
         )
         insert into session (digest, person, role, communities, agent, lapses_at, ends_at)
         values ($1, $2, $3, $4, $5, now() + make_interval(secs => $6), now() + make_interval(secs => $7))",
    )
    .bind(new.digest.as_slice())
    .bind(&new.person)
    .bind(new.role.word())
    .bind(communities)
    .bind(agent)
    .bind(unused)
    .bind(at_most)
    .bind(EACH_MAX - 1)
    .execute(db)
    .await?;
    Ok(())
}

/// The session of this digest, while it lasts. Its use is written down now and then; where that fails, it
/// lasts no longer, but it is there.
///
/// # Errors
/// [`StoreError`].
pub async fn find(db: &PgPool, digest: &Digest) -> Result<Option<WebSession>, StoreError> {
    let sql = format!(
        "select {COLUMNS}, seen_at < now() - make_interval(secs => $2) as is_old
         from session where digest = $1 and lapses_at > now()"
    );
    let row = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(digest.as_slice())
        .bind(SEEN_EVERY_S)
        .fetch_optional(db)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let session = WebSession::of(&row)?;
    if row.try_get("is_old")?
        && let Err(error) = touch(db, digest, session.role).await
    {
        tracing::debug!(%error, "a session's use was not written down");
    }
    Ok(Some(session))
}

async fn touch(db: &PgPool, digest: &Digest, role: Role) -> Result<(), StoreError> {
    sqlx::query(
        "update session set seen_at = now(), lapses_at = least(ends_at, now() + make_interval(secs => $2))
         where digest = $1 and lapses_at > now()",
    )
    .bind(digest.as_slice())
    .bind(term(role).unused)
    .execute(db)
    .await?;
    Ok(())
}

/// The sessions of a person, the newest first; at most [`EACH_MAX`].
///
/// # Errors
/// [`StoreError`].
pub async fn list(db: &PgPool, person: &str) -> Result<Vec<WebSession>, StoreError> {
    let sql = format!(
        "select {COLUMNS} from session where person = $1 and lapses_at > now()
         order by made_at desc limit $2"
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(person).bind(EACH_MAX).fetch_all(db);
    rows.await?.iter().map(WebSession::of).collect()
}

/// End the session of this digest: who holds it signs out.
///
/// # Errors
/// [`StoreError`].
pub async fn close(db: &PgPool, digest: &Digest) -> Result<(), StoreError> {
    sqlx::query("delete from session where digest = $1")
        .bind(digest.as_slice())
        .execute(db)
        .await?;
    Ok(())
}

/// End a person's session by its name in lists, or all but `except`; returns how many ended.
///
/// # Errors
/// [`StoreError`].
pub async fn revoke(db: &PgPool, person: &str, which: Which<'_>) -> Result<u64, StoreError> {
    let (id, except) = match which {
        Which::One(id) => (Some(id), None),
        Which::AllBut(digest) => (None, digest.map(<[u8; 32]>::as_slice)),
    };
    let ended = sqlx::query(
        "delete from session
         where person = $1 and ($2::text is null or encode(substr(digest, 1, 8), 'hex') = $2)
           and ($3::bytea is null or digest <> $3)",
    )
    .bind(person)
    .bind(id)
    .bind(except)
    .execute(db)
    .await?;
    Ok(ended.rows_affected())
}

/// Which sessions of a person.
#[derive(Clone, Copy, Debug)]
pub enum Which<'a> {
    /// The one of this name.
    One(&'a str),
    /// All, but for this one.
    AllBut(Option<&'a Digest>),
}

/// Forget what has ended.
///
/// # Errors
/// [`StoreError`].
pub async fn sweep(db: &PgPool) -> Result<(), StoreError> {
    sqlx::query("delete from session where lapses_at <= now()").execute(db).await?;
    Ok(())
}
