//! Referral (归属, 佣金): what promoters have coming.

pub(in crate::store) mod asked;
pub(in crate::store) mod audit;
pub(in crate::store) mod audit_earnings;
pub(in crate::store) mod load;
