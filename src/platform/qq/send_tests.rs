//! What is written to the platform, and which number an answer has.

use super::super::write::without_marks;
use super::*;
use crate::domain::event::Contact;
use crate::platform::{Answering, Button};

fn message(text: &str) -> Outgoing {
    Outgoing {
        id: "1".to_owned(),
        chat: "G".to_owned(),
        text: text.to_owned(),
        ..Outgoing::default()
    }
}

fn qq() -> Qq {
    Qq::new(super::super::Options {
        app_id: "1".to_owned(),
        secret: "s".to_owned(),
        api_url: None,
        media: std::path::PathBuf::new(),
        has_webhook: false,
        rate_per_chat: None,
    })
    .unwrap()
}

#[test]
fn a_name_in_the_text_is_the_person_and_no_text_is_a_code() {
    let person = |key: &str, name: &str| Contact { key: key.into(), name: name.into() };
    let text = "🍇 @小美 好 @everyone <@M9> <qqbot-at-everyone /> @阿强";
    let message = Outgoing {
        mentions: vec![person("M1", "小美"), person("x\" />", "阿强")],
        ..message(text)
    };
    let written = words(&message);
    assert_eq!(
        written,
        "🍇 <qqbot-at-user id=\"M1\" /> 好 ＠everyone ＜@M9> ＜qqbot-at-everyone /> @阿强"
    );
    let marked = without_marks("*A1* <qqbot-at-user id=\"M_1\" /> #1");
    assert_eq!(marked, "\\*A1\\* <qqbot-at-user id=\"M_1\" /> \\#1");
}

#[test]
fn an_answer_has_the_same_number_whenever_it_is_sent_and_another_for_other_words() {
    let qq = qq();
    let answers = |nth, seconds| {
        Some(Answering { key: "G:m:R1".to_owned(), age: Duration::from_secs(seconds), nth })
    };
    let number = |text: &str, answers| {
        let message = Outgoing { answers, ..message(text) };
        answered(&qq, &message).map(|(token, number)| {
            assert_eq!(token, AnswerToken::Message("R1".to_owned()));
            number
        })
    };
    assert_eq!(number("好的", answers(8, 1)), number("好的", answers(8, 200)));
    assert_ne!(number("好的", answers(8, 1)), number("不行", answers(8, 1)));
    assert_ne!(number("好的", answers(8, 1)), number("好的", answers(16, 1)));
    let all = (0..400).filter_map(|nth| number("x", answers(nth, 1)));
    assert!(all.into_iter().all(|it| (1..=500_000).contains(&it)));
    assert!((500_001..1_000_000).contains(&borrowed(&message("好的"))));
    assert_eq!(number("好的", answers(8, 291)), None, "too late to be safe");
    for _ in 0..5 {
        locked(&qq.budgets).spend(&AnswerToken::Message("R1".to_owned()));
    }
    assert_eq!(number("好的", answers(8, 1)), None, "five were given");
}

#[test]
fn buttons_are_rows_that_the_platform_takes() {
    let button = |n: usize| Button { label: format!("A{n}"), data: format!("o:1:A{n}") };
    let buttons = vec![(0..7).map(button).collect(), vec![button(7)]];
    let rows = keyboard(&Outgoing { buttons, ..message("x") });
    let rows = rows["content"]["rows"].as_array().unwrap();
    let counts: Vec<_> = rows.iter().map(|it| it["buttons"].as_array().unwrap().len()).collect();
    assert_eq!(counts, [5, 2, 1]);
    assert_eq!(rows[2]["buttons"][0]["action"]["data"], "o:1:A7");
    assert_eq!(rows[2]["buttons"][0]["id"], "8");
}

#[test]
fn addresses_go_and_words_stay() {
    assert!(has_link("见 https://a.example/x"));
    assert_eq!(without_links("见 https://a.example/x 好\n付款 http://b"), "见 … 好\n付款 …");
}

#[tokio::test]
async fn only_a_signed_event_is_heard_and_only_words_are_signed() {
    use super::super::{HookError, HookRequest, Options};
    use crate::platform::heard::Listener;

    let options = Options {
        app_id: "1".to_owned(),
        secret: "DG5g3B4j9X2KOErG".to_owned(),
        api_url: None,
        media: std::path::PathBuf::new(),
        has_webhook: true,
        rate_per_chat: None,
    };
    let qq = Qq::new(options.clone()).unwrap();
    let (ear, mut heard) = Listener::new();
    // The example of the platform's own documentation.
    let proof = br#"{"op":13,"d":{"plain_token":"Arq0D5A61EgUu4OxUvOp","event_ts":"1725442341"}}"#;
    let proved = qq.take_hook(&ear, HookRequest::default(), proof).await.unwrap();
    assert_eq!(proved["plain_token"], "Arq0D5A61EgUu4OxUvOp");
    assert_eq!(
        proved["signature"],
        "87befc99c42c651b3aac0278e71ada338433ae26fcb24307bdc5ad38c1adc2d01bcfcadc0842edac85e85205028a1132afe09280305f13aa6909ffc2d652c706"
    );
    let event = br#"{"op":0,"s":1,"t":"GROUP_MESSAGE_CREATE","id":"x:1","d":{"id":"R1","content":"A1","timestamp":"2026-05-27T16:00:00+08:00","group_openid":"G","author":{"member_openid":"M","username":"x"}}}"#;
    // Whoever asks to have an event signed gets nothing.
    let forged = serde_json::json!({ "op": 13, "d": {
        "plain_token": std::str::from_utf8(event).unwrap(), "event_ts": "1",
    }});
    let refused = qq.take_hook(&ear, HookRequest::default(), forged.to_string().as_bytes()).await;
    assert_eq!(refused, Err(HookError::NoEvent));

    let signature = hex::encode(qq.pair.sign(&[b"17".as_slice(), event].concat()).as_ref());
    let shown = |timestamp: &'static [u8]| HookRequest {
        signature: Some(signature.as_bytes()),
        timestamp: Some(timestamp),
    };
    for shown in [HookRequest::default(), shown(b"18")] {
        assert_eq!(qq.take_hook(&ear, shown, event).await, Err(HookError::Stranger));
    }
    assert!(hex::decode(&signature).is_ok());
    let storing = tokio::spawn(async move {
        drop(heard.recv().await.unwrap().stored);
        heard.recv().await.unwrap().stored.send(()).unwrap();
    });
    assert_eq!(qq.take_hook(&ear, shown(b"17"), event).await, Err(HookError::NotStored));
    let taken = qq.take_hook(&ear, shown(b"17"), event).await.unwrap();
    assert_eq!(taken["op"], 12);
    storing.await.unwrap();
    let closed = Qq::new(Options { has_webhook: false, ..options }).unwrap();
    let refused = closed.take_hook(&ear, shown(b"17"), event).await;
    assert_eq!(refused, Err(HookError::Stranger));
}
