//! The words of the open offers, compiled once for many messages.
//!
//! Names, aliases, codes and variants become one trie; units become one list of spellings that
//! offers refer to. A word may stand for several offers (苹果) or be both a name and a variant:
//! which one is meant is for the grammar to say, never for the lexicon.

use std::collections::HashMap;
use std::sync::Arc;

use super::facts::FactWords;
use super::half_names::HalfNames;
use super::normalize::{self, Folded, is_han};
use super::trie::Trie;
use super::units::{Kinds, Measure, OfferUnit, UNITS, kinds_of};
use crate::domain::ids::OfferId;
use crate::domain::money::{Currency, Money};

/// The words by which one open offer can be meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfferWords {
    /// The offer.
    pub id: OfferId,
    /// Its code, unique among the open offers: `A1`.
    pub code: String,
    /// The item's name.
    pub name: String,
    /// Other names.
    pub aliases: Vec<String>,
    /// The unit it is sold by.
    pub unit: String,
    /// Other units, each as a ratio to the own unit: one of it is `numerator / denominator` own units.
    pub other_units: Vec<(String, u32, u32)>,
    /// Variants as listed: `黑色/M`.
    pub variants: Vec<String>,
    /// Price of one own unit.
    pub price: Money,
}

/// The open offers of one community, ready for matching, and the money their prices are in.
#[derive(Clone, Debug, Default)]
pub struct Lexicon {
    currency: Currency,
    offers: Vec<OfferWords>,
    compiled: Vec<Compiled>,
    words: Trie<u32>,
    entries: Vec<WordEntry>,
    units: Trie<u16>,
    unit_words: usize,
    /// Offers by a code of digits only: `#3`, 3号.
    numbered: HashMap<u32, u16>,
    /// Names long enough to be recognised with one character wrong.
    pub(super) names: Vec<(Vec<char>, u32)>,
    /// Pieces of names.
    pub(super) half: HalfNames,
    /// The questions that the shop answers in its own words.
    facts: Arc<FactWords>,
}

/// What the grammar needs of one offer beside its words.
#[derive(Clone, Debug, Default)]
pub(super) struct Compiled {
    /// Its units, the own one first.
    pub(super) units: Vec<OfferUnit>,
    /// The parts of each variant: 黑色/M has two.
    pub(super) variants: Vec<Vec<u16>>,
}

/// What one word can stand for.
#[derive(Clone, Debug, Default)]
pub(super) struct WordEntry {
    /// Offers with this name or alias.
    pub(super) items: Vec<u16>,
    /// The offer with this code.
    pub(super) code: Option<u16>,
    /// Parts of variants with this name: exactly one of its own, or those it is a piece of.
    pub(super) parts: Vec<u16>,
    /// Whether it only is a piece of a variant's name (三鲜 of 虾仁三鲜).
    pub(super) piece: bool,
    /// Whether the code is a single letter, which needs more evidence.
    pub(super) letter: bool,
    /// Which offers have a variant with one of the parts.
    pub(super) of: Vec<u16>,
}

/// More offers than this are not compiled: ids of entries are 16 bits.
const MOST_OFFERS: usize = 20_000;

impl Lexicon {
    /// Compile the words of these offers.
    #[must_use]
    pub fn new(mut offers: Vec<OfferWords>, currency: Currency) -> Self {
        offers.truncate(MOST_OFFERS);
        let mut lexicon = Self { currency, ..Self::default() };
        let mut parts = Parts::default();
        for (n, offer) in offers.iter().enumerate() {
            let n = u16::try_from(n).unwrap_or(u16::MAX);
            lexicon.add_names(n, offer);
            let units = lexicon.compile_units(offer);
            let variants = offer.variants.iter().map(|variant| parts.split(variant, n)).collect();
            lexicon.compiled.push(Compiled { units, variants });
        }
        lexicon.add_parts(&parts);
        lexicon.add_heads(&offers);
        lexicon.half = HalfNames::new(&offers);
        lexicon.offers = offers;
        lexicon
    }

    /// The same with the shop's own questions.
    #[must_use]
    pub fn with_facts(self, facts: Arc<FactWords>) -> Self {
        Self { facts, ..self }
    }

    /// The questions that the shop answers in its own words.
    #[must_use]
    pub fn facts(&self) -> &FactWords {
        &self.facts
    }

    /// Whether its questions are these.
    #[must_use]
    pub fn has_facts(&self, facts: &Arc<FactWords>) -> bool {
        Arc::ptr_eq(&self.facts, facts) || *self.facts == **facts
    }

