//! A long run, by hand and now and then: `make fuzz`. Texts with ranges and names that mention people, as a
//! page or a program may hand them in: each is heard as the contract has it, or refused with words.

use serde::Deserialize as _;
use serde_json::{Value, json};

use super::hear;
use super::mentions::{Marked, message};
use crate::domain::ids::is_id;
use crate::fuzzing::{Dice, few, in_time, long};
use crate::platform::contract;

const WORDS: [&str; 4] = ["🦌 @小美 @甜 L1 x5 @团团", "A1 x2 @小美", "谢谢 @👨‍👩‍👧", "@a@b"];

fn one(dice: &mut Dice) {
    let text = dice.text(&WORDS);
    let ranges: Vec<Value> = (0..dice.below(5)).map(|_| range(&text, dice)).collect();
    let raw = dice.json(&[json!(ranges)], &WORDS);
    let Ok(marked) = Vec::<Marked>::deserialize(&raw) else { return };
    let bytes = text.len() + raw.to_string().len();
    match in_time(bytes, || message(text.clone(), &marked)) {
        Ok(heard) => {
            contract::check_mentions(&heard.clone().bounded(dice.below(text.len() + 1)));
            if !text.is_empty() {
                let item = hear::message("room", &text, hear::person(&text), heard);
                assert_eq!(item.is_sound(), is_id(&hear::person(&text).key));
                contract::check_item(&item);
            }
        }
        Err(refused) => assert!(refused.to_string().len() > "`mentions`: ".len()),
    }
}

/// A mention that may well be meant: between characters, or a name that stands there.
fn range(text: &str, dice: &mut Dice) -> Value {
    let part = dice.part(text);
    if dice.once_in(3) {
        return json!(part.trim_start_matches('@'));
    }
    let before = text.split(part).next().unwrap_or_default();
    let units = |text: &str| text.encode_utf16().count();
    json!({ "start": units(before), "length": units(part), "name": "小美" })
}

#[test]
fn changed_mentions() {
    few(1_500, 1, one);
}

#[test]
#[ignore = "a long run, by hand: make fuzz"]
fn for_as_long_as_asked() {
    long("messages of the simulated chat", one);
}
