//! `tuan clock show|accept`: when a machine's clock leapt while the shop ran, what releases or pays waits. An
//! operator who has looked says that the new time is right.
//!
//! Works beside a running shop, which looks every second.

use std::io::Write;

use clap::Subcommand;

use crate::store::doubt;

use super::Data;
use super::database::Database;

/// The clocks of running shops.
#[derive(Debug, clap::Args)]
pub struct ClockArgs {
    #[command(subcommand)]
    what: ClockAction,
    #[command(flatten)]
    data: Data,
}

#[derive(Clone, Copy, Debug, Subcommand)]
enum ClockAction {
    /// Processes that doubt their clock; exit status 1 if any
    Show,
    /// Say that the time is right: timers that release or pay go on; exit status 1 if none was doubted
    Accept,
}

impl ClockArgs {
    /// Run it; says whether no clock is doubted, or one was accepted.
    ///
    /// # Errors
    /// With a message for the person who typed the command.
    pub async fn run(self) -> anyhow::Result<bool> {
        super::telemetry::start("warn");
        let (_database, db, _) = Database::visit(self.data.data.as_deref()).await?;
        let doubted = doubt::list(&db).await?;
        let out = &mut std::io::stdout().lock();
        for (owner, by_seconds) in &doubted {
            writeln!(out, "{owner}  leapt by {}", leap(*by_seconds))?;
        }
        let fine = match self.what {
            ClockAction::Show => doubted.is_empty(),
            ClockAction::Accept => {
                let owners: Vec<_> = doubted.into_iter().map(|(owner, _)| owner).collect();
                doubt::accept(&db, &owners).await?;
                !owners.is_empty()
            }
        };
        let said = match (self.what, fine) {
            (ClockAction::Accept, true) => "accepted: timers go on within a second",
            (ClockAction::Show, true) | (ClockAction::Accept, false) => {
                "no running shop doubts its clock"
            }
            (ClockAction::Show, false) => "if the time is right: tuan clock accept",
        };
        writeln!(out, "{said}")?;
        db.close().await;
        Ok(fine)
    }
}

/// `+3h 0m 7s`.
fn leap(by_seconds: i64) -> String {
    let sign = if by_seconds < 0 { '-' } else { '+' };
    let all = by_seconds.unsigned_abs();
    format!("{sign}{}h {}m {}s", all / 3_600, all / 60 % 60, all % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leap_is_told_forward_and_back() {
        assert_eq!(leap(3 * 3_600 + 7), "+3h 0m 7s");
        assert_eq!(leap(-661), "-0h 11m 1s");
    }
}
