//! One table in a file: a heading and rows, as xlsx or csv by the file's ending.
//!
//! Cells that a spreadsheet program would take for a formula get an apostrophe when written and lose it when
//! read. A number too long for a spreadsheet to keep exactly is refused, never guessed.

mod gathered;
#[cfg(feature = "xlsx")]
mod xlsx;

use crate::domain::money::Currency;
use std::borrow::Cow;
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::domain::money::Money;

use gathered::Gathered;

/// The largest file that is read.
pub const MAX_BYTES: u64 = 8 * 1024 * 1024;

/// The most rows that are read.
pub const MAX_ROWS: usize = 10_000;

/// The last row that may say something; blank rows are passed over, but not without end.
pub const MAX_ROW: u32 = 100_000;

/// The most columns that are read.
pub const MAX_COLUMNS: usize = 256;

/// The most bytes that a file may come to in memory, unpacked and as cells.
pub const MAX_UNPACKED: usize = 64 * 1024 * 1024;

/// A file cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// The system says no.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// It would be written over.
    #[error("{} is there already: name a new file", .0.display())]
    Exists(PathBuf),
    /// Neither xlsx nor csv.
    #[error("name a file that ends in .xlsx or .csv")]
    Ending,
    /// An xlsx file, and this program cannot.
    #[cfg(not(feature = "xlsx"))]
    #[error(
        "this program was built without xlsx: `cargo build --release` builds all of it; or use .csv"
    )]
    LeftOut,
    /// Larger than [`MAX_BYTES`].
    #[error("the file is larger than 8 MiB")]
    TooLarge,
    /// More than [`MAX_ROWS`].
    #[error("the file has more than {MAX_ROWS} rows")]
    TooManyRows,
    /// More than [`MAX_UNPACKED`].
    #[error("the file comes to more than 64 MiB when it is unpacked")]
    Unpacked,
    /// Beyond [`MAX_ROW`] or [`MAX_COLUMNS`].
    #[error(
        "row {row}, column {column} says something beyond row {MAX_ROW} or column {MAX_COLUMNS}: delete it"
    )]
    Far {
        /// The row.
        row: u32,
        /// The column, as people count.
        column: usize,
    },
    /// Neither in UTF-8 nor in what Excel writes in China.
    #[error("the file is neither in UTF-8 nor in GB18030: save it as \"CSV UTF-8\", or as .xlsx")]
    Encoding,
    /// Broken.
    #[error("the file cannot be read: {0}")]
    Broken(String),
    /// No heading.
    #[error("the file is empty")]
    Empty,
    /// A cell that the spreadsheet itself counts.
    #[error("row {row}: a cell is a formula; save the file with its values instead")]
    Formula {
        /// The row.
        row: u32,
    },
    /// A number that lost its last digits.
    #[error(
        "row {row}: a number of more than 15 digits has lost its last ones; format the column as text"
    )]
    Lossy {
        /// The row.
        row: u32,
    },
}

/// A table as read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SheetTable {
    /// The heading.
    pub head: Vec<String>,
    /// Rows that are not empty, each with its number as people count.
    pub rows: Vec<(u32, Vec<String>)>,
}

/// A cell to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Words.
    Text(String),
    /// A count or a number.
    Whole(i64),
    /// An amount in a currency.
    Money(Money, Currency),
}

impl Cell {
    /// Words, or nothing.
    #[must_use]
    pub fn text(text: Option<&str>) -> Self {
        Self::Text(text.unwrap_or_default().to_owned())
    }
}

/// The kinds of files.
enum FileKind {
    #[cfg(feature = "xlsx")]
    Xlsx,
    Csv,
}

fn kind(path: &Path) -> Result<FileKind, TableError> {
    let ending = path.extension().and_then(|it| it.to_str()).map(str::to_ascii_lowercase);
    match ending.as_deref() {
        #[cfg(feature = "xlsx")]
        Some("xlsx") => Ok(FileKind::Xlsx),
        #[cfg(not(feature = "xlsx"))]
        Some("xlsx") => Err(TableError::LeftOut),
        Some("csv") => Ok(FileKind::Csv),
        _ => Err(TableError::Ending),
    }
}

/// Read a file; also its bytes, by which the same file is known again.
///
/// # Errors
/// [`TableError`].
pub fn read(path: &Path) -> Result<(SheetTable, Vec<u8>), TableError> {
    let (kind, bytes) = bytes_of(path)?;
    let cells = match kind {
        #[cfg(feature = "xlsx")]
        FileKind::Xlsx => xlsx::cells(&bytes)?,
        FileKind::Csv => csv_cells(&bytes)?,
    };
    Ok((cells.into_table()?, bytes))
}

fn bytes_of(path: &Path) -> Result<(FileKind, Vec<u8>), TableError> {
    let kind = kind(path)?;
    if std::fs::metadata(path)?.len() > MAX_BYTES {
        return Err(TableError::TooLarge);
    }
    Ok((kind, std::fs::read(path)?))
}

