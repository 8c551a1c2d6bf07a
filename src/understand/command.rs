//! What members ask for in fixed words: 签到, 余额, 我的订单, 邀请码, 积分, 菜单, 帮助, 提现.
//!
//! A command is a whole message: only glue (谢谢, 查一下, 今天的) and harmless numbers (打卡 第12天)
//! stand beside it. 打卡了一家新店 is small talk, 佣金什么时候到账 a question.

use super::clause::{Clause, Flags, Heard};
use super::opaque::Opaque;
use super::tokens::Kind;
use super::vocabulary::{Command, Cue};
use super::{amount, args};
use crate::domain::intent::{About, Intent, Query, Unread};
use crate::domain::money::{AmountFault, Currency};
use crate::domain::{catalog, groups, loyalty, orders, payouts, referral, shipping};

/// Read a message as a command.
pub(super) fn command(heard: &Heard<'_, '_>, clauses: &[Clause]) -> Option<Intent> {
    if let Some(intent) = super::phrases::asked(heard) {
        return Some(intent);
    }
    let mut found: Option<Command> = None;
    for token in &heard.tokens {
        if let Some(Cue::Command(command)) = token.cue() {
            found = Some(found.map_or(command, |old| stronger(old, command)));
        }
    }
    let mut command = found?;
    let paying = heard.text.glyphs.iter().any(|g| matches!(g.c, '用' | '抵'))
        || heard.text.glyphs.windows(4).any(|w| w.iter().map(|g| g.c).eq("use ".chars()));
    if command == Command::Points
        && paying
        && heard.tokens.iter().any(|t| matches!(t.kind, Kind::Number(_)))
    {
        command = Command::Spend;
    }
    let all = clauses.iter().fold(Flags::default(), |all, c| all.union(c.flags));
    if !heard.tokens.iter().all(|token| beside(token.kind, command)) {
        return unread_withdrawal(heard);
    }
    let bad = Flags::LESS
        .union(Flags::CHANGE)
        .union(Flags::SHARE)
        .union(Flags::GOODS)
        .union(Flags::CONDITION);
    if all.has(bad) {
        return None;
    }
    if asked_about(heard, command) {
        return Some(Intent::Catalog(catalog::Intent::Query(Query {
            about: About::Other,
            offers: Vec::new(),
        })));
    }
    Some(intent(command, heard))
}

/// 佣金余额, 用积分: the more telling of two commands in one message.
fn stronger(old: Command, new: Command) -> Command {
    let rank = |command: Command| match command {
        Command::Spend | Command::Withdraw | Command::Received => 3,
        Command::CheckIn | Command::Invite | Command::MyOrders | Command::Statement => 2,
        Command::Points | Command::Help => 1,
        Command::Balance | Command::Menu => 0,
    };
    if rank(new) > rank(old) { new } else { old }
}

/// What may stand beside a command without making it something else.
fn beside(kind: Kind, command: Command) -> bool {
    let money = matches!(command, Command::Withdraw | Command::Spend);
    match kind {
        Kind::Cue(cue) => match cue {
            Cue::Polite
            | Cue::Particle
            | Cue::Me
            | Cue::Title
            | Cue::Greeting
            | Cue::CommandGlue
            | Cue::Command(_)
            | Cue::Want
            | Cue::Help
            | Cue::All
            | Cue::Question
            | Cue::Wh
            | Cue::Total
            | Cue::Is
            | Cue::And
            | Cue::For => true,
            Cue::NoteLead => {
                matches!(command, Command::CheckIn | Command::Menu | Command::Withdraw)
            }
            Cue::Stock => matches!(command, Command::Balance | Command::Points | Command::Menu),
            Cue::Shop | Cue::Price => {
                matches!(command, Command::Menu | Command::Help | Command::Balance)
            }
            Cue::Photo => command == Command::CheckIn,
            _ => false,
        },
        Kind::Number(_) | Kind::Unit(_) => {
            money || matches!(command, Command::CheckIn | Command::Invite | Command::Menu)
        }
        Kind::Opaque(Opaque::Price(_)) => money,
        Kind::Opaque(Opaque::Other | Opaque::Date | Opaque::Time) => command == Command::CheckIn,
        Kind::Word
        | Kind::Opaque(_)
        | Kind::Entry(_)
        | Kind::Code(_)
        | Kind::Times
        | Kind::Minus => false,
        _ => true,
    }
}

