//! The journal as it is written: facts with their legs, debits positive, each summing to zero.

use serde::Serialize;
use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, PgPool, Row};

use crate::domain::ids::MemberId;
use crate::domain::ledger::{AccountNo, Owner};
use crate::store::{StoreError, chart};

use crate::store::read::{CommunityPlace, Cursor, Local, Page, paged};

/// A fact of the journal as read.
#[derive(Clone, Debug, Serialize)]
pub struct EntryRow {
    /// The event it came of, and its place among the facts of that event.
    pub id: String,
    #[serde(skip)]
    cursor: Cursor,
    /// What kind of fact.
    pub kind: String,
    /// The order it is about.
    pub order: Option<i64>,
    /// Its legs.
    pub legs: Vec<Leg>,
    /// Of the amounts; `PTS` for points.
    pub currency: String,
    /// When.
    pub at: Local,
}

/// One leg of a fact.
#[derive(Clone, Debug, Serialize)]
pub struct Leg {
    /// The account's name.
    pub account: &'static str,
    /// Whose it is; `None` for the shop's own.
    pub member: Option<i64>,
    /// Its owner's name.
    pub name: Option<String>,
    /// Debits positive: what the shop owes a member grows by a negative amount.
    pub amount: i64,
}

/// A page of the journal, newest first: of all accounts, or of those of some members. One query.
///
/// # Errors
/// [`StoreError`].
pub async fn list(
    db: &PgPool,
    place: &CommunityPlace,
    of: Option<Vec<i64>>,
    page: Page,
) -> Result<(Vec<EntryRow>, Option<Cursor>), StoreError> {
    let Cursor(seq, ordinal) = page.after.unwrap_or(Cursor(i64::MAX, i16::MAX));
    let sql = format!(
        "select j.*, array(
                select m.name from unnest(j.accounts) with ordinality as a (no, place)
                left join member m on m.lane = j.lane and m.community_id = j.community_id
                                  and m.member_id = {}
                order by a.place) as names
         from (select * from journal
               where lane = $1 and community_id = $2 and (seq, ordinal) < ($3, $4)
                 and ($5::bigint[] is null or accounts && $5)
               order by seq desc, ordinal desc limit $6) j
         order by j.seq desc, j.ordinal desc",
        chart::member("a.no")
    );
    let rows = sqlx::query(AssertSqlSafe(sql))
        .bind(place.lane.0)
        .bind(place.community.0)
        .bind(seq)
        .bind(ordinal)
        .bind(of.map(accounts_of))
        .bind(page.fetch())
        .fetch_all(db)
        .await?;
    let entries = rows.iter().map(|row| entry(place, row)).collect::<Result<_, _>>()?;
    Ok(paged(entries, page, |entry: &EntryRow| entry.cursor))
}

fn accounts_of(members: Vec<i64>) -> Vec<i64> {
    let numbers = |member| chart::numbers_of(Owner::Member(MemberId(member)));
    members.into_iter().flat_map(numbers).collect()
}

fn entry(place: &CommunityPlace, row: &PgRow) -> Result<EntryRow, StoreError> {
    let accounts: Vec<i64> = row.try_get("accounts")?;
    let amounts: Vec<i64> = row.try_get("amounts")?;
    let names: Vec<Option<String>> = row.try_get("names")?;
    let (seq, ordinal): (i64, i16) = (row.try_get("seq")?, row.try_get("ordinal")?);
    let legs = accounts.into_iter().zip(amounts).zip(names);
    Ok(EntryRow {
        id: format!("{}.{seq}.{ordinal}", place.lane),
        cursor: Cursor(seq, ordinal),
        kind: row.try_get("kind")?,
        order: row.try_get("order_id")?,
        legs: legs.map(|((account, amount), name)| leg(account, amount, name)).collect(),
        currency: row.try_get("currency")?,
        at: place.local(row.try_get("at")?),
    })
}

fn leg(account: i64, amount: i64, name: Option<String>) -> Leg {
    let account = AccountNo::stored(account);
    let member = account.member().map(|member| member.0);
    Leg { account: account.name(), member, name, amount }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_of_every_account_that_a_member_has() {
        assert_eq!(accounts_of(vec![1]), [17, 18, 19, 20, 21]);
        let leg = leg(17, 5, Some("小美".to_owned()));
        assert_eq!((leg.account, leg.member, leg.amount), ("frozen", Some(1), 5));
    }
}
