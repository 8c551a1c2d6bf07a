//! Readings of what is not said but understood: goods for amounts alone, amounts for goods alone, and everything from
//! what was said a moment ago.

use super::Voice;
use super::goods::Amount;
use super::items::{SaidItem, SaidList};
use super::lines::{self, ListPattern};
use super::readings::{Made, Proposals, Source};
use super::spans::{How, Span, SpanKind};
use super::units;

impl Proposals<'_, '_, '_, '_> {
    /// What is not said is understood: goods for amounts alone, amounts for goods alone.
    pub(super) fn understood(&mut self, listed: &SaidList) {
        if listed.items.is_empty() {
            self.sizes();
        }
        if listed.items.is_empty() && !self.names_other_code() {
            for &(amount, at) in listed.bare.iter().rev().take(2) {
                self.bare(amount, at, listed);
            }
        } else if listed.items.iter().all(|item| item.amount.is_none()) {
            self.amounts(listed);
        }
    }

    /// A1 x2 where no A1 is on offer is about no other goods.
    fn names_other_code(&self) -> bool {
        let text = self.ground.heard.text;
        let is_code = |span: &Span| {
            let letters = (span.from..text.len()).take_while(|&i| text.at(i).is_ascii_alphabetic());
            let letters = letters.count();
            let begins = span.from == 0 || !text.at(span.from - 1).is_ascii_alphanumeric();
            !matches!(span.what, SpanKind::Named(_))
                && begins
                && (1..=2).contains(&letters)
                && text.at(span.from + letters).is_ascii_digit()
                && !matches!((letters, text.at(span.from)), (1, 'x'))
        };
        self.ground.spans.iter().any(is_code)
    }

    fn bare(&mut self, amount: Amount, at: usize, listed: &SaidList) {
        let scene = self.ground.scene;
        let given = |item: &SaidItem| SaidItem {
            amount: Some(amount),
            amount_at: Some(at),
            ..item.clone()
        };
        let made = |item: &SaidItem, source, pattern| Made {
            source,
            way: None,
            pattern: Some(pattern),
            items: vec![item.clone()],
            bare: listed.bare.len().saturating_sub(1),
            left: 0,
            loose: false,
        };
        let mut asked = Vec::new();
        for held in scene.mine.iter().take(6) {
            let Some(item) = self.held_item(held.offer, held.variant) else { continue };
            let item = given(&item);
            for pattern in [ListPattern::Set, ListPattern::Add, ListPattern::Take] {
                let done = lines::done(pattern, std::slice::from_ref(&item));
                self.settled(
                    std::slice::from_ref(&item),
                    &done,
                    made(&item, Source::Held, pattern),
                );
            }
            asked.push(item);
        }
        // +1 behind what somebody else takes
        let others = self.ground.recent.first().filter(|(voice, _)| *voice == Voice::Other);
        let others = others.iter().flat_map(|(_, listed)| &listed.items).take(2);
        let others = others.map(|item| SaidItem { how: How::Understood, ..item.recalled() });
        let said: Vec<SaidItem> = self.spoken_of().into_iter().take(4).chain(others).collect();
        for item in &said {
            let item = given(item);
            for pattern in [ListPattern::Add, ListPattern::Set] {
                let done = lines::done(pattern, std::slice::from_ref(&item));
                self.settled(
                    std::slice::from_ref(&item),
                    &done,
                    made(&item, Source::Lately, pattern),
                );
            }
        }
        if let [offer] = self.sold_by(amount).as_slice() {
            let item =
                SaidItem { offers: vec![*offer], how: How::Understood, ..SaidItem::default() };
            let item = given(&item);
            let done = lines::done(ListPattern::Add, std::slice::from_ref(&item));
            self.settled(
                std::slice::from_ref(&item),
                &done,
                made(&item, Source::Words, ListPattern::Add),
            );
        }
    }

    /// The offers that an amount alone may be for.
    fn sold_by(&self, amount: Amount) -> Vec<u16> {
        let lexicon = self.ground.heard.lexicon;
        let all = (0..u16::try_from(lexicon.offers().len()).unwrap_or(0)).take(300);
        let telling = amount.measure.is_some_and(|measure| !units::is_generic(measure));
        let sold = |offer: &u16| {
            let units = lexicon.compiled(*offer).map(|it| &it.units);
            units.is_some_and(|units| units::factor(units, amount.measure).is_some())
        };
        if telling || lexicon.offers().len() == 1 { all.filter(sold).collect() } else { Vec::new() }
    }

    /// Goods that were spoken of lately, newest first, each once.
    pub(super) fn spoken_of(&self) -> Vec<SaidItem> {
        let mut all: Vec<SaidItem> = Vec::new();
        for (_, listed) in self.ground.recent.iter().filter(|(voice, _)| *voice != Voice::Other) {
            for item in &listed.items {
                let same = |other: &SaidItem| {
                    other.offers == item.offers && other.variants == item.variants
                };
                if !all.iter().any(same) {
                    all.push(SaidItem { how: How::Understood, ..item.recalled() });
                }
            }
        }
        all
    }

