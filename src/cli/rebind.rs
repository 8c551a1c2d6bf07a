//! `tuan rebind`: bind a member to another inviter, with a reason.

use crate::domain::operate::OperatorIntent;

use super::visit::PageVisit;
use super::{Data, outcome};

/// Who belongs to whom.
#[derive(Debug, clap::Args)]
pub struct Rebind {
    #[command(flatten)]
    data: Data,
    /// The community
    community: String,
    /// The member: number, name or invite code
    member: String,
    /// The new inviter, or none
    #[arg(long, value_name = "INVITER|none")]
    to: String,
    /// Why, for the record
    #[arg(long)]
    reason: String,
}

impl Rebind {
    /// Run it; says whether it was done.
    ///
    /// # Errors
    /// With a message for the person who typed the command.
    pub async fn run(self) -> anyhow::Result<bool> {
        let visit = PageVisit::open(&self.data).await?;
        let done = self.rebind(&visit).await;
        visit.close().await?;
        done
    }

    async fn rebind(&self, visit: &PageVisit) -> anyhow::Result<bool> {
        let linked = visit.community(&self.community)?;
        let member = visit.member(linked, &self.member).await?;
        let inviter = match self.to.as_str() {
            "none" => None,
            name => Some(visit.member(linked, name).await?),
        };
        let intent = OperatorIntent::Rebind { member, inviter, reason: self.reason.clone() };
        let outcome = visit.order(linked, intent).await?;
        Ok(outcome::print(&mut std::io::stdout(), "member", &outcome, true)?)
    }
}
