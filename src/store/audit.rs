//! The audit (对账): everything that can be counted twice is counted again, from the journal, the orders
//! and the check-ins, and compared with what is kept. It reads one snapshot while the shop trades, and
//! writes nothing.
//!
//! Each check is one statement over a group of communities of one lane, so that the work is done where
//! the rows are; memory is bounded by the server's `work_mem`, which a check spills beyond. All checks
//! return the same columns: what differs, where, what was expected and what was found.
//!
//! A join names the communities on both sides: from one side alone the server does not infer that it may
//! read the other as a whole, and looks up each row instead.

mod ledger;

use std::borrow::Cow;
use std::sync::{Mutex, PoisonError};

use sqlx::postgres::PgRow;
use sqlx::{Connection, PgConnection, Row};

use crate::domain::ids::{CommunityId, EventId, Lane, MemberId, OfferId, OrderId};
use crate::domain::money::Currency;

use crate::store::StoreError;

/// The most orders and members of one group; a larger community is a group of its own. Small enough that what
/// is sorted and hashed stays in `work_mem`, and that two connections share the work evenly.
const GROUP_WEIGHT: i64 = 100_000;

/// The most communities of one group.
const GROUP_COMMUNITIES: usize = 2_000;

/// The most differences that one check reports for one group: beyond it, more of the same helps nobody.
pub const MOST_OF_ONE_CHECK: usize = 1_000;

/// The text of a question.
pub(in crate::store) type Sql = fn() -> Cow<'static, str>;

/// One question to the books.
pub(in crate::store) struct Check {
    /// Its name, for progress.
    pub(in crate::store) name: &'static str,
    /// `$1` is the lane, `$2` the communities. `{cash_step}` stands for the smallest amount that the community
    /// `c` pays.
    pub(in crate::store) sql: Sql,
}

/// What `{cash_step}` stands for.
fn cash_step() -> String {
    let coarse = Currency::all().filter(|it| it.cash_step().minor > 1);
    let cases: Vec<_> =
        coarse.map(|it| format!("when '{it}' then {}", it.cash_step().minor)).collect();
    format!("case c.currency {} else 1 end", cases.join(" "))
}

/// All checks, in order.
fn checks() -> impl Iterator<Item = &'static Check> {
    [
        ledger::CHECKS,
        super::orders::audit::CHECKS,
        super::referral::audit::CHECKS,
        super::referral::audit_earnings::CHECKS,
        super::catalog::audit::CHECKS,
        super::people::audit::CHECKS,
        super::payouts::audit::CHECKS,
        super::service::audit::CHECKS,
        super::reports::counts::CHECKS,
    ]
    .into_iter()
    .flatten()
}

/// Something that does not agree, with its trail.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Difference {
    /// What kind of difference, as one word.
    pub kind: String,
    /// The community.
    pub community: CommunityId,
    /// Its slug.
    pub slug: String,
    /// The order, where it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order: Option<OrderId>,
    /// The line of the order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<i16>,
    /// The member.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub member: Option<MemberId>,
    /// The offer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offer: Option<OfferId>,
    /// The event that touched it last, as far as is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<EventId>,
    /// What was compared.
    pub what: String,
    /// What the other books come to.
    pub expected: String,
    /// What is written there.
    pub found: String,
}

impl std::fmt::Display for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.slug, self.kind)?;
        if let Some(order) = self.order {
            write!(f, " order #{order}")?;
        }
        if let Some(line) = self.line {
            write!(f, " line {line}")?;
        }
        if let Some(offer) = self.offer {
            write!(f, " offer {offer}")?;
        }
        if let Some(member) = self.member {
            write!(f, " member {member}")?;
        }
        if let Some(event) = self.event {
            write!(f, " event {}/{}", event.lane, event.seq)?;
        }
        write!(f, ": {}: expected {}, found {}", self.what, self.expected, self.found)
    }
}

/// A community to audit.
struct Audited {
    lane: Lane,
    id: CommunityId,
    slug: String,
    orders: i64,
    members: i64,
}

/// How far an audit is.
#[derive(Clone, Copy, Debug)]
pub struct AuditProgress<'a> {
    /// Communities done.
    pub done: usize,
    /// Communities in all.
    pub all: usize,
    /// The check under way.
    pub check: &'a str,
}

/// What an audit covered and found.
#[derive(Clone, Debug, Default)]
pub struct Audit {
    /// What does not agree; empty when the books are right.
    pub differences: Vec<Difference>,
    /// Communities covered.
    pub communities: usize,
    /// Orders covered, by the communities' counters.
    pub orders: i64,
}

/// Audit one community, or all of them.
///
/// # Errors
/// [`StoreError`] when the books cannot be read.
pub async fn audit(
    db: &mut PgConnection,
    only: Option<CommunityId>,
) -> Result<Vec<Difference>, StoreError> {
    Ok(audit_with(db, only, |_| {}).await?.differences)
}

