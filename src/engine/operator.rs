//! The operator's service: a command is rehearsed, submitted the same way as everything else (through the
//! inbox), and waited for. Command line, console and API are faces of it.
//!
//! Where no process works on the community's lane, this one does so until the command is handled. What is to
//! be said then waits in the outbox for the shop.

use std::sync::Arc;
use std::time::Duration;

use crate::domain::event::{Body, Event};
use crate::domain::ids::{AccountId, EventId, Lane};
use crate::domain::intent::Intent;
use crate::domain::name::shown_name;
use crate::domain::operate::{OperatorIntent, Outcome};
use crate::store::operator::{self, CommandStatus};
use crate::store::parked::{self, Retry};
use crate::store::reference::Linked;
use crate::store::seal::random_hex;
use crate::store::{StoreError, lanes};

use super::intake::{Cause, NotStored};
use super::{Engine, batch, lane};

/// How long a command may take to be handled.
const PATIENCE: Duration = Duration::from_mins(1);

/// How often to look whether it was.
const LOOK: Duration = Duration::from_millis(50);

/// A file that was refused may be tried so often.
const ATTEMPTS_MAX: u32 = 1_000;

/// The service, for one operator. Cheap to make.
#[derive(Clone, Debug)]
pub struct OperatorService {
    engine: Arc<Engine>,
    operator: String,
}

/// A command that is in the inbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submitted {
    lane: Lane,
    key: String,
}

/// Why nothing is known to have come of a command.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The database does not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The command was not stored, so it will not be carried out.
    #[error(transparent)]
    NotStored(#[from] NotStored),
    /// The event failed and waits for somebody to look at it.
    #[error("the command was set aside as {}/{}: {why}", event.lane, event.seq)]
    SetAside {
        /// Its place.
        event: EventId,
        /// What failed.
        why: String,
    },
    /// It is in the inbox, and will be carried out.
    #[error("the command is stored, and not handled yet: see whether the shop is running")]
    NotHandled,
    /// It was handled without an outcome.
    #[error("the command came to nothing")]
    NoOutcome,
    /// The same file was refused again and again.
    #[error("this file was refused {ATTEMPTS_MAX} times")]
    RefusedTooOften,
}

impl OperatorService {
    /// The service for the operator of this name, which is kept beside what they order. A name that cannot be
    /// shown is replaced by that of the door they came through.
    #[must_use]
    pub fn new(engine: Arc<Engine>, operator: &str, door: &str) -> Self {
        Self { engine, operator: shown_name(operator, door) }
    }

    /// What a command would come to; nothing happens.
    ///
    /// # Errors
    /// [`CommandError`].
    pub async fn rehearse(
        &self,
        linked: &Linked,
        intent: OperatorIntent,
    ) -> Result<Outcome, CommandError> {
        let event = Event {
            id: EventId { lane: linked.lane, seq: 0 },
            community: linked.community,
            account: AccountId::SYSTEM,
            key: "rehearsal".to_owned(),
            at: self.engine.clock.now(),
            body: self.ordered(intent),
        };
        let decisions = batch::rehearse(&self.engine, &event).await?;
        let outcome = decisions.into_iter().find_map(|decision| decision.outcome);
        outcome.ok_or(CommandError::NoOutcome)
    }

    /// Store a command, to be carried out once in its turn.
    ///
    /// # Errors
    /// [`CommandError`].
    pub async fn submit(
        &self,
        linked: &Linked,
        intent: OperatorIntent,
    ) -> Result<Submitted, CommandError> {
        let key = format!("operator:{}", random_hex(12));
        self.store(linked, key, self.ordered(intent)).await
    }

