//! Another closing (延长): a leader moves when offers close, later or earlier, and may take that back.
//!
//! Baskets stay where they are: they are kept under the closing that their offers were opened with. For how long they
//! wait for payment is counted from the closing, and moves with it; the post says the new time where it can be changed.

use std::collections::BTreeMap;

use chrono::Duration;

use crate::book::ctx::{Ctx, Decided};
use crate::book::{Missing, Need, Needs, Shop};
use crate::decide::orders::order::apply;
use crate::decide::views;
use crate::domain::catalog::{self, CatalogEffect, MovedClosing, Offer, Refusal};
use crate::domain::event::Timer;
use crate::domain::ids::{EventId, OfferId, OrderId};
use crate::domain::orders::Order;
use crate::domain::reply::Reply;
use crate::domain::time::SaidTime;
use crate::domain::{self, refusal};

use super::offers::{MOST_DAYS, open};

/// Close these offers at another time; none named means all.
///
/// # Errors
/// `NothingOpen`; `ClosedForGood` for one that takes no more orders; `ClosingPast`; `ClosingFar`. [`Missing`].
pub fn move_closing(ctx: &mut Ctx<'_>, offers: &[OfferId], to: SaidTime) -> Decided {
    let offers = meant(ctx.shop, offers);
    if offers.is_empty() {
        return refused(Refusal::NothingOpen);
    }
    let mut moved = Vec::with_capacity(offers.len());
    for id in offers {
        let offer = ctx.offer(id)?;
        if !offer.takes_orders(ctx.at) {
            let (code, name) = (offer.code.clone(), offer.detail.name.clone());
            return refused(Refusal::ClosedForGood { code, name });
        }
        let zone = ctx.shop.community.time_zone;
        let latest = ctx.at + Duration::days(MOST_DAYS);
        let at = to.instant(ctx.at, offer.closes_at, zone).filter(|at| *at <= latest);
        let Some(at) = at else { return refused(Refusal::ClosingFar { most: MOST_DAYS }) };
        if at <= ctx.at {
            return refused(Refusal::ClosingPast { at });
        }
        moved.push(MovedClosing { offer: id, from: offer.closes_at, to: at });
    }
    require(ctx, &moved)?;
    carry_out(ctx, &moved);
    ctx.keep(domain::undo::Effect::Catalog(CatalogEffect::MoveClosing(moved)));
    ctx.record("move_closing", None, None);
    Ok(())
}

/// They close when they did before.
///
/// # Errors
/// For the first that fails: `ClosedForGood`; `ChangedSince` where it closes at yet another time; `ClosingPast`
/// where it would be closed by now. [`Missing`].
pub fn move_back(ctx: &mut Ctx<'_>, moved: &[MovedClosing]) -> Decided {
    for it in moved {
        let offer = ctx.offer(it.offer)?;
        let (code, name) = (offer.code.clone(), offer.detail.name.clone());
        if !offer.takes_orders(ctx.at) {
            return refused(Refusal::ClosedForGood { code, name });
        }
        if offer.closes_at != it.to {
            return Err(refusal::Refusal::ChangedSince { what: code }.into());
        }
        if it.from <= ctx.at {
            return refused(Refusal::ClosingPast { at: it.from });
        }
    }
    let back = |it: &MovedClosing| MovedClosing { from: it.to, to: it.from, ..*it };
    let moved: Vec<_> = moved.iter().map(back).collect();
    require(ctx, &moved)?;
    carry_out(ctx, &moved);
    Ok(())
}

/// What [`move_closing`] needs to know.
#[must_use]
pub fn needs(shop: &Shop, offers: &[OfferId]) -> Needs {
    let offers = meant(shop, offers);
    let rows = offers.iter().filter_map(|&id| shop.offers.get(id));
    rows.map(|offer| Need::Closing(offer.baskets_of())).collect()
}

fn refused(refusal: Refusal) -> Decided {
    Err(refusal::Refusal::Catalog(refusal).into())
}

