//! Spreadsheets (表格), in which leaders and operators work: orders and payouts go out, payments, parcels
//! and the bank's results come in, as xlsx or csv.
//!
//! Files and the shop's words only: what a row does is decided like everything else, from an event. No
//! database here. Sheets hold personal data, so a file is for its owner's eyes when it is made.

pub mod amount;
pub mod columns;
#[cfg(test)]
mod fuzz;
pub mod orders;
pub mod parcel;
pub mod payouts;
pub mod statement;
pub mod table;

/// A row that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowFault {
    /// The row, as people count: the heading is row 1.
    pub row: u32,
    /// What is wrong with it.
    pub what: String,
}
