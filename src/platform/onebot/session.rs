//! One connection, whoever opened it: calls and their answers, told apart by their echo, and the news that
//! comes between them.
//!
//! What became of a call is known by how far it got: not written, it may be made again; written and not
//! answered, it may have been done. A call that gave up waiting to be written is never written.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::{Sink, SinkExt, Stream, StreamExt};
use serde_json::{Value, json};
use tokio::sync::{mpsc, oneshot};

use super::wire::{CallAnswer, OnebotId};

/// How long a call may take. Pictures are uploaded meanwhile.
const CALL_MAX: Duration = Duration::from_secs(30);

/// Calls that wait to be written; beyond it callers wait.
const QUEUE_MAX: usize = 64;

/// News that waits to be heard; beyond it nothing is read from the connection.
pub(super) const NEWS_MAX: usize = 4_096;

/// How often the other side is asked whether it is there.
const PING_EVERY: Duration = Duration::from_secs(20);

/// A connection that is silent for so long is dead.
const SILENCE_MAX: Duration = Duration::from_mins(1);

/// The largest frame that is read: member lists and messages with pictures in them.
pub(super) const FRAME_MAX: usize = 16 * 1024 * 1024;

/// What is read from a connection.
pub(super) enum ReadFrame {
    /// A frame of text.
    Text(String),
    /// Anything else: it is alive.
    Sign,
}

/// What is written to a connection.
pub(super) enum Write {
    /// A frame of text.
    Text(String),
    /// Are you there?
    Ping,
}

/// Why a connection ended, in words without secrets.
pub(super) type EndReason = String;

/// The two halves of a connection, whichever library made it.
pub(super) type Wire = (
    Pin<Box<dyn Stream<Item = Result<ReadFrame, EndReason>> + Send>>,
    Pin<Box<dyn Sink<Write, Error = EndReason> + Send>>,
);

/// A connection of either library, whose messages have the same shape and share no type.
pub(super) fn wire<M: Send + 'static, E: std::fmt::Display + 'static>(
    socket: impl Stream<Item = Result<M, E>> + Sink<M, Error = E> + Send + 'static,
    read: fn(M) -> Result<ReadFrame, EndReason>,
    written: fn(Write) -> M,
) -> Wire {
    let (writing, reading) = socket.split();
    let reading = reading.map(move |message| message.map_err(|it| it.to_string()).and_then(read));
    let writing = writing
        .sink_map_err(|error: E| error.to_string())
        .with(move |frame| std::future::ready(Ok::<_, EndReason>(written(frame))));
    (Box::pin(reading), Box::pin(writing))
}

/// How a connection ends that the other side closes.
pub(super) const CLOSED: &str = "the connection was closed";

/// Why a call brought nothing.
#[derive(Debug, thiserror::Error)]
pub(super) enum CallError {
    /// The other side says no.
    #[error("{code}: {words}")]
    Refused {
        /// As it numbers reasons.
        code: i64,
        /// In its words.
        words: String,
    },
    /// Not done; it may be tried again.
    #[error("not done: {0}")]
    Later(EndReason),
    /// It may have been done.
    #[error("no answer: {0}")]
    Unknown(EndReason),
}

/// A connection over which calls can be made.
pub(super) struct OnebotSession {
    queue: mpsc::Sender<(u64, String)>,
    calls: Mutex<Calls>,
    last: AtomicU64,
}

#[derive(Default)]
struct Calls {
    open: HashMap<u64, Call>,
    /// Why no more can be made.
    ended: Option<EndReason>,
}

struct Call {
    told: oneshot::Sender<Result<CallAnswer, CallError>>,
    /// It is being written, or was.
    begun: bool,
}

/// What waits to be written.
pub(super) type WriteQueue = mpsc::Receiver<(u64, String)>;

impl OnebotSession {
    /// A session, and what [`Self::run`] takes calls from.
    pub(super) fn new() -> (Self, WriteQueue) {
        let (queue, waiting) = mpsc::channel(QUEUE_MAX);
        (Self { queue, calls: Mutex::default(), last: AtomicU64::new(0) }, waiting)
    }

    fn calls(&self) -> MutexGuard<'_, Calls> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Call an action and wait for its answer.
    pub(super) async fn call(&self, action: &str, params: Value) -> Result<Value, CallError> {
        self.call_within(CALL_MAX, action, params).await
    }

    /// The same, giving up after so long.
    pub(super) async fn call_within(
        &self,
        most: Duration,
        action: &str,
        params: Value,
    ) -> Result<Value, CallError> {
        let echo = self.last.fetch_add(1, Ordering::Relaxed) + 1;
        let (told, answer) = oneshot::channel();
        {
            let mut calls = self.calls();
            if let Some(reason) = &calls.ended {
                return Err(CallError::Later(reason.clone()));
            }
            calls.open.insert(echo, Call { told, begun: false });
        }
        let _forgotten = Forget { session: self, echo };
        let text = json!({ "action": action, "params": params, "echo": echo.to_string() });
        let answered = async {
            // When nobody takes it any more, the call is told why by `end`.
            let _ = self.queue.send((echo, text.to_string())).await;
            answer.await
        };
        match tokio::time::timeout(most, answered).await {
            Ok(Ok(answer)) => done(answer?),
            Ok(Err(_)) | Err(_) => Err(self.gave_up(echo, most)),
        }
    }

