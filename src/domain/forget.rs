//! Forgetting a person in what happened: their own words go, and where others named them they are
//! nobody. Pure; `store` finds the events and writes them back.
//!
//! What others wrote is searched as text: a name is replaced wherever it stands alone, in sentences, remarks and
//! lines of chains. One letter alone is a name only after `@` or where nothing else is said.

use serde_json::Value;

use super::event::{Body, Contact};
use super::orders::chain::ChainLine;

/// What becomes of a stored event when a person is forgotten.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Forgotten {
    /// It does not name them.
    Untouched,
    /// It is theirs: nothing of it stays.
    Blank,
    /// It names them: this stays.
    Changed(Body),
}

/// Forget `person` in an event; `nobody` stands where they stood.
#[must_use]
pub fn forget(body: &Body, person: &Contact, nobody: &Contact) -> Forgotten {
    if let Body::Retried { body, .. } = body
        && forget(body, person, nobody) == Forgotten::Blank
    {
        return Forgotten::Blank;
    }
    if body.from().is_some_and(|from| from.key == person.key) {
        return Forgotten::Blank;
    }
    let mut changed = body.clone();
    drop_lines(&mut changed, person, nobody);
    if let Body::Said { message, .. } = &mut changed {
        // Mentions keep their places in the text.
        message.replace_person(person, nobody);
        return if changed == *body { Forgotten::Untouched } else { Forgotten::Changed(changed) };
    }
    let Ok(mut value) = serde_json::to_value(&changed) else { return Forgotten::Blank };
    if forget_in(&mut value, person, nobody) {
        // Who is called as some word of ours is called would leave nothing that can be read: so nothing stays.
        match serde_json::from_value(value) {
            Ok(read) => changed = read,
            Err(_) => return Forgotten::Blank,
        }
    }
    if changed == *body { Forgotten::Untouched } else { Forgotten::Changed(changed) }
}

/// Their own lines of a chain, whoever posted it.
fn drop_lines(body: &mut Body, person: &Contact, nobody: &Contact) {
    match body {
        Body::Chain { lines, .. } => {
            let own = |line: &&mut ChainLine| line.author.as_deref() == Some(person.key.as_str());
            for line in lines.iter_mut().filter(own) {
                *line = ChainLine { author: Some(nobody.key.clone()), text: String::new() };
            }
        }
        Body::Retried { body, .. } => drop_lines(body, person, nobody),
        _ => {}
    }
}

