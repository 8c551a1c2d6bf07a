//! The shop window (橱窗): what is on offer, and questions that the catalogue answers. Nothing here changes
//! anything.

use crate::book::ctx::{Ctx, Decided};
use crate::domain::catalog;
use crate::domain::catalog::Offer;
use crate::domain::intent::{About, Query};
use crate::domain::policy::ShopTopic;
use crate::domain::refusal::Refusal;
use crate::domain::reply::{OfferView, Reply};

use crate::decide::shipping::expected;
use crate::decide::views;

/// What is on offer now.
///
/// # Errors
/// `NothingOpen`.
pub fn menu(ctx: &mut Ctx<'_>) -> Decided {
    let offers = views::offers(ctx.shop.open_offers(ctx.at));
    if offers.is_empty() {
        return Err(Refusal::Catalog(catalog::Refusal::NothingOpen).into());
    }
    ctx.record("menu", None, None);
    ctx.say(Reply::Catalog(catalog::Reply::Menu { offers }));
    Ok(())
}

/// Answer a question from the catalogue, or in the shop's own words. What neither answers stays without a word: a person
/// will.
///
/// # Errors
/// [`crate::book::Missing`].
pub fn query(ctx: &mut Ctx<'_>, query: &Query) -> Decided {
    if let Some(told) = told(ctx, query.about) {
        // 几点能取: what is there already, or comes, with the usual hours.
        let arrivals = match query.about {
            About::Hours => expected::awaited(ctx, &query.offers)?,
            _ => Vec::new(),
        };
        ctx.record("query", None, None);
        ctx.say(Reply::Catalog(catalog::Reply::Answer {
            about: query.about,
            offers: Vec::new(),
            pickup_points: Vec::new(),
            arrivals,
            told: Some(told),
        }));
        return Ok(());
    }
    // What the file does not say of delivery it may say of goods that come.
    let about = if query.about.is_of_delivery() { About::Delivery } else { query.about };
    let query = &Query { about, offers: query.offers.clone() };
    let offers = asked_about(ctx, query);
    let (pickup_points, arrivals) = match about {
        About::Delivery => (pickup_points(ctx), expected::asked(ctx, &query.offers)?),
        _ => (Vec::new(), Vec::new()),
    };
    if offers.is_empty() && pickup_points.is_empty() && arrivals.is_empty() {
        return Ok(());
    }
    ctx.record("query", None, None);
    let told = None;
    ctx.say(Reply::Catalog(catalog::Reply::Answer {
        about,
        offers,
        pickup_points,
        arrivals,
        told,
    }));
    Ok(())
}

/// What the file says of a topic in the shop's own words.
fn told(ctx: &Ctx<'_>, about: About) -> Option<String> {
    let topic = match about {
        About::Carriage => ShopTopic::Delivery,
        About::Fee => ShopTopic::Fee,
        About::Hours => ShopTopic::Hours,
        _ => return None,
    };
    let community = &ctx.shop.community;
    ctx.shop.policy.fact_about(topic, &community.slug, community.locale).map(str::to_owned)
}

fn asked_about(ctx: &Ctx<'_>, query: &Query) -> Vec<OfferView> {
    if !query.offers.is_empty() {
        let named = query.offers.iter().filter_map(|&id| ctx.shop.offers.get(id));
        return views::offers(named);
    }
    let open = ctx.shop.open_offers(ctx.at);
    let has_variants = |offer: &&Offer| !offer.detail.variants.is_empty();
    match query.about {
        About::Price | About::Stock | About::Closing => views::offers(open),
        About::Variants => views::offers(open.filter(has_variants)),
        _ => Vec::new(),
    }
}

fn pickup_points(ctx: &Ctx<'_>) -> Vec<String> {
    let community = ctx.shop.policy.community(&ctx.shop.community.slug);
    community.map_or_else(Vec::new, |community| community.pickup_points.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::testing::{A1, Stage, XIAOMEI, evening, want};
    use crate::domain::ids::OfferId;
    use crate::domain::intent::Intent;
    use crate::domain::{orders, service};

    fn ask(about: About, offers: &[OfferId]) -> Vec<Reply> {
        let query = Query { about, offers: offers.to_vec() };
        Stage::new().does(XIAOMEI, Intent::Catalog(catalog::Intent::Query(query)))
    }

    /// The codes and the number of pick-up points in the answer; `None`: no answer.
    #[track_caller]
    fn check(about: About, offers: &[OfferId], codes: &[&str], points: usize) {
        match &ask(about, offers)[..] {
            [Reply::Catalog(catalog::Reply::Answer { offers, pickup_points, .. })] => {
                let seen: Vec<_> = offers.iter().map(|offer| offer.code.as_str()).collect();
                assert_eq!((seen.as_slice(), pickup_points.len()), (codes, points));
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn questions_are_answered_from_the_catalogue() {
        check(About::Price, &[A1], &["A1"], 0);
        check(About::Stock, &[], &["A1", "A2", "S1"], 0);
        check(About::Closing, &[], &["A1", "A2", "S1"], 0);
        check(About::Variants, &[], &["S1"], 0);
        check(About::Delivery, &[], &[], 1);
        check(About::Other, &[A1], &["A1"], 0);
        assert!(ask(About::Other, &[]).is_empty(), "a person will answer");
    }

    #[test]
    fn the_menu_shows_what_is_open() {
        let mut stage = Stage::new();
        let replies = stage.does(XIAOMEI, Intent::Catalog(catalog::Intent::Menu));
        assert!(
            matches!(&replies[..], [Reply::Catalog(catalog::Reply::Menu { offers })] if offers.len() == 3)
        );
        stage.at = evening();
        assert_eq!(
            Stage::refusal(&stage.does(XIAOMEI, Intent::Catalog(catalog::Intent::Menu))),
            Refusal::Catalog(catalog::Refusal::NothingOpen)
        );
    }

    #[test]
    fn feedback_reaches_the_leaders_with_its_words() {
        let mut stage = Stage::new();
        stage.does(XIAOMEI, Intent::Service(service::Intent::Feedback));
        let heard = stage.heard();
        assert_eq!(heard[0].reply, Reply::Service(service::Reply::FeedbackSeen));
        assert_eq!(
            heard[1].reply,
            Reply::Service(service::Reply::FeedbackGiven {
                name: "小美".into(),
                words: "message 0".into()
            })
        );
        assert_eq!((heard[1].to.as_deref(), heard[1].private), (Some("阿明"), true));
    }

    #[test]
    fn my_orders_come_newest_first_and_include_what_was_just_placed() {
        let mut stage = Stage::new();
        assert_eq!(
            stage.does(XIAOMEI, Intent::Orders(orders::Intent::MyOrders)),
            [Reply::Orders(orders::Reply::MyOrders { orders: vec![] })]
        );
        stage.does(XIAOMEI, Intent::Orders(orders::Intent::Order(vec![want(A1, 1)])));
        stage.shop.offers.edit(A1).unwrap().closes_at += chrono::Duration::hours(1);
        stage.does(XIAOMEI, Intent::Orders(orders::Intent::Order(vec![want(A1, 2)])));
        let replies = stage.does(XIAOMEI, Intent::Orders(orders::Intent::MyOrders));
        let Reply::Orders(orders::Reply::MyOrders { orders }) = &replies[0] else {
            panic!("{replies:?}")
        };
        let numbers: Vec<_> = orders.iter().map(|order| order.order.0).collect();
        assert_eq!(numbers, [2, 1]);
    }
}
