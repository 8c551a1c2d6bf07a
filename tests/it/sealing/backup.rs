//! The backup recipe, carried out: dumped, restored into a new database, checked and audited.

use std::path::Path;
use std::process::Command;

use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions};
use tuan::store::{Seal, embedded};

use super::morning;
use super::refused::{run, tuan};
use crate::stage::Stage;

/// A program of Postgres, as the owner.
fn program(stage: &Stage, name: &str, database: &str) -> Command {
    let owner = stage.home_owner();
    let mut command = Command::new(embedded::program(name).expect("it is installed"));
    let host = owner.get_socket().map_or_else(|| owner.get_host().into(), ToOwned::to_owned);
    command.arg("-h").arg(host).args(["-p", &owner.get_port().to_string()]);
    command.args(["-U", owner.get_username(), "-d", database]);
    command
}

fn dump(stage: &Stage, format: &str, path: &Path) {
    let owner = stage.home_owner();
    let mut command = program(stage, "pg_dump", owner.get_database().unwrap());
    command.args(["-F", format, "-f"]).arg(path);
    let (text, code) = run(command);
    assert_eq!(code, 0, "{text}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_is_restored_checked_and_audited() {
    let stage = morning().await;
    let folder = tempfile::tempdir().unwrap();
    let wrong = Seal::fresh_key();
    for format in ["c", "p", "t", "d"] {
        let path = folder.path().join(format!("shop.{format}"));
        dump(&stage, format, &path);
        let path = path.to_str().unwrap();
        let (text, code) = run(tuan(&stage, &stage.key, &["backup", "check", path]));
        assert!(code == 0 && text.contains("they fit"), "{format}: {text}");
        let (text, code) = run(tuan(&stage, &wrong, &["backup", "check", path]));
        assert!(code == 1 && text.contains("they do not fit"), "{format}: {text}");
        let older = format!("{wrong} {}", stage.key);
        let (text, code) = run(tuan(&stage, &older, &["backup", "check", path]));
        assert!(code == 0, "a newer key does no harm: {format}: {text}");
    }
    // Broken off.
    for name in ["shop.c", "shop.p"] {
        let whole = std::fs::read(folder.path().join(name)).unwrap();
        let half = folder.path().join("half");
        std::fs::write(&half, &whole[..whole.len() / 2]).unwrap();
        let (text, code) =
            run(tuan(&stage, &stage.key, &["backup", "check", half.to_str().unwrap()]));
        assert_eq!(code, 1, "{name}: {text}");
    }
    // Into a new database.
    let options = stage.home_owner();
    let name = format!("{}_restored", options.get_database().unwrap());
    let mut owner = stage.owner().await;
    let create = AssertSqlSafe(format!("create database {name}"));
    sqlx::query(create).execute(&mut owner).await.unwrap();
    let mut restore = program(&stage, "pg_restore", &name);
    restore.arg("--no-owner").arg(folder.path().join("shop.c"));
    let (text, code) = run(restore);
    assert_eq!(code, 0, "{text}");
    let restored = |key: &str, arguments: &[&str]| {
        let options: PgConnectOptions = stage.home_app().database(&name);
        let mut command = tuan(&stage, key, arguments);
        command.env("DATABASE_URL", options.to_url_lossy().as_str());
        run(command)
    };
    let (text, code) = restored(&stage.key, &["backup", "check"]);
    assert!(code == 0 && text.contains("they fit"), "{text}");
    let (text, code) = restored(&wrong, &["backup", "check"]);
    assert!(code == 1 && text.contains("they do not fit"), "{text}");
    let (text, code) = restored(&stage.key, &["audit"]);
    assert!(code == 0 && text.contains("the books agree: 1 communities, 2 orders"), "{text}");
    let (text, code) = restored(&stage.key, &["explain", "member", "corner", "小美"]);
    assert!(code == 0 && text.contains("中山路 1 号"), "{text}");
    stage.close_sound().await;
}
