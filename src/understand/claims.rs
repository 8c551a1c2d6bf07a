//! Claims: 付了, 已转账 38.4 末五码 12345, paid $12 via paynow. A whole message that says nothing but that the speaker
//! has paid.
//!
//! ```text
//! claim := (courtesy | way | order | digits | amount | done)*      done exactly once
//! done  := 付了 | 已转账 | 钱打过去了 | paid | payment made | …
//! ```
//!
//! What is left over makes it something else: 老王付了 is about somebody else, 怎么付 a question.

use std::sync::LazyLock;

use regex::Regex;

use super::amount;
use super::args;
use super::normalize::Folded;
use super::patterns::{Hints, pattern};
use crate::domain::ids::OrderId;
use crate::domain::intent::Intent;
use crate::domain::money::{Currency, Money};
use crate::domain::payments;

/// Longer messages say more.
const LONGEST: usize = 80;

type ClaimPattern = LazyLock<Option<Regex>>;

static ORDER: ClaimPattern =
    LazyLock::new(|| Regex::new(r"(?:订单|单号|单|order )?# ?(\d{1,9})").ok());

/// The last digits of an account, a reference.
static DIGITS: ClaimPattern = LazyLock::new(|| {
    pattern(
        r"(?:账号|帐号|卡号|手机)?(?:末|后|尾)(?:[三四五六3-6])?(?:码|位|号|数|数字)?(?:是|为)?[: ]*\d{3,8}|(?:last ?\d? ?(?:digits?)?|txn(?: id)?)[: ]*[a-z]*\d{3,20}|\bref(?:erence)?(?: no\.?| number| is)?[: ]+[a-z0-9]{3,20}",
    )
});

/// A figure, with a mark of money before or behind it.
static AMOUNT: ClaimPattern = LazyLock::new(|| {
    let marks = Currency::all().flat_map(Currency::marks).chain(amount::UNITS).copied();
    let mut marks: Vec<&str> = marks.collect();
    marks.sort_unstable_by_key(|mark| std::cmp::Reverse(mark.len()));
    let marks = marks.into_iter().map(regex::escape).collect::<Vec<_>>().join("|");
    Regex::new(&format!(r"(?:{marks})? ?\d[\d,]*(?:\.\d+)? ?(?:{marks})?")).ok()
});

/// Words that say nothing more, and the ways that money goes.
static BESIDE: ClaimPattern = LazyLock::new(|| {
    pattern(
        r"\b(?:thanks?|thank you|thx|ty|tq|pls|please|kindly|check|verify|confirm|boss|hi|hello|hey|ok|okay|via|by|through|thru|using|from|on|monzo|revolut|payid|cash ?app|venmo|zelle|gcash|maya|gpay|upi|tng|duitnow|paynow|paylah|pay ?me|fps|bank transfer|bank|grabpay|alipay|wechat(?: pay)?|line ?pay|apple pay|cash|the|my|order|liao|alr|already|sir|sis|ya|yup|yes|for|to)\b|请查收|查收|麻烦|辛苦|谢谢|多谢|唔该|拜托|确认一下|确认|帮忙|看一下|看下|查一下|查下|核对|收一下|收下|团长|老板娘|老板|店长|群主|团主|微信|支付宝|银行卡|银行|网银|邮局|街口|转数快|全支付|云闪付|现金|用|通过|请|您好|你好|好的|嗯嗯|嗯|哈|哦|喔|噢|啊|呀|呢|哟|了哦|一下|金额|共|一共|总共|合计|订单|的",
    )
});

/// One of these is in each claim.
static HINTS: Hints = Hints::of("付|转|汇|缴|打|paid|paye|transfer|payment|paynowed|paylahed|sent");

