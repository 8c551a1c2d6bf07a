//! Orders (订单) with their lines.

pub(in crate::store) mod asked;
pub(in crate::store) mod audit;
pub(in crate::store) mod load;
pub mod read;
pub(in crate::store) mod save;
