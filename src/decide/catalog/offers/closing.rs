//! Closing (截单): by time, or by a leader's word.
//!
//! An offer that sold fewer than its minimum (成团) gives its lines back: unpaid ones are taken off, paid
//! ones refunded, and every buyer is told. The group reads a summary of what closed by time, the leaders
//! what to pick and for whom (汇总).

use std::collections::BTreeSet;

use crate::book::ctx::{Ctx, Decided};
use crate::book::{Missing, Need, Needs, Shop};
use crate::decide::orders::order::apply;
use crate::decide::payments::payment;
use crate::decide::payments::refund;
use crate::decide::reports::figures;
use crate::decide::shipping::reminders;
use crate::decide::views;
use crate::domain::catalog;
use crate::domain::catalog::{Offer, OfferState};
use crate::domain::ids::{MemberId, OfferId, OrderId};
use crate::domain::intent::{Op, WantedLine};
use crate::domain::money::Money;
use crate::domain::orders::{Line, Order, OrderState};
use crate::domain::refusal::Refusal;
use crate::domain::reply::Reply;
use crate::domain::time::Timestamp;
use crate::domain::undo::Effect;

use super::open;

/// Close the offers whose time is over, and sum them up for the group.
///
/// # Errors
/// Missing facts.
pub fn close_due(ctx: &mut Ctx<'_>) -> Decided {
    let due = due(ctx.shop, ctx.at);
    if due.is_empty() {
        return Ok(());
    }
    require_orders(ctx, &due)?;
    close(ctx, &due);
    reminders::plan_receipt(ctx, ctx.at);
    let sold = sold(ctx, &due);
    let summary = summary(ctx, &due, &sold);
    let list = (!sold.is_empty()).then(|| figures::picked(ctx, &sold));
    ctx.record("close_offers", None, None);
    // That nothing was sold is no news.
    if let Some(list) = list {
        ctx.announce(summary);
        ctx.tell_leaders(&list);
    }
    Ok(())
}

fn due(shop: &Shop, at: Timestamp) -> Vec<OfferId> {
    open(shop).filter(|offer| offer.closes_at <= at).map(|offer| offer.id).collect()
}

/// What [`close_due`] needs to know.
#[must_use]
pub fn due_needs(shop: &Shop, at: Timestamp) -> Needs {
    needs_of(shop, &due(shop, at))
}

/// What [`stop`] needs to know.
#[must_use]
pub fn stop_needs(shop: &Shop, offers: &[OfferId]) -> Needs {
    let meant = |offer: &&Offer| offers.is_empty() || offers.contains(&offer.id);
    let failing = open(shop).filter(meant).filter(|offer| is_short(offer)).map(|offer| offer.id);
    needs_of(shop, &failing.collect::<Vec<_>>())
}

fn needs_of(shop: &Shop, offers: &[OfferId]) -> Needs {
    let rows = offers.iter().filter_map(|&id| shop.offers.get(id));
    rows.map(|offer| Need::Closing(offer.baskets_of())).collect()
}

/// Stop taking orders for these offers; none named means all.
///
/// # Errors
/// Missing facts; `NothingOpen`; `OfferClosed` for one that is.
pub fn stop(ctx: &mut Ctx<'_>, offers: &[OfferId]) -> Decided {
    let all: Vec<_> = open(ctx.shop).map(|offer| offer.id).collect();
    let offers = if offers.is_empty() { &all[..] } else { offers };
    if all.is_empty() {
        return Err(Refusal::Catalog(catalog::Refusal::NothingOpen).into());
    }
    for &id in offers {
        let offer = ctx.offer(id)?;
        if offer.state != OfferState::Open {
            return Err(Refusal::Catalog(catalog::Refusal::closed(offer, ctx.at)).into());
        }
    }
    let is_failing = |id: &OfferId| ctx.shop.offers.get(*id).is_some_and(is_short);
    let failing: Vec<_> = offers.iter().copied().filter(is_failing).collect();
    require_orders(ctx, &failing)?;
    close(ctx, offers);
    reminders::plan_receipt(ctx, ctx.at);
    let rows = offers.iter().filter_map(|&id| ctx.shop.offers.get(id));
    let codes = rows.map(|offer| offer.code.clone()).collect();
    if failing.is_empty() {
        ctx.keep(Effect::Catalog(catalog::CatalogEffect::Close(offers.to_vec())));
    }
    ctx.record("stop_offers", None, None);
    ctx.announce(Reply::Catalog(catalog::Reply::OffersStopped { codes }));
    Ok(())
}

fn is_short(offer: &Offer) -> bool {
    offer.detail.minimum.is_some_and(|minimum| offer.sold < i64::from(minimum))
}

