//! What the command line does, one file per sub-command.

pub mod check_config;
