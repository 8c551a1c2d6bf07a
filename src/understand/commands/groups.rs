//! Commands about the shop itself: help, linking a chat, taking back.

use std::sync::LazyLock;

use regex::Regex;

use super::super::lexicon::Lexicon;
use super::super::vocabulary::Cue;
use super::{Command, Numbers, Spoken, Takes};
use crate::domain::groups::Intent as Wish;
use crate::domain::intent::{Intent, Role};

/// The rows.
pub(super) const COMMANDS: &[Command] = &[
    Command {
        id: "groups.help",
        who: Role::Member,
        slash: &["help", "start"],
        words: "帮助 | 求助 | 使用说明 | 说明 | 使用方法 | 教程 | 指南 | 怎么用 | 怎么玩 | 怎么下单 | \
            怎样下单 | 如何下单 | 怎么订 | 怎么订购 | 怎么点 | 怎么点单 | 怎么购买 | 怎么报名 | \
            怎么接龙 | 怎么参加 | 怎么参团 | 怎么跟团 | 怎么团 | 怎么操作 | 点样落单 | 点落单 | \
            点订 | 点样订 | 点样买 | 点样用 | 点用 | 咋下单 | 咋买 | 咋用 | 咋订 | 如何订购 | \
            如何购买 | 如何使用 | 有什么功能 | 有哪些功能 | 功能 | 命令 | 指令列表 | 你会什么 | \
            你能做什么 | 你会做什么 | 你有什么功能 | 怎么取消 | 怎么取消订单 | 怎么改单 | \
            怎么签到 | 怎么提现 | 如何提现 | help | how to order | how do i order | \
            how can i order | how does this work | how does it work | how to use | \
            how do i use this | how to buy | how do i buy | how to cancel | how do i cancel | \
            how to use this | commands | what can you do | instructions | guide | usage | faq | \
            新手指南 | 怎么买 | 怎么用这个 | 这个怎么用 | 这怎么用 | how do i use it",
        takes: Takes::Words(Spoken {
            make: |_| Intent::Groups(Wish::Help),
            rank: 1,
            beside: &[Cue::Shop, Cue::Price],
            numbers: Numbers::Never,
            is_asked: false,
        }),
    },
    Command {
        id: "groups.link",
        who: Role::Member,
        slash: &["link"],
        words: "绑定",
        takes: Takes::Sentence(link),
    },
    Command { id: "groups.ask", who: Role::Member, slash: &[], words: "", takes: Takes::Free },
    Command {
        id: "groups.undo",
        who: Role::Member,
        slash: &["undo"],
        words: "撤销",
        takes: Takes::Free,
    },
];

static LINK: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)^(?:绑定|綁定|link)[\s:：]+([A-Za-z0-9][A-Za-z0-9-]{5,39})$").ok()
});

/// 绑定 CODE.
fn link(text: &str, _lexicon: &Lexicon) -> Option<Intent> {
    let found = LINK.as_ref()?.captures(text)?;
    Some(Intent::Groups(Wish::Link { code: found.get(1)?.as_str().to_owned() }))
}
