//! `tuan payouts`: withdrawals, from what members asked for to what the bank says.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::domain::ids::WithdrawalId;
use crate::domain::operate::OperatorIntent;
use crate::sheets::{payouts, table};
use crate::store::operator::{self, ListedWithdrawal};
use crate::store::reference::Linked;

use super::visit::PageVisit;
use super::{Data, Usage, outcome};

/// Withdrawals.
#[derive(Debug, clap::Args)]
pub struct Payouts {
    #[command(flatten)]
    data: Data,
    #[command(subcommand)]
    what: PayoutsAction,
}

#[derive(Debug, clap::Subcommand)]
enum PayoutsAction {
    /// List what is asked for and what is under way
    List {
        /// Of this community only
        #[arg(long, value_name = "SLUG")]
        community: Option<String>,
        /// Also what is over
        #[arg(long)]
        all: bool,
    },
    /// Approve withdrawals: all that are named, or none
    Approve {
        /// The community
        community: String,
        /// Their numbers
        #[arg(required_unless_present = "all")]
        withdrawals: Vec<i64>,
        /// Everything asked for
        #[arg(long, conflicts_with = "withdrawals")]
        all: bool,
    },
    /// Refuse a withdrawal; the member has the money again
    Refuse {
        /// The community
        community: String,
        /// Its number
        withdrawal: i64,
        /// Why; the member is told
        #[arg(long)]
        reason: String,
    },
    /// Write what is approved into a sheet for the bank; none is ever in two batches
    Export {
        /// A new file, .xlsx or .csv
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// Of this community only
        #[arg(long, value_name = "SLUG")]
        community: Option<String>,
        /// Write an earlier batch again, under the same numbers
        #[arg(long, value_name = "BATCH", requires = "community")]
        again: Option<i64>,
    },
    /// Take the bank's results from a sheet; shows what would be done unless --apply is given
    Import {
        /// The sheet
        file: PathBuf,
        /// Do it
        #[arg(long)]
        apply: bool,
    },
}

impl Payouts {
    /// Run it; says whether all is fine.
    ///
    /// # Errors
    /// With a message for the person who typed the command.
    pub async fn run(self) -> anyhow::Result<bool> {
        let visit = PageVisit::open(&self.data).await?;
        let done = run(&visit, self.what).await;
        visit.close().await?;
        done
    }
}

async fn run(visit: &PageVisit, what: PayoutsAction) -> anyhow::Result<bool> {
    match what {
        PayoutsAction::List { community, all } => list(visit, community.as_deref(), all).await,
        PayoutsAction::Approve { community, withdrawals, .. } => {
            let withdrawals = withdrawals.into_iter().map(WithdrawalId).collect();
            order(visit, &community, OperatorIntent::Approve { withdrawals }).await
        }
        PayoutsAction::Refuse { community, withdrawal, reason } => {
            let withdrawal = WithdrawalId(withdrawal);
            order(visit, &community, OperatorIntent::Refuse { withdrawal, reason }).await
        }
        PayoutsAction::Export { out, community, again } => {
            export(visit, &out, community.as_deref(), again).await
        }
        PayoutsAction::Import { file, apply } => import(visit, &file, apply).await,
    }
}

async fn order(visit: &PageVisit, slug: &str, intent: OperatorIntent) -> anyhow::Result<bool> {
    let outcome = visit.order(visit.community(slug)?, intent).await?;
    Ok(outcome::print(&mut std::io::stdout(), "withdrawal", &outcome, true)?)
}

fn meant<'v>(visit: &'v PageVisit, slug: Option<&str>) -> anyhow::Result<Vec<&'v Linked>> {
    match slug {
        Some(slug) => Ok(vec![visit.community(slug)?]),
        None => Ok(visit.communities().iter().collect()),
    }
}

