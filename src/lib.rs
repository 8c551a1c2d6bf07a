//! Tuan (团): a shop that lives inside a group chat.
//!
//! A message takes one straight line: inbox → lane → batch (scan, load, understand and decide,
//! save) → outbox. `ARCHITECTURE.md` is the map; the glossary is the rustdoc of [`domain`].

pub mod app;
pub mod bench;
pub mod book;
pub mod cli;
pub mod config;
pub mod decide;
pub mod domain;
pub mod engine;
#[cfg(test)]
mod fuzzing;
pub mod gate;
pub mod platform;
pub mod render;
pub mod sheets;
pub mod store;
pub mod understand;
pub mod web;
