//! Where a message mentions people. Pure. The gateway tells whom, but not where: the k-th mention is the k-th
//! person only if all of them are found in order, each as a name that is known of that person in this room.
//! Where they are not, everything that looks like a mention is opaque and nobody.
//!
//! WeChat writes a mark of its own behind each name that was chosen from its list. A name may contain the
//! sign, blanks and even that mark.

use std::ops::Range;

use super::messages::{AFTER_MENTION, BELOW_QUOTATION};
use crate::domain::name::name_key;
use crate::platform::heard::{HeardMessage, Mention, Mentioned};

/// How far behind an `@` its name can end, in bytes.
const NAME_MAX_BYTES: usize = 600;

/// How many marks behind an `@` are tried as the end of its name.
const ENDS_MAX: usize = 6;

/// How often something is compared with somebody's names; who is not found by then is nobody.
const TRIES_MAX: usize = 500;

/// Somebody whom a message is said to mention.
#[derive(Clone, Debug, Default)]
pub(super) struct Candidate {
    /// Who; `None`: it was not asked.
    pub(super) who: Option<Mentioned>,
    /// Every name that is known of them in the room.
    pub(super) names: Vec<String>,
}

/// The message with its mentions in their places.
pub(super) fn placed(text: String, people: &[Candidate]) -> HeardMessage {
    let own = text.rfind(BELOW_QUOTATION).map_or(0, |at| at + BELOW_QUOTATION.len());
    let found = found(&text, own, people).unwrap_or_default();
    let mut mentions: Vec<Mention> = opaque(&text, &found, !people.is_empty() && found.is_empty())
        .into_iter()
        .map(|place| Mention::at(place, Mentioned::Nobody))
        .collect();
    let people = people.iter().filter_map(|person| person.who.clone());
    mentions.extend(found.into_iter().zip(people).map(|(place, who)| Mention::at(place, who)));
    HeardMessage::with_mentions(text, mentions)
}

/// Where these people are mentioned, one behind the other; `None` unless all of them are found.
fn found(text: &str, own: usize, people: &[Candidate]) -> Option<Vec<Range<usize>>> {
    let (mut at, mut tries) = (own, 0);
    let mut found = Vec::with_capacity(people.len());
    let is_marked = text.contains(AFTER_MENTION);
    for person in people {
        person.who.as_ref()?;
        let names = || person.names.iter().filter(|name| !name.is_empty());
        let keys: Vec<String> = names().map(|name| name_key(name)).collect();
        let place = signs(text, at).find_map(|sign| {
            let behind = sign + 1;
            let end = if is_marked {
                marked_name(&text[behind..], &keys, &mut tries)
            } else {
                let typed = names().filter(|name| text[behind..].starts_with(name.as_str()));
                typed.map(String::len).max()
            };
            end.map(|end| sign..behind + end)
        })?;
        at = place.end;
        found.push(place);
    }
    Some(found)
}

/// Every `@` from here on.
fn signs(text: &str, from: usize) -> impl Iterator<Item = usize> {
    text[from..].match_indices('@').map(move |(at, _)| from + at)
}

/// How long the name is that a text begins with, up to WeChat's mark, if it is one of these keys.
fn marked_name(text: &str, keys: &[String], tries: &mut usize) -> Option<usize> {
    let near = &text[..text.floor_char_boundary(NAME_MAX_BYTES + AFTER_MENTION.len_utf8())];
    let mut ends = near.match_indices(AFTER_MENTION).map(|(at, _)| at).take(ENDS_MAX);
    ends.find(|&at| {
        *tries += 1;
        *tries <= TRIES_MAX && keys.contains(&name_key(&text[..at]))
    })
}

