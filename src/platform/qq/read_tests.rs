//! Events as the platform writes them, and what they say; each passes the adapters' contract, twice.

use serde_json::json;

use super::*;
use crate::domain::event::Contact;
use crate::platform::contract::{check, check_keys};
use crate::platform::heard::HeardMessage;

const GROUP: &str = "G0";
const MEI: &str = "M1";

fn frame(kind: &str, d: Value) -> GatewayFrame {
    let mut event = json!({ "op": 0, "s": 1, "t": kind, "id": format!("{kind}:1") });
    event["d"] = d;
    serde_json::from_value(event).unwrap()
}

fn heard(kind: &str, d: Value, known: &mut ToldBefore) -> Option<HeardItem> {
    let frame = frame(kind, d);
    let first = read(&frame, known)?;
    let again = read(&frame, known)?;
    check(&first.chat, &first.key, &first.what);
    check_keys(std::slice::from_ref(&first.key), std::slice::from_ref(&again.key));
    Some(first)
}

fn message(id: &str, content: &str) -> Value {
    json!({
        "id": id, "content": content, "timestamp": "2026-05-27T16:00:00+08:00",
        "group_id": "old", "group_openid": GROUP,
        "author": { "id": MEI, "member_openid": MEI, "member_role": "member", "bot": false,
                    "username": "小美", "union_openid": "U1" },
    })
}

fn said(d: Value) -> HeardMessage {
    said_with(d, &mut ToldBefore::default())
}

fn said_with(d: Value, known: &mut ToldBefore) -> HeardMessage {
    match heard("GROUP_MESSAGE_CREATE", d, known).map(|it| it.what) {
        Some(HeardKind::Message { message, .. }) => message,
        other => panic!("a message: {other:?}"),
    }
}

#[test]
fn the_same_message_as_two_kinds_of_event_has_one_key() {
    let known = &mut ToldBefore::default();
    let all = heard("GROUP_MESSAGE_CREATE", message("R1", "A1 x2"), known).unwrap();
    let to_bot = heard("GROUP_AT_MESSAGE_CREATE", message("R1", " A1 x2 "), known).unwrap();
    assert_eq!((all.chat.as_str(), all.key.as_str()), (GROUP, "G0:m:R1"));
    assert_eq!(all.key, to_bot.key);
    assert_eq!(all.at.unwrap().to_rfc3339(), "2026-05-27T08:00:00+00:00");
    let addressed = |item: &HeardItem| match &item.what {
        HeardKind::Message { from: Some(from), message, private: false } => {
            assert_eq!((from.key.as_str(), from.name.as_str()), (MEI, "小美"));
            assert_eq!(message.text, "A1 x2");
            message.addressed
        }
        other => panic!("a message: {other:?}"),
    };
    assert_eq!([addressed(&all), addressed(&to_bot)], [false, true]);
}

#[test]
fn a_mention_is_a_person_whichever_way_it_is_written() {
    for written in ["<@M2>", "<@!M2>", "<qqbot-at-user id=\"M2\" />"] {
        let mut d = message("R1", &format!("代下 {written} A1 &lt;3"));
        d["mentions"] = json!([{ "scope": "single", "bot": false, "id": "M2", "is_you": false,
                                 "member_openid": "M2", "username": "阿强" }]);
        let message = said(d);
        assert_eq!(message.text, "代下 @阿强  A1 <3", "{written}");
        let [mention] = &message.mentions[..] else { panic!("{message:?}") };
        assert_eq!((mention.key.as_str(), mention.name.as_str()), ("M2", "阿强"));
    }
    let mut placeless = message("R2", "代下 A1");
    placeless["mentions"] = json!([{ "scope": "single", "is_you": false, "member_openid": "M2",
                                     "username": "阿强" }]);
    let message_ = said(placeless);
    assert_eq!(message_.text, "代下 A1 @阿强");
    assert_eq!(message_.mentions[0].key, "M2");
}

#[test]
fn the_bot_is_spoken_to_with_or_without_a_place() {
    for content in ["<@B0> 签到", "签到"] {
        let mut d = message("R1", content);
        d["mentions"] = json!([{ "scope": "single", "bot": true, "id": "B0", "is_you": true,
                                 "member_openid": "B0", "username": "团团" }]);
        let message = said(d);
        assert!(message.addressed, "{content}");
        assert_eq!(message.marked().trim(), "签到", "{content}");
    }
    let mut all = message("R2", "@everyone 签到");
    all["mentions"] = json!([{ "scope": "all", "is_you": true, "username": "全体成员" }]);
    let _ = said(all);
}

