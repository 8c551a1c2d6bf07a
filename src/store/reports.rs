//! Reports (报表): aggregates, statements and stories.

pub(in crate::store) mod load;
pub mod read;
pub mod story;