    /// Store what a file says. The same file is taken once, however often it is submitted; one that was refused
    /// may be submitted again. Also whether it had been taken before.
    ///
    /// # Errors
    /// [`CommandError`].
    pub async fn submit_file(
        &self,
        linked: &Linked,
        file: &[u8],
        intent: OperatorIntent,
    ) -> Result<(Submitted, bool), CommandError> {
        let fingerprint = hex::encode(ring::digest::digest(&ring::digest::SHA256, file));
        for attempt in 1..=ATTEMPTS_MAX {
            let key = format!("file:{fingerprint}:{}:{attempt}", linked.community);
            let Some(status) = operator::status(&self.engine.db, linked.lane, &key).await? else {
                return Ok((self.store(linked, key, self.ordered(intent)).await?, false));
            };
            let before = Submitted { lane: linked.lane, key };
            let status = if status.is_handled { status } else { self.wait(&before).await? };
            if status.outcome.is_some_and(|outcome| outcome.is_fine()) {
                return Ok((before, true));
            }
        }
        Err(CommandError::RefusedTooOften)
    }

    /// Undo the link of a community to its chat, as soon as a shop runs.
    ///
    /// # Errors
    /// [`CommandError`].
    pub async fn unlink(&self, linked: &Linked) -> Result<Submitted, CommandError> {
        let body = Body::Unlinked { operator: self.operator.clone() };
        self.store(linked, format!("unlink:{}", random_hex(8)), body).await
    }

    /// Have an event tried again that was set aside; `again` once more if it was before.
    ///
    /// # Errors
    /// [`CommandError`].
    pub async fn retry(&self, event: EventId, again: bool) -> Result<Retry, CommandError> {
        let (db, seal) = (&self.engine.db, &self.engine.seal);
        Ok(parked::retry(db, seal, event, &self.operator, again).await?)
    }

    /// Wait until a submitted command is handled; where nobody works on its lane, do.
    ///
    /// # Errors
    /// [`CommandError::NotHandled`] when that takes too long.
    pub async fn wait(&self, submitted: &Submitted) -> Result<CommandStatus, CommandError> {
        let (engine, lane) = (&self.engine, submitted.lane);
        let stop = engine.stop.child_token();
        let _whatever_comes = stop.clone().drop_guard();
        let mut worker = None;
        let end = tokio::time::Instant::now() + PATIENCE;
        let status = loop {
            match operator::status(&engine.db, lane, &submitted.key).await? {
                Some(status) if status.is_handled => break Ok(status),
                _ if tokio::time::Instant::now() >= end => break Err(CommandError::NotHandled),
                _ => {}
            }
            // Where this process shares the lanes with others, the task of leases sees to it.
            if worker.is_none()
                && !engine.is_started()
                && let Some(held) = lanes::take_free(&engine.db, &engine.owner, lane).await?
            {
                let work = lane::work(Arc::clone(engine), held, stop.clone());
                worker = Some(engine.tasks.spawn(work));
            }
            tokio::time::sleep(LOOK).await;
        };
        stop.cancel();
        if let Some(worker) = worker {
            if let Err(error) = worker.await {
                tracing::error!(%error, "the worker of a lane failed");
            }
            lanes::release(&engine.db, &engine.owner, &[lane]).await?;
        }
        status
    }

    /// Wait for a submitted command, and say what came of it.
    ///
    /// # Errors
    /// [`CommandError`].
    pub async fn outcome(&self, submitted: &Submitted) -> Result<Outcome, CommandError> {
        let status = self.wait(submitted).await?;
        if let Some(why) = status.parked {
            let event = EventId { lane: submitted.lane, seq: status.seq };
            return Err(CommandError::SetAside { event, why });
        }
        status.outcome.ok_or(CommandError::NoOutcome)
    }

    async fn store(
        &self,
        linked: &Linked,
        key: String,
        body: Body,
    ) -> Result<Submitted, CommandError> {
        let (account, community) = (AccountId::SYSTEM, linked.community);
        let cause = Cause { account, community, key: key.clone(), sent_at: None, body };
        self.engine.intake.store(cause).await?;
        Ok(Submitted { lane: linked.lane, key })
    }

    fn ordered(&self, intent: OperatorIntent) -> Body {
        Body::Ordered { operator: self.operator.clone(), intent: Intent::Operate(intent) }
    }
}
