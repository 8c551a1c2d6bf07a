//! Reception: takes what an adapter heard, finds the community of its chat, turns platform words into
//! causes, and hands them to the intake. The adapter is told once a cause is committed, never before.
//!
//! From chats that are linked to nothing, nothing is stored: the bot greets there and takes link codes.
//! Nothing here decides about goods or money.

mod alone;
mod away;
pub mod code;
mod gap;
mod invitation;
mod leaves;
mod linking;
mod onboarding;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::time::{Instant, MissedTickBehavior};

use crate::domain::event::{Body, Contact, Evidence};
use crate::domain::groups;
use crate::domain::ids::AccountId;
use crate::domain::money::Currency;
use crate::domain::policy::{Locale, Policy};
use crate::domain::reply::Reply;
use crate::domain::time::Timestamp;
use crate::platform::heard::{HeardItem, Inviter};
use crate::platform::{Answering, Heard, HeardKind, Outgoing, Platform};
use crate::render::Addressing;
use crate::store::reference::{self, KnownChat};
use crate::store::{StoreError, inbox};

use super::answers::{AnswerVerdict, Answers};
use super::intake::Cause;
use super::rate_limit;
use super::sender::buttons;
use super::timers;
use super::{Engine, EngineStats};

/// Ask the database until it answers; `None` when the engine stops first.
macro_rules! patiently {
    ($reception:expr, $ask:expr) => {
        loop {
            match $ask.await {
                Ok(answer) => break Some(answer),
                Err(error) if $reception.may_ask_again(&error).await => {}
                Err(_) => break None,
            }
        }
    };
}
use patiently;

/// Chats whose community is remembered; more are looked up again.
const CHATS_MAX: usize = 10_000;

/// Words said outside of any community that may be on their way at once; more are not said.
const SPEAKING_MAX: usize = 16;

/// The most answers in a minute to one person who is alone with the bot and no member.
const ANSWERS: u32 = 3;

/// The most answers in a minute in a group that is not linked yet: whoever links it may take several tries.
const GROUP_ANSWERS: u32 = 10;

/// How long words outside of any community wait for their turn before they are not said …
const TURN_WITHIN: Duration = Duration::from_secs(30);

/// … and how often it is looked whether it has come.
const TURN_LOOK: Duration = Duration::from_millis(250);

/// What onboarding says is apart from the answers of a community, of which there are never so many.
const ONBOARDING: u32 = 450;

/// How long to wait before asking the database again.
const AWAY_PAUSE: Duration = Duration::from_millis(300);

/// How long linking and moving wait for their lane, so that the next message finds the new state.
const HANDLED_WITHIN: Duration = Duration::from_secs(10);

/// Take what `platform` hears, for as long as the engine runs.
pub async fn run<P: Platform + Clone>(
    engine: Arc<Engine>,
    account: AccountId,
    platform: P,
    mut heard: mpsc::Receiver<Heard>,
) {
    let mut reception = Reception {
        engine: Arc::clone(&engine),
        account,
        platform,
        chats: HashMap::new(),
        alone: alone::Choices::default(),
        leaves: leaves::Leaves::default(),
        was_ready: false,
        away_since: None,
        speaking: Arc::new(Semaphore::new(SPEAKING_MAX)),
        answers: Arc::new(Mutex::new(Answers::new(ANSWERS))),
        group_answers: Arc::new(Mutex::new(Answers::new(GROUP_ANSWERS))),
    };
    let lag = reception.platform.capabilities().lag;
    if let Err(error) = reference::put_lag(&engine.db, account, lag).await {
        tracing::warn!(%error, "offers may close before all that was said in time is heard");
    }
    let mut noting = tokio::time::interval(away::NOTE_EVERY);
    noting.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let next = tokio::select! {
            next = heard.recv() => next,
            () = reception.leaves.wait() => {
                reception.look_after_leaves().await;
                continue;
            }
            _ = noting.tick() => {
                reception.note_listening().await;
                continue;
            }
            () = engine.stop.cancelled() => None,
        };
        let Some(heard) = next else { break };
        reception.take(heard).await;
    }
    reception.note_end().await;
}

