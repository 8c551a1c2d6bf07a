//! Workbooks: the first sheet of one that is read, and the only one of one that is written.

use calamine::{Data, Reader, Xlsx};
use rust_xlsxwriter::{Format, Workbook, XlsxError};

use super::{Cell, TableError, amount, guarded, number, unguarded};

/// Whole numbers beyond this are not exact in a spreadsheet.
const EXACT: f64 = 1e15;

/// All rows, each with its number as people count.
pub(super) fn rows(bytes: &[u8]) -> Result<Vec<(u32, Vec<String>)>, TableError> {
    let broken = |error: calamine::XlsxError| TableError::Broken(error.to_string());
    let mut book: Xlsx<_> = Xlsx::new(std::io::Cursor::new(bytes)).map_err(broken)?;
    let range = book.worksheet_range_at(0).ok_or(TableError::Empty)?.map_err(broken)?;
    let first = range.start().map_or(0, |(row, _)| row);
    let mut rows = Vec::new();
    for (index, cells) in range.rows().enumerate() {
        let row = number(index).saturating_add(first);
        let cells: Result<Vec<_>, _> = cells.iter().map(|cell| cell_text(cell, row)).collect();
        rows.push((row, cells?));
    }
    Ok(rows)
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
    let [whole, cents] = ["0", "0.00"].map(|format| Format::new().set_num_format(format));
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
                    let format = if amount::decimals(currency) == 0 { &whole } else { &cents };
                    let number = shown(&amount::plain(*amount, currency));
                    sheet.write_number_with_format(row, column, number, format)?
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

    #[test]
    fn a_number_that_lost_digits_is_refused() {
        assert_eq!(cell_text(&Data::Float(39.9), 2).unwrap(), "39.9");
        assert_eq!(cell_text(&Data::Float(753_123_456_789_012.0), 2).unwrap(), "753123456789012");
        let long = cell_text(&Data::Float(7_531_234_567_890_123.0), 2);
        assert!(matches!(long, Err(TableError::Lossy { row: 2 })));
    }
}
