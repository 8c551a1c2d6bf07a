//! Which amount goes with which goods, and what is to be done with them.
//!
//! ```text
//! 草莓2盒 蓝莓1盒      amount after
//! 2箱红富士3盒草莓      amount before, if the sentence begins with one
//! A1 B1 各两份         one amount for all before (or after) that have none
//! 2板 改成3板          the amount after 改成 is the one that holds
//! 草莓换成蓝莓2盒       what stands before 换 goes
//! ```
//!
//! A word of change (改成, 不要, 减) acts on the goods after it in its clause, else on those before.

use super::goods::{Amount, Atom, Goods, Mode, SaidClause};
use super::numerals::ONE;

/// Goods with their amount and what is to be done.
#[derive(Clone, Debug)]
pub(super) struct PairedItem {
    pub(super) goods: Goods,
    pub(super) amount: Option<Amount>,
    pub(super) mode: Option<Mode>,
    clause: usize,
    /// The amount was said in an earlier clause: 两份，草莓.
    lent: bool,
}

/// What a message says about goods as a whole.
#[derive(Clone, Debug, Default)]
pub(super) struct Paired {
    pub(super) items: Vec<PairedItem>,
    /// Amounts without goods, with what is to be done.
    pub(super) bare: Vec<(Amount, Option<Mode>)>,
    /// 再, another: more of what may be there already.
    pub(super) again: bool,
    /// Bare numbers that are the price of what they stand beside.
    pub(super) prices: usize,
    /// Amounts that cannot be placed, or a total that does not agree.
    pub(super) muddled: bool,
    each: Option<Amount>,
    total: Option<Amount>,
}

/// Pair what the clauses say. `price` tells whether a bare number is the price of the goods.
pub(super) fn pair(clauses: &[&SaidClause<'_>], price: &dyn Fn(&Goods, Amount) -> bool) -> Paired {
    let mut walk = PairWalk {
        all: Paired::default(),
        pending: None,
        now: 0,
        held_in: 0,
        carried: false,
        price,
    };
    for (n, said) in clauses.iter().enumerate() {
        walk.clause(n, said);
    }
    walk.finish()
}

struct PairWalk<'p> {
    all: Paired,
    pending: Option<(Amount, Option<Mode>)>,
    /// The clause in which an amount was held last.
    held_in: usize,
    now: usize,
    /// What is pending comes from an earlier clause.
    carried: bool,
    price: &'p dyn Fn(&Goods, Amount) -> bool,
}

