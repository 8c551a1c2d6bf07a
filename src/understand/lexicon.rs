//! The words of the open offers, compiled once for many messages.

use crate::domain::ids::OfferId;
use crate::domain::money::Money;

/// The words by which one open offer can be meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfferWords {
    /// The offer.
    pub id: OfferId,
    /// Its code, unique among the open offers: `A1`.
    pub code: String,
    /// The item's name.
    pub name: String,
    /// Other names.
    pub aliases: Vec<String>,
    /// The unit it is sold by.
    pub unit: String,
    /// Other units, each as a ratio to the own unit: one of it is `numerator / denominator` own units.
    pub other_units: Vec<(String, u32, u32)>,
    /// Variants as listed: `黑色/M`.
    pub variants: Vec<String>,
    /// Price of one own unit.
    pub price: Money,
}

/// The open offers of one community, ready for matching.
#[derive(Clone, Debug, Default)]
pub struct Lexicon {
    offers: Vec<OfferWords>,
}

impl Lexicon {
    /// Compile the words of these offers.
    #[must_use]
    pub fn new(offers: Vec<OfferWords>) -> Self {
        Self { offers }
    }

    /// The offers, in the order given.
    #[must_use]
    pub fn offers(&self) -> &[OfferWords] {
        &self.offers
    }
}
