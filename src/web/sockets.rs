//! Doors for implementations that connect to the shop and stay: `/onebot/` and the key of the account. Who
//! shows the account's token is let in; everything else is the adapter's.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use super::Site;
use crate::platform::onebot::Upgrade;

pub(super) async fn enter(
    State(site): State<Site>,
    Path(key): Path<String>,
    headers: HeaderMap,
    upgrade: Upgrade,
) -> Response {
    match site.app.socket(&key) {
        Some(socket) => socket.enter(&headers, upgrade),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
