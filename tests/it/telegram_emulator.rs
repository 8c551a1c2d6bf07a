//! A Bot API by others, in a process of its own: it keeps the updates, tells them by long polling or to a
//! webhook, and refuses every parameter that it does not know. Our fake stands between it and the shop and
//! writes down what passes, for the emulator itself keeps no texts.
//!
//! `make test-peers` installs it and says where it is.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};

use crate::fake_telegram::{Fake, TOKEN};
use crate::ground::PATIENCE;

/// Where the counterparts' programs are.
pub(crate) fn programs() -> PathBuf {
    let home = std::env::var_os("TUAN_TELEGRAM_PEERS");
    home.expect("run `make test-peers`, which installs the counterparts").into()
}

/// The emulator, and whoever carries the test's updates to it.
pub(crate) struct Emulator {
    child: Child,
    port: u16,
    /// The last update it was told.
    told: Arc<Mutex<i64>>,
}

impl Drop for Emulator {
    fn drop(&mut self) {
        let _ = self.child.kill(); // it may have ended
        let _ = self.child.wait();
    }
}

impl Emulator {
    /// Start it and put it behind a fake, whose updates it tells from now on.
    pub(crate) async fn start(fake: &Fake) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let emulator = Self { child: run(port), port, told: Arc::default() };
        emulator.until_it_listens().await;
        fake.put_behind(format!("http://127.0.0.1:{port}"));
        tokio::spawn(carry(fake.clone(), port, Arc::clone(&emulator.told)));
        emulator
    }

    /// Kill it and start it again. It has forgotten everything; what the shop has not confirmed, it is told
    /// again, as Telegram would have kept it.
    pub(crate) async fn start_again(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        tokio::time::sleep(Duration::from_millis(300)).await;
        self.child = run(self.port);
        self.until_it_listens().await;
        *self.told.lock().unwrap() = 0;
    }

    async fn until_it_listens(&self) {
        let until = tokio::time::Instant::now() + PATIENCE;
        while tokio::net::TcpStream::connect(("127.0.0.1", self.port)).await.is_err() {
            assert!(tokio::time::Instant::now() < until, "the emulator does not start");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Where it sends its news, how many wait, and what kinds it was asked for.
    pub(crate) async fn hook(&self) -> Value {
        ask(self.port, &format!("bot{TOKEN}/getWebhookInfo"), json!({})).await.unwrap()
    }
}

fn run(port: u16) -> Child {
    Command::new(programs().join("lo-bot-api-emulator"))
        .args(["--port", &port.to_string(), "--enable-control"])
        .arg("--allow-insecure-loopback-webhooks")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Carry updates to the emulator, in order, and notice what went to a webhook and was taken there.
async fn carry(fake: Fake, port: u16, told: Arc<Mutex<i64>>) {
    loop {
        tokio::time::sleep(Duration::from_millis(10)).await;
        let last = *told.lock().unwrap();
        let id = |update: &Value| update["update_id"].as_i64().unwrap();
        let news = fake.waiting();
        for update in news.iter().filter(|it| id(it) > last) {
            let body = json!({ "token": TOKEN, "update": update });
            if ask(port, "__fixture/updates", body).await.is_none() {
                break;
            }
            *told.lock().unwrap() = id(update);
        }
        let info = ask(port, &format!("bot{TOKEN}/getWebhookInfo"), json!({})).await;
        let Some(info) = info.filter(|it| it["url"].as_str().is_some_and(|url| !url.is_empty()))
        else {
            continue; // the shop polls, and confirms by polling
        };
        if info["pending_update_count"] == json!(0) {
            fake.confirm(last);
        } else {
            let _ = ask(port, "__fixture/deliver", json!({ "token": TOKEN })).await;
        }
    }
}

/// What the emulator answers; `None` when it is away or will not.
async fn ask(port: u16, path: &str, body: Value) -> Option<Value> {
    let url = format!("http://127.0.0.1:{port}/{path}");
    let answer: Value =
        reqwest::Client::new().post(url).json(&body).send().await.ok()?.json().await.ok()?;
    (answer["ok"] == json!(true)).then(|| answer["result"].clone())
}
