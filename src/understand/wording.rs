//! Reading a clause: what its words do — verbs, changes, beneficiaries, remarks, and unknown words.
//!
//! ```text
//! remark := lead word*        up to the end of the clause, or to the next goods with an amount
//! ```
//!
//! A word that nobody knows is a name before a verb, a wish after 要, a typing error beside an
//! amount, or else residue.

use super::fuzzy;
use super::goods::{Atom, ClauseReader, Goods, Mode};
use super::opaque::Opaque;
use super::people;
use super::tokens::Kind;
use super::variants;
use super::vocabulary::Cue;

impl ClauseReader<'_, '_, '_> {
    pub(super) fn word(&mut self, cue: Cue) {
        match cue {
            Cue::Particle
                if matches!(self.heard.text.at(self.heard.tokens[self.at].from), '到') =>
            {
                self.range();
                self.at += 1;
            }
            Cue::Want | Cue::Again if self.is_past() => self.residue(),
            Cue::Want => self.want(),
            // 帮我拿, 看下; 公司发了两箱 is no order.
            Cue::CommandGlue
                if "一下给来要拿求码"
                    .contains(self.heard.text.at(self.heard.tokens[self.at].from)) =>
            {
                self.said.wants |= self.is_given_to_me();
                self.at += 1;
            }
            // 是3板: only before what it tells.
            Cue::Is if !self.tells() => self.residue(),
            Cue::Again if self.infix_plus() => self.at += 1,
            Cue::Again => self.mode(Mode::Again),
            // make A1 3; to make bread is something else.
            Cue::Set
                if self.heard.written(self.at, self.at + 1).eq_ignore_ascii_case("make")
                    && !matches!(self.kind(self.at + 1), Some(Kind::Entry(_) | Kind::Code(_))) =>
            {
                self.residue();
            }
            Cue::Set | Cue::Only => self.mode(Mode::Set),
            Cue::Less => self.mode(Mode::Less),
            Cue::Particle if self.reduces_to() => self.reduced_to(),
            Cue::Particle if self.moves_goods() => {
                self.said.handles = true;
                self.at += 1;
            }
            // 来几盒草莓
            Cue::Wh if self.is_some_of_it() => self.observe(Cue::Vague),
            Cue::Drop => self.drop(),
            Cue::Negation | Cue::Not if self.denies_drop().is_some() => self.not_dropped(),
            Cue::Swap => self.mode(Mode::Swap),
            Cue::InsteadOf => self.instead_of(),
            Cue::Question if self.decides() || self.is_polite_form() => self.at += 1,
            Cue::Keep | Cue::Rest => self.mode(Mode::Keep),
            Cue::Each => self.push(Atom::Each),
            Cue::Total => self.push(Atom::Total),
            Cue::And => self.and(),
            Cue::For | Cue::Help => self.beneficiary(),
            Cue::NoteLead if self.denies_goods() => self.no_goods(),
            Cue::NoteLead | Cue::Delivery | Cue::Remark => self.note(),
            Cue::All | Cue::That | Cue::Correct | Cue::Laugh | Cue::Vague => self.observe(cue),
            Cue::Not => self.not(),
            Cue::Me => self.subject(),
            // 黑色L size, 原味口味
            Cue::Variants if matches!(self.said.atoms.last(), Some(Atom::Goods(_))) => self.at += 1,
            Cue::Earlier => self.at += 1,
            Cue::Polite => self.please(),
            Cue::Particle | Cue::Title | Cue::Greeting | Cue::Instead | Cue::Is => {
                self.at += 1;
            }
            _ => self.residue(),
        }
    }

    /// 来点虾 wants some, it does not say how much.
    fn want(&mut self) {
        let word = self.heard.written(self.at, self.at + 1);
        let some = matches!(word, "来点" | "來點" | "整点" | "整點" | "搞点" | "买点" | "買點");
        self.said.vague |= some && matches!(self.kind(self.at + 1), Some(Kind::Entry(_)));
        self.said.wants = true;
        self.at += 1;
    }

    /// 是3板, 是要两盒.
    fn tells(&self) -> bool {
        let told = Kind::Cue(Cue::Want);
        self.said.corrects
            || self.kind(self.at + 1).is_some_and(|kind| {
                kind == told || matches!(kind, Kind::Number(_) | Kind::Entry(_) | Kind::Code(_))
            })
    }

    /// Milk please.
    fn please(&mut self) {
        let please = self.heard.text.at(self.heard.tokens[self.at].from) == 'p';
        self.said.wants |= please && (self.said.has_goods() || self.said.has_amount());
        self.at += 1;
    }

    /// 买了2盒: a verb in the past before goods or an amount tells what was done.
    fn is_past(&self) -> bool {
        let done = |at: usize| matches!(self.heard.text.at(at), '了' | '过' | '咗');
        let end = self.heard.tokens[self.at].to;
        let counted = |n: usize| {
            matches!(self.kind(n), Some(Kind::Number(_) | Kind::Entry(_) | Kind::Code(_)))
        };
        (done(end) && counted(self.at + 2)) || (done(end - 1) && counted(self.at + 1))
    }

    /// 不是不要, 没说不要: how far it is to the refusal that is denied.
    fn denies_drop(&self) -> Option<usize> {
        let speaks = self.kind(self.at + 1) == Some(Kind::Word)
            && matches!(
                self.heard.written(self.at + 1, self.at + 2),
                "说" | "說" | "讲" | "講" | "想"
            );
        let at = self.at + 1 + usize::from(speaks);
        let refusal = self.heard.tokens.get(at).filter(|_| at < self.clause.to)?;
        let refuses = matches!(self.heard.text.at(refusal.from), '不' | '唔' | '冇');
        (refusal.cue() == Some(Cue::Drop) && refuses).then_some(at)
    }

    /// Who denies having refused keeps what there is.
    fn not_dropped(&mut self) {
        self.at = self.denies_drop().unwrap_or(self.at);
        // 不是不要草莓，是要两盒: what follows says how many it really is.
        self.said.corrects |=
            matches!(self.kind(self.at + 1), Some(Kind::Entry(_) | Kind::Code(_)))
                || self.said.has_goods();
        self.mode(Mode::Keep);
    }

    /// "Can I also get two…" asks for goods; the clause is no question.
    fn is_polite_form(&self) -> bool {
        self.heard.text.at(self.heard.tokens[self.at].from).is_ascii()
            && self.at == self.clause.from
            && !self.clause.flags.has(super::clause::Flags::QUESTION)
    }

    /// "Reduce my milk to 1": to, not by.
    fn reduces_to(&self) -> bool {
        self.said.has_mode(Mode::Less)
            && self.heard.written(self.at, self.at + 1).eq_ignore_ascii_case("to")
            && matches!(self.kind(self.at + 1), Some(Kind::Number(_)))
    }

    fn reduced_to(&mut self) {
        self.said.atoms.retain(|atom| *atom != Atom::Mode(Mode::Less));
        self.mode(Mode::Set);
    }

    /// 来几盒草莓 wants some; it asks nothing.
    fn is_some_of_it(&self) -> bool {
        super::clause::is_some_of_it(&self.heard.tokens, self.at, self.heard.text)
    }

    /// Words that are only noted.
    fn observe(&mut self, cue: Cue) {
        self.said.that |= cue == Cue::That;
        self.said.corrects |= cue == Cue::Correct;
        self.said.vague |= cue == Cue::Vague;
        let unit = cue == Cue::Vague && matches!(self.kind(self.at + 1), Some(Kind::Unit(_)));
        self.at += 1 + usize::from(unit);
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

    /// 畀個排骨飯我: what stands between is wanted.
    fn is_given_to_me(&self) -> bool {
        self.heard.text.at(self.heard.tokens[self.at].from) == '给'
            && self.clause.to > self.at + 2
            && self.heard.tokens[self.clause.to - 1].cue() == Some(Cue::Me)
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
        // 退了2盒 tells what was done.
        let end = self.heard.tokens[self.at].to;
        let counted = matches!(self.kind(self.at + 1), Some(Kind::Number(_)));
        if !refuses && self.heard.text.at(end - 1) == '了' && counted {
            return self.residue();
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
        if let Some(next) = self.companion() {
            self.said.people = 2;
            self.at = next;
            return;
        }
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

    /// 我和我妈各要一箱: the speaker and one more, each of whom gets as much. Where 各 stands.
    fn companion(&self) -> Option<usize> {
        if !self.said.atoms.is_empty() || self.cue(self.at + 1) != Some(Cue::And) {
            return None;
        }
        let from = self.at + 2 + usize::from(self.cue(self.at + 2) == Some(Cue::Me));
        let name = self.heard.written(from, from + 1);
        let person = match self.kind(from) {
            Some(Kind::Word) => people::is_name(name),
            Some(Kind::Cue(Cue::Elsewhere)) => people::is_kin(name),
            _ => false,
        };
        match self.kind(from + 1) {
            Some(Kind::Cue(Cue::Each)) if person => Some(from + 1),
            // 我和老公一人一箱
            Some(Kind::Opaque(Opaque::Other))
                if person && self.heard.written(from + 1, from + 2) == "一人" =>
            {
                Some(from + 2)
            }
            _ => None,
        }
    }

    /// 替2单元的周阿姨: where they live stands before the name.
    fn before_name(&self) -> usize {
        if self.kind(self.at + 1) != Some(Kind::Opaque(Opaque::Address)) {
            return self.at;
        }
        let owned = self.cue(self.at + 2) == Some(Cue::Particle);
        let at = self.at + 1 + usize::from(owned);
        let named = self.kind(at + 1) == Some(Kind::Word)
            && people::is_kin(self.heard.written(at + 1, at + 2));
        if named { at } else { self.at }
    }

    /// 给张奶奶订, 帮我妈带, for Mrs Lim.
    fn beneficiary(&mut self) {
        if self.swaps() {
            return self.mode(Mode::Swap);
        }
        match people::beneficiary(self.heard, self.before_name(), self.clause.to) {
            // 给我妈和我各订一箱
            people::For::Somebody { next, .. }
                if self.cue(next) == Some(Cue::And)
                    && self.cue(next + 1) == Some(Cue::Me)
                    && self.cue(next + 2) == Some(Cue::Each) =>
            {
                self.said.people = 2;
                self.at = next + 2;
            }
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
    pub(super) fn note(&mut self) {
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
        // 买草莓送蓝莓 is a promotion.
        let gift = lead == '送' && self.said.has_goods();
        // 买二送一 as well.
        let traded = lead == '送'
            && from >= self.clause.from + 2
            && matches!(self.heard.tokens[from - 1].kind, Kind::Number(_))
            && self.cue(from - 2) == Some(Cue::Want)
            && matches!(self.kind(from + 1), Some(Kind::Number(_)));
        if traded || gift && matches!(self.kind(from + 1), Some(Kind::Entry(_) | Kind::Code(_))) {
            return self.residue();
        }
        // 别买草莓 warns; it is no remark to an order.
        if matches!(lead, '别' | '勿') && verb {
            return self.residue();
        }
        let glued = from > self.clause.from && !self.heard.tokens[from].gap;
        let coded = matches!(self.said.atoms.as_slice(), [Atom::Goods(goods)] if goods.coded);
        self.said.passing |= glued && coded && !self.said.wants;
        let before_goods = !self.said.has_goods() && !self.said.has_amount();
        self.said.handles |= before_goods && self.fetches_goods();
        self.at += 1;
        if before_goods && self.goods_follow_closely() {
            while matches!(
                self.kind(self.at),
                Some(
                    Kind::Cue(Cue::NoteLead | Cue::Delivery)
                        | Kind::Opaque(Opaque::Time | Opaque::Date)
                )
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
    pub(super) fn typo(&mut self) -> bool {
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

    /// "No tomatoes" is no remark to an order of tomatoes.
    fn denies_goods(&self) -> bool {
        self.heard.written(self.at, self.at + 1).eq_ignore_ascii_case("no")
            && matches!(self.kind(self.at + 1), Some(Kind::Entry(_) | Kind::Code(_)))
    }

    /// "No tomatoes after all" takes them off; "no tomatoes" alone tells something.
    fn no_goods(&mut self) {
        let rest = self.heard.text.glyphs[self.heard.tokens[self.at].to..].iter();
        let rest: String = rest.map(|g| g.c).take(80).collect();
        let ends = ["after all", "anymore", "any more"];
        if self.at == self.clause.from && ends.iter().any(|end| rest.contains(end)) {
            return self.mode(Mode::Drop);
        }
        self.residue();
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
    pub(super) fn unknown(&mut self) {
        let name = self.heard.written(self.at, self.at + 1);
        // 虾要活蹦乱跳的: a wish about what was just named.
        let wished = self.at > self.clause.from && self.cue(self.at - 1) == Some(Cue::Want);
        if wished
            && self.said.has_goods()
            && self.heard.text.at(self.heard.tokens[self.at].to) == '的'
        {
            return self.note();
        }
        // 四个大西瓜
        let counted = self.at > self.clause.from
            && matches!(self.heard.tokens[self.at - 1].kind, Kind::Unit(_) | Kind::Number(_));
        if counted
            && matches!(name, "大" | "小" | "好" | "新鲜" | "新鮮" | "big" | "large" | "small")
            && matches!(self.kind(self.at + 1), Some(Kind::Entry(_)))
        {
            self.at += 1;
            return;
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
        // 阳光小区3栋 after an order is where it goes.
        let place = matches!(self.cue(self.at + 1), Some(Cue::NoteLead))
            || matches!(self.kind(self.at + 1), Some(Kind::Opaque(Opaque::Address)));
        if place && self.said.has_amount() && !self.heard.tokens[self.at + 1].gap {
            return self.note();
        }
        // B4 3箱 张三 13800001111: who receives it.
        let phone = matches!(self.kind(self.at + 1), Some(Kind::Opaque(Opaque::Phone)));
        if phone && self.said.has_goods() && self.said.has_amount() {
            return self.note();
        }
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