fn meant(shop: &Shop, offers: &[OfferId]) -> Vec<OfferId> {
    if offers.is_empty() { open(shop).map(|offer| offer.id).collect() } else { offers.to_vec() }
}

/// The orders of these offers are here.
fn require(ctx: &Ctx<'_>, moved: &[MovedClosing]) -> Decided {
    let rows = moved.iter().filter_map(|it| ctx.shop.offers.get(it.offer));
    for at in rows.map(Offer::baskets_of) {
        if !ctx.shop.known.closing.contains(&at) {
            return Err(Missing(Need::Closing(at)).into());
        }
    }
    Ok(())
}

fn carry_out(ctx: &mut Ctx<'_>, moved: &[MovedClosing]) {
    let held = held(ctx.shop, moved);
    for it in moved {
        let Some(row) = ctx.shop.offers.edit(it.offer) else { continue };
        row.detail.first_close = Some(row.baskets_of());
        row.closes_at = it.to;
        ctx.wake(it.to, Timer::Close);
    }
    for order in held {
        hold_anew(ctx, order);
    }
    announce(ctx, moved);
}

/// Unpaid orders of these offers that wait for payment until so long after their closing. Those that wait for less, of
/// a flash sale, or for more, since a part of them was paid, go on as they are.
fn held(shop: &Shop, moved: &[MovedClosing]) -> Vec<OrderId> {
    let is_of = |order: &&Order| {
        let mut lines = order.lines.iter().filter(|line| line.qty > 0);
        lines.any(|line| moved.iter().any(|it| it.offer == line.offer))
    };
    let waits = |order: &&Order| apply::usual_hold(shop, order) == Some(order.hold_until);
    let unpaid = shop.orders.values().filter(|order| order.is_unpaid());
    unpaid.filter(is_of).filter(waits).map(|order| order.id).collect()
}

fn hold_anew(ctx: &mut Ctx<'_>, order: OrderId) {
    let row = ctx.shop.orders.get(order);
    if let Some(until) = row.and_then(|row| apply::usual_hold(ctx.shop, row)) {
        apply::hold(ctx, order, until);
    }
}

