//! Two hundred names made of commands, codes and numbers, in the built program: people in the simulated chat bear
//! them and are mentioned by others, and nothing is done by a name. Names by the ten thousand go the pure way, in
//! `engine::mention_tests`.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

use crate::crash::{Demo, audit};
use crate::embedded::place;

const NAMES: usize = 200;

/// What names are made of, besides the words of the vocabulary.
const PIECES: &[&str] = &[
    "A1",
    "L1",
    "l1",
    "#1",
    "#4",
    "1",
    "2",
    "５",
    "两",
    "x5",
    "×3",
    "+2",
    "-1",
    "箱",
    "盒",
    "份",
    "元",
    "¥50",
    "39.9",
    "草莓",
    "收到",
    "paid",
    "发货",
    "退款",
    "取消",
    "改价",
    "库存",
    "上架",
    "截单",
    "添加团长",
    "停用推广",
    "提现",
    "签到",
    "不要了",
    "全部",
    "all",
    "@",
    "@小美",
    "/paid",
    "，",
    "！",
    " ",
    "\u{a0}",
    "\u{2005}",
    "\u{ad}",
    "\u{202e}",
    "\u{100000}",
    "1.",
    "#接龙",
    "小美",
    "阿明",
    "老王",
    "👍",
];

/// What is said of somebody, in the place of `{}`, by whom; none of it asks for anything.
const TALK: &[(&str, &str)] =
    &[("老王", "谢谢 {}"), ("老王", "{} 你好"), ("老王", "问下{}今天几点"), ("阿明", "{} 辛苦了")];

fn names() -> impl Iterator<Item = String> {
    let vocabulary = include_str!("../../src/understand/vocabulary.txt");
    let lines = vocabulary.lines().filter(|line| !line.starts_with('#'));
    let words: Vec<&str> =
        lines.flat_map(|line| line.split(" | ").skip(1)).map(str::trim).collect();
    let piece = prop_oneof![prop::sample::select(PIECES), prop::sample::select(words)];
    let name = prop::collection::vec(piece, 1..6).prop_map(|pieces| pieces.concat());
    let mut runner = TestRunner::deterministic();
    std::iter::from_fn(move || Some(name.new_tree(&mut runner).ok()?.current()))
}

const CORNER: &str = "corner";

/// Somebody says it, with a mention in the place of `{}`.
fn says(demo: &Demo, who: &str, text: &str, name: &str) {
    let (before, _) = text.split_once("{}").unwrap();
    let length = format!("@{name}").encode_utf16().count();
    let mention = json!({ "start": before.encode_utf16().count(), "length": length, "name": name });
    let text = text.replace("{}", &format!("@{name}"));
    demo.utter(CORNER, &json!({ "from": who, "text": text, "mentions": [mention] }));
}

fn say(demo: &Demo, who: &str, text: &str) {
    demo.utter(CORNER, &json!({ "from": who, "text": text }));
}

/// Somebody joins under such a name; how the group sees it, unless the chat does not take it or has it.
fn joins(demo: &Demo, name: &str) -> Option<String> {
    let (status, body) = demo.tell(CORNER, "joins", &json!({ "member": name }));
    (status < 300).then(|| body["member"].as_str().map(str::to_owned))?
}

/// Everybody's orders: their state, and the goods in each.
fn orders(demo: &Demo) -> BTreeMap<i64, (String, Vec<i64>)> {
    let goods = |order: &Value| {
        let lines = order["lines"].as_array().unwrap();
        lines.iter().map(|line| line["qty"].as_i64().unwrap()).collect()
    };
    let row = |order: Value| {
        let state = order["state"].as_str().unwrap().to_owned();
        (order["no"].as_i64().unwrap(), (state, goods(&order)))
    };
    demo.rows(CORNER, "orders").into_iter().map(row).collect()
}

#[test]
fn nothing_is_done_by_two_hundred_names() {
    let dir = place();
    let data = dir.path().join("data");
    let shop = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/chats/shops/corner.toml");
    let demo = Demo::start(&data, &["--config", shop]);
    say(&demo, "阿明", "上架 草莓 68 900盒");
    demo.settle_in(CORNER);
    say(&demo, "老王", "草莓一盒");
    demo.settle_in(CORNER);
    let seeded = demo.rows(CORNER, "members").len();

    let mut bearers = Vec::new();
    for name in names() {
        let Some(name) = joins(&demo, &name) else { continue };
        if bearers.contains(&name) || ["阿明", "小美", "老王", "阿强"].contains(&&*name) {
            continue;
        }
        say(&demo, &name, "草莓一盒");
        for (who, text) in TALK {
            says(&demo, who, text, &name);
        }
        bearers.push(name);
        if bearers.len() % 20 == 0 {
            demo.settle_in(CORNER);
        }
        if bearers.len() == NAMES {
            break;
        }
    }
    let one_each = |state: &str| (state.to_owned(), vec![1]);
    let placed = orders(&demo);
    assert_eq!(placed.len(), NAMES + 1);
    assert!(placed.values().all(|order| *order == one_each("placed")), "{placed:?}");
    let members = demo.rows(CORNER, "members");
    assert_eq!(members.len(), seeded + NAMES);
    for member in &members {
        let is_untouched = member["points"] == 0 && member["frozen"] == 0;
        assert!(
            is_untouched
                && member["inviter"].is_null()
                    != (member["name"] == "小美" || member["name"] == "阿强"),
            "{member}"
        );
    }

    // Whoever is mentioned is meant, and nobody else.
    for name in &bearers {
        says(&demo, "阿明", "收到 {}", name);
    }
    demo.settle_in(CORNER);
    let mut paid = orders(&demo);
    assert_eq!(paid.remove(&1), Some(one_each("placed")), "老王 was not mentioned");
    assert!(paid.values().all(|order| *order == one_each("paid")), "{paid:?}");
    drop(demo);
    audit(&data);
}
