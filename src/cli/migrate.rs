//! `tuan migrate`: bring a database up to date, as its owner.

use std::io::Write;

use anyhow::Context;
use sqlx::PgPool;

use crate::store::{data_key, pool};

use super::database::{Database, Tenancy};
use super::{Data, keys};

/// Bring a database up to date.
#[derive(Debug, clap::Args)]
pub struct Migrate {
    #[command(flatten)]
    data: Data,
    /// Lanes of a new database; an old one keeps its own
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(i16).range(1..=64))]
    lanes: i16,
}

impl Migrate {
    /// Run it.
    ///
    /// # Errors
    /// Whatever the server says; nothing is half done.
    pub async fn run(self) -> anyhow::Result<()> {
        super::telemetry::start("warn");
        let data = self.data.data.as_deref();
        let seal = keys::given(data)?;
        let database = Database::choose_as_owner(data, Tenancy::Join).await?;
        pool::migrate(&database.owner, self.lanes).await?;
        writeln!(std::io::stdout(), "the database is up to date")?;
        if database.is_split {
            pool::check(&database.app)
                .await
                .context("the shop cannot work as DATABASE_URL says")?;
        }
        if let Some(seal) = seal {
            // An owner need not be able to become the application.
            let is_owner_alone = database.embedded.is_none() && !database.is_split;
            let db = if is_owner_alone {
                PgPool::connect_with(database.owner.clone()).await?
            } else {
                database.connect().await?
            };
            data_key::admit(&db, &seal).await?;
            db.close().await;
        }
        Ok(())
    }
}
