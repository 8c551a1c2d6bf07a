//! The batches of one lane: scan, load, (understand and decide) for each event in order; then save, commit.
//!
//! While one batch is written the next is decided, as far as it has come: the book knows what was decided
//! about its rows. Other questions wait until the database knows it too, as does everything after a batch
//! that changes rows which the book does not hold. The number of statements does not depend on the number
//! of events. Safe to run again after any failure: the lane's mark moves in the same transaction, so an
//! event is handled once.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use sqlx::Connection;
use tokio::sync::OwnedSemaphorePermit;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::book::{Book, Decision, Need, Needs};
use crate::decide::{self, SceneReading};
use crate::domain::event::{Body, Event};
use crate::domain::ids::{AccountId, CommunityId, Lane};
use crate::domain::time::Timestamp;
use crate::store::inbox::{self, Fetched};
use crate::store::lanes::{self, HeldLane};
use crate::store::load::{LaneReader, WantedFacts};
use crate::store::outbox::UnfinishedMessage;
use crate::store::save::{Writer, Writes};
use crate::store::{StoreError, Tx, timers};

use super::handoff::{Next, Stretch};
use super::{Committed, Engine};

/// How many facts one event may turn out to miss, one after another, before it counts as a bug.
const MISSING_MAX: usize = 64;

/// How often it is asked what a batch will need: a name leads to somebody, they to their orders.
const ROUNDS: usize = 3;

/// How far a lane is: what is being written, what is decided, what is known.
#[derive(Debug)]
pub struct LanePipeline {
    /// The lane.
    pub held: HeldLane,
    /// Its shops, as decided.
    book: Book,
    /// The last event decided, if the book knows it.
    after: Option<i64>,
    /// Events that are decided and not written.
    decided: Vec<Event>,
    /// What deciding them took.
    statements: u32,
    /// What nobody foresaw of them.
    missed: Vec<String>,
    /// The next event asks what the database does not know yet.
    waits: bool,
    writing: Option<JoinHandle<Result<(), StoreError>>>,
}

impl LanePipeline {
    /// Nothing is known yet.
    #[must_use]
    pub fn new(held: HeldLane) -> Self {
        Self {
            held,
            book: Book::default(),
            after: None,
            decided: Vec::new(),
            statements: 0,
            missed: Vec::new(),
            waits: false,
            writing: None,
        }
    }

