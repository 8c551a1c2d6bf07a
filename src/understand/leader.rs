//! What a leader (团长) says to run the day: 收到 #1024, 发货 #1024 顺丰 SF1, 上架 草莓 68 50盒, 汇总.
//!
//! ```text
//! command := verb argument*           the verb begins the message
//! argument := '#' number | '@' name | 全部 | money | goods
//! ```
//!
//! Leaders chat too: a command with an argument that cannot be read, or with words left over, is no
//! command, unless it is plainly half of one ([`half_said`]). Only asked for messages of leaders and operators.

use super::args::{self, Args};
use super::clause::Heard;
use super::goods::{self, Atom};
use super::lexicon::Lexicon;
use super::normalize::Folded;
use super::selling::{self, Usual};
use super::{amount, chain_entry, half_said, paying, variants};
use crate::domain::ids::{MemberId, OfferId};
use crate::domain::intent::{LeaderIntent, Op, Selection, WantedLine};
use crate::domain::person::Person;
use crate::domain::{catalog, loyalty, orders, payments, people, referral, reports, shipping};

/// The verbs. Longer ones of the same beginning come first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verb {
    Paid,
    Collect,
    Ship,
    Delivered,
    Refund,
    Cancel,
    List,
    Price,
    SetStock,
    MoreStock,
    LessStock,
    Close,
    Unpaid,
    PickList,
    Today,
    Unattributed,
    Promoters,
    Accept,
    Reject,
    Allow,
    Decline,
    ApproveShare,
    AddLeader,
    RemoveLeader,
    Disable,
    Enable,
}

/// Longer messages are no command.
const LONGEST: usize = 200;

const VERBS: &[(Verb, &[&str])] = &[
    (
        Verb::Paid,
        &[
            "收到付款",
            "收到转账",
            "收到款",
            "收到",
            "确认收款",
            "确认付款",
            "已收款",
            "已收",
            "到账",
            "已付",
            "paid",
            "payment received",
            "got payment",
        ],
    ),
    (Verb::Collect, &["收款", "payee"]),
    (Verb::Delivered, &["已签收", "已送达", "签收", "送达", "delivered"]),
    (
        Verb::Ship,
        &["已发货", "发货", "已出货", "出货", "寄出", "已寄出", "发出", "shipped", "ship"],
    ),
    (Verb::Refund, &["退款", "refund"]),
    (
        Verb::AddLeader,
        &[
            "添加团长",
            "加团长",
            "设为团长",
            "设团长",
            "添加团主",
            "加团主",
            "设为团主",
            "add leader",
            "leader",
        ],
    ),
    (
        Verb::RemoveLeader,
        &["移除团主", "取消团主", "移除团长", "取消团长", "删除团长", "remove leader"],
    ),
    (Verb::Cancel, &["取消订单", "取消", "cancel order", "cancel"]),
    (Verb::List, &["上架", "list"]),
    (Verb::Price, &["改价", "调价", "price"]),
    (Verb::LessStock, &["减库存", "减少库存"]),
    (Verb::MoreStock, &["加库存", "增加库存", "补库存", "补货"]),
    (Verb::SetStock, &["库存", "stock"]),
    (
        Verb::Close,
        &[
            "停止接单",
            "停止",
            "停团",
            "停售",
            "停",
            "截单",
            "截团",
            "结单",
            "收单",
            "下架",
            "关闭",
            "close",
            "close orders",
            "stop",
            "stop orders",
        ],
    ),
    (
        Verb::Unpaid,
        &[
            "未付款",
            "未付",
            "谁没付",
            "谁没付款",
            "谁还没付",
            "谁未付",
            "没付款的",
            "unpaid",
            "who hasn't paid",
        ],
    ),
    (
        Verb::PickList,
        &[
            "今日汇总",
            "订单汇总",
            "汇总",
            "统计",
            "备货单",
            "拣货单",
            "pick list",
            "picklist",
            "summary",
        ],
    ),
    (
        Verb::Today,
        &[
            "今日数据",
            "今天数据",
            "今日",
            "数据",
            "日报",
            "报表",
            "today's numbers",
            "today",
            "stats",
        ],
    ),
    (Verb::Unattributed, &["未归属", "无归属", "unattributed"]),
    (
        Verb::Promoters,
        &["推广榜", "推广排行", "推广排行榜", "推广排名", "promoters", "top promoters"],
    ),
    (
        Verb::Accept,
        &["接龙确认", "确认接龙", "接受接龙", "accept list", "accept chain", "accept the chain"],
    ),
    (
        Verb::Reject,
        &[
            "接龙忽略",
            "忽略接龙",
            "拒绝接龙",
            "ignore list",
            "reject list",
            "reject chain",
            "ignore chain",
            "drop chain",
        ],
    ),
    (Verb::Allow, &["同意", "准了", "批准", "allow", "approve"]),
    (Verb::Decline, &["不同意", "不批准", "拒绝", "驳回", "decline", "deny"]),
    (Verb::ApproveShare, &["通过晒单", "晒单通过", "approve share"]),
    (Verb::Disable, &["停用推广", "禁用推广", "disable promoter"]),
    (Verb::Enable, &["恢复推广", "启用推广", "enable promoter"]),
];

