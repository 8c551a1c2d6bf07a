//! An implementation of OneBot v11 of our own: groups and people in memory, spoken to over a WebSocket that
//! it waits at (forward) or opens (reverse). Nothing is sent later to who is not connected, as with real ones;
//! what was said in a group can be asked for, as with most of them.

#![expect(clippy::needless_pass_by_value, reason = "literals read better")]

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_util::sync::CancellationToken;

use crate::ground;

pub(crate) const BOT: i64 = 999;
pub(crate) const TOKEN: &str = "S3CRET-of-onebot";

/// The most messages told at once of those that were said.
const HISTORY_PAGE: usize = 20;

/// One message as the bot sent it; whom it mentions stands in the text as `@name`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sent {
    pub(crate) chat: i64,
    pub(crate) alone: bool,
    pub(crate) text: String,
    pub(crate) image: Option<String>,
    pub(crate) mentions: usize,
    pub(crate) at: Instant,
}

/// What goes wrong with a send.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fault {
    /// It is refused.
    Refused,
    /// The connection is lost before it is answered; it was done.
    Cut,
}

#[derive(Default)]
struct World {
    /// Roles of members by group.
    groups: BTreeMap<i64, BTreeMap<i64, &'static str>>,
    friends: BTreeSet<i64>,
    sent: Vec<Sent>,
    recalled: Vec<i64>,
    /// What was said in each group, oldest first.
    history: BTreeMap<i64, Vec<Value>>,
    /// It does not know how to tell what was said.
    forgets: bool,
    calls: Vec<(String, Value)>,
    faults: BTreeMap<i64, VecDeque<Fault>>,
    /// Who hears of news.
    lines: Vec<mpsc::UnboundedSender<String>>,
    /// Ends the connections there are.
    cut: CancellationToken,
    is_away: bool,
    last_message: i64,
}

/// The fake. It waits at `address`, and goes where it is told to.
#[derive(Clone)]
pub(crate) struct Fake {
    world: Arc<Mutex<World>>,
    pub(crate) address: String,
}

pub(crate) fn name(id: i64) -> String {
    if id == BOT { "团团".to_owned() } else { ground::name(id) }
}

