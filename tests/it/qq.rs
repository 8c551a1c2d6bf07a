//! QQ's official bot from end to end, against an interface of our own: one day of a group over the gateway and
//! by webhook, what the group's owner switches, and what goes wrong.

use std::time::Duration;

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_util::sync::CancellationToken;
use tuan::app::clock;
use tuan::platform::heard::{Obstacle, Standing};
use tuan::platform::qq::{Options, Qq};
use tuan::platform::{Answering, HeardKind, Listener, Outgoing, Platform, SendError};

use crate::fake_qq::{APP_ID, Fake, Fault, QUIET, SECRET, openid, signed};
use crate::ground::PATIENCE;
use crate::qq_shop::{AHUA, AMING, AQIANG, AZHEN, Shop, XIAOMEI, a_day, group};

pub(crate) fn options(fake: &Fake) -> Options {
    Options {
        app_id: APP_ID.to_owned(),
        secret: SECRET.to_owned(),
        api_url: Some(fake.url()),
        media: std::path::PathBuf::new(),
        has_webhook: false,
        rate_per_chat: None,
    }
}

pub(crate) fn words(text: &str, nth: u32, key: &str, age: u64) -> Outgoing {
    let answers = Some(Answering { key: key.to_owned(), age: Duration::from_secs(age), nth });
    Outgoing {
        id: format!("s-{nth}"),
        chat: group(0),
        text: text.to_owned(),
        answers: answers.filter(|it| !it.key.is_empty()),
        ..Outgoing::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_over_the_gateway() {
    let shop = Shop::open().await;
    a_day(&shop).await;
    shop.close().await;
}

/// Post a request to the webhook; the status and the body of the answer.
async fn post(shop: &Shop, (body, signature, time): (String, String, String)) -> (u16, String) {
    let address = shop.console.unwrap();
    let mut socket = tokio::net::TcpStream::connect(address).await.unwrap();
    let request = format!(
        "POST /hooks/qq/qq HTTP/1.1\r\nhost: shop.example.org\r\nconnection: close\r\n\
         content-type: application/json\r\nx-bot-appid: {APP_ID}\r\n\
         x-signature-ed25519: {signature}\r\nx-signature-timestamp: {time}\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    );
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.unwrap();
    let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
    (status, answer.split_once("\r\n\r\n").unwrap().1.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn news_by_webhook_is_signed_and_stored_before_it_is_answered() {
    let shop = Shop::open_with(1, true).await;
    let (group, time) = (group(0), shop.time());
    let code = shop.new_code("c0").await;
    let link = Fake::to_bot(shop.fake.message(&group, AMING, time, &format!("绑定 {code}")));
    let frame = shop.fake.frame("GROUP_AT_MESSAGE_CREATE", &link);
    let (body, _, stamp) = signed(&frame, time);
    let (_, stranger, _) = signed(&frame, time + 1);
    assert_eq!(post(&shop, (body, stranger, stamp)).await.0, 401);
    assert_eq!(post(&shop, signed(&frame, time)).await.0, 200);
    shop.heard("已绑定").await;
    shop.open_drop().await;
    shop.heard("早上好").await;
    let order = shop.fake.message(&group, AMING, shop.time(), "A1 x2");
    let frame = shop.fake.frame("GROUP_MESSAGE_CREATE", &order);
    for _ in 0..3 {
        let (status, answer) = post(&shop, signed(&frame, time)).await;
        assert_eq!((status, answer.contains("\"op\":12")), (200, true), "{answer}");
        assert!(shop.count("select count(*) from inbox where account_id <> 0").await >= 1);
    }
    shop.heard("79.80").await;
    assert_eq!(shop.count("select count(*) from orders").await, 1);
    let proof = json!({ "op": 13, "d": { "plain_token": "abc", "event_ts": "17" } });
    let (status, answer) = post(&shop, (proof.to_string(), String::new(), String::new())).await;
    assert!(status == 200 && answer.contains("\"signature\""), "{answer}");
    assert_eq!(shop.fake.greetings(), (0, 0), "nobody asks the gateway");
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_guesses_at_signatures_is_slowed_and_the_platform_is_not() {
    let shop = Shop::open_with(1, true).await;
    let message = shop.fake.message(&group(0), AMING, shop.time(), "A1");
    let frame = shop.fake.frame("GROUP_MESSAGE_CREATE", &message);
    let (body, right, stamp) = signed(&frame, shop.time());
    let (_, wrong, _) = signed(&frame, 1);
    let mut answers = Vec::new();
    for _ in 0..8 {
        answers.push(post(&shop, (body.clone(), wrong.clone(), stamp.clone())).await.0);
    }
    assert_eq!(answers, [401, 401, 401, 401, 401, 429, 429, 429]);
    assert_eq!(post(&shop, (body, right, stamp)).await.0, 200, "who signs is heard");
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_is_linked_by_who_runs_it_and_hears_what_is_switched_off() {
    let shop = Shop::open().await;
    shop.fake.put(&group(0), AQIANG, "member");
    shop.fake.switch(&group(0), (false, false), shop.time());
    shop.fake.robot("GROUP_ADD_ROBOT", &group(0), shop.time());
    let hello = shop.heard("绑定码").await;
    assert!(hello.contains("接收全部消息") && hello.contains("主动发言"), "{hello}");
    let code = shop.new_code("c0").await;
    shop.says(AQIANG, "A1 x2"); // is not told
    shop.says_to_bot(AQIANG, &format!("绑定 {code}"));
    shop.heard("只有群主或管理员").await;
    shop.link(0).await;
    let missing = shop.heard("群里有些设置").await;
    assert!(missing.contains("接收全部消息") && missing.contains("主动发言"), "{missing}");
    assert_eq!(shop.count("select count(*) from member where role = 'leader'").await, 1);
    assert_eq!(shop.count("select count(*) from member").await, 2);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_asked_for_waits_until_somebody_writes_or_it_is_allowed() {
    let shop = Shop::open().await;
    shop.link(0).await;
    shop.settle().await;
    shop.fake.switch(&group(0), (false, false), shop.time());
    shop.heard("主动发言").await;
    shop.open_drop().await;
    tokio::time::sleep(QUIET).await;
    let unsaid = |shop: &Shop| !shop.fake.said_in(&group(0)).iter().any(|it| it.contains("早上好"));
    // What was said lately may still be answered; so the post goes out in answer to that.
    if unsaid(&shop) {
        shop.says_to_bot(AMING, "帮助");
    }
    shop.heard("早上好").await;
    let post = shop.fake.sent().into_iter().find(|it| it.text.contains("早上好")).unwrap();
    assert!(post.answers.is_some(), "it answered somebody");
    shop.says(AMING, "A1"); // is not told
    shop.says_to_bot(AMING, "A1 x2");
    shop.heard("79.80").await;
    shop.fake.switch(&group(0), (true, true), shop.time());
    shop.heard("权限齐了").await;
    shop.answered().await;
    let tries = shop.fake.calls("messages");
    tokio::time::sleep(QUIET).await;
    assert_eq!(shop.fake.calls("messages"), tries, "nothing is tried in vain");
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_to_speak_unasked_is_not_tried_again_until_a_person_acts() {
    let fake = Fake::start().await;
    fake.put(&group(0), AMING, "owner");
    fake.switch(&group(0), (true, false), 1_780_000_000);
    let qq = Qq::new(options(&fake)).unwrap();
    let post = [words("早上好", 8, "", 0)];
    assert!(qq.may_speak(&group(0)), "nothing is known yet");
    for _ in 0..3 {
        let sent = qq.send(&post).await;
        assert!(matches!(sent[0], Err(SendError::AwaitsPerson { .. })), "{sent:?}");
    }
    assert!(!qq.may_speak(&group(0)));
    assert_eq!(fake.calls("messages"), 0, "it was known from the group's state");
    assert_eq!(
        qq.obstacles(&group(0)).await,
        [Obstacle::RepliesOnly],
        "what is missing can be said"
    );
    // Somebody writes: the same goes out in answer to them, and five times in all.
    let (ear, mut heard) = Listener::new();
    let (stop, listening) = (CancellationToken::new(), qq.clone());
    let (told, stopped) = (stop.clone(), stop.clone());
    let listening = tokio::spawn(listening.listen(ear, told));
    let storing = tokio::spawn(async move {
        while let Some(heard) = heard.recv().await {
            let is_message = matches!(heard.item.what, HeardKind::Message { .. });
            let _ = heard.stored.send(()); // it may be gone
            if is_message {
                return heard.item.key;
            }
        }
        panic!("nothing was heard");
    });
    let until = tokio::time::Instant::now() + PATIENCE;
    while !fake.is_heard() {
        assert!(tokio::time::Instant::now() < until, "nobody listens");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    fake.say("GROUP_MESSAGE_CREATE", &fake.message(&group(0), AMING, 1_780_000_000, "在吗"));
    let key = storing.await.unwrap();
    assert!(qq.may_speak(&group(0)));
    for nth in 0..4 {
        let sent = qq.send(&[words(&format!("第{nth}"), nth * 8, "", 0)]).await;
        assert!(sent[0].is_ok(), "{sent:?}");
    }
    let own = words("收到", 8, &key, 1);
    assert!(qq.send(std::slice::from_ref(&own)).await[0].is_ok());
    let sixth = qq.send(&[words("还有", 16, &key, 1)]).await;
    assert!(matches!(sixth[0], Err(SendError::AwaitsPerson { .. })), "{sixth:?}");
    assert_eq!(fake.said_in(&group(0)).len(), 5);
    stopped.cancel();
    listening.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_counts_once_however_often_it_is_sent() {
    let fake = Fake::start().await;
    fake.put(&group(0), AMING, "owner");
    let qq = Qq::new(options(&fake)).unwrap();
    let id = fake.message(&group(0), AMING, 1_780_000_000, "A1")["id"].as_str().unwrap().to_owned();
    let key = format!("{}:m:{id}", group(0));
    let receipt = words("已下单", 8, &key, 1);
    fake.fail(&group(0), Fault::Lost);
    let sent = qq.send(std::slice::from_ref(&receipt)).await;
    assert!(sent[0].is_ok(), "{sent:?}");
    // Another process, which knows nothing of the first.
    let other = Qq::new(options(&fake)).unwrap();
    assert!(other.send(std::slice::from_ref(&receipt)).await[0].is_ok());
    assert_eq!(fake.said_in(&group(0)), ["已下单"]);
    // What is too old to be answered is said unasked.
    assert!(qq.send(&[words("到货了", 16, &key, 400)]).await[0].is_ok());
    assert_eq!(fake.sent()[1].answers, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_wrong_with_a_send_is_told_apart() {
    let fake = Fake::start().await;
    fake.put(&group(0), AMING, "owner");
    let qq = Qq::new(options(&fake)).unwrap();
    let post = [words("早", 8, "", 0)];
    for (status, is_later) in [(429, true), (500, true), (502, true), (504, false)] {
        fake.fail(&group(0), Fault::Status(status));
        let sent = qq.send(&post).await;
        let is_so = match &sent[0] {
            Err(SendError::Later { .. }) => is_later,
            Err(SendError::Unknown(_)) => !is_later,
            _ => false,
        };
        assert!(is_so, "{status}: {sent:?}");
    }
    fake.end_tokens();
    assert!(qq.send(&post).await[0].is_ok(), "a token is renewed");
    let mut elsewhere = words("早", 8, "", 0);
    elsewhere.chat = group(7);
    let sent = qq.send(&[elsewhere]).await;
    assert!(matches!(sent[0], Err(SendError::Closed { .. })), "{sent:?}");
    let alone = Outgoing { private: true, to: Some(openid(AMING)), ..words("余额", 8, "", 0) };
    let sent = qq.send(&[alone]).await;
    assert!(matches!(sent[0], Err(SendError::NeedsFirstContact)), "{sent:?}");
    let wrong = Qq::new(Options { secret: "wrong".to_owned(), ..options(&fake) }).unwrap();
    let sent = wrong.send(&post).await;
    assert!(matches!(sent[0], Err(SendError::Later { .. })), "for the operator to mend: {sent:?}");
    assert!(!format!("{sent:?}").contains("wrong"), "{sent:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn members_come_by_pages_with_what_they_are() {
    let fake = Fake::start().await;
    for who in 1..=8 {
        fake.put(&group(0), who, if who == 1 { "owner" } else { "member" });
    }
    let qq = Qq::new(options(&fake)).unwrap();
    let members = qq.members(&group(0)).await.unwrap();
    assert_eq!(members.len(), 8, "and not the bot itself: {members:?}");
    assert_eq!((members[0].key.as_str(), members[0].name.as_str()), (openid(1).as_str(), "阿明"));
    let standing = async |who: i64| qq.standing(&group(0), &openid(who)).await;
    assert_eq!(standing(1).await, Standing::Runs);
    assert_eq!(standing(2).await, Standing::Ordinary);
    assert_eq!(standing(99).await, Standing::Unsaid);
    qq.delete(&group(0), "M1").await.unwrap();
    assert_eq!(fake.recalled(), ["M1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_is_lost_goes_on_where_it_was_and_nothing_counts_twice() {
    let shop = Shop::open().await;
    shop.begin().await;
    for n in 0..30 {
        shop.says(1_000 + n, "A1 x1");
    }
    shop.fake.cut();
    for n in 30..60 {
        shop.says(1_000 + n, "A1 x1"); // told when the session goes on
    }
    shop.settle().await;
    assert_eq!(shop.count("select count(*) from orders").await, 60);
    assert_eq!(shop.fake.greetings(), (1, 1), "one session, resumed once");
    let gaps = "select count(*) from inbox where key like '%:gap:%'";
    assert_eq!(shop.count(gaps).await, 0, "nobody was missing");
    shop.fake.signal(7, &json!(null)); // the gateway wants a new connection
    shop.until("it goes on again", async || shop.fake.greetings() == (1, 2)).await;
    shop.says(AMING, "我的订单");
    shop.settle().await;
    let named = || shop.fake.beats().into_iter().filter_map(|it| it.as_u64()).max();
    shop.until("beats name what is stored", async || named() > Some(1)).await;
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_cannot_go_on_is_a_gap_and_members_are_compared() {
    let shop = Shop::open().await;
    shop.begin().await;
    shop.joins(XIAOMEI, Some(AMING));
    shop.joins(AQIANG, None);
    shop.settle().await;
    shop.fake.asks(&group(0), AHUA, Some(XIAOMEI), shop.time());
    shop.until("the invitation is kept", async || {
        shop.count("select count(*) from invitation").await >= 2
    })
    .await;
    shop.fake.set_away(true);
    shop.until("it is away", async || !shop.health().ready).await;
    shop.fake.forget_sessions();
    shop.fake.end_tokens();
    shop.fake.remove(&group(0), AQIANG);
    shop.fake.put(&group(0), AZHEN, "member"); // came meanwhile, and nobody says by whom
    shop.fake.put(&group(0), AHUA, "member"); // came meanwhile, by invitation
    shop.fake.set_away(false);
    shop.until("a new session", async || shop.fake.greetings().0 == 2).await;
    let compared = "select count(*) from member
                    where name in ('阿珍', '阿花') and present or name = '阿强' and not present";
    shop.until(compared, async || shop.count(compared).await == 3).await;
    let brought = "select count(*) from member m join member i on i.member_id = m.inviter_id
                   where m.name = '阿花' and i.name = '小美'";
    assert_eq!(shop.count(brought).await, 1, "the invitation outlived the gap");
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_had_any_more_is_owned_up_to() {
    let shop = Shop::open().await;
    shop.begin().await;
    shop.fake.set_away(true);
    shop.until("it is away", async || !shop.health().ready).await;
    clock::advance(&shop.app.engine, chrono::Duration::minutes(31)).await.unwrap();
    shop.fake.forget_sessions();
    shop.fake.set_away(false);
    let missed = shop.heard("我掉线了").await;
    assert!(missed.contains("请再发一次"), "{missed}");
    shop.fake.cut(); // what goes on over another connection misses nothing
    shop.until("it goes on", async || shop.fake.greetings().1 == 1).await;
    shop.says(AMING, "A1 x2");
    shop.heard("79.80").await;
    assert_eq!(shop.fake.said_in(&group(0)).iter().filter(|it| it.contains("掉线")).count(), 1);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_alone_is_answered_there_if_the_platform_says_who_they_are() {
    let shop = Shop::open().await;
    shop.begin().await;
    let alone = format!("A{}", openid(AMING));
    let says = |mut message: serde_json::Value, is_known: bool| {
        if !is_known {
            message["author"].as_object_mut().unwrap().remove("union_openid");
        }
        shop.fake.say("C2C_MESSAGE_CREATE", &message);
    };
    says(shop.fake.message_alone(AMING, shop.time(), "余额"), true);
    let balance = shop.hear("佣金", async || shop.fake.said_in(&alone)).await;
    let said = shop.fake.sent().into_iter().find(|it| it.text == balance).unwrap();
    assert!(said.answers.is_some(), "alone, the bot only answers");
    let stranger = format!("A{}", openid(99));
    says(shop.fake.message_alone(99, shop.time(), "余额"), false);
    shop.hear("请到群里说", async || shop.fake.said_in(&stranger)).await;
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_is_silent_is_left() {
    let shop = Shop::open().await;
    shop.fake.ignore_beats(true);
    shop.until("it connected anew", async || shop.fake.greetings().1 >= 1).await;
    shop.fake.ignore_beats(false);
    shop.fake.set_token_lasts(1);
    shop.fake.end_tokens();
    shop.fake.cut();
    shop.until("it is let in", async || shop.fake.is_heard() && shop.health().ready).await;
    shop.begin().await;
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_join_is_tied_to_the_invitation_even_when_the_shop_was_closed_between() {
    let mut shop = Shop::open().await;
    shop.begin().await;
    shop.joins(XIAOMEI, Some(AMING));
    shop.settle().await;
    shop.fake.asks(&group(0), AQIANG, Some(XIAOMEI), shop.time());
    shop.until("the invitation is kept", async || {
        shop.count("select count(*) from invitation").await >= 2
    })
    .await;
    let before = shop.fake.greetings().0;
    shop.open_again().await;
    shop.until("it listens again", async || shop.fake.greetings().0 > before).await;
    shop.comes(AQIANG);
    shop.heard("小美 邀请来的").await;
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn events_twice_and_out_of_order_count_once() {
    let shop = Shop::open().await;
    shop.begin().await;
    let frames: Vec<_> = (0..20)
        .map(|n| {
            shop.counts();
            let message = shop.fake.message(&group(0), 1_000 + n, shop.time(), "A1 x1");
            shop.fake.frame("GROUP_MESSAGE_CREATE", &message)
        })
        .collect();
    for frame in frames.iter().rev().chain(&frames) {
        shop.fake.push_frame(frame);
    }
    shop.says_to_bot(AMING, "A1 x1");
    shop.settle().await;
    assert_eq!(shop.count("select count(*) from orders").await, 21);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tap_is_answered_and_orders() {
    let shop = Shop::open().await;
    shop.begin().await;
    let post = shop.fake.sent().into_iter().rfind(|it| !it.buttons.is_empty());
    let data = post.map(|it| it.buttons[0].clone());
    let data = data.expect("the post has buttons");
    shop.counts();
    shop.fake.tap(&group(0), AMING, shop.time(), &data);
    shop.settle().await;
    shop.until("the client is told", async || shop.fake.answered_taps().len() == 1).await;
    assert_eq!(shop.count("select count(*) from orders").await, 1);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_half_of_a_group_at_once_is_no_leaving() {
    let shop = Shop::open().await;
    shop.begin().await;
    for who in 20..30 {
        shop.comes(who);
    }
    shop.settle().await;
    for who in 20..29 {
        shop.fake.member_event("GROUP_MEMBER_REMOVE", &group(0), who, shop.time());
    }
    shop.fake.remove(&group(0), 29); // who left in truth
    let present = "select count(*) from member where present";
    shop.until("members were compared", async || shop.count(present).await == 10).await;
    tokio::time::sleep(QUIET).await;
    assert_eq!(shop.count(present).await, 10, "all but one are there");
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_groups_say_a_thousand_things_in_a_second() {
    let shop = Shop::open_with(20, false).await;
    for nth in 0..20 {
        shop.link(nth).await;
    }
    shop.open_drop().await;
    for nth in 0..20 {
        shop.heard_in(nth, "早上好").await;
    }
    let frame = |n: i64| {
        shop.counts();
        let message = shop.fake.message(&group(n % 20), 10_000 + n, shop.time(), "A1 x1");
        shop.fake.frame("GROUP_MESSAGE_CREATE", &message)
    };
    let frames: Vec<_> = (0..1_000).map(frame).collect();
    let begun = tokio::time::Instant::now();
    for frame in &frames {
        shop.fake.push_frame(frame);
    }
    let told = begun.elapsed();
    shop.stored().await;
    let stored = begun.elapsed();
    shop.answered().await;
    let answered = begun.elapsed();
    eprintln!("1,000 messages told in {told:?}: stored in {stored:?}, answered in {answered:?}");
    assert_eq!(shop.count("select count(*) from orders").await, 1_000);
    shop.close().await;
}
