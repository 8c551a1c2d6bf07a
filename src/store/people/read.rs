//! Members with what they earned: amounts as the shop owes them, positive.

use serde::Serialize;
use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, PgPool, Row};

use crate::domain::ledger::{POINTS, Purse};
use crate::domain::name::name_key;
use crate::store::{StoreError, chart};

use crate::store::read::{CommunityPlace, Cursor, Local, Page, paged};

/// A member as read.
#[derive(Clone, Debug, Serialize)]
pub struct MemberRow {
    /// Number in the community.
    pub id: i64,
    /// Name.
    pub name: String,
    /// `member`, `leader` or `operator`.
    pub role: String,
    /// The inviter's name.
    pub inviter: Option<String>,
    /// The inviter's number.
    pub inviter_id: Option<i64>,
    /// How the inviter is known.
    pub evidence: Option<String>,
    /// Since when.
    pub bound_at: Option<Local>,
    /// When they joined.
    pub joined_at: Local,
    /// Whether they are in the group.
    pub present: bool,
    /// Whether they were there at linking.
    pub founding: bool,
    /// Their invitation code.
    pub code: String,
    /// Commission inside the return window.
    pub frozen: i64,
    /// Commission to be had; negative after a claw-back.
    pub available: i64,
    /// Asked for.
    pub locked: i64,
    /// Paid out.
    pub paid_out: i64,
    /// Points.
    pub points: i64,
    /// Of the amounts.
    pub currency: String,
}

/// A page of members, by number. One query.
///
/// # Errors
/// [`StoreError`].
pub async fn list(
    db: &PgPool,
    place: &CommunityPlace,
    page: Page,
) -> Result<(Vec<MemberRow>, Option<Cursor>), StoreError> {
    // What the shop owes stands in the ledger as negative.
    let [frozen, available, locked, paid_out, wallet] =
        [Purse::Frozen, Purse::Available, Purse::Locked, Purse::PaidOut, Purse::Wallet]
            .map(|purse| chart::is("account_no", purse));
    let sql = format!(
        "select m.member_id, m.name, m.role, i.name as inviter, m.inviter_id, m.evidence, m.bound_at,
                m.joined_at, m.present, m.founding, m.code, b.*
         from (select * from member where lane = $1 and community_id = $2 and member_id > $3
               order by member_id limit $4) m
         left join member i on i.lane = m.lane and i.community_id = m.community_id
                           and i.member_id = m.inviter_id
         cross join lateral (
            select coalesce(-sum(amount) filter (where currency = $5 and {frozen}), 0)::bigint as frozen,
                   coalesce(-sum(amount) filter (where currency = $5 and {available}), 0)::bigint as available,
                   coalesce(-sum(amount) filter (where currency = $5 and {locked}), 0)::bigint as locked,
                   coalesce(-sum(amount) filter (where currency = $5 and {paid_out}), 0)::bigint as paid_out,
                   coalesce(-sum(amount) filter (where currency = $6 and {wallet}), 0)::bigint as points
            from balance b
            where b.lane = m.lane and b.community_id = m.community_id
              and {}) b
         order by m.member_id",
        chart::is_of("b.account_no", "m.member_id")
    );
    let rows = sqlx::query(AssertSqlSafe(sql))
        .bind(place.lane.0)
        .bind(place.community.0)
        .bind(page.after.map_or(0, |Cursor(id, _)| id))
        .bind(page.fetch())
        .bind(&place.currency)
        .bind(POINTS)
        .fetch_all(db)
        .await?;
    let members = rows.iter().map(|row| member(place, row)).collect::<Result<_, _>>()?;
    Ok(paged(members, page, |member| Cursor(member.id, 0)))
}

fn member(place: &CommunityPlace, row: &PgRow) -> Result<MemberRow, StoreError> {
    let bound_at: Option<_> = row.try_get("bound_at")?;
    Ok(MemberRow {
        id: row.try_get("member_id")?,
        name: row.try_get("name")?,
        role: row.try_get("role")?,
        inviter: row.try_get("inviter")?,
        inviter_id: row.try_get("inviter_id")?,
        evidence: row.try_get("evidence")?,
        bound_at: bound_at.map(|at| place.local(at)),
        joined_at: place.local(row.try_get("joined_at")?),
        present: row.try_get("present")?,
        founding: row.try_get("founding")?,
        code: row.try_get("code")?,
        frozen: row.try_get("frozen")?,
        available: row.try_get("available")?,
        locked: row.try_get("locked")?,
        paid_out: row.try_get("paid_out")?,
        points: row.try_get("points")?,
        currency: place.currency.clone(),
    })
}

/// The numbers of the members with this name or invitation code, or of the one with this number.
///
/// # Errors
/// [`StoreError`].
pub async fn named(
    db: &PgPool,
    place: &CommunityPlace,
    text: &str,
) -> Result<Vec<i64>, StoreError> {
    // A zero byte is in no name, and the database takes none.
    let text = text.replace('\0', "");
    Ok(sqlx::query_scalar(
        "select member_id from member where lane = $1 and community_id = $2
            and (name_key = $3 or code = $4 or member_id = $5) order by member_id",
    )
    .bind(place.lane.0)
    .bind(place.community.0)
    .bind(name_key(&text))
    .bind(&text)
    .bind(text.parse::<i64>().unwrap_or(0))
    .fetch_all(db)
    .await?)
}
