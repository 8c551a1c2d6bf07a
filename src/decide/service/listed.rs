//! Cases as leaders read them: one with its order, those that wait, and those that have waited for a day.

use chrono::{Days, Duration, DurationRound, NaiveTime};

use crate::book::ctx::{Ctx, Decided};
use crate::book::need::Report;
use crate::book::{Missing, Need};
use crate::decide::views;
use crate::domain::event::Timer;
use crate::domain::ids::CaseId;
use crate::domain::reply::Reply;
use crate::domain::service::{self, CaseView, ServiceCase, case::ANSWERED_WITHIN};
use crate::domain::time::{Timestamp, local_day, local_instant};

use super::cases::{line_of, require_open};

/// The most cases that one list shows.
const MOST_LISTED: usize = 20;
/// Complaints of so many days make the rates of goods.
const RATED: Duration = Duration::days(30);
/// At these hours leaders are reminded.
const HOURS: [u32; 2] = [10, 18];

/// Since when complaints are counted: whole hours, so that one batch asks once.
#[must_use]
pub fn since(at: Timestamp) -> Timestamp {
    let hour = at.duration_trunc(Duration::hours(1)).unwrap_or(at);
    hour - RATED
}

/// When leaders are reminded of what is due then: twice a day, so that cases of one day make one list.
pub(super) fn reminded_at(ctx: &Ctx<'_>, due: Timestamp) -> Timestamp {
    let zone = ctx.shop.community.time_zone;
    let day = local_day(due, zone);
    let slots = HOURS.iter().map(|&hour| (day, hour)).chain([(day + Days::new(1), HOURS[0])]);
    let at = |(day, hour)| {
        let time = NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or(NaiveTime::MIN);
        local_instant(day, time, zone)
    };
    slots.map(at).find(|at| *at >= due).unwrap_or(due)
}

/// A case with its order.
pub(super) fn view(ctx: &Ctx<'_>, case: &ServiceCase) -> CaseView {
    let shop = &*ctx.shop;
    let order = case.about.and_then(|about| shop.orders.get(about.order));
    let goods = case.about.and_then(|about| line_of(ctx, about));
    let goods = goods.map(|line| views::units(shop, line, line.qty));
    CaseView {
        case: case.id,
        member: shop.members.get(case.member).map_or_else(String::new, |row| row.name.clone()),
        goods,
        order: order.map(|row| views::order(shop, row)),
        paid_at: order.and_then(|row| row.paid_at),
        words: case.private.words.clone(),
        pictures: case.private.pictures.len(),
        state: case.state,
        opened_at: case.opened_at,
        reason: case.private.reason.clone(),
    }
}

/// A leader reads one case.
///
/// # Errors
/// No such case; [`Missing`].
pub fn show(ctx: &mut Ctx<'_>, id: CaseId) -> Decided {
    let case = ctx.case(id)?;
    ctx.member_row(case.member)?;
    if let Some(about) = case.about {
        ctx.order(about.order)?;
    }
    let case = Box::new(view(ctx, case));
    ctx.record("show_case", None, None);
    ctx.say(Reply::Service(service::Reply::CaseShown { case }));
    Ok(())
}

/// A leader reads what waits, the longest waiting first, and which goods are complained of.
///
/// # Errors
/// [`Missing`].
pub fn list(ctx: &mut Ctx<'_>) -> Decided {
    let since = since(ctx.at);
    let cases = open(ctx)?;
    let need = Need::Report(Report::Service(service::Need::Rates(since)));
    let rates = ctx.shop.known.reports.service.rates.get(&since);
    let rates = rates.ok_or(Missing(need))?.clone();
    ctx.record("list_cases", None, None);
    say(ctx, cases, |cases, beyond| service::Reply::OpenCases {
        cases,
        beyond,
        rates,
        reminds: false,
    });
    Ok(())
}

fn say(
    ctx: &mut Ctx<'_>,
    mut cases: Vec<CaseView>,
    reply: impl FnOnce(Vec<CaseView>, usize) -> service::Reply,
) {
    let beyond = cases.len().saturating_sub(MOST_LISTED);
    cases.truncate(MOST_LISTED);
    ctx.say(Reply::Service(reply(cases, beyond)));
}

fn open(ctx: &Ctx<'_>) -> Decided<Vec<CaseView>> {
    require_open(ctx)?;
    let mut open: Vec<_> = ctx.shop.cases.values().filter(|case| case.is_open()).collect();
    for case in &open {
        ctx.member_row(case.member)?;
        if let Some(about) = case.about {
            ctx.order(about.order)?;
        }
    }
    open.sort_by_key(|case| (case.opened_at, case.id));
    Ok(open.into_iter().map(|case| view(ctx, case)).collect())
}

/// Timer: what has waited for a day is put before the leaders, once a day.
///
/// # Errors
/// [`Missing`].
pub fn remind(ctx: &mut Ctx<'_>) -> Decided {
    let before = ctx.at - ANSWERED_WITHIN;
    let open = open(ctx)?;
    let next = open.iter().map(|case| case.opened_at).filter(|at| *at > before).min();
    let mut due: Vec<_> = open.into_iter().filter(|case| case.opened_at <= before).collect();
    let next = if due.is_empty() { next } else { Some(ctx.at) };
    if let Some(at) = next {
        ctx.wake(reminded_at(ctx, at + ANSWERED_WITHIN), Timer::Cases);
    }
    if due.is_empty() {
        return Ok(());
    }
    let beyond = due.len().saturating_sub(MOST_LISTED);
    due.truncate(MOST_LISTED);
    ctx.tell_leaders(&Reply::Service(service::Reply::OpenCases {
        cases: due,
        beyond,
        rates: Vec::new(),
        reminds: true,
    }));
    ctx.record("remind_cases", None, None);
    Ok(())
}