    /// How many rows the book holds.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.book.rows()
    }

    /// Whether anything is decided and not written.
    #[must_use]
    pub fn has_decided(&self) -> bool {
        !self.decided.is_empty()
    }

    /// Whether a batch is being written.
    #[must_use]
    pub fn is_writing(&self) -> bool {
        self.writing.is_some()
    }

    /// How many more events a batch of at most `most` takes now.
    #[must_use]
    pub fn room(&self, most: usize) -> usize {
        if self.waits && !self.is_settled() { 0 } else { most.saturating_sub(self.decided.len()) }
    }

    /// Whether the database knows all that was decided.
    fn is_settled(&self) -> bool {
        !self.is_writing() && !self.has_decided()
    }

    /// Let go of rows that can be read again. Nothing may be under way.
    pub fn shed(&mut self) {
        self.book.shed();
    }

    /// Forget what was decided: the database knows what is true. Nothing may be under way.
    pub fn forget(&mut self) {
        *self = Self::new(self.held);
    }

    /// Decide what waits beyond what was decided, at most `room` events; whether more may wait.
    ///
    /// # Errors
    /// [`StoreError`]; what was decided must be forgotten once nothing is being written.
    pub async fn decide(&mut self, engine: &Engine, room: usize) -> Result<bool, StoreError> {
        let lane = self.held.lane;
        let Some((events, to, more)) = self.next(engine, room).await? else { return Ok(false) };
        if events.is_empty() {
            self.after = Some(to);
            return Ok(more);
        }
        let mut db = engine.warm.take(&engine.db).await?;
        let mut reader = LaneReader { db: &mut db, lane, seal: &engine.seal, statements: 0 };
        self.waits = !work(&mut reader, self, &events).await?;
        self.statements += reader.statements;
        engine.warm.give(db);
        engine.stats.unforeseen(self.missed.drain(..));
        if self.waits {
            engine.stored.look(lane); // these are read again
        } else {
            self.after = Some(to);
            self.decided.extend(events);
        }
        Ok(more || self.waits)
    }

    /// What follows what was decided, up to which place, and whether more may wait: as it was handed on, or read
    /// from the database.
    async fn next(
        &mut self,
        engine: &Engine,
        room: usize,
    ) -> Result<Option<(Vec<Event>, i64, bool)>, StoreError> {
        let lane = self.held.lane;
        let to = match engine.stored.next(lane, self.after, room) {
            Next::Nothing => return Ok(None),
            Next::Here { items, to, more } => return Ok(Some((items, to, more))),
            Next::Look(to) => to,
        };
        let most = i64::try_from(room).unwrap_or(i64::MAX);
        let mut db = engine.warm.take(&engine.db).await?;
        let fetched = inbox::fetch(&mut db, &engine.seal, self.held, self.after, most).await?;
        engine.warm.give(db);
        self.statements += 1;
        let more = fetched.len() == room;
        if more {
            engine.stored.look(lane);
        }
        // Places start at 1. Without more, all that was handed on is among what was read, or is done.
        let after = self.after.unwrap_or(0);
        let last = fetched.last().map_or(after, |(id, ..)| id.seq);
        let to = if more { last } else { last.max(to) };
        let events = readable(fetched)?;
        Ok((to > 0).then_some((events, to, more)))
    }

    /// Begin to write what is decided, when nothing else is being written; `true`: nothing must be decided
    /// before that is done. The permit counts it among the batches under way.
    pub fn write(&mut self, engine: Arc<Engine>, permit: OwnedSemaphorePermit) -> bool {
        let beyond_book = self.book.touched().any(|shop| shop.fresh.is_beyond_book());
        let mut writer = Writer::new(self.held.lane, &engine.seal);
        // The lane's own row first: who does not hold it any more is stopped there.
        if let (Some(first), Some(last)) = (self.decided.first(), self.decided.last()) {
            lanes::mark(&mut writer, self.held, first.id.seq, last.id.seq);
        }
        writer.save(&self.book);
        clear_timers(&mut writer, &self.decided);
        for event in &self.decided {
            handled(&mut self.book, event);
        }
        let fired = self.decided.iter().any(|event| timer_of(event).is_some());
        let batch = Batch {
            timers: fired || self.book.touched().any(|shop| !shop.fresh.timers.is_empty()),
            events: std::mem::take(&mut self.decided),
            writes: writer.done(),
            said: said(&mut self.book),
            statements: std::mem::take(&mut self.statements),
        };
        self.book.saved();
        let lane = self.held.lane;
        self.writing = Some(tokio::spawn(async move {
            let written = write(&engine, lane, batch).await;
            drop(permit);
            written
        }));
        beyond_book
    }

    /// Wait until nothing is being written. Safe to give up and to wait again.
    ///
    /// # Errors
    /// [`StoreError`]; nothing of the batch remains, and what was decided must be forgotten.
    pub async fn written(&mut self) -> Result<(), StoreError> {
        let Some(writing) = &mut self.writing else { return Ok(()) };
        let written = writing.await;
        self.writing = None;
        written.unwrap_or_else(|_| Err(StoreError::inconsistent("writing a batch panicked")))
    }
}

/// A batch on its way into the database.
struct Batch {
    events: Vec<Event>,
    /// It sets timers, or was set off by some, of which there may be more.
    timers: bool,
    writes: Writes,
    /// What is to be sent, and by whom.
    said: Vec<(AccountId, UnfinishedMessage)>,
    statements: u32,
}

/// Write a batch, if the lane is still held: its mark says so.
async fn write(engine: &Engine, lane: Lane, batch: Batch) -> Result<(), StoreError> {
    let Batch { events, timers, writes, said, statements } = batch;
    let mut db = engine.warm.take(&engine.db).await?;
    let statements = statements + writes.write(&mut db).await?;
    engine.warm.give(db);
    engine.stats.batch(events.len(), statements);
    if let (Some(first), Some(last)) = (events.first(), events.last()) {
        hand_on(engine, lane, first.id.seq - 1, last.id.seq, said);
    }
    engine.wakes.outbox.send_replace(());
    if timers {
        engine.wakes.timers.notify_one();
    }
    if let Some(listener) = engine.listener.get() {
        let _ = listener.send(Committed { at: Instant::now(), events }); // it may have left
    }
    Ok(())
}

/// What the batch has to say, which the book need not keep.
fn said(book: &mut Book) -> Vec<(AccountId, UnfinishedMessage)> {
    let mut said = Vec::new();
    for (community, outbound) in book.take_outbox() {
        said.push((outbound.account, UnfinishedMessage::of(community, outbound)));
    }
    said
}

