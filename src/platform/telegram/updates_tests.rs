//! Updates as Telegram sends them, and what is heard in them.

#![expect(clippy::needless_pass_by_value, reason = "literals read better")]

use serde_json::json;

use super::*;
use crate::platform::contract;

const ME: u64 = 999;
const GROUP: i64 = -1_001_234_567_890;

fn known() -> KnownPeople {
    KnownPeople { me: ME, name: "tuan_bot".to_owned(), reads_all: true, ..KnownPeople::default() }
}

fn user(id: u64, name: &str) -> Value {
    json!({ "id": id, "is_bot": id == ME, "first_name": name })
}

fn group() -> Value {
    json!({ "id": GROUP, "type": "supergroup", "title": "阳光小区" })
}

fn message(more: Value) -> Value {
    let mut message = json!({
        "message_id": 7, "date": 1_700_000_000, "chat": group(), "from": user(5, "小美"),
    });
    message.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({ "update_id": 1, "message": message })
}

fn heard(raw: &Value) -> Option<HeardKind> {
    let item = read(raw, &mut known())?;
    contract::check(&item.chat, &item.key, &item.what);
    Some(item.what)
}

#[test]
fn keys_are_stable_and_tell_things_apart() {
    let mut second = message(json!({ "text": "A1 x2" }));
    second["message"]["message_id"] = json!(8);
    let news = [
        message(json!({ "text": "A1 x2" })),
        second,
        change("chat_member", 6, "left", "member", json!({})),
        change("chat_member", 7, "left", "member", json!({})),
        change("chat_member", 6, "member", "left", json!({})),
        change("my_chat_member", ME, "left", "member", json!({})),
    ];
    let keys = || {
        news.iter().filter_map(|raw| read(raw, &mut known())).map(|it| it.key).collect::<Vec<_>>()
    };
    contract::check_keys(&keys(), &keys());
    assert_eq!(keys().len(), news.len());
}

#[test]
fn a_name_is_cleaned_and_never_empty() {
    let mut from = user(5, "\u{202e}小\n美");
    from["last_name"] = json!("很长".repeat(40));
    assert!(heard(&message(json!({ "text": "hi", "from": from }))).is_some());
    let from = user(5, "\u{200b}");
    let Some(HeardKind::Message { from, .. }) =
        heard(&message(json!({ "text": "hi", "from": from })))
    else {
        panic!("it is a message")
    };
    assert_eq!(from.unwrap().name, "5");
}

fn xiaomei() -> Contact {
    Contact { key: "5".to_owned(), name: "小美".to_owned() }
}

/// A change of somebody's membership.
fn change(kind: &str, who: u64, old: &str, new: &str, more: Value) -> Value {
    let member = |status: &str| match status {
        "administrator" => json!({
            "status": status, "user": user(who, "新人"), "can_be_edited": false, "is_anonymous": false,
            "can_manage_chat": true, "can_delete_messages": true, "can_manage_video_chats": true,
            "can_restrict_members": true, "can_promote_members": false, "can_change_info": true,
            "can_invite_users": false, "can_post_stories": false, "can_edit_stories": false,
            "can_delete_stories": false,
        }),
        "kicked" => json!({ "status": status, "user": user(who, "新人"), "until_date": 0 }),
        _ => json!({ "status": status, "user": user(who, "新人") }),
    };
    let mut change = json!({
        "chat": group(), "from": user(5, "小美"), "date": 1_700_000_000,
        "old_chat_member": member(old), "new_chat_member": member(new),
    });
    change.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({ "update_id": 1, kind: change })
}

fn link(creator: u64, name: &str) -> Value {
    json!({ "invite_link": {
        "invite_link": "https://t.me/+abc", "creator": user(creator, "x"), "name": name,
        "creates_join_request": false, "is_primary": false, "is_revoked": false,
    }})
}

#[test]
fn a_message_of_a_group() {
    let item = read(&message(json!({ "text": "A1 x2" })), &mut known()).unwrap();
    let what = HeardKind::Message {
        from: Some(xiaomei()),
        message: HeardMessage::of("A1 x2"),
        private: false,
    };
    assert_eq!(item.what, what);
    assert_eq!((item.chat.as_str(), item.key.as_str()), ("-1001234567890", "-1001234567890:7"));
    assert_eq!(item.at.unwrap().timestamp(), 1_700_000_000);
}

