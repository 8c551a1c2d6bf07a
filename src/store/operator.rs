//! What operators look up from the command line: what became of a command, withdrawals, members,
//! orders of a day. Writes nothing.

use std::collections::BTreeSet;

use sqlx::types::Json;
use sqlx::{AssertSqlSafe, PgPool, Row};

use crate::book::need::Report;
use crate::book::{Book, Need, Shop};
use crate::domain::ids::{AccountId, CommunityId, Lane, MemberId, OrderId, WithdrawalId};
use crate::domain::ledger::Purse;
use crate::domain::money::Currency;
use crate::domain::money::Money;
use crate::domain::name::name_key;
use crate::domain::operate::Outcome;
use crate::domain::payments;
use crate::domain::payouts::{WithdrawalPrivate, WithdrawalState};
use crate::domain::time::Timestamp;
use crate::store::words::currency;

use crate::store::load::{LaneReader, WantedFacts};
use crate::store::reference::Linked;
use crate::store::seal::SealedCell;
use crate::store::words::Stored;
use crate::store::{Seal, StoreError, chart};

/// The most withdrawals that are listed at once.
pub const LISTED_MAX: i64 = 10_000;

/// Where an operator's command stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandStatus {
    /// Its place in the lane.
    pub seq: i64,
    /// Whether it was handled.
    pub is_handled: bool,
    /// Why it was set aside.
    pub parked: Option<String>,
    /// What came of it.
    pub outcome: Option<Outcome>,
}

/// Where the command stands that was stored under `key`; `None` if there is none.
///
/// # Errors
/// [`StoreError`].
pub async fn status(
    db: &PgPool,
    lane: Lane,
    key: &str,
) -> Result<Option<CommandStatus>, StoreError> {
    let row = sqlx::query(
        "select i.seq, i.seq <= l.done_seq as handled, p.error, d.outcome
         from inbox i join lane l using (lane)
         left join parked p on p.lane = i.lane and p.seq = i.seq
         left join decision d on d.lane = i.lane and d.seq = i.seq and d.outcome is not null
         where i.lane = $1 and i.account_id = $2 and i.key = $3",
    )
    .bind(lane.0)
    .bind(AccountId::SYSTEM.0)
    .bind(key)
    .fetch_optional(db)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let outcome: Option<Json<Outcome>> = row.try_get("outcome")?;
    Ok(Some(CommandStatus {
        seq: row.try_get("seq")?,
        is_handled: row.try_get("handled")?,
        parked: row.try_get("error")?,
        outcome: outcome.map(|Json(outcome)| outcome),
    }))
}

/// A withdrawal as operators see it.
#[derive(Clone, Debug)]
pub struct ListedWithdrawal {
    /// Its number in the community.
    pub id: WithdrawalId,
    /// The community's slug.
    pub community: String,
    /// Whose.
    pub member: MemberId,
    /// Their name.
    pub name: String,
    /// Where it stands.
    pub state: WithdrawalState,
    /// In what money.
    pub currency: Currency,
    /// How much was asked for.
    pub amount: Money,
    /// Of it, kept back for tax.
    pub withheld: Money,
    /// What the member has available beside it; negative after a claw-back.
    pub available: Money,
    /// When it was asked for.
    pub asked_at: Timestamp,
    /// Its number at the bank.
    pub payout: Option<String>,
    /// Its batch.
    pub batch: Option<i64>,
    /// Payee and reason.
    pub private: WithdrawalPrivate,
}

/// Withdrawals of a community, oldest first: those that are not over, or all.
///
/// # Errors
/// [`StoreError`].
pub async fn withdrawals(
    db: &PgPool,
    seal: &Seal,
    linked: &Linked,
    all: bool,
) -> Result<Vec<ListedWithdrawal>, StoreError> {
    let sql = format!(
        "select w.*, m.name, coalesce(-b.amount, 0)::bigint as available
         from withdrawal w
         join member m using (lane, community_id, member_id)
         left join balance b on b.lane = w.lane and b.community_id = w.community_id
            and b.account_no = {} and b.currency = w.currency
         where w.lane = $1 and w.community_id = $2 and ($3 or w.state in ('asked', 'approved'))
         order by w.withdrawal_id desc limit $4",
        chart::of("w.member_id", Purse::Available)
    );
    let rows = sqlx::query(AssertSqlSafe(sql))
        .bind(linked.lane.0)
        .bind(linked.community.0)
        .bind(all)
        .bind(LISTED_MAX)
        .fetch_all(db)
        .await?;
    rows.iter().rev().map(|row| listed(seal, linked, row)).collect()
}

fn listed(
    seal: &Seal,
    linked: &Linked,
    row: &sqlx::postgres::PgRow,
) -> Result<ListedWithdrawal, StoreError> {
    let id = WithdrawalId(row.try_get("withdrawal_id")?);
    let private: Option<&[u8]> = row.try_get("private")?;
    let private = private.map_or(Ok(WithdrawalPrivate::default()), |sealed| {
        seal.open(&SealedCell::withdrawal_private(linked.community, id), sealed)
    });
    Ok(ListedWithdrawal {
        id,
        community: linked.slug.clone(),
        member: MemberId(row.try_get("member_id")?),
        name: row.try_get("name")?,
        state: WithdrawalState::from_word(row.try_get("state")?)?,
        currency: currency(row.try_get("currency")?)?,
        amount: Money::from_minor(row.try_get("amount_minor")?),
        withheld: Money::from_minor(row.try_get("withheld_minor")?),
        available: Money::from_minor(row.try_get("available")?),
        asked_at: row.try_get("asked_at")?,
        payout: row.try_get("payout_no")?,
        batch: row.try_get("batch")?,
        private: private?,
    })
}

