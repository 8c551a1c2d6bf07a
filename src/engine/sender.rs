//! The sender of one platform account: reads the outbox forward, paces each chat, merges what waited,
//! and writes down what became of each message.
//!
//! waiting → sending (committed before the call, with the send's id and its fixed text) → sent | unknown |
//! dead. A crash between leaves rows `sending`: a platform with client keys is sent the same again under
//! the same id; elsewhere receipts are sent once more, and all else is dropped and counted.

mod amend;
mod answering;
pub(super) mod buttons;
mod compose;
mod files;
mod held;
pub(super) mod links;
mod outcome;
mod parts;
mod queue;
#[cfg(test)]
mod tests;
mod unsaid;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::domain::groups;
use crate::domain::ids::{AccountId, Lane};
use crate::domain::reply::{PostView, Reply};
use crate::domain::time::Timestamp;
use crate::platform::{Capabilities, Outgoing, OutgoingFile, Platform, SendError};
use crate::render::Words;
use crate::store::outbox::{
    self, LaneSpot, Mark, MessageLabel, MessagePlace, Send, UnfinishedMessage,
};
use crate::store::{StoreError, lanes};

use super::answers::{AnswerVerdict, Answers, is_sparable};
use super::handoff::Next;
use super::rate_limit::Shared;
use super::{Engine, EngineStats};

use outcome::SendOutcome;
use queue::{ChatQueue, Load};

/// How often the outbox is looked at without being woken: while something waits for its time, or beside other
/// processes.
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

/// What is older than this when it is sent, as after an outage, is said together with all else that waits.
const STALE: chrono::Duration = chrono::Duration::minutes(10);

/// The longest pause between two tries: with [`TRIES_MAX`], an outage of some hours loses nothing.
const PAUSE_MAX: Duration = Duration::from_mins(10);

/// The most answers to one member in one chat in a minute.
const ANSWERS: u32 = 10;

/// The most posts that wait to be changed; beyond it the oldest stays as it is.
const EDITS_MAX: usize = 64;

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
        let rests = |sender: &Sender<P>| sender.is_idle() && sender.held.len() == 0;
        let is_idle = sender.as_ref().is_some_and(rests);
        let pause = if is_idle { engine.poll(POLL) } else { POLL };
        tokio::select! {
            _ = written.changed() => {}
            () = tokio::time::sleep(pause) => {}
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
    pace: Shared,
    /// What members were told lately.
    answers: Answers,
    /// Since when the account is connected.
    ready_since: Option<Timestamp>,
    /// How far each lane was sent when this sender began.
    sent: BTreeMap<Lane, LaneSpot>,
    /// How far each lane was read: an event's last ordinal stands for all of its messages.
    read: BTreeMap<Lane, LaneSpot>,
    /// When all lanes were last looked at: another process may have written into them.
    looked: Option<Instant>,
    /// How far each lane is sent, as the database will know with the next turn …
    marks: BTreeMap<Lane, LaneSpot>,
    /// … in these lanes, …
    news: BTreeSet<Lane>,
    /// … and what the marks do not tell.
    said: Vec<MessageLabel>,
    /// What was read and is not finished.
    open: BTreeSet<MessagePlace>,
    /// What says of itself that it waits: marks may pass it.
    late: BTreeSet<MessagePlace>,
    /// What waits, by chat (a member's own chat counts as one).
    waiting: BTreeMap<String, ChatQueue>,
    /// What waits for its own time.
    held: held::Held,
    /// Chats where a person must act first, and how much waited there when that was told.
    awaiting: BTreeMap<String, usize>,
    /// What leaders were told of that.
    unsaid: unsaid::Unsaid,
    /// Lanes of which something was spared that no mark tells yet.
    spared: BTreeSet<Lane>,
    /// Posts to change, with their chats.
    edits: Vec<(String, PostView)>,
    /// Files that go with what waits.
    files: BTreeMap<MessagePlace, OutgoingFile>,
    /// Sends of several parts of which some were delivered.
    begun: parts::Begun,
    count: usize,
}

/// A message about to be sent.
struct Draft {
    send: Send,
    load: Load,
    /// Its parts that go now.
    parts: Vec<Outgoing>,
    /// Whether none is left after these.
    is_last: bool,
}

