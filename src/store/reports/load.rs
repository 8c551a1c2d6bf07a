//! Aggregates for leaders and statements, true as of the last save.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::{AssertSqlSafe, Row};

use crate::book::need::Report;
use crate::book::{Book, Need, Needs, PointsHeld, Shop};
use crate::domain::ids::{CommunityId, MemberId, OrderId};
use crate::domain::ledger::{Fact, House, POINTS, Purse};
use crate::domain::money::Money;
use crate::domain::orders::OrderState;
use crate::domain::payouts::WithdrawalState;
use crate::domain::reply::{
    AccountDay, AccountsView, Figures, PromoterView, StatementLine, WithdrawalLine,
};
use crate::domain::time::Timestamp;
use crate::store::words::Stored;
use crate::store::{StoreError, chart};

use crate::store::load::{Reader, Wanted};

/// How many lines a report shows at most.
const LINES: i64 = 50;

/// How many entries a statement shows at most.
const STATEMENT: i64 = 20;

/// How many withdrawals stand below it.
const WITHDRAWN: i64 = 5;

/// How many paid orders are looked at before a member is trusted.
const PAID: i64 = 10;

/// How many orders 我的订单 shows at most.
const RECENT: i64 = 10;

/// Note which orders are the last of each member asked about.
pub(in crate::store) async fn recent(
    reader: &mut Reader<'_>,
    book: &mut Book,
    wanted: &Wanted,
) -> Result<(), StoreError> {
    let asked = members_asked(wanted, |report| match report {
        Report::Recent(member) => Some(*member),
        _ => None,
    });
    if asked.0.is_empty() {
        return Ok(());
    }
    let rows = sqlx::query(
        "select n.community_id, n.member_id, o.order_id
         from unnest($2::bigint[], $3::bigint[]) as n (community_id, member_id),
         lateral (select order_id from orders o
                  where o.lane = $1 and o.community_id = n.community_id and o.member_id = n.member_id
                  order by order_id desc limit $4) o
         order by 1, 2, 3 desc",
    )
    .bind(reader.lane.0)
    .bind(&asked.0)
    .bind(&asked.1)
    .bind(RECENT)
    .fetch_all(&mut *reader.db)
    .await?;
    reader.statements += 1;
    for (&community, &member) in asked.0.iter().zip(&asked.1) {
        crate::store::load::shop(book, community)?
            .known
            .reports
            .recent
            .insert(MemberId(member), Vec::new());
    }
    for row in &rows {
        let reports = &mut crate::store::load::shop(book, row.get(0))?.known.reports;
        reports.recent.entry(MemberId(row.get(1))).or_default().push(OrderId(row.get(2)));
    }
    Ok(())
}

/// The orders that the noted reports are about.
pub(in crate::store) fn recent_orders(shop: &Shop, needs: &Needs) -> Vec<Need> {
    let members = needs.iter().filter_map(|need| match need {
        Need::Report(Report::Recent(member)) => shop.known.reports.recent.get(member),
        _ => None,
    });
    members.flatten().copied().map(Need::Order).collect()
}

pub(in crate::store) fn members_asked(
    wanted: &Wanted,
    pick: fn(&Report) -> Option<MemberId>,
) -> (Vec<i64>, Vec<i64>) {
    let mut asked = (Vec::new(), Vec::new());
    for (community, needs) in wanted {
        for need in needs {
            if let Need::Report(report) = need
                && let Some(member) = pick(report)
            {
                asked.0.push(community.0);
                asked.1.push(member.0);
            }
        }
    }
    asked
}

/// Read the aggregates asked for.
pub(in crate::store) async fn needed(
    reader: &mut Reader<'_>,
    book: &mut Book,
    wanted: &Wanted,
) -> Result<(), StoreError> {
    brought(reader, book, wanted).await?;
    crate::store::load::effects::needed(reader, book, wanted).await?;
    paid(reader, book, wanted).await?;
    statements(reader, book, wanted).await?;
    for (&community, needs) in wanted {
        for need in needs {
            match need {
                Need::Report(Report::Figures { today, yesterday }) => {
                    figures(reader, book, community, (*today, *yesterday)).await?;
                }
                Need::Report(Report::Points(since)) => {
                    points(reader, book, community, *since).await?;
                }
                Need::Report(Report::Accounts(since)) => {
                    accounts(reader, book, community, *since).await?;
                }
                Need::Report(Report::Promoters) => promoters(reader, book, community).await?,
                Need::Report(Report::Unattributed) => unattributed(reader, book, community).await?,
                _ => {}
            }
        }
    }
    Ok(())
}

