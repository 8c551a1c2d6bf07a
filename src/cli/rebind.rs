//! `tuan rebind`: bind a member to another inviter, with a reason.

use crate::domain::operate::OperatorIntent;

use super::office::Office;
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
        let office = Office::open(&self.data).await?;
        let done = self.rebind(&office).await;
        office.close().await?;
        done
    }

    async fn rebind(&self, office: &Office) -> anyhow::Result<bool> {
        let linked = office.community(&self.community)?;
        let member = office.member(linked, &self.member).await?;
        let inviter = match self.to.as_str() {
            "none" => None,
            name => Some(office.member(linked, name).await?),
        };
        let intent = OperatorIntent::Rebind { member, inviter, reason: self.reason.clone() };
        let outcome = office.order(linked, intent).await?;
        Ok(outcome::print(&mut std::io::stdout(), "member", &outcome, true)?)
    }
}
