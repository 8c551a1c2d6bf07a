//! What a clause says about goods, piece by piece: [`Atom`]s, with remarks and names taken out.
//!
//! ```text
//! clause := (glue | goods | amount | op | remark | for)*
//! goods  := (name | code | variant part)+        one thing, named in several ways
//! amount := sign? number unit? 半? (number unit)?
//! remark := lead word*                            up to the next goods with an amount
//! for    := (给|帮|替|for) name (verb | end)
//! ```
//!
//! Anything else is *residue*. A clause with residue is never an order: whoever writes an order
//! writes nothing else in the same breath.

use super::clause::{Clause, Heard};
use super::fuzzy;
use super::numerals::{Number, ONE};
use super::opaque::Opaque;
use super::people;
use super::tokens::Kind;
use super::units::Measure;
use super::variants;
use super::vocabulary::Cue;

/// One thing named.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Goods {
    /// Which offers it can be.
    pub(super) offers: Vec<u16>,
    /// Entries of variant parts named with it.
    pub(super) parts: Vec<u32>,
    /// Named by its code.
    pub(super) coded: bool,
    /// Named by name or alias, not only by a variant.
    pub(super) named: bool,
    /// A size or colour was named that nobody offers.
    pub(super) strange: bool,
    /// Perhaps something else with a similar name.
    pub(super) doubtful: bool,
    /// Named only by a picture.
    pub(super) pictured: bool,
}

impl Goods {
    /// Take `new` as a further name of this, if both can mean the same.
    fn merge(&mut self, new: &Self) -> bool {
        let common: Vec<u16> =
            self.offers.iter().copied().filter(|offer| new.offers.contains(offer)).collect();
        if common.is_empty() || !(self.parts.is_empty() || new.parts.is_empty()) {
            return false;
        }
        self.offers = common;
        self.parts.extend(&new.parts);
        self.coded |= new.coded;
        self.named |= new.named;
        self.pictured &= new.pictured;
        true
    }
}

/// A quantity as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Amount {
    /// In thousandths of `measure`.
    pub(super) milli: i64,
    /// `None` for a bare number.
    pub(super) measure: Option<Measure>,
    /// `+`, `x`, `*` stood before it.
    pub(super) signed: bool,
    /// A minus stood before it.
    pub(super) minus: bool,
    /// A range.
    pub(super) vague: bool,
}

/// What to do with the goods that follow (or stand before).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// 再.
    Again,
    /// 改成, 只要.
    Set,
    /// 减.
    Less,
    /// 不要, 取消.
    Drop,
    /// 换.
    Swap,
    /// instead of.
    InsteadOf,
    /// 留着.
    Keep,
}

/// A piece of what is said about goods.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Atom {
    /// Something on offer.
    Goods(Goods),
    /// How many.
    Amount(Amount),
    /// 各.
    Each,
    /// 一共.
    Total,
    /// 改成, 不要….
    Mode(Mode),
    /// 、 or 和.
    Weak,
}

/// What one clause says.
#[derive(Clone, Debug, Default)]
pub(super) struct Said<'t> {
    pub(super) atoms: Vec<Atom>,
    pub(super) notes: Vec<&'t str>,
    pub(super) for_whom: Option<&'t str>,
    /// Tokens that nothing explains.
    pub(super) residue: usize,
    /// The first of them, for names before and after an order.
    pub(super) residue_at: Option<usize>,
    pub(super) wants: bool,
    pub(super) money: bool,
    pub(super) that: bool,
    pub(super) all: bool,
    pub(super) corrects: bool,
    pub(super) laughs: bool,
    pub(super) vague: bool,
    pub(super) range: bool,
    /// A code with a remark right behind it and nothing else: B1车库见.
    pub(super) passing: bool,
}

impl Said<'_> {
    /// Whether goods or an amount occur.
    pub(super) fn has_goods(&self) -> bool {
        self.atoms.iter().any(|atom| matches!(atom, Atom::Goods(_)))
    }
    pub(super) fn has_amount(&self) -> bool {
        self.atoms.iter().any(|atom| matches!(atom, Atom::Amount(_)))
    }
    pub(super) fn has_mode(&self, mode: Mode) -> bool {
        self.atoms.contains(&Atom::Mode(mode))
    }
}

