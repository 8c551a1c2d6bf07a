//! Faults: what is wrong in an operator's file, where, and what to do about it.
//!
//! Readers and checks report to one sink and go on, so that a person sees every fault at once.
//! A warning leaves the file usable. Nothing here knows what a shop is.

use std::fmt;

/// Whether the file can be used in spite of a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The file is refused.
    Error,
    /// The file is usable, but probably not what was meant.
    Warning,
}

/// One thing that is wrong in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Whether the file can be used all the same.
    pub severity: Severity,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// The key, as in `drops[0].offers[2].code`; empty for the file as a whole.
    pub key_path: String,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub hint: String,
}

impl Fault {
    /// A fault of the file as a whole, such as that it cannot be read.
    #[must_use]
    pub fn of_file(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            line: 1,
            column: 1,
            key_path: String::new(),
            message: message.into(),
            hint: hint.into(),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}: ", self.line, self.column)?;
        if self.severity == Severity::Warning {
            write!(out, "warning: ")?;
        }
        if !self.key_path.is_empty() {
            write!(out, "{}: ", self.key_path)?;
        }
        write!(out, "{}\n    hint: {}", self.message, self.hint)
    }
}

/// Where a value stands in the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct FilePlace {
    /// Bytes from the start of the text.
    pub(crate) offset: usize,
    /// The key, as in [`Fault::key_path`].
    pub(crate) path: String,
}

/// The sink that readers and checks report to.
#[derive(Debug)]
pub(crate) struct Faults<'t> {
    text: &'t str,
    found: Vec<Fault>,
}

impl<'t> Faults<'t> {
    /// An empty sink for a file's text.
    pub(crate) const fn new(text: &'t str) -> Self {
        Self { text, found: Vec::new() }
    }

    /// Report what makes the file unusable.
    pub(crate) fn error(
        &mut self,
        place: &FilePlace,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        self.report(Severity::Error, place, message.into(), hint.into());
    }

    /// Report what is probably not meant.
    pub(crate) fn warn(
        &mut self,
        place: &FilePlace,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        self.report(Severity::Warning, place, message.into(), hint.into());
    }

    /// Whether the file is refused.
    pub(crate) fn any_error(&self) -> bool {
        self.found.iter().any(|fault| fault.severity == Severity::Error)
    }

    /// Leave out what `keep` does not want.
    pub(crate) fn retain(&mut self, keep: impl FnMut(&Fault) -> bool) {
        self.found.retain(keep);
    }

    /// Another sink for the same text.
    pub(crate) const fn empty(&self) -> Self {
        Self::new(self.text)
    }

    /// Take in what another sink found.
    pub(crate) fn append(&mut self, mut other: Self) {
        self.found.append(&mut other.found);
    }

    /// The lines with faults.
    pub(crate) fn lines(&self) -> Vec<usize> {
        self.found.iter().map(|fault| fault.line).collect()
    }

    /// All faults, in the order of the file.
    pub(crate) fn into_sorted(mut self) -> Vec<Fault> {
        // Stable, so faults of one place keep the order in which they were noticed.
        self.found.sort_by_key(|fault| (fault.line, fault.column));
        self.found.dedup();
        self.found
    }

    fn report(&mut self, severity: Severity, place: &FilePlace, message: String, hint: String) {
        let (line, column) = line_and_column(self.text, place.offset);
        let key_path = place.path.clone();
        self.found.push(Fault { severity, line, column, key_path, message, hint });
    }
}

/// The line and the column, in characters, of a byte of `text`; both count from 1.
fn line_and_column(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_counted_in_characters() {
        let text = "名 = 1\n单位 = \"箱\"\n";
        assert_eq!(line_and_column(text, 0), (1, 1));
        assert_eq!(line_and_column(text, text.find('"').unwrap()), (2, 6));
        assert_eq!(line_and_column(text, text.len()), (3, 1));
        assert_eq!(line_and_column(text, 9_999), (3, 1));
    }

    #[test]
    fn faults_are_told_in_the_order_of_the_file() {
        let mut faults = Faults::new("a\nb\n");
        let place = |offset| FilePlace { offset, path: "x".to_owned() };
        faults.warn(&place(2), "second", "h");
        faults.error(&place(0), "first", "h");
        assert!(faults.any_error());
        let told: Vec<_> = faults.into_sorted().iter().map(ToString::to_string).collect();
        assert_eq!(told, ["1:1: x: first\n    hint: h", "2:1: warning: x: second\n    hint: h"]);
    }
}
