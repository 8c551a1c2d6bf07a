//! Figures for leaders, true as of the last save.

use sqlx::Row;

use crate::book::Book;
use crate::book::need::Report;
use crate::domain::ids::CommunityId;
use crate::domain::money::Money;
use crate::domain::reply::Figures;
use crate::domain::reports;
use crate::domain::time::Timestamp;
use crate::store::StoreError;

use crate::store::load::{LaneReader, WantedFacts, asked, shop};

/// Today's figures: `$3` is the midnight that began the day, `$4` the one before. What was received is what the days
/// counted.
pub(crate) const FIGURES: &str = "
     with o as (
        select o.*, (select coalesce(sum(l.price_minor * l.qty - l.cut_minor - l.discount_minor), 0)
                     from order_line l where l.lane = o.lane and l.community_id = o.community_id
                       and l.order_id = o.order_id)::bigint as total
        from orders o where o.lane = $1 and o.community_id = $2
          and (o.placed_at >= $4 or o.paid_at >= $4 or o.state in ('placed', 'paid'))
     )
     select count(*) filter (where placed_at >= $3 and state <> 'cancelled') as orders,
            count(*) filter (where placed_at >= $4 and placed_at < $3 and state <> 'cancelled') as orders_yesterday,
            count(distinct member_id) filter (where placed_at >= $3 and state <> 'cancelled') as buyers,
            (select coalesce(sum(d.paid_minor - d.refunded_minor), 0)::bigint from day_count d
                join community c using (lane, community_id)
                where d.lane = $1 and d.community_id = $2 and d.day = ($3 at time zone c.time_zone)::date) as paid,
            (select coalesce(sum(d.paid_minor - d.refunded_minor), 0)::bigint from day_count d
                join community c using (lane, community_id)
                where d.lane = $1 and d.community_id = $2 and d.day = ($4 at time zone c.time_zone)::date) as paid_yesterday,
            count(*) filter (where state = 'placed') as unpaid_orders,
            coalesce(sum(total - received_minor) filter (where state = 'placed'), 0)::bigint as unpaid,
            count(*) filter (where state = 'paid') as to_ship,
            (select count(*) from member m where m.lane = $1 and m.community_id = $2 and m.joined_at >= $3 and not m.founding) as joined,
            (select count(*) from member m where m.lane = $1 and m.community_id = $2 and m.joined_at >= $3 and not m.founding and m.inviter_id is null and m.role = 'member') as unattributed,
            (select count(*) from check_in k join community c using (lane, community_id)
                where k.lane = $1 and k.community_id = $2 and k.day = ($3 at time zone c.time_zone)::date) as checked_in
     from o";

async fn figures(
    reader: &mut LaneReader<'_>,
    book: &mut Book,
    community: CommunityId,
    today: Timestamp,
    yesterday: Timestamp,
) -> Result<(), StoreError> {
    let row = sqlx::query(FIGURES)
        .bind(reader.lane.0)
        .bind(community.0)
        .bind(today)
        .bind(yesterday)
        .fetch_one(&mut *reader.db)
        .await?;
    reader.statements += 1;
    let figures = figures_of(&row)?;
    shop(book, community.0)?.known.reports.reports.figures = Some(figures);
    Ok(())
}

/// The figures in a row of [`FIGURES`].
pub(crate) fn figures_of(row: &sqlx::postgres::PgRow) -> Result<Figures, StoreError> {
    let money = |column: &str| row.try_get(column).map(Money::from_minor);
    Ok(Figures {
        orders: row.try_get("orders")?,
        orders_yesterday: row.try_get("orders_yesterday")?,
        buyers: row.try_get("buyers")?,
        paid: money("paid")?,
        paid_yesterday: money("paid_yesterday")?,
        unpaid_orders: row.try_get("unpaid_orders")?,
        unpaid: money("unpaid")?,
        joined: row.try_get("joined")?,
        unattributed: row.try_get("unattributed")?,
        checked_in: row.try_get("checked_in")?,
        to_ship: row.try_get("to_ship")?,
    })
}

/// Read the figures asked for.
pub(in crate::store) async fn needed(
    reader: &mut LaneReader<'_>,
    book: &mut Book,
    wanted: &WantedFacts,
) -> Result<(), StoreError> {
    let days = |report: &Report| match report {
        Report::Reports(reports::Need::Figures { today, yesterday }) => Some((*today, *yesterday)),
        _ => None,
    };
    for (community, (today, yesterday)) in asked(wanted, days) {
        figures(reader, book, community, today, yesterday).await?;
    }
    super::sold::needed(reader, book, wanted).await
}
