//! Whom a message of the simulated chat mentions: what its sender says, and nothing else.

use serde::Deserialize;

use super::BOT;
use super::hear::person;
use crate::domain::ids::is_id;
use crate::platform::heard::{HeardMessage, Mention, Mentioned};

/// A mention as it is handed in.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Marked {
    /// A range of the text, in UTF-16 code units, and who it is.
    Range {
        /// Where it begins.
        start: usize,
        /// How long it is.
        length: usize,
        /// The member's name, by which people are known in the simulated chat.
        name: String,
    },
    /// A name that stands once in the text, as `@name`.
    Name(String),
}

/// A mention that cannot be meant: overlapping, outside of the text, cutting a character, or a name that
/// does not stand there just once.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("`mentions`: {0}")]
pub struct BadMention(String);

/// The message with its mentions.
///
/// # Errors
/// [`BadMention`], with what is wrong.
pub fn message(text: String, marked: &[Marked]) -> Result<HeardMessage, BadMention> {
    let mentions: Vec<Mention> =
        marked.iter().map(|it| mention(&text, it)).collect::<Result<_, _>>()?;
    if mentions.iter().filter_map(Mention::contact).any(|it| !is_id(&it.key)) {
        return Err(BadMention("a name is too long".to_owned()));
    }
    let mut places: Vec<_> = mentions.iter().map(|it| (it.start, it.end)).collect();
    places.sort_unstable();
    if places.windows(2).any(|pair| pair[1].0 < pair[0].1) {
        return Err(BadMention("two of them overlap".to_owned()));
    }
    Ok(HeardMessage::with_mentions(text, mentions))
}

fn mention(text: &str, marked: &Marked) -> Result<Mention, BadMention> {
    match marked {
        Marked::Range { start, length, name } => {
            let mention = Mention::at_utf16(text, *start, *length, who(name));
            let fits = Mention::at_utf16(text, *start, *length, who("x")).contact().is_some();
            let why = || BadMention(format!("{start}+{length} is no range between characters"));
            fits.then_some(mention).ok_or_else(why)
        }
        Marked::Name(name) => {
            let call = format!("@{name}");
            let mut places = text.match_indices(&call);
            match (places.next(), places.next()) {
                (Some((at, _)), None) => Ok(Mention::at(at..at + call.len(), who(name))),
                _ => Err(BadMention(format!("{call:?} must stand in the text once"))),
            }
        }
    }
}

fn who(name: &str) -> Mentioned {
    let person = person(name);
    if person.name == BOT { Mentioned::Bot } else { Mentioned::Person(person) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(start: usize, length: usize, name: &str) -> Marked {
        Marked::Range { start, length, name: name.to_owned() }
    }

    #[test]
    fn only_what_is_named_is_mentioned() {
        let text = "🦌 @小美 @甜 L1 x5 @团团".to_owned();
        let marked = [range(3, 3, "小美"), Marked::Name("甜 L1 x5".to_owned())];
        let heard = message(text.clone(), &marked).unwrap();
        let keys: Vec<_> = heard.people().map(|it| it.key).collect();
        assert_eq!(
            (keys.as_slice(), heard.addressed),
            (&["小美".to_owned(), "甜 L1 x5".to_owned()][..], false)
        );
        let heard = message(text, &[Marked::Name(BOT.to_owned())]).unwrap();
        assert_eq!((heard.people().count(), heard.addressed), (0, true));
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        let text = "🦌@小美 @小美";
        for marked in [
            vec![range(1, 3, "小美")],
            vec![range(2, 0, "小美")],
            vec![range(2, 99, "小美")],
            vec![range(2, 3, "小美"), range(3, 3, "小美")],
            vec![Marked::Name("小美".to_owned())],
            vec![Marked::Name("老王".to_owned())],
        ] {
            assert!(message(text.to_owned(), &marked).is_err(), "{marked:?}");
        }
    }
}
