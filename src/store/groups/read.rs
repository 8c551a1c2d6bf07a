//! Who is in the rooms of the simulated chat, with their roles in the shop.

use std::collections::BTreeMap;

use serde::Serialize;
use sqlx::{PgPool, Row};

use crate::domain::ids::AccountId;
use crate::store::StoreError;

/// Somebody in a room.
#[derive(Clone, Debug, Serialize)]
pub struct ContactRow {
    /// Name.
    pub name: String,
    /// `member` or `leader`.
    pub role: String,
    /// Who brought them.
    pub invited_by: Option<String>,
}

/// Everybody in the rooms of an account, by the slug of the community, in order of joining. One query.
///
/// # Errors
/// [`StoreError`].
pub async fn people(
    db: &PgPool,
    account: AccountId,
) -> Result<BTreeMap<String, Vec<ContactRow>>, StoreError> {
    let rows = sqlx::query(
        "select c.slug, p.name, coalesce(m.role, 'member'), p.invited_by
         from community c
         join simulator.person p on p.account_id = c.account_id and p.chat_key = c.chat_key
         left join member m on m.lane = c.lane and m.community_id = c.community_id
                           and m.account_id = c.account_id and m.user_key = p.name
         where c.account_id = $1
         order by c.slug, m.member_id nulls last, p.name",
    )
    .bind(account.0)
    .fetch_all(db)
    .await?;
    let mut rooms: BTreeMap<String, Vec<ContactRow>> = BTreeMap::new();
    for row in &rows {
        let person = ContactRow {
            name: row.try_get(1)?,
            role: row.try_get(2)?,
            invited_by: row.try_get(3)?,
        };
        rooms.entry(row.try_get(0)?).or_default().push(person);
    }
    Ok(rooms)
}
