//! Keys change while the shop trades, and whoever does that may be killed at any moment.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tuan::domain::ids::{AccountId, Lane};
use tuan::store::outbox::{self, MessageLabel, MessagePlace};
use tuan::store::{Seal, StoreError, data_key, lanes, rekey};

use super::refused::{run, tuan};
use super::{all, morning, tally};
use crate::stage::{self, Stage};

/// How often `rekey` is killed; `TUAN_KILLS=100` kills it more often.
const KILLS: u32 = 4;

/// A shop that was closed and is opened again with a new key in front.
async fn with_a_new_key(stage: &mut Stage) -> String {
    let newer = Seal::fresh_key();
    stage.key = format!("{newer} {}", stage.key);
    stage.hold().await;
    stage.start().await;
    newer
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_change_while_the_shop_trades() {
    let mut stage = morning().await;
    let newer = with_a_new_key(&mut stage).await;
    let stop = Arc::new(AtomicBool::new(false));
    let (room, told) = (stage.room("corner").await, Arc::clone(&stop));
    let trade = tokio::spawn(async move {
        let mut orders = 0;
        while !told.load(Ordering::Relaxed) {
            let name = format!("邻居{orders}");
            room.say(&name, "A4 一瓶 备注 要甜的", None).await.unwrap();
            let address = format!("地址 中山路 {orders} 号");
            room.say(&name, address.as_str(), None).await.unwrap();
            orders += 1;
        }
        orders
    });
    let seal = stage::seal(&stage.key);
    data_key::compare(&stage.pool, &seal).await.unwrap();
    let (mut renewed, mut rounds) = (0, 0);
    // As long as it takes for a good many orders to come in between.
    let until = tokio::time::Instant::now() + Duration::from_secs(3);
    while tokio::time::Instant::now() < until {
        let done = rekey::run(&stage.pool, &seal, false, |_| ()).await.unwrap();
        assert_eq!(done.shut, 0, "{done:?}");
        (renewed, rounds) = (renewed + done.renewed, rounds + 1);
    }
    data_key::settle(&stage.pool, &seal).await.unwrap();
    stop.store(true, Ordering::Relaxed);
    let orders = trade.await.unwrap();
    stage.settle().await;
    println!("{orders} orders while {renewed} values were sealed anew, {rounds} times through");
    assert!(orders > 10 && renewed > 20, "{orders} orders, {renewed} values");
    let counted: i64 =
        sqlx::query_scalar("select count(*) from orders").fetch_one(&stage.pool).await.unwrap();
    assert_eq!(counted, orders + 2);
    // The old key is needed no more.
    stage.key = newer;
    stage.hold().await;
    stage.start().await;
    assert_eq!(tally(&stage.pool, stage.seal()).await.shut, 0);
    stage.says("小美", "A1 一箱").await;
    stage.close_sound().await;
}

/// What is in memory is written back sealed with the newest key, whatever stood there.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_batch_wrote_meanwhile_stays() {
    let mut stage = morning().await;
    with_a_new_key(&mut stage).await;
    let seal = stage::seal(&stage.key);
    data_key::compare(&stage.pool, &seal).await.unwrap();
    let mut first = true;
    let handle = tokio::runtime::Handle::current();
    let done = rekey::run(&stage.pool, &seal, false, |_| {
        if std::mem::take(&mut first) {
            let said = stage.says("小美", "地址 解放路 8 号");
            tokio::task::block_in_place(|| handle.block_on(said));
        }
    });
    assert_eq!(done.await.unwrap().shut, 0);
    let members = super::values(&stage.pool, "member").await;
    let said: Vec<_> = members.iter().map(|it| it.open(&seal).to_string()).collect();
    assert!(said.iter().any(|it| it.contains("解放路 8 号")), "{said:?}");
    assert!(!said.iter().any(|it| it.contains("中山路 1 号")), "{said:?}");
    stage.close_sound().await;
}

