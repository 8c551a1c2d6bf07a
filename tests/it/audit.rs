//! The audit: a shop whose books are right has no differences; whatever is planted is found, with its
//! kind and its trail; and what the database itself refuses.

use std::collections::BTreeSet;
use std::time::Instant;

use sqlx::{AssertSqlSafe, ConnectOptions, PgConnection};
use tuan::domain::ids::{CommunityId, MemberId, OfferId, OrderId};
use tuan::store::audit::{Difference, audit, audit_with};
use tuan::store::pool;

use super::db::TestDb;

async fn empty() -> TestDb {
    TestDb::create(async |owner| pool::migrate(owner, 4).await.unwrap()).await
}

async fn run(db: &mut PgConnection, sql: impl Into<String>) {
    // Made of texts and numbers of this file.
    sqlx::raw_sql(AssertSqlSafe(sql.into())).execute(db).await.unwrap();
}

/// So many communities of so many members and orders, whose books are right.
async fn make(db: &mut PgConnection, communities: u32, members: u32, orders: u32) {
    let sql = include_str!("audit/shop.sql")
        .replace("$communities$", &communities.to_string())
        .replace("$members$", &members.to_string())
        .replace("$orders$", &orders.to_string());
    run(db, sql).await;
}

async fn shop() -> (TestDb, PgConnection) {
    let db = empty().await;
    let mut owner = db.owner().connect().await.unwrap();
    make(&mut owner, 3, 40, 400).await;
    (db, owner)
}

fn kinds(differences: &[Difference]) -> BTreeSet<&str> {
    differences.iter().map(|it| it.kind.as_str()).collect()
}

#[tokio::test]
async fn books_that_are_right_have_no_differences() {
    let (_db, mut owner) = shop().await;
    let differences = audit(&mut owner, None).await.unwrap();
    assert!(differences.is_empty(), "{differences:#?}");
}
