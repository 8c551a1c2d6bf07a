//! A command's visit to the shop that `DATABASE_URL` or `--data` names: the operator's service, what is looked
//! up for it, and the way out.

use std::sync::Arc;

use anyhow::{Context, bail};

use crate::domain::ids::MemberId;
use crate::domain::operate::{OperatorIntent, Outcome};
use crate::engine::operator::OperatorService;
use crate::engine::{Clock, Engine};
use crate::store::operator;
use crate::store::people::privacy;
use crate::store::reference::{self, Linked};

use super::database::Database;
use super::{Data, Usage, keys};

/// The most events of one batch, should this process have to handle any.
const BATCH_MAX: usize = 256;

/// What is kept of who ordered it where the system does not say who sits there.
const DOOR: &str = "command line";

/// A visit.
pub(super) struct PageVisit {
    /// The engine, without its tasks.
    pub(super) engine: Arc<Engine>,
    /// What operators order through.
    pub(super) service: OperatorService,
    communities: Vec<Linked>,
    database: Database,
}

impl PageVisit {
    /// Come in. The data key is needed.
    pub(super) async fn open(data: &Data) -> anyhow::Result<Self> {
        super::telemetry::start("warn");
        let (database, db, seal) = Database::visit(data.data.as_deref()).await?;
        let seal = Arc::new(seal.context(keys::NEEDED)?);
        let clock = operator::demo_clock(&db).await?;
        let clock = clock.map_or_else(Clock::system, Clock::starting_at);
        let communities = reference::communities(&db).await?;
        let engine = Engine::new(db, seal, clock, BATCH_MAX).await?;
        let user = std::env::var("USER").unwrap_or_default();
        let service = OperatorService::new(Arc::clone(&engine), &user, DOOR);
        Ok(Self { engine, service, communities, database })
    }

    /// Leave. An embedded database that this command started stops.
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

    /// Order something once, and wait for what comes of it.
    pub(super) async fn order(
        &self,
        linked: &Linked,
        intent: OperatorIntent,
    ) -> anyhow::Result<Outcome> {
        let submitted = self.service.submit(linked, intent).await?;
        Ok(self.service.outcome(&submitted).await?)
    }

    /// Search stored texts for members who were erased.
    pub(super) async fn forget(&self, linked: &Linked) -> anyhow::Result<()> {
        while privacy::sweep(&self.engine.db, &self.engine.seal, linked.lane).await? >= 20 {}
        Ok(())
    }
}
