//! `tuan backup check`: whether the data keys open what a dump holds, or a database that was restored from one.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, bail, ensure};
use clap::Subcommand;

use crate::store::backup::{self, Fit};
use crate::store::{Seal, child, embedded};

use super::bar::Bar;
use super::database::Database;
use super::{Data, keys};

/// How a dump begins that `pg_restore` reads.
const CUSTOM: &[u8] = b"PGDMP";

/// How a compressed file begins.
const GZIP: &[u8] = &[0x1f, 0x8b];

/// Where a tar file says that it is one.
const TAR: (usize, &[u8]) = (257, b"ustar");

/// Backups.
#[derive(Debug, clap::Args)]
pub struct Backup {
    #[command(subcommand)]
    what: BackupAction,
    #[command(flatten)]
    data: Data,
}

#[derive(Debug, Subcommand)]
enum BackupAction {
    /// Open every sealed value of a dump, or of a restored database; exit status 1 if key and backup do not fit
    ///
    /// Needs `TUAN_DATA_KEY`, and in `TUAN_DATA_KEYS_OLD` whatever older keys the backup needs. Changes nothing.
    #[command(
        after_help = "A backup, and how to know that it is one:\n  pg_dump -Fc -f shop.dump \"$DATABASE_URL\"     and keep the data keys elsewhere\n  tuan backup check shop.dump\n  createdb restored && pg_restore --no-owner -d restored shop.dump\n  export DATABASE_URL=postgres:///restored\n  tuan backup check && tuan audit"
    )]
    Check {
        /// The dump, in any format of `pg_dump`; without it the database of `DATABASE_URL` or --data
        #[arg(value_name = "DUMP")]
        dump: Option<PathBuf>,
    },
}

impl Backup {
    /// Run it; says whether they fit.
    ///
    /// # Errors
    /// With a message for the person who typed the command.
    pub async fn run(self) -> anyhow::Result<bool> {
        super::telemetry::start("warn,sqlx=error");
        let data = self.data.data.as_deref();
        let seal = keys::given(data)?.context(keys::NEEDED)?;
        let BackupAction::Check { dump } = self.what;
        let fit = match dump {
            Some(dump) => tokio::task::spawn_blocking(move || of_dump(&dump, &seal)).await??,
            None => of_database(data, &seal).await?,
        };
        say(&fit, &mut std::io::stdout().lock())?;
        Ok(fit.is_fine())
    }
}

async fn of_database(data: Option<&Path>, seal: &Seal) -> anyhow::Result<Fit> {
    let (_database, db) = Database::open_shop(data).await?;
    let mut bar = Bar::new();
    let fit = backup::of_database(&db, seal, |progress| {
        bar.show(|| format!("{}: {} rows …", progress.column.table, progress.rows));
    });
    let fit = fit.await;
    bar.clear();
    db.close().await;
    Ok(fit?)
}

fn of_dump(path: &Path, seal: &Seal) -> anyhow::Result<Fit> {
    let cannot = || format!("{} cannot be read", path.display());
    if path.is_dir() {
        return restored(path, seal);
    }
    let mut file = BufReader::new(File::open(path).with_context(cannot)?);
    let head = file.fill_buf().with_context(cannot)?;
    ensure!(
        !head.starts_with(GZIP),
        "{} is compressed: gunzip it first (or let pg_dump -Fc compress)",
        path.display()
    );
    if head.starts_with(CUSTOM) || head.get(TAR.0..).is_some_and(|it| it.starts_with(TAR.1)) {
        return restored(path, seal);
    }
    backup::of_dump(file, seal).with_context(cannot)
}

/// What `pg_restore` makes of it, as text.
fn restored(path: &Path, seal: &Seal) -> anyhow::Result<Fit> {
    let program = embedded::program("pg_restore")
        .context("pg_restore is not installed: it reads such a dump (postgresql-client)")?;
    let mut child = child::command(program)
        .args(["--data-only", "--file=-"])
        .arg(path)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .context("pg_restore does not start")?;
    let said = child.stderr.take().map(|mut stderr| {
        std::thread::spawn(move || {
            let mut said = String::new();
            let _ = stderr.read_to_string(&mut said);
            said
        })
    });
    let text = child.stdout.take().context("pg_restore has an output")?;
    let fit = backup::of_dump(BufReader::new(text), seal);
    let status = child.wait()?;
    if !status.success() {
        let said = said.and_then(|said| said.join().ok()).unwrap_or_default();
        bail!("pg_restore cannot read {}: {}", path.display(), said.trim());
    }
    Ok(fit?)
}

fn say(fit: &Fit, out: &mut impl Write) -> std::io::Result<()> {
    for lacks in &fit.lacks {
        writeln!(out, "{lacks}")?;
    }
    for (id, opens) in &fit.keys {
        let opens = if *opens { "given, and opens" } else { "not given, or does not open" };
        writeln!(out, "key {id}: {opens}")?;
    }
    for place in &fit.places {
        writeln!(out, "does not open: {place}")?;
    }
    let (open, shut) = (fit.tally.open, fit.tally.shut);
    let verdict = if fit.is_fine() { "they fit" } else { "they do not fit" };
    writeln!(out, "{verdict}: {open} sealed values open, {shut} do not")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::rekey::RekeyTally;

    #[test]
    fn it_says_what_is_wrong_before_the_verdict() {
        let id = Seal::new(&Seal::fresh_key()).unwrap().newest();
        let say = |fit: &Fit| {
            let mut out = Vec::new();
            say(fit, &mut out).unwrap();
            String::from_utf8(out).unwrap()
        };
        let fine = Fit { keys: vec![(id, true)], ..Fit::default() };
        let open = RekeyTally { open: 3, shut: 0 };
        let text = say(&Fit { tally: open, ..fine.clone() });
        assert_eq!(
            text,
            format!("key {id}: given, and opens\nthey fit: 3 sealed values open, 0 do not\n")
        );
        let missing = Fit { keys: vec![(id, false)], ..Fit::default() };
        let shut = Fit { tally: RekeyTally { open: 3, shut: 1 }, ..fine.clone() };
        let cut = Fit { lacks: vec!["it breaks off".to_owned()], ..fine };
        for fit in [missing, shut, cut, Fit::default()] {
            assert!(say(&fit).contains("they do not fit"), "{fit:?}");
        }
    }
}
