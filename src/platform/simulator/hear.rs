//! What is heard of the simulated chat, in the words that all platforms share: people are known by name, and
//! keys begin with their room.

use crate::domain::event::Contact;
use crate::domain::name::shown_name;
use crate::domain::orders::chain::Snapshot;
use crate::platform::heard::{HeardItem, HeardKind, HeardMessage, Inviter, KEY_MAX};

use super::Resident;

/// A simulated person is known by name.
pub(super) fn person(name: &str) -> Contact {
    let name = shown_name(name, "?");
    Contact { key: name.clone(), name }
}

/// Somebody says something in a room, under a key of theirs.
pub(super) fn message(room: &str, key: &str, from: Contact, message: HeardMessage) -> HeardItem {
    let what = HeardKind::Message { from: Some(from), message, private: false };
    item(room, &format!("said:{key}"), what)
}

/// Somebody posts a native chain. Authors of lines are known by name, like everybody there.
pub(super) fn chain(room: &str, key: &str, from: Contact, snapshot: &Snapshot) -> HeardItem {
    let (title, lines) = snapshot.cut();
    item(room, &format!("said:{key}"), HeardKind::Chain { from, title, lines })
}

/// Somebody joins a room, for the first time.
pub(super) fn joined(room: &str, resident: &Resident) -> HeardItem {
    let member = person(&resident.name);
    let by = resident.invited_by.as_deref().map(person);
    let by = by.map_or(Inviter::Unknown, Inviter::Named);
    let key = format!("join:{}", member.key);
    item(room, &key, HeardKind::Joined { members: vec![member], by })
}

/// A key that cannot be kept as it is, is known by its digest.
fn item(room: &str, key: &str, what: HeardKind) -> HeardItem {
    let key = format!("{room}:{key}");
    let key = if key.len() <= KEY_MAX && !key.contains(char::is_control) {
        key
    } else {
        let digest = ring::digest::digest(&ring::digest::SHA256, key.as_bytes());
        format!("{room}:#{}", hex::encode(digest))
    };
    HeardItem { chat: room.to_owned(), key, at: None, what }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::orders::chain::{SnapshotLine, Utf16Range};
    use crate::platform::contract;
    use crate::platform::simulator::mentions::{self, Marked};

    fn resident(name: &str, by: Option<&str>) -> Resident {
        Resident { name: name.to_owned(), invited_by: by.map(str::to_owned) }
    }

    /// A morning in a room.
    fn heard() -> Vec<HeardItem> {
        let marked = [Marked::Name("小美".to_owned()), Marked::Name("团团".to_owned())];
        let called = mentions::message("@团团 帮@小美 A1 x2".to_owned(), &marked).unwrap();
        let line = |author: Option<&str>, start, length| SnapshotLine {
            author: author.map(str::to_owned),
            range: Utf16Range { start, length },
        };
        let snapshot = Snapshot {
            text: "接龙\n1. 小美 A1 x2\n2. A2".to_owned(),
            title: None,
            example: None,
            lines: vec![line(Some("小美"), 3, 11), line(None, 15, 5), line(Some("x"), 900, 9)],
        };
        vec![
            joined("sunshine", &resident("小美", None)),
            joined("sunshine", &resident("阿强", Some(" 小\u{200b}美 "))),
            message("sunshine", "1", person("小美"), called),
            message("corner", "1", person("小美"), HeardMessage::of("A1")),
            message("corner", "1\n", person("小美"), HeardMessage::of("A1")),
            message("corner", &"钥".repeat(100), person("小美"), HeardMessage::of("A1")),
            message("corner", &"匙".repeat(100), person("\u{202e}"), HeardMessage::of("A1")),
            chain("corner", "2", person("阿强"), &snapshot),
        ]
    }

    #[test]
    fn what_is_heard_is_heard_as_anywhere() {
        let (once, again) = (heard(), heard());
        once.iter().for_each(contract::check_item);
        assert!(once.iter().all(HeardItem::is_sound));
        let keys =
            |items: &[HeardItem]| items.iter().map(|item| item.key.clone()).collect::<Vec<_>>();
        contract::check_keys(&keys(&once), &keys(&again));
        assert_eq!(
            keys(&once)[..3],
            ["sunshine:join:小美", "sunshine:join:阿强", "sunshine:said:1"]
        );
    }

    #[test]
    fn a_newcomer_was_brought_by_whom_the_room_names() {
        let by = |inviter: Option<&str>| match joined("sunshine", &resident("阿强", inviter)).what
        {
            HeardKind::Joined { by, .. } => by,
            other => panic!("{other:?}"),
        };
        assert_eq!(
            (by(Some("小美")), by(None)),
            (Inviter::Named(person("小美")), Inviter::Unknown)
        );
    }
}
