//! The bench: drives the real engine in a database of its own and measures it beside pgbench's TPC-B
//! on the same server, in alternating rounds, so that figures of one run can be compared.
//!
//! It reports and decides nothing. What it cannot vouch for it does not print: an order that is
//! missing afterwards is an error, not a slower round.

pub mod fixture;
pub mod load;
pub mod measure;
pub mod orders;
pub mod settle;
pub mod tpcb;

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Executor};

use crate::store::embedded::Embedded;

/// How often, and how soon, to try again to drop a database.
const DROP_TRIES: usize = 20;
const DROP_PAUSE: std::time::Duration = std::time::Duration::from_millis(500);

/// Where to measure: a server, and what to measure beside.
#[derive(Debug)]
pub struct Yard {
    /// The server, as a role that may create databases.
    pub owner: PgConnectOptions,
    /// The same, as the application.
    pub app: PgConnectOptions,
    /// The embedded server, kept alive.
    pub embedded: Option<Arc<Embedded>>,
    /// Its address, where it was given as one.
    pub url: Option<String>,
    /// The program to measure beside; `None`: nothing.
    pub pgbench: Option<PathBuf>,
    /// The scale of its tables.
    pub scale: u32,
    /// Lanes of our database.
    pub lanes: i16,
    /// The most events of a batch.
    pub batch_max: usize,
    /// Promoters of each community who brought the buyers.
    pub promoters: u32,
}

impl Yard {
    /// The name of one of our databases.
    fn name(what: &str) -> String {
        format!("tuan_bench_{}_{what}", std::process::id())
    }

    /// Make one of our databases; returns its name.
    async fn create(&self, what: &str) -> anyhow::Result<String> {
        let name = Self::name(what);
        self.say(format!("create database {name} template template0 encoding 'UTF8'"))
            .await
            .context("the bench needs a role that may create databases")?;
        Ok(name)
    }

    /// Drop all of our databases.
    pub async fn clear(&self) {
        for what in ["shop", "tpcb"] {
            let drop = format!("drop database if exists {} with (force)", Self::name(what));
            let mut dropped = self.say(drop.clone()).await;
            for _ in 0..DROP_TRIES {
                if dropped.is_ok() {
                    break;
                }
                // The server's own housekeeping may be at work in it, which we may not end.
                tokio::time::sleep(DROP_PAUSE).await;
                dropped = self.say(drop.clone()).await;
            }
            if let Err(error) = dropped {
                tracing::warn!(%error, "a database of the bench is left behind");
            }
        }
    }

    /// One statement beside our databases. It is made of names of ours.
    async fn say(&self, statement: String) -> anyhow::Result<()> {
        let mut admin = match &self.embedded {
            Some(_) => self.owner.clone().database("postgres").connect().await?,
            None => self.owner.connect().await?,
        };
        admin.execute(AssertSqlSafe(statement)).await?;
        Ok(())
    }
}

/// Progress, for the person who waits.
fn progress(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}"); // nobody may be looking
}
