//! The arguments of commands: order numbers, mentions, amounts of money, and other words.
//!
//! Order numbers are written `#1024`; a bare number of three digits or more right after one is one
//! too. Money is in the community's currency with two decimals: `68`, `68.5`, `¥68`, `68元`.

use crate::domain::ids::OrderId;
use crate::domain::money::Money;

/// What stands in a command, in order of writing.
#[derive(Debug, Default)]
pub(super) struct Args<'t> {
    pub(super) orders: Vec<OrderId>,
    pub(super) mentions: Vec<String>,
    pub(super) amounts: Vec<Money>,
    pub(super) words: Vec<&'t str>,
    pub(super) all: bool,
}

/// Commands with more arguments are cut: nobody confirms more in one message.
const MOST: usize = 200;

impl<'t> Args<'t> {
    /// Sort the words of a text. A command glued to its number (收到#1024) is cut before `#` or `@`.
    pub(super) fn read(text: &'t str) -> Self {
        let mut args = Self::default();
        let mut after_order = false;
        for word in pieces(text).take(MOST) {
            let before = args.orders.len();
            args.sort(word, after_order);
            after_order = args.orders.len() > before;
        }
        args
    }

    fn sort(&mut self, word: &'t str, after_order: bool) {
        if let Some(number) = word.strip_prefix(['#', '＃']) {
            if let Some(order) = order(number) {
                self.orders.push(order);
                return;
            }
        } else if let Some(mention) = word.strip_prefix(['@', '＠']) {
            self.mentions.extend(name(mention));
            return;
        } else if after_order && word.len() >= 3 && order(word).is_some() {
            self.orders.extend(order(word));
            return;
        } else if matches!(
            word.to_ascii_lowercase().as_str(),
            "全部" | "所有" | "所有人" | "all" | "everyone"
        ) {
            self.all = true;
            return;
        } else if let Some(money) = money(word) {
            self.amounts.push(money);
            return;
        }
        self.words.push(word);
    }
}

/// Words at blanks and commas, and before `#` and `@`.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| {
        c.is_whitespace()
            || matches!(c, ',' | '，' | '、' | ';' | '；' | ':' | '：' | '。' | '!' | '！')
    })
    .flat_map(|word| {
        let cut = word
            .char_indices()
            .skip(1)
            .find(|(_, c)| matches!(c, '#' | '＃' | '@' | '＠'))
            .map_or(word.len(), |(at, _)| at);
        let (head, tail) = word.split_at(cut);
        std::iter::once(head).chain(std::iter::once(tail))
    })
    .filter(|word| !word.is_empty())
}

fn order(number: &str) -> Option<OrderId> {
    let plain = number.len() <= 12 && number.chars().all(|c| c.is_ascii_digit());
    number.parse().ok().filter(|&id| plain && id > 0).map(OrderId)
}

/// An amount of money in minor units.
pub(super) fn money(word: &str) -> Option<Money> {
    let word = word.trim_start_matches(['¥', '￥', '$', '€', '£']);
    let word = word
        .strip_suffix("块钱")
        .or_else(|| word.strip_suffix(['元', '块', '塊', '蚊', '圆']))
        .unwrap_or(word);
    let (whole, decimals) = word.split_once('.').unwrap_or((word, "0"));
    let digits = |text: &str, most: usize| {
        !text.is_empty() && text.len() <= most && text.chars().all(|c| c.is_ascii_digit())
    };
    if !digits(whole, 9) || !digits(decimals, 2) {
        return None;
    }
    let cents: i64 = format!("{decimals:0<2}").parse().ok()?;
    Some(Money::from_minor(whole.parse::<i64>().ok()? * 100 + cents))
}

/// A person's name as written, on one line, without `@`; `None` if nothing is left.
pub(super) fn name(written: &str) -> Option<String> {
    let name = written.trim_matches(|c: char| {
        c.is_whitespace() || matches!(c, '@' | '＠' | ',' | '，' | '\u{2005}' | '。' | '!' | '！')
    });
    let clean: String = name.chars().filter(|c| !c.is_control()).take(32).collect();
    (!clean.is_empty()).then_some(clean)
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
        let args = Args::read("收到#1024 1025 @小美\u{2005}50元");
        assert_eq!(args.orders, [OrderId(1024), OrderId(1025)]);
        assert_eq!(args.mentions, ["小美"]);
        assert_eq!(args.amounts, [Money::from_minor(5_000)]);
        assert_eq!(args.words, ["收到"]);
    }

    #[test]
    fn money_has_two_decimals_at_most() {
        for (word, minor) in
            [("68", 6_800), ("68.5", 6_850), ("¥68", 6_800), ("68元", 6_800), ("$0.05", 5)]
        {
            assert_eq!(money(word), Some(Money::from_minor(minor)), "{word}");
        }
        for word in ["68.555", "A1", "", "6-8", "1e3"] {
            assert_eq!(money(word), None, "{word}");
        }
    }
}
