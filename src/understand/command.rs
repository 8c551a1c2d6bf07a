//! What members ask for in fixed words: 签到, 余额, 我的订单, 邀请码, 积分, 菜单, 帮助, 提现.
//!
//! A command is a whole message: only glue (谢谢, 查一下, 今天的) and harmless numbers (打卡 第12天)
//! stand beside it. 打卡了一家新店 is small talk, 佣金什么时候到账 a question.

use super::clause::{Clause, Flags, ReadableMessage};
use super::commands::{Command, Numbers, Spoken, spoken};
use super::opaque::Opaque;
use super::tokens::Kind;
use super::vocabulary::Cue;
use super::{amount, args};
use crate::domain::catalog;
use crate::domain::intent::{About, Intent, Query, Unread};
use crate::domain::money::AmountFault;

/// Read a message as a command.
pub(super) fn command(heard: &ReadableMessage<'_, '_>, clauses: &[Clause]) -> Option<Intent> {
    if let Some(intent) = super::phrases::asked(heard) {
        return Some(intent);
    }
    let (row, spoken) = found(heard)?;
    let all = clauses.iter().fold(Flags::default(), |all, c| all.union(c.flags));
    if !heard.tokens.iter().all(|token| beside(token.kind, spoken)) {
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
    if asked_about(heard, row, spoken) {
        let query = Query { about: About::Other, offers: Vec::new() };
        return Some(Intent::Catalog(catalog::Intent::Query(query)));
    }
    Some((spoken.make)(heard))
}

/// The most telling command of a message.
fn found(heard: &ReadableMessage<'_, '_>) -> Option<(&'static Command, &'static Spoken)> {
    let named = heard.tokens.iter().filter_map(|token| match token.cue() {
        Some(Cue::Command(id)) => id.row(),
        _ => None,
    });
    // The first of those that tell as much.
    let row = named.reduce(|old, new| if new.1.rank > old.1.rank { new } else { old })?;
    let pays = heard.text.glyphs.iter().any(|g| matches!(g.c, '用' | '抵'))
        || heard.text.glyphs.windows(4).any(|w| w.iter().map(|g| g.c).eq("use ".chars()));
    let counts = || heard.tokens.iter().any(|t| matches!(t.kind, Kind::Number(_)));
    if row.0.id == "loyalty.points" && pays && counts() {
        return spoken().find(|(_, row, _)| row.id == "loyalty.use").map(|(_, row, it)| (row, it));
    }
    Some(row)
}

/// What may stand beside a command without making it something else.
fn beside(kind: Kind, spoken: &Spoken) -> bool {
    match kind {
        Kind::Cue(cue) => {
            matches!(
                cue,
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
                    | Cue::For
            ) || spoken.beside.contains(&cue)
        }
        Kind::Number(_) | Kind::Unit(_) => spoken.numbers != Numbers::Never,
        Kind::Opaque(Opaque::Price(_)) => spoken.numbers == Numbers::Money,
        Kind::Opaque(Opaque::Other | Opaque::Date | Opaque::Time) => {
            spoken.numbers == Numbers::Days
        }
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
fn asked_about(heard: &ReadableMessage<'_, '_>, row: &Command, spoken: &Spoken) -> bool {
    let what = heard.text.glyphs.iter().any(|g| matches!(g.c, '什' | '怎' | '啥'));
    if row.id == "loyalty.check_in" {
        return what;
    }
    if !spoken.is_asked {
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
pub(super) fn said_amount<'t>(heard: &ReadableMessage<'_, 't>) -> Option<&'t str> {
    let is_number = |kind| matches!(kind, Kind::Number(_) | Kind::Opaque(Opaque::Price(_)));
    let first = heard.tokens.iter().position(|token| is_number(token.kind))?;
    let last = heard.tokens.iter().rposition(|token| is_number(token.kind))?;
    Some(heard.written(first, last + 1))
}

/// 提现 5o, 提现 12.5.6: a withdrawal of something that is no amount.
fn unread_withdrawal(heard: &ReadableMessage<'_, '_>) -> Option<Intent> {
    let (first, rest) = heard.tokens.split_first()?;
    let is_withdrawal = matches!(first.cue(), Some(Cue::Command(it)) if it.is("payouts.withdraw"));
    let from = rest.first().filter(|token| is_withdrawal && token.gap)?.from;
    let said = heard.text.written(from, heard.text.len()).trim();
    let is_one_word = said.is_ascii() && !said.contains(char::is_whitespace);
    let fault = amount::amount(said, heard.lexicon.currency()).err()?;
    (is_one_word && amount::is_figure(said)).then(|| unread(said, fault))
}

pub(super) fn unread(said: &str, why: AmountFault) -> Intent {
    Intent::Unread(Unread { said: args::line(said), why })
}
