//! Orders with their lines, the offers those lines name, and the members who placed or earn on them.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::Row;
use sqlx::postgres::PgRow;

use crate::book::{Book, Need, Shop};
use crate::domain::catalog::{Offer, OfferState};
use crate::domain::ids::{CommunityId, Lane, MemberId, OfferId, OrderId};
use crate::domain::money::{Money, Rate};
use crate::domain::orders::{
    Commission, LATE, Line, Order, OrderPrivate, OrderState, PointsTerms, Terms,
};
use crate::domain::pricing::Cut;
use crate::domain::time::Timestamp;
use crate::store::seal::SealedCell;
use crate::store::sql::Union;
use crate::store::words::Stored;
use crate::store::{Seal, StoreError};

use crate::store::load::{LaneReader, WantedFacts};

/// Members whose orders are asked about, and how far their communities' orders are settled.
#[derive(Default)]
struct OfMembers {
    communities: Vec<i64>,
    members: Vec<i64>,
    settled_at: Vec<Option<Timestamp>>,
    settled_order: Vec<Option<i64>>,
    open_since: Vec<Option<Timestamp>>,
}

impl OfMembers {
    fn add(&mut self, shop: &Shop, member: MemberId) {
        self.communities.push(shop.community.id.0);
        self.members.push(member.0);
        self.settled_at.push(shop.settled.map(|mark| mark.at));
        self.settled_order.push(shop.settled.map(|mark| mark.order.0));
        let open = shop.offers.values().filter(|offer| offer.state == OfferState::Open);
        self.open_since.push(open.map(Offer::baskets_of).min());
    }
}

/// What is asked about orders, as columns.
#[derive(Default)]
struct AskedOrders {
    of_members: OfMembers,
    by_number: (Vec<i64>, Vec<i64>),
    closing: (Vec<i64>, Vec<Timestamp>),
    unpaid: Vec<i64>,
    to_ship: Vec<i64>,
    shipped: Vec<i64>,
}

impl AskedOrders {
    fn add(&mut self, shop: &Shop, need: &Need) {
        let (community, known) = (shop.community.id.0, &shop.known);
        match need {
            Need::OrdersOf(member) if !known.orders_of.contains(member) => {
                self.of_members.add(shop, *member);
            }
            Need::Order(order)
                if !shop.orders.contains(*order) && !known.absent_orders.contains(order) =>
            {
                self.by_number.0.push(community);
                self.by_number.1.push(order.0);
            }
            Need::Closing(at) if !known.closing.contains(at) => {
                self.closing.0.push(community);
                self.closing.1.push(*at);
            }
            Need::Unpaid if !known.unpaid => self.unpaid.push(community),
            Need::ToShip if !known.to_ship => self.to_ship.push(community),
            Need::Shipped if !known.shipped => self.shipped.push(community),
            _ => {}
        }
    }

    /// The query for all of it.
    fn union(&self, lane: Lane, at: Timestamp) -> Union {
        let mut union = Union::new(lane);
        let of = &self.of_members;
        if !of.members.is_empty() {
            let part = union.ask(OF_MEMBERS).bind(&of.communities).bind(&of.members);
            let part = part.bind(&of.settled_at).bind(&of.settled_order);
            part.bind(at).bind(at - LATE).bind(&of.open_since);
        }
        if !self.by_number.0.is_empty() {
            union.ask(BY_NUMBER).bind(&self.by_number.0).bind(&self.by_number.1);
        }
        if !self.closing.0.is_empty() {
            union.ask(CLOSING).bind(&self.closing.0).bind(&self.closing.1);
        }
        for (query, communities) in
            [(UNPAID, &self.unpaid), (TO_SHIP, &self.to_ship), (SHIPPED, &self.shipped)]
        {
            if !communities.is_empty() {
                union.ask(query).bind(communities);
            }
        }
        union
    }
}