struct Reception<P> {
    engine: Arc<Engine>,
    account: AccountId,
    platform: P,
    /// Communities of chats, as far as known. What is linked to nothing is asked for every time.
    chats: HashMap<String, KnownChat>,
    alone: alone::Choices,
    leaves: leaves::Leaves,
    /// Whether the account was connected before, in this process.
    was_ready: bool,
    /// Since when the account was away that is back, if it was for long, until that is made up for.
    away_since: Option<Timestamp>,
    speaking: Arc<Semaphore>,
    /// What strangers were told lately.
    answers: Arc<Mutex<Answers>>,
    group_answers: Arc<Mutex<Answers>>,
}

/// What identifies an item that is to be stored.
struct InboxSlip {
    chat: String,
    key: String,
    at: Option<Timestamp>,
    stored: oneshot::Sender<()>,
}

impl InboxSlip {
    /// It needs no storing.
    fn done(self) {
        let _ = self.stored.send(()); // the adapter may be gone
    }
}

impl<P: Platform + Clone> Reception<P> {
    async fn take(&mut self, heard: Heard) {
        let Heard { item: HeardItem { chat, key, at, what }, stored } = heard;
        let slip = InboxSlip { chat, key, at, stored };
        match &what {
            HeardKind::Ready { .. } if self.comes_back().await.is_none() => return,
            HeardKind::Away { .. } => self.note_end().await,
            _ => {}
        }
        self.note(&slip, &what).await;
        if let HeardKind::Ready { name } = &what {
            self.remember_name(name).await;
        }
        match what {
            HeardKind::Message { from, message, private }
                if code::offered(&message.marked()).is_some() =>
            {
                let code = code::offered(&message.marked()).unwrap_or_default();
                self.link(slip, from, code, private).await;
            }
            HeardKind::Message { from: Some(from), message, private: true } => {
                self.hear_alone(slip, from, message).await;
            }
            HeardKind::Action { from, data, private: true } => {
                self.act_alone(slip, from, &data).await;
            }
            HeardKind::Started { from, payload } => self.start(slip, from, &payload).await,
            HeardKind::BotAdded { obstacles, .. } => self.added(slip, &obstacles).await,
            HeardKind::BotRemoved => self.removed(slip).await,
            HeardKind::Migrated { to } => self.migrate(slip, to).await,
            HeardKind::Gap => self.reconcile(slip).await,
            HeardKind::AsksToJoin { member, by } => self.asks_to_join(slip, &member, by).await,
            HeardKind::Renamed { .. }
            | HeardKind::LoginRequired { .. }
            | HeardKind::Ready { .. }
            | HeardKind::Away { .. } => slip.done(),
            other => self.pass_on(slip, other).await,
        }
    }

    /// What the bot is called: leaders hear of members who call themselves so.
    async fn remember_name(&self, name: &str) {
        let put = reference::put_bot_name(&self.engine.db, self.account, name).await;
        if let Err(error) = put {
            tracing::warn!(%error, "the bot's own name was not kept");
        }
    }

    /// How the account is, and that the chat is alive.
    async fn note(&mut self, slip: &InboxSlip, what: &HeardKind) {
        if let Some(turn) = slip.at.and_then(|at| self.engine.clock.bear(at)) {
            timers::announce(&turn);
        }
        let now = self.engine.clock.now();
        self.engine.health.change(self.account, |health| match what {
            HeardKind::Ready { name } => {
                let name = Some(name.clone());
                *health = super::health::AccountHealth {
                    ready: true,
                    since: Some(now),
                    name,
                    awaiting: health.awaiting,
                    ..Default::default()
                };
            }
            HeardKind::Away { reason } => {
                health.since = if health.ready { Some(now) } else { health.since.or(Some(now)) };
                (health.ready, health.reason) = (false, Some(reason.clone()));
            }
            HeardKind::LoginRequired { qr } => {
                (health.ready, health.qr) = (false, Some(qr.clone()));
            }
            _ => health.heard_at = Some(now),
        });
        if !matches!(what, HeardKind::BotRemoved)
            && self.engine.health.revive(self.account, &slip.chat)
        {
            let opened = reference::open_chat(&self.engine.db, self.account, &slip.chat).await;
            if let Err(error) = opened {
                tracing::warn!(%error, "a revived chat was not marked");
            }
        }
    }

