//! Claims (声称付款): a buyer says that they have paid. A claim moves no money; it asks the leaders to look, and
//! holds the goods until they answer, for a limited time and once.

use serde::{Deserialize, Serialize};

use crate::domain::money::Money;
use crate::domain::time::Timestamp;

/// The longest wording of a claim that is kept, in characters.
pub const CLAIM_CHARS: usize = 80;

/// That the buyer of an order says to have paid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentClaim {
    /// When they said so, first.
    pub at: Timestamp,
    /// In their words, at most [`CLAIM_CHARS`]: the way, the last digits of an account.
    pub words: String,
    /// How much, where they say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Money>,
    /// With a picture.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub has_picture: bool,
    /// Until when the order was held without it.
    pub held_before: Timestamp,
    /// When the leaders were told of it, last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told_at: Option<Timestamp>,
    /// A leader found no such money.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_denied: bool,
}
