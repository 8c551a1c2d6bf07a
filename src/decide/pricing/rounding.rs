//! Rounding (凑整): what the lines of an order earn comes to what can be paid.
//!
//! Where only whole steps are paid (a dollar in Taiwan), each line on its own would lose up to a step. So what
//! one promoter earns on one level is rounded down once, over the whole order, and each line has what the sum up
//! to it has gained: the cumulative rule. After refunds the same rule says how much of it stays.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::ids::MemberId;
use crate::domain::money::{Currency, Money, Rate};
use crate::domain::orders::{Commission, Line, Terms};

/// Sums are exact to so many parts of the smallest unit.
const PARTS: i128 = 10_000;

/// What somebody earns on lines so far: exactly, in parts, and what they were given of it.
#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    exact: i128,
    given: Money,
}

impl Sum {
    /// What is still to be given of it.
    fn owed(self, currency: Currency) -> Money {
        currency.in_cash(whole(self.exact)) - self.given
    }
}

fn whole(parts: i128) -> Money {
    Money::from_minor(i64::try_from(parts / PARTS).unwrap_or(i64::MAX))
}

/// Share out an amount in proportion to what each has room for, in whole steps: the largest remainders take what
/// rounding leaves over, the first of equals first. Nobody gets more than there is room for.
///
/// The rooms are not negative and come to the amount at least; where they do not, the rest is nobody's.
#[must_use]
pub fn apportion(amount: Money, rooms: &[Money], currency: Currency) -> Vec<Money> {
    let all: Money = rooms.iter().copied().sum();
    let step = currency.cash_step();
    let mut parts: Vec<_> =
        rooms.iter().map(|&room| currency.in_cash(amount.portion(room, all))).collect();
    let lost = |index: usize| {
        let exact = i128::from(amount.minor) * i128::from(rooms[index].minor);
        exact - i128::from(parts[index].minor) * i128::from(all.minor)
    };
    let mut order: Vec<_> = (0..rooms.len()).map(|index| (lost(index), index)).collect();
    order.sort_by_key(|&(lost, index)| (std::cmp::Reverse(lost), index));
    let mut left = amount - parts.iter().copied().sum();
    // One step each, and only where rooms are no whole steps more than one.
    for most in [step, amount] {
        for &(_, index) in &order {
            let more = most.min(left).min(rooms[index] - parts[index]).max(Money::ZERO);
            parts[index] += more;
            left -= more;
        }
    }
    parts
}

/// Count anew what the lines of an unpaid order earn. Both levels of a line together stay within its base, and
/// over the order within what their terms allow; what is left over stays with the shop.
pub fn reprice(lines: &mut [Line], currency: Currency) {
    for level in 0..2 {
        let mut sums: BTreeMap<MemberId, Sum> = BTreeMap::new();
        for line in lines.iter_mut() {
            let (exact, room) = (exact(line, level), room(line, level, currency));
            let Some(share) = &mut line.shares[level] else { continue };
            if is_fine(currency) {
                share.amount = whole(exact);
                continue;
            }
            let sum = sums.entry(share.promoter).or_default();
            sum.exact += exact;
            share.amount = sum.owed(currency).min(room);
            sum.given += share.amount;
        }
        give_rest(lines, level, &mut sums, currency);
    }
}

/// Lines that had no room for their step left it to be given where there is some.
fn give_rest(
    lines: &mut [Line],
    level: usize,
    sums: &mut BTreeMap<MemberId, Sum>,
    currency: Currency,
) {
    for line in lines {
        let room = room(line, level, currency);
        let Some(share) = &mut line.shares[level] else { continue };
        let Some(sum) = sums.get_mut(&share.promoter) else { continue };
        let more = sum.owed(currency).min(room - share.amount).max(Money::ZERO);
        share.amount += more;
        sum.given += more;
    }
}

/// Whether the smallest unit can be paid: then each line is rounded on its own, and loses less than one.
fn is_fine(currency: Currency) -> bool {
    currency.cash_step().minor == 1
}

/// What a line may give a level at most: of its base, what the level above left.
fn room(line: &Line, level: usize, currency: Currency) -> Money {
    let above = line.shares[..level].iter().flatten().map(|share| share.amount).sum();
    currency.in_cash(line.base() - above).max(Money::ZERO)
}

/// What a line earns on one level, in parts. Points paid a part of the price, so a fixed amount shrinks with
/// what was paid in money: else two levels could take more than the cap, or more than there is.
fn exact(line: &Line, level: usize) -> i128 {
    let Some(share) = &line.shares[level] else { return 0 };
    let (base, gross) = (i128::from(line.base().minor), i128::from(line.gross().minor));
    match share.terms {
        Terms::Rate(rate) => base * i128::from(rate.bps) * PARTS / i128::from(Rate::WHOLE_BPS),
        Terms::Fixed(_) if gross <= 0 => 0,
        Terms::Fixed(each) => {
            let fixed = i128::from(each.times(line.qty).unwrap_or(line.gross()).minor);
            (fixed * base * PARTS / gross).min(base * PARTS)
        }
    }
}

