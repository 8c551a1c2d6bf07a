//! `tuan orders`: orders as a sheet, and payments and parcels from one.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use chrono::{Days, NaiveDate, NaiveTime};

use crate::domain::operate::OperatorIntent;
use crate::domain::time::local_instant;
use crate::sheets::{orders, table};
use crate::store::operator;

use super::payouts::take_file;
use super::visit::PageVisit;
use super::{Data, Usage, outcome};

/// Orders.
#[derive(Debug, clap::Args)]
pub struct OrdersArgs {
    #[command(flatten)]
    data: Data,
    #[command(subcommand)]
    what: OrdersAction,
}

#[derive(Debug, clap::Subcommand)]
enum OrdersAction {
    /// Write the orders placed on a day into a sheet
    Export {
        /// The community
        #[arg(long, value_name = "SLUG")]
        community: String,
        /// The first day, in the community's calendar
        #[arg(long, value_name = "YYYY-MM-DD")]
        day: NaiveDate,
        /// The last day
        #[arg(long, value_name = "YYYY-MM-DD")]
        until: Option<NaiveDate>,
        /// A new file, .xlsx or .csv
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Take payments and tracking numbers from a sheet; shows what would be done unless --apply is given
    ///
    /// All rows or none, for each community. The same file is taken once.
    Import {
        /// The sheet: order and amount, or order, carrier and tracking number, or an edited export
        file: PathBuf,
        /// The community, where no column says it
        #[arg(long, value_name = "SLUG")]
        community: Option<String>,
        /// Do it
        #[arg(long)]
        apply: bool,
    },
}

impl OrdersArgs {
    /// Run it; says whether all is fine.
    ///
    /// # Errors
    /// With a message for the person who typed the command.
    pub async fn run(self) -> anyhow::Result<bool> {
        let visit = PageVisit::open(&self.data).await?;
        let done = match self.what {
            OrdersAction::Export { community, day, until, out } => {
                export(&visit, &community, day, until.unwrap_or(day), &out).await
            }
            OrdersAction::Import { file, community, apply } => {
                import(&visit, &file, community.as_deref(), apply).await
            }
        };
        visit.close().await?;
        done
    }
}

async fn export(
    visit: &PageVisit,
    slug: &str,
    day: NaiveDate,
    until: NaiveDate,
    out: &Path,
) -> anyhow::Result<bool> {
    if until < day {
        return Err(Usage("the last day is before the first".to_owned()).into());
    }
    let (linked, engine) = (visit.community(slug)?, &visit.engine);
    let (_, zone) = operator::manner(&engine.db, linked).await?;
    let midnight = |day| local_instant(day, NaiveTime::MIN, zone);
    let (from, until) = (midnight(day), midnight(until + Days::new(1)));
    let (db, seal) = (&engine.db, &engine.seal);
    let (shop, ids) =
        operator::orders_between(db, seal, linked.lane, linked.community, from, until).await?;
    let rows = orders::rows(&shop, &ids);
    table::write(out, orders::head(shop.community.locale), &rows)?;
    let (orders, lines) = (ids.len(), rows.len());
    writeln!(std::io::stdout(), "{orders} orders, {lines} lines, written to {}", out.display())?;
    Ok(true)
}

async fn import(
    visit: &PageVisit,
    file: &Path,
    usual: Option<&str>,
    apply: bool,
) -> anyhow::Result<bool> {
    let mut currencies = BTreeMap::new();
    for linked in visit.communities() {
        let (currency, _) = operator::manner(&visit.engine.db, linked).await?;
        currencies.insert(linked.slug.clone(), currency);
    }
    let (table, bytes) = table::read(file)?;
    let filled = match orders::read(&table, usual, |slug| currencies.get(slug).copied()) {
        Ok(filled) => filled,
        Err(faults) => {
            outcome::print_faults(&mut std::io::stdout(), &faults)?;
            return Ok(false);
        }
    };
    let command = |(slug, it): (String, orders::Filled)| {
        (slug, OperatorIntent::Sheet { payments: it.payments, parcels: it.parcels })
    };
    let commands = filled.into_iter().map(command).collect();
    take_file(visit, &bytes, "order", commands, apply).await
}
