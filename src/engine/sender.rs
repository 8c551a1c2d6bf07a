//! The sender of one platform account: reads the outbox forward, paces each chat, merges what waited,
//! and writes down what became of each message.
//!
//! waiting → sending (committed before the call, with the send's id and its fixed text) → sent | unknown |
//! dead. A crash between leaves rows `sending`: a platform with client keys is sent the same again under
//! the same id; elsewhere receipts are sent once more, and all else is dropped and counted.

mod amend;
pub(super) mod buttons;
mod compose;
pub(super) mod links;
mod parts;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::domain::ids::{AccountId, Lane};
use crate::domain::time::Timestamp;
use crate::platform::{Capabilities, Platform, SendError};
use crate::store::outbox::{self, Mark, Message, Place, Said, Send, Spot, Turn};
use crate::store::{StoreError, lanes, reference};

use super::pace::Pace;
use super::relay::Next;
use super::{Engine, Stats};

/// How often the outbox is looked at without being woken.
const POLL: Duration = Duration::from_millis(250);

/// How long an account is known to be ours before its lease is renewed.
const HELD: Duration = Duration::from_secs(3);

/// What is added to the id of a send that is repeated because nobody knows whether it arrived.
const REPEAT: &str = "-again";

/// The most messages read from one lane at a time.
const READ_MAX: i64 = 500;

/// The most messages kept waiting in memory; beyond it they wait in the database.
const WAITING_MAX: usize = 5_000;

/// How often a message is tried before it is given up.
const TRIES_MAX: i16 = 30;

/// The longest pause between two tries: with [`TRIES_MAX`], an outage of some hours loses nothing.
const PAUSE_MAX: Duration = Duration::from_mins(10);

/// Send what this account has to say, for as long as the engine runs.
pub async fn run<P: Platform>(engine: Arc<Engine>, account: AccountId, platform: P) {
    let what = lanes::of_account(account);
    let mut sender: Option<Sender<P>> = None;
    let platform = Arc::new(platform);
    let mut held_until = Instant::now();
    let mut written = engine.wakes.outbox.subscribe();
    while !engine.stop.is_cancelled() {
        if Instant::now() >= held_until {
            if matches!(lanes::hold(&engine.db, &what, &engine.owner).await, Ok(true)) {
                held_until = Instant::now() + HELD;
            } else {
                sender = None;
                readers(&engine, account).for_each(|it| engine.said.close(it));
            }
        }
        if Instant::now() < held_until {
            let turned = match &mut sender {
                Some(sender) => sender.turn(&engine, held_until).await,
                None => match Sender::new(&engine, account, Arc::clone(&platform)).await {
                    Ok(mut new) => {
                        let turned = new.turn(&engine, held_until).await;
                        sender = Some(new);
                        turned
                    }
                    Err(error) => Err(error),
                },
            };
            if let Err(error) = turned {
                tracing::warn!(
                    account.id = account.0,
                    error = &error as &dyn std::error::Error,
                    "sending was interrupted"
                );
                sender = None; // what is in memory may be stale: read again
            }
        }
        tokio::select! {
            _ = written.changed() => {}
            () = tokio::time::sleep(POLL) => {}
            () = engine.stop.cancelled() => {}
        }
    }
    readers(&engine, account).for_each(|it| engine.said.close(it));
}

/// A sender reads every lane.
fn readers(engine: &Engine, account: AccountId) -> impl Iterator<Item = (Lane, AccountId)> {
    (0..engine.lanes).map(move |lane| (Lane(lane), account))
}

struct Sender<P> {
    account: AccountId,
    platform: Arc<P>,
    able: Capabilities,
    pace: Pace,
    /// Since when the account is connected.
    ready_since: Option<Timestamp>,
    /// How far each lane was sent when this sender began.
    sent: BTreeMap<Lane, Spot>,
    /// How far each lane was read: an event's last ordinal stands for all of its messages.
    read: BTreeMap<Lane, Spot>,
    /// When all lanes were last looked at: another process may have written into them.
    looked: Option<Instant>,
    /// How far each lane is sent, as the database will know with the next turn …
    marks: BTreeMap<Lane, Spot>,
    /// … in these lanes, …
    news: BTreeSet<Lane>,
    /// … and what the marks do not tell.
    said: Vec<Said>,
    /// What was read and is not finished.
    open: BTreeSet<Place>,
    /// What says of itself that it waits: marks may pass it.
    late: BTreeSet<Place>,
    /// What waits, by chat (a member's own chat counts as one).
    waiting: BTreeMap<String, VecDeque<Message>>,
    /// Sends of several parts of which some were delivered.
    begun: parts::Begun,
    count: usize,
}

