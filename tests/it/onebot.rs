//! OneBot from end to end, against an implementation of our own: one day of a group over each way to
//! connect, and what goes wrong.

use std::time::Duration;

use serde_json::json;
use tokio_util::sync::CancellationToken;
use tuan::platform::heard::Standing;
use tuan::platform::onebot::{ConnectionWay as Opens, OneBot, Options};
use tuan::platform::{Outgoing, Platform, SendError};

use crate::fake_onebot::{BOT, Fake, Fault, TOKEN, message, notice, open, words};
use crate::ground::PATIENCE;
use crate::onebot_shop::{AMING, AQIANG, AZHEN, GROUP, Shop, Way, XIAOMEI, a_day, group};

#[tokio::test(flavor = "multi_thread")]
async fn a_day_over_a_connection_that_the_shop_opens() {
    let shop = Shop::open().await;
    a_day(&shop).await;
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_over_a_connection_to_the_console() {
    let shop = Shop::open_with(Fake::start().await, Way::Console, 1).await;
    shop.fake.connect(&format!("ws://{}/onebot/qq", shop.console.unwrap()), "Universal");
    a_day(&shop).await;
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_and_news_over_two_connections_to_an_address_of_its_own() {
    let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = free.local_addr().unwrap();
    drop(free);
    let shop = Shop::open_with(Fake::start().await, Way::Listen(address), 1).await;
    shop.fake.connect(&format!("ws://{address}/api"), "API");
    shop.fake.connect(&format!("ws://{address}/event"), "Event");
    shop.begin().await;
    shop.joins(XIAOMEI, ("invite", AMING));
    shop.heard(GROUP, "阿明 邀请来的").await;
    // As other implementations write it: codes in a string, and ids that are strings.
    let codes = json!("[CQ:reply,id=3][CQ:at,qq=999] A1 x2[CQ:image,file=a.png]");
    let at = (shop.fake.next_message(), shop.time());
    let mut event = message(GROUP, XIAOMEI, at, codes);
    for field in ["group_id", "user_id", "message_id", "self_id"] {
        event[field] = json!(event[field].to_string());
    }
    shop.happens(event);
    shop.heard(GROUP, "79.80").await;
    shop.settle().await;
    assert_eq!(shop.count("select count(*) from orders").await, 1);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_who_shows_the_token_is_let_in() {
    let shop = Shop::open_with(Fake::start().await, Way::Console, 1).await;
    let url = format!("ws://{}/onebot/qq", shop.console.unwrap());
    for (token, url, expected) in [
        ("", url.as_str(), "401"),
        ("S3CRET-of-onebo", &url, "403"),
        (TOKEN, &url.replace("/qq", "/other"), "404"),
    ] {
        let refused = open(url, token, "Universal").await.unwrap_err().to_string();
        assert!(refused.contains(expected), "{refused}");
    }
    assert!(open(&url, TOKEN, "Universal").await.is_ok());
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_token_is_told_to_the_operator() {
    let fake = Fake::start().await;
    let (token, media) = ("wrong".to_owned(), std::path::PathBuf::new());
    let way = Opens::Forward(fake.address.clone());
    let onebot = OneBot::new(Options { token, way, media, rate_per_chat: None });
    let (ear, mut heard) = tuan::platform::Listener::new();
    onebot.hear_with(ear);
    let stop = CancellationToken::new();
    let keeping = tokio::spawn(onebot.keep(stop.clone()));
    let what = tokio::time::timeout(PATIENCE, heard.recv()).await.unwrap().unwrap().item.what;
    let said = format!("{what:?}");
    assert!(
        said.contains("the access token is refused (403)") && !said.contains("wrong"),
        "{said}"
    );
    stop.cancel();
    keeping.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_is_linked_by_who_runs_it_and_by_nobody_else() {
    let shop = Shop::open().await;
    shop.fake.put(GROUP, AQIANG, "member");
    let added = json!({ "sub_type": "invite", "operator_id": AMING });
    shop.fake.push(notice("group_increase", (GROUP, BOT), shop.time(), added));
    shop.heard(GROUP, "绑定码").await;
    let code = shop.new_code("c0").await;
    let says = |who: i64, text: &str| {
        let at = (shop.fake.next_message(), shop.time());
        shop.fake.push(message(GROUP, who, at, words(text)));
    };
    says(AQIANG, "A1 x2"); // nobody's business yet
    says(AQIANG, &format!("绑定 {code}"));
    shop.heard(GROUP, "只有群主或管理员").await;
    assert_eq!(shop.count("select count(*) from member").await, 0);
    says(AMING, &format!("绑定 {code}"));
    let linked = shop.heard(GROUP, "已绑定").await;
    assert!(linked.contains("阳光小区0") && linked.contains("阿明"), "{linked}");
    assert_eq!(shop.count("select count(*) from member where role = 'leader'").await, 1);
    assert_eq!(shop.count("select count(*) from member").await, 2);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_that_was_told_and_nothing_counts_twice() {
    let mut shop = Shop::open().await;
    shop.begin().await;
    let events: Vec<_> = (0..60).map(|n| shop.says(1_000 + n, "A1 x1")).collect();
    for event in events.iter().rev().step_by(3) {
        shop.fake.push(event.clone()); // twice, and out of order
    }
    let greetings = || shop.fake.greetings();
    let (before, heard) = (greetings(), shop.fake.said_in(GROUP).len());
    shop.fake.cut(); // what was on its way has been read, or comes no more
    shop.until("it is connected again", async || greetings() > before).await;
    for event in &events {
        shop.fake.push(event.clone());
    }
    shop.until("somebody is answered", async || shop.fake.said_in(GROUP).len() > heard).await;
    shop.stored().await;
    let before = shop.fake.greetings();
    shop.open_again().await; // in the middle of answering
    shop.until("it is connected once more", async || shop.fake.greetings() > before).await;
    shop.fake.fail(GROUP, Fault::Refused);
    shop.fake.fail(GROUP, Fault::Refused);
    for n in 60..90 {
        shop.says(1_000 + n, "A1 x1");
    }
    shop.settle().await;
    let before = shop.fake.greetings();
    shop.fake.set_away(true);
    tokio::time::sleep(Duration::from_millis(600)).await;
    shop.fake.set_away(false);
    shop.until("it is connected in the end", async || shop.fake.greetings() > before).await;
    for n in 90..100 {
        shop.says(1_000 + n, "A1 x1");
    }
    shop.settle().await;
    assert_eq!(shop.count("select count(*) from orders").await, 100);
    assert_eq!(shop.count("select sold from offer_count").await, 100);
    let unsent = "select count(*) from outbox where state not in ('sent', 'unknown')";
    assert_eq!(shop.count(unsent).await, 0);
    // Each heard of their order, even those whose receipt was cut off.
    let said = shop.fake.said_in(GROUP).join("\n");
    let unanswered: Vec<_> =
        (1_000..1_100).filter(|who| !said.contains(&format!("@路人{who}"))).collect();
    assert!(unanswered.is_empty(), "{unanswered:?}");
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_outcome_is_not_sent_again_blindly() {
    let shop = Shop::open().await;
    shop.begin().await;
    let before = shop.fake.greetings();
    shop.fake.fail(GROUP, Fault::Cut);
    shop.says(AMING, "菜单"); // said, and the answer to the call is lost
    shop.settle().await;
    shop.until("it is connected again", async || shop.fake.greetings() > before).await;
    let unknown = "select count(*) from outbox where state = 'unknown'";
    assert_eq!(shop.count(unknown).await, 1);
    let said = shop.fake.said_in(GROUP).len();
    shop.says(AMING, "签到");
    shop.heard(GROUP, "+5").await;
    assert_eq!(shop.fake.said_in(GROUP).len(), said + 1);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_came_and_went_meanwhile_is_found_after_a_gap() {
    let shop = Shop::open().await;
    shop.begin().await;
    shop.joins(XIAOMEI, ("invite", AMING));
    shop.joins(AQIANG, ("invite", XIAOMEI));
    shop.settle().await;
    shop.fake.set_away(true);
    shop.fake.remove(GROUP, AQIANG);
    shop.fake.put(GROUP, AZHEN, "member");
    shop.fake.set_away(false);
    let present = "select count(*) from member where present and user_key in ('10', '12')";
    let gone = "select count(*) from member where not present";
    let compared = async || shop.count(present).await >= 2 && shop.count(gone).await >= 1;
    shop.until("the member list is compared", compared).await;
    // Nobody is said to have brought her.
    let alone = "select count(*) from member where user_key = '12' and inviter_id is null";
    assert_eq!(shop.count(alone).await, 1);
    shop.settle().await;
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_without_the_bot_is_marked_and_revived_and_stops_no_other() {
    let fake = Fake::start().await;
    let way = Way::Forward(fake.address.clone());
    let shop = Shop::open_with(fake, way, 2).await;
    shop.until("it is connected", async || shop.fake.greetings() > 0).await;
    shop.link(0).await;
    shop.link(1).await;
    shop.fake.remove(GROUP, BOT);
    let kicked = json!({ "sub_type": "kick_me", "operator_id": AMING });
    shop.fake.push(notice("group_decrease", (GROUP, BOT), shop.time(), kicked));
    let closed = "select count(*) from chat where closed_at is not null";
    shop.until("the group is marked", async || shop.app.engine.health.closed() == 1).await;
    shop.open_drop().await; // to one group it cannot be sent
    shop.heard(group(1), "早上好").await;
    shop.settle().await;
    assert_eq!(shop.count(closed).await, 1);
    shop.fake.put(GROUP, BOT, "member");
    shop.says(AMING, "菜单");
    shop.heard(GROUP, "A1").await;
    assert_eq!(shop.count(closed).await, 0);
    shop.close().await;
}

/// An adapter alone, connected to the fake.
async fn connected(fake: &Fake) -> (OneBot, CancellationToken) {
    let media = std::path::PathBuf::new();
    let way = Opens::Forward(fake.address.clone());
    let onebot = OneBot::new(Options { token: TOKEN.to_owned(), way, media, rate_per_chat: None });
    let stop = CancellationToken::new();
    tokio::spawn(onebot.clone().keep(stop.clone()));
    let until = tokio::time::Instant::now() + PATIENCE;
    while onebot.members(GROUP.to_string().as_str()).await.is_err() {
        assert!(tokio::time::Instant::now() < until, "not connected");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    (onebot, stop)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_adapter_offers_beside_sending() {
    let fake = Fake::start().await;
    for (user, role) in [(BOT, "member"), (AMING, "owner"), (XIAOMEI, "admin"), (AQIANG, "member")]
    {
        fake.put(GROUP, user, role);
    }
    let (onebot, stop) = connected(&fake).await;
    let group = GROUP.to_string();
    fake.push(json!({ "post_type": "meta_event", "self_id": BOT, "meta_event_type": "heartbeat" }));
    let until = tokio::time::Instant::now() + PATIENCE;
    // Who the bot itself is comes with the first event.
    while onebot.members(&group).await.unwrap().len() != 3 {
        assert!(tokio::time::Instant::now() < until, "the bot is no member of its own shop");
    }
    assert_eq!(onebot.members(&group).await.unwrap()[0].name, "阿明");
    assert_eq!(onebot.standing(&group, "1").await, Standing::Runs);
    assert_eq!(onebot.standing(&group, "10").await, Standing::Runs);
    assert_eq!(onebot.standing(&group, "11").await, Standing::Ordinary);
    assert_eq!(onebot.standing(&group, "77").await, Standing::Unsaid);
    onebot.delete(&group, "-42").await.unwrap();
    assert_eq!(fake.recalled(), [-42]);
    stop.cancel();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_before_anybody_listens_is_heard_then_and_how_the_account_is() {
    let fake = Fake::start().await;
    fake.put(GROUP, BOT, "member");
    let (onebot, stop) = connected(&fake).await;
    fake.push(message(GROUP, AMING, (5, 1_700_000_000), words("早")));
    onebot.members(&GROUP.to_string()).await.unwrap(); // by now it has come
    let (ear, mut heard) = tuan::platform::Listener::new();
    let listening = tokio::spawn(onebot.listen(ear, stop.clone()));
    let mut next = async || {
        let heard = tokio::time::timeout(PATIENCE, heard.recv()).await.unwrap();
        format!("{:?}", heard.unwrap().item.what)
    };
    let mut begun = [next().await, next().await, next().await];
    begun.sort();
    assert!(begun[0].starts_with("Gap") && begun[2].contains("团团"), "{begun:?}");
    assert!(begun[1].starts_with("Message") && begun[1].contains('早'), "{begun:?}");
    let beat = |online: bool| {
        let status = json!({ "online": online, "good": online });
        fake.push(json!({
            "time": 1_700_000_000, "self_id": BOT, "post_type": "meta_event",
            "meta_event_type": "heartbeat", "status": status, "interval": 5_000,
        }));
    };
    [true, false, false, true].into_iter().for_each(beat);
    assert!(next().await.contains("offline in its client"));
    assert!(next().await.starts_with("Ready"));
    assert!(next().await.starts_with("Gap"));
    stop.cancel();
    listening.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_told_from_a_closed_group_and_from_a_stranger() {
    let fake = Fake::start().await;
    fake.put(GROUP, BOT, "member");
    fake.put(GROUP + 1, AMING, "member");
    let (onebot, stop) = connected(&fake).await;
    fake.push(json!({ "post_type": "meta_event", "self_id": BOT, "meta_event_type": "heartbeat" }));
    let to = |chat: i64| Outgoing {
        chat: chat.to_string(),
        text: "hello".to_owned(),
        ..Outgoing::default()
    };
    let alone = Outgoing { to: Some("10".to_owned()), private: true, ..to(GROUP) };
    fake.fail(GROUP, Fault::Refused);
    let sent = onebot.send(&[to(GROUP), to(GROUP + 1), alone.clone()]).await;
    assert!(matches!(&sent[0], Err(SendError::Later { .. })), "{sent:?}");
    assert!(matches!(&sent[1], Err(SendError::Closed { .. })), "{sent:?}");
    assert!(matches!(&sent[2], Err(SendError::NeedsFirstContact)), "{sent:?}");
    fake.befriend(XIAOMEI);
    let sent = onebot.send(&[to(GROUP), alone]).await;
    assert!(sent.iter().all(|it| matches!(it, Ok(Some(_)))), "{sent:?}");
    stop.cancel();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_messages_in_a_second_from_twenty_groups() {
    let fake = Fake::start().await;
    let way = Way::Forward(fake.address.clone());
    let shop = Shop::open_with(fake, way, 20).await;
    shop.until("it is connected", async || shop.fake.greetings() > 0).await;
    for nth in 0..20 {
        shop.link(nth).await;
    }
    shop.open_drop().await;
    shop.settle().await;
    let start = tokio::time::Instant::now();
    for n in 0..1_000 {
        let text = ["A1 x1", "签到", "今天天气真好", "菜单"][usize::try_from(n / 20 % 4).unwrap()];
        shop.says_in(group(n % 20), 5_000 + n / 80, words(text));
    }
    shop.stored().await;
    let taken = start.elapsed();
    shop.settle().await;
    println!("1,000 messages stored in {taken:?}, handled and answered in {:?}", start.elapsed());
    assert_eq!(shop.count("select count(*) from orders").await, 260);
    assert_eq!(shop.count("select count(*) from check_in").await, 260);
    let silent: Vec<i64> = (0..20).filter(|nth| shop.fake.said_in(group(*nth)).len() < 3).collect();
    assert!(silent.is_empty(), "{silent:?} were not answered");
    shop.close().await;
}
