//! Drops (上新): the day's offers, posted at the planned minute of the community's own clock.
//!
//! Each drop has one timer for its next occurrence; firing it sets the one after. A drop that the policy
//! no longer plans for that instant does nothing. A late one (after an outage) is posted within its
//! grace, else the leaders hear that it was skipped. Posting twice for one occurrence is impossible.

use std::sync::Arc;

use chrono::{Datelike, Days, Duration, NaiveDate, NaiveTime};
use chrono_tz::Tz;

use crate::book::ctx::{Ctx, Decided};
use crate::domain::catalog;
use crate::domain::catalog::{
    Arrival, Expected, Offer, OfferDetail, OfferState, PlannedView, Stock,
};
use crate::domain::event::Timer;
use crate::domain::groups::Community;
use crate::domain::ids::OfferId;
use crate::domain::policy::{Arrives, Drop, DropDays, DropOffer, Item, Locale};
use crate::domain::reply::Reply;
use crate::domain::time::{Timestamp, local_day, local_instant};

use crate::decide::catalog::{offers, waiting};
use crate::decide::views;

/// A drop happens within so many days, or never: the 30th skips February.
const DAYS_AHEAD: u64 = 63;
/// A policy that comes into force within so many minutes after a drop still posts it.
const MISSED_MINUTES: i64 = 1;
/// A post after so many minutes says that it is late.
const LATE_AFTER_MINUTES: i64 = 5;

/// A policy came into force: take over the community's words and plan the drops that apply to it.
///
/// # Errors
/// None today.
pub fn policy_loaded(ctx: &mut Ctx<'_>) -> Decided {
    let policy = Arc::clone(&ctx.shop.policy);
    if let Some(told) = policy.community(&ctx.shop.community.slug) {
        let community = &mut ctx.shop.community;
        community.name.clone_from(&told.name);
        community.locale = told.locale;
        ctx.shop.fresh.recount |= community.time_zone != told.time_zone;
        community.time_zone = told.time_zone;
        // Money that was counted in one currency is never read in another.
        if community.last_order.0 == 0 {
            community.currency = told.currency;
        }
        ctx.shop.community_changed = true;
    }
    for drop in &policy.drops {
        let from = ctx.at - Duration::minutes(MISSED_MINUTES);
        let missed = next(drop, &ctx.shop.community, from);
        // An occurrence that was posted just now has had its timer, which counts once.
        let posted = missed.filter(|&planned| is_posted(ctx, &drop.key, planned));
        plan_next(ctx, drop, posted.map_or(from, |planned| planned + Duration::seconds(1)));
    }
    ctx.record("load_policy", None, None);
    Ok(())
}

/// Set the timer of the first occurrence at `from` or later.
fn plan_next(ctx: &mut Ctx<'_>, drop: &Drop, from: Timestamp) {
    if let Some(at) = next(drop, &ctx.shop.community, from) {
        ctx.wake(at, Timer::Drop { drop: drop.key.clone(), at });
    }
}

/// The first occurrence of a drop in a community at `from` or later.
#[must_use]
pub fn next(drop: &Drop, community: &Community, from: Timestamp) -> Option<Timestamp> {
    if !applies(drop, community) {
        return None;
    }
    let zone = community.time_zone;
    let today = local_day(from, zone);
    let days = (0..DAYS_AHEAD).map(|ahead| today + Days::new(ahead));
    days.filter(|&day| happens_on(&drop.days, day))
        .map(|day| local_instant(day, drop.at, zone))
        .find(|&at| at >= from)
}

fn applies(drop: &Drop, community: &Community) -> bool {
    drop.communities.is_empty() || drop.communities.contains(&community.slug)
}

fn happens_on(days: &DropDays, day: NaiveDate) -> bool {
    match days {
        DropDays::Daily => true,
        DropDays::Weekdays(days) => days.contains(&day.weekday()),
        DropDays::MonthDays(days) => days.iter().any(|&wanted| u32::from(wanted) == day.day()),
    }
}

