//! The operator's desk on the command line: looks things up, rehearses a command, and sends it the same
//! way as everything else, through the inbox.
//!
//! Where no process works on the community's lane, this one does so until the command is handled. What is to
//! be said then waits in the outbox for the shop.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use tokio_util::sync::CancellationToken;

use crate::domain::event::{Body, Event};
use crate::domain::ids::{AccountId, EventId, MemberId};
use crate::domain::intent::Intent;
use crate::domain::operate::{OperatorIntent, Outcome};
use crate::engine::intake::Cause;
use crate::engine::{Clock, Engine, batch, lane};
use crate::store::lanes;
use crate::store::operator::{self, Fate};
use crate::store::people::privacy;
use crate::store::reference::{self, Linked};
use crate::store::seal::random_hex;

use super::database::Database;
use super::{Data, Usage, keys};

/// How long a command may take to be handled.
const PATIENCE: Duration = Duration::from_mins(1);

/// How often to look whether it was.
const LOOK: Duration = Duration::from_millis(50);

/// The most events of one batch, should this process have to handle any.
const BATCH_MAX: usize = 256;

/// A file that was refused may be tried so often.
const ATTEMPTS_MAX: u32 = 1_000;

/// An open desk.
pub(super) struct Office {
    /// The engine, without its tasks.
    pub(super) engine: Arc<Engine>,
    communities: Vec<Linked>,
    database: Database,
}

impl Office {
    /// Open the desk at the database that the environment or `--data` names.
    pub(super) async fn open(data: &Data) -> anyhow::Result<Self> {
        super::telemetry::start("warn");
        let (database, db, seal) = Database::visit(data.data.as_deref()).await?;
        let seal = Arc::new(seal.context(keys::NEEDED)?);
        let clock = operator::demo_clock(&db).await?;
        let clock = clock.map_or_else(Clock::system, Clock::starting_at);
        let communities = reference::communities(&db).await?;
        let engine = Engine::new(db, seal, clock, BATCH_MAX).await?;
        Ok(Self { engine, communities, database })
    }

    /// Close it. An embedded database that this command started stops.
    pub(super) async fn close(self) -> anyhow::Result<()> {
        self.engine.shut_down().await;
        self.engine.db.close().await;
        let embedded = self.database.embedded;
        tokio::task::spawn_blocking(move || drop(embedded)).await?;
        Ok(())
    }

    /// Every community.
    pub(super) fn communities(&self) -> &[Linked] {
        &self.communities
    }

    /// The community of this slug.
    pub(super) fn community(&self, slug: &str) -> anyhow::Result<&Linked> {
        let found = self.communities.iter().find(|linked| linked.slug == slug);
        found.ok_or_else(|| Usage(format!("there is no community {slug:?}")).into())
    }

    /// The one member of this number, name or invite code.
    pub(super) async fn member(&self, linked: &Linked, who: &str) -> anyhow::Result<MemberId> {
        let found = operator::members_called(&self.engine.db, linked, who).await?;
        match &found[..] {
            [(member, _)] => Ok(*member),
            [] => bail!(Usage(format!("nobody in {} is called {who:?}", linked.slug))),
            several => {
                let all: Vec<_> = several.iter().map(|(id, name)| format!("{id} {name}")).collect();
                bail!(Usage(format!("{who:?} may be any of: {}; say the number", all.join(", "))))
            }
        }
    }

    /// What a command would come to; nothing happens.
    pub(super) async fn rehearse(
        &self,
        linked: &Linked,
        intent: OperatorIntent,
    ) -> anyhow::Result<Outcome> {
        let event = Event {
            id: EventId { lane: linked.lane, seq: 0 },
            community: linked.community,
            account: AccountId::SYSTEM,
            key: "rehearsal".to_owned(),
            at: self.engine.clock.now(),
            body: ordered(intent),
        };
        let decisions = batch::rehearse(&self.engine, &event).await?;
        let outcome = decisions.into_iter().find_map(|decision| decision.outcome);
        outcome.context("the command came to nothing")
    }

    /// Order something once, and wait for what comes of it.
    pub(super) async fn order(
        &self,
        linked: &Linked,
        intent: OperatorIntent,
    ) -> anyhow::Result<Outcome> {
        self.send(linked, format!("operator:{}", random_hex(12)), intent).await
    }

    /// Order what a file says. The same file is taken once, however often it is sent; one that was refused
    /// may be sent again. Also whether it had been taken before.
    pub(super) async fn order_file(
        &self,
        linked: &Linked,
        print: &str,
        intent: OperatorIntent,
    ) -> anyhow::Result<(Outcome, bool)> {
        for attempt in 1..=ATTEMPTS_MAX {
            let key = format!("file:{print}:{}:{attempt}", linked.community);
            let Some(fate) = operator::fate(&self.engine.db, linked, &key).await? else {
                return Ok((self.send(linked, key, intent).await?, false));
            };
            let fate = if fate.handled { fate } else { self.handled(linked, &key).await? };
            if let Some(outcome) = fate.outcome.filter(Outcome::is_fine) {
                return Ok((outcome, true));
            }
        }
        bail!("this file was refused {ATTEMPTS_MAX} times")
    }

    async fn send(
        &self,
        linked: &Linked,
        key: String,
        intent: OperatorIntent,
    ) -> anyhow::Result<Outcome> {
        let cause = Cause {
            account: AccountId::SYSTEM,
            community: linked.community,
            key: key.clone(),
            sent_at: None,
            body: ordered(intent),
        };
        self.engine.intake.store(cause).await?;
        let fate = self.handled(linked, &key).await?;
        if let Some(error) = fate.parked {
            bail!("the command was set aside as {}/{}: {error}", linked.lane, fate.seq);
        }
        fate.outcome.context("the command came to nothing")
    }

    /// Wait until a stored command is handled; where nobody works on its lane, do.
    async fn handled(&self, linked: &Linked, key: &str) -> anyhow::Result<Fate> {
        let stop = CancellationToken::new();
        let mut worker = None;
        let end = tokio::time::Instant::now() + PATIENCE;
        let fate = loop {
            match operator::fate(&self.engine.db, linked, key).await? {
                Some(fate) if fate.handled => break Some(fate),
                _ if tokio::time::Instant::now() >= end => break None,
                _ => {}
            }
            if worker.is_none()
                && let Some(held) =
                    lanes::take_free(&self.engine.db, &self.engine.owner, linked.lane).await?
            {
                let engine = Arc::clone(&self.engine);
                worker = Some(tokio::spawn(lane::work(engine, held, stop.clone())));
            }
            tokio::time::sleep(LOOK).await;
        };
        stop.cancel();
        if let Some(worker) = worker {
            worker.await?;
            lanes::release(&self.engine.db, &self.engine.owner, &[linked.lane]).await?;
        }
        fate.context("the command is stored, and not handled yet: see whether the shop is running")
    }

    /// Search stored texts for members who were erased.
    pub(super) async fn forget(&self, linked: &Linked) -> anyhow::Result<()> {
        while privacy::sweep(&self.engine.db, &self.engine.seal, linked.lane).await? >= 20 {}
        Ok(())
    }
}

fn ordered(intent: OperatorIntent) -> Body {
    let operator = std::env::var("USER").ok().filter(|user| !user.is_empty());
    let operator = operator.unwrap_or_else(|| "command line".to_owned());
    Body::Ordered { operator, intent: Intent::Operate(intent) }
}

/// The fingerprint of a file, under which it counts once.
pub(super) fn print_of(bytes: &[u8]) -> String {
    hex::encode(ring::digest::digest(&ring::digest::SHA256, bytes))
}
