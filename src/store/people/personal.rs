//! All that is kept about one person (个人数据导出), opened, as JSON for them to read.

use serde_json::{Value, json};
use sqlx::{PgPool, Row};

use crate::book::{Book, Need, Needs, Shop};
use crate::domain::event::{Body, Contact};
use crate::domain::forget::forget_in;
use crate::domain::ids::{AccountId, EventId, MemberId, OrderId};
use crate::domain::ledger::Owner;
use crate::domain::orders::Order;
use crate::domain::people::Member;

use crate::store::load::{LaneReader, WantedFacts};
use crate::store::reference::Linked;
use crate::store::seal::SealedCell;
use crate::store::statement;
use crate::store::{Seal, StoreError};

/// The most orders, texts and messages of each kind.
const MOST: i64 = 50_000;

/// Everything about a member.
///
/// # Errors
/// [`StoreError`].
pub async fn of(
    db: &PgPool,
    seal: &Seal,
    linked: &Linked,
    member: MemberId,
) -> Result<Value, StoreError> {
    let shop = load(db, seal, linked, member).await?;
    let row = shop.members.get(member);
    let row = row.ok_or_else(|| StoreError::inconsistent("there is no such member"))?;
    let inviter = row.bond.map(|bond| {
        json!({
            "member": bond.inviter, "evidence": bond.evidence, "since": bond.since,
        })
    });
    let balances = statement::balances(db, linked, Owner::Member(member)).await?;
    let balances: Vec<_> = balances
        .into_iter()
        .map(|(account, currency, amount)| {
            json!({"account": account, "currency": currency, "minor": amount})
        })
        .collect();
    let withdrawals: Vec<_> = shop
        .withdrawals
        .of(member)
        .map(|it| {
            json!({"id": it.id, "state": it.state, "currency": it.currency, "minor": it.amount,
                   "asked_at": it.asked_at, "payee": it.private.payee, "reason": it.private.reason})
        })
        .collect();
    let cases: Vec<_> = shop
        .cases
        .of(member)
        .map(|it| {
            json!({"id": it.id, "state": it.state, "about": it.about, "opened_at": it.opened_at,
                   "ended_at": it.ended_at, "private": it.private})
        })
        .collect();
    Ok(json!({
        "community": linked.slug,
        "member": member,
        "platform_id": row.key,
        "name": row.name,
        "role": row.role,
        "joined_at": row.joined_at,
        "inviter": inviter,
        "invite_code": row.code,
        "private": row.private,
        "question": row.question,
        "balances": balances,
        "orders": shop.orders.of(member).map(|order| order_json(&shop, order)).collect::<Vec<_>>(),
        "withdrawals": withdrawals,
        "cases": cases,
        "check_ins": check_ins(db, linked, member).await?,
        "texts": texts(db, seal, linked, &row.key).await?,
        "messages": messages(db, seal, linked, &row.key).await?,
        "told_to_others": told(db, seal, linked, row).await?,
        "decisions": decisions(db, linked, member).await?,
        "ledger": ledger(db, linked, member).await?,
    }))
}

/// The member's own part of the book.
async fn load(
    db: &PgPool,
    seal: &Seal,
    linked: &Linked,
    member: MemberId,
) -> Result<Shop, StoreError> {
    let mut tx = db.begin().await?;
    sqlx::query("set transaction isolation level repeatable read, read only")
        .execute(&mut *tx)
        .await?;
    let mut needs = Needs::from([Need::Member(member)]);
    for (sql, need) in [
        (
            "select order_id from orders
             where lane = $1 and community_id = $2 and member_id = $3 limit $4",
            (|id| Need::Order(OrderId(id))) as fn(i64) -> Need,
        ),
        (
            "select withdrawal_id from withdrawal
             where lane = $1 and community_id = $2 and member_id = $3 limit $4",
            |id| Need::Withdrawal(crate::domain::ids::WithdrawalId(id)),
        ),
        (
            "select case_id from service_case
             where lane = $1 and community_id = $2 and member_id = $3 limit $4",
            |id| Need::Case(crate::domain::ids::CaseId(id)),
        ),
    ] {
        let ids: Vec<i64> = sqlx::query_scalar(sql)
            .bind(linked.lane.0)
            .bind(linked.community.0)
            .bind(member.0)
            .bind(MOST)
            .fetch_all(&mut *tx)
            .await?;
        needs.extend(ids.into_iter().map(need));
    }
    let mut book = Book::default();
    let mut reader = LaneReader { db: &mut tx, lane: linked.lane, seal, statements: 0 };
    reader.shops(&mut book, std::iter::once(linked.community)).await?;
    let wanted = WantedFacts::from([(linked.community, needs)]);
    reader.needs(&mut book, &wanted, chrono::DateTime::UNIX_EPOCH).await?;
    let shop = book.shops.remove(&linked.community);
    shop.ok_or_else(|| StoreError::inconsistent("there is no such community"))
}

fn order_json(shop: &Shop, order: &Order) -> Value {
    let lines: Vec<_> = order
        .lines
        .iter()
        .map(|line| {
            let name = shop.offers.get(line.offer).map(|offer| offer.detail.name.as_str());
            json!({"item": name, "variant": line.variant, "quantity": line.qty,
                   "refunded": line.refunded_qty, "minor": line.base()})
        })
        .collect();
    json!({"order": order.id, "state": order.state, "placed_at": order.placed_at,
           "paid_at": order.paid_at, "lines": lines, "private": order.private})
}

