//! Sessions: made, listed, ended; what a browser holds and what the database does.

use std::time::Duration;

use serde_json::{Value, json};
use tuan::app::App;
use tuan::domain::ids::CommunityId;
use tuan::domain::intent::Role;
use tuan::store::sessions::{self, NewSession, Which};
use tuan::web::{self, Site, WebServer};

use super::*;

const BROWSER: &str = "sec-fetch-site: same-origin\r\n";

async fn listed(shop: &Shop, cookie: &str) -> Vec<Value> {
    let headers = format!("cookie: {cookie}\r\n");
    ask(shop, "127.0.0.2", ("GET", "/api/sessions"), (&headers, "")).await.items()
}

async fn revoke(shop: &Shop, cookie: &str, what: Value) -> Answer {
    let headers = format!("cookie: {cookie}\r\n{JSON}{BROWSER}");
    ask(shop, "127.0.0.2", ("POST", "/api/sessions/revoke"), (&headers, &what.to_string())).await
}

/// Change the rows under the feet of the shop.
async fn sql(shop: &Shop, statement: &'static str) -> u64 {
    sqlx::query(statement).execute(&shop.app.engine.db).await.unwrap().rows_affected()
}

#[tokio::test]
async fn sessions_are_listed_and_ended_one_by_one_and_together() {
    let shop = shop().await;
    let agent =
        format!("{FORM}user-agent: Ctx \u{1b}[1m{}\r\n", "x".repeat(400)).replace('\u{1b}', "");
    let own =
        ask(&shop, "127.0.0.2", ("POST", "/login"), (&agent, &format!("token={TOKEN}"))).await;
    let own = cookie(&own);
    let (phone, tablet) =
        (signed_in(&shop, "127.0.0.3").await, signed_in(&shop, "127.0.0.4").await);
    let all = listed(&shop, &own).await;
    assert_eq!(all.len(), 3);
    let mine: Vec<_> = all.iter().filter(|it| it["is_own"] == true).collect();
    assert_eq!(mine.len(), 1);
    assert_eq!((&mine[0]["person"], &mine[0]["role"]), (&json!("operator"), &json!("operator")));
    assert_eq!(mine[0]["agent"].as_str().unwrap().chars().count(), 200);
    assert!(mine[0]["made"].is_string() && mine[0]["seen"].is_string());
    // The newest first: the tablet.
    let id = all[0]["id"].as_str().unwrap();
    assert_eq!(revoke(&shop, &own, json!({ "id": id })).await.json(), json!({ "ended": 1 }));
    assert_eq!(revoke(&shop, &own, json!({ "id": id })).await.status, 404);
    assert_eq!(with_cookie(&shop, "127.0.0.4", &tablet).await.status, 401);
    assert_eq!(with_cookie(&shop, "127.0.0.3", &phone).await.status, 200);
    assert_eq!(revoke(&shop, &own, json!({})).await.json(), json!({ "ended": 1 }));
    assert_eq!(with_cookie(&shop, "127.0.0.3", &phone).await.status, 401);
    assert_eq!(with_cookie(&shop, "127.0.0.2", &own).await.status, 200, "one's own stays");
    shop.app.engine.shut_down().await;
}

