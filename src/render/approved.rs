//! What is said, as people approved it: `tests/words/<locale>.txt` holds the text of every sample.
//!
//! A change of words shows up there for review; `UPDATE=1 cargo test words` rewrites the files. The
//! tests here also hold that no variant lacks words or a sample, and that no words lack a use.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use super::clean::NAME_CHARS;
use super::samples::{SampleRoom, huge, local, now, replies, rooms, variants};
use super::{Addressing, MAX_CHARS, Words, named, sections, when};
use crate::domain::intent::{About, Role, Why};
use crate::domain::money::Currency;
use crate::domain::orders::{CommissionState, OrderState};
use crate::domain::policy::Locale;
use crate::domain::reply::{ChoiceView, Hurdle, LinkRefusal, Noted, Reply, RoleChange};
use crate::understand::commands;

fn voice(locale: Locale) -> Addressing<'static> {
    let of = |code| Currency::of(code).unwrap();
    let (time_zone, currency) = match locale {
        Locale::ZhHans => (chrono_tz::Asia::Shanghai, Currency::CNY),
        Locale::ZhHant => (chrono_tz::Asia::Taipei, of("TWD")),
        Locale::En => (chrono_tz::Asia::Singapore, of("SGD")),
    };
    Addressing { locale, time_zone, currency, to: None, now: now() }
}

/// The names of the sections that replies and refusals need. Rooms share no names: that is how they are stored.
fn wanted() -> BTreeSet<String> {
    let all: Vec<_> = rooms().into_iter().flat_map(|room| room.sections).collect();
    let unique: BTreeSet<_> = all.iter().cloned().collect();
    assert_eq!(all.len(), unique.len(), "two rooms have a reply of one name");
    unique
}

/// The file with the words of a room, without its ending.
fn words_file(room: &SampleRoom) -> &'static str {
    room.folder.strip_prefix("src/domain/").unwrap_or("parts")
}

/// The file with the samples of a room: short ones stand at the end of its own.
fn samples_file(room: &SampleRoom) -> String {
    let apart = format!("{}/samples.rs", room.folder);
    let is_apart = Path::new(env!("CARGO_MANIFEST_DIR")).join(&apart).exists();
    if is_apart { apart } else { format!("{}.rs", room.folder) }
}

#[test]
fn every_variant_has_words_in_every_locale() {
    for locale in Locale::ALL {
        for room in rooms() {
            let file = words_file(&room);
            let there = sections::names_in(locale, file);
            for name in &room.sections {
                let file = format!("prompts/replies/{}/{file}.txt", locale.tag());
                assert!(there.contains(&name.as_str()), "no words: add `=== {name}` to {file}");
            }
        }
    }
}

#[test]
fn every_variant_has_a_sample() {
    for room in rooms() {
        let sampled: BTreeSet<_> = room.samples.iter().map(|reply| named(reply).0).collect();
        let file = samples_file(&room);
        for name in &room.sections {
            assert!(sampled.contains(name), "add a sample of `{name}` to {file}");
        }
    }
    let all = serde_json::to_string(&replies()).unwrap();
    let inner = [
        variants::<Why>(),
        variants::<About>(),
        variants::<OrderState>(),
        variants::<CommissionState>(),
        variants::<Noted>(),
        variants::<Hurdle>(),
        variants::<LinkRefusal>(),
        variants::<RoleChange>(),
        variants::<ChoiceView>(),
    ];
    for name in inner.concat() {
        let quoted = format!("\"{name}\"");
        assert!(all.contains(&quoted), "no sample in src/domain has `{name}` in it");
    }
}

#[test]
fn no_words_are_twice_or_unused_or_in_one_locale_only() {
    let wanted = wanted();
    let names = |locale| {
        let all: Vec<_> = sections::of(locale).into_iter().map(|(name, _)| name).collect();
        let unique: BTreeSet<_> = all.iter().copied().collect();
        assert_eq!(all.len(), unique.len(), "a section is twice in {locale:?}");
        unique
    };
    let first = names(Locale::ZhHans);
    for locale in Locale::ALL {
        assert_eq!(names(locale), first, "{locale:?}");
        for (name, _) in sections::of(locale) {
            assert!(is_used(name, locale, &wanted), "`{name}` in {locale:?} is never said");
        }
    }
}