/// What the file plans until an instant, as it would be posted.
pub(in crate::decide) fn coming(ctx: &Ctx<'_>, until: Timestamp) -> Vec<PlannedView> {
    let policy = &ctx.shop.policy;
    let mut coming = Vec::new();
    for drop in &policy.drops {
        let at = next(drop, &ctx.shop.community, ctx.at).filter(|at| *at <= until);
        let Some(opens_at) = at.filter(|at| !is_posted(ctx, &drop.key, *at)) else { continue };
        let closes_at = closing_of(drop, opens_at, &ctx.shop.community);
        for line in &drop.offers {
            let Some(item) = policy.item(&line.item) else { continue };
            let offer = planned(ctx, line, item, closes_at);
            coming.push(PlannedView { opens_at, offer: views::offer(&offer) });
        }
    }
    coming
}

/// An offer of a drop before its time.
fn planned(ctx: &Ctx<'_>, line: &DropOffer, item: &Item, closes_at: Timestamp) -> Offer {
    Offer {
        id: OfferId(0),
        code: line.code.clone(),
        state: OfferState::Planned,
        price: line.price.unwrap_or(item.price),
        opens_at: ctx.at,
        closes_at,
        drop: None,
        detail: detail(item, line),
        stock: stock(item, line, &ctx.shop.community.slug),
        sold: 0,
        sold_out_said: false,
        arrival: Arrival::default(),
    }
}

/// When the offers of an occurrence close: on its day, or on the next.
fn closing_of(drop: &Drop, planned: Timestamp, community: &Community) -> Timestamp {
    let zone = community.time_zone;
    let day = local_day(planned, zone);
    let day = if drop.closes > drop.at { day } else { day + Days::new(1) };
    local_instant(day, drop.closes, zone)
}

/// Post the occurrence planned for `planned`. Offers whose time is over close first, so that their codes
/// are free.
///
/// # Errors
/// Missing facts.
pub fn fire(ctx: &mut Ctx<'_>, key: &str, planned: Timestamp) -> Decided {
    let policy = Arc::clone(&ctx.shop.policy);
    let Some(drop) = policy.drops.iter().find(|drop| drop.key == key) else { return Ok(()) };
    if next(drop, &ctx.shop.community, planned) != Some(planned) || is_posted(ctx, key, planned) {
        return Ok(());
    }
    offers::close_due(ctx)?;
    plan_next(ctx, drop, planned + Duration::seconds(1));
    let closes_at = closing_of(drop, planned, &ctx.shop.community);
    let delay = ctx.at - planned;
    if delay > Duration::minutes(i64::from(drop.grace_minutes)) || ctx.at >= closes_at {
        ctx.record("skip_drop", None, None);
        ctx.tell_leaders(&Reply::Catalog(catalog::Reply::DropSkipped {
            drop: key.to_owned(),
            at: planned,
        }));
        return Ok(());
    }
    let opened = open(ctx, drop, planned, closes_at);
    for &id in &opened {
        waiting::carry(ctx, id);
    }
    ctx.wake(closes_at, Timer::Close);
    ctx.record("post_drop", None, None);
    let post = Reply::Catalog(catalog::Reply::DropPosted {
        greeting: greeting(drop, ctx.shop.community.locale),
        image: drop.image.clone(),
        offers: views::offers(opened.iter().filter_map(|&id| ctx.shop.offers.get(id))),
        closes_at,
        late: delay > Duration::minutes(LATE_AFTER_MINUTES),
    });
    ctx.announce(post);
    Ok(())
}

fn is_posted(ctx: &Ctx<'_>, key: &str, planned: Timestamp) -> bool {
    let mut offers = ctx.shop.offers.values();
    offers.any(|offer| offer.drop.as_deref() == Some(key) && offer.opens_at == planned)
}

fn greeting(drop: &Drop, locale: Locale) -> String {
    let own = drop.greeting.iter().find(|(of, _)| *of == locale);
    own.or(drop.greeting.first()).map_or_else(String::new, |(_, text)| text.clone())
}

