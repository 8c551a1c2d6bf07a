//! Doors for platforms that send their news: a path and a secret that only the platform knows. Answered
//! well once it is stored, else with 503, and then the platform sends it again.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;

use super::Site;
use crate::platform::telegram::{HookError, WEBHOOK_MAX};

/// Where Telegram puts the secret.
const SECRET: &str = "x-telegram-bot-api-secret-token";

pub(super) fn routes() -> Router<Site> {
    Router::new().route("/hooks/{path}", post(take)).layer(DefaultBodyLimit::max(WEBHOOK_MAX))
}

async fn take(
    State(site): State<Site>,
    Path(path): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    let Some(hook) = site.app.hook(&path) else { return StatusCode::NOT_FOUND };
    let secret = headers.get(SECRET).map(axum::http::HeaderValue::as_bytes);
    match hook.take(secret, &body).await {
        Ok(()) => StatusCode::OK,
        Err(HookError::Stranger) => StatusCode::UNAUTHORIZED,
        Err(HookError::NoUpdate) => StatusCode::BAD_REQUEST,
        Err(HookError::NotStored) => StatusCode::SERVICE_UNAVAILABLE,
    }
}
