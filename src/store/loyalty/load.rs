//! What members paid lately, order by order, for their tiers.

use sqlx::Row;

use crate::book::{Book, Need, Spend};
use crate::domain::ids::{MemberId, OrderId};
use crate::domain::money::Money;
use crate::store::StoreError;

use crate::store::load::{LaneReader, WantedFacts};

const SPEND: &str = "
    select o.community_id, o.member_id, o.order_id, o.paid_at, l.net
    from unnest($2::bigint[], $3::bigint[], $4::timestamptz[]) as n (community_id, member_id, since), lateral (
        select * from orders where lane = $1 and community_id = n.community_id and member_id = n.member_id
            and paid_at >= n.since offset 0) o, lateral (
        select sum(price_minor * qty - cut_minor - discount_minor - refunded_minor)::bigint as net from order_line
        where lane = $1 and community_id = o.community_id and order_id = o.order_id offset 0) l";

/// Put what these members paid into the book. Orders that are there already tell it themselves.
pub(in crate::store) async fn needed(
    reader: &mut LaneReader<'_>,
    book: &mut Book,
    wanted: &WantedFacts,
) -> Result<(), StoreError> {
    let (mut communities, mut members, mut instants) = (Vec::new(), Vec::new(), Vec::new());
    for (community, needs) in wanted {
        let Some(shop) = book.shops.get_mut(community) else { continue };
        for need in needs {
            let Need::Spend(asked, since) = need else { continue };
            for &member in asked {
                if shop.known.spend.get(&member).is_some_and(|known| known.since <= *since) {
                    continue;
                }
                shop.known.spend.insert(member, Spend { since: *since, ..Spend::default() });
                communities.push(community.0);
                members.push(member.0);
                instants.push(*since);
            }
        }
    }
    if communities.is_empty() {
        return Ok(());
    }
    let rows = sqlx::query(SPEND)
        .bind(reader.lane.0)
        .bind(communities)
        .bind(members)
        .bind(instants)
        .fetch_all(&mut *reader.db)
        .await?;
    reader.statements += 1;
    for row in &rows {
        let shop = crate::store::load::shop(book, row.try_get("community_id")?)?;
        let spend = shop.known.spend.entry(MemberId(row.try_get("member_id")?)).or_default();
        let net = row.try_get::<Option<i64>, _>("net")?.unwrap_or(0);
        let paid = (row.try_get("paid_at")?, Money::from_minor(net));
        spend.orders.insert(OrderId(row.try_get("order_id")?), paid);
    }
    Ok(())
}
