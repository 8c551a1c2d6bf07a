//! The words of a message, with names in the places of the codes for people. Pure.

use super::known::ToldBefore;
use super::wire::{MentionOf, QqMessage};
use crate::platform::heard::{HeardMessage, Mention, Mentioned};
use crate::platform::names;

/// The words of a message, with the names of those it mentions in their places.
pub(super) fn words(message: &QqMessage, group: &str, known: &ToldBefore) -> Option<HeardMessage> {
    let all = message.mentions.as_deref().unwrap_or_default();
    let (mut text, mut mentions, mut placed) = (String::new(), Vec::new(), Vec::new());
    for part in parts(&message.content) {
        let id = match part {
            ContentPart::Text(words) => {
                text.push_str(&plain(words));
                continue;
            }
            ContentPart::Nothing => continue,
            ContentPart::Mention(id) => id,
        };
        let told = all.iter().find(|it| is_of(it, id));
        placed.extend(told.map(std::ptr::from_ref));
        let (name, who) = mentioned(told, id, group, known);
        push_mention(&mut text, &mut mentions, &name, who);
        text.push(' ');
    }
    // Some messages name people without a place.
    for told in all.iter().filter(|it| it.scope.as_deref() != Some("all")) {
        if placed.contains(&std::ptr::from_ref(told)) {
            continue;
        }
        let id = told.member_openid.as_deref().or(told.id.as_deref()).unwrap_or_default();
        let (name, who) = mentioned(Some(told), id, group, known);
        if who == Mentioned::Bot {
            mentions.push(Mention::at(0..0, who));
            continue;
        }
        text.push(' ');
        push_mention(&mut text, &mut mentions, &name, who);
    }
    let is_addressed = mentions.iter().any(|it| it.is_bot);
    mentions.retain(|it| it.start < it.end);
    let attachments: Vec<_> =
        message.attachments.iter().flatten().filter_map(super::read::attachment).collect();
    let mut heard = HeardMessage::with_mentions(text, mentions).trimmed();
    heard.addressed |= is_addressed;
    if heard.text.is_empty() && attachments.is_empty() {
        return None;
    }
    Some(HeardMessage { reply_to: known.quoted(message), attachments, ..heard })
}

fn push_mention(text: &mut String, mentions: &mut Vec<Mention>, name: &str, who: Mentioned) {
    let start = text.len();
    text.extend(["@", name]);
    mentions.push(Mention::at(start..text.len(), who));
}

fn is_of(told: &MentionOf, id: &str) -> bool {
    [&told.id, &told.member_openid].into_iter().flatten().any(|it| it == id)
}

/// Whom a mention means, and what they are called.
fn mentioned(
    told: Option<&MentionOf>,
    id: &str,
    group: &str,
    known: &ToldBefore,
) -> (String, Mentioned) {
    if told.is_some_and(|it| it.is_you) {
        let name = told.and_then(|it| it.username.clone()).unwrap_or_default();
        return (names::person("bot", [Some(name.as_str())]).name, Mentioned::Bot);
    }
    let key = told.and_then(|it| it.member_openid.as_deref()).unwrap_or(id);
    if key.is_empty() || told.and_then(|it| it.scope.as_deref()) == Some("all") {
        return ("?".to_owned(), Mentioned::Nobody);
    }
    let person = match told.and_then(|it| it.username.as_deref()) {
        None | Some("") => known.names.person(group, key),
        named => names::person(key, [named]),
    };
    (person.name.clone(), Mentioned::Person(person))
}

/// A part of a message's content.
enum ContentPart<'t> {
    Text(&'t str),
    /// Somebody's id.
    Mention(&'t str),
    /// A face, a channel, everybody.
    Nothing,
}

/// Text with codes in it: `<@ID>`, `<qqbot-at-user id="ID" />`, `<faceType=…>`. What is no code is text.
fn parts(content: &str) -> Vec<ContentPart<'_>> {
    let (mut all, mut begun, mut at) = (Vec::new(), 0, 0);
    while let Some(open) = content[at..].find('<').map(|it| at + it) {
        let code = content[open..].find('>').map(|it| open + it);
        let Some(code_end) = code else { break };
        match code_part(&content[open + 1..code_end]) {
            Some(part) => {
                all.push(ContentPart::Text(&content[begun..open]));
                all.push(part);
                (begun, at) = (code_end + 1, code_end + 1);
            }
            None => at = open + 1,
        }
    }
    all.push(ContentPart::Text(&content[begun..]));
    all
}

/// What stands between the brackets of a code.
fn code_part(inner: &str) -> Option<ContentPart<'_>> {
    let is_id = |id: &str| {
        !id.is_empty()
            && id.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_' || it == b'-')
    };
    if let Some(id) = inner.strip_prefix('@') {
        let id = id.strip_prefix('!').unwrap_or(id);
        return is_id(id).then_some(if id == "all" {
            ContentPart::Nothing
        } else {
            ContentPart::Mention(id)
        });
    }
    if let Some(rest) = inner.strip_prefix("qqbot-at-user id=\"") {
        let id = rest.trim_end_matches([' ', '/']).strip_suffix('"')?;
        return is_id(id).then_some(ContentPart::Mention(id));
    }
    let is_nothing = inner.starts_with("qqbot-at-everyone")
        || inner.starts_with("faceType=")
        || ["emoji:", "#"].iter().any(|it| inner.strip_prefix(it).is_some_and(is_id));
    is_nothing.then_some(ContentPart::Nothing)
}

/// Without the escapes; the ampersand comes last, so that nothing is read twice.
fn plain(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}