/// A few of the orders that members have paid: enough to trust them, and a few that may be refunded meanwhile.
async fn paid(reader: &mut Reader<'_>, book: &mut Book, wanted: &Wanted) -> Result<(), StoreError> {
    let asked = members_asked(wanted, |report| match report {
        Report::Paid(member) => Some(*member),
        _ => None,
    });
    if asked.0.is_empty() {
        return Ok(());
    }
    let rows = sqlx::query(
        "select n.community_id, n.member_id, o.order_id
         from unnest($2::bigint[], $3::bigint[]) as n (community_id, member_id),
         lateral (select order_id from orders
                  where lane = $1 and community_id = n.community_id and member_id = n.member_id
                    and paid_at is not null and state <> 'refunded'
                  order by order_id limit $4) o",
    )
    .bind(reader.lane.0)
    .bind(&asked.0)
    .bind(&asked.1)
    .bind(PAID)
    .fetch_all(&mut *reader.db)
    .await?;
    reader.statements += 1;
    for (&community, &member) in asked.0.iter().zip(&asked.1) {
        let reports = &mut crate::store::load::shop(book, community)?.known.reports;
        reports.paid.insert(MemberId(member), BTreeSet::new());
    }
    for row in &rows {
        let reports = &mut crate::store::load::shop(book, row.get(0))?.known.reports;
        reports.paid.entry(MemberId(row.get(1))).or_default().insert(OrderId(row.get(2)));
    }
    Ok(())
}

async fn brought(
    reader: &mut Reader<'_>,
    book: &mut Book,
    wanted: &Wanted,
) -> Result<(), StoreError> {
    let asked = members_asked(wanted, |report| match report {
        Report::Brought(member) => Some(*member),
        _ => None,
    });
    if asked.0.is_empty() {
        return Ok(());
    }
    let rows = sqlx::query(
        "select n.community_id, n.member_id, count(m.member_id)
         from unnest($2::bigint[], $3::bigint[]) as n (community_id, member_id)
         left join member m on m.lane = $1 and m.community_id = n.community_id
                           and m.inviter_id = n.member_id
         group by 1, 2",
    )
    .bind(reader.lane.0)
    .bind(&asked.0)
    .bind(&asked.1)
    .fetch_all(&mut *reader.db)
    .await?;
    reader.statements += 1;
    for row in &rows {
        let reports = &mut crate::store::load::shop(book, row.get(0))?.known.reports;
        reports.brought.insert(MemberId(row.get(1)), row.get(2));
    }
    Ok(())
}

/// Statements come from the lines that earn: amount less reversed, and where it stands.
async fn statements(
    reader: &mut Reader<'_>,
    book: &mut Book,
    wanted: &Wanted,
) -> Result<(), StoreError> {
    let asked = members_asked(wanted, |report| match report {
        Report::Statement(member) => Some(*member),
        _ => None,
    });
    if asked.0.is_empty() {
        return Ok(());
    }
    let rows = sqlx::query(
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
    )
    .bind(reader.lane.0)
    .bind(&asked.0)
    .bind(&asked.1)
    .bind(STATEMENT)
    .fetch_all(&mut *reader.db)
    .await?;
    reader.statements += 1;
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
        let reports = &mut crate::store::load::shop(book, community)?.known.reports;
        reports.statements.insert(MemberId(member), lines);
    }
    withdrawn(reader, book, asked).await
}

/// What these members withdrew lately.
async fn withdrawn(
    reader: &mut Reader<'_>,
    book: &mut Book,
    (communities, members): (Vec<i64>, Vec<i64>),
) -> Result<(), StoreError> {
    let rows = sqlx::query(
        "select n.community_id, n.member_id, w.* from unnest($2::bigint[], $3::bigint[]) as n (community_id, member_id),
         lateral (
            select asked_at, amount_minor, withheld_minor, state from withdrawal
            where lane = $1 and community_id = n.community_id and member_id = n.member_id
            order by withdrawal_id desc limit $4) w",
    )
    .bind(reader.lane.0)
    .bind(communities)
    .bind(members)
    .bind(WITHDRAWN)
    .fetch_all(&mut *reader.db)
    .await?;
    reader.statements += 1;
    for row in &rows {
        let line = WithdrawalLine {
            at: row.try_get("asked_at")?,
            amount: Money::from_minor(row.try_get("amount_minor")?),
            withheld: Money::from_minor(row.try_get("withheld_minor")?),
            state: WithdrawalState::from_word(row.try_get("state")?)?,
        };
        let reports = &mut crate::store::load::shop(book, row.try_get(0)?)?.known.reports;
        reports.withdrawn.entry(MemberId(row.try_get(1)?)).or_default().push(line);
    }
    Ok(())
}