/// Forget a person in all texts of a value; whether anything named them.
pub fn forget_in(value: &mut Value, person: &Contact, nobody: &Contact) -> bool {
    match value {
        Value::String(text) => match without(text, person, nobody) {
            Some(changed) => {
                *text = changed;
                true
            }
            None => false,
        },
        // Counted, for every one is to be changed, not the first alone.
        Value::Array(values) => {
            let changed = values.iter_mut().map(|it| forget_in(it, person, nobody));
            changed.filter(|&it| it).count() > 0
        }
        Value::Object(fields) => {
            let changed = fields.values_mut().map(|it| forget_in(it, person, nobody));
            changed.filter(|&it| it).count() > 0
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// A text without a person; `None` when it does not name them.
#[must_use]
pub fn without(text: &str, person: &Contact, nobody: &Contact) -> Option<String> {
    if text == person.key {
        return Some(nobody.key.clone());
    }
    let name = person.name.as_str();
    if name.is_empty() {
        return None;
    }
    let (mut changed, mut rest, mut any) = (String::new(), text, false);
    while let Some(at) = rest.find(name) {
        let (before, after) = (&rest[..at], &rest[at + name.len()..]);
        changed.push_str(before);
        let stands = stands_alone(name, changed.chars().next_back(), after.chars().next());
        changed.push_str(if stands { &nobody.name } else { name });
        any |= stands;
        rest = after;
    }
    changed.push_str(rest);
    any.then_some(changed)
}

/// Whether a name between these characters is one, rather than a part of a word.
fn stands_alone(name: &str, before: Option<char>, after: Option<char>) -> bool {
    if name.chars().nth(1).is_none() {
        return before.is_none_or(|c| matches!(c, '@' | '＠'))
            && after.is_none_or(|c| !c.is_alphanumeric());
    }
    let joins = |edge: Option<char>, next: Option<char>| {
        let is_latin = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
        is_latin(edge) && is_latin(next)
    };
    !joins(name.chars().next(), before) && !joins(name.chars().next_back(), after)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::event::Evidence;
    use crate::domain::message::{HeardMessage, Mention, Mentioned};

    fn person(name: &str) -> Contact {
        Contact { key: format!("key-{name}"), name: name.to_owned() }
    }

    fn said(from: &str, text: &str, mentions: &[&str]) -> Body {
        let mention = |name: &&str| {
            let start = text.find(&format!("@{name}")).unwrap();
            Mention::at(start..start + 1 + name.len(), Mentioned::Person(person(name)))
        };
        let mentions = mentions.iter().map(mention).collect();
        let message = HeardMessage::with_mentions(text.to_owned(), mentions);
        Body::Said { from: person(from), message, private: false }
    }

    fn forgotten(body: &Body) -> Forgotten {
        forget(body, &person("小美"), &person("nobody"))
    }

    #[test]
    fn their_own_words_go() {
        assert_eq!(forgotten(&said("小美", "A1 两箱", &[])), Forgotten::Blank);
        assert_eq!(forgotten(&Body::Left { member: person("小美") }), Forgotten::Blank);
        let body = Box::new(said("小美", "A1", &[]));
        let retried = Body::Retried { body, operator: "x".to_owned() };
        assert_eq!(forgotten(&retried), Forgotten::Blank);
    }

    #[test]
    fn their_lines_of_a_chain_go() {
        let chain = |lines: &[(&str, &str)]| Body::Chain {
            from: person("老王"),
            title: "草莓团".to_owned(),
            lines: lines
                .iter()
                .map(|&(author, text)| ChainLine {
                    author: Some(author.to_owned()),
                    text: text.to_owned(),
                })
                .collect(),
        };
        let body = chain(&[("key-小美", "1. 葡萄妈妈 2盒"), ("key-老王", "2. 老王替小美 1盒")]);
        let expected = chain(&[("key-nobody", ""), ("key-老王", "2. 老王替nobody 1盒")]);
        assert_eq!(forgotten(&body), Forgotten::Changed(expected));
    }

    #[test]
    fn their_name_goes_from_sentences_and_remarks() {
        let [person, nobody] = ["小美", "nobody"].map(person);
        for (text, expected) in [
            ("小美", Some("nobody")),
            ("替小美带一箱，小美自己来拿", Some("替nobody带一箱，nobody自己来拿")),
            ("key-小美", Some("key-nobody")),
            ("小梅", None),
        ] {
            assert_eq!(without(text, &person, &nobody).as_deref(), expected, "{text}");
        }
        let may = Contact { key: "7".to_owned(), name: "May".to_owned() };
        for (text, expected) in [
            ("for May, please", Some("for nobody, please")),
            ("@May A1", Some("@nobody A1")),
            ("Maybe", None),
            ("给May两箱", Some("给nobody两箱")),
            ("17", None),
        ] {
            assert_eq!(without(text, &may, &nobody).as_deref(), expected, "{text}");
        }
        let one = Contact { key: "k".to_owned(), name: "木".to_owned() };
        for (text, expected) in
            [("木耳", None), ("@木 A1", Some("@nobody A1")), ("木", Some("nobody"))]
        {
            assert_eq!(without(text, &one, &nobody).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn a_name_like_one_of_our_words_leaves_nothing_rather_than_nonsense() {
        let joined = Body::Joined {
            members: vec![person("老王")],
            inviter: None,
            evidence: Evidence::JoinEvent,
        };
        let named = Contact { key: "k".to_owned(), name: "join_event".to_owned() };
        assert_eq!(forget(&joined, &named, &person("nobody")), Forgotten::Blank);
    }

    #[test]
    fn where_others_named_them_they_are_nobody() {
        let body = said("阿明", "收到 @小美 @老王", &["小美", "老王"]);
        let expected = said("阿明", "收到 @nobody @老王", &["nobody", "老王"]);
        assert_eq!(forgotten(&body), Forgotten::Changed(expected));
        let (evidence, inviter) = (Evidence::JoinEvent, Some(person("小美")));
        let joined = |inviter, name| Body::Joined {
            members: vec![person("老王"), person(name)],
            inviter,
            evidence,
        };
        let expected = joined(Some(person("nobody")), "nobody");
        assert_eq!(forgotten(&joined(inviter, "小美")), Forgotten::Changed(expected));
        assert_eq!(forgotten(&said("老王", "@阿明 A1", &["阿明"])), Forgotten::Untouched);
    }
}
