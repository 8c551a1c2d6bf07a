//! Orders whose commission is due, in bulk: their numbers, and what each promoter has coming from them.
//! Those that are in the book already are left out; see [`crate::book::due`].

use std::collections::BTreeSet;

use sqlx::Row;

use crate::book::due::{MAX_DUE, changed};
use crate::book::{Book, Due, DueShare, Need, Table};
use crate::domain::ids::{CommunityId, MemberId, OrderId};
use crate::domain::money::Money;
use crate::domain::orders::{DueMark, Order};
use crate::domain::time::Timestamp;
use crate::store::StoreError;

use crate::store::load::{LaneReader, WantedFacts};

/// One community and instant asked about, and the row of what is due there.
struct AskedDue {
    community: CommunityId,
    at: Timestamp,
    row: BTreeSet<DueMark>,
    due: Due,
}

/// Note what is due by the instants asked about.
pub(in crate::store) async fn needed(
    reader: &mut LaneReader<'_>,
    book: &mut Book,
    wanted: &WantedFacts,
) -> Result<(), StoreError> {
    let mut asked = asked(book, wanted);
    if asked.is_empty() {
        return Ok(());
    }
    orders(reader, book, &mut asked).await?;
    for it in &mut asked {
        cut(it, &crate::store::load::shop(book, it.community.0)?.orders);
    }
    shares(reader, &mut asked).await?;
    for AskedDue { community, at, due, .. } in asked {
        crate::store::load::shop(book, community.0)?.known.reports.due.insert(at, due);
    }
    Ok(())
}

/// What is asked about, with the orders in the book that are due there.
fn asked(book: &Book, wanted: &WantedFacts) -> Vec<AskedDue> {
    let mut asked = Vec::new();
    for (&community, needs) in wanted {
        let Some(shop) = book.shops.get(&community) else { continue };
        for need in needs {
            let Need::Due(at) = *need else { continue };
            let end = DueMark { at, order: OrderId(i64::MAX) };
            let all = Due { after: shop.settled, until: Some(end), ..Due::default() };
            let here = shop.orders.values().filter(|order| all.takes(order));
            let row = here.filter_map(Order::due).collect();
            let due = Due { after: shop.settled, changed: changed(shop), ..Due::default() };
            asked.push(AskedDue { community, at, row, due });
        }
    }
    asked
}

/// Add the orders that are not in the book, as many as there may be room for.
async fn orders(
    reader: &mut LaneReader<'_>,
    book: &Book,
    asked: &mut [AskedDue],
) -> Result<(), StoreError> {
    // Of those that are in the book, some may not be due any more.
    let most = |it: &AskedDue| i64::try_from(MAX_DUE + 1 + it.due.changed).unwrap_or(i64::MAX);
    let after = |it: &AskedDue| it.due.after.map(|mark| mark.at);
    let after_order = |it: &AskedDue| it.due.after.map(|mark| mark.order.0);
    let rows = sqlx::query(
        "select n.nth, o.order_id, o.due_at
         from unnest($2::bigint[], $3::timestamptz[], $4::bigint[], $5::timestamptz[], $6::bigint[])
            with ordinality as n (community_id, at, most, after, after_order, nth),
         lateral (select order_id, due_at from orders
                  where lane = $1 and community_id = n.community_id and due_at <= n.at
                    and (due_at, order_id) > (coalesce(n.after, '-infinity'), coalesce(n.after_order, 0))
                  order by due_at, order_id limit n.most) o",
    )
    .bind(reader.lane.0)
    .bind(asked.iter().map(|it| it.community.0).collect::<Vec<_>>())
    .bind(asked.iter().map(|it| it.at).collect::<Vec<_>>())
    .bind(asked.iter().map(most).collect::<Vec<_>>())
    .bind(asked.iter().map(after).collect::<Vec<_>>())
    .bind(asked.iter().map(after_order).collect::<Vec<_>>())
    .fetch_all(&mut *reader.db)
    .await?;
    reader.statements += 1;
    for row in &rows {
        let it = nth(asked, row.try_get(0)?)?;
        let mark = DueMark { order: OrderId(row.try_get(1)?), at: row.try_get(2)? };
        let here = book.shops.get(&it.community).map(|shop| &shop.orders);
        if here.is_some_and(|orders| !orders.contains(mark.order)) {
            it.row.insert(mark);
        }
    }
    Ok(())
}

/// Let the row end where a round does.
fn cut(it: &mut AskedDue, here: &Table<OrderId, Order>) {
    let round: Vec<_> = it.row.iter().copied().take(MAX_DUE).collect();
    it.due.until = round.last().copied();
    it.due.more = it.row.len() > round.len();
    let orders = round.into_iter().map(|mark| mark.order);
    it.due.orders = orders.filter(|order| !here.contains(*order)).collect();
}

/// What is due, by promoter; shares of which nothing is left are nobody's business.
async fn shares(reader: &mut LaneReader<'_>, asked: &mut [AskedDue]) -> Result<(), StoreError> {
    let (mut places, mut communities, mut orders) = (Vec::new(), Vec::new(), Vec::new());
    for (it, place) in asked.iter().zip(1i64..) {
        for order in &it.due.orders {
            places.push(place);
            communities.push(it.community.0);
            orders.push(order.0);
        }
    }
    if orders.is_empty() {
        return Ok(());
    }
    let rows = sqlx::query(
        // The sums are made before anybody's name is looked up.
        "with share as materialized (
            select n.nth, l.community_id, s.promoter, sum(s.amount)::bigint as amount, count(distinct l.order_id) as orders
            from unnest($2::bigint[], $3::bigint[], $4::bigint[]) as n (nth, community_id, order_id)
            join order_line l on l.lane = $1 and l.community_id = n.community_id and l.order_id = n.order_id
            cross join lateral (values (l.promoter1_id, l.earned1_minor - l.reversed1_minor),
                                       (l.promoter2_id, l.earned2_minor - l.reversed2_minor)) as s (promoter, amount)
            where s.amount > 0
            group by 1, 2, 3)
         select d.nth, d.promoter, d.amount, d.orders, m.user_key, m.name
         from share d join member m on m.lane = $1 and m.community_id = d.community_id and m.member_id = d.promoter",
    )
    .bind(reader.lane.0)
    .bind(places)
    .bind(communities)
    .bind(orders)
    .fetch_all(&mut *reader.db)
    .await?;
    reader.statements += 1;
    for row in &rows {
        let share = DueShare {
            amount: Money::from_minor(row.try_get(2)?),
            orders: usize::try_from(row.try_get::<i64, _>(3)?).unwrap_or(usize::MAX),
            key: row.try_get(4)?,
            name: row.try_get(5)?,
        };
        nth(asked, row.try_get(0)?)?.due.shares.insert(MemberId(row.try_get(1)?), share);
    }
    Ok(())
}

fn nth(asked: &mut [AskedDue], nth: i64) -> Result<&mut AskedDue, StoreError> {
    let place = usize::try_from(nth - 1).ok();
    place
        .and_then(|place| asked.get_mut(place))
        .ok_or_else(|| StoreError::inconsistent("a row that was not asked for"))
}
