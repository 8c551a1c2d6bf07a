//! The rooms of the house: the same names on every floor that knows the trade, and arrows between rooms that make no
//! circle.

use std::collections::BTreeSet;

use crate::tidy::{Source, files, none};

/// The rooms.
const ROOMS: [&str; 12] = [
    "pricing", "referral", "people", "loyalty", "orders", "shipping", "payouts", "reports",
    "payments", "catalog", "groups", "service",
];

/// The floors that have rooms, and what else there is on each: what belongs to no room.
const FLOORS: &[(&str, &[&str])] = &[
    (
        "src/domain",
        &[
            "command", "event", "forget", "ids", "intent", "ledger", "message", "money", "name",
            "operate", "person", "policy", "refusal", "reply", "samples", "time", "undo",
        ],
    ),
    (
        "src/understand/commands",
        &[
            "announcing",
            "arriving",
            "blocking",
            "cutting",
            "expecting",
            "giving",
            "half",
            "handing",
            "lacking",
            "listing",
            "listing_terms",
            "lookups",
            "paying",
            "refunding",
            "relisting",
            "said",
            "sales",
            "selling",
            "serving",
            "slash",
            "tests",
        ],
    ),
    (
        "src/decide",
        &[
            "ahead",
            "ask",
            "daily",
            "operate",
            "pace_tests",
            "reading",
            "testing",
            "testing_life",
            "testing_orders",
            "undo",
            "views",
            "which",
        ],
    ),
    (
        "src/store",
        &[
            "audit",
            "backup",
            "chart",
            "child",
            "data_key",
            "doubt",
            "embedded",
            "error",
            "inbox",
            "lanes",
            "load",
            "operator",
            "outbox",
            "parked",
            "pool",
            "read",
            "reference",
            "rekey",
            "save",
            "seal",
            "sessions",
            "sql",
            "statement",
            "timers",
            "words",
        ],
    ),
];

/// What goes on when an order does is written in one file, which knows the rooms above its own.
const CONSEQUENCES: &str = "src/decide/orders/consequences.rs";

/// Which rooms each uses beside itself, floor by floor.
const ARROWS: &[(&str, &str, &[&str])] = &[
    ("src/domain", "catalog", &["shipping"]),
    ("src/domain", "orders", &["catalog", "pricing"]),
    ("src/domain", "reports", &["orders"]),
    ("src/domain", "service", &["orders"]),
    ("src/decide", "catalog", &["orders", "payments", "reports", "shipping"]),
    ("src/decide", "groups", &["people"]),
    ("src/decide", "loyalty", &["pricing"]),
    ("src/decide", "orders", &["loyalty", "people", "pricing", "referral"]),
    ("src/decide", "payments", &["loyalty", "orders", "pricing", "shipping"]),
    ("src/decide", "payouts", &["people"]),
    ("src/decide", "people", &["referral"]),
    ("src/decide", "referral", &["pricing"]),
    ("src/decide", "reports", &["orders"]),
    ("src/decide", "service", &["orders", "payments", "pricing"]),
    ("src/decide", "shipping", &["orders", "people"]),
    ("src/store", "loyalty", &["people"]),
    ("src/store", "orders", &["catalog", "people"]),
    ("src/store", "payouts", &["people"]),
    ("src/store", "reports", &["catalog"]),
    ("src/store", "service", &["orders", "people"]),
];

/// The first name of a path below a folder: `orders` of `src/decide/orders/order.rs`.
fn place<'p>(path: &'p str, floor: &str) -> Option<&'p str> {
    let below = path.strip_prefix(floor)?.strip_prefix('/')?;
    below.split(['/', '.']).next()
}

/// The rooms of a floor that a file names, comments apart.
fn named(file: &Source, floor: &str) -> BTreeSet<String> {
    let module = floor.trim_start_matches("src/").replace('/', "::");
    let mut found = BTreeSet::new();
    for (_, line) in file.lines() {
        let code = line.split("//").next().unwrap_or("");
        for rest in code.split(&format!("crate::{module}::")).skip(1) {
            let inner = rest.strip_prefix('{').and_then(|it| it.split('}').next());
            let names = inner.unwrap_or_else(|| rest.split("::").next().unwrap_or(""));
            let names = names.split(|c: char| !c.is_alphanumeric() && c != '_');
            found.extend(names.filter(|name| ROOMS.contains(name)).map(str::to_owned));
        }
    }
    found
}

#[test]
fn what_is_of_the_trade_stands_in_a_room() {
    let mut faults = Vec::new();
    for (floor, spine) in FLOORS {
        for file in files("src", "rs") {
            let Some(name) = place(&file.path, floor) else { continue };
            if !ROOMS.contains(&name) && !spine.contains(&name) {
                faults.push(format!("{}: no room, and not named among what has none", file.path));
            }
        }
    }
    none("the same rooms are on every floor", &faults);
}

#[test]
fn arrows_between_rooms_are_the_declared_ones() {
    let (mut faults, mut seen) = (Vec::new(), BTreeSet::new());
    for (floor, _) in FLOORS {
        for file in files("src", "rs").iter().filter(|it| !it.is_test() && it.path != CONSEQUENCES)
        {
            let Some(room) = place(&file.path, floor).filter(|it| ROOMS.contains(it)) else {
                continue;
            };
            for other in named(file, floor).into_iter().filter(|other| other != room) {
                let declared = ARROWS
                    .iter()
                    .any(|(at, from, to)| at == floor && *from == room && to.contains(&&*other));
                if !declared {
                    faults.push(format!("{}: {room} uses {other}", file.path));
                }
                seen.insert((*floor, room.to_owned(), other));
            }
        }
    }
    for (floor, room, others) in ARROWS {
        for other in *others {
            if !seen.contains(&(*floor, (*room).to_owned(), (*other).to_owned())) {
                faults.push(format!("{floor}: {room} does not use {other} any more"));
            }
        }
    }
    none("an arrow between rooms is not declared", &faults);
}

#[test]
fn rooms_make_no_circle() {
    for (floor, _) in FLOORS {
        let arrows = || ARROWS.iter().filter(|(at, ..)| at == floor);
        let mut left: BTreeSet<&str> = ROOMS.into();
        // Take away rooms that use none of those left, until none is left.
        while !left.is_empty() {
            let free: Vec<&str> = left
                .iter()
                .copied()
                .filter(|room| {
                    !arrows()
                        .any(|(_, from, to)| from == room && to.iter().any(|it| left.contains(it)))
                })
                .collect();
            assert!(!free.is_empty(), "{floor}: these rooms make a circle: {left:?}");
            left.retain(|room| !free.contains(room));
        }
    }
}
