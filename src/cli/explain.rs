//! `tuan explain order|member`: the story of an order or a member in order of time, for whoever asks why.
//!
//! Reads the books and decides nothing. The data key is optional: without it what is sealed is shown as
//! `(sealed)`.

mod order;
mod person;
mod tell;

use anyhow::Context;
use clap::Subcommand;
use sqlx::PgPool;

use crate::domain::ids::OrderId;
use crate::store::Seal;
use crate::store::reports::story::StoryPlace;
use crate::store::reports::story::StorySubject;

use super::Data;
use super::database::Database;

/// Tell a story.
#[derive(Debug, clap::Args)]
pub struct ExplainArgs {
    #[command(subcommand)]
    what: ExplainAction,
    #[command(flatten)]
    data: Data,
}

/// Whose story.
#[derive(Debug, Subcommand)]
enum ExplainAction {
    /// An order: lines, payments, commission, refunds, and what was said
    Order {
        /// Slug of the community
        community: String,
        /// Its number, with or without #
        number: String,
    },
    /// A member: who brought them, balances and where they came from
    Member {
        /// Slug of the community
        community: String,
        /// Name, invite code, or #number
        name: String,
    },
    /// What operators ordered, and had tried again: who, when, and what came of it
    Commands {
        /// Slug of the community
        community: String,
    },
}

/// What a story is told with.
struct Teller {
    db: PgPool,
    seal: Option<Seal>,
    place: StoryPlace,
    zone: chrono_tz::Tz,
    currency: String,
}

impl ExplainArgs {
    /// Run it; `false` when there is no such order or member.
    ///
    /// # Errors
    /// With a message for the person who typed the command.
    pub async fn run(self) -> anyhow::Result<bool> {
        super::telemetry::start("warn,sqlx=error");
        let data = self.data.data.as_deref();
        let (_database, db, seal) = Database::visit(data).await?;
        let (ExplainAction::Order { community, .. }
        | ExplainAction::Member { community, .. }
        | ExplainAction::Commands { community }) = &self.what;
        let teller = Teller::of(db.clone(), seal, community).await?;
        let out = &mut std::io::stdout().lock();
        let told = match &self.what {
            ExplainAction::Order { number, .. } => {
                let number: i64 = number.trim_start_matches('#').parse().map_err(|_| {
                    super::Usage(format!("{number:?} is not the number of an order"))
                })?;
                order::explain(&teller, OrderId(number), out).await
            }
            ExplainAction::Member { name, .. } => person::explain(&teller, name, out).await,
            ExplainAction::Commands { .. } => {
                teller.tell(StorySubject::Commands, out).await.map(|()| true)
            }
        };
        db.close().await;
        told
    }
}

impl Teller {
    async fn of(db: PgPool, seal: Option<Seal>, slug: &str) -> anyhow::Result<Self> {
        let place = super::database::community(&db, slug).await?;
        let (zone, currency): (String, String) = sqlx::query_as(
            "select time_zone, currency from community where lane = $1 and community_id = $2",
        )
        .bind(place.lane.0)
        .bind(place.id.0)
        .fetch_one(&db)
        .await?;
        let zone = zone.parse().ok().context("the community's time zone is unknown")?;
        Ok(Self { db, seal, place, zone, currency })
    }

    async fn tell(&self, about: StorySubject, out: &mut impl std::io::Write) -> anyhow::Result<()> {
        let chapters =
            crate::store::reports::story::tell(&self.db, self.seal.as_ref(), self.place, about)
                .await?;
        let names =
            crate::store::reports::story::names(&self.db, self.place, tell::people(&chapters))
                .await?;
        let telling = tell::Telling { zone: self.zone, names, sealed: self.seal.is_none() };
        telling.write(&chapters, out)?;
        Ok(())
    }
}
