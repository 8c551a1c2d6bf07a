//! Workbooks: the first sheet of one that is read, and the only one of one that is written.

use std::io::{Cursor, Read};
use std::sync::LazyLock;

use calamine::{Data, Reader, Xlsx};
use regex::bytes::Regex;
use rust_xlsxwriter::{Format, Workbook, XlsxError};
use zip::ZipArchive;

use super::{Cell, Gathered, MAX_UNPACKED, TableError, guarded, unguarded};

/// Whole numbers beyond this are not exact in a spreadsheet.
const EXACT: f64 = 1e15;

/// The most parts of a workbook.
const MAX_PARTS: usize = 1_000;

/// The cells of the first sheet.
pub(super) fn cells(bytes: &[u8]) -> Result<Gathered, TableError> {
    let broken = |error: calamine::XlsxError| TableError::Broken(error.to_string());
    measure(bytes)?;
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(broken)?;
    let sheet = book.sheet_names().into_iter().next().ok_or(TableError::Empty)?;
    let mut reader = book.worksheet_cells_reader(&sheet).map_err(broken)?;
    let mut cells = Gathered::default();
    // Cell by cell: a range would be as large as its farthest cell says.
    while let Some(cell) = reader.next_cell().map_err(broken)? {
        let (row, column) = cell.get_position();
        let row = row.saturating_add(1);
        let text = cell_text(&Data::from(cell.get_value().clone()), row)?;
        cells.put(row, usize::try_from(column).unwrap_or(usize::MAX), text)?;
    }
    Ok(cells)
}

/// The first row with a cell that the spreadsheet counts itself.
pub(super) fn formula(bytes: &[u8]) -> Result<Option<u32>, TableError> {
    let broken = |error: calamine::XlsxError| TableError::Broken(error.to_string());
    measure(bytes)?;
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(broken)?;
    let sheet = book.sheet_names().into_iter().next().ok_or(TableError::Empty)?;
    let mut reader = book.worksheet_cells_reader(&sheet).map_err(broken)?;
    while let Some(cell) = reader.next_formula().map_err(broken)? {
        if !cell.get_value().is_empty() {
            return Ok(Some(cell.get_position().0.saturating_add(1)));
        }
    }
    Ok(None)
}

/// Unpack every part once and keep none, before anything believes what the parts say of their sizes.
fn measure(bytes: &[u8]) -> Result<(), TableError> {
    let broken = |error: zip::result::ZipError| TableError::Broken(error.to_string());
    let mut parts = ZipArchive::new(Cursor::new(bytes)).map_err(broken)?;
    if parts.len() > MAX_PARTS {
        return Err(TableError::Unpacked);
    }
    let (mut left, mut part) = (MAX_UNPACKED, Vec::new());
    for index in 0..parts.len() {
        part.clear();
        let packed = parts.by_index(index).map_err(broken)?;
        let bound = u64::try_from(left).unwrap_or(u64::MAX).saturating_add(1);
        let size = packed.take(bound).read_to_end(&mut part)?;
        left = left.checked_sub(size).ok_or(TableError::Unpacked)?;
        if claims_too_many(&part) {
            return Err(TableError::Unpacked);
        }
        if is_beyond_counting(&part) {
            return Err(TableError::Broken("a cell is nowhere in a sheet".to_owned()));
        }
    }
    Ok(())
}

/// Whether a part says that it has more words than fit: the reader makes room for as many as are claimed.
fn claims_too_many(part: &[u8]) -> bool {
    static CLAIM: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new("(?-u)uniqueCount\\s*=\\s*[\"']?[^\"'0-9]*[0-9]{7}").expect("a fixed pattern")
    });
    CLAIM.is_match(part)
}

/// Whether a part says of a cell that it is where no number of the reader's counts to: it would go around,
/// and the cell stand elsewhere.
fn is_beyond_counting(part: &[u8]) -> bool {
    static PLACE: LazyLock<Regex> = LazyLock::new(|| {
        let place = r#"(?-u)\b(?:r|ref)\s*=\s*["'][A-Za-z0-9:$]*(?:[A-Za-z]{7}|[0-9]{10})"#;
        Regex::new(place).expect("a fixed pattern")
    });
    PLACE.is_match(part)
}

fn cell_text(cell: &Data, row: u32) -> Result<String, TableError> {
    Ok(match cell {
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => unguarded(text),
        Data::Int(number) => number.to_string(),
        Data::Float(number) if number.abs() >= EXACT => return Err(TableError::Lossy { row }),
        // The shortest text that names this number is what was typed.
        Data::Float(number) => number.to_string(),
        Data::Bool(yes) => yes.to_string(),
        Data::DateTime(at) => at.as_f64().to_string(),
        Data::Error(_) | Data::Empty => String::new(),
    })
}

/// A workbook of one sheet.
pub(super) fn bytes(head: &[&str], rows: &[Vec<Cell>]) -> Result<Vec<u8>, XlsxError> {
    let (bold, text) = (Format::new().set_bold(), Format::new().set_num_format("@"));
    let number = |format: &str| Format::new().set_num_format(format);
    let whole = number("0");
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_freeze_panes(1, 0)?;
    for (column, heading) in (0u16..).zip(head) {
        sheet.set_column_width(column, 14)?;
        sheet.write_string_with_format(0, column, *heading, &bold)?;
    }
    for (row, cells) in (1u32..).zip(rows) {
        for (column, cell) in (0u16..).zip(cells) {
            match cell {
                Cell::Text(words) => {
                    sheet.write_string_with_format(row, column, guarded(words), &text)?
                }
                Cell::Whole(number) => sheet.write_number_with_format(
                    row,
                    column,
                    shown(&number.to_string()),
                    &whole,
                )?,
                Cell::Money(amount, currency) => {
                    let format = number(currency.cell_format());
                    let number = shown(&currency.plain(*amount));
                    sheet.write_number_with_format(row, column, number, &format)?
                }
            };
        }
    }
    book.save_to_buffer()
}