async fn list(visit: &PageVisit, slug: Option<&str>, all: bool) -> anyhow::Result<bool> {
    let mut out = std::io::stdout();
    let engine = &visit.engine;
    for linked in meant(visit, slug)? {
        for it in operator::withdrawals(&engine.db, &engine.seal, linked, all).await? {
            let days = (engine.clock.now() - it.asked_at).num_days();
            let money = |amount| it.currency.plain(amount);
            write!(
                out,
                "{} {}  {}  {} {}  member {} {}  asked {days} days ago",
                it.community,
                it.id,
                crate::store::words::name_of(it.state),
                money(it.amount),
                it.currency,
                it.member,
                it.name,
            )?;
            if let Some(payout) = &it.payout {
                write!(out, "  {payout} pays {}", money(it.amount - it.withheld))?;
            }
            if let Some(batch) = it.batch {
                write!(out, "  batch {batch}")?;
            }
            if it.available.is_negative() {
                write!(out, "  SHORT by {}", money(-it.available))?;
            }
            writeln!(out)?;
        }
    }
    Ok(true)
}

/// Mark first, write then: what may be with the bank is never in another batch. A file that could not be
/// written is written again with `--again`.
async fn export(
    visit: &PageVisit,
    out: &Path,
    slug: Option<&str>,
    again: Option<i64>,
) -> anyhow::Result<bool> {
    if out.exists() {
        return Err(Usage(format!("{} exists already", out.display())).into());
    }
    let mut batches = Vec::new();
    for linked in meant(visit, slug)? {
        let batch = match again {
            Some(batch) => Some(batch),
            None => visit.order(linked, OperatorIntent::Batch).await?.batch,
        };
        batches.extend(batch.map(|batch| (linked, batch)));
    }
    let mut payouts: Vec<ListedWithdrawal> = Vec::new();
    for &(linked, batch) in &batches {
        let engine = &visit.engine;
        let all = operator::withdrawals(&engine.db, &engine.seal, linked, true).await?;
        payouts.extend(all.into_iter().filter(|it| it.batch == Some(batch)));
    }
    let mut said = std::io::stdout();
    if payouts.is_empty() {
        writeln!(said, "nothing is approved and waiting for the bank")?;
        return Ok(false);
    }
    table::write(out, &payouts::HEAD, &payouts::rows(&payouts))?;
    for (linked, batch) in batches {
        let of = payouts.iter().filter(|it| it.community == linked.slug).count();
        writeln!(said, "{} batch {batch}: {of} payouts", linked.slug)?;
    }
    writeln!(said, "written to {}", out.display())?;
    Ok(true)
}

async fn import(visit: &PageVisit, file: &Path, apply: bool) -> anyhow::Result<bool> {
    let mut out = std::io::stdout();
    let (table, bytes) = table::read(file)?;
    let results = match payouts::read(&table) {
        Ok(results) => results,
        Err(faults) => {
            outcome::print_faults(&mut out, &faults)?;
            return Ok(false);
        }
    };
    let commands = results.into_iter().map(|(slug, rows)| (slug, OperatorIntent::Payouts { rows }));
    take_file(visit, &bytes, "withdrawal", commands.collect(), apply).await
}

/// Rehearse what a file says for every community, and do it if nothing stands against any of it.
pub(super) async fn take_file(
    visit: &PageVisit,
    bytes: &[u8],
    what: &str,
    commands: BTreeMap<String, OperatorIntent>,
    apply: bool,
) -> anyhow::Result<bool> {
    let mut out = std::io::stdout();
    let (service, mut all_fine) = (&visit.service, true);
    if commands.is_empty() {
        writeln!(out, "no row says anything")?;
        return Ok(false);
    }
    for (slug, intent) in &commands {
        let rehearsed = service.rehearse(visit.community(slug)?, intent.clone()).await?;
        if !apply || !rehearsed.is_fine() {
            writeln!(out, "{slug}:")?;
            all_fine &= outcome::print(&mut out, what, &rehearsed, false)?;
        }
    }
    if !apply || !all_fine {
        if all_fine {
            writeln!(out, "nothing was done yet: say --apply to do it")?;
        }
        return Ok(all_fine);
    }
    for (slug, intent) in commands {
        let linked = visit.community(&slug)?;
        let (submitted, before) = service.submit_file(linked, bytes, intent).await?;
        let done = service.outcome(&submitted).await?;
        writeln!(out, "{slug}:{}", if before { " this file was taken before" } else { "" })?;
        all_fine &= outcome::print(&mut out, what, &done, true)?;
    }
    Ok(all_fine)
}