    fn gave_up(&self, echo: u64, most: Duration) -> CallError {
        let reason = format!("no answer within {most:?}");
        match self.calls().open.get(&echo) {
            Some(call) if !call.begun => CallError::Later(reason),
            _ => CallError::Unknown(reason),
        }
    }

    /// Read and write until the connection ends; returns why. News goes to `news`, in order.
    pub(super) async fn run(
        &self,
        (reading, writing): Wire,
        queue: WriteQueue,
        news: mpsc::Sender<Value>,
    ) -> EndReason {
        // Whoever stops this leaves nobody waiting.
        let mut ending = SessionEnd { session: self, reason: "the shop is closing".to_owned() };
        let reason = tokio::select! {
            reason = self.read(reading, news) => reason,
            reason = self.write(writing, queue) => reason,
        };
        ending.reason.clone_from(&reason);
        reason
    }

    /// Whether no call waits for its answer.
    pub(super) fn is_idle(&self) -> bool {
        self.calls().open.is_empty()
    }

    async fn read(
        &self,
        mut wire: Pin<Box<dyn Stream<Item = Result<ReadFrame, EndReason>> + Send>>,
        news: mpsc::Sender<Value>,
    ) -> EndReason {
        loop {
            let text = match tokio::time::timeout(SILENCE_MAX, wire.next()).await {
                Ok(Some(Ok(ReadFrame::Text(text)))) => text,
                Ok(Some(Ok(ReadFrame::Sign))) => continue,
                Ok(Some(Err(reason))) => return reason,
                Ok(None) => return "the connection was closed".to_owned(),
                Err(_) => return format!("nothing was heard for {SILENCE_MAX:?}"),
            };
            let Ok(frame) = serde_json::from_str::<Value>(&text) else {
                tracing::warn!(bytes = text.len(), "a frame is no JSON");
                continue;
            };
            if frame.get("post_type").is_some() {
                if news.send(frame).await.is_err() {
                    return "nobody listens any more".to_owned();
                }
            } else if let Some(reason) = self.answered(frame) {
                return reason;
            }
        }
    }

    /// An answer came. To no call of ours: the connection itself is refused, and the reason is returned.
    fn answered(&self, frame: Value) -> Option<EndReason> {
        let Ok(answer) = serde_json::from_value::<CallAnswer>(frame) else {
            tracing::warn!("a frame is neither news nor an answer");
            return None;
        };
        let Some(OnebotId(echo)) = &answer.echo else {
            return (!answer.is_fine()).then(|| format!("{}: {}", answer.retcode, answer.words()));
        };
        let call = echo.parse().ok().and_then(|echo: u64| self.calls().open.remove(&echo));
        if let Some(call) = call {
            let _ = call.told.send(Ok(answer)); // who asked may have given up
        }
        None
    }

    async fn write(
        &self,
        mut wire: Pin<Box<dyn Sink<Write, Error = EndReason> + Send>>,
        mut queue: WriteQueue,
    ) -> EndReason {
        let mut ping = tokio::time::interval(PING_EVERY);
        loop {
            let frame = tokio::select! {
                next = queue.recv() => match next {
                    Some((echo, text)) if self.begin(echo) => Write::Text(text),
                    Some(_) => continue,
                    None => return "nobody calls any more".to_owned(),
                },
                _ = ping.tick() => Write::Ping,
            };
            if let Err(reason) = wire.send(frame).await {
                return reason;
            }
        }
    }

    /// From now on it may have been done. `false`: whoever asked gave up.
    fn begin(&self, echo: u64) -> bool {
        self.calls().open.get_mut(&echo).is_some_and(|call| {
            call.begun = true;
            true
        })
    }

    /// No more calls; those that are open are told what is known of them.
    fn end(&self, reason: &EndReason) {
        let mut calls = self.calls();
        calls.ended = Some(reason.clone());
        for (_, call) in calls.open.drain() {
            let error = if call.begun { CallError::Unknown } else { CallError::Later };
            let _ = call.told.send(Err(error(reason.clone()))); // who asked may have given up
        }
    }
}

fn done(answer: CallAnswer) -> Result<Value, CallError> {
    if answer.is_fine() {
        return Ok(answer.data);
    }
    Err(CallError::Refused { code: answer.retcode, words: answer.words() })
}

/// Ends a session, however it comes to its end.
struct SessionEnd<'s> {
    session: &'s OnebotSession,
    reason: EndReason,
}

impl Drop for SessionEnd<'_> {
    fn drop(&mut self) {
        self.session.end(&self.reason);
    }
}

/// Forgets a call that nobody waits for any more.
struct Forget<'s> {
    session: &'s OnebotSession,
    echo: u64,
}

impl Drop for Forget<'_> {
    fn drop(&mut self) {
        self.session.calls().open.remove(&self.echo);
    }
}

#[cfg(test)]
#[path = "session_tests.rs"]
mod tests;
