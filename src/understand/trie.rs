//! A set of words with a payload each, asked for the words that begin at a place of a message.
//!
//! Words are stored folded. A blank between two Han characters of the message is passed over, so
//! that 草 莓 is 草莓; words in Latin letters match whole words only. Looking at one place costs at
//! most [`LONGEST`] steps, whatever the words are.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use super::normalize::{Folded, is_han};

/// No word of a shop is longer; longer ones are cut.
pub(crate) const LONGEST: usize = 64;

/// Multiplies and rotates: keys are small and not chosen by strangers (the words are the shop's).
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Mix(u64);

impl Hasher for Mix {
    fn finish(&self) -> u64 {
        self.0 ^ (self.0 >> 29)
    }
    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.write_u64(u64::from(byte));
        }
    }
    fn write_u64(&mut self, value: u64) {
        self.0 = (self.0.rotate_left(5) ^ value).wrapping_mul(0x517c_c1b7_2722_0a95);
    }
}

/// Words with payloads.
#[derive(Clone, Debug)]
pub(crate) struct Trie<P> {
    /// (node << 32 | char) → node.
    edges: HashMap<u64, u32, BuildHasherDefault<Mix>>,
    /// What ends at a node.
    ends: Vec<Option<P>>,
    /// Which characters begin a word, hashed to 12 bits: most places of a message stop here.
    begins: Vec<u64>,
}

/// A word found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FoundWord<P> {
    /// One past its last glyph.
    pub(crate) end: usize,
    /// Its payload.
    pub(crate) what: P,
}

impl<P> Default for Trie<P> {
    fn default() -> Self {
        Self { edges: HashMap::default(), ends: vec![None], begins: vec![0; 64] }
    }
}

fn slot(c: char) -> (usize, u64) {
    let code = u32::from(c);
    let hashed = (code ^ (code >> 7)) & 0xfff;
    (usize::try_from(hashed >> 6).unwrap_or(0), 1 << (hashed & 63))
}

fn key(node: u32, c: char) -> u64 {
    (u64::from(node) << 32) | u64::from(u32::from(c))
}

impl<P: Copy> Trie<P> {
    /// The payload of `word`, made by `fresh` if the word is new. Empty words are left out.
    pub(crate) fn entry(&mut self, word: &str, fresh: impl FnOnce() -> P) -> Option<&mut P> {
        let folded = Folded::new(word.trim());
        let mut node = 0;
        for glyph in folded.glyphs.iter().take(LONGEST) {
            let next = u32::try_from(self.ends.len()).unwrap_or(u32::MAX);
            let to = *self.edges.entry(key(node, glyph.c)).or_insert(next);
            if to == next {
                self.ends.push(None);
            }
            node = to;
        }
        let first = folded.glyphs.first()?;
        let (word, bit) = slot(first.c);
        self.begins[word] |= bit;
        let place = usize::try_from(node).unwrap_or(0);
        Some(self.ends[place].get_or_insert_with(fresh))
    }

    /// Every word that begins at glyph `from`, shortest first.
    pub(crate) fn each(&self, text: &Folded<'_>, from: usize, mut found: impl FnMut(FoundWord<P>)) {
        let first = text.at(from);
        let (word, bit) = slot(first);
        if self.begins[word] & bit == 0 || (inside_latin(text, from)) {
            return;
        }
        let (mut node, mut i) = (0, from);
        while i < text.len() && i - from < 2 * LONGEST {
            let c = text.at(i);
            let Some(&next) = self.edges.get(&key(node, c)) else {
                if c == ' ' && i > from && is_han(text.at(i - 1)) && is_han(text.at(i + 1)) {
                    i += 1;
                    continue;
                }
                return;
            };
            (node, i) = (next, i + 1);
            let end = usize::try_from(node).ok().and_then(|place| self.ends.get(place));
            if let Some(&Some(what)) = end
                && ends_whole(text, i)
            {
                found(FoundWord { end: i, what });
            }
        }
    }

    /// The longest word that begins at glyph `from`.
    pub(crate) fn longest(&self, text: &Folded<'_>, from: usize) -> Option<FoundWord<P>> {
        let mut best = None;
        self.each(text, from, |found| best = Some(found));
        best
    }

    /// About how many bytes this takes.
    pub(crate) fn bytes(&self) -> usize {
        // A hash table keeps a control byte beside each slot and grows by doubling.
        self.edges.capacity() * 17 + self.ends.capacity() * size_of::<Option<P>>() + 512
    }
}

/// Whether `from` lies in the middle of a Latin word or number.
fn inside_latin(text: &Folded<'_>, from: usize) -> bool {
    if from == 0 {
        return false;
    }
    let (before, here) = (text.at(from - 1), text.at(from));
    (here.is_ascii_alphabetic() && before.is_ascii_alphabetic())
        || (here.is_ascii_digit() && before.is_ascii_alphanumeric())
}

/// Whether a Latin word may end before `end`: `a1` ends before 号, `+`, and the x of `a1x2`.
fn ends_whole(text: &Folded<'_>, end: usize) -> bool {
    let (last, next) = (text.at(end - 1), text.at(end));
    if !last.is_ascii_alphanumeric() || !next.is_ascii_alphanumeric() {
        return true;
    }
    let times = next == 'x' && text.at(end + 1).is_ascii_digit();
    times || (last.is_ascii_alphabetic() && next.is_ascii_digit()) || shared_out(text, end)
}

/// A1A2各2: codes in one breath, with what each of them gets.
fn shared_out(text: &Folded<'_>, end: usize) -> bool {
    let mut at = end;
    while text.at(at).is_ascii_alphabetic()
        && text.at(at + 1).is_ascii_digit()
        && at < end + LONGEST
    {
        at += 2;
        while text.at(at).is_ascii_digit() && at < end + LONGEST {
            at += 1;
        }
    }
    at > end && matches!(text.at(at), '各' | '每' | '都')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(words: &[&str], text: &str, from: usize, expected: Option<&str>) {
        let mut trie = Trie::default();
        for (n, word) in words.iter().enumerate() {
            trie.entry(word, || n);
        }
        let text = Folded::new(text);
        let got = trie.longest(&text, from).map(|found| words[found.what]);
        assert_eq!(got, expected);
    }

    #[test]
    fn the_longest_word_wins() {
        check(&["苹果", "苹果手机"], "苹果手机15", 0, Some("苹果手机"));
        check(&["oat milk", "milk"], "oat milk x3", 0, Some("oat milk"));
    }

    #[test]
    fn latin_words_match_whole() {
        check(&["egg"], "eggplant", 0, None);
        check(&["egg"], "nutmegg", 4, None);
        check(&["a1"], "a1x2", 0, Some("a1"));
        check(&["a1"], "a12", 0, None);
        check(&["a1"], "a1号", 0, Some("a1"));
        check(&["a1"], "a1b2各2", 0, Some("a1"));
        check(&["a1"], "a1b2", 0, None);
        check(&["a1"], "a1bc各2", 0, None);
    }

    #[test]
    fn blanks_inside_han_words_are_passed_over() {
        check(&["草莓"], "草 莓2盒", 0, Some("草莓"));
        check(&["草莓"], "草 x", 0, None);
    }
}
