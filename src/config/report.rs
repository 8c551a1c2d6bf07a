//! The report of a file that is fine: what the shop will do, on one screen, so that a slip that
//! is no fault still catches the eye. Stock is summed for each item over communities and drops.

use std::fmt::Write as _;

use super::Config;
use crate::domain::money::{Currency, Money, Rate};
use crate::domain::policy::{CommunityPolicy, Drop, DropDays, DropOffer, Item, Policy};

/// A summary of a checked file, for the operator.
#[must_use]
pub fn report(config: &Config) -> String {
    let policy = &config.policy;
    let mut page = format!("{}\n", policy.shop_name);
    let communities: Vec<_> = policy.communities.iter().map(community_row).collect();
    write_table(&mut page, "communities", &communities);
    let drops: Vec<_> = policy.drops.iter().map(|drop| drop_row(policy, drop)).collect();
    write_table(&mut page, "drops, in local time", &drops);
    let items: Vec<_> = policy.items.iter().map(|item| item_row(policy, item)).collect();
    write_table(&mut page, "items, with the stock of one round of all drops", &items);
    write_table(&mut page, "rules", &rule_rows(policy));
    let accounts = config.accounts.iter().map(|account| {
        let limit = account.rate_per_chat.map_or_else(
            || "no limit on sending".to_owned(),
            |(messages, seconds)| format!("{messages} messages in {seconds} s per chat"),
        );
        vec![account.key.clone(), account.platform.name().to_owned(), limit]
    });
    write_table(&mut page, "accounts", &accounts.collect::<Vec<_>>());
    page
}

fn community_row(community: &CommunityPolicy) -> Vec<String> {
    vec![
        community.slug.clone(),
        community.name.clone(),
        community.locale.tag().to_owned(),
        community.time_zone.name().to_owned(),
        community.currency.code().to_owned(),
        leaders(&community.leaders),
    ]
}

fn leaders(names: &[String]) -> String {
    if names.is_empty() { "no leader named".to_owned() } else { names.join(", ") }
}

fn drop_row(policy: &Policy, drop: &Drop) -> Vec<String> {
    let posted_in: Vec<_> = posted_in(policy, drop).map(|it| it.slug.as_str()).collect();
    let codes: Vec<_> = drop.offers.iter().map(|offer| offer.code.as_str()).collect();
    vec![
        drop.key.clone(),
        days(&drop.days),
        format!("{}–{}", drop.at.format("%H:%M"), drop.closes.format("%H:%M")),
        posted_in.join(", "),
        codes.join(" "),
    ]
}

fn days(days: &DropDays) -> String {
    match days {
        DropDays::Daily => "daily".to_owned(),
        DropDays::Weekdays(days) => {
            days.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
        }
        DropDays::MonthDays(days) => {
            let days: Vec<_> = days.iter().map(|day| format!("{day}.")).collect();
            format!("on the {}", days.join(" and "))
        }
    }
}

fn item_row(policy: &Policy, item: &Item) -> Vec<String> {
    let offers = policy.drops.iter().flat_map(|drop| {
        let offers = drop.offers.iter().filter(|offer| offer.item == item.key);
        offers.map(move |offer| (drop, offer))
    });
    let stocks: Vec<_> = offers.map(|(drop, offer)| stock(policy, drop, item, offer)).collect();
    let sum = if stocks.is_empty() {
        "in no drop".to_owned()
    } else {
        let all: Option<u64> = stocks.iter().copied().sum();
        all.map_or_else(|| "unlimited".to_owned(), |all| all.to_string())
    };
    let price = format!("{}/{}", amount(policy, item.price), item.unit);
    vec![item.key.clone(), item.name.clone(), price, sum]
}

/// The stock of an offer over the communities of its drop; `None` is unlimited.
fn stock(policy: &Policy, drop: &Drop, item: &Item, offer: &DropOffer) -> Option<u64> {
    let variants = item.variants.iter().map(|variant| variant.stock_each.map(u64::from));
    let variants = variants.sum::<Option<u64>>().filter(|sum| *sum > 0);
    posted_in(policy, drop)
        .map(|community| {
            let named = offer.stock.iter().find(|(slug, _)| *slug == community.slug);
            let own = named.map(|(_, pieces)| *pieces).or(offer.stock_each).map(u64::from);
            own.into_iter().chain(variants).min()
        })
        .sum()
}

fn posted_in<'p>(policy: &'p Policy, drop: &'p Drop) -> impl Iterator<Item = &'p CommunityPolicy> {
    let everywhere = drop.communities.is_empty();
    policy.communities.iter().filter(move |it| everywhere || drop.communities.contains(&it.slug))
}

fn rule_rows(policy: &Policy) -> Vec<Vec<String>> {
    let commission = &policy.commission;
    let points = &policy.points;
    let spending = points.spend_rate.map_or_else(
        || "not spent".to_owned(),
        |rate| format!("{rate} are worth 1, up to {} of an order", percent(points.spend_cap)),
    );
    let earning = points.per_amount.map_or_else(
        || "none for orders".to_owned(),
        |each| format!("one per {} paid", amount(policy, each)),
    );
    let rows = [
        (
            "commission",
            format!(
                "level 1 {}, level 2 {}, cap {}, available {} full days after receipt",
                percent(commission.level1),
                percent(commission.level2),
                percent(commission.cap),
                commission.return_window_days,
            ),
        ),
        ("points", format!("check-in {}, {earning}, {spending}", points.check_in)),
        ("tiers", tiers(policy)),
        (
            "orders",
            format!(
                "unpaid ones live {} min after closing, warned {} min before",
                policy.orders.hold_minutes, policy.orders.warn_minutes,
            ),
        ),
        ("withdrawal", format!("from {}", amount(policy, policy.withdrawal.minimum))),
    ];
    rows.map(|(name, text)| vec![name.to_owned(), text]).to_vec()
}

fn tiers(policy: &Policy) -> String {
    let points = &policy.points;
    let tiers = points.tiers.iter().map(|tier| {
        let (times, part) = (tier.times / 100, tier.times % 100);
        format!("{} from {} times {times}.{part:02}", tier.name, amount(policy, tier.spend))
    });
    let tiers: Vec<_> = tiers.collect();
    if tiers.is_empty() {
        return "none".to_owned();
    }
    format!("{}, by what was paid in {} days", tiers.join(", "), points.tier_days)
}

/// An amount in major units.
fn amount(policy: &Policy, money: Money) -> String {
    policy.communities.first().map_or(Currency::CNY, |it| it.currency).plain(money)
}

/// A rate in per cent, without needless zeros.
pub(crate) fn percent(rate: Rate) -> String {
    let (whole, part) = (rate.bps / 100, rate.bps % 100);
    if part == 0 { format!("{whole}%") } else { format!("{whole}.{part:02}%") }
}

/// A title and rows in columns that line up.
fn write_table(page: &mut String, title: &str, rows: &[Vec<String>]) {
    let _ = write!(page, "\n{title}\n");
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let widest = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| width(cell)).max().unwrap_or_default()
    };
    let widths: Vec<_> = (0..columns).map(widest).collect();
    for row in rows {
        let mut line = String::new();
        for (cell, wide) in row.iter().zip(&widths) {
            let _ = write!(line, "  {cell}{}", " ".repeat(wide - width(cell)));
        }
        page.push_str(line.trim_end());
        page.push('\n');
    }
}

/// Columns on a terminal: Chinese characters and full-width marks take two.
fn width(text: &str) -> usize {
    let wide = |it: char| matches!(it, '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{ffdc}');
    text.chars().map(|it| 1 + usize::from(wide(it))).sum()
}
