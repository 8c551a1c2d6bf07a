//! Offers (开团) as leaders run them from the chat: list, price, stock, stop. Closing is in `closing`.
//!
//! An order keeps the price it was placed at; what changes here is for orders to come. A code is unique
//! among the open offers of a community.

pub mod again;
pub mod closing;
pub mod drafted;
pub mod reopening;
pub mod undo;

use chrono::{Days, Duration, NaiveTime};

use crate::book::Shop;
use crate::book::ctx::{Ctx, Decided};
use crate::domain::catalog;
use crate::domain::catalog::{
    Arrival, ListingTerms, MAX_STOCK, Offer, OfferDetail, OfferState, Stock,
};
use crate::domain::event::Timer;
use crate::domain::ids::OfferId;
use crate::domain::intent::{Intent, LeaderIntent, MAX_CHOICES, Question, Understood, Why};
use crate::domain::money::Money;
use crate::domain::policy::Locale;
use crate::domain::refusal::Refusal;
use crate::domain::reply::{Reply, StockView};
use crate::domain::time::{Timestamp, local_day, local_instant};
use crate::domain::undo::Effect;

use crate::decide::ask;
use crate::decide::orders::order::apply;
use crate::decide::shipping::expected;
use crate::decide::views;

use super::planned;
use super::waiting;

pub use closing::{close_due, due_needs, stop, stop_needs};

/// Offers listed from the chat close at this hour.
const LISTED_CLOSE_HOUR: u32 = 22;
/// Listed later than so many minutes before that hour, they close at that hour of the next day.
const LISTED_LEAST_MINUTES: i64 = 30;
/// No closing is further away.
pub(in crate::decide) const MOST_DAYS: i64 = 30;
/// The longest name of an offer listed from the chat.
const MAX_NAME_CHARS: usize = 40;
/// The longest unit of one.
const MAX_UNIT_CHARS: usize = 16;

/// An offer as it is listed from the chat.
#[derive(Clone, Debug)]
pub struct ListedOffer<'l> {
    /// What it is called.
    pub name: &'l str,
    /// Price of one unit.
    pub price: Money,
    /// How many; unlimited when absent.
    pub stock: Option<u32>,
    /// 盒, 箱, box…
    pub unit: Option<&'l str>,
    /// What else was said.
    pub terms: &'l ListingTerms,
    /// A picture beside it.
    pub image: Option<String>,
}

/// Open an offer from the chat: `上架 草莓 68 50盒`; or plan it for later.
///
/// # Errors
/// `BadOffer`: a name that is empty, too long or already on sale; a unit too long; no price; no
/// stock; a limit or minimum of nothing. `PriceTooHigh`, `StockTooHigh`; those of [`planned::opening`]; `ClosingFar`,
/// `ClosingPast`.
pub fn list(ctx: &mut Ctx<'_>, said: &ListedOffer<'_>) -> Decided {
    check_listing(ctx, said)?;
    let opens_at = match said.terms.opens {
        Some(opens) => planned::opening(ctx, opens)?,
        None => ctx.at,
    };
    let closes_at = closing(ctx, said.terms, opens_at)?;
    let is_planned = opens_at > ctx.at;
    let offer = listed(ctx, said, opens_at, closes_at);
    if is_planned {
        planned::keep(ctx, offer);
        return Ok(());
    }
    let view = views::offer(&offer);
    let id = offer.id;
    ctx.shop.offers.add(id, offer);
    waiting::carry(ctx, id);
    ctx.wake(closes_at, Timer::Close);
    ctx.record("list_offer", None, None);
    ctx.announce(Reply::Catalog(catalog::Reply::Listed { offer: view, closes_at }));
    Ok(())
}

