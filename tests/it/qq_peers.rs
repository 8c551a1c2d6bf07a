//! Our fake of QQ's official bot interface against clients by others, each a process of its own: what the
//! adapter is tested against is what they understand, and it takes what they say.
//!
//! `make test-peers` installs them and says where they are; without it these tests are left out.

use std::io::{BufRead, BufReader};
use std::ops::Deref;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};

use crate::counterpart::Counterpart;
use crate::fake_qq::{APP_ID, Fake, SECRET, openid};
use crate::ground::PATIENCE;
use crate::qq_shop::{AMING, AQIANG, XIAOMEI, group};

const TIME: i64 = 1_780_000_000;

/// A client by others.
struct Peer(Counterpart);

impl Deref for Peer {
    type Target = Counterpart;
    fn deref(&self) -> &Counterpart {
        &self.0
    }
}

impl Peer {
    /// Start a client of `tests/peers/qq` and wait until it listens.
    async fn start(program: &str, script: &str, fake: &Fake) -> Self {
        let home = std::env::var("TUAN_QQ_PEERS")
            .expect("run `make test-peers`, which installs the counterparts");
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/peers/qq/");
        let (program, script) = match program {
            "node" => ("node".to_owned(), format!("{home}/{script}")),
            other => (format!("{home}/{other}"), format!("{folder}{script}")),
        };
        let mut child = Command::new(program)
            .args([script, fake.url(), APP_ID.to_owned(), SECRET.to_owned()])
            .current_dir(&home)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let (stdout, lines) = (child.stdout.take().unwrap(), Arc::<Mutex<Vec<Value>>>::default());
        let known = Arc::clone(&lines);
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                match serde_json::from_str::<Value>(&line) {
                    Ok(told) => known.lock().unwrap().push(told),
                    Err(_) => eprintln!("{line}"),
                }
            }
        });
        let peer = Self(Counterpart::new(child, lines));
        let until = tokio::time::Instant::now() + PATIENCE;
        while !fake.is_heard() {
            assert!(tokio::time::Instant::now() < until, "it does not listen: {:#?}", peer.all());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        peer
    }

    /// Wait for a line that is this.
    async fn tells(&self, wanted: Value) {
        let until = tokio::time::Instant::now() + PATIENCE;
        while !self.all().contains(&wanted) {
            assert!(tokio::time::Instant::now() < until, "no {wanted} in {:#?}", self.all());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

async fn fake() -> Fake {
    let fake = Fake::start().await;
    for (who, role) in [(AMING, "owner"), (XIAOMEI, "member"), (AQIANG, "member"), (40, "member")] {
        fake.put(&group(0), who, role);
    }
    fake
}

/// What each of them sends when it is told to.
fn check_sent(fake: &Fake) {
    let sent = fake.sent();
    assert_eq!(sent[0].text, "好", "{sent:#?}");
    assert!(sent[0].answers.as_deref().is_some_and(|it| it.starts_with("ROBOT1.0_")), "{sent:#?}");
    let picture = sent.iter().find(|it| it.picture.is_some()).expect("a picture was sent");
    assert_eq!(picture.picture.as_deref(), Some("iVBORw0KGgo="));
    assert_eq!(fake.recalled().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs counterparts: make test-peers"]
async fn nonebot_understands_our_fake() {
    let fake = fake().await;
    let peer = Peer::start("python/bin/python", "nonebot_client.py", &fake).await;
    peer.told("session").await;
    fake.asks(&group(0), 50, Some(XIAOMEI), TIME);
    peer.tells(json!({
        "heard": "GroupJoinRequestEvent", "invited_by": openid(XIAOMEI), "request": openid(50),
    }))
    .await;
    fake.member_event("GROUP_MEMBER_ADD", &group(0), 50, TIME);
    fake.tap(&group(0), AMING, TIME, "o:1:A1");
    peer.tells(json!({ "heard": "InteractionCreateEvent", "button": "o:1:A1" })).await;
    fake.robot("GROUP_ADD_ROBOT", &group(0), TIME);
    peer.tells(json!({ "heard": "GroupAddRobotEvent" })).await;
    let to_bot = Fake::to_bot(fake.message(&group(0), AMING, TIME, "签到"));
    fake.say("GROUP_AT_MESSAGE_CREATE", &to_bot);
    fake.say("GROUP_MESSAGE_CREATE", &to_bot);
    fake.say("GROUP_MESSAGE_CREATE", &fake.message(&group(0), AMING, TIME, "go"));
    peer.told("done").await;
    peer.tells(json!({ "heard": "GroupMemberAddEvent" })).await;
    assert_eq!(peer.told("state").await, json!([true, "all"]));
    assert_eq!(peer.told("members").await.as_array().unwrap().len(), 4);
    assert_eq!(peer.told("member").await, "owner");
    assert_eq!(peer.told("info").await, 4);
    assert_eq!(peer.told("requests").await, json!([openid(XIAOMEI)]));
    assert_eq!(peer.told("twice").await, 40_054_005);
    assert_eq!(peer.told("refused").await, 11_293);
    check_sent(&fake);
    assert_eq!(fake.answered_taps().len(), 1);
    let before = fake.greetings();
    fake.cut();
    let until = tokio::time::Instant::now() + PATIENCE;
    while fake.greetings().1 == before.1 {
        assert!(tokio::time::Instant::now() < until, "it does not resume: {:?}", fake.greetings());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(fake.beats().iter().any(|it| it.as_u64() > Some(1)));
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs counterparts: make test-peers"]
async fn botpy_understands_our_fake() {
    let fake = fake().await;
    let peer = Peer::start("python/bin/python", "botpy_client.py", &fake).await;
    assert_eq!(peer.told("ready").await, "团团");
    fake.robot("GROUP_ADD_ROBOT", &group(0), TIME);
    assert_eq!(peer.told("added").await, openid(AMING));
    let to_bot = Fake::to_bot(fake.message(&group(0), AMING, TIME, "签到"));
    fake.say("GROUP_AT_MESSAGE_CREATE", &to_bot);
    peer.tells(json!({ "at": "签到", "who": openid(AMING) })).await;
    fake.say("GROUP_MESSAGE_CREATE", &fake.message(&group(0), AMING, TIME, "go"));
    peer.told("done").await;
    assert_eq!(peer.told("info").await, 4);
    assert!(peer.told("twice").await.as_str().unwrap().contains("去重"));
    check_sent(&fake);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs counterparts: make test-peers"]
async fn satori_understands_our_fake() {
    let fake = fake().await;
    let peer = Peer::start("node", "satori_client.cjs", &fake).await;
    fake.robot("GROUP_ADD_ROBOT", &group(0), TIME);
    assert_eq!(peer.told("added").await, openid(AMING));
    fake.tap(&group(0), AMING, TIME, "o:1:A1");
    assert_eq!(peer.told("button").await, "o:1:A1");
    // It answers only what is not older than five minutes.
    let now = tuan::engine::Clock::system().now().timestamp();
    let go = Fake::to_bot(fake.message(&group(0), AMING, now, "go"));
    fake.say("GROUP_AT_MESSAGE_CREATE", &go);
    peer.told("done").await;
    check_sent(&fake);
    assert!(peer.all().iter().all(|it| it.get("fault").is_none()), "{:#?}", peer.all());
}
