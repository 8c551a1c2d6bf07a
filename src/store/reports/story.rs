//! The story of an order, of a member, or of what operators ordered, in order of time: what was said, what was
//! decided, what was booked, what was answered. For people who ask why; nothing here is used to decide.
//!
//! The data key is optional. Without it, what is sealed stays sealed.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::types::Json;
use sqlx::{AssertSqlSafe, PgPool, Row};

use crate::domain::event::Body;
use crate::domain::ids::{AccountId, CommunityId, Lane, MemberId, OrderId};
use crate::domain::ledger::{AccountNo, Fact, Owner, Purse};
use crate::domain::name::name_key;
use crate::domain::operate::Outcome;
use crate::domain::time::Timestamp;

use crate::store::seal::SealedCell;
use crate::store::{Seal, StoreError, chart};

/// The most events that a story tells: the latest ones.
pub const MOST_EVENTS: usize = 500;

/// Where to look.
#[derive(Clone, Copy, Debug)]
pub struct StoryPlace {
    /// The community's lane.
    pub lane: Lane,
    /// The community.
    pub id: CommunityId,
}

/// Whose story.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StorySubject {
    /// An order's.
    Order(OrderId),
    /// A member's.
    Member(MemberId),
    /// That of what operators ordered, and had tried again.
    Commands,
}

/// One event and what came of it.
#[derive(Clone, Debug)]
pub struct Chapter {
    /// Its place in the lane.
    pub seq: i64,
    /// When it happened.
    pub at: Timestamp,
    /// What happened; `None` when it is sealed, blanked or dropped.
    pub body: Option<Body>,
    /// What was understood, and what came of it.
    pub decisions: Vec<DecisionTold>,
    /// What was booked.
    pub entries: Vec<Booked>,
    /// Attempts to bind somebody.
    pub bonds: Vec<BondTold>,
    /// Messages that answered it, by state.
    pub messages: BTreeMap<String, i64>,
}

/// What was understood from an event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DecisionTold {
    /// The kind of intent or cause.
    pub what: String,
    /// Why it was refused.
    pub refused: Option<String>,
    /// The operator who ordered it, or had it tried again.
    pub operator: Option<String>,
    /// What came of an operator's command.
    pub outcome: Option<Outcome>,
}

/// A row of the journal.
#[derive(Clone, Debug)]
pub struct Booked {
    /// What kind of fact.
    pub kind: String,
    /// In which currency.
    pub currency: String,
    /// Accounts and amounts.
    pub legs: Vec<(AccountNo, i64)>,
}

/// An attempt to bind a member.
#[derive(Clone, Debug)]
pub struct BondTold {
    /// Whom.
    pub member: MemberId,
    /// To whom.
    pub inviter: Option<MemberId>,
    /// By what evidence.
    pub evidence: String,
    /// Why not, when refused.
    pub refused: Option<String>,
}

/// Tell it, oldest first.
///
/// # Errors
/// [`StoreError`].
pub async fn tell(
    db: &PgPool,
    seal: Option<&Seal>,
    place: StoryPlace,
    about: StorySubject,
) -> Result<Vec<Chapter>, StoreError> {
    let seqs = events_of(db, place, about).await?;
    let mut chapters = decided(db, place, about, &seqs).await?;
    booked(db, place, about, &seqs, &mut chapters).await?;
    if let StorySubject::Order(order) = about {
        settled(db, place, order, &mut chapters).await?;
    }
    bonds(db, place, &seqs, &mut chapters).await?;
    messages(db, place, &seqs, &mut chapters).await?;
    said(db, seal, place, &seqs, &mut chapters).await?;
    Ok(chapters.into_values().collect())
}

type Chapters = BTreeMap<i64, Chapter>;

fn chapter(chapters: &mut Chapters, seq: i64, at: Timestamp) -> &mut Chapter {
    chapters.entry(seq).or_insert_with(|| Chapter {
        seq,
        at,
        body: None,
        decisions: Vec::new(),
        entries: Vec::new(),
        bonds: Vec::new(),
        messages: BTreeMap::new(),
    })
}

