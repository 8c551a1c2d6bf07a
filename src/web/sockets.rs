//! Doors for implementations that connect to the shop and stay: `/onebot/` and the key of the account. Who
//! shows the account's token is let in; everything else is the adapter's.

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::Site;
use crate::gate::{Caller, Knock, Refused};
use crate::platform::onebot::{self, PLATFORM, Upgrade};

pub(super) async fn enter(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Path(key): Path<String>,
    headers: HeaderMap,
    upgrade: Upgrade,
) -> Response {
    if let Some(socket) = site.app.socket(&key) {
        return socket.enter(&site.app.gate, &caller, &headers, upgrade);
    }
    // Who tries keys of accounts is slowed like who tries tokens.
    if headers.contains_key(header::AUTHORIZATION) {
        let knock = Knock { door: PLATFORM, account: None, caller: &caller };
        if let Err(slowed @ Refused::Slowed(_)) = site.app.gate.judge(knock, || false) {
            return onebot::refusal(slowed);
        }
    }
    StatusCode::NOT_FOUND.into_response()
}
