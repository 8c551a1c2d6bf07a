//! Commands with a broken part, and talk that begins with their words.

use crate::domain::command::CommandId;
use crate::domain::intent::{Intent, LeaderIntent, Role};
use crate::domain::orders;
use crate::understand::{Scene, fixture, understand};

fn read(said: &str, role: Role) -> Intent {
    let lexicon = fixture::lexicon("fruit");
    understand(
        said,
        &Scene { lexicon: &lexicon, question: None, mine: &[], mentions: &[], lately: &[], role },
    )
    .intent
}

#[track_caller]
fn check(command: &str, all: &[&str]) {
    for said in all {
        let expected = Intent::Lead(LeaderIntent::HalfSaid(CommandId::from(command.to_owned())));
        assert_eq!(read(said, Role::Leader), expected, "{said}");
        let member = read(said, Role::Member);
        assert!(
            !matches!(member, Intent::Lead(_) | Intent::Orders(orders::Intent::Order(_))),
            "{said}: {member:?}"
        );
    }
}

#[test]
fn commands_with_a_broken_part() {
    check(
        "catalog.price",
        &[
            "改价 A3 abc",
            "改价 A3 0",
            "改价 Z9 5",
            "改价 A3",
            "改價 草莓",
            "調價 草莓 -5",
            "改价A3 abc",
            "改价 A3 到 0",
            "price A3 abc",
            "price Z9 5.90",
            "Price A3 free!",
        ],
    );
    check(
        "catalog.stock",
        &[
            "加库存 A3",
            "加库存 草莓",
            "加庫存 A3 abc",
            "减库存 A3 0",
            "加库存 Z9 20",
            "库存 A3",
            "加库存 A3 0 盒",
            "stock A3",
            "stock Z9 +20",
        ],
    );
    check(
        "payments.refund",
        &[
            "退款 #12 Z9",
            "退款 #12 A1 abc",
            "退款 12",
            "退款 @小美",
            "退款 A1",
            "退款 #12 #13",
            "refund #12 Z9 1",
            "refund #x",
        ],
    );
    check("catalog.close", &["停 Z9", "停 A1 Z9", "截單 Z9", "close Z9"]);
}

#[test]
fn talk_that_begins_with_their_verbs() {
    for said in [
        "改价了大家看一下",
        "改价 明天再说",
        "改价 A3 太麻烦了",
        "补货 草莓",
        "补货 A3 明天到",
        "库存不多了",
        "库存 还有 20",
        "stock is low",
        "stock A3 is low",
        "price is going up again",
        "退款已经处理",
        "退款 #12 已经退了",
        "退款 3天内到账",
        "停车",
        "停 一下",
        "停Z2了",
    ] {
        let got = read(said, Role::Leader);
        assert!(
            !matches!(got, Intent::Lead(_) | Intent::Orders(orders::Intent::Order(_))),
            "{said}: {got:?}"
        );
    }
}