/// Today's figures: `$3` is the midnight that began the day, `$4` the one before. What was received is what
/// the leader's account took and gave back, as the accounts have it. A settlement before yesterday is a place in
/// the journal that need not be looked behind.
pub(crate) fn figures_sql() -> String {
    let received = chart::house(House::Received);
    format!(
        "with received as (
        select coalesce(sum(leg.amount) filter (where j.at >= $3), 0)::bigint as paid,
               coalesce(sum(leg.amount) filter (where j.at < $3), 0)::bigint as paid_yesterday
        from journal j join community c using (lane, community_id)
        cross join lateral unnest(j.accounts, j.amounts) as leg (account_no, amount)
        where j.lane = $1 and j.community_id = $2 and j.at >= $4 and j.currency = c.currency
          and leg.account_no = {received}
          and j.seq > coalesce((select max(seq) from settlement
                                where lane = $1 and community_id = $2 and at < $4), -9223372036854775808)
     ), o as (
        select o.*, (select coalesce(sum(l.price_minor * l.qty - l.discount_minor), 0)
                     from order_line l where l.lane = o.lane and l.community_id = o.community_id
                       and l.order_id = o.order_id)::bigint as total
        from orders o where o.lane = $1 and o.community_id = $2
          and (o.placed_at >= $4 or o.paid_at >= $4 or o.state in ('placed', 'paid'))
     )
     select count(*) filter (where placed_at >= $3 and state <> 'cancelled') as orders,
            count(*) filter (where placed_at >= $4 and placed_at < $3 and state <> 'cancelled') as orders_yesterday,
            count(distinct member_id) filter (where placed_at >= $3 and state <> 'cancelled') as buyers,
            (select paid from received) as paid, (select paid_yesterday from received) as paid_yesterday,
            count(*) filter (where state = 'placed') as unpaid_orders,
            coalesce(sum(total - received_minor) filter (where state = 'placed'), 0)::bigint as unpaid,
            count(*) filter (where state = 'paid') as to_ship,
            (select count(*) from member m where m.lane = $1 and m.community_id = $2 and m.joined_at >= $3 and not m.founding) as joined,
            (select count(*) from member m where m.lane = $1 and m.community_id = $2 and m.joined_at >= $3 and not m.founding and m.inviter_id is null and m.role = 'member') as unattributed,
            (select count(*) from check_in k join community c using (lane, community_id)
                where k.lane = $1 and k.community_id = $2 and k.day = ($3 at time zone c.time_zone)::date) as checked_in
     from o"
    )
}

async fn figures(
    reader: &mut Reader<'_>,
    book: &mut Book,
    community: CommunityId,
    (today, yesterday): (Timestamp, Timestamp),
) -> Result<(), StoreError> {
    let row = sqlx::query(AssertSqlSafe(figures_sql()))
        .bind(reader.lane.0)
        .bind(community.0)
        .bind(today)
        .bind(yesterday)
        .fetch_one(&mut *reader.db)
        .await?;
    reader.statements += 1;
    let figures = figures_of(&row)?;
    crate::store::load::shop(book, community.0)?.known.reports.figures = Some(figures);
    Ok(())
}

/// The figures in a row of [`figures_sql`].
pub(crate) fn figures_of(row: &sqlx::postgres::PgRow) -> Result<Figures, StoreError> {
    let money = |column: &str| row.try_get(column).map(Money::from_minor);
    Ok(Figures {
        orders: row.try_get("orders")?,
        orders_yesterday: row.try_get("orders_yesterday")?,
        buyers: row.try_get("buyers")?,
        paid: money("paid")?,
        paid_yesterday: money("paid_yesterday")?,
        unpaid_orders: row.try_get("unpaid_orders")?,
        unpaid: money("unpaid")?,
        joined: row.try_get("joined")?,
        unattributed: row.try_get("unattributed")?,
        checked_in: row.try_get("checked_in")?,
        to_ship: row.try_get("to_ship")?,
    })
}

