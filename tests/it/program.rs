//! The built program on a folder of its own, to be killed without warning: what the tests of each platform
//! share who show that nothing is lost by that.

use std::collections::BTreeMap;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::time::Instant;
use tuan::store::seal::Seal;

use crate::ground::PICTURE;

/// A step that takes longer than this hangs.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

const OPERATOR: &str = "an-operator's-token";

/// How a message begins that may have arrived before.
const AGAIN: &str = "🔁";

/// A folder with the shop's file and its database, and where the shop will be.
pub(crate) struct Home {
    folder: TempDir,
    key: String,
    token: &'static str,
    pub(crate) address: String,
}

/// The running program. Killed, not asked to stop, when dropped.
pub(crate) struct Program {
    child: Child,
    address: String,
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Home {
    /// A shop of this file, whose account's token is this.
    pub(crate) fn new(text: &str, token: &'static str) -> Self {
        let folder = crate::embedded::place();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        std::fs::write(folder.path().join("grapes.png"), PICTURE).unwrap();
        let text = format!("{text}\n[web]\nbind = \"{address}\"\n");
        std::fs::write(folder.path().join("shop.toml"), text).unwrap();
        Self { folder, key: Seal::fresh_key(), token, address }
    }

    /// A command on the shop's own database.
    fn command(&self, name: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tuan"));
        command.arg(name).arg("--data").arg(self.folder.path().join("data"));
        command.env_remove("DATABASE_URL");
        command
    }

    pub(crate) async fn start(&self) -> Program {
        let child = self
            .command("serve")
            .arg("--config")
            .arg(self.folder.path().join("shop.toml"))
            .envs([("TOKEN", self.token), ("TUAN_DATA_KEY", &self.key)])
            .env("TUAN_OPERATOR_TOKEN", OPERATOR)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let program = Program { child, address: self.address.clone() };
        let until = Instant::now() + PATIENCE;
        while program.health().await["status"] != "ok" {
            assert!(Instant::now() < until, "the shop does not open");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        program
    }

    /// What who runs the group says to link it.
    pub(crate) fn offer(&self) -> String {
        let output = self.command("link").arg("c0").output().unwrap();
        let output = String::from_utf8(output.stdout).unwrap();
        output.lines().find(|line| line.contains("绑定")).expect("a code").trim().to_owned()
    }

    /// Nothing is wrong in the books.
    pub(crate) fn audit(&self) {
        let audit = self.command("audit").output().unwrap();
        assert!(audit.status.success(), "{}", String::from_utf8_lossy(&audit.stdout));
    }
}

impl Program {
    pub(crate) async fn health(&self) -> Value {
        let answer = reqwest::get(format!("http://{}/health", self.address)).await;
        let Ok(answer) = answer else { return Value::Null };
        answer.json().await.unwrap_or_default()
    }

    pub(crate) async fn get(&self, path: &str) -> reqwest::Response {
        let request = reqwest::Client::new().get(format!("http://{}{path}", self.address));
        request.bearer_auth(OPERATOR).send().await.unwrap()
    }

    /// How many orders each member has.
    pub(crate) async fn orders(&self) -> BTreeMap<String, u32> {
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

    /// Wait until this is so, and what is stored is handled and answered.
    pub(crate) async fn settled(&self, is_so: impl AsyncFn() -> bool) {
        let until = Instant::now() + 2 * PATIENCE;
        loop {
            let is_so = is_so().await;
            let health = self.health().await;
            let left = [&health["inbox_waiting"], &health["outbox_waiting"]];
            if is_so && left == [&json!(0), &json!(0)] {
                return;
            }
            assert!(Instant::now() < until, "not idle; {health}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

/// Everybody who has an order has one, and a receipt; what was said again says so. Returns how many receipts
/// were. Names are of one length, or one would stand in another.
pub(crate) fn check_receipts(orders: &BTreeMap<String, u32>, said: &[String]) -> usize {
    let mut repeated = 0;
    for (name, count) in orders {
        assert_eq!(*count, 1, "orders of {name}");
        let receipts = said.iter().filter(|text| text.contains(&format!("@{name}")));
        let (again, once): (Vec<_>, Vec<_>) = receipts.partition(|it| it.starts_with(AGAIN));
        assert!(!once.is_empty() || !again.is_empty(), "{name} got no receipt");
        assert!(once.len() <= 1, "{name} got {once:#?}");
        repeated += again.len();
    }
    repeated
}

/// Wait until one of what was said has this in it.
pub(crate) async fn heard(part: &str, said: impl AsyncFn() -> Vec<String>) {
    let until = Instant::now() + PATIENCE;
    loop {
        let said = said().await;
        if said.iter().any(|text| text.contains(part)) {
            return;
        }
        assert!(Instant::now() < until, "{part:?} not in {said:#?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