impl PairWalk<'_> {
    fn clause(&mut self, clause: usize, said: &SaidClause<'_>) {
        let first = self.all.items.len();
        (self.carried, self.now) = (self.pending.is_some(), clause);
        // 照旧给我2盒 orders; 草莓2盒照旧 does not.
        let asks = said.wants && said.has_amount();
        if said.has_mode(Mode::Keep) && !said.has_mode(Mode::Set) && !asks {
            return;
        }
        let (mut mode, mut replaces, mut total) = (None, false, false);
        for (n, atom) in said.atoms.iter().enumerate() {
            match atom {
                Atom::Mode(Mode::Again) => self.all.again = true,
                Atom::Mode(new) => {
                    // 照旧给我2盒: two in all.
                    let whole = *new == Mode::Keep && asks && !said.has_mode(Mode::Set);
                    let new = if whole { &Mode::Set } else { new };
                    let goods_follow =
                        said.atoms[n..].iter().any(|atom| matches!(atom, Atom::Goods(_)));
                    (mode, replaces) = self.change(first, *new, mode, goods_follow);
                }
                Atom::Goods(goods) if self.refines(goods, clause, said) => {}
                Atom::Goods(goods) => {
                    self.goods(goods, mode, clause);
                    replaces = false;
                }
                Atom::Amount(amount) if total => {
                    self.total(*amount, first);
                    total = false;
                }
                Atom::Amount(amount) => self.amount(*amount, mode, clause, replaces),
                Atom::Each => self.each(n, said),
                Atom::Total => total = true,
                Atom::Weak => {}
            }
        }
        self.leftover(first);
    }

    /// A word of change: what it does to the goods before it, and what holds from here.
    fn change(
        &mut self,
        first: usize,
        new: Mode,
        old: Option<Mode>,
        follow: bool,
    ) -> (Option<Mode>, bool) {
        let before = &mut self.all.items[first..];
        match new {
            Mode::Set | Mode::Swap if follow => {
                // 把A1换成B2: what stood before goes. 改 with nothing before sets what follows.
                let bare =
                    before.iter_mut().filter(|item| matches!(item.mode, None | Some(Mode::Swap)));
                let mut swapped = false;
                for item in bare {
                    (item.mode, swapped) = (Some(Mode::Drop), true);
                }
                let swap = swapped || old == Some(Mode::Drop) || new == Mode::Swap;
                (Some(if swap { Mode::Swap } else { Mode::Set }), false)
            }
            Mode::Set | Mode::Swap => {
                // A1 A2都改成2: all that are named without an amount.
                let bare = |item: &PairedItem| item.amount.is_none();
                let most = if before.last().is_some_and(bare) { usize::MAX } else { 1 };
                let free = before.iter_mut().rev().filter(|item| item.mode.is_none());
                for item in free.take(most).take_while(|item| most == 1 || bare(item)) {
                    item.mode = Some(Mode::Set);
                    // 888，A1改到明天: what it is set to stands behind.
                    item.amount = item.amount.filter(|_| !item.lent);
                }
                if before.is_empty() && self.pending.is_some() {
                    self.pending = None;
                }
                (Some(Mode::Set), true)
            }
            _ if follow => (Some(new), false),
            _ => {
                // A1+2 A2不要了: what has no amount goes, else all of it.
                let bare = before.last().is_some_and(|item| item.amount.is_none());
                for item in
                    before.iter_mut().rev().take_while(|item| !bare || item.amount.is_none())
                {
                    item.mode = item.mode.or(Some(new));
                }
                if let Some((_, mode @ None)) = &mut self.pending {
                    *mode = Some(new);
                }
                (Some(new), false)
            }
        }
    }

    /// 苹果，红富士的，一箱 and 水饺两袋，白菜猪肉: a clause that says more of what was named before.
    fn refines(&mut self, goods: &Goods, clause: usize, said: &SaidClause<'_>) -> bool {
        let Some(last) = self.all.items.last_mut().filter(|item| item.clause != clause) else {
            return false;
        };
        let within = goods.offers.iter().all(|offer| last.goods.offers.contains(offer));
        let narrows = last.amount.is_none() && last.goods.offers.len() > goods.offers.len();
        let varies = last.goods.parts.is_empty()
            && !goods.parts.is_empty()
            && !goods.coded
            && last.amount.is_some()
            && !said.has_amount();
        // 水饺：白菜猪肉1，韭菜鸡蛋2
        let heads = last.goods.parts.is_empty()
            && !goods.parts.is_empty()
            && !goods.coded
            && last.amount.is_none();
        if !within && heads {
            let common: Vec<u16> = goods
                .offers
                .iter()
                .copied()
                .filter(|offer| last.goods.offers.contains(offer))
                .collect();
            if !common.is_empty() && last.mode.is_none() {
                (last.goods.offers, last.clause) = (common, clause);
                last.goods.parts.extend(&goods.parts);
                return true;
            }
        }
        if !within || last.mode.is_some() || !(narrows || varies || heads) {
            return false;
        }
        last.goods.offers.clone_from(&goods.offers);
        last.goods.parts.extend(&goods.parts);
        last.clause = clause;
        true
    }

    fn goods(&mut self, goods: &Goods, mode: Option<Mode>, clause: usize) {
        let (amount, held) = self.pending.take().unzip();
        // 总共就要三盒草莓
        let mode = mode.or(held.flatten().filter(|mode| *mode == Mode::Set));
        let mut goods = goods.clone();
        // A variant of the clause before's goods, where other goods have one of that name too.
        if let Some(last) = self.all.items.last().filter(|_| !goods.named && !goods.coded) {
            let kept = |offer: &u16| last.goods.offers.contains(offer);
            if goods.offers.iter().any(kept) {
                goods.offers.retain(kept);
            }
        }
        let lent = self.carried && amount.is_some();
        self.all.items.push(PairedItem { goods, amount, mode, clause, lent });
    }

    fn amount(&mut self, amount: Amount, mode: Option<Mode>, clause: usize, replaces: bool) {
        let price = self.price;
        let last = self.all.items.last_mut().filter(|item| item.clause == clause);
        let Some(item) = last else {
            self.hold(amount, mode);
            return;
        };
        // 葡萄换两盒草莓: the amount is of what comes.
        if mode == Some(Mode::Swap) && item.mode == Some(Mode::Drop) {
            self.hold(amount, mode);
            return;
        }
        match item.amount {
            None => {
                item.amount = Some(amount);
                if replaces {
                    self.alike(amount, clause);
                }
            }
            Some(_) if replaces => item.amount = Some(amount),
            Some(old) if price(&item.goods, old) => item.amount = Some(amount),
            Some(_) if price(&item.goods, amount) => self.all.prices += 1,
            Some(_) => self.hold(amount, mode),
        }
    }

    /// The amount that several things named together are set to.
    fn alike(&mut self, amount: Amount, clause: usize) {
        let set = |item: &&mut PairedItem| item.clause == clause && item.mode == Some(Mode::Set);
        for item in self.all.items.iter_mut().filter(set) {
            item.amount = item.amount.or(Some(amount));
        }
    }

    /// Keep an amount for the goods that follow.
    fn hold(&mut self, amount: Amount, mode: Option<Mode>) {
        (self.carried, self.held_in) = (false, self.now);
        if let Some(old) = self.pending.replace((amount, mode)) {
            self.all.bare.push(old);
        }
    }

    fn each(&mut self, n: usize, said: &SaidClause<'_>) {
        let before = n.checked_sub(1).map(|n| &said.atoms[n]);
        let after = said.atoms.get(n + 1);
        if let Some(Atom::Amount(amount)) = after {
            self.all.each = Some(*amount);
        } else if let Some(Atom::Amount(amount)) = before {
            self.all.each = Some(*amount);
            self.pending = None;
        }
    }

    /// 草莓一共3盒 sets; after parts with amounts it is their sum.
    fn total(&mut self, amount: Amount, first: usize) {
        let nothing = self.all.items.is_empty();
        match &mut self.all.items[first..] {
            [only] if only.amount.is_none() => {
                (only.amount, only.mode) = (Some(amount), Some(Mode::Set));
            }
            _ if nothing => self.hold(amount, Some(Mode::Set)),
            _ => self.all.total = Some(amount),
        }
    }

    /// What a clause of amounts alone means for the goods of the clause before: 苹果要冰糖心的，两箱.
    fn leftover(&mut self, first: usize) {
        if self.all.items.len() != first {
            return;
        }
        let Some((amount, mode)) = self.pending else { return };
        if let Some(item) = self.all.items.last_mut()
            && item.amount.is_none()
            && item.mode.is_none_or(|m| m == Mode::Swap || Some(m) == mode)
        {
            item.amount = Some(amount);
            item.mode = item.mode.or(mode);
            self.pending = None;
        }
    }

    fn finish(mut self) -> Paired {
        if let Some(each) = self.all.each {
            if self.all.items.is_empty() {
                self.all.muddled = true;
            }
            for item in self.all.items.iter_mut().filter(|item| item.amount.is_none()) {
                item.amount = Some(each);
            }
        }
        let held_in = self.held_in;
        if let Some((amount, mode)) = self.pending.take() {
            // 两份，草莓
            let mut open = self.all.items.iter_mut().filter(|item| item.amount.is_none());
            match (open.next(), open.next()) {
                // 改到 needs its amount behind it: what was said before is something else.
                (Some(item), None) if item.mode != Some(Mode::Set) || item.clause < held_in => {
                    item.amount = Some(amount);
                }
                _ => self.all.bare.push((amount, mode)),
            }
        }
        self.repeated();
        self.all.muddled |= !self.all.items.is_empty() && !self.all.bare.is_empty();
        self.check_total();
        self.all
    }

    /// 要葡萄和草莓，葡萄一箱，草莓两盒: named first, counted later. And 水饺改成韭菜鸡蛋的 does
    /// not say which of the speaker's 水饺.
    fn repeated(&mut self) {
        let items = &self.all.items;
        let counted: Vec<Vec<u16>> =
            items.iter().filter(|i| i.amount.is_some()).map(|i| i.goods.offers.clone()).collect();
        let swapped: Vec<Vec<u16>> = items
            .iter()
            .filter(|i| i.mode == Some(Mode::Swap) && !i.goods.parts.is_empty())
            .map(|i| i.goods.offers.clone())
            .collect();
        self.all.muddled |= items.iter().any(|item| {
            item.mode == Some(Mode::Drop)
                && item.goods.parts.is_empty()
                && swapped.contains(&item.goods.offers)
        });
        self.all.items.retain(|item| {
            item.amount.is_some()
                || item.mode.is_some()
                || !item.goods.parts.is_empty()
                || !counted.contains(&item.goods.offers)
        });
    }

    fn check_total(&mut self) {
        let Some(total) = self.all.total else { return };
        let sum: i64 = self.all.items.iter().map(|i| i.amount.map_or(ONE, |a| a.milli)).sum();
        let kinds = i64::try_from(self.all.items.len()).unwrap_or(i64::MAX).saturating_mul(ONE);
        // 雞腿飯*3 總共300 is a sum of money.
        let money = total.measure.is_none() && total.milli >= 20 * ONE;
        self.all.muddled |= total.milli != sum && total.milli != kinds && !money;
    }
}