#[tokio::test]
async fn people_end_sessions_by_a_page() {
    let shop = shop().await;
    let stranger = ask(&shop, "127.0.0.9", ("GET", "/sessions"), ("", "")).await;
    assert_eq!(stranger.header("location"), Some("/login"));
    let (own, phone) = (signed_in(&shop, "127.0.0.2").await, signed_in(&shop, "127.0.0.3").await);
    let headers = format!("cookie: {own}\r\n{BROWSER}");
    let page = ask(&shop, "127.0.0.2", ("GET", "/sessions"), (&headers, "")).await;
    let id = page.body.split("name=\"id\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let form = format!("{headers}{FORM}");
    let ended =
        ask(&shop, "127.0.0.2", ("POST", "/sessions/revoke"), (&form, &format!("id={id}"))).await;
    assert_eq!((ended.status, ended.header("location")), (303, Some("/sessions")));
    assert_eq!(with_cookie(&shop, "127.0.0.3", &phone).await.status, 401);
    let out = ask(&shop, "127.0.0.2", ("POST", "/logout"), (&form, "")).await;
    assert_eq!((out.status, out.header("location")), (303, Some("/login")));
    assert!(out.header("set-cookie").unwrap().contains("max-age=0"));
    assert_eq!(
        with_cookie(&shop, "127.0.0.2", &own).await.status,
        401,
        "out is out, cookie or not"
    );
    shop.app.engine.shut_down().await;
}

#[tokio::test]
async fn what_is_said_after_a_session_ended_is_not_heard_with_it() {
    let shop = shop().await;
    let (own, phone) = (signed_in(&shop, "127.0.0.2").await, signed_in(&shop, "127.0.0.3").await);
    let headers = format!("cookie: {phone}\r\nconnection: close\r\n");
    let mut listener = shop.listen("?after=0", &headers).await;
    assert!(listener.next().await.is_some(), "before, it hears");
    assert_eq!(revoke(&shop, &own, json!({})).await.status, 200);
    let ending = async { while listener.next().await.is_some() {} };
    tokio::time::timeout(Duration::from_secs(10), ending).await.expect("the stream ends");
    shop.app.engine.shut_down().await;
}

#[tokio::test]
async fn the_database_holds_nothing_that_opens_and_signing_in_again_ends_the_old_one() {
    let shop = shop().await;
    let old = signed_in(&shop, "127.0.0.2").await;
    let headers = format!("cookie: {old}\r\n{FORM}{BROWSER}");
    let body = format!("token={TOKEN}");
    let new = cookie(&ask(&shop, "127.0.0.2", ("POST", "/login"), (&headers, &body)).await);
    assert_ne!(old, new);
    assert_eq!(with_cookie(&shop, "127.0.0.2", &old).await.status, 401);
    assert_eq!(with_cookie(&shop, "127.0.0.2", &new).await.status, 200);
    let row: String = sqlx::query_scalar("select session::text from session")
        .fetch_one(&shop.app.engine.db)
        .await
        .unwrap();
    let held = new.split_once('=').unwrap().1;
    assert_eq!(held.len(), 64);
    assert!(!row.contains(held) && !row.contains(TOKEN), "{row}");
    let digest = row.split("\\x").nth(1).unwrap()[..64].to_owned();
    let stolen = format!("tuan_session={digest}");
    assert_eq!(with_cookie(&shop, "127.0.0.2", &stolen).await.status, 401, "a copy opens nothing");
    shop.app.engine.shut_down().await;
}

#[tokio::test]
async fn a_session_lapses_unused_and_ends_in_time() {
    let shop = shop().await;
    let cookie = signed_in(&shop, "127.0.0.2").await;
    let back = "update session set seen_at = now() - interval '20 min', lapses_at = now() + interval '10 min'";
    assert_eq!(sql(&shop, back).await, 1);
    assert_eq!(with_cookie(&shop, "127.0.0.2", &cookie).await.status, 200);
    let moved = "update session set agent = agent where seen_at > now() - interval '10 s'
                 and lapses_at between now() + interval '29 min' and now() + interval '30 min'";
    assert_eq!(sql(&shop, moved).await, 1, "a use moves its end on");
    let near = "update session set seen_at = now() - interval '2 min', lapses_at = now() + interval '1 min',
                ends_at = now() + interval '1 min'";
    assert_eq!(sql(&shop, near).await, 1);
    assert_eq!(with_cookie(&shop, "127.0.0.2", &cookie).await.status, 200);
    let capped = "update session set agent = agent where lapses_at = ends_at and ends_at < now() + interval '1 min'";
    assert_eq!(sql(&shop, capped).await, 1, "but not beyond its last");
    assert_eq!(sql(&shop, "update session set lapses_at = now()").await, 1);
    assert_eq!(with_cookie(&shop, "127.0.0.2", &cookie).await.status, 401);
    sessions::sweep(&shop.app.engine.db).await.unwrap();
    assert_eq!(sql(&shop, "delete from session").await, 0, "what has ended is forgotten");
    shop.app.engine.shut_down().await;
}

#[tokio::test]
async fn another_token_signs_everybody_out() {
    let shop = shop().await;
    let cookie = signed_in(&shop, "127.0.0.2").await;
    let listener = web::listen(SocketAddr::from(([127, 0, 0, 1], 0)), "").await.unwrap();
    let site = Site::new(Arc::clone(&shop.app), "another-token-of-this-shop");
    let server = WebServer::new(listener, site).unwrap();
    let address = server.address();
    tokio::spawn(server.run(shop.app.engine.stop.clone()));
    let url = format!("http://{address}/api/accounts");
    let answer = reqwest::Client::new().get(url).header("cookie", &cookie).send().await.unwrap();
    assert_eq!(answer.status(), 401);
    assert_eq!(with_cookie(&shop, "127.0.0.2", &cookie).await.status, 200);
    shop.app.engine.shut_down().await;
}

#[tokio::test]
async fn behind_tls_a_cookie_is_for_tls_alone() {
    let shop = behind_a_proxy().await;
    let sign_in = async |from: &'static str, headers: &str| {
        let headers = format!("{FORM}{headers}");
        let body = format!("token={TOKEN}");
        let answer = ask(&shop, from, ("POST", "/login"), (&headers, &body)).await;
        answer.header("set-cookie").unwrap().to_owned()
    };
    let proxied =
        "host: shop.example\r\nx-forwarded-proto: https\r\nx-forwarded-for: 198.51.100.7\r\n";
    let set = sign_in("127.0.0.1", proxied).await;
    assert!(
        set.starts_with("__host-") && set.ends_with("; httponly; samesite=lax; secure"),
        "{set}"
    );
    // At the machine itself, by its address, there is no TLS.
    let set = sign_in("127.0.0.1", "").await;
    assert!(set.starts_with("tuan_session=") && set.ends_with("; httponly; samesite=lax"), "{set}");
    // Somebody who would like to be a proxy.
    let set = sign_in("127.0.0.2", "x-forwarded-proto: https\r\n").await;
    assert!(!set.contains("secure"), "{set}");
    shop.app.engine.shut_down().await;
}

