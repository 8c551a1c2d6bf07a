//! QQ's official bot interface of our own: tokens, calls and a gateway, with groups and people in memory. As
//! strict as the platform is known to be: a token ends, answers to a message are counted and each number of
//! theirs counts once, nothing is said unasked where the group does not allow it, and a group that is not
//! heard whole tells only what mentions the bot.

mod calls;
mod gateway;
mod world;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post, put};
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::ground::name;

pub(crate) const APP_ID: &str = "102000001";
pub(crate) const SECRET: &str = "S3CRET-of-qq";
const BOT: &str = "3889000007";

/// Its id among the members of a group.
const BOT_MEMBER: &str = "B0700000000000000000000000000000";

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
    /// It is refused under this number of the platform.
    Code(i64),
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
    /// When each session was begun.
    begun: Vec<Instant>,
    /// No session may be begun before then.
    shut_until: Option<Instant>,
    /// How often one was begun before it.
    begun_in_vain: usize,
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

impl Fake {
    pub(crate) async fn start() -> Self {
        Self::start_at(SocketAddr::from(([127, 0, 0, 1], 0))).await
    }

    pub(crate) async fn start_at(address: SocketAddr) -> Self {
        let listener = tokio::net::TcpListener::bind(address).await.unwrap();
        let fake = Self { world: Arc::default(), address: listener.local_addr().unwrap() };
        let routes = Router::new()
            .route("/app/getAppAccessToken", post(calls::new_token))
            .route("/gateway", get(calls::gateway))
            .route("/gateway/bot", get(calls::gateway))
            .route("/websocket", get(gateway::websocket))
            .route("/users/@me", get(calls::me))
            .route("/interactions/{id}", put(calls::answer_tap))
            .route("/v2/groups/{id}/messages", post(calls::send_to_group))
            .route("/v2/groups/{id}/messages/{message}", delete(calls::recall))
            .route("/v2/groups/{id}/files", post(calls::upload))
            .route("/v2/users/{id}/messages", post(calls::send_alone))
            .route("/v2/users/{id}/files", post(calls::upload))
            .route("/v2/groups/{id}/members", get(calls::members))
            .route("/v2/groups/{id}/members/{member}", get(calls::member))
            .route("/v2/groups/{id}/info", get(calls::info))
            .route("/v2/groups/{id}/bot_state", get(calls::bot_state))
            .route("/v2/groups/{id}/join_request_list", get(calls::requests))
            .route("/v2/groups/{id}/approval_join_request/{member}", post(calls::approve))
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
        self.push(kind, &d);
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
        self.push("GROUP_JOIN_REQUEST", &request);
    }

    /// Somebody comes in, or leaves.
    pub(crate) fn member_event(&self, kind: &str, group: &str, who: i64, time: i64) {
        let d = json!({ "timestamp": time, "group_openid": group, "member_openid": openid(who) });
        self.push(kind, &d);
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
    pub(crate) fn say(&self, kind: &str, message: &Value) {
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
            &json!({
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
    pub(crate) fn push(&self, kind: &str, d: &Value) {
        let frame = self.frame(kind, d);
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

    /// No session may be begun for so long, as the gateway says.
    pub(crate) fn shut_for(&self, span: Duration) {
        self.world().shut_until = Some(Instant::now() + span);
    }

    /// When each session was begun, and how often one was that might not.
    pub(crate) fn begun(&self) -> (Vec<Instant>, usize) {
        let world = self.world();
        (world.begun.clone(), world.begun_in_vain)
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

    fn admit(&self, headers: &HeaderMap, path: &str) -> Result<(), Box<Response>> {
        let mut world = self.world();
        world.calls.push(path.to_owned());
        if world.is_away {
            return Err(Box::new(StatusCode::SERVICE_UNAVAILABLE.into_response()));
        }
        let shown = headers.get(header::AUTHORIZATION).and_then(|it| it.to_str().ok());
        let token = shown.and_then(|it| it.strip_prefix("QQBot "));
        if token.is_some_and(|it| world.tokens.contains(it)) {
            return Ok(());
        }
        Err(Box::new(refused(401, 11_244, "token not exist or expire")))
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

/// A request as the platform sends it to a webhook: body, signature and the time that is signed.
pub(crate) fn signed(frame: &Value, time: i64) -> (String, String, String) {
    let seed: Vec<u8> = SECRET.bytes().cycle().take(32).collect();
    let pair = ring::signature::Ed25519KeyPair::from_seed_unchecked(&seed).unwrap();
    let body = frame.to_string();
    let signature = pair.sign(format!("{time}{body}").as_bytes());
    (body, hex::encode(signature.as_ref()), time.to_string())
}

/// How long a thing that should not happen is waited for.
pub(crate) const QUIET: Duration = Duration::from_millis(600);
