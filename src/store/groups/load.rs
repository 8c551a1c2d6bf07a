//! Communities and their policy.

use std::sync::Arc;

use sqlx::Row;
use sqlx::postgres::PgRow;
use sqlx::types::Json;

use crate::book::{Book, Shop};
use crate::domain::groups::Community;
use crate::domain::ids::{
    AccountId, CaseId, CommunityId, MemberId, OfferId, OrderId, WithdrawalId,
};
use crate::domain::orders::DueMark;
use crate::domain::policy::{Locale, Policy};
use crate::domain::time::Timestamp;
use crate::store::StoreError;
use crate::store::words::Stored;
use crate::store::words::currency;

use crate::store::load::LaneReader;

/// Communities, the last number they gave out of each kind, and how far their orders are settled.
const COMMUNITY: &str = "
    select c.*, a.bot_name, s.due_at as settled_at, s.order_id as settled_order, w.last_batch,
           (select coalesce(max(member_id), 0) from member where lane = c.lane and community_id = c.community_id) as last_member,
           (select coalesce(max(offer_id), 0) from offer where lane = c.lane and community_id = c.community_id) as last_offer,
           (select coalesce(max(order_id), 0) from orders where lane = c.lane and community_id = c.community_id) as last_order,
           (select coalesce(max(withdrawal_id), 0) from withdrawal where lane = c.lane and community_id = c.community_id) as last_withdrawal,
           (select coalesce(max(case_id), 0) from service_case where lane = c.lane and community_id = c.community_id) as last_case
    from community c left join account a on a.account_id = c.account_id left join lateral (
        select due_at, order_id from settlement
        where lane = c.lane and community_id = c.community_id order by due_at desc, order_id desc limit 1) s on true
    cross join lateral (
        select coalesce(max(batch), 0) as last_batch from withdrawal
        where lane = c.lane and community_id = c.community_id) w
    where c.lane = $1 and c.community_id = any($2)";

/// Put these communities into the book.
pub(in crate::store) async fn communities(
    reader: &mut LaneReader<'_>,
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
        last_case: CaseId(row.try_get("last_case")?),
    })
}

/// A policy version, from the book or from the database. Versions never change, and are few.
pub(crate) async fn policy(
    reader: &mut LaneReader<'_>,
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
