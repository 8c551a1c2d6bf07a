//! Names (点名): the pieces of a leader's sentence that may be what somebody of the group is called. Only the group can tell
//! which of them are; those then stand for people as mentions do, and are read as words no longer.

use std::ops::Range;

use super::clause::ReadableMessage;
use super::lexicon::Lexicon;
use super::normalize::{Folded, is_han};
use super::spans::{self, SpanKind};
use crate::domain::catalog;
use crate::domain::intent::{Intent, LeaderIntent, Question, Understood, Why};

/// So many pieces of a message are looked for in the group.
const MOST: usize = 64;
/// The longest piece: characters of Chinese, words of anything else.
const HAN: usize = 4;
const WORDS: usize = 3;
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
    runs(text).into_iter().flat_map(|run| pieces(text, &run)).filter(is_apart).take(MOST).collect()
}

/// Of these pieces those that are names: the first and longest, apart from one another.
pub fn names(
    text: &str,
    pieces: Vec<Range<usize>>,
    is_name: impl Fn(&str) -> bool,
) -> Vec<Range<usize>> {
    let mut names: Vec<Range<usize>> = Vec::new();
    for piece in pieces {
        let is_behind = names.last().is_none_or(|last| last.end <= piece.start);
        if is_behind && text.get(piece.clone()).is_some_and(&is_name) {
            let sign = text[..piece.start].chars().next_back().filter(|c| matches!(c, '@' | '＠'));
            names.push(piece.start - sign.map_or(0, char::len_utf8)..piece.end);
        }
    }
    names
}

/// Whether a leader's sentence is not read yet as far as it may be: somebody may be named in it.
#[must_use]
pub const fn is_open(understood: &Understood) -> bool {
    matches!(
        &understood.intent,
        Intent::Silent
            | Intent::Ask(_)
            | Intent::Catalog(catalog::Intent::Query(_))
            | Intent::Lead(LeaderIntent::HalfSaid(_) | LeaderIntent::Meant { .. })
    )
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

/// Where characters of Chinese stand side by side, and where words of letters do.
fn runs(text: &str) -> Vec<Range<usize>> {
    let mut runs: Vec<(bool, Range<usize>)> = Vec::new();
    for (at, c) in text.char_indices() {
        let is_letter = c.is_alphabetic() && !is_han(c);
        let is_blank = c == ' ' && runs.last().is_some_and(|(han, run)| !han && run.end == at);
        if !is_han(c) && !is_letter && !is_blank {
            continue;
        }
        match runs.last_mut() {
            Some((han, run)) if run.end == at && *han == is_han(c) => run.end = at + c.len_utf8(),
            _ => runs.push((is_han(c), at..at + c.len_utf8())),
        }
    }
    runs.into_iter().map(|(_, run)| run).collect()
}

fn pieces(text: &str, run: &Range<usize>) -> Vec<Range<usize>> {
    let words = &text[run.clone()];
    if words.starts_with(is_han) {
        let places = words.char_indices().map(|(at, _)| run.start + at).chain([run.end]);
        let places: Vec<usize> = places.collect();
        return spans_of(&places, &places, 2..=HAN);
    }
    let mut at = run.start;
    let (mut starts, mut ends) = (Vec::new(), Vec::new());
    for word in words.split(' ') {
        if !word.is_empty() {
            starts.push(at);
            ends.push(at + word.len());
        }
        at += word.len() + 1;
    }
    ends.insert(0, run.start);
    spans_of(&starts, &ends, 1..=WORDS)
}

/// From each start to the ends of so many pieces behind it, the farthest first.
fn spans_of(
    starts: &[usize],
    ends: &[usize],
    counts: std::ops::RangeInclusive<usize>,
) -> Vec<Range<usize>> {
    let longest_first = |(n, &start): (usize, &usize)| {
        let ends = counts.clone().rev().filter_map(move |count| ends.get(n + count));
        ends.map(move |&end| start..end).collect::<Vec<_>>()
    };
    starts.iter().enumerate().flat_map(longest_first).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::understand::fixture;

    fn named<'t>(text: &'t str, group: &[&str]) -> Vec<&'t str> {
        let pieces = name_pieces(text, &fixture::lexicon("fruit"));
        assert!(pieces.len() <= MOST);
        let is_name = |piece: &str| group.contains(&piece);
        names(text, pieces, is_name).into_iter().map(|piece| &text[piece]).collect()
    }

    #[test]
    fn names_are_found_where_they_stand() {
        let group = ["小美", "小美妈", "王芳", "Grace", "Grace Lim", "草莓"];
        assert_eq!(named("小美的三十九块九到了", &group), ["小美"]);
        assert_eq!(named("刚刚小美妈和王芳都转过来了", &group), ["小美妈", "王芳"]);
        assert_eq!(named("Grace Lim's 49 came, and Grace paid", &group), ["Grace Lim", "Grace"]);
        assert_eq!(named("草莓到了", &group), [""; 0]);
        assert_eq!(named("ungraceful", &group), [""; 0]);
    }
}
