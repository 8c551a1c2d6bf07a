//! Slash commands: for people who look for them in Telegram's menu. Each stands for words that the shop
//! understands anyway.

use serde_json::{Value, json};

use crate::domain::message::HeardMessage;

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

/// What somebody wrote, with a command of ours in the words it stands for. `None`: a command for another
/// bot.
pub(super) fn in_words(mut message: HeardMessage, bot: &str) -> Option<HeardMessage> {
    let Some(command) = message.text.strip_prefix('/') else { return Some(message) };
    let head = command.split(char::is_whitespace).next().unwrap_or_default();
    let name = match head.split_once('@') {
        Some((name, of)) if of.eq_ignore_ascii_case(bot) => name,
        Some(_) => return None,
        None => head,
    };
    let known = COMMANDS.iter().find(|(known, ..)| name.eq_ignore_ascii_case(known));
    let words = known.map_or_else(|| format!("/{name}"), |(_, words, _)| (*words).to_owned());
    message.splice(0..1 + head.len(), &words);
    Some(message)
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
            ("A1 x2", Some("A1 x2")),
        ] {
            let said = in_words(HeardMessage::of(text), "tuan_bot").map(|it| it.text);
            assert_eq!(said.as_deref(), expected, "{text}");
        }
    }
}
