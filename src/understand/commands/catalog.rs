//! Commands about what is on sale: the menu, and how leaders run it.

use super::super::args::Args;
use super::super::times;
use super::super::vocabulary::Cue;
use super::half::is_between;
use super::selling::{Usual, list, price, stock};
use super::{Command, Half, Numbers, Said, Spoken, Takes, listing_terms, relisting};
use crate::domain::catalog::{Intent as Wish, Lead};
use crate::domain::ids::OfferId;
use crate::domain::intent::{Intent, LeaderIntent, Role};

/// The rows.
pub(super) const COMMANDS: &[Command] = &[
    Command {
        id: "catalog.menu",
        who: Role::Member,
        slash: &["menu", "offers"],
        words: "菜单 | 看菜单 | 菜牌 | 餐牌 | 餐单 | 商品列表 | 商品清单 | 团品 | 今日团品 | 今日菜单 | \
            今日商品 | 今日爆款 | 爆款 | 今天有什么 | 今天有啥 | 今天有什么团 | 今天团什么 | \
            今天团啥 | 今天卖什么 | 今天卖啥 | 今日有什么 | 今日有啥 | 今日有咩 | 今日有咩买 | \
            今日有乜 | 今日卖咩 | 今日开咩团 | 今天开什么团 | 今天开团什么 | 在团什么 | 在卖什么 | \
            有什么 | 有啥 | 有什么好吃的 | 有什么好东西 | 有什么可以买 | 有什么可以团 | \
            有什么可以订 | 有什么商品 | 有什么卖 | 有咩买 | 有咩食 | 有乜买 | 有哪些商品 | \
            现在有什么 | 现在团什么 | 都有什么 | 都有啥 | 都有哪些 | 能买什么 | 能订什么 | \
            可以买什么 | 可以订什么 | 可以点什么 | 清单 | 列表 | 价目表 | 团购清单 | 上新 | \
            今日上新 | 有上新 | 有什么新品 | 新品 | menu | the menu | show menu | product list | \
            products | items | what's on | what's available | whats available | what is available | \
            what's on offer | what's on sale | what do you have | what have you got | \
            what can i order | what can i buy | what's for sale | what's today | what do you sell | \
            what's on the menu | what's new | today's menu | today's offers | today's items | \
            list items | catalogue | catalog | offers | what are the offers | \
            what are you selling | what are we buying | 今天吃什么团 | 商品",
        takes: Takes::Words(Spoken {
            make: |_| Intent::Catalog(Wish::Menu),
            rank: 0,
            beside: &[Cue::NoteLead, Cue::Stock, Cue::Shop, Cue::Price],
            numbers: Numbers::Counts,
            is_asked: false,
        }),
    },
    Command {
        id: "catalog.put_on_sale",
        who: Role::Leader,
        slash: &["list"],
        words: "上架 | list",
        takes: Takes::lead(list, Half::Never),
    },
    Command {
        id: "catalog.put_on_sale",
        who: Role::Leader,
        slash: &[],
        words: "",
        takes: Takes::Told(listing_terms::told),
    },
    Command {
        id: "catalog.plan",
        who: Role::Leader,
        slash: &[],
        words: "",
        takes: Takes::Told(listing_terms::told),
    },
    Command {
        id: "catalog.price",
        who: Role::Leader,
        slash: &["price"],
        words: "改价 | 调价 | price",
        takes: Takes::lead(price, Half::Goods(&[])),
    },
    Command {
        id: "catalog.stock",
        who: Role::Leader,
        slash: &["stock"],
        words: "库存 | stock",
        takes: Takes::lead(|said| stock(said, Usual::Set), Half::Goods(&["库存"])),
    },
    Command {
        id: "catalog.stock",
        who: Role::Leader,
        slash: &[],
        words: "加库存 | 增加库存 | 补库存 | 补货",
        takes: Takes::lead(|said| stock(said, Usual::More), Half::Goods(&["补货"])),
    },
    Command {
        id: "catalog.stock",
        who: Role::Leader,
        slash: &[],
        words: "减库存 | 减少库存",
        takes: Takes::lead(|said| stock(said, Usual::Less), Half::Goods(&[])),
    },
    Command {
        id: "catalog.close",
        who: Role::Leader,
        slash: &["close"],
        words: "停止接单 | 停止 | 停团 | 停售 | 停 | 截单 | 截团 | 结单 | 收单 | 下架 | 关闭 | close | \
            close orders | stop | stop orders",
        takes: Takes::lead(close, Half::Codes),
    },
    Command {
        id: "catalog.move_closing",
        who: Role::Leader,
        slash: &["extend"],
        words: "延长 | 延长到 | 延长至 | 延到 | 延至 | 延后 | 延后到 | 延期 | 延期到 | 顺延 | 顺延到 | 推迟 | 推迟到 | \
            截单延到 | 截单延后 | 截单延长 | 截单推迟 | 截单改到 | 收单延到 | 收单改到 | 截单时间改到 | \
            收单时间改到 | extend | extend closing | extend orders | move closing | keep open until",
        takes: Takes::turning(move_closing, Half::Goods(&[])),
    },
    Command {
        id: "catalog.reopen",
        who: Role::Leader,
        slash: &[],
        words: "",
        takes: Takes::Told(relisting::told),
    },
    Command {
        id: "catalog.again",
        who: Role::Leader,
        slash: &[],
        words: "",
        takes: Takes::Told(relisting::told),
    },
    Command {
        id: "catalog.call_back",
        who: Role::Member,
        slash: &[],
        words: "补货叫我",
        takes: Takes::Free,
    },
];