#[test]
fn a_picture_says_what_stands_below_it_and_a_quotation_is_not_said_again() {
    let photo = json!([{ "file_id": "a", "file_unique_id": "b", "width": 1, "height": 1 }]);
    let words = |more| match heard(&message(more)) {
        Some(HeardKind::Message { message, .. }) => Some(message.marked().trim().to_owned()),
        None => None,
        other => panic!("{other:?}"),
    };
    assert_eq!(words(json!({ "photo": photo, "caption": "A1 x2" })).as_deref(), Some("A1 x2"));
    assert_eq!(words(json!({ "photo": photo })).as_deref(), Some(""));
    let quoted = message(json!({ "text": "A2 x9", "from": user(8, "阿强") }))["message"].clone();
    let more = json!({ "text": "A1 x2", "reply_to_message": quoted, "quote": {
        "text": "A2", "position": 0, "is_manual": true,
    }});
    assert_eq!(words(more).as_deref(), Some("A1 x2"));
}

#[test]
fn a_topic_is_a_part_of_its_group() {
    let more = json!({ "text": "A1", "message_thread_id": 3, "is_topic_message": true });
    assert_eq!(read(&message(more), &mut known()).unwrap().chat, "-1001234567890/3");
    // A reply in a linked discussion has a thread as well, and is no topic.
    let more = json!({ "text": "A1", "message_thread_id": 3 });
    assert_eq!(read(&message(more), &mut known()).unwrap().chat, "-1001234567890");
}

#[test]
fn nobody_is_credited_who_hides_who_they_are() {
    let fake = user(1_087_968_824, "Group");
    let more = json!({ "text": "A1 x2", "from": fake, "sender_chat": group() });
    assert!(matches!(heard(&message(more)), Some(HeardKind::Message { from: None, .. })));
    let channel = json!({ "id": -100_777, "type": "channel", "title": "广告" });
    let more = json!({ "text": "A1 x2", "sender_chat": channel });
    assert_eq!(heard(&message(more)), None);
}

#[test]
fn bots_and_forwarded_posts_are_left_out() {
    assert_eq!(heard(&message(json!({ "text": "A1", "from": user(ME, "团团") }))), None);
    let origin = json!({ "type": "hidden_user", "sender_user_name": "x", "date": 1 });
    assert_eq!(heard(&message(json!({ "text": "A1", "forward_origin": origin }))), None);
    let edited =
        json!({ "update_id": 1, "edited_message": message(json!({"text": "A1 x9"}))["message"] });
    assert_eq!(heard(&edited), None);
}

#[test]
fn mentions_are_people() {
    let mut known = known();
    let mut from = user(8, "阿强");
    from["username"] = json!("KevinQ");
    read(&message(json!({ "text": "hi", "from": from })), &mut known);
    let entities = json!([{ "type": "mention", "offset": 3, "length": 7 }]);
    let raw = message(json!({ "text": "收到 @kevinq", "entities": entities }));
    let Some(HeardKind::Message { message: heard, .. }) = read(&raw, &mut known).map(|it| it.what)
    else {
        panic!("it is a message")
    };
    assert_eq!(heard.text, "收到 @kevinq");
    let aqiang = Contact { key: "8".to_owned(), name: "阿强".to_owned() };
    assert_eq!(heard.people().collect::<Vec<_>>(), [aqiang]);
}

#[test]
fn mentions_of_strangers_and_wild_places_are_nobody() {
    let mentioned = |text: &str, entities: Value| {
        let raw = message(json!({ "text": text, "entities": entities }));
        match read(&raw, &mut known()).map(|it| it.what) {
            Some(HeardKind::Message { message, .. }) => message,
            other => panic!("{other:?}"),
        }
    };
    let at = |offset: usize, length: usize| json!([{ "type": "mention", "offset": offset, "length": length }]);
    let heard = mentioned("谢谢 @sweet_L1x5", at(3, 12));
    assert_eq!((heard.people().count(), heard.mentions.len()), (0, 1));
    assert!(!heard.marked().contains("L1"));
    for wild in [at(0, 999), at(500, 9), at(1, 1), at(0, 0)] {
        assert_eq!(mentioned("🦌 A1 x2", wild).people().count(), 0);
    }
    let own = mentioned("@tuan_bot A1 x2", at(0, 9));
    assert!(own.addressed && own.marked().trim() == "A1 x2");
}

