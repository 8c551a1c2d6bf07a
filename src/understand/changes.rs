//! Readings that change what the speaker has: one thing for another, another size, twice or half of it.
//!
//! ```text
//! change := what is had → what is named     all of it, or as much as is said
//!         | what is had → another size      大一号, a number that is one
//!         | what is had × 2, ÷ 2            翻倍, halve the mince
//! ```

use super::goods::Amount;
use super::items::{self, JoinWay, SaidItem, SaidList};
use super::lines::{self, ListPattern};
use super::readings::{Made, Proposals, Source};
use super::sizes;
use super::spans::{How, SpanKind};
use super::vocabulary::Cue;
use crate::domain::intent::{HeldLine, MAX_QTY, Op, WantedLine};

impl Proposals<'_, '_, '_, '_> {
    /// Halve the mince, 葡萄翻倍: twice or half of what the speaker has of what is named, or of everything.
    pub(super) fn multiples(&mut self, listed: &SaidList) {
        const HALVES: [&str; 5] = ["halve", "half", "减半", "一半", "減半"];
        const DOUBLES: [&str; 6] = ["double", "twice", "翻倍", "加倍", "翻番", "again"];
        if self.ground.scene.mine.is_empty() {
            return;
        }
        let text = self.ground.heard.text.source.to_lowercase();
        let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
        let lexicon = self.ground.heard.lexicon;
        for (named, doubles) in [(says(&DOUBLES), true), (says(&HALVES), false)] {
            let of_it = |held: &&HeldLine| {
                let named = |item: &SaidItem| {
                    let offers = item.offers.iter().filter_map(|&offer| lexicon.offer(offer));
                    let variant = held.variant.is_none_or(|held| {
                        item.variants.is_empty() || item.variants.iter().any(|(_, v)| *v == held)
                    });
                    variant && offers.into_iter().any(|words| words.id == held.offer)
                };
                listed.items.is_empty() || listed.items.iter().any(named)
            };
            let times = |held: &HeldLine| {
                let qty = if doubles { held.qty.checked_mul(2) } else { Some(held.qty / 2) };
                let even = doubles || held.qty.is_multiple_of(2);
                let (offer, variant) = (held.offer, held.variant);
                qty.filter(|qty| even && (1..=MAX_QTY).contains(qty)).map(|qty| WantedLine {
                    offer,
                    variant,
                    qty: Some(qty),
                    op: Op::Set,
                })
            };
            let mine = self.ground.scene.mine.iter().take(6).filter(of_it);
            let all: Vec<WantedLine> = mine.filter(|_| named).filter_map(times).collect();
            let made = Made {
                source: Source::Multiple,
                pattern: Some(ListPattern::Set),
                items: listed.items.clone(),
                bare: listed.bare.len(),
                ..Made::default()
            };
            for line in all.iter().take(3).filter(|_| all.len() > 1) {
                self.lines(vec![line.clone()], made.clone());
            }
            self.lines(all, made);
        }
    }

    /// 换成韭菜的, one of the rolls to become a toastie: of what the speaker has all goes, or as much as is said, and
    /// what is named comes as often.
    pub(super) fn instead(&mut self, way: JoinWay, listed: &SaidList) {
        let scene = self.ground.scene;
        if listed.items.is_empty() || listed.items.len() > 3 || scene.mine.is_empty() {
            return;
        }
        let swaps = self.ground.spans.iter().any(|span| {
            use Cue::{Correct, Drop, Instead, InsteadOf, Not, Set, Swap};
            matches!(
                span.what,
                SpanKind::Cue(Swap | InsteadOf | Instead | Set | Drop | Not | Correct)
            )
        });
        let mut amounts: Vec<Amount> = Vec::new();
        let said = listed.items.iter().filter_map(|item| item.amount);
        for amount in said.chain(listed.bare.iter().map(|(amount, _)| *amount)) {
            if !amounts.contains(&amount) && amounts.len() < 2 {
                amounts.push(amount);
            }
        }
        for held in scene.mine.iter().take(4) {
            let Some(old) = self.held_item(held.offer, held.variant) else { continue };
            for new in listed.items.iter().rev() {
                if comes_for(new, &old, &listed.items, swaps) {
                    let new = self.alike_else(new, &old);
                    self.exchange(
                        way,
                        listed,
                        Swap { old: &old, new: &new, had: held.qty },
                        &amounts,
                    );
                }
            }
        }
    }

