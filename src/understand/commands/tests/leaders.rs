//! What leaders say to run the day.

use crate::domain::ids::OfferId;
use crate::domain::ids::OrderId;
use crate::domain::intent::{LeaderIntent, Op, Role, Selection, WantedLine};
use crate::domain::money::Money;
use crate::domain::{catalog, loyalty, orders, payments, people, reports, shipping};
use crate::understand::commands::lead;
use crate::understand::fixture;

#[track_caller]
fn check(text: &str, expected: impl Into<Option<LeaderIntent>>) {
    let expected: Option<LeaderIntent> = expected.into();
    assert_eq!(lead(text, &fixture::lexicon("fruit"), Role::Leader), expected, "{text}");
}

fn orders(numbers: &[i64]) -> Selection {
    Selection::Orders(numbers.iter().copied().map(OrderId).collect())
}

#[test]
fn payments() {
    let paid = |of, amount: Option<i64>| {
        Some(LeaderIntent::Payments(payments::Lead::Paid {
            of,
            amount: amount.map(Money::from_minor),
        }))
    };
    check("收到 #1024 #1025", paid(orders(&[1024, 1025]), None));
    check("收到 #1024 50元", paid(orders(&[1024]), Some(5_000)));
    check("paid @Ann", paid(Selection::Members(vec!["Ann".into()]), None));
    check("確認收款 @小美\u{2005}", paid(Selection::Members(vec!["小美".into()]), None));
    check("收到", None);
    check("收到，谢谢大家", None);
}

#[test]
fn shipping_and_refunds() {
    check(
        "发货 #1024 顺丰 SF123456",
        Some(LeaderIntent::Shipping(shipping::Lead::Ship {
            of: orders(&[1024]),
            carrier: Some("顺丰".into()),
            tracking: Some("SF123456".into()),
        })),
    );
    check(
        "ship #1024 DHL 123",
        Some(LeaderIntent::Shipping(shipping::Lead::Ship {
            of: orders(&[1024]),
            carrier: Some("DHL".into()),
            tracking: Some("123".into()),
        })),
    );
    check(
        "退款 #1024",
        Some(LeaderIntent::Payments(payments::Lead::Refund {
            order: OrderId(1024),
            lines: vec![],
        })),
    );
    let line = WantedLine { offer: OfferId(1), variant: None, qty: Some(1), op: Op::Remove };
    check(
        "refund #1024 A1 x1",
        Some(LeaderIntent::Payments(payments::Lead::Refund {
            order: OrderId(1024),
            lines: vec![line],
        })),
    );
}

#[test]
fn offers() {
    check(
        "上架 草莓 68 50盒",
        Some(LeaderIntent::Catalog(catalog::Lead::List {
            name: "草莓".into(),
            price: Money::from_minor(6_800),
            stock: Some(50),
            unit: Some("盒".into()),
            terms: None,
        })),
    );
    check(
        "list Strawberries 6.8 50 box",
        Some(LeaderIntent::Catalog(catalog::Lead::List {
            name: "Strawberries".into(),
            price: Money::from_minor(680),
            stock: Some(50),
            unit: Some("box".into()),
            terms: None,
        })),
    );
    check(
        "改价 A1 59",
        Some(LeaderIntent::Catalog(catalog::Lead::Price {
            offer: OfferId(1),
            price: Money::from_minor(5_900),
        })),
    );
    check(
        "stock A1 +20",
        Some(LeaderIntent::Catalog(catalog::Lead::Stock {
            offer: OfferId(1),
            variant: None,
            by: 20,
        })),
    );
    check(
        "减库存 草莓 5盒",
        Some(LeaderIntent::Catalog(catalog::Lead::Stock {
            offer: OfferId(5),
            variant: None,
            by: -5,
        })),
    );
    check(
        "停 A1 B1",
        Some(LeaderIntent::Catalog(catalog::Lead::Close(vec![OfferId(1), OfferId(5)]))),
    );
    check("close all", Some(LeaderIntent::Catalog(catalog::Lead::Close(vec![]))));
    check("截單", Some(LeaderIntent::Catalog(catalog::Lead::Close(vec![]))));
    check("停车", None);
}

#[test]
fn the_rest_of_the_day() {
    check("未付", Some(LeaderIntent::Reports(reports::Lead::Unpaid)));
    check("匯總", Some(LeaderIntent::Reports(reports::Lead::PickList)));
    check("today", Some(LeaderIntent::Reports(reports::Lead::Today)));
    check("今日有雨", None);
    check("accept chain", Some(LeaderIntent::Orders(orders::Lead::Review { accept: true })));
    check(
        "leader @Ann",
        Some(LeaderIntent::People(people::Lead::Leader { name: "Ann".into(), add: true })),
    );
    check(
        "通过晒单 @小美",
        Some(LeaderIntent::Loyalty(loyalty::Lead::ApproveShare("小美".into()))),
    );
    check(
        "通过晒单 小芳 谢谢",
        Some(LeaderIntent::Loyalty(loyalty::Lead::ApproveShare("小芳".into()))),
    );
    check(
        "移除团长 小 美！",
        Some(LeaderIntent::People(people::Lead::Leader { name: "小 美".into(), add: false })),
    );
    check("leader is here", None);
    check(
        "停用推广 @小美",
        Some(LeaderIntent::People(people::Lead::Promoter {
            name: "小美".into(), enabled: false
        })),
    );
}
