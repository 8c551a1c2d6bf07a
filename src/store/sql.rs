//! Statements made of parts. Each part is written as a statement of its own, with the lane as `$1` and its own
//! columns from `$2` on; here they are numbered through.

use std::fmt::Write as _;

use sqlx::error::BoxDynError;
use sqlx::postgres::{PgArguments, PgRow, Postgres};
use sqlx::query::Query;
use sqlx::{Arguments, AssertSqlSafe, Encode, PgConnection, Type};

use crate::domain::ids::Lane;

use crate::store::StoreError;

/// A statement that grows.
#[derive(Debug)]
pub(crate) struct Sql {
    text: String,
    arguments: PgArguments,
    failed: Option<BoxDynError>,
}

impl Sql {
    /// Nothing but the lane.
    pub(crate) fn of(lane: Lane) -> Self {
        let mut sql = Self { text: String::new(), arguments: PgArguments::default(), failed: None };
        sql.bind(lane.0);
        sql
    }

    /// The next argument.
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
    pub(crate) fn count(&self) -> usize {
        self.arguments.len()
    }

    /// More text, as it is.
    pub(crate) fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// One more part, of which so many arguments are not its own.
    pub(crate) fn part(&mut self, sql: &str, before: usize) {
        let shift = before - 1; // the lane is everybody's
        let mut pieces = sql.split('$');
        self.text.push_str(pieces.next().unwrap_or_default());
        for piece in pieces {
            let end = piece.find(|c: char| !c.is_ascii_digit()).unwrap_or(piece.len());
            let number = piece[..end].parse().unwrap_or(1);
            let number = if number == 1 { 1 } else { number + shift };
            let _ = write!(self.text, "${number}{}", &piece[end..]);
        }
    }

    /// Ready to be run.
    ///
    /// # Errors
    /// [`StoreError`] when an argument could not be encoded.
    pub(crate) fn query(self) -> Result<Query<'static, Postgres, PgArguments>, StoreError> {
        match self.failed {
            Some(error) => Err(sqlx::Error::Encode(error).into()),
            None => Ok(sqlx::query_with(AssertSqlSafe(self.text), self.arguments)),
        }
    }
}

/// Questions about rows of one table, asked in one statement. What nobody asks is left out of it: each part costs
/// the server some time to get ready, asked or not.
#[derive(Debug)]
pub(crate) struct Union {
    sql: Sql,
    parts: usize,
}

impl Union {
    /// Nothing is asked yet.
    pub(crate) fn new(lane: Lane) -> Self {
        Self { sql: Sql::of(lane), parts: 0 }
    }

    /// One more question; its columns are to be bound next, in order.
    pub(crate) fn ask(&mut self, sql: &str) -> &mut Sql {
        if self.parts > 0 {
            self.sql.push(" union all ");
        }
        self.parts += 1;
        self.sql.part(sql, self.sql.count());
        &mut self.sql
    }

    /// Whether nothing is asked.
    pub(crate) fn is_empty(&self) -> bool {
        self.parts == 0
    }

    /// The rows, which have taken one statement.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn fetch(self, db: &mut PgConnection) -> Result<Vec<PgRow>, StoreError> {
        Ok(self.sql.query()?.fetch_all(db).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_are_numbered_through_and_the_lane_is_theirs_in_common() {
        let mut union = Union::new(Lane(3));
        union.ask("select * from a where lane = $1 and x = $2").bind(7_i64);
        union.ask("select * from b where lane = $1 and x = $2 and y = $3").bind(8_i64).bind(9_i64);
        assert_eq!(
            union.sql.text,
            "select * from a where lane = $1 and x = $2 union all \
             select * from b where lane = $1 and x = $3 and y = $4"
        );
        assert_eq!(union.sql.count(), 4);
    }
}
