//! Commands about who brought whom: codes, claims and the inviter's word.

use std::sync::LazyLock;

use regex::Regex;

use super::super::args;
use super::super::lexicon::Lexicon;
use super::{Command, Numbers, Spoken, Takes};
use crate::domain::intent::{Intent, LeaderIntent, Role};
use crate::domain::referral::{Intent as Wish, Lead};

/// The rows.
pub(super) const COMMANDS: &[Command] = &[
    Command {
        id: "referral.invite",
        who: Role::Member,
        slash: &["invite", "referral", "join"],
        words: "邀请码 | 我的邀请码 | 邀请链接 | 我的邀请链接 | 邀请海报 | 我的邀请 | 海报 | 我的海报 | \
            推广码 | 我的推广码 | 推广链接 | 推广海报 | 推荐码 | 我的推荐码 | 二维码 | 我的二维码 | \
            专属链接 | 专属码 | 专属海报 | 分享码 | 分享链接 | 分享海报 | 邀请朋友 | 邀请好友 | \
            邀请新人 | 拉人 | 拉新 | 怎么邀请 | 如何邀请 | 怎么拉人 | 怎么邀请朋友 | 怎么邀请好友 | \
            怎么拉新 | 点样邀请 | 生成海报 | invite | invite code | my invite code | invite link | \
            my invite link | invitation code | invitation link | referral | referral code | \
            referral link | my referral code | my referral link | my code | my link | my poster | \
            poster | share link | how do i invite | how to invite | how do i invite friends | \
            how can i invite | invite a friend | invite friends | refer a friend | 推薦連結 | \
            我的链接 | 我的专属链接 | 邀请的链接 | 邀请 | 邀请连结 | 我的邀请连结 | 推荐连结 | \
            推广连结 | 分享连结",
        takes: Takes::Words(Spoken {
            make: |_| Intent::Referral(Wish::Invite),
            rank: 2,
            beside: &[],
            numbers: Numbers::Counts,
            is_asked: false,
        }),
    },
    Command {
        id: "referral.invited",
        who: Role::Member,
        slash: &["invited"],
        words: "我邀请了谁 | 我邀请了哪些人 | 我邀请的人 | 我都邀请了谁 | 我拉了谁 | 我带来了谁 | 我的团队 | \
            who did i invite | who have i invited | who did i bring | my invites | my team",
        takes: Takes::Words(Spoken {
            make: |_| Intent::Referral(Wish::Invited),
            rank: 3,
            beside: &[],
            numbers: Numbers::Never,
            is_asked: false,
        }),
    },
    Command {
        id: "referral.code",
        who: Role::Member,
        slash: &[],
        words: "邀请码 | invite code",
        takes: Takes::Sentence(code),
    },
    Command {
        id: "referral.answer",
        who: Role::Member,
        slash: &[],
        words: "",
        takes: Takes::Sentence(answer),
    },
    Command {
        id: "referral.claim",
        who: Role::Member,
        slash: &[],
        words: "",
        takes: Takes::Sentence(claim),
    },
    Command {
        id: "reports.unattributed",
        who: Role::Leader,
        slash: &["unattributed"],
        words: "未归属 | 无归属 | unattributed",
        takes: Takes::Shows(LeaderIntent::Referral(Lead::Unattributed)),
    },
    Command {
        id: "reports.promoters",
        who: Role::Leader,
        slash: &["promoters"],
        words: "推广榜 | 推广排行 | 推广排行榜 | 推广排名 | promoters | top promoters",
        takes: Takes::Shows(LeaderIntent::Referral(Lead::Promoters)),
    },
];

static CODE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)^(?:填写?|输入|使用|用|我的|我用)?(?:邀请码|邀請碼|推荐码|推薦碼|invite code|invitation code|referral code)(?:是|为|is)?[\s:：]*([A-Za-z0-9][A-Za-z0-9-]{3,15})[。!！]?$").ok()
});

static CLAIMS: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    let patterns = [
        r"(?i)^(?:是的?[，,]?)?我是\s*@?(.{1,20}?)\s*(?:邀请|邀請|介绍|介紹|推荐|推薦|拉|带|帶)(?:我)?(?:进来|進來|进群|進群|来|來|入群|进|進)?的[。!！~]?$",
        r"(?i)^(?:i was |i'm |i am )?(?:invited|referred|brought in) by\s+@?(.{1,32}?)[.!]?$",
        r"(?i)^@?(.{1,20}?)\s*(?:邀请|邀請|拉|介绍|介紹)我(?:进来|進來|进群|進群|来|來)?的[。!！~]?$",
    ];
    patterns.iter().filter_map(|pattern| Regex::new(pattern).ok()).collect()
});

/// 邀请码 ABC123.
fn code(text: &str, _lexicon: &Lexicon) -> Option<Intent> {
    let found = CODE.as_ref()?.captures(text)?;
    let code = found.get(1)?.as_str();
    let is_code = code.chars().any(|c| c.is_ascii_digit() || c.is_ascii_uppercase());
    is_code.then(|| Intent::Referral(Wish::UseInvite { code: code.to_uppercase() }))
}

/// 我是小美邀请的.
fn claim(text: &str, _lexicon: &Lexicon) -> Option<Intent> {
    let found = CLAIMS.iter().find_map(|pattern| pattern.captures(text))?;
    let name = args::person(found.get(1)?.as_str())?;
    Some(Intent::Referral(Wish::ClaimInviter { name }))
}

/// 是我邀请的 小美, 小美是我邀请的, 不是我邀请的.
fn answer(text: &str, _lexicon: &Lexicon) -> Option<Intent> {
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
        .then_some(Intent::Referral(Wish::AnswerClaim { name, agreed }))
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
    Some(Intent::Referral(Wish::AnswerClaim { name, agreed }))
}
