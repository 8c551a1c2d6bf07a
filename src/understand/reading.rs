//! Reading a clause: goods, the parts of variants, sizes, numbers with their units and signs.
//!
//! A word of the offers joins what was just named (A1阳光玫瑰, 黑色/M) or begins something new; a
//! variant named alone belongs to the goods named last. A number is a size where the goods come in
//! it (运动鞋38), else an amount: 两斤半, 一斤八两, +2, 2-3盒.

use super::goods::{Amount, Atom, ClauseReader, Goods, Mode};
use super::numerals::{Number, ONE};
use super::opaque::Opaque;
use super::tokens::Kind;
use super::units;
use super::variants;
use super::vocabulary::Cue;

impl ClauseReader<'_, '_, '_> {
    pub(super) fn kind(&self, n: usize) -> Option<Kind> {
        (n < self.clause.to).then(|| self.heard.tokens[n].kind)
    }

    pub(super) fn cue(&self, n: usize) -> Option<Cue> {
        if let Some(Kind::Cue(cue)) = self.kind(n) { Some(cue) } else { None }
    }

    pub(super) fn push(&mut self, atom: Atom) {
        self.said.atoms.push(atom);
        self.at += 1;
    }

    pub(super) fn residue(&mut self) {
        self.said.residue += 1;
        self.said.residue_at.get_or_insert(self.at);
        self.at += 1;
    }

    pub(super) fn step(&mut self) {
        match self.heard.tokens[self.at].kind {
            Kind::Entry(_) | Kind::Code(_) => self.goods(),
            Kind::Number(number) => self.number(number),
            Kind::Plus | Kind::Minus | Kind::Times => self.sign(),
            Kind::Cue(cue) => self.word(cue),
            Kind::Opaque(Opaque::Price(_)) => {
                let by_money = self.heard.text.at(self.heard.tokens[self.at].to) == '的';
                self.said.money |= !self.said.has_goods() || by_money;
                self.at += 1;
            }
            Kind::Unit(measure) => {
                let one = Amount {
                    milli: ONE,
                    measure: Some(measure),
                    signed: false,
                    minus: false,
                    vague: false,
                };
                self.push(Atom::Amount(one));
            }
            Kind::Opaque(Opaque::Other) => self.residue(),
            Kind::Opaque(_) => self.note(),
            Kind::List => self.push(Atom::Weak),
            Kind::Word => self.unknown(),
            _ => self.at += 1,
        }
    }

    /// A word of the offers joins what was just named, or begins something new.
    pub(super) fn goods(&mut self) {
        let token = &self.heard.tokens[self.at];
        let mut new = Goods::default();
        let mut part = None;
        match token.kind {
            Kind::Code(offer) => (new.offers, new.coded) = (vec![offer], true),
            Kind::Entry(id) => {
                let Some(entry) = self.heard.entry(token) else { return self.residue() };
                if let Some(offer) = entry.code {
                    (new.offers, new.coded) = (vec![offer], true);
                } else if !entry.items.is_empty() {
                    (new.offers, new.named) = (entry.items.clone(), true);
                    let c = self.heard.text.at(token.from);
                    new.pictured = super::normalize::is_picture(c);
                }
                if !entry.parts.is_empty() {
                    part = Some(id);
                }
                if new.offers.is_empty() {
                    new.offers.clone_from(&entry.of);
                    new.parts.push(id);
                }
            }
            _ => {}
        }
        self.at += 1;
        self.join(new, part);
    }

    /// Another name of what was just named (A1阳光玫瑰, 苹果要冰糖心的), or a part of its variant.
    pub(super) fn join(&mut self, new: Goods, part: Option<u32>) {
        let stroke = self.after_stroke();
        let target = self.said.atoms.len().checked_sub(1 + usize::from(stroke));
        if let Some(at) = target
            && let Atom::Goods(last) = &mut self.said.atoms[at]
        {
            if let Some(part) = part
                && variants::fits(self.heard.lexicon, last, part)
            {
                variants::narrow(self.heard.lexicon, last, part);
                self.said.atoms.truncate(at + 1);
                return;
            }
            if !stroke && last.merge(&new) {
                return;
            }
        }
        if new.pictured && self.repeats(&new) {
            return;
        }
        self.inherit(new, part);
    }

    /// 黑色/M: the stroke between two parts of a variant.
    pub(super) fn after_stroke(&self) -> bool {
        self.said.atoms.last() == Some(&Atom::Weak)
            && self.at >= 2
            && self.heard.text.at(self.heard.tokens[self.at - 2].from) == '/'
    }

    /// A variant named alone belongs to the offer named last, if that has it.
    pub(super) fn inherit(&mut self, mut new: Goods, part: Option<u32>) {
        if let Some(part) = part
            && !new.coded
        {
            let last = self.said.atoms.iter().rev().find_map(|atom| match atom {
                Atom::Goods(goods) if goods.coded || goods.named || !goods.parts.is_empty() => {
                    Some(goods)
                }
                _ => None,
            });
            let kept: Vec<u16> = last.map_or_else(Vec::new, |goods| {
                let has = |offer: &u16| variants::has(self.heard.lexicon, *offer, part);
                goods.offers.iter().copied().filter(has).collect()
            });
            if !kept.is_empty() {
                let named = last.is_some_and(|goods| goods.named || goods.coded);
                new = Goods { offers: kept, parts: vec![part], named, ..Goods::default() };
            }
        }
        self.said.atoms.push(Atom::Goods(new));
    }

    /// 草莓2盒🍓: the picture repeats the name.
    pub(super) fn repeats(&self, new: &Goods) -> bool {
        self.said.atoms.iter().any(|atom| match atom {
            Atom::Goods(goods) => goods.offers.iter().any(|offer| new.offers.contains(offer)),
            _ => false,
        })
    }

    pub(super) fn number(&mut self, number: Number) {
        if self.size() {
            return;
        }
        // one less loaf
        if self.cue(self.at + 1) == Some(Cue::Less)
            && matches!(self.kind(self.at + 2), Some(Kind::Unit(_) | Kind::Entry(_)))
            && self.heard.text.at(self.heard.tokens[self.at + 1].from).is_ascii()
        {
            self.said.atoms.push(Atom::Mode(Mode::Less));
            let amount = self.fewer(number);
            return self.said.atoms.push(Atom::Amount(amount));
        }
        let amount = self.amount(number, false, false);
        self.said.atoms.push(Atom::Amount(amount));
    }

    /// The amount around a "less", which is passed over.
    fn fewer(&mut self, number: Number) -> Amount {
        let mut amount = Amount {
            milli: number.milli,
            measure: None,
            signed: false,
            minus: false,
            vague: number.vague,
        };
        self.at += 2;
        if let Some(Kind::Unit(measure)) = self.kind(self.at) {
            amount.measure = Some(measure);
            self.at += 1;
        }
        amount
    }

    /// 38 of 运动鞋38: a number that is a part of a variant of the goods before or after it.
    pub(super) fn size(&mut self) -> bool {
        let token = &self.heard.tokens[self.at];
        let Some((end, id)) = self.heard.lexicon.word_at(self.heard.text, token.from) else {
            return false;
        };
        let is_part = self.heard.lexicon.entry_of(id).is_some_and(|e| !e.parts.is_empty());
        if end != token.to || !is_part || matches!(self.kind(self.at + 1), Some(Kind::Unit(_))) {
            return false;
        }
        let Some(Atom::Goods(last)) = self.said.atoms.last_mut() else {
            return self.leading_size(id);
        };
        if !variants::fits(self.heard.lexicon, last, id) {
            return false;
        }
        variants::narrow(self.heard.lexicon, last, id);
        self.at += 1;
        true
    }

    /// 37码白色运动鞋.
    pub(super) fn leading_size(&mut self, id: u32) -> bool {
        let sized = self.kind(self.at + 1).is_some_and(|kind| matches!(kind, Kind::Entry(_)))
            || self.heard.text.at(self.heard.tokens[self.at].to) == '码';
        let Some(entry) = self.heard.lexicon.entry_of(id).filter(|_| sized) else { return false };
        let goods = Goods { offers: entry.of.clone(), parts: vec![id], ..Goods::default() };
        self.push(Atom::Goods(goods));
        true
    }

    /// A number with its unit, a half after it (两斤半) and a second, smaller weight (一斤八两).
    pub(super) fn amount(&mut self, number: Number, signed: bool, minus: bool) -> Amount {
        let mut amount =
            Amount { milli: number.milli, measure: None, signed, minus, vague: number.vague };
        self.at += 1;
        // half a dozen
        if amount.milli == ONE / 2
            && let Some(Kind::Number(Number { milli: ONE, spelled: true, .. })) = self.kind(self.at)
        {
            self.at += 1;
        }
        // 2-3盒, 两到三盒
        if matches!(self.kind(self.at), Some(Kind::Minus))
            && let Some(Kind::Number(_)) = self.kind(self.at + 1)
            && !self.heard.tokens[self.at].gap
        {
            amount.vague = true;
            self.at += 2;
        }
        if matches!(self.kind(self.at), Some(Kind::Cue(Cue::Half))) {
            amount.milli += ONE / 2;
            self.at += 1;
        }
        while let Some(Kind::Unit(measure)) = self.kind(self.at) {
            // half a dozen bottles
            if amount.measure.is_some_and(units::is_dozen) {
                amount.milli = amount.milli.saturating_mul(12);
            }
            amount.measure = Some(measure);
            self.at += 1;
        }
        if amount.measure.is_some() && !self.heard.tokens.get(self.at).is_some_and(|t| t.gap) {
            self.smaller(&mut amount);
        }
        amount
    }

    pub(super) fn smaller(&mut self, amount: &mut Amount) {
        let Some(Kind::Number(next)) = self.kind(self.at) else { return };
        if next.milli == ONE / 2
            && next.spelled
            && !matches!(self.kind(self.at + 1), Some(Kind::Unit(_)))
        {
            amount.milli += ONE / 2;
            self.at += 1;
            return;
        }
        let tael = self.heard.text.at(self.heard.tokens[self.at].to) == '两';
        if tael && next.spelled && next.milli < 10 * ONE {
            amount.milli += next.milli / 10;
            self.at += 1 + usize::from(matches!(self.kind(self.at + 1), Some(Kind::Unit(_))));
        }
    }

    pub(super) fn sign(&mut self) {
        let token = self.heard.tokens[self.at];
        let Some(Kind::Number(number)) = self.kind(self.at + 1) else {
            // 3 x milk
            let counts = matches!(self.said.atoms.last(), Some(Atom::Amount(_)))
                && matches!(self.kind(self.at + 1), Some(Kind::Entry(_) | Kind::Code(_)));
            if token.kind == Kind::Times && counts {
                self.at += 1;
                return;
            }
            if token.kind == Kind::Times && self.at + 1 < self.clause.to {
                return self.residue();
            }
            if token.kind == Kind::Minus {
                self.range();
            }
            return self.push(Atom::Weak);
        };
        // 草莓2盒+蓝莓1盒=158
        let sum = self.heard.text.at(token.from) == '=';
        if sum && matches!(self.said.atoms.last(), Some(Atom::Amount(_))) {
            self.said.atoms.push(Atom::Total);
        }
        let next = self.heard.tokens[self.at + 1];
        let united = matches!(self.kind(self.at + 2), Some(Kind::Unit(_)));
        // "tomatoes - 2 punnets" is a dash, "A1 -2" is not.
        let after_name = matches!(self.said.atoms.last(), Some(Atom::Goods(goods)) if goods.named);
        let dash = token.kind == Kind::Minus && token.gap && next.gap && (united || after_name);
        // 樱桃2盒+1盒蓝莓: a plus between two orders joins them.
        self.at += 1;
        let signed = token.kind != Kind::Minus;
        let amount = self.amount(number, signed, token.kind == Kind::Minus && !dash);
        if token.kind == Kind::Plus && matches!(self.said.atoms.last(), Some(Atom::Amount(_))) {
            self.said.atoms.push(Atom::Weak);
        }
        self.said.atoms.push(Atom::Amount(amount));
    }

    /// A1-A3, A1到B4: a range of codes is not a list of two.
    pub(super) fn range(&mut self) {
        let coded = matches!(self.said.atoms.last(), Some(Atom::Goods(goods)) if goods.coded);
        let next = self.at + 1;
        if coded && matches!(self.kind(next), Some(Kind::Entry(_) | Kind::Code(_))) {
            self.said.range = true;
        }
    }
}
