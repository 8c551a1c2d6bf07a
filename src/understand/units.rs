//! Units (量词): which words mean the same measure, and how one converts into another.
//!
//! An offer lists its own unit and others with their factor. A member says 盒, box or boxes: words
//! of one *kind* are the same unit. 份, 个, 件 and a bare number count the own unit, unless goods
//! are sold by weight. What cannot be converted is asked back, never guessed.

use std::sync::LazyLock;

use super::trie::Trie;

/// Kinds of measure, as bits: a word such as `box` may stand for two of them.
pub(crate) type Kinds = u64;

/// Kinds with their words. A word listed twice stands for both.
const KINDS: &[&[&str]] = &[
    // 0–5: weights, see GRAMS.
    &["斤", "市斤", "jin", "catty", "catties", "台斤"],
    &["公斤", "千克", "kg", "kgs", "kilo", "kilos", "kilogram", "kilograms"],
    &["克", "g", "gram", "grams", "gm"],
    &["两"],
    &["磅", "lb", "lbs", "pound", "pounds"],
    &["吨", "ton", "tons"],
    // 6: generic classifiers, see GENERIC.
    &[
        "份", "个", "件", "客", "portion", "portions", "serving", "servings", "pc", "pcs", "piece",
        "pieces", "unit", "units", "单位", "份儿", "个儿", "qty",
    ],
    // 7: dozen, 8: pair
    &["打", "dozen", "dozens", "doz"],
    &["对", "双", "pair", "pairs"],
    // 9: things counted one by one
    &["个", "只", "颗", "粒", "枚", "头", "piece", "pieces", "pc", "pcs"],
    &["件"],
    &["盒", "合", "box", "boxes", "盒子", "punnet", "punnets", "carton", "cartons"],
    &[
        "箱", "box", "boxes", "case", "cases", "crate", "crates", "carton", "cartons", "箱子",
        "件箱",
    ],
    &["袋", "bag", "bags", "袋子", "sack", "sacks", "pack", "packs"],
    &[
        "包", "pack", "packs", "packet", "packets", "pkt", "pkts", "bag", "bags", "package",
        "packages",
    ],
    &["瓶", "支", "樽", "bottle", "bottles", "btl", "btls"],
    &["罐", "听", "can", "cans", "tin", "tins", "jar", "jars"],
    &["杯", "cup", "cups", "glass", "glasses"],
    &["碗", "bowl", "bowls"],
    &["条", "loaf", "loaves", "strip", "strips", "根"],
    &["板", "版", "tray", "trays", "flat", "flats"],
    &["盘", "碟", "plate", "plates", "tray", "trays", "dish", "dishes"],
    &["块", "block", "blocks", "slab", "slabs"],
    &["片", "slice", "slices"],
    &["把", "束", "扎", "bunch", "bunches", "bundle", "bundles", "捆"],
    &["串", "skewer", "skewers"],
    &["套", "组", "set", "sets"],
    &["提"],
    &["桶", "bucket", "buckets", "tub", "tubs"],
    &["筐", "篮", "篓", "basket", "baskets"],
    &["张", "sheet", "sheets"],
    &["本", "copy", "copies"],
    &["台"],
    &["朵", "枝", "stem", "stems"],
    &["棵", "株", "head", "heads"],
    &["卷", "roll", "rolls"],
    &["尾"],
    &["壶", "pot", "pots"],
    &["坛"],
    &["排"],
    &["煲", "盅"],
    &["punnet", "punnets"],
    &["carton", "cartons"],
    &["loaf", "loaves", "个面包"],
    &["升", "公升", "l", "litre", "litres", "liter", "liters"],
    &["毫升", "ml"],
    &["笼"],
    &["副"],
    &["封"],
    &["顶"],
    &["匹"],
];

/// Grams of the weights, by kind; a 斤 of the mainland.
const GRAMS: [u64; 6] = [500, 1_000, 1, 50, 454, 1_000_000];
const WEIGHTS: Kinds = 0b11_1111;
const GENERIC: Kinds = 1 << 6;
const DOZEN: Kinds = 1 << 7;
const PAIR: Kinds = 1 << 8;
/// Own units of which a dozen or a pair is plainly twelve or two.
const ONE_BY_ONE: Kinds = (1 << 9) | (1 << 10);

/// Every unit word with its kinds.
pub(crate) static UNITS: LazyLock<Trie<Kinds>> = LazyLock::new(|| {
    let mut trie = Trie::default();
    for (bit, words) in KINDS.iter().enumerate() {
        for word in *words {
            if let Some(kinds) = trie.entry(word, || 0) {
                *kinds |= 1 << bit;
            }
        }
    }
    trie
});

