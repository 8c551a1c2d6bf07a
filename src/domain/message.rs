//! What somebody wrote, as heard on any platform: the words, whom they mention and where, what they answer,
//! and what is attached.
//!
//! A mention is a person, never words: whatever somebody calls themselves, nothing of it is read. The reader
//! gets a text in which one opaque *mark* stands for each mention ([`HeardMessage::marked`]); what it found
//! is given back with names ([`named`]) or people ([`mentioned`]) in the places of the marks.

mod picture;

use std::borrow::Cow;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::event::Contact;
use super::forget::without;
pub use picture::SENT_BEFORE;

/// The most mentions of one message; a message with more is read without any.
pub const MENTIONS_MAX: usize = 100;

/// The most typed `@` of one message behind which a name is looked for.
const CALLS_MAX: usize = 4;

/// The most words of a name that was typed, and how long it can be, in bytes.
const CALL_WORDS_MAX: usize = 6;
const CALL_MAX_BYTES: usize = 160;

/// The most attachments of one message that are kept.
pub const ATTACHMENTS_MAX: usize = 20;

/// The longest name or id of an attachment, in bytes.
const ATTACHMENT_TEXT_MAX: usize = 400;

/// A message as heard.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeardMessage {
    /// As written, without markup; at most 64 KiB once it is stored. Empty beside a bare picture.
    pub text: String,
    /// Mentions by place: in order, apart from one another, between characters.
    #[serde(default)]
    pub mentions: Vec<Mention>,
    /// The bot is spoken to: mentioned, or replied to.
    #[serde(default, skip_serializing_if = "is_false")]
    pub addressed: bool,
    /// The key of the message that this one replies to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<String>,
    /// Pictures and files beside the text.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
}

/// A place in a text that mentions somebody.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mention {
    /// The byte of the text at which it begins, sign included.
    #[serde(default)]
    pub start: u32,
    /// The byte behind it. Messages stored by earlier versions tell no place: both are zero.
    #[serde(default)]
    pub end: u32,
    /// The platform's id of who is mentioned; empty for nobody whom the shop could know.
    pub key: String,
    /// What they are called there; empty for nobody.
    pub name: String,
    /// It is the bot itself.
    #[serde(default, skip_serializing_if = "is_false")]
    pub is_bot: bool,
}

/// A picture or a file beside a message; its bytes stay with the platform until somebody asks for them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// What it is.
    pub kind: AttachmentKind,
    /// The platform's id of it, or its address.
    pub id: String,
    /// Its file name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// How many bytes it has, where the platform says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size_bytes: Option<u64>,
}

/// What is attached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttachmentKind {
    /// A picture.
    Picture,
    /// Any other file.
    File,
    /// Something spoken.
    Voice,
    /// A moving picture.
    Video,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks by reference")]
fn is_false(flag: &bool) -> bool {
    !flag
}

/// Who is mentioned, as an adapter knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mentioned {
    /// This person.
    Person(Contact),
    /// The bot.
    Bot,
    /// Somebody whom the platform does not name.
    Nobody,
}

impl Mention {
    /// A mention at these bytes of a text.
    #[must_use]
    pub fn at(place: Range<usize>, who: Mentioned) -> Self {
        let byte = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let (key, name, is_bot) = match who {
            Mentioned::Person(Contact { key, name }) => (key, name, false),
            Mentioned::Bot => (String::new(), String::new(), true),
            Mentioned::Nobody => (String::new(), String::new(), false),
        };
        Self { start: byte(place.start), end: byte(place.end), key, name, is_bot }
    }

    /// A mention at this many UTF-16 code units of a text. A place that cuts a character or lies outside
    /// of the text mentions nobody, but for [`Mentioned::Bot`].
    #[must_use]
    pub fn at_utf16(text: &str, start: usize, length: usize, who: Mentioned) -> Self {
        let (from, from_fits) = byte_of_unit(text, start, false);
        let (to, to_fits) = byte_of_unit(text, start.saturating_add(length), true);
        let fits = from_fits && to_fits && from < to;
        let who = if fits || who == Mentioned::Bot { who } else { Mentioned::Nobody };
        Self::at(from..to.max(from), who)
    }

    /// Who it is, where the platform names them.
    #[must_use]
    pub fn contact(&self) -> Option<Contact> {
        let (key, name) = (self.key.clone(), self.name.clone());
        (!self.key.is_empty()).then_some(Contact { key, name })
    }

    /// The bytes of the text where it stands.
    #[must_use]
    pub fn place(&self) -> Range<usize> {
        let byte = |at: u32| usize::try_from(at).unwrap_or(usize::MAX);
        byte(self.start)..byte(self.end)
    }

