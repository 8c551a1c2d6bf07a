//! Statements (对账单): every entry on somebody's accounts, newest first, each with its why.
//!
//! Reads the journal backwards by its key, so a page costs what it shows. Writes nothing.

use std::collections::BTreeMap;

use sqlx::{PgPool, Row};

use crate::domain::ids::{MemberId, OrderId};
use crate::domain::ledger::{AccountNo, Fact, Owner, Place, Purse};
use crate::domain::money::Money;
use crate::domain::time::Timestamp;

use crate::store::reference::Linked;
use crate::store::{StoreError, chart};

/// A place in the journal: entries before it are older.
pub type JournalCursor = (i64, i16);

/// One leg of a fact.
#[derive(Clone, Debug)]
pub struct StatementLeg {
    /// The event and the ordinal that it came from.
    pub place: JournalCursor,
    /// When.
    pub at: Timestamp,
    /// What kind of fact.
    pub kind: String,
    /// The account's name.
    pub account: &'static str,
    /// ISO 4217 code, or points.
    pub currency: String,
    /// What it added for whoever owns the account; the shop's accounts as they stand in the books.
    pub amount: Money,
    /// The order it is about, and where that stands now.
    pub order: Option<(OrderId, String)>,
    /// The withdrawal it is about, and where that stands now.
    pub withdrawal: Option<(i64, String)>,
    /// What the member earns on the order's lines.
    pub shares: Vec<ShareReason>,
    /// The orders whose commission came due together, with what each had frozen by then.
    pub settled: Vec<(OrderId, Money)>,
}

/// Why a line earns what it earns.
#[derive(Clone, Debug)]
pub struct ShareReason {
    /// Code of the offer.
    pub code: String,
    /// Units.
    pub qty: i32,
    /// Commission level: 1 or 2.
    pub level: i32,
    /// Basis points, where it is a rate.
    pub rate_bps: Option<i16>,
    /// A fixed amount a unit, where it is one.
    pub fixed: Option<Money>,
    /// What was paid for the line.
    pub base: Money,
    /// What the whole line earns.
    pub earned: Money,
    /// Taken back by refunds.
    pub reversed: Money,
}

/// What somebody has on each account now.
///
/// # Errors
/// [`StoreError`].
pub async fn balances(
    db: &PgPool,
    linked: &Linked,
    owner: Owner,
) -> Result<Vec<(&'static str, String, Money)>, StoreError> {
    let rows = sqlx::query(
        "select account_no, currency, amount from balance
         where lane = $1 and community_id = $2 and account_no = any($3) order by account_no",
    )
    .bind(linked.lane.0)
    .bind(linked.community.0)
    .bind(chart::numbers_of(owner))
    .fetch_all(db)
    .await?;
    rows.iter()
        .map(|row| {
            let account = AccountNo::stored(row.try_get(0)?);
            Ok((account.name(), row.try_get(1)?, owned(account, row.try_get(2)?)))
        })
        .collect()
}

/// Entries of an owner before a place; at most `limit` facts.
///
/// # Errors
/// [`StoreError`].
pub async fn entries(
    db: &PgPool,
    linked: &Linked,
    owner: Owner,
    before: Option<JournalCursor>,
    limit: i64,
) -> Result<Vec<StatementLeg>, StoreError> {
    let (seq, ordinal) = before.unwrap_or((i64::MAX, i16::MAX));
    let rows = sqlx::query(
        "select j.seq, j.ordinal, j.at, j.kind, j.currency, j.order_id, o.state as order_state,
                leg.account_no, leg.amount, w.withdrawal_id, w.state as withdrawal_state
         from (select * from journal
               where lane = $1 and community_id = $2 and (seq, ordinal) < ($3, $4) and accounts && $5
               order by seq desc, ordinal desc limit $6) j
         cross join lateral unnest(j.accounts, j.amounts) with ordinality as leg (account_no, amount, nth)
         left join orders o on o.lane = j.lane and o.community_id = j.community_id
            and o.order_id = j.order_id
         left join withdrawal w on w.lane = j.lane and w.community_id = j.community_id
            and w.member_id = $7 and j.kind in ('asked', 'returned', 'sent')
            and j.at in (w.asked_at, w.ended_at) and (j.kind = 'asked') = (j.at = w.asked_at)
         where leg.account_no = any($5)
         order by j.seq desc, j.ordinal desc, leg.nth",
    )
    .bind(linked.lane.0)
    .bind(linked.community.0)
    .bind(seq)
    .bind(ordinal)
    .bind(chart::numbers_of(owner))
    .bind(limit)
    .bind(owner.number())
    .fetch_all(db)
    .await?;
    let mut entries = rows.iter().map(entry).collect::<Result<Vec<_>, _>>()?;
    let Owner::Member(member) = owner else { return Ok(entries) };
    let shares = shares(db, linked, member, &entries).await?;
    for entry in &mut entries {
        let Some((order, _)) = entry.order else { continue };
        entry.shares = shares.get(&order).cloned().unwrap_or_default();
    }
    let settled = settled(db, linked, member, &entries).await?;
    for entry in entries.iter_mut().filter(|it| is_settlement(it)) {
        entry.settled = settled.get(&entry.place.0).cloned().unwrap_or_default();
    }
    Ok(entries)
}

/// How many facts of the journal concern an owner.
///
/// # Errors
/// [`StoreError`].
pub async fn count(db: &PgPool, linked: &Linked, owner: Owner) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar(
        "select count(*) from journal where lane = $1 and community_id = $2 and accounts && $3",
    )
    .bind(linked.lane.0)
    .bind(linked.community.0)
    .bind(chart::numbers_of(owner))
    .fetch_one(db)
    .await?)
}

