//! What a decision asks about a member's orders, true as of the last save.

use std::collections::BTreeSet;

use sqlx::Row;

use crate::book::need::Report;
use crate::book::{Book, Need, Needs, Shop};
use crate::domain::ids::{MemberId, OfferId, OrderId};
use crate::domain::orders::{self, Taking};
use crate::domain::undo::Effect;
use crate::store::StoreError;
use crate::store::load::{
    LaneReader, WantedFacts, asked, effects, members_asked, of_members, shop,
};

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

/// So far back in the lane's events is looked for what others ordered.
const EVENTS_BACK: i64 = 1_000;

/// How many orders of others may be meant.
const TAKEN: i64 = 8;

/// What anybody ordered last.
pub(in crate::store) async fn taken(
    reader: &mut LaneReader<'_>,
    book: &mut Book,
    wanted: &WantedFacts,
) -> Result<(), StoreError> {
    let communities = asked(wanted, |report| match report {
        Report::Orders(orders::Need::Taken) => Some(()),
        _ => None,
    });
    let communities: Vec<i64> = communities.map(|(community, ())| community.0).collect();
    if communities.is_empty() {
        return Ok(());
    }
    let rows = sqlx::query(
        "select n.community_id, d.member_id, m.name, d.at, d.before, l.offers, l.variants
         from unnest($2::bigint[]) as n (community_id),
         lateral (select * from decision
                  where lane = $1 and community_id = n.community_id and before like '{\"orders\":%'
                    and order_id is not null and member_id is not null
                    and seq > (select coalesce(max(seq), 0) - $3 from decision where lane = $1)
                  order by seq desc, ordinal desc limit $4) d,
         lateral (select array_agg(offer_id order by line) as offers, array_agg(variant order by line) as variants
                  from order_line
                  where lane = $1 and community_id = n.community_id and order_id = d.order_id) l,
         lateral (select name from member
                  where lane = $1 and community_id = n.community_id and member_id = d.member_id) m
         order by 1, d.seq desc, d.ordinal desc",
    )
    .bind(reader.lane.0)
    .bind(&communities)
    .bind(EVENTS_BACK)
    .bind(TAKEN)
    .fetch_all(&mut *reader.db)
    .await?;
    reader.statements += 1;
    for community in communities {
        shop(book, community)?.known.reports.orders.taken = Some(Vec::new());
    }
    for row in &rows {
        let Effect::Orders(effects) = effects::read(row.try_get("before")?)? else { continue };
        let offers: Vec<i64> = row.try_get("offers")?;
        let variants: Vec<Option<i16>> = row.try_get("variants")?;
        let variant = |it: Option<i16>| it.and_then(|it| u16::try_from(it).ok());
        let goods = offers.iter().zip(variants).map(|(&id, it)| (OfferId(id), variant(it)));
        let taking = Taking {
            member: MemberId(row.try_get("member_id")?),
            name: row.try_get("name")?,
            at: row.try_get("at")?,
            lines: effects.first().map(|it| orders::added(it, goods)).unwrap_or_default(),
        };
        let taken = &mut shop(book, row.try_get(0)?)?.known.reports.orders.taken;
        taken.get_or_insert_default().push(taking);
    }
    Ok(())
}