#[test]
fn faces_say_nothing_and_what_is_no_code_is_text() {
    for (content, expected) in [
        ("A1 <faceType=1,faceId=\"178\",ext=\"e30=\"> x2", "A1  x2"),
        ("<emoji:4>A1", "A1"),
        ("1 < 2 > 1", "1 < 2 > 1"),
        ("<@ A1", "<@ A1"),
        ("<qqbot-at-everyone />A1", "A1"),
        ("<<@all>A1", "<A1"),
        ("&amp;lt;", "&lt;"),
    ] {
        assert_eq!(said(message("R1", content)).text, expected, "{content}");
    }
}

#[test]
fn pictures_and_quotes_are_told() {
    let known = &mut ToldBefore::default();
    let mut first = message("R1", "A1 x2");
    first["msg_idx"] = json!("REFIDX_1");
    said_with(first, known);
    let mut d = message("R2", "");
    d["attachments"] = json!([{ "content_type": "image/png", "filename": "a.png", "size": 8,
                                "url": "multimedia.nt.qq.com.cn/x" }, { "content_type": "file" }]);
    d["msg_elements"] = json!([{ "content": "A1 x2", "msg_idx": "REFIDX_1" }]);
    let message = said_with(d, known);
    assert_eq!(message.reply_to.as_deref(), Some("G0:m:R1"));
    let [picture] = &message.attachments[..] else { panic!("{message:?}") };
    assert_eq!(picture.kind, AttachmentKind::Picture);
    assert_eq!(picture.id, "https://multimedia.nt.qq.com.cn/x");
    assert_eq!((picture.name.as_deref(), picture.size_bytes), (Some("a.png"), Some(8)));
}

#[test]
fn bots_and_empty_messages_are_nobodys_business() {
    let mut bot = message("R1", "A1");
    bot["author"]["bot"] = json!(true);
    for d in [bot, message("R2", "<faceType=1>"), message("", "A1"), json!({}), json!("x")] {
        assert_eq!(heard("GROUP_MESSAGE_CREATE", d, &mut ToldBefore::default()), None);
    }
    let other = heard("GUILD_CREATE", message("R3", "A1"), &mut ToldBefore::default());
    assert_eq!(other, None);
}

fn request(member: &str, by: Option<&str>) -> Value {
    json!({
        "group_openid": GROUP, "join_request_id": "1", "member_openid": member,
        "username": "阿强", "apply_at": "2026-05-27T16:00:00+08:00",
        "apply_source": if by.is_some() { "invited" } else { "self_apply" }, "invited_by": by,
        "verify_info": { "method": "none" },
    })
}

fn came(member: &str) -> Value {
    json!({ "timestamp": 1_780_000_000, "group_openid": GROUP, "member_openid": member })
}

/// Once read, a request is used up; so it is read once only.
fn inviter(member: &str, known: &mut ToldBefore) -> Inviter {
    let item = read(&frame("GROUP_MEMBER_ADD", came(member)), known).unwrap();
    check(&item.chat, &item.key, &item.what);
    match item.what {
        HeardKind::Joined { by, .. } => by,
        other => panic!("a join: {other:?}"),
    }
}

#[test]
fn an_invited_request_names_the_inviter_of_the_join_that_follows() {
    let known = &mut ToldBefore::default();
    said_with(message("R1", "hi"), known);
    let asks = heard("GROUP_JOIN_REQUEST", request("M2", Some(MEI)), known).unwrap();
    let mei = Contact { key: MEI.to_owned(), name: "小美".to_owned() };
    match asks.what {
        HeardKind::AsksToJoin { member, by } => {
            assert_eq!((member.name.as_str(), by), ("阿强", Some(mei.clone())));
        }
        other => panic!("a request: {other:?}"),
    }
    assert_eq!(inviter("M2", known), Inviter::Named(mei));
    assert_eq!(inviter("M2", known), Inviter::Unknown, "each request counts for one join");
}

#[test]
fn who_asks_by_themselves_or_is_let_in_has_no_inviter() {
    let known = &mut ToldBefore::default();
    heard("GROUP_JOIN_REQUEST", request("M2", Some(MEI)), known);
    let own = heard("GROUP_JOIN_REQUEST", request("M2", None), known).unwrap();
    assert!(
        matches!(own.what, HeardKind::AsksToJoin { by: None, .. }),
        "the newest request counts"
    );
    assert_eq!(inviter("M2", known), Inviter::Unknown);
    heard("GROUP_JOIN_REQUEST", request("M3", Some("M3")), known);
    assert_eq!(inviter("M3", known), Inviter::Unknown, "nobody invites themselves");
    assert_eq!(inviter("M4", known), Inviter::Unknown);
}

#[test]
fn requests_that_were_missed_are_learnt_from_the_list() {
    let known = &mut ToldBefore::default();
    let listed = serde_json::from_value(request("M2", Some(MEI))).unwrap();
    known.note_requests(GROUP, vec![listed]);
    assert!(matches!(inviter("M2", known), Inviter::Named(by) if by.key == MEI));
}

