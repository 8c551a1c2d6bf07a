//! A long run, by hand and now and then: `make fuzz`. Texts with any ranges at all: mentions come out in
//! order, apart, between characters and bounded, and stay so whatever is done to the text.

use super::*;
use crate::fuzzing::{Dice, few, in_time, long};

const WORDS: [&str; 5] =
    ["谢谢 @小美 A1 x2", "🦌@甜 L1 x5", "\u{100000}\u{10fffd}", "👨‍👩‍👧 @a@b", "e\u{301}"];

fn who(dice: &mut Dice) -> Mentioned {
    let person = |key: &str| Contact { key: key.to_owned(), name: format!("甜 L1 x5{key}") };
    match dice.below(5) {
        0 => Mentioned::Bot,
        1 => Mentioned::Nobody,
        nth => Mentioned::Person(person(["a", "b", "c"][nth - 2])),
    }
}

/// A place in a text, near it, or anywhere.
fn place(text: &str, dice: &mut Dice) -> usize {
    match dice.below(6) {
        0 => usize::MAX - dice.below(3),
        1 => usize::try_from(u32::MAX).unwrap() + dice.below(3) - 1,
        _ => dice.below(text.len() + 5),
    }
}

fn mention(text: &str, dice: &mut Dice) -> Mention {
    let (one, other) = (place(text, dice), place(text, dice));
    let who = who(dice);
    match dice.below(3) {
        0 => Mention::at_utf16(text, one, other, who),
        1 => Mention::at_utf16(text, one, dice.below(9), who),
        _ => Mention::at(one..other, who),
    }
}

fn check(message: &HeardMessage) {
    let mut at = 0;
    assert!(message.mentions.len() <= MENTIONS_MAX, "{message:?}");
    // Those of earlier versions have no place.
    for place in message.mentions.iter().map(Mention::place).filter(|it| !it.is_empty()) {
        assert!(at <= place.start && message.text.get(place.clone()).is_some(), "{message:?}");
        at = place.end;
    }
    let marked = message.marked();
    let marks = marked.chars().filter(|&c| is_mark(c)).count();
    assert!(marks <= message.mentions.len(), "{message:?} as {marked:?}");
    let stored = serde_json::to_string(message).unwrap();
    assert_eq!(serde_json::from_str::<HeardMessage>(&stored).unwrap(), *message);
}

fn one(dice: &mut Dice) {
    let text = dice.text(&WORDS);
    let count = if dice.once_in(20) { dice.below(400) } else { dice.below(6) };
    let mentions: Vec<_> = (0..count).map(|_| mention(&text, dice)).collect();
    let size = text.len() + 100 * count;
    let placed = || HeardMessage::with_mentions(text.clone(), mentions.clone());
    let mut message = in_time(size, placed);
    check(&message);
    let people = |message: &HeardMessage| message.people().collect::<Vec<_>>();
    let were = people(&message);
    match dice.below(4) {
        0 => message = message.trimmed(),
        1 => message = in_time(size, || message.clone().bounded(place(&text, &mut Dice::new(1)))),
        2 => {
            let (one, other) = (place(&text, dice), place(&text, dice));
            let words = dice.text(&WORDS);
            message.splice(one.min(other)..one.max(other), &words);
        }
        _ => {
            let person = |key: &str| Contact { key: key.to_owned(), name: "x".to_owned() };
            message.replace_person(&person("a"), &person("c"));
            assert!(people(&message).iter().all(|it| it.key != "a"), "{message:?}");
            return check(&message);
        }
    }
    check(&message);
    assert!(people(&message).iter().all(|it| were.contains(it)), "nobody is added: {message:?}");
}

#[test]
fn any_ranges() {
    few(2_000, 1, one);
}

#[test]
#[ignore = "a long run, by hand: make fuzz"]
fn for_as_long_as_asked() {
    long("texts with ranges", one);
}
