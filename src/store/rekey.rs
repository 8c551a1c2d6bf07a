//! Sealing everything anew with the newest key (换钥), while the shop trades.
//!
//! Tables are walked in the order of a key, a page at a time. A value is written back only where it still is what
//! was read (compare-and-set): what a batch wrote meanwhile is sealed with the newest key anyway. A page takes no
//! lock that anybody holds, so nobody ever waits for a page that waits for others; what it had to leave is found by
//! the next round. Stopped at any point, it goes on by being run again: what is done is told by the values.

use std::fmt::Write as _;
use std::time::Instant;

use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, PgConnection, PgPool, Row};

use crate::store::seal::{COLUMNS, Renewed, SealedCell, SealedColumn};
use crate::store::{Seal, StoreError};

/// Rows of a page.
const PAGE: usize = 500;

/// Of each column so many values at either end are looked at to tell whether a key fits.
const SAMPLE: usize = 3;

/// The most values that do not open whose places are told.
const TOLD_MAX: usize = 20;

/// How far it is.
#[derive(Clone, Copy, Debug)]
pub struct RekeyProgress {
    /// The column at hand.
    pub column: &'static SealedColumn,
    /// Rows of it that were looked at.
    pub rows: u64,
    /// Values sealed anew so far, of all columns.
    pub renewed: u64,
}

/// What came of it.
#[derive(Clone, Debug, Default)]
pub struct RekeyResult {
    /// Values sealed anew.
    pub renewed: u64,
    /// Values that none of the keys opens.
    pub shut: u64,
    /// The places of some of them.
    pub places: Vec<String>,
    /// Of those, how many were given up.
    pub emptied: u64,
}

/// How many values opened, and how many did not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RekeyTally {
    /// They opened.
    pub open: u64,
    /// They did not.
    pub shut: u64,
}

/// Seal with the newest key whatever is sealed otherwise, round by round until nothing is left but what does not
/// open. `give_up`: that is emptied, as if it had been blanked.
///
/// # Errors
/// [`StoreError`]; what was sealed anew stays so.
pub async fn run(
    db: &PgPool,
    seal: &Seal,
    give_up: bool,
    mut tell: impl FnMut(RekeyProgress),
) -> Result<RekeyResult, StoreError> {
    let mut done = RekeyResult::default();
    loop {
        let mut round =
            RekeyRound { seal, give_up, left: 0, shut: 0, places: Vec::new(), emptied: 0 };
        for column in &COLUMNS {
            round.walk(db, column, &mut done.renewed, &mut tell).await?;
        }
        done.emptied += round.emptied;
        if round.left == 0 {
            (done.shut, done.places) = (round.shut, round.places);
            return Ok(done);
        }
    }
}

/// Open every sealed value of a database, and change nothing; also the places of some that do not open.
///
/// # Errors
/// [`StoreError`].
pub async fn open_all(
    db: &PgPool,
    seal: &Seal,
    mut tell: impl FnMut(RekeyProgress),
) -> Result<(RekeyTally, Vec<String>), StoreError> {
    let (mut tally, mut places) = (RekeyTally::default(), Vec::new());
    for column in &COLUMNS {
        let (mut after, mut rows) = (from_the_start(column), 0);
        loop {
            let page =
                RowPage::after(column, &after, None).fetch(&mut *db.acquire().await?).await?;
            let Some(last) = page.last() else { break };
            after.clone_from(&last.key);
            rows += count(page.len());
            for value in page.iter().filter(|value| value.sealed.is_some()) {
                if value.opens(column, seal) {
                    tally.open += 1;
                } else {
                    tally.shut += 1;
                    note(&mut places, column, value);
                }
            }
            tell(RekeyProgress { column, rows, renewed: 0 });
        }
    }
    Ok((tally, places))
}

/// Look at a few values of each column.
///
/// # Errors
/// [`StoreError`].
pub(crate) async fn sample(db: &mut PgConnection, seal: &Seal) -> Result<RekeyTally, StoreError> {
    let mut tally = RekeyTally::default();
    for column in &COLUMNS {
        for order in ["asc", "desc"] {
            for value in RowPage::some(column, order).fetch(&mut *db).await? {
                let opens = value.opens(column, seal);
                *(if opens { &mut tally.open } else { &mut tally.shut }) += 1;
            }
        }
    }
    Ok(tally)
}

