//! What holds for everything that any adapter hears: each adapter's tests pass its items through here.
//! What a running adapter must do beside it (confirm after storing, follow a chat that moved) is shown by
//! its day against a counterpart.

use super::Capabilities;
use super::heard::{HeardItem, HeardKind, HeardMessage, KEY_MAX, PEOPLE_MAX};
use crate::domain::ids::is_id;
use crate::domain::message::{ATTACHMENTS_MAX, MENTIONS_MAX, is_mark};
use crate::domain::name::cleaned;

/// The longest text that is stored, in bytes.
const TEXT_MAX: usize = 64 * 1024;

/// One item heard, and its message as it is cut for storing.
#[track_caller]
pub(crate) fn check_item(item: &HeardItem) {
    check(&item.chat, &item.key, &item.what);
    let HeardKind::Message { message, .. } = &item.what else { return };
    let stored = message.clone().bounded(TEXT_MAX);
    check_message(&stored);
    assert!(stored.text.len() <= TEXT_MAX && !stored.text.contains('\0'), "a text has bounds");
    assert!(stored.attachments.len() <= ATTACHMENTS_MAX, "attachments have bounds");
}

/// One item heard: chat, key, and what.
#[track_caller]
pub(crate) fn check(chat: &str, key: &str, what: &HeardKind) {
    assert!(!key.is_empty() && key.len() <= KEY_MAX, "a key has 1 to {KEY_MAX} bytes: {key:?}");
    let of_account = matches!(
        what,
        HeardKind::Gap
            | HeardKind::Ready { .. }
            | HeardKind::Away { .. }
            | HeardKind::LoginRequired { .. }
    );
    assert!(!key.contains(char::is_control), "a key can be kept: {key:?}");
    assert!(of_account || is_id(chat), "a chat has an id: {what:?}");
    for person in what.people() {
        assert!(is_id(&person.key), "people have ids: {what:?}");
        let clean = cleaned(&person.name);
        assert_eq!(person.name, clean, "names are cleaned");
        assert!(!clean.is_empty(), "a name that is left empty falls back to the id");
    }
    if let HeardKind::Message { message, .. } = what {
        check_message(message);
    }
    if let HeardKind::Chain { lines, .. } = what {
        let named = lines.iter().filter_map(|line| line.author.as_deref());
        assert!(named.into_iter().all(|author| !author.is_empty()), "authors have ids: {what:?}");
    }
    if let HeardKind::Joined { members, .. } = what {
        assert!((1..=PEOPLE_MAX).contains(&members.len()), "joins are in bounded portions");
    }
}

/// The same heard twice has the same key; different things have different ones.
#[track_caller]
pub(crate) fn check_keys(once: &[String], again: &[String]) {
    assert_eq!(once, again, "keys are stable over redelivery");
    let unique: std::collections::BTreeSet<_> = once.iter().collect();
    assert_eq!(unique.len(), once.len(), "keys tell things apart: {once:?}");
}

/// What is declared goes together.
#[track_caller]
pub(crate) fn check_capabilities(able: &Capabilities) {
    assert!(able.text_limit >= 256, "a receipt fits into a message");
    assert!(able.caption_limit <= able.text_limit);
    assert!(able.rate_per_chat.is_none_or(|(most, every)| most > 0 && !every.is_zero()));
    assert!(able.rate_per_account.is_none_or(|(most, every)| most > 0 && !every.is_zero()));
    assert!(able.reply_budget.is_none_or(|it| it.most > 0 && !it.within.is_zero()));
    assert!(able.replays || able.member_list || !able.private, "what is missed can be found again");
}

/// A message is something: words or an attachment. Its mentions are in order, apart from one another and
/// between characters, and its attachments can be asked for.
#[track_caller]
fn check_message(message: &HeardMessage) {
    assert!(!message.text.is_empty() || !message.attachments.is_empty(), "nothing was said");
    check_mentions(message);
    assert!(message.mentions.iter().all(|it| !it.is_bot) || message.addressed, "the bot is meant");
    assert!(message.attachments.iter().all(|it| !it.id.is_empty()), "attachments have ids");
}

/// Mentions are in order, apart from one another and between characters; the reader finds a mark for each.
#[track_caller]
pub(crate) fn check_mentions(message: &HeardMessage) {
    assert!(message.mentions.len() <= MENTIONS_MAX, "mentions have bounds");
    let mut at = 0;
    for mention in &message.mentions {
        let (start, end) = (mention.start, mention.end);
        assert!(at <= start && start < end, "mentions overlap: {message:?}");
        let byte = |at: u32| usize::try_from(at).unwrap_or(usize::MAX);
        assert!(message.text.get(byte(start)..byte(end)).is_some(), "a mention cuts: {message:?}");
        at = end;
    }
    let marks = message.marked().chars().filter(|&c| is_mark(c)).count();
    let others = message.mentions.iter().filter(|it| !it.is_bot).count();
    assert_eq!(marks, others, "each mention is one mark: {message:?}");
}
