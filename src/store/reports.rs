//! Reports (报表): aggregates, statements and stories.

pub(in crate::store) mod counts;
pub(in crate::store) mod load;
pub mod read;
mod sold;
pub mod story;
