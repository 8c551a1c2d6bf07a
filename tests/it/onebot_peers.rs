//! OneBot against independent counterparts, each a process of its own: the adapter connects to an
//! implementation by others, and an application by others understands our fake.
//!
//! `make test-peers` installs them and says where they are; without it these tests are left out.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::ops::Deref;
use std::process::{ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};

use crate::counterpart::Counterpart;
use crate::fake_onebot::{Fake, TOKEN, message, notice, open, words};
use crate::ground::PATIENCE;
use crate::onebot_shop::{AMING, AQIANG, AZHEN, GROUP, Shop, Way, XIAOMEI, a_day};

/// A counterpart that is written to as well.
struct Peer {
    counterpart: Counterpart,
    stdin: Arc<Mutex<ChildStdin>>,
}

impl Deref for Peer {
    type Target = Counterpart;
    fn deref(&self) -> &Counterpart {
        &self.counterpart
    }
}

impl Peer {
    /// Start a script of `tests/peers/onebot` and wait until it can be connected to. Calls that it passes
    /// on are answered by the fake.
    async fn start(script: &str, port: u16, more: &[&str], fake: &Fake) -> Self {
        let python = std::env::var_os("TUAN_ONEBOT_PEERS");
        let python = python.expect("run `make test-peers`, which installs the counterparts");
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/peers/onebot/");
        let mut child = Command::new(python)
            .arg(format!("{folder}{script}"))
            .arg(port.to_string())
            .args(more)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let stdin = Arc::new(Mutex::new(child.stdin.take().unwrap()));
        let lines: Arc<Mutex<Vec<Value>>> = Arc::default();
        let (stdout, known) = (child.stdout.take().unwrap(), Arc::clone(&lines));
        let (answers, fake) = (Arc::clone(&stdin), fake.clone());
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                let Ok(told) = serde_json::from_str::<Value>(&line) else { continue };
                if told.get("action").is_some()
                    && let Some(answer) = fake.answer(&line)
                {
                    write(&answers, &answer);
                }
                known.lock().unwrap().push(told);
            }
        });
        let until = tokio::time::Instant::now() + PATIENCE;
        while tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_err() {
            assert!(tokio::time::Instant::now() < until, "the counterpart does not start");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Self { counterpart: Counterpart::new(child, lines), stdin }
    }

    /// Pass on the fake's news.
    fn hear(&self, fake: &Fake) {
        let (mut news, _) = fake.attach(true);
        let stdin = Arc::clone(&self.stdin);
        tokio::spawn(async move {
            while let Some(frame) = news.recv().await {
                write(&stdin, &frame);
            }
        });
    }

    /// What the counterpart's models refused.
    fn faults(&self) -> Vec<Value> {
        self.all().iter().filter_map(|line| line.get("fault").cloned()).collect()
    }
}

fn write(stdin: &Mutex<ChildStdin>, line: &str) {
    let _ = writeln!(stdin.lock().unwrap(), "{line}"); // it may have ended
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs counterparts: make test-peers"]
async fn a_day_with_an_implementation_by_others_that_is_restarted() {
    let (fake, port) = (Fake::start().await, free_port());
    let peer = Peer::start("implementation.py", port, &[], &fake).await;
    peer.hear(&fake);
    let way = Way::Forward(format!("ws://127.0.0.1:{port}"));
    let shop = Shop::open_with(fake.clone(), way, 1).await;
    shop.until("it is connected", async || fake.greetings() > 0).await;
    a_day(&shop).await;
    assert_eq!(peer.faults(), [] as [Value; 0]);

    drop(peer);
    fake.cut(); // the news of before is not told to the next one
    fake.remove(GROUP, AZHEN);
    fake.put(GROUP, 77, "member");
    let before = fake.greetings();
    let peer = Peer::start("implementation.py", port, &[], &fake).await;
    peer.hear(&fake);
    shop.until("it is connected again", async || fake.greetings() > before).await;
    let compared = "select count(*) from member
                    where user_key = '77' and present or user_key = '12' and not present";
    shop.until(compared, async || shop.count(compared).await >= 2).await;
    shop.says(AQIANG, "我的订单");
    shop.heard(GROUP, "@阿强").await;
    shop.settle().await;
    assert_eq!(peer.faults(), [] as [Value; 0]);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs counterparts: make test-peers"]
async fn an_application_by_others_understands_our_fake() {
    let (fake, port) = (Fake::start().await, free_port());
    fake.put(GROUP, crate::fake_onebot::BOT, "member");
    fake.put(GROUP, AMING, "owner");
    let peer = Peer::start("application.py", port, &[TOKEN], &fake).await;
    let url = format!("ws://127.0.0.1:{port}/ws");
    let refused = open(&url, "wrong", "Universal").await.unwrap_err().to_string();
    assert!(refused.contains("403"), "{refused}");
    fake.connect(&url, "Universal");
    let until = tokio::time::Instant::now() + PATIENCE;
    while fake.listeners() == 0 {
        assert!(tokio::time::Instant::now() < until, "not connected");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(peer.told("me").await, json!(crate::fake_onebot::BOT));
    let joined = json!({ "sub_type": "invite", "operator_id": AMING });
    fake.push(notice("group_increase", (GROUP, XIAOMEI), 1_700_000_000, joined));
    assert_eq!(peer.told("operator").await, json!(AMING));
    fake.push(message(GROUP, AMING, (7, 1_700_000_000), words("go")));
    assert_eq!(peer.told("card").await, json!("阿明"));
    assert_eq!(peer.told("login").await["user_id"], json!(crate::fake_onebot::BOT));
    assert_eq!(peer.told("members").await.as_array().unwrap().len(), 2);
    assert_eq!(peer.told("member").await["role"], json!("owner"));
    let id = peer.told("sent").await["message_id"].as_i64().unwrap();
    assert!(peer.told("refused").await.as_str().unwrap().contains("retcode=100"));
    let sent = fake.sent();
    assert_eq!((sent[0].text.as_str(), sent[0].mentions), ("@阿明 好", 1));
    assert_eq!(sent[0].image.as_deref(), Some(crate::onebot_shop::PICTURE_SENT));
    assert_eq!(fake.recalled(), [id]);
}