/// What became of a send.
struct Outcome<'a> {
    send: &'a Send,
    /// `sent`, `waiting` (to be tried again), `unknown` or `dead`.
    state: &'static str,
    /// The platform's id of the message.
    message_id: Option<String>,
    tries: i16,
    /// Those of its messages that are not tried again, whatever becomes of the others.
    given_up: Vec<Place>,
}

impl<P: Platform> Sender<P> {
    async fn new(
        engine: &Engine,
        account: AccountId,
        platform: Arc<P>,
    ) -> Result<Self, StoreError> {
        let able = platform.capabilities();
        let pace = Pace::new(able.rate_per_chat, able.rate_per_account);
        readers(engine, account).for_each(|it| engine.said.open(it));
        let marks = outbox::marks(&engine.db, &engine.seal, account).await?;
        let mut sender = Self {
            account,
            platform,
            able,
            pace,
            ready_since: None,
            sent: marks.iter().map(|(lane, mark)| (*lane, mark.sent)).collect(),
            read: marks.iter().map(|(lane, mark)| (*lane, mark.from)).collect(),
            looked: None,
            marks: marks.iter().map(|(lane, mark)| (*lane, mark.sent)).collect(),
            news: BTreeSet::new(),
            said: Vec::new(),
            open: BTreeSet::new(),
            late: BTreeSet::new(),
            waiting: BTreeMap::new(),
            begun: parts::Begun::default(),
            count: 0,
        };
        for (lane, mark) in marks {
            sender.recover(engine, lane, mark).await?;
        }
        Ok(sender)
    }

    /// Read and send until nothing can be sent now, or it is time to renew the lease.
    async fn turn(&mut self, engine: &Engine, until: Instant) -> Result<(), StoreError> {
        let since = engine.health.ready_since(self.account);
        if since != std::mem::replace(&mut self.ready_since, since) {
            self.pace.resume(); // connected again, or not: trying will tell
        }
        loop {
            let read = self.read(engine).await?;
            let sent = self.send_ready(engine).await?;
            if read == 0 && sent == 0 || Instant::now() >= until {
                return self.write_down(engine, &[]).await;
            }
        }
    }

    async fn read(&mut self, engine: &Engine) -> Result<usize, StoreError> {
        let look = self.looked.is_none_or(|at| at.elapsed() >= POLL);
        if look {
            self.looked = Some(Instant::now());
        }
        let mut count = 0;
        for reader in readers(engine, self.account) {
            if look {
                engine.said.look(reader);
            }
            if self.count >= WAITING_MAX {
                continue;
            }
            let sent = in_lane(&self.sent, reader.0);
            let messages = match engine.said.next(reader, Some(self.known(reader.0)), usize::MAX) {
                Next::Nothing => continue,
                Next::Here { items, to, .. } => {
                    self.read.insert(reader.0, (to, i16::MAX));
                    items
                }
                Next::Look(to) => self.look(engine, reader.0, to).await?,
            };
            count += messages.len();
            if self.able.invite_links && !messages.is_empty() {
                self.write_down(engine, &[]).await?; // a link may take its time
            }
            for mut message in messages {
                if spot(message.place) <= sent {
                    self.late.insert(message.place); // that is why it was found
                }
                if !self.open.insert(message.place) {
                    continue; // recovered, and waiting already
                }
                if self.able.invite_links {
                    links::fill(engine, (self.account, &*self.platform), &mut message).await;
                }
                self.wait(message);
            }
        }
        Ok(count)
    }

