//! What a decision asks about what members earned, true as of the last save.

use std::collections::BTreeMap;

use sqlx::{AssertSqlSafe, Row};

use crate::book::Book;
use crate::book::need::Report;
use crate::domain::ids::{CommunityId, MemberId, OrderId};
use crate::domain::ledger::{House, Purse};
use crate::domain::money::Money;
use crate::domain::orders::OrderState;
use crate::domain::payouts;
use crate::domain::payouts::WithdrawalState;
use crate::domain::reply::{AccountDay, AccountsView, StatementLine, WithdrawalLine};
use crate::domain::time::Timestamp;
use crate::store::load::{
    LaneReader, Members, WantedFacts, asked, members_asked, of_members, shop,
};
use crate::store::words::Stored;
use crate::store::{StoreError, chart};

/// Read what is asked for.
pub(in crate::store) async fn needed(
    reader: &mut LaneReader<'_>,
    book: &mut Book,
    wanted: &WantedFacts,
) -> Result<(), StoreError> {
    statements(reader, book, wanted).await?;
    let since = |report: &Report| match report {
        Report::Payouts(payouts::Need::Accounts(since)) => Some(*since),
        _ => None,
    };
    for (community, since) in asked(wanted, since) {
        accounts(reader, book, community, since).await?;
    }
    Ok(())
}

/// How many entries a statement shows at most.
const STATEMENT: i64 = 20;

/// How many withdrawals stand below it.
const WITHDRAWN: i64 = 5;

/// Statements come from the lines that earn: amount less reversed, and where it stands.
async fn statements(
    reader: &mut LaneReader<'_>,
    book: &mut Book,
    wanted: &WantedFacts,
) -> Result<(), StoreError> {
    let asked = members_asked(wanted, |report| match report {
        Report::Payouts(payouts::Need::Statement(member)) => Some(*member),
        _ => None,
    });
    let rows = of_members(
        reader,
        &asked,
        "select n.community_id, n.member_id, s.* from unnest($2::bigint[], $3::bigint[]) as n (community_id, member_id),
         lateral (
            select o.order_id, o.placed_at, o.state, b.name,
                   sum(case when l.promoter1_id = n.member_id then l.earned1_minor - l.reversed1_minor else 0 end
                     + case when l.promoter2_id = n.member_id then l.earned2_minor - l.reversed2_minor else 0 end)::bigint as amount
            from order_line l
            join orders_now o on o.lane = l.lane and o.community_id = l.community_id and o.order_id = l.order_id
            join member b on b.lane = o.lane and b.community_id = o.community_id and b.member_id = o.member_id
            where l.lane = $1 and l.community_id = n.community_id
              and (l.promoter1_id = n.member_id or l.promoter2_id = n.member_id)
            group by o.order_id, o.placed_at, o.state, b.name
            order by o.order_id desc limit $4) s",
        STATEMENT,
    )
    .await?;
    let mut found: BTreeMap<(i64, i64), Vec<StatementLine>> =
        asked.0.iter().copied().zip(asked.1.iter().copied()).map(|key| (key, Vec::new())).collect();
    for row in &rows {
        let line = StatementLine {
            at: row.try_get("placed_at")?,
            order: Some(OrderId(row.try_get("order_id")?)),
            buyer: Some(row.try_get("name")?),
            amount: Money::from_minor(row.try_get("amount")?),
            state: OrderState::from_word(row.try_get("state")?)?.commission(),
        };
        found.entry((row.try_get(0)?, row.try_get(1)?)).or_default().push(line);
    }
    for ((community, member), lines) in found {
        let reports = &mut shop(book, community)?.known.reports;
        reports.payouts.statements.insert(MemberId(member), lines);
    }
    withdrawn(reader, book, &asked).await
}

/// What these members withdrew lately.
async fn withdrawn(
    reader: &mut LaneReader<'_>,
    book: &mut Book,
    asked: &Members,
) -> Result<(), StoreError> {
    let rows = of_members(
        reader,
        asked,
        "select n.community_id, n.member_id, w.* from unnest($2::bigint[], $3::bigint[]) as n (community_id, member_id),
         lateral (
            select asked_at, amount_minor, withheld_minor, state from withdrawal
            where lane = $1 and community_id = n.community_id and member_id = n.member_id
            order by withdrawal_id desc limit $4) w",
        WITHDRAWN,
    )
    .await?;
    for row in &rows {
        let line = WithdrawalLine {
            at: row.try_get("asked_at")?,
            amount: Money::from_minor(row.try_get("amount_minor")?),
            withheld: Money::from_minor(row.try_get("withheld_minor")?),
            state: WithdrawalState::from_word(row.try_get("state")?)?,
        };
        let reports = &mut shop(book, row.try_get(0)?)?.known.reports;
        reports.payouts.withdrawn.entry(MemberId(row.try_get(1)?)).or_default().push(line);
    }
    Ok(())
}