/// The events it is about, as the books name them.
async fn events_of(
    db: &PgPool,
    place: StoryPlace,
    about: StorySubject,
) -> Result<Vec<i64>, StoreError> {
    let sql = match about {
        StorySubject::Order(_) => {
            "select seq from decision where lane = $1 and community_id = $2 and order_id = $3
             union select seq from journal where lane = $1 and community_id = $2 and order_id = $3
             union select settled_seq from orders_now
             where lane = $1 and community_id = $2 and order_id = $3 and settled_seq is not null"
        }
        StorySubject::Member(_) => {
            "select seq from decision where lane = $1 and community_id = $2 and member_id = $3
             union select seq from bond where lane = $1 and community_id = $2 and (member_id = $3 or inviter_id = $3)
             union select seq from journal where lane = $1 and community_id = $2 and accounts && $4"
        }
        StorySubject::Commands => {
            "select distinct seq from decision
             where lane = $1 and community_id = $2 and operator is not null"
        }
    };
    let sql = sqlx::AssertSqlSafe(format!("{sql} order by seq desc limit {MOST_EVENTS}"));
    let query = sqlx::query_scalar(sql).bind(place.lane.0).bind(place.id.0);
    Ok(match about {
        StorySubject::Order(order) => query.bind(order.0).fetch_all(db).await?,
        StorySubject::Member(member) => {
            query
                .bind(member.0)
                .bind(chart::numbers_of(Owner::Member(member)))
                .fetch_all(db)
                .await?
        }
        StorySubject::Commands => query.fetch_all(db).await?,
    })
}

async fn decided(
    db: &PgPool,
    place: StoryPlace,
    about: StorySubject,
    seqs: &[i64],
) -> Result<Chapters, StoreError> {
    let rows = sqlx::query(
        "select seq, at, what, refused, order_id, operator, outcome from decision
         where lane = $1 and community_id = $2 and seq = any($3) order by seq, ordinal",
    )
    .bind(place.lane.0)
    .bind(place.id.0)
    .bind(seqs)
    .fetch_all(db)
    .await?;
    let mut chapters = Chapters::new();
    for row in &rows {
        let order: Option<i64> = row.try_get("order_id")?;
        let other =
            order.is_some_and(|order| matches!(about, StorySubject::Order(it) if it.0 != order));
        let chapter = chapter(&mut chapters, row.try_get("seq")?, row.try_get("at")?);
        if !other {
            let outcome: Option<Json<Outcome>> = row.try_get("outcome")?;
            chapter.decisions.push(DecisionTold {
                what: row.try_get("what")?,
                refused: row.try_get("refused")?,
                operator: row.try_get("operator")?,
                outcome: outcome.map(|Json(outcome)| outcome),
            });
        }
    }
    Ok(chapters)
}

async fn booked(
    db: &PgPool,
    place: StoryPlace,
    about: StorySubject,
    seqs: &[i64],
    chapters: &mut Chapters,
) -> Result<(), StoreError> {
    let (order, member) = match about {
        StorySubject::Order(order) => (Some(order.0), None),
        StorySubject::Member(member) => (None, Some(chart::numbers_of(Owner::Member(member)))),
        StorySubject::Commands => (None, None),
    };
    let rows = sqlx::query(
        "select seq, at, kind, currency, accounts, amounts from journal
         where lane = $1 and community_id = $2 and seq = any($3)
           and ($4::bigint is null or order_id = $4) and ($5::bigint[] is null or accounts && $5)
         order by seq, ordinal",
    )
    .bind(place.lane.0)
    .bind(place.id.0)
    .bind(seqs)
    .bind(order)
    .bind(&member)
    .fetch_all(db)
    .await?;
    for row in &rows {
        let (accounts, amounts): (Vec<i64>, Vec<i64>) =
            (row.try_get("accounts")?, row.try_get("amounts")?);
        let mut entry = Booked {
            kind: row.try_get("kind")?,
            currency: row.try_get("currency")?,
            legs: accounts.into_iter().map(AccountNo::stored).zip(amounts).collect(),
        };
        if let Some(own) = member.as_ref().filter(|_| entry.kind == Fact::Due.name()) {
            // What came due for others in the same event is their own story.
            entry.legs.retain(|(account, _)| own.contains(&account.number()));
        }
        chapter(chapters, row.try_get("seq")?, row.try_get("at")?).entries.push(entry);
    }
    Ok(())
}

/// The order's own part of the entry that made it and others available: what it had frozen by then.
async fn settled(
    db: &PgPool,
    place: StoryPlace,
    order: OrderId,
    chapters: &mut Chapters,
) -> Result<(), StoreError> {
    let sql = format!(
        "select o.settled_seq, d.at, d.currency, leg.account_no, -sum(leg.amount)::bigint as amount
         from orders_now o
         join journal d on d.lane = o.lane and d.community_id = o.community_id and d.seq = o.settled_seq
            and d.kind = 'due'
         join journal j on j.lane = o.lane and j.community_id = o.community_id and j.order_id = o.order_id
            and j.kind in ('earned', 'reversed', 'commission_undone')
         cross join lateral unnest(j.accounts, j.amounts) as leg (account_no, amount)
         where o.lane = $1 and o.community_id = $2 and o.order_id = $3
           and {}
         group by 1, 2, 3, 4 having sum(leg.amount) <> 0 order by 4",
        chart::is("leg.account_no", Purse::Frozen)
    );
    let rows = sqlx::query(AssertSqlSafe(sql))
        .bind(place.lane.0)
        .bind(place.id.0)
        .bind(order.0)
        .fetch_all(db)
        .await?;
    for row in &rows {
        let (frozen, amount) = (AccountNo::stored(row.try_get(3)?), row.try_get::<i64, _>(4)?);
        let Some(promoter) = frozen.member() else { continue };
        let chapter = chapter(chapters, row.try_get(0)?, row.try_get(1)?);
        let legs = [(frozen, amount), (AccountNo::of(promoter, Purse::Available), -amount)];
        match chapter.entries.last_mut().filter(|entry| entry.kind == Fact::Due.name()) {
            Some(entry) => entry.legs.extend(legs),
            None => chapter.entries.push(Booked {
                kind: Fact::Due.name().to_owned(),
                currency: row.try_get(2)?,
                legs: legs.to_vec(),
            }),
        }
    }
    Ok(())
}

