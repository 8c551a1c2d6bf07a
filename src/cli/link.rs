//! `tuan link` and `tuan unlink`: which group chat a community speaks in.
//!
//! Linking prints a one-time code that the group's leader sends in the group. Only its hash is kept, and
//! it is never logged.

use std::io::Write;

use anyhow::Context;
use sqlx::PgPool;

use crate::domain::event::Body;
use crate::domain::ids::{AccountId, CommunityId};
use crate::engine::Clock;
use crate::engine::reception::code;
use crate::store::Seal;
use crate::store::groups::linking;
use crate::store::inbox::{self, Incoming};
use crate::store::reference::{self, Linked};
use crate::store::seal::random_hex;

use super::database::Database;

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
        let (_database, db, _) = self.open().await?;
        let linked = self.find(&db).await?;
        let mut out = std::io::stdout();
        if linked.chat.is_some() {
            writeln!(out, "{} is linked already; `tuan unlink {0}` first", linked.slug)?;
            return Ok(false);
        }
        let (code, now) = (code::make(), Clock::system().now());
        let place = (linked.lane, linked.community);
        linking::put_code(&db, &code::hash(&code), place, (now, now + GOOD_FOR)).await?;
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
        let (_database, db, seal) = self.open().await?;
        let seal = seal.context(super::keys::NEEDED)?;
        let linked = self.find(&db).await?;
        let mut out = std::io::stdout();
        if linked.chat.is_none() {
            writeln!(out, "{} is not linked", linked.slug)?;
            return Ok(false);
        }
        let now = Clock::system().now();
        let cause = Incoming {
            lane: linked.lane,
            account: AccountId::SYSTEM,
            key: format!("unlink:{}", random_hex(8)),
            community: linked.community,
            at: now,
            stored_at: now,
            body: Body::Unlinked { operator: "command line".to_owned() },
        };
        inbox::store(&db, &seal, &[cause]).await?;
        writeln!(out, "{} will be unlinked as soon as the shop runs", linked.slug)?;
        Ok(true)
    }

    async fn open(&self) -> anyhow::Result<(Database, PgPool, Option<Seal>)> {
        Database::visit(self.data.data.as_deref()).await
    }

    async fn find(&self, db: &PgPool) -> anyhow::Result<Linked> {
        let id = CommunityId::of(&self.community);
        let all = reference::communities(db).await?;
        let slugs: Vec<_> = all.iter().map(|it| it.slug.clone()).collect();
        all.into_iter().find(|it| it.community == id).with_context(|| {
            format!("no community `{}`; there are: {}", self.community, slugs.join(", "))
        })
    }
}
