//! Slash commands: the same meanings as in plain words, for those who like to type them.
//!
//! `/order A1 2` is 要 A1 2, `/checkin` is 签到: each command is rewritten into the words the other
//! readers know, so that there is one grammar. `@name` after a command (Telegram) is dropped.

/// A command and the words it stands for; what follows the command follows the words.
const COMMANDS: &[(&str, &str)] = &[
    ("order", "要"),
    ("buy", "要"),
    ("add", "再加"),
    ("set", "改成"),
    ("cancel", "取消"),
    ("remove", "取消"),
    ("undo", "undo"),
    ("checkin", "签到"),
    ("check_in", "签到"),
    ("signin", "签到"),
    ("balance", "余额"),
    ("wallet", "余额"),
    ("commission", "余额"),
    ("statement", "明细"),
    ("orders", "我的订单"),
    ("myorders", "我的订单"),
    ("my_orders", "我的订单"),
    ("myorder", "我的订单"),
    ("invite", "邀请码"),
    ("referral", "邀请码"),
    ("join", "邀请码"),
    ("points", "积分"),
    ("menu", "菜单"),
    ("offers", "菜单"),
    ("list", "list"),
    ("help", "帮助"),
    ("start", "帮助"),
    ("withdraw", "提现"),
    ("cashout", "提现"),
    ("share", "晒单"),
    ("received", "收货"),
    ("address", "地址"),
    ("pickup", "自提"),
    ("payee", "收款"),
    ("link", "绑定"),
    ("paid", "paid"),
    ("ship", "ship"),
    ("refund", "refund"),
    ("price", "price"),
    ("stock", "stock"),
    ("close", "close"),
    ("unpaid", "unpaid"),
    ("summary", "summary"),
    ("today", "today"),
    ("promoters", "promoters"),
    ("unattributed", "unattributed"),
];

/// Rewrite a slash command into plain words. `None` if the text is none; an empty text for a
/// command nobody knows.
pub(super) fn rewrite(text: &str) -> Option<String> {
    let text = text.trim_start();
    let after = text.strip_prefix(['/', '／'])?;
    let end = after.find(|c: char| c.is_whitespace() || c == '@').unwrap_or(after.len());
    let (word, rest) = after.split_at(end);
    let known = word.to_lowercase();
    let rest = match rest.strip_prefix('@') {
        Some(bot) => bot.split_once(char::is_whitespace).map_or("", |(_, rest)| rest),
        None => rest,
    };
    let words = COMMANDS.iter().find(|(name, _)| *name == known).map(|(_, words)| *words);
    // /签到 works as well: Chinese words after the stroke are read as they are.
    match words {
        Some(words) => Some(format!("{words} {}", rest.trim()).trim_end().to_owned()),
        None if !word.is_ascii() => Some(after.to_owned()),
        None => Some(String::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        assert_eq!(rewrite(text).as_deref(), expected, "{text}");
    }

    #[test]
    fn commands_become_words() {
        check("/order A1 2", Some("要 A1 2"));
        check("/checkin@TuanBot", Some("签到"));
        check("/WITHDRAW 50", Some("提现 50"));
        check("/签到", Some("签到"));
        check("/whatever", Some(""));
        check("A1/B1", None);
    }
}
