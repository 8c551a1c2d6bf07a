//! Events as implementations send them, and what is heard in them.

#![expect(clippy::needless_pass_by_value, reason = "literals read better")]

use serde_json::{Value, json};

use super::*;
use crate::platform::contract;

const ME: i64 = 999;
const GROUP: i64 = 5_550;

fn names() -> GroupNames {
    let mut names = GroupNames::default();
    for (key, name) in [("10", "小美"), ("11", "阿强")] {
        names.learn("5550", &Contact { key: key.to_owned(), name: name.to_owned() });
    }
    names
}

fn event(post: &str, more: Value) -> Value {
    let mut event = json!({ "time": 1_700_000_000, "self_id": ME, "post_type": post });
    event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    event
}

fn message(content: Value) -> Value {
    event(
        "message",
        json!({
            "message_type": "group", "sub_type": "normal", "group_id": GROUP, "user_id": 10,
            "message_id": 77, "message": content, "raw_message": "x", "font": 0, "anonymous": null,
            "sender": { "user_id": 10, "nickname": "mei", "card": "小美", "role": "member" },
        }),
    )
}

fn notice(kind: &str, user: i64, more: Value) -> Value {
    let base = json!({ "notice_type": kind, "group_id": GROUP, "user_id": user });
    let mut event = event("notice", base);
    event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    event
}

fn text(text: &str) -> Value {
    json!([{ "type": "text", "data": { "text": text } }])
}

fn with(mut event: Value, more: Value) -> Value {
    event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    event
}

fn item_of(raw: &Value) -> Option<HeardItem> {
    let event: WireEvent = serde_json::from_value(raw.clone()).unwrap();
    let item = read(&event, &mut names())?;
    contract::check(&item.chat, &item.key, &item.what);
    Some(item)
}

fn heard(raw: Value) -> Option<HeardKind> {
    item_of(&raw).map(|item| item.what)
}

fn xiaomei() -> Contact {
    Contact { key: "10".to_owned(), name: "小美".to_owned() }
}

fn aqiang() -> Contact {
    Contact { key: "11".to_owned(), name: "阿强".to_owned() }
}

fn said(words: &str) -> HeardKind {
    let from = Some(xiaomei());
    HeardKind::Message { from, message: HeardMessage::of(words), private: false }
}

#[test]
fn keys_are_stable_and_tell_things_apart() {
    let news = [
        message(text("A1 x2")),
        with(message(text("A1 x2")), json!({ "message_id": 78 })),
        with(message(text("A1 x2")), json!({ "message_id": -78 })),
        notice("group_increase", 11, json!({ "sub_type": "invite", "operator_id": 10 })),
        notice("group_increase", 12, json!({ "sub_type": "invite", "operator_id": 10 })),
        notice("group_decrease", 11, json!({ "sub_type": "leave", "operator_id": 11 })),
        notice("group_recall", 10, json!({ "operator_id": 10, "message_id": 77 })),
    ];
    let keys = || news.iter().filter_map(item_of).map(|it| it.key).collect::<Vec<_>>();
    contract::check_keys(&keys(), &keys());
    assert_eq!(keys().len(), news.len());
}