/// The members of a community whose number, name or invite code this is.
///
/// # Errors
/// [`StoreError`].
pub async fn members_called(
    db: &PgPool,
    linked: &Linked,
    who: &str,
) -> Result<Vec<(MemberId, String)>, StoreError> {
    let number: Option<i64> = who.trim_start_matches('#').parse().ok();
    let rows = sqlx::query(
        "select member_id, name from member
         where lane = $1 and community_id = $2 and (member_id = $3 or name_key = $4 or code = $5)
         order by member_id limit 20",
    )
    .bind(linked.lane.0)
    .bind(linked.community.0)
    .bind(number)
    .bind(name_key(who))
    .bind(who)
    .fetch_all(db)
    .await?;
    rows.iter().map(|row| Ok((MemberId(row.try_get(0)?), row.try_get(1)?))).collect()
}

/// The currency and the time zone of a community.
///
/// # Errors
/// [`StoreError`].
pub async fn manner(db: &PgPool, linked: &Linked) -> Result<(Currency, chrono_tz::Tz), StoreError> {
    let row = sqlx::query(
        "select currency, time_zone from community where lane = $1 and community_id = $2",
    )
    .bind(linked.lane.0)
    .bind(linked.community.0)
    .fetch_one(db)
    .await?;
    let zone: &str = row.try_get(1)?;
    let zone = zone.parse();
    let zone = zone.map_err(|_| StoreError::inconsistent("a community has no known time zone"))?;
    Ok((currency(row.try_get("currency")?)?, zone))
}

/// The demo's clock as it was last written down, and the last instant of storing; a shop that is no
/// demo has the system's time.
///
/// # Errors
/// [`StoreError`].
pub async fn demo_clock(db: &PgPool) -> Result<Option<Timestamp>, StoreError> {
    let stood: Option<Json<Timestamp>> =
        sqlx::query_scalar("select value from setting where key = 'clock'")
            .fetch_optional(db)
            .await?;
    let Some(Json(stood)) = stood else { return Ok(None) };
    let stored: Option<Timestamp> =
        sqlx::query_scalar("select max(stored_at) from inbox").fetch_one(db).await?;
    Ok(Some(stored.map_or(stood, |stored| stored.max(stood))))
}

/// All unpaid orders with their buyers, and which of these rows of statements were booked.
///
/// # Errors
/// [`StoreError`].
pub async fn unpaid_orders(
    db: &PgPool,
    seal: &Seal,
    linked: &Linked,
    prints: &[i64],
    now: Timestamp,
) -> Result<(Shop, BTreeSet<i64>), StoreError> {
    let mut tx = db.begin().await?;
    sqlx::query("set transaction isolation level repeatable read, read only")
        .execute(&mut *tx)
        .await?;
    let mut book = Book::default();
    let mut reader = LaneReader { db: &mut tx, lane: linked.lane, seal, statements: 0 };
    reader.shops(&mut book, std::iter::once(linked.community)).await?;
    let asked = payments::Need::Prints(prints.iter().copied().collect());
    let needs = [Need::Unpaid, Need::Report(Report::Payments(asked))].into();
    reader.needs(&mut book, &WantedFacts::from([(linked.community, needs)]), now).await?;
    let shop = book.shops.remove(&linked.community);
    let shop = shop.ok_or_else(|| StoreError::inconsistent("there is no such community"))?;
    let prints = shop.known.reports.payments.prints.iter();
    let known = prints.filter(|(_, is_known)| **is_known).map(|(print, _)| *print).collect();
    Ok((shop, known))
}

/// The most orders of one export.
pub const ORDERS_MAX: i64 = 20_000;

/// The orders placed in a span, with all that an export shows of them, in order of number.
///
/// # Errors
/// [`StoreError`].
pub async fn orders_between(
    db: &PgPool,
    seal: &Seal,
    lane: Lane,
    community: CommunityId,
    from: Timestamp,
    until: Timestamp,
) -> Result<(Shop, Vec<OrderId>), StoreError> {
    let mut tx = db.begin().await?;
    sqlx::query("set transaction isolation level repeatable read, read only")
        .execute(&mut *tx)
        .await?;
    let ids: Vec<i64> = sqlx::query_scalar(
        "select order_id from orders
         where lane = $1 and community_id = $2 and placed_at >= $3 and placed_at < $4
         order by order_id limit $5",
    )
    .bind(lane.0)
    .bind(community.0)
    .bind(from)
    .bind(until)
    .bind(ORDERS_MAX)
    .fetch_all(&mut *tx)
    .await?;
    let ids: Vec<_> = ids.into_iter().map(OrderId).collect();
    let mut book = Book::default();
    let mut reader = LaneReader { db: &mut tx, lane, seal, statements: 0 };
    reader.shops(&mut book, std::iter::once(community)).await?;
    let needs = ids.iter().copied().map(Need::Order).collect();
    reader.needs(&mut book, &WantedFacts::from([(community, needs)]), until).await?;
    let shop = book.shops.remove(&community);
    Ok((shop.ok_or_else(|| StoreError::inconsistent("there is no such community"))?, ids))
}
