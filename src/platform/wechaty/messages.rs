//! What a message says. Pure. Kinds are numbers of Wechaty's JavaScript table, which is what travels,
//! whatever the protocol file calls them.
//!
//! Cards and stickers concern nobody here; WeChat puts no words below pictures and files.

use super::solitaire;
use super::wire::MessagePayloadResponse;
use crate::platform::heard::{AttachmentKind, ChainLine};

const UNKNOWN: i32 = 0;
const ATTACHMENT: i32 = 1;
const AUDIO: i32 = 2;
const IMAGE: i32 = 6;
const TEXT: i32 = 7;
const GROUP_NOTE: i32 = 10;
const RECALLED: i32 = 13;
const URL: i32 = 14;
const VIDEO: i32 = 15;

/// What WeChat writes behind a mentioned name.
pub(super) const AFTER_MENTION: char = '\u{2005}';

/// What stands between a quotation and the words about it.
pub(super) const BELOW_QUOTATION: &str = "\n- - - - - - -\n";

/// What somebody said.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum PuppetSaid {
    /// Words.
    Text(String),
    /// A native chain.
    Chain {
        /// Its title.
        title: String,
        /// Its lines, with their authors.
        lines: Vec<ChainLine>,
    },
    /// A picture, a file or something spoken.
    Attached(AttachmentKind),
    /// A message was taken back, by its id.
    Recalled(String),
    /// Nothing that concerns the shop.
    Nothing,
}

/// What a message says.
pub(super) fn read(message: &MessagePayloadResponse) -> PuppetSaid {
    match message.r#type {
        TEXT => PuppetSaid::Text(words(&message.text)),
        IMAGE => PuppetSaid::Attached(AttachmentKind::Picture),
        AUDIO => PuppetSaid::Attached(AttachmentKind::Voice),
        VIDEO => PuppetSaid::Attached(AttachmentKind::Video),
        RECALLED if !message.text.is_empty() => PuppetSaid::Recalled(message.text.clone()),
        // Some puppets hand on the text of a chain, others the whole of what WeChat sent, under this
        // kind or one that they fall back to.
        GROUP_NOTE | UNKNOWN | ATTACHMENT | URL => chain(message),
        _ => PuppetSaid::Nothing,
    }
}

/// Whether it is a picture.
pub(super) fn is_picture(message: &MessagePayloadResponse) -> bool {
    message.r#type == IMAGE
}

fn chain(message: &MessagePayloadResponse) -> PuppetSaid {
    match solitaire::read(&message.text) {
        Some(chain) if !chain.lines.is_empty() => {
            PuppetSaid::Chain { title: chain.title, lines: chain.lines }
        }
        Some(chain) => PuppetSaid::Text(chain.text),
        None if message.r#type == GROUP_NOTE && !message.text.is_empty() => {
            PuppetSaid::Text(message.text.clone())
        }
        None if message.r#type == ATTACHMENT && !message.filename.is_empty() => {
            PuppetSaid::Attached(AttachmentKind::File)
        }
        None => PuppetSaid::Nothing,
    }
}

/// Words with quotations where they stand everywhere else: above a line of dashes.
fn words(text: &str) -> String {
    let text = text.trim();
    // Newer puppets write what is quoted below the answer, in corner brackets.
    if let Some((answer, quoted)) = text.split_once("\n「")
        && !answer.starts_with('「')
        && quoted.ends_with('」')
        && quoted.contains(['：', ':'])
    {
        return format!("「{quoted}{BELOW_QUOTATION}{answer}");
    }
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(kind: i32, text: &str) -> MessagePayloadResponse {
        MessagePayloadResponse { r#type: kind, text: text.to_owned(), ..Default::default() }
    }

    #[test]
    fn words_are_told_as_they_stand_elsewhere() {
        for (written, expected) in [
            ("A1 x2", "A1 x2"),
            ("@小美\u{2005}你好", "@小美\u{2005}你好"),
            ("A2+1\n「小安：A1+2」", "「小安：A1+2」\n- - - - - - -\nA2+1"),
            ("「小安：A1+2」\n- - - - - - -\nA2+1", "「小安：A1+2」\n- - - - - - -\nA2+1"),
            ("地址\n「一号楼」", "地址\n「一号楼」"),
        ] {
            assert_eq!(read(&message(7, written)), PuppetSaid::Text(expected.into()));
        }
    }

    #[test]
    fn kinds_are_those_of_the_javascript_table() {
        let text = |text: &str| PuppetSaid::Text(text.to_owned());
        assert_eq!(read(&message(6, "<img/>")), PuppetSaid::Attached(AttachmentKind::Picture));
        assert_eq!(
            read(&message(10, "#接龙\n团购\n\n1. 小美 A1")),
            text("#接龙\n团购\n\n1. 小美 A1")
        );
        assert_eq!(read(&message(13, "m1")), PuppetSaid::Recalled("m1".into()));
        assert_eq!(read(&message(15, "video")), PuppetSaid::Attached(AttachmentKind::Video));
        assert_eq!(read(&message(0, "<msg>…</msg>")), PuppetSaid::Nothing);
        let raw = "<msg><appmsg><title>#接龙\n1. 小美 A1</title><type>53</type></appmsg></msg>";
        assert_eq!(read(&message(0, raw)), text("#接龙\n1. 小美 A1"));
    }
}
