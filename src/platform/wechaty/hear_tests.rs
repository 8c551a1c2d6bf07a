//! What the translation makes of news, with all names known: nothing is asked here.

use super::*;
use crate::platform::Platform;
use crate::platform::contract;
use crate::platform::heard::ChainLine;
use crate::platform::wechaty::Options;
use crate::platform::wechaty::wire::Timestamp as Instant;

const ROOM: &str = "sunshine@chatroom";

/// An account that nobody answers, in a room where all are known by name.
pub(super) fn account() -> Wechaty {
    let options = Options {
        endpoint: "http://127.0.0.1:1".to_owned(),
        token: "T".to_owned(),
        media: std::path::PathBuf::new(),
        rate_per_chat: None,
        run: "a".to_owned(),
    };
    let account = Wechaty::new(options).unwrap();
    account.set_me(Some("me".to_owned()));
    for (id, name) in
        [("me", "团团"), ("mei", "小美\n"), ("qiang", "\u{202e}阿强"), ("odd", "\u{200b}")]
    {
        account.names.learn(ROOM, id, name);
        account.names.learn("", id, name);
    }
    account
}

fn message(talker: &str, kind: i32, text: &str) -> MessagePayloadResponse {
    MessagePayloadResponse {
        r#type: kind,
        text: text.to_owned(),
        talker_id: talker.to_owned(),
        room_id: ROOM.to_owned(),
        receive_time: Some(Instant { seconds: 1_700_000_000, nanos: 0 }),
        ..Default::default()
    }
}

fn person(id: &str, name: &str) -> Contact {
    Contact { key: id.to_owned(), name: name.to_owned() }
}

async fn heard(account: &Wechaty) -> Vec<HeardItem> {
    let at = events::instant(1_700_000_000_000);
    let mut items = Vec::new();
    let native = "<appmsg><title>#接龙\n团\n1. 小美 A1</title><type>53</type><solitaire_info>\
                  &lt;content>&lt;i>&lt;u>mei&lt;/u>&lt;r>9-5&lt;/r>&lt;/i>&lt;/content></solitaire_info></appmsg>";
    for (id, said) in [
        ("1", message("mei", 7, "A1 x2")),
        ("2", message("qiang", 10, native)),
        ("3", message("mei", 13, "1")),
        ("4", message("odd", 7, "菜单")),
        ("5", MessagePayloadResponse { room_id: String::new(), ..message("mei", 7, "余额") }),
    ] {
        items.extend(account.translated(id, said).await);
    }
    let all = (0..150).map(|nth| format!("n{nth}")).collect::<Vec<_>>();
    for id in &all {
        account.names.learn(ROOM, id, id);
    }
    let room = || ROOM.to_owned();
    for news in [
        PuppetNews::Join { room: room(), members: vec!["mei".into()], inviter: "qiang".into(), at },
        PuppetNews::Join { room: room(), members: vec!["qiang".into()], inviter: "me".into(), at },
        PuppetNews::Join { room: room(), members: all, inviter: String::new(), at },
        PuppetNews::Join { room: room(), members: vec!["me".into()], inviter: "mei".into(), at },
        PuppetNews::Leave { room: room(), members: vec!["mei".into(), "me".into()], at },
        PuppetNews::Topic { room: room(), name: "新名".into(), at },
        PuppetNews::Login { me: "me".into() },
        PuppetNews::Scan { qr: "http://x".into() },
        PuppetNews::Logout,
    ] {
        items.extend(account.items(news).await);
    }
    items
}

#[tokio::test]
async fn what_is_heard_keeps_the_contract() {
    let account = account();
    contract::check_capabilities(&account.capabilities());
    let (once, again) = (heard(&account).await, heard(&account).await);
    let told = |items: &[HeardItem]| {
        let of_chats = items.iter().filter(|item| !item.chat.is_empty());
        of_chats.map(|item| item.key.clone()).collect::<Vec<_>>()
    };
    contract::check_keys(&told(&once), &told(&again));
    for item in once.iter().filter(|item| !item.key.is_empty()) {
        contract::check(&item.chat, &item.key, &item.what);
    }
    let gaps: Vec<_> =
        once.iter().chain(&again).filter(|item| item.what == HeardKind::Gap).collect();
    assert_eq!(gaps.len(), 2);
    assert_ne!(gaps[0].key, gaps[1].key, "each gap is compared");
}

