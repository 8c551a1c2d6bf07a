//! `tuan payments import` with the built program beside a running shop: statements of WeChat Pay, Alipay and a bank, of
//! invented people.

use std::path::{Path, PathBuf};
use std::process::Command;

use tuan::domain::money::{Currency, Money};
use tuan::sheets::table::{self, Cell};

use crate::sound;
use crate::stage::{DEMO, Stage};

struct Desk {
    stage: Stage,
    folder: tempfile::TempDir,
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/statements").join(name)
}

impl Desk {
    async fn open() -> Self {
        let stage = Stage::open(DEMO, "2026-03-04T01:59:00Z".parse().unwrap()).await;
        stage.seed("sunshine").await;
        stage.advance(chrono::Duration::minutes(2)).await;
        Self { stage, folder: tempfile::tempdir().unwrap() }
    }

    async fn says(&self, from: &str, text: &str) {
        self.stage.room("sunshine").await.say(from, text, None).await.unwrap();
        self.stage.settle().await;
    }

    /// What the command says of a file; whether it is fine.
    async fn import(&self, file: &Path, book: bool) -> (bool, String) {
        let url = sqlx::ConnectOptions::to_url_lossy(&*self.stage.pool.connect_options());
        let mut command = Command::new(env!("CARGO_BIN_EXE_tuan"));
        command.args(["payments", "import", "--community", "sunshine"]).arg(file);
        command.args(book.then_some("--book"));
        command.env("DATABASE_URL", url.as_str()).env("TUAN_DATA_KEY", &self.stage.key);
        let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
        let text = [output.stdout, output.stderr].map(|it| String::from_utf8(it).unwrap()).concat();
        (output.status.success(), text)
    }

    #[track_caller]
    fn assert_says(said: &(bool, String), is_fine: bool, words: &[&str]) {
        for word in words {
            assert!(said.0 == is_fine && said.1.contains(word), "{word:?} is not in {said:?}");
        }
    }

    async fn paid(&self) -> Vec<i64> {
        let paid = "select order_id from orders where paid_at is not null order by order_id";
        sqlx::query_scalar(paid).fetch_all(&self.stage.pool).await.unwrap()
    }

    fn write(&self, name: &str, rows: &[Vec<Cell>]) -> PathBuf {
        let path = self.folder.path().join(name);
        table::write(&path, &["Date", "Payer", "Amount", "Reference"], rows).unwrap();
        path
    }
}

#[tokio::test]
async fn what_is_sure_of_a_statement_is_booked_once() {
    let desk = Desk::open().await;
    desk.says("小美", "A1 x1").await;
    desk.says("阿强", "A1 两箱").await;
    desk.says("老王", "A1 x1").await;
    let wechat = fixture("wechat.csv");
    let said = desk.import(&wechat, false).await;
    Desk::assert_says(
        &said,
        true,
        &[
            "a statement of WeChat Pay: 14 rows before the heading",
            "¥79.80 from 阿强, for #2 of 阿强 (amount and name)",
            "¥39.90 from 白帆, for #3 of 老王 (its number)",
            "¥39.90 from 青柠, not sure: it may be for #1 of 小美, #3 of 老王",
            "¥36.00 from 林小树, for no order that waits for money",
            "2 sure, 1 not sure, 1 other money, 0 booked before",
            "left out: 1 went out, 2 between own accounts, 1 refunded",
            "nothing was booked yet",
        ],
    );
    assert_eq!(desk.paid().await, [] as [i64; 0], "a preview books nothing");
    Desk::assert_says(&desk.import(&wechat, true).await, true, &["done: 2 paid"]);
    desk.stage.settle().await;
    assert_eq!(desk.paid().await, [2, 3]);
    // The same file again, and once more with another order of his of that amount.
    desk.says("阿强", "A1 两箱").await;
    let again = desk.import(&wechat, true).await;
    Desk::assert_says(&again, true, &["2 booked before", "nothing to book"]);
    desk.stage.settle().await;
    assert_eq!(desk.paid().await, [2, 3]);
    let alipay = desk.import(&fixture("alipay.csv"), true).await;
    Desk::assert_says(&alipay, true, &["for #1 of 小美 (its number)", "done: 1 paid"]);
    desk.stage.settle().await;
    assert_eq!(desk.paid().await, [1, 2, 3]);
    sound::assert_sound(&desk.stage.pool).await;
}

