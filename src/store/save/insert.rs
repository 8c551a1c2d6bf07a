//! New rows of one table, column by column.
//!
//! Each column travels as one array. The arrays are read side by side in the select list: as functions in
//! `from` each would first be copied, which takes twice as long (0.5 against 0.25 µs a value). For the same
//! reason what only later events of a row's life tell is left out where no row tells it.

use std::fmt::Write as _;

use sqlx::postgres::Postgres;
use sqlx::{Encode, Type};

use crate::store::sql::Sql;

use crate::store::save::{RowCount, Writer};

/// An insert whose columns are still to come, in any order. Without rows it writes nothing.
pub(crate) struct Insert<'w, 'a, 'r, R> {
    writer: &'w mut Writer<'a>,
    table: &'static str,
    rows: &'r [R],
    columns: String,
    values: String,
    /// How many arguments the statement had before it.
    before: usize,
    /// Columns that are left out together, if no row says anything unusual.
    rare: Vec<Rare<'r>>,
    unusual: bool,
}

/// A column that rows mostly leave alone.
struct Rare<'r> {
    column: &'static str,
    /// How its values are read.
    cast: String,
    /// What binds them.
    bind: Box<dyn FnOnce(&mut Sql) + 'r>,
}

impl<'a> Writer<'a> {
    /// Rows to insert into the lane's part of a table.
    pub(crate) fn insert<'w, 'r, R>(
        &'w mut self,
        table: &'static str,
        rows: &'r [R],
    ) -> Insert<'w, 'a, 'r, R> {
        let before = if rows.is_empty() { 0 } else { self.open().sql.count() };
        let (columns, values, rare) = (String::new(), String::new(), Vec::new());
        Insert { writer: self, table, rows, columns, values, before, rare, unusual: false }
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
    pub(crate) fn read_as(self, column: &str, kind: &str, of: impl Fn(&'r R) -> String) -> Self {
        self.read(column, &format!("::{kind}"), of)
    }

    /// One column that new rows mostly leave to the table, whose default is `usual`.
    pub(crate) fn rarely<'q, T>(
        self,
        column: &'static str,
        usual: &T,
        of: impl Fn(&'r R) -> T,
    ) -> Self
    where
        T: PartialEq + 'r,
        Vec<T>: Encode<'q, Postgres> + Type<Postgres>,
    {
        self.rare(column, String::new(), usual, of)
    }

    /// The same, where its values are read from text and mostly there are none.
    pub(crate) fn rarely_as(
        self,
        column: &'static str,
        kind: &str,
        of: impl Fn(&'r R) -> Option<String>,
    ) -> Self {
        self.rare(column, format!("::{kind}"), &None, of)
    }

    fn rare<'q, T>(
        mut self,
        column: &'static str,
        cast: String,
        usual: &T,
        of: impl Fn(&'r R) -> T,
    ) -> Self
    where
        T: PartialEq + 'r,
        Vec<T>: Encode<'q, Postgres> + Type<Postgres>,
    {
        let values: Vec<_> = self.rows.iter().map(of).collect();
        self.unusual |= values.iter().any(|value| value != usual);
        let bind = |sql: &mut Sql| {
            sql.bind(values);
        };
        self.rare.push(Rare { column, cast, bind: Box::new(bind) });
        self
    }

    fn read<'q, T>(mut self, column: &str, cast: &str, of: impl Fn(&'r R) -> T) -> Self
    where
        Vec<T>: Encode<'q, Postgres> + Type<Postgres>,
    {
        if !self.rows.is_empty() {
            self.name(column, cast);
            self.writer.open().sql.bind(self.rows.iter().map(of).collect::<Vec<_>>());
        }
        self
    }

    /// The column that is bound next.
    fn name(&mut self, column: &str, cast: &str) {
        let number = 2 + self.writer.open().sql.count() - self.before; // the lane is the first
        let _ = write!(self.columns, ", {column}");
        let _ = write!(self.values, ", unnest(${number}){cast}");
    }

    /// All are new.
    pub(crate) fn done(self) {
        let all = RowCount::Exactly(self.rows.len());
        self.finish("", all);
    }

    /// Those that are there already are changed by this clause.
    pub(crate) fn upsert(self, clause: &str) {
        let all = RowCount::Exactly(self.rows.len());
        self.finish(clause, all);
    }

    /// Those that are there already stay as they are.
    pub(crate) fn or_nothing(self) {
        self.finish("on conflict do nothing", RowCount::Any);
    }

    fn finish(mut self, clause: &str, rows: RowCount) {
        if self.rows.is_empty() {
            return;
        }
        if self.unusual {
            for Rare { column, cast, bind } in std::mem::take(&mut self.rare) {
                self.name(column, &cast);
                bind(&mut self.writer.open().sql);
            }
        }
        let Self { table, columns, values, .. } = self;
        let sql = format!("insert into {table} (lane{columns}) select $1{values} {clause}");
        self.writer.open().add(&sql, rows, self.before);
    }
}
