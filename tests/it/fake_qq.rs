//! QQ's official bot interface of our own: tokens, calls and a gateway, with groups and people in memory. As
//! strict as the platform is known to be: a token ends, answers to a message are counted and each number of
//! theirs counts once, nothing is said unasked where the group does not allow it, and a group that is not
//! heard whole tells only what mentions the bot.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post, put};
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

pub(crate) const APP_ID: &str = "102000001";
pub(crate) const SECRET: &str = "S3CRET-of-qq";
const BOT: &str = "3889000007";

/// Its id among the members of a group.
const BOT_MEMBER: &str = "B0700000000000000000000000000000";

/// Members told in one page.
const PAGE: usize = 3;

/// Answers to one message of a group, and to one alone.
const GROUP_MOST: usize = 5;
const ALONE_MOST: usize = 4;

/// One message as the bot sent it; whom it mentions stands in the text as `@name`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sent {
    pub(crate) chat: String,
    pub(crate) text: String,
    /// The bytes of its picture, as they were uploaded.
    pub(crate) picture: Option<String>,
    /// The data of its buttons.
    pub(crate) buttons: Vec<String>,
    pub(crate) mentions: usize,
    /// What it answers; nothing: it was said unasked.
    pub(crate) answers: Option<String>,
}

/// What goes wrong with a call that sends.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fault {
    /// It is refused with this status, and nothing else is told.
    Status(u16),
    /// It is done, and the answer is lost.
    Lost,
}

#[derive(Default)]
struct Group {
    /// Role and name by id.
    members: BTreeMap<String, (&'static str, String)>,
    speaks_unasked: bool,
    hears_all: bool,
    requests: Vec<Value>,
}

/// What may be answered.
struct Answerable {
    chat: String,
    numbers: BTreeSet<i64>,
}

#[derive(Default)]
struct Line {
    seq: u64,
    /// What was told in this session.
    log: Vec<(u64, String)>,
    /// Who is connected now.
    to: Option<mpsc::UnboundedSender<String>>,
}

#[derive(Default)]
struct World {
    groups: BTreeMap<String, Group>,
    tokens: BTreeSet<String>,
    lasts: Option<u64>,
    made: u64,
    sessions: BTreeMap<String, Line>,
    sent: Vec<Sent>,
    recalled: Vec<String>,
    answered_taps: Vec<String>,
    approved: Vec<String>,
    answerable: BTreeMap<String, Answerable>,
    uploads: BTreeMap<String, String>,
    faults: BTreeMap<String, VecDeque<Fault>>,
    calls: Vec<String>,
    /// Ends the connections there are.
    cut: CancellationToken,
    greetings: usize,
    resumed: usize,
    beats: Vec<Value>,
    is_deaf_to_beats: bool,
    /// What comes to a webhook instead.
    is_away: bool,
}

#[derive(Clone)]
pub(crate) struct Fake {
    world: Arc<Mutex<World>>,
    pub(crate) address: SocketAddr,
}

/// An id as the platform makes them.
pub(crate) fn openid(n: i64) -> String {
    format!("{n:032X}")
}

pub(crate) fn name(n: i64) -> String {
    match n {
        1 => "阿明".to_owned(),
        10 => "小美".to_owned(),
        11 => "阿强".to_owned(),
        12 => "阿珍".to_owned(),
        13 => "阿花".to_owned(),
        other => format!("路人{other}"),
    }
}

impl Fake {
    pub(crate) async fn start() -> Self {
        Self::start_at(SocketAddr::from(([127, 0, 0, 1], 0))).await
    }

