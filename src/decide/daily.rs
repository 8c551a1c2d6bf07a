//! The leader's day (早报, 晚报): in the morning what is to do, in the evening how it went, to each leader alone, at the times
//! of the operator's file. It mixes all rooms and changes nothing.
//!
//! Each has one timer for its next time; firing it sets the one after. A timer that the file no longer plans for that
//! instant does nothing, and one that comes hours late, as after an outage, says nothing.

use chrono::{Days, Duration, NaiveTime};

use crate::book::ctx::{Ctx, Decided};
use crate::book::need::Report;
use crate::book::{Missing, Need, Needs, Shop};
use crate::domain::catalog::{Offer, OfferState};
use crate::domain::event::Timer;
use crate::domain::orders::OrderState;
use crate::domain::policy::CommunityPolicy;
use crate::domain::reply::Reply;
use crate::domain::reports::{self, BriefView};
use crate::domain::time::{Timestamp, local_day, local_instant, local_midnight_after};

use super::catalog::drops;
use super::orders::selection::require_all;
use super::reports::figures;
use super::service::cases::require_open;

/// What comes later than this is of no use any more.
const LATE: Duration = Duration::hours(2);

/// The most goods that one line names.
const MOST_NAMED: usize = 8;

/// One of the two messages of a day.
struct DailyMessage {
    /// When the file has it said.
    time: fn(&CommunityPolicy) -> Option<NaiveTime>,
    /// What wakes it.
    timer: fn(Timestamp) -> Timer,
}

const BRIEF: DailyMessage =
    DailyMessage { time: |it| it.morning_brief, timer: |at| Timer::Brief { at } };
const SUMMARY: DailyMessage =
    DailyMessage { time: |it| it.evening_summary, timer: |at| Timer::Summary { at } };

/// Set both timers by the policy that came into force.
pub fn plan(ctx: &mut Ctx<'_>) {
    BRIEF.plan(ctx, ctx.at);
    SUMMARY.plan(ctx, ctx.at);
}

impl DailyMessage {
    fn plan(&self, ctx: &mut Ctx<'_>, from: Timestamp) {
        if let Some(at) = self.next(ctx.shop, from) {
            ctx.wake(at, (self.timer)(at));
        }
    }

    /// The first instant at `from` or later that the file means.
    fn next(&self, shop: &Shop, from: Timestamp) -> Option<Timestamp> {
        let time = (self.time)(shop.policy.community(&shop.community.slug)?)?;
        let zone = shop.community.time_zone;
        let today = local_day(from, zone);
        let days = [today, today + Days::new(1), today + Days::new(2)];
        days.into_iter().map(|day| local_instant(day, time, zone)).find(|at| *at >= from)
    }

    /// Whether it is said now that its timer fired; the next timer is set.
    fn is_said(&self, ctx: &mut Ctx<'_>, planned: Timestamp) -> bool {
        if self.next(ctx.shop, planned) != Some(planned) {
            return false;
        }
        self.plan(ctx, planned + Duration::seconds(1));
        ctx.at - planned <= LATE
    }
}

/// Tell each leader what is to do today.
///
/// # Errors
/// [`Missing`].
pub fn brief(ctx: &mut Ctx<'_>, planned: Timestamp) -> Decided {
    require_all(ctx, OrderState::Placed)?;
    require_all(ctx, OrderState::Paid)?;
    require_all(ctx, OrderState::Shipped)?;
    require_open(ctx)?;
    if !BRIEF.is_said(ctx, planned) {
        return Ok(());
    }
    let brief = of_today(ctx);
    ctx.record("brief", None, None);
    ctx.tell_leaders(&Reply::Reports(reports::Reply::MorningBrief { brief }));
    Ok(())
}

/// What that takes.
#[must_use]
pub fn brief_needs() -> Needs {
    [Need::Unpaid, Need::ToShip, Need::Shipped, Need::Cases].into()
}

fn of_today(ctx: &Ctx<'_>) -> BriefView {
    let (shop, zone) = (&*ctx.shop, ctx.shop.community.time_zone);
    let offer = |id| shop.offers.get(id);
    let mut brief = BriefView::default();
    for order in shop.orders.values() {
        if order.is_unpaid() {
            brief.unpaid += 1;
            brief.due += order.still_due();
            brief.claims += usize::from(order.private.open_claim().is_some());
        }
        let collects = !order.to_collect(&offer).is_empty();
        brief.to_collect += usize::from(collects);
        brief.to_ship += usize::from(order.state == OrderState::Paid && !collects);
    }
    brief.cases = shop.cases.values().filter(|case| case.is_open()).count();
    let tonight = local_midnight_after(ctx.at, 1, zone);
    let today = local_day(ctx.at, zone);
    let is_coming = |row: &&Offer| {
        let day = row.arrival.expected.map(|it| local_day(it.at, zone));
        row.sold > 0 && row.arrival.called.is_none() && day == Some(today)
    };
    brief.arrivals = named(shop.offers.values().filter(is_coming).map(|row| &row.detail.name));
    let coming = drops::coming(ctx, tonight);
    let is_listed = |row: &&Offer| {
        row.state == OfferState::Planned && row.opens_at > ctx.at && row.opens_at < tonight
    };
    let listed: Vec<&Offer> = shop.offers.values().filter(is_listed).collect();
    let opens = coming.iter().map(|it| it.opens_at);
    brief.opens_at = opens.chain(listed.iter().map(|row| row.opens_at)).min();
    let names = coming.iter().map(|it| &it.offer.name);
    brief.opening = named(names.chain(listed.iter().map(|row| &row.detail.name)));
    brief
}

/// Names, each once.
fn named<'n>(names: impl Iterator<Item = &'n String>) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for name in names {
        if all.len() < MOST_NAMED && !all.contains(name) {
            all.push(name.clone());
        }
    }
    all
}

/// Tell each leader how the day went.
///
/// # Errors
/// [`Missing`].
pub fn summary(ctx: &mut Ctx<'_>, planned: Timestamp) -> Decided {
    let report = figures::asked(ctx.shop, ctx.at);
    let figures = ctx.shop.known.reports.reports.figures.clone();
    let figures = figures.ok_or(Missing(Need::Report(report)))?;
    if !SUMMARY.is_said(ctx, planned) {
        return Ok(());
    }
    ctx.record("summary", None, None);
    ctx.tell_leaders(&Reply::Reports(reports::Reply::EveningSummary { figures }));
    Ok(())
}

/// What that takes.
#[must_use]
pub fn summary_needs(shop: &Shop, at: Timestamp) -> Needs {
    let report: Report = figures::asked(shop, at);
    [Need::Report(report)].into()
}
