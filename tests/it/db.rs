//! A migrated database of its own for every test, on one server for all of them.
//!
//! The server is `TEST_DATABASE_URL` (a role that may create databases and roles; one test run at
//! a time), or else an embedded one that is not durable; test binaries queue for it. Migrations run once, into a
//! template; each test copies its files. A database goes when its test has passed, and
//! stays to be looked at when it has not, until the next run.

use std::env;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, PgConnection};
use tokio::sync::OnceCell;
use tuan::store::embedded::{Embedded, ServerOptions};

const TEMPLATE: &str = "t_template";
/// Any number; it must only be the same in all tests.
const COPY_LOCK: i64 = 0x7475_616e;

static SERVER: OnceCell<Server> = OnceCell::const_new();
static MIGRATED: OnceCell<()> = OnceCell::const_new();
static MADE: AtomicU32 = AtomicU32::new(0);
static PASSED: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Never dropped: it ends with the process.
enum Server {
    Embedded(Box<Embedded>),
    Given(Box<PgConnectOptions>),
}

/// One test's database.
pub(crate) struct TestDb {
    name: String,
    server: &'static Server,
}

impl TestDb {
    /// A new database, as `migrate` leaves an empty one. All callers must pass the same `migrate`.
    pub(crate) async fn create(migrate: impl AsyncFn(&PgConnectOptions)) -> Self {
        let server = SERVER.get_or_init(Server::find).await;
        MIGRATED.get_or_init(async || server.make_template(migrate).await).await;
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let name = format!("t_{}_{number}", std::process::id());
        let mut admin = server.admin().await;
        for passed in take_passed() {
            // One that somebody still looks at stays until the next run.
            let drop = format!("drop database if exists {passed}");
            let _ = sqlx::query(AssertSqlSafe(drop)).execute(&mut admin).await;
        }
        // Copies at once would each wait for the other's checkpoint. The lock goes with `admin`.
        run(&mut admin, format!("select pg_advisory_lock({COPY_LOCK})")).await;
        let copy = format!("create database {name} template {TEMPLATE} strategy file_copy");
        run(&mut admin, copy).await;
        Self { name, server }
    }

    /// How to connect as the owner, as migrations and the harness do.
    pub(crate) fn owner(&self) -> PgConnectOptions {
        self.server.owner(&self.name)
    }

    /// How to connect as the shop does.
    pub(crate) fn app(&self) -> PgConnectOptions {
        self.server.app(&self.name)
    }
}

impl Drop for TestDb {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            PASSED.lock().unwrap().push(std::mem::take(&mut self.name));
        }
    }
}

impl Server {
    async fn find() -> Self {
        let server = match env::var("TEST_DATABASE_URL") {
            Ok(url) => Self::Given(Box::new(url.parse().expect("TEST_DATABASE_URL is an address"))),
            Err(_) => tokio::task::spawn_blocking(start).await.unwrap(),
        };
        let mut admin = server.admin().await;
        let old = "select datname::text from pg_database where starts_with(datname, 't_')";
        let old: Vec<String> = sqlx::query_scalar(old).fetch_all(&mut admin).await.unwrap();
        for name in old {
            run(&mut admin, format!("drop database \"{name}\" with (force)")).await;
        }
        if let Self::Given(_) = server {
            // The embedded server has this role from the beginning.
            let role = "do $$ begin create role tuan_app login;
                        exception when duplicate_object then null; end $$";
            run(&mut admin, role.to_owned()).await;
            // To become it, one must belong to it.
            run(&mut admin, "grant tuan_app to current_user".to_owned()).await;
        }
        server
    }

    async fn make_template(&self, migrate: impl AsyncFn(&PgConnectOptions)) {
        let create = format!("create database {TEMPLATE} template template0 encoding 'UTF8'");
        run(&mut self.admin().await, create).await;
        migrate(&self.owner(TEMPLATE)).await;
    }

    async fn admin(&self) -> PgConnection {
        self.owner("postgres").connect().await.expect("the test server answers")
    }

    fn owner(&self, database: &str) -> PgConnectOptions {
        match self {
            Self::Embedded(server) => server.connect_options(database),
            Self::Given(options) => options.as_ref().clone().database(database),
        }
    }

    fn app(&self, database: &str) -> PgConnectOptions {
        match self {
            Self::Embedded(server) => server.app_options(database),
            // Its role has no password there; whoever created it may become it.
            Self::Given(_) => self.owner(database).options([("role", "tuan_app")]),
        }
    }
}

fn start() -> Server {
    crate::embedded::with_server_user();
    let uid = rustix::process::geteuid().as_raw();
    // Not the folder of earlier versions: their tests could not go on in it.
    let root: PathBuf = env::temp_dir().join(format!("tuan-tests-{uid}"));
    let options = ServerOptions {
        durable: false,
        patience: Duration::from_mins(2),
        settings: vec![("max_connections".to_owned(), "100".to_owned())],
        ..ServerOptions::default()
    };
    Server::Embedded(Box::new(Embedded::start(&root, options).unwrap_or_else(|it| panic!("{it}"))))
}

async fn run(connection: &mut PgConnection, statement: String) {
    let said = format!("{statement} succeeds");
    // Made of names and numbers of this file.
    sqlx::query(AssertSqlSafe(statement)).execute(connection).await.expect(&said);
}

fn take_passed() -> Vec<String> {
    std::mem::take(&mut PASSED.lock().unwrap())
}

#[tokio::test]
async fn every_test_has_a_migrated_database_of_its_own() {
    let (one, other) = tokio::join!(crate::stage::database(), crate::stage::database());
    let mut shop = one.app().connect().await.unwrap();
    sqlx::query("insert into setting values ('note', '1')").execute(&mut shop).await.unwrap();
    for (database, expected) in [(&one, 1), (&other, 0)] {
        let mut owner = database.owner().connect().await.unwrap();
        let count: i64 = sqlx::query_scalar("select count(*) from setting where key = 'note'")
            .fetch_one(&mut owner)
            .await
            .unwrap();
        assert_eq!(count, expected, "{}", database.name);
    }
    for books in [
        "delete from journal",
        "update settlement set at = at",
        "delete from settlement",
        "delete from _sqlx_migrations",
        "update _sqlx_migrations set success = false",
        "insert into _sqlx_migrations select version + 1000, description, installed_on, success, checksum,
            execution_time from _sqlx_migrations",
        "truncate _sqlx_migrations",
        "alter table journal add note text",
        "alter table journal disable row level security",
        "drop table _sqlx_migrations",
        "set role tuan_owner",
    ] {
        let refused = sqlx::query(books).execute(&mut shop).await.unwrap_err();
        let said = refused.to_string();
        assert!(said.contains("permission denied") || said.contains("must be owner"), "{said}");
    }
}
