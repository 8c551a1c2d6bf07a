//! Commands about who may do what.

use super::{Command, Half, Said, Takes, blocking};
use crate::domain::intent::{LeaderIntent, Role};
use crate::domain::people::Lead;

/// The rows.
pub(super) const COMMANDS: &[Command] = &[
    Command {
        id: "people.leader",
        who: Role::Leader,
        slash: &[],
        words: "添加团长 | 加团长 | 设为团长 | 设团长 | 添加团主 | 加团主 | 设为团主 | add leader | \
            leader",
        takes: Takes::lead(|said| leader(said, true), Half::Person),
    },
    Command {
        id: "people.leader",
        who: Role::Leader,
        slash: &[],
        words: "移除团主 | 取消团主 | 移除团长 | 取消团长 | 删除团长 | remove leader",
        takes: Takes::lead(|said| leader(said, false), Half::Person),
    },
    Command {
        id: "people.helper",
        who: Role::Leader,
        slash: &[],
        words: "设核销员 | 添加核销员 | 设为核销员 | 加核销员 | 设帮手 | 添加帮手 | set helper | add helper",
        takes: Takes::lead(|said| helper(said, true), Half::Person),
    },
    Command {
        id: "people.helper",
        who: Role::Leader,
        slash: &[],
        words: "取消核销员 | 移除核销员 | 删除核销员 | 取消帮手 | 移除帮手 | remove helper | unset helper",
        takes: Takes::lead(|said| helper(said, false), Half::Person),
    },
    Command {
        id: "people.promoter",
        who: Role::Leader,
        slash: &[],
        words: "停用推广 | 禁用推广 | disable promoter",
        takes: Takes::lead(|said| promoter(said, false), Half::Person),
    },
    Command {
        id: "people.promoter",
        who: Role::Leader,
        slash: &[],
        words: "恢复推广 | 启用推广 | enable promoter",
        takes: Takes::lead(|said| promoter(said, true), Half::Person),
    },
    Command {
        id: "people.block",
        who: Role::Leader,
        slash: &[],
        words: "",
        takes: Takes::Told(blocking::told),
    },
    Command {
        id: "people.unblock",
        who: Role::Leader,
        slash: &[],
        words: "",
        takes: Takes::Told(|_, _| None),
    },
    Command {
        id: "people.blocked",
        who: Role::Leader,
        slash: &[],
        words: "黑名单 | 黑名單 | 看黑名单 | 睇黑名單 | 查黑名单 | 黑名单列表 | 拉黑名单 | 拉黑名單 | 拉黑了谁 | 拉黑咗邊個 | \
            谁被拉黑了 | 誰被拉黑了 | 谁被拉黑 | 誰被拉黑 | blacklist | block list | blocked list | blocked members | \
            who is blocked | who's blocked | show blacklist",
        takes: Takes::Shows(LeaderIntent::People(Lead::Blocked)),
    },
    Command {
        id: "people.announce",
        who: Role::Leader,
        slash: &["announce"],
        words: "公告 | 看公告 | 查公告 | 今日公告 | 群公告 | 公告内容 | announcement | show announcement | \
            announcements | today's announcement",
        takes: Takes::Shows(LeaderIntent::People(Lead::Announced)),
    },
    Command {
        id: "people.end_announcement",
        who: Role::Leader,
        slash: &[],
        words: "撤下公告 | 撤公告 | 撤掉公告 | 撤回公告 | 取消公告 | 删除公告 | 刪除公告 | 删公告 | 下架公告 | 拿掉公告 | \
            收起公告 | 结束公告 | 結束公告 | remove announcement | end announcement | delete announcement | \
            take down announcement | take down the announcement | remove the announcement | clear announcement",
        takes: Takes::Shows(LeaderIntent::People(Lead::EndAnnouncement)),
    },
];

/// 添加团长 @小美.
fn leader(said: &Said<'_>, add: bool) -> Option<LeaderIntent> {
    let name = said.person()?;
    Some(LeaderIntent::People(Lead::Leader { name, add }))
}

/// 设核销员 @小美.
fn helper(said: &Said<'_>, add: bool) -> Option<LeaderIntent> {
    let name = said.person()?;
    Some(LeaderIntent::People(Lead::Helper { name, add }))
}

/// 停用推广 @小美.
fn promoter(said: &Said<'_>, enabled: bool) -> Option<LeaderIntent> {
    let name = said.person()?;
    Some(LeaderIntent::People(Lead::Promoter { name, enabled }))
}