#[tokio::test]
async fn last_digits_that_a_buyer_told_tell_a_banks_row() {
    let desk = Desk::open().await;
    desk.says("老王", "A1 x1").await;
    desk.says("小美", "A1 x1").await;
    desk.says("老王", "已转账 末五码 54321").await;
    let bank = desk.import(&fixture("bank.csv"), true).await;
    Desk::assert_says(
        &bank,
        true,
        &["from WANG T, for #1 of 老王 (amount and last digits)", "1 sums"],
    );
}

#[tokio::test]
async fn what_cannot_be_a_whole_statement_is_refused_in_words() {
    let desk = Desk::open().await;
    let money = |minor| Cell::Money(Money::from_minor(minor), Currency::CNY);
    let row = |n: i64| {
        let [day, payer] = ["2026-03-04", "小美"].map(|it| Cell::text(Some(it)));
        vec![day, payer, money(n), Cell::text(None)]
    };
    let many: Vec<_> = (1..=10_001).map(row).collect();
    let many = desk.import(&desk.write("many.csv", &many), false).await;
    Desk::assert_says(&many, false, &["more than 10000 rows"]);
    let bytes = std::fs::read(fixture("wechat.csv")).unwrap();
    let half = desk.folder.path().join("half.csv");
    let text = String::from_utf8(bytes).unwrap();
    std::fs::write(&half, &text[..text.rfind("2026-03-04 12:30").unwrap()]).unwrap();
    let half = desk.import(&half, true).await;
    Desk::assert_says(&half, false, &["it is not whole", "nothing was done"]);
    let strange = desk.folder.path().join("strange.csv");
    std::fs::write(&strange, b"Date,Payer,Amount\n2026-03-04,\xff\xff,1\n").unwrap();
    Desk::assert_says(&desk.import(&strange, true).await, false, &["neither in UTF-8"]);
    let counted = desk.folder.path().join("counted.csv");
    std::fs::write(&counted, "Date,Payer,Amount\n2026-03-04,Amy,=1+1\n").unwrap();
    Desk::assert_says(&desk.import(&counted, true).await, false, &["row 2: a cell is a formula"]);
    let far = desk.folder.path().join("far.csv");
    std::fs::write(&far, format!("Date,Payer,Amount\n2026-03-04,Amy,1{}x\n", ",".repeat(300)))
        .unwrap();
    Desk::assert_says(&desk.import(&far, true).await, false, &["delete it"]);
    let sheet = desk.write("bill.xlsx", &[row(3_990)]);
    let said = desk.import(&sheet, false).await;
    Desk::assert_says(&said, true, &["a statement of a bank", "nothing to book"]);
    assert_eq!(desk.paid().await, [] as [i64; 0]);
}

#[tokio::test]
#[ignore = "a measurement: 1,000 rows against 1,000 open orders"]
async fn a_thousand_rows_against_a_thousand_orders() {
    let desk = Desk::open().await;
    desk.says("小美", "A1 x1").await;
    for table in ["orders", "order_line"] {
        let copied = format!(
            "insert into {table} select (jsonb_populate_record(o, jsonb_build_object('order_id', n))).*
             from {table} o, generate_series(2, 1000) n where o.order_id = 1"
        );
        sqlx::query(sqlx::AssertSqlSafe(copied)).execute(&desk.stage.pool).await.unwrap();
    }
    let words = |text: String| Cell::text(Some(&text));
    let row = |n: i64| {
        let amount = Cell::Money(Money::from_minor(3_990), Currency::CNY);
        vec![words("2026-03-04".into()), words(format!("P{n}")), amount, words(format!("#{n}"))]
    };
    let rows: Vec<_> = (1..=1_000).map(row).collect();
    for name in ["many.csv", "many.xlsx"] {
        let path = desk.write(name, &rows);
        let begun = std::time::Instant::now();
        let said = desk.import(&path, false).await;
        println!("{name}: {:?}", begun.elapsed());
        Desk::assert_says(&said, true, &["1000 sure, 0 not sure"]);
    }
}
