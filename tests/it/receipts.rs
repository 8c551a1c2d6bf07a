//! Receipts of a large group: those of a minute are one message, nobody waits a minute for theirs, and none is lost or
//! given twice, whatever is stopped meanwhile.

use std::collections::BTreeMap;

use chrono::Duration;
use tuan::domain::time::Timestamp;
use tuan::platform::simulator::RoomLine;

use crate::stage::{CORNER, Stage, morning};

/// So many people order …
const BUYERS: i64 = 100;

/// … within so long.
const EVENING: i64 = 2 * 60 * 60;

/// A group hears at most so many messages of them.
const MESSAGES_MAX: usize = 40;

/// Whoever orders waits at most so long.
const WAIT_MAX: Duration = Duration::seconds(60);

/// The corner shop with receipts given in this way.
pub(crate) fn corner(receipts: &str) -> String {
    let slug = "slug = \"corner\"\n";
    CORNER.replace(slug, &format!("{slug}receipts = \"{receipts}\"\n"))
}

async fn open(receipts: &str) -> Stage {
    let stage = Stage::open(&corner(receipts), morning()).await;
    stage.seed("corner").await;
    stage.advance(Duration::minutes(1)).await;
    stage
}

async fn lines(stage: &Stage) -> Vec<RoomLine> {
    let room = stage.room("corner").await;
    let lines = room.simulator().lines(room.chat(), 0, 10_000).await.unwrap();
    lines.into_iter().filter(|line| line.bot && line.text.contains('#')).collect()
}

fn name(nth: i64) -> String {
    format!("买家{nth:03}号")
}

/// Seconds of the evening, in order: numbers that look like chance, shaped by `of`.
fn evening(of: impl Fn(f64) -> f64) -> Vec<i64> {
    let mut seed: u64 = 7;
    let mut seconds: Vec<i64> = (0..BUYERS)
        .map(|_| {
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            #[expect(
                clippy::cast_precision_loss,
                clippy::cast_possible_truncation,
                reason = "seconds of an evening are small"
            )]
            let second = (of((seed >> 11) as f64 / (1_u64 << 53) as f64) * EVENING as f64) as i64;
            second.clamp(0, EVENING - 1)
        })
        .collect();
    seconds.sort_unstable();
    seconds
}

/// Everybody orders at their second; how many messages the group heard, and the longest that somebody waited.
async fn held(receipts: &str, seconds: &[i64]) -> (usize, Duration) {
    let stage = open(receipts).await;
    let begin = stage.now();
    let mut said: BTreeMap<String, Timestamp> = BTreeMap::new();
    for (nth, second) in (0..).zip(seconds) {
        let at = begin + Duration::seconds(*second);
        if at > stage.now() {
            stage.advance(at - stage.now()).await;
        }
        said.insert(name(nth), stage.now());
        stage.says(&name(nth), "A4 x1").await;
    }
    stage.advance(Duration::minutes(2)).await;
    let lines = lines(&stage).await;
    let mut longest = Duration::zero();
    for (name, at) in &said {
        let theirs: Vec<_> = lines.iter().filter(|line| is_for(line, name)).collect();
        assert_eq!(theirs.len(), 1, "{name} has one receipt: {theirs:?}");
        longest = longest.max(theirs[0].at - *at);
    }
    let public = lines.iter().filter(|line| !line.private).count();
    stage.close_sound().await;
    (public, longest)
}

fn is_for(line: &RoomLine, name: &str) -> bool {
    line.to.as_deref() == Some(name) || line.text.contains(name)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_orders_of_an_evening_are_few_messages_and_nobody_waits_a_minute() {
    let crowd = evening(|chance| -(1.0 - chance).ln() / 6.0);
    let steady = evening(|chance| chance);
    let even: Vec<i64> = (0..BUYERS).map(|nth| EVENING * nth / BUYERS).collect();
    for (what, seconds) in [("a crowd", crowd), ("by chance", steady), ("evenly", even)] {
        let (messages, longest) = held("minute", &seconds).await;
        println!("{what}: {messages} messages, {} s", longest.num_seconds());
        assert!(messages <= MESSAGES_MAX, "{what}: {messages} messages");
        assert!(longest <= WAIT_MAX, "{what}: somebody waited {longest}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_has_a_message_of_its_own_and_private_ones_are_heard_by_nobody_else() {
    let seconds: Vec<i64> = (0..10).map(|nth| nth * 20).collect();
    let (messages, longest) = held("each", &seconds).await;
    assert_eq!(messages, seconds.len());
    assert!(longest < Duration::seconds(20), "{longest}");
    let (messages, _) = held("private", &seconds).await;
    assert_eq!(messages, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waits_survives_a_stop_and_is_given_once() {
    let mut stage = open("minute").await;
    stage.says("小美", "A3 x1").await;
    stage.says("老王", "A4 x2").await;
    // A question is answered meanwhile, so that the mark has passed what waits.
    stage.says("小美", "A1多少钱").await;
    assert!(lines(&stage).await.is_empty(), "both wait");
    stage.hold_for(Duration::seconds(10)).await;
    stage.start().await;
    assert!(lines(&stage).await.is_empty(), "both wait still");
    stage.hold_for(Duration::minutes(5)).await;
    stage.start().await;
    let said = lines(&stage).await;
    let [both] = &said[..] else { panic!("{said:?}") };
    assert!(is_for(both, "小美") && is_for(both, "老王"), "{both:?}");
    stage.advance(Duration::minutes(5)).await;
    assert_eq!(lines(&stage).await.len(), 1);
    stage.close_sound().await;
}
