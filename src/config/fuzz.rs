//! A long run, by hand and now and then: `make fuzz`. The files of `deploy/` with lines and values changed,
//! lost, doubled and moved: each is accepted, or refused with places, words and hints, in time.

use super::*;
use crate::fuzzing::{Dice, few, in_time, long};

const FILES: [&str; 2] =
    [include_str!("../../deploy/shop.example.toml"), include_str!("../../deploy/demo.toml")];

/// Values of which most stand in the wrong place.
const VALUES: &[&str] = &[
    "0",
    "-1",
    "1e400",
    "nan",
    "0x7fffffffffffffff",
    "9223372036854775808",
    "99999999999999999999.99",
    "\"99999999999999999999.99\"",
    "\"\"",
    "\"\\u0000\"",
    "\"\\U0010FFFF\"",
    "\"100%\"",
    "\"-3%\"",
    "\"阳光\"",
    "[]",
    "{}",
    "[[[[]]]]",
    "{ a = { b = { c = 1 } } }",
    "true",
    "10:00",
    "24:00",
    "\"23:59\"",
    "2026-11-29T10:00:00Z",
    "\"CNY\"",
    "\"JPY\"",
    "\"A1\"",
    "\"zh-Hans\"",
    "\"'\"",
    "\"\"\"\n\"\"\"",
    "\"",
    "[",
];

/// A file with a few of its lines changed.
fn text(dice: &mut Dice) -> String {
    let mut lines: Vec<String> = dice.pick(&FILES).lines().map(str::to_owned).collect();
    for _ in 0..=dice.below(4) {
        let (at, to) = (dice.below(lines.len()), dice.below(lines.len()));
        match dice.below(9) {
            0 => drop(lines.remove(at)),
            1 => lines.insert(to, lines[at].clone()),
            2 => lines.swap(at, to),
            3 => lines[at] = dice.text(&[&lines[at], &lines[to]]),
            4 => lines[at] = uncommented(&lines[at]),
            5 => {
                let many = vec![lines[at].clone(); dice.below(40)];
                lines.splice(to..to, many);
            }
            _ => lines[at] = with_value(&lines[at], dice),
        }
        if lines.is_empty() {
            break;
        }
    }
    lines.join("\n")
}

fn uncommented(line: &str) -> String {
    line.trim_start().trim_start_matches('#').to_owned()
}

fn with_value(line: &str, dice: &mut Dice) -> String {
    match uncommented(line).split_once('=') {
        Some((key, _)) => format!("{key}= {}", dice.pick(VALUES)),
        None => line.to_owned(),
    }
}

fn one(dice: &mut Dice) {
    let text = text(dice);
    let (config, faults) = in_time(text.len(), || check(&text));
    let is_refused = faults.iter().any(|fault| fault.severity == Severity::Error);
    assert_eq!(config.is_none(), is_refused, "accepted or refused: {faults:?}\n{text}");
    let lines = text.split('\n').count();
    for fault in &faults {
        let is_placed = (1..=lines).contains(&fault.line) && fault.column > 0;
        let is_said = !fault.message.trim().is_empty() && !fault.hint.trim().is_empty();
        assert!(is_placed && is_said, "{fault:?}\n{text}");
    }
    if let Some(config) = config {
        assert!(report(&config).len() < 100 * text.len() + 10_000, "a report has bounds");
    }
}

#[test]
fn changed_files() {
    few(120, 1, one);
}

#[test]
#[ignore = "a long run, by hand: make fuzz"]
fn for_as_long_as_asked() {
    long("files of operators", one);
}