/// Read one clause.
pub(super) fn read<'t>(heard: &Heard<'_, 't>, clause: &Clause) -> Said<'t> {
    let mut reader = Reader { heard, clause, at: clause.from, said: Said::default() };
    while reader.at < clause.to {
        reader.step();
    }
    reader.said
}

struct Reader<'h, 'a, 't> {
    heard: &'h Heard<'a, 't>,
    clause: &'h Clause,
    at: usize,
    said: Said<'t>,
}

impl<'t> Reader<'_, '_, 't> {
    fn kind(&self, n: usize) -> Option<Kind> {
        (n < self.clause.to).then(|| self.heard.tokens[n].kind)
    }

    fn cue(&self, n: usize) -> Option<Cue> {
        if let Some(Kind::Cue(cue)) = self.kind(n) { Some(cue) } else { None }
    }

    fn push(&mut self, atom: Atom) {
        self.said.atoms.push(atom);
        self.at += 1;
    }

    fn residue(&mut self) {
        self.said.residue += 1;
        self.said.residue_at.get_or_insert(self.at);
        self.at += 1;
    }

    fn step(&mut self) {
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
    fn goods(&mut self) {
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
    fn join(&mut self, new: Goods, part: Option<u32>) {
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
    fn after_stroke(&self) -> bool {
        self.said.atoms.last() == Some(&Atom::Weak)
            && self.at >= 2
            && self.heard.text.at(self.heard.tokens[self.at - 2].from) == '/'
    }

    /// A variant named alone belongs to the offer named last, if that has it.
    fn inherit(&mut self, mut new: Goods, part: Option<u32>) {
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
    fn repeats(&self, new: &Goods) -> bool {
        self.said.atoms.iter().any(|atom| match atom {
            Atom::Goods(goods) => goods.offers.iter().any(|offer| new.offers.contains(offer)),
            _ => false,
        })
    }

    fn number(&mut self, number: Number) {
        if self.size() {
            return;
        }
        let amount = self.amount(number, false, false);
        self.said.atoms.push(Atom::Amount(amount));
    }

    /// 38 of 运动鞋38: a number that is a part of a variant of the goods before or after it.
    fn size(&mut self) -> bool {
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
    fn leading_size(&mut self, id: u32) -> bool {
        let sized = self.kind(self.at + 1).is_some_and(|kind| matches!(kind, Kind::Entry(_)))
            || self.heard.text.at(self.heard.tokens[self.at].to) == '码';
        let Some(entry) = self.heard.lexicon.entry_of(id).filter(|_| sized) else { return false };
        let goods = Goods { offers: entry.of.clone(), parts: vec![id], ..Goods::default() };
        self.push(Atom::Goods(goods));
        true
    }

    /// A number with its unit, a half after it (两斤半) and a second, smaller weight (一斤八两).
    fn amount(&mut self, number: Number, signed: bool, minus: bool) -> Amount {
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
            amount.measure = Some(measure);
            self.at += 1;
        }
        if amount.measure.is_some() && !self.heard.tokens.get(self.at).is_some_and(|t| t.gap) {
            self.smaller(&mut amount);
        }
        amount
    }

    fn smaller(&mut self, amount: &mut Amount) {
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

    fn sign(&mut self) {
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
        let next = self.heard.tokens[self.at + 1];
        let united = matches!(self.kind(self.at + 2), Some(Kind::Unit(_)));
        // "tomatoes - 2 punnets" is a dash, "A1 -2" is not.
        let dash = token.kind == Kind::Minus && token.gap && next.gap && united;
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
    fn range(&mut self) {
        let coded = matches!(self.said.atoms.last(), Some(Atom::Goods(goods)) if goods.coded);
        let next = self.at + 1;
        if coded && matches!(self.kind(next), Some(Kind::Entry(_) | Kind::Code(_))) {
            self.said.range = true;
        }
    }

    fn word(&mut self, cue: Cue) {
        match cue {
            Cue::Particle
                if matches!(self.heard.text.at(self.heard.tokens[self.at].from), '到') =>
            {
                self.range();
                self.at += 1;
            }
            Cue::Want => {
                self.said.wants = true;
                self.at += 1;
            }
            // 帮我拿, 看下; 公司发了两箱 is no order.
            Cue::CommandGlue
                if "一下给来要拿求"
                    .contains(self.heard.text.at(self.heard.tokens[self.at].from)) =>
            {
                self.at += 1;
            }
            // 是3板: only before what it tells.
            Cue::Is
                if !matches!(
                    self.kind(self.at + 1),
                    Some(Kind::Number(_) | Kind::Entry(_) | Kind::Code(_))
                ) && !self.said.corrects =>
            {
                self.residue();
            }
            Cue::Again if self.infix_plus() => self.at += 1,
            Cue::Again => self.mode(Mode::Again),
            Cue::Set | Cue::Only => self.mode(Mode::Set),
            Cue::Less => self.mode(Mode::Less),
            Cue::Drop => self.drop(),
            Cue::Swap => self.mode(Mode::Swap),
            Cue::InsteadOf => self.instead_of(),
            Cue::Question if self.decides() => self.at += 1,
            Cue::Keep | Cue::Rest => self.mode(Mode::Keep),
            Cue::Each => self.push(Atom::Each),
            Cue::Total => self.push(Atom::Total),
            Cue::And => self.and(),
            Cue::For | Cue::Help => self.beneficiary(),
            Cue::NoteLead | Cue::Delivery | Cue::Remark => self.note(),
            Cue::All => {
                self.said.all = true;
                self.at += 1;
            }
            Cue::That => {
                self.said.that = true;
                self.at += 1;
            }
            Cue::Correct => {
                self.said.corrects = true;
                self.at += 1;
            }
            Cue::Laugh => {
                self.said.laughs = true;
                self.at += 1;
            }
            Cue::Vague => {
                self.said.vague = true;
                self.at += 1 + usize::from(matches!(self.kind(self.at + 1), Some(Kind::Unit(_))));
            }
            Cue::Not => self.not(),
            Cue::Me => self.subject(),
            // 黑色L size, 原味口味
            Cue::Variants if matches!(self.said.atoms.last(), Some(Atom::Goods(_))) => self.at += 1,
            Cue::Earlier => self.at += 1,
            Cue::Polite | Cue::Particle | Cue::Title | Cue::Greeting | Cue::Instead | Cue::Is => {
                self.at += 1;
            }
            _ => self.residue(),
        }
    }

    fn mode(&mut self, mode: Mode) {
        self.said.wants |= mode == Mode::Again;
        self.push(Atom::Mode(mode));
    }

    /// 2 instead of 3: the amount given up goes; instead of milk: the goods.
    fn instead_of(&mut self) {
        if let Some(Kind::Number(number)) = self.kind(self.at + 1) {
            self.at += 1;
            self.amount(number, false, false);
            return;
        }
        self.said.wants = true;
        self.mode(Mode::InsteadOf);
    }

    /// 还是草莓两盒吧: decided, not asked.
    fn decides(&self) -> bool {
        self.heard.text.at(self.heard.tokens[self.at].from) == '还'
            && !self.clause.flags.has(super::clause::Flags::QUESTION)
    }

    /// A1加2: a plus sign in words.
    fn infix_plus(&self) -> bool {
        let token = &self.heard.tokens[self.at];
        token.to == token.from + 1
            && self.heard.text.at(token.from) == '加'
            && matches!(self.said.atoms.last(), Some(Atom::Goods(_)))
            && matches!(self.kind(self.at + 1), Some(Kind::Number(_)))
    }

    /// 不要 + goods drops them; 不要 + anything unknown is a remark (不要花生).
    fn drop(&mut self) {
        let remark = match self.kind(self.at + 1) {
            Some(Kind::Word) => true,
            Some(Kind::Cue(cue)) => {
                matches!(cue, Cue::Complaint | Cue::Decoy | Cue::NoteLead | Cue::Praise)
            }
            _ => false,
        };
        let refuses = matches!(
            self.heard.text.at(self.heard.tokens[self.at].from),
            '不' | '唔' | '别' | 'w' | 'n'
        );
        if remark && refuses && self.said.has_goods() {
            return self.note();
        }
        self.mode(Mode::Drop);
    }

    /// 跟2份 at the head of a clause wants; between goods it joins.
    fn and(&mut self) {
        if self.swaps() {
            return self.mode(Mode::Swap);
        }
        // 家里还有两板鸡蛋 tells what there is.
        let has = self.heard.text.at(self.heard.tokens[self.at].from + 1) == '有';
        let owner = self.at > self.clause.from
            && matches!(
                self.heard.tokens[self.at - 1].cue(),
                Some(Cue::Me | Cue::NoteLead | Cue::Title)
            );
        let told = matches!(self.said.atoms.last(), Some(Atom::Goods(_)))
            && matches!(self.kind(self.at + 1), Some(Kind::Number(_)));
        if has && (told || (owner && self.said.atoms.is_empty())) {
            return self.residue();
        }
        if self.said.atoms.is_empty() && self.heard.text.at(self.heard.tokens[self.at].from) == '跟'
        {
            self.said.wants = true;
            self.at += 1;
            return;
        }
        self.push(Atom::Weak);
    }

    /// swap milk *for* oat milk, replace A1 *with* A2
    fn swaps(&self) -> bool {
        let goods = |kind| matches!(kind, Some(Kind::Entry(_) | Kind::Code(_) | Kind::Number(_)));
        let last = self.said.atoms.iter().rposition(|atom| matches!(atom, Atom::Mode(Mode::Swap)));
        goods(self.kind(self.at + 1))
            && last.is_some_and(|at| {
                self.said.atoms[at..].iter().any(|atom| matches!(atom, Atom::Goods(_)))
            })
    }

    /// 是3板不是2板: what is denied goes with its amount; what follows (或者) stays.
    fn not(&mut self) {
        if let Some(Kind::Number(number)) = self.kind(self.at + 1) {
            self.at += 1;
            self.amount(number, false, false);
            self.said.corrects = true;
            return;
        }
        self.residue();
    }

    /// 我妈要两盒: somebody of mine, then a verb.
    fn subject(&mut self) {
        if let Some(Kind::Word) = self.kind(self.at + 1)
            && !self.heard.tokens[self.at + 1].gap
            && people::is_kin(self.heard.written(self.at + 1, self.at + 2))
        {
            self.said.for_whom = Some(self.heard.written(self.at + 1, self.at + 2));
            self.at += 2;
            return;
        }
        self.at += 1;
    }

    /// 给张奶奶订, 帮我妈带, for Mrs Lim.
    fn beneficiary(&mut self) {
        if self.swaps() {
            return self.mode(Mode::Swap);
        }
        match people::beneficiary(self.heard, self.at, self.clause.to) {
            people::For::Somebody { name, next } => {
                self.said.for_whom = Some(name);
                self.at = next;
            }
            people::For::Nobody => {
                self.said.wants |= self.cue(self.at) == Some(Cue::Help);
                self.at += 1;
            }
            people::For::Remark => self.note(),
        }
    }

    /// A remark runs to the end of the clause, or to the next goods that have an amount.
    fn note(&mut self) {
        let from = self.at;
        let lead = self.heard.text.at(self.heard.tokens[from].from);
        // reduce milk by 1
        if lead == 'b'
            && self.said.has_mode(Mode::Less)
            && matches!(self.kind(from + 1), Some(Kind::Number(_)))
        {
            self.at += 1;
            return;
        }
        let verb = matches!(self.cue(from + 1), Some(Cue::Want))
            || matches!(self.kind(from + 1), Some(Kind::Entry(_) | Kind::Code(_)));
        // 别买草莓 warns; it is no remark to an order.
        if matches!(lead, '别' | '勿') && verb {
            return self.residue();
        }
        let glued = from > self.clause.from && !self.heard.tokens[from].gap;
        let coded = matches!(self.said.atoms.as_slice(), [Atom::Goods(goods)] if goods.coded);
        self.said.passing |= glued && coded && !self.said.wants;
        let before_goods = !self.said.has_goods() && !self.said.has_amount();
        self.at += 1;
        if before_goods && self.goods_follow_closely() {
            while matches!(
                self.kind(self.at),
                Some(Kind::Cue(Cue::NoteLead | Cue::Delivery))
                    | Some(Kind::Opaque(Opaque::Time | Opaque::Date))
            ) {
                self.at += 1;
            }
            self.said.notes.push(self.heard.written(from, self.at));
            return;
        }
        while self.at < self.clause.to && !self.note_ends(before_goods) {
            self.at += 1;
        }
        let mut start = from;
        while self.cue(start) == Some(Cue::Remark) && start + 1 < self.at {
            start += 1;
        }
        let note = self.heard.written(start, self.at);
        if !note.is_empty() {
            self.said.notes.push(note);
        }
    }

    /// 今天吃了2个西瓜: goods in the same breath as a time, so what lies between is no remark.
    fn goods_follow_closely(&self) -> bool {
        let next = (self.at..self.clause.to).find(|&n| match self.kind(n) {
            Some(Kind::Entry(_) | Kind::Code(_)) => true,
            Some(Kind::Number(_)) => {
                matches!(self.kind(n + 1), Some(Kind::Unit(_) | Kind::Entry(_) | Kind::Code(_)))
            }
            _ => false,
        });
        next.is_some_and(|n| !self.heard.tokens[n].gap)
    }

    fn note_ends(&self, before_goods: bool) -> bool {
        let counted =
            |n: usize| matches!(self.kind(n), Some(Kind::Number(_) | Kind::Plus | Kind::Times));
        let after_count = self.at > 0
            && matches!(self.heard.tokens[self.at - 1].kind, Kind::Unit(_) | Kind::Number(_));
        match self.kind(self.at) {
            Some(Kind::Entry(_) | Kind::Code(_)) => {
                before_goods || counted(self.at + 1) || after_count
            }
            // 明天要2盒草莓
            Some(Kind::Cue(
                Cue::Want | Cue::Again | Cue::Set | Cue::Drop | Cue::Only | Cue::Help,
            )) => before_goods,
            Some(Kind::Number(_)) => {
                let goods_next =
                    |n: usize| matches!(self.kind(n), Some(Kind::Entry(_) | Kind::Code(_)));
                let last = matches!(self.kind(self.at + 1), Some(Kind::Unit(_)))
                    && self.at + 2 == self.clause.to;
                (self.heard.tokens[self.at].gap || before_goods)
                    && (goods_next(self.at + 1)
                        || goods_next(self.at + 2)
                        || (last && !self.said.has_amount()))
            }
            _ => false,
        }
    }

    /// 草梅两盒: an unknown word beside an amount that is almost a name.
    fn typo(&mut self) -> bool {
        let token = self.heard.tokens[self.at];
        let counted =
            matches!(self.kind(self.at + 1), Some(Kind::Number(_) | Kind::Plus | Kind::Times))
                || matches!(self.said.atoms.last(), Some(Atom::Amount(_)))
                || self.said.wants;
        if !counted || self.said.has_goods() || self.heard.guesses.get() == 0 {
            return false;
        }
        self.heard.guesses.set(self.heard.guesses.get() - 1);
        let word: Vec<char> =
            self.heard.text.glyphs[token.from..token.to].iter().map(|g| g.c).collect();
        let (id, sure) = match fuzzy::like(&word, self.heard.lexicon) {
            Some(fuzzy::Like::Slip(id)) => (id, true),
            Some(fuzzy::Like::Maybe(id)) => (id, false),
            None => return false,
        };
        let Some(entry) = self.heard.lexicon.entry_of(id) else { return false };
        let goods =
            Goods { offers: entry.items.clone(), named: true, doubtful: !sure, ..Goods::default() };
        self.push(Atom::Goods(goods));
        true
    }

    /// T恤黑色S: a size that this item does not come in.
    fn wrong_size(&mut self, word: &str) -> bool {
        let size = word.to_ascii_lowercase();
        let like = matches!(size.trim_start_matches(['x', '2', '3', '4', '5']), "s" | "m" | "l")
            && size.len() <= 4;
        match self.said.atoms.last_mut() {
            Some(Atom::Goods(last))
                if like
                    && !variants::matching(
                        self.heard.lexicon,
                        last.offers.first().copied().unwrap_or(u16::MAX),
                        &[],
                    )
                    .is_empty() =>
            {
                last.strange = true;
                true
            }
            _ => false,
        }
    }

    /// An unknown word: a beneficiary before a verb (小王要一份), or residue.
    fn unknown(&mut self) {
        let name = self.heard.written(self.at, self.at + 1);
        // 虾要活蹦乱跳的: a wish about what was just named.
        let wished = self.at > self.clause.from && self.cue(self.at - 1) == Some(Cue::Want);
        if wished
            && self.said.has_goods()
            && self.heard.text.at(self.heard.tokens[self.at].to) == '的'
        {
            return self.note();
        }
        if self.wrong_size(name) {
            self.at += 1;
            return;
        }
        let verb = match self.cue(self.at + 1) {
            Some(Cue::Want) => true,
            Some(Cue::Particle) => self.cue(self.at + 2) == Some(Cue::Want),
            _ => false,
        };
        if self.typo() {
            return;
        }
        if self.said.atoms.is_empty() && verb && people::is_name(name) {
            self.said.for_whom = Some(name);
            self.at += 1;
            return;
        }
        self.residue();
    }
}
