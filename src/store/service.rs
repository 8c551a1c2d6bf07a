//! Service (售后): cases.

pub(in crate::store) mod asked;
pub(in crate::store) mod audit;
pub(in crate::store) mod load;
pub(in crate::store) mod save;
