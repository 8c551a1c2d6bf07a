//! The traps that were found while the batch was measured, and what else a crowd, a crash of the
//! database or a damaged row can do to the engine. Each is staged on the real thing.

use std::sync::atomic::Ordering;
use std::time::Duration;

use sqlx::Row;
use tuan::app::App;
use tuan::domain::ids::{AccountId, Lane};
use tuan::engine::intake::Cause;
use tuan::platform::simulator::room::Unheard;
use tuan::store::embedded::{Embedded, ServerOptions};
use tuan::store::outbox::{self, LaneTurn};
use tuan::store::save::Writer;
use tuan::store::seal::Seal;
use tuan::store::{StoreError, lanes, pool};

use crate::sound;
use crate::stage::{self, Home, LANES, Stage, morning, said};

/// Longer than a lease lasts, and two turns of the task that renews it.
const LEASE_PATIENCE: Duration = Duration::from_secs(20);

fn orders(stage: &Stage, said_by: &[(&str, &str, &str)]) -> Vec<Cause> {
    let cause = |&(key, from, text): &(&str, &str, &str)| {
        stage.cause("corner", &format!("corner:said:{key}"), said(from, text))
    };
    said_by.iter().map(cause).collect()
}

async fn number(stage: &Stage, question: &'static str) -> i64 {
    sqlx::query_scalar(question).fetch_one(&stage.pool).await.unwrap()
}

/// Units left of the offer under this code.
async fn left(stage: &Stage, code: &str) -> i64 {
    sqlx::query_scalar(
        "select units_left[1] from offer join offer_count using (community_id, offer_id) where code = $1",
    )
    .bind(code)
    .fetch_one(&stage.pool)
    .await
    .unwrap()
}

