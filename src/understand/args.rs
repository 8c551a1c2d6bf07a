//! The arguments of commands: order numbers, people, amounts of money, and other words.
//!
//! A person is the mark of a mention, or `@name` as typed: the words right behind it belong to the name
//! where nothing else can stand there (`paid @Mary Ann`), but for words of courtesy.
//!
//! Order numbers are written `#1024`. What else stands there, amounts and other words, is left to whoever knows
//! what can: an amount's comma cuts nothing (`2,400`).

use super::amount;
use crate::domain::ids::OrderId;
use crate::domain::message::is_mark;
use crate::domain::person::Person;

/// What stands in a command, in order of writing.
#[derive(Debug, Default)]
pub(super) struct Args<'t> {
    pub(super) orders: Vec<OrderId>,
    pub(super) people: Vec<Person>,
    /// Everything else, in order of writing.
    pub(super) rest: Vec<&'t str>,
    pub(super) all: bool,
}

/// Commands with more arguments are cut: nobody confirms more in one message.
const MOST: usize = 200;

/// Words that say nothing more.
const COURTESY: &[&str] = &[
    "谢谢",
    "謝謝",
    "多谢",
    "多謝",
    "感谢",
    "感謝",
    "辛苦了",
    "thanks",
    "thank",
    "you",
    "thx",
    "pls",
    "please",
];

impl<'t> Args<'t> {
    /// Sort the words of a text. A command glued to its number (收到#1024) is cut before `#`, `@` and marks.
    pub(super) fn read(text: &'t str) -> Self {
        let mut args = Self::default();
        pieces(text).take(MOST).for_each(|word| args.sort(word));
        args
    }

    /// Where no amount can stand, a bare number of three digits or more right after an order's is one too.
    pub(super) fn read_orders(text: &'t str) -> Self {
        let mut args = Self::default();
        let mut after_order = false;
        for word in pieces(text).take(MOST) {
            let before = args.orders.len();
            match order(word).filter(|_| after_order && word.len() >= 3) {
                Some(order) => args.orders.push(order),
                None => args.sort(word),
            }
            after_order = args.orders.len() > before;
        }
        args
    }

    /// The same where no other words can stand: those behind a typed name belong to it.
    pub(super) fn read_names(text: &'t str) -> Self {
        let mut args = Self::default();
        let mut name: Option<String> = None;
        for word in pieces(text).take(MOST) {
            let before = args.rest.len();
            let is_courtesy = COURTESY.contains(&word.to_lowercase().as_str());
            if word.starts_with(['@', '＠']) {
                args.people.extend(name.take().map(Person::Named));
                name = self::name(word);
            } else if !is_courtesy {
                args.sort(word);
            }
            let is_word = args.rest.len() > before && !amount::is_figure(word);
            match (&mut name, is_word) {
                (Some(name), true) => {
                    name.extend([" ", word]);
                    args.rest.pop();
                }
                (Some(_), false) if word.starts_with(['@', '＠']) => {}
                _ => args.people.extend(name.take().map(Person::Named)),
            }
        }
        args.people.extend(name.map(Person::Named));
        args
    }

    fn sort(&mut self, word: &'t str) {
        if let Some(number) = word.strip_prefix(['#', '＃']) {
            if let Some(order) = order(number) {
                self.orders.push(order);
                return;
            }
        } else if let Some(mention) = word.strip_prefix(['@', '＠']) {
            self.people.extend(name(mention).map(Person::Named));
            return;
        } else if word.starts_with(is_mark) {
            self.people.push(Person::from(word));
            return;
        } else if matches!(
            word.to_ascii_lowercase().as_str(),
            "全部" | "所有" | "所有人" | "all" | "everyone"
        ) {
            self.all = true;
            return;
        }
        self.rest.push(word);
    }
}

