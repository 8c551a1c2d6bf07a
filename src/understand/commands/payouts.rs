//! Commands about what members earned: balance, statement, withdrawals and where they go.

use std::sync::LazyLock;

use regex::Regex;

use super::super::args;
use super::super::clause::ReadableMessage;
use super::super::lexicon::Lexicon;
use super::super::vocabulary::Cue;
use super::super::{amount, command};
use super::{Command, Numbers, Spoken, Takes};
use crate::domain::intent::{Intent, Role};
use crate::domain::payouts::Intent as Wish;

/// The rows.
pub(super) const COMMANDS: &[Command] = &[
    Command {
        id: "payouts.balance",
        who: Role::Member,
        slash: &["balance", "wallet", "commission"],
        words: "余额 | 我的余额 | 查余额 | 我的佣金 | 查佣金 | 佣金余额 | 钱包 | 我的钱包 | 收益 | 我的收益 | \
            返佣 | 返现 | 账户 | 账户余额 | 我的账户 | 赚了多少 | 我赚了多少 | 赚了多少钱 | \
            可提现金额 | 可提现 | 可提多少 | 能提多少 | 分红 | 奖金 | balance | my balance | \
            wallet | my wallet | commission | commissions | my commission | earnings | \
            my earnings | how much have i earned | how much did i earn | how much do i have | \
            account balance | 结余 | 户口结余  | 佣金 | 返利 | 我赚了多少钱 | 赚了几多 | \
            我赚了几多 | 赚多少 | 我赚多少 | 能提多少钱 | 可以提多少 | 可以提多少钱 | 能提现多少",
        takes: Takes::Words(Spoken {
            make: |_| Intent::Payouts(Wish::Balance),
            rank: 0,
            beside: &[Cue::Stock, Cue::Shop, Cue::Price],
            numbers: Numbers::Never,
            is_asked: true,
        }),
    },
    Command {
        id: "payouts.statement",
        who: Role::Member,
        slash: &["statement"],
        words: "明细 | 佣金明细 | 收支明细 | 余额明细 | 账单 | 我的账单 | 流水 | 收益明细 | 佣金记录 | \
            提现记录 | 对账 | 对帐 | statement | my statement | transactions | \
            transaction history | payout history | 帳目",
        takes: Takes::Words(Spoken {
            make: |_| Intent::Payouts(Wish::Statement),
            rank: 2,
            beside: &[],
            numbers: Numbers::Never,
            is_asked: true,
        }),
    },
    Command {
        id: "payouts.withdraw",
        who: Role::Member,
        slash: &["withdraw", "cashout"],
        words: "提现 | 我要提现 | 申请提现 | 提领 | 提领佣金 | 提现佣金 | 佣金提现 | 提款 | 取现 | 提佣金 | \
            提取佣金 | 提取 | 提钱 | 提余额 | 余额提现 | 取钱 | 取佣金 | 攞佣金 | 拎佣金 | \
            withdraw | withdrawal | cash out | cashout | payout | pay out | pay me out | \
            withdraw my commission | withdraw all | withdraw my balance | withdraw my earnings | \
            transfer my commission | 领取佣金 | 提成提现 | 領佣金 ",
        takes: Takes::Words(Spoken {
            make: withdraw,
            rank: 3,
            beside: &[Cue::NoteLead],
            numbers: Numbers::Money,
            is_asked: true,
        }),
    },
    Command {
        id: "payouts.payee",
        who: Role::Member,
        slash: &["payee"],
        words: "收款 | 收款账号 | 收款方式 | 收款人 | payee",
        takes: Takes::Sentence(payee),
    },
];

static PAYEE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)^(?:收款|收款账号|收款帳號|收款方式|收款人|payee)[\s:：]+(\S.{1,100})$").ok()
});

/// 收款 支付宝 138….
fn payee(text: &str, _lexicon: &Lexicon) -> Option<Intent> {
    let found = PAYEE.as_ref()?.captures(text)?;
    Some(Intent::Payouts(Wish::SetPayee(args::line(found.get(1)?.as_str()))))
}

/// 提现50, 提现 ¥68.5; the whole balance when no amount is said.
fn withdraw(heard: &ReadableMessage<'_, '_>) -> Intent {
    let currency = heard.lexicon.currency();
    let read = |said| amount::amount(said, currency).map_err(|why| command::unread(said, why));
    match command::said_amount(heard).map(read) {
        Some(Ok(amount)) => Intent::Payouts(Wish::Withdraw { amount: Some(amount) }),
        Some(Err(unread)) => unread,
        None => Intent::Payouts(Wish::Withdraw { amount: None }),
    }
}