fn open(ctx: &mut Ctx<'_>, drop: &Drop, planned: Timestamp, closes_at: Timestamp) -> Vec<OfferId> {
    let policy = Arc::clone(&ctx.shop.policy);
    // What the post names comes first; an older offer's code moves the newcomer, not a sibling.
    let reserved: Vec<_> = drop.offers.iter().map(|line| line.code.clone()).collect();
    let zone = ctx.shop.community.time_zone;
    let mut opened = Vec::with_capacity(drop.offers.len());
    for line in &drop.offers {
        let Some(item) = policy.item(&line.item) else { continue };
        let offer = Offer {
            id: offers::next_id(ctx),
            code: code_of(ctx, line, &reserved),
            state: OfferState::Open,
            price: line.price.unwrap_or(item.price),
            opens_at: planned,
            closes_at,
            drop: Some(drop.key.clone()),
            detail: OfferDetail { posted_by: Some(ctx.event), ..detail(item, line) },
            stock: stock(item, line, &ctx.shop.community.slug),
            sold: 0,
            sold_out_said: false,
            arrival: Arrival { expected: expected(line, closes_at, zone), called: None },
        };
        opened.push(offer.id);
        ctx.shop.offers.add(offer.id, offer);
    }
    opened
}

/// When the goods of a line are expected.
fn expected(line: &DropOffer, closes_at: Timestamp, zone: Tz) -> Option<Expected> {
    let Arrives { days, at } = line.arrives?;
    let day = local_day(closes_at, zone) + Days::new(days.into());
    let at_time = at.unwrap_or(NaiveTime::MIN);
    Some(Expected { at: local_instant(day, at_time, zone), day: at.is_none() })
}

fn code_of(ctx: &Ctx<'_>, line: &DropOffer, reserved: &[String]) -> String {
    let is_taken = offers::open(ctx.shop).any(|it| it.code.eq_ignore_ascii_case(&line.code));
    if !is_taken {
        return line.code.clone();
    }
    let letters = line.code.trim_end_matches(|c: char| c.is_ascii_digit());
    offers::free_code(ctx.shop, letters, reserved)
}

fn detail(item: &Item, line: &DropOffer) -> OfferDetail {
    OfferDetail {
        item: item.key.clone(),
        name: item.name.clone(),
        aliases: item.aliases.clone(),
        unit: item.unit.clone(),
        other_units: item.other_units.clone(),
        variants: item.variants.iter().map(|variant| variant.name.clone()).collect(),
        image: item.image.clone(),
        about: item.about.clone(),
        limit_per_member: line.limit_per_member.or(item.limit_per_member),
        minimum: line.minimum,
        hold_minutes: line.hold_minutes,
        commission: item.commission,
        posted_by: None,
        first_close: None,
        waiting: Vec::new(),
    }
}

