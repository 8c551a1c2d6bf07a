//! The same message twice: a slip of the thumb, or a second helping? The first time it is asked back.
//!
//! Compared is what was written, without its spelling: width, case, spaces and punctuation. A message
//! that says 再, 加, 又, more or again means it, and so does the answer to a question.

use chrono::Duration;
use unicode_normalization::UnicodeNormalization;

use crate::book::ctx::Ctx;
use crate::domain::ids::{MemberId, fingerprint};
use crate::domain::intent::{Intent, Op, Question, WantedLine, Why};
use crate::domain::orders;

/// Words that mean a second helping.
const MORE: [&str; 6] = ["再", "加", "又", "more", "again", "another"];

/// A message as compared with earlier ones; `None` for orders that nobody wrote.
#[must_use]
pub(super) fn print_of(text: &str) -> Option<i64> {
    let mut plain = String::with_capacity(text.len());
    for c in text.nfkc().flat_map(char::to_lowercase) {
        if c.is_alphanumeric() || c == '+' {
            plain.push(c);
        } else if !plain.ends_with(' ') {
            plain.push(' ');
        }
    }
    let plain = plain.trim();
    (!plain.is_empty()).then(|| fingerprint(plain))
}

/// The question to ask back, when `text` only repeats an earlier order of the member.
#[must_use]
pub(super) fn question(
    ctx: &Ctx<'_>,
    member: MemberId,
    lines: &[WantedLine],
    text: &str,
) -> Option<Question> {
    let print = print_of(text)?;
    let since = ctx.at - Duration::minutes(i64::from(ctx.shop.policy.orders.repeat_minutes));
    let mut orders = ctx.shop.orders.of(member);
    let repeated = orders.any(|order| {
        order.said.is_some_and(|(said, at)| said == print && at > since)
            && (order.is_unpaid() || order.is_paid())
    });
    if !repeated || says_more(ctx, lines, text) {
        return None;
    }
    let choices = vec![Intent::Orders(orders::Intent::Order(lines.to_vec()))];
    Some(Question::of(Why::Repeat, choices))
}

/// Whether the words ask for more, the names of goods left aside (加拿大车厘子 asks for nothing).
fn says_more(ctx: &Ctx<'_>, lines: &[WantedLine], text: &str) -> bool {
    let mut text = text.to_lowercase();
    for offer in lines.iter().filter_map(|line| ctx.shop.offers.get(line.offer)) {
        let detail = &offer.detail;
        for name in detail.aliases.iter().chain([&detail.name]).chain(&detail.variants) {
            text = text.replace(&name.to_lowercase(), " ");
        }
    }
    MORE.iter().any(|word| text.contains(word))
}

/// Whether these lines answer the question that the member was asked: then the text, a bare number
/// perhaps, is nothing to compare the next message with.
#[must_use]
pub(super) fn answers(ctx: &Ctx<'_>, member: MemberId, lines: &[WantedLine]) -> bool {
    let row = ctx.shop.members.get(member);
    let pending = row.and_then(|row| row.question.as_ref()).filter(|it| ctx.at < it.until);
    let Some(question) = pending.map(|pending| &pending.question) else { return false };
    let picked = question.options().any(
        |choice| matches!(choice, Intent::Orders(orders::Intent::Order(choice) | orders::Intent::Amend(choice)) if choice == lines),
    );
    let filled = question.partial.as_ref().is_some_and(
        |partial| matches!(lines, [line] if line.offer == partial.offer && line.op == Op::Add),
    );
    picked || filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spelling_does_not_matter_but_numbers_do() {
        assert_eq!(print_of("A1 x2"), print_of("ａ１　X2！"));
        assert_ne!(print_of("A1 2"), print_of("A12"));
        assert_ne!(print_of("A1 x2"), print_of("A1 x3"));
        assert_eq!(print_of(" 。"), None);
    }
}
