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

use super::goods::{Amount, Atom, Goods, Mode, Said};
use super::numerals::ONE;

/// Goods with their amount and what is to be done.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) goods: Goods,
    pub(super) amount: Option<Amount>,
    pub(super) mode: Option<Mode>,
    /// A verb of ordering stands in its clause.
    pub(super) wanted: bool,
    clause: usize,
}

/// What a message says about goods as a whole.
#[derive(Clone, Debug, Default)]
pub(super) struct Paired {
    pub(super) items: Vec<Item>,
    /// Amounts without goods, with what is to be done.
    pub(super) bare: Vec<(Amount, Option<Mode>)>,
    /// 再, another: more of what may be there already.
    pub(super) again: bool,
    /// Amounts that cannot be placed, or a total that does not agree.
    pub(super) muddled: bool,
    each: Option<Amount>,
    total: Option<Amount>,
}

/// Pair what the clauses say. `price` tells whether a bare number is the price of the goods.
pub(super) fn pair(clauses: &[&Said<'_>], price: &dyn Fn(&Goods, Amount) -> bool) -> Paired {
    let mut walk = Walk { all: Paired::default(), pending: None, price };
    for (n, said) in clauses.iter().enumerate() {
        walk.clause(n, said);
    }
    walk.finish()
}

struct Walk<'p> {
    all: Paired,
    pending: Option<(Amount, Option<Mode>)>,
    price: &'p dyn Fn(&Goods, Amount) -> bool,
}

impl Walk<'_> {
    fn clause(&mut self, clause: usize, said: &Said<'_>) {
        let first = self.all.items.len();
        if said.has_mode(Mode::Keep) && !said.has_mode(Mode::Set) {
            return;
        }
        let (mut mode, mut replaces, mut total) = (None, false, false);
        for (n, atom) in said.atoms.iter().enumerate() {
            match atom {
                Atom::Mode(Mode::Again) => self.all.again = true,
                Atom::Mode(new) => {
                    let goods_follow =
                        said.atoms[n..].iter().any(|atom| matches!(atom, Atom::Goods(_)));
                    (mode, replaces) = self.change(first, *new, mode, goods_follow);
                }
                Atom::Goods(goods) => {
                    self.goods(goods, mode, clause, said.wants);
                    replaces = false;
                }
                Atom::Amount(amount) if total => {
                    self.total(*amount, first);
                    total = false;
                }
                Atom::Amount(amount) => self.amount(*amount, mode, (clause, replaces)),
                Atom::Each => self.each(n, said),
                Atom::Total => total = true,
                Atom::Weak | Atom::Strong => {}
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
                let bare = before.iter_mut().filter(|item| item.mode.is_none());
                let mut swapped = false;
                for item in bare {
                    (item.mode, swapped) = (Some(Mode::Drop), true);
                }
                let swap = swapped || old == Some(Mode::Drop) || new == Mode::Swap;
                (Some(if swap { Mode::Swap } else { Mode::Set }), false)
            }
            Mode::Set | Mode::Swap => {
                if let Some(last) = before.iter_mut().rev().find(|item| item.mode.is_none()) {
                    last.mode = Some(Mode::Set);
                }
                if before.is_empty() && self.pending.is_some() {
                    self.pending = None;
                }
                (Some(Mode::Set), true)
            }
            _ if follow => (Some(new), false),
            _ => {
                for item in before.iter_mut().filter(|item| item.mode.is_none()) {
                    item.mode = Some(new);
                }
                if let Some((_, mode @ None)) = &mut self.pending {
                    *mode = Some(new);
                }
                (Some(new), false)
            }
        }
    }

    fn goods(&mut self, goods: &Goods, mode: Option<Mode>, clause: usize, wanted: bool) {
        let amount = self.pending.take().map(|(amount, _)| amount);
        self.all.items.push(Item { goods: goods.clone(), amount, mode, wanted, clause });
    }

    fn amount(&mut self, amount: Amount, mode: Option<Mode>, (clause, replaces): (usize, bool)) {
        let price = self.price;
        let last = self.all.items.last_mut().filter(|item| item.clause == clause);
        let Some(item) = last else {
            self.hold(amount, mode);
            return;
        };
        match item.amount {
            None => item.amount = Some(amount),
            Some(_) if replaces => item.amount = Some(amount),
            Some(old) if price(&item.goods, old) => item.amount = Some(amount),
            Some(_) if price(&item.goods, amount) => {}
            Some(_) => self.hold(amount, mode),
        }
    }

    /// Keep an amount for the goods that follow.
    fn hold(&mut self, amount: Amount, mode: Option<Mode>) {
        if let Some(old) = self.pending.replace((amount, mode)) {
            self.all.bare.push(old);
        }
    }

    fn each(&mut self, n: usize, said: &Said<'_>) {
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
        if let Some((amount, mode)) = self.pending.take() {
            // 两份，草莓
            let mut open = self.all.items.iter_mut().filter(|item| item.amount.is_none());
            match (open.next(), open.next()) {
                (Some(item), None) => item.amount = Some(amount),
                _ => self.all.bare.push((amount, mode)),
            }
        }
        self.all.muddled |= !self.all.items.is_empty() && !self.all.bare.is_empty();
        self.check_total();
        self.all
    }

    fn check_total(&mut self) {
        let Some(total) = self.all.total else { return };
        let sum: i64 = self.all.items.iter().map(|i| i.amount.map_or(ONE, |a| a.milli)).sum();
        let kinds = i64::try_from(self.all.items.len()).unwrap_or(i64::MAX).saturating_mul(ONE);
        self.all.muddled |= total.milli != sum && total.milli != kinds;
    }
}
