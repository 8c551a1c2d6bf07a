//! What the command line does, one file per sub-command. Each has a `run` that prints for people
//! and says whether the thing asked about is fine; the exit status is decided in `main`. Nothing
//! here decides anything about a shop.

pub mod check_config;
