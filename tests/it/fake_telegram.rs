//! A small Bot API of our own: what the emulator of others lacks (members, invite links, migration, 429).
//! Updates are kept until they are confirmed by a higher offset, as the real one does it.

#![expect(clippy::needless_pass_by_value, reason = "literals read better")]

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::net::TcpListener;

pub(crate) const BOT: i64 = 999;

/// One message as the bot sent it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sent {
    pub(crate) method: String,
    pub(crate) chat: i64,
    pub(crate) text: String,
    pub(crate) body: Value,
}

#[derive(Default)]
struct World {
    updates: VecDeque<Value>,
    last_update: i64,
    sent: Vec<Sent>,
    calls: Vec<String>,
    links: BTreeMap<String, String>,
    admins: Vec<i64>,
    /// People who wrote to the bot alone.
    started: Vec<i64>,
    /// Answers to the next sends to a chat, instead of success.
    faults: BTreeMap<i64, VecDeque<(u16, Value)>>,
    /// Old and new ids of groups.
    moved: BTreeMap<i64, i64>,
    is_away: bool,
    last_message: i64,
}

/// The fake, serving on a port of its own.
#[derive(Clone)]
pub(crate) struct Fake {
    world: Arc<Mutex<World>>,
    pub(crate) address: String,
}

impl Fake {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let fake = Self { world: Arc::default(), address };
        let app = Router::new()
            .route("/{bot}/{method}", post(call))
            .layer(DefaultBodyLimit::max(16 * 1024 * 1024))
            .with_state(fake.clone());
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        fake
    }

    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap()
    }

    /// Something happens on Telegram.
    pub(crate) fn push(&self, kind: &str, what: Value) {
        let mut world = self.world();
        world.last_update += 1;
        let mut update = json!({ "update_id": world.last_update });
        update[kind] = what;
        world.updates.push_back(update);
    }

    /// The same update once more, under a new number: as after a lost confirmation of a webhook.
    pub(crate) fn push_again(&self, update: &Value) {
        let mut world = self.world();
        world.last_update += 1;
        let mut update = update.clone();
        update["update_id"] = json!(world.last_update);
        world.updates.push_back(update);
    }

    pub(crate) fn waiting(&self) -> Vec<Value> {
        self.world().updates.iter().cloned().collect()
    }

    pub(crate) fn set_admin(&self, user: i64) {
        self.world().admins.push(user);
    }

    pub(crate) fn set_started(&self, user: i64) {
        self.world().started.push(user);
    }

    pub(crate) fn set_away(&self, is_away: bool) {
        self.world().is_away = is_away;
    }

    pub(crate) fn set_moved(&self, from: i64, to: i64) {
        self.world().moved.insert(from, to);
    }

    /// The next send to a chat fails like this.
    pub(crate) fn fail(&self, chat: i64, code: u16, more: Value) {
        self.world().faults.entry(chat).or_default().push_back((code, more));
    }

    pub(crate) fn sent(&self) -> Vec<Sent> {
        self.world().sent.clone()
    }

    pub(crate) fn said_in(&self, chat: i64) -> Vec<String> {
        let sent = self.sent().into_iter().filter(|it| it.chat == chat);
        sent.map(|it| it.text).collect()
    }

    pub(crate) fn links(&self) -> BTreeMap<String, String> {
        self.world().links.clone()
    }

    pub(crate) fn calls(&self, method: &str) -> usize {
        self.world().calls.iter().filter(|it| *it == method).count()
    }
}

fn refusal(code: u16, description: &str, parameters: Value) -> (StatusCode, Json<Value>) {
    let body = json!({
        "ok": false, "error_code": code, "description": description, "parameters": parameters,
    });
    (StatusCode::from_u16(code).unwrap(), Json(body))
}

