//! New rows of one table, column by column.
//!
//! Each column travels as one array. The arrays are read side by side in the select list: as functions in
//! `from` each would first be copied, which takes twice as long (0.5 against 0.25 µs a value).

use std::fmt::Write as _;

use sqlx::postgres::Postgres;
use sqlx::{Encode, Type};

use super::{Rows, Writer};

/// An insert whose columns are still to come, in any order. Without rows it writes nothing.
pub(crate) struct Insert<'w, 'a, 'r, R> {
    writer: &'w mut Writer<'a>,
    table: &'static str,
    rows: &'r [R],
    columns: String,
    values: String,
    /// How many arguments the statement had before it.
    before: usize,
}

impl<'a> Writer<'a> {
    /// Rows to insert into the lane's part of a table.
    pub(crate) fn insert<'w, 'r, R>(
        &'w mut self,
        table: &'static str,
        rows: &'r [R],
    ) -> Insert<'w, 'a, 'r, R> {
        let before = if rows.is_empty() { 0 } else { self.open().count() };
        let (columns, values) = (String::new(), String::new());
        Insert { writer: self, table, rows, columns, values, before }
    }
}

impl<'r, R> Insert<'_, '_, 'r, R> {
    /// One column.
    pub(crate) fn with<'q, T>(self, column: &str, of: impl Fn(&'r R) -> T) -> Self
    where
        Vec<T>: Encode<'q, Postgres> + Type<Postgres>,
    {
        self.read(column, "", of)
    }

    /// One column whose values are read from text.
    pub(crate) fn read_as(
        self,
        (column, kind): (&str, &str),
        of: impl Fn(&'r R) -> String,
    ) -> Self {
        self.read(column, &format!("::{kind}"), of)
    }

    fn read<'q, T>(mut self, column: &str, cast: &str, of: impl Fn(&'r R) -> T) -> Self
    where
        Vec<T>: Encode<'q, Postgres> + Type<Postgres>,
    {
        if self.rows.is_empty() {
            return self;
        }
        let number = 2 + self.writer.open().count() - self.before; // the lane is the first
        let _ = write!(self.columns, ", {column}");
        let _ = write!(self.values, ", unnest(${number}){cast}");
        self.writer.open().bind(self.rows.iter().map(of).collect::<Vec<_>>());
        self
    }

    /// All are new.
    pub(crate) fn done(self) {
        let all = Rows::Exactly(self.rows.len());
        self.finish("", all);
    }

    /// Those that are there already are changed by this clause.
    pub(crate) fn upsert(self, clause: &str) {
        let all = Rows::Exactly(self.rows.len());
        self.finish(clause, all);
    }

    /// Those that are there already stay as they are.
    pub(crate) fn or_nothing(self) {
        self.finish("on conflict do nothing", Rows::Any);
    }

    fn finish(self, clause: &str, rows: Rows) {
        if self.rows.is_empty() {
            return;
        }
        let Self { table, columns, values, .. } = self;
        let sql = format!("insert into {table} (lane{columns}) select $1{values} {clause}");
        self.writer.open().add(&sql, rows, self.before);
    }
}
