//! What the bot tells people to say, it must understand: every command quoted in its replies, in
//! all languages, is fed back to the reader here.
//!
//! Quoted words with something filled in by the template are listed by hand at the end; words that
//! are quoted for another reason are left out by name.

use super::{Scene, fixture, understand};
use crate::domain::intent::{Intent, LeaderIntent, Role};
use crate::domain::{catalog, reports, shipping};

macro_rules! replies {
    ($locale:literal) => {
        concat!(
            include_str!(concat!("../../prompts/replies/", $locale, "/groups.txt")),
            include_str!(concat!("../../prompts/replies/", $locale, "/people.txt")),
            include_str!(concat!("../../prompts/replies/", $locale, "/catalog.txt")),
            include_str!(concat!("../../prompts/replies/", $locale, "/orders.txt")),
            include_str!(concat!("../../prompts/replies/", $locale, "/payments.txt")),
            include_str!(concat!("../../prompts/replies/", $locale, "/shipping.txt")),
            include_str!(concat!("../../prompts/replies/", $locale, "/referral.txt")),
            include_str!(concat!("../../prompts/replies/", $locale, "/payouts.txt")),
            include_str!(concat!("../../prompts/replies/", $locale, "/loyalty.txt")),
            include_str!(concat!("../../prompts/replies/", $locale, "/service.txt")),
            include_str!(concat!("../../prompts/replies/", $locale, "/reports.txt")),
            include_str!(concat!("../../prompts/replies/", $locale, "/parts.txt")),
        )
    };
}

/// What stands for something of the member's own, and an example of it.
const BLANKS: &[(&str, &str)] = &[
    ("…", "中山路1号 13800001111"),
    ("grapes", "A1"),
    ("某某", "小美"),
    ("金额", "50"),
    ("金額", "50"),
    ("LAST-4-DIGITS", "6789"),
    ("BANK ACCOUNT", "DBS 1234567890"),
    ("AMOUNT", "50"),
    ("NAME", "Amy"),
    ("绑定码", "K7M2QX"),
    ("綁定碼", "K7M2QX"),
    ("CODE", "K7M2QX"),
];

/// Quoted as the name of a command or of a platform's setting, not as a message.
const NAMES: &[&str] = &[
    "上架",
    "主动发言",
    "主動發言",
    "speak unasked",
    "匿名管理员",
    "匿名管理員",
    "remain anonymous",
    "邀请用户",
    "邀請使用者",
    "接收全部消息",
    "接收全部訊息",
    "receive all messages",
    // Heard while a list goes on.
    "更多",
    "more",
    // Heard while a draft waits.
    "A1 改名 大草莓",
    "A1 rename big strawberries",
];

/// A template's text without its tags; a NUL where a value would stand.
fn without_tags(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(['{']) {
        plain.push_str(&rest[..at]);
        let close = match rest[at..].get(..2) {
            Some("{{") => "}}",
            Some("{%") => "%}",
            Some("{#") => "#}",
            _ => "{",
        };
        if close == "}}" {
            plain.push('\0');
        }
        let end = rest[at..].find(close).map_or(rest.len(), |end| at + end + close.len());
        rest = &rest[end..];
    }
    plain.push_str(rest);
    plain
}

/// Everything quoted in a text, without what holds a value, with its blanks filled in.
fn quoted(text: &str) -> Vec<String> {
    let plain = without_tags(text);
    let han = plain.lines().flat_map(|line| {
        line.split('「').skip(1).filter_map(|part| part.split('」').next()).collect::<Vec<_>>()
    });
    let latin = plain.lines().flat_map(|line| line.split('"').skip(1).step_by(2));
    han.chain(latin)
        .filter(|said| !said.contains('\0') && !said.trim().is_empty() && !NAMES.contains(said))
        .map(|said| {
            BLANKS.iter().fold(said.to_owned(), |said, (blank, what)| said.replace(blank, what))
        })
        .collect()
}

fn read(said: &str, role: Role) -> Intent {
    let lexicon = fixture::lexicon("fruit");
    let scene =
        Scene { lexicon: &lexicon, question: None, mine: &[], mentions: &[], lately: &[], role };
    understand(said, &scene).intent
}

#[track_caller]
fn check(locale: &str, text: &str) {
    let all = quoted(text);
    assert!(all.len() > 40, "{locale}: only {all:?}");
    let is_lost = |said: &str, role| {
        matches!(
            read(said, role),
            Intent::Silent | Intent::Ask(_) | Intent::Catalog(catalog::Intent::Query(_))
        )
    };
    // By whom it is told to.
    let nobody = |said: &&String| is_lost(said, Role::Leader) && is_lost(said, Role::Member);
    let lost: Vec<&String> = all.iter().filter(nobody).collect();
    assert!(lost.is_empty(), "{locale}: not understood {lost:?}");
}

#[test]
fn every_command_that_is_quoted_is_understood() {
    check("zh-Hans", replies!("zh-Hans"));
    check("zh-Hant", replies!("zh-Hant"));
    check("en", replies!("en"));
}

#[test]
fn commands_with_values_are_understood() {
    for said in [
        "邀请码 ABC123",
        "邀請碼 ABC123",
        "invite code ABC123",
        "是我邀请的 小美",
        "不是我邀请的 小美",
        "是我邀請的 小美",
        "不是我邀請的 小美",
        "I invited Amy",
        "I did not invite Amy",
        "收到 #1024",
        "paid #1024",
        "A1 x2",
        "A1 x1",
    ] {
        let intent = read(said, Role::Leader);
        assert!(
            !matches!(
                intent,
                Intent::Silent | Intent::Ask(_) | Intent::Catalog(catalog::Intent::Query(_))
            ),
            "{said}"
        );
    }
}

#[test]
fn the_page_says_what_is_understood() {
    for said in [
        "A1 两份",
        "签到",
        "我的订单",
        "余额",
        "邀请",
        "菜单",
        "汇总",
        "未付",
        "收到 #1024",
        "A1 兩份",
        "簽到",
        "我的訂單",
        "餘額",
        "邀請",
        "菜單",
        "匯總",
        "A1 x2",
        "check in",
        "my orders",
        "balance",
        "invite",
        "menu",
        "summary",
        "unpaid",
        "paid #1024",
    ] {
        let intent = read(said, Role::Leader);
        assert!(
            !matches!(
                intent,
                Intent::Silent | Intent::Ask(_) | Intent::Catalog(catalog::Intent::Query(_))
            ),
            "{said}"
        );
    }
}

#[test]
fn words_that_only_a_leader_is_heard_for() {
    for said in ["今日", "today", "数据"] {
        assert_eq!(
            read(said, Role::Leader),
            Intent::Lead(LeaderIntent::Reports(reports::Lead::Today)),
            "{said}"
        );
    }
    let address = "中山路1号 13800001111".to_owned();
    assert_eq!(
        read("地址 中山路1号 13800001111", Role::Leader),
        Intent::Shipping(shipping::Intent::SetAddress(address))
    );
}
