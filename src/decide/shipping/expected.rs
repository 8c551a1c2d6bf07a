//! Expected arrivals (预计到货): when goods will come, as the operator's file or a leader says, for members who ask.

use chrono::{Datelike, Days, NaiveDate, NaiveTime};

use crate::book::ctx::{Ctx, Decided};
use crate::domain::catalog::{Expected, Offer, OfferState};
use crate::domain::ids::OfferId;
use crate::domain::orders::OrderState;
use crate::domain::refusal::Refusal;
use crate::domain::reply::{ArrivalView, Reply};
use crate::domain::shipping::{self, Coming, MeantGoods, NamedGoods};
use crate::domain::time::{local_day, local_instant};

use crate::decide::orders::selection::require_all;

use super::arrivals;

/// The most goods that one answer tells about.
const MOST_TOLD: usize = 6;

/// A leader says when goods will come. Without a name, those are meant that closed last; where nobody waits for any,
/// it is talk.
///
/// # Errors
/// `NobodyWaits` where goods are named that are not there; [`crate::book::Missing`].
pub fn expect(ctx: &mut Ctx<'_>, goods: &MeantGoods, day: Coming, minute: Option<u16>) -> Decided {
    require_all(ctx, OrderState::Paid)?;
    if let MeantGoods::OfOrder(order) = goods {
        ctx.order(*order)?;
    }
    let mut meant = match goods {
        MeantGoods::Named(named) => named.iter().filter_map(|it| one_meant(ctx, it)).collect(),
        MeantGoods::Last | MeantGoods::Ago(_) | MeantGoods::OfOrder(_) => {
            arrivals::meant(ctx, goods)
        }
    };
    meant.retain(|&id| ctx.shop.offers.get(id).is_some_and(|it| it.arrival.called.is_none()));
    if meant.is_empty() {
        let is_talk = matches!(goods, MeantGoods::Last | MeantGoods::Ago(_));
        let refusal = Refusal::Shipping(shipping::Refusal::NobodyWaits);
        return if is_talk { Ok(()) } else { Err(refusal.into()) };
    }
    let Some(expected) = instant(ctx, day, minute) else { return Ok(()) };
    for &id in &meant {
        if let Some(row) = ctx.shop.offers.edit(id) {
            row.arrival.expected = Some(expected);
        }
    }
    let goods = meant.iter().filter_map(|&id| view(ctx, ctx.shop.offers.get(id)?)).collect();
    ctx.record("expect_goods", None, None);
    ctx.say(Reply::Shipping(shipping::Reply::WillArrive { goods }));
    Ok(())
}

/// Of all that have this code or this name: what closed last and is waited for, or else what is on sale.
fn one_meant(ctx: &Ctx<'_>, named: &NamedGoods) -> Option<OfferId> {
    let waits = arrivals::meant(ctx, &MeantGoods::Named(vec![*named])).first().copied();
    let is_new =
        |id: &OfferId| ctx.shop.offers.get(*id).is_some_and(|row| row.arrival.called.is_none());
    waits.filter(is_new).or_else(|| {
        let row = ctx.shop.offers.get(named.offer)?;
        (row.state == OfferState::Open).then_some(row.id)
    })
}

/// The instant of a day and perhaps a minute of it, from today on.
#[must_use]
pub fn instant(ctx: &Ctx<'_>, day: Coming, minute: Option<u16>) -> Option<Expected> {
    let time = minute.and_then(|minute| {
        NaiveTime::from_num_seconds_from_midnight_opt(u32::from(minute) * 60, 0)
    });
    let zone = ctx.shop.community.time_zone;
    let at = local_instant(day_of(ctx, day)?, time.unwrap_or(NaiveTime::MIN), zone);
    Some(Expected { at, day: time.is_none() })
}

/// The day that is meant, from today on.
fn day_of(ctx: &Ctx<'_>, coming: Coming) -> Option<NaiveDate> {
    let today = local_day(ctx.at, ctx.shop.community.time_zone);
    match coming {
        Coming::In(days) => today.checked_add_days(Days::new(days.into())),
        Coming::Weekday { day, later } => {
            let now = today.weekday().num_days_from_monday();
            let wanted = u32::from(day);
            let ahead = if later { 7 - now + wanted } else { (wanted + 7 - now) % 7 };
            today.checked_add_days(Days::new(ahead.into()))
        }
        Coming::Date { month, day } => {
            let of = |year| NaiveDate::from_ymd_opt(year, month.into(), day.into());
            let this = of(today.year())?;
            if this >= today { Some(this) } else { of(today.year() + 1) }
        }
    }
}

/// What is known of the goods that somebody names or waits for.
///
/// # Errors
/// [`crate::book::Missing`].
pub fn awaited(ctx: &Ctx<'_>, named: &[OfferId]) -> Decided<Vec<ArrivalView>> {
    let Some(member) = ctx.speaker else { return Ok(Vec::new()) };
    ctx.require_orders_of(member)?;
    let mut orders = ctx.shop.orders.of(member);
    let waits = orders.any(|it| matches!(it.state, OrderState::Placed | OrderState::Paid));
    if waits || !named.is_empty() { asked(ctx, named) } else { Ok(Vec::new()) }
}

/// What is known of the goods that somebody asks about: of those they named, else of those they wait for, else of what
/// is on sale. What is known of none is left out.
///
/// # Errors
/// [`crate::book::Missing`].
pub fn asked(ctx: &Ctx<'_>, named: &[OfferId]) -> Decided<Vec<ArrivalView>> {
    let shop = &*ctx.shop;
    let mut mine: Vec<&Offer> = Vec::new();
    if let Some(member) = ctx.speaker {
        ctx.require_orders_of(member)?;
        let live = shop
            .orders
            .of(member)
            .filter(|order| matches!(order.state, OrderState::Placed | OrderState::Paid));
        let offers = live.flat_map(|order| order.outstanding().map(|(_, line)| line.offer));
        mine.extend(offers.filter_map(|id| shop.offers.get(id)));
    }
    let like = |row: &Offer| {
        let own = mine.iter().find(|own| own.detail.name == row.detail.name);
        own.map_or(row.id, |own| own.id)
    };
    let mut asked: Vec<OfferId> = if !named.is_empty() {
        named.iter().filter_map(|&id| shop.offers.get(id)).map(like).collect()
    } else if !mine.is_empty() {
        mine.iter().map(|row| row.id).collect()
    } else {
        shop.open_offers(ctx.at).map(|row| row.id).collect()
    };
    asked.sort_unstable();
    asked.dedup();
    let views = asked.into_iter().filter_map(|id| view(ctx, shop.offers.get(id)?));
    Ok(views.take(MOST_TOLD).collect())
}

/// What is known of an offer; a day that is past says nothing.
fn view(ctx: &Ctx<'_>, row: &Offer) -> Option<ArrivalView> {
    let zone = ctx.shop.community.time_zone;
    let today = local_day(ctx.at, zone);
    let expected = row.arrival.expected.filter(|it| local_day(it.at, zone) >= today);
    let called = row.arrival.called.clone();
    let goods = format!("{} {}", row.code, row.detail.name);
    (expected.is_some() || called.is_some()).then_some(ArrivalView { goods, expected, called })
}