/// Tell the group, post by post.
fn announce(ctx: &mut Ctx<'_>, moved: &[MovedClosing]) {
    let mut posts: BTreeMap<Option<EventId>, Vec<OfferId>> = BTreeMap::new();
    for it in moved {
        let row = ctx.shop.offers.get(it.offer);
        posts.entry(row.and_then(|row| row.detail.posted_by)).or_default().push(it.offer);
    }
    for (event, offers) in posts {
        let rows = offers.iter().filter_map(|&id| ctx.shop.offers.get(id));
        let offers = views::offers(rows);
        let post = event.map(|event| views::post(ctx.shop, event));
        ctx.announce(Reply::Catalog(catalog::Reply::ClosingMoved { offers, post }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::testing::{A1, A2, AMING, LAOWANG, Stage, XIAOMEI, evening, want};
    use crate::domain::intent::{Intent, LeaderIntent};
    use crate::domain::orders;
    use crate::domain::time::SaidDay;
    use crate::domain::undo::UndoAbout;

    fn at(days: u32, hour: u16) -> SaidTime {
        SaidTime::At { day: SaidDay::In(days), minute: hour * 60, is_open: false }
    }

    fn to(offers: &[OfferId], to: SaidTime) -> Intent {
        let offers = offers.to_vec();
        Intent::Lead(LeaderIntent::Catalog(catalog::Lead::MoveClosing { offers, to }))
    }

    fn busy() -> Stage {
        let mut stage = Stage::new();
        let order = |lines| Intent::Orders(orders::Intent::Order(lines));
        stage.does(XIAOMEI, order(vec![want(A1, 1), want(A2, 1)]));
        stage.does(LAOWANG, order(vec![want(A2, 1)]));
        stage
    }

    #[track_caller]
    fn check(stage: &mut Stage, intent: Intent, expected: &Refusal) {
        let refusal = Stage::refusal(&stage.does(AMING, intent));
        assert_eq!(refusal, refusal::Refusal::Catalog(expected.clone()));
    }

    #[test]
    fn holds_and_timers_follow_a_closing() {
        let mut stage = busy();
        let (tomorrow, hold) = (evening() + Duration::days(1), Duration::hours(24));
        let replies = stage.does(AMING, to(&[A1], at(1, 22)));
        let [Reply::Catalog(catalog::Reply::ClosingMoved { offers, .. })] = &replies[..] else {
            panic!("{replies:?}")
        };
        assert_eq!(offers[0].closes_at, tomorrow);
        assert_eq!(stage.order(1).hold_until, tomorrow + hold, "it has grapes");
        assert_eq!(stage.order(2).hold_until, evening() + hold, "it has none");
        assert!(stage.shop.fresh.timers.contains(&(tomorrow, Timer::Close)));
        stage.due(evening(), Timer::Close);
        assert_eq!(open(&stage.shop).map(|it| it.id).collect::<Vec<_>>(), [A1]);
        stage.does(LAOWANG, Intent::Orders(orders::Intent::Order(vec![want(A1, 1)])));
        assert_eq!(stage.shop.orders.values().count(), 2, "what comes later joins the basket");
        assert_eq!(stage.order(2).hold_until, tomorrow + hold);
        let told = stage.due(tomorrow, Timer::Close);
        let Reply::Catalog(catalog::Reply::Closed { orders, .. }) = &told[0] else {
            panic!("{told:?}")
        };
        assert_eq!(*orders, 2);
    }

    #[test]
    fn what_keeps_a_closing_where_it_is_is_said_in_order() {
        let mut stage = busy();
        stage.shop.offers.edit(A2).unwrap().state = catalog::OfferState::Closed;
        let (code, name) = ("A2".to_owned(), "车厘子".to_owned());
        check(&mut stage, to(&[A2], at(99, 1)), &Refusal::ClosedForGood { code, name });
        check(&mut stage, to(&[A1], at(31, 22)), &Refusal::ClosingFar { most: 30 });
        let past = Refusal::ClosingPast { at: stage.at - Duration::hours(1) };
        let hour = u16::try_from(chrono::Timelike::hour(
            &(stage.at - Duration::hours(1)).with_timezone(&stage.shop.community.time_zone),
        ));
        let minute = chrono::Timelike::minute(&stage.at);
        let minute = hour.unwrap() * 60 + u16::try_from(minute).unwrap();
        let over = SaidTime::At { day: SaidDay::Unsaid, minute, is_open: false };
        check(&mut stage, to(&[A1], over), &past);
        assert_eq!(stage.shop.offers.get(A1).unwrap().closes_at, evening());
        for offer in [A1, crate::decide::testing::S1] {
            stage.shop.offers.edit(offer).unwrap().state = catalog::OfferState::Closed;
        }
        check(&mut stage, to(&[], at(1, 22)), &Refusal::NothingOpen);
    }

    #[test]
    fn it_is_taken_back_while_that_is_still_to_come() {
        let mut stage = busy();
        let undo = || Intent::Undo(UndoAbout::Close);
        stage.does(AMING, to(&[A1, A2], SaidTime::Later(30)));
        stage.does(AMING, undo());
        assert_eq!(stage.shop.offers.get(A1).unwrap().closes_at, evening());
        assert_eq!(stage.order(1).hold_until, evening() + Duration::hours(24));
        stage.at = evening() - Duration::minutes(5);
        stage.does(AMING, to(&[A1], SaidTime::Later(30)));
        stage.at = evening() + Duration::minutes(1);
        check(&mut stage, undo(), &Refusal::ClosingPast { at: evening() });
        stage.shop.offers.edit(A1).unwrap().closes_at += Duration::minutes(1);
        let since = Stage::refusal(&stage.does(AMING, undo()));
        assert_eq!(since, refusal::Refusal::ChangedSince { what: "A1".to_owned() });
    }
}