    pub(crate) async fn start_at(address: SocketAddr) -> Self {
        let listener = tokio::net::TcpListener::bind(address).await.unwrap();
        let fake = Self { world: Arc::default(), address: listener.local_addr().unwrap() };
        let routes = Router::new()
            .route("/app/getAppAccessToken", post(new_token))
            .route("/gateway", get(gateway))
            .route("/gateway/bot", get(gateway))
            .route("/websocket", get(websocket))
            .route("/users/@me", get(me))
            .route("/interactions/{id}", put(answer_tap))
            .route("/v2/groups/{id}/messages", post(send_to_group))
            .route("/v2/groups/{id}/messages/{message}", delete(recall))
            .route("/v2/groups/{id}/files", post(upload))
            .route("/v2/users/{id}/messages", post(send_alone))
            .route("/v2/users/{id}/files", post(upload))
            .route("/v2/groups/{id}/members", get(members))
            .route("/v2/groups/{id}/members/{member}", get(member))
            .route("/v2/groups/{id}/info", get(info))
            .route("/v2/groups/{id}/bot_state", get(bot_state))
            .route("/v2/groups/{id}/join_request_list", get(requests))
            .route("/v2/groups/{id}/approval_join_request/{member}", post(approve))
            .layer(DefaultBodyLimit::max(30 * 1024 * 1024))
            .with_state(fake.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
        fake
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap()
    }

    /// A group that hears and speaks freely.
    pub(crate) fn put_group(&self, group: &str) {
        let group = group.to_owned();
        let free = Group { speaks_unasked: true, hears_all: true, ..Group::default() };
        self.world().groups.entry(group).or_insert(free);
    }

    pub(crate) fn put(&self, group: &str, who: i64, role: &'static str) {
        self.put_group(group);
        let mut world = self.world();
        let group = world.groups.get_mut(group).unwrap();
        group.members.insert(openid(who), (role, name(who)));
    }

    pub(crate) fn remove(&self, group: &str, who: i64) {
        self.world().groups.get_mut(group).unwrap().members.remove(&openid(who));
    }

    /// The owner turns the switches; only that of speaking is told.
    pub(crate) fn switch(&self, group: &str, (hears_all, speaks_unasked): (bool, bool), time: i64) {
        let was = {
            let mut world = self.world();
            let group = world.groups.get_mut(group).unwrap();
            group.hears_all = hears_all;
            std::mem::replace(&mut group.speaks_unasked, speaks_unasked)
        };
        if was != speaks_unasked {
            let kind = if speaks_unasked { "GROUP_MSG_RECEIVE" } else { "GROUP_MSG_REJECT" };
            self.robot(kind, group, time);
        }
    }

    /// Something happened to the bot in a group.
    pub(crate) fn robot(&self, kind: &str, group: &str, time: i64) {
        let d = json!({ "timestamp": time, "group_openid": group, "op_member_openid": openid(1) });
        self.push(kind, d);
    }

    /// Somebody asks to come in.
    pub(crate) fn asks(&self, group: &str, who: i64, by: Option<i64>, time: i64) {
        let mut request = json!({
            "join_request_id": format!("R{who}"), "member_openid": openid(who),
            "username": name(who), "apply_at": time, "bot": false,
            "apply_source": if by.is_some() { "invited" } else { "self_apply" },
            "verify_info": { "method": "none" },
        });
        if let Some(by) = by {
            request["invited_by"] = json!(openid(by));
        }
        self.world().groups.get_mut(group).unwrap().requests.push(request.clone());
        request["group_openid"] = json!(group);
        self.push("GROUP_JOIN_REQUEST", request);
    }

    /// Somebody comes in, or leaves.
    pub(crate) fn member_event(&self, kind: &str, group: &str, who: i64, time: i64) {
        let d = json!({ "timestamp": time, "group_openid": group, "member_openid": openid(who) });
        self.push(kind, d);
    }

    /// A message of a group as it is told.
    pub(crate) fn message(&self, group: &str, who: i64, time: i64, content: &str) -> Value {
        let mut world = self.world();
        world.made += 1;
        let id = format!("ROBOT1.0_{}", world.made);
        let at = chrono::DateTime::from_timestamp(time, 0).unwrap().to_rfc3339();
        world
            .answerable
            .insert(id.clone(), Answerable { chat: group.to_owned(), numbers: BTreeSet::new() });
        json!({
            "id": id, "content": content, "timestamp": at, "group_id": group,
            "group_openid": group, "message_type": 0, "msg_idx": format!("REFIDX_{id}"),
            "author": {
                "id": openid(who), "member_openid": openid(who), "member_role": "member",
                "bot": false, "username": name(who), "union_openid": format!("U{}", openid(who)),
            },
        })
    }

    /// A message to the bot alone. Their id there is another one.
    pub(crate) fn message_alone(&self, who: i64, time: i64, content: &str) -> Value {
        let user = format!("A{}", openid(who));
        let mut message = self.message(&user, who, time, content);
        for field in ["group_id", "group_openid"] {
            message.as_object_mut().unwrap().remove(field);
        }
        message["author"] = json!({
            "id": user, "user_openid": user, "username": name(who),
            "union_openid": format!("U{}", openid(who)),
        });
        message
    }

    /// The same message, mentioning the bot.
    pub(crate) fn to_bot(mut message: Value) -> Value {
        message["mentions"] = json!([{
            "scope": "single", "bot": true, "id": BOT_MEMBER, "is_you": true, "member_openid": BOT_MEMBER,
            "username": "团团",
        }]);
        message
    }

    /// A message is told, if the group is heard so.
    pub(crate) fn say(&self, kind: &str, message: Value) {
        let is_heard = match message["group_openid"].as_str() {
            Some(group) => {
                let world = self.world();
                world.groups.get(group).is_some_and(|it| it.hears_all)
                    || message.get("mentions").is_some()
            }
            None => true,
        };
        if is_heard {
            self.push(kind, message);
        }
    }

    /// A button is pressed.
    pub(crate) fn tap(&self, group: &str, who: i64, time: i64, data: &str) {
        let id = {
            let mut world = self.world();
            world.made += 1;
            world.made.to_string()
        };
        let at = chrono::DateTime::from_timestamp(time, 0).unwrap().to_rfc3339();
        self.push(
            "INTERACTION_CREATE",
            json!({
                "id": id, "type": 11, "version": 1, "timestamp": at, "scene": "group",
                "chat_type": 1, "group_openid": group, "group_member_openid": openid(who),
                "application_id": APP_ID,
                "data": { "type": 11, "resolved": { "button_id": "1", "button_data": data } },
            }),
        );
    }

    /// A frame of the gateway, and what a webhook would be sent, but for its number.
    pub(crate) fn frame(&self, kind: &str, d: &Value) -> Value {
        let mut world = self.world();
        world.made += 1;
        let id = format!("{kind}:{}", world.made);
        let group = d["group_openid"].as_str().unwrap_or_default().to_owned();
        world.answerable.insert(id.clone(), Answerable { chat: group, numbers: BTreeSet::new() });
        json!({ "op": 0, "t": kind, "id": id, "d": d })
    }

    /// Something happens: it is told in every session, now or when it goes on.
    pub(crate) fn push(&self, kind: &str, d: Value) {
        let frame = self.frame(kind, &d);
        self.push_frame(&frame);
    }

    pub(crate) fn push_frame(&self, frame: &Value) {
        let mut world = self.world();
        for line in world.sessions.values_mut() {
            line.tell(frame);
        }
    }

    /// Drop every connection; sessions may go on.
    pub(crate) fn cut(&self) {
        std::mem::take(&mut self.world().cut).cancel();
    }

    /// Be gone: connections are lost and nobody is let in.
    pub(crate) fn set_away(&self, is_away: bool) {
        self.world().is_away = is_away;
        if is_away {
            self.cut();
        }
    }

    /// No session goes on.
    pub(crate) fn forget_sessions(&self) {
        self.world().sessions.clear();
    }

    /// Tell everybody connected something that is no event.
    pub(crate) fn signal(&self, op: u8, d: &Value) {
        let frame = json!({ "op": op, "d": d }).to_string();
        for line in self.world().sessions.values() {
            if let Some(to) = &line.to {
                let _ = to.send(frame.clone()); // who left is noticed elsewhere
            }
        }
    }

    /// Every token so far is refused from now on.
    pub(crate) fn end_tokens(&self) {
        self.world().tokens.clear();
    }

    /// Tokens last so many seconds from now on.
    pub(crate) fn set_token_lasts(&self, seconds: u64) {
        self.world().lasts = Some(seconds);
    }

    /// Beats are not answered any more.
    pub(crate) fn ignore_beats(&self, ignored: bool) {
        self.world().is_deaf_to_beats = ignored;
    }

    /// The next send to a chat goes wrong like this.
    pub(crate) fn fail(&self, chat: &str, fault: Fault) {
        self.world().faults.entry(chat.to_owned()).or_default().push_back(fault);
    }

    pub(crate) fn sent(&self) -> Vec<Sent> {
        self.world().sent.clone()
    }

    pub(crate) fn said_in(&self, chat: &str) -> Vec<String> {
        self.sent().into_iter().filter(|it| it.chat == chat).map(|it| it.text).collect()
    }

    pub(crate) fn recalled(&self) -> Vec<String> {
        self.world().recalled.clone()
    }

    pub(crate) fn answered_taps(&self) -> Vec<String> {
        self.world().answered_taps.clone()
    }

    /// How many sessions began, and how many went on.
    pub(crate) fn greetings(&self) -> (usize, usize) {
        let world = self.world();
        (world.greetings, world.resumed)
    }

    /// The numbers that beats named.
    pub(crate) fn beats(&self) -> Vec<Value> {
        self.world().beats.clone()
    }

    pub(crate) fn calls(&self, path: &str) -> usize {
        self.world().calls.iter().filter(|it| it.contains(path)).count()
    }

    /// Whether somebody hears of news.
    pub(crate) fn is_heard(&self) -> bool {
        self.world().sessions.values().any(|it| it.to.as_ref().is_some_and(|to| !to.is_closed()))
    }

    fn admit(&self, headers: &HeaderMap, path: &str) -> Result<(), Response> {
        let mut world = self.world();
        world.calls.push(path.to_owned());
        if world.is_away {
            return Err(StatusCode::SERVICE_UNAVAILABLE.into_response());
        }
        let shown = headers.get(header::AUTHORIZATION).and_then(|it| it.to_str().ok());
        let token = shown.and_then(|it| it.strip_prefix("QQBot "));
        if token.is_some_and(|it| world.tokens.contains(it)) {
            return Ok(());
        }
        Err(refused(401, 11_244, "token not exist or expire"))
    }
}

impl Line {
    fn tell(&mut self, frame: &Value) {
        self.seq += 1;
        let mut frame = frame.clone();
        frame["s"] = json!(self.seq);
        let text = frame.to_string();
        self.log.push((self.seq, text.clone()));
        if let Some(to) = &self.to {
            let _ = to.send(text); // who left is told when they are back
        }
    }
}

fn refused(status: u16, code: i64, message: &str) -> Response {
    let body = json!({ "code": code, "err_code": code, "message": message, "trace_id": "t" });
    (StatusCode::from_u16(status).unwrap(), Json(body)).into_response()
}

/// Somebody wants a token. Failures are told in an answer that is fine.
async fn new_token(State(fake): State<Fake>, Json(asked): Json<Value>) -> Response {
    let mut world = fake.world();
    world.calls.push("token".to_owned());
    if world.is_away {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    if asked["appId"] != APP_ID || asked["clientSecret"] != SECRET {
        return Json(json!({ "code": 100_016, "message": "invalid appid or secret" }))
            .into_response();
    }
    world.made += 1;
    let token = format!("T{}", world.made);
    world.tokens.insert(token.clone());
    let lasts = world.lasts.unwrap_or(7_200).to_string();
    Json(json!({ "access_token": token, "expires_in": lasts })).into_response()
}

async fn gateway(State(fake): State<Fake>, headers: HeaderMap) -> Response {
    if let Err(refused) = fake.admit(&headers, "gateway") {
        return refused;
    }
    let limit =
        json!({ "total": 1000, "remaining": 999, "reset_after": 1000, "max_concurrency": 1 });
    let url = format!("ws://{}/websocket", fake.address);
    Json(json!({ "url": url, "shards": 1, "session_start_limit": limit })).into_response()
}

async fn me(State(fake): State<Fake>, headers: HeaderMap) -> Response {
    if let Err(refused) = fake.admit(&headers, "me") {
        return refused;
    }
    Json(json!({ "id": BOT, "username": "团团", "bot": true, "avatar": "" })).into_response()
}

async fn websocket(State(fake): State<Fake>, upgrade: WebSocketUpgrade) -> Response {
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
                world.made += 1;
                world.greetings += 1;
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

async fn answer_tap(
    State(fake): State<Fake>,
    Path(id): Path<String>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Response {
    if let Err(refused) = fake.admit(&headers, "interaction") {
        return refused;
    }
    assert_eq!(body["code"], 0);
    fake.world().answered_taps.push(id);
    StatusCode::NO_CONTENT.into_response()
}

async fn send_to_group(
    State(fake): State<Fake>,
    Path(group): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    send(&fake, group, (&headers, &body), false).await
}

async fn send_alone(
    State(fake): State<Fake>,
    Path(user): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    send(&fake, user, (&headers, &body), true).await
}

async fn send(
    fake: &Fake,
    chat: String,
    (headers, body): (&HeaderMap, &[u8]),
    is_alone: bool,
) -> Response {
    if let Err(refused) = fake.admit(headers, "messages") {
        return refused;
    }
    let body: Value = serde_json::from_slice(body).unwrap();
    let fault = fake.world().faults.get_mut(&chat).and_then(VecDeque::pop_front);
    if let Some(Fault::Status(status)) = fault {
        return StatusCode::from_u16(status).unwrap().into_response();
    }
    let answer = fake.world().send(&chat, &body, is_alone);
    if let Some(Fault::Lost) = fault {
        // The connection is closed in the middle of the answer.
        let cut = futures::stream::once(async { Err::<Bytes, _>(std::io::Error::other("cut")) });
        return Response::new(axum::body::Body::from_stream(cut));
    }
    match answer {
        Ok(id) => {
            Json(json!({ "id": id, "timestamp": "2026-05-27T16:00:00+08:00" })).into_response()
        }
        Err((code, words)) => refused(400, code, words),
    }
}

impl World {
    fn send(
        &mut self,
        chat: &str,
        body: &Value,
        is_alone: bool,
    ) -> Result<String, (i64, &'static str)> {
        if !is_alone && !self.groups.contains_key(chat) {
            return Err((11_293, "not in the group"));
        }
        let answers = body["msg_id"].as_str().or(body["event_id"].as_str());
        if let Some(id) = answers {
            let number = body["msg_seq"].as_i64().unwrap_or(1);
            let known = self.answerable.get_mut(id).filter(|it| it.chat == chat);
            let known = known.ok_or((40_034_024, "请求参数msg_id无效或越权"))?;
            if known.numbers.contains(&number) {
                return Err((40_054_005, "消息被去重，请检查请求msgseq"));
            }
            let most = if is_alone { ALONE_MOST } else { GROUP_MOST };
            if known.numbers.len() >= most {
                return Err((40_034_024, "请求参数msg_id无效或越权"));
            }
            known.numbers.insert(number);
        } else if is_alone || !self.groups[chat].speaks_unasked {
            return Err((40_034_102, "主动消息失败, 无权限"));
        }
        let mut sent = self.read(chat, body)?;
        sent.answers = answers.map(str::to_owned);
        self.sent.push(sent);
        self.made += 1;
        Ok(format!("M{}", self.made))
    }

    fn read(&self, chat: &str, body: &Value) -> Result<Sent, (i64, &'static str)> {
        let content = body["content"].as_str();
        let (text, picture) = match body["msg_type"].as_i64() {
            Some(0) => (content.ok_or((304_001, "no content"))?.to_owned(), None),
            Some(2) => {
                let marked = body["markdown"]["content"].as_str().ok_or((304_001, "no text"))?;
                (marked.replace('\\', ""), None)
            }
            Some(7) => {
                let info = body["media"]["file_info"].as_str().ok_or((304_001, "no media"))?;
                let picture = self.uploads.get(info).ok_or((304_002, "no such file"))?;
                (content.unwrap_or_default().to_owned(), Some(picture.clone()))
            }
            _ => return Err((304_001, "no such kind")),
        };
        let rows = body["keyboard"]["content"]["rows"].as_array().cloned().unwrap_or_default();
        let buttons: Vec<_> = rows
            .iter()
            .flat_map(|row| row["buttons"].as_array().cloned().unwrap_or_default())
            .map(|it| it["action"]["data"].as_str().unwrap().to_owned())
            .collect();
        let (text, mentions) = self.named(chat, &text);
        Ok(Sent { chat: chat.to_owned(), text, picture, buttons, mentions, answers: None })
    }

    /// Mentions as names.
    fn named(&self, group: &str, text: &str) -> (String, usize) {
        let (mut named, mut rest, mut count) = (String::new(), text, 0);
        while let Some((before, after)) = rest.split_once("<qqbot-at-user id=\"") {
            let (id, after) = after.split_once("\" />").expect("a code has an end");
            let members = self.groups.get(group).map(|it| &it.members);
            let name = members.and_then(|it| it.get(id)).map_or(id, |(_, name)| name.as_str());
            named.extend([before, "@", name]);
            (rest, count) = (after, count + 1);
        }
        named.push_str(rest);
        (named, count)
    }
}

async fn upload(
    State(fake): State<Fake>,
    Path(_chat): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if let Err(refused) = fake.admit(&headers, "files") {
        return refused;
    }
    let body: Value = serde_json::from_slice(&body).unwrap();
    let (Some(_), Some(false)) = (body["file_type"].as_i64(), body["srv_send_msg"].as_bool())
    else {
        return refused(400, 304_001, "no such file");
    };
    let Some(data) = body["file_data"].as_str().or(body["url"].as_str()) else {
        return refused(400, 304_001, "no file");
    };
    let mut world = fake.world();
    world.made += 1;
    let info = format!("F{}", world.made);
    world.uploads.insert(info.clone(), data.to_owned());
    Json(json!({ "file_uuid": info, "file_info": info, "ttl": 3600 })).into_response()
}

async fn recall(
    State(fake): State<Fake>,
    Path((_group, message)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    if let Err(refused) = fake.admit(&headers, "recall") {
        return refused;
    }
    fake.world().recalled.push(message);
    StatusCode::OK.into_response()
}

fn listed(id: &str, (role, name): &(&str, String)) -> Value {
    json!({
        "member_openid": id, "username": name, "member_role": role, "bot": false,
        "joined_at": "2026-05-27T16:00:00+08:00", "union_openid": format!("U{id}"),
    })
}

async fn members(
    State(fake): State<Fake>,
    Path(group): Path<String>,
    Query(asked): Query<BTreeMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    if let Err(refused) = fake.admit(&headers, "members") {
        return refused;
    }
    let world = fake.world();
    let Some(group) = world.groups.get(&group) else {
        return refused(400, 11_293, "not in the group");
    };
    let skip: usize = asked.get("cursor").map_or(0, |it| it.parse().unwrap());
    let mut page: Vec<_> =
        group.members.iter().skip(skip).take(PAGE).map(|(id, it)| listed(id, it)).collect();
    if skip == 0 {
        page.push(json!({ "member_openid": BOT_MEMBER, "username": "团团", "bot": true }));
    }
    let more = skip + PAGE < group.members.len();
    let next = if more { (skip + PAGE).to_string() } else { String::new() };
    Json(json!({ "members": page, "next_cursor": next })).into_response()
}

async fn member(
    State(fake): State<Fake>,
    Path((group, member)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    if let Err(refused) = fake.admit(&headers, "member") {
        return refused;
    }
    let world = fake.world();
    match world.groups.get(&group).and_then(|it| it.members.get(&member)) {
        Some(told) => Json(listed(&member, told)).into_response(),
        None => refused(400, 11_294, "no such member"),
    }
}

async fn info(State(fake): State<Fake>, Path(group): Path<String>, headers: HeaderMap) -> Response {
    if let Err(refused) = fake.admit(&headers, "info") {
        return refused;
    }
    let world = fake.world();
    let Some(known) = world.groups.get(&group) else {
        return refused(400, 11_293, "not in the group");
    };
    Json(json!({
        "group_openid": group, "group_name": "阳光小区", "group_finger_memo": "",
        "group_class_text": "", "group_tags": [], "group_member_num": known.members.len(),
    }))
    .into_response()
}

async fn bot_state(
    State(fake): State<Fake>,
    Path(group): Path<String>,
    headers: HeaderMap,
) -> Response {
    if let Err(refused) = fake.admit(&headers, "bot_state") {
        return refused;
    }
    let world = fake.world();
    let Some(group) = world.groups.get(&group) else {
        return refused(400, 11_293, "not in the group");
    };
    Json(json!({
        "member_openid": BOT_MEMBER, "joined_at": "2026-05-27T16:00:00+08:00",
        "allow_proactive_msg": group.speaks_unasked,
        "recv_msg_setting": if group.hears_all { "all" } else { "only_mention" },
        "member_role": "admin",
    }))
    .into_response()
}

async fn requests(
    State(fake): State<Fake>,
    Path(group): Path<String>,
    headers: HeaderMap,
) -> Response {
    if let Err(refused) = fake.admit(&headers, "join_request_list") {
        return refused;
    }
    let world = fake.world();
    let list = world.groups.get(&group).map(|it| it.requests.clone()).unwrap_or_default();
    Json(json!({ "list": list, "next_cursor": "" })).into_response()
}

async fn approve(
    State(fake): State<Fake>,
    Path((_group, member)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    if let Err(refused) = fake.admit(&headers, "approval") {
        return refused;
    }
    fake.world().approved.push(member);
    StatusCode::NO_CONTENT.into_response()
}

/// A request as the platform sends it to a webhook: body, signature and the time that is signed.
pub(crate) fn signed(frame: &Value, time: i64) -> (String, String, String) {
    let seed: Vec<u8> = SECRET.bytes().cycle().take(32).collect();
    let pair = ring::signature::Ed25519KeyPair::from_seed_unchecked(&seed).unwrap();
    let body = frame.to_string();
    let signature = pair.sign(format!("{time}{body}").as_bytes());
    let digits = signature.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    (body, digits, time.to_string())
}

/// How long a thing that should not happen is waited for.
pub(crate) const QUIET: Duration = Duration::from_millis(600);
