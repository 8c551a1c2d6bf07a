//! The gateway: one connection, over which events come, numbered in a session. A connection that is lost is
//! resumed after the last event that is *stored*, so what was on its way comes again and counts once by its
//! key. A session that cannot be resumed is a gap.

use std::time::Duration;

use futures::{SinkExt, StreamExt};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::{Instant, MissedTickBehavior, interval_at};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};
use tokio_util::sync::CancellationToken;

use super::session::{PendingEvents, QqSession};
use super::wire::{Gateway, GatewayFrame, StartLimit, op};
use super::{Qq, locked};
use crate::platform::heard::{Closing, HeardKind, Listener};

/// What is wanted: messages of groups and people with all about members, and buttons.
const INTENTS: u64 = 1 << 24 | 1 << 25 | 1 << 26;

/// How long connecting, and each step of being let in, may take.
const STEP_MAX: Duration = Duration::from_secs(10);

/// The first wait before connecting again; it doubles.
const PAUSE: Duration = Duration::from_millis(500);

/// The longest wait.
const PAUSE_MAX: Duration = Duration::from_mins(1);

/// A connection that lasted so long was a good one.
const GOOD: Duration = Duration::from_secs(10);

/// The largest frame.
const FRAME_MAX: usize = 4 * 1024 * 1024;

/// How often we say that we are alive where the gateway does not say.
const BEAT: Duration = Duration::from_secs(30);

/// Within this time the gateway lets so many sessions begin as it says.
const BEGIN_WITHIN: Duration = Duration::from_secs(5);

/// The longest that is waited until a session may be begun again: the count begins anew each day.
const BEGIN_AGAIN_MAX: Duration = Duration::from_hours(24);

/// Why a connection ended, for the operator.
type CloseReason = String;

/// Closing with one of these numbers leaves the session alive; with others from 4000 on it is over.
const RESUMABLE: [u16; 3] = [4_000, 4_008, 4_009];

/// A connection ended.
struct ConnectionEnded {
    reason: CloseReason,
    /// The session has ended with it.
    is_over: bool,
}

impl From<CloseReason> for ConnectionEnded {
    fn from(reason: CloseReason) -> Self {
        Self { reason, is_over: false }
    }
}

/// How a connection ended.
enum GatewayEnd {
    /// The shop is closing.
    Closing,
    /// It may be resumed.
    Lost(CloseReason),
    /// No session may be begun for so long: whoever tries uses up what is left for others.
    Spent(Duration),
    /// Something handed in was not stored: it must come again.
    Unstored,
}

type GatewayStream = WebSocketStream<MaybeTlsStream<TcpStream>>;