fn entry(row: &sqlx::postgres::PgRow) -> Result<StatementLeg, StoreError> {
    let order: Option<i64> = row.try_get("order_id")?;
    let state: Option<String> = row.try_get("order_state")?;
    let withdrawal: Option<i64> = row.try_get("withdrawal_id")?;
    let account = AccountNo::stored(row.try_get("account_no")?);
    Ok(StatementLeg {
        place: (row.try_get("seq")?, row.try_get("ordinal")?),
        at: row.try_get("at")?,
        kind: row.try_get("kind")?,
        account: account.name(),
        currency: row.try_get("currency")?,
        amount: owned(account, row.try_get("amount")?),
        order: order.map(OrderId).zip(state),
        withdrawal: withdrawal.zip(row.try_get("withdrawal_state")?),
        shares: Vec::new(),
        settled: Vec::new(),
    })
}

/// The arrival of commission that came due: one sum for all orders of the event.
fn is_settlement(entry: &StatementLeg) -> bool {
    entry.kind == Fact::Due.name() && entry.account == Place::Member(Purse::Available).name()
}

/// What each order that one of these events settled had frozen for the member: earned, less what refunds
/// took from it before.
async fn settled(
    db: &PgPool,
    linked: &Linked,
    member: MemberId,
    entries: &[StatementLeg],
) -> Result<BTreeMap<i64, Vec<(OrderId, Money)>>, StoreError> {
    let events: Vec<_> =
        entries.iter().filter(|it| is_settlement(it)).map(|it| it.place.0).collect();
    let mut settled: BTreeMap<i64, Vec<(OrderId, Money)>> = BTreeMap::new();
    if events.is_empty() {
        return Ok(settled);
    }
    let rows = sqlx::query(
        "select s.seq, o.order_id, -sum(leg.amount)::bigint as amount
         from settlement s
         left join lateral (
            select due_at, order_id from settlement b
            where b.lane = s.lane and b.community_id = s.community_id and (b.due_at, b.order_id) < (s.due_at, s.order_id)
            order by due_at desc, order_id desc limit 1) b on true
         join orders o on o.lane = s.lane and o.community_id = s.community_id
            and (o.due_at, o.order_id) <= (s.due_at, s.order_id)
            and (o.due_at, o.order_id) > (coalesce(b.due_at, '-infinity'), coalesce(b.order_id, 0))
         join journal j on j.lane = o.lane and j.community_id = o.community_id and j.order_id = o.order_id
            and j.kind in ('earned', 'reversed', 'commission_undone')
         cross join lateral unnest(j.accounts, j.amounts) as leg (account_no, amount)
         where s.lane = $1 and s.community_id = $2 and s.seq = any($3) and leg.account_no = $4
         group by 1, 2 having sum(leg.amount) <> 0 order by 1, 2",
    )
    .bind(linked.lane.0)
    .bind(linked.community.0)
    .bind(events)
    .bind(AccountNo::of(member, Purse::Frozen).number())
    .fetch_all(db)
    .await?;
    for row in &rows {
        let part = (OrderId(row.try_get(1)?), Money::from_minor(row.try_get(2)?));
        settled.entry(row.try_get(0)?).or_default().push(part);
    }
    Ok(settled)
}

async fn shares(
    db: &PgPool,
    linked: &Linked,
    member: MemberId,
    entries: &[StatementLeg],
) -> Result<BTreeMap<OrderId, Vec<ShareReason>>, StoreError> {
    // Points and sales follow from the order itself; commission from its lines.
    let is_commission = |it: &&StatementLeg| matches!(it.kind.as_str(), "earned" | "reversed");
    let orders: Vec<_> =
        entries.iter().filter(is_commission).filter_map(|it| it.order.as_ref()).collect();
    let orders: Vec<_> = orders.into_iter().map(|(order, _)| order.0).collect();
    let rows = sqlx::query(
        "select l.order_id, f.code, l.qty, l.price_minor * l.qty - l.cut_minor - l.discount_minor as base, s.*
         from order_line l
         join offer f using (lane, community_id, offer_id)
         cross join lateral (values
            (1, l.promoter1_id, l.rate1_bps, l.fixed1_minor, l.earned1_minor, l.reversed1_minor),
            (2, l.promoter2_id, l.rate2_bps, l.fixed2_minor, l.earned2_minor, l.reversed2_minor))
            as s (level, promoter, rate, fixed, earned, reversed)
         where l.lane = $1 and l.community_id = $2 and l.order_id = any($3) and s.promoter = $4
         order by l.order_id, l.line, s.level",
    )
    .bind(linked.lane.0)
    .bind(linked.community.0)
    .bind(orders)
    .bind(member.0)
    .fetch_all(db)
    .await?;
    let mut shares: BTreeMap<OrderId, Vec<ShareReason>> = BTreeMap::new();
    for row in &rows {
        let fixed: Option<i64> = row.try_get("fixed")?;
        let share = ShareReason {
            code: row.try_get("code")?,
            qty: row.try_get("qty")?,
            level: row.try_get("level")?,
            rate_bps: row.try_get("rate")?,
            fixed: fixed.map(Money::from_minor),
            base: Money::from_minor(row.try_get("base")?),
            earned: Money::from_minor(row.try_get("earned")?),
            reversed: Money::from_minor(row.try_get("reversed")?),
        };
        shares.entry(OrderId(row.try_get("order_id")?)).or_default().push(share);
    }
    Ok(shares)
}

/// What a member or a party has is theirs, and the shop's debt; the shop's accounts are shown as booked.
fn owned(account: AccountNo, amount: i64) -> Money {
    Money::from_minor(if account.owner() == Owner::Shop { amount } else { -amount })
}
