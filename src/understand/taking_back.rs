//! Taking back: 撤销, 撤销 #12, 撤销收款, undo, undo #12, undo payment.
//!
//! ```text
//! undo := verb (that | '#' number | what)?      nothing else in the message
//! ```
//!
//! With goods behind it the verb is a word of cancelling (撤销 葡萄), and read as one.

use super::args;
use super::normalize::Folded;
use crate::domain::intent::Intent;
use crate::domain::undo::UndoAbout;

/// Longer messages say more.
const LONGEST: usize = 40;

/// The longest first.
const VERBS: &[&str] = &["撤销", "撤消", "撤回", "undo"];

const WHAT: &[(UndoAbout, &[&str])] = &[
    (
        UndoAbout::Last,
        &[
            "",
            "上一步",
            "上一条",
            "刚才的",
            "刚才那步",
            "刚才那个",
            "刚才的操作",
            "操作",
            "that",
            "it",
            "last",
            "last one",
            "my last",
            "the last one",
            "that last thing",
            "last step",
        ],
    ),
    (UndoAbout::Orders, &["订单", "下单", "取消", "order", "my order", "the order", "cancel"]),
    (UndoAbout::Payment, &["收款", "付款", "收到", "到账", "payment", "the payment", "paid"]),
    (UndoAbout::Price, &["改价", "价格", "price", "the price"]),
    (UndoAbout::Stock, &["库存", "加库存", "减库存", "stock", "the stock"]),
    (UndoAbout::Close, &["停", "停团", "截单", "停止接单", "close", "stop"]),
    (UndoAbout::Chain, &["接龙", "接龙确认", "list", "chain", "accept list"]),
    (UndoAbout::Withdrawal, &["提现", "提领", "withdrawal", "withdraw", "my withdrawal"]),
];

/// Words around it that say nothing more.
const COURTESY: &[&str] =
    &["请", "帮我", "麻烦", "一下", "吧", "谢谢", "please", "pls", "thanks", "thx"];

/// Read a message that takes something back and says nothing else.
pub(super) fn read(folded: &Folded<'_>) -> Option<Intent> {
    if !begins(folded) {
        return None;
    }
    let text = plain(folded.line());
    let rest = VERBS.iter().find_map(|verb| text.strip_prefix(verb))?;
    let rest = plain(rest);
    if let Some((about, _)) = WHAT.iter().find(|(_, words)| words.contains(&rest)) {
        return Some(Intent::Undo(*about));
    }
    let number = ["订单", "order", "my order"].iter().find_map(|word| rest.strip_prefix(word));
    let number = number.unwrap_or(rest).trim().strip_prefix('#')?;
    args::order(number).map(|order| Intent::Undo(UndoAbout::Order(order)))
}

/// Whether a message may be one.
pub(super) fn begins(folded: &Folded<'_>) -> bool {
    let line = folded.line();
    let end = line.char_indices().nth(12).map_or(line.len(), |(at, _)| at);
    folded.len() <= LONGEST && VERBS.iter().any(|verb| line[..end].contains(verb))
}

/// Without blanks, punctuation and courtesy at both ends.
fn plain(text: &str) -> &str {
    let mut text = text;
    loop {
        let before = text;
        text = text.trim_matches(|c: char| c.is_whitespace() || (!c.is_alphanumeric() && c != '#'));
        for word in COURTESY {
            text = text.strip_prefix(word).unwrap_or(text);
            text = text.strip_suffix(word).unwrap_or(text);
        }
        if text == before {
            return text;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::OrderId;

    #[track_caller]
    fn check(about: impl Into<Option<UndoAbout>>, all: &[&str]) {
        let expected = about.into().map(Intent::Undo);
        for said in all {
            assert_eq!(read(&Folded::new(said)), expected, "{said}");
        }
    }

    #[test]
    fn what_is_to_be_taken_back() {
        check(
            UndoAbout::Last,
            &["撤销", "撤銷！", "请撤销一下", "undo", "Undo that please", "撤回"],
        );
        let order = UndoAbout::Order(OrderId(12));
        check(
            order,
            &["撤销 #12", "撤销#12", "撤銷訂單 #12", "undo #12", "undo order #12", "撤销＃12"],
        );
        check(UndoAbout::Orders, &["撤销订单", "undo my order"]);
        check(UndoAbout::Payment, &["撤销收款", "撤銷 收款", "undo payment"]);
        check(UndoAbout::Withdrawal, &["撤销提现", "undo withdrawal"]);
        check(UndoAbout::Price, &["撤销改价", "undo price"]);
        check(UndoAbout::Stock, &["撤销 库存", "undo stock"]);
        check(UndoAbout::Close, &["撤销截单", "undo close"]);
        check(UndoAbout::Chain, &["撤销接龙", "undo list"]);
    }

    #[test]
    fn with_more_behind_it_it_is_something_else() {
        check(
            None,
            &[
                "撤销 葡萄",
                "撤销 A1",
                "撤销 #12 #13",
                "能撤销吗",
                "怎么撤销",
                "我想撤销刚才说的话行不行",
                "undoubtedly",
                "undone",
                "can I undo my order from yesterday",
            ],
        );
    }
}
