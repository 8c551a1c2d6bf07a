//! Native chains by chance: people nobody has met, old copies, struck lines, remarks, names full of pictures,
//! between orders by message. Whatever comes of it, a replay comes to the same, whatever the batch boundaries.

use chrono::Duration;
use tuan::domain::event::Body;
use tuan::domain::orders::chain::{Snapshot, SnapshotLine, Utf16Range};

use super::random::Random;
use super::{assert_same, replay};
use crate::stage::{CORNER, Stage, config, morning, person, said};

/// Platform ids; the last two are members only once they have a line.
const PEOPLE: [&str; 5] = ["小美", "老王", "阿强", "wx_1", "wx_𠮷2"];
const NAMES: [&str; 5] = ["葡萄妈妈🦌", "👨‍👩‍👧老王", "阿强", "é李姐🇨🇳", "𠮷野"];
const GOODS: [(&str, &str); 3] = [("阳光玫瑰", "箱"), ("土鸡蛋", "盒"), ("鲜牛奶", "瓶")];
const REMARKS: [&str; 4] = ["", "", " 放门卫", "（明天取）"];
const GROUPS: usize = 6;

/// A line: whose, and what is written.
type Line = (usize, String);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn native_chains_by_chance_replay_to_the_same() {
    for seed in [1, 2] {
        live(seed).await;
    }
}

async fn live(seed: u64) {
    let mut random = Random::new(seed);
    let mut config = config(CORNER);
    // The model knows no leader who is asked.
    config.policy.orders.unpaid_share.bps = 10_000;
    config.policy.orders.changes_per_minute = u32::MAX;
    config.engine.batch_max = random.pick(&[1, 4, 500]).expect("there are sizes");
    let stage = Stage::closed(config, morning()).await;
    stage.start().await;
    stage.seed("corner").await;
    stage.advance(Duration::minutes(2)).await;
    let mut copies: Vec<Vec<Line>> = vec![Vec::new()];
    for group in 0..GROUPS {
        let mut causes = Vec::new();
        for nth in 0..random.below(12) {
            let body = act(&mut random, &mut copies);
            causes.push(stage.cause("corner", &format!("chain:{group}:{nth}"), body));
        }
        stage.hand_in(causes).await;
        stage.settle().await;
    }
    let (recording, facts) = (replay::recording(&stage).await, replay::dump(&stage.pool).await);
    assert!(facts.iter().any(|line| line.starts_with("order_line")), "somebody ordered: {facts:?}");
    for batch_max in [1, 7, 500] {
        let again = replay::replay(&stage.config, &recording, batch_max).await;
        assert_same(&facts, &again, &format!("chains of seed {seed} in batches of {batch_max}"));
    }
    stage.close_sound().await;
}

/// Somebody posts the chain again, from the newest copy or an old one, or orders by message.
fn act(random: &mut Random, copies: &mut Vec<Vec<Line>>) -> Body {
    let who = random.below(PEOPLE.len());
    let (goods, unit) = random.pick(&GOODS).expect("there are goods");
    let qty = random.count(3);
    if random.one_in(4) {
        let text = if random.one_in(3) {
            "全部取消".to_owned()
        } else {
            format!("再加{goods}{qty}{unit}")
        };
        return said(PEOPLE[who], &text);
    }
    let back = if random.one_in(3) { random.below(copies.len().min(4)) } else { 0 };
    let mut lines = copies[copies.len() - 1 - back].clone();
    let mine: Vec<usize> = (0..lines.len()).filter(|&n| lines[n].0 == who).collect();
    let remark = random.pick(&REMARKS).expect("there are remarks");
    let text = format!("{} {goods}{qty}{unit}{remark}", NAMES[who]);
    match random.pick(&mine) {
        Some(at) if random.one_in(4) => lines[at].1 = format!("{} 不要了", NAMES[who]),
        Some(at) if random.one_in(4) => drop(lines.remove(at)),
        Some(at) if random.one_in(2) => lines[at].1 = text,
        _ => lines.push((who, text)),
    }
    copies.push(lines.clone());
    let (title, lines) = snapshot(&lines).cut();
    Body::Chain { from: person(PEOPLE[who]), title, lines }
}

fn snapshot(lines: &[Line]) -> Snapshot {
    let units = |text: &str| u32::try_from(text.encode_utf16().count()).unwrap();
    let mut text = "#接龙 🍇🥚\n今日团购\n".to_owned();
    let line = |(nth, (who, line)): (usize, &Line)| {
        text.extend([(nth + 1).to_string().as_str(), ". "]);
        let range = Utf16Range { start: units(&text), length: units(line) };
        text.extend([line.as_str(), "\n"]);
        SnapshotLine { author: Some(PEOPLE[*who].to_owned()), range }
    };
    let lines: Vec<_> = lines.iter().enumerate().map(line).collect();
    Snapshot { text, title: None, example: None, lines }
}
