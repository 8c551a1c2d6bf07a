//! The gateway: sessions that are begun, go on, and are kept alive.

use std::time::Duration;

use axum::extract::State;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::{BOT, Fake, Line, World};

pub(super) async fn websocket(State(fake): State<Fake>, upgrade: WebSocketUpgrade) -> Response {
    if fake.world().is_away {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    upgrade.on_upgrade(move |socket| talk(fake, socket))
}

async fn talk(fake: Fake, mut socket: WebSocket) {
    let cut = fake.world().cut.clone();
    let hello = json!({ "op": 10, "d": { "heartbeat_interval": 300 } });
    if socket.send(Message::text(hello.to_string())).await.is_err() {
        return;
    }
    let (to, mut news) = mpsc::unbounded_channel::<String>();
    loop {
        let frame = tokio::select! {
            () = cut.cancelled() => return,
            frame = news.recv() => frame,
            read = socket.recv() => match read {
                Some(Ok(Message::Text(text))) => fake.heed(text.as_str(), &to),
                Some(Ok(_)) => continue,
                Some(Err(_)) | None => return,
            },
        };
        let Some(frame) = frame else { continue };
        if socket.send(Message::text(frame)).await.is_err() {
            return;
        }
    }
}

impl World {
    /// For how long no session may be begun any more.
    pub(super) fn shut_for(&self) -> Option<Duration> {
        let left = self.shut_until?.saturating_duration_since(Instant::now());
        (!left.is_zero()).then_some(left)
    }
}

impl Fake {
    /// What a client says over the gateway; what is answered at once.
    fn heed(&self, text: &str, to: &mpsc::UnboundedSender<String>) -> Option<String> {
        let frame: Value = serde_json::from_str(text).unwrap();
        let mut world = self.world();
        let has_token = |world: &World| {
            let shown = frame["d"]["token"].as_str().and_then(|it| it.strip_prefix("QQBot "));
            shown.is_some_and(|it| world.tokens.contains(it))
        };
        let invalid = || Some(json!({ "op": 9, "d": false }).to_string());
        match frame["op"].as_u64() {
            Some(1) => {
                // One client writes the number beside its frame.
                let d = frame.get("d").or(frame.get("s")).cloned();
                world.beats.push(d.unwrap_or(Value::Null));
                (!world.is_deaf_to_beats).then(|| json!({ "op": 11 }).to_string())
            }
            Some(2) => {
                if !has_token(&world) || frame["d"]["intents"].as_u64().is_none() {
                    return invalid();
                }
                if world.shut_for().is_some() {
                    world.begun_in_vain += 1;
                    return invalid();
                }
                world.made += 1;
                world.greetings += 1;
                world.begun.push(Instant::now());
                let id = format!("S{}", world.made);
                let mut line = Line { to: Some(to.clone()), ..Line::default() };
                let user = json!({ "id": BOT, "username": "团团", "bot": true });
                let d = json!({ "version": 1, "session_id": id, "user": user, "shard": [0, 1] });
                line.tell(&json!({ "op": 0, "t": "READY", "d": d }));
                world.sessions.insert(id, line);
                None
            }
            Some(6) => {
                let id = frame["d"]["session_id"].as_str().unwrap_or_default().to_owned();
                let after = frame["d"]["seq"].as_u64().unwrap_or(0);
                if !has_token(&world) {
                    return invalid();
                }
                let Some(line) = world.sessions.get_mut(&id) else { return invalid() };
                for (_, text) in line.log.iter().filter(|(seq, _)| *seq > after) {
                    let _ = to.send(text.clone()); // they may be gone already
                }
                line.to = Some(to.clone());
                line.tell(&json!({ "op": 0, "t": "RESUMED", "d": "" }));
                world.resumed += 1;
                None
            }
            _ => None,
        }
    }
}