/// 佣金怎么算, 积分什么时候到: a question about it, not a request for it.
fn asked_about(heard: &Heard<'_, '_>, command: Command) -> bool {
    let what = heard.text.glyphs.iter().any(|g| matches!(g.c, '什' | '怎' | '啥'));
    if command == Command::CheckIn && what {
        return true;
    }
    if matches!(
        command,
        Command::Help | Command::Menu | Command::MyOrders | Command::CheckIn | Command::Invite
    ) {
        return false;
    }
    let text: String = heard.text.glyphs.iter().take(60).map(|g| g.c).collect();
    [
        "怎么",
        "怎样",
        "如何",
        "什么",
        "几时",
        "几点",
        "为什么",
        "为啥",
        "点样",
        "哪",
        "可以",
        "能不能",
        "when",
        "why",
        "how do",
        "how does",
        "how can",
        "where",
        "多久",
        "几天",
    ]
    .iter()
    .any(|word| text.contains(word))
}

/// What stands where an amount can: from the first number to the last.
fn said_amount<'t>(heard: &Heard<'_, 't>) -> Option<&'t str> {
    let is_number = |kind| matches!(kind, Kind::Number(_) | Kind::Opaque(Opaque::Price(_)));
    let first = heard.tokens.iter().position(|token| is_number(token.kind))?;
    let last = heard.tokens.iter().rposition(|token| is_number(token.kind))?;
    Some(heard.written(first, last + 1))
}

/// 提现 5o, 提现 12.5.6: a withdrawal of something that is no amount.
fn unread_withdrawal(heard: &Heard<'_, '_>) -> Option<Intent> {
    let (first, rest) = heard.tokens.split_first()?;
    let is_withdrawal = first.cue() == Some(Cue::Command(Command::Withdraw));
    let from = rest.first().filter(|token| is_withdrawal && token.gap)?.from;
    let said = heard.text.written(from, heard.text.len()).trim();
    let is_one_word = said.is_ascii() && !said.contains(char::is_whitespace);
    let fault = amount::amount(said, heard.lexicon.currency()).err()?;
    (is_one_word && amount::is_figure(said)).then(|| unread(said, fault))
}

fn unread(said: &str, why: AmountFault) -> Intent {
    Intent::Unread(Unread { said: args::line(said), why })
}

/// 提现50, 提现 ¥68.5.
fn withdraw(said: Option<&str>, currency: Currency) -> Intent {
    match said.map(|said| amount::amount(said, currency).map_err(|why| unread(said, why))) {
        Some(Ok(amount)) => Intent::Payouts(payouts::Intent::Withdraw { amount: Some(amount) }),
        Some(Err(unread)) => unread,
        None => Intent::Payouts(payouts::Intent::Withdraw { amount: None }),
    }
}

/// 用500积分, 用0积分.
fn spend(said: Option<&str>) -> Intent {
    let Some(said) = said else {
        return Intent::Loyalty(loyalty::Intent::SpendPoints { points: None });
    };
    match amount::count(said).and_then(|count| u32::try_from(count).ok()) {
        Some(points) => Intent::Loyalty(loyalty::Intent::SpendPoints { points: Some(points) }),
        None => unread(said, AmountFault::Unclear),
    }
}

fn intent(command: Command, heard: &Heard<'_, '_>) -> Intent {
    match command {
        Command::CheckIn => Intent::Loyalty(loyalty::Intent::CheckIn),
        Command::Balance => Intent::Payouts(payouts::Intent::Balance),
        Command::Statement => Intent::Payouts(payouts::Intent::Statement),
        Command::MyOrders => Intent::Orders(orders::Intent::MyOrders),
        Command::Invite => Intent::Referral(referral::Intent::Invite),
        Command::Points => Intent::Loyalty(loyalty::Intent::Points),
        Command::Menu => Intent::Catalog(catalog::Intent::Menu),
        Command::Help => Intent::Groups(groups::Intent::Help),
        Command::Withdraw => withdraw(said_amount(heard), heard.lexicon.currency()),
        Command::Spend => spend(said_amount(heard)),
        Command::Received => Intent::Shipping(shipping::Intent::Received(Vec::new())),
    }
}
