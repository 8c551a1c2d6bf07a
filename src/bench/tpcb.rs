//! pgbench's TPC-B on the same server, in a database of its own: what orders are compared with.
//! Prepared statements and two threads, as the rule for all published figures says.

use std::path::Path;

use anyhow::Context;

use super::Yard;
use crate::store::child;

/// What one run of pgbench came to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Run {
    /// Transactions in a second.
    pub tps: f64,
    /// Mean latency, in milliseconds.
    pub latency: f64,
}

/// pgbench and its database.
#[derive(Debug)]
pub struct Tpcb<'a> {
    yard: &'a Yard,
    program: &'a Path,
    database: String,
}

impl<'a> Tpcb<'a> {
    /// Make and fill its database; `None` when there is to be no pgbench.
    ///
    /// # Errors
    /// When pgbench does not run.
    pub async fn prepare(yard: &'a Yard) -> anyhow::Result<Option<Self>> {
        let Some(program) = &yard.pgbench else { return Ok(None) };
        super::progress(&format!("filling pgbench's tables, scale {}", yard.scale));
        let tpcb = Self { yard, program, database: yard.create("tpcb").await? };
        let scale = yard.scale.to_string();
        tpcb.call(&["-i", "-q", "-s", &scale]).await?;
        Ok(Some(tpcb))
    }

    /// One run.
    ///
    /// # Errors
    /// When pgbench does not run, or says something unexpected.
    pub async fn run(&self, clients: u32, seconds: u64) -> anyhow::Result<Run> {
        let (clients, threads) = (clients.to_string(), clients.min(2).to_string());
        let seconds = seconds.to_string();
        let said =
            self.call(&["-M", "prepared", "-c", &clients, "-j", &threads, "-T", &seconds]).await?;
        read(&said).with_context(|| format!("pgbench said:\n{said}"))
    }

    async fn call(&self, arguments: &[&str]) -> anyhow::Result<String> {
        let owner = &self.yard.owner;
        let host =
            owner.get_socket().map_or(owner.get_host().into(), |it| it.as_os_str().to_owned());
        // An address may hold what the options do not tell: the password, certificates.
        let database = self.yard.url.as_ref().map_or_else(
            || self.database.clone(),
            |url| {
                let joint = if url.contains('?') { '&' } else { '?' };
                format!("{url}{joint}dbname={}", self.database)
            },
        );
        let mut command = child::command(self.program);
        if self.yard.embedded.is_none() {
            // Where an address leaves something open, we were told it by these, and pgbench must be.
            let is_of_postgres =
                |name: &std::ffi::OsStr| name.as_encoded_bytes().starts_with(b"PG");
            command.envs(std::env::vars_os().filter(|(name, _)| is_of_postgres(name)));
        }
        command
            .args(arguments)
            .arg(database)
            .env("PGHOST", host)
            .env("PGPORT", owner.get_port().to_string())
            .env("PGUSER", owner.get_username());
        let done = tokio::task::spawn_blocking(move || command.output())
            .await?
            .with_context(|| format!("{} does not start", self.program.display()))?;
        let error = String::from_utf8_lossy(&done.stderr);
        anyhow::ensure!(done.status.success(), "pgbench failed: {}", error.trim());
        Ok(String::from_utf8_lossy(&done.stdout).into_owned())
    }
}

fn read(said: &str) -> Option<Run> {
    let after = |name: &str| {
        let rest = said.lines().find_map(|line| line.strip_prefix(name))?;
        rest.trim_start().split(' ').next()?.parse().ok()
    };
    Some(Run { tps: after("tps =")?, latency: after("latency average =")? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_figures_of_pgbench_are_found() {
        let said = "number of failed transactions: 0 (0.000%)\nlatency average = 7.415 ms\n\
                    initial connection time = 60.1 ms\ntps = 4315.6 (without initial connection time)\n";
        assert_eq!(read(said), Some(Run { tps: 4315.6, latency: 7.415 }));
        assert_eq!(read("could not connect"), None);
    }
}
