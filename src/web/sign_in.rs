//! Signing in with the operator's token, and out: a page with one field, and the cookie that it gives.

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::asked::PostedForm;
use super::guard::{self, ACCOUNT, OPERATOR};
use super::problem::Answer;
use super::{Site, keys, page};
use crate::domain::intent::Role;
use crate::gate::{Caller, Knock};
use crate::store::sessions::{self, NewSession};

#[derive(Deserialize)]
pub(super) struct Presented {
    token: String,
}

/// `GET /login`.
pub(super) async fn form(headers: HeaderMap) -> Response {
    let mut answer = page::page(&headers, "login.html");
    // Older browsers say where a form comes from only if they may say where its page was.
    let policy = HeaderValue::from_static("same-origin");
    answer.headers_mut().insert(header::REFERRER_POLICY, policy);
    answer
}

/// `POST /login`. Whoever signs in gets a new session, and loses the one that their browser had.
pub(super) async fn sign_in(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    PostedForm(presented): PostedForm<Presented>,
) -> Answer<Response> {
    let knock = Knock { door: "login", account: Some(ACCOUNT), caller: &caller };
    site.app.gate.judge(knock, || site.keys.is_token(presented.token.trim()))?;
    let is_secure = guard::is_secure(&site, &caller, &headers);
    let db = &site.app.engine.db;
    if let Some(old) = site.keys.presented(&headers, is_secure) {
        sessions::close(db, &old).await?;
    }
    let (cookie, digest) = site.keys.make(is_secure);
    let agent = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
    let new = NewSession {
        digest,
        person: OPERATOR.to_owned(),
        role: Role::Operator,
        communities: Vec::new(),
        agent: agent.unwrap_or_default().to_owned(),
    };
    sessions::open(db, &new).await?;
    tracing::info!(address = %caller.address, session = sessions::name(&digest), "signed in");
    Ok(([(header::SET_COOKIE, cookie)], Redirect::to("/")).into_response())
}

/// `POST /logout`: for whoever bears a cookie, good or not.
pub(super) async fn sign_out(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
) -> Answer<Response> {
    let is_secure = guard::is_secure(&site, &caller, &headers);
    if let Some(digest) = site.keys.presented(&headers, is_secure) {
        sessions::close(&site.app.engine.db, &digest).await?;
    }
    let forgotten = [(header::SET_COOKIE, keys::forgotten(is_secure))];
    Ok((forgotten, Redirect::to("/login")).into_response())
}
