//! A leader's command that is plainly one and has a part that cannot be read: 改价 A3 abc, 退款 #12 Z9.
//!
//! ```text
//! half := verb goods word*             改价, 加库存: the price or the number is missing or makes no sense
//!       | 退款 (# | @ | number | goods) word*
//!       | 停 code code*                one of them unknown
//! ```
//!
//! Leaders chat too. So what the verb is about has to be named by a code, or by a name on offer, and words
//! of Chinese behind it make it talk (补货 A1 明天到).

use super::leader::{Verb, one_offer};
use super::lexicon::Lexicon;
use super::normalize::Folded;
use super::numerals;
use crate::domain::intent::LeaderCommand;
use crate::domain::message::is_mark;

/// Longer ones are talk.
const MOST_WORDS: usize = 4;

/// What a message that begins with `verb`, written so, wants to be. It could not be read as a command.
pub(super) fn half_said(
    (verb, written): (Verb, &str),
    rest: &str,
    lexicon: &Lexicon,
) -> Option<LeaderCommand> {
    let apart = rest.starts_with(char::is_whitespace);
    let ends =
        |c: char| c.is_whitespace() || matches!(c, '。' | '！' | '!' | '.' | '~' | ':' | '：');
    let words: Vec<&str> = rest
        .trim_matches(ends)
        .split(|c: char| c.is_whitespace() || matches!(c, ',' | '，' | '、'))
        .filter(|word| !word.is_empty())
        .collect();
    let (first, more) = words.split_first().filter(|_| words.len() <= MOST_WORDS)?;
    let names = |word: &str| is_code(word) || one_offer(word, lexicon).is_some();
    match verb {
        Verb::Price => (names(first) && are_figures(more)).then_some(LeaderCommand::Price),
        Verb::SetStock | Verb::MoreStock | Verb::LessStock => {
            // 补货 葡萄 and "stock" are said of what is there, too.
            let talk = matches!(written.trim(), "补货" | "補貨" | "库存" | "庫存")
                || written.trim().is_ascii();
            let goods = is_code(first) || (!talk && names(first));
            (goods && are_figures(more)).then_some(LeaderCommand::Stock)
        }
        Verb::Refund => {
            let order = first.starts_with(|c| matches!(c, '#' | '＃' | '@' | '＠') || is_mark(c))
                || first.chars().all(|c| c.is_ascii_digit())
                || names(first);
            let rest = more.iter().all(|word| is_figure(word) || names(word));
            (order && rest).then_some(LeaderCommand::Refund)
        }
        Verb::Close => {
            (apart && words.iter().all(|word| is_code(word))).then_some(LeaderCommand::Close)
        }
        _ => None,
    }
}

/// A letter and digits, whether or not an offer has it for its code.
fn is_code(word: &str) -> bool {
    let text = Folded::new(word);
    (2..=4).contains(&text.len())
        && text.at(0).is_ascii_lowercase()
        && (1..text.len()).all(|at| text.at(at).is_ascii_digit())
}

/// What stands for a price or a number: one word, perhaps with its unit, or after 到.
fn are_figures(words: &[&str]) -> bool {
    match words {
        [] => true,
        [one] => is_figure(one),
        [number, _unit] if number.starts_with(|c: char| c.is_ascii_digit()) => true,
        [to, one] => matches!(*to, "到" | "为" | "為" | "to") && is_figure(one),
        _ => false,
    }
}

fn is_figure(word: &str) -> bool {
    word.is_ascii() || numerals::number(&Folded::new(word), 0).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::intent::{Intent, LeaderIntent, Role};
    use crate::domain::orders;
    use crate::understand::{Scene, fixture, understand};

    fn read(said: &str, role: Role) -> Intent {
        let lexicon = fixture::lexicon("fruit");
        understand(
            said,
            &Scene {
                lexicon: &lexicon,
                question: None,
                mine: &[],
                mentions: &[],
                lately: &[],
                role,
            },
        )
        .intent
    }

    #[track_caller]
    fn check(command: LeaderCommand, all: &[&str]) {
        for said in all {
            let expected = Intent::Lead(LeaderIntent::HalfSaid(command));
            assert_eq!(read(said, Role::Leader), expected, "{said}");
            let member = read(said, Role::Member);
            assert!(
                !matches!(member, Intent::Lead(_) | Intent::Orders(orders::Intent::Order(_))),
                "{said}: {member:?}"
            );
        }
    }

    #[test]
    fn commands_with_a_broken_part() {
        check(
            LeaderCommand::Price,
            &[
                "改价 A3 abc",
                "改价 A3 0",
                "改价 Z9 5",
                "改价 A3",
                "改價 草莓",
                "調價 草莓 -5",
                "改价A3 abc",
                "改价 A3 到 0",
                "price A3 abc",
                "price Z9 5.90",
                "Price A3 free!",
            ],
        );
        check(
            LeaderCommand::Stock,
            &[
                "加库存 A3",
                "加库存 草莓",
                "加庫存 A3 abc",
                "减库存 A3 0",
                "加库存 Z9 20",
                "库存 A3",
                "加库存 A3 0 盒",
                "stock A3",
                "stock Z9 +20",
            ],
        );
        check(
            LeaderCommand::Refund,
            &[
                "退款 #12 Z9",
                "退款 #12 A1 abc",
                "退款 12",
                "退款 @小美",
                "退款 A1",
                "退款 #12 #13",
                "refund #12 Z9 1",
                "refund #x",
            ],
        );
        check(LeaderCommand::Close, &["停 Z9", "停 A1 Z9", "截單 Z9", "close Z9"]);
    }

    #[test]
    fn talk_that_begins_with_their_verbs() {
        for said in [
            "改价了大家看一下",
            "改价 明天再说",
            "改价 A3 太麻烦了",
            "补货 草莓",
            "补货 A3 明天到",
            "库存不多了",
            "库存 还有 20",
            "stock is low",
            "stock A3 is low",
            "price is going up again",
            "退款已经处理",
            "退款 #12 已经退了",
            "退款 3天内到账",
            "停车",
            "停 一下",
            "停Z2了",
        ] {
            let got = read(said, Role::Leader);
            assert!(
                !matches!(got, Intent::Lead(_) | Intent::Orders(orders::Intent::Order(_))),
                "{said}: {got:?}"
            );
        }
    }
}