/// What stays of each share after what was refunded of its line: the cumulative target. A promoter's whole
/// lines stay whole, and those that were refunded in part share what their parts come to.
#[must_use]
pub fn targets(lines: &[Line], currency: Currency) -> Vec<[Money; 2]> {
    let mut targets: Vec<_> = lines.iter().map(|line| each(line, currency)).collect();
    if is_fine(currency) {
        return targets;
    }
    for (level, promoter) in earners(lines) {
        for (index, part) in shared(lines, level, promoter, currency) {
            targets[index][level] = part;
        }
    }
    targets
}

/// Who earns on which level.
fn earners(lines: &[Line]) -> BTreeSet<(usize, MemberId)> {
    let shares = lines.iter().flat_map(|line| line.shares.iter().enumerate());
    shares.filter_map(|(level, share)| Some((level, share.as_ref()?.promoter))).collect()
}

/// What stays with a promoter of the lines that were refunded in part, by the place of the line. Orders from
/// before this rule keep to theirs: cents, or less than the sum comes to.
fn shared(
    lines: &[Line],
    level: usize,
    promoter: MemberId,
    currency: Currency,
) -> Vec<(usize, Money)> {
    let mut sum = Sum::default();
    let mut left = Vec::new();
    let (mut kept, mut is_whole) = (Money::ZERO, true);
    for (index, line) in lines.iter().enumerate() {
        let share = line.shares[level].filter(|it| it.promoter == promoter);
        let Some(share) = share.filter(|_| !line.refunded.is_zero()) else { continue };
        let (base, rest) = (line.base().minor, (line.base() - line.refunded).minor);
        sum.exact +=
            i128::from(share.amount.minor) * i128::from(rest) * PARTS / i128::from(base.max(1));
        let part = sum.owed(currency);
        sum.given += part;
        left.push((index, part));
        kept += share.amount - share.reversed;
        is_whole &= currency.in_cash(share.amount) == share.amount;
    }
    if is_whole && sum.given <= kept { left } else { Vec::new() }
}

