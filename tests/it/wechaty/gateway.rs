//! The gateway as a process of its own, told over HTTP what happens in WeChat, and a line to it that can
//! be cut.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

/// The gateway's token; those of real gateways look like it.
pub(super) const TOKEN: &str = "insecure_11111111-2222-4333-8444-555555555555";

/// The account that the gateway holds.
pub(super) const BOT: &str = "bot";

/// A room as the gateway is told of it when it starts.
struct Room {
    owner: String,
    members: Vec<String>,
}

/// The process, and what it must be told again when it was killed.
pub(super) struct Gateway {
    process: Child,
    pub(super) port: u16,
    control: u16,
    http: reqwest::Client,
    people: Vec<Value>,
    rooms: BTreeMap<String, Room>,
    /// What earlier processes said.
    sent_before: Vec<Value>,
}

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

fn start((port, control): (u16, u16), sealed: bool) -> Child {
    let folder = std::env::var_os("TUAN_WECHATY_PEER");
    let folder = folder.expect("run tests/peers/wechaty/run, which installs the gateway");
    let mut process = Command::new("node")
        .args(["gateway.mjs", &port.to_string(), &control.to_string(), TOKEN])
        .args(sealed.then_some("sealed"))
        .current_dir(folder)
        .env("WECHATY_LOG", "error")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("node is there");
    let mut stdout = BufReader::new(process.stdout.take().unwrap());
    let mut line = String::new();
    while line.trim() != "ready" {
        line.clear();
        let read = stdout.read_line(&mut line).unwrap();
        assert!(read > 0, "the gateway ended");
    }
    std::thread::spawn(move || std::io::copy(&mut stdout, &mut std::io::sink()));
    process
}

impl Gateway {
    pub(super) async fn start() -> Self {
        Self::start_as(false).await
    }

    /// One that shows a certificate for `localhost`.
    pub(super) async fn start_sealed() -> Self {
        Self::start_as(true).await
    }

    async fn start_as(sealed: bool) -> Self {
        let (port, control) = (free_port(), free_port());
        let process = start((port, control), sealed);
        let (http, people, rooms) = (reqwest::Client::new(), Vec::new(), BTreeMap::new());
        let sent_before = Vec::new();
        let mut it = Self { process, port, control, http, people, rooms, sent_before };
        it.contact(BOT, "团团", true).await;
        it
    }

    /// Kill it in the middle of whatever it does, and start it again: all it knew is gone.
    pub(super) async fn kill_and_start(&mut self) {
        self.kill().await;
        self.start_again().await;
    }

