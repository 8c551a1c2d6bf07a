//! One batch of one lane: scan, load, (understand and decide) for each event in order, save, commit.
//!
//! The number of statements does not depend on the number of events. Safe to run again after any
//! failure: the lane's mark moves in the same transaction, so an event is handled once.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use sqlx::PgConnection;
use tokio::time::Instant;

use crate::book::{Book, Decision, Needs};
use crate::decide::{self, Reading};
use crate::domain::event::{Body, Event};
use crate::domain::ids::CommunityId;
use crate::domain::time::Timestamp;
use crate::store::inbox::{self, Fetched};
use crate::store::lanes::{self, Held};
use crate::store::load::{Reader, Wanted};
use crate::store::save::{self, Writer};
use crate::store::{StoreError, Tx, timers};

use super::{Committed, Engine};

/// How many facts one event may turn out to miss, one after another, before it counts as a bug.
const MISSING_MAX: usize = 64;

/// What one batch did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Handled {
    /// Events handled.
    pub events: usize,
}

/// Handle what waits in a lane, at most `most` events.
///
/// # Errors
/// [`StoreError`]; nothing of the batch remains, and the book must be dropped.
pub async fn handle(
    engine: &Engine,
    db: &mut PgConnection,
    (held, book): (Held, &mut Book),
    most: usize,
) -> Result<Handled, StoreError> {
    let mut tx = lanes::begin(db, held).await?;
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let fetched = inbox::fetch(&mut tx, &engine.seal, held, most).await?;
    let Some(last) = fetched.last().map(|(id, ..)| id.seq) else {
        tx.rollback().await?;
        return Ok(Handled::default());
    };
    let events = readable(fetched)?;
    let read = work(engine, held, &mut tx, book, &events).await?;
    let mut writer = Writer::new(held.lane, &engine.seal);
    writer.save(book);
    clear_timers(&mut writer, &events);
    lanes::mark(&mut writer, held, last);
    let statements = 2 + read + writer.write(&mut tx).await?;
    tx.commit().await?;
    save::settle(book);
    let count = events.len();
    engine.stats.batch(count, statements);
    if let Some(listener) = engine.listener.get() {
        let _ = listener.send(Committed { at: Instant::now(), events }); // it may have left
    }
    Ok(Handled { events: count })
}

fn readable(fetched: Vec<Fetched>) -> Result<Vec<Event>, StoreError> {
    fetched.into_iter().map(|(_, _, event)| event).collect()
}

/// Load and decide; returns the statements it took.
async fn work(
    engine: &Engine,
    held: Held,
    tx: &mut Tx<'_>,
    book: &mut Book,
    events: &[Event],
) -> Result<u32, StoreError> {
    let mut reader = Reader { tx, lane: held.lane, seal: &engine.seal, statements: 0 };
    let communities: BTreeSet<CommunityId> = events.iter().map(|event| event.community).collect();
    reader.shops(book, communities.into_iter()).await?;
    let readings = foresee(&mut reader, book, events).await?;
    for (event, reading) in events.iter().zip(readings) {
        decide_one(&mut reader, book, event, reading).await?;
    }
    Ok(reader.statements)
}

/// Read every message with the book as it stands, and load what the whole batch will need.
async fn foresee(
    reader: &mut Reader<'_, '_>,
    book: &mut Book,
    events: &[Event],
) -> Result<Vec<Option<Reading>>, StoreError> {
    let Some(latest) = events.iter().map(|event| event.at).max() else { return Ok(Vec::new()) };
    let people = gather(events, decide::reading::people_of);
    reader.needs(book, &people, latest).await?;
    let readings: Vec<_> = events.iter().map(|event| read(book, event)).collect();
    let mut wanted = Wanted::new();
    for (event, reading) in events.iter().zip(&readings) {
        let Some(shop) = book.shops.get(&event.community) else { continue };
        let needs = decide::foresee(shop, event, reading.as_ref());
        wanted.entry(event.community).or_default().extend(needs);
    }
    wanted.retain(|_, needs| !needs.is_empty());
    if !wanted.is_empty() {
        reader.needs(book, &wanted, earliest(events).unwrap_or(latest)).await?;
    }
    Ok(readings)
}

fn earliest(events: &[Event]) -> Option<Timestamp> {
    events.iter().map(|event| event.at).min()
}

fn gather(events: &[Event], of: fn(&Event) -> Needs) -> Wanted {
    let mut wanted = Wanted::new();
    for event in events {
        wanted.entry(event.community).or_default().extend(of(event));
    }
    wanted.retain(|_, needs| !needs.is_empty());
    wanted
}

/// A first reading. Whatever goes wrong here goes wrong again in `decide`, where it is dealt with.
fn read(book: &mut Book, event: &Event) -> Option<Reading> {
    let shop = book.shops.get_mut(&event.community)?;
    catch_unwind(AssertUnwindSafe(|| decide::read(shop, event))).ok()?.ok()?
}

/// Decide one event; a fact that nobody foresaw is loaded, and the event decided again.
async fn decide_one(
    reader: &mut Reader<'_, '_>,
    book: &mut Book,
    event: &Event,
    mut reading: Option<Reading>,
) -> Result<(), StoreError> {
    take_policy(reader, book, event).await?;
    for _ in 0..MISSING_MAX {
        let shop = book
            .shops
            .get_mut(&event.community)
            .ok_or_else(|| StoreError::inconsistent("an event of a community that is not here"))?;
        let decided =
            catch_unwind(AssertUnwindSafe(|| decide::decide(shop, event, reading.take())));
        let missing = match decided {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(missing)) => missing,
            Err(panic) => return Err(StoreError::inconsistent(panic_text(panic.as_ref()))),
        };
        let wanted = Wanted::from([(event.community, Needs::from([missing.0]))]);
        reader.needs(book, &wanted, event.at).await?;
    }
    Err(StoreError::inconsistent("an event misses more and more facts"))
}

