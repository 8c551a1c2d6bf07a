//! A wrong data key is refused in words, by every command, before anything is stored with it.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use sqlx::ConnectOptions;
use tuan::app::{App, Opening};
use tuan::engine::Clock;
use tuan::store::data_key::{self, Misfit};
use tuan::store::{Seal, pool};

use super::{age, morning, tally, values};
use crate::stage::{self, CORNER, Stage};

/// What a command said, and its exit status.
pub(super) fn run(mut command: Command) -> (String, i32) {
    let output = command.stdin(Stdio::null()).output().unwrap();
    let text = [output.stdout, output.stderr].map(|it| String::from_utf8(it).unwrap()).concat();
    (text, output.status.code().unwrap_or(-1))
}

/// A command on the stage's database, with these keys.
pub(super) fn tuan(stage: &Stage, keys: &str, arguments: &[&str]) -> Command {
    let url = stage.pool.connect_options().to_url_lossy();
    let (newest, older) = keys.split_once(' ').unwrap_or((keys, ""));
    let mut command = Command::new(env!("CARGO_BIN_EXE_tuan"));
    command.args(arguments).env("DATABASE_URL", url.as_str()).env("TUAN_DATA_KEY", newest);
    command.env("TUAN_DATA_KEYS_OLD", older);
    command
}

/// How much is stored.
async fn stored(stage: &Stage) -> (i64, i64) {
    sqlx::query_as("select (select count(*) from inbox), (select count(*) from data_key)")
        .fetch_one(&stage.pool)
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_command_refuses_a_wrong_key_and_stores_nothing() {
    let stage = morning().await;
    let before = stored(&stage).await;
    let wrong = Seal::fresh_key();
    for arguments in [
        &["audit"][..],
        &["explain", "order", "corner", "1"],
        &["explain", "member", "corner", "小美"],
        &["parked", "list"],
        &["parked", "retry", "0/1"],
        &["link", "corner"],
        &["unlink", "corner"],
        &["payouts", "list"],
        &["orders", "export", "--community", "corner", "--day", "2026-03-01", "--out", "x.csv"],
        &["statement", "corner", "小美"],
        &["rebind", "corner", "小美", "--to", "none", "--reason", "x"],
        &["privacy", "export", "corner", "小美", "--out", "x.json"],
        &["privacy", "erase", "corner", "小美"],
        &["rekey"],
    ] {
        let (text, code) = run(tuan(&stage, &wrong, arguments));
        assert!(code == 1 && text.contains("does not fit this database"), "{arguments:?}: {text}");
        assert!(text.contains(&stage.seal().newest().to_string()), "{arguments:?}: {text}");
    }
    let (text, code) = run(tuan(&stage, &wrong, &["backup", "check"]));
    assert!(code == 1 && text.contains("they do not fit"), "{text}");
    assert_eq!(stored(&stage).await, before);
    for weak in ["0".repeat(64), "a5".repeat(32), "abcdef".to_owned()] {
        let (text, code) = run(tuan(&stage, &weak, &["audit"]));
        assert!(code == 1 && text.contains("openssl rand -hex 32"), "{weak}: {text}");
    }
    let (text, code) = run(tuan(&stage, &stage.key, &["audit"]));
    assert_eq!(code, 0, "{text}");
    stage.close_sound().await;
}

/// A database from before keys were written down tells by what is sealed in it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_from_before_tells_its_key() {
    let mut stage = morning().await;
    let key = stage.key.clone();
    stage.app.engine.shut_down().await;
    age(&stage, &key).await;
    let wrong = Seal::new(&Seal::fresh_key()).unwrap();
    let refused = data_key::admit(&stage.pool, &wrong).await;
    assert!(matches!(refused, Err(Misfit::Unproven { .. })), "{refused:?}");
    assert!(!wrong.opens_old());
    let visitor = data_key::compare(&stage.pool, &stage::seal(&key)).await;
    assert!(matches!(visitor, Err(Misfit::Unwritten)), "{visitor:?}");
    stage.hold().await; // opens it again, with the right key
    stage.start().await;
    stage.says("小美", "A1 一箱").await;
    assert!(stage.seal().opens_old());
    assert_eq!(tally(&stage.pool, stage.seal()).await.shut, 0);
    let refused = data_key::admit(&stage.pool, &wrong).await;
    assert!(matches!(refused, Err(Misfit::Wrong { .. })), "{refused:?}");
    stage.close_sound().await;
}

/// Once everything is sealed anew, a value of before opens no more: nobody can put one back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn values_of_before_are_refused_when_all_is_sealed_anew() {
    let mut stage = morning().await;
    let key = stage.key.clone();
    stage.app.engine.shut_down().await;
    age(&stage, &key).await;
    let before = values(&stage.pool, "member").await;
    stage.hold().await;
    stage.start().await;
    let count = tally(&stage.pool, stage.seal()).await.open;
    let (text, code) = run(tuan(&stage, &key, &["rekey"]));
    assert!(code == 0 && text.contains("all is sealed with it"), "{text}");
    stage.hold().await;
    stage.start().await;
    assert!(!stage.seal().opens_old());
    assert_eq!(tally(&stage.pool, stage.seal()).await.open, count);
    let one = &before[0];
    one.put(&mut stage.owner().await, &one.sealed).await;
    assert_eq!(tally(&stage.pool, stage.seal()).await.shut, 1);
    let (text, code) = run(tuan(&stage, &key, &["backup", "check"]));
    assert!(code == 1 && text.contains("member."), "{text}");
    // It cannot be finished with it, and can be given up.
    let newer = Seal::fresh_key();
    stage.app.engine.shut_down().await;
    let both = format!("{newer} {key}");
    let (text, code) = run(tuan(&stage, &both, &["rekey"]));
    assert!(code == 1 && text.contains("member.") && text.contains("--give-up"), "{text}");
    let (text, code) = run(tuan(&stage, &newer, &["audit"]));
    assert!(code == 1 && text.contains("TUAN_DATA_KEYS_OLD"), "{text}");
    let (text, code) = run(tuan(&stage, &both, &["rekey", "--give-up"]));
    assert!(code == 0 && text.contains("1 values that no key opens were emptied"), "{text}");
    let (text, code) = run(tuan(&stage, &newer, &["backup", "check"]));
    assert!(code == 0 && text.contains("they fit"), "{text}");
    stage.key = newer;
    stage.hold().await;
    stage.start().await;
    stage.close_sound().await;
}

