//! Statements (账单): money that came, as a bank or a wallet tells it, and the orders that it is for.

use chrono::{NaiveDate, NaiveTime};
use serde::{Deserialize, Serialize};

use crate::domain::ids::OrderId;
use crate::domain::money::Money;

/// A time on a statement's own calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SaidInstant {
    /// The day.
    pub day: NaiveDate,
    /// The time of day, where it is said.
    pub time: Option<NaiveTime>,
}

/// Money that came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IncomingLine {
    /// The row of the file, as people count.
    pub row: u32,
    /// When, where that can be read.
    pub at: Option<SaidInstant>,
    /// Who paid, as the statement calls them.
    pub payer: String,
    /// Their account, or what is shown of it.
    pub account: String,
    /// What they wrote, and what the statement says it is for.
    pub words: String,
    /// How much.
    pub amount: Money,
    /// By what the row is known again: its transaction number, or all of it.
    pub print: i64,
}

/// What a row comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LineVerdict {
    /// It was booked from a statement before.
    Known,
    /// It is for these orders, each with its part.
    Matched {
        /// Which.
        parts: Vec<(OrderId, Money)>,
        /// How that is known.
        by: MatchSign,
    },
    /// It may be for one of these; a person has to say. None: it names an order that waits for no money.
    Unsure(Vec<OrderId>),
    /// It is for no order that waits for money.
    Nobodys,
}

/// By what a row is known to be for an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MatchSign {
    /// The order's number.
    Reference,
    /// The amount, and last digits that its buyer told.
    Digits,
    /// The amount, and the buyer's name.
    Name,
    /// The amount, and that its buyer alone says to have paid.
    Claim,
}

/// A matched part of a row, to be booked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatementRow {
    /// The row of the file.
    pub row: u32,
    /// The order.
    pub order: OrderId,
    /// How much of it is for that.
    pub amount: Money,
    /// By what the row is known again.
    pub print: i64,
}
