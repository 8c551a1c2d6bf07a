//! The door for platforms that sign their news: `/hooks/qq/` and the key of the account. The signature is over the
//! body, so that is read before it is known who sends it: at most so much, and nothing of it is kept. Answered
//! well once it is stored, else with 503, and then the platform sends it again.

use axum::extract::{DefaultBodyLimit, Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, post};
use axum::{Extension, Json};

use super::{Site, asked};
use crate::gate::{Caller, Knock, Refused};
use crate::platform::qq::{HookError, HookRequest, WEBHOOK_MAX};

/// What this door and its accounts are called where failures are counted.
const DOOR: &str = "signed";

/// Where QQ puts the signature, and the time that is signed with the body.
const SIGNATURE: &str = "x-signature-ed25519";
const TIMESTAMP: &str = "x-signature-timestamp";

pub(super) fn handler() -> MethodRouter<Site> {
    post(take).layer(DefaultBodyLimit::max(WEBHOOK_MAX))
}

async fn take(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(key): Path<String>,
    headers: HeaderMap,
    request: Request,
) -> Response {
    let Some(hook) = site.app.signed_hook(&key) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let body = match asked::bytes(request, WEBHOOK_MAX).await {
        Ok(body) => body,
        Err(problem) => return problem.into_response(),
    };
    let header = |name: &str| headers.get(name).map(HeaderValue::as_bytes);
    let shown = HookRequest { signature: header(SIGNATURE), timestamp: header(TIMESTAMP) };
    let status = match hook.take(shown, &body).await {
        Ok(answer) => return Json(answer).into_response(),
        Err(HookError::Stranger) => {
            let knock = Knock { door: DOOR, account: Some((DOOR, &key)), caller: &caller };
            if let Err(Refused::Slowed(wait)) = site.app.gate.judge_key(knock, false) {
                return super::slowed(Refused::retry_after_s(wait));
            }
            StatusCode::UNAUTHORIZED
        }
        Err(HookError::NoEvent) => StatusCode::BAD_REQUEST,
        Err(HookError::NotStored) => StatusCode::SERVICE_UNAVAILABLE,
    };
    status.into_response()
}