fn check_listing(ctx: &Ctx<'_>, said: &ListedOffer<'_>) -> Decided {
    let name = said.name.trim();
    let mut here = open(ctx.shop).chain(planned::planned(ctx.shop));
    let on_sale = here.any(|offer| offer.detail.name == name);
    let length_fits = (1..=MAX_NAME_CHARS).contains(&name.chars().count());
    let unit_fits = said.unit.is_none_or(|unit| unit.chars().count() <= MAX_UNIT_CHARS);
    let kinds = &said.terms.kinds;
    let kinds_fit = kinds.iter().all(|kind| kind.chars().count() <= MAX_NAME_CHARS);
    let is_none = |count: Option<u32>| count == Some(0);
    let nothing = is_none(said.stock) || is_none(said.terms.limit) || is_none(said.terms.minimum);
    if !length_fits || !unit_fits || !kinds_fit || on_sale || nothing {
        return Err(Refusal::Catalog(catalog::Refusal::BadOffer).into());
    }
    check_price(ctx, said.price)?;
    check_stock(i64::from(said.stock.unwrap_or(0)))
}

/// When it closes: as it is said, or in the evening.
fn closing(ctx: &Ctx<'_>, terms: &ListingTerms, opens_at: Timestamp) -> Decided<Timestamp> {
    let zone = ctx.shop.community.time_zone;
    let Some(said) = terms.closes else { return Ok(evening_after(ctx, opens_at)) };
    let latest = opens_at + Duration::days(MOST_DAYS);
    // 20:00 of the day on which it opens.
    let at = said.instant(opens_at, opens_at, zone).filter(|at| *at <= latest);
    match at {
        None => Err(Refusal::Catalog(catalog::Refusal::ClosingFar { most: MOST_DAYS }).into()),
        Some(at) if at <= opens_at => {
            Err(Refusal::Catalog(catalog::Refusal::ClosingPast { at }).into())
        }
        Some(at) => Ok(at),
    }
}

fn listed(
    ctx: &mut Ctx<'_>,
    said: &ListedOffer<'_>,
    opens_at: Timestamp,
    closes_at: Timestamp,
) -> Offer {
    let reserved: Vec<_> = planned::planned(ctx.shop).map(|offer| offer.code.clone()).collect();
    let is_planned = opens_at > ctx.at;
    let unit = said.unit.unwrap_or(default_unit(ctx.shop.community.locale)).to_owned();
    let left = said.stock.map(i64::from);
    let expected = said.terms.arrives.and_then(|it| expected::instant(ctx, it.day, it.minute));
    Offer {
        id: next_id(ctx),
        code: free_code(ctx.shop, "L", &reserved),
        state: if is_planned { OfferState::Planned } else { OfferState::Open },
        price: said.price,
        opens_at,
        closes_at,
        drop: None,
        detail: OfferDetail {
            name: said.name.trim().to_owned(),
            unit,
            variants: said.terms.kinds.clone(),
            image: said.image.clone(),
            limit_per_member: said.terms.limit,
            minimum: said.terms.minimum,
            posted_by: (!is_planned).then_some(ctx.event),
            ..OfferDetail::default()
        },
        stock: left.iter().map(|&left| Stock { initial: left, left }).collect(),
        sold: 0,
        sold_out_said: false,
        arrival: Arrival { expected, called: None },
    }
}

/// A price is bounded alike in the file and in the chat.
fn check_price(ctx: &Ctx<'_>, price: Money) -> Decided {
    let most = ctx.shop.community.currency.max_price();
    match price {
        price if price <= Money::ZERO => Err(Refusal::Catalog(catalog::Refusal::BadOffer).into()),
        price if ctx.shop.community.currency.in_cash(price) != price => {
            Err(Refusal::Catalog(catalog::Refusal::BadOffer).into())
        }
        price if price > most => {
            Err(Refusal::Catalog(catalog::Refusal::PriceTooHigh { most }).into())
        }
        _ => Ok(()),
    }
}

/// So is what is put on sale.
fn check_stock(initial: i64) -> Decided {
    let most = i64::from(MAX_STOCK);
    if initial > most {
        Err(Refusal::Catalog(catalog::Refusal::StockTooHigh { most }).into())
    } else {
        Ok(())
    }
}

/// Offers in the open state, those past their time but not yet closed included.
pub(in crate::decide) fn open(shop: &Shop) -> impl Iterator<Item = &Offer> {
    shop.offers.values().filter(|offer| offer.state == OfferState::Open)
}

