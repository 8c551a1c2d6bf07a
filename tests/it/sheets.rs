//! What operators do on the command line, with the built program beside a running shop and without one:
//! sheets out and in, withdrawals to the end, rebinding, forgetting.

use std::path::{Path, PathBuf};
use std::process::Command;

use sqlx::ConnectOptions;
use tuan::domain::ids::Lane;
use tuan::domain::ids::MemberId;
use tuan::domain::ledger::{AccountNo, Owner};
use tuan::engine::housekeeping;
use tuan::sheets::table::{self, Cell, SheetTable};

use crate::sound;
use crate::stage::{DEMO, LANES, Stage};

/// A shop with orders to work on, and a folder for sheets.
struct Office {
    stage: Stage,
    folder: tempfile::TempDir,
}

/// What a command said, and its exit status.
#[derive(Debug)]
struct Said {
    text: String,
    code: i32,
}

/// A command of the built program on the database of `stage`.
fn command(stage: &Stage, arguments: &[&str]) -> Command {
    let url = stage.pool.connect_options().to_url_lossy();
    let mut command = Command::new(env!("CARGO_BIN_EXE_tuan"));
    command.args(arguments).env("DATABASE_URL", url.as_str()).env("TUAN_DATA_KEY", &stage.key);
    command.env("USER", "lin");
    command
}

async fn run(mut command: Command) -> Said {
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let text = [output.stdout, output.stderr].map(|it| String::from_utf8(it).unwrap()).concat();
    Said { text, code: output.status.code().unwrap() }
}

impl Office {
    /// The demo shop at ten: members are in, the drop is on. Everything can be withdrawn, less a fifth.
    async fn open() -> Self {
        let text = DEMO.replace("minimum = \"10.00\"", "minimum = \"0.01\"\nwithholding = \"20%\"");
        let stage = Stage::open(&text, "2026-03-04T01:59:00Z".parse().unwrap()).await;
        stage.seed("sunshine").await;
        stage.advance(chrono::Duration::minutes(2)).await;
        Self { stage, folder: tempfile::tempdir().unwrap() }
    }

    async fn tuan(&self, arguments: &[&str]) -> Said {
        run(command(&self.stage, arguments)).await
    }

    /// The command succeeds and says this.
    #[track_caller]
    fn assert_fine(said: &Said, words: &str) {
        assert!(said.code == 0 && said.text.contains(words), "{words:?} is not in {said:?}");
    }

    async fn says(&self, from: &str, text: &str) {
        let room = self.stage.room("sunshine").await;
        room.say(from, text, None).await.unwrap();
        self.stage.settle().await;
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    async fn number(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(&self.stage.pool).await.unwrap()
    }

    async fn word(&self, sql: &'static str) -> String {
        sqlx::query_scalar(sql).fetch_one(&self.stage.pool).await.unwrap()
    }

    /// What stands on the accounts of a member, as far as it is money.
    async fn money_of(&self, name: &str) -> String {
        let of_member = "select member_id from member where name = $1";
        let member = sqlx::query_scalar(of_member).bind(name).fetch_one(&self.stage.pool);
        let accounts = AccountNo::all_of(Owner::Member(MemberId(member.await.unwrap())));
        let rows: Vec<(i64, i64)> = sqlx::query_as(
            "select account_no, -amount from balance
             where account_no = any($1) and currency = 'CNY' and amount <> 0 order by account_no",
        )
        .bind(accounts.map(AccountNo::number).collect::<Vec<_>>())
        .fetch_all(&self.stage.pool)
        .await
        .unwrap();
        let line = |(no, owed): &(i64, i64)| format!("{} {owed}", AccountNo::stored(*no).name());
        rows.iter().map(line).collect::<Vec<_>>().join(" ")
    }

    async fn orders_export(&self, name: &str) -> SheetTable {
        let path = self.path(name);
        let out = path.to_str().unwrap();
        let place = ["orders", "export", "--community", "sunshine"];
        let day = ["--day", "2026-03-04", "--out", out];
        let said = self.tuan(&[place, day].concat()).await;
        Self::assert_fine(&said, "written to");
        table::read(&path).unwrap().0
    }

    async fn import(&self, path: &Path, apply: bool) -> Said {
        let path = path.to_str().unwrap();
        let arguments = ["orders", "import", path, "--community", "sunshine"];
        let apply: &[&str] = if apply { &["--apply"] } else { &[] };
        self.tuan(&[&arguments[..], apply].concat()).await
    }

    /// 小美 has commission from an order of 阿强's, settled and available.
    async fn earn(&self) {
        self.says("阿强", "A1 两箱").await;
        self.says("阿明", "收到 #1").await;
        self.says("阿明", "已签收 #1").await;
        self.stage.advance(chrono::Duration::days(9)).await;
        self.says("小美", "收款 支付宝 13800006789").await;
    }

    async fn sound(&self) {
        sound::assert_sound(&self.stage.pool).await;
        let audit = self.tuan(&["audit"]).await;
        assert_eq!(audit.code, 0, "{audit:?}");
    }
}

/// What the first row has in a column.
fn cell<'t>(table: &'t SheetTable, column: &str) -> &'t str {
    let place = table.head.iter().position(|it| it == column).unwrap();
    table.rows[0].1.get(place).map_or("", String::as_str)
}

