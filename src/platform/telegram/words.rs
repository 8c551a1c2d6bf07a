//! Slash commands: for people who look for them in Telegram's menu. Each stands for words that the shop
//! understands anyway.

use serde_json::{Value, json};

/// Command, the words it stands for, and what the menu says about it in each language.
const COMMANDS: [(&str, &str, [&str; 3]); 8] = [
    ("menu", "菜单", ["看今天的团", "看今天的團", "Today's offers"]),
    ("orders", "我的订单", ["我的订单", "我的訂單", "My orders"]),
    ("checkin", "签到", ["每日签到", "每日簽到", "Check in"]),
    ("invite", "邀请", ["我的邀请链接", "我的邀請連結", "My invite link"]),
    ("balance", "余额", ["佣金和积分", "佣金和積分", "Commission and points"]),
    ("points", "积分", ["我的积分", "我的積分", "My points"]),
    ("help", "帮助", ["怎么下单", "怎麼下單", "How to order"]),
    ("start", "帮助", ["开始", "開始", "Start"]),
];

/// Languages as Telegram names them, and their column. No language: everybody else.
const LANGUAGES: [(Option<&str>, usize); 3] = [(None, 2), (Some("zh"), 0), (Some("en"), 2)];

/// What to register, a call each.
pub(super) fn registrations() -> Vec<Value> {
    let listed = |column: usize| {
        let commands = COMMANDS.iter().filter(|(name, ..)| *name != "start");
        commands
            .map(|(name, _, about)| json!({ "command": name, "description": about[column] }))
            .collect::<Vec<_>>()
    };
    LANGUAGES
        .iter()
        .map(|(language, column)| match language {
            Some(language) => json!({ "commands": listed(*column), "language_code": language }),
            None => json!({ "commands": listed(*column) }),
        })
        .collect()
}

/// What somebody wrote, with a command of ours in the words it stands for and without the bot's own name
/// in front. `None`: a command for another bot.
pub(super) fn plain(text: &str, bot: &str) -> Option<String> {
    let text = text.trim();
    let own = format!("@{bot}");
    if let Some(rest) = strip_name(text, &own) {
        return Some(rest.trim_start().to_owned());
    }
    let Some(command) = text.strip_prefix('/') else { return Some(text.to_owned()) };
    let (head, rest) = command.split_once(char::is_whitespace).unwrap_or((command, ""));
    let name = match head.split_once('@') {
        Some((name, of)) if of.eq_ignore_ascii_case(bot) => name,
        Some(_) => return None,
        None => head,
    };
    let known = COMMANDS.iter().find(|(known, ..)| name.eq_ignore_ascii_case(known));
    Some(match known {
        Some((_, words, _)) => format!("{words} {rest}").trim_end().to_owned(),
        None => format!("/{name} {rest}").trim_end().to_owned(),
    })
}

fn strip_name<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let (head, rest) = text.split_at_checked(name.len())?;
    let ends = rest.chars().next().is_none_or(|c| !c.is_ascii_alphanumeric() && c != '_');
    (head.eq_ignore_ascii_case(name) && ends).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_become_words() {
        for (text, expected) in [
            ("/menu", Some("菜单")),
            ("/menu@Tuan_Bot", Some("菜单")),
            ("/menu@other_bot", None),
            ("/link ABC", Some("/link ABC")),
            ("/link@tuan_bot ABC", Some("/link ABC")),
            ("@tuan_bot A1 x2", Some("A1 x2")),
            ("@tuan_bots A1", Some("@tuan_bots A1")),
            ("A1 x2", Some("A1 x2")),
        ] {
            assert_eq!(plain(text, "tuan_bot").as_deref(), expected, "{text}");
        }
    }
}