/// Members' orders are live until they are over and their offers closed; the limit of an open offer
/// counts orders of any age, also where its closing was moved. What lapsed, or was paid, within a day is here too: money may come for
/// it, or be taken back ([`LATE`]).
///
/// [`LATE`]: crate::domain::orders::LATE
const OF_MEMBERS: &str = "
    select o.* from unnest($2::bigint[], $3::bigint[], $4::timestamptz[], $5::bigint[], $8::timestamptz[])
        as n (community_id, member_id, settled_at, settled_order, open_since), lateral (
        select * from orders where lane = $1 and community_id = n.community_id and member_id = n.member_id
            and (state in ('placed', 'paid', 'shipped', 'received')
                 and ((due_at, order_id) <= (n.settled_at, n.settled_order)) is not true
                 or closes_at > $6 or closes_at >= n.open_since or lapsed_at > $7 or paid_at > $7) offset 0) o";

const BY_NUMBER: &str = "
    select o.* from unnest($2::bigint[], $3::bigint[]) as n (community_id, order_id), lateral (
        select * from orders where lane = $1 and community_id = n.community_id and order_id = n.order_id offset 0) o";

const CLOSING: &str = "
    select o.* from unnest($2::bigint[], $3::timestamptz[]) as n (community_id, at), lateral (
        select * from orders where lane = $1 and community_id = n.community_id and closes_at = n.at offset 0) o";

/// Each state has an index of its own.
const UNPAID: &str = "
    select o.* from unnest($2::bigint[]) as n (community_id), lateral (
        select * from orders where lane = $1 and community_id = n.community_id and state = 'placed' offset 0) o";
const TO_SHIP: &str = "
    select o.* from unnest($2::bigint[]) as n (community_id), lateral (
        select * from orders where lane = $1 and community_id = n.community_id and state = 'paid' offset 0) o";
const SHIPPED: &str = "
    select o.* from unnest($2::bigint[]) as n (community_id), lateral (
        select * from orders where lane = $1 and community_id = n.community_id and state = 'shipped' offset 0) o";

/// Put the orders this batch needs into the book, whole.
pub(in crate::store) async fn needed(
    reader: &mut LaneReader<'_>,
    book: &mut Book,
    wanted: &WantedFacts,
    at: Timestamp,
) -> Result<(), StoreError> {
    let mut asked = AskedOrders::default();
    for (community, needs) in wanted {
        let Some(shop) = book.shops.get(community) else { continue };
        let recent = crate::store::orders::asked::recent_orders(shop, needs);
        for need in needs.iter().chain(&recent) {
            asked.add(shop, need);
        }
    }
    let union = asked.union(reader.lane, at);
    if !union.is_empty() {
        let loaded = headers(reader, book, union).await?;
        let keys: Vec<_> = loaded.keys().copied().collect();
        lines(reader, book, loaded).await?;
        remember(book, wanted);
        related(reader, book, &keys).await?;
    }
    review(reader, book, wanted, at).await
}

async fn headers(
    reader: &mut LaneReader<'_>,
    book: &Book,
    union: Union,
) -> Result<BTreeMap<(i64, i64), Order>, StoreError> {
    let rows = union.fetch(reader.db).await?;
    reader.statements += 1;
    let mut loaded = BTreeMap::new();
    for row in &rows {
        let (community, id) = (row.try_get("community_id")?, row.try_get("order_id")?);
        let here = book.shops.get(&CommunityId(community));
        if !here.is_some_and(|shop| shop.orders.contains(OrderId(id))) {
            loaded.insert((community, id), order(reader.seal, row)?);
        }
    }
    Ok(loaded)
}

/// An order as stored, its lines to follow.
pub(crate) fn order(seal: &Seal, row: &PgRow) -> Result<Order, StoreError> {
    let (community, id) =
        (CommunityId(row.try_get("community_id")?), OrderId(row.try_get("order_id")?));
    let private: Option<&[u8]> = row.try_get("private")?;
    let private = private.map_or(Ok(OrderPrivate::default()), |sealed| {
        seal.open(&SealedCell::order_private(community, id), sealed)
    });
    let print: Option<i64> = row.try_get("said_print")?;
    let changed_from: Option<Timestamp> = row.try_get("changed_from")?;
    Ok(Order {
        id,
        member: MemberId(row.try_get("member_id")?),
        state: OrderState::from_word(row.try_get("state")?)?,
        closes_at: row.try_get("closes_at")?,
        hold_until: row.try_get("hold_until")?,
        warned: row.try_get("warned")?,
        prolonged: row.try_get("prolonged")?,
        lapsed_at: row.try_get("lapsed_at")?,
        placed_at: row.try_get("placed_at")?,
        paid_at: row.try_get("paid_at")?,
        received: Money::from_minor(row.try_get("received_minor")?),
        points_worth: Money::from_minor(row.try_get("points_worth_minor")?),
        points_spent: row.try_get("points_spent")?,
        points_terms: points_terms(row)?,
        points_granted: row.try_get("points_granted")?,
        shipped_at: row.try_get("shipped_at")?,
        received_at: row.try_get("received_at")?,
        due_at: row.try_get("due_at")?,
        said: print.zip(row.try_get("said_at")?),
        changed: changed_from.zip(row.try_get("changes")?),
        lines: Vec::new(),
        private: private?,
    })
}