#[test]
fn who_comes_and_goes_is_told_by_id_and_named_by_what_is_known() {
    let known = &mut ToldBefore::default();
    let joining = frame("GROUP_MEMBER_ADD", came("M9"));
    assert_eq!(wants(&joining, known), Some((GROUP.to_owned(), vec!["M9".to_owned()])));
    known.learn(GROUP, &names::person("M9", [Some("路人")]), None);
    assert_eq!(wants(&joining, known), None);
    let left = heard("GROUP_MEMBER_REMOVE", came("M9"), known).unwrap();
    assert_eq!(left.key, "G0:out:M9:1780000000");
    assert!(matches!(left.what, HeardKind::Left { member } if member.name == "路人"));
}

#[test]
fn what_the_bot_may_do_is_told_with_what_changed_it() {
    let known = &mut ToldBefore::default();
    let state = |hears: &str, speaks| BotState {
        allow_proactive_msg: speaks,
        recv_msg_setting: hears.to_owned(),
        member_role: "admin".to_owned(),
    };
    let told = |known: &mut ToldBefore| {
        let d = json!({ "timestamp": 1_780_000_000, "group_openid": GROUP,
                        "op_member_openid": MEI });
        match heard("GROUP_MSG_REJECT", d, known).map(|it| it.what) {
            Some(HeardKind::BotAdded { obstacles, by: Some(_) }) => obstacles,
            other => panic!("a change: {other:?}"),
        }
    };
    assert!(known.note_state(GROUP, state("all", true)));
    assert!(!known.note_state(GROUP, state("all", true)));
    assert_eq!(told(known), []);
    assert!(known.note_state(GROUP, state("only_mention", false)));
    assert_eq!(told(known), [Obstacle::MentionsOnly, Obstacle::RepliesOnly]);
    known.note_state(GROUP, state("mention_and_context", true));
    assert_eq!(told(known), [Obstacle::MentionsOnly]);
    known.note_state(GROUP, BotState { member_role: "member".to_owned(), ..state("all", true) });
    assert_eq!(told(known), [Obstacle::NotAdmin], "it is not told who asks to come in");
    let gone = json!({ "timestamp": 1_780_000_000, "group_openid": GROUP });
    let gone = heard("GROUP_DEL_ROBOT", gone, known).unwrap();
    assert_eq!((gone.what, known.state(GROUP)), (HeardKind::BotRemoved, None));
}

#[test]
fn a_button_may_be_answered_by_its_event() {
    let known = &mut ToldBefore::default();
    let d = json!({
        "id": "I7", "type": 11, "version": 1, "timestamp": "2026-05-27T16:00:00+08:00",
        "chat_type": 1, "group_openid": GROUP, "group_member_openid": MEI,
        "data": { "resolved": { "button_id": "1", "button_data": "o:1:A1" } },
    });
    assert_eq!(interaction(&frame("INTERACTION_CREATE", d.clone())).as_deref(), Some("I7"));
    let tap = heard("INTERACTION_CREATE", d, known).unwrap();
    assert_eq!(tap.key, "G0:e:INTERACTION_CREATE:1");
    assert!(matches!(tap.what, HeardKind::Action { private: false, data, .. } if data == "o:1:A1"));
}

#[test]
fn somebody_alone_is_the_member_that_the_platform_says_they_are() {
    let known = &mut ToldBefore::default();
    said_with(message("R1", "hi"), known);
    let alone = |union: Option<&str>| {
        json!({
            "id": "R2", "content": "余额", "timestamp": "2026-05-27T16:00:00+08:00",
            "author": { "id": "A1", "user_openid": "A1", "union_openid": union },
        })
    };
    let item = heard("C2C_MESSAGE_CREATE", alone(Some("U1")), known).unwrap();
    assert_eq!((item.chat.as_str(), known.own_chat(MEI).as_str()), (MEI, "A1"));
    assert!(
        matches!(item.what, HeardKind::Message { private: true, from: Some(from), .. } if from.key == MEI)
    );
    let item = heard("C2C_MESSAGE_CREATE", alone(None), known).unwrap();
    assert_eq!(item.chat, "A1", "without it they are somebody else");
    assert_eq!(known.own_chat("M9"), "M9");
}

#[test]
fn a_key_that_would_be_too_long_is_known_by_its_hash() {
    let long = "R".repeat(300);
    let item =
        heard("GROUP_MESSAGE_CREATE", message(&long, "A1"), &mut ToldBefore::default()).unwrap();
    assert!(item.key.starts_with("G0:h:") && item.key.len() < 200, "{}", item.key);
}
