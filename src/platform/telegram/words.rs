//! Commands with a stroke: for people who look for them in Telegram's menu. What they mean is read where everything
//! else is.

use serde_json::{Value, json};

use crate::domain::command::MenuEntry;
use crate::domain::message::HeardMessage;
use crate::domain::policy::Locale;

/// Languages as Telegram names them. No language: everybody else.
const LANGUAGES: [(Option<&str>, Locale); 3] =
    [(None, Locale::En), (Some("zh"), Locale::ZhHans), (Some("en"), Locale::En)];

/// What to register, a call each.
pub(super) fn registrations(menu: &[MenuEntry]) -> Vec<Value> {
    let listed = |locale: Locale| -> Vec<Value> {
        let about = |entry: &MenuEntry| {
            let about = entry.about.get(&locale)?;
            Some(json!({ "command": entry.name, "description": about }))
        };
        menu.iter().filter_map(about).collect()
    };
    LANGUAGES
        .iter()
        .map(|(language, locale)| match language {
            Some(language) => json!({ "commands": listed(*locale), "language_code": language }),
            None => json!({ "commands": listed(*locale) }),
        })
        .collect()
}

/// What somebody wrote, with a command of ours without our name. `None`: a command for another bot.
pub(super) fn in_words(mut message: HeardMessage, bot: &str) -> Option<HeardMessage> {
    let Some(command) = message.text.strip_prefix('/') else { return Some(message) };
    let head = command.split(char::is_whitespace).next().unwrap_or_default();
    let name = match head.split_once('@') {
        Some((name, of)) if of.eq_ignore_ascii_case(bot) => name,
        Some(_) => return None,
        None => return Some(message),
    };
    let words = format!("/{name}");
    message.splice(0..1 + head.len(), &words);
    Some(message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_name_goes_and_other_bots_commands_are_left() {
        for (text, expected) in [
            ("/menu", Some("/menu")),
            ("/menu@Tuan_Bot", Some("/menu")),
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
