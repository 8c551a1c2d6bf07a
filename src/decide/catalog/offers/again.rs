//! The same again (复制, 照昨天): offers like those that were on sale before, with stock as it was put on sale then, until
//! the same hour as then. What is on sale still is not put on sale twice.

use chrono::{Days, Duration, NaiveTime};

use crate::book::Shop;
use crate::book::ctx::{Ctx, Decided};
use crate::domain::catalog::{
    self, Arrival, DraftChange, Expected, Offer, OfferDetail, OfferState, Stock,
};
use crate::domain::event::Timer;
use crate::domain::ids::OfferId;
use crate::domain::intent::{Intent, LeaderIntent, Question, Understood, Why};
use crate::domain::money::Money;
use crate::domain::refusal::Refusal;
use crate::domain::reply::Reply;
use crate::domain::time::{Timestamp, local_day, local_instant};

use crate::decide::ask;
use crate::decide::catalog::waiting;
use crate::decide::views;

use super::drafted;
use super::{LISTED_LEAST_MINUTES, check_price, check_stock, free_code, next_id, open};

/// The most offers that are put on sale again at once.
const MOST_AGAIN: usize = 50;

/// What a leader says of them that is other than before.
#[derive(Clone, Copy, Debug)]
pub struct OtherTerms {
    /// Another price.
    pub price: Option<Money>,
    /// Another stock.
    pub stock: Option<u32>,
}

/// Put these on sale again.
///
/// # Errors
/// Refusals in this order: no price, or one that is too high; too much stock; a name that is on sale.
pub fn copy(ctx: &mut Ctx<'_>, sources: &[OfferId], terms: OtherTerms) -> Decided {
    if let Some(price) = terms.price {
        check_price(ctx, price)?;
    }
    check_stock(i64::from(terms.stock.unwrap_or(0)))?;
    for &id in sources {
        let name = ctx.offer(id)?.detail.name.clone();
        if let Some(code) = on_sale(ctx.shop, &name) {
            return Err(Refusal::Catalog(catalog::Refusal::OnSaleAlready { code, name }).into());
        }
    }
    let drafts = drafts(ctx, sources, terms);
    post(ctx, drafts);
    Ok(())
}

/// What was opened on some day, as it would be put on sale again.
#[derive(Clone, Debug)]
pub struct RepeatedDay {
    /// So many days ago.
    pub days: u32,
    /// What was opened then.
    pub offers: Vec<OfferId>,
    /// What is other than then.
    pub changes: Vec<DraftChange>,
}

/// Put on sale what was opened so many days ago: shown first, and done once the leader says yes.
///
/// # Errors
/// `NothingThen`: nothing was opened then that is not on sale now.
pub fn repeat(
    ctx: &mut Ctx<'_>,
    days: u32,
    agreed: &[OfferId],
    changes: &[DraftChange],
) -> Decided {
    let offers = opened(ctx, days);
    if offers.is_empty() {
        return Err(Refusal::Catalog(catalog::Refusal::NothingThen).into());
    }
    let is_agreed = offers == agreed;
    let day = RepeatedDay { days, offers, changes: changes.to_vec() };
    if !is_agreed {
        return show(ctx, day);
    }
    let drafts = drafted(ctx, &day).into_iter().map(|(_, draft)| draft).collect();
    post(ctx, drafts);
    Ok(())
}

/// Ask the speaker whether that is put on sale so.
///
/// # Errors
/// [`crate::book::Missing`].
pub(super) fn show(ctx: &mut Ctx<'_>, day: RepeatedDay) -> Decided {
    let drafts: Vec<Offer> = drafted(ctx, &day).into_iter().map(|(_, draft)| draft).collect();
    let RepeatedDay { days, offers, changes } = day;
    let lead = catalog::Lead::RepeatDay { days, offers, changes };
    let question = Question::of(Why::Confirm, vec![Intent::Lead(LeaderIntent::Catalog(lead))]);
    let closes_at = drafts.iter().map(|offer| offer.closes_at).min().unwrap_or(ctx.at);
    let offers = views::offers(&drafts);
    let reply = Reply::Catalog(catalog::Reply::ListingDraft { offers, closes_at });
    ask::put(ctx, &question, &Understood::bare(Intent::Ask(question.clone())), reply)
}

/// The offers of a day as they would be, each with the one it is made after.
pub(super) fn drafted(ctx: &Ctx<'_>, day: &RepeatedDay) -> Vec<(OfferId, Offer)> {
    let none = OtherTerms { price: None, stock: None };
    let drafts = day.offers.iter().copied().zip(drafts(ctx, &day.offers, none));
    let changed = |(id, draft)| Some((id, drafted::changed(id, draft, &day.changes)?));
    drafts.filter_map(changed).collect()
}

