//! Who is meant when a message names somebody.

use serde::{Deserialize, Serialize};

use super::event::Contact;

/// Somebody whom a message names: by a mention, which is an id, or by what was typed, which is no more than
/// a name. Only [`crate::book::ctx::Ctx::member_of`] finds out which member it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Person {
    /// The platform says who it is; an empty key is nobody whom the shop could know.
    Mentioned(Contact),
    /// A name as typed, without its sign; it has to be one whole name of the group, or an invite code.
    Named(String),
}

impl Person {
    /// What they are called in the message.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Mentioned(contact) => &contact.name,
            Self::Named(name) => name,
        }
    }
}

impl From<&str> for Person {
    fn from(name: &str) -> Self {
        Self::Named(name.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stored_by_earlier_versions_are_read() {
        let contact = Contact { key: "k".to_owned(), name: "小美".to_owned() };
        for (stored, person) in [
            ("\"小美\"", Person::from("小美")),
            (r#"{"key":"k","name":"小美"}"#, Person::Mentioned(contact)),
        ] {
            assert_eq!(serde_json::from_str::<Person>(stored).unwrap(), person);
            assert_eq!(serde_json::to_string(&person).unwrap(), stored);
        }
    }
}
