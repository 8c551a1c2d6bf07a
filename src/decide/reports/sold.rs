//! What was sold (销量): of a day, a week or a month from the counts of days; of some goods from their orders.

use std::collections::BTreeSet;

use crate::book::Shop;
use crate::book::ctx::{Ctx, Decided};
use crate::book::need::Report;
use crate::book::{Missing, Need};
use crate::domain::catalog;
use crate::domain::catalog::Offer;
use crate::domain::refusal::Refusal;
use crate::domain::reply::Reply;
use crate::domain::reports::{self, DaySpan, DayTotals, GoodsSold, SoldPart};
use crate::domain::time::{Timestamp, local_day};

use crate::decide::views;

/// Say what was sold.
///
/// # Errors
/// [`Missing`]; `NothingOpen` where no goods are meant after all.
pub fn sold(ctx: &mut Ctx<'_>, span: Option<DaySpan>, part: Option<SoldPart>) -> Decided {
    let asked = asked(ctx.shop, ctx.at, span, part);
    let asked = asked.ok_or(Refusal::Catalog(catalog::Refusal::NothingOpen))?;
    let missing = || Missing(Need::Report(Report::Reports(asked.clone())));
    let known = &ctx.shop.known.reports.reports;
    let (sum, days) = match &asked {
        reports::Need::Days(range) => {
            let days = known.days.get(range).ok_or_else(missing)?.clone();
            let sum = days.iter().fold(DayTotals::default(), |sum, day| sum + day.count);
            (sum, days)
        }
        reports::Need::Goods(goods) => (*known.goods.get(goods).ok_or_else(missing)?, Vec::new()),
        reports::Need::Figures { .. } => return Ok(()), // nobody asks for it here
    };
    let range = span.map(|span| span.days(local_day(ctx.at, ctx.shop.community.time_zone)));
    let (goods, unit) = named(ctx.shop, part, span.is_some());
    let (since, until) = (range.map(|it| it.since), range.map(|it| it.until));
    ctx.record("sold", None, None);
    ctx.say(Reply::Reports(reports::Reply::Sold { span, since, until, goods, unit, sum, days }));
    Ok(())
}

/// What that takes. Nothing, where neither days nor goods are named.
#[must_use]
pub fn asked(
    shop: &Shop,
    at: Timestamp,
    span: Option<DaySpan>,
    part: Option<SoldPart>,
) -> Option<reports::Need> {
    let days = span.map(|span| span.days(local_day(at, shop.community.time_zone)));
    match part {
        None => days.map(reports::Need::Days),
        Some(part) => {
            let offers: BTreeSet<_> =
                offers_of(shop, part, days.is_some()).into_iter().map(|offer| offer.id).collect();
            (!offers.is_empty()).then_some(reports::Need::Goods(GoodsSold { offers, days }))
        }
    }
}

/// The offers that are meant; of a drop all that it put on sale, where days are named.
fn offers_of(shop: &Shop, part: SoldPart, of_days: bool) -> Vec<&Offer> {
    match part {
        SoldPart::Drop(place) => {
            let Some(drop) = shop.policy.drops.get(usize::from(place)) else { return Vec::new() };
            let is_of = |it: &&Offer| it.drop.as_deref() == Some(drop.key.as_str());
            let last = shop.offers.values().rev().find(is_of).map(|it| it.opens_at);
            let is_last = |it: &&Offer| of_days || Some(it.opens_at) == last;
            shop.offers.values().filter(is_of).filter(is_last).collect()
        }
        SoldPart::Offer(offer) => shop.offers.get(offer).into_iter().collect(),
        SoldPart::LastDrop => {
            let last = shop.offers.values().next_back();
            let is_of = |it: &&Offer| {
                last.is_some_and(|last| it.drop == last.drop && it.opens_at == last.opens_at)
            };
            shop.offers.values().filter(is_of).collect()
        }
    }
}

/// What the goods are called, and their unit where they have one.
fn named(shop: &Shop, part: Option<SoldPart>, of_days: bool) -> (Vec<String>, Option<String>) {
    let offers = part.map(|part| offers_of(shop, part, of_days)).unwrap_or_default();
    let mut names: Vec<_> = offers.iter().map(|offer| views::full_name(offer, None)).collect();
    names.dedup();
    let unit = offers.first().map(|offer| offer.detail.unit.clone());
    let is_one = offers.iter().all(|offer| Some(&offer.detail.unit) == unit.as_ref());
    (names, unit.filter(|_| is_one))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::testing::{A1, AMING, Stage, XIAOMEI};
    use crate::domain::intent::{Intent, LeaderIntent};
    use crate::domain::money::Money;
    use crate::domain::reports::{CalendarUnit, Lead, SoldDay};

    fn ask(stage: &mut Stage, span: Option<DaySpan>, part: Option<SoldPart>) -> Vec<Reply> {
        let lead = Lead::Sold { span, part };
        stage.does(AMING, Intent::Lead(LeaderIntent::Reports(lead)))
    }

    #[test]
    fn a_week_is_the_sum_of_its_days() {
        let mut stage = Stage::new();
        let span = DaySpan { kind: CalendarUnit::Week, ago: 1 };
        let range = span.days(local_day(stage.at, stage.shop.community.time_zone));
        let count = |orders, minor| DayTotals {
            orders,
            units: 2 * orders,
            sold: Money::from_minor(minor),
            ..DayTotals::default()
        };
        let days = vec![
            SoldDay { day: range.since, count: count(2, 7_980) },
            SoldDay { day: range.until, count: count(1, 1_680) },
        ];
        stage.shop.known.reports.reports.days.insert(range, days.clone());
        let said = ask(&mut stage, Some(span), None);
        let [Reply::Reports(reports::Reply::Sold { sum, days: told, .. })] = &said[..] else {
            panic!("{said:?}")
        };
        assert_eq!((*sum, told), (count(3, 9_660), &days));
    }

    #[test]
    fn goods_are_named_and_what_was_put_on_sale_together_is_one_drop() {
        let stage = Stage::new();
        let (name, unit) = named(&stage.shop, Some(SoldPart::Offer(A1)), false);
        assert_eq!((name.len(), unit.is_some()), (1, true));
        let drop = offers_of(&stage.shop, SoldPart::LastDrop, false);
        assert_eq!(drop.len(), stage.shop.offers.len(), "all were opened at once");
        let wanted = asked(&stage.shop, stage.at, None, Some(SoldPart::Offer(A1)));
        let offers = [A1].into();
        assert_eq!(wanted, Some(reports::Need::Goods(GoodsSold { offers, days: None })));
        assert_eq!(asked(&stage.shop, stage.at, None, None), None, "nothing is asked");
    }

    #[test]
    fn what_was_sold_is_for_leaders() {
        let mut stage = Stage::new();
        let lead = Lead::Sold { span: Some(DaySpan::day(1)), part: None };
        assert_eq!(stage.does(XIAOMEI, Intent::Lead(LeaderIntent::Reports(lead))), []);
        let refused = Refusal::Catalog(catalog::Refusal::NothingOpen);
        assert_eq!(Stage::refusal(&ask(&mut stage, None, None)), refused);
    }
}
