//! Collects what a batch writes and sends it together: the parts of one statement, as few trips to the
//! server as their order allows.
//!
//! Each part is written as a statement of its own, with the lane as `$1` and its own columns from `$2` on;
//! here they are numbered through. All parts of a statement see the rows as they were before it, so what
//! must see another part's rows, or change the same ones, comes after [`Writer::then`].

use std::fmt::Write as _;

use sqlx::error::BoxDynError;
use sqlx::postgres::{PgArguments, Postgres};
use sqlx::{Arguments, AssertSqlSafe, Encode, Row, Type};

use crate::domain::ids::Lane;
use crate::store::{Seal, StoreError, Tx};

/// How many rows a part must write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rows {
    /// As many as it was given: a guard that does not match is another transaction's doing.
    Exactly(usize),
    /// However many there are.
    Any,
}

/// What a batch writes, to the rows of one lane.
#[derive(Debug)]
pub struct Writer<'a> {
    /// The lane.
    pub lane: Lane,
    /// Seals columns.
    pub seal: &'a Seal,
    statements: Vec<Statement>,
}

/// What a batch writes, whole.
#[derive(Debug)]
pub struct Writes(Vec<Statement>);

/// Several writes that do not depend on each other.
#[derive(Debug, Default)]
pub(crate) struct Statement {
    sql: String,
    arguments: PgArguments,
    rows: Vec<Rows>,
    failed: Option<BoxDynError>,
}

impl<'a> Writer<'a> {
    /// Nothing to write yet.
    #[must_use]
    pub fn new(lane: Lane, seal: &'a Seal) -> Self {
        Self { lane, seal, statements: Vec::new() }
    }

    /// What follows sees what was written so far.
    pub(crate) fn then(&mut self) {
        self.statements.push(Statement::default());
    }

    /// One more write; its columns are to be bound next, in order.
    pub(crate) fn part(&mut self, sql: &str, rows: Rows) -> &mut Statement {
        let statement = self.open();
        statement.add(sql, rows, statement.count());
        statement
    }

    /// The statement at hand, which has its lane.
    pub(super) fn open(&mut self) -> &mut Statement {
        let lane = self.lane.0;
        if self.statements.is_empty() {
            self.then();
        }
        let last = self.statements.len() - 1;
        let statement = &mut self.statements[last];
        if statement.count() == 0 {
            statement.bind(lane);
        }
        statement
    }

    /// All of it, ready to be written.
    #[must_use]
    pub fn done(self) -> Writes {
        Writes(self.statements)
    }
}

impl Writes {
    /// Write it all; returns the statements it took.
    ///
    /// # Errors
    /// [`StoreError`]; the transaction is then to be rolled back, and the book dropped.
    pub async fn write(self, tx: &mut Tx<'_>) -> Result<u32, StoreError> {
        let mut count = 0;
        for statement in self.0.into_iter().filter(|it| !it.rows.is_empty()) {
            statement.execute(tx).await?;
            count += 1;
        }
        Ok(count)
    }
}

impl Statement {
    /// Give the part at hand its next column.
    pub(crate) fn bind<'q, T: Encode<'q, Postgres> + Type<Postgres>>(
        &mut self,
        value: T,
    ) -> &mut Self {
        if let Err(error) = self.arguments.add(value) {
            self.failed.get_or_insert(error);
        }
        self
    }

    /// How many arguments it has.
    pub(super) fn count(&self) -> usize {
        self.arguments.len()
    }

    /// One more part, of which so many arguments are not its own.
    pub(super) fn add(&mut self, sql: &str, rows: Rows, before: usize) {
        let name = self.rows.len();
        let _ = write!(self.sql, "{} p{name} as (", if name == 0 { "with" } else { "," });
        let shift = before - 1; // the lane is everybody's
        let mut pieces = sql.split('$');
        self.sql.push_str(pieces.next().unwrap_or_default());
        for piece in pieces {
            let end = piece.find(|c: char| !c.is_ascii_digit()).unwrap_or(piece.len());
            let number = piece[..end].parse().unwrap_or(1);
            let number = if number == 1 { 1 } else { number + shift };
            let _ = write!(self.sql, "${number}{}", &piece[end..]);
        }
        self.sql.push_str(" returning 1)");
        self.rows.push(rows);
    }

    async fn execute(mut self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        if let Some(error) = self.failed {
            return Err(sqlx::Error::Encode(error).into());
        }
        for name in 0..self.rows.len() {
            let separator = if name == 0 { " select" } else { "," };
            let _ = write!(self.sql, "{separator} (select count(*) from p{name})");
        }
        let done =
            sqlx::query_with(AssertSqlSafe(self.sql), self.arguments).fetch_one(&mut **tx).await?;
        for (part, rows) in self.rows.iter().enumerate() {
            let written: i64 = done.try_get(part)?;
            if let Rows::Exactly(wanted) = rows
                && usize::try_from(written).ok() != Some(*wanted)
            {
                return Err(StoreError::Contended(None));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_numbered_through_and_the_lane_is_theirs_in_common() {
        let seal = Seal::new(&Seal::fresh_key()).unwrap();
        let mut writer = Writer::new(Lane(3), &seal);
        writer.part("update a set x = $2 where lane = $1", Rows::Any).bind(7_i64);
        writer.part("insert into b select $1, $2, $10", Rows::Exactly(1)).bind(8_i64);
        let [statement] = &writer.statements[..] else { panic!("one statement") };
        assert_eq!(
            statement.sql,
            "with p0 as (update a set x = $2 where lane = $1 returning 1)\
             , p1 as (insert into b select $1, $3, $11 returning 1)"
        );
        assert_eq!(statement.arguments.len(), 3);
    }

    #[test]
    fn what_must_come_after_is_a_statement_of_its_own() {
        let seal = Seal::new(&Seal::fresh_key()).unwrap();
        let mut writer = Writer::new(Lane(0), &seal);
        writer.then();
        writer.part("delete from a where lane = $1", Rows::Any);
        writer.then();
        writer.part("delete from a where lane = $1", Rows::Any);
        let full = writer.statements.iter().filter(|it| !it.rows.is_empty());
        assert_eq!(full.count(), 2);
    }
}
