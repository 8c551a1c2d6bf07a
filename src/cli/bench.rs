//! `tuan bench`: measures this program beside pgbench on the same server. Progress goes to standard
//! error; the last line of standard output is one JSON object, with every parameter in it.

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use clap::{Args, Subcommand};

use crate::bench::orders::OrdersShape;
use crate::bench::{Yard, orders, settle};

use super::database::{Addresses, Database, Tenancy};

/// Measure it.
#[derive(Debug, Args)]
pub struct Bench {
    #[command(subcommand)]
    what: BenchAction,
}

#[derive(Debug, Subcommand)]
enum BenchAction {
    /// Orders in a second: members wait for their orders' commits, and order again
    Orders(OrdersBench),
    /// Commissions in a second when all fall due at once, and how long a message waits meanwhile
    Settle(Settle),
    /// Messages read in a second, on one core
    Understand,
}

/// Where to measure, and beside what.
#[derive(Debug, Args)]
struct BenchPlace {
    /// Folder of an embedded database; `DATABASE_URL` names another server
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Lanes of the bench's database
    #[arg(long, default_value_t = 2)]
    lanes: i16,
    /// The most events of one batch
    #[arg(long, default_value_t = 256)]
    batch_max: usize,
    /// Promoters of each community who brought the buyers
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..))]
    promoters: u32,
    /// Leave out pgbench: no ratios
    #[arg(long)]
    no_pgbench: bool,
    /// Scale of pgbench's tables
    #[arg(long, default_value_t = 50)]
    scale: u32,
}

#[derive(Debug, Args)]
struct OrdersBench {
    /// One community, one offer (the default)
    #[arg(long, conflicts_with_all = ["spread", "alone"])]
    hot: bool,
    /// So many communities
    #[arg(long, value_name = "COMMUNITIES", conflicts_with = "alone")]
    spread: Option<u32>,
    /// One message at a time; compared are latencies
    #[arg(long)]
    alone: bool,
    /// Members who wait at once
    #[arg(long, default_value_t = 256)]
    waiting: usize,
    /// Rounds, each with pgbench beside it
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Length of each
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    #[command(flatten)]
    place: BenchPlace,
}

#[derive(Debug, Args)]
struct Settle {
    /// Commissions that fall due
    #[arg(long, default_value_t = 100_000)]
    commissions: u32,
    /// Communities they are spread over
    #[arg(long, default_value_t = 1_000)]
    communities: u32,
    /// Seconds of pgbench
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    #[command(flatten)]
    place: BenchPlace,
}

impl Bench {
    /// Measure; `false` when what was measured turned out to be wrong.
    ///
    /// # Errors
    /// With a message for the person who typed the command.
    pub async fn run(self) -> anyhow::Result<bool> {
        super::telemetry::start("warn,sqlx=error");
        let report = match &self.what {
            BenchAction::Understand => super::bench_understand::run(),
            BenchAction::Orders(it) => {
                it.place.measure(async |yard| orders::measure(yard, &it.plan()).await).await?
            }
            BenchAction::Settle(it) => {
                it.place.measure(async |yard| settle::measure(yard, &it.plan()).await).await?
            }
        };
        writeln!(std::io::stdout(), "{report}")?;
        Ok(true)
    }
}

impl Settle {
    fn plan(&self) -> settle::SettleRun {
        settle::SettleRun {
            commissions: self.commissions,
            communities: self.communities,
            seconds: self.seconds,
        }
    }
}

impl OrdersBench {
    fn plan(&self) -> orders::OrdersRun {
        let shape = match self.spread {
            Some(communities) => OrdersShape::Spread(communities.max(1)),
            None if self.alone => OrdersShape::Alone,
            None => OrdersShape::Hot,
        };
        let waiting = if self.alone { 1 } else { self.waiting.max(1) };
        orders::OrdersRun {
            shape,
            waiting,
            rounds: self.rounds.max(1),
            seconds: self.seconds.max(1),
        }
    }
}

impl BenchPlace {
    /// Measure on this server, and leave nothing behind, also when interrupted.
    async fn measure(
        &self,
        measuring: impl AsyncFnOnce(&Yard) -> anyhow::Result<serde_json::Value>,
    ) -> anyhow::Result<serde_json::Value> {
        let (database, _temporary) = self.database().await?;
        let yard = self.yard(&database)?;
        let report = tokio::select! {
            report = measuring(&yard) => report,
            _ = tokio::signal::ctrl_c() => Err(anyhow::anyhow!("interrupted")),
        };
        yard.clear().await;
        report
    }

    /// The server to measure on, and the temporary folder it may live in, which goes last.
    async fn database(&self) -> anyhow::Result<(Database, Option<Temporary>)> {
        if Addresses::read().app.is_some() || self.data.is_some() {
            return Ok((Database::choose(self.data.as_deref(), Tenancy::Join).await?, None));
        }
        let name = format!("tuan-bench-{}", std::process::id());
        let folder = Temporary(std::env::temp_dir().join(name));
        Ok((Database::embedded(&folder.0, Tenancy::Own).await?, Some(folder)))
    }

    fn yard(&self, database: &Database) -> anyhow::Result<Yard> {
        let program = match &database.embedded {
            Some(embedded) => embedded.bin("pgbench"),
            None => Some(PathBuf::from("pgbench")),
        };
        let pgbench = (!self.no_pgbench)
            .then(|| program.context("pgbench is not installed: say --no-pgbench"))
            .transpose()?;
        let Addresses { app, owner } = Addresses::read();
        Ok(Yard {
            owner: database.owner.clone(),
            app: database.app.clone(),
            embedded: database.embedded.as_ref().map(Arc::clone),
            url: owner.or(app).filter(|_| database.embedded.is_none()),
            pgbench,
            scale: self.scale,
            lanes: self.lanes,
            batch_max: self.batch_max,
            promoters: self.promoters,
        })
    }
}

/// A folder that is removed in the end.
struct Temporary(PathBuf);

impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0); // a leftover in the temporary folder harms nobody
    }
}
