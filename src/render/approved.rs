//! What is said, as people approved it: `tests/words/<locale>.txt` holds the text of every sample.
//!
//! A change of words shows up there for review; `UPDATE=1 cargo test words` rewrites the files. The
//! tests here also hold that no variant lacks words or a sample, and that no words lack a use.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use serde::de::value::Error as Unread;
use serde::de::{DeserializeOwned, Deserializer, Visitor};
use serde::forward_to_deserialize_any;

use super::clean::NAME_CHARS;
use super::samples::{huge, local, now, replies};
use super::{MAX_CHARS, Voice, Words, named, sections, when};
use crate::domain::intent::{About, Why};
use crate::domain::money::Currency;
use crate::domain::orders::{CommissionState, OrderState};
use crate::domain::policy::Locale;
use crate::domain::refusal::Refusal;
use crate::domain::reply::{ChoiceView, Hurdle, LinkRefusal, Noted, Reply, RoleChange};
use crate::domain::{
    catalog, groups, loyalty, orders, payments, payouts, people, referral, reports, service,
    shipping,
};

fn voice(locale: Locale) -> Voice<'static> {
    let of = |code| Currency::of(code).unwrap();
    let (time_zone, currency) = match locale {
        Locale::ZhHans => (chrono_tz::Asia::Shanghai, Currency::CNY),
        Locale::ZhHant => (chrono_tz::Asia::Taipei, of("TWD")),
        Locale::En => (chrono_tz::Asia::Singapore, of("SGD")),
    };
    Voice { locale, time_zone, currency, to: None, now: now() }
}

/// The serde names of an enum's variants, as its `Deserialize` hands them over.
struct Variants<'a>(&'a mut &'static [&'static str]);

impl<'de> Deserializer<'de> for Variants<'_> {
    type Error = Unread;

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        variants: &'static [&'static str],
        _visitor: V,
    ) -> Result<V::Value, Unread> {
        *self.0 = variants;
        Err(serde::de::Error::custom("only the names are wanted"))
    }

    fn deserialize_any<V: Visitor<'de>>(self, _visitor: V) -> Result<V::Value, Unread> {
        Err(serde::de::Error::custom("not an enum"))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit
        unit_struct newtype_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

fn variants<T: DeserializeOwned>() -> &'static [&'static str] {
    let mut names: &'static [&'static str] = &[];
    assert!(T::deserialize(Variants(&mut names)).is_err());
    assert!(!names.is_empty(), "an enum has variants");
    names
}

/// The names of all replies of the room of this one. There is no arm for the rest: a new room must be named here.
fn neighbors(reply: &Reply) -> Vec<String> {
    let names = match reply {
        Reply::Refused { refusal } => return refusals_beside(refusal),
        Reply::Asked { .. } => &["asked"],
        Reply::Groups(_) => variants::<groups::Reply>(),
        Reply::People(_) => variants::<people::Reply>(),
        Reply::Catalog(_) => variants::<catalog::Reply>(),
        Reply::Orders(_) => variants::<orders::Reply>(),
        Reply::Payments(_) => variants::<payments::Reply>(),
        Reply::Shipping(_) => variants::<shipping::Reply>(),
        Reply::Referral(_) => variants::<referral::Reply>(),
        Reply::Payouts(_) => variants::<payouts::Reply>(),
        Reply::Loyalty(_) => variants::<loyalty::Reply>(),
        Reply::Service(_) => variants::<service::Reply>(),
        Reply::Reports(_) => variants::<reports::Reply>(),
    };
    names.iter().map(|&name| name.to_owned()).collect()
}

/// The same of a refusal.
fn refusals_beside(refusal: &Refusal) -> Vec<String> {
    let names: &[&str] = match refusal {
        Refusal::People(_) => variants::<people::Refusal>(),
        Refusal::Catalog(_) => variants::<catalog::Refusal>(),
        Refusal::Orders(_) => variants::<orders::Refusal>(),
        Refusal::Payments(_) => variants::<payments::Refusal>(),
        Refusal::Referral(_) => variants::<referral::Refusal>(),
        Refusal::Payouts(_) => variants::<payouts::Refusal>(),
        Refusal::Loyalty(_) => variants::<loyalty::Refusal>(),
        Refusal::HalfSaid { .. }
        | Refusal::Unread(_)
        | Refusal::QuestionOver
        | Refusal::NothingToUndo
        | Refusal::AlreadyUndone
        | Refusal::CannotUndo
        | Refusal::ChangedSince { .. } => &[
            "half_said",
            "unread",
            "question_over",
            "nothing_to_undo",
            "already_undone",
            "cannot_undo",
            "changed_since",
        ],
    };
    names.iter().map(|name| format!("refused/{name}")).collect()
}

/// The names of the sections that replies and refusals need. Rooms share no names: that is how they are stored.
fn wanted() -> BTreeSet<String> {
    let rooms: BTreeSet<_> = replies().iter().map(neighbors).collect();
    let all: Vec<_> = rooms.into_iter().flatten().collect();
    let unique: BTreeSet<_> = all.iter().cloned().collect();
    assert_eq!(all.len(), unique.len(), "two rooms have a reply of one name");
    unique
}

#[test]
fn every_variant_has_words_in_every_locale() {
    for locale in Locale::ALL {
        let there: BTreeSet<_> = sections::of(locale).into_iter().map(|(name, _)| name).collect();
        for name in wanted() {
            let tag = locale.tag();
            assert!(
                there.contains(name.as_str()),
                "no words for `{name}` in {tag}: add `=== {name}` to a file in prompts/replies/{tag}/"
            );
        }
    }
}

#[test]
fn every_variant_has_a_sample() {
    let replies = replies();
    let sampled: BTreeSet<_> = replies.iter().map(|reply| named(reply).0).collect();
    for name in wanted() {
        assert!(sampled.contains(&name), "add a sample of `{name}` to src/render/samples.rs");
    }
    let all = serde_json::to_string(&replies).unwrap();
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
        assert!(all.contains(&quoted), "no sample in src/render/samples.rs has `{name}` in it");
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
        "when" => when::Calendar::sections().any(|section| section == name),
        "part" if matches!(rest, "more" | "nameless") => true,
        "part" => {
            let quoted = format!("(\"{rest}\"");
            sections::of(locale).iter().any(|(_, text)| text.contains(&quoted))
        }
        _ => wanted.contains(name),
    }
}

/// All that is said of one reply: in full, to the group, among others.
fn forms(words: &Words, reply: &Reply, voice: &Voice<'_>) -> Vec<(&'static str, String)> {
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