async fn bonds(
    db: &PgPool,
    place: StoryPlace,
    seqs: &[i64],
    chapters: &mut Chapters,
) -> Result<(), StoreError> {
    let rows = sqlx::query(
        "select seq, at, member_id, inviter_id, evidence, refused from bond
         where lane = $1 and community_id = $2 and seq = any($3) order by seq, ordinal",
    )
    .bind(place.lane.0)
    .bind(place.id.0)
    .bind(seqs)
    .fetch_all(db)
    .await?;
    for row in &rows {
        let bond = BondTold {
            member: MemberId(row.try_get("member_id")?),
            inviter: row.try_get::<Option<i64>, _>("inviter_id")?.map(MemberId),
            evidence: row.try_get("evidence")?,
            refused: row.try_get("refused")?,
        };
        chapter(chapters, row.try_get("seq")?, row.try_get("at")?).bonds.push(bond);
    }
    Ok(())
}

async fn messages(
    db: &PgPool,
    place: StoryPlace,
    seqs: &[i64],
    chapters: &mut Chapters,
) -> Result<(), StoreError> {
    let rows = sqlx::query(
        "select seq, state, count(*) from message_state
         where lane = $1 and community_id = $2 and seq = any($3) group by seq, state",
    )
    .bind(place.lane.0)
    .bind(place.id.0)
    .bind(seqs)
    .fetch_all(db)
    .await?;
    for row in &rows {
        if let Some(chapter) = chapters.get_mut(&row.try_get(0)?) {
            chapter.messages.insert(row.try_get(1)?, row.try_get(2)?);
        }
    }
    Ok(())
}

async fn said(
    db: &PgPool,
    seal: Option<&Seal>,
    place: StoryPlace,
    seqs: &[i64],
    chapters: &mut Chapters,
) -> Result<(), StoreError> {
    let Some(seal) = seal else { return Ok(()) };
    let rows = sqlx::query(
        "select seq, body, account_id, key from inbox
         where lane = $1 and community_id = $2 and seq = any($3) and body is not null",
    )
    .bind(place.lane.0)
    .bind(place.id.0)
    .bind(seqs)
    .fetch_all(db)
    .await?;
    for row in &rows {
        if let Some(chapter) = chapters.get_mut(&row.try_get(0)?) {
            let cell =
                SealedCell::inbox_body(place.id, AccountId(row.try_get(2)?), row.try_get(3)?);
            chapter.body = Some(seal.open(&cell, row.try_get(1)?)?);
        }
    }
    Ok(())
}

/// The names of members.
///
/// # Errors
/// [`StoreError`].
pub async fn names(
    db: &PgPool,
    place: StoryPlace,
    members: BTreeSet<MemberId>,
) -> Result<BTreeMap<MemberId, String>, StoreError> {
    let ids: Vec<i64> = members.into_iter().map(|member| member.0).collect();
    let rows = sqlx::query(
        "select member_id, name from member
         where lane = $1 and community_id = $2 and member_id = any($3)",
    )
    .bind(place.lane.0)
    .bind(place.id.0)
    .bind(ids)
    .fetch_all(db)
    .await?;
    rows.iter().map(|row| Ok((MemberId(row.try_get(0)?), row.try_get(1)?))).collect()
}

/// The members who bear a name, a code, or (`#3`) a number.
///
/// # Errors
/// [`StoreError`].
pub async fn members_called(
    db: &PgPool,
    place: StoryPlace,
    name: &str,
) -> Result<Vec<MemberId>, StoreError> {
    let number: Option<i64> = name.strip_prefix('#').and_then(|number| number.parse().ok());
    let rows: Vec<i64> = sqlx::query_scalar(
        "select member_id from member where lane = $1 and community_id = $2
           and (name_key = $3 or code = $4 or member_id = $5) order by member_id",
    )
    .bind(place.lane.0)
    .bind(place.id.0)
    .bind(name_key(name))
    .bind(name)
    .bind(number)
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(MemberId).collect())
}
