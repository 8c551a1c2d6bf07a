//! `tuan privacy`: all that is kept about one person, and forgetting it.

use std::io::Write;
use std::path::{Path, PathBuf};

use crate::domain::ids::MemberId;
use crate::domain::operate::OperatorIntent;
use crate::store::people::personal;
use crate::store::people::privacy;
use crate::store::people::privacy::Traces;

use super::visit::PageVisit;
use super::{Data, outcome};

/// Personal data.
#[derive(Debug, clap::Args)]
pub struct Privacy {
    #[command(flatten)]
    data: Data,
    #[command(subcommand)]
    what: PrivacyAction,
}

#[derive(Debug, clap::Subcommand)]
enum PrivacyAction {
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
    ///
    /// Shows what will be forgotten, and what stays and why; with --yes it is done.
    Erase {
        /// The community
        community: String,
        /// The member: number, name or invite code
        member: String,
        /// Do it
        #[arg(long)]
        yes: bool,
    },
}

impl Privacy {
    /// Run it; says whether it was done.
    ///
    /// # Errors
    /// With a message for the person who typed the command.
    pub async fn run(self) -> anyhow::Result<bool> {
        let visit = PageVisit::open(&self.data).await?;
        let done = match self.what {
            PrivacyAction::Export { community, member, out } => {
                export(&visit, &community, &member, &out).await
            }
            PrivacyAction::Erase { community, member, yes } => {
                erase(&visit, &community, &member, yes).await
            }
        };
        visit.close().await?;
        done
    }
}

async fn export(visit: &PageVisit, slug: &str, who: &str, out: &Path) -> anyhow::Result<bool> {
    use std::os::unix::fs::OpenOptionsExt;
    let linked = visit.community(slug)?;
    let member = visit.member(linked, who).await?;
    let (db, seal) = (&visit.engine.db, &visit.engine.seal);
    let data = personal::of(db, seal, linked, member).await?;
    let mut file =
        std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(out)?;
    writeln!(file, "{data:#}")?;
    file.sync_all()?;
    writeln!(std::io::stdout(), "written to {}", out.display())?;
    Ok(true)
}

async fn erase(visit: &PageVisit, slug: &str, who: &str, yes: bool) -> anyhow::Result<bool> {
    let linked = visit.community(slug)?;
    let member = visit.member(linked, who).await?;
    let (db, seal) = (&visit.engine.db, &visit.engine.seal);
    let traces = privacy::traces(db, seal, linked, member).await?;
    let (named_in, named_by) = (traces.named_in.clone(), traces.named_by.clone());
    let intent = OperatorIntent::Erase { member, named_in, named_by };
    let out = &mut std::io::stdout();
    if !yes {
        let outcome = visit.service.rehearse(linked, intent).await?;
        let fine = outcome::print(out, "member", &outcome, false)?;
        if fine {
            preview(out, member, &traces)?;
        }
        return Ok(fine);
    }
    let outcome = visit.order(linked, intent).await?;
    let fine = outcome::print(out, "member", &outcome, true)?;
    if fine {
        visit.forget(linked).await?;
    }
    Ok(fine)
}

/// What goes, and what stays until when and why.
fn preview(out: &mut impl Write, member: MemberId, traces: &Traces) -> std::io::Result<()> {
    let Traces { own_texts, other_texts, own_messages, other_messages, .. } = traces;
    let Traces { own_orders, entries, decisions, named_in, named_by, .. } = traces;
    writeln!(out, "\nwill be forgotten:")?;
    writeln!(out, "  name, platform id, address, pick-up, payee, open question and request")?;
    writeln!(out, "  {own_texts} texts of theirs; their name in {other_texts} texts of others")?;
    writeln!(out, "  {own_messages} messages to them; their name in {other_messages} to others")?;
    writeln!(out, "  remarks and recipients of {own_orders} orders of theirs")?;
    let numbers: Vec<_> = named_in.iter().map(|id| format!("#{id}")).collect();
    writeln!(out, "  their name in {} orders of others {}", numbers.len(), numbers.join(" "))?;
    writeln!(out, "  {} open questions of others that name them", named_by.len())?;
    writeln!(out, "  their name in lines of chains and in operators' reasons")?;
    writeln!(out, "\nstays, for good, under the number {member} and without a name:")?;
    writeln!(
        out,
        "  {own_orders} orders (goods, amounts, times) and {entries} entries of the ledger:"
    )?;
    writeln!(out, "    the books of others have to add up")?;
    writeln!(
        out,
        "  {decisions} decisions (what was understood; no words), check-ins, who brought whom:"
    )?;
    writeln!(out, "    commission and points are counted again from them")?;
    writeln!(
        out,
        "  the first character of the name in what inviters were told of their commission: it \
         names nobody"
    )?;
    writeln!(out, "\nstays elsewhere:")?;
    writeln!(out, "  the history of the chat platform; backups, until you delete them")?;
    writeln!(out, "\nto do it, say so: --yes")
}
