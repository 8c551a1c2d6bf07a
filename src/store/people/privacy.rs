//! Forgetting (注销) in stored texts: bodies of the inbox and the outbox, and chain lines, are sealed, so
//! they are opened and searched for whoever was erased; so are messages to others, and operators' reasons. The work is written down as `erasure` rows, and
//! may stop at any point and go on: what was blanked stays blank.
//!
//! It touches only events that are handled, so it needs no lane's lock. What the simulated chat itself
//! keeps belongs to that platform.

use serde_json::Value;
use sqlx::{AssertSqlSafe, PgPool, Row};

use crate::book::ReviewLine;
use crate::domain::event::{Body, Contact};
use crate::domain::forget::{Forgotten, forget, forget_in, without};
use crate::domain::ids::{AccountId, CommunityId, EventId, Lane, MemberId, OrderId};
use crate::domain::ledger::Owner;
use crate::domain::people::{erased_key, erased_name};
use crate::domain::policy::Locale;
use crate::domain::reply::Reply;
use crate::store::words::Stored;

use crate::store::reference::Linked;
use crate::store::seal::{SealedCell, SealedColumn, cell};
use crate::store::{Seal, StoreError};

/// How many rows are opened at a time.
const PAGE: i64 = 500;

/// The most erasures that one turn carries out.
const TURN: i64 = 20;

/// One piece of work.
struct PrivacyWork {
    lane: Lane,
    community: CommunityId,
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
        let community = CommunityId(row.try_get(0)?);
        let work = PrivacyWork {
            lane,
            community,
            member,
            until: row.try_get(2)?,
            person: seal.open(&SealedCell::erased_person(community, member), row.try_get(3)?)?,
            nobody: Contact { key: erased_key(member), name: erased_name(locale, member) },
        };
        heard(db, seal, &work).await?;
        said(db, &work).await?;
        told(db, seal, &work).await?;
        reasons(db, &work).await?;
        chains(db, seal, &work).await?;
        finish(db, &work).await?;
    }
    Ok(rows.len())
}