/// What was opened on that day of the group's calendar and is not on sale; of one name the last.
fn opened(ctx: &Ctx<'_>, days: u32) -> Vec<OfferId> {
    let zone = ctx.shop.community.time_zone;
    let Some(day) = local_day(ctx.at, zone).checked_sub_days(Days::new(days.into())) else {
        return Vec::new();
    };
    let mut found: Vec<&Offer> = Vec::new();
    for offer in ctx.shop.offers.values().rev() {
        let is_then = local_day(offer.opens_at, zone) == day;
        let is_new = on_sale(ctx.shop, &offer.detail.name).is_none()
            && !found.iter().any(|it| it.detail.name == offer.detail.name);
        if is_then && is_new {
            found.push(offer);
        }
    }
    let ids = found.into_iter().rev().map(|offer| offer.id);
    ids.take(MOST_AGAIN).collect()
}

/// The code under which goods of this name are on sale.
fn on_sale(shop: &Shop, name: &str) -> Option<String> {
    open(shop).find(|offer| offer.detail.name == name).map(|offer| offer.code.clone())
}

fn post(ctx: &mut Ctx<'_>, drafts: Vec<Offer>) {
    let mut opened = Vec::new();
    for draft in drafts {
        let id = next_id(ctx);
        ctx.wake(draft.closes_at, Timer::Close);
        ctx.shop.offers.add(id, Offer { id, ..draft });
        waiting::carry(ctx, id);
        opened.push(id);
    }
    if let Some(speaker) = ctx.speaker {
        ask::clear(ctx, speaker);
    }
    ctx.record("list_offer", None, None);
    let rows: Vec<&Offer> = opened.iter().filter_map(|&id| ctx.shop.offers.get(id)).collect();
    let Some(closes_at) = rows.iter().map(|offer| offer.closes_at).min() else { return };
    let mut offers = views::offers(rows);
    let reply = match offers.len() {
        1 => catalog::Reply::Listed { offer: offers.swap_remove(0), closes_at },
        _ => catalog::Reply::DropPosted {
            greeting: String::new(),
            image: None,
            offers,
            closes_at,
            late: false,
        },
    };
    ctx.announce(Reply::Catalog(reply));
}

/// The offers as they would be, without numbers.
fn drafts(ctx: &Ctx<'_>, sources: &[OfferId], terms: OtherTerms) -> Vec<Offer> {
    let mut drafts: Vec<Offer> = Vec::new();
    for source in sources.iter().filter_map(|&id| ctx.shop.offers.get(id)) {
        let taken: Vec<String> = drafts.iter().map(|offer| offer.code.clone()).collect();
        drafts.push(draft(ctx, source, terms, &taken));
    }
    drafts
}

fn draft(ctx: &Ctx<'_>, source: &Offer, terms: OtherTerms, taken: &[String]) -> Offer {
    let closes_at = closes_at(ctx, source);
    let stock = match terms.stock {
        Some(units) => vec![i64::from(units)],
        None => source.stock.iter().map(|stock| stock.initial).collect(),
    };
    Offer {
        id: OfferId(0),
        code: code(ctx.shop, source, taken),
        state: OfferState::Open,
        price: terms.price.unwrap_or(source.price),
        opens_at: ctx.at,
        closes_at,
        drop: None,
        detail: OfferDetail {
            posted_by: Some(ctx.event),
            first_close: None,
            waiting: Vec::new(),
            ..source.detail.clone()
        },
        stock: stock.into_iter().map(|initial| Stock { initial, left: initial }).collect(),
        sold: 0,
        sold_out_said: false,
        arrival: Arrival { expected: expected(ctx, source, closes_at), called: None },
    }
}

/// The same code, where it is free.
fn code(shop: &Shop, source: &Offer, taken: &[String]) -> String {
    let is_taken = |code: &str| {
        open(shop).any(|offer| offer.code.eq_ignore_ascii_case(code))
            || taken.iter().any(|other| other.eq_ignore_ascii_case(code))
    };
    if !is_taken(&source.code) {
        return source.code.clone();
    }
    free_code(shop, source.code.trim_end_matches(|c: char| c.is_ascii_digit()), taken)
}

/// The same hour as then, of today or tomorrow.
fn closes_at(ctx: &Ctx<'_>, source: &Offer) -> Timestamp {
    let zone = ctx.shop.community.time_zone;
    let time: NaiveTime = source.baskets_of().with_timezone(&zone).time();
    let today = local_day(ctx.at, zone);
    let closes_at = local_instant(today, time, zone);
    if closes_at - ctx.at >= Duration::minutes(LISTED_LEAST_MINUTES) {
        return closes_at;
    }
    local_instant(today + Days::new(1), time, zone)
}