#[test]
fn words_are_heard_however_they_are_written() {
    let image = json!({ "type": "image", "data": { "file": "a.png", "url": "https://x/a" } });
    let reply = json!({ "type": "reply", "data": { "id": "5" } });
    let word = json!({ "type": "text", "data": { "text": " A1 x2 " } });
    let own = json!({ "type": "at", "data": { "qq": "999" } });
    for content in [text("A1 x2"), json!("A1 x2"), word.clone()] {
        assert_eq!(heard(message(content.clone())), Some(said("A1 x2")), "{content}");
    }
    for content in [
        json!([reply, own, word, image]),
        json!("[CQ:reply,id=5][CQ:at,qq=999] A1 x2[CQ:image,file=a.png,url=https://x/a]"),
    ] {
        let Some(HeardKind::Message { message, .. }) = heard(message(content.clone())) else {
            panic!("{content}")
        };
        assert_eq!(message.marked().trim(), "A1 x2");
        assert_eq!((message.addressed, message.reply_to.as_deref()), (true, Some("5550:5")));
        let picture = Attachment {
            kind: AttachmentKind::Picture,
            id: "https://x/a".to_owned(),
            name: Some("a.png".to_owned()),
            size_bytes: None,
        };
        assert_eq!(message.attachments, [picture]);
    }
    // A picture alone is something that somebody said.
    let Some(HeardKind::Message { message: alone, .. }) = heard(message(json!([image]))) else {
        panic!("a picture is heard")
    };
    assert_eq!((alone.text.as_str(), alone.attachments.len()), ("", 1));
    let strings =
        json!({ "group_id": "5550", "user_id": "10", "message_id": "77", "self_id": "999" });
    assert_eq!(heard(with(message(text("A1")), strings)), Some(said("A1")));
}

#[test]
fn who_is_mentioned_is_named_and_everybody_is_nobody() {
    let at = |qq: Value| json!({ "type": "at", "data": { "qq": qq } });
    let word = json!({ "type": "text", "data": { "text": "收到 " } });
    let raw = message(json!([word, at(json!("11")), at(json!("all")), at(json!(12))]));
    let stranger = Contact { key: "12".to_owned(), name: "12".to_owned() };
    let event: WireEvent = serde_json::from_value(raw.clone()).unwrap();
    assert_eq!(wants(&event), Some(("5550".to_owned(), vec!["11".to_owned(), "12".to_owned()])));
    let Some(HeardKind::Message { message, .. }) = heard(raw) else { panic!("it is a message") };
    assert_eq!(message.text, "收到 @阿强 @12");
    assert_eq!(message.people().collect::<Vec<_>>(), [aqiang(), stranger]);
}

#[test]
fn nobody_is_credited_who_hides_and_the_bot_does_not_hear_itself() {
    let hidden = json!({ "sub_type": "anonymous", "anonymous": { "id": 1, "name": "x" } });
    let heard_of = |more: Value| heard(with(message(text("A1")), more));
    assert!(matches!(heard_of(hidden), Some(HeardKind::Message { from: None, .. })));
    assert_eq!(heard_of(json!({ "user_id": ME })), None);
    assert_eq!(heard_of(json!({ "post_type": "message_sent" })), None);
    assert_eq!(heard_of(json!({ "sub_type": "notice" })), None);
    let no_name = json!({ "sender": { "nickname": "\u{202e}\u{200b}", "card": "" } });
    let Some(HeardKind::Message { from: Some(from), .. }) = heard_of(no_name) else {
        panic!("heard")
    };
    assert_eq!(from.name, "10");
}

#[test]
fn somebody_alone_with_the_bot() {
    let private = json!({ "message_type": "private", "sub_type": "friend", "group_id": null });
    let item = item_of(&with(message(text("余额")), private)).unwrap();
    assert_eq!(item.chat, "10");
    assert!(matches!(item.what, HeardKind::Message { private: true, .. }));
    // From a group's member who is no friend: some name the group.
    let temporary = json!({ "message_type": "private", "sub_type": "group" });
    assert_eq!(item_of(&with(message(text("余额")), temporary)).unwrap().chat, "10");
}

#[test]
fn an_inviter_is_told_from_an_approver() {
    let joined = |by| Some(HeardKind::Joined { members: vec![aqiang()], by });
    let increase = |sub: &str, operator: i64| {
        heard(notice("group_increase", 11, json!({ "sub_type": sub, "operator_id": operator })))
    };
    assert_eq!(increase("invite", 10), joined(Inviter::Named(xiaomei())));
    assert_eq!(increase("approve", 10), joined(Inviter::Unknown));
    assert_eq!(increase("invite", 0), joined(Inviter::Unknown));
    assert_eq!(increase("invite", 11), joined(Inviter::Unknown));
    assert_eq!(increase("invite", ME), joined(Inviter::Unknown));
}

