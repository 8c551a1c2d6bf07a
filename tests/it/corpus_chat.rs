//! All messages of the corpus, typed into the simulated chat by a few members and a leader: whatever
//! they mean to a shop that sells other things, nothing is parked, everything is answered or left alone,
//! and the books are sound afterwards.

use futures::StreamExt;

use crate::stage::{DEMO, Stage};

/// Who types, in turn; the first is the leader.
const SPEAKERS: [&str; 5] = ["阿明", "小美", "老王", "阿强", "新来的"];

fn texts() -> Vec<String> {
    include_str!("../corpus/cases.jsonl")
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
        .map(|case| case["text"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_message_of_the_corpus_is_handled() {
    let stage = Stage::open(DEMO, "2026-03-01T01:59:00Z".parse().unwrap()).await;
    stage.seed("sunshine").await;
    let (room, texts) = (stage.room("sunshine").await, texts());
    assert!(texts.len() > 250, "the corpus is whole");
    let said = texts.iter().zip(SPEAKERS.iter().cycle()).map(|(text, from)| (*from, text));
    futures::stream::iter(said)
        .for_each_concurrent(8, async |(from, text)| {
            room.say(from, text.as_str(), None).await.map(|_| ()).unwrap();
        })
        .await;
    stage.settle().await;
    stage.advance(chrono::Duration::days(3)).await;
    stage.close_sound().await;
}
