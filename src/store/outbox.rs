//! The outbox: messages to send, in the states waiting → sending → sent | unknown | dead.
//!
//! A turn of the sender writes two marks for each lane, not two states for each message: before the
//! platform is called, what is being sent; afterwards, how far everything is sent. A message has a state
//! of its own only where the mark would not tell the truth: it waits although later ones were sent, it was
//! given up, or the platform's id of it is worth keeping.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sqlx::{PgExecutor, PgPool, Row};

use crate::book::{Manner, Outbound};
use crate::domain::ids::{AccountId, CommunityId, EventId, Lane};
use crate::domain::reply::{Degrade, Receipt, Reply};
use crate::domain::time::Timestamp;

use crate::store::seal::SealedCell;
use crate::store::{Seal, StoreError, lanes};

/// What an outbox row says, sealed.
#[derive(Debug, Serialize)]
pub(crate) struct Wording<'a> {
    /// Whom it is addressed to.
    pub(crate) name: Option<&'a str>,
    /// How to say it.
    pub(crate) manner: &'a Manner,
    /// What it says.
    pub(crate) reply: &'a Reply,
}

#[derive(Deserialize)]
struct StoredReply {
    name: Option<String>,
    manner: Manner,
    reply: Reply,
}

/// The place of a message: its cause, and its number among the messages of that cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct MessagePlace {
    /// The cause.
    pub event: EventId,
    /// Its number.
    pub ordinal: i16,
}

/// A message that is not finished.
#[derive(Clone, Debug)]
pub struct UnfinishedMessage {
    /// Its place.
    pub place: MessagePlace,
    /// The community.
    pub community: CommunityId,
    /// The chat it goes to.
    pub chat: String,
    /// Whom it is for: platform id and name.
    pub to: Option<(String, String)>,
    /// For their eyes only.
    pub private: bool,
    /// Meant for one member alone, and said to the group because there is no other way.
    pub before_others: bool,
    /// Whether it is a receipt.
    pub receipt: bool,
    /// How to say it.
    pub manner: Manner,
    /// What it says.
    pub reply: Reply,
    /// When it was decided.
    pub at: Timestamp,
    /// It is said not before then.
    pub due: Option<Timestamp>,
    /// How often it was tried.
    pub tries: i16,
}

impl UnfinishedMessage {
    /// What was decided, as it waits.
    #[must_use]
    pub fn of(community: CommunityId, said: Outbound) -> Self {
        let Outbound { event, ordinal, account: _, chat, to, reply, manner, at, due } = said;
        Self {
            place: MessagePlace { event, ordinal },
            community,
            chat,
            private: to.as_ref().is_some_and(|to| to.private),
            to: to.map(|to| (to.key, to.name)),
            before_others: false,
            receipt: reply.delivery().receipt == Receipt::Firm,
            manner,
            reply,
            at,
            due,
            tries: 0,
        }
    }

    /// Whether it is one of the receipts that a group hears together.
    #[must_use]
    pub fn is_gathered(&self) -> bool {
        self.due.is_some() && !self.private && self.reply.delivery().is_receipt()
    }

    /// It cannot be said to the member alone: the group gets what others may read, if that is anything.
    #[must_use]
    pub fn say_before_others(&mut self) -> bool {
        if self.private && self.reply.delivery().degrade == Degrade::Never {
            return false;
        }
        self.before_others |= self.private;
        self.private = false;
        true
    }
}

/// A place within a lane: sequence of the cause, and ordinal.
pub type LaneSpot = (i64, i16);

/// How far an account is in one lane.
#[derive(Clone, Debug, Default)]
pub struct Mark {
    /// Everything up to here is sent, but for what says otherwise.
    pub sent: LaneSpot,
    /// Nothing before this place waits.
    pub from: LaneSpot,
    /// Sends that were under way when this was written.
    pub sending: Vec<Send>,
}