/// 延长 A1 到 21:00, 延到9点, extend A1 by 30 min.
fn move_closing(said: &Said<'_>) -> Option<LeaderIntent> {
    let rest = said.rest.trim().trim_end_matches(['吧', '。', '！', '!']);
    let rest = CLOSES.iter().find_map(|word| rest.strip_suffix(word)).unwrap_or(rest);
    // The longest time: what stands before it are offers.
    let places = rest.char_indices().map(|(at, _)| at);
    places.take(LONGEST_GOODS).find_map(|at| {
        let (goods, time) = rest.split_at(at);
        let to = times::when(without_to(time))?;
        let goods = goods.trim_end_matches(|c: char| c.is_whitespace() || c == '到');
        let offers = if Args::read(goods).all { Some(Vec::new()) } else { offers(said, goods) };
        Some(LeaderIntent::Catalog(Lead::MoveClosing { offers: offers?, to }))
    })
}

/// Words behind a time: 延到9点截单.
const CLOSES: &[&str] = &["再截单", "截单", "截團", "截团", "收单", "收單", "截單", "结单", "結單"];

/// So many characters may stand before a time.
const LONGEST_GOODS: usize = 60;

/// 到 21:00, to 9pm, by 30 min.
fn without_to(text: &str) -> &str {
    let text = text.trim();
    let lower = text.get(..6).unwrap_or(text).to_ascii_lowercase();
    let english = ["until ", "till ", "to ", "by "].iter().find(|word| lower.starts_with(**word));
    let rest = english.map_or(text, |word| &text[word.len()..]);
    rest.trim_start_matches(['到', '至', '为', '為', ':', '：']).trim()
}

/// 停 A1, 截单, close all.
fn close(said: &Said<'_>) -> Option<LeaderIntent> {
    let all = || LeaderIntent::Catalog(Lead::Close(Vec::new()));
    if said.is_alone() {
        // 停 alone is a word of every day.
        return (said.text.chars().count() >= 2 && said.text != "close").then(all);
    }
    let args = Args::read(said.rest);
    if args.all && args.rest.is_empty() {
        return Some(all());
    }
    offers(said, said.rest)
        .filter(|offers| !offers.is_empty())
        .map(|offers| LeaderIntent::Catalog(Lead::Close(offers)))
}

/// The offers that a text names and nothing else.
fn offers(said: &Said<'_>, text: &str) -> Option<Vec<OfferId>> {
    let words = text.split(is_between).filter(|word| !word.is_empty());
    words.map(|word| said.offer(word).map(|(offer, _)| offer)).collect()
}