    /// A place that cannot be trusted to mean whom it says.
    fn is_nobody(&mut self) {
        (self.key, self.name) = (String::new(), String::new());
    }
}

/// The byte at which a UTF-16 code unit of a text lies, and whether a character begins there. In the
/// middle of a character it is that character's beginning, or (`up`) its end.
fn byte_of_unit(text: &str, unit: usize, up: bool) -> (usize, bool) {
    let mut units = 0;
    for (at, c) in text.char_indices() {
        if units == unit {
            return (at, true);
        }
        units += c.len_utf16();
        if units > unit {
            return (if up { at + c.len_utf8() } else { at }, false);
        }
    }
    (text.len(), units == unit)
}

/// Marks are private characters that no platform gives a meaning to; one that somebody typed is left out.
const MARKS: Range<u32> = 0x10_0000..0x10_fffe;

/// The mark of the n-th mention.
fn mark(nth: usize) -> char {
    u32::try_from(nth).ok().and_then(|n| char::from_u32(MARKS.start + n)).unwrap_or('\u{10fffd}')
}

/// Whether a character stands for a mention.
#[must_use]
pub fn is_mark(c: char) -> bool {
    MARKS.contains(&u32::from(c))
}

/// The mention that a mark stands for.
fn mention_of(c: char, mentions: &[Mention]) -> Option<&Mention> {
    mentions.get(usize::try_from(u32::from(c).checked_sub(MARKS.start)?).ok()?)
}

/// A text that was read, with what people call those mentioned in the places of the marks.
#[must_use]
pub fn named(text: &str, mentions: &[Mention]) -> String {
    let mut named = String::with_capacity(text.len());
    for c in text.chars() {
        match is_mark(c).then(|| mention_of(c, mentions)) {
            Some(Some(mention)) => named.push_str(&mention.name),
            Some(None) => {}
            None => named.push(c),
        }
    }
    named
}

/// Whom a text that was read consists of, if it is a mention and nothing else. Nobody is somebody with an
/// empty key, whom no shop knows.
#[must_use]
pub fn mentioned(text: &str, mentions: &[Mention]) -> Option<Contact> {
    let mut chars = text.trim().chars();
    let (Some(only), None) = (chars.next().filter(|&c| is_mark(c)), chars.next()) else {
        return None;
    };
    let mention = mention_of(only, mentions);
    Some(mention.map_or_else(
        || Contact { key: String::new(), name: String::new() },
        |it| Contact { key: it.key.clone(), name: it.name.clone() },
    ))
}

impl From<&str> for HeardMessage {
    fn from(text: &str) -> Self {
        Self::of(text)
    }
}

impl HeardMessage {
    /// Words alone.
    #[must_use]
    pub fn of(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// Words with mentions as an adapter found them, in any order and of any quality. What overlaps is
    /// one mention of nobody; what lies outside of the text is none.
    #[must_use]
    pub fn with_mentions(text: String, mentions: Vec<Mention>) -> Self {
        let addressed = mentions.iter().any(|it| it.is_bot);
        let mut message = Self { text, mentions, addressed, ..Self::default() };
        message.place_mentions();
        message
    }

    /// Cut what is beyond all bounds, between characters, and leave out what cannot be kept.
    #[must_use]
    pub fn bounded(mut self, text_max_bytes: usize) -> Self {
        if self.text.contains('\0') {
            // A zero byte cannot be kept by the database and means nothing to a reader.
            self.text = self.text.replace('\0', " ");
        }
        let end = (0..=text_max_bytes.min(self.text.len()))
            .rev()
            .find(|&at| self.text.is_char_boundary(at));
        self.text.truncate(end.unwrap_or(0));
        self.place_mentions();
        self.attachments.truncate(ATTACHMENTS_MAX);
        for attachment in &mut self.attachments {
            attachment.id = short(&attachment.id);
            attachment.name = attachment.name.as_deref().map(short);
        }
        self
    }

    /// Put mentions in order and apart, between characters. With too many of them the message is read
    /// without: their words go, and so do they.
    fn place_mentions(&mut self) {
        if self.mentions.is_empty() {
            return;
        }
        let placed = placed(&self.text, std::mem::take(&mut self.mentions));
        if placed.len() <= MENTIONS_MAX {
            self.mentions = placed;
            return;
        }
        let mut text = String::with_capacity(self.text.len());
        let mut at = 0;
        for mention in &placed {
            text.extend([&self.text[at..mention.place().start], " "]);
            at = mention.place().end;
        }
        text.push_str(&self.text[at..]);
        self.text = text;
    }

    /// The text to be read: a mark for each mention, nothing for the bot's own, and no character that
    /// somebody typed to look like a mark.
    #[must_use]
    pub fn marked(&self) -> Cow<'_, str> {
        let is_typed = self.text.contains(is_mark);
        if self.mentions.iter().all(|it| it.start == it.end) && !is_typed {
            return Cow::Borrowed(&self.text);
        }
        let mut text = String::with_capacity(self.text.len());
        let mut at = 0;
        for (nth, mention) in self.mentions.iter().enumerate() {
            let place = mention.place();
            // What was stored before mentions had places, or is not as it should be, is read as written.
            let Some(between) = self.text.get(at..place.start).filter(|_| !place.is_empty()) else {
                continue;
            };
            if self.text.get(place.clone()).is_none() {
                continue;
            }
            text.extend(between.chars().filter(|&c| !is_mark(c)));
            text.push(if mention.is_bot { ' ' } else { mark(nth) });
            at = place.end;
        }
        text.extend(self.text[at..].chars().filter(|&c| !is_mark(c)));
        Cow::Owned(text)
    }

