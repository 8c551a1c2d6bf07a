//! Days (日子): spans of a community's calendar, and what was sold on them.

use std::ops::{Add, AddAssign, Sub};

use chrono::{Datelike, Days, Months, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::domain::money::Money;
use crate::domain::orders::{Line, Order, OrderState};

use super::DayRange;

/// What is counted of a day. Orders count on the day they were placed, money on the day it moved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayTotals {
    /// Orders that were not cancelled.
    pub orders: i64,
    /// Their units, less those refunded.
    pub units: i64,
    /// What they come to in money, less what was refunded.
    pub sold: Money,
    /// Money taken, less what was given back of unpaid orders.
    pub paid: Money,
    /// Money of paid orders that went back.
    pub refunded: Money,
}

/// One day and what was sold on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SoldDay {
    /// The day.
    pub day: NaiveDate,
    /// What is counted of it.
    #[serde(flatten)]
    pub count: DayTotals,
}

/// Days as people name them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct DaySpan {
    /// Days, weeks or months.
    pub kind: CalendarUnit,
    /// So many of them ago; 0 is this one.
    pub ago: u8,
}

/// How long a span is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CalendarUnit {
    /// One day.
    Day,
    /// A week from Monday on.
    Week,
    /// A month of the calendar.
    Month,
}

impl DaySpan {
    /// So many days ago.
    #[must_use]
    pub const fn day(ago: u8) -> Self {
        Self { kind: CalendarUnit::Day, ago }
    }

    /// Its days, up to today at most.
    #[must_use]
    pub fn days(self, today: NaiveDate) -> DayRange {
        let ago = u32::from(self.ago);
        let back = |day: NaiveDate, days: u32| {
            day.checked_sub_days(Days::new(u64::from(days))).unwrap_or(NaiveDate::MIN)
        };
        let since = match self.kind {
            CalendarUnit::Day => back(today, ago),
            CalendarUnit::Week => back(today, today.weekday().num_days_from_monday() + 7 * ago),
            CalendarUnit::Month => {
                let first = today.with_day(1).unwrap_or(today);
                first.checked_sub_months(Months::new(ago)).unwrap_or(NaiveDate::MIN)
            }
        };
        let next = match self.kind {
            CalendarUnit::Day => since.checked_add_days(Days::new(1)),
            CalendarUnit::Week => since.checked_add_days(Days::new(7)),
            CalendarUnit::Month => since.checked_add_months(Months::new(1)),
        };
        let last = next.and_then(|next| next.pred_opt()).unwrap_or(today);
        DayRange { since, until: last.min(today) }
    }
}

impl DayTotals {
    /// What an order adds to the day it was placed on.
    #[must_use]
    pub fn of(order: &Order) -> Self {
        if order.state == OrderState::Cancelled {
            return Self::default();
        }
        let units = order.lines.iter().map(|line| i64::from(line.live_qty())).sum();
        let sold = order.lines.iter().map(Line::kept).sum();
        Self { orders: 1, units, sold, ..Self::default() }
    }
}

impl Add for DayTotals {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            orders: self.orders + other.orders,
            units: self.units + other.units,
            sold: self.sold + other.sold,
            paid: self.paid + other.paid,
            refunded: self.refunded + other.refunded,
        }
    }
}

impl Sub for DayTotals {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self {
            orders: self.orders - other.orders,
            units: self.units - other.units,
            sold: self.sold - other.sold,
            paid: self.paid - other.paid,
            refunded: self.refunded - other.refunded,
        }
    }
}

impl AddAssign for DayTotals {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_days_of_the_calendar_up_to_today() {
        let today: NaiveDate = "2026-03-04".parse().unwrap(); // a Wednesday
        let check = |kind, ago, since: &str, until: &str| {
            let days = DaySpan { kind, ago }.days(today);
            let expected = (since.parse().unwrap(), until.parse().unwrap());
            assert_eq!((days.since, days.until), expected, "{kind:?} {ago}");
        };
        check(CalendarUnit::Day, 0, "2026-03-04", "2026-03-04");
        check(CalendarUnit::Day, 4, "2026-02-28", "2026-02-28");
        check(CalendarUnit::Week, 0, "2026-03-02", "2026-03-04");
        check(CalendarUnit::Week, 1, "2026-02-23", "2026-03-01");
        check(CalendarUnit::Month, 0, "2026-03-01", "2026-03-04");
        check(CalendarUnit::Month, 1, "2026-02-01", "2026-02-28");
        check(CalendarUnit::Month, 3, "2025-12-01", "2025-12-31");
    }
}