    /// What the database has of a lane, everything up to this event at least.
    async fn look(
        &mut self,
        engine: &Engine,
        lane: Lane,
        to: i64,
    ) -> Result<Vec<Message>, StoreError> {
        let (read, sent) = (in_lane(&self.read, lane), in_lane(&self.sent, lane));
        let from = (self.account, lane);
        let mut db = engine.warm.take(&engine.db).await?;
        let found = outbox::fetch(&mut *db, &engine.seal, from, (read, sent), READ_MAX).await?;
        engine.warm.give(db);
        let last = found.last().map_or(read, |last| spot(last.place));
        let more = i64::try_from(found.len()).is_ok_and(|found| found == READ_MAX);
        if more {
            engine.said.look((lane, self.account));
        }
        self.read.insert(lane, if more { last } else { last.max((last.0.max(to), i16::MAX)) });
        Ok(found)
    }

    /// The last event of a lane of which everything was read.
    fn known(&self, lane: Lane) -> i64 {
        let (seq, ordinal) = in_lane(&self.read, lane);
        if ordinal == i16::MAX { seq } else { seq - 1 }
    }

    fn wait(&mut self, mut message: Message) {
        if message.private && !self.able.private && !message.say_before_others() {
            return self.give_up(&message);
        }
        self.count += 1;
        self.waiting.entry(compose::bucket(&message)).or_default().push_back(message);
    }

    /// It can be said neither to the member alone nor before others.
    fn give_up(&mut self, message: &Message) {
        tracing::warn!(account.id = self.account.0, "what is for one member alone was given up");
        let (place, tries) = (message.place, message.tries);
        self.open.remove(&place);
        self.late.remove(&place);
        self.said.push(Said { place, state: "dead", send_id: None, message_id: None, tries });
    }

    /// A crash cut these sends short.
    async fn recover(&mut self, engine: &Engine, lane: Lane, mark: Mark) -> Result<(), StoreError> {
        let places: Vec<_> = mark.sending.iter().flat_map(|send| send.places.clone()).collect();
        if places.is_empty() {
            return Ok(());
        }
        let from = (self.account, lane);
        let rows = outbox::unfinished(&engine.db, &engine.seal, from, &places).await?;
        let mut rows: BTreeMap<_, _> = rows.into_iter().map(|row| (row.place, row)).collect();
        let (mut drafts, mut dropped) = (Vec::new(), Vec::new());
        for mut send in mark.sending {
            let carried: Vec<_> =
                send.places.iter().filter_map(|place| rows.remove(place)).collect();
            if carried.is_empty() {
                continue; // written down as finished before the crash
            }
            self.open.extend(carried.iter().map(|row| row.place));
            self.late.extend(&send.places); // no mark will tell what became of them
            let repeated = send.id.ends_with(REPEAT);
            if self.able.client_key {
                drafts.push((send, carried));
            } else if carried.iter().any(|row| row.receipt) && !repeated {
                send.id.push_str(REPEAT);
                send.text = compose::repeat(&engine.words, &send.text, &carried);
                drafts.push((send, carried));
            } else {
                dropped.push(send);
            }
        }
        Stats::add(&engine.stats.unsent, dropped.len());
        let lost = |send| {
            let (state, given_up) = ("unknown", Vec::new());
            Outcome { send, state, message_id: None, tries: 1, given_up }
        };
        self.note(&[], &dropped.iter().map(lost).collect::<Vec<_>>());
        self.deliver(engine, drafts).await?;
        self.write_down(engine, &[]).await
    }

    /// Send what the pace allows; returns how many messages went out.
    async fn send_ready(&mut self, engine: &Engine) -> Result<usize, StoreError> {
        let now = Instant::now();
        let mut drafts = Vec::new();
        // Where somebody waits comes first: an account's own limit is not spent on notices before.
        let (notices, answers): (Vec<_>, Vec<_>) =
            self.waiting.iter_mut().partition(|(_, queue)| compose::are_notices(queue));
        for (chat, queue) in answers.into_iter().chain(notices) {
            // A chat with tokens is answered message by message; its last token takes all that waits.
            for left in (0..self.pace.available(chat, now).min(queue.len())).rev() {
                let rows = compose::next(queue, left == 0);
                if rows.is_empty() {
                    break;
                }
                self.pace.take(chat, now);
                self.count -= rows.len();
                drafts.push(compose::draft(&engine.words, self.account, rows));
            }
        }
        self.waiting.retain(|_, queue| !queue.is_empty());
        self.pace.forget_idle(now);
        self.deliver(engine, drafts).await
    }