impl Qq {
    /// Listen until told to stop.
    pub async fn listen(self, ear: Listener, stop: CancellationToken) {
        if self.has_webhook {
            self.wait_for_hook(&ear, &stop).await;
            return;
        }
        let (mut session, mut failures) = (QqSession::default(), 0);
        loop {
            let begun = Instant::now();
            let ended = tokio::select! {
                ended = self.connect(&mut session, &ear) => ended,
                () = stop.cancelled() => return,
            };
            if begun.elapsed() >= GOOD {
                failures = 0;
            }
            let pause = (PAUSE * (1 << failures)).min(PAUSE_MAX);
            let (reason, pause) = match ended {
                GatewayEnd::Closing => return,
                GatewayEnd::Lost(reason) => (reason, pause),
                GatewayEnd::Spent(after) => {
                    let seconds = after.as_secs();
                    (format!("no session may be begun for another {seconds} seconds"), after)
                }
                GatewayEnd::Unstored => ("the shop could not store what came".to_owned(), pause),
            };
            tracing::warn!(reason, "QQ is away");
            if ear.report(HeardKind::Away { reason }).await.is_err() {
                return;
            }
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = stop.cancelled() => return,
            }
            failures = (failures + 1).min(7);
        }
    }

    /// With a webhook nothing is asked for; the token shows whether the secret is right.
    async fn wait_for_hook(&self, ear: &Listener, stop: &CancellationToken) {
        loop {
            let reason = match self.client.call::<Value>(Method::GET, "/users/@me", None).await {
                Ok(me) => {
                    let name = me["username"].as_str().unwrap_or_default().to_owned();
                    let told = ear.report(HeardKind::Ready { name }).await;
                    if told.is_ok() && self.report_gap(ear).await.is_ok() {
                        stop.cancelled().await;
                    }
                    return;
                }
                Err(error) => error.to_string(),
            };
            tracing::warn!(reason, "QQ is away");
            if ear.report(HeardKind::Away { reason }).await.is_err() {
                return;
            }
            tokio::select! {
                () = tokio::time::sleep(PAUSE_MAX) => {}
                () = stop.cancelled() => return,
            }
        }
    }

    /// One connection, until it ends.
    async fn connect(&self, session: &mut QqSession, ear: &Listener) -> GatewayEnd {
        let asking = self.client.call::<Gateway>(Method::GET, "/gateway/bot", None);
        let told = match tokio::time::timeout(STEP_MAX, asking).await {
            Ok(Ok(told)) => told,
            Ok(Err(error)) => return GatewayEnd::Lost(error.to_string()),
            Err(_) => return GatewayEnd::Lost(format!("no gateway is named within {STEP_MAX:?}")),
        };
        if session.id.is_empty() {
            let last = *locked(&self.begun);
            match until_begin(told.session_start_limit, last, Instant::now()) {
                Ok(pause) => tokio::time::sleep(pause).await,
                Err(after) => return GatewayEnd::Spent(after),
            }
        }
        let opening = tokio::time::timeout(STEP_MAX, self.open(&told.url));
        let (mut socket, beat) = match opening.await {
            Ok(Ok(opened)) => opened,
            Ok(Err(reason)) => return GatewayEnd::Lost(reason),
            Err(_) => return GatewayEnd::Lost(format!("no connection within {STEP_MAX:?}")),
        };
        let let_in = tokio::time::timeout(STEP_MAX, self.enter(&mut socket, session));
        match let_in.await {
            Ok(Ok(())) => {}
            Ok(Err(reason)) => return GatewayEnd::Lost(reason),
            Err(_) => return GatewayEnd::Lost(format!("not let in within {STEP_MAX:?}")),
        }
        self.attend(&mut socket, session, beat, ear).await
    }

    /// The connection, and how often the gateway wants to hear from us.
    async fn open(&self, url: &str) -> Result<(GatewayStream, Duration), CloseReason> {
        if url.is_empty() {
            return Err("the platform names no gateway".to_owned());
        }
        if !may_be_told(url, self.client.is_sealed()) {
            return Err("the gateway would be told the token in the open".to_owned());
        }
        let config = WebSocketConfig::default()
            .max_message_size(Some(FRAME_MAX))
            .max_frame_size(Some(FRAME_MAX));
        let opened = tokio_tungstenite::connect_async_with_config(url, Some(config), true).await;
        let (mut socket, _) = opened.map_err(|error| error.to_string())?;
        let hello = next(&mut socket).await.map_err(|ended| ended.reason)?;
        if hello.op != op::HELLO {
            return Err(format!("the gateway begins with {}", hello.op));
        }
        let beat = hello.d["heartbeat_interval"].as_u64().map_or(BEAT, Duration::from_millis);
        Ok((socket, beat.clamp(Duration::from_millis(50), Duration::from_mins(5))))
    }

    /// Say who we are, or which session goes on.
    async fn enter(
        &self,
        socket: &mut GatewayStream,
        session: &QqSession,
    ) -> Result<(), CloseReason> {
        let token = self.client.authorization().await.map_err(|error| error.to_string())?;
        let frame = if session.id.is_empty() {
            *locked(&self.begun) = Some(Instant::now());
            let properties = json!({ "$os": "linux", "$sdk": "tuan" });
            let d = json!({
                "token": token, "intents": INTENTS, "shard": [0, 1], "properties": properties,
            });
            json!({ "op": op::IDENTIFY, "d": d })
        } else {
            let d = json!({ "token": token, "session_id": session.id, "seq": session.stored });
            json!({ "op": op::RESUME, "d": d })
        };
        write(socket, &frame).await
    }

    /// Hear what comes, in order, and say that we are alive.
    async fn attend(
        &self,
        socket: &mut GatewayStream,
        session: &mut QqSession,
        beat: Duration,
        ear: &Listener,
    ) -> GatewayEnd {
        let mut beats = interval_at(Instant::now() + beat, beat);
        beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (mut is_alive, mut pending) = (true, PendingEvents::default());
        loop {
            tokio::select! {
                frame = next(socket) => match frame {
                    Ok(frame) => {
                        // The answer to a beat may stand behind much else that is still to be heard.
                        is_alive = true;
                        if let Some(end) = self.heed(frame, session, &mut pending, ear).await {
                            pending.drain(session);
                            return end;
                        }
                    }
                    Err(ended) => {
                        pending.drain(session);
                        if ended.is_over {
                            *session = QqSession::default();
                        }
                        return GatewayEnd::Lost(ended.reason);
                    }
                },
                _ = beats.tick() => {
                    if !pending.drain(session) {
                        return GatewayEnd::Unstored;
                    }
                    if !std::mem::replace(&mut is_alive, false) {
                        return GatewayEnd::Lost("the gateway does not answer".to_owned());
                    }
                    let d = (!session.id.is_empty()).then_some(session.stored);
                    if let Err(reason) = write(socket, &json!({ "op": op::HEARTBEAT, "d": d })).await {
                        return GatewayEnd::Lost(reason);
                    }
                }
                is_stored = pending.first_stored(), if pending.waits() => {
                    if !pending.take_first(is_stored, session) {
                        return GatewayEnd::Unstored;
                    }
                }
            }
        }
    }

    /// One frame; how the connection ends, if it does.
    async fn heed(
        &self,
        frame: GatewayFrame,
        session: &mut QqSession,
        pending: &mut PendingEvents,
        ear: &Listener,
    ) -> Option<GatewayEnd> {
        match frame.op {
            op::DISPATCH => {
                let heard = match frame.t.as_deref() {
                    Some("READY") => self.begin(&frame, session, ear).await.map(|()| None),
                    Some("RESUMED") => {
                        let name = session.name.clone();
                        ear.report(HeardKind::Ready { name }).await.map(|()| None)
                    }
                    _ => self.hear(&frame, ear).await,
                };
                let Ok(heard) = heard else { return Some(GatewayEnd::Closing) };
                pending.push(frame.s, heard, session);
                None
            }
            op::RECONNECT => {
                Some(GatewayEnd::Lost("the gateway wants a new connection".to_owned()))
            }
            op::INVALID_SESSION => {
                if frame.d != Value::Bool(true) {
                    *session = QqSession::default();
                }
                // It may have been the token.
                if let Ok(token) = self.client.authorization().await {
                    self.client.forget(&token).await;
                }
                Some(GatewayEnd::Lost("the session is over".to_owned()))
            }
            _ => None,
        }
    }

    /// A session begins: what was said before it cannot be had.
    async fn begin(
        &self,
        frame: &GatewayFrame,
        session: &mut QqSession,
        ear: &Listener,
    ) -> Result<(), Closing> {
        let text = |at: &str| frame.d.pointer(at).and_then(Value::as_str).unwrap_or_default();
        *session = QqSession {
            id: text("/session_id").to_owned(),
            stored: frame.s.unwrap_or(0),
            name: text("/user/username").to_owned(),
        };
        ear.report(HeardKind::Ready { name: session.name.clone() }).await?;
        self.report_gap(ear).await
    }
}