static DONE: ClaimPattern = LazyLock::new(|| {
    Regex::new(
        r"(?x)^(?:
          (?:我们|我|这边|这|钱|款项|款|货款|费用|团费)*
          (?:刚刚|刚才|刚|已经|已|都|全部|全|也|今天|昨天|昨晚|早上)*
          (?:给你|给您)?
          (?:
            (?:支付|付款|付钱|付|转账|转帐|转钱|转|汇款|汇|缴费|缴款|缴|打款|打钱)
            (?:款|钱|给你|给您|给|过去|过来|上|出去|出)*
            (?:好|完|过|成功|清)*
            (?:了|啦|咗|喇|咯|嘞|啰|喽|囉|嘍|过)+(?:钱|款)?(?:了|啦)?
          |
            (?:支付|付|转|汇|打)(?:款|账|帐|钱)?(?:过去|给你|给您)?(?:好|完|过|成功|清)+
          )
        |
          (?:我们|我|这边|钱|款项|款|货款)*(?:刚刚|刚才|刚|已经|已)+
          (?:给你|给您)?
          (?:支付|付款|付钱|付清|付|转账|转帐|转|汇款|汇|缴费|缴款|缴|打款)(?:款|钱|给你|给您|过去|成功|清)*
        |
          (?:钱|款|货款)?(?:刚|已|已经)*打(?:款|钱)?(?:过去)?(?:了|啦|咯|喇|嘞)?
        |
          (?:i|ive|i've|i\ have|we|we've|have|has|just|all|it's|its|is)*\ *
          (?:i|ive|i've|i\ have|we|we've|have|just|all)*\ *
          (?:paid|payed|transferred|transfered|paynowed|paylahed|sent\ (?:payment|money)|made\ (?:payment|transfer)|settled\ payment|done\ payment|done\ transfer)
          (?:\ (?:up|over|payment|money|it|you|u|full|in\ full|just\ now|now|today))*
        |
          (?:payment|transfer|money)\ (?:is\ |has\ been\ |was\ )?(?:made|done|sent|completed|complete|transferred|settled)
          (?:\ (?:just\ now|now))?
        )$",
    )
    .ok()
});

static SENT: ClaimPattern = LazyLock::new(|| {
    Regex::new(r"^(?:i|ive|i've|just|have)*(?: |^)sent(?: over| you| u| now| just now)*$").ok()
});

/// Whether a message may be one: a coarse superset, for idle talk costs nothing.
pub(super) fn begins(folded: &Folded<'_>) -> bool {
    if folded.len() > LONGEST || folded.len() < 2 {
        return false;
    }
    HINTS.is_in(folded.line())
}

/// Read a message that says to have paid and nothing else.
pub(super) fn read(folded: &Folded<'_>, currency: Currency) -> Option<Intent> {
    if !begins(folded) {
        return None;
    }
    let text = folded.line();
    if text.contains(['?', '\n']) {
        return None;
    }
    let (orders, amount, rest) = details(text, currency)?;
    let rest = BESIDE.as_ref()?.replace_all(&rest, " ");
    let is_mark = |c: char| {
        c.is_whitespace()
            || (c.is_ascii_punctuation() && c != '\'')
            || "，。！、～：（）".contains(c)
    };
    let words: Vec<&str> = rest.split(is_mark).filter(|word| !word.is_empty()).collect();
    let is_latin = words.iter().all(|word| word.is_ascii());
    let done = words.join(if is_latin { " " } else { "" });
    // What was sent is money where it says how much.
    let is_sent = amount.is_some() && SENT.as_ref()?.is_match(&done);
    let is_claim = is_sent || DONE.as_ref()?.is_match(&done);
    // 打 alone is any of a dozen things.
    let is_claim =
        is_claim && (!done.contains('打') || done.contains(['款', '钱']) || done.contains("过去"));
    is_claim.then_some(Intent::Payments(payments::Intent::ClaimPaid { orders, amount }))
}

/// What the speaker says of a payment beside having made it: orders, an amount; and the text without them.
fn details(text: &str, currency: Currency) -> Option<(Vec<OrderId>, Option<Money>, String)> {
    let named = ORDER.as_ref()?.captures_iter(text);
    let orders = named.filter_map(|found| args::order(found.get(1)?.as_str())).collect();
    let text = ORDER.as_ref()?.replace_all(text, " ");
    let text = DIGITS.as_ref()?.replace_all(&text, " ");
    let figures: Vec<_> = AMOUNT.as_ref()?.find_iter(&text).map(|it| it.as_str().trim()).collect();
    let amount = match figures[..] {
        [] => None,
        [only] => Some(amount::amount(only, currency).ok()?),
        _ => return None,
    };
    Some((orders, amount, AMOUNT.as_ref()?.replace_all(&text, " ").into_owned()))
}