/// A stock for each variant where the catalogue gives them one, else one for all, else no limit.
fn stock(item: &Item, line: &DropOffer, slug: &str) -> Vec<Stock> {
    let row = |units: u32| Stock { initial: i64::from(units), left: i64::from(units) };
    if item.variants.iter().any(|variant| variant.stock_each.is_some()) {
        let each = item.variants.iter().map(|variant| variant.stock_each.unwrap_or(0));
        return each.map(row).collect();
    }
    let here = line.stock.iter().find(|(of, _)| of == slug).map(|(_, units)| *units);
    here.or(line.stock_each).map(row).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use chrono::{NaiveTime, Weekday};

    use super::*;
    use crate::decide::testing::{A1, S1, Stage, evening, morning};
    use crate::domain::event::Body;
    use crate::domain::money::Money;
    use crate::domain::policy::VariantSpec;

    fn time(text: &str) -> NaiveTime {
        NaiveTime::parse_from_str(text, "%H:%M").unwrap()
    }

    fn line(item: &str, code: &str) -> DropOffer {
        DropOffer {
            item: item.into(),
            code: code.into(),
            price: None,
            stock_each: Some(20),
            stock: vec![("sunshine".into(), 30)],
            limit_per_member: None,
            minimum: None,
            hold_minutes: None,
            arrives: None,
        }
    }

    fn daily() -> Drop {
        Drop {
            key: "daily".into(),
            name: None,
            at: time("10:00"),
            days: DropDays::Daily,
            closes: time("09:00"),
            communities: Vec::new(),
            greeting: vec![(Locale::En, "hello".into()), (Locale::ZhHans, "早上好".into())],
            image: None,
            offers: vec![line("grapes", "A1"), line("socks", "A2")],
            grace_minutes: 60,
        }
    }

    fn item(key: &str, name: &str, variants: &[&str]) -> Item {
        let spec = |name: &&str| VariantSpec { name: (*name).into(), stock_each: Some(7) };
        Item {
            key: key.into(),
            name: name.into(),
            aliases: Vec::new(),
            unit: "箱".into(),
            other_units: Vec::new(),
            variants: variants.iter().map(spec).collect(),
            price: Money::from_minor(3_990),
            image: None,
            about: None,
            commission: None,
            limit_per_member: Some(5),
        }
    }

    /// A stage with an empty window and one daily drop.
    fn stage(drop: Drop) -> Stage {
        let mut stage = Stage::with_policy(|policy| {
            policy.items =
                vec![item("grapes", "阳光玫瑰", &[]), item("socks", "袜子", &["黑", "白"])];
            policy.drops = vec![drop];
        });
        for id in 1..=S1.0 {
            stage.shop.offers.edit(OfferId(id)).unwrap().state = OfferState::Closed;
        }
        stage
    }

    fn fire(stage: &mut Stage, delay_minutes: i64) -> Vec<Reply> {
        let timer = Timer::Drop { drop: "daily".into(), at: morning() };
        stage.due(morning() + Duration::minutes(delay_minutes), timer)
    }

    #[test]
    fn a_drop_opens_its_offers_and_plans_the_next() {
        let mut stage = stage(daily());
        let replies = fire(&mut stage, 0);
        let [
            Reply::Catalog(catalog::Reply::DropPosted {
                greeting, offers, closes_at, late, ..
            }),
        ] = &replies[..]
        else {
            panic!("{replies:?}")
        };
        assert_eq!((greeting.as_str(), *late), ("早上好", false));
        assert_eq!(*closes_at, morning() + Duration::hours(23), "nine in the morning, tomorrow");
        let seen: Vec<_> = offers.iter().map(|it| (it.code.as_str(), it.left, it.limit)).collect();
        assert_eq!(seen, [("A1", Some(30), Some(5)), ("A2", Some(14), Some(5))]);
        let tomorrow = morning() + Duration::days(1);
        let next = Timer::Drop { drop: "daily".into(), at: tomorrow };
        assert!(stage.shop.fresh.timers.contains(&(tomorrow, next)));
        assert!(stage.shop.fresh.timers.contains(&(*closes_at, Timer::Close)));
    }

    #[test]
    fn a_drop_is_posted_once_and_only_as_planned() {
        let mut stage = stage(daily());
        fire(&mut stage, 0);
        assert!(fire(&mut stage, 1).is_empty(), "once");
        let other = morning() + Duration::minutes(30);
        let timer = Timer::Drop { drop: "daily".into(), at: other };
        assert!(stage.due(other, timer).is_empty(), "the policy plans no such instant");
        let gone = Timer::Drop { drop: "gone".into(), at: morning() };
        assert!(stage.due(morning(), gone).is_empty());
    }

    #[test]
    fn a_late_drop_says_so_and_a_very_late_one_is_skipped() {
        let late = fire(&mut stage(daily()), 60);
        assert!(matches!(
            late[..],
            [Reply::Catalog(catalog::Reply::DropPosted { late: true, .. })]
        ));
        let mut stage = stage(daily());
        let skipped = fire(&mut stage, 61);
        assert!(matches!(skipped[..], [Reply::Catalog(catalog::Reply::DropSkipped { .. })]));
        let next = morning() + Duration::days(1);
        assert!(stage.shop.fresh.timers.iter().any(|(at, _)| *at == next), "tomorrow as ever");
    }

    #[test]
    fn a_code_that_is_still_in_use_moves_the_newcomer() {
        let mut stage = stage(daily());
        stage.shop.offers.edit(A1).unwrap().state = OfferState::Open;
        let replies = fire(&mut stage, 0);
        let Reply::Catalog(catalog::Reply::DropPosted { offers, .. }) = &replies[0] else {
            panic!("{replies:?}")
        };
        let codes: Vec<_> = offers.iter().map(|it| (it.code.as_str(), it.name.as_str())).collect();
        assert_eq!(codes, [("A2", "袜子"), ("A3", "阳光玫瑰")]);
    }

    #[test]
    fn what_is_over_closes_before_the_new_post() {
        let mut stage = stage(daily());
        let old = stage.shop.offers.edit(A1).unwrap();
        (old.state, old.closes_at) = (OfferState::Open, morning());
        let replies = fire(&mut stage, 0);
        // Its code is free again. Nothing was sold of it, so nothing is said of it.
        assert_eq!(stage.shop.offers.get(A1).unwrap().state, OfferState::Closed);
        assert!(
            matches!(&replies[0], Reply::Catalog(catalog::Reply::DropPosted { offers, .. }) if offers[0].code == "A1")
        );
    }

    #[test]
    fn loading_a_policy_takes_its_words_and_plans_its_drops() {
        let mut stage = stage(Drop { communities: vec!["elsewhere".into()], ..daily() });
        let mut other = Drop { key: "member-day".into(), ..daily() };
        other.days = DropDays::MonthDays(vec![18]);
        let policy = Arc::make_mut(&mut stage.shop.policy);
        policy.drops.push(other);
        policy.communities[0].name = "新名字".into();
        stage.happens(Body::PolicyLoaded { version: 2 });
        assert_eq!(stage.shop.community.name, "新名字");
        let timers: Vec<_> =
            stage.shop.fresh.timers.iter().map(|(at, _)| at.to_rfc3339()).collect();
        assert_eq!(timers, ["2026-03-18T02:00:00+00:00"], "the drop of elsewhere is not ours");
    }

    #[test]
    fn a_policy_that_is_loaded_just_after_a_post_does_not_plan_it_again() {
        let mut stage = stage(daily());
        fire(&mut stage, 0);
        stage.happens(Body::PolicyLoaded { version: 2 });
        let planned = |at| stage.shop.fresh.timers.iter().any(|(due, _)| *due == at);
        assert!(!planned(morning()) && planned(morning() + Duration::days(1)));
    }

    #[test]
    fn the_clock_on_the_wall_counts() {
        let community = |zone| Community { time_zone: zone, ..Stage::new().shop.community };
        let new_york = community(chrono_tz::America::New_York);
        let after = |from: &str| next(&daily(), &new_york, from.parse().unwrap()).unwrap();
        // Clocks go forward on 8 March 2026: ten o'clock comes an hour earlier in UTC.
        assert_eq!(after("2026-03-07T15:00:00Z").to_rfc3339(), "2026-03-07T15:00:00+00:00");
        assert_eq!(after("2026-03-07T15:00:01Z").to_rfc3339(), "2026-03-08T14:00:00+00:00");
        let shanghai = community(chrono_tz::Asia::Shanghai);
        let weekdays = DropDays::Weekdays(vec![Weekday::Mon]);
        let monday = next(&Drop { days: weekdays, ..daily() }, &shanghai, morning()).unwrap();
        assert_eq!(monday.to_rfc3339(), "2026-03-09T02:00:00+00:00");
        let thirtieth = DropDays::MonthDays(vec![30]);
        let from = "2027-01-31T00:00:00Z".parse().unwrap();
        let later = next(&Drop { days: thirtieth, ..daily() }, &shanghai, from).unwrap();
        assert_eq!(later.to_rfc3339(), "2027-03-30T02:00:00+00:00");
        let same_day = Drop { closes: time("22:00"), ..daily() };
        assert_eq!(closing_of(&same_day, morning(), &shanghai), evening());
    }
}
