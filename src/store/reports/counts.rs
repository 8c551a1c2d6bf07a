//! What was sold day by day (日计数): one upsert for each community and day of a batch, as balances are kept; and
//! the same counted again, from orders and journal, for the audit and for a calendar that changed.

use std::borrow::Cow;
use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::book::{Book, Shop};
use crate::domain::ledger::{AccountNo, Fact, House};
use crate::domain::money::Money;
use crate::domain::reports::DayTotals;
use crate::domain::time::local_day;
use crate::store::audit::Check;
use crate::store::chart;
use crate::store::save::{RowCount, Writer};

pub(in crate::store) const CHECKS: &[Check] = &[Check { name: "days", sql: days }];

/// Write by how much the days of a batch moved.
pub(in crate::store) fn save(writer: &mut Writer<'_>, book: &Book) {
    let (anew, moved): (Vec<_>, Vec<_>) = book.touched().partition(|shop| shop.fresh.recount);
    let rows: Vec<_> = moved
        .into_iter()
        .flat_map(|shop| days_of(shop).into_iter().map(move |row| (shop.community.id.0, row)))
        .filter(|(_, (_, count))| *count != DayTotals::default())
        .collect();
    writer
        .insert("day_count as d", &rows)
        .with("community_id", |(community, _)| *community)
        .with("day", |(_, (day, _))| *day)
        .with("orders", |(_, (_, it))| it.orders)
        .with("units", |(_, (_, it))| it.units)
        .with("sold_minor", |(_, (_, it))| it.sold.minor)
        .with("paid_minor", |(_, (_, it))| it.paid.minor)
        .with("refunded_minor", |(_, (_, it))| it.refunded.minor)
        .upsert(
            "on conflict on constraint day_count_key do update
             set orders = d.orders + excluded.orders, units = d.units + excluded.units,
                 sold_minor = d.sold_minor + excluded.sold_minor, paid_minor = d.paid_minor + excluded.paid_minor,
                 refunded_minor = d.refunded_minor + excluded.refunded_minor",
        );
    recount(writer, anew.iter().map(|shop| shop.community.id.0).collect());
}

/// By how much what was decided moves each day.
fn days_of(shop: &Shop) -> BTreeMap<NaiveDate, DayTotals> {
    let zone = shop.community.time_zone;
    let mut days: BTreeMap<NaiveDate, DayTotals> = BTreeMap::new();
    for (order, before) in shop.orders.moved() {
        let change = DayTotals::of(order) - before.copied().unwrap_or_default();
        *days.entry(local_day(order.placed_at, zone)).or_default() += change;
    }
    let (received, money) = (AccountNo::house(House::Received), shop.community.currency.code());
    for posted in shop.fresh.journal.iter().filter(|it| it.entry.currency == money) {
        let legs = posted.entry.legs.iter().filter(|(account, _)| *account == received);
        let amount = Money::from_minor(legs.map(|(_, amount)| amount).sum());
        if amount.is_zero() {
            continue;
        }
        let day = days.entry(local_day(posted.at, zone)).or_default();
        match posted.entry.kind {
            Fact::Refunded => day.refunded -= amount,
            _ => day.paid += amount,
        }
    }
    days
}

/// Count all days of these communities anew, once everything else is written.
fn recount(writer: &mut Writer<'_>, communities: Vec<i64>) {
    if communities.is_empty() {
        return;
    }
    writer.then();
    let forget = "delete from day_count where lane = $1 and community_id = any($2)";
    writer.part(forget, RowCount::Any).bind(communities.clone());
    writer.then();
    let again = format!(
        "insert into day_count (lane, community_id, day, orders, units, sold_minor, paid_minor, refunded_minor)
         select $1, community_id, day, orders, units, sold, paid, refunded from ({}) as counted",
        counted()
    );
    writer.part(&again, RowCount::Any).bind(communities);
}

/// The days of the communities `$2` of the lane `$1`, counted from orders and journal.
fn counted() -> String {
    let received = chart::house(House::Received);
    let refunded = Fact::Refunded.name();
    format!(
        "select community_id, day, sum(orders)::bigint as orders, sum(units)::bigint as units,
                sum(sold)::bigint as sold, sum(paid)::bigint as paid, sum(refunded)::bigint as refunded
         from (
            select o.community_id, (o.placed_at at time zone c.time_zone)::date as day, 1 as orders,
                   coalesce(l.units, 0) as units, coalesce(l.sold, 0) as sold, 0 as paid, 0 as refunded
            from orders o
            join community c on c.lane = $1 and c.community_id = any($2) and c.community_id = o.community_id
            left join (
                select community_id, order_id, sum(qty - refunded_qty) as units,
                       sum(price_minor * qty - cut_minor - discount_minor - refunded_minor) as sold
                from order_line where lane = $1 and community_id = any($2) group by 1, 2
            ) l on l.community_id = o.community_id and l.order_id = o.order_id
            where o.lane = $1 and o.community_id = any($2) and o.state <> 'cancelled'
            union all
            select j.community_id, (j.at at time zone c.time_zone)::date, 0, 0, 0,
                   case when j.kind = '{refunded}' then 0 else j.amount end,
                   case when j.kind = '{refunded}' then -j.amount else 0 end
            from (select community_id, at, kind, currency,
                         amounts[array_position(accounts, {received}::bigint)] as amount
                  from journal where lane = $1 and community_id = any($2)) j
            join community c on c.lane = $1 and c.community_id = any($2) and c.community_id = j.community_id
            where j.amount is not null and j.currency = c.currency
         ) as moved
         group by 1, 2"
    )
}

/// What is kept of each day is what orders and journal say of it.
fn days() -> Cow<'static, str> {
    let counted = counted();
    format!(
        "
    with counted as ({counted}), kept as (
        select * from day_count where lane = $1 and community_id = any($2)
    )
    select community_id, 'day' as kind, null::bigint as order_id, null::bigint as member_id,
           null::bigint as offer_id, null::smallint as line, null::bigint as seq,
           day || ': ' || bad.what as what, bad.expected::text, bad.found::text
    from (
        select community_id, day,
               array[c.orders, c.units, c.sold, c.paid, c.refunded]::bigint[] as wanted,
               array[k.orders, k.units, k.sold_minor, k.paid_minor, k.refunded_minor] as written
        from counted c full join kept k using (community_id, day)
    ) as d
    cross join lateral unnest(
        array['orders', 'units', 'sold', 'paid', 'refunded'], d.wanted, d.written) as bad (what, expected, found)
    where coalesce(bad.expected, 0) <> coalesce(bad.found, 0)"
    )
    .into()
}
