//! The forward way: we open the connection, and open it again when it ends, at growing intervals.

use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::{HeaderValue, header};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Bytes, Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};
use tokio_util::sync::CancellationToken;

use super::hear::ConnectionRole;
use super::session::{CLOSED, EndReason, FRAME_MAX, ReadFrame, Write, wire};
use super::{ConnectionWay, OneBot};

/// How long connecting may take.
const CONNECT_MAX: Duration = Duration::from_secs(10);

/// The first wait before connecting again; it doubles.
const PAUSE: Duration = Duration::from_millis(500);

/// The longest wait.
const PAUSE_MAX: Duration = Duration::from_mins(1);

/// A connection that lasted so long was a good one.
const GOOD: Duration = Duration::from_secs(10);

impl OneBot {
    /// Hold the connection until told to stop. What comes over it is heard while this process listens.
    pub async fn keep(self, stop: CancellationToken) {
        let ConnectionWay::Forward(url) = self.way.clone() else { return };
        let mut failures = 0;
        while !stop.is_cancelled() {
            let begun = Instant::now();
            let reason = tokio::select! {
                reason = self.connect(&url) => reason,
                () = self.stopped(&stop) => return,
            };
            if begun.elapsed() >= GOOD {
                failures = 0;
            }
            tracing::warn!(reason, "OneBot is away");
            if self.report_away(reason).await.is_err() {
                return;
            }
            tokio::select! {
                () = tokio::time::sleep((PAUSE * (1 << failures)).min(PAUSE_MAX)) => {}
                () = stop.cancelled() => return,
            }
            failures = (failures + 1).min(7);
        }
    }

    /// One connection, until it ends; returns why.
    async fn connect(&self, url: &str) -> EndReason {
        let opening = open(url, &self.token);
        match tokio::time::timeout(CONNECT_MAX, opening).await {
            Ok(Ok(socket)) => self.attend(wire(socket, read, written), ConnectionRole::Both).await,
            Ok(Err(error)) => refused(&error),
            Err(_) => format!("no connection within {CONNECT_MAX:?}"),
        }
    }
}

type OnebotStream = WebSocketStream<MaybeTlsStream<TcpStream>>;

async fn open(url: &str, token: &str) -> Result<OnebotStream, Error> {
    let mut request = url.into_client_request()?;
    let mut bearer = HeaderValue::from_str(&format!("Bearer {token}"))?;
    bearer.set_sensitive(true);
    request.headers_mut().insert(header::AUTHORIZATION, bearer);
    let config = WebSocketConfig::default()
        .max_message_size(Some(FRAME_MAX))
        .max_frame_size(Some(FRAME_MAX));
    let opened = tokio_tungstenite::connect_async_with_config(request, Some(config), true).await;
    opened.map(|(socket, _)| socket)
}

/// Why it was not opened, for the operator.
fn refused(error: &Error) -> EndReason {
    match error {
        Error::Http(response) if matches!(response.status().as_u16(), 401 | 403) => {
            format!("the access token is refused ({})", response.status().as_u16())
        }
        other => other.to_string(),
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
        Write::Ping => Message::Ping(Bytes::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_secure_connection_can_be_tried() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("wss://{}", listener.local_addr().unwrap());
        let closing = tokio::spawn(async move { drop(listener.accept().await) });
        let error = open(&url, "S3CRET").await.unwrap_err();
        closing.await.unwrap();
        assert!(!format!("{error:?} {}", refused(&error)).contains("S3CRET"));
    }

    #[tokio::test]
    async fn a_token_that_cannot_be_sent_is_no_panic() {
        let error = open("ws://127.0.0.1:1", "two\nlines").await.unwrap_err();
        assert!(!refused(&error).contains("lines"));
    }
}
