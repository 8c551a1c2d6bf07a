//! What the bot says, as data. Words live in `prompts/replies/<locale>/`, one template for each
//! variant; amounts and instants are turned into text there, for the reader's eyes.

mod delivery;
mod views;

use serde::{Deserialize, Serialize};

use super::intent::Why;
use super::refusal::Refusal;
use super::{
    catalog, groups, loyalty, orders, payments, payouts, people, referral, reports, service,
    shipping,
};

pub use delivery::*;
pub use views::*;

/// Something the bot says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// Something was refused.
    Refused {
        /// Why.
        refusal: Refusal,
    },
    /// A question with numbered choices.
    Asked {
        /// Why it is asked.
        why: Why,
        /// The choices in words.
        choices: Vec<ChoiceView>,
        /// The item in question, where there is one.
        name: Option<String>,
        /// Its unit.
        unit: Option<String>,
    },
    /// Of the room `groups`.
    #[serde(untagged)]
    Groups(groups::Reply),
    /// Of the room `people`.
    #[serde(untagged)]
    People(people::Reply),
    /// Of the room `catalog`.
    #[serde(untagged)]
    Catalog(catalog::Reply),
    /// Of the room `orders`.
    #[serde(untagged)]
    Orders(orders::Reply),
    /// Of the room `payments`.
    #[serde(untagged)]
    Payments(payments::Reply),
    /// Of the room `shipping`.
    #[serde(untagged)]
    Shipping(shipping::Reply),
    /// Of the room `referral`.
    #[serde(untagged)]
    Referral(referral::Reply),
    /// Of the room `payouts`.
    #[serde(untagged)]
    Payouts(payouts::Reply),
    /// Of the room `loyalty`.
    #[serde(untagged)]
    Loyalty(loyalty::Reply),
    /// Of the room `service`.
    #[serde(untagged)]
    Service(service::Reply),
    /// Of the room `reports`.
    #[serde(untagged)]
    Reports(reports::Reply),
}
