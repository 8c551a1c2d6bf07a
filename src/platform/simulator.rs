//! The simulated group chat: a platform like any other, kept in a schema of its own. People in it are
//! known by name; messages carry client keys, so the same key counts once in both directions.
//!
//! It holds no facts of the shop and knows nothing about orders.

#[cfg(test)]
mod fuzz;
mod hear;
pub mod mentions;
pub mod room;

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use sqlx::types::Json;
use sqlx::{PgPool, Row};
use tokio::sync::broadcast;

use crate::domain::ids::AccountId;
use crate::domain::time::Timestamp;

use super::heard::{AttachmentKind, Closing, HeardItem};
use super::{Capabilities, HeardKind, Listener, Outgoing, OutgoingFile, Platform, SendError};

/// News kept for listeners that are slow; whoever falls behind catches up from the table.
const NEWS_MAX: usize = 1_024;

/// How soon to try again when the database is away.
const AWAY_PAUSE: Duration = Duration::from_millis(300);

/// The name the bot goes by.
pub const BOT: &str = "团团";

/// Tells the shop's time.
pub type Now = std::sync::Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// One simulated platform account with its rooms. Cheap to clone.
#[derive(Clone)]
pub struct Simulator {
    db: PgPool,
    account: AccountId,
    now: Now,
    rate: Option<(u32, Duration)>,
    ear: Listener,
    news: broadcast::Sender<RoomNews>,
}

/// A message that was just said.
#[derive(Clone, Debug)]
pub struct RoomNews {
    /// The room.
    pub room: String,
    /// The message.
    pub line: RoomLine,
}

/// One line of a room, as the page reads it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomLine {
    /// Counts up in the room.
    #[serde(default)]
    pub n: i64,
    /// Who says it.
    pub from: String,
    /// Whether that is the bot.
    pub bot: bool,
    /// Whom it is for.
    pub to: Option<String>,
    /// What is said.
    pub text: String,
    /// A picture.
    pub image: Option<String>,
    /// A file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<RoomFile>,
    /// When, by the shop's clock.
    pub at: Timestamp,
    /// For `to` alone.
    #[serde(default, skip_serializing_if = "is_false")]
    pub private: bool,
    /// Who is mentioned.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mentions: Vec<String>,
    /// A line of the room itself: somebody joined.
    #[serde(default, skip_serializing_if = "is_false")]
    pub system: bool,
    /// The key the sender gave it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
}

/// A file in a room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomFile {
    /// Its name.
    pub name: String,
    /// An address that holds it.
    pub href: String,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks by reference")]
fn is_false(flag: &bool) -> bool {
    !flag
}

/// Somebody in a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resident {
    /// Name, which is also their id.
    pub name: String,
    /// Who brought them.
    pub invited_by: Option<String>,
}

impl Simulator {
    /// A simulated account whose messages are dated by `now`. What happens in its rooms is heard by `ear`.
    #[must_use]
    pub fn new(
        db: PgPool,
        account: AccountId,
        now: Now,
        rate: Option<(u32, Duration)>,
        ear: Listener,
    ) -> Self {
        Self { db, account, now, rate, ear, news: broadcast::channel(NEWS_MAX).0 }
    }

    /// Tell the shop that the account is there, and what the bot is called; returns once it knows.
    ///
    /// # Errors
    /// [`Closing`].
    pub async fn connect(&self) -> Result<(), Closing> {
        let ready = HeardItem::own(HeardKind::Ready { name: BOT.to_owned() });
        self.ear.hear(ready).await?.await.map_err(|_| Closing)
    }

    /// What hears of its rooms.
    #[must_use]
    pub fn ear(&self) -> &Listener {
        &self.ear
    }

    /// The account's id.
    #[must_use]
    pub fn account(&self) -> AccountId {
        self.account
    }

