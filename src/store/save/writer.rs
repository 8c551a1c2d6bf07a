//! Collects what a batch writes and sends it together: the parts of one statement, as few trips to the
//! server as their order allows.
//!
//! All parts of a statement see the rows as they were before it, so what must see another part's rows, or
//! change the same ones, comes after [`Writer::then`].

use sqlx::{Connection, PgConnection};

use crate::domain::ids::Lane;
use crate::store::sql::Sql;
use crate::store::{Seal, StoreError};

/// How many rows a part must write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RowCount {
    /// As many as it was given: a guard that does not match is another transaction's doing, and nothing of the
    /// statement is written.
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
    statements: Vec<SaveStatement>,
}

/// What a batch writes, whole.
#[derive(Debug)]
pub struct Writes(Vec<SaveStatement>);

/// Several writes that do not depend on each other.
#[derive(Debug)]
pub(crate) struct SaveStatement {
    /// Its parts, which are yet to be counted.
    pub(super) sql: Sql,
    rows: Vec<RowCount>,
}

impl<'a> Writer<'a> {
    /// Nothing to write yet.
    #[must_use]
    pub fn new(lane: Lane, seal: &'a Seal) -> Self {
        Self { lane, seal, statements: Vec::new() }
    }

    /// What follows sees what was written so far.
    pub(crate) fn then(&mut self) {
        self.statements.push(SaveStatement::of(self.lane));
    }

    /// One more write; its columns are to be bound next, in order.
    pub(crate) fn part(&mut self, sql: &str, rows: RowCount) -> &mut Sql {
        let statement = self.open();
        statement.add(sql, rows, statement.sql.count());
        &mut statement.sql
    }

    /// The statement at hand.
    pub(super) fn open(&mut self) -> &mut SaveStatement {
        if self.statements.is_empty() {
            self.then();
        }
        let last = self.statements.len() - 1;
        &mut self.statements[last]
    }

    /// All of it, ready to be written.
    #[must_use]
    pub fn done(self) -> Writes {
        Writes(self.statements)
    }
}

impl Writes {
    /// Write all of it or nothing, in a transaction unless there is one; returns the statements it took.
    ///
    /// # Errors
    /// [`StoreError`]; nothing is written then, and the book is to be dropped.
    pub async fn write(self, db: &mut PgConnection) -> Result<u32, StoreError> {
        let statements: Vec<_> = self.0.into_iter().filter(|it| !it.rows.is_empty()).collect();
        let count = u32::try_from(statements.len()).unwrap_or(u32::MAX);
        match <[SaveStatement; 1]>::try_from(statements) {
            Ok([only]) => only.execute(db).await?, // a transaction by itself
            Err(several) => {
                let mut tx = db.begin().await?;
                for statement in several {
                    statement.execute(&mut tx).await?;
                }
                tx.commit().await?;
            }
        }
        Ok(count)
    }
}

impl SaveStatement {
    fn of(lane: Lane) -> Self {
        Self { sql: Sql::of(lane), rows: Vec::new() }
    }

    /// One more part, of which so many arguments are not its own.
    pub(super) fn add(&mut self, sql: &str, rows: RowCount, before: usize) {
        let name = self.rows.len();
        self.sql.push(&format!("{} p{name} as (", if name == 0 { "with" } else { "," }));
        self.sql.part(sql, before);
        self.sql.push(" returning 1)");
        self.rows.push(rows);
    }

    async fn execute(mut self, db: &mut PgConnection) -> Result<(), StoreError> {
        self.guard();
        self.sql.query()?.execute(db).await?;
        Ok(())
    }

    /// Parts that must write so many rows are done in their order, each only if those before it have.
    fn guard(&mut self) {
        let mut separator = " select ";
        for (part, rows) in self.rows.iter().enumerate() {
            let RowCount::Exactly(rows) = rows else { continue };
            let number = self.sql.bind(i64::try_from(*rows).unwrap_or(i64::MAX)).count();
            self.sql
                .push(&format!("{separator}require((select count(*) from p{part}) = ${number})"));
            separator = ", ";
        }
        if separator == " select " {
            self.sql.push(separator);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_must_come_after_is_a_statement_of_its_own() {
        let seal = Seal::new(&Seal::fresh_key()).unwrap();
        let mut writer = Writer::new(Lane(0), &seal);
        writer.then();
        writer.part("delete from a where lane = $1", RowCount::Any);
        writer.then();
        writer.part("delete from a where lane = $1", RowCount::Any);
        let full = writer.statements.iter().filter(|it| !it.rows.is_empty());
        assert_eq!(full.count(), 2);
    }
}