/// Read a leader's message as a command.
pub(super) fn lead(text: &str, lexicon: &Lexicon) -> Option<LeaderIntent> {
    let text = text.trim();
    if text.contains(['\n', '?', '？']) {
        return None;
    }
    let (verb, rest) = verb(text)?;
    whole(text, (verb, rest), lexicon).or_else(|| {
        let written = text.strip_suffix(rest)?;
        half_said::half_said((verb, written), rest, lexicon).map(LeaderIntent::HalfSaid)
    })
}

/// 收到 李姐 39.9, 取消 老赵: what is nothing else may be about somebody by name.
pub(super) fn by_name(text: &str, lexicon: &Lexicon) -> Option<LeaderIntent> {
    let text = text.trim();
    if text.contains(['\n', '?', '？']) {
        return None;
    }
    match verb(text)? {
        (Verb::Paid, rest) => paying::paid_by_name(rest, lexicon.currency()),
        (Verb::Cancel, rest) => paying::cancel_by_name(rest),
        _ => None,
    }
}

/// A command with all its parts.
fn whole(text: &str, (verb, rest): (Verb, &str), lexicon: &Lexicon) -> Option<LeaderIntent> {
    let args = if verb == Verb::Ship { Args::read_orders(rest) } else { Args::read_names(rest) };
    let one_name = || one_name(&args, text.strip_suffix(rest).unwrap_or_default().trim());
    match verb {
        Verb::Paid => paying::paid(&args, lexicon.currency()),
        Verb::Collect => paying::collect(rest, lexicon.currency()),
        Verb::Ship => ship(&args),
        Verb::Delivered => bare(&args)
            .then(|| selection(&args))
            .flatten()
            .map(|it| LeaderIntent::Shipping(shipping::Lead::Delivered(it))),
        Verb::Cancel => bare(&args)
            .then(|| selection(&args))
            .flatten()
            .map(|it| LeaderIntent::Orders(orders::Lead::CancelOf(it))),
        Verb::Refund => refund(rest, lexicon),
        Verb::List => selling::list(rest, lexicon.currency()),
        Verb::Price => selling::price(rest, lexicon),
        Verb::SetStock => selling::stock(rest, lexicon, Usual::Set),
        Verb::MoreStock => selling::stock(rest, lexicon, Usual::More),
        Verb::LessStock => selling::stock(rest, lexicon, Usual::Less),
        Verb::Close => close(text, rest, lexicon),
        Verb::AddLeader | Verb::RemoveLeader => Some(LeaderIntent::People(people::Lead::Leader {
            name: one_name()?,
            add: verb == Verb::AddLeader,
        })),
        Verb::Disable | Verb::Enable => Some(LeaderIntent::Referral(referral::Lead::Promoter {
            name: one_name()?,
            enabled: verb == Verb::Enable,
        })),
        Verb::Allow => request(rest, true),
        Verb::Decline => request(rest, false),
        Verb::ApproveShare => {
            one_name().map(|it| LeaderIntent::Loyalty(loyalty::Lead::ApproveShare(it)))
        }
        _ => alone(rest).then(|| plain(verb)).flatten(),
    }
}