/// Nobody seals with an old key while a new one begins, and who does not know the new one stops.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_key_begins_while_nobody_else_works() {
    let stage = morning().await;
    let newer = Seal::fresh_key();
    let both = format!("{newer} {}", stage.key);
    let begin = async || data_key::admit(&stage.pool, &stage::seal(&both)).await;
    let refused = begin().await;
    assert!(matches!(refused, Err(Misfit::InUse(_))), "{refused:?}");
    let visitor = data_key::compare(&stage.pool, &stage::seal(&both)).await;
    assert!(matches!(visitor, Err(Misfit::New(_))), "{visitor:?}");
    // As if that process had not been heard of for long.
    let mut owner = stage.owner().await;
    let mut admitted = Err(Misfit::Unwritten);
    while admitted.is_err() {
        sqlx::query("update lease set until = '-infinity'").execute(&mut owner).await.unwrap();
        admitted = begin().await;
    }
    tokio::time::timeout(Duration::from_secs(20), stage.app.engine.stop.cancelled())
        .await
        .expect("whoever does not know the new key stops");
    let why = stage.app.engine.gave_up.get().cloned().unwrap();
    assert!(why.contains("data key"), "{why}");
    for (keys, expected) in [
        (newer.clone(), "still sealed with"),
        (stage.key.clone(), "still sealed with"),
        (format!("{} {newer}", stage.key), "was replaced by"),
        (format!("{} {both}", Seal::fresh_key()), "another process works on it"),
    ] {
        sqlx::query("update lease set until = 'infinity' where what like 'process:%'")
            .execute(&mut owner)
            .await
            .unwrap();
        let refused = data_key::admit(&stage.pool, &stage::seal(&keys)).await;
        let words = refused.unwrap_err().to_string();
        assert!(words.contains(expected), "{expected}: {words}");
    }
    data_key::compare(&stage.pool, &stage::seal(&both)).await.unwrap();
    stage.close().await;
}

/// The library does not open a shop with a wrong key either.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_engine_has_the_databases_key_or_none() {
    let stage = Stage::corner().await;
    let pool = pool::connect(stage.home_app(), 2).await.unwrap();
    let seal = Arc::new(Seal::new(&Seal::fresh_key()).unwrap());
    let clock = Clock::starting_at(stage.now());
    let config = stage.config.clone();
    let opened = App::open(Opening { db: pool, seal, clock, config }).await;
    let why = format!("{:#}", opened.err().expect("the key is wrong"));
    assert!(why.contains("does not fit"), "{why}");
    let waiting: i64 =
        sqlx::query_scalar("select count(*) from parked").fetch_one(&stage.pool).await.unwrap();
    assert_eq!(waiting, 0);
    stage.close_sound().await;
}

fn demo(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tuan"));
    command.args(["demo", "--port", "0", "--data"]).arg(data).env_remove("DATABASE_URL");
    command.env_remove("TUAN_DATA_KEY");
    command
}

/// The demo makes a key once, before its database, and never beside one.
#[test]
fn the_demo_makes_no_second_key() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o711)).unwrap();
    let data = folder.path().join("data");
    let open = || drop(crate::crash::Demo::start(&data, &[]));
    open();
    let path = data.join("data-key");
    let key = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, Seal::fresh_key()).unwrap();
    let (text, code) = run(demo(&data));
    assert!(code == 1 && text.contains("does not fit"), "{text}");
    for gone in [true, false] {
        if gone {
            std::fs::remove_file(&path).unwrap();
        } else {
            std::fs::write(&path, "\n").unwrap();
        }
        let (text, code) = run(demo(&data));
        assert!(code == 1 && text.contains("data-key is missing or empty"), "{text}");
        assert!(text.contains("--fresh"), "{text}");
    }
    let newer = Seal::fresh_key();
    std::fs::write(&path, format!("{newer}\n{key}\n")).unwrap();
    let command = |name: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tuan"));
        command.args([name, "--data"]).arg(&data).env_remove("DATABASE_URL");
        command
    };
    // The key in the environment comes before the one in the file.
    let file = folder.path().join("shop.toml");
    std::fs::write(&file, format!("{CORNER}\n[web]\nbind = \"127.0.0.1:0\"\n")).unwrap();
    let mut serve = command("serve");
    serve.arg("--config").arg(&file);
    for mut refused in [serve, command("migrate"), command("audit")] {
        refused.env("TUAN_DATA_KEY", Seal::fresh_key());
        let (text, code) = run(refused);
        assert!(code == 1 && text.contains("does not fit this database"), "{text}");
    }
    // Its leases run out: it was killed.
    std::thread::sleep(Duration::from_secs(11));
    let (text, code) = run(command("rekey"));
    assert!(code == 0 && text.contains("all is sealed with it"), "{text}");
    std::fs::write(&path, newer).unwrap();
    open();
    let (text, code) = run(command("audit"));
    assert_eq!(code, 0, "{text}");
}