impl<P: Platform> Sender<P> {
    async fn new(
        engine: &Engine,
        account: AccountId,
        platform: Arc<P>,
    ) -> Result<Self, StoreError> {
        readers(engine, account).for_each(|it| engine.said.open(it));
        let marks = outbox::marks(&engine.db, &engine.seal, account).await?;
        let pace = engine.paces.of(account, &platform.capabilities());
        let mut sender = Self {
            sent: marks.iter().map(|(lane, mark)| (*lane, mark.sent)).collect(),
            read: marks.iter().map(|(lane, mark)| (*lane, mark.from)).collect(),
            marks: marks.iter().map(|(lane, mark)| (*lane, mark.sent)).collect(),
            ..Self::idle(account, platform, pace)
        };
        for (lane, mark) in marks {
            sender.recover(engine, lane, mark).await?;
        }
        Ok(sender)
    }

    /// A sender that has read nothing.
    fn idle(account: AccountId, platform: Arc<P>, pace: Shared) -> Self {
        Self {
            account,
            able: platform.capabilities(),
            platform,
            pace,
            answers: Answers::new(ANSWERS),
            ready_since: None,
            sent: BTreeMap::new(),
            read: BTreeMap::new(),
            looked: None,
            marks: BTreeMap::new(),
            news: BTreeSet::new(),
            said: Vec::new(),
            open: BTreeSet::new(),
            late: BTreeSet::new(),
            waiting: BTreeMap::new(),
            held: held::Held::default(),
            awaiting: BTreeMap::new(),
            unsaid: unsaid::Unsaid::default(),
            spared: BTreeSet::new(),
            edits: Vec::new(),
            files: BTreeMap::new(),
            begun: parts::Begun::default(),
            count: 0,
        }
    }

    /// Read and send until nothing can be sent now, or it is time to renew the lease.
    async fn turn(&mut self, engine: &Engine, until: Instant) -> Result<(), StoreError> {
        let since = engine.health.ready_since(self.account);
        if since != std::mem::replace(&mut self.ready_since, since) {
            self.pace.lock().resume(); // connected again, or not: trying will tell
        }
        loop {
            let read = self.read(engine).await?;
            let sent = self.send_ready(engine).await?;
            if read == 0 && sent == 0 || Instant::now() >= until {
                let spared: Vec<_> = std::mem::take(&mut self.spared).into_iter().collect();
                self.note(&spared, &[]);
                return self.write_down(engine, &[]).await;
            }
        }
    }

