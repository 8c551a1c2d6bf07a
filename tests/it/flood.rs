//! One member, or a stranger, says far too much: what the bot says then, over each adapter at the pace that
//! its platform bears, and how long the orders of others wait.

use std::time::Duration;

use tokio::time::Instant;

use crate::fake_onebot::{self, words};
use crate::{onebot_shop, stage, telegram_shop};

/// What a sender needs beyond its tokens: to look for them, and to be slow.
pub(crate) const SLACK: Duration = Duration::from_millis(1_200);

/// No span of time has more messages than the platform takes.
#[track_caller]
pub(crate) fn keeps(mut times: Vec<Instant>, (most, every): (usize, Duration)) {
    times.sort();
    for (nth, from) in times.iter().enumerate() {
        let within = times[nth..].iter().take_while(|at| **at < *from + every).count();
        assert!(within <= most, "{within} messages in {every:?}, of {most}");
    }
}

/// What one who floods says, the nth time.
pub(crate) fn noise(nth: u64) -> String {
    match nth % 5 {
        0 => "菜单".to_owned(),
        1 => "帮助".to_owned(),
        2 => format!("取消 #{nth}"),
        3 => "余额".to_owned(),
        _ => "A1多少钱".to_owned(),
    }
}

/// One member says `noise` so often in so long, while others order, evenly; how long they waited.
async fn flood_onebot(messages: u64, orders: u64, length: Duration) -> Vec<Duration> {
    let shop = onebot_shop::Shop::paced().await;
    shop.begin().await;
    let (start, mut said, mut asked) = (Instant::now(), 0, Vec::new());
    let share = |all: u64, passed: Duration| {
        let part = passed.as_millis().min(length.as_millis());
        all * u64::try_from(part).unwrap() / u64::try_from(length.as_millis()).unwrap()
    };
    while said < messages || (asked.len() as u64) < orders {
        let passed = start.elapsed();
        while said < share(messages, passed) {
            shop.says(onebot_shop::XIAOMEI, &noise(said));
            said += 1;
        }
        while (asked.len() as u64) < share(orders, passed) {
            let who = 1_000 + i64::try_from(asked.len()).unwrap();
            shop.says(who, "A1 x1");
            asked.push((who, Instant::now()));
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    shop.settle().await;
    let sent = shop.fake.sent();
    let wait = |&(who, at): &(i64, Instant)| {
        let name = format!("@{}", fake_onebot::name(who));
        let told = sent.iter().find(|it| it.text.contains(&name));
        told.unwrap_or_else(|| panic!("{name} was never answered")).at.duration_since(at)
    };
    let mut waits: Vec<_> = asked.iter().map(wait).collect();
    waits.sort();
    let of_group: Vec<_> = sent.iter().filter(|it| it.chat == onebot_shop::GROUP).collect();
    keeps(of_group.iter().map(|it| it.at).collect(), (20, Duration::from_secs(20)));
    keeps(sent.iter().map(|it| it.at).collect(), (30, Duration::from_secs(30)));
    let (of_group, all) = (of_group.len(), sent.len());
    eprintln!(
        "{messages} messages and {orders} orders in {length:?}: {of_group} messages to the group, {all} in all; \
         orders waited {:?} (median), {:?} (longest)",
        waits[waits.len() / 2],
        waits[waits.len() - 1]
    );
    assert_eq!(shop.count("select count(*) from orders").await, i64::try_from(orders).unwrap());
    shop.close().await;
    waits
}

/// A token of OneBot's twenty in twenty seconds.
const TOKEN: Duration = Duration::from_nanos(20_000_000_000 / 15);

#[tokio::test(flavor = "multi_thread")]
async fn orders_are_answered_while_one_member_floods_onebot() {
    let waits = flood_onebot(1_000, 10, Duration::from_secs(8)).await;
    assert!(waits[9] <= 2 * TOKEN + SLACK, "{waits:?}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes two minutes: 10,000 messages beside 100 orders"]
async fn orders_are_answered_while_one_member_floods_onebot_for_long() {
    let waits = flood_onebot(10_000, 100, Duration::from_secs(100)).await;
    assert!(waits[99] <= 2 * TOKEN + SLACK, "{waits:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_who_floods_onebot_is_answered_once() {
    let shop = onebot_shop::Shop::paced().await;
    shop.begin().await;
    shop.fake.befriend(77);
    for _ in 0..300 {
        let at = (shop.fake.next_message(), shop.time());
        shop.fake.push(fake_onebot::message(77, 77, at, words("在吗")));
    }
    shop.hear("群链接", async || shop.fake.said_in(77)).await;
    shop.says(onebot_shop::AQIANG, "A1 x1");
    shop.heard(onebot_shop::GROUP, "39.90").await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(shop.fake.said_in(77).len(), 1);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_are_kept_while_one_member_floods_telegram() {
    let shop = telegram_shop::Shop::paced().await;
    shop.begin().await;
    for nth in 0..500 {
        shop.says(telegram_shop::XIAOMEI, &noise(nth));
    }
    for nth in 0..5 {
        shop.says(1_000 + nth, "A1 x1");
    }
    let start = Instant::now();
    for nth in 0..5 {
        shop.heard(telegram_shop::GROUP, &format!("@路人{}", 1_000 + nth)).await;
    }
    let token = Duration::from_secs(4); // twenty in a minute, five of them at once
    assert!(start.elapsed() <= 2 * token + SLACK, "{:?}", start.elapsed());
    shop.fake.set_started(77);
    for _ in 0..300 {
        shop.says_in(77, 77, "在吗");
    }
    shop.settle().await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let sent = shop.fake.sent();
    let of = |chat| sent.iter().filter(move |it| it.chat == chat).map(|it| it.at);
    keeps(of(telegram_shop::GROUP).collect(), (20, Duration::from_mins(1)));
    keeps(sent.iter().map(|it| it.at).collect(), (30, Duration::from_secs(1)));
    assert_eq!(of(77).count(), 1, "a stranger is answered once");
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_are_kept_in_the_simulator_where_it_has_one() {
    let rate = "platform = \"simulator\"\nrate_per_chat = { messages = 8, seconds = 8 }";
    let text = stage::CORNER.replace("platform = \"simulator\"", rate);
    assert_ne!(text, stage::CORNER);
    let stage = stage::Stage::open(&text, stage::morning()).await;
    stage.seed("corner").await;
    stage.advance(chrono::Duration::minutes(1)).await;
    let room = stage.room("corner").await;
    let mut news = room.simulator().listen();
    let listening = tokio::spawn(async move {
        let mut times = Vec::new();
        while let Ok(Ok(said)) = tokio::time::timeout(Duration::from_secs(12), news.recv()).await {
            if said.line.bot && !said.line.private {
                times.push(Instant::now());
            }
        }
        times
    });
    for nth in 0..200 {
        room.say("小美", noise(nth).as_str(), None).await.unwrap();
    }
    stage.settle().await;
    let times = listening.await.unwrap();
    assert!((1..20).contains(&times.len()), "{} messages", times.len());
    keeps(times, (8, Duration::from_millis(7_800))); // news come with a delay of their own
    stage.close().await;
}