async fn check_ins(
    db: &PgPool,
    linked: &Linked,
    member: MemberId,
) -> Result<Vec<chrono::NaiveDate>, StoreError> {
    let days = sqlx::query_scalar(
        "select day from check_in
         where lane = $1 and community_id = $2 and member_id = $3 order by day",
    );
    Ok(days.bind(linked.lane.0).bind(linked.community.0).bind(member.0).fetch_all(db).await?)
}

/// What they said, as far as it is still kept.
async fn texts(
    db: &PgPool,
    seal: &Seal,
    linked: &Linked,
    key: &str,
) -> Result<Vec<Value>, StoreError> {
    let rows = sqlx::query(
        "select at, body, account_id, key from inbox
         where lane = $1 and community_id = $2 and body is not null order by seq limit $3",
    )
    .bind(linked.lane.0)
    .bind(linked.community.0)
    .bind(MOST)
    .fetch_all(db)
    .await?;
    let mut texts = Vec::new();
    for row in &rows {
        let at: crate::domain::time::Timestamp = row.try_get(0)?;
        let cell =
            SealedCell::inbox_body(linked.community, AccountId(row.try_get(2)?), row.try_get(3)?);
        let Ok(body) = seal.open::<Body>(&cell, row.try_get(1)?) else { continue };
        if body.from().is_some_and(|from| from.key == key) {
            texts.push(json!({"at": at, "what": body}));
        }
    }
    Ok(texts)
}

/// What was said to them, as far as it is still kept.
async fn messages(
    db: &PgPool,
    seal: &Seal,
    linked: &Linked,
    key: &str,
) -> Result<Vec<Value>, StoreError> {
    let rows = sqlx::query(
        "select at, body, account_id, seq, ordinal from outbox
         where lane = $1 and community_id = $2 and to_key = $3 and body <> ''::bytea
         order by seq, ordinal limit $4",
    )
    .bind(linked.lane.0)
    .bind(linked.community.0)
    .bind(key)
    .bind(MOST)
    .fetch_all(db)
    .await?;
    let mut messages = Vec::new();
    for row in &rows {
        let at: crate::domain::time::Timestamp = row.try_get(0)?;
        let event = EventId { lane: linked.lane, seq: row.try_get(3)? };
        let place = (event, row.try_get(4)?);
        let cell =
            SealedCell::outbox_body(linked.community, AccountId(row.try_get(2)?), place.0, place.1);
        let Ok(mut said) = seal.open::<Value>(&cell, row.try_get(1)?) else { continue };
        messages.push(json!({"at": at, "what": said["reply"].take()}));
    }
    Ok(messages)
}

/// What was said to others, leaders above all, and names them.
async fn told(
    db: &PgPool,
    seal: &Seal,
    linked: &Linked,
    row: &Member,
) -> Result<Vec<Value>, StoreError> {
    let rows = sqlx::query(
        "select at, body, account_id, seq, ordinal from outbox
         where lane = $1 and community_id = $2 and to_key is distinct from $3 and body <> ''::bytea
         order by seq, ordinal limit $4",
    )
    .bind(linked.lane.0)
    .bind(linked.community.0)
    .bind(&row.key)
    .bind(MOST)
    .fetch_all(db)
    .await?;
    let person = Contact { key: row.key.clone(), name: row.name.clone() };
    let nobody = Contact { key: String::new(), name: String::new() };
    let mut messages = Vec::new();
    for row in &rows {
        let at: crate::domain::time::Timestamp = row.try_get(0)?;
        let event = EventId { lane: linked.lane, seq: row.try_get(3)? };
        let place = (event, row.try_get(4)?);
        let cell =
            SealedCell::outbox_body(linked.community, AccountId(row.try_get(2)?), place.0, place.1);
        let Ok(mut said) = seal.open::<Value>(&cell, row.try_get(1)?) else { continue };
        // Whom it was told is not theirs to know.
        let reply = said["reply"].take();
        if forget_in(&mut reply.clone(), &person, &nobody) {
            messages.push(json!({"at": at, "what": reply}));
        }
    }
    Ok(messages)
}

/// What was understood from them, and what came of it.
async fn decisions(
    db: &PgPool,
    linked: &Linked,
    member: MemberId,
) -> Result<Vec<Value>, StoreError> {
    let rows = sqlx::query(
        "select at, what, refused, order_id from decision
         where lane = $1 and community_id = $2 and member_id = $3 order by seq, ordinal limit $4",
    )
    .bind(linked.lane.0)
    .bind(linked.community.0)
    .bind(member.0)
    .bind(MOST)
    .fetch_all(db)
    .await?;
    rows.iter()
        .map(|row| {
            let at: crate::domain::time::Timestamp = row.try_get(0)?;
            let (what, refused): (String, Option<String>) = (row.try_get(1)?, row.try_get(2)?);
            let order: Option<i64> = row.try_get(3)?;
            Ok(json!({"at": at, "what": what, "refused": refused, "order": order}))
        })
        .collect()
}

/// Every entry on their accounts.
async fn ledger(db: &PgPool, linked: &Linked, member: MemberId) -> Result<Vec<Value>, StoreError> {
    let entries = statement::entries(db, linked, Owner::Member(member), None, MOST).await?;
    let entry = |it: &statement::StatementLeg| {
        json!({"at": it.at, "kind": it.kind, "account": it.account, "currency": it.currency,
               "minor": it.amount, "order": it.order.as_ref().map(|(order, _)| order)})
    };
    Ok(entries.iter().map(entry).collect())
}