    async fn read(&mut self, engine: &Engine) -> Result<usize, StoreError> {
        let every = if self.is_idle() { engine.poll(POLL) } else { POLL };
        let look = self.looked.is_none_or(|at| at.elapsed() >= every);
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
                    links::fill(engine, self.account, &*self.platform, &mut message).await;
                }
                self.add_file(engine, &mut message).await?;
                let Some(message) = self.held.keep(message, engine.clock.now()) else { continue };
                if !self.wait(message, Instant::now()) {
                    EngineStats::add(&engine.stats.spared, 1);
                }
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
    ) -> Result<Vec<UnfinishedMessage>, StoreError> {
        let (read, sent) = (in_lane(&self.read, lane), in_lane(&self.sent, lane));
        let mut db = engine.warm.take(&engine.db).await?;
        let beyond = outbox::Beyond { read, sent, most: READ_MAX };
        let found = outbox::fetch(&mut *db, &engine.seal, self.account, lane, beyond).await?;
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

    /// A message waits for its turn; `false` for an answer that is spared.
    fn wait(&mut self, mut message: UnfinishedMessage, now: Instant) -> bool {
        if message.private && !self.able.private && !message.say_before_others() {
            self.give_up(&message);
            return true;
        }
        let chat = compose::bucket(&message);
        match self.verdict(&chat, &message, now) {
            AnswerVerdict::Say => {}
            AnswerVerdict::Wait => message.reply = Reply::Groups(groups::Reply::JustAMoment),
            AnswerVerdict::Spare => {
                self.spare(message.place);
                return false;
            }
        }
        self.unsaid.note(&message);
        self.count += 1;
        let is_paced = self.able.rate_per_chat.is_some();
        self.waiting
            .entry(chat)
            .or_insert_with(|| ChatQueue::new(compose::target(&message), now, is_paced))
            .push(message);
        true
    }

    fn queue(&mut self, chat: String, message: &UnfinishedMessage) -> &mut ChatQueue {
        let is_paced = self.able.rate_per_chat.is_some();
        self.waiting
            .entry(chat)
            .or_insert_with(|| ChatQueue::new(compose::target(message), Instant::now(), is_paced))
    }

    /// Whether an answer is given. Where the platform limits nothing, nothing is spared.
    fn verdict(&mut self, chat: &str, message: &UnfinishedMessage, now: Instant) -> AnswerVerdict {
        match &message.to {
            Some((who, _)) if self.able.rate_per_chat.is_some() && is_sparable(&message.reply) => {
                self.answers.ask(chat, who, &message.reply, now)
            }
            _ => AnswerVerdict::Say,
        }
    }

    /// What was said to them already stands for it: the lane's mark passes it like what was merged.
    fn spare(&mut self, place: MessagePlace) {
        self.open.remove(&place);
        if self.late.remove(&place) {
            let (send_id, message_id) = (None, None);
            self.said.push(MessageLabel { place, state: "sent", send_id, message_id, tries: 0 });
        }
        self.spared.insert(place.event.lane);
    }

    /// It can be said neither to the member alone nor before others.
    fn give_up(&mut self, message: &UnfinishedMessage) {
        tracing::warn!(account.id = self.account.0, "what is for one member alone was given up");
        let (place, tries) = (message.place, message.tries);
        self.open.remove(&place);
        self.late.remove(&place);
        self.said.push(MessageLabel {
            place,
            state: "dead",
            send_id: None,
            message_id: None,
            tries,
        });
    }

    /// A crash cut these sends short.
    async fn recover(&mut self, engine: &Engine, lane: Lane, mark: Mark) -> Result<(), StoreError> {
        let places: Vec<_> = mark.sending.iter().flat_map(|send| send.places.clone()).collect();
        if places.is_empty() {
            return Ok(());
        }
        let (db, seal) = (&engine.db, &engine.seal);
        let rows = outbox::unfinished(db, seal, self.account, lane, &places).await?;
        let mut rows: BTreeMap<_, _> = rows.into_iter().map(|row| (row.place, row)).collect();
        let (mut drafts, mut dropped) = (Vec::new(), Vec::new());
        for mut send in mark.sending {
            let mut carried: Vec<_> =
                send.places.iter().filter_map(|place| rows.remove(place)).collect();
            if carried.is_empty() {
                continue; // written down as finished before the crash
            }
            for row in &mut carried {
                self.add_file(engine, row).await?;
            }
            self.open.extend(carried.iter().map(|row| row.place));
            self.late.extend(&send.places); // no mark will tell what became of them
            let repeated = send.id.ends_with(REPEAT);
            let is_receipt = carried.iter().any(|row| row.receipt);
            let load = Load::of(carried);
            if self.able.client_key || self.is_open_answer(engine, &load).await? {
                drafts.push(self.again(send, load));
            } else if is_receipt && !repeated {
                send.id.push_str(REPEAT);
                send.text = compose::repeat(&engine.words, &send.text, &load);
                drafts.push(self.again(send, load));
            } else {
                dropped.push(send);
            }
        }
        EngineStats::add(&engine.stats.unsent, dropped.len());
        let lost = |send| {
            let (state, given_up) = ("unknown", Vec::new());
            SendOutcome { send, state, message_id: None, tries: 1, given_up }
        };
        self.note(&[], &dropped.iter().map(lost).collect::<Vec<_>>());
        self.deliver(engine, drafts).await?;
        self.write_down(engine, &[]).await
    }

    /// What may have been sent is sent again as a whole; what it takes is made up for afterwards.
    fn again(&self, send: Send, load: Load) -> Draft {
        let whole = compose::outgoing(&send, &load, &self.able, self.file_of(&send));
        let parts = parts::of(whole, &self.able);
        if let Some(row) = load.rows().next() {
            self.pace.lock().take(compose::target(row), parts.len(), Instant::now());
        }
        Draft { send, load, parts, is_last: true }
    }

    /// Send what the pace allows; returns how many messages went out.
    async fn send_ready(&mut self, engine: &Engine) -> Result<usize, StoreError> {
        let now = engine.clock.now();
        let stale = now - STALE;
        for message in self.held.release(now, self.able.private) {
            self.wait(message, Instant::now());
        }
        self.true_up().await;
        let drafts = self.drafts(&engine.words, Instant::now(), stale);
        let sent = self.deliver(engine, drafts).await?;
        self.change_posts(engine).await;
        Ok(sent)
    }

    /// What goes now: where somebody waits comes first, so that an account's own limit is not spent on notices
    /// before. Where nothing could be said for a while, and what is older than `stale`, as after an outage, is
    /// said in sum.
    fn drafts(&mut self, words: &Words, now: Instant, stale: Timestamp) -> Vec<Draft> {
        let mut drafts = Vec::new();
        let mut pace = self.pace.lock();
        let mut queues: Vec<_> = self.waiting.iter_mut().collect();
        queues.sort_by_key(|(_, queue)| queue.rank(now));
        for (chat, queue) in queues {
            let waited = self.awaiting.get(chat).copied();
            if waited.is_some_and(|before| queue.len() <= before)
                && !Self::may_try(&self.platform, queue)
            {
                continue;
            }
            self.awaiting.remove(chat);
            let fits = |load: &Load| parts::fits(&compose::text(words, load), &self.able);
            // A chat with tokens is answered message by message; its last token takes all that waits.
            let mut left = pace.available(&queue.target, now);
            while left > 0 {
                let is_late = self.able.rate_per_chat.is_some() && queue.is_older_than(stale);
                let in_sum = left == 1 || is_late || waited.is_some();
                let Some(load) = queue.next(in_sum, fits) else { break };
                let send = compose::draft(words, self.account, &load);
                let file = send.places.first().and_then(|place| self.files.get(place));
                let whole = compose::outgoing(&send, &load, &self.able, file);
                let mut parts = self.begun.rest(&send.places, parts::of(whole, &self.able));
                let is_last = parts.len() <= left;
                parts.truncate(left);
                pace.take(&queue.target, parts.len(), now);
                left -= parts.len();
                self.count -= send.places.len();
                queue.since = now;
                drafts.push(Draft { send, load, parts, is_last });
            }
        }
        self.waiting.retain(|_, queue| !queue.is_empty());
        pace.forget_idle(now);
        drafts
    }

    async fn deliver(
        &mut self,
        engine: &Engine,
        mut drafts: Vec<Draft>,
    ) -> Result<usize, StoreError> {
        if drafts.is_empty() {
            return Ok(0);
        }
        self.address(engine, &mut drafts).await?;
        let sends: Vec<_> = drafts.iter().map(|draft| draft.send.clone()).collect();
        self.write_down(engine, &sends).await?;
        let results = self.call(&drafts).await;
        let mut outcomes = Vec::with_capacity(sends.len());
        for ((send, draft), result) in sends.iter().zip(drafts).zip(results) {
            if let Err(SendError::Closed { reason }) = &result {
                self.close_chat(engine, &draft.load, reason).await?;
            }
            outcomes.push(self.conclude(send, draft, &result));
        }
        let sent = outcomes.iter().filter(|it| it.state == "sent").count();
        let failed = outcomes.iter().filter(|it| matches!(it.state, "dead" | "unknown")).count();
        EngineStats::add(&engine.stats.sent, sent);
        EngineStats::add(&engine.stats.unsent, failed);
        let lanes: Vec<_> =
            sends.iter().flat_map(|send| &send.places).map(|it| it.event.lane).collect();
        self.note(&lanes, &outcomes);
        self.tell_awaiting(engine);
        self.tell_unsaid(engine).await;
        Ok(sent)
    }

    /// Call the platform; one result for each send, whatever the number of its parts.
    async fn call(&mut self, drafts: &[Draft]) -> Vec<Result<Option<String>, SendError>> {
        let outgoing: Vec<_> = drafts.iter().flat_map(|draft| draft.parts.clone()).collect();
        let mut results = self.platform.send(&outgoing).await.into_iter();
        let fold = |draft: &Draft| {
            let tried = results.by_ref().take(draft.parts.len());
            self.begun.fold(&draft.send.places, draft.is_last, tried)
        };
        drafts.iter().map(fold).collect()
    }

    /// Change posts that are not true any more, as far as the pace allows.
    async fn change_posts(&mut self, engine: &Engine) {
        let mut later = Vec::new();
        for (target, post) in std::mem::take(&mut self.edits) {
            let now = Instant::now();
            let may_speak = {
                let mut pace = self.pace.lock();
                let may_speak = pace.available(&target, now) > 0;
                if may_speak {
                    pace.take(&target, 1, now);
                }
                may_speak
            };
            if !may_speak {
                later.push((target, post));
                continue;
            }
            // A post that was sent just now is found by its id once that is written down.
            if let Err(error) = self.write_down(engine, &[]).await {
                tracing::warn!(%error, "a post was not changed");
                continue;
            }
            amend::one(engine, self.account, &*self.platform, &post).await;
        }
        self.edits = later;
    }
}

impl<P> Sender<P> {
    /// Whether nothing waits but what has a time of its own.
    fn is_idle(&self) -> bool {
        self.open.len() == self.held.len() && self.waiting.is_empty() && self.edits.is_empty()
    }

    /// How far a lane is read: a mark never goes back, though a new sender looks back for what waits.
    fn far(&self, lane: Lane) -> LaneSpot {
        in_lane(&self.read, lane).max(in_lane(&self.sent, lane))
    }
}

fn in_lane(spots: &BTreeMap<Lane, LaneSpot>, lane: Lane) -> LaneSpot {
    spots.get(&lane).copied().unwrap_or_default()
}

/// A message's place within its lane.
fn spot(place: MessagePlace) -> LaneSpot {
    (place.event.seq, place.ordinal)
}