/// One time through everything.
struct RekeyRound<'a> {
    seal: &'a Seal,
    give_up: bool,
    /// Values that were found sealed otherwise.
    left: u64,
    shut: u64,
    places: Vec<String>,
    emptied: u64,
}

impl RekeyRound<'_> {
    async fn walk(
        &mut self,
        db: &PgPool,
        column: &'static SealedColumn,
        renewed: &mut u64,
        tell: &mut impl FnMut(RekeyProgress),
    ) -> Result<(), StoreError> {
        let (mut after, mut rows) = (from_the_start(column), 0);
        // What bears the newest key's id need not be fetched. A value without an id may begin alike by chance.
        let known = (!self.seal.opens_old()).then(|| self.seal.prefix());
        loop {
            let begun = Instant::now();
            let mut db = db.acquire().await?;
            let page = RowPage::after(column, &after, known.as_ref().map(AsRef::as_ref));
            let page = page.fetch(&mut db).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after.clone_from(&last.key);
            rows += count(page.len());
            *renewed += self.renew(&mut db, column, &page).await?;
            drop(db);
            tell(RekeyProgress { column, rows, renewed: *renewed });
            // The shop comes first: at most half of the time is ours.
            tokio::time::sleep(begun.elapsed()).await;
        }
    }

    /// Write a page back; how many values were sealed anew.
    async fn renew(
        &mut self,
        db: &mut PgConnection,
        column: &SealedColumn,
        page: &[SealedRow],
    ) -> Result<u64, StoreError> {
        let (mut anew, mut shut) = (Vec::new(), Vec::new());
        for value in page {
            let Some(sealed) = value.sealed.as_deref() else { continue };
            match self.seal.renew(&value.cell(column), sealed) {
                Some(Renewed::AsItIs) => {}
                Some(Renewed::Anew(sealed)) => anew.push((value, sealed)),
                None => shut.push(value),
            }
        }
        self.left += count(anew.len());
        for value in &shut {
            note(&mut self.places, column, value);
        }
        if self.give_up {
            self.left += count(shut.len());
            self.emptied += empty(db, column, &shut).await?;
        } else {
            self.shut += count(shut.len());
        }
        put(db, column, &anew).await
    }
}

/// A row, and what is sealed in it.
struct SealedRow {
    /// Its place in the walk.
    key: Vec<i64>,
    numbers: Vec<i64>,
    text: String,
    sealed: Option<Vec<u8>>,
}

impl SealedRow {
    fn read(row: &PgRow) -> Result<Self, StoreError> {
        Ok(Self {
            key: row.try_get(0)?,
            numbers: row.try_get(1)?,
            text: row.try_get(2)?,
            sealed: row.try_get(3)?,
        })
    }

    fn cell(&self, column: &SealedColumn) -> SealedCell<'_> {
        SealedCell::of(column, &self.numbers).with_text(&self.text)
    }

    fn opens(&self, column: &SealedColumn, seal: &Seal) -> bool {
        let sealed = self.sealed.as_deref().unwrap_or_default();
        seal.renew(&self.cell(column), sealed).is_some()
    }
}

/// A question for rows of a table.
struct RowPage<'a> {
    sql: String,
    after: &'a [i64],
    known: Option<&'a [u8]>,
}

impl<'a> RowPage<'a> {
    /// The rows after this one, sealed or not: a page is bounded by what is looked at, not by what is found.
    fn after(column: &SealedColumn, after: &'a [i64], known: Option<&'a [u8]>) -> Self {
        let SealedColumn { table, name, key, .. } = column;
        let is_known = match known {
            Some(known) => {
                format!("substring({name} from 1 for {}) = ${}", known.len(), key.len() + 1)
            }
            None => "false".to_owned(),
        };
        let asked: Vec<_> = (1..=key.len()).map(|number| format!("${number}")).collect();
        let (key, asked) = (key.join(", "), asked.join(", "));
        let sql = format!(
            "select {}, case when {is_known} or {name} = ''::bytea then null else {name} end
             from {table} where ({key}) > ({asked}) order by {key} limit {PAGE}",
            place(column),
        );
        Self { sql, after, known }
    }

    /// A few sealed values at one end of a table.
    fn some(column: &SealedColumn, order: &str) -> Self {
        let SealedColumn { table, name, key, .. } = column;
        let key: Vec<_> = key.iter().map(|key| format!("{key} {order}")).collect();
        let sql = format!(
            "select {}, {name} from {table} where {name} is not null and {name} <> ''::bytea
             order by {} limit {SAMPLE}",
            place(column),
            key.join(", "),
        );
        Self { sql, after: &[], known: None }
    }

