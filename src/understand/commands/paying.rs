//! What a leader says of money that came: 收到 #12, 收到 #12 50元, paid @Mary Ann $38.40, 收款 李姐 39.9.
//!
//! ```text
//! paid    := orders amount? | people amount? | 全部
//! collect := paid | name amount       a name alone would be where the leader's own money goes
//! ```
//!
//! After an order's number a bare number is an amount. Where an order of that number waits for money as well,
//! only a question can tell, and the decision asks it.

use std::sync::LazyLock;

use regex::Regex;

use super::super::amount;
use super::super::args::{self, Args};
use super::super::lexicon::Lexicon;
use super::Said;
use super::said::selection;
use crate::domain::intent::{LeaderIntent, Selection, Unread};
use crate::domain::money::Currency;
use crate::domain::{orders, payments};

/// Longer messages tell more.
const LONGEST_CASH: usize = 80;
/// Longer names are sentences.
const MOST_NAME_WORDS: usize = 3;

/// Words of an account, as against a person.
const ACCOUNTS: &[&str] = &[
    "支付宝",
    "支付寶",
    "微信",
    "银行",
    "銀行",
    "卡号",
    "卡號",
    "账号",
    "帳號",
    "账户",
    "帳戶",
    "转数快",
    "轉數快",
    "街口",
    "alipay",
    "wechat",
    "paynow",
    "paylah",
    "paypal",
    "bank",
    "line",
    "fps",
    "dbs",
    "ocbc",
    "uob",
    "posb",
    "iban",
];

/// 收到 #1024 50元.
pub(super) fn paid(said: &Said<'_>) -> Option<LeaderIntent> {
    received(&said.args(), said.currency())
}

/// The same of arguments.
fn received(args: &Args<'_>, currency: Currency) -> Option<LeaderIntent> {
    let of = selection(args)?;
    let said = args.rest.join(" ");
    if said.is_empty() {
        return Some(LeaderIntent::Payments(payments::Lead::Paid { of, amount: None }));
    }
    match (amount::amount(&said, currency), &of) {
        // A number without any sign of money may be another order's.
        (Ok(amount), Selection::Orders(orders)) if let Some(order) = args::order(&said) => {
            Some(LeaderIntent::Payments(payments::Lead::PaidNumber {
                orders: orders.clone(),
                amount,
                order,
            }))
        }
        (Ok(amount), _) => {
            Some(LeaderIntent::Payments(payments::Lead::Paid { of, amount: Some(amount) }))
        }
        // 收到 #12 谢谢老板 is talk.
        (Err(_), _) if !args.rest.iter().any(|word| amount::is_figure(word)) => None,
        (Err(why), _) => Some(LeaderIntent::Unread(Unread { said: args::line(&said), why })),
    }
}

/// What says that cash came.
static CASH: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)现金|現金|现钞|現鈔|\bcash\b").ok());
static CAME: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)收|付|给|給|交|\b(?:received|got|took|collected|paid|gave|in hand)\b").ok()
});

/// What says nothing more beside that.
static BESIDE_CASH: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?i)现金|現金|现钞|現鈔|已经|已經|刚刚|剛剛|刚才|剛才|当面|當面|收到|收下|收好|收齐|收讫|收|付清|付好|付|交给我|交了|交|给我|給我|给了|給了|的|了|已|用|刚|剛|我|[,，。.!！:：](?:\s|$)|\b(?:cash|has|have|been|was|just|i|we|received|got|took|collected|paid|gave|me|in hand|in|by|from|for|with|the|of|on|order|orders)\b",
    )
    .ok()
});

/// #12 现金收了, 收了现金 @小美, got cash from @May: nothing but whose, and perhaps how much.
pub(super) fn cash(text: &str, lexicon: &Lexicon) -> Option<LeaderIntent> {
    let is_said = |of: &LazyLock<Option<Regex>>| of.as_ref().is_some_and(|it| it.is_match(text));
    if text.len() > LONGEST_CASH || text.contains('\n') || !is_said(&CASH) || !is_said(&CAME) {
        return None;
    }
    let bare = BESIDE_CASH.as_ref()?.replace_all(text, " ");
    let args = Args::read_names(bare.trim());
    if selection(&args).is_some_and(|of| of != Selection::All) {
        return received(&args, lexicon.currency())
            .filter(|it| matches!(it, LeaderIntent::Payments(_)));
    }
    let act = LeaderIntent::Payments(payments::Lead::Paid {
        of: by_name(&args, &args.rest)?,
        amount: None,
    });
    Some(LeaderIntent::ByName { act: Box::new(act), plain: false })
}

