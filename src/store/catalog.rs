//! The catalog (商品): offers with their stock.

pub(in crate::store) mod audit;
pub(in crate::store) mod load;
pub mod read;
pub(in crate::store) mod save;
