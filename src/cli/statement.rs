//! `tuan statement`: every entry on a member's accounts, newest first, each with its why.

use std::io::Write;

use crate::domain::ledger::Owner;
use crate::domain::money::currency::plain;
use crate::store::statement;
use crate::store::statement::JournalCursor;
use crate::store::statement::ShareReason;
use crate::store::statement::StatementLeg;

use super::visit::PageVisit;
use super::{Data, Usage};

/// A statement.
#[derive(Debug, clap::Args)]
pub struct StatementArgs {
    #[command(flatten)]
    data: Data,
    /// The community
    community: String,
    /// The member: number, name or invite code; or `shop` for the shop's own accounts
    member: String,
    /// How many facts
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(i64).range(1..=1_000))]
    limit: i64,
    /// Only what is older than this place, as printed at the end of a page
    #[arg(long, value_name = "PLACE")]
    before: Option<String>,
}

impl StatementArgs {
    /// Run it.
    ///
    /// # Errors
    /// With a message for the person who typed the command.
    pub async fn run(self) -> anyhow::Result<bool> {
        let before = self.before.as_deref().map(place).transpose()?;
        let visit = PageVisit::open(&self.data).await?;
        let done = self.show(&visit, before).await;
        visit.close().await?;
        done.map(|()| true)
    }

    async fn show(&self, visit: &PageVisit, before: Option<JournalCursor>) -> anyhow::Result<()> {
        let (linked, db) = (visit.community(&self.community)?, &visit.engine.db);
        let owner = match self.member.as_str() {
            "shop" => Owner::Shop,
            who => Owner::Member(visit.member(linked, who).await?),
        };
        let mut out = std::io::stdout();
        for (account, currency, amount) in statement::balances(db, linked, owner).await? {
            writeln!(out, "{account:<16} {} {currency}", plain(amount, &currency))?;
        }
        let entries = statement::entries(db, linked, owner, before, self.limit).await?;
        for entry in &entries {
            writeln!(out, "\n{}", line(entry))?;
            for share in &entry.shares {
                writeln!(out, "    {}", why(share, &entry.currency))?;
            }
            for (order, amount) in &entry.settled {
                writeln!(out, "    order #{order}: {}", plain(*amount, &entry.currency))?;
            }
        }
        if let Some(last) = entries.last() {
            writeln!(out, "\nolder: --before {}.{}", last.place.0, last.place.1)?;
        }
        Ok(())
    }
}

fn place(text: &str) -> Result<JournalCursor, Usage> {
    let parsed = text
        .split_once('.')
        .and_then(|(seq, ordinal)| Some((seq.parse().ok()?, ordinal.parse().ok()?)));
    parsed.ok_or_else(|| Usage(format!("{text:?} is no place: use one as printed, such as 1024.2")))
}

/// `2026-03-04T02:00:00Z  earned  frozen +2.39 CNY  event 12.3  order #7 (paid)`.
fn line(entry: &StatementLeg) -> String {
    let sign = if entry.amount.is_negative() { "" } else { "+" };
    let order = entry.order.as_ref();
    let order = order.map(|(order, state)| format!("  order #{order} ({state})"));
    let withdrawal = entry.withdrawal.as_ref();
    let withdrawal = withdrawal.map(|(id, state)| format!("  withdrawal {id} ({state})"));
    format!(
        "{}  {}  {} {sign}{} {}  event {}.{}{}{}",
        entry.at.format("%Y-%m-%dT%H:%M:%SZ"),
        entry.kind,
        entry.account,
        plain(entry.amount, &entry.currency),
        entry.currency,
        entry.place.0,
        entry.place.1,
        order.unwrap_or_default(),
        withdrawal.unwrap_or_default(),
    )
}

/// `A1 ×2: level 1, 3.00% of 79.80 = 2.39, taken back 0.79`.
fn why(share: &ShareReason, currency: &str) -> String {
    let money = |amount| plain(amount, currency);
    let terms = match (share.rate_bps, share.fixed) {
        (Some(bps), _) => format!("{}.{:02}% of {}", bps / 100, bps % 100, money(share.base)),
        (None, fixed) => format!("{} a unit", money(fixed.unwrap_or_default())),
    };
    let reversed = money(share.reversed);
    let reversed = Some(reversed).filter(|_| !share.reversed.is_zero());
    let reversed = reversed.map(|reversed| format!(", taken back {reversed}")).unwrap_or_default();
    let (code, qty, level, earned) = (&share.code, share.qty, share.level, money(share.earned));
    format!("{code} ×{qty}: level {level}, {terms} = {earned}{reversed}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::money::Money;

    #[test]
    fn a_share_says_why() {
        let money = Money::from_minor;
        let mut share = ShareReason {
            code: "A1".to_owned(),
            qty: 2,
            level: 1,
            rate_bps: Some(300),
            fixed: None,
            base: money(7_980),
            earned: money(239),
            reversed: money(79),
        };
        assert_eq!(why(&share, "CNY"), "A1 ×2: level 1, 3.00% of 79.80 = 2.39, taken back 0.79");
        (share.rate_bps, share.fixed, share.reversed) = (None, Some(money(120)), Money::ZERO);
        assert_eq!(why(&share, "CNY"), "A1 ×2: level 1, 1.20 a unit = 2.39");
    }

    #[test]
    fn a_place_is_read_as_it_is_printed() {
        assert_eq!(place("1024.2").unwrap(), (1024, 2));
        assert!(place("1024").is_err());
        assert!(place("x.y").is_err());
    }
}
