//! `tuan migrate`: bring a database up to date, as its owner.

use std::io::Write;

use anyhow::Context;

use crate::store::pool;

use super::Data;
use super::database::{Database, Tenancy};

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
        let database = Database::choose_as_owner(data, Tenancy::Join).await?;
        pool::migrate(&database.owner, self.lanes).await?;
        writeln!(std::io::stdout(), "the database is up to date")?;
        if database.is_split {
            pool::check(&database.app)
                .await
                .context("the shop cannot work as DATABASE_URL says")?;
        }
        Ok(())
    }
}
