//! Commands about check-in, points and what members show.

use super::super::clause::ReadableMessage;
use super::super::vocabulary::Cue;
use super::super::{amount, command};
use super::{Command, Half, Numbers, Said, Spoken, Takes, giving};
use crate::domain::intent::{Intent, LeaderIntent, Role};
use crate::domain::loyalty::{Intent as Wish, Lead};
use crate::domain::money::AmountFault;

/// The rows.
pub(super) const COMMANDS: &[Command] = &[
    Command {
        id: "loyalty.check_in",
        who: Role::Member,
        slash: &["checkin", "check_in", "signin"],
        words: "签到 | 打卡 | 签个到 | 打个卡 | 签到打卡 | 打卡签到 | 每日签到 | 早安打卡 | 簽到 | \
            checkin | check in | check-in | checking in | daily check in | daily check-in | \
            sign in | signing in | 报到 | 打咭",
        takes: Takes::Words(Spoken {
            make: |_| Intent::Loyalty(Wish::CheckIn),
            rank: 2,
            beside: &[Cue::NoteLead, Cue::Photo],
            numbers: Numbers::Days,
            is_asked: true,
        }),
    },
    Command {
        id: "loyalty.points",
        who: Role::Member,
        slash: &["points"],
        words: "积分 | 我的积分 | 查积分 | 小红花 | 我的小红花 | 红花 | 积分余额 | 多少积分 | 积分多少 | \
            几多积分 | 点数 | 我的点数 | 积分商城 | 积分兑换 | 兑换积分 | 积分明细 | 我的等级 | \
            会员等级 | 等级 | 查等级 | 我什么等级 | 我是什么等级 | my tier | my level | \
            member tier | tier status | points | my points | reward points | point balance | \
            points balance | loyalty points | how many points  | 攒了多少分 | 攒了多少积分 | \
            我有多少分 | 有多少积分",
        takes: Takes::Words(Spoken {
            make: |_| Intent::Loyalty(Wish::Points),
            rank: 1,
            beside: &[Cue::Stock],
            numbers: Numbers::Never,
            is_asked: true,
        }),
    },
    Command {
        id: "loyalty.use",
        who: Role::Member,
        slash: &[],
        words: "用积分 | 积分抵扣 | 积分抵 | 抵扣 | 用小红花 | 使用积分 | 积分支付 | 用积分抵扣 | \
            拿积分抵 | 积分换 | use points | use my points | spend points | redeem points | \
            redeem | pay with points | apply points | apply my points",
        takes: Takes::Words(Spoken {
            make: spend,
            rank: 3,
            beside: &[],
            numbers: Numbers::Money,
            is_asked: true,
        }),
    },
    Command {
        id: "loyalty.show",
        who: Role::Member,
        slash: &["share"],
        words: "晒单",
        takes: Takes::Free,
    },
    Command {
        id: "loyalty.approve",
        who: Role::Leader,
        slash: &[],
        words: "通过晒单 | 晒单通过 | approve share",
        takes: Takes::lead(approve, Half::Person),
    },
    Command {
        id: "loyalty.give",
        who: Role::Leader,
        slash: &[],
        words: "",
        takes: Takes::Told(giving::told),
    },
];

/// 用500积分, 用0积分; all that is allowed when no number is said.
fn spend(heard: &ReadableMessage<'_, '_>) -> Intent {
    let Some(said) = command::said_amount(heard) else {
        return Intent::Loyalty(Wish::SpendPoints { points: None });
    };
    match amount::count(said).and_then(|count| u32::try_from(count).ok()) {
        Some(points) => Intent::Loyalty(Wish::SpendPoints { points: Some(points) }),
        None => command::unread(said, AmountFault::Unclear),
    }
}

/// 通过晒单 @小美.
fn approve(said: &Said<'_>) -> Option<LeaderIntent> {
    said.person().map(|person| LeaderIntent::Loyalty(Lead::ApproveShare(person)))
}
