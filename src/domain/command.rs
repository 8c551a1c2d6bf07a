//! The names of commands, as the table of commands has them, and menus of platforms.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::policy::Locale;

/// The name of a command: the room and what is done there, as `payments.paid`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String")]
pub struct CommandId(Cow<'static, str>);

impl CommandId {
    /// The name of a row.
    #[must_use]
    pub const fn of(id: &'static str) -> Self {
        Self(Cow::Borrowed(id))
    }

    /// As it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Before there was a table, eight commands were stored by names of their own.
impl From<String> for CommandId {
    fn from(stored: String) -> Self {
        Self(match stored.as_str() {
            "refund" => Cow::Borrowed("payments.refund"),
            "price" => Cow::Borrowed("catalog.price"),
            "stock" => Cow::Borrowed("catalog.stock"),
            "close" => Cow::Borrowed("catalog.close"),
            "list" => Cow::Borrowed("catalog.put_on_sale"),
            "paid" => Cow::Borrowed("payments.paid"),
            "ship" => Cow::Borrowed("shipping.shipped"),
            "cancel" => Cow::Borrowed("orders.cancel_for"),
            _ => Cow::Owned(stored),
        })
    }
}

/// A command as a platform's menu shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MenuEntry {
    /// Its name behind the stroke.
    pub name: &'static str,
    /// What it does, in each language.
    pub about: BTreeMap<Locale, String>,
}
