//! Patterns: what is said with a free middle, as regular expressions over folded text.
//!
//! They are slow beside everything else that reads a message, so that each stands behind [`Hints`].

use std::sync::OnceLock;

use regex::Regex;

/// Compile a pattern. A word ends where its Latin letters end (`\b`): between a letter and a Chinese character, too; a
/// boundary of any script would keep the engine from its quickest way.
pub(super) fn pattern(text: &str) -> Option<Regex> {
    Regex::new(&text.replace(r"\b", r"(?-u:\b)")).ok()
}

/// Words of which one is in everything that slower patterns match.
#[derive(Debug)]
pub(super) struct Hints {
    words: &'static str,
    pattern: OnceLock<Option<Regex>>,
}

impl Hints {
    /// These, between bars.
    pub(super) const fn of(words: &'static str) -> Self {
        Self { words, pattern: OnceLock::new() }
    }

    /// Whether a folded text has one of them.
    pub(super) fn is_in(&self, line: &str) -> bool {
        let pattern = self.pattern.get_or_init(|| Regex::new(self.words).ok());
        pattern.as_ref().is_none_or(|pattern| pattern.is_match(line))
    }
}
