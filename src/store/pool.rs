//! Connecting and migrating. Two roles: the owner migrates, the application (`tuan_app`) trades and
//! cannot change what is written for good.

use std::borrow::Cow;
use std::time::Duration;

use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, SqlSafeStr};

/// Forward only: a mistake is mended by the next one.
const MIGRATIONS: &[(i64, &str, &str)] =
    &[(1, "shop", include_str!("../../migrations/0001_shop.sql"))];

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
                connection.execute("set role tuan_app").await?;
                Ok(())
            })
        })
        .connect_with(options.application_name("tuan"))
        .await
}