/// Words of paying; without one of them a message asks about something else.
const PAYING: &[&str] = &[
    "付",
    "款",
    "转",
    "汇",
    "账",
    "帐",
    "现金",
    "街口",
    "刷卡",
    "收钱",
    "给钱",
    "交钱",
    "打钱",
    "俾钱",
    "找数",
    "几钱",
    "多少钱",
    "pay",
    "transfer",
    "cash",
    "account",
    "card",
    "bank",
    "owe",
    "total",
    "settle",
];

/// Whether a message speaks of paying, so that it can be asked how.
pub(super) fn is_about_paying(folded: &Folded<'_>) -> bool {
    let text = folded.line();
    PAYING.iter().any(|word| text.contains(word))
}

/// The orders and the amount that a message names, whatever else it says.
pub(super) fn said(folded: &Folded<'_>, currency: Currency) -> (Vec<OrderId>, Option<Money>) {
    let text: String = folded.glyphs.iter().take(LONGEST).map(|glyph| glyph.c).collect();
    details(&text, currency).map_or((Vec::new(), None), |(orders, amount, _)| (orders, amount))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(text: &str, code: &str) -> Option<(Vec<i64>, Option<i64>)> {
        match read(&Folded::new(text), Currency::of(code).unwrap())? {
            Intent::Payments(payments::Intent::ClaimPaid { orders, amount }) => {
                Some((orders.iter().map(|it| it.0).collect(), amount.map(|it| it.minor)))
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn whoever_says_to_have_paid_is_heard() {
        for text in [
            "付了",
            "付好了",
            "已付",
            "已转账",
            "已轉帳",
            "我付过了",
            "钱转过去了",
            "转好了 谢谢",
            "款已打",
            "刚付完",
            "付款了",
            "匯好囉",
            "已匯款 末五碼12345",
            "微信付了",
            "已經付款了哦",
            "团长 我付了，请查收",
            "转了",
            "支付成功",
            "钱打过去咯",
            "打過去了",
            "paid",
            "Paid!",
            "i've paid",
            "just paid via PayNow, thanks",
            "payment made",
            "paid already",
            "Transferred, pls check",
            "已付清",
            "我用支付宝付好了",
        ] {
            assert_eq!(claim(text, "CNY"), Some((vec![], None)), "{text}");
        }
    }

    #[test]
    fn with_orders_and_an_amount() {
        assert_eq!(claim("#84 付了", "CNY"), Some((vec![84], None)));
        assert_eq!(claim("已付 #84 #85", "CNY"), Some((vec![84, 85], None)));
        assert_eq!(claim("付了39.9", "CNY"), Some((vec![], Some(3_990))));
        assert_eq!(claim("转了 125.8元 尾号1234", "CNY"), Some((vec![], Some(12_580))));
        assert_eq!(claim("paid $38.40 via paynow", "SGD"), Some((vec![], Some(3_840))));
        let sent = "sent you $23.40 on monzo just now, ref FERN12";
        assert_eq!(claim(sent, "SGD"), Some((vec![], Some(2_340))));
        assert_eq!(claim("已匯款280元 末五碼 12345", "TWD"), Some((vec![], Some(28_000))));
    }

    #[test]
    fn what_says_more_is_something_else() {
        for text in [
            "老王付了",
            "还没付",
            "怎么付",
            "付了吗",
            "我付不了",
            "等下付",
            "货到付款",
            "转发了",
            "付款方式",
            "要付多少",
            "付了钱怎么没反应",
            "汇总",
            "打卡",
            "paid?",
            "will pay later",
            "she paid",
            "not paid yet",
            "have you paid",
            "payment method",
            "付39.9还是40",
            "打折了",
            "转告了",
            "付一半了",
        ] {
            assert_eq!(claim(text, "CNY"), None, "{text}");
        }
    }
}