/// The marks of an account, by lane; a lane without one has sent nothing.
///
/// # Errors
/// [`StoreError`].
pub async fn marks(
    db: impl PgExecutor<'_>,
    seal: &Seal,
    account: AccountId,
) -> Result<BTreeMap<Lane, Mark>, StoreError> {
    let rows = sqlx::query(
        "select m.lane, m.seq, m.ordinal, m.sending, late.seq, late.ordinal
         from outbox_mark m left join lateral (
            select o.seq, o.ordinal from outbox o
            where o.lane = m.lane and o.account_id = m.account_id and o.state = 'waiting'
            order by o.seq, o.ordinal limit 1) late on true
         where m.account_id = $1",
    )
    .bind(account.0)
    .fetch_all(db)
    .await?;
    let mut marks = BTreeMap::new();
    for row in &rows {
        let (lane, sent) = (Lane(row.get(0)), (row.get(1), row.get(2)));
        let first_waiting: Option<i64> = row.get(4);
        let sending: Option<&[u8]> = row.get(3);
        let mark = Mark {
            sent,
            from: first_waiting.map_or(sent, |seq| (seq, row.get::<i16, _>(5) - 1).min(sent)),
            sending: sending
                .map(|sealed| under_way(seal, account, lane, sealed))
                .transpose()?
                .unwrap_or_default(),
        };
        marks.insert(lane, mark);
    }
    Ok(marks)
}

/// What was being sent. The mark is bound to its account; which lane it is of, it says itself.
fn under_way(
    seal: &Seal,
    account: AccountId,
    lane: Lane,
    sealed: &[u8],
) -> Result<Vec<Send>, StoreError> {
    let sending: Vec<Send> = seal.open(&SealedCell::sending(account), sealed)?;
    let mut places = sending.iter().flat_map(|send| &send.places);
    if places.any(|place| place.event.lane != lane) {
        return Err(StoreError::inconsistent("what was being sent is of another lane"));
    }
    Ok(sending)
}

const COLUMNS: &str = "o.seq, o.ordinal, o.community_id, o.chat_key, o.to_key, o.private, o.receipt, o.body, o.at, o.tries, o.due_at";

/// Which messages of a lane are looked for.
#[derive(Clone, Copy, Debug)]
pub struct Beyond {
    /// Those behind this one …
    pub read: LaneSpot,
    /// … up to this one only those that say that they wait …
    pub sent: LaneSpot,
    /// … and at most so many.
    pub most: i64,
}