/// Hand each sender what it has to say of a batch, be it nothing.
fn hand_on(
    engine: &Engine,
    lane: Lane,
    after: i64,
    to: i64,
    mut said: Vec<(AccountId, UnfinishedMessage)>,
) {
    said.sort_by_key(|(_, message)| message.place);
    for reader in engine.said.readers().into_iter().filter(|reader| reader.0 == lane) {
        let mine = said.extract_if(.., |(account, _)| *account == reader.1);
        let items = mine.map(|(_, message)| message).collect();
        engine.said.hand_on(reader, Stretch { after, to, items });
    }
}

fn readable(fetched: Vec<Fetched>) -> Result<Vec<Event>, StoreError> {
    fetched.into_iter().map(|(_, _, event)| event).collect()
}

/// Load and decide; `false`: nothing is decided, because the database has to know first what was.
async fn work(
    reader: &mut LaneReader<'_>,
    course: &mut LanePipeline,
    events: &[Event],
) -> Result<bool, StoreError> {
    let communities: BTreeSet<CommunityId> = events.iter().map(|event| event.community).collect();
    reader.shops(&mut course.book, communities.into_iter()).await?;
    let (mut readings, wanted) = foresee(reader, &mut course.book, events).await?;
    if !course.is_settled() && !wanted.iter().all(|(id, needs)| is_known(&course.book, *id, needs))
    {
        return Ok(false);
    }
    load(reader, &mut course.book, &wanted, events).await?;
    for (event, reading) in events.iter().zip(&mut readings) {
        if reading.as_ref().is_some_and(|it| !it.lacks.is_empty()) {
            *reading = read(&mut course.book, event); // now that is known
        }
    }
    let mut known = wanted;
    for _ in 1..ROUNDS {
        if !known.values().flatten().any(Need::leads_on) {
            break;
        }
        let more = beyond(&known, ahead(&course.book, events, &readings));
        if more.is_empty() {
            break;
        }
        if !course.is_settled()
            && !more.iter().all(|(id, needs)| is_known(&course.book, *id, needs))
        {
            return Ok(false);
        }
        load(reader, &mut course.book, &more, events).await?;
        for (community, needs) in more {
            known.entry(community).or_default().extend(needs);
        }
    }
    for (event, reading) in events.iter().zip(readings) {
        decide_one(reader, course, event, reading).await?;
    }
    Ok(true)
}

/// Whether the book and rows by key are enough to answer these.
fn is_known(book: &Book, community: CommunityId, needs: &Needs) -> bool {
    let known = book.shops.get(&community).map(|shop| &shop.known.balances_of);
    needs.iter().all(|need| match need {
        Need::Balances(member) => known.is_some_and(|known| known.contains(member)),
        need => need.is_rows(),
    })
}

/// Read every message with the book as it stands; and what the events will need.
async fn foresee(
    reader: &mut LaneReader<'_>,
    book: &mut Book,
    events: &[Event],
) -> Result<(Vec<Option<SceneReading>>, WantedFacts), StoreError> {
    let Some(latest) = events.iter().map(|event| event.at).max() else {
        return Ok((Vec::new(), WantedFacts::new()));
    };
    let people = gather(events, decide::reading::people_of);
    reader.needs(book, &people, latest).await?;
    let readings: Vec<_> = events.iter().map(|event| read(book, event)).collect();
    let wanted = ahead(book, events, &readings);
    Ok((readings, wanted))
}

/// What the events will need, by what the book knows.
fn ahead(book: &Book, events: &[Event], readings: &[Option<SceneReading>]) -> WantedFacts {
    let mut wanted = WantedFacts::new();
    for (event, reading) in events.iter().zip(readings) {
        let Some(shop) = book.shops.get(&event.community) else { continue };
        let needs = decide::foresee(shop, event, reading.as_ref());
        wanted.entry(event.community).or_default().extend(needs);
    }
    wanted.retain(|_, needs| !needs.is_empty());
    wanted
}

/// What of it was not asked for yet.
fn beyond(known: &WantedFacts, mut wanted: WantedFacts) -> WantedFacts {
    for (community, needs) in &mut wanted {
        if let Some(known) = known.get(community) {
            needs.retain(|need| !known.contains(need));
        }
    }
    wanted.retain(|_, needs| !needs.is_empty());
    wanted
}

/// Load what is needed.
async fn load(
    reader: &mut LaneReader<'_>,
    book: &mut Book,
    wanted: &WantedFacts,
    events: &[Event],
) -> Result<(), StoreError> {
    let Some(at) = earliest(events).filter(|_| !wanted.is_empty()) else { return Ok(()) };
    reader.needs(book, wanted, at).await
}

fn earliest(events: &[Event]) -> Option<Timestamp> {
    events.iter().map(|event| event.at).min()
}

