//! `tuan parked list|retry`: events that failed alone, twice, and what an operator does about them.
//!
//! Works beside a running shop: a retry is a new event in the inbox, and takes its turn.

use std::io::Write;

use clap::Subcommand;

use crate::domain::ids::{EventId, Lane};
use crate::store::parked::{self, Retry};

use super::Data;
use super::database::Database;
use super::visit::PageVisit;

/// Events that failed.
#[derive(Debug, clap::Args)]
pub struct ParkedArgs {
    #[command(subcommand)]
    what: ParkedAction,
    #[command(flatten)]
    data: Data,
}

#[derive(Debug, Subcommand)]
enum ParkedAction {
    /// List those that wait; exit status 1 if any
    List {
        /// Those tried again as well
        #[arg(long)]
        all: bool,
    },
    /// Have one tried again, as a new event; needs the data key
    Retry {
        /// Its place, as listed: LANE/SEQ
        #[arg(value_name = "LANE/SEQ")]
        event: String,
        /// Even if it was tried again before
        #[arg(long)]
        again: bool,
    },
}

impl ParkedArgs {
    /// Run it; says whether nothing is left to look at, or the event was stored.
    ///
    /// # Errors
    /// With a message for the person who typed the command.
    pub async fn run(self) -> anyhow::Result<bool> {
        match &self.what {
            ParkedAction::List { all } => self.list(*all).await,
            ParkedAction::Retry { event, again } => {
                let event = place(event)?;
                let visit = PageVisit::open(&self.data).await?;
                let done = visit.service.retry(event, *again).await;
                visit.close().await?;
                Ok(say(done?, event, &mut std::io::stdout().lock())?)
            }
        }
    }

    /// Needs no data key.
    async fn list(&self, all: bool) -> anyhow::Result<bool> {
        super::telemetry::start("warn");
        let (_database, db, _) = Database::visit(self.data.data.as_deref()).await?;
        let fine = list(&parked::list(&db, all).await?, &mut std::io::stdout().lock())?;
        db.close().await;
        Ok(fine)
    }
}

fn list(rows: &[parked::Parked], out: &mut impl Write) -> std::io::Result<bool> {
    for row in rows {
        let at = row.parked_at.format("%Y-%m-%d %H:%M:%S UTC");
        let tried = if row.retried { "  (tried again)" } else { "" };
        let (lane, seq) = (row.id.lane, row.id.seq);
        writeln!(out, "{lane}/{seq}  {at}  {}  {}{tried}", row.slug, row.error)?;
    }
    let waiting = rows.iter().filter(|row| !row.retried).count();
    writeln!(out, "{waiting} waiting")?;
    Ok(waiting == 0)
}

fn say(done: Retry, event: EventId, out: &mut impl Write) -> std::io::Result<bool> {
    let place = format!("{}/{}", event.lane, event.seq);
    let text = match done {
        Retry::Stored => "stored as a new event; it is handled in its turn".to_owned(),
        Retry::Before => {
            format!("tried again before; once more: tuan parked retry {place} --again")
        }
        Retry::NotParked => "nothing is parked there".to_owned(),
        Retry::Blanked => "what it said is not kept any more".to_owned(),
    };
    writeln!(out, "{place}: {text}")?;
    Ok(done == Retry::Stored)
}

/// `LANE/SEQ`.
fn place(text: &str) -> Result<EventId, super::Usage> {
    let parts = text.split_once('/');
    let event = parts.and_then(|(lane, seq)| {
        Some(EventId { lane: Lane(lane.parse().ok()?), seq: seq.parse().ok()? })
    });
    event
        .ok_or_else(|| super::Usage(format!("{text:?} is not an event: write LANE/SEQ, as listed")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_named_by_lane_and_place() {
        assert_eq!(place("3/41").unwrap(), EventId { lane: Lane(3), seq: 41 });
        for wrong in ["41", "3/", "/41", "3/41/2", "a/b", "99999/1"] {
            assert!(place(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_list_says_how_many_wait() {
        let row = |retried| parked::Parked {
            id: EventId { lane: Lane(1), seq: 7 },
            slug: "sunshine".to_owned(),
            error: "a row could not be read".to_owned(),
            parked_at: "2026-03-02T02:00:00Z".parse().unwrap(),
            retried,
        };
        let mut out = Vec::new();
        assert!(!list(&[row(false), row(true)], &mut out).unwrap());
        let text = String::from_utf8(out).unwrap();
        let line = "1/7  2026-03-02 02:00:00 UTC  sunshine  a row could not be read";
        assert_eq!(text, format!("{line}\n{line}  (tried again)\n1 waiting\n"));
        assert!(list(&[row(true)], &mut Vec::new()).unwrap());
    }
}