/// What else looks like a mention: whatever ends in WeChat's mark; and, where people were mentioned who are
/// not found, every sign up to the end of its line.
fn opaque(text: &str, found: &[Range<usize>], is_amiss: bool) -> Vec<Range<usize>> {
    let mut places = Vec::new();
    let mut at = 0;
    for (mark, _) in text.match_indices(AFTER_MENTION) {
        let is_known = found.iter().any(|place| place.contains(&mark) || place.end == mark);
        if !is_known {
            // A mark ends a name; where it began is not known better than by the first sign before it.
            let begin = text[at..mark].find('@').map_or(at, |sign| at + sign);
            places.push(begin..mark);
        }
        at = mark + AFTER_MENTION.len_utf8();
    }
    if is_amiss {
        for line in text[at..].split_inclusive('\n') {
            let until = at + line.trim_end_matches('\n').len();
            places.extend(line.find('@').map(|sign| at + sign..until));
            at += line.len();
        }
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::event::Contact;

    fn person(key: &str, names: &[&str]) -> Candidate {
        let contact = Contact { key: key.to_owned(), name: names[0].to_owned() };
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        Candidate { who: Some(Mentioned::Person(contact)), names }
    }

    /// Whom a text mentions, by key, with the words that were taken for it.
    fn read(text: &str, people: &[Candidate]) -> Vec<(String, String)> {
        let message = placed(text.to_owned(), people);
        let words = |it: &Mention| {
            message.text[usize::try_from(it.start).unwrap()..]
                [..usize::try_from(it.end - it.start).unwrap()]
                .to_owned()
        };
        message.mentions.iter().map(|it| (it.key.clone(), words(it))).collect()
    }

    #[track_caller]
    fn check(text: &str, people: &[Candidate], expected: &[(&str, &str)]) {
        let expected: Vec<_> =
            expected.iter().map(|(key, words)| ((*key).to_owned(), (*words).to_owned())).collect();
        assert_eq!(read(text, people), expected, "{text}");
    }

    #[test]
    fn the_kth_piece_is_the_kth_person_if_it_is_their_name() {
        let (mei, ann) = (person("mei", &["小美", "美美"]), person("ann", &["Mary Ann"]));
        let both = [mei.clone(), ann.clone()];
        check(
            "收到 @小美\u{2005}@Mary Ann\u{2005}谢谢",
            &both,
            &[("mei", "@小美"), ("ann", "@Mary Ann")],
        );
        check("@美美\u{2005}好", &both[..1], &[("mei", "@美美")]);
        check("paid @Mary Ann", &both[1..], &[("ann", "@Mary Ann")]);
        // Typed, with the next word right behind it.
        check("@小美你好", &both[..1], &[("mei", "@小美")]);
    }

    #[test]
    fn what_does_not_agree_is_nobody() {
        let (one, bad) = ([person("mei", &["小美"])], person("bad", &["甜 L1 x5"]));
        check("@老王\u{2005}好", &one, &[("", "@老王")]);
        check("@小芳\u{2005}@老王\u{2005}好", &one, &[("", "@小芳"), ("", "@老王")]);
        check("@甜 L1 x5\u{2005}谢谢", &[], &[("", "@甜 L1 x5")]);
        check("谢谢 @甜 L1 x5\u{2005}", &[bad], &[("bad", "@甜 L1 x5")]);
        check("@甜 L1 x5\u{2005}谢谢", &[Candidate::default()], &[("", "@甜 L1 x5")]);
        check("谢谢 @甜 L1 x5", &one, &[("", "@甜 L1 x5")]);
        check("问 a@b.com", &[], &[]);
        check("收到 @小美", &[], &[]);
    }

    #[test]
    fn a_name_may_contain_anything() {
        for name in ["@所有人", "甜\u{2005}L1 x5", "甜 L1 x5@y", "小\u{ad}美", "@"] {
            let shown = crate::domain::name::shown_name(name, "?");
            let text = format!("谢谢 @{name}\u{2005}");
            let call = format!("@{name}");
            check(&text, &[person("bad", &[&shown])], &[("bad", &call)]);
            let marked = placed(text, &[]).marked().into_owned();
            assert!(!marked.contains("L1"), "{marked:?}");
        }
    }

    #[test]
    fn what_is_long_is_read_in_time() {
        let most = std::time::Duration::from_millis(500);
        let people: Vec<_> = (0..100).map(|nth| person(&nth.to_string(), &["小美"])).collect();
        let signs = |count: usize| "@".repeat(count);
        for text in [
            signs(64 * 1024) + "\u{2005}",
            (signs(90) + "\u{2005}").repeat(700),
            signs(64 * 1024),
            "@小美\u{2005}".repeat(7_000),
        ] {
            let message = crate::fuzzing::within(most, || placed(text.clone(), &people));
            assert!(message.people().count() <= 100);
        }
    }

    #[test]
    fn a_quotation_mentions_nobody() {
        let text = "「小安：@甜 L1 x5\u{2005}」\n- - - - - - -\n@小美\u{2005}好";
        let mei = person("mei", &["小美"]);
        check(text, &[mei], &[("", "@甜 L1 x5"), ("mei", "@小美")]);
    }
}