    async fn deliver(
        &mut self,
        engine: &Engine,
        drafts: Vec<(Send, Vec<Message>)>,
    ) -> Result<usize, StoreError> {
        if drafts.is_empty() {
            return Ok(0);
        }
        let (sends, rows): (Vec<_>, Vec<_>) = drafts.into_iter().unzip();
        let posts = if self.able.edit { amend::posts(&rows) } else { Vec::new() };
        self.write_down(engine, &sends).await?;
        let results = self.call(&sends, &rows).await;
        let mut outcomes = Vec::with_capacity(sends.len());
        let mut again = Vec::new();
        for ((send, mut rows), result) in sends.iter().zip(rows).zip(results) {
            if let Err(SendError::Closed { reason }) = &result {
                self.close_chat(engine, &rows, reason).await?;
            }
            let (state, message_id) = self.outcome(&rows, &result);
            let tries = 1 + rows.iter().map(|row| row.tries).max().unwrap_or(0);
            let mut given_up = Vec::new();
            if matches!(result, Err(SendError::NeedsFirstContact)) {
                given_up.extend(rows.extract_if(.., |row| !row.say_before_others()));
            }
            let given_up = given_up.iter().map(|row| row.place).collect();
            if state == "waiting" {
                again.push(rows);
            }
            outcomes.push(Outcome { send, state, message_id, tries, given_up });
        }
        let sent = outcomes.iter().filter(|it| it.state == "sent").count();
        let failed = outcomes.iter().filter(|it| matches!(it.state, "dead" | "unknown")).count();
        Stats::add(&engine.stats.sent, sent);
        Stats::add(&engine.stats.unsent, failed);
        let lanes: Vec<_> =
            sends.iter().flat_map(|send| &send.places).map(|it| it.event.lane).collect();
        self.note(&lanes, &outcomes);
        if !posts.is_empty() {
            self.write_down(engine, &[]).await?; // a post that was sent just now is found by its id
        }
        for post in &posts {
            amend::one(engine, (self.account, &*self.platform), post).await;
        }
        for mut row in again.into_iter().flatten().rev() {
            row.tries += 1;
            self.count += 1;
            self.waiting.entry(compose::bucket(&row)).or_default().push_front(row);
        }
        Ok(sent)
    }

    /// Call the platform; one result for each send, whatever the number of its parts.
    async fn call(
        &mut self,
        sends: &[Send],
        rows: &[Vec<Message>],
    ) -> Vec<Result<Option<String>, SendError>> {
        let (mut outgoing, mut counts) = (Vec::with_capacity(sends.len()), Vec::new());
        for (send, rows) in sends.iter().zip(rows) {
            let whole = compose::outgoing(send, rows, &self.able);
            let parts = parts::of(whole, &self.able);
            let rest = self.begun.rest(&send.places, parts);
            counts.push(rest.len());
            outgoing.extend(rest);
        }
        let mut results = self.platform.send(&outgoing).await.into_iter();
        let places = sends.iter().map(|send| &send.places);
        places.zip(counts).map(|(at, n)| self.begun.fold(at, results.by_ref().take(n))).collect()
    }

    /// The platform refuses the whole chat: for the operator to see until something is heard from it.
    async fn close_chat(
        &self,
        engine: &Engine,
        rows: &[Message],
        reason: &str,
    ) -> Result<(), StoreError> {
        let Some(row) = rows.first() else { return Ok(()) };
        tracing::error!(
            account.id = self.account.0,
            community.id = row.community.0,
            reason,
            "a chat is closed to the bot: add it to the group again"
        );
        engine.health.close(self.account, &row.chat);
        let at = engine.clock.now();
        reference::close_chat(&engine.db, (self.account, &row.chat), (at, reason)).await
    }