/// All orders of these offers are here, and everybody who placed one.
fn require_orders(ctx: &Ctx<'_>, offers: &[OfferId]) -> Decided {
    for need in needs_of(ctx.shop, offers) {
        match need {
            Need::Closing(at) if ctx.shop.known.closing.contains(&at) => {}
            need => return Err(Missing(need).into()),
        }
    }
    let concerned = |order: &&Order| order.lines.iter().any(|line| offers.contains(&line.offer));
    let concerned = ctx.shop.orders.values().filter(concerned);
    payment::require_people(ctx, &concerned.map(|order| order.id).collect::<Vec<_>>())
}

fn close(ctx: &mut Ctx<'_>, offers: &[OfferId]) {
    for &id in offers {
        let Some(offer) = ctx.shop.offers.edit(id) else { continue };
        offer.state = OfferState::Closed;
        if is_short(offer) {
            give_up(ctx, id);
        }
    }
}

/// The minimum was not reached: nobody gets anything of it, and everybody hears.
fn give_up(ctx: &mut Ctx<'_>, id: OfferId) {
    let Some(offer) = ctx.shop.offers.get(id) else { return };
    let minimum = offer.detail.minimum.unwrap_or(0);
    let news = Reply::Catalog(catalog::Reply::NotReached {
        name: offer.detail.name.clone(),
        sold: offer.sold,
        minimum,
    });
    let wants = |order: &&Order| {
        (order.is_unpaid() || order.is_paid())
            && order.lines.iter().any(|line| line.offer == id && line.live_qty() > 0)
    };
    let orders: Vec<_> = ctx.shop.orders.values().filter(wants).map(|order| order.id).collect();
    let mut buyers: BTreeSet<MemberId> = BTreeSet::new();
    for order in orders {
        buyers.extend(ctx.shop.orders.get(order).map(|order| order.member));
        release(ctx, order, id);
    }
    if buyers.is_empty() {
        return; // nobody waits for it
    }
    ctx.tell_leaders(&news);
    for buyer in buyers {
        ctx.tell(buyer, news.clone());
    }
}

/// Take an offer out of an order, whatever has been paid of it.
fn release(ctx: &mut Ctx<'_>, order: OrderId, offer: OfferId) {
    if ctx.shop.orders.get(order).is_some_and(Order::is_unpaid) {
        ctx.record("release_offer", Some(order), None);
        apply::drop_offer(ctx, order, offer);
        payment::refit_deposit(ctx, order);
        return;
    }
    restock(ctx, order, offer);
    let line = WantedLine { offer, variant: None, qty: None, op: Op::Remove };
    let refunded = refund::refund(ctx, order, &[line]);
    // The order is in the book, paid, holds units of the offer, and its buyer is known: all that a
    // refund refuses for was tested by the callers.
    debug_assert!(refunded.is_ok(), "{refunded:?}");
}

/// Goods of a missed minimum were never bought: what is refunded now, unless it was sent, counts as sold no
/// more. A refund alone would not restock an offer that is closed.
fn restock(ctx: &mut Ctx<'_>, order: OrderId, offer: OfferId) {
    let Some(row) = ctx.shop.orders.edit(order).filter(|row| row.state == OrderState::Paid) else {
        return;
    };
    let mut units = Vec::new();
    for line in row.lines.iter_mut().filter(|line| line.offer == offer) {
        units.push((line.variant, line.live_qty()));
        line.restocked += line.live_qty();
    }
    for (variant, units) in units {
        apply::restock(ctx, offer, variant, units);
    }
}

/// The live orders in these offers.
fn sold<'d>(ctx: &'d Ctx<'_>, offers: &[OfferId]) -> Vec<&'d Order> {
    let alive = |order: &&Order| {
        !matches!(order.state, OrderState::Cancelled | OrderState::Refunded)
            && lines_in(order, offers).next().is_some()
    };
    ctx.shop.orders.values().filter(alive).collect()
}

fn lines_in<'o>(order: &'o Order, offers: &'o [OfferId]) -> impl Iterator<Item = &'o Line> {
    order.lines.iter().filter(|line| offers.contains(&line.offer) && line.live_qty() > 0)
}

