//! Forgetting (注销) in stored texts: bodies of the inbox and the outbox, and chain lines, are sealed, so
//! they are opened and searched for whoever was erased. The work is written down as `erasure` rows, and
//! may stop at any point and go on: what was blanked stays blank.
//!
//! It touches only events that are handled, so it needs no lane's lock. What the simulated chat itself
//! keeps belongs to that platform.

use sqlx::{PgPool, Row};

use crate::book::ReviewLine;
use crate::domain::event::{Body, Contact};
use crate::domain::forget::{Forgotten, forget};
use crate::domain::ids::{Lane, MemberId};
use crate::domain::member::{erased_key, erased_name};
use crate::domain::policy::Locale;
use crate::store::words::Stored;

use super::{Seal, StoreError};

/// How many rows are opened at a time.
const PAGE: i64 = 500;

/// The most erasures that one turn carries out.
const TURN: i64 = 20;

/// One piece of work.
struct Work {
    lane: Lane,
    community: i64,
    member: MemberId,
    /// Everything up to this event may name them.
    until: i64,
    person: Contact,
    nobody: Contact,
}

/// Carry out the erasures of a lane that are still to be carried out; how many.
///
/// # Errors
/// [`StoreError`]; the rest waits for the next turn.
pub async fn sweep(db: &PgPool, seal: &Seal, lane: Lane) -> Result<usize, StoreError> {
    let rows = sqlx::query(
        "select community_id, member_id, seq, person, locale
         from erasure join community using (lane, community_id)
         where lane = $1 and person is not null order by seq limit $2",
    )
    .bind(lane.0)
    .bind(TURN)
    .fetch_all(db)
    .await?;
    for row in &rows {
        let member = MemberId(row.try_get(1)?);
        let locale = Locale::from_word(row.try_get(4)?)?;
        let work = Work {
            lane,
            community: row.try_get(0)?,
            member,
            until: row.try_get(2)?,
            person: seal.open(row.try_get(3)?)?,
            nobody: Contact { key: erased_key(member), name: erased_name(locale, member) },
        };
        heard(db, seal, &work).await?;
        said(db, &work).await?;
        chains(db, seal, &work).await?;
        finish(db, &work).await?;
    }
    Ok(rows.len())
}

/// What came in: page by page.
async fn heard(db: &PgPool, seal: &Seal, work: &Work) -> Result<(), StoreError> {
    let mut after: i64 = 0;
    loop {
        let rows = sqlx::query(
            "select seq, key, body from inbox
             where lane = $1 and seq > $2 and seq <= $3 and community_id = $4 and body is not null
             order by seq limit $5",
        )
        .bind(work.lane.0)
        .bind(after)
        .bind(work.until)
        .bind(work.community)
        .bind(PAGE)
        .fetch_all(db)
        .await?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = last.try_get(0)?;
        rewrite(db, seal, work, &rows).await?;
    }
}

/// Blank what is theirs and change what names them. A key that names them too counts no more; the
/// same happening again would be somebody new.
async fn rewrite(
    db: &PgPool,
    seal: &Seal,
    work: &Work,
    rows: &[sqlx::postgres::PgRow],
) -> Result<(), StoreError> {
    let (mut seqs, mut keys, mut bodies) = (Vec::new(), Vec::new(), Vec::new());
    for row in rows {
        let seq: i64 = row.try_get(0)?;
        // What does not open with this key was unreadable before.
        let Ok(body) = seal.open::<Body>(row.try_get(2)?) else { continue };
        let body = match forget(&body, &work.person, &work.nobody) {
            Forgotten::Untouched => continue,
            Forgotten::Blank => None,
            Forgotten::Changed(body) => Some(seal.close(&body)),
        };
        let key: &str = row.try_get(1)?;
        let names = key.split(':').any(|part| part == work.person.key);
        seqs.push(seq);
        keys.push(names.then(|| format!("erased:{}:{seq}", work.lane)));
        bodies.push(body);
    }
    if seqs.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "update inbox i set body = n.body, key = coalesce(n.key, i.key)
         from unnest($2::bigint[], $3::text[], $4::bytea[]) as n (seq, key, body)
         where i.lane = $1 and i.seq = n.seq",
    )
    .bind(work.lane.0)
    .bind(seqs)
    .bind(keys)
    .bind(bodies)
    .execute(db)
    .await?;
    Ok(())
}

/// What was said to them, or is still to be said; it is not said any more.
async fn said(db: &PgPool, work: &Work) -> Result<(), StoreError> {
    sqlx::query(
        "update outbox o set body = ''::bytea, to_key = null,
                state = case s.state when 'waiting' then 'dead' else o.state end
         from message_state s
         where o.lane = $1 and o.community_id = $2 and o.to_key = $3
           and s.lane = $1 and s.account_id = o.account_id and s.seq = o.seq and s.ordinal = o.ordinal",
    )
    .bind(work.lane.0)
    .bind(work.community)
    .bind(&work.person.key)
    .execute(db)
    .await?;
    Ok(())
}

/// Lines of chains that bear their name.
async fn chains(db: &PgPool, seal: &Seal, work: &Work) -> Result<(), StoreError> {
    let rows = sqlx::query(
        "select seq, ordinal, body from review where lane = $1 and community_id = $2 and seq <= $3",
    )
    .bind(work.lane.0)
    .bind(work.community)
    .bind(work.until)
    .fetch_all(db)
    .await?;
    for row in &rows {
        let Ok(mut line) = seal.open::<ReviewLine>(row.try_get(2)?) else { continue };
        if !line.names(work.member, &work.person.name) {
            continue;
        }
        line.forget(&work.nobody.name);
        sqlx::query(
            "update review set body = $5
             where lane = $1 and community_id = $2 and seq = $3 and ordinal = $4",
        )
        .bind(work.lane.0)
        .bind(work.community)
        .bind(row.try_get::<i64, _>(0)?)
        .bind(row.try_get::<i16, _>(1)?)
        .bind(seal.close(&line))
        .execute(db)
        .await?;
    }
    Ok(())
}

async fn finish(db: &PgPool, work: &Work) -> Result<(), StoreError> {
    sqlx::query(
        "update erasure set person = null
         where lane = $1 and community_id = $2 and member_id = $3
           and not exists (select from outbox where lane = $1 and community_id = $2 and to_key = $4)",
    )
    .bind(work.lane.0)
    .bind(work.community)
    .bind(work.member.0)
    .bind(&work.person.key)
    .execute(db)
    .await?;
    Ok(())
}
