//! The words under which states are stored. One table for each type, both ways.

use crate::domain::catalog::OfferState;
use crate::domain::event::Evidence;
use crate::domain::intent::Role;
use crate::domain::money::Currency;
use crate::domain::orders::OrderState;
use crate::domain::payouts::WithdrawalState;
use crate::domain::policy::Locale;
use crate::domain::service::CaseState;

use crate::store::StoreError;

/// A closed set of states, each with the word it is stored as.
pub(crate) trait Stored: Copy + PartialEq + 'static {
    /// All of them.
    const WORDS: &'static [(Self, &'static str)];

    /// The word for this one.
    fn word(self) -> &'static str {
        let found = Self::WORDS.iter().find(|(state, _)| *state == self);
        found.map(|(_, word)| *word).expect("every state is in the table, see the test")
    }

    /// The state behind a word.
    fn from_word(word: &str) -> Result<Self, StoreError> {
        let found = Self::WORDS.iter().find(|(_, known)| *known == word);
        let found = found.map(|(state, _)| *state);
        found.ok_or_else(|| StoreError::inconsistent(format!("unknown word {word:?} in a state")))
    }
}

impl Stored for Role {
    const WORDS: &'static [(Self, &'static str)] = &[
        (Self::Member, "member"),
        (Self::Helper, "helper"),
        (Self::Leader, "leader"),
        (Self::Operator, "operator"),
    ];
}

impl Stored for Locale {
    const WORDS: &'static [(Self, &'static str)] =
        &[(Self::ZhHans, "zh-Hans"), (Self::ZhHant, "zh-Hant"), (Self::En, "en")];
}

impl Stored for OfferState {
    const WORDS: &'static [(Self, &'static str)] =
        &[(Self::Open, "open"), (Self::Closed, "closed"), (Self::Planned, "planned")];
}

impl Stored for OrderState {
    const WORDS: &'static [(Self, &'static str)] = &[
        (Self::Placed, "placed"),
        (Self::Paid, "paid"),
        (Self::Shipped, "shipped"),
        (Self::Received, "received"),
        (Self::Closed, "closed"),
        (Self::Cancelled, "cancelled"),
        (Self::Refunded, "refunded"),
    ];
}

impl Stored for WithdrawalState {
    const WORDS: &'static [(Self, &'static str)] = &[
        (Self::Asked, "asked"),
        (Self::Approved, "approved"),
        (Self::Sent, "sent"),
        (Self::Refused, "refused"),
        (Self::Failed, "failed"),
    ];
}

impl Stored for CaseState {
    const WORDS: &'static [(Self, &'static str)] = &[
        (Self::Open, "open"),
        (Self::Refunded, "refunded"),
        (Self::Replaced, "replaced"),
        (Self::Exchanged, "exchanged"),
        (Self::Declined, "declined"),
        (Self::Withdrawn, "withdrawn"),
    ];
}

impl Stored for Evidence {
    const WORDS: &'static [(Self, &'static str)] = &[
        (Self::JoinEvent, "join_event"),
        (Self::InviteLink, "invite_link"),
        (Self::InviteCode, "invite_code"),
        (Self::Claim, "claim"),
        (Self::Operator, "operator"),
        (Self::Reconciled, "reconciled"),
    ];
}

/// A currency is stored as its ISO 4217 code.
pub(crate) fn currency(code: &str) -> Result<Currency, StoreError> {
    Currency::of(code).ok_or_else(|| StoreError::inconsistent(format!("unknown currency {code:?}")))
}

/// The name of a withdrawal's state, for people.
#[must_use]
pub fn name_of(state: WithdrawalState) -> &'static str {
    state.word()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_words_are_the_names_used_everywhere_else() {
        for (state, word) in OrderState::WORDS {
            assert_eq!(serde_json::to_value(state).unwrap(), *word);
            assert_eq!(OrderState::from_word(word).unwrap(), *state);
        }
        for (state, word) in WithdrawalState::WORDS {
            assert_eq!(serde_json::to_value(state).unwrap(), *word);
            assert_eq!(WithdrawalState::from_word(word).unwrap(), *state);
        }
        for (state, word) in CaseState::WORDS {
            assert_eq!(serde_json::to_value(state).unwrap(), *word);
            assert_eq!(CaseState::from_word(word).unwrap(), *state);
        }
        for (evidence, word) in Evidence::WORDS {
            assert_eq!(serde_json::to_value(evidence).unwrap(), *word);
        }
        for locale in Locale::ALL {
            assert_eq!(locale.word(), locale.tag());
        }
    }
}