/// So many days after the closing as then.
fn expected(ctx: &Ctx<'_>, source: &Offer, closes_at: Timestamp) -> Option<Expected> {
    let then = source.arrival.expected?;
    let zone = ctx.shop.community.time_zone;
    let days = (local_day(then.at, zone) - local_day(source.baskets_of(), zone)).num_days();
    let day = local_day(closes_at, zone).checked_add_signed(Duration::days(days.max(0)))?;
    let time = then.at.with_timezone(&zone).time();
    Some(Expected { at: local_instant(day, time, zone), day: then.day })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::testing::{A1, A2, AMING, S1, Stage, evening};
    use crate::domain::intent::Intent;

    fn leads(stage: &mut Stage, lead: catalog::Lead) -> Vec<Reply> {
        stage.does(AMING, Intent::Lead(LeaderIntent::Catalog(lead)))
    }

    fn again(offers: &[OfferId], price: Option<i64>, stock: Option<u32>) -> catalog::Lead {
        let price = price.map(Money::from_minor);
        catalog::Lead::CopyOffers { offers: offers.to_vec(), price, stock }
    }

    fn closed() -> Stage {
        let mut stage = Stage::new();
        stage.due(evening(), Timer::Close);
        stage.at = evening() + Duration::hours(12);
        stage
    }

    #[test]
    fn an_offer_is_on_sale_again_as_it_was() {
        let mut stage = closed();
        let said = leads(&mut stage, again(&[A1], None, None));
        let [Reply::Catalog(catalog::Reply::Listed { offer, closes_at })] = &said[..] else {
            panic!("{said:?}")
        };
        assert_eq!((offer.code.as_str(), offer.left, offer.limit), ("A1", Some(50), Some(5)));
        assert_eq!(*closes_at, evening() + Duration::days(1));
        assert!(stage.shop.fresh.timers.contains(&(*closes_at, Timer::Close)));
        let said = leads(&mut stage, again(&[A1], None, None));
        let on_sale =
            catalog::Refusal::OnSaleAlready { code: "A1".into(), name: "阳光玫瑰".into() };
        assert_eq!(Stage::refusal(&said), Refusal::Catalog(on_sale));
        stage.assert_stock_is_conserved();
    }

    #[test]
    fn price_and_stock_may_be_others_and_are_bounded() {
        let mut stage = closed();
        let said = leads(&mut stage, again(&[A2], Some(7_000), Some(9)));
        let [Reply::Catalog(catalog::Reply::Listed { offer, .. })] = &said[..] else {
            panic!("{said:?}")
        };
        assert_eq!((offer.price.minor, offer.left), (7_000, Some(9)));
        let said = leads(&mut stage, again(&[A1], Some(0), None));
        assert_eq!(Stage::refusal(&said), Refusal::Catalog(catalog::Refusal::BadOffer));
        let said = leads(&mut stage, again(&[A1], None, Some(catalog::MAX_STOCK + 1)));
        let most = i64::from(catalog::MAX_STOCK);
        assert_eq!(
            Stage::refusal(&said),
            Refusal::Catalog(catalog::Refusal::StockTooHigh { most })
        );
    }

    #[test]
    fn a_day_is_shown_before_it_is_repeated() {
        let mut stage = closed();
        let said = leads(
            &mut stage,
            catalog::Lead::RepeatDay { days: 1, offers: Vec::new(), changes: Vec::new() },
        );
        let [Reply::Catalog(catalog::Reply::ListingDraft { offers, .. })] = &said[..] else {
            panic!("{said:?}")
        };
        let codes: Vec<_> = offers.iter().map(|offer| offer.code.as_str()).collect();
        assert_eq!(codes, ["A1", "A2", "S1"]);
        assert_eq!(stage.shop.open_offers(stage.at).count(), 0, "nothing is on sale yet");
        let question = stage.shop.members.get(AMING).unwrap().question.clone().unwrap();
        let said = stage.does(AMING, question.question.choices[0].clone());
        assert!(
            matches!(&said[..], [Reply::Catalog(catalog::Reply::DropPosted { offers, .. })] if offers.len() == 3),
            "{said:?}"
        );
        assert_eq!(stage.shop.open_offers(stage.at).count(), 3);
        let said = leads(
            &mut stage,
            catalog::Lead::RepeatDay { days: 1, offers: Vec::new(), changes: Vec::new() },
        );
        assert_eq!(Stage::refusal(&said), Refusal::Catalog(catalog::Refusal::NothingThen));
        let kinds = stage.shop.open_offers(stage.at).find(|it| it.code == "S1").unwrap();
        assert_eq!((kinds.stock.len(), kinds.id > S1), (2, true));
    }

    #[test]
    fn a_day_without_offers_has_nothing_to_repeat() {
        let mut stage = closed();
        let said = leads(
            &mut stage,
            catalog::Lead::RepeatDay { days: 2, offers: Vec::new(), changes: Vec::new() },
        );
        assert_eq!(Stage::refusal(&said), Refusal::Catalog(catalog::Refusal::NothingThen));
    }
}
