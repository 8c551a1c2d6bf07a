//! Whether data keys and a backup fit: every sealed value of a dump, or of a database restored from one, is opened.
//!
//! A dump is read as `pg_dump` writes it in plain text, as rows of `COPY`. Nothing is changed anywhere.

use std::collections::BTreeSet;
use std::io::{self, BufRead};

use sqlx::PgPool;

use crate::store::Seal;
use crate::store::data_key::{self, Misfit};
use crate::store::rekey::{self, RekeyProgress, RekeyTally};
use crate::store::seal::{COLUMNS, KeyId, Opened, SealedCell, SealedColumn};

/// The most places of values that do not open.
const PLACES_MAX: usize = 20;

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct Fit {
    /// Keys that it needs, and whether they were given and open their check values.
    pub keys: Vec<(KeyId, bool)>,
    /// Sealed values.
    pub tally: RekeyTally,
    /// Where some of those stand that do not open.
    pub places: Vec<String>,
    /// Why it is no whole backup of a shop.
    pub lacks: Vec<String>,
}

impl Fit {
    /// Whether a shop can go on with it.
    #[must_use]
    pub fn is_fine(&self) -> bool {
        let opens = self.tally.shut == 0 && self.keys.iter().all(|(_, opens)| *opens);
        opens && self.lacks.is_empty() && (self.tally.open > 0 || !self.keys.is_empty())
    }
}

/// Open all of a database.
///
/// # Errors
/// [`Misfit`] when it cannot be read.
pub async fn of_database(
    db: &PgPool,
    seal: &Seal,
    tell: impl FnMut(RekeyProgress),
) -> Result<Fit, Misfit> {
    let written = data_key::written(db, seal).await?;
    seal.set_opens_old(written.last().is_none_or(|(_, check)| check.is_none_or(|it| it)));
    let keys = written.iter().map(|(id, check)| (*id, check.is_some())).collect();
    let (tally, places) = rekey::open_all(db, seal, tell).await?;
    Ok(Fit { keys, tally, places, lacks: Vec::new() })
}

/// Open all of a dump in plain text.
///
/// # Errors
/// When it cannot be read.
pub fn of_dump(mut dump: impl BufRead, seal: &Seal) -> io::Result<Fit> {
    let mut reading = BackupReading::new(seal);
    let mut line = Vec::new();
    while dump.read_until(b'\n', &mut line)? > 0 {
        reading.line(line.strip_suffix(b"\n").unwrap_or(&line));
        line.clear();
    }
    Ok(reading.end())
}

/// How `pg_dump` ends.
const END: &[u8] = b"-- PostgreSQL database dump complete";

struct BackupReading<'a> {
    seal: &'a Seal,
    rows: Option<BackupRows>,
    seen: BTreeSet<&'static str>,
    has_ended: bool,
    has_inserts: bool,
    /// Keys written down, by number, and what their check values say.
    keys: Vec<(i64, KeyId, Option<bool>)>,
    /// Values that bear no key's id, and open.
    old: RekeyTally,
    tally: RekeyTally,
    places: Vec<String>,
}

/// The rows of one table.
struct BackupRows {
    /// Its columns, in order.
    columns: Vec<String>,
    /// Those that are sealed; none for the table of keys.
    sealed: Vec<&'static SealedColumn>,
}

impl<'a> BackupReading<'a> {
    fn new(seal: &'a Seal) -> Self {
        // Which values may be without a key's id is known when all is read.
        seal.set_opens_old(true);
        Self {
            seal,
            rows: None,
            seen: BTreeSet::new(),
            has_ended: false,
            has_inserts: false,
            keys: Vec::new(),
            old: RekeyTally::default(),
            tally: RekeyTally::default(),
            places: Vec::new(),
        }
    }

    fn line(&mut self, line: &[u8]) {
        if line == b"\\." {
            self.rows = None;
        } else if let Some(rows) = self.rows.take() {
            self.row(&rows, line);
            self.rows = Some(rows);
        } else if let Some((table, columns)) = copy(line) {
            self.begin(&table, columns);
        } else {
            self.has_ended |= line.starts_with(END);
            self.has_inserts |= line.starts_with(b"INSERT INTO public.inbox ");
        }
    }

    /// Rows of a table follow.
    fn begin(&mut self, table: &str, columns: Vec<String>) {
        let sealed: Vec<_> = COLUMNS.iter().filter(|column| column.table == table).collect();
        self.seen.extend(sealed.iter().map(|column| column.table));
        self.rows = Some(BackupRows { columns, sealed });
        if table != "data_key" && self.rows.as_ref().is_some_and(|rows| rows.sealed.is_empty()) {
            self.rows = Some(BackupRows { columns: Vec::new(), sealed: Vec::new() });
        }
    }

    fn row(&mut self, rows: &BackupRows, line: &[u8]) {
        if rows.columns.is_empty() {
            return; // nothing of this table is sealed
        }
        let fields: Vec<_> = line.split(|&byte| byte == b'\t').collect();
        let field = |name: &str| {
            let nth = rows.columns.iter().position(|column| column == name)?;
            fields.get(nth).copied().filter(|field| *field != b"\\N")
        };
        if rows.sealed.is_empty() {
            let number = |name| text(field(name)?)?.parse().ok();
            let key = || {
                let id = KeyId::from_number(number("key_id")?)?;
                let check = data_key::read_check(self.seal, id, &bytes(field("sealed")?)?);
                Some((number("number")?, id, check))
            };
            self.keys.extend(key());
        }
        for column in &rows.sealed {
            let Some(value) = field(column.name).filter(|value| *value != b"\\\\x") else {
                continue;
            };
            self.value(column, value, field);
        }
    }