/// 收到 李姐 39.9, 收到小美: nothing but a name and perhaps an amount, which has to stand apart from it. Whether it
/// is a name at all, only the group can tell.
pub(super) fn paid_by_name(said: &Said<'_>) -> Option<LeaderIntent> {
    let (args, currency) = (said.args(), said.currency());
    let (amount, name) = match args.rest.split_last()? {
        (said, name) if !name.is_empty() && amount::is_figure(said) => {
            (Some(amount::amount(said, currency).ok()?), name)
        }
        _ => (None, &args.rest[..]),
    };
    let act = LeaderIntent::Payments(payments::Lead::Paid { of: by_name(&args, name)?, amount });
    Some(LeaderIntent::ByName { act: Box::new(act), plain: amount.is_some() })
}

/// 取消 老赵: a command where it is one word.
pub(super) fn cancel_by_name(said: &Said<'_>) -> Option<LeaderIntent> {
    let args = said.args();
    let act = LeaderIntent::Orders(orders::Lead::CancelOf(by_name(&args, &args.rest)?));
    let plain = said.rest.starts_with(char::is_whitespace) && args.rest.len() == 1;
    Some(LeaderIntent::ByName { act: Box::new(act), plain })
}

/// The words as one name, where they may be one and nothing else is named.
pub(super) fn by_name(args: &Args<'_>, words: &[&str]) -> Option<Selection> {
    let is_name = (1..=MOST_NAME_WORDS).contains(&words.len())
        && !words.iter().any(|word| amount::is_figure(word))
        && args.orders.is_empty()
        && args.people.is_empty()
        && !args.all;
    let person = args::person(&words.join(" ")).filter(|_| is_name)?;
    Some(Selection::Members(vec![person]))
}

