//! Half a name (半个名字): 柿子 of 火晶柿子, "damson" of "Damson jam", S24 of "Galaxy S24".
//!
//! Members seldom write a name in full. Every piece of a name or of a variant's name that few offers
//! have stands for those offers. Whether it is meant is for the judge to say: the pieces only propose.

use std::collections::{BTreeMap, BTreeSet};

use super::lexicon::{OfferWords, plurals};
use super::normalize::{Folded, is_han};
use super::numerals;
use super::sizes;
use super::trie::Trie;
use super::units::UNITS;
use super::vocabulary::VOCABULARY;

/// A shop of more offers has too many names for halves of them to tell anything.
const MOST_OFFERS: usize = 300;
/// A piece that more offers have says nothing.
const MOST_MEANT: usize = 6;
/// Of longer names only so many characters are cut into pieces.
const LONGEST: usize = 10;

/// Pieces of names and of variants.
#[derive(Clone, Debug, Default)]
pub(super) struct HalfNames {
    words: Trie<u32>,
    /// Which offers each piece may mean.
    offers: Vec<Vec<u16>>,
    parts: Trie<u32>,
    /// Which variants of which offers each piece may mean.
    variants: Vec<Vec<(u16, u16)>>,
    /// The smallest, the middle and the largest variants of each offer that comes in sizes.
    sizes: [Vec<(u16, u16)>; 3],
}

impl HalfNames {
    /// Cut the names of these offers into pieces.
    pub(super) fn new(offers: &[OfferWords]) -> Self {
        let mut half = Self::default();
        if offers.len() > MOST_OFFERS {
            return half;
        }
        let (mut words, mut parts) = (BTreeMap::new(), BTreeMap::new());
        for (n, offer) in (0_u16..).zip(offers) {
            for name in std::iter::once(&offer.name).chain(&offer.aliases) {
                collect(&mut words, name, n);
            }
            for (v, variant) in (0_u16..).zip(&offer.variants) {
                collect(&mut parts, variant, (n, v));
            }
            half.collect_sizes(n, offer);
        }
        for (word, meant) in words {
            let single = word.chars().count() == 1;
            if meant.len() <= if single { 1 } else { MOST_MEANT } {
                file(&mut half.words, &mut half.offers, &word, meant);
            }
        }
        for (word, meant) in parts {
            file(&mut half.parts, &mut half.variants, &word, meant);
        }
        half
    }

    /// Which variants are the smallest, the middle and the largest of their kind: 黄/110 and 粉/120 are each the
    /// largest of their colour.
    fn collect_sizes(&mut self, n: u16, offer: &OfferWords) {
        let sized: Option<Vec<_>> = offer.variants.iter().map(|it| sizes::size(it)).collect();
        let Some(sized) = sized else { return };
        let mut kinds: BTreeMap<String, BTreeMap<u64, u16>> = BTreeMap::new();
        for (variant, (kind, size)) in (0_u16..).zip(sized) {
            kinds.entry(kind).or_default().insert(size, variant);
        }
        if kinds.values().all(|sizes| sizes.len() < 2) {
            return;
        }
        for sizes in kinds.values() {
            let middle = sizes.values().nth(sizes.len() / 2).filter(|_| sizes.len() % 2 == 1);
            let told = [sizes.values().next(), middle, sizes.values().next_back()];
            for (known, variant) in self.sizes.iter_mut().zip(told) {
                known.extend(variant.map(|&variant| (n, variant)));
            }
        }
    }

    /// The variants that a word for a size may mean that begins at glyph `at`: 大的, the small one.
    pub(super) fn size_at(&self, text: &Folded<'_>, at: usize) -> Option<(usize, &[(u16, u16)])> {
        let found = sizes::WORDS.longest(text, at)?;
        let all = self.sizes.get(usize::from(found.what))?;
        (!all.is_empty()).then_some((found.end, all))
    }

    /// The longest piece of a name that begins at glyph `at`, and the offers it may mean.
    pub(super) fn name_at(&self, text: &Folded<'_>, at: usize) -> Option<(usize, &[u16])> {
        let found = self.words.longest(text, at)?;
        Some((found.end, self.offers.get(usize::try_from(found.what).ok()?)?))
    }

