//! A leader's command that is plainly one and has a part that cannot be read: 改价 A3 abc, 退款 #12 Z9.
//!
//! Leaders chat too. So what the words are about has to be named by what can be nothing else (a number, a code, a
//! mention, a name on offer), and words of Chinese behind it make it talk (补货 A1 明天到).

use super::super::normalize::Folded;
use super::super::numerals;
use super::Said;
use crate::domain::message::is_mark;

/// When a command that cannot be read is answered with how it is said.
#[derive(Debug)]
pub(in crate::understand) enum Half {
    /// Never: it has no arguments, or its words are talk.
    Never,
    /// It names an offer, and a price or a number is missing or makes no sense. These words are said of goods that
    /// are there, too: with them, and with English ones, only a code names an offer.
    Goods(&'static [&'static str]),
    /// It names an order, a person or an offer.
    Order,
    /// It names nothing but codes, one of them unknown.
    Codes,
    /// Nobody is named, or something that is nobody.
    Person,
}

/// Longer ones are talk.
const MOST_WORDS: usize = 4;

impl Half {
    /// Whether it was said so. It could not be read as a whole one.
    pub(super) fn is_said(&self, said: &Said<'_>) -> bool {
        let words = words(said.rest);
        let Some((first, more)) = words.split_first().filter(|_| words.len() <= MOST_WORDS) else {
            return matches!(self, Self::Person) && words.is_empty() && is_firm(said.verb);
        };
        let names = |word: &str| is_code(word) || said.offer(word).is_some();
        let is_figure = |word: &str| is_figure(word) || names(word);
        match self {
            Self::Never => false,
            Self::Goods(talk) => {
                let verb: String = Folded::new(said.verb).glyphs.iter().map(|it| it.c).collect();
                let verb = verb.trim();
                let is_talk = talk.contains(&verb) || (!talk.is_empty() && verb.is_ascii());
                (is_code(first) || (!is_talk && names(first))) && are_figures(more)
            }
            Self::Order => {
                let is_number = first.chars().all(|c| c.is_ascii_digit());
                (is_number || is_marked(first) || names(first))
                    && more.iter().all(|word| is_figure(word))
            }
            Self::Codes => {
                said.rest.starts_with(char::is_whitespace) && words.iter().all(|it| is_code(it))
            }
            Self::Person => is_marked(first) && more.iter().all(|word| is_figure(word)),
        }
    }
}

/// What stands behind the words of a command, at blanks and commas.
fn words(rest: &str) -> Vec<&str> {
    let ends =
        |c: char| c.is_whitespace() || matches!(c, '。' | '！' | '!' | '.' | '~' | ':' | '：');
    rest.trim_matches(ends)
        .split(|c: char| c.is_whitespace() || matches!(c, ',' | '，' | '、'))
        .filter(|word| !word.is_empty())
        .collect()
}

/// More than one word, or more than two characters: nobody says them by chance.
fn is_firm(verb: &str) -> bool {
    let verb = verb.trim();
    verb.contains(' ') || (!verb.is_ascii() && verb.chars().count() > 2)
}

/// A number with its mark, or a mention.
fn is_marked(word: &str) -> bool {
    word.starts_with(|c| matches!(c, '#' | '＃' | '@' | '＠') || is_mark(c))
}

/// A letter and digits, whether or not an offer has it for its code.
fn is_code(word: &str) -> bool {
    let text = Folded::new(word);
    (2..=4).contains(&text.len())
        && text.at(0).is_ascii_lowercase()
        && (1..text.len()).all(|at| text.at(at).is_ascii_digit())
}

/// Whether a text is codes and nothing else, at least one.
pub(super) fn are_codes(text: &str) -> bool {
    let mut words = text.split(is_between).filter(|word| !word.is_empty()).peekable();
    words.peek().is_some() && words.all(is_code)
}

/// What stands between two codes.
pub(super) fn is_between(c: char) -> bool {
    c.is_whitespace() || matches!(c, ',' | '，' | '、' | '和')
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
