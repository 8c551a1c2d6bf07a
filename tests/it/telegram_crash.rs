//! The built program with a Telegram bot, killed without warning while a group orders, several times: every
//! order counts once, every receipt arrives, what is said twice says so, and the books are sound.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;
use tuan::engine::Clock;
use tuan::store::seal::Seal;

use crate::fake_telegram::{Fake, TOKEN};
use crate::ground::PICTURE;
use crate::telegram_shop::{AMING, GROUP, file, place, user};

/// How often it is killed, and how long people order between.
const KILLS: u32 = 3;
const SPELL: Duration = Duration::from_millis(900);
const PATIENCE: Duration = Duration::from_mins(1);
const OPERATOR: &str = "an-operator's-token";
/// How a message begins that may have arrived before.
const AGAIN: &str = "🔁";

static MESSAGES: AtomicI64 = AtomicI64::new(0);

/// The running program. Killed, not asked to stop, when dropped.
struct Tuan {
    child: Child,
    address: String,
}

impl Drop for Tuan {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Tuan {
    async fn start(home: &Path, key: &str, address: &str) -> Self {
        let child = command(home, "serve")
            .arg("--config")
            .arg(home.join("shop.toml"))
            .envs([("TOKEN", TOKEN), ("TUAN_DATA_KEY", key), ("TUAN_OPERATOR_TOKEN", OPERATOR)])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let tuan = Self { child, address: address.to_owned() };
        let until = Instant::now() + PATIENCE;
        while tuan.health().await["status"] != "ok" {
            assert!(Instant::now() < until, "the shop does not open");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        tuan
    }

    async fn health(&self) -> Value {
        let answer = reqwest::get(format!("http://{}/health", self.address)).await;
        let Ok(answer) = answer else { return Value::Null };
        answer.json().await.unwrap_or_default()
    }

    async fn get(&self, path: &str) -> reqwest::Response {
        let request = reqwest::Client::new().get(format!("http://{}{path}", self.address));
        request.bearer_auth(OPERATOR).send().await.unwrap()
    }

    /// How many orders each member has.
    async fn orders(&self) -> BTreeMap<String, u32> {
        let (mut orders, mut cursor) = (BTreeMap::new(), String::new());
        loop {
            let path = format!("/api/communities/c0/orders?limit=500&cursor={cursor}");
            let page: Value = self.get(&path).await.json().await.unwrap();
            for order in page["items"].as_array().unwrap() {
                let member = &order["member"];
                let name = member.as_str().or(member["name"].as_str()).unwrap();
                *orders.entry(name.to_owned()).or_default() += 1;
            }
            match page["next"].as_str() {
                Some(next) => next.clone_into(&mut cursor),
                None => return orders,
            }
        }
    }
}

/// A command on the shop's own database.
fn command(home: &Path, name: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tuan"));
    command.arg(name).arg("--data").arg(home.join("data")).env_remove("DATABASE_URL");
    command
}

fn says(fake: &Fake, who: i64, text: &str) {
    let now = Clock::system().now().timestamp();
    let id = MESSAGES.fetch_add(1, Ordering::Relaxed) + 1;
    fake.push(
        "message",
        json!({ "message_id": id, "date": now, "chat": place(GROUP), "from": user(who), "text": text }),
    );
}

async fn heard(fake: &Fake, part: &str) {
    let until = Instant::now() + PATIENCE;
    while !fake.said_in(GROUP).iter().any(|text| text.contains(part)) {
        assert!(Instant::now() < until, "{part:?} not in {:#?}", fake.said_in(GROUP));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// A folder with the shop's file, and where the shop will be.
fn home(fake: &Fake) -> (tempfile::TempDir, String) {
    let home = tempfile::tempdir().unwrap();
    // Under root, another user runs the database server, and must pass through.
    std::fs::set_permissions(home.path(), std::fs::Permissions::from_mode(0o711)).unwrap();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    std::fs::write(home.path().join("grapes.png"), PICTURE).unwrap();
    let text = file(&fake.address, None, 1);
    std::fs::write(home.path().join("shop.toml"), format!("{text}\n[web]\nbind = \"{address}\"\n"))
        .unwrap();
    (home, address)
}

/// The group is linked, and something is for sale that closes not before tomorrow.
async fn open_for_trade(home: &Path, fake: &Fake) {
    fake.set_admin(AMING);
    let output = command(home, "link").arg("c0").output().unwrap();
    let output = String::from_utf8(output.stdout).unwrap();
    let offer = output.lines().find(|line| line.contains("绑定")).expect("a code").trim();
    says(fake, AMING, offer);
    heard(fake, "已绑定").await;
    says(fake, AMING, "上架 草莓 68 5000盒");
    heard(fake, "新上架").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bot_that_is_killed_loses_nothing_and_counts_nothing_twice() {
    let fake = Fake::start().await;
    let ((folder, address), key) = (home(&fake), Seal::fresh_key());
    let home = folder.path();
    let mut tuan = Tuan::start(home, &key, &address).await;
    open_for_trade(home, &fake).await;
    accounts_are_shown_to_the_operator_alone(&tuan).await;
    let mut buyers = 0;
    for _ in 0..KILLS {
        let until = Instant::now() + SPELL;
        while Instant::now() < until {
            for _ in 0..8 {
                says(&fake, 1_000 + buyers, "草莓 1盒");
                buyers += 1;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        drop(tuan);
        tuan = Tuan::start(home, &key, &address).await;
    }
    let until = Instant::now() + 2 * PATIENCE;
    loop {
        let health = tuan.health().await;
        let left = [&health["inbox_waiting"], &health["outbox_waiting"]];
        if fake.waiting().is_empty() && left == [&json!(0), &json!(0)] {
            break;
        }
        assert!(Instant::now() < until, "{} updates wait; {health}", fake.waiting().len());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(buyers > 100, "{buyers} orders are no load");
    let (orders, said) = (tuan.orders().await, fake.said_in(GROUP));
    assert_eq!(orders.len(), usize::try_from(buyers).unwrap());
    let mut repeated = 0;
    for n in 1_000..1_000 + buyers {
        let name = format!("路人{n}");
        assert_eq!(orders.get(&name), Some(&1), "orders of {name}");
        let receipts = said.iter().filter(|text| text.contains(&format!("@{name}")));
        let (again, once): (Vec<_>, Vec<_>) = receipts.partition(|it| it.starts_with(AGAIN));
        assert!(!once.is_empty() || !again.is_empty(), "{name} got no receipt");
        assert!(once.len() <= 1, "{name} got {once:#?}");
        repeated += again.len();
    }
    println!("{buyers} orders through {KILLS} kills; {repeated} receipts were said again");
    let audit = command(home, "audit").output().unwrap();
    assert!(audit.status.success(), "{}", String::from_utf8_lossy(&audit.stdout));
}

/// How the accounts are is on a page of their own, for who has the operator's token.
async fn accounts_are_shown_to_the_operator_alone(tuan: &Tuan) {
    let page = tuan.get("/accounts").await.text().await.unwrap();
    assert!(page.contains("tg (telegram) · tuan_bot") && page.contains("已连接"), "{page}");
    let list: Value = tuan.get("/api/accounts").await.json().await.unwrap();
    assert_eq!(
        (&list["items"][0]["key"], &list["items"][0]["ready"]),
        (&json!("tg"), &json!(true))
    );
    assert_eq!(tuan.health().await["accounts"], json!({ "tg": true }));
    let stranger = reqwest::get(format!("http://{}/accounts", tuan.address)).await.unwrap();
    assert!(stranger.url().path() == "/login", "{}", stranger.url());
    let stranger = reqwest::get(format!("http://{}/api/accounts", tuan.address)).await.unwrap();
    assert_eq!(stranger.status(), 401);
}
