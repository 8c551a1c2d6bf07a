//! A small Bot API of our own: what the emulator of others lacks (members, invite links, migration, 429).
//! Updates are kept until they are confirmed by a higher offset, as the real one does it. All that passes is
//! kept, too: a program by others reads it (`telegram_peers`), so that the fake speaks Telegram and no dialect.
//!
//! With an emulator behind it (`telegram_emulator`) it answers nothing itself and only writes down.

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
use tokio::time::Instant;

pub(crate) const BOT: i64 = 999;
pub(crate) const TOKEN: &str = "123:SECRET";

/// The time of its messages, which nobody asks about.
const DATE: i64 = 1_900_000_000;

/// One message as the bot sent it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sent {
    pub(crate) method: String,
    pub(crate) chat: i64,
    pub(crate) text: String,
    pub(crate) body: Value,
    pub(crate) at: Instant,
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
    /// Messages as they were changed: id and method, text, the whole.
    edits: Vec<Sent>,
    is_away: bool,
    last_message: i64,
    /// Where an emulator is that answers instead.
    behind: Option<String>,
    /// All that passed: `update`, or the name of a method; what was said; what was answered.
    history: Vec<(String, Value, Value)>,
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
        world.history.push(("update".to_owned(), update.clone(), Value::Null));
        world.updates.push_back(update);
    }

    /// From now on an emulator answers.
    pub(crate) fn put_behind(&self, address: String) {
        self.world().behind = Some(address);
    }

    /// Whoever answers instead has told these to the bot, and it has confirmed them.
    pub(crate) fn confirm(&self, last: i64) {
        self.world().updates.retain(|it| it["update_id"].as_i64() > Some(last));
    }

    pub(crate) fn history(&self) -> Vec<(String, Value, Value)> {
        self.world().history.clone()
    }

    /// Which calls were refused: method and code.
    pub(crate) fn refused(&self) -> Vec<(String, i64, String)> {
        let refused = |(method, _, answer): (String, Value, Value)| {
            let text = answer["description"].as_str().unwrap_or_default().to_owned();
            answer["error_code"].as_i64().map(|code| (method, code, text))
        };
        self.history().into_iter().filter_map(refused).collect()
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

    pub(crate) fn edits(&self) -> Vec<Sent> {
        self.world().edits.clone()
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
    Path((bot, method)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, Json<Value>) {
    if fake.world().is_away {
        return refusal(502, "Bad Gateway", json!({}));
    }
    let kind = headers.get("content-type").and_then(|it| it.to_str().ok()).unwrap_or_default();
    let fields = if kind.starts_with("multipart/") {
        fields(kind, &body)
    } else {
        serde_json::from_slice(&body).unwrap_or_default()
    };
    fake.world().calls.push(method.clone());
    let behind = fake.world().behind.clone();
    let answered = if let Some(behind) = behind {
        let url = format!("{behind}/{bot}/{method}");
        passed_on(&fake, (&url, kind), body, (&method, &fields)).await
    } else if method == "getUpdates" {
        let updates = updates(&fake, &fields).await;
        (StatusCode::OK, Json(json!({ "ok": true, "result": updates })))
    } else {
        match answer(&mut fake.world(), &method, &fields) {
            Ok(result) => (StatusCode::OK, Json(json!({ "ok": true, "result": result }))),
            Err((code, text, parameters)) => refusal(code, &text, parameters),
        }
    };
    fake.world().history.push((method, fields, answered.1.0.clone()));
    answered
}

/// What the emulator answers. When it ends meanwhile, nobody knows what became of the call.
async fn passed_on(
    fake: &Fake,
    (url, kind): (&str, &str),
    body: Bytes,
    (method, fields): (&str, &Value),
) -> (StatusCode, Json<Value>) {
    if method == "getUpdates" {
        fake.confirm(fields["offset"].as_i64().unwrap_or(0) - 1);
    }
    let request = reqwest::Client::new().post(url).header("content-type", kind).body(body);
    let response = match request.send().await {
        Ok(response) => response,
        Err(error) if error.is_connect() => return refusal(502, "Bad Gateway", json!({})),
        Err(_) => return refusal(504, "Gateway Timeout", json!({})),
    };
    let status = response.status();
    let Ok(answer) = response.json::<Value>().await else {
        return refusal(504, "Gateway Timeout", json!({}));
    };
    if status.is_success() && matches!(method, "sendMessage" | "sendPhoto") {
        let chat = fields["chat_id"].as_i64();
        let chat = chat.or(fields["chat_id"].as_str().and_then(|it| it.parse().ok())).unwrap();
        let text = fields["text"].as_str().or(fields["caption"].as_str()).unwrap_or_default();
        let (method, text, body) = (method.to_owned(), text.to_owned(), fields.clone());
        fake.world().sent.push(Sent { method, chat, text, body, at: Instant::now() });
    }
    (status, Json(answer))
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
            Ok(membership(user, status))
        }
        "createChatInviteLink" => {
            let name = body["name"].as_str().unwrap().to_owned();
            assert!(name.len() <= 32, "a link's name is at most 32 characters");
            let link = format!("https://t.me/+{}{name}", world.links.len());
            world.links.insert(name, link.clone());
            let name = body["name"].clone();
            Ok(json!({
                "invite_link": link, "name": name, "creator": own(), "creates_join_request": false,
                "is_primary": false, "is_revoked": false,
            }))
        }
        "editMessageText" | "editMessageCaption" => edit(world, method, body),
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
    let at = Instant::now();
    world.sent.push(Sent { method: method.to_owned(), chat, text, body: body.clone(), at });
    let group = json!({ "id": chat, "type": "supergroup", "title": "群" });
    let alone = json!({ "id": chat, "type": "private", "first_name": "某人" });
    let mut message = json!({
        "message_id": id, "date": DATE, "from": own(), "chat": if chat < 0 { group } else { alone },
    });
    if method == "sendPhoto" {
        message["photo"] = json!([{
            "file_id": format!("file-{id}"), "file_unique_id": format!("unique-{id}"), "width": 1,
            "height": 1,
        }]);
    } else {
        message["text"] = body["text"].clone();
    }
    Ok(message)
}

/// A text is changed as a text, and what stands below a picture as that; and something must change.
fn edit(world: &mut World, method: &str, body: &Value) -> Answered {
    let (field, wrong) = match method {
        "editMessageText" => ("text", "sendPhoto"),
        _ => ("caption", "sendMessage"),
    };
    let chat = body["chat_id"].as_i64().unwrap();
    let nth = usize::try_from(body["message_id"].as_i64().unwrap() - 1).unwrap();
    let text = body[field].as_str().unwrap_or_default().to_owned();
    match world.sent.get(nth).filter(|it| it.chat == chat) {
        None => Err((400, "Bad Request: message to edit not found".into(), json!({}))),
        Some(sent) if sent.method == wrong => {
            Err((400, "Bad Request: there is no text in the message to edit".into(), json!({})))
        }
        Some(sent) if sent.text == text => {
            Err((400, "Bad Request: message is not modified".into(), json!({})))
        }
        Some(_) => {
            let method = method.to_owned();
            let at = Instant::now();
            world.edits.push(Sent { method, chat, text, body: body.clone(), at });
            Ok(json!(true))
        }
    }
}

fn own() -> Value {
    json!({ "id": BOT, "is_bot": true, "first_name": "团团", "username": "tuan_bot" })
}

/// Somebody's place in a group, as Telegram tells it.
pub(crate) fn membership(user: i64, status: &str) -> Value {
    let user = json!({ "id": user, "is_bot": user == BOT, "first_name": "某人" });
    let mut member = json!({ "status": status, "user": user });
    if status == "administrator" {
        let is_own = member["user"]["id"] == json!(BOT);
        for right in [
            "can_be_edited",
            "is_anonymous",
            "can_manage_chat",
            "can_delete_messages",
            "can_manage_video_chats",
            "can_restrict_members",
            "can_promote_members",
            "can_change_info",
            "can_invite_users",
            "can_post_stories",
            "can_edit_stories",
            "can_delete_stories",
            "can_send_welcome_messages",
        ] {
            member[right] = json!(is_own && right == "can_invite_users");
        }
    }
    member
}
