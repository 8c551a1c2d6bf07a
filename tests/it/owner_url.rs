//! A database named by two addresses: the shop works as the application, and `migrate` alone as the owner.

use std::process::{Command, Output};

use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, PgConnection};
use tuan::store::embedded::{Embedded, ServerOptions};
use tuan::store::seal::Seal;

use crate::embedded::place;

const CORNER: &str = include_str!("../chats/shops/corner.toml");

/// A server with an empty database, and a shop's file.
struct Home {
    folder: tempfile::TempDir,
    server: Embedded,
    key: String,
}

/// Which addresses the environment names.
#[derive(Clone, Copy)]
enum Named {
    App,
    Owner,
    Both,
    /// `DATABASE_URL` alone, and it is the owner.
    One,
}

impl Home {
    async fn new() -> Self {
        let folder = place();
        let root = folder.path().join("data");
        let start = move || {
            Embedded::start(&root, ServerOptions { durable: false, ..ServerOptions::default() })
        };
        let server = tokio::task::spawn_blocking(start).await.unwrap().unwrap();
        server.ensure_database("shop").await.unwrap();
        let shop = format!("{CORNER}\n[web]\nbind = \"127.0.0.1:0\"\n");
        std::fs::write(folder.path().join("shop.toml"), shop).unwrap();
        Self { folder, server, key: Seal::fresh_key() }
    }

    fn options(&self, is_owner: bool) -> PgConnectOptions {
        let (owner, app) = (self.server.connect_options("shop"), self.server.app_options("shop"));
        if is_owner { owner } else { app }
    }

    async fn connect(&self, is_owner: bool) -> PgConnection {
        self.options(is_owner).connect().await.unwrap()
    }

    fn command(&self, named: Named) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tuan"));
        let [owner, app] = [true, false].map(|it| self.options(it).to_url_lossy().to_string());
        command.env_remove("DATABASE_URL").env_remove("TUAN_OWNER_URL");
        match named {
            Named::App => command.env("DATABASE_URL", app),
            Named::Owner => command.env("TUAN_OWNER_URL", owner),
            Named::Both => command.env("DATABASE_URL", app).env("TUAN_OWNER_URL", owner),
            Named::One => command.env("DATABASE_URL", owner),
        };
        command.env("TUAN_DATA_KEY", &self.key);
        command
    }

    fn run(&self, named: Named, arguments: &[&str]) -> (bool, String) {
        said(&self.command(named).args(arguments).output().unwrap())
    }

    /// Serve until it is open, or has ended; whether it was open, and what it said.
    async fn serve(&self, named: Named) -> (bool, String) {
        let log = self.folder.path().join("log");
        let mut command = self.command(named);
        command.arg("serve").arg("--config").arg(self.folder.path().join("shop.toml"));
        let file = std::fs::File::create(&log).unwrap();
        command.stdout(file.try_clone().unwrap()).stderr(file);
        let mut child = command.spawn().unwrap();
        let until = tokio::time::Instant::now() + crate::program::PATIENCE;
        loop {
            let text = std::fs::read_to_string(&log).unwrap();
            let is_open = text.contains("the shop is open");
            if is_open || child.try_wait().unwrap().is_some() {
                let _ = child.kill();
                child.wait().unwrap();
                return (is_open, std::fs::read_to_string(&log).unwrap());
            }
            assert!(tokio::time::Instant::now() < until, "neither open nor ended: {text}");
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    }
}

fn said(output: &Output) -> (bool, String) {
    let text = [output.stdout.as_slice(), &output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&text).into_owned())
}

