//! The calls of the interface, one function each.

use std::collections::{BTreeMap, VecDeque};

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::{APP_ID, BOT, BOT_MEMBER, Fake, Fault, SECRET, refused};

/// Members told in one page.
const PAGE: usize = 3;

/// Somebody wants a token. Failures are told in an answer that is fine.
pub(super) async fn new_token(State(fake): State<Fake>, Json(asked): Json<Value>) -> Response {
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

pub(super) async fn gateway(State(fake): State<Fake>, headers: HeaderMap) -> Response {
    if let Err(refused) = fake.admit(&headers, "gateway") {
        return *refused;
    }
    let shut_for = fake.world().shut_for();
    let (remaining, reset_after) = match shut_for {
        Some(left) => (0, left.as_millis().max(1)),
        None => (999, 1_000),
    };
    let limit = json!({
        "total": 1000, "remaining": remaining, "reset_after": u64::try_from(reset_after).unwrap(),
        "max_concurrency": 1,
    });
    let url = format!("ws://{}/websocket", fake.address);
    Json(json!({ "url": url, "shards": 1, "session_start_limit": limit })).into_response()
}

pub(super) async fn me(State(fake): State<Fake>, headers: HeaderMap) -> Response {
    if let Err(refused) = fake.admit(&headers, "me") {
        return *refused;
    }
    Json(json!({ "id": BOT, "username": "团团", "bot": true, "avatar": "" })).into_response()
}

pub(super) async fn answer_tap(
    State(fake): State<Fake>,
    Path(id): Path<String>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Response {
    if let Err(refused) = fake.admit(&headers, "interaction") {
        return *refused;
    }
    assert_eq!(body["code"], 0);
    fake.world().answered_taps.push(id);
    StatusCode::NO_CONTENT.into_response()
}

pub(super) async fn send_to_group(
    State(fake): State<Fake>,
    Path(group): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    send(&fake, &group, (&headers, &body), false)
}

pub(super) async fn send_alone(
    State(fake): State<Fake>,
    Path(user): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    send(&fake, &user, (&headers, &body), true)
}

fn send(fake: &Fake, chat: &str, (headers, body): (&HeaderMap, &[u8]), is_alone: bool) -> Response {
    if let Err(refused) = fake.admit(headers, "messages") {
        return *refused;
    }
    let body: Value = serde_json::from_slice(body).unwrap();
    let fault = fake.world().faults.get_mut(chat).and_then(VecDeque::pop_front);
    match fault {
        Some(Fault::Status(status)) => {
            return StatusCode::from_u16(status).unwrap().into_response();
        }
        Some(Fault::Code(code)) => return refused(400, code, "refused"),
        Some(Fault::Lost) | None => {}
    }
    let answer = fake.world().send(chat, &body, is_alone);
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

pub(super) async fn upload(
    State(fake): State<Fake>,
    Path(_chat): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if let Err(refused) = fake.admit(&headers, "files") {
        return *refused;
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

pub(super) async fn recall(
    State(fake): State<Fake>,
    Path((_group, message)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    if let Err(refused) = fake.admit(&headers, "recall") {
        return *refused;
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

pub(super) async fn members(
    State(fake): State<Fake>,
    Path(group): Path<String>,
    Query(asked): Query<BTreeMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    if let Err(refused) = fake.admit(&headers, "members") {
        return *refused;
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

pub(super) async fn member(
    State(fake): State<Fake>,
    Path((group, member)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    if let Err(refused) = fake.admit(&headers, "member") {
        return *refused;
    }
    let world = fake.world();
    match world.groups.get(&group).and_then(|it| it.members.get(&member)) {
        Some(told) => Json(listed(&member, told)).into_response(),
        None => refused(400, 11_294, "no such member"),
    }
}

pub(super) async fn info(
    State(fake): State<Fake>,
    Path(group): Path<String>,
    headers: HeaderMap,
) -> Response {
    if let Err(refused) = fake.admit(&headers, "info") {
        return *refused;
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

pub(super) async fn bot_state(
    State(fake): State<Fake>,
    Path(group): Path<String>,
    headers: HeaderMap,
) -> Response {
    if let Err(refused) = fake.admit(&headers, "bot_state") {
        return *refused;
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

pub(super) async fn requests(
    State(fake): State<Fake>,
    Path(group): Path<String>,
    headers: HeaderMap,
) -> Response {
    if let Err(refused) = fake.admit(&headers, "join_request_list") {
        return *refused;
    }
    let world = fake.world();
    let list = world.groups.get(&group).map(|it| it.requests.clone()).unwrap_or_default();
    Json(json!({ "list": list, "next_cursor": "" })).into_response()
}

pub(super) async fn approve(
    State(fake): State<Fake>,
    Path((_group, member)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    if let Err(refused) = fake.admit(&headers, "approval") {
        return *refused;
    }
    fake.world().approved.push(member);
    StatusCode::NO_CONTENT.into_response()
}
