//! What a changed file may not change, and commands that find no shop.

use std::process::Command;

use crate::stage::{self, CORNER, Stage};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_currency_is_for_good_and_a_name_is_not() {
    let stage = Stage::corner().await;
    stage.says("小美", "A1 x2").await;
    let said = CORNER.replacen("currency = \"CNY\"", "currency = \"USD\"", 1);
    assert_ne!(said, CORNER);
    let refused = stage.app.reload(stage::config(&said)).await.unwrap_err().to_string();
    assert!(refused.contains("trades in CNY") && refused.contains("USD"), "{refused}");
    let before = stage.app.policy().await;
    assert_eq!(before.communities[0].currency.code(), "CNY", "the old one stays in force");
    let renamed = before.communities[0].name.clone();
    let said = CORNER.replacen(&renamed, "新街角", 1);
    stage.app.reload(stage::config(&said)).await.unwrap();
    assert_eq!(stage.app.policy().await.communities[0].name, "新街角");
    stage.settle().await;
    stage.close_sound().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waits_for_a_restart_is_named() {
    let stage = Stage::corner().await;
    let same = stage.app.reload(stage::config(CORNER)).await.unwrap();
    assert_eq!(same.waiting, Vec::<String>::new(), "defaults written out or not are the same");
    let mut changed = stage::config(CORNER);
    changed.engine.inbox_days += 1;
    changed.engine.lanes += 1;
    changed.web.bind.set_port(changed.web.bind.port() + 1);
    changed.accounts[0].rate_per_chat = Some((1, 1));
    let mut other = changed.accounts[0].clone();
    other.key = "other".to_owned();
    changed.accounts.push(other);
    changed.policy.communities[0].name = "新街角".to_owned();
    let said = stage.app.reload(changed).await.unwrap();
    let sim = &stage::config(CORNER).accounts[0].key;
    let expected = [
        format!("[[accounts]] {sim}: rate_per_chat"),
        "[[accounts]] other (new)".to_owned(),
        "[web] bind".to_owned(),
        "[engine] lanes (as the database was made with, for good)".to_owned(),
        "[engine] inbox_days".to_owned(),
    ];
    assert_eq!(said.waiting, expected);
    assert_eq!(stage.app.policy().await.communities[0].name, "新街角", "the rest is in force");
    assert!(said.version > same.version);
    stage.settle().await;
    stage.close_sound().await;
}

#[test]
fn a_command_that_finds_no_shop_makes_none() {
    crate::embedded::with_server_user();
    let folder = tempfile::tempdir().unwrap();
    for name in ["none", ""] {
        let place = folder.path().join(name);
        let told = Command::new(env!("CARGO_BIN_EXE_tuan"))
            .env_remove("DATABASE_URL")
            .args(["audit", "--data"])
            .arg(&place)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&told.stderr);
        assert_eq!(told.status.code(), Some(2), "{said}");
        assert!(said.contains("there is no shop in"), "{said}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing was made");
}
