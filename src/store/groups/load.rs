//! Communities, their policy and their offers.

use std::sync::Arc;

use sqlx::Row;
use sqlx::postgres::PgRow;
use sqlx::types::Json;

use crate::book::{Book, REMEMBERED_OFFERS, Shop};
use crate::domain::catalog::{Offer, OfferState, Stock};
use crate::domain::groups::Community;
use crate::domain::ids::{AccountId, CommunityId, MemberId, OfferId, OrderId, WithdrawalId};
use crate::domain::money::Money;
use crate::domain::orders::DueMark;
use crate::domain::policy::{Locale, Policy};
use crate::domain::time::Timestamp;
use crate::store::StoreError;
use crate::store::words::Stored;
use crate::store::words::currency;

use crate::store::load::Reader;

/// Communities, the last number they gave out of each kind, and how far their orders are settled.
const COMMUNITY: &str = "
    select c.*, a.bot_name, s.due_at as settled_at, s.order_id as settled_order, w.last_batch,
           (select coalesce(max(member_id), 0) from member where lane = c.lane and community_id = c.community_id) as last_member,
           (select coalesce(max(offer_id), 0) from offer where lane = c.lane and community_id = c.community_id) as last_offer,
           (select coalesce(max(order_id), 0) from orders where lane = c.lane and community_id = c.community_id) as last_order,
           (select coalesce(max(withdrawal_id), 0) from withdrawal where lane = c.lane and community_id = c.community_id) as last_withdrawal
    from community c left join account a on a.account_id = c.account_id left join lateral (
        select due_at, order_id from settlement
        where lane = c.lane and community_id = c.community_id order by due_at desc, order_id desc limit 1) s on true
    cross join lateral (
        select coalesce(max(batch), 0) as last_batch from withdrawal
        where lane = c.lane and community_id = c.community_id) w
    where c.lane = $1 and c.community_id = any($2)";

/// Put these communities into the book.
pub(in crate::store) async fn communities(
    reader: &mut Reader<'_>,
    book: &mut Book,
    ids: &[CommunityId],
) -> Result<(), StoreError> {
    let keys: Vec<_> = ids.iter().map(|id| id.0).collect();
    let rows =
        sqlx::query(COMMUNITY).bind(reader.lane.0).bind(keys).fetch_all(&mut *reader.db).await?;
    reader.statements += 1;
    for row in &rows {
        let community = community(row)?;
        let policy = policy(reader, book, community.policy_version).await?;
        let id = community.id;
        let mut shop = Shop::new(community, policy);
        shop.settled = settled(row)?;
        shop.bot_name = row.try_get("bot_name")?;
        book.shops.insert(id, shop);
    }
    Ok(())
}

fn settled(row: &PgRow) -> Result<Option<DueMark>, StoreError> {
    let (at, order): (Option<Timestamp>, Option<i64>) =
        (row.try_get("settled_at")?, row.try_get("settled_order")?);
    Ok(at.zip(order).map(|(at, order)| DueMark { at, order: OrderId(order) }))
}

fn community(row: &PgRow) -> Result<Community, StoreError> {
    let zone: &str = row.try_get("time_zone")?;
    Ok(Community {
        id: CommunityId(row.try_get("community_id")?),
        slug: row.try_get("slug")?,
        name: row.try_get("name")?,
        locale: Locale::from_word(row.try_get("locale")?)?,
        time_zone: zone
            .parse()
            .map_err(|_| StoreError::inconsistent("a community has no known time zone"))?,
        currency: currency(row.try_get("currency")?)?,
        policy_version: row.try_get("policy_version")?,
        account: AccountId(row.try_get("account_id")?),
        chat: row.try_get("chat_key")?,
        last_member: MemberId(row.try_get("last_member")?),
        last_offer: OfferId(row.try_get("last_offer")?),
        last_order: OrderId(row.try_get("last_order")?),
        last_withdrawal: WithdrawalId(row.try_get("last_withdrawal")?),
        last_batch: row.try_get("last_batch")?,
    })
}

/// A policy version, from the book or from the database. Versions never change, and are few.
pub(crate) async fn policy(
    reader: &mut Reader<'_>,
    book: &mut Book,
    version: i32,
) -> Result<Arc<Policy>, StoreError> {
    if let Some(policy) = book.policies.get(&version) {
        return Ok(Arc::clone(policy));
    }
    let body: Option<Json<Policy>> =
        sqlx::query_scalar("select body from policy where version = $1")
            .bind(version)
            .fetch_optional(&mut *reader.db)
            .await?;
    reader.statements += 1;
    let Json(policy) =
        body.ok_or_else(|| StoreError::inconsistent("a community's policy version is missing"))?;
    let policy = Arc::new(policy);
    book.policies.insert(version, Arc::clone(&policy));
    Ok(policy)
}

const OFFER: &str = "select o.*, c.initial, c.units_left, c.sold, c.sold_out_said
     from offer o join offer_count c using (lane, community_id, offer_id) ";

/// Put all open offers of these communities into the book, and the last ones that can still be named.
pub(in crate::store) async fn open_offers(
    reader: &mut Reader<'_>,
    book: &mut Book,
    ids: &[CommunityId],
) -> Result<(), StoreError> {
    let keys: Vec<_> = ids.iter().map(|id| id.0).collect();
    let sql = format!(
        "{OFFER} where o.lane = $1 and o.community_id = any($2)
           and (o.state = 'open' or o.offer_id > (
                select max(offer_id) from offer where lane = o.lane and community_id = o.community_id) - $3)"
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(reader.lane.0)
        .bind(keys)
        .bind(REMEMBERED_OFFERS)
        .fetch_all(&mut *reader.db)
        .await?;
    reader.statements += 1;
    rows.iter().try_for_each(|row| put_offer(book, row))
}

/// Put the offers that these orders' lines refer to into the book.
pub(in crate::store) async fn offers(
    reader: &mut Reader<'_>,
    book: &mut Book,
    ids: &[(i64, i64)],
) -> Result<(), StoreError> {
    if ids.is_empty() {
        return Ok(());
    }
    let (communities, offers): (Vec<_>, Vec<_>) = ids.iter().copied().unzip();
    let sql = format!(
        "select o.* from unnest($2::bigint[], $3::bigint[]) as n (community_id, offer_id), lateral (
            {OFFER} where o.lane = $1 and o.community_id = n.community_id and o.offer_id = n.offer_id offset 0) o"
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(reader.lane.0)
        .bind(communities)
        .bind(offers)
        .fetch_all(&mut *reader.db)
        .await?;
    reader.statements += 1;
    rows.iter().try_for_each(|row| put_offer(book, row))
}

fn put_offer(book: &mut Book, row: &PgRow) -> Result<(), StoreError> {
    let Json(detail) = row.try_get("detail")?;
    let initial: Vec<i64> = row.try_get("initial")?;
    let left: Vec<i64> = row.try_get("units_left")?;
    let stock = initial.into_iter().zip(left).map(|(initial, left)| Stock { initial, left });
    let offer = Offer {
        id: OfferId(row.try_get("offer_id")?),
        code: row.try_get("code")?,
        state: OfferState::from_word(row.try_get("state")?)?,
        price: Money::from_minor(row.try_get("price_minor")?),
        opens_at: row.try_get("opens_at")?,
        closes_at: row.try_get("closes_at")?,
        drop: row.try_get("drop_key")?,
        detail,
        stock: stock.collect(),
        sold: row.try_get("sold")?,
        sold_out_said: row.try_get("sold_out_said")?,
    };
    crate::store::load::shop(book, row.try_get("community_id")?)?.offers.load(offer.id, offer);
    Ok(())
}