impl Fake {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("ws://{}", listener.local_addr().unwrap());
        let fake = Self { world: Arc::default(), address };
        tokio::spawn(accept(fake.clone(), listener));
        fake
    }

    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap()
    }

    /// Connect to an application, and again whenever that ends; news, calls or both, by `role`.
    pub(crate) fn connect(&self, url: &str, role: &'static str) {
        let (fake, url) = (self.clone(), url.to_owned());
        tokio::spawn(async move {
            loop {
                if !fake.world().is_away
                    && let Ok(socket) = open(&url, TOKEN, role).await
                {
                    talk(&fake, socket, role != "API").await;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        });
    }

    /// Drop every connection; who connects again is let in, unless it is away.
    pub(crate) fn cut(&self) {
        let mut world = self.world();
        std::mem::take(&mut world.cut).cancel();
        world.lines.clear();
    }

    /// Be gone, as while it is restarted: connections are lost and nobody is let in.
    pub(crate) fn set_away(&self, is_away: bool) {
        self.world().is_away = is_away;
        if is_away {
            self.cut();
        }
    }

    /// How many hear of news.
    pub(crate) fn listeners(&self) -> usize {
        let mut world = self.world();
        world.lines.retain(|line| !line.is_closed());
        world.lines.len()
    }

    /// Hear of news from now on, or of the end of the connection alone.
    pub(crate) fn attach(
        &self,
        tells: bool,
    ) -> (mpsc::UnboundedReceiver<String>, CancellationToken) {
        let (line, news) = mpsc::unbounded_channel();
        let mut world = self.world();
        if tells {
            world.lines.push(line);
        }
        (news, world.cut.clone())
    }

    /// Something happens. Who is not connected does not hear of it.
    pub(crate) fn push(&self, event: Value) {
        let (frame, mut world) = (event.to_string(), self.world());
        if let Some(group) = event["group_id"].as_i64().filter(|_| event["post_type"] == "message")
        {
            world.history.entry(group).or_default().push(event);
        }
        world.lines.retain(|line| line.send(frame.clone()).is_ok());
    }

    /// Somebody is in a group from the beginning.
    pub(crate) fn put(&self, group: i64, user: i64, role: &'static str) {
        self.world().groups.entry(group).or_default().insert(user, role);
    }

    pub(crate) fn remove(&self, group: i64, user: i64) {
        self.world().groups.entry(group).or_default().remove(&user);
    }

    pub(crate) fn befriend(&self, user: i64) {
        self.world().friends.insert(user);
    }

    /// From now on it cannot tell what was said.
    pub(crate) fn forget(&self) {
        self.world().forgets = true;
    }

    /// The next send to a chat goes wrong like this.
    pub(crate) fn fail(&self, chat: i64, fault: Fault) {
        self.world().faults.entry(chat).or_default().push_back(fault);
    }

    pub(crate) fn next_message(&self) -> i64 {
        let mut world = self.world();
        world.last_message += 1;
        world.last_message
    }

    pub(crate) fn sent(&self) -> Vec<Sent> {
        self.world().sent.clone()
    }

    pub(crate) fn recalled(&self) -> Vec<i64> {
        self.world().recalled.clone()
    }

    /// How often an application said that it listens from now on: it asks who it is.
    pub(crate) fn greetings(&self) -> usize {
        self.calls("get_login_info")
    }

    fn calls(&self, action: &str) -> usize {
        self.world().calls.iter().filter(|(it, _)| it == action).count()
    }

    /// What was said in a group, or to somebody alone.
    pub(crate) fn said_in(&self, chat: i64) -> Vec<String> {
        let sent = self.sent().into_iter().filter(|it| it.chat == chat);
        sent.map(|it| it.text).collect()
    }

    /// Take a call; the answer, unless the connection is lost instead.
    pub(crate) fn answer(&self, text: &str) -> Option<String> {
        let call: Value = serde_json::from_str(text).unwrap();
        let (action, params) = (call["action"].as_str().unwrap(), &call["params"]);
        self.world().calls.push((action.to_owned(), params.clone()));
        let answered = self.world().answer(action, params);
        let echo = &call["echo"];
        match answered {
            Ok(Some(data)) => Some(
                json!({ "status": "ok", "retcode": 0, "data": data, "echo": echo }).to_string(),
            ),
            Ok(None) => {
                self.cut();
                None
            }
            Err((code, words)) => Some(
                json!({
                    "status": "failed", "retcode": code, "data": null, "message": words,
                    "wording": words, "echo": echo,
                })
                .to_string(),
            ),
        }
    }
}

async fn accept(fake: Fake, listener: TcpListener) {
    loop {
        let Ok((stream, _)) = listener.accept().await else { return };
        if fake.world().is_away {
            continue; // dropped
        }
        let fake = fake.clone();
        tokio::spawn(async move {
            if let Ok(socket) = tokio_tungstenite::accept_hdr_async(stream, check).await {
                talk(&fake, socket, true).await;
            }
        });
    }
}

#[expect(clippy::result_large_err, reason = "the library wants it so")]
fn check(request: &Request, response: Response) -> Result<Response, ErrorResponse> {
    let shown = request.headers().get("authorization").and_then(|it| it.to_str().ok());
    let status = match shown {
        Some(shown) if shown == format!("Bearer {TOKEN}") => return Ok(response),
        Some(_) => 403,
        None => 401,
    };
    Err(Response::builder().status(status).body(None).unwrap())
}

type Client = WebSocketStream<tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>>;

/// Open a reverse connection.
pub(crate) async fn open(url: &str, token: &str, role: &str) -> Result<Client, Box<Error>> {
    let mut request = url.into_client_request().unwrap();
    let headers = request.headers_mut();
    headers.insert("x-self-id", BOT.into());
    headers.insert("x-client-role", role.parse().unwrap());
    if !token.is_empty() {
        headers.insert("authorization", format!("Bearer {token}").parse().unwrap());
    }
    let opened = tokio_tungstenite::connect_async(request).await;
    opened.map(|(socket, _)| socket).map_err(Box::new)
}

/// Answer calls, and tell of news, until the connection ends.
async fn talk<S: AsyncRead + AsyncWrite + Unpin>(
    fake: &Fake,
    mut socket: WebSocketStream<S>,
    tells: bool,
) {
    let (mut news, cut) = fake.attach(tells);
    let connected = json!({
        "time": 1_700_000_000, "self_id": BOT, "post_type": "meta_event",
        "meta_event_type": "lifecycle", "sub_type": "connect",
    });
    let _ = socket.send(Message::text(connected.to_string())).await; // who left is noticed below
    loop {
        let frame = tokio::select! {
            () = cut.cancelled() => return,
            frame = news.recv(), if tells => frame,
            read = socket.next() => match read {
                Some(Ok(Message::Text(text))) => fake.answer(text.as_str()),
                Some(Ok(_)) => continue,
                Some(Err(_)) | None => return,
            },
        };
        let Some(frame) = frame else { return };
        if socket.send(Message::text(frame)).await.is_err() {
            return;
        }
    }
}

type Answered = Result<Option<Value>, (i64, &'static str)>;

impl World {
    fn answer(&mut self, action: &str, params: &Value) -> Answered {
        let number = |name: &str| params[name].as_i64().ok_or((1400, "a number is wanted"));
        match action {
            "get_login_info" => Ok(Some(json!({ "user_id": BOT, "nickname": name(BOT) }))),
            "send_group_msg" => self.send(number("group_id")?, false, &params["message"]),
            "send_private_msg" => self.send(number("user_id")?, true, &params["message"]),
            "get_group_member_list" => {
                let group = number("group_id")?;
                let members = self.groups.get(&group).ok_or((100, "GROUP_NOT_FOUND"))?;
                let list = members.iter().map(|(user, role)| member(group, *user, role));
                Ok(Some(list.collect()))
            }
            "get_group_member_info" => {
                let (group, user) = (number("group_id")?, number("user_id")?);
                let members = self.groups.get(&group).ok_or((100, "GROUP_NOT_FOUND"))?;
                let role = members.get(&user).ok_or((100, "MEMBER_NOT_FOUND"))?;
                Ok(Some(member(group, user, role)))
            }
            "get_group_msg_history" if !self.forgets => {
                let said = self.history.get(&number("group_id")?).map_or(&[][..], Vec::as_slice);
                let upto = params["message_seq"].as_i64().unwrap_or(i64::MAX);
                let end = said.partition_point(|it| it["message_seq"].as_i64() <= Some(upto));
                // Fewer than were asked for, as some give them.
                let begin = end.saturating_sub(HISTORY_PAGE);
                Ok(Some(json!({ "messages": said[begin..end] })))
            }
            "delete_msg" => {
                self.recalled.push(number("message_id")?);
                Ok(Some(Value::Null))
            }
            _ => Err((1404, "不支持的 API")),
        }
    }

    fn send(&mut self, chat: i64, alone: bool, message: &Value) -> Answered {
        let segments = message.as_array().ok_or((1400, "segments are wanted"))?;
        let is_there = self.groups.get(&chat).is_some_and(|group| group.contains_key(&BOT));
        if !alone && !is_there || alone && !self.friends.contains(&chat) {
            return Err((100, "SEND_MSG_API_ERROR"));
        }
        let fault = self.faults.get_mut(&chat).and_then(VecDeque::pop_front);
        if let Some(Fault::Refused) = fault {
            return Err((100, "请参考 Go-CQHTTP 端输出"));
        }
        let (text, at) = (String::new(), Instant::now());
        let mut sent = Sent { chat, alone, text, image: None, mentions: 0, at };
        for segment in segments {
            let data = |field: &str| segment["data"][field].as_str();
            match segment["type"].as_str() {
                Some("text") => sent.text.push_str(data("text").ok_or((1400, "no text"))?),
                Some("image") => sent.image = data("file").map(str::to_owned),
                Some("at") => {
                    let user: Option<i64> = data("qq").and_then(|it| it.parse().ok());
                    sent.text.extend(["@", &name(user.ok_or((1400, "no qq"))?)]);
                    sent.mentions += 1;
                }
                _ => return Err((1400, "an unknown segment")),
            }
        }
        self.sent.push(sent);
        self.last_message += 1;
        let id = self.last_message;
        Ok(fault.is_none().then(|| json!({ "message_id": id })))
    }
}

/// Somebody as lists have them.
fn member(group: i64, user: i64, role: &str) -> Value {
    json!({
        "group_id": group, "user_id": user, "nickname": format!("qq{user}"), "card": name(user),
        "sex": "unknown", "age": 0, "area": "", "join_time": 0, "last_sent_time": 0, "level": "1",
        "role": role, "unfriendly": false, "title": "", "title_expire_time": 0,
        "card_changeable": false, "shut_up_timestamp": 0,
    })
}

/// An event of a group.
pub(crate) fn notice(kind: &str, (group, user): (i64, i64), time: i64, more: Value) -> Value {
    let mut event = json!({
        "time": time, "self_id": BOT, "post_type": "notice", "notice_type": kind,
        "group_id": group, "user_id": user,
    });
    event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    event
}

/// Somebody writes in a group, or to the bot alone.
pub(crate) fn message(chat: i64, user: i64, (id, time): (i64, i64), content: Value) -> Value {
    let alone = chat == user;
    let mut event = json!({
        "time": time, "self_id": BOT, "post_type": "message", "user_id": user, "message_id": id,
        "message_seq": id,
        "message_type": if alone { "private" } else { "group" },
        "sub_type": if alone { "friend" } else { "normal" },
        "message": content, "raw_message": "", "font": 0,
        "sender": {
            "user_id": user, "nickname": format!("qq{user}"), "card": name(user), "sex": "unknown",
            "age": 0, "area": "", "level": "1", "role": "member", "title": "",
        },
    });
    if alone {
        event["sender"]["nickname"] = json!(name(user));
    } else {
        event["group_id"] = json!(chat);
        event["anonymous"] = Value::Null;
    }
    event
}

/// Words as segments.
pub(crate) fn words(text: &str) -> Value {
    json!([{ "type": "text", "data": { "text": text } }])
}