    /// The variants that numbers of the message may be, the last first.
    pub(super) fn sizes_said(&self) -> Vec<Vec<(u16, u16)>> {
        let sized = |span: &Span| match &span.what {
            SpanKind::Amount(counted) if !counted.sizes.is_empty() => Some(counted.sizes.clone()),
            _ => None,
        };
        self.ground.spans.iter().rev().filter_map(sized).take(2).collect()
    }

    /// 那就150: a number alone is the size of what was asked for a moment ago.
    fn sizes(&mut self) {
        for variants in self.sizes_said() {
            let mut offers: Vec<u16> = variants.iter().map(|(offer, _)| *offer).collect();
            offers.dedup();
            let item = SaidItem { offers, variants, how: How::HalfPart, ..SaidItem::default() };
            self.amounts(&SaidList { items: vec![item], ..SaidList::default() });
        }
    }

    /// What was asked for a moment ago, with its amount: goods, or an amount of whatever is named now.
    fn asked(&self) -> Vec<SaidItem> {
        let mut all: Vec<SaidItem> =
            self.spoken_of().into_iter().filter(|said| said.amount.is_some()).take(3).collect();
        let own = self.ground.recent.iter().find(|(voice, _)| *voice == Voice::Me);
        if let Some((_, listed)) = own
            && listed.items.is_empty()
        {
            let bare = listed.bare.iter().take(1);
            all.extend(
                bare.map(|(amount, _)| SaidItem { amount: Some(*amount), ..SaidItem::default() }),
            );
        }
        all
    }

    /// XL: the two pairs that were asked for a moment ago.
    fn amounts(&mut self, listed: &SaidList) {
        for said in &self.asked() {
            let common =
                |item: &SaidItem| item.offers.iter().any(|offer| said.offers.contains(offer));
            let shared = listed.items.iter().all(common);
            // No, the puppy one, same number.
            if !shared && listed.items.len() > 1 {
                continue;
            }
            let given = |item: &SaidItem| {
                let mut item = SaidItem { amount: said.amount, ..item.clone() };
                item.offers.retain(|offer| !shared || said.offers.contains(offer));
                item.variants.retain(|(offer, _)| !shared || said.offers.contains(offer));
                // M, of the grey ones that were asked for
                let both = |variant: &&(u16, u16)| said.variants.contains(variant);
                let both: Vec<_> = item.variants.iter().filter(both).copied().collect();
                if !both.is_empty() {
                    item.variants = both;
                }
                item
            };
            let items: Vec<SaidItem> = listed.items.iter().map(given).collect();
            for pattern in [ListPattern::Add, ListPattern::Set] {
                let done = lines::done(pattern, &items);
                let made = Made {
                    source: Source::Asked,
                    pattern: Some(pattern),
                    items: items.clone(),
                    ..Made::default()
                };
                self.settled(&items, &done, made);
            }
        }
    }

    /// 我也要, 对的: what was said before, by the speaker, the shop or others.
    pub(super) fn echoes(&mut self) {
        for (voice, listed) in self.ground.recent.iter().take(4) {
            let mut items: Vec<SaidItem> = listed.items.iter().map(SaidItem::recalled).collect();
            for item in &mut items {
                if *voice == Voice::Me {
                    self.advised(item);
                }
            }
            let sure: Vec<SaidItem> =
                items.iter().filter(|it| !it.how.is_weak()).cloned().collect();
            self.echo(*voice, &items);
            if sure.len() < items.len() {
                self.echo(*voice, &sure);
            }
        }
    }

    fn echo(&mut self, voice: Voice, items: &[SaidItem]) {
        if items.is_empty() {
            return;
        }
        let done = lines::done(ListPattern::Add, items);
        let made = Made {
            source: Source::Echo,
            pattern: Some(ListPattern::Add),
            items: items.to_vec(),
            left: usize::from(voice == Voice::Other),
            ..Made::default()
        };
        self.settled(items, &done, made);
    }

    /// The variant that the shop named last for goods that were asked for without one.
    fn advised(&self, item: &mut SaidItem) {
        if !item.variants.is_empty() {
            return;
        }
        let bot = self.ground.recent.iter().filter(|(voice, _)| *voice == Voice::Bot);
        let named = bot.flat_map(|(_, listed)| listed.items.iter().rev());
        let fits = |other: &&SaidItem| {
            !other.variants.is_empty() && other.offers.iter().all(|o| item.offers.contains(o))
        };
        if let Some(other) = named.clone().find(fits) {
            item.variants.clone_from(&other.variants);
        }
    }
}
