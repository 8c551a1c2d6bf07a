//! Cuts (让价) of lines: how much fits, how much each line takes of it, and what becomes of them when units change.
//!
//! A cut is never more than what a line costs: the base of a line stays at zero or above.

use crate::domain::money::{Currency, Money};
use crate::domain::orders::Line;
use crate::domain::pricing::{Cut, CutReason};

use crate::decide::pricing::rounding::apportion;

/// So much less for these lines together, by their places: each takes its part of what it is paid with. The amount is
/// at most that.
pub fn spread(lines: &mut [Line], places: &[usize], amount: Money, currency: Currency) {
    let rooms: Vec<_> = places.iter().map(|&at| lines[at].base()).collect();
    for (&at, part) in places.iter().zip(apportion(amount, &rooms, currency)) {
        add(&mut lines[at], Cut::of_leader(part, CutReason::Off));
    }
}

/// What lowers a line to this price a unit, with all that was cut of it before; nothing where it costs no more.
#[must_use]
pub fn down_to(line: &Line, price: Money) -> Money {
    let wanted = price.times(line.qty).unwrap_or(line.gross());
    (line.asked() - wanted).min(line.base()).max(Money::ZERO)
}

/// Lower a line to this price a unit.
pub fn lower(line: &mut Line, price: Money) {
    let amount = down_to(line, price);
    add(line, Cut::of_leader(amount, CutReason::Price { units: line.qty }));
}

/// A cut more; of one kind there is one row.
fn add(line: &mut Line, cut: Cut) {
    if cut.amount.is_zero() {
        return;
    }
    match line.cuts.iter_mut().find(|it| it.joins(&cut)) {
        Some(same) => same.amount += cut.amount,
        None => line.cuts.push(cut),
    }
}

/// The units of these lines may be others: what was cut a unit follows them, and no cut is more than there is.
pub fn refit(lines: &mut [Line], currency: Currency) {
    for line in lines.iter_mut().filter(|line| !line.cuts.is_empty()) {
        let (mut left, qty) = (line.gross(), line.qty);
        for cut in &mut line.cuts {
            if let CutReason::Price { units } = &mut cut.reason
                && qty < *units
            {
                let [some, all] = [qty, *units].map(|it| Money::from_minor(i64::from(it)));
                cut.amount = currency.in_cash(cut.amount.portion(some, all));
                *units = qty;
            }
            cut.amount = cut.amount.min(left);
            left -= cut.amount;
        }
        line.cuts.retain(|cut| !cut.amount.is_zero());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::OfferId;
    use proptest::prelude::*;

    fn line(price: i64, qty: u32, discount: i64) -> Line {
        let discount = Money::from_minor(discount);
        Line { discount, ..Line::of(OfferId(1), None, qty, Money::from_minor(price)) }
    }

    #[test]
    fn an_amount_is_spread_by_what_is_paid_and_to_the_cent() {
        let mut lines = [line(1_000, 1, 0), line(1_000, 1, 0), line(1_000, 1, 0)];
        spread(&mut lines, &[0, 1, 2], Money::from_minor(500), Currency::CNY);
        let cuts = lines.each_ref().map(|line| line.cut().minor);
        assert_eq!(cuts, [167, 167, 166]);
        spread(&mut lines, &[2], Money::from_minor(834), Currency::CNY);
        assert_eq!((lines[2].cut().minor, lines[2].base().minor), (1_000, 0));
        assert_eq!(lines[2].cuts.len(), 1, "one row of one kind");
    }

    #[test]
    fn a_price_a_unit_follows_the_units_and_is_never_higher() {
        let mut of = line(3_990, 3, 0);
        lower(&mut of, Money::from_minor(2_590));
        assert_eq!((of.cut().minor, of.base().minor), (4_200, 7_770));
        of.qty = 1;
        refit(std::slice::from_mut(&mut of), Currency::CNY);
        assert_eq!(of.base().minor, 2_590);
        assert_eq!(down_to(&of, Money::from_minor(2_590)), Money::ZERO);
        assert_eq!(down_to(&of, Money::from_minor(9_900)), Money::ZERO);
        of.qty = 0;
        refit(std::slice::from_mut(&mut of), Currency::CNY);
        assert_eq!((of.cuts.len(), of.base().minor), (0, 0));
    }

    proptest! {
        #[test]
        fn no_line_is_paid_with_less_than_nothing(
            prices in proptest::collection::vec((1..9_000i64, 1..9u32, 0..=100i64), 1..6),
            part in 0..=100i64, taiwan in any::<bool>(), fewer in 0..9u32,
        ) {
            let currency = if taiwan { Currency::of("TWD").unwrap() } else { Currency::CNY };
            let step = currency.cash_step().minor;
            let mut lines: Vec<Line> = prices
                .iter()
                .map(|&(price, qty, paid)| {
                    let gross = price * step * i64::from(qty);
                    line(price * step, qty, gross * paid / 100 / step * step)
                })
                .collect();
            let places: Vec<usize> = (0..lines.len()).collect();
            let base: i64 = lines.iter().map(|line| line.base().minor).sum();
            let amount = Money::from_minor(base * part / 100 / step * step);
            spread(&mut lines, &places, amount, currency);
            prop_assert_eq!(lines.iter().map(Line::cut).sum::<Money>(), amount);
            prop_assert!(lines.iter().all(|line| !line.base().is_negative()));
            prop_assert!(lines.iter().all(|line| line.cut().minor % step == 0));
            for line in &mut lines {
                line.qty = line.qty.min(fewer);
                line.discount = Money::ZERO;
            }
            refit(&mut lines, currency);
            prop_assert!(lines.iter().all(|line| !line.base().is_negative()));
        }
    }
}
