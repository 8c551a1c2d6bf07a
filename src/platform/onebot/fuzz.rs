//! A long run, by hand and now and then: `make fuzz`. Events as implementations of OneBot send them, with
//! values changed, lost, doubled and moved, and texts with codes that are cut and joined: whatever is heard
//! in them passes the contract, under the same key each time.

use serde::Deserialize as _;
use serde_json::{Value, json};

use super::cq;
use super::read::{read, wants};
use super::wire::WireEvent;
use crate::domain::event::Contact;
use crate::domain::message::MENTIONS_MAX;
use crate::fuzzing::{Dice, few, in_time, long};
use crate::platform::contract;
use crate::platform::names::GroupNames;

const CODES: [&str; 8] = [
    "[CQ:at,qq=10] A1 x2",
    "收到 [CQ:at,qq=11][CQ:at,qq=999]",
    "[CQ:reply,id=5]",
    "[CQ:image,file=a.png,url=https://x/?a=1&amp;b=2]",
    "[CQ:at,qq=all]",
    "&#91;CQ:at&#44;qq=1&#93; &amp;#91;",
    "[CQ:",
    "]",
];

fn names() -> GroupNames {
    let mut names = GroupNames::default();
    for (key, name) in [("10", "小美"), ("11", "甜 L1 x5")] {
        names.learn("5550", &Contact { key: key.to_owned(), name: name.to_owned() });
    }
    names
}

fn message(content: &Value) -> Value {
    json!({
        "time": 1_700_000_000, "self_id": 999, "post_type": "message", "message_type": "group",
        "sub_type": "normal", "group_id": 5_550, "user_id": 10, "message_id": 77,
        "message": content, "anonymous": null,
        "sender": { "user_id": 10, "nickname": "mei", "card": "小美", "role": "member" },
    })
}

fn notice(kind: &str, sub: &str, user: i64) -> Value {
    json!({
        "time": 1_700_000_000, "self_id": 999, "post_type": "notice", "notice_type": kind,
        "sub_type": sub, "group_id": 5_550, "user_id": user, "operator_id": 11, "message_id": 77,
    })
}

fn samples() -> Vec<Value> {
    let segment =
        |kind: &str, name: &str, value: &str| json!({ "type": kind, "data": { name: value } });
    let all = json!([
        segment("reply", "id", "5"),
        segment("at", "qq", "999"),
        segment("text", "text", " A1 x2 给 "),
        segment("at", "qq", "11"),
        segment("image", "file", "a.png"),
        segment("file", "file_id", "/f/1"),
        segment("video", "url", "https://x/v"),
    ]);
    let mut alone = message(&segment("text", "text", "余额"));
    alone["message_type"] = json!("private");
    vec![
        message(&all),
        message(&json!(CODES.concat())),
        alone,
        notice("group_increase", "invite", 10),
        notice("group_increase", "approve", 999),
        notice("group_decrease", "kick", 10),
        notice("group_decrease", "kick_me", 999),
        notice("group_recall", "", 10),
        notice("friend_recall", "", 10),
    ]
}

fn an_event(samples: &[Value], dice: &mut Dice) {
    let mut raw = dice.json(samples, &CODES);
    if let Some(text) = raw.get_mut("message").filter(|_| dice.once_in(3)) {
        *text = json!(dice.text(&CODES));
    }
    let Ok(event) = WireEvent::deserialize(&raw) else { return };
    let bytes = raw.to_string().len();
    let asked = in_time(bytes, || wants(&event)).map_or(0, |(_, people)| people.len());
    assert!(asked <= MENTIONS_MAX, "asks for {asked} names");
    let mut names = names();
    let Some(item) = in_time(bytes, || read(&event, &mut names)) else { return };
    contract::check_item(&item);
    let again = read(&event, &mut names).expect("what was heard is heard again");
    assert_eq!((&item.key, &item.chat), (&again.key, &again.chat), "{raw}");
}

/// Nothing of a text is lost or said twice, but for its codes.
fn a_string(dice: &mut Dice) {
    let text = dice.text(&CODES);
    let segments = in_time(text.len(), || cq::segments(&text));
    let words = segments.iter().filter(|it| it.kind == "text").filter_map(|it| it.field("text"));
    let length: usize = words.map(|it| it.len()).sum();
    assert!(length <= text.len(), "{text:?} as {segments:?}");
    assert!(segments.len() <= 1 + 2 * text.matches("[CQ:").count(), "{text:?} as {segments:?}");
}

fn one(samples: &[Value], dice: &mut Dice) {
    an_event(samples, dice);
    a_string(dice);
}

#[test]
fn changed_events() {
    let samples = samples();
    for sample in &samples {
        let event = WireEvent::deserialize(sample).unwrap();
        assert!(read(&event, &mut names()).is_some(), "heard as it is: {sample}");
    }
    few(1_500, 1, |dice| one(&samples, dice));
}

#[test]
#[ignore = "a long run, by hand: make fuzz"]
fn for_as_long_as_asked() {
    let samples = samples();
    long("events of OneBot", |dice| one(&samples, dice));
}
