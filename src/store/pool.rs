//! Connecting and migrating. Two roles: the owner migrates, the application (`tuan_app`) trades and
//! cannot change what is written for good. They may be two addresses, or one that is both.

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
    (4, "data_key", include_str!("../../migrations/0004_data_key.sql")),
    (5, "owner", include_str!("../../migrations/0005_owner.sql")),
    (6, "session", include_str!("../../migrations/0006_session.sql")),
    (8, "bounds", include_str!("../../migrations/0008_bounds.sql")),
    (9, "invitations", include_str!("../../migrations/0009_invitations.sql")),
    (10, "listened", include_str!("../../migrations/0010_listened.sql")),
    (11, "second_thoughts", include_str!("../../migrations/0011_second_thoughts.sql")),
    (12, "who", include_str!("../../migrations/0012_who.sql")),
    (13, "arrivals", include_str!("../../migrations/0013_arrivals.sql")),
    (14, "cuts", include_str!("../../migrations/0014_cuts.sql")),
    (15, "refunds", include_str!("../../migrations/0015_refunds.sql")),
    (16, "cases", include_str!("../../migrations/0016_cases.sql")),
    (17, "planned", include_str!("../../migrations/0017_planned.sql")),
    (18, "day_counts", include_str!("../../migrations/0018_day_counts.sql")),
    (19, "statements", include_str!("../../migrations/0019_statements.sql")),
    (20, "undo_index", include_str!("../../migrations/0020_undo_index.sql")),
    (21, "quiet", include_str!("../../migrations/0021_quiet.sql")),
    (25, "undo_text", include_str!("../../migrations/0025_undo_text.sql")),
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
    crate::store::lanes::create(&mut connection, lanes).await?;
    crate::store::people::names::fill_in(&mut connection).await?;
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
                     administrator: create role tuan_app login password '…'",
                )
            })?;
    }
    Ok(())
}

/// Let an owner who is the application, too, become it. Where that is not the owner's to allow, becoming it fails with
/// the server's words.
///
/// # Errors
/// When no connection can be made.
pub async fn let_owner_be_app(owner: &PgConnectOptions) -> anyhow::Result<()> {
    let mut connection = PgConnection::connect_with(owner).await?;
    let _ = connection.execute("grant tuan_app to current_user").await; // it may belong already
    connection.close().await?;
    Ok(())
}

/// Whether this role can change the tables, or make them in a database that has none.
///
/// # Errors
/// Whatever the server says.
pub async fn is_owner(options: &PgConnectOptions) -> anyhow::Result<bool> {
    let mut connection = PgConnection::connect_with(options).await?;
    let is_owner = sqlx::query_scalar(
        "select coalesce(
            pg_has_role(session_user, (select relowner from pg_class where oid = to_regclass('_sqlx_migrations')), 'member'),
            has_schema_privilege(session_user, current_schema(), 'create'), false)",
    )
    .fetch_one(&mut connection)
    .await?;
    connection.close().await?;
    Ok(is_owner)
}

/// See to it that the database is as this program wants it, without changing anything.
///
/// # Errors
/// When a migration is missing, or unknown to this program; whatever the server says.
pub async fn check(options: &PgConnectOptions) -> anyhow::Result<()> {
    let mut connection = PgConnection::connect_with(options).await?;
    let is_new: bool = sqlx::query_scalar("select to_regclass('_sqlx_migrations') is null")
        .fetch_one(&mut connection)
        .await?;
    let mut applied: Vec<(i64, Vec<u8>)> = Vec::new();
    if !is_new {
        let list = "select version, checksum from _sqlx_migrations where success";
        applied = sqlx::query_as(list).fetch_all(&mut connection).await?;
    }
    let migrator = migrator();
    let wanted = || migrator.iter();
    let is_there = |it: &&Migration| applied.iter().any(|applied| applied.0 == it.version);
    let missing = wanted().filter(|it| !is_there(it)).count();
    anyhow::ensure!(
        missing == 0,
        "{missing} of {} migrations are missing: run `tuan migrate`, with the address of the database's owner in \
         TUAN_OWNER_URL",
        wanted().count()
    );
    for (version, checksum) in &applied {
        let known = wanted().find(|it| it.version == *version);
        anyhow::ensure!(
            known.is_some_and(|it| *it.checksum == **checksum),
            "migration {version} of the database is not one of this program: it was migrated by another version"
        );
    }
    // What a migration does after its last file: the lanes are made, and members of before get keys of their names.
    let is_whole = "select exists (select from setting where key = 'lanes')
                       and not exists (select from member where name_key = '')";
    let is_whole: bool = sqlx::query_scalar(is_whole).fetch_one(&mut connection).await?;
    anyhow::ensure!(is_whole, "the migration was cut short: run `tuan migrate` again");
    connection.close().await?;
    Ok(())
}

fn migrator() -> Migrator {
    let migrations = MIGRATIONS.iter().map(|&(version, name, sql)| {
        let sql = AssertSqlSafe(sql.to_owned()).into_sql_str();
        Migration::new(version, Cow::Borrowed(name), MigrationType::Simple, sql, false)
    });
    Migrator::with_migrations(migrations.collect())
}

/// What every connection of the application begins with: its role, unless it came as nothing more, and plans that are made once and go
/// by indexes. A batch asks for a few hundred rows by key. Planning that anew costs more than running it,
/// and a plan made while a table was small would read all of it for the rest of the day.
const SESSION: &str = "select set_config('role', 'tuan_app', false) where session_user <> 'tuan_app' and (
        pg_has_role(session_user, to_regrole('tuan_app')::oid, 'member') or
        pg_has_role(session_user, (select relowner from pg_class where oid = to_regclass('journal')), 'member'));
    set jit = off;
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

/// Connections for the application. Whoever could do more than it is becomes it: an owner who may not is refused.
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