    pub(super) async fn kill(&mut self) {
        if let Ok(sent) = self.try_tell("sent", json!({})).await {
            self.sent_before.extend(sent.as_array().cloned().unwrap_or_default());
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
    }

    pub(super) async fn start_again(&mut self) {
        let _ = self.process.wait();
        self.process = start((self.port, self.control), false);
        for person in self.people.clone() {
            self.tell("contact", person).await;
        }
        for (id, room) in &self.rooms {
            let (owner, members) = (&room.owner, &room.members);
            let room = json!({ "id": id, "topic": id, "owner": owner, "members": members });
            self.tell("room", room).await;
        }
        self.login().await;
    }

    /// Whether it has ended by itself.
    pub(super) fn has_ended(&mut self) -> bool {
        self.process.try_wait().unwrap().is_some()
    }

    async fn try_tell(&self, what: &str, body: Value) -> Result<Value, reqwest::Error> {
        let address = format!("http://127.0.0.1:{}/{what}", self.control);
        let answer = self.http.post(address).json(&body).send().await?.error_for_status()?;
        answer.json().await
    }

    pub(super) async fn tell(&self, what: &str, body: Value) -> Value {
        self.try_tell(what, body).await.unwrap()
    }

    pub(super) async fn contact(&mut self, id: &str, name: &str, friend: bool) {
        let person = json!({ "id": id, "name": name, "friend": friend });
        self.people.push(person.clone());
        self.tell("contact", person).await;
    }

    pub(super) async fn room(&mut self, id: &str, owner: &str, members: &[&str]) {
        let members: Vec<_> = members.iter().map(|it| (*it).to_owned()).collect();
        let room = json!({ "id": id, "topic": id, "owner": owner, "members": members });
        self.rooms.insert(id.to_owned(), Room { owner: owner.to_owned(), members });
        self.tell("room", room).await;
    }

    pub(super) async fn login(&self) {
        self.tell("login", json!({ "id": BOT })).await;
    }

    pub(super) async fn says(&self, to: &str, from: &str, text: &str) -> String {
        self.utters(json!({ "to": to, "from": from, "text": text })).await
    }

    /// A message as the puppet tells it; returns its id.
    pub(super) async fn utters(&self, message: Value) -> String {
        self.tell("say", message).await["id"].as_str().unwrap().to_owned()
    }

    pub(super) async fn joins(&mut self, to: &str, who: &str, inviter: &str) {
        self.rooms.get_mut(to).unwrap().members.push(who.to_owned());
        self.tell("join", json!({ "to": to, "members": [who], "inviter": inviter })).await;
    }

    pub(super) async fn leaves(&mut self, to: &str, who: &str) {
        self.rooms.get_mut(to).unwrap().members.retain(|it| it != who);
        self.tell("leave", json!({ "to": to, "members": [who], "by": who })).await;
    }

    /// All that the account said.
    pub(super) async fn sent(&self) -> Vec<Value> {
        let now = self.try_tell("sent", json!({})).await.unwrap_or_default();
        let now = now.as_array().cloned().unwrap_or_default();
        self.sent_before.iter().cloned().chain(now).collect()
    }

    /// The texts that it said in a chat.
    pub(super) async fn said_in(&self, chat: &str) -> Vec<String> {
        let sent = self.sent().await;
        let here = sent.iter().filter(|it| it["chat"] == chat);
        here.filter_map(|it| Some(it["text"].as_str()?.to_owned())).collect()
    }

    /// A line to it.
    pub(super) async fn line(&self) -> Line {
        Line::to(self.port).await
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A connection that can be cut: nothing passes, and nobody gets through, until it is mended.
pub(super) struct Line {
    pub(super) port: u16,
    is_cut: Arc<AtomicBool>,
    cut: Arc<std::sync::Mutex<CancellationToken>>,
}

impl Line {
    async fn to(gateway: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let is_cut = Arc::new(AtomicBool::new(false));
        let cut = Arc::new(std::sync::Mutex::new(CancellationToken::new()));
        let (is_cut_now, cut_now) = (Arc::clone(&is_cut), Arc::clone(&cut));
        tokio::spawn(async move {
            while let Ok((from, _)) = listener.accept().await {
                if is_cut_now.load(Ordering::SeqCst) {
                    continue;
                }
                let cut = cut_now.lock().unwrap().clone();
                tokio::spawn(async move {
                    tokio::select! {
                        () = pass(from, gateway) => {}
                        () = cut.cancelled() => {}
                    }
                });
            }
        });
        Self { port, is_cut, cut }
    }

    pub(super) fn cut(&self) {
        self.is_cut.store(true, Ordering::SeqCst);
        let mut cut = self.cut.lock().unwrap();
        cut.cancel();
        *cut = CancellationToken::new();
    }

    pub(super) fn mend(&self) {
        self.is_cut.store(false, Ordering::SeqCst);
    }
}

async fn pass(mut from: TcpStream, gateway: u16) {
    if let Ok(mut to) = TcpStream::connect(("127.0.0.1", gateway)).await {
        // Small answers are not held back, as they are not without the line.
        let _ = (from.set_nodelay(true), to.set_nodelay(true));
        let _ = tokio::io::copy_bidirectional(&mut from, &mut to).await;
    }
}