#[test]
fn the_bot_comes_and_goes() {
    let own = |kind: &str, more: Value| heard(notice(kind, ME, more));
    assert_eq!(
        own("group_increase", json!({ "sub_type": "invite", "operator_id": 10 })),
        Some(HeardKind::BotAdded { by: Some(xiaomei()), obstacles: Vec::new() })
    );
    let removed = Some(HeardKind::BotRemoved);
    assert_eq!(own("group_decrease", json!({ "sub_type": "kick_me", "operator_id": 10 })), removed);
    assert_eq!(own("group_decrease", json!({ "sub_type": "leave" })), removed);
    assert_eq!(heard(notice("group_decrease", 0, json!({ "sub_type": "disband" }))), removed);
    let left = Some(HeardKind::Left { member: aqiang() });
    let kicked = json!({ "sub_type": "kick", "operator_id": 10 });
    assert_eq!(heard(notice("group_decrease", 11, kicked)), left);
}

#[test]
fn what_is_taken_back_is_named_by_its_key() {
    let key = item_of(&message(text("A1"))).unwrap().key;
    let recall = |user: i64, operator: i64| {
        heard(notice("group_recall", user, json!({ "operator_id": operator, "message_id": 77 })))
    };
    assert_eq!(recall(10, 10), Some(HeardKind::Recalled { from: xiaomei(), key: key.clone() }));
    assert_eq!(recall(10, 11), Some(HeardKind::Recalled { from: aqiang(), key }));
    assert_eq!(recall(ME, 11), None);
    let friend =
        event("notice", json!({ "notice_type": "friend_recall", "user_id": 10, "message_id": 5 }));
    assert!(matches!(heard(friend), Some(HeardKind::Recalled { key, .. }) if key == "10:5"));
}

#[test]
fn what_is_nobodys_business_is_left_out() {
    for raw in [
        event(
            "meta_event",
            json!({ "meta_event_type": "heartbeat", "status": { "online": true } }),
        ),
        event("request", json!({ "request_type": "group", "sub_type": "invite", "group_id": 1 })),
        notice("group_upload", 10, json!({ "file": { "id": "x" } })),
        notice("notify", 10, json!({ "sub_type": "poke", "target_id": ME })),
        notice("group_admin", 10, json!({ "sub_type": "set" })),
        with(message(text("A1")), json!({ "message_id": null })),
        event("else", json!({})),
    ] {
        assert_eq!(heard(raw.clone()), None, "{raw}");
    }
}

#[test]
fn hundreds_of_mentions_are_asked_about_by_nobody() {
    let at = |n: i64| json!({ "type": "at", "data": { "qq": n.to_string() } });
    let word = json!({ "type": "text", "data": { "text": "A1 x2" } });
    let mut segments: Vec<Value> = (1_000..4_000).map(at).collect();
    segments.push(word);
    let raw = message(json!(segments));
    let event: WireEvent = serde_json::from_value(raw.clone()).unwrap();
    assert_eq!(wants(&event), Some(("5550".to_owned(), Vec::new())));
    let Some(HeardKind::Message { message, .. }) = heard(raw) else { panic!("it is a message") };
    assert_eq!((message.marked().trim(), message.people().count()), ("A1 x2", 0));
}

#[test]
fn a_name_is_no_word_of_the_message() {
    let at = json!({ "type": "at", "data": { "qq": "10" } });
    let word = json!({ "type": "text", "data": { "text": "谢谢 " } });
    let raw = message(json!([word, at]));
    let event: WireEvent = serde_json::from_value(raw).unwrap();
    let mut names = GroupNames::default();
    let trap = Contact { key: "10".to_owned(), name: "甜 L1 x5".to_owned() };
    names.learn("5550", &trap);
    let Some(HeardKind::Message { message, .. }) = read(&event, &mut names).map(|it| it.what)
    else {
        panic!("it is a message")
    };
    assert_eq!(message.people().collect::<Vec<_>>().len(), 1);
    assert!(!message.marked().contains("L1"), "{:?}", message.marked());
}
