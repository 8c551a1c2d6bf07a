//! A session against a wire of the test's own: what is known of a call, however the connection ends.

use std::sync::Arc;

use futures::channel::mpsc as pipe;

use super::*;

/// The other side.
struct Peer {
    says: pipe::UnboundedSender<Result<ReadFrame, EndReason>>,
    hears: pipe::UnboundedReceiver<Write>,
}

impl Peer {
    #[expect(clippy::needless_pass_by_value, reason = "literals read better")]
    fn says(&self, frame: Value) {
        self.says.unbounded_send(Ok(ReadFrame::Text(frame.to_string()))).unwrap();
    }

    /// The next call.
    async fn hears(&mut self) -> Value {
        loop {
            if let Write::Text(text) = self.hears.next().await.unwrap() {
                return serde_json::from_str(&text).unwrap();
            }
        }
    }
}

struct Running {
    session: Arc<OnebotSession>,
    peer: Peer,
    news: mpsc::Receiver<Value>,
    ended: tokio::task::JoinHandle<EndReason>,
}

fn start() -> Running {
    let (says, reading) = pipe::unbounded();
    let (writing, hears) = pipe::unbounded();
    let writing = writing.sink_map_err(|error| error.to_string());
    let (session, queue) = OnebotSession::new();
    let session = Arc::new(session);
    let (tells, news) = mpsc::channel(8);
    let running = Arc::clone(&session);
    let ended = tokio::spawn(async move {
        running.run((Box::pin(reading), Box::pin(writing)), queue, tells).await
    });
    Running { session, peer: Peer { says, hears }, news, ended }
}

fn call(
    session: &Arc<OnebotSession>,
    most: Duration,
) -> tokio::task::JoinHandle<Result<Value, CallError>> {
    let session = Arc::clone(session);
    tokio::spawn(async move { session.call_within(most, "do", json!({ "n": 1 })).await })
}

#[tokio::test]
async fn answers_find_their_calls_and_news_comes_between() {
    let mut it = start();
    let (first, second) = (call(&it.session, CALL_MAX), call(&it.session, CALL_MAX));
    let (one, two) = (it.peer.hears().await, it.peer.hears().await);
    assert!(one["echo"].is_string() && one["echo"] != two["echo"]);
    assert_eq!((&one["action"], &one["params"]), (&json!("do"), &json!({ "n": 1 })));
    it.peer.says(
        json!({ "status": "ok", "retcode": 0, "data": { "of": two["echo"] }, "echo": two["echo"] }),
    );
    it.peer.says(json!({ "post_type": "notice" }));
    it.peer
        .says(json!({ "status": "failed", "retcode": 100, "message": "no", "echo": one["echo"] }));
    let mut results = [first.await.unwrap(), second.await.unwrap()];
    results.sort_by_key(Result::is_err);
    assert_eq!(results[0].as_ref().unwrap()["of"], two["echo"]);
    assert!(matches!(&results[1], Err(CallError::Refused { code: 100, words }) if words == "no"));
    assert_eq!(it.news.recv().await.unwrap(), json!({ "post_type": "notice" }));
}

#[tokio::test]
async fn a_call_that_was_written_has_an_unknown_outcome_when_the_connection_ends() {
    let mut it = start();
    let written = call(&it.session, CALL_MAX);
    it.peer.hears().await;
    it.peer.says.close_channel();
    assert_eq!(it.ended.await.unwrap(), "the connection was closed");
    assert!(matches!(written.await.unwrap(), Err(CallError::Unknown(_))));
    let after = it.session.call("do", json!({})).await;
    assert!(matches!(after, Err(CallError::Later(_))), "{after:?}");
}

#[tokio::test]
async fn nobody_waits_for_a_session_that_is_stopped() {
    let mut it = start();
    assert!(it.session.is_idle());
    let written = call(&it.session, CALL_MAX);
    it.peer.hears().await;
    assert!(!it.session.is_idle());
    it.ended.abort();
    assert!(matches!(written.await.unwrap(), Err(CallError::Unknown(_))));
}

#[tokio::test]
async fn a_call_that_was_not_written_may_be_made_again() {
    let (session, queue) = OnebotSession::new();
    let session = Arc::new(session);
    let asked = call(&session, Duration::from_millis(20));
    assert!(matches!(asked.await.unwrap(), Err(CallError::Later(_))));
    let asked = call(&session, CALL_MAX);
    tokio::task::yield_now().await;
    session.end(&"away".to_owned());
    assert!(matches!(asked.await.unwrap(), Err(CallError::Later(_))));
    // And it is not written later on.
    let (writing, mut hears) = pipe::unbounded();
    let writing = writing.sink_map_err(|error| error.to_string());
    let written = session.write(Box::pin(writing), queue);
    assert!(tokio::time::timeout(Duration::from_millis(50), written).await.is_err());
    while let Some(frame) = hears.next().await {
        assert!(matches!(frame, Write::Ping));
    }
}

#[tokio::test]
async fn an_answer_that_does_not_come_is_an_unknown_outcome() {
    let mut it = start();
    let waiting = call(&it.session, Duration::from_millis(50));
    let late = it.peer.hears().await;
    assert!(matches!(waiting.await.unwrap(), Err(CallError::Unknown(_))));
    it.peer.says(json!({ "status": "ok", "retcode": 0, "data": null, "echo": late["echo"] }));
    let next = call(&it.session, CALL_MAX);
    let asked = it.peer.hears().await;
    it.peer.says(json!({ "status": "ok", "retcode": 0, "data": 5, "echo": asked["echo"] }));
    assert_eq!(next.await.unwrap().unwrap(), json!(5));
}

#[tokio::test]
async fn a_refused_token_is_told() {
    let it = start();
    it.peer.says(
        json!({ "status": "failed", "retcode": 1403, "message": "token验证失败", "echo": null }),
    );
    assert_eq!(it.ended.await.unwrap(), "1403: token验证失败");
}