/// Rows that say something, each with its number as people count.
pub type RawRows = Vec<(u32, Vec<String>)>;

/// The first lines of a file with words before its heading, which tell what stands between cells.
const SEPARATED_BY: usize = 60;

/// Read a file of which no row is known to be the heading. Nothing in it may be a formula.
///
/// # Errors
/// [`TableError`].
pub fn rows(path: &Path) -> Result<RawRows, TableError> {
    let (kind, bytes) = bytes_of(path)?;
    let cells = match kind {
        #[cfg(feature = "xlsx")]
        FileKind::Xlsx => {
            if let Some(row) = xlsx::formula(&bytes)? {
                return Err(TableError::Formula { row });
            }
            xlsx::cells(&bytes)?
        }
        FileKind::Csv => csv_cells_by(&bytes, SEPARATED_BY)?,
    };
    let rows = cells.into_rows();
    let is_formula = |cells: &Vec<String>| cells.iter().any(|cell| cell.trim().starts_with('='));
    match rows.iter().find(|(_, cells)| is_formula(cells)) {
        Some((row, _)) => Err(TableError::Formula { row: *row }),
        None => Ok(rows),
    }
}

fn csv_cells(bytes: &[u8]) -> Result<Gathered, TableError> {
    csv_cells_by(bytes, 1)
}

/// Cells of which the first so many lines tell what stands between them.
fn csv_cells_by(bytes: &[u8], lines: usize) -> Result<Gathered, TableError> {
    let text = decoded(bytes).ok_or(TableError::Encoding)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let first: Vec<_> = text.lines().take(lines).collect();
    let of_line = |line: &str, it: &u8| line.bytes().filter(|byte| byte == it).count();
    let count = |separator: &u8| first.iter().map(|line| of_line(line, separator)).sum::<usize>();
    let separator = [b';', b'\t', b','].into_iter().max_by_key(count).unwrap_or(b',');
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(separator)
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut cells = Gathered::default();
    for (index, record) in reader.records().enumerate() {
        let record = record.map_err(|error| TableError::Broken(error.to_string()))?;
        for (column, text) in record.iter().enumerate() {
            cells.put(number(index), column, unguarded(text))?;
        }
    }
    Ok(cells)
}

/// The text of a file: UTF-8, or what Excel saves as CSV in China.
fn decoded(bytes: &[u8]) -> Option<Cow<'_, str>> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(Cow::Borrowed(text)),
        #[cfg(feature = "xlsx")]
        Err(_) => encoding_rs::GB18030.decode_without_bom_handling_and_without_replacement(bytes),
        #[cfg(not(feature = "xlsx"))]
        Err(_) => None,
    }
}

fn number(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX).saturating_add(1)
}

/// Whether a spreadsheet program would take this for a formula or a command.
fn is_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'])
}

/// Words as they may stand in a cell.
#[must_use]
pub fn guarded(text: &str) -> String {
    if is_formula(text) { format!("'{text}") } else { text.to_owned() }
}

fn unguarded(text: &str) -> String {
    match text.strip_prefix('\'') {
        Some(rest) if is_formula(rest) => rest.to_owned(),
        _ => text.to_owned(),
    }
}

/// Write a new file that only its owner may read. An existing one is never overwritten.
///
/// # Errors
/// [`TableError`].
pub fn write(path: &Path, head: &[&str], rows: &[Vec<Cell>]) -> Result<(), TableError> {
    use std::os::unix::fs::OpenOptionsExt;
    let bytes = match kind(path)? {
        #[cfg(feature = "xlsx")]
        FileKind::Xlsx => {
            xlsx::bytes(head, rows).map_err(|it| TableError::Broken(it.to_string()))?
        }
        FileKind::Csv => csv_bytes(head, rows).map_err(|it| TableError::Broken(it.to_string()))?,
    };
    let mut new = std::fs::OpenOptions::new();
    let mut file = match new.write(true).create_new(true).mode(0o600).open(path) {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            return Err(TableError::Exists(path.to_owned()));
        }
        opened => opened?,
    };
    let written = file.write_all(&bytes).and_then(|()| file.sync_all());
    if written.is_err() {
        // Half a file would be taken for a whole one.
        let _ = std::fs::remove_file(path);
    }
    Ok(written?)
}