async fn call(
    State(fake): State<Fake>,
    Path((_bot, method)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, Json<Value>) {
    if fake.world().is_away {
        return refusal(502, "Bad Gateway", json!({}));
    }
    let kind = headers.get("content-type").and_then(|it| it.to_str().ok()).unwrap_or_default();
    let body = if kind.starts_with("multipart/") {
        fields(kind, &body)
    } else {
        serde_json::from_slice(&body).unwrap_or_default()
    };
    fake.world().calls.push(method.clone());
    if method == "getUpdates" {
        return (
            StatusCode::OK,
            Json(json!({ "ok": true, "result": updates(&fake, &body).await })),
        );
    }
    match answer(&mut fake.world(), &method, &body) {
        Ok(result) => (StatusCode::OK, Json(json!({ "ok": true, "result": result }))),
        Err((code, text, parameters)) => refusal(code, &text, parameters),
    }
}

/// Fields of a form that are no files.
fn fields(kind: &str, body: &[u8]) -> Value {
    let boundary = kind.split("boundary=").nth(1).unwrap_or_default();
    let text = String::from_utf8_lossy(body);
    let mut fields = json!({});
    for part in text.split(&format!("--{boundary}")) {
        let Some((head, value)) = part.split_once("\r\n\r\n") else { continue };
        let Some(name) = head.split("name=\"").nth(1).and_then(|it| it.split('"').next()) else {
            continue;
        };
        let is_file = head.contains("filename=");
        let value = value.trim_end_matches("\r\n");
        fields[name] = if is_file { json!("(file)") } else { json!(value) };
    }
    fields
}

async fn updates(fake: &Fake, body: &Value) -> Vec<Value> {
    let offset = body["offset"].as_i64().unwrap_or(0);
    for _ in 0..40 {
        {
            let mut world = fake.world();
            world.updates.retain(|it| it["update_id"].as_i64().unwrap() >= offset);
            if !world.updates.is_empty() {
                return world.updates.iter().take(100).cloned().collect();
            }
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    Vec::new()
}

type Answered = Result<Value, (u16, String, Value)>;

fn answer(world: &mut World, method: &str, body: &Value) -> Answered {
    match method {
        "getMe" => Ok(json!({
            "id": BOT, "is_bot": true, "first_name": "团团", "username": "tuan_bot",
            "can_join_groups": true, "can_read_all_group_messages": false,
            "supports_inline_queries": false,
        })),
        "sendMessage" | "sendPhoto" => send(world, method, body),
        "getChatMember" => {
            let user = body["user_id"].as_i64().unwrap();
            let status = if world.admins.contains(&user) { "administrator" } else { "member" };
            Ok(json!({ "status": status, "user": { "id": user } }))
        }
        "createChatInviteLink" => {
            let name = body["name"].as_str().unwrap().to_owned();
            assert!(name.len() <= 32, "a link's name is at most 32 characters");
            let link = format!("https://t.me/+{}{name}", world.links.len());
            world.links.insert(name, link.clone());
            Ok(json!({ "invite_link": link }))
        }
        "setMyCommands" | "deleteWebhook" | "setWebhook" | "answerCallbackQuery" => Ok(json!(true)),
        other => Err((404, format!("Not Found: {other}"), json!({}))),
    }
}

fn send(world: &mut World, method: &str, body: &Value) -> Answered {
    let chat = body["chat_id"].as_i64().or(body["chat_id"].as_str().and_then(|it| it.parse().ok()));
    let chat = chat.unwrap();
    let field = if method == "sendPhoto" { "caption" } else { "text" };
    let text = body[field].as_str().unwrap_or_default().to_owned();
    let most = if method == "sendPhoto" { 1_024 } else { 4_096 };
    if text.encode_utf16().count() > most || (text.is_empty() && method == "sendMessage") {
        return Err((400, "Bad Request: message is too long or empty".into(), json!({})));
    }
    if let Some((code, more)) = world.faults.get_mut(&chat).and_then(VecDeque::pop_front) {
        return Err((code, "an injected fault".into(), more));
    }
    if let Some(to) = world.moved.get(&chat) {
        let text = "Bad Request: group chat was upgraded to a supergroup chat";
        return Err((400, text.into(), json!({ "migrate_to_chat_id": to })));
    }
    if chat > 0 && !world.started.contains(&chat) {
        let text = "Forbidden: bot can't initiate conversation with a user";
        return Err((403, text.into(), json!({})));
    }
    world.last_message += 1;
    let id = world.last_message;
    world.sent.push(Sent { method: method.to_owned(), chat, text, body: body.clone() });
    Ok(json!({ "message_id": id, "photo": [{ "file_id": format!("file-{id}") }] }))
}
