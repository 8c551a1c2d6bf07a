//! The shop's facts in Postgres: one file per family of tables, and the server they live in.
//!
//! Decides nothing. The engine begins and commits transactions; functions here borrow them.

pub mod embedded;