/// Messages of a lane that wait, oldest first.
///
/// # Errors
/// [`StoreError`].
pub async fn fetch(
    db: impl PgExecutor<'_>,
    seal: &Seal,
    account: AccountId,
    lane: Lane,
    beyond: Beyond,
) -> Result<Vec<UnfinishedMessage>, StoreError> {
    let sql = format!(
        "select {COLUMNS} from outbox o
         where lane = $1 and account_id = $2 and (seq, ordinal) > ($3, $4)
           and (state is null and (seq, ordinal) > ($5, $6) or state = 'waiting')
         order by seq, ordinal limit $7"
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(lane.0)
        .bind(account.0)
        .bind(beyond.read.0)
        .bind(beyond.read.1)
        .bind(beyond.sent.0)
        .bind(beyond.sent.1)
        .bind(beyond.most)
        .fetch_all(db)
        .await?;
    rows.iter().map(|row| message(seal, account, lane, row)).collect()
}

/// Those of these messages of a lane that are not finished, in order.
///
/// # Errors
/// [`StoreError`].
pub async fn unfinished(
    db: impl PgExecutor<'_>,
    seal: &Seal,
    account: AccountId,
    lane: Lane,
    places: &[MessagePlace],
) -> Result<Vec<UnfinishedMessage>, StoreError> {
    let sql = format!(
        "select {COLUMNS} from unnest($3::bigint[], $4::smallint[]) as n (seq, ordinal), lateral (
            select * from outbox
            where lane = $1 and account_id = $2 and seq = n.seq and ordinal = n.ordinal offset 0) o
         where o.state is null or o.state = 'waiting'
         order by o.seq, o.ordinal"
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(lane.0)
        .bind(account.0)
        .bind(places.iter().map(|place| place.event.seq).collect::<Vec<_>>())
        .bind(places.iter().map(|place| place.ordinal).collect::<Vec<_>>())
        .fetch_all(db)
        .await?;
    rows.iter().map(|row| message(seal, account, lane, row)).collect()
}

/// What one event made this account say that the platform gave ids to, with those ids.
///
/// # Errors
/// [`StoreError`].
pub async fn said_by(
    db: &PgPool,
    seal: &Seal,
    account: AccountId,
    event: EventId,
) -> Result<Vec<(UnfinishedMessage, String)>, StoreError> {
    let sql = format!(
        "select {COLUMNS}, o.message_id from outbox o
         where lane = $1 and account_id = $2 and seq = $3 and message_id is not null and body <> ''::bytea
         order by ordinal"
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(event.lane.0)
        .bind(account.0)
        .bind(event.seq)
        .fetch_all(db)
        .await?;
    let read = |row| message(seal, account, event.lane, row);
    rows.iter().map(|row| Ok((read(row)?, row.try_get(11)?))).collect()
}

fn message(
    seal: &Seal,
    account: AccountId,
    lane: Lane,
    row: &sqlx::postgres::PgRow,
) -> Result<UnfinishedMessage, StoreError> {
    let place =
        MessagePlace { event: EventId { lane, seq: row.try_get(0)? }, ordinal: row.try_get(1)? };
    let community = CommunityId(row.try_get(2)?);
    let cell = SealedCell::outbox_body(community, account, place.event, place.ordinal);
    let heard: StoredReply = seal.open(&cell, row.try_get(7)?)?;
    let key: Option<String> = row.try_get(4)?;
    Ok(UnfinishedMessage {
        place,
        community,
        chat: row.try_get(3)?,
        to: key.zip(heard.name),
        private: row.try_get(5)?,
        before_others: false,
        receipt: row.try_get(6)?,
        manner: heard.manner,
        reply: heard.reply,
        at: row.try_get(8)?,
        tries: row.try_get(9)?,
        due: row.try_get(10)?,
    })
}

/// One message about to be sent: the rows it carries, its id, and its fixed text.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Send {
    /// The rows merged into it, all of one chat.
    pub places: Vec<MessagePlace>,
    /// Its id, which a platform with client keys counts once.
    pub id: String,
    /// Its text, fixed from now on.
    pub text: String,
}

/// What a message says of itself.
#[derive(Clone, Debug)]
pub struct MessageLabel {
    /// The message.
    pub place: MessagePlace,
    /// `waiting`, `sent`, `unknown` or `dead`.
    pub state: &'static str,
    /// The send that carried it.
    pub send_id: Option<String>,
    /// The platform's id of the message.
    pub message_id: Option<String>,
    /// How often it was tried.
    pub tries: i16,
}

/// One lane in a turn of the sender.
#[derive(Clone, Debug)]
pub struct LaneTurn<'a> {
    /// The lane.
    pub lane: Lane,
    /// How far it is sent.
    pub sent: LaneSpot,
    /// What is about to be sent; nothing of it is under way any more but this.
    pub sending: Vec<&'a Send>,
}

/// Write down a turn: how far lanes are, what the marks do not tell, and, before the platform is called, what is
/// about to be sent. Only who holds the account's lease may.
///
/// # Errors
/// [`StoreError`]; contended when somebody else has the lease by now.
pub async fn write(
    db: impl PgExecutor<'_>,
    seal: &Seal,
    account: AccountId,
    owner: &str,
    turns: &[LaneTurn<'_>],
    said: &[MessageLabel],
) -> Result<(), StoreError> {
    let cell = SealedCell::sending(account);
    let sending =
        |turn: &LaneTurn<'_>| (!turn.sending.is_empty()).then(|| seal.close(&cell, &turn.sending));
    let (told, all_told) = if said.is_empty() { ("", "") } else { (TOLD, ALL_TOLD) };
    let sql = format!("with {MARKS} {told} {HELD} {all_told}");
    let mut query = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(account.0)
        .bind(turns.iter().map(|turn| turn.lane.0).collect::<Vec<_>>())
        .bind(turns.iter().map(|turn| turn.sent.0).collect::<Vec<_>>())
        .bind(turns.iter().map(|turn| turn.sent.1).collect::<Vec<_>>())
        .bind(turns.iter().map(sending).collect::<Vec<_>>())
        .bind(lanes::of_account(account))
        .bind(owner);
    if !said.is_empty() {
        query = query
            .bind(said.iter().map(|it| it.place.event.lane.0).collect::<Vec<_>>())
            .bind(said.iter().map(|it| it.place.event.seq).collect::<Vec<_>>())
            .bind(said.iter().map(|it| it.place.ordinal).collect::<Vec<_>>())
            .bind(said.iter().map(|it| it.state).collect::<Vec<_>>())
            .bind(said.iter().map(|it| it.send_id.as_deref()).collect::<Vec<_>>())
            .bind(said.iter().map(|it| it.message_id.as_deref()).collect::<Vec<_>>())
            .bind(said.iter().map(|it| it.tries).collect::<Vec<_>>());
    }
    query.execute(db).await?;
    Ok(())
}

const MARKS: &str = "
    marks as (
        insert into outbox_mark (account_id, lane, seq, ordinal, sending)
        select $1, * from unnest($2::smallint[], $3::bigint[], $4::smallint[], $5::bytea[])
        on conflict on constraint outbox_mark_key do update
        set seq = excluded.seq, ordinal = excluded.ordinal, sending = excluded.sending
    )";

/// What messages say of themselves. Who was erased meanwhile is not written to again.
const TOLD: &str = ", spot as materialized (
        select o.ctid, n.*, n.state <> 'waiting' or o.was is distinct from 'dead' as is_due
        from (select unnest($8) as lane, unnest($9) as seq, unnest($10) as ordinal, unnest($11) as state,
            unnest($12) as send_id, unnest($13) as message_id, unnest($14) as tries) as n, lateral (
            select ctid, state as was from outbox
            where lane = n.lane and account_id = $1 and seq = n.seq and ordinal = n.ordinal offset 0) as o
    ), told as (
        update outbox o
        set state = n.state, send_id = n.send_id, message_id = n.message_id, tries = n.tries
        from spot n
        where o.lane = n.lane and o.ctid = n.ctid and n.is_due
          and (n.state <> 'waiting' or o.state is distinct from 'dead')
        returning 1
    )";

