//! The reverse way: the other side opens the connection and shows its token. A door of the shop's own web
//! server leads here, or one at an address of its own.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::OneBot;
use super::hear::Role;
use super::session::{CLOSED, FRAME_MAX, Read, Reason, Write, wire};
use crate::platform::secret::is_equal;

/// What an upgrade asks for, or why it is none.
pub type Upgrade = Result<WebSocketUpgrade, WebSocketUpgradeRejection>;

/// How long to wait for an address that is taken.
const TAKEN: Duration = Duration::from_secs(5);

impl OneBot {
    /// Somebody knocks: let them in who show the token, and serve them until told to stop.
    #[must_use]
    pub fn enter(
        &self,
        headers: &HeaderMap,
        upgrade: Upgrade,
        stop: CancellationToken,
    ) -> Response {
        if let Err(status) = self.admit(headers) {
            return status.into_response();
        }
        let role = role(headers);
        match upgrade {
            Ok(upgrade) => {
                let onebot = self.clone();
                let upgrade = upgrade.max_message_size(FRAME_MAX).max_frame_size(FRAME_MAX);
                upgrade.on_upgrade(move |socket| onebot.welcome(socket, role, stop))
            }
            Err(rejection) => rejection.into_response(),
        }
    }

    /// No token: 401; a wrong one: 403.
    fn admit(&self, headers: &HeaderMap) -> Result<(), StatusCode> {
        let shown = headers.get(header::AUTHORIZATION).ok_or(StatusCode::UNAUTHORIZED)?;
        let bearer = shown.as_bytes();
        let token = bearer.strip_prefix(b"Bearer ").or(bearer.strip_prefix(b"Token "));
        let is_known = token.is_some_and(|token| is_equal(self.token.as_bytes(), token));
        if is_known { Ok(()) } else { Err(StatusCode::FORBIDDEN) }
    }

    async fn welcome(self, socket: WebSocket, role: Role, stop: CancellationToken) {
        let reason = tokio::select! {
            reason = self.attend(wire(socket, read, written), role) => reason,
            () = self.stopped(&stop) => return,
        };
        tracing::warn!(reason, "OneBot is away");
        // A newer connection may stand already.
        if self.session().is_none() {
            let _ = self.report_away(reason).await; // the shop may be closing
        }
    }

    /// Let them in at an address of its own, whatever the path.
    pub async fn serve(self, address: SocketAddr, stop: CancellationToken) {
        let doors = Router::new().fallback(knock).with_state((self.clone(), stop.clone()));
        while !stop.is_cancelled() {
            let reason = match TcpListener::bind(address).await {
                Ok(listener) => {
                    let told = stop.clone();
                    let serving = axum::serve(listener, doors.clone())
                        .with_graceful_shutdown(async move { told.cancelled().await });
                    serving.await.err().map(|error| error.to_string())
                }
                Err(error) => Some(format!("{address} cannot be listened on: {error}")),
            };
            let Some(reason) = reason else { return };
            tracing::error!(reason, "OneBot has no door");
            if self.report_away(reason).await.is_err() {
                return;
            }
            tokio::select! {
                () = tokio::time::sleep(TAKEN) => {}
                () = stop.cancelled() => {}
            }
        }
    }
}

async fn knock(
    State((onebot, stop)): State<(OneBot, CancellationToken)>,
    headers: HeaderMap,
    upgrade: Upgrade,
) -> Response {
    onebot.enter(&headers, upgrade, stop)
}

/// Older implementations open a connection for calls and another for news.
fn role(headers: &HeaderMap) -> Role {
    let role = headers.get("x-client-role").and_then(|it| it.to_str().ok()).unwrap_or_default();
    match role.to_ascii_lowercase().as_str() {
        "api" => Role::Calls,
        "event" => Role::News,
        _ => Role::Both,
    }
}

fn read(message: Message) -> Result<Read, Reason> {
    match message {
        Message::Text(text) => Ok(Read::Text(text.as_str().to_owned())),
        Message::Close(_) => Err(CLOSED.to_owned()),
        _ => Ok(Read::Sign),
    }
}

fn written(frame: Write) -> Message {
    match frame {
        Write::Text(text) => Message::text(text),
        Write::Ping => Message::Ping(axum::body::Bytes::new()),
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;
    use crate::platform::onebot::{Options, Way};

    fn onebot() -> OneBot {
        let (token, media) = ("s3cret".to_owned(), std::path::PathBuf::new());
        OneBot::new(Options { token, way: Way::Reverse, media, rate_per_chat: None })
    }

    #[test]
    fn only_who_knows_the_token_is_let_in() {
        let onebot = onebot();
        assert_eq!(onebot.admit(&HeaderMap::new()), Err(StatusCode::UNAUTHORIZED));
        for (shown, expected) in [
            ("Bearer s3cret", Ok(())),
            ("Token s3cret", Ok(())),
            ("Bearer s3cre", Err(StatusCode::FORBIDDEN)),
            ("Bearer ", Err(StatusCode::FORBIDDEN)),
            ("s3cret", Err(StatusCode::FORBIDDEN)),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::AUTHORIZATION, HeaderValue::from_static(shown));
            assert_eq!(onebot.admit(&headers), expected, "{shown}");
        }
    }

    #[test]
    fn a_connection_says_what_it_is_for() {
        for (shown, expected) in [
            ("Universal", Role::Both),
            ("API", Role::Calls),
            ("Event", Role::News),
            ("event", Role::News),
            ("", Role::Both),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert("x-client-role", HeaderValue::from_static(shown));
            assert_eq!(role(&headers), expected, "{shown}");
        }
    }
}