#[tokio::test]
async fn who_brought_whom_is_exact() {
    let by = |items: &[HeardItem], who: &str| {
        items.iter().find_map(|item| match &item.what {
            HeardKind::Joined { members, by } if members[0].key == who => Some(by.clone()),
            _ => None,
        })
    };
    let items = heard(&account()).await;
    assert_eq!(by(&items, "mei"), Some(Inviter::Named(person("qiang", "阿强"))));
    // By a code that the account itself shared.
    assert_eq!(by(&items, "qiang"), Some(Inviter::Unknown));
    assert_eq!(by(&items, "n0"), Some(Inviter::Unknown));
    let added = HeardKind::BotAdded { by: Some(person("mei", "小美")), obstacles: Vec::new() };
    assert!(items.iter().any(|item| item.what == added && item.chat == ROOM));
    assert!(items.iter().any(|item| item.what == HeardKind::BotRemoved));
}

#[tokio::test]
async fn messages_are_told_with_who_said_them() {
    let account = account();
    let items = heard(&account).await;
    let said = |nth: usize| items[nth].what.clone();
    let words = |from, text: &str, private| HeardKind::Message {
        from: Some(from),
        message: HeardMessage::of(text),
        private,
    };
    assert_eq!(said(0), words(person("mei", "小美"), "A1 x2", false));
    let lines = vec![ChainLine { author: Some("mei".into()), text: "小美 A1".into() }];
    assert!(matches!(said(1), HeardKind::Chain { lines: told, .. } if told == lines));
    assert_eq!(
        said(2),
        HeardKind::Recalled { from: person("mei", "小美"), key: items[0].key.clone() }
    );
    assert_eq!(said(3), words(person("odd", "odd"), "菜单", false));
    assert_eq!(
        (said(4), items[4].chat.as_str()),
        (words(person("mei", "小美"), "余额", true), "mei")
    );
}

#[tokio::test]
async fn what_the_account_says_itself_is_its_echo_and_nothing_else() {
    let account = account();
    let echo = account.echoes.expect(ROOM, Some("收到"));
    assert_eq!(account.translated("9", message("me", 7, "收到")).await, None);
    assert_eq!(echo.within(std::time::Duration::from_millis(1)).await.as_deref(), Some("9"));
    let picture = account.echoes.expect("mei", None);
    let alone = MessagePayloadResponse {
        room_id: String::new(),
        listener_id: "mei".into(),
        ..message("me", 6, "")
    };
    assert_eq!(account.translated("10", alone).await, None);
    assert_eq!(picture.within(std::time::Duration::from_millis(1)).await.as_deref(), Some("10"));
}

#[tokio::test]
async fn mentions_are_people_and_the_account_is_none_of_them() {
    let account = account();
    let mentioning = |ids: &[&str]| MessagePayloadResponse {
        mention_ids: ids.iter().map(|id| (*id).to_owned()).collect(),
        ..message("mei", 7, "@团团\u{2005}@阿强\u{2005}A1 x2")
    };
    let item = account.translated("1", mentioning(&["me", "qiang"])).await.unwrap();
    let HeardKind::Message { message: heard, .. } = item.what else { panic!("{item:?}") };
    assert_eq!(heard.people().collect::<Vec<_>>(), [person("qiang", "阿强")]);
    assert!(heard.addressed);
    assert!(heard.marked().ends_with("\u{2005}A1 x2") && !heard.marked().contains('@'));
    // Everybody is nobody in particular.
    let all: Vec<_> = (0..300).map(|_| "qiang").collect();
    let item = account.translated("2", mentioning(&all)).await.unwrap();
    assert!(
        matches!(item.what, HeardKind::Message { message, .. } if message.people().next().is_none())
    );
}
