//! Cells as they are read, one by one, within bounds: what a file claims to be costs nothing before it is it.

use std::collections::BTreeMap;

use super::{MAX_COLUMNS, MAX_ROW, MAX_ROWS, MAX_UNPACKED, RawRows, SheetTable, TableError};

/// Rows of cells that say something.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    rows: BTreeMap<u32, Vec<String>>,
    /// Bytes of memory, about.
    bytes: usize,
}

impl Gathered {
    /// Keep a cell, unless it is blank. `row` counts from 1, `column` from 0.
    ///
    /// # Errors
    /// The first bound that it breaks: too far out, too many rows, too much in all.
    pub(super) fn put(&mut self, row: u32, column: usize, text: String) -> Result<(), TableError> {
        if text.trim().is_empty() {
            return Ok(());
        }
        if row > MAX_ROW || column >= MAX_COLUMNS {
            return Err(TableError::Far { row, column: column.saturating_add(1) });
        }
        let cells = self.rows.entry(row).or_default();
        self.bytes += text.len();
        if cells.len() <= column {
            self.bytes += (column + 1 - cells.len()) * size_of::<String>();
            cells.resize(column + 1, String::new());
        }
        cells[column] = text;
        // The heading is no row.
        if self.rows.len() > MAX_ROWS + 1 {
            return Err(TableError::TooManyRows);
        }
        if self.bytes > MAX_UNPACKED { Err(TableError::Unpacked) } else { Ok(()) }
    }

    /// All of them, in order.
    pub(super) fn into_rows(self) -> RawRows {
        self.rows.into_iter().collect()
    }

    /// The first row is the heading.
    ///
    /// # Errors
    /// [`TableError::Empty`].
    pub(super) fn into_table(self) -> Result<SheetTable, TableError> {
        let mut rows = self.rows.into_iter();
        let (_, head) = rows.next().ok_or(TableError::Empty)?;
        Ok(SheetTable { head, rows: rows.collect() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_has_a_bound() {
        let mut cells = Gathered::default();
        let text = "x".repeat(1024 * 1024);
        let kept = (1..).map_while(|row| cells.put(row, 0, text.clone()).ok()).count();
        assert!((60..64).contains(&kept), "{kept} MiB");
        // Narrow words in wide rows count as what they take.
        let mut cells = Gathered::default();
        let kept = (1..).map_while(|row| cells.put(row, MAX_COLUMNS - 1, "x".into()).ok()).count();
        assert!(kept <= MAX_ROWS + 1, "{kept} rows");
    }
}