/// Whether a message begins like a command; some verbs are words that nobody else is heard for.
pub(super) fn begins(text: &Folded<'_>) -> bool {
    text.len() <= LONGEST && verb_of(text).is_some()
}

/// Commands without arguments.
fn plain(verb: Verb) -> Option<LeaderIntent> {
    Some(match verb {
        Verb::Unpaid => LeaderIntent::Reports(reports::Lead::Unpaid),
        Verb::PickList => LeaderIntent::Reports(reports::Lead::PickList),
        Verb::Today => LeaderIntent::Reports(reports::Lead::Today),
        Verb::Unattributed => LeaderIntent::Referral(referral::Lead::Unattributed),
        Verb::Promoters => LeaderIntent::Referral(referral::Lead::Promoters),
        Verb::Accept => LeaderIntent::Orders(orders::Lead::Review { accept: true }),
        Verb::Reject => LeaderIntent::Orders(orders::Lead::Review { accept: false }),
        _ => return None,
    })
}

/// The verb that begins a message, the longest that does, and what follows it.
fn verb(text: &str) -> Option<(Verb, &str)> {
    let folded = Folded::new(text);
    let (verb, end) = verb_of(&folded)?;
    Some((verb, text.get(folded.byte(end)..)?))
}

fn verb_of(folded: &Folded<'_>) -> Option<(Verb, usize)> {
    let mut best: Option<(Verb, usize)> = None;
    for (verb, words) in VERBS {
        for word in *words {
            let long = word.chars().count();
            let begins = word.chars().enumerate().all(|(n, c)| folded.at(n) == c);
            let whole = !word.is_ascii() || !folded.at(long).is_ascii_alphabetic();
            if begins && whole && best.is_none_or(|(_, old)| long > old) {
                best = Some((*verb, long));
            }
        }
    }
    best
}

fn alone(rest: &str) -> bool {
    rest.chars().all(|c| !c.is_alphanumeric())
}

/// Nothing but a selection.
fn bare(args: &Args<'_>) -> bool {
    args.rest.is_empty()
}

pub(super) fn selection(args: &Args<'_>) -> Option<Selection> {
    match (args.orders.is_empty(), args.people.is_empty(), args.all) {
        (false, true, false) => Some(Selection::Orders(args.orders.clone())),
        (true, false, false) => Some(Selection::Members(args.people.clone())),
        (true, true, true) => Some(Selection::All),
        _ => None,
    }
}

/// One person: mentioned, called with `@`, or by a name alone. Whoever it is, is told from whole names.
fn one_name(args: &Args<'_>, verb: &str) -> Option<Person> {
    let may_be_bare = args.orders.is_empty() && !verb.eq_ignore_ascii_case("leader"); // a word of talk
    match (args.people.as_slice(), args.rest.as_slice()) {
        ([name], []) => Some(name.clone()),
        ([], words @ ([_] | [_, _] | [_, _, _])) if may_be_bare => args::person(&words.join(" ")),
        _ => None,
    }
}

/// 发货 #1024 顺丰 SF123456. A tracking number may be of digits only, a carrier's name is not.
fn ship(args: &Args<'_>) -> Option<LeaderIntent> {
    let of = selection(args)?;
    let tracked = |word: &str| word.chars().filter(char::is_ascii_digit).count() >= 3;
    let own = |word: &str| Some(word.to_owned());
    let (carrier, tracking) = match args.rest.as_slice() {
        [] => (None, None),
        [word] if tracked(word) || amount::is_figure(word) => (None, own(word)),
        [word] => (own(word), None),
        [carrier, tracking] if tracked(tracking) || amount::is_figure(tracking) => {
            (own(carrier), own(tracking))
        }
        _ => return None,
    };
    Some(LeaderIntent::Shipping(shipping::Lead::Ship { of, carrier, tracking }))
}