/// The targets of a line on its own.
fn each(line: &Line, currency: Currency) -> [Money; 2] {
    let target = |share: &Commission| share.target(line.base(), line.refunded, currency);
    line.shares.each_ref().map(|share| share.as_ref().map_or(Money::ZERO, target))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::OfferId;
    use proptest::prelude::*;

    fn taiwan() -> Currency {
        Currency::of("TWD").unwrap()
    }

    fn line(price: i64, qty: u32, shares: [Option<(i64, Terms)>; 2]) -> Line {
        let share = |(promoter, terms)| Commission {
            promoter: MemberId(promoter),
            terms,
            amount: Money::ZERO,
            reversed: Money::ZERO,
        };
        Line {
            offer: OfferId(1),
            variant: None,
            qty,
            price: Money::from_minor(price),
            cuts: Vec::new(),
            discount: Money::ZERO,
            refunded_qty: 0,
            restocked: 0,
            refunded: Money::ZERO,
            refunded_amount: Money::ZERO,
            shares: shares.map(|it| it.map(share)),
            message: None,
            collected_at: None,
        }
    }

    fn rate(bps: u16) -> Terms {
        Terms::Rate(Rate { bps })
    }

    fn amounts(lines: &[Line], level: usize) -> Vec<i64> {
        lines.iter().filter_map(|line| Some(line.shares[level]?.amount.minor)).collect()
    }

    #[test]
    fn two_lines_do_not_lose_a_dollar_each() {
        let of = |price, qty| line(price, qty, [Some((1, rate(300))), None]);
        let mut lines = [of(68_500, 3), of(9_300, 1)]; // 61.65 and 2.79
        reprice(&mut lines, taiwan());
        assert_eq!(amounts(&lines, 0), [6_100, 300]);
        reprice(&mut lines, Currency::CNY);
        assert_eq!(amounts(&lines, 0), [6_165, 279]);
    }

    #[test]
    fn each_promoter_is_rounded_by_themselves() {
        let of = |promoter| line(1_000, 1, [Some((promoter, rate(600))), None]);
        let mut lines = [of(1), of(2), of(1), of(2), of(1)]; // 0.60 each
        reprice(&mut lines, taiwan());
        assert_eq!(amounts(&lines, 0), [0, 0, 100, 100, 0]);
    }

    #[test]
    fn two_levels_never_take_more_than_a_line_costs() {
        let of = || line(100, 1, [Some((1, rate(5_000))), Some((2, rate(5_000)))]);
        let mut lines = [of(), of(), of(), of()];
        reprice(&mut lines, taiwan());
        assert_eq!(amounts(&lines, 0), [0, 100, 0, 100]);
        assert_eq!(amounts(&lines, 1), [100, 0, 100, 0]);
    }

    #[test]
    fn what_was_frozen_by_other_rules_keeps_to_them() {
        let mut lines = [1, 2].map(|_| line(1_000, 2, [Some((1, rate(600))), None]));
        for line in &mut lines {
            line.shares[0].as_mut().unwrap().amount = Money::from_minor(120); // cents
            line.refunded = Money::from_minor(1_000);
        }
        let kept = targets(&lines, taiwan());
        assert_eq!(kept, [[Money::ZERO, Money::ZERO]; 2], "0.60 each, on its own");
    }

    fn terms() -> impl Strategy<Value = Terms> {
        prop_oneof![
            (0..=5_000_u16).prop_map(rate),
            (0..=500_i64).prop_map(|minor| Terms::Fixed(Money::from_minor(minor))),
        ]
    }

    /// Lines in whole dollars, a part of which points paid, of two promoters on each level.
    fn lines() -> impl Strategy<Value = Vec<Line>> {
        let share = || proptest::option::of((1..=2_i64, terms()));
        let one = (1..500_i64, 1..9_u32, 0..=100_i64, share(), share());
        let line = one.prop_map(|(dollars, qty, points, first, second)| {
            // A fixed amount is within half the price, as the cap would have it.
            let cut = |(promoter, terms)| match terms {
                Terms::Fixed(each) => {
                    (promoter, Terms::Fixed(each.min(Money::from_minor(dollars * 50))))
                }
                rate @ Terms::Rate(_) => (promoter, rate),
            };
            let mut line = line(dollars * 100, qty, [first.map(cut), second.map(cut)]);
            line.discount = taiwan().in_cash(
                line.gross().share(Rate { bps: u16::try_from(points * 100).unwrap_or_default() }),
            );
            line
        });
        proptest::collection::vec(line, 1..7)
    }

    /// What each promoter has on a level, and exactly.
    fn sums(lines: &[Line], level: usize) -> BTreeMap<MemberId, (Money, i128)> {
        let mut sums: BTreeMap<MemberId, (Money, i128)> = BTreeMap::new();
        for line in lines {
            let Some(share) = line.shares[level] else { continue };
            let sum = sums.entry(share.promoter).or_default();
            sum.0 += share.amount;
            sum.1 += exact(line, level);
        }
        sums
    }

    fn refund(line: &mut Line, units: u32) {
        line.refunded_qty = (line.refunded_qty + units).min(line.qty);
        let units = |qty: u32| Money::from_minor(i64::from(qty));
        let paid = line.base().portion(units(line.refunded_qty), units(line.qty));
        line.refunded = taiwan().in_cash(paid);
    }

    /// Take back what the lines say, as a refund does; what that came to for each promoter.
    fn take_back(lines: &mut [Line]) -> BTreeMap<MemberId, Money> {
        let mut taken: BTreeMap<MemberId, Money> = BTreeMap::new();
        let targets = targets(lines, taiwan());
        for (line, targets) in lines.iter_mut().zip(targets) {
            for (share, target) in line.shares.iter_mut().zip(targets) {
                let Some(share) = share else { continue };
                let back = share.amount - target - share.reversed;
                share.reversed += back;
                *taken.entry(share.promoter).or_default() += back;
            }
        }
        taken
    }

    proptest! {
        #[test]
        fn lines_add_up_to_what_the_order_earns(mut lines in lines()) {
            reprice(&mut lines, taiwan());
            for line in &lines {
                let amounts = || line.shares.iter().flatten().map(|share| share.amount);
                prop_assert!(amounts().all(|it| !it.is_negative() && it.minor % 100 == 0));
                prop_assert!(amounts().sum::<Money>() <= line.base());
            }
            for level in 0..2 {
                for (sum, exact) in sums(&lines, level).into_values() {
                    prop_assert_eq!(sum, taiwan().in_cash(whole(exact)));
                }
            }
        }

        #[test]
        fn refunds_in_any_order_end_at_the_same(
            lines in lines(),
            steps in proptest::collection::vec((0..7_usize, 1..4_u32), 0..12),
        ) {
            let mut one_by_one = lines;
            reprice(&mut one_by_one, taiwan());
            let [mut backward, mut at_once] = [one_by_one.clone(), one_by_one.clone()];
            let count = one_by_one.len();
            for &(line, units) in &steps {
                refund(&mut one_by_one[line % count], units);
                for (_, taken) in take_back(&mut one_by_one) {
                    prop_assert!(!taken.is_negative(), "a refund gives nobody commission");
                }
                for share in one_by_one.iter().flat_map(|line| line.shares.iter().flatten()) {
                    prop_assert!(Money::ZERO <= share.reversed && share.reversed <= share.amount);
                    prop_assert_eq!(share.reversed.minor % 100, 0);
                }
            }
            for &(line, units) in steps.iter().rev() {
                refund(&mut backward[line % count], units);
                take_back(&mut backward);
            }
            for &(line, units) in &steps {
                refund(&mut at_once[line % count], units);
            }
            take_back(&mut at_once);
            prop_assert_eq!(&one_by_one, &backward);
            prop_assert_eq!(&one_by_one, &at_once);
            for line in &mut one_by_one {
                refund(line, 99);
            }
            take_back(&mut one_by_one);
            let shares = one_by_one.iter().flat_map(|line| line.shares.iter().flatten());
            for share in shares {
                prop_assert_eq!(share.reversed, share.amount);
            }
        }
    }
}
