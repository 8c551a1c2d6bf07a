//! Offers: prices, stocks and limits that fit each other, and one currency per price.
//!
//! What cannot work is an error; what is merely odd (a tenfold discount, a limit above the stock)
//! is a warning. Codes and times are checked in `codes`.

use super::{Posting, Survey};
use crate::config::fault::{Faults, FilePlace};
use crate::config::reader::At;
use crate::config::scalar::amounts::WrittenDecimal;
use crate::config::written::{Item, Offer, WrittenVariant};
use crate::domain::money::{Currency, MAX_PRICE_UNITS};

pub(super) fn check(survey: &Survey<'_>, faults: &mut Faults<'_>) {
    for (key, item) in &survey.items {
        item.price.iter().for_each(|price| check_price(price, faults));
        check_one_currency(survey, key, item, faults);
    }
    for posting in &survey.drops {
        check_posting(posting, faults);
        for offer in posting.offers() {
            offer.value.price.iter().for_each(|price| check_price(price, faults));
            let key = offer.value.item.as_ref().map(|item| item.value.0.as_str());
            let item = key.and_then(|key| survey.item(key));
            check_limits(&offer.value, item, faults);
            if let Some(item) = item {
                check_discount(&offer.value, item, faults);
                warn_variants(&offer.value, item, faults);
            }
        }
    }
    warn_idle(survey, faults);
}

fn check_price(price: &At<WrittenDecimal>, faults: &mut Faults<'_>) {
    let limit = WrittenDecimal::from_digits(&MAX_PRICE_UNITS.to_string());
    if price.value.is_zero() {
        let hint = "a gift is not an offer: give it with another order, or charge something";
        faults.error(&price.place, "a price of nothing", hint);
    } else if limit.is_some_and(|limit| price.value.is_over(limit, 1)) {
        let message = format!("a price of more than {MAX_PRICE_UNITS}");
        faults.error(
            &price.place,
            message,
            "amounts are whole units with a point, not minor units",
        );
    }
}

/// A drop's price that is far from the item's is probably a misplaced point.
fn check_discount(offer: &Offer, item: &Item, faults: &mut Faults<'_>) {
    let Some((price, usual)) = offer.price.as_ref().zip(item.price.as_ref()) else { return };
    if price.value.is_over(usual.value, 10) || usual.value.is_over(price.value, 10) {
        let message = "this price and the item's own differ by more than ten times";
        faults.warn(&price.place, message, "is the point where it should be?");
    }
}

/// The least stock that some community gets of an offer, with its place.
fn least_stock(offer: &Offer) -> Option<(u32, &FilePlace)> {
    let named = offer.stock.value.0.iter().map(|(_, pieces)| (pieces.value.0, &pieces.place));
    let each = offer.stock_each.iter().map(|pieces| (pieces.value.0, &pieces.place));
    named.chain(each).min_by_key(|(pieces, _)| *pieces)
}

fn check_limits(offer: &Offer, item: Option<&Item>, faults: &mut Faults<'_>) {
    let Some((stock, place)) = least_stock(offer) else { return };
    if let Some(minimum) = offer.minimum.as_ref().filter(|it| it.value.0 > stock) {
        let message = format!("a minimum of {} cannot be reached with {stock}", minimum.value.0);
        faults.error(&minimum.place, message, "lower it, or raise the stock");
    }
    let own = offer.limit_per_member.as_ref();
    let limit = own.or_else(|| item.and_then(|item| item.limit_per_member.as_ref()));
    if let Some(limit) = limit.filter(|limit| limit.value.0 > stock) {
        let place = if own.is_some() { &limit.place } else { place };
        let message =
            format!("a member may have {}, but there are only {stock} to sell", limit.value.0);
        faults.warn(place, message, "lower the limit, or raise the stock");
    }
}

/// Where variants have stocks of their own, a larger stock of the offer can never be sold.
fn warn_variants(offer: &Offer, item: &Item, faults: &mut Faults<'_>) {
    let stocks = item.variants.value.iter().map(|variant| match &variant.value {
        WrittenVariant::Table(table) => table.stock_each.as_ref().map(|pieces| pieces.value.0),
        WrittenVariant::Name(_) => None,
    });
    let Some(sum) = stocks.collect::<Option<Vec<u32>>>().map(|all| all.iter().sum::<u32>()) else {
        return;
    };
    if let Some(each) = offer.stock_each.as_ref().filter(|it| sum > 0 && it.value.0 > sum) {
        let message = format!("the variants have {sum} together, so more cannot be sold");
        faults.warn(&each.place, message, format!("stock_each = {sum}, or leave it out"));
    }
}

fn check_posting(posting: &Posting<'_>, faults: &mut Faults<'_>) {
    if let Some(offers) = posting.drop.offers.as_ref().filter(|offers| offers.value.is_empty()) {
        let hint = "add [[drops.offers]] with an item and a code";
        faults.error(&offers.place, "a drop without offers", hint);
    }
    if let Some(named) = posting.drop.communities.as_ref().filter(|it| it.value.is_empty()) {
        let message = "no communities: it would be posted nowhere";
        faults.error(&named.place, message, "name some, or remove the key to mean all");
    }
}

/// One price cannot be right in two currencies.
fn check_one_currency(survey: &Survey<'_>, key: &str, item: &Item, faults: &mut Faults<'_>) {
    let mut usual: Vec<Currency> = Vec::new();
    for posting in &survey.drops {
        let of_item = |offer: &&At<Offer>| {
            offer.value.item.as_ref().is_some_and(|offered| offered.value.0 == key)
        };
        for offer in posting.offers().filter(of_item) {
            let here = currencies(posting);
            match &offer.value.price {
                Some(price) => check_price_for(price, &here, faults),
                None => usual.extend(here),
            }
        }
    }
    usual.sort_unstable();
    usual.dedup();
    if let Some(price) = &item.price {
        check_price_for(price, &usual, faults);
    }
}

fn currencies(posting: &Posting<'_>) -> Vec<Currency> {
    let here = posting.communities.iter().filter_map(|(_, it)| it.currency.as_ref());
    let mut here: Vec<_> = here.map(|currency| currency.value).collect();
    here.sort_unstable();
    here.dedup();
    here
}

fn check_price_for(price: &At<WrittenDecimal>, currencies: &[Currency], faults: &mut Faults<'_>) {
    let is_paid =
        |it: &Currency| price.value.to_money(*it).is_none_or(|sum| it.in_cash(sum) == sum);
    if let Some(currency) = currencies.iter().find(|it| !is_paid(it)) {
        let step = currency.show(currency.cash_step());
        let message = format!("{currency} is paid in steps of {step}");
        faults.error(&price.place, message, "round the price");
    }
    if currencies.len() > 1 {
        let codes: Vec<_> = currencies.iter().map(|currency| currency.code()).collect();
        let message = format!("one price for communities that pay in {}", codes.join(" and "));
        let hint = "one drop per currency (`communities = […]`), each with its own items or prices";
        faults.error(&price.place, message, hint);
    }
}

fn warn_idle(survey: &Survey<'_>, faults: &mut Faults<'_>) {
    for (slug, community) in &survey.communities {
        if !survey.drops.is_empty()
            && !survey.drops.iter().any(|posting| posting.is_in(slug))
            && let Some(place) = community.slug.as_ref().map(|slug| &slug.place)
        {
            let message = format!("no drop is posted in `{slug}`");
            faults.warn(place, message, "its leader can still open offers by hand");
        }
    }
}
