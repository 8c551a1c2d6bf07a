//! What the names of the code are held to: one type for each name, and no public item that nobody needs.

use std::collections::{BTreeMap, BTreeSet};

use crate::tidy::{Source, files, none};

/// Types that every room has, and those that every adapter has: the folder says whose they are.
const OF_MANY: &[&str] = &[
    // Rooms.
    "Intent",
    "Lead",
    "Reply",
    "Refusal",
    "Need",
    "Facts",
    // Adapters.
    "Options",
    "Inner",
    "Client",
    "CallError",
    "HookError",
    // The protocol of puppets has one, too, and a test compares its names.
    "Timestamp",
];

/// Public items that only the tests of the whole program use, each with its reason.
const FOR_TESTS: &[(&str, &str)] = &[
    ("check_item", "the contract of adapters, which every adapter's test runs"),
    ("residents", "who is in a simulated room; transcripts bring people in by it"),
    ("MAX_CHARS", "the bound that all words are tried against"),
];

fn sources() -> Vec<Source> {
    files("src", "rs")
}

/// The words of a text that can be names.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty())
}

/// What a line declares at the beginning of its text: the kind and the name.
fn declared<'a>(line: &'a str, kinds: &[&str]) -> Option<&'a str> {
    let mut words = words(line).skip_while(|word| {
        matches!(*word, "pub" | "crate" | "super" | "in" | "async" | "const" | "unsafe")
            && !(*word == "const" && kinds.contains(&"const") && !line.contains(" fn "))
    });
    words.next().filter(|kind| kinds.contains(kind)).and_then(|_| words.next())
}

#[test]
fn no_two_types_have_one_name() {
    let kinds = ["struct", "enum", "trait", "type"];
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for file in sources() {
        // What stands further in belongs to a trait, a function or tests.
        for (number, line) in file.lines().filter(|(_, line)| !line.starts_with(' ')) {
            if let Some(name) = declared(line, &kinds).filter(|name| !OF_MANY.contains(name)) {
                let place = format!("{}:{number}", file.path);
                places.entry(name.to_owned()).or_default().push(place);
            }
        }
    }
    let doubled = places.iter().filter(|(_, places)| places.len() > 1);
    let faults: Vec<String> =
        doubled.map(|(name, places)| format!("{name}: {}", places.join(", "))).collect();
    none("one name, one type: say of which kind each is", &faults);
}

#[test]
fn no_public_item_is_dead() {
    let kinds = ["fn", "struct", "enum", "const", "trait", "type", "static"];
    let (mut uses, mut declarations) = (BTreeMap::<String, usize>::new(), Vec::new());
    for file in sources().iter().filter(|file| !file.is_test()) {
        let mut is_for_tests = false;
        for (number, line) in file.lines() {
            let code = line.split("//").next().unwrap_or("");
            let is_excused = std::mem::replace(&mut is_for_tests, code.contains("#[cfg(test)]"));
            words(code).for_each(|word| *uses.entry(word.to_owned()).or_default() += 1);
            if !is_excused
                && code.trim_start().starts_with("pub")
                && let Some(name) = declared(code.trim_start(), &kinds)
            {
                declarations.push((name.to_owned(), format!("{}:{number}", file.path)));
            }
        }
    }
    let declared = |name: &str| declarations.iter().filter(|(other, _)| other == name).count();
    let dead = |name: &str| uses.get(name).copied().unwrap_or(0) <= declared(name);
    let excused: BTreeSet<&str> = FOR_TESTS.iter().map(|(name, _)| *name).collect();
    let of_nobody = declarations.iter().filter(|(name, _)| dead(name));
    let faults: Vec<String> = of_nobody
        .filter(|(name, _)| !excused.contains(name.as_str()))
        .map(|(name, place)| format!("{place}: {name}"))
        .collect();
    none("nobody needs these, or only tests do", &faults);
    let needed: Vec<String> =
        excused.iter().filter(|name| !dead(name)).map(ToString::to_string).collect();
    none("these are needed by the program itself: take them out of FOR_TESTS", &needed);
}

#[test]
fn declarations_are_seen() {
    let kinds = ["fn", "const", "struct"];
    assert_eq!(declared("pub(crate) const fn made(", &kinds), Some("made"));
    assert_eq!(declared("pub const MOST: usize = 3;", &kinds), Some("MOST"));
    assert_eq!(declared("pub async fn told() {", &kinds), Some("told"));
    assert_eq!(declared("let struct_of = 1;", &kinds), None);
}