/// A row that somebody else writes at this moment (who is erased, what is sealed anew) is not where it was seen and
/// would be passed over in silence: then all of it is done again.
const ALL_TOLD: &str =
    ", require((select count(*) from told) = (select count(*) from spot where is_due))";

/// The lease cannot change hands before this is committed: who takes it then sees what was about to be sent.
const HELD: &str = "
    , held as materialized (select from lease where what = $6 and owner = $7 for share)
    select require(exists (select from held))";

/// Whether nothing waits, for any account, that could be said by `now`.
///
/// # Errors
/// [`StoreError`].
pub async fn is_empty(db: &PgPool, now: Timestamp) -> Result<bool, StoreError> {
    Ok(sqlx::query_scalar(
        "select not exists (
                select from outbox where state = 'waiting' and (due_at is null or due_at <= $1))
            and not exists (
                select from lane l cross join account a left join outbox_mark m using (lane, account_id)
                where exists (
                    select from outbox o
                    where o.lane = l.lane and o.account_id = a.account_id and o.state is null
                      and (o.due_at is null or o.due_at <= $1)
                      and (o.seq, o.ordinal) > (coalesce(m.seq, 0), coalesce(m.ordinal, 0))))",
    )
    .bind(now)
    .fetch_one(db)
    .await?)
}

/// When the first message is due that waits for a time of its own.
///
/// # Errors
/// [`StoreError`].
pub async fn next_due(db: &PgPool) -> Result<Option<Timestamp>, StoreError> {
    Ok(sqlx::query_scalar(
        "select least(
            (select min(due_at) from outbox where state = 'waiting'),
            (select min(o.due_at)
             from lane l cross join account a left join outbox_mark m using (lane, account_id)
             join outbox o on o.lane = l.lane and o.account_id = a.account_id and o.state is null
                and (o.seq, o.ordinal) > (coalesce(m.seq, 0), coalesce(m.ordinal, 0))))",
    )
    .fetch_one(db)
    .await?)
}

/// Blank the texts of messages decided before `before` that are sent or given up. At most 10,000 at a
/// time.
///
/// # Errors
/// [`StoreError`].
pub async fn blank_before(db: &PgPool, lane: Lane, before: Timestamp) -> Result<u64, StoreError> {
    let done = sqlx::query(
        "update outbox o set body = ''::bytea, to_key = null
         from (select o.account_id, o.seq, o.ordinal from outbox o join message_state s using (lane, account_id, seq, ordinal)
               where lane = $1 and o.at < $2 and s.state <> 'waiting' and o.body <> ''::bytea
               limit 10000) old
         where o.lane = $1 and o.account_id = old.account_id and o.seq = old.seq
           and o.ordinal = old.ordinal",
    )
    .bind(lane.0)
    .bind(before)
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}
