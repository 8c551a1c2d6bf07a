//! `docs/glossary.md`: the words of the shop, as the documentation of `domain` says them.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::tidy::{Source, files};

const PATH: &str = "docs/glossary.md";

const HEAD: &str = "# Glossary

The words of the trade, each with what it means here. Made from the documentation of `src/domain` by
`UPDATE=1 cargo test --test it -- glossary`: mend a meaning where the type stands.
";

/// A type of `domain` with its meaning.
struct Term {
    name: String,
    meaning: String,
    path: String,
}

/// Names that every room has: the room's own are told in its file.
const OF_EVERY_ROOM: [&str; 6] = ["Intent", "Lead", "Reply", "Refusal", "Need", "Facts"];

/// What a declaration names, if it declares a public type.
fn declared(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("pub ")?;
    let kinds = ["struct ", "enum ", "trait ", "type "];
    let rest = kinds.iter().find_map(|kind| rest.strip_prefix(kind))?;
    rest.split(|c: char| !c.is_alphanumeric()).next()
}

/// The first sentence of the documentation that ends above this line.
fn meaning(lines: &[&str]) -> String {
    let above = lines.iter().rev();
    let is_about = |line: &&&str| {
        line.starts_with("///")
            || line.starts_with('#')
            || line.starts_with(')')
            || line.starts_with("    ")
    };
    let mut words: Vec<&str> =
        above.take_while(is_about).filter_map(|line| line.strip_prefix("///")).collect();
    words.reverse();
    let first = words.iter().map(|line| line.trim()).take_while(|line| !line.is_empty());
    let text = first.collect::<Vec<_>>().join(" ");
    let end = text.find(". ").map_or(text.len(), |at| at + 1);
    plain(&text[..end])
}

/// Without the marks of a link: ``[`Offer`](path)`` and ``[`Offer`]`` are `Offer`.
fn plain(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("[`") {
        let Some((word, behind)) = behind.split_once("`]") else { break };
        let _ = write!(plain, "{before}`{word}`");
        rest = behind.strip_prefix('(').and_then(|it| it.split_once(')')).map_or(behind, |it| it.1);
    }
    plain.push_str(rest);
    plain.replace('|', "\\|")
}

fn terms(file: &Source) -> Vec<Term> {
    let lines: Vec<&str> = file.lines().map(|(_, line)| line).collect();
    let mut terms = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let name = declared(line).filter(|name| !OF_EVERY_ROOM.contains(name));
        if let Some(name) = name {
            let path = file.path.clone();
            terms.push(Term { name: name.to_owned(), meaning: meaning(&lines[..at]), path });
        }
    }
    terms
}

fn glossary() -> String {
    let mut terms: Vec<Term> =
        files("src/domain", "rs").iter().filter(|it| !it.is_test()).flat_map(terms).collect();
    terms.sort_by(|a, b| a.name.cmp(&b.name).then_with(|| a.path.cmp(&b.path)));
    let mut text = format!("{HEAD}\n| word | meaning | stands in |\n|---|---|---|\n");
    for Term { name, meaning, path } in terms {
        let path = path.trim_start_matches("src/");
        let _ = writeln!(text, "| {name} | {meaning} | `{path}` |");
    }
    text
}

#[test]
fn the_glossary_says_what_domain_says() {
    let (path, made) = (Path::new(env!("CARGO_MANIFEST_DIR")).join(PATH), glossary());
    if std::env::var("UPDATE").is_ok() {
        fs::write(&path, &made).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(written == made, "{PATH} is stale: UPDATE=1 cargo test --test it -- glossary");
}

#[test]
fn every_word_of_domain_has_a_meaning() {
    let files = files("src/domain", "rs");
    let terms = files.iter().filter(|it| !it.is_test()).flat_map(terms);
    let bare: Vec<String> = terms.filter(|it| it.meaning.is_empty()).map(|it| it.name).collect();
    crate::tidy::none("say what these are", &bare);
}

#[test]
fn a_link_is_read_as_its_word() {
    assert_eq!(plain("A [`Reply`](x::y) to [`Who`]. "), "A `Reply` to `Who`. ");
    assert_eq!(meaning(&["x", "/// One", "/// thing. Two.", "#[derive(Debug)]"]), "One thing.");
}
