//! Pricing (计价): what is to be paid, in what can be paid.

pub mod cuts;
pub mod rounding;
