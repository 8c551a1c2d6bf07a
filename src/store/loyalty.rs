//! Loyalty (积分, 等级): what members paid lately.

pub(in crate::store) mod asked;
pub(in crate::store) mod load;