/// 退款 #1024 A1 1份.
fn refund(rest: &str, lexicon: &Lexicon) -> Option<LeaderIntent> {
    let rest = rest.trim();
    let number = rest.strip_prefix(['#', '＃'])?;
    let end = number.find(|c: char| !c.is_ascii_digit()).unwrap_or(number.len());
    let order = Args::read(&rest[..rest.len() - number.len() + end]).orders.first().copied()?;
    let goods = number[end..].trim();
    if goods.is_empty() {
        return Some(LeaderIntent::Payments(payments::Lead::Refund { order, lines: Vec::new() }));
    }
    let lines = chain_entry::wanted(goods, lexicon, chain_entry::Ground::default())?.lines;
    let counted = goods.chars().any(|c| c.is_ascii_digit() && goods.len() > 3) || lines.len() > 1;
    let removed =
        |line: WantedLine| WantedLine { op: Op::Remove, qty: line.qty.filter(|_| counted), ..line };
    let lines: Vec<_> = lines.into_iter().map(removed).collect();
    (!lines.is_empty()).then_some(LeaderIntent::Payments(payments::Lead::Refund { order, lines }))
}

/// 同意 R2.
fn request(rest: &str, accept: bool) -> Option<LeaderIntent> {
    let number = rest.trim().strip_prefix(['R', 'r', 'Ｒ'])?;
    let is_plain = (1..=12).contains(&number.len()) && number.bytes().all(|c| c.is_ascii_digit());
    let member = MemberId(number.parse().ok().filter(|id| is_plain && *id > 0)?);
    Some(LeaderIntent::Orders(orders::Lead::Request { member, accept }))
}

/// 停 A1, 截单, close all.
fn close(text: &str, rest: &str, lexicon: &Lexicon) -> Option<LeaderIntent> {
    if alone(rest) {
        // 停 alone is a word of every day.
        return (text.chars().count() >= 2 && text != "close")
            .then(|| LeaderIntent::Catalog(catalog::Lead::Close(Vec::new())));
    }
    let args = Args::read(rest);
    if args.all && args.rest.is_empty() {
        return Some(LeaderIntent::Catalog(catalog::Lead::Close(Vec::new())));
    }
    let offers: Option<Vec<OfferId>> = rest
        .split(|c: char| c.is_whitespace() || matches!(c, ',' | '，' | '、' | '和'))
        .filter(|word| !word.is_empty())
        .map(|word| one_offer(word, lexicon).map(|(offer, _)| offer))
        .collect();
    offers
        .filter(|offers| !offers.is_empty())
        .map(|it| LeaderIntent::Catalog(catalog::Lead::Close(it)))
}

/// The one offer, and perhaps variant, that a text names and nothing else.
pub(super) fn one_offer(text: &str, lexicon: &Lexicon) -> Option<(OfferId, Option<u16>)> {
    let folded = Folded::new(text.trim());
    let heard = Heard::new(&folded, lexicon);
    let [clause] = heard.clauses()[..] else { return None };
    let said = goods::read(&heard, &clause);
    let ([Atom::Goods(goods)], 0) = (said.atoms.as_slice(), said.residue) else { return None };
    let &[offer] = goods.offers.as_slice() else { return None };
    let variant = if goods.parts.is_empty() {
        None
    } else {
        Some(*variants::matching(lexicon, offer, &goods.parts).first()?)
    };
    Some((lexicon.offer(offer)?.id, variant))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::OrderId;
    use crate::domain::money::Money;
    use crate::understand::fixture;

    #[track_caller]
    fn check(text: &str, expected: impl Into<Option<LeaderIntent>>) {
        let expected: Option<LeaderIntent> = expected.into();
        assert_eq!(lead(text, &fixture::lexicon("fruit")), expected, "{text}");
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
            })),
        );
        check(
            "list Strawberries 6.8 50 box",
            Some(LeaderIntent::Catalog(catalog::Lead::List {
                name: "Strawberries".into(),
                price: Money::from_minor(680),
                stock: Some(50),
                unit: Some("box".into()),
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
            Some(LeaderIntent::Referral(referral::Lead::Promoter {
                name: "小美".into(),
                enabled: false,
            })),
        );
    }
}