/// Wait until the new key is written down.
async fn wait_until_begun(stage: &Stage) {
    let newest = i64::from(stage::seal(&stage.key).newest().number());
    let begun = || {
        sqlx::query_scalar::<_, bool>("select exists (select from data_key where key_id = $1)")
            .bind(newest)
            .fetch_one(&stage.pool)
    };
    let until = tokio::time::Instant::now() + Duration::from_secs(30);
    while !begun().await.unwrap() {
        assert!(tokio::time::Instant::now() < until, "rekey does not begin");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// Killed at any moment and run again, each time with yet another key: every value opens, and the shop opens at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rekey_may_be_killed() {
    let kills = std::env::var("TUAN_KILLS").ok().and_then(|it| it.parse().ok()).unwrap_or(KILLS);
    let mut stage = morning().await;
    let room = stage.room("corner").await;
    for number in 0..150 {
        let name = format!("邻居{number}");
        room.say(&name, "A4 一瓶 备注 要甜的", None).await.unwrap();
    }
    stage.settle().await;
    stage.app.engine.shut_down().await;
    let count = all(&stage.pool).await.len() as u64;
    let (mut cut_short, mut partly) = (0, 0);
    for kill in 0..kills {
        stage.key = format!("{} {}", Seal::fresh_key(), stage.key);
        let mut command = tuan(&stage, &stage.key, &["rekey"]);
        command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
        let mut child = command.spawn().unwrap();
        if kill % 4 > 0 {
            wait_until_begun(&stage).await;
        }
        // From before it is connected until after it is done.
        tokio::time::sleep(Duration::from_millis(u64::from(kill * 17 % 100))).await;
        cut_short += u32::from(child.try_wait().unwrap().is_none());
        child.kill().unwrap();
        child.wait().unwrap();
        let seal = stage::seal(&stage.key);
        if data_key::compare(&stage.pool, &seal).await.is_ok() {
            let prefix: Vec<_> =
                all(&stage.pool).await.iter().map(|it| it.sealed[1..5].to_vec()).collect();
            partly += u32::from(prefix.iter().any(|it| *it != prefix[0]));
        }
        data_key::admit(&stage.pool, &seal).await.unwrap(); // as the shop does when it opens
        let tally = tally(&stage.pool, &seal).await;
        assert_eq!((tally.open, tally.shut), (count, 0), "after kill {kill}");
    }
    println!("killed {cut_short} of {kills} times before its end, {partly} times between two keys");
    assert!(cut_short > 0);
    let (text, code) = run(tuan(&stage, &stage.key, &["rekey"]));
    assert!(code == 0 && text.contains("all is sealed with it"), "{text}");
    stage.key = stage.key.split(' ').next().unwrap().to_owned();
    stage.hold().await;
    stage.start().await;
    let tally = tally(&stage.pool, stage.seal()).await;
    assert!(tally.open >= count && tally.shut == 0, "{tally:?} of {count}");
    stage.close_sound().await;
}

/// A sender that says what became of a message while somebody else writes to its row is told so, and says it again;
/// before, its word was lost in silence.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_became_of_a_message_is_not_lost() {
    let stage = morning().await;
    stage.app.engine.shut_down().await;
    let (lane, account, seq, ordinal): (i16, i32, i64, i16) =
        sqlx::query_as("select lane, account_id, seq, ordinal from outbox limit 1")
            .fetch_one(&stage.pool)
            .await
            .unwrap();
    let account = AccountId(account);
    sqlx::query("update lease set until = '-infinity'").execute(&stage.pool).await.unwrap();
    assert!(lanes::hold(&stage.pool, &lanes::of_account(account), "me").await.unwrap());
    let event = tuan::domain::ids::EventId { lane: Lane(lane), seq };
    let said = MessageLabel {
        place: MessagePlace { event, ordinal },
        state: "dead",
        send_id: None,
        message_id: None,
        tries: 3,
    };
    let mut owner = stage.owner().await;
    let mut other = sqlx::Connection::begin(&mut owner).await.unwrap();
    sqlx::query("update outbox set body = body where lane = $1 and seq = $2")
        .bind(lane)
        .bind(seq)
        .execute(&mut *other)
        .await
        .unwrap();
    let (pool, seal) = (stage.pool.clone(), stage::seal(&stage.key));
    let writing = tokio::spawn({
        let said = said.clone();
        async move { outbox::write(&pool, &seal, account, "me", &[], &[said]).await }
    });
    tokio::time::sleep(Duration::from_millis(500)).await;
    other.commit().await.unwrap();
    let written = writing.await.unwrap();
    let state_of_it = async || -> Option<String> {
        sqlx::query_scalar("select state from outbox where lane = $1 and seq = $2 and ordinal = $3")
            .bind(lane)
            .bind(seq)
            .bind(ordinal)
            .fetch_one(&stage.pool)
            .await
            .unwrap()
    };
    // Servers differ in whether they find such a row; what must not be is silence.
    match written {
        Ok(()) => assert_eq!(state_of_it().await.as_deref(), Some("dead")),
        Err(error) => {
            assert!(matches!(error, StoreError::Contended(_)), "{error:?}");
            let seal = stage::seal(&stage.key);
            outbox::write(&stage.pool, &seal, account, "me", &[], &[said]).await.unwrap();
            assert_eq!(state_of_it().await.as_deref(), Some("dead"));
        }
    }
    stage.close().await;
}
