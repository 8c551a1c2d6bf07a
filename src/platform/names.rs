//! Names that people have in groups, remembered: events that tell of members often have ids only.
//!
//! Whether a name that is missing is asked for, and how, is each adapter's own.

use std::collections::HashMap;

use crate::domain::event::Contact;
use crate::domain::name::{cleaned, shown_name};

/// Names that are remembered; beyond it they are learned anew.
const NAMES_MAX: usize = 20_000;

/// The names people have in groups.
#[derive(Debug, Default)]
pub(super) struct GroupNames(HashMap<(String, String), String>);

impl GroupNames {
    /// What somebody is called in a group.
    pub(super) fn learn(&mut self, group: &str, person: &Contact) {
        if self.0.len() >= NAMES_MAX {
            self.0.clear();
        }
        self.0.insert((group.to_owned(), person.key.clone()), person.name.clone());
    }

    /// Whether it has to be asked.
    pub(super) fn lacks(&self, group: &str, user: &str) -> bool {
        !self.0.contains_key(&(group.to_owned(), user.to_owned()))
    }

    /// Somebody by id; who is not known is called by it.
    pub(super) fn person(&self, group: &str, user: &str) -> Contact {
        let known = self.0.get(&(group.to_owned(), user.to_owned()));
        Contact {
            key: user.to_owned(),
            name: known.cloned().unwrap_or_else(|| shown_name(user, "?")),
        }
    }
}

/// Somebody as they are called by the first of these names that shows anything, else by their id.
pub(super) fn person<'n>(user: &str, names: impl IntoIterator<Item = Option<&'n str>>) -> Contact {
    let name = names.into_iter().flatten().map(cleaned).find(|it| !it.is_empty());
    Contact { key: user.to_owned(), name: name.unwrap_or_else(|| shown_name(user, "?")) }
}