/// What came in: page by page.
async fn heard(db: &PgPool, seal: &Seal, work: &PrivacyWork) -> Result<(), StoreError> {
    let mut after: i64 = 0;
    loop {
        let rows = sqlx::query(
            "select seq, key, body, account_id from inbox
             where lane = $1 and seq > $2 and seq <= $3 and community_id = $4 and body is not null
             order by seq limit $5",
        )
        .bind(work.lane.0)
        .bind(after)
        .bind(work.until)
        .bind(work.community.0)
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
    work: &PrivacyWork,
    rows: &[sqlx::postgres::PgRow],
) -> Result<(), StoreError> {
    let (mut seqs, mut keys, mut bodies) = (Vec::new(), Vec::new(), Vec::new());
    for row in rows {
        let seq: i64 = row.try_get(0)?;
        let (key, account): (&str, _) = (row.try_get(1)?, AccountId(row.try_get(3)?));
        let cell = |key| SealedCell::inbox_body(work.community, account, key);
        // What does not open with this key was unreadable before.
        let Ok(body) = seal.open::<Body>(&cell(key), row.try_get(2)?) else { continue };
        let names = key.split(':').any(|part| part == work.person.key);
        let renamed = names.then(|| format!("erased:{}:{seq}", work.lane));
        let body = match forget(&body, &work.person, &work.nobody) {
            Forgotten::Untouched => continue,
            Forgotten::Blank => None,
            Forgotten::Changed(body) => {
                Some(seal.close(&cell(renamed.as_deref().unwrap_or(key)), &body))
            }
        };
        seqs.push(seq);
        keys.push(renamed);
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
async fn said(db: &PgPool, work: &PrivacyWork) -> Result<(), StoreError> {
    sqlx::query(
        "update outbox o set body = ''::bytea, to_key = null,
                state = case s.state when 'waiting' then 'dead' else o.state end
         from message_state s
         where o.lane = $1 and o.community_id = $2 and o.to_key = $3
           and s.lane = $1 and s.account_id = o.account_id and s.seq = o.seq and s.ordinal = o.ordinal",
    )
    .bind(work.lane.0)
    .bind(work.community.0)
    .bind(&work.person.key)
    .execute(db)
    .await?;
    Ok(())
}

/// What was said to others and names them: leaders' notices above all. Page by page.
async fn told(db: &PgPool, seal: &Seal, work: &PrivacyWork) -> Result<(), StoreError> {
    let mut after: (i32, i64, i16) = (i32::MIN, 0, 0);
    loop {
        let rows = sqlx::query(
            "select account_id, seq, ordinal, body from outbox
             where lane = $1 and (account_id, seq, ordinal) > ($2, $3, $4) and community_id = $5
               and body <> ''::bytea
             order by account_id, seq, ordinal limit $6",
        )
        .bind(work.lane.0)
        .bind(after.0)
        .bind(after.1)
        .bind(after.2)
        .bind(work.community.0)
        .bind(PAGE)
        .fetch_all(db)
        .await?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = (last.try_get(0)?, last.try_get(1)?, last.try_get(2)?);
        for row in &rows {
            let (account, seq, ordinal) =
                (row.try_get::<i32, _>(0)?, row.try_get(1)?, row.try_get::<i16, _>(2)?);
            let event = EventId { lane: work.lane, seq };
            let cell = SealedCell::outbox_body(work.community, AccountId(account), event, ordinal);
            let Ok(mut said) = seal.open::<Value>(&cell, row.try_get(3)?) else { continue };
            if !forget_in(&mut said, &work.person, &work.nobody) {
                continue;
            }
            // Who is called as some word of ours is called would leave nothing that can be said.
            let is_whole = serde_json::from_value::<Reply>(said["reply"].clone()).is_ok();
            let body = if is_whole { seal.close(&cell, &said) } else { Vec::new() };
            sqlx::query(
                "update outbox set body = $5
                 where lane = $1 and account_id = $2 and seq = $3 and ordinal = $4",
            )
            .bind(work.lane.0)
            .bind(account)
            .bind(seq)
            .bind(ordinal)
            .bind(body)
            .execute(db)
            .await?;
        }
    }
}

/// Why operators bound members anew, in their words; and wrong codes that were tried.
async fn reasons(db: &PgPool, work: &PrivacyWork) -> Result<(), StoreError> {
    let rows = sqlx::query(
        "select seq, ordinal, reason from bond
         where lane = $1 and community_id = $2 and reason is not null",
    )
    .bind(work.lane.0)
    .bind(work.community.0)
    .fetch_all(db)
    .await?;
    for row in &rows {
        let Some(reason) = without(row.try_get(2)?, &work.person, &work.nobody) else { continue };
        sqlx::query(
            "update bond set reason = $5
             where lane = $1 and community_id = $2 and seq = $3 and ordinal = $4",
        )
        .bind(work.lane.0)
        .bind(work.community.0)
        .bind(row.try_get::<i64, _>(0)?)
        .bind(row.try_get::<i16, _>(1)?)
        .bind(reason)
        .execute(db)
        .await?;
    }
    sqlx::query("delete from link_attempt where who = 'user:' || $1")
        .bind(&work.person.key)
        .execute(db)
        .await?;
    Ok(())
}

/// What forgetting a member will find, for the operator who has to say yes to it.
#[derive(Clone, Debug, Default)]
pub struct Traces {
    /// Their own events.
    pub own_texts: usize,
    /// Events of others that name them.
    pub other_texts: usize,
    /// Messages to them.
    pub own_messages: usize,
    /// Messages to others, leaders above all, that name them.
    pub other_messages: usize,
    /// Their own orders.
    pub own_orders: i64,
    /// Entries of the ledger about them.
    pub entries: i64,
    /// Decisions about them.
    pub decisions: i64,
    /// Orders of others that name them.
    pub named_in: Vec<OrderId>,
    /// Members whose open question or request names them.
    pub named_by: Vec<MemberId>,
}

/// Search for what forgetting a member will find. Changes nothing.
///
/// # Errors
/// [`StoreError`].
pub async fn traces(
    db: &PgPool,
    seal: &Seal,
    linked: &Linked,
    member: MemberId,
) -> Result<Traces, StoreError> {
    let place = (linked.lane.0, linked.community.0);
    let row = sqlx::query(
        "select user_key, name from member where lane = $1 and community_id = $2 and member_id = $3",
    )
    .bind(place.0)
    .bind(place.1)
    .bind(member.0)
    .fetch_one(db)
    .await?;
    let person = Contact { key: row.try_get(0)?, name: row.try_get(1)? };
    let mut found = words(db, seal, linked, member, &person).await?;
    let count = async |sql: &'static str, key: Option<&str>| -> Result<i64, StoreError> {
        let query = sqlx::query_scalar(sql).bind(place.0).bind(place.1);
        let query = match key {
            Some(key) => query.bind(key.to_owned()),
            None => query,
        };
        Ok(query.fetch_one(db).await?)
    };
    let to_them = "select count(*) from outbox where lane = $1 and community_id = $2 and to_key = $3 and body <> ''::bytea";
    let own = count(to_them, Some(&person.key)).await?;
    found.own_messages = usize::try_from(own).unwrap_or(0);
    found.other_messages = found.other_messages.saturating_sub(found.own_messages);
    let ids: Vec<i64> = sqlx::query_scalar(
        "select order_id from orders where lane = $1 and community_id = $2 and member_id = $3",
    )
    .bind(place.0)
    .bind(place.1)
    .bind(member.0)
    .fetch_all(db)
    .await?;
    found.own_orders = i64::try_from(ids.len()).unwrap_or(i64::MAX);
    found.named_in.retain(|id| !ids.contains(&id.0));
    found.entries = crate::store::statement::count(db, linked, Owner::Member(member)).await?;
    found.decisions = sqlx::query_scalar(
        "select count(*) from decision where lane = $1 and community_id = $2 and member_id = $3",
    )
    .bind(place.0)
    .bind(place.1)
    .bind(member.0)
    .fetch_one(db)
    .await?;
    Ok(found)
}

/// The part of it that is sealed: each value is opened and searched.
async fn words(
    db: &PgPool,
    seal: &Seal,
    linked: &Linked,
    member: MemberId,
    person: &Contact,
) -> Result<Traces, StoreError> {
    let mut found = Traces::default();
    let nobody = Contact { key: erased_key(member), name: String::new() };
    let names = |value: &mut Value| forget_in(value, person, &nobody);
    for (_, mut value) in sealed(db, seal, &cell::INBOX_BODY, linked).await? {
        match serde_json::from_value::<Body>(value.clone()) {
            Ok(body) if body.from().is_some_and(|from| from.key == person.key) => {
                found.own_texts += 1;
            }
            _ => found.other_texts += usize::from(names(&mut value)),
        }
    }
    for (_, mut value) in sealed(db, seal, &cell::OUTBOX_BODY, linked).await? {
        found.other_messages += usize::from(names(&mut value));
    }
    for (id, mut value) in sealed(db, seal, &cell::ORDER_PRIVATE, linked).await? {
        if names(&mut value) {
            found.named_in.push(OrderId(id));
        }
    }
    for column in [&cell::QUESTION, &cell::REQUEST] {
        for (id, mut value) in sealed(db, seal, column, linked).await? {
            if names(&mut value) && id != member.0 {
                found.named_by.push(MemberId(id));
            }
        }
    }
    Ok(found)
}

/// The opened values of a sealed column in a community, each with the second number of its place: that of the
/// member or the order, where it is one of theirs.
async fn sealed(
    db: &PgPool,
    seal: &Seal,
    column: &SealedColumn,
    linked: &Linked,
) -> Result<Vec<(i64, Value)>, StoreError> {
    let SealedColumn { table, name, .. } = column;
    let numbers: Vec<_> = column.numbers.iter().map(|it| format!("{it}::bigint")).collect();
    let sql = format!(
        "select array[{}], {}, {name} from {table}
         where lane = $1 and community_id = $2 and {name} is not null and {name} <> ''::bytea",
        numbers.join(", "),
        column.text.unwrap_or("''")
    );
    let rows = sqlx::query(AssertSqlSafe(sql))
        .bind(linked.lane.0)
        .bind(linked.community.0)
        .fetch_all(db)
        .await?;
    let open = |row: &sqlx::postgres::PgRow| {
        let numbers: Vec<i64> = row.try_get(0).ok()?;
        let cell = SealedCell::of(column, &numbers).with_text(row.try_get(1).ok()?);
        Some((*numbers.get(1)?, seal.open(&cell, row.try_get(2).ok()?).ok()?))
    };
    Ok(rows.iter().filter_map(open).collect())
}

/// Lines of chains that bear their name.
async fn chains(db: &PgPool, seal: &Seal, work: &PrivacyWork) -> Result<(), StoreError> {
    let rows = sqlx::query(
        "select seq, ordinal, body from review where lane = $1 and community_id = $2 and seq <= $3",
    )
    .bind(work.lane.0)
    .bind(work.community.0)
    .bind(work.until)
    .fetch_all(db)
    .await?;
    for row in &rows {
        let (seq, ordinal) = (row.try_get(0)?, row.try_get(1)?);
        let cell = SealedCell::review_body(work.community, seq, ordinal);
        let Ok(mut line) = seal.open::<ReviewLine>(&cell, row.try_get(2)?) else { continue };
        if line.names(work.member, &work.person.name) {
            line.forget(&work.nobody.name);
        } else if !line.forget_named(&work.person, &work.nobody) {
            continue;
        }
        sqlx::query(
            "update review set body = $5
             where lane = $1 and community_id = $2 and seq = $3 and ordinal = $4",
        )
        .bind(work.lane.0)
        .bind(work.community.0)
        .bind(seq)
        .bind(ordinal)
        .bind(seal.close(&cell, &line))
        .execute(db)
        .await?;
    }
    Ok(())
}

async fn finish(db: &PgPool, work: &PrivacyWork) -> Result<(), StoreError> {
    sqlx::query(
        "update erasure set person = null
         where lane = $1 and community_id = $2 and member_id = $3
           and not exists (select from outbox where lane = $1 and community_id = $2 and to_key = $4)",
    )
    .bind(work.lane.0)
    .bind(work.community.0)
    .bind(work.member.0)
    .bind(&work.person.key)
    .execute(db)
    .await?;
    Ok(())
}
