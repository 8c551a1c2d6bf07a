//! The audit: a shop whose books are right has no differences; whatever is planted is found, with its
//! kind and its trail; and what the database itself refuses.

mod again;
mod life;
mod planted;

use std::time::Instant;

use sqlx::{AssertSqlSafe, ConnectOptions, PgConnection};
use tuan::domain::ids::MemberId;
use tuan::domain::ledger::{AccountNo, Owner};
use tuan::store::audit::{audit, audit_in, audit_on_two};
use tuan::store::pool;

use super::db::TestDb;

pub(super) async fn empty() -> TestDb {
    TestDb::create(async |owner| pool::migrate(owner, 4).await.unwrap()).await
}

async fn run(db: &mut PgConnection, sql: impl Into<String>) -> Result<(), sqlx::Error> {
    // Made of texts and numbers of these files.
    sqlx::raw_sql(AssertSqlSafe(sql.into())).execute(db).await.map(|_| ())
}

/// A member's account in SQL, by the name of its place: told from where the accounts of the first two lie.
fn account() -> String {
    let [first, second] = [1, 2].map(|member| AccountNo::all_of(Owner::Member(MemberId(member))));
    let cases = first.zip(second).map(|(first, second)| {
        let (name, first, step) = (first.name(), first.number(), second.number() - first.number());
        format!(" when '{name}' then {first} + (member - 1) * {step}")
    });
    format!("case place{} end", cases.collect::<String>())
}

/// So many communities of so many members and orders each, whose books are right.
async fn make(db: &mut PgConnection, communities: u32, members: u32, orders: u32) {
    make_in(db, "CNY", communities, members, orders).await;
}

/// The same in another money.
async fn make_in(
    db: &mut PgConnection,
    currency: &str,
    communities: u32,
    members: u32,
    orders: u32,
) {
    let sql = include_str!("audit/shop.sql")
        .replace("'CNY'", &format!("'{currency}'"))
        .replace("$communities$", &communities.to_string())
        .replace("$members$", &members.to_string())
        .replace("$orders$", &orders.to_string())
        .replace("$account$", &account());
    run(db, sql).await.unwrap();
}

#[tokio::test]
async fn books_that_are_right_have_no_differences() {
    let db = empty().await;
    let mut owner = db.owner().connect().await.unwrap();
    make(&mut owner, 3, 40, 400).await;
    let differences = audit(&mut owner, None).await.unwrap();
    assert!(differences.is_empty(), "{differences:#?}");
    let mut second = db.owner().connect().await.unwrap();
    let both = audit_on_two(&mut owner, &mut second, None, |_| {}).await.unwrap();
    assert_eq!((both.differences, both.communities, both.orders), (Vec::new(), 3, 1_200));
    run(&mut owner, "update orders set points_granted = points_granted + 1").await.unwrap();
    let one = audit(&mut owner, None).await.unwrap();
    let both = audit_on_two(&mut owner, &mut second, None, |_| {}).await.unwrap();
    assert_eq!(both.differences, one, "the same in the same order");
}

#[tokio::test]
async fn it_plans_freely_on_connections_of_the_shop() {
    let db = empty().await;
    let shop = pool::connect(db.app(), 1).await.unwrap();
    let mut tx = shop.begin().await.unwrap();
    let settings = "select current_setting('enable_hashjoin'), current_setting('plan_cache_mode')";
    let before: (String, String) = sqlx::query_as(settings).fetch_one(&mut *tx).await.unwrap();
    assert_eq!((before.0.as_str(), before.1.as_str()), ("off", "force_generic_plan"));
    audit_in(&mut tx, None, |_| {}).await.unwrap();
    let during: (String, String) = sqlx::query_as(settings).fetch_one(&mut *tx).await.unwrap();
    assert_eq!((during.0.as_str(), during.1.as_str()), ("on", "force_custom_plan"));
}

/// `AUDIT_COMMUNITIES` and `AUDIT_ORDERS` (each) say how large a shop.
#[tokio::test]
#[ignore = "a measurement of minutes: a million orders"]
async fn a_million_orders() {
    let number = |name: &str, usual: u32| {
        std::env::var(name).ok().and_then(|it| it.parse().ok()).unwrap_or(usual)
    };
    let db = empty().await;
    let mut owner = db.owner().connect().await.unwrap();
    let (communities, orders) = (number("AUDIT_COMMUNITIES", 1_000), number("AUDIT_ORDERS", 1_000));
    make(&mut owner, communities, 200, orders).await;
    run(&mut owner, "analyze").await.unwrap();
    let begun = Instant::now();
    // As the command does: connections that go by indexes alone would take hours.
    let shop = pool::connect(db.app(), 2).await.unwrap();
    let (mut first, mut second) = (shop.acquire().await.unwrap(), shop.acquire().await.unwrap());
    let found = audit_on_two(&mut first, &mut second, None, |_| {}).await.unwrap();
    println!("{} orders audited in {:?}", found.orders, begun.elapsed());
    assert!(found.differences.is_empty(), "{:#?}", found.differences);
}
