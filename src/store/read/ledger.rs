//! The journal as it is written: facts with their legs, debits positive, each summing to zero.

use serde::Serialize;
use sqlx::postgres::PgRow;
use sqlx::{PgPool, Row};

use crate::domain::ids::MemberId;
use crate::domain::ledger::{AccountNo, House, Purse};
use crate::store::StoreError;

use super::{Cursor, Local, Page, Place, paged};

/// A fact of the journal as read.
#[derive(Clone, Debug, Serialize)]
pub struct Entry {
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

/// Accounts as programs read them.
const PURSES: [(Purse, &str); 5] = [
    (Purse::Frozen, "frozen"),
    (Purse::Available, "available"),
    (Purse::Locked, "locked"),
    (Purse::PaidOut, "paid_out"),
    (Purse::Points, "points"),
];

/// The shop's own.
const HOUSES: [(House, &str); 6] = [
    (House::Received, "received"),
    (House::Sales, "sales"),
    (House::CommissionCost, "commission_cost"),
    (House::TaxWithheld, "tax_withheld"),
    (House::PointsIssued, "points_issued"),
    (House::Deposits, "deposits"),
];

/// A page of the journal, newest first: of all accounts, or of those of some members. One query.
///
/// # Errors
/// [`StoreError`].
pub async fn list(
    db: &PgPool,
    place: &Place,
    of: Option<Vec<i64>>,
    page: Page,
) -> Result<(Vec<Entry>, Option<Cursor>), StoreError> {
    let Cursor(seq, ordinal) = page.after.unwrap_or(Cursor(i64::MAX, i16::MAX));
    let rows = sqlx::query(
        "select j.*, array(
                select m.name from unnest(j.accounts) with ordinality as a (no, place)
                left join member m on m.lane = j.lane and m.community_id = j.community_id
                                  and m.member_id = a.no / 16
                order by a.place) as names
         from (select * from journal
               where lane = $1 and community_id = $2 and (seq, ordinal) < ($3, $4)
                 and ($5::bigint[] is null or accounts && $5)
               order by seq desc, ordinal desc limit $6) j
         order by j.seq desc, j.ordinal desc",
    )
    .bind(place.lane.0)
    .bind(place.community.0)
    .bind(seq)
    .bind(ordinal)
    .bind(of.map(accounts_of))
    .bind(page.fetch())
    .fetch_all(db)
    .await?;
    let entries = rows.iter().map(|row| entry(place, row)).collect::<Result<_, _>>()?;
    Ok(paged(entries, page, |entry: &Entry| entry.cursor))
}

fn accounts_of(members: Vec<i64>) -> Vec<i64> {
    let numbers = |member| PURSES.map(|(purse, _)| AccountNo::of(MemberId(member), purse).0);
    members.into_iter().flat_map(numbers).collect()
}

fn entry(place: &Place, row: &PgRow) -> Result<Entry, StoreError> {
    let accounts: Vec<i64> = row.try_get("accounts")?;
    let amounts: Vec<i64> = row.try_get("amounts")?;
    let names: Vec<Option<String>> = row.try_get("names")?;
    let (seq, ordinal): (i64, i16) = (row.try_get("seq")?, row.try_get("ordinal")?);
    let legs = accounts.into_iter().zip(amounts).zip(names);
    Ok(Entry {
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
    let (member, kind) = (account / 16, account % 16);
    let account = if member == 0 {
        HOUSES.iter().find(|(house, _)| AccountNo::house(*house).0 == kind).map(|(_, name)| *name)
    } else {
        let is_it = |purse: Purse| AccountNo::of(MemberId(0), purse).0 == kind;
        PURSES.iter().find(|(purse, _)| is_it(*purse)).map(|(_, name)| *name)
    };
    Leg {
        account: account.unwrap_or("unknown"),
        member: (member > 0).then_some(member),
        name,
        amount,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_are_named_after_their_numbers() {
        let table = [
            (1, "received", None),
            (3, "commission_cost", None),
            (7 * 16 + 1, "frozen", Some(7)),
            (7 * 16 + 5, "points", Some(7)),
            (7 * 16 + 9, "unknown", Some(7)),
        ];
        for (number, account, member) in table {
            let leg = leg(number, 5, None);
            assert_eq!((leg.account, leg.member, leg.amount), (account, member, 5), "{number}");
        }
        assert_eq!(accounts_of(vec![1]), [17, 18, 19, 20, 21]);
    }
}
