//! A parked event is tried again from beside the shop, is its sender's still, and its story is told.

use std::sync::Arc;
use std::time::Duration;

use sqlx::{ConnectOptions, PgPool};
use tuan::app::{App, Opening, clock};
use tuan::domain::event::{Body, Contact};
use tuan::domain::ids::{CommunityId, EventId, MemberId, OrderId};
use tuan::domain::message::HeardMessage;
use tuan::engine::operator::OperatorService;
use tuan::engine::{Clock, idle};
use tuan::store::inbox::{self, Incoming};
use tuan::store::parked::{self, Retry};
use tuan::store::reports::story::{DecisionTold, StoryPlace, StorySubject, members_called, tell};
use tuan::store::{Seal, audit::audit, pool};

use super::life::SHOP;
use super::{empty, run};

async fn open(db: &PgPool, key: &str, now: &str) -> App {
    let config = tuan::config::check(SHOP).0.unwrap();
    let seal = Arc::new(Seal::new(key).unwrap());
    let clock = Clock::starting_at(now.parse().unwrap());
    App::open(Opening { db: db.clone(), seal, clock, config }).await.unwrap()
}

async fn settle(app: &App) {
    assert!(idle::wait(&app.engine, Duration::from_mins(1)).await.unwrap());
}

/// Store a message that is never handled, as if it had failed: the lane has gone on without it.
async fn park(db: &PgPool, owner: &mut sqlx::PgConnection, app: &App) -> EventId {
    let community = CommunityId::of("sunshine");
    let lane = community.lane(app.engine.lanes);
    let from = Contact { key: "阿强".to_owned(), name: "阿强".to_owned() };
    let body = Body::Said { from, message: HeardMessage::of("A1 x2"), private: false };
    let at = "2026-03-02T03:00:00Z".parse().unwrap();
    let account = app.simulator.as_ref().unwrap().account();
    let key = "sunshine:said:lost".to_owned();
    let lost = Incoming { lane, account, key, community, at, stored_at: at, body };
    inbox::store(db, &app.engine.seal, &[lost]).await.unwrap();
    let seq = "select max(seq) from inbox where lane = $1";
    let seq: i64 = sqlx::query_scalar(seq).bind(lane.0).fetch_one(db).await.unwrap();
    let sql = format!(
        "update lane set done_seq = {seq} where lane = {};
         insert into parked values ({}, {seq}, {}, 'deciding panicked', now(), false)",
        lane.0, lane.0, community.0
    );
    run(owner, sql).await.unwrap();
    EventId { lane, seq }
}

#[tokio::test]
async fn a_parked_order_is_tried_again_and_its_story_told() {
    let test = empty().await;
    let db = pool::connect(test.app(), 8).await.unwrap();
    let mut owner = test.owner().connect().await.unwrap();
    let key = Seal::fresh_key();
    let app = open(&db, &key, "2026-03-02T01:59:00Z").await;
    app.start();
    let room = app.room("sunshine").await.unwrap();
    room.join("小美", None).await.unwrap();
    room.join("阿强", Some("小美")).await.unwrap();
    settle(&app).await;
    clock::advance(&app.engine, chrono::Duration::minutes(2)).await.unwrap();
    app.engine.shut_down().await;
    let event = park(&db, &mut owner, &app).await;
    let found = audit(&mut owner, None).await.unwrap();
    assert!(found.iter().any(|it| it.kind == "parked" && it.event == Some(event)), "{found:#?}");

    let app = open(&db, &key, "2026-03-02T03:01:00Z").await;
    app.start();
    let seal = Seal::new(&key).unwrap();
    let service = OperatorService::new(Arc::clone(&app.engine), "test", "nobody");
    let retry = async |again| service.retry(event, again).await.unwrap();
    assert_eq!(parked::list(&db, false).await.unwrap().len(), 1);
    assert_eq!(retry(false).await, Retry::Stored);
    assert_eq!(retry(false).await, Retry::Before);
    assert!(parked::list(&db, false).await.unwrap().is_empty());
    let nothing = EventId { seq: event.seq + 1_000, ..event };
    assert_eq!(service.retry(nothing, false).await.unwrap(), Retry::NotParked);
    settle(&app).await;
    assert!(audit(&mut owner, None).await.unwrap().is_empty());

    let place = StoryPlace { lane: event.lane, id: CommunityId::of("sunshine") };
    assert_eq!(members_called(&db, place, "阿强").await.unwrap(), [MemberId(2)]);
    let story = tell(&db, Some(&seal), place, StorySubject::Order(OrderId(1))).await.unwrap();
    let said = story.iter().filter_map(|chapter| chapter.body.as_ref());
    let said: Vec<_> = said.filter_map(Body::from).map(|person| person.name.as_str()).collect();
    assert_eq!(said, ["阿强"], "{story:#?}");
    let placed = DecisionTold {
        what: "place_order".to_owned(),
        operator: Some("test".to_owned()),
        ..DecisionTold::default()
    };
    assert_eq!(story[0].decisions, [placed]);
    let unsealed = tell(&db, None, place, StorySubject::Member(MemberId(2))).await.unwrap();
    assert!(unsealed.iter().all(|chapter| chapter.body.is_none()));
    let brought = |it: &tuan::store::reports::story::BondTold| it.inviter == Some(MemberId(1));
    assert!(unsealed.iter().flat_map(|it| &it.bonds).any(brought), "{unsealed:#?}");
    app.engine.shut_down().await;
}
