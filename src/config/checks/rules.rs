//! The shop's rules among themselves: currencies, waiting times, points.
//!
//! What concerns one rule alone was checked when it was read; what the law forbids is in
//! `compliance`.

use crate::config::fault::Faults;
use crate::config::meant::present;
use crate::config::reader::At;
use crate::config::written::{Orders, PointsRules, Root, Tier};

pub(super) fn check(root: &Root, faults: &mut Faults<'_>) {
    check_decimals(root, faults);
    check_waiting(&root.orders.value, faults);
    check_points(&root.points.value, faults);
    check_tiers(&root.points.value, faults);
    if let Some(communities) = root.communities.as_ref().filter(|it| it.value.is_empty()) {
        let hint = "add [[communities]] with slug, name, locale, time_zone and currency";
        faults.error(&communities.place, "no community: there is nobody to sell to", hint);
    }
}

/// Amounts have one number of decimals in the whole file.
fn check_decimals(root: &Root, faults: &mut Faults<'_>) {
    let mut currencies =
        present(root.communities.as_ref()).filter_map(|it| it.value.currency.as_ref());
    let Some(first) = currencies.next() else { return };
    for other in currencies.filter(|it| it.value.decimals() != first.value.decimals()) {
        let message = format!(
            "{} has {} decimals, but {} of another community has {}",
            other.value,
            other.value.decimals(),
            first.value,
            first.value.decimals(),
        );
        faults.error(&other.place, message, "run a shop with its own file for this currency");
    }
}

fn check_waiting(orders: &Orders, faults: &mut Faults<'_>) {
    if orders.warn.value >= orders.hold.value {
        let message =
            "buyers would be warned before they ordered: `warn` is not shorter than `hold`";
        faults.error(&orders.warn.place, message, "such as hold = \"24h\" and warn = \"2h\"");
    }
}

fn check_points(points: &PointsRules, faults: &mut Faults<'_>) {
    if let Some(amount) = points.per_amount.as_ref().filter(|amount| amount.value.is_zero()) {
        let message = "a point for each nothing that is paid";
        faults.error(&amount.place, message, "per_amount = \"1\" gives a point for each unit");
    }
    let days: Vec<_> = points.streaks.value.0.iter().map(|(days, _)| days).collect();
    for (index, day) in days.iter().enumerate() {
        // `7` and `07` are two keys to TOML and one length to us.
        if days[..index].iter().any(|earlier: &&At<_>| earlier.value == day.value) {
            let message = format!("a streak of {} days is listed twice", day.value.0);
            faults.error(&day.place, message, "remove one of the two");
        }
    }
}

/// Tiers ascend in what they ask for and in what they give, and multiply something.
fn check_tiers(points: &PointsRules, faults: &mut Faults<'_>) {
    let tiers = &points.tiers.value;
    if let Some(first) = tiers.first().filter(|_| points.per_amount.is_none()) {
        let message = "a tier multiplies what orders earn, and they earn nothing";
        faults.error(&first.place, message, "per_amount = \"1\" gives a point for each unit");
    }
    for (index, tier) in tiers.iter().enumerate() {
        let Some(name) = &tier.value.name else { continue };
        let earlier = tiers[..index].iter().filter_map(|it| it.value.name.as_ref());
        if earlier.into_iter().any(|it| it.value == name.value) {
            let message = format!("two tiers are called `{}`", name.value.0);
            faults.error(&name.place, message, "members tell them apart by their names");
        }
    }
    for pair in tiers.windows(2) {
        check_step(&pair[0].value, &pair[1].value, faults);
    }
}

fn check_step(lower: &Tier, higher: &Tier, faults: &mut Faults<'_>) {
    if let (Some(less), Some(more)) = (&lower.spend, &higher.spend)
        && !more.value.is_over(less.value, 1)
    {
        let message = "this tier asks for no more than the one before it";
        faults.error(&more.place, message, "list tiers from the lowest to the highest");
    }
    if let (Some(less), Some(more)) = (&lower.times, &higher.times)
        && more.value.0 < less.value.0
    {
        let message = "this tier gives less than the one before it";
        faults.error(&more.place, message, "a higher tier multiplies by as much or more");
    }
}
