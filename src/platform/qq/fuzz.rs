//! A long run, by hand and now and then: `make fuzz`. Events as QQ sends them, with values changed, lost, doubled
//! and moved, and texts with codes that are cut and joined: whatever is heard in them passes the contract, under
//! the same key each time, and whatever of it is written back calls nobody.

use serde::Deserialize as _;
use serde_json::{Value, json};

use super::budget::AnswerToken;
use super::known::ToldBefore;
use super::read::{changed_group, interaction, read, wants};
use super::wire::GatewayFrame;
use super::write::harmless;
use crate::fuzzing::{Dice, few, in_time, long};
use crate::platform::contract;
use crate::platform::heard::HeardKind;

const WORDS: [&str; 8] = [
    "<@M2> A1 x2",
    "代下 <qqbot-at-user id=\"M2\" /> A1",
    "<faceType=1,faceId=\"178\",ext=\"e30=\">",
    "<qqbot-at-everyone />",
    "&lt;@M2&gt; &amp;lt;",
    "2026-05-27T16:00:00+08:00",
    "签到 <@!B0>",
    "@everyone 🍓",
];

fn event(kind: &str, d: Value) -> Value {
    let mut event = json!({ "op": 0, "s": 7, "t": kind, "id": format!("{kind}:1") });
    event["d"] = d;
    event
}

fn message(content: &str) -> Value {
    json!({
        "id": "ROBOT1.0_x", "content": content, "timestamp": WORDS[5], "group_openid": "G0",
        "author": { "member_openid": "M1", "bot": false, "username": "小美", "union_openid": "U1" },
        "mentions": [
            { "scope": "single", "id": "M2", "member_openid": "M2", "username": "阿强" },
            { "scope": "single", "bot": true, "id": "B0", "member_openid": "B0", "is_you": true },
            { "scope": "all", "is_you": true, "username": "全体成员" },
        ],
        "attachments": [{ "content_type": "image/png", "filename": "a.png", "size": 8,
                          "url": "multimedia.nt.qq.com.cn/x" }],
        "msg_idx": "REFIDX_1", "msg_elements": [{ "msg_idx": "REFIDX_1" }],
    })
}

fn alone() -> Value {
    json!({
        "id": "ROBOT1.0_y", "content": "余额", "timestamp": WORDS[5],
        "author": { "user_openid": "A1", "union_openid": "U1", "username": "小美" },
    })
}

fn samples() -> Vec<Value> {
    let of_member = json!({ "timestamp": 1_780_000_000, "group_openid": "G0", "member_openid": "M9",
                            "op_member_openid": "M1" });
    let request = json!({ "group_openid": "G0", "member_openid": "M9", "username": "新人",
        "apply_at": "1780000000", "apply_source": "invited", "invited_by": "M1", "bot": false });
    let tap = json!({
        "id": "I7", "type": 11, "timestamp": WORDS[5], "group_openid": "G0",
        "group_member_openid": "M1", "data": { "resolved": { "button_data": "o:1:A1" } },
    });
    let mut all: Vec<_> =
        WORDS.iter().map(|text| event("GROUP_MESSAGE_CREATE", message(text))).collect();
    all.extend([
        event("GROUP_AT_MESSAGE_CREATE", message(" 签到 ")),
        event("C2C_MESSAGE_CREATE", alone()),
        event("GROUP_JOIN_REQUEST", request),
        event("GROUP_MEMBER_ADD", of_member.clone()),
        event("GROUP_MEMBER_REMOVE", of_member.clone()),
        event("GROUP_ADD_ROBOT", of_member.clone()),
        event("GROUP_MSG_REJECT", of_member.clone()),
        event("GROUP_DEL_ROBOT", of_member),
        event("INTERACTION_CREATE", tap),
    ]);
    all
}

fn one(samples: &[Value], dice: &mut Dice) {
    let raw = dice.json(samples, &WORDS);
    let bytes = raw.to_string().len();
    let Ok(frame) = GatewayFrame::deserialize(&raw) else { return };
    let mut known = ToldBefore::default();
    let _ = (wants(&frame, &known), changed_group(&frame), interaction(&frame)); // none panics
    let Some(item) = in_time(bytes, || read(&frame, &mut known)) else { return };
    contract::check_item(&item);
    let again = read(&frame, &mut known).expect("what was heard is heard again");
    assert_eq!((&item.key, &item.chat), (&again.key, &again.chat), "{raw}");
    let can_be_answered = matches!(item.what, HeardKind::Message { .. } | HeardKind::Action { .. });
    let is_hashed = item.key.starts_with(&format!("{}:h:", item.chat));
    let is_token = AnswerToken::of(&item.key).is_some();
    assert!(!can_be_answered || is_token || is_hashed || item.chat.contains(':'), "{}", item.key);
    if let HeardKind::Message { message, .. } = &item.what {
        let written = harmless(&message.text);
        assert!(!written.contains('<') && !written.contains("@everyone"), "{written:?}");
    }
}

#[test]
fn changed_events() {
    let samples = samples();
    for sample in &samples {
        let frame = GatewayFrame::deserialize(sample).unwrap();
        let is_heard = read(&frame, &mut ToldBefore::default()).is_some();
        assert!(is_heard, "heard as it is: {sample}");
    }
    few(1_500, 1, |dice| one(&samples, dice));
}

#[test]
#[ignore = "a long run, by hand: make fuzz"]
fn for_as_long_as_asked() {
    let samples = samples();
    long("events of QQ", |dice| one(&samples, dice));
}