/// The sheet again, filled in: the first row of each order gets money and a tracking number.
fn fill(table: &SheetTable, path: &Path, rows: &[(&str, &str, &str)]) {
    let mut sheet: Vec<Vec<String>> = table.rows.iter().map(|(_, row)| row.clone()).collect();
    // A sheet has no blanks at the end of a row that were not written.
    for row in &mut sheet {
        row.resize(table.head.len(), String::new());
    }
    let column = |name: &str| table.head.iter().position(|it| it == name).unwrap();
    for (order, received, tracking) in rows {
        let row = sheet.iter_mut().find(|row| row[0] == *order).unwrap();
        (*received).clone_into(&mut row[column("本次收款")]);
        "顺丰".clone_into(&mut row[column("快递公司")]);
        (*tracking).clone_into(&mut row[column("快递单号")]);
    }
    let head: Vec<_> = table.head.iter().map(String::as_str).collect();
    let cells = |row: &Vec<String>| row.iter().map(|it| Cell::Text(it.clone())).collect();
    let sheet: Vec<Vec<Cell>> = sheet.iter().map(cells).collect();
    table::write(path, &head, &sheet).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn orders_go_out_and_come_back_filled_in() {
    let office = Office::open().await;
    office.says("小美", "地址 上海市天钥桥路 1 号 302，王芳 13800006789").await;
    office.says("小美", "A1 两箱，A2 1盒").await;
    office.says("老王", "A1 一箱").await;
    let table = office.orders_export("orders.xlsx").await;
    assert_eq!(table.head[..4], ["订单号", "下单人", "收货人", "电话"]);
    assert_eq!(table.rows[0].1[..2], ["1", "小美"]);
    assert_eq!(cell(&table, "金额"), "79.8");
    assert_eq!((cell(&table, "单价"), cell(&table, "数量")), ("39.9", "2"));
    assert_eq!((cell(&table, "自提"), cell(&table, "付款时间")), ("", ""));
    assert!(cell(&table, "下单时间").starts_with("2026-03-04 "), "{table:?}");
    assert_eq!(table.rows.last().unwrap().1[..2], ["2", "老王"]);
    let total =
        office.number("select sum(price_minor * qty)::bigint from order_line where order_id = 1");
    let total = total.await;
    let total = format!("{}.{:02}", total / 100, total % 100);

    // One bad row, and nothing is taken.
    fill(&table, &office.path("bad.csv"), &[("1", &total, "SF1"), ("2", "", "SF2")]);
    let said = office.import(&office.path("bad.csv"), true).await;
    assert!(said.code == 1 && said.text.contains("the order is not paid"), "{said:?}");
    assert_eq!(office.number("select count(*) from journal").await, 0);

    // A look first, then for good; the same file twice is once.
    let good = office.path("good.xlsx");
    fill(&table, &good, &[("1", &total, "SF1")]);
    Office::assert_fine(&office.import(&good, false).await, "nothing was done yet");
    assert_eq!(office.word("select state from orders where order_id = 1").await, "placed");
    Office::assert_fine(&office.import(&good, true).await, "done: 1 paid, 1 shipped");
    Office::assert_fine(&office.import(&good, true).await, "taken before");
    assert_eq!(office.word("select state from orders where order_id = 1").await, "shipped");
    assert_eq!(office.number("select count(*) from journal where kind = 'paid'").await, 1);

    // The address was fixed when it was paid; the same rows in another file change nothing.
    let table = office.orders_export("again.csv").await;
    let row = &table.rows[0].1;
    assert_eq!(row[2..5], ["王芳", "13800006789", "上海市天钥桥路 1 号 302"]);
    assert_eq!((cell(&table, "快递公司"), cell(&table, "快递单号")), ("顺丰", "SF1"));
    assert!(cell(&table, "付款时间").starts_with("2026-03-04 "), "{table:?}");
    fill(&table, &office.path("again-filled.csv"), &[("1", &total, "SF1")]);
    let said = office.import(&office.path("again-filled.csv"), true).await;
    Office::assert_fine(&said, "done: 2 unchanged");
    let said = office.tuan(&["orders", "import", "nowhere.txt", "--community", "sunshine"]).await;
    assert_eq!(said.code, 1);
    office.sound().await;
    office.stage.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_withdrawal_goes_through_all_its_states() {
    let office = Office::open().await;
    office.earn().await;
    assert_eq!(office.money_of("小美").await, "available 239");
    office.says("小美", "提现").await;
    assert_eq!(office.money_of("小美").await, "locked 239");
    Office::assert_fine(&office.tuan(&["payouts", "list"]).await, "sunshine 1  asked  2.39 CNY");
    let said = office.tuan(&["payouts", "refuse", "sunshine", "1", "--reason", "资料不全"]).await;
    Office::assert_fine(&said, "refused");
    assert_eq!(office.money_of("小美").await, "available 239");

    office.says("小美", "提现").await;
    Office::assert_fine(&office.tuan(&["payouts", "approve", "sunshine", "2"]).await, "approved");
    let batch = office.path("batch.xlsx");
    let said = office.tuan(&["payouts", "export", "--out", batch.to_str().unwrap()]).await;
    Office::assert_fine(&said, "sunshine batch 1: 1 payouts");
    let (table, _) = table::read(&batch).unwrap();
    let row = &table.rows[0].1;
    assert_eq!(row[..2], ["sunshine-W2", "sunshine"]);
    assert_eq!(row[5..9], ["支付宝 13800006789", "2.39", "0.47", "1.92"]);
    // What is with the bank is in no other batch, and is written again under the same number.
    let other = office.path("other.csv");
    let other = other.to_str().unwrap();
    assert_eq!(office.tuan(&["payouts", "export", "--out", other]).await.code, 1);
    let again = ["payouts", "export", "--out", other, "--community", "sunshine", "--again", "1"];
    Office::assert_fine(&office.tuan(&again).await, "1 payouts");
    assert_eq!(table::read(Path::new(other)).unwrap().0.rows[0].1[0], "sunshine-W2");

    let result = |name: &str, words: &str, reason: &str| {
        let path = office.path(name);
        let row = ["sunshine-W2", words, reason].map(|it| Cell::text(Some(it))).to_vec();
        table::write(&path, &["打款单号", "结果", "原因"], &[row]).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let sent = result("sent.csv", "成功", "");
    Office::assert_fine(&office.tuan(&["payouts", "import", &sent]).await, "would be: 1 sent");
    assert_eq!(office.money_of("小美").await, "locked 239");
    let import = ["payouts", "import", &sent, "--apply"];
    Office::assert_fine(&office.tuan(&import).await, "done: 1 sent");
    Office::assert_fine(&office.tuan(&import).await, "taken before");
    assert_eq!(office.money_of("小美").await, "paid_out 192");
    let failed = result("failed.xlsx", "失败", "账号不存在");
    let said = office.tuan(&["payouts", "import", &failed, "--apply"]).await;
    assert!(said.code == 1 && said.text.contains("sent already"), "{said:?}");
    assert_eq!(office.money_of("小美").await, "paid_out 192");
    assert_eq!(office.number("select -amount from balance where account_no = 4").await, 47);

    let said = office.tuan(&["statement", "sunshine", "小美"]).await;
    Office::assert_fine(&said, "A1 ×2: level 1, 3.00% of 79.80 = 2.39");
    Office::assert_fine(&said, "sent  paid_out +1.92 CNY");
    Office::assert_fine(&said, "withdrawal 2 (sent)");
    let first = office.tuan(&["statement", "sunshine", "小美", "--limit", "1"]).await;
    let place = first.text.rsplit("--before ").next().unwrap().trim().to_owned();
    let next = ["statement", "sunshine", "小美", "--limit", "1", "--before", &place];
    Office::assert_fine(&office.tuan(&next).await, "asked  locked +2.39 CNY");
    office.sound().await;
    office.stage.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn racing_commands_without_a_running_shop_end_in_one_result() {
    let office = Office::open().await;
    office.earn().await;
    office.says("小美", "提现").await;
    office.stage.app.engine.shut_down().await;
    let approve = || run(command(&office.stage, &["payouts", "approve", "sunshine", "--all"]));
    let by_number = || run(command(&office.stage, &["payouts", "approve", "sunshine", "1"]));
    let (one, two, three) = tokio::join!(approve(), by_number(), by_number());
    let approved = [&one, &two, &three].iter().filter(|it| it.text.contains("1 approved")).count();
    assert_eq!(approved, 1, "{one:?} {two:?} {three:?}");
    let paths = ["a.csv", "b.csv"].map(|name| office.path(name).to_str().unwrap().to_owned());
    let export = |out: String| {
        let command = command(&office.stage, &["payouts", "export", "--out", &out]);
        run(command)
    };
    let [first, second] = paths;
    let (one, two) = tokio::join!(export(first), export(second));
    assert_eq!(one.code + two.code, 1, "one batch has it: {one:?} {two:?}");
    assert_eq!(office.number("select count(*) from withdrawal where batch = 1").await, 1);
    assert_eq!(office.number("select max(batch) from withdrawal").await, 1);
    assert_eq!(office.money_of("小美").await, "locked 239");
    let audit = office.tuan(&["audit"]).await;
    assert_eq!(audit.code, 0, "{audit:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_erased_leaves_sound_books_and_no_words() {
    let office = Office::open().await;
    office.says("阿强", "地址 幸福路 1 号，李强 13900001111").await;
    let said = office.tuan(&["rebind", "sunshine", "阿强", "--to", "阿强", "--reason", "x"]).await;
    assert!(said.code == 1 && said.text.contains("nobody invites themselves"), "{said:?}");
    office.says("阿强", "A1 两箱 备注放门口").await;
    let erase = ["privacy", "erase", "sunshine", "阿强", "--yes"];
    let said = office.tuan(&erase).await;
    assert!(said.code == 1 && said.text.contains("still to be finished: #1"), "{said:?}");
    office.says("阿明", "收到 #1").await;
    office.says("阿明", "已签收 @阿强").await;
    // Others write of them: a recipient, a remark, a sentence.
    office.says("小美", "帮阿强带一箱葡萄 备注阿强自己来拿").await;
    office.says("阿明", "收到 #2").await;
    let still = office.tuan(&erase).await;
    assert!(still.code == 1 && still.text.contains("#2"), "{still:?}");
    office.says("阿明", "已签收 #2").await;
    office.says("阿强", "投诉 葡萄坏了").await;
    let preview = office.tuan(&erase[..4]).await;
    Office::assert_fine(&preview, "to do it, say so: --yes");
    assert!(preview.text.contains("in 1 orders of others #2"), "{preview:?}");
    let out = office.path("person.json");
    let export = ["privacy", "export", "sunshine", "阿强", "--out", out.to_str().unwrap()];
    Office::assert_fine(&office.tuan(&export).await, "written");
    let person = std::fs::read_to_string(&out).unwrap();
    for words in [
        "李强 13900001111",
        "A1 两箱",
        "2026-03-04",
        "points",
        "place_order",
        "ledger",
        "told_to_others",
    ] {
        assert!(person.contains(words), "{words} is not in {person}");
    }
    let before = office.word("select sum(amount)::text || count(*) from balance").await;
    Office::assert_fine(&office.tuan(&erase).await, "erased");
    let after = office.word("select sum(amount)::text || count(*) from balance").await;
    assert_eq!(before, after);
    let name = "select name || ' ' || user_key from member where name like '已注销%'";
    assert_eq!(office.word(name).await, "已注销 #4 erased:4");
    for sql in [
        "select count(*) from member where name = '阿强' or user_key = '阿强'",
        "select count(*) from orders where member_id = 4 and private is not null",
        "select count(*) from outbox where to_key = '阿强'",
        "select count(*) from inbox where key like '%阿强%'",
        "select count(*) from erasure where person is not null",
    ] {
        assert_eq!(office.number(sql).await, 0, "{sql}");
    }
    nothing_names(&office, "阿强").await;
    office.sound().await;
    office.stage.advance(chrono::Duration::days(9)).await;
    office.says("小美", "余额").await;
    assert_eq!(office.money_of("小美").await, "available 239");
    office.sound().await;
    let missing = office.tuan(&["privacy", "erase", "sunshine", "阿强"]).await;
    assert_eq!(missing.code, 2, "{missing:?}");
    // When texts are old enough, none is left, and the books are as they were.
    for lane in (0..LANES).map(Lane) {
        housekeeping::blank_old(&office.stage.app.engine, lane, 0).await.unwrap();
    }
    assert_eq!(office.number("select count(body) from inbox").await, 0);
    assert_eq!(office.number("select count(*) from outbox where body <> ''::bytea").await, 0);
    who_did_it_is_kept(&office).await;
    office.sound().await;
    office.stage.close().await;
}

/// No text is kept any more; who ordered something, and who did it, is.
async fn who_did_it_is_kept(office: &Office) {
    let told = office.tuan(&["explain", "commands", "sunshine"]).await;
    let refused = ["rebind_member by lin", "nobody invites themselves", "erase_member by lin"];
    let done = ["orders are still to be finished: #1", "erase_member by lin", "erased #4"];
    assert_in_order(&told, &[["(no longer kept)"].as_slice(), &refused, &done].concat());
    let paid = "select string_agg(distinct name, '') from decision join member using (community_id, member_id)
                where what = 'confirm_payment' and operator is null";
    assert_eq!(office.word(paid).await, "阿明");
}

/// Everything that the database keeps, opened with the key, is searched: the simulated platform's own history apart.
async fn nothing_names(office: &Office, name: &str) {
    let columns: Vec<(String, String, String)> = sqlx::query_as(
        "select c.table_name::text, c.column_name::text, c.data_type::text
         from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
         where table_schema = 'public' and t.table_type = 'BASE TABLE'
           and c.data_type in ('text', 'jsonb', 'bytea') and c.table_name not like '\\_sqlx%'",
    )
    .fetch_all(&office.stage.pool)
    .await
    .unwrap();
    assert!(columns.len() > 50, "the columns are found");
    let mut left = Vec::new();
    for (table, column, kind) in columns {
        // The operator's file names whoever it names.
        if table == "policy" {
            continue;
        }
        let value = if kind == "bytea" {
            column.clone()
        } else {
            format!("convert_to({column}::text, 'UTF8')")
        };
        let sql = format!("select {value} from {table} where {column} is not null");
        let rows: Vec<Vec<u8>> = sqlx::query_scalar(sqlx::AssertSqlSafe(sql))
            .fetch_all(&office.stage.pool)
            .await
            .unwrap();
        let texts = rows.iter().map(|row| String::from_utf8_lossy(row).into_owned());
        left.extend(
            texts.filter(|it| it.contains(name)).map(|it| format!("{table}.{column}: {it}")),
        );
    }
    let mut sealed = 0;
    for value in crate::sealing::all(&office.stage.pool).await {
        let text = value.open(office.stage.seal()).to_string();
        sealed += 1;
        left.extend(text.contains(name).then_some(text));
    }
    assert!(sealed > 5, "what is sealed is found");
    assert_eq!(left, Vec::<String>::new());
}

/// The text has these, one after the other.
#[track_caller]
fn assert_in_order(said: &Said, words: &[&str]) {
    let mut rest = said.text.as_str();
    for word in words {
        let at = rest.find(word).unwrap_or_else(|| panic!("{word:?} is not next in {said:?}"));
        rest = &rest[at + word.len()..];
    }
    assert_eq!(said.code, 0, "{said:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_and_a_member_are_explained_in_the_order_of_events() {
    let office = Office::open().await;
    office.earn().await;
    office.says("阿明", "退款 #1 A1 1箱").await;
    let order = office.tuan(&["explain", "order", "sunshine", "#1"]).await;
    let head = ["order #1", "阿强", "total", "one for each", "times 1.0000", "level 1: 小美"];
    let events = ["A1 两箱", "收到 #1", "已签收 #1", "due", "退款 #1 A1 1箱", "reversed"];
    assert_in_order(&order, &[head.as_slice(), &events].concat());
    let member = office.tuan(&["explain", "member", "sunshine", "小美"]).await;
    assert_in_order(&member, &["小美", "收款", "退款 #1 A1 1箱"]);
    let nobody = office.tuan(&["explain", "order", "sunshine", "99"]).await;
    assert_eq!((nobody.code, nobody.text.trim()), (1, "there is no order #99"));
    office.stage.close_sound().await;
}