    /// Put other words in a part of the text. What is mentioned in that part is no longer.
    pub fn splice(&mut self, part: Range<usize>, words: &str) {
        if self.text.get(part.clone()).is_none() {
            return;
        }
        self.text.replace_range(part.clone(), words);
        let byte = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        self.mentions.retain_mut(|mention| {
            let place = mention.place();
            if place.start >= part.end {
                mention.start = byte(place.start - part.len() + words.len());
                mention.end = byte(place.end - part.len() + words.len());
            }
            place.start >= part.end || place.end <= part.start
        });
    }

    /// Without blanks at both ends.
    #[must_use]
    pub fn trimmed(mut self) -> Self {
        let end = self.text.trim_end().len();
        self.splice(end..self.text.len(), "");
        let blank = self.text.len() - self.text.trim_start().len();
        self.splice(0..blank, "");
        self
    }

    /// What stands behind an `@` that was typed, outside of mentions: whatever of it may be a whole name,
    /// the longest first. Platforms let people type what looks like a mention and is none.
    #[must_use]
    pub fn typed_calls(&self) -> Vec<Vec<Range<usize>>> {
        let is_mentioned = |at: usize| self.mentions.iter().any(|it| it.place().contains(&at));
        let is_mail = |at: usize| {
            self.text[..at].chars().next_back().is_some_and(|c| c.is_ascii_alphanumeric())
        };
        let signs = self.text.match_indices(['@', '＠']).map(|(at, sign)| (at, at + sign.len()));
        let typed = signs.filter(|&(at, _)| !is_mentioned(at) && !is_mail(at));
        typed.take(CALLS_MAX).map(|(at, behind)| self.call(at, behind)).collect()
    }

    fn call(&self, at: usize, behind: usize) -> Vec<Range<usize>> {
        let next = self.mentions.iter().map(|it| it.place().start).find(|&start| start > at);
        let rest = &self.text[behind..next.unwrap_or(self.text.len()).max(behind)];
        let line = rest.lines().next().unwrap_or_default();
        let mut ends: Vec<usize> =
            line.match_indices(char::is_whitespace).map(|(end, _)| end).collect();
        ends.push(line.len());
        let fits = |end: &usize| *end > 0 && *end <= CALL_MAX_BYTES;
        let ends = ends.into_iter().filter(fits).take(CALL_WORDS_MAX);
        let mut places: Vec<_> = ends.map(|end| at..behind + end).collect();
        places.reverse();
        places
    }

    /// The name in a place of [`Self::typed_calls`].
    #[must_use]
    pub fn called(&self, place: &Range<usize>) -> &str {
        self.text.get(place.clone()).unwrap_or_default().trim_start_matches(['@', '＠'])
    }

    /// The same with these mentions besides.
    #[must_use]
    pub fn mentioning(&self, more: Vec<Mention>) -> Self {
        let mut message = self.clone();
        message.mentions.extend(more);
        message.place_mentions();
        message
    }

    /// Everybody mentioned whom the platform names.
    pub fn people(&self) -> impl Iterator<Item = Contact> {
        self.mentions.iter().filter_map(Mention::contact)
    }

