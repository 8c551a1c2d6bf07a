//! Slash commands: the same meanings as in plain words, for those who like to type them.
//!
//! `/order A1 2` is 要 A1 2, `/checkin` is 签到: each is rewritten into the first words of its row, so that there is
//! one grammar. `@name` after a command (Telegram) is dropped.

use super::all;

/// Rewrite a slash command into plain words. `None` if the text is none; an empty text for a command nobody knows.
pub(in crate::understand) fn rewrite(text: &str) -> Option<String> {
    let text = text.trim_start();
    let after = text.strip_prefix(['/', '／'])?;
    let end = after.find(|c: char| c.is_whitespace() || c == '@').unwrap_or(after.len());
    let (word, rest) = after.split_at(end);
    let known = word.to_lowercase();
    let rest = match rest.strip_prefix('@') {
        Some(bot) => bot.split_once(char::is_whitespace).map_or("", |(_, rest)| rest),
        None => rest,
    };
    let row = all().find(|command| command.slash.contains(&known.as_str()));
    // /签到 works as well: Chinese words after the stroke are read as they are.
    match row.and_then(|command| command.words().next()) {
        Some(words) => Some(format!("{words} {}", rest.trim()).trim_end().to_owned()),
        None if !word.is_ascii() => Some(after.to_owned()),
        None => Some(String::new()),
    }
}