    /// What concerns a community and nothing else.
    async fn pass_on(&mut self, slip: InboxSlip, what: HeardKind) {
        let of_whole = matches!(what, HeardKind::Joined { .. } | HeardKind::Left { .. });
        let place = match self.place(&slip.chat).await {
            Some(None) if of_whole => {
                let db = &self.engine.db;
                patiently!(self, reference::chat_or_part(db, self.account, &slip.chat))
            }
            place => place,
        };
        let Some(place) = place else { return };
        let what = match (&place, what) {
            (Some(place), HeardKind::Left { member }) => {
                if self.is_flight(&slip.chat, &member, place).await {
                    return self.doubt(slip, place).await;
                }
                HeardKind::Left { member }
            }
            (Some(place), HeardKind::Joined { members, by }) => {
                let Some(by) = self.inviter(&slip.chat, place, &members, by).await else {
                    return;
                };
                HeardKind::Joined { members, by }
            }
            (_, what) => what,
        };
        match (place, body(what)) {
            (Some(place), Some(body)) => self.store(slip, place, body).await,
            _ => slip.done(), // linked to nothing, or nobody's
        }
    }

    async fn store(&self, slip: InboxSlip, place: KnownChat, body: Body) {
        let InboxSlip { key, at, stored, .. } = slip;
        let community = place.community;
        let cause = Cause { account: self.account, community, key, sent_at: at, body };
        // When the shop closes first, the adapter is not told, and the platform sends it again.
        let _ = self.engine.intake.hand_over(cause, stored).await;
    }

    /// The community of a chat. `None`: the engine stopped before that was known.
    async fn place(&mut self, chat: &str) -> Option<Option<KnownChat>> {
        if let Some(place) = self.chats.get(chat) {
            return Some(Some(place.clone()));
        }
        let db = &self.engine.db;
        let place = patiently!(self, reference::chat(db, self.account, chat))?;
        if let Some(place) = &place {
            if self.chats.len() >= CHATS_MAX {
                self.chats.clear();
            }
            if place.closed {
                self.engine.health.close(self.account, chat);
            }
            self.chats.insert(chat.to_owned(), place.clone());
        }
        Some(place)
    }

    /// The database did not answer: wait a little before asking again; `false` when the engine stops.
    async fn may_ask_again(&self, error: &StoreError) -> bool {
        tracing::warn!(%error, "the database does not answer");
        tokio::select! {
            () = tokio::time::sleep(AWAY_PAUSE) => true,
            () = self.engine.stop.cancelled() => false,
        }
    }