/// Where the group's money stands: every account of the shop, the members' in sum, what is unpaid, and the
/// days since an instant on which money moved.
fn accounts_sql() -> String {
    let [received, sales, commission, withheld, deposits] =
        [House::Received, House::Sales, House::CommissionCost, House::TaxWithheld, House::Deposits]
            .map(chart::house);
    let [frozen, available, locked, paid_out] =
        [Purse::Frozen, Purse::Available, Purse::Locked, Purse::PaidOut]
            .map(|purse| chart::is("account_no", purse));
    format!(
        "
    with held as (
        select coalesce(sum(b.amount) filter (where account_no = {received}), 0)::bigint as received,
               coalesce(-sum(b.amount) filter (where account_no = {deposits}), 0)::bigint as deposits,
               coalesce(-sum(b.amount) filter (where account_no = {sales}), 0)::bigint as sales,
               coalesce(sum(b.amount) filter (where account_no = {commission}), 0)::bigint as commission,
               coalesce(-sum(b.amount) filter (where account_no = {withheld}), 0)::bigint as tax_withheld,
               coalesce(-sum(b.amount) filter (where {frozen}), 0)::bigint as frozen,
               coalesce(-sum(b.amount) filter (where {available} and b.amount < 0), 0)::bigint as available,
               coalesce(sum(b.amount) filter (where {available} and b.amount > 0), 0)::bigint as short,
               coalesce(-sum(b.amount) filter (where {locked}), 0)::bigint as locked,
               coalesce(-sum(b.amount) filter (where {paid_out}), 0)::bigint as paid_out
        from balance b where b.lane = $1 and b.community_id = $2 and b.currency = $3
    ), unpaid as (
        select count(*) as unpaid_orders,
               coalesce(sum(l.total - o.received_minor), 0)::bigint as unpaid
        from orders o
        cross join lateral (select coalesce(sum(price_minor * qty - cut_minor - discount_minor), 0) as total from order_line
                            where lane = $1 and community_id = $2 and order_id = o.order_id) l
        where o.lane = $1 and o.community_id = $2 and o.state = 'placed'
    )
    select * from held cross join unpaid"
    )
}

fn account_days_sql() -> String {
    let [received, sales, commission] =
        [House::Received, House::Sales, House::CommissionCost].map(chart::house);
    format!(
        "
    select (j.at at time zone $5)::date as day,
           coalesce(sum(leg.amount) filter (where leg.account_no = {received}), 0)::bigint as received,
           coalesce(-sum(leg.amount) filter (where leg.account_no = {sales}), 0)::bigint as sales,
           coalesce(sum(leg.amount) filter (where leg.account_no = {commission}), 0)::bigint as commission
    from journal j cross join lateral unnest(j.accounts, j.amounts) as leg (account_no, amount)
    where j.lane = $1 and j.community_id = $2 and j.currency = $3 and j.at >= $4 and leg.account_no in ({received}, {sales}, {commission})
    group by 1 order by 1 desc"
    )
}

async fn accounts(
    reader: &mut LaneReader<'_>,
    book: &mut Book,
    community: CommunityId,
    since: Timestamp,
) -> Result<(), StoreError> {
    let row = &shop(book, community.0)?.community;
    let (currency, zone) = (row.currency.code(), row.time_zone.name());
    let held = sqlx::query(AssertSqlSafe(accounts_sql()))
        .bind(reader.lane.0)
        .bind(community.0)
        .bind(currency)
        .fetch_one(&mut *reader.db)
        .await?;
    let days = sqlx::query(AssertSqlSafe(account_days_sql()))
        .bind(reader.lane.0)
        .bind(community.0)
        .bind(currency)
        .bind(since)
        .bind(zone)
        .fetch_all(&mut *reader.db)
        .await?;
    reader.statements += 2;
    let days = days.iter().map(account_day).collect::<Result<_, _>>()?;
    let money = |column: &str| held.try_get(column).map(Money::from_minor);
    let accounts = AccountsView {
        received: money("received")?,
        deposits: money("deposits")?,
        sales: money("sales")?,
        commission: money("commission")?,
        frozen: money("frozen")?,
        available: money("available")?,
        short: money("short")?,
        locked: money("locked")?,
        paid_out: money("paid_out")?,
        tax_withheld: money("tax_withheld")?,
        unpaid_orders: held.try_get("unpaid_orders")?,
        unpaid: money("unpaid")?,
        days,
    };
    shop(book, community.0)?.known.reports.payouts.accounts = Some(accounts);
    Ok(())
}

fn account_day(row: &sqlx::postgres::PgRow) -> Result<AccountDay, sqlx::Error> {
    let money = |column: &str| row.try_get(column).map(Money::from_minor);
    Ok(AccountDay {
        day: row.try_get("day")?,
        received: money("received")?,
        sales: money("sales")?,
        commission: money("commission")?,
    })
}
