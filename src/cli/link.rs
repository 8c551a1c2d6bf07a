//! `tuan link` and `tuan unlink`: which group chat a community speaks in.
//!
//! Linking prints a one-time code that the group's leader sends in the group. Only its hash is kept, and
//! it is never logged.

use std::io::Write;

use anyhow::Context;

use crate::domain::ids::CommunityId;
use crate::engine::Clock;
use crate::engine::reception::code;
use crate::store::groups::linking;
use crate::store::reference::{self, Linked};

use super::database::Database;
use super::visit::PageVisit;

/// How long a code is good for.
const GOOD_FOR: chrono::Duration = chrono::Duration::minutes(30);

/// Which community.
#[derive(Debug, clap::Args)]
pub struct Link {
    /// The community's slug, as in the config
    community: String,
    #[command(flatten)]
    data: super::Data,
}

impl Link {
    /// Print a one-time code; `false` when the community is linked already.
    ///
    /// # Errors
    /// With a message for the person who typed the command.
    pub async fn link(self) -> anyhow::Result<bool> {
        let (_database, db, _) = Database::visit(self.data.data.as_deref()).await?;
        let communities = reference::communities(&db).await?;
        let linked = self.find(&communities)?;
        let mut out = std::io::stdout();
        if linked.chat.is_some() {
            writeln!(out, "{} is linked already; `tuan unlink {0}` first", linked.slug)?;
            return Ok(false);
        }
        let (code, now) = (code::make(), Clock::system().now());
        let (hash, expires_at) = (code::hash(&code), now + GOOD_FOR);
        linking::put_code(&db, &hash, linked.lane, linked.community, now, expires_at).await?;
        writeln!(
            out,
            "Send this in the group that is to be {}, as its owner or administrator:\n\n  绑定 {code}\n  (or: /link {code})\n\nIt works once, within 30 minutes.",
            linked.slug
        )?;
        Ok(true)
    }

    /// Undo a link; `false` when there is none.
    ///
    /// # Errors
    /// With a message for the person who typed the command.
    pub async fn unlink(self) -> anyhow::Result<bool> {
        let visit = PageVisit::open(&self.data).await?;
        let done = self.undo(&visit).await;
        visit.close().await?;
        done
    }

    async fn undo(&self, visit: &PageVisit) -> anyhow::Result<bool> {
        let linked = self.find(visit.communities())?;
        let mut out = std::io::stdout();
        if linked.chat.is_none() {
            writeln!(out, "{} is not linked", linked.slug)?;
            return Ok(false);
        }
        visit.service.unlink(linked).await?;
        writeln!(out, "{} will be unlinked as soon as the shop runs", linked.slug)?;
        Ok(true)
    }

    fn find<'a>(&self, all: &'a [Linked]) -> anyhow::Result<&'a Linked> {
        let id = CommunityId::of(&self.community);
        all.iter().find(|it| it.community == id).with_context(|| {
            let slugs: Vec<_> = all.iter().map(|it| it.slug.as_str()).collect();
            format!("no community `{}`; there are: {}", self.community, slugs.join(", "))
        })
    }
}
