//! `tuan audit`: counts the books again and prints each difference with its trail.
//!
//! Works beside a running shop: it reads one snapshot and takes no locks.

use std::io::Write;
use std::time::{Duration, Instant};

use anyhow::Context;

use crate::domain::ids::CommunityId;
use crate::store::audit::{Audit, AuditProgress, MOST_OF_ONE_CHECK, audit_on_two};

use super::Data;
use super::bar::Bar;
use super::database::Database;

/// Count the books again.
#[derive(Debug, clap::Args)]
pub struct AuditArgs {
    /// One community alone, by its slug
    #[arg(long, value_name = "SLUG")]
    community: Option<String>,
    /// One JSON object for each difference, and one for the whole
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    data: Data,
}

impl AuditArgs {
    /// Run it; says whether the books agree.
    ///
    /// # Errors
    /// With a message for the person who typed the command.
    pub async fn run(self) -> anyhow::Result<bool> {
        super::telemetry::start("warn,sqlx=error");
        let (_database, db, _) = Database::visit(self.data.data.as_deref()).await?;
        let only = match &self.community {
            Some(slug) => Some(super::database::community(&db, slug).await?.id),
            None => None,
        };
        let begun = Instant::now();
        let audit = count_again(&db, only).await?;
        db.close().await;
        write(&audit, self.json, begun.elapsed(), &mut std::io::stdout().lock())?;
        Ok(audit.differences.is_empty())
    }
}

async fn count_again(db: &sqlx::PgPool, only: Option<CommunityId>) -> anyhow::Result<Audit> {
    let (mut first, mut second) = (db.acquire().await?, db.acquire().await?);
    let mut bar = Bar::new();
    let show = |progress: AuditProgress<'_>| bar.show(|| told(progress));
    let audit = audit_on_two(&mut first, &mut second, only, show).await;
    bar.clear();
    audit.context("the books could not be read")
}

fn told(AuditProgress { done, all, check }: AuditProgress<'_>) -> String {
    format!("{done} of {all} communities; {check} …")
}

fn write(audit: &Audit, json: bool, took: Duration, out: &mut impl Write) -> anyhow::Result<()> {
    let found = audit.differences.len();
    for difference in &audit.differences {
        if json {
            writeln!(out, "{}", serde_json::to_string(difference)?)?;
        } else {
            writeln!(out, "{difference}")?;
        }
    }
    let (communities, orders) = (audit.communities, audit.orders);
    if json {
        let took = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        let whole = serde_json::json!({
            "communities": communities, "orders": orders, "differences": found, "took_ms": took,
        });
        writeln!(out, "{whole}")?;
        return Ok(());
    }
    let verdict = match found {
        0 => "the books agree".to_owned(),
        1 => "1 difference".to_owned(),
        _ => format!("{found} differences"),
    };
    writeln!(
        out,
        "{verdict}: {communities} communities, {orders} orders, {:.1} s",
        took.as_secs_f64()
    )?;
    if found >= MOST_OF_ONE_CHECK {
        writeln!(out, "each check lists {MOST_OF_ONE_CHECK} at most: there may be more")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::audit::Difference;

    fn audit(differences: Vec<Difference>) -> Audit {
        Audit { differences, communities: 2, orders: 30 }
    }

    fn difference() -> Difference {
        Difference {
            kind: "sold".to_owned(),
            community: CommunityId(7),
            slug: "sunshine".to_owned(),
            order: None,
            line: None,
            member: None,
            offer: Some(crate::domain::ids::OfferId(4)),
            event: None,
            what: "sold".to_owned(),
            expected: "3".to_owned(),
            found: "4".to_owned(),
        }
    }

    fn text(audit: &Audit, json: bool) -> String {
        let mut out = Vec::new();
        write(audit, json, Duration::from_millis(1_500), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn people_read_a_line_for_each_difference_and_a_verdict() {
        assert_eq!(
            text(&audit(vec![]), false),
            "the books agree: 2 communities, 30 orders, 1.5 s\n"
        );
        assert_eq!(
            text(&audit(vec![difference()]), false),
            "sunshine: sold offer 4: sold: expected 3, found 4\n1 difference: 2 communities, 30 orders, 1.5 s\n"
        );
    }

    #[test]
    fn programs_read_an_object_a_line() {
        let out = text(&audit(vec![difference()]), true);
        let lines: Vec<serde_json::Value> =
            out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines[0]["kind"], "sold");
        assert_eq!(lines[0]["offer"], 4);
        assert!(lines[0].get("order").is_none());
        assert_eq!(lines[1]["differences"], 1);
    }
}
