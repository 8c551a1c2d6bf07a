//! What became of each send: written down, tried again, said in another way, or given up.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::Instant;

use super::queue::Load;
use super::{
    Draft, EDITS_MAX, Engine, PAUSE_MAX, Platform, Sender, TRIES_MAX, amend, compose, in_lane,
};
use crate::domain::ids::Lane;
use crate::domain::reply::Degrade;
use crate::engine::answers::is_sparable;
use crate::platform::SendError;
use crate::store::outbox::{self, LaneTurn, MessageLabel, MessagePlace, Send};
use crate::store::{StoreError, reference};

/// What became of a send.
pub(super) struct SendOutcome<'a> {
    pub(super) send: &'a Send,
    /// `sent`, `waiting` (to be tried again), `unknown` or `dead`.
    pub(super) state: &'static str,
    /// The platform's id of the message.
    pub(super) message_id: Option<String>,
    pub(super) tries: i16,
    /// Those of its messages that are not tried again, whatever becomes of the others.
    pub(super) given_up: Vec<MessagePlace>,
}

impl<P: Platform> Sender<P> {
    /// What becomes of a send and of its rows: those that are to be tried again wait again.
    pub(super) fn conclude<'s>(
        &mut self,
        send: &'s Send,
        draft: Draft,
        result: &Result<Option<String>, SendError>,
    ) -> SendOutcome<'s> {
        let is_begun = result.is_ok() && !draft.is_last;
        let tries = draft.load.rows().map(|row| row.tries).max().unwrap_or(0);
        if is_begun {
            self.begin(draft.load);
            let (state, given_up) = ("waiting", Vec::new());
            return SendOutcome { send, state, message_id: None, tries, given_up };
        }
        // What waits for a person was not tried in vain.
        let step = i16::from(!self.awaits_person(&draft.load, result));
        let (state, message_id) = self.outcome(&draft.load, result, tries);
        let (posts, mut given_up) = (amend::posts(draft.load.rows()), Vec::new());
        if state == "waiting" {
            given_up = self.wait_again(draft.load, result);
        } else {
            self.settle(&draft.load, state == "sent", Instant::now());
        }
        if self.able.edit {
            self.edits
                .retain(|(_, earlier)| posts.iter().all(|(_, post)| post.event != earlier.event));
            self.edits.extend(posts);
            let beyond = self.edits.len().saturating_sub(EDITS_MAX);
            self.edits.drain(..beyond);
        }
        SendOutcome { send, state, message_id, tries: tries + step, given_up }
    }

    /// The rest of a message waits before all others.
    pub(super) fn begin(&mut self, load: Load) {
        self.count += load.rows().count();
        let first = load.rows().next().cloned();
        if let Some(row) = first {
            self.queue(compose::bucket(&row), &row).begin(load);
        }
    }

    /// Answers count as fresh from now on, or may be asked for again.
    pub(super) fn settle(&mut self, load: &Load, is_sent: bool, now: Instant) {
        for row in load.rows().filter(|row| is_sparable(&row.reply)) {
            let Some((who, _)) = &row.to else { continue };
            self.answers.settle(&compose::bucket(row), who, &row.reply, is_sent, now);
        }
    }

    /// Whether a person has to act before this is sent.
    fn awaits_person(&self, load: &Load, result: &Result<Option<String>, SendError>) -> bool {
        match result {
            Err(SendError::AwaitsPerson { .. }) => true,
            Err(SendError::NeedsFirstContact) => load.rows().any(|row| self.is_shut(row)),
            _ => false,
        }
    }

    /// These wait before all others; returns what cannot be said in another way and is given up.
    pub(super) fn wait_again(
        &mut self,
        load: Load,
        result: &Result<Option<String>, SendError>,
    ) -> Vec<MessagePlace> {
        let places: Vec<_> = load.rows().map(|row| row.place).collect();
        let is_refused = matches!(result, Err(SendError::NeedsFirstContact));
        let awaits_person = self.awaits_person(&load, result);
        if is_refused {
            // In its own form it did not reach them: whoever asks elsewhere is answered there.
            self.settle(&load, false, Instant::now());
        }
        if self.begun.has(&places) && !is_refused {
            self.begin(load.tried());
            return Vec::new();
        }
        let mut given_up = Vec::new();
        for mut row in load.into_rows().into_iter().rev() {
            let can_be_said = match is_refused {
                true if awaits_person => row.reply.delivery().degrade != Degrade::Never,
                true => row.say_before_others(),
                false => true,
            };
            if !can_be_said {
                given_up.push(row.place);
                continue;
            }
            row.tries += i16::from(!awaits_person);
            self.count += 1;
            self.queue(compose::bucket(&row), &row).push_front(row);
        }
        given_up
    }

    /// The platform refuses the whole chat: for the operator to see until something is heard from it.
    pub(super) async fn close_chat(
        &self,
        engine: &Engine,
        load: &Load,
        reason: &str,
    ) -> Result<(), StoreError> {
        let Some(row) = load.rows().next() else { return Ok(()) };
        tracing::error!(
            account.id = self.account.0,
            community.id = row.community.0,
            reason,
            "a chat is closed to the bot: add it to the group again"
        );
        engine.health.close(self.account, &row.chat);
        let at = engine.clock.now();
        reference::close_chat(&engine.db, self.account, &row.chat, at, reason).await
    }

    pub(super) fn outcome(
        &mut self,
        load: &Load,
        result: &Result<Option<String>, SendError>,
        tries: i16,
    ) -> (&'static str, Option<String>) {
        match result {
            Ok(id) => ("sent", id.clone()),
            Err(SendError::Later { after, .. }) if tries < TRIES_MAX => {
                if let Some(row) = load.rows().next() {
                    let (chat, now, mut pace) =
                        (compose::target(row), Instant::now(), self.pace.lock());
                    pace.pause(chat, now + *after);
                    pace.rest(chat, now + rest_after(tries));
                }
                ("waiting", None)
            }
            Err(SendError::AwaitsPerson { reason }) => {
                if let Some(row) = load.rows().next() {
                    tracing::warn!(
                        account.id = self.account.0,
                        community.id = row.community.0,
                        reason,
                        "messages wait for a person"
                    );
                    self.awaiting.insert(compose::bucket(row), 0);
                }
                ("waiting", None)
            }
            Err(SendError::NeedsFirstContact) if load.rows().any(|row| row.private) => {
                if let Some(row) = load.rows().next().filter(|row| self.is_shut(row)) {
                    self.awaiting.insert(compose::bucket(row), 0);
                }
                ("waiting", None)
            }
            Err(SendError::Unknown(_)) if load.rows().any(|row| row.receipt) && tries < 1 => {
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
    pub(super) fn note(&mut self, lanes: &[Lane], outcomes: &[SendOutcome<'_>]) {
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
        let passed = |place: &&MessagePlace| lanes.contains(&place.event.lane);
        let passed: Vec<_> = self.open.difference(&self.late).filter(passed).copied().collect();
        self.said.extend(passed.iter().map(|place| MessageLabel {
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
    pub(super) async fn write_down(
        &mut self,
        engine: &Engine,
        sends: &[Send],
    ) -> Result<(), StoreError> {
        let mut lanes: BTreeMap<Lane, Vec<&Send>> =
            std::mem::take(&mut self.news).into_iter().map(|lane| (lane, Vec::new())).collect();
        for send in sends {
            let lane = send.places.first().map_or(Lane(0), |place| place.event.lane);
            lanes.entry(lane).or_default().push(send);
        }
        if lanes.is_empty() && self.said.is_empty() {
            return Ok(());
        }
        let turn = |(lane, sending)| LaneTurn { lane, sent: in_lane(&self.marks, lane), sending };
        let turns: Vec<_> = lanes.into_iter().map(turn).collect();
        let mut db = engine.warm.take(&engine.db).await?;
        let (account, owner) = (self.account, &*engine.owner);
        outbox::write(&mut *db, &engine.seal, account, owner, &turns, &self.said).await?;
        engine.warm.give(db);
        self.said.clear();
        Ok(())
    }
}

impl SendOutcome<'_> {
    fn state_of(&self, place: MessagePlace) -> &'static str {
        if self.given_up.contains(&place) { "dead" } else { self.state }
    }

    /// What one of the messages that were carried says of itself.
    fn of(&self, place: MessagePlace) -> MessageLabel {
        MessageLabel {
            place,
            state: self.state_of(place),
            send_id: Some(self.send.id.clone()),
            message_id: self.message_id.clone(),
            tries: self.tries,
        }
    }
}

/// How long to leave a chat alone after so many tries, whatever the platform says.
fn rest_after(tries: i16) -> Duration {
    let seconds = 1 << u32::try_from(tries).unwrap_or(0).min(16);
    if tries < 3 { Duration::ZERO } else { Duration::from_secs(seconds).min(PAUSE_MAX) }
}
