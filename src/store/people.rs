//! People (会员): members, and all that is kept about one.

pub(in crate::store) mod asked;
pub(in crate::store) mod audit;
pub(in crate::store) mod forget;
pub(in crate::store) mod load;
pub(in crate::store) mod names;
pub mod personal;
pub mod privacy;
pub mod read;
pub(in crate::store) mod save;
