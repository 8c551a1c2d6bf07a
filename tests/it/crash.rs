//! The built program, killed without warning in the middle of the day, several times: what it said it
//! had taken is counted once, every answer is delivered once, and the books are sound.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::embedded::kills;

/// How often it is killed, and how long it works between.
const KILLS: u32 = 3;
const SPELL: Duration = Duration::from_millis(700);
/// People who talk at once.
const SPEAKERS: u32 = 4;
const PATIENCE: Duration = Duration::from_mins(1);

/// The running program. Killed, not asked to stop, when dropped.
pub(crate) struct Demo {
    child: Child,
    pub(crate) address: String,
}

impl Demo {
    /// The program with more arguments, about to start.
    pub(crate) fn spawn(data: &Path, more: &[&str]) -> Child {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tuan"));
        command.args(["demo", "--port", "0", "--data"]).arg(data).args(more);
        command.stdout(Stdio::piped()).spawn().unwrap()
    }

    /// The program with more arguments, once its shop is open.
    pub(crate) fn start(data: &Path, more: &[&str]) -> Self {
        let mut child = Self::spawn(data, more);
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let address = lines.find_map(|line| {
            let (_, rest) = line.split_once("http://")?;
            Some(rest.trim().trim_end_matches('/').to_owned())
        });
        let address = address.expect("the demo says where it is");
        // Whatever it says later must not fill the pipe.
        thread::spawn(move || lines.for_each(drop));
        let demo = Self { child, address };
        demo.wait_until_ready();
        demo
    }

    fn wait_until_ready(&self) {
        let start = Instant::now();
        while !matches!(request(&self.address, "GET", "/api/chat/communities", None), Ok((200, _)))
        {
            assert!(start.elapsed() < PATIENCE, "the demo does not open");
            thread::sleep(Duration::from_millis(50));
        }
    }

    pub(crate) fn get(&self, path: &str) -> Value {
        let (status, body) = request(&self.address, "GET", path, None).unwrap();
        assert_eq!(status, 200, "{path}: {body}");
        serde_json::from_str(&body).unwrap()
    }

    /// Every line of the room, oldest first.
    fn lines(&self) -> Vec<Value> {
        let mut lines: Vec<Value> = Vec::new();
        loop {
            let after = lines.last().map_or(0, |line| line["n"].as_i64().unwrap());
            let more = self.get(&format!("/api/chat/sunshine/messages?after={after}&limit=1000"));
            let more = more.as_array().unwrap();
            if more.is_empty() {
                return lines;
            }
            lines.extend(more.iter().cloned());
        }
    }

    /// How many orders each member has.
    fn orders(&self) -> BTreeMap<String, u32> {
        let mut orders = BTreeMap::new();
        for order in self.rows("sunshine", "orders") {
            *orders.entry(name_of(&order["member"])).or_default() += 1;
        }
        orders
    }

    /// All rows of a community's list.
    pub(crate) fn rows(&self, slug: &str, list: &str) -> Vec<Value> {
        let (mut rows, mut cursor) = (Vec::new(), String::new());
        loop {
            let page =
                self.get(&format!("/api/communities/{slug}/{list}?limit=500&cursor={cursor}"));
            rows.extend(page["items"].as_array().unwrap().iter().cloned());
            match page["next"].as_str() {
                Some(next) => next.clone_into(&mut cursor),
                None => return rows,
            }
        }
    }

    /// Tell the simulated chat of a community something; the status and what it answers.
    pub(crate) fn tell(&self, slug: &str, what: &str, body: &Value) -> (u16, Value) {
        let path = format!("/api/chat/{slug}/{what}");
        let (status, body) = request(&self.address, "POST", &path, Some(body)).unwrap();
        (status, serde_json::from_str(&body).unwrap_or_default())
    }

    /// Somebody says something, which may not be handled yet.
    pub(crate) fn utter(&self, slug: &str, said: &Value) {
        assert_eq!(self.tell(slug, "messages", said).0, 202, "{said}");
    }

