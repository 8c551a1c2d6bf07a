//! `tuan privacy`: all that is kept about one person, and forgetting it.

use std::io::Write;
use std::path::{Path, PathBuf};

use crate::domain::operate::OperatorIntent;
use crate::store::personal;

use super::office::Office;
use super::{Data, outcome};

/// Personal data.
#[derive(Debug, clap::Args)]
pub struct Privacy {
    #[command(flatten)]
    data: Data,
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Write all that is kept about a member into a JSON file
    Export {
        /// The community
        community: String,
        /// The member: number, name or invite code
        member: String,
        /// A new file
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Forget a member: names, texts, addresses; orders and balances stay without them
    Erase {
        /// The community
        community: String,
        /// The member: number, name or invite code
        member: String,
    },
}

impl Privacy {
    /// Run it; says whether it was done.
    ///
    /// # Errors
    /// With a message for the person who typed the command.
    pub async fn run(self) -> anyhow::Result<bool> {
        let office = Office::open(&self.data).await?;
        let done = match self.what {
            What::Export { community, member, out } => {
                export(&office, &community, &member, &out).await
            }
            What::Erase { community, member } => erase(&office, &community, &member).await,
        };
        office.close().await?;
        done
    }
}

async fn export(office: &Office, slug: &str, who: &str, out: &Path) -> anyhow::Result<bool> {
    use std::os::unix::fs::OpenOptionsExt;
    let linked = office.community(slug)?;
    let member = office.member(linked, who).await?;
    let (db, seal) = (&office.engine.db, &office.engine.seal);
    let data = personal::of(db, seal, linked, member).await?;
    let mut file =
        std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(out)?;
    writeln!(file, "{data:#}")?;
    file.sync_all()?;
    writeln!(std::io::stdout(), "written to {}", out.display())?;
    Ok(true)
}

async fn erase(office: &Office, slug: &str, who: &str) -> anyhow::Result<bool> {
    let linked = office.community(slug)?;
    let member = office.member(linked, who).await?;
    let outcome = office.order(linked, OperatorIntent::Erase { member }).await?;
    let fine = outcome::print(&mut std::io::stdout(), "member", &outcome, true)?;
    if fine {
        office.forget(linked).await?;
    }
    Ok(fine)
}
