//! What is said in a room, as server-sent events: first what was missed, then what comes.
//!
//! The table is the truth and the broadcast only a hint: whoever falls behind, or finds a number
//! missing, reads on from the table, as does everybody now and then, because another process may
//! have written into the room.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::time::Duration;

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use chrono_tz::Tz;
use futures::Stream;
use serde::Deserialize;
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::Interval;
use tokio_util::sync::CancellationToken;

use super::Site;
use super::asked::AddressQuery;
use super::chat;
use super::guard::{self, Pass};
use super::problem::{Answer, Problem};
use crate::platform::simulator::room::ChatRoom;
use crate::platform::simulator::{RoomLine, RoomNews};

/// How many may listen at once.
pub(super) const LISTENERS_MAX: usize = 512;

/// Lines read from the table at a time.
const READ_MAX: i64 = 500;

/// How often the table is read without a hint.
const POLL: Duration = Duration::from_secs(2);

/// How often a silent connection shows that it lives.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// Where to begin.
#[derive(Deserialize)]
pub(super) struct From {
    #[serde(default)]
    after: i64,
}

/// `GET /api/chat/{community}/events`.
pub(super) async fn listen(
    State(site): State<Site>,
    Extension(pass): Extension<Pass>,
    Path(slug): Path<String>,
    AddressQuery(asked): AddressQuery<From>,
    headers: HeaderMap,
) -> Answer<Sse<impl Stream<Item = Result<Event, Infallible>>>> {
    let (room, zone) = chat::room(&site, &slug).await?;
    let full = |_| Problem::later("too many are listening, try again later");
    let seat = std::sync::Arc::clone(&site.seats).try_acquire_owned().map_err(full)?;
    // A browser that comes back asks for the old address and says separately how far it got.
    let seen = headers.get("last-event-id").and_then(|id| id.to_str().ok()?.parse().ok());
    let listener = StreamListener {
        news: room.simulator().listen(),
        room,
        zone,
        after: asked.after.max(seen.unwrap_or(0)),
        waiting: VecDeque::new(),
        is_behind: true,
        polls: tokio::time::interval(POLL),
        stop: site.app.engine.stop.clone(),
        pass,
        site,
        _seat: seat,
    };
    let stream = futures::stream::unfold(listener, async |mut listener| {
        listener.next().await.map(|event| (Ok(event), listener))
    });
    Ok(Sse::new(stream).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)))
}

struct StreamListener {
    room: ChatRoom,
    zone: Tz,
    news: Receiver<RoomNews>,
    /// The last line that was told.
    after: i64,
    /// Lines read and not told yet.
    waiting: VecDeque<RoomLine>,
    /// Whether the table may hold more.
    is_behind: bool,
    polls: Interval,
    stop: CancellationToken,
    /// How the listener was let in; looked at again now and then.
    pass: Pass,
    site: Site,
    _seat: OwnedSemaphorePermit,
}

impl StreamListener {
    /// The next line; `None` when the shop stops, its database is away or the session has ended: the listener
    /// comes back.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(line) = self.waiting.pop_front() {
                self.after = line.n;
                let event = Event::default().id(line.n.to_string());
                return event.json_data(chat::shown(&line, self.zone)).ok();
            }
            if self.is_behind {
                self.read().await?;
            } else {
                self.hear().await?;
            }
        }
    }

    async fn read(&mut self) -> Option<()> {
        let reading = self.room.simulator().lines(self.room.chat(), self.after, READ_MAX);
        let lines = tokio::select! {
            lines = reading => lines.ok()?,
            () = self.stop.cancelled() => return None,
        };
        self.is_behind = !lines.is_empty();
        self.waiting = lines.into();
        Some(())
    }

    async fn hear(&mut self) -> Option<()> {
        let heard = tokio::select! {
            biased;
            () = self.stop.cancelled() => return None,
            _ = self.polls.tick() => {
                // A session may have ended; what is said from then on is not for its listener.
                if !guard::still_holds(&self.site, self.pass).await {
                    return None;
                }
                Err(RecvError::Lagged(0))
            }
            heard = self.news.recv() => heard,
        };
        match heard {
            Ok(news) if news.room != self.room.chat() || news.line.n <= self.after => {}
            Ok(news) if news.line.n == self.after + 1 => self.waiting.push_back(news.line),
            Ok(_) | Err(RecvError::Lagged(_)) => self.is_behind = true,
            Err(RecvError::Closed) => return None,
        }
        Some(())
    }
}