    /// The longest piece of a variant that begins at glyph `at`, and what it may mean.
    pub(super) fn part_at(&self, text: &Folded<'_>, at: usize) -> Option<(usize, &[(u16, u16)])> {
        let found = self.parts.longest(text, at)?;
        Some((found.end, self.variants.get(usize::try_from(found.what).ok()?)?))
    }

    /// About how many bytes this takes.
    pub(super) fn bytes(&self) -> usize {
        let offers: usize = self.offers.iter().map(|all| 24 + 2 * all.capacity()).sum();
        let variants: usize = self.variants.iter().map(|all| 24 + 4 * all.capacity()).sum();
        let sizes: usize = self.sizes.iter().map(|all| 4 * all.capacity()).sum();
        self.words.bytes() + self.parts.bytes() + offers + variants + sizes
    }
}

fn collect<M: Ord + Copy>(all: &mut BTreeMap<String, BTreeSet<M>>, name: &str, meant: M) {
    for piece in pieces(name) {
        all.entry(piece).or_default().insert(meant);
    }
}

fn file<M>(words: &mut Trie<u32>, all: &mut Vec<Vec<M>>, word: &str, meant: BTreeSet<M>) {
    let place = u32::try_from(all.len()).unwrap_or(u32::MAX);
    if words.entry(word, || place).is_some_and(|found| *found == place) {
        all.push(meant.into_iter().collect());
    }
}

/// The pieces of a name: runs of its Han characters, and its Latin words and numbers.
fn pieces(name: &str) -> BTreeSet<String> {
    let folded: Vec<char> = Folded::new(name.trim()).glyphs.iter().map(|g| g.c).collect();
    let mut all = BTreeSet::new();
    for run in folded.chunk_by(|a, b| kind_of(*a) == kind_of(*b)) {
        match run.first().map(|&c| kind_of(c)) {
            Some(HalfKind::Han) => han_pieces(&run[..run.len().min(LONGEST)], &mut all),
            Some(HalfKind::Latin) => {
                let word: String = run.iter().collect();
                if word.len() >= 3 && word.chars().any(|c| c.is_ascii_alphabetic()) {
                    all.extend(plurals(&word));
                }
                all.insert(word);
                // 9W, SPF50: the number of it alone.
                let parts = run.chunk_by(|a, b| a.is_ascii_digit() == b.is_ascii_digit());
                all.extend(
                    parts
                        .map(|part| part.iter().collect::<String>())
                        .filter(|p| p.len() > 1 || p.starts_with(|c: char| c.is_ascii_digit())),
                );
            }
            _ => {}
        }
    }
    all.retain(|piece| tells(piece));
    all
}

fn han_pieces(run: &[char], all: &mut BTreeSet<String>) {
    for from in 0..run.len() {
        for to in from + 1..=run.len() {
            all.insert(run[from..to].iter().collect());
        }
    }
}

#[derive(PartialEq, Eq)]
enum HalfKind {
    Han,
    Latin,
    Other,
}

fn kind_of(c: char) -> HalfKind {
    if is_han(c) {
        HalfKind::Han
    } else if c.is_alphanumeric() {
        HalfKind::Latin
    } else {
        HalfKind::Other
    }
}

/// Whether a piece is no number, no unit and no word of ordering.
fn tells(piece: &str) -> bool {
    let text = Folded::new(piece);
    let whole = |end: usize| end == text.len();
    !numerals::number(&text, 0).is_some_and(|(_, end)| whole(end) && is_han(text.at(0)))
        && !UNITS.longest(&text, 0).is_some_and(|found| whole(found.end))
        && !VOCABULARY.longest(&text, 0).is_some_and(|found| whole(found.end))
        && (text.len() > 1 || is_han(text.at(0)) || text.at(0).is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::understand::fixture;

    #[track_caller]
    fn check(said: &str, expected: &[&str]) {
        let lexicon = fixture::lexicon("fruit");
        let half = HalfNames::new(lexicon.offers());
        let text = Folded::new(said);
        let meant = half.name_at(&text, 0).map_or(&[][..], |(_, offers)| offers);
        let codes = meant.iter().map(|&n| lexicon.offers()[usize::from(n)].code.as_str());
        assert_eq!(codes.collect::<Vec<_>>(), expected, "{said}");
    }

    #[test]
    fn a_piece_means_the_offers_that_have_it() {
        check("玫瑰", &["A1"]);
        check("厘子", &["A2"]);
        check("两", &[]);
        check("箱", &[]);
    }
}
