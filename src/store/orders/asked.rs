//! What a decision asks about a member's orders, true as of the last save.

use std::collections::BTreeSet;

use sqlx::Row;

use crate::book::need::Report;
use crate::book::{Book, Need, Needs, Shop};
use crate::domain::ids::{MemberId, OrderId};
use crate::domain::orders;
use crate::store::StoreError;
use crate::store::load::{LaneReader, WantedFacts, members_asked, of_members, shop};

/// How many paid orders are looked at before a member is trusted.
const PAID: i64 = 10;

/// How many orders 我的订单 shows at most.
const RECENT: i64 = 10;

/// Note which orders are the last of each member asked about.
pub(in crate::store) async fn recent(
    reader: &mut LaneReader<'_>,
    book: &mut Book,
    wanted: &WantedFacts,
) -> Result<(), StoreError> {
    let asked = members_asked(wanted, |report| match report {
        Report::Orders(orders::Need::Recent(member)) => Some(*member),
        _ => None,
    });
    let rows = of_members(
        reader,
        &asked,
        "select n.community_id, n.member_id, o.order_id
         from unnest($2::bigint[], $3::bigint[]) as n (community_id, member_id),
         lateral (select order_id from orders o
                  where o.lane = $1 and o.community_id = n.community_id and o.member_id = n.member_id
                  order by order_id desc limit $4) o
         order by 1, 2, 3 desc",
        RECENT,
    )
    .await?;
    for (&community, &member) in asked.0.iter().zip(&asked.1) {
        shop(book, community)?.known.reports.orders.recent.insert(MemberId(member), Vec::new());
    }
    for row in &rows {
        let reports = &mut shop(book, row.get(0))?.known.reports;
        reports.orders.recent.entry(MemberId(row.get(1))).or_default().push(OrderId(row.get(2)));
    }
    Ok(())
}

/// The orders that the noted reports are about.
pub(in crate::store) fn recent_orders(shop: &Shop, needs: &Needs) -> Vec<Need> {
    let members = needs.iter().filter_map(|need| match need {
        Need::Report(Report::Orders(orders::Need::Recent(member))) => {
            shop.known.reports.orders.recent.get(member)
        }
        _ => None,
    });
    members.flatten().copied().map(Need::Order).collect()
}

/// A few of the orders that members have paid: enough to trust them, and a few that may be refunded meanwhile.
pub(in crate::store) async fn paid(
    reader: &mut LaneReader<'_>,
    book: &mut Book,
    wanted: &WantedFacts,
) -> Result<(), StoreError> {
    let asked = members_asked(wanted, |report| match report {
        Report::Orders(orders::Need::Paid(member)) => Some(*member),
        _ => None,
    });
    let rows = of_members(
        reader,
        &asked,
        "select n.community_id, n.member_id, o.order_id
         from unnest($2::bigint[], $3::bigint[]) as n (community_id, member_id),
         lateral (select order_id from orders
                  where lane = $1 and community_id = n.community_id and member_id = n.member_id
                    and paid_at is not null and state <> 'refunded'
                  order by order_id limit $4) o",
        PAID,
    )
    .await?;
    for (&community, &member) in asked.0.iter().zip(&asked.1) {
        let reports = &mut shop(book, community)?.known.reports;
        reports.orders.paid.insert(MemberId(member), BTreeSet::new());
    }
    for row in &rows {
        let reports = &mut shop(book, row.get(0))?.known.reports;
        reports.orders.paid.entry(MemberId(row.get(1))).or_default().insert(OrderId(row.get(2)));
    }
    Ok(())
}
