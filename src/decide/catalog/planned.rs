//! Planned offers (明天10点上架): they are kept until their time, open then, and are posted like what is listed at once.

use chrono::Duration;

use crate::book::Shop;
use crate::book::ctx::{Ctx, Decided};
use crate::domain::catalog::{self, Offer, OfferState, PlannedView};
use crate::domain::event::Timer;
use crate::domain::ids::OfferId;
use crate::domain::refusal::Refusal;
use crate::domain::reply::Reply;
use crate::domain::time::{SaidTime, Timestamp};
use crate::domain::undo::Effect;

use crate::decide::views;

use super::offers::{self, MOST_DAYS, free_code};
use super::waiting;

/// So many offers wait for their time at most.
const MOST_PLANNED: usize = 50;
/// The shop tells of drops that come within so long.
const TOLD_OF: Duration = Duration::days(2);

/// When an offer is to open.
///
/// # Errors
/// `OpeningFar`, `OpeningPast`, `TooManyPlanned`.
pub fn opening(ctx: &Ctx<'_>, said: SaidTime) -> Decided<Timestamp> {
    let zone = ctx.shop.community.time_zone;
    let latest = ctx.at + Duration::days(MOST_DAYS);
    let at = said.instant(ctx.at, ctx.at, zone).filter(|at| *at <= latest);
    match at {
        None => refused(catalog::Refusal::ClosingFar { most: MOST_DAYS }),
        Some(at) if at <= ctx.at => refused(catalog::Refusal::OpeningPast { at }),
        Some(_) if planned(ctx.shop).count() >= MOST_PLANNED => {
            refused(catalog::Refusal::TooManyPlanned { most: MOST_PLANNED })
        }
        Some(at) => Ok(at),
    }
}

fn refused<T>(refusal: catalog::Refusal) -> Decided<T> {
    Err(Refusal::Catalog(refusal).into())
}

/// Offers that wait for their time.
pub fn planned(shop: &Shop) -> impl Iterator<Item = &Offer> {
    shop.offers.values().filter(|offer| offer.state == OfferState::Planned)
}

/// Keep an offer until its time, and tell its leader.
pub fn keep(ctx: &mut Ctx<'_>, offer: Offer) {
    let view = view(&offer);
    let (id, opens_at) = (offer.id, offer.opens_at);
    ctx.shop.offers.add(id, offer);
    ctx.wake(opens_at, Timer::Open { offer: id });
    ctx.keep(Effect::Catalog(catalog::CatalogEffect::Plan(id)));
    ctx.record("plan_offer", None, None);
    ctx.say(Reply::Catalog(catalog::Reply::ListingPlanned { planned: view }));
}

fn view(offer: &Offer) -> PlannedView {
    PlannedView { opens_at: offer.opens_at, offer: views::offer(offer) }
}

/// Timer: the time of a planned offer has come. Another that has its code by then keeps it.
///
/// # Errors
/// None today.
pub fn open(ctx: &mut Ctx<'_>, id: OfferId) -> Decided {
    let Some(row) = ctx.shop.offers.get(id) else { return Ok(()) };
    if row.state != OfferState::Planned || row.opens_at > ctx.at {
        return Ok(());
    }
    let (code, closes_at, planned_at) = (row.code.clone(), row.closes_at, row.opens_at);
    let name = row.detail.name.clone();
    let is_taken = offers::open(ctx.shop).any(|other| other.code.eq_ignore_ascii_case(&code));
    let letters = code.trim_end_matches(|c: char| c.is_ascii_digit());
    let code = if is_taken { free_code(ctx.shop, letters, &[]) } else { code };
    let is_over = closes_at <= ctx.at;
    let event = ctx.event;
    let Some(row) = ctx.shop.offers.edit(id) else { return Ok(()) };
    row.state = if is_over { OfferState::Closed } else { OfferState::Open };
    if is_over {
        ctx.record("skip_offer", None, None);
        ctx.tell_leaders(&Reply::Catalog(catalog::Reply::DropSkipped {
            drop: name,
            at: planned_at,
        }));
        return Ok(());
    }
    row.code = code;
    row.detail.posted_by = Some(event);
    let offer = views::offer(row);
    waiting::carry(ctx, id);
    ctx.wake(closes_at, Timer::Close);
    ctx.record("open_offer", None, None);
    ctx.announce(Reply::Catalog(catalog::Reply::Listed { offer, closes_at }));
    Ok(())
}

/// 取消上架 草莓: it is not put on sale.
///
/// # Errors
/// `NotPlanned`.
pub fn cancel(ctx: &mut Ctx<'_>, said: &str) -> Decided {
    let is_meant = |offer: &&Offer| {
        offer.code.eq_ignore_ascii_case(said.trim()) || offer.detail.name == said.trim()
    };
    let Some(id) = planned(ctx.shop).find(is_meant).map(|offer| offer.id) else {
        return refused(catalog::Refusal::NotPlanned { said: said.trim().to_owned() });
    };
    drop_plan(ctx, id);
    ctx.record("cancel_plan", None, None);
    Ok(())
}

fn drop_plan(ctx: &mut Ctx<'_>, id: OfferId) {
    let Some(row) = ctx.shop.offers.edit(id) else { return };
    row.state = OfferState::Closed;
    let planned = view(row);
    ctx.say(Reply::Catalog(catalog::Reply::PlanDropped { planned }));
}

/// It is not planned any more.
///
/// # Errors
/// [`Refusal::ChangedSince`].
pub fn take_back(ctx: &mut Ctx<'_>, id: OfferId) -> Decided {
    let row = ctx.offer(id)?;
    if row.state != OfferState::Planned {
        return Err(Refusal::ChangedSince { what: row.code.clone() }.into());
    }
    drop_plan(ctx, id);
    Ok(())
}

/// 预告: the group reads what is to come.
///
/// # Errors
/// `NothingPlanned`.
pub fn tell(ctx: &mut Ctx<'_>) -> Decided {
    let mut coming: Vec<PlannedView> = planned(ctx.shop).map(view).collect();
    coming.extend(super::drops::coming(ctx, ctx.at + TOLD_OF));
    if coming.is_empty() {
        return refused(catalog::Refusal::NothingPlanned);
    }
    coming.sort_by(|a, b| (a.opens_at, &a.offer.code).cmp(&(b.opens_at, &b.offer.code)));
    ctx.record("tell_plans", None, None);
    ctx.announce(Reply::Catalog(catalog::Reply::Coming { coming }));
    Ok(())
}
