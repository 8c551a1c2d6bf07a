//! The built program killed while it starts and while commissions fall due. How often, `TUAN_KILLS` says
//! (`TUAN_KILLS=100 cargo test --test it killed`); a few times are spread over the same stretch.
//! Killed under load it is in `crash`, while it makes a database in `embedded`.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use chrono::{DateTime, Timelike};
use serde_json::{Value, json};

use crate::crash::{Demo, audit, request};
use crate::embedded::{kills, place};

/// How much longer than usual a start may take after a kill: the machine is shared.
const SLACK: Duration = Duration::from_secs(15);

/// The instants of so many kills, spread evenly over a stretch.
fn moments(stretch: Duration, count: u32) -> impl Iterator<Item = Duration> {
    (0..count).map(move |n| stretch * (2 * n + 1) / (2 * count))
}

impl Demo {
    fn does(&self, what: &str, body: &Value) {
        let (status, answer) = self.tell(CORNER, what, body);
        assert!((200..300).contains(&status), "{what}: {status} {answer}");
    }

    fn say(&self, from: &str, text: &str) {
        self.utter(CORNER, &json!({ "from": from, "text": text }));
        self.settle();
    }

    /// Wait until all is handled; the time of day then, in hours.
    fn settle(&self) -> u32 {
        let settled = self.settle_in(CORNER);
        DateTime::parse_from_rfc3339(settled["now"].as_str().unwrap()).unwrap().hour()
    }

    fn advance(&self, by: &str) {
        self.does("clock", &json!({ "advance": by }));
    }
}

#[test]
fn a_start_that_is_killed_loses_nothing_and_the_next_opens_at_once() {
    let dir = place();
    let kept = dir.path().join("kept");
    let begun = Instant::now();
    let demo = Demo::start(&kept, &[]);
    let calm = begun.elapsed();
    let order = json!({ "from": "老王", "text": "A4 x1" });
    let said = request(&demo.address, "POST", "/api/chat/sunshine/messages", Some(&order));
    assert_eq!(said.unwrap().0, 202);
    let path = "/api/chat/sunshine/settled?timeout_ms=60000";
    assert_eq!(request(&demo.address, "POST", path, Some(&json!({}))).unwrap().0, 200);
    drop(demo);
    let rounds = kills(4);
    let mut slowest = Duration::ZERO;
    for (round, moment) in moments(calm, rounds).enumerate() {
        // A new shop and one that has been open, in turn.
        let data =
            if round % 2 == 0 { dir.path().join(format!("new{round}")) } else { kept.clone() };
        let mut child = Demo::spawn(&data, &[]);
        thread::sleep(moment);
        child.kill().unwrap();
        child.wait().unwrap();
        let begun = Instant::now();
        let demo = Demo::start(&data, &[]);
        slowest = slowest.max(begun.elapsed());
        let orders = demo.get("/api/communities/sunshine/orders");
        let expected = usize::from(data == kept);
        assert_eq!(orders["items"].as_array().unwrap().len(), expected, "killed after {moment:?}");
        drop(demo);
        audit(&data);
        if data != kept {
            fs::remove_dir_all(&data).unwrap();
        }
    }
    println!("{rounds} starts killed; the next took {slowest:?} at most, calm {calm:?}");
    assert!(slowest < calm * 2 + SLACK, "{slowest:?}, where {calm:?} is usual");
}

const CORNER: &str = "corner";
/// 3 % of 68.00, for who brought the buyer.
const COMMISSION: i64 = 204;
/// Buyers of a round.
const BUYERS: u32 = 3;

/// Received orders, the day before their commission falls due.
fn trade(demo: &Demo, round: u32) {
    demo.say("阿明", "上架 草莓 68 50盒");
    for n in 0..BUYERS {
        let name = format!("buyer{round}x{n}");
        let joins = json!({ "member": name, "invited_by": "小美" });
        demo.does("joins", &joins);
        demo.settle();
        demo.say(&name, "草莓一盒");
        let order = round * BUYERS + n + 1;
        demo.say("阿明", &format!("收到 #{order}"));
        demo.say("阿明", &format!("发货 #{order}"));
        demo.say(&name, "收货了");
    }
    demo.advance("7d");
}

/// What the promoter has, available and frozen.
fn commission(demo: &Demo) -> (i64, i64) {
    let members = demo.get(&format!("/api/communities/{CORNER}/members?limit=500"));
    let members = members["items"].as_array().unwrap();
    let promoter = members.iter().find(|it| it["name"] == "小美").unwrap();
    (promoter["available"].as_i64().unwrap(), promoter["frozen"].as_i64().unwrap())
}

/// How many orders are done with.
fn closed(demo: &Demo) -> usize {
    let path = format!("/api/communities/{CORNER}/orders?state=closed&limit=500");
    demo.get(&path)["items"].as_array().unwrap().len()
}

#[test]
fn a_settlement_that_is_killed_is_booked_once() {
    let dir = place();
    let data = dir.path().join("data");
    let shop = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/chats/shops/corner.toml");
    let more = ["--config", shop.to_str().unwrap()];
    let mut demo = Demo::start(&data, &more);
    trade(&demo, 0);
    let begun = Instant::now();
    demo.advance("1d");
    let calm = begun.elapsed();
    let share = |rounds: u32| i64::from(rounds * BUYERS) * COMMISSION;
    assert_eq!(commission(&demo), (share(1), 0));
    let rounds = kills(3);
    for (round, moment) in (1..).zip(moments(calm, rounds)) {
        let until_ten = (34 - demo.settle()) % 24;
        demo.advance(&format!("{until_ten}h"));
        trade(&demo, round);
        assert_eq!(commission(&demo), (share(round), share(1)), "nothing is due yet");
        let step = json!({ "advance": "1d" });
        let path = format!("/api/chat/{CORNER}/clock");
        let address = demo.address.clone();
        let advancing = thread::spawn(move || request(&address, "POST", &path, Some(&step)));
        thread::sleep(moment);
        drop(demo);
        let _ = advancing.join().unwrap(); // cut off in most rounds, which is the point
        demo = Demo::start(&data, &more);
        demo.advance("1d");
        demo.settle();
        assert_eq!(commission(&demo), (share(round + 1), 0), "killed after {moment:?}");
        assert_eq!(closed(&demo), usize::try_from((round + 1) * BUYERS).unwrap());
    }
    println!("{rounds} settlements killed, over {calm:?}");
    drop(demo);
    audit(&data);
}
