//! Refusals: how the shop says no. Values with the facts that explain them, not errors; rendered
//! like any reply. The order in which they are tested is part of each decision's contract.

use serde::{Deserialize, Serialize};

use super::command::CommandId;
use super::intent::Unread;
use super::reply::{Delivery, OBJECTION, Reply};
use super::{catalog, loyalty, orders, payments, payouts, people, referral, service, shipping};

/// Why something was not done. A refused event changes nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// A leader's command with a part that cannot be read.
    HalfSaid {
        /// Which it is.
        command: CommandId,
    },
    /// What was said as an amount is none.
    Unread(Unread),
    /// The question that a button answers is over.
    QuestionOver,
    /// The speaker did nothing lately that could be taken back.
    NothingToUndo,
    /// It is taken back already.
    AlreadyUndone,
    /// What was done last is not taken back.
    CannotUndo,
    /// It does not stand any more as it did.
    ChangedSince {
        /// An order's number, an offer's code, a name.
        what: String,
    },
    /// Of the room `people`.
    #[serde(untagged)]
    People(people::Refusal),
    /// Of the room `catalog`.
    #[serde(untagged)]
    Catalog(catalog::Refusal),
    /// Of the room `orders`.
    #[serde(untagged)]
    Orders(orders::Refusal),
    /// Of the room `payments`.
    #[serde(untagged)]
    Payments(payments::Refusal),
    /// Of the room `shipping`.
    #[serde(untagged)]
    Shipping(shipping::Refusal),
    /// Of the room `referral`.
    #[serde(untagged)]
    Referral(referral::Refusal),
    /// Of the room `payouts`.
    #[serde(untagged)]
    Payouts(payouts::Refusal),
    /// Of the room `loyalty`.
    #[serde(untagged)]
    Loyalty(loyalty::Refusal),
    /// Of the room `service`.
    #[serde(untagged)]
    Service(service::Refusal),
}

impl From<Refusal> for Reply {
    fn from(refusal: Refusal) -> Self {
        Self::Refused { refusal }
    }
}

impl Refusal {
    /// How it travels: nothing was done.
    pub(super) fn delivery(&self) -> Delivery<'_> {
        match self {
            Self::Payouts(it) => it.delivery(),
            Self::Service(it) => it.delivery(),
            Self::People(_)
            | Self::Catalog(_)
            | Self::Orders(_)
            | Self::Payments(_)
            | Self::Shipping(_)
            | Self::Referral(_)
            | Self::Loyalty(_)
            | Self::HalfSaid { .. }
            | Self::Unread(_)
            | Self::QuestionOver
            | Self::NothingToUndo
            | Self::AlreadyUndone
            | Self::CannotUndo
            | Self::ChangedSince { .. } => OBJECTION,
        }
    }
}
