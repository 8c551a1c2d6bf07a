//! Commands about money that comes and goes back.

use super::super::args::Args;
use super::paying::{by_name, cash, collect, paid, paid_by_name};
use super::said::selection;
use super::{Command, Half, Numbers, Said, Spoken, Takes, listing, refunding};
use crate::domain::intent::{Intent, LeaderIntent, Role, Selection};
use crate::domain::payments::{Intent as Wish, Lead};
use crate::domain::reports;

/// The rows.
pub(super) const COMMANDS: &[Command] = &[
    Command {
        id: "payments.how",
        who: Role::Member,
        slash: &["pay"],
        words: "怎么付款 | 怎么付 | 怎么付钱 | 怎么转账 | 怎么支付 | 怎么汇款 | 怎么缴费 | 如何付款 | 如何支付 | \
            付款方式 | 付款码 | 收款码 | 汇款账号 | 转账账号 | 付到哪里 | 转到哪里 | 付给谁 | 转给谁 | 点样付款 | \
            点俾钱 | 账号多少 | 帐号多少 | 汇款帐号 | how to pay | how do i pay | how can i pay | \
            where to pay | payment methods | payment method | payment details | who do i pay | \
            paynow number | account number",
        takes: Takes::Words(Spoken {
            make: |_| Intent::Payments(Wish::HowToPay),
            rank: 2,
            beside: &[],
            numbers: Numbers::Never,
            is_asked: false,
        }),
    },
    Command {
        id: "payments.claim",
        who: Role::Member,
        slash: &[],
        words: "付了",
        takes: Takes::Free,
    },
    Command {
        id: "payments.paid",
        who: Role::Leader,
        slash: &["paid"],
        words: "收到付款 | 收到转账 | 收到款 | 收到 | 确认收款 | 确认付款 | 已收款 | 已收 | 到账 | \
            已付 | paid | payment received | got payment",
        takes: Takes::by_name(paid, Half::Order, paid_by_name),
    },
    Command {
        id: "payments.paid",
        who: Role::Leader,
        slash: &[],
        words: "",
        takes: Takes::Told(cash),
    },
    Command {
        id: "payments.collect",
        who: Role::Leader,
        slash: &[],
        words: "收款 | payee",
        takes: Takes::lead(collect, Half::Never),
    },
    Command {
        id: "payments.refund",
        who: Role::Leader,
        slash: &["refund"],
        words: "退款 | refund",
        takes: Takes::lead(refunding::refund, Half::Order),
    },
    Command {
        id: "payments.refund",
        who: Role::Leader,
        slash: &[],
        words: "",
        takes: Takes::Told(refunding::told),
    },
    Command {
        id: "payments.deny",
        who: Role::Leader,
        slash: &[],
        words: "没收到 | 还没收到 | 没有收到 | 未收到 | 没到账 | 未到账 | 还没到账 | 没看到款 | not received | \
            haven't received | payment not received | no payment from",
        takes: Takes::by_name(denied, Half::Order, denied_by_name),
    },
    Command {
        id: "payments.claims",
        who: Role::Leader,
        slash: &["claims"],
        words: "谁说付了 | 谁说付款了 | 谁说已付 | 谁说转了 | 待确认 | 待确认收款 | 待确认付款 | 付款待确认 | claims | \
            payment claims | who says they paid | to confirm",
        takes: Takes::Shows(LeaderIntent::Payments(Lead::Claims)),
    },
    Command {
        id: "payments.remind",
        who: Role::Leader,
        slash: &["remind"],
        words: "催款 | 催一下款 | 催付款 | 催付 | 催单 | 催缴 | 催一下 | 催 | 提醒付款 | 提醒未付款 | 提醒未付 | 提醒 | \
            remind unpaid | remind payment | chase payments | chase payment | chase unpaid | \
            chase | remind",
        takes: Takes::by_name(chase, Half::Never, chase_by_name),
    },
    Command {
        id: "payments.unpaid",
        who: Role::Leader,
        slash: &["unpaid"],
        words: "未付款 | 未付 | 谁没付 | 谁没付款 | 谁还没付 | 谁未付 | 没付款的 | unpaid | \
            who hasn't paid",
        takes: Takes::Shows(LeaderIntent::Reports(reports::Lead::Unpaid)),
    },
    Command {
        id: "payments.unpaid",
        who: Role::Leader,
        slash: &[],
        words: "",
        takes: Takes::Told(listing::unpaid),
    },
];

/// 没收到 #1024, 没收到 @小美.
fn denied(said: &Said<'_>) -> Option<LeaderIntent> {
    let of = said.selection()?;
    Some(LeaderIntent::Payments(Lead::DenyClaim(of)))
}

/// 没收到小美的.
fn denied_by_name(said: &Said<'_>) -> Option<LeaderIntent> {
    by_name_alone(said.rest).map(|of| cheap(Lead::DenyClaim(of)))
}

/// 催款, 催 @小美, 提醒 @老王 付款, remind unpaid. The verbs that say no more have to say whom.
fn chase(said: &Said<'_>) -> Option<LeaderIntent> {
    let rest = strip_dues(said.rest);
    let folded = said.verb.trim().to_lowercase();
    let is_bare = matches!(folded.as_str(), "催" | "提醒" | "remind" | "chase" | "催一下");
    let chase = |of| Some(LeaderIntent::Payments(Lead::Chase(of)));
    if rest.is_empty() {
        let says_what = rest.len() < said.rest.trim().len();
        return if is_bare && !says_what { None } else { chase(Selection::All) };
    }
    let args = Args::read_names(rest);
    if args.rest.is_empty() { chase(selection(&args)?) } else { None }
}

/// 催一下老王, 提醒老王付款.
fn chase_by_name(said: &Said<'_>) -> Option<LeaderIntent> {
    by_name_alone(said.rest).map(|of| cheap(Lead::Chase(of)))
}

/// What it is that somebody is asked for, behind their name.
const DUES: [&str; 13] = [
    "的款",
    "的钱",
    "付款",
    "付钱",
    "交钱",
    "付一下",
    "的",
    "to pay",
    "for payment",
    "about payment",
    "'s payment",
    "'s",
    "unpaid",
];

fn strip_dues(rest: &str) -> &str {
    let mut rest = rest.trim_matches(|c: char| c.is_whitespace() || "，,。.!！~".contains(c));
    while let Some(short) = DUES.iter().find_map(|word| rest.strip_suffix(word)) {
        rest = short.trim_end();
    }
    rest
}

/// A name in plain words and nothing else.
fn by_name_alone(rest: &str) -> Option<Selection> {
    let args = Args::read_names(strip_dues(rest));
    by_name(&args, &args.rest)
}

/// Nothing of it costs anything: it is done where exactly one is called so.
fn cheap(act: Lead) -> LeaderIntent {
    LeaderIntent::ByName { act: Box::new(LeaderIntent::Payments(act)), plain: false }
}
