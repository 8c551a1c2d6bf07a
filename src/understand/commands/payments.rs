//! Commands about money that comes and goes back.

use super::super::args::Args;
use super::super::chain_entry;
use super::paying::{collect, paid, paid_by_name};
use super::{Command, Half, Said, Takes};
use crate::domain::intent::{LeaderIntent, Op, Role, WantedLine};
use crate::domain::payments::Lead;
use crate::domain::reports;

/// The rows.
pub(super) const COMMANDS: &[Command] = &[
    Command {
        id: "payments.paid",
        who: Role::Leader,
        slash: &["paid"],
        words: "收到付款 | 收到转账 | 收到款 | 收到 | 确认收款 | 确认付款 | 已收款 | 已收 | 到账 | \
            已付 | paid | payment received | got payment",
        takes: Takes::Lead { read: paid, half: Half::Order, by_name: Some(paid_by_name) },
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
        takes: Takes::lead(refund, Half::Order),
    },
    Command {
        id: "payments.unpaid",
        who: Role::Leader,
        slash: &["unpaid"],
        words: "未付款 | 未付 | 谁没付 | 谁没付款 | 谁还没付 | 谁未付 | 没付款的 | unpaid | \
            who hasn't paid",
        takes: Takes::Shows(LeaderIntent::Reports(reports::Lead::Unpaid)),
    },
];

/// 退款 #1024 A1 1份.
fn refund(said: &Said<'_>) -> Option<LeaderIntent> {
    let rest = said.rest.trim();
    let number = rest.strip_prefix(['#', '＃'])?;
    let end = number.find(|c: char| !c.is_ascii_digit()).unwrap_or(number.len());
    let order = Args::read(&rest[..rest.len() - number.len() + end]).orders.first().copied()?;
    let goods = number[end..].trim();
    if goods.is_empty() {
        return Some(LeaderIntent::Payments(Lead::Refund { order, lines: Vec::new() }));
    }
    let lines = chain_entry::wanted(goods, said.lexicon, chain_entry::Ground::default())?.lines;
    let counted = goods.chars().any(|c| c.is_ascii_digit() && goods.len() > 3) || lines.len() > 1;
    let removed =
        |line: WantedLine| WantedLine { op: Op::Remove, qty: line.qty.filter(|_| counted), ..line };
    let lines: Vec<_> = lines.into_iter().map(removed).collect();
    (!lines.is_empty()).then_some(LeaderIntent::Payments(Lead::Refund { order, lines }))
}
