//! Commands that are sentences of their own.

use crate::domain::ids::OrderId;
use crate::domain::intent::Intent;
use crate::domain::{orders, payouts, referral, shipping};
use crate::understand::Lexicon;
use crate::understand::commands::sentence;

#[track_caller]
fn check(text: &str, expected: impl Into<Option<Intent>>) {
    let expected: Option<Intent> = expected.into();
    assert_eq!(sentence(text, &Lexicon::default()), expected, "{text}");
}

#[test]
fn codes_and_inviters() {
    check(
        "邀请码 abc123",
        Some(Intent::Referral(referral::Intent::UseInvite { code: "ABC123".into() })),
    );
    check(
        "invite code: TUAN88",
        Some(Intent::Referral(referral::Intent::UseInvite { code: "TUAN88".into() })),
    );
    check("invite code please", None);
    check(
        "我是小美邀请的",
        Some(Intent::Referral(referral::Intent::ClaimInviter { name: "小美".into() })),
    );
    check(
        "我是 @小美 拉进来的",
        Some(Intent::Referral(referral::Intent::ClaimInviter { name: "小美".into() })),
    );
    check(
        "小美拉我进群的",
        Some(Intent::Referral(referral::Intent::ClaimInviter { name: "小美".into() })),
    );
    check(
        "是我邀请的 小美",
        Some(Intent::Referral(referral::Intent::AnswerClaim {
            name: Some("小美".into()),
            agreed: true,
        })),
    );
    check(
        "小美是我邀请的",
        Some(Intent::Referral(referral::Intent::AnswerClaim {
            name: Some("小美".into()),
            agreed: true,
        })),
    );
    check(
        "不是我邀请的",
        Some(Intent::Referral(referral::Intent::AnswerClaim { name: None, agreed: false })),
    );
}

#[test]
fn addresses_and_payees_are_kept_as_written() {
    check(
        "地址 阳光路5号2栋301",
        Some(Intent::Shipping(shipping::Intent::SetAddress("阳光路5号2栋301".into()))),
    );
    check(
        "自提 王芳 6789",
        Some(Intent::Shipping(shipping::Intent::SetPickup("王芳 6789".into()))),
    );
    check(
        "收款 支付宝 13800000000",
        Some(Intent::Payouts(payouts::Intent::SetPayee("支付宝 13800000000".into()))),
    );
    check("自提点在哪", None);
    check("地址在哪？", None);
}

#[test]
fn orders_by_number() {
    check("取消 #1024", Some(Intent::Orders(orders::Intent::CancelOrders(vec![OrderId(1024)]))));
    check(
        "收货 #1024 #1025",
        Some(Intent::Shipping(shipping::Intent::Received(vec![OrderId(1024), OrderId(1025)]))),
    );
    check("#1024 到哪了", None);
}
