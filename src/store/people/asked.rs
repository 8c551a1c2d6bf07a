//! What a decision asks about people, true as of the last save.

use std::collections::BTreeMap;

use sqlx::Row;

use crate::book::Book;
use crate::book::need::Report;
use crate::domain::event::{Body, Contact};
use crate::domain::ids::{AccountId, CommunityId, MemberId};
use crate::domain::people::{BlockedView, Need};
use crate::store::StoreError;
use crate::store::load::{LaneReader, WantedFacts, asked, shop};
use crate::store::seal::SealedCell;

/// The most members that are read of those who are blocked.
const BLOCKED_MAX: i64 = 1_000;

/// Read what is asked for.
pub(in crate::store) async fn needed(
    reader: &mut LaneReader<'_>,
    book: &mut Book,
    wanted: &WantedFacts,
) -> Result<(), StoreError> {
    let about = |report: &Report| match report {
        Report::People(need) => Some(need.clone()),
        _ => None,
    };
    for (community, need) in asked(wanted, about) {
        match need {
            Need::Author(account, key) => {
                let author = author(reader, community, account, &key).await?;
                let facts = &mut shop(book, community.0)?.known.reports.people;
                facts.authors.insert(key, author);
            }
            Need::Blocked => blocked(reader, book, community).await?,
        }
    }
    Ok(())
}

/// Who wrote a message, as long as its text is kept.
async fn author(
    reader: &mut LaneReader<'_>,
    community: CommunityId,
    account: AccountId,
    key: &str,
) -> Result<Option<Contact>, StoreError> {
    let row = sqlx::query(
        "select body from inbox
         where lane = $1 and account_id = $2 and key = $3 and community_id = $4",
    )
    .bind(reader.lane.0)
    .bind(account.0)
    .bind(key)
    .bind(community.0)
    .fetch_optional(&mut *reader.db)
    .await?;
    reader.statements += 1;
    let Some(row) = row else { return Ok(None) };
    let sealed: Option<&[u8]> = row.try_get(0)?;
    let Some(sealed) = sealed else { return Ok(None) };
    let cell = SealedCell::inbox_body(community, account, key);
    let body: Body = reader.seal.open(&cell, sealed)?;
    Ok(body.from().cloned())
}

async fn blocked(
    reader: &mut LaneReader<'_>,
    book: &mut Book,
    community: CommunityId,
) -> Result<(), StoreError> {
    let rows = sqlx::query(
        "select member_id, name, blocked_at from member
         where lane = $1 and community_id = $2 and blocked_at is not null
         order by blocked_at desc, member_id limit $3",
    )
    .bind(reader.lane.0)
    .bind(community.0)
    .bind(BLOCKED_MAX)
    .fetch_all(&mut *reader.db)
    .await?;
    reader.statements += 1;
    let mut blocked = BTreeMap::new();
    for row in &rows {
        let view = BlockedView { name: row.try_get("name")?, since: row.try_get("blocked_at")? };
        blocked.insert(MemberId(row.try_get("member_id")?), view);
    }
    shop(book, community.0)?.known.reports.people.blocked = Some(blocked);
    Ok(())
}