/// 收款 李姐 39.9; `None` where an account may be meant.
pub(super) fn collect(command: &Said<'_>) -> Option<LeaderIntent> {
    let (rest, currency) = (command.rest, command.currency());
    let is_apart = rest.starts_with(|c: char| c.is_whitespace() || !c.is_alphanumeric());
    let lower = rest.to_lowercase();
    if !is_apart || ACCOUNTS.iter().any(|word| lower.contains(word)) {
        return None;
    }
    let args = Args::read_names(rest);
    if selection(&args).is_some() {
        return received(&args, currency);
    }
    let (said, name) = args.rest.split_last()?;
    let is_name = (1..=MOST_NAME_WORDS).contains(&name.len())
        && !name.iter().any(|word| amount::is_figure(word))
        && args.orders.is_empty()
        && args.people.is_empty();
    let person = args::person(&name.join(" ")).filter(|_| is_name)?;
    match amount::amount(said, currency) {
        Ok(amount) if amount <= currency.max_price() => {
            let of = Selection::Members(vec![person]);
            Some(LeaderIntent::Payments(payments::Lead::Paid { of, amount: Some(amount) }))
        }
        Err(why) if said.contains(['.', ',', '，']) && amount::is_figure(said) => {
            Some(LeaderIntent::Unread(Unread { said: args::line(said), why }))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::OrderId;
    use crate::domain::money::{AmountFault, Money};
    use crate::understand::commands::said::read_behind;

    fn ids(numbers: &[i64]) -> Vec<OrderId> {
        numbers.iter().copied().map(OrderId).collect()
    }

    fn said(text: &str, code: &str) -> Option<LeaderIntent> {
        read_behind(text, code, paid)
    }

    fn of_orders(numbers: &[i64], minor: Option<i64>) -> LeaderIntent {
        let of = Selection::Orders(ids(numbers));
        LeaderIntent::Payments(payments::Lead::Paid { of, amount: minor.map(Money::from_minor) })
    }

    #[test]
    fn a_bare_number_behind_an_order_is_an_amount_or_another_order() {
        let number = |order, minor| {
            let amount = Money::from_minor(minor);
            Some(LeaderIntent::Payments(payments::Lead::PaidNumber {
                orders: ids(&[9]),
                amount,
                order: OrderId(order),
            }))
        };
        assert_eq!(said("#9 105", "CNY"), number(105, 10_500));
        assert_eq!(said("#9 5000", "JPY"), number(5_000, 5_000));
        for text in ["#9 105元", "#9 ¥105", "#9 105.0", "#9 105 元"] {
            assert_eq!(said(text, "CNY"), Some(of_orders(&[9], Some(10_500))), "{text}");
        }
        assert_eq!(said("#9 2,400", "CNY"), Some(of_orders(&[9], Some(240_000))));
        assert_eq!(said("#9 2，400", "CNY"), Some(of_orders(&[9], Some(240_000))));
        assert_eq!(said("#9，#10", "CNY"), Some(of_orders(&[9, 10], None)));
        assert_eq!(said("#9 S$38.40", "SGD"), Some(of_orders(&[9], Some(3_840))));
    }

    #[test]
    fn a_name_in_plain_words_is_a_person_to_confirm() {
        let read = |text| read_behind(text, "CNY", paid_by_name);
        let of = |name: &str, minor: Option<i64>| {
            let of = Selection::Members(vec![name.into()]);
            let act = Box::new(LeaderIntent::Payments(payments::Lead::Paid {
                of,
                amount: minor.map(Money::from_minor),
            }));
            Some(LeaderIntent::ByName { act, plain: minor.is_some() })
        };
        assert_eq!(read(" 李姐 39.9"), of("李姐", Some(3_990)));
        assert_eq!(read("小美"), of("小美", None));
        assert_eq!(read(" Mary Ann $3"), None, "another money");
        assert_eq!(read(" Mary Ann 3元"), of("Mary Ann", Some(300)));
        assert_eq!(read(" 小美 谢谢"), of("小美", None));
        for text in ["", " 谢谢", " 39.9", " #12 小美", " @小美 小红", " 全部 小美", " a b c d"]
        {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_no_amount_is_named() {
        for (text, code, what, why) in [
            ("#9 12,5", "CNY", "12,5", AmountFault::Unclear),
            ("#9 50 100", "CNY", "50 100", AmountFault::Unclear),
            ("#9 $50", "CNY", "$50", AmountFault::Foreign),
            ("#9 12.5", "JPY", "12.5", AmountFault::TooFine),
        ] {
            let unread = Unread { said: what.to_owned(), why };
            assert_eq!(said(text, code), Some(LeaderIntent::Unread(unread)), "{text}");
        }
        assert_eq!(said("#9 谢谢老板", "CNY"), None);
        assert_eq!(said("50", "CNY"), None);
    }

    #[test]
    fn a_leader_collects_from_people() {
        let collect = |text| read_behind(text, "CNY", collect);
        let of = |name: &str, minor| {
            let of = Selection::Members(vec![name.into()]);
            Some(LeaderIntent::Payments(payments::Lead::Paid {
                of,
                amount: Some(Money::from_minor(minor)),
            }))
        };
        assert_eq!(collect(" 李姐 39.9"), of("李姐", 3_990));
        assert_eq!(collect(" @李姐 39.9元"), of("李姐", 3_990));
        assert_eq!(collect(" Mary Ann 39.9"), of("Mary Ann", 3_990));
        assert_eq!(collect(" #12 39.9"), Some(of_orders(&[12], Some(3_990))));
        for account in [
            " 支付宝 13800000000",
            " 支付宝 12345",
            " 张三 6222021234567890123",
            "账号 123456",
            " PayNow 91234567",
        ] {
            assert_eq!(collect(account), None, "{account}");
        }
        let unread = Unread { said: "39,9".to_owned(), why: AmountFault::Unclear };
        assert_eq!(collect(" 李姐 39,9"), Some(LeaderIntent::Unread(unread)));
    }

    #[test]
    fn cash_that_came_is_money_of_whoever_is_named() {
        let lexicon = Lexicon::new(Vec::new(), Currency::of("CNY").unwrap());
        let read = |text: &str| match cash(text, &lexicon)? {
            LeaderIntent::Payments(payments::Lead::Paid { of: Selection::Orders(it), amount }) => {
                Some(format!("#{} {:?}", it[0].0, amount.map(|it| it.minor)))
            }
            LeaderIntent::ByName { .. } => Some("name".to_owned()),
            other => Some(format!("{other:?}")),
        };
        for text in [
            "#12 现金收了",
            "#12 收了现金",
            "收到现金 #12",
            "#12現金付了",
            "cash received #12",
            "got cash for #12",
            "#12 paid cash",
        ] {
            assert_eq!(read(text).as_deref(), Some("#12 None"), "{text}");
        }
        assert_eq!(read("#12 现金收了 50元").as_deref(), Some("#12 Some(5000)"));
        assert_eq!(read("小美付了现金").as_deref(), Some("name"));
        for text in [
            "#12 要付现金吗",
            "现金收不收",
            "收现金",
            "#12 现金还没收",
            "#12 cash only",
            "现金不够了",
            "cash",
        ] {
            let is_none = read(text).is_none_or(|it| it == "name");
            assert!(is_none, "{text}");
        }
    }
}