/// The same, telling how far it is.
///
/// # Errors
/// [`StoreError`] when the books cannot be read.
pub async fn audit_with(
    db: &mut PgConnection,
    only: Option<CommunityId>,
    tell: impl FnMut(AuditProgress<'_>),
) -> Result<Audit, StoreError> {
    // It changes nothing and locks nothing, so this is no transaction in the engine's sense.
    let mut tx = db.begin_with("begin isolation level repeatable read read only").await?;
    let audit = audit_in(&mut tx, only, tell).await?;
    tx.rollback().await?;
    Ok(audit)
}

/// The same on two connections that see one state of the books: twice as fast where there is a processor
/// for each.
///
/// # Errors
/// [`StoreError`] when the books cannot be read.
pub async fn audit_on_two(
    first: &mut PgConnection,
    second: &mut PgConnection,
    only: Option<CommunityId>,
    tell: impl FnMut(AuditProgress<'_>),
) -> Result<Audit, StoreError> {
    let begin = "begin isolation level repeatable read read only";
    let (mut one, mut two) = (first.begin_with(begin).await?, second.begin_with(begin).await?);
    let snapshot: String =
        sqlx::query_scalar("select pg_export_snapshot()").fetch_one(&mut *one).await?;
    // It is a name given by the server, made of digits and dashes.
    let sql = format!("set transaction snapshot '{snapshot}'");
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut *two).await?;
    settings(&mut one).await?;
    settings(&mut two).await?;
    let communities = communities(&mut one, only).await?;
    let work = AuditWork::new(&communities, tell);
    let (found, others) = tokio::join!(work.share(&mut one), work.share(&mut two));
    let mut groups: Vec<_> = found?.into_iter().chain(others?).collect();
    groups.sort_by_key(|(place, _)| *place);
    one.rollback().await?;
    two.rollback().await?;
    Ok(Audit {
        differences: groups.into_iter().flat_map(|(_, differences)| differences).collect(),
        communities: communities.len(),
        orders: communities.iter().map(|it| it.orders).sum(),
    })
}

/// Groups that several connections take from, one after another.
struct AuditWork<'w, T> {
    all: usize,
    rest: Mutex<std::iter::Enumerate<std::vec::IntoIter<&'w [Audited]>>>,
    done: Mutex<(usize, T)>,
}

impl<'w, T: FnMut(AuditProgress<'_>)> AuditWork<'w, T> {
    fn new(communities: &'w [Audited], tell: T) -> Self {
        let groups: Vec<_> = groups(communities).collect();
        let rest = Mutex::new(groups.into_iter().enumerate());
        Self { all: communities.len(), rest, done: Mutex::new((0, tell)) }
    }

    /// Check groups until none is left; what differs, with the place of its group.
    async fn share(
        &self,
        tx: &mut PgConnection,
    ) -> Result<Vec<(usize, Vec<Difference>)>, StoreError> {
        let mut found = Vec::new();
        while let Some((place, group)) = self.next() {
            let mut differences = Vec::new();
            for check in checks() {
                self.tell(0, check.name);
                differences.extend(run(tx, check, group).await?);
            }
            self.tell(group.len(), "");
            found.push((place, differences));
        }
        Ok(found)
    }

    fn next(&self) -> Option<(usize, &'w [Audited])> {
        self.rest.lock().unwrap_or_else(PoisonError::into_inner).next()
    }

    fn tell(&self, more: usize, check: &str) {
        let mut done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        done.0 += more;
        let progress = AuditProgress { done: done.0, all: self.all, check };
        (done.1)(progress);
    }
}

/// The same, within a transaction that sees one state of the books: a test can plant what it then rolls
/// back.
///
/// # Errors
/// [`StoreError`] when the books cannot be read.
pub async fn audit_in(
    tx: &mut PgConnection,
    only: Option<CommunityId>,
    mut tell: impl FnMut(AuditProgress<'_>),
) -> Result<Audit, StoreError> {
    settings(tx).await?;
    let communities = communities(tx, only).await?;
    let orders = communities.iter().map(|it| it.orders).sum();
    let mut audit = Audit { differences: Vec::new(), communities: communities.len(), orders };
    let mut done = 0;
    for group in groups(&communities) {
        for check in checks() {
            tell(AuditProgress { done, all: communities.len(), check: check.name });
            audit.differences.extend(run(tx, check, group).await?);
        }
        done += group.len();
    }
    Ok(audit)
}

/// What large set-based statements want, for this transaction alone.
async fn settings(tx: &mut PgConnection) -> Result<(), StoreError> {
    crate::store::pool::plan_freely(tx).await?;
    for setting in [
        "set local work_mem = '48MB'",
        "set local jit = off",
        // The size of a group differs by orders of magnitude from call to call.
        "set local plan_cache_mode = force_custom_plan",
    ] {
        sqlx::query(setting).execute(&mut *tx).await?;
    }
    Ok(())
}

/// The communities in order of lane.
async fn communities(
    tx: &mut PgConnection,
    only: Option<CommunityId>,
) -> Result<Vec<Audited>, StoreError> {
    let rows = sqlx::query(
        "select lane, community_id, slug,
                (select coalesce(max(order_id), 0) from orders o where o.lane = c.lane and o.community_id = c.community_id),
                (select coalesce(max(member_id), 0) from member m where m.lane = c.lane and m.community_id = c.community_id)
         from community c where $1::bigint is null or community_id = $1 order by lane, slug",
    )
    .bind(only.map(|id| id.0))
    .fetch_all(tx)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(Audited {
                lane: Lane(row.try_get(0)?),
                id: CommunityId(row.try_get(1)?),
                slug: row.try_get(2)?,
                orders: row.try_get(3)?,
                members: row.try_get(4)?,
            })
        })
        .collect()
}

