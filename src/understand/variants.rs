//! Variants (规格): 黑色/M has two parts, said in any order and beside the item or alone.
//!
//! A part is an entry of the lexicon; one entry can be a piece of several variants (三鲜). What is
//! named fits an offer if one of its variants has all the parts.

use super::goods::Goods;
use super::lexicon::Lexicon;

/// Whether the offer has a variant with this part.
pub(super) fn has(lexicon: &Lexicon, offer: u16, part: u32) -> bool {
    !matching(lexicon, offer, &[part]).is_empty()
}

/// Whether some offer that is meant has a variant with all parts named so far and this one.
pub(super) fn fits(lexicon: &Lexicon, goods: &Goods, part: u32) -> bool {
    let mut parts = goods.parts.clone();
    if parts.contains(&part) {
        return true;
    }
    parts.push(part);
    goods.offers.iter().any(|&offer| !matching(lexicon, offer, &parts).is_empty())
}

/// Add a part that [`fits`], and keep only the offers that have it.
pub(super) fn narrow(lexicon: &Lexicon, goods: &mut Goods, part: u32) {
    if !goods.parts.contains(&part) {
        goods.parts.push(part);
    }
    let parts = goods.parts.clone();
    goods.offers.retain(|&offer| !matching(lexicon, offer, &parts).is_empty());
}

/// The variants of an offer that have all these parts.
pub(super) fn matching(lexicon: &Lexicon, offer: u16, parts: &[u32]) -> Vec<u16> {
    let Some(compiled) = lexicon.compiled(offer) else { return Vec::new() };
    let all = |variant: &Vec<u16>| {
        parts.iter().all(|&part| {
            lexicon.entry_of(part).is_some_and(|e| e.parts.iter().any(|id| variant.contains(id)))
        })
    };
    (0..).zip(&compiled.variants).filter(|(_, variant)| all(variant)).map(|(n, _)| n).collect()
}

/// Whether one of the parts is only a piece of a variant's name.
pub(super) fn in_pieces(lexicon: &Lexicon, parts: &[u32]) -> bool {
    parts.iter().any(|&part| lexicon.entry_of(part).is_some_and(|e| e.piece))
}