/// Words at blanks and commas, before `#` and `@`, and at both ends of marks.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    words(text).flat_map(|word| {
        let mut rest = word;
        std::iter::from_fn(move || {
            let (piece, behind) = rest.split_at(first_cut(rest));
            rest = behind;
            (!piece.is_empty()).then_some(piece)
        })
    })
}

/// Words at blanks and commas; the comma between two digits of an amount is no end of a word.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches(is_end);
        let is_number = !rest.starts_with(['#', '＃']);
        let ends = |&(at, c): &(usize, char)| {
            let is_comma = is_number
                && matches!(c, ',' | '，')
                && rest[..at].ends_with(is_digit)
                && rest[at + c.len_utf8()..].starts_with(is_digit);
            is_end(c) && !is_comma
        };
        let end = rest.char_indices().find(ends).map_or(rest.len(), |(at, _)| at);
        let (word, behind) = rest.split_at(end);
        rest = behind;
        (!word.is_empty()).then_some(word)
    })
}

fn is_end(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, ',' | '，' | '、' | ';' | '；' | ':' | '：' | '。' | '!' | '！')
}

fn is_digit(c: char) -> bool {
    c.is_ascii_digit() || ('０'..='９').contains(&c)
}

/// Where the first piece of a word ends.
fn first_cut(word: &str) -> usize {
    let begins = |c: char| matches!(c, '#' | '＃' | '@' | '＠') || is_mark(c);
    let mut chars = word.char_indices();
    match chars.next() {
        Some((_, c)) if is_mark(c) => c.len_utf8(),
        _ => chars.find(|&(_, c)| begins(c)).map_or(word.len(), |(at, _)| at),
    }
}

pub(super) fn order(number: &str) -> Option<OrderId> {
    let plain = number.len() <= 12 && number.chars().all(|c| c.is_ascii_digit());
    number.parse().ok().filter(|&id| plain && id > 0).map(OrderId)
}

/// A person's name as written, on one line, without `@`; `None` if nothing is left.
pub(super) fn name(written: &str) -> Option<String> {
    let name = written.trim_matches(|c: char| {
        c.is_whitespace() || matches!(c, '@' | '＠' | ',' | '，' | '\u{2005}' | '。' | '!' | '！')
    });
    let clean: String = name.chars().filter(|c| !c.is_control()).take(32).collect();
    (!clean.is_empty()).then_some(clean)
}

/// A person, mentioned or by name.
pub(super) fn person(written: &str) -> Option<Person> {
    name(written).map(Person::Named)
}

/// One line of at most 200 characters.
pub(super) fn line(written: &str) -> String {
    written.trim().chars().map(|c| if c.is_control() { ' ' } else { c }).take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_sorted_by_kind() {
        let args = Args::read_orders("发货#1024 1025 @小美\u{2005}SF1");
        assert_eq!(args.orders, [OrderId(1024), OrderId(1025)]);
        assert_eq!(args.people, [Person::from("小美")]);
        assert_eq!(args.rest, ["发货", "SF1"]);
        let args = Args::read("收到#1024 1025 #7,#8，9 2,400 2，400,小美");
        assert_eq!(args.orders, [1024, 7, 8].map(OrderId));
        assert_eq!(args.rest, ["收到", "1025", "9", "2,400", "2，400", "小美"]);
    }

    #[test]
    fn people_are_marks_or_whole_names() {
        let people = |text: &str| Args::read_names(text).people;
        assert_eq!(people("\u{100000}50元"), [Person::from("\u{100000}")]);
        assert_eq!(people("@Mary Ann 39.9 thanks"), [Person::from("Mary Ann")]);
        assert_eq!(
            people("@Mary Ann @小美 谢谢"),
            [Person::from("Mary Ann"), Person::from("小美")]
        );
        let args = Args::read_names("#12 \u{100001}谢谢 全部");
        assert_eq!((args.orders.len(), args.people.len(), args.all), (1, 1, true));
        assert!(args.rest.is_empty());
    }
}