    /// Somebody else stands where `person` was mentioned, and where they were called by name.
    pub fn replace_person(&mut self, person: &Contact, by: &Contact) {
        let (mut text, mut at) = (String::with_capacity(self.text.len()), 0);
        let elsewhere =
            |words: &str| without(words, person, by).unwrap_or_else(|| words.to_owned());
        for name in self.attachments.iter_mut().filter_map(|it| it.name.as_mut()) {
            *name = elsewhere(name);
        }
        let other_call = format!("@{}", by.name);
        let byte = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        for mention in &mut self.mentions {
            let place = mention.place();
            let is_placed = !place.is_empty() && self.text.get(at..place.start).is_some();
            let Some(words) = self.text.get(place.clone()).filter(|_| is_placed) else {
                if mention.key == person.key {
                    (mention.key, mention.name) = (by.key.clone(), by.name.clone());
                }
                continue;
            };
            text.push_str(&elsewhere(&self.text[at..place.start]));
            mention.start = byte(text.len());
            if mention.key == person.key {
                text.push_str(&other_call);
                (mention.key, mention.name) = (by.key.clone(), by.name.clone());
            } else {
                text.push_str(words);
            }
            mention.end = byte(text.len());
            at = place.end;
        }
        text.push_str(&elsewhere(&self.text[at..]));
        self.text = text;
    }
}

fn short(text: &str) -> String {
    let end = (0..=ATTACHMENT_TEXT_MAX.min(text.len())).rev().find(|&at| text.is_char_boundary(at));
    text[..end.unwrap_or(0)].replace('\0', "")
}

/// Mentions in order of place. Those of earlier versions, without a place, come first and stay.
fn placed(text: &str, mentions: Vec<Mention>) -> Vec<Mention> {
    let mut all: Vec<Mention> =
        mentions.into_iter().filter_map(|mention| within(text, mention)).collect();
    all.sort_by_key(|it| (it.start, it.end));
    let mut placed: Vec<Mention> = Vec::with_capacity(all.len());
    for mention in all {
        match placed.last_mut().filter(|last| mention.start < last.end && last.end > last.start) {
            Some(last) => {
                last.end = last.end.max(mention.end);
                last.is_bot &= mention.is_bot;
                last.is_nobody();
            }
            None => placed.push(mention),
        }
    }
    placed
}

/// A mention cut to what lies inside the text, between characters; what had to be cut means nobody.
fn within(text: &str, mut mention: Mention) -> Option<Mention> {
    let place = mention.place();
    if place.is_empty() {
        return (place.start == 0 && !mention.key.is_empty()).then_some(mention);
    }
    let end = place.end.min(text.len());
    let start = (0..=place.start.min(end)).rev().find(|&at| text.is_char_boundary(at))?;
    let end = (end..=text.len()).find(|&at| text.is_char_boundary(at))?;
    if (start..end) != place {
        mention.is_nobody();
    }
    let byte = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    (mention.start, mention.end) = (byte(start), byte(end));
    (start < end).then_some(mention)
}

