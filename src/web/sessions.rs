//! Who is signed in as the operator: listed and ended, by a page for people and by the API for programs.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::{Extension, Json};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Site;
use super::asked::{JsonBody, PostedForm};
use super::guard::{self, OPERATOR, Pass};
use super::page::{escaped, framed};
use super::problem::{Answer, Problem};
use crate::domain::time::Timestamp;
use crate::gate::Caller;
use crate::store::sessions::{self, Digest, WebSession, Which};
use crate::store::words::Stored;

/// Which sessions are to end: the one of this name, or all but one's own.
#[derive(Deserialize)]
pub(super) struct EndedSessions {
    id: Option<String>,
}

/// `GET /api/sessions`.
pub(super) async fn list(
    State(site): State<Site>,
    Extension(pass): Extension<Pass>,
) -> Answer<Json<Value>> {
    let own = own(pass).map(|digest| sessions::name(&digest));
    let sessions = sessions::list(&site.app.engine.db, OPERATOR).await?;
    let items = sessions.iter().map(|it| {
        json!({
            "id": it.id,
            "person": it.person,
            "role": it.role.word(),
            "communities": it.communities.iter().map(|id| id.0).collect::<Vec<_>>(),
            "made": it.made_at,
            "seen": it.seen_at,
            "agent": it.agent,
            "is_own": own.as_ref() == Some(&it.id),
        })
    });
    Ok(Json(json!({ "items": items.collect::<Vec<_>>() })))
}

/// `POST /api/sessions/revoke`: `{"id":"…"}`, or `{}` for all but one's own.
pub(super) async fn revoke(
    State(site): State<Site>,
    Extension(pass): Extension<Pass>,
    JsonBody(ended): JsonBody<EndedSessions>,
) -> Answer<Json<Value>> {
    let count = end(&site, pass, &ended).await?;
    Ok(Json(json!({ "ended": count })))
}

/// `GET /sessions`.
pub(super) async fn page(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
) -> Answer<Response> {
    let pass = match guard::admit(&site, &caller, &headers).await {
        Ok(pass) => pass,
        Err(problem) if problem.is_unauthorized() => {
            return Ok(Redirect::to("/login").into_response());
        }
        Err(problem) => return Err(problem),
    };
    let own = own(pass).map(|digest| sessions::name(&digest));
    let sessions = sessions::list(&site.app.engine.db, OPERATOR).await?;
    let shown: String =
        sessions.iter().map(|it| section(it, own.as_deref() == Some(it.id.as_str()))).collect();
    let body = format!(
        "<h1>登录 · Sessions</h1>{shown}\
         <form method=\"post\" action=\"/sessions/revoke\"><button>其他设备全部退出 · Sign out everywhere else</button></form>\
         <form method=\"post\" action=\"/logout\"><button>退出 · Sign out</button></form>\
         <p><a href=\"/accounts\">账号 · Accounts</a></p>"
    );
    let policy = [(axum::http::header::REFERRER_POLICY, "same-origin")];
    Ok((policy, Html(framed("", &body))).into_response())
}

/// `POST /sessions/revoke`, of that page.
pub(super) async fn revoke_by_page(
    State(site): State<Site>,
    Extension(pass): Extension<Pass>,
    PostedForm(ended): PostedForm<EndedSessions>,
) -> Answer<Redirect> {
    end(&site, pass, &ended).await?;
    Ok(Redirect::to("/sessions"))
}

async fn end(site: &Site, pass: Pass, ended: &EndedSessions) -> Answer<u64> {
    let own = own(pass);
    let which = match &ended.id {
        Some(id) => Which::One(id),
        None => Which::AllBut(own.as_ref()),
    };
    let count = sessions::revoke(&site.app.engine.db, OPERATOR, which).await?;
    if count == 0 && ended.id.is_some() {
        return Err(Problem::missing("such session"));
    }
    tracing::info!(count, "sessions were ended");
    Ok(count)
}

fn own(pass: Pass) -> Option<Digest> {
    match pass {
        Pass::Session(digest) => Some(digest),
        Pass::Local | Pass::Token => None,
    }
}

/// One session; what came from outside is escaped.
fn section(session: &WebSession, is_own: bool) -> String {
    let time = |at: Timestamp| at.format("%Y-%m-%d %H:%M:%S UTC");
    let end = if is_own {
        "<p>这是你 · this is you</p>".to_owned()
    } else {
        format!(
            "<form method=\"post\" action=\"/sessions/revoke\">\
             <input type=\"hidden\" name=\"id\" value=\"{}\"><button>退出 · Sign out</button></form>",
            session.id
        )
    };
    format!(
        "<section><h2>{}</h2><p>since {}</p><p>last seen {}</p>{end}</section>",
        escaped(&session.agent),
        time(session.made_at),
        time(session.seen_at)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::intent::Role;

    #[test]
    fn nothing_that_a_browser_says_of_itself_is_markup() {
        let at = "2031-03-01T01:59:00Z".parse().unwrap();
        let agent = "<script>\"'&".to_owned();
        let (person, role, communities) = (OPERATOR.to_owned(), Role::Operator, Vec::new());
        let session = WebSession {
            id: "00ff".into(),
            person,
            role,
            communities,
            made_at: at,
            seen_at: at,
            agent,
        };
        let shown = section(&session, false);
        assert!(shown.contains("&lt;script&gt;&quot;") && !shown.contains("<script"), "{shown}");
        assert!(shown.contains("value=\"00ff\"") && !section(&session, true).contains("value="));
    }
}