#[tokio::test]
async fn a_leaders_session_is_not_an_operators() {
    let shop = shop().await;
    let own = signed_in(&shop, "127.0.0.2").await;
    assert_eq!(sql(&shop, "update session set role = 'leader'").await, 1);
    assert_eq!(with_cookie(&shop, "127.0.0.2", &own).await.status, 401);
    let db = &shop.app.engine.db;
    let new = |n: u8| NewSession {
        digest: [n; 32],
        person: "1:42".to_owned(),
        role: Role::Leader,
        communities: vec![CommunityId::of("sunshine")],
        agent: "phone".to_owned(),
    };
    for n in 0..60 {
        sessions::open(db, &new(n)).await.unwrap();
    }
    let listed = sessions::list(db, "1:42").await.unwrap();
    assert_eq!(listed.len(), 50, "a person has a bounded number");
    let last = sessions::find(db, &[59; 32]).await.unwrap().unwrap();
    assert_eq!((last.role, last.communities), (Role::Leader, vec![CommunityId::of("sunshine")]));
    let long = "update session set agent = agent where person = '1:42' and lapses_at > now() + interval '29 days'";
    assert_eq!(sql(&shop, long).await, 50);
    let another = sessions::revoke(db, "operator", Which::One(&last.id)).await.unwrap();
    assert_eq!(another, 0, "one person ends no other's");
    assert_eq!(sessions::revoke(db, "1:42", Which::AllBut(Some(&[59; 32]))).await.unwrap(), 49);
    shop.app.engine.shut_down().await;
}

/// Whether an app is a demo is not what these tests change by accident.
#[tokio::test]
async fn a_demo_on_this_machine_asks_for_nothing_and_elsewhere_for_the_token() {
    let shop = Shop::open(|_: &mut App| ()).await;
    assert_eq!(ask(&shop, "127.0.0.1", ("GET", "/api/sessions"), ("", "")).await.status, 200);
    let wrong = "authorization: Bearer x\r\n";
    for _ in 0..9 {
        assert_eq!(
            ask(&shop, "127.0.0.1", ("GET", "/api/accounts"), (wrong, "")).await.status,
            200
        );
    }
    for proxied in
        ["x-forwarded-for: 127.0.0.1\r\n", "forwarded: for=127.0.0.1\r\n", "via: 1.1 x\r\n"]
    {
        let answer = ask(&shop, "127.0.0.1", ("GET", "/api/sessions"), (proxied, "")).await;
        assert_eq!(answer.status, 401, "{proxied}");
    }
    shop.app.engine.shut_down().await;
}
