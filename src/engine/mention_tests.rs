//! A mention is a person, never words: whatever somebody calls themselves, a message that mentions them does
//! what it does when they are called `x`. Names are built at random from pieces of commands, codes, numbers,
//! units, marks, blanks and every word of the vocabulary; messages go the pure way from each adapter's
//! translation through understanding to deciding.
//!
//! `NAMES=1000000 cargo test --lib engine::mention_tests -- --nocapture` tries more of them.

use crate::decide::testing::{AMING, LAOWANG, Stage, XIAOMEI};
use crate::domain::event::{Body, Contact};
use crate::domain::ids::MemberId;
use crate::domain::intent::Role;
use crate::domain::message::HeardMessage;
use crate::fuzzing::Dice;
use crate::platform::mentioning;

const VOCABULARY: &str = include_str!("../understand/vocabulary.txt");

/// What is made of names besides the words of the vocabulary.
const PIECES: &[&str] = &[
    "A1",
    "B1",
    "L1",
    "a2",
    "#4",
    "#1024",
    "1",
    "2",
    "５",
    "两",
    "十",
    "x5",
    "×3",
    "+2",
    "-1",
    "*2",
    "箱",
    "盒",
    "份",
    "斤",
    "box",
    "bags",
    "元",
    "¥50",
    "39.9",
    "阳光玫瑰",
    "车厘子",
    "收到",
    "paid",
    "发货",
    "退款",
    "取消",
    "改价",
    "库存",
    "上架",
    "截单",
    "设团长",
    "停用推广",
    "通过晒单",
    "接龙确认",
    "提现",
    "收款",
    "地址",
    "自提",
    "签到",
    "余额",
    "邀请码",
    "是我邀请的",
    "我是",
    "邀请的",
    "全部",
    "all",
    "@",
    "@小美",
    "@所有人",
    "/",
    "/paid",
    "「",
    "」",
    "：",
    "，",
    "。",
    "？",
    "!",
    "\n",
    " ",
    "\u{a0}",
    "\u{2005}",
    "\u{ad}",
    "\u{200b}",
    "\u{202e}",
    "\u{100000}",
    "\u{10ffff}",
    "1.",
    "#接龙",
    "例",
    "- - -",
    "> ",
    "👍",
    "❤\u{fe0f}",
    "不要了",
    "小美",
    "阿明",
    "for",
    "给",
    "谢谢",
];

/// Messages that mention somebody in the place of `{}`, and whether a leader writes them.
const MESSAGES: &[(&str, Role)] = &[
    ("谢谢 {}", Role::Member),
    ("{} 你好", Role::Member),
    ("{}", Role::Member),
    ("问下{}今天几点", Role::Member),
    ("A1 x2 {}", Role::Member),
    ("给{} A1 x1", Role::Member),
    ("我是{}邀请的", Role::Member),
    ("是我邀请的 {}", Role::Member),
    ("取消 {}", Role::Member),
    ("{} {}", Role::Member),
    ("收到 {}", Role::Leader),
    ("收到 {} 谢谢", Role::Leader),
    ("paid {}", Role::Leader),
    ("发货 {}", Role::Leader),
    ("取消 {}", Role::Leader),
    ("设团长 {}！", Role::Leader),
    ("停用推广 {}", Role::Leader),
    ("通过晒单 {}", Role::Leader),
    ("{} 辛苦了", Role::Leader),
    ("退款 #1 {}", Role::Leader),
];

fn words() -> Vec<&'static str> {
    let lines = VOCABULARY.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    let of_cues = lines.flat_map(|line| line.split(" | ").skip(1));
    of_cues.map(str::trim).chain(PIECES.iter().copied()).collect()
}

fn name(dice: &mut Dice, words: &[&str]) -> String {
    (0..=dice.below(5)).map(|_| dice.pick(words)).collect::<Vec<_>>().concat()
}

/// A stage on which the one who is mentioned is called so, with an unpaid order of theirs and of the others.
fn stage(name: &str) -> (Stage, Contact) {
    let mut stage = Stage::new();
    let row = stage.shop.members.edit(XIAOMEI).unwrap();
    (row.key, row.name) = ("4711".to_owned(), name.to_owned());
    let account = row.account;
    stage.shop.known.keys.insert((account, "4711".to_owned()), Some(XIAOMEI));
    let key = crate::domain::name::name_key(name);
    stage.shop.known.names.entry(key).or_default().insert(XIAOMEI);
    let contact = Contact { key: "4711".to_owned(), name: name.to_owned() };
    for member in [XIAOMEI, LAOWANG, AMING] {
        says(&mut stage, member, HeardMessage::of("A1 x2"));
    }
    (stage, contact)
}

