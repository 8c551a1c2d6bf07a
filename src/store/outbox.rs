//! The outbox: messages to send, in the states waiting → sending → sent | unknown | dead.
//!
//! There is no index on the state, so that a change of state rewrites nothing but the row: the sender
//! reads forward from a place it remembers, and after a restart from the oldest unfinished row.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sqlx::{PgPool, Row};

use crate::book::Manner;
use crate::domain::ids::{AccountId, CommunityId, EventId, Lane};
use crate::domain::reply::Reply;
use crate::domain::time::Timestamp;

use super::{Seal, StoreError};

/// What an outbox row says, sealed.
#[derive(Debug, Serialize)]
pub(crate) struct Said<'a> {
    /// Whom it is addressed to.
    pub(crate) name: Option<&'a str>,
    /// How to say it.
    pub(crate) manner: &'a Manner,
    /// What it says.
    pub(crate) reply: &'a Reply,
}

#[derive(Deserialize)]
struct Heard {
    name: Option<String>,
    manner: Manner,
    reply: Reply,
}

/// The place of a message: its cause, and its number among the messages of that cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The cause.
    pub event: EventId,
    /// Its number.
    pub ordinal: i16,
}

/// A message that waits, or whose sending was cut short.
#[derive(Clone, Debug)]
pub struct Message {
    /// Its place.
    pub place: Place,
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
    /// The send it was part of, when a crash cut that short, and the text if this row keeps it.
    pub interrupted: Option<(String, Option<String>)>,
    /// How often it was tried.
    pub tries: i16,
}

impl Message {
    /// It cannot be said to the member alone: the group gets what others may read.
    pub fn say_before_others(&mut self) {
        self.before_others |= self.private;
        self.private = false;
    }
}

/// Messages of a lane beyond `after` that are not finished, oldest first, at most `most`.
///
/// # Errors
/// [`StoreError`].
pub async fn fetch(
    db: &PgPool,
    seal: &Seal,
    account: AccountId,
    (lane, after): (Lane, (i64, i16)),
    most: i64,
) -> Result<Vec<Message>, StoreError> {
    let rows = sqlx::query(
        "select seq, ordinal, community_id, chat_key, to_key, private, receipt, body, at, send_id, tries, state, text
         from outbox
         where lane = $1 and account_id = $2 and (seq, ordinal) > ($3, $4) and state in ('waiting', 'sending')
         order by seq, ordinal limit $5",
    )
    .bind(lane.0)
    .bind(account.0)
    .bind(after.0)
    .bind(after.1)
    .bind(most)
    .fetch_all(db)
    .await?;
    rows.iter().map(|row| message(seal, lane, row)).collect()
}

fn message(seal: &Seal, lane: Lane, row: &sqlx::postgres::PgRow) -> Result<Message, StoreError> {
    let heard: Heard = seal.open(row.try_get("body")?)?;
    let key: Option<String> = row.try_get("to_key")?;
    let state: &str = row.try_get("state")?;
    let send: Option<String> = row.try_get("send_id")?;
    let text: Option<&[u8]> = row.try_get("text")?;
    let text = text.map(|sealed| seal.open(sealed)).transpose()?;
    Ok(Message {
        place: Place {
            event: EventId { lane, seq: row.try_get("seq")? },
            ordinal: row.try_get("ordinal")?,
        },
        community: CommunityId(row.try_get("community_id")?),
        chat: row.try_get("chat_key")?,
        to: key.zip(heard.name),
        private: row.try_get("private")?,
        before_others: false,
        receipt: row.try_get("receipt")?,
        manner: heard.manner,
        reply: heard.reply,
        at: row.try_get("at")?,
        interrupted: send.filter(|_| state == "sending").map(|id| (id, text)),
        tries: row.try_get("tries")?,
    })
}

/// One message about to be sent: the rows it carries, its id, and its fixed text.
#[derive(Clone, Debug)]
pub struct Send {
    /// The rows merged into it, the first keeps the text.
    pub places: Vec<Place>,
    /// Its id, which a platform with client keys counts once.
    pub id: String,
    /// Its text, fixed from now on.
    pub text: String,
}

