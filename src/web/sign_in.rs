//! Signing in with the operator's token: a page with one field, and the cookie it gives.
//!
//! There are no accounts and no sessions to store: see [`super::keys`].

use axum::Form;
use axum::extract::{FromRequest, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::problem::{Answer, Problem};
use super::{Site, page};

/// The longest token that is looked at.
const TOKEN_MAX: usize = 200;

#[derive(Deserialize)]
struct Presented {
    token: String,
}

/// `GET /login`.
pub(super) async fn form(headers: HeaderMap) -> Response {
    page::page(&headers, "login.html")
}

/// `POST /login`.
pub(super) async fn sign_in(State(site): State<Site>, request: Request) -> Answer<Response> {
    let is_secure = request.headers().get("x-forwarded-proto").is_some_and(|it| it == "https");
    let unread = |_| Problem::bad("the token could not be read");
    let Form(presented) = Form::<Presented>::from_request(request, &()).await.map_err(unread)?;
    let token = presented.token.trim();
    if token.len() > TOKEN_MAX || !site.keys.is_token(token) {
        tracing::warn!("somebody tried to sign in with a wrong token");
        return Err(Problem::new(StatusCode::UNAUTHORIZED, "that is not the operator's token"));
    }
    let cookie = site.keys.sign_in(site.app.engine.clock.now(), is_secure);
    Ok(([(header::SET_COOKIE, cookie)], Redirect::to("/")).into_response())
}