#[test]
fn pictures_and_replies_are_heard() {
    let photo = json!([
        { "file_id": "small", "file_unique_id": "s", "width": 9, "height": 9, "file_size": 100 },
        { "file_id": "large", "file_unique_id": "l", "width": 90, "height": 90, "file_size": 9_000 },
    ]);
    let reply = message(json!({ "text": "您好", "message_id": 70, "from": user(ME, "团团") }));
    let raw = message(json!({ "photo": photo, "reply_to_message": reply["message"] }));
    let Some(HeardKind::Message { message: heard, .. }) = heard(&raw) else {
        panic!("it is heard")
    };
    assert!(heard.addressed && heard.text.is_empty());
    assert_eq!(heard.reply_to.as_deref(), Some("-1001234567890:70"));
    let [picture] = &heard.attachments[..] else { panic!("{heard:?}") };
    assert_eq!((picture.id.as_str(), picture.size_bytes), ("large", Some(9_000)));
}

#[test]
fn the_inviter_is_told_by_own_links_and_by_adding_and_by_nothing_else() {
    let joins = |more| match heard(&change("chat_member", 6, "left", "member", more)) {
        Some(HeardKind::Joined { members, by }) => {
            assert_eq!(members[0].key, "6");
            by
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(joins(json!({})), Inviter::Named(xiaomei()));
    assert_eq!(joins(link(ME, "K7M2QX")), Inviter::Link("K7M2QX".to_owned()));
    assert_eq!(joins(link(4, "K7M2QX")), Inviter::Unknown);
    assert_eq!(joins(json!({ "via_join_request": true })), Inviter::Unknown);
    assert_eq!(joins(json!({ "from": user(6, "新人") })), Inviter::Unknown);
    let mut approved = link(ME, "K7M2QX");
    approved["via_join_request"] = json!(true);
    assert_eq!(joins(approved), Inviter::Link("K7M2QX".to_owned()));
}

#[test]
fn coming_and_going_is_present_or_not() {
    let way = |old, new| heard(&change("chat_member", 6, old, new, json!({})));
    assert!(matches!(way("kicked", "member"), Some(HeardKind::Joined { .. })));
    assert!(matches!(way("member", "kicked"), Some(HeardKind::Left { .. })));
    assert_eq!(way("left", "kicked"), None);
    assert_eq!(way("member", "administrator"), None);
}

#[test]
fn service_messages_count_only_where_members_are_not_told_of_otherwise() {
    let raw = message(json!({ "new_chat_members": [user(6, "新人")], "text": null }));
    assert!(matches!(heard(&raw), Some(HeardKind::Joined { by: Inviter::Named(_), .. })));
    let mut known = known();
    assert_eq!(asks_about(&raw, &known), Some(GROUP));
    known.admin.insert(GROUP, true);
    assert_eq!(asks_about(&raw, &known), None);
    assert_eq!(read(&raw, &mut known), None);
}

#[test]
fn a_migration_told_from_both_sides_has_one_key() {
    let (old, new) = (-55_i64, GROUP);
    let mut there = message(json!({ "migrate_to_chat_id": new }));
    there["message"]["chat"] = json!({ "id": old, "type": "group", "title": "阳光小区" });
    let here = message(json!({ "migrate_from_chat_id": old }));
    let (there, here) = (read(&there, &mut known()).unwrap(), read(&here, &mut known()).unwrap());
    assert_eq!(there.what, HeardKind::Migrated { to: new.to_string() });
    assert_eq!((&there.key, &there.chat, &there.what), (&here.key, &here.chat, &here.what));
}

#[test]
fn what_is_missing_is_found_when_the_bot_is_added() {
    let added = |status, reads_all| {
        let raw = change("my_chat_member", ME, "left", status, json!({}));
        let mut known = KnownPeople { reads_all, ..known() };
        match read(&raw, &mut known).map(|item| item.what) {
            Some(HeardKind::BotAdded { obstacles, .. }) => obstacles,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(added("member", false), [Obstacle::Deaf, Obstacle::NotAdmin]);
    assert_eq!(added("member", true), [Obstacle::NotAdmin]);
    assert_eq!(added("administrator", false), [Obstacle::NoLinks]);
    let raw = change("my_chat_member", ME, "member", "kicked", json!({}));
    assert_eq!(heard(&raw), Some(HeardKind::BotRemoved));
}

#[test]
fn what_cannot_be_read_is_skipped() {
    assert_eq!(heard(&json!({ "update_id": 1, "guest_message": {} })), None);
    assert_eq!(heard(&json!({ "update_id": "x" })), None);
}
