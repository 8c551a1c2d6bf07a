//! A long run, by hand and now and then: `make fuzz`. Updates as Telegram sends them, with values changed,
//! lost, doubled and moved: whatever is heard in them passes the contract, under the same key each time.

use serde_json::{Value, json};

use super::updates::{KnownPeople, read};
use crate::fuzzing::{Dice, few, in_time, long};
use crate::platform::contract;

const ME: u64 = 999;
const WORDS: [&str; 4] =
    ["谢谢 @KevinQ A1 x2", "@tuan_bot 菜单", "/menu@tuan_bot", "🦌 收到 @小美"];

fn user(id: u64, name: &str) -> Value {
    json!({ "id": id, "is_bot": id == ME, "first_name": name, "username": "KevinQ" })
}

fn group() -> Value {
    json!({ "id": -1_001_234_567_890_i64, "type": "supergroup", "title": "阳光小区" })
}

fn message(more: Value) -> Value {
    let mut message = json!({
        "message_id": 7, "date": 1_700_000_000, "chat": group(), "from": user(5, "小美"),
    });
    let Value::Object(more) = more else { panic!("fields") };
    message.as_object_mut().unwrap().extend(more);
    json!({ "update_id": 1, "message": message })
}

fn change(kind: &str, who: u64, old: &str, new: &str) -> Value {
    let member = |status: &str| json!({ "status": status, "user": user(who, "新人") });
    json!({ "update_id": 1, kind: {
        "chat": group(), "from": user(5, "小美"), "date": 1_700_000_000,
        "old_chat_member": member(old), "new_chat_member": member(new),
        "invite_link": {
            "invite_link": "https://t.me/+abc", "creator": user(ME, "x"), "name": "K7M2QX",
            "creates_join_request": false, "is_primary": false, "is_revoked": false,
        },
    }})
}

fn file() -> Value {
    json!({ "file_id": "a", "file_unique_id": "b", "width": 1, "height": 1, "file_size": 9,
        "duration": 1, "file_name": "a.png", "mime_type": "audio/ogg" })
}

fn entities() -> Value {
    json!([
        { "type": "mention", "offset": 3, "length": 7 },
        { "type": "text_mention", "offset": 0, "length": 2, "user": user(8, "阿强") },
        { "type": "bold", "offset": 1, "length": 3 },
    ])
}

fn samples() -> Vec<Value> {
    let quoted = message(json!({ "text": "A2 x9", "from": user(ME, "团团") }))["message"].clone();
    let tap = json!({
        "id": "4382bfdwdsb323b2d9", "from": user(5, "小美"), "chat_instance": "1", "data": "o:A1",
        "message": message(json!({ "text": "x" }))["message"],
    });
    vec![
        message(json!({ "text": WORDS[0], "entities": entities() })),
        message(json!({ "text": WORDS[1], "entities": entities(), "reply_to_message": quoted })),
        message(json!({ "caption": WORDS[3], "photo": [file()], "caption_entities": entities() })),
        message(json!({ "document": file(), "message_thread_id": 3, "is_topic_message": true })),
        message(json!({ "voice": file() })),
        message(json!({ "video": file(), "caption": "A1" })),
        message(json!({ "new_chat_members": [user(6, "新人"), user(ME, "团团")] })),
        message(json!({ "left_chat_member": user(6, "新人") })),
        message(json!({ "migrate_to_chat_id": -55 })),
        message(json!({ "text": "A1", "sender_chat": group() })),
        message(json!({ "text": "/start K7M2QX", "chat": {
            "id": 5, "type": "private", "first_name": "小美",
        }})),
        change("chat_member", 6, "left", "member"),
        change("chat_member", 6, "member", "left"),
        change("my_chat_member", ME, "left", "member"),
        json!({ "update_id": 1, "callback_query": tap }),
    ]
}

fn known() -> KnownPeople {
    KnownPeople { me: ME, name: "tuan_bot".to_owned(), ..KnownPeople::default() }
}

fn one(samples: &[Value], dice: &mut Dice) {
    let raw = dice.json(samples, &WORDS);
    let bytes = raw.to_string().len();
    let mut known = known();
    let Some(item) = in_time(bytes, || read(&raw, &mut known)) else { return };
    contract::check_item(&item);
    let again = read(&raw, &mut known).expect("what was heard is heard again");
    assert_eq!((&item.key, &item.chat), (&again.key, &again.chat), "{raw}");
}

#[test]
fn changed_updates() {
    let samples = samples();
    for sample in &samples {
        assert!(read(sample, &mut known()).is_some(), "heard as it is: {sample}");
    }
    few(1_500, 1, |dice| one(&samples, dice));
}

#[test]
#[ignore = "a long run, by hand: make fuzz"]
fn for_as_long_as_asked() {
    let samples = samples();
    long("updates of Telegram", |dice| one(&samples, dice));
}