/// How long to wait before a session is begun, when one was begun last then; an error: none may be, for so long.
fn until_begin(
    limit: StartLimit,
    last: Option<Instant>,
    now: Instant,
) -> Result<Duration, Duration> {
    if limit.remaining == Some(0) {
        let told = Duration::from_millis(limit.reset_after);
        return Err(if told.is_zero() { PAUSE_MAX } else { told.min(BEGIN_AGAIN_MAX) });
    }
    let apart = BEGIN_WITHIN / u32::try_from(limit.max_concurrency.max(1)).unwrap_or(u32::MAX);
    Ok(last.map_or(Duration::ZERO, |last| (last + apart).saturating_duration_since(now)))
}

/// Whether a gateway may be told the token: not in the open, where the interface is sealed.
fn may_be_told(url: &str, is_sealed: bool) -> bool {
    !is_sealed || url.starts_with("wss://")
}

/// The next frame.
async fn next(socket: &mut GatewayStream) -> Result<GatewayFrame, ConnectionEnded> {
    loop {
        match socket.next().await {
            Some(Ok(Message::Text(text))) => {
                if let Ok(frame) = serde_json::from_str(text.as_str()) {
                    return Ok(frame);
                }
                // The error may quote what somebody wrote, so only that there is one is told.
                tracing::warn!("a frame could not be read");
            }
            Some(Ok(Message::Close(why))) => {
                let code = why.map_or(0, |why| u16::from(why.code));
                let reason = format!("the gateway closed the connection ({code})");
                return Err(ConnectionEnded {
                    reason,
                    is_over: code > 4_000 && !RESUMABLE.contains(&code),
                });
            }
            Some(Ok(_)) => {}
            Some(Err(error)) => return Err(error.to_string().into()),
            None => return Err("the connection was closed".to_owned().into()),
        }
    }
}

async fn write(socket: &mut GatewayStream, frame: &Value) -> Result<(), CloseReason> {
    socket.send(Message::text(frame.to_string())).await.map_err(|error: Error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_begun_no_sooner_than_it_may_be() {
        let now = Instant::now() + Duration::from_mins(1);
        let limit = |remaining, reset_after, max_concurrency| StartLimit {
            remaining,
            reset_after,
            max_concurrency,
        };
        let second = Duration::from_secs(1);
        let table = [
            (limit(Some(9), 0, 1), None, Ok(Duration::ZERO)),
            (limit(Some(9), 0, 1), Some(now - second), Ok(4 * second)),
            (limit(Some(9), 0, 1), Some(now - 5 * second), Ok(Duration::ZERO)),
            (limit(Some(9), 0, 5), Some(now), Ok(second)),
            (limit(None, 0, 0), Some(now), Ok(5 * second)),
            (limit(Some(0), 3_500, 1), None, Err(Duration::from_millis(3_500))),
            (limit(Some(0), 0, 1), None, Err(PAUSE_MAX)),
            (limit(Some(0), u64::MAX, 1), None, Err(BEGIN_AGAIN_MAX)),
        ];
        for (limit, last, expected) in table {
            assert_eq!(until_begin(limit, last, now), expected, "{limit:?}");
        }
    }

    #[test]
    fn a_gateway_in_the_open_is_not_told_the_token_of_a_sealed_interface() {
        assert!(may_be_told("wss://gateway.example/websocket", true));
        assert!(!may_be_told("ws://gateway.example/websocket", true));
        assert!(may_be_told("ws://127.0.0.1:1/websocket", false), "a fake on this machine");
    }
}
