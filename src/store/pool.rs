//! Connecting and migrating. Two roles: the owner migrates, the application (`tuan_app`) trades and
//! cannot change what is written for good.

use std::borrow::Cow;
use std::time::Duration;

use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection, SqlSafeStr};

/// Forward only: a mistake is mended by the next one.
const MIGRATIONS: &[(i64, &str, &str)] = &[
    (1, "shop", include_str!("../../migrations/0001_shop.sql")),
    (2, "guard", include_str!("../../migrations/0002_guard.sql")),
    (3, "name_keys", include_str!("../../migrations/0003_name_keys.sql")),
];

/// The oldest server that has what the schema uses.
pub const OLDEST_SERVER: i64 = 150_000;

/// Bring a database up to date, as its owner. Safe to run by several processes at once.
///
/// # Errors
/// Whatever the server says; nothing is half done.
pub async fn migrate(owner: &PgConnectOptions, lanes: i16) -> anyhow::Result<()> {
    let mut connection = PgConnection::connect_with(owner).await?;
    let version: i64 = sqlx::query_scalar("select current_setting('server_version_num')::bigint")
        .fetch_one(&mut connection)
        .await?;
    anyhow::ensure!(
        version >= OLDEST_SERVER,
        "this server is PostgreSQL {}; the shop needs {} or newer",
        version / 10_000,
        OLDEST_SERVER / 10_000
    );
    create_app_role(&mut connection).await?;
    migrator().run_direct(None, &mut connection, false).await?;
    super::lanes::create(&mut connection, lanes).await?;
    super::names::fill_in(&mut connection).await?;
    connection.close().await?;
    Ok(())
}

/// The application's role, where the owner may make it; a database administrator can have made it.
async fn create_app_role(connection: &mut PgConnection) -> anyhow::Result<()> {
    let exists: bool =
        sqlx::query_scalar("select exists (select from pg_roles where rolname = 'tuan_app')")
            .fetch_one(&mut *connection)
            .await?;
    if !exists {
        connection
            .execute("create role tuan_app nologin; grant tuan_app to current_user")
            .await
            .map_err(|error| {
                anyhow::Error::from(error).context(
                    "the role tuan_app is missing and this user may not create it; as an \
                     administrator: create role tuan_app nologin; grant tuan_app to <this user>",
                )
            })?;
    }
    Ok(())
}

fn migrator() -> Migrator {
    let migrations = MIGRATIONS.iter().map(|&(version, name, sql)| {
        let sql = AssertSqlSafe(sql.to_owned()).into_sql_str();
        Migration::new(version, Cow::Borrowed(name), MigrationType::Simple, sql, false)
    });
    Migrator::with_migrations(migrations.collect())
}

/// What every connection of the application begins with: its role, and plans that are made once and go
/// by indexes. A batch asks for a few hundred rows by key. Planning that anew costs more than running it,
/// and a plan made while a table was small would read all of it for the rest of the day.
const SESSION: &str = "set role tuan_app; set jit = off;
    set plan_cache_mode = force_generic_plan;
    set enable_seqscan = off; set enable_bitmapscan = off;
    set enable_hashjoin = off; set enable_mergejoin = off; set enable_material = off";

/// Let this transaction plan for questions about everything: whole tables are put side by side. A table that
/// grew lately has no statistics yet, and would be thought small enough to be looked through for each row of another.
///
/// # Errors
/// Whatever the server says.
pub async fn plan_freely(tx: &mut PgConnection) -> Result<(), sqlx::Error> {
    tx.execute(
        "set local plan_cache_mode = auto;
         set local enable_seqscan = on; set local enable_bitmapscan = on;
         set local enable_hashjoin = on; set local enable_mergejoin = on; set local enable_material = on;
         set local enable_nestloop = off",
    )
    .await?;
    Ok(())
}

/// Connections for the application, each in the role `tuan_app`.
///
/// # Errors
/// When no connection can be made within ten seconds.
pub async fn connect(options: PgConnectOptions, most: u32) -> Result<PgPool, sqlx::Error> {
    PgPoolOptions::new()
        .max_connections(most)
        .acquire_timeout(Duration::from_secs(10))
        .test_before_acquire(false)
        .after_connect(|connection, _| {
            Box::pin(async move {
                connection.execute(SESSION).await?;
                Ok(())
            })
        })
        .connect_with(options.application_name("tuan").disable_statement_logging())
        .await
}