/// One unit of an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OfferUnit {
    /// Which spelling, in the lexicon's list of unit words.
    pub(crate) word: u16,
    /// What kinds it is of.
    pub(crate) kinds: Kinds,
    /// One of it is `numerator / denominator` own units.
    pub(crate) numerator: u32,
    /// See above.
    pub(crate) denominator: u32,
}

/// A unit as a member wrote it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Measure {
    /// The spelling, if some offer lists exactly this one.
    pub(crate) word: Option<u16>,
    /// Its kinds; none for a word only the offer knows.
    pub(crate) kinds: Kinds,
}

/// How many own units one of `measure` is, as a ratio; `None` if that cannot be said.
///
/// `units` lists the offer's units, its own first. A missing measure is a bare number.
pub(crate) fn factor(units: &[OfferUnit], measure: Option<Measure>) -> Option<(u64, u64)> {
    let own = units.first()?;
    let by_weight = own.kinds & WEIGHTS != 0;
    let Some(measure) = measure else {
        return (!by_weight).then_some((1, 1));
    };
    let ratio = |unit: &OfferUnit| (u64::from(unit.numerator), u64::from(unit.denominator));
    if let Some(unit) = units.iter().find(|unit| measure.word == Some(unit.word)) {
        return Some(ratio(unit));
    }
    if own.kinds & measure.kinds & !GENERIC != 0 {
        return Some((1, 1));
    }
    let mut same =
        units.iter().filter(|unit| unit.kinds & measure.kinds & !GENERIC != 0).map(ratio);
    if let Some(first) = same.next() {
        return same.all(|other| other == first).then_some(first);
    }
    if let (true, Some(of), Some(own)) = (by_weight, grams(measure.kinds), grams(own.kinds)) {
        return Some((of, own));
    }
    if measure.kinds & DOZEN != 0 {
        return (own.kinds & ONE_BY_ONE != 0).then_some((12, 1));
    }
    if measure.kinds & PAIR != 0 && own.kinds & ONE_BY_ONE != 0 {
        return Some((2, 1));
    }
    (measure.kinds & GENERIC != 0 && !by_weight).then_some((1, 1))
}

/// How many a dozen or a pair is of anything.
pub(crate) fn many(measure: Measure) -> Option<i64> {
    match measure.kinds {
        kinds if kinds & DOZEN != 0 => Some(12),
        kinds if kinds & PAIR != 0 => Some(2),
        _ => None,
    }
}

/// Whether a measure counts by the dozen.
pub(crate) fn is_dozen(measure: Measure) -> bool {
    measure.kinds & DOZEN != 0
}

/// Whether a measure can count anything: 份, 个, piece.
pub(crate) fn is_generic(measure: Measure) -> bool {
    measure.kinds & GENERIC != 0
}

fn grams(kinds: Kinds) -> Option<u64> {
    GRAMS.iter().enumerate().find(|&(bit, _)| kinds & (1 << bit) != 0).map(|(_, &grams)| grams)
}

/// The kinds of a unit word, none if nobody knows it.
pub(crate) fn kinds_of(word: &str) -> Kinds {
    let text = super::normalize::Folded::new(word.trim());
    UNITS.longest(&text, 0).filter(|found| found.end == text.len()).map_or(0, |found| found.what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(own: &str, others: &[(&str, u32)], said: &str, expected: Option<(u64, u64)>) {
        let unit = |(n, &(word, numerator)): (usize, &(&str, u32))| OfferUnit {
            word: u16::try_from(n).unwrap(),
            kinds: kinds_of(word),
            numerator,
            denominator: 1,
        };
        let all: Vec<_> = [(own, 1)].iter().chain(others).copied().collect();
        let units: Vec<_> = all.iter().enumerate().map(unit).collect();
        let word = all.iter().position(|(word, _)| *word == said);
        let word = word.map(|n| u16::try_from(n).unwrap());
        let measure = Measure { word, kinds: kinds_of(said) };
        assert_eq!(factor(&units, Some(measure)), expected, "{said} of {own}");
    }

    #[test]
    fn words_of_one_kind_are_one_unit() {
        check("盒", &[], "box", Some((1, 1)));
        check("loaf", &[], "loaves", Some((1, 1)));
        check("bottle", &[("case", 6)], "cases", Some((6, 1)));
        check("盒", &[("箱", 12)], "boxes", Some((1, 1)));
    }

    #[test]
    fn generic_words_count_the_own_unit_but_never_weight() {
        check("箱", &[], "份", Some((1, 1)));
        check("斤", &[], "份", None);
        check("斤", &[("公斤", 2)], "kg", Some((2, 1)));
        check("斤", &[], "克", Some((1, 500)));
    }

    #[test]
    fn what_has_no_conversion_is_not_guessed() {
        check("个", &[], "板", None);
        check("袋", &[], "打", None);
        check("个", &[], "打", Some((12, 1)));
    }
}
