//! Tuan (团): a shop that lives inside a group chat.
//!
//! A message takes one straight line: inbox → lane → batch (scan, load, understand and decide,
//! save) → outbox. `ARCHITECTURE.md` is the map; the glossary is the rustdoc of [`domain`].

pub mod cli;
pub mod domain;
pub mod understand;