fn largest_batch(app: &App) -> u64 {
    app.engine.stats.largest_batch.load(Ordering::Relaxed)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_message_twice_in_one_batch_counts_once() {
    let mut stage = Stage::corner().await;
    stage.hold().await;
    let twice = [("k1", "小美", "A1 x2"), ("k1", "小美", "A1 x2"), ("k2", "老王", "A1 x1")];
    stage.hand_in(orders(&stage, &twice)).await;
    stage.hand_in(orders(&stage, &twice)).await;
    stage.start().await;
    assert_eq!(largest_batch(&stage.app), 2, "both messages came in one batch");
    assert_eq!(left(&stage, "A1").await, 47);
    assert_eq!(number(&stage, "select count(*) from orders").await, 2);
    assert_eq!(stage.heard_by("小美").await.iter().filter(|it| it.contains("#1")).count(), 1);
    stage.close_sound().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_not_known_yet_leaks_no_stock() {
    let mut stage = Stage::corner().await;
    stage.hold().await;
    let strangers = [
        ("k1", "生人一", "A2 x9"),
        ("k2", "生人一", "A2 x3"),
        ("k3", "生人二", "A2 x7"),
        ("k4", "生人三", "Z9 x1"),
        ("k5", "生人三", "A2 x5"),
    ];
    stage.hand_in(orders(&stage, &strangers)).await;
    stage.start().await;
    assert_eq!(largest_batch(&stage.app), 5);
    assert_eq!(left(&stage, "A2").await, 0);
    assert_eq!(number(&stage, "select count(*) from orders").await, 2);
    stage.close_sound().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn near_sell_out_whoever_came_first_is_served() {
    let mut stage = Stage::corner().await;
    stage.hold().await;
    // Eight boxes; the third asks for more than is left, the fourth does not.
    let crowd =
        [("k1", "甲", 3), ("k2", "乙", 4), ("k3", "丙", 2), ("k4", "丁", 1), ("k5", "戊", 1)];
    let texts: Vec<_> = crowd.iter().map(|(.., qty)| format!("A2 x{qty}")).collect();
    let crowd: Vec<_> =
        crowd.iter().zip(&texts).map(|((key, who, _), text)| (*key, *who, text.as_str())).collect();
    stage.hand_in(orders(&stage, &crowd)).await;
    stage.start().await;
    assert_eq!(largest_batch(&stage.app), 5);
    assert_eq!(left(&stage, "A2").await, 0);
    let buyers = "select string_agg(name || qty, ' ' order by order_id)
         from orders join order_line using (community_id, order_id) join member using (community_id, member_id)";
    let buyers: String = sqlx::query_scalar(buyers).fetch_one(&stage.pool).await.unwrap();
    assert_eq!(buyers, "甲3 乙4 丁1");
    assert!(stage.heard_by("丙").await[0].contains("只剩 1盒"), "{:?}", stage.heard_by("丙").await);
    stage.close_sound().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_that_cannot_be_opened_is_set_aside_and_the_lane_goes_on() {
    let mut stage = Stage::corner().await;
    stage.hold().await;
    let three = [("k1", "小美", "A1 x1"), ("k2", "老王", "A1 x2"), ("k3", "阿强", "A1 x3")];
    stage.hand_in(orders(&stage, &three)).await;
    sqlx::query("update inbox set body = '\\x00' where key = 'corner:said:k2'")
        .execute(&mut stage.owner().await)
        .await
        .unwrap();
    stage.start().await;
    assert_eq!(left(&stage, "A1").await, 46, "both neighbours were served");
    assert_eq!(number(&stage, "select count(*) from parked").await, 1);
    assert_eq!(stage.app.engine.stats.parked.load(Ordering::Relaxed), 1);
    stage.says("老王", "A1 x2").await;
    assert_eq!(left(&stage, "A1").await, 44, "the lane goes on");
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_sent_a_poisonous_event_hears_that_a_person_will_look() {
    let mut stage = Stage::corner().await;
    stage.says("小美", "帮妈妈订一箱葡萄").await;
    stage.hold().await;
    sqlx::query("update orders set private = '\\x00'")
        .execute(&mut stage.owner().await)
        .await
        .unwrap();
    let two = [("k1", "小美", "我的订单"), ("k2", "老王", "A1 x2")];
    stage.hand_in(orders(&stage, &two)).await;
    stage.start().await;
    let to_her = stage.heard_by("小美").await;
    assert!(to_her.last().unwrap().contains("会有人来看"), "{to_her:?}");
    let to_him = stage.heard_by("老王").await;
    assert!(to_him.last().unwrap().contains("#2"), "{to_him:?}");
    let to_leader = stage.heard_by("阿明").await;
    assert!(to_leader.last().unwrap().contains("小美"), "{to_leader:?}");
    assert_eq!(number(&stage, "select count(*) from parked").await, 1);
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_lease_stops_the_worker_and_loses_nothing() {
    let stage = Stage::corner().await;
    // Another process took every lane, and died at once.
    sqlx::query("update lane set epoch = epoch + 1, owner = 'ghost', leased_until = now()")
        .execute(&mut stage.owner().await)
        .await
        .unwrap();
    stage.says("小美", "A1 x2").await;
    assert_eq!(left(&stage, "A1").await, 48);
    assert_eq!(number(&stage, "select count(*) from lane where owner = 'ghost'").await, 0);
    stage.close_sound().await;
}

#[tokio::test]
async fn whoever_writes_goes_on_holding_the_lane() {
    let db = stage::database().await;
    let pool = pool::connect(db.app(), 2).await.unwrap();
    let held = lanes::claim(&pool, "busy", 1).await.unwrap()[0];
    sqlx::query("update lane set leased_until = now() + interval '1 second'")
        .execute(&pool)
        .await
        .unwrap();
    let seal = Seal::new(&Seal::fresh_key()).unwrap();
    let mut writer = Writer::new(held.lane, &seal);
    lanes::mark(&mut writer, held, 1, 7);
    let mut connection = pool.acquire().await.unwrap();
    writer.done().write(&mut connection).await.unwrap();
    let (done, long): (i64, bool) = sqlx::query_as(
        "select done_seq, leased_until > now() + interval '5 seconds' from lane where lane = $1",
    )
    .bind(held.lane.0)
    .fetch_one(&pool)
    .await
    .unwrap();
    assert_eq!((done, long), (7, true));
    // Whoever believes that this was lost, and does part of it again, writes nothing.
    let mut writer = Writer::new(held.lane, &seal);
    lanes::mark(&mut writer, held, 7, 9);
    let refused = writer.done().write(&mut connection).await.unwrap_err();
    assert!(matches!(refused, StoreError::Contended(_)), "{refused}");
}

/// The simulated chat tells whoever speaks what any adapter tells its platform: not before it is stored.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_room_is_told_once_it_is_stored_and_may_say_again_what_was_not() {
    let mut stage = Stage::corner().await;
    stage.hold().await;
    let key = |key: &str| Some(key.to_owned());
    let room = stage.room("corner").await;
    room.say("小美", "A1 x1", key("k1")).await.unwrap();
    let stored = "select count(*) from inbox where key in ('corner:said:k1', 'corner:said:k2', 'corner:join:阿珍')";
    assert_eq!(number(&stage, stored).await, 1, "it waits in the inbox");
    stage.app.engine.shut_down().await;
    let closing = |told: Result<(), Unheard>| matches!(told, Err(Unheard::Closing(_)));
    assert!(closing(room.say("老王", "A1 x2", key("k2")).await.map(|_| ())));
    assert!(closing(room.join("阿珍", Some("小美")).await));
    assert_eq!(number(&stage, stored).await, 1, "who was not told was not heard");
    stage.hold().await;
    let room = stage.room("corner").await;
    for _ in 0..2 {
        room.say("老王", "A1 x2", key("k2")).await.unwrap();
        room.join("阿珍", Some("小美")).await.unwrap();
    }
    stage.start().await;
    assert_eq!(left(&stage, "A1").await, 47);
    let brought = "select count(*) from member m join member i using (lane, community_id)
                   where m.name = '阿珍' and i.name = '小美' and m.inviter_id = i.member_id";
    assert_eq!(number(&stage, brought).await, 1);
    let lines =
        "select count(*) from simulator.message where client_key in ('said:k2', 'join:阿珍')";
    assert_eq!(number(&stage, lines).await, 2, "and stands in the room once");
    stage.close_sound().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_share_the_lanes_and_each_message_counts_once() {
    let stage = Stage::open(stage::DEMO, morning()).await;
    stage.advance(chrono::Duration::minutes(1)).await;
    let colleague = stage.colleague().await;
    let owners = "select count(distinct owner) from lane where leased_until > now()";
    let start = tokio::time::Instant::now();
    while number(&stage, owners).await < 2 {
        assert!(start.elapsed() < LEASE_PATIENCE, "the lanes are not shared");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    for round in 0..20 {
        for slug in ["sunshine", "taipei", "harbour"] {
            let first = if round % 2 == 0 { &stage.app } else { &colleague };
            // Both hear of it, as two webhooks may.
            for app in [first, &stage.app] {
                let room = app.room(slug).await.unwrap();
                let key = Some(format!("{slug}-{round}"));
                room.say(&format!("m{round}"), "A1 x1", key).await.unwrap();
            }
        }
    }
    stage.settle().await;
    assert_eq!(number(&stage, "select count(*) from orders").await, 60);
    let receipts = "select count(*) from simulator.message where body->>'text' like '%#%' and (body->>'bot')::bool";
    assert_eq!(number(&stage, receipts).await, 60);
    assert!(colleague.engine.stats.events.load(Ordering::Relaxed) > 0, "the colleague worked too");
    colleague.engine.shut_down().await;
    stage.close_sound().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_number_of_statements_does_not_depend_on_the_size_of_the_batch() {
    let mut stage = Stage::corner().await;
    let names: Vec<_> = (0..201).map(|n| format!("member {n}")).collect();
    let hello = |name: &String| stage.cause("corner", &format!("hello:{name}"), said(name, "菜单"));
    let hellos: Vec<_> = names.iter().map(hello).collect();
    stage.hand_in(hellos).await;
    stage.settle().await;
    let mut counts = Vec::new();
    for (round, some) in [&names[..1], &names[1..]].into_iter().enumerate() {
        stage.hold().await;
        let order = |name: &String| {
            stage.cause("corner", &format!("order:{round}:{name}"), said(name, "A4 x1"))
        };
        let causes: Vec<_> = some.iter().map(order).collect();
        let count = causes.len();
        stage.hand_in(causes).await;
        stage.start().await;
        assert_eq!(largest_batch(&stage.app), u64::try_from(count).unwrap());
        counts.push(stage.app.engine.stats.most_statements.load(Ordering::Relaxed));
    }
    assert_eq!(counts[0], counts[1], "statements for 1 order and for 200");
    assert_eq!(number(&stage, "select count(*) from orders").await, 201);
    stage.close_sound().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_of_the_database_under_load_loses_nothing() {
    let folder = crate::embedded::place();
    let server = {
        let path = folder.path().join("data");
        let start = move || Embedded::start(&path, ServerOptions::default()).unwrap();
        std::sync::Arc::new(tokio::task::spawn_blocking(start).await.unwrap())
    };
    server.ensure_database("tuan").await.unwrap();
    let home =
        Home { owner: server.connect_options("tuan"), app: server.app_options("tuan"), db: None };
    pool::migrate(&home.owner, LANES).await.unwrap();
    let mut stage =
        Stage::closed_at(home, stage::config(&crate::receipts::corner("each")), morning()).await;
    stage.start().await;
    stage.advance(chrono::Duration::minutes(1)).await;
    let restarted = {
        let server = std::sync::Arc::clone(&server);
        tokio::task::spawn_blocking(move || {
            for _ in 0..3 {
                std::thread::sleep(Duration::from_millis(150));
                server.restart().unwrap();
            }
        })
    };
    let mut sent = 0_u32;
    while !restarted.is_finished() {
        let load = (0..10).map(|n| {
            let who = format!("buyer {}", sent + n);
            stage.cause("corner", &who, said(&who, "A4 x1"))
        });
        stage.hand_in(load.collect()).await;
        sent += 10;
    }
    restarted.await.unwrap();
    stage.settle_again().await;
    assert_eq!(number(&stage, "select count(*) from orders").await, i64::from(sent));
    let replies =
        "select client_key, count(*) from simulator.message group by 1 having count(*) > 1";
    assert!(sqlx::query(replies).fetch_all(&stage.pool).await.unwrap().is_empty());
    let answered: i64 =
        sqlx::query("select count(*) from simulator.message where body->>'text' like '%#%'")
            .fetch_one(&stage.pool)
            .await
            .unwrap()
            .get(0);
    assert_eq!(answered, i64::from(sent));
    sound::assert_sound(&stage.pool).await;
    stage.close().await;
}

#[tokio::test]
async fn who_has_lost_an_account_sends_nothing_more() {
    let db = stage::database().await;
    let pool = pool::connect(db.app(), 1).await.unwrap();
    let (account, seal) = (AccountId(7), Seal::new(&Seal::fresh_key()).unwrap());
    assert!(lanes::hold(&pool, &lanes::of_account(account), "holder").await.unwrap());
    let turn = LaneTurn { lane: Lane(0), sent: (9, 1), sending: Vec::new() };
    for (owner, may) in [("holder", true), ("who had it before", false)] {
        let written =
            outbox::write(&pool, &seal, account, owner, std::slice::from_ref(&turn), &[]).await;
        assert_eq!(written.is_ok(), may, "{owner}");
        assert!(may || matches!(written, Err(StoreError::Contended(_))), "{written:?}");
    }
}

/// A column that an insert leaves out when nobody says anything unusual is filled by the table.
#[tokio::test]
async fn what_inserts_leave_out_is_what_the_tables_have() {
    let db = stage::database().await;
    let pool = pool::connect(db.app(), 1).await.unwrap();
    let mut seen = 0;
    for file in ["orders/save", "save/facts"] {
        let path = format!("{}/src/store/{file}.rs", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(path).unwrap();
        for insert in text.split(".insert(\"").skip(1) {
            let table = insert.split('"').next().unwrap();
            for column in insert.split(".rarely(\"").skip(1) {
                let (column, rest) = column.split_once("\", &").unwrap();
                let usual = rest.split(',').next().unwrap();
                let default: Option<String> = sqlx::query_scalar(
                    "select column_default from information_schema.columns
                     where table_name = $1 and column_name = $2",
                )
                .bind(table)
                .bind(column)
                .fetch_one(&pool)
                .await
                .unwrap();
                assert_eq!(default.as_deref().unwrap_or("None"), usual, "{table}.{column}");
                seen += 1;
            }
        }
    }
    assert!(seen > 10, "the columns are found");
}
