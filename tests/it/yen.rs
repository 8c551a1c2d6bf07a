//! A shop in yen on the command line: what goes out in a sheet has no decimals, and what comes back is read so.

use std::process::Command;

use sqlx::ConnectOptions;
use tuan::sheets::table::{self, Cell};

use crate::sound;
use crate::stage::Stage;

const SHOP: &str = include_str!("../chats/shops/yen.toml");

async fn tuan(stage: &Stage, arguments: &[&str]) -> String {
    let url = stage.pool.connect_options().to_url_lossy();
    let mut command = Command::new(env!("CARGO_BIN_EXE_tuan"));
    command.args(arguments).env("DATABASE_URL", url.as_str()).env("TUAN_DATA_KEY", &stage.key);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let said = [output.stdout, output.stderr].map(|it| String::from_utf8(it).unwrap()).concat();
    assert!(output.status.success(), "{arguments:?}: {said}");
    said
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn yen_go_out_and_come_back_whole() {
    let stage = Stage::open(SHOP, "2026-03-01T00:58:00Z".parse().unwrap()).await;
    stage.seed("corner").await;
    stage.advance(chrono::Duration::minutes(2)).await;
    let room = stage.room("corner").await;
    room.say("阿强", "A1 x2", None).await.unwrap();
    stage.settle().await;

    let folder = tempfile::tempdir().unwrap();
    for name in ["orders.csv", "orders.xlsx"] {
        let path = folder.path().join(name);
        let out = path.to_str().unwrap();
        let export = ["orders", "export", "--community", "corner", "--day", "2026-03-01"];
        tuan(&stage, &[&export[..], &["--out", out]].concat()).await;
        let sheet = table::read(&path).unwrap().0;
        for (heading, expected) in [("单价", "1280"), ("金额", "2560")] {
            let at = sheet.head.iter().position(|it| it == heading).unwrap();
            assert_eq!(sheet.rows[0].1[at], expected, "{heading} in {name}");
        }
    }

    let path = folder.path().join("paid.csv");
    let cells = ["1", "2,560"].map(|it| Cell::Text(it.to_owned()));
    table::write(&path, &["订单号", "本次收款"], &[cells.to_vec()]).unwrap();
    let import = ["orders", "import", path.to_str().unwrap(), "--community", "corner", "--apply"];
    assert!(tuan(&stage, &import).await.contains("1 paid"));
    let received: i64 = sqlx::query_scalar(
        "select sum(amount)::bigint from balance where account_no = 1 and currency = 'JPY'",
    )
    .fetch_one(&stage.pool)
    .await
    .unwrap();
    assert_eq!(received, 2_560);
    assert!(tuan(&stage, &["explain", "order", "corner", "1"]).await.contains("JPY 2560"));
    sound::assert_sound(&stage.pool).await;
}
