//! What a decision asks about who brought whom, true as of the last save.

use sqlx::{AssertSqlSafe, Row};

use crate::book::need::Report;
use crate::book::{Book, Need};
use crate::domain::ids::{CommunityId, MemberId};
use crate::domain::money::Money;
use crate::domain::referral;
use crate::domain::reply::PromoterView;
use crate::store::load::{LINES, LaneReader, WantedFacts, members_asked, of_members, shop};
use crate::store::{StoreError, chart};

/// Read what is asked for.
pub(in crate::store) async fn needed(
    reader: &mut LaneReader<'_>,
    book: &mut Book,
    wanted: &WantedFacts,
) -> Result<(), StoreError> {
    brought(reader, book, wanted).await?;
    invited(reader, book, wanted).await?;
    for (&community, needs) in wanted {
        for need in needs {
            match need {
                Need::Report(Report::Referral(referral::Need::Promoters)) => {
                    promoters(reader, book, community).await?;
                }
                Need::Report(Report::Referral(referral::Need::Unattributed)) => {
                    unattributed(reader, book, community).await?;
                }
                _ => {}
            }
        }
    }
    Ok(())
}

async fn brought(
    reader: &mut LaneReader<'_>,
    book: &mut Book,
    wanted: &WantedFacts,
) -> Result<(), StoreError> {
    let asked = members_asked(wanted, |report| match report {
        Report::Referral(referral::Need::Brought(member)) => Some(*member),
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
        let reports = &mut shop(book, row.get(0))?.known.reports;
        reports.referral.brought.insert(MemberId(row.get(1)), row.get(2));
    }
    Ok(())
}

/// The newest whom each has brought, and how many there are beyond these.
async fn invited(
    reader: &mut LaneReader<'_>,
    book: &mut Book,
    wanted: &WantedFacts,
) -> Result<(), StoreError> {
    let asked = members_asked(wanted, |report| match report {
        Report::Referral(referral::Need::Invited(member)) => Some(*member),
        _ => None,
    });
    let rows = of_members(
        reader,
        &asked,
        "select n.community_id, n.member_id, m.name, m.all_of_them
         from unnest($2::bigint[], $3::bigint[]) as n (community_id, member_id)
         left join lateral (
             select name, member_id, count(*) over () as all_of_them from member
             where lane = $1 and community_id = n.community_id and inviter_id = n.member_id
             order by member_id desc limit $4) m on true
         order by 1, 2, m.member_id desc",
        LINES,
    )
    .await?;
    for row in &rows {
        let reports = &mut shop(book, row.get(0))?.known.reports;
        let (names, beyond) = reports.referral.invited.entry(MemberId(row.get(1))).or_default();
        let (name, all): (Option<String>, Option<i64>) = (row.get(2), row.get(3));
        names.extend(name);
        *beyond = usize::try_from(all.unwrap_or(0)).unwrap_or(0).saturating_sub(names.len());
    }
    Ok(())
}

async fn promoters(
    reader: &mut LaneReader<'_>,
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
    shop(book, community.0)?.known.reports.referral.promoters = Some(promoters);
    Ok(())
}

async fn unattributed(
    reader: &mut LaneReader<'_>,
    book: &mut Book,
    community: CommunityId,
) -> Result<(), StoreError> {
    let new_buyers_only = shop(book, community.0)?.policy.attribution.new_buyers_only;
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
    shop(book, community.0)?.known.reports.referral.unattributed = Some((names, beyond));
    Ok(())
}