    /// Make a room, unless it is there.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn open(&self, room: &str) -> Result<(), sqlx::Error> {
        sqlx::query(
            "insert into simulator.room (account_id, chat_key) values ($1, $2) on conflict do nothing",
        )
        .bind(self.account.0)
        .bind(room)
        .execute(&self.db)
        .await
        .map(|_| ())
    }

    /// Whether somebody is in a room.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn is_resident(&self, room: &str, name: &str) -> Result<bool, sqlx::Error> {
        sqlx::query_scalar(
            "select exists (select from simulator.person
                            where account_id = $1 and chat_key = $2 and name = $3)",
        )
        .bind(self.account.0)
        .bind(room)
        .bind(name)
        .fetch_one(&self.db)
        .await
    }

    /// Let somebody in, unless they are there.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn admit(&self, room: &str, resident: &Resident) -> Result<(), sqlx::Error> {
        sqlx::query(
            "insert into simulator.person (account_id, chat_key, name, invited_by)
             values ($1, $2, $3, $4) on conflict do nothing",
        )
        .bind(self.account.0)
        .bind(room)
        .bind(&resident.name)
        .bind(&resident.invited_by)
        .execute(&self.db)
        .await
        .map(|_| ())
    }

    /// Everybody in a room, by name.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn residents(&self, room: &str) -> Result<Vec<Resident>, sqlx::Error> {
        let rows = sqlx::query(
            "select name, invited_by from simulator.person
             where account_id = $1 and chat_key = $2 order by name",
        )
        .bind(self.account.0)
        .bind(room)
        .fetch_all(&self.db)
        .await?;
        Ok(rows.iter().map(|row| Resident { name: row.get(0), invited_by: row.get(1) }).collect())
    }

    /// What was said in a room after line `after`, oldest first.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn lines(
        &self,
        room: &str,
        after: i64,
        most: i64,
    ) -> Result<Vec<RoomLine>, sqlx::Error> {
        let rows = sqlx::query(
            "select n, body from simulator.message
             where account_id = $1 and chat_key = $2 and n > $3 order by n limit $4",
        )
        .bind(self.account.0)
        .bind(room)
        .bind(after)
        .bind(most)
        .fetch_all(&self.db)
        .await?;
        rows.iter()
            .map(|row| {
                let Json(line): Json<RoomLine> = row.try_get(1)?;
                Ok(RoomLine { n: row.try_get(0)?, ..line })
            })
            .collect()
    }

    /// Listen to what will be said.
    #[must_use]
    pub fn listen(&self) -> broadcast::Receiver<RoomNews> {
        self.news.subscribe()
    }

    /// Write lines into their rooms, each once under its key, numbered in order.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn write(&self, lines: Vec<(String, String, RoomLine)>) -> Result<(), sqlx::Error> {
        let rooms: Vec<_> = lines.iter().map(|(room, ..)| room.as_str()).collect();
        let keys: Vec<_> = lines.iter().map(|(_, key, _)| key.as_str()).collect();
        let bodies: Vec<_> = lines.iter().map(|(.., line)| Json(line)).collect();
        let rows = sqlx::query(
            "with new as (
                select n.*, row_number() over (partition by chat_key order by place) as nth
                from unnest($2::text[], $3::text[], $4::jsonb[]) with ordinality as n (chat_key, client_key, body, place)
                where not exists (
                    select from simulator.message m
                    where m.account_id = $1 and m.chat_key = n.chat_key and m.client_key = n.client_key)
             ), moved as (
                update simulator.room r set last_n = r.last_n + c.n
                from (select chat_key, count(*) as n from new group by 1) c
                where r.account_id = $1 and r.chat_key = c.chat_key
                returning r.chat_key, r.last_n - c.n as base
             )
             insert into simulator.message (account_id, chat_key, n, client_key, body)
             select $1, chat_key, base + nth, client_key, body from new join moved using (chat_key)
             on conflict on constraint message_once do nothing
             returning chat_key, n, body",
        )
        .bind(self.account.0)
        .bind(rooms)
        .bind(keys)
        .bind(bodies)
        .fetch_all(&self.db)
        .await?;
        for row in &rows {
            let Json(line): Json<RoomLine> = row.try_get(2)?;
            let line = RoomLine { n: row.try_get(1)?, ..line };
            let _ = self.news.send(RoomNews { room: row.try_get(0)?, line }); // nobody may listen
        }
        Ok(())
    }

    fn line(&self, message: &Outgoing) -> RoomLine {
        RoomLine {
            n: 0,
            from: BOT.to_owned(),
            bot: true,
            to: message.to.clone(),
            text: message.text.clone(),
            image: message.image.as_ref().map(|image| picture(image)).or_else(|| drawn(message)),
            file: message.attachment.as_ref().and_then(shared),
            at: (self.now)(),
            private: message.private,
            mentions: message.mentions.iter().map(|it| it.key.clone()).collect(),
            system: false,
            key: None,
        }
    }
}

/// Pictures below the config's folder are served under `/media/`.
fn picture(image: &str) -> String {
    if image.starts_with("https://") { image.to_owned() } else { format!("/{image}") }
}

/// A picture that the shop made, as an address that holds it.
fn drawn(message: &Outgoing) -> Option<String> {
    let file = message.attachment.as_ref().filter(|file| file.kind == AttachmentKind::Picture)?;
    let bytes = STANDARD.encode(&file.bytes);
    Some(format!("data:image/png;base64,{bytes}"))
}

/// Any other file, likewise.
fn shared(file: &OutgoingFile) -> Option<RoomFile> {
    let bytes = (file.kind == AttachmentKind::File).then(|| STANDARD.encode(&file.bytes))?;
    let href = format!("data:application/octet-stream;base64,{bytes}");
    Some(RoomFile { name: file.name.clone(), href })
}

impl Platform for Simulator {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            client_key: true,
            private: true,
            sends_files: true,
            rate_per_chat: self.rate,
            text_limit: 4_000,
            caption_limit: 4_000,
            replays: true,
            ..Capabilities::default()
        }
    }

    async fn send(&self, messages: &[Outgoing]) -> Vec<Result<Option<String>, SendError>> {
        let lines = messages
            .iter()
            .map(|message| (message.chat.clone(), message.id.clone(), self.line(message)))
            .collect();
        let written = self.write(lines).await;
        messages
            .iter()
            .map(|_| match &written {
                Ok(()) => Ok(None),
                Err(error) => Err(SendError::Later {
                    after: AWAY_PAUSE,
                    source: Some(error.to_string().into()),
                }),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_it_can_do_goes_together_and_it_says_that_it_is_there() {
        let db = PgPool::connect_lazy("postgres://nobody@127.0.0.1:1/none").unwrap();
        let now: Now = std::sync::Arc::new(|| "2026-03-01T01:58:00Z".parse().unwrap());
        let (ear, mut heard) = Listener::new();
        let simulator = Simulator::new(db, AccountId(7), now, Some((5, AWAY_PAUSE)), ear);
        crate::platform::contract::check_capabilities(&simulator.capabilities());
        let shop = async {
            let heard = heard.recv().await.unwrap();
            assert_eq!(heard.item.what, HeardKind::Ready { name: BOT.to_owned() });
            heard.stored.send(()).unwrap();
        };
        let (connected, ()) = tokio::join!(simulator.connect(), shop);
        connected.unwrap();
        drop(heard);
        assert!(simulator.connect().await.is_err(), "nobody listens any more");
    }
}