    /// Store an event of the shop itself and wait until it was handled, so that the next message finds
    /// its community as it is then. `false` when the engine stops first.
    async fn settle(&mut self, place: &KnownChat, key: String, body: Body) -> bool {
        let (community, account) = (place.community, AccountId::SYSTEM);
        let cause = Cause { account, community, key: key.clone(), sent_at: None, body };
        if self.engine.intake.store(cause).await.is_err() {
            return false;
        }
        let until = Instant::now() + HANDLED_WITHIN;
        while Instant::now() < until && !self.engine.stop.is_cancelled() {
            let handled = inbox::is_handled(&self.engine.db, place.lane, &key).await;
            if matches!(handled, Ok(Some(true))) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        self.chats.clear();
        true
    }

    /// Say something outside of any community; once, and nothing depends on it. It waits for its turn behind
    /// whatever the shop has to say, and who asks too often is spared the answer.
    fn speak(&self, to: Outgoing, reply: &Reply, policy: &Policy, locale: Locale) {
        let chat = rate_limit::whole(&to.chat).to_owned();
        let answers = if to.private { &self.answers } else { &self.group_answers };
        let verdict = locked(answers).ask(&chat, &chat, reply, Instant::now());
        let said = match verdict {
            AnswerVerdict::Say => reply,
            AnswerVerdict::Wait => &Reply::Groups(groups::Reply::JustAMoment),
            AnswerVerdict::Spare => return EngineStats::add(&self.engine.stats.spared, 1),
        };
        let first = policy.communities.first();
        let voice = Addressing {
            locale,
            time_zone: first.map_or(chrono_tz::UTC, |it| it.time_zone),
            currency: first.map_or(Currency::CNY, |it| it.currency),
            to: None,
            now: self.engine.clock.now(),
        };
        let (key, age) = (to.id.clone(), Duration::ZERO);
        let answering = Some(Answering { key, age, nth: ONBOARDING });
        let text = self.engine.words.say(said, &voice);
        let message = Outgoing { text, answers: answering, ..to };
        let Ok(permit) = Arc::clone(&self.speaking).try_acquire_owned() else {
            return locked(answers).settle(&chat, &chat, reply, false, Instant::now());
        };
        let (platform, account, reply) = (self.platform.clone(), self.account, reply.clone());
        let (answers, engine) = (Arc::clone(answers), Arc::clone(&self.engine));
        self.engine.spawn(async move {
            let is_sent = may_speak(&engine, account, &platform, &chat).await
                && match platform.send(std::slice::from_ref(&message)).await.pop() {
                    Some(Err(error)) => {
                        tracing::warn!(account.id = account.0, %error, "words of onboarding were not said");
                        false
                    }
                    sent => sent.is_some(),
                };
            locked(&answers).settle( &chat, &chat, &reply, is_sent, Instant::now());
            drop(permit);
        });
    }

    /// The policy in force; `None` when the engine stops first.
    async fn policy(&self) -> Option<Policy> {
        Some(patiently!(self, reference::newest_policy(&self.engine.db))??.1)
    }
}

/// Wait for a token that the shop does not need; `false` when none comes.
async fn may_speak<P: Platform>(
    engine: &Engine,
    account: AccountId,
    platform: &P,
    chat: &str,
) -> bool {
    let pace = engine.paces.of(account, &platform.capabilities());
    let until = Instant::now() + TURN_WITHIN;
    while !pace.lock().take_spare(chat, Instant::now()) {
        if Instant::now() >= until || engine.stop.is_cancelled() {
            return false;
        }
        tokio::time::sleep(TURN_LOOK).await;
    }
    true
}

/// Plain values: whoever panicked while holding them left them whole.
fn locked(answers: &Mutex<Answers>) -> std::sync::MutexGuard<'_, Answers> {
    answers.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What concerns a community, in the shop's words; `None` for what concerns nobody.
fn body(what: HeardKind) -> Option<Body> {
    Some(match what {
        HeardKind::Message { from, message, private } => {
            Body::Said { from: from?, message, private }
        }
        HeardKind::Action { from, data, private } => {
            let (text, about) = buttons::read(&data)?;
            Body::Tapped { from, text, about, private }
        }
        HeardKind::Chain { from, title, lines } => Body::Chain { from, title, lines },
        HeardKind::Recalled { from, key } => Body::Recalled { from, key },
        HeardKind::Joined { members, by } => joined(members, by),
        HeardKind::Left { member } => Body::Left { member },
        _ => return None,
    })
}

fn joined(members: Vec<Contact>, by: Inviter) -> Body {
    match by {
        Inviter::Named(inviter) => {
            Body::Joined { members, inviter: Some(inviter), evidence: Evidence::JoinEvent }
        }
        Inviter::Link(code) => Body::JoinedByLink { members, code },
        Inviter::Unknown => Body::Joined { members, inviter: None, evidence: Evidence::JoinEvent },
    }
}
