//! The command line: one file per command.

pub mod bench_understand;
pub mod understand;
