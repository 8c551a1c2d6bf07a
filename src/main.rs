//! The program. See [`tuan`] for what it does.

fn main() {}
