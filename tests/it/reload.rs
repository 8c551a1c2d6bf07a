//! What a changed file may not change, and commands that find no shop.

use std::process::Command;

use crate::stage::{self, CORNER, Stage};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_currency_is_for_good_and_a_name_is_not() {
    let stage = Stage::corner().await;
    stage.says("小美", "A1 x2").await;
    let said = CORNER.replacen("currency = \"CNY\"", "currency = \"USD\"", 1);
    assert_ne!(said, CORNER);
    let refused = stage.app.reload(stage::config(&said).policy).await.unwrap_err().to_string();
    assert!(refused.contains("trades in CNY") && refused.contains("USD"), "{refused}");
    let before = stage.app.policy().await;
    assert_eq!(before.communities[0].currency.code(), "CNY", "the old one stays in force");
    let renamed = before.communities[0].name.clone();
    let said = CORNER.replacen(&renamed, "新街角", 1);
    stage.app.reload(stage::config(&said).policy).await.unwrap();
    assert_eq!(stage.app.policy().await.communities[0].name, "新街角");
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