    async fn fetch(self, db: &mut PgConnection) -> Result<Vec<SealedRow>, StoreError> {
        // Made of the names of tables and columns above.
        let mut query = sqlx::query(AssertSqlSafe(self.sql));
        for number in self.after {
            query = query.bind(number);
        }
        if let Some(known) = self.known {
            query = query.bind(known);
        }
        query.fetch_all(db).await?.iter().map(SealedRow::read).collect()
    }
}

/// What tells a row: its place in the walk, and what its value is bound to.
fn place(column: &SealedColumn) -> String {
    let numbers = |names: &[&str]| {
        let names: Vec<_> = names.iter().map(|name| format!("{name}::bigint")).collect();
        format!("array[{}]", names.join(", "))
    };
    let text = column.text.unwrap_or("''::text");
    format!("{}, {}, {text}", numbers(column.key), numbers(column.numbers))
}

/// Write values where those are still that were read.
async fn put(
    db: &mut PgConnection,
    column: &SealedColumn,
    anew: &[(&SealedRow, Vec<u8>)],
) -> Result<u64, StoreError> {
    let rows: Vec<_> = anew.iter().map(|(value, _)| *value).collect();
    let set = format!("update {} t set {} = held.anew", column.table, column.name);
    let anew = anew.iter().map(|(_, sealed)| sealed.as_slice()).collect();
    compare_and(db, column, &set, "from", &rows, anew).await
}

/// Give up values that do not open.
async fn empty(
    db: &mut PgConnection,
    column: &SealedColumn,
    rows: &[&SealedRow],
) -> Result<u64, StoreError> {
    let SealedColumn { table, name, empty, .. } = column;
    let (change, from) = match empty {
        Some(empty) => (format!("update {table} t set {name} = {empty}"), "from"),
        None => (format!("delete from {table} t"), "using"),
    };
    compare_and(db, column, &change, from, rows, vec![&[][..]; rows.len()]).await
}

/// Change rows whose values are still what was read, unless somebody else is at them; how many.
async fn compare_and(
    db: &mut PgConnection,
    column: &SealedColumn,
    change: &str,
    from: &str,
    rows: &[&SealedRow],
    anew: Vec<&[u8]>,
) -> Result<u64, StoreError> {
    if rows.is_empty() {
        return Ok(0);
    }
    let SealedColumn { table, name, key, .. } = column;
    let (mut columns, mut same) = (String::new(), String::new());
    for (number, key) in (3..).zip(*key) {
        let _ = write!(columns, ", unnest(${number}::bigint[]) as {key}");
        let _ = write!(same, "{key} = n.{key} and ");
    }
    let sql = format!(
        "with held as (
            select spot.ctid, n.anew from (select unnest($1) as old, unnest($2) as anew{columns}) as n, lateral (
                select ctid from {table} where {same}{name} = n.old offset 0
                for no key update skip locked) as spot
         )
         {change} {from} held where t.ctid = held.ctid"
    );
    let old: Vec<_> = rows.iter().map(|row| row.sealed.as_deref()).collect();
    // Made of the names of tables and columns above.
    let mut query = sqlx::query(AssertSqlSafe(sql)).bind(old).bind(anew);
    for nth in 0..key.len() {
        query = query.bind(rows.iter().map(|row| row.key[nth]).collect::<Vec<_>>());
    }
    Ok(query.execute(db).await?.rows_affected())
}

/// Before the first row: lanes count from 0.
fn from_the_start(column: &SealedColumn) -> Vec<i64> {
    vec![-1; column.key.len()]
}

fn note(places: &mut Vec<String>, column: &SealedColumn, value: &SealedRow) {
    if places.len() < TOLD_MAX {
        places.push(told(column, &value.key));
    }
}

/// A place, for people.
fn told(column: &SealedColumn, key: &[i64]) -> String {
    let numbers = column.key.iter().zip(key).map(|(name, number)| format!("{name} {number}"));
    format!("{}.{}: {}", column.table, column.name, numbers.collect::<Vec<_>>().join(", "))
}

fn count(rows: usize) -> u64 {
    u64::try_from(rows).unwrap_or(u64::MAX)
}