/// A policy that comes into force is the one its own event is decided by.
async fn take_policy(
    reader: &mut Reader<'_, '_>,
    book: &mut Book,
    event: &Event,
) -> Result<(), StoreError> {
    let Some(version) = loaded(&event.body) else { return Ok(()) };
    let policy = reader.policy(book, version).await?;
    if let Some(shop) = book.shops.get_mut(&event.community)
        && shop.community.policy_version <= version
    {
        shop.policy = policy;
        shop.community.policy_version = version;
        shop.community_changed = true;
    }
    Ok(())
}

/// The policy version that an event brings, be it tried again.
fn loaded(body: &Body) -> Option<i32> {
    match body {
        Body::PolicyLoaded { version } => Some(*version),
        Body::Retried { body, .. } => loaded(body),
        _ => None,
    }
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    format!("deciding panicked: {}", text.unwrap_or_default())
}

/// What an event would come to if it happened now. Nothing is stored, and nothing is kept.
///
/// # Errors
/// [`StoreError`].
pub async fn rehearse(engine: &Engine, event: &Event) -> Result<Vec<Decision>, StoreError> {
    let mut tx = engine.db.begin().await?;
    sqlx::query("set transaction isolation level repeatable read, read only")
        .execute(&mut *tx)
        .await?;
    let mut book = Book::default();
    let mut reader = Reader { tx: &mut tx, lane: event.id.lane, seal: &engine.seal, statements: 0 };
    reader.shops(&mut book, std::iter::once(event.community)).await?;
    let readings = foresee(&mut reader, &mut book, std::slice::from_ref(event)).await?;
    for reading in readings {
        decide_one(&mut reader, &mut book, event, reading).await?;
    }
    let shop = book.shops.remove(&event.community);
    Ok(shop.map(|shop| shop.fresh.decisions).unwrap_or_default())
}

/// The name under which a timer becomes an event; it tells which row to delete when handled.
#[must_use]
pub fn timer_key(community: CommunityId, due_at: Timestamp, key: &str) -> String {
    format!("timer:{}:{}:{key}", community.0, due_at.timestamp_micros())
}

fn timer_of(event: &Event) -> Option<(CommunityId, Timestamp, String)> {
    let rest = event.key.strip_prefix("timer:")?;
    let (_, rest) = rest.split_once(':')?;
    let (due, key) = rest.split_once(':')?;
    let due = chrono::DateTime::from_timestamp_micros(due.parse().ok()?)?;
    Some((event.community, due, key.to_owned()))
}

fn clear_timers(writer: &mut Writer<'_>, events: &[Event]) {
    let handled: Vec<_> = events.iter().filter_map(timer_of).collect();
    timers::clear(writer, &handled);
}

/// Set an event aside that failed alone, twice: the lane goes on, its sender is told that a person
/// will look, and so are the leaders.
///
/// # Errors
/// [`StoreError`].
pub async fn park(engine: &Engine, held: Held, error: &StoreError) -> Result<(), StoreError> {
    let mut db = engine.db.acquire().await?;
    let mut tx = lanes::begin(&mut db, held).await?;
    let fetched = inbox::fetch(&mut tx, &engine.seal, held, 1).await?;
    let Some((id, community, event)) = fetched.into_iter().next() else { return Ok(()) };
    inbox::park(&mut tx, id, community, &chain(error), engine.clock.now()).await?;
    let mut writer = Writer::new(held.lane, &engine.seal);
    if let Ok(event) = event {
        clear_timers(&mut writer, std::slice::from_ref(&event));
        tell(engine, &mut writer, &mut tx, &event).await?;
    }
    lanes::mark(&mut writer, held, id.seq);
    writer.write(&mut tx).await?;
    tx.commit().await?;
    super::Stats::add(&engine.stats.parked, 1);
    tracing::error!(
        inbox.lane = id.lane.0,
        inbox.seq = id.seq,
        error = error as &dyn std::error::Error,
        "an event was parked"
    );
    Ok(())
}

/// An error and its causes on one line, for the operator.
fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

async fn tell(
    engine: &Engine,
    writer: &mut Writer<'_>,
    tx: &mut Tx<'_>,
    event: &Event,
) -> Result<(), StoreError> {
    let mut book = Book::default();
    let mut reader = Reader { tx, lane: writer.lane, seal: &engine.seal, statements: 0 };
    // The shop itself may be what cannot be read; then the event is parked without a word.
    let savepoint = sqlx::query("savepoint telling").execute(&mut **reader.tx).await;
    savepoint?;
    let people = gather(std::slice::from_ref(event), decide::reading::people_of);
    let loaded = match reader.shops(&mut book, std::iter::once(event.community)).await {
        Ok(()) => reader.needs(&mut book, &people, event.at).await,
        Err(error) => Err(error),
    };
    if loaded.is_err() {
        sqlx::query("rollback to savepoint telling").execute(&mut **tx).await?;
        return Ok(());
    }
    if let Some(shop) = book.shops.get_mut(&event.community) {
        decide::parked(shop, event);
    }
    writer.save(&book);
    Ok(())
}
