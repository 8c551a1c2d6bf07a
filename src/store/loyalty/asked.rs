//! What a decision asks about points, true as of the last save.

use std::collections::BTreeMap;

use sqlx::{AssertSqlSafe, Row};

use crate::book::need::Report;
use crate::book::{Book, Need};
use crate::domain::ids::{CommunityId, MemberId};
use crate::domain::ledger::{FACTS, Fact, POINTS, Purse};
use crate::domain::loyalty;
use crate::domain::loyalty::PointsHeld;
use crate::domain::time::Timestamp;
use crate::store::load::{LaneReader, WantedFacts, asked, shop};
use crate::store::{StoreError, chart};

/// Read what is asked for.
pub(in crate::store) async fn needed(
    reader: &mut LaneReader<'_>,
    book: &mut Book,
    wanted: &WantedFacts,
) -> Result<(), StoreError> {
    let since = |report: &Report| match report {
        Report::Loyalty(loyalty::Need::Points(since)) => Some(*since),
        _ => None,
    };
    for (community, since) in asked(wanted, since) {
        points(reader, book, community, since).await?;
    }
    let given_since = |report: &Report| match report {
        Report::Loyalty(loyalty::Need::Given(since)) => Some(*since),
        _ => None,
    };
    for (community, since) in asked(wanted, given_since) {
        given(reader, book, community, since).await?;
    }
    Ok(())
}

/// What leaders gave since, without what they took back.
async fn given(
    reader: &mut LaneReader<'_>,
    book: &mut Book,
    community: CommunityId,
    since: Timestamp,
) -> Result<(), StoreError> {
    let is_member = chart::is_members("leg.account_no");
    let sql = format!(
        "select coalesce(-sum(leg.amount), 0)::bigint
         from journal j, unnest(j.accounts, j.amounts) as leg (account_no, amount)
         where j.lane = $1 and j.community_id = $2 and j.kind = any($3) and j.at >= $4
           and {is_member}"
    );
    let points: i64 = sqlx::query_scalar(AssertSqlSafe(sql))
        .bind(reader.lane.0)
        .bind(community.0)
        .bind([Fact::PointsGiven.name(), Fact::GiftUndone.name()])
        .bind(since)
        .fetch_one(&mut *reader.db)
        .await?;
    reader.statements += 1;
    shop(book, community.0)?.known.reports.loyalty.given.insert(since, points);
    Ok(())
}

/// Everybody's points and how many of them were granted since; members who hold older ones are loaded.
async fn points(
    reader: &mut LaneReader<'_>,
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
        .bind(FACTS.iter().filter(|it| it.fact.is_grant()).map(|it| it.name).collect::<Vec<_>>())
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
    crate::store::people::load::needed(reader, book, &WantedFacts::from([(community, members)]))
        .await?;
    shop(book, community.0)?.known.reports.loyalty.points.insert(since, held);
    Ok(())
}