/// Commit to sending, before the call.
///
/// # Errors
/// [`StoreError`].
pub async fn begin(
    db: &PgPool,
    seal: &Seal,
    account: AccountId,
    sends: &[Send],
) -> Result<(), StoreError> {
    let mut columns = (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for send in sends {
        for (nth, place) in send.places.iter().enumerate() {
            columns.0.push(place.event.lane.0);
            columns.1.push(place.event.seq);
            columns.2.push(place.ordinal);
            columns.3.push(send.id.as_str());
            columns.4.push((nth == 0).then(|| seal.close(&send.text)));
        }
    }
    sqlx::query(
        "update outbox o set state = 'sending', send_id = n.send_id, text = n.text, tries = o.tries + 1
         from unnest($2::smallint[], $3::bigint[], $4::smallint[], $5::text[], $6::bytea[])
            as n (lane, seq, ordinal, send_id, text)
         where o.lane = n.lane and o.account_id = $1 and o.seq = n.seq and o.ordinal = n.ordinal",
    )
    .bind(account.0)
    .bind(columns.0)
    .bind(columns.1)
    .bind(columns.2)
    .bind(columns.3)
    .bind(columns.4)
    .execute(db)
    .await?;
    Ok(())
}

/// What became of a send.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The rows it carried.
    pub places: Vec<Place>,
    /// `sent`, `waiting` (to be tried again), `unknown` or `dead`.
    pub state: &'static str,
    /// The platform's id of the message.
    pub message_id: Option<String>,
}

/// Write down what became of sends.
///
/// # Errors
/// [`StoreError`].
pub async fn finish(
    db: &PgPool,
    account: AccountId,
    outcomes: &[Outcome],
) -> Result<(), StoreError> {
    let mut columns = (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for outcome in outcomes {
        for place in &outcome.places {
            columns.0.push(place.event.lane.0);
            columns.1.push(place.event.seq);
            columns.2.push(place.ordinal);
            columns.3.push(outcome.state);
            columns.4.push(outcome.message_id.as_deref());
        }
    }
    sqlx::query(
        "update outbox o set state = n.state, message_id = n.message_id
         from unnest($2::smallint[], $3::bigint[], $4::smallint[], $5::text[], $6::text[])
            as n (lane, seq, ordinal, state, message_id)
         where o.lane = n.lane and o.account_id = $1 and o.seq = n.seq and o.ordinal = n.ordinal",
    )
    .bind(account.0)
    .bind(columns.0)
    .bind(columns.1)
    .bind(columns.2)
    .bind(columns.3)
    .bind(columns.4)
    .execute(db)
    .await?;
    Ok(())
}

/// How far back a restarted sender has to look, for each lane.
///
/// # Errors
/// [`StoreError`].
pub async fn marks(
    db: &PgPool,
    account: AccountId,
) -> Result<BTreeMap<Lane, (i64, i16)>, StoreError> {
    let rows = sqlx::query("select lane, seq, ordinal from outbox_mark where account_id = $1")
        .bind(account.0)
        .fetch_all(db)
        .await?;
    Ok(rows.iter().map(|row| (Lane(row.get(0)), (row.get(1), row.get(2)))).collect())
}

/// Everything up to these places is finished.
///
/// # Errors
/// [`StoreError`].
pub async fn set_marks(
    db: &PgPool,
    account: AccountId,
    marks: &BTreeMap<Lane, (i64, i16)>,
) -> Result<(), StoreError> {
    sqlx::query(
        "insert into outbox_mark as m (account_id, lane, seq, ordinal)
         select $1, * from unnest($2::smallint[], $3::bigint[], $4::smallint[])
         on conflict on constraint outbox_mark_key do update
         set seq = excluded.seq, ordinal = excluded.ordinal
         where (m.seq, m.ordinal) < (excluded.seq, excluded.ordinal)",
    )
    .bind(account.0)
    .bind(marks.keys().map(|lane| lane.0).collect::<Vec<_>>())
    .bind(marks.values().map(|place| place.0).collect::<Vec<_>>())
    .bind(marks.values().map(|place| place.1).collect::<Vec<_>>())
    .execute(db)
    .await?;
    Ok(())
}

/// Blank the texts of messages decided before `before` that are sent or given up. At most 10,000 at a
/// time.
///
/// # Errors
/// [`StoreError`].
pub async fn blank_before(db: &PgPool, lane: Lane, before: Timestamp) -> Result<u64, StoreError> {
    let done = sqlx::query(
        "update outbox o set body = ''::bytea, text = null, to_key = null
         from (select account_id, seq, ordinal from outbox
               where lane = $1 and at < $2 and state in ('sent', 'unknown', 'dead') and body <> ''::bytea
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