fn gather(events: &[Event], of: fn(&Event) -> Needs) -> WantedFacts {
    let mut wanted = WantedFacts::new();
    for event in events {
        wanted.entry(event.community).or_default().extend(of(event));
    }
    wanted.retain(|_, needs| !needs.is_empty());
    wanted
}

/// A first reading. Whatever goes wrong here goes wrong again in `decide`, where it is dealt with.
fn read(book: &mut Book, event: &Event) -> Option<SceneReading> {
    let shop = book.shops.get_mut(&event.community)?;
    catch_unwind(AssertUnwindSafe(|| decide::read(shop, event))).ok()?.ok()?
}

/// Decide one event; a fact that nobody foresaw is loaded, and the event decided again.
async fn decide_one(
    reader: &mut LaneReader<'_>,
    course: &mut LanePipeline,
    event: &Event,
    mut reading: Option<SceneReading>,
) -> Result<(), StoreError> {
    take_policy(reader, &mut course.book, event).await?;
    let mut missed = Vec::new();
    for _ in 0..MISSING_MAX {
        let shop = course
            .book
            .touch(event.community)
            .ok_or_else(|| StoreError::inconsistent("an event of a community that is not here"))?;
        let decided =
            catch_unwind(AssertUnwindSafe(|| decide::decide(shop, event, reading.take())));
        let missing = match decided {
            Ok(Ok(())) => {
                let last = shop.fresh.decisions.last().filter(|it| it.event == event.id);
                let what = last.map_or("nothing", |it| it.what);
                course.missed.extend(missed.iter().map(|need| format!("{need} to {what}")));
                return Ok(());
            }
            Ok(Err(missing)) => missing,
            Err(panic) => return Err(StoreError::inconsistent(panic_text(panic.as_ref()))),
        };
        missed.push(missing.0.kind());
        let needs = Needs::from([missing.0]);
        if !is_known(&course.book, event.community, &needs) {
            course.written().await?;
        }
        let wanted = WantedFacts::from([(event.community, needs)]);
        reader.needs(&mut course.book, &wanted, event.at).await?;
    }
    Err(StoreError::inconsistent("an event misses more and more facts"))
}

/// A policy that comes into force is the one its own event is decided by.
async fn take_policy(
    reader: &mut LaneReader<'_>,
    book: &mut Book,
    event: &Event,
) -> Result<(), StoreError> {
    let Some(version) = loaded(&event.body) else { return Ok(()) };
    let policy = reader.policy(book, version).await?;
    if let Some(shop) = book.touch(event.community)
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
    let lane = event.id.lane;
    let mut course = LanePipeline::new(HeldLane { lane, epoch: 0 });
    let mut reader = LaneReader { db: &mut tx, lane, seal: &engine.seal, statements: 0 };
    work(&mut reader, &mut course, std::slice::from_ref(event)).await?;
    let shop = course.book.shops.remove(&event.community);
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

/// A timer that was handled may be set again.
fn handled(book: &mut Book, event: &Event) {
    if let Body::Due(timer) = &event.body
        && let Some((community, due, _)) = timer_of(event)
        && let Some(shop) = book.shops.get_mut(&community)
    {
        shop.known.timers.remove(&(due, timer.clone()));
    }
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
pub async fn park(engine: &Engine, held: HeldLane, error: &StoreError) -> Result<(), StoreError> {
    let mut db = engine.db.acquire().await?;
    let mut tx = db.begin().await?;
    let fetched = inbox::fetch(&mut tx, &engine.seal, held, None, 1).await?;
    let Some((id, community, event)) = fetched.into_iter().next() else { return Ok(()) };
    inbox::park(&mut tx, id, community, &chain(error), engine.clock.now()).await?;
    let mut writer = Writer::new(held.lane, &engine.seal);
    lanes::mark(&mut writer, held, id.seq, id.seq);
    if let Ok(event) = event {
        clear_timers(&mut writer, std::slice::from_ref(&event));
        tell(engine, &mut writer, &mut tx, &event).await?;
    }
    writer.done().write(&mut tx).await?;
    tx.commit().await?;
    super::EngineStats::add(&engine.stats.parked, 1);
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
    let mut reader = LaneReader { db: tx, lane: writer.lane, seal: &engine.seal, statements: 0 };
    // The shop itself may be what cannot be read; then the event is parked without a word.
    let savepoint = sqlx::query("savepoint telling").execute(&mut *reader.db).await;
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
    if let Some(shop) = book.touch(event.community) {
        decide::parked(shop, event);
    }
    writer.save(&book);
    Ok(())
}
