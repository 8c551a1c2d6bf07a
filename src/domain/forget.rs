//! Forgetting a person in what happened: their own words go, and where others named them they are
//! nobody. Pure; `store` finds the events and writes them back.

use super::chain::ChainLine;
use super::event::{Body, Contact};

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
    replace(&mut changed, person, nobody);
    if changed == *body { Forgotten::Untouched } else { Forgotten::Changed(changed) }
}

fn replace(body: &mut Body, person: &Contact, nobody: &Contact) {
    let swap = |one: &mut Contact| {
        if one.key == person.key {
            one.clone_from(nobody);
        }
    };
    match body {
        // Somebody else's words: only the call by name goes.
        Body::Said { message, .. } => message.replace_person(person, nobody),
        Body::Chain { lines, .. } => {
            for line in lines {
                if line.author.as_deref() == Some(person.key.as_str()) {
                    *line = ChainLine { author: Some(nobody.key.clone()), text: String::new() };
                } else if line.text.contains(&person.name) {
                    line.text = line.text.replace(&person.name, &nobody.name);
                }
            }
        }
        Body::Joined { members, inviter, .. } => {
            members.iter_mut().chain(inviter).for_each(swap);
        }
        Body::JoinedByLink { members, .. } => members.iter_mut().for_each(swap),
        Body::Linked { by, members, .. } => {
            members.iter_mut().chain([by]).for_each(swap);
        }
        Body::Retried { body, .. } => replace(body, person, nobody),
        Body::Recalled { .. }
        | Body::Tapped { .. }
        | Body::Unlinked { .. }
        | Body::Moved { .. }
        | Body::Left { .. }
        | Body::Due(_)
        | Body::Ordered { .. }
        | Body::PolicyLoaded { .. } => {}
    }
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