/// A number for a new offer.
pub(in crate::decide) fn next_id(ctx: &mut Ctx<'_>) -> OfferId {
    ctx.shop.community.next_offer()
}

/// When something that takes orders from now on closes, where nobody says so.
fn listed_close(ctx: &Ctx<'_>) -> Timestamp {
    evening_after(ctx, ctx.at)
}

fn evening_after(ctx: &Ctx<'_>, from: Timestamp) -> Timestamp {
    let zone = ctx.shop.community.time_zone;
    let time = NaiveTime::from_hms_opt(LISTED_CLOSE_HOUR, 0, 0).unwrap_or_default();
    let today = local_day(from, zone);
    let closes_at = local_instant(today, time, zone);
    if closes_at - from >= Duration::minutes(LISTED_LEAST_MINUTES) {
        return closes_at;
    }
    local_instant(today + Days::new(1), time, zone)
}

fn default_unit(locale: Locale) -> &'static str {
    match locale {
        Locale::ZhHans | Locale::ZhHant => "份",
        Locale::En => "pc",
    }
}

/// The first code with these letters that neither an open offer bears nor `reserved` holds.
pub(in crate::decide) fn free_code(shop: &Shop, letters: &str, reserved: &[String]) -> String {
    let is_taken = |code: &str| {
        open(shop).any(|offer| offer.code.eq_ignore_ascii_case(code))
            || reserved.iter().any(|other| other.eq_ignore_ascii_case(code))
    };
    // One more number than there are codes is free.
    let most = open(shop).count() + reserved.len() + 1;
    let codes = (1..=most).map(|number| format!("{letters}{number}"));
    codes.into_iter().find(|code| !is_taken(code)).unwrap_or_else(|| letters.to_owned())
}

/// Change the price, for orders placed from now on.
///
/// # Errors
/// Not open any more; `BadOffer` for no price; `PriceTooHigh`.
pub fn price(ctx: &mut Ctx<'_>, offer: OfferId, price: Money) -> Decided {
    let row = require_open(ctx, offer)?;
    let effect =
        catalog::CatalogEffect::Price { offer, from: row.price, to: price, sold: row.sold };
    check_price(ctx, price)?;
    if let Some(row) = ctx.shop.offers.edit(offer) {
        row.price = price;
    }
    ctx.keep(Effect::Catalog(effect));
    changed(ctx, "change_price", offer, None);
    Ok(())
}

/// Put more on sale, or less; never less than is sold. Where each variant has a stock of its own and none
/// was named, ask.
///
/// # Errors
/// Not open any more; `Unlimited`; `NotEnoughLeft`;
/// `StockTooHigh`.
pub fn stock(ctx: &mut Ctx<'_>, offer: OfferId, variant: Option<u16>, by: i32) -> Decided {
    let row = require_open(ctx, offer)?;
    if lacks_variant(ctx, row, variant) {
        return ask_variant(ctx, offer, |variant| {
            LeaderIntent::Catalog(catalog::Lead::Stock { offer, variant, by })
        });
    }
    let stock = row.stock_of(variant).ok_or_else(|| unlimited(row, variant))?;
    let by = i64::from(by);
    if stock.left + by < 0 {
        let (name, unit) = (views::full_name(row, variant), row.detail.unit.clone());
        return Err(Refusal::Catalog(catalog::Refusal::NotEnoughLeft {
            name,
            left: stock.left,
            unit,
        })
        .into());
    }
    if by > 0 {
        check_stock(stock.initial + by)?;
    }
    put(ctx, offer, variant, by);
    ctx.keep(Effect::Catalog(catalog::CatalogEffect::Stock { offer, variant, by }));
    let stock = ctx.shop.offers.get(offer).and_then(|row| views::stock(row, variant));
    changed(ctx, "change_stock", offer, stock);
    Ok(())
}

/// Put so many more on sale, or fewer.
fn put(ctx: &mut Ctx<'_>, offer: OfferId, variant: Option<u16>, by: i64) {
    let Some(row) = ctx.shop.offers.edit(offer) else { return };
    if let Some(stock) = row.stock_of_mut(variant) {
        stock.initial += by;
        stock.left += by;
    }
    // The answer shows what is left, so nobody need be told apart from it.
    row.sold_out_said = row.is_sold_out();
    apply::call_back(ctx, offer);
}