    /// Another size of what the speaker has: 大一号, or a number that is one.
    pub(super) fn resized(&mut self, listed: &SaidList) {
        const UP: [&str; 7] = ["大一", "大两", "再大", "upsize", "size up", "bigger", "升"];
        const DOWN: [&str; 6] = ["小一", "小两", "再小", "downsize", "size down", "smaller"];
        if self.ground.scene.mine.is_empty() {
            return;
        }
        let text = self.ground.heard.text.source.to_lowercase();
        let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
        let (up, down) = (says(&UP), says(&DOWN));
        let said = self.sizes_said();
        let way = JoinWay { order: items::AmountSide::After, halves: true, sizes: true };
        for held in self.ground.scene.mine.iter().take(4) {
            let (Some(old), Some(variant)) =
                (self.held_item(held.offer, held.variant), held.variant)
            else {
                continue;
            };
            let Some(&offer) = old.offers.first() else { continue };
            let Some(words) = self.ground.heard.lexicon.offer(offer) else { continue };
            let next = |upward: bool| sizes::next(&words.variants, variant, upward);
            let steps = [next(true).filter(|_| up), next(false).filter(|_| down)];
            let mut told: Vec<Vec<(u16, u16)>> =
                steps.into_iter().flatten().map(|variant| vec![(offer, variant)]).collect();
            told.extend(said.iter().cloned());
            for variants in told {
                let new = SaidItem {
                    offers: vec![offer],
                    variants,
                    how: How::HalfPart,
                    ..SaidItem::default()
                };
                let new = self.alike_else(&new, &old);
                if !new.variants.is_empty() && new.variants != old.variants {
                    self.exchange(way, listed, Swap { old: &old, new: &new, had: held.qty }, &[]);
                }
            }
        }
    }

    /// 褲子換S: of what comes for something that is had, what is not said is as it was.
    fn alike_else(&self, new: &SaidItem, old: &SaidItem) -> SaidItem {
        let Some(&offer) = old.offers.first().filter(|offer| new.offers.contains(offer)) else {
            return new.clone();
        };
        let own: Vec<_> = new.variants.iter().filter(|(it, _)| *it == offer).copied().collect();
        if own.is_empty() {
            return new.clone();
        }
        let compiled = self.ground.heard.lexicon.compiled(offer);
        let parts = |variant: u16| compiled.and_then(|it| it.variants.get(usize::from(variant)));
        let shares = |(_, variant): &&(u16, u16)| {
            old.variants.iter().any(|(_, had)| match (parts(*variant), parts(*had)) {
                (Some(one), Some(had)) => had.iter().any(|part| one.contains(part)),
                _ => false,
            })
        };
        let alike: Vec<_> = own.iter().filter(shares).copied().collect();
        let variants = if alike.is_empty() { own } else { alike };
        SaidItem { offers: vec![offer], variants, ..new.clone() }
    }

    /// Something that is had for something that is named.
    fn exchange(&mut self, way: JoinWay, listed: &SaidList, swap: Swap<'_>, amounts: &[Amount]) {
        let Swap { old, new, had } = swap;
        let all = std::iter::once((None, new.amount.unwrap_or_else(|| whole(had))));
        for (gone, comes) in all.chain(amounts.iter().map(|&amount| (Some(amount), amount))) {
            let items = [
                SaidItem { amount: gone, ..old.clone() },
                SaidItem { amount: Some(comes), ..new.clone() },
            ];
            let made = Made {
                source: Source::Instead,
                way: Some(way),
                pattern: Some(ListPattern::Swap),
                items: items.to_vec(),
                bare: listed.bare.len(),
                left: 0,
                loose: false,
            };
            let done = lines::done(ListPattern::Swap, &items);
            self.settled(&items, &done, made);
        }
    }
}

/// Something that comes for something that is had, so many of it.
#[derive(Clone, Copy)]
struct Swap<'a> {
    old: &'a SaidItem,
    new: &'a SaidItem,
    had: u32,
}

/// Whether `new` may come for `old`, which the speaker has: it is another variant of it, or a word says that something
/// is exchanged, and what goes is named or nothing else is.
fn comes_for(new: &SaidItem, old: &SaidItem, items: &[SaidItem], swaps: bool) -> bool {
    let same = new.offers == old.offers;
    let kind = new.offers.iter().any(|offer| old.offers.contains(offer));
    if same && (new.variants.is_empty() || new.variants == old.variants) {
        return false;
    }
    let names_old = |item: &SaidItem| {
        let varies = |it: &SaidItem| {
            it.variants.is_empty() || old.variants.iter().any(|v| it.variants.contains(v))
        };
        item != new && item.offers.iter().any(|offer| old.offers.contains(offer)) && varies(item)
    };
    kind && !new.variants.is_empty() || items.iter().any(names_old) || swaps && items.len() == 1
}

fn whole(qty: u32) -> Amount {
    let milli = i64::from(qty) * super::numerals::ONE;
    Amount { milli, measure: None, signed: true, minus: false, vague: false }
}
