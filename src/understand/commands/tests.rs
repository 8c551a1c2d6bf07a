//! The table of commands: its names, its words, and what is read by it.

mod half_said;
mod leaders;
mod sentences;
mod slash;

use std::collections::{BTreeMap, BTreeSet};

use super::{Takes, all};
use crate::domain::intent::Role;
use crate::understand::normalize::Folded;

#[test]
fn a_stroke_or_a_verb_means_one_command() {
    let mut names = BTreeSet::new();
    for name in all().flat_map(|command| command.slash) {
        assert!(names.insert(name), "/{name} stands for two commands");
    }
    let mut words = BTreeMap::new();
    for command in all().filter(|command| matches!(command.takes, Takes::Lead { .. })) {
        assert!(command.who > Role::Member, "{} is for leaders", command.id);
        for word in command.words() {
            let folded: String = Folded::new(word).glyphs.iter().map(|glyph| glyph.c).collect();
            let other = words.insert(folded, command.id).filter(|other| *other != command.id);
            assert_eq!(other, None, "{word} is said for {} as well", command.id);
        }
    }
}

#[test]
fn whoever_has_a_stroke_has_words() {
    for command in all().filter(|command| !command.slash.is_empty()) {
        assert!(command.words().next().is_some(), "/{} has no words", command.slash[0]);
    }
}
