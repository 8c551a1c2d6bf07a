//! What an older version stored is read as it was meant: inbox, outbox, questions, sealed columns.
//!
//! `tests/stored/before-rooms.jsonl` has one of everything that the version before the rooms could store, written by
//! that version. Stored names stay as they are: whoever renames a variant gives it its stored name.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use tuan::book::{Manner, ReviewLine};
use tuan::domain::event::Body;
use tuan::domain::groups;
use tuan::domain::money::Currency;
use tuan::domain::operate::Outcome;
use tuan::domain::orders::{OrderPrivate, OrderState};
use tuan::domain::payouts::{WithdrawalPrivate, WithdrawalState};
use tuan::domain::people::{Pending, Private};
use tuan::domain::policy::Locale;
use tuan::domain::reply::Reply;
use tuan::render::{Addressing, Words};

const STORED: &str = include_str!("../stored/before-rooms.jsonl");

/// Read it, and what this version writes of it, as the same thing.
fn read<T: DeserializeOwned + Serialize + PartialEq>(value: &Value) -> Result<T, String> {
    let read: T = serde_json::from_value(value.clone()).map_err(|error| error.to_string())?;
    let written = serde_json::to_value(&read).map_err(|error| error.to_string())?;
    let again: T = serde_json::from_value(written).map_err(|error| error.to_string())?;
    if again == read { Ok(read) } else { Err("it changes when it is written again".to_owned()) }
}

/// A waiting reply can be said in every language.
fn said(words: &Words, reply: &Reply) -> Result<(), String> {
    for locale in Locale::ALL {
        let voice = Addressing {
            locale,
            time_zone: chrono_tz::Asia::Shanghai,
            currency: Currency::of("CNY").ok_or("no such currency")?,
            to: Some("小美"),
            now: chrono::DateTime::from_timestamp(1_772_676_000, 0).ok_or("no such instant")?,
        };
        let (text, failed) =
            (words.say(reply, &voice), words.say(&Reply::Groups(groups::Reply::Parked), &voice));
        if text.is_empty() || (text == failed && *reply != Reply::Groups(groups::Reply::Parked)) {
            return Err(format!("there are no words for it in {locale:?}"));
        }
    }
    Ok(())
}

fn read_any(words: &Words, kind: &str, value: &Value) -> Result<(), String> {
    match kind {
        "body" => read::<Body>(value).map(drop),
        "question" => read::<Pending>(value).map(drop),
        "reply" => read::<Reply>(value).and_then(|reply| said(words, &reply)),
        "manner" => read::<Manner>(value).map(drop),
        "order_private" => read::<OrderPrivate>(value).map(drop),
        "order_state" => read::<OrderState>(value).map(drop),
        "withdrawal_private" => read::<WithdrawalPrivate>(value).map(drop),
        "withdrawal_state" => read::<WithdrawalState>(value).map(drop),
        "member_private" => read::<Private>(value).map(drop),
        "review_line" => read::<ReviewLine>(value).map(drop),
        "outcome" => read::<Outcome>(value).map(drop),
        other => Err(format!("what is {other}?")),
    }
}

#[test]
fn what_was_stored_before_the_rooms_keeps_its_meaning() {
    let words = Words::new();
    let mut faults = Vec::new();
    for (at, line) in STORED.lines().enumerate() {
        let stored: Value = serde_json::from_str(line).unwrap();
        let kind = stored["kind"].as_str().unwrap();
        if let Err(why) = read_any(&words, kind, &stored["value"]) {
            faults.push(format!("line {}: {why}: {line}", at + 1));
        }
    }
    assert!(STORED.lines().count() > 300, "one of everything is more than that");
    crate::tidy::none("this cannot be read any more", &faults);
}
