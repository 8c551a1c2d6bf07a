//! Groups (社群): communities, their policy and chats, and one-time codes.

pub mod linking;
pub(in crate::store) mod load;
pub mod read;
