//! One message as the platform reads it: its body, its buttons, and words that call nobody who is not meant. Pure.

use serde_json::{Map, Value, json};

use crate::platform::Outgoing;

/// Rows of buttons, and buttons in a row.
const ROWS_MAX: usize = 5;

/// A message's body, without what it answers.
pub(super) fn content(
    text: &str,
    media: Option<&str>,
    buttons: Option<Value>,
) -> Map<String, Value> {
    let body = match (media, buttons) {
        (Some(info), _) => {
            // A picture without words still wants some.
            let text = if text.is_empty() { " " } else { text };
            json!({ "msg_type": 7, "content": text, "media": { "file_info": info } })
        }
        (None, Some(keyboard)) => json!({
            "msg_type": 2, "markdown": { "content": without_marks(text) }, "keyboard": keyboard,
        }),
        (None, None) => json!({ "msg_type": 0, "content": text }),
    };
    match body {
        Value::Object(body) => body,
        _ => Map::new(),
    }
}

pub(super) fn keyboard(message: &Outgoing) -> Value {
    let button = |nth: usize, button: &crate::platform::Button| {
        json!({
            "id": nth.to_string(),
            "render_data": { "label": button.label, "visited_label": button.label, "style": 1 },
            "action": {
                "type": 1, "permission": { "type": 2 }, "data": button.data,
                "unsupport_tips": button.label,
            },
        })
    };
    let rows = message.buttons.iter().flat_map(|row| row.chunks(ROWS_MAX)).take(ROWS_MAX);
    let mut count = 0;
    let rows: Vec<_> = rows
        .map(|row| {
            let buttons: Vec<_> = row
                .iter()
                .map(|it| {
                    count += 1;
                    button(count, it)
                })
                .collect();
            json!({ "buttons": buttons })
        })
        .collect();
    json!({ "content": { "rows": rows } })
}

/// The text, with `@name` as a mention of the person, whatever their name looks like, and nothing else that
/// the platform would take for a code.
pub(super) fn words(message: &Outgoing) -> String {
    let (mut text, mut rest) = (String::new(), message.text.as_str());
    for person in message.mentions.iter().filter(|_| !message.private) {
        let written = format!("@{}", person.name);
        let Some((before, after)) = rest.split_once(&written) else { continue };
        if !person.key.bytes().all(|it| it.is_ascii_alphanumeric() || b"-_".contains(&it)) {
            continue;
        }
        text.push_str(&harmless(before));
        text.extend(["<qqbot-at-user id=\"", &person.key, "\" />"]);
        rest = after;
    }
    text.push_str(&harmless(rest));
    text
}

/// Words that call nobody: a code that somebody typed stays text.
pub(super) fn harmless(text: &str) -> String {
    text.replace('<', "＜").replace("@everyone", "＠everyone")
}

/// Text in which no sign is a mark, but for our own mentions.
pub(super) fn without_marks(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut is_code = false;
    for c in text.chars() {
        is_code |= c == '<';
        if !is_code && "\\`*_{}[]()#+-!|~>".contains(c) {
            plain.push('\\');
        }
        plain.push(c);
        is_code &= c != '>';
    }
    plain
}

pub(super) fn has_link(text: &str) -> bool {
    text.contains("://")
}

/// Addresses are left out: up to the next blank.
pub(super) fn without_links(text: &str) -> String {
    let lines = text.split('\n').map(|line| {
        let words = line.split(' ').map(|it| if has_link(it) { "…" } else { it });
        words.collect::<Vec<_>>().join(" ")
    });
    lines.collect::<Vec<_>>().join("\n")
}
