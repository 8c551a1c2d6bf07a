//! Transcripts: lines of chat in, lines of chat out, with a clock. One `.chat` file a feature, in
//! `tests/chats/<room>/`, after the rooms of `domain`; whole days and what mixes rooms, in `tests/chats/days/`. The
//! format is described in `chat/script.rs`.
//!
//! `UPDATE=1` writes what really happened into the files, so that a change of words is reviewed as
//! chat; `CHAT=loyalty/check_in` plays only the files whose names contain that, `CHAT=loyalty/` those of a room.

mod checks;
mod player;
mod script;

use std::collections::BTreeMap;
use std::env;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use futures::StreamExt;

use crate::tidy::{none, walk};
use player::Played;
use script::Script;

/// Facts that nobody foresaw in a transcript, how often each.
type Missed = BTreeMap<String, u64>;

/// Those that cannot be told before, each with its reason.
const UNFORESEEN: &[(&str, &str)] = &[
    (
        "Report(Orders(Paid to ask_leader",
        "whether somebody is trusted is asked of hardly any order",
    ),
    ("Report(Orders(Paid to ask_leader_again", "the same"),
    ("Report(Orders(Recent to my_orders", "who speaks for the first time has no number before"),
];

/// How many are played at once: each has a shop of its own, and mostly waits.
const AT_ONCE: usize = 4;

pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_transcript_reads_as_written() {
    let files = files();
    assert!(!files.is_empty(), "there are transcripts");
    let played = futures::stream::iter(files).map(async |file| (name(&file), alone(file).await));
    let mut played: Vec<_> = played.buffer_unordered(AT_ONCE).collect().await;
    played.sort();
    let failed: Vec<_> = played
        .iter()
        .filter_map(|(name, result)| result.as_ref().err().map(|why| format!("── {name}: {why}")))
        .collect();
    assert!(
        failed.is_empty(),
        "{} of {} transcripts differ (UPDATE=1 accepts what happened):\n{}",
        failed.len(),
        played.len(),
        failed.join("\n")
    );
    let found = played.iter().filter_map(|(name, result)| Some((name, result.as_ref().ok()?)));
    let found = found.flat_map(|(name, missed)| missed.iter().map(move |it| (name, it)));
    let unforeseen: Vec<_> = found
        .filter(|(_, (fact, _))| !UNFORESEEN.iter().any(|(known, _)| known == fact))
        .map(|(name, (fact, count))| format!("{name}: {fact}, {count} times"))
        .collect();
    none("facts that nobody foresaw, each a trip to the database of its own", &unforeseen);
}

/// Where all transcripts are, each in the folder of its room.
fn folder() -> PathBuf {
    root().join("tests/chats")
}

fn files() -> Vec<PathBuf> {
    let wanted = env::var("CHAT").unwrap_or_default();
    let mut files = Vec::new();
    walk(&folder(), "chat", &mut files);
    files.retain(|path| name(path).contains(&wanted));
    files.sort();
    files
}

/// As in `payments/late_payment`.
fn name(path: &Path) -> String {
    let within = path.strip_prefix(folder()).unwrap_or(path);
    within.with_extension("").to_string_lossy().into_owned()
}

/// What panics in one transcript is told with the others.
async fn alone(path: PathBuf) -> Result<Missed, String> {
    let played = tokio::spawn(async move { play(&path).await }).await;
    played.unwrap_or_else(|panic| Err(panic.to_string()))
}

async fn play(path: &Path) -> Result<Missed, String> {
    let text = std::fs::read_to_string(path).map_err(|why| why.to_string())?;
    let script = Script::read(&text)?;
    let Played { lines: happened, missed } = player::play(&script).await?;
    if env::var_os("UPDATE").is_some() {
        let written = std::fs::write(path, happened.join("\n") + "\n");
        return written.map(|()| missed).map_err(|why| why.to_string());
    }
    let expected: Vec<_> = text.lines().map(str::to_owned).collect();
    match difference(&telling(&expected), &telling(&happened)) {
        None => Ok(missed),
        Some(difference) => Err(format!("\n{difference}")),
    }
}

/// What is compared: neither comments nor empty lines.
fn telling(lines: &[String]) -> Vec<&str> {
    let lines = lines.iter().map(|line| line.trim_end());
    lines.filter(|line| !line.is_empty() && !line.starts_with('#')).collect()
}

/// A diff of whole transcripts, with a little of what is the same around each difference.
fn difference(expected: &[&str], happened: &[&str]) -> Option<String> {
    const AROUND: usize = 3;
    if expected == happened {
        return None;
    }
    let rows = longest_common(expected, happened);
    let differs: Vec<_> = rows.iter().map(|(sign, _)| *sign != ' ').collect();
    let mut text = String::new();
    let mut cut = false;
    for (at, (sign, line)) in rows.iter().enumerate() {
        let near = at.saturating_sub(AROUND)..(at + AROUND + 1).min(rows.len());
        if differs[near].contains(&true) {
            writeln!(text, "  {sign} {line}").expect("a string takes all");
            cut = false;
        } else if !cut {
            text.push_str("    …\n");
            cut = true;
        }
    }
    Some(text)
}

/// Lines with their signs: `-` expected only, `+` happened only.
fn longest_common<'t>(expected: &[&'t str], happened: &[&'t str]) -> Vec<(char, &'t str)> {
    let (rows, columns) = (expected.len(), happened.len());
    let mut common = vec![vec![0_u32; columns + 1]; rows + 1];
    for i in (0..rows).rev() {
        for j in (0..columns).rev() {
            common[i][j] = if expected[i] == happened[j] {
                common[i + 1][j + 1] + 1
            } else {
                common[i + 1][j].max(common[i][j + 1])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut lines = Vec::with_capacity(rows + columns);
    while i < rows || j < columns {
        if i < rows && j < columns && expected[i] == happened[j] {
            lines.push((' ', expected[i]));
            (i, j) = (i + 1, j + 1);
        } else if i < rows && (j == columns || common[i + 1][j] >= common[i][j + 1]) {
            lines.push(('-', expected[i]));
            i += 1;
        } else {
            lines.push(('+', happened[j]));
            j += 1;
        }
    }
    lines
}

#[test]
fn a_difference_shows_what_was_expected_and_what_happened() {
    assert_eq!(difference(&["a", "b"], &["a", "b"]), None);
    let text = difference(&["1", "2", "3", "4", "5", "x"], &["1", "2", "3", "4", "5", "y"]);
    assert_eq!(text.unwrap(), "    …\n    3\n    4\n    5\n  - x\n  + y\n");
}
