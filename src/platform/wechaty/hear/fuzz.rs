//! A long run, by hand and now and then: `make fuzz`. Messages and events as a gateway hands them over,
//! native chains as XML among them, and names that are anything: whatever is heard passes the contract, and
//! who is mentioned is called so in that room.

use serde_json::json;

use super::tests::account;
use super::*;
use crate::domain::name::name_key;
use crate::fuzzing::{Dice, few, in_time, long};
use crate::platform::contract;
use crate::platform::wechaty::wire::Timestamp as Instant;

/// People whom the account knows by name: ids, some of which no gateway should send.
const IDS: [&str; 9] =
    ["me", "mei", "qiang", "odd", "甜", "", "a\0b", "r@chatroom", concat!("wxid_", "0123456789")];

const NAMES: [&str; 9] = [
    "小美",
    "甜 L1 x5",
    "@所有人",
    "甜\u{2005}L1",
    "\u{200b}",
    "团团",
    "Mary Ann",
    "「x」",
    "小\u{ad}美",
];

const NATIVE: &str = "wxid_b:\n<msg><appmsg appid=\"\"><title>#接龙\n\nA1 阳光玫瑰💪🏻 &lt;39.90&gt;\n\n\
    1. 小美 A1 x1 &amp; 谢谢\n2. 🍇阿强 2箱\n明天取</title><type>53</type><extinfo><solitaire_info>\
    <![CDATA[<solitaire><tt>0-24</tt><content><s>2</s><i><u>mei</u><h>0</h><r>29-13</r></i>\
    <i><u>qiang</u><r>46-11</r></i></content></solitaire>]]></solitaire_info></extinfo></appmsg></msg>";

const WORDS: [&str; 13] = [
    "A1 x2 @小美\u{2005}",
    "谢谢 @甜 L1 x5\u{2005}",
    "「小安：A1+2」\n- - - - - - -\n@小美\u{2005}好",
    "A2+1\n「小安：A1+2」",
    "@",
    "\u{2005}",
    "&",
    "&#0;",
    "&#x110000;",
    "<i><u>mei</u><r>0-1</r></i>",
    "<r>18446744073709551615-1</r>",
    "<type>53</type>",
    NATIVE,
];

/// What an account hears, on the thread that counts its own time.
struct FuzzGateway {
    runtime: tokio::runtime::Runtime,
    account: Wechaty,
}

fn gateway() -> FuzzGateway {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let account = runtime.block_on(async { account() });
    FuzzGateway { runtime, account }
}

impl FuzzGateway {
    /// Everybody is known under a name of theirs; nothing has to be asked.
    fn rename(&self, dice: &mut Dice) {
        for room in ["", "sunshine@chatroom", "r@chatroom", "a\0b"] {
            for id in IDS {
                self.account.names.learn(room, id, &name(dice));
            }
        }
    }

    fn one(&self, dice: &mut Dice) {
        self.rename(dice);
        if dice.once_in(3) {
            self.an_event(dice);
        } else {
            self.a_message(dice);
        }
        a_text(dice);
    }

    fn a_message(&self, dice: &mut Dice) {
        let text = dice.text(&WORDS);
        let said = MessagePayloadResponse {
            id: dice.pick(&["m1", "", "a\0b"]).to_owned(),
            filename: dice.pick(&["", "a.xlsx", "\0"]).to_owned(),
            r#type: [7, 7, 0, 1, 2, 6, 10, 10, 13, 14, 15, -1][dice.below(12)],
            talker_id: dice.pick(&IDS).to_owned(),
            room_id: dice.pick(&["sunshine@chatroom", "sunshine@chatroom", "", "a\0b"]).to_owned(),
            mention_ids: (0..dice.below(5)).map(|_| dice.pick(&IDS).to_owned()).collect(),
            receive_time: Some(Instant {
                seconds: [0, 1_700_000_000, i64::MAX, i64::MIN][dice.below(4)],
                nanos: [0, i32::MAX, i32::MIN][dice.below(3)],
            }),
            text,
            ..Default::default()
        };
        let hear = || self.runtime.block_on(self.account.translated("m1", said.clone()));
        let item = in_time(said.text.len() + 1_000, hear).filter(HeardItem::is_sound);
        item.iter().for_each(contract::check_item);
        if let Some(HeardKind::Chain { lines, .. }) = item.map(|item| item.what) {
            let length: usize = lines.iter().map(|line| line.text.len()).sum();
            assert!(length <= said.text.len(), "nothing stands in two lines: {:?}", said.text);
        }
    }

