//! The offers of the corpus, for the tables at the bottom of this module's files.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::lexicon::{Lexicon, OfferWords};
use crate::domain::ids::OfferId;
use crate::domain::money::{Currency, Money};

#[derive(Deserialize)]
struct FixtureContext {
    offers: Vec<FixtureOffer>,
}

#[derive(Deserialize)]
struct FixtureOffer {
    code: String,
    name: String,
    aliases: Vec<String>,
    unit: String,
    other_units: HashMap<String, u32>,
    variants: Vec<String>,
    price_minor: i64,
}

static CONTEXTS: LazyLock<HashMap<String, Lexicon>> = LazyLock::new(|| {
    let text = include_str!("../../tests/corpus/contexts.json");
    let contexts: HashMap<String, FixtureContext> = serde_json::from_str(text).unwrap();
    contexts.into_iter().map(|(name, context)| (name, compile(context))).collect()
});

fn compile(context: FixtureContext) -> Lexicon {
    let words = |(n, offer): (i64, FixtureOffer)| OfferWords {
        id: OfferId(n),
        code: offer.code,
        name: offer.name,
        aliases: offer.aliases,
        unit: offer.unit,
        other_units: offer.other_units.into_iter().map(|(unit, n)| (unit, n, 1)).collect(),
        variants: offer.variants,
        price: Money::from_minor(offer.price_minor),
    };
    Lexicon::new((1..).zip(context.offers).map(words).collect(), Currency::CNY)
}

/// The lexicon of one context; offers count from 1 in its order.
pub(crate) fn lexicon(context: &str) -> Lexicon {
    CONTEXTS[context].clone()
}
