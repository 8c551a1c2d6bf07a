//! The shop's facts in Postgres: one file per family of tables, and the server they live in.
//!
//! Decides nothing. The engine begins and commits transactions; functions here borrow them. Every
//! statement of a batch names its lane and takes whole columns (`unnest`), so that their number does
//! not depend on the size of the batch. Queries are checked by running: every one of them is part of
//! each transcript.

pub mod audit;
pub mod backup;
pub mod catalog;
pub(crate) mod chart;
pub(crate) mod child;
pub mod data_key;
pub mod doubt;
pub mod embedded;
pub mod error;
pub mod groups;
pub mod inbox;
pub mod lanes;
pub mod load;
pub mod loyalty;
pub mod operator;
pub mod orders;
pub mod outbox;
pub mod parked;
pub(crate) mod payments;
pub mod payouts;
pub mod people;
pub mod pool;
pub mod read;
pub mod reference;
pub mod referral;
pub mod rekey;
pub mod reports;
pub mod save;
pub mod seal;
pub mod service;
pub mod sessions;
mod sql;
pub mod statement;
pub mod timers;
pub mod words;

pub use error::StoreError;
pub use seal::Seal;

/// A transaction that the engine began.
pub type Tx<'a> = sqlx::Transaction<'a, sqlx::Postgres>;