fn points_terms(row: &PgRow) -> Result<Option<PointsTerms>, StoreError> {
    let Some(per) = row.try_get::<Option<i64>, _>("points_per_minor")? else { return Ok(None) };
    let times: i32 = row.try_get("points_times")?;
    let times = u32::try_from(times)
        .map_err(|_| StoreError::inconsistent("a multiplier of points below zero"))?;
    Ok(Some(PointsTerms { per: Money::from_minor(per), times }))
}

async fn lines(
    reader: &mut LaneReader<'_>,
    book: &mut Book,
    mut loaded: BTreeMap<(i64, i64), Order>,
) -> Result<(), StoreError> {
    if loaded.is_empty() {
        return Ok(());
    }
    let (communities, orders): (Vec<_>, Vec<_>) = loaded.keys().copied().unzip();
    let rows = sqlx::query(
        "select l.* from unnest($2::bigint[], $3::bigint[]) as n (community_id, order_id), lateral (
            select * from order_line
            where lane = $1 and community_id = n.community_id and order_id = n.order_id offset 0) l
         order by l.community_id, l.order_id, l.line",
    )
    .bind(reader.lane.0)
    .bind(communities)
    .bind(orders)
    .fetch_all(&mut *reader.db)
    .await?;
    reader.statements += 1;
    for row in &rows {
        let key = (row.try_get("community_id")?, row.try_get("order_id")?);
        if let Some(order) = loaded.get_mut(&key) {
            order.lines.push(line(row)?);
        }
    }
    for ((community, _), mut order) in loaded {
        let shop = crate::store::load::shop(book, community)?;
        order.settle(shop.settled);
        shop.orders.load(order.id, order);
    }
    Ok(())
}

/// A line as stored.
pub(crate) fn line(row: &PgRow) -> Result<Line, StoreError> {
    let count = |column: &str| -> Result<u32, StoreError> {
        let value: i32 = row.try_get(column)?;
        u32::try_from(value).map_err(|_| StoreError::inconsistent("a quantity below zero"))
    };
    let variant: Option<i16> = row.try_get("variant")?;
    Ok(Line {
        offer: OfferId(row.try_get("offer_id")?),
        variant: variant.and_then(|index| u16::try_from(index).ok()),
        qty: count("qty")?,
        price: Money::from_minor(row.try_get("price_minor")?),
        cuts: cuts(row)?,
        discount: Money::from_minor(row.try_get("discount_minor")?),
        refunded_qty: count("refunded_qty")?,
        restocked: count("restocked")?,
        refunded: Money::from_minor(row.try_get("refunded_minor")?),
        refunded_amount: Money::from_minor(row.try_get("refunded_amount_minor")?),
        message: row.try_get("message_print")?,
        collected_at: row.try_get("collected_at")?,
        shares: [
            share(
                row,
                ["promoter1_id", "rate1_bps", "fixed1_minor", "earned1_minor", "reversed1_minor"],
            )?,
            share(
                row,
                ["promoter2_id", "rate2_bps", "fixed2_minor", "earned2_minor", "reversed2_minor"],
            )?,
        ],
    })
}

/// Its cuts, as the row keeps them.
fn cuts(row: &PgRow) -> Result<Vec<Cut>, StoreError> {
    let kept: Option<serde_json::Value> = row.try_get("cuts")?;
    let cuts = kept.map_or_else(|| Ok(Vec::new()), serde_json::from_value);
    cuts.map_err(|_| StoreError::inconsistent("cuts that are none"))
}

