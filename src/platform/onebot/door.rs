//! The reverse way: the other side opens the connection and shows its token. A door of the shop's own web
//! server leads here, or one at an address of its own.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::hear::ConnectionRole;
use super::session::{CLOSED, EndReason, FRAME_MAX, ReadFrame, Write, wire};
use super::{OneBot, PLATFORM};
use crate::gate::{self, Caller, Gate, Knock, Refused, is_equal};

/// What an upgrade asks for, or why it is none.
pub type Upgrade = Result<WebSocketUpgrade, WebSocketUpgradeRejection>;

/// How long to wait for an address that is taken.
const TAKEN: Duration = Duration::from_secs(5);

/// Who knocks, and at which gate.
#[derive(Clone, Copy, Debug)]
pub struct GateVisit<'a> {
    /// The gate that counts what goes wrong.
    pub gate: &'a Gate,
    /// Who it is.
    pub caller: &'a Caller,
    /// The account's key.
    pub account: &'a str,
}

impl OneBot {
    /// Somebody knocks: let them in who show the token, and serve them until told to stop.
    #[must_use]
    pub fn enter(
        &self,
        visit: GateVisit<'_>,
        headers: &HeaderMap,
        upgrade: Upgrade,
        stop: CancellationToken,
    ) -> Response {
        if let Err(refused) = self.admit(visit, headers) {
            return refused.map_or_else(|| StatusCode::UNAUTHORIZED.into_response(), refusal);
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

    /// No token: 401, which counts as nothing and is `None`; a wrong one: 403; too many wrong ones: 429.
    fn admit(&self, visit: GateVisit<'_>, headers: &HeaderMap) -> Result<(), Option<Refused>> {
        let shown = headers.get(header::AUTHORIZATION).ok_or(None)?.as_bytes();
        let token = shown.strip_prefix(b"Bearer ").or(shown.strip_prefix(b"Token "));
        let GateVisit { gate, caller, account } = visit;
        let knock = Knock { door: PLATFORM, account: Some((PLATFORM, account)), caller };
        let judged = gate.judge(knock, || {
            is_equal(self.token.as_bytes(), token.unwrap_or_default()) && token.is_some()
        });
        judged.map_err(Some)
    }

    async fn welcome(self, socket: WebSocket, role: ConnectionRole, stop: CancellationToken) {
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

    /// Let them in at an address of its own, whatever the path. `account` is the account's key.
    pub async fn serve(
        self,
        account: String,
        address: SocketAddr,
        gate: Arc<Gate>,
        stop: CancellationToken,
    ) {
        let door =
            ListeningDoor { onebot: self, account, gate: Arc::clone(&gate), stop: stop.clone() };
        let router = Router::new().fallback(knock).with_state(door.clone());
        while !stop.is_cancelled() {
            let error = match TcpListener::bind(address).await {
                Ok(listener) => return gate::serve(listener, router, gate, stop).await,
                Err(error) => error,
            };
            let reason = format!("{address} cannot be listened on: {error}");
            tracing::error!(reason, "OneBot has no door");
            if door.onebot.report_away(reason).await.is_err() {
                return;
            }
            tokio::select! {
                () = tokio::time::sleep(TAKEN) => {}
                () = stop.cancelled() => {}
            }
        }
    }
}

/// A refusal as it is answered.
#[must_use]
pub fn refusal(refused: Refused) -> Response {
    match refused {
        Refused::Wrong => StatusCode::FORBIDDEN.into_response(),
        Refused::Slowed(wait) => {
            let after = [(header::RETRY_AFTER, Refused::retry_after_s(wait).to_string())];
            (StatusCode::TOO_MANY_REQUESTS, after).into_response()
        }
    }
}

/// A door at an address of its own.
#[derive(Clone)]
struct ListeningDoor {
    onebot: OneBot,
    account: String,
    gate: Arc<Gate>,
    stop: CancellationToken,
}

async fn knock(
    State(door): State<ListeningDoor>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    upgrade: Upgrade,
) -> Response {
    let caller = door.gate.caller(peer, &headers);
    let visit = GateVisit { gate: &door.gate, caller: &caller, account: &door.account };
    door.onebot.enter(visit, &headers, upgrade, door.stop.clone())
}

/// Older implementations open a connection for calls and another for news.
fn role(headers: &HeaderMap) -> ConnectionRole {
    let role = headers.get("x-client-role").and_then(|it| it.to_str().ok()).unwrap_or_default();
    match role.to_ascii_lowercase().as_str() {
        "api" => ConnectionRole::Calls,
        "event" => ConnectionRole::News,
        _ => ConnectionRole::Both,
    }
}

fn read(message: Message) -> Result<ReadFrame, EndReason> {
    match message {
        Message::Text(text) => Ok(ReadFrame::Text(text.as_str().to_owned())),
        Message::Close(_) => Err(CLOSED.to_owned()),
        _ => Ok(ReadFrame::Sign),
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
    use crate::platform::onebot::{ConnectionWay, Options};

    fn onebot() -> OneBot {
        let (token, media) = ("s3cret".to_owned(), std::path::PathBuf::new());
        OneBot::new(Options { token, way: ConnectionWay::Reverse, media, rate_per_chat: None })
    }

    fn admitted(gate: &Gate, shown: Option<&'static str>) -> u16 {
        let mut headers = HeaderMap::new();
        if let Some(shown) = shown {
            headers.insert(header::AUTHORIZATION, HeaderValue::from_static(shown));
        }
        let caller = gate.caller("1.2.3.4:5".parse().unwrap(), &headers);
        let visit = GateVisit { gate, caller: &caller, account: "qq" };
        match onebot().admit(visit, &headers) {
            Ok(()) => 101,
            Err(None) => 401,
            Err(Some(refused)) => refusal(refused).status().as_u16(),
        }
    }

    #[test]
    fn only_who_knows_the_token_is_let_in() {
        for (shown, expected) in [
            (None, 401),
            (Some("Bearer s3cret"), 101),
            (Some("Token s3cret"), 101),
            (Some("Bearer s3cre"), 403),
            (Some("Bearer "), 403),
            (Some("s3cret"), 403),
        ] {
            assert_eq!(admitted(&Gate::default(), shown), expected, "{shown:?}");
        }
    }

    #[test]
    fn who_guesses_is_told_to_wait() {
        let gate = Gate::default();
        for _ in 0..5 {
            assert_eq!(admitted(&gate, Some("Bearer guess")), 403);
        }
        assert_eq!(admitted(&gate, Some("Bearer guess")), 429);
        assert_eq!(admitted(&gate, Some("Bearer s3cret")), 429, "a right one is not looked at");
        assert_eq!(admitted(&gate, None), 401);
    }

    #[test]
    fn a_connection_says_what_it_is_for() {
        for (shown, expected) in [
            ("Universal", ConnectionRole::Both),
            ("API", ConnectionRole::Calls),
            ("Event", ConnectionRole::News),
            ("event", ConnectionRole::News),
            ("", ConnectionRole::Both),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert("x-client-role", HeaderValue::from_static(shown));
            assert_eq!(role(&headers), expected, "{shown}");
        }
    }
}
