//! `tuan rekey`: seals everything anew with the newest data key, while the shop trades.

use std::io::Write;

use anyhow::Context;

use crate::store::rekey::{self, RekeyProgress, RekeyResult};
use crate::store::seal::KeyId;
use crate::store::{Seal, data_key};

use super::bar::Bar;
use super::database::Database;
use super::{Data, keys};

/// Seal everything anew.
#[derive(Debug, clap::Args)]
pub struct Rekey {
    /// Empty what none of the keys opens, as if it were too old to be kept: it is lost anyway
    #[arg(long)]
    give_up: bool,
    #[command(flatten)]
    data: Data,
}

impl Rekey {
    /// Run it; says whether nothing is left that another key sealed.
    ///
    /// # Errors
    /// With a message for the person who typed the command.
    pub async fn run(self) -> anyhow::Result<bool> {
        super::telemetry::start("warn,sqlx=error");
        let data = self.data.data.as_deref();
        let seal = keys::given(data)?.context(keys::NEEDED)?;
        let (_database, db) = Database::open_shop(data).await?;
        data_key::admit(&db, &seal).await?;
        let mut bar = Bar::new();
        let done = rekey::run(&db, &seal, self.give_up, |progress| bar.show(|| told(progress)));
        let done = done.await;
        bar.clear();
        let done = done.context("not all was sealed anew; run it again to go on")?;
        if done.shut == 0 {
            data_key::settle(&db, &seal).await?;
        }
        db.close().await;
        report(&done, &seal, &mut std::io::stdout().lock())?;
        Ok(done.shut == 0)
    }
}

fn told(progress: RekeyProgress) -> String {
    let RekeyProgress { column, rows, renewed } = progress;
    format!("{}.{}: {rows} rows; {renewed} values sealed anew …", column.table, column.name)
}

fn report(done: &RekeyResult, seal: &Seal, out: &mut impl Write) -> std::io::Result<()> {
    let newest = seal.newest();
    writeln!(out, "{} values sealed anew with the key {newest}", done.renewed)?;
    if done.emptied > 0 {
        writeln!(out, "{} values that no key opens were emptied", done.emptied)?;
    }
    if done.shut > 0 {
        for place in &done.places {
            writeln!(out, "  {place}")?;
        }
        return writeln!(
            out,
            "{} values open with none of the keys given, so nothing is finished: give the key they were sealed with \
             in TUAN_DATA_KEYS_OLD and run this again; if it is lost, --give-up empties them",
            done.shut
        );
    }
    let older: Vec<_> = seal.ids().skip(1).map(|id: KeyId| id.to_string()).collect();
    if older.is_empty() {
        return writeln!(out, "all is sealed with it");
    }
    writeln!(
        out,
        "all is sealed with it: the shop needs {} no more. Backups made before do",
        older.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_which_keys_are_needed_no_more() {
        let (new, old) = (Seal::fresh_key(), Seal::fresh_key());
        let seal = Seal::of(&new, &[&old]).unwrap();
        let say = |done: &RekeyResult| {
            let mut out = Vec::new();
            report(done, &seal, &mut out).unwrap();
            String::from_utf8(out).unwrap()
        };
        let fine = say(&RekeyResult { renewed: 5, ..RekeyResult::default() });
        let older = Seal::new(&old).unwrap().newest().to_string();
        assert!(fine.starts_with("5 values") && fine.contains(&older), "{fine}");
        let places = vec!["review.body: lane 0".to_owned()];
        let shut = say(&RekeyResult { shut: 1, places, ..RekeyResult::default() });
        assert!(shut.contains("review.body") && shut.contains("--give-up"), "{shut}");
        assert!(!shut.contains("needs"), "{shut}");
    }
}
