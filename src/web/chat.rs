//! The simulated chat for programs and for the page: rooms, what is said in them, who joins, and the
//! demo's clock. Speaking goes the way of every message: heard by the adapter, stored, answered.
//!
//! There is no sign-in: whoever may use it speaks as anybody. That is what a simulator is for.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use chrono_tz::Tz;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Site;
use super::asked::{AddressQuery, JsonBody, span};
use super::problem::{Answer, Problem};
use crate::app::clock;
use crate::domain::ids::is_id;
use crate::domain::name::{cleaned, shown_name};
use crate::domain::orders::chain::{LINES_MAX, Snapshot, SnapshotLine, Utf16Range};
use crate::domain::time::Timestamp;
use crate::engine::idle;
use crate::engine::intake::TEXT_MAX;
use crate::platform::simulator::RoomLine;
use crate::platform::simulator::mentions::{self, Marked};
use crate::platform::simulator::room::ChatRoom;

/// The longest name of a person, in characters.
const NAME_MAX: usize = 32;

/// The longest key of a message, in characters.
const KEY_MAX: usize = 100;

/// Messages of one answer, at most and usually.
const LINES: (i64, i64) = (1_000, 200);

/// How long to wait for a settled shop, at most and usually.
const PATIENCE_MS: (u64, u64) = (120_000, 10_000);

/// `GET /api/chat/communities`.
pub(super) async fn communities(State(site): State<Site>) -> Answer<Json<Value>> {
    if !site.app.is_ready() {
        return Err(Problem::later("the first drop is being delivered, try again soon"));
    }
    let simulator = site.app.simulator.as_ref().ok_or_else(no_chat)?;
    let policy = site.app.policy().await;
    let mut people =
        crate::store::groups::read::people(&site.app.engine.db, simulator.account()).await?;
    let now = site.app.engine.clock.now();
    let mut answer = Vec::with_capacity(policy.communities.len());
    for community in &policy.communities {
        if site.app.room(&community.slug).await.is_none() {
            continue;
        }
        answer.push(json!({
            "slug": community.slug,
            "name": community.name,
            "locale": community.locale.tag(),
            "now": local(now, community.time_zone),
            "members": people.remove(&community.slug).unwrap_or_default(),
        }));
    }
    Ok(Json(Value::Array(answer)))
}

/// A message as it is handed in.
#[derive(Deserialize)]
pub(super) struct ChatMessage {
    from: String,
    text: String,
    key: Option<String>,
    chain: Option<PastedChain>,
    #[serde(default)]
    mentions: Vec<Marked>,
}

/// What makes a message a native chain (接龙): ranges of its text in UTF-16 code units, and who wrote each
/// line. `{"title":{"start":0,"length":6},"lines":[{"author":"小美","start":7,"length":5}]}`; `title` and
/// `example` may be left out.
#[derive(Deserialize)]
pub(super) struct PastedChain {
    title: Option<Utf16Range>,
    example: Option<Utf16Range>,
    lines: Vec<SnapshotLine>,
}

impl PastedChain {
    /// The snapshot it is of this text.
    fn of(self, text: String) -> Answer<Snapshot> {
        if self.lines.len() > LINES_MAX {
            return Err(Problem::bad(format!("`chain` must have {LINES_MAX} lines at most")));
        }
        for author in self.lines.iter().filter_map(|line| line.author.as_deref()) {
            check_name("author", author)?;
        }
        let Self { title, example, lines } = self;
        Ok(Snapshot { text, title, example, lines })
    }
}

/// `POST /api/chat/{community}/messages`.
pub(super) async fn say(
    State(site): State<Site>,
    Path(slug): Path<String>,
    JsonBody(said): JsonBody<ChatMessage>,
) -> Answer<(StatusCode, Json<Value>)> {
    let (room, _) = room(&site, &slug).await?;
    check_name("from", &said.from)?;
    let text = said.text.replace('\0', " ");
    if text.trim().is_empty() || text.len() > TEXT_MAX {
        return Err(Problem::bad(format!("`text` must have between 1 and {TEXT_MAX} bytes")));
    }
    if let Some(key) = &said.key {
        check_key(key)?;
    }
    let key = if let Some(chain) = said.chain {
        let snapshot = chain.of(text)?;
        room.post_chain(&said.from, &snapshot, said.key).await?
    } else {
        let message = mentions::message(text, &said.mentions);
        let message = message.map_err(|why| Problem::bad(why.to_string()))?;
        room.say(&said.from, message, said.key).await?
    };
    Ok((StatusCode::ACCEPTED, Json(json!({ "key": key }))))
}

/// A newcomer as handed in.
#[derive(Deserialize)]
pub(super) struct Joins {
    member: String,
    invited_by: Option<String>,
}

/// `POST /api/chat/{community}/joins`.
pub(super) async fn join(
    State(site): State<Site>,
    Path(slug): Path<String>,
    JsonBody(joins): JsonBody<Joins>,
) -> Answer<(StatusCode, Json<Value>)> {
    let (room, _) = room(&site, &slug).await?;
    check_name("member", &joins.member)?;
    if let Some(inviter) = &joins.invited_by {
        check_name("invited_by", inviter)?;
    }
    room.join(&joins.member, joins.invited_by.as_deref()).await?;
    Ok((StatusCode::ACCEPTED, Json(json!({ "member": shown_name(&joins.member, "?") }))))
}

/// Which messages.
#[derive(Deserialize)]
pub(super) struct After {
    #[serde(default)]
    after: i64,
    limit: Option<i64>,
}