/// Everybody's points and how many of them were granted since; members who hold older ones are loaded.
async fn points(
    reader: &mut Reader<'_>,
    book: &mut Book,
    community: CommunityId,
    since: Timestamp,
) -> Result<(), StoreError> {
    let (member, is_wallet) =
        (chart::member("b.account_no"), chart::is("b.account_no", Purse::Wallet));
    let sql = format!(
        "select {member} as member_id, (-b.amount)::bigint as total,
                coalesce(-g.amount, 0)::bigint as recent
         from balance b
         left join (
            select leg.account_no, sum(leg.amount) as amount
            from journal j, unnest(j.accounts, j.amounts) as leg (account_no, amount)
            where j.lane = $1 and j.community_id = $2 and j.kind = any($3) and j.at >= $4
            group by leg.account_no) g using (account_no)
         where b.lane = $1 and b.community_id = $2 and b.currency = $5
           and {is_wallet} and b.amount <> 0"
    );
    let rows = sqlx::query(AssertSqlSafe(sql))
        .bind(reader.lane.0)
        .bind(community.0)
        .bind([Fact::PointsGranted.name(), Fact::PointsUndone.name()])
        .bind(since)
        .bind(POINTS)
        .fetch_all(&mut *reader.db)
        .await?;
    reader.statements += 1;
    let held: BTreeMap<_, _> = rows
        .iter()
        .map(|row| {
            let held = PointsHeld { total: row.get("total"), recent: row.get("recent") };
            (MemberId(row.get("member_id")), held)
        })
        .collect();
    let old = held.iter().filter(|(_, held)| held.total > held.recent);
    let members = old.map(|(member, _)| Need::Member(*member)).collect();
    crate::store::people::load::needed(reader, book, &Wanted::from([(community, members)])).await?;
    crate::store::load::shop(book, community.0)?.known.reports.points.insert(since, held);
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
        cross join lateral (select coalesce(sum(price_minor * qty - discount_minor), 0) as total from order_line
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
    reader: &mut Reader<'_>,
    book: &mut Book,
    community: CommunityId,
    since: Timestamp,
) -> Result<(), StoreError> {
    let row = &crate::store::load::shop(book, community.0)?.community;
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
    crate::store::load::shop(book, community.0)?.known.reports.accounts = Some(accounts);
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

async fn promoters(
    reader: &mut Reader<'_>,
    book: &mut Book,
    community: CommunityId,
) -> Result<(), StoreError> {
    let sql = format!(
        "select p.name, count(*) as brought,
                (select coalesce(-sum(b.amount), 0)::bigint from balance b
                 where b.lane = $1 and b.community_id = $2 and b.currency = c.currency
                   and {}) as earned
         from member m
         join member p on p.lane = $1 and p.community_id = $2 and p.member_id = m.inviter_id
         join community c on c.lane = $1 and c.community_id = $2
         where m.lane = $1 and m.community_id = $2 and m.inviter_id is not null
         group by p.member_id, p.name, c.currency
         order by earned desc, brought desc, p.member_id limit $3",
        chart::is_of("b.account_no", "p.member_id")
    );
    let rows = sqlx::query(AssertSqlSafe(sql))
        .bind(reader.lane.0)
        .bind(community.0)
        .bind(LINES)
        .fetch_all(&mut *reader.db)
        .await?;
    reader.statements += 1;
    let view = |row: &sqlx::postgres::PgRow| PromoterView {
        name: row.get("name"),
        brought: row.get("brought"),
        earned: Money::from_minor(row.get("earned")),
    };
    let promoters = rows.iter().map(view).collect();
    crate::store::load::shop(book, community.0)?.known.reports.promoters = Some(promoters);
    Ok(())
}

async fn unattributed(
    reader: &mut Reader<'_>,
    book: &mut Book,
    community: CommunityId,
) -> Result<(), StoreError> {
    let new_buyers_only =
        crate::store::load::shop(book, community.0)?.policy.attribution.new_buyers_only;
    let rows = sqlx::query(
        "select name, count(*) over () as all_of_them from member
         where lane = $1 and community_id = $2 and inviter_id is null and not founding and role = 'member'
           and (first_paid_at is null or not $4)
         order by member_id desc limit $3",
    )
    .bind(reader.lane.0)
    .bind(community.0)
    .bind(LINES)
    .bind(new_buyers_only)
    .fetch_all(&mut *reader.db)
    .await?;
    reader.statements += 1;
    let names: Vec<String> = rows.iter().map(|row| row.get("name")).collect();
    let all: i64 = rows.first().map_or(0, |row| row.get("all_of_them"));
    let beyond = usize::try_from(all).unwrap_or(0).saturating_sub(names.len());
    crate::store::load::shop(book, community.0)?.known.reports.unattributed = Some((names, beyond));
    Ok(())
}
