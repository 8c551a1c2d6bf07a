//! What every address says to browsers and asks of callers, by a walk over the table that the router is made of;
//! which hosts and origins are its own; health.

use std::collections::BTreeMap;

use sqlx::ConnectOptions;
use tuan::web::{Access, routes};

use super::*;

/// Headers that every answer has, with a part of their value.
const EVERYWHERE: [(&str, &str); 6] = [
    ("content-security-policy", ""),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", ""),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "geolocation=()"),
];

/// A path of the table, filled in.
fn filled(path: &str) -> String {
    let filled = path
        .replace("{community}", "sunshine")
        .replace("{file}", "app.js")
        .replace("{*path}", "grapes.svg")
        .replace("{key}", "qq")
        .replace("{path}", "0123456789abcdef");
    assert!(!filled.contains('{'), "say what stands for {filled}");
    filled
}

/// What a browser may keep: what is the same for everybody.
fn is_public(path: &str) -> bool {
    path.starts_with("/page/") || path.starts_with("/media/") || path == "/login"
}

#[tokio::test]
async fn every_address_is_guarded_as_the_table_says() {
    let shop = behind_a_proxy().await;
    let mut walked = BTreeMap::new();
    for route in routes() {
        let path = filled(route.path);
        for method in ["GET", "POST", "PUT", "DELETE", "PATCH"] {
            let more = ("host: shop.example\r\nx-forwarded-for: 198.51.100.7\r\n", "");
            let answer = ask(&shop, "127.0.0.1", (method, &path), more).await;
            let (status, what) = (answer.status, format!("{method} {path}: {}", answer.head));
            for (name, part) in EVERYWHERE {
                assert!(answer.header(name).is_some_and(|it| it.contains(part)), "{name}: {what}");
            }
            let hsts = answer.header("strict-transport-security");
            assert!(hsts.is_some_and(|it| it.starts_with("max-age=31536000")), "{what}");
            let keep = answer.header("cache-control").unwrap();
            let may_keep = is_public(&path) && method == "GET";
            assert_eq!(keep, if may_keep { "no-cache" } else { "no-store" }, "{what}");
            if !route.methods.contains(&method) {
                assert_eq!(status, 405, "{what}");
                continue;
            }
            match route.access {
                Access::Operator | Access::LocalOrOperator => assert_eq!(status, 401, "{what}"),
                Access::Platform => assert!((400..500).contains(&status), "{what}"),
                Access::Anybody => assert!(![401, 405, 500].contains(&status), "{what}"),
            }
            *walked.entry(format!("{:?}", route.access)).or_insert(0) += 1;
        }
    }
    assert_eq!(walked.len(), 4, "all kinds were met: {walked:?}");
    let missing = ask(&shop, "127.0.0.2", ("GET", "/nowhere"), ("", "")).await;
    assert_eq!((missing.status, missing.header("cache-control")), (404, Some("no-store")));
    shop.app.engine.shut_down().await;
}

#[tokio::test]
async fn a_site_without_tls_promises_none() {
    let shop = shop().await;
    let answer = ask(&shop, "127.0.0.1", ("GET", "/login"), ("", "")).await;
    assert_eq!((answer.status, answer.header("strict-transport-security")), (200, None));
    let scripts = answer.header("content-security-policy").unwrap();
    assert!(scripts.contains("script-src 'self'") && !scripts.contains("unsafe"), "{scripts}");
    shop.app.engine.shut_down().await;
}