fn share(row: &PgRow, columns: [&str; 5]) -> Result<Option<Commission>, StoreError> {
    let [promoter, rate, fixed, earned, reversed] = columns;
    let Some(promoter) = row.try_get::<Option<i64>, _>(promoter)? else { return Ok(None) };
    let rate: Option<i16> = row.try_get(rate)?;
    let terms = match rate.map(u16::try_from) {
        Some(Ok(bps)) => Terms::Rate(Rate { bps }),
        Some(Err(_)) => return Err(StoreError::inconsistent("a rate below zero")),
        None => Terms::Fixed(Money::from_minor(row.try_get::<Option<i64>, _>(fixed)?.unwrap_or(0))),
    };
    Ok(Some(Commission {
        promoter: MemberId(promoter),
        terms,
        amount: Money::from_minor(row.try_get(earned)?),
        reversed: Money::from_minor(row.try_get(reversed)?),
    }))
}

/// What was asked for is known now, be it absent.
fn remember(book: &mut Book, wanted: &WantedFacts) {
    for (community, needs) in wanted {
        let Some(shop) = book.shops.get_mut(community) else { continue };
        for need in needs {
            match need {
                Need::OrdersOf(member) => {
                    shop.known.orders_of.insert(*member);
                }
                Need::Order(order) if !shop.orders.contains(*order) => {
                    shop.known.absent_orders.insert(*order);
                }
                Need::Closing(at) => {
                    shop.known.closing.insert(*at);
                }
                Need::Unpaid => shop.known.unpaid = true,
                Need::ToShip => shop.known.to_ship = true,
                Need::Shipped => shop.known.shipped = true,
                _ => {}
            }
        }
    }
}

/// Put chain lines into the book that wait for the leader, or whose offers are still open.
async fn review(
    reader: &mut LaneReader<'_>,
    book: &mut Book,
    wanted: &WantedFacts,
    at: Timestamp,
) -> Result<(), StoreError> {
    let asks =
        |community: &CommunityId| book.shops.get(community).is_some_and(|shop| !shop.known.review);
    let communities: Vec<_> = wanted
        .iter()
        .filter(|(community, needs)| needs.contains(&Need::Review) && asks(community))
        .map(|(community, _)| community.0)
        .collect();
    if communities.is_empty() {
        return Ok(());
    }
    let rows = sqlx::query(
        "select community_id, seq, ordinal, body from review
         where lane = $1 and community_id = any($2) and (settled is null or until > $3)",
    )
    .bind(reader.lane.0)
    .bind(&communities)
    .bind(at)
    .fetch_all(&mut *reader.db)
    .await?;
    reader.statements += 1;
    for row in &rows {
        let (community, key) = (row.try_get(0)?, (row.try_get(1)?, row.try_get(2)?));
        let cell = SealedCell::review_body(CommunityId(community), key.0, key.1);
        let line = reader.seal.open::<crate::book::ReviewLine>(&cell, row.try_get(3)?)?;
        crate::store::load::shop(book, community)?.review.load(key, line);
    }
    for community in communities {
        crate::store::load::shop(book, community)?.known.review = true;
    }
    Ok(())
}

/// Put the offers, buyers and promoters of the orders just loaded into the book. Those of orders that
/// were here before are here as well: a look at all of them would make each batch as slow as the book
/// is large.
async fn related(
    reader: &mut LaneReader<'_>,
    book: &mut Book,
    loaded: &[(i64, i64)],
) -> Result<(), StoreError> {
    let mut offers = BTreeSet::new();
    let mut members = WantedFacts::new();
    for &(community, order) in loaded {
        let community = CommunityId(community);
        let Some(shop) = book.shops.get(&community) else { continue };
        let Some(order) = shop.orders.get(OrderId(order)) else { continue };
        let absent = order.lines.iter().filter(|line| !shop.offers.contains(line.offer));
        offers.extend(absent.map(|line| (community.0, line.offer.0)));
        let promoters = order.lines.iter().flat_map(|line| line.shares.iter().flatten());
        let people = promoters.map(|share| share.promoter).chain([order.member]);
        let absent = people.filter(|&id| !shop.members.contains(id)).map(Need::Member);
        members.entry(community).or_default().extend(absent);
    }
    crate::store::catalog::load::offers(reader, book, &offers.into_iter().collect::<Vec<_>>())
        .await?;
    crate::store::people::load::needed(reader, book, &members).await
}