fn says(stage: &mut Stage, who: MemberId, message: HeardMessage) {
    let row = stage.shop.members.get(who).unwrap();
    let from = Contact { key: row.key.clone(), name: row.name.clone() };
    stage.happens(Body::Said { from, message, private: false });
}

/// What was done: decisions, orders and members, without what people call themselves.
fn done(stage: &Stage) -> String {
    let decisions =
        stage.shop.fresh.decisions.iter().map(|it| (it.what, it.order, it.refused.clone()));
    let orders = stage.shop.orders.values().map(|order| {
        let lines: Vec<_> = order.lines.iter().map(|line| (line.offer, line.qty)).collect();
        (order.id, order.member, order.state, order.received, order.private.for_key.clone(), lines)
    });
    let members = stage
        .shop
        .members
        .values()
        .map(|row| (row.id, row.role, row.promoter, row.claim, row.streak));
    format!(
        "{:?}\n{:?}\n{:?}",
        decisions.collect::<Vec<_>>(),
        orders.collect::<Vec<_>>(),
        members.collect::<Vec<_>>()
    )
}

/// What each adapter's translation of a message that mentions somebody of this name leads to.
fn outcomes(text: &str, role: Role, name: &str) -> Vec<(&'static str, String)> {
    let speaker = if role >= Role::Leader { AMING } else { LAOWANG };
    let text = text.replacen("{} {}", "{} 和大家", 1);
    let (_, contact) = stage(name);
    let heard = mentioning::messages(&text, &contact.key, name);
    let outcome = |(platform, message)| {
        let (mut stage, _) = stage(name);
        says(&mut stage, speaker, message);
        (platform, done(&stage))
    };
    heard.into_iter().map(outcome).collect()
}

fn tried() -> usize {
    std::env::var("NAMES").ok().and_then(|count| count.parse().ok()).unwrap_or(20_000)
}

/// The same typed, without a mention: `@` and one whole name of the group is that person.
#[test]
fn nothing_is_done_by_a_name_that_is_typed() {
    let words = words();
    let mut dice = Dice::new(6_000);
    let typed = |text: &str, role: Role, name: &str| {
        let speaker = if role >= Role::Leader { AMING } else { LAOWANG };
        let (mut stage, _) = stage(name);
        let text = text.replacen("{} {}", "{} 和大家", 1).replace("{}", &format!("@{name} "));
        says(&mut stage, speaker, HeardMessage::of(text));
        done(&stage)
    };
    for _ in 0..tried() / 20 {
        let name = name(&mut dice, &words);
        let name = crate::domain::name::shown_name(&name, "4711");
        // What is no name of few words, has neither letter nor digit, or looks like somebody else's, is not
        // told by typing.
        let is_plain = name.split(' ').count() <= 3
            && !name.contains(['@', '＠'])
            && name.contains(char::is_alphanumeric)
            && name.len() < 100;
        let looks = |other: &str| {
            crate::domain::name::name_key(&name) == crate::domain::name::name_key(other)
        };
        if !is_plain || ["老王", "阿明", "x"].into_iter().any(looks) {
            continue;
        }
        let (text, role) = MESSAGES[dice.below(MESSAGES.len())];
        assert_eq!(typed(text, role, &name), typed(text, role, "x"), "{text:?} calling {name:?}");
    }
}

#[test]
fn nothing_is_done_by_a_name() {
    let words = words();
    assert!(words.len() > 2_000, "the whole vocabulary");
    let plain: Vec<_> = MESSAGES.iter().map(|(text, role)| outcomes(text, *role, "x")).collect();
    assert!(
        plain
            .iter()
            .flatten()
            .any(|(_, done)| done.contains("confirm_payment") || done.contains("paid"))
    );
    let mut dice = Dice::new(20_261_129);
    let adapters = plain[0].len();
    let mut checks = 0;
    while checks < tried() {
        let name = name(&mut dice, &words);
        let nth = dice.below(MESSAGES.len());
        let (text, role) = MESSAGES[nth];
        let got = outcomes(text, role, &crate::domain::name::shown_name(&name, "4711"));
        assert_eq!(got, plain[nth], "{text:?} mentioning {name:?}");
        checks += adapters;
    }
    println!("{checks} readings of names through {adapters} adapters");
}