#[tokio::test]
async fn pages_of_other_sites_change_nothing() {
    let shop = behind_a_proxy().await;
    let token = format!("authorization: Bearer {TOKEN}\r\n{JSON}");
    let cookie = signed_in(&shop, "127.0.0.2").await;
    let cookie = format!("cookie: {cookie}\r\n{JSON}");
    let own = format!("http://{}", shop.address);
    // Whoever is let in is told that there is no such session.
    let table: [(&str, String, u16); 13] = [
        ("token", String::new(), 404),
        ("cookie", String::new(), 403), // a browser would say where it comes from
        ("cookie", "sec-fetch-site: same-origin\r\n".to_owned(), 404),
        ("cookie", "sec-fetch-site: none\r\n".to_owned(), 404),
        ("cookie", "sec-fetch-site: same-site\r\n".to_owned(), 403),
        ("cookie", "sec-fetch-site: cross-site\r\n".to_owned(), 403),
        ("token", "sec-fetch-site: cross-site\r\n".to_owned(), 403),
        ("cookie", format!("origin: {own}\r\n"), 404),
        ("cookie", "origin: https://shop.example\r\n".to_owned(), 404),
        ("cookie", "origin: http://shop.example\r\n".to_owned(), 403),
        ("cookie", "origin: https://evil.example\r\n".to_owned(), 403),
        ("cookie", "origin: null\r\n".to_owned(), 403),
        ("cookie", format!("sec-fetch-site: cross-site\r\norigin: {own}\r\n"), 403),
    ];
    for (by, said, expected) in table {
        let headers = format!("{said}{}", if by == "token" { &token } else { &cookie });
        let body = r#"{"id":"none"}"#;
        let answer =
            ask(&shop, "127.0.0.2", ("POST", "/api/sessions/revoke"), (&headers, body)).await;
        assert_eq!(answer.status, expected, "{by} {said}{}", answer.body);
    }
    // Nor do they sign somebody in as somebody else, or out.
    for path in ["/login", "/logout"] {
        let foreign = format!("{FORM}origin: https://evil.example\r\n");
        let body = format!("token={TOKEN}");
        let answer = ask(&shop, "127.0.0.3", ("POST", path), (&foreign, &body)).await;
        assert_eq!((answer.status, answer.header("set-cookie")), (403, None), "{path}");
    }
    shop.app.engine.shut_down().await;
}

#[tokio::test]
async fn the_site_is_known_by_its_public_name() {
    let shop = behind_a_proxy().await;
    for (host, expected) in [
        ("shop.example", 200),
        ("SHOP.example:443", 200),
        ("localhost:PORT", 200),
        ("shop.example:8080", 421),
        ("shop.example.evil.example", 421),
        ("evil.example", 421),
    ] {
        let host = format!("host: {}\r\n", host.replace("PORT", &shop.address.port().to_string()));
        let answer = ask(&shop, "127.0.0.1", ("GET", "/login"), (&host, "")).await;
        assert_eq!(answer.status, expected, "{host}");
    }
    shop.app.engine.shut_down().await;
}

#[tokio::test]
async fn a_shop_that_cannot_write_is_not_well() {
    let shop = shop().await;
    assert_eq!(shop.get("/health").await.json()["writes"], true);
    let mut owner = shop.db.owner().connect().await.unwrap();
    for (is_read_only, expected) in [("on", 503), ("off", 200)] {
        let read_only = format!(
            "do $$ begin execute format('alter database %I set default_transaction_read_only = {is_read_only}',
                 current_database()); end $$"
        );
        // The owner's own connection was made before, and may write on.
        sqlx::query("set default_transaction_read_only = off").execute(&mut owner).await.unwrap();
        sqlx::query(sqlx::AssertSqlSafe(read_only)).execute(&mut owner).await.unwrap();
        // Whoever connects from now on finds it so; the application's role may end what it began.
        let mut app = shop.db.app().connect().await.unwrap();
        sqlx::query(
            "select pg_terminate_backend(pid) from pg_stat_activity
             where datname = current_database() and usename = session_user
               and pid <> pg_backend_pid() and application_name = 'tuan'",
        )
        .execute(&mut app)
        .await
        .unwrap();
        let begun = tokio::time::Instant::now();
        let mut answer = shop.get("/health").await;
        // Reads are answered throughout; leases of lanes would tell after ten seconds.
        while answer.status != expected || (expected == 503 && answer.json()["database"] != true) {
            let patience = if expected == 503 { 4 } else { 30 };
            assert!(begun.elapsed().as_secs() < patience, "{expected}: {}", answer.body);
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            answer = shop.get("/health").await;
        }
        assert_eq!(answer.json()["writes"], expected == 200, "{}", answer.body);
    }
    shop.app.engine.shut_down().await;
}
