//! Commands about orders: my orders, cancelling by number or for somebody, what waits for a leader.

use super::super::args::Args;
use super::super::lexicon::Lexicon;
use super::{Command, Half, Numbers, Said, Spoken, Takes, cutting, paying, serving};
use crate::domain::ids::{MemberId, OrderId};
use crate::domain::intent::{Intent, LeaderIntent, Role};
use crate::domain::orders::{Intent as Wish, Lead};

/// The rows.
pub(super) const COMMANDS: &[Command] = &[
    Command {
        id: "orders.place",
        who: Role::Member,
        slash: &["order", "buy"],
        words: "要",
        takes: Takes::Free,
    },
    Command {
        id: "orders.add",
        who: Role::Member,
        slash: &["add"],
        words: "再加",
        takes: Takes::Free,
    },
    Command {
        id: "orders.change",
        who: Role::Member,
        slash: &["set"],
        words: "改成",
        takes: Takes::Free,
    },
    Command {
        id: "orders.cancel",
        who: Role::Member,
        slash: &["cancel", "remove"],
        words: "取消",
        takes: Takes::Sentence(cancel),
    },
    Command {
        id: "orders.mine",
        who: Role::Member,
        slash: &["orders", "myorders", "my_orders", "myorder"],
        words: "我的订单 | 我的单 | 我的团 | 查订单 | 查单 | 看订单 | 订单状态 | 我订了什么 | \
            我订了啥 | 我订了哪些 | 我订了几个 | 我订了多少 | 我点了什么 | 我点了啥 | 我点了哪些 | \
            我点了咩 | 我买了什么 | 我买了啥 | 我买了哪些 | 我买了多少 | 我下了什么单 | \
            我下了什么 | 我下了哪些 | 我下了几单 | 我都订了什么 | 我都点了什么 | 我都买了什么 | \
            我跟了什么 | 我要了什么 | 我叫咗咩 | 我叫咗乜 | 我落咗咩单 | 我嘅订单 | 我订咗咩 | \
            我买咗咩 | 我定了什么 | 我一共订了什么 | 我一共买了什么 | 我下单了吗 | 我下单了没 | \
            我下单成功了吗 | 我的下单成功了吗 | 我的单下了吗 | 我点单成功了吗 | 看看我的订单 | \
            my orders | order status | my order status | what did i order | what have i ordered | \
            what i ordered | what have i got | what did i get | what did i buy | show my order | \
            show my orders | view my orders | check my order | check my orders | list my orders | \
            我的购物车 | 购物车 | 我的明细 | 订单 | my order | 我的单子 | 我下的单 | 我下的订单 | \
            我的接龙 | 我跟的团",
        takes: Takes::Words(Spoken {
            make: |_| Intent::Orders(Wish::MyOrders),
            rank: 2,
            beside: &[],
            numbers: Numbers::Never,
            is_asked: false,
        }),
    },
    Command {
        id: "orders.cancel_for",
        who: Role::Leader,
        slash: &[],
        words: "取消订单 | 取消 | cancel order | cancel",
        takes: Takes::by_name(cancel_of, Half::Order, paying::cancel_by_name),
    },
    Command {
        id: "orders.discount",
        who: Role::Leader,
        slash: &[],
        words: "",
        takes: Takes::Told(cutting::told),
    },
    Command {
        id: "orders.for_member",
        who: Role::Leader,
        slash: &[],
        words: "",
        takes: Takes::Told(serving::told),
    },
    Command {
        id: "orders.change_for",
        who: Role::Leader,
        slash: &[],
        words: "",
        takes: Takes::Told(|_, _| None),
    },
    Command {
        id: "orders.accept_chain",
        who: Role::Leader,
        slash: &[],
        words: "接龙确认 | 确认接龙 | 接受接龙 | accept list | accept chain | accept the chain",
        takes: Takes::lead(accept, Half::Never),
    },
    Command {
        id: "orders.ignore_chain",
        who: Role::Leader,
        slash: &[],
        words: "接龙忽略 | 忽略接龙 | 拒绝接龙 | ignore list | reject list | reject chain | \
            ignore chain | drop chain",
        takes: Takes::lead(ignore, Half::Never),
    },
    Command {
        id: "orders.request",
        who: Role::Leader,
        slash: &[],
        words: "同意 | 准了 | 批准 | allow | approve",
        takes: Takes::lead(|said| request(said, true), Half::Never),
    },
    Command {
        id: "orders.request",
        who: Role::Leader,
        slash: &[],
        words: "不同意 | 不批准 | 拒绝 | 驳回 | decline | deny",
        takes: Takes::lead(|said| request(said, false), Half::Never),
    },
];

/// 取消 #1024.
fn cancel(text: &str, lexicon: &Lexicon) -> Option<Intent> {
    let words = [
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
    numbered(text, lexicon, &words).map(|orders| Intent::Orders(Wish::CancelOrders(orders)))
}

/// Orders by number, with these words and nothing else.
pub(super) fn numbered(text: &str, lexicon: &Lexicon, words: &[&str]) -> Option<Vec<OrderId>> {
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
    let said = args.rest.join("").to_lowercase();
    let is_said = words.contains(&said.as_str())
        || words.contains(&said.trim_end_matches(['吧', '了', '谢', '謝']));
    is_said.then_some(args.orders)
}

/// 取消 @小美, 取消 @小美 A1.
fn cancel_of(said: &Said<'_>) -> Option<LeaderIntent> {
    let whole = said.selection().map(|of| LeaderIntent::Orders(Lead::CancelOf(of)));
    whole.or_else(|| serving::told(said.text, said.lexicon))
}

/// 接龙确认.
fn accept(said: &Said<'_>) -> Option<LeaderIntent> {
    said.alone(LeaderIntent::Orders(Lead::Review { accept: true }))
}

/// 接龙忽略.
fn ignore(said: &Said<'_>) -> Option<LeaderIntent> {
    said.alone(LeaderIntent::Orders(Lead::Review { accept: false }))
}

/// 同意 R2.
fn request(said: &Said<'_>, accept: bool) -> Option<LeaderIntent> {
    let number = said.rest.trim().strip_prefix(['R', 'r', 'Ｒ'])?;
    let is_plain = (1..=12).contains(&number.len()) && number.bytes().all(|c| c.is_ascii_digit());
    let member = MemberId(number.parse().ok().filter(|id| is_plain && *id > 0)?);
    Some(LeaderIntent::Orders(Lead::Request { member, accept }))
}
