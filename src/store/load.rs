//! Loading: what a batch needs and the book does not hold, one query for each family of tables.
//!
//! Only who holds the lane writes, and each batch checks under the lane's lock that it still does: nothing
//! that is read here can be changed by others before it is used.
//!
//! Each asks `from unnest(keys), lateral (select … offset 0)`: one look into an index for each key. A plain
//! join leaves it to the planner, which, when the table was small at the time, reads all of it from then on.

pub(in crate::store) mod effects;

use std::collections::BTreeMap;
use std::sync::Arc;

use sqlx::PgConnection;
use sqlx::postgres::PgRow;

use crate::book::need::Report;
use crate::book::{Book, Need, Needs, Shop};
use crate::domain::ids::{CommunityId, Lane, MemberId};
use crate::domain::policy::Policy;
use crate::domain::time::Timestamp;

use crate::store::{Seal, StoreError};

/// How many lines a list for leaders shows at most.
pub(in crate::store) const LINES: i64 = 50;

/// What is needed, by community.
pub type WantedFacts = BTreeMap<CommunityId, Needs>;

/// A connection, one lane, and what opens its sealed columns.
#[derive(Debug)]
pub struct LaneReader<'a> {
    /// The connection.
    pub db: &'a mut PgConnection,
    /// The lane.
    pub lane: Lane,
    /// Opens sealed columns.
    pub seal: &'a Seal,
    /// Queries made so far.
    pub statements: u32,
}

impl LaneReader<'_> {
    /// Make sure that these communities are in the book, with their open offers and their leaders.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn shops(
        &mut self,
        book: &mut Book,
        communities: impl Iterator<Item = CommunityId>,
    ) -> Result<(), StoreError> {
        let absent: Vec<_> = communities.filter(|id| !book.shops.contains_key(id)).collect();
        if absent.is_empty() {
            return Ok(());
        }
        super::groups::load::communities(self, book, &absent).await?;
        super::catalog::load::open_offers(self, book, &absent).await?;
        super::people::load::leaders(self, book, &absent).await
    }

    /// A policy version.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn policy(
        &mut self,
        book: &mut Book,
        version: i32,
    ) -> Result<Arc<Policy>, StoreError> {
        super::groups::load::policy(self, book, version).await
    }

    /// Make sure that these facts are in the book.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn needs(
        &mut self,
        book: &mut Book,
        wanted: &WantedFacts,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        super::people::load::needed(self, book, wanted).await?;
        super::orders::asked::recent(self, book, wanted).await?;
        super::orders::load::needed(self, book, wanted, at).await?;
        super::loyalty::load::needed(self, book, wanted).await?;
        super::referral::load::needed(self, book, wanted).await?;
        super::payouts::load::needed(self, book, wanted).await?;
        super::service::load::needed(self, book, wanted, at).await?;
        super::people::load::balances(self, book, wanted).await?;
        effects::needed(self, book, wanted).await?;
        super::people::asked::needed(self, book, wanted).await?;
        super::orders::asked::paid(self, book, wanted).await?;
        super::orders::asked::taken(self, book, wanted).await?;
        super::referral::asked::needed(self, book, wanted).await?;
        super::payouts::asked::needed(self, book, wanted).await?;
        super::loyalty::asked::needed(self, book, wanted).await?;
        super::service::asked::needed(self, book, wanted).await?;
        super::payments::needed(self, book, wanted).await?;
        super::reports::load::needed(self, book, wanted).await
    }
}

/// A shop that the book is known to hold.
pub(in crate::store) fn shop(book: &mut Book, id: i64) -> Result<&mut Shop, StoreError> {
    book.shops
        .get_mut(&CommunityId(id))
        .ok_or_else(|| StoreError::inconsistent("a row of a community that was not asked for"))
}

/// What is asked of each community, as far as `pick` knows it.
pub(in crate::store) fn asked<T>(
    wanted: &WantedFacts,
    pick: fn(&Report) -> Option<T>,
) -> impl Iterator<Item = (CommunityId, T)> {
    let picked = move |need: &Need| match need {
        Need::Report(report) => pick(report),
        _ => None,
    };
    wanted.iter().flat_map(move |(&community, needs)| {
        needs.iter().filter_map(picked).map(move |it| (community, it))
    })
}

/// Communities, and a member of each.
pub(in crate::store) type Members = (Vec<i64>, Vec<i64>);

/// The members about whom something is asked.
pub(in crate::store) fn members_asked(
    wanted: &WantedFacts,
    pick: fn(&Report) -> Option<MemberId>,
) -> Members {
    asked(wanted, pick).map(|(community, member)| (community.0, member.0)).unzip()
}

/// Rows about each of these members, at most so many of one: in `sql` they are `$2` and `$3`, the most is `$4`, the
/// lane `$1`. Without members nothing is asked.
pub(in crate::store) async fn of_members(
    reader: &mut LaneReader<'_>,
    (communities, members): &Members,
    sql: &'static str,
    most: i64,
) -> Result<Vec<PgRow>, StoreError> {
    if members.is_empty() {
        return Ok(Vec::new());
    }
    let rows = sqlx::query(sql)
        .bind(reader.lane.0)
        .bind(communities)
        .bind(members)
        .bind(most)
        .fetch_all(&mut *reader.db)
        .await?;
    reader.statements += 1;
    Ok(rows)
}
