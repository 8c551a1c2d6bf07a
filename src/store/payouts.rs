//! Payouts (提现): withdrawals.

pub(in crate::store) mod asked;
pub(in crate::store) mod audit;
pub(in crate::store) mod load;
pub(in crate::store) mod save;
