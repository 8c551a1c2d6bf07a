//! Doors for platforms that send their news: a path and a secret that only the platform knows. Answered
//! well once it is stored, else with 503, and then the platform sends it again.

use axum::Extension;
use axum::extract::{DefaultBodyLimit, Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, post};

use super::{Site, asked};
use crate::gate::{Caller, Knock, Refused};
use crate::platform::telegram::{HookError, WEBHOOK_MAX};

/// What this door and its accounts are called where failures are counted.
const DOOR: &str = "hook";

/// Where Telegram puts the secret.
const SECRET: &str = "x-telegram-bot-api-secret-token";

pub(super) fn handler() -> MethodRouter<Site> {
    post(take).layer(DefaultBodyLimit::max(WEBHOOK_MAX))
}

/// Who it is comes before what they say: nothing of a stranger's body is read.
async fn take(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(path): Path<String>,
    headers: HeaderMap,
    request: Request,
) -> Response {
    let secret = headers.get(SECRET).map(HeaderValue::as_bytes);
    let hook = site.app.hook(&path);
    let account = hook.map(|hook| (DOOR, hook.key()));
    let is_right = hook.is_some_and(|hook| hook.is_secret(secret));
    let knock = Knock { door: DOOR, account, caller: &caller };
    let hook = match (site.app.gate.judge_key(knock, is_right), hook) {
        (Ok(()), Some(hook)) => hook,
        (Err(Refused::Slowed(wait)), _) => return super::slowed(Refused::retry_after_s(wait)),
        (_, Some(_)) => return StatusCode::UNAUTHORIZED.into_response(),
        (_, None) => return StatusCode::NOT_FOUND.into_response(),
    };
    let body = match asked::bytes(request, WEBHOOK_MAX).await {
        Ok(body) => body,
        Err(problem) => return problem.into_response(),
    };
    let status = match hook.take(secret, &body).await {
        Ok(()) => StatusCode::OK,
        Err(HookError::Stranger) => StatusCode::UNAUTHORIZED,
        Err(HookError::NoUpdate) => StatusCode::BAD_REQUEST,
        Err(HookError::NotStored) => StatusCode::SERVICE_UNAVAILABLE,
    };
    status.into_response()
}