    fn an_event(&self, dice: &mut Dice) {
        let sample = json!({
            "messageId": "m1", "roomId": "r@chatroom", "inviteeIdList": ["mei", "qiang"],
            "removeeIdList": ["mei"], "inviterId": "qiang", "newTopic": "新", "timestamp": 1_700_000_000,
            "qrcode": "http://x", "contactId": "me", "payloadId": "mei", "data": "x",
        });
        let raw = dice.json(&[sample], &IDS);
        let kind = [0, 16, 18, 19, 20, 21, 22, 23, 25, 26, 27, 99][dice.below(12)];
        let payload = raw.to_string();
        let news = in_time(payload.len(), || events::read(kind, &payload));
        if is_told(&news) {
            let items = self.runtime.block_on(self.account.items(news));
            // How the account is needs no storing.
            let stored = items.iter().filter(|item| !item.chat.is_empty());
            stored.for_each(contract::check_item);
        }
    }
}

/// Whether nobody has to be asked about.
fn is_told(news: &PuppetNews) -> bool {
    let known = |room: &str, ids: &[String]| {
        ["r@chatroom", "a\0b"].contains(&room) && ids.iter().all(|id| IDS.contains(&id.as_str()))
    };
    match news {
        PuppetNews::Join { room, members, inviter, .. } => {
            known(room, members) && known(room, std::slice::from_ref(inviter))
        }
        PuppetNews::Leave { room, members, .. } => known(room, members),
        PuppetNews::Topic { .. } | PuppetNews::Scan { .. } | PuppetNews::Logout => true,
        _ => false,
    }
}

fn name(dice: &mut Dice) -> String {
    let mut name: String = (0..=dice.below(2)).map(|_| dice.pick(&NAMES)).collect();
    if dice.once_in(50) {
        name = name.repeat(200);
    }
    name
}

/// Who is found in a text is called what stands there.
fn a_text(dice: &mut Dice) {
    let names: Vec<String> = (0..dice.below(4)).map(|_| name(dice)).collect();
    let calls: Vec<String> = names.iter().map(|name| format!("谢谢 @{name}\u{2005}")).collect();
    let samples: Vec<&str> = calls.iter().map(String::as_str).chain(WORDS).collect();
    let text = dice.text(&samples);
    let person = |(nth, name): (usize, &String)| Candidate {
        who: Some(Mentioned::Person(Contact { key: nth.to_string(), name: name.clone() })),
        names: vec![name.clone()],
    };
    let people: Vec<Candidate> = names.iter().enumerate().map(person).collect();
    let message = in_time(text.len(), || mentions::placed(text.clone(), &people));
    contract::check_mentions(&message);
    for mention in message.mentions.iter().filter(|it| !it.key.is_empty()) {
        let byte = |at: u32| usize::try_from(at).unwrap();
        let call = &message.text[byte(mention.start)..byte(mention.end)];
        let own = &names[mention.key.parse::<usize>().unwrap()];
        assert!(
            call.starts_with('@') && name_key(&call[1..]) == name_key(own),
            "{call:?} is {own:?} in {text:?}"
        );
    }
}

#[test]
fn changed_messages_and_events() {
    let gateway = gateway();
    let native = MessagePayloadResponse {
        r#type: 10,
        text: NATIVE.to_owned(),
        talker_id: "mei".to_owned(),
        room_id: "sunshine@chatroom".to_owned(),
        ..Default::default()
    };
    let heard = gateway.runtime.block_on(gateway.account.translated("m1", native)).unwrap();
    assert!(matches!(heard.what, HeardKind::Chain { lines, .. } if lines.len() == 2), "as it is");
    few(800, 1, |dice| gateway.one(dice));
}

#[test]
#[ignore = "a long run, by hand: make fuzz"]
fn for_as_long_as_asked() {
    let gateway = gateway();
    long("messages of WeChat", |dice| gateway.one(dice));
}
