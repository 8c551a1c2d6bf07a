//! What was sold: the counts of days as they are kept, and of some goods what their orders come to.

use sqlx::Row;
use sqlx::postgres::PgRow;

use crate::book::Book;
use crate::book::need::Report;
use crate::domain::ids::CommunityId;
use crate::domain::money::Money;
use crate::domain::reports::{self, DayRange, DayTotals, GoodsSold, SoldDay};
use crate::store::StoreError;
use crate::store::load::{LaneReader, WantedFacts, asked, shop};

/// Days that something happened on, in order.
const DAYS: &str = "
    select day, orders, units, sold_minor, paid_minor, refunded_minor from day_count
    where lane = $1 and community_id = $2 and day between $3 and $4
      and (orders, units, sold_minor, paid_minor, refunded_minor) <> (0, 0, 0, 0, 0)
    order by day";

/// Of the offers `$3`: what was ordered of them (on days from `$4` to `$5`), as days are counted; the money of orders
/// that are paid is theirs, by their lines.
const GOODS: &str = "
    select count(distinct l.order_id) as orders,
           coalesce(sum(l.qty - l.refunded_qty), 0)::bigint as units,
           coalesce(sum(l.price_minor * l.qty - l.cut_minor - l.discount_minor - l.refunded_minor), 0)::bigint as sold_minor,
           coalesce(sum(l.price_minor * l.qty - l.cut_minor - l.discount_minor - l.refunded_minor)
                    filter (where o.paid_at is not null), 0)::bigint as paid_minor,
           coalesce(sum(l.refunded_minor), 0)::bigint as refunded_minor
    from order_line l
    join orders o using (lane, community_id, order_id)
    join community c using (lane, community_id)
    where l.lane = $1 and l.community_id = $2 and l.offer_id = any($3) and l.qty > 0 and o.state <> 'cancelled'
      and ($4::date is null or (o.placed_at at time zone c.time_zone)::date between $4 and $5)";

/// Read what is asked about days and goods.
pub(super) async fn needed(
    reader: &mut LaneReader<'_>,
    book: &mut Book,
    wanted: &WantedFacts,
) -> Result<(), StoreError> {
    let ranges = |report: &Report| match report {
        Report::Reports(reports::Need::Days(range)) => Some(*range),
        _ => None,
    };
    for (community, range) in asked(wanted, ranges) {
        days(reader, book, community, range).await?;
    }
    let goods = |report: &Report| match report {
        Report::Reports(reports::Need::Goods(goods)) => Some(goods.clone()),
        _ => None,
    };
    for (community, goods) in asked(wanted, goods) {
        sold_of(reader, book, community, goods).await?;
    }
    Ok(())
}

async fn days(
    reader: &mut LaneReader<'_>,
    book: &mut Book,
    community: CommunityId,
    range: DayRange,
) -> Result<(), StoreError> {
    let rows = sqlx::query(DAYS)
        .bind(reader.lane.0)
        .bind(community.0)
        .bind(range.since)
        .bind(range.until)
        .fetch_all(&mut *reader.db)
        .await?;
    reader.statements += 1;
    let day = |row: &PgRow| Ok(SoldDay { day: row.try_get("day")?, count: count(row)? });
    let days = rows.iter().map(day).collect::<Result<_, StoreError>>()?;
    shop(book, community.0)?.known.reports.reports.days.insert(range, days);
    Ok(())
}

async fn sold_of(
    reader: &mut LaneReader<'_>,
    book: &mut Book,
    community: CommunityId,
    goods: GoodsSold,
) -> Result<(), StoreError> {
    let offers: Vec<_> = goods.offers.iter().map(|offer| offer.0).collect();
    let row = sqlx::query(GOODS)
        .bind(reader.lane.0)
        .bind(community.0)
        .bind(offers)
        .bind(goods.days.map(|days| days.since))
        .bind(goods.days.map(|days| days.until))
        .fetch_one(&mut *reader.db)
        .await?;
    reader.statements += 1;
    let sum = count(&row)?;
    shop(book, community.0)?.known.reports.reports.goods.insert(goods, sum);
    Ok(())
}

fn count(row: &PgRow) -> Result<DayTotals, StoreError> {
    let money = |column: &str| row.try_get(column).map(Money::from_minor);
    Ok(DayTotals {
        orders: row.try_get("orders")?,
        units: row.try_get("units")?,
        sold: money("sold_minor")?,
        paid: money("paid_minor")?,
        refunded: money("refunded_minor")?,
    })
}