const WARNING: &str = "DATABASE_URL is the owner";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_shop_works_as_the_application_and_only_migrate_as_the_owner() {
    let home = Home::new().await;
    for named in [Named::App, Named::Both] {
        let (is_open, said) = home.serve(named).await;
        assert!(!is_open && said.contains("run `tuan migrate`"), "{said}");
    }
    let (fine, said) = home.run(Named::Both, &["migrate"]);
    assert!(fine && !said.contains(WARNING), "{said}");
    // To be the application no owner is needed: it cannot become one, nor does one belong to it.
    let mut owner = home.connect(true).await;
    let belongs = "select pg_has_role('tuan_owner', 'tuan_app', 'member')";
    let belongs: bool = sqlx::query_scalar(belongs).fetch_one(&mut owner).await.unwrap();
    assert!(!belongs);
    for named in [Named::App, Named::Both] {
        let (is_open, said) = home.serve(named).await;
        assert!(is_open && !said.contains(WARNING), "{said}");
        assert!(home.run(named, &["audit"]).0);
    }
    // A table more than this shop was made with.
    let forget = "delete from _sqlx_migrations where version = 5";
    sqlx::query(forget).execute(&mut owner).await.unwrap();
    for named in [Named::App, Named::Both] {
        let (is_open, said) = home.serve(named).await;
        assert!(
            !is_open && said.contains("1 of ") && said.contains("run `tuan migrate`"),
            "{said}"
        );
    }
    assert!(home.run(Named::Owner, &["migrate"]).0, "the owner's address alone will do");
    assert!(home.serve(Named::App).await.0);
    // A member of an older shop, whose name was not given its key when migrating was cut short.
    let keyless =
        "insert into member (lane, community_id, member_id, account_id, user_key, name, role, present,
            founding, promoter, joined_at, code, shares_waiting)
         values (0, 1, 1, 1, 'u1', '小美', 'member', true, true, true, now(), 'ABCDEF', 0)";
    sqlx::query(keyless).execute(&mut owner).await.unwrap();
    let (is_open, said) = home.serve(Named::App).await;
    assert!(!is_open && said.contains("cut short"), "{said}");
    assert!(home.run(Named::Owner, &["migrate"]).0);
    assert!(home.serve(Named::App).await.0);
    let newer =
        "insert into _sqlx_migrations select version + 1000, description, installed_on, success,
        checksum, execution_time from _sqlx_migrations where version = 1";
    sqlx::query(newer).execute(&mut owner).await.unwrap();
    let (is_open, said) = home.serve(Named::App).await;
    assert!(!is_open && said.contains("migrated by another version"), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_address_is_both_and_says_so_once() {
    let home = Home::new().await;
    let mut owner = home.connect(true).await;
    let major = "select current_setting('server_version_num')::int / 10000";
    let major: i32 = sqlx::query_scalar(major).fetch_one(&mut owner).await.unwrap();
    if major >= 16 {
        return; // this owner may not belong to the application there, and nobody is let in who could change that
    }
    let (is_open, said) = home.serve(Named::One).await;
    assert!(is_open, "{said}");
    assert_eq!(said.matches(WARNING).count(), 1, "{said}");
    assert!(home.run(Named::One, &["audit"]).0);
    // Whoever is the owner becomes the application.
    let db = tuan::store::pool::connect(home.options(true), 1).await.unwrap();
    let who: String = sqlx::query_scalar("select current_user::text").fetch_one(&db).await.unwrap();
    assert_eq!(who, "tuan_app");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_owner_without_the_shop_is_called_wrongly() {
    let home = Home::new().await;
    for arguments in [["audit"].as_slice(), &["parked", "list"]] {
        let (fine, said) = home.run(Named::Owner, arguments);
        assert!(!fine && said.contains("DATABASE_URL is not"), "{said}");
    }
    let (fine, said) = home.run(Named::Both, &["audit", "--data", "x"]);
    assert!(!fine && said.contains("name one database"), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_application_alters_neither_the_journal_nor_the_migrations() {
    let home = Home::new().await;
    assert!(home.run(Named::Both, &["migrate"]).0);
    let mut owner = home.connect(true).await;
    for table in ["_sqlx_migrations", "journal"] {
        let whose = "select pg_get_userbyid(relowner)::text from pg_class where oid = $1::regclass";
        let whose: String =
            sqlx::query_scalar(whose).bind(table).fetch_one(&mut owner).await.unwrap();
        assert_eq!(whose, "tuan_owner", "{table}");
    }
    let mut app = home.connect(false).await;
    let mut tried = Vec::new();
    for table in ["_sqlx_migrations", "journal"] {
        for what in ["delete from", "truncate", "drop table", "alter table {} owner to tuan_app --"]
        {
            tried.push(match what.split_once("{}") {
                Some((head, tail)) => format!("{head}{table}{tail}"),
                None => format!("{what} {table}"),
            });
        }
        tried.push(format!("alter table {table} add more text"));
        tried.push(format!("create index on {table} ((1))"));
        tried.push(format!(
            "create trigger t before insert on {table} execute function require(true)"
        ));
    }
    tried.push("update _sqlx_migrations set success = false".to_owned());
    tried.push("insert into _sqlx_migrations select * from _sqlx_migrations".to_owned());
    tried.push("update journal set at = at".to_owned());
    tried.push("create table more (id int)".to_owned());
    tried.push("set role tuan_owner".to_owned());
    tried.push("grant tuan_owner to tuan_app".to_owned());
    for statement in tried {
        let refused = sqlx::query(AssertSqlSafe(statement.clone())).execute(&mut app).await;
        let refused = refused.expect_err(&statement).to_string();
        let is_refused = ["permission denied", "must be owner", "must have admin option"];
        assert!(is_refused.iter().any(|it| refused.contains(it)), "{statement}: {refused}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_recipe_for_the_applications_role_may_be_run_again() {
    let home = Home::new().await;
    let mut owner = home.connect(true).await;
    let roles = concat!(env!("CARGO_MANIFEST_DIR"), "/deploy/roles.sql");
    let run = |password: Option<&str>| {
        let mut psql = Command::new(home.server.bin("psql").unwrap());
        let options = home.options(true);
        psql.args([
            "-w",
            "-X",
            "-q",
            "-f",
            roles,
            "-U",
            options.get_username(),
            "-d",
            "shop",
            "-h",
        ]);
        psql.arg(options.get_socket().unwrap());
        psql.env_remove("TUAN_APP_PASSWORD");
        said(&psql.envs(password.map(|it| ("TUAN_APP_PASSWORD", it))).output().unwrap())
    };
    let can_log_in = "select rolcanlogin from pg_roles where rolname = 'tuan_app'";
    sqlx::query("alter role tuan_app nologin").execute(&mut owner).await.unwrap();
    assert!(!run(None).0, "no password, no role");
    for password in ["one", "it's \\ another"] {
        let (fine, said) = run(Some(password));
        assert!(fine, "{said}");
        let is_able: bool = sqlx::query_scalar(can_log_in).fetch_one(&mut owner).await.unwrap();
        assert!(is_able);
    }
}