fn summary(ctx: &Ctx<'_>, offers: &[OfferId], sold: &[&Order]) -> Reply {
    let sum = |order: &Order| -> Money {
        lines_in(order, offers).map(|line| line.base() - line.refunded).sum()
    };
    let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    let buyers: BTreeSet<MemberId> = sold.iter().map(|order| order.member).collect();
    let rows = offers.iter().filter_map(|&id| ctx.shop.offers.get(id));
    Reply::Catalog(catalog::Reply::Closed {
        offers: views::offers(rows),
        orders: count(sold.len()),
        buyers: count(buyers.len()),
        total: sold.iter().map(|order| sum(order)).sum(),
        unpaid: sold.iter().filter(|order| order.is_unpaid()).map(|order| sum(order)).sum(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::testing::{A1, A2, AMING, LAOWANG, Stage, XIAOMEI, evening, want};
    use crate::domain::event::Timer;
    use crate::domain::intent::{Intent, LeaderIntent};
    use crate::domain::reports;
    use crate::domain::{orders, payments};

    fn busy() -> Stage {
        let mut stage = Stage::new();
        stage.does(XIAOMEI, Intent::Orders(orders::Intent::Order(vec![want(A1, 2)])));
        stage.does(XIAOMEI, Intent::Orders(orders::Intent::Order(vec![want(A2, 1)])));
        stage.does(LAOWANG, Intent::Orders(orders::Intent::Order(vec![want(A1, 1)])));
        stage
    }

    #[test]
    fn closing_sums_up_the_day_once() {
        let mut stage = busy();
        stage.shop.orders.edit(OrderId(2)).unwrap().state = OrderState::Paid;
        let replies = stage.due(evening(), Timer::Close);
        let [
            Reply::Catalog(catalog::Reply::Closed { offers, orders, buyers, total, unpaid }),
            list,
        ] = &replies[..]
        else {
            panic!("{replies:?}")
        };
        assert_eq!((offers.len(), *orders, *buyers), (3, 2, 2));
        assert_eq!(total.minor, 3 * 3_990 + 8_800);
        assert_eq!(unpaid.minor, 2 * 3_990 + 8_800);
        assert!(
            matches!(list, Reply::Reports(reports::Reply::PickList { items, members, .. }) if items.len() == 2 && members.len() == 2)
        );
        assert!(stage.due(evening(), Timer::Close).is_empty());
    }

    #[test]
    fn nothing_closes_before_its_time() {
        let mut stage = busy();
        let early = evening() - chrono::Duration::seconds(1);
        assert!(stage.due(early, Timer::Close).is_empty());
        assert_eq!(stage.shop.open_offers(early).count(), 3);
    }

    #[test]
    fn an_offer_below_its_minimum_gives_everything_back() {
        let mut stage = busy();
        stage.shop.offers.edit(A1).unwrap().detail.minimum = Some(4);
        let paid = stage.does(
            AMING,
            Intent::Lead(LeaderIntent::Payments(payments::Lead::Paid {
                of: crate::domain::intent::Selection::Orders(vec![OrderId(2)]),
                amount: None,
            })),
        );
        assert!(!paid.is_empty());
        stage.heard();
        stage.due(evening(), Timer::Close);
        let told = stage.heard();
        let told: Vec<_> = told
            .iter()
            .filter(|heard| {
                matches!(
                    heard.reply,
                    Reply::Catalog(catalog::Reply::NotReached { sold: 3, minimum: 4, .. })
                )
            })
            .filter_map(|heard| heard.to.clone())
            .collect();
        assert_eq!(told, ["阿明", "小美", "老王"]);
        assert_eq!(stage.order(1).lines[0].qty, 0);
        assert_eq!(stage.order(1).total().minor, 8_800, "the cherries stay");
        assert_eq!(stage.order(2).state, OrderState::Refunded);
        stage.assert_stock_is_conserved();
    }

    #[test]
    fn a_leader_stops_one_offer_or_all() {
        let mut stage = busy();
        let stop = |offers| Intent::Lead(LeaderIntent::Catalog(catalog::Lead::Close(offers)));
        let replies = stage.does(AMING, stop(vec![A1]));
        assert_eq!(
            replies,
            [Reply::Catalog(catalog::Reply::OffersStopped { codes: vec!["A1".into()] })]
        );
        let refusal = Stage::refusal(&stage.does(AMING, stop(vec![A1])));
        assert!(matches!(refusal, Refusal::Catalog(catalog::Refusal::OfferClosed { .. })));
        stage.does(AMING, stop(vec![]));
        assert_eq!(
            Stage::refusal(&stage.does(AMING, stop(vec![]))),
            Refusal::Catalog(catalog::Refusal::NothingOpen)
        );
        let late = stage.does(XIAOMEI, Intent::Orders(orders::Intent::Order(vec![want(A1, 1)])));
        assert!(matches!(
            Stage::refusal(&late),
            Refusal::Catalog(catalog::Refusal::OfferClosed { .. })
        ));
    }
}
