//! The table of commands: its names, its words, and what is read by it.

mod half_said;
mod leaders;
mod sentences;
mod slash;

use std::collections::{BTreeMap, BTreeSet};

use super::{Takes, about, all};
use crate::domain::command::CommandId;
use crate::domain::intent::{LeaderIntent, Role};
use crate::domain::{service, shipping};
use crate::understand::normalize::Folded;
use crate::understand::purposes::Purpose;

#[test]
fn a_stroke_or_a_verb_means_one_command() {
    let mut names = BTreeSet::new();
    for name in all().flat_map(|command| command.slash) {
        assert!(names.insert(name), "/{name} stands for two commands");
    }
    let mut words = BTreeMap::new();
    for command in
        all().filter(|command| matches!(command.takes, Takes::Shows(_) | Takes::Lead { .. }))
    {
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

#[test]
fn of_what_a_leader_seems_to_want_nothing_is_done() {
    let mut shown = 0;
    for purpose in Purpose::all().filter(|purpose| purpose.is_leaders()) {
        match about(purpose.name()) {
            None | Some(LeaderIntent::HalfSaid(_)) => {}
            Some(
                LeaderIntent::Reports(_)
                | LeaderIntent::Referral(_)
                | LeaderIntent::Shipping(shipping::Lead::NotCollected | shipping::Lead::Round)
                | LeaderIntent::Service(service::Lead::Cases),
            ) => shown += 1,
            Some(other) => panic!("{}: {other:?}", purpose.name()),
        }
    }
    let all =
        "unpaid, not collected, deliveries, the pick list, today's numbers, the promoters, cases";
    assert_eq!(shown, 7, "{all}");
    let told = LeaderIntent::HalfSaid(CommandId::of("catalog.put_on_sale"));
    assert_eq!(about("catalog.put_on_sale"), Some(told));
}