    fn value<'f>(
        &mut self,
        column: &SealedColumn,
        value: &[u8],
        field: impl Fn(&str) -> Option<&'f [u8]>,
    ) {
        let opened = || {
            let numbers = column.numbers.iter().map(|name| text(field(name)?)?.parse().ok());
            let numbers: Vec<i64> = numbers.collect::<Option<_>>()?;
            let text = column.text.map_or(Some(String::new()), |name| text(field(name)?))?;
            let cell = SealedCell::of(column, &numbers).with_text(&text);
            self.seal.opened(&cell, &bytes(value)?)
        };
        match opened() {
            Some(Opened::Bound) => self.tally.open += 1,
            Some(Opened::Old) => self.old.open += 1,
            None => {
                self.tally.shut += 1;
                let key = column.key.iter().map(|name| {
                    format!("{name} {}", field(name).and_then(text).unwrap_or_default())
                });
                if self.places.len() < PLACES_MAX {
                    let key = key.collect::<Vec<_>>().join(", ");
                    self.places.push(format!("{}.{}: {key}", column.table, column.name));
                }
            }
        }
    }

    fn end(mut self) -> Fit {
        self.keys.sort_unstable_by_key(|(number, ..)| *number);
        let opens_old = self.keys.last().is_none_or(|(.., check)| check.is_none_or(|it| it));
        let old = if opens_old { &mut self.tally.open } else { &mut self.tally.shut };
        *old += self.old.open;
        if !opens_old && self.old.open > 0 {
            self.places.push(format!("{} values bear no key's id", self.old.open));
        }
        let mut lacks = Vec::new();
        if self.has_inserts {
            lacks.push("it was made with --inserts, which is not read: leave that out".to_owned());
        } else {
            let tables: BTreeSet<_> = COLUMNS.iter().map(|column| column.table).collect();
            let absent: Vec<_> = tables.difference(&self.seen).copied().collect();
            if !absent.is_empty() {
                lacks.push(format!("it has no rows of {}", absent.join(", ")));
            }
        }
        if !self.has_ended || self.rows.is_some() {
            lacks.push("it breaks off before its end".to_owned());
        }
        let keys = self.keys.iter().map(|(_, id, check)| (*id, check.is_some())).collect();
        Fit { keys, tally: self.tally, places: self.places, lacks }
    }
}

/// The table and the columns whose rows follow this line.
fn copy(line: &[u8]) -> Option<(String, Vec<String>)> {
    let line = std::str::from_utf8(line).ok()?;
    let rest = line.strip_prefix("COPY public.")?.strip_suffix(") FROM stdin;")?;
    let (table, columns) = rest.split_once(" (")?;
    let bare = |name: &str| name.trim_matches('"').to_owned();
    Some((bare(table), columns.split(", ").map(bare).collect()))
}

/// A field as text.
fn text(field: &[u8]) -> Option<String> {
    let mut plain = Vec::with_capacity(field.len());
    let mut bytes = field.iter();
    while let Some(&byte) = bytes.next() {
        plain.push(if byte == b'\\' { escaped(*bytes.next()?) } else { byte });
    }
    String::from_utf8(plain).ok()
}

fn escaped(byte: u8) -> u8 {
    match byte {
        b'b' => 8,
        b'f' => 12,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'v' => 11,
        other => other,
    }
}

/// A field as bytes.
fn bytes(field: &[u8]) -> Option<Vec<u8>> {
    let digits = field.strip_prefix(b"\\\\x")?;
    hex::decode(digits).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::{AccountId, CommunityId};

    /// A dump with an event and nothing else in it.
    fn dump(seal: &Seal, key: &str, ends: bool) -> String {
        let cell = SealedCell::inbox_body(CommunityId(7), AccountId(1), "m:1\t2\\");
        let body = hex::encode(seal.close(&cell, "hello"));
        let mut text = format!(
            "--\nCOPY public.inbox (lane, account_id, key, seq, community_id, \"at\", body) FROM stdin;\n\
             0\t1\t{key}\t5\t7\t2026\t\\\\x{body}\n0\t1\tx\t6\t7\t2026\t\\N\n\\.\n"
        );
        for table in [
            "outbox",
            "outbox_mark",
            "member",
            "orders",
            "withdrawal",
            "service_case",
            "erasure",
            "review",
        ] {
            text = format!("{text}COPY public.{table} (lane) FROM stdin;\n\\.\n");
        }
        if ends {
            text.push_str("--\n-- PostgreSQL database dump complete\n--\n");
        }
        text
    }

    #[test]
    fn a_dump_is_opened_value_by_value() {
        let seal = Seal::new(&Seal::fresh_key()).unwrap();
        let fit = |text: &str| of_dump(text.as_bytes(), &seal).unwrap();
        let fine = fit(&dump(&seal, "m:1\\t2\\\\", true));
        assert!(fine.is_fine(), "{fine:?}");
        assert_eq!(fine.tally, RekeyTally { open: 1, shut: 0 });
        let moved = fit(&dump(&seal, "m:1", true));
        assert_eq!(moved.places, ["inbox.body: lane 0, seq 5"]);
        assert!(!moved.is_fine());
        let other = Seal::new(&Seal::fresh_key()).unwrap();
        assert!(!fit(&dump(&other, "m:1\\t2\\\\", true)).is_fine());
        for broken in [dump(&seal, "m:1\\t2\\\\", false), String::new()] {
            let broken = fit(&broken);
            assert!(!broken.is_fine() && !broken.lacks.is_empty(), "{broken:?}");
        }
    }
}