    /// Wait until all that was said there is handled; what the chat says then.
    pub(crate) fn settle_in(&self, slug: &str) -> Value {
        let (status, settled) = self.tell(slug, "settled?timeout_ms=60000", &json!({}));
        assert_eq!(status, 200, "{settled}");
        settled
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A member in an answer, whether by name alone or with more.
fn name_of(member: &Value) -> String {
    let name = member.as_str().or_else(|| member["name"].as_str());
    name.expect("a member has a name").to_owned()
}

/// One request on a connection of its own; the status and the body.
pub(crate) fn request(
    address: &str,
    method: &str,
    path: &str,
    body: Option<&Value>,
) -> std::io::Result<(u16, String)> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let body = body.map(ToString::to_string).unwrap_or_default();
    let mut text = format!("{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n");
    write!(text, "Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}", body.len())
        .expect("a string takes all");
    stream.write_all(text.as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let cut_short = || std::io::Error::from(std::io::ErrorKind::UnexpectedEof);
    let (head, body) = answer.split_once("\r\n\r\n").ok_or_else(cut_short)?;
    let status = head.split(' ').nth(1).and_then(|it| it.parse().ok()).ok_or_else(cut_short)?;
    Ok((status, body.to_owned()))
}

/// Order milk under one name after another until told to stop; the names that were acknowledged.
fn talk(address: &str, next: &AtomicU32, stop: &AtomicBool) -> Vec<String> {
    let mut taken = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let name = format!("buyer{}", next.fetch_add(1, Ordering::Relaxed));
        let order = json!({"from": name, "text": "A4 x1", "key": format!("order-{name}")});
        let answer = request(address, "POST", "/api/chat/sunshine/messages", Some(&order));
        if matches!(answer, Ok((202, _))) {
            taken.push(name);
        }
    }
    taken
}

/// Let people talk for a while, and kill it under them.
fn spell(demo: Demo, next: &AtomicU32) -> Vec<String> {
    let (stop, address) = (AtomicBool::new(false), demo.address.clone());
    thread::scope(|scope| {
        let speak = || talk(&address, next, &stop);
        let speakers: Vec<_> = (0..SPEAKERS).map(|_| scope.spawn(speak)).collect();
        thread::sleep(SPELL);
        drop(demo);
        stop.store(true, Ordering::Relaxed);
        speakers.into_iter().flat_map(|speaker| speaker.join().unwrap()).collect()
    })
}

#[test]
fn what_was_acknowledged_survives_being_killed_and_counts_once() {
    let folder = crate::embedded::place();
    let data = folder.path().join("data");
    let next = AtomicU32::new(0);
    let mut taken = Vec::new();
    for _ in 0..kills(KILLS) {
        taken.extend(spell(Demo::start(&data, &[]), &next));
    }
    let demo = Demo::start(&data, &[]);
    let settled = request(
        &demo.address,
        "POST",
        "/api/chat/sunshine/settled?timeout_ms=60000",
        Some(&json!({})),
    );
    assert_eq!(settled.unwrap().0, 200, "all that was said is handled and answered");
    // The group is large by now: the last receipts wait to be given together.
    assert_eq!(demo.tell("sunshine", "clock", &json!({ "advance": "2m" })).0, 200);
    demo.settle_in("sunshine");
    assert!(taken.len() > 20, "{} messages were taken, which is no load", taken.len());

    let orders = demo.orders();
    let receipts = receipts(&demo.lines());
    for name in &taken {
        assert_eq!(orders.get(name), Some(&1), "orders of {name}");
    }
    for name in orders.keys() {
        assert_eq!((orders[name], receipts.get(name)), (1, Some(&1)), "receipts of {name}");
    }
    audit(&data);
}

/// Nothing is wrong in the books of a folder.
pub(crate) fn audit(data: &Path) {
    let mut audit = Command::new(env!("CARGO_BIN_EXE_tuan"));
    audit.args(["audit", "--data"]).arg(data).env_remove("DATABASE_URL");
    let audit = audit.output().unwrap();
    assert!(audit.status.success(), "{}", String::from_utf8_lossy(&audit.stdout));
}

/// How many receipts of an order each member got.
fn receipts(lines: &[Value]) -> BTreeMap<String, u32> {
    let mut receipts = BTreeMap::new();
    for line in lines.iter().filter(|line| line["bot"] == true) {
        let text = line["text"].as_str().unwrap_or_default();
        if text.contains("订单 #") {
            *receipts.entry(name_of(&line["to"])).or_default() += 1;
            continue;
        }
        // Of several in one message each is a line: `@buyer7 #7 鲜牛奶×1 ¥12.50`.
        let called = text.lines().filter_map(|row| row.strip_prefix('@')?.split_once(" #"));
        for (name, _) in called {
            *receipts.entry(name.to_owned()).or_default() += 1;
        }
    }
    receipts
}
