//! Names (点名): the pieces of a leader's sentence that may be what somebody of the group is called. Only the group can tell
//! which of them are; those then stand for people as mentions do, and are read as words no longer.

use std::ops::Range;

use super::clause::ReadableMessage;
use super::lexicon::Lexicon;
use super::normalize::{Folded, is_han};
use super::spans::{self, SpanKind};
use crate::domain::catalog;
use crate::domain::event::Contact;
use crate::domain::intent::{Intent, LeaderIntent, Question, Understood, Why};
use crate::domain::message::{HeardMessage, Mention, Mentioned};

/// So many pieces of a message are looked for in the group.
const MOST: usize = 96;
/// The longest piece, in words.
const WORDS: usize = 4;
/// Longer messages name nobody in passing.
const LONGEST_BYTES: usize = 400;

/// The pieces of a text that may be names, by their bytes: at each place the longest first. Goods are none.
#[must_use]
pub fn name_pieces(text: &str, lexicon: &Lexicon) -> Vec<Range<usize>> {
    if text.len() > LONGEST_BYTES {
        return Vec::new();
    }
    let folded = Folded::new(text);
    let heard = ReadableMessage::new(&folded, lexicon);
    let goods: Vec<Range<usize>> = spans::spans(&heard)
        .iter()
        .filter(|span| matches!(&span.what, SpanKind::Named(named) if !named.how.is_weak()))
        .map(|span| folded.byte(span.from)..folded.byte(span.to))
        .collect();
    let is_apart = |piece: &Range<usize>| {
        !goods.iter().any(|goods| piece.start < goods.end && goods.start < piece.end)
    };
    pieces(text).into_iter().filter(is_apart).take(MOST).collect()
}

/// Of these pieces of a message those that are names, as mentions of whoever bears them: the first and longest, apart from
/// one another.
pub fn people(
    message: &HeardMessage,
    pieces: Vec<Range<usize>>,
    bearer: impl Fn(&str) -> Option<Contact>,
) -> Vec<Mention> {
    let (mut people, mut end) = (Vec::new(), 0);
    for piece in pieces.into_iter().filter(|piece| message.text.get(piece.clone()).is_some()) {
        if piece.start < end {
            continue;
        }
        let Some(who) = bearer(message.called(&piece)) else { continue };
        end = piece.end;
        let before = message.text[..piece.start].chars().next_back();
        let sign = before.filter(|c| matches!(c, '@' | '＠')).map_or(0, char::len_utf8);
        people.push(Mention::at(piece.start - sign..piece.end, Mentioned::Person(who)));
    }
    people
}

/// Whether a leader's sentence is not read yet as far as it may be: somebody may be named in it.
#[must_use]
pub const fn is_open(understood: &Understood) -> bool {
    match &understood.intent {
        Intent::Ask(_) => understood.for_whom.is_none(),
        Intent::Silent
        | Intent::Catalog(catalog::Intent::Query(_))
        | Intent::Lead(LeaderIntent::HalfSaid(_) | LeaderIntent::Meant { .. }) => true,
        _ => false,
    }
}

/// What a sentence in which people are named comes to, if it comes to anything: nothing is done by a name, but asked
/// about. `said` is as they wrote it.
#[must_use]
pub fn asked_by_name(read: Understood, said: &str) -> Option<Understood> {
    let said = || said.trim().to_owned();
    let intent = match read.intent {
        Intent::Lead(LeaderIntent::HalfSaid(_) | LeaderIntent::Unread(_)) => return None,
        Intent::Lead(LeaderIntent::ByName { act, .. }) => Intent::Lead(act.asked_first(said)),
        Intent::Lead(lead) => Intent::Lead(lead.asked_first(said)),
        order @ Intent::Orders(_) if read.for_whom.is_some() => {
            Intent::Ask(Question::of(Why::Confirm, vec![order]))
        }
        _ => return None,
    };
    Some(Understood { intent, ..read })
}

/// The words of a text, by their bytes: a character of Chinese is one, and so are letters and digits side by side.
fn words(text: &str) -> Vec<Range<usize>> {
    let mut words: Vec<(bool, Range<usize>)> = Vec::new();
    for (at, c) in text.char_indices() {
        let (end, is_own) = (at + c.len_utf8(), is_han(c));
        match words.last_mut() {
            _ if !is_own && !c.is_alphanumeric() => {}
            Some((false, word)) if !is_own && word.end == at => word.end = end,
            _ => words.push((is_own, at..end)),
        }
    }
    words.into_iter().map(|(_, word)| word).collect()
}

/// From each word to those behind it, the longest first: side by side, or with a blank between.
fn pieces(text: &str) -> Vec<Range<usize>> {
    let words = words(text);
    let is_joined = |pair: &[Range<usize>]| matches!(&text[pair[0].end..pair[1].start], "" | " ");
    let is_name = |piece: &[Range<usize>]| {
        let said = &text[piece[0].start..piece[piece.len() - 1].end];
        let is_more = said.chars().nth(1).is_some();
        is_more && said.chars().any(char::is_alphabetic) && piece.windows(2).all(is_joined)
    };
    let from = |n: usize| {
        let longest = (n + WORDS).min(words.len());
        let all = (n + 1..=longest).rev().map(move |to| n..to);
        all.filter(|piece| is_name(&words[piece.clone()]))
            .map(|piece| words[piece.start].start..words[piece.end - 1].end)
            .collect::<Vec<_>>()
    };
    (0..words.len()).flat_map(from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::understand::fixture;

    fn named<'t>(text: &'t str, group: &[&str]) -> Vec<&'t str> {
        let pieces = name_pieces(text, &fixture::lexicon("fruit"));
        assert!(pieces.len() <= MOST);
        let bearer = |name: &str| {
            let who = || Contact { key: name.to_owned(), name: name.to_owned() };
            group.contains(&name).then(who)
        };
        let people = people(&HeardMessage::of(text), pieces, bearer);
        people.iter().map(|mention| &text[mention.place()]).collect()
    }

    #[test]
    fn names_are_found_where_they_stand() {
        let group =
            ["小美", "小美妈", "王芳", "1202李女士", "Dennis 88", "Grace", "Grace Lim", "草莓"];
        assert_eq!(named("小美的三十九块九到了", &group), ["小美"]);
        assert_eq!(named("刚刚小美妈和王芳都转过来了", &group), ["小美妈", "王芳"]);
        assert_eq!(named("Grace Lim's 49 came, and Grace paid", &group), ["Grace Lim", "Grace"]);
        assert_eq!(
            named("@1202李女士 给过了, @Dennis 88 也给过了", &group),
            ["@1202李女士", "@Dennis 88"]
        );
        assert_eq!(named("草莓到了", &group), [""; 0]);
        assert_eq!(named("ungraceful", &group), [""; 0]);
    }
}
