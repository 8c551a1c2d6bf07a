//! The operator's view of the accounts on real platforms: whether each is connected, since when and why
//! not, and the code that has to be scanned where one signs in that way. For who has the operator's token
//! alone: with that code anybody could sign in.
//!
//! Plain text with one style sheet, asked for again every few seconds; it leads to who is signed in.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::{Extension, Json};
use serde_json::{Value, json};

use super::Site;
use super::page::{escaped, framed, is_known};
use super::problem::Answer;
use crate::domain::time::Timestamp;
use crate::engine::health::AccountHealth;
use crate::gate::Caller;
use crate::platform::qr;

/// `GET /api/accounts`.
pub(super) async fn list(State(site): State<Site>) -> Json<Value> {
    let accounts = site.app.accounts().iter().map(|account| {
        let health = account.health(&site.app.engine);
        json!({
            "key": account.key(),
            "platform": account.platform(),
            "ready": health.ready,
            "since": health.since,
            "name": health.name,
            "reason": health.reason,
            "qr": health.qr,
            "heard_at": health.heard_at,
            "awaiting_person": health.awaiting,
        })
    });
    Json(json!({ "items": accounts.collect::<Vec<_>>() }))
}

/// `GET /accounts`.
pub(super) async fn page(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
) -> Answer<Response> {
    if !is_known(&site, &caller, &headers).await? {
        return Ok(Redirect::to("/login").into_response());
    }
    let accounts = site.app.accounts().iter().map(|account| {
        let health = account.health(&site.app.engine);
        section(account.key(), account.platform(), &health)
    });
    let main = format!(
        "<h1>账号 · Accounts</h1>{}<p><a href=\"/sessions\">登录 · Sessions</a></p>",
        accounts.collect::<String>()
    );
    let again = "<meta http-equiv=\"refresh\" content=\"5\">";
    Ok(Html(framed(again, &main)).into_response())
}

/// One account; what came from outside is escaped.
fn section(key: &str, platform: &str, health: &AccountHealth) -> String {
    let state = match (health.ready, &health.qr) {
        (true, _) => "已连接 · connected",
        (false, Some(_)) => "请扫码登录 · waits for its code to be scanned",
        (false, None) => "未连接 · not connected",
    };
    let name = health.name.as_deref().map(|name| format!(" · {}", escaped(name)));
    let time = |label: &str, at: Option<Timestamp>| {
        at.map(|at| format!("<p>{label} {}</p>", at.format("%Y-%m-%d %H:%M:%S UTC")))
    };
    let reason = health.reason.as_deref().filter(|_| !health.ready);
    let awaiting = (health.awaiting > 0).then(|| {
        format!(
            "<p>{} 条消息等群里有人说话 · messages wait until somebody writes in the group</p>",
            health.awaiting
        )
    });
    let lines = [
        awaiting,
        time("since", health.since),
        time("last heard", health.heard_at),
        reason.map(|reason| format!("<p>{}</p>", escaped(reason))),
        health.qr.as_deref().and_then(qr::picture),
    ];
    format!(
        "<section><h2>{} ({platform}){}</h2><p>{state}</p>{}</section>",
        escaped(key),
        name.unwrap_or_default(),
        lines.into_iter().flatten().collect::<String>()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_is_there_while_it_waits_and_nothing_from_outside_is_markup() {
        let waits = AccountHealth { qr: Some("http://x/1".into()), ..AccountHealth::default() };
        let shown = section("wechat", "wechaty", &waits);
        assert!(shown.contains("<svg") && shown.contains("请扫码登录"), "{shown}");
        let (name, reason) = (Some("<b>团".to_owned()), Some("a \"<script>\"".to_owned()));
        let away = AccountHealth { name, reason, ..AccountHealth::default() };
        let shown = section("wechat", "wechaty", &away);
        assert!(shown.contains("&lt;b&gt;团") && shown.contains("a &quot;&lt;script&gt;&quot;"));
        assert!(!shown.contains("<svg") && shown.contains("未连接"), "{shown}");
        let ready = AccountHealth { ready: true, awaiting: 3, ..away };
        assert!(section("qq", "qq", &ready).contains("3 条消息等"));
        assert!(!section("wechat", "wechaty", &ready).contains("script"));
    }
}