    fn outcome(
        &mut self,
        rows: &[Message],
        result: &Result<Option<String>, SendError>,
    ) -> (&'static str, Option<String>) {
        let tries = rows.iter().map(|row| row.tries).max().unwrap_or(0);
        match result {
            Ok(id) => ("sent", id.clone()),
            Err(SendError::Later { after, .. }) if tries < TRIES_MAX => {
                if let Some(row) = rows.first() {
                    let (chat, now) = (compose::bucket(row), Instant::now());
                    self.pace.pause(&chat, now + *after);
                    self.pace.rest(&chat, now + rest_after(tries));
                }
                ("waiting", None)
            }
            Err(SendError::NeedsFirstContact) if rows.iter().any(|row| row.private) => {
                ("waiting", None)
            }
            Err(SendError::Unknown(_)) if rows.iter().any(|row| row.receipt) && tries < 1 => {
                ("waiting", None)
            }
            Err(SendError::Unknown(error)) => {
                tracing::warn!(account.id = self.account.0, %error, "a send's outcome is unknown");
                ("unknown", None)
            }
            Err(error) => {
                tracing::warn!(account.id = self.account.0, %error, "a message was given up");
                ("dead", None)
            }
        }
    }

    /// Note how far these lanes are, and of each message what that does not tell.
    fn note(&mut self, lanes: &[Lane], outcomes: &[Outcome<'_>]) {
        for outcome in outcomes {
            for &place in &outcome.send.places {
                let waits = outcome.state_of(place) == "waiting";
                // What was tried before may say of itself that it waits.
                let told =
                    outcome.state == "sent" && outcome.message_id.is_none() && outcome.tries == 1;
                if !told || self.late.contains(&place) {
                    self.said.push(outcome.of(place));
                }
                if waits {
                    self.late.insert(place);
                } else {
                    self.open.remove(&place);
                    self.late.remove(&place);
                }
            }
        }
        for &lane in lanes {
            self.marks.insert(lane, self.far(lane));
        }
        let passed = |place: &&Place| lanes.contains(&place.event.lane);
        let passed: Vec<_> = self.open.difference(&self.late).filter(passed).copied().collect();
        self.said.extend(passed.iter().map(|place| Said {
            place: *place,
            state: "waiting",
            send_id: None,
            message_id: None,
            tries: 0,
        }));
        self.late.extend(passed);
        self.news.extend(lanes);
    }

    /// Write down what was noted, and what is about to be sent: where one turn follows another, its beginning
    /// and the end of the one before are written together.
    async fn write_down(&mut self, engine: &Engine, sends: &[Send]) -> Result<(), StoreError> {
        let mut lanes: BTreeMap<Lane, Vec<&Send>> =
            std::mem::take(&mut self.news).into_iter().map(|lane| (lane, Vec::new())).collect();
        for send in sends {
            let lane = send.places.first().map_or(Lane(0), |place| place.event.lane);
            lanes.entry(lane).or_default().push(send);
        }
        if lanes.is_empty() && self.said.is_empty() {
            return Ok(());
        }
        let turn = |(lane, sending)| Turn { lane, sent: in_lane(&self.marks, lane), sending };
        let turns: Vec<_> = lanes.into_iter().map(turn).collect();
        let mut db = engine.warm.take(&engine.db).await?;
        let sender = (self.account, &*engine.owner);
        outbox::write(&mut *db, &engine.seal, sender, (&turns, &self.said)).await?;
        engine.warm.give(db);
        self.said.clear();
        Ok(())
    }
}

impl<P> Sender<P> {
    /// How far a lane is read: a mark never goes back, though a new sender looks back for what waits.
    fn far(&self, lane: Lane) -> Spot {
        in_lane(&self.read, lane).max(in_lane(&self.sent, lane))
    }
}

impl Outcome<'_> {
    fn state_of(&self, place: Place) -> &'static str {
        if self.given_up.contains(&place) { "dead" } else { self.state }
    }

    /// What one of the messages that were carried says of itself.
    fn of(&self, place: Place) -> Said {
        Said {
            place,
            state: self.state_of(place),
            send_id: Some(self.send.id.clone()),
            message_id: self.message_id.clone(),
            tries: self.tries,
        }
    }
}

fn in_lane(spots: &BTreeMap<Lane, Spot>, lane: Lane) -> Spot {
    spots.get(&lane).copied().unwrap_or_default()
}

/// A message's place within its lane.
fn spot(place: Place) -> Spot {
    (place.event.seq, place.ordinal)
}

/// How long to leave a chat alone after so many tries, whatever the platform says.
fn rest_after(tries: i16) -> Duration {
    let seconds = 1 << u32::try_from(tries).unwrap_or(0).min(16);
    if tries < 3 { Duration::ZERO } else { Duration::from_secs(seconds).min(PAUSE_MAX) }
}