fn is_used(name: &str, locale: Locale, wanted: &BTreeSet<String>) -> bool {
    let (family, rest) = name.split_once('/').unwrap_or(("", name));
    match family {
        "digest" | "public" => {
            matches!(rest, "heading" | "more" | "repeat") || wanted.contains(rest)
        }
        "when" | "day" => when::Calendar::sections().any(|section| section == name),
        "room" | "lead" => commands::all().any(|command| command.room() == rest),
        "about" => commands::named(rest).is_some_and(|command| !command.slash.is_empty()),
        "command" => commands::named(rest).is_some(),
        "part" if matches!(rest, "more" | "nameless") => true,
        "part" => {
            let quoted = format!("(\"{rest}\"");
            sections::of(locale).iter().any(|(_, text)| text.contains(&quoted))
        }
        _ => wanted.contains(name),
    }
}

/// All that is said of one reply: in full, to the group, among others.
fn forms(words: &Words, reply: &Reply, voice: &Addressing<'_>) -> Vec<(&'static str, String)> {
    let (name, fields) = named(reply);
    let tongue = words.tongue(voice);
    let full = tongue.render(&name, fields.clone(), voice);
    let mut forms = vec![("", full.unwrap_or_else(|error| panic!("{name}: {error:#}")))];
    for family in ["public", "digest"] {
        let section = format!("{family}/{name}");
        if tongue.env.get_template(&section).is_ok() {
            let short = tongue.render(&section, fields.clone(), voice);
            forms.push((family, short.unwrap_or_else(|error| panic!("{section}: {error:#}"))));
        }
    }
    forms
}

#[test]
fn every_sample_can_be_said_in_every_locale() {
    let words = Words::new();
    for locale in Locale::ALL {
        for reply in local(replies(), locale).iter().chain(&huge()) {
            for (form, text) in forms(&words, reply, &voice(locale)) {
                check_text(&text, &format!("{locale:?} {form} {}", named(reply).0));
                assert!(form.is_empty() || !text.contains('\n'), "more than a line: {text}");
            }
        }
    }
}

fn check_text(text: &str, what: &str) {
    assert!(!text.is_empty(), "nothing is said: {what}");
    let chars = text.chars().count();
    let room = "@ ".len() + NAME_CHARS;
    assert!(chars + room <= MAX_CHARS, "{chars} characters: {what}\n{text}");
    for trace in ["{{", "}}", "{%", "%}", "{#", "  ", "\n\n\n", "＠"] {
        assert!(!text.contains(trace), "{trace:?} is left in {what}:\n{text}");
    }
    for line in text.lines() {
        assert!(line == line.trim_end(), "a line ends in blanks: {what}\n{text}");
    }
}

#[test]
fn the_words_are_those_that_were_approved() {
    let words = Words::new();
    for locale in Locale::ALL {
        let said = transcript(&words, locale);
        let path = format!("tests/words/{}.txt", locale.tag());
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&path, &said).unwrap();
        }
        let approved = std::fs::read_to_string(&path).unwrap_or_default();
        let different =
            said.lines().zip(approved.lines()).find(|(said, approved)| said != approved);
        assert!(
            said == approved,
            "the words differ from {}, first at (said, approved) {different:?}; \
             UPDATE=1 cargo test words rewrites it",
            path.display()
        );
    }
}

fn transcript(words: &Words, locale: Locale) -> String {
    let mut text = format!("What the bot says in {}. Rewritten by a test.\n", locale.tag());
    for reply in local(replies(), locale) {
        for (form, said) in forms(words, &reply, &voice(locale)) {
            let slash = if form.is_empty() { "" } else { "/" };
            writeln!(text, "\n=== {form}{slash}{}\n{said}", named(&reply).0).unwrap();
        }
    }
    text
}

/// Whoever half says a command is told how it goes.
#[test]
fn every_command_of_a_leader_says_how_it_goes() {
    for locale in Locale::ALL {
        let there: BTreeSet<_> = sections::of(locale).into_iter().map(|(name, _)| name).collect();
        for command in commands::all().filter(|command| command.who > Role::Member) {
            let (how, title) =
                (format!("command/{}", command.id), format!("lead/{}", command.room()));
            assert!(command.id == "payments.collect" || there.contains(&*how), "no `{how}`");
            assert!(there.contains(&*title), "no `{title}` in {locale:?}");
        }
    }
}