    /// What the community trades in.
    #[must_use]
    pub const fn currency(&self) -> Currency {
        self.currency
    }

    /// Whether a number, in thousandths, is the price of one unit of this offer.
    pub(super) fn is_price(&self, offer: &OfferWords, milli: i64) -> bool {
        self.currency.exact(milli, 3) == Some(offer.price)
    }

    /// Whether a number, in thousandths, is the price of one unit of anything on offer.
    pub(super) fn is_any_price(&self, milli: i64) -> bool {
        self.offers.iter().any(|offer| self.is_price(offer, milli))
    }

    /// Whether messages are read alike with either.
    #[must_use]
    pub fn same_words(&self, other: &Self) -> bool {
        self.currency == other.currency && self.offers == other.offers && self.facts == other.facts
    }

    /// The offers, in the order given.
    #[must_use]
    pub fn offers(&self) -> &[OfferWords] {
        &self.offers
    }

    /// About how many bytes the compiled words take, without the offers as given.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let entries: usize = self
            .entries
            .iter()
            .map(|e| {
                size_of::<WordEntry>()
                    + 2 * (e.items.capacity() + e.parts.capacity() + e.of.capacity())
            })
            .sum();
        let names: usize = self.names.iter().map(|(name, _)| 32 + 4 * name.capacity()).sum();
        let offers: usize = self
            .compiled
            .iter()
            .map(|c| 48 + c.units.capacity() * size_of::<OfferUnit>() + c.variants.capacity() * 40)
            .sum();
        self.words.bytes() + self.units.bytes() + self.half.bytes() + entries + names + offers
    }

    fn entry(&mut self, word: &str) -> Option<&mut WordEntry> {
        let fresh = u32::try_from(self.entries.len()).unwrap_or(u32::MAX);
        let place = *self.words.entry(word, || fresh)?;
        if place == fresh {
            self.entries.push(WordEntry::default());
        }
        self.entries.get_mut(usize::try_from(place).ok()?)
    }

    fn add_names(&mut self, offer: u16, words: &OfferWords) {
        let code = words.code.trim();
        if let Ok(number) = code.trim_start_matches('#').parse::<u32>() {
            self.numbered.insert(number, offer);
        } else if let Some(entry) = self.entry(code) {
            entry.code = Some(offer);
            entry.letter = code.chars().count() == 1 && code.is_ascii();
        }
        for name in std::iter::once(&words.name).chain(&words.aliases) {
            for spelling in spellings(name) {
                self.add_name(offer, &spelling);
            }
        }
    }

    fn add_name(&mut self, offer: u16, spelling: &str) {
        let Some(entry) = self.entry(spelling) else { return };
        if !entry.items.contains(&offer) {
            entry.items.push(offer);
        }
        let folded: Vec<char> = Folded::new(spelling.trim()).glyphs.iter().map(|g| g.c).collect();
        let place = self.words.entry(spelling, || 0).copied().unwrap_or(0);
        if folded.len() >= 2 {
            self.names.push((folded, place));
        }
    }

    /// 便当 of 鸡腿便当 and 排骨便当: an ending that several names share means any of them.
    fn add_heads(&mut self, offers: &[OfferWords]) {
        let mut heads: std::collections::BTreeMap<String, Vec<u16>> =
            std::collections::BTreeMap::new();
        for (n, offer) in (0..).zip(offers) {
            let name: Vec<char> = offer.name.trim().chars().collect();
            let head: String = name[name.len().saturating_sub(2)..].iter().collect();
            if name.len() >= 4 && name.iter().all(|&c| is_han(c)) {
                heads.entry(head).or_default().push(n);
            }
        }
        for (head, items) in heads.into_iter().filter(|(_, items)| items.len() >= 2) {
            if let Some(entry) = self.entry(&head)
                && entry.items.is_empty()
                && entry.parts.is_empty()
            {
                entry.items = items;
            }
        }
    }

    fn compile_units(&mut self, offer: &OfferWords) -> Vec<OfferUnit> {
        let own = std::iter::once((offer.unit.as_str(), 1, 1));
        let others = offer.other_units.iter().map(|(unit, n, d)| (unit.as_str(), *n, *d));
        let mut units = Vec::new();
        for (unit, numerator, denominator) in own.chain(others) {
            let fresh = u16::try_from(self.unit_words).unwrap_or(u16::MAX);
            let Some(&mut word) = self.units.entry(unit, || fresh) else { continue };
            self.unit_words += usize::from(word == fresh);
            let kinds = kinds_of(unit);
            units.push(OfferUnit { word, kinds, numerator, denominator: denominator.max(1) });
        }
        units
    }

    fn add_parts(&mut self, parts: &Parts) {
        for (part, id) in &parts.ids {
            for (spelling, piece) in part_spellings(part) {
                let Some(entry) = self.entry(&spelling) else { continue };
                if piece && (!entry.items.is_empty() || (!entry.parts.is_empty() && !entry.piece)) {
                    continue;
                }
                if !piece && entry.piece {
                    (entry.parts, entry.of, entry.piece) = (Vec::new(), Vec::new(), false);
                }
                entry.piece |= piece;
                if !entry.parts.contains(id) {
                    entry.parts.push(*id);
                }
                for offer in &parts.of[usize::from(*id)] {
                    if !entry.of.contains(offer) {
                        entry.of.push(*offer);
                    }
                }
            }
        }
    }

    /// The longest word of an offer that begins at glyph `from`: its end and entry.
    pub(super) fn word_at(&self, text: &Folded<'_>, from: usize) -> Option<(usize, u32)> {
        let found = self.words.longest(text, from)?;
        Some((found.end, found.what))
    }

    pub(super) fn entry_of(&self, id: u32) -> Option<&WordEntry> {
        self.entries.get(usize::try_from(id).ok()?)
    }

    pub(super) fn compiled(&self, offer: u16) -> Option<&Compiled> {
        self.compiled.get(usize::from(offer))
    }

    pub(super) fn offer(&self, offer: u16) -> Option<&OfferWords> {
        self.offers.get(usize::from(offer))
    }

    /// The offer whose code is this number.
    pub(super) fn by_number(&self, code: u32) -> Option<u16> {
        self.numbered.get(&code).copied()
    }

    /// The unit word that begins at glyph `from`: an offer's own spelling, a common one, or both.
    pub(super) fn unit_at(&self, text: &Folded<'_>, from: usize) -> Option<(usize, Measure)> {
        let own = self.units.longest(text, from);
        let common = UNITS.longest(text, from);
        let end = own.map(|f| f.end).max(common.map(|f| f.end))?;
        let word = own.filter(|f| f.end == end).map(|f| f.what);
        let kinds: Kinds = common.filter(|f| f.end == end).map_or(0, |f| f.what);
        Some((end, Measure { word, kinds }))
    }

    /// Whether some offer is sold by this very unit word.
    pub(super) fn has_unit(&self, word: &str) -> bool {
        let text = Folded::new(word);
        self.units.longest(&text, 0).is_some_and(|found| found.end == text.len())
    }
}

