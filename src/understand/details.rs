//! Members' commands that carry something: an invite code, a name, an address, order numbers.
//!
//! ```text
//! 邀请码 ABC123           uses a code         我是小美邀请的       claims an inviter
//! 是我邀请的 小美          confirms a claim     收款 支付宝 138…     where money goes
//! 地址 …                  where parcels go    自提 王芳 6789       who picks up
//! 取消 #1024              cancels an order    收货 #1024          has the goods
//! 绑定 CODE               links the chat
//! ```
//!
//! Each must be the whole message. What follows is kept as written.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::args::{self, Args};
use super::lexicon::Lexicon;
use crate::domain::ids::OrderId;
use crate::domain::intent::Intent;
use crate::domain::{groups, orders, payouts, referral, shipping};

type Make = fn(&Captures<'_>) -> Option<Intent>;

/// Longer messages are no command.
const LONGEST: usize = 400;

static PATTERNS: LazyLock<Vec<(Regex, Make)>> = LazyLock::new(|| {
    let rows: [(&str, Make); 8] = [
        (
            r"(?i)^(?:填写?|输入|使用|用|我的|我用)?(?:邀请码|邀請碼|推荐码|推薦碼|invite code|invitation code|referral code)(?:是|为|is)?[\s:：]*([A-Za-z0-9][A-Za-z0-9-]{3,15})[。!！]?$",
            |found| {
                let code = found.get(1)?.as_str();
                let coded = code.chars().any(|c| c.is_ascii_digit() || c.is_ascii_uppercase());
                coded.then(|| {
                    Intent::Referral(referral::Intent::UseInvite { code: code.to_uppercase() })
                })
            },
        ),
        (
            r"(?i)^(?:是的?[，,]?)?我是\s*@?(.{1,20}?)\s*(?:邀请|邀請|介绍|介紹|推荐|推薦|拉|带|帶)(?:我)?(?:进来|進來|进群|進群|来|來|入群|进|進)?的[。!！~]?$",
            |found| {
                Some(Intent::Referral(referral::Intent::ClaimInviter {
                    name: args::person(found.get(1)?.as_str())?,
                }))
            },
        ),
        (
            r"(?i)^(?:i was |i'm |i am )?(?:invited|referred|brought in) by\s+@?(.{1,32}?)[.!]?$",
            |found| {
                Some(Intent::Referral(referral::Intent::ClaimInviter {
                    name: args::person(found.get(1)?.as_str())?,
                }))
            },
        ),
        (
            r"(?i)^@?(.{1,20}?)\s*(?:邀请|邀請|拉|介绍|介紹)我(?:进来|進來|进群|進群|来|來)?的[。!！~]?$",
            |found| {
                Some(Intent::Referral(referral::Intent::ClaimInviter {
                    name: args::person(found.get(1)?.as_str())?,
                }))
            },
        ),
        (
            r"(?i)^(?:收款|收款账号|收款帳號|收款方式|收款人|payee)[\s:：]+(\S.{1,100})$",
            |found| {
                Some(Intent::Payouts(payouts::Intent::SetPayee(args::line(found.get(1)?.as_str()))))
            },
        ),
        (
            r"(?i)^(?:我的)?(?:地址|收货地址|收貨地址|送货地址|送貨地址|(?:my )?address)(?:是|is)?[\s:：]+(\S.{3,200})$",
            |found| {
                Some(Intent::Shipping(shipping::Intent::SetAddress(args::line(
                    found.get(1)?.as_str(),
                ))))
            },
        ),
        (
            r"(?i)^(?:自提|自取|自提人|提货人|提貨人|pick-?up)[\s:：]+(\S.{1,60})$",
            |found| {
                Some(Intent::Shipping(shipping::Intent::SetPickup(args::line(
                    found.get(1)?.as_str(),
                ))))
            },
        ),
        (r"(?i)^(?:绑定|綁定|link)[\s:：]+([A-Za-z0-9][A-Za-z0-9-]{5,39})$", |found| {
            Some(Intent::Groups(groups::Intent::Link { code: found.get(1)?.as_str().to_owned() }))
        }),
    ];
    rows.into_iter().filter_map(|(pattern, make)| Some((Regex::new(pattern).ok()?, make))).collect()
});

/// Read a message as a command with something to it.
pub(super) fn details(text: &str, lexicon: &Lexicon) -> Option<Intent> {
    let text = text.trim();
    if text.len() > LONGEST || text.contains(['?', '？']) {
        return None;
    }
    answer_claim(text)
        .or_else(|| numbered(text, lexicon))
        .or_else(|| PATTERNS.iter().find_map(|(pattern, make)| make(&pattern.captures(text)?)))
}

/// 是我邀请的 小美, 小美是我邀请的, 不是我邀请的.
fn answer_claim(text: &str) -> Option<Intent> {
    let verb =
        ["邀请", "邀請", "拉", "介绍", "介紹", "推荐", "推薦"].into_iter().find_map(|verb| {
            text.find(&format!("是我{verb}")).map(|at| (at, at + format!("是我{verb}").len()))
        });
    let Some((at, end)) = verb else { return invited(text) };
    let agreed = !text[..at].ends_with(['不', '唔']);
    let before = text[..at].trim_end_matches(['不', '唔']);
    let after = text[end..].trim_start_matches(['进', '進', '来', '來', '群', '的']);
    let name = args::person(before).or_else(|| args::person(after));
    let long = before.chars().count() > 20 || after.chars().count() > 20;
    (!long && (before.is_empty() || after.trim().is_empty()))
        .then_some(Intent::Referral(referral::Intent::AnswerClaim { name, agreed }))
}

fn invited(text: &str) -> Option<Intent> {
    let lower = text.to_ascii_lowercase();
    let rest = lower.strip_prefix("yes, ").or_else(|| lower.strip_prefix("yes ")).unwrap_or(&lower);
    let agreed = rest.starts_with("i invited ");
    let denied = rest.starts_with("i did not invite ") || rest.starts_with("i didn't invite ");
    if !agreed && !denied {
        return None;
    }
    let name = args::person(text.rsplit(' ').next()?);
    Some(Intent::Referral(referral::Intent::AnswerClaim { name, agreed }))
}

/// 取消 #1024, 收货 #1024 #1025.
fn numbered(text: &str, lexicon: &Lexicon) -> Option<Intent> {
    let args = Args::read_orders(text);
    if args.orders.is_empty() || !args.people.is_empty() {
        return None;
    }
    // Where an offer has this number for its code, the code is meant.
    let is_code =
        |order: &OrderId| u32::try_from(order.0).is_ok_and(|n| lexicon.by_number(n).is_some());
    if args.orders.iter().any(is_code) {
        return None;
    }
    let words = args.rest.join("");
    let cancel = [
        "取消",
        "取消订单",
        "取消訂單",
        "订单取消",
        "不要",
        "cancel",
        "cancelorder",
        "cancelmyorder",
        "不要了",
        "退掉",
    ];
    let received = [
        "收货",
        "收貨",
        "收到货了",
        "收到貨了",
        "收到货",
        "收到貨",
        "确认收货",
        "確認收貨",
        "已收货",
        "已收貨",
        "已收到货",
        "received",
        "confirmreceipt",
        "confirmreceived",
        "gotit",
    ];
    let is = |list: &[&str]| {
        list.contains(&words.to_lowercase().trim_end_matches(['吧', '了', '谢', '謝']))
            || list.contains(&words.to_lowercase().as_str())
    };
    if is(&cancel) {
        return Some(Intent::Orders(orders::Intent::CancelOrders(args.orders)));
    }
    is(&received).then_some(Intent::Shipping(shipping::Intent::Received(args.orders)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::OrderId;

    #[track_caller]
    fn check(text: &str, expected: impl Into<Option<Intent>>) {
        let expected: Option<Intent> = expected.into();
        assert_eq!(details(text, &Lexicon::default()), expected, "{text}");
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
        check(
            "取消 #1024",
            Some(Intent::Orders(orders::Intent::CancelOrders(vec![OrderId(1024)]))),
        );
        check(
            "收货 #1024 #1025",
            Some(Intent::Shipping(shipping::Intent::Received(vec![OrderId(1024), OrderId(1025)]))),
        );
        check("#1024 到哪了", None);
    }
}