/// So many are for sale from now on, whatever was sold. Where each variant has a stock of its own and none was
/// named, ask.
///
/// # Errors
/// Those of [`stock`], but for too few left.
pub fn set_stock(ctx: &mut Ctx<'_>, offer: OfferId, variant: Option<u16>, left: u32) -> Decided {
    let row = require_open(ctx, offer)?;
    if lacks_variant(ctx, row, variant) {
        return ask_variant(ctx, offer, |variant| {
            LeaderIntent::Catalog(catalog::Lead::SetStock { offer, variant, left })
        });
    }
    let old = row.stock_of(variant).ok_or_else(|| unlimited(row, variant))?;
    check_stock(old.initial - old.left + i64::from(left))?;
    let by = i32::try_from(i64::from(left) - old.left)
        .map_err(|_| Refusal::Catalog(catalog::Refusal::BadOffer))?;
    stock(ctx, offer, variant, by)
}

fn unlimited(offer: &Offer, variant: Option<u16>) -> Refusal {
    Refusal::Catalog(catalog::Refusal::Unlimited { name: views::full_name(offer, variant) })
}

/// Whether each variant has a stock of its own, and none was named by somebody who can be asked.
fn lacks_variant(ctx: &Ctx<'_>, row: &Offer, variant: Option<u16>) -> bool {
    let named = variant.is_some_and(|variant| usize::from(variant) < row.stock.len());
    row.stock.len() > 1 && !named && ctx.speaker.is_some()
}

fn ask_variant(
    ctx: &mut Ctx<'_>,
    offer: OfferId,
    choice: impl Fn(Option<u16>) -> LeaderIntent,
) -> Decided {
    let variants = ctx.offer(offer)?.stock.len().min(MAX_CHOICES);
    let variant = |index| u16::try_from(index).ok();
    let choices = (0..variants).map(|index| Intent::Lead(choice(variant(index)))).collect();
    let question = Question::of(Why::WhichVariant, choices);
    ask::ask(ctx, &question, &Understood::bare(Intent::Ask(question.clone())))
}

fn require_open<'d>(ctx: &'d Ctx<'_>, id: OfferId) -> Decided<&'d Offer> {
    let offer = ctx.offer(id)?;
    if offer.takes_orders(ctx.at) {
        return Ok(offer);
    }
    Err(Refusal::Catalog(catalog::Refusal::closed(offer, ctx.at)).into())
}

fn changed(ctx: &mut Ctx<'_>, what: &'static str, offer: OfferId, stock: Option<StockView>) {
    if let Some(speaker) = ctx.speaker {
        ask::clear(ctx, speaker);
    }
    ctx.record(what, None, None);
    announce(ctx, offer, stock);
}

