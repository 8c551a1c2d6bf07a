//! Money: whole minor units (分, cents), no floats, no silent rounding.
//!
//! A shop trades in one currency per community, so amounts carry no tag; the ledger keeps the
//! currency in a column beside them. What is known of currencies stands in [`currency`].

pub mod currency;

use serde::{Deserialize, Serialize};

pub use currency::{Currency, MAX_PRICE_UNITS};

/// An amount in minor units. Negative in postings and after claw-backs only.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Money {
    /// Minor units.
    pub minor: i64,
}

/// A share of an amount, in basis points: [`Rate::WHOLE_BPS`] is all of it.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Rate {
    /// Basis points, 0 to 10,000.
    pub bps: u16,
}

/// Why a text is no amount of money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AmountFault {
    /// It is none, or may be several: `12,5`.
    Unclear,
    /// It is marked as another currency's.
    Foreign,
    /// Finer than anybody can pay: half a yen.
    TooFine,
    /// More digits than any amount has.
    TooMuch,
}

const OUT_OF_RANGE: &str = "a sum of money beyond the range of i64";

impl Money {
    /// Nothing.
    pub const ZERO: Self = Self { minor: 0 };

    /// An amount of so many minor units.
    #[must_use]
    pub const fn from_minor(minor: i64) -> Self {
        Self { minor }
    }

    /// The part of this amount that `rate` names, rounded towards zero: the shares of one amount
    /// never add up to more than the amount.
    #[must_use]
    pub fn share(self, rate: Rate) -> Self {
        let (rate, whole) = (i64::from(rate.bps), i64::from(Rate::WHOLE_BPS));
        // Whole parts first, so the product cannot overflow.
        Self { minor: self.minor / whole * rate + self.minor % whole * rate / whole }
    }

    /// ⌊self × part / whole⌋ for amounts that are not negative: the cumulative target of a refund.
    /// A `whole` of zero gives zero.
    #[must_use]
    pub fn portion(self, part: Self, whole: Self) -> Self {
        if whole.minor <= 0 {
            return Self::ZERO;
        }
        let exact = i128::from(self.minor) * i128::from(part.minor) / i128::from(whole.minor);
        Self { minor: i64::try_from(exact).unwrap_or(i64::MAX) }
    }

    /// `count` times this amount, or `None` beyond the range of `i64`.
    #[must_use]
    pub fn times(self, count: u32) -> Option<Self> {
        Some(Self { minor: self.minor.checked_mul(i64::from(count))? })
    }

    /// Whether this is less than nothing.
    #[must_use]
    pub const fn is_negative(self) -> bool {
        self.minor < 0
    }

    /// Whether this is nothing.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.minor == 0
    }
}

// Arithmetic stops at the range of `i64` instead of going around it: the event is parked and a person
// looks, where a wrong sum would have been booked. What people can say is bounded far below (prices,
// quantities, baskets and payments each), so this is for what nobody thought of.

impl std::ops::Add for Money {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self { minor: self.minor.checked_add(other.minor).expect(OUT_OF_RANGE) }
    }
}

impl std::ops::Sub for Money {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self { minor: self.minor.checked_sub(other.minor).expect(OUT_OF_RANGE) }
    }
}

impl std::ops::Neg for Money {
    type Output = Self;
    fn neg(self) -> Self {
        Self { minor: self.minor.checked_neg().expect(OUT_OF_RANGE) }
    }
}

impl std::ops::AddAssign for Money {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl std::ops::SubAssign for Money {
    fn sub_assign(&mut self, other: Self) {
        *self = *self - other;
    }
}

impl std::iter::Sum for Money {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, |sum, amount| sum + amount)
    }
}

impl Rate {
    /// One hundred per cent.
    pub const WHOLE_BPS: u16 = 10_000;

    /// A rate of so many basis points, or `None` beyond the whole.
    #[must_use]
    pub const fn from_bps(bps: u16) -> Option<Self> {
        if bps <= Self::WHOLE_BPS { Some(Self { bps }) } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn shares_never_exceed_the_whole(minor in 0..i64::MAX, first in 0..=10_000u16) {
            let whole = Money::from_minor(minor);
            let second = Rate::WHOLE_BPS - first;
            let both = whole.share(Rate { bps: first }) + whole.share(Rate { bps: second });
            prop_assert!(both <= whole);
        }

        #[test]
        fn a_portion_is_monotonic_and_ends_at_the_whole(
            amount in 0..1_000_000i64, base in 1..1_000_000i64, part in 0..1_000_000i64,
        ) {
            let (amount, base) = (Money::from_minor(amount), Money::from_minor(base));
            let part = Money::from_minor(part % (base.minor + 1));
            prop_assert!(amount.portion(part, base) <= amount);
            prop_assert_eq!(amount.portion(base, base), amount);
        }
    }

    #[test]
    fn a_sum_out_of_range_is_never_taken_for_a_small_one() {
        let (most, least) = (Money::from_minor(i64::MAX), Money::from_minor(i64::MIN));
        let one = Money::from_minor(1);
        let sums: [fn(Money, Money, Money) -> Money; 5] = [
            |most, _, one| most + one,
            |_, least, one| least - one,
            |_, least, _| -least,
            |most, _, one| [most, one].into_iter().sum(),
            |mut most, _, one| {
                most += one;
                most
            },
        ];
        for sum in sums {
            let stopped = std::panic::catch_unwind(|| sum(most, least, one)).unwrap_err();
            let why = stopped.downcast_ref::<String>().map(String::as_str);
            let why = why.or_else(|| stopped.downcast_ref::<&str>().copied());
            assert_eq!(why, Some(OUT_OF_RANGE), "by our own check, so in a release as well");
        }
    }

    #[test]
    fn a_share_is_rounded_towards_zero() {
        assert_eq!(Money::from_minor(999).share(Rate { bps: 300 }), Money::from_minor(29));
    }
}