/// The parts of all variants, each with a number and the offers that have it. Kept in the order of
/// first mention, so that the same offers always compile alike.
#[derive(Default)]
struct Parts {
    ids: Vec<(String, u16)>,
    places: HashMap<String, u16>,
    of: Vec<Vec<u16>>,
}

impl Parts {
    fn split(&mut self, variant: &str, offer: u16) -> Vec<u16> {
        let pieces = variant.split(['/', '／', '|']).map(str::trim).filter(|part| !part.is_empty());
        pieces.map(|part| self.id(part, offer)).collect()
    }

    fn id(&mut self, part: &str, offer: u16) -> u16 {
        let key = normalize::folded(part);
        let fresh = u16::try_from(self.of.len()).unwrap_or(u16::MAX);
        let id = *self.places.entry(key).or_insert(fresh);
        if id == fresh && usize::from(id) == self.of.len() {
            self.of.push(Vec::new());
            self.ids.push((part.to_owned(), id));
        }
        if let Some(of) = self.of.get_mut(usize::from(id))
            && !of.contains(&offer)
        {
            of.push(offer);
        }
        id
    }
}

/// The ways a name is written: as given, without a bracket, hyphens as blanks, singular and plural.
fn spellings(name: &str) -> Vec<String> {
    let mut all = vec![name.trim().to_owned()];
    if let Some(at) = name.find(['(', '（', '【', '['])
        && at > 0
    {
        all.push(name[..at].trim().to_owned());
    }
    let count = all.len();
    for n in 0..count {
        let word = all[n].clone();
        if word.contains('-') && word.is_ascii() {
            all.push(word.replace('-', " "));
            all.push(word.replace('-', ""));
        }
    }
    for n in 0..all.len() {
        let word = all[n].clone();
        if word.len() > 2 && word.chars().all(|c| c.is_ascii_alphabetic() || c == ' ' || c == '-') {
            all.extend(plurals(&word));
        }
    }
    all.retain(|word| !word.is_empty());
    all
}