/// Tell the group how the offer stands.
fn announce(ctx: &mut Ctx<'_>, offer: OfferId, stock: Option<StockView>) {
    if let Some(row) = ctx.shop.offers.get(offer) {
        let post = row.detail.posted_by.map(|event| views::post(ctx.shop, event));
        let offer = views::offer(row);
        ctx.announce(Reply::Catalog(catalog::Reply::OfferChanged { offer, post, stock }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::testing::{A1, A2, AMING, S1, Stage, XIAOMEI, evening, want};
    use crate::domain::event::{Body, Contact};
    use crate::domain::message::{Attachment, AttachmentKind, HeardMessage};
    use crate::domain::orders;

    fn list(name: &str, price: i64, stock: Option<u32>) -> Intent {
        let price = Money::from_minor(price);
        Intent::Lead(LeaderIntent::Catalog(catalog::Lead::List {
            name: name.into(),
            price,
            stock,
            unit: None,
            terms: None,
        }))
    }

    fn more(offer: OfferId, variant: Option<u16>, by: i32) -> Intent {
        Intent::Lead(LeaderIntent::Catalog(catalog::Lead::Stock { offer, variant, by }))
    }

    fn cost(offer: OfferId, price: i64) -> Intent {
        Intent::Lead(LeaderIntent::Catalog(catalog::Lead::Price {
            offer,
            price: Money::from_minor(price),
        }))
    }

    #[track_caller]
    fn check(stage: &mut Stage, intent: Intent, expected: &Refusal) {
        assert_eq!(Stage::refusal(&stage.does(AMING, intent)), *expected);
    }

    #[test]
    fn a_leader_lists_an_offer_until_tonight() {
        let mut stage = Stage::new();
        let replies = stage.does(AMING, list("草莓", 6_800, Some(50)));
        let Reply::Catalog(catalog::Reply::Listed { offer, closes_at }) = &replies[0] else {
            panic!("{replies:?}")
        };
        assert_eq!((offer.code.as_str(), offer.left, *closes_at), ("L1", Some(50), evening()));
        assert!(stage.shop.fresh.timers.contains(&(evening(), Timer::Close)));
        let replies = stage.does(AMING, list("蓝莓", 6_800, None));
        assert!(
            matches!(&replies[0], Reply::Catalog(catalog::Reply::Listed { offer, .. }) if offer.code == "L2")
        );
    }

    #[test]
    fn late_at_night_it_is_until_tomorrow_night() {
        let mut stage = Stage::new();
        stage.at = evening() - Duration::minutes(10);
        let replies = stage.does(AMING, list("草莓", 6_800, None));
        let tomorrow = evening() + Duration::days(1);
        assert!(
            matches!(replies[0], Reply::Catalog(catalog::Reply::Listed { closes_at, .. }) if closes_at == tomorrow)
        );
    }

    #[test]
    fn nonsense_is_not_listed() {
        let mut stage = Stage::new();
        for intent in [
            list(" ", 100, None),
            list(&"长".repeat(41), 100, None),
            list("阳光玫瑰", 100, None),
            list("草莓", 0, None),
            list("草莓", 100, Some(0)),
        ] {
            check(&mut stage, intent, &Refusal::Catalog(catalog::Refusal::BadOffer));
        }
    }

    #[test]
    fn the_chat_may_not_say_what_the_file_may_not() {
        let mut stage = Stage::new();
        let (price, stock) = (100_000_000, 1_000_000);
        let high =
            Refusal::Catalog(catalog::Refusal::PriceTooHigh { most: Money::from_minor(price) });
        let many = Refusal::Catalog(catalog::Refusal::StockTooHigh { most: stock.into() });
        check(&mut stage, list("金条", price + 1, None), &high);
        check(&mut stage, cost(A1, price + 1), &high);
        check(&mut stage, list("芝麻", 1, Some(stock + 1)), &many);
        check(&mut stage, more(A1, None, 1_000_000), &many);
        check(&mut stage, more(A1, None, i32::MAX), &many);
        stage.does(AMING, list("金条", price, Some(stock)));
        assert_eq!(stage.shop.offers.values().last().unwrap().price, Money::from_minor(price));
        let unit = Some("长".repeat(17));
        let price = Money::from_minor(100);
        let name = "草莓".to_owned();
        let wordy = LeaderIntent::Catalog(catalog::Lead::List {
            name,
            price,
            stock: None,
            unit,
            terms: None,
        });
        check(&mut stage, Intent::Lead(wordy), &Refusal::Catalog(catalog::Refusal::BadOffer));
    }

    #[test]
    fn a_new_price_is_for_new_orders() {
        let mut stage = Stage::new();
        stage.does(XIAOMEI, Intent::Orders(orders::Intent::Order(vec![want(A1, 1)])));
        let replies = stage.does(AMING, cost(A1, 2_990));
        assert!(
            matches!(&replies[0], Reply::Catalog(catalog::Reply::OfferChanged { offer, .. }) if offer.price.minor == 2_990)
        );
        assert_eq!(stage.order(1).total(), Money::from_minor(3_990));
        check(&mut stage, cost(A1, 0), &Refusal::Catalog(catalog::Refusal::BadOffer));
        stage.at = evening();
        let refusal = Stage::refusal(&stage.does(AMING, cost(A1, 0)));
        assert!(
            matches!(refusal, Refusal::Catalog(catalog::Refusal::OfferClosed { .. })),
            "closed comes first"
        );
    }

    #[test]
    fn stock_never_falls_below_what_is_sold() {
        let mut stage = Stage::new();
        stage.does(XIAOMEI, Intent::Orders(orders::Intent::Order(vec![want(A2, 1)])));
        stage.does(AMING, more(A2, None, 5));
        assert_eq!(stage.stock(A2), (6, 1));
        let (name, unit) = ("车厘子".to_owned(), "箱".to_owned());
        check(
            &mut stage,
            more(A2, None, -7),
            &Refusal::Catalog(catalog::Refusal::NotEnoughLeft { name, left: 6, unit }),
        );
        stage.does(AMING, more(A2, None, -6));
        assert_eq!(stage.stock(A2), (0, 1));
        stage.assert_stock_is_conserved();
        stage.shop.offers.edit(A2).unwrap().stock.clear();
        let name = "车厘子".to_owned();
        check(
            &mut stage,
            more(A2, None, 1),
            &Refusal::Catalog(catalog::Refusal::Unlimited { name }),
        );
    }

    #[test]
    fn what_is_set_is_what_is_for_sale_whatever_was_sold() {
        let mut stage = Stage::new();
        let set = |offer, left| {
            Intent::Lead(LeaderIntent::Catalog(catalog::Lead::SetStock {
                offer,
                variant: None,
                left,
            }))
        };
        stage.does(XIAOMEI, Intent::Orders(orders::Intent::Order(vec![want(A1, 5)])));
        let said = stage.does(AMING, set(A1, 3));
        assert_eq!(stage.stock(A1), (3, 5));
        let Reply::Catalog(catalog::Reply::OfferChanged { stock: Some(view), .. }) = &said[0]
        else {
            panic!("{said:?}")
        };
        assert_eq!((view.left, view.taken), (3, 5));
        stage.does(AMING, set(A1, 0));
        assert_eq!(stage.stock(A1), (0, 5));
        stage.assert_stock_is_conserved();
        let many = Refusal::Catalog(catalog::Refusal::StockTooHigh { most: 1_000_000 });
        check(&mut stage, set(A1, 1_000_000), &many);
        let said = stage.does(AMING, set(S1, 4));
        assert!(matches!(&said[0], Reply::Asked { choices, .. } if choices.len() == 2));
    }

    #[test]
    fn which_variant_gets_more_is_asked() {
        let mut stage = Stage::new();
        let replies = stage.does(AMING, more(S1, None, 5));
        assert!(matches!(&replies[0], Reply::Asked { choices, .. } if choices.len() == 2));
        let question = stage.shop.members.get(AMING).unwrap().question.clone().unwrap();
        stage.does(AMING, question.question.choices[1].clone());
        let offer = stage.shop.offers.get(S1).unwrap();
        assert_eq!((offer.stock[0].left, offer.stock[1].left), (10, 8));
        assert!(stage.shop.members.get(AMING).unwrap().question.is_none());
    }

    #[test]
    fn the_picture_beside_a_listing_is_the_offers() {
        let mut stage = Stage::new();
        let from = stage.shop.members.get(AMING).unwrap();
        let from = Contact { key: from.key.clone(), name: from.name.clone() };
        let mut lists = |name: &str, id: &str, kind| {
            let attachment = Attachment { kind, id: id.to_owned(), name: None, size_bytes: None };
            let text = format!("上架 {name} 68 50盒");
            let attachments = vec![attachment];
            let message = HeardMessage { text, attachments, ..HeardMessage::default() };
            stage.happens(Body::Said { from: from.clone(), message, private: false });
            stage.shop.offers.values().next_back().unwrap().detail.image.clone()
        };
        let address = "https://example.org/p.jpg";
        assert_eq!(lists("杨梅", address, AttachmentKind::Picture).as_deref(), Some(address));
        let again = lists("枇杷", "AgACAg", AttachmentKind::Picture);
        assert_eq!(again.as_deref(), Some("file-id:AgACAg"));
        assert_eq!(lists("荔枝", "f", AttachmentKind::File), None);
    }
}
