//! Withdrawals: by number, or all that are not over, with whoever asked for them.

use sqlx::Row;
use sqlx::postgres::PgRow;

use crate::book::{Book, Need};
use crate::domain::ids::{CommunityId, MemberId, WithdrawalId};
use crate::domain::money::Money;
use crate::domain::payouts::{Withdrawal, WithdrawalPrivate, WithdrawalState};
use crate::store::seal::SealedCell;
use crate::store::words::Stored;
use crate::store::words::currency;
use crate::store::{Seal, StoreError};

use crate::store::load::{LaneReader, WantedFacts};

/// Put the withdrawals this batch needs into the book, with their members and those members' balances.
pub(in crate::store) async fn needed(
    reader: &mut LaneReader<'_>,
    book: &mut Book,
    wanted: &WantedFacts,
) -> Result<(), StoreError> {
    let (mut numbers, mut open) = ((Vec::new(), Vec::new()), Vec::new());
    for (community, needs) in wanted {
        let Some(shop) = book.shops.get(community) else { continue };
        for need in needs {
            match need {
                Need::Withdrawal(id) if !shop.withdrawals.contains(*id) => {
                    numbers.0.push(community.0);
                    numbers.1.push(id.0);
                }
                Need::Withdrawals if !shop.known.withdrawals => open.push(community.0),
                _ => {}
            }
        }
    }
    if numbers.0.is_empty() && open.is_empty() {
        return Ok(());
    }
    let rows = sqlx::query(
        "select w.* from unnest($2::bigint[], $3::bigint[]) as n (community_id, withdrawal_id), lateral (
            select * from withdrawal
            where lane = $1 and community_id = n.community_id and withdrawal_id = n.withdrawal_id offset 0) w
         union all
         select w.* from unnest($4::bigint[]) as n (community_id), lateral (
            select * from withdrawal
            where lane = $1 and community_id = n.community_id and state in ('asked', 'approved') offset 0) w",
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
        let loaded = withdrawal(reader.seal, row)?;
        let needs = [Need::Member(loaded.member), Need::Balances(loaded.member)];
        whose.entry(CommunityId(community)).or_default().extend(needs);
        crate::store::load::shop(book, community)?.withdrawals.load(loaded.id, loaded);
    }
    for community in open {
        crate::store::load::shop(book, community)?.known.withdrawals = true;
    }
    crate::store::people::load::needed(reader, book, &whose).await?;
    crate::store::people::load::balances(reader, book, &whose).await
}

fn withdrawal(seal: &Seal, row: &PgRow) -> Result<Withdrawal, StoreError> {
    let (community, id) =
        (CommunityId(row.try_get("community_id")?), WithdrawalId(row.try_get("withdrawal_id")?));
    let private: Option<&[u8]> = row.try_get("private")?;
    let private = private.map_or(Ok(WithdrawalPrivate::default()), |sealed| {
        seal.open(&SealedCell::withdrawal_private(community, id), sealed)
    });
    Ok(Withdrawal {
        id,
        member: MemberId(row.try_get("member_id")?),
        state: WithdrawalState::from_word(row.try_get("state")?)?,
        currency: currency(row.try_get("currency")?)?,
        amount: Money::from_minor(row.try_get("amount_minor")?),
        withheld: Money::from_minor(row.try_get("withheld_minor")?),
        asked_at: row.try_get("asked_at")?,
        decided_at: row.try_get("decided_at")?,
        ended_at: row.try_get("ended_at")?,
        payout: row.try_get("payout_no")?,
        batch: row.try_get("batch")?,
        private: private?,
    })
}