/// Communities that are checked together: of one lane, and not too many.
fn groups(all: &[Audited]) -> impl Iterator<Item = &[Audited]> {
    let mut rest = all;
    std::iter::from_fn(move || {
        let first = rest.first()?;
        let mut weight = 0;
        let fits = |(place, it): &(usize, &Audited)| {
            weight += it.orders + it.members;
            *place == 0
                || (it.lane == first.lane && weight <= GROUP_WEIGHT && *place < GROUP_COMMUNITIES)
        };
        let count = rest.iter().enumerate().take_while(fits).count();
        let (group, others) = rest.split_at(count);
        rest = others;
        Some(group)
    })
}

async fn run(
    tx: &mut PgConnection,
    check: &Check,
    group: &[Audited],
) -> Result<Vec<Difference>, StoreError> {
    let Some(lane) = group.first().map(|it| it.lane) else { return Ok(Vec::new()) };
    let ids: Vec<i64> = group.iter().map(|it| it.id.0).collect();
    let sql = format!(
        "with difference as materialized ({}) select * from difference
         order by community_id, kind, order_id, line, offer_id, member_id, what limit {MOST_OF_ONE_CHECK}",
        (check.sql)().replace("{cash_step}", &cash_step())
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(lane.0)
        .bind(&ids)
        .persistent(false)
        .fetch_all(tx)
        .await?;
    rows.iter().map(|row| difference(row, lane, group)).collect()
}

fn difference(row: &PgRow, lane: Lane, group: &[Audited]) -> Result<Difference, StoreError> {
    let community = CommunityId(row.try_get("community_id")?);
    let slug = group.iter().find(|it| it.id == community).map(|it| it.slug.clone());
    let number = |column: &str| row.try_get::<Option<i64>, _>(column);
    let text = |column: &str| -> Result<String, sqlx::Error> {
        Ok(row.try_get::<Option<String>, _>(column)?.unwrap_or_else(|| "nothing".to_owned()))
    };
    Ok(Difference {
        kind: row.try_get("kind")?,
        community,
        slug: slug.unwrap_or_default(),
        order: number("order_id")?.map(OrderId),
        line: row.try_get("line")?,
        member: number("member_id")?.map(MemberId),
        offer: number("offer_id")?.map(OfferId),
        event: number("seq")?.map(|seq| EventId { lane, seq }),
        what: text("what")?,
        expected: text("expected")?,
        found: text("found")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn audited(lane: i16, orders: i64) -> Audited {
        Audited {
            lane: Lane(lane),
            id: CommunityId(orders),
            slug: String::new(),
            orders,
            members: 0,
        }
    }

    #[test]
    fn a_group_is_of_one_lane_and_bounded() {
        let half = GROUP_WEIGHT / 2;
        let all = [
            audited(0, half),
            audited(0, half),
            audited(0, 1),
            audited(0, GROUP_WEIGHT * 9),
            audited(0, 1),
            audited(1, 1),
        ];
        let sizes: Vec<_> = groups(&all).map(<[_]>::len).collect();
        assert_eq!(sizes, [2, 1, 1, 1, 1]);
    }

    #[test]
    fn a_difference_names_its_trail() {
        let difference = Difference {
            kind: "balance".to_owned(),
            community: CommunityId(7),
            slug: "sunshine".to_owned(),
            order: None,
            line: None,
            member: Some(MemberId(3)),
            offer: None,
            event: Some(EventId { lane: Lane(1), seq: 42 }),
            what: "frozen CNY".to_owned(),
            expected: "-239".to_owned(),
            found: "0".to_owned(),
        };
        assert_eq!(
            difference.to_string(),
            "sunshine: balance member 3 event 1/42: frozen CNY: expected -239, found 0"
        );
    }
}
