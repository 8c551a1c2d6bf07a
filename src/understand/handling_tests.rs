//! Talk about goods that are there already, jokes, and their neighbours that order.

use super::{Scene, fixture, understand};
use crate::domain::intent::{Intent, Op, Role, WantedLine};
use crate::domain::orders;

fn read(said: &str) -> Intent {
    let lexicon = fixture::lexicon("fruit");
    let scene = Scene {
        lexicon: &lexicon,
        question: None,
        mine: &[],
        mentions: &[],
        lately: &[],
        role: Role::Member,
    };
    understand(said, &scene).intent
}

/// None of these may order: they are left silent or asked back.
#[track_caller]
fn no_order(all: &[&str]) {
    for said in all {
        let got = read(said);
        assert!(matches!(got, Intent::Silent | Intent::Ask(_)), "{said}: {got:?}");
    }
}

/// Each orders as many of one thing.
#[track_caller]
fn orders(all: &[(&str, u32)]) {
    for &(said, qty) in all {
        let got = read(said);
        let fits = matches!(
            got.clone(),
            Intent::Orders(orders::Intent::Order(lines))
                if matches!(lines[..], [WantedLine { qty: Some(n), op: Op::Add, .. }] if n == qty)
        );
        assert!(fits, "{said}: {got:?}");
    }
}

#[test]
fn collecting_orders_nothing() {
    no_order(&[
        "我去取2箱葡萄",
        "我去拿2箱葡萄",
        "去取草莓2盒",
        "我去取 2箱葡萄",
        "去拿 草莓2盒",
        "我等下去取2箱葡萄",
        "下班去拿2盒草莓",
        "明天去拿A1两箱",
        "我去領2盒草莓",
        "過去取B1 2盒",
        "我來拿2盒草莓",
        "来取2箱橙子",
        "我老公去取2箱葡萄",
        "上门取2箱葡萄",
        "代取2箱葡萄",
        "我去自提2箱葡萄",
        "我去攞2盒草莓",
        "去攞草莓2盒",
        "聽日去攞2盒草莓",
        "去取A1",
        "i'll pick up 2 strawberry",
        "collect 2 boxes of strawberries",
        "I will collect 2 strawberries",
        "picking up 2 strawberries tomorrow",
    ]);
}

#[test]
fn moving_goods_orders_nothing() {
    no_order(&[
        "帮我把2盒草莓放门口",
        "幫我把2盒草莓放門口",
        "把A1两箱放门卫",
        "麻烦把2盒草莓放前台",
        "请把葡萄2箱送到3栋",
        "将2盒草莓放门口",
        "把2盒草莓给我",
        "把草莓2盒留给我",
        "帮我放2盒草莓",
        "帮我把2盒草莓放门口，再来1箱橙子",
        "唔該幫我將2盒草莓擺喺門口",
    ]);
}

#[test]
fn orders_with_a_remark_stay_orders() {
    orders(&[
        ("葡萄2箱 我自己去取", 2),
        ("葡萄2箱，我去取", 2),
        ("葡萄2箱 我去攞", 2),
        ("A1两箱，明天去拿", 2),
        ("2盒草莓放门口", 2),
        ("2盒草莓，帮我放门口", 2),
        ("帮我订2盒草莓放门口", 2),
        ("我要2盒草莓 放门口", 2),
        ("明天来取 草莓2盒", 2),
        ("自己来取 草莓2盒", 2),
        ("明天取，草莓2盒", 2),
        ("送到3栋 草莓2盒", 2),
        ("帮我把草莓记上2盒", 2),
        ("B1 2盒 自提", 2),
        ("2 boxes of strawberries, will pick up", 2),
        ("B1 x2 pick up tomorrow", 2),
    ]);
    for said in ["帮我把草莓改成3盒", "把草莓2盒取消", "把草莓换成蓝莓", "把A1改成2箱放门口"]
    {
        assert!(
            matches!(
                read(said),
                Intent::Orders(orders::Intent::Amend(_) | orders::Intent::Cancel(_))
            ),
            "{said}"
        );
    }
}

#[test]
fn a_joke_orders_nothing() {
    no_order(&[
        "B1 2盒（开玩笑）",
        "B1 50盒，開玩笑的",
        "开玩笑的 B1 50盒",
        "草莓50盒（闹着玩）",
        "B1+50，逗你玩",
        "我要50盒草莓，骗你的啦",
        "B1 50盒（講笑）",
        "B1 50盒，講笑㗎",
        "再来50盒草莓（玩笑）",
        "B1 x50 (just kidding)",
        "B1 x50, jk",
        "50 strawberries please! Only joking",
    ]);
    orders(&[("B1 2盒，哈哈", 2)]);
    assert!(!matches!(read("没开玩笑，B1 50盒"), Intent::Silent), "so many are asked first");
}

#[test]
fn a_number_too_long_is_asked_back() {
    for said in [
        "B1 99999999999",
        "B1 x 99999999999",
        "B1 x99999999",
        "B1+99999999",
        "B1 1000000",
        "B1 99999999盒",
        "99999999盒草莓",
        "草莓 99999999999",
        "我要草莓 x 99999999999",
    ] {
        let got = read(said);
        assert!(matches!(got, Intent::Ask(_)), "{said}: {got:?}");
    }
    orders(&[
        ("B1 2盒 13800001111", 2),
        ("B1 2盒 99999999", 2),
        ("B1 2盒 +8613800001111", 2),
        ("草莓2盒 王芳 13800000000", 2),
        ("13800001111 B1 2盒", 2),
    ]);
    no_order(&["草莓 62345678", "13800001111", "电话 99999999999"]);
}