#[cfg(test)]
mod fuzz;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn person(name: &str) -> Mentioned {
        Mentioned::Person(Contact { key: format!("key-{name}"), name: name.to_owned() })
    }

    fn heard(text: &str, names: &[&str]) -> HeardMessage {
        let mention = |name: &&str| {
            let call = format!("@{name}");
            let start = text.find(&call).unwrap();
            Mention::at(start..start + call.len(), person(name))
        };
        HeardMessage::with_mentions(text.to_owned(), names.iter().map(mention).collect())
    }

    #[test]
    fn a_mention_is_one_mark_whatever_the_name() {
        let plain = heard("收到 @x 谢谢", &["x"]);
        for name in ["甜 L1 x5", "甜 不要了", "#4", "x 签到", "Mary Ann", "a\u{100000}b"] {
            let message = heard(&format!("收到 @{name} 谢谢"), &[name]);
            assert_eq!(message.marked(), plain.marked());
            assert_eq!(named(&message.marked(), &message.mentions), format!("收到 {name} 谢谢"));
        }
        let mark = plain.marked().chars().find(|&c| is_mark(c)).unwrap().to_string();
        assert_eq!(mentioned(&mark, &plain.mentions), plain.mentions[0].contact());
        assert_eq!(mentioned("x", &plain.mentions), None);
    }

    #[test]
    fn a_typed_mark_is_left_out() {
        let message = HeardMessage::of("收到 \u{100000} 谢谢");
        assert_eq!(message.marked(), "收到  谢谢");
    }

    #[test]
    fn the_bots_own_mention_is_a_blank_and_addresses_it() {
        let at = Mention::at(0..7, Mentioned::Bot);
        let message = HeardMessage::with_mentions("@团团 A1".to_owned(), vec![at]);
        assert_eq!((message.marked().trim(), message.addressed), ("A1", true));
    }

    #[test]
    fn places_that_miss_mention_nobody() {
        let text = "🦌@小美 ok";
        let whole = Mention::at_utf16(text, 2, 3, person("小美"));
        assert_eq!(whole.contact().map(|it| it.name).as_deref(), Some("小美"));
        for (start, length) in [(1, 3), (3, 999), (99, 2), (2, 0)] {
            let mention = Mention::at_utf16(text, start, length, person("小美"));
            let message = HeardMessage::with_mentions(text.to_owned(), vec![mention]);
            assert!(message.people().next().is_none(), "{start}+{length}: {message:?}");
        }
        let over = |start, end| Mention::at(start..end, person("小美"));
        let message = HeardMessage::with_mentions(text.to_owned(), vec![over(4, 11), over(6, 14)]);
        assert_eq!((message.mentions.len(), message.people().count()), (1, 0));
    }

    #[test]
    fn a_message_with_too_many_mentions_is_read_without_them() {
        let text = "@甜 L1 x5 ".repeat(500);
        let each = "@甜 L1 x5 ".len();
        let all = (0..500).map(|n| Mention::at(n * each..n * each + each - 1, person("甜 L1 x5")));
        let message = HeardMessage::with_mentions(text, all.collect());
        assert_eq!((message.mentions.len(), message.marked().trim()), (0, ""));
    }

    #[test]
    fn a_typed_call_may_be_any_whole_name_behind_it() {
        let message = heard("@小美 谢谢 @甜 A1 x5 好，a@b.c", &["小美"]);
        let calls = message.typed_calls();
        let names: Vec<Vec<&str>> =
            calls.iter().map(|it| it.iter().map(|place| message.called(place)).collect()).collect();
        assert_eq!(names, [["甜 A1 x5 好，a@b.c", "甜 A1 x5", "甜 A1", "甜"]]);
        let all = HeardMessage::of("@a ".repeat(99)).typed_calls();
        assert_eq!(all.len(), CALLS_MAX);
    }

    #[test]
    fn messages_of_earlier_versions_are_read_as_they_were() {
        let old = r#"{"text":"收到 @小美 谢谢","mentions":[{"key":"k","name":"小美"}]}"#;
        let message: HeardMessage = serde_json::from_str(old).unwrap();
        assert_eq!(message.marked(), "收到 @小美 谢谢");
        assert_eq!(message.people().count(), 1);
        assert_eq!(message.clone().bounded(1_000), message);
    }

    #[test]
    fn mentions_stay_in_their_places_when_words_change() {
        let mut message = heard("  /paid @小美 @老王 ", &["小美", "老王"]).trimmed();
        message.splice(0..5, "收到");
        assert_eq!(message.text, "收到 @小美 @老王");
        assert_eq!(named(&message.marked(), &message.mentions), "收到 小美 老王");
        message.splice(0..8, "");
        assert_eq!(message.people().map(|it| it.name).collect::<Vec<_>>(), ["老王"]);
    }

    #[test]
    fn somebody_else_can_stand_where_a_person_was_mentioned() {
        let mut message = heard("@小美 和 @老王 说 @小美", &["小美", "老王"]);
        let (person, nobody) = (
            message.mentions[0].contact().unwrap(),
            Contact { key: "n".to_owned(), name: "nobody".to_owned() },
        );
        message.replace_person(&person, &nobody);
        assert_eq!(message.text, "@nobody 和 @老王 说 @nobody");
        let marked = message.marked().into_owned();
        assert_eq!(named(&marked, &message.mentions), "nobody 和 老王 说 @nobody");
    }

    proptest! {
        #[test]
        fn any_places_are_put_in_order(text in ".{0,30}", places in prop::collection::vec((0..60_usize, 0..20_usize, any::<bool>()), 0..8), cut in 0..40_usize) {
            let all = places.iter().map(|&(start, length, utf16)| if utf16 {
                Mention::at_utf16(&text, start, length, person("小美"))
            } else {
                Mention::at(start..start + length, person("小美"))
            });
            let message = HeardMessage::with_mentions(text.clone(), all.collect()).bounded(cut);
            let mut at = 0;
            for mention in message.mentions.iter().filter(|it| it.start != it.end) {
                let place = mention.place();
                prop_assert!(at <= place.start && message.text.get(place.clone()).is_some());
                at = place.end;
            }
            let marked = message.marked().into_owned();
            let marks = message.mentions.iter().filter(|it| it.start != it.end).count();
            prop_assert_eq!(marked.chars().filter(|&c| is_mark(c)).count(), marks);
        }
    }
}
