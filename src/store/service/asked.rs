//! What a decision asks about cases, true as of the last save.

use sqlx::Row;

use crate::book::Book;
use crate::book::need::Report;
use crate::domain::ids::CommunityId;
use crate::domain::service::{self, CaseRate};
use crate::domain::time::Timestamp;
use crate::store::StoreError;
use crate::store::load::{LaneReader, WantedFacts, asked, shop};

/// The most goods that are named.
const MOST_NAMED: i64 = 9;

/// Goods complained of since `$3`, by name, and how many paid orders there were of them.
const RATES: &str = "
    with complained as (
        select f.detail ->> 'name' as name, count(*) as cases
        from service_case s
        join order_line l on l.lane = s.lane and l.community_id = s.community_id
                          and l.order_id = s.order_id and l.line = s.line
        join offer f on f.lane = s.lane and f.community_id = s.community_id and f.offer_id = l.offer_id
        where s.lane = $1 and s.community_id = $2 and s.opened_at >= $3 and s.state <> 'withdrawn'
        group by 1 order by 2 desc, 1 limit $4
    )
    select c.name, c.cases, greatest(c.cases, (
        select count(distinct l.order_id)
        from offer f
        join order_line l on l.lane = f.lane and l.community_id = f.community_id and l.offer_id = f.offer_id
        join orders o on o.lane = f.lane and o.community_id = f.community_id and o.order_id = l.order_id
        where f.lane = $1 and f.community_id = $2 and f.detail ->> 'name' = c.name
          and o.paid_at >= $3 and l.qty > 0 and l.price_minor > 0
    )) as orders
    from complained c order by c.cases desc, c.name";

/// Read what is asked for.
pub(in crate::store) async fn needed(
    reader: &mut LaneReader<'_>,
    book: &mut Book,
    wanted: &WantedFacts,
) -> Result<(), StoreError> {
    let since = |report: &Report| match report {
        Report::Service(service::Need::Rates(since)) => Some(*since),
        _ => None,
    };
    for (community, since) in asked(wanted, since) {
        rates(reader, book, community, since).await?;
    }
    Ok(())
}

async fn rates(
    reader: &mut LaneReader<'_>,
    book: &mut Book,
    community: CommunityId,
    since: Timestamp,
) -> Result<(), StoreError> {
    let rows = sqlx::query(RATES)
        .bind(reader.lane.0)
        .bind(community.0)
        .bind(since)
        .bind(MOST_NAMED)
        .fetch_all(&mut *reader.db)
        .await?;
    reader.statements += 1;
    let mut rates = Vec::new();
    for row in &rows {
        let (cases, orders): (i64, i64) = (row.try_get("cases")?, row.try_get("orders")?);
        let percent = cases * 100 / orders.max(1);
        rates.push(CaseRate { name: row.try_get("name")?, cases, orders, percent });
    }
    shop(book, community.0)?.known.reports.service.rates.insert(since, rates);
    Ok(())
}
