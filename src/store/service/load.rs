//! Cases: by number, or all that are open, with whose they are and the orders they are about.

use sqlx::Row;
use sqlx::postgres::PgRow;

use crate::book::{Book, Need};
use crate::domain::ids::{CaseId, CommunityId, MemberId, OrderId};
use crate::domain::service::{CaseLine, CasePrivate, CaseState, ServiceCase};
use crate::domain::time::Timestamp;
use crate::store::seal::SealedCell;
use crate::store::words::Stored;
use crate::store::{Seal, StoreError};

use crate::store::load::{LaneReader, WantedFacts};

/// Put the cases this batch needs into the book.
pub(in crate::store) async fn needed(
    reader: &mut LaneReader<'_>,
    book: &mut Book,
    wanted: &WantedFacts,
    at: Timestamp,
) -> Result<(), StoreError> {
    let (mut numbers, mut open) = ((Vec::new(), Vec::new()), Vec::new());
    for (community, needs) in wanted {
        let Some(shop) = book.shops.get(community) else { continue };
        for need in needs {
            match need {
                Need::Case(id) if !shop.cases.contains(*id) => {
                    numbers.0.push(community.0);
                    numbers.1.push(id.0);
                }
                Need::Cases if !shop.known.cases => open.push(community.0),
                _ => {}
            }
        }
    }
    if numbers.0.is_empty() && open.is_empty() {
        return Ok(());
    }
    let rows = sqlx::query(
        "select c.* from unnest($2::bigint[], $3::bigint[]) as n (community_id, case_id), lateral (
            select * from service_case
            where lane = $1 and community_id = n.community_id and case_id = n.case_id offset 0) c
         union all
         select c.* from unnest($4::bigint[]) as n (community_id), lateral (
            select * from service_case
            where lane = $1 and community_id = n.community_id and state = 'open' offset 0) c",
    )
    .bind(reader.lane.0)
    .bind(&numbers.0)
    .bind(&numbers.1)
    .bind(&open)
    .fetch_all(&mut *reader.db)
    .await?;
    reader.statements += 1;
    let mut whose = WantedFacts::new();
    for row in &rows {
        let community: i64 = row.try_get("community_id")?;
        let loaded = case(reader.seal, row)?;
        let needs = whose.entry(CommunityId(community)).or_default();
        needs.insert(Need::Member(loaded.member));
        needs.extend(loaded.about.map(|about| Need::Order(about.order)));
        crate::store::load::shop(book, community)?.cases.load(loaded.id, loaded);
    }
    for community in open {
        crate::store::load::shop(book, community)?.known.cases = true;
    }
    crate::store::people::load::needed(reader, book, &whose).await?;
    crate::store::orders::load::needed(reader, book, &whose, at).await
}

fn case(seal: &Seal, row: &PgRow) -> Result<ServiceCase, StoreError> {
    let (community, id) =
        (CommunityId(row.try_get("community_id")?), CaseId(row.try_get("case_id")?));
    let private: Option<&[u8]> = row.try_get("private")?;
    let private = private.map_or(Ok(CasePrivate::default()), |sealed| {
        seal.open(&SealedCell::case_private(community, id), sealed)
    });
    let (order, line): (Option<i64>, Option<i16>) =
        (row.try_get("order_id")?, row.try_get("line")?);
    let about = order.zip(line).and_then(|(order, line)| {
        let line = u16::try_from(line - 1).ok()?;
        Some(CaseLine { order: OrderId(order), line })
    });
    Ok(ServiceCase {
        id,
        member: MemberId(row.try_get("member_id")?),
        about,
        state: CaseState::from_word(row.try_get("state")?)?,
        opened_at: row.try_get("opened_at")?,
        ended_at: row.try_get("ended_at")?,
        private: private?,
    })
}