/// Singular and plural of an English noun, as far as regular ones go.
pub(super) fn plurals(word: &str) -> Vec<String> {
    if let Some(stem) = word.strip_suffix("ies") {
        return vec![format!("{stem}y")];
    }
    if let Some(stem) = word.strip_suffix("oes") {
        return vec![format!("{stem}o")];
    }
    if word.ends_with('s') && !word.ends_with("ss") {
        return vec![word[..word.len() - 1].to_owned()];
    }
    if let Some(stem) = word.strip_suffix('y')
        && !stem.ends_with(['a', 'e', 'o', 'u'])
    {
        return vec![format!("{stem}ies")];
    }
    if word.ends_with(['s', 'x', 'o']) || word.ends_with("ch") || word.ends_with("sh") {
        return vec![format!("{word}es"), format!("{word}s")];
    }
    if let Some(stem) = word.strip_suffix("loaf") {
        return vec![format!("{stem}loaves")];
    }
    vec![format!("{word}s")]
}

/// Colours and sizes in the other language.
const COLOURS: &[(&str, &str)] = &[
    ("黑", "black"),
    ("白", "white"),
    ("粉", "pink"),
    ("灰", "grey"),
    ("灰", "gray"),
    ("红", "red"),
    ("蓝", "blue"),
    ("绿", "green"),
    ("黄", "yellow"),
    ("紫", "purple"),
    ("棕", "brown"),
    ("橙", "orange"),
    ("藏青", "navy"),
    ("米", "beige"),
    ("大号", "large"),
    ("中号", "medium"),
    ("小号", "small"),
    ("原味", "original"),
    ("原味", "plain"),
    ("辣味", "spicy"),
    ("香辣", "spicy"),
];

fn translations(part: &str) -> Vec<String> {
    let folded = normalize::folded(part);
    let bare = folded.strip_suffix('色').unwrap_or(&folded);
    let mut all = Vec::new();
    for (chinese, english) in COLOURS {
        if *chinese == bare {
            all.push((*english).to_owned());
        } else if *english == folded {
            all.push((*chinese).to_owned());
            all.push(format!("{chinese}色"));
        }
    }
    all
}

/// The ways a part of a variant is written, and whether one is only a piece of it.
fn part_spellings(part: &str) -> Vec<(String, bool)> {
    let mut all = vec![(part.to_owned(), false)];
    all.extend(translations(part).into_iter().map(|word| (word, false)));
    let chars: Vec<char> = part.chars().collect();
    let count = chars.len();
    if count >= 2 && matches!(chars[count - 1], '色' | '味' | '款' | '码' | '號' | '号' | '型')
    {
        let short: String = chars[..count - 1].iter().collect();
        all.push((short, false));
    }
    if count >= 4 && chars.iter().all(|&c| is_han(c)) {
        for cut in 2..=count - 2 {
            all.push((chars[..cut].iter().collect(), true));
            all.push((chars[cut..].iter().collect(), true));
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lexicon(name: &str, variants: &[&str]) -> Lexicon {
        Lexicon::new(
            vec![OfferWords {
                id: OfferId(1),
                code: "A1".to_owned(),
                name: name.to_owned(),
                aliases: Vec::new(),
                unit: "袋".to_owned(),
                other_units: Vec::new(),
                variants: variants.iter().map(|&variant| variant.to_owned()).collect(),
                price: Money::ZERO,
            }],
            Currency::CNY,
        )
    }

    #[track_caller]
    fn check(name: &str, said: &str, known: bool) {
        let text = Folded::new(said);
        let found = lexicon(name, &[]).word_at(&text, 0).is_some_and(|(end, _)| end == text.len());
        assert_eq!(found, known, "{said} for {name}");
    }

    #[test]
    fn names_are_known_in_the_ways_they_are_written() {
        check("Free-range eggs", "free range egg", true);
        check("Cherry tomatoes", "cherry tomato", true);
        check("土鸡蛋（30枚）", "土雞蛋", true);
        check("Whole milk", "whole", false);
    }

    #[test]
    fn a_piece_of_a_variant_is_marked_as_one() {
        let lexicon = lexicon("水饺", &["虾仁三鲜", "黑色/M"]);
        let entry = |word: &str| {
            let (_, id) = lexicon.word_at(&Folded::new(word), 0).unwrap();
            lexicon.entry_of(id).unwrap().clone()
        };
        assert!(entry("三鲜").piece);
        assert!(!entry("虾仁三鲜").piece);
        assert_eq!(entry("黑").parts, entry("黑色").parts);
    }
}