/// A table as a file in memory.
#[derive(Debug)]
pub struct SheetFile {
    /// How its name ends.
    pub ending: &'static str,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// A table as the kind of file that people open with a tap: a workbook, where this program can make one.
///
/// # Errors
/// [`TableError`].
pub fn document(head: &[&str], rows: &[Vec<Cell>]) -> Result<SheetFile, TableError> {
    #[cfg(feature = "xlsx")]
    let (ending, made) = ("xlsx", xlsx::bytes(head, rows).map_err(|it| it.to_string()));
    #[cfg(not(feature = "xlsx"))]
    let (ending, made) = ("csv", csv_bytes(head, rows).map_err(|it| it.to_string()));
    Ok(SheetFile { ending, bytes: made.map_err(TableError::Broken)? })
}

fn csv_bytes(head: &[&str], rows: &[Vec<Cell>]) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(
        // Without this mark Excel takes Chinese for something else.
        "\u{feff}".as_bytes().to_vec(),
    );
    writer.write_record(head)?;
    for row in rows {
        writer.write_record(row.iter().map(|cell| match cell {
            Cell::Text(text) => guarded(text),
            Cell::Whole(number) => number.to_string(),
            Cell::Money(amount, currency) => currency.plain(*amount),
        }))?;
    }
    writer.into_inner().map_err(|error| error.into_error().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round_trip(name: &str) -> SheetTable {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        let money = |minor| Cell::Money(Money::from_minor(minor), Currency::CNY);
        let rows = [
            vec![Cell::Whole(1024), Cell::text(Some("=1+1")), money(3_990)],
            vec![Cell::Whole(2), Cell::text(Some("逗号, \"引号\"\n换行 🍇")), money(-5)],
            vec![Cell::text(None), Cell::text(Some("-5")), money(10_000_000_001)],
        ];
        write(&path, &["订单号", "备注", "金额"], &rows).unwrap();
        assert!(matches!(write(&path, &[], &[]), Err(TableError::Exists(_))), "never overwritten");
        read(&path).unwrap().0
    }

    #[cfg(feature = "xlsx")]
    #[test]
    fn what_excel_saves_in_china_is_read() {
        let (bytes, _, _) = encoding_rs::GBK.encode("订单号,快递单号\r\n7,顺丰1\r\n");
        let table = csv_cells(&bytes).unwrap().into_table().unwrap();
        assert_eq!(table.head, ["订单号", "快递单号"]);
        assert_eq!(table.rows, [(2, vec!["7".to_owned(), "顺丰1".to_owned()])]);
        assert!(matches!(csv_cells(b"a,b\n\xff\xff,1\n"), Err(TableError::Encoding)));
    }

    #[test]
    fn what_is_written_is_read_back() {
        for name in ["orders.xlsx", "orders.CSV"] {
            let table = round_trip(name);
            assert_eq!(table.head, ["订单号", "备注", "金额"]);
            let cells: Vec<_> =
                table.rows.iter().map(|(row, cells)| (*row, cells[1].clone())).collect();
            let expected = [(2, "=1+1"), (3, "逗号, \"引号\"\n换行 🍇"), (4, "-5")];
            assert_eq!(cells, expected.map(|(row, text)| (row, text.to_owned())), "{name}");
            let amounts: Vec<_> = table
                .rows
                .iter()
                .map(|(_, cells)| {
                    crate::sheets::amount::parse(&cells[2], Currency::CNY).unwrap().minor
                })
                .collect();
            assert_eq!(amounts, [3_990, -5, 10_000_000_001], "{name}");
        }
    }

    #[test]
    fn formulas_are_words_in_the_file_itself() {
        let bytes = csv_bytes(&["a"], &[vec![Cell::text(Some("@SUM(A1)"))]]).unwrap();
        assert_eq!(String::from_utf8(bytes).unwrap(), "\u{feff}a\r\n'@SUM(A1)\r\n");
        for text in ["=1", "+1", "-1", "@a", "\ta", "＝1"] {
            assert_eq!(guarded(text), format!("'{text}"));
            assert_eq!(unguarded(&guarded(text)), text);
        }
        assert_eq!(guarded("'a"), "'a");
    }

    #[test]
    fn csv_is_read_with_any_usual_separator() {
        for text in ["a,b\n\n1,2\n", "\u{feff}a;b\r\n;\r\n1;2", "a\tb\n \t\n1\t2"] {
            let table = csv_cells(text.as_bytes()).and_then(Gathered::into_table).unwrap();
            assert_eq!(table.head, ["a", "b"]);
            assert_eq!(table.rows.last().unwrap().1, ["1", "2"]);
            assert_eq!(table.rows.len(), 1);
        }
        assert!(matches!(Gathered::default().into_table(), Err(TableError::Empty)));
    }

    #[test]
    fn csv_without_end_is_refused_or_costs_nothing() {
        let wide = format!("a,b\n1{}2\n", ",".repeat(300));
        let far = csv_cells(wide.as_bytes()).unwrap_err();
        assert!(matches!(far, TableError::Far { row: 2, column: 301 }), "{far}");
        // Separators without words between them, and blank lines, are nothing.
        let blank = format!("a,b\n{}1,2\n", ",".repeat(1_000).as_str().to_owned() + "\n");
        let table = csv_cells(blank.as_bytes()).and_then(Gathered::into_table).unwrap();
        assert_eq!(table.rows, [(3, vec!["1".to_owned(), "2".to_owned()])]);
        let long = format!("a\n{}", "1\n".repeat(MAX_ROWS + 1));
        assert!(matches!(csv_cells(long.as_bytes()), Err(TableError::TooManyRows)));
    }
}