/// Spreadsheets know no other numbers; this one is shown, never counted with.
fn shown(text: &str) -> f64 {
    text.parse().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A workbook of these parts, each packed.
    fn packed(parts: &[(&str, &str)]) -> Vec<u8> {
        use std::io::Write;
        let mut file = zip::ZipWriter::new(Cursor::new(Vec::new()));
        let options = zip::write::SimpleFileOptions::default()
            .compression_method(zip::CompressionMethod::Deflated);
        for (name, text) in parts {
            file.start_file(*name, options).unwrap();
            file.write_all(text.as_bytes()).unwrap();
        }
        file.finish().unwrap().into_inner()
    }

    /// A workbook with this sheet and these shared words.
    fn workbook(sheet: &str, words: &str) -> Vec<u8> {
        let relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
        packed(&[
            (
                "_rels/.rels",
                &format!(
                    r#"<Relationships><Relationship Id="r1" Type="{relations}/officeDocument" Target="xl/workbook.xml"/></Relationships>"#
                ),
            ),
            (
                "xl/workbook.xml",
                r#"<workbook><sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>"#,
            ),
            (
                "xl/_rels/workbook.xml.rels",
                &format!(
                    r#"<Relationships><Relationship Id="r1" Type="{relations}/worksheet" Target="worksheets/s.xml"/></Relationships>"#
                ),
            ),
            ("xl/sharedStrings.xml", words),
            ("xl/worksheets/s.xml", sheet),
        ])
    }

    fn one_cell(place: &str) -> Vec<u8> {
        let sheet = format!(
            r#"<worksheet><dimension ref="A1:{place}"/><sheetData><row><c r="{place}"><v>1</v></c></row></sheetData></worksheet>"#
        );
        workbook(&sheet, "<sst></sst>")
    }

    #[test]
    fn a_cell_far_out_is_refused_and_not_made_room_for() {
        for (place, row, column) in
            [("XFD1048576", 1_048_576, 16_384), ("A1048576", 1_048_576, 1), ("XFD1", 1, 16_384)]
        {
            let refused = cells(&one_cell(place)).unwrap_err();
            let far =
                matches!(refused, TableError::Far { row: r, column: c } if (r, c) == (row, column));
            assert!(far, "{place}: {refused}");
        }
        let near = cells(&one_cell("IV100000")).and_then(Gathered::into_table).unwrap();
        assert_eq!(near.head.last().unwrap(), "1");
    }

    #[test]
    fn what_unpacks_without_end_is_refused() {
        let bomb = workbook(&" ".repeat(MAX_UNPACKED + 1), "<sst></sst>");
        assert!(bomb.len() < 100_000, "{} bytes packed", bomb.len());
        assert!(matches!(cells(&bomb), Err(TableError::Unpacked)));
        // Small when unpacked, and large as cells: one long word in many of them.
        let cell = |row: usize| format!(r#"<row r="{row}"><c r="A{row}" t="s"><v>0</v></c></row>"#);
        let rows: String = (1..=9_000).map(cell).collect();
        let word = format!("<sst><si><t>{}</t></si></sst>", "x".repeat(30_000));
        let many =
            workbook(&format!("<worksheet><sheetData>{rows}</sheetData></worksheet>"), &word);
        assert!(many.len() < 100_000, "{} bytes packed", many.len());
        assert!(matches!(cells(&many), Err(TableError::Unpacked)));
    }

    #[test]
    fn a_place_that_goes_around_is_refused() {
        for place in ["A4294967298", "A99999999999", "ZZZZZZZ1", "CRPXNLSKVLJFHH1"] {
            let refused = cells(&one_cell(place));
            assert!(matches!(refused, Err(TableError::Broken(_))), "{place}");
        }
        let words = "<sst><si><t>r = 'SF 1234567890'</t></si></sst>";
        let sheet = r#"<worksheet><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c></row></sheetData></worksheet>"#;
        assert!(cells(&workbook(sheet, words)).is_ok(), "words are no places");
    }

    #[test]
    fn a_claim_is_not_believed() {
        for claim in ["4000000000", "99999999999999999999", "0000000001"] {
            let words =
                format!(r#"<sst count="1" uniqueCount = "{claim}"><si><t>a</t></si></sst>"#);
            let sheet = r#"<worksheet><sheetData><row><c r="A1" t="s"><v>0</v></c></row></sheetData></worksheet>"#;
            let refused = cells(&workbook(sheet, &words));
            assert!(matches!(refused, Err(TableError::Unpacked)), "{claim}");
        }
    }

    #[test]
    fn a_number_that_lost_digits_is_refused() {
        assert_eq!(cell_text(&Data::Float(39.9), 2).unwrap(), "39.9");
        assert_eq!(cell_text(&Data::Float(753_123_456_789_012.0), 2).unwrap(), "753123456789012");
        let long = cell_text(&Data::Float(7_531_234_567_890_123.0), 2);
        assert!(matches!(long, Err(TableError::Lossy { row: 2 })));
    }
}