/// `GET /api/chat/{community}/messages`.
pub(super) async fn messages(
    State(site): State<Site>,
    Path(slug): Path<String>,
    AddressQuery(asked): AddressQuery<After>,
) -> Answer<Json<Vec<Value>>> {
    let (room, zone) = room(&site, &slug).await?;
    let (most, usual) = LINES;
    let limit = asked.limit.unwrap_or(usual).clamp(1, most);
    let lines = room.simulator().lines(room.chat(), asked.after, limit).await?;
    Ok(Json(lines.iter().map(|line| shown(line, zone)).collect()))
}

/// A step of the clock.
#[derive(Deserialize)]
pub(super) struct ClockStep {
    advance: String,
}

/// `POST /api/chat/{community}/clock`: the demo's clock, for all its communities.
pub(super) async fn advance(
    State(site): State<Site>,
    Path(slug): Path<String>,
    JsonBody(step): JsonBody<ClockStep>,
) -> Answer<Json<Value>> {
    let (_, zone) = room(&site, &slug).await?;
    if !site.app.is_demo {
        return Err(Problem::missing("clock to move: this shop runs on real time"));
    }
    let wrong = || {
        let most = clock::ADVANCE_MAX.num_days();
        Problem::bad(format!("`advance` is a time like 30s, 90m, 3h, 1h30m or 1d, {most}d at most"))
    };
    let by = span(&step.advance).filter(|by| *by <= clock::ADVANCE_MAX).ok_or_else(wrong)?;
    // A task of its own: a step that was begun is finished, even if nobody waits for the answer.
    let moving = tokio::spawn(async move {
        let _alone = site.advancing.lock().await;
        clock::advance(&site.app.engine, by).await
    });
    let now = moving.await.map_err(anyhow::Error::from)??;
    Ok(Json(json!({ "now": local(now, zone) })))
}

/// How long to wait.
#[derive(Deserialize)]
pub(super) struct Patience {
    timeout_ms: Option<u64>,
}

/// `POST /api/chat/{community}/settled`: once all that was posted has been handled and delivered.
pub(super) async fn settle(
    State(site): State<Site>,
    Path(slug): Path<String>,
    AddressQuery(asked): AddressQuery<Patience>,
) -> Answer<Json<Value>> {
    let (_, zone) = room(&site, &slug).await?;
    let (most, usual) = PATIENCE_MS;
    let patience = Duration::from_millis(asked.timeout_ms.unwrap_or(usual).min(most));
    let engine = Arc::clone(&site.app.engine);
    if idle::wait(&engine, patience).await? {
        return Ok(Json(json!({ "settled": true, "now": local(engine.clock.now(), zone) })));
    }
    Err(Problem::new(StatusCode::GATEWAY_TIMEOUT, "the shop has not settled in that time"))
}

/// A community's room and time zone.
pub(super) async fn room(site: &Site, slug: &str) -> Answer<(ChatRoom, Tz)> {
    let room = site.app.room(slug).await.ok_or_else(|| no_such_room(site))?;
    let policy = site.app.policy().await;
    let zone = policy.community(slug).map_or(chrono_tz::UTC, |community| community.time_zone);
    Ok((room, zone))
}

fn no_such_room(site: &Site) -> Problem {
    if site.app.simulator.is_some() { Problem::missing("such community") } else { no_chat() }
}

fn no_chat() -> Problem {
    Problem::missing("simulated chat in this shop")
}

/// A line as it is answered: its time by the community's own clock.
pub(super) fn shown(line: &RoomLine, zone: Tz) -> Value {
    let mut shown = json!(line);
    shown["at"] = json!(local(line.at, zone));
    shown
}

fn local(at: Timestamp, zone: Tz) -> String {
    at.with_timezone(&zone).to_rfc3339_opts(chrono::SecondsFormat::AutoSi, false)
}

fn check_name(field: &str, name: &str) -> Answer<()> {
    let is_name = name.chars().count() <= NAME_MAX && is_id(&cleaned(name));
    if is_name {
        return Ok(());
    }
    Err(Problem::bad(format!("`{field}` must be a name of 1 to {NAME_MAX} characters")))
}

fn check_key(key: &str) -> Answer<()> {
    let is_key = (1..=KEY_MAX).contains(&key.chars().count()) && !key.chars().any(char::is_control);
    if is_key {
        return Ok(());
    }
    Err(Problem::bad(format!(
        "`key` must have 1 to {KEY_MAX} characters, none of them control codes"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_keys_are_short_and_visible() {
        let names = [("小美", true), ("", false), (" ", false), ("\u{200b}", false), ("a\0", true)];
        for (name, expected) in names {
            assert_eq!(check_name("from", name).is_ok(), expected, "{name:?}");
        }
        assert!(check_name("from", &"长".repeat(32)).is_ok());
        assert!(check_name("from", &"长".repeat(33)).is_err());
        let keys = [("k", true), ("", false), ("a\0", false), ("a\nb", false), ("钥匙", true)];
        for (key, expected) in keys {
            assert_eq!(check_key(key).is_ok(), expected, "{key:?}");
        }
        assert!(check_key(&"k".repeat(100)).is_ok());
        assert!(check_key(&"k".repeat(101)).is_err());
    }

    #[test]
    fn times_carry_the_offset_of_the_community() {
        let at = "2031-03-01T01:59:00.5Z".parse().unwrap();
        assert_eq!(local(at, chrono_tz::Asia::Shanghai), "2031-03-01T09:59:00.500+08:00");
        assert_eq!(local(at, chrono_tz::UTC), "2031-03-01T01:59:00.500+00:00");
    }
}
